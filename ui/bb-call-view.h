/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbCallView:
 *
 * One call: transcript as it is spoken, the order beside it as it grows, or
 * below it in a narrow window. It only reads the model, so it shows a local
 * call and one of a remote gateway alike.
 */
#define BB_TYPE_CALL_VIEW (bb_call_view_get_type ())
G_DECLARE_FINAL_TYPE (BbCallView, bb_call_view, BB, CALL_VIEW, GtkWidget)

void bb_call_view_set_currency (BbCallView *self, const char *currency); /* ISO 4217 */
/* @operator_: through whom the order is edited; NULL: it is only shown. Both nullable. */
void bb_call_view_set_call (BbCallView *self, BbOperator *operator_, BbCall *call);

G_END_DECLS
