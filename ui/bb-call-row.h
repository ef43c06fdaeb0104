/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-call.h"

G_BEGIN_DECLS

/**
 * BbCallRow:
 *
 * A call in a list: who, state, how long, codec and quality, who speaks; a call
 * that rings can be answered or refused here. Made for recycling: changes are
 * shown once per frame.
 *
 * Properties: call (#BbCall, nullable).
 */
#define BB_TYPE_CALL_ROW (bb_call_row_get_type ())
G_DECLARE_FINAL_TYPE (BbCallRow, bb_call_row, BB, CALL_ROW, GtkWidget)

#define BB_CALL_ROW_PROP_CALL "call"

G_END_DECLS
