/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbArticleChooser:
 *
 * A popover for an article to add to an order: how many, and #BbArticleSearch.
 *
 * Signals: "chosen" (const char *number, guint quantity): where nobody has said
 * how many, the smallest quantity in which it is sold.
 */
#define BB_TYPE_ARTICLE_CHOOSER (bb_article_chooser_get_type ())
G_DECLARE_FINAL_TYPE (BbArticleChooser, bb_article_chooser, BB, ARTICLE_CHOOSER, GtkPopover)

#define BB_ARTICLE_CHOOSER_SIGNAL_CHOSEN "chosen"

void bb_article_chooser_set_operator (BbArticleChooser *self, BbOperator *operator_); /* nullable */
void bb_article_chooser_set_currency (BbArticleChooser *self, const char *currency);

G_END_DECLS
