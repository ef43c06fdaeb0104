/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-api-routes.h"

G_BEGIN_DECLS

/* Handler of all that is a #BbCommand: asks the operator, answers when it has.
 * What is long is made into JSON on another thread: no call waits for it. */
void bb_api_run_command (const BbApiRequest *request);

/* Readers, one for each form of request. */
gboolean bb_api_read_answer (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_transfer (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_mode (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_whisper (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_text (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_line (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_line_number (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_nothing (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_order_filter (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_export (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_call_filter (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_search (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);
gboolean bb_api_read_settings_change (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);

G_END_DECLS
