/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What mixing is made of: the queue, the resampler, the formats. */

#include <math.h>

#include "bb-g711.h"
#include "bb-resampler.h"
#include "bb-voice-format.h"
#include "bb-voice-queue.h"
#include "tones.h"

static void
test_queue (void)
{
  gint16 in[320];
  gint16 out[320];
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (gint16));
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  BbVoiceQueue queue;
  guint64 position = 0;
  guint due = 0;
  gboolean late = FALSE;

  /* It gathers, then gives; dry, it gives silence and gathers again. */
  bb_voice_queue_init (&queue, 16000, 40, 200);
  tone_make (in, 320, &position, 260, 16000);
  bb_voice_queue_push (&queue, in, 320);
  g_assert_false (bb_voice_queue_pull (&queue, out, 320));
  tone_make (in, 320, &position, 260, 16000);
  bb_voice_queue_push (&queue, in, 320);
  g_assert_true (bb_voice_queue_pull (&queue, out, 320));
  g_assert_cmpuint (queue.fill, ==, 320);
  g_assert_true (bb_voice_queue_pull (&queue, out, 320));
  bb_voice_queue_pull (&queue, out, 320);
  g_assert_false (bb_voice_queue_pull (&queue, out, 320));
  g_assert_cmpint (out[0], ==, 0);

  /* A burst of seconds: never more than the bound. */
  for (guint i = 0; i < 100; i++)
    {
      tone_make (in, 320, &position, 260, 16000);
      bb_voice_queue_push (&queue, in, 320);
      g_assert_cmpuint (queue.fill, <=, 3200);
    }
  g_assert_cmpuint (queue.dropped, >, 0);

  /* A sender whose clock is 1 % fast, and then as slow, with jitter of up to
   * 20 ms: what is held stays small, and nothing clicks. */
  bb_voice_queue_flush (&queue);
  queue.dropped = queue.inserted = 0;
  for (guint i = 0; i < 3000; i++)
    {
      due += i < 1500 ? 1010 : 990;
      late = !late && g_rand_int_range (rand, 0, 4) == 0;
      if (!late)
        for (; due >= 1000; due -= 1000)
          {
            tone_make (in, 320, &position, 260, 16000);
            bb_voice_queue_push (&queue, in, 320);
          }
      bb_voice_queue_pull (&queue, out, 320);
      g_array_append_vals (all, out, 320);
      g_assert_cmpuint (queue.fill, <=, 16 * 120);
    }
  g_assert_cmpuint (queue.dropped, >, 0);
  g_assert_cmpuint (queue.inserted, >, 0);
  /* The slope may break where a piece is cut out, the value not: that would be
   * up to 2 * TONE_LEVEL. */
  g_assert_cmpint (tone_roughness ((const gint16 *) (void *) all->data, all->len, 1), <,
                   (int) (TONE_LEVEL * (2 * 2 * G_PI * 260 / 16000 + 0.04)));
  bb_voice_queue_clear (&queue);

  /* The empty one, before its format is known. */
  queue = (BbVoiceQueue){ 0 };
  bb_voice_queue_flush (&queue);
  g_assert_false (bb_voice_queue_pull (&queue, out, 320));
}

/* Pitch and level stay, time too, and what the lower rate can't hold is gone. */
static void
test_resampler (void)
{
  static const guint rates[] = { 8000, 16000, 24000, 44100, 48000 };

  for (guint a = 0; a < G_N_ELEMENTS (rates); a++)
    for (guint b = 0; b < G_N_ELEMENTS (rates); b++)
      {
        g_autoptr (BbResampler) resampler = bb_resampler_new (rates[a], rates[b]);
        g_autofree gint16 *in = g_new (gint16, rates[a]);
        g_autofree gint16 *out = g_new (gint16, rates[b] + 1);
        guint64 position = 0;
        gsize n = 0;

        tone_make (in, rates[a], &position, 1000, rates[a]);
        for (guint i = 0; i < 100; i++)
          {
            gsize most = bb_resampler_get_most (resampler, rates[a] / 100);
            gsize got = bb_resampler_process (resampler, in + i * (rates[a] / 100), rates[a] / 100,
                                              out + n);

            g_assert_cmpuint (got, <=, most);
            n += got;
          }
        g_assert_cmpuint (n, ==, rates[b]);
        g_assert_cmpint (ABS (out[0]), <, 10);
        g_assert_cmpfloat_with_epsilon (tone_typical (out, rates[b], 1, 1000, rates[b]), TONE_LEVEL,
                                        TONE_LEVEL / 50);

        if (rates[b] < rates[a])
          {
            g_autoptr (BbResampler) second = bb_resampler_new (rates[a], rates[b]);
            double above = rates[b] * 0.62;

            position = 0;
            tone_make (in, rates[a], &position, above, rates[a]);
            if (above < rates[a] / 2.0)
              {
                n = bb_resampler_process (second, in, rates[a], out);
                g_assert_cmpint (tone_roughness (out + 200, (guint) n - 200, 1), <, TONE_LEVEL / 20);
              }
          }
      }
}

/* Sound of a microphone: several channels, floating point. */
static void
test_formats (void)
{
  g_autoptr (GstCaps) stereo = gst_caps_from_string (
      "audio/x-raw, format=F32LE, layout=interleaved, rate=48000, channels=2, channel-mask=(bitmask)3");
  g_autoptr (GstCaps) s24
      = gst_caps_from_string ("audio/x-raw, format=S24LE, layout=interleaved, rate=48000, channels=1");
  float frames[4] = { 0.5f, 0.25f, -1.0f, -1.0f };
  const gint16 add[2] = { 8192, -8192 };
  BbVoiceFormat format;
  gint16 mono[2];

  bb_voice_format_from_caps (&format, stereo);
  g_assert_cmpuint (format.rate, ==, 48000);
  g_assert_cmpuint (bb_voice_format_count (&format, sizeof frames), ==, 2);
  bb_voice_format_read (&format, (const guint8 *) frames, 2, mono);
  g_assert_cmpint (mono[0], ==, 12288);
  g_assert_cmpint (mono[1], ==, -32768);
  bb_voice_format_mix (&format, (guint8 *) frames, 2, 0, 0, add);
  g_assert_cmpfloat (frames[0], ==, 0.25f);
  g_assert_cmpfloat (frames[1], ==, 0.25f);
  g_assert_cmpfloat (frames[3], ==, -0.25f);

  bb_voice_format_from_caps (&format, s24);
  g_assert_cmpint (format.encoding, ==, BB_VOICE_NONE);
  g_assert_cmpuint (bb_voice_format_count (&format, 100), ==, 0);
}

/* Each octet comes back as itself, and each sample to the nearest step. */
static void
test_g711 (void)
{
  for (guint alaw = 0; alaw < 2; alaw++)
    {
      for (guint i = 0; i < 256; i++)
        {
          guint8 octet = (guint8) i;
          guint8 again;
          gint16 sample;

          bb_g711_decode (alaw != 0, &octet, 1, &sample);
          bb_g711_encode (alaw != 0, &sample, 1, &again);
          if (alaw != 0 || i != 0x7f) /* minus zero */
            g_assert_cmpuint (again, ==, octet);
        }
      for (int value = -32768; value < 32768; value += 7)
        {
          gint16 sample = (gint16) value;
          guint8 octet;
          gint16 is;

          bb_g711_encode (alaw != 0, &sample, 1, &octet);
          bb_g711_decode (alaw != 0, &octet, 1, &is);
          /* Half a step: 1/32 of the value, no finer than the finest. */
          g_assert_cmpint (ABS (is - value), <=, (ABS (value) > 32000 ? 700 : 8 + (ABS (value) + 132) / 32));
        }
    }
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/voice/g711", test_g711);
  g_test_add_func ("/voice/resampler", test_resampler);
  g_test_add_func ("/voice/formats", test_formats);
  g_test_add_func ("/voice/queue", test_queue);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
