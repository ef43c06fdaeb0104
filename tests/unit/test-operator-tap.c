/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Frames from the media thread to the main context: in order, none twice, and
 * nobody waits for anybody. */
#include "bb-operator-tap.h"

#include <string.h>

#include "bb-operator-line.h"

#define N_FRAMES 20000

typedef struct
{
  BbOperatorTap *tap;
  guint last; /* number of the frame that came last */
  guint n;
  gint done;  /* (atomic) */
} World;

static void
put (BbOperatorTap *tap, guint number)
{
  guint8 frame[BB_OPERATOR_LINE_DOWN_BYTES];

  memset (frame, (int) (number & 0xff), sizeof frame);
  memcpy (frame, &number, sizeof number);
  bb_operator_tap_put (frame, sizeof frame, tap);
}

static void
on_frame (GBytes *frame, gpointer user_data)
{
  World *world = user_data;
  const guint8 *data = g_bytes_get_data (frame, NULL);
  guint number;

  memcpy (&number, data, sizeof number);
  g_assert_cmpuint (number, >, world->last);
  g_assert_cmpuint (data[BB_OPERATOR_LINE_DOWN_BYTES - 1], ==, number & 0xff);
  world->last = number;
  world->n++;
}

static gpointer
media_thread (gpointer user_data)
{
  World *world = user_data;

  for (guint i = 1; i <= N_FRAMES; i++)
    {
      put (world->tap, i);
      if (i % 16 == 0)
        g_thread_yield ();
    }
  bb_operator_tap_unref (world->tap);
  g_atomic_int_set (&world->done, 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (GError) error = NULL;
  World world = { 0 };
  GThread *thread;

  world.tap = bb_operator_tap_new (on_frame, &world, &error);
  g_assert_no_error (error);
  bb_operator_tap_ref (world.tap);
  thread = g_thread_new ("media", media_thread, &world);
  while (!g_atomic_int_get (&world.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (world.n + bb_operator_tap_get_n_dropped (world.tap), ==, N_FRAMES);
  g_assert_cmpuint (world.n, >, 0);
  bb_operator_tap_close (world.tap);
  bb_operator_tap_unref (world.tap);
}

/* The main context stands still: what there is room for stays, and then it goes on. */
static void
test_full (void)
{
  g_autoptr (GError) error = NULL;
  World world = { 0 };

  world.tap = bb_operator_tap_new (on_frame, &world, &error);
  for (guint i = 1; i <= 100; i++)
    put (world.tap, i);
  g_assert_cmpuint (bb_operator_tap_get_n_dropped (world.tap), ==, 100 - 64);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (world.n, ==, 64);
  g_assert_cmpuint (world.last, ==, 64);
  put (world.tap, 101);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (world.last, ==, 101);
  /* A frame of another size is none, and after the close nobody is called. */
  bb_operator_tap_put ((const guint8 *) "", 1, world.tap);
  put (world.tap, 102);
  bb_operator_tap_close (world.tap);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (world.last, ==, 101);
  bb_operator_tap_unref (world.tap);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/operator-tap/threads", test_threads);
  g_test_add_func ("/operator-tap/full", test_full);
  return g_test_run ();
}
