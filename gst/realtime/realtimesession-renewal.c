/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The end that every session has (PROTOCOL: 60 minutes, session.expires_at), met
 * ahead of time: a second connection is made and configured while the first
 * still serves, and takes over in a pause.
 *
 *   created ───────── lead ──┬───────────────────┬──── expires_at
 *                            next is made …      pause: it takes over
 *
 * If no pause comes, it takes over when the service ends the first one.
 */
#include "config.h"

#include "realtimesession-private.h"

#include <string.h>

#include "openairealtime.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

#define SESSION_S 3600
/* For session.created and session.updated of the next. */
#define NEXT_MS   15000
#define RETRY_MS  10000
/* A clock that says otherwise is wrong. */
#define LONGEST_S (24 * 3600)

static gboolean on_renew (gpointer data);

/* The connection that was to take over, if any. */
void
gst_realtime_session_drop_next (GstRealtimeSession *self)
{
  self->next_ready = FALSE;
  g_clear_pointer (&self->next_updated, g_free);
  if (self->next == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->next, self);
  gst_realtime_transport_close (self->next, 1000, NULL);
  g_clear_object (&self->next);
}

static void
try_later (GstRealtimeSession *self)
{
  gst_realtime_session_drop_next (self);
  gst_realtime_session_set_timer (self, TIMER_RENEW, RETRY_MS, on_renew);
}

static void
log_next (GstRealtimeSession *self, const char *from, const char *text, gsize size)
{
  g_autofree char *hidden = NULL;

  if (self->log == NULL)
    return;
  hidden = gst_realtime_settings_hide_secrets (self->settings, text, size);
  if (hidden != NULL)
    text = hidden;
  gst_realtime_log_set_next (self->log, TRUE);
  gst_realtime_session_log_event (self, from, text, size);
  gst_realtime_log_set_next (self->log, FALSE);
}

static void
on_next_opened (GstRealtimeTransport *transport, gpointer user_data)
{
  GstRealtimeSession *self = user_data;

  if (self->log == NULL)
    return;
  gst_realtime_log_set_next (self->log, TRUE);
  gst_realtime_log_note (self->log, "connected", NULL);
  gst_realtime_log_set_next (self->log, FALSE);
}

static void
on_next_message (GstRealtimeTransport *transport, GBytes *message, gpointer user_data)
{
  GstRealtimeSession *self = user_data;
  gsize size;
  const char *text = g_bytes_get_data (message, &size);
  g_autoptr (GstRealtimeEvent) event =
      gst_realtime_event_parse (text != NULL ? text : "", size, NULL);

  if (event == NULL || self->next_ready)
    return;
  log_next (self, "server", text, size);
  if (event->type == GST_REALTIME_EVENT_SESSION_CREATED)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);
      g_autofree char *update = gst_realtime_request_session_update (
          id, self->settings, self->wanted_input, self->output,
          GST_REALTIME_UPDATE_SETTINGS | GST_REALTIME_UPDATE_VOICE);

      self->next_expires_at = event->session.expires_at;
      gst_realtime_transport_send (self->next, update, strlen (update));
      log_next (self, "client", update, strlen (update));
    }
  else if (event->type == GST_REALTIME_EVENT_SESSION_UPDATED)
    {
      gst_realtime_session_clear_timer (self, TIMER_RENEW);
      self->next_updated = g_strndup (text, size);
      self->next_ready = TRUE;
      gst_realtime_session_check_renewal (self);
    }
  else if (event->type == GST_REALTIME_EVENT_ERROR)
    {
      GST_INFO_OBJECT (self, "the next session is refused: %s", event->error.message);
      try_later (self);
    }
}

static void
on_next_closed (GstRealtimeTransport *transport,
                guint code,
                const GError *error,
                gpointer user_data)
{
  GST_INFO_OBJECT (user_data, "no next session: %s", error != NULL ? error->message : "closed");
  try_later (user_data);
}

static gboolean
on_renew (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_drop_next (self);
  self->next = gst_realtime_transport_clone (self->transport);
  if (self->next == NULL)
    {
      gst_realtime_session_clear_timer (self, TIMER_RENEW);
      return G_SOURCE_REMOVE;
    }
  gst_realtime_session_set_timer (self, TIMER_RENEW, NEXT_MS, on_renew);
  g_signal_connect (self->next, "opened", G_CALLBACK (on_next_opened), self);
  g_signal_connect (self->next, "message", G_CALLBACK (on_next_message), self);
  g_signal_connect (self->next, "closed", G_CALLBACK (on_next_closed), self);
  gst_realtime_transport_open (self->next);
  return G_SOURCE_REMOVE;
}

/* A session has begun: when is the next due? */
void
gst_realtime_session_plan_renewal (GstRealtimeSession *self)
{
  gint64 seconds = SESSION_S;
  guint lead = self->settings->renewal_lead;

  if (self->expires_at > 0)
    seconds = self->expires_at - g_get_real_time () / G_USEC_PER_SEC;
  if (seconds <= 0 || seconds > LONGEST_S)
    seconds = SESSION_S;
  if (lead == 0 || !self->settings->reconnect)
    return;
  lead = MIN (lead, seconds / 2);
  gst_realtime_session_set_timer (self, TIMER_RENEW, (seconds - lead) * 1000, on_renew);
}

/* Nobody speaks, nobody is going to, nothing is under way but tools. */
static gboolean
is_pause (GstRealtimeSession *self)
{
  return self->state == SESSION_READY && self->turn == TURN_NONE && !self->speaking &&
         (self->has_turn_detection || self->uncommitted_us == 0) &&
         !gst_realtime_responder_is_busy (self->responder) &&
         g_hash_table_size (self->side_requests) == 0 &&
         g_hash_table_size (self->side_active) == 0 && g_hash_table_size (self->asides) == 0 &&
         !gst_realtime_session_mcp_is_busy (self) && self->timers[TIMER_RETRY] == NULL &&
         gst_realtime_playout_is_empty (self->playout);
}

/**
 * gst_realtime_session_take_over:
 *
 * With the next connection ready and the old one closed or about to be: the
 * next becomes the session.
 *
 * Returns: whether there was one
 */
gboolean
gst_realtime_session_take_over (GstRealtimeSession *self)
{
  g_autofree char *updated = g_steal_pointer (&self->next_updated);

  if (!self->next_ready)
    {
      gst_realtime_session_drop_next (self);
      return FALSE;
    }
  self->next_ready = FALSE;
  g_signal_handlers_disconnect_by_data (self->transport, self);
  g_signal_handlers_disconnect_by_data (self->next, self);
  g_object_unref (self->transport);
  self->transport = g_steal_pointer (&self->next);
  gst_realtime_session_watch_transport (self);

  self->state = SESSION_CONFIGURING;
  gst_realtime_session_forget_sent_audio (self);
  self->input = self->wanted_input;
  self->has_spoken = FALSE;
  self->stale = TRUE; /* settings may have changed since its update was sent */
  self->expires_at = self->next_expires_at;
  gst_realtime_session_handle (self, updated, strlen (updated));
  return TRUE;
}

/* To be called when a pause may have begun. */
void
gst_realtime_session_check_renewal (GstRealtimeSession *self)
{
  if (!self->next_ready || !is_pause (self))
    return;
  GST_INFO_OBJECT (self, "the next session takes over");
  if (self->log != NULL)
    gst_realtime_log_note (self->log, "renewed", NULL);
  gst_realtime_session_take_stock (self);
  gst_realtime_session_close_connection (self);
  self->renewed = TRUE;
  g_mutex_lock (&self->stats->lock);
  self->stats->renewals++;
  g_mutex_unlock (&self->stats->lock);
  gst_realtime_session_take_over (self);
}
