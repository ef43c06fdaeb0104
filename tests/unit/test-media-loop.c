/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <arpa/inet.h>
#include <gst/gst.h>
#include <string.h>
#include <unistd.h>

#include "medialoop.h"
#include "rtpsockets.h"

#define N_CALLS 40
#define DEADLINE (20 * G_USEC_PER_SEC)

/* What a call does on its loop: counts ticks and datagrams. */
typedef struct
{
  MediaLoop *loop;
  RtpSockets sockets;
  MediaLoopWatch watch;
  TickEntry tick;
  guint n_ticks;
  guint n_datagrams;
  gboolean wrong_thread;
} Call;

static void
on_readable (gpointer user_data)
{
  Call *call = user_data;
  MediaDatagram *datagrams;

  call->wrong_thread |= !media_loop_is_current (call->loop);
  call->n_datagrams += media_loop_receive (call->loop, call->sockets.rtp_fd, &datagrams);
}

static void
on_tick (TickEntry *entry, guint64 due, guint skipped)
{
  Call *call = entry->user_data;

  call->wrong_thread |= !media_loop_is_current (call->loop);
  call->n_ticks++;
}

static void
start (gpointer user_data)
{
  Call *call = user_data;

  media_loop_add_watch (call->loop, &call->watch);
  media_loop_add_tick (call->loop, &call->tick, FALSE);
}

static void
stop (gpointer user_data)
{
  Call *call = user_data;

  media_loop_remove_watch (call->loop, &call->watch);
  media_loop_remove_tick (call->loop, &call->tick);
}

static void
call_start (Call *call)
{
  *call = (Call){ .sockets = RTP_SOCKETS_INIT };
  g_assert_true (rtp_sockets_open (&call->sockets, "127.0.0.1", 0, 0, 0, NULL));
  call->loop = media_loop_acquire ();
  g_assert_nonnull (call->loop);
  call->watch = (MediaLoopWatch){ call->sockets.rtp_fd, on_readable, call };
  call->tick = (TickEntry){ .func = on_tick, .user_data = call, .period = 10 };
  media_loop_run_sync (call->loop, start, call);
}

/* Once this returns the loop does not touch the call: plain reads are safe. */
static void
call_stop (Call *call)
{
  media_loop_run_sync (call->loop, stop, call);
  g_assert_false (call->wrong_thread);
  media_loop_release (call->loop);
  rtp_sockets_close (&call->sockets);
}

typedef struct
{
  Call *call;
  guint n_ticks;
  guint n_datagrams;
} Peek;

static void
peek (gpointer user_data)
{
  Peek *self = user_data;

  self->n_ticks = self->call->n_ticks;
  self->n_datagrams = self->call->n_datagrams;
}

static Peek
call_peek (Call *call)
{
  Peek result = { .call = call };

  media_loop_run_sync (call->loop, peek, &result);
  return result;
}

static void
send_to (guint16 port, guint n)
{
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_port = htons (port),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  for (guint i = 0; i < n; i++)
    g_assert_cmpint (sendto (fd, "x", 1, 0, (struct sockaddr *) &to, sizeof to), ==, 1);
  close (fd);
}

static void
test_many_calls (void)
{
  static Call calls[N_CALLS];
  gint64 deadline = g_get_monotonic_time () + DEADLINE;
  guint n_loops;

  g_assert_cmpuint (media_loop_count_threads (), ==, 0);
  for (guint i = 0; i < N_CALLS; i++)
    call_start (&calls[i]);
  n_loops = media_loop_count_threads ();
  g_assert_cmpuint (n_loops, >, 0);
  g_assert_cmpuint (n_loops, <=, g_get_num_processors ());

  /* More than one batch for each. */
  for (guint i = 0; i < N_CALLS; i++)
    send_to (calls[i].sockets.rtp_port, 2 * MEDIA_LOOP_BATCH + 1);
  for (guint i = 0; i < N_CALLS; i++)
    {
      Peek seen;

      do
        {
          g_assert_cmpint (g_get_monotonic_time (), <, deadline);
          seen = call_peek (&calls[i]);
          if (seen.n_datagrams < 2 * MEDIA_LOOP_BATCH + 1 || seen.n_ticks < 5)
            g_usleep (1000);
        }
      while (seen.n_datagrams < 2 * MEDIA_LOOP_BATCH + 1 || seen.n_ticks < 5);
      g_assert_cmpuint (seen.n_datagrams, ==, 2 * MEDIA_LOOP_BATCH + 1);
    }

  for (guint i = 0; i < N_CALLS; i++)
    call_stop (&calls[i]);
  g_assert_cmpuint (media_loop_count_threads (), ==, 0);
}

static void
test_least_loaded (void)
{
  MediaLoop *loops[8];
  guint counts[2] = { 0 };

  g_setenv (MEDIA_LOOP_ENV, "2", TRUE);
  for (guint i = 0; i < 8; i++)
    loops[i] = media_loop_acquire ();
  g_assert_cmpuint (media_loop_count_threads (), ==, 2);
  for (guint i = 0; i < 8; i++)
    counts[loops[i] == loops[0] ? 0 : 1]++;
  g_assert_cmpuint (counts[0], ==, 4);

  /* All of one loop's calls but one end: the next three go there. */
  for (guint i = 1; i < 8; i++)
    if (loops[i] == loops[0])
      media_loop_release (g_steal_pointer (&loops[i]));
  for (guint i = 1; i < 8; i++)
    if (loops[i] == NULL)
      {
        loops[i] = media_loop_acquire ();
        g_assert_true (loops[i] == loops[0]);
      }
  for (guint i = 0; i < 8; i++)
    media_loop_release (loops[i]);
  g_assert_cmpuint (media_loop_count_threads (), ==, 0);
  g_unsetenv (MEDIA_LOOP_ENV);
}

static void
append (gpointer user_data)
{
  g_string_append_c (user_data, 'a');
}

static void
append_end (gpointer user_data)
{
  g_string_append_c (user_data, 'z');
}

static void
test_enqueue (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  MediaLoop *loop = media_loop_acquire ();

  for (guint i = 0; i < 3; i++)
    g_assert_true (media_loop_enqueue (loop, append, text, append_end));
  media_loop_run_sync (loop, append, text);
  g_assert_cmpstr (text->str, ==, "azazaza");

  /* What is queued is run, not lost, when the loop ends. */
  for (guint i = 0; i < 3; i++)
    g_assert_true (media_loop_enqueue (loop, append, text, NULL));
  media_loop_release (loop);
  g_assert_cmpstr (text->str, ==, "azazazaaaa");
}

/* Calls come and go on several threads while their sockets are busy. */
static gpointer
churn (gpointer data)
{
  for (guint i = 0; i < 40; i++)
    {
      Call call;

      call_start (&call);
      send_to (call.sockets.rtp_port, 3);
      call_stop (&call);
    }
  return NULL;
}

static void
test_churn (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("churn", churn, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (media_loop_count_threads (), ==, 0);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media-loop/many-calls", test_many_calls);
  g_test_add_func ("/media-loop/least-loaded", test_least_loaded);
  g_test_add_func ("/media-loop/enqueue", test_enqueue);
  g_test_add_func ("/media-loop/churn", test_churn);
  return g_test_run ();
}
