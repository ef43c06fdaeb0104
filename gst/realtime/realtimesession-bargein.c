/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Barge-in of a Realtime session: silence, and the service is told what was
 * heard.
 */
#include "config.h"

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
