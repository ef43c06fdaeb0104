/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-routes.h"

#include "bb-api-json.h"
#include "bb-api-commands.h"
#include "bb-api-read.h"

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

/**
 * bb_api_reply_operator_error:
 * @message: the request
 * @error: what the operator said to it
 */
void
bb_api_reply_operator_error (SoupServerMessage *message, const GError *error)
{
  static const guint statuses[] = {
    [BB_OPERATOR_ERROR_NOT_FOUND] = SOUP_STATUS_NOT_FOUND,
    [BB_OPERATOR_ERROR_INVALID] = SOUP_STATUS_BAD_REQUEST,
    [BB_OPERATOR_ERROR_STATE] = SOUP_STATUS_CONFLICT,
    [BB_OPERATOR_ERROR_REFUSED] = SOUP_STATUS_UNPROCESSABLE_ENTITY,
    [BB_OPERATOR_ERROR_BUSY] = SOUP_STATUS_CONFLICT,
    [BB_OPERATOR_ERROR_UNAVAILABLE] = SOUP_STATUS_SERVICE_UNAVAILABLE,
    [BB_OPERATOR_ERROR_FORBIDDEN] = SOUP_STATUS_FORBIDDEN,
    [BB_OPERATOR_ERROR_UNREACHABLE] = SOUP_STATUS_BAD_GATEWAY,
    [BB_OPERATOR_ERROR_ENDED] = SOUP_STATUS_CONFLICT,
    [BB_OPERATOR_ERROR_FAILED] = SOUP_STATUS_INTERNAL_SERVER_ERROR,
  };
  gboolean ours = error->domain == BB_OPERATOR_ERROR && (guint)error->code < G_N_ELEMENTS (statuses);

  if (!ours)
    g_warning ("a request of the API failed: %s", error->message);
  bb_api_reply_error (message, ours ? statuses[error->code] : SOUP_STATUS_INTERNAL_SERVER_ERROR,
                      bb_operator_error_nick (ours ? (BbOperatorError)error->code
                                                   : BB_OPERATOR_ERROR_FAILED),
                      "%s", ours ? error->message : "it did not work; the gateway's log says why");
}

JsonNode *
bb_api_request_body (const BbApiRequest *request)
{
  SoupMessageBody *body = soup_server_message_get_request_body (request->message);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  if (g_bytes_get_size (bytes) == 0 || strcmp (request->route->method, "GET") == 0)
    {
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, json_object_new ());
      return node;
    }
  if (g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), "application/json") != 0)
    {
      bb_api_reply_error (request->message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "not-json",
                          "a body must be application/json");
      return NULL;
    }
  node = bb_api_read_root (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), &error);
  if (node == NULL)
    bb_api_reply_error (request->message, SOUP_STATUS_BAD_REQUEST, "bad-request", "%s",
                        error->message);
  return node;
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
get_health (const BbApiRequest *request)
{
  reply_status (request->message, SOUP_STATUS_OK, "ok");
}

static void
get_ready (const BbApiRequest *request)
{
  if (request->context->not_ready == NULL)
    reply_status (request->message, SOUP_STATUS_OK, "ready");
  else
    bb_api_reply_error (request->message, SOUP_STATUS_SERVICE_UNAVAILABLE, "not-ready", "%s",
                        request->context->not_ready);
}

static void
get_metrics (const BbApiRequest *request)
{
  char *text = bb_api_metrics_print (request->context->metrics, &request->context->figures);

  soup_server_message_set_status (request->message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (request->message, "text/plain; version=0.0.4; charset=utf-8",
                                    SOUP_MEMORY_TAKE, text, strlen (text));
}

static void
get_calls (const BbApiRequest *request)
{
  GListModel *calls = bb_operator_get_calls (request->context->oper);
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) node = bb_api_node_with ("calls", array);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

      json_array_add_element (array, bb_api_json_call (call, FALSE));
    }
  bb_api_reply_node (request->message, SOUP_STATUS_OK, node);
}

static void
get_call (const BbApiRequest *request)
{
  g_autoptr (BbCall) call = bb_operator_find_call (request->context->oper, request->id);
  g_autoptr (JsonNode) node = call != NULL ? bb_api_json_call (call, TRUE) : NULL;

  if (node == NULL)
    bb_api_reply_error (request->message, SOUP_STATUS_NOT_FOUND, "not-found",
                        "there is no such call");
  else
    bb_api_reply_node (request->message, SOUP_STATUS_OK, node);
}

/* ---- tokens ----------------------------------------------------------- */

static JsonObject *
token_object (const BbApiToken *token)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", token->name);
  json_object_set_string_member (object, "role", bb_api_role_nick (token->role));
  return object;
}

static void
reply_object (SoupServerMessage *message, guint status, JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  bb_api_reply_node (message, status, node);
}

/* Whose token it is that asks. */
static void
get_me (const BbApiRequest *request)
{
  reply_object (request->message, SOUP_STATUS_OK, token_object (request->token));
}

static void
get_tokens (const BbApiRequest *request)
{
  GPtrArray *tokens = bb_api_tokens_get_all (request->context->tokens);
  JsonArray *array = json_array_sized_new (tokens->len);
  g_autoptr (JsonNode) node = bb_api_node_with ("tokens", array);

  for (guint i = 0; i < tokens->len; i++)
    json_array_add_object_element (array, token_object (g_ptr_array_index (tokens, i)));
  bb_api_reply_node (request->message, SOUP_STATUS_OK, node);
}

static void
post_token (const BbApiRequest *request)
{
  g_autoptr (JsonNode) body = bb_api_request_body (request);
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  const char *name = NULL, *role_text = NULL;
  BbApiRole role = BB_API_ROLE_WATCH;
  JsonObject *object;

  if (body == NULL)
    return;
  object = json_node_get_object (body);
  if (!bb_api_only_members (object, &error, "name", "role", NULL)
      || !bb_api_read_string (object, "name", &name, &error)
      || !bb_api_read_string (object, "role", &role_text, &error)
      || !bb_api_role_from_nick (role_text, &role))
    {
      bb_api_reply_error (request->message, SOUP_STATUS_BAD_REQUEST, "bad-request", "%s",
                          error != NULL ? error->message : "role must be watch, operate or admin");
      return;
    }
  token = bb_api_tokens_add (request->context->tokens, name, role, &error);
  if (token == NULL)
    {
      bb_api_reply_operator_error (request->message, error);
      return;
    }
  g_message ("%s: made the token “%s” (%s)", request->token->name, name, role_text);
  object = json_object_new ();
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "role", role_text);
  json_object_set_string_member (object, "token", token);
  reply_object (request->message, SOUP_STATUS_CREATED, object);
}

static void
post_revoke (const BbApiRequest *request)
{
  g_autofree char *who = g_strdup (request->token->name);
  g_autoptr (GError) error = NULL;

  if (!bb_api_tokens_revoke (request->context->tokens, request->id, &error))
    {
      bb_api_reply_operator_error (request->message, error);
      return;
    }
  g_message ("%s: revoked the token “%s”", who, request->id);
  if (request->context->revoked != NULL)
    request->context->revoked (request->id, request->context->user_data);
  reply_status (request->message, SOUP_STATUS_OK, "revoked");
}

#define COMMAND(kind) bb_api_run_command, BB_COMMAND_##kind
#define WATCH BB_API_ACCESS_WATCH
#define OPERATE BB_API_ACCESS_OPERATE
#define ADMIN BB_API_ACCESS_ADMIN
#define OPEN BB_API_ACCESS_OPEN

/* Of two that fit, the first counts. */
static const BbApiRoute routes[] = {
  { "/healthz", "GET", OPEN, get_health },
  { "/readyz", "GET", OPEN, get_ready },
  { "/metrics", "GET", WATCH, get_metrics },
  { "/v1/me", "GET", WATCH, get_me },
  { "/v1/events", "GET", WATCH, NULL },
  { "/v1/calls", "GET", WATCH, get_calls },
  { "/v1/calls/*", "GET", WATCH, get_call },
  { "/v1/calls/*/audio", "GET", WATCH, NULL },
  { "/v1/calls/*/hangup", "POST", OPERATE, COMMAND (HANG_UP), bb_api_read_nothing },
  { "/v1/calls/*/answer", "POST", OPERATE, COMMAND (ANSWER), bb_api_read_answer },
  { "/v1/calls/*/refuse", "POST", OPERATE, COMMAND (REFUSE), bb_api_read_nothing },
  { "/v1/calls/*/transfer", "POST", OPERATE, COMMAND (TRANSFER), bb_api_read_transfer },
  { "/v1/calls/*/mode", "POST", OPERATE, COMMAND (SET_MODE), bb_api_read_mode },
  { "/v1/calls/*/whisper", "POST", OPERATE, COMMAND (WHISPER), bb_api_read_whisper },
  { "/v1/calls/*/note", "POST", OPERATE, COMMAND (NOTE), bb_api_read_text },
  { "/v1/orders", "GET", WATCH, COMMAND (LIST_ORDERS), bb_api_read_order_filter },
  { "/v1/orders/export", "GET", WATCH, COMMAND (EXPORT_ORDERS), bb_api_read_export },
  { "/v1/orders/*", "GET", WATCH, COMMAND (GET_ORDER) },
  { "/v1/orders/*/add", "POST", OPERATE, COMMAND (ADD_LINE), bb_api_read_line },
  { "/v1/orders/*/change", "POST", OPERATE, COMMAND (CHANGE_LINE), bb_api_read_line },
  { "/v1/orders/*/remove", "POST", OPERATE, COMMAND (REMOVE_LINE), bb_api_read_line_number },
  { "/v1/orders/*/note", "POST", OPERATE, COMMAND (NOTE_ORDER), bb_api_read_text },
  { "/v1/orders/*/approve", "POST", OPERATE, COMMAND (APPROVE_ORDER), bb_api_read_nothing },
  { "/v1/orders/*/cancel", "POST", OPERATE, COMMAND (CANCEL_ORDER), bb_api_read_nothing },
  { "/v1/catalogue/search", "GET", WATCH, COMMAND (SEARCH), bb_api_read_search },
  { "/v1/history", "GET", WATCH, COMMAND (LIST_HISTORY), bb_api_read_call_filter },
  { "/v1/history/*", "GET", WATCH, COMMAND (GET_HISTORY) },
  { "/v1/history/*/recording", "GET", WATCH, COMMAND (GET_RECORDING) },
  { "/v1/settings", "GET", WATCH, COMMAND (GET_SETTINGS) },
  { "/v1/settings", "POST", ADMIN, COMMAND (CHANGE_SETTINGS), bb_api_read_settings_change },
  { "/v1/tokens", "GET", ADMIN, get_tokens },
  { "/v1/tokens", "POST", ADMIN, post_token },
  { "/v1/tokens/*/revoke", "POST", ADMIN, post_revoke },
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
  gboolean has_get = FALSE, has_post = FALSE;

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
      has_get |= is_get;
      has_post |= !is_get;
    }
  if (has_get || has_post)
    *allow = !has_post ? "GET, HEAD" : has_get ? "GET, HEAD, POST" : "POST";
  return NULL;
}
