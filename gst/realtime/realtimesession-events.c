/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What each event of the server does to the session. */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "openairealtime.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

#define REMEMBERED  32   /* ids of past responses */
#define TURN_MS     5000 /* from speech_stopped to the VAD's response.created */
#define IDLE_MS     1500 /* from the idle timeout to the service's response.created */
#define RETRY_MS    2000 /* before the first of them at most; doubled each time */
#define MAX_RETRIES 4    /* of a response that failed for a reason that passes */
#define MAX_TEXTS   512  /* transcripts that are being collected */

/* Errors that mean a race was lost, not that something is wrong; of old
 * servers the code is null and the message begins like this. */
static const struct
{
  const char *code;
  const char *message;
} harmless[] = {
  { "response_cancel_not_active", "Cancellation failed" },
  { "input_audio_buffer_commit_empty", "Error committing input audio buffer" },
  { "unsupported_content_type", "Only model output audio messages can be truncated" },
  { "item_delete_invalid_item_id", "Error deleting item" },
  { "item_retrieve_invalid_item_id", "Error retrieving item" },
  { "item_truncate_invalid_item_id", "Error truncating item" },
  { "item_already_truncated", NULL },
  { NULL, "Audio content of" }, /* "… 9250ms is already shorter than 57340ms" */
};

/* Errors that a further attempt would meet again. */
static const struct
{
  const char *code;
  GstResourceError error;
  const char *remedy;
} final_errors[] = {
  { "invalid_api_key", GST_RESOURCE_ERROR_NOT_AUTHORIZED,
    "check OPENAI_API_KEY or the property 'api-key'" },
  { "insufficient_quota", GST_RESOURCE_ERROR_NOT_AUTHORIZED,
    N_ ("the account has no credit left: check its billing") },
  { "billing_hard_limit_reached", GST_RESOURCE_ERROR_NOT_AUTHORIZED,
    N_ ("the account's spending limit is reached: raise it") },
  { "account_deactivated", GST_RESOURCE_ERROR_NOT_AUTHORIZED,
    N_ ("the account is deactivated: ask the service") },
  { "beta_api_shape_disabled", GST_RESOURCE_ERROR_OPEN_READ_WRITE,
    N_ ("something adds the header OpenAI-Beta: remove it") },
  { "model_not_found", GST_RESOURCE_ERROR_NOT_FOUND, N_ ("check the property 'model'") },
};

void
gst_realtime_session_remember (GQueue *queue, const char *id)
{
  if (id == NULL || gst_realtime_session_remembers (queue, id))
    return;
  g_queue_push_tail (queue, g_strdup (id));
  if (g_queue_get_length (queue) > REMEMBERED)
    g_free (g_queue_pop_head (queue));
}

gboolean
gst_realtime_session_remembers (GQueue *queue, const char *id)
{
  return id != NULL && g_queue_find_custom (queue, id, (GCompareFunc)strcmp) != NULL;
}

/* ---- errors ------------------------------------------------------------ */

static gboolean
fail_if_final (GstRealtimeSession *self, const char *code, const char *message)
{
  for (guint i = 0; code != NULL && i < G_N_ELEMENTS (final_errors); i++)
    if (strcmp (final_errors[i].code, code) == 0)
      {
        g_autoptr (GError) error =
            g_error_new (GST_RESOURCE_ERROR, final_errors[i].error,
                         _ ("The Realtime API: %s (%s): %s"), message != NULL ? message : code,
                         code, _ (final_errors[i].remedy));

        gst_realtime_session_fail (self, error);
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_harmless (const char *code, const char *message)
{
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    if ((code != NULL && g_strcmp0 (harmless[i].code, code) == 0) ||
        (harmless[i].message != NULL && g_str_has_prefix (message, harmless[i].message)))
      return TRUE;
  return FALSE;
}

static void
on_error (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const char *code = event->error.code;
  const char *message = event->error.message != NULL ? event->error.message : "";
  gboolean already_active =
      g_strcmp0 (code, "conversation_already_has_active_response") == 0 ||
      g_str_has_prefix (message, "Conversation already has an active response");

  if (already_active)
    {
      /* Sent again after response.done; if it was an event of the application
       * that the service refused, the application hears of it. */
      if (gst_realtime_responder_error (self->responder, event->error.event_id, TRUE))
        {
          /* If we saw neither its beginning nor its end, we may have missed both. */
          if (gst_realtime_responder_get_active (self->responder) != NULL)
            gst_realtime_session_clear_timer (self, TIMER_CREATE);
          return;
        }
    }
  else if (is_harmless (code, message))
    {
      GST_DEBUG_OBJECT (self, "ignoring: %s", message);
      if (g_strcmp0 (code, "response_cancel_not_active") == 0 ||
          g_str_has_prefix (message, "Cancellation failed"))
        gst_realtime_responder_not_cancelled (self->responder);
      return;
    }

  if (fail_if_final (self, code, message))
    return;

  if (g_strcmp0 (code, "session_expired") == 0)
    {
      g_autoptr (GError) error = g_error_new (
          GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
          _ ("The session reached the service's longest duration: set the property 'reconnect' to "
             "go on in a new one (%s)"),
          message);

      gst_realtime_session_lost (self, error);
      return;
    }

  if (self->state == SESSION_CONNECTING ||
      (self->state == SESSION_CONFIGURING &&
       (event->error.event_id == NULL || g_strcmp0 (event->error.event_id, self->update_id) == 0)))
    {
      g_autoptr (GError) error = g_error_new (
          GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
          _ ("The Realtime API refuses the session: %s%s%s%s (check the element's properties)"),
          message, event->error.param != NULL ? " (" : "",
          event->error.param != NULL ? event->error.param : "",
          event->error.param != NULL ? ")" : "");

      gst_realtime_session_fail (self, error);
      return;
    }

  if (g_strcmp0 (code, "cannot_update_voice") == 0 && !self->has_spoken)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      /* Nothing of that update was applied: again, without the voice. */
      self->has_spoken = TRUE;
      gst_realtime_session_send (self,
                                 gst_realtime_request_session_update (
                                     id, self->settings, self->input, self->output,
                                     GST_REALTIME_UPDATE_SETTINGS | GST_REALTIME_UPDATE_CHANGE));
    }
  if (gst_realtime_session_aside_error (self, event->error.event_id, message))
    return;
  if (event->error.event_id != NULL)
    g_hash_table_remove (self->side_requests, event->error.event_id);
  if (gst_realtime_responder_error (self->responder, event->error.event_id, FALSE))
    gst_realtime_session_clear_timer (self, TIMER_CREATE);
  self->listener.error (self->user_data, event->error.type, code, message);
}

/* ---- the caller -------------------------------------------------------- */

static gboolean
on_turn_timeout (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_TURN);
  if (!gst_realtime_session_barge_wait_no_longer (self) && !self->speaking)
    self->turn = TURN_NONE;
  gst_realtime_responder_user_turn (self->responder, FALSE);
  gst_realtime_session_check_drained (self);
  return G_SOURCE_REMOVE;
}

/* The VAD is going to hear the caller, or its response is due. */
void
gst_realtime_session_expect_turn (GstRealtimeSession *self)
{
  gst_realtime_session_set_timer (self, TIMER_TURN, TURN_MS, on_turn_timeout);
}

static void
on_speech_started (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  if (gst_realtime_session_is_reversible (self))
    gst_realtime_session_barge_started (self, event->item_id, event->ms);
  else
    gst_realtime_session_cut (self, TRUE);
  self->speaking = TRUE;
  gst_realtime_session_clear_timer (self, TIMER_TURN);
  gst_realtime_responder_user_turn (self->responder, TRUE);
  gst_realtime_session_turn_begins (self, event->ms);
  self->listener.speech (self->user_data, GST_OPENAI_REALTIME_SPEECH_STARTED, event->item_id,
                         event->ms);
  if (self->barge != BARGE_PAUSED)
    self->listener.speech (self->user_data, GST_OPENAI_REALTIME_SPEECH_TURN, event->item_id,
                           event->ms);
}

static void
on_speech_stopped (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  self->speaking = FALSE;
  gst_realtime_session_turn_stops (self, event->ms);
  self->stopped_us = g_get_monotonic_time ();
  gst_realtime_session_barge_stopped (self, event->item_id, event->ms);
  if (self->barge == BARGE_NONE)
    gst_realtime_playout_mark_turn (self->playout, self->stopped_us);
  if (self->create_response || self->barge == BARGE_PAUSED || self->barge == BARGE_TURN)
    gst_realtime_session_expect_turn (self);
  else
    gst_realtime_responder_user_turn (self->responder, FALSE);
  self->listener.speech (self->user_data, GST_OPENAI_REALTIME_SPEECH_STOPPED, event->item_id,
                         event->ms);
}

/* It did not, with create_response off: we do. */
static gboolean
on_idle_unanswered (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_TURN);
  gst_realtime_responder_wish (self->responder, gst_realtime_wish_new (NULL, FALSE, FALSE));
  gst_realtime_responder_user_turn (self->responder, FALSE);
  return G_SOURCE_REMOVE;
}

/* Nobody has spoken for idle_timeout_ms: the service answers the silence,
 * whatever create_response says. */
static void
on_idle_timeout (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  gst_realtime_playout_mark_turn (self->playout, g_get_monotonic_time ());
  gst_realtime_responder_user_turn (self->responder, TRUE);
  if (self->asks && gst_realtime_session_is_reversible (self))
    gst_realtime_session_set_timer (self, TIMER_TURN, IDLE_MS, on_idle_unanswered);
  else
    gst_realtime_session_set_timer (self, TIMER_TURN, TURN_MS, on_turn_timeout);
  self->listener.speech (self->user_data, GST_OPENAI_REALTIME_SPEECH_TIMEOUT, event->item_id,
                         event->ms);
}

/* ---- texts ------------------------------------------------------------- */

/* Collects the pieces and reports the text so far. */
static void
add_text (GstRealtimeSession *self, const char *role, const char *item_id, const char *piece)
{
  GString *text;

  if (item_id == NULL || piece == NULL || gst_realtime_session_remembers (&self->silent, item_id))
    return;
  text = g_hash_table_lookup (self->texts, item_id);
  if (text == NULL)
    {
      if (g_hash_table_size (self->texts) >= MAX_TEXTS)
        g_hash_table_remove_all (self->texts);
      text = g_string_new (NULL);
      g_hash_table_insert (self->texts, g_strdup (item_id), text);
    }
  g_string_append (text, piece);
  gst_realtime_history_set_text (self->history, item_id, text->str);
  self->listener.transcript (self->user_data, role, item_id, text->str, FALSE);
}

static void
set_text (GstRealtimeSession *self, const char *role, const char *item_id, const char *text)
{
  if (item_id == NULL || text == NULL || gst_realtime_session_remembers (&self->silent, item_id))
    return;
  g_hash_table_remove (self->texts, item_id);
  gst_realtime_history_finish_text (self->history, item_id, text);
  self->listener.transcript (self->user_data, role, item_id, text, TRUE);
}

/* ---- responses --------------------------------------------------------- */

static void
add_message (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const GstRealtimeItem *item = event->item;
  gboolean answer = strcmp (item->role, GST_OPENAI_REALTIME_ROLE_ASSISTANT) == 0;
  const char *active = gst_realtime_responder_get_active (self->responder);
  gboolean known = gst_realtime_history_find (self->history, item->id) != NULL;
  GstRealtimeEntry *entry;

  if (answer && !known && gst_realtime_session_remembers (&self->silent, active))
    gst_realtime_session_remember (&self->silent, item->id);
  if (gst_realtime_session_remembers (&self->silent, item->id))
    return;
  entry = gst_realtime_history_add (self->history, item->id, event->previous_item_id, item->role,
                                    item->text);
  if (answer && !known)
    entry->response_id = g_strdup (active);
  if (answer && event->type == GST_REALTIME_EVENT_ITEM_DONE)
    entry->whole = TRUE;
}

static void
on_item (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const GstRealtimeItem *item = event->item;

  /* It ends after it was cut off or deleted: nothing new in that. */
  if (item == NULL || item->id == NULL || gst_realtime_session_is_dropped (self, item->id))
    return;
  gst_realtime_session_mcp_item (self, item, event->type == GST_REALTIME_EVENT_ITEM_DONE);
  if (g_strcmp0 (item->type, "function_call_output") == 0)
    gst_realtime_responder_output_added (self->responder, item->call_id);
  else if (g_strcmp0 (item->type, "message") == 0 && item->role != NULL)
    add_message (self, event);
}

static void
run_call (GstRealtimeSession *self,
          const char *response_id,
          const GstRealtimeItem *item,
          gboolean complete)
{
  /* After a cancel the arguments may be cut off in the middle. */
  if (item == NULL || g_strcmp0 (item->type, "function_call") != 0 || item->call_id == NULL ||
      item->name == NULL || gst_realtime_session_is_dropped (self, item->call_id) ||
      !(item->status != NULL ? strcmp (item->status, "completed") == 0 : complete))
    return;
  if (!gst_realtime_responder_add_call (self->responder, response_id, item->call_id))
    return;
  gst_realtime_history_add_call (self->history, item->id, item->call_id, item->name,
                                 item->arguments != NULL ? item->arguments : "{}");
  if (gst_realtime_session_hold_call (self, item))
    return;
  self->listener.function_call (self->user_data, item->call_id, item->name,
                                item->arguments != NULL ? item->arguments : "{}");
}

static void
on_response_created (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const char *id = event->response.id;
  const char *request = event->response.request;
  gboolean side = request != NULL && g_hash_table_remove (self->side_requests, request);
  gint format = event->response.format >= 0 ? event->response.format : (gint)self->sounding;

  if (id == NULL)
    return;
  if (!side)
    side = gst_realtime_session_aside_created (self, request, id);
  if (!side)
    side = event->response.out_of_band && !gst_realtime_responder_is_own (self->responder, request);
  /* It keeps its format whatever session.update comes meanwhile. */
  if (g_hash_table_size (self->formats) >= REMEMBERED)
    g_hash_table_remove_all (self->formats);
  g_hash_table_insert (self->formats, g_strdup (id), GINT_TO_POINTER (format));
  if (side)
    {
      g_hash_table_add (self->side_active, g_strdup (id));
      gst_realtime_session_remember (&self->side_items, id);
    }
  else
    {
      /* Cancelled before it was there. */
      if (gst_realtime_responder_get_state (self->responder) ==
          GST_REALTIME_RESPONSE_CANCEL_REQUESTED)
        gst_realtime_session_drop (self, id);
      gst_realtime_session_clear_timer (self, TIMER_TURN);
      gst_realtime_session_clear_timer (self, TIMER_CREATE);
      gst_realtime_session_turn_is_answered (self);
      if (gst_realtime_responder_is_silent (self->responder, request))
        gst_realtime_session_remember (&self->silent, id);
      gst_realtime_session_mcp_response_created (self);
      gst_realtime_responder_created (self->responder, id, request, self->speaking);
    }
  g_mutex_lock (&self->stats->lock);
  self->stats->responses++;
  g_mutex_unlock (&self->stats->lock);
  self->listener.response (self->user_data, GST_OPENAI_REALTIME_RESPONSE_CREATED, id,
                           "in_progress");
}

static gboolean
on_retry (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_RETRY);
  gst_realtime_responder_retry (self->responder);
  return G_SOURCE_REMOVE;
}

/* Returns: %FALSE when the session has failed */
static gboolean
on_response_failed (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const char *code = event->response.error_code;
  const char *type = event->response.error_type;
  const char *message = event->response.error_message;
  gboolean server_error =
      g_strcmp0 (code, "server_error") == 0 || g_strcmp0 (type, "server_error") == 0;
  gboolean passes = server_error || g_strcmp0 (code, "inference_rate_limit_exceeded") == 0 ||
                    g_strcmp0 (code, "rate_limit_exceeded") == 0;

  if (fail_if_final (self, code, message))
    return FALSE;
  self->listener.error (self->user_data, type != NULL ? type : "response_failed", code,
                        message != NULL ? message : _ ("The service failed to make a response"));
  if (passes && self->retries < MAX_RETRIES)
    {
      guint most = RETRY_MS << self->retries++;

      /* All the sessions of an account meet the limit at once: not so the next time. */
      gst_realtime_session_set_timer (self, TIMER_RETRY, g_random_int_range (most / 2, most + 1),
                                      on_retry);
    }
  else if (server_error && self->settings->reconnect)
    {
      g_autoptr (GError) error =
          g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                       _ ("The Realtime API fails to answer: %s"),
                       message != NULL ? message : code != NULL ? code : type);

      /* Another of its machines may do better. */
      gst_realtime_session_lost (self, error);
      return FALSE;
    }
  return TRUE;
}

/* A response was cut off: what it said after that nobody heard. */
static void
delete_unheard (GstRealtimeSession *self, GPtrArray *output)
{
  for (guint i = 0; i < output->len; i++)
    {
      const GstRealtimeItem *item = g_ptr_array_index (output, i);

      if (item->spoken && item->id != NULL &&
          !gst_realtime_session_remembers (&self->sounded, item->id) &&
          !gst_realtime_session_is_dropped (self, item->id))
        {
          gst_realtime_session_drop (self, item->id);
          gst_realtime_session_delete_item (self, item->id);
        }
    }
}

/* The texts of a silent response are no part of the conversation. */
static void
delete_silent (GstRealtimeSession *self, GPtrArray *output)
{
  for (guint i = 0; i < output->len; i++)
    {
      const GstRealtimeItem *item = g_ptr_array_index (output, i);

      if (g_strcmp0 (item->type, "message") == 0 && item->id != NULL)
        gst_realtime_session_delete_item (self, item->id);
    }
}

static void
on_response_done (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const char *id = event->response.id;
  const char *status = event->response.status;
  gboolean side = id != NULL && g_hash_table_remove (self->side_active, id);

  gst_realtime_playout_end_response (self->playout, id);
  if (event->response.usage != NULL)
    {
      gst_structure_set (event->response.usage, "response-id", G_TYPE_STRING, id, NULL);
      self->listener.usage (self->user_data, event->response.usage);
    }

  /* A side response may end so fast that it was never seen as created. */
  if (!side && event->response.request != NULL &&
      g_hash_table_remove (self->side_requests, event->response.request))
    side = TRUE;
  if (gst_realtime_session_aside_done (self, event))
    side = TRUE;
  if (!side && event->response.out_of_band &&
      gst_realtime_responder_get_state (self->responder) != GST_REALTIME_RESPONSE_FREE &&
      !gst_realtime_responder_is_own (self->responder, event->response.request) &&
      g_strcmp0 (id, gst_realtime_responder_get_active (self->responder)) != 0)
    side = TRUE;
  /* A call out of band has no place for its output in the conversation. */
  for (guint i = 0; !side && i < event->response.output->len; i++)
    run_call (self, id, g_ptr_array_index (event->response.output, i),
              g_strcmp0 (status, "completed") == 0);
  if (id != NULL)
    g_hash_table_remove (self->formats, id);
  if (!side && gst_realtime_session_is_dropped (self, id))
    delete_unheard (self, event->response.output);
  if (gst_realtime_session_remembers (&self->silent, id))
    delete_silent (self, event->response.output);

  self->listener.response (self->user_data, GST_OPENAI_REALTIME_RESPONSE_DONE, id,
                           status != NULL ? status : "");
  if (g_strcmp0 (status, "failed") == 0)
    {
      if (!on_response_failed (self, event))
        return;
    }
  else
    self->retries = 0;
  if (!side)
    {
      gst_realtime_session_mcp_response_done (self, event->response.output);
      gst_realtime_responder_done (self->responder, id, event->response.request);
    }
}

/* How much of an answer has come, for the case that no more does. */
static void
count_audio (GstRealtimeSession *self, const char *item_id, GstRealtimeFormat format, gsize size)
{
  GstRealtimeEntry *entry = gst_realtime_history_find (self->history, item_id);

  if (entry == NULL)
    return;
  entry->format = format;
  entry->audio_bytes += size;
}

/* response.output_audio.done, response.output_text.done */
static void
end_message (GstRealtimeSession *self, const char *item_id)
{
  GstRealtimeEntry *entry = gst_realtime_history_find (self->history, item_id);

  if (entry != NULL)
    entry->whole = TRUE;
}

static void
on_audio_delta (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  gsize size = event->audio != NULL ? g_bytes_get_size (event->audio) : 0;
  GstRealtimeFormat format = self->sounding;
  gpointer known;

  if (size == 0 || event->item_id == NULL)
    return;
  self->has_spoken = TRUE;
  if (event->response_id != NULL &&
      g_hash_table_lookup_extended (self->formats, event->response_id, NULL, &known))
    format = GPOINTER_TO_INT (known);
  g_mutex_lock (&self->stats->lock);
  self->stats->deltas++;
  self->stats->bytes_received += size;
  self->stats->ms_received += size / gst_realtime_format_get_bytes_per_ms (format);
  g_mutex_unlock (&self->stats->lock);

  if (gst_realtime_session_is_dropped (self, event->response_id) ||
      gst_realtime_session_is_dropped (self, event->item_id))
    return;
  gst_realtime_session_remember (&self->sounded, event->item_id);
  count_audio (self, event->item_id, format, size);
  if (!gst_realtime_playout_push (self->playout, event->response_id, event->item_id,
                                  event->content_index, format, event->audio))
    {
      g_autoptr (GError) error = g_error_new (
          GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
          _ ("The service sent more audio than can wait to be played: is the src pad linked and "
             "the pipeline playing?"));

      gst_realtime_session_fail (self, error);
    }
}

/* ---- dispatch ---------------------------------------------------------- */

static void
on_session (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  self->has_turn_detection = event->session.tells_turn_detection
                                 ? event->session.has_turn_detection
                                 : self->settings->turn_detection != GST_REALTIME_TURN_NONE;
  self->create_response = self->has_turn_detection && event->session.create_response;
  self->interrupt_response = event->session.interrupt_response;
  if (event->type == GST_REALTIME_EVENT_SESSION_UPDATED && !event->session.tells_turn_detection)
    {
      /* It is what it was asked to be. */
      self->create_response = self->has_turn_detection && !self->reversible;
      self->interrupt_response = !self->reversible;
    }
  if (event->session.output_format >= 0)
    self->sounding = event->session.output_format;
  else if (event->type == GST_REALTIME_EVENT_SESSION_UPDATED)
    self->sounding = self->output;
  if (event->type == GST_REALTIME_EVENT_SESSION_CREATED)
    self->expires_at = event->session.expires_at;

  if (event->type == GST_REALTIME_EVENT_SESSION_CREATED && self->state == SESSION_CONNECTING)
    gst_realtime_session_configure (self);
  else if (event->type == GST_REALTIME_EVENT_SESSION_UPDATED && self->state == SESSION_CONFIGURING)
    gst_realtime_session_ready (self);
}

static void
dispatch (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  switch (event->type)
    {
    case GST_REALTIME_EVENT_ERROR:
      on_error (self, event);
      break;
    case GST_REALTIME_EVENT_SESSION_CREATED:
    case GST_REALTIME_EVENT_SESSION_UPDATED:
      on_session (self, event);
      break;
    case GST_REALTIME_EVENT_SPEECH_STARTED:
      on_speech_started (self, event);
      break;
    case GST_REALTIME_EVENT_SPEECH_STOPPED:
      on_speech_stopped (self, event);
      break;
    case GST_REALTIME_EVENT_TIMEOUT_TRIGGERED:
      on_idle_timeout (self, event);
      break;
    case GST_REALTIME_EVENT_COMMITTED:
      /* Without a VAD the commit was ours, and more may have been sent since. */
      if (self->has_turn_detection)
        self->uncommitted_us = 0;
      gst_realtime_history_add (self->history, event->item_id, event->previous_item_id, "user",
                                NULL);
      gst_realtime_session_turn_is_item (self, event->item_id);
      gst_realtime_session_barge_committed (self, event->item_id);
      break;
    case GST_REALTIME_EVENT_ITEM_ADDED:
    case GST_REALTIME_EVENT_ITEM_DONE:
      on_item (self, event);
      break;
    case GST_REALTIME_EVENT_ITEM_DELETED:
      gst_realtime_history_remove (self->history, event->item_id);
      break;
    case GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DELTA:
      add_text (self, GST_OPENAI_REALTIME_ROLE_USER, event->item_id, event->text);
      break;
    case GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DONE:
      set_text (self, GST_OPENAI_REALTIME_ROLE_USER, event->item_id, event->text);
      gst_realtime_session_barge_heard (self, event->item_id,
                                        event->text != NULL ? event->text : "");
      if (event->response.usage != NULL)
        {
          gst_structure_set (event->response.usage, "item-id", G_TYPE_STRING, event->item_id, NULL);
          self->listener.usage (self->user_data, event->response.usage);
        }
      break;
    case GST_REALTIME_EVENT_INPUT_TRANSCRIPT_FAILED:
      self->listener.error (self->user_data, "transcription_failed", event->error.code,
                            event->error.message != NULL ? event->error.message : "");
      gst_realtime_session_barge_heard (self, event->item_id, NULL);
      break;
    case GST_REALTIME_EVENT_RESPONSE_CREATED:
      on_response_created (self, event);
      break;
    case GST_REALTIME_EVENT_RESPONSE_DONE:
      on_response_done (self, event);
      break;
    case GST_REALTIME_EVENT_OUTPUT_ITEM_ADDED:
      gst_realtime_session_mcp_item (self, event->item, FALSE);
      break;
    case GST_REALTIME_EVENT_OUTPUT_ITEM_DONE:
      gst_realtime_session_mcp_item (self, event->item, TRUE);
      if (event->response_id == NULL ||
          !g_hash_table_contains (self->side_active, event->response_id))
        run_call (self, event->response_id, event->item, FALSE);
      break;
    case GST_REALTIME_EVENT_ITEM_RETRIEVED:
      if (event->item != NULL)
        self->listener.item (self->user_data, event->item->id, event->text);
      break;
    case GST_REALTIME_EVENT_MCP_LIST_IN_PROGRESS:
    case GST_REALTIME_EVENT_MCP_LIST_COMPLETED:
    case GST_REALTIME_EVENT_MCP_LIST_FAILED:
    case GST_REALTIME_EVENT_MCP_CALL_IN_PROGRESS:
    case GST_REALTIME_EVENT_MCP_CALL_COMPLETED:
    case GST_REALTIME_EVENT_MCP_CALL_FAILED:
      gst_realtime_session_mcp_event (self, event);
      break;
    case GST_REALTIME_EVENT_AUDIO_DELTA:
      on_audio_delta (self, event);
      break;
    case GST_REALTIME_EVENT_AUDIO_DONE:
      gst_realtime_playout_end_item (self->playout, event->item_id, event->content_index);
      end_message (self, event->item_id);
      break;
    case GST_REALTIME_EVENT_TRANSCRIPT_DELTA:
    case GST_REALTIME_EVENT_TEXT_DELTA:
      if (!gst_realtime_session_is_unheard_aside (self, event->response_id))
        add_text (self, GST_OPENAI_REALTIME_ROLE_ASSISTANT, event->item_id, event->text);
      break;
    case GST_REALTIME_EVENT_TRANSCRIPT_DONE:
    case GST_REALTIME_EVENT_TEXT_DONE:
      if (event->type == GST_REALTIME_EVENT_TEXT_DONE && self->listener.written != NULL)
        self->listener.written (self->user_data, event->item_id);
      if (!gst_realtime_session_is_unheard_aside (self, event->response_id))
        set_text (self, GST_OPENAI_REALTIME_ROLE_ASSISTANT, event->item_id, event->text);
      if (event->type == GST_REALTIME_EVENT_TEXT_DONE)
        end_message (self, event->item_id);
      break;
    case GST_REALTIME_EVENT_RATE_LIMITS:
      self->listener.rate_limits (self->user_data, event->rate_limits);
      break;
    case GST_REALTIME_EVENT_OTHER:
    case GST_REALTIME_N_EVENTS:
      break;
    }
}

/* One message of the server; whatever it is, the session goes on. */
void
gst_realtime_session_handle (GstRealtimeSession *self, const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstRealtimeEvent) event = NULL;
  g_autofree char *hidden = gst_realtime_settings_hide_secrets (self->settings, text, size);

  if (hidden != NULL)
    text = hidden;
  if (self->state == SESSION_OVER || self->state == SESSION_IDLE || self->state == SESSION_WAITING)
    return;

  event = gst_realtime_event_parse (text, size, &error);
  if (event == NULL)
    {
      GST_WARNING_OBJECT (self, "ignoring a message that is no event: %s", error->message);
      if (self->log != NULL)
        gst_realtime_log_note (self->log, "ignored a message that is no event", error->message);
      return;
    }
  if (self->log != NULL)
    gst_realtime_session_log_event (self, "server", text, size);
  if (event->type == GST_REALTIME_EVENT_AUDIO_DELTA)
    GST_TRACE_OBJECT (self, "received %s", event->name);
  else
    GST_LOG_OBJECT (self, "received %s", event->name);

  g_object_ref (self);
  self->heard_us = g_get_monotonic_time ();
  dispatch (self, event);
  gst_realtime_session_check_drained (self);
  gst_realtime_session_check_renewal (self);
  g_object_unref (self);
}
