/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-api-routes.h"

G_BEGIN_DECLS

/* Handlers that read the database or search the catalogue: on a thread, so
 * that no call waits for them. */
void bb_api_get_orders (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query);
void bb_api_get_order (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query);
void bb_api_search_catalogue (BbApiContext *context, SoupServerMessage *message, const char *id, GHashTable *query);

G_END_DECLS
