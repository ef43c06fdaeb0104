/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-headset.h"

#include <math.h>

#include <glib/gi18n.h>
#include <gst/app/app.h>
#include <gst/gst.h>

#define CAPS "audio/x-raw,format=S16LE,layout=interleaved,rate=16000,channels=1"
/* Quieter than this is an empty meter (dB below full scale). */
#define METER_RANGE 60.0
/* Frames between two updates of the meters: ten a second. */
#define METER_FRAMES 5
/* Between two looks for what was recorded (ms): half a frame. */
#define PULL_INTERVAL 10
/* Sound that waits to be played, at most: more is a speaker that lags (ns). */
#define SPEAKER_QUEUE (200 * GST_MSECOND)

struct _BbHeadset
{
  GObject parent_instance;

  BbOperatorLine *line;
  char *source;
  char *sink;
  GstElement *speaker; /* pipelines */
  GstElement *microphone;
  GstAppSrc *playout;
  GstAppSink *recorder;
  guint speaker_watch;
  guint microphone_watch;
  guint puller;        /* looks for what the microphone recorded */
  GByteArray *rest;    /* of the microphone: less than a frame */
  double power[3];     /* sums of squares, full scale 1 */
  guint samples[3];
  guint n_frames;
};

G_DEFINE_FINAL_TYPE (BbHeadset, bb_headset, G_TYPE_OBJECT)

enum
{
  CALLER,
  ANSWER,
  MICROPHONE
};

enum
{
  LEVELS,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static double
meter_of (double power, guint samples)
{
  double db = samples > 0 && power > 0 ? 10 * log10 (power / samples) : -METER_RANGE;

  return CLAMP (1 + db / METER_RANGE, 0, 1);
}

static void
measure (BbHeadset *self, int which, gint16 sample)
{
  double value = sample / 32768.0;

  self->power[which] += value * value;
  self->samples[which]++;
}

static void
tell_levels (BbHeadset *self)
{
  if (++self->n_frames < METER_FRAMES)
    return;

  g_signal_emit (self, signals[LEVELS], 0, meter_of (self->power[CALLER], self->samples[CALLER]),
                 meter_of (self->power[ANSWER], self->samples[ANSWER]),
                 meter_of (self->power[MICROPHONE], self->samples[MICROPHONE]));
  memset (self->power, 0, sizeof self->power);
  memset (self->samples, 0, sizeof self->samples);
  self->n_frames = 0;
}

/* ---- what is heard ------------------------------------------------------- */

/* Caller and answer in one; who speaks in the bot's place does not hear
 * themselves, late and from afar. */
static void
on_frame (BbOperatorLine *line, GBytes *frame, BbHeadset *self)
{
  gsize size;
  const gint16 *in = g_bytes_get_data (frame, &size);
  gsize n = size / 4;
  gboolean alone = bb_operator_line_get_mode (line) == BB_OPERATOR_TAKE_OVER;
  GstBuffer *buffer;
  GstMapInfo map;

  if (self->playout == NULL)
    return;

  buffer = gst_buffer_new_allocate (NULL, n * sizeof (gint16), NULL);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (gsize i = 0; i < n; i++)
    {
      gint16 caller = GINT16_FROM_LE (in[2 * i]);
      gint16 answer = GINT16_FROM_LE (in[2 * i + 1]);
      int sum = alone ? caller : caller + answer;

      ((gint16 *)map.data)[i] = GINT16_TO_LE ((gint16)CLAMP (sum, G_MININT16, G_MAXINT16));
      measure (self, CALLER, caller);
      measure (self, ANSWER, answer);
    }
  gst_buffer_unmap (buffer, &map);

  if (gst_app_src_get_current_level_time (self->playout) > SPEAKER_QUEUE)
    gst_buffer_unref (buffer); /* the speaker lags: catch up */
  else
    gst_app_src_push_buffer (self->playout, buffer);
  tell_levels (self);
}

/* ---- the microphone ------------------------------------------------------ */

static void
push_sound (BbHeadset *self, GBytes *sound)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (sound, &size);
  gsize used = 0;

  g_byte_array_append (self->rest, data, size);
  while (self->rest->len - used >= BB_OPERATOR_LINE_UP_BYTES)
    {
      const gint16 *samples = (const gint16 *)(gpointer)(self->rest->data + used);
      g_autoptr (GBytes) frame = g_bytes_new (samples, BB_OPERATOR_LINE_UP_BYTES);

      for (gsize i = 0; i < BB_OPERATOR_LINE_UP_BYTES / sizeof (gint16); i++)
        measure (self, MICROPHONE, GINT16_FROM_LE (samples[i]));
      bb_operator_line_push (self->line, frame);
      used += BB_OPERATOR_LINE_UP_BYTES;
    }
  if (used > 0)
    g_byte_array_remove_range (self->rest, 0, used);
}

static gboolean
on_pull (gpointer user_data)
{
  BbHeadset *self = user_data;
  GstSample *sample;

  while ((sample = gst_app_sink_try_pull_sample (self->recorder, 0)) != NULL)
    {
      GstBuffer *buffer = gst_sample_get_buffer (sample);
      gpointer data;
      gsize size;

      gst_buffer_extract_dup (buffer, 0, -1, &data, &size);
      {
        g_autoptr (GBytes) sound = g_bytes_new_take (data, size);

        push_sound (self, sound);
      }
      gst_sample_unref (sample);
    }
  return G_SOURCE_CONTINUE;
}

/* ---- pipelines ----------------------------------------------------------- */

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  BbHeadset *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean microphone;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;

  gst_message_parse_error (message, &error, NULL);
  microphone = self->microphone != NULL
               && gst_object_has_as_ancestor (GST_MESSAGE_SRC (message),
                                              GST_OBJECT (self->microphone));
  text = g_strdup_printf (microphone ? _("No sound from the microphone (%s). Plug it in and speak "
                                         "again; the bot has the call until then.")
                                     : _("The speaker does not play (%s). Plug it in and listen "
                                         "again."),
                          error->message);
  g_object_ref (self);
  g_signal_emit (self, signals[FAILED], 0, text);
  g_object_unref (self);
  return G_SOURCE_CONTINUE;
}

static GstElement *
launch (BbHeadset *self, const char *description, guint *watch)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);
  g_autoptr (GstBus) bus = NULL;

  if (error != NULL)
    {
      g_clear_pointer (&pipeline, gst_object_unref);
      g_signal_emit (self, signals[FAILED], 0, error->message);
      return NULL;
    }
  bus = gst_pipeline_get_bus (GST_PIPELINE (pipeline));
  *watch = gst_bus_add_watch (bus, on_message, self);
  return pipeline;
}

static void
stop_pipeline (GstElement **pipeline, guint *watch)
{
  g_clear_handle_id (watch, g_source_remove);
  if (*pipeline != NULL)
    gst_element_set_state (*pipeline, GST_STATE_NULL);
  g_clear_pointer (pipeline, gst_object_unref);
}

static void
open_speaker (BbHeadset *self)
{
  g_autofree char *description = g_strdup_printf (
      "appsrc name=playout format=time is-live=true do-timestamp=true caps=\"" CAPS "\" ! "
      "audioconvert ! audioresample ! %s",
      self->sink != NULL ? self->sink : "autoaudiosink");

  self->speaker = launch (self, description, &self->speaker_watch);
  if (self->speaker == NULL)
    return;
  self->playout = GST_APP_SRC (gst_bin_get_by_name (GST_BIN (self->speaker), "playout"));
  gst_element_set_state (self->speaker, GST_STATE_PLAYING);
}

static void
open_microphone (BbHeadset *self)
{
  g_autofree char *description = g_strdup_printf (
      "%s ! audioconvert ! audioresample ! " CAPS " ! "
      "appsink name=recorder sync=false max-buffers=50 drop=true",
      self->source != NULL ? self->source : "autoaudiosrc");

  self->microphone = launch (self, description, &self->microphone_watch);
  if (self->microphone == NULL)
    return;
  self->recorder = GST_APP_SINK (gst_bin_get_by_name (GST_BIN (self->microphone), "recorder"));
  gst_element_set_state (self->microphone, GST_STATE_PLAYING);
  self->puller = g_timeout_add_full (G_PRIORITY_HIGH, PULL_INTERVAL, on_pull, self, NULL);
}

static void
close_microphone (BbHeadset *self)
{
  g_clear_handle_id (&self->puller, g_source_remove);
  gst_clear_object (&self->recorder);
  stop_pipeline (&self->microphone, &self->microphone_watch);
  g_byte_array_set_size (self->rest, 0);
}

static void
on_mode (BbHeadset *self)
{
  gboolean speaks = bb_operator_line_get_mode (self->line) > BB_OPERATOR_LISTEN;

  if (speaks && self->microphone == NULL)
    open_microphone (self);
  else if (!speaks && self->microphone != NULL)
    close_microphone (self);
}

/* ---- the object ---------------------------------------------------------- */

/**
 * bb_headset_stop:
 * @self: the headset
 *
 * Closes microphone and speaker; the line stays as it is. Idempotent.
 */
void
bb_headset_stop (BbHeadset *self)
{
  g_return_if_fail (BB_IS_HEADSET (self));

  if (self->line != NULL)
    g_signal_handlers_disconnect_by_data (self->line, self);
  close_microphone (self);
  gst_clear_object (&self->playout);
  stop_pipeline (&self->speaker, &self->speaker_watch);
  g_clear_object (&self->line);
}

static void
bb_headset_dispose (GObject *object)
{
  bb_headset_stop (BB_HEADSET (object));

  G_OBJECT_CLASS (bb_headset_parent_class)->dispose (object);
}

static void
bb_headset_finalize (GObject *object)
{
  BbHeadset *self = BB_HEADSET (object);

  g_byte_array_unref (self->rest);
  g_free (self->source);
  g_free (self->sink);

  G_OBJECT_CLASS (bb_headset_parent_class)->finalize (object);
}

static void
bb_headset_class_init (BbHeadsetClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bb_headset_dispose;
  G_OBJECT_CLASS (klass)->finalize = bb_headset_finalize;

  signals[LEVELS]
      = g_signal_new (BB_HEADSET_SIGNAL_LEVELS, BB_TYPE_HEADSET, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 3, G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[FAILED] = g_signal_new (BB_HEADSET_SIGNAL_FAILED, BB_TYPE_HEADSET, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bb_headset_init (BbHeadset *self)
{
  self->rest = g_byte_array_new ();
}

/**
 * bb_headset_new:
 * @line: an open line
 * @source: (nullable): description of the element that records
 * @sink: (nullable): description of the element that plays
 *
 * Returns: (transfer full): a headset; bb_headset_start() opens it
 */
BbHeadset *
bb_headset_new (BbOperatorLine *line, const char *source, const char *sink)
{
  BbHeadset *self;

  g_return_val_if_fail (BB_IS_OPERATOR_LINE (line), NULL);

  self = g_object_new (BB_TYPE_HEADSET, NULL);
  self->line = g_object_ref (line);
  self->source = g_strdup (source);
  self->sink = g_strdup (sink);
  return self;
}

/**
 * bb_headset_start:
 * @self: the headset
 *
 * Opens the speaker, and the microphone as the line's mode asks. What fails is
 * told by "failed", now or later.
 */
void
bb_headset_start (BbHeadset *self)
{
  g_return_if_fail (BB_IS_HEADSET (self));

  open_speaker (self);
  g_signal_connect (self->line, BB_OPERATOR_LINE_SIGNAL_FRAME, G_CALLBACK (on_frame), self);
  g_signal_connect_swapped (self->line, "notify::" BB_OPERATOR_LINE_PROP_MODE, G_CALLBACK (on_mode),
                            self);
  on_mode (self);
}
