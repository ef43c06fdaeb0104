/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbCataloguePage:
 *
 * The catalogue as the bot sees it: what it finds for a phrase and why, and
 * all that it knows of an article.
 *
 * Properties: operator (#BbOperator, nullable).
 */
#define BB_TYPE_CATALOGUE_PAGE (bb_catalogue_page_get_type ())
G_DECLARE_FINAL_TYPE (BbCataloguePage, bb_catalogue_page, BB, CATALOGUE_PAGE, GtkWidget)

GtkWidget *bb_catalogue_page_new (void);
void bb_catalogue_page_set_operator (BbCataloguePage *self, BbOperator *oper); /* nullable */
BbOperator *bb_catalogue_page_get_operator (BbCataloguePage *self);            /* (transfer none) */
/* The cursor goes to where a phrase is typed (Ctrl+F). */
void bb_catalogue_page_focus_search (BbCataloguePage *self);

G_END_DECLS
