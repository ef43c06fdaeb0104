/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call-record.h"
#include "bb-command.h"
#include "bb-order.h"

G_BEGIN_DECLS

#define BB_ORDER_STORE_ERROR (bb_order_store_error_quark ())
GQuark bb_order_store_error_quark (void);

typedef enum
{
  BB_ORDER_STORE_ERROR_OPEN,  /* no folder, no rights, not a database, newer schema */
  BB_ORDER_STORE_ERROR_WRITE, /* disk full, locked */
  BB_ORDER_STORE_ERROR_STATE, /* submitted already with other content, not read back */
  BB_ORDER_STORE_ERROR_NOT_FOUND
} BbOrderStoreError;

/**
 * BbOrderStore:
 *
 * Orders in SQLite (WAL, synchronous=FULL, one transaction a change). The
 * connection belongs to the store's own thread; callers are on the main
 * context and get their answer there, in the order of their calls. What an
 * async call writes is a snapshot taken when it is made.
 */
#define BB_TYPE_ORDER_STORE (bb_order_store_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderStore, bb_order_store, BB, ORDER_STORE, GObject)

/* Opens or creates the file and its folder, migrates the schema. Synchronous: at start-up. */
BbOrderStore *bb_order_store_open (const char *path, GError **error);
/* For readers in other programs (bestellbotctl). */
BbOrderStore *bb_order_store_open_read_only (const char *path, GError **error);
/* Finishes what was asked, closes, joins the thread; idempotent; called by dispose. */
void bb_order_store_close (BbOrderStore *self);

void bb_order_store_save_async (BbOrderStore *self, BbOrder *order, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean bb_order_store_save_finish (BbOrderStore *self, GAsyncResult *result, GError **error);

/* Submits once, whatever is retried: the order's id is the idempotency key. An
 * order submitted before answers with the number it got then. On success the
 * order has its number and BB_ORDER_SUBMITTED. */
void bb_order_store_submit_async (BbOrderStore *self, BbOrder *order, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
char *bb_order_store_submit_finish (BbOrderStore *self, GAsyncResult *result, GError **error);

/* Newest first. (element-type BbOrder) (transfer full) */
void bb_order_store_list_async (BbOrderStore *self, const BbFilter *filter, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *bb_order_store_list_finish (BbOrderStore *self, GAsyncResult *result, GError **error);
/* By id, a unique prefix of it, or order number. (transfer full) */
void bb_order_store_load_async (BbOrderStore *self, const char *id_or_number, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
BbOrder *bb_order_store_load_finish (BbOrderStore *self, GAsyncResult *result, GError **error);

/* Calls that have ended, newest first. (element-type BbCallRecord) (transfer full) */
void bb_order_store_save_call_async (BbOrderStore *self, BbCall *call, gboolean with_transcript,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean bb_order_store_save_call_finish (BbOrderStore *self, GAsyncResult *result, GError **error);
void bb_order_store_list_calls_async (BbOrderStore *self, const BbFilter *filter, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *bb_order_store_list_calls_finish (BbOrderStore *self, GAsyncResult *result, GError **error);
/* By id or a unique prefix of it. (transfer full) */
void bb_order_store_load_call_async (BbOrderStore *self, const char *id, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
BbCallRecord *bb_order_store_load_call_finish (BbOrderStore *self, GAsyncResult *result, GError **error);
/* What began before then goes, for good. */
void bb_order_store_forget_calls_async (BbOrderStore *self, GDateTime *before, GAsyncReadyCallback callback,
                                        gpointer user_data);

/* Newest first; @state -1: all; @limit 0: all. Synchronous variants are for
 * programs without a loop and for tests. (element-type BbOrder) (transfer full) */
GPtrArray *bb_order_store_list (BbOrderStore *self, int state, guint limit, GError **error);
/* By id, a unique prefix of it, or order number. (transfer full) */
BbOrder *bb_order_store_load (BbOrderStore *self, const char *id_or_number, GError **error);

G_END_DECLS
