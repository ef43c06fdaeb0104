/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tones.h"

#include <math.h>
#include <stdlib.h>

/* @position: samples of this tone so far; it goes on without a seam */
void
tone_make (gint16 *samples, guint n, guint64 *position, double frequency, guint rate)
{
  for (guint i = 0; i < n; i++, (*position)++)
    samples[i]
        = (gint16) (TONE_LEVEL * sin (2 * G_PI * frequency * (double) *position / rate));
}

/* Amplitude of one frequency (Goertzel, with a Hann window). */
static double
amplitude (const gint16 *samples, guint n, guint stride, double frequency, guint rate)
{
  double w = 2.0 * G_PI * frequency / rate;
  double s1 = 0.0;
  double s2 = 0.0;

  for (guint i = 0; i < n; i++)
    {
      double s0 = samples[i * stride] * (0.5 - 0.5 * cos (2.0 * G_PI * i / n)) + 2.0 * cos (w) * s1
                  - s2;

      s2 = s1;
      s1 = s0;
    }
  return 4.0 * sqrt (s1 * s1 + s2 * s2 - 2.0 * cos (w) * s1 * s2) / (double) n;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

/* The amplitude of one frequency in windows of 50 ms, of these the median: a
 * frame that a busy machine delays is none. */
double
tone_typical (const gint16 *samples, guint n, guint stride, double frequency, guint rate)
{
  const guint window = rate / 20;
  const guint n_windows = n / window;
  g_autofree double *values = g_new (double, n_windows);

  g_assert_cmpuint (n_windows, >=, 5);
  for (guint i = 0; i < n_windows; i++)
    values[i] = amplitude (samples + i * window * stride, window, stride, frequency, rate);
  qsort (values, n_windows, sizeof *values, compare);
  return values[n_windows / 2];
}

/* The greatest second difference: what makes a click, whatever tones there are. */
int
tone_roughness (const gint16 *samples, guint n, guint stride)
{
  int most = 0;

  for (guint i = 2; i < n; i++)
    {
      int d = samples[i * stride] - 2 * samples[(i - 1) * stride] + samples[(i - 2) * stride];

      most = MAX (most, ABS (d));
    }
  return most;
}
