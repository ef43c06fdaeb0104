/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The connection of a Realtime session: made, configured, lost, made again
 * with what was said before.
 */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>

#include "openairealtime.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

#define CONFIGURE_MS 15000
#define MAX_ATTEMPTS 6
/* Before the first session: a server that accepts and hangs up may do better
 * the next time; a wrong address won't, and is to be told soon. */
#define MAX_FIRST_ATTEMPTS 3
#define MAX_SAYS     32 /* that are said again in a new session */
/* A connection that lasted so long was a good one: the next failure is the first. */
#define STEADY_US (10 * G_USEC_PER_SEC)

/* Whatever belongs to the connection is gone with it. */
void
gst_realtime_session_close_connection (GstRealtimeSession *self)
{
  for (guint i = 0; i < N_TIMERS; i++)
    if (i != TIMER_DRAIN)
      gst_realtime_session_clear_timer (self, i);
  gst_realtime_transport_close (self->transport, 1000, NULL);
  gst_realtime_playout_detach (self->playout);
  /* A new session may use the ids of the old one again. */
  g_hash_table_remove_all (self->side_requests);
  g_hash_table_remove_all (self->side_active);
  g_hash_table_remove_all (self->formats);
  g_hash_table_remove_all (self->texts);
  gst_realtime_session_mcp_clear (self);
  gst_realtime_session_aside_lost (self);
  g_queue_clear_full (&self->side_items, g_free);
  g_queue_clear_full (&self->dropped, g_free);
  g_queue_clear_full (&self->sounded, g_free);
  g_queue_clear_full (&self->silent, g_free);
  g_clear_pointer (&self->update_id, g_free);
  gst_realtime_session_barge_clear (self);
  self->speaking = FALSE;
}

/* It is over for good. */
void
gst_realtime_session_fail (GstRealtimeSession *self, const GError *error)
{
  if (self->state == SESSION_OVER)
    return;
  GST_WARNING_OBJECT (self, "%s", error->message);
  self->state = SESSION_OVER;
  if (self->log != NULL)
    gst_realtime_log_note (self->log, "failed", error->message);
  gst_realtime_session_close_connection (self);
  gst_realtime_session_drop_next (self);
  self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_FAILED,
                             error->message);
  self->listener.fatal (self->user_data, error);
}

static gboolean
on_configure_timeout (gpointer data)
{
  GstRealtimeSession *self = data;
  g_autoptr (GError) error =
      g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE,
                   _ ("The Realtime API opened no session within %d s: check the property "
                      "'base-url'"),
                   CONFIGURE_MS / 1000);

  if (self->was_ready)
    gst_realtime_session_lost (self, error);
  else
    gst_realtime_session_fail (self, error);
  return G_SOURCE_REMOVE;
}

void
gst_realtime_session_open (GstRealtimeSession *self)
{
  self->state = SESSION_CONNECTING;
  self->opened = FALSE;
  gst_realtime_transport_open (self->transport);
}

static gboolean
on_reconnect (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_RECONNECT);
  gst_realtime_session_open (self);
  return G_SOURCE_REMOVE;
}

/* Nothing a further attempt could change. */
static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED) ||
         g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND) ||
         g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
}

/**
 * gst_realtime_session_lost:
 *
 * The connection ended, or could not be made. With the property reconnect a
 * new one is tried, later each time (see gst_realtime_session_back_off());
 * otherwise, and after too many attempts, the session has failed.
 */
void
gst_realtime_session_lost (GstRealtimeSession *self, const GError *error)
{
  gboolean retry = self->timers[TIMER_RETRY] != NULL;
  GHashTableIter iter;
  gpointer say;
  gboolean again;
  guint delay;

  if (self->state == SESSION_OVER || self->state == SESSION_IDLE)
    return;
  if (self->state == SESSION_READY && g_get_monotonic_time () - self->ready_us >= STEADY_US)
    self->attempts = 0;
  again = self->settings->reconnect && !is_final (error) && (self->was_ready || self->opened) &&
          self->attempts < (self->was_ready ? MAX_ATTEMPTS : MAX_FIRST_ATTEMPTS);
  if (!again)
    {
      gst_realtime_session_fail (self, error);
      return;
    }

  GST_INFO_OBJECT (self, "%s; reconnecting", error->message);
  if (self->log != NULL)
    gst_realtime_log_note (self->log, "lost", error->message);
  g_hash_table_iter_init (&iter, self->side_requests);
  while (g_hash_table_iter_next (&iter, NULL, &say))
    if (g_queue_get_length (&self->says) < MAX_SAYS)
      g_queue_push_tail (&self->says, g_strdup (say));
  gst_realtime_session_take_stock (self);
  gst_realtime_session_close_connection (self);
  if (retry)
    gst_realtime_responder_retry (self->responder);
  g_mutex_lock (&self->stats->lock);
  self->stats->reconnects++;
  g_mutex_unlock (&self->stats->lock);
  self->state = SESSION_WAITING;
  self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_RECONNECTING,
                             error->message);
  if (gst_realtime_session_take_over (self))
    return;
  delay = gst_realtime_session_back_off (self->attempts++);
  gst_realtime_session_set_timer (self, TIMER_RECONNECT, delay, on_reconnect);
}

static void
on_opened (GstRealtimeTransport *transport, gpointer user_data)
{
  GstRealtimeSession *self = user_data;

  self->opened = TRUE;
  if (self->log != NULL)
    gst_realtime_log_note (self->log, "connected", NULL);
  gst_realtime_session_set_timer (self, TIMER_CONFIGURE, CONFIGURE_MS, on_configure_timeout);
}

static void
on_message (GstRealtimeTransport *transport, GBytes *message, gpointer user_data)
{
  GstRealtimeSession *self = user_data;
  gsize size;
  const char *text = g_bytes_get_data (message, &size);

  gst_realtime_session_handle (self, text != NULL ? text : "", size);
}

static void
on_closed (GstRealtimeTransport *transport, guint code, const GError *error, gpointer user_data)
{
  GstRealtimeSession *self = user_data;
  g_autoptr (GError) other = NULL;

  if (error == NULL)
    error = other = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                                 _ ("The Realtime API closed the connection"));
  if (self->log != NULL && code != 0)
    {
      g_autofree char *detail = g_strdup_printf ("%u", code);

      gst_realtime_log_note (self->log, "closed", detail);
    }
  /* 4000: the service refuses the kind of client, and would again. */
  if (code == 4000)
    gst_realtime_session_fail (self, error);
  else
    gst_realtime_session_lost (self, error);
}

/* session.created has come: send what we want the session to be. */
void
gst_realtime_session_configure (GstRealtimeSession *self)
{
  GstRealtimeUpdateFlags flags = GST_REALTIME_UPDATE_SETTINGS | GST_REALTIME_UPDATE_VOICE;

  self->state = SESSION_CONFIGURING;
  gst_realtime_session_forget_sent_audio (self);
  self->input = self->wanted_input;
  self->has_spoken = FALSE;
  self->stale = FALSE;
  g_free (self->update_id);
  self->update_id = gst_realtime_session_next_id (self);
  gst_realtime_session_send (self, gst_realtime_request_session_update (self->update_id,
                                                                        self->settings, self->input,
                                                                        self->output, flags));
}

/* session.updated has come. */
void
gst_realtime_session_ready (GstRealtimeSession *self)
{
  gboolean first = !self->was_ready;
  char *text;

  gst_realtime_session_clear_timer (self, TIMER_CONFIGURE);
  g_clear_pointer (&self->update_id, g_free);
  self->state = SESSION_READY;
  self->was_ready = TRUE;
  self->ready_us = self->heard_us = g_get_monotonic_time ();
  self->uncommitted_us = 0;
  if (self->stale)
    gst_realtime_session_set_settings (self, self->settings);

  gst_realtime_session_mcp_ready (self);
  gst_realtime_session_restore (self);
  gst_realtime_session_plan_renewal (self);
  gst_realtime_session_watch_answers (self);
  self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_READY,
                             self->renewed ? "renewed" : NULL);
  self->renewed = FALSE;
  while (self->state == SESSION_READY && (text = g_queue_pop_head (&self->raw)) != NULL)
    gst_realtime_session_send (self, text);
  if (first && self->settings->greeting != NULL && *self->settings->greeting != '\0')
    gst_realtime_responder_wish (self->responder,
                                 gst_realtime_wish_new (self->settings->greeting, TRUE, FALSE));
  gst_realtime_responder_unblock (self->responder);
  while ((text = g_queue_pop_head (&self->says)) != NULL)
    {
      gst_realtime_session_send_say (self, text);
      g_free (text);
    }
  gst_realtime_session_aside_ready (self);
  gst_realtime_session_send_kept_audio (self);
  if (self->draining)
    gst_realtime_session_end_input (self);
}

void
gst_realtime_session_watch_transport (GstRealtimeSession *self)
{
  g_signal_connect (self->transport, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect (self->transport, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->transport, "closed", G_CALLBACK (on_closed), self);
}
