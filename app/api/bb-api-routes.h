/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

#include <json-glib/json-glib.h>

#include "bb-api-events.h"
#include "bb-api-metrics.h"
#include "bb-api-tokens.h"
#include "bb-operator.h"

G_BEGIN_DECLS

/* What the handlers of the API work on; owned by the server. */
typedef struct
{
  BbOperator *oper;
  BbApiEvents *events;
  BbApiMetrics *metrics;
  BbApiTokens *tokens;
  BbApiFigures figures; /* of the API itself, for the metrics */
  char *not_ready;      /* why; NULL: ready */
  /* A token is refused from now on: who came with it must go. */
  void (*revoked) (const char *name, gpointer user_data);
  gpointer user_data;
} BbApiContext;

typedef struct _BbApiRoute BbApiRoute;

/* One request, on its way through its handler. */
typedef struct
{
  BbApiContext *context;
  SoupServerMessage *message;
  const BbApiRoute *route;
  const char *id;           /* what stands for '*' in the pattern, or NULL */
  GHashTable *query;        /* nullable */
  const BbApiToken *token;  /* whose; NULL on a path that is open */
} BbApiRequest;

typedef void (*BbApiHandler) (const BbApiRequest *request);
/* Fills a command from the request's body (an empty object when there is none)
 * and query. Errors are for people. */
typedef gboolean (*BbApiReader) (BbCommand *command, JsonObject *body, GHashTable *query, GError **error);

typedef enum
{
  BB_API_ACCESS_WATCH = BB_API_ROLE_WATCH,
  BB_API_ACCESS_OPERATE = BB_API_ROLE_OPERATE,
  BB_API_ACCESS_ADMIN = BB_API_ROLE_ADMIN,
  BB_API_ACCESS_OPEN /* no token wanted */
} BbApiAccess;

/**
 * BbApiRoute:
 *
 * One row of the table of paths. A pattern's '*' is one segment.
 */
struct _BbApiRoute
{
  const char *pattern;
  const char *method;   /* "GET" (HEAD too) or "POST" */
  BbApiAccess access;
  BbApiHandler handler; /* NULL: a WebSocket, which the server itself answers */
  BbCommandKind kind;   /* of bb_api_run_command() */
  BbApiReader read;     /* nullable: the id is all */
};

const BbApiRoute *bb_api_routes_find (const char *path, const char *method, char **id, const char **allow);

JsonNode *bb_api_node_with (const char *name, JsonArray *array);
void bb_api_reply_node (SoupServerMessage *message, guint status, JsonNode *node);
void bb_api_reply_error (SoupServerMessage *message, guint status, const char *code, const char *format, ...)
  G_GNUC_PRINTF (4, 5);
/* A #BbOperatorError with the status that fits it. */
void bb_api_reply_operator_error (SoupServerMessage *message, const GError *error);
/* The request's body: an object, {} when there is none. NULL: it has its answer. (transfer full) */
JsonNode *bb_api_request_body (const BbApiRequest *request);
/* FALSE: the body has a member that is none of @names, NULL-terminated. */
gboolean bb_api_only_members (JsonObject *body, GError **error, const char *first, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
