/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Turns that the application ends, responses beside the conversation, images,
 * items. */
#include "realtime-world.h"

#include "realtimeimage.h"

static World *
manual_world (void)
{
  World *w = world_new ();

  w->settings->turn_detection = GST_REALTIME_TURN_NONE;
  w->settings->reconnect = TRUE;
  start (w);
  server (w, "{'type':'session.created','session':{'id':'s'}}");
  expect (w, "session.update");
  return w;
}

static void
manual_ready (World *w)
{
  server (w, "{'type':'session.updated','session':{'id':'s','audio':{'input':{'turn_detection':"
             "null}}}}");
}

static void
append (World *w, guint ms)
{
  g_autofree guint8 *zeros = g_malloc0 (ms * 48);

  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCM, zeros, ms * 48);
}

static void
expect_appends (World *w, guint n)
{
  for (guint i = 0; i < n; i++)
    expect (w, "input_audio_buffer.append");
}

static void
test_commit (void)
{
  g_autoptr (World) w = manual_world ();

  manual_ready (w);
  g_string_truncate (w->log, 0);
  append (w, 80);
  expect_appends (w, 1);
  gst_realtime_session_commit (w->session, TRUE); /* 80 ms are no turn */
  expect_nothing (w);
  expect_log (w, "error:input_too_short ");
  append (w, 20);
  expect_appends (w, 1);
  gst_realtime_session_commit (w->session, TRUE);
  expect (w, "input_audio_buffer.commit");
  expect (w, "response.create");
  /* What came since then is not forgotten with the event. */
  append (w, 100);
  expect_appends (w, 1);
  server (w, "{'type':'input_audio_buffer.committed','item_id':'u','previous_item_id':null}");
  gst_realtime_session_commit (w->session, FALSE);
  expect (w, "input_audio_buffer.commit");
  expect_nothing (w);
  gst_realtime_session_commit (w->session, FALSE);
  expect_nothing (w);
  expect_log (w, "error:input_too_short ");
}

/* Button down: silence, and a new turn. */
static void
test_button (void)
{
  g_autoptr (World) w = manual_world ();
  JsonObject *truncate;

  manual_ready (w);
  created (w, "r");
  delta (w, "r", "a", 400);
  play (w, 100);
  append (w, 100);
  expect_appends (w, 1);
  gst_realtime_session_interrupt (w->session);
  gst_realtime_session_clear_input (w->session);
  expect (w, "response.cancel");
  truncate = expect (w, "conversation.item.truncate");
  g_assert_cmpint (gst_realtime_json_int (truncate, "audio_end_ms", 0), ==, 100);
  expect (w, "input_audio_buffer.clear");
  gst_realtime_session_commit (w->session, TRUE); /* nothing is left to commit */
  expect_nothing (w);
  append (w, 100);
  expect_appends (w, 1);
  gst_realtime_session_commit (w->session, TRUE);
  expect (w, "input_audio_buffer.commit");
  expect_nothing (w); /* the cancelled response is not over */
  done (w, "r", "cancelled");
  expect (w, "response.create");
}

/* Before the connection is ready: after the audio that was kept. */
static void
test_commit_early (void)
{
  g_autoptr (World) w = manual_world ();

  append (w, 200);
  gst_realtime_session_commit (w->session, TRUE);
  expect_nothing (w);
  manual_ready (w);
  expect_appends (w, 2);
  expect (w, "input_audio_buffer.commit");
  expect (w, "response.create");
}

static void
test_commit_with_vad (void)
{
  g_autoptr (World) w = ready_world ();

  append (w, 200);
  expect_appends (w, 2);
  gst_realtime_session_commit (w->session, TRUE);
  expect_nothing (w);
  expect_log (w, "error:commit_with_turn_detection ");
}

/* Nothing to commit at the end: no error, and the end comes. */
static void
test_short_end (void)
{
  g_autoptr (World) w = manual_world ();

  manual_ready (w);
  append (w, 60);
  expect_appends (w, 1);
  gst_realtime_session_end_input (w->session);
  expect_nothing (w);
  wait_for (w, "drained", 10);
}

/* ---- asides ---- */

#define OPTIONS                                                                                    \
  "{'output_modalities':['text'],'instructions':'Sum up.','metadata':{'topic':'sum'},"             \
  "'input':[{'type':'item_reference','id':'u'}]}"

static void
ask (World *w, const char *tag, const char *options, gboolean play)
{
  g_autofree char *text = quoted (options);

  gst_realtime_session_ask_aside (w->session, tag, text, play);
}

static void
side_created (World *w, const char *id, const char *tag)
{
  server (w,
          "{'type':'response.created','response':{'id':'%s','status':'in_progress',"
          "'conversation_id':null,'metadata':{'request':'%s'}}}",
          id, tag);
}

static void
side_done (World *w, const char *id, const char *tag)
{
  server (
      w,
      "{'type':'response.done','response':{'id':'%s','status':'completed','conversation_id':null,"
      "'metadata':{'request':'%s'},'output':[{'id':'x','type':'message','role':'assistant',"
      "'content':[{'type':'output_text','text':'Two'},{'type':'output_text','text':'pipes'}]},"
      "{'id':'f','type':'function_call','status':'completed','name':'n','call_id':'c',"
      "'arguments':'{}'}]}}",
      id, tag);
}

/* It runs beside the conversation's response, is neither heard nor shown, no
 * barge-in ends it, its calls are nobody's; the result comes whole. */
static void
test_aside (void)
{
  g_autoptr (World) w = ready_world ();
  JsonObject *response;

  created (w, "r");
  delta (w, "r", "a", 100);
  ask (w, "t1", OPTIONS, FALSE);
  response = gst_realtime_json_object (expect (w, "response.create"), "response");
  g_assert_cmpstr (gst_realtime_json_string (response, "conversation"), ==, "none");
  g_assert_cmpstr (gst_realtime_json_string (response, "instructions"), ==, "Sum up.");
  g_assert_cmpstr (gst_realtime_json_string (gst_realtime_json_object (response, "metadata"),
                                             "topic"),
                   ==, "sum");
  g_assert_cmpstr (gst_realtime_json_string (gst_realtime_json_object (response, "metadata"),
                                             "request"),
                   ==, "t1");
  side_created (w, "s", "t1");
  g_string_truncate (w->log, 0);
  server (w, "{'type':'response.output_text.delta','response_id':'s','item_id':'x','delta':'Two'}");
  server (w, "{'type':'response.output_audio_transcript.done','response_id':'s','item_id':'x',"
             "'transcript':'Two'}");
  delta (w, "s", "x", 60);
  expect_log (w, "");
  g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 100);
  play (w, 40);
  speech_started (w);
  expect (w, "conversation.item.truncate");
  expect_nothing (w);
  g_string_truncate (w->log, 0);
  side_done (w, "s", "t1");
  g_assert_nonnull (strstr (w->log->str, "aside:t1:completed:Two pipes "));
  g_assert_null (strstr (w->log->str, "call:"));
}

/* With its audio it is cut off like any other speech. */
static void
test_aside_heard (void)
{
  g_autoptr (World) w = ready_world ();
  JsonObject *cancel;

  ask (w, "t1", "{}", TRUE);
  expect (w, "response.create");
  side_created (w, "s", "t1");
  delta (w, "s", "x", 60);
  g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 60);
  play (w, 20);
  speech_started (w);
  cancel = expect (w, "response.cancel");
  g_assert_cmpstr (gst_realtime_json_string (cancel, "response_id"), ==, "s");
  expect_nothing (w);
}

static void
test_aside_refused (void)
{
  static const char *const cases[] = {
    "{",
    "[]",
    "{'conversation':'auto'}",
    "{'conversation':'x'}",
    "{'metadata':{'a':1}}",
    "{'modalities':['text']}",
    "{'tools':[{}]}",
    "{'max_output_tokens':0}",
  };
  g_autoptr (World) w = ready_world ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ask (w, "t", cases[i], FALSE);
      expect_nothing (w);
      g_assert_true (g_str_has_prefix (w->log->str, "aside:t:refused:"));
      g_string_truncate (w->log, 0);
    }
  ask (w, "t9", "{'prompt':{'id':'none'}}", FALSE);
  expect (w, "response.create");
  error_event (w, "invalid_value", "no such prompt", "t9");
  expect_log (w, "aside:t9:refused:no such prompt ");
}

/* The session is lost: it is asked for again, and reported once. */
static void
test_aside_lost (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "lost");

  w->settings->reconnect = TRUE;
  start (w);
  make_ready (w);
  ask (w, "t1", "{}", FALSE);
  expect (w, "response.create");
  side_created (w, "s", "t1");
  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, lost);
  while (!w->transport->open)
    g_main_context_iteration (NULL, TRUE);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  make_ready (w);
  expect (w, "response.create");
  side_created (w, "s2", "t1");
  g_string_truncate (w->log, 0);
  side_done (w, "s2", "t1");
  g_assert_nonnull (strstr (w->log->str, "aside:t1:completed:"));
}

/* ---- images and items ---- */

static void
test_image (void)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 1, 2 };
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff, 0xe0 };
  g_autofree guint8 *large = g_malloc0 (GST_REALTIME_IMAGE_MAX + 1);
  g_autofree char *png_uri = gst_realtime_image_to_uri (png, sizeof png, NULL);
  g_autofree char *jpeg_uri = gst_realtime_image_to_uri (jpeg, sizeof jpeg, NULL);
  g_autoptr (World) w = ready_world ();
  JsonArray *content;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (png_uri, ==, "data:image/png;base64,iVBORw0KGgoBAg==");
  g_assert_cmpstr (jpeg_uri, ==, "data:image/jpeg;base64,/9j/4A==");
  g_assert_null (gst_realtime_image_to_uri (png + 1, sizeof png - 1, NULL));
  g_assert_null (gst_realtime_image_to_uri (NULL, 0, NULL));
  memcpy (large, png, sizeof png);
  g_assert_null (gst_realtime_image_to_uri (large, GST_REALTIME_IMAGE_MAX + 1, &error));
  g_assert_nonnull (strstr (error->message, "10 MiB"));

  gst_realtime_session_send_image (w->session, png_uri, "Das hier.");
  content = gst_realtime_json_array (
      gst_realtime_json_object (expect (w, "conversation.item.create"), "item"), "content");
  g_assert_cmpuint (json_array_get_length (content), ==, 2);
  g_assert_cmpstr (gst_realtime_json_string (json_array_get_object_element (content, 1),
                                             "image_url"),
                   ==, png_uri);
  gst_realtime_session_send_image (w->session, jpeg_uri, NULL);
  content = gst_realtime_json_array (
      gst_realtime_json_object (expect (w, "conversation.item.create"), "item"), "content");
  g_assert_cmpuint (json_array_get_length (content), ==, 1);
  expect_nothing (w); /* no answer is asked for */
}

static void
test_items (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_retrieve_item (w->session, "u");
  expect (w, "conversation.item.retrieve");
  server (w, "{'type':'conversation.item.retrieved','item':{'id':'u','type':'message'}}");
  expect_log (w, "item:u:{\"id\":\"u\",\"type\":\"message\"} ");
  gst_realtime_session_forget_item (w->session, "u");
  expect (w, "conversation.item.delete");
  expect_nothing (w);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/manual/" name, function)
  ADD ("commit", test_commit);
  ADD ("button", test_button);
  ADD ("commit-early", test_commit_early);
  ADD ("commit-with-vad", test_commit_with_vad);
  ADD ("short-end", test_short_end);
  ADD ("aside", test_aside);
  ADD ("aside-heard", test_aside_heard);
  ADD ("aside-refused", test_aside_refused);
  ADD ("aside-lost", test_aside_lost);
  ADD ("image", test_image);
  ADD ("items", test_items);
#undef ADD
  return g_test_run ();
}
