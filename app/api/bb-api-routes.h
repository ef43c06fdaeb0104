/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

#include <json-glib/json-glib.h>

#include "bb-api-events.h"
#include "bb-api-metrics.h"
#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-operator.h"
#include "bb-order-store.h"

G_BEGIN_DECLS

/* What the handlers of the API work on; owned by the server. */
typedef struct
{
  BbOperator *oper;
  BbOrderStore *store;    /* nullable */
  BbCatalogue *catalogue; /* nullable */
  BbApiEvents *events;
  BbApiMetrics *metrics;
  guint n_clients;        /* of /v1/events */
  char *not_ready;        /* why; NULL: ready */
} BbApiContext;

typedef struct _BbApiRoute BbApiRoute;

/* @id: what stands for '*' in the pattern, or NULL; @query: nullable */
typedef void (*BbApiHandler) (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query);

/**
 * BbApiRoute:
 *
 * One row of the table of paths. A pattern's '*' is one segment.
 */
struct _BbApiRoute
{
  const char *pattern;
  const char *method;   /* "GET" (HEAD too) or "POST" */
  gboolean open;        /* no token wanted */
  BbApiHandler handler; /* NULL: the WebSocket, which the server itself answers */
};

const BbApiRoute *bb_api_routes_find (const char *path, const char *method, char **id, const char **allow);

JsonNode *bb_api_node_with (const char *name, JsonArray *array);
void bb_api_reply_node (SoupServerMessage *message, guint status, JsonNode *node);
void bb_api_reply_error (SoupServerMessage *message, guint status, const char *code, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

G_END_DECLS
