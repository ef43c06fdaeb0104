/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-session-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "bb-operator.h"
#include "bb-order-text.h"
#include "bb-session-line.h"
#include "openairealtime.h"

/* A sample louder than this is somebody speaking (of 32767), and so long after
 * the last such frame they still are (frames of 20 ms). */
#define LOUD 700
#define HANG_OVER 25
/* A microphone that sends nothing for so long, silence neither, is gone: the
 * caller would hear nobody (ms). */
#define VOICE_TIMEOUT 3000
#define VOICE_CHECK 500

/* ---- a call that rings for people ------------------------------------- */

static gboolean
refuse_state (GError **error, const char *text)
{
  g_set_error_literal (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE, text);
  return FALSE;
}

static gboolean
on_waited (gpointer user_data)
{
  BbCallSession *self = user_data;

  self->wait_timeout = 0;
  bb_call_session_stop_waiting (self);
  return G_SOURCE_REMOVE;
}

/* Rings for people first. The bot gets ready meanwhile. */
void
bb_call_session_start_waiting (BbCallSession *self)
{
  if (self->config->operator_first == 0 || self->leg == NULL)
    return;
  bb_call_set_waiting (self->call, TRUE);
  self->wait_timeout = g_timeout_add_seconds (self->config->operator_first, on_waited, self);
}

/* Somebody takes the call now: the bot, or whoever took its line over. */
void
bb_call_session_stop_waiting (BbCallSession *self)
{
  if (!bb_call_get_waiting (self->call))
    return;
  g_clear_handle_id (&self->wait_timeout, g_source_remove);
  bb_call_set_waiting (self->call, FALSE);
  if (self->ready || !self->prepared)
    bb_call_session_try_answer (self);
}

/**
 * bb_call_session_answer:
 * @self: the session
 * @by_operator: the line that is open speaks, not the bot
 * @error: return location for a #BbOperatorError
 *
 * Returns: whether the call is being answered
 */
gboolean
bb_call_session_answer (BbCallSession *self, gboolean by_operator, GError **error)
{
  if (!bb_call_get_waiting (self->call))
    return refuse_state (error, _ ("The call does not ring for people."));
  if (by_operator && !bb_call_session_set_mode (self, BB_OPERATOR_TAKE_OVER, error))
    return FALSE;
  bb_call_session_stop_waiting (self);
  return TRUE;
}

gboolean
bb_call_session_decline (BbCallSession *self, GError **error)
{
  if (bb_call_get_state (self->call) != BB_CALL_INCOMING)
    return refuse_state (error, _ ("The call does not ring any more."));
  bb_call_session_refuse (self, 603, "Decline", _ ("An operator refused the call"));
  return TRUE;
}

/* ---- lines ------------------------------------------------------------ */

static void
on_frame (GBytes *frame, gpointer user_data)
{
  BbCallSession *self = user_data;
  g_autoptr (GPtrArray) lines = g_ptr_array_copy (self->lines, (GCopyFunc)(void (*) (void))g_object_ref, NULL);

  g_ptr_array_set_free_func (lines, g_object_unref);
  for (guint i = 0; i < lines->len; i++)
    if (bb_operator_line_get_mode (lines->pdata[i]) >= BB_OPERATOR_LISTEN)
      bb_operator_line_emit_frame (lines->pdata[i], frame);
}

static void
stop_tap (BbCallSession *self)
{
  if (self->tap == NULL)
    return;
  bb_media_set_operator_sink (self->media, NULL, NULL, NULL);
  bb_operator_tap_close (self->tap);
  g_clear_pointer (&self->tap, bb_operator_tap_unref);
}

static gboolean
start_tap (BbCallSession *self, GError **error)
{
  if (self->tap != NULL)
    return TRUE;
  self->tap = bb_operator_tap_new (on_frame, self, error);
  if (self->tap == NULL)
    return FALSE;
  bb_media_set_operator_sink (self->media, bb_operator_tap_put, bb_operator_tap_ref (self->tap),
                              (GDestroyNotify)bb_operator_tap_unref);
  return TRUE;
}

static void
tell_spoken (BbCallSession *self, BbSpeech what, const char *argument, gboolean respond)
{
  g_autofree char *told = bb_speech (self->config, what, argument);

  if (self->ready && !bb_call_session_is_ending (self))
    bb_call_session_tell (self, GST_OPENAI_REALTIME_ROLE_SYSTEM, told, respond);
}

/* A network that dies says nothing. */
static gboolean
on_voice_check (gpointer user_data)
{
  BbCallSession *self = user_data;
  g_autoptr (BbOperatorLine) silent = NULL;

  if (g_get_monotonic_time () - self->voice_at < VOICE_TIMEOUT * G_TIME_SPAN_MILLISECOND)
    return G_SOURCE_CONTINUE;
  self->voice_timer = 0;
  for (guint i = 0; i < self->lines->len; i++)
    if (bb_operator_line_get_mode (self->lines->pdata[i]) == BB_OPERATOR_TAKE_OVER)
      g_set_object (&silent, self->lines->pdata[i]);
  if (silent != NULL)
    {
      bb_call_session_note (self, _ ("Nothing comes from the operator's microphone"));
      bb_call_session_set_line_mode (self, BB_SESSION_LINE (silent), BB_OPERATOR_LISTEN, NULL);
    }
  return G_SOURCE_REMOVE;
}

static void
watch_voice (BbCallSession *self, gboolean watch)
{
  g_clear_handle_id (&self->voice_timer, g_source_remove);
  if (!watch)
    return;
  self->voice_at = g_get_monotonic_time ();
  self->voice_timer = g_timeout_add (VOICE_CHECK, on_voice_check, self);
}

/* What an operator in this mode means for the bot: it is told, and the caller
 * is never left with nobody. */
static void
leave_mode (BbCallSession *self, BbOperatorMode old, BbOperatorMode new, gboolean lost)
{
  g_autofree char *seconds = NULL;

  if (old == BB_OPERATOR_TAKE_OVER)
    {
      seconds = g_strdup_printf ("%" G_GINT64_FORMAT,
                                 (g_get_monotonic_time () - self->taken_over_at) / G_USEC_PER_SEC);
      bb_call_set_speaking (self->call, -1);
      bb_call_set_state (self->call, BB_CALL_TALKING);
      bb_call_session_note (self, lost ? _ ("The operator is gone; the bot has the call again")
                                       : _ ("The operator handed back; the bot has the call again"));
      tell_spoken (self, BB_SPEECH_HANDED_BACK, seconds, new != BB_OPERATOR_CONFERENCE);
    }
  else if (old == BB_OPERATOR_CONFERENCE || old == BB_OPERATOR_WHISPER)
    {
      if (old == BB_OPERATOR_CONFERENCE)
        bb_call_session_note (self, _ ("The operator left the conversation"));
      if (new != BB_OPERATOR_TAKE_OVER)
        tell_spoken (self, BB_SPEECH_OPERATOR_LEFT, NULL, FALSE);
    }
}

static void
enter_mode (BbCallSession *self, BbOperatorMode new)
{
  switch (new)
    {
    case BB_OPERATOR_TAKE_OVER:
      self->taken_over_at = g_get_monotonic_time ();
      bb_farewell_cancel (self->farewell);
      if (bb_call_set_state (self->call, BB_CALL_OPERATOR))
        bb_call_session_note (self, _ ("An operator speaks with the caller; the bot is silent"));
      break;
    case BB_OPERATOR_CONFERENCE:
      bb_call_session_note (self, _ ("An operator joined the conversation"));
      tell_spoken (self, BB_SPEECH_OPERATOR_JOINED, NULL, FALSE);
      break;
    case BB_OPERATOR_WHISPER:
      tell_spoken (self, BB_SPEECH_OPERATOR_WHISPERS, NULL, FALSE);
      break;
    case BB_OPERATOR_AWAY:
    case BB_OPERATOR_LISTEN:
    default:
      break;
    }
}

/* The furthest of all lines is what the call's mode is. */
static void
apply_mode (BbCallSession *self, gboolean lost)
{
  BbOperatorMode old = bb_call_get_operator_mode (self->call), new = BB_OPERATOR_AWAY;

  for (guint i = 0; i < self->lines->len; i++)
    new = MAX (new, bb_operator_line_get_mode (self->lines->pdata[i]));
  if (new == old || bb_call_session_is_ending (self))
    return;
  bb_media_set_operator_mode (self->media, new);
  bb_call_set_operator_mode (self->call, new);
  if (new == BB_OPERATOR_AWAY)
    stop_tap (self);
  /* While it rings nobody speaks yet: bb_call_session_begin_operator() does it. */
  if (!self->begun)
    return;
  watch_voice (self, new == BB_OPERATOR_TAKE_OVER);
  leave_mode (self, old, new, lost);
  enter_mode (self, new);
}

/* The call is answered: whoever took it over while it rang speaks from the start. */
void
bb_call_session_begin_operator (BbCallSession *self)
{
  BbOperatorMode mode = bb_call_get_operator_mode (self->call);

  watch_voice (self, mode == BB_OPERATOR_TAKE_OVER);
  enter_mode (self, mode);
}

/**
 * bb_call_session_open_line:
 * @self: the session
 * @error: return location for a #BbOperatorError
 *
 * Returns: (transfer full) (nullable): a line that listens
 */
BbOperatorLine *
bb_call_session_open_line (BbCallSession *self, GError **error)
{
  BbSessionLine *line;

  if (bb_call_session_is_ending (self))
    {
      refuse_state (error, _ ("The call has ended."));
      return NULL;
    }
  if (!start_tap (self, error))
    return NULL;
  line = bb_session_line_new (self);
  g_ptr_array_add (self->lines, line);
  apply_mode (self, FALSE);
  return BB_OPERATOR_LINE (line);
}

/**
 * bb_call_session_set_line_mode:
 * @self: the session
 * @line: one of its lines
 * @mode: what it shall be
 * @error: return location for a #BbOperatorError
 *
 * Returns: %FALSE while another line speaks
 */
gboolean
bb_call_session_set_line_mode (BbCallSession *self,
                               BbSessionLine *line,
                               BbOperatorMode mode,
                               GError **error)
{
  for (guint i = 0; mode > BB_OPERATOR_LISTEN && i < self->lines->len; i++)
    if (self->lines->pdata[i] != line
        && bb_operator_line_get_mode (self->lines->pdata[i]) > BB_OPERATOR_LISTEN)
      {
        g_set_error_literal (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_BUSY,
                             _ ("Another operator speaks in this call."));
        return FALSE;
      }
  if (mode > BB_OPERATOR_AWAY && !start_tap (self, error))
    return FALSE;
  bb_operator_line_update_mode (BB_OPERATOR_LINE (line), mode);
  apply_mode (self, FALSE);
  return TRUE;
}

/**
 * bb_call_session_set_mode:
 * @self: the session
 * @mode: for a line that the asker need not have
 * @error: return location for a #BbOperatorError
 *
 * To hand back is always possible. To speak, there must be one line that can be
 * meant: the one that speaks already, or the only one.
 *
 * Returns: whether it is so now
 */
gboolean
bb_call_session_set_mode (BbCallSession *self, BbOperatorMode mode, GError **error)
{
  BbSessionLine *meant = self->lines->len == 1 ? self->lines->pdata[0] : NULL;

  for (guint i = 0; i < self->lines->len; i++)
    if (bb_operator_line_get_mode (self->lines->pdata[i]) > BB_OPERATOR_LISTEN)
      meant = self->lines->pdata[i];
  if (meant != NULL)
    return bb_call_session_set_line_mode (self, meant, mode, error);
  if (mode <= BB_OPERATOR_LISTEN)
    return TRUE;
  return refuse_state (error, self->lines->len == 0
                                  ? _ ("No operator's microphone is in this call: open its audio first.")
                                  : _ ("Several operators listen: the one who is to speak must say so."));
}

/* Its connection is gone, or it was closed. */
void
bb_call_session_drop_line (BbCallSession *self, BbSessionLine *line)
{
  gboolean was_speaking = bb_operator_line_get_mode (BB_OPERATOR_LINE (line)) > BB_OPERATOR_LISTEN;

  g_ptr_array_remove (self->lines, line);
  apply_mode (self, was_speaking);
}

void
bb_call_session_end_lines (BbCallSession *self)
{
  stop_tap (self);
  watch_voice (self, FALSE);
  while (self->lines->len > 0)
    {
      /* Not ours: its owner may let it go in "closed". */
      g_autoptr (BbSessionLine) line = g_object_ref (self->lines->pdata[self->lines->len - 1]);

      g_ptr_array_set_size (self->lines, (int)self->lines->len - 1);
      bb_session_line_end (line);
    }
  bb_call_set_operator_mode (self->call, BB_OPERATOR_AWAY);
}

static gboolean
is_loud (GBytes *frame)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  for (gsize i = 0; i + 1 < size; i += 2)
    if (abs ((gint16)(data[i] | data[i + 1] << 8)) > LOUD)
      return TRUE;
  return FALSE;
}

/* Who speaks, for those who watch. */
static void
update_speaking (BbCallSession *self, GBytes *frame)
{
  if (bb_call_get_operator_mode (self->call) < BB_OPERATOR_TAKE_OVER)
    return;
  if (is_loud (frame))
    {
      self->quiet_frames = 0;
      bb_call_set_speaking (self->call, BB_TRANSCRIPT_OPERATOR);
    }
  else if (++self->quiet_frames == HANG_OVER
           && bb_call_get_speaking (self->call) == BB_TRANSCRIPT_OPERATOR)
    bb_call_set_speaking (self->call, -1);
}

void
bb_call_session_push_operator_audio (BbCallSession *self, BbSessionLine *line, GBytes *frame)
{
  if (!self->begun || bb_call_session_is_ending (self))
    return;
  self->voice_at = g_get_monotonic_time ();
  update_speaking (self, frame);
  bb_media_push_operator_audio (self->media, frame);
}

/* ---- words and transfers ---------------------------------------------- */

/**
 * bb_call_session_whisper:
 * @self: the session
 * @text: the instruction
 * @respond: the bot acts on it at once
 * @error: return location for a #BbOperatorError
 *
 * Returns: whether the bot was told
 */
gboolean
bb_call_session_whisper (BbCallSession *self, const char *text, gboolean respond, GError **error)
{
  g_autofree char *line = g_strdup_printf (_ ("Whispered to the bot: %s"), text);

  if (!self->begun || bb_call_session_is_ending (self))
    return refuse_state (error, _ ("The bot does not talk in this call now."));
  bb_transcript_add (bb_call_get_transcript (self->call), BB_TRANSCRIPT_OPERATOR, line,
                     bb_call_get_duration (self->call));
  tell_spoken (self, BB_SPEECH_WHISPERED, text,
               respond && bb_call_get_state (self->call) == BB_CALL_TALKING);
  return TRUE;
}

gboolean
bb_call_session_add_note (BbCallSession *self, const char *text, GError **error)
{
  if (bb_call_session_is_ending (self))
    return refuse_state (error, _ ("The call has ended."));
  bb_transcript_add (bb_call_get_transcript (self->call), BB_TRANSCRIPT_OPERATOR, text,
                     bb_call_get_duration (self->call));
  return TRUE;
}

/**
 * bb_call_session_transfer:
 * @self: the session
 * @target: (nullable): SIP URI; %NULL: [calls] operator
 * @error: return location for a #BbOperatorError
 *
 * Returns: whether the transfer has begun; the leg ends the call when the other
 *   side has taken it
 */
gboolean
bb_call_session_transfer (BbCallSession *self, const char *target, GError **error)
{
  g_autoptr (BbConfig) checked = NULL;
  g_autoptr (GError) problem = NULL;
  BbCallState state = bb_call_get_state (self->call);

  if (state != BB_CALL_TALKING && state != BB_CALL_OPERATOR)
    return refuse_state (error, _ ("Only a call that goes on can be passed to a person."));
  if (target == NULL)
    target = self->config->operator_target;
  if (target == NULL || self->leg == NULL)
    {
      g_set_error_literal (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE,
                           self->leg == NULL
                               ? _ ("A call of this machine's microphone can't be passed on.")
                               : _ ("Name whom the call is passed to, or set [calls] operator."));
      return FALSE;
    }
  checked = bb_config_change (self->config, "calls", "operator", target, &problem);
  if (checked == NULL || checked->operator_target == NULL)
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                   _ ("“%s” is no SIP address, like sip:desk@192.0.2.1."), target);
      return FALSE;
    }
  if (!bb_leg_transfer (self->leg, checked->operator_target, &problem))
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_FAILED,
                   _ ("The call could not be passed to a person: %s"), problem->message);
      return FALSE;
    }
  bb_call_session_note (self, _ ("Passing the call to a person"));
  return TRUE;
}
