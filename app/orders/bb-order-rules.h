/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-order.h"

G_BEGIN_DECLS

#define BB_ORDER_ERROR (bb_order_error_quark ())
GQuark bb_order_error_quark (void);

/* Every message is a sentence the model can say to the caller, in the language
 * of the call (realtime_language: German unless it is English). */
typedef enum
{
  BB_ORDER_ERROR_UNKNOWN_PRODUCT,
  BB_ORDER_ERROR_QUANTITY,    /* 0, over the limit, not a whole pack */
  BB_ORDER_ERROR_LIMIT,       /* lines or total */
  BB_ORDER_ERROR_NOT_IN_ORDER,
  BB_ORDER_ERROR_EMPTY,
  BB_ORDER_ERROR_NOT_READ_BACK,
  BB_ORDER_ERROR_CLOSED       /* submitted or cancelled */
} BbOrderError;

/* The rules of the merchant: prices and names come from the catalogue alone. */
gboolean bb_order_rules_add (BbOrder *order, BbCatalogue *catalogue, const BbConfig *config,
                             const char *number, guint quantity, GError **error);
gboolean bb_order_rules_change (BbOrder *order, BbCatalogue *catalogue, const BbConfig *config,
                                const char *number, guint quantity, GError **error);
gboolean bb_order_rules_remove (BbOrder *order, const BbConfig *config, const char *number, GError **error);
/* The line of an article, its number folded like the catalogue's. (transfer none) (nullable) */
BbOrderLine *bb_order_rules_find (BbOrder *order, const char *number);
/* The text to read to the caller, and the state READ_BACK. (transfer full) */
char *bb_order_rules_read_back (BbOrder *order, const BbConfig *config, GError **error);
gboolean bb_order_rules_may_submit (BbOrder *order, const BbConfig *config, GError **error);

G_END_DECLS
