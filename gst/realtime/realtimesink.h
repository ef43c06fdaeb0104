/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "realtimeuplink.h"

G_BEGIN_DECLS

#define GST_TYPE_REALTIME_SINK (gst_realtime_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstRealtimeSink, gst_realtime_sink, GST, REALTIME_SINK, GstElement)

/* The caps of the sink pad have come; streaming thread. */
typedef void (*GstRealtimeFormatFunc) (gpointer user_data, GstRealtimeFormat format);

GstElement *
gst_realtime_sink_new (GstRealtimeUplink *uplink, GstRealtimeFormatFunc format, gpointer user_data);
void gst_realtime_sink_end_input (GstRealtimeSink *self);
GstClockTime gst_realtime_sink_get_running_time (GstRealtimeSink *self);
void gst_realtime_sink_finish (GstRealtimeSink *self);
void gst_realtime_sink_ended (GstRealtimeSink *self);
void gst_realtime_sink_set_sync (GstRealtimeSink *self, gboolean sync);
GstRealtimeFormat gst_realtime_sink_get_format (GstRealtimeSink *self);

G_END_DECLS
