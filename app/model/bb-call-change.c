/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-call-private.h"

/* The state machine of a call: from which state which others can be entered. */
#define TO(state) (1u << (state))
static const guint steps[] = {
  [BB_CALL_INCOMING] = TO (BB_CALL_ANSWERING) | TO (BB_CALL_ENDING),
  [BB_CALL_ANSWERING] = TO (BB_CALL_TALKING) | TO (BB_CALL_ENDING),
  [BB_CALL_TALKING] = TO (BB_CALL_OPERATOR) | TO (BB_CALL_ENDING),
  [BB_CALL_OPERATOR] = TO (BB_CALL_TALKING) | TO (BB_CALL_ENDING),
  [BB_CALL_ENDING] = TO (BB_CALL_ENDED),
  [BB_CALL_ENDED] = 0,
};

static char *
dup_or_empty (const char *string)
{
  return g_strdup (string != NULL ? string : "");
}

/**
 * bb_call_set_state:
 *
 * Returns: whether the state was entered now
 */
gboolean
bb_call_set_state (BbCall *self, BbCallState state)
{
  g_autoptr (BbCall) alive = NULL;
  gboolean stamped_answer = FALSE, stamped_end = FALSE;

  g_return_val_if_fail (BB_IS_CALL (self), FALSE);
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (steps), FALSE);
  BB_ASSERT_MAIN_CONTEXT ();

  if ((steps[self->state] & TO (state)) == 0)
    return FALSE;

  self->state = state;
  if (state == BB_CALL_TALKING && self->answered == NULL)
    {
      self->answered = g_date_time_new_now_utc ();
      self->answered_at = g_get_monotonic_time ();
      stamped_answer = TRUE;
    }
  if (state == BB_CALL_ENDED)
    {
      self->ended = g_date_time_new_now_utc ();
      self->ended_at = g_get_monotonic_time ();
      stamped_end = TRUE;
    }

  alive = g_object_ref (self);
  bb_call_notify (self, PROP_STATE);
  if (stamped_answer)
    bb_call_notify (self, PROP_ANSWERED);
  if (stamped_end)
    bb_call_notify (self, PROP_ENDED);
  bb_call_changed (self);

  return TRUE;
}

/**
 * bb_call_set_end:
 * @text: (nullable): for people, translated
 *
 * Only the first reason counts: what follows is its consequence.
 */
void
bb_call_set_end (BbCall *self, BbCallEnd end, const char *text)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->end != BB_CALL_END_NONE || end == BB_CALL_END_NONE)
    return;

  alive = g_object_ref (self);
  self->end = end;
  g_free (self->end_text);
  self->end_text = dup_or_empty (text);
  bb_call_notify (self, PROP_END);
  if (*self->end_text != '\0')
    bb_call_notify (self, PROP_END_TEXT);
  bb_call_changed (self);
}

/**
 * bb_call_set_media:
 * @media: (nullable) (transfer none): copied
 */
void
bb_call_set_media (BbCall *self, const BbMediaParams *media)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (media == self->media)
    return;

  alive = g_object_ref (self);
  g_clear_pointer (&self->media, bb_media_params_free);
  if (media != NULL)
    self->media = bb_media_params_copy (media);
  bb_call_notify (self, PROP_MEDIA);
  bb_call_changed (self);
}

static void
set_string (BbCall *self, char **field, char *value, guint prop_id)
{
  g_autoptr (BbCall) alive = NULL;

  if (g_strcmp0 (*field, value) == 0)
    {
      g_free (value);
      return;
    }

  alive = g_object_ref (self);
  g_free (*field);
  *field = value;
  bb_call_notify (self, prop_id);
  bb_call_changed (self);
}

void
bb_call_set_recording_path (BbCall *self, const char *path)
{
  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  set_string (self, &self->recording_path, g_strdup (path), PROP_RECORDING_PATH);
}

void
bb_call_set_connection (BbCall *self, const char *connection)
{
  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  set_string (self, &self->connection, dup_or_empty (connection), PROP_CONNECTION);
}

/**
 * bb_call_set_speaking:
 * @speaking: a #BbTranscriptKind, or -1: nobody
 */
void
bb_call_set_speaking (BbCall *self, int speaking)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  g_return_if_fail (speaking >= -1 && speaking <= BB_TRANSCRIPT_NOTE);
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->speaking == speaking)
    return;

  alive = g_object_ref (self);
  self->speaking = speaking;
  bb_call_notify (self, PROP_SPEAKING);
  bb_call_changed (self);
}

void
bb_call_set_operator_mode (BbCall *self, BbOperatorMode mode)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->operator_mode == mode)
    return;
  alive = g_object_ref (self);
  self->operator_mode = mode;
  bb_call_notify (self, PROP_OPERATOR_MODE);
  bb_call_changed (self);
}

/**
 * bb_call_set_waiting:
 * @waiting: it rings for people; the bot answers when nobody does
 */
void
bb_call_set_waiting (BbCall *self, gboolean waiting)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->waiting == waiting)
    return;
  alive = g_object_ref (self);
  self->waiting = waiting;
  bb_call_notify (self, PROP_WAITING);
  bb_call_changed (self);
}

void
bb_call_set_quality (BbCall *self, const BbCallQuality *quality)
{
  g_return_if_fail (BB_IS_CALL (self));
  g_return_if_fail (quality != NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  if (memcmp (&self->quality, quality, sizeof *quality) == 0)
    return;

  self->quality = *quality;
  bb_call_changed (self);
}

static gboolean
set_date (GDateTime **field, GDateTime *value)
{
  if (*field == value || (*field != NULL && value != NULL && g_date_time_equal (*field, value)))
    return FALSE;
  g_clear_pointer (field, g_date_time_unref);
  if (value != NULL)
    *field = g_date_time_ref (value);
  return TRUE;
}

/**
 * bb_call_mirror:
 * @end_text: (nullable): for people
 * @answered: (nullable): %NULL before
 * @ended: (nullable): %NULL before
 * @duration: ms talked so far: the other machine's clock may be wrong, so it
 *   is not reckoned from the dates
 *
 * Not held to the state machine: the other process held itself to it, and
 * several of its steps may come as one. One "changed" at the end.
 */
void
bb_call_mirror (BbCall *self,
                BbCallState state,
                BbCallEnd end,
                const char *end_text,
                GDateTime *answered,
                GDateTime *ended,
                gint64 duration)
{
  g_autoptr (BbCall) alive = NULL;
  const gint64 now_at = g_get_monotonic_time ();
  gboolean new_state, new_end, new_text, new_answered, new_ended;

  g_return_if_fail (BB_IS_CALL (self));
  g_return_if_fail ((guint)state < G_N_ELEMENTS (steps));
  BB_ASSERT_MAIN_CONTEXT ();

  if (end_text == NULL)
    end_text = "";
  new_state = self->state != state;
  new_end = self->end != end;
  new_text = strcmp (self->end_text, end_text) != 0;
  new_answered = set_date (&self->answered, answered);
  new_ended = set_date (&self->ended, ended);
  self->state = state;
  self->end = end;
  if (new_text)
    {
      g_free (self->end_text);
      self->end_text = g_strdup (end_text);
    }
  if (answered != NULL)
    {
      self->answered_at = now_at - duration * 1000;
      self->ended_at = now_at;
    }

  alive = g_object_ref (self);
  if (new_state)
    bb_call_notify (self, PROP_STATE);
  if (new_end)
    bb_call_notify (self, PROP_END);
  if (new_text)
    bb_call_notify (self, PROP_END_TEXT);
  if (new_answered)
    bb_call_notify (self, PROP_ANSWERED);
  if (new_ended)
    bb_call_notify (self, PROP_ENDED);
  if (new_state || new_end || new_text || new_answered || new_ended)
    bb_call_changed (self);
}
