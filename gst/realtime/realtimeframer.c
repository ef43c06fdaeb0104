/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Makes exact frames of what is in the playout queue, in the format that
 * downstream wants. It takes from the queue just the input that one frame
 * needs, so nothing is lost, doubled or padded inside an utterance, and what
 * left is known to the frame.
 *
 * If the queue holds what downstream wants (24 kHz mono, or the same G.711)
 * the samples are copied; otherwise G.711 is decoded, GstAudioConverter
 * converts, and G.711 is encoded, as far as each is needed.
 */
#include "realtimeframer.h"

#include <gst/audio/audio.h>
#include <string.h>

struct _GstRealtimeFramer
{
  GstRealtimePlayout *playout;
  gboolean raw; /* downstream takes audio/x-raw as in info, else G.711 as in format */
  GstAudioInfo info;
  GstRealtimeFormat format;
  gboolean is_api; /* frames are made of samples in format as they are */

  GstAudioConverter *converter; /* from 'from' to info */
  GstRealtimeFormat from;
  gboolean running; /* the converter holds samples of an utterance */
  gsize tail;       /* zeros it is still to be fed after the utterance, frames */

  GByteArray *in;  /* as taken */
  GByteArray *pcm; /* decoded, or about to be encoded */
};

/* @playout: (transfer none): must outlive the framer */
GstRealtimeFramer *
gst_realtime_framer_new (GstRealtimePlayout *playout)
{
  GstRealtimeFramer *self = g_new0 (GstRealtimeFramer, 1);

  self->playout = playout;
  self->in = g_byte_array_new ();
  self->pcm = g_byte_array_new ();
  return self;
}

void
gst_realtime_framer_free (GstRealtimeFramer *self)
{
  g_clear_pointer (&self->converter, gst_audio_converter_free);
  g_byte_array_unref (self->in);
  g_byte_array_unref (self->pcm);
  g_free (self);
}

/* @caps: fixed. Returns: whether frames can be made in this format */
gboolean
gst_realtime_framer_set_caps (GstRealtimeFramer *self, const GstCaps *caps)
{
  g_clear_pointer (&self->converter, gst_audio_converter_free);
  self->running = FALSE;
  self->tail = 0;
  self->format = gst_realtime_format_from_caps (caps);
  self->raw = self->format == GST_REALTIME_FORMAT_PCM;
  if (self->raw)
    {
      if (!gst_audio_info_from_caps (&self->info, caps))
        return FALSE;
    }
  else
    gst_audio_info_set_format (&self->info, GST_AUDIO_FORMAT_S16,
                               gst_realtime_format_get_rate (self->format), 1, NULL);
  self->is_api = !self->raw || (GST_AUDIO_INFO_FORMAT (&self->info) == GST_AUDIO_FORMAT_S16LE &&
                                GST_AUDIO_INFO_CHANNELS (&self->info) == 1 &&
                                GST_AUDIO_INFO_RATE (&self->info) ==
                                    (int)gst_realtime_format_get_rate (self->format));
  return TRUE;
}

guint
gst_realtime_framer_get_rate (GstRealtimeFramer *self)
{
  return GST_AUDIO_INFO_RATE (&self->info);
}

/* Bytes of one sample of all channels. */
guint
gst_realtime_framer_get_bytes_per_frame (GstRealtimeFramer *self)
{
  return self->raw ? (guint)GST_AUDIO_INFO_BPF (&self->info) : 1;
}

static void
fill_silence (GstRealtimeFramer *self, guint8 *dest, gsize frames)
{
  if (self->raw)
    gst_audio_format_info_fill_silence (self->info.finfo, dest,
                                        frames * GST_AUDIO_INFO_BPF (&self->info));
  else
    memset (dest, gst_realtime_format_get_silence (self->format), frames);
}

static gboolean
ensure_converter (GstRealtimeFramer *self, GstRealtimeFormat from)
{
  GstAudioInfo in;

  if (self->converter != NULL && self->from == from)
    return TRUE;
  g_clear_pointer (&self->converter, gst_audio_converter_free);
  gst_audio_info_set_format (&in,
                             from == GST_REALTIME_FORMAT_PCM ? GST_AUDIO_FORMAT_S16LE
                                                             : GST_AUDIO_FORMAT_S16,
                             gst_realtime_format_get_rate (from), 1, NULL);
  self->converter = gst_audio_converter_new (GST_AUDIO_CONVERTER_FLAG_NONE, &in, &self->info, NULL);
  self->from = from;
  self->running = FALSE;
  self->tail = 0;
  return self->converter != NULL;
}

static void
stop_converter (GstRealtimeFramer *self)
{
  if (self->running)
    gst_audio_converter_reset (self->converter);
  self->running = FALSE;
  self->tail = 0;
}

/* Input frames for @frames of output. After a reset the filter has to be
 * filled first, which get_in_frames() leaves out. */
static gsize
get_need (GstRealtimeFramer *self, gsize frames)
{
  gsize need = gst_audio_converter_get_in_frames (self->converter, frames);

  while (gst_audio_converter_get_out_frames (self->converter, need) < frames)
    need++;
  return need;
}

/* Runs @need input frames (in self->in) through the converter into @dest. */
static void
convert (GstRealtimeFramer *self, guint8 *dest, gsize need, gsize frames)
{
  gpointer in[1] = { self->in->data };
  gpointer out[1] = { dest };

  if (self->from != GST_REALTIME_FORMAT_PCM)
    {
      g_byte_array_set_size (self->pcm, need * 2);
      gst_realtime_g711_decode (self->from, self->in->data, (gint16 *)self->pcm->data, need);
      in[0] = self->pcm->data;
    }
  if (self->raw)
    gst_audio_converter_samples (self->converter, GST_AUDIO_CONVERTER_FLAG_NONE, in, need, out,
                                 frames);
  else
    {
      g_autofree gint16 *pcm = g_new (gint16, frames);

      out[0] = pcm;
      gst_audio_converter_samples (self->converter, GST_AUDIO_CONVERTER_FLAG_NONE, in, need, out,
                                   frames);
      gst_realtime_g711_encode (self->format, pcm, dest, frames);
    }
  self->running = TRUE;
}

/* No audio (any longer): the converter's last samples, then silence. */
static gboolean
fill_tail (GstRealtimeFramer *self, guint8 *dest, gsize frames)
{
  gsize need, width;

  if (self->tail == 0)
    self->tail = MAX (gst_audio_converter_get_max_latency (self->converter), 1);
  need = get_need (self, frames);
  width = gst_realtime_format_get_width (self->from);
  g_byte_array_set_size (self->in, MAX (need * width, 1));
  memset (self->in->data, gst_realtime_format_get_silence (self->from), need * width);
  convert (self, dest, need, frames);
  if (need >= self->tail)
    stop_converter (self);
  else
    self->tail -= need;
  return TRUE;
}

/**
 * gst_realtime_framer_fill:
 * @dest: room for @frames
 * @frames: samples per channel of this frame
 *
 * Always fills @dest: with speech, or with silence where there is none.
 *
 * Returns: whether it holds any speech
 */
gboolean
gst_realtime_framer_fill (GstRealtimeFramer *self, guint8 *dest, gsize frames)
{
  GstRealtimeHead head;
  gsize need, width, taken;
  gboolean direct;

  gst_realtime_playout_begin_frame (self->playout,
                                    gst_util_uint64_scale (frames, GST_SECOND,
                                                           gst_realtime_framer_get_rate (self)),
                                    &head);

  if (head.interrupted)
    stop_converter (self);
  if (!head.has_audio)
    {
      if (self->running && !head.waiting)
        return fill_tail (self, dest, frames);
      fill_silence (self, dest, frames);
      return FALSE;
    }

  direct = self->is_api && head.format == self->format;
  if (!direct && !ensure_converter (self, head.format))
    {
      fill_silence (self, dest, frames);
      return FALSE;
    }

  width = gst_realtime_format_get_width (head.format);
  need = direct ? frames : get_need (self, frames);
  g_byte_array_set_size (self->in, need * width);
  taken = gst_realtime_playout_take (self->playout, direct ? dest : self->in->data, need * width);
  if (taken == 0)
    {
      /* The rest of this utterance is late: wait for a whole frame of it. */
      fill_silence (self, dest, frames);
      return FALSE;
    }

  if (direct)
    {
      memset (dest + taken, gst_realtime_format_get_silence (head.format), need * width - taken);
      return TRUE;
    }
  self->tail = 0;
  memset (self->in->data + taken, gst_realtime_format_get_silence (head.format),
          need * width - taken);
  convert (self, dest, need, frames);
  return TRUE;
}
