/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-row.h"

struct _BbOrderRow
{
  GtkListBoxRow parent_instance;

  GtkLabel *name;
  GtkLabel *details;
  GtkLabel *total;
};

G_DEFINE_FINAL_TYPE (BbOrderRow, bb_order_row, GTK_TYPE_LIST_BOX_ROW)

static void
bb_order_row_class_init (BbOrderRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-order-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, name);
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, details);
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, total);
}

static void
bb_order_row_init (BbOrderRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * bb_order_row_new:
 * @line: what was ordered
 * @currency: ISO 4217
 *
 * Returns: (transfer floating): the row
 */
GtkWidget *
bb_order_row_new (BbOrderLine *line, const char *currency)
{
  BbOrderRow *self = g_object_new (BB_TYPE_ORDER_ROW, NULL);
  g_autofree char *price = bb_money_format (bb_order_line_get_price (line), currency);
  g_autofree char *total = bb_money_format (bb_order_line_get_total (line), currency);
  g_autofree char *details
      = g_strdup_printf ("%u %s × %s · %s", bb_order_line_get_quantity (line),
                         bb_order_line_get_unit (line), price, bb_order_line_get_number (line));
  g_autofree char *spoken = g_strdup_printf (
      "%u %s %s, %s", bb_order_line_get_quantity (line), bb_order_line_get_unit (line),
      bb_order_line_get_name (line), total);

  gtk_label_set_label (self->name, bb_order_line_get_name (line));
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->total, total);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return GTK_WIDGET (self);
}
