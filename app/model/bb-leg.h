/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib-object.h>

#include "bb-media-params.h"

G_BEGIN_DECLS

/**
 * BbLeg:
 *
 * What a call session needs of signalling: app/sip implements it with
 * sofia-sip (#BbSipLeg); local mode has none. Main context only; every method
 * may be called in every state and is harmless when it comes too late (a
 * second hang-up does nothing).
 *
 * Signals:
 *  - "ended" (BbCallEnd why, guint sip_status, const char *text): once, last.
 *    After it every method does nothing.
 *  - "media-changed" (): a re-INVITE changed address, codec or direction; ask
 *    bb_leg_get_media().
 *  - "confirmed" (): the peer's ACK has come.
 *  - "dtmf" (const char *digit): SIP INFO.
 *  - "transfer-failed" (guint sip_status, const char *text): what
 *    bb_leg_transfer() began came to nothing; the call goes on.
 */
#define BB_TYPE_LEG (bb_leg_get_type ())
G_DECLARE_INTERFACE (BbLeg, bb_leg, BB, LEG, GObject)

#define BB_LEG_SIGNAL_ENDED "ended"
#define BB_LEG_SIGNAL_MEDIA_CHANGED "media-changed"
#define BB_LEG_SIGNAL_CONFIRMED "confirmed"
#define BB_LEG_SIGNAL_DTMF "dtmf"
#define BB_LEG_SIGNAL_TRANSFER_FAILED "transfer-failed"

struct _BbLegInterface
{
  GTypeInterface parent_iface;

  const char *(*get_caller_number) (BbLeg *self);
  const char *(*get_caller_name) (BbLeg *self);
  const char *(*get_called) (BbLeg *self);
  const char *(*get_local_address) (BbLeg *self);
  const BbMediaParams *(*get_media) (BbLeg *self);
  void (*set_local_port) (BbLeg *self, guint16 rtp_port, guint16 rtcp_port);
  void (*ring) (BbLeg *self);
  gboolean (*answer) (BbLeg *self, GError **error);
  void (*reject) (BbLeg *self, guint status, const char *phrase, guint retry_after);
  void (*hang_up) (BbLeg *self, const char *reason);
  gboolean (*transfer) (BbLeg *self, const char *target, GError **error);
};

const char *bb_leg_get_caller_number (BbLeg *self); /* user part of From or P-Asserted-Identity; "" when anonymous */
const char *bb_leg_get_caller_name (BbLeg *self);   /* display name, "" when none */
const char *bb_leg_get_called (BbLeg *self);        /* user part of the request URI */
const char *bb_leg_get_local_address (BbLeg *self); /* numeric, of the interface that reaches the peer */
const BbMediaParams *bb_leg_get_media (BbLeg *self); /* what is agreed; NULL before an offer (late offer) */
/* Must come before ring()/answer(): the ports that the SDP names. */
void bb_leg_set_local_port (BbLeg *self, guint16 rtp_port, guint16 rtcp_port);
void bb_leg_ring (BbLeg *self);                     /* 180 */
gboolean bb_leg_answer (BbLeg *self, GError **error); /* 200 with SDP */
/* A final refusal: 486, 488, 503 …; @retry_after in seconds, 0: no header. */
void bb_leg_reject (BbLeg *self, guint status, const char *phrase, guint retry_after);
/* BYE, CANCEL or 4xx as the state asks. @reason is for the Reason header. */
void bb_leg_hang_up (BbLeg *self, const char *reason);
/* Blind transfer by REFER (RFC 3515); the leg ends with BB_CALL_END_TRANSFER. */
gboolean bb_leg_transfer (BbLeg *self, const char *target, GError **error);

G_END_DECLS
