/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The properties of openairealtimebin. */
#include "openairealtimebin-private.h"

#include <string.h>

#include "openairealtime.h"
#include "realtimejson.h"

#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

enum
{
  PROP_0,
  PROP_API_KEY,
  PROP_KEY_HEADER,
  PROP_EXTRA_HEADERS,
  PROP_BASE_URL,
  PROP_MODEL,
  PROP_VOICE,
  PROP_SPEED,
  PROP_INSTRUCTIONS,
  PROP_GREETING,
  PROP_LANGUAGE,
  PROP_TRANSCRIPTION_MODEL,
  PROP_TRANSCRIPTION_PROMPT,
  PROP_ANSWER,
  PROP_MAX_OUTPUT_TOKENS,
  PROP_REASONING_EFFORT,
  PROP_TURN_DETECTION,
  PROP_VAD_THRESHOLD,
  PROP_PREFIX_PADDING,
  PROP_SILENCE_DURATION,
  PROP_IDLE_TIMEOUT,
  PROP_EAGERNESS,
  PROP_NOISE_REDUCTION,
  PROP_REVERSIBLE_BARGE_IN,
  PROP_BACKCHANNEL_DURATION,
  PROP_BACKCHANNEL_TIMEOUT,
  PROP_BACKCHANNEL_WORDS,
  PROP_TOOLS,
  PROP_TOOL_CHOICE,
  PROP_SESSION,
  PROP_RECONNECT,
  PROP_RENEWAL_LEAD,
  PROP_SESSION_LOG,
  PROP_SESSION_LOG_AUDIO,
  PROP_PTIME,
  PROP_CLOCKING,
  PROP_PRICES,
  PROP_MAX_COST,
  PROP_MAX_TOKENS,
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
eagerness_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_EAGERNESS_AUTO, "As the service thinks best", "auto" },
    { GST_REALTIME_EAGERNESS_LOW, "Lets the caller take time (up to 8 s)", "low" },
    { GST_REALTIME_EAGERNESS_MEDIUM, "Waits up to 4 s", "medium" },
    { GST_REALTIME_EAGERNESS_HIGH, "Answers as soon as it can (up to 2 s)", "high" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeEagerness", values));
  return type;
}

static GType
effort_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_EFFORT_DEFAULT, "The model's own; nothing is sent", "default" },
    { GST_REALTIME_EFFORT_MINIMAL, "Minimal", "minimal" },
    { GST_REALTIME_EFFORT_LOW, "Low", "low" },
    { GST_REALTIME_EFFORT_MEDIUM, "Medium", "medium" },
    { GST_REALTIME_EFFORT_HIGH, "High", "high" },
    { GST_REALTIME_EFFORT_XHIGH, "Very high", "xhigh" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeEffort", values));
  return type;
}

static GType
answer_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_ANSWER_SPEECH, "Speech on src, and its transcript", "speech" },
    { GST_REALTIME_ANSWER_TEXT, "Text only, as a transcript; src stays silent", "text" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeAnswer", values));
  return type;
}

static GType
key_header_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_KEY_BEARER, "Authorization: Bearer KEY", "bearer" },
    { GST_REALTIME_KEY_PLAIN, "api-key: KEY (Azure OpenAI)", "api-key" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeKeyHeader", values));
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
string_property (GstOpenaiRealtimeBin *self, GstRealtimeSettings *s, guint id)
{
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
    case PROP_TRANSCRIPTION_PROMPT:
      return &s->transcription_prompt;
    case PROP_TOOLS:
      return &s->tools;
    case PROP_TOOL_CHOICE:
      return &s->tool_choice;
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

/* Under the object lock. Puts @value into @s, which is a copy, or where it belongs. */
static void
take_value (GstOpenaiRealtimeBin *self,
            GstRealtimeSettings *s,
            guint id,
            const GValue *value,
            GParamSpec *pspec)
{
  char **text = string_property (self, s, id);

  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else
    switch (id)
      {
      case PROP_KEY_HEADER:
        s->key_header = g_value_get_enum (value);
        break;
      case PROP_EXTRA_HEADERS:
        g_clear_pointer (&s->extra_headers, gst_structure_free);
        s->extra_headers = g_value_dup_boxed (value);
        break;
      case PROP_ANSWER:
        s->answer = g_value_get_enum (value);
        break;
      case PROP_MAX_OUTPUT_TOKENS:
        s->max_output_tokens = g_value_get_uint (value);
        break;
      case PROP_REASONING_EFFORT:
        s->reasoning_effort = g_value_get_enum (value);
        break;
      case PROP_IDLE_TIMEOUT:
        s->idle_timeout = g_value_get_uint (value);
        break;
      case PROP_EAGERNESS:
        s->eagerness = g_value_get_enum (value);
        break;
      case PROP_SPEED:
        s->speed = g_value_get_double (value);
        break;
      case PROP_TURN_DETECTION:
        s->turn_detection = g_value_get_enum (value);
        break;
      case PROP_VAD_THRESHOLD:
        s->vad_threshold = g_value_get_double (value);
        break;
      case PROP_PREFIX_PADDING:
        s->prefix_padding = g_value_get_uint (value);
        break;
      case PROP_SILENCE_DURATION:
        s->silence_duration = g_value_get_uint (value);
        break;
      case PROP_NOISE_REDUCTION:
        s->noise_reduction = g_value_get_enum (value);
        break;
      case PROP_REVERSIBLE_BARGE_IN:
        s->reversible_barge_in = g_value_get_boolean (value);
        break;
      case PROP_BACKCHANNEL_DURATION:
        s->backchannel_duration = g_value_get_uint (value);
        break;
      case PROP_BACKCHANNEL_TIMEOUT:
        s->backchannel_timeout = g_value_get_uint (value);
        break;
      case PROP_RECONNECT:
        s->reconnect = g_value_get_boolean (value);
        break;
      case PROP_SESSION_LOG_AUDIO:
        self->session_log_audio = g_value_get_boolean (value);
        break;
      case PROP_RENEWAL_LEAD:
        self->settings->renewal_lead = g_value_get_uint (value);
        break;
      case PROP_PTIME:
        self->ptime = g_value_get_uint (value);
        gst_realtime_src_set_ptime (GST_REALTIME_SRC (self->src), self->ptime);
        break;
      case PROP_CLOCKING:
        self->clocking = g_value_get_enum (value);
        break;
      case PROP_MAX_COST:
        self->max_cost = g_value_get_double (value);
        break;
      case PROP_MAX_TOKENS:
        self->max_tokens = g_value_get_uint64 (value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (self, id, pspec);
      }
}

/* Whether the service can be told of it in the middle of a session. */
static gboolean
is_live (guint id)
{
  switch (id)
    {
    case PROP_API_KEY:
    case PROP_KEY_HEADER:
    case PROP_EXTRA_HEADERS:
    case PROP_BASE_URL:
    case PROP_MODEL:
    case PROP_GREETING:
    case PROP_SESSION_LOG:
    case PROP_SESSION_LOG_AUDIO:
    case PROP_PTIME:
    case PROP_CLOCKING:
    case PROP_MAX_COST:
    case PROP_MAX_TOKENS:
      return FALSE;
    default:
      return TRUE;
    }
}

/* A value that can't be right is refused at once: a warning on the bus, and the
 * old one stays. Nobody may listen yet: then nothing is started with it either. */
static void
gst_openai_realtime_bin_set_property (GObject *object,
                                      guint id,
                                      const GValue *value,
                                      GParamSpec *pspec)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (object);
  GstRealtimeSettings *update = NULL;
  GstRealtimeSettings *settings;
  g_autoptr (GError) error = NULL;

  if (id == PROP_PRICES)
    {
      gst_openai_realtime_bin_set_prices (self, gst_value_get_structure (value));
      return;
    }

  GST_OBJECT_LOCK (self);
  settings = gst_realtime_settings_copy (self->settings);
  take_value (self, settings, id, value, pspec);
  if (gst_realtime_settings_check (settings, pspec->name, &error))
    {
      g_hash_table_remove (self->refused, pspec->name);
      gst_realtime_settings_free (self->settings);
      self->settings = settings;
      if (self->io != NULL && is_live (id))
        update = gst_realtime_settings_copy (settings);
    }
  else
    {
      gst_realtime_settings_free (settings);
      if (self->io == NULL)
        g_hash_table_replace (self->refused, (gpointer)pspec->name, g_error_copy (error));
    }
  GST_OBJECT_UNLOCK (self);

  if (error != NULL)
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS, ("%s", error->message), (NULL));
  if (update != NULL)
    gst_openai_realtime_bin_enqueue (self, apply_settings, update,
                                     (GDestroyNotify)gst_realtime_settings_free);
}

static void
gst_openai_realtime_bin_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (object);
  char **text;

  if (id == PROP_STATS)
    {
      GstRealtimePrices prices;

      GST_OBJECT_LOCK (self);
      prices = self->prices;
      GST_OBJECT_UNLOCK (self);
      g_value_take_boxed (
          value, gst_realtime_stats_to_structure (
                     &self->stats, gst_realtime_playout_get_queued_ms (self->playout), &prices));
      return;
    }

  GST_OBJECT_LOCK (self);
  text = string_property (self, self->settings, id);
  if (id == PROP_API_KEY)
    g_value_set_string (value, NULL); /* never readable */
  else if (text != NULL)
    {
      /* An MCP server's token is for the service's eyes. */
      char *redacted = *text != NULL && (id == PROP_TOOLS || id == PROP_SESSION)
                           ? gst_realtime_json_redact (*text, strlen (*text))
                           : NULL;

      if (redacted != NULL)
        g_value_take_string (value, redacted);
      else
        g_value_set_string (value, *text);
    }
  else
    switch (id)
      {
      case PROP_KEY_HEADER:
        g_value_set_enum (value, self->settings->key_header);
        break;
      case PROP_EXTRA_HEADERS:
        g_value_set_boxed (value, NULL); /* they may hold a token: never readable */
        break;
      case PROP_ANSWER:
        g_value_set_enum (value, self->settings->answer);
        break;
      case PROP_MAX_OUTPUT_TOKENS:
        g_value_set_uint (value, self->settings->max_output_tokens);
        break;
      case PROP_REASONING_EFFORT:
        g_value_set_enum (value, self->settings->reasoning_effort);
        break;
      case PROP_IDLE_TIMEOUT:
        g_value_set_uint (value, self->settings->idle_timeout);
        break;
      case PROP_EAGERNESS:
        g_value_set_enum (value, self->settings->eagerness);
        break;
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
      case PROP_SESSION_LOG_AUDIO:
        g_value_set_boolean (value, self->session_log_audio);
        break;
      case PROP_RENEWAL_LEAD:
        g_value_set_uint (value, self->settings->renewal_lead);
        break;
      case PROP_PTIME:
        g_value_set_uint (value, self->ptime);
        break;
      case PROP_CLOCKING:
        g_value_set_enum (value, self->clocking);
        break;
      case PROP_PRICES:
        gst_value_set_structure (value, self->prices_structure);
        break;
      case PROP_MAX_COST:
        g_value_set_double (value, self->max_cost);
        break;
      case PROP_MAX_TOKENS:
        g_value_set_uint64 (value, self->max_tokens);
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
#define ENUM(id, name, blurb, type, value, flags)                                                  \
  g_object_class_install_property (klass, id,                                                      \
                                   g_param_spec_enum (name, name, blurb, type, value, flags))

  STRING (PROP_API_KEY, GST_OPENAI_REALTIME_PROP_API_KEY,
          "Key of the account; unset: the environment variable OPENAI_API_KEY. Reads as NULL", NULL,
          ready);
  ENUM (PROP_KEY_HEADER, GST_OPENAI_REALTIME_PROP_KEY_HEADER, "Header that carries the key",
        key_header_get_type (), defaults->key_header, ready);
  g_object_class_install_property (
      klass, PROP_EXTRA_HEADERS,
      g_param_spec_boxed (GST_OPENAI_REALTIME_PROP_EXTRA_HEADERS,
                          GST_OPENAI_REALTIME_PROP_EXTRA_HEADERS,
                          "Further headers of the connection, a string each. Reads as NULL",
                          GST_TYPE_STRUCTURE, ready));
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
          "Language of the caller for the transcript (ISO 639-1), several with commas; empty: "
          "guessed",
          defaults->language, playing);
  STRING (PROP_TRANSCRIPTION_MODEL, GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_MODEL,
          "Model that writes down what the caller says; empty: no transcript of the caller",
          defaults->transcription_model, playing);
  STRING (PROP_TRANSCRIPTION_PROMPT, GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_PROMPT,
          "What the caller is likely to talk about, names and words: helps the transcript", NULL,
          playing);
  ENUM (PROP_ANSWER, GST_OPENAI_REALTIME_PROP_ANSWER, "How the model answers", answer_get_type (),
        defaults->answer, playing);
  g_object_class_install_property (
      klass, PROP_MAX_OUTPUT_TOKENS,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_MAX_OUTPUT_TOKENS,
                         GST_OPENAI_REALTIME_PROP_MAX_OUTPUT_TOKENS,
                         "Longest answer in tokens (20 per second of speech), cut off there; 0: no "
                         "limit",
                         0, 4096, defaults->max_output_tokens, playing));
  ENUM (PROP_REASONING_EFFORT, GST_OPENAI_REALTIME_PROP_REASONING_EFFORT,
        "How hard a reasoning model thinks before it answers", effort_get_type (),
        defaults->reasoning_effort, playing);
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
      klass, PROP_IDLE_TIMEOUT,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_IDLE_TIMEOUT,
                         GST_OPENAI_REALTIME_PROP_IDLE_TIMEOUT,
                         "Silence of the caller after which the model speaks by itself "
                         "(server-vad), 5000 to 30000 ms; 0: never",
                         0, 30000, defaults->idle_timeout, playing));
  ENUM (PROP_EAGERNESS, GST_OPENAI_REALTIME_PROP_EAGERNESS,
        "How soon the caller's turn is taken to be over (semantic-vad)", eagerness_get_type (),
        defaults->eagerness, playing);
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
          "Functions and MCP servers the model may use: JSON array as in session.tools", NULL,
          playing);
  STRING (PROP_TOOL_CHOICE, GST_OPENAI_REALTIME_PROP_TOOL_CHOICE,
          "auto, none, required, the name of the function to call, or JSON as in "
          "session.tool_choice",
          NULL, playing);
  STRING (PROP_SESSION, GST_OPENAI_REALTIME_PROP_SESSION,
          "JSON object merged last into the session: whatever has no property", NULL, playing);
  g_object_class_install_property (
      klass, PROP_RECONNECT,
      g_param_spec_boolean (GST_OPENAI_REALTIME_PROP_RECONNECT, GST_OPENAI_REALTIME_PROP_RECONNECT,
                            "Reconnect when the connection is lost and restore the conversation; "
                            "the first connection must succeed",
                            defaults->reconnect, playing));
  g_object_class_install_property (
      klass, PROP_RENEWAL_LEAD,
      g_param_spec_uint (GST_OPENAI_REALTIME_PROP_RENEWAL_LEAD,
                         GST_OPENAI_REALTIME_PROP_RENEWAL_LEAD,
                         "Seconds before the service ends a session (after 60 minutes) at which the "
                         "next is made; it takes over in a pause. 0: only when it has ended",
                         0, 3000, defaults->renewal_lead, playing));
  STRING (PROP_SESSION_LOG, GST_OPENAI_REALTIME_PROP_SESSION_LOG,
          "File to which all events are appended as JSON lines, without the key; "
          "bestellbot-simulator --replay plays the service's part of it",
          NULL, ready);
  g_object_class_install_property (
      klass, PROP_SESSION_LOG_AUDIO,
      g_param_spec_boolean (GST_OPENAI_REALTIME_PROP_SESSION_LOG_AUDIO,
                            GST_OPENAI_REALTIME_PROP_SESSION_LOG_AUDIO,
                            "Keep the audio in the session log, both ways; otherwise its length only",
                            FALSE, ready));
  g_object_class_install_property (klass, PROP_PTIME,
                                   g_param_spec_uint (GST_OPENAI_REALTIME_PROP_PTIME,
                                                      GST_OPENAI_REALTIME_PROP_PTIME,
                                                      "Duration of each buffer on src, ms", 10, 120,
                                                      20, playing));
  g_object_class_install_property (klass, PROP_CLOCKING,
                                   g_param_spec_enum (GST_OPENAI_REALTIME_PROP_CLOCKING,
                                                      GST_OPENAI_REALTIME_PROP_CLOCKING,
                                                      "Who paces the output", clocking_get_type (),
                                                      CLOCKING_INTERNAL, ready));
  g_object_class_install_property (
      klass, PROP_PRICES,
      g_param_spec_boxed (GST_OPENAI_REALTIME_PROP_PRICES, GST_OPENAI_REALTIME_PROP_PRICES,
                          "What the account pays: money per million tokens by kind (text-input, "
                          "audio-output, ...), and 'currency'; none are built in",
                          GST_TYPE_STRUCTURE, playing));
  g_object_class_install_property (
      klass, PROP_MAX_COST,
      g_param_spec_double (GST_OPENAI_REALTIME_PROP_MAX_COST, GST_OPENAI_REALTIME_PROP_MAX_COST,
                           "Money, by 'prices', after which the running answer is the last and "
                           "EOS follows; 0: no limit",
                           0, G_MAXDOUBLE, 0, playing));
  g_object_class_install_property (
      klass, PROP_MAX_TOKENS,
      g_param_spec_uint64 (GST_OPENAI_REALTIME_PROP_MAX_TOKENS, GST_OPENAI_REALTIME_PROP_MAX_TOKENS,
                           "Tokens of all kinds after which the running answer is the last and "
                           "EOS follows; 0: no limit",
                           0, G_MAXUINT64, 0, playing));
  g_object_class_install_property (klass, PROP_STATS,
                                   g_param_spec_boxed (GST_OPENAI_REALTIME_PROP_STATS,
                                                       GST_OPENAI_REALTIME_PROP_STATS,
                                                       "Counters and latencies of this session",
                                                       GST_TYPE_STRUCTURE,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
#undef ENUM
#undef STRING

  gst_type_mark_as_plugin_api (turn_detection_get_type (), 0);
  gst_type_mark_as_plugin_api (noise_reduction_get_type (), 0);
  gst_type_mark_as_plugin_api (clocking_get_type (), 0);
  gst_type_mark_as_plugin_api (eagerness_get_type (), 0);
  gst_type_mark_as_plugin_api (effort_get_type (), 0);
  gst_type_mark_as_plugin_api (answer_get_type (), 0);
  gst_type_mark_as_plugin_api (key_header_get_type (), 0);
}
