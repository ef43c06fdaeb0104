/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-order.h"

G_BEGIN_DECLS

/**
 * BbOrderRow:
 *
 * One line of an order, to look at or to edit.
 *
 * Signals: "quantity" (guint quantity): what the person wants of it from now
 * on; 0: nothing.
 */
#define BB_TYPE_ORDER_ROW (bb_order_row_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderRow, bb_order_row, BB, ORDER_ROW, GtkListBoxRow)

#define BB_ORDER_ROW_SIGNAL_QUANTITY "quantity"

GtkWidget *bb_order_row_new (BbOrderLine *line, const char *currency); /* (transfer floating) */
/* What the order holds now of the same article. */
void bb_order_row_set_line (BbOrderRow *self, BbOrderLine *line, const char *currency);
const char *bb_order_row_get_number (BbOrderRow *self); /* of the article */
void bb_order_row_set_editable (BbOrderRow *self, gboolean editable);

G_END_DECLS
