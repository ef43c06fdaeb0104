/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "realtimewaiter.h"

void
gst_realtime_waiter_init (GstRealtimeWaiter *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->playing = FALSE;
  self->stopped = TRUE;
  self->flushing = FALSE;
  self->waiting = FALSE;
  self->id = NULL;
  self->start = GST_CLOCK_TIME_NONE;
}

void
gst_realtime_waiter_clear (GstRealtimeWaiter *self)
{
  g_clear_pointer (&self->id, gst_clock_id_unref);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
set (GstRealtimeWaiter *self, gboolean *flag, gboolean value)
{
  g_mutex_lock (&self->lock);
  *flag = value;
  if (self->waiting)
    gst_clock_id_unschedule (self->id);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* PAUSED to PLAYING and back: outside PLAYING a wait does not end. */
void
gst_realtime_waiter_set_playing (GstRealtimeWaiter *self, gboolean playing)
{
  set (self, &self->playing, playing);
}

/* Shutting down: a wait ends at once. */
void
gst_realtime_waiter_set_stopped (GstRealtimeWaiter *self, gboolean stopped)
{
  g_mutex_lock (&self->lock);
  self->start = GST_CLOCK_TIME_NONE;
  g_mutex_unlock (&self->lock);
  set (self, &self->stopped, stopped);
}

/* The same for a flush, which ends by itself and must not undo a stop. */
void
gst_realtime_waiter_set_flushing (GstRealtimeWaiter *self, gboolean flushing)
{
  set (self, &self->flushing, flushing);
}

/* With the lock. Makes the id one of @clock for @time; a running stream takes
 * no memory for that. */
static void
prepare_id (GstRealtimeWaiter *self, GstClock *clock, GstClockTime time)
{
  if (self->id != NULL && gst_clock_id_uses_clock (self->id, clock) &&
      gst_clock_single_shot_id_reinit (clock, self->id, time))
    return;
  g_clear_pointer (&self->id, gst_clock_id_unref);
  self->id = gst_clock_new_single_shot_id (clock, time);
}

/* With the lock. The pipeline's clock; without one (an application may forbid
 * it) the system's, from the first time that it is asked: speech must neither
 * spin nor stand still.
 * Returns: (transfer full): and in @base its time at running time 0 */
static GstClock *
get_clock (GstRealtimeWaiter *self, GstElement *element, GstClockTime *base)
{
  GstClock *clock = gst_element_get_clock (element);

  if (clock != NULL)
    {
      *base = gst_element_get_base_time (element);
      return clock;
    }
  clock = gst_system_clock_obtain ();
  if (!GST_CLOCK_TIME_IS_VALID (self->start))
    self->start = gst_clock_get_time (clock);
  *base = self->start;
  return clock;
}

/**
 * gst_realtime_waiter_wait:
 * @running_time: until when; %GST_CLOCK_TIME_NONE: only until PLAYING
 *
 * Returns: %FALSE when stopped or flushing
 */
gboolean
gst_realtime_waiter_wait (GstRealtimeWaiter *self, GstElement *element, GstClockTime running_time)
{
  gboolean reached = FALSE;

  g_mutex_lock (&self->lock);
  while (!self->stopped && !self->flushing && !reached)
    {
      g_autoptr (GstClock) clock = NULL;
      GstClockTime base;

      if (!self->playing)
        {
          g_cond_wait (&self->cond, &self->lock);
          continue;
        }

      if (!GST_CLOCK_TIME_IS_VALID (running_time))
        {
          reached = TRUE;
          continue;
        }
      clock = get_clock (self, element, &base);
      prepare_id (self, clock, base + running_time);
      self->waiting = TRUE;
      g_mutex_unlock (&self->lock);
      reached = gst_clock_id_wait (self->id, NULL) != GST_CLOCK_UNSCHEDULED;
      g_mutex_lock (&self->lock);
      self->waiting = FALSE;
    }
  reached = !self->stopped && !self->flushing;
  g_mutex_unlock (&self->lock);
  return reached;
}

/* Returns: the element's running time now */
GstClockTime
gst_realtime_waiter_get_running_time (GstRealtimeWaiter *self, GstElement *element)
{
  g_autoptr (GstClock) clock = NULL;
  GstClockTime now, base;

  g_mutex_lock (&self->lock);
  clock = get_clock (self, element, &base);
  g_mutex_unlock (&self->lock);
  now = gst_clock_get_time (clock);
  return now > base ? now - base : 0;
}
