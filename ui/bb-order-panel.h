/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbOrderPanel:
 *
 * An order as it grows: its state, its lines, its total.
 */
#define BB_TYPE_ORDER_PANEL (bb_order_panel_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderPanel, bb_order_panel, BB, ORDER_PANEL, GtkWidget)

void bb_order_panel_set_currency (BbOrderPanel *self, const char *currency); /* ISO 4217 */
void bb_order_panel_set_order (BbOrderPanel *self, BbOperator *operator_, BbOrder *order); /* nullable */

G_END_DECLS
