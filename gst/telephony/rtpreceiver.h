/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "rtpreception.h"

G_BEGIN_DECLS

/**
 * RtpReceiver:
 *
 * Judges what arrives on a call's two sockets: what is the peer's and valid,
 * and what it tells. No I/O; zeroed but for rtp_receiver_init().
 */
typedef struct
{
  int payload_type;      /* of the audio; -1: any */
  int next_payload_type; /* of the audio after a change under way; -1: none */
  int dtmf_payload_type; /* telephone-event; -1: none */
  guint32 own_ssrc;      /* whose report blocks concern us */

  gboolean rtcp_mux; /* RTCP comes on the RTP port (RFC 5761) */
  RtpLatch rtp_latch;
  RtpLatch rtcp_latch;
  RtpReception reception;
  RtpDtmf dtmf;
  gint64 last_packet; /* ns */

  guint64 bytes; /* of payload */
  guint64 invalid;
  guint64 wrong_payload_type;
  guint64 rtcp_on_rtp;
  guint64 foreign; /* from an address that is not the peer's */
  guint64 rtcp_packets;
  RtcpReport remote_report; /* what the peer says of our stream */
  guint64 remote_reports;   /* how many there were */
  double remote_loss;       /* of 1, the mean of what they said */
  guint64 byes;             /* of the peer */
  guint32 last_sr;          /* middle 32 bits of the peer's last SR */
  gint64 last_sr_time;      /* ns */
  gint64 round_trip;        /* ns; -1: unknown */
} RtpReceiver;

/**
 * RtpReceiverFinding:
 *
 * What a packet is besides audio.
 */
typedef struct
{
  gboolean latched; /* replies go to another address from now on */
  char digit;       /* a key was pressed; 0: none */
} RtpReceiverFinding;

void rtp_receiver_init (RtpReceiver *self);
void rtp_receiver_set_format (RtpReceiver *self, int payload_type, guint clock_rate);
gboolean rtp_receiver_packet (RtpReceiver *self,
                              const guint8 *data,
                              gsize size,
                              const struct sockaddr_storage *from,
                              gint64 now,
                              RtpReceiverFinding *finding);
void rtp_receiver_rtcp (RtpReceiver *self,
                        const guint8 *data,
                        gsize size,
                        const struct sockaddr_storage *from,
                        gint64 now);
double rtp_receiver_get_mos (const RtpReceiver *self, guint ptime);
double rtp_receiver_get_remote_mos (const RtpReceiver *self, guint ptime);
double rtp_receiver_get_remote_jitter_ms (const RtpReceiver *self);
gboolean rtp_receiver_report (RtpReceiver *self, gint64 now, RtcpReport *report);

G_END_DECLS
