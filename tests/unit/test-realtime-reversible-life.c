/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reversible barge-in, and what else happens to a session: the stop button, a
 * lost connection, the end of the input, settings of the application. */
#include "reversible-world.h"

/* The stop button while it is paused: silence for good; he is answered only if
 * he said something. */
static void
test_stop_button (void)
{
  g_autoptr (World) w = answering_world ();

  play (w, 40);
  started (w, "u1", 1000);
  gst_realtime_session_interrupt (w->session);
  expect (w, "response.cancel");
  expect (w, "conversation.item.truncate");
  done (w, "r1", "cancelled");
  stopped (w, "u1", 1300);
  committed (w, "u1");
  said (w, "u1", "");
  expect_item (w, "conversation.item.delete", "u1");
  expect_nothing (w);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
}

/* The connection is lost while it is paused: what came of it is played. */
static void
test_lost (void)
{
  g_autoptr (World) w = answering_world ();
  g_autoptr (GArray) heard = g_array_new (FALSE, FALSE, 2);

  frame (w, heard);
  started (w, "u1", 1000);
  frame (w, heard);
  call_done (w, "r1", "c1", "completed");
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 1006, NULL);
  for (guint i = 0; i < 120; i++)
    frame (w, heard);
  assert_no_gap (heard, 2000);
  g_assert_nonnull (strstr (w->log->str, "call:c1:n:{} ")); /* and what it was to do is done */
  g_assert_null (w->session->timers[TIMER_BARGE]);
}

/* "Ja." to a question, and the connection is lost before the answer: it is heard
 * again, with nothing that it could be a backchannel to. */
static void
test_heard_again (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);
  guint8 audio[960] = { 0 };
  JsonObject *response = NULL;

  for (guint i = 0; i < 100; i++)
    gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCM, audio, sizeof audio);
  started (w, "u1", 1000);
  stopped (w, "u1", 1300);
  committed (w, "u1");
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 1006, NULL);
  while (w->transport->n_opened < 2)
    g_main_context_iteration (NULL, TRUE);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  g_queue_clear_full (&w->transport->sent, g_free);
  server (w, "{'type':'session.created','session':{'id':'s2'}}");
  expect (w, "session.update");
  server (w, "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{"
             "'type':'server_vad','create_response':false,'interrupt_response':false}}}}}");
  while (!g_queue_is_empty (&w->transport->sent) &&
         g_str_has_prefix (g_queue_peek_head (&w->transport->sent), "{\"type\":\"input_audio"))
    g_free (g_queue_pop_head (&w->transport->sent));
  if (!g_queue_is_empty (&w->transport->sent))
    response = expect (w, "response.create"); /* told as audio, asked for at once */
  else
    {
      utter (w, "u1", 300, NULL);
      response = expect (w, "response.create");
      said (w, "u1", "Ja.");
    }
  g_assert_nonnull (response);
  expect_nothing (w);
}

/* After a backchannel nothing is due: the session may be renewed, and what was
 * no turn isn't heard again. */
static void
test_nothing_due (void)
{
  g_autoptr (World) w = answering_world ();

  play (w, 40);
  utter (w, "u1", 300, "Mhm");
  expect_item (w, "conversation.item.delete", "u1");
  g_assert_cmpint (w->session->turn, ==, TURN_NONE);
}

/* The input ends while it is paused: it goes on, and ends. */
static void
test_end_of_input (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = answering_world ();

      audio_done (w, "r1", "a1");
      done (w, "r1", "completed");
      play (w, 40);
      started (w, "u1", 1000);
      gst_realtime_session_end_input (w->session);
      g_queue_clear_full (&w->transport->sent, g_free); /* silence */
      if (i == 0)
        {
          stopped (w, "u1", 1300);
          committed (w, "u1");
          said (w, "u1", "Mhm");
          expect_item (w, "conversation.item.delete", "u1");
        }
      else
        /* The VAD sees no end of it. */
        for (GSource *timer = w->session->timers[TIMER_DRAIN];
             w->session->timers[TIMER_DRAIN] == timer;)
          {
            g_source_set_ready_time (timer, 0);
            g_main_context_iteration (NULL, TRUE);
          }
      g_assert_null (strstr (w->log->str, "drained"));
      play (w, 2000);
      g_assert_true (gst_realtime_playout_is_empty (w->playout));
      gst_realtime_session_playout_empty (w->session);
      wait_for (w, "drained", 5);
    }
}

/* The caller was silent for too long: if the service doesn't answer that with
 * create_response off, we ask for it. */
static void
test_idle (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);

  server (w, "{'type':'input_audio_buffer.timeout_triggered','audio_start_ms':0,"
             "'audio_end_ms':6000,'item_id':'u1'}");
  committed (w, "u1");
  expect_nothing (w);
  created (w, "r1"); /* it does */
  done (w, "r1", "completed");
  g_assert_null (w->session->timers[TIMER_TURN]);
  server (w, "{'type':'input_audio_buffer.timeout_triggered','audio_start_ms':0,"
             "'audio_end_ms':6000,'item_id':'u2'}");
  g_source_set_ready_time (w->session->timers[TIMER_TURN], 0);
  while (w->session->timers[TIMER_TURN] != NULL)
    g_main_context_iteration (NULL, TRUE);
  expect (w, "response.create");
}

/* The semantic VAD says nothing of how long it waits: a sound is given more
 * time, and a long one is a turn all the same. */
static void
test_semantic (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);

  w->settings->turn_detection = GST_REALTIME_TURN_SEMANTIC_VAD;
  gst_realtime_session_set_settings (w->session, w->settings);
  expect (w, "session.update");
  created (w, "r1");
  numbered (w, "r1", "a1", 0, 2000);
  play (w, 40);
  started (w, "u1", 1000);
  /* 300 ms of sound, 1.3 s until the VAD is sure: with the other it were a turn. */
  server (w, "{'type':'input_audio_buffer.speech_stopped','audio_end_ms':2600,'item_id':'u1'}");
  committed (w, "u1");
  expect_nothing (w);
  said (w, "u1", "Hm.");
  expect_item (w, "conversation.item.delete", "u1");
  started (w, "u2", 5000);
  let_time_pass (w);
  expect (w, "response.cancel");
  expect (w, "conversation.item.truncate");
}

/* What the application sets explicitly is respected; so is a service that does
 * otherwise than it was asked to. */
static void
test_explicit (void)
{
#define TURN_DETECTION(flag) "{\"audio\":{\"input\":{\"turn_detection\":{\"" flag "}}}}"
  static const char *const final[] = { TURN_DETECTION ("interrupt_response\":true"),
                                       TURN_DETECTION ("create_response\":true") };

  for (guint i = 0; i < G_N_ELEMENTS (final); i++)
    {
      g_autoptr (World) w = reversible_world (final[i], TRUE);

      g_assert_true (w->session->create_response && w->session->interrupt_response);
      created (w, "r1");
      delta (w, "r1", "a1", 400);
      play (w, 40);
      started (w, "u1", 1000);
      expect (w, "conversation.item.truncate");
      expect_nothing (w);
      expect_log (w, "created:r1 speech:started:700 speech:turn:700 ");
    }
  {
    /* It asks itself. */
    g_autoptr (World) w =
        reversible_world (TURN_DETECTION ("create_response\":false"), TRUE);

    created (w, "r1");
    delta (w, "r1", "a1", 2000);
    play (w, 40);
    utter (w, "u1", 300, "Mhm");
    expect_item (w, "conversation.item.delete", "u1");
    utter (w, "u2", 300, "Stopp");
    expect (w, "response.cancel");
    expect (w, "conversation.item.truncate");
    done (w, "r1", "cancelled");
    expect_nothing (w);
    gst_realtime_session_create_response (w->session, NULL);
    expect (w, "response.create");
  }
  {
    g_autoptr (World) w = world_new ();

    start (w);
    make_ready (w); /* says true, whatever it was asked */
    created (w, "r1");
    delta (w, "r1", "a1", 400);
    play (w, 40);
    started (w, "u1", 1000);
    expect (w, "conversation.item.truncate");
  }
  {
    g_autoptr (World) w = world_new ();
    JsonObject *turn;

    w->settings->reversible_barge_in = FALSE;
    start (w);
    server (w, "{'type':'session.created','session':{'id':'s'}}");
    turn = gst_realtime_json_object (expect (w, "session.update"), "session");
    turn = gst_realtime_json_object (gst_realtime_json_object (turn, "audio"), "input");
    turn = gst_realtime_json_object (turn, "turn_detection");
    g_assert_true (gst_realtime_json_bool (turn, "create_response", FALSE));
    g_assert_true (gst_realtime_json_bool (turn, "interrupt_response", FALSE));
  }
}

/* The answer that fails is asked for again after a cough, not during it. */
static void
test_retry (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);

  created (w, "r1");
  server (w, "{'type':'response.done','response':{'id':'r1','status':'failed','output':[],"
             "'status_details':{'error':{'code':'server_error'}}}}");
  started (w, "u1", 1000);
  for (gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
       w->session->timers[TIMER_RETRY] != NULL && g_get_monotonic_time () < end;)
    {
      g_source_set_ready_time (w->session->timers[TIMER_RETRY], 0);
      g_main_context_iteration (NULL, TRUE);
    }
  expect_nothing (w);
  stopped (w, "u1", 1300);
  committed (w, "u1");
  said (w, "u1", "");
  expect (w, "response.create");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/reversible/" name, function)
  ADD ("stop-button", test_stop_button);
  ADD ("lost", test_lost);
  ADD ("heard-again", test_heard_again);
  ADD ("nothing-due", test_nothing_due);
  ADD ("end-of-input", test_end_of_input);
  ADD ("idle", test_idle);
  ADD ("semantic", test_semantic);
  ADD ("explicit", test_explicit);
  ADD ("retry", test_retry);
  return g_test_run ();
}
