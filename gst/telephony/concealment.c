/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "concealment.h"

#include <string.h>

/**
 * g711_fade:
 * @samples: G.711, changed in place
 * @size: octets
 * @alaw: A-law, else µ-law
 * @steps: of about 6 dB each
 *
 * A G.711 octet is sign, three bits of exponent, four of mantissa: taking one
 * off the exponent halves the sample, with no decoding.
 */
void
g711_fade (guint8 *samples, gsize size, gboolean alaw, guint steps)
{
  const guint8 mask = alaw ? 0x55 : 0xff; /* even bits inverted, or all (ITU-T G.711) */
  guint down = 16 * MIN (steps, 8);

  for (gsize i = 0; i < size; i++)
    {
      guint8 code = samples[i] ^ mask;
      guint magnitude = code & 0x7f;

      magnitude = magnitude > down ? magnitude - down : 0;
      samples[i] = (guint8) ((code & 0x80) | magnitude) ^ mask;
    }
}

/**
 * l16_fade:
 * @samples: 16 bit, big endian, changed in place
 * @size: octets
 * @steps: of 6 dB each
 */
void
l16_fade (guint8 *samples, gsize size, guint steps)
{
  for (gsize i = 0; i + 1 < size; i += 2)
    {
      gint16 value = (gint16) (samples[i] << 8 | samples[i + 1]);

      value = (gint16) (value / (1 << MIN (steps, 15)));
      samples[i] = (guint8) (value >> 8);
      samples[i + 1] = (guint8) value;
    }
}

/**
 * opus_packet_samples:
 * @payload: one Opus packet
 * @size: its bytes
 *
 * RFC 6716 section 3.1.
 *
 * Returns: its duration in samples of 48 kHz, 0 when it makes no sense
 */
guint
opus_packet_samples (const guint8 *payload, gsize size)
{
  static const guint silk[] = { 480, 960, 1920, 2880 };
  static const guint celt[] = { 120, 240, 480, 960 };
  guint config;
  guint frame;
  guint n;

  if (size < 1)
    return 0;

  config = payload[0] >> 3;
  if (config < 12)
    frame = silk[config & 3];
  else if (config < 16)
    frame = silk[config & 1];
  else
    frame = celt[config & 3];

  switch (payload[0] & 3)
    {
    case 0:
      n = 1;
      break;
    case 3:
      n = size > 1 ? payload[1] & 0x3f : 0;
      break;
    default:
      n = 2;
      break;
    }

  return n * frame <= 5760 ? n * frame : 0;
}
