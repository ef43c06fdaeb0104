/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-callopusdec
 * @title: callopusdec
 *
 * Decodes Opus (RFC 6716) to 24 kHz mono with libopus, and repairs what a GAP
 * event says is missing from the forward error correction that the packet
 * after it carries, else by concealment.
 *
 * Packets are never delayed for that, unlike with opusdec's `use-inband-fec`:
 * a GAP event waits for the packet that follows it, and callreorder pushes both
 * in a row. When another GAP event follows instead, the first is concealed.
 *
 * |[
 * gst-launch-1.0 udpsrc port=4000 caps="application/x-rtp,media=audio,clock-rate=48000,
 *   encoding-name=OPUS,payload=96" ! callreorder ! rtpopusdepay ! callopusdec ! autoaudiosink
 * ]|
 */
#include "callopusdec.h"

#include <opus.h>
#include <string.h>

#define MAX_SAMPLES (CALL_OPUS_RATE * 120 / 1000) /* of one packet (RFC 6716 section 3.2.5) */
#define STEP (CALL_OPUS_RATE / 400)               /* libopus conceals multiples of 2.5 ms */

enum
{
  PROP_0,
  PROP_STATS
};

struct _GstCallOpusDec
{
  GstAudioDecoder parent_instance;

  OpusDecoder *state; /* owned; NULL until started */
  int missing;        /* samples before the next packet, not made up yet */

  /* Read by other threads: relaxed atomics. */
  guint64 corrected; /* frames made from FEC */
  guint64 concealed;
  guint64 invalid; /* packets */
};

G_DEFINE_FINAL_TYPE (GstCallOpusDec, gst_call_opus_dec, GST_TYPE_AUDIO_DECODER)
GST_ELEMENT_REGISTER_DEFINE (callopusdec, "callopusdec", GST_RANK_NONE, GST_TYPE_CALL_OPUS_DEC);

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                               GST_STATIC_CAPS ("audio/x-opus, channel-mapping-family=(int)0"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("audio/x-raw, format=(string)" GST_AUDIO_NE (S16) ", "
                     "layout=(string)interleaved, rate=(int)24000, channels=(int)1"));

static void
count (guint64 *counter)
{
  __atomic_fetch_add (counter, 1, __ATOMIC_RELAXED);
}

static gboolean
gst_call_opus_dec_start (GstAudioDecoder *decoder)
{
  GstCallOpusDec *self = GST_CALL_OPUS_DEC (decoder);
  int error;

  gst_audio_decoder_set_plc_aware (decoder, TRUE); /* forgotten at each start */
  self->missing = 0;
  self->state = opus_decoder_create (CALL_OPUS_RATE, 1, &error);
  return self->state != NULL;
}

static gboolean
gst_call_opus_dec_stop (GstAudioDecoder *decoder)
{
  GstCallOpusDec *self = GST_CALL_OPUS_DEC (decoder);

  g_clear_pointer (&self->state, opus_decoder_destroy);
  return TRUE;
}

static gboolean
gst_call_opus_dec_set_format (GstAudioDecoder *decoder, GstCaps *caps)
{
  GstAudioInfo info;

  gst_audio_info_set_format (&info, GST_AUDIO_FORMAT_S16, CALL_OPUS_RATE, 1, NULL);
  return gst_audio_decoder_set_output_format (decoder, &info);
}

static void
gst_call_opus_dec_flush (GstAudioDecoder *decoder, gboolean hard)
{
  GstCallOpusDec *self = GST_CALL_OPUS_DEC (decoder);

  if (self->state != NULL)
    opus_decoder_ctl (self->state, OPUS_RESET_STATE);
  self->missing = 0;
}

/* Makes up @n samples: from @fec where there is one, else by concealment. */
static void
make_up (GstCallOpusDec *self, const guint8 *fec, gsize size, gint16 *out, int n)
{
  int made = fec != NULL ? opus_decode (self->state, fec, (opus_int32) size, out, n, 1) : -1;

  if (made == n)
    count (&self->corrected);
  else
    {
      made = opus_decode (self->state, NULL, 0, out, n, 0);
      count (&self->concealed);
    }
  if (made < n)
    memset (out + MAX (made, 0), 0, (gsize) (n - MAX (made, 0)) * 2);
}

/* A packet's own redundancy is that of the frame just before it: whether it has
 * any is what its first SILK frame says (RFC 6716 section 4.2.4). */
static gboolean
has_fec (const guint8 *data, gsize size)
{
  const unsigned char *frames[48];
  opus_int16 sizes[48];
  guint config = size > 0 ? data[0] >> 3 : 31;
  guint n_silk;
  int n;

  if (config >= 16) /* CELT only */
    return FALSE;
  n = opus_packet_parse (data, (opus_int32) size, NULL, frames, sizes, NULL);
  if (n < 1 || sizes[0] < 1)
    return FALSE;

  /* 10 and 20 ms hold one SILK frame, 40 two, 60 three; a bit of voice activity
   * for each of them, then that of the redundancy */
  n_silk = config >= 12 ? 1 : MAX (config & 3, 1);
  return (frames[0][0] >> (7 - n_silk) & 1) != 0;
}

static GstBuffer *
conceal_missing (GstCallOpusDec *self)
{
  GstBuffer *buffer;
  GstMapInfo map;

  if (self->missing == 0)
    return NULL;
  buffer = gst_audio_decoder_allocate_output_buffer (GST_AUDIO_DECODER (self),
                                                     (gsize) self->missing * 2);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  make_up (self, NULL, 0, (gint16 *) (gpointer) map.data, self->missing);
  gst_buffer_unmap (buffer, &map);
  self->missing = 0;
  return buffer;
}

static int
gap_samples (GstClockTime duration)
{
  guint64 n = GST_CLOCK_TIME_IS_VALID (duration)
                  ? gst_util_uint64_scale_round (duration, CALL_OPUS_RATE, GST_SECOND)
                  : 0;

  return (int) (MIN (n, MAX_SAMPLES) / STEP * STEP);
}

static GstFlowReturn
gst_call_opus_dec_handle_frame (GstAudioDecoder *decoder, GstBuffer *input)
{
  GstCallOpusDec *self = GST_CALL_OPUS_DEC (decoder);
  GstBuffer *output;
  GstMapInfo in;
  GstMapInfo out;
  gint16 *samples;
  int missing = self->missing;
  int n;

  if (input == NULL) /* drain */
    {
      output = conceal_missing (self);
      return output != NULL ? gst_audio_decoder_finish_frame (decoder, output, 1) : GST_FLOW_OK;
    }
  if (gst_buffer_get_size (input) == 0)
    {
      output = conceal_missing (self);
      self->missing = gap_samples (GST_BUFFER_DURATION (input));
      return gst_audio_decoder_finish_frame (decoder, output, 1);
    }

  if (!gst_buffer_map (input, &in, GST_MAP_READ))
    return GST_FLOW_ERROR;
  n = opus_decoder_get_nb_samples (self->state, in.data, (opus_int32) in.size);
  if (n <= 0 || n > MAX_SAMPLES)
    {
      /* as good as lost, but nobody knows how long it was */
      count (&self->invalid);
      gst_buffer_unmap (input, &in);
      return gst_audio_decoder_finish_frame (decoder, conceal_missing (self), 1);
    }

  output = gst_audio_decoder_allocate_output_buffer (decoder, (gsize) (missing + n) * 2);
  gst_buffer_map (output, &out, GST_MAP_WRITE);
  samples = (gint16 *) (gpointer) out.data;
  if (missing > 0)
    make_up (self, has_fec (in.data, in.size) ? in.data : NULL, in.size, samples, missing);
  self->missing = 0;
  if (opus_decode (self->state, in.data, (opus_int32) in.size, samples + missing, n, 0) != n)
    {
      count (&self->invalid);
      make_up (self, NULL, 0, samples + missing, n);
    }
  gst_buffer_unmap (output, &out);
  gst_buffer_unmap (input, &in);
  return gst_audio_decoder_finish_frame (decoder, output, 1);
}

#define LOAD(field) __atomic_load_n (&self->field, __ATOMIC_RELAXED)

static void
gst_call_opus_dec_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCallOpusDec *self = GST_CALL_OPUS_DEC (object);

  if (id != PROP_STATS)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_value_take_boxed (value,
                      gst_structure_new ("call-opus-dec-stats", "corrected", G_TYPE_UINT64,
                                         LOAD (corrected), "concealed", G_TYPE_UINT64,
                                         LOAD (concealed), "invalid", G_TYPE_UINT64,
                                         LOAD (invalid), NULL));
}

static void
gst_call_opus_dec_class_init (GstCallOpusDecClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAudioDecoderClass *decoder_class = GST_AUDIO_DECODER_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = gst_call_opus_dec_get_property;
  decoder_class->start = gst_call_opus_dec_start;
  decoder_class->stop = gst_call_opus_dec_stop;
  decoder_class->set_format = gst_call_opus_dec_set_format;
  decoder_class->flush = gst_call_opus_dec_flush;
  decoder_class->handle_frame = gst_call_opus_dec_handle_frame;

  g_object_class_install_property (
      G_OBJECT_CLASS (klass), PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics", "Frames made from error correction or concealed",
                          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Opus decoder for calls", "Codec/Decoder/Audio",
      "Decodes to 24 kHz and repairs losses without delaying packets", "Bestellbot");
}

static void
gst_call_opus_dec_init (GstCallOpusDec *self)
{
  GstAudioDecoder *decoder = GST_AUDIO_DECODER (self);

  gst_audio_decoder_set_needs_format (decoder, TRUE);
  gst_audio_decoder_set_plc (decoder, TRUE);
  gst_audio_decoder_set_use_default_pad_acceptcaps (decoder, TRUE);
}
