/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-session.h"

#include <glib/gi18n-lib.h>

#include "bb-call-files.h"
#include "bb-call-tools.h"
#include "bb-farewell.h"
#include "bb-keys.h"
#include "bb-order-text.h"
#include "bb-tools.h"
#include "openairealtime.h"

/* After the model asked to hang up, its last words get this long to be spoken
 * and heard before the call ends all the same (ms). */
#define LAST_WORDS_TIMEOUT 15000
/* After their last frame has left, for the jitter buffers on its way (ms). */
#define LAST_WORDS_TAIL 300
/* Between two looks at the packet counters (s). */
#define QUALITY_INTERVAL 1
/* After so long without a key, what was entered is complete (ms). */
#define KEYS_PAUSE 1500
/* What a caller is told to wait before the next try when we can't serve (s). */
#define RETRY_AFTER 30

struct _BbCallSession
{
  GObject parent_instance;

  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbMedia *media;
  BbLeg *leg; /* NULL: local mode */
  BbCall *call;
  BbToolbox *toolbox;
  BbCallTools *tools;
  BbFarewell *farewell;
  BbCallFiles *files;
  BbKeys *keys;
  GstElement *realtime;

  guint connect_timeout;
  guint duration_timeout;
  guint quality_timer;

  BbCallQuality quality;
  gboolean prepared;    /* media runs, the API is being connected */
  gboolean ready;       /* the API has taken our settings */
  gboolean begun;       /* media flows */
  gboolean responding;  /* a response is being generated */
  gboolean playing;     /* the caller hears the bot */
  gboolean stopped;
};

G_DEFINE_FINAL_TYPE (BbCallSession, bb_call_session, G_TYPE_OBJECT)

enum
{
  SIGNAL_ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void finish (BbCallSession *self);
static void try_answer (BbCallSession *self);

static gboolean
is_ending (BbCallSession *self)
{
  return bb_call_get_state (self->call) >= BB_CALL_ENDING;
}

static void
note (BbCallSession *self, const char *text)
{
  g_message ("call %s: %s", bb_call_get_id (self->call), text);
  bb_transcript_add (bb_call_get_transcript (self->call), BB_TRANSCRIPT_NOTE, text,
                     bb_call_get_duration (self->call));
}

/* ---- the end ---------------------------------------------------------- */

static void
on_media_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbCallSession) self = user_data;

  bb_media_stop_finish (BB_MEDIA (source), result);
  bb_call_files_end (self->files);
  bb_call_set_state (self->call, BB_CALL_ENDED);
  g_message ("call %s: ended (%s%s%s)", bb_call_get_id (self->call),
             bb_call_end_nick (bb_call_get_end (self->call)),
             bb_call_get_end_text (self->call) != NULL ? ": " : "",
             bb_call_get_end_text (self->call) != NULL ? bb_call_get_end_text (self->call) : "");
  g_signal_emit (self, signals[SIGNAL_ENDED], 0);
}

/* Everything that can still reach us is let go first; then the media stops,
 * and "ended" says that the ports are free. Once only. */
static void
finish (BbCallSession *self)
{
  if (self->stopped)
    return;
  self->stopped = TRUE;

  g_clear_handle_id (&self->connect_timeout, g_source_remove);
  g_clear_handle_id (&self->duration_timeout, g_source_remove);
  g_clear_handle_id (&self->quality_timer, g_source_remove);
  g_clear_pointer (&self->farewell, bb_farewell_free);
  bb_keys_flush (self->keys);
  g_clear_pointer (&self->keys, bb_keys_free);

  if (self->begun)
    {
      bb_media_get_quality (self->media, &self->quality);
      bb_call_set_quality (self->call, &self->quality);
    }
  bb_call_set_speaking (self->call, -1);

  g_signal_handlers_disconnect_by_data (self->realtime, self);
  g_signal_handlers_disconnect_by_data (self->media, self);
  g_signal_handlers_disconnect_by_data (self->toolbox, self);
  if (self->leg != NULL)
    g_signal_handlers_disconnect_by_data (self->leg, self);
  g_clear_pointer (&self->tools, bb_call_tools_free);

  bb_media_stop_async (self->media, on_media_stopped, g_object_ref (self));
}

/**
 * bb_call_session_hang_up:
 * @self: the session
 * @end: why
 * @text: (nullable): the same in words
 */
void
bb_call_session_hang_up (BbCallSession *self, BbCallEnd end, const char *text)
{
  gboolean ringing;

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (BB_IS_CALL_SESSION (self));

  if (is_ending (self))
    return;

  ringing = bb_call_get_state (self->call) == BB_CALL_INCOMING;
  bb_call_set_end (self->call, end, text);
  bb_call_set_state (self->call, BB_CALL_ENDING);
  /* A proxy in front of us tries the next gateway on 503 only. */
  if (self->leg != NULL && ringing && end == BB_CALL_END_SHUTDOWN)
    bb_leg_reject (self->leg, 503, "Service Unavailable", RETRY_AFTER);
  else if (self->leg != NULL)
    bb_leg_hang_up (self->leg, text);
  finish (self);
}

/* A final answer other than 200, for a call that never became one. */
static void
refuse (BbCallSession *self, guint status, const char *phrase, const char *text)
{
  if (is_ending (self))
    return;

  g_warning ("call %s: refused with %u %s: %s", bb_call_get_id (self->call), status, phrase, text);
  bb_call_set_end (self->call, BB_CALL_END_REFUSED, text);
  bb_call_set_state (self->call, BB_CALL_ENDING);
  if (self->leg != NULL)
    bb_leg_reject (self->leg, status, phrase, status == 503 ? RETRY_AFTER : 0);
  finish (self);
}

/* A refusal while it rings, a hang-up once it has been answered: with a late
 * offer that is before anybody talks. */
static void
fail (BbCallSession *self, const char *text)
{
  if (bb_call_get_state (self->call) == BB_CALL_INCOMING)
    refuse (self, 503, "Service Unavailable", text);
  else
    {
      g_warning ("call %s: %s", bb_call_get_id (self->call), text);
      bb_call_session_hang_up (self, BB_CALL_END_ERROR, text);
    }
}

/* ---- last words ------------------------------------------------------- */

/* The caller waits for a person who won't come: the model has to say so, at once. */
static void
transfer_failed (BbCallSession *self, const char *why)
{
  g_autofree char *text = g_strdup_printf (_("The call could not be passed to a person: %s"), why);
  g_autofree char *told = bb_speech (self->config, BB_SPEECH_TRANSFER_FAILED);

  note (self, text);
  g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_SEND_TEXT,
                         GST_OPENAI_REALTIME_ROLE_SYSTEM, told);
  g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, NULL);
}

static void
on_transfer_failed (BbLeg *leg, guint status, const char *text, BbCallSession *self)
{
  g_autofree char *why = g_strdup_printf ("%u %s", status, text);

  if (!is_ending (self))
    transfer_failed (self, why);
}

static void
after_last_words (BbCallEnd end, gpointer user_data)
{
  BbCallSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (end == BB_CALL_END_BOT)
    {
      bb_call_session_hang_up (self, end, NULL);
      return;
    }

  /* The leg ends the call when the other side has taken it. */
  if (bb_leg_transfer (self->leg, self->config->operator_target, &error))
    note (self, _("Passing the call to a person"));
  else
    transfer_failed (self, error->message);
}

/* Audio that has come but not begun to be played: "playing" follows it. */
static gboolean
is_audio_queued (BbCallSession *self)
{
  g_autoptr (GstStructure) stats = NULL;
  guint queued = 0;

  g_object_get (self->realtime, GST_OPENAI_REALTIME_PROP_STATS, &stats, NULL);
  return stats != NULL && gst_structure_get_uint (stats, "ms-queued", &queued) && queued > 0;
}

static void
check_silence (BbCallSession *self)
{
  if (!self->responding && !self->playing && bb_call_tools_get_n_running (self->tools) == 0
      && !is_audio_queued (self))
    bb_farewell_silence (self->farewell);
}

static void
on_end_requested (BbToolbox *toolbox, const char *reason, BbCallSession *self)
{
  bb_farewell_expect (self->farewell, BB_CALL_END_BOT);
}

static void
on_transfer_requested (BbToolbox *toolbox, const char *reason, BbCallSession *self)
{
  if (self->config->operator_target == NULL || self->leg == NULL)
    {
      note (self, _("The caller wants to speak to a person, but no target is set ([calls] operator)"));
      return;
    }

  bb_farewell_expect (self->farewell, BB_CALL_END_TRANSFER);
}

/* The caller's word counts from now on, either way. */
static void
on_recording_decided (BbToolbox *toolbox, gboolean allowed, BbCallSession *self)
{
  g_autoptr (GError) error = NULL;

  if (is_ending (self) || !bb_call_files_decide (self->files, allowed))
    return;

  note (self, allowed ? _("The caller agrees to being recorded")
                      : _("The caller does not want to be recorded; nothing is kept"));
  if (allowed && !bb_call_files_record (self->files, &error))
    note (self, error->message);
}

/* ---- the Realtime element --------------------------------------------- */

static void
on_connection (GstElement *realtime, const char *state, const char *detail, BbCallSession *self)
{
  bb_call_set_connection (self->call, state);

  if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_READY))
    {
      g_clear_handle_id (&self->connect_timeout, g_source_remove);
      self->ready = TRUE;
      try_answer (self);
    }
  else if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_RECONNECTING))
    note (self, _("The connection to the Realtime API is lost; reconnecting"));
  else if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_FAILED))
    fail (self, detail != NULL && *detail != '\0' ? detail : _("The Realtime API can't be reached"));
}

static void
on_transcript (GstElement *realtime, const char *role, const char *item_id, const char *text,
               gboolean final, BbCallSession *self)
{
  BbTranscriptKind kind = g_str_equal (role, GST_OPENAI_REALTIME_ROLE_USER) ? BB_TRANSCRIPT_CALLER
                                                                            : BB_TRANSCRIPT_BOT;

  bb_transcript_update (bb_call_get_transcript (self->call), kind, item_id, text, final,
                        bb_call_get_duration (self->call));
}

static void
on_function_call (GstElement *realtime, const char *call_id, const char *name,
                  const char *arguments, BbCallSession *self)
{
  bb_call_tools_run (self->tools, call_id, name, arguments);
}

static void
on_response (GstElement *realtime, const char *state, const char *response_id, const char *status,
             BbCallSession *self)
{
  self->responding = g_str_equal (state, GST_OPENAI_REALTIME_RESPONSE_CREATED);
  if (self->responding)
    bb_farewell_response_created (self->farewell);
  else
    check_silence (self);
}

static void
on_speech (GstElement *realtime, const char *state, const char *item_id, guint audio_ms,
           BbCallSession *self)
{
  if (g_str_equal (state, GST_OPENAI_REALTIME_SPEECH_STARTED))
    {
      bb_call_set_speaking (self->call, BB_TRANSCRIPT_CALLER);
      bb_farewell_caller_speaks (self->farewell); /* "Ach, noch etwas" */
    }
  else
    {
      /* The words come later, perhaps after the answer: the line keeps its place. */
      bb_transcript_begin (bb_call_get_transcript (self->call), BB_TRANSCRIPT_CALLER, item_id,
                           bb_call_get_duration (self->call));
      bb_call_set_speaking (self->call, self->playing ? BB_TRANSCRIPT_BOT : -1);
    }
}

static void
update_latencies (BbCallSession *self)
{
  g_autoptr (GstStructure) stats = NULL;
  guint turns = 0;

  g_object_get (self->realtime, GST_OPENAI_REALTIME_PROP_STATS, &stats, NULL);
  if (stats == NULL)
    return;

  gst_structure_get_uint (stats, "turns", &turns);
  self->quality.turns = turns;
  gst_structure_get_uint (stats, "turn-latency-last", &self->quality.turn_latency_last);
  gst_structure_get_uint (stats, "turn-latency-max", &self->quality.turn_latency_max);
  gst_structure_get_uint64 (stats, "turn-latency-sum", &self->quality.turn_latency_sum);
  gst_structure_get_uint (stats, "interruptions", &self->quality.interruptions);
  gst_structure_get_uint (stats, "interruption-silence-max",
                          &self->quality.interruption_silence_max);
  bb_call_set_quality (self->call, &self->quality);
}

static void
on_playout (GstElement *realtime, const char *state, const char *item_id, guint played_ms,
            BbCallSession *self)
{
  self->playing = g_str_equal (state, GST_OPENAI_REALTIME_PLAYOUT_STARTED);
  bb_farewell_speaking (self->farewell, self->playing);
  if (self->playing)
    {
      bb_call_set_speaking (self->call, BB_TRANSCRIPT_BOT);
    }
  else if (bb_call_get_speaking (self->call) == BB_TRANSCRIPT_BOT)
    bb_call_set_speaking (self->call, -1);

  if (g_str_equal (state, GST_OPENAI_REALTIME_PLAYOUT_INTERRUPTED))
    bb_transcript_mark_interrupted (bb_call_get_transcript (self->call), item_id);

  update_latencies (self);
  if (!self->playing)
    check_silence (self);
}

/* ---- media ------------------------------------------------------------ */

static void
on_media_failed (BbMedia *media, const GError *error, BbCallSession *self)
{
  fail (self, error->message);
}

static void
on_peer_lost (BbMedia *media, BbCallSession *self)
{
  bb_call_session_hang_up (self, BB_CALL_END_LOST,
                           _("No sound from the caller for too long ([media] rtp-timeout)"));
}

static void
on_media_notice (BbMedia *media, const char *text, BbCallSession *self)
{
  note (self, text);
}

/* An entry is told to the model as one, and it answers. */
static void
on_keys (const char *keys, gpointer user_data)
{
  BbCallSession *self = user_data;
  g_autofree char *text = g_strdup_printf (_("Keys pressed: %s"), keys);
  g_autofree char *told = bb_speech (self->config, BB_SPEECH_KEYS_PRESSED, keys);

  note (self, text);
  if (!self->ready || is_ending (self))
    return;
  g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_SEND_TEXT,
                         GST_OPENAI_REALTIME_ROLE_USER, told);
  g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, NULL);
}

static void
on_dtmf (GObject *source, const char *digit, BbCallSession *self)
{
  if (!is_ending (self))
    bb_keys_press (self->keys, digit);
}

static gboolean
on_quality_timer (gpointer user_data)
{
  BbCallSession *self = user_data;

  bb_media_get_quality (self->media, &self->quality);
  bb_call_set_quality (self->call, &self->quality);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_duration_timeout (gpointer user_data)
{
  BbCallSession *self = user_data;

  self->duration_timeout = 0;
  bb_call_session_hang_up (self, BB_CALL_END_LIMIT,
                           _("The longest duration of a call is reached ([calls] max-duration)"));
  return G_SOURCE_REMOVE;
}

/* ---- answering -------------------------------------------------------- */

static void
begin_media (BbCallSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->begun || !self->ready)
    return;
  self->begun = TRUE;

  if (!bb_call_files_record (self->files, &error))
    note (self, error->message);
  bb_media_begin (self->media);
  bb_call_set_state (self->call, BB_CALL_TALKING);
  self->quality_timer = g_timeout_add_seconds (QUALITY_INTERVAL, on_quality_timer, self);
  if (self->config->max_call_duration > 0)
    self->duration_timeout
        = g_timeout_add_seconds (self->config->max_call_duration, on_duration_timeout, self);
}

static gboolean
prepare_media (BbCallSession *self, const BbMediaParams *params)
{
  g_autoptr (GError) error = NULL;

  bb_call_set_media (self->call, params);
  if (!bb_media_prepare (self->media, params, &error))
    {
      fail (self, error->message);
      return FALSE;
    }
  self->prepared = TRUE;
  return TRUE;
}

static void
answer_leg (BbCallSession *self)
{
  g_autoptr (GError) error = NULL;

  if (bb_call_get_state (self->call) != BB_CALL_INCOMING)
    return;

  bb_call_set_state (self->call, BB_CALL_ANSWERING);
  if (self->leg != NULL && !bb_leg_answer (self->leg, &error))
    bb_call_session_hang_up (self, BB_CALL_END_ERROR, error->message);
}

/* The API is ready: pick up. With a late offer the codec is known only with
 * the peer's ACK, so media waits for that. */
static void
try_answer (BbCallSession *self)
{
  if (is_ending (self))
    return;

  answer_leg (self);
  if (!is_ending (self) && self->prepared)
    begin_media (self);
}

static void
on_media_changed (BbLeg *leg, BbCallSession *self)
{
  g_autoptr (GError) error = NULL;
  const BbMediaParams *params = bb_leg_get_media (leg);

  if (is_ending (self) || params == NULL)
    return;

  if (!self->prepared)
    {
      if (prepare_media (self, params) && self->ready)
        begin_media (self);
      return;
    }

  bb_call_set_media (self->call, params);
  if (!bb_media_update (self->media, params, &error))
    fail (self, error->message);
}

static void
on_leg_ended (BbLeg *leg, BbCallEnd why, guint status, const char *text, BbCallSession *self)
{
  if (is_ending (self))
    return;

  /* What everybody knows from @why needs no words of the protocol. */
  bb_call_set_end (self->call, why,
                   why == BB_CALL_END_LOST || why == BB_CALL_END_ERROR ? text : NULL);
  bb_call_set_state (self->call, BB_CALL_ENDING);
  finish (self);
}

static gboolean
on_connect_timeout (gpointer user_data)
{
  BbCallSession *self = user_data;

  self->connect_timeout = 0;
  fail (self, _("The Realtime API did not answer in time ([realtime] connect-timeout)"));
  return G_SOURCE_REMOVE;
}

static gboolean
configure_realtime (BbCallSession *self, GError **error)
{
  const BbConfig *config = self->config;
  g_autofree char *tools = bb_tools_to_json (config);
  g_autofree char *greeting = bb_tools_build_greeting (config);
  g_autofree char *instructions = bb_tools_build_instructions (self->catalogue, config, error);

  if (instructions == NULL)
    return FALSE;

  g_object_set (self->realtime,
                GST_OPENAI_REALTIME_PROP_BASE_URL, config->realtime_url,
                GST_OPENAI_REALTIME_PROP_MODEL, config->realtime_model,
                GST_OPENAI_REALTIME_PROP_VOICE, config->realtime_voice,
                GST_OPENAI_REALTIME_PROP_LANGUAGE, config->realtime_language,
                GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_MODEL, config->realtime_transcription_model,
                GST_OPENAI_REALTIME_PROP_SILENCE_DURATION, config->realtime_silence_duration,
                GST_OPENAI_REALTIME_PROP_GREETING, greeting,
                GST_OPENAI_REALTIME_PROP_INSTRUCTIONS, instructions,
                GST_OPENAI_REALTIME_PROP_TOOLS, tools,
                /* The socket dies, the call does not. */
                GST_OPENAI_REALTIME_PROP_RECONNECT, TRUE,
                NULL);
  if (config->realtime_api_key != NULL)
    g_object_set (self->realtime, GST_OPENAI_REALTIME_PROP_API_KEY, config->realtime_api_key, NULL);

  if (config->session_log)
    {
      g_autofree char *path = bb_call_files_dup_log_path (self->files, error);

      if (path == NULL)
        return FALSE;
      g_object_set (self->realtime, GST_OPENAI_REALTIME_PROP_SESSION_LOG, path, NULL);
    }

  return TRUE;
}

/**
 * bb_call_session_start:
 * @self: the session
 *
 * Rings, connects to the Realtime API, and answers when the API has taken our
 * settings, so that the greeting is there when the caller is. A caller is
 * never left in silence: what fails before the answer is refused with 503.
 */
void
bb_call_session_start (BbCallSession *self)
{
  g_autoptr (GError) error = NULL;
  const BbMediaParams *params;

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (BB_IS_CALL_SESSION (self));

  if (!configure_realtime (self, &error))
    {
      fail (self, error->message);
      return;
    }

  self->connect_timeout
      = g_timeout_add_seconds (self->config->realtime_connect_timeout, on_connect_timeout, self);

  if (self->leg == NULL)
    {
      prepare_media (self, NULL);
      return;
    }

  bb_leg_set_local_port (self->leg, bb_rtp_media_get_rtp_port (self->media),
                         bb_rtp_media_get_rtcp_port (self->media));
  bb_leg_ring (self->leg);
  params = bb_leg_get_media (self->leg);
  if (params != NULL)
    prepare_media (self, params);
  else
    answer_leg (self);
}

/* ---- life-cycle ------------------------------------------------------- */

static void
bb_call_session_dispose (GObject *object)
{
  BbCallSession *self = BB_CALL_SESSION (object);

  /* The owner waits for "ended"; whoever does not still leaks nothing. */
  if (self->media != NULL && !self->stopped)
    {
      g_object_ref (self);
      bb_call_session_hang_up (self, BB_CALL_END_SHUTDOWN, NULL);
      g_object_unref (self);
    }

  G_OBJECT_CLASS (bb_call_session_parent_class)->dispose (object);
}

static void
bb_call_session_finalize (GObject *object)
{
  BbCallSession *self = BB_CALL_SESSION (object);

  g_clear_pointer (&self->config, bb_config_unref);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_object (&self->store);
  g_clear_object (&self->media);
  g_clear_object (&self->leg);
  g_clear_object (&self->call);
  g_clear_object (&self->toolbox);
  g_clear_object (&self->realtime);
  g_clear_pointer (&self->files, bb_call_files_free);

  G_OBJECT_CLASS (bb_call_session_parent_class)->finalize (object);
}

static void
bb_call_session_class_init (BbCallSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_call_session_dispose;
  object_class->finalize = bb_call_session_finalize;

  signals[SIGNAL_ENDED] = g_signal_new (BB_CALL_SESSION_SIGNAL_ENDED, G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
bb_call_session_init (BbCallSession *self)
{
}

static void
connect_realtime (BbCallSession *self)
{
  const struct
  {
    const char *signal;
    GCallback handler;
  } table[] = {
    { GST_OPENAI_REALTIME_SIGNAL_CONNECTION, G_CALLBACK (on_connection) },
    { GST_OPENAI_REALTIME_SIGNAL_TRANSCRIPT, G_CALLBACK (on_transcript) },
    { GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL, G_CALLBACK (on_function_call) },
    { GST_OPENAI_REALTIME_SIGNAL_RESPONSE, G_CALLBACK (on_response) },
    { GST_OPENAI_REALTIME_SIGNAL_SPEECH, G_CALLBACK (on_speech) },
    { GST_OPENAI_REALTIME_SIGNAL_PLAYOUT, G_CALLBACK (on_playout) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    g_signal_connect (self->realtime, table[i].signal, table[i].handler, self);
}

/**
 * bb_call_session_new:
 * @config: the settings
 * @catalogue: the products
 * @store: where the order goes
 * @media: (transfer none): the call's media, not prepared yet
 * @leg: (nullable) (transfer none): signalling; %NULL: local mode
 *
 * Returns: (transfer full): a session in state %BB_CALL_INCOMING
 */
BbCallSession *
bb_call_session_new (const BbConfig *config,
                     BbCatalogue *catalogue,
                     BbOrderStore *store,
                     BbMedia *media,
                     BbLeg *leg)
{
  BbCallSession *self = g_object_new (BB_TYPE_CALL_SESSION, NULL);
  g_autofree char *id = g_uuid_string_random ();

  BB_ASSERT_MAIN_CONTEXT ();

  self->config = bb_config_ref (config);
  self->catalogue = bb_catalogue_ref (catalogue);
  self->store = g_object_ref (store);
  self->media = g_object_ref (media);
  self->realtime = g_object_ref (bb_media_get_realtime (media));

  if (leg != NULL)
    {
      self->leg = g_object_ref (leg);
      self->call = bb_call_new (id, bb_leg_get_caller_number (leg), bb_leg_get_caller_name (leg),
                                bb_leg_get_called (leg));
      g_signal_connect (leg, BB_LEG_SIGNAL_ENDED, G_CALLBACK (on_leg_ended), self);
      g_signal_connect (leg, BB_LEG_SIGNAL_MEDIA_CHANGED, G_CALLBACK (on_media_changed), self);
      g_signal_connect (leg, BB_LEG_SIGNAL_DTMF, G_CALLBACK (on_dtmf), self);
      g_signal_connect (leg, BB_LEG_SIGNAL_TRANSFER_FAILED, G_CALLBACK (on_transfer_failed), self);
    }
  else
    self->call = bb_call_new (id, "", _("Microphone"), "");

  self->files = bb_call_files_new (config, self->call, media);
  self->toolbox = bb_toolbox_new (catalogue, store, config, bb_call_get_order (self->call));
  self->tools = bb_call_tools_new (self->toolbox, self->call, self->realtime);
  self->keys = bb_keys_new (KEYS_PAUSE, on_keys, self);
  self->farewell = bb_farewell_new (LAST_WORDS_TIMEOUT, LAST_WORDS_TAIL, after_last_words, self);
  g_signal_connect (self->toolbox, BB_TOOLBOX_SIGNAL_END_REQUESTED, G_CALLBACK (on_end_requested),
                    self);
  g_signal_connect (self->toolbox, BB_TOOLBOX_SIGNAL_TRANSFER_REQUESTED,
                    G_CALLBACK (on_transfer_requested), self);
  g_signal_connect (self->toolbox, BB_TOOLBOX_SIGNAL_RECORDING_DECIDED,
                    G_CALLBACK (on_recording_decided), self);

  connect_realtime (self);
  g_signal_connect (media, BB_MEDIA_SIGNAL_FAILED, G_CALLBACK (on_media_failed), self);
  g_signal_connect (media, BB_MEDIA_SIGNAL_PEER_LOST, G_CALLBACK (on_peer_lost), self);
  g_signal_connect (media, BB_MEDIA_SIGNAL_NOTICE, G_CALLBACK (on_media_notice), self);
  g_signal_connect (media, BB_MEDIA_SIGNAL_DTMF, G_CALLBACK (on_dtmf), self);

  return self;
}

/**
 * bb_call_session_get_call:
 * @self: the session
 *
 * Returns: (transfer none): the call as people see it
 */
BbCall *
bb_call_session_get_call (BbCallSession *self)
{
  g_return_val_if_fail (BB_IS_CALL_SESSION (self), NULL);

  return self->call;
}
