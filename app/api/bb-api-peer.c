/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Handed to libsoup at once, so that small messages share a turn of the loop. */
#define CHUNK_BYTES (64 * 1024)
/* Clients have nothing to say on this socket yet. */
#define MAX_INCOMING_BYTES 4096
#define KEEPALIVE_SECONDS 15
/* Unacknowledged for so long, a peer is gone (tcp(7), TCP_USER_TIMEOUT). */
#define DEAD_PEER_MS 30000

/*
 * One client of /v1/events. libsoup's queue of outgoing frames has no bound,
 * so messages wait here and go to libsoup only when it has written all it was
 * given: its own write source has default priority, ours a lower one, and the
 * loop never dispatches a lower priority while a higher one is ready. So ours
 * runs exactly when the stream takes bytes and libsoup has none left.
 */
struct _BbApiPeer
{
  SoupWebsocketConnection *websocket;
  GSocket *socket;
  GQueue queue; /* of GBytes */
  gsize queued; /* bytes in it */
  GSource *writable;
  gboolean dropped;
  BbApiPeerClosed closed;
  gpointer user_data;
};

static gboolean
on_writable (GPollableOutputStream *stream, gpointer user_data)
{
  BbApiPeer *self = user_data;
  gsize given = 0;

  while (given < CHUNK_BYTES && self->queue.length > 0)
    {
      g_autoptr (GBytes) text = g_queue_pop_head (&self->queue);

      self->queued -= g_bytes_get_size (text);
      given += g_bytes_get_size (text);
      soup_websocket_connection_send_message (self->websocket, SOUP_WEBSOCKET_DATA_TEXT, text);
    }
  if (self->queue.length > 0)
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->writable, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
watch_writable (BbApiPeer *self)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->websocket);
  GOutputStream *output = g_io_stream_get_output_stream (stream);

  if (self->writable != NULL)
    return;
  self->writable
    = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_source_set_priority (self->writable, G_PRIORITY_DEFAULT + 10);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->writable, g_main_context_get_thread_default ());
}

static void
unwatch_writable (BbApiPeer *self)
{
  if (self->writable != NULL)
    g_source_destroy (self->writable);
  g_clear_pointer (&self->writable, g_source_unref);
}

/**
 * bb_api_socket_abort:
 * @socket: of a connection
 *
 * With a linger time of 0 the kernel sends RST and frees its buffers
 * (socket(7), SO_LINGER). libsoup finds the socket closed and cleans up.
 */
void
bb_api_socket_abort (GSocket *socket)
{
  const struct linger now = { .l_onoff = 1, .l_linger = 0 };

  if (g_socket_is_closed (socket))
    return;
  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  g_socket_close (socket, NULL);
}

/* A polite close would wait behind what the client does not read. */
static void
drop (BbApiPeer *self)
{
  self->dropped = TRUE;
  unwatch_writable (self);
  g_queue_clear_full (&self->queue, (GDestroyNotify)g_bytes_unref);
  self->queued = 0;
  bb_api_socket_abort (self->socket);
}

/**
 * bb_api_peer_send:
 * @self: the client
 * @text: a message, UTF-8 JSON
 *
 * Drops the client when too much waits for it: it comes back and resumes, or
 * gets a new snapshot.
 */
void
bb_api_peer_send (BbApiPeer *self, GBytes *text)
{
  if (self->dropped
      || soup_websocket_connection_get_state (self->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  g_queue_push_tail (&self->queue, g_bytes_ref (text));
  self->queued += g_bytes_get_size (text);
  if (self->queue.length > BB_API_PEER_QUEUE_MESSAGES
      || self->queued - g_bytes_get_size (self->queue.head->data) > BB_API_PEER_QUEUE_BYTES)
    {
      g_message ("a client of the events reads too slowly and is dropped: %u messages waited",
                 self->queue.length);
      drop (self);
      return;
    }
  watch_writable (self);
}

static void
on_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  BbApiPeer *self = user_data;

  self->closed (self, self->user_data);
}

/**
 * bb_api_peer_new:
 * @stream: of the upgraded connection
 * @socket: below it
 * @uri: what was asked for
 * @closed: called once, when the connection is gone: free the peer then
 * @user_data: for @closed
 */
BbApiPeer *
bb_api_peer_new (GIOStream *stream,
                 GSocket *socket,
                 GUri *uri,
                 BbApiPeerClosed closed,
                 gpointer user_data)
{
  BbApiPeer *self = g_new0 (BbApiPeer, 1);

  g_queue_init (&self->queue);
  self->socket = g_object_ref (socket);
  self->closed = closed;
  self->user_data = user_data;
  g_socket_set_timeout (socket, 0);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_PEER_MS, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  self->websocket = soup_websocket_connection_new (stream, uri, SOUP_WEBSOCKET_CONNECTION_SERVER,
                                                   NULL, NULL, NULL);
  soup_websocket_connection_set_max_incoming_payload_size (self->websocket, MAX_INCOMING_BYTES);
  soup_websocket_connection_set_keepalive_interval (self->websocket, KEEPALIVE_SECONDS);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_closed), self);

  return self;
}

void
bb_api_peer_free (BbApiPeer *self)
{
  unwatch_writable (self);
  g_queue_clear_full (&self->queue, (GDestroyNotify)g_bytes_unref);
  g_signal_handlers_disconnect_by_data (self->websocket, self);
  if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_clear_object (&self->websocket);
  g_clear_object (&self->socket);
  g_free (self);
}
