/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "api-fixture.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>

#include "bb-api-client.h"

static BbApiClient *
connect_client (Fixture *fixture)
{
  BbApiClient *client
    = bb_api_client_new (bb_api_server_get_url (fixture->server), fixture->token_file);

  bb_api_client_start (client);
  test_wait_for (bb_api_client_get_state (client) == BB_API_CLIENT_CONNECTED);
  return client;
}

/* Whether all that was sent has come: both tell of the same marked note. */
static gboolean
has_seen (BbApiClient *client, Fixture *fixture, const char *mark)
{
  GListModel *calls = bb_operator_get_calls (BB_OPERATOR (client));
  g_autoptr (BbCall) call = g_list_model_get_item (calls, 0);

  return call != NULL && strcmp (bb_call_get_connection (call), mark) == 0;
}

static void
assert_in_step (BbApiClient *client, Fixture *fixture, const char *mark)
{
  GListModel *calls = bb_operator_get_calls (BB_OPERATOR (fixture->world));
  g_autoptr (BbCall) call = NULL;

  if (g_list_model_get_n_items (calls) == 0)
    test_operator_add_call (fixture->world, "1", "");
  call = g_list_model_get_item (calls, 0);
  bb_call_set_connection (call, mark);
  test_wait_for (has_seen (client, fixture, mark));
  /* The mark may be told of before what changed after its call did. */
  for (int turn = 0; turn < 2; turn++)
    {
      g_autofree char *next = g_strdup_printf ("%s-%d", mark, turn);

      bb_call_set_connection (call, next);
      test_wait_for (has_seen (client, fixture, next));
    }
  test_assert_lists_equal (calls, bb_operator_get_calls (BB_OPERATOR (client)));
}

static void
test_client_follows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (BbApiClient) client = NULL;

  test_fill_call (test_operator_add_call (fixture->world, "+4930123456", "Müller"));
  client = connect_client (fixture);
  test_assert_lists_equal (bb_operator_get_calls (BB_OPERATOR (fixture->world)),
                           bb_operator_get_calls (BB_OPERATOR (client)));
  g_assert_cmpuint (bb_api_server_get_n_clients (fixture->server), ==, 1);
  for (guint round = 0; round < 60; round++)
    {
      g_autofree char *mark = g_strdup_printf ("mark-%u", round);

      for (guint i = 0; i < 40; i++)
        {
          test_change_something (fixture->world, rand);
          if (g_rand_int_range (rand, 0, 4) == 0)
            g_main_context_iteration (NULL, FALSE);
        }
      assert_in_step (client, fixture, mark);
    }
}

static void
test_client_hangs_up (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  g_autoptr (BbApiClient) client = connect_client (fixture);
  g_autoptr (BbCall) mirrored
    = g_list_model_get_item (bb_operator_get_calls (BB_OPERATOR (client)), 0);

  bb_operator_hang_up (BB_OPERATOR (client), mirrored);
  test_wait_for (bb_call_get_state (mirrored) == BB_CALL_ENDED);
  g_assert_cmpint (bb_call_get_end (mirrored), ==, BB_CALL_END_OPERATOR);
  g_assert_cmpstr (bb_call_get_end_text (mirrored), ==, "aufgelegt");
  g_assert_cmpuint (test_operator_get_n_hang_ups (fixture->world), ==, 1);
  test_assert_calls_equal (call, mirrored);
}

typedef struct
{
  guint states[4];
  int error_code;
} StateLog;

static void
on_state (BbApiClient *client, guint state, const char *text, GError *error, gpointer user_data)
{
  StateLog *log = user_data;

  g_assert_cmpuint (state, <, 4);
  g_assert_cmpstr (text, !=, "");
  log->states[state]++;
  if (error != NULL)
    log->error_code = error->code;
}

/* A new gateway on the same port has another epoch: its calls replace the old ones. */
static void
test_client_reconnects (Fixture *fixture, gconstpointer data)
{
  guint port = bb_api_server_get_port (fixture->server);
  StateLog log = { 0 };
  g_autoptr (BbApiClient) client = NULL;

  test_fill_call (test_operator_add_call (fixture->world, "1", "Alt"));
  client = connect_client (fixture);
  g_signal_connect (client, BB_API_CLIENT_SIGNAL_STATE, G_CALLBACK (on_state), &log);
  g_clear_object (&fixture->server);
  test_wait_for (bb_api_client_get_state (client) == BB_API_CLIENT_RECONNECTING);
  g_assert_cmpint (log.error_code, ==, BB_API_ERROR_UNREACHABLE);
  /* What was last seen stays to look at. */
  g_assert_cmpuint (g_list_model_get_n_items (bb_operator_get_calls (BB_OPERATOR (client))), ==, 1);

  g_clear_object (&fixture->world);
  fixture->world = test_operator_new ();
  test_fill_call (test_operator_add_call (fixture->world, "2", "Neu"));
  api_fixture_start (fixture, port);
  test_wait_for (bb_api_client_get_state (client) == BB_API_CLIENT_CONNECTED);
  g_assert_cmpuint (log.states[BB_API_CLIENT_CONNECTED], ==, 1);
  assert_in_step (client, fixture, "neu");
}

static void
test_client_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder, "other-token", NULL);
  g_autoptr (BbApiClient) client = NULL;
  StateLog log = { 0 };

  g_assert_true (g_file_set_contents_full (other, "00000000000000000000000000000000", -1, 0, 0600, NULL));
  client = bb_api_client_new (bb_api_server_get_url (fixture->server), other);
  g_signal_connect (client, BB_API_CLIENT_SIGNAL_STATE, G_CALLBACK (on_state), &log);
  bb_api_client_start (client);
  test_wait_for (log.error_code != 0);
  g_assert_cmpint (log.error_code, ==, BB_API_ERROR_UNAUTHORIZED);
  g_assert_cmpint (bb_api_client_get_state (client), ==, BB_API_CLIENT_CONNECTING);
  bb_api_client_stop (client);
  g_unlink (other);
}

/* A WebSocket by hand, to see the messages themselves. */
typedef struct
{
  SoupSession *session;
  SoupWebsocketConnection *websocket;
  GPtrArray *messages; /* of JsonObject */
  gboolean closed;
} Listener;

static void
on_listened (SoupWebsocketConnection *websocket, int type, GBytes *text, gpointer user_data)
{
  Listener *self = user_data;
  g_autoptr (JsonParser) parser = json_parser_new ();

  g_assert_true (json_parser_load_from_data (parser, g_bytes_get_data (text, NULL),
                                             (gssize)g_bytes_get_size (text), NULL));
  g_ptr_array_add (self->messages, json_node_dup_object (json_parser_get_root (parser)));
}

static void
on_listener_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  ((Listener *)user_data)->closed = TRUE;
}

static void
on_listening (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listener *self = user_data;
  g_autoptr (GError) error = NULL;

  self->websocket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  g_assert_no_error (error);
  g_signal_connect (self->websocket, "message", G_CALLBACK (on_listened), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_listener_closed), self);
}

static Listener *
listen_to (Fixture *fixture, const char *query)
{
  Listener *self = g_new0 (Listener, 1);
  g_autofree char *uri = g_strconcat (bb_api_server_get_url (fixture->server), "/v1/events", query, NULL);
  g_autofree char *value = g_strconcat ("Bearer ", fixture->token, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);

  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  self->session = soup_session_new ();
  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, 0, NULL, on_listening, self);
  test_wait_for (self->messages->len > 0);
  return self;
}

static void
listener_free (Listener *self)
{
  g_signal_handlers_disconnect_by_data (self->websocket, self);
  soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  g_object_unref (self->websocket);
  g_object_unref (self->session);
  g_ptr_array_unref (self->messages);
  g_free (self);
}

static const char *
type_of (Listener *self, guint i)
{
  return json_object_get_string_member (self->messages->pdata[i], "type");
}

static gint64
seq_of (Listener *self, guint i)
{
  return json_object_get_int_member (self->messages->pdata[i], "seq");
}

static void
test_resume (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  Listener *first = listen_to (fixture, "");
  Listener *second, *third;
  g_autofree char *epoch = NULL;
  g_autofree char *query = NULL;
  gint64 seq;

  g_assert_cmpstr (type_of (first, 0), ==, "snapshot");
  epoch = g_strdup (json_object_get_string_member (first->messages->pdata[0], "epoch"));
  bb_call_set_speaking (call, BB_TRANSCRIPT_CALLER);
  test_wait_for (first->messages->len == 2);
  seq = seq_of (first, 1);
  g_assert_cmpint (seq, ==, seq_of (first, 0) + 1);
  listener_free (first);
  test_wait_for (bb_api_server_get_n_clients (fixture->server) == 0);

  bb_transcript_add (bb_call_get_transcript (call), BB_TRANSCRIPT_NOTE, "versäumt", 0);
  bb_order_set_note (bb_call_get_order (call), "auch");
  query = g_strdup_printf ("?since=%" G_GINT64_FORMAT "&epoch=%s", seq, epoch);
  second = listen_to (fixture, query);
  test_wait_for (second->messages->len >= 3);
  g_assert_cmpstr (type_of (second, 0), ==, "resumed");
  g_assert_cmpint (seq_of (second, 0), ==, seq);
  g_assert_cmpstr (type_of (second, 1), ==, "line");
  g_assert_cmpint (seq_of (second, 1), ==, seq + 1);
  g_assert_cmpstr (type_of (second, 2), ==, "order");
  g_assert_cmpint (seq_of (second, 2), ==, seq + 2);
  listener_free (second);

  third = listen_to (fixture, "?since=0&epoch=another");
  g_assert_cmpstr (type_of (third, 0), ==, "snapshot");
  g_assert_cmpint (seq_of (third, 0), ==, seq + 2);
  listener_free (third);
}

/* A client that reads nothing is dropped when its queue passes the bound; the
 * one that reads misses nothing meanwhile. */
static void
test_slow_client (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "1", "");
  g_autoptr (BbApiClient) good = connect_client (fixture);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) slow = NULL;
  g_autofree char *request
    = g_strdup_printf ("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n",
                       fixture->token);
  g_autofree char *filler = g_strnfill (100 * 1024, 'x');
  guint rounds = 0;

  g_socket_client_set_enable_proxy (client, FALSE);
  slow = g_socket_client_connect_to_host (
    client, "127.0.0.1", (guint16)bb_api_server_get_port (fixture->server), NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (slow)), request,
                             strlen (request), NULL, NULL, NULL);
  test_wait_for (bb_api_server_get_n_clients (fixture->server) == 2);
  while (bb_api_server_get_n_clients (fixture->server) == 2)
    {
      g_autofree char *text = g_strdup_printf ("%u %s", rounds, filler);
      g_autofree char *mark = g_strdup_printf ("%u", rounds);

      bb_order_set_note (bb_call_get_order (call), text);
      bb_call_set_connection (call, mark);
      test_wait_for (has_seen (good, fixture, mark));
      /* The bound, and what the kernel holds for the two sockets. */
      g_assert_cmpuint (++rounds, <, 500);
    }
  g_assert_cmpuint (rounds, >, 80);
  g_assert_cmpuint (bb_api_server_get_n_clients (fixture->server), ==, 1);
  assert_in_step (good, fixture, "danach");
  g_assert_cmpint (bb_api_client_get_state (good), ==, BB_API_CLIENT_CONNECTED);
}

/* Stopped in the middle of everything, twice. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (BbApiClient) client = connect_client (fixture);
  BbCall *call = test_operator_add_call (fixture->world, "1", "");

  test_fill_call (call);
  bb_api_server_stop (fixture->server);
  bb_api_server_stop (fixture->server);
  test_fill_call (call);
  g_clear_object (&fixture->server);
  test_wait_for (bb_api_client_get_state (client) == BB_API_CLIENT_RECONNECTING);
  bb_api_client_stop (client);
  bb_api_client_stop (client);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  API_TEST ("/api-client/follows", test_client_follows);
  API_TEST ("/api-client/hangs-up", test_client_hangs_up);
  API_TEST ("/api-client/reconnects", test_client_reconnects);
  API_TEST ("/api-client/refused", test_client_refused);
  API_TEST ("/api-client/resume", test_resume);
  API_TEST ("/api-client/slow-client", test_slow_client);
  API_TEST ("/api-client/stop", test_stop);
  return g_test_run ();
}
