/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-audio.h"

#include "bb-api-json.h"
#include "bb-api-peer.h"
#include "bb-api-read.h"

/* Frames a second that are taken of a client, and how many may come at once
 * after a hitch of the network: real time is 50. */
#define FRAMES_PER_SECOND 60
#define FRAME_BURST 50
#define WORDS_PER_SECOND 5
#define WORD_BURST 20

struct _BbApiAudio
{
  BbApiPeer *peer;
  BbOperatorLine *line; /* NULL until it is open */
  GCancellable *cancellable;
  char *token;
  BbApiRole role;
  BbApiBucket frames;
  BbApiBucket words;
  BbApiFigures *figures;
  guint n_dropped; /* of the peer's, counted already */
  BbApiAudioClosed closed;
  gpointer user_data;
};

static void
send_object (BbApiAudio *self, JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  json_node_take_object (node, object);
  text = bb_api_json_print (node, FALSE);
  bytes = g_bytes_new_take (text, strlen (text));
  bb_api_peer_send (self->peer, bytes);
}

static void
send_error (BbApiAudio *self, const char *code, const char *text)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", "error");
  json_object_set_string_member (object, "code", code);
  json_object_set_string_member (object, "message", text);
  send_object (self, object);
}

static void
send_operator_error (BbApiAudio *self, const GError *error)
{
  gboolean ours = error->domain == BB_OPERATOR_ERROR;

  send_error (self,
              bb_operator_error_nick (ours ? (BbOperatorError)error->code : BB_OPERATOR_ERROR_FAILED),
              ours ? error->message : "it did not work; the gateway's log says why");
}

static void
send_mode (BbApiAudio *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", "mode");
  json_object_set_string_member (object, "mode",
                                 bb_operator_mode_nick (bb_operator_line_get_mode (self->line)));
  send_object (self, object);
}

static void
on_mode_changed (BbOperatorLine *line, GParamSpec *pspec, gpointer user_data)
{
  if (!bb_operator_line_is_closed (line))
    send_mode (user_data);
}

static void
count_dropped (BbApiAudio *self)
{
  guint n = bb_api_peer_get_n_dropped (self->peer);

  self->figures->frames_dropped += n - self->n_dropped;
  self->n_dropped = n;
}

static void
on_frame (BbOperatorLine *line, GBytes *frame, gpointer user_data)
{
  BbApiAudio *self = user_data;

  bb_api_peer_send_frame (self->peer, frame);
  count_dropped (self);
}

static void
on_line_closed (BbOperatorLine *line, const GError *error, gpointer user_data)
{
  BbApiAudio *self = user_data;

  bb_api_peer_close (self->peer, SOUP_WEBSOCKET_CLOSE_NORMAL, "ended");
}

static void
on_line_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BbApiAudio *self;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOperatorLine) line
    = bb_operator_open_line_finish (BB_OPERATOR (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the client left; the line goes with the reference */
  self = user_data;
  if (line == NULL)
    {
      gboolean ours = error->domain == BB_OPERATOR_ERROR;

      bb_api_peer_close (self->peer, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION,
                         bb_operator_error_nick (ours ? (BbOperatorError)error->code
                                                      : BB_OPERATOR_ERROR_FAILED));
      return;
    }
  self->line = g_steal_pointer (&line);
  g_signal_connect (self->line, BB_OPERATOR_LINE_SIGNAL_FRAME, G_CALLBACK (on_frame), self);
  g_signal_connect (self->line, BB_OPERATOR_LINE_SIGNAL_CLOSED, G_CALLBACK (on_line_closed), self);
  g_signal_connect (self->line, "notify::" BB_OPERATOR_LINE_PROP_MODE, G_CALLBACK (on_mode_changed),
                    self);
  send_mode (self);
}

static void
on_mode_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  BbOperatorLine *line = BB_OPERATOR_LINE (source);

  /* The mode itself is told by its notify signal. */
  if (!bb_operator_line_set_mode_finish (line, result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    send_operator_error (user_data, error);
}

static void
on_words (BbApiAudio *self, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root
    = bb_api_read_root (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), &error);
  const char *type, *mode_text;
  BbOperatorMode mode = BB_OPERATOR_AWAY;

  if (root == NULL || !bb_api_read_string (json_node_get_object (root), "type", &type, &error)
      || !bb_api_read_string (json_node_get_object (root), "mode", &mode_text, &error))
    send_error (self, "bad-request", error->message);
  else if (strcmp (type, "mode") != 0 || !bb_operator_mode_from_nick (mode_text, &mode))
    send_error (self, "bad-request",
                "what is understood: {\"type\":\"mode\",\"mode\":\"away|listen|whisper|take-over|"
                "conference\"}");
  else if (mode > BB_OPERATOR_LISTEN && self->role < BB_API_ROLE_OPERATE)
    send_error (self, "forbidden", "this token may only listen");
  else if (self->line != NULL)
    bb_operator_line_set_mode_async (self->line, mode, self->cancellable, on_mode_set, self);
  else
    send_error (self, "wrong-state", "the line is not open yet: wait for its first message");
}

static void
on_message (BbApiPeer *peer, GBytes *message, gboolean is_binary, gpointer user_data)
{
  BbApiAudio *self = user_data;
  const gint64 now = g_get_monotonic_time ();

  if (!is_binary)
    {
      if (bb_api_bucket_take (&self->words, WORDS_PER_SECOND, WORD_BURST, now))
        on_words (self, message);
      else
        bb_api_peer_close (peer, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "too many words");
      return;
    }
  if (g_bytes_get_size (message) != BB_OPERATOR_LINE_UP_BYTES)
    {
      bb_api_peer_close (peer, SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA,
                         "a frame is 640 bytes: 20 ms, 16 kHz, mono, S16LE");
      return;
    }
  if (self->role < BB_API_ROLE_OPERATE)
    {
      bb_api_peer_close (peer, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "this token may only listen");
      return;
    }
  if (self->line == NULL || !bb_api_bucket_take (&self->frames, FRAMES_PER_SECOND, FRAME_BURST, now))
    return;
  self->figures->frames_in++;
  bb_operator_line_push (self->line, message);
}

static void
on_closed (BbApiPeer *peer, gpointer user_data)
{
  BbApiAudio *self = user_data;

  self->closed (self, self->user_data);
}

BbApiAudio *
bb_api_audio_new (BbOperator *oper,
                  BbCall *call,
                  const BbApiToken *token,
                  GIOStream *stream,
                  GSocket *socket,
                  GUri *uri,
                  BbApiFigures *figures,
                  BbApiAudioClosed closed,
                  gpointer user_data)
{
  BbApiAudio *self = g_new0 (BbApiAudio, 1);

  self->token = g_strdup (token->name);
  self->role = token->role;
  self->figures = figures;
  self->closed = closed;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->peer
    = bb_api_peer_new (BB_API_PEER_AUDIO, stream, socket, uri, on_message, on_closed, self);
  bb_operator_open_line_async (oper, call, self->cancellable, on_line_open, self);
  return self;
}

void
bb_api_audio_free (BbApiAudio *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->line != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->line, self);
      bb_operator_line_close (self->line);
      g_clear_object (&self->line);
    }
  count_dropped (self);
  bb_api_peer_free (self->peer);
  g_free (self->token);
  g_free (self);
}

const char *
bb_api_audio_get_token (BbApiAudio *self)
{
  return self->token;
}

void
bb_api_audio_close (BbApiAudio *self, gushort code, const char *reason)
{
  bb_api_peer_close (self->peer, code, reason);
}
