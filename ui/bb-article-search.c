/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-article-search.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bb-match-row.h"

struct _BbArticleSearch
{
  GtkWidget parent_instance;

  BbOperator *oper;
  char *currency;
  GCancellable *cancellable; /* of the question that is on its way */
  GListStore *matches;       /* of BbProductMatch */

  GtkWidget *box;
  GtkEditable *entry;
  GtkStack *stack;
  GtkListView *list;
  GtkSingleSelection *selection;
  AdwStatusPage *nothing;
  AdwStatusPage *failed;
};

enum
{
  PROP_OPERATOR = 1,
  PROP_SELECTED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint picked_signal;

G_DEFINE_FINAL_TYPE (BbArticleSearch, bb_article_search, GTK_TYPE_WIDGET)

/* GTK before 4.10 tells a screen reader of a stack's other pages as well. */
static void
show_page (BbArticleSearch *self, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (self->stack, name);
  for (page = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 page != gtk_stack_get_visible_child (self->stack), -1);
}

static void
show_matches (BbArticleSearch *self, GPtrArray *matches)
{
  g_list_store_splice (self->matches, 0, g_list_model_get_n_items (G_LIST_MODEL (self->matches)),
                       matches->pdata, matches->len);
  if (matches->len > 0)
    {
      gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
      show_page (self, "matches");
    }
  else
    {
      g_autofree char *text = g_strdup_printf (
          _("The bot would find nothing for “%s”. Other names of an article belong into the "
            "catalogue's column “aliases”."),
          gtk_editable_get_text (self->entry));
      g_autofree char *escaped = g_markup_escape_text (text, -1);

      adw_status_page_set_description (self->nothing, escaped);
      show_page (self, "nothing");
    }
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbArticleSearch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) matches = bb_operator_list_finish (BB_OPERATOR (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->box == NULL)
    return;
  if (matches == NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (error->message, -1);

      g_list_store_remove_all (self->matches);
      adw_status_page_set_description (self->failed, escaped);
      show_page (self, "failed");
      return;
    }
  show_matches (self, matches);
}

static void
search (BbArticleSearch *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (self->entry)));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->oper == NULL || *text == '\0')
    {
      g_list_store_remove_all (self->matches);
      show_page (self, "empty");
      return;
    }
  self->cancellable = g_cancellable_new ();
  bb_operator_search_async (self->oper, text, NULL, 0, self->cancellable, on_found,
                            g_object_ref (self));
}

static void
on_picked (BbArticleSearch *self, guint position)
{
  g_autoptr (BbProductMatch) match
      = g_list_model_get_item (G_LIST_MODEL (self->matches), position);

  if (match != NULL)
    g_signal_emit (self, picked_signal, 0, match);
}

static void
on_entry_activated (BbArticleSearch *self)
{
  on_picked (self, gtk_single_selection_get_selected (self->selection));
}

static void
on_stopped (BbArticleSearch *self)
{
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_POPOVER);

  if (*gtk_editable_get_text (self->entry) == '\0' && popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  gtk_editable_set_text (self->entry, "");
}

static void
on_selected (BbArticleSearch *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}

/* The arrows walk through the results while the text is still being typed. */
static gboolean
on_entry_key (BbArticleSearch *self, guint key, guint code, GdkModifierType state)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->matches));
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (n == 0 || (key != GDK_KEY_Down && key != GDK_KEY_Up))
    return GDK_EVENT_PROPAGATE;

  if (key == GDK_KEY_Down)
    selected = MIN (selected + 1, n - 1);
  else
    selected = selected > 0 ? selected - 1 : 0;
  gtk_single_selection_set_selected (self->selection, selected);
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", selected);
  return GDK_EVENT_STOP;
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, BbArticleSearch *self)
{
  gtk_list_item_set_child (item, bb_match_row_new ());
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, BbArticleSearch *self)
{
  bb_match_row_set_match (BB_MATCH_ROW (gtk_list_item_get_child (item)),
                          gtk_list_item_get_item (item), self->currency);
}

/**
 * bb_article_search_set_operator:
 * @self: the search
 * @oper: (nullable): whose catalogue; what is typed already is searched again
 */
void
bb_article_search_set_operator (BbArticleSearch *self, BbOperator *oper)
{
  g_return_if_fail (BB_IS_ARTICLE_SEARCH (self));

  if (!g_set_object (&self->oper, oper))
    return;
  search (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OPERATOR]);
}

/**
 * bb_article_search_set_currency:
 * @self: the search
 * @currency: ISO 4217
 */
void
bb_article_search_set_currency (BbArticleSearch *self, const char *currency)
{
  g_return_if_fail (BB_IS_ARTICLE_SEARCH (self));

  if (g_strcmp0 (self->currency, currency) == 0)
    return;
  g_free (self->currency);
  self->currency = g_strdup (currency);
  search (self);
}

/**
 * bb_article_search_get_selected:
 * @self: the search
 *
 * Returns: (transfer none) (nullable): the result that is highlighted
 */
BbProductMatch *
bb_article_search_get_selected (BbArticleSearch *self)
{
  g_return_val_if_fail (BB_IS_ARTICLE_SEARCH (self), NULL);

  return gtk_single_selection_get_selected_item (self->selection);
}

/**
 * bb_article_search_clear:
 * @self: the search
 *
 * Empties the field and the results.
 */
void
bb_article_search_clear (BbArticleSearch *self)
{
  gtk_editable_set_text (self->entry, "");
  search (self);
}

/**
 * bb_article_search_focus:
 * @self: the search
 *
 * Puts the cursor into the field.
 */
void
bb_article_search_focus (BbArticleSearch *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
bb_article_search_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BbArticleSearch *self = BB_ARTICLE_SEARCH (object);

  if (id == PROP_OPERATOR)
    g_value_set_object (value, self->oper);
  else
    g_value_set_object (value, bb_article_search_get_selected (self));
}

static void
bb_article_search_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  bb_article_search_set_operator (BB_ARTICLE_SEARCH (object), g_value_get_object (value));
}

static void
bb_article_search_dispose (GObject *object)
{
  BbArticleSearch *self = BB_ARTICLE_SEARCH (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->oper);
  g_clear_object (&self->matches);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_article_search_parent_class)->dispose (object);
}

static void
bb_article_search_class_init (BbArticleSearchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = bb_article_search_dispose;
  object_class->get_property = bb_article_search_get_property;
  object_class->set_property = bb_article_search_set_property;
  props[PROP_OPERATOR] = g_param_spec_object ("operator", NULL, NULL, BB_TYPE_OPERATOR,
                                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                  | G_PARAM_STATIC_STRINGS);
  props[PROP_SELECTED] = g_param_spec_object ("selected", NULL, NULL, BB_TYPE_PRODUCT_MATCH,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  picked_signal = g_signal_new ("picked", BB_TYPE_ARTICLE_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, BB_TYPE_PRODUCT_MATCH);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-article-search.ui");
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, box);
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, entry);
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, stack);
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, list);
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, selection);
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, nothing);
  gtk_widget_class_bind_template_child (widget_class, BbArticleSearch, failed);
  gtk_widget_class_bind_template_callback (widget_class, search);
  gtk_widget_class_bind_template_callback (widget_class, on_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_key);
  gtk_widget_class_bind_template_callback (widget_class, on_stopped);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
}

static void
bb_article_search_init (BbArticleSearch *self)
{
  self->currency = g_strdup ("EUR");
  self->matches = g_list_store_new (BB_TYPE_PRODUCT_MATCH);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->matches));
  show_page (self, "empty");
}
