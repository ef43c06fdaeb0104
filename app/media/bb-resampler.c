/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-resampler.h"

#include <math.h>
#include <string.h>

#define TAPS 32      /* of each phase, at the lower of both rates */
#define CUTOFF 0.45  /* of the lower rate: a telephone's band, and little of its mirror */

struct _BbResampler
{
  guint up; /* the ratio, in lowest terms */
  guint down;
  guint n_taps;
  float *filter; /* [up][n_taps], the newest sample's tap first */
  guint phase;   /* of the next output, 0 to up - 1 */
  gsize skip;    /* input samples until it */
  float *line;   /* n_taps - 1 old samples, then those in hand */
  gsize line_size;
};

static guint
gcd (guint a, guint b)
{
  while (b != 0)
    {
      guint rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

/* A windowed sinc at up times the input's rate, cut into its phases; each of
 * them passes a constant as it is. */
static void
make_filter (BbResampler *self)
{
  const guint n = self->n_taps * self->up;
  const double middle = (n - 1) / 2.0;
  /* Cycles per step of the fine grid. */
  const double cutoff = CUTOFF * MIN (1.0, (double) self->up / self->down) / self->up;

  for (guint i = 0; i < n; i++)
    {
      double x = i - middle;
      double sinc = x == 0 ? 2 * cutoff : sin (2 * G_PI * cutoff * x) / (G_PI * x);
      double t = 2 * G_PI * (i + 0.5) / n;
      double window = 0.42 - 0.5 * cos (t) + 0.08 * cos (2 * t); /* Blackman */

      self->filter[(i % self->up) * self->n_taps + i / self->up] = (float) (sinc * window);
    }
  for (guint p = 0; p < self->up; p++)
    {
      float *taps = self->filter + p * self->n_taps;
      float sum = 0;

      for (guint k = 0; k < self->n_taps; k++)
        sum += taps[k];
      for (guint k = 0; k < self->n_taps; k++)
        taps[k] /= sum;
    }
}

/**
 * bb_resampler_new:
 * @in_rate: Hz
 * @out_rate: Hz
 *
 * Returns: (transfer full): for bb_resampler_free()
 */
BbResampler *
bb_resampler_new (guint in_rate, guint out_rate)
{
  BbResampler *self = g_new0 (BbResampler, 1);
  guint common = gcd (in_rate, out_rate);

  self->up = out_rate / common;
  self->down = in_rate / common;
  self->n_taps = TAPS * MAX (1, (self->down + self->up - 1) / self->up);
  self->filter = g_new (float, (gsize) self->up * self->n_taps);
  make_filter (self);
  self->line_size = self->n_taps - 1;
  self->line = g_new0 (float, self->line_size);
  return self;
}

void
bb_resampler_free (BbResampler *self)
{
  g_free (self->filter);
  g_free (self->line);
  g_free (self);
}

/**
 * bb_resampler_reset:
 * @self: a resampler
 *
 * What comes next follows on silence.
 */
void
bb_resampler_reset (BbResampler *self)
{
  memset (self->line, 0, (self->n_taps - 1) * sizeof *self->line);
  self->phase = 0;
  self->skip = 0;
}

/**
 * bb_resampler_get_most:
 * @self: a resampler
 * @n: samples in
 *
 * Returns: how many come out at most
 */
gsize
bb_resampler_get_most (BbResampler *self, gsize n)
{
  return n * self->up / self->down + 1;
}

/**
 * bb_resampler_process:
 * @self: a resampler
 * @in: @n samples
 * @n: how many
 * @out: (out caller-allocates): has room for bb_resampler_get_most()
 *
 * Returns: how many came out
 */
gsize
bb_resampler_process (BbResampler *self, const gint16 *in, gsize n, gint16 *out)
{
  const gsize old = self->n_taps - 1;
  gsize at = self->skip;
  gsize n_out = 0;

  if (self->line_size < old + n)
    {
      self->line_size = old + n;
      self->line = g_renew (float, self->line, self->line_size);
    }
  for (gsize i = 0; i < n; i++)
    self->line[old + i] = in[i];

  while (at < n)
    {
      const float *taps = self->filter + self->phase * self->n_taps;
      const float *newest = self->line + old + at;
      float sum = 0;

      for (guint k = 0; k < self->n_taps; k++)
        sum += taps[k] * newest[-(gssize) k];
      out[n_out++] = (gint16) lrintf (CLAMP (sum, -32768.0f, 32767.0f));

      self->phase += self->down;
      at += self->phase / self->up;
      self->phase %= self->up;
    }
  self->skip = at - n;
  memmove (self->line, self->line + n, old * sizeof *self->line);
  return n_out;
}
