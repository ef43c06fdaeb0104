/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-api-json.h"
#include "bb-config.h"
#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbApiServer:
 *
 * The operator API (docs/api.md): HTTP and WebSocket on api_address:api_port,
 * with TLS when there is a certificate.
 * Everything a stranger can do to it is bounded: connections, the time they
 * may take to say who they are, sizes of requests, what waits for a slow
 * reader. Main context only.
 */
#define BB_TYPE_API_SERVER (bb_api_server_get_type ())
G_DECLARE_FINAL_TYPE (BbApiServer, bb_api_server, BB, API_SERVER, GObject)

BbApiServer *bb_api_server_new (const BbConfig *config, BbOperator *oper, GError **error);
const char *bb_api_server_get_url (BbApiServer *self); /* "http://127.0.0.1:8085" */
guint bb_api_server_get_port (BbApiServer *self);
guint bb_api_server_get_n_clients (BbApiServer *self); /* that follow the events */
/* For /readyz: @reason (English, short) while the gateway takes no calls, NULL when it does. */
void bb_api_server_set_not_ready (BbApiServer *self, const char *reason);
/* Refuses new connections, closes the others. Idempotent; called by dispose. */
void bb_api_server_stop (BbApiServer *self);

G_END_DECLS
