/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Two things at once: speech against a response that is asked for, a lost
 * connection against whatever runs, changes against what is under way. */
#include "realtime-world.h"

#include <glib/gstdio.h>

#include "realtimesession-private.h"

static void
lose (World *w)
{
  g_autoptr (GError) error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "weg");

  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, error);
}

/* Lets the next connection come about, up to session.updated. */
static void
reconnect (World *w)
{
  guint n = w->transport->n_opened;

  for (gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
       w->transport->n_opened == n && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (w->transport->n_opened, ==, n + 1);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  make_ready (w);
}

static World *
reconnecting_world (void)
{
  World *w = world_new ();

  w->settings->reconnect = TRUE;
  start (w);
  make_ready (w);
  return w;
}

static void
added (World *w, const char *item, const char *role)
{
  server (w, "{'type':'conversation.item.added','item':{'id':'%s','type':'message','role':'%s'}}",
          item, role);
}

static void
transcript (World *w, const char *item, const char *text)
{
  server (w,
          "{'type':'response.output_audio_transcript.done','item_id':'%s','content_index':0,"
          "'transcript':'%s'}",
          item, text);
}

static const char *
request_of (JsonObject *create)
{
  return gst_realtime_json_string (
      gst_realtime_json_object (gst_realtime_json_object (create, "response"), "metadata"),
      "request");
}

static void
created_ours (World *w, const char *id, const char *request)
{
  server (w,
          "{'type':'response.created','response':{'id':'%s','conversation_id':'c','metadata':{"
          "'request':'%s'}}}",
          id, request);
}

/* ---- speech against a response that is asked for ---- */

/* The caller begins between our create and response.created: the greeting
 * must not talk over them, and is not repeated. */
static void
test_speech_before_created (void)
{
  g_autoptr (World) w = world_new ();
  g_autofree char *request = NULL;

  w->settings->greeting = g_strdup ("Hallo");
  start (w);
  make_ready (w);
  request = g_strdup (request_of (expect (w, "response.create")));
  speech_started (w);
  g_assert_null (gst_realtime_json_string (expect (w, "response.cancel"), "response_id"));
  created_ours (w, "r1", request);
  delta (w, "r1", "a1", 100);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  server (w,
          "{'type':'response.done','response':{'id':'r1','status':'cancelled','metadata':{"
          "'request':'%s'}}}",
          request);
  expect_nothing (w);
  speech_stopped (w);
  created (w, "r2");
  delta (w, "r2", "a2", 100);
  g_assert_false (gst_realtime_playout_is_empty (w->playout));
  done (w, "r2", "completed");
  expect_nothing (w);
}

/* The same with the answer to a function's output: it comes after the caller. */
static void
test_speech_before_answer (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *request = NULL;

  server (w, "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{"
             "'type':'server_vad','create_response':false}}}}}");
  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  request = g_strdup (request_of (expect (w, "response.create")));
  speech_started (w);
  expect (w, "response.cancel");
  created_ours (w, "r2", request);
  server (w,
          "{'type':'response.done','response':{'id':'r2','status':'cancelled','metadata':{"
          "'request':'%s'}}}",
          request);
  expect_nothing (w); /* the caller still speaks */
  speech_stopped (w);
  expect (w, "response.create");
  expect_nothing (w);
}

/* A failed response is not tried again into what the caller says meanwhile,
 * nor after the stop button. */
static void
test_retry (void)
{
  static const char failed[] =
      "{'type':'response.done','response':{'id':'r1','status':'failed','output':[],"
      "'status_details':{'type':'failed','error':{'type':'server_error','code':'server_error'}}}}";

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = ready_world ();

      created (w, "r1");
      server (w, "%s", failed);
      g_assert_nonnull (w->session->timers[TIMER_RETRY]);
      if (i == 0)
        speech_started (w);
      else
        gst_realtime_session_interrupt (w->session);
      while (w->session->timers[TIMER_RETRY] != NULL)
        g_main_context_iteration (NULL, TRUE);
      expect_nothing (w);
      if (i == 0)
        {
          speech_stopped (w);
          created (w, "r2"); /* the VAD's answers both */
          done (w, "r2", "completed");
          expect_nothing (w);
        }
    }
}

/* What came of a response after it was cut off is taken out of the conversation. */
static void
test_unheard_item (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  audio_done (w, "r1", "a1");
  play (w, 100);
  play (w, 20);
  speech_started (w); /* a1 was heard to its end */
  expect_nothing (w);
  delta (w, "r1", "a2", 100);
  server (w, "{'type':'response.done','response':{'id':'r1','status':'cancelled','output':["
             "{'id':'a1','type':'message','role':'assistant','content':[{'type':'output_audio'}]},"
             "{'id':'a2','type':'message','role':'assistant','content':[{'type':'output_audio'}]},"
             "{'id':'a3','type':'message','role':'assistant','content':[{'type':'output_text'}]}"
             "]}}");
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "conversation.item.delete"), "item_id"), ==,
                   "a2");
  expect_nothing (w);
}

/* A server that leaves out response_id: the item tells. */
static void
test_late_delta_without_response (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 20);
  speech_started (w);
  expect (w, "conversation.item.truncate");
  server (w, "{'type':'response.output_audio.delta','item_id':'a1','content_index':0,"
             "'delta':'AAAA'}");
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
}

/* ---- one active response ---- */

/* The end of another response frees nothing. */
static void
test_done_of_another (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  gst_realtime_session_create_response (w->session, NULL);
  done (w, "r0", "cancelled");
  expect_nothing (w);
  done (w, "r1", "completed");
  expect (w, "response.create");
}

/* The race was lost against a response whose beginning and end we never saw. */
static void
test_lost_race_unseen (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_create_response (w->session, NULL);
  error_event (w, "conversation_already_has_active_response", "x",
               request_of (expect (w, "response.create")));
  expect_nothing (w);
  g_assert_nonnull (w->session->timers[TIMER_CREATE]);
  g_assert_true (gst_realtime_responder_timeout (w->session->responder));
  expect (w, "response.create");
}

/* The application's own out-of-band responses are not the conversation's,
 * whatever metadata they carry and though their beginning was missed. */
static void
test_foreign_side_response (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "{'type':'response.created','response':{'id':'x1','conversation_id':null,"
             "'metadata':{'request':'mine'}}}");
  gst_realtime_session_create_response (w->session, NULL);
  created_ours (w, "r1", request_of (expect (w, "response.create")));
  gst_realtime_session_create_response (w->session, NULL);
  server (w, "{'type':'response.done','response':{'id':'x1','conversation_id':null}}");
  server (w, "{'type':'response.done','response':{'id':'x2','conversation_id':null}}");
  expect_nothing (w);
  done (w, "r1", "completed");
  expect (w, "response.create");
}

/* ---- a lost connection ---- */

/* The new session counts its ids from the start again. */
static void
test_ids_again (void)
{
  g_autoptr (World) w = reconnecting_world ();
  GstRealtimeHead head;

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 20);
  speech_started (w);
  expect (w, "conversation.item.truncate");
  lose (w);
  reconnect (w);
  created (w, "r1");
  delta (w, "r1", "a1", 100);
  g_assert_false (gst_realtime_playout_is_empty (w->playout));

  /* What plays on of the old session is another item, though named alike. */
  lose (w);
  reconnect (w);
  created (w, "r1");
  delta (w, "r1", "a1", 10);
  play (w, 100);
  gst_realtime_playout_begin_frame (w->playout, 20 * GST_MSECOND, &head);
  g_assert_true (head.waiting); /* less than a frame of it, and more to come */
}

/* Speech into what plays on: silence, but the new session knows no such item. */
static void
test_old_audio (void)
{
  g_autoptr (World) w = reconnecting_world ();

  added (w, "a1", "assistant");
  created (w, "r1");
  delta (w, "r1", "a1", 400);
  transcript (w, "a1", "Guten Tag");
  audio_done (w, "r1", "a1");
  done (w, "r1", "completed");
  play (w, 20);
  lose (w);
  g_assert_false (gst_realtime_playout_is_empty (w->playout));
  reconnect (w);
  expect (w, "conversation.item.create");
  speech_started (w);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  expect_nothing (w);
}

/* A stop button while there is no session: nothing is sent into the handshake. */
static void
test_interrupt_while_lost (void)
{
  g_autoptr (World) w = reconnecting_world ();
  JsonObject *item;

  added (w, "a1", "assistant");
  created (w, "r1");
  delta (w, "r1", "a1", 400);
  transcript (w, "a1", "Guten Tag");
  done (w, "r1", "completed");
  play (w, 200);
  lose (w);
  gst_realtime_session_interrupt (w->session);
  expect_nothing (w);
  reconnect (w);
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  item = json_array_get_object_element (gst_realtime_json_array (item, "content"), 0);
  g_assert_cmpstr (gst_realtime_json_string (item, "text"), ==, "Gute"); /* half of it was heard */
  expect_nothing (w);
}

/* A new session is told what was heard, not what was generated; what nobody
 * heard was not said. */
static void
test_history_of_cut (void)
{
  g_autoptr (World) w = reconnecting_world ();
  JsonObject *item;

  added (w, "a1", "assistant");
  added (w, "a2", "assistant");
  created (w, "r1");
  delta (w, "r1", "a1", 400);
  server (w, "{'type':'response.output_audio_transcript.delta','item_id':'a1','delta':'12345678'}");
  audio_done (w, "r1", "a1");
  delta (w, "r1", "a2", 400);
  play (w, 200);
  speech_started (w);
  expect (w, "conversation.item.truncate");
  expect (w, "conversation.item.delete");
  transcript (w, "a1", "12345678");
  transcript (w, "a2", "unheard");
  server (w, "{'type':'conversation.item.done','item':{'id':'a2','type':'message',"
             "'role':'assistant','content':[{'type':'output_audio','transcript':'unheard'}]}}");
  done (w, "r1", "cancelled");
  speech_stopped (w);
  lose (w);
  reconnect (w);
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  item = json_array_get_object_element (gst_realtime_json_array (item, "content"), 0);
  g_assert_cmpstr (gst_realtime_json_string (item, "text"), ==, "1234");
  g_assert_cmpstr (g_queue_peek_head (&w->transport->sent), !=, NULL);
  expect (w, "response.create"); /* the answer that was due */
  expect_nothing (w);
}

/* Lost in the middle of a sentence: nobody answers before its end. */
static void
test_lost_while_speaking (void)
{
  g_autoptr (World) w = reconnecting_world ();

  speech_started (w);
  lose (w);
  reconnect (w);
  expect_nothing (w);
}

/* Lost while a retry was due, and while something was to be said aside. */
static void
test_lost_wishes (void)
{
  g_autoptr (World) w = reconnecting_world ();
  JsonObject *response;

  created (w, "r1");
  server (w, "{'type':'response.done','response':{'id':'r1','status':'failed','status_details':{"
             "'error':{'code':'rate_limit_exceeded'}}}}");
  gst_realtime_session_say (w->session, "Moment");
  expect (w, "response.create");
  lose (w);
  reconnect (w);
  expect (w, "response.create");
  response = gst_realtime_json_object (expect (w, "response.create"), "response");
  g_assert_cmpstr (gst_realtime_json_string (response, "conversation"), ==, "none");
  expect_nothing (w);
}

/* The socket is gone, the news of it not yet here: the audio is kept, and what
 * the service may never have heard is sent again. */
static void
test_unsent_audio (void)
{
  g_autoptr (World) w = reconnecting_world ();
  g_autoptr (GByteArray) all = NULL;
  guint8 audio[160] = { 0 };

  for (guint i = 0; i < 4; i++)
    {
      memset (audio, i, sizeof audio);
      gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
      if (i == 0)
        {
          expect (w, "session.update"); /* the format */
          expect (w, "input_audio_buffer.append");
          w->transport->open = FALSE;
        }
    }
  lose (w);
  reconnect (w);
  all = take_appends (w);
  expect_nothing (w);
  g_assert_cmpuint (all->len, ==, 4 * sizeof audio);
  for (guint i = 0; i < all->len; i++)
    g_assert_cmpuint (all->data[i], ==, i / sizeof audio);
}

/* A server that takes every session and drops it at once is not asked fifty
 * times a second, nor for ever. */
static void
test_back_off (void)
{
  g_autoptr (World) w = reconnecting_world ();

  for (guint i = 1; i <= 3; i++)
    {
      lose (w);
      g_assert_cmpuint (w->session->attempts, ==, i);
      reconnect (w);
    }
  w->session->attempts = 6;
  lose (w);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
}

/* After a steady time the count begins anew. */
static void
test_steady (void)
{
  g_autoptr (World) w = reconnecting_world ();

  lose (w);
  reconnect (w);
  w->session->ready_us -= 11 * G_USEC_PER_SEC;
  lose (w);
  g_assert_cmpuint (w->session->attempts, ==, 1);
}

/* ---- changes under way ---- */

/* Settings that change while session.updated is waited for are not forgotten. */
static void
test_settings_while_configuring (void)
{
  g_autoptr (World) w = world_new ();
  JsonObject *session;

  start (w);
  server (w, "{'type':'session.created','session':{}}");
  expect (w, "session.update");
  g_free (w->settings->instructions);
  w->settings->instructions = g_strdup ("Neu");
  gst_realtime_session_set_settings (w->session, w->settings);
  expect_nothing (w);
  server (w, "{'type':'session.updated','session':{}}");
  session = gst_realtime_json_object (expect (w, "session.update"), "session");
  g_assert_cmpstr (gst_realtime_json_string (session, "instructions"), ==, "Neu");
  expect_nothing (w);
}

/* A response keeps the format it began in; the next has the new one. */
static void
test_format_under_way (void)
{
  g_autoptr (World) w = ready_world ();
  GstRealtimeHead head;

  created (w, "r1");
  gst_realtime_session_set_output_format (w->session, GST_REALTIME_FORMAT_PCMU);
  expect (w, "session.update");
  delta (w, "r1", "a1", 20);
  gst_realtime_playout_begin_frame (w->playout, 20 * GST_MSECOND, &head);
  g_assert_cmpint (head.format, ==, GST_REALTIME_FORMAT_PCM);
  server (w, "{'type':'session.updated','session':{'audio':{'output':{'format':{"
             "'type':'audio/pcmu'}}}}}");
  delta (w, "r1", "a1", 20);
  audio_done (w, "r1", "a1");
  g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 40);
  done (w, "r1", "completed");
  play (w, 40);
  created (w, "r2");
  delta (w, "r2", "a2", 20);
  gst_realtime_playout_begin_frame (w->playout, 20 * GST_MSECOND, &head);
  g_assert_cmpint (head.format, ==, GST_REALTIME_FORMAT_PCMU);
  done (w, "r2", "completed");
  /* What a response says of itself counts most. */
  server (w, "{'type':'response.created','response':{'id':'r3','audio':{'output':{'format':{"
             "'type':'audio/pcma'}}}}}");
  g_ptr_array_unref (gst_realtime_playout_interrupt (w->playout, 1));
  delta (w, "r3", "a3", 20);
  gst_realtime_playout_begin_frame (w->playout, 20 * GST_MSECOND, &head);
  g_assert_cmpint (head.format, ==, GST_REALTIME_FORMAT_PCMA);
}

/* ---- secrets ---- */

/* Neither the key, should the service quote it, nor an MCP tool's token
 * reaches a listener, an error or the log. */
static void
test_secrets (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("realtime-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autofree char *text = NULL;
  JsonObject *session;

  w->settings->api_key = g_strdup ("sk-secret-4711");
  w->settings->tools = quoted ("[{'type':'mcp','server_label':'x','authorization':'tok-4711',"
                               "'headers':{'X':'tok-4711'}}]");
  gst_realtime_session_set_log (w->session, gst_realtime_log_open (path, FALSE, &error));
  g_assert_no_error (error);
  start (w);
  server (w, "{'type':'session.created','session':{}}");
  session = gst_realtime_json_object (expect (w, "session.update"), "session");
  session = json_array_get_object_element (gst_realtime_json_array (session, "tools"), 0);
  g_assert_cmpstr (gst_realtime_json_string (session, "authorization"), ==, "tok-4711");
  server (w, "{'type':'session.updated','session':{'tools':[{'authorization':'tok-4711'}]}}");
  /* Settings that change do not carry the key. */
  g_clear_pointer (&w->settings->api_key, g_free);
  gst_realtime_session_set_settings (w->session, w->settings);
  error_event (w, "x", "Incorrect API key sk-secret-4711, sk-secret-4711", NULL);
  error_event (w, "invalid_api_key", "Incorrect API key sk-secret-4711", NULL);
  g_assert_nonnull (w->fatal);
  g_assert_null (strstr (w->fatal->message, "4711"));
  gst_realtime_session_set_log (w->session, NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "authorization"));
  g_assert_null (strstr (text, "4711"));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_key_of_two_lines (void)
{
  g_autoptr (GstRealtimeSettings) settings = gst_realtime_settings_new ();
  g_autoptr (GError) error = NULL;

  settings->api_key = g_strdup ("sk-one\r\nX-Other: sk-two");
  g_assert_false (gst_realtime_settings_validate (settings, &error));
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  g_assert_null (strstr (error->message, "sk-"));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/races/" name, function)
  ADD ("speech/before-created", test_speech_before_created);
  ADD ("speech/before-answer", test_speech_before_answer);
  ADD ("speech/retry", test_retry);
  ADD ("speech/unheard-item", test_unheard_item);
  ADD ("speech/late-delta", test_late_delta_without_response);
  ADD ("response/done-of-another", test_done_of_another);
  ADD ("response/lost-race-unseen", test_lost_race_unseen);
  ADD ("response/foreign", test_foreign_side_response);
  ADD ("lost/ids-again", test_ids_again);
  ADD ("lost/old-audio", test_old_audio);
  ADD ("lost/interrupt", test_interrupt_while_lost);
  ADD ("lost/history-of-cut", test_history_of_cut);
  ADD ("lost/speaking", test_lost_while_speaking);
  ADD ("lost/wishes", test_lost_wishes);
  ADD ("lost/unsent-audio", test_unsent_audio);
  ADD ("lost/back-off", test_back_off);
  ADD ("lost/steady", test_steady);
  ADD ("change/settings", test_settings_while_configuring);
  ADD ("change/format", test_format_under_way);
  ADD ("secrets/events", test_secrets);
  ADD ("secrets/two-lines", test_key_of_two_lines);
  return g_test_run ();
}
