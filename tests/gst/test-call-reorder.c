/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Point 2: what networks and peers do to a stream, packet by packet, and what
 * callreorder makes of it. */

#include <gst/check/gstharness.h>
#include <string.h>

#include "rtppacket.h"

#define SIZE 160
#define ALAW 8
#define ULAW 0
#define ALAW_SILENCE 0xd5

typedef struct
{
  GstHarness *harness;
  GstEvent *pulse;
  guint32 ssrc;
  gboolean any;
  guint16 seq; /* of the next that comes out */
  guint32 out_ssrc;
} Stream;

static void
set_format (Stream *self, const char *name, guint payload_type)
{
  g_autofree char *caps = g_strdup_printf (
      "application/x-rtp,media=(string)audio,clock-rate=(int)8000,encoding-name=(string)%s,"
      "payload=(int)%u",
      name, payload_type);

  gst_harness_set_src_caps_str (self->harness, caps);
}

static void
stream_init (Stream *self)
{
  *self = (Stream){ .harness = gst_harness_new ("callreorder"), .ssrc = 1 };
  g_assert_nonnull (self->harness);
  self->pulse = gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
                                      gst_structure_new_empty ("call-rtp-pulse"));
  set_format (self, "PCMA", ALAW);
}

static void
stream_clear (Stream *self)
{
  gst_event_unref (self->pulse);
  gst_harness_teardown (self->harness);
}

/* A packet whose octets all are @octet. */
static void
push_full (Stream *self,
           guint8 payload_type,
           guint16 seq,
           guint32 timestamp,
           guint8 octet,
           gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, RTP_HEADER_SIZE + size, NULL);
  RtpHeader header
      = { .payload_type = payload_type, .seq = seq, .timestamp = timestamp, .ssrc = self->ssrc };
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  rtp_packet_write_header (map.data, &header);
  memset (map.data + RTP_HEADER_SIZE, octet, size);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = 0;
  g_assert_cmpint (gst_harness_push (self->harness, buffer), ==, GST_FLOW_OK);
}

/* Number n of a stream that is as it should be. */
static void
push (Stream *self, guint n)
{
  push_full (self, ALAW, (guint16) (65530 + n), 0xffffff00u + SIZE * n, (guint8) (n + 1), SIZE);
}

static void
pulse (Stream *self)
{
  g_assert_true (gst_harness_push_event (self->harness, gst_event_ref (self->pulse)));
}

/* The octet of the next packet that came out; -1: none. It follows on the one
 * before in sequence, whatever went in. */
static int
pull (Stream *self)
{
  GstBuffer *buffer = gst_harness_try_pull (self->harness);
  RtpHeader header;
  GstMapInfo map;
  int octet;

  if (buffer == NULL)
    return -1;
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_assert_cmpint (rtp_packet_parse (map.data, map.size, &header), ==, RTP_PACKET_OK);
  g_assert_cmpuint (header.payload_size, ==, SIZE);
  octet = map.data[header.payload_offset];
  for (gsize i = 0; i < SIZE; i++)
    g_assert_cmpuint (map.data[header.payload_offset + i], ==, octet);
  if (self->any)
    {
      g_assert_cmpuint (header.seq, ==, self->seq);
      g_assert_cmpuint (header.ssrc, ==, self->out_ssrc);
    }
  self->any = TRUE;
  self->seq = (guint16) (header.seq + 1);
  self->out_ssrc = header.ssrc;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return octet;
}

static void
assert_heard (Stream *self, guint first, guint last)
{
  for (guint n = first; n <= last; n++)
    g_assert_cmpint (pull (self), ==, (int) (guint8) (n + 1));
}

static guint64
counter (Stream *self, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 n = 0;

  g_object_get (self->harness->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &n));
  return n;
}

static void
wait_ms (guint ms)
{
  g_usleep (ms * G_TIME_SPAN_MILLISECOND);
}

/* The wrap of sequence and timestamp is none; what is in order leaves at once. */
static void
test_at_once (void)
{
  Stream stream;

  stream_init (&stream);
  for (guint n = 0; n < 20; n++)
    {
      push (&stream, n);
      g_assert_cmpint (pull (&stream), ==, n + 1);
      g_assert_cmpint (pull (&stream), ==, -1);
    }
  g_assert_cmpuint (counter (&stream, "lost"), ==, 0);
  stream_clear (&stream);
}

/* Another SSRC, with any numbers, is heard from its first packet on. */
static void
test_new_ssrc (void)
{
  Stream stream;

  stream_init (&stream);
  for (guint n = 0; n < 3; n++)
    push (&stream, n);
  stream.ssrc = 2;
  for (guint n = 0; n < 3; n++)
    push_full (&stream, ALAW, (guint16) (777 + n), 5 + SIZE * n, (guint8) (n + 4), SIZE);
  assert_heard (&stream, 0, 5);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "restarts"), ==, 1);
  g_assert_cmpuint (counter (&stream, "lost"), ==, 0);
  stream_clear (&stream);
}

/* A sender that begins anew under its SSRC: its second packet proves it. A
 * single stray one is nothing. */
static void
test_sequence_jump (void)
{
  Stream stream;

  stream_init (&stream);
  push (&stream, 0);
  push_full (&stream, ALAW, 20000, 0, 99, SIZE);
  push (&stream, 1);
  assert_heard (&stream, 0, 1);
  push_full (&stream, ALAW, 30000, 0, 99, SIZE);
  push_full (&stream, ALAW, 30001, SIZE, 3, SIZE);
  push_full (&stream, ALAW, 30002, 2 * SIZE, 4, SIZE);
  assert_heard (&stream, 2, 3);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "restarts"), ==, 1);
  stream_clear (&stream);
}

/* Timestamps that jump, back too, without a gap in sequence: nothing is missing. */
static void
test_timestamp_jump (void)
{
  static const guint32 timestamps[] = { 0, 160, 80160, 80320, 100, 260 };
  Stream stream;

  stream_init (&stream);
  for (guint n = 0; n < G_N_ELEMENTS (timestamps); n++)
    push_full (&stream, ALAW, (guint16) n, timestamps[n], (guint8) (n + 1), SIZE);
  assert_heard (&stream, 0, G_N_ELEMENTS (timestamps) - 1);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "concealed"), ==, 0);
  stream_clear (&stream);
}

/* A gap is given up by count; what comes for it later is late, and nothing is
 * heard twice. */
static void
test_gap (void)
{
  Stream stream;

  stream_init (&stream);
  push (&stream, 0);
  g_assert_cmpint (pull (&stream), ==, 1);
  for (guint n = 2; n < 6; n++)
    push (&stream, n);
  g_assert_cmpint (pull (&stream), ==, -1); /* it may still come */
  push (&stream, 6);
  g_assert_cmpint (pull (&stream), !=, -1); /* made up */
  assert_heard (&stream, 2, 6);
  push (&stream, 1);
  push (&stream, 6);
  push (&stream, 4);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "lost"), ==, 1);
  g_assert_cmpuint (counter (&stream, "late"), ==, 1);
  g_assert_cmpuint (counter (&stream, "duplicates"), ==, 2);

  /* And by time: 60 ms. */
  push (&stream, 8);
  pulse (&stream);
  g_assert_cmpint (pull (&stream), ==, -1);
  wait_ms (65);
  pulse (&stream);
  g_assert_cmpint (pull (&stream), !=, -1);
  assert_heard (&stream, 8, 8);
  stream_clear (&stream);
}

/* While a packet waits behind a gap, the gap is not filled as a pause is: it
 * would be twice. */
static void
test_gap_is_no_pause (void)
{
  Stream stream;

  stream_init (&stream);
  push (&stream, 0);
  g_assert_cmpint (pull (&stream), ==, 1);
  wait_ms (60);
  push (&stream, 2);
  wait_ms (45);
  pulse (&stream); /* more than 100 ms after the last that was heard */
  if (counter (&stream, "lost") == 0)
    g_assert_cmpint (pull (&stream), ==, -1);
  wait_ms (20);
  pulse (&stream);
  g_assert_cmpint (pull (&stream), !=, -1); /* number 1, made up */
  assert_heard (&stream, 2, 2);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "concealed"), ==, 1);
  stream_clear (&stream);
}

/* A gap longer than half a second is not made up in full: nobody waits for it. */
static void
test_long_gap (void)
{
  guint made_up = 0;
  Stream stream;
  int octet;

  stream_init (&stream);
  push_full (&stream, ALAW, 0, 0, 1, SIZE);
  for (guint n = 30; n < 36; n++)
    push_full (&stream, ALAW, (guint16) n, SIZE * n, (guint8) (n + 1), SIZE);
  g_assert_cmpint (pull (&stream), ==, 1);
  while ((octet = pull (&stream)) != 31)
    {
      g_assert_cmpint (octet, !=, -1);
      made_up++;
    }
  g_assert_cmpuint (made_up, ==, 25);
  assert_heard (&stream, 31, 35);
  stream_clear (&stream);
}

/* A peer that sends nothing while its caller is silent: the API's time goes on,
 * in silence after a fade; the words that follow come at once and whole. */
static void
test_discontinuous (void)
{
  guint n_made = 0;
  int octet;
  Stream stream;

  stream_init (&stream);
  push (&stream, 0);
  g_assert_cmpint (pull (&stream), ==, 1);
  pulse (&stream);
  g_assert_cmpint (pull (&stream), ==, -1);
  for (guint i = 0; i < 15; i++)
    {
      wait_ms (20);
      pulse (&stream);
    }
  while ((octet = pull (&stream)) >= 0)
    {
      n_made++;
      if (n_made > 3)
        g_assert_cmpint (octet, ==, ALAW_SILENCE);
    }
  g_assert_cmpuint (n_made, >=, 13);
  push_full (&stream, ALAW, (guint16) (65531), 0xffffff00u + SIZE * 16, 2, SIZE);
  g_assert_cmpint (pull (&stream), ==, 2);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "lost"), ==, 0);
  stream_clear (&stream);
}

/* Comfort noise (RFC 3389) and keys hold places in the sequence, are no audio
 * themselves, and what is made up after them is silence at once. */
static void
test_comfort_noise (void)
{
  Stream stream;
  int octet;

  stream_init (&stream);
  push (&stream, 0);
  push_full (&stream, RTP_PT_COMFORT_NOISE, 65531, 0xffffff00u + SIZE, 64, 1);
  push_full (&stream, 101, 65532, 0xffffff00u + SIZE, 5, 4);
  g_assert_cmpint (pull (&stream), ==, 1);
  g_assert_cmpint (pull (&stream), ==, -1);
  wait_ms (150);
  pulse (&stream);
  g_assert_cmpint (octet = pull (&stream), ==, ALAW_SILENCE);
  while ((octet = pull (&stream)) >= 0)
    g_assert_cmpint (octet, ==, ALAW_SILENCE);
  push (&stream, 3);
  assert_heard (&stream, 3, 3);
  g_assert_cmpuint (counter (&stream, "lost"), ==, 0);
  stream_clear (&stream);
}

/* A stall, and then all of it at once: every packet, in order, none twice. */
static void
test_burst (void)
{
  Stream stream;

  stream_init (&stream);
  push (&stream, 0);
  wait_ms (200);
  pulse (&stream);
  g_assert_cmpint (pull (&stream), ==, 1);
  while (pull (&stream) >= 0)
    ;
  for (guint n = 1; n <= 40; n++)
    push (&stream, n);
  assert_heard (&stream, 1, 40);
  g_assert_cmpint (pull (&stream), ==, -1);
  g_assert_cmpuint (counter (&stream, "lost"), ==, 0);
  stream_clear (&stream);
}

/* Another payload type from a certain packet on (re-INVITE): what was held of
 * the old one is not lost, what still comes of it is no audio. */
static void
test_payload_change (void)
{
  Stream stream;

  stream_init (&stream);
  push_full (&stream, ALAW, 0, 0, 1, SIZE);
  push_full (&stream, ALAW, 2, 2 * SIZE, 3, SIZE);
  set_format (&stream, "PCMU", ULAW);
  push_full (&stream, ULAW, 3, 3 * SIZE, 4, SIZE);
  push_full (&stream, ALAW, 4, 4 * SIZE, 5, SIZE);
  push_full (&stream, ULAW, 5, 5 * SIZE, 6, SIZE);
  g_assert_cmpint (pull (&stream), ==, 1);
  g_assert_cmpint (pull (&stream), !=, 3); /* number 1, made up */
  g_assert_cmpint (pull (&stream), ==, 3);
  g_assert_cmpint (pull (&stream), ==, 4);
  g_assert_cmpint (pull (&stream), ==, 6);
  g_assert_cmpint (pull (&stream), ==, -1);
  stream_clear (&stream);
}

/* Loss, repetition and disorder at random: in order, nothing twice, and as much
 * time as was sent. */
static void
test_random (void)
{
  const guint n_packets = 20000;
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autofree guint *order = g_new (guint, n_packets);
  guint64 out = 0;
  Stream stream;

  stream_init (&stream);
  for (guint n = 0; n < n_packets; n++)
    order[n] = n;
  for (guint n = 1; n + 1 < n_packets; n++)
    if (g_rand_int_range (rand, 0, 100) < 8)
      {
        guint other = MIN (n + (guint) g_rand_int_range (rand, 1, 4), n_packets - 1);
        guint swap = order[n];

        order[n] = order[other];
        order[other] = swap;
      }
  for (guint n = 0; n < n_packets; n++)
    {
      gboolean keep = order[n] < 2 || order[n] > n_packets - 8;

      if (keep || g_rand_int_range (rand, 0, 100) >= 5)
        push (&stream, order[n]);
      if (g_rand_int_range (rand, 0, 100) < 3)
        push (&stream, order[n]);
      while (pull (&stream) >= 0)
        out++;
    }
  wait_ms (65);
  pulse (&stream);
  while (pull (&stream) >= 0)
    out++;
  g_test_message ("%" G_GUINT64_FORMAT " of %u, lost %" G_GUINT64_FORMAT ", made up %" G_GUINT64_FORMAT,
                  out, n_packets, counter (&stream, "lost"), counter (&stream, "concealed"));
  g_assert_cmpuint (out, ==, n_packets);
  g_assert_cmpuint (counter (&stream, "forwarded") + counter (&stream, "concealed"), ==, out);
  g_assert_cmpuint (counter (&stream, "lost"), >, n_packets / 50);
  stream_clear (&stream);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/call-reorder/at-once", test_at_once);
  g_test_add_func ("/call-reorder/new-ssrc", test_new_ssrc);
  g_test_add_func ("/call-reorder/sequence-jump", test_sequence_jump);
  g_test_add_func ("/call-reorder/timestamp-jump", test_timestamp_jump);
  g_test_add_func ("/call-reorder/gap", test_gap);
  g_test_add_func ("/call-reorder/gap-is-no-pause", test_gap_is_no_pause);
  g_test_add_func ("/call-reorder/long-gap", test_long_gap);
  g_test_add_func ("/call-reorder/discontinuous", test_discontinuous);
  g_test_add_func ("/call-reorder/comfort-noise", test_comfort_noise);
  g_test_add_func ("/call-reorder/burst", test_burst);
  g_test_add_func ("/call-reorder/payload-change", test_payload_change);
  g_test_add_func ("/call-reorder/random", test_random);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
