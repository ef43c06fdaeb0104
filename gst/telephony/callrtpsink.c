/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-callrtpsink
 * @title: callrtpsink
 *
 * Sends a call's RTP from the socket of its callrtpsrc and sets the pace of
 * everything upstream: on each deadline of the media loop it pushes the event
 * `openai-realtime-tick` out of its sink pad, and the packet that comes back
 * leaves before the tick is over. It has no thread of its own.
 *
 * Sequence number, timestamp, SSRC and marker are the sink's own, so that the
 * stream stays one across a change of codec. The timestamp is the deadline's,
 * exactly: after a stall that made it give up deadlines the timestamp jumps by
 * just those, and the packet carries the marker of a new talk spurt.
 *
 * When upstream says that speech has come while silence leaves, its first
 * packet leaves at once, with the marker, and the deadlines are counted from it.
 *
 * It sends RTCP (SR or RR, SDES) every five seconds or so, and BYE at the end of each
 * stream.
 */
#include "callrtpsink.h"

#include <string.h>
#include <sys/uio.h>

#include "callrtpsrc.h"
#include "openairealtime.h"
#include "rtpdtmfsender.h"

GST_DEBUG_CATEGORY_STATIC (gst_call_rtp_sink_debug);
#define GST_CAT_DEFAULT gst_call_rtp_sink_debug

#define MAX_MEMORIES 8 /* of one packet; payloaders make two */
#define RTCP_INTERVAL 5000 /* ms on average, RFC 3550 section 6.2 */

enum
{
  PROP_0,
  PROP_SOURCE,
  PROP_PTIME,
  PROP_SENDING,
  PROP_DTMF_PAYLOAD_TYPE,
  PROP_STATS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

struct _GstCallRtpSink
{
  GstElement parent_instance;

  GstPad *sinkpad;

  /* Settings; written below PAUSED, or on the loop's thread. */
  GstCallRtpSrc *source;
  guint ptime; /* ms */
  gboolean sending;
  int dtmf_payload_type; /* -1: none */

  /* The loop's thread only. */
  MediaLoop *loop; /* source's; PAUSED and more; written under the object lock */
  gboolean playing;
  TickEntry tick;
  TickEntry rtcp_tick;
  GstEvent *tick_event;
  GstEvent *spurt_event;
  guint clock_rate; /* Hz, from caps; 0: none yet */
  guint32 ssrc;
  guint16 seq;
  guint32 timestamp_base;
  guint64 time_base;   /* ms of the loop's clock at timestamp_base */
  guint64 due;         /* ms; the deadline being served */
  guint sent_in_tick;
  gboolean mark;       /* the next packet begins a talk spurt */
  gboolean anything_sent;
  guint32 last_timestamp;
  gint64 last_departure; /* ns */
  char *cname;
  int rtcp_left; /* ms until the next report */

  RtpDtmfSender dtmf;

  guint64 stream_packets; /* of this SSRC, for RTCP */
  guint64 stream_bytes;

  /* Counters. */
  guint64 packets;
  guint64 bytes;   /* of payload */
  guint64 missed;  /* deadlines upstream had nothing for */
  guint64 skipped; /* deadlines given up after a stall */
  guint64 spurts;  /* answers whose first frame did not wait for its deadline */
  guint64 failed;  /* the system would not send it */
};

G_DEFINE_FINAL_TYPE (GstCallRtpSink, gst_call_rtp_sink, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (callrtpsink, "callrtpsink", GST_RANK_NONE, GST_TYPE_CALL_RTP_SINK);

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

/* ---- Work on the loop's thread ---- */

static void
new_stream (GstCallRtpSink *self)
{
  self->ssrc = g_random_int ();
  self->seq = (guint16) g_random_int ();
  self->timestamp_base = g_random_int ();
  self->time_base = 0;
  self->mark = TRUE;
  self->anything_sent = FALSE;
  self->stream_packets = self->stream_bytes = 0;
  gst_call_rtp_src_set_own_ssrc (self->source, self->ssrc);
}

static void
on_tick (TickEntry *entry, guint64 due, guint skipped)
{
  GstCallRtpSink *self = entry->user_data;

  self->due = due;
  self->sent_in_tick = 0;
  if (G_UNLIKELY (skipped > 0))
    {
      self->skipped += skipped;
      self->mark = TRUE;
    }

  gst_pad_push_event (self->sinkpad, gst_event_ref (self->tick_event));

  if (G_UNLIKELY (self->sent_in_tick == 0))
    self->missed++;
}

/* Speech has come while silence leaves: its first frame goes now, and the
 * deadlines from now on are counted from it. The timestamp is the clock's, as
 * ever, so that to the receiver nothing has jumped. */
static void
spurt_job (gpointer user_data)
{
  GstCallRtpSink *self = user_data;
  gboolean marked = self->mark;
  guint64 now;

  if (!tick_entry_is_active (&self->tick))
    return;

  if (!media_loop_tick_is_ahead (self->loop, &self->tick, &now) || now <= self->due)
    {
      /* It leaves with the next tick, which is near. */
      self->mark = TRUE;
      return;
    }

  self->due = now;
  self->sent_in_tick = 0;
  self->mark = TRUE;
  gst_pad_push_event (self->sinkpad, gst_event_ref (self->spurt_event));
  if (self->sent_in_tick == 0)
    {
      self->mark = marked; /* it has left already */
      return;
    }

  self->spurts++;
  media_loop_rephase_tick (self->loop, &self->tick, now);
}

static void
on_speech (GstCallRtpSink *self)
{
  GST_OBJECT_LOCK (self);
  if (self->loop != NULL
      && !media_loop_enqueue (self->loop, spurt_job, gst_object_ref (self), gst_object_unref))
    gst_object_unref (self);
  GST_OBJECT_UNLOCK (self);
}

static gsize
map_payload (GstBuffer *buffer, gsize skip, struct iovec *vectors, GstMapInfo *maps, guint *n_maps)
{
  guint n = gst_buffer_n_memory (buffer);
  gsize size = 0;

  *n_maps = 0;
  for (guint i = 0; i < n && i < MAX_MEMORIES; i++)
    {
      GstMapInfo *map = &maps[*n_maps];
      gsize head;

      if (!gst_memory_map (gst_buffer_peek_memory (buffer, i), map, GST_MAP_READ))
        break;
      head = MIN (skip, map->size);
      skip -= head;
      vectors[*n_maps].iov_base = map->data + head;
      vectors[*n_maps].iov_len = map->size - head;
      size += map->size - head;
      (*n_maps)++;
    }

  return size;
}

static GstFlowReturn
gst_call_rtp_sink_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstCallRtpSink *self = GST_CALL_RTP_SINK (parent);
  struct iovec vectors[MAX_MEMORIES + 1];
  GstMapInfo maps[MAX_MEMORIES];
  guint8 head[2];
  guint8 packet[RTP_HEADER_SIZE];
  guint8 event[RTP_DTMF_EVENT_SIZE];
  guint32 last_timestamp;
  RtpHeader header;
  guint n_vectors;
  gsize size;
  guint n;

  /* Outside of a tick (a payloader that drains) there is no deadline to stamp
   * it with, and on hold nothing leaves. */
  if (G_UNLIKELY (!media_loop_is_current (self->loop) || !tick_entry_is_active (&self->tick)
                  || self->clock_rate == 0 || gst_buffer_extract (buffer, 0, head, 2) != 2))
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_OK;
    }

  if (G_UNLIKELY (self->time_base == 0))
    self->time_base = self->due;

  header.payload_type = head[1] & 0x7f;
  header.marker = self->mark || (head[1] & 0x80) != 0;
  header.seq = self->seq;
  header.timestamp = self->timestamp_base
                     + (guint32) ((self->due - self->time_base) * self->clock_rate / 1000);
  header.ssrc = self->ssrc;
  last_timestamp = header.timestamp;
  if (G_UNLIKELY (self->dtmf.n_keys > 0 || self->dtmf.pause > 0)
      && rtp_dtmf_sender_next (&self->dtmf, self->ptime, self->clock_rate, &header, event))
    {
      /* In place of what was to be heard meanwhile. */
      header.payload_type = (guint8) self->dtmf_payload_type;
      vectors[1].iov_base = event;
      vectors[1].iov_len = size = sizeof event;
      n = 0;
      n_vectors = 2;
    }
  else
    {
      size = map_payload (buffer, RTP_HEADER_SIZE + 4 * (gsize) (head[0] & 0x0f), vectors + 1, maps,
                          &n);
      n_vectors = n + 1;
    }
  rtp_packet_write_header (packet, &header);

  vectors[0].iov_base = packet;
  vectors[0].iov_len = RTP_HEADER_SIZE;

  self->sent_in_tick++;
  if (G_LIKELY (gst_call_rtp_src_send (self->source, FALSE, vectors, n_vectors) > 0))
    {
      self->seq++;
      self->packets++;
      self->bytes += size;
      self->stream_packets++;
      self->stream_bytes += size;
      self->mark = FALSE;
      self->anything_sent = TRUE;
      self->last_timestamp = last_timestamp;
      self->last_departure = media_loop_now ();
    }
  else
    {
      self->failed++;
    }

  for (guint i = 0; i < n; i++)
    gst_memory_unmap (maps[i].memory, &maps[i]);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static void
send_rtcp (GstCallRtpSink *self, gboolean bye)
{
  guint8 data[512];
  RtcpSenderInfo sender;
  RtcpReport report;
  gboolean have_report = gst_call_rtp_src_report (self->source, &report);
  struct iovec vector = { .iov_base = data };

  if (self->anything_sent)
    {
      gint64 since = (media_loop_now () - self->last_departure) / 1000; /* us */

      sender.ntp = rtcp_ntp_now ();
      sender.rtp_timestamp
          = self->last_timestamp + (guint32) (since * self->clock_rate / 1000000);
      sender.packets = (guint32) self->stream_packets;
      sender.octets = (guint32) self->stream_bytes;
    }

  vector.iov_len = rtcp_write (data, sizeof data, self->ssrc, self->anything_sent ? &sender : NULL,
                               have_report ? &report : NULL, self->cname, bye);
  if (vector.iov_len > 0)
    gst_call_rtp_src_send (self->source, TRUE, &vector, 1);
}

/* Spread, so that many calls don't report in step (RFC 3550 section 6.3.1);
 * the first report comes after half the time. */
static int
rtcp_interval (gboolean first)
{
  int interval = g_random_int_range (RTCP_INTERVAL / 2, RTCP_INTERVAL * 3 / 2);

  return first ? interval / 2 : interval;
}

static void
on_rtcp_tick (TickEntry *entry, guint64 due, guint skipped)
{
  GstCallRtpSink *self = entry->user_data;

  self->rtcp_left -= (int) entry->period;
  if (self->rtcp_left <= 0)
    {
      self->rtcp_left = rtcp_interval (FALSE);
      send_rtcp (self, FALSE);
    }
}

static void
update_ticking (gpointer user_data)
{
  GstCallRtpSink *self = user_data;
  gboolean want = self->playing && self->sending;

  if (want == tick_entry_is_active (&self->tick) && (!want || self->tick.period == self->ptime))
    return;

  media_loop_remove_tick (self->loop, &self->tick);
  if (want)
    {
      gboolean keep_phase = self->time_base != 0;
      guint64 due = self->tick.due;

      /* With another period, too, the next packet is due when the last one ends. */
      self->tick.period = self->ptime;
      media_loop_add_tick (self->loop, &self->tick, keep_phase);
      if (!keep_phase || self->tick.due != due)
        self->mark = TRUE;
    }
}

static void
play_job (gpointer user_data)
{
  GstCallRtpSink *self = user_data;

  self->playing = TRUE;
  update_ticking (self);
  if (!tick_entry_is_active (&self->rtcp_tick))
    {
      self->rtcp_left = rtcp_interval (TRUE);
      media_loop_add_tick (self->loop, &self->rtcp_tick, FALSE);
    }
}

static void
pause_job (gpointer user_data)
{
  GstCallRtpSink *self = user_data;

  if (self->anything_sent)
    send_rtcp (self, TRUE);
  self->playing = FALSE;
  update_ticking (self);
  media_loop_remove_tick (self->loop, &self->rtcp_tick);
}

static gboolean
gst_call_rtp_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstCallRtpSink *self = GST_CALL_RTP_SINK (parent);

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      {
        GstCaps *caps;
        int clock_rate = 0;

        gst_event_parse_caps (event, &caps);
        gst_structure_get_int (gst_caps_get_structure (caps, 0), "clock-rate", &clock_rate);
        /* Timestamps of another clock need another SSRC (RFC 7160). */
        if (self->clock_rate != 0 && self->clock_rate != (guint) clock_rate)
          {
            if (self->anything_sent)
              send_rtcp (self, TRUE);
            new_stream (self);
          }
        self->clock_rate = (guint) MAX (clock_rate, 0);
        break;
      }
    case GST_EVENT_CUSTOM_DOWNSTREAM_OOB:
      if (gst_event_has_name (event, GST_OPENAI_REALTIME_EVENT_SPEECH))
        on_speech (self);
      break;
    case GST_EVENT_EOS:
      gst_element_post_message (GST_ELEMENT (self), gst_message_new_eos (GST_OBJECT (self)));
      break;
    default:
      break;
    }

  gst_event_unref (event);
  return TRUE;
}

static gboolean
gst_call_rtp_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  /* Nothing is held here: what was taken has left. */
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    {
      gst_query_set_latency (query, TRUE, 0, 0);
      return TRUE;
    }

  return gst_pad_query_default (pad, parent, query);
}

/* ---- Properties ---- */

static void
run_on_loop (GstCallRtpSink *self, MediaLoopFunc func, gpointer user_data)
{
  if (self->loop != NULL)
    media_loop_run_sync (self->loop, func, user_data);
  else
    func (user_data);
}

typedef struct
{
  GstCallRtpSink *self;
  guint id;
  const GValue *value;
  GstStructure *stats;
} PropertyJob;

static void
set_property_job (gpointer user_data)
{
  PropertyJob *job = user_data;
  GstCallRtpSink *self = job->self;

  if (job->id == PROP_PTIME)
    self->ptime = g_value_get_uint (job->value);
  else if (job->id == PROP_DTMF_PAYLOAD_TYPE)
    self->dtmf_payload_type = g_value_get_int (job->value);
  else
    self->sending = g_value_get_boolean (job->value);
  if (self->loop != NULL)
    update_ticking (self);
}

static void
gst_call_rtp_sink_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCallRtpSink *self = GST_CALL_RTP_SINK (object);
  PropertyJob job = { .self = self, .id = id, .value = value };

  switch (id)
    {
    case PROP_SOURCE:
      if (self->loop == NULL)
        g_set_object (&self->source, g_value_get_object (value));
      break;
    case PROP_PTIME:
    case PROP_SENDING:
    case PROP_DTMF_PAYLOAD_TYPE:
      run_on_loop (self, set_property_job, &job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static void
stats_job (gpointer user_data)
{
  PropertyJob *job = user_data;
  GstCallRtpSink *self = job->self;

  job->stats = gst_structure_new ("call-rtp-sink-stats", "packets-sent", G_TYPE_UINT64,
                                  self->packets, "bytes-sent", G_TYPE_UINT64, self->bytes,
                                  "missed", G_TYPE_UINT64, self->missed, "skipped", G_TYPE_UINT64,
                                  self->skipped, "failed", G_TYPE_UINT64, self->failed, "ssrc",
                                  G_TYPE_UINT, self->ssrc, NULL);
}

static void
gst_call_rtp_sink_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCallRtpSink *self = GST_CALL_RTP_SINK (object);
  PropertyJob job = { .self = self };

  switch (id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_PTIME:
      g_value_set_uint (value, self->ptime);
      break;
    case PROP_SENDING:
      g_value_set_boolean (value, self->sending);
      break;
    case PROP_DTMF_PAYLOAD_TYPE:
      g_value_set_int (value, self->dtmf_payload_type);
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

typedef struct
{
  GstCallRtpSink *self;
  const char *keys;
  gboolean accepted;
} PressJob;

static void
press_job (gpointer user_data)
{
  PressJob *job = user_data;

  job->accepted = job->self->dtmf_payload_type >= 0
                  && rtp_dtmf_sender_press (&job->self->dtmf, job->keys);
}

static gboolean
gst_call_rtp_sink_send_dtmf (GstCallRtpSink *self, const char *keys)
{
  PressJob job = { .self = self, .keys = keys != NULL ? keys : "" };

  run_on_loop (self, press_job, &job);
  return job.accepted;
}

/* ---- Life cycle ---- */

static GstStateChangeReturn
gst_call_rtp_sink_change_state (GstElement *element, GstStateChange transition)
{
  GstCallRtpSink *self = GST_CALL_RTP_SINK (element);
  GstStateChangeReturn ret;

  switch (transition)
    {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      GST_OBJECT_LOCK (self);
      self->loop = self->source != NULL ? gst_call_rtp_src_get_loop (self->source) : NULL;
      GST_OBJECT_UNLOCK (self);
      if (self->loop == NULL)
        {
          GST_ELEMENT_ERROR (self, CORE, STATE_CHANGE,
                             ("callrtpsink needs a callrtpsrc as its source, in READY at least"),
                             (NULL));
          return GST_STATE_CHANGE_FAILURE;
        }
      new_stream (self);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      /* When this returns no tick of this call runs any more. */
      run_on_loop (self, pause_job, self);
      break;
    default:
      break;
    }

  ret = GST_ELEMENT_CLASS (gst_call_rtp_sink_parent_class)->change_state (element, transition);
  if (ret == GST_STATE_CHANGE_FAILURE)
    return ret;

  switch (transition)
    {
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      run_on_loop (self, play_job, self);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      GST_OBJECT_LOCK (self);
      self->loop = NULL;
      GST_OBJECT_UNLOCK (self);
      self->clock_rate = 0;
      break;
    default:
      break;
    }

  return ret;
}

static void
gst_call_rtp_sink_finalize (GObject *object)
{
  GstCallRtpSink *self = GST_CALL_RTP_SINK (object);

  g_clear_object (&self->source);
  gst_clear_event (&self->tick_event);
  gst_clear_event (&self->spurt_event);
  g_free (self->cname);

  G_OBJECT_CLASS (gst_call_rtp_sink_parent_class)->finalize (object);
}

static void
gst_call_rtp_sink_class_init (GstCallRtpSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  GST_DEBUG_CATEGORY_INIT (gst_call_rtp_sink_debug, "callrtpsink", 0, "RTP of a call, sent");

  object_class->set_property = gst_call_rtp_sink_set_property;
  object_class->get_property = gst_call_rtp_sink_get_property;
  object_class->finalize = gst_call_rtp_sink_finalize;

  props[PROP_SOURCE] = g_param_spec_object ("source", "Source",
                                            "The callrtpsrc whose sockets and loop are used",
                                            GST_TYPE_CALL_RTP_SRC, flags | GST_PARAM_MUTABLE_READY);
  props[PROP_PTIME] = g_param_spec_uint ("ptime", "Packet time", "ms between departures", 10, 200,
                                         20, flags | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_SENDING] = g_param_spec_boolean ("sending", "Sending",
                                              "Whether packets leave while playing", TRUE,
                                              flags | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_DTMF_PAYLOAD_TYPE] = g_param_spec_int (
      "dtmf-payload-type", "DTMF payload type", "telephone-event (RFC 4733) as sent; -1: none", -1,
      127, -1, flags | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics", "What was sent so far",
                                          GST_TYPE_STRUCTURE,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * GstCallRtpSink::send-dtmf:
   * @keys: 0 to 9, *, #, A to D
   *
   * Presses them one after the other; audio is not heard meanwhile.
   *
   * Returns: FALSE when one is no key, too many wait, or the peer takes none
   */
  g_signal_new_class_handler ("send-dtmf", G_TYPE_FROM_CLASS (klass),
                              G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
                              G_CALLBACK (gst_call_rtp_sink_send_dtmf), NULL, NULL, NULL,
                              G_TYPE_BOOLEAN, 1, G_TYPE_STRING);

  element_class->change_state = gst_call_rtp_sink_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "RTP of a call, sent", "Sink/Network",
                                         "Sends a call's packets and paces what makes them",
                                         "Bestellbot");
}

static void
gst_call_rtp_sink_init (GstCallRtpSink *self)
{
  self->ptime = 20;
  self->sending = TRUE;
  /* RFC 7022: unique, and says nothing about the machine. */
  self->dtmf_payload_type = -1;
  self->cname = g_strdup_printf ("%08x%08x%08x", g_random_int (), g_random_int (), g_random_int ());
  self->tick_event
      = gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty (GST_OPENAI_REALTIME_EVENT_TICK));
  self->spurt_event = gst_event_new_custom (
      GST_EVENT_CUSTOM_UPSTREAM,
      gst_structure_new (GST_OPENAI_REALTIME_EVENT_TICK, GST_OPENAI_REALTIME_TICK_SPURT,
                         G_TYPE_BOOLEAN, TRUE, NULL));
  self->tick = (TickEntry){ .func = on_tick, .user_data = self, .period = self->ptime };
  self->rtcp_tick = (TickEntry){ .func = on_rtcp_tick, .user_data = self, .period = 1000 };

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_call_rtp_sink_chain);
  gst_pad_set_event_function (self->sinkpad, gst_call_rtp_sink_event);
  gst_pad_set_query_function (self->sinkpad, gst_call_rtp_sink_query);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
}
