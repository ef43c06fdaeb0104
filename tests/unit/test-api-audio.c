/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* /v1/calls/ID/audio against clients of every kind, and how much a token may
 * ask: the test plays the call, so that each frame is known. */
#include "api-fixture.h"

#include <libsoup/soup.h>
#include <string.h>
#include <sys/socket.h>

#include "bb-api-peer.h"
#include "bb-api-token.h"
#include "bb-api-tokens.h"

typedef struct
{
  SoupSession *session;
  SoupWebsocketConnection *websocket;
  GError *error;
  GString *words; /* text messages, one a line */
  guint n_frames;
  guint32 last_frame; /* the number it begins with */
  gboolean closed;
} Client;

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *bytes, gpointer user_data)
{
  Client *self = user_data;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    {
      g_string_append_len (self->words, data, (gssize)size);
      g_string_append_c (self->words, '\n');
      return;
    }
  g_assert_cmpuint (size, ==, BB_OPERATOR_LINE_DOWN_BYTES);
  memcpy (&self->last_frame, data, sizeof self->last_frame);
  self->n_frames++;
}

static void
on_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  ((Client *)user_data)->closed = TRUE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *self = user_data;

  self->websocket
    = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &self->error);
}

/* @error_status: 0: the line opens. */
static Client *
connect_audio (Fixture *fixture, const char *token, BbCall *call, guint error_status)
{
  Client *self = g_new0 (Client, 1);
  g_autofree char *uri = g_strdup_printf ("%s/v1/calls/%s/audio", bb_api_server_get_url (fixture->server),
                                          bb_call_get_id (call));
  g_autofree char *value = g_strconcat ("Bearer ", token, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);

  self->words = g_string_new (NULL);
  self->session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL,
                                        on_connected, self);
  test_wait_for (self->websocket != NULL || self->error != NULL);
  if (error_status != 0)
    {
      g_assert_cmpuint (soup_message_get_status (message), ==, error_status);
      return self;
    }
  g_assert_no_error (self->error);
  g_signal_connect (self->websocket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_closed), self);
  test_wait_for (strstr (self->words->str, "\"mode\":\"listen\"") != NULL);
  return self;
}

static void
client_free (Client *self)
{
  if (self->websocket != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->websocket, self);
      if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
    }
  g_clear_object (&self->websocket);
  g_clear_object (&self->session);
  g_clear_error (&self->error);
  g_string_free (self->words, TRUE);
  g_free (self);
}

static void
say_mode (Client *self, const char *mode)
{
  g_autofree char *text = g_strdup_printf ("{\"type\":\"mode\",\"mode\":\"%s\"}", mode);

  soup_websocket_connection_send_text (self->websocket, text);
}

static void
send_frame (Client *self, guint8 value, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);

  memset (data, value, size);
  soup_websocket_connection_send_binary (self->websocket, data, size);
}

static void
emit_frame (BbOperatorLine *line, guint32 number)
{
  guint8 data[BB_OPERATOR_LINE_DOWN_BYTES] = { 0 };
  g_autoptr (GBytes) frame = NULL;

  memcpy (data, &number, sizeof number);
  frame = g_bytes_new (data, sizeof data);
  bb_operator_line_emit_frame (line, frame);
}

static char *
new_token (Fixture *fixture, const char *name, BbApiRole role)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbApiTokens) tokens = bb_api_tokens_open (fixture->token_file, &error);
  char *token = bb_api_tokens_add (tokens, name, role, &error);

  g_assert_no_error (error);
  g_clear_object (&fixture->server);
  api_fixture_start (fixture, 0);
  return token;
}

/* Modes, frames both ways, one who speaks at a time, and the end. */
static void
test_both_ways (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  Client *first = connect_audio (fixture, fixture->token, call, 0);
  GPtrArray *lines = test_operator_get_lines (fixture->world);
  BbOperatorLine *line = lines->pdata[0];
  Client *second;

  emit_frame (line, 7);
  test_wait_for (first->n_frames == 1);
  g_assert_cmpuint (first->last_frame, ==, 7);
  /* Who listens is not heard. */
  send_frame (first, 1, BB_OPERATOR_LINE_UP_BYTES);
  say_mode (first, "take-over");
  test_wait_for (bb_operator_line_get_mode (line) == BB_OPERATOR_TAKE_OVER);
  test_wait_for (strstr (first->words->str, "take-over") != NULL);
  g_assert_cmpuint (test_line_get_n_pushed (TEST_LINE (line)), ==, 0);
  send_frame (first, 42, BB_OPERATOR_LINE_UP_BYTES);
  test_wait_for (test_line_get_n_pushed (TEST_LINE (line)) == 1);
  g_assert_cmpuint (test_line_get_last_pushed (TEST_LINE (line))[639], ==, 42);

  second = connect_audio (fixture, fixture->token, call, 0);
  say_mode (second, "conference");
  test_wait_for (strstr (second->words->str, "\"code\":\"busy\"") != NULL);
  say_mode (second, "shout");
  test_wait_for (strstr (second->words->str, "\"code\":\"bad-request\"") != NULL);

  /* A client that is gone leaves no line behind. */
  client_free (first);
  test_wait_for (lines->len == 1);
  bb_operator_line_emit_closed (lines->pdata[0], NULL);
  test_wait_for (second->closed);
  g_assert_cmpstr (soup_websocket_connection_get_close_data (second->websocket), ==, "ended");
  client_free (second);

  bb_call_set_end (call, BB_CALL_END_CALLER, NULL);
  bb_call_set_state (call, BB_CALL_ENDING);
  client_free (connect_audio (fixture, fixture->token, call, 409));
}

/* What is no frame, and what a token may not. */
static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  g_autofree char *watcher = new_token (fixture, "wand", BB_API_ROLE_WATCH);
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  Client *client = connect_audio (fixture, watcher, call, 0);

  say_mode (client, "take-over");
  test_wait_for (strstr (client->words->str, "\"code\":\"forbidden\"") != NULL);
  send_frame (client, 1, BB_OPERATOR_LINE_UP_BYTES);
  test_wait_for (client->closed);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (client->websocket), ==,
                    SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION);
  client_free (client);

  client = connect_audio (fixture, fixture->token, call, 0);
  send_frame (client, 1, 639);
  test_wait_for (client->closed);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (client->websocket), ==,
                    SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA);
  client_free (client);

  client = connect_audio (fixture, fixture->token, call, 0);
  for (int i = 0; i < 100; i++)
    soup_websocket_connection_send_text (client->websocket, "[");
  test_wait_for (client->closed);
  client_free (client);
  test_wait_for (test_operator_get_lines (fixture->world)->len == 0);
}

/* Faster than real time is thrown away: a second of frames at once at most. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  Client *client = connect_audio (fixture, fixture->token, call, 0);
  BbOperatorLine *line = test_operator_get_lines (fixture->world)->pdata[0];
  gint64 began = g_get_monotonic_time ();
  double most;

  say_mode (client, "take-over");
  test_wait_for (bb_operator_line_get_mode (line) == BB_OPERATOR_TAKE_OVER);
  for (int i = 0; i < 2000; i++)
    send_frame (client, 1, BB_OPERATOR_LINE_UP_BYTES);
  say_mode (client, "listen");
  test_wait_for (bb_operator_line_get_mode (line) == BB_OPERATOR_LISTEN);
  most = 50 + 60 * (double)(g_get_monotonic_time () - began) / G_USEC_PER_SEC + 1;
  g_assert_cmpuint (test_line_get_n_pushed (TEST_LINE (line)), >=, 50);
  g_assert_cmpfloat (test_line_get_n_pushed (TEST_LINE (line)), <=, most);
  client_free (client);
}

/* A client whose network stands still: a socket that is not read from. */
static GSocketConnection *
connect_deaf (Fixture *fixture, BbCall *call)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  GSocketConnection *connection;
  g_autofree char *request = g_strdup_printf (
    "GET /v1/calls/%s/audio HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n",
    bb_call_get_id (call), fixture->token);

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_host (
    client, "127.0.0.1", (guint16)bb_api_server_get_port (fixture->server), NULL, NULL);
  g_assert_nonnull (connection);
  g_socket_set_option (g_socket_connection_get_socket (connection), SOL_SOCKET, SO_RCVBUF, 4096, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                             strlen (request), NULL, NULL, NULL);
  test_wait_for (test_operator_get_lines (fixture->world)->len == 1);
  return connection;
}

/* All that is there to be read, while the other side goes on. */
static GByteArray *
read_all (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  GByteArray *all = g_byte_array_new ();
  gint64 quiet_since = g_get_monotonic_time ();
  guint8 buffer[4096];

  g_socket_set_blocking (socket, FALSE);
  while (g_get_monotonic_time () - quiet_since < 300 * G_TIME_SPAN_MILLISECOND)
    {
      gssize n = g_socket_receive (socket, (char *)buffer, sizeof buffer, NULL, NULL);

      if (n > 0)
        {
          g_byte_array_append (all, buffer, (guint)n);
          quiet_since = g_get_monotonic_time ();
        }
      g_main_context_iteration (NULL, FALSE);
    }
  return all;
}

/* One that does not read: the oldest sound goes, nothing grows, nobody waits;
 * when it reads again, it hears what is new. */
static void
test_slow_client (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  g_autoptr (GSocketConnection) deaf = connect_deaf (fixture, call);
  BbOperatorLine *line = test_operator_get_lines (fixture->world)->pdata[0];
  const guint32 n = 4000; /* 80 s, 5 MB */
  g_autoptr (GByteArray) came = NULL;
  guint32 last;

  for (guint32 i = 1; i <= n; i++)
    {
      emit_frame (line, i);
      for (int turn = 0; turn < 3; turn++)
        g_main_context_iteration (NULL, FALSE);
    }
  came = read_all (deaf);
  /* What was on its way when it stood still, and the half second that waited. */
  g_assert_cmpuint (came->len, <, 200 * 1024);
  g_assert_cmpuint (came->len, >, BB_API_PEER_QUEUE_FRAMES * BB_OPERATOR_LINE_DOWN_BYTES);
  memcpy (&last, came->data + came->len - BB_OPERATOR_LINE_DOWN_BYTES, sizeof last);
  g_assert_cmpuint (last, ==, n);
  g_assert_cmpuint (test_operator_get_lines (fixture->world)->len, ==, 1);
}

/* A token that is taken back: who came with it is cut off at once. */
static void
test_revoked (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = new_token (fixture, "theke", BB_API_ROLE_OPERATE);
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  Client *client = connect_audio (fixture, token, call, 0);
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autofree char *uri
    = g_strdup_printf ("%s/v1/tokens/theke/revoke", bb_api_server_get_url (fixture->server));
  g_autofree char *value = g_strconcat ("Bearer ", fixture->token, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  test_wait_for (client->closed);
  g_assert_cmpstr (soup_websocket_connection_get_close_data (client->websocket), ==, "revoked");
  test_wait_for (test_operator_get_lines (fixture->world)->len == 0);
  client_free (client);
  client_free (connect_audio (fixture, token, call, 401));
}

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GInputStream) body = soup_session_send_finish (SOUP_SESSION (source), result, NULL);
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  guint *counts = user_data;

  counts[0]++;
  if (soup_message_get_status (message) == 429)
    {
      g_assert_cmpstr (soup_message_headers_get_one (soup_message_get_response_headers (message),
                                                     "Retry-After"),
                       ==, "1");
      counts[1]++;
    }
  if (soup_message_get_status (message) == 401)
    counts[2]++;
}

static void
ask_often (Fixture *fixture, const char *token, guint n, guint *counts)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autofree char *uri = g_strconcat (bb_api_server_get_url (fixture->server), "/v1/me", NULL);
  g_autofree char *value = g_strconcat ("Bearer ", token, NULL);

  memset (counts, 0, 3 * sizeof *counts);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);

      soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
      soup_session_send_async (session, message, G_PRIORITY_DEFAULT, NULL, on_status, counts);
    }
  test_wait_for (counts[0] == n);
}

/* So much of one token, so much of a stranger; one does not use up the other's. */
static void
test_rates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (BbConfig) slow = bb_config_change (fixture->config, "api", "rate-limit", "5", NULL);
  g_autoptr (GError) error = NULL;
  guint counts[3];

  g_clear_object (&fixture->server);
  fixture->server = bb_api_server_new (slow, BB_OPERATOR (fixture->world), &error);
  g_assert_no_error (error);
  ask_often (fixture, "0123456789abcdef0123456789abcdef", 200, counts);
  g_assert_cmpuint (counts[1], >, 0);
  g_assert_cmpuint (counts[2], >=, 50);
  g_assert_cmpuint (counts[1] + counts[2], ==, 200);
  ask_often (fixture, fixture->token, 5, counts);
  g_assert_cmpuint (counts[1], ==, 0);
  ask_often (fixture, fixture->token, 100, counts);
  g_assert_cmpuint (counts[1], >, 0);
  g_assert_cmpuint (counts[2], ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  API_TEST ("/api-audio/both-ways", test_both_ways);
  API_TEST ("/api-audio/refusals", test_refusals);
  API_TEST ("/api-audio/flood", test_flood);
  API_TEST ("/api-audio/slow-client", test_slow_client);
  API_TEST ("/api-audio/revoked", test_revoked);
  API_TEST ("/api-audio/rates", test_rates);
  return g_test_run ();
}
