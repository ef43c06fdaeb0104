/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <gst/gst.h>
#include <string.h>

#include "media-peer.h"
#include "media-standin.h"

/* A call and its telephone. */
typedef struct
{
  BbConfig *config;
  BbMedia *media;
  MediaStandin *standin;
  MediaPeer peer;
  BbMediaParams *params;
  GString *digits;
  GString *notices;
  guint n_failed;
  guint n_lost;
} Call;

static void
on_dtmf (BbMedia *media, const char *digit, gpointer user_data)
{
  g_string_append (((Call *) user_data)->digits, digit);
}

static void
on_notice (BbMedia *media, const char *text, gpointer user_data)
{
  g_string_append (((Call *) user_data)->notices, text);
}

static void
on_failed (BbMedia *media, GError *error, gpointer user_data)
{
  g_test_message ("failed: %s", error->message);
  ((Call *) user_data)->n_failed++;
}

static void
on_peer_lost (BbMedia *media, gpointer user_data)
{
  ((Call *) user_data)->n_lost++;
}

static void
call_new (Call *self, BbCodecId codec)
{
  g_autoptr (GError) error = NULL;

  *self = (Call){ .digits = g_string_new (NULL), .notices = g_string_new (NULL) };
  self->config = media_test_config ();
  self->media = bb_rtp_media_new (self->config, "127.0.0.1", &error);
  g_assert_no_error (error);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_DTMF, G_CALLBACK (on_dtmf), self);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_NOTICE, G_CALLBACK (on_notice), self);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_FAILED, G_CALLBACK (on_failed), self);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_PEER_LOST, G_CALLBACK (on_peer_lost), self);
  self->standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (self->media)));
  media_peer_open (&self->peer);
  self->peer.to_rtp = bb_rtp_media_get_rtp_port (self->media);
  self->peer.to_rtcp = bb_rtp_media_get_rtcp_port (self->media);
  g_assert_cmpuint (self->peer.to_rtp, !=, 0);
  g_assert_cmpuint (self->peer.to_rtcp, !=, 0);
  self->params = media_peer_params (&self->peer, codec);
}

static void
call_begin (Call *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (bb_media_prepare (self->media, self->params, &error));
  g_assert_no_error (error);
  bb_media_begin (self->media);
}

static void
call_free (Call *self)
{
  media_test_stop (self->media);
  g_assert_cmpuint (self->n_failed, ==, 0);
  g_assert_finalize_object (self->media);
  g_assert_finalize_object (self->standin);
  media_peer_close (&self->peer);
  bb_media_params_free (self->params);
  bb_config_unref (self->config);
  g_string_free (self->digits, TRUE);
  g_string_free (self->notices, TRUE);
}

static gsize
heard_size (Call *self)
{
  g_autoptr (GBytes) heard = media_standin_dup_heard (self->standin);

  return g_bytes_get_size (heard);
}

/* A pause of the machine is filled with silence for the API, so a frame is
 * looked for, not expected at an exact place. */
static gboolean
has_heard (Call *self, const guint8 frame[160])
{
  g_autoptr (GBytes) heard = media_standin_dup_heard (self->standin);
  const guint8 *octets = g_bytes_get_data (heard, NULL);

  return octets != NULL && memmem (octets, g_bytes_get_size (heard), frame, 160) != NULL;
}

/* The n-th frame that the telephone says: no two alike. */
static void
make_frame (guint8 frame[160], guint n)
{
  for (guint i = 0; i < 160; i++)
    frame[i] = (guint8) (n * 31 + i);
}

static void
receive (Call *self, MediaPacket *packet)
{
  gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;

  while (!media_peer_receive (&self->peer, packet, 10))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
    }
}

/* ---- G.711: every octet goes through as it is, both ways ---- */

static void
test_passthrough (gconstpointer data)
{
  BbCodecId codec = (BbCodecId) GPOINTER_TO_INT (data);
  g_autoptr (GBytes) heard = NULL;
  g_autoptr (GByteArray) said = g_byte_array_new ();
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GstCaps) caps = NULL;
  const guint n_frames = 50;
  MediaPacket packet;
  MediaPacket last = { 0 };
  Call call;

  call_new (&call, codec);
  call_begin (&call);

  for (guint i = 0; i < n_frames; i++)
    {
      guint8 frame[160];

      make_frame (frame, i);
      media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
      g_byte_array_append (said, frame, sizeof frame);
    }

  for (guint i = 0; i < n_frames; i++)
    {
      receive (&call, &packet);
      g_assert_cmpuint (packet.header.payload_type, ==, call.params->payload_type_send);
      g_assert_cmpuint (packet.header.payload_size, ==, 160);
      if (i == 0)
        {
          g_assert_true (packet.header.marker);
        }
      else
        {
          g_assert_cmpuint (packet.header.ssrc, ==, last.header.ssrc);
          g_assert_cmpuint (packet.header.seq, ==, (guint16) (last.header.seq + 1));
          /* A machine too busy for this may make it give up whole deadlines, and says so. */
          if (!packet.header.marker)
            g_assert_cmpuint (packet.header.timestamp, ==, last.header.timestamp + 160);
          else
            g_assert_cmpuint ((packet.header.timestamp - last.header.timestamp) % 160, ==, 0);
        }
      g_byte_array_append (answer, packet.data + packet.header.payload_offset, 160);
      last = packet;
    }

  media_test_wait (heard_size (&call) >= said->len);
  heard = media_standin_dup_heard (call.standin);
  g_assert_cmpmem (g_bytes_get_data (heard, NULL), said->len, said->data, said->len);
  for (guint i = 0; i < answer->len; i++)
    g_assert_cmpuint (answer->data[i], ==, media_standin_octet (i));

  caps = media_standin_dup_caps (call.standin);
  g_assert_true (gst_structure_has_name (gst_caps_get_structure (caps, 0),
                                         codec == BB_CODEC_PCMA ? "audio/x-alaw" : "audio/x-mulaw"));
  g_assert_true (media_standin_ran_on_loop (call.standin));
  call_free (&call);
}

/* The stream keeps to the clock: what its timestamps say has passed has passed,
 * and a packet left for every ptime of it. */
static void
test_pace (void)
{
  MediaPacket first;
  MediaPacket packet;
  gint64 start;
  gint64 elapsed;
  guint marked = 0;
  guint32 units;
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  call_begin (&call);
  receive (&call, &first);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 100; i++)
    {
      receive (&call, &packet);
      marked += packet.header.marker ? 1 : 0;
    }
  elapsed = (g_get_monotonic_time () - start) / 1000;
  units = packet.header.timestamp - first.header.timestamp;

  g_assert_cmpuint ((guint16) (packet.header.seq - first.header.seq), ==, 100);
  if (marked == 0)
    g_assert_cmpuint (units, ==, 100 * 160);
  g_assert_cmpint (ABS ((gint64) units / 8 - elapsed), <, 500);
  call_free (&call);
}

static gboolean
is_silence (const MediaPacket *packet)
{
  for (gsize i = 0; i < packet->header.payload_size; i++)
    if (packet->data[packet->header.payload_offset + i] != MEDIA_STANDIN_SILENCE)
      return FALSE;
  return TRUE;
}

/* Point 3: an answer's first frame does not wait for its deadline. It carries
 * the marker, its timestamp is the clock's, and the pace goes on from it. */
static void
test_talk_spurt (void)
{
  const guint n_spurts = 30;
  guint rephased = 0;
  guint marked = 0;
  guint32 first_timestamp;
  gint64 start;
  MediaPacket packet;
  MediaPacket last;
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  media_standin_set_quiet (call.standin, TRUE);
  call_begin (&call);
  receive (&call, &last);
  start = g_get_monotonic_time ();
  first_timestamp = last.header.timestamp;

  for (guint i = 0; i < n_spurts; i++)
    {
      guint32 delta;

      /* Anywhere between two deadlines: a little further each time. */
      receive (&call, &last);
      g_assert_true (is_silence (&last));
      g_usleep ((2 + i % 15) * G_TIME_SPAN_MILLISECOND);
      media_standin_set_quiet (call.standin, FALSE);
      do
        {
          receive (&call, &packet);
          g_assert_cmpuint (packet.header.seq, ==, (guint16) (last.header.seq + 1));
          delta = packet.header.timestamp - last.header.timestamp;
          g_assert_cmpuint (delta, >, 0);
          last = packet;
        }
      while (is_silence (&packet));
      /* A tick may take it in the moment before anybody is told. */
      marked += packet.header.marker ? 1 : 0;
      rephased += delta < 160 ? 1 : 0;

      receive (&call, &packet);
      if (!packet.header.marker)
        g_assert_cmpuint (packet.header.timestamp, ==, last.header.timestamp + 160);
      media_standin_set_quiet (call.standin, TRUE);
      while (!is_silence (&packet))
        receive (&call, &packet);
    }
  g_test_message ("%u of %u did not wait", rephased, n_spurts);
  g_assert_cmpuint (marked, >=, rephased);
  g_assert_cmpuint (rephased, >, n_spurts / 2);

  /* Time has neither stretched nor shrunk by it. */
  g_assert_cmpint (ABS ((gint64) (packet.header.timestamp - first_timestamp) / 8
                        - (g_get_monotonic_time () - start) / 1000),
                   <, 500);
  call_free (&call);
}

/* ---- Nothing before begin, nothing after stop ---- */

static void
test_begin_and_stop (void)
{
  g_autoptr (GError) error = NULL;
  guint8 frame[160];
  MediaPacket packet;
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  make_frame (frame, 0);
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  g_assert_true (bb_media_prepare (call.media, call.params, &error));
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  g_assert_false (media_peer_receive (&call.peer, &packet, 100));
  g_assert_cmpuint (media_standin_get_n_ticks (call.standin), ==, 0);

  /* What came too early is not heard. */
  bb_media_begin (call.media);
  receive (&call, &packet);
  g_assert_cmpuint (heard_size (&call), ==, 0);
  make_frame (frame, 1);
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  media_test_wait (has_heard (&call, frame));

  media_test_stop (call.media);
  while (media_peer_receive (&call.peer, &packet, 0))
    ;
  g_assert_false (media_peer_receive (&call.peer, &packet, 60));
  call_free (&call);
}

static void
test_stop_at_each_step (void)
{
  for (guint step = 0; step < 5; step++)
    {
      g_autoptr (GError) error = NULL;
      BbCallQuality quality = { 0 };
      guint16 port;
      MediaPacket packet;
      BbMedia *again;
      Call call;

      call_new (&call, step % 2 == 0 ? BB_CODEC_PCMA : BB_CODEC_OPUS);
      port = call.peer.to_rtp;
      if (step >= 1)
        g_assert_true (bb_media_prepare (call.media, call.params, &error));
      if (step >= 2)
        bb_media_begin (call.media);
      if (step >= 3)
        receive (&call, &packet);
      if (step >= 4)
        {
          /* Two at once, and one after. */
          bb_media_stop_async (call.media, NULL, NULL);
          media_test_stop (call.media);
        }
      media_test_stop (call.media);

      /* Its last figures stay readable; its port is free. */
      bb_media_get_quality (call.media, &quality);
      if (step >= 3)
        g_assert_cmpuint (quality.packets_sent, >=, 1);
      g_assert_false (bb_media_update (call.media, call.params, NULL));
      {
        BbConfig config = *call.config;

        config.rtp_port_min = port;
        config.rtp_port_max = port + 1u;
        if (port % 2 == 0)
          {
            again = bb_rtp_media_new (&config, "127.0.0.1", &error);
            g_assert_no_error (error);
            g_assert_cmpuint (bb_rtp_media_get_rtp_port (again), ==, port);
            /* Dropped without stop: closes as well. */
            g_object_unref (again);
          }
      }
      call_free (&call);
    }
}

static void
test_ports_used_up (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMedia) first = NULL;
  BbConfig *config = media_test_config ();
  BbConfig narrow = *config;
  BbMedia *second;
  guint16 port;

  first = bb_rtp_media_new (config, "127.0.0.1", &error);
  g_assert_no_error (error);
  port = bb_rtp_media_get_rtp_port (first);
  narrow.rtp_port_min = narrow.rtp_port_max = port;
  narrow.rtp_port_max = port + 1u;
  second = bb_rtp_media_new (&narrow, "127.0.0.1", &error);
  g_assert_null (second);
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_NO_PORT);
  g_assert_nonnull (strstr (error->message, "rtp-ports"));

  media_test_stop (first);
  g_clear_error (&error);
  g_assert_null (bb_rtp_media_new (config, "not-an-address", &error));
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE);
  bb_config_unref (config);
}

/* ---- What the network does ---- */

static void
test_malformed (void)
{
  guint8 frame[160];
  guint8 packet[1500] = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  BbCallQuality quality = { 0 };
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  call_begin (&call);
  make_frame (frame, 0);
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  media_test_wait (has_heard (&call, frame));

  /* Empty, short, wrong version, RTCP, header longer than the packet, padding
   * longer than the packet, foreign payload type, noise. */
  media_peer_send_raw (&call.peer, packet, 0);
  media_peer_send_raw (&call.peer, packet, 11);
  media_peer_send_raw (&call.peer, packet, 172);
  memcpy (packet, "\x80\xc8\x00\x01", 4);
  media_peer_send_raw (&call.peer, packet, 28);
  memcpy (packet, "\x8f\x08", 2);
  media_peer_send_raw (&call.peer, packet, 20);
  memcpy (packet, "\x90\x08", 2);
  packet[14] = packet[15] = 0xff;
  media_peer_send_raw (&call.peer, packet, 40);
  memcpy (packet, "\xa0\x08", 2);
  packet[39] = 200;
  media_peer_send_raw (&call.peer, packet, 40);
  media_peer_send_at (&call.peer, 99, call.peer.seq, call.peer.timestamp, frame, sizeof frame);
  for (guint round = 1; round <= 5; round++)
    {
      /* No more at once than a socket holds. */
      for (guint i = 0; i < 50; i++)
        {
          gsize size = (gsize) g_rand_int_range (rand, 0, sizeof packet);

          for (gsize j = 0; j < size; j++)
            packet[j] = (guint8) g_rand_int (rand);
          packet[0] &= 0x7f; /* never version 2: the stream itself stays intact */
          media_peer_send_raw (&call.peer, packet, size);
        }
      make_frame (frame, round);
      media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
      media_test_wait (has_heard (&call, frame));
    }

  bb_media_get_quality (call.media, &quality);
  g_assert_cmpuint (quality.packets_received, ==, 6);
  g_assert_cmpuint (quality.packets_lost, ==, 0);
  call_free (&call);
}

/* Order is restored, duplicates vanish, what is lost is concealed: the API's
 * time does not shrink. */
static void
test_disorder (void)
{
  static const guint order[] = { 0, 1, 3, 2, 4, 4, 5, 7, 8, 9, 10, 11, 12 }; /* 6 is lost */
  g_autoptr (GBytes) heard = NULL;
  BbCallQuality quality = { 0 };
  const guint8 *octets;
  guint8 frame[160];
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  call_begin (&call);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      make_frame (frame, order[i]);
      media_peer_send_at (&call.peer, 8, (guint16) (65530 + order[i]),
                          0xfffffe00u + 160 * order[i], frame, sizeof frame);
    }
  media_test_wait (heard_size (&call) >= 13 * 160);

  heard = media_standin_dup_heard (call.standin);
  octets = g_bytes_get_data (heard, NULL);
  for (guint i = 0; i < 13; i++)
    {
      make_frame (frame, i);
      if (i != 6)
        g_assert_cmpmem (octets + 160 * i, 160, frame, 160);
    }
  /* In place of the lost one: the frame before it, one step quieter. */
  make_frame (frame, 5);
  for (guint i = 0; i < 160; i++)
    {
      guint was = (frame[i] ^ 0x55u) & 0x7f;
      guint is = (octets[6 * 160 + i] ^ 0x55u) & 0x7f;

      g_assert_cmpuint (is, ==, was > 16 ? was - 16 : 0);
      g_assert_cmpuint (frame[i] & 0x80, ==, octets[6 * 160 + i] & 0x80);
    }

  bb_media_get_quality (call.media, &quality);
  g_assert_cmpuint (quality.packets_received, ==, 13);
  call_free (&call);
}

static void
test_dtmf (void)
{
  guint8 event[4] = { 5, 10, 0, 160 };
  guint8 frame[160];
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  call_begin (&call);
  make_frame (frame, 0);
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);

  /* 5, with its end packet three times; # whose first packets are lost; 5 again. */
  for (guint i = 0; i < 6; i++)
    {
      event[1] = i >= 3 ? 0x8a : 0x0a;
      media_peer_send_at (&call.peer, 101, call.peer.seq++, call.peer.timestamp, event, 4);
    }
  call.peer.timestamp += 1600;
  event[0] = 11;
  call.peer.seq += 2;
  media_peer_send_at (&call.peer, 101, call.peer.seq++, call.peer.timestamp, event, 4);
  call.peer.timestamp += 1600;
  event[0] = 5;
  media_peer_send_at (&call.peer, 101, call.peer.seq++, call.peer.timestamp, event, 4);
  event[0] = 200; /* no key */
  media_peer_send_at (&call.peer, 101, call.peer.seq++, call.peer.timestamp + 1600, event, 4);

  media_test_wait (call.digits->len >= 3);
  g_assert_cmpstr (call.digits->str, ==, "5#5");

  /* The call goes on, and none of it was audio. */
  make_frame (frame, 1);
  call.peer.timestamp += 3200;
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  media_test_wait (has_heard (&call, frame));
  g_assert_cmpstr (call.digits->str, ==, "5#5");
  call_free (&call);
}

/* Keys the other way: each once to a receiver that reads as we do, however many
 * packets are lost; audio before, between and after them, no gap in sequence. */
static void
test_dtmf_out (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autoptr (GString) fewer = g_string_new (NULL);
  RtpDtmf all = { 0 };
  RtpDtmf lossy = { 0 };
  guint n_events = 0;
  guint n_audio_after = 0;
  MediaPacket packet;
  MediaPacket last;
  guint n_ends = 0;
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  call.params->dtmf_payload_type_send = 97;
  g_assert_false (bb_media_send_dtmf (call.media, "1", &error));
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE);
  g_clear_error (&error);
  call_begin (&call);
  receive (&call, &last);
  g_assert_false (bb_media_send_dtmf (call.media, "1x", &error));
  g_clear_error (&error);
  g_assert_true (bb_media_send_dtmf (call.media, "11#", &error));
  g_assert_true (bb_media_send_dtmf (call.media, "D", &error));
  while (n_audio_after < 5)
    {
      const guint8 *payload;
      char key;

      receive (&call, &packet);
      g_assert_cmpuint (packet.header.seq, ==, (guint16) (last.header.seq + 1));
      last = packet;
      if (packet.header.payload_type != 97)
        {
          g_assert_cmpuint (packet.header.payload_size, ==, 160);
          n_audio_after = keys->len == 4 ? n_audio_after + 1 : 0;
          continue;
        }

      payload = packet.data + packet.header.payload_offset;
      g_assert_cmpuint (packet.header.payload_size, ==, 4);
      g_assert_cmpuint (n_audio_after, ==, 0);
      if (rtp_dtmf_feed (&all, &packet.header, payload, 4, &key))
        {
          g_string_append_c (keys, key);
          g_assert_true (packet.header.marker);
          g_assert_cmpuint (payload[2] << 8 | payload[3], ==, 160);
        }
      n_ends += payload[1] >> 7;
      if (n_events++ % 3 == 2 && rtp_dtmf_feed (&lossy, &packet.header, payload, 4, &key))
        g_string_append_c (fewer, key);
    }
  g_assert_cmpstr (keys->str, ==, "11#D");
  g_assert_cmpstr (fewer->str, ==, "11#D");
  g_assert_cmpuint (n_ends, ==, 4 * 3);

  /* A peer that takes none. */
  call.params->dtmf_payload_type_send = -1;
  g_assert_true (bb_media_update (call.media, call.params, &error));
  g_assert_false (bb_media_send_dtmf (call.media, "1", &error));
  call_free (&call);
}

/* A peer behind a NAT: answers go to where its packets come from. A stranger
 * who guesses the port is not heard. */
static void
test_symmetric (void)
{
  guint8 frame[160];
  MediaPeer stranger;
  MediaPacket packet;
  Call call;

  call_new (&call, BB_CODEC_PCMU);
  call.params->remote_rtp_port = call.peer.rtcp_port; /* signalling is wrong */
  call_begin (&call);
  make_frame (frame, 0);
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  receive (&call, &packet);
  media_test_wait (has_heard (&call, frame));

  media_peer_open (&stranger);
  stranger.to_rtp = call.peer.to_rtp;
  stranger.payload_type = call.peer.payload_type;
  make_frame (frame, 9);
  media_peer_send (&stranger, frame, sizeof frame, sizeof frame);
  make_frame (frame, 1);
  media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
  media_test_wait (has_heard (&call, frame));
  make_frame (frame, 9);
  g_assert_false (has_heard (&call, frame));
  receive (&call, &packet);
  g_assert_false (media_peer_receive (&stranger, &packet, 0));
  media_peer_close (&stranger);
  call_free (&call);
}

/* Point 4: reports in both directions, the way between, and the farewell. */
static void
test_rtcp (void)
{
  RtcpSenderInfo sender = { .ntp = G_GUINT64_CONSTANT (0x0001000200030004) };
  RtcpReport report = { .fraction_lost = 0, .cumulative_lost = 3, .jitter = 16 };
  BbCallQuality quality = { 0 };
  RtcpContent content;
  guint8 frame[160];
  guint8 data[512];
  MediaPacket packet;
  gssize size;
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  call_begin (&call);
  receive (&call, &packet);
  for (guint i = 0; i < 5; i++)
    {
      make_frame (frame, i);
      media_peer_send (&call.peer, frame, sizeof frame, sizeof frame);
    }
  size = (gssize) rtcp_write (data, sizeof data, call.peer.ssrc, &sender, NULL, "peer", FALSE);
  media_peer_send_rtcp (&call.peer, data, (gsize) size);

  /* The first report: what we sent, what came, and their SR. */
  size = media_peer_receive_rtcp (&call.peer, data, sizeof data, MEDIA_PEER_DEADLINE * 1000);
  g_assert_true (size > 0 && rtcp_parse (data, (gsize) size, call.peer.ssrc, &content));
  g_assert_cmpuint (content.ssrc, ==, packet.header.ssrc);
  g_assert_true (content.has_sender);
  g_assert_cmpuint (content.sender.packets, >, 0);
  g_assert_cmpuint (content.sender.octets, ==, 160 * content.sender.packets);
  g_assert_true (content.has_report);
  g_assert_cmpint (content.report.cumulative_lost, ==, 0);
  g_assert_cmpuint (content.report.last_sr, ==, 0x00020003);
  g_assert_nonnull (memmem (data, (gsize) size, "\x81\xca", 2)); /* SDES */
  g_assert_false (content.bye);

  /* Theirs comes back. */
  bb_media_get_quality (call.media, &quality);
  g_assert_cmpfloat (quality.round_trip, ==, 0);
  g_assert_cmpfloat (quality.remote_mos, ==, 0);
  g_assert_cmpfloat (quality.mos, >, 3.5);
  report.ssrc = content.ssrc;
  report.last_sr = (guint32) (content.sender.ntp >> 16);
  size = (gssize) rtcp_write (data, sizeof data, call.peer.ssrc, NULL, &report, "peer", FALSE);
  media_peer_send_rtcp (&call.peer, data, (gsize) size);
  media_test_wait ((bb_media_get_quality (call.media, &quality), quality.remote_mos) > 0);
  g_assert_cmpuint (quality.remote_lost, ==, 3);
  g_assert_cmpfloat (quality.remote_jitter, ==, 2);
  g_assert_cmpfloat (quality.remote_mos, >, 1);
  g_assert_cmpfloat (quality.round_trip, <, 10000);

  media_test_stop (call.media);
  do
    {
      size = media_peer_receive_rtcp (&call.peer, data, sizeof data, MEDIA_PEER_DEADLINE * 1000);
      g_assert_true (size > 0 && rtcp_parse (data, (gsize) size, call.peer.ssrc, &content));
    }
  while (!content.bye);
  call_free (&call);
}

static void
test_peer_lost (void)
{
  Call call;

  call_new (&call, BB_CODEC_PCMA);
  media_test_stop (call.media);
  g_assert_finalize_object (call.media);
  gst_object_unref (call.standin);
  {
    BbConfig config = *call.config;
    g_autoptr (GError) error = NULL;

    config.rtp_timeout = 1;
    call.media = bb_rtp_media_new (&config, "127.0.0.1", &error);
    g_assert_no_error (error);
  }
  call.standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (call.media)));
  g_signal_connect (call.media, BB_MEDIA_SIGNAL_PEER_LOST, G_CALLBACK (on_peer_lost), &call);
  call_begin (&call);
  media_test_wait (call.n_lost == 1);
  call_free (&call);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();

  g_test_add_data_func ("/call-media/passthrough/pcma", GINT_TO_POINTER (BB_CODEC_PCMA),
                        test_passthrough);
  g_test_add_data_func ("/call-media/passthrough/pcmu", GINT_TO_POINTER (BB_CODEC_PCMU),
                        test_passthrough);
  g_test_add_func ("/call-media/pace", test_pace);
  g_test_add_func ("/call-media/talk-spurt", test_talk_spurt);
  g_test_add_func ("/call-media/begin-and-stop", test_begin_and_stop);
  g_test_add_func ("/call-media/stop-at-each-step", test_stop_at_each_step);
  g_test_add_func ("/call-media/ports-used-up", test_ports_used_up);
  g_test_add_func ("/call-media/malformed", test_malformed);
  g_test_add_func ("/call-media/disorder", test_disorder);
  g_test_add_func ("/call-media/dtmf", test_dtmf);
  g_test_add_func ("/call-media/dtmf-out", test_dtmf_out);
  g_test_add_func ("/call-media/symmetric", test_symmetric);
  g_test_add_func ("/call-media/rtcp", test_rtcp);
  g_test_add_func ("/call-media/peer-lost", test_peer_lost);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
