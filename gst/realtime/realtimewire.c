/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The frames of a WebSocket (RFC 6455) that is open: the client's side, text
 * messages only.
 *
 * libsoup makes the connection; its frames are not used, because they cost
 * several times what the rest of a session does (a source made and destroyed,
 * a GError and copies for each message, and no way to know what is still
 * queued). What is sent is masked straight into the socket's buffer; what is
 * received is parsed where it was read.
 *
 * The outgoing queue is bounded: while more than
 * GST_REALTIME_WIRE_MAX_WAITING bytes wait, or when the peer has taken none
 * of them for STALL_US, the connection counts as stalled and ends; so it does
 * when a peer that answers pings answers none any more (SILENT_US). Audio must
 * not be late by minutes, and nothing may be left out of it silently.
 */
#include "config.h"

#include "realtimewire.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "realtimeio.h"

/* Events of several megabytes occur. */
#define MAX_MESSAGE (32 * 1024 * 1024)
#define READ_SIZE   16384
#define KEEP_BUFFER (256 * 1024) /* larger buffers are given back */
#define PING_US     (5 * G_USEC_PER_SEC)
/* A peer that has answered a ping before and says nothing for so long, to the
 * next two neither, is dead, though its TCP may be alive. */
#define SILENT_US   (12 * G_USEC_PER_SEC)
#define STALL_US    (10 * G_USEC_PER_SEC)
#define MAX_HEAD    14
#define MAX_CONTROL 125

enum
{
  OP_CONTINUATION = 0x0,
  OP_TEXT = 0x1,
  OP_BINARY = 0x2,
  OP_CLOSE = 0x8,
  OP_PING = 0x9,
  OP_PONG = 0xa,
};

struct _GstRealtimeWire
{
  int ref_count; /* one thread */
  GIOStream *stream;
  GPollableInputStream *input;
  GPollableOutputStream *output;
  gboolean is_tls; /* records may wait in it when the socket has nothing more */
  GSocket *socket;
  GstRealtimeWatch *watch;
  GstRealtimeWireListener listener;
  gpointer user_data;

  GByteArray *in;    /* read, not parsed; a NUL fits behind */
  guint in_size;     /* the most that in had to hold */
  GByteArray *parts; /* of a fragmented message */
  gboolean fragmented, text_parts;

  GByteArray *out; /* frames, masked, that were not taken */
  gsize attempted; /* bytes of out that TLS has seen: to be offered again as they are */
  gint64 taken_us; /* when the peer last took something, or nothing waited */
  gint64 ping_us;  /* when the next ping is due */
  gint64 heard_us; /* when the peer last sent anything */
  gboolean answers; /* pings */

  gboolean primed; /* what was read beyond the handshake has been looked for */
  gboolean close_sent;
  gboolean ended; /* nothing is sent or read any more; how it came to that: */
  GstRealtimeWireEnd how;
  guint code;
  char *reason;
};

/* ---- the end ----------------------------------------------------------- */

/* It is told from the main loop, never to somebody who is just sending. */
static void
end (GstRealtimeWire *self, GstRealtimeWireEnd how, guint code, const char *reason)
{
  if (self->ended)
    return;
  self->ended = TRUE;
  self->how = how;
  self->code = code;
  self->reason = g_strdup (reason);
  gst_realtime_watch_set_due (self->watch, g_get_monotonic_time ());
}

static void
tell_end (GstRealtimeWire *self)
{
  g_clear_pointer (&self->watch, gst_realtime_watch_free);
  self->listener.ended (self->user_data, self->how, self->code, self->reason);
}

static void
set_due (GstRealtimeWire *self)
{
  gint64 due = self->close_sent ? G_MAXINT64 : self->ping_us;

  if (self->out->len > 0)
    due = MIN (due, self->taken_us + STALL_US);
  if (self->answers)
    due = MIN (due, self->heard_us + SILENT_US);
  gst_realtime_watch_set_due (self->watch, due);
}

/* ---- sending ----------------------------------------------------------- */

/* Copies @size bytes, masked. Eight at a time. */
static void
mask_into (guint8 *to, const guint8 *from, gsize size, guint32 mask)
{
  guint64 wide = (guint64)mask << 32 | mask;
  gsize i = 0;

  for (; i + 8 <= size; i += 8)
    {
      guint64 piece;

      memcpy (&piece, from + i, 8);
      piece ^= wide;
      memcpy (to + i, &piece, 8);
    }
  for (; i < size; i++)
    to[i] = from[i] ^ ((guint8 *)&mask)[i & 3];
}

/* Appends one frame to out. */
static void
add_frame (GstRealtimeWire *self, guint8 opcode, const guint8 *data, gsize size)
{
  guint32 mask = g_random_int ();
  guint8 head[MAX_HEAD] = { 0x80 | opcode };
  guint n = 2, at = self->out->len;

  if (size < 126)
    head[1] = 0x80 | size;
  else if (size < 65536)
    {
      head[1] = 0x80 | 126;
      head[2] = size >> 8;
      head[3] = size;
      n = 4;
    }
  else
    {
      head[1] = 0x80 | 127;
      for (guint i = 0; i < 8; i++)
        head[2 + i] = (guint64)size >> (8 * (7 - i));
      n = 10;
    }
  memcpy (head + n, &mask, 4);
  n += 4;
  g_byte_array_set_size (self->out, at + n + size);
  memcpy (self->out->data + at, head, n);
  mask_into (self->out->data + at + n, data, size, mask);
}

/* Offers what waits to the socket. Returns: %FALSE when the wire has ended */
static gboolean
flush (GstRealtimeWire *self)
{
  gsize done = 0;
  gboolean blocked = FALSE;

  while (done < self->out->len && !blocked)
    {
      g_autoptr (GError) error = NULL;
      gsize size = self->attempted > 0 ? self->attempted : self->out->len - done;
      gssize n = g_pollable_output_stream_write_nonblocking (self->output, self->out->data + done,
                                                             size, NULL, &error);

      if (n >= 0)
        {
          blocked = !self->is_tls && (gsize)n < size;
          done += n;
          self->attempted = 0;
        }
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          blocked = TRUE;
          self->attempted = self->is_tls ? size : 0;
        }
      else
        {
          end (self, GST_REALTIME_WIRE_LOST, 0, error->message);
          return FALSE;
        }
    }
  if (done == self->out->len)
    {
      g_byte_array_set_size (self->out, 0);
      if (done > KEEP_BUFFER)
        {
          g_byte_array_unref (self->out);
          self->out = g_byte_array_new ();
        }
    }
  else if (done > 0)
    g_byte_array_remove_range (self->out, 0, done);
  return TRUE;
}

/* After flush: what is to be waited for. */
static void
watch_output (GstRealtimeWire *self, gboolean progress)
{
  if (progress || self->out->len == 0)
    self->taken_us = g_get_monotonic_time ();
  gst_realtime_watch_set_condition (self->watch,
                                    self->out->len > 0 ? G_IO_IN | G_IO_OUT : G_IO_IN);
  set_due (self);
}

static void
stalled (GstRealtimeWire *self)
{
  g_autofree char *reason = g_strdup_printf (
      _ ("it has not taken what we send for %d s; %u kB wait"),
      (int)((g_get_monotonic_time () - self->taken_us) / G_USEC_PER_SEC), self->out->len / 1000);

  end (self, GST_REALTIME_WIRE_STALLED, 0, reason);
}

/* Returns: whether it was taken, by the socket or into the queue */
static gboolean
send_frame (GstRealtimeWire *self, guint8 opcode, const guint8 *data, gsize size)
{
  gsize waited = self->out->len;

  if (self->ended || self->close_sent)
    return FALSE;
  add_frame (self, opcode, data, size);
  if (waited > 0)
    return TRUE; /* the watch says when there is room */
  if (!flush (self))
    return FALSE;
  if (self->out->len > 0)
    watch_output (self, TRUE);
  return TRUE;
}

/**
 * gst_realtime_wire_send:
 *
 * Sends a text message. It goes into the socket at once or, when that is full,
 * into the queue; if the queue is full too, the wire ends as stalled.
 *
 * Returns: %FALSE: nothing of it is sent, the wire has ended or was closed
 */
gboolean
gst_realtime_wire_send (GstRealtimeWire *self, const char *text, gsize size)
{
  if (!self->ended && self->out->len > GST_REALTIME_WIRE_MAX_WAITING)
    {
      stalled (self);
      return FALSE;
    }
  return send_frame (self, OP_TEXT, (const guint8 *)text, size);
}

/* Bytes that wait in the queue, frames' heads included. */
gsize
gst_realtime_wire_get_waiting (GstRealtimeWire *self)
{
  return self->out->len;
}

static void
send_close (GstRealtimeWire *self, guint code, const char *reason)
{
  guint8 data[MAX_CONTROL] = { code >> 8, code };
  gsize size = reason != NULL ? strlen (reason) : 0;

  /* Not in the middle of a character. */
  while (size > sizeof data - 2 || (size > 0 && reason[size] != '\0' && ((guchar)reason[size] & 0xc0) == 0x80))
    size--;
  if (size > 0)
    memcpy (data + 2, reason, size);
  send_frame (self, OP_CLOSE, data, size + 2);
  self->close_sent = TRUE;
  if (!self->ended)
    set_due (self);
}

/**
 * gst_realtime_wire_close:
 *
 * Says goodbye; "ended" follows when the peer has answered. Whoever doesn't
 * want to wait for that lets go.
 */
void
gst_realtime_wire_close (GstRealtimeWire *self, guint code, const char *reason)
{
  if (!self->ended && !self->close_sent)
    send_close (self, code, reason);
}

/* Ends it at once, without a word to the peer or the listener. */
void
gst_realtime_wire_cut (GstRealtimeWire *self)
{
  self->ended = TRUE;
  g_clear_pointer (&self->watch, gst_realtime_watch_free);
}

/* ---- receiving --------------------------------------------------------- */

static void
protocol_error (GstRealtimeWire *self, guint code, const char *reason)
{
  send_close (self, code, NULL);
  end (self, GST_REALTIME_WIRE_PROTOCOL, 0, reason);
}

/* @data: may be written behind its end, where the caller keeps what was there */
static void
deliver (GstRealtimeWire *self, guint8 *data, gsize size)
{
  guint8 behind = data[size];

  data[size] = '\0';
  self->listener.message (self->user_data, (const char *)data, size);
  data[size] = behind;
}

static void
on_close_frame (GstRealtimeWire *self, const guint8 *data, gsize size)
{
  guint code = size >= 2 ? data[0] << 8 | data[1] : GST_REALTIME_WIRE_CLOSE_NO_STATUS;
  g_autofree char *reason =
      size > 2 ? g_utf8_make_valid ((const char *)data + 2, size - 2) : g_strdup ("");

  if (size == 1)
    {
      protocol_error (self, GST_REALTIME_WIRE_CLOSE_PROTOCOL, "half a close code");
      return;
    }
  if (!self->close_sent)
    send_close (self, size >= 2 ? code : GST_REALTIME_WIRE_CLOSE_NORMAL, NULL);
  end (self, GST_REALTIME_WIRE_CLOSED, code, reason);
}

/* One whole frame. */
static void
on_frame (GstRealtimeWire *self, guint8 opcode, gboolean fin, guint8 *data, gsize size)
{
  switch (opcode)
    {
    case OP_CLOSE:
      on_close_frame (self, data, size);
      break;
    case OP_PING:
      send_frame (self, OP_PONG, data, size);
      break;
    case OP_PONG:
      self->answers = TRUE;
      break;
    case OP_TEXT:
    case OP_BINARY:
      if (self->fragmented)
        protocol_error (self, GST_REALTIME_WIRE_CLOSE_PROTOCOL, "a message inside a message");
      else if (fin && opcode == OP_TEXT)
        deliver (self, data, size);
      else if (!fin)
        {
          self->fragmented = TRUE;
          self->text_parts = opcode == OP_TEXT;
          g_byte_array_set_size (self->parts, 0);
          g_byte_array_append (self->parts, data, size);
        }
      /* The protocol knows no binary messages. */
      break;
    default: /* OP_CONTINUATION; the rest were refused */
      if (!self->fragmented)
        protocol_error (self, GST_REALTIME_WIRE_CLOSE_PROTOCOL, "a fragment of nothing");
      else if (self->parts->len + size > MAX_MESSAGE)
        protocol_error (self, GST_REALTIME_WIRE_CLOSE_TOO_BIG, "a message of more than 32 MiB");
      else
        {
          g_byte_array_append (self->parts, data, size);
          self->fragmented = !fin;
          if (fin && self->text_parts)
            {
              g_autoptr (GByteArray) whole = g_steal_pointer (&self->parts);

              self->parts = g_byte_array_new ();
              g_byte_array_set_size (whole, whole->len + 1);
              deliver (self, whole->data, whole->len - 1);
            }
        }
    }
}

/* Returns: bytes of the frame at @data; 0: more is needed, or the wire has ended */
static gsize
parse_frame (GstRealtimeWire *self, guint8 *data, gsize size)
{
  gsize head = 2;
  guint64 length;
  guint8 opcode;

  if (size < 2)
    return 0;
  opcode = data[0] & 0x0f;
  length = data[1] & 0x7f;
  /* No extension was agreed on, and a server does not mask. */
  if ((data[0] & 0x70) != 0 || (data[1] & 0x80) != 0 || (opcode > OP_BINARY && opcode < OP_CLOSE) ||
      opcode > OP_PONG || (opcode >= OP_CLOSE && (length > MAX_CONTROL || !(data[0] & 0x80))))
    {
      protocol_error (self, GST_REALTIME_WIRE_CLOSE_PROTOCOL, "a frame that RFC 6455 forbids");
      return 0;
    }
  if (length == 126)
    {
      head = 4;
      if (size < head)
        return 0;
      length = data[2] << 8 | data[3];
    }
  else if (length == 127)
    {
      head = 10;
      if (size < head)
        return 0;
      length = 0;
      for (guint i = 2; i < 10; i++)
        length = length << 8 | data[i];
    }
  if (length > MAX_MESSAGE)
    {
      protocol_error (self, GST_REALTIME_WIRE_CLOSE_TOO_BIG, "a message of more than 32 MiB");
      return 0;
    }
  if (size < head + length)
    return 0;
  on_frame (self, opcode, (data[0] & 0x80) != 0, data + head, length);
  return head + length;
}

/* Frames that are whole; what is left of them moves to the front. */
static void
parse (GstRealtimeWire *self)
{
  gsize used = 0, n;

  while (!self->ended && (n = parse_frame (self, self->in->data + used, self->in->len - used)) > 0)
    used += n;
  if (used == self->in->len)
    g_byte_array_set_size (self->in, 0);
  else if (used > 0)
    g_byte_array_remove_range (self->in, 0, used);
}

static void
receive (GstRealtimeWire *self)
{
  gboolean more = TRUE;

  self->primed = TRUE;
  self->heard_us = g_get_monotonic_time ();
  while (more && !self->ended)
    {
      g_autoptr (GError) error = NULL;
      guint at = self->in->len, room = MAX (READ_SIZE, at);
      gssize n;

      /* A byte is left for the NUL behind the last message. */
      g_byte_array_set_size (self->in, at + room + 1);
      self->in_size = MAX (self->in_size, at + room + 1);
      n = g_pollable_input_stream_read_nonblocking (self->input, self->in->data + at, room, NULL,
                                                    &error);
      g_byte_array_set_size (self->in, at + MAX (n, 0));
      /* The watch would tell of more; of what TLS holds it can't. */
      more = self->is_tls || n == (gssize)room;
      if (n > 0)
        parse (self);
      else if (n == 0)
        end (self, GST_REALTIME_WIRE_LOST, 0, _ ("it ended without a goodbye"));
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      else
        end (self, GST_REALTIME_WIRE_LOST, 0, error->message);
    }
  if (self->in->len == 0 && self->in_size > KEEP_BUFFER)
    {
      g_byte_array_unref (self->in);
      self->in = g_byte_array_new ();
      self->in_size = 0;
    }
}

static void
silent (GstRealtimeWire *self, gint64 now)
{
  g_autofree char *reason = g_strdup_printf (_ ("it has not answered for %d s"),
                                             (int)((now - self->heard_us) / G_USEC_PER_SEC));

  end (self, GST_REALTIME_WIRE_STALLED, 0, reason);
}

static void
on_watch (gpointer user_data, GIOCondition condition)
{
  GstRealtimeWire *self = gst_realtime_wire_ref (user_data);
  gint64 now;

  if (!self->ended && (!self->primed || (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))))
    receive (self);
  if (!self->ended && (condition & G_IO_OUT))
    {
      guint waited = self->out->len;

      if (flush (self))
        watch_output (self, self->out->len < waited);
    }
  if (!self->ended && condition == 0)
    {
      now = g_get_monotonic_time ();
      if (self->out->len > 0 && now >= self->taken_us + STALL_US)
        stalled (self);
      else if (self->answers && now >= self->heard_us + SILENT_US)
        silent (self, now);
      else if (now >= self->ping_us)
        {
          self->ping_us = now + PING_US;
          send_frame (self, OP_PING, NULL, 0);
        }
      if (!self->ended)
        set_due (self);
    }
  if (self->ended && self->watch != NULL)
    tell_end (self);
  gst_realtime_wire_unref (self);
}

/* ---- life -------------------------------------------------------------- */

/**
 * gst_realtime_wire_new:
 * @stream: a WebSocket that is open, read and written by nobody else
 * @socket: what carries it in the end
 * @is_tls: whether @stream encrypts
 *
 * To be used on the thread that calls this.
 *
 * Returns: (transfer full): the wire; it starts to read when the main loop runs
 */
GstRealtimeWire *
gst_realtime_wire_new (GIOStream *stream,
                       GSocket *socket,
                       gboolean is_tls,
                       const GstRealtimeWireListener *listener,
                       gpointer user_data)
{
  GstRealtimeWire *self = g_new0 (GstRealtimeWire, 1);

  self->ref_count = 1;
  self->stream = g_object_ref (stream);
  self->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  self->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  self->socket = g_object_ref (socket);
  self->is_tls = is_tls;
  self->listener = *listener;
  self->user_data = user_data;
  self->in = g_byte_array_new ();
  self->parts = g_byte_array_new ();
  self->out = g_byte_array_new ();
  self->taken_us = self->heard_us = g_get_monotonic_time ();
  self->ping_us = self->taken_us + PING_US;
  self->watch = gst_realtime_watch_new (gst_realtime_io_get_current_poller (),
                                        g_socket_get_fd (socket), on_watch, self);
  /* The first message may have come together with the handshake's answer. */
  gst_realtime_watch_set_due (self->watch, self->taken_us);
  return self;
}

GstRealtimeWire *
gst_realtime_wire_ref (GstRealtimeWire *self)
{
  self->ref_count++;
  return self;
}

/* The stream is left as it is: whoever made it closes it. */
void
gst_realtime_wire_unref (GstRealtimeWire *self)
{
  if (--self->ref_count > 0)
    return;
  g_clear_pointer (&self->watch, gst_realtime_watch_free);
  g_byte_array_unref (self->in);
  g_byte_array_unref (self->parts);
  g_byte_array_unref (self->out);
  g_object_unref (self->socket);
  g_object_unref (self->stream);
  g_free (self->reason);
  g_free (self);
}

/* Somebody else takes over what is told from now on. */
void
gst_realtime_wire_set_listener (GstRealtimeWire *self,
                                const GstRealtimeWireListener *listener,
                                gpointer user_data)
{
  self->listener = *listener;
  self->user_data = user_data;
}
