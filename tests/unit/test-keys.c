/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glib.h>

#include "bb-keys.h"

static const int rtp, info; /* the two ways */

static void
on_keys (const char *keys, gpointer user_data)
{
  g_string_append_printf (user_data, "[%s]", keys);
}

/* Point 5: a key that comes as telephone-event and as SIP INFO is one key,
 * whichever is first; the same key pressed twice is two. */
static void
test_two_ways (void)
{
  g_autoptr (GString) got = g_string_new (NULL);
  BbKeys *keys = bb_keys_new (10000, on_keys, got);

  bb_keys_press (keys, "5", &rtp);
  bb_keys_press (keys, "5", &info);
  bb_keys_press (keys, "5", &info);
  bb_keys_press (keys, "5", &rtp);
  bb_keys_press (keys, "1", &rtp);
  bb_keys_press (keys, "2", &rtp);
  bb_keys_press (keys, "1", &info);
  bb_keys_press (keys, "2", &info);
  bb_keys_flush (keys);
  g_assert_cmpstr (got->str, ==, "[5512]");

  /* One way alone, as fast as fingers are. */
  for (guint i = 0; i < 20; i++)
    bb_keys_press (keys, "7", &info);
  bb_keys_flush (keys);
  g_assert_cmpstr (got->str, ==, "[5512][77777777777777777777]");
  bb_keys_flush (keys);
  bb_keys_free (keys);
}

/* What is pressed after the pause is an entry of its own, and no echo of one
 * that was long ago. */
static void
test_late (void)
{
  g_autoptr (GString) got = g_string_new (NULL);
  BbKeys *keys = bb_keys_new (10, on_keys, got);

  bb_keys_press (keys, "5", &rtp);
  while (got->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_usleep (1600 * G_TIME_SPAN_MILLISECOND); /* longer than any echo takes */
  bb_keys_press (keys, "5", &info);
  while (got->len < 6)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (got->str, ==, "[5][5]");
  bb_keys_free (keys);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keys/two-ways", test_two_ways);
  g_test_add_func ("/keys/late", test_late);
  return g_test_run ();
}
