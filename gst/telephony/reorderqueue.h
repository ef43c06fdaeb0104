/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define REORDER_WINDOW 32 /* packets; a wider gap is a jump */

/**
 * ReorderVerdict:
 *
 * What became of a packet.
 */
typedef enum
{
  REORDER_TAKEN,     /* the queue has it; pop */
  REORDER_DUPLICATE, /* not taken: was forwarded or is held already */
  REORDER_LATE,      /* not taken: its place was given up */
  REORDER_FULL,      /* not taken: too far ahead of a gap to hold: drain, push again */
  REORDER_SUSPECT,   /* not taken: far off; believed when the next one follows on it */
  REORDER_RESTART    /* not taken: another stream begins: drain, reset, push again */
} ReorderVerdict;

/**
 * ReorderOutput:
 *
 * What comes next in order.
 */
typedef struct
{
  guint lost;         /* packets given up just before this one; 0: in sequence */
  gpointer packet;    /* (transfer full) */
  guint32 timestamp;  /* RTP */
} ReorderOutput;

typedef struct
{
  gpointer packet; /* NULL: free */
  guint32 timestamp;
  gint64 arrival; /* ns */
} ReorderSlot;

/**
 * ReorderQueue:
 *
 * Brings packets into sequence without delaying those that are: one that is
 * next leaves at once; one behind a gap is held until the gap fills, or
 * @max_packets are held, or the oldest was held for @max_wait.
 */
typedef struct
{
  guint max_packets;
  gint64 max_wait; /* ns */

  gboolean started;
  guint32 ssrc;
  guint16 next; /* sequence number that may leave next */
  guint n_held;
  guint64 history; /* bit n: next - 1 - n was forwarded */
  gboolean have_suspect;
  guint16 suspect; /* sequence number that would confirm a jump */
  ReorderSlot slots[REORDER_WINDOW];
} ReorderQueue;

void reorder_queue_init (ReorderQueue *self, guint max_packets, gint64 max_wait);
ReorderVerdict reorder_queue_push (ReorderQueue *self,
                                   guint32 ssrc,
                                   guint16 seq,
                                   guint32 timestamp,
                                   gint64 now,
                                   gpointer packet);
gboolean reorder_queue_pop (ReorderQueue *self, gint64 now, gboolean drain, ReorderOutput *output);
void reorder_queue_reset (ReorderQueue *self, GDestroyNotify free_packet);

G_END_DECLS
