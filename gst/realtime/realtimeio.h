/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimepoller.h"

G_BEGIN_DECLS

typedef struct _GstRealtimeIo GstRealtimeIo;
typedef struct _GstRealtimeWaker GstRealtimeWaker;

GstRealtimeIo *gst_realtime_io_new (void);
GstRealtimeIo *gst_realtime_io_hold_current (void);
GstRealtimeIo *gst_realtime_io_ref (GstRealtimeIo *self);
void gst_realtime_io_unref (GstRealtimeIo *self);
gboolean gst_realtime_io_enqueue (GstRealtimeIo *self,
                                  GFunc func,
                                  gpointer object,
                                  gpointer data,
                                  GDestroyNotify destroy);
GstRealtimePoller *gst_realtime_io_get_current_poller (void);
void gst_realtime_io_close (GstRealtimeIo *self, GSourceFunc last, gpointer data);

/* Wakes an I/O thread for one element, without allocating. */
GstRealtimeWaker *gst_realtime_waker_new (GstRealtimeIo *io, GFunc func, gpointer data);
GstRealtimeWaker *gst_realtime_waker_ref (GstRealtimeWaker *self);
void gst_realtime_waker_unref (GstRealtimeWaker *self);
void gst_realtime_waker_wake (GstRealtimeWaker *self);
void gst_realtime_waker_stop (GstRealtimeWaker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeIo, gst_realtime_io_unref)

G_END_DECLS
