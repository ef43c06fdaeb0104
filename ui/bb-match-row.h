/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-product-match.h"

G_BEGIN_DECLS

/**
 * BbMatchRow:
 *
 * One article that was found: name, price, number, and why. Bound again and
 * again as the list scrolls.
 */
#define BB_TYPE_MATCH_ROW (bb_match_row_get_type ())
G_DECLARE_FINAL_TYPE (BbMatchRow, bb_match_row, BB, MATCH_ROW, GtkWidget)

GtkWidget *bb_match_row_new (void);
void bb_match_row_set_match (BbMatchRow *self, BbProductMatch *match, const char *currency);

G_END_DECLS
