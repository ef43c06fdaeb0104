/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-operator.h"

G_DEFINE_INTERFACE (BbOperator, bb_operator, G_TYPE_OBJECT)

static void
bb_operator_default_init (BbOperatorInterface *iface)
{
}

/**
 * bb_operator_get_calls:
 *
 * Returns: (transfer none): a list of #BbCall, live and just ended, oldest first
 */
GListModel *
bb_operator_get_calls (BbOperator *self)
{
  g_return_val_if_fail (BB_IS_OPERATOR (self), NULL);

  return BB_OPERATOR_GET_IFACE (self)->get_calls (self);
}

/**
 * bb_operator_hang_up:
 * @call: one of bb_operator_get_calls(); harmless when it has ended
 */
void
bb_operator_hang_up (BbOperator *self, BbCall *call)
{
  g_return_if_fail (BB_IS_OPERATOR (self));
  g_return_if_fail (BB_IS_CALL (call));

  BB_ASSERT_MAIN_CONTEXT ();
  BB_OPERATOR_GET_IFACE (self)->hang_up (self, call);
}
