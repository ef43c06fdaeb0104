/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-server.h"

#include <libsoup/soup.h>
#include <string.h>

#include "sim-json.h"

#define REALTIME_PATH "/v1/realtime"
#define AZURE_PATH "/openai/v1/realtime"
/* 15 MiB of audio in base64, and the event around it: PROTOCOL section 1. */
#define MAX_INCOMING (21 * 1024 * 1024)

struct _SimServer
{
  SimHub *hub;
  char *required_key; /* nullable */
  SimReplay *replay;  /* nullable: instead of sessions that think */
  SoupServer *soup;
  GPtrArray *connections; /* of Connection */
  guint n_upgrades;
};

typedef struct
{
  SimServer *server;
  SoupWebsocketConnection *socket;
  SimSession *session;       /* or */
  SimReplaySession *replay;
  guint end_source;
  GQueue raw; /* of GBytes: frames that libsoup can't make */
  guint raw_source;
  guint drop_source;
} Connection;

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  g_clear_handle_id (&connection->end_source, g_source_remove);
  g_clear_handle_id (&connection->raw_source, g_source_remove);
  g_clear_handle_id (&connection->drop_source, g_source_remove);
  g_queue_clear_full (&connection->raw, (GDestroyNotify) g_bytes_unref);
  g_signal_handlers_disconnect_by_data (connection->socket, connection);
  g_clear_pointer (&connection->session, sim_session_free);
  g_clear_pointer (&connection->replay, sim_replay_session_free);
  g_object_unref (connection->socket);
  g_free (connection);
}

static gboolean
on_end (gpointer data)
{
  Connection *connection = data;
  connection->end_source = 0;
  g_ptr_array_remove (connection->server->connections, connection);
  return G_SOURCE_REMOVE;
}

/* Freed from the loop: a session may be in the middle of something. */
static void
end_later (Connection *connection)
{
  if (connection->end_source == 0)
    connection->end_source = g_idle_add (on_end, connection);
}

/* A frame by hand (RFC 6455 section 5.2); servers don't mask. */
static GBytes *
make_frame (gboolean first, gboolean last, const char *data, gsize length)
{
  GByteArray *frame = g_byte_array_new ();
  guint8 head[10] = { (last ? 0x80 : 0) | (first ? 0x01 : 0x00) };
  guint n = 2;

  if (length < 126)
    head[1] = length;
  else if (length < 65536)
    {
      head[1] = 126;
      head[2] = length >> 8;
      head[3] = length;
      n = 4;
    }
  else
    {
      head[1] = 127;
      for (guint i = 0; i < 8; i++)
        head[2 + i] = (guint64) length >> (8 * (7 - i));
      n = 10;
    }
  g_byte_array_append (frame, head, n);
  g_byte_array_append (frame, (const guint8 *) data, length);
  return g_byte_array_free_to_bytes (frame);
}

static gboolean
on_write_raw (gpointer data)
{
  Connection *connection = data;
  GOutputStream *stream
      = g_io_stream_get_output_stream (soup_websocket_connection_get_io_stream (connection->socket));
  GBytes *bytes;

  while ((bytes = g_queue_pop_head (&connection->raw)) != NULL)
    {
      g_autoptr (GError) error = NULL;
      if (!g_output_stream_write_all (stream, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
                                      NULL, &error))
        g_info ("raw frame not written: %s", error->message);
      g_bytes_unref (bytes);
    }
  connection->raw_source = 0;
  return G_SOURCE_REMOVE;
}

/* libsoup writes whole messages only, and from the loop at default priority.
 * At low priority all it had is written, so that raw frames fit in between;
 * what is sent until then is queued behind them as raw frames too. */
static void
send_raw (Connection *connection, const char *text, gsize length, gboolean fragmented)
{
  if (fragmented)
    {
      gsize third = length / 3;
      g_queue_push_tail (&connection->raw, make_frame (TRUE, FALSE, text, third));
      g_queue_push_tail (&connection->raw, make_frame (FALSE, FALSE, text + third, third));
      g_queue_push_tail (&connection->raw, make_frame (FALSE, TRUE, text + 2 * third, length - 2 * third));
    }
  else
    g_queue_push_tail (&connection->raw, make_frame (TRUE, TRUE, text, length));
  if (connection->raw_source == 0)
    connection->raw_source = g_idle_add_full (G_PRIORITY_LOW, on_write_raw, connection, NULL);
}

static void
transport_send (gpointer transport, const char *text, gsize length, SimSendMode mode)
{
  Connection *connection = transport;

  if (soup_websocket_connection_get_state (connection->socket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;
  if (mode == SIM_SEND_FRAGMENTS || connection->raw_source != 0)
    {
      send_raw (connection, text, length, mode == SIM_SEND_FRAGMENTS);
      return;
    }
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  soup_websocket_connection_send_message (connection->socket,
                                          mode == SIM_SEND_BINARY ? SOUP_WEBSOCKET_DATA_BINARY
                                                                  : SOUP_WEBSOCKET_DATA_TEXT,
                                          bytes);
}

static void
transport_close (gpointer transport, guint code, const char *reason)
{
  Connection *connection = transport;
  g_autofree char *clipped = g_utf8_substring (reason, 0, MIN (g_utf8_strlen (reason, -1), 60));

  /* A close frame holds 123 bytes of reason at most. */
  if (soup_websocket_connection_get_state (connection->socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (connection->socket, code, strlen (reason) <= 123 ? reason : clipped);
}

static gboolean
on_drop (gpointer data)
{
  Connection *connection = data;

  connection->drop_source = 0;
  g_io_stream_close (soup_websocket_connection_get_io_stream (connection->socket), NULL, NULL);
  end_later (connection);
  return G_SOURCE_REMOVE;
}

/* What was sent before is on its way first: libsoup writes it from the loop at
 * default priority, so that a client sees exactly the events up to this one. */
static void
transport_drop (gpointer transport)
{
  Connection *connection = transport;

  if (connection->drop_source == 0)
    connection->drop_source = g_idle_add_full (G_PRIORITY_LOW + 1, on_drop, connection, NULL);
}

static const SimTransport soup_transport = { transport_send, transport_close, transport_drop };

static void
on_message (SoupWebsocketConnection *socket, int type, GBytes *message, Connection *connection)
{
  gsize length;
  const char *text = g_bytes_get_data (message, &length);

  if (connection->replay != NULL)
    sim_replay_session_receive (connection->replay, text, length);
  else if (type == SOUP_WEBSOCKET_DATA_TEXT)
    sim_session_receive (connection->session, text, length);
  else
    sim_session_receive_binary (connection->session);
}

static void
on_closed (SoupWebsocketConnection *socket, Connection *connection)
{
  end_later (connection);
}

static void
on_error (SoupWebsocketConnection *socket, GError *error, Connection *connection)
{
  g_info ("WebSocket: %s", error->message);
}

static char *
get_query (SoupServerMessage *message, const char *name)
{
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  g_autoptr (GHashTable) params
      = query != NULL ? g_uri_parse_params (query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL) : NULL;
  return params != NULL ? g_strdup (g_hash_table_lookup (params, name)) : NULL;
}

static void
on_websocket (SoupServer *soup, SoupServerMessage *message, const char *path,
              SoupWebsocketConnection *socket, gpointer user_data)
{
  SimServer *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autofree char *model = get_query (message, "model");
  g_autofree char *call_id = get_query (message, "call_id");
  g_autofree char *run = get_query (message, "run");
  Connection *connection = g_new0 (Connection, 1);

  connection->server = self;
  connection->socket = g_object_ref (socket);
  g_queue_init (&connection->raw);
  g_ptr_array_add (self->connections, connection);
  soup_websocket_connection_set_max_incoming_payload_size (socket, MAX_INCOMING);
  if (self->replay != NULL)
    connection->replay = sim_replay_session_new (self->replay, &soup_transport, connection);
  else
    connection->session
        = sim_session_new (self->hub, model != NULL ? model : "gpt-realtime", &soup_transport, connection);
  if (run != NULL && connection->session != NULL)
    sim_session_join_run (connection->session, sim_hub_get_run (self->hub, run, NULL, NULL));
  g_signal_connect (socket, "message", G_CALLBACK (on_message), connection);
  g_signal_connect (socket, "closed", G_CALLBACK (on_closed), connection);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), connection);

  if (connection->replay != NULL)
    sim_replay_session_start (connection->replay);
  else if (soup_message_headers_get_one (headers, "OpenAI-Beta") != NULL)
    sim_session_refuse (connection->session, "beta_api_shape_disabled",
                        "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.");
  else if (model == NULL && call_id == NULL)
    sim_session_refuse (connection->session, "missing_model", "You must provide a model parameter.");
  else
    sim_session_start (connection->session);
}

static void
refuse_upgrade (SoupServerMessage *message, guint status, const char *code, const char *text)
{
  g_autoptr (JsonObject) body = sim_object (
      "o:error", sim_object ("s:message", text, "s:type",
                             status >= 500 ? "server_error" : "invalid_request_error", "s:param", NULL,
                             "s:code", code, NULL),
      NULL);
  g_autofree char *json = sim_object_to_text (body);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (status == 429 || status == 503)
    soup_message_headers_replace (headers, "Retry-After", "1");
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, json, strlen (json));
}

static SimFault *
find_http_fault (SimServer *self)
{
  for (guint i = 0; i < self->hub->faults->len; i++)
    {
      SimFault *fault = g_ptr_array_index (self->hub->faults, i);
      if (fault->kind != SIM_FAULT_HTTP || (fault->times > 0 && fault->fired >= fault->times)
          || self->n_upgrades < fault->n)
        continue;
      fault->fired++;
      return fault;
    }
  return NULL;
}

/* Before the upgrade: who may come in. */
static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  SimServer *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  const char *key = soup_message_headers_get_one (headers, "api-key");
  g_autofree char *run = get_query (message, "run");
  g_autofree char *run_fault = get_query (message, "fault");
  g_autoptr (GError) error = NULL;
  SimFault *fault;

  if (strcmp (path, REALTIME_PATH) != 0 && strcmp (path, AZURE_PATH) != 0)
    {
      refuse_upgrade (message, 404, "not_found", "There is no such path here: connect to " REALTIME_PATH);
      return;
    }
  if (authorization != NULL && g_ascii_strncasecmp (authorization, "Bearer ", 7) == 0)
    key = authorization + 7;
  self->n_upgrades++;
  if ((fault = find_http_fault (self)) != NULL)
    refuse_upgrade (message, fault->status,
                    fault->code != NULL     ? fault->code
                    : fault->status == 401  ? "invalid_api_key"
                    : fault->status == 429  ? "rate_limit_exceeded"
                                            : "server_error",
                    fault->text != NULL ? fault->text : "The simulator was told to refuse this.");
  else if (key == NULL || key[0] == '\0')
    refuse_upgrade (message, 401, "missing_api_key",
                    "Missing bearer authentication in header: send Authorization: Bearer KEY");
  else if (self->required_key != NULL && strcmp (key, self->required_key) != 0)
    refuse_upgrade (message, 401, "invalid_api_key", "Incorrect API key provided.");
  else if (run != NULL && sim_hub_get_run (self->hub, run, run_fault, &error) == NULL)
    refuse_upgrade (message, 400, "bad_fault", error->message);
  else if (!soup_message_headers_header_contains (headers, "Upgrade", "websocket"))
    refuse_upgrade (message, 400, "bad_request", "This path speaks WebSocket only.");
}

/**
 * sim_server_new:
 * @required_key: (nullable): the one key that is accepted; NULL: any
 */
SimServer *
sim_server_new (SimHub *hub, const char *required_key)
{
  SimServer *self = g_new0 (SimServer, 1);

  self->hub = hub;
  self->required_key = g_strdup (required_key);
  self->connections = g_ptr_array_new_with_free_func (connection_free);
  self->soup = soup_server_new ("server-header", "bestellbot-simulator", NULL);
  /* The service is not known to compress, and it costs. */
  soup_server_remove_websocket_extension (self->soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  /* Only the handler of the longest path is asked, so each path needs it. */
  const char *const guarded[] = { NULL, REALTIME_PATH, AZURE_PATH };
  for (guint i = 0; i < G_N_ELEMENTS (guarded); i++)
    soup_server_add_early_handler (self->soup, guarded[i], on_request, self, NULL);
  soup_server_add_websocket_handler (self->soup, REALTIME_PATH, NULL, NULL, on_websocket, self, NULL);
  soup_server_add_websocket_handler (self->soup, AZURE_PATH, NULL, NULL, on_websocket, self, NULL);
  return self;
}

/* @replay: (transfer none): must outlive the server; every connection is its */
void
sim_server_set_replay (SimServer *self, SimReplay *replay)
{
  self->replay = replay;
}

/**
 * sim_server_listen:
 * @port: 0 for a free one
 * @bound_port: (out): the one it is
 *
 * Binds to 127.0.0.1 only.
 */
gboolean
sim_server_listen (SimServer *self, guint16 port, guint16 *bound_port, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", port);

  if (!soup_server_listen (self->soup, address, 0, error))
    {
      g_prefix_error (error, "can't listen on 127.0.0.1 port %u (--port): ", port);
      return FALSE;
    }
  g_autoslist (GUri) uris = soup_server_get_uris (self->soup);
  *bound_port = g_uri_get_port (uris->data);
  return TRUE;
}

void
sim_server_free (SimServer *self)
{
  soup_server_disconnect (self->soup);
  g_ptr_array_unref (self->connections);
  g_object_unref (self->soup);
  g_free (self->required_key);
  g_free (self);
}
