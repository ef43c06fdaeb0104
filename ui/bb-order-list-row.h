/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-order.h"

G_BEGIN_DECLS

/**
 * BbOrderListRow:
 *
 * One order in the list of orders: who, when, how much, and its state, which it
 * follows.
 */
#define BB_TYPE_ORDER_LIST_ROW (bb_order_list_row_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderListRow, bb_order_list_row, BB, ORDER_LIST_ROW, GtkWidget)

GtkWidget *bb_order_list_row_new (void);
void bb_order_list_row_set_order (BbOrderListRow *self, BbOrder *order, const char *currency); /* nullable */

G_END_DECLS
