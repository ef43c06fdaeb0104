/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The WebSocket's frames over a socket pair: RFC 6455 as the client sees it,
 * and issue 3, point 8: the outgoing queue is bounded, its overflow told. */
#include <gst/gst.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "realtimeio.h"
#include "realtimewire.h"

typedef struct
{
  int peer;
  GSocketConnection *stream;
  GstRealtimeWire *wire;
  GString *told; /* what the wire said */
  gboolean ended, let_go;
  GstRealtimeWireEnd how;
  guint code;
} Pair;

static void
on_message (gpointer user_data, const char *text, gsize size)
{
  Pair *pair = user_data;

  g_assert_cmpuint (text[size], ==, '\0');
  if (size > 200)
    g_string_append_printf (pair->told, "(%" G_GSIZE_FORMAT ")", size);
  else
    g_string_append_printf (pair->told, "(%s)", text);
  if (pair->let_go)
    {
      gst_realtime_wire_cut (pair->wire);
      g_clear_pointer (&pair->wire, gst_realtime_wire_unref);
    }
}

static void
on_ended (gpointer user_data, GstRealtimeWireEnd how, guint code, const char *reason)
{
  Pair *pair = user_data;

  g_assert_false (pair->ended);
  g_assert_nonnull (reason);
  pair->ended = TRUE;
  pair->how = how;
  pair->code = code;
  g_string_append_printf (pair->told, "[%s]", reason);
  g_clear_pointer (&pair->wire, gst_realtime_wire_unref);
}

static Pair *
pair_new (void)
{
  static const GstRealtimeWireListener listener = { on_message, on_ended };
  Pair *pair = g_new0 (Pair, 1);
  g_autoptr (GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  g_assert_nonnull (socket);
  pair->peer = fds[1];
  pair->told = g_string_new (NULL);
  pair->stream = g_socket_connection_factory_create_connection (socket);
  pair->wire = gst_realtime_wire_new (G_IO_STREAM (pair->stream), socket, FALSE, &listener, pair);
  return pair;
}

static void
pair_free (Pair *pair)
{
  if (pair->wire != NULL)
    gst_realtime_wire_cut (pair->wire);
  g_clear_pointer (&pair->wire, gst_realtime_wire_unref);
  g_object_unref (pair->stream);
  close (pair->peer);
  g_string_free (pair->told, TRUE);
  g_free (pair);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

static void
turn (void)
{
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
peer_sends (Pair *pair, const char *data, gsize size)
{
  g_assert_cmpint (send (pair->peer, data, size, MSG_NOSIGNAL), ==, size);
  turn ();
}

#define PEER_SENDS(pair, literal) peer_sends (pair, literal, sizeof literal - 1)

/* Reads one masked frame. Returns: (transfer full): its payload */
static char *
peer_reads (Pair *pair, guint8 *first, gsize *size)
{
  guint8 head[14], mask[4];
  gsize length, got = 0;
  char *data;

  g_assert_cmpint (recv (pair->peer, head, 2, MSG_WAITALL), ==, 2);
  *first = head[0];
  g_assert_true (head[1] & 0x80);
  length = head[1] & 0x7f;
  if (length == 126)
    {
      g_assert_cmpint (recv (pair->peer, head, 2, MSG_WAITALL), ==, 2);
      length = head[0] << 8 | head[1];
      g_assert_cmpuint (length, >=, 126);
    }
  else if (length == 127)
    {
      g_assert_cmpint (recv (pair->peer, head, 8, MSG_WAITALL), ==, 8);
      length = 0;
      for (guint i = 0; i < 8; i++)
        length = length << 8 | head[i];
      g_assert_cmpuint (length, >=, 65536);
    }
  g_assert_cmpint (recv (pair->peer, mask, 4, MSG_WAITALL), ==, 4);
  data = g_malloc0 (length + 1);
  while (got < length)
    {
      ssize_t n = recv (pair->peer, data + got, length - got, MSG_DONTWAIT);

      if (n > 0)
        got += n;
      else
        g_main_context_iteration (NULL, FALSE); /* the rest waits on our side */
    }
  for (gsize i = 0; i < length; i++)
    data[i] ^= mask[i & 3];
  *size = length;
  return data;
}

static void
test_send (void)
{
  static const gsize sizes[] = { 0, 1, 7, 8, 9, 125, 126, 127, 300, 65535, 65536, 3000000 };
  g_autoptr (Pair) pair = pair_new ();

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_malloc (sizes[i] + 1);
      g_autofree char *got = NULL;
      guint8 first;
      gsize size;

      for (gsize j = 0; j < sizes[i]; j++)
        text[j] = 'a' + j * 7 % 26;
      g_assert_true (gst_realtime_wire_send (pair->wire, text, sizes[i]));
      got = peer_reads (pair, &first, &size);
      g_assert_cmpuint (first, ==, 0x81);
      g_assert_cmpmem (got, size, text, sizes[i]);
    }
  g_assert_cmpuint (gst_realtime_wire_get_waiting (pair->wire), ==, 0);
}

/* Frames whole, in pieces of every size, many at once. */
static void
test_receive (void)
{
  static const char frames[] = "\x81\x03one\x81\x00\x82\x03\xff\xfe\xfd"
                               "\x01\x02tw\x89\x02hi\x00\x01o\x80\x00\x81\x05three\x8a\x00";
  g_autoptr (GString) large = g_string_new ("\x81\x7f");

  for (guint step = 1; step <= sizeof frames - 1; step++)
    {
      g_autoptr (Pair) pair = pair_new ();
      g_autofree char *pong = NULL;
      guint8 first;
      gsize size;

      for (guint at = 0; at < sizeof frames - 1; at += step)
        peer_sends (pair, frames + at, MIN (step, sizeof frames - 1 - at));
      g_assert_cmpstr (pair->told->str, ==, "(one)()(two)(three)");
      pong = peer_reads (pair, &first, &size);
      g_assert_cmpuint (first, ==, 0x8a);
      g_assert_cmpmem (pong, size, "hi", 2);
      g_assert_false (pair->ended);
    }

  {
    g_autoptr (Pair) pair = pair_new ();
    gsize sent = 0;

    for (guint i = 0; i < 8; i++)
      g_string_append_c (large, (char)((guint64)5000000 >> (8 * (7 - i))));
    g_string_append (large, "{");
    while (large->len < 5000000 + 10)
      g_string_append (large, "1234567890");
    g_string_truncate (large, 5000000 + 10);
    g_string_append_len (large, "\x81\x03" "end", 5);
    while (sent < large->len)
      {
        ssize_t n = send (pair->peer, large->str + sent, large->len - sent, MSG_DONTWAIT);

        sent += MAX (n, 0);
        g_main_context_iteration (NULL, FALSE);
      }
    turn ();
    g_assert_cmpstr (pair->told->str, ==, "(5000000)(end)");
  }
}

/* What a server may not send ends the connection with 1002 or 1009. */
static void
test_hostile (void)
{
  static const struct
  {
    const char *data;
    gsize size;
    guint code;
  } cases[] = {
#define CASE(literal, code) { literal, sizeof literal - 1, code }
    CASE ("\xc1\x01x", 1002),                                  /* RSV1 */
    CASE ("\x81\x81\0\0\0\0x", 1002),                          /* masked */
    CASE ("\x83\x01x", 1002),                                  /* reserved opcode */
    CASE ("\x8b\x01x", 1002),                                  /* reserved control opcode */
    CASE ("\x09\x01x", 1002),                                  /* a fragmented ping */
    CASE ("\x89\x7e\x00\x80", 1002),                           /* a long ping */
    CASE ("\x80\x01x", 1002),                                  /* a fragment of nothing */
    CASE ("\x01\x01x\x81\x01y", 1002),                         /* a message in a message */
    CASE ("\x88\x01\x03", 1002),                               /* half a code */
    CASE ("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 1009),   /* larger than the world */
    CASE ("\x81\x7f\x00\x00\x00\x00\x02\x00\x00\x01", 1009),   /* a byte too large */
#undef CASE
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Pair) pair = pair_new ();
      g_autofree char *close_frame = NULL;
      guint8 first;
      gsize size;

      peer_sends (pair, cases[i].data, cases[i].size);
      close_frame = peer_reads (pair, &first, &size);
      g_assert_cmpuint (first, ==, 0x88);
      g_assert_cmpuint ((guint8)close_frame[0] << 8 | (guint8)close_frame[1], ==, cases[i].code);
      g_assert_true (pair->ended);
      g_assert_cmpint (pair->how, ==, GST_REALTIME_WIRE_PROTOCOL);
    }
}

static void
test_close (void)
{
  g_autofree char *data = NULL;
  guint8 first;
  gsize size;

  {
    g_autoptr (Pair) pair = pair_new ();

    PEER_SENDS (pair, "\x81\x03one\x88\x05\x03\xe9tot\x81\x03two");
    g_assert_cmpstr (pair->told->str, ==, "(one)[tot]");
    g_assert_cmpint (pair->how, ==, GST_REALTIME_WIRE_CLOSED);
    g_assert_cmpuint (pair->code, ==, 1001);
    data = peer_reads (pair, &first, &size);
    g_assert_cmpuint (first, ==, 0x88);
  }
  {
    g_autoptr (Pair) pair = pair_new ();

    PEER_SENDS (pair, "\x88\x00");
    g_assert_cmpuint (pair->code, ==, 1005);
  }
  {
    g_autoptr (Pair) pair = pair_new ();

    shutdown (pair->peer, SHUT_RDWR);
    turn ();
    g_assert_true (pair->ended);
    g_assert_cmpint (pair->how, ==, GST_REALTIME_WIRE_LOST);
    g_assert_cmpuint (pair->code, ==, 0);
  }
  {
    /* Ours is answered; what comes until then is still told. */
    g_autoptr (Pair) pair = pair_new ();
    g_autofree char *ours = NULL;
    g_autofree char *long_reason = g_strnfill (61, 'x');
    g_autofree char *reason = g_strconcat (long_reason, "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü", NULL);

    gst_realtime_wire_close (pair->wire, 1000, reason);
    g_assert_false (gst_realtime_wire_send (pair->wire, "x", 1));
    ours = peer_reads (pair, &first, &size);
    g_assert_cmpuint (first, ==, 0x88);
    g_assert_cmpuint (size, <=, 125);
    g_assert_true (g_utf8_validate (ours + 2, size - 2, NULL));
    PEER_SENDS (pair, "\x81\x03one\x88\x02\x03\xe8");
    g_assert_cmpstr (pair->told->str, ==, "(one)[]");
    g_assert_cmpuint (pair->code, ==, 1000);
  }
}

/* The listener may let go in the middle of what was read. */
static void
test_let_go (void)
{
  g_autoptr (Pair) pair = pair_new ();

  pair->let_go = TRUE;
  PEER_SENDS (pair, "\x81\x03one\x81\x03two\x88\x02\x03\xe8");
  g_assert_cmpstr (pair->told->str, ==, "(one)");
  g_assert_false (pair->ended);
}

/* A peer that takes nothing: what waits is bounded, and it is told. What was
 * taken before is whole. */
static void
test_stalled (void)
{
  g_autoptr (Pair) pair = pair_new ();
  g_autofree char *text = g_strnfill (10000, 'x');
  guint n = 0;

  while (gst_realtime_wire_send (pair->wire, text, 10000))
    {
      n++;
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (gst_realtime_wire_get_waiting (pair->wire), <,
                        GST_REALTIME_WIRE_MAX_WAITING + 20000);
      g_assert_cmpuint (n, <, 10000);
    }
  g_assert_false (pair->ended); /* not told to the one who sends */
  turn ();
  g_assert_true (pair->ended);
  g_assert_cmpint (pair->how, ==, GST_REALTIME_WIRE_STALLED);
  g_assert_nonnull (strstr (pair->told->str, "kB wait"));
}

/* A peer that takes it late gets it all, in order. */
static void
test_late (void)
{
  g_autoptr (Pair) pair = pair_new ();
  g_autofree char *text = g_strnfill (50000, 'x');
  guint n = 0;

  while (gst_realtime_wire_get_waiting (pair->wire) < 300000)
    {
      memcpy (text, (char[]){ 'a' + n / 26 % 26, 'a' + n % 26 }, 2);
      g_assert_true (gst_realtime_wire_send (pair->wire, text, 50000));
      n++;
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *got = NULL;
      guint8 first;
      gsize size;

      got = peer_reads (pair, &first, &size);
      g_assert_cmpuint (size, ==, 50000);
      g_assert_cmpint (got[0], ==, 'a' + i / 26 % 26);
      g_assert_cmpint (got[1], ==, 'a' + i % 26);
    }
  turn ();
  g_assert_cmpuint (gst_realtime_wire_get_waiting (pair->wire), ==, 0);
  g_assert_false (pair->ended);
}

/* ---- TLS --------------------------------------------------------------- */

#define N_ECHOES 40

static gsize
echo_size (guint i)
{
  static const gsize sizes[] = { 10, 300, 20000, 100000, 400000 };

  return sizes[i % G_N_ELEMENTS (sizes)];
}

/* The service behind TLS: sends back what it gets, in a thread that may block. */
static gpointer
run_echo (gpointer data)
{
  GTlsConnection *tls = data;
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (tls));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (tls));
  g_autoptr (GError) error = NULL;

  g_tls_connection_handshake (tls, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_ECHOES; i++)
    {
      guint8 head[14] = { 0 };
      gsize size = echo_size (i), n_head = size < 126 ? 2 : size < 65536 ? 4 : 10;
      g_autofree guint8 *text = g_malloc (size);

      g_input_stream_read_all (in, head, n_head + 4, NULL, NULL, &error);
      g_assert_no_error (error);
      g_input_stream_read_all (in, text, size, NULL, NULL, &error);
      g_assert_no_error (error);
      for (gsize j = 0; j < size; j++)
        text[j] ^= head[n_head + (j & 3)];
      for (gsize j = 0; j < size; j++)
        g_assert_cmpuint (text[j], ==, 'a' + i % 26);
      if (i == 0)
        g_usleep (100000); /* all of the rest has to wait on the other side */
      head[1] &= 0x7f;
      g_output_stream_write_all (out, head, n_head, NULL, NULL, &error);
      g_assert_no_error (error);
      g_output_stream_write_all (out, text, size, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

static gboolean
accept_any (GTlsConnection *tls, GTlsCertificate *certificate, GTlsCertificateFlags errors)
{
  return TRUE;
}

static gpointer
run_handshake (gpointer tls)
{
  g_autoptr (GError) error = NULL;

  g_tls_connection_handshake (tls, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

/* Every real connection is encrypted: records that hold several messages, half
 * of one, or wait in the library while the socket has nothing more. */
static void
test_tls (void)
{
  static const GstRealtimeWireListener listener = { on_message, on_ended };
  g_autofree char *folder = g_dir_make_tmp ("realtime-XXXXXX", NULL);
  g_autofree char *pem = g_build_filename (folder, "server.pem", NULL);
  const char *const command[] = { "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                                  "2", "-subj", "/CN=localhost", "-keyout", pem, "-out", pem, NULL };
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GIOStream) server = NULL, client = NULL;
  GSocket *sockets[2];
  GSocketConnection *ends[2];
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autofree char *text = g_malloc (400000);
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  Pair pair = { 0 };
  GThread *thread;
  int fds[2];

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()) ||
      !g_spawn_sync (NULL, (char **)command, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, NULL, NULL, NULL, NULL) ||
      (certificate = g_tls_certificate_new_from_file (pem, NULL)) == NULL)
    {
      g_test_skip ("no TLS backend (glib-networking), or no openssl to make a certificate");
      return;
    }
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      sockets[i] = g_socket_new_from_fd (fds[i], NULL);
      ends[i] = g_socket_connection_factory_create_connection (sockets[i]);
    }
  server = g_tls_server_connection_new (G_IO_STREAM (ends[1]), certificate, NULL);
  client = g_tls_client_connection_new (G_IO_STREAM (ends[0]), NULL, NULL);
  g_signal_connect (client, "accept-certificate", G_CALLBACK (accept_any), NULL);
  thread = g_thread_new ("echo", run_echo, server);
  g_thread_join (g_thread_new ("handshake", run_handshake, client));

  pair.told = g_string_new (NULL);
  pair.wire = gst_realtime_wire_new (client, sockets[0], TRUE, &listener, &pair);
  for (guint i = 0; i < N_ECHOES; i++)
    {
      gsize size = echo_size (i);

      memset (text, 'a' + i % 26, size);
      if (size > 200)
        g_string_append_printf (expected, "(%" G_GSIZE_FORMAT ")", size);
      else
        g_string_append_printf (expected, "(%.*s)", (int)size, text);
      while (gst_realtime_wire_get_waiting (pair.wire) > GST_REALTIME_WIRE_MAX_WAITING / 2)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (gst_realtime_wire_send (pair.wire, text, size));
    }
  while (pair.told->len < expected->len && !pair.ended && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (pair.told->str, ==, expected->str);
  g_thread_join (thread);
  if (pair.wire != NULL)
    gst_realtime_wire_cut (pair.wire);
  g_clear_pointer (&pair.wire, gst_realtime_wire_unref);
  g_string_free (pair.told, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_object_unref (ends[i]);
      g_object_unref (sockets[i]);
    }
  g_remove (pem);
  g_rmdir (folder);
}

/* ---- the poller -------------------------------------------------------- */

typedef struct
{
  GstRealtimeWatch *watches[3];
  int pipes[3][2];
  GString *called;
  gboolean free_others;
} Watched;

static Watched watched;

static void
on_watch (gpointer user_data, GIOCondition condition)
{
  guint n = GPOINTER_TO_UINT (user_data);

  g_string_append_printf (watched.called, "%u:%u ", n, condition);
  if (!watched.free_others)
    return;
  for (guint i = 0; i < 3; i++)
    if (i != n)
      g_clear_pointer (&watched.watches[i], gst_realtime_watch_free);
}

/* A function may take away watches whose turn would be next. */
static void
test_poller (void)
{
  GstRealtimePoller *poller = gst_realtime_poller_new (NULL);

  watched.called = g_string_new (NULL);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (pipe (watched.pipes[i]), ==, 0);
      watched.watches[i] = gst_realtime_watch_new (poller, watched.pipes[i][0], on_watch,
                                                   GUINT_TO_POINTER (i));
    }
  turn ();
  g_assert_cmpstr (watched.called->str, ==, "");

  gst_realtime_watch_set_due (watched.watches[1], g_get_monotonic_time () - 1);
  gst_realtime_watch_set_due (watched.watches[2], g_get_monotonic_time () + G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
  turn ();
  g_assert_cmpstr (watched.called->str, ==, "1:0 ");
  gst_realtime_watch_set_due (watched.watches[0], g_get_monotonic_time () + 20000);
  while (strstr (watched.called->str, "0:0") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (watched.called->str, ==, "1:0 0:0 ");

  g_string_truncate (watched.called, 0);
  watched.free_others = TRUE;
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (write (watched.pipes[i][1], "x", 1), ==, 1);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (watched.called->len, ==, 4); /* one, whichever came first */
  for (guint i = 0; i < 3; i++)
    {
      g_clear_pointer (&watched.watches[i], gst_realtime_watch_free);
      close (watched.pipes[i][0]);
      close (watched.pipes[i][1]);
    }
  gst_realtime_poller_free (poller);
  g_string_free (watched.called, TRUE);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/send", test_send);
  g_test_add_func ("/wire/receive", test_receive);
  g_test_add_func ("/wire/hostile", test_hostile);
  g_test_add_func ("/wire/close", test_close);
  g_test_add_func ("/wire/let-go", test_let_go);
  g_test_add_func ("/wire/stalled", test_stalled);
  g_test_add_func ("/wire/late", test_late);
  g_test_add_func ("/wire/tls", test_tls);
  g_test_add_func ("/poller", test_poller);
  return g_test_run ();
}
