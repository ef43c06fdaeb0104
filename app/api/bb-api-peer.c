/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Handed to libsoup at once, so that small messages share a turn of the loop. */
#define CHUNK_BYTES (64 * 1024)
/* A few frames of sound: what the network holds back must not be old. */
#define AUDIO_CHUNK_BYTES 4096
#define AUDIO_SEND_BUFFER (16 * 1024)
/* Clients have little to say: words and 20 ms of sound at a time. */
#define MAX_INCOMING_BYTES 4096
#define KEEPALIVE_SECONDS 15
/* Unacknowledged for so long, a peer is gone (tcp(7), TCP_USER_TIMEOUT). */
#define DEAD_PEER_MS 30000

/*
 * One client of a WebSocket. libsoup's queue of outgoing frames has no bound,
 * so messages wait here and go to libsoup only when it has written all it was
 * given: its own write source has default priority, ours a lower one, and the
 * loop never dispatches a lower priority while a higher one is ready. So ours
 * runs exactly when the stream takes bytes and libsoup has none left.
 */
struct _BbApiPeer
{
  SoupWebsocketConnection *websocket;
  GSocket *socket;
  BbApiPeerKind kind;
  GQueue queue;    /* of Waiting */
  gsize queued;    /* bytes in it */
  guint n_frames;  /* binary messages in it */
  guint n_dropped; /* that never were sent */
  GSource *writable;
  gboolean dropped;
  BbApiPeerMessage message;
  BbApiPeerClosed closed;
  gpointer user_data;
};

typedef struct
{
  GBytes *bytes;
  gboolean is_binary;
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  g_bytes_unref (waiting->bytes);
  g_free (waiting);
}

/* Takes it out of the queue. */
static void
forget (BbApiPeer *self, GList *link)
{
  Waiting *waiting = link->data;

  self->queued -= g_bytes_get_size (waiting->bytes);
  self->n_frames -= waiting->is_binary ? 1 : 0;
  g_queue_delete_link (&self->queue, link);
  waiting_free (waiting);
}

static gboolean
on_writable (GPollableOutputStream *stream, gpointer user_data)
{
  BbApiPeer *self = user_data;
  const gsize chunk = self->kind == BB_API_PEER_AUDIO ? AUDIO_CHUNK_BYTES : CHUNK_BYTES;
  gsize given = 0;

  while (given < chunk && self->queue.length > 0)
    {
      Waiting *waiting = g_queue_peek_head (&self->queue);

      given += g_bytes_get_size (waiting->bytes);
      soup_websocket_connection_send_message (
        self->websocket, waiting->is_binary ? SOUP_WEBSOCKET_DATA_BINARY : SOUP_WEBSOCKET_DATA_TEXT,
        waiting->bytes);
      forget (self, self->queue.head);
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
  g_queue_clear_full (&self->queue, waiting_free);
  self->queued = 0;
  self->n_frames = 0;
  bb_api_socket_abort (self->socket);
}

static gboolean
push (BbApiPeer *self, GBytes *bytes, gboolean is_binary)
{
  Waiting *waiting;

  if (self->dropped
      || soup_websocket_connection_get_state (self->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return FALSE;
  waiting = g_new0 (Waiting, 1);
  waiting->bytes = g_bytes_ref (bytes);
  waiting->is_binary = is_binary;
  g_queue_push_tail (&self->queue, waiting);
  self->queued += g_bytes_get_size (bytes);
  self->n_frames += is_binary ? 1 : 0;
  watch_writable (self);
  return TRUE;
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
  if (!push (self, text, FALSE))
    return;
  if (self->queue.length > BB_API_PEER_QUEUE_MESSAGES
      || self->queued - g_bytes_get_size (((Waiting *)self->queue.head->data)->bytes)
           > BB_API_PEER_QUEUE_BYTES)
    {
      g_message ("a client of the API reads too slowly and is dropped: %u messages waited",
                 self->queue.length);
      drop (self);
    }
}

/**
 * bb_api_peer_send_frame:
 * @self: the client
 * @frame: sound
 */
void
bb_api_peer_send_frame (BbApiPeer *self, GBytes *frame)
{
  if (!push (self, frame, TRUE))
    return;
  for (GList *link = self->queue.head; link != NULL && self->n_frames > BB_API_PEER_QUEUE_FRAMES;)
    {
      GList *next = link->next;

      if (((Waiting *)link->data)->is_binary)
        {
          forget (self, link);
          self->n_dropped++;
        }
      link = next;
    }
}

guint
bb_api_peer_get_n_dropped (BbApiPeer *self)
{
  return self->n_dropped;
}

guint
bb_api_peer_get_n_waiting (BbApiPeer *self)
{
  return self->queue.length;
}

void
bb_api_peer_close (BbApiPeer *self, gushort code, const char *reason)
{
  if (self->dropped
      || soup_websocket_connection_get_state (self->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;
  unwatch_writable (self);
  g_queue_clear_full (&self->queue, waiting_free);
  self->queued = 0;
  self->n_frames = 0;
  soup_websocket_connection_close (self->websocket, code, reason);
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *bytes, gpointer user_data)
{
  BbApiPeer *self = user_data;

  self->message (self, bytes, type == SOUP_WEBSOCKET_DATA_BINARY, self->user_data);
}

static void
on_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  BbApiPeer *self = user_data;

  self->closed (self, self->user_data);
}

/**
 * bb_api_peer_new:
 * @kind: what it is for
 * @stream: of the upgraded connection
 * @socket: below it
 * @uri: what was asked for
 * @message: (nullable): called with what the client sends; %NULL: ignored
 * @closed: called once, when the connection is gone: free the peer then
 * @user_data: for @message and @closed
 */
BbApiPeer *
bb_api_peer_new (BbApiPeerKind kind,
                 GIOStream *stream,
                 GSocket *socket,
                 GUri *uri,
                 BbApiPeerMessage message,
                 BbApiPeerClosed closed,
                 gpointer user_data)
{
  BbApiPeer *self = g_new0 (BbApiPeer, 1);

  self->kind = kind;
  self->message = message;
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
  if (kind == BB_API_PEER_AUDIO)
    g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, AUDIO_SEND_BUFFER, NULL);
  if (message != NULL)
    g_signal_connect (self->websocket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_closed), self);

  return self;
}

void
bb_api_peer_free (BbApiPeer *self)
{
  unwatch_writable (self);
  g_queue_clear_full (&self->queue, waiting_free);
  g_signal_handlers_disconnect_by_data (self->websocket, self);
  if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_clear_object (&self->websocket);
  g_clear_object (&self->socket);
  g_free (self);
}
