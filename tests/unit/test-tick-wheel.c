/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glib.h>

#include "tickwheel.h"

typedef struct
{
  TickEntry entry;
  TickWheel *wheel;
  GArray *dues; /* guint64 */
  guint skipped;
  gboolean remove_itself;
} Ticker;

static void
on_tick (TickEntry *entry, guint64 due, guint skipped)
{
  Ticker *self = entry->user_data;

  g_array_append_val (self->dues, due);
  self->skipped += skipped;
  if (self->remove_itself)
    tick_wheel_remove (self->wheel, entry);
}

static Ticker *
ticker_new (TickWheel *wheel, guint period, guint64 now)
{
  Ticker *self = g_new0 (Ticker, 1);

  self->wheel = wheel;
  self->dues = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->entry = (TickEntry){ .func = on_tick, .user_data = self, .period = period };
  tick_wheel_add (wheel, &self->entry, now);
  return self;
}

static void
ticker_free (Ticker *self)
{
  tick_wheel_remove (self->wheel, &self->entry);
  g_array_unref (self->dues);
  g_free (self);
}

static guint64
due (Ticker *self, guint i)
{
  return g_array_index (self->dues, guint64, i);
}

static void
test_cadence (void)
{
  static const guint periods[] = { 10, 20, 30, 40, 60, 1000 };
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *tickers[G_N_ELEMENTS (periods)];
  const guint64 start = 123456;

  tick_wheel_init (wheel, start);
  for (guint i = 0; i < G_N_ELEMENTS (periods); i++)
    tickers[i] = ticker_new (wheel, periods[i], start);

  for (guint64 now = start; now <= start + 6000; now++)
    tick_wheel_advance (wheel, now);

  for (guint i = 0; i < G_N_ELEMENTS (periods); i++)
    {
      g_assert_cmpuint (tickers[i]->dues->len, ==, 6000 / periods[i]);
      g_assert_cmpuint (tickers[i]->skipped, ==, 0);
      for (guint j = 1; j < tickers[i]->dues->len; j++)
        g_assert_cmpuint (due (tickers[i], j) - due (tickers[i], j - 1), ==, periods[i]);
      ticker_free (tickers[i]);
    }
  g_assert_cmpuint (wheel->n_entries, ==, 0);
}

static void
test_next (void)
{
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *slow;
  guint64 now = 5000;
  guint64 at;
  guint wakes = 0;

  tick_wheel_init (wheel, now);
  g_assert_false (tick_wheel_next (wheel, &at));
  slow = ticker_new (wheel, 1000, now);

  /* Sleeping until what it says must run everything, with no needless wake. */
  while (slow->dues->len < 5)
    {
      g_assert_true (tick_wheel_next (wheel, &at));
      g_assert_cmpuint (at, >, now);
      now = at;
      tick_wheel_advance (wheel, now);
      wakes++;
    }
  g_assert_cmpuint (wakes, ==, 5);
  ticker_free (slow);
  g_assert_false (tick_wheel_next (wheel, &at));
}

static void
test_spread (void)
{
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *tickers[60];
  guint per_phase[20] = { 0 };

  tick_wheel_init (wheel, 0);
  for (guint i = 0; i < 60; i++)
    tickers[i] = ticker_new (wheel, 20, 0);
  for (guint64 now = 1; now <= 20; now++)
    tick_wheel_advance (wheel, now);

  for (guint i = 0; i < 60; i++)
    {
      g_assert_cmpuint (tickers[i]->dues->len, ==, 1);
      per_phase[due (tickers[i], 0) % 20]++;
      ticker_free (tickers[i]);
    }
  for (guint i = 0; i < 20; i++)
    g_assert_cmpuint (per_phase[i], ==, 3);
}

/* A short stall is made good at twice the pace; no deadline is lost, no two
 * run in the same turn. */
static void
test_short_stall (void)
{
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *ticker;
  guint64 first;
  guint64 now;
  guint before;

  tick_wheel_init (wheel, 1000);
  ticker = ticker_new (wheel, 20, 1000);
  tick_wheel_next (wheel, &first);
  tick_wheel_advance (wheel, first);
  g_assert_cmpuint (ticker->dues->len, ==, 1);

  now = first + 90; /* four deadlines have passed */
  tick_wheel_advance (wheel, now);
  g_assert_cmpuint (ticker->dues->len, ==, 2);

  while (now < first + 400)
    {
      before = ticker->dues->len;
      tick_wheel_advance (wheel, ++now);
      g_assert_cmpuint (ticker->dues->len - before, <=, 1);
    }
  g_assert_cmpuint (ticker->skipped, ==, 0);
  g_assert_cmpuint (ticker->dues->len, ==, 21);
  for (guint i = 0; i < ticker->dues->len; i++)
    g_assert_cmpuint (due (ticker, i), ==, first + 20 * i);
  ticker_free (ticker);
}

/* A long one gives the missed deadlines up and says how many; it stays on its grid. */
static void
test_long_stall (void)
{
  static const guint stalls[] = { 130, 990, 1030, 5000, 100000 };

  for (guint i = 0; i < G_N_ELEMENTS (stalls); i++)
    {
      g_autofree TickWheel *wheel = g_new (TickWheel, 1);
      Ticker *ticker;
      guint64 first;

      tick_wheel_init (wheel, 1000);
      ticker = ticker_new (wheel, 20, 1000);
      tick_wheel_next (wheel, &first);
      tick_wheel_advance (wheel, first);
      tick_wheel_advance (wheel, first + stalls[i]);

      g_assert_cmpuint (ticker->dues->len, ==, 2);
      g_assert_cmpuint (due (ticker, 1), ==, first + stalls[i] / 20 * 20);
      g_assert_cmpuint (ticker->skipped, ==, stalls[i] / 20 - 1);
      ticker_free (ticker);
    }
}

static void
test_remove_while_running (void)
{
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *a;
  Ticker *b;

  tick_wheel_init (wheel, 0);
  a = ticker_new (wheel, 10, 0);
  b = ticker_new (wheel, 10, 0);
  a->remove_itself = TRUE;
  for (guint64 now = 1; now <= 100; now++)
    tick_wheel_advance (wheel, now);

  g_assert_cmpuint (a->dues->len, ==, 1);
  g_assert_false (tick_entry_is_active (&a->entry));
  g_assert_cmpuint (b->dues->len, ==, 10);
  ticker_free (a);
  ticker_free (b);
}

static void
test_resume (void)
{
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *ticker;
  guint64 first;

  tick_wheel_init (wheel, 0);
  ticker = ticker_new (wheel, 20, 0);
  tick_wheel_next (wheel, &first);
  tick_wheel_advance (wheel, first);
  tick_wheel_remove (wheel, &ticker->entry);
  tick_wheel_resume (wheel, &ticker->entry, first + 147);
  for (guint64 now = first + 148; now <= first + 200; now++)
    tick_wheel_advance (wheel, now);

  g_assert_cmpuint (ticker->dues->len, ==, 4);
  g_assert_cmpuint (due (ticker, 1), ==, first + 160);
  g_assert_cmpuint (due (ticker, 3), ==, first + 200);
  ticker_free (ticker);
}

/* An early departure: the deadlines go on from it, none is lost or doubled. */
static void
test_rephase (void)
{
  g_autofree TickWheel *wheel = g_new (TickWheel, 1);
  Ticker *ticker;
  guint64 first;

  tick_wheel_init (wheel, 1000);
  ticker = ticker_new (wheel, 20, 1000);
  for (guint64 now = 1001; ticker->dues->len == 0; now++)
    tick_wheel_advance (wheel, now);
  first = due (ticker, 0);

  /* On time and some way off; not a moment before it, not when it is late. */
  g_assert_false (tick_wheel_is_ahead (wheel, &ticker->entry, first));
  g_assert_true (tick_wheel_is_ahead (wheel, &ticker->entry, first + 7));
  g_assert_false (tick_wheel_is_ahead (wheel, &ticker->entry, first + 19));
  g_assert_false (tick_wheel_is_ahead (wheel, &ticker->entry, first + 25));

  tick_wheel_advance (wheel, first + 7);
  tick_wheel_rephase (wheel, &ticker->entry, first + 7);
  for (guint64 now = first + 8; now <= first + 67; now++)
    tick_wheel_advance (wheel, now);
  g_assert_cmpuint (ticker->dues->len, ==, 4);
  g_assert_cmpuint (due (ticker, 1), ==, first + 27);
  g_assert_cmpuint (due (ticker, 3), ==, first + 67);
  g_assert_cmpuint (ticker->skipped, ==, 0);
  ticker_free (ticker);
  g_assert_false (tick_wheel_is_ahead (wheel, &(TickEntry){ .period = 20, .due = 5000 }, 4990));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tick-wheel/cadence", test_cadence);
  g_test_add_func ("/tick-wheel/next", test_next);
  g_test_add_func ("/tick-wheel/spread", test_spread);
  g_test_add_func ("/tick-wheel/short-stall", test_short_stall);
  g_test_add_func ("/tick-wheel/long-stall", test_long_stall);
  g_test_add_func ("/tick-wheel/remove-while-running", test_remove_while_running);
  g_test_add_func ("/tick-wheel/resume", test_resume);
  g_test_add_func ("/tick-wheel/rephase", test_rephase);
  return g_test_run ();
}
