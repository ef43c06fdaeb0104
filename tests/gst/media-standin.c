/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "media-standin.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "bb-g711.h"
#include "openairealtime.h"

#define CAPS                                                                                       \
  "audio/x-alaw, rate=8000, channels=1; audio/x-mulaw, rate=8000, channels=1; "                    \
  "audio/x-raw, format=S16LE, layout=interleaved, rate=[8000,48000], channels=1"

struct _MediaStandin
{
  GstElement parent_instance;
  GstPad *sinkpad;
  GstPad *srcpad;
  guint clocking;
  guint ptime;

  GMutex lock;
  GByteArray *heard;
  GstCaps *caps;
  guint n_ticks;
  guint n_interrupts;
  gboolean foreign_thread;
  GArray *speech; /* of gint16; NULL: the tone */
  gsize spoken;

  gint quiet; /* atomic */
  gboolean was_quiet; /* the last frame; the loop's thread */
  gint16 tone; /* level; 0: octets; set before the first tick */

  /* the loop's thread */
  GstCaps *out_caps;
  int rate;
  gboolean raw;
  gboolean alaw;
  guint64 said; /* octets or samples */
  GstClockTime pts;
  gboolean started;
};

enum
{
  PROP_0,
  PROP_CLOCKING,
  PROP_PTIME
};

G_DEFINE_FINAL_TYPE (MediaStandin, media_standin, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

static GType
clocking_get_type (void)
{
  static const GEnumValue values[]
      = { { 0, "Internal", "internal" }, { 1, "External", "external" }, { 0, NULL, NULL } };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("MediaStandinClocking", values));
  return type;
}

guint8
media_standin_octet (guint64 n)
{
  return (guint8) (n * 7 + n / 256);
}

static void
note_thread (MediaStandin *self)
{
  char name[16] = "";

  pthread_getname_np (pthread_self (), name, sizeof name);
  if (!g_str_has_prefix (name, "media-"))
    self->foreign_thread = TRUE;
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  MediaStandin *self = MEDIA_STANDIN (parent);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_mutex_lock (&self->lock);
  note_thread (self);
  g_byte_array_append (self->heard, map.data, (guint) map.size);
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  MediaStandin *self = MEDIA_STANDIN (parent);

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    {
      GstCaps *caps;

      gst_event_parse_caps (event, &caps);
      g_mutex_lock (&self->lock);
      gst_caps_replace (&self->caps, caps);
      g_mutex_unlock (&self->lock);
    }
  gst_event_unref (event);
  return TRUE;
}

static gboolean
negotiate (MediaStandin *self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_allowed_caps (self->srcpad);
  GstStructure *s;
  GstSegment segment;

  if (caps == NULL || gst_caps_is_empty (caps))
    return FALSE;

  caps = gst_caps_fixate (gst_caps_make_writable (g_steal_pointer (&caps)));
  s = gst_caps_get_structure (caps, 0);
  self->raw = gst_structure_has_name (s, "audio/x-raw");
  self->alaw = gst_structure_has_name (s, "audio/x-alaw");
  gst_structure_get_int (s, "rate", &self->rate);

  if (!self->started)
    {
      gst_pad_push_event (self->srcpad, gst_event_new_stream_start ("standin"));
      gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (self->srcpad, gst_event_new_segment (&segment));
      self->started = TRUE;
    }
  else
    {
      gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
    }
  return TRUE;
}

static void
say_frame (MediaStandin *self, gboolean spurt)
{
  gboolean quiet = g_atomic_int_get (&self->quiet);
  gsize n;
  GstBuffer *buffer;
  GstMapInfo map;

  if ((gst_pad_check_reconfigure (self->srcpad) || !self->started) && !negotiate (self))
    return;

  if (spurt && (quiet || !self->was_quiet))
    return;

  self->was_quiet = quiet;
  n = (gsize) self->rate * self->ptime / 1000;
  buffer = gst_buffer_new_allocate (NULL, n * (self->raw ? 2 : 1), NULL);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  g_mutex_lock (&self->lock);
  for (gsize i = 0; i < n; i++, self->said++)
    {
      gint16 sample = (gint16) ((self->tone != 0 ? self->tone : MEDIA_STANDIN_LEVEL)
                                * sin (2 * G_PI * MEDIA_STANDIN_TONE * (double) self->said
                                       / self->rate));

      if (self->raw && self->speech != NULL)
        ((gint16 *) map.data)[i] = self->spoken < self->speech->len
                                       ? g_array_index (self->speech, gint16, self->spoken++)
                                       : 0;
      else if (self->raw)
        ((gint16 *) map.data)[i] = sample;
      else if (self->tone != 0)
        bb_g711_encode (self->alaw, &sample, 1, map.data + i);
      else
        map.data[i] = quiet ? MEDIA_STANDIN_SILENCE : media_standin_octet (self->said);
    }
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (buffer, &map);

  GST_BUFFER_PTS (buffer) = self->pts;
  GST_BUFFER_DURATION (buffer) = self->ptime * GST_MSECOND;
  self->pts += self->ptime * GST_MSECOND;
  gst_pad_push (self->srcpad, buffer);
}

static gboolean
src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  MediaStandin *self = MEDIA_STANDIN (parent);

  if (gst_event_has_name (event, GST_OPENAI_REALTIME_EVENT_TICK))
    {
      g_mutex_lock (&self->lock);
      note_thread (self);
      self->n_ticks++;
      g_mutex_unlock (&self->lock);
      say_frame (self, gst_structure_has_field (gst_event_get_structure (event),
                                                GST_OPENAI_REALTIME_TICK_SPURT));
    }
  gst_event_unref (event);
  return TRUE;
}

GBytes *
media_standin_dup_heard (MediaStandin *self)
{
  GBytes *bytes;

  g_mutex_lock (&self->lock);
  bytes = g_bytes_new (self->heard->data, self->heard->len);
  g_mutex_unlock (&self->lock);
  return bytes;
}

GstCaps *
media_standin_dup_caps (MediaStandin *self)
{
  GstCaps *caps;

  g_mutex_lock (&self->lock);
  caps = self->caps != NULL ? gst_caps_ref (self->caps) : NULL;
  g_mutex_unlock (&self->lock);
  return caps;
}

void
media_standin_set_speech (MediaStandin *self, const gint16 *samples, gsize n)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->speech, g_array_unref);
  self->speech = g_array_new (FALSE, FALSE, sizeof (gint16));
  g_array_append_vals (self->speech, samples, (guint) n);
  self->spoken = 0;
  g_mutex_unlock (&self->lock);
}

void
media_standin_set_tone (MediaStandin *self, gint16 level)
{
  self->tone = level;
}

static void
on_interrupt (MediaStandin *self)
{
  g_mutex_lock (&self->lock);
  self->n_interrupts++;
  g_mutex_unlock (&self->lock);
}

guint
media_standin_get_n_interrupts (MediaStandin *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_interrupts;
  g_mutex_unlock (&self->lock);
  return n;
}

void
media_standin_set_quiet (MediaStandin *self, gboolean quiet)
{
  g_atomic_int_set (&self->quiet, quiet);
  if (!quiet)
    gst_pad_push_event (
        self->srcpad,
        gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                              gst_structure_new_empty (GST_OPENAI_REALTIME_EVENT_SPEECH)));
}

guint
media_standin_get_n_ticks (MediaStandin *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_ticks;
  g_mutex_unlock (&self->lock);
  return n;
}

gboolean
media_standin_ran_on_loop (MediaStandin *self)
{
  gboolean ok;

  g_mutex_lock (&self->lock);
  ok = !self->foreign_thread;
  g_mutex_unlock (&self->lock);
  return ok;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MediaStandin *self = MEDIA_STANDIN (object);

  if (id == PROP_CLOCKING)
    self->clocking = (guint) g_value_get_enum (value);
  else
    self->ptime = g_value_get_uint (value);
}

static void
finalize (GObject *object)
{
  MediaStandin *self = MEDIA_STANDIN (object);

  g_byte_array_unref (self->heard);
  g_clear_pointer (&self->speech, g_array_unref);
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (media_standin_parent_class)->finalize (object);
}

static void
media_standin_class_init (MediaStandinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = set_property;
  object_class->finalize = finalize;
  g_object_class_install_property (
      object_class, PROP_CLOCKING,
      g_param_spec_enum (GST_OPENAI_REALTIME_PROP_CLOCKING, NULL, NULL, clocking_get_type (), 0,
                         G_PARAM_WRITABLE));
  g_object_class_install_property (object_class, PROP_PTIME,
                                   g_param_spec_uint (GST_OPENAI_REALTIME_PROP_PTIME, NULL, NULL,
                                                      10, 200, 20, G_PARAM_WRITABLE));
  g_signal_new_class_handler (GST_OPENAI_REALTIME_ACTION_INTERRUPT, G_TYPE_FROM_CLASS (klass),
                              G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (on_interrupt), NULL,
                              NULL, NULL, G_TYPE_NONE, 0);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Stand-in", "Filter/Test",
                                         "Stands in for openairealtimebin", "Bestellbot");
}

static void
media_standin_init (MediaStandin *self)
{
  self->ptime = 20;
  self->heard = g_byte_array_new ();
  g_mutex_init (&self->lock);
  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, chain);
  gst_pad_set_event_function (self->sinkpad, sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);
  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->srcpad, src_event);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

void
media_standin_register (void)
{
  GstRegistry *registry = gst_registry_get ();
  GstPluginFeature *feature
      = gst_registry_find_feature (registry, GST_OPENAI_REALTIME_BIN, GST_TYPE_ELEMENT_FACTORY);

  if (feature != NULL)
    {
      gst_registry_remove_feature (registry, feature);
      gst_object_unref (feature);
    }
  g_assert_true (gst_element_register (NULL, GST_OPENAI_REALTIME_BIN, GST_RANK_NONE,
                                       MEDIA_TYPE_STANDIN));
}
