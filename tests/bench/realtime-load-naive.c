/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The obvious client: libsoup, a JSON tree for every event both ways, base64
 * by GLib, one thread. */
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "realtime-load.h"

typedef struct
{
  SoupWebsocketConnection *connection;
  GByteArray *queue;
} Session;

static SoupSession *soup;
static Session *sessions;
static guint64 n_received;

static void
send_json (Session *s, JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);

  soup_websocket_connection_send_text (s->connection, text);
}

static void
on_message (SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer user_data)
{
  Session *s = user_data;
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize size;
  const char *text = g_bytes_get_data (message, &size);
  JsonObject *event;
  const char *name;

  if (!json_parser_load_from_data (parser, text, size, NULL))
    return;
  event = json_node_get_object (json_parser_get_root (parser));
  name = json_object_get_string_member (event, "type");
  if (strcmp (name, "session.created") == 0)
    {
      g_autoptr (JsonBuilder) b = json_builder_new ();

      json_builder_begin_object (b);
      json_builder_set_member_name (b, "type");
      json_builder_add_string_value (b, "session.update");
      json_builder_end_object (b);
      send_json (s, b);
    }
  else if (strcmp (name, "response.output_audio.delta") == 0)
    {
      gsize length;
      g_autofree guchar *audio =
          g_base64_decode (json_object_get_string_member (event, "delta"), &length);

      g_byte_array_append (s->queue, audio, length);
      n_received += length;
    }
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Session *s = user_data;
  g_autoptr (GError) error = NULL;

  s->connection = soup_session_websocket_connect_finish (soup, result, &error);
  if (s->connection == NULL)
    g_error ("no connection: %s", error->message);
  g_signal_connect (s->connection, "message", G_CALLBACK (on_message), s);
}

static void
start (guint n, guint16 port)
{
  g_autofree char *url = g_strdup_printf ("ws://127.0.0.1:%u/v1/realtime?model=m", port);

  soup = soup_session_new_with_options ("max-conns", 1000, "max-conns-per-host", 1000, NULL);
  sessions = g_new0 (Session, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SoupMessage) message = soup_message_new ("GET", url);

      sessions[i].queue = g_byte_array_new ();
      soup_session_websocket_connect_async (soup, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL,
                                            on_connected, &sessions[i]);
      while (sessions[i].connection == NULL)
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
tick (guint i, const guint8 *frame)
{
  Session *s = &sessions[i];
  g_autofree char *base64 = g_base64_encode (frame, FRAME_SIZE);
  g_autoptr (JsonBuilder) b = json_builder_new ();

  json_builder_begin_object (b);
  json_builder_set_member_name (b, "type");
  json_builder_add_string_value (b, "input_audio_buffer.append");
  json_builder_set_member_name (b, "audio");
  json_builder_add_string_value (b, base64);
  json_builder_end_object (b);
  send_json (s, b);
  if (s->queue->len >= FRAME_SIZE)
    g_byte_array_remove_range (s->queue, 0, FRAME_SIZE);
}

static gboolean
on_time (GSource *source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return G_SOURCE_CONTINUE;
}

static void
wait_until (gint64 until)
{
  static GSourceFuncs funcs = { .dispatch = on_time };
  static GSource *alarm;

  if (alarm == NULL)
    {
      alarm = g_source_new (&funcs, sizeof (GSource));
      g_source_attach (alarm, NULL);
    }
  g_source_set_ready_time (alarm, until);
  while (g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, TRUE);
}

static guint64
received (void)
{
  return n_received;
}

const LoadKind load_naive = { "naive", start, tick, wait_until, received };
