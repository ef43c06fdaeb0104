/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Call sessions and their controller with real media, the real Realtime
 * element and the simulator; signalling alone is made up, so that a leg can do
 * what no phone would. */

#include "call-world.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* ---- tests ------------------------------------------------------------ */

static void
test_unreachable (Fixture *fixture, gconstpointer url)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);

  g_assert_cmpuint (leg->n_rings, ==, 1);
  g_assert_cmpuint (leg->n_answers, ==, 0);
  g_assert_cmpuint (leg->n_rejects, ==, 1);
  g_assert_cmpuint (leg->status, ==, 503);
  g_assert_cmpuint (leg->retry_after, >, 0);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_REFUSED);
  g_assert_nonnull (bb_call_get_end_text (call));
}

static void
test_talk_and_hang_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  g_assert_cmpuint (leg->rtp_port, !=, 0);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
  g_assert_cmpuint (leg->n_answers, ==, 1);

  wait_until (call_world_has_bot_line (call));
  wait_until (bb_call_get_quality (call)->packets_sent > 20);
  wait_until (g_socket_get_available_bytes (fixture->phone) > 0);

  bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_ENDING);
  bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  g_assert_cmpuint (leg->n_hang_ups, ==, 1);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_OPERATOR);
  bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
  g_assert_cmpuint (leg->n_hang_ups, ==, 1);
}

/* Ends a call at a later and later moment, from both sides: every step of the
 * connection is hit by one of them. */
static void
test_stop_at_each_step (Fixture *fixture, gconstpointer data)
{
  for (guint turns = 0; turns < 40; turns++)
    {
      g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
      BbCall *call;

      bb_controller_accept (fixture->controller, BB_LEG (leg));
      call = call_world_last_call (fixture);
      for (guint i = 0; i < turns; i++)
        g_main_context_iteration (NULL, TRUE);

      if (turns % 2 == 0)
        fake_leg_end (leg, BB_CALL_END_CALLER);
      else
        bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
      fake_leg_end (leg, BB_CALL_END_LOST);

      wait_until (bb_controller_get_n_active (fixture->controller) == 0);
      g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_ENDED);
      g_assert_cmpint (bb_call_get_end (call), ==,
                       turns % 2 == 0 ? BB_CALL_END_CALLER : BB_CALL_END_OPERATOR);
    }
}

static void
test_share_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg_a = fake_leg_new (fixture->phone_port);
  g_autoptr (FakeLeg) leg_b = fake_leg_new (fixture->phone_port);
  g_autoptr (FakeLeg) leg_c = fake_leg_new (fixture->phone_port);
  BbCall *a, *b;

  bb_controller_accept (fixture->controller, BB_LEG (leg_a));
  a = call_world_last_call (fixture);
  bb_controller_accept (fixture->controller, BB_LEG (leg_b));
  b = call_world_last_call (fixture);

  /* All places are taken. */
  bb_controller_accept (fixture->controller, BB_LEG (leg_c));
  g_assert_cmpuint (leg_c->status, ==, 486);
  g_assert_cmpuint (bb_controller_get_n_active (fixture->controller), ==, 2);

  wait_until (call_world_has_bot_line (a) && call_world_has_bot_line (b));
  g_assert_true (a != b);
  g_assert_cmpstr (bb_call_get_id (a), !=, bb_call_get_id (b));
  g_assert_true (bb_call_get_order (a) != bb_call_get_order (b));
  g_assert_true (bb_call_get_transcript (a) != bb_call_get_transcript (b));
  g_assert_cmpuint (leg_a->rtp_port, !=, leg_b->rtp_port);

  fake_leg_end (leg_a, BB_CALL_END_CALLER);
  wait_until (bb_call_get_state (a) == BB_CALL_ENDED);
  g_assert_cmpint (bb_call_get_state (b), ==, BB_CALL_TALKING);

  /* The next call begins from nothing. */
  {
    g_autoptr (FakeLeg) leg_d = fake_leg_new (fixture->phone_port);
    BbCall *d;

    bb_controller_accept (fixture->controller, BB_LEG (leg_d));
    d = call_world_last_call (fixture);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_transcript (d))), ==, 0);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_order (d))), ==, 0);
    fake_leg_end (leg_d, BB_CALL_END_CALLER);
  }
  fake_leg_end (leg_b, BB_CALL_END_CALLER);
}

static void
test_answer_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  leg->refuse_to_answer = TRUE;
  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_ERROR);
  g_assert_cmpstr (bb_call_get_end_text (call), ==, "the peer is gone");
}

static void
on_shut_down (GObject *source, GAsyncResult *result, gpointer user_data)
{
  bb_controller_shutdown_finish (BB_CONTROLLER (source), result);
  *(gboolean *)user_data = TRUE;
}

static void
test_shutdown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (FakeLeg) late = fake_leg_new (fixture->phone_port);
  gboolean done = FALSE;
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);

  bb_controller_shutdown_async (fixture->controller, CALL_WORLD_DEADLINE * 1000, on_shut_down, &done);
  bb_controller_accept (fixture->controller, BB_LEG (late));
  g_assert_cmpuint (late->status, ==, 503);
  g_assert_cmpuint (late->retry_after, >, 0);

  wait_until (done);
  g_assert_cmpuint (leg->n_hang_ups, ==, 1);
  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_ENDED);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_SHUTDOWN);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* All files below the folder of recordings, by name. */
static void
list_files (const char *folder, GString *names)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (sorted, g_strdup (name));
  g_ptr_array_sort (sorted, compare_names);
  for (guint i = 0; i < sorted->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, sorted->pdata[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        list_files (path, names);
      else
        g_string_append_printf (names, "%s ", (char *)sorted->pdata[i]);
    }
}

static void
assert_kept (Fixture *fixture, const char *expected)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "kept", NULL);
  g_autoptr (GString) names = g_string_new (NULL);

  list_files (folder, names);
  g_assert_cmpstr (names->str, ==, expected);
}

static gboolean
has_note (BbCall *call, const char *words)
{
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (call));

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);

      if (bb_transcript_line_get_kind (line) == BB_TRANSCRIPT_NOTE
          && strstr (bb_transcript_line_get_text (line), words) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* The tests of consent: a key that the caller presses stands for a turn, the
 * first of which allows the recording and the second takes that back. */
#define REPORTS(word) \
  "{\"call\":{\"name\":\"allow_recording\",\"arguments\":{\"allowed\":" word "}}}"
#define CONSENT \
  "{\"name\":\"consent\",\"turns\":[" REPORTS ("true") "," REPORTS ("false") "]}"

static void
answer_question (FakeLeg *leg)
{
  g_signal_emit_by_name (leg, BB_LEG_SIGNAL_DTMF, "1");
}

static void
test_consent_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (call_world_has_bot_line (call));
  /* Nothing but a log that will go. */
  assert_kept (fixture, "session.jsonl.part ");
  g_assert_null (bb_call_get_recording_path (call));

  fake_leg_end (leg, BB_CALL_END_CALLER);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  assert_kept (fixture, "");
}

static void
test_consent_yes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
  g_assert_null (bb_call_get_recording_path (call));
  answer_question (leg);
  wait_until (bb_call_get_recording_path (call) != NULL);
  g_assert_true (has_note (call, "agrees"));

  fake_leg_end (leg, BB_CALL_END_CALLER);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  assert_kept (fixture, "call.ogg session.jsonl ");
  g_assert_true (g_file_test (bb_call_get_recording_path (call), G_FILE_TEST_EXISTS));
}

static void
test_consent_withdrawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (call_world_has_bot_line (call));
  answer_question (leg);
  wait_until (has_note (call, "agrees"));
  assert_kept (fixture, "call.ogg session.jsonl ");
  answer_question (leg);
  wait_until (has_note (call, "does not want"));
  g_assert_null (bb_call_get_recording_path (call));
  assert_kept (fixture, "session.jsonl.part ");

  fake_leg_end (leg, BB_CALL_END_CALLER);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  assert_kept (fixture, "");
}

/* A phone that still rings when the gateway stops is sent elsewhere. */
static void
test_shutdown_while_ringing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  gboolean done = FALSE;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  bb_controller_shutdown_async (fixture->controller, CALL_WORLD_DEADLINE * 1000, on_shut_down, &done);
  wait_until (done);
  g_assert_cmpuint (leg->n_hang_ups, ==, 0);
  g_assert_cmpuint (leg->n_rejects, ==, 1);
  g_assert_cmpuint (leg->status, ==, 503);
  g_assert_cmpuint (leg->retry_after, >, 0);
}

/* A late offer is answered before the API is there: what fails then is no
 * refusal any more, and the caller has to hear a BYE. */
static void
test_late_offer_unreachable (Fixture *fixture, gconstpointer url)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (BbMediaParams) agreed = g_steal_pointer (&leg->media);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  g_assert_cmpuint (leg->n_answers, ==, 1);
  leg->media = g_steal_pointer (&agreed); /* with the ACK */
  g_signal_emit_by_name (leg, BB_LEG_SIGNAL_MEDIA_CHANGED);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  g_assert_cmpuint (leg->n_rejects, ==, 0);
  g_assert_cmpuint (leg->n_hang_ups, ==, 1);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_ERROR);
}

int
main (int argc, char *argv[])
{
  guint beat;
  int status;

  /* The simulator takes any key, but like the service it wants one. */
  g_setenv ("OPENAI_API_KEY", "none", TRUE);
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  /* A refused call is a warning in the log, and meant to be. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
  beat = g_timeout_add (10, call_world_on_beat, NULL);

  g_test_add ("/call-session/unreachable", Fixture, "ws://127.0.0.1:1/v1/realtime", call_world_set_up,
              test_unreachable, call_world_tear_down);
  g_test_add ("/call-session/talk-and-hang-up", Fixture, NULL, call_world_set_up, test_talk_and_hang_up,
              call_world_tear_down);
  g_test_add ("/call-session/stop-at-each-step", Fixture, NULL, call_world_set_up, test_stop_at_each_step,
              call_world_tear_down);
  g_test_add ("/call-session/share-nothing", Fixture, NULL, call_world_set_up, test_share_nothing, call_world_tear_down);
  g_test_add ("/call-session/answer-fails", Fixture, NULL, call_world_set_up, test_answer_fails, call_world_tear_down);
  g_test_add ("/call-session/shutdown", Fixture, NULL, call_world_set_up, test_shutdown, call_world_tear_down);

  g_test_add ("/call-session/shutdown-while-ringing", Fixture, NULL, call_world_set_up,
              test_shutdown_while_ringing, call_world_tear_down);
  g_test_add ("/call-session/late-offer-unreachable", Fixture, "ws://127.0.0.1:1/v1/realtime",
              call_world_set_up, test_late_offer_unreachable, call_world_tear_down);
  g_test_add ("/call-session/consent/none", Fixture, CONSENT, call_world_set_up, test_consent_none,
              call_world_tear_down);
  g_test_add ("/call-session/consent/yes", Fixture, CONSENT, call_world_set_up, test_consent_yes, call_world_tear_down);
  g_test_add ("/call-session/consent/withdrawn", Fixture, CONSENT, call_world_set_up, test_consent_withdrawn,
              call_world_tear_down);

  status = g_test_run ();
  g_source_remove (beat);
  gst_deinit ();
  return status;
}
