/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Point 8: who hears whom when a person is in the call. A tone for each party. */

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "bb-audio-tap.h"
#include "bb-g711.h"
#include "bb-voice-format.h"
#include "media-peer.h"
#include "media-standin.h"
#include "openairealtime.h"
#include "tones.h"

#define CALLER_TONE 350
#define OPERATOR_TONE 260
#define LEVEL TONE_LEVEL
#define SETTLE 15 /* frames until a switch has come through */

static void
assert_hears (const char *who,
              const gint16 *samples,
              guint n,
              guint stride,
              guint rate,
              gboolean caller,
              gboolean bot,
              gboolean operator_voice)
{
  const double tones[] = { CALLER_TONE, MEDIA_STANDIN_TONE, OPERATOR_TONE };
  const gboolean wanted[] = { caller, bot, operator_voice };

  for (guint i = 0; i < G_N_ELEMENTS (tones); i++)
    {
      double is = tone_typical (samples, n, stride, tones[i], rate);

      g_test_message ("%s: %.0f Hz at %.0f", who, tones[i], is);
      if (wanted[i])
        {
          g_assert_cmpfloat (is, >, 0.8 * LEVEL);
          g_assert_cmpfloat (is, <, 1.2 * LEVEL);
        }
      else
        {
          g_assert_cmpfloat (is, <, 0.03 * LEVEL);
        }
    }
}

/* ---- The taps alone: no network, no clock ---- */

typedef struct
{
  MediaStandin *standin;
  GstPad *from; /* the caller's frames */
  GstPad *to;   /* goes to the caller */
  BbAudioTap *tap;
  BbVoiceFormat format;
  guint64 caller_position;
  guint64 operator_position;
  GByteArray *heard;    /* by the caller */
  GByteArray *monitor;  /* by the operator */
  gboolean speaks;      /* the caller */
  GstEvent *tick;
} Bench;

static GstFlowReturn
on_frame (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  Bench *bench = g_object_get_data (G_OBJECT (pad), "bench");
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_byte_array_append (bench->heard, map.data, (guint) map.size);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
on_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
on_monitor (const guint8 *frame, gsize size, gpointer user_data)
{
  g_assert_cmpuint (size, ==, BB_OPERATOR_DOWN_BYTES);
  g_byte_array_append (user_data, frame, (guint) size);
}

static void
bench_init (Bench *self, const char *caps_text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_text);
  g_autoptr (GstPadTemplate) template
      = g_object_ref_sink (gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;
  GstSegment segment;

  *self = (Bench){ .heard = g_byte_array_new (), .monitor = g_byte_array_new (), .speaks = TRUE };
  bb_voice_format_from_caps (&self->format, caps);
  self->standin = g_object_ref_sink (g_object_new (MEDIA_TYPE_STANDIN, NULL));
  media_standin_set_tone (self->standin, LEVEL);
  sink = gst_element_get_static_pad (GST_ELEMENT (self->standin), "sink");
  src = gst_element_get_static_pad (GST_ELEMENT (self->standin), "src");
  self->from = g_object_ref_sink (gst_pad_new ("from", GST_PAD_SRC));
  self->to = g_object_ref_sink (gst_pad_new_from_template (template, "to"));
  g_object_set_data (G_OBJECT (self->to), "bench", self);
  gst_pad_set_chain_function (self->to, on_frame);
  gst_pad_set_event_function (self->to, on_event);
  gst_pad_set_active (self->from, TRUE);
  gst_pad_set_active (self->to, TRUE);
  g_assert_cmpint (gst_pad_link (self->from, sink), ==, GST_PAD_LINK_OK);
  g_assert_cmpint (gst_pad_link (src, self->to), ==, GST_PAD_LINK_OK);
  gst_element_set_state (GST_ELEMENT (self->standin), GST_STATE_PLAYING);

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->from, gst_event_new_stream_start ("caller"));
  gst_pad_push_event (self->from, gst_event_new_caps (caps));
  gst_pad_push_event (self->from, gst_event_new_segment (&segment));
  self->tick = gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
                                     gst_structure_new_empty (GST_OPENAI_REALTIME_EVENT_TICK));
  self->tap = bb_audio_tap_new (GST_ELEMENT (self->standin));
  bb_audio_tap_set_same_thread (self->tap, TRUE);
  bb_audio_tap_set_sink (self->tap, on_monitor, self->monitor, NULL);
}

static void
bench_clear (Bench *self)
{
  gst_element_set_state (GST_ELEMENT (self->standin), GST_STATE_NULL);
  bb_audio_tap_close (self->tap);
  bb_audio_tap_unref (self->tap);
  gst_pad_set_active (self->from, FALSE);
  gst_pad_set_active (self->to, FALSE);
  g_assert_finalize_object (self->standin);
  g_assert_finalize_object (self->from);
  g_assert_finalize_object (self->to);
  gst_event_unref (self->tick);
  g_byte_array_unref (self->heard);
  g_byte_array_unref (self->monitor);
}

static guint
bench_width (Bench *self)
{
  return self->format.encoding == BB_VOICE_S16 ? 2 : 1;
}

static void
bench_step (Bench *self, guint n_frames)
{
  const guint n = self->format.rate / 50;

  for (guint k = 0; k < n_frames; k++)
    {
      gint16 samples[960];

      if (self->speaks)
        {
          GstBuffer *buffer = gst_buffer_new_allocate (NULL, n * bench_width (self), NULL);
          GstMapInfo map;

          tone_make (samples, n, &self->caller_position, CALLER_TONE, self->format.rate);
          gst_buffer_map (buffer, &map, GST_MAP_WRITE);
          if (self->format.encoding == BB_VOICE_S16)
            memcpy (map.data, samples, map.size);
          else
            bb_g711_encode (self->format.encoding == BB_VOICE_ALAW, samples, n, map.data);
          gst_buffer_unmap (buffer, &map);
          g_assert_cmpint (gst_pad_push (self->from, buffer), ==, GST_FLOW_OK);
        }
      {
        g_autoptr (GBytes) frame = NULL;

        tone_make (samples, 320, &self->operator_position, OPERATOR_TONE, BB_OPERATOR_RATE);
        frame = g_bytes_new (samples, BB_OPERATOR_UP_BYTES);
        bb_audio_tap_push (self->tap, frame);
      }
      gst_pad_push_event (self->to, gst_event_ref (self->tick));
    }
}

/* The samples of what was heard from byte @from on. */
static gint16 *
decode (Bench *self, const guint8 *data, guint size, guint *n)
{
  gint16 *samples;

  *n = size / bench_width (self);
  samples = g_new (gint16, *n);
  bb_voice_format_read (&self->format, data, *n, samples);
  return samples;
}

static const struct
{
  BbOperatorMode mode;
  gboolean caller_hears_bot;
  gboolean caller_hears_operator;
  gboolean bot_hears_caller;
  gboolean bot_hears_operator;
} rules[] = {
  { BB_OPERATOR_AWAY, TRUE, FALSE, TRUE, FALSE },
  { BB_OPERATOR_LISTEN, TRUE, FALSE, TRUE, FALSE },
  { BB_OPERATOR_WHISPER, TRUE, FALSE, TRUE, TRUE },
  { BB_OPERATOR_TAKE_OVER, FALSE, TRUE, FALSE, FALSE },
  { BB_OPERATOR_CONFERENCE, TRUE, TRUE, TRUE, TRUE },
};

static void
check_mode (Bench *self, guint rule)
{
  const BbOperatorMode mode = rules[rule].mode;
  const guint frame = self->format.rate / 50 * bench_width (self);
  const guint wanted = 30;
  g_autoptr (GBytes) bot_heard = NULL;
  g_autofree gint16 *samples = NULL;
  gsize bot_before;
  guint caller_before;
  guint monitor_before;
  guint n;

  bb_audio_tap_set_mode (self->tap, mode);
  bench_step (self, SETTLE);
  bot_heard = media_standin_dup_heard (self->standin);
  bot_before = g_bytes_get_size (bot_heard);
  g_clear_pointer (&bot_heard, g_bytes_unref);
  caller_before = self->heard->len;
  monitor_before = self->monitor->len;
  bench_step (self, wanted);

  g_test_message ("mode %d", mode);
  g_assert_cmpuint (self->heard->len - caller_before, ==, wanted * frame);
  samples = decode (self, self->heard->data + caller_before, wanted * frame, &n);
  assert_hears ("caller", samples, n, 1, self->format.rate, FALSE, rules[rule].caller_hears_bot,
                rules[rule].caller_hears_operator);

  bot_heard = media_standin_dup_heard (self->standin);
  if (rules[rule].bot_hears_caller)
    {
      g_autofree gint16 *api = NULL;
      const guint8 *data = g_bytes_get_data (bot_heard, NULL);

      g_assert_cmpuint (g_bytes_get_size (bot_heard) - bot_before, ==, wanted * frame);
      api = decode (self, data + bot_before, wanted * frame, &n);
      assert_hears ("bot", api, n, 1, self->format.rate, TRUE, FALSE,
                    rules[rule].bot_hears_operator);
    }
  else
    {
      g_assert_cmpuint (g_bytes_get_size (bot_heard), ==, bot_before);
    }

  /* The operator: both, each on its side, and no echo. */
  n = self->monitor->len - monitor_before;
  if (mode == BB_OPERATOR_AWAY)
    {
      g_assert_cmpuint (n, ==, 0);
    }
  else
    {
      const gint16 *stereo = (const gint16 *) (void *) (self->monitor->data + monitor_before);

      g_assert_cmpuint (n, ==, wanted * BB_OPERATOR_DOWN_BYTES);
      assert_hears ("operator, left", stereo, n / 4, 2, BB_OPERATOR_RATE, TRUE, FALSE, FALSE);
      assert_hears ("operator, right", stereo + 1, n / 4, 2, BB_OPERATOR_RATE, FALSE,
                    rules[rule].caller_hears_bot, FALSE);
    }
}

static void
test_modes (gconstpointer caps)
{
  /* From each to each other, as far as five modes go in one walk. */
  static const guint walk[] = { 0, 1, 2, 3, 4, 0, 3, 0, 2, 4, 1, 3, 2, 0, 4, 3, 1, 0 };
  Bench bench;

  bench_init (&bench, caps);
  for (guint i = 0; i < G_N_ELEMENTS (walk); i++)
    check_mode (&bench, walk[i]);
  bench_clear (&bench);
}

/* While nobody is there, nothing is on the pads; who only listens changes no octet. */
static void
test_costs_nothing (void)
{
  g_autoptr (GBytes) heard = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;
  guint64 position = 0;
  const guint8 *octets;
  Bench bench;

  bench_init (&bench, "audio/x-mulaw, rate=8000, channels=1");
  media_standin_set_tone (bench.standin, 0);
  sink = gst_element_get_static_pad (GST_ELEMENT (bench.standin), "sink");
  src = gst_element_get_static_pad (GST_ELEMENT (bench.standin), "src");
  bench_step (&bench, 5);
  g_assert_cmpint (sink->num_probes, ==, 0);
  g_assert_cmpint (src->num_probes, ==, 0);
  bb_audio_tap_set_mode (bench.tap, BB_OPERATOR_LISTEN);
  bench_step (&bench, 20);
  g_assert_cmpint (sink->num_probes, ==, 1);
  g_assert_cmpint (src->num_probes, ==, 1);
  bb_audio_tap_set_mode (bench.tap, BB_OPERATOR_AWAY);
  bench_step (&bench, 5);
  g_assert_cmpint (sink->num_probes, ==, 0);
  g_assert_cmpint (src->num_probes, ==, 0);

  for (guint i = 0; i < 30 * 160; i++)
    g_assert_cmpuint (bench.heard->data[i], ==, media_standin_octet (i));
  heard = media_standin_dup_heard (bench.standin);
  octets = g_bytes_get_data (heard, NULL);
  g_assert_cmpuint (g_bytes_get_size (heard), ==, 30 * 160);
  for (guint k = 0; k < 30; k++)
    {
      gint16 samples[160];
      guint8 frame[160];

      tone_make (samples, 160, &position, CALLER_TONE, 8000);
      bb_g711_encode (FALSE, samples, 160, frame);
      g_assert_cmpmem (octets + 160 * k, 160, frame, 160);
    }
  bench_clear (&bench);
}

/* From mode to mode at any moment: no click, for nobody. */
static void
test_no_click (gconstpointer caps)
{
  static const guint walk[] = { 1, 3, 0, 4, 2, 3, 4, 0, 2, 1, 4, 3, 0, 3, 2 };
  g_autoptr (GBytes) bot_heard = NULL;
  g_autofree gint16 *samples = NULL;
  g_autofree gint16 *api = NULL;
  const gint16 *stereo;
  double of_tones = 0;
  int most;
  guint n;
  Bench bench;

  bench_init (&bench, caps);
  for (guint i = 0; i < G_N_ELEMENTS (walk); i++)
    {
      bb_audio_tap_set_mode (bench.tap, rules[walk[i]].mode);
      bench_step (&bench, 3 + i % 5);
    }

  /* What the three tones have by themselves, and the steps of G.711. */
  of_tones = LEVEL * (pow (2 * G_PI * MEDIA_STANDIN_TONE / bench.format.rate, 2)
                      + pow (2 * G_PI * OPERATOR_TONE / bench.format.rate, 2)
                      + pow (2 * G_PI * CALLER_TONE / bench.format.rate, 2));
  if (bench.format.encoding != BB_VOICE_S16)
    of_tones += 512;
  of_tones += 80;

  samples = decode (&bench, bench.heard->data, bench.heard->len, &n);
  most = tone_roughness (samples, n, 1);
  g_test_message ("caller: %d, may be %.0f", most, of_tones);
  g_assert_cmpint (most, <, (int) of_tones);

  bot_heard = media_standin_dup_heard (bench.standin);
  api = decode (&bench, g_bytes_get_data (bot_heard, NULL), (guint) g_bytes_get_size (bot_heard),
                &n);
  most = tone_roughness (api, n, 1);
  g_test_message ("bot: %d", most);
  g_assert_cmpint (most, <, (int) of_tones);

  /* The operator is away now and then, so the two sides go on as one stream
   * only while they are there: here from the last time on. */
  stereo = (const gint16 *) (void *) bench.monitor->data;
  n = 7 * 320;
  stereo += bench.monitor->len / 2 - 2 * n;
  g_assert_cmpint (tone_roughness (stereo, n, 2), <, (int) of_tones);
  g_assert_cmpint (tone_roughness (stereo + 1, n, 2), <, (int) of_tones);
  bench_clear (&bench);
}

/* Somebody whispers while nothing comes from the caller: the bot hears it all the same. */
static void
test_whisper_to_silence (void)
{
  g_autoptr (GBytes) bot_heard = NULL;
  g_autofree gint16 *samples = NULL;
  gsize before;
  guint n;
  Bench bench;

  bench_init (&bench, "audio/x-alaw, rate=8000, channels=1");
  bb_audio_tap_set_mode (bench.tap, BB_OPERATOR_WHISPER);
  bench_step (&bench, 10);
  bench.speaks = FALSE;
  bot_heard = media_standin_dup_heard (bench.standin);
  before = g_bytes_get_size (bot_heard);
  bench_step (&bench, 3);
  g_clear_pointer (&bot_heard, g_bytes_unref);
  bot_heard = media_standin_dup_heard (bench.standin);
  g_assert_cmpuint (g_bytes_get_size (bot_heard), ==, before);

  /* The tap's own clock: a pause is one of 100 ms. */
  g_usleep (110 * G_TIME_SPAN_MILLISECOND);
  bench_step (&bench, 20);
  g_clear_pointer (&bot_heard, g_bytes_unref);
  bot_heard = media_standin_dup_heard (bench.standin);
  g_assert_cmpuint (g_bytes_get_size (bot_heard), ==, before + 20 * 160);
  samples = decode (&bench, (const guint8 *) g_bytes_get_data (bot_heard, NULL) + before + 5 * 160,
                    15 * 160, &n);
  assert_hears ("bot", samples, n, 1, 8000, FALSE, FALSE, TRUE);
  bench_clear (&bench);
}

/* ---- A call: RTP, the media thread, the recording ---- */

typedef struct
{
  BbConfig *config;
  BbMedia *media;
  MediaStandin *standin;
  MediaPeer peer;
  BbMediaParams *params;
  GMutex lock;
  GByteArray *monitor; /* under lock */
  gboolean foreign_thread;
  gboolean destroyed;
  guint64 caller_position;
  guint64 operator_position;
} Call;

static void
on_monitor_of_call (const guint8 *frame, gsize size, gpointer user_data)
{
  Call *call = user_data;

  g_mutex_lock (&call->lock);
  g_byte_array_append (call->monitor, frame, (guint) size);
  g_mutex_unlock (&call->lock);
}

static void
on_destroy (gpointer user_data)
{
  ((Call *) user_data)->destroyed = TRUE;
}

static void
call_begin (Call *self)
{
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
  self->monitor = g_byte_array_new ();
  self->config = media_test_config ();
  self->media = bb_rtp_media_new (self->config, "127.0.0.1", &error);
  g_assert_no_error (error);
  self->standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (self->media)));
  media_standin_set_tone (self->standin, LEVEL);
  media_peer_open (&self->peer);
  self->peer.to_rtp = bb_rtp_media_get_rtp_port (self->media);
  self->params = media_peer_params (&self->peer, BB_CODEC_PCMA);
  bb_media_set_operator_sink (self->media, on_monitor_of_call, self, on_destroy);
  bb_media_prepare (self->media, self->params, &error);
  g_assert_no_error (error);
  bb_media_begin (self->media);
}

static void
call_end (Call *self)
{
  media_test_stop (self->media);
  g_assert_true (self->destroyed);
  g_assert_true (media_standin_ran_on_loop (self->standin));
  g_assert_finalize_object (self->media);
  g_assert_finalize_object (self->standin);
  media_peer_close (&self->peer);
  bb_media_params_free (self->params);
  bb_config_unref (self->config);
  g_byte_array_unref (self->monitor);
  g_mutex_clear (&self->lock);
}

/* Caller and operator say one frame for each that comes to the caller; the
 * caller begins, so that no stray packet of another program is taken for them. */
static void
talk (Call *self, guint n_frames, GByteArray *said, GByteArray *heard)
{
  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      gint16 samples[320];
      guint8 frame[160];
      MediaPacket packet;

      tone_make (samples, 160, &self->caller_position, CALLER_TONE, 8000);
      bb_g711_encode (TRUE, samples, 160, frame);
      media_peer_send (&self->peer, frame, sizeof frame, sizeof frame);
      g_byte_array_append (said, frame, sizeof frame);
      media_test_wait (media_peer_receive (&self->peer, &packet, 10));
      g_byte_array_append (heard, packet.data + packet.header.payload_offset,
                           (guint) packet.header.payload_size);
      tone_make (samples, 320, &self->operator_position, OPERATOR_TONE, BB_OPERATOR_RATE);
      bytes = g_bytes_new (samples, BB_OPERATOR_UP_BYTES);
      bb_media_push_operator_audio (self->media, bytes);
    }
}

/* Finds each frame of a side on its channel, in order; what is between them is
 * the pauses of a busy machine. Returns where the first begins. */
static gsize
find_all (const gint16 *frames, gsize n_frames, guint side, const gint16 *wanted, gsize n)
{
  gsize first = 0;
  gsize at = 0;

  for (gsize k = 0; k < n / 160; k++)
    {
      gsize i = 0;

      for (; at + 160 <= n_frames && i < 160; at++)
        for (i = 0; i < 160 && frames[2 * (at + i) + side] == wanted[160 * k + i]; i++)
          ;
      g_assert_cmpuint (i, ==, 160);
      at += 159;
      if (k == 0)
        first = at - 160;
    }
  return first;
}

/* The caller is handed to a person and back, and it is all in the recording:
 * left what the caller said, the bot deaf or not, right what the caller heard,
 * sample for sample. */
static void
test_call (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("bestellbot-XXXXXX", &error);
  g_autofree char *base = g_build_filename (folder, "call", NULL);
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autofree gint16 *samples = NULL;
  g_autoptr (GByteArray) before = g_byte_array_new ();
  g_autoptr (GByteArray) said = g_byte_array_new ();
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  gsize size;
  gssize begin_heard;
  gssize begin_said;
  guint at_take_over;
  Call call;

  /* The operator's line is open before there is sound, and the recording begins
   * after it: whoever comes learns what the pads carry. */
  call_begin (&call);
  talk (&call, 3, before, before);
  path = bb_media_start_recording (call.media, base, "wav", &error);
  g_assert_no_error (error);
  talk (&call, 20, said, heard);
  g_assert_cmpuint (call.monitor->len, ==, 0);

  bb_media_set_operator_mode (call.media, BB_OPERATOR_TAKE_OVER);
  bb_media_set_operator_mode (call.media, BB_OPERATOR_TAKE_OVER);
  g_assert_cmpint (bb_media_get_operator_mode (call.media), ==, BB_OPERATOR_TAKE_OVER);
  g_assert_cmpuint (media_standin_get_n_interrupts (call.standin), ==, 1);
  at_take_over = heard->len;
  talk (&call, 45, said, heard);
  bb_media_set_operator_mode (call.media, BB_OPERATOR_CONFERENCE);
  talk (&call, 20, said, heard);
  bb_media_set_operator_mode (call.media, BB_OPERATOR_AWAY);
  talk (&call, 20, said, heard);
  g_assert_cmpuint (media_standin_get_n_interrupts (call.standin), ==, 1);

  samples = g_new (gint16, heard->len);
  bb_g711_decode (TRUE, heard->data, heard->len, samples);
  assert_hears ("caller", samples + at_take_over + SETTLE * 160, 30 * 160, 1, 8000, FALSE, FALSE,
                TRUE);
  g_mutex_lock (&call.lock);
  g_assert_cmpuint (call.monitor->len, >=, 60 * BB_OPERATOR_DOWN_BYTES);
  assert_hears ("operator, left",
                (const gint16 *) (void *) call.monitor->data + SETTLE * 640, 28 * 320, 2,
                BB_OPERATOR_RATE, TRUE, FALSE, FALSE);
  g_mutex_unlock (&call.lock);
  call_end (&call);

  g_assert_true (g_file_get_contents (path, &content, &size, &error));
  begin_heard = (gssize) find_all ((const gint16 *) (void *) (content + 44), (size - 44) / 4, 1,
                                   samples, heard->len);
  bb_g711_decode (TRUE, said->data, said->len, samples);
  begin_said = (gssize) find_all ((const gint16 *) (void *) (content + 44), (size - 44) / 4, 0,
                                  samples, said->len - 160);
  g_test_message ("heard from %zd, said from %zd", begin_heard, begin_said);
  g_assert_cmpint (ABS (begin_heard - begin_said), <, 8000 / 4);
  g_unlink (path);
  g_rmdir (folder);
}

/* Modes, sinks and voices from another thread as fast as they come, a codec
 * that changes under way, and an end in the midst of it. */
static void
test_storm (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autoptr (GByteArray) said = g_byte_array_new ();
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  Call call;

  call_begin (&call);
  for (guint i = 0; i < 60; i++)
    {
      bb_media_set_operator_mode (call.media, g_rand_int_range (rand, 0, 5));
      talk (&call, 1, said, heard);
      if (i % 7 == 0)
        {
          bb_media_set_operator_sink (call.media, NULL, NULL, NULL);
          g_assert_true (call.destroyed);
          call.destroyed = FALSE;
          bb_media_set_operator_sink (call.media, on_monitor_of_call, &call, on_destroy);
        }
      if (i % 20 == 10)
        {
          call.params->codec
              = bb_codec_get (call.params->codec->id == BB_CODEC_PCMA ? BB_CODEC_PCMU : BB_CODEC_PCMA);
          call.params->payload_type_send = call.params->payload_type_receive
              = (guint8) call.params->codec->preferred_payload_type;
          call.peer.payload_type = call.params->payload_type_receive;
          g_assert_true (bb_media_update (call.media, call.params, &error));
        }
    }
  bb_media_set_operator_mode (call.media, BB_OPERATOR_CONFERENCE);
  call_end (&call);
}

/* A mode that is set before the call has sound is there when it has. */
static void
test_early (void)
{
  g_autoptr (GByteArray) said = g_byte_array_new ();
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  g_autofree gint16 *samples = NULL;
  Call call;

  call_begin (&call);
  bb_media_set_operator_mode (call.media, BB_OPERATOR_WHISPER);
  talk (&call, 60, said, heard);
  {
    g_autoptr (GBytes) bot_heard = media_standin_dup_heard (call.standin);
    guint n = (guint) g_bytes_get_size (bot_heard);

    samples = g_new (gint16, n);
    bb_g711_decode (TRUE, g_bytes_get_data (bot_heard, NULL), n, samples);
    assert_hears ("bot", samples + SETTLE * 160, n - SETTLE * 160, 1, 8000, TRUE, FALSE, TRUE);
  }
  call_end (&call);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();

  g_test_add_data_func ("/call-operator/modes/pcma", "audio/x-alaw, rate=8000, channels=1",
                        test_modes);
  g_test_add_data_func ("/call-operator/modes/pcmu", "audio/x-mulaw, rate=8000, channels=1",
                        test_modes);
  g_test_add_data_func ("/call-operator/modes/pcm",
                        "audio/x-raw, format=S16LE, layout=interleaved, rate=24000, channels=1",
                        test_modes);
  g_test_add_data_func ("/call-operator/modes/wide",
                        "audio/x-raw, format=S16LE, layout=interleaved, rate=16000, channels=1",
                        test_modes);
  g_test_add_func ("/call-operator/costs-nothing", test_costs_nothing);
  g_test_add_data_func ("/call-operator/no-click/pcma", "audio/x-alaw, rate=8000, channels=1",
                        test_no_click);
  g_test_add_data_func ("/call-operator/no-click/pcm",
                        "audio/x-raw, format=S16LE, layout=interleaved, rate=24000, channels=1",
                        test_no_click);
  g_test_add_func ("/call-operator/whisper-to-silence", test_whisper_to_silence);
  g_test_add_func ("/call-operator/call", test_call);
  g_test_add_func ("/call-operator/early", test_early);
  g_test_add_func ("/call-operator/storm", test_storm);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
