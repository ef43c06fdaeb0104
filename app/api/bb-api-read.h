/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-api-json.h"

G_BEGIN_DECLS

/* JSON to model. The peer may send anything: all types and names are checked
 * before an object is touched; members nobody knows are ignored. */

gboolean bb_api_read_string (JsonObject *object, const char *name, const char **value, GError **error);
gboolean bb_api_read_nullable_string (JsonObject *object, const char *name, const char **value, GError **error);
gboolean bb_api_read_int (JsonObject *object, const char *name, gint64 min, gint64 max, gint64 *value, GError **error);
gboolean bb_api_read_boolean (JsonObject *object, const char *name, gboolean *value, GError **error);
gboolean bb_api_read_object (JsonObject *object, const char *name, JsonObject **value, GError **error);
gboolean bb_api_read_array (JsonObject *object, const char *name, JsonArray **value, GError **error);
JsonObject *bb_api_read_element (JsonArray *array, guint index, GError **error);
/* The root object of a text. (transfer full) */
JsonNode *bb_api_read_root (const char *text, gssize length, GError **error);

/* A call with transcript and order when they are there. (transfer full) */
BbCall *bb_api_read_call (JsonObject *object, GError **error);
/* Its own fields, not transcript and order. */
gboolean bb_api_read_call_into (BbCall *call, JsonObject *object, GError **error);
/* @index: where the line stands; an unknown one is added. */
gboolean bb_api_read_line_into (BbTranscript *transcript, guint index, gboolean added, JsonObject *object, GError **error);
gboolean bb_api_read_transcript_into (BbTranscript *transcript, JsonArray *lines, GError **error);
BbOrder *bb_api_read_order (JsonObject *object, GError **error);
gboolean bb_api_read_order_into (BbOrder *order, JsonObject *object, GError **error);

/* What an operator's questions are answered with. (transfer full) */
BbProductMatch *bb_api_read_product_match (JsonObject *object, GError **error);
BbSettings *bb_api_read_settings (JsonObject *object, GError **error);

G_END_DECLS
