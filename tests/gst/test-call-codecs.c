/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <gst/check/gstharness.h>
#include <math.h>
#include <string.h>

#include "concealment.h"
#include "media-peer.h"
#include "media-standin.h"

#define CALLER_TONE 600 /* Hz */
#define LEVEL 8000      /* amplitude, of both sides */
#define API_RATE 24000

typedef struct
{
  BbConfig *config;
  BbMedia *media;
  MediaStandin *standin;
  MediaPeer peer;
  BbMediaParams *params;
  guint n_failed;
} Call;

static void
on_failed (BbMedia *media, GError *error, gpointer user_data)
{
  g_test_message ("failed: %s", error->message);
  ((Call *) user_data)->n_failed++;
}

static void
call_begin (Call *self, BbCodecId codec, guint ptime)
{
  g_autoptr (GError) error = NULL;

  *self = (Call){ 0 };
  self->config = media_test_config ();
  self->media = bb_rtp_media_new (self->config, "127.0.0.1", &error);
  g_assert_no_error (error);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_FAILED, G_CALLBACK (on_failed), self);
  self->standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (self->media)));
  media_peer_open (&self->peer);
  self->peer.to_rtp = bb_rtp_media_get_rtp_port (self->media);
  self->peer.to_rtcp = bb_rtp_media_get_rtcp_port (self->media);
  self->params = media_peer_params (&self->peer, codec);
  self->params->ptime = ptime;
  bb_media_prepare (self->media, self->params, &error);
  g_assert_no_error (error);
  bb_media_begin (self->media);
}

static void
call_end (Call *self)
{
  media_test_stop (self->media);
  g_assert_cmpuint (self->n_failed, ==, 0);
  g_assert_finalize_object (self->media);
  g_assert_finalize_object (self->standin);
  media_peer_close (&self->peer);
  bb_media_params_free (self->params);
  bb_config_unref (self->config);
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

/* Amplitude of one frequency (Goertzel). */
static double
amplitude (const gint16 *samples, gsize n, double frequency, double rate)
{
  double w = 2.0 * G_PI * frequency / rate;
  double s1 = 0.0;
  double s2 = 0.0;

  for (gsize i = 0; i < n; i++)
    {
      double s0 = samples[i] + 2.0 * cos (w) * s1 - s2;

      s2 = s1;
      s1 = s0;
    }
  return 2.0 * sqrt (s1 * s1 + s2 * s2 - 2.0 * cos (w) * s1 * s2) / (double) n;
}

static double
rms (const gint16 *samples, gsize n)
{
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += (double) samples[i] * samples[i];
  return sqrt (sum / (double) n);
}

/* One tone of the given amplitude and nothing else. */
static void
assert_tone (const gint16 *samples, gsize n, double frequency, double rate)
{
  double is = amplitude (samples, n, frequency, rate);
  double all = rms (samples, n) * sqrt (2.0);

  g_test_message ("%.0f Hz: amplitude %.0f of %.0f in all", frequency, is, all);
  g_assert_cmpfloat (is, >, 0.7 * LEVEL);
  g_assert_cmpfloat (is, <, 1.3 * LEVEL);
  g_assert_cmpfloat (is, >, 0.95 * all);
}

/* ---- Opus: a tone each way, its pitch and level ---- */

typedef struct
{
  GstHarness *encoder;
  guint64 n;
  guint frame; /* samples of 48 kHz */
} Speaker;

static void
speaker_init (Speaker *self, guint ptime)
{
  g_autofree char *launch = g_strdup_printf ("opusenc frame-size=%u", ptime);

  *self = (Speaker){ .encoder = gst_harness_new_parse (launch), .frame = 48 * ptime };
  gst_harness_set_src_caps_str (
      self->encoder, "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1");
}

static void
speaker_say (Speaker *self, MediaPeer *peer)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 2 * self->frame, NULL);
  GstBuffer *packet;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (self->n, GST_SECOND, 48000);
  for (guint i = 0; i < self->frame; i++, self->n++)
    ((gint16 *) map.data)[i]
        = (gint16) (LEVEL * sin (2 * G_PI * CALLER_TONE * (double) self->n / 48000));
  gst_buffer_unmap (buffer, &map);
  g_assert_cmpint (gst_harness_push (self->encoder, buffer), ==, GST_FLOW_OK);

  packet = gst_harness_pull (self->encoder);
  gst_buffer_map (packet, &map, GST_MAP_READ);
  media_peer_send (peer, map.data, map.size, self->frame);
  gst_buffer_unmap (packet, &map);
  gst_buffer_unref (packet);
}

static void
listen_opus (GstHarness *decoder, const MediaPacket *packet, GByteArray *samples)
{
  GstBuffer *buffer = gst_buffer_new_memdup (packet->data + packet->header.payload_offset,
                                             packet->header.payload_size);
  GstMapInfo map;

  g_assert_cmpint (gst_harness_push (decoder, buffer), ==, GST_FLOW_OK);
  while ((buffer = gst_harness_try_pull (decoder)) != NULL)
    {
      gst_buffer_map (buffer, &map, GST_MAP_READ);
      g_byte_array_append (samples, map.data, (guint) map.size);
      gst_buffer_unmap (buffer, &map);
      gst_buffer_unref (buffer);
    }
}

static GstHarness *
new_decoder (void)
{
  GstHarness *decoder = gst_harness_new ("opusdec");

  gst_harness_set_src_caps_str (decoder, "audio/x-opus,channel-mapping-family=0,channels=1,rate=48000");
  gst_harness_set_sink_caps_str (decoder, "audio/x-raw,format=S16LE,rate=48000,channels=1");
  return decoder;
}

static void
test_opus (gconstpointer data)
{
  guint ptime = (guint) GPOINTER_TO_INT (data);
  guint effective = ptime == 30 ? 20 : ptime;
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GBytes) heard = NULL;
  GstHarness *decoder = new_decoder ();
  const guint n_frames = 1000 / effective;
  MediaPacket last = { 0 };
  Speaker speaker;
  gsize n;
  Call call;

  call_begin (&call, BB_CODEC_OPUS, ptime);
  speaker_init (&speaker, effective);
  /* All at once: then no pause of this machine falls between. */
  for (guint i = 0; i < n_frames; i++)
    speaker_say (&speaker, &call.peer);
  for (guint i = 0; i < n_frames; i++)
    {
      MediaPacket packet;

      receive (&call, &packet);
      g_assert_cmpuint (packet.header.payload_type, ==, 96);
      if (i > 0)
        {
          g_assert_cmpuint (packet.header.seq, ==, (guint16) (last.header.seq + 1));
          if (!packet.header.marker)
            g_assert_cmpuint (packet.header.timestamp, ==, last.header.timestamp + 48 * effective);
        }
      listen_opus (decoder, &packet, answer);
      last = packet;
    }

  /* All the caller said has come, at the API's own rate, undelayed. */
  n = (gsize) n_frames * API_RATE * effective / 1000;
  do
    {
      media_test_iterate ();
      g_clear_pointer (&heard, g_bytes_unref);
      heard = media_standin_dup_heard (call.standin);
    }
  while (g_bytes_get_size (heard) < 2 * n);
  assert_tone ((const gint16 *) g_bytes_get_data (heard, NULL) + n / 4, n / 2, CALLER_TONE,
               API_RATE);

  n = answer->len / 2;
  g_assert_cmpuint (n, ==, n_frames * 48 * effective);
  assert_tone ((const gint16 *) (void *) answer->data + n / 4, n / 2, MEDIA_STANDIN_TONE, 48000);

  g_assert_true (media_standin_ran_on_loop (call.standin));
  gst_harness_teardown (speaker.encoder);
  gst_harness_teardown (decoder);
  call_end (&call);
}

/* Lost packets are concealed as sound: the time stays, the tone goes on. */
static void
test_opus_loss (void)
{
  g_autoptr (GBytes) heard = NULL;
  const guint n_frames = 50;
  const gint16 *samples;
  Speaker speaker;
  Call call;

  call_begin (&call, BB_CODEC_OPUS, 20);
  speaker_init (&speaker, 20);
  for (guint i = 0; i < n_frames; i++)
    {
      guint16 port = call.peer.to_rtp;

      if (i == 25)
        call.peer.to_rtp = call.peer.rtp_port; /* to itself: lost */
      speaker_say (&speaker, &call.peer);
      call.peer.to_rtp = port;
    }
  do
    {
      media_test_iterate ();
      g_clear_pointer (&heard, g_bytes_unref);
      heard = media_standin_dup_heard (call.standin);
    }
  while (g_bytes_get_size (heard) < n_frames * 960u);

  samples = g_bytes_get_data (heard, NULL);
  g_assert_cmpfloat (rms (samples + 25 * 480, 480), >, 0.3 * LEVEL);
  assert_tone (samples + 30 * 480, 15 * 480, CALLER_TONE, API_RATE);
  gst_harness_teardown (speaker.encoder);
  call_end (&call);
}

/* ---- G.711 at every packet time ---- */

static void
test_ptime (gconstpointer data)
{
  guint ptime = (guint) GPOINTER_TO_INT (data);
  MediaPacket packet;
  MediaPacket last = { 0 };
  Call call;

  call_begin (&call, BB_CODEC_PCMA, ptime);
  for (guint i = 0; i < 10; i++)
    {
      receive (&call, &packet);
      g_assert_cmpuint (packet.header.payload_size, ==, 8 * ptime);
      if (i > 0 && !packet.header.marker)
        g_assert_cmpuint (packet.header.timestamp, ==, last.header.timestamp + 8 * ptime);
      last = packet;
    }
  call_end (&call);
}

/* ---- Re-INVITE ---- */

static gsize
heard_size (Call *self)
{
  g_autoptr (GBytes) heard = media_standin_dup_heard (self->standin);

  return g_bytes_get_size (heard);
}

/* From A-law to µ-law and on to Opus and back: the Realtime element goes on,
 * the stream too, and each codec is what arrives. */
static void
test_change_codec (void)
{
  static const BbCodecId codecs[] = { BB_CODEC_PCMA, BB_CODEC_PCMU, BB_CODEC_OPUS, BB_CODEC_PCMA };
  static const char *names[] = { "audio/x-alaw", "audio/x-mulaw", "audio/x-raw", "audio/x-alaw" };
  guint32 ssrc = 0;
  guint16 seq = 0;
  Speaker speaker;
  Call call;

  call_begin (&call, BB_CODEC_PCMA, 20);
  speaker_init (&speaker, 20);
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GstCaps) caps = NULL;
      guint8 frame[160] = { 0x11, 0x22 };
      MediaPacket packet;
      gsize before;

      if (i > 0)
        {
          bb_media_params_free (call.params);
          call.params = media_peer_params (&call.peer, codecs[i]);
          bb_media_update (call.media, call.params, &error);
          g_assert_no_error (error);
        }

      before = heard_size (&call);
      if (codecs[i] == BB_CODEC_OPUS)
        speaker_say (&speaker, &call.peer);
      else
        media_peer_send (&call.peer, frame, sizeof frame, 160);
      media_test_wait (heard_size (&call) > before);
      caps = media_standin_dup_caps (call.standin);
      g_assert_true (gst_structure_has_name (gst_caps_get_structure (caps, 0), names[i]));

      do
        receive (&call, &packet);
      while (packet.header.payload_type != call.params->payload_type_send);
      /* RFC 7160: another clock, another SSRC; the same clock, the same stream. */
      if (i == 1)
        {
          g_assert_cmpuint (packet.header.ssrc, ==, ssrc);
          g_assert_cmpuint ((guint16) (packet.header.seq - seq), <, 100);
        }
      else if (i > 1)
        {
          g_assert_cmpuint (packet.header.ssrc, !=, ssrc);
        }
      ssrc = packet.header.ssrc;
      seq = packet.header.seq;
    }
  gst_harness_teardown (speaker.encoder);
  call_end (&call);
}

/* What is heard and what leaves, across a change from A-law to µ-law: every
 * octet, once, in order, at its time; what was on its way is of the old kind. */
static void
test_change_exact (void)
{
  static const BbCodecId codecs[] = { BB_CODEC_PCMA, BB_CODEC_PCMU, BB_CODEC_PCMA };
  g_autoptr (GBytes) heard = NULL;
  const guint8 *octets;
  MediaPacket last = { 0 };
  guint64 n_said = 0;
  guint sent = 0;
  guint received = 0;
  Call call;

  call_begin (&call, BB_CODEC_PCMA, 20);
  for (guint i = 0; i < 3 * 20; i++)
    {
      g_autoptr (GError) error = NULL;
      guint8 frame[160];
      MediaPacket packet;

      if (i % 20 == 0 && i > 0)
        {
          guint8 old = call.peer.payload_type;

          bb_media_params_free (call.params);
          call.params = media_peer_params (&call.peer, codecs[i / 20]);
          g_assert_true (bb_media_update (call.media, call.params, &error));
          call.peer.payload_type = old;
        }
      if (i % 20 == 5)
        call.peer.payload_type = call.params->payload_type_receive;

      memset (frame, (int) ++sent, sizeof frame);
      media_peer_send (&call.peer, frame, sizeof frame, 160);
      receive (&call, &packet);
      g_assert_cmpuint (packet.header.payload_size, ==, 160);
      for (guint j = 0; j < 160; j++)
        g_assert_cmpuint (packet.data[packet.header.payload_offset + j], ==,
                          media_standin_octet (n_said++));
      if (received++ > 0)
        {
          g_assert_cmpuint (packet.header.seq, ==, (guint16) (last.header.seq + 1));
          g_assert_cmpuint (packet.header.ssrc, ==, last.header.ssrc);
          /* a machine that stands still gives deadlines up, and says so */
          if (!packet.header.marker)
            g_assert_cmpuint (packet.header.timestamp, ==, last.header.timestamp + 160);
        }
      last = packet;
      if (i % 20 == 19)
        g_assert_cmpuint (packet.header.payload_type, ==, call.params->payload_type_send);
    }

  media_test_wait (heard_size (&call) >= sent * 160u);
  heard = media_standin_dup_heard (call.standin);
  octets = g_bytes_get_data (heard, NULL);
  for (guint i = 0; i < sent * 160; i++)
    if (octets[i] != 1 + i / 160)
      g_error ("octet %u heard is %u, not %u", i, octets[i], 1 + i / 160);
  g_assert_true (media_standin_ran_on_loop (call.standin));
  call_end (&call);
}

/* The peer never goes over, or a further change comes first: nothing breaks. */
static void
test_change_again (void)
{
  static const BbCodecId codecs[] = { BB_CODEC_OPUS, BB_CODEC_G722, BB_CODEC_PCMU, BB_CODEC_PCMA,
                                      BB_CODEC_L16_16000, BB_CODEC_PCMA };
  guint8 frame[160];
  gsize before;
  Call call;

  memset (frame, 0x31, sizeof frame);
  call_begin (&call, BB_CODEC_PCMA, 20);
  for (guint i = 0; i < 3 * G_N_ELEMENTS (codecs); i++)
    {
      g_autoptr (GError) error = NULL;
      guint8 old = call.peer.payload_type;
      MediaPacket packet;

      bb_media_params_free (call.params);
      call.params = media_peer_params (&call.peer, codecs[i % G_N_ELEMENTS (codecs)]);
      g_assert_true (bb_media_update (call.media, call.params, &error));
      call.peer.payload_type = old;
      do
        receive (&call, &packet);
      while (packet.header.payload_type != call.params->payload_type_send);
      before = heard_size (&call);
      media_peer_send (&call.peer, frame, sizeof frame, 160);
      media_test_wait (heard_size (&call) >= before + 160);
    }
  call_end (&call);
}

/* Another packet time: each packet ends where the next begins. */
static void
test_change_ptime (void)
{
  static const guint ptimes[] = { 20, 40, 10, 30, 20 };
  MediaPacket last = { 0 };
  guint64 n_said = 0;
  guint i = 0;
  guint n = 0;
  Call call;

  call_begin (&call, BB_CODEC_PCMA, 20);
  while (i < G_N_ELEMENTS (ptimes))
    {
      g_autoptr (GError) error = NULL;
      MediaPacket packet;

      receive (&call, &packet);
      for (guint j = 0; j < packet.header.payload_size; j++)
        g_assert_cmpuint (packet.data[packet.header.payload_offset + j], ==,
                          media_standin_octet (n_said++));
      if (last.size > 0)
        {
          g_assert_cmpuint (packet.header.seq, ==, (guint16) (last.header.seq + 1));
          if (!packet.header.marker)
            g_assert_cmpuint (packet.header.timestamp, ==,
                              last.header.timestamp + last.header.payload_size);
        }
      last = packet;
      if (packet.header.payload_size != 8 * ptimes[i] || ++n < 5)
        continue;

      n = 0;
      if (++i < G_N_ELEMENTS (ptimes))
        {
          call.params->ptime = ptimes[i];
          g_assert_true (bb_media_update (call.media, call.params, &error));
        }
    }
  call_end (&call);
}

/* Opus has no 30 ms: with the codec the packet time changes. */
static void
test_change_to_opus (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMediaParams) opus = NULL;
  MediaPacket packet;
  MediaPacket last = { 0 };
  Call call;

  call_begin (&call, BB_CODEC_PCMA, 30);
  receive (&call, &packet);
  g_assert_cmpuint (packet.header.payload_size, ==, 240);
  opus = media_peer_params (&call.peer, BB_CODEC_OPUS);
  opus->ptime = 30;
  g_assert_true (bb_media_update (call.media, opus, &error));
  do
    receive (&call, &packet);
  while (packet.header.payload_type != opus->payload_type_send);
  for (guint i = 0; i < 5; i++)
    {
      last = packet;
      receive (&call, &packet);
      if (!packet.header.marker)
        g_assert_cmpuint (packet.header.timestamp, ==, last.header.timestamp + 960);
      g_assert_cmpuint (opus_packet_samples (packet.data + packet.header.payload_offset,
                                             packet.header.payload_size),
                        ==, 960);
    }
  call_end (&call);
}

static void
test_hold (void)
{
  g_autoptr (GError) error = NULL;
  guint8 frame[160];
  MediaPacket packet;
  MediaPacket before;
  BbMediaParams *hold;
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *said;
  gsize heard;
  Call call;

  memset (frame, 0x31, sizeof frame);
  call_begin (&call, BB_CODEC_PCMA, 20);
  media_peer_send (&call.peer, frame, sizeof frame, 160);
  media_test_wait (heard_size (&call) >= 160);
  receive (&call, &before);

  hold = bb_media_params_copy (call.params);
  hold->direction = BB_MEDIA_INACTIVE;
  g_assert_true (bb_media_update (call.media, hold, &error));
  bb_media_params_free (hold);
  while (media_peer_receive (&call.peer, &before, 0))
    ;
  heard = heard_size (&call);
  media_peer_send (&call.peer, frame, sizeof frame, 160);
  g_assert_false (media_peer_receive (&call.peer, &packet, 100));
  /* Nothing that is said on hold is heard, but time goes on for the API: it has
   * to see the end of the caller's last sentence. */
  media_test_wait (heard_size (&call) >= heard + 5 * 160);

  /* Back: what was said meanwhile is gone, the stream goes on as one. */
  g_assert_true (bb_media_update (call.media, call.params, &error));
  receive (&call, &packet);
  g_assert_true (packet.header.marker);
  g_assert_cmpuint ((packet.header.timestamp - before.header.timestamp) % 160, ==, 0);
  g_assert_cmpuint (packet.header.timestamp - before.header.timestamp, >=, 4 * 160);
  g_assert_cmpuint (packet.header.seq, ==, (guint16) (before.header.seq + 1));
  memset (frame, 0x77, sizeof frame);
  media_peer_send (&call.peer, frame, sizeof frame, 160);
  do
    {
      media_test_iterate ();
      g_clear_pointer (&bytes, g_bytes_unref);
      bytes = media_standin_dup_heard (call.standin);
    }
  while (memchr (said = (const guint8 *) g_bytes_get_data (bytes, NULL) + heard, 0x77,
                 g_bytes_get_size (bytes) - heard) == NULL);
  g_assert_null (memchr (said, 0x31, g_bytes_get_size (bytes) - heard));
  said = memchr (said, 0x77, g_bytes_get_size (bytes) - heard);
  g_assert_cmpmem (said, 160, frame, 160);
  call_end (&call);
}

/* A new address (a transfer): answers go there, at once. */
static void
test_new_address (void)
{
  g_autoptr (GError) error = NULL;
  MediaPacket packet;
  MediaPeer other;
  Call call;

  call_begin (&call, BB_CODEC_PCMA, 20);
  receive (&call, &packet);
  media_peer_open (&other);
  call.params->remote_rtp_port = other.rtp_port;
  g_assert_true (bb_media_update (call.media, call.params, &error));
  while (media_peer_receive (&call.peer, &packet, 0))
    ;
  g_assert_true (media_peer_receive (&other, &packet, 5000));
  media_peer_close (&other);
  call_end (&call);
}

/* ---- RTCP ---- */

static void
test_rtcp (void)
{
  guint8 data[512];
  guint8 frame[160] = { 0 };
  RtcpContent content;
  MediaPacket packet;
  gssize size;
  Call call;

  call_begin (&call, BB_CODEC_PCMA, 20);
  for (guint i = 0; i < 10; i++)
    {
      if (i == 5)
        call.peer.seq++;
      media_peer_send (&call.peer, frame, sizeof frame, 160);
      receive (&call, &packet);
    }
  /* The last word, at the latest: how it went, and BYE. */
  media_test_stop (call.media);
  do
    {
      size = media_peer_receive_rtcp (&call.peer, data, sizeof data, 5000);
      g_assert_cmpint (size, >, 0);
      g_assert_true (rtcp_parse (data, (gsize) size, call.peer.ssrc, &content));
    }
  while (!content.bye);
  g_assert_cmpuint (content.ssrc, ==, packet.header.ssrc);
  g_assert_true (content.has_sender);
  g_assert_cmpuint (content.sender.packets, >=, 10);
  g_assert_cmpuint (content.sender.octets, ==, 160 * content.sender.packets);
  g_assert_true (content.has_report);
  g_assert_cmpint (content.report.cumulative_lost, ==, 1);
  call_end (&call);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();

  g_test_add_data_func ("/call-codecs/opus/20", GINT_TO_POINTER (20), test_opus);
  g_test_add_data_func ("/call-codecs/opus/40", GINT_TO_POINTER (40), test_opus);
  g_test_add_data_func ("/call-codecs/opus/30-is-20", GINT_TO_POINTER (30), test_opus);
  g_test_add_func ("/call-codecs/opus/loss", test_opus_loss);
  g_test_add_data_func ("/call-codecs/ptime/10", GINT_TO_POINTER (10), test_ptime);
  g_test_add_data_func ("/call-codecs/ptime/30", GINT_TO_POINTER (30), test_ptime);
  g_test_add_data_func ("/call-codecs/ptime/60", GINT_TO_POINTER (60), test_ptime);
  g_test_add_func ("/call-codecs/change-codec", test_change_codec);
  g_test_add_func ("/call-codecs/change-exact", test_change_exact);
  g_test_add_func ("/call-codecs/change-again", test_change_again);
  g_test_add_func ("/call-codecs/change-ptime", test_change_ptime);
  g_test_add_func ("/call-codecs/change-to-opus", test_change_to_opus);
  g_test_add_func ("/call-codecs/hold", test_hold);
  g_test_add_func ("/call-codecs/new-address", test_new_address);
  g_test_add_func ("/call-codecs/rtcp", test_rtcp);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
