/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-leg.h"
#include "bb-operator.h"

/* The interfaces, through implementations that write down what they are asked. */

#define FAKE_TYPE_LEG (fake_leg_get_type ())
G_DECLARE_FINAL_TYPE (FakeLeg, fake_leg, FAKE, LEG, GObject)

struct _FakeLeg
{
  GObject parent_instance;
  GString *log;
  BbMediaParams *media;
};

static const char *
fake_get_caller_number (BbLeg *leg)
{
  return "+4930123";
}

static const char *
fake_get_caller_name (BbLeg *leg)
{
  return "Müller";
}

static const char *
fake_get_called (BbLeg *leg)
{
  return "100";
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
  g_string_append_printf (FAKE_LEG (leg)->log, "ports(%u,%u) ", rtp_port, rtcp_port);
}

static void
fake_ring (BbLeg *leg)
{
  g_string_append (FAKE_LEG (leg)->log, "ring ");
}

static gboolean
fake_answer (BbLeg *leg, GError **error)
{
  g_string_append (FAKE_LEG (leg)->log, "answer ");
  return TRUE;
}

static void
fake_reject (BbLeg *leg, guint status, const char *phrase, guint retry_after)
{
  g_string_append_printf (FAKE_LEG (leg)->log, "reject(%u,%s,%u) ", status, phrase, retry_after);
}

static void
fake_hang_up (BbLeg *leg, const char *reason)
{
  g_string_append_printf (FAKE_LEG (leg)->log, "hang-up(%s) ", reason);
}

static gboolean
fake_transfer (BbLeg *leg, const char *target, GError **error)
{
  g_string_append_printf (FAKE_LEG (leg)->log, "transfer(%s) ", target);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "no");
  return FALSE;
}

static void
fake_leg_iface_init (BbLegInterface *iface)
{
  iface->get_caller_number = fake_get_caller_number;
  iface->get_caller_name = fake_get_caller_name;
  iface->get_called = fake_get_called;
  iface->get_local_address = fake_get_local_address;
  iface->get_media = fake_get_media;
  iface->set_local_port = fake_set_local_port;
  iface->ring = fake_ring;
  iface->answer = fake_answer;
  iface->reject = fake_reject;
  iface->hang_up = fake_hang_up;
  iface->transfer = fake_transfer;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeLeg,
                               fake_leg,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_LEG, fake_leg_iface_init))

static void
fake_leg_finalize (GObject *object)
{
  FakeLeg *self = FAKE_LEG (object);

  g_string_free (self->log, TRUE);
  bb_media_params_free (self->media);
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
  self->log = g_string_new (NULL);
  self->media = bb_media_params_new ();
}

static void
test_leg_methods (void)
{
  g_autoptr (FakeLeg) fake = g_object_new (FAKE_TYPE_LEG, NULL);
  BbLeg *leg = BB_LEG (fake);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (bb_leg_get_caller_number (leg), ==, "+4930123");
  g_assert_cmpstr (bb_leg_get_caller_name (leg), ==, "Müller");
  g_assert_cmpstr (bb_leg_get_called (leg), ==, "100");
  g_assert_cmpstr (bb_leg_get_local_address (leg), ==, "127.0.0.1");
  g_assert_true (bb_leg_get_media (leg) == fake->media);
  bb_leg_set_local_port (leg, 40000, 40001);
  bb_leg_ring (leg);
  g_assert_true (bb_leg_answer (leg, &error));
  g_assert_no_error (error);
  bb_leg_reject (leg, 503, "Service Unavailable", 30);
  g_assert_false (bb_leg_transfer (leg, "sip:desk@192.0.2.1", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  bb_leg_hang_up (leg, "done");
  g_assert_cmpstr (fake->log->str, ==,
                   "ports(40000,40001) ring answer reject(503,Service Unavailable,30) "
                   "transfer(sip:desk@192.0.2.1) hang-up(done) ");
}

static void
on_ended (BbLeg *leg, BbCallEnd why, guint status, const char *text, gpointer log)
{
  g_string_append_printf (log, "ended(%s,%u,%s) ", bb_call_end_nick (why), status, text);
}

static void
on_media_changed (BbLeg *leg, gpointer log)
{
  g_string_append (log, "media-changed ");
}

static void
on_confirmed (BbLeg *leg, gpointer log)
{
  g_string_append (log, "confirmed ");
}

static void
on_dtmf (BbLeg *leg, const char *digit, gpointer log)
{
  g_string_append_printf (log, "dtmf(%s) ", digit);
}

/* LESSONS 9: each signal by its constant, with its arguments. */
static void
test_leg_signals (void)
{
  g_autoptr (FakeLeg) leg = g_object_new (FAKE_TYPE_LEG, NULL);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (leg, BB_LEG_SIGNAL_ENDED, G_CALLBACK (on_ended), log);
  g_signal_connect (leg, BB_LEG_SIGNAL_MEDIA_CHANGED, G_CALLBACK (on_media_changed), log);
  g_signal_connect (leg, BB_LEG_SIGNAL_CONFIRMED, G_CALLBACK (on_confirmed), log);
  g_signal_connect (leg, BB_LEG_SIGNAL_DTMF, G_CALLBACK (on_dtmf), log);

  g_signal_emit_by_name (leg, BB_LEG_SIGNAL_CONFIRMED);
  g_signal_emit_by_name (leg, BB_LEG_SIGNAL_MEDIA_CHANGED);
  g_signal_emit_by_name (leg, BB_LEG_SIGNAL_DTMF, "#");
  g_signal_emit_by_name (leg, BB_LEG_SIGNAL_ENDED, BB_CALL_END_REFUSED, 486, "Busy Here");
  g_assert_cmpstr (log->str, ==, "confirmed media-changed dtmf(#) ended(refused,486,Busy Here) ");
}

#define FAKE_TYPE_OPERATOR (fake_operator_get_type ())
G_DECLARE_FINAL_TYPE (FakeOperator, fake_operator, FAKE, OPERATOR, GObject)

struct _FakeOperator
{
  GObject parent_instance;
  GListStore *calls;
};

static GListModel *
fake_operator_get_calls (BbOperator *operator)
{
  return G_LIST_MODEL (FAKE_OPERATOR (operator)->calls);
}

static void
fake_operator_perform (BbOperator *operator, GTask *task, const BbCommand *command)
{
  g_autoptr (BbCall) call = bb_operator_find_call (operator, command->id);

  g_assert_cmpint (command->kind, ==, BB_COMMAND_HANG_UP);
  bb_call_set_end (call, BB_CALL_END_OPERATOR, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
fake_operator_iface_init (BbOperatorInterface *iface)
{
  iface->get_calls = fake_operator_get_calls;
  iface->perform = fake_operator_perform;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeOperator,
                               fake_operator,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_OPERATOR, fake_operator_iface_init))

static void
fake_operator_finalize (GObject *object)
{
  g_object_unref (FAKE_OPERATOR (object)->calls);
  G_OBJECT_CLASS (fake_operator_parent_class)->finalize (object);
}

static void
fake_operator_class_init (FakeOperatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_operator_finalize;
}

static void
fake_operator_init (FakeOperator *self)
{
  self->calls = g_list_store_new (BB_TYPE_CALL);
}

static void
test_operator (void)
{
  g_autoptr (FakeOperator) fake = g_object_new (FAKE_TYPE_OPERATOR, NULL);
  g_autoptr (BbCall) call = bb_call_new (NULL, "1", NULL, "2");
  GListModel *calls = bb_operator_get_calls (BB_OPERATOR (fake));

  g_list_store_append (fake->calls, call);
  g_assert_cmpuint (g_list_model_get_n_items (calls), ==, 1);
  bb_operator_hang_up (BB_OPERATOR (fake), call);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_OPERATOR);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/leg/methods", test_leg_methods);
  g_test_add_func ("/leg/signals", test_leg_signals);
  g_test_add_func ("/operator", test_operator);

  return g_test_run ();
}
