/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A Realtime session: its life, its timers, what it sends. The rest of it is in
 * the other files of its name: connection, input (caller audio), bargein,
 * events (of the server), actions (of the application).
 *
 *   session.created → session.update → session.updated → ready
 *     → what was said before (after a reconnection) → greeting → caller audio
 */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "openairealtime.h"
#include "realtimejson.h"

GST_DEBUG_CATEGORY (gst_realtime_session_debug);
#define GST_CAT_DEFAULT gst_realtime_session_debug

#define CREATE_MS 15000

G_DEFINE_TYPE (GstRealtimeSession, gst_realtime_session, G_TYPE_OBJECT)

/* ---- timers ------------------------------------------------------------ */

void
gst_realtime_session_clear_timer (GstRealtimeSession *self, TimerId id)
{
  if (self->timers[id] == NULL)
    return;
  g_source_destroy (self->timers[id]);
  g_clear_pointer (&self->timers[id], g_source_unref);
}

void
gst_realtime_session_set_timer (GstRealtimeSession *self, TimerId id, guint ms, GSourceFunc func)
{
  gst_realtime_session_clear_timer (self, id);
  self->timers[id] = g_timeout_source_new (ms);
  g_source_set_callback (self->timers[id], func, self, NULL);
  g_source_attach (self->timers[id], g_main_context_get_thread_default ());
}

/* ---- sending ----------------------------------------------------------- */

/* Returns: (transfer full): an id that is unique in this session object */
char *
gst_realtime_session_next_id (GstRealtimeSession *self)
{
  return g_strdup_printf ("client_%u", ++self->n_events);
}

/* Returns: whether it was handed to the connection */
gboolean
gst_realtime_session_transmit (GstRealtimeSession *self, const char *text, gsize size)
{
  if (!gst_realtime_transport_send (self->transport, text, size))
    return FALSE;
  if (self->log != NULL)
    gst_realtime_session_log_event (self, "client", text, size);
  return TRUE;
}

/* With a log. Anything but audio may hold a secret of an MCP tool. */
void
gst_realtime_session_log_event (GstRealtimeSession *self,
                                const char *from,
                                const char *text,
                                gsize size)
{
  g_autofree char *redacted =
      text != self->append->str ? gst_realtime_json_redact (text, size) : NULL;

  if (redacted != NULL)
    gst_realtime_log_event (self->log, from, redacted, strlen (redacted));
  else
    gst_realtime_log_event (self->log, from, text, size);
}

/* Takes @event. Returns: whether it was handed to the connection */
gboolean
gst_realtime_session_send (GstRealtimeSession *self, char *event)
{
  g_autofree char *text = event;

  if (gst_debug_category_get_threshold (GST_CAT_DEFAULT) >= GST_LEVEL_LOG)
    {
      g_autofree char *redacted = gst_realtime_json_redact (text, strlen (text));

      GST_LOG_OBJECT (self, "sending %s", redacted != NULL ? redacted : text);
    }
  return gst_realtime_session_transmit (self, text, strlen (text));
}

/* ---- responses --------------------------------------------------------- */

static gboolean
on_create_timeout (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_CREATE);
  if (gst_realtime_responder_timeout (self->responder))
    self->listener.error (self->user_data, "timeout", NULL,
                          _ ("The service did not answer a request for a response"));
  gst_realtime_session_check_drained (self);
  return G_SOURCE_REMOVE;
}

static char *
create_response (gpointer user_data, const GstRealtimeWish *wish)
{
  GstRealtimeSession *self = user_data;
  char *id = gst_realtime_session_next_id (self);

  gst_realtime_session_send (self, gst_realtime_request_response_create (id, wish));
  gst_realtime_session_set_timer (self, TIMER_CREATE, CREATE_MS, on_create_timeout);
  return id;
}

/* Asks for @text to be spoken out of band. */
void
gst_realtime_session_send_say (GstRealtimeSession *self, const char *text)
{
  g_autoptr (GstRealtimeWish) wish = gst_realtime_wish_new (text, TRUE, TRUE);
  char *id = gst_realtime_session_next_id (self);

  gst_realtime_session_send (self, gst_realtime_request_response_create (id, wish));
  g_hash_table_insert (self->side_requests, id, g_strdup (text));
}

/* ---- life -------------------------------------------------------------- */

/* (transfer full) (nullable) */
void
gst_realtime_session_set_log (GstRealtimeSession *self, GstRealtimeLog *log)
{
  g_clear_pointer (&self->log, gst_realtime_log_close);
  self->log = log;
}

/* Before the start, or later: then a session.update follows. */
void
gst_realtime_session_set_settings (GstRealtimeSession *self, const GstRealtimeSettings *settings)
{
  GstRealtimeUpdateFlags flags = GST_REALTIME_UPDATE_SETTINGS | GST_REALTIME_UPDATE_CHANGE;

  if (settings != self->settings)
    {
      g_autofree char *key = g_steal_pointer (&self->settings->api_key);

      gst_realtime_settings_free (self->settings);
      self->settings = gst_realtime_settings_copy (settings);
      /* It can't change, but must be known to be kept out of what is told. */
      if (key != NULL)
        {
          g_free (self->settings->api_key);
          self->settings->api_key = g_steal_pointer (&key);
        }
    }
  gst_realtime_settings_get_barge_in (self->settings, &self->reversible, &self->asks);
  self->stale = self->state == SESSION_CONFIGURING;
  if (self->state == SESSION_READY)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      if (!self->has_spoken)
        flags |= GST_REALTIME_UPDATE_VOICE;
      gst_realtime_session_send (self, gst_realtime_request_session_update (id, self->settings,
                                                                            self->input,
                                                                            self->output, flags));
    }
}

/* What the caps of the sink pad say, before any audio comes. */
void
gst_realtime_session_set_input_format (GstRealtimeSession *self, GstRealtimeFormat format)
{
  self->wanted_input = format;
}

/* What the src pad negotiated. */
void
gst_realtime_session_set_output_format (GstRealtimeSession *self, GstRealtimeFormat format)
{
  if (self->output == format)
    return;
  self->output = format;
  if (self->state == SESSION_READY || self->state == SESSION_CONFIGURING)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      gst_realtime_session_send (
          self, gst_realtime_request_session_update (id, self->settings, self->input, self->output,
                                                     GST_REALTIME_UPDATE_FORMATS_ONLY));
    }
}

void
gst_realtime_session_start (GstRealtimeSession *self)
{
  self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_CONNECTING, NULL);
  gst_realtime_session_open (self);
}

/* Harmless in every state; nothing is reported afterwards but "closed". */
void
gst_realtime_session_stop (GstRealtimeSession *self)
{
  gboolean was_open = self->state != SESSION_IDLE && self->state != SESSION_OVER;

  self->state = SESSION_OVER;
  gst_realtime_session_close_connection (self);
  gst_realtime_session_drop_next (self);
  gst_realtime_session_clear_timer (self, TIMER_DRAIN);
  if (was_open)
    self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_CLOSED, NULL);
}

static void
gst_realtime_session_finalize (GObject *object)
{
  GstRealtimeSession *self = GST_REALTIME_SESSION (object);

  for (guint i = 0; i < N_TIMERS; i++)
    gst_realtime_session_clear_timer (self, i);
  gst_realtime_session_drop_next (self);
  g_signal_handlers_disconnect_by_data (self->transport, self);
  g_object_unref (self->transport);
  g_clear_pointer (&self->settings, gst_realtime_settings_free);
  g_clear_pointer (&self->log, gst_realtime_log_close);
  g_clear_pointer (&self->update_id, g_free);
  g_string_free (self->append, TRUE);
  gst_realtime_session_forget_kept_audio (self);
  gst_realtime_session_forget_sent_audio (self);
  g_queue_clear_full (&self->silent, g_free);
  g_queue_clear_full (&self->says, g_free);
  g_queue_clear_full (&self->raw, g_free);
  g_queue_clear_full (&self->dropped, g_free);
  g_queue_clear_full (&self->sounded, g_free);
  g_queue_clear_full (&self->side_items, g_free);
  g_hash_table_unref (self->formats);
  gst_realtime_responder_free (self->responder);
  gst_realtime_history_free (self->history);
  gst_realtime_mcp_free (self->mcp);
  g_hash_table_unref (self->asides);
  g_hash_table_unref (self->side_requests);
  g_hash_table_unref (self->side_active);
  g_hash_table_unref (self->texts);
  g_ptr_array_unref (self->heard);
  g_ptr_array_unref (self->held_calls);
  G_OBJECT_CLASS (gst_realtime_session_parent_class)->finalize (object);
}

static void
gst_realtime_session_class_init (GstRealtimeSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_realtime_session_finalize;
  GST_DEBUG_CATEGORY_INIT (gst_realtime_session_debug, "openairealtimesession", 0,
                           "Realtime API session");
}

static void
free_gstring (gpointer string)
{
  g_string_free (string, TRUE);
}

static void
gst_realtime_session_init (GstRealtimeSession *self)
{
  self->settings = gst_realtime_settings_new ();
  self->append = g_string_sized_new (2048);
  self->responder = gst_realtime_responder_new (create_response, self);
  self->history = gst_realtime_history_new ();
  self->mcp = gst_realtime_mcp_new ();
  gst_realtime_session_aside_init (self);
  self->formats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->side_requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->side_active = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_gstring);
  self->has_turn_detection = TRUE;
  self->create_response = TRUE;
  self->interrupt_response = TRUE;
  gst_realtime_session_barge_init (self);
}

/**
 * gst_realtime_session_new:
 * @transport: (transfer none): not open yet
 * @playout: (transfer none): must outlive the session
 * @stats: (transfer none): must outlive the session
 * @listener: copied
 */
GstRealtimeSession *
gst_realtime_session_new (GstRealtimeTransport *transport,
                          GstRealtimePlayout *playout,
                          GstRealtimeStats *stats,
                          const GstRealtimeListener *listener,
                          gpointer user_data)
{
  GstRealtimeSession *self = g_object_new (GST_TYPE_REALTIME_SESSION, NULL);

  self->transport = g_object_ref (transport);
  self->playout = playout;
  self->stats = stats;
  self->listener = *listener;
  self->user_data = user_data;
  gst_realtime_session_watch_transport (self);
  return self;
}
