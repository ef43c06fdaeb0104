/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-order.h"

G_BEGIN_DECLS

/**
 * BbOrderEditRow:
 *
 * A line of an order whose quantity can be changed and that can be taken out.
 * It stays the same row, with the keyboard in it, when the line is replaced.
 *
 * Signals:
 *  - "change" (guint quantity): a new quantity, once the fingers rest.
 *  - "remove" ().
 */
#define BB_TYPE_ORDER_EDIT_ROW (bb_order_edit_row_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderEditRow, bb_order_edit_row, BB, ORDER_EDIT_ROW, GtkListBoxRow)

GtkWidget *bb_order_edit_row_new (void);
/* @editable: the order still takes changes. What was typed and not sent is dropped. */
void bb_order_edit_row_set_line (BbOrderEditRow *self, BbOrderLine *line, const char *currency,
                                 gboolean editable);
const char *bb_order_edit_row_get_number (BbOrderEditRow *self);

G_END_DECLS
