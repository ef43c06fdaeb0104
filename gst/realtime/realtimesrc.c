/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Playout: one buffer of exactly ptime leaves every ptime, speech or silence.
 * Private to openairealtimebin.
 *
 * clocking=internal: a task waits on the pipeline's clock; a buffer leaves when
 * the clock has passed its end, as a microphone's would. clocking=external: no
 * thread; each tick event makes one buffer leave before it returns.
 */
#include "config.h"

#include "realtimesrc.h"

#include <glib/gi18n-lib.h>
#include <gst/audio/audio.h>

#include "openairealtime.h"
#include "realtimeframer.h"
#include "realtimewaiter.h"

/* So late (the machine slept), the missed time is skipped, not caught up. */
#define MAX_LATE GST_SECOND

GST_DEBUG_CATEGORY_STATIC (gst_realtime_src_debug);
#define GST_CAT_DEFAULT gst_realtime_src_debug

struct _GstRealtimeSrc
{
  GstElement parent_instance;

  GstPad *srcpad;
  GstRealtimePlayout *playout; /* the bin's */
  GstRealtimeSrcListener listener;
  gpointer user_data;
  GstRealtimeWaiter waiter;
  GstEvent *speech_event;
  gint external; /* atomic; looked at when the pad is activated */
  gint ptime;    /* atomic, ms */
  gint ending;   /* atomic: EOS when the queue is empty */

  /* Under the pad's stream lock. */
  gboolean active; /* what follows is set up; the pad counts as active before */
  GstRealtimeFramer *framer;
  GstCaps *caps;
  GstRealtimeFormat format;
  GstBufferPool *pool;
  gsize pool_size;
  gboolean started; /* stream-start is out */
  gboolean segmented;
  gboolean timed;    /* base is set */
  GstClockTime base; /* running time of sample 0 */
  guint64 samples;   /* that left since base */
  guint64 left_ms;   /* of ptime accounted for, for rates that ptime doesn't divide */
  GstClockTime late; /* so much later than it could the last buffer left */
  gboolean discont;
  gboolean audible; /* the last buffer held speech */
  gboolean eos;
};

G_DEFINE_TYPE (GstRealtimeSrc, gst_realtime_src, GST_TYPE_ELEMENT)

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src",
                             GST_PAD_SRC,
                             GST_PAD_ALWAYS,
                             GST_STATIC_CAPS (GST_REALTIME_CAPS));

/* ---- negotiation ------------------------------------------------------- */

/* Raw audio before G.711; of raw audio what the service speaks, or next to it.
 * Returns: (transfer full) (nullable): fixed caps */
static GstCaps *
choose_caps (GstRealtimeSrc *self)
{
  g_autoptr (GstCaps) allowed = gst_pad_get_allowed_caps (self->srcpad);
  g_autoptr (GstCaps) native =
      gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE", "rate", G_TYPE_INT,
                           (int)gst_realtime_format_get_rate (GST_REALTIME_FORMAT_PCM), "channels",
                           G_TYPE_INT, 1, "layout", G_TYPE_STRING, "interleaved", NULL);
  g_autoptr (GstCaps) raw = NULL;
  GstStructure *s;
  GstCaps *caps;

  if (allowed == NULL || gst_caps_is_any (allowed) || gst_caps_can_intersect (allowed, native))
    return g_steal_pointer (&native);
  if (gst_caps_is_empty (allowed))
    return NULL;

  raw = gst_caps_new_empty_simple ("audio/x-raw");
  caps = gst_caps_intersect (allowed, raw);
  if (gst_caps_is_empty (caps))
    {
      gst_caps_unref (caps);
      caps = gst_caps_ref (allowed);
    }
  caps = gst_caps_make_writable (gst_caps_truncate (caps));
  s = gst_caps_get_structure (caps, 0);
  if (gst_structure_has_name (s, "audio/x-raw"))
    {
      gst_structure_fixate_field_string (s, "format", GST_AUDIO_NE (S16));
      gst_structure_fixate_field_nearest_int (s, "rate",
                                              gst_realtime_format_get_rate (
                                                  GST_REALTIME_FORMAT_PCM));
      gst_structure_fixate_field_nearest_int (s, "channels", 1);
    }
  return gst_caps_fixate (caps);
}

static void
clear_pool (GstRealtimeSrc *self)
{
  if (self->pool != NULL)
    gst_buffer_pool_set_active (self->pool, FALSE);
  gst_clear_object (&self->pool);
}

/* With the stream lock. Returns: whether there are caps that can be sent */
static gboolean
negotiate (GstRealtimeSrc *self)
{
  g_autoptr (GstCaps) caps = choose_caps (self);
  guint ptime = g_atomic_int_get (&self->ptime);
  GstStructure *config;

  if (caps == NULL)
    return FALSE;
  if (self->caps == NULL || !gst_caps_is_equal (caps, self->caps))
    {
      guint old_rate = self->caps != NULL ? gst_realtime_framer_get_rate (self->framer) : 0;

      if (!gst_realtime_framer_set_caps (self->framer, caps))
        return FALSE;
      /* The time line goes on: in samples of the new rate. */
      if (old_rate != 0)
        {
          self->base += gst_util_uint64_scale (self->samples, GST_SECOND, old_rate);
          self->samples = 0;
          self->left_ms = 0;
        }
      gst_caps_replace (&self->caps, caps);
      self->format = gst_realtime_format_from_caps (caps);
      clear_pool (self);
      GST_DEBUG_OBJECT (self, "playing %s as %" GST_PTR_FORMAT,
                        gst_realtime_format_get_name (self->format), caps);
      self->listener.format (self->user_data, self->format);
    }
  if (self->pool == NULL)
    {
      self->pool_size =
          (gst_util_uint64_scale_ceil (ptime, gst_realtime_framer_get_rate (self->framer), 1000) +
           1) *
          gst_realtime_framer_get_bytes_per_frame (self->framer);
      self->pool = gst_buffer_pool_new ();
      config = gst_buffer_pool_get_config (self->pool);
      gst_buffer_pool_config_set_params (config, self->caps, self->pool_size, 2, 0);
      gst_buffer_pool_set_config (self->pool, config);
      gst_buffer_pool_set_active (self->pool, TRUE);
    }
  return TRUE;
}

/* ---- pushing ----------------------------------------------------------- */

static void
send_sticky_events (GstRealtimeSrc *self)
{
  if (!self->started)
    {
      g_autofree char *id = gst_pad_create_stream_id (self->srcpad, GST_ELEMENT (self), "speech");
      GstEvent *event = gst_event_new_stream_start (id);

      gst_event_set_group_id (event, gst_util_group_id_next ());
      gst_pad_push_event (self->srcpad, event);
    }
  {
    g_autoptr (GstCaps) sent = gst_pad_get_current_caps (self->srcpad);

    if (sent == NULL || !gst_caps_is_equal (sent, self->caps))
      gst_pad_push_event (self->srcpad, gst_event_new_caps (self->caps));
  }
  self->started = TRUE;
  if (!self->segmented)
    {
      GstSegment segment;

      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (self->srcpad, gst_event_new_segment (&segment));
      self->segmented = TRUE;
    }
}

static GstClockTime
position (GstRealtimeSrc *self, guint64 samples)
{
  return self->base +
         gst_util_uint64_scale (samples, GST_SECOND, gst_realtime_framer_get_rate (self->framer));
}

/* Samples of the next buffer: ptime, to the sample in the long run (11025 Hz
 * has 220.5 in 20 ms). */
static gsize
next_frames (GstRealtimeSrc *self)
{
  guint rate = gst_realtime_framer_get_rate (self->framer);
  guint64 end = gst_util_uint64_scale (self->left_ms + g_atomic_int_get (&self->ptime), rate, 1000);

  return end - self->samples;
}

static void
report (GstRealtimeSrc *self, gboolean audible)
{
  GstRealtimeNotice *notice;

  while ((notice = gst_realtime_playout_pop_notice (self->playout)) != NULL)
    {
      self->listener.notice (self->user_data, notice);
      gst_realtime_notice_free (notice);
    }
  if (self->audible && !audible)
    self->listener.empty (self->user_data);
  self->audible = audible;
}

/* With the stream lock: makes the next buffer leave. */
static GstFlowReturn
push_next (GstRealtimeSrc *self)
{
  GstBuffer *buffer;
  GstClockTime end;
  GstFlowReturn ret;
  gboolean audible;
  gsize frames, size;
  GstMapInfo map;

  if (self->eos)
    return GST_FLOW_EOS;
  if (gst_pad_check_reconfigure (self->srcpad) || self->caps == NULL || self->pool == NULL)
    if (!negotiate (self))
      {
        gst_pad_mark_reconfigure (self->srcpad);
        return GST_FLOW_NOT_NEGOTIATED;
      }
  if (G_UNLIKELY (!self->timed))
    {
      self->base = gst_realtime_waiter_get_running_time (&self->waiter, GST_ELEMENT (self));
      self->timed = TRUE;
    }
  send_sticky_events (self);

  if (g_atomic_int_get (&self->ending) && gst_realtime_playout_is_empty (self->playout) &&
      !self->audible)
    {
      self->eos = TRUE;
      self->listener.ending (self->user_data);
      gst_pad_push_event (self->srcpad, gst_event_new_eos ());
      self->listener.ended (self->user_data);
      return GST_FLOW_EOS;
    }

  ret = gst_buffer_pool_acquire_buffer (self->pool, &buffer, NULL);
  if (ret != GST_FLOW_OK)
    return ret;
  frames = next_frames (self);
  size = frames * gst_realtime_framer_get_bytes_per_frame (self->framer);
  gst_buffer_set_size (buffer, size);
  if (!gst_buffer_map (buffer, &map, GST_MAP_WRITE))
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_ERROR;
    }
  audible = gst_realtime_framer_fill (self->framer, map.data, frames);
  gst_buffer_unmap (buffer, &map);

  GST_BUFFER_PTS (buffer) = position (self, self->samples);
  GST_BUFFER_DURATION (buffer) = position (self, self->samples + frames) - GST_BUFFER_PTS (buffer);
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
  self->samples += frames;
  self->left_ms += g_atomic_int_get (&self->ptime);

  end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  ret = gst_pad_push (self->srcpad, buffer);
  report (self, audible);
  self->listener.progress (self->user_data, end);
  /* Whoever only reads transcripts links nothing here. */
  return ret == GST_FLOW_NOT_LINKED ? GST_FLOW_OK : ret;
}

static void
handle_flow (GstRealtimeSrc *self, GstFlowReturn flow)
{
  if (flow == GST_FLOW_NOT_NEGOTIATED)
    {
      GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
                         (_("What is linked to the src pad takes no audio format of this element")),
                         ("raw audio, or A-law or mu-law at 8 kHz mono"));
    }
  else if (flow < GST_FLOW_EOS)
    GST_ELEMENT_FLOW_ERROR (self, flow);
}

/* Latency of our own: with the internal clock a buffer leaves at its end. */
static GstClockTime
own_latency (GstRealtimeSrc *self)
{
  return g_atomic_int_get (&self->external)
             ? 0
             : (GstClockTime)g_atomic_int_get (&self->ptime) * GST_MSECOND;
}

/* ---- clocking=internal ------------------------------------------------- */

static void
loop (gpointer user_data)
{
  GstRealtimeSrc *self = user_data;
  GstClockTime now, due, late = 0;
  GstFlowReturn flow;

  /* Outside PLAYING there is no clock that runs. */
  if (!gst_realtime_waiter_wait (&self->waiter, GST_ELEMENT (self), GST_CLOCK_TIME_NONE))
    goto pause;

  now = gst_realtime_waiter_get_running_time (&self->waiter, GST_ELEMENT (self));
  if (!self->timed)
    {
      self->base = now;
      self->timed = TRUE;
    }
  due = self->caps != NULL ? position (self, self->samples + next_frames (self))
                           : self->base + own_latency (self);
  if (now > due + MAX_LATE)
    {
      GST_INFO_OBJECT (self, "late by %" GST_TIME_FORMAT ": skipping", GST_TIME_ARGS (now - due));
      self->base += now - due;
      self->discont = TRUE;
    }
  else if (!gst_realtime_waiter_wait (&self->waiter, GST_ELEMENT (self), due))
    goto pause;
  else if (now > due)
    late = now - due;

  /* A sink without a queue before it lets buffers leave one by one, each as it
   * is played: then it holds not its latency, but one of them. */
  if (late / GST_MSECOND != self->late / GST_MSECOND)
    gst_realtime_playout_set_late (self->playout, late);
  self->late = late;
  flow = push_next (self);
  if (flow == GST_FLOW_OK)
    return;
  GST_DEBUG_OBJECT (self, "pausing: %s", gst_flow_get_name (flow));
  handle_flow (self, flow);

pause:
  gst_pad_pause_task (self->srcpad);
}

/* ---- clocking=external ------------------------------------------------- */

/**
 * gst_realtime_src_tick:
 *
 * @tick: (transfer none): with %GST_OPENAI_REALTIME_TICK_SPURT only if the last
 *   buffer was silence and speech has come since
 *
 * One buffer leaves before this returns; the caller's thread pushes it.
 *
 * Returns: whether it did
 */
gboolean
gst_realtime_src_tick (GstRealtimeSrc *self, GstEvent *tick)
{
  gboolean spurt
      = gst_structure_has_field (gst_event_get_structure (tick), GST_OPENAI_REALTIME_TICK_SPURT);
  GstFlowReturn flow = GST_FLOW_FLUSHING;

  if (!g_atomic_int_get (&self->external))
    return FALSE;
  GST_PAD_STREAM_LOCK (self->srcpad);
  if (self->active && !GST_PAD_IS_FLUSHING (self->srcpad)
      && !(spurt && (self->audible || gst_realtime_playout_is_empty (self->playout))))
    flow = push_next (self);
  if (flow < GST_FLOW_EOS)
    {
      handle_flow (self, flow);
      self->eos = TRUE; /* once is enough */
    }
  GST_PAD_STREAM_UNLOCK (self->srcpad);
  return flow == GST_FLOW_OK;
}

/* ---- pad --------------------------------------------------------------- */

/* Downstream is empty and wants a stream that goes on now. */
static gboolean
flush_stop (GstRealtimeSrc *self)
{
  gboolean active;

  GST_PAD_STREAM_LOCK (self->srcpad);
  active = self->active;
  self->segmented = FALSE; /* the pad forgot its segment, too */
  self->discont = TRUE;
  gst_realtime_waiter_set_flushing (&self->waiter, FALSE);
  GST_PAD_STREAM_UNLOCK (self->srcpad);
  if (!active || g_atomic_int_get (&self->external))
    return active;
  return gst_pad_start_task (self->srcpad, loop, self, NULL);
}

static gboolean
gst_realtime_src_pad_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstRealtimeSrc *self = GST_REALTIME_SRC (parent);
  gboolean ret = FALSE;
  GstClockTime latency;

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CUSTOM_UPSTREAM:
      if (gst_event_has_name (event, GST_OPENAI_REALTIME_EVENT_TICK))
        ret = gst_realtime_src_tick (self, event);
      break;
    case GST_EVENT_LATENCY:
      /* A sink plays a sample this long after its timestamp; ours leave later
       * than their timestamps by our own latency. */
      gst_event_parse_latency (event, &latency);
      gst_realtime_playout_set_held (self->playout, latency > own_latency (self)
                                                        ? latency - own_latency (self)
                                                        : 0);
      ret = TRUE;
      break;
    case GST_EVENT_RECONFIGURE:
      ret = TRUE; /* the pad is marked; the next buffer looks */
      break;
    case GST_EVENT_QOS:
      ret = TRUE;
      break;
    case GST_EVENT_FLUSH_START:
      gst_realtime_waiter_set_flushing (&self->waiter, TRUE);
      ret = TRUE; /* the pad refuses buffers now, so the task pauses itself */
      break;
    case GST_EVENT_FLUSH_STOP:
      ret = flush_stop (self);
      break;
    default: /* SEEK: live speech can't be wound */
      break;
    }
  gst_event_unref (event);
  return ret;
}

static gboolean
gst_realtime_src_pad_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstRealtimeSrc *self = GST_REALTIME_SRC (parent);
  GstFormat format;

  switch (GST_QUERY_TYPE (query))
    {
    case GST_QUERY_LATENCY:
      gst_query_set_latency (query, TRUE, own_latency (self), GST_CLOCK_TIME_NONE);
      return TRUE;
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      gst_query_set_seeking (query, format, FALSE, 0, -1);
      return TRUE;
    case GST_QUERY_SCHEDULING:
      gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1, 0);
      gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
    }
}

static gboolean
gst_realtime_src_activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstRealtimeSrc *self = GST_REALTIME_SRC (parent);
  gboolean ret;

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (!active)
    {
      gst_realtime_waiter_set_stopped (&self->waiter, TRUE);
      ret = gst_pad_stop_task (pad);
      GST_PAD_STREAM_LOCK (pad);
      self->active = FALSE;
      GST_PAD_STREAM_UNLOCK (pad);
      return ret;
    }

  /* Who ticks from outside may come as soon as the pad is marked as active. */
  GST_PAD_STREAM_LOCK (pad);
  self->started = FALSE;
  self->segmented = FALSE;
  self->timed = FALSE;
  self->eos = FALSE;
  self->audible = FALSE;
  self->discont = TRUE;
  self->samples = 0;
  self->left_ms = 0;
  self->late = 0;
  gst_clear_caps (&self->caps);
  clear_pool (self);
  g_atomic_int_set (&self->ending, FALSE);
  gst_realtime_waiter_set_flushing (&self->waiter, FALSE);
  gst_realtime_waiter_set_stopped (&self->waiter, FALSE);
  self->active = TRUE;
  GST_PAD_STREAM_UNLOCK (pad);
  if (g_atomic_int_get (&self->external))
    return TRUE;
  return gst_pad_start_task (pad, loop, self, NULL);
}

static GstStateChangeReturn
gst_realtime_src_change_state (GstElement *element, GstStateChange transition)
{
  GstRealtimeSrc *self = GST_REALTIME_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_realtime_waiter_set_playing (&self->waiter, FALSE);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    gst_realtime_waiter_set_playing (&self->waiter, TRUE);

  ret = GST_ELEMENT_CLASS (gst_realtime_src_parent_class)->change_state (element, transition);
  if (ret == GST_STATE_CHANGE_FAILURE)
    return ret;

  /* Live: there is nothing to preroll with. */
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
      transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    return GST_STATE_CHANGE_NO_PREROLL;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    clear_pool (self);
  return ret;
}

static void
gst_realtime_src_finalize (GObject *object)
{
  GstRealtimeSrc *self = GST_REALTIME_SRC (object);

  gst_realtime_playout_set_wake (self->playout, NULL, NULL);
  gst_clear_event (&self->speech_event);
  clear_pool (self);
  gst_clear_caps (&self->caps);
  gst_realtime_framer_free (self->framer);
  gst_realtime_waiter_clear (&self->waiter);
  G_OBJECT_CLASS (gst_realtime_src_parent_class)->finalize (object);
}

static void
gst_realtime_src_class_init (GstRealtimeSrcClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_realtime_src_debug, "openairealtimesrc", 0, "Realtime API playout");
  G_OBJECT_CLASS (klass)->finalize = gst_realtime_src_finalize;
  element_class->change_state = gst_realtime_src_change_state;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Realtime API playout",
                                         "Source/Network/Audio",
                                         "Private part of openairealtimebin", "Bestellbot");
}

static void
gst_realtime_src_init (GstRealtimeSrc *self)
{
  self->ptime = 20;
  self->speech_event
      = gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                              gst_structure_new_empty (GST_OPENAI_REALTIME_EVENT_SPEECH));
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
  gst_realtime_waiter_init (&self->waiter);
  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->srcpad, gst_realtime_src_pad_event);
  gst_pad_set_query_function (self->srcpad, gst_realtime_src_pad_query);
  gst_pad_set_activatemode_function (self->srcpad, gst_realtime_src_activate_mode);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

/* On the session's thread. */
static void
on_speech (gpointer user_data)
{
  GstRealtimeSrc *self = user_data;

  if (g_atomic_int_get (&self->external))
    gst_pad_push_event (self->srcpad, gst_event_ref (self->speech_event));
}

/* @playout: (transfer none): must outlive the element */
GstElement *
gst_realtime_src_new (GstRealtimePlayout *playout,
                      const GstRealtimeSrcListener *listener,
                      gpointer user_data)
{
  GstRealtimeSrc *self = g_object_new (GST_TYPE_REALTIME_SRC, "name", "realtimesrc", NULL);

  self->playout = playout;
  self->framer = gst_realtime_framer_new (playout);
  gst_realtime_playout_set_wake (playout, on_speech, self);
  self->listener = *listener;
  self->user_data = user_data;
  return GST_ELEMENT (self);
}

/* Takes effect when the element goes to PAUSED. */
void
gst_realtime_src_set_external (GstRealtimeSrc *self, gboolean external)
{
  g_atomic_int_set (&self->external, external);
}

/* ms per buffer. In READY or NULL only. */
void
gst_realtime_src_set_ptime (GstRealtimeSrc *self, guint ptime)
{
  g_atomic_int_set (&self->ptime, ptime);
}

/* Returns: what the service is to send as things stand; PCM unless only G.711
 * can be taken. Later changes are told to the listener. Takes no lock that the
 * playout thread holds while it waits. */
GstRealtimeFormat
gst_realtime_src_get_format (GstRealtimeSrc *self)
{
  g_autoptr (GstCaps) caps = choose_caps (self);

  return caps != NULL ? gst_realtime_format_from_caps (caps) : GST_REALTIME_FORMAT_PCM;
}

/* No more speech will come: EOS follows the last of what is queued. */
void
gst_realtime_src_end (GstRealtimeSrc *self)
{
  g_atomic_int_set (&self->ending, TRUE);
}
