/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-client-private.h"

#include <glib/gi18n-lib.h>

#include "bb-api-mirror.h"
#include "bb-api-read.h"
#include "bb-api-token.h"

/* A snapshot of hundreds of long calls is some megabytes. */
#define MAX_MESSAGE_BYTES (64 * 1024 * 1024)
#define BACKOFF_MIN_MS 250
#define BACKOFF_MAX_MS 10000
/* We ping this often; a gateway that answers nothing for so long is gone. */
#define KEEPALIVE_SECONDS 10
#define SILENCE_SECONDS 35
#define REQUEST_SECONDS 20

struct _BbApiClient
{
  GObject parent_instance;

  char *url;
  char *token_file;
  char *token; /* secret; NULL: it is in the file */
  SoupSession *session;
  BbApiMirror *mirror;
  BbApiClientState state;
  GCancellable *cancellable; /* of the attempt that runs */
  SoupMessage *handshake;
  SoupWebsocketConnection *websocket;
  guint attempts;  /* since it was connected */
  guint retry_id;
  guint watch_id;
  gint64 heard_at; /* µs, monotonic */
};

static void bb_api_client_operator_init (BbOperatorInterface *iface);
static void connect_events (BbApiClient *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (BbApiClient, bb_api_client, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_OPERATOR,
                                                      bb_api_client_operator_init))

enum
{
  STATE,
  MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_state (BbApiClient *self, BbApiClientState state, const char *text, const GError *error)
{
  self->state = state;
  g_signal_emit (self, signals[STATE], 0, state, text, error);
}

SoupMessage *
bb_api_client_new_message (BbApiClient *self, const char *method, const char *path, GError **error)
{
  g_autofree char *token = self->token != NULL ? g_strdup (self->token)
                                               : bb_api_token_load (self->token_file, error);
  g_autofree char *uri = g_strconcat (self->url, path, NULL);
  g_autofree char *value = NULL;
  SoupMessage *message;

  if (token == NULL)
    return NULL;
  message = soup_message_new (method, uri);
  if (message == NULL)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                   _ ("“%s” is no address of a gateway. Write it like http://127.0.0.1:8085."),
                   self->url);
      return NULL;
    }
  value = g_strconcat ("Bearer ", token, NULL);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
  return message;
}

SoupSession *
bb_api_client_get_session (BbApiClient *self)
{
  return self->session;
}

GError *
bb_api_client_explain (BbApiClient *self, guint status, const GError *error)
{
  if (status == SOUP_STATUS_UNAUTHORIZED && self->token != NULL)
    return g_error_new (BB_API_ERROR, BB_API_ERROR_UNAUTHORIZED,
                        _ ("The gateway at %s refuses this token. Give another one in the "
                           "preferences."),
                        self->url);
  if (status == SOUP_STATUS_UNAUTHORIZED)
    return g_error_new (BB_API_ERROR, BB_API_ERROR_UNAUTHORIZED,
                        _ ("The gateway at %s refuses the token of “%s”. Use the token file of "
                           "that gateway (--token-file, or token-file of [api])."),
                        self->url, self->token_file);
  if (status != 0 && status != SOUP_STATUS_SWITCHING_PROTOCOLS && status < 500)
    return g_error_new (BB_API_ERROR, BB_API_ERROR_FAILED,
                        _ ("What answers at %s is no gateway of Bestellbot (status %u). Check the "
                           "address (--url)."),
                        self->url, status);
  if (status >= 500)
    return g_error_new (BB_API_ERROR, BB_API_ERROR_FAILED,
                        _ ("The gateway at %s can't answer now (status %u). Its log says why."),
                        self->url, status);
  return g_error_new (BB_API_ERROR, BB_API_ERROR_UNREACHABLE,
                      _ ("No gateway answers at %s (%s). Start it with “bestellbotd”, or name "
                         "another address with --url."),
                      self->url, error != NULL ? error->message : _ ("the connection was closed"));
}

static gboolean
on_retry (gpointer user_data)
{
  BbApiClient *self = user_data;

  self->retry_id = 0;
  connect_events (self);
  return G_SOURCE_REMOVE;
}

/* Drops what there is and tries again, each time later and never in step with others. */
static void
retry (BbApiClient *self, const GError *error)
{
  guint delay = BACKOFF_MAX_MS;
  BbApiClientState state = bb_api_mirror_get_epoch (self->mirror) != NULL
                               || self->state == BB_API_CLIENT_CONNECTED
                               || self->state == BB_API_CLIENT_RECONNECTING
                             ? BB_API_CLIENT_RECONNECTING
                             : BB_API_CLIENT_CONNECTING;

  if (self->websocket != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->websocket, self);
      if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
      g_clear_object (&self->websocket);
    }
  g_clear_handle_id (&self->watch_id, g_source_remove);
  if (self->attempts < 6)
    delay = MIN (BACKOFF_MIN_MS << self->attempts, BACKOFF_MAX_MS);
  self->attempts++;
  delay = (guint)g_random_int_range ((gint32)delay / 2, (gint32)delay + 1);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->retry_id = g_timeout_add (delay, on_retry, self);
  set_state (self, state, error->message, error);
}

static void
on_text (SoupWebsocketConnection *websocket, int type, GBytes *text, gpointer user_data)
{
  g_autoptr (BbApiClient) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);

  self->heard_at = g_get_monotonic_time ();
  if (type != SOUP_WEBSOCKET_DATA_TEXT)
    return;
  if (!bb_api_mirror_apply (self->mirror, data, (gssize)length, &error))
    {
      g_autoptr (GError) why
        = g_error_new (BB_API_ERROR, BB_API_ERROR_FORMAT,
                       _ ("The gateway at %s sent what this program does not understand: %s"),
                       self->url, error->message);

      bb_api_mirror_forget (self->mirror);
      retry (self, why);
      return;
    }
  if (self->state != BB_API_CLIENT_CONNECTED)
    {
      g_autofree char *sentence = g_strdup_printf (_ ("Connected to the gateway at %s"), self->url);

      self->attempts = 0;
      set_state (self, BB_API_CLIENT_CONNECTED, sentence, NULL);
    }
  if (g_signal_has_handler_pending (self, signals[MESSAGE], 0, FALSE))
    {
      g_autofree char *copy = g_strndup (data, length);

      g_signal_emit (self, signals[MESSAGE], 0, copy);
    }
}

static void
on_pong (SoupWebsocketConnection *websocket, GBytes *data, gpointer user_data)
{
  BbApiClient *self = user_data;

  self->heard_at = g_get_monotonic_time ();
}

static void
on_lost (SoupWebsocketConnection *websocket, gpointer user_data)
{
  g_autoptr (BbApiClient) self = g_object_ref (user_data);
  g_autoptr (GError) error
    = g_error_new (BB_API_ERROR, BB_API_ERROR_UNREACHABLE,
                   _ ("The connection to the gateway at %s was lost; trying again"), self->url);

  retry (self, error);
}

static gboolean
on_watch (gpointer user_data)
{
  g_autoptr (BbApiClient) self = g_object_ref (user_data);

  if (g_get_monotonic_time () - self->heard_at < SILENCE_SECONDS * G_USEC_PER_SEC)
    return G_SOURCE_CONTINUE;
  self->watch_id = 0;
  on_lost (self->websocket, self);
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbApiClient) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupMessage) handshake = NULL;
  g_autoptr (SoupWebsocketConnection) websocket
    = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || self->state == BB_API_CLIENT_STOPPED)
    return;
  handshake = g_steal_pointer (&self->handshake);
  g_clear_object (&self->cancellable);
  if (websocket == NULL)
    {
      g_autoptr (GError) why = bb_api_client_explain (self, soup_message_get_status (handshake), error);

      retry (self, why);
      return;
    }

  self->websocket = g_steal_pointer (&websocket);
  self->heard_at = g_get_monotonic_time ();
  soup_websocket_connection_set_max_incoming_payload_size (self->websocket, MAX_MESSAGE_BYTES);
  soup_websocket_connection_set_keepalive_interval (self->websocket, KEEPALIVE_SECONDS);
  g_signal_connect (self->websocket, "message", G_CALLBACK (on_text), self);
  g_signal_connect (self->websocket, "pong", G_CALLBACK (on_pong), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_lost), self);
  self->watch_id = g_timeout_add_seconds (5, on_watch, self);
}

static void
connect_events (BbApiClient *self)
{
  const char *epoch = bb_api_mirror_get_epoch (self->mirror);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (epoch != NULL)
    {
      g_autofree char *escaped = g_uri_escape_string (epoch, NULL, FALSE);

      path = g_strdup_printf ("/v1/events?since=%" G_GUINT64_FORMAT "&epoch=%s",
                              bb_api_mirror_get_seq (self->mirror), escaped);
    }
  self->handshake = bb_api_client_new_message (self, "GET", path != NULL ? path : "/v1/events", &error);
  if (self->handshake == NULL)
    {
      retry (self, error);
      return;
    }
  self->cancellable = g_cancellable_new ();
  soup_session_websocket_connect_async (self->session, self->handshake, NULL, NULL,
                                        G_PRIORITY_DEFAULT, self->cancellable, on_connected,
                                        g_object_ref (self));
}

/* {"error":{"code":"refused","message":"a sentence"}}, as the gateway wrote it.
 * NULL: it is none of ours. */
static GError *
error_of_body (GBytes *body)
{
  g_autoptr (JsonNode) root
    = bb_api_read_root (g_bytes_get_data (body, NULL), (gssize)g_bytes_get_size (body), NULL);
  BbOperatorError code = BB_OPERATOR_ERROR_FAILED;
  const char *nick, *text;
  JsonObject *object;

  if (root == NULL || !bb_api_read_object (json_node_get_object (root), "error", &object, NULL)
      || !bb_api_read_string (object, "code", &nick, NULL)
      || !bb_api_read_string (object, "message", &text, NULL))
    return NULL;
  bb_operator_error_from_nick (nick, &code);
  return g_error_new_literal (BB_OPERATOR_ERROR, code, text);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BbApiClient *self = g_task_get_source_object (task);
  SoupMessage *message = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body
    = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  guint status = soup_message_get_status (message);
  GError *refusal;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (body == NULL || status == SOUP_STATUS_UNAUTHORIZED)
    g_task_return_error (task, bb_api_client_explain (self, status, error));
  else if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      refusal = error_of_body (body);
      g_task_return_error (task, refusal != NULL ? refusal
                                                 : bb_api_client_explain (self, status, NULL));
    }
  else
    g_task_return_pointer (task, g_steal_pointer (&body), (GDestroyNotify)g_bytes_unref);
}

void
bb_api_client_send_async (BbApiClient *self,
                          const char *method,
                          const char *path,
                          JsonNode *body,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  SoupMessage *message = bb_api_client_new_message (self, method, path, &error);

  g_task_set_source_tag (task, bb_api_client_send_async);
  if (message == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (body != NULL)
    {
      char *text = bb_api_json_print (body, FALSE);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  g_task_set_task_data (task, message, g_object_unref);
  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, cancellable,
                                    on_answer, g_steal_pointer (&task));
}

GBytes *
bb_api_client_send_finish (BbApiClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = bb_api_client_send_finish (BB_API_CLIENT (source), result, &error);
  JsonNode *node = NULL;

  if (bytes != NULL)
    node = bb_api_read_root (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                             &error);
  if (node == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, node, (GDestroyNotify)json_node_unref);
}

/**
 * bb_api_client_request_async:
 * @self: the client; it need not be started
 * @method: "GET" or "POST"
 * @path: with its query, escaped
 * @body: (nullable): an object
 * @cancellable: (nullable): a #GCancellable
 * @callback: called when the answer is there
 * @user_data: for @callback
 */
void
bb_api_client_request_async (BbApiClient *self,
                             const char *method,
                             const char *path,
                             JsonNode *body,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bb_api_client_request_async);
  bb_api_client_send_async (self, method, path, body, cancellable, on_sent, g_steal_pointer (&task));
}

/**
 * bb_api_client_request_finish:
 * @self: the client
 * @result: of the request
 * @error: return location for a #BbApiError, or for a #BbOperatorError when the
 *   gateway refused it
 *
 * Returns: (transfer full) (nullable): the answer
 */
JsonNode *
bb_api_client_request_finish (BbApiClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static GListModel *
bb_api_client_get_calls (BbOperator *oper)
{
  return bb_api_mirror_get_calls (BB_API_CLIENT (oper)->mirror);
}

static void
bb_api_client_open_line (BbOperator *oper, GTask *task, const char *call_id)
{
  bb_api_line_open (BB_API_CLIENT (oper), task, call_id);
}

static void
bb_api_client_operator_init (BbOperatorInterface *iface)
{
  iface->get_calls = bb_api_client_get_calls;
  iface->perform = bb_api_client_perform;
  iface->open_line = bb_api_client_open_line;
}

/**
 * bb_api_client_set_ca_file:
 * @self: the client, not started yet
 * @path: (nullable): PEM of what is trusted; %NULL: what the system trusts
 * @error: return location for a #BbApiError
 *
 * For a gateway whose certificate is its own.
 *
 * Returns: whether the file could be read
 */
gboolean
bb_api_client_set_ca_file (BbApiClient *self, const char *path, GError **error)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) problem = NULL;

  if (path == NULL)
    return TRUE;
  database = g_tls_file_database_new (path, &problem);
  if (database == NULL)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TLS,
                   _ ("The certificates of “%s” can't be read: %s. Check tls-ca of [api]."), path,
                   problem->message);
      return FALSE;
    }
  soup_session_set_tls_database (self->session, database);
  return TRUE;
}

const char *
bb_api_client_get_url (BbApiClient *self)
{
  return self->url;
}

BbApiClientState
bb_api_client_get_state (BbApiClient *self)
{
  return self->state;
}

void
bb_api_client_start (BbApiClient *self)
{
  g_autofree char *text = NULL;

  if (self->state != BB_API_CLIENT_STOPPED)
    return;
  text = g_strdup_printf (_ ("Connecting to the gateway at %s"), self->url);
  set_state (self, BB_API_CLIENT_CONNECTING, text, NULL);
  connect_events (self);
}

void
bb_api_client_stop (BbApiClient *self)
{
  if (self->state == BB_API_CLIENT_STOPPED)
    return;

  self->state = BB_API_CLIENT_STOPPED;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->watch_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->handshake);
  if (self->websocket != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->websocket, self);
      if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
      g_clear_object (&self->websocket);
    }
  self->attempts = 0;
}

static void
bb_api_client_dispose (GObject *object)
{
  BbApiClient *self = BB_API_CLIENT (object);

  bb_api_client_stop (self);
  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (bb_api_client_parent_class)->dispose (object);
}

static void
bb_api_client_finalize (GObject *object)
{
  BbApiClient *self = BB_API_CLIENT (object);

  bb_api_mirror_free (self->mirror);
  g_free (self->url);
  g_free (self->token_file);
  g_free (self->token);

  G_OBJECT_CLASS (bb_api_client_parent_class)->finalize (object);
}

static void
bb_api_client_class_init (BbApiClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_api_client_dispose;
  object_class->finalize = bb_api_client_finalize;

  signals[STATE]
    = g_signal_new (BB_API_CLIENT_SIGNAL_STATE, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_ERROR);
  signals[MESSAGE]
    = g_signal_new (BB_API_CLIENT_SIGNAL_MESSAGE, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bb_api_client_init (BbApiClient *self)
{
  self->mirror = bb_api_mirror_new ();
  /* Gateways are near: a proxy of the environment is for the web. */
  self->session = soup_session_new_with_options ("timeout", REQUEST_SECONDS, "proxy-resolver", NULL,
                                                 "user-agent", "bestellbot/" PACKAGE_VERSION, NULL);
}

/**
 * bb_api_client_new:
 * @url: of the gateway, "http://127.0.0.1:8085"
 * @token_file: with its token
 *
 * Returns: (transfer full): a client that is not started
 */
BbApiClient *
bb_api_client_new (const char *url, const char *token_file)
{
  BbApiClient *self = g_object_new (BB_TYPE_API_CLIENT, NULL);
  gsize length = strlen (url);

  while (length > 0 && url[length - 1] == '/')
    length--;
  self->url = g_strndup (url, length);
  self->token_file = g_strdup (token_file);
  return self;
}

/**
 * bb_api_client_set_token:
 * @self: the client, not started
 * @token: a secret
 *
 * Returns: whether this can be a token: letters, digits and signs only
 */
gboolean
bb_api_client_set_token (BbApiClient *self, const char *token)
{
  g_autofree char *clean = g_strstrip (g_strdup (token));

  g_return_val_if_fail (BB_IS_API_CLIENT (self), FALSE);

  /* It becomes a header: nothing in it may end one. */
  for (const char *c = clean; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      return FALSE;
  if (*clean == '\0')
    return FALSE;
  g_free (self->token);
  self->token = g_steal_pointer (&clean);
  return TRUE;
}
