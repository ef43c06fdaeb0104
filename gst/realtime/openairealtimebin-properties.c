/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The properties of openairealtimebin. */
#include "openairealtimebin-private.h"

#include "openairealtime.h"

#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

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
  PROP_REVERSIBLE_BARGE_IN,
  PROP_BACKCHANNEL_DURATION,
  PROP_BACKCHANNEL_TIMEOUT,
  PROP_BACKCHANNEL_WORDS,
  PROP_TOOLS,
  PROP_SESSION,
  PROP_RECONNECT,
  PROP_SESSION_LOG,
  PROP_PTIME,
  PROP_CLOCKING,
  PROP_STATS,
  N_PROPS
};

static GType
turn_detection_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_TURN_SERVER_VAD, "The service hears when the caller has finished",
      "server-vad" },
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
    { CLOCKING_EXTERNAL, "One buffer for each " GST_OPENAI_REALTIME_EVENT_TICK " event",
      "external" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeClocking", values));
  return type;
}

static char **
string_property (GstOpenaiRealtimeBin *self, guint id)
{
  GstRealtimeSettings *s = self->settings;

  switch (id)
    {
    case PROP_API_KEY:
      return &s->api_key;
    case PROP_BASE_URL:
      return &s->base_url;
    case PROP_MODEL:
      return &s->model;
    case PROP_VOICE:
      return &s->voice;
    case PROP_INSTRUCTIONS:
      return &s->instructions;
    case PROP_GREETING:
      return &s->greeting;
    case PROP_LANGUAGE:
      return &s->language;
    case PROP_TRANSCRIPTION_MODEL:
      return &s->transcription_model;
    case PROP_TOOLS:
      return &s->tools;
    case PROP_SESSION:
      return &s->session;
    case PROP_BACKCHANNEL_WORDS:
      return &s->backchannel_words;
    case PROP_SESSION_LOG:
      return &self->session_log;
    default:
      return NULL;
    }
}

static void
apply_settings (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_set_settings (self->session, data);
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
      case PROP_REVERSIBLE_BARGE_IN:
        self->settings->reversible_barge_in = g_value_get_boolean (value);
        break;
      case PROP_BACKCHANNEL_DURATION:
        self->settings->backchannel_duration = g_value_get_uint (value);
        break;
      case PROP_BACKCHANNEL_TIMEOUT:
        self->settings->backchannel_timeout = g_value_get_uint (value);
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
  if (self->io != NULL && id != PROP_API_KEY && id != PROP_BASE_URL && id != PROP_MODEL &&
      id != PROP_GREETING && id != PROP_PTIME && id != PROP_CLOCKING && id != PROP_SESSION_LOG)
    update = gst_realtime_settings_copy (self->settings);
  GST_OBJECT_UNLOCK (self);

  if (update != NULL)
    {
      g_autoptr (GError) error = NULL;

      /* A key from the environment is no part of the settings. */
      if (update->api_key == NULL)
        update->api_key = g_strdup ("");
      if (gst_realtime_settings_validate (update, &error))
        gst_openai_realtime_bin_enqueue (self, apply_settings, update,
                                         (GDestroyNotify)gst_realtime_settings_free);
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
      g_value_take_boxed (value,
                          gst_realtime_stats_to_structure (
                              &self->stats, gst_realtime_playout_get_queued_ms (self->playout)));
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
      case PROP_REVERSIBLE_BARGE_IN:
        g_value_set_boolean (value, self->settings->reversible_barge_in);
        break;
      case PROP_BACKCHANNEL_DURATION:
        g_value_set_uint (value, self->settings->backchannel_duration);
        break;
      case PROP_BACKCHANNEL_TIMEOUT:
        g_value_set_uint (value, self->settings->backchannel_timeout);
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

void
gst_openai_realtime_bin_install_properties (GObjectClass *klass)
{
  const GParamFlags base = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags ready = base | GST_PARAM_MUTABLE_READY;
  const GParamFlags playing = base | GST_PARAM_MUTABLE_PLAYING;
  g_autoptr (GstRealtimeSettings) defaults = gst_realtime_settings_new ();

  klass->set_property = gst_openai_realtime_bin_set_property;
  klass->get_property = gst_openai_realtime_bin_get_property;

#define STRING(id, name, blurb, value, flags)                                                      \
  g_object_class_install_property (klass, id, g_param_spec_string (name, name, blurb, value, flags))

  STRING (PROP_API_KEY, GST_OPENAI_REALTIME_PROP_API_KEY,
          "Key of the account; unset: the environment variable OPENAI_API_KEY. Reads as NULL", NULL,
          ready);
  STRING (PROP_BASE_URL, GST_OPENAI_REALTIME_PROP_BASE_URL,
          "WebSocket address of the service; the model is appended", defaults->base_url, ready);
  STRING (PROP_MODEL, GST_OPENAI_REALTIME_PROP_MODEL, "Name of the model", defaults->model, ready);
  STRING (PROP_VOICE, GST_OPENAI_REALTIME_PROP_VOICE,
          "Voice of the model; can't change once it has spoken", defaults->voice, playing);
  g_object_class_install_property (klass, PROP_SPEED,
                                   g_param_spec_double (GST_OPENAI_REALTIME_PROP_SPEED,
                                                        GST_OPENAI_REALTIME_PROP_SPEED,
                                                        "Pace of the voice; 1: as it is", 0.25, 1.5,
                                                        defaults->speed, playing));
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
  g_object_class_install_property (klass, PROP_TURN_DETECTION,
                                   g_param_spec_enum (GST_OPENAI_REALTIME_PROP_TURN_DETECTION,
                                                      GST_OPENAI_REALTIME_PROP_TURN_DETECTION,
                                                      "How the end of the caller's turn is found",
                                                      turn_detection_get_type (),
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
  g_object_class_install_property (
      klass, PROP_REVERSIBLE_BARGE_IN,
      g_param_spec_boolean (GST_OPENAI_REALTIME_PROP_REVERSIBLE_BARGE_IN,
                            GST_OPENAI_REALTIME_PROP_REVERSIBLE_BARGE_IN,
                            "When the caller speaks, pause the answer first; go on with it if that "
                            "was a cough or a word of agreement, else cut it off",
                            defaults->reversible_barge_in, playing));
  g_object_class_install_property (
      klass, PROP_BACKCHANNEL_DURATION,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_BACKCHANNEL_DURATION,
                         GST_OPENAI_REALTIME_PROP_BACKCHANNEL_DURATION,
                         "Speech that lasts longer cuts the answer off at once, whatever it is, ms",
                         0, 10000, defaults->backchannel_duration, playing));
  g_object_class_install_property (
      klass, PROP_BACKCHANNEL_TIMEOUT,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_BACKCHANNEL_TIMEOUT,
                         GST_OPENAI_REALTIME_PROP_BACKCHANNEL_TIMEOUT,
                         "How long a paused answer waits for the transcript of short speech, ms", 0,
                         4000, defaults->backchannel_timeout, playing));
  STRING (PROP_BACKCHANNEL_WORDS, GST_OPENAI_REALTIME_PROP_BACKCHANNEL_WORDS,
          "Words and phrases that show only that the caller listens, separated by commas; case and "
          "punctuation don't matter",
          defaults->backchannel_words, playing);
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
  g_object_class_install_property (klass, PROP_PTIME,
                                   g_param_spec_uint (GST_OPENAI_REALTIME_PROP_PTIME,
                                                      GST_OPENAI_REALTIME_PROP_PTIME,
                                                      "Duration of each buffer on src, ms", 10, 120,
                                                      20, ready));
  g_object_class_install_property (klass, PROP_CLOCKING,
                                   g_param_spec_enum (GST_OPENAI_REALTIME_PROP_CLOCKING,
                                                      GST_OPENAI_REALTIME_PROP_CLOCKING,
                                                      "Who paces the output", clocking_get_type (),
                                                      CLOCKING_INTERNAL, ready));
  g_object_class_install_property (klass, PROP_STATS,
                                   g_param_spec_boxed (GST_OPENAI_REALTIME_PROP_STATS,
                                                       GST_OPENAI_REALTIME_PROP_STATS,
                                                       "Counters and latencies of this session",
                                                       GST_TYPE_STRUCTURE,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
#undef STRING

  gst_type_mark_as_plugin_api (turn_detection_get_type (), 0);
  gst_type_mark_as_plugin_api (noise_reduction_get_type (), 0);
  gst_type_mark_as_plugin_api (clocking_get_type (), 0);
}
