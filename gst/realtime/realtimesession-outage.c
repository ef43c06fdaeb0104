/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * An outage of a Realtime session: what is done and said when the connection is
 * lost, and how a new session is told. Nothing of a session can be resumed.
 *
 * Each thing is in exactly one place at that moment: in the history (it is told
 * as an item), in the kept audio (it is said again), among the responder's
 * wishes (it is asked for again), or over.
 */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "openairealtime.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

/* Spread over this, the sessions of a gateway don't all come back at once. */
#define FIRST_DELAY_MS 250
#define MOST_DELAY_MS  8000

/* Nothing has come for so long from a service that owes an answer: it is stuck,
 * though its connection may be alive. */
#define STALLED_S 20
#define LOOK_MS   2000

/* For the model, so that it goes on where the caller heard it stop. */
#define GO_ON                                                                                      \
  "The line failed in the middle of your last message. The caller heard it as far as it is "       \
  "written here. Go on from exactly there; repeat nothing of it and do not mention the failure."

/* Returns: ms to wait before the attempt after @attempt vain ones: doubled each
 * time, half of it left to chance */
guint
gst_realtime_session_back_off (guint attempt)
{
  guint most = MIN (FIRST_DELAY_MS << MIN (attempt, 10), MOST_DELAY_MS);

  return attempt == 0 ? g_random_int_range (0, most) : g_random_int_range (most / 2, most + 1);
}

static gboolean
on_look (gpointer data)
{
  GstRealtimeSession *self = data;
  g_autoptr (GError) error = NULL;

  gst_realtime_session_watch_answers (self);
  if (gst_realtime_responder_get_state (self->responder) == GST_REALTIME_RESPONSE_FREE)
    {
      self->heard_us = g_get_monotonic_time ();
      return G_SOURCE_REMOVE;
    }
  if (g_get_monotonic_time () - self->heard_us < STALLED_S * G_USEC_PER_SEC)
    return G_SOURCE_REMOVE;
  error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                       _ ("The Realtime API has owed an answer for %d s"), STALLED_S);
  gst_realtime_session_lost (self, error);
  return G_SOURCE_REMOVE;
}

/* From session.updated on: an answer that was asked for or has begun must go on. */
void
gst_realtime_session_watch_answers (GstRealtimeSession *self)
{
  if (self->settings->reconnect)
    gst_realtime_session_set_timer (self, TIMER_STALL, LOOK_MS, on_look);
}

/* ---- the loss ----------------------------------------------------------- */

/* All of the text was heard that had come, and it ends like a sentence. As text
 * runs ahead of its sound, nothing more is to be expected. */
static gboolean
is_complete (const char *text, gsize length_before)
{
  gsize length = strlen (text);

  return length == length_before && strchr (".!?", text[length - 1]) != NULL;
}

/* Nothing more is to be said, but a function may have been about to be called. */
static GstRealtimeWish *
silent_wish (void)
{
  GstRealtimeWish *wish = gst_realtime_wish_new (NULL, FALSE, FALSE);

  wish->silent = TRUE;
  return wish;
}

/* An answer that broke off: what was heard of it stays, the rest is wished for.
 * Returns: (transfer full) (nullable): that wish; %NULL: none of it was heard */
static GstRealtimeWish *
cut_answer (GstRealtimeSession *self, GstRealtimeEntry *entry)
{
  const GstRealtimeWish *last = gst_realtime_responder_get_last (self->responder);
  const char *said = last != NULL && last->verbatim ? last->instructions : NULL;
  gsize length = entry->text != NULL ? strlen (entry->text) : 0;

  gst_realtime_history_cut_unfinished (self->history, entry);
  if (entry->text != NULL)
    self->listener.transcript (self->user_data, GST_OPENAI_REALTIME_ROLE_ASSISTANT, entry->item_id,
                               entry->text, TRUE);
  if (entry->text == NULL || *entry->text == '\0')
    {
      gst_realtime_history_remove (self->history, entry->item_id);
      return NULL;
    }
  if (is_complete (entry->text, length))
    return silent_wish ();
  if (said != NULL && g_str_has_prefix (said, entry->text))
    {
      const char *rest = said + strlen (entry->text);

      while (*rest == ' ')
        rest++;
      return *rest != '\0' ? gst_realtime_wish_new (rest, TRUE, FALSE) : silent_wish ();
    }
  self->cut_by_loss = TRUE;
  return gst_realtime_wish_new (NULL, FALSE, FALSE);
}

/* The response that runs: what is missing of it.
 * Returns: (transfer full) (nullable): a wish; %NULL: all of it */
static GstRealtimeWish *
cut_response (GstRealtimeSession *self, const char *response_id)
{
  GPtrArray *entries = gst_realtime_history_get_entries (self->history);
  GstRealtimeWish *again = NULL;

  for (guint i = entries->len; i > 0; i--)
    {
      GstRealtimeEntry *entry = g_ptr_array_index (entries, i - 1);

      if (entry->call_id != NULL || g_strcmp0 (entry->response_id, response_id) != 0)
        continue;
      if (!entry->whole)
        {
          g_clear_pointer (&again, gst_realtime_wish_free);
          again = cut_answer (self, entry);
          break;
        }
      again = silent_wish ();
      break;
    }
  return again;
}

/* The connection is lost, and nothing of it forgotten yet. */
void
gst_realtime_session_take_stock (GstRealtimeSession *self)
{
  gboolean paused = self->barge == BARGE_PAUSED || self->barge == BARGE_LATE;
  const char *active = gst_realtime_responder_get_active (self->responder);
  gboolean cut = gst_realtime_session_is_dropped (self, active);
  gboolean silent = gst_realtime_session_remembers (&self->silent, active);
  GstRealtimeWish *again = NULL;
  GHashTableIter iter;
  gpointer side;
  gboolean was_kept = self->turn_kept, was_sure = self->turn_is_sure;

  self->turn_kept |= gst_realtime_session_keep_unanswered (self);
  /* What the caller said into the answer is judged when it is heard again; what
   * came of the answer is played. */
  gst_realtime_session_barge_give_up (self);
  self->turn_is_sure = was_kept ? was_sure : self->turn_kept && !paused;
  cut |= self->turn_kept && !paused;
  if (active != NULL && !cut && !silent)
    again = cut_response (self, active);

  /* What was reported as begun is reported as over. */
  if (active != NULL)
    self->listener.response (self->user_data, GST_OPENAI_REALTIME_RESPONSE_DONE, active,
                              GST_OPENAI_REALTIME_STATUS_LOST);
  g_hash_table_iter_init (&iter, self->side_active);
  while (g_hash_table_iter_next (&iter, &side, NULL))
    self->listener.response (self->user_data, GST_OPENAI_REALTIME_RESPONSE_DONE, side,
                              GST_OPENAI_REALTIME_STATUS_LOST);

  gst_realtime_responder_lost (self->responder, self->turn_kept, cut, again);
}

/* ---- the new session ---------------------------------------------------- */

static void
restore_call (GstRealtimeSession *self, const GstRealtimeEntry *entry, const char *event_id)
{
  gst_realtime_session_send (self, gst_realtime_request_function_call (event_id, entry->item_id,
                                                                       entry->call_id, entry->name,
                                                                       entry->arguments));
  if (entry->output != NULL)
    gst_realtime_session_send (
        self, gst_realtime_request_function_output (NULL, entry->call_id, entry->output));
}

/**
 * gst_realtime_session_restore:
 *
 * Tells a new session what was said and done: texts as messages, a turn of the
 * caller whose text is not known as its audio, function calls with their
 * outputs, in their order. A tool that still runs answers into this session.
 */
void
gst_realtime_session_restore (GstRealtimeSession *self)
{
  GPtrArray *entries = gst_realtime_history_get_entries (self->history);

  for (guint i = 0; i < entries->len; i++)
    {
      GstRealtimeEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *id = gst_realtime_session_next_id (self);

      /* Ids start anew with the session. */
      g_free (entry->item_id);
      entry->item_id = g_strdup_printf ("item_%s", id);
      g_clear_pointer (&entry->response_id, g_free);
      if (entry->call_id != NULL)
        restore_call (self, entry, id);
      else if (entry->audio != NULL && !entry->final && entry->format == self->input)
        gst_realtime_session_send (
            self, gst_realtime_request_audio_message (id, entry->item_id, entry->audio));
      else if (entry->text != NULL && *entry->text != '\0')
        gst_realtime_session_send (self, gst_realtime_request_message (id, entry->item_id,
                                                                       entry->role, entry->text));
    }

  if (self->cut_by_loss)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);
      g_autofree char *item_id = g_strdup_printf ("item_%s", id);

      gst_realtime_session_send (self, gst_realtime_request_message (id, item_id, "system", GO_ON));
      self->cut_by_loss = FALSE;
    }

  if (self->turn_kept)
    {
      /* Heard again from the first sample on; if the VAD finds nothing in it,
       * nobody waits for its answer. */
      self->turn_kept = FALSE;
      self->turn = TURN_OPEN;
      gst_realtime_session_expect_turn (self);
    }
}
