/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-row.h"

/* So long after the last click or key a quantity is meant (ms). */
#define SETTLED 500

struct _BbOrderRow
{
  GtkListBoxRow parent_instance;

  char *number;
  guint shown;      /* the quantity that the order holds */
  guint settle;     /* timeout */
  gboolean filling; /* the value changes by us, not by the person */

  GtkLabel *name;
  GtkLabel *details;
  GtkSpinButton *quantity;
  GtkLabel *total;
  GtkWidget *remove;
};

G_DEFINE_FINAL_TYPE (BbOrderRow, bb_order_row, GTK_TYPE_LIST_BOX_ROW)

enum
{
  QUANTITY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
on_settled (gpointer user_data)
{
  BbOrderRow *self = user_data;
  guint wanted = gtk_spin_button_get_value_as_int (self->quantity);

  self->settle = 0;
  if (wanted != self->shown)
    g_signal_emit (self, signals[QUANTITY], 0, wanted);
  return G_SOURCE_REMOVE;
}

static void
on_value_changed (BbOrderRow *self)
{
  if (self->filling)
    return;
  g_clear_handle_id (&self->settle, g_source_remove);
  self->settle = g_timeout_add (SETTLED, on_settled, self);
}

static void
on_remove_clicked (BbOrderRow *self)
{
  g_signal_emit (self, signals[QUANTITY], 0, 0);
}

/**
 * bb_order_row_set_line:
 * @self: the row
 * @line: what is ordered
 * @currency: ISO 4217
 */
void
bb_order_row_set_line (BbOrderRow *self, BbOrderLine *line, const char *currency)
{
  g_autofree char *price = bb_money_format (bb_order_line_get_price (line), currency);
  g_autofree char *total = bb_money_format (bb_order_line_get_total (line), currency);
  g_autofree char *details
      = g_strdup_printf ("%u %s × %s · %s", bb_order_line_get_quantity (line),
                         bb_order_line_get_unit (line), price, bb_order_line_get_number (line));
  g_autofree char *spoken = g_strdup_printf (
      "%u %s %s, %s", bb_order_line_get_quantity (line), bb_order_line_get_unit (line),
      bb_order_line_get_name (line), total);

  g_return_if_fail (BB_IS_ORDER_ROW (self));

  g_free (self->number);
  self->number = g_strdup (bb_order_line_get_number (line));
  self->shown = bb_order_line_get_quantity (line);
  /* What the person is changing just now is not taken out of their hands. */
  if (self->settle == 0)
    {
      self->filling = TRUE;
      gtk_spin_button_set_value (self->quantity, self->shown);
      self->filling = FALSE;
    }
  gtk_label_set_label (self->name, bb_order_line_get_name (line));
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->total, total);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

const char *
bb_order_row_get_number (BbOrderRow *self)
{
  g_return_val_if_fail (BB_IS_ORDER_ROW (self), NULL);

  return self->number;
}

/**
 * bb_order_row_set_editable:
 * @self: the row
 * @editable: whether quantity and removal are offered
 */
void
bb_order_row_set_editable (BbOrderRow *self, gboolean editable)
{
  g_return_if_fail (BB_IS_ORDER_ROW (self));

  gtk_widget_set_visible (GTK_WIDGET (self->quantity), editable);
  gtk_widget_set_visible (self->remove, editable);
}

static void
bb_order_row_dispose (GObject *object)
{
  g_clear_handle_id (&BB_ORDER_ROW (object)->settle, g_source_remove);

  G_OBJECT_CLASS (bb_order_row_parent_class)->dispose (object);
}

static void
bb_order_row_finalize (GObject *object)
{
  g_free (BB_ORDER_ROW (object)->number);

  G_OBJECT_CLASS (bb_order_row_parent_class)->finalize (object);
}

static void
bb_order_row_class_init (BbOrderRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_order_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = bb_order_row_finalize;

  signals[QUANTITY] = g_signal_new (BB_ORDER_ROW_SIGNAL_QUANTITY, BB_TYPE_ORDER_ROW,
                                    G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                    G_TYPE_UINT);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-order-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, name);
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, details);
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, quantity);
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, total);
  gtk_widget_class_bind_template_child (widget_class, BbOrderRow, remove);
  gtk_widget_class_bind_template_callback (widget_class, on_value_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_remove_clicked);
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
 * Returns: (transfer floating): the row, not to be edited
 */
GtkWidget *
bb_order_row_new (BbOrderLine *line, const char *currency)
{
  BbOrderRow *self = g_object_new (BB_TYPE_ORDER_ROW, NULL);

  bb_order_row_set_line (self, line, currency);
  return GTK_WIDGET (self);
}
