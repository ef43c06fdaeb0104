/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-article-chooser.h"

#include "bb-article-search.h"

struct _BbArticleChooser
{
  GtkPopover parent_instance;

  GtkSpinButton *quantity;
  BbArticleSearch *search;
};

G_DEFINE_FINAL_TYPE (BbArticleChooser, bb_article_chooser, GTK_TYPE_POPOVER)

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
on_picked (BbArticleChooser *self, BbProductMatch *match)
{
  const BbProduct *product = bb_product_match_get_product (match);
  guint quantity = (guint) gtk_spin_button_get_value_as_int (self->quantity);

  /* Nobody has said how many: the fewest that are sold. */
  if (quantity == 1 && product->whole_packs)
    quantity = MAX (product->pack_size, 1);
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[CHOSEN], 0, product->number, quantity);
}

static void
on_shown (BbArticleChooser *self)
{
  bb_article_search_clear (self->search);
  gtk_spin_button_set_value (self->quantity, 1);
  bb_article_search_focus (self->search);
}

/**
 * bb_article_chooser_set_operator:
 * @self: the popover
 * @operator_: (nullable): whose catalogue
 */
void
bb_article_chooser_set_operator (BbArticleChooser *self, BbOperator *operator_)
{
  g_return_if_fail (BB_IS_ARTICLE_CHOOSER (self));

  bb_article_search_set_operator (self->search, operator_);
}

/**
 * bb_article_chooser_set_currency:
 * @self: the popover
 * @currency: ISO 4217
 */
void
bb_article_chooser_set_currency (BbArticleChooser *self, const char *currency)
{
  g_return_if_fail (BB_IS_ARTICLE_CHOOSER (self));

  bb_article_search_set_currency (self->search, currency);
}

static void
bb_article_chooser_class_init (BbArticleChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[CHOSEN] = g_signal_new (BB_ARTICLE_CHOOSER_SIGNAL_CHOSEN, BB_TYPE_ARTICLE_CHOOSER,
                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_STRING, G_TYPE_UINT);

  g_type_ensure (BB_TYPE_ARTICLE_SEARCH);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/de/bestellbot/Bestellbot/bb-article-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, BbArticleChooser, quantity);
  gtk_widget_class_bind_template_child (widget_class, BbArticleChooser, search);
  gtk_widget_class_bind_template_callback (widget_class, on_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_shown);
}

static void
bb_article_chooser_init (BbArticleChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
