/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which words are no turn of their own. */
#include "realtimebackchannel.h"

static void
test_fold (void)
{
  static const char *const cases[][2] = {
    { "Mhm.", "mhm" },       { "  Hmmm … ", "hm" },        { "JA, genau!", "ja genau" },
    { "Uh-huh", "uh huh" },  { "[Husten]", "" },           { "(lacht) Okay.", "okay" },
    { "*cough* mm", "m" },   { "Ach   so?", "ach so" },    { "", "" },
    { "100 Stück", "100 stück" }, { "Scho\xcc\x88n", "schön" }, { "\xff\xfe", "" },
    { "(nicht zu", "nicht zu" }, { "Große", "grose" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folded = gst_realtime_backchannel_fold (cases[i][0]);

      g_assert_cmpstr (folded, ==, cases[i][1]);
    }
}

static void
test_words (void)
{
  static const char *const listed[] = { "Mhm.",      "Hm?",       "Hmmm",  "Ja.",    "Ja, ja, genau.",
                                        "Okay!",     "Alles klar.", "Ach so.", "Aha", "Uh-huh.",
                                        "I see.",    "Yeah, OK",  "",      "…",      "[Husten]",
                                        "Ähm" };
  static const char *const turns[] = { "Nein.", "Stopp!",  "Halt", "Ja, zehn Stück.", "Okay, aber das zweite",
                                       "Jahr",  "Alles",   "2",    "Das erste bitte.", "I" };

  for (guint i = 0; i < G_N_ELEMENTS (listed); i++)
    g_assert_true (
        gst_realtime_backchannel_matches (GST_REALTIME_BACKCHANNEL_WORDS, listed[i]));
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    g_assert_false (gst_realtime_backchannel_matches (GST_REALTIME_BACKCHANNEL_WORDS, turns[i]));
  /* A list of one's own; the longest phrase counts. */
  g_assert_true (gst_realtime_backchannel_matches ("si, sí claro ,, ", "Sí, claro. Si"));
  g_assert_false (gst_realtime_backchannel_matches ("sí claro", "Ja"));
  g_assert_false (gst_realtime_backchannel_matches (NULL, "Ja"));
  g_assert_true (gst_realtime_backchannel_matches (NULL, " . "));
}

static void
test_echo (void)
{
  const char *said = "Guten Tag, hier ist die Bestellannahme.";

  g_assert_true (gst_realtime_backchannel_is_echo ("Hier ist die", said));
  g_assert_false (gst_realtime_backchannel_is_echo ("Bestellannahme", said)); /* one word */
  g_assert_false (gst_realtime_backchannel_is_echo ("Tag die", said));
  g_assert_false (gst_realtime_backchannel_is_echo ("ier ist", said)); /* half a word */
  g_assert_false (gst_realtime_backchannel_is_echo ("", said));
  g_assert_false (gst_realtime_backchannel_is_echo ("hier ist", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/backchannel/fold", test_fold);
  g_test_add_func ("/realtime/backchannel/words", test_words);
  g_test_add_func ("/realtime/backchannel/echo", test_echo);
  return g_test_run ();
}
