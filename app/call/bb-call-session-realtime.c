/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-session-private.h"

#include <glib/gi18n-lib.h>

#include "bb-order-text.h"
#include "openairealtime.h"

void
bb_call_session_tell (BbCallSession *self, const char *role, const char *text, gboolean respond)
{
  g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, role, text);
  if (respond)
    g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, NULL);
}

/* ---- last words ------------------------------------------------------- */

/* The caller waits for a person who won't come: the model has to say so, at once. */
static void
transfer_failed (BbCallSession *self, const char *why)
{
  g_autofree char *text = g_strdup_printf (_("The call could not be passed to a person: %s"), why);
  g_autofree char *told = bb_speech (self->config, BB_SPEECH_TRANSFER_FAILED);

  bb_call_session_note (self, text);
  bb_call_session_tell (self, GST_OPENAI_REALTIME_ROLE_SYSTEM, told, TRUE);
}

static void
on_transfer_failed (BbLeg *leg, guint status, const char *text, BbCallSession *self)
{
  g_autofree char *why = g_strdup_printf ("%u %s", status, text);

  if (!bb_call_session_is_ending (self))
    transfer_failed (self, why);
}

void
bb_call_session_after_last_words (BbCallEnd end, gpointer user_data)
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
    bb_call_session_note (self, _("Passing the call to a person"));
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
  /* In an outage: what was to be said is said in the next session. */
  if (g_strcmp0 (bb_call_get_connection (self->call), GST_OPENAI_REALTIME_CONNECTION_READY) != 0)
    return;
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
      bb_call_session_note (self, _("The caller wants to speak to a person, but no target is set ([calls] operator)"));
      return;
    }

  bb_farewell_expect (self->farewell, BB_CALL_END_TRANSFER);
}

/* The caller's word counts from now on, either way. */
static void
on_recording_decided (BbToolbox *toolbox, gboolean allowed, BbCallSession *self)
{
  g_autoptr (GError) error = NULL;

  if (bb_call_session_is_ending (self) || !bb_call_files_decide (self->files, allowed))
    return;

  bb_call_session_note (self, allowed ? _("The caller agrees to being recorded")
                      : _("The caller does not want to be recorded; nothing is kept"));
  if (allowed && !bb_call_files_record (self->files, &error))
    bb_call_session_note (self, error->message);
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
      bb_call_session_try_answer (self);
    }
  else if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_RECONNECTING))
    bb_call_session_note (self, _("The connection to the Realtime API is lost; reconnecting"));
  else if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_FAILED))
    bb_call_session_fail (self, detail != NULL && *detail != '\0' ? detail : _("The Realtime API can't be reached"));
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
    }
  else if (g_str_equal (state, GST_OPENAI_REALTIME_SPEECH_TURN))
    {
      bb_farewell_caller_speaks (self->farewell); /* "Ach, noch etwas", not a cough */
    }
  else if (g_str_equal (state, GST_OPENAI_REALTIME_SPEECH_STOPPED))
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
  self->playing = g_str_equal (state, GST_OPENAI_REALTIME_PLAYOUT_STARTED)
                  || g_str_equal (state, GST_OPENAI_REALTIME_PLAYOUT_RESUMED);
  bb_farewell_speaking (self->farewell, self->playing);
  if (self->playing)
    {
      /* What the bot says while a person speaks in its place nobody hears. */
      if (bb_call_get_state (self->call) != BB_CALL_OPERATOR)
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

void
bb_call_session_connect_realtime (BbCallSession *self)
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
  g_signal_connect (self->toolbox, BB_TOOLBOX_SIGNAL_END_REQUESTED, G_CALLBACK (on_end_requested),
                    self);
  g_signal_connect (self->toolbox, BB_TOOLBOX_SIGNAL_TRANSFER_REQUESTED,
                    G_CALLBACK (on_transfer_requested), self);
  g_signal_connect (self->toolbox, BB_TOOLBOX_SIGNAL_RECORDING_DECIDED,
                    G_CALLBACK (on_recording_decided), self);
  if (self->leg != NULL)
    g_signal_connect (self->leg, BB_LEG_SIGNAL_TRANSFER_FAILED, G_CALLBACK (on_transfer_failed),
                      self);
}
