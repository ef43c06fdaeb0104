/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-db-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
read_lines (BbOrderDb *self, const char *id, GPtrArray *lines)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_GET_LINES);
  int result;

  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, id);
  while ((result = sqlite3_step (stmt)) == SQLITE_ROW)
    {
      const char *number = (const char *) sqlite3_column_text (stmt, 0);
      const char *name = (const char *) sqlite3_column_text (stmt, 1);
      const char *unit = (const char *) sqlite3_column_text (stmt, 2);
      gint64 quantity = sqlite3_column_int64 (stmt, 3);

      g_ptr_array_add (lines, bb_order_line_new (number, name, unit,
                                                 (guint) CLAMP (quantity, 0, G_MAXUINT),
                                                 sqlite3_column_int64 (stmt, 4)));
    }
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
  return result == SQLITE_DONE;
}

/* The order of the row @stmt stands on. NULL: an error. */
static BbOrder *
read_order (BbOrderDb *self, sqlite3_stmt *stmt)
{
  const char *id = (const char *) sqlite3_column_text (stmt, 0);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDateTime) created = bb_order_db_from_microseconds (sqlite3_column_int64 (stmt, 6));
  g_autoptr (GDateTime) updated = bb_order_db_from_microseconds (sqlite3_column_int64 (stmt, 7));
  BbOrderState state = BB_ORDER_DRAFT;

  if (id == NULL || !read_lines (self, id, lines))
    return NULL;
  bb_order_state_from_nick ((const char *) sqlite3_column_text (stmt, 4), &state);
  return bb_order_new_full (id, (const char *) sqlite3_column_text (stmt, 1),
                            (const char *) sqlite3_column_text (stmt, 2),
                            (const char *) sqlite3_column_text (stmt, 3), state,
                            (const char *) sqlite3_column_text (stmt, 5), created, updated, lines);
}

/* All orders of a statement that selects COLUMNS. NULL: an error. */
static GPtrArray *
read_orders (BbOrderDb *self, sqlite3_stmt *stmt)
{
  g_autoptr (GPtrArray) orders = g_ptr_array_new_with_free_func (g_object_unref);
  int result;
  gboolean ok = TRUE;

  if (stmt == NULL)
    return NULL;
  while (ok && (result = sqlite3_step (stmt)) == SQLITE_ROW)
    {
      BbOrder *order = read_order (self, stmt);

      if (order != NULL)
        g_ptr_array_add (orders, order);
      else
        ok = FALSE;
    }
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
  return ok && result == SQLITE_DONE ? g_steal_pointer (&orders) : NULL;
}

static gboolean
same_lines (BbOrder *a, BbOrder *b)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (a));

  if (n != g_list_model_get_n_items (G_LIST_MODEL (b)))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) one = g_list_model_get_item (G_LIST_MODEL (a), i);
      g_autoptr (BbOrderLine) two = g_list_model_get_item (G_LIST_MODEL (b), i);

      if (!g_str_equal (bb_order_line_get_number (one), bb_order_line_get_number (two))
          || bb_order_line_get_quantity (one) != bb_order_line_get_quantity (two)
          || bb_order_line_get_price (one) != bb_order_line_get_price (two))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_order (BbOrderDb *self, BbOrder *order, const char *number, BbOrderState state)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_PUT_ORDER);
  const char *id = bb_order_get_id (order);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (order));

  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, id);
  bb_order_db_bind_text (stmt, 2, number);
  bb_order_db_bind_text (stmt, 3, bb_order_get_call_id (order));
  bb_order_db_bind_text (stmt, 4, bb_order_get_caller (order));
  bb_order_db_bind_text (stmt, 5, bb_order_state_nick (state));
  bb_order_db_bind_text (stmt, 6, bb_order_get_note (order));
  sqlite3_bind_int64 (stmt, 7, bb_order_db_to_microseconds (bb_order_get_created (order)));
  sqlite3_bind_int64 (stmt, 8, bb_order_db_to_microseconds (bb_order_get_updated (order)));
  if (!bb_order_db_run (self, stmt))
    return FALSE;

  stmt = bb_order_db_statement (self, STATEMENT_DELETE_LINES);
  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, id);
  if (!bb_order_db_run (self, stmt))
    return FALSE;

  stmt = bb_order_db_statement (self, STATEMENT_PUT_LINE);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);

      if (stmt == NULL)
        return FALSE;
      bb_order_db_bind_text (stmt, 1, id);
      sqlite3_bind_int64 (stmt, 2, i);
      bb_order_db_bind_text (stmt, 3, bb_order_line_get_number (line));
      bb_order_db_bind_text (stmt, 4, bb_order_line_get_name (line));
      bb_order_db_bind_text (stmt, 5, bb_order_line_get_unit (line));
      sqlite3_bind_int64 (stmt, 6, bb_order_line_get_quantity (line));
      sqlite3_bind_int64 (stmt, 7, bb_order_line_get_price (line));
      if (!bb_order_db_run (self, stmt))
        return FALSE;
    }
  return TRUE;
}

/* The order as it is stored; NULL without error: not at all. */
static BbOrder *
find_stored (BbOrderDb *self, const char *id, gboolean *failed)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_GET_ORDER);
  g_autoptr (GPtrArray) orders = NULL;

  if (stmt != NULL)
    bb_order_db_bind_text (stmt, 1, id);
  orders = read_orders (self, stmt);
  *failed = orders == NULL;
  return orders != NULL && orders->len > 0 ? g_object_ref (g_ptr_array_index (orders, 0)) : NULL;
}

/**
 * bb_order_db_save:
 * @self: the connection
 * @order: what to store
 * @error: return location for a #BbOrderStoreError
 *
 * One transaction. A submitted order keeps its lines and its number: only its
 * note and its way to cancelled can change.
 *
 * Returns: whether it is on disk
 */
gboolean
bb_order_db_save (BbOrderDb *self, BbOrder *order, GError **error)
{
  g_autoptr (BbOrder) stored = NULL;
  gboolean failed;
  BbOrderState state = bb_order_get_state (order);

  if (!bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN)))
    {
      bb_order_db_set_write_error (self, error);
      return FALSE;
    }

  stored = find_stored (self, bb_order_get_id (order), &failed);
  if (!failed)
    {
      gboolean was_submitted = stored != NULL && bb_order_get_number (stored) != NULL;

      if (was_submitted ? (state != BB_ORDER_SUBMITTED && state != BB_ORDER_CANCELLED)
                              || !same_lines (stored, order)
                        : state == BB_ORDER_SUBMITTED)
        {
          bb_order_db_roll_back (self);
          g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE,
                       was_submitted
                           ? _ ("Order %s has been submitted: it can't be changed any more.")
                           : _ ("Order %s was never submitted: submit it instead of saving it."),
                       was_submitted ? bb_order_get_number (stored) : bb_order_get_id (order));
          return FALSE;
        }
      failed = !put_order (self, order,
                           was_submitted ? bb_order_get_number (stored) : NULL, state);
    }
  if (failed || !bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_COMMIT)))
    {
      bb_order_db_set_write_error (self, error);
      bb_order_db_roll_back (self);
      return FALSE;
    }
  return TRUE;
}

static char *
next_number (BbOrderDb *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int year = g_date_time_get_year (now);
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_NEXT_NUMBER);
  gint64 last = 0;

  if (stmt == NULL)
    return NULL;
  sqlite3_bind_int (stmt, 1, year);
  if (sqlite3_step (stmt) == SQLITE_ROW)
    last = sqlite3_column_int64 (stmt, 0);
  sqlite3_reset (stmt);
  return last > 0 ? g_strdup_printf ("%04d-%06" G_GINT64_FORMAT, year, last) : NULL;
}

/**
 * bb_order_db_submit:
 * @self: the connection
 * @order: what to submit
 * @error: return location for a #BbOrderStoreError
 *
 * Number and order in one transaction; the order's id makes it happen once.
 *
 * Returns: (transfer full) (nullable): its number
 */
char *
bb_order_db_submit (BbOrderDb *self, BbOrder *order, GError **error)
{
  g_autoptr (BbOrder) stored = NULL;
  g_autofree char *number = NULL;
  gboolean failed;

  if (!bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN)))
    {
      bb_order_db_set_write_error (self, error);
      return NULL;
    }

  stored = find_stored (self, bb_order_get_id (order), &failed);
  if (!failed && stored != NULL && bb_order_get_number (stored) != NULL)
    {
      bb_order_db_roll_back (self);
      if (bb_order_get_state (stored) == BB_ORDER_SUBMITTED && same_lines (stored, order))
        return g_strdup (bb_order_get_number (stored));
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE,
                   _ ("Order %s has been submitted with other lines, or cancelled."),
                   bb_order_get_number (stored));
      return NULL;
    }
  if (!failed
      && (bb_order_get_state (order) != BB_ORDER_READ_BACK
          || g_list_model_get_n_items (G_LIST_MODEL (order)) == 0))
    {
      bb_order_db_roll_back (self);
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE,
                   _ ("Order %s has not been read to the caller, or is empty."),
                   bb_order_get_id (order));
      return NULL;
    }

  if (!failed)
    {
      number = next_number (self);
      failed = number == NULL || !put_order (self, order, number, BB_ORDER_SUBMITTED);
    }
  if (failed || !bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_COMMIT)))
    {
      bb_order_db_set_write_error (self, error);
      bb_order_db_roll_back (self);
      return NULL;
    }
  return g_steal_pointer (&number);
}

/**
 * bb_order_db_list:
 * @self: the connection
 * @filter: which; limit 0: all
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable) (element-type BbOrder): newest first
 */
GPtrArray *
bb_order_db_list (BbOrderDb *self, const BbFilter *filter, GError **error)
{
  g_autoptr (GPtrArray) orders = NULL;
  sqlite3_stmt *stmt;

  /* One transaction, so that orders and lines are of the same moment. */
  if (bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN_READ)))
    {
      stmt = bb_order_db_statement (self, STATEMENT_LIST);
      if (stmt != NULL)
        {
          if (filter->state >= 0)
            bb_order_db_bind_text (stmt, 1, bb_order_state_nick ((BbOrderState) filter->state));
          sqlite3_bind_int64 (stmt, 2, filter->limit > 0 ? (gint64) filter->limit : -1);
          if (filter->since != NULL)
            sqlite3_bind_int64 (stmt, 3, bb_order_db_to_microseconds (filter->since));
          if (filter->until != NULL)
            sqlite3_bind_int64 (stmt, 4, bb_order_db_to_microseconds (filter->until));
          bb_order_db_bind_text (stmt, 5, filter->call_id);
          bb_order_db_bind_text (stmt, 6, filter->text);
        }
      orders = read_orders (self, stmt);
    }
  if (orders == NULL)
    bb_order_db_set_read_error (self, error);
  bb_order_db_roll_back (self);
  return g_steal_pointer (&orders);
}

/**
 * bb_order_db_load:
 * @self: the connection
 * @id_or_number: the id, the start of it that no other order has, or the number
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable): the order
 */
BbOrder *
bb_order_db_load (BbOrderDb *self, const char *id_or_number, GError **error)
{
  static const Statement tries[] = { STATEMENT_GET_ORDER, STATEMENT_GET_BY_PREFIX };
  g_autofree char *wanted = g_ascii_strdown (id_or_number, -1);
  g_autoptr (GPtrArray) orders = NULL;

  g_strstrip (wanted);
  if (!bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN_READ)))
    {
      bb_order_db_set_read_error (self, error);
      return NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tries) && (i == 0 || (orders != NULL && orders->len == 0));
       i++)
    {
      sqlite3_stmt *stmt = bb_order_db_statement (self, tries[i]);

      g_clear_pointer (&orders, g_ptr_array_unref);
      if (stmt != NULL)
        bb_order_db_bind_text (stmt, 1, *wanted != '\0' ? wanted : "-");
      orders = read_orders (self, stmt);
    }
  if (orders == NULL)
    bb_order_db_set_read_error (self, error);
  else if (orders->len != 1)
    g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND,
                 orders->len == 0
                     ? _ ("There is no order “%s”: name its number or its id.")
                     : _ ("Several orders begin with “%s”: name more of the id."),
                 id_or_number);
  bb_order_db_roll_back (self);
  return orders != NULL && orders->len == 1 ? g_object_ref (g_ptr_array_index (orders, 0)) : NULL;
}
