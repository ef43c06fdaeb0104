/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-sip-private.h"

G_BEGIN_DECLS

/**
 * BbSipAccount:
 *
 * The registration of the configured account (RFC 3261 section 10): digest,
 * refresh, keep-alive, retry. Main context only.
 *
 * Signals:
 *  - "changed" (const char *state, const char *text): as the agent's
 *    "registration".
 */
#define BB_TYPE_SIP_ACCOUNT (bb_sip_account_get_type ())
G_DECLARE_FINAL_TYPE (BbSipAccount, bb_sip_account, BB, SIP_ACCOUNT, GObject)

BbSipAccount *bb_sip_account_new (const BbConfig *config, guint port);
void bb_sip_account_start (BbSipAccount *self, nua_t *nua);
/* Unregisters; "unregistered" or "failed" follows. */
void bb_sip_account_stop (BbSipAccount *self);
gboolean bb_sip_account_is_idle (BbSipAccount *self);
void bb_sip_account_handle_event (BbSipAccount *self, const BbSipEvent *event);
/* The agent destroys the handle: no call into sofia any more. (transfer full) */
nua_handle_t *bb_sip_account_steal_handle (BbSipAccount *self);
/* TRUE when the account's server answered from this address. */
gboolean bb_sip_account_is_server (BbSipAccount *self, const char *address);
char *bb_sip_account_dup_credentials (BbSipAccount *self, const sip_t *sip);

G_END_DECLS
