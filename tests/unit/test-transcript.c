/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-transcript.h"

#include "model-log.h"

static void
assert_lines (BbTranscript *transcript, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (transcript)); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (G_LIST_MODEL (transcript), i);

      g_string_append_printf (text, "%s:%s%s%s|",
                              bb_transcript_kind_nick (bb_transcript_line_get_kind (line)),
                              bb_transcript_line_get_text (line),
                              bb_transcript_line_get_final (line) ? "." : "",
                              bb_transcript_line_get_interrupted (line) ? "-" : "");
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* The answer is final before the question has been transcribed. */
static void
test_transcript_order (void)
{
  g_autoptr (BbTranscript) transcript = bb_transcript_new ();
  BbTranscriptLine *question;

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (transcript)) == BB_TYPE_TRANSCRIPT_LINE);
  question = bb_transcript_begin (transcript, BB_TRANSCRIPT_CALLER, "item_1", 1000);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_2", "Gu", FALSE, 3000);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_2", "Gerne.", TRUE, 3500);
  assert_lines (transcript, "caller:|bot:Gerne..|");
  g_assert_true (bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_1", "Zwei Bögen",
                                       TRUE, 4000) == question);
  assert_lines (transcript, "caller:Zwei Bögen.|bot:Gerne..|");
  g_assert_cmpint (bb_transcript_line_get_time (question), ==, 1000);

  /* Nobody opened this one when it began: its time puts it in its place. */
  bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_3", "Hallo", TRUE, 500);
  bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_4", "Ja", TRUE, 3000);
  assert_lines (transcript, "caller:Hallo.|caller:Zwei Bögen.|bot:Gerne..|caller:Ja.|");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (transcript), 4));
}

static void
test_transcript_signals (void)
{
  g_autoptr (BbTranscript) transcript = bb_transcript_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  BbTranscriptLine *line;

  g_signal_connect (transcript, "items-changed", G_CALLBACK (append_items), log);
  g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (append_line), log);

  line = bb_transcript_begin (transcript, BB_TRANSCRIPT_BOT, "item_1", 10);
  g_assert_true (bb_transcript_begin (transcript, BB_TRANSCRIPT_BOT, "item_1", 20) == line);
  g_signal_connect (line, "notify", G_CALLBACK (append_name), log);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das", FALSE, 20);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das", FALSE, 30); /* nothing */
  bb_transcript_mark_interrupted (transcript, "item_1");
  bb_transcript_mark_interrupted (transcript, "item_1"); /* nothing */
  bb_transcript_mark_interrupted (transcript, "item_9"); /* unknown */
  bb_transcript_mark_interrupted (transcript, NULL);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das macht", TRUE, 40);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das", FALSE, 50); /* late */
  bb_transcript_add (transcript, BB_TRANSCRIPT_NOTE, "reconnecting", 60);

  g_assert_cmpstr (log->str, ==,
                   "items(0,-0,+1) text line(Das) interrupted line(Das) text final "
                   "line(Das macht) items(1,-0,+1) ");
  assert_lines (transcript, "bot:Das macht.-|note:reconnecting.|");
}

static void
test_transcript_tools (void)
{
  g_autoptr (BbTranscript) transcript = bb_transcript_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  BbTranscriptLine *first, *second;

  /* Parallel calls; an item with the same id is somebody else. */
  bb_transcript_begin (transcript, BB_TRANSCRIPT_BOT, "call_1", 1);
  first = bb_transcript_add_tool (transcript, "call_1", "search_products", "{\"query\":\"T\"}", 2);
  second = bb_transcript_add_tool (transcript, "call_2", "read_order", NULL, 3);
  g_assert_true (bb_transcript_add_tool (transcript, "call_1", "other", "{}", 4) == first);
  g_signal_connect (first, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (append_line), log);

  g_assert_false (bb_transcript_line_get_final (second));
  bb_transcript_set_tool_result (transcript, "call_2", "{\"ok\":true}");
  g_assert_true (bb_transcript_line_get_final (second));
  g_assert_false (bb_transcript_line_get_final (first));
  bb_transcript_set_tool_result (transcript, "call_1", "{\"ok\":false}");
  bb_transcript_set_tool_result (transcript, "call_1", "{}"); /* the first stays */
  bb_transcript_set_tool_result (transcript, "call_9", "{}"); /* unknown */

  g_assert_cmpstr (log->str, ==, "line() tool-result final line() ");
  g_assert_cmpint (bb_transcript_line_get_kind (first), ==, BB_TRANSCRIPT_TOOL);
  g_assert_cmpstr (bb_transcript_line_get_item_id (first), ==, "call_1");
  g_assert_cmpstr (bb_transcript_line_get_tool_name (first), ==, "search_products");
  g_assert_cmpstr (bb_transcript_line_get_tool_arguments (first), ==, "{\"query\":\"T\"}");
  g_assert_cmpstr (bb_transcript_line_get_tool_result (first), ==, "{\"ok\":false}");
  g_assert_cmpstr (bb_transcript_line_get_tool_arguments (second), ==, "");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (transcript)), ==, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transcript/order", test_transcript_order);
  g_test_add_func ("/transcript/signals", test_transcript_signals);
  g_test_add_func ("/transcript/tools", test_transcript_tools);

  return g_test_run ();
}
