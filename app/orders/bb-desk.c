/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-desk.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bb-order-export.h"
#include "bb-order-rules.h"

#define DEFAULT_LIST 100
#define DEFAULT_MATCHES 20

struct _BbDesk
{
  gatomicrefcount refs;
  BbConfig *config;
  BbCatalogue *catalogue; /* nullable */
  BbOrderStore *store;    /* nullable */
  BbDeskChanged changed;
  gpointer user_data;
  GQueue edits;           /* of Work: the first one runs */
};

/* One command on its way. */
typedef struct
{
  BbDesk *desk;
  GTask *task;
  const BbCommand *command; /* (unowned): the task's */
  BbOrder *order;           /* of an edit */
  BbCallRecord *record;     /* of BB_COMMAND_GET_HISTORY */
} Work;

static void run_next_edit (BbDesk *self);

BbDesk *
bb_desk_new (const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store)
{
  BbDesk *self = g_new0 (BbDesk, 1);

  g_atomic_ref_count_init (&self->refs);
  self->config = bb_config_ref (config);
  self->catalogue = catalogue != NULL ? bb_catalogue_ref (catalogue) : NULL;
  g_set_object (&self->store, store);
  g_queue_init (&self->edits);
  return self;
}

BbDesk *
bb_desk_ref (BbDesk *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
bb_desk_unref (BbDesk *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  bb_config_unref (self->config);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_object (&self->store);
  g_free (self);
}

void
bb_desk_set_changed_func (BbDesk *self, BbDeskChanged func, gpointer user_data)
{
  self->changed = func;
  self->user_data = user_data;
}

gboolean
bb_desk_can_perform (BbCommandKind kind)
{
  return kind >= BB_COMMAND_GET_ORDER && kind <= BB_COMMAND_GET_RECORDING;
}

static Work *
work_new (BbDesk *self, GTask *task, const BbCommand *command)
{
  Work *work = g_new0 (Work, 1);

  work->desk = bb_desk_ref (self);
  work->task = g_object_ref (task);
  work->command = command;
  return work;
}

static void
work_free (Work *work)
{
  bb_desk_unref (work->desk);
  g_object_unref (work->task);
  g_clear_object (&work->order);
  g_clear_pointer (&work->record, bb_call_record_free);
  g_free (work);
}

/* The store's texts name files of this machine: those are for the log. */
GError *
bb_desk_explain (GError *error)
{
  GError *explained;

  if (error->domain == BB_ORDER_ERROR)
    explained = g_error_new_literal (BB_OPERATOR_ERROR,
                                     error->code == BB_ORDER_ERROR_CLOSED
                                         ? BB_OPERATOR_ERROR_STATE
                                         : BB_OPERATOR_ERROR_REFUSED,
                                     error->message);
  else if (g_error_matches (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND))
    explained = g_error_new_literal (BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND, error->message);
  else if (g_error_matches (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE))
    explained = g_error_new_literal (BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE, error->message);
  else if (error->domain == BB_ORDER_STORE_ERROR)
    {
      g_warning ("%s", error->message);
      explained = g_error_new (BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_FAILED,
                               _ ("The orders can't be read or written now; the gateway's log says "
                                  "why."));
    }
  else
    return error;
  g_error_free (error);
  return explained;
}

static void
return_error (Work *work, GError *error)
{
  g_task_return_error (work->task, bb_desk_explain (error));
  work_free (work);
}

/* ---- corrections ------------------------------------------------------ */

/* The order as it is now, or what went wrong; then the next one. */
static void
finish_edit (Work *work, GError *error)
{
  BbDesk *self = bb_desk_ref (work->desk);

  g_queue_pop_head (&self->edits);
  if (error != NULL)
    return_error (work, error);
  else
    {
      if (self->changed != NULL)
        self->changed (work->order, self->user_data);
      g_task_return_pointer (work->task, g_object_ref (work->order), g_object_unref);
      work_free (work);
    }
  run_next_edit (self);
  bb_desk_unref (self);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  bb_order_store_save_finish (BB_ORDER_STORE (source), result, &error);
  finish_edit (user_data, error);
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  g_autofree char *number = bb_order_store_submit_finish (BB_ORDER_STORE (source), result, &error);

  finish_edit (user_data, error);
}

static gboolean
check_cancel (BbOrder *order, GError **error)
{
  if (bb_order_get_state (order) != BB_ORDER_CANCELLED)
    return TRUE;
  g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
               _ ("The order is cancelled already."));
  return FALSE;
}

/* What is asked, done to the copy that was read. */
static gboolean
apply_edit (Work *work, GError **error)
{
  const BbCommand *command = work->command;
  BbDesk *self = work->desk;
  g_autofree char *words = NULL;

  switch (command->kind)
    {
    case BB_COMMAND_ADD_LINE:
      return bb_order_rules_add (work->order, self->catalogue, self->config, command->number,
                                 command->quantity, error);
    case BB_COMMAND_CHANGE_LINE:
      return bb_order_rules_change (work->order, self->catalogue, self->config, command->number,
                                    command->quantity, error);
    case BB_COMMAND_REMOVE_LINE:
      return bb_order_rules_remove (work->order, self->config, command->number, error);
    case BB_COMMAND_NOTE_ORDER:
      bb_order_set_note (work->order, command->text);
      return TRUE;
    case BB_COMMAND_CANCEL_ORDER:
      if (!check_cancel (work->order, error))
        return FALSE;
      bb_order_set_state (work->order, BB_ORDER_CANCELLED);
      return TRUE;
    case BB_COMMAND_APPROVE_ORDER:
      if (bb_order_get_state (work->order) == BB_ORDER_SUBMITTED)
        return TRUE;
      words = bb_order_rules_read_back (work->order, self->config, error);
      return words != NULL;
    default:
      g_return_val_if_reached (FALSE);
    }
}

static void
on_loaded_for_edit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *work = user_data;
  BbOrderStore *store = BB_ORDER_STORE (source);
  GError *error = NULL;

  work->order = bb_order_store_load_finish (store, result, &error);
  if (work->order == NULL || !apply_edit (work, &error))
    finish_edit (work, error);
  else if (work->command->kind == BB_COMMAND_APPROVE_ORDER)
    bb_order_store_submit_async (store, work->order, NULL, on_submitted, work);
  else
    bb_order_store_save_async (store, work->order, NULL, on_saved, work);
}

static void
run_next_edit (BbDesk *self)
{
  Work *work = g_queue_peek_head (&self->edits);

  if (work != NULL)
    bb_order_store_load_async (self->store, work->command->id, NULL, on_loaded_for_edit, work);
}

static void
queue_edit (BbDesk *self, GTask *task, const BbCommand *command)
{
  gboolean wants_number = command->kind == BB_COMMAND_ADD_LINE
                          || command->kind == BB_COMMAND_CHANGE_LINE
                          || command->kind == BB_COMMAND_REMOVE_LINE;

  if (wants_number && (command->number == NULL || *command->number == '\0'))
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                               _ ("The number of an article is wanted."));
      return;
    }
  if (wants_number && self->catalogue == NULL)
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE,
                               _ ("This gateway has no catalogue."));
      return;
    }
  g_queue_push_tail (&self->edits, work_new (self, task, command));
  if (self->edits.length == 1)
    run_next_edit (self);
}

/* ---- reading ---------------------------------------------------------- */

static void
on_order (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *work = user_data;
  GError *error = NULL;
  BbOrder *order = bb_order_store_load_finish (BB_ORDER_STORE (source), result, &error);

  if (order == NULL)
    {
      return_error (work, error);
      return;
    }
  g_task_return_pointer (work->task, order, g_object_unref);
  work_free (work);
}

static void
export (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *orders = g_object_get_data (G_OBJECT (task), "orders");
  const char *currency = g_object_get_data (G_OBJECT (task), "currency");
  const BbCommand *command = data;
  char *text = g_strcmp0 (command->format, "json") == 0 ? bb_orders_to_json (orders, currency)
                                                        : bb_orders_to_csv (orders, currency);

  g_task_return_pointer (task, g_bytes_new_take (text, strlen (text)), (GDestroyNotify)g_bytes_unref);
}

static void
on_orders (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *work = user_data;
  GError *error = NULL;
  GPtrArray *orders = bb_order_store_list_finish (BB_ORDER_STORE (source), result, &error);

  if (orders == NULL)
    {
      return_error (work, error);
      return;
    }
  if (work->command->kind == BB_COMMAND_EXPORT_ORDERS)
    {
      g_object_set_data_full (G_OBJECT (work->task), "orders", orders,
                              (GDestroyNotify)g_ptr_array_unref);
      g_object_set_data_full (G_OBJECT (work->task), "currency",
                              g_strdup (work->desk->config->currency), g_free);
      g_task_run_in_thread (work->task, export);
    }
  else
    g_task_return_pointer (work->task, orders, (GDestroyNotify)g_ptr_array_unref);
  work_free (work);
}

static void
list_orders (BbDesk *self, GTask *task, const BbCommand *command)
{
  gboolean is_export = command->kind == BB_COMMAND_EXPORT_ORDERS;
  BbFilter filter = command->filter;

  if (is_export && g_strcmp0 (command->format, "csv") != 0
      && g_strcmp0 (command->format, "json") != 0)
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                               _ ("The format must be csv or json."));
      return;
    }
  if (filter.limit == 0 && !is_export)
    filter.limit = DEFAULT_LIST;
  bb_order_store_list_async (self->store, &filter, NULL, on_orders, work_new (self, task, command));
}

static void
on_past_calls (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *work = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) records
      = bb_order_store_list_calls_finish (BB_ORDER_STORE (source), result, &error);
  GPtrArray *calls;

  if (records == NULL)
    {
      return_error (work, error);
      return;
    }
  calls = g_ptr_array_new_full (records->len, g_object_unref);
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (calls, bb_call_record_to_call (g_ptr_array_index (records, i), NULL));
  g_task_return_pointer (work->task, calls, (GDestroyNotify)g_ptr_array_unref);
  work_free (work);
}

/* An order may have been deleted: its call is there all the same. */
static void
on_order_of_past_call (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *work = user_data;
  g_autoptr (BbOrder) order
      = bb_order_store_load_finish (BB_ORDER_STORE (source), result, NULL);

  g_task_return_pointer (work->task, bb_call_record_to_call (work->record, order), g_object_unref);
  work_free (work);
}

static void
return_recording (Work *work)
{
  g_autoptr (GMappedFile) file = NULL;
  const char *path = work->record->recording_path;

  if (path != NULL)
    file = g_mapped_file_new (path, FALSE, NULL);
  if (file == NULL)
    g_task_return_new_error (work->task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND,
                             path == NULL ? _ ("This call was not recorded.")
                                          : _ ("The recording of this call is gone."));
  else
    g_task_return_pointer (work->task, g_mapped_file_get_bytes (file),
                           (GDestroyNotify)g_bytes_unref);
  work_free (work);
}

static void
on_past_call (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *work = user_data;
  GError *error = NULL;

  work->record = bb_order_store_load_call_finish (BB_ORDER_STORE (source), result, &error);
  if (work->record == NULL)
    return_error (work, error);
  else if (work->command->kind == BB_COMMAND_GET_RECORDING)
    return_recording (work);
  else if (work->record->order_id != NULL)
    bb_order_store_load_async (work->desk->store, work->record->order_id, NULL,
                               on_order_of_past_call, work);
  else
    {
      g_task_return_pointer (work->task, bb_call_record_to_call (work->record, NULL),
                             g_object_unref);
      work_free (work);
    }
}

static void
search (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  BbCatalogue *catalogue = g_object_get_data (G_OBJECT (task), "catalogue");
  const BbCommand *command = data;
  guint limit = command->filter.limit > 0 ? command->filter.limit : DEFAULT_MATCHES;
  g_autoptr (GPtrArray) found
      = bb_catalogue_search (catalogue, command->text, command->group, limit);
  GPtrArray *matches = g_ptr_array_new_full (found->len, g_object_unref);

  for (guint i = 0; i < found->len; i++)
    {
      const BbMatch *match = g_ptr_array_index (found, i);

      g_ptr_array_add (matches, bb_product_match_new (match->product, match->score, match->reason));
    }
  g_task_return_pointer (task, matches, (GDestroyNotify)g_ptr_array_unref);
}

/* ---- what is asked ---------------------------------------------------- */

static gboolean
check (BbDesk *self, GTask *task, const BbCommand *command)
{
  if (command->filter.limit > BB_COMMAND_MAX_LIMIT)
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                             _ ("A list holds at most %d."), BB_COMMAND_MAX_LIMIT);
  else if (command->kind == BB_COMMAND_SEARCH && self->catalogue == NULL)
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE,
                             _ ("This gateway has no catalogue."));
  else if (command->kind != BB_COMMAND_SEARCH && self->store == NULL)
    g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE,
                             _ ("This gateway keeps no orders."));
  else
    return TRUE;
  return FALSE;
}

/**
 * bb_desk_perform:
 * @self: the desk
 * @task: of bb_operator_perform_async(); gets the answer
 * @command: what is asked; the task keeps it
 */
void
bb_desk_perform (BbDesk *self, GTask *task, const BbCommand *command)
{
  if (!check (self, task, command))
    return;
  switch (command->kind)
    {
    case BB_COMMAND_GET_ORDER:
      bb_order_store_load_async (self->store, command->id, NULL, on_order,
                                 work_new (self, task, command));
      break;
    case BB_COMMAND_LIST_ORDERS:
    case BB_COMMAND_EXPORT_ORDERS:
      list_orders (self, task, command);
      break;
    case BB_COMMAND_LIST_HISTORY:
      {
        BbFilter filter = command->filter;

        if (filter.limit == 0)
          filter.limit = DEFAULT_LIST;
        bb_order_store_list_calls_async (self->store, &filter, NULL, on_past_calls,
                                         work_new (self, task, command));
        break;
      }
    case BB_COMMAND_GET_HISTORY:
    case BB_COMMAND_GET_RECORDING:
      bb_order_store_load_call_async (self->store, command->id, NULL, on_past_call,
                                      work_new (self, task, command));
      break;
    case BB_COMMAND_SEARCH:
      g_object_set_data_full (G_OBJECT (task), "catalogue", bb_catalogue_ref (self->catalogue),
                              (GDestroyNotify)bb_catalogue_unref);
      g_task_run_in_thread (task, search);
      break;
    default:
      queue_edit (self, task, command);
      break;
    }
}
