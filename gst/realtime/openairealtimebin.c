/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-openairealtimebin
 * @title: openairealtimebin
 * @short_description: a conversation with the OpenAI Realtime API
 *
 * Caller audio goes in at sink, the model's speech comes out at src. Raw audio
 * of any rate, format and channel count is converted; A-law and µ-law (8 kHz
 * mono) go to the service and come back untouched. The element has its own
 * network threads: no application and no main loop is needed.
 *
 * The element is a live source. With a file as input the file is sent at the
 * pace at which it would be spoken.
 *
 * ## Example launch lines
 *
 * Ask a question from a file, get the answer as a file:
 * |[
 * gst-launch-1.0 filesrc location=question.wav ! wavparse ! openairealtimebin ! wavenc ! filesink location=answer.wav
 * ]|
 * Talk with the model (use a headset: there is no echo cancellation):
 * |[
 * gst-launch-1.0 autoaudiosrc ! openairealtimebin language=en instructions="Be brief." ! autoaudiosink
 * ]|
 * The key is taken from the environment variable OPENAI_API_KEY. With -m
 * gst-launch-1.0 prints the element messages: transcripts, function calls.
 */

#include "openairealtimebin.h"

#include <string.h>

#include "openairealtime.h"
#include "realtimeio.h"
#include "realtimenotify.h"
#include "realtimesession.h"
#include "realtimesink.h"
#include "realtimesoup.h"
#include "realtimesrc.h"
#include "realtimeuplink.h"

GST_DEBUG_CATEGORY_STATIC (gst_openai_realtime_bin_debug);
#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

/* What may wait to be played: more than 20 minutes of PCM. */
#define MAX_QUEUED (64 * 1024 * 1024)

typedef enum
{
  CLOCKING_INTERNAL,
  CLOCKING_EXTERNAL
} Clocking;

enum
{
  PROP_0,
  PROP_API_KEY,
  PROP_BASE_URL,
  PROP_MODEL,
  PROP_VOICE,
  PROP_SPEED,
  PROP_INSTRUCTIONS,
  PROP_GREETING,
  PROP_LANGUAGE,
  PROP_TRANSCRIPTION_MODEL,
  PROP_TURN_DETECTION,
  PROP_VAD_THRESHOLD,
  PROP_PREFIX_PADDING,
  PROP_SILENCE_DURATION,
  PROP_NOISE_REDUCTION,
  PROP_TOOLS,
  PROP_SESSION,
  PROP_RECONNECT,
  PROP_SESSION_LOG,
  PROP_PTIME,
  PROP_CLOCKING,
  PROP_STATS,
  N_PROPS
};

enum
{
  SIGNAL_CONNECTION,
  SIGNAL_TRANSCRIPT,
  SIGNAL_FUNCTION_CALL,
  SIGNAL_RESPONSE,
  SIGNAL_SPEECH,
  SIGNAL_PLAYOUT,
  SIGNAL_USAGE,
  SIGNAL_RATE_LIMITS,
  ACTION_SEND_FUNCTION_OUTPUT,
  ACTION_SEND_TEXT,
  ACTION_CREATE_RESPONSE,
  ACTION_INTERRUPT,
  ACTION_SAY,
  ACTION_SEND_EVENT,
  N_SIGNALS
};

struct _GstOpenaiRealtimeBin
{
  GstBin parent_instance;

  GstElement *sink;
  GstElement *src;
  GstRealtimePlayout *playout;
  GstRealtimeUplink *uplink;
  GstRealtimeStats stats;
  GMainContext *context; /* of the application: signals are emitted there */

  /* Under the object lock. */
  GstRealtimeSettings *settings;
  char *session_log;
  guint ptime;
  Clocking clocking;
  GstRealtimeIo *io; /* NULL below PAUSED */

  /* Written while no task can run, otherwise used on the I/O thread only. */
  GstRealtimeSession *session;
  GSource *waker;
};

G_DEFINE_TYPE (GstOpenaiRealtimeBin, gst_openai_realtime_bin, GST_TYPE_BIN)

static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                               GST_STATIC_CAPS (GST_REALTIME_CAPS));
static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                               GST_STATIC_CAPS (GST_REALTIME_CAPS));

static GType
turn_detection_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_TURN_SERVER_VAD, "The service hears when the caller has finished", "server-vad" },
    { GST_REALTIME_TURN_SEMANTIC_VAD, "The service judges from what was said", "semantic-vad" },
    { GST_REALTIME_TURN_NONE, "The application commits and asks (push to talk)", "none" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeTurnDetection", values));
  return type;
}

static GType
noise_reduction_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_NOISE_NONE, "None", "none" },
    { GST_REALTIME_NOISE_NEAR_FIELD, "Handset or headset", "near-field" },
    { GST_REALTIME_NOISE_FAR_FIELD, "Laptop or conference microphone", "far-field" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeNoiseReduction", values));
  return type;
}

static GType
clocking_get_type (void)
{
  static const GEnumValue values[] = {
    { CLOCKING_INTERNAL, "An own thread paces the output by the pipeline's clock", "internal" },
    { CLOCKING_EXTERNAL, "One buffer for each " GST_OPENAI_REALTIME_EVENT_TICK " event", "external" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeClocking", values));
  return type;
}

/* ---- what the session reports ------------------------------------------ */

#define FACTS(name, ...) \
  gst_structure_new (GST_OPENAI_REALTIME_MESSAGE_PREFIX name, __VA_ARGS__, NULL)

static void
notify (GstOpenaiRealtimeBin *self,
        guint signal,
        GstStructure *facts,
        guint n_arguments,
        const char *const *arguments)
{
  gst_realtime_notify (GST_ELEMENT (self), self->context, signals[signal], facts, n_arguments,
                       arguments);
}

static void
on_connection (gpointer user_data, const char *state, const char *detail)
{
  static const char *const arguments[] = { "state", "detail" };

  notify (user_data, SIGNAL_CONNECTION,
          FACTS ("connection", "state", G_TYPE_STRING, state, "detail", G_TYPE_STRING, detail), 2,
          arguments);
}

static void
on_transcript (gpointer user_data,
               const char *role,
               const char *item_id,
               const char *text,
               gboolean final)
{
  static const char *const arguments[] = { "role", "item_id", "text", "final" };

  notify (user_data, SIGNAL_TRANSCRIPT,
          FACTS ("transcript", "role", G_TYPE_STRING, role, "item_id", G_TYPE_STRING, item_id,
                 "text", G_TYPE_STRING, text, "final", G_TYPE_BOOLEAN, final),
          4, arguments);
}

static void
on_function_call (gpointer user_data, const char *call_id, const char *name, const char *args)
{
  static const char *const arguments[] = { "call_id", "name", "arguments" };

  notify (user_data, SIGNAL_FUNCTION_CALL,
          FACTS ("function-call", "call_id", G_TYPE_STRING, call_id, "name", G_TYPE_STRING, name,
                 "arguments", G_TYPE_STRING, args),
          3, arguments);
}

static void
on_response (gpointer user_data, const char *state, const char *response_id, const char *status)
{
  static const char *const arguments[] = { "state", "response_id", "status" };

  notify (user_data, SIGNAL_RESPONSE,
          FACTS ("response", "state", G_TYPE_STRING, state, "response_id", G_TYPE_STRING,
                 response_id, "status", G_TYPE_STRING, status),
          3, arguments);
}

static void
on_speech (gpointer user_data, const char *state, const char *item_id, guint audio_ms)
{
  static const char *const arguments[] = { "state", "item_id", "audio_ms" };

  notify (user_data, SIGNAL_SPEECH,
          FACTS ("speech", "state", G_TYPE_STRING, state, "item_id", G_TYPE_STRING, item_id,
                 "audio_ms", G_TYPE_UINT, audio_ms),
          3, arguments);
}

static void
on_usage (gpointer user_data, const GstStructure *usage)
{
  notify (user_data, SIGNAL_USAGE, gst_structure_copy (usage), 0, NULL);
}

static void
on_rate_limits (gpointer user_data, const GstStructure *limits)
{
  notify (user_data, SIGNAL_RATE_LIMITS, gst_structure_copy (limits), 0, NULL);
}

static void
on_service_error (gpointer user_data, const char *type, const char *code, const char *message)
{
  GST_WARNING_OBJECT (user_data, "%s (%s): %s", type, code, message);
  gst_element_post_message (
      user_data, gst_message_new_element (
                     user_data, FACTS ("error", "type", G_TYPE_STRING, type, "code", G_TYPE_STRING,
                                       code, "message", G_TYPE_STRING, message)));
}

static void
on_fatal (gpointer user_data, const GError *error)
{
  gst_element_message_full (user_data, GST_MESSAGE_ERROR, error->domain, error->code,
                            g_strdup (error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
}

static void
on_drained (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;

  gst_realtime_src_end (GST_REALTIME_SRC (self->src));
}

static const GstRealtimeListener session_listener = {
  .connection = on_connection,
  .transcript = on_transcript,
  .function_call = on_function_call,
  .response = on_response,
  .speech = on_speech,
  .usage = on_usage,
  .rate_limits = on_rate_limits,
  .error = on_service_error,
  .fatal = on_fatal,
  .drained = on_drained,
};

/* ---- the I/O thread ---------------------------------------------------- */

/* Any thread. @func runs there as func (self, data), unless the bin is stopped. */
static gboolean
enqueue (GstOpenaiRealtimeBin *self, GFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GstRealtimeIo) io = NULL;

  GST_OBJECT_LOCK (self);
  if (self->io != NULL)
    io = gst_realtime_io_ref (self->io);
  GST_OBJECT_UNLOCK (self);

  if (io != NULL)
    return gst_realtime_io_enqueue (io, func, self, data, destroy);
  if (destroy != NULL)
    destroy (data);
  return FALSE;
}

/* Caller audio is there. */
static gboolean
on_uplink (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;
  GstRealtimeChunk *chunk;

  while ((chunk = gst_realtime_uplink_pop (self->uplink)) != NULL)
    {
      if (chunk->eos)
        gst_realtime_session_end_input (self->session);
      else
        gst_realtime_session_append (self->session, chunk->format, chunk->data, chunk->size);
      gst_realtime_uplink_recycle (self->uplink, chunk);
    }
  return G_SOURCE_CONTINUE;
}

static void
start_session (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_start (self->session);
  gst_realtime_uplink_set_waker (self->uplink, self->waker);
}

static gboolean
stop_session (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;

  gst_realtime_uplink_set_waker (self->uplink, NULL);
  g_source_destroy (self->waker);
  g_clear_pointer (&self->waker, g_source_unref);
  gst_realtime_session_stop (self->session);
  g_clear_object (&self->session);
  return G_SOURCE_REMOVE;
}

static void
apply_settings (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_set_settings (self->session, data);
}

static void
apply_input_format (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_set_input_format (self->session, GPOINTER_TO_UINT (data));
}

static void
apply_output_format (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_set_output_format (self->session, GPOINTER_TO_UINT (data));
}

static void
apply_playout_empty (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_playout_empty (self->session);
}

static void
on_sink_format (gpointer user_data, GstRealtimeFormat format)
{
  enqueue (user_data, apply_input_format, GUINT_TO_POINTER (format), NULL);
}

static void
on_src_format (gpointer user_data, GstRealtimeFormat format)
{
  enqueue (user_data, apply_output_format, GUINT_TO_POINTER (format), NULL);
}

static void
on_src_empty (gpointer user_data)
{
  enqueue (user_data, apply_playout_empty, NULL, NULL);
}

static void
on_src_notice (gpointer user_data, const GstRealtimeNotice *notice)
{
  static const char *const arguments[] = { "state", "item_id", "played_ms" };
  static const char *const states[] = {
    [GST_REALTIME_NOTICE_STARTED] = GST_OPENAI_REALTIME_PLAYOUT_STARTED,
    [GST_REALTIME_NOTICE_FINISHED] = GST_OPENAI_REALTIME_PLAYOUT_FINISHED,
    [GST_REALTIME_NOTICE_INTERRUPTED] = GST_OPENAI_REALTIME_PLAYOUT_INTERRUPTED,
  };
  GstOpenaiRealtimeBin *self = user_data;
  GstStructure *facts
      = FACTS ("playout", "state", G_TYPE_STRING, states[notice->type], "item_id", G_TYPE_STRING,
               notice->item_id, "played_ms", G_TYPE_UINT, notice->played_ms);

  if (notice->type == GST_REALTIME_NOTICE_STARTED && notice->latency_ms >= 0)
    {
      gst_structure_set (facts, "turn_latency_ms", G_TYPE_UINT, (guint)notice->latency_ms, NULL);
      gst_realtime_stats_add_turn (&self->stats, notice->latency_ms);
    }
  else if (notice->type == GST_REALTIME_NOTICE_INTERRUPTED)
    {
      gst_structure_set (facts, "silence_ms", G_TYPE_UINT, (guint)notice->latency_ms, NULL);
      gst_realtime_stats_add_interruption (&self->stats, notice->latency_ms);
    }
  notify (self, SIGNAL_PLAYOUT, facts, 3, arguments);
}

static const GstRealtimeSrcListener src_listener = {
  .notice = on_src_notice,
  .empty = on_src_empty,
  .format = on_src_format,
};

/* ---- actions ----------------------------------------------------------- */

typedef struct
{
  int action;
  char *first;
  char *second;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->first);
  g_free (request->second);
  g_free (request);
}

static void
run_request (gpointer object, gpointer data)
{
  GstRealtimeSession *session = GST_REALTIME_BIN (object)->session;
  Request *request = data;

  switch (request->action)
    {
    case ACTION_SEND_FUNCTION_OUTPUT:
      gst_realtime_session_send_function_output (session, request->first, request->second);
      break;
    case ACTION_SEND_TEXT:
      gst_realtime_session_send_text (session, request->first, request->second);
      break;
    case ACTION_CREATE_RESPONSE:
      gst_realtime_session_create_response (session, request->first);
      break;
    case ACTION_INTERRUPT:
      gst_realtime_session_interrupt (session);
      break;
    case ACTION_SAY:
      gst_realtime_session_say (session, request->first);
      break;
    case ACTION_SEND_EVENT:
      gst_realtime_session_send_event (session, request->first);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
request (GstOpenaiRealtimeBin *self, int action, const char *first, const char *second)
{
  Request *r = g_new (Request, 1);

  *r = (Request){ action, g_strdup (first), g_strdup (second) };
  if (!enqueue (self, run_request, r, request_free))
    GST_WARNING_OBJECT (self, "%s: not in PAUSED or PLAYING", g_signal_name (signals[action]));
}

static void
send_function_output (GstOpenaiRealtimeBin *self, const char *call_id, const char *output)
{
  request (self, ACTION_SEND_FUNCTION_OUTPUT, call_id, output);
}

static void
send_text (GstOpenaiRealtimeBin *self, const char *role, const char *text)
{
  request (self, ACTION_SEND_TEXT, role, text);
}

static void
create_response (GstOpenaiRealtimeBin *self, const char *instructions)
{
  request (self, ACTION_CREATE_RESPONSE, instructions, NULL);
}

static void
interrupt (GstOpenaiRealtimeBin *self)
{
  request (self, ACTION_INTERRUPT, NULL, NULL);
}

static void
say (GstOpenaiRealtimeBin *self, const char *text)
{
  request (self, ACTION_SAY, text, NULL);
}

static void
send_event_json (GstOpenaiRealtimeBin *self, const char *json)
{
  request (self, ACTION_SEND_EVENT, json, NULL);
}

/* ---- states ------------------------------------------------------------ */

/* Returns: (transfer full) (nullable): the settings of this session; an error was posted */
static GstRealtimeSettings *
get_settings (GstOpenaiRealtimeBin *self)
{
  g_autoptr (GstRealtimeSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  settings = gst_realtime_settings_copy (self->settings);
  GST_OBJECT_UNLOCK (self);

  if (settings->api_key == NULL)
    settings->api_key = g_strdup (g_getenv ("OPENAI_API_KEY"));
  if (settings->api_key != NULL && *g_strstrip (settings->api_key) == '\0')
    g_clear_pointer (&settings->api_key, g_free);
  if (gst_realtime_settings_validate (settings, &error))
    return g_steal_pointer (&settings);
  on_fatal (self, error);
  return NULL;
}

static void
connect_session (GstOpenaiRealtimeBin *self, const GstRealtimeSettings *settings)
{
  g_autofree char *url = gst_realtime_settings_build_url (settings, NULL);
  g_autoptr (GstRealtimeTransport) transport
      = GST_REALTIME_TRANSPORT (gst_realtime_soup_new (url, settings->api_key));
  g_autoptr (GError) error = NULL;
  g_autofree char *log_path = NULL;
  GstRealtimeIo *io = gst_realtime_io_new ();

  self->session = gst_realtime_session_new (transport, self->playout, &self->stats,
                                            &session_listener, self);
  gst_realtime_session_set_settings (self->session, settings);
  gst_realtime_session_set_input_format (
      self->session, gst_realtime_sink_get_format (GST_REALTIME_SINK (self->sink)));
  gst_realtime_session_set_output_format (
      self->session, gst_realtime_src_get_format (GST_REALTIME_SRC (self->src)));

  GST_OBJECT_LOCK (self);
  log_path = g_strdup (self->session_log);
  GST_OBJECT_UNLOCK (self);
  if (log_path != NULL && *log_path != '\0')
    {
      GstRealtimeLog *log = gst_realtime_log_open (log_path, &error);

      if (log == NULL)
        GST_ELEMENT_WARNING (self, RESOURCE, OPEN_WRITE,
                             ("The session is not logged: %s (property 'session-log')",
                              error->message),
                             (NULL));
      gst_realtime_session_set_log (self->session, log);
    }

  self->waker = gst_realtime_io_add_waker (io, on_uplink, self);
  GST_OBJECT_LOCK (self);
  self->io = io;
  GST_OBJECT_UNLOCK (self);
  enqueue (self, start_session, NULL, NULL);
}

static void
disconnect_session (GstOpenaiRealtimeBin *self)
{
  GstRealtimeIo *io;

  GST_OBJECT_LOCK (self);
  io = g_steal_pointer (&self->io);
  GST_OBJECT_UNLOCK (self);
  if (io == NULL)
    return;
  gst_realtime_io_close (io, stop_session, self);
  gst_realtime_io_unref (io);
}

static GstStateChangeReturn
gst_openai_realtime_bin_change_state (GstElement *element, GstStateChange transition)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (element);
  g_autoptr (GstRealtimeSettings) settings = NULL;
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    {
      gboolean external;

      settings = get_settings (self);
      if (settings == NULL)
        return GST_STATE_CHANGE_FAILURE;
      GST_OBJECT_LOCK (self);
      external = self->clocking == CLOCKING_EXTERNAL;
      gst_realtime_src_set_ptime (GST_REALTIME_SRC (self->src), self->ptime);
      GST_OBJECT_UNLOCK (self);
      gst_realtime_src_set_external (GST_REALTIME_SRC (self->src), external);
      gst_realtime_sink_set_sync (GST_REALTIME_SINK (self->sink), !external);
      gst_realtime_playout_reset (self->playout);
      gst_realtime_stats_reset (&self->stats);
    }

  ret = GST_ELEMENT_CLASS (gst_openai_realtime_bin_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && ret != GST_STATE_CHANGE_FAILURE)
    connect_session (self, settings);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    disconnect_session (self);
  return ret;
}

/* ---- object ------------------------------------------------------------ */

static char **
string_property (GstOpenaiRealtimeBin *self, guint id)
{
  GstRealtimeSettings *s = self->settings;

  switch (id)
    {
    case PROP_API_KEY: return &s->api_key;
    case PROP_BASE_URL: return &s->base_url;
    case PROP_MODEL: return &s->model;
    case PROP_VOICE: return &s->voice;
    case PROP_INSTRUCTIONS: return &s->instructions;
    case PROP_GREETING: return &s->greeting;
    case PROP_LANGUAGE: return &s->language;
    case PROP_TRANSCRIPTION_MODEL: return &s->transcription_model;
    case PROP_TOOLS: return &s->tools;
    case PROP_SESSION: return &s->session;
    case PROP_SESSION_LOG: return &self->session_log;
    default: return NULL;
    }
}

static void
gst_openai_realtime_bin_set_property (GObject *object,
                                      guint id,
                                      const GValue *value,
                                      GParamSpec *pspec)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (object);
  GstRealtimeSettings *update = NULL;
  char **text;

  GST_OBJECT_LOCK (self);
  text = string_property (self, id);
  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else
    switch (id)
      {
      case PROP_SPEED:
        self->settings->speed = g_value_get_double (value);
        break;
      case PROP_TURN_DETECTION:
        self->settings->turn_detection = g_value_get_enum (value);
        break;
      case PROP_VAD_THRESHOLD:
        self->settings->vad_threshold = g_value_get_double (value);
        break;
      case PROP_PREFIX_PADDING:
        self->settings->prefix_padding = g_value_get_uint (value);
        break;
      case PROP_SILENCE_DURATION:
        self->settings->silence_duration = g_value_get_uint (value);
        break;
      case PROP_NOISE_REDUCTION:
        self->settings->noise_reduction = g_value_get_enum (value);
        break;
      case PROP_RECONNECT:
        self->settings->reconnect = g_value_get_boolean (value);
        break;
      case PROP_PTIME:
        self->ptime = g_value_get_uint (value);
        break;
      case PROP_CLOCKING:
        self->clocking = g_value_get_enum (value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      }
  /* What the service can be told in the middle of a session. */
  if (self->io != NULL && id != PROP_API_KEY && id != PROP_BASE_URL && id != PROP_MODEL
      && id != PROP_GREETING && id != PROP_PTIME && id != PROP_CLOCKING && id != PROP_SESSION_LOG)
    update = gst_realtime_settings_copy (self->settings);
  GST_OBJECT_UNLOCK (self);

  if (update != NULL)
    {
      g_autoptr (GError) error = NULL;

      /* A key from the environment is no part of the settings. */
      if (update->api_key == NULL)
        update->api_key = g_strdup ("");
      if (gst_realtime_settings_validate (update, &error))
        enqueue (self, apply_settings, update, (GDestroyNotify)gst_realtime_settings_free);
      else
        {
          GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS, ("%s", error->message), (NULL));
          gst_realtime_settings_free (update);
        }
    }
}

static void
gst_openai_realtime_bin_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (object);
  char **text;

  if (id == PROP_STATS)
    {
      g_value_take_boxed (value, gst_realtime_stats_to_structure (
                                     &self->stats,
                                     gst_realtime_playout_get_queued_ms (self->playout)));
      return;
    }

  GST_OBJECT_LOCK (self);
  text = string_property (self, id);
  if (id == PROP_API_KEY)
    g_value_set_string (value, NULL); /* never readable */
  else if (text != NULL)
    g_value_set_string (value, *text);
  else
    switch (id)
      {
      case PROP_SPEED:
        g_value_set_double (value, self->settings->speed);
        break;
      case PROP_TURN_DETECTION:
        g_value_set_enum (value, self->settings->turn_detection);
        break;
      case PROP_VAD_THRESHOLD:
        g_value_set_double (value, self->settings->vad_threshold);
        break;
      case PROP_PREFIX_PADDING:
        g_value_set_uint (value, self->settings->prefix_padding);
        break;
      case PROP_SILENCE_DURATION:
        g_value_set_uint (value, self->settings->silence_duration);
        break;
      case PROP_NOISE_REDUCTION:
        g_value_set_enum (value, self->settings->noise_reduction);
        break;
      case PROP_RECONNECT:
        g_value_set_boolean (value, self->settings->reconnect);
        break;
      case PROP_PTIME:
        g_value_set_uint (value, self->ptime);
        break;
      case PROP_CLOCKING:
        g_value_set_enum (value, self->clocking);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      }
  GST_OBJECT_UNLOCK (self);
}

/* A tick goes straight to the playout, without the iterators that forward
 * other events through a ghost pad: it comes fifty times a second. */
static gboolean
on_src_pad_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM && parent != NULL
      && gst_event_has_name (event, GST_OPENAI_REALTIME_EVENT_TICK))
    {
      gst_event_unref (event);
      return gst_realtime_src_tick (
          GST_REALTIME_SRC (GST_REALTIME_BIN (parent)->src));
    }
  return gst_pad_event_default (pad, parent, event);
}

static void
add_ghost_pad (GstOpenaiRealtimeBin *self,
               GstElement *child,
               const char *name,
               GstStaticPadTemplate *template)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (child, name);
  g_autoptr (GstPadTemplate) pad_template = gst_static_pad_template_get (template);
  GstPad *pad = gst_ghost_pad_new_from_template (name, target, pad_template);

  if (child == self->src)
    gst_pad_set_event_function (pad, on_src_pad_event);
  gst_element_add_pad (GST_ELEMENT (self), pad);
}

static void
gst_openai_realtime_bin_init (GstOpenaiRealtimeBin *self)
{
  self->settings = gst_realtime_settings_new ();
  self->ptime = 20;
  self->clocking = CLOCKING_INTERNAL;
  self->context = g_main_context_ref_thread_default ();
  self->playout = gst_realtime_playout_new (MAX_QUEUED);
  self->uplink = gst_realtime_uplink_new ();
  gst_realtime_stats_init (&self->stats);

  self->sink = gst_realtime_sink_new (self->uplink, on_sink_format, self);
  self->src = gst_realtime_src_new (self->playout, &src_listener, self);
  gst_bin_add_many (GST_BIN (self), self->sink, self->src, NULL);
  add_ghost_pad (self, self->sink, "sink", &sink_template);
  add_ghost_pad (self, self->src, "src", &src_template);
}

static void
gst_openai_realtime_bin_finalize (GObject *object)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (object);
  GstRealtimePlayout *playout = self->playout;
  GstRealtimeUplink *uplink = self->uplink;

  disconnect_session (self);
  gst_realtime_settings_free (self->settings);
  g_free (self->session_log);
  g_main_context_unref (self->context);
  gst_realtime_stats_clear (&self->stats);
  /* GstBin has disposed of the children, which used these. */
  G_OBJECT_CLASS (gst_openai_realtime_bin_parent_class)->finalize (object);
  gst_realtime_playout_free (playout);
  gst_realtime_uplink_free (uplink);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags base = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags ready = base | GST_PARAM_MUTABLE_READY;
  const GParamFlags playing = base | GST_PARAM_MUTABLE_PLAYING;
  g_autoptr (GstRealtimeSettings) defaults = gst_realtime_settings_new ();

#define STRING(id, name, blurb, value, flags) \
  g_object_class_install_property (klass, id, g_param_spec_string (name, name, blurb, value, flags))

  STRING (PROP_API_KEY, GST_OPENAI_REALTIME_PROP_API_KEY,
          "Key of the account; unset: the environment variable OPENAI_API_KEY. Reads as NULL", NULL,
          ready);
  STRING (PROP_BASE_URL, GST_OPENAI_REALTIME_PROP_BASE_URL,
          "WebSocket address of the service; the model is appended", defaults->base_url, ready);
  STRING (PROP_MODEL, GST_OPENAI_REALTIME_PROP_MODEL, "Name of the model", defaults->model, ready);
  STRING (PROP_VOICE, GST_OPENAI_REALTIME_PROP_VOICE,
          "Voice of the model; can't change once it has spoken", defaults->voice, playing);
  g_object_class_install_property (
      klass, PROP_SPEED,
      g_param_spec_double (GST_OPENAI_REALTIME_PROP_SPEED, GST_OPENAI_REALTIME_PROP_SPEED,
                           "Pace of the voice; 1: as it is", 0.25, 1.5, defaults->speed, playing));
  STRING (PROP_INSTRUCTIONS, GST_OPENAI_REALTIME_PROP_INSTRUCTIONS,
          "What the model is to do and how to behave", defaults->instructions, playing);
  STRING (PROP_GREETING, GST_OPENAI_REALTIME_PROP_GREETING,
          "Spoken first, word for word; NULL: the caller begins", NULL, ready);
  STRING (PROP_LANGUAGE, GST_OPENAI_REALTIME_PROP_LANGUAGE,
          "Language of the caller for the transcript (ISO 639-1); empty: guessed",
          defaults->language, playing);
  STRING (PROP_TRANSCRIPTION_MODEL, GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_MODEL,
          "Model that writes down what the caller says; empty: no transcript of the caller",
          defaults->transcription_model, playing);
  g_object_class_install_property (
      klass, PROP_TURN_DETECTION,
      g_param_spec_enum (GST_OPENAI_REALTIME_PROP_TURN_DETECTION,
                         GST_OPENAI_REALTIME_PROP_TURN_DETECTION,
                         "How the end of the caller's turn is found", turn_detection_get_type (),
                         defaults->turn_detection, playing));
  g_object_class_install_property (
      klass, PROP_VAD_THRESHOLD,
      g_param_spec_double (GST_OPENAI_REALTIME_PROP_VAD_THRESHOLD,
                           GST_OPENAI_REALTIME_PROP_VAD_THRESHOLD,
                           "How clear speech must be (server-vad); higher for noisy lines", 0, 1,
                           defaults->vad_threshold, playing));
  g_object_class_install_property (
      klass, PROP_PREFIX_PADDING,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_PREFIX_PADDING,
                         GST_OPENAI_REALTIME_PROP_PREFIX_PADDING,
                         "Audio before the detected beginning that counts as speech, ms", 0, 10000,
                         defaults->prefix_padding, playing));
  g_object_class_install_property (
      klass, PROP_SILENCE_DURATION,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_SILENCE_DURATION,
                         GST_OPENAI_REALTIME_PROP_SILENCE_DURATION,
                         "Silence that ends the caller's turn (server-vad), ms", 0, 10000,
                         defaults->silence_duration, playing));
  g_object_class_install_property (
      klass, PROP_NOISE_REDUCTION,
      g_param_spec_enum (GST_OPENAI_REALTIME_PROP_NOISE_REDUCTION,
                         GST_OPENAI_REALTIME_PROP_NOISE_REDUCTION,
                         "Noise reduction of the service for the caller's audio",
                         noise_reduction_get_type (), defaults->noise_reduction, playing));
  STRING (PROP_TOOLS, GST_OPENAI_REALTIME_PROP_TOOLS,
          "Functions the model may call: JSON array as in session.tools", NULL, playing);
  STRING (PROP_SESSION, GST_OPENAI_REALTIME_PROP_SESSION,
          "JSON object merged last into the session: whatever has no property", NULL, playing);
  g_object_class_install_property (
      klass, PROP_RECONNECT,
      g_param_spec_boolean (GST_OPENAI_REALTIME_PROP_RECONNECT, GST_OPENAI_REALTIME_PROP_RECONNECT,
                            "Reconnect when the connection is lost and restore the conversation",
                            FALSE, playing));
  STRING (PROP_SESSION_LOG, GST_OPENAI_REALTIME_PROP_SESSION_LOG,
          "File to which all events are appended as JSON lines; audio shortened, no key", NULL,
          ready);
  g_object_class_install_property (
      klass, PROP_PTIME,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_PTIME, GST_OPENAI_REALTIME_PROP_PTIME,
                         "Duration of each buffer on src, ms", 10, 120, 20, ready));
  g_object_class_install_property (
      klass, PROP_CLOCKING,
      g_param_spec_enum (GST_OPENAI_REALTIME_PROP_CLOCKING, GST_OPENAI_REALTIME_PROP_CLOCKING,
                         "Who paces the output", clocking_get_type (), CLOCKING_INTERNAL, ready));
  g_object_class_install_property (
      klass, PROP_STATS,
      g_param_spec_boxed (GST_OPENAI_REALTIME_PROP_STATS, GST_OPENAI_REALTIME_PROP_STATS,
                          "Counters and latencies of this session", GST_TYPE_STRUCTURE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
#undef STRING
}

static void
install_signals (GType type)
{
  const GSignalFlags action = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

#define SIGNAL(id, name, ...) \
  signals[id] = g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, \
                              __VA_ARGS__)
#define ACTION(id, name, handler, ...) \
  signals[id] = g_signal_new_class_handler (name, type, action, G_CALLBACK (handler), NULL, NULL, \
                                            NULL, G_TYPE_NONE, __VA_ARGS__)

  /* Arguments: see openairealtime.h. */
  SIGNAL (SIGNAL_CONNECTION, GST_OPENAI_REALTIME_SIGNAL_CONNECTION, 2, G_TYPE_STRING,
          G_TYPE_STRING);
  SIGNAL (SIGNAL_TRANSCRIPT, GST_OPENAI_REALTIME_SIGNAL_TRANSCRIPT, 4, G_TYPE_STRING,
          G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
  SIGNAL (SIGNAL_FUNCTION_CALL, GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL, 3, G_TYPE_STRING,
          G_TYPE_STRING, G_TYPE_STRING);
  SIGNAL (SIGNAL_RESPONSE, GST_OPENAI_REALTIME_SIGNAL_RESPONSE, 3, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_STRING);
  SIGNAL (SIGNAL_SPEECH, GST_OPENAI_REALTIME_SIGNAL_SPEECH, 3, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_UINT);
  SIGNAL (SIGNAL_PLAYOUT, GST_OPENAI_REALTIME_SIGNAL_PLAYOUT, 3, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_UINT);
  SIGNAL (SIGNAL_USAGE, GST_OPENAI_REALTIME_SIGNAL_USAGE, 1, GST_TYPE_STRUCTURE);
  SIGNAL (SIGNAL_RATE_LIMITS, GST_OPENAI_REALTIME_SIGNAL_RATE_LIMITS, 1, GST_TYPE_STRUCTURE);

  ACTION (ACTION_SEND_FUNCTION_OUTPUT, GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT,
          send_function_output, 2, G_TYPE_STRING, G_TYPE_STRING);
  ACTION (ACTION_SEND_TEXT, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, send_text, 2, G_TYPE_STRING,
          G_TYPE_STRING);
  ACTION (ACTION_CREATE_RESPONSE, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, create_response, 1,
          G_TYPE_STRING);
  ACTION (ACTION_INTERRUPT, GST_OPENAI_REALTIME_ACTION_INTERRUPT, interrupt, 0);
  ACTION (ACTION_SAY, GST_OPENAI_REALTIME_ACTION_SAY, say, 1, G_TYPE_STRING);
  ACTION (ACTION_SEND_EVENT, GST_OPENAI_REALTIME_ACTION_SEND_EVENT, send_event_json, 1,
          G_TYPE_STRING);
#undef SIGNAL
#undef ACTION
}

static void
gst_openai_realtime_bin_class_init (GstOpenaiRealtimeBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_openai_realtime_bin_debug, "openairealtimebin", 0,
                           "OpenAI Realtime API");
  object_class->set_property = gst_openai_realtime_bin_set_property;
  object_class->get_property = gst_openai_realtime_bin_get_property;
  object_class->finalize = gst_openai_realtime_bin_finalize;
  element_class->change_state = gst_openai_realtime_bin_change_state;

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "OpenAI Realtime conversation", "Filter/Network/Audio",
      "Caller audio in, the speech of an OpenAI Realtime model out", "Bestellbot");
  gst_type_mark_as_plugin_api (turn_detection_get_type (), 0);
  gst_type_mark_as_plugin_api (noise_reduction_get_type (), 0);
  gst_type_mark_as_plugin_api (clocking_get_type (), 0);
}
