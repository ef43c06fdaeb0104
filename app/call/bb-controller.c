/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-controller.h"

#include <glib/gi18n-lib.h>

#include "bb-desk.h"
#include "bb-history.h"
#include "bb-run-settings.h"

/* Ended calls that stay in the list, so that a viewer sees how they ended. */
#define KEPT_ENDED 100
/* What a refused caller is told to wait (s). */
#define RETRY_AFTER 30

struct _BbController
{
  GObject parent_instance;

  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  GListStore *calls;    /* BbCall: live ones and the last that ended */
  GPtrArray *sessions;  /* BbCallSession: not ended yet */
  BbDesk *desk;
  BbHistory *history;

  GTask *shutdown;      /* somebody waits for the last call's end */
  guint shutdown_timeout;
  gboolean stopping;
  gboolean draining;    /* by an operator: no new calls, those that run go on */
};

enum
{
  SIGNAL_DRAINING,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void bb_controller_operator_init (BbOperatorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BbController, bb_controller, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_OPERATOR, bb_controller_operator_init))

static void
forget_old_calls (BbController *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->calls));
  guint n_ended = n - self->sessions->len;

  for (guint i = 0; i < n && n_ended > KEPT_ENDED;)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (G_LIST_MODEL (self->calls), i);

      if (bb_call_get_state (call) != BB_CALL_ENDED)
        {
          i++;
          continue;
        }
      g_list_store_remove (self->calls, i);
      n--;
      n_ended--;
    }
}

static void
finish_shutdown (BbController *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->shutdown);

  g_clear_handle_id (&self->shutdown_timeout, g_source_remove);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
on_session_ended (BbCallSession *session, BbController *self)
{
  g_signal_handlers_disconnect_by_data (session, self);
  bb_history_add (self->history, bb_call_session_get_call (session),
                  bb_call_session_may_keep (session));
  g_ptr_array_remove_fast (self->sessions, session);
  forget_old_calls (self);
  if (self->sessions->len == 0)
    finish_shutdown (self);
}

static BbCall *
add_session (BbController *self, BbMedia *media, BbLeg *leg)
{
  BbCallSession *session
      = bb_call_session_new (self->config, self->catalogue, self->store, media, leg);
  BbCall *call = bb_call_session_get_call (session);

  g_ptr_array_add (self->sessions, session);
  g_signal_connect_object (session, BB_CALL_SESSION_SIGNAL_ENDED, G_CALLBACK (on_session_ended),
                           self, 0);
  g_list_store_append (self->calls, call);
  bb_call_session_start (session);
  return call;
}

/**
 * bb_controller_accept:
 * @self: the controller
 * @leg: (transfer none): an incoming call with an offer we can answer
 *
 * Takes the call, or refuses it: 486 when all places are taken, 503 with
 * Retry-After when the gateway is stopping or has no port left.
 */
void
bb_controller_accept (BbController *self, BbLeg *leg)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMedia) media = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (BB_IS_CONTROLLER (self));

  if (self->stopping || self->draining)
    {
      g_message ("call from %s refused: the gateway %s", bb_leg_get_caller_number (leg),
                 self->stopping ? "is stopping" : "takes no new calls");
      bb_leg_reject (leg, 503, "Service Unavailable", RETRY_AFTER);
      return;
    }
  if (self->sessions->len >= self->config->max_calls)
    {
      g_message ("call from %s refused: %u calls are running ([calls] max-calls)",
                 bb_leg_get_caller_number (leg), self->sessions->len);
      bb_leg_reject (leg, 486, "Busy Here", 0);
      return;
    }

  media = bb_rtp_media_new (self->config, bb_leg_get_local_address (leg), &error);
  if (media == NULL)
    {
      g_warning ("call from %s refused: %s", bb_leg_get_caller_number (leg), error->message);
      bb_leg_reject (leg, 503, "Service Unavailable", RETRY_AFTER);
      return;
    }

  add_session (self, media, leg);
}

/**
 * bb_controller_start_local:
 * @self: the controller
 * @source: (nullable): element description of the microphone
 * @sink: (nullable): the same of the speaker
 * @error: return location for a #BbMediaError
 *
 * Returns: (transfer none) (nullable): the call, connecting
 */
BbCall *
bb_controller_start_local (BbController *self, const char *source, const char *sink, GError **error)
{
  g_autoptr (BbMedia) media = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_val_if_fail (BB_IS_CONTROLLER (self), NULL);

  media = bb_local_media_new (self->config, source, sink, error);
  if (media == NULL)
    return NULL;

  return add_session (self, media, NULL);
}

/**
 * bb_controller_get_n_active:
 * @self: the controller
 *
 * Returns: how many calls have not ended
 */
guint
bb_controller_get_n_active (BbController *self)
{
  g_return_val_if_fail (BB_IS_CONTROLLER (self), 0);

  return self->sessions->len;
}

static void
hang_up_all (BbController *self, const char *text)
{
  /* Sessions leave the array when they have ended, which is never at once. */
  for (guint i = 0; i < self->sessions->len; i++)
    bb_call_session_hang_up (self->sessions->pdata[i], BB_CALL_END_SHUTDOWN, text);
}

static gboolean
on_shutdown_timeout (gpointer user_data)
{
  BbController *self = user_data;

  self->shutdown_timeout = 0;
  g_warning ("%u calls have not ended in time", self->sessions->len);
  finish_shutdown (self);
  return G_SOURCE_REMOVE;
}

/**
 * bb_controller_shutdown_async:
 * @self: the controller
 * @timeout_ms: deadline, ms
 * @callback: called on the main context
 * @user_data: for @callback
 *
 * Takes no new calls (503), ends those that run, and is done when the last
 * one's ports are free.
 */
void
bb_controller_shutdown_async (BbController *self,
                              guint timeout_ms,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (BB_IS_CONTROLLER (self));

  self->stopping = TRUE;
  if (self->shutdown != NULL || self->sessions->len == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  self->shutdown = g_steal_pointer (&task);
  self->shutdown_timeout = g_timeout_add (timeout_ms, on_shutdown_timeout, self);
  hang_up_all (self, _("The gateway is stopping"));
}

void
bb_controller_shutdown_finish (BbController *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* ---- BbOperator ------------------------------------------------------- */

static GListModel *
bb_controller_get_calls (BbOperator *operator)
{
  return G_LIST_MODEL (BB_CONTROLLER (operator)->calls);
}

static BbCallSession *
find_session (BbController *self, const char *call_id)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (g_strcmp0 (bb_call_get_id (bb_call_session_get_call (self->sessions->pdata[i])), call_id) == 0)
      return self->sessions->pdata[i];
  return NULL;
}

/* One that is over, or was never there. */
static void
return_no_session (BbController *self, GTask *task, const BbCommand *command)
{
  g_autoptr (BbCall) call = bb_operator_find_call (BB_OPERATOR (self), command->id);

  if (call == NULL)
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND,
                             _("There is no such call."));
  else if (command->kind == BB_COMMAND_HANG_UP)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
                             _("The call has ended."));
}

static void
perform_on_call (BbController *self, GTask *task, const BbCommand *command)
{
  BbCallSession *session = find_session (self, command->id);
  GError *error = NULL;
  gboolean done = FALSE;

  if (session == NULL)
    {
      return_no_session (self, task, command);
      return;
    }
  switch (command->kind)
    {
    case BB_COMMAND_HANG_UP:
      bb_call_session_hang_up (session, BB_CALL_END_OPERATOR, NULL);
      done = TRUE;
      break;
    case BB_COMMAND_ANSWER:
      done = bb_call_session_answer (session, command->by_operator, &error);
      break;
    case BB_COMMAND_REFUSE:
      done = bb_call_session_decline (session, &error);
      break;
    case BB_COMMAND_TRANSFER:
      done = bb_call_session_transfer (session, command->text, &error);
      break;
    case BB_COMMAND_SET_MODE:
      done = bb_call_session_set_mode (session, command->mode, &error);
      break;
    case BB_COMMAND_WHISPER:
      done = bb_call_session_whisper (session, command->text, command->respond, &error);
      break;
    case BB_COMMAND_NOTE:
      done = bb_call_session_add_note (session, command->text, &error);
      break;
    default:
      g_return_if_reached ();
    }
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The live call whose order is meant, by its id, a beginning of it, or number. */
static BbCallSession *
find_session_of_order (BbController *self, const char *wanted)
{
  BbCallSession *found = NULL;

  for (guint i = 0; wanted != NULL && *wanted != '\0' && i < self->sessions->len; i++)
    {
      BbOrder *order = bb_call_get_order (bb_call_session_get_call (self->sessions->pdata[i]));

      if (g_strcmp0 (bb_order_get_number (order), wanted) != 0
          && !g_str_has_prefix (bb_order_get_id (order), wanted))
        continue;
      /* Meant by a beginning that two have: the store says so. */
      if (found != NULL)
        return NULL;
      found = self->sessions->pdata[i];
    }
  return found;
}

/* An order of a call that is over but still in the list. */
static void
on_order_changed (BbOrder *order, gpointer user_data)
{
  BbController *self = user_data;
  g_autoptr (BbCall) call
      = bb_operator_find_call (BB_OPERATOR (self), bb_order_get_call_id (order));
  g_autoptr (GPtrArray) lines = NULL;

  if (call == NULL || g_strcmp0 (bb_order_get_id (bb_call_get_order (call)), bb_order_get_id (order)))
    return;
  lines = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (order)); i++)
    g_ptr_array_add (lines, g_list_model_get_item (G_LIST_MODEL (order), i));
  bb_order_mirror (bb_call_get_order (call), bb_order_get_number (order), bb_order_get_state (order),
                   bb_order_get_note (order), bb_order_get_updated (order), lines);
}

static void
change_settings (BbController *self, GTask *task, const BbCommand *command)
{
  GError *error = NULL;
  BbConfig *changed = bb_run_settings_change (self->config, command->settings, command->fields, &error);

  if (changed == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  bb_config_unref (self->config);
  self->config = changed;
  if ((command->fields & BB_SETTINGS_DRAINING) != 0
      && self->draining != command->settings->draining)
    {
      self->draining = command->settings->draining;
      g_signal_emit (self, signals[SIGNAL_DRAINING], 0, self->draining);
    }
  g_message ("settings changed by an operator%s", self->draining ? "; no new calls are taken" : "");
  g_task_return_pointer (task, bb_run_settings_get (self->config, self->draining),
                         (GDestroyNotify)bb_settings_free);
}

static void
bb_controller_perform (BbOperator *operator, GTask *task, const BbCommand *command)
{
  BbController *self = BB_CONTROLLER (operator);

  if (bb_command_is_of_call (command->kind))
    perform_on_call (self, task, command);
  else if (command->kind == BB_COMMAND_GET_SETTINGS)
    g_task_return_pointer (task, bb_run_settings_get (self->config, self->draining),
                           (GDestroyNotify)bb_settings_free);
  else if (command->kind == BB_COMMAND_CHANGE_SETTINGS)
    change_settings (self, task, command);
  else
    {
      BbCallSession *session = bb_command_is_of_order (command->kind)
                                   ? find_session_of_order (self, command->id)
                                   : NULL;

      if (session != NULL)
        bb_call_session_edit_order (session, task, command);
      else
        bb_desk_perform (self->desk, task, command);
    }
}

static void
bb_controller_open_line (BbOperator *operator, GTask *task, const char *call_id)
{
  BbCallSession *session = find_session (BB_CONTROLLER (operator), call_id);
  GError *error = NULL;
  BbOperatorLine *line = NULL;

  if (session != NULL)
    line = bb_call_session_open_line (session, &error);
  else
    error = g_error_new_literal (BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND,
                                 _("There is no such call."));
  if (line != NULL)
    g_task_return_pointer (task, line, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
bb_controller_operator_init (BbOperatorInterface *iface)
{
  iface->get_calls = bb_controller_get_calls;
  iface->perform = bb_controller_perform;
  iface->open_line = bb_controller_open_line;
}

/* ---- life-cycle ------------------------------------------------------- */

static void
bb_controller_finalize (GObject *object)
{
  BbController *self = BB_CONTROLLER (object);

  g_clear_handle_id (&self->shutdown_timeout, g_source_remove);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  bb_desk_set_changed_func (self->desk, NULL, NULL);
  g_clear_pointer (&self->desk, bb_desk_unref);
  g_clear_pointer (&self->history, bb_history_free);
  g_clear_object (&self->calls);
  g_clear_object (&self->store);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_pointer (&self->config, bb_config_unref);

  G_OBJECT_CLASS (bb_controller_parent_class)->finalize (object);
}

static void
bb_controller_class_init (BbControllerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bb_controller_finalize;

  signals[SIGNAL_DRAINING]
      = g_signal_new (BB_CONTROLLER_SIGNAL_DRAINING, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
bb_controller_init (BbController *self)
{
  self->calls = g_list_store_new (BB_TYPE_CALL);
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * bb_controller_new:
 * @config: the settings
 * @catalogue: the products
 * @store: where orders go
 *
 * Returns: (transfer full): a controller without calls
 */
BbController *
bb_controller_new (const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store)
{
  BbController *self = g_object_new (BB_TYPE_CONTROLLER, NULL);

  BB_ASSERT_MAIN_CONTEXT ();

  self->config = bb_config_ref (config);
  self->catalogue = bb_catalogue_ref (catalogue);
  self->store = g_object_ref (store);
  self->desk = bb_desk_new (config, catalogue, store);
  bb_desk_set_changed_func (self->desk, on_order_changed, self);
  self->history = bb_history_new (config, store);
  return self;
}
