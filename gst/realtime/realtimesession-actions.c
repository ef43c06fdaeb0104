/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the application asks of a session, and the end of its input. */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define GST_CAT_DEFAULT gst_realtime_session_debug

#define MAX_WAITING 256 /* events of the application that wait for the connection */

/* ---- end of input ------------------------------------------------------ */

/* Ready to end when nobody speaks, nobody is going to, and nothing is owed. */
void
gst_realtime_session_check_drained (GstRealtimeSession *self)
{
  /* Nothing new begins: only what runs is waited for. */
  gboolean busy = self->finishing
                      ? gst_realtime_responder_get_state (self->responder) !=
                            GST_REALTIME_RESPONSE_FREE
                      : self->state != SESSION_READY || self->speaking ||
                            gst_realtime_responder_is_busy (self->responder) ||
                            gst_realtime_responder_has_calls (self->responder) ||
                            gst_realtime_session_mcp_is_busy (self);

  if (!self->draining || !self->drain_over || busy || g_hash_table_size (self->asides) > 0 ||
      g_hash_table_size (self->side_requests) > 0 || g_hash_table_size (self->side_active) > 0 ||
      self->timers[TIMER_RETRY] != NULL || !gst_realtime_playout_is_empty (self->playout))
    return;
  self->draining = FALSE;
  gst_realtime_playout_set_awaited (self->playout, FALSE);
  self->listener.drained (self->user_data);
}

/* The playout queue has run empty: somebody may wait for that. */
void
gst_realtime_session_playout_empty (GstRealtimeSession *self)
{
  gst_realtime_session_check_drained (self);
  gst_realtime_session_check_renewal (self);
}

static gboolean
on_drain_timeout (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_DRAIN);
  self->drain_over = TRUE;
  /* A speech that the VAD saw begin and, with nothing but silence following,
   * never end: it is not waited for. */
  if (self->speaking)
    {
      self->speaking = FALSE;
      gst_realtime_session_barge_give_up (self);
      gst_realtime_responder_user_turn (self->responder, FALSE);
    }
  gst_realtime_session_check_drained (self);
  return G_SOURCE_REMOVE;
}

/**
 * gst_realtime_session_end_input:
 *
 * No more caller audio will come. Silence follows, so that the VAD can see the
 * end of the last sentence; when the answer to it is complete and has left
 * (or none has come for a while), the listener's drained is called.
 */
void
gst_realtime_session_end_input (GstRealtimeSession *self)
{
  const GstRealtimeSettings *settings = self->settings;
  guint silence_ms = settings->silence_duration + 500;
  guint grace_ms = 2500;

  if (self->state == SESSION_OVER || self->finishing)
    return;
  self->draining = TRUE;
  gst_realtime_playout_set_awaited (self->playout, TRUE);
  self->drain_over = FALSE;
  if (self->state != SESSION_READY)
    return; /* ready() comes back here */

  if (settings->turn_detection == GST_REALTIME_TURN_SEMANTIC_VAD)
    {
      silence_ms = 9000; /* eagerness low waits up to 8 s */
      grace_ms = 5000;
    }
  if (self->has_turn_detection)
    {
      gsize size = silence_ms * gst_realtime_format_get_bytes_per_ms (self->input);
      g_autofree guint8 *silence = g_malloc (size);

      memset (silence, gst_realtime_format_get_silence (self->input), size);
      gst_realtime_session_append (self, self->input, silence, size); /* after what is kept */
    }
  else if (!g_queue_is_empty (&self->kept))
    gst_realtime_session_commit (self, TRUE);
  else if (gst_realtime_session_send_commit (self))
    /* No VAD: the end of the input is the end of the turn. */
    gst_realtime_responder_wish (self->responder, gst_realtime_wish_new (NULL, FALSE, FALSE));
  gst_realtime_session_set_timer (self, TIMER_DRAIN, grace_ms, on_drain_timeout);
}

/**
 * gst_realtime_session_finish:
 *
 * A limit is reached. The answer that runs is spoken to its end; no audio is
 * sent any more, nothing further is asked for, and outputs of functions are
 * added without an answer to them. Then the listener's drained is called.
 */
void
gst_realtime_session_finish (GstRealtimeSession *self)
{
  if (self->finishing || self->state == SESSION_OVER)
    return;
  self->finishing = TRUE;
  self->draining = TRUE;
  gst_realtime_playout_set_awaited (self->playout, TRUE);
  self->drain_over = TRUE;
  g_clear_list (&self->says.head, g_free);
  g_queue_init (&self->says);
  gst_realtime_session_clear_timer (self, TIMER_DRAIN);
  gst_realtime_session_clear_timer (self, TIMER_RETRY);
  gst_realtime_session_forget_kept_audio (self);
  gst_realtime_responder_stop (self->responder);
  gst_realtime_session_check_drained (self);
}

/* Returns: %TRUE, and the application hears of it, if nothing more may begin */
static gboolean
refuse_if_finishing (GstRealtimeSession *self)
{
  if (self->finishing)
    self->listener.error (self->user_data, "client_error", "limit_reached",
                          _("The session's limit is reached: no further answer is asked for"));
  return self->finishing;
}

/* ---- what the application asks for ------------------------------------- */

void
gst_realtime_session_send_function_output (GstRealtimeSession *self,
                                           const char *call_id,
                                           const char *output)
{
  if (call_id == NULL || !gst_realtime_responder_owes_call (self->responder, call_id))
    {
      g_autofree char *text = g_strdup_printf ("No function call waits for an output under the "
                                               "id '%s'",
                                               call_id != NULL ? call_id : "");

      self->listener.error (self->user_data, "client_error", "unknown_call_id", text);
      return;
    }

  gst_realtime_history_set_output (self->history, call_id, output != NULL ? output : "");
  if (self->state == SESSION_READY)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      gst_realtime_session_send (self, gst_realtime_request_function_output (id, call_id, output));
    }
  gst_realtime_responder_answer_call (self->responder, call_id);
}

/* Adds a message to the conversation; no response is asked for. */
void
gst_realtime_session_send_text (GstRealtimeSession *self, const char *role, const char *text)
{
  g_autofree char *id = gst_realtime_session_next_id (self);
  g_autofree char *item_id = g_strdup_printf ("item_%s", id);

  if (g_strcmp0 (role, "user") != 0 && g_strcmp0 (role, "assistant") != 0 &&
      g_strcmp0 (role, "system") != 0)
    {
      self->listener.error (self->user_data, "client_error", "invalid_role",
                            _("The role of a text must be user, assistant or system"));
      return;
    }
  if (text == NULL || *text == '\0')
    return;
  gst_realtime_history_add (self->history, item_id, NULL, role, text);
  if (self->state == SESSION_READY)
    gst_realtime_session_send (self, gst_realtime_request_message (id, item_id, role, text));
}

/* @instructions: (nullable): for this response only */
void
gst_realtime_session_create_response (GstRealtimeSession *self, const char *instructions)
{
  if (refuse_if_finishing (self))
    return;
  gst_realtime_responder_wish (self->responder, gst_realtime_wish_new (instructions, FALSE, FALSE));
}

/* Speaks @text; it does not become a part of the conversation. */
void
gst_realtime_session_say (GstRealtimeSession *self, const char *text)
{
  if (text == NULL || *text == '\0' || refuse_if_finishing (self))
    return;
  if (self->state == SESSION_READY)
    gst_realtime_session_send_say (self, text);
  else if (g_queue_get_length (&self->says) < MAX_WAITING)
    g_queue_push_tail (&self->says, g_strdup (text));
}

/* The stop button. */
void
gst_realtime_session_interrupt (GstRealtimeSession *self)
{
  gst_realtime_session_barge_stop (self);
  gst_realtime_session_cut (self, FALSE);
}

/* Any client event, as the application wrote it. */
void
gst_realtime_session_send_event (GstRealtimeSession *self, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *type = NULL;
  char *event = gst_realtime_request_check (json, &type, &error);

  if (event == NULL)
    {
      self->listener.error (self->user_data, "client_error", "invalid_event", error->message);
      return;
    }
  if (self->state == SESSION_READY)
    gst_realtime_session_send (self, event);
  else if (g_queue_get_length (&self->raw) < MAX_WAITING)
    g_queue_push_tail (&self->raw, event);
  else
    g_free (event);
}
