/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-config.h"
#include "bb-order-store.h"

G_BEGIN_DECLS

/**
 * BbHistory:
 *
 * Keeps calls that have ended, and forgets them when their time is over, with
 * all that is kept of them ([calls] history-days). Main context only.
 */
typedef struct _BbHistory BbHistory;

BbHistory *bb_history_new (const BbConfig *config, BbOrderStore *store);
void bb_history_free (BbHistory *self);
/* @may_keep: the caller allows that what was said is kept. */
void bb_history_add (BbHistory *self, BbCall *call, gboolean may_keep);

G_END_DECLS
