/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The session: connecting, errors, reconnecting, ending. */
#include "realtime-world.h"

/* ---- connection ---- */

/* created → update → updated → ready → greeting → audio that came before. */
static void
test_order (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (GByteArray) all = NULL;
  guint8 audio[320] = { 0 };
  JsonObject *event;

  w->settings->greeting = g_strdup ("Hallo");
  gst_realtime_session_set_output_format (w->session, GST_REALTIME_FORMAT_PCMU);
  start (w);
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
  expect_nothing (w);
  server (w, "{'type':'session.created','session':{}}");
  event = expect (w, "session.update");
  event = gst_realtime_json_object (gst_realtime_json_object (event, "session"), "audio");
  g_assert_cmpstr (
      gst_realtime_json_string (gst_realtime_json_object (gst_realtime_json_object (event, "input"),
                                                          "format"),
                                "type"),
      ==, "audio/pcma");
  g_assert_cmpstr (
      gst_realtime_json_string (
          gst_realtime_json_object (gst_realtime_json_object (event, "output"), "format"), "type"),
      ==, "audio/pcmu");
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
  expect_nothing (w);
  server (w, "{'type':'session.updated','session':{}}");
  event = gst_realtime_json_object (expect (w, "response.create"), "response");
  g_assert_nonnull (strstr (gst_realtime_json_string (event, "instructions"), "\"Hallo\""));
  all = take_appends (w);
  g_assert_cmpuint (all->len, ==, 2 * sizeof audio);
  expect_nothing (w);
  expect_log (w, "connecting ready ");

  /* Other caps later: the service is told before the first such append. */
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCM, audio, sizeof audio);
  expect (w, "session.update");
  expect (w, "input_audio_buffer.append");
  gst_realtime_session_stop (w->session);
  expect_log (w, "closed ");
}

/* The last half minute is kept while there is no connection, and sent in order. */
static void
test_keep (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (GByteArray) all = NULL;
  guint8 audio[160];

  start (w);
  for (guint i = 0; i < 1600; i++)
    {
      memset (audio, i & 0xff, sizeof audio);
      gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
    }
  make_ready (w);
  all = take_appends (w);
  expect_nothing (w);
  g_assert_cmpuint (all->len, ==, GST_REALTIME_SESSION_KEEP_MS * 8);
  for (guint i = 0; i < all->len; i++)
    g_assert_cmpuint (all->data[i], ==, (100 + i / 160) & 0xff);
  g_assert_cmpuint (w->stats.ms_lost, ==, 2000);
}

/* Settings that the service refuses: one clear error. */
static void
test_refused (void)
{
  g_autoptr (World) w = world_new ();

  start (w);
  server (w, "{'type':'session.created','session':{}}");
  error_event (w, "unknown_parameter", "Unknown parameter: session.x", NULL);
  g_assert_error (w->fatal, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (w->fatal->message, "session.x"));
  expect_log (w, "connecting failed ");
}

static void
test_garbage (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "not JSON");
  server (w, "[1,2]");
  server (w, "{'type':'an.event.of.tomorrow','x':{}}");
  server (w, "{'type':'response.done'}");
  server (w, "{'type':'response.created','response':{}}");
  server (w, "{'type':'response.output_audio.delta','delta':'!!!'}");
  server (w, "{'type':'input_audio_buffer.speech_started'}");
  server (w, "{'type':'error'}");
  g_assert_no_error (w->fatal);
  gst_realtime_session_send_text (w->session, "user", "x");
  expect (w, "conversation.item.create");
}

/* ---- errors (section 11) ---- */

static void
test_harmless (void)
{
  static const char *const codes[][2] = {
    { "response_cancel_not_active", "Cancellation failed: no active response found" },
    { "input_audio_buffer_commit_empty", "x" },
    { "unsupported_content_type", "x" },
    { "item_delete_invalid_item_id", "x" },
    { "item_truncate_invalid_item_id", "x" },
    { "item_already_truncated", "x" },
    { "invalid_value", "Audio content of 9250ms is already shorter than 57340ms" },
    { NULL, "Cancellation failed: no active response found" },
    { NULL, "Only model output audio messages can be truncated" },
  };
  g_autoptr (World) w = ready_world ();

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    error_event (w, codes[i][0], codes[i][1], NULL);
  expect_log (w, "");
  error_event (w, "something_else", "x", NULL);
  expect_log (w, "error:something_else ");
  g_assert_no_error (w->fatal);
}

/* Without the property reconnect. */
static World *
lone_world (void)
{
  World *w = world_new ();

  w->settings->reconnect = FALSE;
  start (w);
  make_ready (w);
  g_string_truncate (w->log, 0);
  return w;
}

static void
test_fatal (void)
{
  static const char *const codes[] = { "invalid_api_key",         "insufficient_quota",
                                       "account_deactivated",     "billing_hard_limit_reached",
                                       "beta_api_shape_disabled", "session_expired" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (World) w = lone_world ();

      error_event (w, codes[i], "weil", NULL);
      g_assert_nonnull (w->fatal);
      g_assert_cmpint (w->fatal->domain, ==, GST_RESOURCE_ERROR);
      expect_log (w, "failed ");
      /* Over: nothing more comes out of it. */
      created (w, "r1");
      gst_realtime_session_create_response (w->session, NULL);
      expect_nothing (w);
      expect_log (w, "");
    }
}

/* ---- reconnection ---- */

static void
test_reconnect (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "weg");
  guint8 audio[160] = { 0 };
  JsonObject *item;

  w->settings->reconnect = TRUE;
  start (w);
  make_ready (w);
  server (w,
          "{'type':'conversation.item.added','item':{'id':'u1','type':'message','role':'user'}}");
  server (w, "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u1',"
             "'content_index':0,'transcript':'Zehn Rohre'}");
  created (w, "r1");
  server (w, "{'type':'conversation.item.added','previous_item_id':'u1','item':{'id':'a1',"
             "'type':'message','role':'assistant'}}");
  server (w, "{'type':'response.output_audio_transcript.done','item_id':'a1','transcript':'Gut'}");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  g_string_truncate (w->log, 0);

  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, lost);
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
  gst_realtime_session_send_function_output (w->session, "c1", "da");
  for (gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
       w->transport->n_opened < 2 && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (w->transport->n_opened, ==, 2);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  make_ready (w);
  expect_log (w, "reconnecting ready ");

  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "role"), ==, "user");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "role"), ==, "assistant");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "type"), ==, "function_call");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "output"), ==, "da");
  expect (w, "response.create"); /* the tool's answer is still due */
  expect (w, "input_audio_buffer.append");
  expect_nothing (w);
  g_assert_cmpuint (w->stats.reconnects, ==, 1);
}

/* Without the property a loss is the end, with a reason. */
static void
test_no_reconnect (void)
{
  g_autoptr (World) w = lone_world ();
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "weg");

  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 1001, lost);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
  expect_log (w, "failed ");
}

/* ---- texts and the end of input ---- */

static void
test_transcripts (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "{'type':'response.output_audio_transcript.delta','item_id':'a','delta':'Gu'}");
  server (w, "{'type':'response.output_audio_transcript.delta','item_id':'a','delta':'t.'}");
  server (w, "{'type':'response.output_audio_transcript.done','item_id':'a','transcript':'Gut.'}");
  server (w, "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u',"
             "'transcript':'Ja'}");
  server (w, "{'type':'rate_limits.updated','rate_limits':[{'name':'tokens','limit':1}]}");
  expect_log (w, "assistant:a:Gu assistant:a:Gut. assistant:a:Gut.. user:u:Ja. rate-limits ");
}

/* Silence for the VAD, then the answer, then the end. */
static void
test_end_of_input (void)
{
  g_autoptr (World) w = ready_world ();
  guint silence = 0;

  speech_started (w);
  gst_realtime_session_end_input (w->session);
  while (!g_queue_is_empty (&w->transport->sent))
    {
      g_autofree guchar *data = NULL;
      gsize n;

      data = g_base64_decode (gst_realtime_json_string (expect (w, "input_audio_buffer.append"),
                                                        "audio"),
                              &n);
      silence += n / 48;
    }
  g_assert_cmpuint (silence, >=, 500 + 100);
  speech_stopped (w);
  created (w, "r1");
  delta (w, "r1", "a1", 40);
  done (w, "r1", "completed");
  g_string_truncate (w->log, 0);
  for (gint64 end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
  expect_log (w, ""); /* not before it has left */
  play (w, 60);
  gst_realtime_session_playout_empty (w->session);
  expect_log (w, "drained ");
}

/* Nobody spoke: it ends by itself. */
static void
test_end_of_silence (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_end_input (w->session);
  wait_for (w, "drained", 10);
}

/* No VAD: the end of the input is the end of the turn. */
static void
test_end_without_vad (void)
{
  g_autoptr (World) w = ready_world ();
  guint8 audio[4800] = { 0 };

  server (w, "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':null}}}}");
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCM, audio, sizeof audio);
  expect (w, "input_audio_buffer.append");
  gst_realtime_session_end_input (w->session);
  expect (w, "input_audio_buffer.commit");
  expect (w, "response.create");
  expect_nothing (w);
}

/* Too much for the queue: a clear error, nothing is lost in silence. */
static void
test_queue_full (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  for (guint i = 0; i < 30 && w->fatal == NULL; i++)
    delta (w, "r1", "a1", 1000);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
}

static void
test_actions (void)
{
  g_autoptr (World) w = world_new ();
  g_autofree char *json = quoted ("{'type':'conversation.item.retrieve','item_id':'x'}");

  start (w);
  /* Before the connection is ready they wait. */
  gst_realtime_session_send_text (w->session, "user", "vorher");
  gst_realtime_session_send_event (w->session, json);
  gst_realtime_session_say (w->session, "gleich");
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  make_ready (w);
  expect (w, "conversation.item.create");
  expect (w, "conversation.item.retrieve");
  expect (w, "response.create");
  expect (w, "response.create");
  expect_nothing (w);
  g_string_truncate (w->log, 0);
  gst_realtime_session_send_text (w->session, "robot", "x");
  gst_realtime_session_send_event (w->session, "{");
  expect_nothing (w);
  expect_log (w, "error:invalid_role error:invalid_event ");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/session/" name, function)
  ADD ("order", test_order);
  ADD ("keep", test_keep);
  ADD ("refused", test_refused);
  ADD ("garbage", test_garbage);
  ADD ("errors/harmless", test_harmless);
  ADD ("errors/fatal", test_fatal);
  ADD ("reconnect/restores", test_reconnect);
  ADD ("reconnect/off", test_no_reconnect);
  ADD ("transcripts", test_transcripts);
  ADD ("end/answer", test_end_of_input);
  ADD ("end/silence", test_end_of_silence);
  ADD ("end/no-vad", test_end_without_vad);
  ADD ("queue-full", test_queue_full);
  ADD ("actions", test_actions);
  return g_test_run ();
}
