/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-match-row.h"

#include <glib/gi18n.h>

#include "bb-format.h"

struct _BbMatchRow
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *name;
  GtkLabel *price;
  GtkLabel *details;
  GtkLabel *reason;
};

G_DEFINE_FINAL_TYPE (BbMatchRow, bb_match_row, GTK_TYPE_WIDGET)

/**
 * bb_match_row_set_match:
 * @self: the row
 * @match: what to show
 * @currency: ISO 4217
 */
void
bb_match_row_set_match (BbMatchRow *self, BbProductMatch *match, const char *currency)
{
  const BbProduct *product = bb_product_match_get_product (match);
  const char *reason = bb_product_match_get_reason (match);
  g_autofree char *money = bb_money_format (product->price, currency);
  /* Translators: price per unit, as in "€1.52 / Stück". */
  g_autofree char *price = g_strdup_printf (_("%s / %s"), money, product->unit);
  g_autofree char *details = g_strdup_printf ("%s · %s", product->number, product->group);
  g_autofree char *spoken
      = g_strdup_printf ("%s, %s, %s, %s", product->name, product->number, price, reason);

  gtk_label_set_label (self->name, product->name);
  gtk_label_set_label (self->price, price);
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->reason, reason);
  bb_name_list_item (GTK_WIDGET (self), spoken);
}

static void
bb_match_row_dispose (GObject *object)
{
  BbMatchRow *self = BB_MATCH_ROW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (bb_match_row_parent_class)->dispose (object);
}

static void
bb_match_row_class_init (BbMatchRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_match_row_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-match-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbMatchRow, box);
  gtk_widget_class_bind_template_child (widget_class, BbMatchRow, name);
  gtk_widget_class_bind_template_child (widget_class, BbMatchRow, price);
  gtk_widget_class_bind_template_child (widget_class, BbMatchRow, details);
  gtk_widget_class_bind_template_child (widget_class, BbMatchRow, reason);
}

static void
bb_match_row_init (BbMatchRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * bb_match_row_new:
 *
 * Returns: (transfer floating): an empty row
 */
GtkWidget *
bb_match_row_new (void)
{
  return g_object_new (BB_TYPE_MATCH_ROW, NULL);
}
