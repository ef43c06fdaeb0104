/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-edit-row.h"

#include <glib/gi18n.h>

#include "bb-format.h"

/* How long the fingers rest before a quantity is sent (ms). */
#define REST 600

struct _BbOrderEditRow
{
  GtkListBoxRow parent_instance;

  BbOrderLine *line;
  guint rest; /* source */
  gboolean setting;

  GtkLabel *name;
  GtkLabel *details;
  GtkLabel *total;
  GtkLabel *fixed;
  GtkSpinButton *quantity;
  GtkWidget *remove;
};

static guint change_signal, remove_signal;

G_DEFINE_FINAL_TYPE (BbOrderEditRow, bb_order_edit_row, GTK_TYPE_LIST_BOX_ROW)

static gboolean
on_rested (gpointer user_data)
{
  BbOrderEditRow *self = user_data;
  guint quantity = (guint)gtk_spin_button_get_value_as_int (self->quantity);

  self->rest = 0;
  if (self->line != NULL && quantity != bb_order_line_get_quantity (self->line))
    g_signal_emit (self, change_signal, 0, quantity);
  return G_SOURCE_REMOVE;
}

static void
on_quantity_changed (BbOrderEditRow *self)
{
  if (self->setting)
    return;
  g_clear_handle_id (&self->rest, g_source_remove);
  self->rest = g_timeout_add (REST, on_rested, self);
}

static void
on_remove (BbOrderEditRow *self)
{
  g_clear_handle_id (&self->rest, g_source_remove);
  g_signal_emit (self, remove_signal, 0);
}

static void
name_parts (BbOrderEditRow *self)
{
  const char *name = bb_order_line_get_name (self->line);
  g_autofree char *quantity = g_strdup_printf (_("Quantity of %s"), name);
  g_autofree char *remove = g_strdup_printf (_("Remove %s"), name);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->quantity), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  quantity, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->remove), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  remove, -1);
}

/**
 * bb_order_edit_row_set_line:
 * @self: the row
 * @line: what to show
 * @currency: ISO 4217
 * @editable: whether the order still takes changes
 */
void
bb_order_edit_row_set_line (BbOrderEditRow *self, BbOrderLine *line, const char *currency,
                            gboolean editable)
{
  guint count = bb_order_line_get_quantity (line);
  const char *unit = bb_order_line_get_unit (line);
  g_autofree char *quantity = bb_format_count (count);
  g_autofree char *price = bb_money_format (bb_order_line_get_price (line), currency);
  g_autofree char *total = bb_money_format (bb_order_line_get_total (line), currency);
  /* Translators: price per unit, as in "€1.52 / Stück". */
  g_autofree char *each = g_strdup_printf (_("%s / %s"), price, unit);
  g_autofree char *details = g_strdup_printf ("%s · %s", bb_order_line_get_number (line), each);
  g_autofree char *fixed = g_strdup_printf ("%s %s", quantity, unit);
  g_autofree char *spoken = g_strdup_printf ("%s %s, %s", fixed, bb_order_line_get_name (line), total);

  g_clear_handle_id (&self->rest, g_source_remove);
  g_set_object (&self->line, line);
  gtk_label_set_label (self->name, bb_order_line_get_name (line));
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->total, total);
  gtk_label_set_label (self->fixed, fixed);
  self->setting = TRUE;
  gtk_spin_button_set_value (self->quantity, count);
  self->setting = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->fixed), !editable);
  gtk_widget_set_visible (GTK_WIDGET (self->quantity), editable);
  gtk_widget_set_visible (self->remove, editable);
  name_parts (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

/**
 * bb_order_edit_row_get_number:
 * @self: the row
 *
 * Returns: (nullable): the article
 */
const char *
bb_order_edit_row_get_number (BbOrderEditRow *self)
{
  return self->line != NULL ? bb_order_line_get_number (self->line) : NULL;
}

static void
bb_order_edit_row_dispose (GObject *object)
{
  BbOrderEditRow *self = BB_ORDER_EDIT_ROW (object);

  g_clear_handle_id (&self->rest, g_source_remove);
  g_clear_object (&self->line);

  G_OBJECT_CLASS (bb_order_edit_row_parent_class)->dispose (object);
}

static void
bb_order_edit_row_class_init (BbOrderEditRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_order_edit_row_dispose;

  change_signal = g_signal_new ("change", BB_TYPE_ORDER_EDIT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  remove_signal = g_signal_new ("remove", BB_TYPE_ORDER_EDIT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-order-edit-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrderEditRow, name);
  gtk_widget_class_bind_template_child (widget_class, BbOrderEditRow, details);
  gtk_widget_class_bind_template_child (widget_class, BbOrderEditRow, total);
  gtk_widget_class_bind_template_child (widget_class, BbOrderEditRow, fixed);
  gtk_widget_class_bind_template_child (widget_class, BbOrderEditRow, quantity);
  gtk_widget_class_bind_template_child (widget_class, BbOrderEditRow, remove);
  gtk_widget_class_bind_template_callback (widget_class, on_quantity_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
bb_order_edit_row_init (BbOrderEditRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * bb_order_edit_row_new:
 *
 * Returns: (transfer floating): an empty row
 */
GtkWidget *
bb_order_edit_row_new (void)
{
  return g_object_new (BB_TYPE_ORDER_EDIT_ROW, NULL);
}
