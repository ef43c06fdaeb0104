/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RTP_HEADER_SIZE 12
#define RTP_MAX_PACKET 1500 /* bytes; what an Ethernet frame carries at most */
#define RTP_PT_COMFORT_NOISE 13 /* RFC 3389 */

/**
 * RtpHeader:
 *
 * The fixed header of RFC 3550 section 5.1 and where the payload lies.
 */
typedef struct
{
  guint8 payload_type;
  gboolean marker;
  guint16 seq;
  guint32 timestamp;
  guint32 ssrc;
  gsize payload_offset;
  gsize payload_size; /* without padding; may be 0 */
} RtpHeader;

typedef enum
{
  RTP_PACKET_OK,
  RTP_PACKET_INVALID, /* too short, not version 2, lengths that don't add up */
  RTP_PACKET_IS_RTCP  /* RFC 5761 section 4: RTCP on the RTP port */
} RtpPacketResult;

RtpPacketResult rtp_packet_parse (const guint8 *data, gsize size, RtpHeader *header);
gboolean rtp_packet_is_rtcp (const guint8 *data, gsize size);
void rtp_packet_write_header (guint8 data[RTP_HEADER_SIZE], const RtpHeader *header);

/**
 * RtpDtmf:
 *
 * Folds the packets of telephone-events (RFC 4733 section 2.5) into one report per event.
 */
typedef struct
{
  gboolean any;
  guint32 ssrc;
  guint32 timestamp; /* of the last event reported */
} RtpDtmf;

gboolean rtp_dtmf_feed (RtpDtmf *self,
                        const RtpHeader *header,
                        const guint8 *payload,
                        gsize size,
                        char *digit);

/**
 * RtcpReport:
 *
 * What a report block says about one stream (RFC 3550 section 6.4.1).
 */
typedef struct
{
  guint32 ssrc;
  guint8 fraction_lost;  /* of 256, since the last report */
  gint32 cumulative_lost;
  guint32 highest_seq;   /* extended */
  guint32 jitter;        /* RTP clock units */
  guint32 last_sr;       /* middle 32 bits of the NTP time of the last SR */
  guint32 delay_since_last_sr; /* 1/65536 s */
} RtcpReport;

/**
 * RtcpSenderInfo:
 *
 * RFC 3550 section 6.4.1.
 */
typedef struct
{
  guint64 ntp; /* 32.32 fixed point */
  guint32 rtp_timestamp;
  guint32 packets;
  guint32 octets; /* of payload */
} RtcpSenderInfo;

guint64 rtcp_ntp_now (void);
gsize rtcp_write (guint8 *data,
                  gsize size,
                  guint32 ssrc,
                  const RtcpSenderInfo *sender,
                  const RtcpReport *report,
                  const char *cname,
                  gboolean bye);

/**
 * RtcpContent:
 *
 * What matters to us of a compound packet.
 */
typedef struct
{
  guint32 ssrc;
  gboolean has_sender;
  RtcpSenderInfo sender;
  gboolean has_report; /* about us */
  RtcpReport report;
  gboolean bye;
} RtcpContent;

gboolean rtcp_parse (const guint8 *data, gsize size, guint32 our_ssrc, RtcpContent *content);

G_END_DECLS
