/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-operator.h"

#include <glib/gi18n-lib.h>

G_DEFINE_INTERFACE (BbOperator, bb_operator, G_TYPE_OBJECT)
G_DEFINE_QUARK (bb-operator-error-quark, bb_operator_error)

/* In the order of BbOperatorError. */
static const char *const error_nicks[] = { "not-found",   "bad-request", "wrong-state", "refused",
                                           "busy",        "unavailable", "forbidden",   "unreachable",
                                           "ended",       "failed" };

const char *
bb_operator_error_nick (BbOperatorError code)
{
  return (guint)code < G_N_ELEMENTS (error_nicks) ? error_nicks[code] : "failed";
}

gboolean
bb_operator_error_from_nick (const char *nick, BbOperatorError *code)
{
  for (gsize i = 0; nick != NULL && i < G_N_ELEMENTS (error_nicks); i++)
    if (strcmp (nick, error_nicks[i]) == 0)
      {
        *code = (BbOperatorError)i;
        return TRUE;
      }
  return FALSE;
}

static void
bb_operator_default_init (BbOperatorInterface *iface)
{
}

GListModel *
bb_operator_get_calls (BbOperator *self)
{
  g_return_val_if_fail (BB_IS_OPERATOR (self), NULL);

  return BB_OPERATOR_GET_IFACE (self)->get_calls (self);
}

/**
 * bb_operator_find_call:
 * @id: of a call
 *
 * Returns: (transfer full) (nullable): the one of the list
 */
BbCall *
bb_operator_find_call (BbOperator *self, const char *id)
{
  GListModel *calls = bb_operator_get_calls (self);
  guint n = g_list_model_get_n_items (calls);

  for (guint i = n; i > 0; i--)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i - 1);

      if (g_strcmp0 (bb_call_get_id (call), id) == 0)
        return g_steal_pointer (&call);
    }
  return NULL;
}

static gboolean
check_text (const BbCommand *command, GError **error)
{
  gboolean wants_text = command->kind == BB_COMMAND_WHISPER || command->kind == BB_COMMAND_NOTE
                        || command->kind == BB_COMMAND_SEARCH;
  const char *const texts[] = { command->id, command->text, command->number, command->group,
                                command->filter.text, command->filter.call_id };

  if (wants_text && (command->text == NULL || *command->text == '\0'))
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID, _ ("A text is wanted."));
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL
        && (strlen (texts[i]) > BB_COMMAND_MAX_TEXT || !g_utf8_validate (texts[i], -1, NULL)))
      {
        g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                     _ ("A text must be UTF-8 of at most %d bytes."), BB_COMMAND_MAX_TEXT);
        return FALSE;
      }
  return TRUE;
}

/**
 * bb_operator_perform_async:
 * @self: the operator
 * @command: what to do; sanity of its texts is checked here, once for all
 * @cancellable: (nullable): a #GCancellable; what has begun is carried out all the same
 * @callback: (nullable): called with the answer
 * @user_data: for @callback
 */
void
bb_operator_perform_async (BbOperator *self,
                           const BbCommand *command,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (BB_IS_OPERATOR (self));
  g_return_if_fail (command != NULL && command->kind < BB_N_COMMANDS);
  BB_ASSERT_MAIN_CONTEXT ();

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bb_operator_perform_async);
  g_task_set_task_data (task, bb_command_ref (command), (GDestroyNotify)bb_command_unref);
  if (!check_text (command, &error))
    g_task_return_error (task, error);
  else
    BB_OPERATOR_GET_IFACE (self)->perform (self, task, command);
}

gpointer
bb_operator_perform_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  const BbCommand *command;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  command = g_task_get_task_data (G_TASK (result));
  if (bb_command_is_of_call (command->kind))
    return g_task_propagate_boolean (G_TASK (result), error) ? GINT_TO_POINTER (TRUE) : NULL;
  return g_task_propagate_pointer (G_TASK (result), error);
}

static BbCommandKind
kind_of (GAsyncResult *result)
{
  return ((const BbCommand *)g_task_get_task_data (G_TASK (result)))->kind;
}

gboolean
bb_operator_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (bb_command_is_of_call (kind_of (result)), FALSE);

  return bb_operator_perform_finish (self, result, error) != NULL;
}

BbOrder *
bb_operator_order_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (bb_command_is_of_order (kind_of (result)), NULL);

  return bb_operator_perform_finish (self, result, error);
}

GPtrArray *
bb_operator_list_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  BbCommandKind kind = kind_of (result);

  g_return_val_if_fail (kind == BB_COMMAND_LIST_ORDERS || kind == BB_COMMAND_SEARCH
                            || kind == BB_COMMAND_LIST_HISTORY,
                        NULL);

  return bb_operator_perform_finish (self, result, error);
}

BbCall *
bb_operator_call_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (kind_of (result) == BB_COMMAND_GET_HISTORY, NULL);

  return bb_operator_perform_finish (self, result, error);
}

GBytes *
bb_operator_bytes_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  BbCommandKind kind = kind_of (result);

  g_return_val_if_fail (kind == BB_COMMAND_EXPORT_ORDERS || kind == BB_COMMAND_GET_RECORDING, NULL);

  return bb_operator_perform_finish (self, result, error);
}

BbSettings *
bb_operator_settings_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  BbCommandKind kind = kind_of (result);

  g_return_val_if_fail (kind == BB_COMMAND_GET_SETTINGS || kind == BB_COMMAND_CHANGE_SETTINGS, NULL);

  return bb_operator_perform_finish (self, result, error);
}

/* ---- what a line is --------------------------------------------------- */

/**
 * bb_operator_open_line_async:
 * @self: the operator
 * @call: one of bb_operator_get_calls()
 * @cancellable: (nullable): a #GCancellable
 * @callback: called when the line is open, or is not
 * @user_data: for @callback
 */
void
bb_operator_open_line_async (BbOperator *self,
                             BbCall *call,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BB_IS_OPERATOR (self));
  g_return_if_fail (BB_IS_CALL (call));
  BB_ASSERT_MAIN_CONTEXT ();

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bb_operator_open_line_async);
  BB_OPERATOR_GET_IFACE (self)->open_line (self, task, bb_call_get_id (call));
}

BbOperatorLine *
bb_operator_open_line_finish (BbOperator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- one function a question ------------------------------------------ */

/* Takes @command. */
static void
ask (BbOperator *self,
     BbCommand *command,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  bb_operator_perform_async (self, command, cancellable, callback, user_data);
  bb_command_unref (command);
}

static void
on_hung_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!bb_operator_finish (BB_OPERATOR (source), result, &error))
    g_warning ("%s", error->message);
}

void
bb_operator_hang_up (BbOperator *self, BbCall *call)
{
  bb_operator_hang_up_async (self, call, NULL, on_hung_up, NULL);
}

void
bb_operator_hang_up_async (BbOperator *self,
                           BbCall *call,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_HANG_UP, bb_call_get_id (call), NULL);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_answer_async (BbOperator *self,
                          BbCall *call,
                          gboolean by_operator,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_ANSWER, bb_call_get_id (call), NULL);

  command->by_operator = by_operator;
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_refuse_async (BbOperator *self,
                          BbCall *call,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_REFUSE, bb_call_get_id (call), NULL);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_transfer_async (BbOperator *self,
                            BbCall *call,
                            const char *target,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_TRANSFER, bb_call_get_id (call), target);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_whisper_async (BbOperator *self,
                           BbCall *call,
                           const char *text,
                           gboolean respond,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_WHISPER, bb_call_get_id (call), text);

  command->respond = respond;
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_note_async (BbOperator *self,
                        BbCall *call,
                        const char *text,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_NOTE, bb_call_get_id (call), text);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_set_mode_async (BbOperator *self,
                            BbCall *call,
                            BbOperatorMode mode,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_SET_MODE, bb_call_get_id (call), NULL);

  command->mode = mode;
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_get_order_async (BbOperator *self,
                             const char *id,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_GET_ORDER, id, NULL);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_add_line_async (BbOperator *self,
                            const char *id,
                            const char *number,
                            guint quantity,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_ADD_LINE, id, NULL);

  command->number = g_strdup (number);
  command->quantity = quantity;
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_change_line_async (BbOperator *self,
                               const char *id,
                               const char *number,
                               guint quantity,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_CHANGE_LINE, id, NULL);

  command->number = g_strdup (number);
  command->quantity = quantity;
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_remove_line_async (BbOperator *self,
                               const char *id,
                               const char *number,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_REMOVE_LINE, id, NULL);

  command->number = g_strdup (number);
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_note_order_async (BbOperator *self,
                              const char *id,
                              const char *note,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_NOTE_ORDER, id, note);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_approve_order_async (BbOperator *self,
                                 const char *id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_APPROVE_ORDER, id, NULL);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_cancel_order_async (BbOperator *self,
                                const char *id,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_CANCEL_ORDER, id, NULL);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_list_orders_async (BbOperator *self,
                               const BbFilter *filter,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_LIST_ORDERS, NULL, NULL);

  if (filter != NULL)
    bb_filter_copy_into (filter, &command->filter);
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_export_orders_async (BbOperator *self,
                                 const BbFilter *filter,
                                 const char *format,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_EXPORT_ORDERS, NULL, NULL);

  if (filter != NULL)
    bb_filter_copy_into (filter, &command->filter);
  command->format = g_strdup (format);
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_search_async (BbOperator *self,
                          const char *text,
                          const char *group,
                          guint limit,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_SEARCH, NULL, text);

  command->group = g_strdup (group);
  command->filter.limit = limit;
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_list_history_async (BbOperator *self,
                                const BbFilter *filter,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_LIST_HISTORY, NULL, NULL);

  if (filter != NULL)
    bb_filter_copy_into (filter, &command->filter);
  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_get_history_async (BbOperator *self,
                               const char *id,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_GET_HISTORY, id, NULL);

  ask (self, command, cancellable, callback, user_data);
}

void
bb_operator_get_recording_async (BbOperator *self,
                                 const char *call_id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  ask (self, bb_command_new (BB_COMMAND_GET_RECORDING, call_id, NULL), cancellable, callback,
       user_data);
}

void
bb_operator_get_settings_async (BbOperator *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  ask (self, bb_command_new (BB_COMMAND_GET_SETTINGS, NULL, NULL), cancellable, callback, user_data);
}

void
bb_operator_change_settings_async (BbOperator *self,
                                   const BbSettings *settings,
                                   BbSettingsFields fields,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  BbCommand *command = bb_command_new (BB_COMMAND_CHANGE_SETTINGS, NULL, NULL);

  command->settings = bb_settings_copy (settings);
  command->fields = fields;
  ask (self, command, cancellable, callback, user_data);
}
