/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-config.h"
#include "bb-leg.h"

G_BEGIN_DECLS

#define BB_SIP_ERROR (bb_sip_error_quark ())
GQuark bb_sip_error_quark (void);

typedef enum
{
  BB_SIP_ERROR_PORT,    /* taken: names address, port and setting */
  BB_SIP_ERROR_ADDRESS, /* not ours, not numeric */
  BB_SIP_ERROR_SDP,     /* malformed */
  BB_SIP_ERROR_CODEC,   /* none in common: 488 */
  BB_SIP_ERROR_STATE
} BbSipError;

/**
 * BbSipAgent:
 *
 * Our user agent: one sofia-sip NUA on the default main context (su_glib
 * root), UDP and TCP, and the registration of the configured account.
 *
 * Signals:
 *  - "incoming" (BbLeg leg): an INVITE with an offer we can answer (or a late
 *    offer). 100 has been sent. The handler keeps a reference and must ring,
 *    answer or reject; a leg nobody took is refused with 480. Offers without a
 *    common codec (488) and malformed ones (400/488) never get here.
 *  - "registration" (const char *state, const char *text): "registering",
 *    "registered", "failed", "unregistered".
 */
#define BB_TYPE_SIP_AGENT (bb_sip_agent_get_type ())
G_DECLARE_FINAL_TYPE (BbSipAgent, bb_sip_agent, BB, SIP_AGENT, GObject)

#define BB_SIP_AGENT_SIGNAL_INCOMING "incoming"
#define BB_SIP_AGENT_SIGNAL_REGISTRATION "registration"

BbSipAgent *bb_sip_agent_new (const BbConfig *config, GError **error); /* listening when it returns */
guint bb_sip_agent_get_udp_port (BbSipAgent *self);
guint bb_sip_agent_get_tcp_port (BbSipAgent *self);
/* "sip:bestellbot@192.0.2.1:5060": what a caller dials. (transfer full) */
char *bb_sip_agent_dup_uri (BbSipAgent *self);
guint bb_sip_agent_get_n_legs (BbSipAgent *self); /* handles sofia still knows: 0 when idle */
/* TRUE: OPTIONS and new INVITEs get 503 (DESIGN section 7); running calls go on. */
void bb_sip_agent_set_draining (BbSipAgent *self, gboolean draining);
/* How long an ACK or a final answer may take; 32000 ms (RFC 3261: 64 * T1) unless set. For tests. */
void bb_sip_agent_set_transaction_timeout (BbSipAgent *self, guint timeout_ms);
/* Unregisters, ends what is left, shuts the stack down within @timeout_ms; then finishes in any case. */
void bb_sip_agent_stop_async (BbSipAgent *self, guint timeout_ms, GAsyncReadyCallback callback, gpointer user_data);
void bb_sip_agent_stop_finish (BbSipAgent *self, GAsyncResult *result);

G_END_DECLS
