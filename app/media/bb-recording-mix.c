/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-recording-mix.h"

#include <string.h>

#define WINDOW_MS 4000
#define SETTLE_MS 500  /* what is older than this gets nothing more */
#define SEAM_MS 150    /* less behind the clock than this is jitter, more a pause */
#define AHEAD_MS 1000  /* more ahead of the clock than this is a burst: trimmed */

/**
 * bb_recording_mix_init:
 * @self: the mix
 * @rate: Hz of both sides
 */
void
bb_recording_mix_init (BbRecordingMix *self, guint rate)
{
  *self = (BbRecordingMix){ .rate = rate, .start = -1, .capacity = WINDOW_MS * rate / 1000 };
  self->window = g_new0 (gint16, 2 * self->capacity);
}

void
bb_recording_mix_clear (BbRecordingMix *self)
{
  g_clear_pointer (&self->window, g_free);
}

static gint64
frames (const BbRecordingMix *self, gint64 us)
{
  return us * self->rate / 1000000;
}

/**
 * bb_recording_mix_add:
 * @self: the mix
 * @side: whose
 * @time: when the frame came (caller: it ends here) or left (bot: it begins
 *   here), µs of the monotonic clock
 * @samples: mono
 * @n: how many
 */
void
bb_recording_mix_add (
    BbRecordingMix *self, BbRecordingSide side, gint64 time, const gint16 *samples, gsize n)
{
  guint64 *next = &self->next[side];
  gint64 ideal;
  guint64 offset;

  if (self->start < 0)
    self->start = time;

  ideal = frames (self, time - self->start) - (side == BB_RECORDING_CALLER ? (gint64) n : 0);
  ideal = MAX (ideal, 0);

  if (ideal - (gint64) *next > frames (self, SEAM_MS * 1000))
    *next = (guint64) ideal;
  else if ((gint64) *next - ideal > frames (self, AHEAD_MS * 1000))
    return;
  *next = MAX (*next, self->base);

  offset = *next - self->base;
  if (offset + n > self->capacity)
    return;

  for (gsize i = 0; i < n; i++)
    self->window[2 * (offset + i) + side] = samples[i];
  *next += n;
}

/**
 * bb_recording_mix_ready:
 * @self: the mix
 * @now: µs
 *
 * Returns: how many frames at the begin of the window are final; write them,
 *   then drop them
 */
gsize
bb_recording_mix_ready (BbRecordingMix *self, gint64 now)
{
  gint64 final;

  if (self->start < 0)
    return 0;

  final = frames (self, now - self->start - SETTLE_MS * 1000) - (gint64) self->base;
  return (gsize) CLAMP (final, 0, self->capacity);
}

/**
 * bb_recording_mix_rest:
 * @self: the mix
 *
 * Returns: how many frames the window holds, at the end of the recording
 */
gsize
bb_recording_mix_rest (BbRecordingMix *self)
{
  guint64 end = MAX (self->next[BB_RECORDING_CALLER], self->next[BB_RECORDING_BOT]);

  return end > self->base ? MIN (end - self->base, self->capacity) : 0;
}

void
bb_recording_mix_drop (BbRecordingMix *self, gsize n)
{
  gsize keep = self->capacity - n;

  memmove (self->window, self->window + 2 * n, 2 * keep * sizeof *self->window);
  memset (self->window + 2 * keep, 0, 2 * n * sizeof *self->window);
  self->base += n;
}
