/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rtpreceiver.h"

#include "emodel.h"

#define NS_PER_S G_GINT64_CONSTANT (1000000000)

/**
 * rtp_receiver_init:
 * @self: the receiver
 */
void
rtp_receiver_init (RtpReceiver *self)
{
  *self = (RtpReceiver){ .payload_type = -1, .next_payload_type = -1, .dtmf_payload_type = -1, .round_trip = -1 };
}

/**
 * rtp_receiver_set_format:
 * @self: the receiver
 * @payload_type: of the audio; -1: any
 * @clock_rate: Hz; 0: unknown
 */
void
rtp_receiver_set_format (RtpReceiver *self, int payload_type, guint clock_rate)
{
  self->payload_type = payload_type;
  if (self->reception.clock_rate == clock_rate)
    return;

  self->reception.clock_rate = clock_rate;
  self->reception.have_transit = FALSE;
  self->reception.jitter = 0.0;
}

static gboolean
is_expected (const RtpReceiver *self, guint8 payload_type)
{
  return self->payload_type < 0 || payload_type == self->payload_type
         || payload_type == self->next_payload_type
         || payload_type == self->dtmf_payload_type || payload_type == RTP_PT_COMFORT_NOISE;
}

/**
 * rtp_receiver_packet:
 * @self: the receiver
 * @data: a datagram from the RTP socket
 * @size: its bytes; more than %RTP_MAX_PACKET: it was cut
 * @from: its source
 * @now: ns
 * @finding: (out): what else it tells
 *
 * Returns: whether it goes on; events and comfort noise do as well, since they
 *   hold a place in the sequence
 */
gboolean
rtp_receiver_packet (RtpReceiver *self,
                     const guint8 *data,
                     gsize size,
                     const struct sockaddr_storage *from,
                     gint64 now,
                     RtpReceiverFinding *finding)
{
  RtpPacketResult result
      = size <= RTP_MAX_PACKET ? RTP_PACKET_OK : RTP_PACKET_INVALID;
  struct sockaddr_storage before = self->rtp_latch.latched;
  RtpHeader header;

  *finding = (RtpReceiverFinding){ 0 };
  if (result == RTP_PACKET_OK)
    result = rtp_packet_parse (data, size, &header);
  if (result != RTP_PACKET_OK)
    {
      if (result == RTP_PACKET_IS_RTCP)
        self->rtcp_on_rtp++;
      else
        self->invalid++;
      return FALSE;
    }
  if (!is_expected (self, header.payload_type))
    {
      self->wrong_payload_type++;
      return FALSE;
    }
  if (!rtp_latch_accept (&self->rtp_latch, from, header.ssrc, now))
    {
      self->foreign++;
      return FALSE;
    }

  finding->latched = !rtp_address_equal (&before, &self->rtp_latch.latched);
  self->last_packet = now;
  self->bytes += header.payload_size;
  rtp_reception_packet (&self->reception, &header, now);

  if (header.payload_type == self->dtmf_payload_type
      && !rtp_dtmf_feed (&self->dtmf, &header, data + header.payload_offset, header.payload_size,
                         &finding->digit))
    finding->digit = 0;
  return TRUE;
}

/**
 * rtp_receiver_rtcp:
 * @self: the receiver
 * @data: RTCP, from either socket
 * @size: its bytes; more than %RTP_MAX_PACKET: it was cut
 * @from: its source
 * @now: ns
 */
void
rtp_receiver_rtcp (RtpReceiver *self,
                   const guint8 *data,
                   gsize size,
                   const struct sockaddr_storage *from,
                   gint64 now)
{
  RtcpContent content;

  if (size > RTP_MAX_PACKET || !rtcp_parse (data, size, self->own_ssrc, &content))
    {
      self->invalid++;
      return;
    }
  /* On the RTP port it has to come from where RTP does, and moves nothing. */
  if (self->rtcp_mux ? self->rtp_latch.latched.ss_family != 0
                           && !rtp_address_equal (from, &self->rtp_latch.latched)
                     : !rtp_latch_accept (&self->rtcp_latch, from, content.ssrc, now))
    {
      self->foreign++;
      return;
    }

  self->rtcp_packets++;
  self->byes += content.bye ? 1 : 0;
  if (content.has_sender)
    {
      self->last_sr = (guint32) (content.sender.ntp >> 16);
      self->last_sr_time = now;
    }
  if (content.has_report)
    {
      self->remote_report = content.report;
      self->remote_reports++;
      self->remote_loss += (content.report.fraction_lost / 256.0 - self->remote_loss)
                           / (double) self->remote_reports;
      if (content.report.last_sr != 0)
        {
          /* RFC 3550 section 6.4.1 */
          guint32 delta = (guint32) (rtcp_ntp_now () >> 16) - content.report.last_sr
                          - content.report.delay_since_last_sr;

          if ((gint32) delta >= 0)
            self->round_trip = (gint64) delta * NS_PER_S / 65536;
        }
    }
}

/* Half the round trip, the packet, and a buffer of twice the jitter: what a
 * voice takes from mouth to ear at least. */
static double
delay_ms (const RtpReceiver *self, guint ptime, double jitter_ms)
{
  double way = self->round_trip > 0 ? (double) self->round_trip / 2e6 : 0.0;

  return way + ptime + 2.0 * jitter_ms;
}

/**
 * rtp_receiver_get_mos:
 * @self: the receiver
 * @ptime: ms in a packet
 *
 * Returns: how the caller sounds to us (ITU-T G.107), 0 when nothing has come
 */
double
rtp_receiver_get_mos (const RtpReceiver *self, guint ptime)
{
  double received = (double) rtp_reception_get_received (&self->reception);
  double lost = (double) rtp_reception_get_lost (&self->reception);

  if (received < 1.0)
    return 0.0;
  return emodel_mos (
      emodel_rating (delay_ms (self, ptime, rtp_reception_get_jitter_ms (&self->reception)),
                     100.0 * lost / (lost + received), EMODEL_IE_G711, EMODEL_BPL_G711_PLC));
}

double
rtp_receiver_get_remote_jitter_ms (const RtpReceiver *self)
{
  return self->reception.clock_rate > 0
             ? self->remote_report.jitter * 1000.0 / self->reception.clock_rate
             : 0.0;
}

/**
 * rtp_receiver_get_remote_mos:
 * @self: the receiver
 * @ptime: ms in a packet
 *
 * Returns: how we sound to the caller by what they report, 0 when they have not
 */
double
rtp_receiver_get_remote_mos (const RtpReceiver *self, guint ptime)
{
  if (self->remote_reports == 0)
    return 0.0;
  return emodel_mos (
      emodel_rating (delay_ms (self, ptime, rtp_receiver_get_remote_jitter_ms (self)),
                     100.0 * self->remote_loss, EMODEL_IE_G711, EMODEL_BPL_G711_PLC));
}

/**
 * rtp_receiver_report:
 * @self: the receiver
 * @now: ns
 * @report: (out): a report block about the peer's stream
 *
 * Returns: whether anything has come to report on
 */
gboolean
rtp_receiver_report (RtpReceiver *self, gint64 now, RtcpReport *report)
{
  if (!rtp_reception_report (&self->reception, report))
    return FALSE;

  report->last_sr = self->last_sr;
  report->delay_since_last_sr
      = self->last_sr != 0 ? (guint32) ((now - self->last_sr_time) / 1000 * 65536 / 1000000) : 0;
  return TRUE;
}
