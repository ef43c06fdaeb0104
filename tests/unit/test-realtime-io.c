/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The I/O threads come and go with the elements that use them. */
#include "realtimeio.h"

static gint n_run;

static void
count (gpointer object, gpointer data)
{
  g_atomic_int_inc (&n_run);
}

static gboolean
count_last (gpointer data)
{
  g_atomic_int_inc (&n_run);
  return G_SOURCE_REMOVE;
}

/* A thread ends with its last place; whoever gave that back may be interrupted
 * just then, and must not touch what the thread takes with it. */
static gpointer
come_and_go (gpointer data)
{
  guint n = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < n; i++)
    {
      GstRealtimeIo *io = gst_realtime_io_new ();

      g_assert_true (gst_realtime_io_enqueue (io, count, NULL, NULL, NULL));
      gst_realtime_io_close (io, count_last, NULL);
      g_assert_false (gst_realtime_io_enqueue (io, count, NULL, NULL, NULL));
      gst_realtime_io_unref (io);
    }
  return NULL;
}

/* @data: threads that use them. With one, each place is the last one. */
static void
test_come_and_go (gconstpointer data)
{
  guint n_threads = GPOINTER_TO_UINT (data);
  g_autofree GThread **threads = g_new (GThread *, n_threads);
  guint n = 12000 / n_threads * (g_test_slow () ? 20 : 1);

  g_atomic_int_set (&n_run, 0);
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("user", come_and_go, GUINT_TO_POINTER (n));
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (g_atomic_int_get (&n_run), ==, 2 * n * n_threads);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/realtime-io/come-and-go/1", GUINT_TO_POINTER (1), test_come_and_go);
  g_test_add_data_func ("/realtime-io/come-and-go/8", GUINT_TO_POINTER (8), test_come_and_go);
  return g_test_run ();
}
