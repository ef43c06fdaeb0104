/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-server.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "bb-api-peer.h"
#include "bb-api-routes.h"
#include "bb-api-token.h"

#define MAX_CONNECTIONS 128
#define MAX_CLIENTS 64
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

#define CONNECTION_KEY "bb-api-connection"

struct _BbApiServer
{
  GObject parent_instance;

  BbConfig *config;
  BbApiContext context;
  SoupServer *soup;
  GSocketService *service;
  char *token;
  char *url;
  guint port;
  GPtrArray *peers; /* of BbApiPeer (owned by hand: they go when they close) */
  guint n_connections;
  guint linger_id;
};

G_DEFINE_FINAL_TYPE (BbApiServer, bb_api_server, G_TYPE_OBJECT)

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
      connection->server->n_connections--;
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
  Connection *connection;

  if (local == NULL || remote == NULL || self->n_connections >= MAX_CONNECTIONS)
    return TRUE; /* dropped, and with that closed */

  connection = g_new0 (Connection, 1);
  connection->server = self;
  g_object_add_weak_pointer (G_OBJECT (self), (gpointer *)&connection->server);
  self->n_connections++;
  connection->socket = g_object_ref (g_socket_connection_get_socket (stream));
  connection->address = g_object_ref (remote);
  connection->deadline_id = g_timeout_add_seconds (STRANGER_SECONDS, on_deadline, connection);
  g_object_set_data (G_OBJECT (remote), CONNECTION_KEY, connection);
  g_object_set_data_full (G_OBJECT (stream), CONNECTION_KEY, connection, connection_free);
  g_socket_set_timeout (connection->socket, IDLE_SECONDS);
  soup_server_accept_iostream (self->soup, G_IO_STREAM (stream), local, remote, NULL);

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

static gboolean
is_authorized (BbApiServer *self, SoupMessageHeaders *headers)
{
  const char *value = soup_message_headers_get_one (headers, "Authorization");

  if (value == NULL || g_ascii_strncasecmp (value, "Bearer ", 7) != 0)
    return FALSE;
  value += 7;
  while (*value == ' ')
    value++;
  return bb_api_token_equal (self->token, value, strlen (value));
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
  const char *host = soup_message_headers_get_one (headers, "Host");
  const char *origin = soup_message_headers_get_one (headers, "Origin");
  const char *method = soup_server_message_get_method (message);
  g_autofree char *id = NULL;
  const char *allow;
  const BbApiRoute *route = bb_api_routes_find (path, method, &id, &allow);
  Connection *connection = connection_of (message);
  gsize *received = g_new0 (gsize, 1);

  g_signal_connect_data (message, "got-chunk", G_CALLBACK (on_chunk), received,
                         (GClosureNotify)(void (*) (void))g_free, 0);
  soup_message_headers_replace (reply, "X-Content-Type-Options", "nosniff");

  if (host != NULL && !is_own_host (self, host))
    bb_api_reply_error (message, SOUP_STATUS_FORBIDDEN, "forbidden-host",
                        "the Host header names another server");
  else if (origin != NULL && !is_own_origin (origin, host))
    bb_api_reply_error (message, SOUP_STATUS_FORBIDDEN, "forbidden-origin",
                        "pages of other sites may not use this API");
  else if ((route == NULL || !route->open) && !is_authorized (self, headers))
    {
      soup_message_headers_replace (reply, "WWW-Authenticate", "Bearer realm=\"bestellbot\"");
      bb_api_reply_error (message, SOUP_STATUS_UNAUTHORIZED, "unauthorized",
                          "the header \"Authorization: Bearer TOKEN\" with the token of the "
                          "gateway's token file is wanted");
    }
  else if (route == NULL && allow != NULL)
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
  else if (!route->open && connection != NULL)
    g_clear_handle_id (&connection->deadline_id, g_source_remove);

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
on_peer_closed (BbApiPeer *peer, gpointer user_data)
{
  BbApiServer *self = user_data;

  g_ptr_array_remove (self->peers, peer);
  bb_api_peer_free (peer);
  self->context.n_clients = self->peers->len;
  if (self->peers->len == 0 && self->linger_id == 0)
    self->linger_id = g_timeout_add_seconds (LINGER_SECONDS, on_linger, self);
}

static void
on_message (BbApiEvents *events, GBytes *text, gpointer user_data)
{
  BbApiServer *self = user_data;

  for (guint i = 0; i < self->peers->len; i++)
    bb_api_peer_send (g_ptr_array_index (self->peers, i), text);
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

static void
on_upgraded (SoupServerMessage *message, gpointer user_data)
{
  g_autoptr (BbApiServer) self = g_object_ref (user_data);
  g_autoptr (SoupServerMessage) keep = g_object_ref (message);
  g_autoptr (GHashTable) query = NULL;
  g_autoptr (GIOStream) stream = NULL;
  Connection *connection = connection_of (message);
  GUri *uri = soup_server_message_get_uri (message);
  BbApiPeer *peer;

  g_signal_handlers_disconnect_by_func (message, on_upgraded, user_data);
  stream = soup_server_message_steal_connection (message);
  if (stream == NULL || connection == NULL || self->service == NULL)
    return;

  if (g_uri_get_query (uri) != NULL)
    query = soup_form_decode (g_uri_get_query (uri));
  g_clear_handle_id (&self->linger_id, g_source_remove);
  bb_api_events_set_recording (self->context.events, TRUE);
  peer = bb_api_peer_new (stream, connection->socket, uri, on_peer_closed, self);
  welcome (self, peer, query);
  g_ptr_array_add (self->peers, peer);
  self->context.n_clients = self->peers->len;
}

static void
upgrade (BbApiServer *self, SoupServerMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (!soup_message_headers_header_contains (soup_server_message_get_request_headers (message),
                                             "Upgrade", "websocket"))
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Upgrade",
                                    "websocket");
      bb_api_reply_error (message, STATUS_UPGRADE_REQUIRED, "websocket-wanted",
                          "this path speaks WebSocket (RFC 6455)");
    }
  else if (!soup_websocket_server_check_handshake (message, NULL, NULL, NULL, &error))
    bb_api_reply_error (message, SOUP_STATUS_BAD_REQUEST, "bad-handshake", "%s", error->message);
  else if (self->peers->len >= MAX_CLIENTS)
    bb_api_reply_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "too-many-clients",
                        "%d clients follow the events already", MAX_CLIENTS);
  else
    {
      soup_websocket_server_process_handshake (message, NULL, NULL, NULL, NULL);
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

  if (route == NULL)
    bb_api_reply_error (message, SOUP_STATUS_NOT_FOUND, "not-found", "there is no such path");
  else if (route->handler == NULL)
    upgrade (self, message);
  else
    route->handler (&self->context, message, id, query);
}

static GSocketAddress *
parse_address (const BbConfig *config, GError **error)
{
  gboolean is_localhost = g_ascii_strcasecmp (config->api_address, "localhost") == 0;
  g_autoptr (GInetAddress) address
    = g_inet_address_new_from_string (is_localhost ? "127.0.0.1" : config->api_address);

  if (address == NULL)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                   _ ("address of [api] is “%s”, which is no numeric address. Set 127.0.0.1 (this "
                      "machine only), ::, 0.0.0.0 or an address of this machine."),
                   config->api_address);
      return NULL;
    }
  if (!g_inet_address_get_is_loopback (address))
    g_message ("the API on %s can be reached from other machines, and is not encrypted",
               config->api_address);
  return g_inet_socket_address_new (address, (guint16)config->api_port);
}

static gboolean
listen_on (BbApiServer *self, GError **error)
{
  g_autoptr (GSocketAddress) address = parse_address (self->config, error);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *host = NULL;

  if (address == NULL)
    return FALSE;
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                      &effective, &failure))
    {
      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                     _ ("Port %u on %s is taken, so the API can't listen. Stop the other program or "
                        "set port of [api] to another one (0: any free port)."),
                     self->config->api_port, self->config->api_address);
      else
        g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                     _ ("The API can't listen on %s, port %u: %s. Check address and port of [api]."),
                     self->config->api_address, self->config->api_port, failure->message);
      return FALSE;
    }

  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  host
    = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (effective)));
  self->url = strchr (host, ':') != NULL ? g_strdup_printf ("http://[%s]:%u", host, self->port)
                                         : g_strdup_printf ("http://%s:%u", host, self->port);
  return TRUE;
}

/**
 * bb_api_server_new:
 * @config: the settings; those of [api] are used
 * @oper: whose calls
 * @store: (nullable): the orders
 * @catalogue: (nullable): the products
 * @error: return location for a #BbApiError
 *
 * Listens when it returns; requests are served as soon as the main loop runs.
 *
 * Returns: (transfer full) (nullable): the server
 */
BbApiServer *
bb_api_server_new (const BbConfig *config,
                   BbOperator *oper,
                   BbOrderStore *store,
                   BbCatalogue *catalogue,
                   GError **error)
{
  g_autoptr (BbApiServer) self = g_object_new (BB_TYPE_API_SERVER, NULL);

  self->config = bb_config_ref (config);
  self->token = bb_api_token_create_or_load (config->api_token_file, error);
  if (self->token == NULL || !listen_on (self, error))
    return NULL;

  self->context.oper = g_object_ref (oper);
  g_set_object (&self->context.store, store);
  self->context.catalogue = catalogue != NULL ? bb_catalogue_ref (catalogue) : NULL;
  self->context.metrics = bb_api_metrics_new (oper);
  self->context.events = bb_api_events_new (oper);
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
  return self->peers->len;
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
  while (self->peers->len > 0)
    bb_api_peer_free (g_ptr_array_steal_index (self->peers, self->peers->len - 1));
  self->context.n_clients = 0;
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
  g_clear_pointer (&self->context.catalogue, bb_catalogue_unref);
  g_clear_object (&self->context.store);
  g_clear_object (&self->context.oper);
  g_clear_object (&self->soup);

  G_OBJECT_CLASS (bb_api_server_parent_class)->dispose (object);
}

static void
bb_api_server_finalize (GObject *object)
{
  BbApiServer *self = BB_API_SERVER (object);

  g_ptr_array_unref (self->peers);
  g_clear_pointer (&self->config, bb_config_unref);
  g_free (self->context.not_ready);
  g_free (self->token);
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
  self->peers = g_ptr_array_new ();
  self->soup = soup_server_new ("server-header", "bestellbot", NULL);
  soup_server_add_early_handler (self->soup, NULL, on_early, self, NULL);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
}
