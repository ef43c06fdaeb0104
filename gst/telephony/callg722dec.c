/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-callg722dec
 * @title: callg722dec
 *
 * Decodes G.722 at 64 kbit/s (ITU-T G.722) with spandsp, and conceals what a
 * GAP event says is missing. One buffer in, one out, with no delay.
 *
 * |[
 * gst-launch-1.0 udpsrc port=4000 caps="application/x-rtp,media=audio,clock-rate=8000,
 *   encoding-name=G722,payload=9" ! rtpg722depay ! callg722dec ! autoaudiosink
 * ]|
 */
#include "callg722dec.h"

#include <stdint.h>

#include <spandsp/telephony.h>
#include <spandsp/g722.h>
#include <spandsp/plc.h>

#define MAX_CONCEALED (CALL_G722_RATE / 2) /* samples of one gap */

struct _GstCallG722Dec
{
  GstAudioDecoder parent_instance;

  g722_decode_state_t *state; /* owned; NULL until started */
  plc_state_t plc;
};

G_DEFINE_FINAL_TYPE (GstCallG722Dec, gst_call_g722_dec, GST_TYPE_AUDIO_DECODER)
GST_ELEMENT_REGISTER_DEFINE (callg722dec, "callg722dec", GST_RANK_PRIMARY, GST_TYPE_CALL_G722_DEC);

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("audio/G722, rate=(int)16000, channels=(int)1"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("audio/x-raw, format=(string)" GST_AUDIO_NE (S16) ", "
                     "layout=(string)interleaved, rate=(int)16000, channels=(int)1"));

static void
reset (GstCallG722Dec *self)
{
  self->state = g722_decode_init (self->state, 64000, 0);
  plc_init (&self->plc);
}

static gboolean
gst_call_g722_dec_start (GstAudioDecoder *decoder)
{
  gst_audio_decoder_set_plc_aware (decoder, TRUE); /* forgotten at each start */
  reset (GST_CALL_G722_DEC (decoder));
  return TRUE;
}

static gboolean
gst_call_g722_dec_stop (GstAudioDecoder *decoder)
{
  GstCallG722Dec *self = GST_CALL_G722_DEC (decoder);

  g_clear_pointer (&self->state, g722_decode_free);
  return TRUE;
}

static gboolean
gst_call_g722_dec_set_format (GstAudioDecoder *decoder, GstCaps *caps)
{
  GstAudioInfo info;

  gst_audio_info_set_format (&info, GST_AUDIO_FORMAT_S16, CALL_G722_RATE, 1, NULL);
  return gst_audio_decoder_set_output_format (decoder, &info);
}

static void
gst_call_g722_dec_flush (GstAudioDecoder *decoder, gboolean hard)
{
  reset (GST_CALL_G722_DEC (decoder));
}

/* An empty buffer: its duration is missing. */
static GstBuffer *
conceal (GstCallG722Dec *self, GstClockTime duration)
{
  guint64 n = GST_CLOCK_TIME_IS_VALID (duration)
                  ? gst_util_uint64_scale (duration, CALL_G722_RATE, GST_SECOND)
                  : 0;
  GstBuffer *buffer;
  GstMapInfo map;

  n = CLAMP (n, 1, MAX_CONCEALED);
  buffer = gst_audio_decoder_allocate_output_buffer (GST_AUDIO_DECODER (self), n * 2);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  plc_fillin (&self->plc, (gint16 *) (gpointer) map.data, (int) n);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static GstFlowReturn
gst_call_g722_dec_handle_frame (GstAudioDecoder *decoder, GstBuffer *input)
{
  GstCallG722Dec *self = GST_CALL_G722_DEC (decoder);
  GstBuffer *output;
  GstMapInfo in;
  GstMapInfo out;
  int n;

  if (input == NULL)
    return GST_FLOW_OK; /* nothing is held back */
  if (gst_buffer_get_size (input) == 0)
    return gst_audio_decoder_finish_frame (decoder, conceal (self, GST_BUFFER_DURATION (input)), 1);

  if (!gst_buffer_map (input, &in, GST_MAP_READ))
    return GST_FLOW_ERROR;
  output = gst_audio_decoder_allocate_output_buffer (decoder, in.size * 4);
  gst_buffer_map (output, &out, GST_MAP_WRITE);
  n = g722_decode (self->state, (gint16 *) (gpointer) out.data, in.data, (int) in.size);
  plc_rx (&self->plc, (gint16 *) (gpointer) out.data, n);
  gst_buffer_unmap (output, &out);
  gst_buffer_unmap (input, &in);
  return gst_audio_decoder_finish_frame (decoder, output, 1);
}

static void
gst_call_g722_dec_class_init (GstCallG722DecClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAudioDecoderClass *decoder_class = GST_AUDIO_DECODER_CLASS (klass);

  decoder_class->start = gst_call_g722_dec_start;
  decoder_class->stop = gst_call_g722_dec_stop;
  decoder_class->set_format = gst_call_g722_dec_set_format;
  decoder_class->flush = gst_call_g722_dec_flush;
  decoder_class->handle_frame = gst_call_g722_dec_handle_frame;

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "G.722 decoder", "Codec/Decoder/Audio",
                                         "Decodes wideband telephone speech", "Bestellbot");
}

static void
gst_call_g722_dec_init (GstCallG722Dec *self)
{
  GstAudioDecoder *decoder = GST_AUDIO_DECODER (self);

  gst_audio_decoder_set_needs_format (decoder, TRUE);
  gst_audio_decoder_set_plc (decoder, TRUE);
  gst_audio_decoder_set_use_default_pad_acceptcaps (decoder, TRUE);
}
