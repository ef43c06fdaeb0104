/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Turns that the application ends (push to talk, turn-detection=none), and
 * what else it does to the conversation's items.
 *
 *   button down: interrupt, clear-input     button up: commit
 *
 * Nothing interrupts the answer by itself without a VAD.
 */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>

/* The service refuses to commit less. */
#define MIN_COMMIT_US (100 * 1000)
#define MAX_RAW       256

/* Sends the commit, if there is enough. Returns: whether there was */
gboolean
gst_realtime_session_send_commit (GstRealtimeSession *self)
{
  g_autofree char *id = NULL;

  if (self->uncommitted_us < MIN_COMMIT_US)
    return FALSE;
  id = gst_realtime_session_next_id (self);
  gst_realtime_session_send (self, gst_realtime_request_commit (id));
  self->uncommitted_us = 0;
  gst_realtime_playout_mark_turn (self->playout, g_get_monotonic_time ());
  return TRUE;
}

/**
 * gst_realtime_session_commit:
 * @respond: and ask for the answer
 *
 * The caller's turn is over. With a VAD the service decides that: refused.
 * Less than 100 ms is no turn: not sent, and reported.
 */
void
gst_realtime_session_commit (GstRealtimeSession *self, gboolean respond)
{
  if (self->state == SESSION_OVER)
    return;
  if (self->state != SESSION_READY || !g_queue_is_empty (&self->kept))
    {
      /* After the audio that is kept. */
      self->commit_waits = TRUE;
      self->commit_responds = respond;
      return;
    }
  if (self->has_turn_detection)
    {
      self->listener.error (self->user_data, "client_error", "commit_with_turn_detection",
                            _ ("The service itself ends the caller's turns: set the property "
                               "'turn-detection' to none first"));
      return;
    }
  if (!gst_realtime_session_send_commit (self))
    {
      self->listener.error (self->user_data, "client_error", "input_too_short",
                            _ ("Less than 100 ms of audio are no turn: nothing was committed"));
      return;
    }
  if (respond)
    gst_realtime_responder_wish (self->responder, gst_realtime_wish_new (NULL, FALSE, FALSE));
}

/* What was kept is sent. */
void
gst_realtime_session_commit_kept (GstRealtimeSession *self)
{
  if (!self->commit_waits)
    return;
  self->commit_waits = FALSE;
  gst_realtime_session_commit (self, self->commit_responds);
}

/* Forgets what was not committed. */
void
gst_realtime_session_clear_input (GstRealtimeSession *self)
{
  g_autofree char *id = gst_realtime_session_next_id (self);

  gst_realtime_session_forget_kept_audio (self);
  self->commit_waits = FALSE;
  self->uncommitted_us = 0;
  if (self->state == SESSION_READY)
    gst_realtime_session_send (self, gst_realtime_request_clear (id));
}

/* Takes @event: sent now, or when the connection is ready. */
static void
send_or_wait (GstRealtimeSession *self, char *event)
{
  if (self->state == SESSION_READY)
    gst_realtime_session_send (self, event);
  else if (self->state != SESSION_OVER && g_queue_get_length (&self->raw) < MAX_RAW)
    g_queue_push_tail (&self->raw, event);
  else
    g_free (event);
}

/**
 * gst_realtime_session_send_image:
 * @uri: a data URI
 * @text: (nullable): what the caller says about it
 *
 * Adds an image to the conversation; asks nothing. A new session after a loss
 * is told the text only.
 */
void
gst_realtime_session_send_image (GstRealtimeSession *self, const char *uri, const char *text)
{
  g_autofree char *id = gst_realtime_session_next_id (self);
  g_autofree char *item_id = g_strdup_printf ("item_%s", id);

  send_or_wait (self, gst_realtime_request_image (id, item_id, uri, text));
  if (self->state == SESSION_READY && text != NULL && *text != '\0')
    gst_realtime_history_add (self->history, item_id, NULL, "user", text);
}

/* The item comes with its audio, as the listener's item. */
void
gst_realtime_session_retrieve_item (GstRealtimeSession *self, const char *item_id)
{
  g_autofree char *id = gst_realtime_session_next_id (self);

  if (item_id != NULL && self->state == SESSION_READY)
    gst_realtime_session_send (self, gst_realtime_request_retrieve (id, item_id));
}

/* Out of the conversation, and out of what a new session is told. */
void
gst_realtime_session_forget_item (GstRealtimeSession *self, const char *item_id)
{
  if (item_id == NULL)
    return;
  if (self->state == SESSION_READY)
    gst_realtime_session_delete_item (self, item_id);
  else
    gst_realtime_history_remove (self->history, item_id);
}
