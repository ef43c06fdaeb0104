/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "rtppacket.h"

G_BEGIN_DECLS

#define RTP_DTMF_MAX 32     /* keys that wait */
#define RTP_DTMF_EVENT_SIZE 4 /* octets of payload */

/**
 * RtpDtmfSender:
 *
 * Presses keys: makes the packets of telephone-events (RFC 4733 section 2.5),
 * one for each packet time, in place of audio. Zeroed before use.
 */
typedef struct
{
  char keys[RTP_DTMF_MAX];
  guint n_keys;
  guint32 timestamp; /* of the key being pressed */
  guint elapsed;     /* ms of it; 0: none is */
  guint n_ends;      /* last packets sent of it */
  guint pause;       /* ms until the next may begin */
} RtpDtmfSender;

gboolean rtp_dtmf_sender_press (RtpDtmfSender *self, const char *keys);
gboolean rtp_dtmf_sender_next (RtpDtmfSender *self,
                               guint ptime,
                               guint clock_rate,
                               RtpHeader *header,
                               guint8 payload[RTP_DTMF_EVENT_SIZE]);

G_END_DECLS
