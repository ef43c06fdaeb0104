/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The playout queue: what was received and what left on src, per item.
 *
 * Audio arrives faster than real time and in pieces of any size; it leaves in
 * exact frames. Per item the queue knows the bytes received and the bytes that
 * left, so that an interruption can tell the service what the caller heard.
 *
 * One side (the session, on its I/O thread) pushes and interrupts; the other
 * (the playout thread) takes. A frame may join two items; it is filled up with
 * silence only where an utterance ends, never inside one: while an unfinished
 * item has less than a frame, nothing is taken.
 */
#include "realtimeplayout-private.h"

#include <string.h>

/* Beyond a frame, ms: what a resampler holds back at the begin of a speech. */
#define WAKE_MARGIN_MS 3

void
gst_realtime_cut_free (GstRealtimeCut *cut)
{
  g_free (cut->response_id);
  g_free (cut->item_id);
  g_free (cut);
}

void
gst_realtime_notice_free (GstRealtimeNotice *notice)
{
  g_free (notice->item_id);
  g_free (notice);
}

static void
item_free (Item *item)
{
  g_queue_clear_full (&item->chunks, (GDestroyNotify)g_bytes_unref);
  g_free (item->response_id);
  g_free (item->item_id);
  g_free (item);
}

static Item *
find_item (GstRealtimePlayout *self, const char *item_id, int content_index)
{
  for (GList *l = self->items.tail; l != NULL; l = l->prev)
    {
      Item *item = l->data;

      /* A new session may use the ids of the old one again. */
      if (!item->detached && item->content_index == content_index &&
          g_strcmp0 (item->item_id, item_id) == 0)
        return item;
    }
  return NULL;
}

static void
add_notice (GstRealtimePlayout *self,
            GstRealtimeNoticeType type,
            const char *item_id,
            guint played_ms,
            gint latency_ms)
{
  GstRealtimeNotice *notice = g_new0 (GstRealtimeNotice, 1);

  notice->type = type;
  notice->item_id = g_strdup (item_id);
  notice->played_ms = played_ms;
  notice->latency_ms = latency_ms;
  g_queue_push_tail (&self->notices, notice);
}

/**
 * gst_realtime_playout_new:
 * @max_bytes: the most that may wait; an answer is refused beyond it, never shortened silently
 *
 * Returns: (transfer full): an empty queue
 */
GstRealtimePlayout *
gst_realtime_playout_new (gsize max_bytes)
{
  GstRealtimePlayout *self = g_new0 (GstRealtimePlayout, 1);

  g_mutex_init (&self->lock);
  g_mutex_init (&self->wake_lock);
  g_queue_init (&self->items);
  g_queue_init (&self->past);
  g_queue_init (&self->notices);
  self->max_bytes = max_bytes;
  return self;
}

/* Forgets everything, notices too: a new session begins. */
void
gst_realtime_playout_reset (GstRealtimePlayout *self)
{
  g_mutex_lock (&self->lock);
  g_queue_clear_full (&self->items, (GDestroyNotify)item_free);
  g_queue_clear_full (&self->past, (GDestroyNotify)item_free);
  g_queue_clear_full (&self->notices, (GDestroyNotify)gst_realtime_notice_free);
  g_clear_pointer (&self->cut_item, g_free);
  g_clear_pointer (&self->pause_item, g_free);
  self->paused = FALSE;
  self->cut_us = 0;
  self->turn_us = 0;
  self->queued = 0;
  g_atomic_int_set (&self->awaited, FALSE);
  self->held = 0;
  self->late = 0;
  g_mutex_unlock (&self->lock);
}

void
gst_realtime_playout_free (GstRealtimePlayout *self)
{
  gst_realtime_playout_reset (self);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->wake_lock);
  g_free (self);
}

/* When this returns, the old function runs no more. */
void
gst_realtime_playout_set_wake (GstRealtimePlayout *self,
                               GstRealtimePlayoutWakeFunc wake,
                               gpointer user_data)
{
  g_mutex_lock (&self->wake_lock);
  self->wake = wake;
  self->wake_data = user_data;
  g_mutex_unlock (&self->wake_lock);
}

/* With the lock. Returns: whether a frame of speech could leave now, and
 * silence was the last that did */
static gboolean
should_wake (GstRealtimePlayout *self)
{
  Item *item = g_queue_peek_head (&self->items);
  gsize frame;

  if (!self->silent || self->paused || item == NULL || item->queued == 0)
    return FALSE;

  frame = gst_realtime_format_get_bytes_per_ms (item->format)
          * (self->frame / GST_MSECOND + WAKE_MARGIN_MS);
  if (item->queued < frame && !item->complete)
    return FALSE;
  self->silent = FALSE;
  return TRUE;
}

/* Without the lock. */
static void
wake (GstRealtimePlayout *self)
{
  g_mutex_lock (&self->wake_lock);
  if (self->wake != NULL)
    self->wake (self->wake_data);
  g_mutex_unlock (&self->wake_lock);
}

/**
 * gst_realtime_playout_push:
 * @audio: samples as decoded from a response.output_audio.delta; an odd byte is
 *   kept until the item's next delta
 *
 * Returns: %FALSE when the queue is full (see gst_realtime_playout_new()); then
 *   nothing was queued
 */
gboolean
gst_realtime_playout_push (GstRealtimePlayout *self,
                           const char *response_id,
                           const char *item_id,
                           int content_index,
                           GstRealtimeFormat format,
                           GBytes *audio)
{
  guint width = gst_realtime_format_get_width (format);
  gsize size;
  const guint8 *data = g_bytes_get_data (audio, &size);
  g_autoptr (GBytes) joined = NULL;
  gboolean awake;
  Item *item;

  if (size == 0)
    return TRUE;

  g_mutex_lock (&self->lock);

  if (self->queued + size > self->max_bytes)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }

  item = find_item (self, item_id, content_index);
  if (item == NULL)
    {
      item = g_new0 (Item, 1);
      item->response_id = g_strdup (response_id);
      item->item_id = g_strdup (item_id);
      item->content_index = content_index;
      item->format = format;
      g_queue_init (&item->chunks);
      g_queue_push_tail (&self->items, item);
    }

  if (item->has_odd)
    {
      guint8 *both = g_malloc (size + 1);

      both[0] = item->odd;
      memcpy (both + 1, data, size);
      size++;
      joined = g_bytes_new_take (both, size);
      data = both;
      audio = joined;
      item->has_odd = FALSE;
    }
  if (size % width != 0)
    {
      item->odd = data[size - 1];
      item->has_odd = TRUE;
      size--;
    }
  if (size > 0)
    {
      g_queue_push_tail (&item->chunks, g_bytes_new_from_bytes (audio, 0, size));
      item->queued += size;
      item->received += size;
      self->queued += size;
    }
  awake = should_wake (self);

  g_mutex_unlock (&self->lock);
  if (awake)
    wake (self);
  return TRUE;
}

static void
end_matching (GstRealtimePlayout *self,
              const char *response_id,
              const char *item_id,
              int content_index)
{
  gboolean awake;

  g_mutex_lock (&self->lock);
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      Item *item = l->data;

      if (item->detached ||
          (response_id != NULL && g_strcmp0 (item->response_id, response_id) != 0))
        continue;
      if (item_id != NULL &&
          (item->content_index != content_index || g_strcmp0 (item->item_id, item_id) != 0))
        continue;
      item->complete = TRUE;
    }
  awake = should_wake (self);
  g_mutex_unlock (&self->lock);
  if (awake)
    wake (self);
}

/* response.output_audio.done: what is left of the item may be filled up with silence. */
void
gst_realtime_playout_end_item (GstRealtimePlayout *self, const char *item_id, int content_index)
{
  if (item_id != NULL)
    end_matching (self, NULL, item_id, content_index);
}

/* response.done: the same for all items of the response. */
void
gst_realtime_playout_end_response (GstRealtimePlayout *self, const char *response_id)
{
  if (response_id != NULL)
    end_matching (self, response_id, NULL, 0);
}

/* The connection is gone: nothing more will come for any item, though what
 * came is still played, and what comes later is another item. */
void
gst_realtime_playout_detach (GstRealtimePlayout *self)
{
  g_mutex_lock (&self->lock);
  for (GList *l = self->items.head; l != NULL; l = l->next)
    ((Item *)l->data)->complete = ((Item *)l->data)->detached = TRUE;
  for (GList *l = self->past.head; l != NULL; l = l->next)
    ((Item *)l->data)->detached = TRUE;
  g_mutex_unlock (&self->lock);
}

static GstRealtimeCut *
cut_item (GstRealtimePlayout *self, const Item *item)
{
  guint64 per_ms = gst_realtime_format_get_bytes_per_ms (item->format);
  guint64 unheard = 0;
  GstRealtimeCut *cut;

  if (item->left > 0)
    unheard = MIN (gst_util_uint64_scale_ceil (item_unheard (self, item), per_ms, GST_MSECOND),
                   item->left);
  if (item->complete && item->queued == 0 && unheard == 0)
    return NULL; /* heard to its end: nothing was cut */

  cut = g_new0 (GstRealtimeCut, 1);
  cut->response_id = g_strdup (item->response_id);
  cut->item_id = g_strdup (item->item_id);
  cut->content_index = item->content_index;
  cut->played_ms = (item->left - unheard) / per_ms;
  cut->received_ms = item_ms (item, item->received);
  cut->complete = item->complete;
  cut->detached = item->detached;
  return cut;
}

/**
 * gst_realtime_playout_pause:
 * @since_us: monotonic time of the reason (speech_started), µs
 *
 * The very next frame is silence; nothing is discarded, and what comes
 * meanwhile waits behind it.
 *
 * Returns: whether there was anything that had not left yet, or more of
 *   something to come; it is paused in either case
 */
gboolean
gst_realtime_playout_pause (GstRealtimePlayout *self, gint64 since_us)
{
  gboolean any = FALSE;

  g_mutex_lock (&self->lock);
  if (!self->paused)
    {
      self->paused = TRUE;
      self->pause_us = since_us;
      g_clear_pointer (&self->pause_item, g_free);
    }
  for (GList *l = self->items.head; l != NULL; l = l->next)
    any |= ((Item *)l->data)->queued > 0 || !((Item *)l->data)->complete;
  g_mutex_unlock (&self->lock);
  return any;
}

/* The next frame continues with the sample after the last that left. */
void
gst_realtime_playout_resume (GstRealtimePlayout *self)
{
  gboolean awake;
  Item *item;

  g_mutex_lock (&self->lock);
  item = g_queue_peek_head (&self->items);
  if (self->paused && self->pause_item != NULL && item != NULL)
    add_notice (self, GST_REALTIME_NOTICE_RESUMED, self->pause_item, item_ms (item, item->left),
                (g_get_monotonic_time () - self->silent_us) / 1000);
  g_clear_pointer (&self->pause_item, g_free);
  self->paused = FALSE;
  awake = should_wake (self);
  g_mutex_unlock (&self->lock);
  if (awake)
    wake (self);
}

/* Returns: (transfer full) (nullable): the item that is playing, or is the next
 * to: played_ms of it have left */
GstRealtimeCut *
gst_realtime_playout_get_current (GstRealtimePlayout *self)
{
  GstRealtimeCut *current = NULL;
  Item *item;

  g_mutex_lock (&self->lock);
  item = g_queue_peek_head (&self->items);
  if (item != NULL)
    {
      current = g_new0 (GstRealtimeCut, 1);
      current->response_id = g_strdup (item->response_id);
      current->item_id = g_strdup (item->item_id);
      current->content_index = item->content_index;
      current->played_ms = item_ms (item, item->left);
      current->received_ms = item_ms (item, item->received);
      current->complete = item->complete;
      current->detached = item->detached;
    }
  g_mutex_unlock (&self->lock);
  return current;
}

/**
 * gst_realtime_playout_interrupt:
 * @since_us: monotonic time of the reason (speech_started, the stop button), µs
 *
 * Discards everything, paused or not; the very next frame is silence. Items that
 * were heard to their end are not part of the answer.
 *
 * Returns: (transfer full) (element-type GstRealtimeCut): what was cut, in playing order
 */
GPtrArray *
gst_realtime_playout_interrupt (GstRealtimePlayout *self, gint64 since_us)
{
  GPtrArray *cuts = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_realtime_cut_free);
  GQueue items, past; /* freed without the lock: minutes of speech may be in them */
  GstRealtimeCut *reported = NULL;

  g_mutex_lock (&self->lock);
  for (GList *l = self->past.head; l != NULL; l = l->next)
    {
      GstRealtimeCut *cut = cut_item (self, l->data);

      if (cut != NULL)
        g_ptr_array_add (cuts, cut);
    }
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      GstRealtimeCut *cut = cut_item (self, l->data);

      if (cut != NULL)
        g_ptr_array_add (cuts, cut);
    }

  for (guint i = 0; i < cuts->len; i++)
    {
      GstRealtimeCut *cut = g_ptr_array_index (cuts, i);

      if (reported == NULL || cut->played_ms > 0)
        reported = cut;
    }
  if (reported != NULL)
    {
      g_free (self->cut_item);
      self->cut_item = g_strdup (reported->item_id);
      self->cut_played_ms = reported->played_ms;
      self->cut_us = self->paused && self->pause_us != 0 ? self->pause_us : since_us;
      self->cut_silence_ms = self->paused && self->pause_us == 0 ? self->pause_silence_ms : -1;
    }
  self->paused = FALSE;
  g_clear_pointer (&self->pause_item, g_free);

  items = self->items;
  past = self->past;
  g_queue_init (&self->items);
  g_queue_init (&self->past);
  self->queued = 0;
  g_mutex_unlock (&self->lock);

  g_queue_clear_full (&items, (GDestroyNotify)item_free);
  g_queue_clear_full (&past, (GDestroyNotify)item_free);
  return cuts;
}

/* The caller's turn ended: the next item that starts answers it. */
void
gst_realtime_playout_mark_turn (GstRealtimePlayout *self, gint64 stopped_us)
{
  g_mutex_lock (&self->lock);
  self->turn_us = stopped_us;
  g_mutex_unlock (&self->lock);
}

/* Returns: whether all that was received has left */
gboolean
gst_realtime_playout_is_empty (GstRealtimePlayout *self)
{
  gboolean empty;

  g_mutex_lock (&self->lock);
  empty = self->queued == 0;
  g_mutex_unlock (&self->lock);
  return empty;
}

/* Any thread: whether it matters that the queue has run empty; it does so at
 * the end of every utterance. */
void
gst_realtime_playout_set_awaited (GstRealtimePlayout *self, gboolean awaited)
{
  g_atomic_int_set (&self->awaited, awaited);
}

gboolean
gst_realtime_playout_is_awaited (GstRealtimePlayout *self)
{
  return g_atomic_int_get (&self->awaited);
}

gsize
gst_realtime_playout_get_queued_ms (GstRealtimePlayout *self)
{
  gsize ms = 0;

  g_mutex_lock (&self->lock);
  for (GList *l = self->items.head; l != NULL; l = l->next)
    ms += item_ms (l->data, ((Item *)l->data)->queued);
  g_mutex_unlock (&self->lock);
  return ms;
}

/* Time from leaving src to being heard, ns (0: RTP). Playout thread or any. */
void
gst_realtime_playout_set_held (GstRealtimePlayout *self, GstClockTime held)
{
  g_mutex_lock (&self->lock);
  self->held = GST_CLOCK_TIME_IS_VALID (held) ? held : 0;
  g_mutex_unlock (&self->lock);
}

/* The frame that is going to leave could have left so much earlier, ns. */
void
gst_realtime_playout_set_late (GstRealtimePlayout *self, GstClockTime late)
{
  g_mutex_lock (&self->lock);
  self->late = late;
  g_mutex_unlock (&self->lock);
}

/* Takes the first item out of the queue: all of it has left. */
static void
retire_head (GstRealtimePlayout *self)
{
  Item *item = g_queue_pop_head (&self->items);

  if (item->left > 0)
    add_notice (self, GST_REALTIME_NOTICE_FINISHED, item->item_id, item_ms (item, item->left), -1);
  if (g_strcmp0 (self->pause_item, item->item_id) == 0)
    g_clear_pointer (&self->pause_item, g_free);
  g_queue_push_tail (&self->past, item);
}

/**
 * gst_realtime_playout_begin_frame:
 * @duration: of the frame that is going to leave, ns
 * @head: (out): what there is for it
 *
 * To be called once for each frame, silent ones included.
 */
void
gst_realtime_playout_begin_frame (GstRealtimePlayout *self,
                                  GstClockTime duration,
                                  GstRealtimeHead *head)
{
  Item *item;

  g_mutex_lock (&self->lock);

  /* Only now is it true that the frame after the interruption is silent. */
  head->interrupted = self->cut_us != 0;
  if (head->interrupted)
    {
      gint64 ms = self->cut_silence_ms >= 0 ? self->cut_silence_ms
                                            : (g_get_monotonic_time () - self->cut_us) / 1000;

      add_notice (self, GST_REALTIME_NOTICE_INTERRUPTED, self->cut_item, self->cut_played_ms, ms);
      g_clear_pointer (&self->cut_item, g_free);
      self->cut_us = 0;
    }

  while ((item = g_queue_peek_head (&self->items)) != NULL && item->complete && item->queued == 0)
    retire_head (self);
  while ((item = g_queue_peek_head (&self->past)) != NULL && item_unheard (self, item) == 0)
    {
      g_queue_pop_head (&self->past);
      item_free (item);
    }

  item = g_queue_peek_head (&self->items);
  if (self->paused && self->pause_us != 0)
    {
      self->silent_us = g_get_monotonic_time ();
      self->pause_silence_ms = (self->silent_us - self->pause_us) / 1000;
      self->pause_us = 0;
      if (item != NULL)
        {
          self->pause_item = g_strdup (item->item_id);
          add_notice (self, GST_REALTIME_NOTICE_PAUSED, item->item_id, item_ms (item, item->left),
                      self->pause_silence_ms);
        }
    }
  head->has_audio = item != NULL && item->queued > 0 && !self->paused;
  head->waiting = (item != NULL && !item->complete) || self->paused;
  head->format = item != NULL ? item->format : GST_REALTIME_FORMAT_PCM;
  self->out_pos += duration;
  self->frame = duration;
  self->silent = !head->has_audio;

  g_mutex_unlock (&self->lock);
}

static void
item_take (GstRealtimePlayout *self, Item *item, guint8 *dest, gsize size)
{
  if (item->left == 0)
    {
      gint latency = -1;

      if (self->turn_us != 0)
        latency = (g_get_monotonic_time () - self->turn_us) / 1000;
      self->turn_us = 0;
      add_notice (self, GST_REALTIME_NOTICE_STARTED, item->item_id, 0, latency);
    }

  item->left += size;
  item->queued -= size;
  item->last_out = self->out_pos;
  self->queued -= size;

  while (size > 0)
    {
      GBytes *chunk = g_queue_peek_head (&item->chunks);
      gsize chunk_size;
      const guint8 *data = g_bytes_get_data (chunk, &chunk_size);
      gsize n = MIN (size, chunk_size - item->offset);

      memcpy (dest, data + item->offset, n);
      dest += n;
      size -= n;
      item->offset += n;
      if (item->offset == chunk_size)
        {
          g_bytes_unref (g_queue_pop_head (&item->chunks));
          item->offset = 0;
        }
    }
}

/**
 * gst_realtime_playout_take:
 * @dest: room for @size bytes
 * @size: what one frame needs, whole samples in the head's format
 *
 * Takes @size bytes, over the border between finished items of one format. If
 * an unfinished item has less, nothing is taken; at the end of an utterance
 * less than @size is.
 *
 * Returns: bytes taken
 */
gsize
gst_realtime_playout_take (GstRealtimePlayout *self, guint8 *dest, gsize size)
{
  gsize avail = 0, taken = 0;
  GstRealtimeFormat format = GST_REALTIME_FORMAT_PCM;

  g_mutex_lock (&self->lock);

  for (GList *l = self->items.head; l != NULL && avail < size; l = l->next)
    {
      Item *item = l->data;

      if (l == self->items.head)
        format = item->format;
      if (item->format != format)
        break;
      avail += item->queued;
      if (avail < size && !item->complete)
        {
          avail = 0;
          break;
        }
    }

  size = MIN (size, avail);
  while (taken < size)
    {
      Item *item = g_queue_peek_head (&self->items);
      gsize n = MIN (size - taken, item->queued);

      if (n > 0)
        item_take (self, item, dest + taken, n);
      taken += n;
      if (item->queued == 0 && item->complete)
        retire_head (self);
      else if (taken < size)
        break;
    }

  self->silent = taken == 0;

  g_mutex_unlock (&self->lock);
  return taken;
}

/* Returns: (transfer full) (nullable): what there is to report, in order */
GstRealtimeNotice *
gst_realtime_playout_pop_notice (GstRealtimePlayout *self)
{
  GstRealtimeNotice *notice;

  g_mutex_lock (&self->lock);
  notice = g_queue_pop_head (&self->notices);
  g_mutex_unlock (&self->lock);
  return notice;
}
