/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-panel.h"

#include <glib/gi18n.h>

#include "bb-article-chooser.h"
#include "bb-order-row.h"

struct _BbOrderPanel
{
  GtkWidget parent_instance;

  BbOrder *order;
  BbOperator *operator_; /* NULL: the order is only looked at */
  char *currency;

  GtkWidget *box;
  GtkLabel *title;
  GtkLabel *state;
  GtkLabel *total;
  GtkListBox *lines;
  GtkWidget *placeholder;
  GtkWidget *add;
  BbArticleChooser *chooser;
  GtkLabel *refused;
};

G_DEFINE_FINAL_TYPE (BbOrderPanel, bb_order_panel, GTK_TYPE_WIDGET)

static gboolean
is_editable (BbOrderPanel *self)
{
  return self->operator_ != NULL && self->order != NULL
         && bb_order_get_state (self->order) < BB_ORDER_SUBMITTED;
}

static BbOrderRow *
get_row (BbOrderPanel *self, guint position)
{
  return BB_ORDER_ROW (gtk_list_box_get_row_at_index (self->lines, position));
}

/* ---- editing ------------------------------------------------------------- */

static void
show_refusal (BbOrderPanel *self, const char *text)
{
  gtk_label_set_label (self->refused, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->refused), text != NULL);
}

/* Rows show what the order holds, whatever was asked for. */
static void
refill (BbOrderPanel *self)
{
  guint n = self->order != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->order)) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (self->order), i);

      bb_order_row_set_line (get_row (self, i), line, self->currency);
    }
}

static void
on_edited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbOrderPanel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) order = bb_operator_order_finish (BB_OPERATOR (source), result, &error);

  if (self->box == NULL)
    return;
  show_refusal (self, error != NULL ? error->message : NULL);
  if (order == NULL)
    refill (self);
}

static void
on_quantity (BbOrderRow *row, guint quantity, BbOrderPanel *self)
{
  const char *id;

  if (!is_editable (self))
    return;
  id = bb_order_get_id (self->order);
  if (quantity == 0)
    bb_operator_remove_line_async (self->operator_, id, bb_order_row_get_number (row), NULL,
                                   on_edited, g_object_ref (self));
  else
    bb_operator_change_line_async (self->operator_, id, bb_order_row_get_number (row), quantity, NULL,
                                   on_edited, g_object_ref (self));
}

static void
on_chosen (BbOrderPanel *self, const char *number, guint quantity)
{
  if (is_editable (self))
    bb_operator_add_line_async (self->operator_, bb_order_get_id (self->order), number, quantity,
                                NULL, on_edited, g_object_ref (self));
}

/* ---- what is shown ------------------------------------------------------- */

/* A line that is replaced keeps its row, and so the keyboard stays in it. */
static void
on_lines_changed (GListModel *order, guint position, guint removed, guint added, BbOrderPanel *self)
{
  guint replaced = MIN (removed, added);

  for (guint i = 0; i < added; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (order, position + i);

      if (i < replaced)
        {
          bb_order_row_set_line (get_row (self, position + i), line, self->currency);
        }
      else
        {
          GtkWidget *row = bb_order_row_new (line, self->currency);

          bb_order_row_set_editable (BB_ORDER_ROW (row), is_editable (self));
          g_signal_connect_object (row, BB_ORDER_ROW_SIGNAL_QUANTITY, G_CALLBACK (on_quantity),
                                   self, 0);
          gtk_list_box_insert (self->lines, row, position + i);
        }
    }
  for (guint i = replaced; i < removed; i++)
    gtk_list_box_remove (self->lines, GTK_WIDGET (get_row (self, position + added)));
}

static void
update (BbOrderPanel *self)
{
  const char *number = bb_order_get_number (self->order);
  BbOrderState state = bb_order_get_state (self->order);
  g_autofree char *title
      = number != NULL ? g_strdup_printf (_("Order %s"), number) : g_strdup (_("Order"));
  g_autofree char *total = bb_money_format (bb_order_get_total (self->order), self->currency);

  gboolean editable = is_editable (self);
  GtkListBoxRow *row;

  gtk_widget_set_visible (self->add, editable);
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->lines, i)) != NULL; i++)
    bb_order_row_set_editable (BB_ORDER_ROW (row), editable);
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

static void
clear_rows (BbOrderPanel *self)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->lines, 0)) != NULL)
    gtk_list_box_remove (self->lines, GTK_WIDGET (row));
}

/**
 * bb_order_panel_set_order:
 * @self: the panel
 * @operator_: (nullable): through whom it is edited; %NULL: it is only shown
 * @order: (nullable): what to show
 */
void
bb_order_panel_set_order (BbOrderPanel *self, BbOperator *operator_, BbOrder *order)
{
  g_return_if_fail (BB_IS_ORDER_PANEL (self));

  if (self->order == order && self->operator_ == operator_)
    return;

  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  g_set_object (&self->order, order);
  g_set_object (&self->operator_, operator_);
  bb_article_chooser_set_operator (self->chooser, operator_);
  show_refusal (self, NULL);
  clear_rows (self);
  if (order == NULL)
    return;

  on_lines_changed (G_LIST_MODEL (order), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (order)),
                    self);
  g_signal_connect (order, "items-changed", G_CALLBACK (on_lines_changed), self);

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
  bb_article_chooser_set_currency (self->chooser, currency);
  refill (self);
}

static void
bb_order_panel_dispose (GObject *object)
{
  BbOrderPanel *self = BB_ORDER_PANEL (object);

  if (self->box != NULL)
    bb_order_panel_set_order (self, NULL, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_order_panel_parent_class)->dispose (object);
}

static void
bb_order_panel_class_init (BbOrderPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_order_panel_dispose;

  g_type_ensure (BB_TYPE_ARTICLE_CHOOSER);
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
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, add);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, chooser);
  gtk_widget_class_bind_template_child (widget_class, BbOrderPanel, refused);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
}

static void
bb_order_panel_init (BbOrderPanel *self)
{
  self->currency = g_strdup ("EUR");
  gtk_widget_init_template (GTK_WIDGET (self));
}
