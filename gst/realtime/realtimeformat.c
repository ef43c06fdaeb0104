/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "realtimeformat.h"

static const struct
{
  const char *name;
  guint rate;     /* samples per second */
  guint width;    /* bytes per sample */
  guint8 silence; /* the byte that is no sound */
} formats[GST_REALTIME_N_FORMATS] = {
  [GST_REALTIME_FORMAT_PCM] = { "audio/pcm", 24000, 2, 0x00 },
  [GST_REALTIME_FORMAT_PCMA] = { "audio/pcma", 8000, 1, 0xd5 },
  [GST_REALTIME_FORMAT_PCMU] = { "audio/pcmu", 8000, 1, 0xff },
};

/* The type name in session.audio.*.format. */
const char *
gst_realtime_format_get_name (GstRealtimeFormat format)
{
  return formats[format].name;
}

/* Returns: the #GstRealtimeFormat of that type name; -1: none of them */
gint
gst_realtime_format_from_name (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (formats[i].name, name))
      return i;
  return -1;
}

guint
gst_realtime_format_get_rate (GstRealtimeFormat format)
{
  return formats[format].rate;
}

/* Bytes per sample. */
guint
gst_realtime_format_get_width (GstRealtimeFormat format)
{
  return formats[format].width;
}

guint
gst_realtime_format_get_bytes_per_ms (GstRealtimeFormat format)
{
  return formats[format].rate / 1000 * formats[format].width;
}

guint8
gst_realtime_format_get_silence (GstRealtimeFormat format)
{
  return formats[format].silence;
}

/**
 * gst_realtime_format_from_caps:
 * @caps: caps of one of the bin's pads
 *
 * Returns: the API's format for them: G.711 as it is when @caps hold nothing
 *   else, otherwise PCM
 */
GstRealtimeFormat
gst_realtime_format_from_caps (const GstCaps *caps)
{
  gboolean alaw = FALSE, mulaw = FALSE;

  if (gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return GST_REALTIME_FORMAT_PCM;

  for (guint i = 0; i < gst_caps_get_size (caps); i++)
    {
      const GstStructure *s = gst_caps_get_structure (caps, i);

      if (gst_structure_has_name (s, "audio/x-alaw"))
        alaw = TRUE;
      else if (gst_structure_has_name (s, "audio/x-mulaw"))
        mulaw = TRUE;
      else
        return GST_REALTIME_FORMAT_PCM;
    }

  if (alaw && mulaw)
    return GST_REALTIME_FORMAT_PCM;
  return alaw ? GST_REALTIME_FORMAT_PCMA : GST_REALTIME_FORMAT_PCMU;
}

/* ITU-T G.711, tables 1 and 2. Needed only where the two ends of the bin speak
 * different formats for a moment (renegotiation): G.711 normally passes. */

static inline gint16
decode_alaw (guint8 code)
{
  guint8 v = code ^ 0x55;
  guint segment = (v >> 4) & 7;
  int magnitude = ((v & 0x0f) << 4) + 8;

  if (segment > 0)
    magnitude = (magnitude + 0x100) << (segment - 1);
  return (v & 0x80) ? magnitude : -magnitude;
}

static inline gint16
decode_mulaw (guint8 code)
{
  guint8 v = ~code;
  int magnitude = ((((v & 0x0f) << 3) + 0x84) << ((v >> 4) & 7)) - 0x84;

  return (v & 0x80) ? -magnitude : magnitude;
}

static inline guint8
encode_alaw (gint16 sample)
{
  int magnitude = sample >= 0 ? sample : -1 - sample;
  guint segment = 0;
  guint8 v;

  if (magnitude >= 256)
    segment = g_bit_storage (magnitude) - 8;
  v = (segment << 4) | ((magnitude >> (segment == 0 ? 4 : segment + 3)) & 0x0f);
  return (sample >= 0 ? v | 0x80 : v) ^ 0x55;
}

static inline guint8
encode_mulaw (gint16 sample)
{
  int magnitude = MIN (sample >= 0 ? sample : -sample, 32635) + 0x84;
  guint segment = g_bit_storage (magnitude) - 8;
  guint8 v = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);

  return ~(sample >= 0 ? v : v | 0x80);
}

/**
 * gst_realtime_g711_decode:
 * @format: PCMA or PCMU
 * @in: @n code words
 * @out: room for @n samples
 */
void
gst_realtime_g711_decode (GstRealtimeFormat format, const guint8 *in, gint16 *out, gsize n)
{
  if (format == GST_REALTIME_FORMAT_PCMA)
    for (gsize i = 0; i < n; i++)
      out[i] = decode_alaw (in[i]);
  else
    for (gsize i = 0; i < n; i++)
      out[i] = decode_mulaw (in[i]);
}

/* The inverse of gst_realtime_g711_decode(). */
void
gst_realtime_g711_encode (GstRealtimeFormat format, const gint16 *in, guint8 *out, gsize n)
{
  if (format == GST_REALTIME_FORMAT_PCMA)
    for (gsize i = 0; i < n; i++)
      out[i] = encode_alaw (in[i]);
  else
    for (gsize i = 0; i < n; i++)
      out[i] = encode_mulaw (in[i]);
}
