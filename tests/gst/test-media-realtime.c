/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A call's media with the true Realtime element, against the simulator. */
#include <gst/gst.h>
#include <string.h>

#include "media-peer.h"
#include "openairealtime.h"
#include "tones.h"

#define ALAW_SILENCE 0xd5

typedef struct
{
  GSubprocess *process;
  char *url;
} Simulator;

static void
simulator_start (Simulator *self)
{
  g_autofree char *program = g_build_filename (g_getenv ("BESTELLBOT_BUILDDIR"), "app", "simulator",
                                               "bestellbot-simulator", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) stream = NULL;
  g_autofree char *line = NULL;

  self->process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--port", "0", NULL);
  g_assert_no_error (error);
  stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (stream), FALSE);
  line = g_data_input_stream_read_line (stream, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on "));
  self->url = g_strdup (line + strlen ("listening on "));
}

static void
simulator_stop (Simulator *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  g_clear_pointer (&self->url, g_free);
}

static void
on_connection (GstElement *realtime, const char *state, const char *detail, gpointer user_data)
{
  if (strcmp (state, GST_OPENAI_REALTIME_CONNECTION_READY) == 0)
    *(gboolean *) user_data = TRUE;
}

static void
on_failed (BbMedia *media, GError *error, gpointer user_data)
{
  g_error ("failed: %s", error->message);
}

static void
set_up (BbMedia *media, Simulator *simulator, gboolean *ready)
{
  GstElement *realtime = bb_media_get_realtime (media);

  g_object_set (realtime, GST_OPENAI_REALTIME_PROP_BASE_URL, simulator->url,
                GST_OPENAI_REALTIME_PROP_API_KEY, "sk-test", GST_OPENAI_REALTIME_PROP_GREETING,
                "Guten Tag, hier ist der Bestellservice.", NULL);
  g_signal_connect (realtime, GST_OPENAI_REALTIME_SIGNAL_CONNECTION, G_CALLBACK (on_connection),
                    ready);
  g_signal_connect (media, BB_MEDIA_SIGNAL_FAILED, G_CALLBACK (on_failed), NULL);
}

static guint
count_loud (const MediaPacket *packet)
{
  const guint8 *payload = packet->data + packet->header.payload_offset;
  guint loud = 0;

  for (gsize i = 0; i < packet->header.payload_size; i++)
    loud += ((payload[i] ^ 0x55) & 0x7f) > 0x30 ? 1 : 0;
  return loud;
}

/* The true element tells the true sink when speech comes: it does not wait for
 * the next deadline. */
static void
check_talk_spurts (BbMedia *media, MediaPeer *peer)
{
  gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;
  MediaPacket last = { 0 };
  MediaPacket packet;
  guint quiet = 0;
  guint early = 0;

  while (early == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
      if (!media_peer_receive (peer, &packet, 20))
        continue;

      early += last.size > 0 && packet.header.marker
               && packet.header.timestamp - last.header.timestamp < 160;
      last = packet;
      quiet = count_loud (&packet) == 0 ? quiet + 1 : 0;
      if (quiet == 10)
        g_signal_emit_by_name (bb_media_get_realtime (media), GST_OPENAI_REALTIME_ACTION_SAY,
                               "Ja.");
    }
}

/* The greeting comes out as packets of the codec, after silence in real frames. */
static void
test_call (gconstpointer data)
{
  BbCodecId codec = (BbCodecId) GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMediaParams) params = NULL;
  Simulator simulator;
  MediaPacket packet;
  MediaPeer peer;
  BbConfig *config = media_test_config ();
  BbMedia *media = bb_rtp_media_new (config, "127.0.0.1", &error);
  gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;
  guint16 seq = 0;
  guint n = 0;
  guint n_speech = 0;
  gboolean ready = FALSE;

  g_assert_no_error (error);
  simulator_start (&simulator);
  set_up (media, &simulator, &ready);
  media_peer_open (&peer);
  peer.to_rtp = bb_rtp_media_get_rtp_port (media);
  params = media_peer_params (&peer, codec);
  bb_media_prepare (media, params, &error);
  g_assert_no_error (error);
  media_test_wait (ready);
  bb_media_begin (media);

  while (n_speech < 30)
    {
      guint8 silence[160];

      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
      memset (silence, ALAW_SILENCE, sizeof silence);
      if (codec == BB_CODEC_PCMA)
        media_peer_send (&peer, silence, sizeof silence, 160);
      if (!media_peer_receive (&peer, &packet, 20))
        continue;

      g_assert_cmpuint (packet.header.payload_type, ==, params->payload_type_send);
      if (n++ > 0)
        g_assert_cmpuint (packet.header.seq, ==, (guint16) (seq + 1));
      seq = packet.header.seq;
      if (codec == BB_CODEC_PCMA)
        {
          g_assert_cmpuint (packet.header.payload_size, ==, 160);
          n_speech += count_loud (&packet) > 20 ? 1 : 0;
        }
      else
        {
          /* Silence takes few bytes even without DTX. */
          n_speech += packet.header.payload_size > 40 ? 1 : 0;
        }
    }
  g_test_message ("%u packets, %u with speech", n, n_speech);
  if (codec == BB_CODEC_PCMA)
    check_talk_spurts (media, &peer);

  media_test_stop (media);
  g_assert_finalize_object (media);
  media_peer_close (&peer);
  simulator_stop (&simulator);
  bb_config_unref (config);
}

static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  GstMapInfo map;
  gboolean loud = FALSE;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (gsize i = 0; i + 1 < map.size && !loud; i += 2)
    loud = ABS (*(const gint16 *) (const void *) (map.data + i)) > 2000;
  gst_buffer_unmap (buffer, &map);
  if (loud)
    g_atomic_int_inc ((gint *) user_data);
}

static void
find_sink (const GValue *item, gpointer user_data)
{
  GstElement *element = g_value_get_object (item);

  if (g_str_has_prefix (GST_OBJECT_NAME (element), "ear"))
    *(GstElement **) user_data = element;
}

/* The same at a microphone and a speaker. */
static void
test_local (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstIterator) elements = NULL;
  Simulator simulator;
  BbConfig *config = media_test_config ();
  BbMedia *media = bb_local_media_new (config, "audiotestsrc is-live=true wave=silence",
                                       "audioconvert ! audio/x-raw,format=S16LE ! "
                                       "fakesink name=ear sync=true signal-handoffs=true",
                                       &error);
  BbCallQuality quality = { 0 };
  GstElement *ear = NULL;
  gboolean ready = FALSE;
  gint n_loud = 0;

  g_assert_no_error (error);
  simulator_start (&simulator);
  set_up (media, &simulator, &ready);
  bb_media_prepare (media, NULL, &error);
  g_assert_no_error (error);
  elements = gst_bin_iterate_recurse (
      GST_BIN (GST_OBJECT_PARENT (bb_media_get_realtime (media))));
  gst_iterator_foreach (elements, find_sink, &ear);
  g_assert_nonnull (ear);
  g_signal_connect (ear, "handoff", G_CALLBACK (on_handoff), &n_loud);

  media_test_wait (ready);
  g_assert_cmpint (g_atomic_int_get (&n_loud), ==, 0);
  bb_media_begin (media);
  media_test_wait (g_atomic_int_get (&n_loud) > 20);
  bb_media_get_quality (media, &quality);
  g_assert_cmpuint (quality.packets_sent, ==, 0);

  media_test_stop (media);
  g_assert_finalize_object (media);
  simulator_stop (&simulator);
  bb_config_unref (config);
}

/* ---- A person in a call of this machine: two threads, any sound format ---- */

typedef struct
{
  GMutex lock;
  GByteArray *monitor; /* under lock, as the next */
  GByteArray *ear;
  int rate;     /* of the ear */
  int channels;
} Operator;

static void
on_monitor (const guint8 *frame, gsize size, gpointer user_data)
{
  Operator *self = user_data;

  g_mutex_lock (&self->lock);
  g_byte_array_append (self->monitor, frame, (guint) size);
  g_mutex_unlock (&self->lock);
}

static void
on_ear (GstElement *ear, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  Operator *self = user_data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_mutex_lock (&self->lock);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "rate", &self->rate);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels", &self->channels);
  g_byte_array_append (self->ear, map.data, (guint) map.size);
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (buffer, &map);
}

static guint
monitor_frames (Operator *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->monitor->len / BB_OPERATOR_DOWN_BYTES;
  g_mutex_unlock (&self->lock);
  return n;
}

static void
test_local_operator (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstIterator) elements = NULL;
  Simulator simulator;
  BbConfig *config = media_test_config ();
  BbMedia *media = bb_local_media_new (
      config,
      "audiotestsrc is-live=true wave=sine freq=350 volume=0.122 ! "
      "audio/x-raw,format=F32LE,rate=44100,channels=2 ! identity",
      "audioconvert ! audio/x-raw,format=S16LE ! fakesink name=ear sync=true signal-handoffs=true",
      &error);
  Operator person = { .monitor = g_byte_array_new (), .ear = g_byte_array_new () };
  GstElement *ear = NULL;
  gboolean ready = FALSE;
  guint64 position = 0;
  const gint16 *stereo;
  guint n;

  g_assert_no_error (error);
  g_mutex_init (&person.lock);
  simulator_start (&simulator);
  set_up (media, &simulator, &ready);
  bb_media_set_operator_sink (media, on_monitor, &person, NULL);
  bb_media_prepare (media, NULL, &error);
  g_assert_no_error (error);
  elements = gst_bin_iterate_recurse (
      GST_BIN (GST_OBJECT_PARENT (bb_media_get_realtime (media))));
  gst_iterator_foreach (elements, find_sink, &ear);
  g_signal_connect (ear, "handoff", G_CALLBACK (on_ear), &person);
  media_test_wait (ready);
  bb_media_begin (media);

  bb_media_set_operator_mode (media, BB_OPERATOR_TAKE_OVER);
  /* A frame of the operator's for each that they hear. */
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (GBytes) frame = NULL;
      gint16 samples[320];

      media_test_wait (monitor_frames (&person) > i);
      tone_make (samples, 320, &position, 260, BB_OPERATOR_RATE);
      frame = g_bytes_new (samples, sizeof samples);
      bb_media_push_operator_audio (media, frame);
    }
  media_test_stop (media);

  stereo = (const gint16 *) (void *) person.monitor->data + 30 * 640;
  g_assert_cmpfloat (tone_typical (stereo, 25 * 320, 2, 350, BB_OPERATOR_RATE), >, 0.7 * TONE_LEVEL);
  g_assert_cmpfloat (tone_typical (stereo + 1, 25 * 320, 2, 350, BB_OPERATOR_RATE), <,
                     0.03 * TONE_LEVEL);
  n = (guint) person.rate / 2;
  g_assert_cmpuint (person.ear->len, >=, 2 * n * (guint) person.channels);
  stereo = (const gint16 *) (void *) (person.ear->data + person.ear->len
                                      - 2 * n * (guint) person.channels);
  g_assert_cmpfloat (tone_typical (stereo, n, (guint) person.channels, 260, (guint) person.rate), >,
                     0.7 * TONE_LEVEL);
  g_assert_cmpfloat (tone_typical (stereo, n, (guint) person.channels, 350, (guint) person.rate), <,
                     0.03 * TONE_LEVEL);

  g_assert_finalize_object (media);
  simulator_stop (&simulator);
  g_byte_array_unref (person.monitor);
  g_byte_array_unref (person.ear);
  g_mutex_clear (&person.lock);
  bb_config_unref (config);
}

static void
test_bad_device (void)
{
  g_autoptr (GError) error = NULL;
  BbConfig *config = media_test_config ();
  BbMedia *media = bb_local_media_new (config, "no-such-element", NULL, &error);

  g_assert_no_error (error);
  g_object_set (bb_media_get_realtime (media), GST_OPENAI_REALTIME_PROP_API_KEY, "sk-test", NULL);
  g_assert_false (bb_media_prepare (media, NULL, &error));
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "no-such-element"));
  media_test_stop (media);
  g_assert_finalize_object (media);
  bb_config_unref (config);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/media-realtime/pcma", GINT_TO_POINTER (BB_CODEC_PCMA), test_call);
  g_test_add_data_func ("/media-realtime/opus", GINT_TO_POINTER (BB_CODEC_OPUS), test_call);
  g_test_add_func ("/media-realtime/local", test_local);
  g_test_add_func ("/media-realtime/local-operator", test_local_operator);
  g_test_add_func ("/media-realtime/bad-device", test_bad_device);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
