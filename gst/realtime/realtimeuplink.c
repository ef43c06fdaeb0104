/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Caller audio on its way from the streaming thread to the I/O thread: one
 * bounded queue, one lock for the time of a pointer move, one wake-up. Chunks
 * are used again, so that a running call takes no memory.
 */
#include "realtimeuplink.h"

#include <string.h>

#define MAX_CHUNKS 1024 /* 20 s of 20 ms frames that the I/O thread did not fetch */
#define MAX_SPARE  16

struct _GstRealtimeUplink
{
  GMutex lock;
  GQueue queue; /* GstRealtimeChunk */
  GQueue spare; /* GstRealtimeChunk, to be used again */
  GstRealtimeWaker *waker;
};

static void
chunk_free (GstRealtimeChunk *chunk)
{
  g_free (chunk->data);
  g_free (chunk);
}

static GstRealtimeChunk *
chunk_new (void)
{
  GstRealtimeChunk *chunk = g_new0 (GstRealtimeChunk, 1);

  chunk->link.data = chunk;
  return chunk;
}

static GstRealtimeChunk *
pop (GQueue *queue)
{
  GList *link = g_queue_pop_head_link (queue);

  return link != NULL ? link->data : NULL;
}

static void
clear (GQueue *queue)
{
  GstRealtimeChunk *chunk;

  while ((chunk = pop (queue)) != NULL)
    chunk_free (chunk);
}

GstRealtimeUplink *
gst_realtime_uplink_new (void)
{
  GstRealtimeUplink *self = g_new0 (GstRealtimeUplink, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->queue);
  g_queue_init (&self->spare);
  return self;
}

void
gst_realtime_uplink_free (GstRealtimeUplink *self)
{
  clear (&self->queue);
  clear (&self->spare);
  g_clear_pointer (&self->waker, gst_realtime_waker_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* @waker: (nullable) (transfer none): made ready whenever something is pushed;
 * %NULL: nobody listens, what waits is dropped */
void
gst_realtime_uplink_set_waker (GstRealtimeUplink *self, GstRealtimeWaker *waker)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->waker, gst_realtime_waker_unref);
  if (waker != NULL)
    {
      self->waker = gst_realtime_waker_ref (waker);
      if (!g_queue_is_empty (&self->queue))
        gst_realtime_waker_wake (waker);
    }
  else
    clear (&self->queue);
  g_mutex_unlock (&self->lock);
}

static gboolean
push_chunk (GstRealtimeUplink *self, GstRealtimeChunk *chunk)
{
  gboolean accepted;

  g_mutex_lock (&self->lock);
  accepted = g_queue_get_length (&self->queue) < MAX_CHUNKS || chunk->eos;
  if (accepted)
    {
      g_queue_push_tail_link (&self->queue, &chunk->link);
      if (self->waker != NULL)
        gst_realtime_waker_wake (self->waker);
    }
  g_mutex_unlock (&self->lock);
  if (!accepted)
    chunk_free (chunk);
  return accepted;
}

/* Streaming thread. Returns: %FALSE if the queue is full: then @data is lost */
gboolean
gst_realtime_uplink_push (GstRealtimeUplink *self,
                          GstRealtimeFormat format,
                          const guint8 *data,
                          gsize size)
{
  GstRealtimeChunk *chunk;

  g_mutex_lock (&self->lock);
  chunk = pop (&self->spare);
  g_mutex_unlock (&self->lock);

  if (chunk == NULL)
    chunk = chunk_new ();
  if (chunk->allocated < size)
    {
      g_free (chunk->data);
      chunk->data = g_malloc (size);
      chunk->allocated = size;
    }
  memcpy (chunk->data, data, size);
  chunk->size = size;
  chunk->format = format;
  chunk->eos = FALSE;
  return push_chunk (self, chunk);
}

/* Streaming thread: the input has ended. */
void
gst_realtime_uplink_push_eos (GstRealtimeUplink *self)
{
  GstRealtimeChunk *chunk = chunk_new ();

  chunk->eos = TRUE;
  push_chunk (self, chunk);
}

/* I/O thread. Returns: (transfer full) (nullable): what comes next */
GstRealtimeChunk *
gst_realtime_uplink_pop (GstRealtimeUplink *self)
{
  GstRealtimeChunk *chunk;

  g_mutex_lock (&self->lock);
  chunk = pop (&self->queue);
  g_mutex_unlock (&self->lock);
  return chunk;
}

/* I/O thread: gives a chunk back. */
void
gst_realtime_uplink_recycle (GstRealtimeUplink *self, GstRealtimeChunk *chunk)
{
  gboolean keep;

  g_mutex_lock (&self->lock);
  keep = g_queue_get_length (&self->spare) < MAX_SPARE;
  if (keep)
    g_queue_push_head_link (&self->spare, &chunk->link);
  g_mutex_unlock (&self->lock);
  if (!keep)
    chunk_free (chunk);
}
