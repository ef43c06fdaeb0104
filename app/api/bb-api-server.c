/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-server.h"

#include <libsoup/soup.h>

#include "bb-api-audio.h"
#include "bb-api-limits.h"
#include "bb-api-listen.h"
#include "bb-api-peer.h"
#include "bb-api-routes.h"
#include "bb-api-tokens.h"

#define MAX_CONNECTIONS 128
#define MAX_CLIENTS 64
#define MAX_AUDIO_CLIENTS 64
/* Requests without a right token, of one address: a second, and at once. */
#define STRANGER_RATE 10
#define STRANGER_BURST 50
/* A request's body: commands are small. */
#define MAX_BODY_BYTES (64 * 1024)
/* A body that is too large is read (and thrown away) so far, for the answer to arrive. */
#define MAX_SWALLOWED_BYTES (1024 * 1024)
/* From the connection until a request with the right token. */
#define STRANGER_SECONDS 15
/* Between two requests, and for each read. */
#define IDLE_SECONDS 60
/* So long a client that left may resume. */
#define LINGER_SECONDS 120

/* RFC 9110 section 15.5.22; libsoup has no name for it */
#define STATUS_UPGRADE_REQUIRED 426
/* RFC 6585 section 4 */
#define STATUS_TOO_MANY_REQUESTS 429

#define CONNECTION_KEY "bb-api-connection"
/* Of a message: the name of the token it came with. */
#define TOKEN_KEY "bb-api-token"

struct _BbApiServer
{
  GObject parent_instance;

  BbConfig *config;
  BbApiContext context;
  SoupServer *soup;
  GSocketService *service;
  GTlsCertificate *certificate; /* NULL: no TLS */
  BbApiLimits *strangers;
  char *url;
  guint port;
  GPtrArray *followers; /* of Follower (owned by hand: they go when they close) */
  GPtrArray *audio;     /* of BbApiAudio (the same) */
  guint linger_id;
};

G_DEFINE_FINAL_TYPE (BbApiServer, bb_api_server, G_TYPE_OBJECT)

/* A client of the events. */
typedef struct
{
  BbApiServer *server; /* (unowned) */
  BbApiPeer *peer;
  char *token;         /* its name */
} Follower;

/* Lives as long as the accepted stream; found again by the peer's address,
 * which libsoup hands back as it got it. */
typedef struct
{
  BbApiServer *server; /* NULL once the server is gone */
  GSocket *socket;
  GSocketAddress *address;
  guint deadline_id;
} Connection;

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  g_clear_handle_id (&connection->deadline_id, g_source_remove);
  g_object_set_data (G_OBJECT (connection->address), CONNECTION_KEY, NULL);
  if (connection->server != NULL)
    {
      connection->server->context.figures.n_connections--;
      g_object_remove_weak_pointer (G_OBJECT (connection->server), (gpointer *)&connection->server);
    }
  g_object_unref (connection->address);
  g_object_unref (connection->socket);
  g_free (connection);
}

static gboolean
on_deadline (gpointer user_data)
{
  Connection *connection = user_data;

  connection->deadline_id = 0;
  bb_api_socket_abort (connection->socket);
  return G_SOURCE_REMOVE;
}

static Connection *
connection_of (SoupServerMessage *message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);

  return address != NULL ? g_object_get_data (G_OBJECT (address), CONNECTION_KEY) : NULL;
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *stream,
             GObject *source_object,
             gpointer user_data)
{
  BbApiServer *self = user_data;
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (stream, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (stream, NULL);
  g_autoptr (GIOStream) spoken = NULL;
  Connection *connection;

  if (local == NULL || remote == NULL || self->context.figures.n_connections >= MAX_CONNECTIONS)
    return TRUE; /* dropped, and with that closed */

  connection = g_new0 (Connection, 1);
  connection->server = self;
  g_object_add_weak_pointer (G_OBJECT (self), (gpointer *)&connection->server);
  self->context.figures.n_connections++;
  connection->socket = g_object_ref (g_socket_connection_get_socket (stream));
  connection->address = g_object_ref (remote);
  connection->deadline_id = g_timeout_add_seconds (STRANGER_SECONDS, on_deadline, connection);
  g_object_set_data (G_OBJECT (remote), CONNECTION_KEY, connection);
  g_object_set_data_full (G_OBJECT (stream), CONNECTION_KEY, connection, connection_free);
  g_socket_set_timeout (connection->socket, IDLE_SECONDS);
  /* The handshake is made with the first read, inside the time of a stranger. */
  spoken = self->certificate != NULL
             ? g_tls_server_connection_new (G_IO_STREAM (stream), self->certificate, NULL)
             : G_IO_STREAM (g_object_ref (stream));
  if (spoken != NULL)
    soup_server_accept_iostream (self->soup, spoken, local, remote, NULL);

  return TRUE;
}

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  gsize *received = user_data;

  *received += g_bytes_get_size (chunk);
  if (*received > MAX_BODY_BYTES && soup_server_message_get_status (message) == 0)
    {
      soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
      soup_message_body_truncate (soup_server_message_get_request_body (message));
      bb_api_reply_error (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "too-large",
                          "a request's body holds at most %d bytes", MAX_BODY_BYTES);
    }
  if (*received > MAX_SWALLOWED_BYTES)
    {
      Connection *connection = connection_of (message);

      if (connection != NULL)
        bb_api_socket_abort (connection->socket);
    }
}

/* A page of the web can't make its name stand for this machine (DNS
 * rebinding): only addresses and names that are ours are answered. */
static gboolean
is_own_host (BbApiServer *self, const char *host)
{
  g_autoptr (GSocketConnectable) address = g_network_address_parse (host, 80, NULL);
  const char *name;

  if (address == NULL)
    return FALSE;
  name = g_network_address_get_hostname (G_NETWORK_ADDRESS (address));
  return g_hostname_is_ip_address (name) || g_ascii_strcasecmp (name, "localhost") == 0
         || g_ascii_strcasecmp (name, self->config->api_address) == 0
         || g_ascii_strcasecmp (name, g_get_host_name ()) == 0;
}

static gboolean
is_own_origin (const char *origin, const char *host)
{
  const char *authority = strstr (origin, "://");

  return authority != NULL && host != NULL && g_ascii_strcasecmp (authority + 3, host) == 0;
}

static BbApiToken *
token_of (BbApiServer *self, SoupMessageHeaders *headers)
{
  const char *value = soup_message_headers_get_one (headers, "Authorization");

  if (value == NULL || g_ascii_strncasecmp (value, "Bearer ", 7) != 0)
    return NULL;
  value += 7;
  while (*value == ' ')
    value++;
  return bb_api_tokens_check (self->context.tokens, value, strlen (value));
}

/* Whether this one may ask now: FALSE, and it has its answer. */
static gboolean
check_rate (BbApiServer *self, SoupServerMessage *message, BbApiToken *token)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  const gint64 now = g_get_monotonic_time ();
  const double rate = self->config->api_rate_limit;
  g_autofree char *address = NULL;
  gboolean may;

  if (token != NULL)
    may = bb_api_bucket_take (&token->bucket, rate, 2 * rate, now);
  else
    {
      if (G_IS_INET_SOCKET_ADDRESS (remote))
        address = g_inet_address_to_string (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
      may = bb_api_limits_take (self->strangers, address != NULL ? address : "", now);
    }
  if (may)
    return TRUE;
  self->context.figures.limited++;
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After",
                                "1");
  bb_api_reply_error (message, STATUS_TOO_MANY_REQUESTS, "too-many-requests",
                      "too many requests: wait a second");
  return FALSE;
}

static gboolean
check_token (BbApiServer *self,
             SoupServerMessage *message,
             const BbApiRoute *route,
             BbApiToken *token)
{
  if (route != NULL && route->access == BB_API_ACCESS_OPEN)
    return check_rate (self, message, token);
  if (!check_rate (self, message, token))
    return FALSE;
  if (token == NULL)
    {
      self->context.figures.unauthorized++;
      soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                    "WWW-Authenticate", "Bearer realm=\"bestellbot\"");
      bb_api_reply_error (message, SOUP_STATUS_UNAUTHORIZED, "unauthorized",
                          "the header \"Authorization: Bearer TOKEN\" with a token of the "
                          "gateway is wanted");
      return FALSE;
    }
  if (route != NULL && (int)token->role < (int)route->access)
    {
      self->context.figures.forbidden++;
      bb_api_reply_error (message, SOUP_STATUS_FORBIDDEN, "forbidden",
                          "this takes a token of role %s; yours is of role %s",
                          bb_api_role_nick ((BbApiRole)route->access),
                          bb_api_role_nick (token->role));
      return FALSE;
    }
  g_object_set_data_full (G_OBJECT (message), TOKEN_KEY, g_strdup (token->name), g_free);
  return TRUE;
}

/* Pages of the web must not get here through a browser of this network. */
static gboolean
check_site (BbApiServer *self, SoupServerMessage *message, SoupMessageHeaders *headers)
{
  const char *host = soup_message_headers_get_one (headers, "Host");
  const char *origin = soup_message_headers_get_one (headers, "Origin");

  /* With TLS the certificate's name is the one that counts. */
  if (host != NULL && self->certificate == NULL && !is_own_host (self, host))
    bb_api_reply_error (message, SOUP_STATUS_FORBIDDEN, "forbidden-host",
                        "the Host header names another server");
  else if (origin != NULL && !is_own_origin (origin, host))
    bb_api_reply_error (message, SOUP_STATUS_FORBIDDEN, "forbidden-origin",
                        "pages of other sites may not use this API");
  else
    return TRUE;
  self->context.figures.forbidden++;
  return FALSE;
}

/* All that can be refused before a body is read. A status set here keeps the
 * request from its handler. */
static void
on_early (SoupServer *soup,
          SoupServerMessage *message,
          const char *path,
          GHashTable *query,
          gpointer user_data)
{
  BbApiServer *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *reply = soup_server_message_get_response_headers (message);
  const char *method = soup_server_message_get_method (message);
  g_autofree char *id = NULL;
  const char *allow;
  const BbApiRoute *route = bb_api_routes_find (path, method, &id, &allow);
  BbApiToken *token = token_of (self, headers);
  Connection *connection = connection_of (message);
  gsize *received = g_new0 (gsize, 1);

  self->context.figures.requests++;
  g_signal_connect_data (message, "got-chunk", G_CALLBACK (on_chunk), received,
                         (GClosureNotify)(void (*) (void))g_free, 0);
  soup_message_headers_replace (reply, "X-Content-Type-Options", "nosniff");

  if (check_site (self, message, headers) && check_token (self, message, route, token))
    {
      if (route == NULL && allow != NULL)
        {
          soup_message_headers_replace (reply, "Allow", allow);
          bb_api_reply_error (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "method-not-allowed",
                              "this path takes %s", allow);
        }
      else if (route == NULL)
        bb_api_reply_error (message, SOUP_STATUS_NOT_FOUND, "not-found", "there is no such path");
      else if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
               && soup_message_headers_get_content_length (headers) > MAX_BODY_BYTES)
        bb_api_reply_error (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "too-large",
                            "a request's body holds at most %d bytes", MAX_BODY_BYTES);
      else if (token != NULL && connection != NULL)
        g_clear_handle_id (&connection->deadline_id, g_source_remove);
    }

  /* A refused body is not kept. */
  if (soup_server_message_get_status (message) != 0)
    soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
}

static gboolean
on_linger (gpointer user_data)
{
  BbApiServer *self = user_data;

  self->linger_id = 0;
  bb_api_events_set_recording (self->context.events, FALSE);
  return G_SOURCE_REMOVE;
}

static void
follower_free (Follower *follower)
{
  bb_api_peer_free (follower->peer);
  g_free (follower->token);
  g_free (follower);
}

static void
on_follower_closed (BbApiPeer *peer, gpointer user_data)
{
  Follower *follower = user_data;
  BbApiServer *self = follower->server;

  g_ptr_array_remove (self->followers, follower);
  follower_free (follower);
  self->context.figures.n_event_clients = self->followers->len;
  if (self->followers->len == 0 && self->linger_id == 0)
    self->linger_id = g_timeout_add_seconds (LINGER_SECONDS, on_linger, self);
}

static void
on_audio_closed (BbApiAudio *audio, gpointer user_data)
{
  BbApiServer *self = user_data;

  g_ptr_array_remove (self->audio, audio);
  bb_api_audio_free (audio);
  self->context.figures.n_audio_clients = self->audio->len;
}

/* Who came with a token that is revoked leaves. */
static void
on_revoked (const char *name, gpointer user_data)
{
  BbApiServer *self = user_data;

  for (guint i = self->followers->len; i > 0; i--)
    {
      Follower *follower = g_ptr_array_index (self->followers, i - 1);

      if (strcmp (follower->token, name) == 0)
        bb_api_peer_close (follower->peer, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "revoked");
    }
  for (guint i = self->audio->len; i > 0; i--)
    {
      BbApiAudio *audio = g_ptr_array_index (self->audio, i - 1);

      if (strcmp (bb_api_audio_get_token (audio), name) == 0)
        bb_api_audio_close (audio, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "revoked");
    }
}

static void
on_message (BbApiEvents *events, GBytes *text, gpointer user_data)
{
  BbApiServer *self = user_data;

  for (guint i = 0; i < self->followers->len; i++)
    bb_api_peer_send (((Follower *)g_ptr_array_index (self->followers, i))->peer, text);
}

/* What a client missed, when that is still known; else all there is. */
static void
welcome (BbApiServer *self, BbApiPeer *peer, GHashTable *query)
{
  const char *epoch = query != NULL ? g_hash_table_lookup (query, "epoch") : NULL;
  const char *since_text = query != NULL ? g_hash_table_lookup (query, "since") : NULL;
  g_autoptr (GPtrArray) messages = NULL;
  guint64 since;

  if (epoch != NULL && since_text != NULL
      && g_ascii_string_to_unsigned (since_text, 10, 0, G_MAXUINT64, &since, NULL))
    messages = bb_api_events_resume (self->context.events, epoch, since);
  if (messages == NULL)
    {
      g_autoptr (GBytes) snapshot = bb_api_events_snapshot (self->context.events);

      bb_api_peer_send (peer, snapshot);
      return;
    }
  for (guint i = 0; i < messages->len; i++)
    bb_api_peer_send (peer, g_ptr_array_index (messages, i));
}

static const BbApiToken *
token_of_message (BbApiServer *self, SoupServerMessage *message)
{
  const char *name = g_object_get_data (G_OBJECT (message), TOKEN_KEY);

  return name != NULL ? bb_api_tokens_find (self->context.tokens, name) : NULL;
}

static void
add_follower (BbApiServer *self,
              const BbApiToken *token,
              GIOStream *stream,
              GSocket *socket,
              GUri *uri)
{
  g_autoptr (GHashTable) query = NULL;
  Follower *follower = g_new0 (Follower, 1);

  if (g_uri_get_query (uri) != NULL)
    query = soup_form_decode (g_uri_get_query (uri));
  g_clear_handle_id (&self->linger_id, g_source_remove);
  bb_api_events_set_recording (self->context.events, TRUE);
  follower->server = self;
  follower->token = g_strdup (token->name);
  follower->peer = bb_api_peer_new (BB_API_PEER_EVENTS, stream, socket, uri, NULL,
                                    on_follower_closed, follower);
  welcome (self, follower->peer, query);
  g_ptr_array_add (self->followers, follower);
  self->context.figures.n_event_clients = self->followers->len;
}

static void
add_audio (BbApiServer *self,
           const BbApiToken *token,
           const char *call_id,
           GIOStream *stream,
           GSocket *socket,
           GUri *uri)
{
  g_autoptr (BbCall) call = bb_operator_find_call (self->context.oper, call_id);

  if (call == NULL)
    return; /* gone since the handshake: so is the connection */
  g_ptr_array_add (self->audio,
                   bb_api_audio_new (self->context.oper, call, token, stream, socket, uri,
                                     &self->context.figures, on_audio_closed, self));
  self->context.figures.n_audio_clients = self->audio->len;
}

static void
on_upgraded (SoupServerMessage *message, gpointer user_data)
{
  g_autoptr (BbApiServer) self = g_object_ref (user_data);
  g_autoptr (SoupServerMessage) keep = g_object_ref (message);
  g_autoptr (GIOStream) stream = NULL;
  Connection *connection = connection_of (message);
  const BbApiToken *token = token_of_message (self, message);
  GUri *uri = soup_server_message_get_uri (message);
  const char *call_id = g_object_get_data (G_OBJECT (message), "call-id");

  g_signal_handlers_disconnect_by_func (message, on_upgraded, user_data);
  stream = soup_server_message_steal_connection (message);
  if (stream == NULL || connection == NULL || token == NULL || self->service == NULL)
    return;

  if (call_id != NULL)
    add_audio (self, token, call_id, stream, connection->socket, uri);
  else
    add_follower (self, token, stream, connection->socket, uri);
}

static void
upgrade (BbApiServer *self, SoupServerMessage *message, const char *call_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbCall) call
    = call_id != NULL ? bb_operator_find_call (self->context.oper, call_id) : NULL;

  if (call_id != NULL && call == NULL)
    bb_api_reply_error (message, SOUP_STATUS_NOT_FOUND, "not-found", "there is no such call");
  else if (call != NULL && bb_call_get_state (call) >= BB_CALL_ENDING)
    bb_api_reply_error (message, SOUP_STATUS_CONFLICT, "wrong-state", "the call has ended");
  else if (!soup_message_headers_header_contains (soup_server_message_get_request_headers (message),
                                                  "Upgrade", "websocket"))
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Upgrade",
                                    "websocket");
      bb_api_reply_error (message, STATUS_UPGRADE_REQUIRED, "websocket-wanted",
                          "this path speaks WebSocket (RFC 6455)");
    }
  else if (!soup_websocket_server_check_handshake (message, NULL, NULL, NULL, &error))
    bb_api_reply_error (message, SOUP_STATUS_BAD_REQUEST, "bad-handshake", "%s", error->message);
  else if (call_id != NULL ? self->audio->len >= MAX_AUDIO_CLIENTS
                           : self->followers->len >= MAX_CLIENTS)
    bb_api_reply_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "too-many-clients",
                        "there are %u clients of this kind already",
                        call_id != NULL ? self->audio->len : self->followers->len);
  else
    {
      soup_websocket_server_process_handshake (message, NULL, NULL, NULL, NULL);
      g_object_set_data_full (G_OBJECT (message), "call-id", g_strdup (call_id), g_free);
      g_signal_connect_object (message, "wrote-informational", G_CALLBACK (on_upgraded), self, 0);
    }
}

static void
on_request (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  BbApiServer *self = user_data;
  g_autofree char *id = NULL;
  const char *allow;
  const BbApiRoute *route
    = bb_api_routes_find (path, soup_server_message_get_method (message), &id, &allow);
  const BbApiRequest request = { &self->context, message, route, id, query,
                                 token_of_message (self, message) };

  if (route == NULL)
    bb_api_reply_error (message, SOUP_STATUS_NOT_FOUND, "not-found", "there is no such path");
  else if (request.token == NULL && route->access != BB_API_ACCESS_OPEN)
    bb_api_reply_error (message, SOUP_STATUS_UNAUTHORIZED, "unauthorized",
                        "the token was revoked while the request came");
  else if (route->handler == NULL)
    upgrade (self, message, id);
  else
    route->handler (&request);
}

/**
 * bb_api_server_new:
 * @config: the settings; those of [api] are used
 * @oper: what is served
 * @error: return location for a #BbApiError
 *
 * Listens when it returns; requests are served as soon as the main loop runs.
 *
 * Returns: (transfer full) (nullable): the server
 */
BbApiServer *
bb_api_server_new (const BbConfig *config, BbOperator *oper, GError **error)
{
  g_autoptr (BbApiServer) self = g_object_new (BB_TYPE_API_SERVER, NULL);
  GError *problem = NULL;

  self->config = bb_config_ref (config);
  self->context.tokens = bb_api_tokens_open (config->api_token_file, error);
  if (self->context.tokens == NULL)
    return NULL;
  self->certificate = bb_api_load_certificate (config, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, problem);
      return NULL;
    }
  self->url = bb_api_listen (G_SOCKET_LISTENER (self->service), config, self->certificate != NULL,
                             &self->port, error);
  if (self->url == NULL)
    return NULL;

  self->context.oper = g_object_ref (oper);
  self->context.metrics = bb_api_metrics_new (oper);
  self->context.events = bb_api_events_new (oper);
  self->context.revoked = on_revoked;
  self->context.user_data = self;
  g_signal_connect (self->context.events, BB_API_EVENTS_SIGNAL_MESSAGE, G_CALLBACK (on_message),
                    self);
  g_socket_service_start (self->service);

  return g_steal_pointer (&self);
}

const char *
bb_api_server_get_url (BbApiServer *self)
{
  return self->url;
}

guint
bb_api_server_get_port (BbApiServer *self)
{
  return self->port;
}

guint
bb_api_server_get_n_clients (BbApiServer *self)
{
  return self->followers->len;
}

void
bb_api_server_set_not_ready (BbApiServer *self, const char *reason)
{
  g_free (self->context.not_ready);
  self->context.not_ready = g_strdup (reason);
}

void
bb_api_server_stop (BbApiServer *self)
{
  if (self->service == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  g_clear_handle_id (&self->linger_id, g_source_remove);
  while (self->followers->len > 0)
    follower_free (g_ptr_array_steal_index (self->followers, self->followers->len - 1));
  while (self->audio->len > 0)
    bb_api_audio_free (g_ptr_array_steal_index (self->audio, self->audio->len - 1));
  self->context.figures.n_event_clients = self->context.figures.n_audio_clients = 0;
  soup_server_disconnect (self->soup);
}

static void
bb_api_server_dispose (GObject *object)
{
  BbApiServer *self = BB_API_SERVER (object);

  bb_api_server_stop (self);
  if (self->context.events != NULL)
    g_signal_handlers_disconnect_by_data (self->context.events, self);
  g_clear_object (&self->context.events);
  g_clear_pointer (&self->context.metrics, bb_api_metrics_free);
  g_clear_object (&self->context.oper);
  g_clear_object (&self->soup);

  G_OBJECT_CLASS (bb_api_server_parent_class)->dispose (object);
}

static void
bb_api_server_finalize (GObject *object)
{
  BbApiServer *self = BB_API_SERVER (object);

  g_ptr_array_unref (self->followers);
  g_ptr_array_unref (self->audio);
  bb_api_limits_free (self->strangers);
  g_clear_object (&self->certificate);
  g_clear_pointer (&self->context.tokens, bb_api_tokens_free);
  g_clear_pointer (&self->config, bb_config_unref);
  g_free (self->context.not_ready);
  g_free (self->url);

  G_OBJECT_CLASS (bb_api_server_parent_class)->finalize (object);
}

static void
bb_api_server_class_init (BbApiServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_api_server_dispose;
  object_class->finalize = bb_api_server_finalize;
}

static void
bb_api_server_init (BbApiServer *self)
{
  self->followers = g_ptr_array_new ();
  self->audio = g_ptr_array_new ();
  self->strangers = bb_api_limits_new (STRANGER_RATE, STRANGER_BURST);
  self->soup = soup_server_new ("server-header", "bestellbot", NULL);
  soup_server_add_early_handler (self->soup, NULL, on_early, self, NULL);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
}
