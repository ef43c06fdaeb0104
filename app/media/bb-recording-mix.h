/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BB_RECORDING_CALLER, /* left */
  BB_RECORDING_BOT,    /* right */
  BB_RECORDING_N_SIDES
} BbRecordingSide;

/**
 * BbRecordingMix:
 *
 * Lays two streams of samples on one time base, interleaved. Each side goes on
 * without a seam while it keeps up with the clock; a pause becomes silence.
 */
typedef struct
{
  guint rate;      /* Hz */
  gint64 start;    /* µs of the monotonic clock at frame 0; -1: nothing yet */
  guint64 base;    /* frames taken before the window */
  guint64 next[BB_RECORDING_N_SIDES]; /* where a side goes on, in frames */
  guint capacity;  /* frames in the window */
  gint16 *window;  /* interleaved; silence where nothing is */
} BbRecordingMix;

void bb_recording_mix_init (BbRecordingMix *self, guint rate);
void bb_recording_mix_clear (BbRecordingMix *self);
void bb_recording_mix_add (BbRecordingMix *self,
                           BbRecordingSide side,
                           gint64 time,
                           const gint16 *samples,
                           gsize n);
gsize bb_recording_mix_ready (BbRecordingMix *self, gint64 now);
gsize bb_recording_mix_rest (BbRecordingMix *self);
void bb_recording_mix_drop (BbRecordingMix *self, gsize n);

G_END_DECLS
