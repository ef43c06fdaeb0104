/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glib.h>

#include "reorderqueue.h"

#define MS G_GINT64_CONSTANT (1000000)
#define SSRC 0x1234

/* What left, as text: "5 6 -2 9" is 5, 6, a gap of two, 9. */
static void
pop_all (ReorderQueue *queue, gint64 now, GString *text)
{
  ReorderOutput output;

  while (reorder_queue_pop (queue, now, FALSE, &output))
    {
      if (output.lost > 0)
        g_string_append_printf (text, "-%u ", output.lost);
      g_string_append_printf (text, "%u ", GPOINTER_TO_UINT (output.packet) - 1);
      g_assert_cmpuint (output.timestamp, ==, 160 * (GPOINTER_TO_UINT (output.packet) - 1));
    }
}

static ReorderVerdict
push (ReorderQueue *queue, guint16 seq, gint64 now, GString *text)
{
  ReorderVerdict verdict
      = reorder_queue_push (queue, SSRC, seq, 160u * seq, now, GUINT_TO_POINTER (seq + 1u));

  pop_all (queue, now, text);
  return verdict;
}

static void
test_in_order (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;

  reorder_queue_init (&queue, 5, 60 * MS);
  for (guint seq = 7; seq < 12; seq++)
    {
      /* Each leaves before the next comes: no delay at all. */
      g_assert_cmpint (push (&queue, (guint16) seq, 0, text), ==, REORDER_TAKEN);
      g_assert_cmpuint (queue.n_held, ==, 0);
    }
  g_assert_cmpstr (text->str, ==, "7 8 9 10 11 ");
}

static void
test_swapped (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;

  reorder_queue_init (&queue, 5, 60 * MS);
  push (&queue, 1, 0, text);
  push (&queue, 3, 0, text);
  push (&queue, 4, 0, text);
  g_assert_cmpstr (text->str, ==, "1 ");
  push (&queue, 2, 20 * MS, text);
  g_assert_cmpstr (text->str, ==, "1 2 3 4 ");
}

static void
test_lost_by_time (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;

  reorder_queue_init (&queue, 5, 60 * MS);
  push (&queue, 1, 0, text);
  push (&queue, 4, 40 * MS, text);
  push (&queue, 5, 60 * MS, text);
  pop_all (&queue, 99 * MS, text);
  g_assert_cmpstr (text->str, ==, "1 ");
  pop_all (&queue, 100 * MS, text);
  g_assert_cmpstr (text->str, ==, "1 -2 4 5 ");
}

static void
test_lost_by_count (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;

  reorder_queue_init (&queue, 3, 1000 * MS);
  push (&queue, 1, 0, text);
  push (&queue, 3, 0, text);
  push (&queue, 4, 0, text);
  g_assert_cmpstr (text->str, ==, "1 ");
  push (&queue, 5, 0, text);
  g_assert_cmpstr (text->str, ==, "1 -1 3 4 5 ");
}

/* Two gaps: the second is waited for on its own account. */
static void
test_two_gaps (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;

  reorder_queue_init (&queue, 5, 60 * MS);
  push (&queue, 1, 0, text);
  push (&queue, 3, 10 * MS, text);
  push (&queue, 5, 50 * MS, text);
  pop_all (&queue, 70 * MS, text);
  g_assert_cmpstr (text->str, ==, "1 -1 3 ");
  pop_all (&queue, 110 * MS, text);
  g_assert_cmpstr (text->str, ==, "1 -1 3 -1 5 ");
}

static void
test_duplicates_and_late (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;

  reorder_queue_init (&queue, 5, 60 * MS);
  push (&queue, 1, 0, text);
  g_assert_cmpint (push (&queue, 1, 0, text), ==, REORDER_DUPLICATE);
  push (&queue, 3, 0, text);
  g_assert_cmpint (push (&queue, 3, 0, text), ==, REORDER_DUPLICATE);
  pop_all (&queue, 60 * MS, text);
  g_assert_cmpint (push (&queue, 2, 61 * MS, text), ==, REORDER_LATE);
  g_assert_cmpint (push (&queue, 3, 61 * MS, text), ==, REORDER_DUPLICATE);
  push (&queue, 4, 62 * MS, text);
  g_assert_cmpstr (text->str, ==, "1 -1 3 4 ");
}

static void
test_wrap (void)
{
  ReorderQueue queue;
  ReorderOutput output;
  static const guint16 order[] = { 65534, 0, 65535, 1, 3, 2 };
  static const guint16 expected[] = { 65534, 65535, 0, 1, 2, 3 };
  guint n = 0;

  reorder_queue_init (&queue, 5, 60 * MS);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_assert_cmpint (
          reorder_queue_push (&queue, SSRC, order[i], 0, 0, GUINT_TO_POINTER (order[i] + 1u)), ==,
          REORDER_TAKEN);
      while (reorder_queue_pop (&queue, 0, FALSE, &output))
        {
          g_assert_cmpuint (output.lost, ==, 0);
          g_assert_cmpuint (GPOINTER_TO_UINT (output.packet) - 1, ==, expected[n++]);
        }
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
}

static guint n_freed;

static void
count_free (gpointer packet)
{
  n_freed++;
}

static void
test_restart (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ReorderQueue queue;
  ReorderOutput output;

  reorder_queue_init (&queue, 5, 60 * MS);
  push (&queue, 100, 0, text);
  push (&queue, 102, 0, text);

  /* One stray packet changes nothing … */
  g_assert_cmpint (push (&queue, 40000, 0, text), ==, REORDER_SUSPECT);
  g_assert_cmpint (push (&queue, 101, 0, text), ==, REORDER_TAKEN);
  g_assert_cmpstr (text->str, ==, "100 101 102 ");
  g_assert_cmpint (push (&queue, 40001, 0, text), ==, REORDER_SUSPECT);

  /* … two in a row are another stream; what is held still leaves. */
  push (&queue, 104, 0, text);
  g_assert_cmpint (push (&queue, 20000, 0, text), ==, REORDER_SUSPECT);
  g_assert_cmpint (push (&queue, 20001, 0, text), ==, REORDER_RESTART);
  g_assert_true (reorder_queue_pop (&queue, 0, TRUE, &output));
  g_assert_cmpuint (GPOINTER_TO_UINT (output.packet) - 1, ==, 104);
  g_assert_cmpuint (output.lost, ==, 1);
  reorder_queue_reset (&queue, count_free);
  g_string_truncate (text, 0);
  g_assert_cmpint (push (&queue, 20001, 0, text), ==, REORDER_TAKEN);
  g_assert_cmpstr (text->str, ==, "20001 ");

  /* Another SSRC is one at once. */
  g_assert_cmpint (reorder_queue_push (&queue, SSRC + 1, 20002, 0, 0, &queue), ==, REORDER_RESTART);

  push (&queue, 20005, 0, text);
  n_freed = 0;
  reorder_queue_reset (&queue, count_free);
  g_assert_cmpuint (n_freed, ==, 1);
}

/* Random order within the bounds: everything comes out, once, in order. */
static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);
  ReorderQueue queue;
  ReorderOutput output;
  guint16 next = 65000;

  reorder_queue_init (&queue, 8, 1000 * MS);
  reorder_queue_push (&queue, SSRC, next, 0, 0, GUINT_TO_POINTER (next + 1u));
  g_assert_true (reorder_queue_pop (&queue, 0, FALSE, &output));
  next++;

  for (guint block = 0; block < 1000; block++)
    {
      guint16 seqs[6];

      for (guint i = 0; i < 6; i++)
        seqs[i] = (guint16) (next + i);
      for (guint i = 5; i > 0; i--)
        {
          guint j = (guint) g_rand_int_range (rand, 0, (gint) i + 1);
          guint16 t = seqs[i];

          seqs[i] = seqs[j];
          seqs[j] = t;
        }
      for (guint i = 0; i < 6; i++)
        {
          g_assert_cmpint (
              reorder_queue_push (&queue, SSRC, seqs[i], 0, 0, GUINT_TO_POINTER (seqs[i] + 1u)),
              ==, REORDER_TAKEN);
          while (reorder_queue_pop (&queue, 0, FALSE, &output))
            {
              g_assert_cmpuint (output.lost, ==, 0);
              g_assert_cmpuint (GPOINTER_TO_UINT (output.packet) - 1, ==, next);
              next++;
            }
        }
      g_assert_cmpuint (queue.n_held, ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reorder-queue/in-order", test_in_order);
  g_test_add_func ("/reorder-queue/swapped", test_swapped);
  g_test_add_func ("/reorder-queue/lost-by-time", test_lost_by_time);
  g_test_add_func ("/reorder-queue/lost-by-count", test_lost_by_count);
  g_test_add_func ("/reorder-queue/two-gaps", test_two_gaps);
  g_test_add_func ("/reorder-queue/duplicates-and-late", test_duplicates_and_late);
  g_test_add_func ("/reorder-queue/wrap", test_wrap);
  g_test_add_func ("/reorder-queue/restart", test_restart);
  g_test_add_func ("/reorder-queue/random", test_random);
  return g_test_run ();
}
