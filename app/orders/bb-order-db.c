/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-db.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
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
};

#define COLUMNS "id, number, call_id, caller, state, note, created, updated"

typedef enum
{
  STATEMENT_BEGIN,
  STATEMENT_BEGIN_READ,
  STATEMENT_COMMIT,
  STATEMENT_ROLLBACK,
  STATEMENT_PUT_ORDER,
  STATEMENT_DELETE_LINES,
  STATEMENT_PUT_LINE,
  STATEMENT_NEXT_NUMBER,
  STATEMENT_GET_ORDER,
  STATEMENT_GET_BY_PREFIX,
  STATEMENT_GET_LINES,
  STATEMENT_LIST,
  N_STATEMENTS
} Statement;

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
  [STATEMENT_LIST] = "SELECT " COLUMNS " FROM orders WHERE ?1 IS NULL OR state = ?1"
                     " ORDER BY created DESC, rowid DESC LIMIT ?2",
};

struct _BbOrderDb
{
  sqlite3 *db;
  char *path;
  sqlite3_stmt *statements[N_STATEMENTS];
};

static void
set_write_error (BbOrderDb *self, GError **error)
{
  g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE,
               _ ("The order can't be stored in %s: %s. Check free space and who else uses "
                  "the file."),
               self->path, sqlite3_errmsg (self->db));
}

static void
set_read_error (BbOrderDb *self, GError **error)
{
  g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN,
               _ ("The orders in %s can't be read: %s. Restore the file from a backup."),
               self->path, sqlite3_errmsg (self->db));
}

/* Ready to bind; prepared once and kept. NULL: see sqlite3_errmsg(). */
static sqlite3_stmt *
statement (BbOrderDb *self, Statement which)
{
  if (self->statements[which] == NULL)
    sqlite3_prepare_v3 (self->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                        &self->statements[which], NULL);
  return self->statements[which];
}

static void
bind_text (sqlite3_stmt *stmt, int index, const char *text)
{
  /* Bound values are used before the caller lets go of them. */
  sqlite3_bind_text (stmt, index, text, -1, SQLITE_STATIC);
}

/* Runs a statement that gives no rows. */
static gboolean
run (BbOrderDb *self, sqlite3_stmt *stmt)
{
  int result;

  if (stmt == NULL)
    return FALSE;
  result = sqlite3_step (stmt);
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
  return result == SQLITE_DONE || result == SQLITE_ROW;
}

/* Ends a failed transaction; some errors end it by themselves. */
static void
roll_back (BbOrderDb *self)
{
  if (!sqlite3_get_autocommit (self->db))
    run (self, statement (self, STATEMENT_ROLLBACK));
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
  if (!run (self, statement (self, STATEMENT_BEGIN)))
    {
      set_write_error (self, error);
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
          set_write_error (self, error);
          roll_back (self);
          return FALSE;
        }
    }
  if (!run (self, statement (self, STATEMENT_COMMIT)))
    {
      set_write_error (self, error);
      roll_back (self);
      return FALSE;
    }
  return TRUE;
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
      set_write_error (self, error);
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

static gint64
to_microseconds (GDateTime *time)
{
  return g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

static GDateTime *
from_microseconds (gint64 value)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (value / G_USEC_PER_SEC);

  return seconds != NULL ? g_date_time_add (seconds, value % G_USEC_PER_SEC) : NULL;
}

static gboolean
read_lines (BbOrderDb *self, const char *id, GPtrArray *lines)
{
  sqlite3_stmt *stmt = statement (self, STATEMENT_GET_LINES);
  int result;

  if (stmt == NULL)
    return FALSE;
  bind_text (stmt, 1, id);
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
  g_autoptr (GDateTime) created = from_microseconds (sqlite3_column_int64 (stmt, 6));
  g_autoptr (GDateTime) updated = from_microseconds (sqlite3_column_int64 (stmt, 7));
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
  sqlite3_stmt *stmt = statement (self, STATEMENT_PUT_ORDER);
  const char *id = bb_order_get_id (order);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (order));

  if (stmt == NULL)
    return FALSE;
  bind_text (stmt, 1, id);
  bind_text (stmt, 2, number);
  bind_text (stmt, 3, bb_order_get_call_id (order));
  bind_text (stmt, 4, bb_order_get_caller (order));
  bind_text (stmt, 5, bb_order_state_nick (state));
  bind_text (stmt, 6, bb_order_get_note (order));
  sqlite3_bind_int64 (stmt, 7, to_microseconds (bb_order_get_created (order)));
  sqlite3_bind_int64 (stmt, 8, to_microseconds (bb_order_get_updated (order)));
  if (!run (self, stmt))
    return FALSE;

  stmt = statement (self, STATEMENT_DELETE_LINES);
  if (stmt == NULL)
    return FALSE;
  bind_text (stmt, 1, id);
  if (!run (self, stmt))
    return FALSE;

  stmt = statement (self, STATEMENT_PUT_LINE);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);

      if (stmt == NULL)
        return FALSE;
      bind_text (stmt, 1, id);
      sqlite3_bind_int64 (stmt, 2, i);
      bind_text (stmt, 3, bb_order_line_get_number (line));
      bind_text (stmt, 4, bb_order_line_get_name (line));
      bind_text (stmt, 5, bb_order_line_get_unit (line));
      sqlite3_bind_int64 (stmt, 6, bb_order_line_get_quantity (line));
      sqlite3_bind_int64 (stmt, 7, bb_order_line_get_price (line));
      if (!run (self, stmt))
        return FALSE;
    }
  return TRUE;
}

/* The order as it is stored; NULL without error: not at all. */
static BbOrder *
find_stored (BbOrderDb *self, const char *id, gboolean *failed)
{
  sqlite3_stmt *stmt = statement (self, STATEMENT_GET_ORDER);
  g_autoptr (GPtrArray) orders = NULL;

  if (stmt != NULL)
    bind_text (stmt, 1, id);
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

  if (!run (self, statement (self, STATEMENT_BEGIN)))
    {
      set_write_error (self, error);
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
          roll_back (self);
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
  if (failed || !run (self, statement (self, STATEMENT_COMMIT)))
    {
      set_write_error (self, error);
      roll_back (self);
      return FALSE;
    }
  return TRUE;
}

static char *
next_number (BbOrderDb *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int year = g_date_time_get_year (now);
  sqlite3_stmt *stmt = statement (self, STATEMENT_NEXT_NUMBER);
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

  if (!run (self, statement (self, STATEMENT_BEGIN)))
    {
      set_write_error (self, error);
      return NULL;
    }

  stored = find_stored (self, bb_order_get_id (order), &failed);
  if (!failed && stored != NULL && bb_order_get_number (stored) != NULL)
    {
      roll_back (self);
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
      roll_back (self);
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
  if (failed || !run (self, statement (self, STATEMENT_COMMIT)))
    {
      set_write_error (self, error);
      roll_back (self);
      return NULL;
    }
  return g_steal_pointer (&number);
}

/**
 * bb_order_db_list:
 * @self: the connection
 * @state: a #BbOrderState; -1: all
 * @limit: at most so many; 0: all
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable) (element-type BbOrder): newest first
 */
GPtrArray *
bb_order_db_list (BbOrderDb *self, int state, guint limit, GError **error)
{
  g_autoptr (GPtrArray) orders = NULL;
  sqlite3_stmt *stmt;

  /* One transaction, so that orders and lines are of the same moment. */
  if (run (self, statement (self, STATEMENT_BEGIN_READ)))
    {
      stmt = statement (self, STATEMENT_LIST);
      if (stmt != NULL)
        {
          if (state >= 0)
            bind_text (stmt, 1, bb_order_state_nick ((BbOrderState) state));
          sqlite3_bind_int64 (stmt, 2, limit > 0 ? (gint64) limit : -1);
        }
      orders = read_orders (self, stmt);
    }
  if (orders == NULL)
    set_read_error (self, error);
  roll_back (self);
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
  if (!run (self, statement (self, STATEMENT_BEGIN_READ)))
    {
      set_read_error (self, error);
      return NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tries) && (i == 0 || (orders != NULL && orders->len == 0));
       i++)
    {
      sqlite3_stmt *stmt = statement (self, tries[i]);

      g_clear_pointer (&orders, g_ptr_array_unref);
      if (stmt != NULL)
        bind_text (stmt, 1, *wanted != '\0' ? wanted : "-");
      orders = read_orders (self, stmt);
    }
  if (orders == NULL)
    set_read_error (self, error);
  else if (orders->len != 1)
    g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND,
                 orders->len == 0
                     ? _ ("There is no order “%s”: name its number or its id.")
                     : _ ("Several orders begin with “%s”: name more of the id."),
                 id_or_number);
  roll_back (self);
  return orders != NULL && orders->len == 1 ? g_object_ref (g_ptr_array_index (orders, 0)) : NULL;
}
