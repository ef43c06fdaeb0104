/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_CALL_RTP_SINK (gst_call_rtp_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstCallRtpSink, gst_call_rtp_sink, GST, CALL_RTP_SINK, GstElement)
GST_ELEMENT_REGISTER_DECLARE (callrtpsink);

G_END_DECLS
