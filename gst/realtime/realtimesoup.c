/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The WebSocket: libsoup makes the connection (addresses, proxies, TLS, the
 * handshake), realtimewire.c takes it over from there. A client of the GA protocol: Authorization header,
 * never OpenAI-Beta (with it the service closes with 4000).
 */
#include "config.h"

#include "realtimesoup.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <libsoup/soup.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "realtimeio.h"
#include "realtimewire.h"

#define CONNECT_SECONDS 15
/* Unacknowledged for so long, the connection is dead. */
#define DEAD_MS 20000
/* A peer that doesn't answer the close frame is not waited for any longer. */
#define LINGER_SECONDS 2

struct _GstRealtimeSoup
{
  GObject parent_instance;

  char *url;
  char *api_key;
  char *key_header;      /* NULL: Authorization, as a bearer token */
  GstStructure *headers; /* of strings; NULL: none */
  SoupSession *session;
  SoupMessage *message; /* while connecting */
  GCancellable *cancellable;
  GSocket *socket;                     /* that carries the connection */
  SoupWebsocketConnection *connection; /* owns the stream; says and hears nothing any more */
  GstRealtimeWire *wire;
  GSource *deadline;
  gboolean timed_out;
};

static void gst_realtime_soup_iface_init (GstRealtimeTransportInterface *iface);

G_DEFINE_TYPE_WITH_CODE (GstRealtimeSoup,
                         gst_realtime_soup,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_REALTIME_TRANSPORT,
                                                gst_realtime_soup_iface_init))

static void
clear_deadline (GstRealtimeSoup *self)
{
  if (self->deadline == NULL)
    return;
  g_source_destroy (self->deadline);
  g_clear_pointer (&self->deadline, g_source_unref);
}

static gboolean
on_deadline (gpointer data)
{
  GstRealtimeSoup *self = data;

  self->timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_network_event (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *stream,
                  gpointer user_data)
{
  GstRealtimeSoup *self = user_data;
  GSocket *socket;

  if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION (stream))
    return;
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_MS, NULL);
  if (self->message == message)
    g_set_object (&self->socket, socket);
}

static void
on_message (gpointer user_data, const char *text, gsize size)
{
  g_autoptr (GBytes) message = g_bytes_new_static (text, size);

  gst_realtime_transport_emit_message (user_data, message);
}

static void
on_ended (gpointer user_data, GstRealtimeWireEnd how, guint code, const char *why)
{
  g_autoptr (GstRealtimeSoup) self = g_object_ref (user_data);
  g_autoptr (GString) words = g_string_new (why);
  const char *reason;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->wire, gst_realtime_wire_unref);
  g_clear_object (&self->connection);
  if (self->api_key != NULL && *self->api_key != '\0')
    g_string_replace (words, self->api_key, "***", 0);
  reason = words->str;
  if (how == GST_REALTIME_WIRE_STALLED)
    error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE,
                         _ ("The connection to the Realtime API is stalled: %s"), reason);
  else if (how == GST_REALTIME_WIRE_PROTOCOL)
    error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                         _ ("The Realtime API breaks the WebSocket protocol (%s)"), reason);
  else if (how == GST_REALTIME_WIRE_LOST || code == GST_REALTIME_WIRE_CLOSE_NO_STATUS)
    error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                         _ ("The connection to the Realtime API was lost"));
  else
    error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                         _ ("The Realtime API closed the connection (%u%s%s)"), code,
                         *reason != '\0' ? ": " : "", reason);
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (self), code, error);
}

static const GstRealtimeWireListener wire_listener = { on_message, on_ended };

/* libsoup's connection begins to read as soon as it is made; what it read
 * would be lost to us. There is no call for that, but its source can be found.
 *
 * Returns: whether it has been stopped */
static gboolean
stop_reading (SoupWebsocketConnection *connection)
{
  GSource *source = g_main_context_find_source_by_user_data (g_main_context_get_thread_default (),
                                                             connection);

  if (source == NULL)
    return FALSE;
  g_source_destroy (source);
  return TRUE;
}

/* One line that says what to do about @status at the upgrade. */
static GError *
error_from_status (guint status)
{
  switch (status)
    {
    case SOUP_STATUS_UNAUTHORIZED:
      return g_error_new (
          GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
          _ ("The Realtime API refuses the API key (HTTP 401): check OPENAI_API_KEY "
             "or the property 'api-key'"));
    case SOUP_STATUS_FORBIDDEN:
      return g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
                          _ ("The account may not use the Realtime API or this model (HTTP 403): "
                             "check the key's project and the property 'model'"));
    case SOUP_STATUS_NOT_FOUND:
      return g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
                          _ ("No Realtime API or no such model there (HTTP 404): check the "
                             "properties 'base-url' and 'model'"));
    case 429: /* too many requests; libsoup has no name for it */
      return g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY,
                          _ ("The Realtime API accepts no more sessions now (HTTP 429): try again "
                             "later or raise the account's limits"));
    default:
      /* What it finds wrong with the request it would find again. */
      return g_error_new (GST_RESOURCE_ERROR,
                          status >= 400 && status < 500 ? GST_RESOURCE_ERROR_SETTINGS
                                                        : GST_RESOURCE_ERROR_OPEN_READ_WRITE,
                          _ ("The Realtime API refuses the connection (HTTP %u): check the "
                             "properties 'base-url' and 'model'"),
                          status);
    }
}

static gboolean
is_encrypted (const char *url)
{
  return g_ascii_strncasecmp (url, "wss:", 4) == 0 || g_ascii_strncasecmp (url, "https:", 6) == 0;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GstRealtimeSoup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) connection =
      soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GError) reason = NULL;
  guint status;

  /* close() came first, or another open(). */
  if (self->session != SOUP_SESSION (source))
    {
      if (connection != NULL)
        soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
      return;
    }

  message = g_steal_pointer (&self->message);
  clear_deadline (self);
  if (connection != NULL)
    {
      GIOStream *stream = soup_websocket_connection_get_io_stream (connection);

      if (!stop_reading (connection))
        {
          reason = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                                _ ("This element can't work with libsoup %u.%u.%u: report it, and "
                                   "use another version"),
                                soup_get_major_version (), soup_get_minor_version (),
                                soup_get_micro_version ());
          gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (self), 0, reason);
          return;
        }
      self->connection = g_steal_pointer (&connection);
      self->wire = gst_realtime_wire_new (stream, self->socket, is_encrypted (self->url),
                                          &wire_listener, self);
      /* It has done its work, and keeps a source in the main loop. */
      g_clear_object (&self->session);
      gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (self));
      return;
    }

  status = soup_message_get_status (message);
  if (self->timed_out)
    reason = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE,
                          _ ("The Realtime API did not answer within %d s: check the network and "
                             "the property 'base-url'"),
                          CONNECT_SECONDS);
  else if (status >= 300)
    reason = error_from_status (status);
  else
    reason = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE,
                          _ ("The Realtime API can't be reached (%s): check the network and the "
                             "property 'base-url'"),
                          error->message);
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (self), status, reason);
}

static void
add_headers (GstRealtimeSoup *self, SoupMessageHeaders *headers)
{
  if (self->api_key != NULL && *self->api_key != '\0' && self->key_header != NULL)
    soup_message_headers_replace (headers, self->key_header, self->api_key);
  else if (self->api_key != NULL)
    {
      g_autofree char *value = g_strconcat ("Bearer ", self->api_key, NULL);

      soup_message_headers_replace (headers, "Authorization", value);
    }
  for (int i = 0; self->headers != NULL && i < gst_structure_n_fields (self->headers); i++)
    {
      const char *name = gst_structure_nth_field_name (self->headers, i);

      soup_message_headers_replace (headers, name, gst_structure_get_string (self->headers, name));
    }
}

static void
gst_realtime_soup_open (GstRealtimeTransport *transport)
{
  GstRealtimeSoup *self = GST_REALTIME_SOUP (transport);

  gst_realtime_transport_close (transport, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);

  self->session = soup_session_new ();
  self->cancellable = g_cancellable_new ();
  self->timed_out = FALSE;
  self->message = soup_message_new (SOUP_METHOD_GET, self->url);
  add_headers (self, soup_message_get_request_headers (self->message));
  /* Base64 audio hardly shrinks: compression would cost time for nothing. */
  soup_message_disable_feature (self->message, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  g_signal_connect_object (self->message, "network-event", G_CALLBACK (on_network_event), self, 0);

  self->deadline = g_timeout_source_new_seconds (CONNECT_SECONDS);
  g_source_set_callback (self->deadline, on_deadline, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());

  soup_session_websocket_connect_async (self->session, self->message, NULL, NULL,
                                        G_PRIORITY_DEFAULT, self->cancellable, on_connected,
                                        g_object_ref (self));
}

static gboolean
gst_realtime_soup_send (GstRealtimeTransport *transport, const char *text, gsize size)
{
  GstRealtimeSoup *self = GST_REALTIME_SOUP (transport);

  return self->wire != NULL && gst_realtime_wire_send (self->wire, text, size);
}

/* What a connection needs to say goodbye after its transport has let go. */
typedef struct
{
  SoupWebsocketConnection *connection;
  GstRealtimeWire *wire;
  GstRealtimeIo *hold;
  GSource *timeout;
} Farewell;

static void
farewell_end (Farewell *farewell)
{
  g_source_destroy (farewell->timeout);
  g_source_unref (farewell->timeout);
  gst_realtime_wire_cut (farewell->wire);
  gst_realtime_wire_unref (farewell->wire);
  g_object_unref (farewell->connection);
  g_clear_pointer (&farewell->hold, gst_realtime_io_unref);
  g_free (farewell);
}

static void
on_farewell_message (gpointer user_data, const char *text, gsize size)
{
}

static void
on_farewell_ended (gpointer user_data, GstRealtimeWireEnd how, guint code, const char *why)
{
  farewell_end (user_data);
}

static const GstRealtimeWireListener farewell_listener = { on_farewell_message, on_farewell_ended };

static gboolean
on_farewell_timeout (gpointer user_data)
{
  farewell_end (user_data);
  return G_SOURCE_REMOVE;
}

static void
say_farewell (SoupWebsocketConnection *connection,
              GstRealtimeWire *wire,
              guint code,
              const char *reason)
{
  Farewell *farewell = g_new0 (Farewell, 1);

  farewell->connection = g_object_ref (connection);
  farewell->wire = gst_realtime_wire_ref (wire);
  farewell->hold = gst_realtime_io_hold_current ();
  farewell->timeout = g_timeout_source_new_seconds (LINGER_SECONDS);
  g_source_set_callback (farewell->timeout, on_farewell_timeout, farewell, NULL);
  g_source_attach (farewell->timeout, g_main_context_get_thread_default ());
  gst_realtime_wire_set_listener (wire, &farewell_listener, farewell);
  gst_realtime_wire_close (wire, code, reason);
}

static void
gst_realtime_soup_close (GstRealtimeTransport *transport, guint code, const char *reason)
{
  GstRealtimeSoup *self = GST_REALTIME_SOUP (transport);
  g_autoptr (SoupSession) session = g_steal_pointer (&self->session);
  g_autoptr (SoupWebsocketConnection) connection = g_steal_pointer (&self->connection);
  g_autoptr (GstRealtimeWire) wire = g_steal_pointer (&self->wire);
  g_autoptr (GCancellable) cancellable = g_steal_pointer (&self->cancellable);

  clear_deadline (self);
  g_clear_object (&self->message);
  g_clear_object (&self->socket);

  if (wire != NULL)
    say_farewell (connection, wire, code, reason);
  else
    {
      if (cancellable != NULL)
        g_cancellable_cancel (cancellable);
      if (session != NULL)
        soup_session_abort (session);
    }
}

static GstRealtimeTransport *
gst_realtime_soup_clone (GstRealtimeTransport *transport)
{
  GstRealtimeSoup *self = GST_REALTIME_SOUP (transport);
  GstRealtimeSoup *clone = gst_realtime_soup_new (self->url, self->api_key);

  gst_realtime_soup_set_headers (clone, self->key_header, self->headers);
  return GST_REALTIME_TRANSPORT (clone);
}

static gsize
gst_realtime_soup_get_waiting (GstRealtimeTransport *transport)
{
  GstRealtimeSoup *self = GST_REALTIME_SOUP (transport);

  return self->wire != NULL ? gst_realtime_wire_get_waiting (self->wire) : 0;
}

static void
gst_realtime_soup_iface_init (GstRealtimeTransportInterface *iface)
{
  iface->clone = gst_realtime_soup_clone;
  iface->get_waiting = gst_realtime_soup_get_waiting;
  iface->open = gst_realtime_soup_open;
  iface->send = gst_realtime_soup_send;
  iface->close = gst_realtime_soup_close;
}

static void
gst_realtime_soup_dispose (GObject *object)
{
  gst_realtime_soup_close (GST_REALTIME_TRANSPORT (object), SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  G_OBJECT_CLASS (gst_realtime_soup_parent_class)->dispose (object);
}

static void
gst_realtime_soup_finalize (GObject *object)
{
  GstRealtimeSoup *self = GST_REALTIME_SOUP (object);

  g_free (self->url);
  g_free (self->key_header);
  g_clear_pointer (&self->headers, gst_structure_free);
  g_free (self->api_key);
  G_OBJECT_CLASS (gst_realtime_soup_parent_class)->finalize (object);
}

static void
gst_realtime_soup_class_init (GstRealtimeSoupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_realtime_soup_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_realtime_soup_finalize;
}

static void
gst_realtime_soup_init (GstRealtimeSoup *self)
{
}

/**
 * gst_realtime_soup_new:
 * @url: ws: or wss: with everything in it
 * @api_key: (nullable): sent as a bearer token
 */
GstRealtimeSoup *
gst_realtime_soup_new (const char *url, const char *api_key)
{
  GstRealtimeSoup *self = g_object_new (GST_TYPE_REALTIME_SOUP, NULL);

  self->url = g_strdup (url);
  self->api_key = g_strdup (api_key);
  return self;
}

/**
 * gst_realtime_soup_set_headers:
 * @key_header: (nullable): name of the header that carries the key as it
 *   stands; %NULL: Authorization, with "Bearer " before it
 * @headers: (nullable): further ones, all strings; they win over the key's
 *
 * Before the first open.
 */
void
gst_realtime_soup_set_headers (GstRealtimeSoup *self,
                               const char *key_header,
                               const GstStructure *headers)
{
  g_free (self->key_header);
  self->key_header = g_strdup (key_header);
  g_clear_pointer (&self->headers, gst_structure_free);
  if (headers != NULL)
    self->headers = gst_structure_copy (headers);
}
