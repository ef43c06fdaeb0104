/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-leg.h"
#include "bb-sip-private.h"
#include "bb-types.h"

G_BEGIN_DECLS

/**
 * BbSipLeg:
 *
 * A #BbLeg over one sofia handle: an incoming call's dialog from INVITE to the
 * last answer. Made by #BbSipAgent. Main context only.
 *
 * After our own hang-up "ended" comes with %BB_CALL_END_BOT, whoever wanted
 * it: the caller of bb_leg_hang_up() knows better.
 */
#define BB_TYPE_SIP_LEG (bb_sip_leg_get_type ())
G_DECLARE_FINAL_TYPE (BbSipLeg, bb_sip_leg, BB, SIP_LEG, GObject)

/* NULL: refused already, with a line in the log. */
BbSipLeg *bb_sip_leg_new (BbSipAgent *agent, const BbSipEvent *invite);
void bb_sip_leg_handle_event (BbSipLeg *self, const BbSipEvent *event);
nua_handle_t *bb_sip_leg_get_handle (BbSipLeg *self);
/* The agent forgets the leg: no call into sofia any more. */
void bb_sip_leg_detach (BbSipLeg *self);
gboolean bb_sip_leg_has_ended (BbSipLeg *self);
/* Ends with this reason, as far as it has not ended. */
void bb_sip_leg_end (BbSipLeg *self, BbCallEnd why, guint status, const char *text);

G_END_DECLS
