/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-order-store.h"
#include "bb-order.h"

G_BEGIN_DECLS

/**
 * BbToolbox:
 *
 * The function tools of one call (PROTOCOL section 9): one table entry each in
 * bb-tools.c (name, description, JSON schema of the parameters, handler).
 * Holds the call's order; dies with the call. Main context only.
 *
 * Names, as the model sees them: list_groups, search_products,
 * get_product, add_to_order, change_quantity, remove_from_order, read_order,
 * submit_order, transfer_to_human, end_call; with bb_config_asks_consent()
 * allow_recording too.
 *
 * Signals (constants below):
 *  - "transfer-requested" (const char *reason)
 *  - "end-requested" (const char *reason): the model wants to hang up, after
 *    its last words have been played.
 *  - "recording-decided" (gboolean allowed): the caller's word, which may change
 */
#define BB_TYPE_TOOLBOX (bb_toolbox_get_type ())
G_DECLARE_FINAL_TYPE (BbToolbox, bb_toolbox, BB, TOOLBOX, GObject)

#define BB_TOOLBOX_SIGNAL_TRANSFER_REQUESTED "transfer-requested"
#define BB_TOOLBOX_SIGNAL_END_REQUESTED "end-requested"
#define BB_TOOLBOX_SIGNAL_RECORDING_DECIDED "recording-decided"

BbToolbox *bb_toolbox_new (BbCatalogue *catalogue, BbOrderStore *store, const BbConfig *config, BbOrder *order);

/* session.tools: a JSON array of {type, name, description, parameters}. The
 * same for every call and independent of the catalogue's size. (transfer full) */
char *bb_tools_to_json (const BbConfig *config);
/* The instructions of the session: role, manners, rules of ordering, and the
 * product groups, never the products (LESSONS 12). (transfer full) */
char *bb_tools_build_instructions (BbCatalogue *catalogue, const BbConfig *config, GError **error);
/* The first words: [realtime] greeting, and the question for consent where one
 * is due, so that it is asked whatever the model makes of its instructions; ""
 * when the caller is to speak first. (transfer full) */
char *bb_tools_build_greeting (const BbConfig *config);

/* Runs one tool. Whatever happens, finish gives a JSON object for
 * function_call_output: {"ok":true, …} or {"ok":false,"error":"a sentence the
 * model can say"}; unknown names and malformed arguments too. Calls run one
 * after the other in the order made. */
void bb_toolbox_call_async (BbToolbox *self, const char *name, const char *arguments, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
char *bb_toolbox_call_finish (BbToolbox *self, GAsyncResult *result);

G_END_DECLS
