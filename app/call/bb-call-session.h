/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call.h"
#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-leg.h"
#include "bb-media.h"
#include "bb-operator.h"
#include "bb-order-store.h"

G_BEGIN_DECLS

/**
 * BbCallSession:
 *
 * One call, all its state: signalling leg (none in local mode), media with the
 * Realtime element, tools, order. It fills one #BbCall and dies with the call
 * (LESSONS 14). Main context only.
 *
 * Signals:
 *  - "ended" (): last; media stopped, ports free, order kept.
 */
#define BB_TYPE_CALL_SESSION (bb_call_session_get_type ())
G_DECLARE_FINAL_TYPE (BbCallSession, bb_call_session, BB, CALL_SESSION, GObject)

#define BB_CALL_SESSION_SIGNAL_ENDED "ended"

BbCallSession *bb_call_session_new (const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store,
                                    BbMedia *media, BbLeg *leg);
BbCall *bb_call_session_get_call (BbCallSession *self); /* (transfer none) */
/* Connects to the API; rings meanwhile; answers when the session is ready. */
void bb_call_session_start (BbCallSession *self);
/* Ends the call from any state; harmless when it is ending already. */
void bb_call_session_hang_up (BbCallSession *self, BbCallEnd end, const char *text);

/* What people do in it. FALSE with a #BbOperatorError: nothing was done. */
gboolean bb_call_session_answer (BbCallSession *self, gboolean by_operator, GError **error);
gboolean bb_call_session_decline (BbCallSession *self, GError **error);
gboolean bb_call_session_transfer (BbCallSession *self, const char *target, GError **error);
gboolean bb_call_session_whisper (BbCallSession *self, const char *text, gboolean respond, GError **error);
gboolean bb_call_session_add_note (BbCallSession *self, const char *text, GError **error);
gboolean bb_call_session_set_mode (BbCallSession *self, BbOperatorMode mode, GError **error);
BbOperatorLine *bb_call_session_open_line (BbCallSession *self, GError **error); /* (transfer full) */
/* A command of an order, on that of this call: as #BbOperatorInterface.perform. */
void bb_call_session_edit_order (BbCallSession *self, GTask *task, const BbCommand *command);
/* Whether the caller allows that anything of the call is kept. */
gboolean bb_call_session_may_keep (BbCallSession *self);

G_END_DECLS
