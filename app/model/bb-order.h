/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-product.h"
#include "bb-types.h"

G_BEGIN_DECLS

/**
 * BbOrderLine:
 *
 * Article, name, unit and price as they were when ordered (a later catalogue
 * changes no old order), and the quantity. Immutable: a change replaces the
 * line. Properties: product-number, name, unit, quantity (uint), price (cents
 * per unit), total (cents).
 */
#define BB_TYPE_ORDER_LINE (bb_order_line_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderLine, bb_order_line, BB, ORDER_LINE, GObject)

#define BB_ORDER_LINE_PROP_PRODUCT_NUMBER "product-number"
#define BB_ORDER_LINE_PROP_NAME "name"
#define BB_ORDER_LINE_PROP_UNIT "unit"
#define BB_ORDER_LINE_PROP_QUANTITY "quantity"
#define BB_ORDER_LINE_PROP_PRICE "price"
#define BB_ORDER_LINE_PROP_TOTAL "total"

BbOrderLine *bb_order_line_new (const char *number, const char *name, const char *unit, guint quantity, gint64 price);
const char *bb_order_line_get_number (BbOrderLine *self);
const char *bb_order_line_get_name (BbOrderLine *self);
const char *bb_order_line_get_unit (BbOrderLine *self);
guint bb_order_line_get_quantity (BbOrderLine *self);
gint64 bb_order_line_get_price (BbOrderLine *self);
gint64 bb_order_line_get_total (BbOrderLine *self); /* never overflows: stays at G_MAXINT64 */

/**
 * BbOrder:
 *
 * One order, a #GListModel of #BbOrderLine. Properties (notify): id (UUID,
 * the idempotency key too), number (what people say, "2026-000123", NULL until
 * submitted), call-id, caller (number or name), state, total (cents), note,
 * created, updated (#GDateTime, UTC). Any change of lines sets state
 * READ_BACK back to DRAFT, in bb_order_set_line() itself, so that nothing that
 * was not read back can be submitted. Emits "changed" after any change. It
 * knows no catalogue and no limits: those rules are in app/orders. Main
 * context only.
 */
#define BB_TYPE_ORDER (bb_order_get_type ())
G_DECLARE_FINAL_TYPE (BbOrder, bb_order, BB, ORDER, GObject)

#define BB_ORDER_PROP_ID "id"
#define BB_ORDER_PROP_NUMBER "number"
#define BB_ORDER_PROP_CALL_ID "call-id"
#define BB_ORDER_PROP_CALLER "caller"
#define BB_ORDER_PROP_STATE "state"
#define BB_ORDER_PROP_TOTAL "total"
#define BB_ORDER_PROP_NOTE "note"
#define BB_ORDER_PROP_CREATED "created"
#define BB_ORDER_PROP_UPDATED "updated"

#define BB_ORDER_SIGNAL_CHANGED "changed"

BbOrder *bb_order_new (const char *call_id, const char *caller); /* a new UUID */
/* An order as it was stored or sent: every field as given, lines too
 * (element-type BbOrderLine) (nullable), no signal, no stamp. The new object is
 * nobody else's yet, so any thread may make one and hand it over. */
BbOrder *bb_order_new_full (const char *id, const char *number, const char *call_id, const char *caller,
                            BbOrderState state, const char *note, GDateTime *created, GDateTime *updated,
                            GPtrArray *lines);
/* With the same id and lines. (transfer full) */
BbOrder *bb_order_copy (BbOrder *self);
const char *bb_order_get_id (BbOrder *self);
const char *bb_order_get_number (BbOrder *self);
const char *bb_order_get_call_id (BbOrder *self);
const char *bb_order_get_caller (BbOrder *self);
BbOrderState bb_order_get_state (BbOrder *self);
gint64 bb_order_get_total (BbOrder *self);
const char *bb_order_get_note (BbOrder *self);
GDateTime *bb_order_get_created (BbOrder *self); /* (transfer none) */
GDateTime *bb_order_get_updated (BbOrder *self); /* (transfer none) */
BbOrderLine *bb_order_find (BbOrder *self, const char *number); /* (transfer none) (nullable) */
/* Puts a line in place of the one with the same article, or at the end;
 * quantity 0 removes it. A line equal to the one that is there changes nothing.
 * Lines of a submitted or cancelled order are fixed: refused with a critical
 * warning. (transfer none) */
void bb_order_set_line (BbOrder *self, BbOrderLine *line);
void bb_order_set_state (BbOrder *self, BbOrderState state);
void bb_order_set_number (BbOrder *self, const char *number);
void bb_order_set_note (BbOrder *self, const char *note);
/* For an object that mirrors an order of another process: what is true there.
 * @lines (element-type BbOrderLine) (transfer none). */
void bb_order_mirror (BbOrder *self, const char *number, BbOrderState state, const char *note,
                      GDateTime *updated, GPtrArray *lines);

G_END_DECLS
