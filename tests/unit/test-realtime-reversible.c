/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reversible barge-in: an answer pauses when the caller speaks, and goes on or
 * is cut off by what that was. */
#include "reversible-world.h"

/* "mhm" into the answer: it pauses with the very next frame, and goes on with
 * the sample after the last that left; what came meanwhile follows it. */
static void
test_mhm (void)
{
  g_autoptr (World) w = answering_world ();
  g_autoptr (GArray) heard = g_array_new (FALSE, FALSE, 2);

  for (guint i = 0; i < 13; i++)
    frame (w, heard);
  started (w, "u1", 1000);
  for (guint i = 0; i < 40; i++)
    frame (w, heard);
  g_assert_cmpuint (heard->len, ==, 13 * 480); /* not one frame more */
  numbered (w, "r1", "a1", 2000, 500);
  stopped (w, "u1", 1400);
  committed (w, "u1");
  expect_nothing (w);
  for (guint i = 0; i < 10; i++)
    frame (w, heard);
  g_assert_cmpuint (heard->len, ==, 13 * 480);
  expect_log (w, "speech:started:700 speech:stopped:1900 ");
  said (w, "u1", "Mhm.");
  expect_item (w, "conversation.item.delete", "u1");
  expect_nothing (w);
  audio_done (w, "r1", "a1");
  done (w, "r1", "completed");
  for (guint i = 0; i < 200; i++)
    frame (w, heard);
  assert_no_gap (heard, 2500);
  expect_nothing (w);
  expect_log (w, "user:u1:Mhm.. speech:backchannel:400 done:r1 ");
}

/* What playout reports of it. */
static void
test_notices (void)
{
  static const GstRealtimeNoticeType expected[] = {
    GST_REALTIME_NOTICE_STARTED, GST_REALTIME_NOTICE_PAUSED, GST_REALTIME_NOTICE_RESUMED,
    GST_REALTIME_NOTICE_PAUSED,  GST_REALTIME_NOTICE_INTERRUPTED
  };
  static const guint played[] = { 0, 40, 40, 80, 80 };
  g_autoptr (World) w = answering_world ();
  guint i = 0;

  play (w, 40);
  started (w, "u1", 1000);
  play (w, 40);
  stopped (w, "u1", 1300);
  committed (w, "u1");
  said (w, "u1", "Hm");
  play (w, 40);
  started (w, "u2", 5000);
  play (w, 40);
  stopped (w, "u2", 5300);
  committed (w, "u2");
  said (w, "u2", "Stopp!");
  play (w, 40);
  for (GstRealtimeNotice *n; (n = gst_realtime_playout_pop_notice (w->playout)) != NULL; i++)
    {
      g_assert_cmpuint (i, <, G_N_ELEMENTS (expected));
      g_assert_cmpint (n->type, ==, expected[i]);
      g_assert_cmpstr (n->item_id, ==, "a1");
      g_assert_cmpuint (n->played_ms, ==, played[i]);
      g_assert_cmpint (n->latency_ms, >=, i == 0 ? -1 : 0);
      gst_realtime_notice_free (n);
    }
  g_assert_cmpuint (i, ==, G_N_ELEMENTS (expected));
}

/* Words of his own, however short: cut off where it paused, and answered. */
static void
test_short_turn (void)
{
  g_autoptr (World) w = answering_world ();
  JsonObject *event;

  play (w, 120);
  started (w, "u1", 1000);
  play (w, 400);
  stopped (w, "u1", 1300);
  committed (w, "u1");
  expect_nothing (w);
  said (w, "u1", "Nein!");
  expect (w, "response.cancel");
  event = expect (w, "conversation.item.truncate");
  g_assert_cmpstr (gst_realtime_json_string (event, "item_id"), ==, "a1");
  g_assert_cmpint (gst_realtime_json_int (event, "audio_end_ms", -1), ==, 120);
  expect_nothing (w);
  delta (w, "r1", "a1", 100);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  done (w, "r1", "cancelled");
  expect (w, "response.create");
  expect_nothing (w);
  expect_log (w, "speech:started:700 speech:stopped:1800 user:u1:Nein!. speech:turn:700 done:r1 ");
}

/* Long speech is a turn before its end is seen: the answer is gone by then, and
 * the next one is asked for as soon as there is an item to answer. */
static void
test_long_turn (void)
{
  g_autoptr (World) w = answering_world ();

  play (w, 120);
  started (w, "u1", 1000);
  expect_nothing (w);
  let_time_pass (w);
  expect (w, "response.cancel");
  g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"), "audio_end_ms",
                                          -1),
                   ==, 120);
  done (w, "r1", "cancelled");
  expect_nothing (w);
  stopped (w, "u1", 4000);
  expect_nothing (w);
  committed (w, "u1");
  expect (w, "response.create");
  expect_nothing (w);
  said (w, "u1", "Ja"); /* late, and of no importance now */
  expect_nothing (w);
  expect_log (w, "speech:started:700 speech:turn:700 done:r1 speech:stopped:4500 user:u1:Ja. ");
}

/* The same when its end is the first that tells how long it was (a file that is
 * sent faster than it is spoken). */
static void
test_long_at_once (void)
{
  g_autoptr (World) w = answering_world ();

  play (w, 120);
  started (w, "u1", 1000);
  stopped (w, "u1", 1801);
  expect (w, "response.cancel");
  expect (w, "conversation.item.truncate");
  committed (w, "u1");
  expect_nothing (w); /* not before response.done */
  done (w, "r1", "cancelled");
  expect (w, "response.create");
  expect_nothing (w);
}

/* Nothing is being said or coming: a turn, at once, with or without words. */
static void
test_silence (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);

  started (w, "u1", 1000);
  stopped (w, "u1", 1200);
  expect_nothing (w);
  committed (w, "u1");
  expect (w, "response.create");
  expect_nothing (w);
  expect_log (w, "speech:started:700 speech:turn:700 speech:stopped:1700 ");
}

/* The service is slow between the end of the speech and its commit: the turn is
 * answered all the same, though nothing waited for it any longer. */
static void
test_late_commit (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);

  started (w, "u1", 1000);
  stopped (w, "u1", 2000);
  let_timer_pass (w, TIMER_TURN);
  g_assert_false (gst_realtime_responder_is_busy (w->session->responder));
  expect_nothing (w);
  committed (w, "u1");
  expect (w, "response.create");
  expect_nothing (w);

  /* It never comes: the next speech is judged by itself. */
  created (w, "r1");
  done (w, "r1", "completed");
  started (w, "u2", 5000);
  stopped (w, "u2", 6000);
  let_timer_pass (w, TIMER_TURN);
  started (w, "u3", 15000);
  stopped (w, "u3", 16000);
  committed (w, "u3");
  expect (w, "response.create");
  expect_nothing (w);
}

/* A cough: an empty transcript, none at all, one that failed. */
static void
test_cough (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (World) w = reversible_world (NULL, i != 1);

      created (w, "r1");
      delta (w, "r1", "a1", 2000);
      play (w, 40);
      utter (w, "u1", 300, i == 0 ? "" : NULL);
      if (i == 2)
        server (w, "{'type':'conversation.item.input_audio_transcription.failed','item_id':'u1',"
                   "'error':{'message':'x'}}");
      expect_item (w, "conversation.item.delete", "u1");
      expect_nothing (w);
      g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 1960);
      play (w, 40);
      g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 1920);
    }
}

/* The bot's own words, just said, come back. */
static void
test_echo (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = answering_world ();

      server (w, "{'type':'conversation.item.added','item':{'id':'a1','type':'message',"
                 "'role':'assistant','content':[]}}");
      server (w, "{'type':'response.output_audio_transcript.delta','item_id':'a1',"
                 "'delta':'Das kostet zusammen zwölf Euro und kommt schon morgen früh bei Ihnen "
                 "an, wenn Sie heute bestellen, sonst erst am Montag im Lauf des Tages.'}");
      play (w, 400);
      utter (w, "u1", 400, i == 0 ? "zusammen zwölf Euro" : "am Montag im Lauf");
      if (i == 0)
        expect_item (w, "conversation.item.delete", "u1");
      else
        expect (w, "response.cancel"); /* that he has not heard yet */
    }
}

/* The transcript takes too long: the answer goes on, and what comes late still
 * counts. */
static void
test_late_transcript (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (World) w = answering_world ();

      play (w, 40);
      utter (w, "u1", 300, NULL);
      play (w, 40);
      let_time_pass (w);
      expect_nothing (w);
      play (w, 40);
      g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 1920);
      if (i == 0)
        {
          said (w, "u1", "Halt!");
          expect (w, "response.cancel");
          g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"),
                                                  "audio_end_ms", -1),
                           ==, 80);
          done (w, "r1", "cancelled");
          expect (w, "response.create");
        }
      else
        {
          if (i == 1)
            said (w, "u1", "Okay");
          else
            let_time_pass (w);
          expect_item (w, "conversation.item.delete", "u1");
        }
      expect_nothing (w);
    }
}

/* "… Soll ich das so bestellen?" "Ja." into its last word is an answer; a cough
 * is none even there. */
static void
test_near_end (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (World) w = answering_world ();

      audio_done (w, "r1", "a1");
      done (w, "r1", "completed");
      play (w, 1600);
      utter (w, "u1", 300, i == 0 ? "Ja." : i == 1 ? "" : NULL);
      if (i == 2)
        let_time_pass (w); /* nobody knows: rather ask than lose it */
      if (i == 1)
        expect_item (w, "conversation.item.delete", "u1");
      else
        {
          expect (w, "conversation.item.truncate");
          expect (w, "response.create");
        }
      expect_nothing (w);
    }
}

/* A second sound before it is clear what the first was: both count. */
static void
test_second_speech (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = answering_world ();

      play (w, 40);
      utter (w, "u1", 300, NULL);
      started (w, "u2", 3000);
      said (w, "u1", "Ja,");
      play (w, 40);
      expect_nothing (w);
      g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 1960);
      stopped (w, "u2", 3300);
      committed (w, "u2");
      expect_nothing (w);
      said (w, "u2", i == 0 ? "genau." : "aber zwei.");
      if (i == 0)
        {
          expect_item (w, "conversation.item.delete", "u1");
          expect_item (w, "conversation.item.delete", "u2");
        }
      else
        {
          expect (w, "response.cancel");
          expect (w, "conversation.item.truncate");
          done (w, "r1", "cancelled");
          expect (w, "response.create");
        }
      expect_nothing (w);
    }
}

/* He hesitates in the middle of his turn: one answer, to all of it. */
static void
test_turn_in_two (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);
  g_autofree char *id = NULL;

  started (w, "u1", 1000);
  stopped (w, "u1", 3000);
  committed (w, "u1");
  id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
  started (w, "u2", 4000);
  expect_nothing (w);
  server (w,
          "{'type':'response.created','response':{'id':'r1','status':'in_progress',"
          "'conversation_id':'c','metadata':{'request':'%s'}}}",
          id);
  delta (w, "r1", "a1", 400);
  play (w, 40);
  g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 400);
  let_time_pass (w);
  expect (w, "response.cancel");
  expect_item (w, "conversation.item.delete", "a1");
  done (w, "r1", "cancelled");
  stopped (w, "u2", 6000);
  committed (w, "u2");
  expect (w, "response.create");
  expect_nothing (w);
}

/* What the bot would have done next waits with its words: after a cough it is
 * done, after an interruption it is not, and never was. */
static void
test_calls (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = answering_world ();

      play (w, 40);
      started (w, "u1", 1000);
      call_done (w, "r1", "c1", "completed");
      server (w, "{'type':'response.done','response':{'id':'r1','status':'completed','output':["
                 "{'id':'f_c1','type':'function_call','status':'completed','name':'n',"
                 "'call_id':'c1','arguments':'{}'}]}}");
      stopped (w, "u1", 1300);
      committed (w, "u1");
      expect_log (w, "speech:started:700 done:r1 speech:stopped:1800 ");
      said (w, "u1", i == 0 ? "Mhm" : "Nein, nicht");
      if (i == 0)
        {
          expect_log (w, "user:u1:Mhm. call:c1:n:{} speech:backchannel:300 ");
          expect_item (w, "conversation.item.delete", "u1");
          gst_realtime_session_send_function_output (w->session, "c1", "ok");
          expect (w, "conversation.item.create");
          expect (w, "response.create");
        }
      else
        {
          expect_item (w, "conversation.item.delete", "f_c1");
          expect_item (w, "conversation.item.truncate", "a1");
          expect (w, "response.create");
          expect_log (w, "user:u1:Nein, nicht. speech:turn:700 ");
          gst_realtime_session_send_function_output (w->session, "c1", "ok");
          expect_log (w, "error:unknown_call_id ");
        }
      expect_nothing (w);
    }
}

/* A tool runs while he coughs: its output is answered all the same, once. */
static void
test_slow_call (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  started (w, "u1", 1000);
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  expect_nothing (w); /* not into what he says */
  stopped (w, "u1", 1300);
  committed (w, "u1");
  said (w, "u1", "");
  expect (w, "response.create");
  expect_item (w, "conversation.item.delete", "u1");
  expect_nothing (w);
}

/* Out of band, too: it pauses, goes on, is cancelled by its id. */
static void
test_say (void)
{
  g_autoptr (World) w = reversible_world (NULL, TRUE);
  g_autofree char *id = NULL;

  gst_realtime_session_say (w->session, "Moment bitte, ich sehe nach");
  id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
  server (w,
          "{'type':'response.created','response':{'id':'x1','status':'in_progress',"
          "'conversation_id':null,'metadata':{'request':'%s'}}}",
          id);
  delta (w, "x1", "b1", 2000);
  play (w, 40);
  utter (w, "u1", 300, "Ja");
  expect_item (w, "conversation.item.delete", "u1");
  play (w, 40);
  g_assert_cmpuint (gst_realtime_playout_get_queued_ms (w->playout), ==, 1920);
  utter (w, "u2", 300, "Stopp");
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "response.cancel"), "response_id"), ==,
                   "x1");
  expect (w, "response.create");
  expect_nothing (w);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/reversible/" name, function)
  ADD ("mhm", test_mhm);
  ADD ("notices", test_notices);
  ADD ("short-turn", test_short_turn);
  ADD ("long-turn", test_long_turn);
  ADD ("long-at-once", test_long_at_once);
  ADD ("silence", test_silence);
  ADD ("late-commit", test_late_commit);
  ADD ("cough", test_cough);
  ADD ("echo", test_echo);
  ADD ("late-transcript", test_late_transcript);
  ADD ("near-end", test_near_end);
  ADD ("second-speech", test_second_speech);
  ADD ("turn-in-two", test_turn_in_two);
  ADD ("calls", test_calls);
  ADD ("slow-call", test_slow_call);
  ADD ("say", test_say);
  return g_test_run ();
}
