/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-media.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "bb-audio-tap.h"
#include "bb-media-private.h"
#include "bb-recorder.h"
#include "openairealtime.h"

#define STOP_DEADLINE 5 /* s */

G_DEFINE_QUARK (bb-media-error-quark, bb_media_error)

enum
{
  SIGNAL_FAILED,
  SIGNAL_PEER_LOST,
  SIGNAL_NOTICE,
  SIGNAL_DTMF,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef enum
{
  STATE_NEW,
  STATE_PREPARED,
  STATE_BEGUN,
  STATE_STOPPING,
  STATE_STOPPED
} State;

typedef struct
{
  State state;
  gboolean failed; /* the signal was emitted */
  GstElement *pipeline;
  GstElement *realtime; /* owned by the pipeline */
  GstBus *bus;
  GstState prepared_state; /* what prepare() leads to */
  GPtrArray *elements;  /* that run outside of the pipeline too */
  BbMediaParams *params;
  BbAudioTap *tap; /* NULL without a Realtime element */
  BbOperatorMode operator_mode;
  BbRecorder *recorder;
  GPtrArray *discarded; /* recorders whose files are gone, and that are ending */
  BbCallQuality last_quality; /* as of stop */
  GPtrArray *stop_tasks;      /* GTask, of everybody who waits for the end */
  GSource *stop_deadline;
} BbMediaPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BbMedia, bb_media, G_TYPE_OBJECT)

#define PRIV(self) ((BbMediaPrivate *) bb_media_get_instance_private (self))

/* Which Debian package has an element; what is not listed is our own. */
static const struct
{
  const char *factory;
  const char *package;
} packages[] = {
  { "rtppcmadepay", "gstreamer1.0-plugins-good" }, { "rtppcmapay", "gstreamer1.0-plugins-good" },
  { "rtppcmudepay", "gstreamer1.0-plugins-good" }, { "rtppcmupay", "gstreamer1.0-plugins-good" },
  { "rtpopusdepay", "gstreamer1.0-plugins-good" }, { "rtpopuspay", "gstreamer1.0-plugins-good" },
  { "autoaudiosrc", "gstreamer1.0-plugins-good" }, { "autoaudiosink", "gstreamer1.0-plugins-good" },
  { "opusdec", "gstreamer1.0-plugins-base" },      { "opusenc", "gstreamer1.0-plugins-base" },
  { "oggmux", "gstreamer1.0-plugins-base" },       { "capsfilter", "libgstreamer1.0-0" },
  { "filesink", "libgstreamer1.0-0" },
};

/**
 * bb_media_make_element:
 * @factory: name of the element
 * @error: %BB_MEDIA_ERROR_PLUGIN, naming the package that is missing
 *
 * Returns: (transfer floating) (nullable): a new element
 */
GstElement *
bb_media_make_element (const char *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element != NULL)
    return element;

  for (gsize i = 0; i < G_N_ELEMENTS (packages); i++)
    {
      if (g_str_equal (packages[i].factory, factory))
        {
          g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PLUGIN,
                       _ ("The GStreamer element '%s' is missing: install %s"), factory,
                       packages[i].package);
          return NULL;
        }
    }

  g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PLUGIN,
               _ ("The GStreamer element '%s' of Bestellbot is missing: install it, or set "
                  "GST_PLUGIN_PATH to where it was built"),
               factory);
  return NULL;
}

/**
 * bb_media_check:
 * @self: a new object
 * @error: says why not
 *
 * Returns: whether the Realtime element could be made
 */
gboolean
bb_media_check (BbMedia *self, GError **error)
{
  if (PRIV (self)->realtime != NULL)
    return TRUE;

  g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PLUGIN,
               _ ("The GStreamer element '%s' of Bestellbot is missing: install it, or set "
                  "GST_PLUGIN_PATH to where it was built"),
               GST_OPENAI_REALTIME_BIN);
  return FALSE;
}

/**
 * bb_media_own_element:
 * @self: a new object
 * @element: runs before it comes into the pipeline
 *
 * Stopping sets it to NULL even when that never happens.
 */
void
bb_media_own_element (BbMedia *self, GstElement *element)
{
  g_ptr_array_add (PRIV (self)->elements, gst_object_ref (element));
}

/**
 * bb_media_set_prepared_state:
 * @self: a new object
 * @state: PAUSED when nothing may be captured or played before begin()
 */
void
bb_media_set_prepared_state (BbMedia *self, GstState state)
{
  PRIV (self)->prepared_state = state;
}

void
bb_media_emit_notice (BbMedia *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_NOTICE], 0, text);
}

static void
fail (BbMedia *self, GError *error)
{
  BbMediaPrivate *priv = PRIV (self);

  if (priv->failed || priv->state >= STATE_STOPPING)
    return;

  priv->failed = TRUE;
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
on_element_message (BbMedia *self, const GstStructure *structure)
{
  if (gst_structure_has_name (structure, "call-rtp-dtmf"))
    g_signal_emit (self, signals[SIGNAL_DTMF], 0, gst_structure_get_string (structure, "digit"));
  else if (gst_structure_has_name (structure, "call-rtp-timeout"))
    g_signal_emit (self, signals[SIGNAL_PEER_LOST], 0);
}

/* NULL for a warning that means nothing to a person. */
static GError *
explain (BbMedia *self, GstMessage *message)
{
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  g_autoptr (GError) gst_error = NULL;
  g_autofree char *debug = NULL;
  GError *error = NULL;

  if (is_error)
    gst_message_parse_error (message, &gst_error, &debug);
  else
    gst_message_parse_warning (message, &gst_error, &debug);
  g_debug ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), gst_error->message,
           debug != NULL ? debug : "");

  if (BB_MEDIA_GET_CLASS (self)->explain != NULL)
    error = BB_MEDIA_GET_CLASS (self)->explain (self, message);
  if (error == NULL && is_error)
    g_set_error_literal (&error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE, gst_error->message);
  return error;
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  g_autoptr (BbMedia) self = g_object_ref (user_data);
  BbMediaPrivate *priv = PRIV (self);

  if (priv->state >= STATE_STOPPING)
    return G_SOURCE_CONTINUE;

  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_WARNING:
      {
        g_autoptr (GError) error = explain (self, message);

        if (error != NULL)
          fail (self, error);
        break;
      }
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency (GST_BIN (priv->pipeline));
      break;
    case GST_MESSAGE_ELEMENT:
      if (gst_message_get_structure (message) != NULL)
        on_element_message (self, gst_message_get_structure (message));
      break;
    default:
      break;
    }

  return G_SOURCE_CONTINUE;
}

GstElement *
bb_media_get_realtime (BbMedia *self)
{
  g_return_val_if_fail (BB_IS_MEDIA (self), NULL);

  return PRIV (self)->realtime;
}

/**
 * bb_media_prepare:
 * @self: a new one
 * @params: (nullable): what signalling agreed on; NULL for local sound
 * @error: return location for a #BbMediaError
 *
 * Returns: whether the pipeline runs; if not, stop it as ever
 */
gboolean
bb_media_prepare (BbMedia *self, const BbMediaParams *params, GError **error)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_val_if_fail (BB_IS_MEDIA (self), FALSE);
  g_return_val_if_fail (priv->state == STATE_NEW, FALSE);

  priv->params = bb_media_params_copy (params);
  if (!BB_MEDIA_GET_CLASS (self)->build (self, GST_BIN (priv->pipeline), priv->realtime, params,
                                         error))
    return FALSE;

  if (gst_element_set_state (priv->pipeline, priv->prepared_state) == GST_STATE_CHANGE_FAILURE)
    {
      g_autoptr (GstMessage) message = gst_bus_pop_filtered (priv->bus, GST_MESSAGE_ERROR);

      if (message != NULL)
        g_propagate_error (error, explain (self, message));
      else
        g_set_error_literal (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE,
                             _ ("The call's media can't be started"));
      return FALSE;
    }

  priv->state = STATE_PREPARED;
  return TRUE;
}

void
bb_media_begin (BbMedia *self)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_if_fail (BB_IS_MEDIA (self));

  if (priv->state != STATE_PREPARED)
    return;

  priv->state = STATE_BEGUN;
  BB_MEDIA_GET_CLASS (self)->begin (self);
}

gboolean
bb_media_update (BbMedia *self, const BbMediaParams *params, GError **error)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_val_if_fail (BB_IS_MEDIA (self), FALSE);
  g_return_val_if_fail (params != NULL, FALSE);

  if (priv->state != STATE_PREPARED && priv->state != STATE_BEGUN)
    {
      g_set_error_literal (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE,
                           _ ("The call's media has ended"));
      return FALSE;
    }
  if (!BB_MEDIA_GET_CLASS (self)->update (self, params, error))
    return FALSE;

  g_clear_pointer (&priv->params, bb_media_params_free);
  priv->params = bb_media_params_copy (params);
  return TRUE;
}

gboolean
bb_media_send_dtmf (BbMedia *self, const char *keys, GError **error)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_val_if_fail (BB_IS_MEDIA (self), FALSE);
  g_return_val_if_fail (keys != NULL, FALSE);

  if (priv->state == STATE_BEGUN && BB_MEDIA_GET_CLASS (self)->send_dtmf != NULL
      && BB_MEDIA_GET_CLASS (self)->send_dtmf (self, keys))
    return TRUE;

  g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE,
               _ ("The other end can't be sent the keys '%s'"), keys);
  return FALSE;
}

void
bb_media_get_quality (BbMedia *self, BbCallQuality *quality)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_if_fail (BB_IS_MEDIA (self));

  if (priv->state == STATE_PREPARED || priv->state == STATE_BEGUN)
    BB_MEDIA_GET_CLASS (self)->get_quality (self, &priv->last_quality);

  quality->packets_sent = priv->last_quality.packets_sent;
  quality->packets_received = priv->last_quality.packets_received;
  quality->packets_lost = priv->last_quality.packets_lost;
  quality->jitter = priv->last_quality.jitter;
  quality->remote_lost = priv->last_quality.remote_lost;
  quality->remote_jitter = priv->last_quality.remote_jitter;
  quality->round_trip = priv->last_quality.round_trip;
  quality->mos = priv->last_quality.mos;
  quality->remote_mos = priv->last_quality.remote_mos;
}

/* ---- Recording ---- */

static void
on_recording_failed (const char *text, gpointer user_data)
{
  bb_media_emit_notice (user_data, text);
}

/**
 * bb_media_start_recording:
 * @self: prepared
 * @path: without extension; the folder exists
 * @format: "ogg" or "wav"
 * @error: return location for %BB_MEDIA_ERROR_RECORDING
 *
 * Returns: (transfer full) (nullable): the file's path
 */
char *
bb_media_start_recording (BbMedia *self, const char *path, const char *format, GError **error)
{
  BbMediaPrivate *priv = PRIV (self);
  /* G.711 as it is, all else at the rate of the API's own PCM. */
  guint rate = priv->params != NULL && priv->params->codec->passthrough
                   ? priv->params->codec->clock_rate
                   : BB_RECORDER_WIDE_RATE;

  g_return_val_if_fail (BB_IS_MEDIA (self), NULL);
  g_return_val_if_fail (path != NULL && format != NULL, NULL);

  if ((priv->state != STATE_PREPARED && priv->state != STATE_BEGUN) || priv->recorder != NULL)
    {
      g_set_error_literal (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_RECORDING,
                           priv->recorder != NULL ? _ ("The call is being recorded already")
                                                  : _ ("Only a call in progress can be recorded"));
      return NULL;
    }

  priv->recorder = bb_recorder_new (path, format, rate, error);
  if (priv->recorder == NULL)
    return NULL;

  bb_recorder_set_failed_func (priv->recorder, on_recording_failed, self);
  bb_audio_tap_set_recorder (priv->tap, priv->recorder);
  return g_strdup (bb_recorder_get_path (priv->recorder));
}

/**
 * bb_media_discard_recording:
 * @self: in any state
 *
 * The file is gone when this returns; what is still on its way to it goes
 * nowhere. The recorder ends by itself; bb_media_stop_async() waits for that.
 */
void
bb_media_discard_recording (BbMedia *self)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_if_fail (BB_IS_MEDIA (self));

  if (priv->recorder == NULL)
    return;

  bb_recorder_set_failed_func (priv->recorder, NULL, NULL);
  bb_audio_tap_set_recorder (priv->tap, NULL);
  g_unlink (bb_recorder_get_path (priv->recorder));
  bb_recorder_end (priv->recorder);
  g_ptr_array_add (priv->discarded, g_steal_pointer (&priv->recorder));
}

/* ---- The operator ---- */

/**
 * bb_media_set_operator_mode:
 * @self: in any state
 * @mode: what the operator does from the next frame on
 */
void
bb_media_set_operator_mode (BbMedia *self, BbOperatorMode mode)
{
  BbMediaPrivate *priv = PRIV (self);
  gboolean takes_over = mode == BB_OPERATOR_TAKE_OVER && priv->operator_mode != mode;

  g_return_if_fail (BB_IS_MEDIA (self));
  g_return_if_fail (mode <= BB_OPERATOR_CONFERENCE);

  priv->operator_mode = mode;
  if (priv->tap == NULL)
    return;

  bb_audio_tap_set_mode (priv->tap, mode);
  /* The caller does not hear the rest of it: the API must not think so. */
  if (takes_over && priv->state >= STATE_PREPARED)
    g_signal_emit_by_name (priv->realtime, GST_OPENAI_REALTIME_ACTION_INTERRUPT);
}

BbOperatorMode
bb_media_get_operator_mode (BbMedia *self)
{
  g_return_val_if_fail (BB_IS_MEDIA (self), BB_OPERATOR_AWAY);

  return PRIV (self)->operator_mode;
}

/**
 * bb_media_push_operator_audio:
 * @self: in any state
 * @frame: 16 kHz mono S16LE; %BB_OPERATOR_UP_BYTES for 20 ms
 *
 * Forgotten while the mode has nobody hear it.
 */
void
bb_media_push_operator_audio (BbMedia *self, GBytes *frame)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_if_fail (BB_IS_MEDIA (self));
  g_return_if_fail (frame != NULL);

  if (priv->tap != NULL)
    bb_audio_tap_push (priv->tap, frame);
}

/**
 * bb_media_set_operator_sink:
 * @self: in any state
 * @func: (nullable) (scope notified): takes what the operator hears, on the media thread
 * @user_data: for @func
 * @destroy: (nullable): for @user_data
 */
void
bb_media_set_operator_sink (BbMedia *self,
                            BbOperatorSinkFunc func,
                            gpointer user_data,
                            GDestroyNotify destroy)
{
  BbMediaPrivate *priv = PRIV (self);

  g_return_if_fail (BB_IS_MEDIA (self));

  if (priv->tap != NULL)
    bb_audio_tap_set_sink (priv->tap, func, user_data, destroy);
  else if (destroy != NULL)
    destroy (user_data);
}

/**
 * bb_media_set_one_thread:
 * @self: a new object
 *
 * One thread pushes both the caller's sound and the bot's.
 */
void
bb_media_set_one_thread (BbMedia *self)
{
  bb_audio_tap_set_same_thread (PRIV (self)->tap, TRUE);
}

/* ---- Stop ---- */

/* What the stopping thread needs, so that it does not touch the object. */
typedef struct
{
  GstElement *pipeline;
  GPtrArray *elements;
  BbAudioTap *tap;
  BbRecorder *recorder;
  GPtrArray *discarded;
} Remains;

static void
remains_clear (Remains *remains)
{
  gst_clear_object (&remains->pipeline);
  g_clear_pointer (&remains->elements, g_ptr_array_unref);
  g_clear_pointer (&remains->tap, bb_audio_tap_unref);
  g_clear_object (&remains->recorder);
  g_clear_pointer (&remains->discarded, g_ptr_array_unref);
}

static void
remains_free (gpointer data)
{
  remains_clear (data);
  g_free (data);
}

static void
tear_down (Remains *remains)
{
  gst_element_set_state (remains->pipeline, GST_STATE_NULL);
  for (guint i = 0; i < remains->elements->len; i++)
    gst_element_set_state (remains->elements->pdata[i], GST_STATE_NULL);
  if (remains->tap != NULL)
    bb_audio_tap_close (remains->tap);
  if (remains->recorder != NULL)
    bb_recorder_finish (remains->recorder);
  for (guint i = 0; i < remains->discarded->len; i++)
    bb_recorder_finish (remains->discarded->pdata[i]);
}

static void
stop_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  tear_down (task_data);
  g_task_return_boolean (task, TRUE);
}

static void
complete_stop (BbMedia *self)
{
  BbMediaPrivate *priv = PRIV (self);
  g_autoptr (GPtrArray) tasks = NULL;

  if (priv->state == STATE_STOPPED)
    return;

  priv->state = STATE_STOPPED;
  if (priv->stop_deadline != NULL)
    {
      g_source_destroy (priv->stop_deadline);
      g_clear_pointer (&priv->stop_deadline, g_source_unref);
    }

  tasks = g_steal_pointer (&priv->stop_tasks);
  for (guint i = 0; i < tasks->len; i++)
    g_task_return_boolean (tasks->pdata[i], TRUE);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbMedia) self = user_data;

  /* Let go of here: the thread may hold the task for a moment yet, and the
   * last reference of an element or of this object is dropped where they live. */
  remains_clear (g_task_get_task_data (G_TASK (result)));
  complete_stop (self);
}

static gboolean
on_stop_deadline (gpointer user_data)
{
  g_autoptr (BbMedia) self = g_object_ref (user_data);

  g_warning ("The call's media did not stop within %d s; it is left behind", STOP_DEADLINE);
  complete_stop (self);
  return G_SOURCE_REMOVE;
}

static Remains *
take_remains (BbMedia *self)
{
  BbMediaPrivate *priv = PRIV (self);
  Remains *remains = g_new0 (Remains, 1);

  if (priv->recorder != NULL)
    bb_recorder_set_failed_func (priv->recorder, NULL, NULL);
  if (priv->bus != NULL)
    gst_bus_remove_watch (priv->bus);
  gst_clear_object (&priv->bus);
  /* Its data is let go of here, not in the thread that stops. */
  if (priv->tap != NULL)
    bb_audio_tap_set_sink (priv->tap, NULL, NULL, NULL);
  remains->tap = g_steal_pointer (&priv->tap);
  remains->recorder = g_steal_pointer (&priv->recorder);
  remains->discarded = g_steal_pointer (&priv->discarded);
  remains->elements = g_ptr_array_ref (priv->elements);
  remains->pipeline = gst_object_ref (priv->pipeline);
  return remains;
}

void
bb_media_stop_async (BbMedia *self, GAsyncReadyCallback callback, gpointer user_data)
{
  BbMediaPrivate *priv = PRIV (self);
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) work = NULL;
  BbCallQuality quality;

  g_return_if_fail (BB_IS_MEDIA (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, bb_media_stop_async);
  if (priv->state == STATE_STOPPED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_ptr_array_add (priv->stop_tasks, g_steal_pointer (&task));
  if (priv->state == STATE_STOPPING)
    return;

  bb_media_get_quality (self, &quality);
  priv->state = STATE_STOPPING;

  priv->stop_deadline = g_timeout_source_new_seconds (STOP_DEADLINE);
  g_source_set_callback (priv->stop_deadline, on_stop_deadline, self, NULL);
  g_source_attach (priv->stop_deadline, g_main_context_get_thread_default ());

  work = g_task_new (NULL, NULL, on_stopped, g_object_ref (self));
  g_task_set_task_data (work, take_remains (self), remains_free);
  g_task_run_in_thread (work, stop_thread);
}

void
bb_media_stop_finish (BbMedia *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* ---- Life cycle ---- */

static void
bb_media_dispose (GObject *object)
{
  BbMedia *self = BB_MEDIA (object);
  BbMediaPrivate *priv = PRIV (self);

  /* Dropped without stop(), as a constructor that fails does: here and now. */
  if (priv->state < STATE_STOPPING && priv->pipeline != NULL)
    {
      Remains *remains = take_remains (self);

      priv->state = STATE_STOPPED;
      tear_down (remains);
      remains_free (remains);
    }

  G_OBJECT_CLASS (bb_media_parent_class)->dispose (object);
}

static void
bb_media_finalize (GObject *object)
{
  BbMediaPrivate *priv = PRIV (BB_MEDIA (object));

  gst_clear_object (&priv->pipeline);
  gst_clear_object (&priv->bus);
  g_clear_pointer (&priv->params, bb_media_params_free);
  g_clear_pointer (&priv->elements, g_ptr_array_unref);
  g_clear_pointer (&priv->discarded, g_ptr_array_unref);
  g_clear_pointer (&priv->stop_tasks, g_ptr_array_unref);
  G_OBJECT_CLASS (bb_media_parent_class)->finalize (object);
}

static void
bb_media_class_init (BbMediaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_media_dispose;
  object_class->finalize = bb_media_finalize;

  signals[SIGNAL_FAILED]
      = g_signal_new (BB_MEDIA_SIGNAL_FAILED, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_PEER_LOST]
      = g_signal_new (BB_MEDIA_SIGNAL_PEER_LOST, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_NOTICE]
      = g_signal_new (BB_MEDIA_SIGNAL_NOTICE, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_DTMF]
      = g_signal_new (BB_MEDIA_SIGNAL_DTMF, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bb_media_init (BbMedia *self)
{
  BbMediaPrivate *priv = PRIV (self);

  priv->prepared_state = GST_STATE_PLAYING;
  priv->elements = g_ptr_array_new_with_free_func (gst_object_unref);
  priv->discarded = g_ptr_array_new_with_free_func (g_object_unref);
  priv->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  priv->pipeline = g_object_ref_sink (gst_pipeline_new (NULL));
  priv->realtime = gst_element_factory_make (GST_OPENAI_REALTIME_BIN, NULL);
  if (priv->realtime != NULL)
    {
      gst_bin_add (GST_BIN (priv->pipeline), priv->realtime);
      priv->tap = bb_audio_tap_new (priv->realtime);
    }

  priv->bus = gst_element_get_bus (priv->pipeline);
  gst_bus_add_watch (priv->bus, on_bus_message, self);
}
