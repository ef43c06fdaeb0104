/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-article-chooser.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* More than these nobody reads while a caller waits. */
#define LIMIT 8

struct _BbArticleChooser
{
  GtkPopover parent_instance;

  BbOperator *operator_;
  char *currency;
  GCancellable *cancellable;
  GPtrArray *found; /* BbProductMatch, as the rows */

  GtkEditable *search;
  GtkLabel *nothing;
  GtkWidget *scroller;
  GtkListBox *matches;
};

G_DEFINE_FINAL_TYPE (BbArticleChooser, bb_article_chooser, GTK_TYPE_POPOVER)

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
choose (BbArticleChooser *self, guint index)
{
  const BbProduct *product;

  if (self->found == NULL || index >= self->found->len)
    return;
  product = bb_product_match_get_product (self->found->pdata[index]);
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[CHOSEN], 0, product->number,
                 product->whole_packs ? MAX (product->pack_size, 1) : 1);
}

static void
on_row_activated (BbArticleChooser *self, GtkListBoxRow *row)
{
  choose (self, gtk_list_box_row_get_index (row));
}

static void
on_entered (BbArticleChooser *self)
{
  choose (self, 0);
}

static GtkWidget *
new_row (BbArticleChooser *self, BbProductMatch *match)
{
  const BbProduct *product = bb_product_match_get_product (match);
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *price = bb_money_format (product->price, self->currency);
  g_autofree char *subtitle = g_strdup_printf ("%s · %s / %s", product->number, price, product->unit);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), product->name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  product->name, -1);
  return row;
}

static void
show (BbArticleChooser *self, GPtrArray *found, const char *text)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->matches))) != NULL)
    gtk_list_box_remove (self->matches, row);
  g_clear_pointer (&self->found, g_ptr_array_unref);
  if (found != NULL)
    self->found = g_ptr_array_ref (found);
  for (guint i = 0; found != NULL && i < found->len; i++)
    gtk_list_box_append (self->matches, new_row (self, found->pdata[i]));

  gtk_widget_set_visible (self->scroller, found != NULL && found->len > 0);
  gtk_label_set_label (self->nothing, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->nothing), text != NULL);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbArticleChooser) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = bb_operator_list_finish (BB_OPERATOR (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  show (self, found,
        found == NULL      ? error->message
        : found->len == 0 ? _("No article of the catalogue matches")
                          : NULL);
}

static void
cancel (BbArticleChooser *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
on_search_changed (BbArticleChooser *self)
{
  const char *text = gtk_editable_get_text (self->search);

  cancel (self);
  if (*text == '\0' || self->operator_ == NULL)
    {
      show (self, NULL, NULL);
      return;
    }
  self->cancellable = g_cancellable_new ();
  bb_operator_search_async (self->operator_, text, NULL, LIMIT, self->cancellable, on_found,
                            g_object_ref (self));
}

static void
bb_article_chooser_closed (GtkPopover *popover)
{
  BbArticleChooser *self = BB_ARTICLE_CHOOSER (popover);

  gtk_editable_set_text (self->search, "");
  show (self, NULL, NULL);
}

void
bb_article_chooser_set_operator (BbArticleChooser *self, BbOperator *operator_)
{
  g_return_if_fail (BB_IS_ARTICLE_CHOOSER (self));

  cancel (self);
  g_set_object (&self->operator_, operator_);
}

void
bb_article_chooser_set_currency (BbArticleChooser *self, const char *currency)
{
  g_return_if_fail (BB_IS_ARTICLE_CHOOSER (self));

  g_free (self->currency);
  self->currency = g_strdup (currency);
}

static void
bb_article_chooser_dispose (GObject *object)
{
  BbArticleChooser *self = BB_ARTICLE_CHOOSER (object);

  cancel (self);
  g_clear_object (&self->operator_);
  g_clear_pointer (&self->found, g_ptr_array_unref);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_article_chooser_parent_class)->dispose (object);
}

static void
bb_article_chooser_class_init (BbArticleChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_article_chooser_dispose;
  GTK_POPOVER_CLASS (klass)->closed = bb_article_chooser_closed;

  signals[CHOSEN] = g_signal_new (BB_ARTICLE_CHOOSER_SIGNAL_CHOSEN, BB_TYPE_ARTICLE_CHOOSER,
                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_STRING, G_TYPE_UINT);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/de/bestellbot/Bestellbot/bb-article-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, BbArticleChooser, search);
  gtk_widget_class_bind_template_child (widget_class, BbArticleChooser, nothing);
  gtk_widget_class_bind_template_child (widget_class, BbArticleChooser, scroller);
  gtk_widget_class_bind_template_child (widget_class, BbArticleChooser, matches);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entered);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
bb_article_chooser_init (BbArticleChooser *self)
{
  self->currency = g_strdup ("EUR");
  gtk_widget_init_template (GTK_WIDGET (self));
}
