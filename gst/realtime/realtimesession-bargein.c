/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Barge-in of a Realtime session: silence, and the service is told what was
 * heard.
 */
#include "config.h"

#include "openairealtime.h"
#include "realtimebackchannel.h"
#include "realtimesession-private.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

/* From now on the audio of this response is dropped. */
void
gst_realtime_session_drop (GstRealtimeSession *self, const char *response_id)
{
  gst_realtime_session_remember (&self->dropped, response_id);
}

gboolean
gst_realtime_session_is_dropped (GstRealtimeSession *self, const char *response_id)
{
  return gst_realtime_session_remembers (&self->dropped, response_id);
}

/* An item that nobody heard is no part of the conversation. */
void
gst_realtime_session_delete_item (GstRealtimeSession *self, const char *item_id)
{
  g_autofree char *id = gst_realtime_session_next_id (self);

  gst_realtime_session_send (self, gst_realtime_request_delete (id, item_id));
  gst_realtime_history_remove (self->history, item_id);
}

static void
report_cut (GstRealtimeSession *self, const GstRealtimeCut *cut)
{
  /* Of the old connection's items the service knows at most their text. */
  gboolean known = !cut->detached && self->state == SESSION_READY;

  if (gst_realtime_session_remembers (&self->side_items, cut->response_id))
    return; /* not in the conversation */

  if (!cut->detached)
    gst_realtime_session_drop (self, cut->item_id);
  if (cut->played_ms == 0 && known)
    gst_realtime_session_delete_item (self, cut->item_id);
  else if (cut->played_ms == 0)
    gst_realtime_history_remove (self->history, cut->item_id);
  else
    {
      gst_realtime_history_cut (self->history, cut->item_id, cut->played_ms, cut->received_ms);
      if (known)
        {
          g_autofree char *id = gst_realtime_session_next_id (self);

          gst_realtime_session_send (
              self, gst_realtime_request_truncate (id, cut->item_id, cut->content_index,
                                                   MIN (cut->played_ms, cut->received_ms)));
        }
    }
}

/**
 * gst_realtime_session_cut:
 * @by_vad: the caller began to speak (else: the stop button)
 *
 * Silence, and the service is told what was heard. With the VAD and
 * interrupt_response the service cancels what runs by itself: a cancel of ours
 * would only race with it. A response that was asked for and has not begun when
 * the caller begins is cancelled by us in either case: it is begun (and we hear
 * of that) before the service reads the cancel.
 */
void
gst_realtime_session_cut (GstRealtimeSession *self, gboolean by_vad)
{
  g_autoptr (GPtrArray) cuts =
      gst_realtime_playout_interrupt (self->playout, g_get_monotonic_time ());
  const char *active = gst_realtime_responder_get_active (self->responder);
  gboolean requested =
      gst_realtime_responder_get_state (self->responder) == GST_REALTIME_RESPONSE_CREATE_REQUESTED;
  GHashTableIter iter;
  gpointer side;

  if (active != NULL)
    gst_realtime_session_drop (self, active);
  g_hash_table_iter_init (&iter, self->side_active);
  while (g_hash_table_iter_next (&iter, &side, NULL))
    {
      g_autofree char *id = NULL;

      /* The service never cancels these by itself. */
      if (gst_realtime_session_is_dropped (self, side))
        continue;
      gst_realtime_session_drop (self, side);
      id = gst_realtime_session_next_id (self);
      gst_realtime_session_send (self, gst_realtime_request_response_cancel (id, side));
    }

  if (!by_vad)
    {
      gst_realtime_responder_forget (self->responder);
      gst_realtime_session_clear_timer (self, TIMER_RETRY);
    }
  else if (requested)
    gst_realtime_responder_yield (self->responder);
  if (requested || (active != NULL && (!by_vad || !self->interrupt_response)))
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      gst_realtime_session_send (self, gst_realtime_request_response_cancel (id, active));
      gst_realtime_responder_cancelling (self->responder);
    }

  for (guint i = 0; i < cuts->len; i++)
    report_cut (self, g_ptr_array_index (cuts, i));
}

/* ---- reversible barge-in ------------------------------------------------ */

/*
 *   NONE ─ speech, while nothing is played or coming ───────────► TURN
 *     │                                                            ▲ │
 *     └ speech into an answer ► PAUSED ─ long, or words of its own ┘ │ committed:
 *                                │  ▲                              ▲ │ response.create
 *          listed words, a cough │  │ speech         words of its  │ ▼
 *       NONE ◄───────────────────┤  │                own          │ NONE
 *                                └─ no transcript in time ► LATE ──┘
 *                                                             └ listed, or never ► NONE
 *
 * In PAUSED the answer goes on being received and waits, with the function calls
 * in it. The item of what was no turn is deleted from the conversation.
 */

/* Beside what the VAD itself needs, from the sound to speech_started and from
 * its end to speech_stopped, with what the network adds (ms). */
#define SLACK_MS 100
/* The semantic VAD waits longer, and doesn't say how long (ms). */
#define SEMANTIC_SILENCE_MS 1000
/* With less of an answer left, words into it answer it: "… soll ich das so
 * bestellen?" "Ja." (ms) */
#define NEAR_END_MS 1000
/* A transcript that hasn't come after so long won't (ms). */
#define LATE_MS 10000
/* Text before and after the estimated place, in which an echo is looked for. */
#define ECHO_BEFORE 60
#define ECHO_AFTER  20

/* One stretch of speech: an item of the caller. */
typedef struct
{
  char *item_id;
  guint start_ms; /* on the clock of the audio sent, with the prefix padding */
  guint ms;       /* of speech; 0: not known yet */
  gboolean committed;
  gboolean harmless; /* its transcript says so */
} Heard;

/* A function call of an answer that is paused: its item, call and so on. */
typedef struct
{
  char *item_id;
  char *call_id;
  char *name;
  char *arguments;
} HeldCall;

static void
heard_free (Heard *heard)
{
  g_free (heard->item_id);
  g_free (heard);
}

static void
held_call_free (HeldCall *call)
{
  g_free (call->item_id);
  g_free (call->call_id);
  g_free (call->name);
  g_free (call->arguments);
  g_free (call);
}

void
gst_realtime_session_barge_init (GstRealtimeSession *self)
{
  self->heard = g_ptr_array_new_with_free_func ((GDestroyNotify)heard_free);
  self->held_calls = g_ptr_array_new_with_free_func ((GDestroyNotify)held_call_free);
}

static void
set_state (GstRealtimeSession *self, BargeState state)
{
  static const char *const names[] = { "none", "paused", "late", "turn" };

  if (self->barge != state)
    GST_DEBUG_OBJECT (self, "barge-in: %s -> %s", names[self->barge], names[state]);
  self->barge = state;
}

/* The connection is closed: nothing of this will be judged any more. */
void
gst_realtime_session_barge_clear (GstRealtimeSession *self)
{
  if (self->barge == BARGE_PAUSED)
    gst_realtime_playout_resume (self->playout);
  set_state (self, BARGE_NONE);
  g_ptr_array_set_size (self->heard, 0);
  g_ptr_array_set_size (self->held_calls, 0);
}

/* Whether the service leaves both to us, as it was asked to. */
gboolean
gst_realtime_session_is_reversible (GstRealtimeSession *self)
{
  return self->reversible && self->has_turn_detection && !self->create_response &&
         !self->interrupt_response;
}

/* Returns: whether the call waits until it is clear that the answer goes on */
gboolean
gst_realtime_session_hold_call (GstRealtimeSession *self, const GstRealtimeItem *item)
{
  HeldCall *call;

  if (self->barge != BARGE_PAUSED)
    return FALSE;
  call = g_new0 (HeldCall, 1);
  call->item_id = g_strdup (item->id);
  call->call_id = g_strdup (item->call_id);
  call->name = g_strdup (item->name);
  call->arguments = g_strdup (item->arguments != NULL ? item->arguments : "{}");
  g_ptr_array_add (self->held_calls, call);
  return TRUE;
}

/* A listener may do anything: what is passed on is no longer ours. */
static void
run_held_calls (GstRealtimeSession *self)
{
  g_autoptr (GPtrArray) calls = g_steal_pointer (&self->held_calls);

  self->held_calls = g_ptr_array_new_with_free_func ((GDestroyNotify)held_call_free);
  for (guint i = 0; i < calls->len; i++)
    {
      HeldCall *call = g_ptr_array_index (calls, i);

      self->listener.function_call (self->user_data, call->call_id, call->name, call->arguments);
    }
}

/* The caller spoke before the bot did it: it is not done. */
static void
drop_held_calls (GstRealtimeSession *self)
{
  for (guint i = 0; i < self->held_calls->len; i++)
    {
      HeldCall *call = g_ptr_array_index (self->held_calls, i);

      gst_realtime_responder_drop_call (self->responder, call->call_id);
      gst_realtime_session_drop (self, call->call_id); /* response.done tells of it again */
      if (call->item_id != NULL)
        gst_realtime_session_delete_item (self, call->item_id);
    }
  g_ptr_array_set_size (self->held_calls, 0);
}

static Heard *
find_heard (GstRealtimeSession *self, const char *item_id)
{
  for (guint i = self->heard->len; i > 0; i--)
    {
      Heard *heard = g_ptr_array_index (self->heard, i - 1);

      if (g_strcmp0 (heard->item_id, item_id) == 0)
        return heard;
    }
  return NULL;
}

/* The caller has finished his turn: it is answered. */
static void
answer (GstRealtimeSession *self)
{
  gst_realtime_session_clear_timer (self, TIMER_BARGE);
  gst_realtime_session_clear_timer (self, TIMER_TURN);
  set_state (self, BARGE_NONE);
  g_ptr_array_set_size (self->heard, 0);
  gst_realtime_playout_mark_turn (self->playout, self->stopped_us);
  if (self->asks && !self->create_response)
    gst_realtime_responder_wish (self->responder, gst_realtime_wish_new (NULL, FALSE, FALSE));
  gst_realtime_responder_user_turn (self->responder, FALSE);
}

/* It is a turn: the answer is cut off where it stopped. */
static void
take_turn (GstRealtimeSession *self)
{
  Heard *last = self->heard->len > 0 ? g_ptr_array_index (self->heard, self->heard->len - 1) : NULL;

  gst_realtime_session_clear_timer (self, TIMER_BARGE);
  if (self->barge != BARGE_TURN)
    {
      drop_held_calls (self);
      gst_realtime_session_cut (self, TRUE);
      if (self->barge != BARGE_NONE)
        self->listener.speech (self->user_data, GST_OPENAI_REALTIME_SPEECH_TURN,
                               last != NULL ? last->item_id : NULL,
                               last != NULL ? last->start_ms : 0);
    }
  set_state (self, BARGE_TURN);
  if (!self->speaking && last != NULL && last->committed)
    answer (self);
}

/* The answer goes on with the sample after the last that left. */
static void
go_on (GstRealtimeSession *self, BargeState state)
{
  gboolean paused = self->barge == BARGE_PAUSED;

  gst_realtime_session_clear_timer (self, TIMER_BARGE);
  gst_realtime_session_clear_timer (self, TIMER_TURN);
  set_state (self, state);
  if (!paused)
    return;
  gst_realtime_playout_resume (self->playout);
  run_held_calls (self);
  gst_realtime_responder_user_turn (self->responder, FALSE);
}

/* None of it was a turn: it never happened. */
static void
forget_heard (GstRealtimeSession *self)
{
  g_autoptr (GPtrArray) all = g_steal_pointer (&self->heard);

  gst_realtime_session_turn_is_answered (self);
  self->heard = g_ptr_array_new_with_free_func ((GDestroyNotify)heard_free);
  for (guint i = 0; i < all->len; i++)
    {
      Heard *heard = g_ptr_array_index (all, i);

      if (heard->item_id == NULL || !heard->committed)
        continue;
      gst_realtime_session_drop (self, heard->item_id); /* its conversation.item.done */
      gst_realtime_session_delete_item (self, heard->item_id);
      self->listener.speech (self->user_data, GST_OPENAI_REALTIME_SPEECH_BACKCHANNEL,
                             heard->item_id, heard->ms);
    }
}

/* Nobody can tell any more what it was (the connection is lost, the VAD saw no
 * end of it): the answer goes on. */
void
gst_realtime_session_barge_give_up (GstRealtimeSession *self)
{
  self->turn_is_sure = FALSE;
  if (self->barge != BARGE_NONE)
    go_on (self, BARGE_NONE);
  g_ptr_array_set_size (self->heard, 0);
}

/**
 * gst_realtime_session_barge_wait_no_longer:
 *
 * Nothing came after the end of the speech for too long. Nothing waits any
 * more; but a turn whose commit is on its way is answered when that comes:
 * nobody else would.
 *
 * Returns: whether there is such a turn
 */
gboolean
gst_realtime_session_barge_wait_no_longer (GstRealtimeSession *self)
{
  Heard *last = self->heard->len > 0 ? g_ptr_array_index (self->heard, self->heard->len - 1) : NULL;

  if (self->barge != BARGE_TURN || self->speaking || last == NULL || last->committed)
    {
      gst_realtime_session_barge_give_up (self);
      return FALSE;
    }
  self->turn_is_sure = FALSE;
  go_on (self, BARGE_NONE);
  return TRUE;
}

/* The stop button: there is no answer to go on with, but what the caller says
 * may be a turn all the same. */
void
gst_realtime_session_barge_stop (GstRealtimeSession *self)
{
  drop_held_calls (self);
}

/* So little of the answer is left that nothing is lost with it. */
static gboolean
is_near_end (GstRealtimeSession *self)
{
  return gst_realtime_responder_get_state (self->responder) == GST_REALTIME_RESPONSE_FREE &&
         !gst_realtime_responder_has_calls (self->responder) &&
         gst_realtime_playout_get_queued_ms (self->playout) < NEAR_END_MS;
}

/* Whether @text is what the bot itself said just before it paused. */
static gboolean
is_echo (GstRealtimeSession *self, const char *text)
{
  GstRealtimeCut *current = gst_realtime_playout_get_current (self->playout);
  const char *all = current != NULL
                        ? gst_realtime_history_get_text (self->history, current->item_id)
                        : NULL;
  gboolean echo = FALSE;

  if (all != NULL && current->received_ms > 0)
    {
      g_autofree char *said = NULL;
      glong length = g_utf8_strlen (all, -1);
      glong at = (gint64)length * current->played_ms / current->received_ms;
      glong from = MAX (at - ECHO_BEFORE, 0);

      said = g_utf8_substring (all, from, MIN (at + ECHO_AFTER, length));
      echo = gst_realtime_backchannel_is_echo (text, said);
    }
  g_clear_pointer (&current, gst_realtime_cut_free);
  return echo;
}

static gboolean
is_harmless_text (GstRealtimeSession *self, const char *text)
{
  if (gst_realtime_backchannel_matches ("", text))
    return TRUE; /* a cough */
  if (self->barge == BARGE_PAUSED && is_near_end (self))
    return FALSE;
  return gst_realtime_backchannel_matches (self->settings->backchannel_words, text) ||
         is_echo (self, text);
}

/* Goes on if nothing that was said since is a turn, or may be one. */
static void
check_harmless (GstRealtimeSession *self)
{
  if (self->speaking || self->barge == BARGE_TURN)
    return;
  for (guint i = 0; i < self->heard->len; i++)
    if (!((Heard *)g_ptr_array_index (self->heard, i))->harmless)
      return;
  go_on (self, BARGE_NONE);
  forget_heard (self);
}

static gboolean
on_barge_timeout (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_BARGE);
  if (self->barge == BARGE_PAUSED && (self->speaking || is_near_end (self)))
    take_turn (self);
  else if (self->barge == BARGE_PAUSED)
    {
      /* If it was more after all, its transcript will say so. */
      go_on (self, BARGE_LATE);
      gst_realtime_session_set_timer (self, TIMER_BARGE, LATE_MS, on_barge_timeout);
    }
  else if (self->barge == BARGE_LATE)
    {
      go_on (self, BARGE_NONE);
      forget_heard (self);
    }
  gst_realtime_session_check_drained (self);
  return G_SOURCE_REMOVE;
}

static guint
silence_ms (GstRealtimeSession *self)
{
  return self->settings->turn_detection == GST_REALTIME_TURN_SEMANTIC_VAD
             ? SEMANTIC_SILENCE_MS
             : self->settings->silence_duration;
}

/* speech_started, with the service leaving all the rest to us. */
void
gst_realtime_session_barge_started (GstRealtimeSession *self, const char *item_id, guint start_ms)
{
  gint64 now = g_get_monotonic_time ();
  gboolean answering = gst_realtime_responder_is_answering (self->responder) ||
                       gst_realtime_responder_has_calls (self->responder) ||
                       g_hash_table_size (self->side_requests) > 0 ||
                       g_hash_table_size (self->side_active) > 0 ||
                       self->timers[TIMER_RETRY] != NULL;
  Heard *heard = g_new0 (Heard, 1);

  if (self->barge == BARGE_NONE)
    g_ptr_array_set_size (self->heard, 0); /* its commit never came */
  heard->item_id = g_strdup (item_id);
  heard->start_ms = start_ms;
  g_ptr_array_add (self->heard, heard);
  if (self->barge == BARGE_TURN)
    return; /* he goes on before the end of his turn was seen */

  answering |= gst_realtime_playout_pause (self->playout, now);
  if (!answering || self->turn_is_sure)
    {
      self->turn_is_sure = FALSE;
      gst_realtime_playout_resume (self->playout);
      take_turn (self);
      return;
    }
  set_state (self, BARGE_PAUSED);
  /* The VAD will take as long to see the end of it. */
  gst_realtime_session_set_timer (self, TIMER_BARGE,
                                  self->settings->backchannel_duration + silence_ms (self) +
                                      SLACK_MS,
                                  on_barge_timeout);
}

/* speech_stopped: how long it was is known. */
void
gst_realtime_session_barge_stopped (GstRealtimeSession *self, const char *item_id, guint end_ms)
{
  Heard *heard = find_heard (self, item_id);
  guint around;

  if (heard == NULL || self->barge != BARGE_PAUSED)
    return;
  around = silence_ms (self) + self->settings->prefix_padding;
  heard->ms = end_ms > heard->start_ms + around ? end_ms - heard->start_ms - around : 1;
  if (heard->ms > self->settings->backchannel_duration)
    take_turn (self);
  else
    gst_realtime_session_set_timer (self, TIMER_BARGE, self->settings->backchannel_timeout,
                                    on_barge_timeout);
}

/* input_audio_buffer.committed: it is an item now, and can be answered. */
void
gst_realtime_session_barge_committed (GstRealtimeSession *self, const char *item_id)
{
  Heard *heard = find_heard (self, item_id);

  if (heard == NULL)
    return;
  heard->committed = TRUE;
  if (self->barge == BARGE_TURN)
    take_turn (self);
  else if (self->barge == BARGE_NONE)
    answer (self); /* later than anybody waited for it */
  else if (self->settings->transcription_model == NULL ||
           *self->settings->transcription_model == '\0')
    gst_realtime_session_barge_heard (self, item_id, NULL);
}

/**
 * gst_realtime_session_barge_heard:
 * @text: (nullable): transcript of the item; %NULL: there won't be one, and how
 *   long it was must do
 */
void
gst_realtime_session_barge_heard (GstRealtimeSession *self, const char *item_id, const char *text)
{
  Heard *heard = find_heard (self, item_id);

  if (heard == NULL || self->barge == BARGE_TURN || self->barge == BARGE_NONE)
    return;
  heard->harmless = text != NULL ? is_harmless_text (self, text)
                                 : self->barge != BARGE_PAUSED || !is_near_end (self);
  GST_DEBUG_OBJECT (self, "'%s' (%u ms) is %s", text != NULL ? text : "", heard->ms,
                    heard->harmless ? "no turn" : "a turn");
  if (heard->harmless)
    check_harmless (self);
  else
    take_turn (self);
}
