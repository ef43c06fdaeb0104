/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-db-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* "BBot" in the file's header: tells our database from another program's. */
#define APPLICATION_ID 0x42426f74
/* ms to wait for another process that writes */
#define BUSY_TIMEOUT 5000

/* One entry per schema version: from it to the next. Never changed once
 * released; a new version is a new entry. */
static const char *const migrations[] = {
  /* 0 → 1. Times are microseconds since 1970 UTC, money is in cents. */
  "CREATE TABLE orders ("
  "  id TEXT NOT NULL PRIMARY KEY,"
  "  number TEXT UNIQUE,"
  "  call_id TEXT NOT NULL,"
  "  caller TEXT NOT NULL,"
  "  state TEXT NOT NULL,"
  "  note TEXT NOT NULL,"
  "  created INTEGER NOT NULL,"
  "  updated INTEGER NOT NULL,"
  "  CHECK ((state = 'submitted') <= (number IS NOT NULL))"
  ") STRICT;"
  "CREATE INDEX orders_by_time ON orders (created);"
  "CREATE TABLE lines ("
  "  order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,"
  "  position INTEGER NOT NULL,"
  "  number TEXT NOT NULL,"
  "  name TEXT NOT NULL,"
  "  unit TEXT NOT NULL,"
  "  quantity INTEGER NOT NULL CHECK (quantity > 0),"
  "  price INTEGER NOT NULL,"
  "  PRIMARY KEY (order_id, position)"
  ") STRICT, WITHOUT ROWID;"
  /* The last order number of each year: counted here, so that a deleted order
   * leaves a gap and its number is never given again. */
  "CREATE TABLE sequence ("
  "  year INTEGER NOT NULL PRIMARY KEY,"
  "  last INTEGER NOT NULL"
  ") STRICT;",
  /* 1 → 2. Calls that have ended; duration and a line's time are in ms. `folded`
   * is what a search looks at. */
  "CREATE TABLE calls ("
  "  id TEXT NOT NULL PRIMARY KEY,"
  "  caller_number TEXT NOT NULL,"
  "  caller_name TEXT NOT NULL,"
  "  called TEXT NOT NULL,"
  "  end TEXT NOT NULL,"
  "  end_text TEXT NOT NULL,"
  "  started INTEGER NOT NULL,"
  "  answered INTEGER,"
  "  ended INTEGER NOT NULL,"
  "  duration INTEGER NOT NULL,"
  "  codec TEXT,"
  "  recording TEXT,"
  "  order_id TEXT,"
  "  folded TEXT NOT NULL"
  ") STRICT;"
  "CREATE INDEX calls_by_time ON calls (started);"
  "CREATE TABLE call_lines ("
  "  call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,"
  "  position INTEGER NOT NULL,"
  "  kind TEXT NOT NULL,"
  "  item_id TEXT,"
  "  text TEXT NOT NULL,"
  "  final INTEGER NOT NULL,"
  "  interrupted INTEGER NOT NULL,"
  "  time INTEGER NOT NULL,"
  "  tool_name TEXT,"
  "  tool_arguments TEXT,"
  "  tool_result TEXT,"
  "  PRIMARY KEY (call_id, position)"
  ") STRICT, WITHOUT ROWID;",
};

static const char *const sql[N_STATEMENTS] = {
  [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
  [STATEMENT_BEGIN_READ] = "BEGIN",
  [STATEMENT_COMMIT] = "COMMIT",
  [STATEMENT_ROLLBACK] = "ROLLBACK",
  [STATEMENT_PUT_ORDER]
  = "INSERT INTO orders (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT (id) DO UPDATE SET number = ?2, call_id = ?3, caller = ?4, state = ?5,"
    " note = ?6, updated = ?8",
  [STATEMENT_DELETE_LINES] = "DELETE FROM lines WHERE order_id = ?1",
  [STATEMENT_PUT_LINE] = "INSERT INTO lines (order_id, position, number, name, unit, quantity,"
                         " price) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [STATEMENT_NEXT_NUMBER] = "INSERT INTO sequence (year, last) VALUES (?1, 1)"
                            " ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last",
  [STATEMENT_GET_ORDER] = "SELECT " COLUMNS " FROM orders WHERE id = ?1 OR number = ?1",
  [STATEMENT_GET_BY_PREFIX]
  = "SELECT " COLUMNS " FROM orders WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2",
  [STATEMENT_GET_LINES] = "SELECT number, name, unit, quantity, price FROM lines"
                          " WHERE order_id = ?1 ORDER BY position",
  /* Articles are searched too, with number and name. */
  [STATEMENT_LIST]
  = "SELECT " COLUMNS " FROM orders WHERE (?1 IS NULL OR state = ?1)"
    " AND (?3 IS NULL OR created >= ?3) AND (?4 IS NULL OR created < ?4)"
    " AND (?5 IS NULL OR call_id = ?5)"
    " AND (?6 IS NULL OR bb_matches (bb_fold (caller || ' ' || coalesce (number, '') || ' ' || note"
    "   || ' ' || coalesce ((SELECT group_concat (l.number || ' ' || l.name, ' ') FROM lines AS l"
    "   WHERE l.order_id = orders.id), '')), ?6))"
    " ORDER BY created DESC, rowid DESC LIMIT ?2",
  [STATEMENT_PUT_CALL]
  = "INSERT OR REPLACE INTO calls (" CALL_COLUMNS ", folded)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
  [STATEMENT_DELETE_CALL_LINES] = "DELETE FROM call_lines WHERE call_id = ?1",
  [STATEMENT_PUT_CALL_LINE]
  = "INSERT INTO call_lines (call_id, position, kind, item_id, text, final, interrupted, time,"
    " tool_name, tool_arguments, tool_result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
  [STATEMENT_LIST_CALLS]
  = "SELECT " CALL_COLUMNS " FROM calls WHERE (?1 IS NULL OR started >= ?1)"
    " AND (?2 IS NULL OR started < ?2) AND (?3 IS NULL OR bb_matches (folded, ?3))"
    " ORDER BY started DESC, rowid DESC LIMIT ?4",
  [STATEMENT_GET_CALL]
  = "SELECT " CALL_COLUMNS " FROM calls WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2",
  [STATEMENT_GET_CALL_LINES]
  = "SELECT kind, item_id, text, final, interrupted, time, tool_name, tool_arguments, tool_result"
    " FROM call_lines WHERE call_id = ?1 ORDER BY position",
  [STATEMENT_FORGET_CALLS] = "DELETE FROM calls WHERE started < ?1",
};

void
bb_order_db_set_write_error (BbOrderDb *self, GError **error)
{
  g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE,
               _ ("The order can't be stored in %s: %s. Check free space and who else uses "
                  "the file."),
               self->path, sqlite3_errmsg (self->db));
}

void
bb_order_db_set_read_error (BbOrderDb *self, GError **error)
{
  g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
               _ ("The orders in %s can't be read: %s. Restore the file from a backup."),
               self->path, sqlite3_errmsg (self->db));
}

sqlite3_stmt *
bb_order_db_statement (BbOrderDb *self, Statement which)
{
  if (self->statements[which] == NULL)
    sqlite3_prepare_v3 (self->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                        &self->statements[which], NULL);
  return self->statements[which];
}

void
bb_order_db_bind_text (sqlite3_stmt *stmt, int index, const char *text)
{
  /* Bound values are used before the caller lets go of them. */
  sqlite3_bind_text (stmt, index, text, -1, SQLITE_STATIC);
}

gboolean
bb_order_db_run (BbOrderDb *self, sqlite3_stmt *stmt)
{
  int result;

  if (stmt == NULL)
    return FALSE;
  result = sqlite3_step (stmt);
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
  return result == SQLITE_DONE || result == SQLITE_ROW;
}

void
bb_order_db_roll_back (BbOrderDb *self)
{
  if (!sqlite3_get_autocommit (self->db))
    bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_ROLLBACK));
}

/* First column of the first row; FALSE: an error. */
static gboolean
query_int (BbOrderDb *self, const char *query, gint64 *value)
{
  sqlite3_stmt *stmt = NULL;
  gboolean ok = sqlite3_prepare_v2 (self->db, query, -1, &stmt, NULL) == SQLITE_OK
                && sqlite3_step (stmt) == SQLITE_ROW;

  if (ok)
    *value = sqlite3_column_int64 (stmt, 0);
  sqlite3_finalize (stmt);
  return ok;
}

static gboolean
check_integrity (BbOrderDb *self, GError **error)
{
  sqlite3_stmt *stmt = NULL;
  g_autofree char *what = NULL;
  int result = sqlite3_prepare_v2 (self->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);

  if (result == SQLITE_OK && sqlite3_step (stmt) == SQLITE_ROW)
    what = g_strdup ((const char *) sqlite3_column_text (stmt, 0));
  else
    what = g_strdup (sqlite3_errmsg (self->db));
  sqlite3_finalize (stmt);

  if (g_strcmp0 (what, "ok") == 0)
    return TRUE;
  g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
               _ ("%s is damaged: %s. It was left as it is: restore it from a backup, or move it "
                  "away to start with an empty one."),
               self->path, what);
  return FALSE;
}

static gboolean
migrate (BbOrderDb *self, gint64 version, GError **error)
{
  if (!bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_BEGIN)))
    {
      bb_order_db_set_write_error (self, error);
      return FALSE;
    }
  /* Another process may have done it while we waited. */
  query_int (self, "PRAGMA user_version", &version);
  for (gsize i = (gsize) version; i < G_N_ELEMENTS (migrations); i++)
    {
      g_autofree char *pragmas
          = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                             APPLICATION_ID, (int) i + 1);

      if (sqlite3_exec (self->db, migrations[i], NULL, NULL, NULL) != SQLITE_OK
          || sqlite3_exec (self->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        {
          bb_order_db_set_write_error (self, error);
          bb_order_db_roll_back (self);
          return FALSE;
        }
    }
  if (!bb_order_db_run (self, bb_order_db_statement (self, STATEMENT_COMMIT)))
    {
      bb_order_db_set_write_error (self, error);
      bb_order_db_roll_back (self);
      return FALSE;
    }
  return TRUE;
}

/* bb_fold (text) and bb_matches (folded, query): a search means the same in
 * orders, calls and catalogue. */
static void
sql_fold (sqlite3_context *context, int n, sqlite3_value **values)
{
  const char *text = (const char *)sqlite3_value_text (values[0]);

  if (text != NULL)
    sqlite3_result_text (context, bb_search_fold (text), -1, g_free);
}

static void
sql_matches (sqlite3_context *context, int n, sqlite3_value **values)
{
  const char *folded = (const char *)sqlite3_value_text (values[0]);
  const char *query = (const char *)sqlite3_value_text (values[1]);

  sqlite3_result_int (context,
                      folded != NULL && query != NULL && bb_search_matches (folded, query));
}

static void
add_functions (BbOrderDb *self)
{
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

  sqlite3_create_function (self->db, "bb_fold", 1, flags, NULL, sql_fold, NULL, NULL);
  sqlite3_create_function (self->db, "bb_matches", 2, flags, NULL, sql_matches, NULL, NULL);
}

/* Reads before it writes anything: a file that is not ours stays as it is. */
static gboolean
set_up (BbOrderDb *self, gboolean read_only, GError **error)
{
  gint64 application;
  gint64 version;
  gint64 tables;

  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT);
  sqlite3_extended_result_codes (self->db, 1);
  if (!query_int (self, "SELECT count(*) FROM sqlite_schema", &tables)
      || !query_int (self, "PRAGMA application_id", &application)
      || !query_int (self, "PRAGMA user_version", &version))
    {
      int code = sqlite3_errcode (self->db) & 0xff;

      if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                     _ ("%s is locked by another program: wait until that is done, or end it, then "
                        "try again."),
                     self->path);
      else
        g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                     _ ("%s is no usable order database: %s. It was left as it is: name another "
                        "file in “database” of group [orders], or restore it from a backup."),
                     self->path, sqlite3_errmsg (self->db));
      return FALSE;
    }
  if (tables > 0 && application != APPLICATION_ID)
    {
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                   _ ("%s is the database of another program: name another file in “database” of "
                      "group [orders]."),
                   self->path);
      return FALSE;
    }
  if (version > (gint64) G_N_ELEMENTS (migrations) || version < 0)
    {
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                   _ ("%s was written by a newer version of this program (schema %d, this one "
                      "knows %d): update the program."),
                   self->path, (int) version, (int) G_N_ELEMENTS (migrations));
      return FALSE;
    }

  if (read_only)
    {
      if (version == (gint64) G_N_ELEMENTS (migrations))
        return TRUE;
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                   _ ("%s has no orders of this version yet: start the gateway once."),
                   self->path);
      return FALSE;
    }

  if (!check_integrity (self, error))
    return FALSE;
  if (sqlite3_exec (self->db,
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    "PRAGMA foreign_keys = ON",
                    NULL, NULL, NULL)
      != SQLITE_OK)
    {
      bb_order_db_set_write_error (self, error);
      return FALSE;
    }
  return version == (gint64) G_N_ELEMENTS (migrations) || migrate (self, version, error);
}

/* Callers' numbers and orders are nobody else's business: 0700 and 0600. */
static gboolean
create_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                   _ ("The folder %s can't be created: %s. Create it, or name another file in "
                      "“database” of group [orders]."),
                   folder, g_strerror (errno));
      return FALSE;
    }
  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                   _ ("The order database %s can't be opened: %s. Check its rights, or name "
                      "another file in “database” of group [orders]."),
                   path, g_strerror (errno));
      return FALSE;
    }
  close (fd);
  return TRUE;
}

/**
 * bb_order_db_open:
 * @path: the file
 * @read_only: open an existing one, and write nothing
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable): the connection
 */
BbOrderDb *
bb_order_db_open (const char *path, gboolean read_only, GError **error)
{
  BbOrderDb *self;
  int flags = SQLITE_OPEN_NOMUTEX
              | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

  if (!read_only && !create_file (path, error))
    return NULL;

  self = g_new0 (BbOrderDb, 1);
  self->path = g_strdup (path);
  if (sqlite3_open_v2 (path, &self->db, flags, NULL) != SQLITE_OK)
    {
      g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
                   _ ("The order database %s can't be opened: %s. Check that it exists and may be "
                      "read."),
                   path, sqlite3_errmsg (self->db));
      bb_order_db_close (self);
      return NULL;
    }
  add_functions (self);
  if (!set_up (self, read_only, error))
    {
      bb_order_db_close (self);
      return NULL;
    }
  return self;
}

/**
 * bb_order_db_close:
 * @self: (nullable) (transfer full): the connection
 */
void
bb_order_db_close (BbOrderDb *self)
{
  if (self == NULL)
    return;

  for (Statement i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->db);
  g_free (self->path);
  g_free (self);
}

gint64
bb_order_db_to_microseconds (GDateTime *time)
{
  return g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

GDateTime *
bb_order_db_from_microseconds (gint64 value)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (value / G_USEC_PER_SEC);

  return seconds != NULL ? g_date_time_add (seconds, value % G_USEC_PER_SEC) : NULL;
}
