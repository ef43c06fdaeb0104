/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-codec.h"
#include "bb-config.h"
#include "bb-media-params.h"

G_BEGIN_DECLS

/**
 * BbSdp:
 *
 * The offer/answer state of one dialog (RFC 3264): what was agreed, the media
 * lines in their order, and the version of what we sent last. Plain C, no
 * I/O; any thread, one at a time.
 */
typedef struct _BbSdp BbSdp;

BbSdp *bb_sdp_new (const BbConfig *config);
void bb_sdp_free (BbSdp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbSdp, bb_sdp_free)

void bb_sdp_set_local (BbSdp *self, const char *address, guint16 rtp_port, guint16 rtcp_port);

gboolean bb_sdp_receive_offer (BbSdp *self, const char *body, gssize length, GError **error);
gboolean bb_sdp_receive_answer (BbSdp *self, const char *body, gssize length, GError **error);
char *bb_sdp_write_answer (BbSdp *self);
char *bb_sdp_write_offer (BbSdp *self);

const BbMediaParams *bb_sdp_get_params (BbSdp *self);

G_END_DECLS
