/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-callrtpsrc
 * @title: callrtpsrc
 *
 * Receives a call's RTP and RTCP on a shared media loop: it owns the two
 * sockets, bound in READY so that signalling can name the ports, and pushes
 * each valid packet the moment it is read. It has no thread of its own.
 *
 * Element messages: `call-rtp-dtmf` (digit: string), `call-rtp-timeout`
 * (seconds: uint), `call-rtp-latched` (address: string).
 *
 * |[
 * gst-launch-1.0 callrtpsrc port-min=4000 port-max=4001
 *   caps="application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8" !
 *   callreorder ! rtppcmadepay ! alawdec ! autoaudiosink
 * ]|
 */
#include "config.h"

#include "callrtpsrc.h"

#include <glib/gi18n-lib.h>

#include "callrtpsrc-properties.h"
#include "callrtpstats.h"

GST_DEBUG_CATEGORY_STATIC (gst_call_rtp_src_debug);
#define GST_CAT_DEFAULT gst_call_rtp_src_debug

static guint action_discard;

struct _GstCallRtpSrc
{
  GstElement parent_instance;

  GstPad *srcpad;

  /* Settings; written in NULL, or on the loop's thread while there is a loop. */
  char *address;
  guint port_min;
  guint port_max;
  guint dscp;
  GstCaps *caps;
  GstCaps *next_caps; /* NULL: none */
  char *remote_address;
  guint remote_port;
  guint remote_rtcp_port;
  gboolean receiving;
  guint timeout; /* s */

  /* From READY on. */
  MediaLoop *loop;
  RtpSockets sockets;

  /* The loop's thread only. */
  gboolean playing;
  gboolean watching;
  gboolean pulsing;
  MediaLoopWatch rtp_watch;
  MediaLoopWatch rtcp_watch;
  TickEntry pulse;
  TickEntry watchdog;
  GstEvent *pulse_event;
  gboolean have_stream_start;
  gboolean have_segment;
  gboolean caps_changed;
  gboolean flow_failed;
  RtpReceiver receiver;
  SrtpSession *srtp; /* NULL: plain RTP */
  gboolean timed_out;
  gboolean discont; /* the next packet does not follow on what was pushed */
};

G_DEFINE_FINAL_TYPE (GstCallRtpSrc, gst_call_rtp_src, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (callrtpsrc, "callrtpsrc", GST_RANK_NONE, GST_TYPE_CALL_RTP_SRC);

static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

/* ---- Work on the loop's thread ---- */

static void
push_sticky_events (GstCallRtpSrc *self)
{
  if (!self->have_stream_start)
    {
      g_autofree char *id = gst_pad_create_stream_id (self->srcpad, GST_ELEMENT (self), NULL);

      gst_pad_push_event (self->srcpad, gst_event_new_stream_start (id));
      self->have_stream_start = TRUE;
    }
  if (self->caps_changed && self->caps != NULL)
    gst_pad_push_event (self->srcpad, gst_event_new_caps (self->caps));
  self->caps_changed = FALSE;
  if (!self->have_segment)
    {
      GstSegment segment;

      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (self->srcpad, gst_event_new_segment (&segment));
      self->have_segment = TRUE;
    }
}

static GstClockTime
running_time (GstCallRtpSrc *self)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (self));
  GstClockTime base = gst_element_get_base_time (GST_ELEMENT (self));
  GstClockTime now = clock != NULL ? gst_clock_get_time (clock) : base;

  return now > base ? now - base : 0;
}

static void
push_packet (GstCallRtpSrc *self, const MediaDatagram *datagram)
{
  GstBuffer *buffer = media_loop_acquire_buffer (self->loop);
  GstFlowReturn flow;

  if (buffer == NULL)
    return;

  gst_buffer_set_size (buffer, (gssize) datagram->size);
  gst_buffer_fill (buffer, 0, datagram->data, datagram->size);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = running_time (self);
  if (G_UNLIKELY (self->discont))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;

  push_sticky_events (self);
  flow = gst_pad_push (self->srcpad, buffer);
  if (G_UNLIKELY (flow != GST_FLOW_OK && flow != GST_FLOW_FLUSHING && !self->flow_failed))
    {
      self->flow_failed = TRUE;
      if (flow != GST_FLOW_EOS)
        GST_ELEMENT_FLOW_ERROR (self, flow);
    }
}

static void
post (GstCallRtpSrc *self, GstStructure *structure)
{
  gst_element_post_message (GST_ELEMENT (self),
                            gst_message_new_element (GST_OBJECT (self), structure));
}

static void
report_digit (GstCallRtpSrc *self, char digit)
{
  char text[2] = { digit, 0 };

  post (self, gst_structure_new ("call-rtp-dtmf", "digit", G_TYPE_STRING, text, NULL));
}

static void
report_latched (GstCallRtpSrc *self)
{
  g_autofree char *text = rtp_address_to_string (&self->receiver.rtp_latch.latched);

  GST_INFO_OBJECT (self, "Packets come from %s", text);
  post (self, gst_structure_new ("call-rtp-latched", "address", G_TYPE_STRING, text, NULL));
}

static void
apply_caps (GstCallRtpSrc *self, const GstCaps *caps)
{
  int payload_type = -1;
  int clock_rate = 0;

  if (caps != NULL && self->caps != NULL && gst_caps_is_equal (caps, self->caps))
    return;

  gst_caps_take (&self->caps, caps != NULL ? gst_caps_copy (caps) : NULL);
  if (self->caps != NULL && gst_caps_get_size (self->caps) > 0)
    {
      GstStructure *s = gst_caps_get_structure (self->caps, 0);

      gst_structure_get_int (s, "payload", &payload_type);
      gst_structure_get_int (s, "clock-rate", &clock_rate);
    }
  rtp_receiver_set_format (&self->receiver, payload_type, (guint) MAX (clock_rate, 0));
  self->caps_changed = TRUE;
}

static void
apply_next_caps (GstCallRtpSrc *self, const GstCaps *caps)
{
  self->receiver.next_payload_type = -1;
  gst_caps_take (&self->next_caps, caps != NULL ? gst_caps_copy (caps) : NULL);
  if (self->next_caps != NULL && gst_caps_get_size (self->next_caps) > 0)
    gst_structure_get_int (gst_caps_get_structure (self->next_caps, 0), "payload",
                           &self->receiver.next_payload_type);
}

/* Before anything else looks at it: what is not the peer's own must not even
 * latch its address. */
static gboolean
is_authentic (GstCallRtpSrc *self, MediaDatagram *datagram, gint64 now)
{
  return self->srtp == NULL
         || srtp_session_unprotect (self->srtp, datagram->data, &datagram->size, now);
}

static gboolean
take_muxed_rtcp (GstCallRtpSrc *self, const MediaDatagram *datagram, gint64 now)
{
  if (!self->receiver.rtcp_mux || !rtp_packet_is_rtcp (datagram->data, datagram->size))
    return FALSE;

  rtp_receiver_rtcp (&self->receiver, datagram->data, datagram->size, &datagram->from, now);
  return TRUE;
}

static void
on_rtp_readable (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;
  MediaDatagram *datagrams;
  guint n = media_loop_receive (self->loop, self->sockets.rtp_fd, &datagrams);
  gint64 now = media_loop_now ();

  for (guint i = 0; i < n; i++)
    {
      MediaDatagram *datagram = &datagrams[i];
      RtpReceiverFinding finding;

      if (!is_authentic (self, datagram, now)
          || take_muxed_rtcp (self, datagram, now)
          || !rtp_receiver_packet (&self->receiver, datagram->data, datagram->size, &datagram->from,
                                now, &finding))
        continue;

      self->timed_out = FALSE;
      if (G_UNLIKELY (finding.latched))
        report_latched (self);
      if (G_UNLIKELY (finding.digit != 0))
        report_digit (self, finding.digit);
      if (G_UNLIKELY (self->next_caps != NULL
                      && (datagram->data[1] & 0x7f) == self->receiver.next_payload_type))
        {
          apply_caps (self, self->next_caps);
          apply_next_caps (self, NULL);
        }
      push_packet (self, datagram);
    }
}

static void
on_rtcp_readable (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;
  MediaDatagram *datagrams;
  guint n = media_loop_receive (self->loop, self->sockets.rtcp_fd, &datagrams);
  gint64 now = media_loop_now ();

  for (guint i = 0; i < n; i++)
    if (is_authentic (self, &datagrams[i], now))
      rtp_receiver_rtcp (&self->receiver, datagrams[i].data, datagrams[i].size,
                         &datagrams[i].from, now);
}

static void
on_pulse (TickEntry *entry, guint64 due, guint skipped)
{
  GstCallRtpSrc *self = entry->user_data;

  if (self->have_segment && !self->discont)
    gst_pad_push_event (self->srcpad, gst_event_ref (self->pulse_event));
}

static void
on_watchdog (TickEntry *entry, guint64 due, guint skipped)
{
  GstCallRtpSrc *self = entry->user_data;

  if (self->timeout == 0 || self->timed_out
      || media_loop_now () - self->receiver.last_packet < (gint64) self->timeout * (gint64) GST_SECOND)
    return;

  self->timed_out = TRUE;
  post (self, gst_structure_new ("call-rtp-timeout", "seconds", G_TYPE_UINT, self->timeout, NULL));
}

/* Brings watches and ticks in line with state and receiving. The pulse goes on
 * while on hold: the caller's last sentence still has to end. */
static void
update_watching (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;
  gboolean want = self->playing && self->receiving;

  if (self->playing && !self->pulsing)
    media_loop_add_tick (self->loop, &self->pulse, FALSE);
  else if (!self->playing && self->pulsing)
    media_loop_remove_tick (self->loop, &self->pulse);
  self->pulsing = self->playing;

  if (want == self->watching)
    return;

  self->watching = want;
  if (want)
    {
      self->receiver.last_packet = media_loop_now ();
      self->timed_out = FALSE;
      media_loop_add_watch (self->loop, &self->rtp_watch);
      media_loop_add_watch (self->loop, &self->rtcp_watch);
      media_loop_add_tick (self->loop, &self->watchdog, FALSE);
    }
  else
    {
      media_loop_remove_watch (self->loop, &self->rtp_watch);
      media_loop_remove_watch (self->loop, &self->rtcp_watch);
      media_loop_remove_tick (self->loop, &self->watchdog);
    }
}

static void
announce (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;
  struct sockaddr_storage address;

  rtp_address_parse (self->remote_address, (guint16) self->remote_port, &address);
  rtp_latch_announce (&self->receiver.rtp_latch, &address);
  rtp_address_parse (self->remote_address, (guint16) self->remote_rtcp_port, &address);
  rtp_latch_announce (&self->receiver.rtcp_latch, &address);
}

/* ---- For callrtpsink ---- */

/**
 * gst_call_rtp_src_get_loop:
 * @self: READY or more
 *
 * Returns: (transfer none) (nullable): the loop this call lives on
 */
MediaLoop *
gst_call_rtp_src_get_loop (GstCallRtpSrc *self)
{
  return self->loop;
}

/**
 * gst_call_rtp_src_send:
 * @self: READY or more
 * @rtcp: on which socket
 * @vectors: the datagram
 * @n: how many of them
 *
 * Returns: bytes sent, 0 when there is nowhere to send to, -1 with errno
 */
gssize
gst_call_rtp_src_send (GstCallRtpSrc *self, gboolean rtcp, const struct iovec *vectors, gsize n)
{
  const struct sockaddr_storage *to;
  struct iovec protected;

  rtcp = rtcp && !self->receiver.rtcp_mux;
  to = rtp_latch_get_destination (rtcp ? &self->receiver.rtcp_latch : &self->receiver.rtp_latch);
  if (to == NULL)
    return 0;
  if (self->srtp != NULL)
    {
      if (!srtp_session_protect (self->srtp, vectors, n, &protected))
        return 0;
      vectors = &protected;
      n = 1;
    }

  return rtp_sockets_send (&self->sockets, rtcp, to, vectors, n);
}

/**
 * gst_call_rtp_src_report:
 * @self: the receiving side
 * @report: (out): a report block about the peer's stream
 *
 * Returns: whether anything has come to report on
 */
gboolean
gst_call_rtp_src_report (GstCallRtpSrc *self, RtcpReport *report)
{
  return rtp_receiver_report (&self->receiver, media_loop_now (), report);
}

void
gst_call_rtp_src_set_own_ssrc (GstCallRtpSrc *self, guint32 ssrc)
{
  self->receiver.own_ssrc = ssrc;
}

/* ---- Properties ---- */

typedef struct
{
  GstCallRtpSrc *self;
  guint id;
  const GValue *value;
  GstStructure *stats;
} PropertyJob;

static void
set_keys (GstCallRtpSrc *self, const GstStructure *keys)
{
  g_autoptr (GError) error = NULL;

  if (!srtp_session_set_keys (&self->srtp, keys, media_loop_now (), &error))
    GST_ELEMENT_ERROR (self, STREAM, DECRYPT, (_("The call can't be encrypted")),
                       ("%s", error->message));
}

static void
set_property_job (gpointer user_data)
{
  PropertyJob *job = user_data;
  GstCallRtpSrc *self = job->self;

  switch (job->id)
    {
    case PROP_CAPS:
      apply_caps (self, gst_value_get_caps (job->value));
      break;
    case PROP_NEXT_CAPS:
      apply_next_caps (self, gst_value_get_caps (job->value));
      break;
    case PROP_DTMF_PAYLOAD_TYPE:
      self->receiver.dtmf_payload_type = g_value_get_int (job->value);
      break;
    case PROP_REMOTE_ADDRESS:
      g_free (self->remote_address);
      self->remote_address = g_value_dup_string (job->value);
      announce (self);
      break;
    case PROP_REMOTE_PORT:
      self->remote_port = g_value_get_uint (job->value);
      announce (self);
      break;
    case PROP_REMOTE_RTCP_PORT:
      self->remote_rtcp_port = g_value_get_uint (job->value);
      announce (self);
      break;
    case PROP_RTCP_MUX:
      self->receiver.rtcp_mux = g_value_get_boolean (job->value);
      break;
    case PROP_SRTP:
      set_keys (self, gst_value_get_structure (job->value));
      break;
    case PROP_RECEIVING:
      self->receiving = g_value_get_boolean (job->value);
      if (self->loop != NULL)
        update_watching (self);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_uint (job->value);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
run_on_loop (GstCallRtpSrc *self, MediaLoopFunc func, gpointer user_data)
{
  if (self->loop != NULL)
    media_loop_run_sync (self->loop, func, user_data);
  else
    func (user_data);
}

static void
gst_call_rtp_src_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCallRtpSrc *self = GST_CALL_RTP_SRC (object);
  PropertyJob job = { .self = self, .id = id, .value = value };

  switch (id)
    {
    case PROP_ADDRESS:
      g_free (self->address);
      self->address = g_value_dup_string (value);
      break;
    case PROP_PORT_MIN:
      self->port_min = g_value_get_uint (value);
      break;
    case PROP_PORT_MAX:
      self->port_max = g_value_get_uint (value);
      break;
    case PROP_DSCP:
      self->dscp = g_value_get_uint (value);
      break;
    default:
      if (pspec->owner_type == GST_TYPE_CALL_RTP_SRC && id < N_PROPS)
        run_on_loop (self, set_property_job, &job);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static void
stats_job (gpointer user_data)
{
  PropertyJob *job = user_data;

  job->stats = gst_call_rtp_stats_new (&job->self->receiver, job->self->srtp);
}

static void
gst_call_rtp_src_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCallRtpSrc *self = GST_CALL_RTP_SRC (object);
  PropertyJob job = { .self = self };

  switch (id)
    {
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_PORT_MIN:
      g_value_set_uint (value, self->port_min);
      break;
    case PROP_PORT_MAX:
      g_value_set_uint (value, self->port_max);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->sockets.rtp_port);
      break;
    case PROP_RTCP_PORT:
      g_value_set_uint (value, self->sockets.rtcp_port);
      break;
    case PROP_DSCP:
      g_value_set_uint (value, self->dscp);
      break;
    case PROP_CAPS:
      gst_value_set_caps (value, self->caps);
      break;
    case PROP_NEXT_CAPS:
      gst_value_set_caps (value, self->next_caps);
      break;
    case PROP_DTMF_PAYLOAD_TYPE:
      g_value_set_int (value, self->receiver.dtmf_payload_type);
      break;
    case PROP_REMOTE_ADDRESS:
      g_value_set_string (value, self->remote_address);
      break;
    case PROP_REMOTE_PORT:
      g_value_set_uint (value, self->remote_port);
      break;
    case PROP_REMOTE_RTCP_PORT:
      g_value_set_uint (value, self->remote_rtcp_port);
      break;
    case PROP_RTCP_MUX:
      g_value_set_boolean (value, self->receiver.rtcp_mux);
      break;
    case PROP_RECEIVING:
      g_value_set_boolean (value, self->receiving);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout);
      break;
    case PROP_STATS:
      run_on_loop (self, stats_job, &job);
      g_value_take_boxed (value, job.stats);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static void
discard_job (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;
  guint n = rtp_sockets_discard (&self->sockets);

  self->discont = TRUE;
  GST_DEBUG_OBJECT (self, "Discarded %u packets that came too early", n);
}

static void
gst_call_rtp_src_discard (GstCallRtpSrc *self)
{
  if (self->sockets.rtp_fd >= 0)
    run_on_loop (self, discard_job, self);
}

/* ---- Life cycle ---- */

static gboolean
open_call (GstCallRtpSrc *self)
{
  g_autoptr (GError) error = NULL;

  if (!rtp_sockets_open (&self->sockets, self->address, self->port_min, self->port_max, self->dscp,
                         &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY))
        GST_ELEMENT_ERROR (self, RESOURCE, BUSY, ("%s", error->message), (NULL));
      else
        GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ_WRITE, ("%s", error->message), (NULL));
      return FALSE;
    }

  self->loop = media_loop_acquire ();
  if (self->loop == NULL)
    {
      rtp_sockets_close (&self->sockets);
      GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
                         (_("No thread or file descriptor left for a call's media; raise the "
                          "process limits")),
                         (NULL));
      return FALSE;
    }

  self->rtp_watch.fd = self->sockets.rtp_fd;
  self->rtcp_watch.fd = self->sockets.rtcp_fd;
  return TRUE;
}

static void
close_call (GstCallRtpSrc *self)
{
  media_loop_release (g_steal_pointer (&self->loop));
  rtp_sockets_close (&self->sockets);
}

static void
play_or_pause_job (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;

  self->playing = !self->playing;
  update_watching (self);
}

static void
reset_job (gpointer user_data)
{
  GstCallRtpSrc *self = user_data;

  self->have_stream_start = self->have_segment = FALSE;
  self->caps_changed = TRUE;
  self->flow_failed = FALSE;
}

static GstStateChangeReturn
gst_call_rtp_src_change_state (GstElement *element, GstStateChange transition)
{
  GstCallRtpSrc *self = GST_CALL_RTP_SRC (element);
  GstStateChangeReturn ret;

  switch (transition)
    {
    case GST_STATE_CHANGE_NULL_TO_READY:
      if (!open_call (self))
        return GST_STATE_CHANGE_FAILURE;
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      /* When this returns no packet of this call is on its way any more. */
      run_on_loop (self, play_or_pause_job, self);
      break;
    default:
      break;
    }

  ret = GST_ELEMENT_CLASS (gst_call_rtp_src_parent_class)->change_state (element, transition);
  if (ret == GST_STATE_CHANGE_FAILURE)
    return ret;

  switch (transition)
    {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      ret = GST_STATE_CHANGE_NO_PREROLL; /* live */
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      run_on_loop (self, play_or_pause_job, self);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      run_on_loop (self, reset_job, self);
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      close_call (self);
      break;
    default:
      break;
    }

  return ret;
}

static gboolean
gst_call_rtp_src_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstCallRtpSrc *self = GST_CALL_RTP_SRC (parent);

  switch (GST_QUERY_TYPE (query))
    {
    case GST_QUERY_LATENCY:
      gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
      return TRUE;
    case GST_QUERY_SCHEDULING:
      gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1, 0);
      gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
      return TRUE;
    case GST_QUERY_CAPS:
      if (self->caps != NULL)
        {
          GstCaps *filter;
          g_autoptr (GstCaps) caps = NULL;

          gst_query_parse_caps (query, &filter);
          caps = filter != NULL ? gst_caps_intersect (filter, self->caps)
                                : gst_caps_ref (self->caps);
          gst_query_set_caps_result (query, caps);
          return TRUE;
        }
      return gst_pad_query_default (pad, parent, query);
    default:
      return gst_pad_query_default (pad, parent, query);
    }
}

static void
gst_call_rtp_src_finalize (GObject *object)
{
  GstCallRtpSrc *self = GST_CALL_RTP_SRC (object);

  g_free (self->address);
  g_free (self->remote_address);
  g_clear_pointer (&self->srtp, srtp_session_free);
  gst_clear_caps (&self->caps);
  gst_clear_caps (&self->next_caps);
  gst_clear_event (&self->pulse_event);

  G_OBJECT_CLASS (gst_call_rtp_src_parent_class)->finalize (object);
}

static void
gst_call_rtp_src_class_init (GstCallRtpSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_call_rtp_src_debug, "callrtpsrc", 0, "RTP of a call, received");

  object_class->set_property = gst_call_rtp_src_set_property;
  object_class->get_property = gst_call_rtp_src_get_property;
  object_class->finalize = gst_call_rtp_src_finalize;

  gst_call_rtp_src_install_properties (object_class);

  /**
   * GstCallRtpSrc::discard:
   *
   * Throws away what waits in the sockets: what came before the call was
   * answered, or while it was on hold.
   */
  action_discard = g_signal_new_class_handler (
      "discard", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_call_rtp_src_discard), NULL, NULL, NULL, G_TYPE_NONE, 0);

  element_class->change_state = gst_call_rtp_src_change_state;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "RTP of a call, received", "Source/Network",
                                         "Receives a call's packets on a shared media loop",
                                         "Bestellbot");
}

static void
gst_call_rtp_src_init (GstCallRtpSrc *self)
{
  self->address = g_strdup ("0.0.0.0");
  self->dscp = 46;
  rtp_receiver_init (&self->receiver);
  self->receiving = TRUE;
  self->caps_changed = TRUE;
  self->sockets = (RtpSockets) RTP_SOCKETS_INIT;
  self->pulse_event = gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
                                            gst_structure_new_empty (GST_CALL_RTP_PULSE));
  self->rtp_watch = (MediaLoopWatch){ -1, on_rtp_readable, self };
  self->rtcp_watch = (MediaLoopWatch){ -1, on_rtcp_readable, self };
  self->pulse = (TickEntry){ .func = on_pulse, .user_data = self, .period = GST_CALL_RTP_PULSE_MS };
  self->watchdog = (TickEntry){ .func = on_watchdog, .user_data = self, .period = 1000 };

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->srcpad, gst_call_rtp_src_query);
  gst_pad_use_fixed_caps (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}
