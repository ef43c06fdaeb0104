/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-audio.h"

#include <gst/audio/audio.h>
#include <math.h>

/* -3 dBFS: loud, and the resampler's ringing still does not clip. */
#define TARGET_PEAK 23197

static const struct
{
  const char *type;
  guint rate;
  guint sample_bytes;
} formats[] = {
  [SIM_FORMAT_PCM] = { "audio/pcm", 24000, 2 },
  [SIM_FORMAT_PCMU] = { "audio/pcmu", 8000, 1 },
  [SIM_FORMAT_PCMA] = { "audio/pcma", 8000, 1 },
};

gboolean
sim_format_from_type (const char *type, SimFormat *format)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      if (g_strcmp0 (type, formats[i].type) == 0)
        {
          *format = i;
          return TRUE;
        }
    }
  return FALSE;
}

const char *
sim_format_get_type_name (SimFormat format)
{
  return formats[format].type;
}

/* Samples per second. */
guint
sim_format_get_rate (SimFormat format)
{
  return formats[format].rate;
}

guint
sim_format_get_sample_bytes (SimFormat format)
{
  return formats[format].sample_bytes;
}

guint
sim_format_get_bytes_per_ms (SimFormat format)
{
  return formats[format].rate / 1000 * formats[format].sample_bytes;
}

/* ITU-T G.711, written out here so that a mistake of the element's codec path
 * is not mirrored. */
gint16
sim_ulaw_decode (guint8 code)
{
  code = ~code;
  int magnitude = (((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4);
  return (code & 0x80) ? 0x84 - magnitude : magnitude - 0x84;
}

guint8
sim_ulaw_encode (gint16 sample)
{
  int value = sample;
  guint8 sign = 0;
  if (value < 0)
    {
      value = -value;
      sign = 0x80;
    }
  value = MIN (value, 32635) + 0x84;
  int segment = 7;
  for (int mask = 0x4000; segment > 0 && !(value & mask); mask >>= 1)
    segment--;
  return ~(sign | (segment << 4) | ((value >> (segment + 3)) & 0x0f));
}

gint16
sim_alaw_decode (guint8 code)
{
  code ^= 0x55;
  int magnitude = (code & 0x0f) << 4;
  int segment = (code & 0x70) >> 4;
  if (segment == 0)
    magnitude += 8;
  else
    magnitude = (magnitude + 0x108) << (segment - 1);
  return (code & 0x80) ? magnitude : -magnitude;
}

guint8
sim_alaw_encode (gint16 sample)
{
  int value = sample >> 3;
  guint8 mask = 0xd5;
  if (value < 0)
    {
      mask = 0x55;
      value = -value - 1;
    }
  int segment = 0;
  while (segment < 7 && value > (0x20 << segment) - 1)
    segment++;
  return ((segment << 4) | ((value >> (segment < 2 ? 1 : segment)) & 0x0f)) ^ mask;
}

static const gint16 *
get_decode_table (SimFormat format)
{
  static gint16 tables[2][256];
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      for (guint i = 0; i < 256; i++)
        {
          tables[0][i] = sim_ulaw_decode (i);
          tables[1][i] = sim_alaw_decode (i);
        }
      g_once_init_leave (&ready, 1);
    }
  return tables[format == SIM_FORMAT_PCMU ? 0 : 1];
}

/**
 * sim_audio_decode:
 * @data: n_samples * sim_format_get_sample_bytes() bytes
 * @samples: (out): room for @n_samples, host byte order
 */
void
sim_audio_decode (SimFormat format, const guint8 *data, gsize n_samples, gint16 *samples)
{
  if (format == SIM_FORMAT_PCM)
    {
      for (gsize i = 0; i < n_samples; i++)
        samples[i] = (gint16) (data[2 * i] | data[2 * i + 1] << 8);
      return;
    }
  const gint16 *table = get_decode_table (format);
  for (gsize i = 0; i < n_samples; i++)
    samples[i] = table[data[i]];
}

/**
 * sim_audio_encode:
 *
 * Returns: (transfer full): @samples as bytes of @format, at the rate they have
 */
GBytes *
sim_audio_encode (SimFormat format, const gint16 *samples, gsize n_samples)
{
  gsize size = n_samples * formats[format].sample_bytes;
  guint8 *data = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < n_samples; i++)
    {
      switch (format)
        {
        case SIM_FORMAT_PCM:
          data[2 * i] = samples[i] & 0xff;
          data[2 * i + 1] = (samples[i] >> 8) & 0xff;
          break;
        case SIM_FORMAT_PCMU:
          data[i] = sim_ulaw_encode (samples[i]);
          break;
        case SIM_FORMAT_PCMA:
          data[i] = sim_alaw_encode (samples[i]);
          break;
        }
    }
  return g_bytes_new_take (data, size);
}

/* Resamples by GstAudioConverter. Its filter is centred, so that the start is
 * where it was; the end comes out once as much silence has followed. */
static GArray *
resample (const gint16 *samples, gsize n_samples, guint from, guint to)
{
  GstAudioInfo in_info, out_info;
  gst_audio_info_set_format (&in_info, GST_AUDIO_FORMAT_S16, from, 1, NULL);
  gst_audio_info_set_format (&out_info, GST_AUDIO_FORMAT_S16, to, 1, NULL);
  GstAudioConverter *converter
      = gst_audio_converter_new (GST_AUDIO_CONVERTER_FLAG_NONE, &in_info, &out_info, NULL);

  gsize n_in = n_samples + gst_audio_converter_get_max_latency (converter) + 1;
  g_autofree gint16 *padded = g_new0 (gint16, n_in);
  memcpy (padded, samples, n_samples * sizeof (gint16));
  gsize n_out = gst_audio_converter_get_out_frames (converter, n_in);

  GArray *all = g_array_new (FALSE, TRUE, sizeof (gint16));
  g_array_set_size (all, n_out);
  gpointer in[1] = { padded };
  gpointer out[1] = { all->data };
  gst_audio_converter_samples (converter, GST_AUDIO_CONVERTER_FLAG_NONE, in, n_in, out, n_out);
  gst_audio_converter_free (converter);

  g_array_set_size (all, gst_util_uint64_scale (n_samples, to, from));
  return all;
}

/**
 * sim_audio_render:
 * @rate: samples per second of @samples
 *
 * Brings synthesized speech to the rate, level (-3 dBFS peak) and coding that
 * the client asked for.
 *
 * Returns: (transfer full): bytes of @format
 */
GBytes *
sim_audio_render (const gint16 *samples, gsize n_samples, guint rate, SimFormat format)
{
  if (n_samples == 0)
    return g_bytes_new (NULL, 0);

  g_autoptr (GArray) audio = resample (samples, n_samples, rate, formats[format].rate);
  gint16 *data = (gint16 *) audio->data;
  int peak = 1;
  for (guint i = 0; i < audio->len; i++)
    peak = MAX (peak, ABS ((int) data[i]));
  for (guint i = 0; i < audio->len; i++)
    data[i] = (int) data[i] * TARGET_PEAK / peak;
  return sim_audio_encode (format, data, audio->len);
}
