/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Caller audio: any raw format becomes 24 kHz mono, G.711 passes untouched;
 * then it goes to the I/O thread. Private to openairealtimebin.
 *
 * The service's VAD runs on the audio it is sent, and audio sent faster than
 * it is spoken would let a caller of ten minutes speak in one: so that a file
 * behaves like a caller, a piece is sent when the clock has reached its end. A
 * live source's audio is always due: it never waits, whatever a sound card whose
 * clock runs a little differently has stamped on it. With clocking=external
 * nothing ever waits: the media loop paces itself.
 */
#include "config.h"

#include "realtimesink.h"

#include <glib/gi18n-lib.h>
#include <gst/audio/audio.h>
#include <string.h>

#include "realtimewaiter.h"

#define SLICE_MS 20         /* pieces that a large buffer is sent in */
#define MAX_GAP  GST_SECOND /* silence for a longer gap would only delay what follows */

GST_DEBUG_CATEGORY_STATIC (gst_realtime_sink_debug);
#define GST_CAT_DEFAULT gst_realtime_sink_debug

struct _GstRealtimeSink
{
  GstElement parent_instance;

  GstPad *sinkpad;
  GstRealtimeUplink *uplink; /* the bin's */
  GstRealtimeFormatFunc on_format;
  gpointer user_data;
  GstRealtimeWaiter waiter;
  gint sync;     /* atomic */
  gint finished; /* atomic: nothing is taken any more */

  /* Streaming thread. */
  GstSegment segment;
  gboolean live; /* what is upstream; asked once per segment */
  gboolean live_known;
  gboolean has_caps;
  gint format; /* GstRealtimeFormat of what is pushed; atomic */
  GstAudioInfo info;
  GstAudioConverter *converter; /* NULL: G.711 */
  guint8 *scratch;
  gsize scratch_size;
  gboolean overflown;
};

G_DEFINE_TYPE (GstRealtimeSink, gst_realtime_sink, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink",
                             GST_PAD_SINK,
                             GST_PAD_ALWAYS,
                             GST_STATIC_CAPS (GST_REALTIME_CAPS));

static guint8 *
get_scratch (GstRealtimeSink *self, gsize size)
{
  if (self->scratch_size < size)
    {
      g_free (self->scratch);
      self->scratch = g_malloc (size);
      self->scratch_size = size;
    }
  return self->scratch;
}

static gboolean
set_caps (GstRealtimeSink *self, GstCaps *caps)
{
  GstRealtimeFormat format = gst_realtime_format_from_caps (caps);

  g_clear_pointer (&self->converter, gst_audio_converter_free);
  self->has_caps = FALSE;

  if (format == GST_REALTIME_FORMAT_PCM)
    {
      GstAudioInfo out;

      if (!gst_audio_info_from_caps (&self->info, caps))
        return FALSE;
      gst_audio_info_set_format (&out, GST_AUDIO_FORMAT_S16LE,
                                 gst_realtime_format_get_rate (format), 1, NULL);
      self->converter =
          gst_audio_converter_new (GST_AUDIO_CONVERTER_FLAG_NONE, &self->info, &out, NULL);
      if (self->converter == NULL)
        return FALSE;
    }
  GST_DEBUG_OBJECT (self, "%" GST_PTR_FORMAT " goes as %s", caps,
                    gst_realtime_format_get_name (format));
  self->has_caps = TRUE;
  g_atomic_int_set (&self->format, format);
  self->on_format (self->user_data, format);
  return TRUE;
}

/* Sends @data in slices, each when its end is due. */
static GstFlowReturn
send_slices (GstRealtimeSink *self, const guint8 *data, gsize size, GstClockTime running_time)
{
  GstRealtimeFormat format = g_atomic_int_get (&self->format);
  guint per_ms = gst_realtime_format_get_bytes_per_ms (format);
  gsize sent = 0;

  while (sent < size)
    {
      gsize n = MIN (size - sent, (gsize)per_ms * SLICE_MS);

      if (g_atomic_int_get (&self->sync))
        {
          GstClockTime due = self->live ? GST_CLOCK_TIME_NONE : running_time;

          if (GST_CLOCK_TIME_IS_VALID (due))
            due += gst_util_uint64_scale (sent + n, GST_MSECOND, per_ms);
          if (!gst_realtime_waiter_wait (&self->waiter, GST_ELEMENT (self), due))
            return GST_FLOW_FLUSHING;
        }
      if (!gst_realtime_uplink_push (self->uplink, format, data + sent, n) && !self->overflown)
        {
          self->overflown = TRUE;
          GST_ELEMENT_WARNING (self, STREAM, FAILED,
                               (_("Caller audio is lost: the network thread does not keep up (fewer sessions on this "
                                 "machine, or more processors)")),
                               (NULL));
        }
      sent += n;
    }
  return GST_FLOW_OK;
}

static GstFlowReturn
convert_and_send (GstRealtimeSink *self, guint8 *data, gsize frames, GstClockTime running_time)
{
  gsize out_frames = gst_audio_converter_get_out_frames (self->converter, frames);
  gpointer in[1] = { data };
  gpointer out[1];

  out[0] = get_scratch (self, MAX (out_frames, 1) * 2);
  if (!gst_audio_converter_samples (self->converter, GST_AUDIO_CONVERTER_FLAG_NONE,
                                    data != NULL ? in : NULL, frames, out, out_frames))
    return GST_FLOW_ERROR;
  return send_slices (self, out[0], out_frames * 2, running_time);
}

/* With the first buffer: before that, a sound card can't say. */
static void
ask_whether_live (GstRealtimeSink *self)
{
  GstQuery *query = gst_query_new_latency ();

  self->live = FALSE;
  if (gst_pad_peer_query (self->sinkpad, query))
    gst_query_parse_latency (query, &self->live, NULL, NULL);
  gst_query_unref (query);
  self->live_known = TRUE;
}

static GstFlowReturn
gst_realtime_sink_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstRealtimeSink *self = GST_REALTIME_SINK (parent);
  GstClockTime running_time = GST_CLOCK_TIME_NONE;
  GstFlowReturn ret;
  GstMapInfo map;

  if (g_atomic_int_get (&self->finished) || !self->has_caps)
    {
      gst_buffer_unref (buffer);
      return self->has_caps ? GST_FLOW_EOS : GST_FLOW_NOT_NEGOTIATED;
    }
  if (!self->live_known && g_atomic_int_get (&self->sync))
    ask_whether_live (self);

  if (GST_BUFFER_PTS_IS_VALID (buffer) && self->segment.format == GST_FORMAT_TIME)
    {
      running_time =
          gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
      if (!GST_CLOCK_TIME_IS_VALID (running_time))
        {
          gst_buffer_unref (buffer); /* outside the segment */
          return GST_FLOW_OK;
        }
    }
  if (self->converter != NULL && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    gst_audio_converter_reset (self->converter);

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_ERROR;
    }
  if (self->converter != NULL)
    ret = convert_and_send (self, map.data, map.size / self->info.bpf, running_time);
  else
    ret = send_slices (self, map.data, map.size, running_time);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return ret;
}

/* Time that holds nothing (a lost packet, DTX): silence, so that the service's
 * clock, which is the audio, goes on. */
static GstFlowReturn
send_silence (GstRealtimeSink *self, GstClockTime duration, GstClockTime running_time)
{
  GstRealtimeFormat format = g_atomic_int_get (&self->format);
  gsize size = gst_util_uint64_scale (MIN (duration, MAX_GAP),
                                      gst_realtime_format_get_rate (format), GST_SECOND) *
               gst_realtime_format_get_width (format);
  guint8 *silence = get_scratch (self, MAX (size, 1));

  memset (silence, gst_realtime_format_get_silence (format), size);
  return send_slices (self, silence, size, running_time);
}

static void
handle_gap (GstRealtimeSink *self, GstEvent *event)
{
  GstClockTime timestamp, duration;

  gst_event_parse_gap (event, &timestamp, &duration);
  if (!self->has_caps || !GST_CLOCK_TIME_IS_VALID (duration))
    return;
  if (self->segment.format == GST_FORMAT_TIME)
    timestamp = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, timestamp);
  if (self->converter != NULL)
    gst_audio_converter_reset (self->converter);
  send_silence (self, duration, timestamp);
}

static gboolean
gst_realtime_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstRealtimeSink *self = GST_REALTIME_SINK (parent);
  gboolean ret = TRUE;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      ret = set_caps (self, caps);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      self->live_known = FALSE;
      break;
    case GST_EVENT_GAP:
      handle_gap (self, event);
      break;
    case GST_EVENT_FLUSH_START:
      gst_realtime_waiter_set_flushing (&self->waiter, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
      if (self->converter != NULL)
        gst_audio_converter_reset (self->converter);
      gst_realtime_waiter_set_flushing (&self->waiter, FALSE);
      break;
    case GST_EVENT_EOS:
      /* What the resampler still holds belongs to the last word. */
      if (self->converter != NULL)
        convert_and_send (self, NULL, gst_audio_converter_get_max_latency (self->converter),
                          GST_CLOCK_TIME_NONE);
      gst_realtime_uplink_push_eos (self->uplink);
      break;
    default:
      break;
    }
  gst_event_unref (event);
  return ret;
}

/* The pad is marked as flushing when this is called to deactivate it: nothing
 * can begin to wait any more behind our back. */
static gboolean
gst_realtime_sink_activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstRealtimeSink *self = GST_REALTIME_SINK (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active)
    gst_realtime_waiter_set_flushing (&self->waiter, FALSE);
  gst_realtime_waiter_set_stopped (&self->waiter, !active);
  return TRUE;
}

static GstStateChangeReturn
gst_realtime_sink_change_state (GstElement *element, GstStateChange transition)
{
  GstRealtimeSink *self = GST_REALTIME_SINK (element);

  switch (transition)
    {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
      self->overflown = FALSE;
      g_atomic_int_set (&self->finished, FALSE);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      gst_realtime_waiter_set_playing (&self->waiter, TRUE);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      gst_realtime_waiter_set_playing (&self->waiter, FALSE);
      break;
    default:
      break;
    }
  return GST_ELEMENT_CLASS (gst_realtime_sink_parent_class)->change_state (element, transition);
}

/* What comes here by way of the bin is meant for the sinks of a pipeline, one
 * of which the bin is. A file that is heard by the service can't be wound: it
 * was spoken. */
static gboolean
gst_realtime_sink_send_event (GstElement *element, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return GST_ELEMENT_CLASS (gst_realtime_sink_parent_class)->send_event (element, event);
  GST_DEBUG_OBJECT (element, "a conversation can't be sought");
  gst_event_unref (event);
  return FALSE;
}

/* Audio is sent when it comes: what is upstream is no latency of the answer,
 * and must not delay it. */
static gboolean
gst_realtime_sink_query (GstElement *element, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_ELEMENT_CLASS (gst_realtime_sink_parent_class)->query (element, query);
  gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
gst_realtime_sink_finalize (GObject *object)
{
  GstRealtimeSink *self = GST_REALTIME_SINK (object);

  g_clear_pointer (&self->converter, gst_audio_converter_free);
  g_free (self->scratch);
  gst_realtime_waiter_clear (&self->waiter);
  G_OBJECT_CLASS (gst_realtime_sink_parent_class)->finalize (object);
}

static void
gst_realtime_sink_class_init (GstRealtimeSinkClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_realtime_sink_debug, "openairealtimesink", 0,
                           "Realtime API caller audio");
  G_OBJECT_CLASS (klass)->finalize = gst_realtime_sink_finalize;
  element_class->change_state = gst_realtime_sink_change_state;
  element_class->send_event = gst_realtime_sink_send_event;
  element_class->query = gst_realtime_sink_query;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Realtime API caller audio",
                                         "Sink/Network/Audio", "Private part of openairealtimebin",
                                         "Bestellbot");
}

static void
gst_realtime_sink_init (GstRealtimeSink *self)
{
  /* The bin ends by itself when nothing is linked to its src pad. */
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
  gst_realtime_waiter_init (&self->waiter);
  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_realtime_sink_chain);
  gst_pad_set_event_function (self->sinkpad, gst_realtime_sink_event);
  gst_pad_set_activatemode_function (self->sinkpad, gst_realtime_sink_activate_mode);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);
}

/* @uplink: (transfer none): must outlive the element */
GstElement *
gst_realtime_sink_new (GstRealtimeUplink *uplink, GstRealtimeFormatFunc format, gpointer user_data)
{
  GstRealtimeSink *self = g_object_new (GST_TYPE_REALTIME_SINK, "name", "realtimesink", NULL);

  self->uplink = uplink;
  self->on_format = format;
  self->user_data = user_data;
  return GST_ELEMENT (self);
}

/* As an EOS on the pad: for a bin whose sink pad is linked to nothing. */
void
gst_realtime_sink_end_input (GstRealtimeSink *self)
{
  gst_realtime_uplink_push_eos (self->uplink);
}

/* Any thread. Of the pipeline, now. */
GstClockTime
gst_realtime_sink_get_running_time (GstRealtimeSink *self)
{
  return gst_realtime_waiter_get_running_time (&self->waiter, GST_ELEMENT (self));
}

/* The conversation is over: upstream hears that with its next buffer. */
void
gst_realtime_sink_finish (GstRealtimeSink *self)
{
  g_atomic_int_set (&self->finished, TRUE);
}

/* The last of the answer has left: as a sink, the bin has reached its EOS. */
void
gst_realtime_sink_ended (GstRealtimeSink *self)
{
  gst_element_post_message (GST_ELEMENT (self), gst_message_new_eos (GST_OBJECT (self)));
}

/* Whether audio is sent no earlier than the clock reaches it. */
void
gst_realtime_sink_set_sync (GstRealtimeSink *self, gboolean sync)
{
  g_atomic_int_set (&self->sync, sync);
}

/**
 * gst_realtime_sink_get_format:
 *
 * Returns: what the caps say, or, before they have come, what the peer can
 *   give: G.711 only if it can give nothing else
 */
GstRealtimeFormat
gst_realtime_sink_get_format (GstRealtimeSink *self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (self->sinkpad);

  if (caps == NULL)
    caps = gst_pad_get_allowed_caps (self->sinkpad);
  GST_DEBUG_OBJECT (self, "caps to come: %" GST_PTR_FORMAT, caps);
  return caps != NULL ? gst_realtime_format_from_caps (caps) : GST_REALTIME_FORMAT_PCM;
}
