/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glib.h>

#include "bb-g711.h"
#include "bb-recording-mix.h"

#define MS G_TIME_SPAN_MILLISECOND

static void
add (BbRecordingMix *mix, BbRecordingSide side, gint64 time, gint16 value)
{
  gint16 frame[160];

  for (guint i = 0; i < 160; i++)
    frame[i] = value;
  bb_recording_mix_add (mix, side, time, frame, 160);
}

static gint16
at (BbRecordingMix *mix, BbRecordingSide side, guint ms)
{
  return mix->window[2 * (8 * ms) + side];
}

static void
test_aligned (void)
{
  BbRecordingMix mix;

  bb_recording_mix_init (&mix, 8000);
  for (guint i = 0; i < 10; i++)
    {
      /* The bot's frame leaves; the caller's that ends then comes, jittered. */
      add (&mix, BB_RECORDING_BOT, 5000 + 20 * MS * i, (gint16) (100 + i));
      add (&mix, BB_RECORDING_CALLER, 5000 + 20 * MS * (i + 1) + (i % 3) * 7 * MS,
           (gint16) (200 + i));
    }
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpint (at (&mix, BB_RECORDING_BOT, 20 * i), ==, 100 + i);
      g_assert_cmpint (at (&mix, BB_RECORDING_CALLER, 20 * i), ==, 200 + i);
      g_assert_cmpint (at (&mix, BB_RECORDING_CALLER, 20 * i + 19), ==, 200 + i);
    }
  g_assert_cmpuint (bb_recording_mix_rest (&mix), ==, 1600);
  bb_recording_mix_clear (&mix);
}

static void
test_pause (void)
{
  BbRecordingMix mix;

  bb_recording_mix_init (&mix, 8000);
  add (&mix, BB_RECORDING_BOT, 0, 1);
  add (&mix, BB_RECORDING_BOT, 1000 * MS, 2);
  g_assert_cmpint (at (&mix, BB_RECORDING_BOT, 0), ==, 1);
  g_assert_cmpint (at (&mix, BB_RECORDING_BOT, 20), ==, 0);
  g_assert_cmpint (at (&mix, BB_RECORDING_BOT, 999), ==, 0);
  g_assert_cmpint (at (&mix, BB_RECORDING_BOT, 1000), ==, 2);
  bb_recording_mix_clear (&mix);
}

static void
test_window (void)
{
  BbRecordingMix mix;
  guint64 written = 0;

  bb_recording_mix_init (&mix, 8000);
  g_assert_cmpuint (bb_recording_mix_ready (&mix, 0), ==, 0);
  for (guint i = 0; i < 1000; i++)
    {
      gint64 now = 20 * MS * i;
      gsize n;

      add (&mix, BB_RECORDING_BOT, now, (gint16) i);
      n = bb_recording_mix_ready (&mix, now);
      for (gsize j = 0; j < n; j++)
        g_assert_cmpint (mix.window[2 * j + 1], ==, (written + j) / 160);
      written += n;
      bb_recording_mix_drop (&mix, n);
    }
  g_assert_cmpuint (written, ==, 999 * 160 - 4000);
  g_assert_cmpuint (written + bb_recording_mix_rest (&mix), ==, 160000);

  /* Whatever the times are, it stays inside. */
  add (&mix, BB_RECORDING_CALLER, 0, 1);
  add (&mix, BB_RECORDING_CALLER, 3600 * 1000 * MS, 1);
  add (&mix, BB_RECORDING_CALLER, -3600 * 1000 * MS, 1);
  bb_recording_mix_clear (&mix);
}

static void
test_g711 (void)
{
  static const guint8 in[] = { 0xd5, 0x55, 0xaa, 0x2a };
  static const guint8 in_u[] = { 0xff, 0x7f, 0x80, 0x00 };
  gint16 out[4];

  bb_g711_decode (TRUE, in, 4, out);
  g_assert_cmpint (out[0], ==, 8);
  g_assert_cmpint (out[1], ==, -8);
  g_assert_cmpint (out[2], ==, 32256);
  g_assert_cmpint (out[3], ==, -32256);
  bb_g711_decode (FALSE, in_u, 4, out);
  g_assert_cmpint (out[0], ==, 0);
  g_assert_cmpint (out[1], ==, 0);
  g_assert_cmpint (out[2], ==, 32124);
  g_assert_cmpint (out[3], ==, -32124);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recording-mix/aligned", test_aligned);
  g_test_add_func ("/recording-mix/pause", test_pause);
  g_test_add_func ("/recording-mix/window", test_window);
  g_test_add_func ("/recording-mix/g711", test_g711);
  return g_test_run ();
}
