/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbOrdersPage:
 *
 * Today's and past orders: a list with a filter, and beside it (or, in a narrow
 * window, in its place) the one that is chosen. Follows what calls and other
 * operators do.
 *
 * Properties: operator (#BbOperator, nullable).
 * Actions: orders.reload, orders.export (s: "csv" or "json"), orders.find,
 * orders.back; and those of #BbOrderDetails as orders.print, orders.save-pdf,
 * orders.approve, orders.add.
 */
#define BB_TYPE_ORDERS_PAGE (bb_orders_page_get_type ())
G_DECLARE_FINAL_TYPE (BbOrdersPage, bb_orders_page, BB, ORDERS_PAGE, GtkWidget)

GtkWidget *bb_orders_page_new (void);
void bb_orders_page_set_operator (BbOrdersPage *self, BbOperator *oper); /* nullable */
BbOperator *bb_orders_page_get_operator (BbOrdersPage *self);            /* (transfer none) */

G_END_DECLS
