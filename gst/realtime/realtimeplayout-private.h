/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeplayout.h"

G_BEGIN_DECLS

typedef struct
{
  char *response_id;
  char *item_id;
  int content_index;
  GstRealtimeFormat format;
  GQueue chunks;    /* GBytes, not taken yet */
  gsize offset;     /* bytes of the first chunk that are taken */
  gsize queued;     /* bytes in chunks, without offset */
  guint64 received; /* whole samples, in bytes */
  guint64 left;     /* bytes that left in frames */
  gboolean has_odd; /* half a sample waits for its other half */
  guint8 odd;
  gboolean complete; /* the service said so */
  gboolean detached; /* its connection is gone */
  guint64 last_out;  /* output position, ns, after the last frame that held some of it */
} Item;

struct _GstRealtimePlayout
{
  gint awaited;   /* atomic: somebody waits for the queue to run empty */

  GMutex wake_lock; /* held while wake is called; taken before nothing else */
  GstRealtimePlayoutWakeFunc wake;
  gpointer wake_data;

  GMutex lock;
  GQueue items;   /* Item, in playing order */
  GQueue past;    /* Item, left altogether, perhaps still held downstream */
  GQueue notices; /* GstRealtimeNotice */
  gsize queued;   /* bytes, all items */
  gsize max_bytes;
  GstClockTime held; /* ns between leaving src in time and being heard */
  GstClockTime late; /* ns by which the last frame left too late */
  guint64 out_pos;   /* ns of output so far, this frame included */
  GstClockTime frame; /* ns, of the last frame */
  gboolean silent;   /* it was silence, and nobody was woken since */
  gint64 turn_us;    /* when the caller stopped speaking, 0: no turn open */
  gint64 cut_us;     /* when the interruption came, 0: none to report */
  char *cut_item;
  guint cut_played_ms;
  gint cut_silence_ms; /* it was silent before, so long after the reason; -1: it wasn't */

  gboolean paused;
  gint64 pause_us;       /* when the reason came, 0: silence has left since */
  gint64 silent_us;      /* when the first silent frame left */
  gint pause_silence_ms; /* from the reason to that */
  char *pause_item;      /* reported as paused; NULL: nothing was */
};

static inline guint
item_ms (const Item *item, guint64 bytes)
{
  return bytes / gst_realtime_format_get_bytes_per_ms (item->format);
}

/* How much of what left of @item has not been heard yet, ns. */
static inline guint64
item_unheard (GstRealtimePlayout *self, const Item *item)
{
  guint64 since = self->out_pos - item->last_out + self->late;

  return since >= self->held ? 0 : self->held - since;
}

G_END_DECLS
