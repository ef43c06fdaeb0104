/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-voice-format.h"

#include <gst/audio/audio.h>
#include <string.h>

#include "bb-g711.h"

/**
 * bb_voice_format_from_caps:
 * @self: (out): the format
 * @caps: fixed
 */
void
bb_voice_format_from_caps (BbVoiceFormat *self, const GstCaps *caps)
{
  GstStructure *s = gst_caps_get_structure (caps, 0);
  int rate = 8000;

  *self = (BbVoiceFormat){ .encoding = BB_VOICE_NONE };
  if (gst_structure_has_name (s, "audio/x-raw"))
    {
      GstAudioInfo info;

      if (!gst_audio_info_from_caps (&info, caps)
          || (GST_AUDIO_INFO_LAYOUT (&info) != GST_AUDIO_LAYOUT_INTERLEAVED
              && GST_AUDIO_INFO_CHANNELS (&info) > 1))
        return;
      self->rate = (guint) GST_AUDIO_INFO_RATE (&info);
      self->channels = (guint) GST_AUDIO_INFO_CHANNELS (&info);
      if (GST_AUDIO_INFO_FORMAT (&info) == GST_AUDIO_FORMAT_S16)
        self->encoding = BB_VOICE_S16;
      else if (GST_AUDIO_INFO_FORMAT (&info) == GST_AUDIO_FORMAT_F32)
        self->encoding = BB_VOICE_F32;
      return;
    }

  gst_structure_get_int (s, "rate", &rate);
  self->rate = (guint) rate;
  self->channels = 1;
  if (gst_structure_has_name (s, "audio/x-alaw"))
    self->encoding = BB_VOICE_ALAW;
  else if (gst_structure_has_name (s, "audio/x-mulaw"))
    self->encoding = BB_VOICE_ULAW;
}

static gsize
bytes_per_frame (const BbVoiceFormat *self)
{
  switch (self->encoding)
    {
    case BB_VOICE_S16:
      return 2 * (gsize) self->channels;
    case BB_VOICE_F32:
      return 4 * (gsize) self->channels;
    case BB_VOICE_ALAW:
    case BB_VOICE_ULAW:
    case BB_VOICE_NONE:
    default:
      return 1;
    }
}

/**
 * bb_voice_format_count:
 * @self: a format
 * @size: bytes
 *
 * Returns: how many samples of each channel they are
 */
gsize
bb_voice_format_count (const BbVoiceFormat *self, gsize size)
{
  return self->encoding == BB_VOICE_NONE ? 0 : size / bytes_per_frame (self);
}

static gint16
from_float (float value)
{
  return (gint16) CLAMP (value * 32768.0f, -32768.0f, 32767.0f);
}

/**
 * bb_voice_format_read:
 * @self: a format
 * @data: @n frames
 * @n: how many
 * @mono: (out caller-allocates): @n samples, the mean of the channels
 */
void
bb_voice_format_read (const BbVoiceFormat *self, const guint8 *data, gsize n, gint16 *mono)
{
  const guint channels = self->channels;

  switch (self->encoding)
    {
    case BB_VOICE_ALAW:
    case BB_VOICE_ULAW:
      bb_g711_decode (self->encoding == BB_VOICE_ALAW, data, n, mono);
      break;
    case BB_VOICE_S16:
      if (channels == 1)
        {
          memcpy (mono, data, n * sizeof *mono);
          break;
        }
      for (gsize i = 0; i < n; i++)
        {
          const gint16 *frame = (const gint16 *) (const void *) data + i * channels;
          int sum = 0;

          for (guint c = 0; c < channels; c++)
            sum += frame[c];
          mono[i] = (gint16) (sum / (int) channels);
        }
      break;
    case BB_VOICE_F32:
      for (gsize i = 0; i < n; i++)
        {
          const float *frame = (const float *) (const void *) data + i * channels;
          float sum = 0;

          for (guint c = 0; c < channels; c++)
            sum += frame[c];
          mono[i] = from_float (sum / (float) channels);
        }
      break;
    case BB_VOICE_NONE:
    default:
      memset (mono, 0, n * sizeof *mono);
      break;
    }
}

void
bb_voice_format_silence (const BbVoiceFormat *self, guint8 *data, gsize size)
{
  static const gint16 zero = 0;
  guint8 octet = 0;

  if (self->encoding == BB_VOICE_ALAW || self->encoding == BB_VOICE_ULAW)
    bb_g711_encode (self->encoding == BB_VOICE_ALAW, &zero, 1, &octet);
  memset (data, octet, size);
}

/* G.711 octets to which nothing is done stay the same octets. */
static void
mix_g711 (gboolean alaw, guint8 *data, gsize n, float from, float to, const gint16 *add)
{
  const float step = (to - from) / (float) n;
  const gboolean whole = from >= 1 && to >= 1;

  for (gsize i = 0; i < n; i++)
    {
      float sum;
      gint16 sample;

      if (whole && add[i] == 0)
        continue;
      bb_g711_decode (alaw, data + i, 1, &sample);
      sum = (float) sample * (from + step * (float) i) + (float) add[i];
      sample = (gint16) CLAMP (sum, -32768.0f, 32767.0f);
      bb_g711_encode (alaw, &sample, 1, data + i);
    }
}

/**
 * bb_voice_format_mix:
 * @self: a format
 * @data: @n frames, changed in place
 * @n: how many
 * @from: what @data is multiplied by at the begin, 0 to 1
 * @to: and at the end
 * @add: @n samples that come on top, on every channel
 */
void
bb_voice_format_mix (const BbVoiceFormat *self,
                     guint8 *data,
                     gsize n,
                     float from,
                     float to,
                     const gint16 *add)
{
  const float step = (to - from) / (float) MAX (n, 1);
  const guint channels = self->channels;

  switch (self->encoding)
    {
    case BB_VOICE_ALAW:
    case BB_VOICE_ULAW:
      mix_g711 (self->encoding == BB_VOICE_ALAW, data, n, from, to, add);
      break;
    case BB_VOICE_S16:
      for (gsize i = 0; i < n * channels; i++)
        {
          gint16 *sample = (gint16 *) (void *) data + i;
          float sum = (float) *sample * (from + step * (float) (i / channels))
                      + (float) add[i / channels];

          *sample = (gint16) CLAMP (sum, -32768.0f, 32767.0f);
        }
      break;
    case BB_VOICE_F32:
      for (gsize i = 0; i < n * channels; i++)
        {
          float *sample = (float *) (void *) data + i;

          *sample = *sample * (from + step * (float) (i / channels))
                    + (float) add[i / channels] / 32768.0f;
        }
      break;
    case BB_VOICE_NONE:
    default:
      break;
    }
}

/**
 * bb_voice_fade:
 * @samples: changed in place
 * @n: how many
 * @from: factor at the begin
 * @to: factor at the end
 */
void
bb_voice_fade (gint16 *samples, gsize n, float from, float to)
{
  const float step = (to - from) / (float) MAX (n, 1);

  if (from >= 1 && to >= 1)
    return;
  for (gsize i = 0; i < n; i++)
    samples[i] = (gint16) ((float) samples[i] * (from + step * (float) i));
}
