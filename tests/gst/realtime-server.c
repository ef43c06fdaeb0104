/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "realtime-server.h"

#include <libsoup/soup.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

struct _RealtimeServer
{
  ServerStage stage;
  guint http_status;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;
  SoupWebsocketConnection *connection; /* the last */
  GPtrArray *connections;
  char *url;

  GMutex lock;
  GCond cond;
  GPtrArray *events; /* JsonNode */
  GByteArray *audio;
  GHashTable *headers;
};

static void
record (RealtimeServer *self, JsonNode *node)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->events, node);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

static void
record_type (RealtimeServer *self, const char *type)
{
  g_autofree char *text = g_strdup_printf ("{\"type\":\"%s\"}", type);

  record (self, json_from_string (text, NULL));
}

static void
say (RealtimeServer *self, const char *text)
{
  if (self->connection != NULL &&
      soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->connection, text);
}

static void
on_message (SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer data)
{
  RealtimeServer *self = data;
  g_autofree char *text = g_strndup (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  JsonNode *node = json_from_string (text, NULL);
  const char *name;

  g_assert_nonnull (node);
  name = json_object_get_string_member (json_node_get_object (node), "type");
  if (strcmp (name, "input_audio_buffer.append") == 0)
    {
      gsize size;
      g_autofree guchar *audio =
          g_base64_decode (json_object_get_string_member (json_node_get_object (node), "audio"),
                           &size);

      g_mutex_lock (&self->lock);
      g_byte_array_append (self->audio, audio, size);
      g_mutex_unlock (&self->lock);
    }
  if (strcmp (name, "session.update") == 0 && self->stage == SERVER_READY)
    {
      JsonNode *reply = json_from_string (text, NULL); /* a copy would share the object */
      g_autofree char *reply_text = NULL;

      json_object_set_string_member (json_node_get_object (reply), "type", "session.updated");
      reply_text = json_to_string (reply, FALSE);
      say (self, reply_text);
      json_node_unref (reply);
    }
  record (self, node);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  RealtimeServer *self = data;

  if (self->connection == connection)
    self->connection = NULL;
  record_type (self, "closed");
}

static void
on_websocket (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              SoupWebsocketConnection *connection,
              gpointer data)
{
  RealtimeServer *self = data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->headers);
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_hash_table_insert (self->headers, g_ascii_strdown (name, -1), g_strdup (value));
  g_hash_table_insert (self->headers, g_strdup (":path"),
                       g_uri_to_string_partial (soup_server_message_get_uri (message),
                                                G_URI_HIDE_NONE));
  g_mutex_unlock (&self->lock);

  self->connection = connection;
  g_ptr_array_add (self->connections, g_object_ref (connection));
  soup_websocket_connection_set_max_incoming_payload_size (connection, 0);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  record_type (self, "connection");
  if (self->stage >= SERVER_CREATES)
    say (self, "{\"type\":\"session.created\",\"session\":{\"id\":\"s\"}}");
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  RealtimeServer *self = data;

  soup_server_message_set_status (message, self->http_status, NULL);
  record_type (self, "refused");
}

static gpointer
run (gpointer data)
{
  RealtimeServer *self = data;
  g_autoptr (GError) error = NULL;
  GSList *uris;

#ifdef __SANITIZE_ADDRESS__
  /* A client that goes before it is accepted leaves things of libsoup's server
   * behind. What this thread forgets is no concern of the element under test. */
  __lsan_disable ();
#endif
  g_main_context_push_thread_default (self->context);
  self->server = soup_server_new (NULL, NULL);
  if (self->stage == SERVER_REFUSES)
    soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  else
    soup_server_add_websocket_handler (self->server, NULL, NULL, NULL, on_websocket, self, NULL);
  g_assert_true (soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error));
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  g_mutex_lock (&self->lock);
  self->url = g_strdup_printf ("ws://127.0.0.1:%d/v1/realtime", g_uri_get_port (uris->data));
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);

  g_main_loop_run (self->loop);

  for (guint i = 0; i < self->connections->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->connections, i), self);
  g_ptr_array_set_size (self->connections, 0);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
#ifdef __SANITIZE_ADDRESS__
  __lsan_enable ();
#endif
  return NULL;
}

RealtimeServer *
realtime_server_new (ServerStage stage, guint http_status)
{
  RealtimeServer *self = g_new0 (RealtimeServer, 1);

  self->stage = stage;
  self->http_status = http_status;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->audio = g_byte_array_new ();
  self->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("server", run, self);
  g_mutex_lock (&self->lock);
  while (self->url == NULL)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
  return self;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (((RealtimeServer *)data)->loop);
  return G_SOURCE_REMOVE;
}

void
realtime_server_free (RealtimeServer *self)
{
  g_main_context_invoke (self->context, quit, self);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->events);
  g_ptr_array_unref (self->connections);
  g_byte_array_unref (self->audio);
  g_hash_table_unref (self->headers);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self->url);
  g_free (self);
}

const char *
realtime_server_get_url (RealtimeServer *self)
{
  return self->url;
}

static JsonNode *
find (RealtimeServer *self, const char *type, guint n, guint *count)
{
  *count = 0;
  for (guint i = 0; i < self->events->len; i++)
    {
      JsonNode *node = g_ptr_array_index (self->events, i);

      if (strcmp (json_object_get_string_member (json_node_get_object (node), "type"), type) == 0 &&
          ++*count == n)
        return node;
    }
  return NULL;
}

JsonNode *
realtime_server_wait (RealtimeServer *self, const char *type, guint n)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  JsonNode *node;
  guint count;

  g_mutex_lock (&self->lock);
  while ((node = find (self, type, n, &count)) == NULL)
    if (!g_cond_wait_until (&self->cond, &self->lock, deadline))
      g_error ("no %s (number %u; there were %u)", type, n, count);
  node = json_node_ref (node);
  g_mutex_unlock (&self->lock);
  return node;
}

guint
realtime_server_count (RealtimeServer *self, const char *type)
{
  guint count;

  g_mutex_lock (&self->lock);
  find (self, type, G_MAXUINT, &count);
  g_mutex_unlock (&self->lock);
  return count;
}

GByteArray *
realtime_server_get_audio (RealtimeServer *self)
{
  GByteArray *copy = g_byte_array_new ();

  g_mutex_lock (&self->lock);
  g_byte_array_append (copy, self->audio->data, self->audio->len);
  g_mutex_unlock (&self->lock);
  return copy;
}

typedef struct
{
  RealtimeServer *self;
  char *text;
} Speech;

static gboolean
send_now (gpointer data)
{
  Speech *speech = data;

  say (speech->self, speech->text);
  return G_SOURCE_REMOVE;
}

static void
speech_free (gpointer data)
{
  g_free (((Speech *)data)->text);
  g_free (data);
}

void
realtime_server_send (RealtimeServer *self, const char *json)
{
  Speech *speech = g_new (Speech, 1);

  speech->self = self;
  speech->text = g_strdelimit (g_strdup (json), "'", '"');
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, send_now, speech, speech_free);
}

void
realtime_server_send_text (RealtimeServer *self, const char *text, gsize size)
{
  Speech *speech = g_new (Speech, 1);

  speech->self = self;
  speech->text = g_strndup (text, size);
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, send_now, speech, speech_free);
}

/* A whole response with @audio, in pieces of odd sizes. */
void
realtime_server_speak (RealtimeServer *self, const char *response, const char *item, GBytes *audio)
{
  g_autofree char *created =
      g_strdup_printf ("{'type':'response.created','response':{'id':'%s','status':'in_progress'}}",
                       response);
  g_autofree char *audio_done = g_strdup_printf (
      "{'type':'response.output_audio.done','response_id':'%s','item_id':'%s','content_index':0}",
      response, item);
  g_autofree char *done = g_strdup_printf (
      "{'type':'response.done','response':{'id':'%s','status':'completed','output':[]}}", response);
  gsize size, at = 0;
  const guint8 *data = g_bytes_get_data (audio, &size);

  realtime_server_send (self, created);
  for (guint i = 0; at < size; i++)
    {
      gsize most = i % 3 == 0 ? 4801 : i % 3 == 1 ? 333 : 20000;
      gsize n = MIN (size - at, most);
      g_autofree char *base64 = g_base64_encode (data + at, n);
      g_autofree char *delta = g_strdup_printf (
          "{'type':'response.output_audio.delta','response_id':'%s','item_id':'%s',"
          "'output_index':0,'content_index':0,'delta':'%s'}",
          response, item, base64);

      realtime_server_send (self, delta);
      at += n;
    }
  realtime_server_send (self, audio_done);
  realtime_server_send (self, done);
}

static gboolean
drop_now (gpointer data)
{
  RealtimeServer *self = data;

  if (self->connection != NULL)
    g_io_stream_close (soup_websocket_connection_get_io_stream (self->connection), NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* The network fails: no close frame. */
void
realtime_server_drop (RealtimeServer *self)
{
  g_main_context_invoke (self->context, drop_now, self);
}

/* Of the last connection's request; ":path" is its URL. (transfer full) (nullable) */
char *
realtime_server_get_header (RealtimeServer *self, const char *name)
{
  char *value;

  g_mutex_lock (&self->lock);
  value = g_strdup (g_hash_table_lookup (self->headers, name));
  g_mutex_unlock (&self->lock);
  return value;
}
