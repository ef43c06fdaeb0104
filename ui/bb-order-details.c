/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-details.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bb-article-chooser.h"
#include "bb-format.h"
#include "bb-banner.h"
#include "bb-order-edit-row.h"
#include "bb-order-sheet.h"

struct _BbOrderDetails
{
  GtkWidget parent_instance;

  BbOperator *oper;
  BbOrder *order;
  char *currency;
  char *merchant;
  GtkFileChooserNative *chooser;

  GtkWidget *box;
  BbBanner *notice;
  GtkStack *stack;
  GtkLabel *title;
  GtkLabel *state;
  GtkLabel *caller;
  GtkLabel *times;
  GtkListBox *lines;
  GtkLabel *placeholder;
  GtkLabel *total;
  GtkMenuButton *add;
  BbArticleChooser *add_popover;
  GtkWidget *note_group;
  AdwEntryRow *note;
  GtkLabel *fixed_note;
  GtkWidget *actions;
};

G_DEFINE_FINAL_TYPE (BbOrderDetails, bb_order_details, GTK_TYPE_WIDGET)

static void update (BbOrderDetails *self);

/**
 * bb_order_mirror_copy:
 * @order: the one that is shown
 * @fresh: the same order as it is now
 *
 * @order becomes as @fresh is, with one "changed" if anything did.
 */
void
bb_order_mirror_copy (BbOrder *order, BbOrder *fresh)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fresh)); i++)
    g_ptr_array_add (lines, g_list_model_get_item (G_LIST_MODEL (fresh), i));
  bb_order_mirror (order, bb_order_get_number (fresh), bb_order_get_state (fresh),
                   bb_order_get_note (fresh), bb_order_get_updated (fresh), lines);
}

static gboolean
is_open (BbOrderDetails *self)
{
  return self->order != NULL && self->oper != NULL
         && bb_order_get_state (self->order) != BB_ORDER_SUBMITTED
         && bb_order_get_state (self->order) != BB_ORDER_CANCELLED;
}

/* ---- what is asked of the gateway -------------------------------------- */

typedef struct
{
  BbOrderDetails *self;
  BbOrder *order; /* the one that was shown when it was asked */
} Question;

static Question *
ask (BbOrderDetails *self)
{
  Question *question = g_new0 (Question, 1);

  bb_banner_hide (self->notice);
  question->self = g_object_ref (self);
  question->order = g_object_ref (self->order);
  return question;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (BbOrderDetails) self = question->self;
  g_autoptr (BbOrder) order = question->order;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) fresh = bb_operator_order_finish (BB_OPERATOR (source), result, &error);

  g_free (question);
  if (fresh != NULL)
    bb_order_mirror_copy (order, fresh);
  if (self->box == NULL || self->order != order)
    return;
  if (fresh == NULL)
    bb_banner_show (self->notice, _("That did not work"), error->message);
  /* Also when nothing has changed: what was typed is not what holds. */
  update (self);
}

static void
on_line_change (BbOrderEditRow *row, guint quantity, BbOrderDetails *self)
{
  if (is_open (self))
    bb_operator_change_line_async (self->oper, bb_order_get_id (self->order),
                                   bb_order_edit_row_get_number (row), quantity, NULL, on_answer,
                                   ask (self));
}

static void
on_line_remove (BbOrderEditRow *row, BbOrderDetails *self)
{
  if (is_open (self))
    bb_operator_remove_line_async (self->oper, bb_order_get_id (self->order),
                                   bb_order_edit_row_get_number (row), NULL, on_answer, ask (self));
}

static void
on_article_chosen (BbOrderDetails *self, const char *number, guint quantity)
{
  if (is_open (self))
    bb_operator_add_line_async (self->oper, bb_order_get_id (self->order), number, quantity, NULL,
                                on_answer, ask (self));
}

static void
on_note_applied (BbOrderDetails *self)
{
  if (self->order != NULL && self->oper != NULL)
    bb_operator_note_order_async (self->oper, bb_order_get_id (self->order),
                                  gtk_editable_get_text (GTK_EDITABLE (self->note)), NULL,
                                  on_answer, ask (self));
}

static void
on_approve (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrderDetails *self = BB_ORDER_DETAILS (widget);

  if (is_open (self))
    bb_operator_approve_order_async (self->oper, bb_order_get_id (self->order), NULL, on_answer,
                                     ask (self));
}

static void
on_cancel_answered (AdwMessageDialog *dialog, const char *response, BbOrderDetails *self)
{
  BbOrder *asked = g_object_get_data (G_OBJECT (dialog), "order");

  if (g_str_equal (response, "cancel-order") && self->order == asked && is_open (self))
    bb_operator_cancel_order_async (self->oper, bb_order_get_id (self->order), NULL, on_answer,
                                    ask (self));
}

static void
on_cancel (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrderDetails *self = BB_ORDER_DETAILS (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *dialog;

  if (!is_open (self))
    return;
  dialog = adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                   _("Cancel this order?"),
                                   _("It stays in the list, but nothing will be delivered. This "
                                     "can’t be undone."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _("_Keep it"),
                                    "cancel-order", _("_Cancel the order"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "cancel-order",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_object_set_data_full (G_OBJECT (dialog), "order", g_object_ref (self->order), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_cancel_answered), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- on paper ----------------------------------------------------------- */

static void
on_printed (GtkPrintOperation *sheet, GtkPrintOperationResult result, BbOrderDetails *self)
{
  g_autoptr (GError) error = NULL;

  gtk_print_operation_get_error (sheet, &error);
  if (error != NULL && self->box != NULL)
    bb_banner_show (self->notice, _("That did not work"), error->message);
}

static void
print (BbOrderDetails *self, const char *path)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autoptr (GtkPrintOperation) sheet
      = bb_order_sheet_new (self->order, self->merchant, self->currency);

  bb_banner_hide (self->notice);
  if (path != NULL)
    gtk_print_operation_set_export_filename (sheet, path);
  /* The window goes on while pages are drawn. */
  gtk_print_operation_set_allow_async (sheet, TRUE);
  g_signal_connect_object (sheet, "done", G_CALLBACK (on_printed), self, 0);
  gtk_print_operation_run (sheet,
                           path != NULL ? GTK_PRINT_OPERATION_ACTION_EXPORT
                                        : GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG,
                           GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL);
}

static void
on_print (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrderDetails *self = BB_ORDER_DETAILS (widget);

  if (self->order != NULL)
    print (self, NULL);
}

static void
on_pdf_chosen (GtkNativeDialog *dialog, int response, BbOrderDetails *self)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT && self->order != NULL)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      path = g_file_get_path (file);
      if (path != NULL)
        print (self, path);
      else
        bb_banner_show (self->notice, _("That did not work"), _("A PDF can be kept in a folder of this computer only: "
                                        "choose another one."));
    }
  g_clear_object (&self->chooser);
}

static void
on_save_pdf (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrderDetails *self = BB_ORDER_DETAILS (widget);
  g_autofree char *title = NULL;
  g_autofree char *file = NULL;

  if (self->order == NULL || self->chooser != NULL)
    return;
  title = bb_format_order_title (self->order);
  file = g_strconcat (title, ".pdf", NULL);
  self->chooser = bb_save_dialog_new (widget, _("Save as PDF"), file);
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_pdf_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_add (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrderDetails *self = BB_ORDER_DETAILS (widget);

  if (is_open (self))
    gtk_menu_button_popup (self->add);
}

/* ---- what is shown ------------------------------------------------------ */

static BbOrderEditRow *
row_at (BbOrderDetails *self, guint position)
{
  return (BbOrderEditRow *)gtk_list_box_get_row_at_index (self->lines, (int)position);
}

/* Rows stay with their article, and the keyboard stays in them. */
static void
update_lines (BbOrderDetails *self, gboolean editable)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->order));
  BbOrderEditRow *row;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (self->order), i);
      const char *number = bb_order_line_get_number (line);

      while ((row = row_at (self, i)) != NULL
             && !g_str_equal (bb_order_edit_row_get_number (row), number)
             && bb_order_find (self->order, bb_order_edit_row_get_number (row)) == NULL)
        gtk_list_box_remove (self->lines, GTK_WIDGET (row));
      if (row == NULL || !g_str_equal (bb_order_edit_row_get_number (row), number))
        {
          row = BB_ORDER_EDIT_ROW (bb_order_edit_row_new ());
          g_signal_connect (row, "change", G_CALLBACK (on_line_change), self);
          g_signal_connect (row, "remove", G_CALLBACK (on_line_remove), self);
          gtk_list_box_insert (self->lines, GTK_WIDGET (row), (int)i);
        }
      bb_order_edit_row_set_line (row, line, self->currency, editable);
    }
  while ((row = row_at (self, n)) != NULL)
    gtk_list_box_remove (self->lines, GTK_WIDGET (row));
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->placeholder), GTK_ACCESSIBLE_STATE_HIDDEN,
                               n > 0, -1);
}

static void
update_head (BbOrderDetails *self)
{
  const char *caller = bb_order_get_caller (self->order);
  g_autofree char *title = bb_format_order_title (self->order);
  g_autofree char *created = bb_format_stamp (bb_order_get_created (self->order));
  g_autofree char *updated = bb_format_stamp (bb_order_get_updated (self->order));
  g_autofree char *times = g_strdup_printf (_("Taken %s · last changed %s"), created, updated);
  g_autofree char *total = bb_money_format (bb_order_get_total (self->order), self->currency);

  gtk_label_set_label (self->title, title);
  bb_show_order_state (self->state, bb_order_get_state (self->order));
  gtk_label_set_label (self->caller, caller != NULL && *caller != '\0' ? caller : _("Unknown caller"));
  gtk_label_set_label (self->times, times);
  gtk_label_set_label (self->total, total);
}

static void
show_page (BbOrderDetails *self, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (self->stack, name);
  /* GTK before 4.10 tells a screen reader of a stack's other pages as well. */
  for (page = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 page != gtk_stack_get_visible_child (self->stack), -1);
}

static void
update (BbOrderDetails *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean editable = is_open (self);
  gboolean filled;

  if (self->box == NULL)
    return;
  gtk_widget_action_set_enabled (widget, "order.print", self->order != NULL);
  gtk_widget_action_set_enabled (widget, "order.save-pdf", self->order != NULL);
  gtk_widget_action_set_enabled (widget, "order.add", editable);
  gtk_widget_action_set_enabled (widget, "order.cancel", editable);
  gtk_widget_set_visible (self->actions, editable);
  gtk_widget_set_visible (GTK_WIDGET (self->add), editable);
  show_page (self, self->order != NULL ? "order" : "none");
  if (self->order == NULL)
    {
      gtk_widget_action_set_enabled (widget, "order.approve", FALSE);
      return;
    }

  filled = g_list_model_get_n_items (G_LIST_MODEL (self->order)) > 0;
  gtk_widget_action_set_enabled (widget, "order.approve", editable && filled);
  update_head (self);
  update_lines (self, editable);
  gtk_editable_set_text (GTK_EDITABLE (self->note), bb_order_get_note (self->order));
  gtk_label_set_label (self->fixed_note, bb_order_get_note (self->order));
  gtk_widget_set_visible (self->note_group, editable);
  gtk_widget_set_visible (GTK_WIDGET (self->fixed_note),
                          !editable && *bb_order_get_note (self->order) != '\0');
}

/**
 * bb_order_details_set_order:
 * @self: the details
 * @order: (nullable): what to show; its lines are asked for once more
 */
void
bb_order_details_set_order (BbOrderDetails *self, BbOrder *order)
{
  g_return_if_fail (BB_IS_ORDER_DETAILS (self));

  if (self->order == order)
    return;
  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  gtk_popover_popdown (GTK_POPOVER (self->add_popover));
  g_set_object (&self->order, order);
  bb_banner_hide (self->notice);
  if (order != NULL)
    {
      g_signal_connect_swapped (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (update), self);
      if (self->oper != NULL)
        bb_operator_get_order_async (self->oper, bb_order_get_id (order), NULL, on_answer,
                                     ask (self));
    }
  update (self);
}

BbOrder *
bb_order_details_get_order (BbOrderDetails *self)
{
  g_return_val_if_fail (BB_IS_ORDER_DETAILS (self), NULL);

  return self->order;
}

void
bb_order_details_set_operator (BbOrderDetails *self, BbOperator *oper)
{
  g_return_if_fail (BB_IS_ORDER_DETAILS (self));

  if (!g_set_object (&self->oper, oper))
    return;
  bb_article_chooser_set_operator (self->add_popover, oper);
  update (self);
}

void
bb_order_details_set_currency (BbOrderDetails *self, const char *currency)
{
  g_return_if_fail (BB_IS_ORDER_DETAILS (self));

  g_free (self->currency);
  self->currency = g_strdup (currency);
  bb_article_chooser_set_currency (self->add_popover, currency);
  update (self);
}

void
bb_order_details_set_merchant (BbOrderDetails *self, const char *merchant)
{
  g_return_if_fail (BB_IS_ORDER_DETAILS (self));

  g_free (self->merchant);
  self->merchant = g_strdup (merchant);
}

static void
bb_order_details_dispose (GObject *object)
{
  BbOrderDetails *self = BB_ORDER_DETAILS (object);

  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  if (self->chooser != NULL)
    g_signal_handlers_disconnect_by_data (self->chooser, self);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->order);
  g_clear_object (&self->oper);
  g_clear_pointer (&self->currency, g_free);
  g_clear_pointer (&self->merchant, g_free);

  G_OBJECT_CLASS (bb_order_details_parent_class)->dispose (object);
}

static void
bb_order_details_class_init (BbOrderDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_order_details_dispose;

  g_type_ensure (BB_TYPE_ARTICLE_CHOOSER);
  g_type_ensure (BB_TYPE_BANNER);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-order-details.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, box);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, notice);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, stack);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, title);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, state);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, caller);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, times);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, lines);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, placeholder);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, total);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, add);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, add_popover);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, note_group);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, note);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, fixed_note);
  gtk_widget_class_bind_template_child (widget_class, BbOrderDetails, actions);
  gtk_widget_class_bind_template_callback (widget_class, on_article_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_note_applied);
  gtk_widget_class_install_action (widget_class, "order.approve", NULL, on_approve);
  gtk_widget_class_install_action (widget_class, "order.cancel", NULL, on_cancel);
  gtk_widget_class_install_action (widget_class, "order.print", NULL, on_print);
  gtk_widget_class_install_action (widget_class, "order.save-pdf", NULL, on_save_pdf);
  gtk_widget_class_install_action (widget_class, "order.add", NULL, on_add);
}

static void
bb_order_details_init (BbOrderDetails *self)
{
  self->currency = g_strdup ("EUR");
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}
