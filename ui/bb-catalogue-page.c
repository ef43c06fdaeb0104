/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-catalogue-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bb-article-search.h"
#include "bb-format.h"

struct _BbCataloguePage
{
  GtkWidget parent_instance;

  BbOperator *oper;
  GCancellable *cancellable; /* of the question for the currency */
  char *currency;

  AdwLeaflet *leaflet;
  BbArticleSearch *search;
  GtkWidget *details;
  GtkWidget *back;
  GtkStack *stack;
  GtkLabel *name;
  GtkLabel *price;
  GtkLabel *description;
  GtkLabel *reason;
  GtkLevelBar *score;
  GtkLabel *score_text;
  AdwPreferencesGroup *facts;
  GPtrArray *fact_rows; /* of AdwActionRow, unowned */
};

enum
{
  PROP_OPERATOR = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BbCataloguePage, bb_catalogue_page, GTK_TYPE_WIDGET)

static void
add_fact (BbCataloguePage *self, const char *title, const char *value)
{
  GtkWidget *row;
  GtkWidget *label;

  if (value == NULL || *value == '\0')
    return;

  row = adw_action_row_new ();
  label = gtk_label_new (value);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (label, 8);
  gtk_widget_set_margin_bottom (label, 8);
  gtk_widget_add_css_class (label, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, value, -1);
  adw_preferences_group_add (self->facts, row);
  g_ptr_array_add (self->fact_rows, row);
}

static char *
describe_pack (const BbProduct *product)
{
  g_autofree char *size = bb_format_count (product->pack_size);

  if (product->pack_size <= 1)
    return g_strdup (_("Sold singly"));
  return g_strdup_printf (product->whole_packs ? _("%s %s, whole packs only") : _("%s %s, also singly"),
                          size, product->unit);
}

static char *
describe_aliases (const BbProduct *product)
{
  g_auto (GStrv) names = g_strsplit (product->aliases, "|", -1);

  return g_strjoinv (", ", names);
}

static void
show_facts (BbCataloguePage *self, const BbProduct *product)
{
  g_autofree char *pack = describe_pack (product);
  g_autofree char *aliases = describe_aliases (product);

  for (guint i = 0; i < self->fact_rows->len; i++)
    adw_preferences_group_remove (self->facts, g_ptr_array_index (self->fact_rows, i));
  g_ptr_array_set_size (self->fact_rows, 0);
  add_fact (self, _("Article number"), product->number);
  add_fact (self, _("Group"), product->group);
  add_fact (self, _("Material"), product->material);
  add_fact (self, _("Size"), product->size);
  add_fact (self, _("Sales unit"), product->unit);
  add_fact (self, _("Pack"), pack);
  add_fact (self, _("Other names"), aliases);
}

/* GTK before 4.10 tells a screen reader of a stack's other pages as well. */
static void
show_details (BbCataloguePage *self, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (self->stack, name);
  for (page = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 page != gtk_stack_get_visible_child (self->stack), -1);
}

static void
on_selected (BbCataloguePage *self)
{
  BbProductMatch *match = bb_article_search_get_selected (self->search);
  const BbProduct *product;
  g_autofree char *money = NULL;
  g_autofree char *price = NULL;
  g_autofree char *percent = NULL;

  if (match == NULL)
    {
      show_details (self, "none");
      adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
      return;
    }

  product = bb_product_match_get_product (match);
  money = bb_money_format (product->price, self->currency);
  price = g_strdup_printf (_("%s per %s, net"), money, product->unit);
  /* Translators: how well an article matches, in percent. */
  percent = g_strdup_printf (_("%d %%"), (int)(bb_product_match_get_score (match) * 100 + 0.5));
  gtk_label_set_label (self->name, product->name);
  gtk_label_set_label (self->price, price);
  gtk_label_set_label (self->description, product->description);
  gtk_widget_set_visible (GTK_WIDGET (self->description), *product->description != '\0');
  gtk_label_set_label (self->reason, bb_product_match_get_reason (match));
  gtk_level_bar_set_value (self->score, bb_product_match_get_score (match));
  gtk_label_set_label (self->score_text, percent);
  show_facts (self, product);
  show_details (self, "article");
}

static void
on_picked (BbCataloguePage *self)
{
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

static void
on_back (BbCataloguePage *self)
{
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  bb_article_search_focus (self->search);
}

static void
on_settings (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbCataloguePage) self = user_data;
  g_autoptr (BbSettings) settings
      = bb_operator_settings_finish (BB_OPERATOR (source), result, NULL);

  if (settings == NULL || self->leaflet == NULL || settings->currency == NULL)
    return;
  g_free (self->currency);
  self->currency = g_strdup (settings->currency);
  bb_article_search_set_currency (self->search, self->currency);
}

/**
 * bb_catalogue_page_set_operator:
 * @self: the page
 * @oper: (nullable): whose catalogue
 */
void
bb_catalogue_page_set_operator (BbCataloguePage *self, BbOperator *oper)
{
  g_return_if_fail (BB_IS_CATALOGUE_PAGE (self));

  if (!g_set_object (&self->oper, oper))
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  bb_article_search_set_operator (self->search, oper);
  if (oper != NULL)
    {
      self->cancellable = g_cancellable_new ();
      bb_operator_get_settings_async (oper, self->cancellable, on_settings, g_object_ref (self));
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OPERATOR]);
}

/**
 * bb_catalogue_page_get_operator:
 * @self: the page
 *
 * Returns: (transfer none) (nullable): whose catalogue it shows
 */
BbOperator *
bb_catalogue_page_get_operator (BbCataloguePage *self)
{
  g_return_val_if_fail (BB_IS_CATALOGUE_PAGE (self), NULL);

  return self->oper;
}

/**
 * bb_catalogue_page_focus_search:
 * @self: the page
 *
 * Puts the cursor where a phrase is typed.
 */
void
bb_catalogue_page_focus_search (BbCataloguePage *self)
{
  g_return_if_fail (BB_IS_CATALOGUE_PAGE (self));

  on_back (self);
}

static void
on_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bb_catalogue_page_focus_search (BB_CATALOGUE_PAGE (widget));
}

static gboolean
bb_catalogue_page_grab_focus (GtkWidget *widget)
{
  bb_article_search_focus (BB_CATALOGUE_PAGE (widget)->search);
  return TRUE;
}

static void
bb_catalogue_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, BB_CATALOGUE_PAGE (object)->oper);
}

static void
bb_catalogue_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  bb_catalogue_page_set_operator (BB_CATALOGUE_PAGE (object), g_value_get_object (value));
}

static void
bb_catalogue_page_dispose (GObject *object)
{
  BbCataloguePage *self = BB_CATALOGUE_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->leaflet != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->leaflet));
  self->leaflet = NULL;
  g_clear_object (&self->oper);
  g_clear_pointer (&self->fact_rows, g_ptr_array_unref);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_catalogue_page_parent_class)->dispose (object);
}

static void
bb_catalogue_page_class_init (BbCataloguePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = bb_catalogue_page_dispose;
  object_class->get_property = bb_catalogue_page_get_property;
  object_class->set_property = bb_catalogue_page_set_property;
  widget_class->grab_focus = bb_catalogue_page_grab_focus;
  props[PROP_OPERATOR] = g_param_spec_object ("operator", NULL, NULL, BB_TYPE_OPERATOR,
                                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                  | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (BB_TYPE_ARTICLE_SEARCH);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-catalogue-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, search);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, details);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, back);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, stack);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, name);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, price);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, description);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, reason);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, score);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, score_text);
  gtk_widget_class_bind_template_child (widget_class, BbCataloguePage, facts);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_install_action (widget_class, "catalogue.find", NULL, on_find);
}

static void
bb_catalogue_page_init (BbCataloguePage *self)
{
  self->currency = g_strdup ("EUR");
  self->fact_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self->leaflet, "folded", self->back, "visible", G_BINDING_SYNC_CREATE);
  bb_add_shortcut (GTK_WIDGET (self), "<Control>f", "catalogue.find", NULL);
  show_details (self, "none");
}

/**
 * bb_catalogue_page_new:
 *
 * Returns: (transfer floating): a page without a catalogue
 */
GtkWidget *
bb_catalogue_page_new (void)
{
  return g_object_new (BB_TYPE_CATALOGUE_PAGE, NULL);
}
