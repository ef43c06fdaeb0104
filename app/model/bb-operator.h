/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-call.h"

G_BEGIN_DECLS

/**
 * BbOperator:
 *
 * What a person can do with the calls: implemented by the controller in the
 * same process and by the API client for a remote gateway; a window can't
 * tell which it has. Main context only.
 */
#define BB_TYPE_OPERATOR (bb_operator_get_type ())
G_DECLARE_INTERFACE (BbOperator, bb_operator, BB, OPERATOR, GObject)

struct _BbOperatorInterface
{
  GTypeInterface parent_iface;

  GListModel *(*get_calls) (BbOperator *self);
  void (*hang_up) (BbOperator *self, BbCall *call);
};

GListModel *bb_operator_get_calls (BbOperator *self); /* of #BbCall, live and just ended, oldest first (transfer none) */
void bb_operator_hang_up (BbOperator *self, BbCall *call);

G_END_DECLS
