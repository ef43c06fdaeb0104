/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glib.h>
#include <string.h>

#include "concealment.h"
#include "emodel.h"
#include "rtpreceiver.h"
#include "rtpsockets.h"

#define MS G_GINT64_CONSTANT (1000000)

static struct sockaddr_storage
address (const char *text, guint16 port)
{
  struct sockaddr_storage result;

  rtp_address_parse (text, port, &result);
  return result;
}

/* ---- Packets ---- */

static void
test_header (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    RtpPacketResult result;
    gsize payload;
  } cases[] = {
    { "\x80\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03", 12, RTP_PACKET_OK, 0 },
    { "\x80\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03xyz", 15, RTP_PACKET_OK, 3 },
    { "\x80\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00", 11, RTP_PACKET_INVALID, 0 },
    { "", 0, RTP_PACKET_INVALID, 0 },
    { "\x40\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03", 12, RTP_PACKET_INVALID, 0 },
    { "\x80\xc8\x00\x01\x00\x00\x00\x02", 8, RTP_PACKET_IS_RTCP, 0 },
    { "\x80\xc9\x00\x01\x00\x00\x00\x02", 8, RTP_PACKET_IS_RTCP, 0 },
    /* a CSRC, then the payload; a CSRC too many */
    { "\x81\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03____z", 17, RTP_PACKET_OK, 1 },
    { "\x82\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03____z", 17, RTP_PACKET_INVALID, 0 },
    /* an extension of one word; one longer than the packet */
    { "\x90\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\xbe\xde\x00\x01____zz", 22, RTP_PACKET_OK, 2 },
    { "\x90\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\xbe\xde\xff\xff____zz", 22,
      RTP_PACKET_INVALID, 0 },
    /* padding of two; of more than there is; of none */
    { "\xa0\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03z\x00\x02", 15, RTP_PACKET_OK, 1 },
    { "\xa0\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03z\x00\x09", 15, RTP_PACKET_INVALID, 0 },
    { "\xa0\x08\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03z\x00\x00", 15, RTP_PACKET_INVALID, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtpHeader header;
      g_autofree guint8 *exact = g_memdup2 (cases[i].bytes, cases[i].size);

      g_test_message ("case %u", i);
      g_assert_cmpint (rtp_packet_parse (exact, cases[i].size, &header), ==, cases[i].result);
      if (cases[i].result == RTP_PACKET_OK)
        {
          g_assert_cmpuint (header.payload_size, ==, cases[i].payload);
          g_assert_cmpuint (header.payload_type, ==, 8);
          g_assert_cmpuint (header.seq, ==, 1);
          g_assert_cmpuint (header.timestamp, ==, 2);
          g_assert_cmpuint (header.ssrc, ==, 3);
        }
    }
}

static void
test_header_written (void)
{
  RtpHeader in = { .payload_type = 111,
                   .marker = TRUE,
                   .seq = 0xfedc,
                   .timestamp = 0x89abcdef,
                   .ssrc = 0x01234567 };
  RtpHeader out;
  guint8 data[RTP_HEADER_SIZE];

  rtp_packet_write_header (data, &in);
  g_assert_cmpint (rtp_packet_parse (data, sizeof data, &out), ==, RTP_PACKET_OK);
  g_assert_cmpuint (out.payload_type, ==, 111);
  g_assert_true (out.marker);
  g_assert_cmpuint (out.seq, ==, in.seq);
  g_assert_cmpuint (out.timestamp, ==, in.timestamp);
  g_assert_cmpuint (out.ssrc, ==, in.ssrc);
}

static void
test_dtmf (void)
{
  RtpDtmf dtmf = { 0 };
  RtpHeader header = { .ssrc = 1, .timestamp = 0xffffff00 };
  guint8 payload[4] = { 11, 0x8a, 0, 160 };
  char digit = 0;

  g_assert_true (rtp_dtmf_feed (&dtmf, &header, payload, 4, &digit));
  g_assert_cmpint (digit, ==, '#');
  g_assert_false (rtp_dtmf_feed (&dtmf, &header, payload, 4, &digit));
  header.timestamp += 0x200; /* wraps */
  payload[0] = 0;
  g_assert_true (rtp_dtmf_feed (&dtmf, &header, payload, 4, &digit));
  g_assert_cmpint (digit, ==, '0');
  header.timestamp -= 0x200; /* the first one once more, late */
  g_assert_false (rtp_dtmf_feed (&dtmf, &header, payload, 4, &digit));
  header.timestamp += 0x400;
  g_assert_false (rtp_dtmf_feed (&dtmf, &header, payload, 3, &digit));
  payload[0] = 16;
  g_assert_false (rtp_dtmf_feed (&dtmf, &header, payload, 4, &digit));
}

static void
test_rtcp (void)
{
  RtcpSenderInfo sender = { .ntp = G_GUINT64_CONSTANT (0x0102030405060708),
                            .rtp_timestamp = 9,
                            .packets = 10,
                            .octets = 11 };
  RtcpReport report = { .ssrc = 77,
                        .fraction_lost = 12,
                        .cumulative_lost = -3,
                        .highest_seq = 14,
                        .jitter = 15,
                        .last_sr = 16,
                        .delay_since_last_sr = 17 };
  RtcpContent content;
  guint8 data[512];
  gsize size = rtcp_write (data, sizeof data, 5, &sender, &report, "a-name", TRUE);

  g_assert_cmpuint (size % 4, ==, 0);
  g_assert_true (rtcp_parse (data, size, 77, &content));
  g_assert_cmpuint (content.ssrc, ==, 5);
  g_assert_true (content.has_sender);
  g_assert_cmpuint (content.sender.ntp, ==, sender.ntp);
  g_assert_cmpuint (content.sender.octets, ==, 11);
  g_assert_true (content.has_report);
  g_assert_cmpint (content.report.cumulative_lost, ==, -3);
  g_assert_cmpuint (content.report.delay_since_last_sr, ==, 17);
  g_assert_true (content.bye);

  /* Cut anywhere it is refused, and nothing beyond its end is read. */
  for (gsize cut = 0; cut < size; cut++)
    {
      g_autofree guint8 *exact = g_memdup2 (data, cut);

      if (cut != 28 + 24 && cut != size - 8)
        g_assert_false (rtcp_parse (exact, cut, 77, &content));
    }

  size = rtcp_write (data, sizeof data, 5, NULL, NULL, "", FALSE);
  g_assert_true (rtcp_parse (data, size, 77, &content));
  g_assert_false (content.has_sender);
  g_assert_false (content.bye);
  g_assert_cmpuint (rtcp_write (data, 20, 5, &sender, &report, "a-name", TRUE), ==, 0);
}

/* ---- Reception ---- */

static void
feed (RtpReception *reception, guint32 ssrc, guint16 seq, guint32 timestamp, gint64 now)
{
  RtpHeader header = { .ssrc = ssrc, .seq = seq, .timestamp = timestamp };

  rtp_reception_packet (reception, &header, now);
}

static void
test_loss (void)
{
  RtpReception reception = { .clock_rate = 8000 };
  RtcpReport report;

  g_assert_false (rtp_reception_report (&reception, &report));
  for (guint i = 0; i < 100; i++)
    if (i % 10 != 5)
      feed (&reception, 1, (guint16) (65500 + i), 160 * i, 20 * MS * i);
  g_assert_cmpuint (rtp_reception_get_received (&reception), ==, 90);
  g_assert_cmpuint (rtp_reception_get_lost (&reception), ==, 10);
  g_assert_true (rtp_reception_report (&reception, &report));
  g_assert_cmpuint (report.fraction_lost, ==, 25); /* of 256 */
  g_assert_cmpint (report.cumulative_lost, ==, 10);
  g_assert_cmpuint (report.highest_seq, ==, 65500 + 99);
  g_assert_true (rtp_reception_report (&reception, &report));
  g_assert_cmpuint (report.fraction_lost, ==, 0);

  /* Another source: the counts of the call go on. */
  feed (&reception, 2, 5, 0, 0);
  feed (&reception, 2, 7, 0, 0);
  g_assert_cmpuint (rtp_reception_get_received (&reception), ==, 92);
  g_assert_cmpuint (rtp_reception_get_lost (&reception), ==, 11);
}

static void
test_jitter (void)
{
  RtpReception even = { .clock_rate = 8000 };
  RtpReception uneven = { .clock_rate = 8000 };

  for (guint i = 0; i < 500; i++)
    {
      feed (&even, 1, (guint16) i, 160 * i, 20 * MS * i);
      feed (&uneven, 1, (guint16) i, 160 * i, 20 * MS * i + (i % 2 == 0 ? 0 : 5 * MS));
    }
  g_assert_cmpfloat (rtp_reception_get_jitter_ms (&even), <, 0.001);
  g_assert_cmpfloat_with_epsilon (rtp_reception_get_jitter_ms (&uneven), 5.0, 0.1);
}

/* ---- Whose packets these are ---- */

static void
test_latch (void)
{
  const gint64 s = 1000 * MS;
  RtpLatch latch = { 0 };
  struct sockaddr_storage signalled = address ("192.0.2.1", 4000);
  struct sockaddr_storage seen = address ("203.0.113.9", 5000);
  struct sockaddr_storage stranger = address ("198.51.100.7", 6000);
  struct sockaddr_storage none = { 0 };
  struct sockaddr_storage rebound = address ("203.0.113.9", 5001);
  const guint32 signalled_ssrc = 1;
  const guint32 seen_ssrc = 1;
  const guint32 stranger_ssrc = 2;

  g_assert_null (rtp_latch_get_destination (&latch));
  rtp_latch_announce (&latch, &signalled);
  g_assert_true (rtp_address_equal (rtp_latch_get_destination (&latch), &signalled));

  /* The first valid packet says where the peer truly is. */
  g_assert_true (rtp_latch_accept (&latch, &seen, seen_ssrc, 0));
  g_assert_true (rtp_address_equal (rtp_latch_get_destination (&latch), &seen));
  g_assert_false (rtp_latch_accept (&latch, &stranger, stranger_ssrc, 1 * s));
  g_assert_true (rtp_latch_accept (&latch, &seen, seen_ssrc, 1 * s));

  /* The signalled one may always, another after silence only. */
  g_assert_true (rtp_latch_accept (&latch, &signalled, signalled_ssrc, 1 * s + 1));
  g_assert_false (rtp_latch_accept (&latch, &seen, seen_ssrc, 2 * s));
  g_assert_true (rtp_latch_accept (&latch, &seen, seen_ssrc, 3 * s + 2));

  /* However long the peer is silent, a stranger does not get in: who goes on
   * with the same stream does, and a new stream from the same host. */
  g_assert_false (rtp_latch_accept (&latch, &stranger, stranger_ssrc, 100 * s));
  g_assert_true (rtp_address_equal (rtp_latch_get_destination (&latch), &seen));
  g_assert_true (rtp_latch_accept (&latch, &rebound, 77, 100 * s));
  g_assert_false (rtp_latch_accept (&latch, &seen, 77, 101 * s));
  g_assert_true (rtp_latch_accept (&latch, &seen, 77, 103 * s));
  g_assert_true (rtp_latch_accept (&latch, &stranger, 77, 106 * s));
  g_assert_true (rtp_latch_accept (&latch, &signalled, 77, 106 * s));

  /* The same announcement again (a session refresh) changes nothing; hold
   * neither; a new one opens it. */
  rtp_latch_announce (&latch, &signalled);
  g_assert_false (rtp_latch_accept (&latch, &stranger, stranger_ssrc, 110 * s));
  rtp_latch_announce (&latch, &none);
  g_assert_false (rtp_latch_accept (&latch, &stranger, stranger_ssrc, 110 * s));
  rtp_latch_announce (&latch, &stranger);
  g_assert_true (rtp_address_equal (rtp_latch_get_destination (&latch), &stranger));
  g_assert_true (rtp_latch_accept (&latch, &seen, seen_ssrc, 110 * s));
}

static void
test_address (void)
{
  struct sockaddr_storage parsed;
  g_autofree char *v4 = NULL;
  g_autofree char *v6 = NULL;

  g_assert_true (rtp_address_parse ("192.0.2.1", 4000, &parsed));
  v4 = rtp_address_to_string (&parsed);
  g_assert_cmpstr (v4, ==, "192.0.2.1:4000");
  g_assert_true (rtp_address_parse ("2001:db8::1", 4000, &parsed));
  v6 = rtp_address_to_string (&parsed);
  g_assert_cmpstr (v6, ==, "[2001:db8::1]:4000");
  g_assert_false (rtp_address_parse ("0.0.0.0", 4000, &parsed));
  g_assert_false (rtp_address_parse ("::", 4000, &parsed));
  g_assert_false (rtp_address_parse ("example.org", 4000, &parsed));
  g_assert_false (rtp_address_parse (NULL, 4000, &parsed));
  g_assert_false (rtp_address_parse ("192.0.2.1", 0, &parsed));
  g_assert_cmpint (parsed.ss_family, ==, 0);
}

static void
test_receiver (void)
{
  struct sockaddr_storage from = address ("192.0.2.1", 4000);
  RtpHeader header = { .payload_type = 8, .seq = 1, .ssrc = 3 };
  guint8 data[RTP_HEADER_SIZE + 4] = { 0 };
  RtpReceiverFinding finding;
  RtpReceiver receiver;

  rtp_receiver_init (&receiver);
  rtp_receiver_set_format (&receiver, 8, 8000);
  receiver.dtmf_payload_type = 101;

  rtp_packet_write_header (data, &header);
  g_assert_true (rtp_receiver_packet (&receiver, data, sizeof data, &from, 0, &finding));
  g_assert_true (finding.latched);
  g_assert_cmpint (finding.digit, ==, 0);

  header.payload_type = 101;
  header.seq = 2;
  rtp_packet_write_header (data, &header);
  data[RTP_HEADER_SIZE] = 7;
  g_assert_true (rtp_receiver_packet (&receiver, data, sizeof data, &from, 0, &finding));
  g_assert_false (finding.latched);
  g_assert_cmpint (finding.digit, ==, '7');

  header.payload_type = 0;
  rtp_packet_write_header (data, &header);
  g_assert_false (rtp_receiver_packet (&receiver, data, sizeof data, &from, 0, &finding));
  g_assert_cmpuint (receiver.wrong_payload_type, ==, 1);
  g_assert_false (rtp_receiver_packet (&receiver, data, RTP_MAX_PACKET + 1, &from, 0, &finding));
  g_assert_cmpuint (receiver.invalid, ==, 1);
}

/* What the peer reports of our stream, and how far away it is. */
static void
test_rtcp_received (void)
{
  struct sockaddr_storage from = address ("192.0.2.1", 4001);
  RtcpReport report = { .ssrc = 77, .fraction_lost = 64, .cumulative_lost = 25, .jitter = 160 };
  RtcpSenderInfo sender = { .ntp = rtcp_ntp_now () };
  RtcpReport ours;
  RtpHeader header = { .payload_type = 8, .seq = 1, .ssrc = 3 };
  RtpReceiverFinding finding;
  guint8 packet[RTP_HEADER_SIZE + 4] = { 0 };
  RtpReceiver receiver;
  guint8 data[512];
  gsize size;

  rtp_receiver_init (&receiver);
  rtp_receiver_set_format (&receiver, 8, 8000);
  receiver.own_ssrc = 77;
  g_assert_cmpfloat (rtp_receiver_get_mos (&receiver, 20), ==, 0);
  g_assert_cmpfloat (rtp_receiver_get_remote_mos (&receiver, 20), ==, 0);
  g_assert_false (rtp_receiver_report (&receiver, 0, &ours));

  /* They got our SR and held it for half a second; 100 ms it was on its way. */
  report.last_sr = (guint32) ((rtcp_ntp_now () >> 16) - 65536 * 6 / 10);
  report.delay_since_last_sr = 65536 / 2;
  size = rtcp_write (data, sizeof data, 3, &sender, &report, "them", FALSE);
  rtp_receiver_rtcp (&receiver, data, size, &from, 1000);
  g_assert_cmpint (receiver.round_trip, >, 95 * 1000000);
  g_assert_cmpint (receiver.round_trip, <, 1000 * 1000000);
  g_assert_cmpint (receiver.remote_report.cumulative_lost, ==, 25);
  g_assert_cmpfloat_with_epsilon (receiver.remote_loss, 0.25, 1e-9);
  g_assert_cmpfloat (rtp_receiver_get_remote_jitter_ms (&receiver), ==, 20);
  g_assert_cmpfloat (rtp_receiver_get_remote_mos (&receiver, 20), <, 3);
  g_assert_cmpfloat (rtp_receiver_get_remote_mos (&receiver, 20), >, 1);

  /* An answer that claims to be older than what it answers is no journey. */
  report.delay_since_last_sr = 65536 * 10;
  size = rtcp_write (data, sizeof data, 3, NULL, &report, "them", FALSE);
  receiver.round_trip = -1;
  rtp_receiver_rtcp (&receiver, data, size, &from, 1000);
  g_assert_cmpint (receiver.round_trip, ==, -1);

  /* Reports of others' streams are not ours. */
  report.ssrc = 78;
  size = rtcp_write (data, sizeof data, 3, NULL, &report, "them", TRUE);
  rtp_receiver_rtcp (&receiver, data, size, &from, 1000);
  g_assert_cmpuint (receiver.remote_reports, ==, 2);
  g_assert_cmpuint (receiver.byes, ==, 1);

  /* And what we report: half of ten packets were lost; their SR is 2 s old. */
  for (guint i = 0; i < 10; i += 2)
    {
      header.seq = (guint16) (1 + i);
      header.timestamp = 160 * i;
      rtp_packet_write_header (packet, &header);
      g_assert_true (rtp_receiver_packet (&receiver, packet, sizeof packet, &from,
                                          20000000 * (gint64) i, &finding));
    }
  g_assert_true (rtp_receiver_report (&receiver, 2000001000, &ours));
  g_assert_cmpuint (ours.ssrc, ==, 3);
  g_assert_cmpint (ours.cumulative_lost, ==, 4);
  g_assert_cmpuint (ours.last_sr, ==, (guint32) (sender.ntp >> 16));
  g_assert_cmpuint (ours.delay_since_last_sr, ==, 2 * 65536);
  g_assert_cmpfloat (rtp_receiver_get_mos (&receiver, 20), <, 2.5);
  g_assert_cmpfloat (rtp_receiver_get_mos (&receiver, 20), >, 1);
}

/* ITU-T G.107 annex B: R against MOS; and the model's known points. */
static void
test_emodel (void)
{
  static const double known[][2]
      = { { 90, 4.34 }, { 80, 4.03 }, { 70, 3.60 }, { 60, 3.10 }, { 50, 2.58 }, { 93.2, 4.41 } };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_cmpfloat_with_epsilon (emodel_mos (known[i][0]), known[i][1], 0.01);
  g_assert_cmpfloat (emodel_mos (-5), ==, 1);
  g_assert_cmpfloat (emodel_mos (3), ==, 1);
  g_assert_cmpfloat (emodel_mos (120), ==, 4.5);

  /* No delay and no loss: 93.2. 150 ms cost 3.6, 400 ms 34.1 of R. */
  g_assert_cmpfloat_with_epsilon (emodel_rating (0, 0, 0, 25.1), 93.2, 1e-9);
  g_assert_cmpfloat_with_epsilon (emodel_rating (150, 0, 0, 25.1), 93.2 - 3.6, 0.05);
  g_assert_cmpfloat_with_epsilon (emodel_rating (400, 0, 0, 25.1), 93.2 - 34.1, 0.1);
  /* G.711 with concealment at 2 % loss: Ie,eff = 95 * 2 / 27.1 = 7.0. */
  g_assert_cmpfloat_with_epsilon (
      emodel_rating (0, 2, EMODEL_IE_G711, EMODEL_BPL_G711_PLC), 93.2 - 7.01, 0.01);
  g_assert_cmpfloat (emodel_rating (5000, 100, 0, 1), ==, 0);
  g_assert_cmpfloat (emodel_rating (-1, -1, 0, 25.1), ==, 93.2);
}

/* ---- Concealment ---- */

static void
test_fade (void)
{
  guint8 alaw[] = { 0xd5, 0xaa, 0x2a };
  guint8 ulaw[] = { 0xff, 0x80, 0x00 };

  g711_fade (alaw, 3, TRUE, 1);
  g711_fade (ulaw, 3, FALSE, 1);
  /* Silence stays; the loudest goes down by one exponent, sign kept. */
  g_assert_cmpuint (alaw[0], ==, 0xd5);
  g_assert_cmpuint (alaw[1], ==, (0xff - 0x10) ^ 0x55);
  g_assert_cmpuint (alaw[2], ==, (0x7f - 0x10) ^ 0x55);
  g_assert_cmpuint (ulaw[0], ==, 0xff);
  g_assert_cmpuint (ulaw[1], ==, 0x90);
  g_assert_cmpuint (ulaw[2], ==, 0x10);
  g711_fade (alaw, 3, TRUE, 8);
  g_assert_cmpuint (alaw[1], ==, 0xd5);
  g_assert_cmpuint (alaw[2], ==, 0x55);
}

static void
test_opus_samples (void)
{
  g_assert_cmpuint (opus_packet_samples ((const guint8 *) "\x78", 1), ==, 960);
  g_assert_cmpuint (opus_packet_samples ((const guint8 *) "\x18", 1), ==, 2880);
  g_assert_cmpuint (opus_packet_samples ((const guint8 *) "\x81", 1), ==, 240);
  g_assert_cmpuint (opus_packet_samples ((const guint8 *) "\x0b\x03", 2), ==, 2880);
  g_assert_cmpuint (opus_packet_samples ((const guint8 *) "\x1b\x3f", 2), ==, 0);
  g_assert_cmpuint (opus_packet_samples ((const guint8 *) "\x1b", 1), ==, 0);
  g_assert_cmpuint (opus_packet_samples (NULL, 0), ==, 0);
}

/* ---- Ports ---- */

static void
test_ports (void)
{
  RtpSockets any = RTP_SOCKETS_INIT;
  RtpSockets again = RTP_SOCKETS_INIT;
  g_autoptr (GError) error = NULL;
  guint16 port;

  /* Any ports: two different ones. */
  g_assert_true (rtp_sockets_open (&any, "127.0.0.1", 0, 0, 46, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (any.rtp_port, !=, 0);
  g_assert_cmpuint (any.rtcp_port, !=, 0);
  g_assert_cmpuint (any.rtp_port, !=, any.rtcp_port);
  port = any.rtp_port & ~1u;

  /* A range of one pair that is taken is used up … */
  g_assert_false (rtp_sockets_open (&again, "127.0.0.1", port, port + 1u, 46, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpint (again.rtp_fd, ==, -1);
  g_clear_error (&error);

  /* … and free the moment it is closed: an even port and the next. */
  rtp_sockets_close (&any);
  if (rtp_sockets_open (&again, "127.0.0.1", port, port + 1u, 46, &error))
    {
      g_assert_cmpuint (again.rtp_port, ==, port);
      g_assert_cmpuint (again.rtcp_port, ==, port + 1u);
    }
  rtp_sockets_close (&again);
  g_clear_error (&error);

  g_assert_false (rtp_sockets_open (&again, "192.0.2.1", 0, 0, 46, &error));
  g_assert_error (error, G_IO_ERROR, (int) g_io_error_from_errno (EADDRNOTAVAIL));
  g_clear_error (&error);
  g_assert_false (rtp_sockets_open (&again, "localhost", 0, 0, 46, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtp/header", test_header);
  g_test_add_func ("/rtp/header-written", test_header_written);
  g_test_add_func ("/rtp/dtmf", test_dtmf);
  g_test_add_func ("/rtp/rtcp", test_rtcp);
  g_test_add_func ("/rtp/loss", test_loss);
  g_test_add_func ("/rtp/jitter", test_jitter);
  g_test_add_func ("/rtp/latch", test_latch);
  g_test_add_func ("/rtp/address", test_address);
  g_test_add_func ("/rtp/receiver", test_receiver);
  g_test_add_func ("/rtp/rtcp-received", test_rtcp_received);
  g_test_add_func ("/rtp/emodel", test_emodel);
  g_test_add_func ("/rtp/fade", test_fade);
  g_test_add_func ("/rtp/opus-samples", test_opus_samples);
  g_test_add_func ("/rtp/ports", test_ports);
  return g_test_run ();
}
