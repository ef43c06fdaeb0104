/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-call.h"

#include "model-log.h"

static void
test_call_new (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "+4930123", "", "100");
  g_autoptr (BbCall) named = bb_call_new ("an-id", NULL, "Bäckerei", NULL);
  g_autoptr (BbCall) nobody = bb_call_new (NULL, NULL, NULL, NULL);
  g_autofree char *title = bb_call_dup_title (call);
  g_autofree char *named_title = bb_call_dup_title (named);
  g_autofree char *nobody_title = bb_call_dup_title (nobody);

  g_assert_true (g_uuid_string_is_valid (bb_call_get_id (call)));
  g_assert_cmpstr (bb_call_get_id (named), ==, "an-id");
  g_assert_cmpstr (title, ==, "+4930123");
  g_assert_cmpstr (named_title, ==, "Bäckerei");
  g_assert_cmpstr (nobody_title, ==, "Anonymous");
  g_assert_cmpstr (bb_call_get_called (call), ==, "100");
  g_assert_cmpstr (bb_call_get_called (nobody), ==, "");

  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_INCOMING);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_NONE);
  g_assert_cmpint (bb_call_get_speaking (call), ==, -1);
  g_assert_nonnull (bb_call_get_started (call));
  g_assert_null (bb_call_get_answered (call));
  g_assert_null (bb_call_get_ended (call));
  g_assert_null (bb_call_get_media (call));
  g_assert_cmpint (bb_call_get_duration (call), ==, 0);

  /* LESSONS 14: nothing is shared. */
  g_assert_true (bb_call_get_order (call) != bb_call_get_order (named));
  g_assert_true (bb_call_get_transcript (call) != bb_call_get_transcript (named));
  g_assert_cmpstr (bb_order_get_call_id (bb_call_get_order (named)), ==, "an-id");
  g_assert_cmpstr (bb_order_get_caller (bb_call_get_order (call)), ==, "+4930123");
  g_assert_cmpstr (bb_order_get_caller (bb_call_get_order (named)), ==, "Bäckerei");
}

/* The whole table of steps, from each state to each. */
static void
test_call_states (void)
{
  static const char *const legal[] = {
    [BB_CALL_INCOMING] = ".A..X.", [BB_CALL_ANSWERING] = "..T.X.", [BB_CALL_TALKING] = "...OX.",
    [BB_CALL_OPERATOR] = "..T.X.", [BB_CALL_ENDING] = ".....E",    [BB_CALL_ENDED] = "......",
  };
  g_autoptr (GDateTime) started = g_date_time_new_now_utc ();

  for (guint from = BB_CALL_INCOMING; from <= BB_CALL_ENDED; from++)
    {
      for (guint to = BB_CALL_INCOMING; to <= BB_CALL_ENDED; to++)
        {
          g_autoptr (BbCall) call =
              bb_call_new_full ("id", NULL, NULL, NULL, from, BB_CALL_END_NONE, NULL, started, NULL,
                                NULL, NULL);
          const gboolean may = legal[from][to] != '.';
          guint changes = 0;

          g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (count_signal), &changes);
          g_assert_cmpint (bb_call_set_state (call, to), ==, may);
          g_assert_cmpint (bb_call_get_state (call), ==, may ? to : from);
          g_assert_cmpuint (changes, ==, may ? 1 : 0);
        }
    }
}

static void
test_call_stamps (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "1", NULL, "2");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GDateTime) answered = NULL;
  gint64 duration;

  g_signal_connect (call, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (append_changed), log);

  g_assert_true (bb_call_set_state (call, BB_CALL_ANSWERING));
  g_assert_true (bb_call_set_state (call, BB_CALL_TALKING));
  g_assert_nonnull (bb_call_get_answered (call));
  answered = g_date_time_ref (bb_call_get_answered (call));
  g_assert_true (bb_call_set_state (call, BB_CALL_OPERATOR));
  g_assert_true (bb_call_set_state (call, BB_CALL_TALKING));
  g_assert_true (bb_call_get_answered (call) == answered); /* the first time counts */
  bb_call_set_end (call, BB_CALL_END_CALLER, NULL);
  bb_call_set_end (call, BB_CALL_END_ERROR, "too late");
  g_assert_true (bb_call_set_state (call, BB_CALL_ENDING));
  g_assert_false (bb_call_set_state (call, BB_CALL_ENDING));
  g_assert_true (bb_call_set_state (call, BB_CALL_ENDED));
  g_assert_nonnull (bb_call_get_ended (call));
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_CALLER);
  g_assert_cmpstr (bb_call_get_end_text (call), ==, "");

  g_assert_cmpstr (log->str, ==,
                   "state changed state answered changed state changed state changed end changed "
                   "state changed state ended changed ");

  duration = bb_call_get_duration (call);
  g_assert_cmpint (duration, >=, 0);
  g_usleep (2000);
  g_assert_cmpint (bb_call_get_duration (call), ==, duration); /* it stands still */
}

static void
test_call_full (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) before = g_date_time_add_seconds (now, -90);
  g_autoptr (GDateTime) until = g_date_time_add_seconds (now, -30);
  g_autoptr (BbOrder) order = bb_order_new ("id", "caller");
  g_autoptr (BbCall) running =
      bb_call_new_full ("id", "1", "n", "2", BB_CALL_TALKING, BB_CALL_END_NONE, NULL, before,
                        before, NULL, order);
  g_autoptr (BbCall) over = bb_call_new_full ("id", "1", "n", "2", BB_CALL_ENDED, BB_CALL_END_BOT,
                                              "bye", before, before, until, NULL);

  g_assert_true (bb_call_get_order (running) == order);
  g_assert_cmpint (bb_call_get_duration (running), >=, 90000);
  g_assert_cmpint (bb_call_get_duration (running), <, 90000 + 60000);
  g_assert_true (bb_call_set_state (running, BB_CALL_ENDING));
  g_assert_cmpint (bb_call_get_duration (over), ==, 60000);
  g_assert_cmpstr (bb_call_get_end_text (over), ==, "bye");
}

static void
test_call_properties (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "1", NULL, "2");
  g_autoptr (BbMediaParams) media = bb_media_params_new ();
  g_autoptr (BbMediaParams) read = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  g_autofree char *connection = NULL;
  BbCallQuality quality = { .turns = 3, .jitter = 1.5 };
  guint changes = 0;
  BbCallState state;
  int speaking;

  media->ptime = 20;
  media->remote_address = g_strdup ("192.0.2.7");
  g_signal_connect (call, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (count_signal), &changes);

  g_object_set (call, BB_CALL_PROP_STATE, BB_CALL_ANSWERING, NULL);
  g_object_set (call, BB_CALL_PROP_MEDIA, media, NULL);
  g_object_set (call, BB_CALL_PROP_RECORDING_PATH, "/tmp/a.ogg", NULL);
  g_object_set (call, BB_CALL_PROP_CONNECTION, "connected", NULL);
  g_object_set (call, BB_CALL_PROP_SPEAKING, BB_TRANSCRIPT_BOT, NULL);
  g_assert_cmpstr (log->str, ==, "state media recording-path connection speaking ");
  g_assert_cmpuint (changes, ==, 5);

  /* The same again is no change. */
  bb_call_set_recording_path (call, "/tmp/a.ogg");
  bb_call_set_connection (call, "connected");
  bb_call_set_speaking (call, BB_TRANSCRIPT_BOT);
  bb_call_set_media (call, bb_call_get_media (call));
  g_assert_cmpuint (changes, ==, 5);

  bb_call_set_quality (call, &quality);
  bb_call_set_quality (call, &quality);
  g_assert_cmpuint (changes, ==, 6);
  g_assert_cmpuint (bb_call_get_quality (call)->turns, ==, 3);

  g_object_get (call, BB_CALL_PROP_STATE, &state, BB_CALL_PROP_MEDIA, &read,
                BB_CALL_PROP_CONNECTION, &connection, BB_CALL_PROP_SPEAKING, &speaking, NULL);
  g_assert_cmpint (state, ==, BB_CALL_ANSWERING);
  g_assert_cmpstr (connection, ==, "connected");
  g_assert_cmpint (speaking, ==, BB_TRANSCRIPT_BOT);
  g_assert_true (read != media);
  g_assert_cmpstr (read->remote_address, ==, "192.0.2.7");
  g_assert_cmpuint (bb_call_get_media (call)->ptime, ==, 20);

  bb_call_set_media (call, NULL);
  g_assert_null (bb_call_get_media (call));
}

/* A handler may drop the last reference of the object that called it. */
static void
drop (GObject *object, gpointer unused, gpointer reference)
{
  g_clear_object ((BbCall **)reference);
}

static void
test_call_dropped_in_handler (void)
{
  BbCall *call = bb_call_new (NULL, "1", NULL, "2");
  gpointer weak = call;

  g_object_add_weak_pointer (G_OBJECT (call), &weak);
  g_signal_connect (call, "notify::" BB_CALL_PROP_STATE, G_CALLBACK (drop), &call);
  g_assert_true (bb_call_set_state (call, BB_CALL_ENDING));
  g_assert_null (weak);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/new", test_call_new);
  g_test_add_func ("/call/states", test_call_states);
  g_test_add_func ("/call/stamps", test_call_stamps);
  g_test_add_func ("/call/full", test_call_full);
  g_test_add_func ("/call/properties", test_call_properties);
  g_test_add_func ("/call/dropped-in-handler", test_call_dropped_in_handler);

  return g_test_run ();
}
