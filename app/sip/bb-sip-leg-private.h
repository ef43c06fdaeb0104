/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* What bb-sip-leg.c (the object, its methods) and bb-sip-leg-events.c (what
 * sofia reports) share. */

#include "bb-sdp.h"
#include "bb-sip-leg.h"
#include "bb-sip-message.h"

G_BEGIN_DECLS

typedef enum
{
  BB_SIP_LEG_INCOMING,  /* 100 */
  BB_SIP_LEG_RINGING,   /* 180 */
  BB_SIP_LEG_ANSWERED,  /* 200, no ACK yet */
  BB_SIP_LEG_CONFIRMED, /* ACK */
  BB_SIP_LEG_ENDING     /* a final refusal or a BYE is on its way, or came */
} BbSipLegState;

struct _BbSipLeg
{
  GObject parent_instance;

  BbSipAgent *agent; /* outlives us or detaches us */
  nua_handle_t *handle;
  BbSdp *sdp;
  BbSipLegState state;

  BbSipCaller caller;
  char *called;
  char *peer_address;
  guint16 peer_port;
  char *local_address; /* of the interface that reaches the peer */
  char *contact;

  gboolean has_ports;
  gboolean offer_sent;  /* ours is out, the answer comes with ACK */
  gboolean bye_pending; /* a BYE has to wait for the ACK (RFC 3261 section 15) */
  char *reason;         /* Reason header for it */
  guint challenges;     /* answered in a row */

  gboolean transferring;
  guint transfer_timeout;

  gboolean has_ended;
  BbCallEnd why;
  guint status;
  char *text;
};

void bb_sip_leg_respond_sdp (BbSipLeg *self, nua_t *with, const char *body);
void bb_sip_leg_refuse (BbSipLeg *self, nua_t *with, guint status, const char *warning);
guint bb_sip_leg_read_offer (BbSipLeg *self, const sip_t *sip, gboolean *has_offer, GError **error);
void bb_sip_leg_send_bye (BbSipLeg *self);
void bb_sip_leg_hang_up_with (BbSipLeg *self, const char *reason, BbCallEnd why, const char *text);
void bb_sip_leg_transfer_failed (BbSipLeg *self, guint status, const char *text);

G_END_DECLS
