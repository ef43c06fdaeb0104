/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbArticleSearch:
 *
 * A field for what a caller might say and, below it, what the bot's own search
 * finds in the catalogue, best first, each with the reason for it.
 *
 * Properties: operator (#BbOperator, nullable), currency (ISO 4217), selected
 * (#BbProductMatch, nullable, notify).
 * Signals: "picked" (#BbProductMatch): Enter, or a click on a result.
 */
#define BB_TYPE_ARTICLE_SEARCH (bb_article_search_get_type ())
G_DECLARE_FINAL_TYPE (BbArticleSearch, bb_article_search, BB, ARTICLE_SEARCH, GtkWidget)

void bb_article_search_set_operator (BbArticleSearch *self, BbOperator *oper);
void bb_article_search_set_currency (BbArticleSearch *self, const char *currency);
BbProductMatch *bb_article_search_get_selected (BbArticleSearch *self); /* (transfer none) (nullable) */
void bb_article_search_clear (BbArticleSearch *self);
void bb_article_search_focus (BbArticleSearch *self);

G_END_DECLS
