/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Barge-in, the one active response, function calls: what each event of the
 * service makes the session send, in which order. */
#include "realtime-world.h"

/* ---- barge-in (PROTOCOL section 7) ---- */

/* While the response runs: flush, truncate at what left, no cancel of ours,
 * late deltas are dropped until response.done. */
static void
test_barge_in (void)
{
  g_autoptr (World) w = ready_world ();
  JsonObject *event;

  created (w, "r1");
  delta (w, "r1", "a1", 400);
  play (w, 120);
  speech_started (w);
  event = expect (w, "conversation.item.truncate");
  g_assert_cmpstr (gst_realtime_json_string (event, "item_id"), ==, "a1");
  g_assert_cmpint (gst_realtime_json_int (event, "content_index", -1), ==, 0);
  g_assert_cmpint (gst_realtime_json_int (event, "audio_end_ms", -1), ==, 120);
  expect_nothing (w);
  delta (w, "r1", "a1", 400);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  done (w, "r1", "cancelled");
  expect_nothing (w);
  speech_stopped (w);
  created (w, "r2");
  delta (w, "r2", "a2", 40);
  g_assert_false (gst_realtime_playout_is_empty (w->playout));
  expect_log (w, "created:r1 speech:started:7 done:r1 speech:stopped:9 created:r2 ");
}

/* Generated to the end but still playing: truncate, though nothing runs. */
static void
test_barge_in_after_done (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 400);
  audio_done (w, "r1", "a1");
  done (w, "r1", "completed");
  play (w, 40);
  speech_started (w);
  g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"), "audio_end_ms",
                                          -1),
                   ==, 40);
  expect_nothing (w);
}

/* Played to the end: nothing is sent (a truncate would delete the transcript). */
static void
test_barge_in_after_playout (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  audio_done (w, "r1", "a1");
  done (w, "r1", "completed");
  play (w, 200);
  speech_started (w);
  expect_nothing (w);
}

/* All that came has been played, but more was to come: truncate at its end. */
static void
test_barge_in_underrun (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 200);
  speech_started (w);
  g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"), "audio_end_ms",
                                          -1),
                   ==, 100);
}

/* Nothing of it was heard: the item is deleted, never truncated at 0. */
static void
test_barge_in_unheard (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  speech_started (w);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "conversation.item.delete"), "item_id"), ==,
                   "a1");
  expect_nothing (w);
}

/* A response without any audio yet: nothing to send, its deltas are dropped. */
static void
test_barge_in_before_audio (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  speech_started (w);
  expect_nothing (w);
  delta (w, "r1", "a1", 100);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
}

/* Several items: truncate the one that plays, delete those that don't. */
static void
test_barge_in_items (void)
{
  g_autoptr (World) w = ready_world ();
  JsonObject *event;

  created (w, "r1");
  delta (w, "r1", "a1", 60);
  audio_done (w, "r1", "a1");
  delta (w, "r1", "a2", 100);
  audio_done (w, "r1", "a2");
  delta (w, "r1", "a3", 100);
  play (w, 100);
  speech_started (w);
  event = expect (w, "conversation.item.truncate");
  g_assert_cmpstr (gst_realtime_json_string (event, "item_id"), ==, "a2");
  g_assert_cmpint (gst_realtime_json_int (event, "audio_end_ms", -1), ==, 40);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "conversation.item.delete"), "item_id"), ==,
                   "a3");
  expect_nothing (w);
}

/* interrupt_response false: the cancel is ours. */
static void
test_barge_in_own_cancel (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{"
             "'type':'server_vad','interrupt_response':false}}}}}");
  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 20);
  speech_started (w);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "response.cancel"), "response_id"), ==,
                   "r1");
  expect (w, "conversation.item.truncate");
  done (w, "r1", "cancelled");
  speech_stopped (w);
  /* Nothing runs now: no cancel. */
  speech_started (w);
  expect_nothing (w);
}

/* The stop button: cancel and truncate; nothing when nothing is to be stopped. */
static void
test_stop_button (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_interrupt (w->session);
  expect_nothing (w);
  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 40);
  gst_realtime_session_interrupt (w->session);
  expect (w, "response.cancel");
  expect (w, "conversation.item.truncate");
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w); /* not before response.done */
  done (w, "r1", "cancelled");
  expect (w, "response.create");

  /* Pressed before response.created: cancelled all the same, and silent. */
  gst_realtime_session_interrupt (w->session);
  expect (w, "response.cancel");
  created (w, "r2");
  delta (w, "r2", "a2", 100);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  done (w, "r2", "cancelled");
  expect_nothing (w);
}

/* Out of band: spoken, cancelled by id, never truncated (it is no item). */
static void
test_say (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *id = NULL;

  created (w, "r1");
  gst_realtime_session_say (w->session, "Moment");
  id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
  server (w,
          "{'type':'response.created','response':{'id':'x1','status':'in_progress',"
          "'conversation_id':null,'metadata':{'request':'%s'}}}",
          id);
  delta (w, "x1", "b1", 100);
  play (w, 40);
  speech_started (w);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "response.cancel"), "response_id"), ==,
                   "x1");
  expect_nothing (w);
  server (w, "{'type':'response.done','response':{'id':'x1','status':'cancelled','output':[]}}");
  expect_nothing (w);
  /* The default conversation's response still runs. */
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  done (w, "r1", "cancelled");
  expect (w, "response.create");
}

/* ---- one active response (section 8) ---- */

static void
test_one_response (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_create_response (w->session, "eins");
  expect (w, "response.create");
  gst_realtime_session_create_response (w->session, "zwei");
  gst_realtime_session_create_response (w->session, NULL);
  created (w, "r1");
  expect_nothing (w);
  done (w, "r1", "completed");
  g_assert_cmpstr (gst_realtime_json_string (
                       gst_realtime_json_object (expect (w, "response.create"), "response"),
                       "instructions"),
                   ==, "zwei");
  expect_nothing (w);
}

/* Lost against the VAD: waits for response.done and is sent once more; with
 * the id, without it, and of old servers without a code. */
static void
test_lost_race (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (World) w = ready_world ();
      g_autofree char *id = NULL;

      gst_realtime_session_create_response (w->session, "meins");
      id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
      created (w, "vad");
      error_event (w, i == 2 ? NULL : "conversation_already_has_active_response",
                   "Conversation already has an active response in progress: vad. Wait until",
                   i == 0 ? id : NULL);
      expect_nothing (w);
      done (w, "vad", "completed");
      g_assert_cmpstr (gst_realtime_json_string (
                           gst_realtime_json_object (expect (w, "response.create"), "response"),
                           "instructions"),
                       ==, "meins");
      expect_nothing (w);
      expect_log (w, "created:vad done:vad ");
    }
}

/* A create that the service refuses for another reason frees the way. */
static void
test_refused_create (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *id = NULL;

  gst_realtime_session_create_response (w->session, "eins");
  id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
  error_event (w, "invalid_value", "no", id);
  expect_log (w, "error:invalid_value ");
  gst_realtime_session_create_response (w->session, "zwei");
  expect (w, "response.create");
}

/* response.done without response.created frees, too. */
static void
test_done_alone (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_create_response (w->session, NULL);
  expect (w, "response.create");
  done (w, "r1", "cancelled");
  gst_realtime_session_create_response (w->session, NULL);
  expect (w, "response.create");
}

static void
test_failed_response (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  server (w, "{'type':'response.done','response':{'id':'r1','status':'failed','output':[],"
             "'status_details':{'error':{'code':'server_error'}}}}");
  expect_nothing (w);
  expect_log (w, "created:r1 done:r1 error:server_error ");
  for (gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
       g_queue_is_empty (&w->transport->sent) && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
  expect (w, "response.create");

  server (w, "{'type':'response.done','response':{'id':'r2','status':'failed',"
             "'status_details':{'error':{'code':'insufficient_quota'}}}}");
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
}

/* ---- function calls (section 9) ---- */

/* Two calls: each runs once, at once; one response after both outputs and
 * response.done. */
static void
test_calls (void)
{
  for (guint late = 0; late < 2; late++)
    {
      g_autoptr (World) w = ready_world ();

      created (w, "r1");
      call_done (w, "r1", "c1", "completed");
      call_done (w, "r1", "c2", "completed");
      expect_log (w, "created:r1 call:c1:n:{} call:c2:n:{} ");
      gst_realtime_session_send_function_output (w->session, "c2", "zwei");
      g_assert_cmpstr (
          gst_realtime_json_string (
              gst_realtime_json_object (expect (w, "conversation.item.create"), "item"), "output"),
          ==, "zwei");
      if (late == 0)
        {
          gst_realtime_session_send_function_output (w->session, "c1", "eins");
          expect (w, "conversation.item.create");
          expect_nothing (w);
        }
      server (w, "{'type':'response.done','response':{'id':'r1','status':'completed','output':["
                 "{'type':'function_call','status':'completed','name':'n','call_id':'c1'},"
                 "{'type':'function_call','status':'completed','name':'n','call_id':'c2'}]}}");
      expect_log (w, "done:r1 "); /* not run twice */
      if (late == 1)
        {
          expect_nothing (w);
          gst_realtime_session_send_function_output (w->session, "c1", "eins");
          expect (w, "conversation.item.create");
        }
      expect (w, "response.create");
      expect_nothing (w);
      gst_realtime_session_send_function_output (w->session, "c1", "noch einmal");
      expect_nothing (w);
      expect_log (w, "error:unknown_call_id ");
    }
}

/* The first output is there before the second call: one response, after both. */
static void
test_fast_call (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  gst_realtime_session_send_function_output (w->session, "c1", "eins");
  expect (w, "conversation.item.create");
  call_done (w, "r1", "c2", "completed");
  done (w, "r1", "completed");
  expect_nothing (w);
  gst_realtime_session_send_function_output (w->session, "c2", "zwei");
  expect (w, "conversation.item.create");
  expect (w, "response.create");
  expect_nothing (w);
}

/* Calls of a cancelled response that are not complete don't run. */
static void
test_incomplete_call (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "incomplete");
  server (w, "{'type':'response.done','response':{'id':'r1','status':'cancelled','output':["
             "{'type':'function_call','name':'n','call_id':'c1'}]}}");
  expect_log (w, "created:r1 done:r1 ");
}

/* The caller speaks while a tool runs: the output is sent, the VAD's response
 * answers it, and none is asked for in between. */
static void
test_slow_call (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  speech_started (w);
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  expect_nothing (w);
  output_added (w, "c1");
  speech_stopped (w);
  expect_nothing (w);
  created (w, "r2");
  done (w, "r2", "completed");
  expect_nothing (w);
}

/* The output reaches the service after the VAD's response began: asked for
 * when that is over. */
static void
test_late_output (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  speech_started (w);
  speech_stopped (w);
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  created (w, "r2");
  output_added (w, "c1");
  expect_nothing (w);
  done (w, "r2", "completed");
  expect (w, "response.create");
}

/* Interrupted with a call outstanding: its output still gets an answer. */
static void
test_call_after_barge_in (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  speech_started (w);
  done (w, "r1", "cancelled");
  speech_stopped (w);
  created (w, "r2");
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  expect_nothing (w);
  done (w, "r2", "completed");
  expect (w, "response.create");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/session/" name, function)
  ADD ("barge-in/active", test_barge_in);
  ADD ("barge-in/after-done", test_barge_in_after_done);
  ADD ("barge-in/after-playout", test_barge_in_after_playout);
  ADD ("barge-in/underrun", test_barge_in_underrun);
  ADD ("barge-in/unheard", test_barge_in_unheard);
  ADD ("barge-in/before-audio", test_barge_in_before_audio);
  ADD ("barge-in/items", test_barge_in_items);
  ADD ("barge-in/own-cancel", test_barge_in_own_cancel);
  ADD ("barge-in/stop-button", test_stop_button);
  ADD ("barge-in/say", test_say);
  ADD ("response/one", test_one_response);
  ADD ("response/lost-race", test_lost_race);
  ADD ("response/refused", test_refused_create);
  ADD ("response/done-alone", test_done_alone);
  ADD ("response/failed", test_failed_response);
  ADD ("calls/parallel", test_calls);
  ADD ("calls/fast", test_fast_call);
  ADD ("calls/incomplete", test_incomplete_call);
  ADD ("calls/slow", test_slow_call);
  ADD ("calls/late-output", test_late_output);
  ADD ("calls/after-barge-in", test_call_after_barge_in);
  return g_test_run ();
}
