/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-session-private.h"

#include <glib/gi18n-lib.h>

#include "bb-order-text.h"
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

G_DEFINE_FINAL_TYPE (BbCallSession, bb_call_session, G_TYPE_OBJECT)

enum
{
  SIGNAL_ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void finish (BbCallSession *self);

gboolean
bb_call_session_is_ending (BbCallSession *self)
{
  return bb_call_get_state (self->call) >= BB_CALL_ENDING;
}

void
bb_call_session_note (BbCallSession *self, const char *text)
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
  g_clear_handle_id (&self->wait_timeout, g_source_remove);
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
  bb_call_set_waiting (self->call, FALSE);
  bb_call_session_end_lines (self);

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

  if (bb_call_session_is_ending (self))
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

void
bb_call_session_refuse (BbCallSession *self, guint status, const char *phrase, const char *text)
{
  if (bb_call_session_is_ending (self))
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
void
bb_call_session_fail (BbCallSession *self, const char *text)
{
  if (bb_call_get_state (self->call) == BB_CALL_INCOMING)
    bb_call_session_refuse (self, 503, "Service Unavailable", text);
  else
    {
      g_warning ("call %s: %s", bb_call_get_id (self->call), text);
      bb_call_session_hang_up (self, BB_CALL_END_ERROR, text);
    }
}

/* ---- media ------------------------------------------------------------ */

static void
on_media_failed (BbMedia *media, const GError *error, BbCallSession *self)
{
  bb_call_session_fail (self, error->message);
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
  bb_call_session_note (self, text);
}

/* An entry is told to the model as one, and it answers. */
static void
on_keys (const char *keys, gpointer user_data)
{
  BbCallSession *self = user_data;
  g_autofree char *text = g_strdup_printf (_("Keys pressed: %s"), keys);
  g_autofree char *told = bb_speech (self->config, BB_SPEECH_KEYS_PRESSED, keys);

  bb_call_session_note (self, text);
  if (!self->ready || bb_call_session_is_ending (self))
    return;
  bb_call_session_tell (self, GST_OPENAI_REALTIME_ROLE_USER, told, TRUE);
}

static void
on_dtmf (GObject *source, const char *digit, BbCallSession *self)
{
  if (!bb_call_session_is_ending (self))
    bb_keys_press (self->keys, digit, source);
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
    bb_call_session_note (self, error->message);
  bb_media_begin (self->media);
  bb_call_set_state (self->call, BB_CALL_TALKING);
  bb_call_session_begin_operator (self);
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
      bb_call_session_fail (self, error->message);
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

/* The API is ready, and nobody waits for a person: pick up. With a late offer the codec is known only with
 * the peer's ACK, so media waits for that. */
void
bb_call_session_try_answer (BbCallSession *self)
{
  if (bb_call_session_is_ending (self) || bb_call_get_waiting (self->call))
    return;

  answer_leg (self);
  if (!bb_call_session_is_ending (self) && self->prepared)
    begin_media (self);
}

static void
on_media_changed (BbLeg *leg, BbCallSession *self)
{
  g_autoptr (GError) error = NULL;
  const BbMediaParams *params = bb_leg_get_media (leg);

  if (bb_call_session_is_ending (self) || params == NULL)
    return;

  if (!self->prepared)
    {
      if (prepare_media (self, params) && self->ready)
        begin_media (self);
      return;
    }

  bb_call_set_media (self->call, params);
  if (!bb_media_update (self->media, params, &error))
    bb_call_session_fail (self, error->message);
}

static void
on_leg_ended (BbLeg *leg, BbCallEnd why, guint status, const char *text, BbCallSession *self)
{
  if (bb_call_session_is_ending (self))
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
  bb_call_session_fail (self, _("The Realtime API did not answer in time ([realtime] connect-timeout)"));
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
      bb_call_session_fail (self, error->message);
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
  bb_call_session_start_waiting (self);
  params = bb_leg_get_media (self->leg);
  if (params != NULL)
    prepare_media (self, params);
  else if (!bb_call_get_waiting (self->call))
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
  g_clear_pointer (&self->lines, g_ptr_array_unref);

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
  self->lines = g_ptr_array_new ();
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
    }
  else
    self->call = bb_call_new (id, "", _("Microphone"), "");

  self->files = bb_call_files_new (config, self->call, media);
  self->toolbox = bb_toolbox_new (catalogue, store, config, bb_call_get_order (self->call));
  self->tools = bb_call_tools_new (self->toolbox, self->call, self->realtime);
  self->keys = bb_keys_new (KEYS_PAUSE, on_keys, self);
  self->farewell = bb_farewell_new (LAST_WORDS_TIMEOUT, LAST_WORDS_TAIL,
                                    bb_call_session_after_last_words, self);

  bb_call_session_connect_realtime (self);
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

/**
 * bb_call_session_may_keep:
 * @self: the session
 *
 * Returns: whether recording, log and transcript may be kept: the caller agreed,
 *   or need not be asked
 */
gboolean
bb_call_session_may_keep (BbCallSession *self)
{
  return bb_call_files_may_keep (self->files);
}
