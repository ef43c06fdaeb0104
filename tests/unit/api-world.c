/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "api-world.h"

#include "bb-run-settings.h"

struct _TestOperator
{
  GObject parent_instance;

  GListStore *calls;
  GPtrArray *lines; /* TestLine (unowned) */
  BbDesk *desk;
  BbConfig *config;
  gboolean draining;
  char *said;
  guint n_hang_ups;
};

/* ---- lines ------------------------------------------------------------ */

struct _TestLine
{
  BbOperatorLine parent_instance;

  TestOperator *oper; /* (unowned); NULL: closed */
  GBytes *last;
  guint n_pushed;
};

G_DEFINE_FINAL_TYPE (TestLine, test_line, BB_TYPE_OPERATOR_LINE)

static void
test_line_set_mode (BbOperatorLine *line, GTask *task, BbOperatorMode mode)
{
  TestLine *self = TEST_LINE (line);

  for (guint i = 0; mode > BB_OPERATOR_LISTEN && i < self->oper->lines->len; i++)
    if (self->oper->lines->pdata[i] != line
        && bb_operator_line_get_mode (self->oper->lines->pdata[i]) > BB_OPERATOR_LISTEN)
      {
        g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_BUSY, "besetzt");
        return;
      }
  bb_operator_line_update_mode (line, mode);
  g_task_return_boolean (task, TRUE);
}

static void
test_line_push (BbOperatorLine *line, GBytes *frame)
{
  TestLine *self = TEST_LINE (line);

  g_clear_pointer (&self->last, g_bytes_unref);
  self->last = g_bytes_ref (frame);
  self->n_pushed++;
}

static void
test_line_close (BbOperatorLine *line)
{
  TestLine *self = TEST_LINE (line);

  if (self->oper != NULL)
    g_ptr_array_remove (self->oper->lines, self);
  self->oper = NULL;
}

static void
test_line_dispose (GObject *object)
{
  test_line_close (BB_OPERATOR_LINE (object));
  g_clear_pointer (&TEST_LINE (object)->last, g_bytes_unref);
  G_OBJECT_CLASS (test_line_parent_class)->dispose (object);
}

static void
test_line_class_init (TestLineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_line_dispose;
  BB_OPERATOR_LINE_CLASS (klass)->set_mode = test_line_set_mode;
  BB_OPERATOR_LINE_CLASS (klass)->push = test_line_push;
  BB_OPERATOR_LINE_CLASS (klass)->close = test_line_close;
}

static void
test_line_init (TestLine *self)
{
}

guint
test_line_get_n_pushed (TestLine *self)
{
  return self->n_pushed;
}

const guint8 *
test_line_get_last_pushed (TestLine *self)
{
  return self->last != NULL ? g_bytes_get_data (self->last, NULL) : NULL;
}

/* ---- the operator ----------------------------------------------------- */

static GListModel *
test_operator_get_calls (BbOperator *oper)
{
  return G_LIST_MODEL (TEST_OPERATOR (oper)->calls);
}

static void
hang_up (TestOperator *self, BbCall *call)
{
  if (bb_call_get_state (call) == BB_CALL_ENDED)
    return;
  self->n_hang_ups++;
  bb_call_set_end (call, BB_CALL_END_OPERATOR, "aufgelegt");
  bb_call_set_state (call, BB_CALL_ENDING);
  bb_call_set_state (call, BB_CALL_ENDED);
}

static void
perform_on_call (TestOperator *self, GTask *task, const BbCommand *command)
{
  static const char *const names[] = { "hangup", "answer", "refuse", "transfer", "mode", "whisper", "note" };
  g_autoptr (BbCall) call = bb_operator_find_call (BB_OPERATOR (self), command->id);

  if (call == NULL)
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND,
                               "there is no such call");
      return;
    }
  if (command->kind == BB_COMMAND_HANG_UP)
    hang_up (self, call);
  else if (bb_call_get_state (call) == BB_CALL_ENDED)
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE, "the call has ended");
      return;
    }
  g_free (self->said);
  self->said = g_strdup_printf ("%s %s%s%s%s", names[command->kind],
                                command->text != NULL ? command->text : "-",
                                command->respond ? " respond" : "",
                                command->by_operator ? " by operator" : "",
                                command->kind == BB_COMMAND_SET_MODE
                                  ? bb_operator_mode_nick (command->mode)
                                  : "");
  if (command->kind == BB_COMMAND_NOTE)
    bb_transcript_add (bb_call_get_transcript (call), BB_TRANSCRIPT_OPERATOR, command->text,
                       bb_call_get_duration (call));
  if (command->kind == BB_COMMAND_SET_MODE)
    bb_call_set_operator_mode (call, command->mode);
  g_task_return_boolean (task, TRUE);
}

static void
perform_on_settings (TestOperator *self, GTask *task, const BbCommand *command)
{
  GError *error = NULL;
  BbConfig *changed;

  if (command->kind == BB_COMMAND_CHANGE_SETTINGS)
    {
      changed = bb_run_settings_change (self->config, command->settings, command->fields, &error);
      if (changed == NULL)
        {
          g_task_return_error (task, error);
          return;
        }
      bb_config_unref (self->config);
      self->config = changed;
      if ((command->fields & BB_SETTINGS_DRAINING) != 0)
        self->draining = command->settings->draining;
    }
  g_task_return_pointer (task, bb_run_settings_get (self->config, self->draining),
                         (GDestroyNotify)bb_settings_free);
}

static void
test_operator_perform (BbOperator *oper, GTask *task, const BbCommand *command)
{
  TestOperator *self = TEST_OPERATOR (oper);

  if (bb_command_is_of_call (command->kind))
    perform_on_call (self, task, command);
  else if (self->desk == NULL)
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE, "no desk");
  else if (bb_desk_can_perform (command->kind))
    bb_desk_perform (self->desk, task, command);
  else
    perform_on_settings (self, task, command);
}

static void
test_operator_open_line (BbOperator *oper, GTask *task, const char *call_id)
{
  TestOperator *self = TEST_OPERATOR (oper);
  TestLine *line = g_object_new (TEST_TYPE_LINE, NULL);

  line->oper = self;
  g_ptr_array_add (self->lines, line);
  bb_operator_line_update_mode (BB_OPERATOR_LINE (line), BB_OPERATOR_LISTEN);
  g_task_return_pointer (task, line, g_object_unref);
}

static void
operator_init (BbOperatorInterface *iface)
{
  iface->get_calls = test_operator_get_calls;
  iface->perform = test_operator_perform;
  iface->open_line = test_operator_open_line;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestOperator, test_operator, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_OPERATOR, operator_init))

static void
test_operator_finalize (GObject *object)
{
  TestOperator *self = TEST_OPERATOR (object);

  for (guint i = 0; i < self->lines->len; i++)
    TEST_LINE (self->lines->pdata[i])->oper = NULL;
  g_ptr_array_unref (self->lines);
  g_clear_pointer (&self->desk, bb_desk_unref);
  g_clear_pointer (&self->config, bb_config_unref);
  g_free (self->said);
  g_object_unref (self->calls);
  G_OBJECT_CLASS (test_operator_parent_class)->finalize (object);
}

static void
test_operator_class_init (TestOperatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_operator_finalize;
}

static void
test_operator_init (TestOperator *self)
{
  self->calls = g_list_store_new (BB_TYPE_CALL);
  self->lines = g_ptr_array_new ();
}

TestOperator *
test_operator_new (void)
{
  return g_object_new (TEST_TYPE_OPERATOR, NULL);
}

void
test_operator_set_desk (TestOperator *self,
                        const BbConfig *config,
                        BbCatalogue *catalogue,
                        BbOrderStore *store)
{
  g_clear_pointer (&self->desk, bb_desk_unref);
  g_clear_pointer (&self->config, bb_config_unref);
  self->desk = bb_desk_new (config, catalogue, store);
  self->config = bb_config_ref (config);
}

const char *
test_operator_get_said (TestOperator *self)
{
  return self->said;
}

GPtrArray *
test_operator_get_lines (TestOperator *self)
{
  return self->lines;
}

BbCall *
test_operator_add_call (TestOperator *self, const char *number, const char *name)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, number, name, "bestellung");

  g_list_store_append (self->calls, call);
  return call;
}

void
test_operator_remove_call (TestOperator *self, BbCall *call)
{
  guint position;

  if (g_list_store_find (self->calls, call, &position))
    g_list_store_remove (self->calls, position);
}

guint
test_operator_get_n_hang_ups (TestOperator *self)
{
  return self->n_hang_ups;
}

static void
set_line (BbOrder *order, const char *number, const char *name, guint quantity, gint64 price)
{
  g_autoptr (BbOrderLine) line = bb_order_line_new (number, name, "Stück", quantity, price);

  bb_order_set_line (order, line);
}

static BbMediaParams *
new_media (BbCodecId codec, guint port)
{
  BbMediaParams *media = bb_media_params_new ();

  media->codec = bb_codec_get (codec);
  media->payload_type_send = media->payload_type_receive
    = (guint8)media->codec->preferred_payload_type;
  media->ptime = 20;
  media->dtmf_payload_type_send = 101;
  media->dtmf_payload_type_receive = -1;
  media->remote_address = g_strdup ("192.0.2.17");
  media->remote_rtp_port = (guint16)port;
  media->remote_rtcp_port = (guint16)(port + 1);
  media->local_address = g_strdup ("127.0.0.1");
  media->local_rtp_port = 40000;
  media->direction = BB_MEDIA_SENDRECV;
  return media;
}

void
test_fill_call (BbCall *call)
{
  BbTranscript *transcript = bb_call_get_transcript (call);
  g_autoptr (BbMediaParams) media = new_media (BB_CODEC_PCMA, 30000);
  BbCallQuality quality = { .packets_sent = 120, .packets_received = 118, .packets_lost = 2,
                            .jitter = 1.25, .turns = 2, .turn_latency_last = 480,
                            .turn_latency_max = 520, .turn_latency_sum = 1000, .interruptions = 1 };

  bb_call_set_media (call, media);
  bb_call_set_connection (call, "connected");
  bb_call_set_state (call, BB_CALL_ANSWERING);
  bb_call_set_state (call, BB_CALL_TALKING);
  bb_call_set_quality (call, &quality);
  bb_call_set_speaking (call, BB_TRANSCRIPT_BOT);
  bb_transcript_add (transcript, BB_TRANSCRIPT_NOTE, "Aufnahme läuft", 0);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Guten Tag, was möchten Sie", FALSE, 200);
  bb_transcript_mark_interrupted (transcript, "item_1");
  bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_2", "Zehn T-Stücke, bitte", TRUE, 1800);
  bb_transcript_add_tool (transcript, "call_1", "add_product", "{\"number\":\"10234\"}", 2500);
  bb_transcript_set_tool_result (transcript, "call_1", "{\"ok\":true}");
  set_line (bb_call_get_order (call), "10234", "T-Stück Kupfer 15 mm", 10, 245);
  set_line (bb_call_get_order (call), "20017", "Bogen 90° „Rotguss“ 1/2\"", 4, 1399);
  bb_order_set_note (bb_call_get_order (call), "Lieferung an Tor 3\nvor 9 Uhr");
}

static void
change_transcript (BbCall *call, GRand *rand)
{
  BbTranscript *transcript = bb_call_get_transcript (call);
  gint64 time = g_rand_int_range (rand, 0, 5000);
  g_autofree char *item = g_strdup_printf ("item_%d", g_rand_int_range (rand, 0, 12));
  g_autofree char *tool = g_strdup_printf ("call_%d", g_rand_int_range (rand, 0, 5));
  g_autofree char *text = g_strdup_printf ("Wörter %u", g_rand_int (rand));

  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, item, text, g_rand_boolean (rand), time);
      break;
    case 1:
      bb_transcript_begin (transcript, BB_TRANSCRIPT_CALLER, item, time);
      break;
    case 2:
      bb_transcript_mark_interrupted (transcript, item);
      break;
    case 3:
      bb_transcript_add (transcript, BB_TRANSCRIPT_NOTE, text, time);
      break;
    case 4:
      bb_transcript_add_tool (transcript, tool, "search", "{}", time);
      break;
    default:
      bb_transcript_set_tool_result (transcript, tool, text);
      break;
    }
}

static void
change_order (BbCall *call, GRand *rand)
{
  BbOrder *order = bb_call_get_order (call);
  g_autofree char *number = g_strdup_printf ("%d", g_rand_int_range (rand, 10000, 10008));

  if (bb_order_get_state (order) == BB_ORDER_SUBMITTED)
    return;
  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      bb_order_set_state (order, BB_ORDER_READ_BACK);
      break;
    case 1:
      bb_order_set_note (order, number);
      break;
    case 2:
      if (g_rand_int_range (rand, 0, 20) == 0)
        {
          bb_order_set_number (order, "2026-000123");
          bb_order_set_state (order, BB_ORDER_SUBMITTED);
        }
      break;
    default:
      set_line (order, number, "Muffe", (guint)g_rand_int_range (rand, 0, 4), 199);
      break;
    }
}

static void
change_call (BbCall *call, GRand *rand)
{
  BbCallQuality quality = *bb_call_get_quality (call);
  g_autoptr (BbMediaParams) media = NULL;

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 6:
      bb_call_set_operator_mode (call, g_rand_int_range (rand, 0, BB_OPERATOR_CONFERENCE + 1));
      break;
    case 7:
      bb_call_set_waiting (call, g_rand_boolean (rand));
      break;
    case 0:
      bb_call_set_state (call, (BbCallState)g_rand_int_range (rand, 0, BB_CALL_ENDING));
      break;
    case 1:
      bb_call_set_speaking (call, g_rand_int_range (rand, -1, BB_TRANSCRIPT_NOTE + 1));
      break;
    case 2:
      quality.packets_sent += 50;
      quality.jitter = g_rand_double_range (rand, 0, 30);
      bb_call_set_quality (call, &quality);
      break;
    case 3:
      media = new_media ((BbCodecId)g_rand_int_range (rand, 0, BB_N_CODECS),
                         (guint)g_rand_int_range (rand, 1024, 60000));
      bb_call_set_media (call, g_rand_int_range (rand, 0, 4) == 0 ? NULL : media);
      break;
    case 4:
      bb_call_set_connection (call, g_rand_boolean (rand) ? "connected" : "reconnecting");
      break;
    default:
      if (g_rand_int_range (rand, 0, 10) == 0)
        {
          bb_call_set_end (call, BB_CALL_END_CALLER, NULL);
          bb_call_set_state (call, BB_CALL_ENDING);
          bb_call_set_state (call, BB_CALL_ENDED);
        }
      break;
    }
}

void
test_change_something (TestOperator *self, GRand *rand)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->calls));
  int dice = g_rand_int_range (rand, 0, 100);
  g_autoptr (BbCall) call = NULL;

  if (n == 0 || (dice < 5 && n < 8))
    {
      BbCall *added = test_operator_add_call (self, "+4930123456", "Müller");

      if (g_rand_boolean (rand))
        test_fill_call (added);
      return;
    }
  call = g_list_model_get_item (G_LIST_MODEL (self->calls), (guint)g_rand_int_range (rand, 0, (gint32)n));
  if (dice < 8)
    test_operator_remove_call (self, call);
  else if (dice < 50)
    change_transcript (call, rand);
  else if (dice < 75)
    change_order (call, rand);
  else
    change_call (call, rand);
}

/* To the millisecond: JSON says no more than microseconds. */
static void
assert_times_equal (GDateTime *a, GDateTime *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a != NULL)
    g_assert_cmpint (ABS (g_date_time_difference (a, b)), <, 1000);
}

static void
assert_orders_equal (BbOrder *a, BbOrder *b)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (a));

  g_assert_cmpstr (bb_order_get_id (a), ==, bb_order_get_id (b));
  g_assert_cmpstr (bb_order_get_number (a), ==, bb_order_get_number (b));
  g_assert_cmpstr (bb_order_get_call_id (a), ==, bb_order_get_call_id (b));
  g_assert_cmpstr (bb_order_get_caller (a), ==, bb_order_get_caller (b));
  g_assert_cmpstr (bb_order_get_note (a), ==, bb_order_get_note (b));
  g_assert_cmpint (bb_order_get_state (a), ==, bb_order_get_state (b));
  g_assert_cmpint (bb_order_get_total (a), ==, bb_order_get_total (b));
  assert_times_equal (bb_order_get_created (a), bb_order_get_created (b));
  assert_times_equal (bb_order_get_updated (a), bb_order_get_updated (b));
  g_assert_cmpuint (n, ==, g_list_model_get_n_items (G_LIST_MODEL (b)));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) x = g_list_model_get_item (G_LIST_MODEL (a), i);
      g_autoptr (BbOrderLine) y = g_list_model_get_item (G_LIST_MODEL (b), i);

      g_assert_cmpstr (bb_order_line_get_number (x), ==, bb_order_line_get_number (y));
      g_assert_cmpstr (bb_order_line_get_name (x), ==, bb_order_line_get_name (y));
      g_assert_cmpstr (bb_order_line_get_unit (x), ==, bb_order_line_get_unit (y));
      g_assert_cmpuint (bb_order_line_get_quantity (x), ==, bb_order_line_get_quantity (y));
      g_assert_cmpint (bb_order_line_get_price (x), ==, bb_order_line_get_price (y));
    }
}

static void
assert_transcripts_equal (BbTranscript *a, BbTranscript *b)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (a));

  g_assert_cmpuint (n, ==, g_list_model_get_n_items (G_LIST_MODEL (b)));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbTranscriptLine) x = g_list_model_get_item (G_LIST_MODEL (a), i);
      g_autoptr (BbTranscriptLine) y = g_list_model_get_item (G_LIST_MODEL (b), i);

      g_assert_cmpint (bb_transcript_line_get_kind (x), ==, bb_transcript_line_get_kind (y));
      g_assert_cmpstr (bb_transcript_line_get_item_id (x), ==, bb_transcript_line_get_item_id (y));
      g_assert_cmpstr (bb_transcript_line_get_text (x), ==, bb_transcript_line_get_text (y));
      g_assert_cmpint (bb_transcript_line_get_final (x), ==, bb_transcript_line_get_final (y));
      g_assert_cmpint (bb_transcript_line_get_interrupted (x), ==,
                       bb_transcript_line_get_interrupted (y));
      g_assert_cmpint (bb_transcript_line_get_time (x), ==, bb_transcript_line_get_time (y));
      g_assert_cmpstr (bb_transcript_line_get_tool_name (x), ==,
                       bb_transcript_line_get_tool_name (y));
      g_assert_cmpstr (bb_transcript_line_get_tool_arguments (x), ==,
                       bb_transcript_line_get_tool_arguments (y));
      g_assert_cmpstr (bb_transcript_line_get_tool_result (x), ==,
                       bb_transcript_line_get_tool_result (y));
    }
}

static void
assert_media_equal (const BbMediaParams *a, const BbMediaParams *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a == NULL)
    return;
  g_assert_true (a->codec == b->codec);
  g_assert_cmpuint (a->payload_type_send, ==, b->payload_type_send);
  g_assert_cmpuint (a->payload_type_receive, ==, b->payload_type_receive);
  g_assert_cmpuint (a->ptime, ==, b->ptime);
  g_assert_cmpint (a->dtmf_payload_type_send, ==, b->dtmf_payload_type_send);
  g_assert_cmpint (a->dtmf_payload_type_receive, ==, b->dtmf_payload_type_receive);
  g_assert_cmpstr (a->remote_address, ==, b->remote_address);
  g_assert_cmpuint (a->remote_rtp_port, ==, b->remote_rtp_port);
  g_assert_cmpuint (a->remote_rtcp_port, ==, b->remote_rtcp_port);
  g_assert_cmpstr (a->local_address, ==, b->local_address);
  g_assert_cmpuint (a->local_rtp_port, ==, b->local_rtp_port);
  g_assert_cmpint (a->direction, ==, b->direction);
}

void
test_assert_calls_equal (BbCall *a, BbCall *b)
{
  const BbCallQuality *x = bb_call_get_quality (a), *y = bb_call_get_quality (b);

  g_assert_cmpstr (bb_call_get_id (a), ==, bb_call_get_id (b));
  g_assert_cmpstr (bb_call_get_caller_number (a), ==, bb_call_get_caller_number (b));
  g_assert_cmpstr (bb_call_get_caller_name (a), ==, bb_call_get_caller_name (b));
  g_assert_cmpstr (bb_call_get_called (a), ==, bb_call_get_called (b));
  g_assert_cmpint (bb_call_get_state (a), ==, bb_call_get_state (b));
  g_assert_cmpint (bb_call_get_end (a), ==, bb_call_get_end (b));
  g_assert_cmpstr (bb_call_get_end_text (a), ==, bb_call_get_end_text (b));
  g_assert_cmpstr (bb_call_get_connection (a), ==, bb_call_get_connection (b));
  g_assert_cmpstr (bb_call_get_recording_path (a), ==, bb_call_get_recording_path (b));
  g_assert_cmpint (bb_call_get_speaking (a), ==, bb_call_get_speaking (b));
  g_assert_cmpint (bb_call_get_operator_mode (a), ==, bb_call_get_operator_mode (b));
  g_assert_cmpint (bb_call_get_waiting (a), ==, bb_call_get_waiting (b));
  assert_times_equal (bb_call_get_started (a), bb_call_get_started (b));
  assert_times_equal (bb_call_get_answered (a), bb_call_get_answered (b));
  assert_times_equal (bb_call_get_ended (a), bb_call_get_ended (b));
  g_assert_cmpuint (x->packets_sent, ==, y->packets_sent);
  g_assert_cmpuint (x->packets_received, ==, y->packets_received);
  g_assert_cmpuint (x->packets_lost, ==, y->packets_lost);
  g_assert_cmpfloat_with_epsilon (x->jitter, y->jitter, 1e-9);
  g_assert_cmpuint (x->turns, ==, y->turns);
  g_assert_cmpuint (x->turn_latency_sum, ==, y->turn_latency_sum);
  g_assert_cmpuint (x->turn_latency_max, ==, y->turn_latency_max);
  g_assert_cmpuint (x->turn_latency_last, ==, y->turn_latency_last);
  g_assert_cmpuint (x->interruptions, ==, y->interruptions);
  g_assert_cmpuint (x->interruption_silence_max, ==, y->interruption_silence_max);
  assert_media_equal (bb_call_get_media (a), bb_call_get_media (b));
  assert_transcripts_equal (bb_call_get_transcript (a), bb_call_get_transcript (b));
  assert_orders_equal (bb_call_get_order (a), bb_call_get_order (b));
}

void
test_assert_lists_equal (GListModel *a, GListModel *b)
{
  guint n = g_list_model_get_n_items (a);

  g_assert_cmpuint (n, ==, g_list_model_get_n_items (b));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbCall) x = g_list_model_get_item (a, i);
      g_autoptr (BbCall) y = g_list_model_get_item (b, i);

      test_assert_calls_equal (x, y);
    }
}

gboolean
test_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}
