/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-panel.h"

#include <glib/gi18n.h>

#include "bb-order-row.h"

struct _BbOrderPanel
{
  GtkWidget parent_instance;

  BbOrder *order;
  char *currency;

  GtkWidget *box;
  GtkLabel *title;
  GtkLabel *state;
  GtkLabel *total;
  GtkListBox *lines;
  GtkWidget *placeholder;
};

G_DEFINE_FINAL_TYPE (BbOrderPanel, bb_order_panel, GTK_TYPE_WIDGET)

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  BbOrderPanel *self = user_data;

  return bb_order_row_new (item, self->currency);
}

static void
update (BbOrderPanel *self)
{
  const char *number = bb_order_get_number (self->order);
  BbOrderState state = bb_order_get_state (self->order);
  g_autofree char *title
      = number != NULL ? g_strdup_printf (_("Order %s"), number) : g_strdup (_("Order"));
  g_autofree char *total = bb_money_format (bb_order_get_total (self->order), self->currency);

  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->state, bb_order_state_label (state));
  gtk_label_set_label (self->total, total);
  /* GTK before 4.10 tells a screen reader of it all the same. */
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->placeholder), GTK_ACCESSIBLE_STATE_HIDDEN,
                               g_list_model_get_n_items (G_LIST_MODEL (self->order)) > 0, -1);
  gtk_widget_remove_css_class (GTK_WIDGET (self->state),
                               state == BB_ORDER_SUBMITTED ? "dim-label" : "success");
  gtk_widget_add_css_class (GTK_WIDGET (self->state),
                            state == BB_ORDER_SUBMITTED ? "success" : "dim-label");
}

/**
 * bb_order_panel_set_order:
 * @self: the panel
 * @order: (nullable): what to show
 */
void
bb_order_panel_set_order (BbOrderPanel *self, BbOrder *order)
{
  g_return_if_fail (BB_IS_ORDER_PANEL (self));

  if (self->order == order)
    return;

  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  g_set_object (&self->order, order);
  gtk_list_box_bind_model (self->lines, G_LIST_MODEL (order), create_row, self, NULL);
  if (order == NULL)
    return;

  g_signal_connect_swapped (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (update), self);
  update (self);
}

/**
 * bb_order_panel_set_currency:
 * @self: the panel
 * @currency: ISO 4217
 */
void
bb_order_panel_set_currency (BbOrderPanel *self, const char *currency)
{
  g_return_if_fail (BB_IS_ORDER_PANEL (self));

  g_free (self->currency);
  self->currency = g_strdup (currency);
}

static void
bb_order_panel_dispose (GObject *object)
{
  BbOrderPanel *self = BB_ORDER_PANEL (object);

  if (self->box != NULL)
    bb_order_panel_set_order (self, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_order_panel_parent_class)->dispose (object);
}

static void
bb_order_panel_class_init (BbOrderPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_order_panel_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-order-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, box);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, title);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, state);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, total);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, lines);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, placeholder);
}

static void
bb_order_panel_init (BbOrderPanel *self)
{
  self->currency = g_strdup ("EUR");
  gtk_widget_init_template (GTK_WIDGET (self));
}
