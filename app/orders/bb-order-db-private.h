/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-order-db.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* What the files of the database share: bb-order-db.c (file, schema,
 * statements), bb-order-db-orders.c (orders), bb-order-db-calls.c (past calls). */

#define COLUMNS "id, number, call_id, caller, state, note, created, updated"
#define CALL_COLUMNS                                                                               \
  "id, caller_number, caller_name, called, end, end_text, started, answered, ended, duration,"     \
  " codec, recording, order_id"

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
  STATEMENT_PUT_CALL,
  STATEMENT_DELETE_CALL_LINES,
  STATEMENT_PUT_CALL_LINE,
  STATEMENT_LIST_CALLS,
  STATEMENT_GET_CALL,
  STATEMENT_GET_CALL_LINES,
  STATEMENT_FORGET_CALLS,
  N_STATEMENTS
} Statement;

struct _BbOrderDb
{
  sqlite3 *db;
  char *path;
  sqlite3_stmt *statements[N_STATEMENTS];
};

void bb_order_db_set_write_error (BbOrderDb *self, GError **error);
void bb_order_db_set_read_error (BbOrderDb *self, GError **error);
/* Ready to bind; prepared once and kept. NULL: see sqlite3_errmsg(). */
sqlite3_stmt *bb_order_db_statement (BbOrderDb *self, Statement which);
/* Runs a statement that gives no rows. */
gboolean bb_order_db_run (BbOrderDb *self, sqlite3_stmt *stmt);
/* Ends a failed transaction; some errors end it by themselves. */
void bb_order_db_roll_back (BbOrderDb *self);
/* Bound values are used before the caller lets go of them. */
void bb_order_db_bind_text (sqlite3_stmt *stmt, int index, const char *text);
gint64 bb_order_db_to_microseconds (GDateTime *time);
GDateTime *bb_order_db_from_microseconds (gint64 value);

G_END_DECLS
