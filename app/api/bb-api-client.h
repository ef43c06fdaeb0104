/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-api-json.h"
#include "bb-operator.h"

G_BEGIN_DECLS

typedef enum
{
  BB_API_CLIENT_STOPPED,
  BB_API_CLIENT_CONNECTING,   /* for the first time */
  BB_API_CLIENT_CONNECTED,    /* the calls are those of the gateway */
  BB_API_CLIENT_RECONNECTING  /* the calls are as they were last seen */
} BbApiClientState;

/**
 * BbApiClient:
 *
 * A gateway on this or another machine, as a #BbOperator: its calls are the
 * same model objects as in the gateway's own process. A lost connection comes
 * back by itself, and nothing that happened meanwhile is missed: the gateway
 * tells what followed the last number seen, or all. Main context only.
 *
 * Signals:
 *  - "state" (guint state, const char *text, GError *error): after each change
 *    of the state and each failed attempt; @text is for people, @error (nullable)
 *    a #BbApiError that says why it is not connected.
 *  - "message" (const char *text): what /v1/events sent, after it was applied.
 */
#define BB_TYPE_API_CLIENT (bb_api_client_get_type ())
G_DECLARE_FINAL_TYPE (BbApiClient, bb_api_client, BB, API_CLIENT, GObject)

#define BB_API_CLIENT_SIGNAL_STATE "state"
#define BB_API_CLIENT_SIGNAL_MESSAGE "message"

/* @url: "http://127.0.0.1:8085"; @token_file: read at each attempt, never kept in a log. */
BbApiClient *bb_api_client_new (const char *url, const char *token_file);
/* In place of the file: kept in memory only. FALSE: this can be no token. */
gboolean bb_api_client_set_token (BbApiClient *self, const char *token);
/* For "https://…": what is trusted beside the system's certificates. */
gboolean bb_api_client_set_ca_file (BbApiClient *self, const char *path, GError **error);
const char *bb_api_client_get_url (BbApiClient *self);
BbApiClientState bb_api_client_get_state (BbApiClient *self);
/* Connects, and keeps at it until stopped. */
void bb_api_client_start (BbApiClient *self);
void bb_api_client_stop (BbApiClient *self);

/* One request; @path with its query, "/v1/calls". The answer's root is an object. */
void bb_api_client_request_async (BbApiClient *self, const char *method, const char *path, JsonNode *body,
                                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
JsonNode *bb_api_client_request_finish (BbApiClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
