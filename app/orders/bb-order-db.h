/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call-record.h"
#include "bb-order-store.h"

G_BEGIN_DECLS

/**
 * BbOrderDb:
 *
 * The SQLite connection of an order store and its statements. No lock: one
 * thread uses it at a time. Errors are #BbOrderStoreError.
 */
typedef struct _BbOrderDb BbOrderDb;

BbOrderDb *bb_order_db_open (const char *path, gboolean read_only, GError **error);
void bb_order_db_close (BbOrderDb *self);
gboolean bb_order_db_save (BbOrderDb *self, BbOrder *order, GError **error);
char *bb_order_db_submit (BbOrderDb *self, BbOrder *order, GError **error);
GPtrArray *bb_order_db_list (BbOrderDb *self, const BbFilter *filter, GError **error);
BbOrder *bb_order_db_load (BbOrderDb *self, const char *id_or_number, GError **error);

/* Past calls. */
gboolean bb_order_db_save_call (BbOrderDb *self, const BbCallRecord *record, GError **error);
GPtrArray *bb_order_db_list_calls (BbOrderDb *self, const BbFilter *filter, GError **error);
BbCallRecord *bb_order_db_load_call (BbOrderDb *self, const char *id, GError **error);
GPtrArray *bb_order_db_forget_calls (BbOrderDb *self, GDateTime *before, GError **error);

G_END_DECLS
