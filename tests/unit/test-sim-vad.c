/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <math.h>

#include "sim-audio.h"
#include "sim-vad.h"

typedef struct
{
  SimVad vad;
  SimVadEvent events[16];
  guint64 times[16];
  guint n;
  guint32 random;
} Line;

static const SimVadConfig defaults = { 0.5, 300, 500 };

static void
line_init (Line *line, const SimVadConfig *config, guint rate)
{
  *line = (Line){ .random = 1 };
  sim_vad_init (&line->vad, config, rate);
}

/* Feeds in frames of 20 ms, as a client does. */
static void
feed (Line *line, const gint16 *samples, gsize n_samples)
{
  gsize frame = line->vad.rate / 50;

  for (gsize start = 0; start < n_samples; start += frame)
    {
      gsize length = MIN (frame, n_samples - start), done = 0;
      while (done < length)
        {
          gsize used;
          guint64 at_ms;
          SimVadEvent event = sim_vad_feed (&line->vad, samples + start + done, length - done, &used, &at_ms);
          done += used;
          if (event == SIM_VAD_NOTHING)
            continue;
          g_assert_cmpuint (line->n, <, G_N_ELEMENTS (line->events));
          line->events[line->n] = event;
          line->times[line->n++] = at_ms;
        }
    }
}

/* A tone of @tone_db under noise of @noise_db, both in dBFS RMS. */
static void
play (Line *line, guint ms, double tone_db, double noise_db)
{
  gsize n = line->vad.rate / 1000 * ms;
  g_autofree gint16 *samples = g_new (gint16, n);
  double tone = 32768 * pow (10, tone_db / 20) * G_SQRT2;
  double noise = 32768 * pow (10, noise_db / 20) * sqrt (3);

  for (gsize i = 0; i < n; i++)
    {
      line->random = line->random * 1664525u + 1013904223u;
      double value = tone * sin (2 * G_PI * 300 * i / line->vad.rate)
                     + noise * ((line->random >> 8) / (double) (1 << 23) - 1);
      samples[i] = CLAMP (value, -32768, 32767);
    }
  feed (line, samples, n);
}

static void
assert_event (Line *line, guint index, SimVadEvent event, guint64 at_ms, guint64 tolerance)
{
  g_assert_cmpuint (line->n, >, index);
  g_assert_cmpint (line->events[index], ==, event);
  g_assert_cmpuint (line->times[index], >=, at_ms - MIN (at_ms, tolerance));
  g_assert_cmpuint (line->times[index], <=, at_ms + tolerance);
}

static void
test_onset_and_end (gconstpointer data)
{
  Line line;
  line_init (&line, &defaults, GPOINTER_TO_UINT (data));
  play (&line, 1000, -100, -100);
  play (&line, 1000, -20, -100);
  play (&line, 1000, -100, -100);
  g_assert_cmpuint (line.n, ==, 2);
  assert_event (&line, 0, SIM_VAD_STARTED, 700, 10);
  assert_event (&line, 1, SIM_VAD_STOPPED, 2500, 20);
  g_assert_cmpuint (sim_vad_get_time_ms (&line.vad), ==, 3000);
}

static void
test_prefix_never_before_the_start (void)
{
  Line line;
  line_init (&line, &defaults, 8000);
  play (&line, 400, -20, -100);
  g_assert_cmpuint (line.n, ==, 1);
  assert_event (&line, 0, SIM_VAD_STARTED, 0, 0);
}

static void
test_silence_duration (void)
{
  Line line;
  SimVadConfig patient = { 0.5, 100, 900 };

  line_init (&line, &patient, 8000);
  play (&line, 500, -100, -100);
  play (&line, 600, -20, -100);
  play (&line, 700, -100, -100); /* a pause, no end */
  play (&line, 600, -20, -100);
  play (&line, 1200, -100, -100);
  g_assert_cmpuint (line.n, ==, 2);
  assert_event (&line, 0, SIM_VAD_STARTED, 400, 10);
  assert_event (&line, 1, SIM_VAD_STOPPED, 3300, 20);
}

static void
test_click_is_no_speech (void)
{
  Line line;
  line_init (&line, &defaults, 8000);
  for (guint i = 0; i < 5; i++)
    {
      play (&line, 40, -10, -100);
      play (&line, 300, -100, -100);
    }
  g_assert_cmpuint (line.n, ==, 0);
}

static void
test_speech_above_noise (void)
{
  Line line;
  line_init (&line, &defaults, 8000);
  /* Loud noise from the start counts as speech until the floor has risen. */
  play (&line, 8000, -100, -38);
  guint before = line.n;
  g_assert_cmpuint (before % 2, ==, 0);
  play (&line, 3000, -100, -38);
  g_assert_cmpuint (line.n, ==, before);
  play (&line, 800, -15, -38);
  play (&line, 1000, -100, -38);
  g_assert_cmpuint (line.n, ==, before + 2);
  assert_event (&line, before, SIM_VAD_STARTED, 10700, 20);
  assert_event (&line, before + 1, SIM_VAD_STOPPED, 12300, 40);
}

static void
test_quiet_noise_is_no_speech (void)
{
  Line line;
  line_init (&line, &defaults, 24000);
  play (&line, 4000, -100, -55);
  g_assert_cmpuint (line.n, ==, 0);
}

static void
test_threshold (void)
{
  Line bold, timid;
  SimVadConfig high = { 1.0, 300, 500 }, low = { 0.0, 300, 500 };

  line_init (&bold, &low, 8000);
  line_init (&timid, &high, 8000);
  play (&bold, 500, -40, -100);
  play (&timid, 500, -40, -100);
  g_assert_cmpuint (bold.n, ==, 1);
  g_assert_cmpuint (timid.n, ==, 0);
}

static void
test_time_survives_a_new_rate (void)
{
  Line line;
  line_init (&line, &defaults, 24000);
  play (&line, 1000, -100, -100);
  sim_vad_set_rate (&line.vad, 8000);
  g_assert_cmpuint (sim_vad_get_time_ms (&line.vad), ==, 1000);
  play (&line, 500, -100, -100);
  play (&line, 500, -20, -100);
  assert_event (&line, 0, SIM_VAD_STARTED, 1200, 10);
}

static void
test_g711_round_trip (void)
{
  for (guint code = 0; code < 256; code++)
    {
      /* Decoded and coded again each code is itself; µ-law has two zeros. */
      gint16 ulaw = sim_ulaw_decode (code);
      gint16 alaw = sim_alaw_decode (code);
      g_assert_cmpint (sim_ulaw_encode (ulaw), ==, code == 0x7f ? 0xff : code);
      g_assert_cmpint (sim_alaw_encode (alaw), ==, code);
    }
  for (int value = -32768; value <= 32767; value += 7)
    {
      /* Logarithmic: the error is at most a sixteenth, or the smallest step. */
      int limit = ABS (value) / 16 + 20;
      int clipped = CLAMP (value, -32124, 32124);
      g_assert_cmpint (ABS (sim_ulaw_decode (sim_ulaw_encode (value)) - clipped), <=, limit);
      g_assert_cmpint (ABS (sim_alaw_decode (sim_alaw_encode (value)) - CLAMP (value, -32256, 32256)), <=, limit);
    }
  /* From the tables of ITU-T G.711. */
  g_assert_cmpint (sim_ulaw_decode (0x80), ==, 32124);
  g_assert_cmpint (sim_ulaw_decode (0x00), ==, -32124);
  g_assert_cmpint (sim_ulaw_decode (0xff), ==, 0);
  g_assert_cmpint (sim_alaw_decode (0xd5), ==, 8);
  g_assert_cmpint (sim_alaw_decode (0x55), ==, -8);
  g_assert_cmpint (sim_alaw_decode (0xaa), ==, 32256);
}

/* Length, level and pitch of a tone that is brought from espeak's rate. */
static void
test_render (gconstpointer data)
{
  SimFormat format = GPOINTER_TO_UINT (data);
  guint rate = sim_format_get_rate (format);
  g_autofree gint16 *tone = g_new (gint16, 22050);
  for (guint i = 0; i < 22050; i++)
    tone[i] = 9000 * sin (2 * G_PI * 441 * i / 22050);

  g_autoptr (GBytes) bytes = sim_audio_render (tone, 22050, 22050, format);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, rate * sim_format_get_sample_bytes (format));
  g_autofree gint16 *out = g_new (gint16, rate);
  sim_audio_decode (format, g_bytes_get_data (bytes, NULL), rate, out);
  int peak = 0;
  guint crossings = 0;
  for (guint i = 1; i < rate; i++)
    {
      peak = MAX (peak, ABS ((int) out[i]));
      crossings += (out[i - 1] < 0) != (out[i] < 0);
    }
  g_assert_cmpint (peak, >, 22000);
  g_assert_cmpint (peak, <, 24100);
  g_assert_cmpuint (crossings, >=, 880);
  g_assert_cmpuint (crossings, <=, 884);
  /* Nothing was shifted: the tone begins where it began, and ends there too. */
  g_assert_cmpint (ABS ((int) out[0]), <, 5000);
  g_assert_cmpint (out[rate / 441 / 4], >, 15000);
  g_assert_cmpint (out[rate - rate / 441 / 4], <, -15000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/vad/onset-and-end/24000", GUINT_TO_POINTER (24000), test_onset_and_end);
  g_test_add_data_func ("/vad/onset-and-end/8000", GUINT_TO_POINTER (8000), test_onset_and_end);
  g_test_add_func ("/vad/prefix", test_prefix_never_before_the_start);
  g_test_add_func ("/vad/silence-duration", test_silence_duration);
  g_test_add_func ("/vad/click", test_click_is_no_speech);
  g_test_add_func ("/vad/noise/loud", test_speech_above_noise);
  g_test_add_func ("/vad/noise/quiet", test_quiet_noise_is_no_speech);
  g_test_add_func ("/vad/threshold", test_threshold);
  g_test_add_func ("/vad/rate", test_time_survives_a_new_rate);
  g_test_add_func ("/audio/g711", test_g711_round_trip);
  g_test_add_data_func ("/audio/render/pcm", GUINT_TO_POINTER (SIM_FORMAT_PCM), test_render);
  g_test_add_data_func ("/audio/render/pcmu", GUINT_TO_POINTER (SIM_FORMAT_PCMU), test_render);
  g_test_add_data_func ("/audio/render/pcma", GUINT_TO_POINTER (SIM_FORMAT_PCMA), test_render);
  return g_test_run ();
}
