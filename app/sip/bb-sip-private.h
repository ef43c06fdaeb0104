/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-sip-agent.h"

/* What sofia hands back with every event: the agent, and per handle a leg, the
 * account, or nothing. */
#define NUA_MAGIC_T struct _BbSipAgent
#define NUA_HMAGIC_T GObject

#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>

G_BEGIN_DECLS

/**
 * BbSipEvent:
 *
 * One call of sofia's callback.
 */
typedef struct
{
  nua_event_t event;
  int status;
  const char *phrase;
  nua_t *nua;
  nua_handle_t *handle;
  const sip_t *sip;
  tagi_t *tags;
} BbSipEvent;

#define BB_SIP_METHODS "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, NOTIFY"
#define BB_SIP_SDP_TYPE "application/sdp"

/* For legs and account. */
const BbConfig *bb_sip_agent_get_config (BbSipAgent *self);
/* Digest credentials for a challenge by a peer of this address, in the form of
 * NUTAG_AUTH(); NULL: none, and none of its business. (transfer full) */
char *bb_sip_agent_dup_credentials (BbSipAgent *self, const char *peer_address, const sip_t *sip);
/* TRUE when what this peer asserts about a caller may be believed. */
gboolean bb_sip_agent_trusts (BbSipAgent *self, const char *peer_address);
/* sofia is through with the leg's handle. */
void bb_sip_agent_leg_gone (BbSipAgent *self, GObject *leg);

/* Numeric address of the peer the current event's message came from, NULL when
 * there is none. (transfer full) */
char *bb_sip_event_dup_peer_address (const BbSipEvent *event, guint16 *port);

G_END_DECLS
