/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-client-private.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"

/* Bytes of the operator's voice that may wait in this program: what the network
 * does not take for so long is not said any more (half a second). */
#define MAX_WAITING (25 * BB_OPERATOR_LINE_UP_BYTES)
#define MAX_MESSAGE_BYTES 4096
#define KEEPALIVE_SECONDS 5

#define BB_TYPE_API_LINE (bb_api_line_get_type ())
G_DECLARE_FINAL_TYPE (BbApiLine, bb_api_line, BB, API_LINE, BbOperatorLine)

/**
 * BbApiLine:
 *
 * An operator's line into a call of another gateway: /v1/calls/ID/audio.
 */
struct _BbApiLine
{
  BbOperatorLine parent_instance;

  BbApiClient *client;
  SoupWebsocketConnection *websocket;
  GTask *opening;     /* until the gateway says that the line is open */
  GTask *mode_task;   /* somebody waits for a mode */
  BbOperatorMode wanted;
  GQueue waiting;     /* of GBytes: the voice that the network has not taken */
  GSource *writable;
};

G_DEFINE_FINAL_TYPE (BbApiLine, bb_api_line, BB_TYPE_OPERATOR_LINE)

static void
unwatch (BbApiLine *self)
{
  if (self->writable != NULL)
    g_source_destroy (self->writable);
  g_clear_pointer (&self->writable, g_source_unref);
  g_queue_clear_full (&self->waiting, (GDestroyNotify)g_bytes_unref);
}

/* One frame each time the network takes one: as in bb-api-peer.c. */
static gboolean
on_writable (GPollableOutputStream *stream, gpointer user_data)
{
  BbApiLine *self = user_data;
  g_autoptr (GBytes) frame = g_queue_pop_head (&self->waiting);

  if (frame != NULL)
    soup_websocket_connection_send_message (self->websocket, SOUP_WEBSOCKET_DATA_BINARY, frame);
  if (self->waiting.length > 0)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->writable, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
bb_api_line_push (BbOperatorLine *line, GBytes *frame)
{
  BbApiLine *self = BB_API_LINE (line);
  GIOStream *stream;

  if (self->websocket == NULL)
    return;
  g_queue_push_tail (&self->waiting, g_bytes_ref (frame));
  while (self->waiting.length * BB_OPERATOR_LINE_UP_BYTES > MAX_WAITING)
    g_bytes_unref (g_queue_pop_head (&self->waiting));
  if (self->writable != NULL)
    return;
  stream = soup_websocket_connection_get_io_stream (self->websocket);
  self->writable = g_pollable_output_stream_create_source (
    G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream)), NULL);
  g_source_set_priority (self->writable, G_PRIORITY_DEFAULT + 10);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->writable, g_main_context_get_thread_default ());
}

static void
bb_api_line_set_mode (BbOperatorLine *line, GTask *task, BbOperatorMode mode)
{
  BbApiLine *self = BB_API_LINE (line);
  g_autofree char *text
    = g_strdup_printf ("{\"type\":\"mode\",\"mode\":\"%s\"}", bb_operator_mode_nick (mode));

  if (self->mode_task != NULL)
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
                             _ ("The last change is not done yet."));
  else if (bb_operator_line_get_mode (line) == mode)
    g_task_return_boolean (task, TRUE);
  else
    {
      self->mode_task = g_object_ref (task);
      self->wanted = mode;
      soup_websocket_connection_send_text (self->websocket, text);
    }
}

static void
let_go (BbApiLine *self)
{
  unwatch (self);
  if (self->websocket == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->websocket, self);
  if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  g_clear_object (&self->websocket);
}

static void
fail_tasks (BbApiLine *self, const GError *error)
{
  g_autoptr (GTask) opening = g_steal_pointer (&self->opening);
  g_autoptr (GTask) mode_task = g_steal_pointer (&self->mode_task);

  if (opening != NULL)
    g_task_return_error (opening, g_error_copy (error));
  if (mode_task != NULL)
    g_task_return_error (mode_task, g_error_copy (error));
}

static void
bb_api_line_close (BbOperatorLine *line)
{
  BbApiLine *self = BB_API_LINE (line);
  g_autoptr (GError) error
    = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "the line is closed");

  let_go (self);
  fail_tasks (self, error);
}

static void
on_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  g_autoptr (BbApiLine) self = g_object_ref (user_data);
  const char *reason = soup_websocket_connection_get_close_data (websocket);
  BbOperatorError code = BB_OPERATOR_ERROR_UNREACHABLE;
  g_autoptr (GError) error = NULL;

  /* Before it is open the reason is the error's code; afterwards "ended" is the usual one. */
  bb_operator_error_from_nick (reason, &code);
  error = g_error_new_literal (
    BB_OPERATOR_ERROR, code,
    code == BB_OPERATOR_ERROR_ENDED         ? _ ("The call has ended.")
    : code == BB_OPERATOR_ERROR_UNREACHABLE ? _ ("The audio line to the gateway was lost.")
                                            : _ ("The gateway does not open the audio line."));
  let_go (self);
  fail_tasks (self, error);
  bb_operator_line_emit_closed (BB_OPERATOR_LINE (self), error);
}

static void
on_words (BbApiLine *self, GBytes *bytes)
{
  g_autoptr (JsonNode) root
    = bb_api_read_root (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), NULL);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  const char *type, *text;
  BbOperatorMode mode;
  BbOperatorError code = BB_OPERATOR_ERROR_FAILED;
  g_autoptr (GTask) task = NULL;

  if (object == NULL || !bb_api_read_string (object, "type", &type, NULL))
    return;
  if (strcmp (type, "mode") == 0 && bb_api_read_string (object, "mode", &text, NULL)
      && bb_operator_mode_from_nick (text, &mode))
    {
      bb_operator_line_update_mode (BB_OPERATOR_LINE (self), mode);
      if (self->opening != NULL)
        {
          task = g_steal_pointer (&self->opening);
          g_task_return_pointer (task, g_object_ref (self), g_object_unref);
        }
      else if (self->mode_task != NULL && mode == self->wanted)
        {
          task = g_steal_pointer (&self->mode_task);
          g_task_return_boolean (task, TRUE);
        }
    }
  else if (strcmp (type, "error") == 0 && self->mode_task != NULL
           && bb_api_read_string (object, "code", &text, NULL))
    {
      bb_operator_error_from_nick (text, &code);
      if (!bb_api_read_string (object, "message", &text, NULL))
        text = "";
      task = g_steal_pointer (&self->mode_task);
      g_task_return_new_error (task, BB_OPERATOR_ERROR, code, "%s", text);
    }
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *bytes, gpointer user_data)
{
  g_autoptr (BbApiLine) self = g_object_ref (user_data);

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    on_words (self, bytes);
  else if (g_bytes_get_size (bytes) == BB_OPERATOR_LINE_DOWN_BYTES)
    bb_operator_line_emit_frame (BB_OPERATOR_LINE (self), bytes);
}

static void
bb_api_line_dispose (GObject *object)
{
  BbApiLine *self = BB_API_LINE (object);

  let_go (self);
  g_clear_object (&self->client);
  g_clear_object (&self->opening);
  g_clear_object (&self->mode_task);

  G_OBJECT_CLASS (bb_api_line_parent_class)->dispose (object);
}

static void
bb_api_line_class_init (BbApiLineClass *klass)
{
  BbOperatorLineClass *line_class = BB_OPERATOR_LINE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_api_line_dispose;
  line_class->set_mode = bb_api_line_set_mode;
  line_class->push = bb_api_line_push;
  line_class->close = bb_api_line_close;
}

static void
bb_api_line_init (BbApiLine *self)
{
  g_queue_init (&self->waiting);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BbApiClient *client = g_task_get_source_object (task);
  SoupMessage *handshake = g_object_get_data (G_OBJECT (task), "handshake");
  g_autoptr (GError) error = NULL;
  g_autoptr (BbApiLine) line = NULL;
  SoupWebsocketConnection *websocket
    = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);

  if (websocket == NULL)
    {
      guint status = soup_message_get_status (handshake);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_task_return_error (task, g_steal_pointer (&error));
      else if (status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_CONFLICT)
        g_task_return_new_error (task, BB_OPERATOR_ERROR,
                                 status == SOUP_STATUS_CONFLICT ? BB_OPERATOR_ERROR_ENDED
                                                                : BB_OPERATOR_ERROR_NOT_FOUND,
                                 status == SOUP_STATUS_CONFLICT ? _ ("The call has ended.")
                                                                : _ ("There is no such call."));
      else
        {
          g_autoptr (GError) why = bb_api_client_explain (client, status, error);

          g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNREACHABLE, "%s",
                                   why->message);
        }
      return;
    }

  line = g_object_new (BB_TYPE_API_LINE, NULL);
  line->client = g_object_ref (client);
  line->websocket = websocket;
  line->opening = g_object_ref (task);
  soup_websocket_connection_set_max_incoming_payload_size (websocket, MAX_MESSAGE_BYTES);
  soup_websocket_connection_set_keepalive_interval (websocket, KEEPALIVE_SECONDS);
  g_signal_connect (websocket, "message", G_CALLBACK (on_message), line);
  g_signal_connect (websocket, "closed", G_CALLBACK (on_closed), line);
  /* Held by its task until it is open. */
  g_object_set_data_full (G_OBJECT (task), "line", g_steal_pointer (&line), g_object_unref);
}

void
bb_api_line_open (BbApiClient *client, GTask *task, const char *call_id)
{
  g_autofree char *id = g_uri_escape_string (call_id, NULL, FALSE);
  g_autofree char *path = g_strdup_printf ("/v1/calls/%s/audio", id);
  GError *error = NULL;
  SoupMessage *handshake = bb_api_client_new_message (client, "GET", path, &error);

  if (handshake == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_object_set_data_full (G_OBJECT (task), "handshake", handshake, g_object_unref);
  soup_session_websocket_connect_async (bb_api_client_get_session (client), handshake, NULL, NULL,
                                        G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                        on_connected, g_object_ref (task));
}
