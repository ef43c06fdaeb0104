/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Tokens by kind, and what they cost. */
#include "realtimecost.h"

static void
add (GstRealtimeUsage *usage, const char *text)
{
  g_autoptr (GstStructure) s = gst_structure_from_string (text, NULL);

  g_assert_nonnull (s);
  gst_realtime_usage_add (usage, s);
}

static GstRealtimePrices
prices (const char *text)
{
  g_autoptr (GstStructure) s = gst_structure_from_string (text, NULL);
  g_autoptr (GError) error = NULL;
  GstRealtimePrices p;

  g_assert_nonnull (s);
  gst_realtime_prices_parse (&p, s, &error);
  g_assert_no_error (error);
  return p;
}

/* The cached ones are a part of the input, and no token is counted twice. */
static void
test_kinds (void)
{
  GstRealtimeUsage u = { 0 };
  guint64 sum = 0;

  add (&u, "u, of=response, total-tokens=(guint64)253, input-tokens=(guint64)132, "
           "output-tokens=(guint64)121, input-text-tokens=(guint64)119, "
           "input-audio-tokens=(guint64)13, cached-tokens=(guint64)70, "
           "cached-text-tokens=(guint64)64, cached-audio-tokens=(guint64)6, "
           "output-text-tokens=(guint64)30, output-audio-tokens=(guint64)91");
  g_assert_cmpuint (u.total, ==, 253);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TEXT_INPUT], ==, 55);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TEXT_CACHED], ==, 64);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_AUDIO_INPUT], ==, 7);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_AUDIO_CACHED], ==, 6);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TEXT_OUTPUT], ==, 30);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_AUDIO_OUTPUT], ==, 91);

  add (&u, "u, of=transcript, total-tokens=(guint64)22, input-tokens=(guint64)13, "
           "input-audio-tokens=(guint64)13, output-tokens=(guint64)9");
  add (&u, "u, of=transcript, seconds=(double)90");
  g_assert_cmpuint (u.total, ==, 275);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TRANSCRIPTION_AUDIO], ==, 13);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TRANSCRIPTION_OUTPUT], ==, 9);
  g_assert_cmpfloat (u.transcription_seconds, ==, 90);
  for (guint i = 0; i < GST_REALTIME_N_COSTS; i++)
    sum += u.tokens[i];
  g_assert_cmpuint (sum, ==, u.total);
}

/* Sums without details; details that say more than their sum. */
static void
test_vague (void)
{
  GstRealtimeUsage u = { 0 };

  add (&u, "u, input-tokens=(guint64)100, output-tokens=(guint64)10, cached-tokens=(guint64)40");
  g_assert_cmpuint (u.total, ==, 110);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TEXT_INPUT], ==, 60);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TEXT_CACHED], ==, 40);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_TEXT_OUTPUT], ==, 10);
  add (&u, "u, input-tokens=(guint64)1, input-audio-tokens=(guint64)5, "
           "cached-audio-tokens=(guint64)9, input-text-tokens=(string)many");
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_AUDIO_INPUT], ==, 0);
  g_assert_cmpuint (u.tokens[GST_REALTIME_COST_AUDIO_CACHED], ==, 5);
  g_assert_cmpuint (u.total, ==, 115);
}

static void
test_cost (void)
{
  GstRealtimeUsage u = { .total = 7000000, .transcription_seconds = 30 };
  GstRealtimePrices p = prices ("p, currency=EUR, text-input=(int)4, audio-output=64.5, "
                                "transcription-minute=0.006");
  GstRealtimePrices none;
  guint64 unpriced;

  u.tokens[GST_REALTIME_COST_TEXT_INPUT] = 1000000;
  u.tokens[GST_REALTIME_COST_TEXT_CACHED] = 500000; /* as text-input */
  u.tokens[GST_REALTIME_COST_AUDIO_OUTPUT] = 2000000;
  u.tokens[GST_REALTIME_COST_IMAGE_INPUT] = 3;
  g_assert_cmpfloat_with_epsilon (gst_realtime_usage_get_cost (&u, &p, &unpriced),
                                  4 + 2 + 129 + 0.003, 1e-9);
  g_assert_cmpuint (unpriced, ==, 3);
  g_assert_cmpstr (p.currency, ==, "EUR");
  p = prices ("p, text-input=4.0, text-cached=0.4");
  g_assert_cmpfloat_with_epsilon (gst_realtime_usage_get_cost (&u, &p, NULL), 4.2, 1e-9);

  gst_realtime_prices_init (&none);
  g_assert_false (none.set);
  g_assert_cmpfloat (gst_realtime_usage_get_cost (&u, &none, &unpriced), ==, 0);
  g_assert_cmpuint (unpriced, ==, 3500003);
}

/* Each refusal names the property and what is wrong, and leaves nothing set. */
static void
test_refused (void)
{
  static const char *const wrong[][2] = {
    { "p, text-input=4.0, audio-outptu=1.0", "audio-outptu" },
    { "p, text-input=-1.0", "text-input" },
    { "p, audio-input=dear", "audio-input" },
    { "p, currency=(int)5", "currency" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GstStructure) s = gst_structure_from_string (wrong[i][0], NULL);
      g_autoptr (GError) error = NULL;
      GstRealtimePrices p;

      g_assert_nonnull (s);
      g_assert_false (gst_realtime_prices_parse (&p, s, &error));
      g_assert_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
      g_assert_nonnull (strstr (error->message, "'prices'"));
      g_assert_nonnull (strstr (error->message, wrong[i][1]));
      g_assert_false (p.set);
    }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime-cost/kinds", test_kinds);
  g_test_add_func ("/realtime-cost/vague", test_vague);
  g_test_add_func ("/realtime-cost/cost", test_cost);
  g_test_add_func ("/realtime-cost/refused", test_refused);
  return g_test_run ();
}
