/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A Realtime session: connecting, configuring, sending, stopping. What the
 * server's events do is in realtimesession-events.c.
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

#define CONFIGURE_MS  15000
#define CREATE_MS     15000
#define MAX_ATTEMPTS  6
#define MAX_SAYS      32 /* that are said again in a new session */
#define MAX_APPEND_MS 100
/* A connection that lasted so long was a good one: the next failure is the first. */
#define STEADY_US (10 * G_USEC_PER_SEC)

typedef struct
{
  GstRealtimeFormat format;
  GByteArray *data;
} KeptAudio;

G_DEFINE_TYPE (GstRealtimeSession, gst_realtime_session, G_TYPE_OBJECT)

static void
kept_free (KeptAudio *kept)
{
  g_byte_array_unref (kept->data);
  g_free (kept);
}

static guint
format_ms (GstRealtimeFormat format, gsize size)
{
  return size / gst_realtime_format_get_bytes_per_ms (format);
}

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

static gboolean
send_text (GstRealtimeSession *self, const char *text, gsize size)
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
  return send_text (self, text, strlen (text));
}

/* With a connection that is ready. Returns: the bytes that were handed to it */
gsize
gst_realtime_session_send_append (GstRealtimeSession *self,
                                  GstRealtimeFormat format,
                                  const guint8 *data,
                                  gsize size)
{
  gsize most = gst_realtime_format_get_bytes_per_ms (format) * MAX_APPEND_MS;
  gsize sent = 0;

  if (format != self->input)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      self->input = format;
      gst_realtime_session_send (
          self, gst_realtime_request_session_update (id, self->settings, self->input, self->output,
                                                     GST_REALTIME_UPDATE_FORMATS_ONLY));
    }

  while (sent < size)
    {
      gsize n = MIN (size - sent, most);

      gst_realtime_request_append (self->append, data + sent, n);
      if (!send_text (self, self->append->str, self->append->len))
        break;
      self->has_uncommitted = TRUE;
      g_mutex_lock (&self->stats->lock);
      self->stats->bytes_sent += n;
      self->stats->ms_sent += format_ms (format, n);
      g_mutex_unlock (&self->stats->lock);
      sent += n;
    }
  return sent;
}

static void
keep_audio (GstRealtimeSession *self, GstRealtimeFormat format, const guint8 *data, gsize size)
{
  KeptAudio *kept = g_new (KeptAudio, 1);

  kept->format = format;
  kept->data = g_byte_array_sized_new (size);
  g_byte_array_append (kept->data, data, size);
  g_queue_push_tail (&self->kept, kept);
  self->kept_ms += format_ms (format, size);

  while (self->kept_ms > GST_REALTIME_SESSION_KEEP_MS)
    {
      KeptAudio *oldest = g_queue_pop_head (&self->kept);
      guint ms = format_ms (oldest->format, oldest->data->len);

      if (self->stats->ms_lost == 0)
        GST_WARNING_OBJECT (self, "no connection for more than %d s: the oldest audio is dropped",
                            GST_REALTIME_SESSION_KEEP_MS / 1000);
      g_mutex_lock (&self->stats->lock);
      self->stats->ms_lost += ms;
      g_mutex_unlock (&self->stats->lock);
      self->kept_ms -= ms;
      kept_free (oldest);
    }
}

static void
send_kept_audio (GstRealtimeSession *self)
{
  KeptAudio *kept;

  while ((kept = g_queue_pop_head (&self->kept)) != NULL)
    {
      gsize sent =
          gst_realtime_session_send_append (self, kept->format, kept->data->data, kept->data->len);

      if (sent < kept->data->len)
        {
          g_byte_array_remove_range (kept->data, 0, sent);
          g_queue_push_head (&self->kept, kept);
          break;
        }
      kept_free (kept);
    }
  self->kept_ms = 0;
  for (GList *l = self->kept.head; l != NULL; l = l->next)
    self->kept_ms += format_ms (((KeptAudio *)l->data)->format, ((KeptAudio *)l->data)->data->len);
}

/**
 * gst_realtime_session_append:
 * @data: caller audio, whole samples in @format
 *
 * Sent at once when the connection is ready; otherwise (it is not there yet, or
 * is gone and we have not heard of that) the last %GST_REALTIME_SESSION_KEEP_MS
 * are kept and sent when it is.
 */
void
gst_realtime_session_append (GstRealtimeSession *self,
                             GstRealtimeFormat format,
                             const guint8 *data,
                             gsize size)
{
  if (size == 0 || self->state == SESSION_OVER)
    return;
  self->wanted_input = format;
  if (self->state == SESSION_READY && g_queue_is_empty (&self->kept))
    {
      gsize sent = gst_realtime_session_send_append (self, format, data, size);

      data += sent;
      size -= sent;
    }
  if (size > 0)
    keep_audio (self, format, data, size);
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

/* ---- connection -------------------------------------------------------- */

static void
clear_connection (GstRealtimeSession *self)
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
  g_queue_clear_full (&self->side_items, g_free);
  g_queue_clear_full (&self->dropped, g_free);
  g_queue_clear_full (&self->sounded, g_free);
  g_clear_pointer (&self->update_id, g_free);
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
  clear_connection (self);
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

  gst_realtime_session_lost (self, error);
  return G_SOURCE_REMOVE;
}

static void
open_transport (GstRealtimeSession *self)
{
  self->state = SESSION_CONNECTING;
  gst_realtime_transport_open (self->transport);
}

static gboolean
on_reconnect (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_RECONNECT);
  open_transport (self);
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
 * new one is tried, later each time (0.25 s doubled, a quarter of it random);
 * otherwise, and after too many attempts, the session has failed.
 */
void
gst_realtime_session_lost (GstRealtimeSession *self, const GError *error)
{
  gboolean retry = self->timers[TIMER_RETRY] != NULL;
  gboolean speaking = self->speaking;
  GHashTableIter iter;
  gpointer say;
  gboolean again;
  guint delay;

  if (self->state == SESSION_OVER || self->state == SESSION_IDLE)
    return;
  if (self->state == SESSION_READY && g_get_monotonic_time () - self->ready_us >= STEADY_US)
    self->attempts = 0;
  again = self->settings->reconnect && !is_final (error) && self->was_ready &&
          self->attempts < MAX_ATTEMPTS;
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
  clear_connection (self);
  gst_realtime_responder_lost (self->responder, speaking);
  if (retry)
    gst_realtime_responder_retry (self->responder);
  delay = self->attempts == 0 ? 0 : 125u << self->attempts;
  delay += g_random_int_range (0, delay / 4 + 20);
  self->attempts++;
  self->state = SESSION_WAITING;
  g_mutex_lock (&self->stats->lock);
  self->stats->reconnects++;
  g_mutex_unlock (&self->stats->lock);
  self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_RECONNECTING,
                             error->message);
  gst_realtime_session_set_timer (self, TIMER_RECONNECT, delay, on_reconnect);
}

static void
on_opened (GstRealtimeTransport *transport, gpointer user_data)
{
  GstRealtimeSession *self = user_data;

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
  self->input = self->wanted_input;
  self->has_spoken = FALSE;
  self->stale = FALSE;
  g_free (self->update_id);
  self->update_id = gst_realtime_session_next_id (self);
  gst_realtime_session_send (self, gst_realtime_request_session_update (self->update_id,
                                                                        self->settings, self->input,
                                                                        self->output, flags));
}

static void
restore_history (GstRealtimeSession *self)
{
  GPtrArray *entries = gst_realtime_history_get_entries (self->history);

  for (guint i = 0; i < entries->len; i++)
    {
      GstRealtimeEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *id = gst_realtime_session_next_id (self);

      /* Ids start anew with the session. */
      g_free (entry->item_id);
      entry->item_id = g_strdup_printf ("item_%s", id);
      if (entry->call_id != NULL)
        {
          gst_realtime_session_send (self, gst_realtime_request_function_call (id, entry->item_id,
                                                                               entry->call_id,
                                                                               entry->name,
                                                                               entry->arguments));
          if (entry->output != NULL)
            gst_realtime_session_send (self,
                                       gst_realtime_request_function_output (NULL, entry->call_id,
                                                                             entry->output));
        }
      else if (entry->text != NULL && *entry->text != '\0')
        gst_realtime_session_send (self, gst_realtime_request_message (id, entry->item_id,
                                                                       entry->role, entry->text));
    }
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
  self->ready_us = g_get_monotonic_time ();
  self->has_uncommitted = FALSE;
  if (self->stale)
    gst_realtime_session_set_settings (self, self->settings);

  restore_history (self);
  self->listener.connection (self->user_data, GST_OPENAI_REALTIME_CONNECTION_READY, NULL);
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
  send_kept_audio (self);
  if (self->draining)
    gst_realtime_session_end_input (self);
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
  GstRealtimeUpdateFlags flags = GST_REALTIME_UPDATE_SETTINGS;

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
  open_transport (self);
}

/* Harmless in every state; nothing is reported afterwards but "closed". */
void
gst_realtime_session_stop (GstRealtimeSession *self)
{
  gboolean was_open = self->state != SESSION_IDLE && self->state != SESSION_OVER;

  self->state = SESSION_OVER;
  clear_connection (self);
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
  g_signal_handlers_disconnect_by_data (self->transport, self);
  g_object_unref (self->transport);
  g_clear_pointer (&self->settings, gst_realtime_settings_free);
  g_clear_pointer (&self->log, gst_realtime_log_close);
  g_clear_pointer (&self->update_id, g_free);
  g_string_free (self->append, TRUE);
  g_queue_clear_full (&self->kept, (GDestroyNotify)kept_free);
  g_queue_clear_full (&self->says, g_free);
  g_queue_clear_full (&self->raw, g_free);
  g_queue_clear_full (&self->dropped, g_free);
  g_queue_clear_full (&self->sounded, g_free);
  g_queue_clear_full (&self->side_items, g_free);
  g_hash_table_unref (self->formats);
  gst_realtime_responder_free (self->responder);
  gst_realtime_history_free (self->history);
  g_hash_table_unref (self->side_requests);
  g_hash_table_unref (self->side_active);
  g_hash_table_unref (self->texts);
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
  self->formats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->side_requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->side_active = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_gstring);
  self->has_turn_detection = TRUE;
  self->create_response = TRUE;
  self->interrupt_response = TRUE;
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
  g_signal_connect (transport, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect (transport, "message", G_CALLBACK (on_message), self);
  g_signal_connect (transport, "closed", G_CALLBACK (on_closed), self);
  return self;
}
