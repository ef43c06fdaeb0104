/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "bb-order.h"

G_BEGIN_DECLS

/* All (element-type BbOrder); for spreadsheets and merchandise systems
 * (docs/orders.md). (transfer full) */
char *bb_orders_to_csv (GPtrArray *orders, const char *currency);
char *bb_orders_to_json (GPtrArray *orders, const char *currency);
JsonNode *bb_order_to_json_node (BbOrder *order, const char *currency);

G_END_DECLS
