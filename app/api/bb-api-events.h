/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbApiEvents:
 *
 * Turns what changes in an operator's calls into the numbered messages of
 * /v1/events, and keeps the last of them for clients that come back. All
 * changes of one turn of the main loop are one message per thing changed.
 * Knows no sockets. Main context only.
 *
 * Signals:
 *  - "message" (GBytes *text): the next numbered message, UTF-8 JSON.
 */
#define BB_TYPE_API_EVENTS (bb_api_events_get_type ())
G_DECLARE_FINAL_TYPE (BbApiEvents, bb_api_events, BB, API_EVENTS, GObject)

#define BB_API_EVENTS_SIGNAL_MESSAGE "message"

/* What a client that was away can catch up with. */
#define BB_API_EVENTS_RING_MESSAGES 4096
#define BB_API_EVENTS_RING_BYTES (4 * 1024 * 1024)

BbApiEvents *bb_api_events_new (BbOperator *oper);
const char *bb_api_events_get_epoch (BbApiEvents *self);
guint64 bb_api_events_get_seq (BbApiEvents *self);
/* While nobody listens (and nobody may come back), nothing is written. */
void bb_api_events_set_recording (BbApiEvents *self, gboolean recording);
/* Numbers and sends what is pending, without waiting for the loop. */
void bb_api_events_flush (BbApiEvents *self);
GBytes *bb_api_events_snapshot (BbApiEvents *self);
GPtrArray *bb_api_events_resume (BbApiEvents *self, const char *epoch, guint64 since);

G_END_DECLS
