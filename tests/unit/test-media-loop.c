/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <arpa/inet.h>
#include <gst/gst.h>
#include <sched.h>
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

/* A process that is kept on one core has one loop, however many the machine has. */
static void
test_few_cores (void)
{
  cpu_set_t all;
  cpu_set_t one;
  MediaLoop *loops[3];

  g_assert_cmpint (sched_getaffinity (0, sizeof all, &all), ==, 0);
  CPU_ZERO (&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT (&one) == 0; i++)
    if (CPU_ISSET (i, &all))
      CPU_SET (i, &one);
  if (sched_setaffinity (0, sizeof one, &one) != 0)
    {
      g_test_skip ("the cores can't be chosen here");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (loops); i++)
    loops[i] = media_loop_acquire ();
  g_assert_cmpuint (media_loop_count_threads (), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (loops); i++)
    media_loop_release (loops[i]);
  g_assert_cmpint (sched_setaffinity (0, sizeof all, &all), ==, 0);
}

/* ---- Bounded work ---- */

#define N_SLOW 30
#define SLOW_US 2000

/* A call that takes its time and never empties its socket. */
static void
on_slow (gpointer user_data)
{
  gint64 until = g_get_monotonic_time () + SLOW_US;

  while (g_get_monotonic_time () < until)
    ;
}

typedef struct
{
  TickEntry tick;
  GArray *late; /* ms; the loop's thread */
  gint n;       /* atomic */
} Punctual;

static void
on_punctual_tick (TickEntry *entry, guint64 due, guint skipped)
{
  Punctual *self = entry->user_data;
  int late = (int) ((guint64) (media_loop_now () / 1000000) - due);

  g_array_append_val (self->late, late);
  g_atomic_int_inc (&self->n);
}

typedef struct
{
  MediaLoop *loop;
  MediaLoopWatch watches[N_SLOW];
  Punctual punctual;
} Crowd;

static void
crowd_start (gpointer user_data)
{
  Crowd *self = user_data;

  for (guint i = 0; i < N_SLOW; i++)
    media_loop_add_watch (self->loop, &self->watches[i]);
  media_loop_add_tick (self->loop, &self->punctual.tick, FALSE);
}

static void
crowd_stop (gpointer user_data)
{
  Crowd *self = user_data;

  for (guint i = 0; i < N_SLOW; i++)
    media_loop_remove_watch (self->loop, &self->watches[i]);
  media_loop_remove_tick (self->loop, &self->punctual.tick);
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

/* Thirty calls that keep the loop busy for 60 ms a round: the departures of
 * another wait for one of them, not for all. */
static void
test_bounded_work (void)
{
  Crowd crowd = { .loop = media_loop_acquire () };
  RtpSockets sockets[N_SLOW];
  gint64 deadline = g_get_monotonic_time () + DEADLINE;

  crowd.punctual.tick
      = (TickEntry){ .func = on_punctual_tick, .user_data = &crowd.punctual, .period = 20 };
  crowd.punctual.late = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < N_SLOW; i++)
    {
      sockets[i] = (RtpSockets) RTP_SOCKETS_INIT;
      g_assert_true (rtp_sockets_open (&sockets[i], "127.0.0.1", 0, 0, 0, NULL));
      crowd.watches[i] = (MediaLoopWatch){ sockets[i].rtp_fd, on_slow, NULL };
      send_to (sockets[i].rtp_port, 1);
    }
  media_loop_run_sync (crowd.loop, crowd_start, &crowd);
  while (g_atomic_int_get (&crowd.punctual.n) < 40)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (20000);
    }
  media_loop_run_sync (crowd.loop, crowd_stop, &crowd);

  g_array_sort (crowd.punctual.late, compare_ints);
  g_test_message ("late by %d ms, at most %d",
                  g_array_index (crowd.punctual.late, int, crowd.punctual.late->len / 2),
                  g_array_index (crowd.punctual.late, int, crowd.punctual.late->len - 1));
  g_assert_cmpint (g_array_index (crowd.punctual.late, int, crowd.punctual.late->len * 3 / 4), <, 12);
  g_array_unref (crowd.punctual.late);
  for (guint i = 0; i < N_SLOW; i++)
    rtp_sockets_close (&sockets[i]);
  media_loop_release (crowd.loop);
}

static void
on_heavy_tick (TickEntry *entry, guint64 due, guint skipped)
{
  gint64 until = g_get_monotonic_time () + 12000;

  while (g_get_monotonic_time () < until)
    ;
  g_atomic_int_inc ((gint *) entry->user_data);
}

typedef struct
{
  MediaLoop *loop;
  TickEntry tick;
} Heavy;

static void
heavy_start (gpointer user_data)
{
  media_loop_add_tick (((Heavy *) user_data)->loop, &((Heavy *) user_data)->tick, FALSE);
}

static void
heavy_stop (gpointer user_data)
{
  media_loop_remove_tick (((Heavy *) user_data)->loop, &((Heavy *) user_data)->tick);
}

/* One call that costs as much as many: others go where there is room, though
 * there are more of them. */
static void
test_least_busy (void)
{
  gint n = 0;
  Heavy heavy = { .tick = { .func = on_heavy_tick, .user_data = &n, .period = 20 } };
  gint64 deadline = g_get_monotonic_time () + DEADLINE;
  MediaLoop *others[3];

  g_setenv (MEDIA_LOOP_ENV, "2", TRUE);
  heavy.loop = media_loop_acquire ();
  others[0] = media_loop_acquire ();
  g_assert_true (others[0] != heavy.loop);
  media_loop_run_sync (heavy.loop, heavy_start, &heavy);
  while (g_atomic_int_get (&n) < 75) /* a second and a half: a whole window */
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (20000);
    }
  for (guint i = 1; i < G_N_ELEMENTS (others); i++)
    {
      others[i] = media_loop_acquire ();
      g_assert_true (others[i] == others[0]);
    }
  media_loop_run_sync (heavy.loop, heavy_stop, &heavy);
  media_loop_release (heavy.loop);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    media_loop_release (others[i]);
  g_unsetenv (MEDIA_LOOP_ENV);
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
  g_test_add_func ("/media-loop/few-cores", test_few_cores);
  g_test_add_func ("/media-loop/bounded-work", test_bounded_work);
  g_test_add_func ("/media-loop/least-busy", test_least_busy);
  g_test_add_func ("/media-loop/enqueue", test_enqueue);
  g_test_add_func ("/media-loop/churn", test_churn);
  return g_test_run ();
}
