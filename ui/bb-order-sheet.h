/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-order.h"

G_BEGIN_DECLS

/**
 * bb_order_sheet_new:
 * @order: what is printed; as it is now, later changes don't count
 * @merchant: (nullable): whose order it is, at the top
 * @currency: ISO 4217
 *
 * An order as a sheet of paper: head, table of lines that goes on over as many
 * pages as it needs, total, note, page numbers.
 *
 * Returns: (transfer full): to be run
 */
GtkPrintOperation *bb_order_sheet_new (BbOrder *order, const char *merchant, const char *currency);

G_END_DECLS
