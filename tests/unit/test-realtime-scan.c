/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Issue 3, point 8: events that come often are read without a tree, and exactly
 * as with one. */
#include <gst/gst.h>

#include "realtime-scan-compare.h"

#define N_GENERATED 60000
#define N_MUTATED   120000

static const char *const types[] = {
  "response.output_audio.delta",
  "response.output_audio_transcript.delta",
  "response.output_text.delta",
  "conversation.item.input_audio_transcription.delta",
  "response.audio.delta",
  "response.audio_transcript.delta",
  "response.text.delta",
  "response.function_call_arguments.delta",
  "response.output_audio.done",
  "response.output_audio\\u002edelta",
  "",
};

static const char *const keys[] = { "type",          "delta",         "response_id", "item_id",
                                    "content_index", "output_index",  "event_id",    "obfuscation",
                                    "logprobs",      "delt\\u0061",   "",            "Delta",
                                    "previous_item_id", "x y" };

static const char *const values[] = {
  "\"AAECAwQFBgc=\"",
  "\"1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV\"",
  "\"A\\/+A\"",
  "\"AA EC!\"",
  "\"=\"",
  "\"===AAAA\"",
  "\"\"",
  "\"T-St\xc3\xbc""ck\"",
  "\"T-St\\u00fcck \\\"groß\\\"\"",
  "\"\\ud83d\\ude00\"",
  "\"\\ud83d\"",
  "\"\\ude00\\ud83d\"",
  "\"\\ud83d\\u0041\"",
  "\"\\u0000x\"",
  "\"\\u00\"",
  "\"\\x41\"",
  "\"\\101\"",
  "\"\\n\\t\\r\\b\\f\\\\\"",
  "\"a\tb\"",
  "\"\xff\"",
  "\"\xc3\"",
  "\"a\\",
  "resp_1",
  "null",
  "true",
  "false",
  "nul",
  "0",
  "1",
  "-1",
  "-0",
  "7",
  "01",
  "1.5",
  "2.0",
  "1e2",
  "1E+2",
  ".5",
  "5.",
  "0x10",
  "99999999999",
  "123456789",
  "+1",
  "-",
  "[]",
  "{}",
  "[1,2,{\"a\":null}]",
  "{\"a\":[1,{\"b\":\"\\u00e4\"}],\"c\":true}",
  "{\"\":1}",
  "{\"a\":1,}",
  "[1,]",
  "[[[[[[[[[[[[1]]]]]]]]]]]]",
  "/* */ 1",
  "'x'",
  "",
};

static const char *const spaces[] = { "", "", "", " ", "\n\t", "\r\n", "\v", "/**/" };

#define PICK(array) array[g_test_rand_int_range (0, G_N_ELEMENTS (array))]

static gboolean
check (const char *text, gsize size)
{
  gboolean scanned;
  const char *difference = compare_scan (text, size, &scanned);

  if (difference != NULL)
    {
      g_autofree char *shown = g_strescape (text, NULL);

      g_test_message ("differs: %s in %s", difference, shown);
      g_test_fail ();
    }
  return scanned;
}

static const char *
space (void)
{
  return g_test_rand_int_range (0, 8) == 0 ? PICK (spaces) : "";
}

/* Mostly an event as the service sends it, with something odd here and there. */
static GString *
generate (void)
{
  GString *text = g_string_new ("{");
  guint n = g_test_rand_int_range (1, 9);
  guint at = g_test_rand_int_range (0, n);
  guint kind = g_test_rand_int_range (0, 100);

  for (guint i = 0; i < n; i++)
    {
      const char *key = i == at ? "type" : PICK (keys);
      g_autofree char *value = NULL;

      if (i == at)
        value = g_strdup_printf ("\"%s\"", kind < 90 ? types[kind % 4] : PICK (types));
      else if (g_test_rand_int_range (0, 3) > 0)
        value = g_strdup (values[g_test_rand_int_range (0, 10)]);
      else
        value = g_strdup (PICK (values));
      g_string_append_printf (text, "%s%s\"%s\"%s:%s%s%s", i > 0 ? "," : "", space (), key, space (),
                              space (), value, space ());
    }
  g_string_append (text, "}");
  g_string_append (text, space ());
  return text;
}

static void
test_generated (void)
{
  guint n = 0;

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr (GString) text = generate ();

      n += check (text->str, text->len);
    }
  g_test_message ("%u of %u were scanned", n, N_GENERATED);
  g_assert_cmpuint (n, >, N_GENERATED / 10);
}

/* Bytes changed, lost, doubled, cut off; no byte is safe. */
static void
test_mutated (void)
{
  static const char bytes[] = "\"\"\\{}[],:u0dD8 \n\0\xc3\xbc\xff-.eE+/";
  guint n = 0;

  for (guint i = 0; i < N_MUTATED; i++)
    {
      g_autoptr (GString) text = generate ();
      guint changes = g_test_rand_int_range (1, 4);

      while (changes-- > 0 && text->len > 0)
        {
          gsize at = g_test_rand_int_range (0, text->len);
          char byte = bytes[g_test_rand_int_range (0, sizeof bytes - 1)];

          switch (g_test_rand_int_range (0, 4))
            {
            case 0:
              text->str[at] = byte;
              break;
            case 1:
              g_string_erase (text, at, 1);
              break;
            case 2:
              g_string_insert_c (text, at, byte);
              break;
            default:
              g_string_truncate (text, at);
            }
        }
      n += check (text->str, text->len);
    }
  g_test_message ("%u of %u were scanned", n, N_MUTATED);
}

/* What the service sends must not go the long way. */
static void
test_yes (void)
{
  static const char *const texts[] = {
    "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_1\",\"response_id\":\"r\","
    "\"item_id\":\"i\",\"output_index\":0,\"content_index\":2,\"delta\":\"AAECAw==\"}",
    "{\"event_id\":\"event_1\",\"delta\":\"AAECAw==\",\"response_id\":\"r\",\"item_id\":\"i\","
    "\"output_index\":0,\"content_index\":0,\"type\":\"response.output_audio.delta\"}",
    " { \"type\" : \"response.audio.delta\" , \"delta\" : \"AAAA\" } \n",
    "{\"type\":\"response.output_audio_transcript.delta\",\"delta\":\"St\\u00fcck \\ud83d\\ude00\","
    "\"obfuscation\":\"x\"}",
    "{\"type\":\"conversation.item.input_audio_transcription.delta\",\"item_id\":\"i\","
    "\"content_index\":0,\"delta\":\"Ja\",\"logprobs\":[{\"token\":\"Ja\",\"logprob\":-0.5,"
    "\"bytes\":[74,97]}]}",
    "{\"type\":\"response.output_text.delta\",\"delta\":\"\",\"new\":{\"field\":[true,null]}}",
    "{\"type\":\"response.output_audio.delta\",\"delta\":null}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (check (texts[i], strlen (texts[i])));
}

/* What is in doubt must. */
static void
test_no (void)
{
  static const char *const texts[] = {
    "",
    "{}",
    "[]",
    "{\"type\":\"response.done\"}",
    "{\"type\":\"response.text.delta\"",
    "{\"type\":\"response.text.delta\"}}",
    "{\"type\":\"response.text.delta\"}{}",
    "{\"type\":\"response.text.delta\",}",
    "{\"type\":\"response.text.delta\" \"delta\":\"x\"}",
    "{\"type\":\"response.text.delta\",\"delta\":\"x\",\"delta\":\"y\"}",
    "{\"type\":\"response.text.delta\",\"type\":\"error\"}",
    "{\"type\":\"response.text.delta\",\"delta\":\"\\u0000\"}",
    "{\"type\":\"response.text.delta\",\"delta\":\"\\ud800\"}",
    "{\"type\":\"response.text.delta\",\"delta\":\"\xff\"}",
    "{\"type\":\"response.text.delta\",\"delta\":\"a\nb\"}",
    "{\"type\":\"response.text.delta\",\"x\":[[[[[[[[[[[1]]]]]]]]]]]}",
    "{\"type\":\"response.text.delta\",\"content_index\":1.0}",
    "{\"type\":\"response.audio.delta\",\"delta\":\"A\\/AA\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (check (texts[i], strlen (texts[i])));
}

/* Every length around the eight bytes that are looked at together. */
static void
test_lengths (void)
{
  for (guint n = 0; n < 40; n++)
    for (guint at = 0; at <= n; at++)
      {
        g_autofree char *letters = g_strnfill (n, 'A');
        g_autofree char *text = NULL;

        if (at < n)
          letters[at] = "+\x7f\x1f /"[at % 5];
        text = g_strdup_printf ("{\"type\":\"response.text.delta\",\"delta\":\"%s\"}", letters);
        g_assert_cmpint (check (text, strlen (text)), ==,
                         at == n || letters[at] != '\x1f');
      }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scan/yes", test_yes);
  g_test_add_func ("/scan/no", test_no);
  g_test_add_func ("/scan/lengths", test_lengths);
  g_test_add_func ("/scan/generated", test_generated);
  g_test_add_func ("/scan/mutated", test_mutated);
  return g_test_run ();
}
