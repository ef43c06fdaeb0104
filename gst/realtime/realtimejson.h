/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Deeper nesting is refused before the parser recurses into it. */
#define GST_REALTIME_JSON_MAX_DEPTH 64
/* Members and array elements of one message, together; an event has hundreds. */
#define GST_REALTIME_JSON_MAX_ELEMENTS 100000

JsonNode *gst_realtime_json_parse (const char *text, gsize size, GError **error);
void gst_realtime_json_merge (JsonObject *into, JsonObject *from);
char *gst_realtime_json_to_string (JsonNode *node);
char *gst_realtime_json_redact (const char *text, gsize size);

/* Readers that take nothing for granted: a member that is missing, null or of
 * another type reads as "not there". */
const char *gst_realtime_json_string (JsonObject *object, const char *name);
gint64 gst_realtime_json_int (JsonObject *object, const char *name, gint64 fallback);
double gst_realtime_json_double (JsonObject *object, const char *name, double fallback);
gboolean gst_realtime_json_bool (JsonObject *object, const char *name, gboolean fallback);
JsonObject *gst_realtime_json_object (JsonObject *object, const char *name);
JsonArray *gst_realtime_json_array (JsonObject *object, const char *name);

G_END_DECLS
