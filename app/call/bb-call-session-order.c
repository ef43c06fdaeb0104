/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-session-private.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "bb-desk.h"
#include "bb-order-rules.h"
#include "bb-order-text.h"
#include "openairealtime.h"

/* A correction of a call's order while the bot works on it too. Lines go
 * through the call's own tools, which run one after the other: so neither
 * writes over what the other did. */
typedef struct
{
  BbCallSession *session;
  GTask *task;
  BbOrderState before; /* the order's state, to return to when the store fails */
  BbOrderState after;
} Edit;

static Edit *
edit_new (BbCallSession *session, GTask *task)
{
  Edit *edit = g_new0 (Edit, 1);

  edit->session = g_object_ref (session);
  edit->task = g_object_ref (task);
  return edit;
}

static void
edit_free (Edit *edit)
{
  g_object_unref (edit->session);
  g_object_unref (edit->task);
  g_free (edit);
}

static void
tell (BbCallSession *self, BbSpeech what, const char *argument)
{
  g_autofree char *told = bb_speech (self->config, what, argument);

  if (self->ready && !bb_call_session_is_ending (self))
    bb_call_session_tell (self, GST_OPENAI_REALTIME_ROLE_SYSTEM, told, FALSE);
}

/* Takes @edit. @error (nullable): taken. */
static void
finish (Edit *edit, GError *error)
{
  BbOrder *order = bb_call_get_order (edit->session->call);

  if (error != NULL)
    g_task_return_error (edit->task, bb_desk_explain (error));
  else
    g_task_return_pointer (edit->task, bb_order_copy (order), g_object_unref);
  edit_free (edit);
}

/* {"ok":true,…} or {"ok":false,"error":"a sentence"} */
static GError *
error_of_output (const char *output)
{
  g_autoptr (JsonNode) node = json_from_string (output, NULL);
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                                                     : NULL;

  if (object != NULL && json_object_get_boolean_member_with_default (object, "ok", FALSE))
    return NULL;
  return g_error_new_literal (
      BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_REFUSED,
      object != NULL ? json_object_get_string_member_with_default (object, "error", "") : "");
}

static void
on_tool_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Edit *edit = user_data;
  BbCallSession *self = edit->session;
  g_autofree char *output = bb_toolbox_call_finish (BB_TOOLBOX (source), result);
  GError *error = error_of_output (output);

  if (error == NULL)
    {
      bb_call_session_note (self, _ ("An operator changed the order"));
      tell (self, BB_SPEECH_ORDER_CHANGED, NULL);
    }
  finish (edit, error);
}

static char *
tool_arguments (const BbCommand *command)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "number", command->number);
  if (command->kind != BB_COMMAND_REMOVE_LINE)
    json_object_set_int_member (object, "quantity", command->quantity);
  json_node_take_object (node, object);
  return json_to_string (node, FALSE);
}

static void
edit_line (BbCallSession *self, GTask *task, const BbCommand *command)
{
  g_autofree char *arguments = NULL;

  if (command->number == NULL || *command->number == '\0')
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                               _ ("The number of an article is wanted."));
      return;
    }
  arguments = tool_arguments (command);
  bb_toolbox_call_async (self->toolbox,
                         command->kind == BB_COMMAND_ADD_LINE      ? "add_to_order"
                         : command->kind == BB_COMMAND_CHANGE_LINE ? "change_quantity"
                                                                   : "remove_from_order",
                         arguments, NULL, on_tool_done, edit_new (self, task));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Edit *edit = user_data;
  BbOrder *order = bb_call_get_order (edit->session->call);
  GError *error = NULL;

  if (!bb_order_store_save_finish (BB_ORDER_STORE (source), result, &error))
    bb_order_set_state (order, edit->before);
  else if (edit->after == BB_ORDER_CANCELLED)
    {
      bb_call_session_note (edit->session, _ ("An operator cancelled the order"));
      tell (edit->session, BB_SPEECH_ORDER_CANCELLED, NULL);
    }
  finish (edit, error);
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Edit *edit = user_data;
  BbOrder *order = bb_call_get_order (edit->session->call);
  GError *error = NULL;
  g_autofree char *number = bb_order_store_submit_finish (BB_ORDER_STORE (source), result, &error);

  if (number == NULL)
    bb_order_set_state (order, edit->before);
  else
    {
      bb_call_session_note (edit->session, _ ("An operator approved the order"));
      tell (edit->session, BB_SPEECH_ORDER_SUBMITTED, number);
    }
  finish (edit, error);
}

static gboolean
check_open (BbOrder *order, GTask *task)
{
  BbOrderState state = bb_order_get_state (order);

  if (state == BB_ORDER_DRAFT || state == BB_ORDER_READ_BACK)
    return TRUE;
  g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
                           _ ("The order is submitted or cancelled already."));
  return FALSE;
}

/* The state is set before it is stored, so that no tool of the bot begins on
 * an order that is being closed. */
static void
approve (BbCallSession *self, GTask *task, BbOrder *order)
{
  g_autofree char *words = NULL;
  GError *error = NULL;
  Edit *edit;
  BbOrderState before = bb_order_get_state (order);

  if (before == BB_ORDER_SUBMITTED)
    {
      g_task_return_pointer (task, bb_order_copy (order), g_object_unref);
      return;
    }
  if (!check_open (order, task))
    return;
  words = bb_order_rules_read_back (order, self->config, &error);
  if (words == NULL)
    {
      g_task_return_error (task, bb_desk_explain (error));
      return;
    }
  edit = edit_new (self, task);
  edit->before = before;
  bb_order_store_submit_async (self->store, order, NULL, on_submitted, edit);
}

static void
cancel (BbCallSession *self, GTask *task, BbOrder *order)
{
  Edit *edit;
  BbOrderState before = bb_order_get_state (order);

  if (before == BB_ORDER_CANCELLED)
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
                               _ ("The order is cancelled already."));
      return;
    }
  edit = edit_new (self, task);
  edit->before = before;
  edit->after = BB_ORDER_CANCELLED;
  bb_order_set_state (order, BB_ORDER_CANCELLED);
  bb_order_store_save_async (self->store, order, NULL, on_saved, edit);
}

static void
set_note (BbCallSession *self, GTask *task, BbOrder *order, const char *text)
{
  Edit *edit = edit_new (self, task);

  edit->before = edit->after = bb_order_get_state (order);
  bb_order_set_note (order, text);
  bb_order_store_save_async (self->store, order, NULL, on_saved, edit);
}

/**
 * bb_call_session_edit_order:
 * @self: the session
 * @task: of bb_operator_perform_async(); gets the answer
 * @command: a command of an order; the task keeps it
 */
void
bb_call_session_edit_order (BbCallSession *self, GTask *task, const BbCommand *command)
{
  BbOrder *order = bb_call_get_order (self->call);

  switch (command->kind)
    {
    case BB_COMMAND_GET_ORDER:
      g_task_return_pointer (task, bb_order_copy (order), g_object_unref);
      break;
    case BB_COMMAND_NOTE_ORDER:
      set_note (self, task, order, command->text);
      break;
    case BB_COMMAND_APPROVE_ORDER:
      approve (self, task, order);
      break;
    case BB_COMMAND_CANCEL_ORDER:
      cancel (self, task, order);
      break;
    default:
      if (check_open (order, task))
        edit_line (self, task, command);
      break;
    }
}
