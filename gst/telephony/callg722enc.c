/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-callg722enc
 * @title: callg722enc
 *
 * Encodes G.722 at 64 kbit/s (ITU-T G.722) with spandsp: two samples make an
 * octet. One buffer in, one out, with no delay.
 *
 * |[
 * gst-launch-1.0 audiotestsrc ! audio/x-raw,rate=16000,channels=1 ! callg722enc !
 *   rtpg722pay ! udpsink host=192.0.2.1 port=4000
 * ]|
 */
#include "callg722enc.h"

#include <stdint.h>

#include <spandsp/telephony.h>
#include <spandsp/g722.h>

struct _GstCallG722Enc
{
  GstAudioEncoder parent_instance;

  g722_encode_state_t *state; /* owned; NULL until started */
};

G_DEFINE_FINAL_TYPE (GstCallG722Enc, gst_call_g722_enc, GST_TYPE_AUDIO_ENCODER)
GST_ELEMENT_REGISTER_DEFINE (callg722enc, "callg722enc", GST_RANK_PRIMARY, GST_TYPE_CALL_G722_ENC);

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("audio/x-raw, format=(string)" GST_AUDIO_NE (S16) ", "
                     "layout=(string)interleaved, rate=(int)16000, channels=(int)1"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("audio/G722, rate=(int)16000, channels=(int)1"));

static gboolean
gst_call_g722_enc_start (GstAudioEncoder *encoder)
{
  GstCallG722Enc *self = GST_CALL_G722_ENC (encoder);

  self->state = g722_encode_init (self->state, 64000, 0);
  return TRUE;
}

static gboolean
gst_call_g722_enc_stop (GstAudioEncoder *encoder)
{
  GstCallG722Enc *self = GST_CALL_G722_ENC (encoder);

  g_clear_pointer (&self->state, g722_encode_free);
  return TRUE;
}

static gboolean
gst_call_g722_enc_set_format (GstAudioEncoder *encoder, GstAudioInfo *info)
{
  g_autoptr (GstCaps) caps = gst_static_pad_template_get_caps (&src_template);

  return gst_audio_encoder_set_output_format (encoder, caps);
}

static void
gst_call_g722_enc_flush (GstAudioEncoder *encoder)
{
  gst_call_g722_enc_start (encoder);
}

static GstFlowReturn
gst_call_g722_enc_handle_frame (GstAudioEncoder *encoder, GstBuffer *input)
{
  GstCallG722Enc *self = GST_CALL_G722_ENC (encoder);
  GstBuffer *output;
  GstMapInfo in;
  GstMapInfo out;
  int n_samples;
  int n;

  if (input == NULL)
    return GST_FLOW_OK; /* nothing is held back */
  if (!gst_buffer_map (input, &in, GST_MAP_READ))
    return GST_FLOW_ERROR;

  n_samples = (int) (in.size / 4 * 2); /* pairs */
  output = gst_audio_encoder_allocate_output_buffer (encoder, MAX ((gsize) n_samples / 2, 1));
  gst_buffer_map (output, &out, GST_MAP_WRITE);
  n = g722_encode (self->state, out.data, (const gint16 *) (gconstpointer) in.data, n_samples);
  gst_buffer_unmap (output, &out);
  gst_buffer_unmap (input, &in);
  gst_buffer_set_size (output, n);
  return gst_audio_encoder_finish_frame (encoder, output, (int) (gst_buffer_get_size (input) / 2));
}

static void
gst_call_g722_enc_class_init (GstCallG722EncClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAudioEncoderClass *encoder_class = GST_AUDIO_ENCODER_CLASS (klass);

  encoder_class->start = gst_call_g722_enc_start;
  encoder_class->stop = gst_call_g722_enc_stop;
  encoder_class->set_format = gst_call_g722_enc_set_format;
  encoder_class->flush = gst_call_g722_enc_flush;
  encoder_class->handle_frame = gst_call_g722_enc_handle_frame;

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "G.722 encoder", "Codec/Encoder/Audio",
                                         "Encodes wideband telephone speech", "Bestellbot");
}

static void
gst_call_g722_enc_init (GstCallG722Enc *self)
{
}
