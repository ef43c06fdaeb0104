/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-routes.h"

#include "bb-api-json.h"
#include "bb-api-lookups.h"

void
bb_api_reply_node (SoupServerMessage *message, guint status, JsonNode *node)
{
  g_autofree char *text = bb_api_json_print (node, FALSE);
  gsize length = strlen (text);

  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Cache-Control", "no-store");
  soup_server_message_set_response (message, "application/json; charset=utf-8", SOUP_MEMORY_TAKE,
                                    g_steal_pointer (&text), length);
}

/**
 * bb_api_reply_error:
 * @message: the request
 * @status: HTTP status
 * @code: a word for programs
 * @format: a sentence for people, printf style
 * @...: its arguments
 */
void
bb_api_reply_error (
  SoupServerMessage *message, guint status, const char *code, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  char *text;
  va_list arguments;

  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  text = bb_api_json_error (code, sentence);
  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Cache-Control", "no-store");
  soup_server_message_set_response (message, "application/json; charset=utf-8", SOUP_MEMORY_TAKE,
                                    text, strlen (text));
}

/* {"NAME":[…]} */
JsonNode *
bb_api_node_with (const char *name, JsonArray *array)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_array_member (object, name, array);
  json_node_take_object (node, object);
  return node;
}

static BbCall *
find_call (BbApiContext *context, SoupServerMessage *message, const char *id)
{
  GListModel *calls = bb_operator_get_calls (context->oper);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

      if (g_strcmp0 (bb_call_get_id (call), id) == 0)
        return g_steal_pointer (&call);
    }
  bb_api_reply_error (message, SOUP_STATUS_NOT_FOUND, "not-found", "there is no such call");
  return NULL;
}

static void
reply_status (SoupServerMessage *message, guint status, const char *word)
{
  g_autofree char *text = g_strdup_printf ("{\"status\":\"%s\"}", word);
  gsize length = strlen (text);

  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json; charset=utf-8", SOUP_MEMORY_TAKE,
                                    g_steal_pointer (&text), length);
}

static void
get_health (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query)
{
  reply_status (message, SOUP_STATUS_OK, "ok");
}

static void
get_ready (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query)
{
  if (context->not_ready == NULL)
    reply_status (message, SOUP_STATUS_OK, "ready");
  else
    bb_api_reply_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "not-ready", "%s",
                        context->not_ready);
}

static void
get_metrics (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query)
{
  char *text = bb_api_metrics_print (context->metrics, context->n_clients);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "text/plain; version=0.0.4; charset=utf-8",
                                    SOUP_MEMORY_TAKE, text, strlen (text));
}

static void
get_calls (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query)
{
  GListModel *calls = bb_operator_get_calls (context->oper);
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) node = bb_api_node_with ("calls", array);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

      json_array_add_element (array, bb_api_json_call (call, FALSE));
    }
  bb_api_reply_node (message, SOUP_STATUS_OK, node);
}

static void
get_call (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query)
{
  g_autoptr (BbCall) call = find_call (context, message, id);
  g_autoptr (JsonNode) node = NULL;

  if (call == NULL)
    return;
  node = bb_api_json_call (call, TRUE);
  bb_api_reply_node (message, SOUP_STATUS_OK, node);
}

static void
post_hang_up (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query)
{
  g_autoptr (BbCall) call = find_call (context, message, id);
  g_autoptr (JsonNode) node = NULL;

  if (call == NULL)
    return;
  /* A call that has ended is what was wanted: hanging up twice is no error. */
  if (bb_call_get_state (call) != BB_CALL_ENDED)
    bb_operator_hang_up (context->oper, call);
  node = bb_api_json_call (call, FALSE);
  bb_api_reply_node (message, SOUP_STATUS_ACCEPTED, node);
}

static const BbApiRoute routes[] = {
  { "/healthz", "GET", TRUE, get_health },
  { "/readyz", "GET", TRUE, get_ready },
  { "/metrics", "GET", FALSE, get_metrics },
  { "/v1/calls", "GET", FALSE, get_calls },
  { "/v1/calls/*", "GET", FALSE, get_call },
  { "/v1/calls/*/hangup", "POST", FALSE, post_hang_up },
  { "/v1/catalogue/search", "GET", FALSE, bb_api_search_catalogue },
  { "/v1/events", "GET", FALSE, NULL },
  { "/v1/orders", "GET", FALSE, bb_api_get_orders },
  { "/v1/orders/*", "GET", FALSE, bb_api_get_order },
};

static gboolean
path_matches (const char *pattern, const char *path, char **id)
{
  const char *star = strchr (pattern, '*');
  const char *end;
  gsize before;

  if (star == NULL)
    return strcmp (pattern, path) == 0;

  before = (gsize)(star - pattern);
  if (strncmp (pattern, path, before) != 0)
    return FALSE;
  end = path + before + strcspn (path + before, "/");
  if (end == path + before || strcmp (end, star + 1) != 0)
    return FALSE;
  *id = g_strndup (path + before, (gsize)(end - path - before));
  return TRUE;
}

/**
 * bb_api_routes_find:
 * @path: decoded path of a request
 * @method: its method
 * @id: (out) (transfer full) (nullable): the segment that '*' stands for
 * @allow: (out): set when the path is known but not with this method: value of
 *   the Allow header (RFC 9110 section 10.2.1)
 *
 * Returns: (nullable): the row
 */
const BbApiRoute *
bb_api_routes_find (const char *path, const char *method, char **id, const char **allow)
{
  *id = NULL;
  *allow = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      g_autofree char *segment = NULL;
      gboolean is_get = strcmp (routes[i].method, "GET") == 0;

      if (!path_matches (routes[i].pattern, path, &segment))
        continue;
      if (strcmp (method, routes[i].method) == 0 || (is_get && strcmp (method, "HEAD") == 0))
        {
          *id = g_steal_pointer (&segment);
          return &routes[i];
        }
      *allow = is_get ? "GET, HEAD" : routes[i].method;
    }
  return NULL;
}
