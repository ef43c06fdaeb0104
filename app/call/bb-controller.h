/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call-session.h"
#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbController:
 *
 * All calls of this process: admission, limits, shutdown. Implements
 * #BbOperator. Knows no SIP stack: whoever has one hands it a #BbLeg. Main
 * context only.
 *
 * Signals:
 *  - "draining" (gboolean draining): an operator wants no new calls, or wants
 *    them again.
 */
#define BB_TYPE_CONTROLLER (bb_controller_get_type ())
G_DECLARE_FINAL_TYPE (BbController, bb_controller, BB, CONTROLLER, GObject)

#define BB_CONTROLLER_SIGNAL_DRAINING "draining"

BbController *bb_controller_new (const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store);
/* Takes an incoming call, or refuses it with the right status. */
void bb_controller_accept (BbController *self, BbLeg *leg);
/* Local mode: microphone and speaker in place of a phone. Element
 * descriptions as in bb_local_media_new(). (transfer none) */
BbCall *bb_controller_start_local (BbController *self, const char *source, const char *sink, GError **error);
guint bb_controller_get_n_active (BbController *self);
/* No new calls (503); polite goodbyes; finishes when the last call ended or
 * the deadline passed. */
void bb_controller_shutdown_async (BbController *self, guint timeout_ms, GAsyncReadyCallback callback, gpointer user_data);
void bb_controller_shutdown_finish (BbController *self, GAsyncResult *result);

G_END_DECLS
