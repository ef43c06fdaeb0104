/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What an operator does in a call, with real media, the real Realtime element
 * and the simulator: through the controller, and through the API over a real
 * WebSocket, where tones show who hears whom. */

#include "call-world.h"

#include <glib/gstdio.h>
#include <string.h>

#include "bb-api-client.h"
#include "bb-api-server.h"
#include "bb-g711.h"
#include "tones.h"

#define CALLER_TONE 350
#define OPERATOR_TONE 260

/* ---- helpers ---------------------------------------------------------- */

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Waits for what an …_async() function answers, with the words before it. */
#define answer_of(oper, result, name, ...)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_clear_object (&(result));                                                                    \
    bb_operator_##name##_async (BB_OPERATOR (oper), __VA_ARGS__, NULL, on_result, &(result));      \
    wait_until ((result) != NULL);                                                                 \
  }                                                                                                \
  G_STMT_END

static gboolean
has_line (BbCall *call, BbTranscriptKind kind, const char *part)
{
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (call));

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);

      if (bb_transcript_line_get_kind (line) == kind
          && strstr (bb_transcript_line_get_text (line), part) != NULL)
        return TRUE;
    }
  return FALSE;
}

static BbCall *
talking_call (Fixture *fixture, FakeLeg *leg)
{
  BbCall *call;

  bb_controller_accept (fixture->controller, BB_LEG (leg));
  call = call_world_last_call (fixture);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
  return call;
}

static BbOperatorLine *
open_line (gpointer oper, BbCall *call)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  BbOperatorLine *line;

  answer_of (oper, result, open_line, call);
  line = bb_operator_open_line_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bb_operator_line_get_mode (line), ==, BB_OPERATOR_LISTEN);
  return line;
}

static gboolean
set_mode (BbOperatorLine *line, BbOperatorMode mode, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  bb_operator_line_set_mode_async (line, mode, NULL, on_result, &result);
  wait_until (result != NULL);
  return bb_operator_line_set_mode_finish (line, result, error);
}

/* ---- sound ------------------------------------------------------------ */

/* The phone and the operator's microphone, each with a tone of its own. */
typedef struct
{
  GSocket *phone;
  GSocketAddress *to;
  BbOperatorLine *line; /* nullable */
  guint16 seq;
  guint32 timestamp;
  guint64 phone_position, operator_position;
  gint16 phone_heard[8000]; /* the last second, 8 kHz */
  gint16 line_heard[32000]; /* the last second, 16 kHz stereo */
  guint n_phone, n_line;    /* packets and frames */
  guint timer;
} Sound;

static void
keep (gint16 *kept, gsize n_kept, const gint16 *samples, gsize n)
{
  memmove (kept, kept + n, (n_kept - n) * sizeof *kept);
  memcpy (kept + n_kept - n, samples, n * sizeof *kept);
}

static gboolean
on_tick (gpointer user_data)
{
  Sound *self = user_data;
  g_autoptr (GBytes) voice = NULL;
  gint16 samples[320];
  guint8 packet[12 + 160] = { 0x80, 8 };
  guint8 came[2048];
  gssize n;

  tone_make (samples, 160, &self->phone_position, CALLER_TONE, 8000);
  packet[2] = (guint8) (self->seq >> 8);
  packet[3] = (guint8) self->seq++;
  GST_WRITE_UINT32_BE (packet + 4, self->timestamp);
  GST_WRITE_UINT32_BE (packet + 8, 0x1234567);
  self->timestamp += 160;
  bb_g711_encode (TRUE, samples, 160, packet + 12);
  g_socket_send_to (self->phone, self->to, (const char *) packet, sizeof packet, NULL, NULL);

  g_socket_set_blocking (self->phone, FALSE);
  while ((n = g_socket_receive (self->phone, (char *) came, sizeof came, NULL, NULL)) > 0)
    if (n == 12 + 160 && (came[1] & 0x7f) == 8)
      {
        bb_g711_decode (TRUE, came + 12, 160, samples);
        keep (self->phone_heard, G_N_ELEMENTS (self->phone_heard), samples, 160);
        self->n_phone++;
      }

  if (self->line != NULL)
    {
      tone_make (samples, 320, &self->operator_position, OPERATOR_TONE, 16000);
      voice = g_bytes_new (samples, sizeof samples);
      bb_operator_line_push (self->line, voice);
    }
  return G_SOURCE_CONTINUE;
}

static void
on_frame (BbOperatorLine *line, GBytes *frame, Sound *self)
{
  g_assert_cmpuint (g_bytes_get_size (frame), ==, BB_OPERATOR_LINE_DOWN_BYTES);
  keep (self->line_heard, G_N_ELEMENTS (self->line_heard), g_bytes_get_data (frame, NULL), 640);
  self->n_line++;
}

static void
start_sound (Sound *self, Fixture *fixture, FakeLeg *leg)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  self->phone = fixture->phone;
  self->to = g_inet_socket_address_new (address, leg->rtp_port);
  self->timer = g_timeout_add (20, on_tick, self);
}

static void
stop_sound (Sound *self)
{
  g_source_remove (self->timer);
  g_clear_object (&self->to);
}

static double
at_phone (Sound *self, double tone)
{
  return tone_typical (self->phone_heard, G_N_ELEMENTS (self->phone_heard), 1, tone, 8000);
}

static double
on_line (Sound *self, guint channel, double tone)
{
  return tone_typical (self->line_heard + channel, 16000, 2, tone, 16000);
}

/* ---- tests ------------------------------------------------------------ */

typedef struct
{
  BbApiServer *server;
  BbApiClient *client;
  BbConfig *config;
} Api;

static void
start_api (Api *self, Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = g_build_filename (fixture->folder, "token", NULL);
  g_autofree char *set_token = g_strconcat ("api.token-file=", token, NULL);

  self->config = bb_config_load (
      NULL, (const char *const[]){ set_token, "api.port=0", "api.address=127.0.0.1", NULL }, &error);
  g_assert_no_error (error);
  self->server = bb_api_server_new (self->config, BB_OPERATOR (fixture->controller), &error);
  g_assert_no_error (error);
  self->client = bb_api_client_new (bb_api_server_get_url (self->server), token);
  bb_api_client_start (self->client);
  wait_until (bb_api_client_get_state (self->client) == BB_API_CLIENT_CONNECTED);
}

static void
stop_api (Api *self)
{
  bb_api_client_stop (self->client);
  g_clear_object (&self->client);
  g_clear_object (&self->server);
  g_clear_pointer (&self->config, bb_config_unref);
}

/* Over the network: the caller's tone arrives at the line, the operator's at the
 * phone, and when the line is gone the bot has the call. */
static void
test_audio (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (GError) error = NULL;
  BbCall *call = talking_call (fixture, leg);
  g_autoptr (BbCall) mirrored = NULL;
  g_autoptr (BbOperatorLine) line = NULL;
  Sound *sound = g_new0 (Sound, 1);
  Api api = { 0 };

  start_api (&api, fixture);
  mirrored = bb_operator_find_call (BB_OPERATOR (api.client), bb_call_get_id (call));
  start_sound (sound, fixture, leg);
  line = open_line (api.client, mirrored);
  g_signal_connect (line, BB_OPERATOR_LINE_SIGNAL_FRAME, G_CALLBACK (on_frame), sound);
  wait_until (bb_call_get_operator_mode (mirrored) == BB_OPERATOR_LISTEN);
  wait_until (on_line (sound, 0, CALLER_TONE) > 0.8 * TONE_LEVEL);
  g_assert_cmpfloat (on_line (sound, 1, CALLER_TONE), <, 0.1 * TONE_LEVEL);

  /* Not before the mode says so. */
  sound->line = line;
  for (guint before = sound->n_phone; sound->n_phone < before + 25;)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpfloat (at_phone (sound, OPERATOR_TONE), <, 0.3 * TONE_LEVEL);

  g_assert_true (set_mode (line, BB_OPERATOR_TAKE_OVER, &error));
  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_OPERATOR);
  wait_until (bb_call_get_state (mirrored) == BB_CALL_OPERATOR);
  wait_until (at_phone (sound, OPERATOR_TONE) > 0.8 * TONE_LEVEL);
  wait_until (bb_call_get_speaking (mirrored) == BB_TRANSCRIPT_OPERATOR);
  g_assert_cmpfloat (on_line (sound, 0, CALLER_TONE), >, 0.8 * TONE_LEVEL);
  g_assert_cmpfloat (on_line (sound, 1, OPERATOR_TONE), <, 0.1 * TONE_LEVEL);
  g_assert_true (has_line (call, BB_TRANSCRIPT_NOTE, "the bot is silent"));

  /* The operator's program dies. */
  sound->line = NULL;
  g_signal_handlers_disconnect_by_data (line, sound);
  g_clear_object (&line);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
  g_assert_cmpint (bb_call_get_operator_mode (call), ==, BB_OPERATOR_AWAY);
  g_assert_true (has_line (call, BB_TRANSCRIPT_NOTE, "the bot has the call again"));
  wait_until (at_phone (sound, OPERATOR_TONE) < 0.05 * TONE_LEVEL);

  /* The call ends: so does a line that listens. */
  line = open_line (api.client, mirrored);
  bb_operator_hang_up (BB_OPERATOR (api.client), mirrored);
  wait_until (bb_operator_line_is_closed (line));
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  stop_sound (sound);
  g_free (sound);
  stop_api (&api);
}

/* A microphone that sends nothing: the caller hears the bot again. */
static void
test_silent_microphone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (GError) error = NULL;
  BbCall *call = talking_call (fixture, leg);
  g_autoptr (BbOperatorLine) line = open_line (fixture->controller, call);

  g_assert_true (set_mode (line, BB_OPERATOR_TAKE_OVER, &error));
  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_OPERATOR);
  wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
  g_assert_cmpint (bb_operator_line_get_mode (line), ==, BB_OPERATOR_LISTEN);
  g_assert_true (has_line (call, BB_TRANSCRIPT_NOTE, "Nothing comes from the operator"));
  bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
  g_assert_true (bb_operator_line_is_closed (line));
}

/* One speaks; the other is told. Who has no line can hand back all the same. */
static void
test_two_lines (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  BbCall *call = talking_call (fixture, leg);
  g_autoptr (BbOperatorLine) first = open_line (fixture->controller, call);
  g_autoptr (BbOperatorLine) second = open_line (fixture->controller, call);

  answer_of (fixture->controller, result, set_mode, call, BB_OPERATOR_TAKE_OVER);
  g_assert_false (bb_operator_finish (BB_OPERATOR (fixture->controller), result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE);
  g_clear_error (&error);
  g_assert_true (set_mode (first, BB_OPERATOR_CONFERENCE, &error));
  g_assert_cmpint (bb_call_get_operator_mode (call), ==, BB_OPERATOR_CONFERENCE);
  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_TALKING);
  g_assert_false (set_mode (second, BB_OPERATOR_TAKE_OVER, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_BUSY);
  g_clear_error (&error);
  answer_of (fixture->controller, result, set_mode, call, BB_OPERATOR_TAKE_OVER);
  g_assert_true (bb_operator_finish (BB_OPERATOR (fixture->controller), result, &error));
  g_assert_cmpint (bb_operator_line_get_mode (first), ==, BB_OPERATOR_TAKE_OVER);
  answer_of (fixture->controller, result, set_mode, call, BB_OPERATOR_AWAY);
  g_assert_true (bb_operator_finish (BB_OPERATOR (fixture->controller), result, &error));
  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_TALKING);
  g_assert_true (set_mode (second, BB_OPERATOR_WHISPER, &error));
  g_assert_no_error (error);
  bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
}

/* @data: a setting */
static void
set_up_with (Fixture *fixture, gconstpointer data)
{
  call_world_set_up_with (fixture, NULL,
                          (const char *const[]){ data, "recording.consent=given", NULL });
}

/* It rings for people; one picks up for the bot, one declines, one speaks. */
static void
test_operator_first (Fixture *fixture, gconstpointer data)
{
  BbOperator *oper = BB_OPERATOR (fixture->controller);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (int way = 0; way < 3; way++)
    {
      g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
      g_autoptr (BbOperatorLine) line = NULL;
      BbCall *call;

      bb_controller_accept (fixture->controller, BB_LEG (leg));
      call = call_world_last_call (fixture);
      g_assert_true (bb_call_get_waiting (call));
      wait_until (strcmp (bb_call_get_connection (call), "ready") == 0);
      g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_INCOMING);
      g_assert_cmpuint (leg->n_answers, ==, 0);
      if (way == 0)
        {
          answer_of (oper, result, answer, call, TRUE);
          g_assert_false (bb_operator_finish (oper, result, &error));
          g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE);
          g_clear_error (&error);
          answer_of (oper, result, answer, call, FALSE);
          g_assert_true (bb_operator_finish (oper, result, &error));
          wait_until (bb_call_get_state (call) == BB_CALL_TALKING);
          g_assert_cmpuint (leg->n_answers, ==, 1);
          answer_of (oper, result, answer, call, FALSE);
          g_assert_false (bb_operator_finish (oper, result, NULL));
        }
      else if (way == 1)
        {
          answer_of (oper, result, refuse, call);
          g_assert_true (bb_operator_finish (oper, result, &error));
          g_assert_cmpuint (leg->status, ==, 603);
          g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_REFUSED);
        }
      else
        {
          line = open_line (oper, call);
          answer_of (oper, result, answer, call, TRUE);
          g_assert_true (bb_operator_finish (oper, result, &error));
          wait_until (bb_call_get_state (call) == BB_CALL_OPERATOR);
          g_assert_cmpuint (leg->n_answers, ==, 1);
        }
      g_assert_false (bb_call_get_waiting (call));
      bb_operator_hang_up (oper, call);
      wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
    }
}

/* Nobody picks up: the bot does. */
static void
test_nobody_picks_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  BbCall *call = talking_call (fixture, leg);

  g_assert_false (bb_call_get_waiting (call));
  bb_operator_hang_up (BB_OPERATOR (fixture->controller), call);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
}

/* Words to the bot, the order corrected under its hands, and what is left of
 * the call when it has ended. */
static void
test_order_and_history (Fixture *fixture, gconstpointer data)
{
  BbOperator *oper = BB_OPERATOR (fixture->controller);
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  BbCall *call = talking_call (fixture, leg);
  BbOrder *live = bb_call_get_order (call);
  g_autofree char *id = g_strdup (bb_order_get_id (live));
  g_autoptr (BbOrder) order = NULL;
  g_autoptr (BbOrder) closed = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (BbCall) past = NULL;
  BbFilter words = { .state = -1, .text = (char *) "gefluestert beilegen" };
  BbFilter other = { .state = -1, .text = (char *) "nie gesagt" };

  answer_of (oper, result, whisper, call, "Bitte geflüstert: Prospekt beilegen", FALSE);
  g_assert_true (bb_operator_finish (oper, result, &error));
  g_assert_true (has_line (call, BB_TRANSCRIPT_OPERATOR, "Prospekt beilegen"));
  answer_of (oper, result, whisper, call, "", FALSE);
  g_assert_false (bb_operator_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID);
  g_clear_error (&error);

  answer_of (oper, result, add_line, id, "11113", 20);
  order = bb_operator_order_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_true (order != live);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (live)), ==, 1);
  g_assert_true (has_line (call, BB_TRANSCRIPT_NOTE, "changed the order"));
  answer_of (oper, result, change_line, id, "11113", 2000);
  g_assert_null (bb_operator_order_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_REFUSED);
  g_clear_error (&error);

  answer_of (oper, result, approve_order, id);
  closed = bb_operator_order_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (bb_order_get_number (closed));
  g_assert_cmpstr (bb_order_get_number (live), ==, bb_order_get_number (closed));
  answer_of (oper, result, add_line, id, "11113", 20);
  g_assert_null (bb_operator_order_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE);
  g_clear_error (&error);

  bb_operator_hang_up (oper, call);
  wait_until (bb_controller_get_n_active (fixture->controller) == 0);
  answer_of (oper, result, list_history, &words);
  found = bb_operator_list_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 1);
  answer_of (oper, result, list_history, &other);
  none = bb_operator_list_finish (oper, result, &error);
  g_assert_cmpuint (none->len, ==, 0);
  answer_of (oper, result, get_history, bb_call_get_id (call));
  past = bb_operator_call_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_true (has_line (past, BB_TRANSCRIPT_OPERATOR, "Prospekt beilegen"));
  g_assert_cmpstr (bb_order_get_number (bb_call_get_order (past)), ==, bb_order_get_number (closed));
  g_assert_cmpint (bb_call_get_end (past), ==, BB_CALL_END_OPERATOR);
  answer_of (oper, result, get_recording, bb_call_get_id (call));
  g_assert_null (bb_operator_bytes_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* It is over: the list's object follows, all the same. */
  answer_of (oper, result, cancel_order, id);
  g_clear_object (&order);
  order = bb_operator_order_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bb_order_get_state (live), ==, BB_ORDER_CANCELLED);
}

/* Without consent nothing of what was said is kept; who called is. */
static void
test_history_without_words (Fixture *fixture, gconstpointer data)
{
  BbOperator *oper = BB_OPERATOR (fixture->controller);
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  BbCall *call = talking_call (fixture, leg);
  g_autoptr (BbCall) past = NULL;

  wait_until (call_world_has_bot_line (call));
  bb_operator_hang_up (oper, call);
  wait_until (bb_controller_get_n_active (fixture->controller) == 0);
  answer_of (oper, result, get_history, bb_call_get_id (call));
  past = bb_operator_call_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bb_call_get_caller_number (past), ==, "+4930123456");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_transcript (past))), ==, 0);
}

/* What may change while the gateway runs, changes for the next call. */
static void
test_settings (Fixture *fixture, gconstpointer data)
{
  BbOperator *oper = BB_OPERATOR (fixture->controller);
  g_autoptr (FakeLeg) leg = fake_leg_new (fixture->phone_port);
  g_autoptr (FakeLeg) transfer = fake_leg_new (fixture->phone_port);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbSettings) settings = bb_settings_new ();
  g_autoptr (BbSettings) changed = NULL;
  BbCall *call;

  settings->max_calls = 0;
  settings->draining = TRUE;
  answer_of (oper, result, change_settings, settings, BB_SETTINGS_MAX_CALLS | BB_SETTINGS_DRAINING);
  g_assert_null (bb_operator_settings_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID);
  g_clear_error (&error);
  answer_of (oper, result, change_settings, settings, BB_SETTINGS_DRAINING);
  changed = bb_operator_settings_finish (oper, result, &error);
  g_assert_no_error (error);
  g_assert_true (changed->draining);
  g_assert_cmpuint (changed->max_calls, ==, 2);
  bb_controller_accept (fixture->controller, BB_LEG (leg));
  g_assert_cmpuint (leg->status, ==, 503);

  settings->draining = FALSE;
  answer_of (oper, result, change_settings, settings, BB_SETTINGS_DRAINING);
  g_assert_true (g_task_had_error (G_TASK (result)) == FALSE);
  call = talking_call (fixture, transfer);
  answer_of (oper, result, transfer, call, "sip:nicht erlaubt");
  g_assert_false (bb_operator_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID);
  g_clear_error (&error);
  answer_of (oper, result, transfer, call, NULL);
  g_assert_false (bb_operator_finish (oper, result, &error));
  g_assert_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  answer_of (oper, result, transfer, call, "sip:chef@192.0.2.1");
  g_assert_true (bb_operator_finish (oper, result, &error));
  g_assert_cmpuint (transfer->n_transfers, ==, 1);
  bb_operator_hang_up (oper, call);
  wait_until (bb_call_get_state (call) == BB_CALL_ENDED);
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

#define STEP_IN_TEST(name, data, set_up)                                                           \
  g_test_add ("/step-in/" #name, Fixture, data, set_up, test_##name, call_world_tear_down)
  STEP_IN_TEST (audio, NULL, call_world_set_up);
  STEP_IN_TEST (silent_microphone, NULL, call_world_set_up);
  STEP_IN_TEST (two_lines, NULL, call_world_set_up);
  STEP_IN_TEST (operator_first, "calls.operator-first=60", set_up_with);
  STEP_IN_TEST (nobody_picks_up, "calls.operator-first=1", set_up_with);
  STEP_IN_TEST (order_and_history, "recording.transcripts=true", set_up_with);
  STEP_IN_TEST (history_without_words, NULL, call_world_set_up);
  STEP_IN_TEST (settings, NULL, call_world_set_up);
  status = g_test_run ();
  g_source_remove (beat);
  gst_deinit ();
  return status;
}
