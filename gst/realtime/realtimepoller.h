/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* See realtimepoller.c. All of it on the thread whose main context it is. */
typedef struct _GstRealtimePoller GstRealtimePoller;
typedef struct _GstRealtimeWatch GstRealtimeWatch;

/* @condition: what is the case of G_IO_IN, G_IO_OUT, G_IO_ERR, G_IO_HUP; 0: the
 * time that was asked for has come. May free the watch. */
typedef void (*GstRealtimeWatchFunc) (gpointer user_data, GIOCondition condition);

GstRealtimePoller *gst_realtime_poller_new (GMainContext *context);
void gst_realtime_poller_serve_thread (GstRealtimePoller *self);
void gst_realtime_poller_free (GstRealtimePoller *self);

GstRealtimeWatch *gst_realtime_watch_new (GstRealtimePoller *poller,
                                          int fd,
                                          GstRealtimeWatchFunc func,
                                          gpointer user_data);
void gst_realtime_watch_free (GstRealtimeWatch *self);
void gst_realtime_watch_set_condition (GstRealtimeWatch *self, GIOCondition condition);
void gst_realtime_watch_set_due (GstRealtimeWatch *self, gint64 due_us);

G_END_DECLS
