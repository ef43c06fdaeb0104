/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Properties of callrtpsrc. */
enum
{
  PROP_0,
  PROP_ADDRESS,
  PROP_PORT_MIN,
  PROP_PORT_MAX,
  PROP_PORT,
  PROP_RTCP_PORT,
  PROP_DSCP,
  PROP_CAPS,
  PROP_NEXT_CAPS,
  PROP_DTMF_PAYLOAD_TYPE,
  PROP_REMOTE_ADDRESS,
  PROP_REMOTE_PORT,
  PROP_REMOTE_RTCP_PORT,
  PROP_RTCP_MUX,
  PROP_SRTP,
  PROP_RECEIVING,
  PROP_TIMEOUT,
  PROP_STATS,
  N_PROPS
};

void gst_call_rtp_src_install_properties (GObjectClass *klass);

G_END_DECLS
