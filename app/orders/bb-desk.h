/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-operator.h"
#include "bb-order-store.h"

G_BEGIN_DECLS

/**
 * BbDesk:
 *
 * The part of #BbOperator that needs no call: orders as they are stored, past
 * calls, the catalogue. Corrections run one after the other, each on the order
 * as it is stored then. Main context only; reading, searching and writing are
 * on other threads.
 */
typedef struct _BbDesk BbDesk;

/* An order was changed by a person. */
typedef void (*BbDeskChanged) (BbOrder *order, gpointer user_data);

/* @catalogue, @store: (nullable): what is not there is BB_OPERATOR_ERROR_UNAVAILABLE. */
BbDesk *bb_desk_new (const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store);
BbDesk *bb_desk_ref (BbDesk *self);
void bb_desk_unref (BbDesk *self);
void bb_desk_set_changed_func (BbDesk *self, BbDeskChanged func, gpointer user_data);
/* Whether bb_desk_perform() knows this kind. */
gboolean bb_desk_can_perform (BbCommandKind kind);
/* As #BbOperatorInterface.perform. */
void bb_desk_perform (BbDesk *self, GTask *task, const BbCommand *command);
/* What an error of the store or the rules is to an operator. Takes @error. (transfer full) */
GError *bb_desk_explain (GError *error);

G_END_DECLS
