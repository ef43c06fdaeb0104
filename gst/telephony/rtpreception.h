/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "rtppacket.h"

G_BEGIN_DECLS

/**
 * RtpReception:
 *
 * What arrived of the peer's stream: RFC 3550 sections A.1 (sequence), A.3
 * (loss) and A.8 (jitter). Loss and count go on over a change of SSRC.
 */
typedef struct
{
  guint clock_rate; /* Hz; set before the first packet */

  gboolean started;
  guint32 ssrc;
  guint16 max_seq;
  guint32 cycles; /* shifted count of wrap-arounds */
  guint32 base_seq;
  guint32 bad_seq;
  guint64 received;      /* of this SSRC */
  guint64 expected_prior;
  guint64 received_prior;
  gboolean have_transit;
  guint32 transit;
  double jitter; /* RTP clock units */

  guint64 lost_before;     /* of earlier SSRCs */
  guint64 received_before;
} RtpReception;

void rtp_reception_packet (RtpReception *self, const RtpHeader *header, gint64 now);
guint64 rtp_reception_get_received (const RtpReception *self);
guint64 rtp_reception_get_lost (const RtpReception *self);
double rtp_reception_get_jitter_ms (const RtpReception *self);
gboolean rtp_reception_report (RtpReception *self, RtcpReport *report);

/* A latched source may be replaced after this much silence, ns. */
#define RTP_LATCH_SILENCE (2 * G_GINT64_CONSTANT (1000000000))

/**
 * RtpLatch:
 *
 * Symmetric RTP (RFC 4961): replies go to where packets come from, since a
 * caller behind a NAT announces an address that can't be reached. The first
 * valid source is latched; another one is accepted when it is exactly the one
 * that signalling announced, or after silence when it goes on with the same
 * stream (SSRC) or comes from the same host: a NAT that binds anew, a phone that
 * roams. So a stranger can neither take over a call, whenever, nor keep the true
 * peer out.
 */
typedef struct
{
  struct sockaddr_storage announced; /* family 0: none */
  struct sockaddr_storage latched;   /* family 0: nothing came yet */
  guint32 ssrc;                      /* of what was accepted last */
  gint64 last;                       /* ns, last packet from the latched source */
} RtpLatch;

void rtp_latch_announce (RtpLatch *self, const struct sockaddr_storage *address);
gboolean rtp_latch_accept (RtpLatch *self,
                           const struct sockaddr_storage *from,
                           guint32 ssrc,
                           gint64 now);
const struct sockaddr_storage *rtp_latch_get_destination (const RtpLatch *self);
gboolean rtp_address_equal (const struct sockaddr_storage *a, const struct sockaddr_storage *b);
gboolean rtp_address_parse (const char *text, guint16 port, struct sockaddr_storage *address);
char *rtp_address_to_string (const struct sockaddr_storage *address);
socklen_t rtp_address_size (const struct sockaddr_storage *address);

G_END_DECLS
