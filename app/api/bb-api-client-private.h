/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

#include "bb-api-client.h"

G_BEGIN_DECLS

/* What bb-api-client.c (connection, events), bb-api-client-operator.c (questions)
 * and bb-api-line.c (audio) share. */

/* A request with the token; @error: the token can't be read, the URL is none. (transfer full) */
SoupMessage *bb_api_client_new_message (BbApiClient *self, const char *method, const char *path, GError **error);
SoupSession *bb_api_client_get_session (BbApiClient *self);
/* What went wrong, in words that say what to do. (transfer full) */
GError *bb_api_client_explain (BbApiClient *self, guint status, const GError *error);
/* One request with a body (nullable, JSON); gives #GBytes. What the gateway
 * refuses is a #BbOperatorError with its words. */
void bb_api_client_send_async (BbApiClient *self, const char *method, const char *path, JsonNode *body,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GBytes *bb_api_client_send_finish (BbApiClient *self, GAsyncResult *result, GError **error);

void bb_api_client_perform (BbOperator *oper, GTask *task, const BbCommand *command);
/* Opens /v1/calls/ID/audio and returns a #BbOperatorLine on @task. */
void bb_api_line_open (BbApiClient *client, GTask *task, const char *call_id);

G_END_DECLS
