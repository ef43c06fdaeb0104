/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-voice-queue.h"

#include <string.h>

#define BRIDGE_MS 5
#define SLACK_MS 10 /* more than this beyond what is wanted is dropped */

static guint
ms (const BbVoiceQueue *self, guint n)
{
  return self->rate * n / 1000;
}

/**
 * bb_voice_queue_init:
 * @self: the queue
 * @rate: Hz
 * @target_ms: gathered before it gives any
 * @max_ms: held at most
 */
void
bb_voice_queue_init (BbVoiceQueue *self, guint rate, guint target_ms, guint max_ms)
{
  *self = (BbVoiceQueue){ .rate = rate };
  self->target = ms (self, target_ms);
  self->max = ms (self, max_ms);
  self->ring = g_new (gint16, self->max);
}

void
bb_voice_queue_clear (BbVoiceQueue *self)
{
  g_clear_pointer (&self->ring, g_free);
  self->fill = self->max = 0;
}

static void
drop (BbVoiceQueue *self, guint n)
{
  self->head = (self->head + n) % self->max;
  self->fill -= n;
  self->dropped += n;
  self->cut = TRUE;
}

/**
 * bb_voice_queue_flush:
 * @self: the queue
 *
 * Forgets what it holds. Nobody was listening: the next sound begins at silence.
 */
void
bb_voice_queue_flush (BbVoiceQueue *self)
{
  self->head = self->fill = 0;
  self->running = FALSE;
  self->cut = FALSE;
  self->last = 0;
  self->bridge = 0;
}

/**
 * bb_voice_queue_push:
 * @self: the queue
 * @samples: mono
 * @n: how many
 *
 * When there is no room the oldest go, down to what is gathered at a start.
 */
void
bb_voice_queue_push (BbVoiceQueue *self, const gint16 *samples, guint n)
{
  guint tail;
  guint first;

  if (n > self->max)
    {
      samples += n - self->max;
      self->dropped += n - self->max;
      n = self->max;
    }
  if (self->fill + n > self->max)
    drop (self, MIN (self->fill, self->fill + n - MAX (self->target, n)));

  tail = (self->head + self->fill) % self->max;
  first = MIN (n, self->max - tail);
  memcpy (self->ring + tail, samples, first * sizeof *samples);
  memcpy (self->ring, samples + first, (n - first) * sizeof *samples);
  self->fill += n;
}

static void
begin_bridge (BbVoiceQueue *self, gint16 next)
{
  self->offset = self->last - next;
  self->bridge = ms (self, BRIDGE_MS);
  self->cut = FALSE;
}

/* Sends samples on their way, over what is left of a bridge. */
static void
smooth (BbVoiceQueue *self, gint16 *samples, guint n)
{
  const int length = (int) ms (self, BRIDGE_MS);

  for (guint i = 0; i < n && self->bridge > 0; i++, self->bridge--)
    {
      int sample = samples[i] + self->offset * (int) self->bridge / length;

      samples[i] = (gint16) CLAMP (sample, G_MININT16, G_MAXINT16);
    }
  if (n > 0)
    self->last = samples[n - 1];
}

/* The delay that was not needed for a second goes. */
static void
watch (BbVoiceQueue *self, guint n)
{
  guint wanted = self->target > n ? self->target - n : 0; /* left over when all is well */

  self->spare = MIN (self->spare, self->fill);
  self->watched += n;
  if (self->watched < self->rate)
    return;

  if (self->spare > wanted + ms (self, SLACK_MS))
    drop (self, self->spare - wanted);
  self->watched = 0;
  self->spare = self->max;
}

/**
 * bb_voice_queue_pull:
 * @self: the queue
 * @samples: (out caller-allocates): @n of them
 * @n: how many
 *
 * Returns: whether any of them is sound
 */
gboolean
bb_voice_queue_pull (BbVoiceQueue *self, gint16 *samples, guint n)
{
  gboolean sound;
  guint got = 0;

  if (!self->running && self->fill > 0 && self->fill >= MIN (self->target, self->max))
    {
      self->running = TRUE;
      self->cut = TRUE;
      self->watched = 0;
      self->spare = self->max;
    }
  if (self->running)
    {
      guint first;

      got = MIN (n, self->fill);
      first = MIN (got, self->max - self->head);
      memcpy (samples, self->ring + self->head, first * sizeof *samples);
      memcpy (samples + first, self->ring, (got - first) * sizeof *samples);
      self->head = (self->head + got) % self->max;
      self->fill -= got;
    }
  if (got > 0 && self->cut)
    begin_bridge (self, samples[0]);
  smooth (self, samples, got);

  memset (samples + got, 0, (n - got) * sizeof *samples);
  if (got < n)
    {
      if (self->running || self->cut)
        begin_bridge (self, 0);
      if (self->running)
        self->inserted += n - got;
      self->running = FALSE;
    }
  sound = got > 0 || (self->bridge > 0 && self->offset != 0);
  smooth (self, samples + got, n - got);

  if (self->running)
    watch (self, n);
  return sound;
}
