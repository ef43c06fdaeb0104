/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Call sessions and their controller with real media, the real Realtime
 * element and the simulator; signalling alone is made up, so that a leg can do
 * what no phone would. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <signal.h>
#include <string.h>

#include "bb-controller.h"

#define DEADLINE 30 /* s; only ends a hang */

/* ---- a leg without a network ------------------------------------------ */

#define FAKE_TYPE_LEG (fake_leg_get_type ())
G_DECLARE_FINAL_TYPE (FakeLeg, fake_leg, FAKE, LEG, GObject)

struct _FakeLeg
{
  GObject parent_instance;

  BbMediaParams *media;
  guint n_rings, n_answers, n_rejects, n_hang_ups, n_transfers;
  guint status, retry_after;
  guint16 rtp_port;
  gboolean refuse_to_answer;
};

static void fake_leg_iface_init (BbLegInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeLeg, fake_leg, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_LEG, fake_leg_iface_init))

static const char *
fake_get_number (BbLeg *leg)
{
  return "+4930123456";
}

static const char *
fake_get_name (BbLeg *leg)
{
  return "Test";
}

static const char *
fake_get_local_address (BbLeg *leg)
{
  return "127.0.0.1";
}

static const BbMediaParams *
fake_get_media (BbLeg *leg)
{
  return FAKE_LEG (leg)->media;
}

static void
fake_set_local_port (BbLeg *leg, guint16 rtp_port, guint16 rtcp_port)
{
  FAKE_LEG (leg)->rtp_port = rtp_port;
}

static void
fake_ring (BbLeg *leg)
{
  FAKE_LEG (leg)->n_rings++;
}

static gboolean
fake_answer (BbLeg *leg, GError **error)
{
  FakeLeg *self = FAKE_LEG (leg);

  if (self->refuse_to_answer)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the peer is gone");
      return FALSE;
    }
  self->n_answers++;
  return TRUE;
}

static void
fake_reject (BbLeg *leg, guint status, const char *phrase, guint retry_after)
{
  FakeLeg *self = FAKE_LEG (leg);

  self->n_rejects++;
  self->status = status;
  self->retry_after = retry_after;
}

static void
fake_hang_up (BbLeg *leg, const char *reason)
{
  FAKE_LEG (leg)->n_hang_ups++;
}

static gboolean
fake_transfer (BbLeg *leg, const char *target, GError **error)
{
  FAKE_LEG (leg)->n_transfers++;
  return TRUE;
}

static void
fake_leg_iface_init (BbLegInterface *iface)
{
  iface->get_caller_number = fake_get_number;
  iface->get_caller_name = fake_get_name;
  iface->get_called = fake_get_number;
  iface->get_local_address = fake_get_local_address;
  iface->get_media = fake_get_media;
  iface->set_local_port = fake_set_local_port;
  iface->ring = fake_ring;
  iface->answer = fake_answer;
  iface->reject = fake_reject;
  iface->hang_up = fake_hang_up;
  iface->transfer = fake_transfer;
}

static void
fake_leg_finalize (GObject *object)
{
  bb_media_params_free (FAKE_LEG (object)->media);
  G_OBJECT_CLASS (fake_leg_parent_class)->finalize (object);
}

static void
fake_leg_class_init (FakeLegClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_leg_finalize;
}

static void
fake_leg_init (FakeLeg *self)
{
}

static FakeLeg *
fake_leg_new (guint16 remote_port)
{
  FakeLeg *self = g_object_new (FAKE_TYPE_LEG, NULL);

  self->media = bb_media_params_new ();
  self->media->codec = bb_codec_get (BB_CODEC_PCMA);
  self->media->payload_type_send = 8;
  self->media->payload_type_receive = 8;
  self->media->remote_address = g_strdup ("127.0.0.1");
  self->media->remote_rtp_port = remote_port;
  self->media->remote_rtcp_port = remote_port + 1;
  self->media->local_address = g_strdup ("127.0.0.1");
  return self;
}

static void
fake_leg_end (FakeLeg *self, BbCallEnd why)
{
  g_signal_emit_by_name (self, BB_LEG_SIGNAL_ENDED, why, 0, "the test says so");
}

/* ---- fixture ---------------------------------------------------------- */

typedef struct
{
  char *folder;
  GSubprocess *simulator;
  char *url;
  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbController *controller;
  GSocket *phone; /* where our packets go; nobody reads them */
  guint16 phone_port;
} Fixture;

static gboolean
on_deadline (gpointer what)
{
  g_error ("no %s within %d s", (const char *)what, DEADLINE);
  return G_SOURCE_REMOVE;
}

#define wait_until(condition) \
  G_STMT_START \
  { \
    guint deadline = g_timeout_add_seconds (DEADLINE, on_deadline, (gpointer) #condition); \
    while (!(condition)) \
      g_main_context_iteration (NULL, TRUE); \
    g_source_remove (deadline); \
  } \
  G_STMT_END

/* Changes that no source of the main context announces: looks every 10 ms. */
static gboolean
on_beat (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
start_simulator (Fixture *fixture, const char *scenario_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *program = g_build_filename (g_getenv ("BESTELLBOT_BUILDDIR"), "app", "simulator",
                                               "bestellbot-simulator", NULL);
  g_autofree char *scenario = g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"), "data", "scenarios",
                                                "smalltalk.json", NULL);
  g_autofree char *line = NULL;

  if (scenario_text != NULL)
    {
      g_free (scenario);
      scenario = g_build_filename (fixture->folder, "scenario.json", NULL);
      g_file_set_contents (scenario, scenario_text, -1, &error);
      g_assert_no_error (error);
    }
  fixture->simulator = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--port",
                                         "0", "--scenario", scenario, NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->simulator));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on "));
  fixture->url = g_strdup (line + strlen ("listening on "));
}

/* @data: NULL: the simulator, with small talk; a URL that is tried instead; or
 * a scenario (JSON), for calls that are recorded with the caller's consent. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  const char *scenario = data != NULL && *(const char *)data == '{' ? data : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autofree char *database = NULL;
  g_autofree char *set_url = NULL;
  g_autofree char *set_database = NULL;
  g_autofree char *set_folder = NULL;
  g_autofree char *catalogue
      = g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);

  fixture->folder = g_dir_make_tmp ("bestellbot-call-XXXXXX", &error);
  g_assert_no_error (error);
  if (data == NULL || scenario != NULL)
    start_simulator (fixture, scenario);
  else
    fixture->url = g_strdup (data);

  database = g_build_filename (fixture->folder, "orders.db", NULL);
  set_url = g_strdup_printf ("realtime.url=%s", fixture->url);
  set_folder = g_strdup_printf ("recording.folder=%s/kept", fixture->folder);
  set_database = g_strdup_printf ("orders.database=%s", database);
  fixture->config = bb_config_load (
      NULL,
      (const char *const[]){ set_url, set_database, "media.rtp-ports=0", "calls.max-calls=2",
                              set_folder, scenario != NULL ? "recording.enabled=true" : NULL,
                              "recording.session-log=true", NULL },
      &error);
  g_assert_no_error (error);
  fixture->catalogue = bb_catalogue_load (catalogue, &error);
  g_assert_no_error (error);
  fixture->store = bb_order_store_open (database, &error);
  g_assert_no_error (error);
  fixture->controller = bb_controller_new (fixture->config, fixture->catalogue, fixture->store);

  fixture->phone = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                 G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_bind (fixture->phone, any, FALSE, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (fixture->phone, &error);
  fixture->phone_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  wait_until (bb_controller_get_n_active (fixture->controller) == 0);
  g_clear_object (&fixture->controller);
  bb_order_store_close (fixture->store);
  g_clear_object (&fixture->store);
  g_clear_pointer (&fixture->catalogue, bb_catalogue_unref);
  g_clear_pointer (&fixture->config, bb_config_unref);
  g_clear_object (&fixture->phone);
  if (fixture->simulator != NULL)
    {
      g_subprocess_send_signal (fixture->simulator, SIGTERM);
      g_subprocess_wait (fixture->simulator, NULL, NULL);
    }
  g_clear_object (&fixture->simulator);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->url);
}

static BbCall *
last_call (Fixture *fixture)
{
  GListModel *calls = bb_operator_get_calls (BB_OPERATOR (fixture->controller));
  g_autoptr (BbCall) call
      = g_list_model_get_item (calls, g_list_model_get_n_items (calls) - 1);

  return call; /* the list keeps it */
}

static gboolean
has_bot_line (BbCall *call)
{
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (call));

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);

      if (bb_transcript_line_get_kind (line) == BB_TRANSCRIPT_BOT
          && bb_transcript_line_get_final (line))
        return TRUE;
    }
  return FALSE;
}

/* ---- tests ------------------------------------------------------------ */

static void
test_unreachable (Fixture *fixture, gconstpointer url)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = last_call (fixture);
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
  call = last_call (fixture);
  g_assert_cmpuint (leg->rtp_port, !=, 0);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
  g_assert_cmpuint (leg->n_answers, ==, 1);

  wait_until (has_bot_line (call));
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
      call = last_call (fixture);
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
  a = last_call (fixture);
  bb_controller_accept (fixture->controller, BB_LEG (leg_b));
  b = last_call (fixture);

  /* All places are taken. */
  bb_controller_accept (fixture->controller, BB_LEG (leg_c));
  g_assert_cmpuint (leg_c->status, ==, 486);
  g_assert_cmpuint (bb_controller_get_n_active (fixture->controller), ==, 2);

  wait_until (has_bot_line (a) && has_bot_line (b));
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
    d = last_call (fixture);
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
  call = last_call (fixture);
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
  call = last_call (fixture);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);

  bb_controller_shutdown_async (fixture->controller, DEADLINE * 1000, on_shut_down, &done);
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
  call = last_call (fixture);
  wait_until (has_bot_line (call));
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
  call = last_call (fixture);
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
  call = last_call (fixture);
  wait_until (has_bot_line (call));
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
  bb_controller_shutdown_async (fixture->controller, DEADLINE * 1000, on_shut_down, &done);
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
  call = last_call (fixture);
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
  beat = g_timeout_add (10, on_beat, NULL);

  g_test_add ("/call-session/unreachable", Fixture, "ws://127.0.0.1:1/v1/realtime", set_up,
              test_unreachable, tear_down);
  g_test_add ("/call-session/talk-and-hang-up", Fixture, NULL, set_up, test_talk_and_hang_up,
              tear_down);
  g_test_add ("/call-session/stop-at-each-step", Fixture, NULL, set_up, test_stop_at_each_step,
              tear_down);
  g_test_add ("/call-session/share-nothing", Fixture, NULL, set_up, test_share_nothing, tear_down);
  g_test_add ("/call-session/answer-fails", Fixture, NULL, set_up, test_answer_fails, tear_down);
  g_test_add ("/call-session/shutdown", Fixture, NULL, set_up, test_shutdown, tear_down);

  g_test_add ("/call-session/shutdown-while-ringing", Fixture, NULL, set_up,
              test_shutdown_while_ringing, tear_down);
  g_test_add ("/call-session/late-offer-unreachable", Fixture, "ws://127.0.0.1:1/v1/realtime",
              set_up, test_late_offer_unreachable, tear_down);
  g_test_add ("/call-session/consent/none", Fixture, CONSENT, set_up, test_consent_none,
              tear_down);
  g_test_add ("/call-session/consent/yes", Fixture, CONSENT, set_up, test_consent_yes, tear_down);
  g_test_add ("/call-session/consent/withdrawn", Fixture, CONSENT, set_up, test_consent_withdrawn,
              tear_down);

  status = g_test_run ();
  g_source_remove (beat);
  gst_deinit ();
  return status;
}
