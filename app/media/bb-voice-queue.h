/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbVoiceQueue:
 *
 * Takes a voice at one pace and gives it at another: it waits until @target
 * samples are there, then gives what is asked for. When it runs dry it gives
 * silence and gathers again; what is more than needed is dropped. Each such cut
 * is bridged, so that it makes no click. It never holds more than @max.
 */
typedef struct
{
  guint rate;   /* Hz */
  guint target; /* samples gathered before it gives any */
  guint max;    /* samples held at most */

  gint16 *ring; /* of max samples */
  guint head;   /* the oldest */
  guint fill;
  gboolean running;

  /* The bridge over a cut: what is missing to the sample before it, fading. */
  gboolean cut; /* the next sample does not follow on the last */
  gint16 last;
  int offset;
  guint bridge; /* samples of it still to come */

  /* What was never needed within a second is delay: it is dropped. */
  guint spare;
  guint watched; /* samples */

  guint64 dropped;  /* samples */
  guint64 inserted; /* samples of silence within a voice that goes on */
} BbVoiceQueue;

void bb_voice_queue_init (BbVoiceQueue *self, guint rate, guint target_ms, guint max_ms);
void bb_voice_queue_clear (BbVoiceQueue *self);
void bb_voice_queue_flush (BbVoiceQueue *self);
void bb_voice_queue_push (BbVoiceQueue *self, const gint16 *samples, guint n);
gboolean bb_voice_queue_pull (BbVoiceQueue *self, gint16 *samples, guint n);

G_END_DECLS
