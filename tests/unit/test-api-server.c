/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "api-fixture.h"

#include <glib/gstdio.h>

#include "bb-api-limits.h"
#include "bb-api-token.h"
#include "bb-api-tokens.h"

/* One raw exchange: what is sent is exactly @request, what comes is returned. */
typedef struct
{
  guint16 port;
  const char *request;
  gsize length;
  char *reply;
  gint done;
} Exchange;

static gpointer
run_exchange (gpointer user_data)
{
  Exchange *exchange = user_data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  GString *reply = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, 20);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", exchange->port, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             exchange->request, exchange->length, NULL, NULL, NULL);
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer,
                                   sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (reply, buffer, n);
  exchange->reply = g_string_free (reply, FALSE);
  g_atomic_int_set (&exchange->done, 1);
  return NULL;
}

static char *
exchange_bytes (Fixture *fixture, const char *request, gsize length)
{
  Exchange exchange = { (guint16)bb_api_server_get_port (fixture->server), request, length, NULL, 0 };
  GThread *thread = g_thread_new ("exchange", run_exchange, &exchange);

  test_wait_for (g_atomic_int_get (&exchange.done));
  g_thread_join (thread);
  return exchange.reply;
}

/* @line: "GET /v1/calls"; @headers: more of them, each with its line end. */
static char *
ask (Fixture *fixture, const char *line, const char *headers)
{
  g_autofree char *request
    = g_strdup_printf ("%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n"
                       "Authorization: Bearer %s\r\n%s\r\n",
                       line, bb_api_server_get_port (fixture->server), fixture->token,
                       headers != NULL ? headers : "");

  return exchange_bytes (fixture, request, strlen (request));
}

static char *
ask_plainly (Fixture *fixture, const char *line, const char *headers)
{
  g_autofree char *request
    = g_strdup_printf ("%s HTTP/1.1\r\nConnection: close\r\n%s\r\n", line, headers);

  return exchange_bytes (fixture, request, strlen (request));
}

#define assert_status(reply, status)                                                               \
  G_STMT_START                                                                                     \
    {                                                                                              \
      if (!g_str_has_prefix (reply, "HTTP/1.1 " status " "))                                       \
        g_error ("wanted status %s, got: %s", status, reply);                                      \
    }                                                                                              \
  G_STMT_END
#define assert_contains(reply, text)                                                               \
  G_STMT_START                                                                                     \
    {                                                                                              \
      if (strstr (reply, text) == NULL)                                                            \
        g_error ("“%s” is missing in: %s", text, reply);                                           \
    }                                                                                              \
  G_STMT_END
#define assert_lacks(reply, text) g_assert_null (strstr (reply, text))

static void
test_token_file (Fixture *fixture, gconstpointer data)
{
  GStatBuf info;
  g_autoptr (GError) error = NULL;
  g_autofree char *again = NULL;

  g_assert_cmpint (g_stat (fixture->token_file, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  g_assert_cmpuint (strlen (fixture->token), ==, BB_API_TOKEN_DIGITS);
  again = bb_api_token_load (fixture->token_file, &error);
  g_assert_cmpstr (again, ==, fixture->token);

  g_chmod (fixture->token_file, 0640);
  g_assert_null (bb_api_token_create_or_read (fixture->token_file, &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN);
  assert_contains (error->message, "chmod 600");
  assert_lacks (error->message, fixture->token);
  g_clear_error (&error);

  g_chmod (fixture->token_file, 0600);
  g_assert_true (g_file_set_contents_full (fixture->token_file, "short\n", -1, 0, 0600, NULL));
  g_assert_null (bb_api_token_load (fixture->token_file, &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN);
  g_clear_error (&error);
  g_assert_null (bb_api_tokens_open (fixture->token_file, &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN);
  assert_lacks (error->message, "short");
  g_clear_error (&error);
  g_assert_null (bb_api_token_load (fixture->folder, &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN);
}

static BbApiTokens *
open_tokens (Fixture *fixture, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (fixture->folder, "state", "tokens", NULL);
  BbApiTokens *tokens;

  g_assert_true (g_file_set_contents_full (path, text, -1, 0, 0600, NULL));
  tokens = bb_api_tokens_open (path, error);
  g_unlink (path);
  return tokens;
}

/* What a token file may hold, and how wrong tokens are told from right ones. */
static void
test_tokens (Fixture *fixture, gconstpointer data)
{
  const char *first = "0123456789abcdef0123456789abcdef";
  const char *second = "fedcba9876543210fedcba9876543210";
  g_autofree char *text
    = g_strdup_printf ("# of this desk\n%s\n\n%s watch wand\n", first, second);
  g_autoptr (GError) error = NULL;
  g_autoptr (BbApiTokens) tokens = open_tokens (fixture, text, &error);
  BbApiToken *token;
  static const char *const bad[] = {
    "",
    "# nothing\n",
    "0123456789abcdef\n",
    "0123456789abcdef0123456789abcdef owner me\n",
    "0123456789abcdef0123456789abcdef watch\n",
    "0123456789abcdef0123456789abcdef watch a/b\n",
    "0123456789abcdef0123456789abcdef watch x\nfedcba9876543210fedcba9876543210 admin x\n",
    "sha256:00 watch x\n",
    "sha256:zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef watch x\n",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
  };

  g_assert_no_error (error);
  token = bb_api_tokens_check (tokens, first, strlen (first));
  g_assert_cmpstr (token->name, ==, "admin");
  g_assert_cmpint (token->role, ==, BB_API_ROLE_ADMIN);
  token = bb_api_tokens_check (tokens, second, strlen (second));
  g_assert_cmpstr (token->name, ==, "wand");
  g_assert_cmpint (token->role, ==, BB_API_ROLE_WATCH);
  g_assert_null (bb_api_tokens_check (tokens, first, strlen (first) - 1));
  g_assert_null (bb_api_tokens_check (tokens, "", 0));
  g_assert_null (bb_api_tokens_check (tokens, "0123456789abcdef0123456789abcdeF", 32));

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (BbApiTokens) none = open_tokens (fixture, bad[i], &error);

      if (none != NULL)
        g_error ("case %zu was taken", i);
      g_assert_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN);
      assert_lacks (error->message, "0123456789abcdef");
      g_clear_error (&error);
    }
}

/* Made while the gateway runs: told once, of one role, gone when revoked. */
static void
test_named_tokens (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbApiTokens) tokens = bb_api_tokens_open (fixture->token_file, &error);
  g_autoptr (BbApiTokens) again = NULL;
  g_autofree char *token = bb_api_tokens_add (tokens, "theke-1", BB_API_ROLE_OPERATE, &error);
  g_autofree char *file = NULL;
  g_autofree char *own = NULL;
  GStatBuf info;

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (token), ==, BB_API_TOKEN_DIGITS);
  g_assert_null (bb_api_tokens_add (tokens, "theke-1", BB_API_ROLE_WATCH, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE);
  g_clear_error (&error);
  g_assert_null (bb_api_tokens_add (tokens, "mit leer", BB_API_ROLE_WATCH, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID);
  g_clear_error (&error);

  g_assert_true (g_file_get_contents (fixture->token_file, &file, NULL, NULL));
  assert_lacks (file, token);
  assert_contains (file, "operate theke-1");
  g_assert_cmpint (g_stat (fixture->token_file, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  /* The first one is still what this user's programs take. */
  own = bb_api_token_load (fixture->token_file, &error);
  g_assert_cmpstr (own, ==, fixture->token);
  again = bb_api_tokens_open (fixture->token_file, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bb_api_tokens_check (again, token, strlen (token))->role, ==, BB_API_ROLE_OPERATE);

  g_assert_true (bb_api_tokens_revoke (tokens, "theke-1", &error));
  g_assert_null (bb_api_tokens_check (tokens, token, strlen (token)));
  g_assert_false (bb_api_tokens_revoke (tokens, "theke-1", &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (bb_api_tokens_revoke (tokens, "admin", &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE);
}

/* So many at once, so many a second, and no more memory than for a thousand. */
static void
test_limits (void)
{
  BbApiLimits *limits = bb_api_limits_new (10, 5);
  gint64 now = 1000000;

  for (int i = 0; i < 5; i++)
    g_assert_true (bb_api_limits_take (limits, "192.0.2.1", now));
  g_assert_false (bb_api_limits_take (limits, "192.0.2.1", now));
  g_assert_true (bb_api_limits_take (limits, "192.0.2.2", now));
  now += 100000; /* one more in a tenth of a second */
  g_assert_true (bb_api_limits_take (limits, "192.0.2.1", now));
  g_assert_false (bb_api_limits_take (limits, "192.0.2.1", now));

  for (int i = 0; i < 5000; i++)
    {
      g_autofree char *address = g_strdup_printf ("2001:db8::%x", i);

      bb_api_limits_take (limits, address, now);
    }
  g_assert_cmpuint (bb_api_limits_get_n_addresses (limits), ==, BB_API_LIMITS_ADDRESSES);
  g_assert_false (bb_api_limits_take (limits, "198.51.100.1", now));
  now += 10 * G_USEC_PER_SEC;
  g_assert_true (bb_api_limits_take (limits, "198.51.100.1", now));
  g_assert_cmpuint (bb_api_limits_get_n_addresses (limits), ==, 1);
  bb_api_limits_free (limits);
}

static void
test_authorization (Fixture *fixture, gconstpointer data)
{
  const char *host = "Host: localhost\r\n";
  g_autofree char *none = ask_plainly (fixture, "GET /v1/calls", host);
  g_autofree char *wrong = ask_plainly (
    fixture, "GET /v1/calls", "Host: localhost\r\nAuthorization: Bearer 00000000000000000000000000000000\r\n");
  g_autofree char *basic = ask_plainly (fixture, "GET /v1/calls", "Host: localhost\r\nAuthorization: Basic eDp5\r\n");
  g_autofree char *events = ask_plainly (
    fixture, "GET /v1/events",
    "Host: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  g_autofree char *health = ask_plainly (fixture, "GET /healthz", host);
  g_autofree char *ready = ask_plainly (fixture, "GET /readyz", host);
  g_autofree char *metrics = ask_plainly (fixture, "GET /metrics", host);
  g_autofree char *unknown = ask_plainly (fixture, "GET /nothing", host);

  assert_status (none, "401");
  assert_contains (none, "WWW-Authenticate: Bearer");
  assert_contains (none, "{\"error\":{\"code\":\"unauthorized\"");
  assert_lacks (none, fixture->token);
  assert_status (wrong, "401");
  assert_status (basic, "401");
  assert_status (events, "401");
  assert_status (metrics, "401");
  assert_status (unknown, "401");
  assert_status (health, "200");
  assert_contains (health, "{\"status\":\"ok\"}");
  assert_status (ready, "200");
}

static void
test_ready (Fixture *fixture, gconstpointer data)
{
  g_autofree char *reply = NULL;

  bb_api_server_set_not_ready (fixture->server, "draining");
  reply = ask_plainly (fixture, "GET /readyz", "Host: localhost\r\n");
  assert_status (reply, "503");
  assert_contains (reply, "draining");
}

/* A page whose name was made to point here, or a page of another site. */
static void
test_rebinding (Fixture *fixture, gconstpointer data)
{
  g_autofree char *authorization = g_strdup_printf ("Authorization: Bearer %s\r\n", fixture->token);
  g_autofree char *evil_host = g_strconcat ("Host: evil.example:8085\r\n", authorization, NULL);
  g_autofree char *rebound = ask_plainly (fixture, "GET /v1/calls", evil_host);
  g_autofree char *health = ask_plainly (fixture, "GET /healthz", "Host: evil.example\r\n");
  g_autofree char *origin = ask (fixture, "GET /v1/calls", "Origin: http://evil.example\r\n");
  g_autofree char *own_headers
    = g_strdup_printf ("Origin: http://127.0.0.1:%u\r\n", bb_api_server_get_port (fixture->server));
  g_autofree char *own = ask (fixture, "GET /v1/calls", own_headers);
  g_autofree char *v6_host = g_strconcat ("Host: [::1]:8085\r\n", authorization, NULL);
  g_autofree char *v6 = ask_plainly (fixture, "GET /v1/calls", v6_host);

  assert_status (rebound, "403");
  assert_contains (rebound, "forbidden-host");
  assert_status (health, "403");
  assert_status (origin, "403");
  assert_contains (origin, "forbidden-origin");
  assert_status (own, "200");
  assert_status (v6, "200");
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *line, *headers, *status, *text;
  } cases[] = {
    { "GET /", NULL, "404", "not-found" },
    { "GET /v1/calls/", NULL, "404", "not-found" },
    { "GET /v1/calls/none", NULL, "404", "no such call" },
    { "GET /v1/calls/a/b", NULL, "404", "no such path" },
    { "GET /v1/calls/%2e%2e/x", NULL, "404", "not-found" },
    { "POST /v1/calls/none/hangup", "Content-Length: 0\r\n", "404", "no such call" },
    { "DELETE /v1/calls", NULL, "405", "Allow: GET, HEAD" },
    { "GET /v1/calls/x/hangup", NULL, "405", "Allow: POST" },
    { "OPTIONS /v1/calls", NULL, "405", "Allow: GET, HEAD" },
    { "GET /v1/events", NULL, "426", "websocket-wanted" },
    { "GET /v1/events", "Upgrade: websocket\r\n", "400", "bad-handshake" },
    { "GET /v1/orders", NULL, "503", "unavailable" },
    { "GET /v1/catalogue/search?q=a", NULL, "503", "unavailable" },
    { "GET /v1/settings", NULL, "503", "unavailable" },
    { "POST /v1/calls/x/hangup", "Content-Length: 70000\r\nExpect: 100-continue\r\n", "413", "too-large" },
    { "POST /nothing", "Content-Length: 10000000\r\nExpect: 100-continue\r\n", "404", "not-found" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reply = ask (fixture, cases[i].line, cases[i].headers);
      g_autofree char *start = g_strdup_printf ("HTTP/1.1 %s ", cases[i].status);

      if (!g_str_has_prefix (reply, start))
        g_error ("%s: wanted %s, got %s", cases[i].line, cases[i].status, reply);
      assert_contains (reply, cases[i].text);
      assert_contains (reply, "{\"error\":{\"code\":");
    }
}

/* Bodies that grow past the limit with no length told, up to where they are cut. */
static void
test_large_bodies (Fixture *fixture, gconstpointer data)
{
  static const guint sizes[] = { 100 * 1024, 8 * 1024 * 1024 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      GString *request = g_string_new (NULL);
      g_autofree char *chunk = g_strnfill (4096, 'x');
      g_autofree char *reply = NULL;

      g_string_printf (request,
                       "POST /v1/calls/x/hangup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                       "Authorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n",
                       fixture->token);
      for (guint sent = 0; sent < sizes[i]; sent += 4096)
        g_string_append_printf (request, "1000\r\n%s\r\n", chunk);
      g_string_append (request, "0\r\n\r\n");
      reply = exchange_bytes (fixture, request->str, request->len);
      if (i == 0)
        assert_status (reply, "413");
      else
        g_assert_cmpstr (reply, ==, ""); /* cut off: nobody reads on for ever */
      g_string_free (request, TRUE);
    }
}

/* Whatever comes, the next one is served. */
static void
test_malformed (Fixture *fixture, gconstpointer data)
{
  static const char *const requests[] = {
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "GET /%zz%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a@b:c:d\r\nConnection: close\r\n\r\n",
    "POST /v1/calls/x/hangup HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\nConnection: close\r\n\r\n",
    "POST /v1/calls/x/hangup HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  };
  g_autofree char *good = NULL;

  /* libsoup 3.2 warns of a negative Content-Length, and goes on. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      /* Half closed, so that a server that waits for more gives up. */
      GSocketClient *client = g_socket_client_new ();
      g_autoptr (GSocketConnection) connection = NULL;

      g_socket_client_set_enable_proxy (client, FALSE);
      connection = g_socket_client_connect_to_host (
        client, "127.0.0.1", (guint16)bb_api_server_get_port (fixture->server), NULL, NULL);
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                                 requests[i], strlen (requests[i]), NULL, NULL, NULL);
      g_socket_shutdown (g_socket_connection_get_socket (connection), FALSE, TRUE, NULL);
      for (int turn = 0; turn < 20; turn++)
        g_main_context_iteration (NULL, FALSE);
      g_object_unref (client);
    }
  good = ask (fixture, "GET /v1/calls", NULL);
  assert_status (good, "200");
}

static void
test_calls (Fixture *fixture, gconstpointer data)
{
  BbCall *call = test_operator_add_call (fixture->world, "+4930123456", "Jörg Müller");
  g_autofree char *path = g_strdup_printf ("GET /v1/calls/%s", bb_call_get_id (call));
  g_autofree char *hang_up = g_strdup_printf ("POST /v1/calls/%s/hangup", bb_call_get_id (call));
  g_autofree char *list = NULL;
  g_autofree char *head = NULL;
  g_autofree char *one = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *metrics = NULL;

  test_fill_call (call);
  list = ask (fixture, "GET /v1/calls", NULL);
  assert_status (list, "200");
  assert_contains (list, "Content-Type: application/json; charset=utf-8");
  assert_contains (list, "{\"calls\":[{\"id\":");
  assert_contains (list, "\"caller_name\":\"Jörg Müller\"");
  assert_lacks (list, "T-Stück");
  head = ask (fixture, "HEAD /v1/calls", NULL);
  assert_status (head, "200");
  assert_lacks (head, "{");
  one = ask (fixture, path, NULL);
  assert_status (one, "200");
  assert_contains (one, "Zehn T-Stücke, bitte");
  assert_contains (one, "\"total_cents\":8046");
  metrics = ask (fixture, "GET /metrics", NULL);
  assert_contains (metrics, "Content-Type: text/plain; version=0.0.4");
  assert_contains (metrics, "\nbestellbot_calls_active 1\n");
  assert_contains (metrics, "\nbestellbot_turn_latency_seconds_sum 1.000\n");
  assert_contains (metrics, "\nbestellbot_turn_latency_seconds_count 2\n");
  assert_contains (metrics, "\nbestellbot_rtp_packets_lost_total 2\n");
  assert_contains (metrics, "{reason=\"operator\"} 0\n");
  g_clear_pointer (&metrics, g_free);

  first = ask (fixture, hang_up, "Content-Length: 0\r\n");
  assert_status (first, "202");
  assert_contains (first, "\"state\":\"ended\",\"end\":\"operator\"");
  g_assert_cmpuint (test_operator_get_n_hang_ups (fixture->world), ==, 1);
  second = ask (fixture, hang_up, "Content-Length: 0\r\n");
  assert_status (second, "202");
  g_assert_cmpuint (test_operator_get_n_hang_ups (fixture->world), ==, 1);

  /* A call that has left the list stays in the sums. */
  test_operator_remove_call (fixture->world, call);
  metrics = ask (fixture, "GET /metrics", NULL);
  assert_contains (metrics, "\nbestellbot_calls_active 0\n");
  assert_contains (metrics, "{reason=\"operator\"} 1\n");
  assert_contains (metrics, "\nbestellbot_rtp_packets_lost_total 2\n");
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
remove_database (const char *path)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *file = g_strconcat (path, suffixes[i], NULL);

      g_unlink (file);
    }
}

/* Orders and products come from a thread; the answers are those of the store
 * and the search. */
static void
test_lookups (Fixture *fixture, gconstpointer data)
{
  g_autofree char *database = g_build_filename (fixture->folder, "orders.db", NULL);
  g_autofree char *products = g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrderStore) store = bb_order_store_open (database, &error);
  g_autoptr (BbCatalogue) catalogue = NULL;
  g_autoptr (BbOrder) order = bb_order_new ("call-1", "Müller");
  g_autoptr (BbOrderLine) line = bb_order_line_new ("10234", "T-Stück", "Stück", 3, 245);
  g_autoptr (GAsyncResult) saved = NULL;
  g_autofree char *path = g_strdup_printf ("GET /v1/orders/%.8s", bb_order_get_id (order));
  static const struct
  {
    const char *line, *status, *text;
  } cases[] = {
    { "GET /v1/orders", "200", "{\"orders\":[{\"id\":" },
    { "GET /v1/orders?state=draft&limit=1", "200", "\"total_cents\":735" },
    { "GET /v1/orders?state=submitted", "200", "{\"orders\":[]}" },
    { "GET /v1/orders?state=lost", "400", "bad-request" },
    { "GET /v1/orders?limit=0", "400", "limit" },
    { "GET /v1/orders?limit=501", "400", "limit" },
    { "GET /v1/orders?limit=x", "400", "limit" },
    { "GET /v1/orders/ffffffff-none", "404", "ffffffff-none" },
    { "GET /v1/catalogue/search?q=T-Stueck&limit=2", "200", "T-Stück" },
    { "GET /v1/catalogue/search?q=%C3%A4%C3%B6%C3%BCxyzzy", "200", "{\"matches\":[]}" },
    { "GET /v1/catalogue/search?q=", "400", "bad-request" },
    { "GET /v1/catalogue/search", "400", "bad-request" },
    { "GET /v1/catalogue/search?q=%ff", "400", "bad-request" },
  };
  g_autofree char *one = NULL;

  g_assert_no_error (error);
  catalogue = bb_catalogue_load (products, &error);
  g_assert_no_error (error);
  bb_order_set_line (order, line);
  bb_order_store_save_async (store, order, NULL, on_saved, &saved);
  test_wait_for (saved != NULL);
  g_assert_true (bb_order_store_save_finish (store, saved, &error));
  test_operator_set_desk (fixture->world, fixture->config, catalogue, store);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reply = ask (fixture, cases[i].line, NULL);
      g_autofree char *start = g_strdup_printf ("HTTP/1.1 %s ", cases[i].status);

      if (!g_str_has_prefix (reply, start))
        g_error ("%s: wanted %s, got %s", cases[i].line, cases[i].status, reply);
      assert_contains (reply, cases[i].text);
    }
  one = ask (fixture, path, NULL);
  assert_status (one, "200");
  assert_contains (one, "\"product_number\":\"10234\"");

  g_clear_object (&fixture->server);
  g_clear_object (&fixture->world);
  bb_order_store_close (store);
  remove_database (database);
}

static void
test_taken_port (Fixture *fixture, gconstpointer data)
{
  g_autoptr (BbConfig) config = api_fixture_config (fixture, bb_api_server_get_port (fixture->server));
  g_autoptr (GError) error = NULL;
  g_autofree char *port = g_strdup_printf ("Port %u", bb_api_server_get_port (fixture->server));

  g_assert_null (bb_api_server_new (config, BB_OPERATOR (fixture->world), &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS);
  assert_contains (error->message, port);
  assert_contains (error->message, "port of [api]");
}

/* Strangers can take some of the connections, and lose them. */
static void
test_connection_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autofree char *reply = NULL;
  guint refused = 0;

  g_socket_client_set_enable_proxy (client, FALSE);
  for (guint i = 0; i < 160; i++)
    {
      GSocketConnection *connection = g_socket_client_connect_to_host (
        client, "127.0.0.1", (guint16)bb_api_server_get_port (fixture->server), NULL, NULL);

      g_assert_nonnull (connection);
      g_ptr_array_add (connections, connection);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  for (guint i = 0; i < connections->len; i++)
    {
      GSocket *socket = g_socket_connection_get_socket (connections->pdata[i]);

      refused += (g_socket_condition_check (socket, G_IO_IN | G_IO_HUP) & (G_IO_IN | G_IO_HUP)) != 0;
    }
  g_assert_cmpuint (refused, ==, 160 - 128);
  g_ptr_array_set_size (connections, 0);
  for (int turn = 0; turn < 500; turn++)
    g_main_context_iteration (NULL, FALSE);
  reply = ask (fixture, "GET /v1/calls", NULL);
  assert_status (reply, "200");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  API_TEST ("/api-server/token-file", test_token_file);
  API_TEST ("/api-server/tokens", test_tokens);
  API_TEST ("/api-server/named-tokens", test_named_tokens);
  g_test_add_func ("/api-server/limits", test_limits);
  API_TEST ("/api-server/authorization", test_authorization);
  API_TEST ("/api-server/ready", test_ready);
  API_TEST ("/api-server/rebinding", test_rebinding);
  API_TEST ("/api-server/refusals", test_refusals);
  API_TEST ("/api-server/large-bodies", test_large_bodies);
  API_TEST ("/api-server/malformed", test_malformed);
  API_TEST ("/api-server/calls", test_calls);
  API_TEST ("/api-server/lookups", test_lookups);
  API_TEST ("/api-server/taken-port", test_taken_port);
  API_TEST ("/api-server/connection-limit", test_connection_limit);
  return g_test_run ();
}
