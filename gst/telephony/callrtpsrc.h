/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "medialoop.h"
#include "rtpreceiver.h"
#include "rtpsockets.h"
#include "srtpsession.h"

G_BEGIN_DECLS

#define GST_TYPE_CALL_RTP_SRC (gst_call_rtp_src_get_type ())
G_DECLARE_FINAL_TYPE (GstCallRtpSrc, gst_call_rtp_src, GST, CALL_RTP_SRC, GstElement)
GST_ELEMENT_REGISTER_DECLARE (callrtpsrc);

/* A pulse runs down the stream this often, so that callreorder notices that
 * time passes while no packet comes; it has no thread and no timer of its own. */
#define GST_CALL_RTP_PULSE "call-rtp-pulse"
#define GST_CALL_RTP_PULSE_MS 20

/* For callrtpsink, which shares sockets and loop. The loop's thread only,
 * but for get_loop(). */
MediaLoop *gst_call_rtp_src_get_loop (GstCallRtpSrc *self);
gssize gst_call_rtp_src_send (GstCallRtpSrc *self, gboolean rtcp, const struct iovec *vectors, gsize n);
gboolean gst_call_rtp_src_report (GstCallRtpSrc *self, RtcpReport *report);
void gst_call_rtp_src_set_own_ssrc (GstCallRtpSrc *self, guint32 ssrc);

G_END_DECLS
