/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Waits on the pipeline's clock, in PLAYING only, until told to stop. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean playing;
  gboolean stopped;
  gboolean flushing;
  gboolean waiting; /* on the id */
  GstClockID id;    /* used again and again */
  GstClockTime start; /* of running time by the system clock, where the pipeline has no clock */
} GstRealtimeWaiter;

void gst_realtime_waiter_init (GstRealtimeWaiter *self);
void gst_realtime_waiter_clear (GstRealtimeWaiter *self);
void gst_realtime_waiter_set_playing (GstRealtimeWaiter *self, gboolean playing);
void gst_realtime_waiter_set_stopped (GstRealtimeWaiter *self, gboolean stopped);
void gst_realtime_waiter_set_flushing (GstRealtimeWaiter *self, gboolean flushing);
gboolean
gst_realtime_waiter_wait (GstRealtimeWaiter *self, GstElement *element, GstClockTime running_time);
GstClockTime gst_realtime_waiter_get_running_time (GstRealtimeWaiter *self, GstElement *element);

G_END_DECLS
