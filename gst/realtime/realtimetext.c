/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The words of a conversation as a text stream: one of these is behind each
 * transcript pad. Private to openairealtimebin.
 *
 * The session and the playout tell the transcript what happens, and never wait
 * for downstream: a task of its own pushes what comes of that.
 */
#include "realtimetext.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_realtime_text_debug);
#define GST_CAT_DEFAULT gst_realtime_text_debug

struct _GstRealtimeText
{
  GstElement parent_instance;

  GstPad *srcpad;

  GMutex lock;
  GCond cond;
  GstRealtimeTranscript *transcript;
  GstRealtimeTextOptions options;
  gboolean stopped;
  gboolean flushing;
  gboolean played; /* PLAYING was reached: the bin's pads are active */
  gboolean ended; /* EOS after the last cue */

  /* The task. */
  gboolean started;   /* stream-start and caps are out */
  gboolean segmented; /* the segment is */
};

G_DEFINE_TYPE (GstRealtimeText, gst_realtime_text, GST_TYPE_ELEMENT)

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src",
                             GST_PAD_SRC,
                             GST_PAD_ALWAYS,
                             GST_STATIC_CAPS ("text/x-raw, format=utf8"));

/* ---- pushing ----------------------------------------------------------- */

static void
send_sticky_events (GstRealtimeText *self)
{
  if (!self->started)
    {
      g_autofree char *id = gst_pad_create_stream_id (self->srcpad, GST_ELEMENT (self), NULL);
      GstEvent *event = gst_event_new_stream_start (id);
      g_autoptr (GstCaps) caps =
          gst_caps_new_simple ("text/x-raw", "format", G_TYPE_STRING, "utf8", NULL);

      gst_event_set_group_id (event, gst_util_group_id_next ());
      gst_event_set_stream_flags (event, GST_STREAM_FLAG_SPARSE);
      gst_pad_push_event (self->srcpad, event);
      gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
      self->started = TRUE;
    }
  if (!self->segmented)
    {
      GstClockTime now, end;
      GstSegment segment;

      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (self->srcpad, gst_event_new_segment (&segment));
      /* A sink must have something to be ready with: the others wait for it. */
      now = gst_element_get_current_running_time (GST_ELEMENT (self));
      g_mutex_lock (&self->lock);
      end = gst_realtime_transcript_begin (self->transcript, GST_CLOCK_TIME_IS_VALID (now) ? now : 0);
      g_mutex_unlock (&self->lock);
      gst_pad_push_event (self->srcpad, gst_event_new_gap (0, end));
      self->segmented = TRUE;
    }
}

/* With the lock. Returns: (transfer full): the text as it goes downstream */
static char *
decorate (GstRealtimeText *self, const GstRealtimeCue *cue)
{
  const char *prefix = cue->speaker == GST_REALTIME_SPEAKER_USER ? self->options.user_prefix
                                                                 : self->options.assistant_prefix;

  return g_strconcat (prefix != NULL ? prefix : "", cue->text, self->options.newline ? "\n" : NULL,
                      NULL);
}

static GstFlowReturn
push_text (GstRealtimeText *self, char *text, const GstRealtimeCue *cue)
{
  GstBuffer *buffer = gst_buffer_new_wrapped (text, strlen (text));
  GstFlowReturn flow;

  GST_BUFFER_PTS (buffer) = cue->start;
  GST_BUFFER_DURATION (buffer) = cue->end - cue->start;
  GST_LOG_OBJECT (self, "%" GST_TIME_FORMAT " to %" GST_TIME_FORMAT, GST_TIME_ARGS (cue->start),
                  GST_TIME_ARGS (cue->end));
  flow = gst_pad_push (self->srcpad, buffer);
  return flow == GST_FLOW_NOT_LINKED ? GST_FLOW_OK : flow;
}

static void
loop (gpointer user_data)
{
  GstRealtimeText *self = user_data;
  g_autoptr (GstRealtimeCue) cue = NULL;
  GstFlowReturn flow = GST_FLOW_OK;
  char *text = NULL;

  g_mutex_lock (&self->lock);
  while (!self->stopped && !self->flushing && !self->played)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);

  send_sticky_events (self);

  g_mutex_lock (&self->lock);
  while (!self->stopped && !self->flushing && !self->ended &&
         !gst_realtime_transcript_has_cue (self->transcript))
    g_cond_wait (&self->cond, &self->lock);
  if (self->stopped || self->flushing)
    flow = GST_FLOW_FLUSHING;
  else if ((cue = gst_realtime_transcript_pop (self->transcript)) == NULL)
    flow = GST_FLOW_EOS;
  else if (cue->text != NULL)
    text = decorate (self, cue);
  g_mutex_unlock (&self->lock);

  if (text != NULL)
    flow = push_text (self, text, cue);
  else if (cue != NULL)
    gst_pad_push_event (self->srcpad, gst_event_new_gap (cue->start, cue->end - cue->start));
  else if (flow == GST_FLOW_EOS)
    gst_pad_push_event (self->srcpad, gst_event_new_eos ());

  if (flow == GST_FLOW_OK)
    return;
  GST_DEBUG_OBJECT (self, "pausing: %s", gst_flow_get_name (flow));
  if (flow < GST_FLOW_EOS)
    GST_ELEMENT_FLOW_ERROR (self, flow);
  gst_pad_pause_task (self->srcpad);
}

/* ---- pad --------------------------------------------------------------- */

static void
set (GstRealtimeText *self, gboolean *flag, gboolean value)
{
  g_mutex_lock (&self->lock);
  *flag = value;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

static gboolean
flush_stop (GstRealtimeText *self)
{
  gboolean stopped;

  GST_PAD_STREAM_LOCK (self->srcpad);
  self->segmented = FALSE; /* the pad forgot its segment, too */
  g_mutex_lock (&self->lock);
  gst_realtime_transcript_drop_cues (self->transcript);
  self->flushing = FALSE;
  stopped = self->stopped;
  g_mutex_unlock (&self->lock);
  GST_PAD_STREAM_UNLOCK (self->srcpad);
  return !stopped && gst_pad_start_task (self->srcpad, loop, self, NULL);
}

static gboolean
gst_realtime_text_pad_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstRealtimeText *self = GST_REALTIME_TEXT (parent);
  gboolean ret = FALSE;

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_FLUSH_START:
      set (self, &self->flushing, TRUE);
      ret = TRUE;
      break;
    case GST_EVENT_FLUSH_STOP:
      ret = flush_stop (self);
      break;
    case GST_EVENT_LATENCY:
    case GST_EVENT_QOS:
    case GST_EVENT_RECONFIGURE:
      ret = TRUE;
      break;
    default: /* SEEK: live speech can't be wound */
      break;
    }
  gst_event_unref (event);
  return ret;
}

/* Live, and no later than the speech that it belongs to. */
static gboolean
gst_realtime_text_pad_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstFormat format;

  switch (GST_QUERY_TYPE (query))
    {
    case GST_QUERY_LATENCY:
      gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
      return TRUE;
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      gst_query_set_seeking (query, format, FALSE, 0, -1);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
    }
}

static gboolean
gst_realtime_text_activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstRealtimeText *self = GST_REALTIME_TEXT (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (!active)
    {
      set (self, &self->stopped, TRUE);
      return gst_pad_stop_task (pad);
    }
  g_mutex_lock (&self->lock);
  gst_realtime_transcript_reset (self->transcript);
  self->stopped = self->flushing = self->ended = self->played = FALSE;
  g_mutex_unlock (&self->lock);
  self->started = self->segmented = FALSE;
  return gst_pad_start_task (pad, loop, self, NULL);
}

static GstStateChangeReturn
gst_realtime_text_change_state (GstElement *element, GstStateChange transition)
{
  GstRealtimeText *self = GST_REALTIME_TEXT (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    set (self, &self->played, TRUE);
  ret = GST_ELEMENT_CLASS (gst_realtime_text_parent_class)->change_state (element, transition);

  if (ret != GST_STATE_CHANGE_FAILURE && (transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
                                          transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED))
    return GST_STATE_CHANGE_NO_PREROLL;
  return ret;
}

/* ---- object ------------------------------------------------------------ */

static void
gst_realtime_text_finalize (GObject *object)
{
  GstRealtimeText *self = GST_REALTIME_TEXT (object);

  gst_realtime_transcript_free (self->transcript);
  g_free (self->options.user_prefix);
  g_free (self->options.assistant_prefix);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  G_OBJECT_CLASS (gst_realtime_text_parent_class)->finalize (object);
}

static void
gst_realtime_text_class_init (GstRealtimeTextClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_realtime_text_debug, "openairealtimetext", 0,
                           "Realtime API transcript pads");
  G_OBJECT_CLASS (klass)->finalize = gst_realtime_text_finalize;
  element_class->change_state = gst_realtime_text_change_state;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Realtime API transcript", "Source/Text",
                                         "Private part of openairealtimebin", "Bestellbot");
}

static void
gst_realtime_text_init (GstRealtimeText *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->transcript = gst_realtime_transcript_new ();
  self->options.speakers = GST_REALTIME_SPEAKER_BOTH;
  self->stopped = TRUE;
  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->srcpad);
  gst_pad_set_event_function (self->srcpad, gst_realtime_text_pad_event);
  gst_pad_set_query_function (self->srcpad, gst_realtime_text_pad_query);
  gst_pad_set_activatemode_function (self->srcpad, gst_realtime_text_activate_mode);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

GstElement *
gst_realtime_text_new (void)
{
  return g_object_new (GST_TYPE_REALTIME_TEXT, NULL);
}

/* Any thread, for a moment. Returns: (transfer none): until
 * gst_realtime_text_unlock(), which wakes the task */
GstRealtimeTranscript *
gst_realtime_text_lock (GstRealtimeText *self)
{
  g_mutex_lock (&self->lock);
  return self->transcript;
}

/* Between lock and unlock, which puts them into effect. */
GstRealtimeTextOptions *
gst_realtime_text_get_options (GstRealtimeText *self)
{
  return &self->options;
}

void
gst_realtime_text_unlock (GstRealtimeText *self)
{
  gst_realtime_transcript_set_speakers (self->transcript, self->options.speakers);
  gst_realtime_transcript_set_captions (self->transcript, self->options.captions);
  if (gst_realtime_transcript_has_cue (self->transcript))
    g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* EOS follows what is left to be said. */
void
gst_realtime_text_end (GstRealtimeText *self)
{
  g_mutex_lock (&self->lock);
  gst_realtime_transcript_end (self->transcript);
  self->ended = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}
