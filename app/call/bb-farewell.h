/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-types.h"

G_BEGIN_DECLS

/**
 * BbFarewell:
 *
 * When the model has asked to hang up or to pass the call on, its last words
 * are still to come: the answer to the tool's output. This says when they have
 * been heard to the end. Main context only.
 */
typedef struct _BbFarewell BbFarewell;

/* Called once per bb_farewell_expect() that was not called off. */
typedef void (*BbFarewellFunc) (BbCallEnd end, gpointer user_data);

BbFarewell *bb_farewell_new (guint timeout_ms, guint tail_ms, BbFarewellFunc func, gpointer user_data);
void bb_farewell_free (BbFarewell *self);
/* @end: BB_CALL_END_BOT or BB_CALL_END_TRANSFER */
void bb_farewell_expect (BbFarewell *self, BbCallEnd end);
/* The model began one more response. */
void bb_farewell_response_created (BbFarewell *self);
/* The caller speaks: whoever speaks is not hung up on. A transfer goes on. */
void bb_farewell_caller_speaks (BbFarewell *self);
/* It is not to end any more: a person has taken the call. */
void bb_farewell_cancel (BbFarewell *self);
/* The bot begins or stops being heard: while it is, its time does not run out. */
void bb_farewell_speaking (BbFarewell *self, gboolean speaking);
/* Nothing is generated, played or waiting to be played any more. */
void bb_farewell_silence (BbFarewell *self);

G_END_DECLS
