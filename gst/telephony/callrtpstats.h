/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "rtpreceiver.h"
#include "srtpsession.h"

G_BEGIN_DECLS

GstStructure *gst_call_rtp_stats_new (const RtpReceiver *receiver, SrtpSession *srtp);

G_END_DECLS
