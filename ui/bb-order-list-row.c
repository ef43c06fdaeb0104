/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-list-row.h"

#include <glib/gi18n.h>

#include "bb-format.h"

struct _BbOrderListRow
{
  GtkWidget parent_instance;

  BbOrder *order;
  char *currency;

  GtkWidget *box;
  GtkLabel *title;
  GtkLabel *total;
  GtkLabel *details;
  GtkLabel *state;
};

G_DEFINE_FINAL_TYPE (BbOrderListRow, bb_order_list_row, GTK_TYPE_WIDGET)

static void
update (BbOrderListRow *self)
{
  const char *caller = bb_order_get_caller (self->order);
  g_autofree char *title = bb_format_order_title (self->order);
  g_autofree char *total = bb_money_format (bb_order_get_total (self->order), self->currency);
  g_autofree char *day = bb_format_day (bb_order_get_created (self->order));
  g_autofree char *time = bb_format_time (bb_order_get_created (self->order));
  g_autofree char *when = g_strdup_printf ("%s, %s", day, time);
  g_autofree char *details = g_strdup_printf ("%s · %s", when, title);
  g_autofree char *spoken = NULL;

  if (caller == NULL || *caller == '\0')
    caller = _("Unknown caller");
  spoken = g_strdup_printf ("%s, %s, %s, %s, %s", title, caller, when,
                            bb_order_state_label (bb_order_get_state (self->order)), total);
  gtk_label_set_label (self->title, caller);
  gtk_label_set_label (self->total, total);
  gtk_label_set_label (self->details, details);
  bb_show_order_state (self->state, bb_order_get_state (self->order));
  bb_name_list_item (GTK_WIDGET (self), spoken);
}

/**
 * bb_order_list_row_set_order:
 * @self: the row
 * @order: (nullable): what to show
 * @currency: ISO 4217
 */
void
bb_order_list_row_set_order (BbOrderListRow *self, BbOrder *order, const char *currency)
{
  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  g_set_object (&self->order, order);
  g_free (self->currency);
  self->currency = g_strdup (currency);
  if (order == NULL)
    return;

  g_signal_connect_swapped (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (update), self);
  update (self);
}

static void
bb_order_list_row_dispose (GObject *object)
{
  BbOrderListRow *self = BB_ORDER_LIST_ROW (object);

  bb_order_list_row_set_order (self, NULL, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (bb_order_list_row_parent_class)->dispose (object);
}

static void
bb_order_list_row_class_init (BbOrderListRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_order_list_row_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-order-list-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrderListRow, box);
  gtk_widget_class_bind_template_child (widget_class, BbOrderListRow, title);
  gtk_widget_class_bind_template_child (widget_class, BbOrderListRow, total);
  gtk_widget_class_bind_template_child (widget_class, BbOrderListRow, details);
  gtk_widget_class_bind_template_child (widget_class, BbOrderListRow, state);
}

static void
bb_order_list_row_init (BbOrderListRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * bb_order_list_row_new:
 *
 * Returns: (transfer floating): an empty row
 */
GtkWidget *
bb_order_list_row_new (void)
{
  return g_object_new (BB_TYPE_ORDER_LIST_ROW, NULL);
}
