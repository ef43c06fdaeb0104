/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbOrderDetails:
 *
 * One order with all that a person may do with it: correct its lines, note
 * something, approve, cancel, print, keep as PDF. The #BbOrder shown is the
 * caller's; what the gateway answers is mirrored into it.
 *
 * Actions: order.approve, order.cancel, order.print, order.save-pdf, order.add.
 */
#define BB_TYPE_ORDER_DETAILS (bb_order_details_get_type ())
G_DECLARE_FINAL_TYPE (BbOrderDetails, bb_order_details, BB, ORDER_DETAILS, GtkWidget)

void bb_order_details_set_operator (BbOrderDetails *self, BbOperator *oper); /* nullable */
void bb_order_details_set_order (BbOrderDetails *self, BbOrder *order);      /* nullable */
BbOrder *bb_order_details_get_order (BbOrderDetails *self);                  /* (transfer none) (nullable) */
void bb_order_details_set_currency (BbOrderDetails *self, const char *currency); /* ISO 4217 */
void bb_order_details_set_merchant (BbOrderDetails *self, const char *merchant); /* on the sheet */

/* @order becomes as @fresh is. */
void bb_order_mirror_copy (BbOrder *order, BbOrder *fresh);

G_END_DECLS
