/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstRealtimeIo GstRealtimeIo;

GstRealtimeIo *gst_realtime_io_new (void);
GstRealtimeIo *gst_realtime_io_hold_current (void);
GstRealtimeIo *gst_realtime_io_ref (GstRealtimeIo *self);
void gst_realtime_io_unref (GstRealtimeIo *self);
gboolean gst_realtime_io_enqueue (GstRealtimeIo *self,
                                  GFunc func,
                                  gpointer object,
                                  gpointer data,
                                  GDestroyNotify destroy);
GSource *gst_realtime_io_add_waker (GstRealtimeIo *self, GSourceFunc func, gpointer data);
void gst_realtime_io_close (GstRealtimeIo *self, GSourceFunc last, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeIo, gst_realtime_io_unref)

G_END_DECLS
