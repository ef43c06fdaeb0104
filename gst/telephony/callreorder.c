/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-callreorder
 * @title: callreorder
 *
 * Puts RTP packets into sequence without delaying those that are, and hides
 * what the network did from everything behind it: downstream sees one stream
 * with consecutive sequence numbers and one SSRC.
 *
 * It is no jitter buffer: a packet that is next leaves at once. One behind a
 * gap waits until the gap fills, or `max-packets` wait, or `max-wait` is over.
 * What is then still missing is concealed:
 *
 * - G.711 goes to the API undecoded and L16 has no decoder to do it, so the
 *   frames themselves are made up here: the last one repeated, 6 dB down each
 *   time, then silence.
 * - For all else a GAP event tells the decoder to conceal.
 *
 * When nothing comes at all (a peer that suppresses silence, an outage) the
 * same goes on in real time for up to ten seconds, so that time passes for the
 * API too and its voice activity detection can end a turn. It notices by the
 * pulse of callrtpsrc.
 *
 * Telephone-events and comfort noise hold places in the sequence and are taken
 * out here.
 */
#include "callreorder.h"

#include <string.h>

#include "callrtpsrc.h"
#include "concealment.h"
#include "reorderqueue.h"

GST_DEBUG_CATEGORY_STATIC (gst_call_reorder_debug);
#define GST_CAT_DEFAULT gst_call_reorder_debug

#define DEFAULT_MAX_PACKETS 5
#define DEFAULT_MAX_WAIT 60 /* ms */

#define FADE_FRAMES 3                       /* repetitions until it is silence */
#define QUIET_AFTER (100 * GST_MSECOND)     /* nothing for this long: fill in real time */
#define MAX_FILL (10 * GST_SECOND)          /* then any VAD knows that nobody speaks: semantic ones wait up to 8 s */
#define MAX_CONCEAL (500 * GST_MSECOND)     /* of one gap between two packets */
#define MAX_FRAME (120 * GST_MSECOND)       /* RFC 7587: no packet is longer */
#define MAX_FRAME_BYTES RTP_MAX_PACKET

enum
{
  PROP_0,
  PROP_MAX_PACKETS,
  PROP_MAX_WAIT,
  PROP_STATS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint signal_format_changed;

typedef enum
{
  CODEC_OTHER,
  CODEC_PCMA,
  CODEC_PCMU,
  CODEC_G722,
  CODEC_L16,
  CODEC_OPUS
} Codec;

/* Read by other threads: relaxed atomics. */
typedef struct
{
  guint64 forwarded;
  guint64 lost;
  guint64 late;
  guint64 duplicates;
  guint64 restarts;
  guint64 concealed; /* frames */
} Counters;

struct _GstCallReorder
{
  GstElement parent_instance;

  GstPad *sinkpad;
  GstPad *srcpad;

  guint max_packets;
  guint max_wait; /* ms */
  Counters counters;

  /* The streaming thread only. */
  ReorderQueue queue;
  Codec codec;
  guint clock_rate;
  int payload_type; /* -1: any */
  guint16 out_seq;
  guint32 out_ssrc;

  gboolean have_audio;
  guint32 expected_timestamp; /* of the next audio packet when nothing is missing */
  GstClockTime frame;         /* duration of one packet */
  GstClockTime position;      /* PTS of the next output */
  gint64 last_audio;          /* ns of the loop's clock: when the last audio packet left */
  GstClockTime filled;        /* concealed in real time since then */
  guint fades;                /* frames made up since the last real one */
  guint8 last_payload[MAX_FRAME_BYTES];
  gsize last_size;
};

G_DEFINE_FINAL_TYPE (GstCallReorder, gst_call_reorder, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (callreorder, "callreorder", GST_RANK_NONE, GST_TYPE_CALL_REORDER);

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));
static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

static void
count (guint64 *counter, guint64 n)
{
  __atomic_fetch_add (counter, n, __ATOMIC_RELAXED);
}

/* No decoder of its own that conceals: made up here. */
static gboolean
is_repeated (GstCallReorder *self)
{
  return self->codec == CODEC_PCMA || self->codec == CODEC_PCMU || self->codec == CODEC_L16;
}

/* ---- Concealment ---- */

static GstFlowReturn
push_made_up (GstCallReorder *self)
{
  gsize size = self->last_size;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, RTP_HEADER_SIZE + size, NULL);
  RtpHeader header = { .payload_type = (guint8) MAX (self->payload_type, 0),
                       .seq = self->out_seq++,
                       .ssrc = self->out_ssrc,
                       .timestamp = self->expected_timestamp };
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  rtp_packet_write_header (map.data, &header);
  if (self->fades <= FADE_FRAMES)
    {
      memcpy (map.data + RTP_HEADER_SIZE, self->last_payload, size);
      if (self->codec == CODEC_L16)
        l16_fade (map.data + RTP_HEADER_SIZE, size, self->fades);
      else
        g711_fade (map.data + RTP_HEADER_SIZE, size, self->codec == CODEC_PCMA, self->fades);
    }
  else
    {
      memset (map.data + RTP_HEADER_SIZE,
              self->codec == CODEC_PCMA   ? G711_ALAW_SILENCE
              : self->codec == CODEC_PCMU ? G711_ULAW_SILENCE
                                          : 0,
              size);
    }
  gst_buffer_unmap (buffer, &map);

  GST_BUFFER_PTS (buffer) = self->position;
  GST_BUFFER_DURATION (buffer) = self->frame;
  return gst_pad_push (self->srcpad, buffer);
}

static GstFlowReturn
conceal (GstCallReorder *self, GstClockTime duration)
{
  GstFlowReturn flow = GST_FLOW_OK;

  while (duration >= self->frame && self->frame > 0 && flow == GST_FLOW_OK)
    {
      self->fades++;
      if (is_repeated (self) && self->last_size > 0)
        flow = push_made_up (self);
      else
        gst_pad_push_event (self->srcpad, gst_event_new_gap (self->position, self->frame));
      self->position += self->frame;
      duration -= self->frame;
      count (&self->counters.concealed, 1);
    }

  return flow;
}

/* ---- Output ---- */

static guint
packet_units (GstCallReorder *self, const RtpHeader *header, const guint8 *payload)
{
  switch (self->codec)
    {
    case CODEC_PCMA:
    case CODEC_PCMU:
    case CODEC_G722: /* two samples of 16 kHz, one tick of the clock (RFC 3551 section 4.5.2) */
      return (guint) header->payload_size;
    case CODEC_L16:
      return (guint) header->payload_size / 2;
    case CODEC_OPUS:
      return opus_packet_samples (payload, header->payload_size);
    case CODEC_OTHER:
    default:
      return 0;
    }
}

static GstClockTime
units_to_time (GstCallReorder *self, guint units)
{
  return self->clock_rate > 0 ? (GstClockTime) units * GST_SECOND / self->clock_rate : 0;
}

/* What is missing before a packet whose predecessors were given up; what was
 * filled in already while waiting is taken off. */
static GstClockTime
missing_before (GstCallReorder *self, guint lost, guint32 timestamp)
{
  guint32 units = timestamp - self->expected_timestamp;
  GstClockTime missing = units_to_time (self, units);

  if ((gint32) units <= 0 || missing > MAX_CONCEAL)
    missing = MIN (lost * self->frame, MAX_CONCEAL);

  return missing > self->filled ? missing - self->filled : 0;
}

static GstFlowReturn
forward (GstCallReorder *self, const ReorderOutput *output, gint64 now)
{
  GstBuffer *buffer = output->packet;
  GstFlowReturn flow = GST_FLOW_OK;
  RtpHeader header;
  GstMapInfo map;
  guint units;
  GstClockTime arrival = GST_BUFFER_PTS (buffer);

  count (&self->counters.lost, output->lost);

  buffer = gst_buffer_make_writable (buffer);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE)
      || rtp_packet_parse (map.data, map.size, &header) != RTP_PACKET_OK)
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_OK;
    }

  if (self->payload_type >= 0 && header.payload_type != self->payload_type)
    {
      /* A key pressed or comfort noise: what is filled in meanwhile is silence. */
      self->fades = FADE_FRAMES + 1;
      gst_buffer_unmap (buffer, &map);
      gst_buffer_unref (buffer);
      return GST_FLOW_OK;
    }

  if (output->lost > 0 && self->have_audio)
    {
      flow = conceal (self, missing_before (self, output->lost, header.timestamp));
      if (flow != GST_FLOW_OK)
        {
          gst_buffer_unmap (buffer, &map);
          gst_buffer_unref (buffer);
          return flow;
        }
    }

  units = packet_units (self, &header, map.data + header.payload_offset);
  if (units == 0 && self->have_audio)
    units = header.timestamp - self->expected_timestamp;
  if (units_to_time (self, units) > 0 && units_to_time (self, units) <= MAX_FRAME)
    self->frame = units_to_time (self, units);

  if (is_repeated (self) && header.payload_size > 0 && header.payload_size <= MAX_FRAME_BYTES)
    {
      memcpy (self->last_payload, map.data + header.payload_offset, header.payload_size);
      self->last_size = header.payload_size;
    }

  /* After a pause time has gone on by more than was filled. */
  if (GST_CLOCK_TIME_IS_VALID (arrival)
      && (!self->have_audio || arrival > self->position + MAX_FILL))
    self->position = arrival;

  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DISCONT);
  map.data[2] = (guint8) (self->out_seq >> 8);
  map.data[3] = (guint8) self->out_seq;
  self->out_seq++;
  GST_WRITE_UINT32_BE (map.data + 8, self->out_ssrc);
  gst_buffer_unmap (buffer, &map);

  GST_BUFFER_PTS (buffer) = self->position;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = self->frame;

  self->position += self->frame;
  self->expected_timestamp
      = header.timestamp + (units > 0 ? units : (guint) (self->frame * self->clock_rate / GST_SECOND));
  self->have_audio = TRUE;
  self->last_audio = now;
  self->filled = 0;
  self->fades = 0;
  count (&self->counters.forwarded, 1);
  return gst_pad_push (self->srcpad, buffer);
}

static GstFlowReturn
flush (GstCallReorder *self, gint64 now, gboolean drain)
{
  GstFlowReturn flow = GST_FLOW_OK;
  ReorderOutput output;

  while (reorder_queue_pop (&self->queue, now, drain, &output))
    {
      if (flow == GST_FLOW_OK)
        flow = forward (self, &output, now);
      else
        gst_buffer_unref (output.packet);
    }

  return flow;
}

static GstFlowReturn
gst_call_reorder_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstCallReorder *self = GST_CALL_REORDER (parent);
  GstFlowReturn flow = GST_FLOW_OK;
  gint64 now = media_loop_now ();
  ReorderVerdict verdict;
  RtpHeader header;
  GstMapInfo map;
  gboolean valid;

  valid = gst_buffer_map (buffer, &map, GST_MAP_READ);
  if (valid)
    {
      valid = rtp_packet_parse (map.data, map.size, &header) == RTP_PACKET_OK;
      gst_buffer_unmap (buffer, &map);
    }
  if (!valid)
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_OK;
    }

  /* After a hold what lies between was never meant to be heard. */
  if (GST_BUFFER_IS_DISCONT (buffer))
    {
      reorder_queue_reset (&self->queue, (GDestroyNotify) gst_buffer_unref);
      self->have_audio = FALSE;
    }

  verdict = reorder_queue_push (&self->queue, header.ssrc, header.seq, header.timestamp, now,
                                buffer);
  if (verdict == REORDER_RESTART)
    {
      count (&self->counters.restarts, 1);
      flow = flush (self, now, TRUE);
      reorder_queue_reset (&self->queue, (GDestroyNotify) gst_buffer_unref);
      self->expected_timestamp = header.timestamp;
      verdict = reorder_queue_push (&self->queue, header.ssrc, header.seq, header.timestamp, now,
                                    buffer);
    }

  else if (verdict == REORDER_FULL)
    {
      flow = flush (self, now, TRUE);
      verdict = reorder_queue_push (&self->queue, header.ssrc, header.seq, header.timestamp, now,
                                    buffer);
    }

  if (verdict != REORDER_TAKEN)
    {
      count (verdict == REORDER_DUPLICATE ? &self->counters.duplicates : &self->counters.late, 1);
      gst_buffer_unref (buffer);
      return flow;
    }

  return flow == GST_FLOW_OK ? flush (self, now, FALSE) : flow;
}

static void
on_pulse (GstCallReorder *self)
{
  gint64 now = media_loop_now ();
  GstClockTime quiet;

  flush (self, now, FALSE);

  /* Behind a gap something waits: how long the gap is will be known in a
   * moment, and filling it twice would put time in that never was. */
  if (!self->have_audio || self->queue.n_held > 0)
    return;

  quiet = (GstClockTime) (now - self->last_audio);
  if (quiet > QUIET_AFTER && self->filled < MAX_FILL && self->frame > 0)
    {
      GstClockTime due = (MIN (quiet, MAX_FILL) - self->filled) / self->frame * self->frame;

      self->filled += due;
      conceal (self, due);
      if (quiet >= MAX_FILL)
        self->filled = MAX_FILL;
    }
}

static void
apply_caps (GstCallReorder *self, GstCaps *caps)
{
  GstStructure *s = gst_caps_get_structure (caps, 0);
  const char *name = gst_structure_get_string (s, "encoding-name");
  int clock_rate = 0;

  self->payload_type = -1;
  gst_structure_get_int (s, "payload", &self->payload_type);
  gst_structure_get_int (s, "clock-rate", &clock_rate);
  self->clock_rate = (guint) MAX (clock_rate, 0);
  if (g_strcmp0 (name, "PCMA") == 0)
    self->codec = CODEC_PCMA;
  else if (g_strcmp0 (name, "PCMU") == 0)
    self->codec = CODEC_PCMU;
  else if (g_strcmp0 (name, "G722") == 0)
    self->codec = CODEC_G722;
  else if (g_strcmp0 (name, "L16") == 0)
    self->codec = CODEC_L16;
  else if (name != NULL && g_ascii_strcasecmp (name, "OPUS") == 0)
    self->codec = CODEC_OPUS;
  else
    self->codec = CODEC_OTHER;
  self->last_size = 0;
  self->have_audio = FALSE;
}

static void
reset (GstCallReorder *self)
{
  reorder_queue_reset (&self->queue, (GDestroyNotify) gst_buffer_unref);
  reorder_queue_init (&self->queue, self->max_packets, (gint64) self->max_wait * 1000000);
  self->have_audio = FALSE;
  self->last_size = 0;
  self->position = 0;
  self->filled = 0;
}

static gboolean
gst_call_reorder_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstCallReorder *self = GST_CALL_REORDER (parent);

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CUSTOM_DOWNSTREAM:
      if (gst_event_has_name (event, GST_CALL_RTP_PULSE))
        {
          on_pulse (self);
          gst_event_unref (event);
          return TRUE;
        }
      break;
    case GST_EVENT_CAPS:
      {
        GstCaps *caps;

        gst_event_parse_caps (event, &caps);
        flush (self, media_loop_now (), TRUE);
        apply_caps (self, caps);
        g_signal_emit (self, signal_format_changed, 0, caps);
        return gst_pad_push_event (self->srcpad, event);
      }
    case GST_EVENT_EOS:
      flush (self, media_loop_now (), TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      reset (self);
      break;
    default:
      break;
    }

  return gst_pad_event_default (pad, parent, event);
}

/* ---- Life cycle ---- */

static void
gst_call_reorder_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCallReorder *self = GST_CALL_REORDER (object);

  switch (id)
    {
    case PROP_MAX_PACKETS:
      self->max_packets = g_value_get_uint (value);
      break;
    case PROP_MAX_WAIT:
      self->max_wait = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

#define LOAD(field) __atomic_load_n (&self->counters.field, __ATOMIC_RELAXED)

static void
gst_call_reorder_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCallReorder *self = GST_CALL_REORDER (object);

  switch (id)
    {
    case PROP_MAX_PACKETS:
      g_value_set_uint (value, self->max_packets);
      break;
    case PROP_MAX_WAIT:
      g_value_set_uint (value, self->max_wait);
      break;
    case PROP_STATS:
      g_value_take_boxed (
          value, gst_structure_new ("call-reorder-stats", "forwarded", G_TYPE_UINT64,
                                    LOAD (forwarded), "lost", G_TYPE_UINT64, LOAD (lost), "late",
                                    G_TYPE_UINT64, LOAD (late), "duplicates", G_TYPE_UINT64,
                                    LOAD (duplicates), "restarts", G_TYPE_UINT64, LOAD (restarts),
                                    "concealed", G_TYPE_UINT64, LOAD (concealed), NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static GstStateChangeReturn
gst_call_reorder_change_state (GstElement *element, GstStateChange transition)
{
  GstCallReorder *self = GST_CALL_REORDER (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    reset (self);

  ret = GST_ELEMENT_CLASS (gst_call_reorder_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    reset (self);
  return ret;
}

static void
gst_call_reorder_finalize (GObject *object)
{
  GstCallReorder *self = GST_CALL_REORDER (object);

  reorder_queue_reset (&self->queue, (GDestroyNotify) gst_buffer_unref);

  G_OBJECT_CLASS (gst_call_reorder_parent_class)->finalize (object);
}

static void
gst_call_reorder_class_init (GstCallReorderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  GST_DEBUG_CATEGORY_INIT (gst_call_reorder_debug, "callreorder", 0, "RTP in order, without delay");

  object_class->set_property = gst_call_reorder_set_property;
  object_class->get_property = gst_call_reorder_get_property;
  object_class->finalize = gst_call_reorder_finalize;

  props[PROP_MAX_PACKETS]
      = g_param_spec_uint ("max-packets", "Packets", "How many wait behind a gap at most", 1,
                           REORDER_WINDOW - 1, DEFAULT_MAX_PACKETS, flags);
  props[PROP_MAX_WAIT] = g_param_spec_uint ("max-wait", "Wait", "ms a packet waits behind a gap at most",
                                            0, 1000, DEFAULT_MAX_WAIT, flags);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics", "What came and what was made up",
                                          GST_TYPE_STRUCTURE,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * GstCallReorder::format-changed:
   * @self: the element
   * @caps: the other caps
   *
   * Other caps are about to go downstream, and all packets under the old ones
   * are there: now another depayloader can be linked. Emitted on the thread that
   * pushes packets.
   */
  signal_format_changed
      = g_signal_new ("format-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, GST_TYPE_CAPS);

  element_class->change_state = gst_call_reorder_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "RTP in order", "Filter/Network/RTP",
                                         "Puts packets into sequence without delaying them",
                                         "Bestellbot");
}

static void
gst_call_reorder_init (GstCallReorder *self)
{
  self->max_packets = DEFAULT_MAX_PACKETS;
  self->max_wait = DEFAULT_MAX_WAIT;
  self->payload_type = -1;
  self->out_ssrc = g_random_int ();
  self->out_seq = (guint16) g_random_int ();
  reorder_queue_init (&self->queue, self->max_packets, (gint64) self->max_wait * 1000000);

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_call_reorder_chain);
  gst_pad_set_event_function (self->sinkpad, gst_call_reorder_event);
  /* Not what is linked behind it now counts: that changes with the caps. */
  GST_PAD_SET_ACCEPT_TEMPLATE (self->sinkpad);
  GST_PAD_SET_PROXY_ALLOCATION (self->sinkpad);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  GST_PAD_SET_PROXY_CAPS (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}
