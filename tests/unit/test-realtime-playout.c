/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The playout queue and the framer on top of it: nothing lost, doubled or
 * padded inside an utterance; what was played is known. */
#include <gst/audio/audio.h>
#include <math.h>
#include <string.h>

#include "realtimeframer.h"
#include "realtimeplayout.h"

#define FRAME_MS  20
#define PCM_FRAME (48 * FRAME_MS)
#define RAW(rate, channels, format)                                                                \
  "audio/x-raw,format=" format ",layout=interleaved,rate=" #rate ",channels=" #channels

static GBytes *
ramp (guint16 start, gsize samples)
{
  guint16 *data = g_new (guint16, samples);

  for (gsize i = 0; i < samples; i++)
    data[i] = GUINT16_TO_LE (start + i);
  return g_bytes_new_take (data, samples * 2);
}

static void
push (GstRealtimePlayout *p, const char *response, const char *item, GBytes *audio)
{
  g_assert_true (gst_realtime_playout_push (p, response, item, 0, GST_REALTIME_FORMAT_PCM, audio));
  g_bytes_unref (audio);
}

static gsize
frame (GstRealtimePlayout *p, guint8 *dest)
{
  GstRealtimeHead head;

  gst_realtime_playout_begin_frame (p, FRAME_MS * GST_MSECOND, &head);
  memset (dest, 0, PCM_FRAME);
  return head.has_audio ? gst_realtime_playout_take (p, dest, PCM_FRAME) : 0;
}

static void
assert_notice (GstRealtimePlayout *p, GstRealtimeNoticeType type, const char *item, guint played)
{
  g_autoptr (GstRealtimeNotice) notice = gst_realtime_playout_pop_notice (p);

  g_assert_nonnull (notice);
  g_assert_cmpint (notice->type, ==, type);
  g_assert_cmpstr (notice->item_id, ==, item);
  g_assert_cmpuint (notice->played_ms, ==, played);
}

static void
assert_no_notice (GstRealtimePlayout *p)
{
  g_assert_null (gst_realtime_playout_pop_notice (p));
}

/* Pieces of any size, odd bytes too, come out as the same samples. */
static void
test_ragged (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  const gsize sizes[] = { 1, 1, 3, 959, 961, 5000, 2, 7, 4001 };
  g_autoptr (GBytes) all = ramp (1, 20000);
  gsize at = 0, total = 0;
  guint8 out[PCM_FRAME];
  guint16 next = 1;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      push (p, "r", "a", g_bytes_new_from_bytes (all, at, sizes[i]));
      at += sizes[i];
    }
  g_assert_cmpuint (at % 2, ==, 1); /* half a sample stays behind */
  gst_realtime_playout_end_item (p, "a", 0);
  for (gsize n; (n = frame (p, out)) > 0; total += n)
    for (gsize i = 0; i < n; i += 2)
      g_assert_cmpuint (out[i] | out[i + 1] << 8, ==, next++);
  g_assert_cmpuint (total, ==, at - 1);
  g_assert_true (gst_realtime_playout_is_empty (p));
  assert_notice (p, GST_REALTIME_NOTICE_STARTED, "a", 0);
  assert_notice (p, GST_REALTIME_NOTICE_FINISHED, "a", total / 48);
  assert_no_notice (p);
}

/* Inside an utterance less than a frame is not padded: it waits. */
static void
test_underrun (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  guint8 out[PCM_FRAME];

  push (p, "r", "a", ramp (1, 480 + 100));
  g_assert_cmpuint (frame (p, out), ==, PCM_FRAME);
  g_assert_cmpuint (frame (p, out), ==, 0);
  g_assert_cmpuint (frame (p, out), ==, 0);
  push (p, "r", "a", ramp (581, 480));
  g_assert_cmpuint (frame (p, out), ==, PCM_FRAME);
  g_assert_cmpuint (out[0] | out[1] << 8, ==, 481);
  gst_realtime_playout_end_response (p, "r");
  g_assert_cmpuint (frame (p, out), ==, 100 * 2);
  g_assert_cmpuint (frame (p, out), ==, 0);
}

/* The next item joins the last without a gap, within one frame. */
static void
test_join (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  guint8 out[PCM_FRAME];

  push (p, "r", "a", ramp (1, 100));
  gst_realtime_playout_end_item (p, "a", 0);
  push (p, "r", "b", ramp (101, 1000));
  gst_realtime_playout_end_item (p, "b", 0);
  g_assert_cmpuint (frame (p, out), ==, PCM_FRAME);
  for (guint i = 0; i < 480; i++)
    g_assert_cmpuint (out[2 * i] | out[2 * i + 1] << 8, ==, i + 1);
  assert_notice (p, GST_REALTIME_NOTICE_STARTED, "a", 0);
  assert_notice (p, GST_REALTIME_NOTICE_FINISHED, "a", 4);
  assert_notice (p, GST_REALTIME_NOTICE_STARTED, "b", 0);
}

/* An answer is refused beyond the limit, never shortened. */
static void
test_full (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1000);
  g_autoptr (GBytes) big = ramp (1, 600);
  guint8 out[PCM_FRAME];

  g_assert_false (gst_realtime_playout_push (p, "r", "a", 0, GST_REALTIME_FORMAT_PCM, big));
  g_assert_cmpuint (frame (p, out), ==, 0);
  push (p, "r", "a", ramp (1, 500));
  g_assert_cmpuint (frame (p, out), ==, PCM_FRAME);
}

static void
assert_cut (GPtrArray *cuts,
            guint i,
            const char *item,
            guint played,
            guint received,
            gboolean complete)
{
  GstRealtimeCut *cut = g_ptr_array_index (cuts, i);

  g_assert_cmpstr (cut->item_id, ==, item);
  g_assert_cmpuint (cut->played_ms, ==, played);
  g_assert_cmpuint (cut->received_ms, ==, received);
  g_assert_cmpint (cut->complete, ==, complete);
}

/* What was played is what left, per item; the next frame is silent. */
static void
test_interrupt (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  g_autoptr (GPtrArray) cuts = NULL;
  guint8 out[PCM_FRAME];

  push (p, "r", "a", ramp (1, 24 * 30)); /* 30 ms */
  gst_realtime_playout_end_item (p, "a", 0);
  push (p, "r", "b", ramp (1, 24 * 100));
  push (p, "r", "c", ramp (1, 24 * 50));
  frame (p, out);
  frame (p, out); /* a is over, 10 ms of b left */
  cuts = gst_realtime_playout_interrupt (p, g_get_monotonic_time ());
  g_assert_cmpuint (cuts->len, ==, 2);
  assert_cut (cuts, 0, "b", 10, 100, FALSE);
  assert_cut (cuts, 1, "c", 0, 50, FALSE);
  g_assert_true (gst_realtime_playout_is_empty (p));
  g_assert_cmpuint (frame (p, out), ==, 0);
  assert_notice (p, GST_REALTIME_NOTICE_STARTED, "a", 0);
  assert_notice (p, GST_REALTIME_NOTICE_FINISHED, "a", 30);
  assert_notice (p, GST_REALTIME_NOTICE_STARTED, "b", 0);
  assert_notice (p, GST_REALTIME_NOTICE_INTERRUPTED, "b", 10);
  assert_no_notice (p);
}

/* Played to its end: nothing is cut, nothing reported. */
static void
test_interrupt_after_end (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  g_autoptr (GPtrArray) cuts = NULL;
  guint8 out[PCM_FRAME];

  push (p, "r", "a", ramp (1, 480));
  gst_realtime_playout_end_item (p, "a", 0);
  frame (p, out);
  cuts = gst_realtime_playout_interrupt (p, g_get_monotonic_time ());
  g_assert_cmpuint (cuts->len, ==, 0);
}

/* Downstream still holds 200 ms: that much less was heard, over the border of
 * two items, and an item counts as finished only when it has been heard. */
static void
test_held (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  guint8 out[PCM_FRAME];

  for (guint silent_frames = 0; silent_frames < 12; silent_frames++)
    {
      g_autoptr (GPtrArray) cuts = NULL;
      gint unheard_b, unheard_a;

      gst_realtime_playout_reset (p);
      gst_realtime_playout_set_held (p, 200 * GST_MSECOND);
      push (p, "r", "a", ramp (1, 24 * 300));
      push (p, "r", "b", ramp (1, 24 * 100));
      gst_realtime_playout_end_response (p, "r");
      for (guint i = 0; i < 20 + silent_frames; i++)
        frame (p, out);
      cuts = gst_realtime_playout_interrupt (p, g_get_monotonic_time ());
      unheard_b = MIN (100, MAX (0, 200 - (gint)silent_frames * 20));
      unheard_a = MAX (0, 100 - (gint)silent_frames * 20);
      g_assert_cmpuint (cuts->len, ==, (unheard_a > 0) + (unheard_b > 0));
      if (unheard_a > 0)
        assert_cut (cuts, 0, "a", 300 - unheard_a, 300, TRUE);
      if (unheard_b > 0)
        assert_cut (cuts, cuts->len - 1, "b", 100 - unheard_b, 100, TRUE);
    }
}

/* ---- framer ---- */

static GBytes *
tone (guint rate, guint ms, double hertz, GstRealtimeFormat format)
{
  gsize n = (gsize)rate * ms / 1000;
  g_autofree gint16 *pcm = g_new (gint16, n);

  for (gsize i = 0; i < n; i++)
    pcm[i] = 12000 * sin (2 * G_PI * hertz * i / rate);
  if (format == GST_REALTIME_FORMAT_PCM)
    return g_bytes_new (pcm, n * 2);
  {
    guint8 *coded = g_malloc (n);

    gst_realtime_g711_encode (format, pcm, coded, n);
    return g_bytes_new_take (coded, n);
  }
}

/* Power at one frequency relative to all, 0 to 1 (Goertzel). */
static double
purity (const gint16 *x, gsize n, guint rate, double hertz)
{
  double re = 0, im = 0, all = 0;

  for (gsize i = 0; i < n; i++)
    {
      re += x[i] * cos (2 * G_PI * hertz * i / rate);
      im += x[i] * sin (2 * G_PI * hertz * i / rate);
      all += (double)x[i] * x[i];
    }
  return all > 0 ? 2 * (re * re + im * im) / n / all : 0;
}

typedef struct
{
  const char *caps;
  GstRealtimeFormat in;
  guint rate;
} FramerCase;

static const FramerCase framer_cases[] = {
  { RAW (8000, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 8000 },
  { RAW (11025, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 11025 },
  { RAW (16000, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 16000 },
  { RAW (22050, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 22050 },
  { RAW (24000, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 24000 },
  { RAW (44100, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 44100 },
  { RAW (48000, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 48000 },
  { RAW (96000, 1, "S16LE"), GST_REALTIME_FORMAT_PCM, 96000 },
  { RAW (48000, 1, "S16LE"), GST_REALTIME_FORMAT_PCMA, 48000 },
  { RAW (8000, 1, "S16LE"), GST_REALTIME_FORMAT_PCMU, 8000 },
  { "audio/x-alaw,rate=8000,channels=1", GST_REALTIME_FORMAT_PCM, 8000 },
  { "audio/x-mulaw,rate=8000,channels=1", GST_REALTIME_FORMAT_PCMA, 8000 },
  { "audio/x-alaw,rate=8000,channels=1", GST_REALTIME_FORMAT_PCMA, 8000 },
};

/* A tone of one second, in pieces, comes out in exact frames: same pitch, same
 * duration, no gap, no click. */
static void
test_framer (gconstpointer data)
{
  const FramerCase *c = data;
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  GstRealtimeFramer *framer = gst_realtime_framer_new (p);
  g_autoptr (GstCaps) caps = gst_caps_from_string (c->caps);
  g_autoptr (GBytes) audio = tone (gst_realtime_format_get_rate (c->in), 1000, 440, c->in);
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, 2);
  gsize size = g_bytes_get_size (audio), at = 0;
  GstRealtimeFormat out_format = gst_realtime_format_from_caps (caps);
  guint audible = 0, first = G_MAXUINT, last = 0;
  guint64 frames_out = 0;

  g_assert_true (gst_realtime_framer_set_caps (framer, caps));
  g_assert_cmpuint (gst_realtime_framer_get_rate (framer), ==, c->rate);
  while (at < size)
    {
      gsize most = g_test_rand_int_range (1, 5000);
      gsize n = MIN (size - at, most);
      g_autoptr (GBytes) piece = g_bytes_new_from_bytes (audio, at, n);

      g_assert_true (gst_realtime_playout_push (p, "r", "a", 0, c->in, piece));
      at += n;
    }
  gst_realtime_playout_end_item (p, "a", 0);

  for (guint i = 0; i < 60; i++)
    {
      guint64 end = (guint64)(i + 1) * FRAME_MS * c->rate / 1000;
      gsize n = end - frames_out;
      g_autofree guint8 *buffer = g_malloc (n * 2);
      g_autofree gint16 *pcm = g_new (gint16, n);

      if (gst_realtime_framer_fill (framer, buffer, n))
        {
          audible++;
          first = MIN (first, i);
          last = i;
        }
      if (out_format == GST_REALTIME_FORMAT_PCM)
        memcpy (pcm, buffer, n * 2);
      else
        gst_realtime_g711_decode (out_format, buffer, pcm, n);
      g_array_append_vals (out, pcm, n);
      frames_out = end;
    }
  g_assert_cmpuint (first, ==, 0);
  g_assert_cmpuint (last + 1, ==, audible); /* no silent frame between */
  g_assert_cmpuint (audible, >=, 50);
  g_assert_cmpuint (audible, <=, 51); /* the filter's tail */

  {
    const gint16 *x = (const gint16 *)out->data;
    gsize margin = c->rate / 50, n = c->rate - 2 * margin;
    gsize crossings = 0, loud_end = 0;

    g_assert_cmpfloat (purity (x + margin, n, c->rate, 440), >, 0.995);
    for (gsize i = 1; i < c->rate; i++)
      crossings += x[i - 1] < 0 && x[i] >= 0;
    g_assert_cmpuint (crossings, >=, 438);
    g_assert_cmpuint (crossings, <=, 441);
    for (gsize i = 0; i < out->len; i++)
      if (ABS (x[i]) > 1000)
        loud_end = i;
    /* One second to within the filter's 4 ms, then silence. */
    g_assert_cmpint (ABS ((gint64)loud_end - (gint64)c->rate), <, c->rate / 250);
  }
  gst_realtime_framer_free (framer);
}

/* The same samples as if all of it had been converted at once: no frame begins
 * or ends with anything of its own. */
static void
test_framer_exact (void)
{
  static const guint rates[] = { 8000, 11025, 16000, 22050, 44100, 48000, 96000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    {
      g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
      GstRealtimeFramer *framer = gst_realtime_framer_new (p);
      g_autoptr (GBytes) audio = tone (24000, 400, 440, GST_REALTIME_FORMAT_PCM);
      g_autoptr (GstCaps) caps =
          gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE", "rate", G_TYPE_INT,
                               rates[r], "channels", G_TYPE_INT, 1, "layout", G_TYPE_STRING,
                               "interleaved", NULL);
      GstAudioInfo in_info, out_info;
      GstAudioConverter *converter;
      gsize n_in = g_bytes_get_size (audio) / 2, n_out, at = 0;
      g_autofree gint16 *whole = NULL;
      gpointer in[1] = { (gpointer)g_bytes_get_data (audio, NULL) };
      gpointer out[1];

      gst_audio_info_set_format (&in_info, GST_AUDIO_FORMAT_S16LE, 24000, 1, NULL);
      gst_audio_info_set_format (&out_info, GST_AUDIO_FORMAT_S16LE, rates[r], 1, NULL);
      converter =
          gst_audio_converter_new (GST_AUDIO_CONVERTER_FLAG_NONE, &in_info, &out_info, NULL);
      n_out = gst_audio_converter_get_out_frames (converter, n_in);
      out[0] = whole = g_new0 (gint16, n_out);
      gst_audio_converter_samples (converter, GST_AUDIO_CONVERTER_FLAG_NONE, in, n_in, out, n_out);
      gst_audio_converter_free (converter);

      g_assert_true (gst_realtime_framer_set_caps (framer, caps));
      push (p, "r", "a", g_bytes_ref (audio));
      gst_realtime_playout_end_item (p, "a", 0);
      for (guint i = 0; at < n_out; i++)
        {
          gsize n = (gsize)(i + 1) * FRAME_MS * rates[r] / 1000 - at;
          g_autofree gint16 *frame_pcm = g_new (gint16, n);

          memset (frame_pcm, 0x55, n * 2);
          g_assert_true (gst_realtime_framer_fill (framer, (guint8 *)frame_pcm, n));
          for (gsize j = 0; j < n && at + j < n_out; j++)
            g_assert_cmpint (frame_pcm[j], ==, whole[at + j]);
          at += n;
        }
      gst_realtime_framer_free (framer);
    }
}

/* After an interruption not one sample of the cut item is heard. */
static void
test_framer_interrupt (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  GstRealtimeFramer *framer = gst_realtime_framer_new (p);
  g_autoptr (GstCaps) caps = gst_caps_from_string (RAW (48000, 2, "S16LE"));
  g_autoptr (GBytes) audio = tone (24000, 500, 440, GST_REALTIME_FORMAT_PCM);
  g_autoptr (GPtrArray) cuts = NULL;
  gint16 out[960 * 2];

  g_assert_true (gst_realtime_framer_set_caps (framer, caps));
  push (p, "r", "a", g_bytes_ref (audio));
  g_assert_true (gst_realtime_framer_fill (framer, (guint8 *)out, 960));
  g_assert_true (gst_realtime_framer_fill (framer, (guint8 *)out, 960));
  g_assert_cmpint (ABS (out[2 * 100]) + ABS (out[2 * 120]), >, 0);
  g_assert_cmpint (out[200], ==, out[201]); /* both channels */
  cuts = gst_realtime_playout_interrupt (p, g_get_monotonic_time ());
  g_assert_cmpuint (cuts->len, ==, 1);
  for (guint f = 0; f < 3; f++)
    {
      g_assert_false (gst_realtime_framer_fill (framer, (guint8 *)out, 960));
      for (guint i = 0; i < 1920; i++)
        g_assert_cmpint (out[i], ==, 0);
    }
  gst_realtime_framer_free (framer);
}

/* G.711 against known values and round trip. */
static void
test_g711 (void)
{
  const guint8 alaw[] = { 0xd5, 0x55, 0x80, 0xaa, 0x2a };
  const gint16 alaw_pcm[] = { 8, -8, 5504, 32256, -32256 };
  const guint8 mulaw[] = { 0xff, 0x7f, 0x80, 0x00 };
  const gint16 mulaw_pcm[] = { 0, 0, 32124, -32124 };
  gint16 pcm[256];

  gst_realtime_g711_decode (GST_REALTIME_FORMAT_PCMA, alaw, pcm, G_N_ELEMENTS (alaw));
  for (guint i = 0; i < G_N_ELEMENTS (alaw); i++)
    g_assert_cmpint (pcm[i], ==, alaw_pcm[i]);
  gst_realtime_g711_decode (GST_REALTIME_FORMAT_PCMU, mulaw, pcm, G_N_ELEMENTS (mulaw));
  for (guint i = 0; i < G_N_ELEMENTS (mulaw); i++)
    g_assert_cmpint (pcm[i], ==, mulaw_pcm[i]);

  for (guint f = GST_REALTIME_FORMAT_PCMA; f <= GST_REALTIME_FORMAT_PCMU; f++)
    for (guint i = 0; i < 256; i++)
      {
        guint8 code = i, again;

        gst_realtime_g711_decode (f, &code, pcm, 1);
        gst_realtime_g711_encode (f, pcm, &again, 1);
        if (pcm[0] != 0) /* µ-law has two zeros */
          g_assert_cmpuint (again, ==, code);
      }
}

static void
on_wake (gpointer user_data)
{
  (*(guint *)user_data)++;
}

/* Who paces it is told once when an answer can begin: when silence leaves, and
 * a whole frame is there. */
static void
test_wake (void)
{
  g_autoptr (GstRealtimePlayout) p = gst_realtime_playout_new (1 << 20);
  guint8 out[PCM_FRAME];
  guint n = 0;

  gst_realtime_playout_set_wake (p, on_wake, &n);
  push (p, "r", "a", ramp (0, 480));
  g_assert_cmpuint (n, ==, 0); /* nothing has left yet: the first tick is to come */
  g_assert_cmpuint (frame (p, out), ==, PCM_FRAME);
  push (p, "r", "a", ramp (480, 480));
  g_assert_cmpuint (n, ==, 0); /* speech leaves */
  g_assert_cmpuint (frame (p, out), ==, PCM_FRAME);
  g_assert_cmpuint (frame (p, out), ==, 0);

  push (p, "r", "a", ramp (960, 100));
  g_assert_cmpuint (n, ==, 0); /* less than a frame */
  push (p, "r", "a", ramp (1060, 500));
  g_assert_cmpuint (n, ==, 1);
  push (p, "r", "a", ramp (1560, 500));
  g_assert_cmpuint (n, ==, 1); /* once */

  /* While it pauses nobody is woken, when it goes on somebody is. */
  gst_realtime_playout_pause (p, g_get_monotonic_time ());
  g_assert_cmpuint (frame (p, out), ==, 0);
  push (p, "r", "a", ramp (2060, 500));
  g_assert_cmpuint (n, ==, 1);
  gst_realtime_playout_resume (p);
  g_assert_cmpuint (n, ==, 2);

  /* The short rest of an answer, when it is known to be all. */
  while (frame (p, out) > 0)
    ;
  push (p, "r", "b", ramp (0, 50));
  g_assert_cmpuint (n, ==, 2);
  gst_realtime_playout_end_item (p, "a", 0);
  gst_realtime_playout_end_item (p, "b", 0);
  g_assert_cmpuint (n, ==, 3);

  gst_realtime_playout_set_wake (p, NULL, NULL);
  while (frame (p, out) > 0)
    ;
  push (p, "r", "c", ramp (0, 5000));
  g_assert_cmpuint (n, ==, 3);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/playout/ragged", test_ragged);
  g_test_add_func ("/realtime/playout/underrun", test_underrun);
  g_test_add_func ("/realtime/playout/join", test_join);
  g_test_add_func ("/realtime/playout/full", test_full);
  g_test_add_func ("/realtime/playout/interrupt", test_interrupt);
  g_test_add_func ("/realtime/playout/interrupt-after-end", test_interrupt_after_end);
  g_test_add_func ("/realtime/playout/held", test_held);
  g_test_add_func ("/realtime/playout/wake", test_wake);
  for (guint i = 0; i < G_N_ELEMENTS (framer_cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/realtime/framer/%u/%s", i, framer_cases[i].caps);

      g_strdelimit (name + 1 + strlen ("realtime/framer/"), "/", '-');
      g_test_add_data_func (name, &framer_cases[i], test_framer);
    }
  g_test_add_func ("/realtime/framer/exact", test_framer_exact);
  g_test_add_func ("/realtime/framer/interrupt", test_framer_interrupt);
  g_test_add_func ("/realtime/g711", test_g711);
  return g_test_run ();
}
