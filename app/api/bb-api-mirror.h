/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-api-json.h"

G_BEGIN_DECLS

/**
 * BbApiMirror:
 *
 * The messages of /v1/events turned back into model objects: after each
 * message the list equals the gateway's at that number. Objects stay the same
 * over a new snapshot, so that a window keeps its place. What the peer sends
 * is checked whole before any of it is applied. No I/O; main context only.
 */
typedef struct _BbApiMirror BbApiMirror;

BbApiMirror *bb_api_mirror_new (void);
void bb_api_mirror_free (BbApiMirror *self);
GListModel *bb_api_mirror_get_calls (BbApiMirror *self); /* of #BbCall (transfer none) */
const char *bb_api_mirror_get_epoch (BbApiMirror *self); /* NULL before the first snapshot */
guint64 bb_api_mirror_get_seq (BbApiMirror *self);
BbCall *bb_api_mirror_find (BbApiMirror *self, const char *id); /* (transfer none) */
/* One message. FALSE: it is none of the API's, or one before it is missing: ask for a snapshot. */
gboolean bb_api_mirror_apply (BbApiMirror *self, const char *text, gssize length, GError **error);
void bb_api_mirror_forget (BbApiMirror *self); /* the next connection starts with a snapshot */

G_END_DECLS
