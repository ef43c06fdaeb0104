/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Caller audio of a Realtime session: sent as it comes, kept while there is
 * no connection, and sent again if the connection was lost before it was
 * answered.
 *
 *   sent ──► [ turn in the history ][ turn not answered yet ][ since then ]
 *                                    └── again after a loss ──────────────┘
 *   kept ──► [ came while there was no connection ]
 */
#include "config.h"

#include "realtimesession-private.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

#define MAX_APPEND_MS 100
/* Audio of one format in blocks of this length: a running call takes no memory. */
#define BLOCK_MS 500
/* Of what was kept so much is handed over at once; the rest when that has left,
 * so that a slow line is not taken for a dead one. */
#define MAX_WAITING (256 * 1024)
#define PACE_MS     20
/* Sent, but perhaps never heard by a service that went silent unnoticed. */
#define LOOK_BACK_MS 12000

typedef struct
{
  GstRealtimeFormat format;
  guint64 start_us; /* if sent: since the session's first audio */
  GByteArray *data;
} Block;

static guint
format_ms (GstRealtimeFormat format, gsize size)
{
  return size / gst_realtime_format_get_bytes_per_ms (format);
}

static guint64
format_us (GstRealtimeFormat format, gsize size)
{
  return (guint64)size * 1000 / gst_realtime_format_get_bytes_per_ms (format);
}

static Block *
block_new (GstRealtimeFormat format)
{
  Block *block = g_new0 (Block, 1);

  block->format = format;
  block->data =
      g_byte_array_sized_new (BLOCK_MS * gst_realtime_format_get_bytes_per_ms (format));
  return block;
}

static void
block_free (Block *block)
{
  g_byte_array_unref (block->data);
  g_free (block);
}

/* ---- what was sent ------------------------------------------------------ */

/* From here on what was sent may be needed again. */
static guint64
needed_from (GstRealtimeSession *self)
{
  guint64 now = self->sent_us;
  guint64 most = GST_REALTIME_SESSION_KEEP_MS * G_GUINT64_CONSTANT (1000);
  guint64 from = self->turn_end_us;

  if (self->turn != TURN_NONE)
    from = self->turn_start_us;
  else if (self->has_turn_detection)
    most = LOOK_BACK_MS * G_GUINT64_CONSTANT (1000);
  return MAX (from, now - MIN (now, most));
}

static void
remember_sent (GstRealtimeSession *self, GstRealtimeFormat format, const guint8 *data, gsize size)
{
  gsize room = BLOCK_MS * gst_realtime_format_get_bytes_per_ms (format);
  Block *block = g_queue_peek_tail (&self->sent);

  if (block == NULL || block->format != format || block->data->len + size > room)
    {
      guint64 from = needed_from (self);
      Block *oldest = g_queue_peek_head (&self->sent);

      block = NULL;
      while (oldest != NULL &&
             oldest->start_us + format_us (oldest->format, oldest->data->len) <= from)
        {
          g_queue_pop_head (&self->sent);
          if (block == NULL && oldest->format == format)
            block = oldest;
          else
            block_free (oldest);
          oldest = g_queue_peek_head (&self->sent);
        }
      if (block == NULL)
        block = block_new (format);
      g_byte_array_set_size (block->data, 0);
      block->start_us = self->sent_us;
      g_queue_push_tail (&self->sent, block);
    }
  g_byte_array_append (block->data, data, size);
  self->sent_us += format_us (format, size);
}

/* A new session counts from its own beginning. */
void
gst_realtime_session_forget_sent_audio (GstRealtimeSession *self)
{
  g_queue_clear_full (&self->sent, (GDestroyNotify)block_free);
  self->sent_us = 0;
  self->turn = TURN_NONE;
  self->turn_start_us = self->turn_end_us = 0;
  g_clear_pointer (&self->turn_item, g_free);
}

/* The whole samples of @block from @from_us on. Returns: their offset */
static gsize
block_offset (const Block *block, guint64 from_us)
{
  guint64 skip = from_us > block->start_us ? from_us - block->start_us : 0;
  gsize per_ms = gst_realtime_format_get_bytes_per_ms (block->format);

  return MIN (skip / 1000 * per_ms, block->data->len);
}

/* Returns: (transfer full) (nullable): what was sent between the two, in one format */
static GBytes *
copy_sent (GstRealtimeSession *self,
           guint64 from_us,
           guint64 to_us,
           GstRealtimeFormat *format)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (GList *l = self->sent.head; l != NULL; l = l->next)
    {
      const Block *block = l->data;
      gsize from = block_offset (block, from_us), to = block_offset (block, to_us);

      if (to <= from)
        continue;
      if (all->len == 0)
        *format = block->format;
      if (block->format == *format)
        g_byte_array_append (all, block->data->data + from, to - from);
    }
  return all->len > 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&all)) : NULL;
}

/* ---- turns -------------------------------------------------------------- */

static guint64
clamp_position (GstRealtimeSession *self, guint ms)
{
  return MIN (ms * G_GUINT64_CONSTANT (1000), self->sent_us);
}

/* input_audio_buffer.speech_started at @ms of what was sent */
void
gst_realtime_session_turn_begins (GstRealtimeSession *self, guint ms)
{
  self->turn = TURN_OPEN;
  self->turn_start_us = MAX (clamp_position (self, ms), self->turn_end_us);
  g_clear_pointer (&self->turn_item, g_free);
}

/* input_audio_buffer.speech_stopped */
void
gst_realtime_session_turn_stops (GstRealtimeSession *self, guint ms)
{
  self->turn_end_us = MAX (clamp_position (self, ms), self->turn_start_us);
}

/* input_audio_buffer.committed: the turn is an item, which is in the history. */
void
gst_realtime_session_turn_is_item (GstRealtimeSession *self, const char *item_id)
{
  g_autoptr (GBytes) audio = NULL;
  GstRealtimeFormat format = self->input;

  if (self->turn != TURN_OPEN)
    {
      self->turn_start_us = self->turn_end_us;
      self->turn_end_us = self->sent_us;
    }
  else if (self->turn_end_us <= self->turn_start_us)
    self->turn_end_us = self->sent_us;
  audio = copy_sent (self, self->turn_start_us, self->turn_end_us, &format);
  if (audio != NULL)
    gst_realtime_history_set_audio (self->history, item_id, format, audio);
  g_free (self->turn_item);
  self->turn_item = g_strdup (item_id);
  self->turn = self->create_response || self->asks ? TURN_DUE : TURN_NONE;
}

/* A response has begun, or none is due: the turn is never heard again. */
void
gst_realtime_session_turn_is_answered (GstRealtimeSession *self)
{
  if (self->turn != TURN_DUE)
    return;
  self->turn = TURN_NONE;
  g_clear_pointer (&self->turn_item, g_free);
}

/* ---- what is kept ------------------------------------------------------- */

static void
limit_kept (GstRealtimeSession *self)
{
  while (self->kept_ms > GST_REALTIME_SESSION_KEEP_MS)
    {
      Block *oldest = g_queue_pop_head (&self->kept);
      guint ms = format_ms (oldest->format, oldest->data->len);

      if (self->stats->ms_lost == 0)
        GST_WARNING_OBJECT (self, "no connection for more than %d s: the oldest audio is dropped",
                            GST_REALTIME_SESSION_KEEP_MS / 1000);
      g_mutex_lock (&self->stats->lock);
      self->stats->ms_lost += ms;
      g_mutex_unlock (&self->stats->lock);
      self->kept_ms -= ms;
      block_free (oldest);
    }
}

static void
keep_audio (GstRealtimeSession *self, GstRealtimeFormat format, const guint8 *data, gsize size)
{
  Block *block = g_queue_peek_tail (&self->kept);
  gsize room = BLOCK_MS * gst_realtime_format_get_bytes_per_ms (format);

  if (block == NULL || block->format != format || block->data->len + size > room)
    {
      block = block_new (format);
      g_queue_push_tail (&self->kept, block);
    }
  g_byte_array_append (block->data, data, size);
  self->kept_ms += format_ms (format, size);
  limit_kept (self);
}

void
gst_realtime_session_forget_kept_audio (GstRealtimeSession *self)
{
  g_queue_clear_full (&self->kept, (GDestroyNotify)block_free);
  self->kept_ms = 0;
}

/**
 * gst_realtime_session_keep_unanswered:
 *
 * The connection is lost: what was sent after the last turn that is in the
 * history waits to be sent again, before what came since. A turn whose text is
 * not known and that no response has answered leaves the history: the service
 * is going to hear it again. One that a response has answered, if only with
 * its first event, is never heard again.
 *
 * Returns: whether a turn was open: the VAD of the next session answers it
 */
gboolean
gst_realtime_session_keep_unanswered (GstRealtimeSession *self)
{
  guint64 from;
  gboolean open = self->turn == TURN_OPEN;

  if (self->turn == TURN_DUE)
    {
      GstRealtimeEntry *entry = gst_realtime_history_find (self->history, self->turn_item);
      Block *oldest = g_queue_peek_head (&self->sent);

      open = entry != NULL && !entry->final && oldest != NULL && oldest->start_us <= self->turn_start_us;
      if (open)
        gst_realtime_history_remove (self->history, self->turn_item);
      else
        self->turn = TURN_NONE;
    }

  from = needed_from (self);
  for (GList *l = self->sent.tail; l != NULL; l = l->prev)
    {
      Block *block = l->data;
      gsize skip = block_offset (block, from);

      if (skip == block->data->len)
        break;
      if (skip > 0)
        g_byte_array_remove_range (block->data, 0, skip);
      self->kept_ms += format_ms (block->format, block->data->len);
      g_queue_push_head (&self->kept, block);
      l->data = NULL;
    }
  while (g_queue_peek_tail (&self->sent) == NULL && !g_queue_is_empty (&self->sent))
    g_queue_pop_tail (&self->sent);
  gst_realtime_session_forget_sent_audio (self);
  limit_kept (self);
  return open && (self->speaking || self->kept_ms > 0);
}

/* ---- sending ------------------------------------------------------------ */

/* With a connection that is ready. Returns: the bytes that were handed to it */
gsize
gst_realtime_session_send_append (GstRealtimeSession *self,
                                  GstRealtimeFormat format,
                                  const guint8 *data,
                                  gsize size)
{
  gsize most = gst_realtime_format_get_bytes_per_ms (format) * MAX_APPEND_MS;
  gsize sent = 0;

  if (format != self->input)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      self->input = format;
      gst_realtime_session_send (
          self, gst_realtime_request_session_update (id, self->settings, self->input, self->output,
                                                     GST_REALTIME_UPDATE_FORMATS_ONLY));
    }

  while (sent < size)
    {
      gsize n = MIN (size - sent, most);

      gst_realtime_request_append (self->append, data + sent, n);
      if (!gst_realtime_session_transmit (self, self->append->str, self->append->len))
        break;
      self->uncommitted_us += n * 1000 / gst_realtime_format_get_bytes_per_ms (format);
      remember_sent (self, format, data + sent, n);
      g_mutex_lock (&self->stats->lock);
      self->stats->bytes_sent += n;
      self->stats->ms_sent += format_ms (format, n);
      g_mutex_unlock (&self->stats->lock);
      sent += n;
    }
  return sent;
}

static gboolean
on_pace (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_KEPT);
  if (self->state == SESSION_READY)
    gst_realtime_session_send_kept_audio (self);
  return G_SOURCE_REMOVE;
}

/* The connection is ready: what was said meanwhile. */
void
gst_realtime_session_send_kept_audio (GstRealtimeSession *self)
{
  Block *kept;

  while (!g_queue_is_empty (&self->kept))
    {
      if (gst_realtime_transport_get_waiting (self->transport) > MAX_WAITING)
        {
          gst_realtime_session_set_timer (self, TIMER_KEPT, PACE_MS, on_pace);
          break;
        }
      kept = g_queue_pop_head (&self->kept);
      gsize sent =
          gst_realtime_session_send_append (self, kept->format, kept->data->data, kept->data->len);

      if (sent < kept->data->len)
        {
          g_byte_array_remove_range (kept->data, 0, sent);
          g_queue_push_head (&self->kept, kept);
          break;
        }
      block_free (kept);
    }
  self->kept_ms = 0;
  for (GList *l = self->kept.head; l != NULL; l = l->next)
    self->kept_ms += format_ms (((Block *)l->data)->format, ((Block *)l->data)->data->len);
  if (g_queue_is_empty (&self->kept))
    gst_realtime_session_commit_kept (self);
}

/**
 * gst_realtime_session_append:
 * @data: caller audio, whole samples in @format
 *
 * Sent at once when the connection is ready; otherwise (it is not there yet, or
 * is gone and we have not heard of that) the last %GST_REALTIME_SESSION_KEEP_MS
 * are kept and sent when it is.
 */
void
gst_realtime_session_append (GstRealtimeSession *self,
                             GstRealtimeFormat format,
                             const guint8 *data,
                             gsize size)
{
  if (size == 0 || self->state == SESSION_OVER || self->finishing)
    return;
  self->wanted_input = format;
  if (self->state == SESSION_READY && g_queue_is_empty (&self->kept))
    {
      gsize sent = gst_realtime_session_send_append (self, format, data, size);

      data += sent;
      size -= sent;
    }
  if (size > 0)
    keep_audio (self, format, data, size);
}
