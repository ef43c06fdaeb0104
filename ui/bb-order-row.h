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
 * One line of an order: quantity, article, price. Lines are immutable, so a
 * row never changes.
 */
#define BB_TYPE_ORDER_ROW (bb_order_row_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderRow, bb_order_row, BB, ORDER_ROW, GtkListBoxRow)

GtkWidget *bb_order_row_new (BbOrderLine *line, const char *currency);

G_END_DECLS
