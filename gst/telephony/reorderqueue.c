/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "reorderqueue.h"

#include <string.h>

/* Packets older than this are a sender that began anew (RFC 3550 section A.1). */
#define MAX_MISORDER 100

#define HISTORY 64

static ReorderSlot *
slot_of (ReorderQueue *self, guint16 seq)
{
  return &self->slots[seq % REORDER_WINDOW];
}

/* The place of the next packet was filled (or given up); the window moves on by one. */
static void
step (ReorderQueue *self, gboolean forwarded)
{
  self->next++;
  self->history = self->history << 1 | (forwarded ? 1 : 0);
}

/**
 * reorder_queue_init:
 * @self: the queue
 * @max_packets: held behind a gap, at most %REORDER_WINDOW - 1
 * @max_wait: ns
 */
void
reorder_queue_init (ReorderQueue *self, guint max_packets, gint64 max_wait)
{
  memset (self, 0, sizeof *self);
  self->max_packets = CLAMP (max_packets, 1, REORDER_WINDOW - 1);
  self->max_wait = max_wait;
}

/**
 * reorder_queue_reset:
 * @self: the queue
 * @free_packet: for what is held
 *
 * The next packet begins a new stream.
 */
void
reorder_queue_reset (ReorderQueue *self, GDestroyNotify free_packet)
{
  for (guint i = 0; i < REORDER_WINDOW; i++)
    if (self->slots[i].packet != NULL)
      free_packet (self->slots[i].packet);

  reorder_queue_init (self, self->max_packets, self->max_wait);
}

/**
 * reorder_queue_push:
 * @self: the queue
 * @ssrc: of the packet
 * @seq: of the packet
 * @timestamp: RTP, of the packet
 * @now: ns
 * @packet: (transfer full) when taken, else still the caller's
 *
 * Returns: whether it was taken, and if not, why
 */
ReorderVerdict
reorder_queue_push (ReorderQueue *self,
                    guint32 ssrc,
                    guint16 seq,
                    guint32 timestamp,
                    gint64 now,
                    gpointer packet)
{
  ReorderSlot *slot;
  gint delta;

  if (!self->started)
    {
      self->started = TRUE;
      self->ssrc = ssrc;
      self->next = seq;
      self->history = 0;
    }
  else if (ssrc != self->ssrc)
    {
      return REORDER_RESTART;
    }

  delta = (gint16) (seq - self->next);
  if (delta >= REORDER_WINDOW && delta < 2 * REORDER_WINDOW && self->n_held > 0)
    return REORDER_FULL;
  if (delta >= REORDER_WINDOW || delta < -MAX_MISORDER)
    {
      if (self->have_suspect && seq == self->suspect)
        return REORDER_RESTART;
      self->have_suspect = TRUE;
      self->suspect = (guint16) (seq + 1);
      return REORDER_SUSPECT;
    }
  self->have_suspect = FALSE;

  if (delta < 0)
    {
      gboolean seen = -delta <= HISTORY
                      && (self->history & (G_GUINT64_CONSTANT (1) << (-delta - 1))) != 0;

      return seen ? REORDER_DUPLICATE : REORDER_LATE;
    }

  slot = slot_of (self, seq);
  if (slot->packet != NULL)
    return REORDER_DUPLICATE;

  slot->packet = packet;
  slot->timestamp = timestamp;
  slot->arrival = now;
  self->n_held++;
  return REORDER_TAKEN;
}

static gboolean
gap_is_final (ReorderQueue *self, gint64 now)
{
  if (self->n_held >= self->max_packets)
    return TRUE;

  for (guint i = 0; i < REORDER_WINDOW; i++)
    if (self->slots[i].packet != NULL && now - self->slots[i].arrival >= self->max_wait)
      return TRUE;

  return FALSE;
}

/**
 * reorder_queue_pop:
 * @self: the queue
 * @now: ns
 * @drain: don't wait for anything any more
 * @output: (out): filled when TRUE
 *
 * Call until it returns FALSE, after each push and when time has passed.
 *
 * Returns: whether something may leave
 */
gboolean
reorder_queue_pop (ReorderQueue *self, gint64 now, gboolean drain, ReorderOutput *output)
{
  ReorderSlot *slot;

  if (self->n_held == 0)
    return FALSE;

  output->lost = 0;
  slot = slot_of (self, self->next);
  if (slot->packet == NULL)
    {
      if (!drain && !gap_is_final (self, now))
        return FALSE;

      while (slot->packet == NULL)
        {
          output->lost++;
          step (self, FALSE);
          slot = slot_of (self, self->next);
        }
    }

  output->packet = slot->packet;
  output->timestamp = slot->timestamp;
  slot->packet = NULL;
  self->n_held--;
  step (self, TRUE);
  return TRUE;
}
