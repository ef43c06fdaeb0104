/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rtppacket.h"

#include <string.h>

#define RTCP_SR 200
#define RTCP_RR 201
#define RTCP_SDES 202
#define RTCP_BYE 203
#define RTCP_FIRST 192 /* RFC 5761 section 4: 192..223 can't be RTP */
#define RTCP_LAST 223
#define SDES_CNAME 1
#define DTMF_EVENTS "0123456789*#ABCD" /* RFC 4733 section 3.2 */

static guint16
get16 (const guint8 *p)
{
  return (guint16) (p[0] << 8 | p[1]);
}

static guint32
get32 (const guint8 *p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8 | p[3];
}

static guint8 *
put16 (guint8 *p, guint16 v)
{
  p[0] = (guint8) (v >> 8);
  p[1] = (guint8) v;
  return p + 2;
}

static guint8 *
put32 (guint8 *p, guint32 v)
{
  return put16 (put16 (p, (guint16) (v >> 16)), (guint16) v);
}

/**
 * rtp_packet_parse:
 * @data: a datagram
 * @size: its bytes
 * @header: (out): filled when it is valid
 *
 * RFC 3550 section A.1, without the checks that need history.
 *
 * Returns: what it is
 */
RtpPacketResult
rtp_packet_parse (const guint8 *data, gsize size, RtpHeader *header)
{
  gsize offset;
  gsize padding = 0;

  if (size < 4 || data[0] >> 6 != 2)
    return RTP_PACKET_INVALID;
  if (data[1] >= RTCP_FIRST && data[1] <= RTCP_LAST)
    return RTP_PACKET_IS_RTCP;
  if (size < RTP_HEADER_SIZE)
    return RTP_PACKET_INVALID;

  offset = RTP_HEADER_SIZE + 4 * (gsize) (data[0] & 0x0f);
  if ((data[0] & 0x10) != 0)
    {
      if (offset + 4 > size)
        return RTP_PACKET_INVALID;
      offset += 4 + 4 * (gsize) get16 (data + offset + 2);
    }
  if ((data[0] & 0x20) != 0)
    {
      padding = data[size - 1];
      if (padding == 0)
        return RTP_PACKET_INVALID;
    }
  if (offset + padding > size)
    return RTP_PACKET_INVALID;

  header->marker = (data[1] & 0x80) != 0;
  header->payload_type = data[1] & 0x7f;
  header->seq = get16 (data + 2);
  header->timestamp = get32 (data + 4);
  header->ssrc = get32 (data + 8);
  header->payload_offset = offset;
  header->payload_size = size - offset - padding;
  return RTP_PACKET_OK;
}

/**
 * rtp_packet_is_rtcp:
 * @data: a datagram from a port that carries both
 * @size: its bytes
 *
 * RFC 5761 section 4.
 *
 * Returns: whether it is RTCP, by its type
 */
gboolean
rtp_packet_is_rtcp (const guint8 *data, gsize size)
{
  return size >= 4 && data[0] >> 6 == 2 && data[1] >= RTCP_FIRST && data[1] <= RTCP_LAST;
}

/**
 * rtp_packet_write_header:
 * @data: where to
 * @header: all but the payload's place counts
 */
void
rtp_packet_write_header (guint8 data[RTP_HEADER_SIZE], const RtpHeader *header)
{
  data[0] = 0x80;
  data[1] = (guint8) ((header->marker ? 0x80 : 0) | (header->payload_type & 0x7f));
  put16 (data + 2, header->seq);
  put32 (data + 4, header->timestamp);
  put32 (data + 8, header->ssrc);
}

/**
 * rtp_dtmf_feed:
 * @self: zeroed before the first packet
 * @header: a packet of the negotiated telephone-event type
 * @payload: its payload
 * @size: bytes of it
 * @digit: (out): 0-9, *, #, A-D
 *
 * All packets of one event carry the timestamp of its begin, so whichever of
 * them comes first, with or without marker, reports it: lost begin or end
 * packets don't matter, repetitions are silent.
 *
 * Returns: whether a digit was pressed that was not reported before
 */
gboolean
rtp_dtmf_feed (
    RtpDtmf *self, const RtpHeader *header, const guint8 *payload, gsize size, char *digit)
{
  if (size < 4 || payload[0] >= strlen (DTMF_EVENTS))
    return FALSE;

  if (self->any && self->ssrc == header->ssrc
      && (gint32) (header->timestamp - self->timestamp) <= 0)
    return FALSE;

  self->any = TRUE;
  self->ssrc = header->ssrc;
  self->timestamp = header->timestamp;
  *digit = DTMF_EVENTS[payload[0]];
  return TRUE;
}

static guint8 *
write_report (guint8 *p, const RtcpReport *report)
{
  p = put32 (p, report->ssrc);
  p = put32 (p, (guint32) report->fraction_lost << 24
                    | ((guint32) CLAMP (report->cumulative_lost, -0x800000, 0x7fffff) & 0xffffff));
  p = put32 (p, report->highest_seq);
  p = put32 (p, report->jitter);
  p = put32 (p, report->last_sr);
  return put32 (p, report->delay_since_last_sr);
}

/**
 * rtcp_ntp_now:
 *
 * Returns: the wall clock as an NTP timestamp: seconds since 1900 in 32.32
 *   fixed point (RFC 3550 section 4)
 */
guint64
rtcp_ntp_now (void)
{
  static gint64 offset; /* of the wall clock, once: a clock that is set must not look like a journey */
  static gsize once;
  guint64 us;

  if (g_once_init_enter (&once))
    {
      offset = g_get_real_time () - g_get_monotonic_time ();
      g_once_init_leave (&once, 1);
    }
  us = (guint64) (g_get_monotonic_time () + offset);
  return (us / 1000000 + G_GUINT64_CONSTANT (2208988800)) << 32
         | ((us % 1000000) << 32) / 1000000;
}

/**
 * rtcp_write:
 * @data: where to
 * @size: room; 512 is always enough
 * @ssrc: ours
 * @sender: (nullable): NULL when nothing was sent: then it is a receiver report
 * @report: (nullable): about the peer's stream
 * @cname: canonical name, at most 255 bytes count
 * @bye: whether this is the last one
 *
 * One compound packet: SR or RR, SDES with the CNAME, BYE (RFC 3550 section 6).
 *
 * Returns: its bytes, 0 when it does not fit
 */
gsize
rtcp_write (guint8 *data,
            gsize size,
            guint32 ssrc,
            const RtcpSenderInfo *sender,
            const RtcpReport *report,
            const char *cname,
            gboolean bye)
{
  gsize name = MIN (strlen (cname), 255);
  gsize first = 8 + (sender != NULL ? 20 : 0) + (report != NULL ? 24 : 0);
  gsize sdes = 4 + ((4 + 2 + name + 1 + 3) & ~(gsize) 3);
  guint8 *p = data;

  if (first + sdes + (bye ? 8 : 0) > size)
    return 0;

  *p++ = (guint8) (0x80 | (report != NULL ? 1 : 0));
  *p++ = sender != NULL ? RTCP_SR : RTCP_RR;
  p = put16 (p, (guint16) (first / 4 - 1));
  p = put32 (p, ssrc);
  if (sender != NULL)
    {
      p = put32 (p, (guint32) (sender->ntp >> 32));
      p = put32 (p, (guint32) sender->ntp);
      p = put32 (p, sender->rtp_timestamp);
      p = put32 (p, sender->packets);
      p = put32 (p, sender->octets);
    }
  if (report != NULL)
    p = write_report (p, report);

  memset (p, 0, sdes);
  p[0] = 0x81;
  p[1] = RTCP_SDES;
  put16 (p + 2, (guint16) (sdes / 4 - 1));
  put32 (p + 4, ssrc);
  p[8] = SDES_CNAME;
  p[9] = (guint8) name;
  memcpy (p + 10, cname, name);
  p += sdes;

  if (bye)
    {
      *p++ = 0x81;
      *p++ = RTCP_BYE;
      p = put16 (p, 1);
      p = put32 (p, ssrc);
    }

  return (gsize) (p - data);
}

static void
read_reports (const guint8 *p, const guint8 *end, guint n, guint32 our_ssrc, RtcpContent *content)
{
  for (guint i = 0; i < n && end - p >= 24; i++, p += 24)
    {
      guint32 lost;

      if (get32 (p) != our_ssrc)
        continue;

      lost = get32 (p + 4) & 0xffffff;
      content->has_report = TRUE;
      content->report.ssrc = our_ssrc;
      content->report.fraction_lost = p[4];
      content->report.cumulative_lost
          = (gint32) lost - ((lost & 0x800000) != 0 ? 0x1000000 : 0);
      content->report.highest_seq = get32 (p + 8);
      content->report.jitter = get32 (p + 12);
      content->report.last_sr = get32 (p + 16);
      content->report.delay_since_last_sr = get32 (p + 20);
    }
}

/**
 * rtcp_parse:
 * @data: a datagram
 * @size: its bytes
 * @our_ssrc: whose report block is wanted
 * @content: (out): filled when it is valid
 *
 * The validity check of RFC 3550 section A.2; packets of unknown type are skipped.
 *
 * Returns: whether it is a compound RTCP packet
 */
gboolean
rtcp_parse (const guint8 *data, gsize size, guint32 our_ssrc, RtcpContent *content)
{
  const guint8 *p = data;
  const guint8 *end = data + size;

  memset (content, 0, sizeof *content);
  if (size < 8 || (data[0] & 0xe0) != 0x80 || (data[1] != RTCP_SR && data[1] != RTCP_RR))
    return FALSE;
  content->ssrc = get32 (data + 4);

  while (end - p >= 4)
    {
      gsize length = 4 * ((gsize) get16 (p + 2) + 1);
      guint count = p[0] & 0x1f;

      if (p[0] >> 6 != 2 || length > (gsize) (end - p))
        return FALSE;

      if (p[1] == RTCP_SR && length >= 28)
        {
          content->has_sender = TRUE;
          content->sender.ntp = (guint64) get32 (p + 8) << 32 | get32 (p + 12);
          content->sender.rtp_timestamp = get32 (p + 16);
          content->sender.packets = get32 (p + 20);
          content->sender.octets = get32 (p + 24);
          read_reports (p + 28, p + length, count, our_ssrc, content);
        }
      else if (p[1] == RTCP_RR && length >= 8)
        {
          read_reports (p + 8, p + length, count, our_ssrc, content);
        }
      else if (p[1] == RTCP_BYE)
        {
          content->bye = TRUE;
        }
      p += length;
    }

  return p == end;
}
