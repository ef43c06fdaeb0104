/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-farewell.h"

#define LONG 60000 /* ms: never, in a test */
#define TAIL 20    /* ms */

typedef struct
{
  BbFarewell *farewell;
  guint n;
  BbCallEnd end;
} Fixture;

static void
on_farewell (BbCallEnd end, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n++;
  fixture->end = end;
}

static void
set_up (Fixture *fixture, gconstpointer timeout_ms)
{
  fixture->farewell = bb_farewell_new (GPOINTER_TO_UINT (timeout_ms), TAIL, on_farewell, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  bb_farewell_free (fixture->farewell);
}

static gboolean
on_later (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* For longer than a tail. */
static void
let_time_pass (void)
{
  gboolean over = FALSE;

  g_timeout_add (5 * TAIL, on_later, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_after_the_last_words (Fixture *fixture, gconstpointer data)
{
  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 0);

  /* The silence of the response that asked to hang up is not the end: the
   * goodbye is the next one. */
  bb_farewell_response_created (fixture->farewell);
  bb_farewell_expect (fixture->farewell, BB_CALL_END_BOT);
  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 0);

  bb_farewell_response_created (fixture->farewell);
  g_assert_cmpuint (fixture->n, ==, 0);
  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 1);
  g_assert_cmpint (fixture->end, ==, BB_CALL_END_BOT);

  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 1);
}

static void
test_caller_goes_on (Fixture *fixture, gconstpointer data)
{
  bb_farewell_expect (fixture->farewell, BB_CALL_END_BOT);
  bb_farewell_response_created (fixture->farewell);
  bb_farewell_caller_speaks (fixture->farewell);
  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 0);

  /* A caller who asked for a person gets one, whatever they say meanwhile. */
  bb_farewell_expect (fixture->farewell, BB_CALL_END_TRANSFER);
  bb_farewell_caller_speaks (fixture->farewell);
  bb_farewell_response_created (fixture->farewell);
  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 1);
  g_assert_cmpint (fixture->end, ==, BB_CALL_END_TRANSFER);
}

/* What the caller's jitter buffer holds has to be heard, and a pause between
 * two sentences is not the end. */
static void
test_tail (Fixture *fixture, gconstpointer data)
{
  bb_farewell_expect (fixture->farewell, BB_CALL_END_BOT);
  bb_farewell_response_created (fixture->farewell);
  bb_farewell_silence (fixture->farewell);
  g_assert_cmpuint (fixture->n, ==, 0);
  bb_farewell_speaking (fixture->farewell, TRUE);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 0);
  bb_farewell_speaking (fixture->farewell, FALSE);
  bb_farewell_silence (fixture->farewell);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 1);
}

/* Words that are being heard take as long as they take. */
static void
test_long_words (Fixture *fixture, gconstpointer data)
{
  bb_farewell_expect (fixture->farewell, BB_CALL_END_BOT);
  bb_farewell_response_created (fixture->farewell);
  bb_farewell_speaking (fixture->farewell, TRUE);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 0);
  bb_farewell_speaking (fixture->farewell, FALSE);
  let_time_pass ();
  g_assert_cmpuint (fixture->n, ==, 1);
}

static void
test_words_never_come (Fixture *fixture, gconstpointer data)
{
  bb_farewell_expect (fixture->farewell, BB_CALL_END_BOT);
  while (fixture->n == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (fixture->end, ==, BB_CALL_END_BOT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/farewell/after-the-last-words", Fixture, GUINT_TO_POINTER (LONG), set_up,
              test_after_the_last_words, tear_down);
  g_test_add ("/farewell/caller-goes-on", Fixture, GUINT_TO_POINTER (LONG), set_up,
              test_caller_goes_on, tear_down);
  g_test_add ("/farewell/tail", Fixture, GUINT_TO_POINTER (LONG), set_up, test_tail, tear_down);
  g_test_add ("/farewell/long-words", Fixture, GUINT_TO_POINTER (TAIL), set_up, test_long_words,
              tear_down);
  g_test_add ("/farewell/words-never-come", Fixture, GUINT_TO_POINTER (5), set_up,
              test_words_never_come, tear_down);

  return g_test_run ();
}
