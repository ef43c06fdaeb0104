/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-g711.h"

static gint16 tables[2][256];

/* ITU-T G.711, scaled to 16 bits. */
static gint16
expand_ulaw (guint8 octet)
{
  guint code = ~(guint) octet & 0xff;
  int magnitude = (int) ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;

  return (gint16) ((code & 0x80) != 0 ? -magnitude : magnitude);
}

static gint16
expand_alaw (guint8 octet)
{
  guint code = octet ^ 0x55u;
  guint exponent = (code >> 4) & 7;
  int magnitude = (int) ((code & 0x0f) << 4) + 8;

  if (exponent > 0)
    magnitude = (magnitude + 0x100) << (exponent - 1);
  return (gint16) ((code & 0x80) != 0 ? magnitude : -magnitude);
}

/**
 * bb_g711_decode:
 * @alaw: A-law, else µ-law
 * @in: octets
 * @n: how many
 * @out: (out caller-allocates): as many samples
 */
void
bb_g711_decode (gboolean alaw, const guint8 *in, gsize n, gint16 *out)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      for (guint i = 0; i < 256; i++)
        {
          tables[0][i] = expand_ulaw ((guint8) i);
          tables[1][i] = expand_alaw ((guint8) i);
        }
      g_once_init_leave (&once, 1);
    }

  for (gsize i = 0; i < n; i++)
    out[i] = tables[alaw ? 1 : 0][in[i]];
}

/* The position of the highest bit set above the mantissa, 0..7. */
static guint
exponent_of (guint magnitude)
{
  guint exponent = 7;

  while (exponent > 0 && (magnitude & (1u << (exponent + 7))) == 0)
    exponent--;
  return exponent;
}

static guint8
compress_ulaw (gint16 sample)
{
  guint sign = sample < 0 ? 0x80 : 0;
  guint magnitude = MIN ((guint) ABS ((int) sample), 32635) + 0x84;
  guint exponent = exponent_of (magnitude);

  return (guint8) ~(sign | exponent << 4 | ((magnitude >> (exponent + 3)) & 0x0f));
}

static guint8
compress_alaw (gint16 sample)
{
  guint sign = sample >= 0 ? 0x80 : 0;
  /* A negative one's complement, so that each decoded value finds its octet. */
  guint magnitude = (guint) (sample >= 0 ? sample : -(int) sample - 1);
  guint exponent = exponent_of (magnitude);
  guint mantissa = exponent == 0 ? magnitude >> 4 : magnitude >> (exponent + 3);

  return (guint8) ((sign | exponent << 4 | (mantissa & 0x0f)) ^ 0x55);
}

/**
 * bb_g711_encode:
 * @alaw: A-law, else µ-law
 * @in: samples
 * @n: how many
 * @out: (out caller-allocates): as many octets
 *
 * What bb_g711_decode() gave comes back as the same octet, but for the two
 * zeros of µ-law, which are one.
 */
void
bb_g711_encode (gboolean alaw, const gint16 *in, gsize n, guint8 *out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = alaw ? compress_alaw (in[i]) : compress_ulaw (in[i]);
}
