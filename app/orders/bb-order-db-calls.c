/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-db-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
bind_time (sqlite3_stmt *stmt, int index, GDateTime *time)
{
  if (time != NULL)
    sqlite3_bind_int64 (stmt, index, bb_order_db_to_microseconds (time));
}

static gboolean
put_line (BbOrderDb *self, const char *call_id, guint position, const BbLineRecord *line)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_PUT_CALL_LINE);

  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, call_id);
  sqlite3_bind_int64 (stmt, 2, position);
  bb_order_db_bind_text (stmt, 3, bb_transcript_kind_nick (line->kind));
  bb_order_db_bind_text (stmt, 4, line->item_id);
  bb_order_db_bind_text (stmt, 5, line->text != NULL ? line->text : "");
  sqlite3_bind_int (stmt, 6, line->final);
  sqlite3_bind_int (stmt, 7, line->interrupted);
  sqlite3_bind_int64 (stmt, 8, line->time);
  bb_order_db_bind_text (stmt, 9, line->tool_name);
  bb_order_db_bind_text (stmt, 10, line->tool_arguments);
  bb_order_db_bind_text (stmt, 11, line->tool_result);
  return bb_order_db_run (self, stmt);
}

static gboolean
put_call (BbOrderDb *self, const BbCallRecord *record)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_PUT_CALL);
  g_autofree char *folded = bb_call_record_fold (record);

  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, record->id);
  bb_order_db_bind_text (stmt, 2, record->caller_number);
  bb_order_db_bind_text (stmt, 3, record->caller_name);
  bb_order_db_bind_text (stmt, 4, record->called);
  bb_order_db_bind_text (stmt, 5, bb_call_end_nick (record->end));
  bb_order_db_bind_text (stmt, 6, record->end_text);
  bind_time (stmt, 7, record->started);
  bind_time (stmt, 8, record->answered);
  bind_time (stmt, 9, record->ended);
  sqlite3_bind_int64 (stmt, 10, record->duration);
  bb_order_db_bind_text (stmt, 11, record->codec);
  bb_order_db_bind_text (stmt, 12, record->recording_path);
  bb_order_db_bind_text (stmt, 13, record->order_id);
  bb_order_db_bind_text (stmt, 14, folded);
  if (!bb_order_db_run (self, stmt))
    return FALSE;

  stmt = bb_order_db_statement (self, STATEMENT_DELETE_CALL_LINES);
  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, record->id);
  if (!bb_order_db_run (self, stmt))
    return FALSE;
  for (guint i = 0; i < record->lines->len; i++)
    if (!put_line (self, record->id, i, g_ptr_array_index (record->lines, i)))
      return FALSE;
  return TRUE;
}

/**
 * bb_order_db_save_call:
 * @self: the connection
 * @record: a call that has ended; one of the same id is replaced
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: whether it is on disk
 */
gboolean
bb_order_db_save_call (BbOrderDb *self, const BbCallRecord *record, GError **error)
{
  if (bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN))
      && put_call (self, record)
      && bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_COMMIT)))
    return TRUE;
  bb_order_db_set_write_error (self, error);
  bb_order_db_roll_back (self);
  return FALSE;
}

static char *
column_text (sqlite3_stmt *stmt, int column)
{
  return g_strdup ((const char *)sqlite3_column_text (stmt, column));
}

static GDateTime *
column_time (sqlite3_stmt *stmt, int column)
{
  return sqlite3_column_type (stmt, column) == SQLITE_NULL
             ? NULL
             : bb_order_db_from_microseconds (sqlite3_column_int64 (stmt, column));
}

/* The call of the row @stmt stands on, without its lines. */
static BbCallRecord *
read_call (sqlite3_stmt *stmt)
{
  BbCallRecord *record = bb_call_record_new_empty ();

  record->id = column_text (stmt, 0);
  record->caller_number = column_text (stmt, 1);
  record->caller_name = column_text (stmt, 2);
  record->called = column_text (stmt, 3);
  bb_call_end_from_nick ((const char *)sqlite3_column_text (stmt, 4), &record->end);
  record->end_text = column_text (stmt, 5);
  record->started = column_time (stmt, 6);
  record->answered = column_time (stmt, 7);
  record->ended = column_time (stmt, 8);
  record->duration = sqlite3_column_int64 (stmt, 9);
  record->codec = column_text (stmt, 10);
  record->recording_path = column_text (stmt, 11);
  record->order_id = column_text (stmt, 12);
  return record;
}

/* All rows of a statement that selects CALL_COLUMNS. NULL: an error. */
static GPtrArray *
read_calls (sqlite3_stmt *stmt)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify)bb_call_record_free);
  int result;

  if (stmt == NULL)
    return NULL;
  while ((result = sqlite3_step (stmt)) == SQLITE_ROW)
    {
      BbCallRecord *record = read_call (stmt);

      if (record->id != NULL && record->started != NULL)
        g_ptr_array_add (calls, record);
      else
        bb_call_record_free (record);
    }
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
  return result == SQLITE_DONE ? g_steal_pointer (&calls) : NULL;
}

static gboolean
read_lines (BbOrderDb *self, BbCallRecord *record)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_GET_CALL_LINES);
  int result;

  if (stmt == NULL)
    return FALSE;
  bb_order_db_bind_text (stmt, 1, record->id);
  while ((result = sqlite3_step (stmt)) == SQLITE_ROW)
    {
      BbLineRecord *line = bb_line_record_new ();

      bb_transcript_kind_from_nick ((const char *)sqlite3_column_text (stmt, 0), &line->kind);
      line->item_id = column_text (stmt, 1);
      line->text = column_text (stmt, 2);
      line->final = sqlite3_column_int (stmt, 3) != 0;
      line->interrupted = sqlite3_column_int (stmt, 4) != 0;
      line->time = sqlite3_column_int64 (stmt, 5);
      line->tool_name = column_text (stmt, 6);
      line->tool_arguments = column_text (stmt, 7);
      line->tool_result = column_text (stmt, 8);
      g_ptr_array_add (record->lines, line);
    }
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
  return result == SQLITE_DONE;
}

/**
 * bb_order_db_list_calls:
 * @self: the connection
 * @filter: which; limit 0: all
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable) (element-type BbCallRecord): newest
 *   first, without lines
 */
GPtrArray *
bb_order_db_list_calls (BbOrderDb *self, const BbFilter *filter, GError **error)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_LIST_CALLS);
  GPtrArray *calls;

  if (stmt != NULL)
    {
      bind_time (stmt, 1, filter->since);
      bind_time (stmt, 2, filter->until);
      bb_order_db_bind_text (stmt, 3, filter->text);
      sqlite3_bind_int64 (stmt, 4, filter->limit > 0 ? (gint64)filter->limit : -1);
    }
  calls = read_calls (stmt);
  if (calls == NULL)
    bb_order_db_set_read_error (self, error);
  return calls;
}

/**
 * bb_order_db_load_call:
 * @self: the connection
 * @id: the id, or a beginning of it that no other call has
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable): the call with its lines
 */
BbCallRecord *
bb_order_db_load_call (BbOrderDb *self, const char *id, GError **error)
{
  sqlite3_stmt *stmt = bb_order_db_statement (self, STATEMENT_GET_CALL);
  g_autofree char *wanted = g_ascii_strdown (id, -1);
  g_autoptr (GPtrArray) calls = NULL;

  if (stmt != NULL)
    bb_order_db_bind_text (stmt, 1, *wanted != '\0' ? wanted : "-");
  calls = read_calls (stmt);
  if (calls == NULL || (calls->len == 1 && !read_lines (self, g_ptr_array_index (calls, 0))))
    {
      bb_order_db_set_read_error (self, error);
      return NULL;
    }
  if (calls->len != 1)
    {
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND,
                   calls->len == 0 ? _ ("There is no call “%s”.")
                                   : _ ("Several calls begin with “%s”: name more of the id."),
                   id);
      return NULL;
    }
  return g_ptr_array_steal_index (calls, 0);
}

/**
 * bb_order_db_forget_calls:
 * @self: the connection
 * @before: calls that began before then go
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable) (element-type BbCallRecord): those that
 *   are gone: whatever else is kept of them must go too
 */
GPtrArray *
bb_order_db_forget_calls (BbOrderDb *self, GDateTime *before, GError **error)
{
  g_autoptr (GPtrArray) calls = NULL;
  sqlite3_stmt *stmt;

  if (bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN)))
    {
      stmt = bb_order_db_statement (self, STATEMENT_LIST_CALLS);
      if (stmt != NULL)
        {
          bind_time (stmt, 2, before);
          sqlite3_bind_int64 (stmt, 4, -1);
        }
      calls = read_calls (stmt);
    }
  if (calls != NULL)
    {
      stmt = bb_order_db_statement (self, STATEMENT_FORGET_CALLS);
      if (stmt != NULL)
        bind_time (stmt, 1, before);
      if (bb_order_db_run (self, stmt)
          && bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_COMMIT)))
        return g_steal_pointer (&calls);
    }
  bb_order_db_set_write_error (self, error);
  bb_order_db_roll_back (self);
  return NULL;
}
