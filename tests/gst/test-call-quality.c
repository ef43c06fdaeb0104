/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Issue 4, quality: known speech through every codec in both directions,
 * measured against the codec alone.
 */
#include <gst/check/gstharness.h>
#include <math.h>
#include <string.h>

#include "media-peer.h"
#include "media-standin.h"

#define SECONDS 2
#define BLOCK 256 /* samples of a spectrum */
#define MAX_LAG 2000 /* samples */

typedef struct
{
  BbCodecId codec;
  guint ptime;
  const char *encoder; /* the codec alone: a launch line each */
  const char *decoder;
  const char *coded_caps;
  guint encoder_rate; /* of what the caller's encoder takes, Hz */
} Row;

#define OPUS_CAPS "audio/x-opus,channel-mapping-family=0,channels=1,rate=24000"
#define L16(rate) "audio/x-raw,format=S16BE,layout=interleaved,channels=1,rate=" rate

static const Row rows[] = {
  { BB_CODEC_OPUS, 20,
    "opusenc frame-size=20 bandwidth=auto bitrate=32000 bitrate-type=vbr audio-type=voice complexity=5 "
    "inband-fec=true packet-loss-percentage=5",
    "opusdec", OPUS_CAPS, 24000 },
  { BB_CODEC_G722, 20, "callg722enc", "callg722dec", "audio/G722,rate=16000,channels=1", 16000 },
  { BB_CODEC_G722, 30, "callg722enc", "callg722dec", "audio/G722,rate=16000,channels=1", 16000 },
  { BB_CODEC_L16_44100, 10, "audioconvert", "audioconvert", L16 ("44100"), 44100 },
  { BB_CODEC_L16_16000, 20, "audioconvert", "audioconvert", L16 ("16000"), 16000 },
  { BB_CODEC_L16_8000, 20, "audioconvert", "audioconvert", L16 ("8000"), 8000 },
};

/* A voice: a gliding pitch with harmonics under two formants, in syllables,
 * with a hiss between. The same each time. */
static GArray *
make_speech (guint rate)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gint16));
  double phase = 0.0;
  guint32 noise = 1;

  for (guint i = 0; i < SECONDS * rate; i++)
    {
      double t = (double) i / rate;
      double pitch = 120.0 + 30.0 * sin (2 * G_PI * 0.7 * t);
      double syllable = MAX (sin (2 * G_PI * 2.5 * t), 0.0);
      double value = 0.0;
      gint16 sample;

      phase += 2 * G_PI * pitch / rate;
      for (guint k = 1; k * pitch < 0.42 * rate && k <= 40; k++)
        {
          double f = k * pitch;

          value += (1.0 / (1.0 + pow ((f - 500) / 300, 2)) + 0.4 / (1.0 + pow ((f - 1800) / 400, 2)))
                   * sin (k * phase);
        }
      noise = noise * 1664525u + 1013904223u;
      sample = (gint16) (5000 * syllable * value
                         + 300 * (1.0 - syllable) * ((double) (noise >> 8) / (1 << 23) - 1.0));
      g_array_append_val (samples, sample);
    }
  return samples;
}

/* ---- The codec alone ---- */

static GstHarness *
new_element (const char *launch, guint in_rate, const char *in_caps, guint out_rate,
             const char *out_caps)
{
  GstHarness *harness = gst_harness_new_parse (launch);
  g_autofree char *raw
      = g_strdup_printf ("audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=%u",
                         in_caps == NULL ? in_rate : out_rate);

  gst_harness_set_src_caps_str (harness, in_caps != NULL ? in_caps : raw);
  gst_harness_set_sink_caps_str (harness, out_caps != NULL ? out_caps : raw);
  return harness;
}

static void
pull_all (GstHarness *harness, GByteArray *bytes)
{
  GstBuffer *buffer;
  GstMapInfo map;

  while ((buffer = gst_harness_try_pull (harness)) != NULL)
    {
      gst_buffer_map (buffer, &map, GST_MAP_READ);
      g_byte_array_append (bytes, map.data, (guint) map.size);
      gst_buffer_unmap (buffer, &map);
      gst_buffer_unref (buffer);
    }
}

/* Frames of encoded speech, of GBytes. */
static GPtrArray *
encode (const Row *row, GArray *speech, guint rate)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GstHarness *encoder = new_element (row->encoder, rate, NULL, 0,
                                     row->codec == BB_CODEC_OPUS ? "audio/x-opus" : row->coded_caps);
  gsize n = (gsize) rate * row->ptime / 1000;

  for (gsize at = 0; at + n <= speech->len; at += n)
    {
      GstBuffer *buffer = gst_buffer_new_memdup (&g_array_index (speech, gint16, at), n * 2);
      g_autoptr (GByteArray) out = g_byte_array_new ();

      GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (at, GST_SECOND, rate);
      GST_BUFFER_DURATION (buffer) = row->ptime * GST_MSECOND;
      g_assert_cmpint (gst_harness_push (encoder, buffer), ==, GST_FLOW_OK);
      pull_all (encoder, out);
      g_assert_cmpuint (out->len, >, 0);
      g_ptr_array_add (frames, g_bytes_new (out->data, out->len));
    }
  gst_harness_teardown (encoder);
  return frames;
}

static GByteArray *
decode (const Row *row, GPtrArray *frames, guint rate)
{
  GByteArray *samples = g_byte_array_new ();
  GstHarness *decoder = new_element (row->decoder, 0, row->coded_caps, rate, NULL);

  for (guint i = 0; i < frames->len; i++)
    {
      GstBuffer *buffer = gst_buffer_new_wrapped_bytes (g_ptr_array_index (frames, i));

      GST_BUFFER_PTS (buffer) = i * row->ptime * GST_MSECOND;
      g_assert_cmpint (gst_harness_push (decoder, buffer), ==, GST_FLOW_OK);
      pull_all (decoder, samples);
    }
  gst_harness_teardown (decoder);
  return samples;
}

/* ---- Measures ---- */

static double
level_db (const gint16 *samples, gsize n)
{
  double sum = 1.0;

  for (gsize i = 0; i < n; i++)
    sum += (double) samples[i] * samples[i];
  return 10.0 * log10 (sum / (double) n);
}

/* Where b fits a best: b[i + lag] is a[i]. */
static int
find_lag (const gint16 *a, const gint16 *b, gsize n)
{
  double best = -1.0;
  int best_lag = 0;
  gsize from = n / 4;
  gsize count = MIN (n / 2, 16000);

  for (int lag = -MAX_LAG; lag <= MAX_LAG; lag++)
    {
      double sum = 0.0;

      for (gsize i = from; i < from + count; i += 2)
        {
          gssize j = (gssize) i + lag;

          if (j >= 0 && j < (gssize) n)
            sum += (double) a[i] * b[j];
        }
      if (sum > best)
        {
          best = sum;
          best_lag = lag;
        }
    }
  return best_lag;
}

static void
spectrum (const gint16 *samples, double *power)
{
  for (guint k = 1; k < BLOCK / 2; k++)
    {
      double w = 2.0 * G_PI * k / BLOCK;
      double s1 = 0.0;
      double s2 = 0.0;

      for (guint i = 0; i < BLOCK; i++)
        {
          double window = 0.5 - 0.5 * cos (2.0 * G_PI * i / BLOCK);
          double s0 = window * samples[i] + 2.0 * cos (w) * s1 - s2;

          s2 = s1;
          s1 = s0;
        }
      power[k] = s1 * s1 + s2 * s2 - 2.0 * cos (w) * s1 * s2;
    }
}

/* Log-spectral distance of what is loud, dB. */
static double
spectral_distance (const gint16 *a, const gint16 *b, gsize n)
{
  double pa[BLOCK / 2];
  double pb[BLOCK / 2];
  double total = 0.0;
  guint blocks = 0;

  for (gsize at = 0; at + BLOCK <= n; at += 4 * BLOCK)
    {
      double sum = 0.0;

      if (level_db (a + at, BLOCK) < 50.0)
        continue;
      spectrum (a + at, pa);
      spectrum (b + at, pb);
      for (guint k = 1; k < BLOCK / 2; k++)
        sum += pow (10.0 * log10 ((pa[k] + 1e4) / (pb[k] + 1e4)), 2);
      total += sqrt (sum / (BLOCK / 2 - 1));
      blocks++;
    }
  g_assert_cmpuint (blocks, >, 5);
  return total / blocks;
}

static void
compare (const char *what, const Row *row, const gint16 *alone, const gint16 *heard, gsize n,
         double max_distance)
{
  double distance = spectral_distance (alone, heard, n);
  double level = level_db (heard, n) - level_db (alone, n);
  int lag = find_lag (alone, heard, n);

  g_test_message ("%s %s, %u ms: spectral distance %.2f dB, level %+.2f dB, lag %d samples",
                  bb_codec_get (row->codec)->label, what, row->ptime, distance, level, lag);
  g_assert_cmpfloat (distance, <=, max_distance);
  g_assert_cmpfloat (fabs (level), <=, max_distance);
  g_assert_cmpint (lag, ==, 0);
}

/* ---- The call ---- */

/* Until so many octets were heard: what is sent faster than it is read is lost. */
static void
wait_heard (MediaStandin *standin, gsize size)
{
  gsize heard;

  do
    {
      g_autoptr (GBytes) bytes = media_standin_dup_heard (standin);

      heard = g_bytes_get_size (bytes);
      if (heard < size)
        media_test_iterate ();
    }
  while (heard < size);
}

static void
receive (MediaPeer *peer, MediaPacket *packet)
{
  gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;

  while (!media_peer_receive (peer, packet, 10))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
    }
}

static void
check_in (const Row *row, MediaStandin *standin, MediaPeer *peer)
{
  const BbCodec *codec = bb_codec_get (row->codec);
  g_autoptr (GArray) speech = make_speech (row->encoder_rate);
  g_autoptr (GPtrArray) frames = encode (row, speech, row->encoder_rate);
  g_autoptr (GByteArray) alone = decode (row, frames, codec->sample_rate);
  g_autoptr (GBytes) heard = NULL;
  gsize frame = (gsize) codec->sample_rate * row->ptime / 1000;

  /* as fast as it goes: then no pause of this machine falls between */
  for (guint i = 0; i < frames->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (frames, i), &size);

      media_peer_send (peer, data, size, codec->clock_rate * row->ptime / 1000);
      if (i % 10 == 9)
        wait_heard (standin, 2 * (i + 1) * frame);
    }
  wait_heard (standin, alone->len);
  heard = media_standin_dup_heard (standin);
  compare ("from the caller", row, (const gint16 *) (gpointer) alone->data,
           g_bytes_get_data (heard, NULL), alone->len / 2, 0.01);
  /* no other decoder, no resampler, nothing lost: to the bit */
  g_assert_cmpmem (g_bytes_get_data (heard, NULL), alone->len, alone->data, alone->len);
}

static void
check_out (const Row *row, MediaStandin *standin, MediaPeer *peer)
{
  const BbCodec *codec = bb_codec_get (row->codec);
  g_autoptr (GArray) speech = make_speech (codec->sample_rate);
  g_autoptr (GPtrArray) alone_frames = encode (row, speech, codec->sample_rate);
  g_autoptr (GByteArray) alone = decode (row, alone_frames, codec->sample_rate);
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GByteArray) heard = NULL;
  MediaPacket packet;

  for (guint i = 0; i < alone_frames->len; i++)
    {
      receive (peer, &packet);
      g_ptr_array_add (frames, g_bytes_new (packet.data + packet.header.payload_offset,
                                            packet.header.payload_size));
    }
  heard = decode (row, frames, codec->sample_rate);
  g_assert_cmpuint (heard->len, ==, alone->len);
  compare ("to the caller", row, (const gint16 *) (gpointer) alone->data,
           (const gint16 *) (gpointer) heard->data, alone->len / 2,
           0.01);
  g_assert_cmpmem (heard->data, heard->len, alone->data, alone->len);
}

static void
test_quality (gconstpointer data)
{
  const Row *row = data;
  const BbCodec *codec = bb_codec_get (row->codec);
  g_autoptr (BbConfig) config = media_test_config ();
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMediaParams) params = NULL;
  g_autoptr (GArray) speech = make_speech (codec->sample_rate);
  g_autoptr (GstCaps) caps = NULL;
  MediaStandin *standin;
  BbMedia *media;
  MediaPeer peer;
  int rate = 0;

  media = bb_rtp_media_new (config, "127.0.0.1", &error);
  g_assert_no_error (error);
  standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (media)));
  media_peer_open (&peer);
  peer.to_rtp = bb_rtp_media_get_rtp_port (media);
  peer.to_rtcp = bb_rtp_media_get_rtcp_port (media);
  params = media_peer_params (&peer, row->codec);
  params->ptime = row->ptime;
  bb_media_prepare (media, params, &error);
  g_assert_no_error (error);
  media_standin_set_speech (standin, &g_array_index (speech, gint16, 0), speech->len);
  bb_media_begin (media);

  check_out (row, standin, &peer);
  check_in (row, standin, &peer);
  caps = media_standin_dup_caps (standin);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "rate", &rate);
  g_assert_cmpint (rate, ==, (int) codec->sample_rate);
  g_assert_true (media_standin_ran_on_loop (standin));

  media_test_stop (media);
  g_assert_finalize_object (media);
  g_assert_finalize_object (standin);
  media_peer_close (&peer);
}

/* ---- Loss: the time stays, speech goes on ---- */

static void
test_loss (gconstpointer data)
{
  const Row *row = data;
  const BbCodec *codec = bb_codec_get (row->codec);
  g_autoptr (BbConfig) config = media_test_config ();
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMediaParams) params = NULL;
  g_autoptr (GArray) speech = make_speech (row->encoder_rate);
  g_autoptr (GPtrArray) frames = encode (row, speech, row->encoder_rate);
  g_autoptr (GByteArray) alone = decode (row, frames, codec->sample_rate);
  g_autoptr (GBytes) heard = NULL;
  gsize frame = (gsize) codec->sample_rate * row->ptime / 1000;
  double worst = 0.0;
  guint n_lost = 0;
  MediaStandin *standin;
  BbMedia *media;
  MediaPeer peer;

  media = bb_rtp_media_new (config, "127.0.0.1", &error);
  g_assert_no_error (error);
  standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (media)));
  media_peer_open (&peer);
  params = media_peer_params (&peer, row->codec);
  params->ptime = row->ptime;
  bb_media_prepare (media, params, &error);
  g_assert_no_error (error);
  bb_media_begin (media);

  for (guint i = 0; i < frames->len; i++)
    {
      gsize size;
      const guint8 *packet = g_bytes_get_data (g_ptr_array_index (frames, i), &size);

      /* one of ten, to itself: lost; never the first or the last ones */
      peer.to_rtp = i % 10 == 5 && i + 6 < frames->len ? peer.rtp_port
                                                       : bb_rtp_media_get_rtp_port (media);
      media_peer_send (&peer, packet, size, codec->clock_rate * row->ptime / 1000);
      if (i % 10 == 9)
        wait_heard (standin, 2 * (i + 1) * frame);
    }
  wait_heard (standin, alone->len);
  heard = media_standin_dup_heard (standin);

  for (guint i = 5; i + 6 < frames->len; i += 10)
    {
      const gint16 *was = (const gint16 *) (gpointer) alone->data + i * frame;
      const gint16 *is = (const gint16 *) g_bytes_get_data (heard, NULL) + i * frame;
      double difference = level_db (is, frame) - level_db (was, frame);

      if (level_db (was, frame) < 55.0)
        continue;
      worst = MIN (worst, difference);
      n_lost++;
      g_assert_cmpfloat (difference, >, -15.0);
      g_assert_cmpfloat (difference, <, 6.0);
    }
  g_assert_cmpuint (n_lost, >=, 2);
  /* a second after: in step, to the sample */
  g_assert_cmpint (find_lag ((const gint16 *) (gpointer) alone->data,
                             g_bytes_get_data (heard, NULL), alone->len / 2),
                   ==, 0);
  g_test_message ("%s: %u frames concealed in speech, the faintest %+.1f dB",
                  codec->label, n_lost, worst);

  media_test_stop (media);
  g_assert_finalize_object (media);
  g_assert_finalize_object (standin);
  media_peer_close (&peer);
}

/* ---- Opus: a lost frame comes from the packet after it, none is delayed ---- */

static double
snr_db (const gint16 *reference, const gint16 *samples, gsize n)
{
  double noise = 1.0;

  for (gsize i = 0; i < n; i++)
    noise += pow ((double) reference[i] - samples[i], 2);
  return level_db (reference, n) - 10.0 * log10 (noise / (double) n);
}

static guint64
decoder_count (GstHarness *decoder, const char *name)
{
  g_autoptr (GstElement) element = gst_harness_find_element (decoder, "callopusdec");
  g_autoptr (GstStructure) stats = NULL;
  guint64 n = 0;

  g_object_get (element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &n));
  return n;
}

/* Every fifth frame lost; the mean likeness of those in speech, dB. */
static double
decode_with_loss (const Row *row, GArray *speech, GByteArray *alone, guint64 *corrected)
{
  g_autoptr (GPtrArray) frames = encode (row, speech, 24000);
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  GstHarness *decoder = new_element ("callopusdec", 0, OPUS_CAPS, 24000, NULL);
  const gsize n = 24000 * row->ptime / 1000;
  double sum = 0.0;
  guint n_lost = 0;

  for (guint i = 0; i < frames->len; i++)
    {
      GstBuffer *buffer;

      if (i % 5 == 4)
        {
          g_assert_true (gst_harness_push_event (
              decoder, gst_event_new_gap (i * row->ptime * GST_MSECOND,
                                          row->ptime * GST_MSECOND)));
          continue;
        }
      buffer = gst_buffer_new_wrapped_bytes (g_ptr_array_index (frames, i));
      GST_BUFFER_PTS (buffer) = i * row->ptime * GST_MSECOND;
      g_assert_cmpint (gst_harness_push (decoder, buffer), ==, GST_FLOW_OK);
      pull_all (decoder, heard);
      /* all that can be known is out at once */
      g_assert_cmpuint (heard->len, ==, (i + 1) * n * 2);
    }
  for (guint i = 9; i + 5 < frames->len; i += 5)
    {
      const gint16 *was = (const gint16 *) (gpointer) alone->data + i * n;

      if (level_db (was, n) < 55.0)
        continue;
      sum += snr_db (was, (const gint16 *) (gpointer) heard->data + i * n, n);
      n_lost++;
    }
  *corrected = decoder_count (decoder, "corrected");
  g_assert_cmpuint (*corrected + decoder_count (decoder, "concealed"), ==,
                    frames->len / 5 - (frames->len % 5 == 0 ? 1 : 0));
  g_assert_cmpuint (decoder_count (decoder, "invalid"), ==, 0);
  gst_harness_teardown (decoder);
  g_assert_cmpuint (n_lost, >=, 2);
  return sum / n_lost;
}

static void
test_opus_fec (gconstpointer data)
{
  guint ptime = (guint) GPOINTER_TO_INT (data);
  g_autofree char *with
      = g_strdup_printf ("opusenc frame-size=%u bitrate=32000 bitrate-type=vbr audio-type=voice "
                         "complexity=5 inband-fec=true packet-loss-percentage=10", ptime);
  g_autofree char *without
      = g_strdup_printf ("opusenc frame-size=%u bitrate=32000 bitrate-type=vbr audio-type=voice "
                         "complexity=5 inband-fec=false", ptime);
  const Row fec = { BB_CODEC_OPUS, ptime, with, "callopusdec", OPUS_CAPS, 24000 };
  const Row plain = { BB_CODEC_OPUS, ptime, without, "callopusdec", OPUS_CAPS, 24000 };
  g_autoptr (GArray) speech = make_speech (24000);
  g_autoptr (GPtrArray) fec_frames = encode (&fec, speech, 24000);
  g_autoptr (GPtrArray) plain_frames = encode (&plain, speech, 24000);
  g_autoptr (GByteArray) fec_alone = decode (&fec, fec_frames, 24000);
  g_autoptr (GByteArray) plain_alone = decode (&plain, plain_frames, 24000);
  guint64 corrected;
  guint64 none;
  double repaired = decode_with_loss (&fec, speech, fec_alone, &corrected);
  double concealed = decode_with_loss (&plain, speech, plain_alone, &none);

  g_test_message ("%u ms, one frame of five lost: %.1f dB like the lost one by FEC (%u frames), "
                  "%.1f dB by concealment alone",
                  ptime, repaired, (guint) corrected, concealed);
  g_assert_cmpuint (none, ==, 0);
  g_assert_cmpuint (corrected, >=, (fec_frames->len / 5) / 2);
  g_assert_cmpfloat (repaired, >, concealed + (ptime == 20 ? 3.0 : 1.0));
}

/* What is no Opus: time goes on where it can be known, and nothing breaks. */
static void
test_opus_hostile (void)
{
  GstHarness *decoder = new_element ("callopusdec", 0, OPUS_CAPS, 24000, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  g_autoptr (GByteArray) heard = g_byte_array_new ();

  for (guint i = 0; i < 3000; i++)
    {
      gsize size = (gsize) g_rand_int_range (random, 1, 200);
      GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
      GstMapInfo map;

      gst_buffer_map (buffer, &map, GST_MAP_WRITE);
      for (gsize j = 0; j < size; j++)
        map.data[j] = (guint8) g_rand_int (random);
      gst_buffer_unmap (buffer, &map);
      GST_BUFFER_PTS (buffer) = i * 20 * GST_MSECOND;
      if (i % 3 == 0)
        gst_harness_push_event (decoder, gst_event_new_gap (i * 20 * GST_MSECOND,
                                                            i % 2 * 20 * GST_MSECOND));
      g_assert_cmpint (gst_harness_push (decoder, buffer), ==, GST_FLOW_OK);
      pull_all (decoder, heard);
      g_byte_array_set_size (heard, 0);
    }
  gst_harness_teardown (decoder);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strdup_printf ("/call-quality/%s/%u",
                                               bb_codec_get (rows[i].codec)->label, rows[i].ptime);
      g_autofree char *loss = g_strdup_printf ("%s/loss", name);

      g_test_add_data_func (name, &rows[i], test_quality);
      g_test_add_data_func (loss, &rows[i], test_loss);
    }
  g_test_add_data_func ("/call-quality/opus-fec/20", GINT_TO_POINTER (20), test_opus_fec);
  g_test_add_data_func ("/call-quality/opus-fec/40", GINT_TO_POINTER (40), test_opus_fec);
  g_test_add_func ("/call-quality/opus-hostile", test_opus_hostile);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
