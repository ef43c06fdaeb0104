/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-view.h"

#include <glib/gi18n.h>

#include "bb-order-row.h"
#include "bb-transcript-row.h"

struct _BbCallView
{
  GtkWidget parent_instance;

  BbCall *call;
  char *currency;
  guint scroll_idle;

  GtkWidget *box;
  GtkScrolledWindow *scroller;
  GtkListView *transcript;
  GtkRevealer *order_revealer;
  GtkLabel *order_title;
  GtkLabel *order_total;
  GtkListBox *order_lines;
};

G_DEFINE_FINAL_TYPE (BbCallView, bb_call_view, GTK_TYPE_WIDGET)

static GtkWidget *
create_order_row (gpointer item, gpointer user_data)
{
  BbCallView *self = user_data;

  return bb_order_row_new (item, self->currency);
}

static void
update_order (BbCallView *self)
{
  BbOrder *order = bb_call_get_order (self->call);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (order));
  const char *number = bb_order_get_number (order);
  g_autofree char *total = bb_money_format (bb_order_get_total (order), self->currency);
  g_autofree char *title
      = number != NULL
            ? g_strdup_printf ("%s %s · %s", _("Order"), number,
                               bb_order_state_label (bb_order_get_state (order)))
            : g_strdup_printf ("%s · %s", _("Order"),
                               bb_order_state_label (bb_order_get_state (order)));

  gtk_label_set_label (self->order_title, title);
  gtk_label_set_label (self->order_total, total);
  gtk_revealer_set_reveal_child (self->order_revealer, n > 0);
}

static gboolean
scroll_to_end (gpointer user_data)
{
  BbCallView *self = user_data;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  self->scroll_idle = 0;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  return G_SOURCE_REMOVE;
}

/* New words are in view, unless the reader scrolled back on purpose. */
static void
follow (BbCallView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  double bottom = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  double slack = gtk_adjustment_get_page_size (adjustment) / 2;

  if (gtk_adjustment_get_value (adjustment) >= bottom - slack && self->scroll_idle == 0)
    self->scroll_idle = g_idle_add_full (G_PRIORITY_LOW, scroll_to_end, self, NULL);
}

static void
disconnect_call (BbCallView *self)
{
  if (self->call == NULL)
    return;

  g_signal_handlers_disconnect_by_data (bb_call_get_order (self->call), self);
  g_signal_handlers_disconnect_by_data (bb_call_get_transcript (self->call), self);
  g_clear_object (&self->call);
}

/**
 * bb_call_view_set_call:
 * @self: the view
 * @call: (nullable): what to show
 */
void
bb_call_view_set_call (BbCallView *self, BbCall *call)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  g_return_if_fail (BB_IS_CALL_VIEW (self));

  if (self->call == call)
    return;

  disconnect_call (self);
  if (call == NULL)
    {
      gtk_list_view_set_model (self->transcript, NULL);
      gtk_list_box_bind_model (self->order_lines, NULL, NULL, NULL, NULL);
      gtk_revealer_set_reveal_child (self->order_revealer, FALSE);
      return;
    }

  self->call = g_object_ref (call);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (bb_call_get_transcript (call))));
  gtk_list_view_set_model (self->transcript, GTK_SELECTION_MODEL (selection));
  gtk_list_box_bind_model (self->order_lines, G_LIST_MODEL (bb_call_get_order (call)),
                           create_order_row, self, NULL);
  g_signal_connect_swapped (bb_call_get_order (call), "changed", G_CALLBACK (update_order), self);
  g_signal_connect_swapped (bb_call_get_transcript (call), "items-changed", G_CALLBACK (follow),
                            self);
  g_signal_connect_swapped (bb_call_get_transcript (call), "line-changed", G_CALLBACK (follow),
                            self);
  update_order (self);
}

/**
 * bb_call_view_set_currency:
 * @self: the view
 * @currency: ISO 4217
 */
void
bb_call_view_set_currency (BbCallView *self, const char *currency)
{
  g_return_if_fail (BB_IS_CALL_VIEW (self));

  g_free (self->currency);
  self->currency = g_strdup (currency);
}

static void
bb_call_view_dispose (GObject *object)
{
  BbCallView *self = BB_CALL_VIEW (object);

  disconnect_call (self);
  g_clear_handle_id (&self->scroll_idle, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_call_view_parent_class)->dispose (object);
}

static void
bb_call_view_class_init (BbCallViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_call_view_dispose;

  g_type_ensure (BB_TYPE_TRANSCRIPT_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-call-view.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallView, box);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, scroller);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, transcript);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, order_revealer);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, order_title);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, order_total);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, order_lines);
}

static void
bb_call_view_init (BbCallView *self)
{
  self->currency = g_strdup ("EUR");
  gtk_widget_init_template (GTK_WIDGET (self));
}
