/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-orders-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bb-format.h"
#include "bb-banner.h"
#include "bb-order-details.h"
#include "bb-order-list-row.h"

/* Between a change somewhere and the next look at the list (ms). */
#define SETTLE 400
/* Between two attempts while the gateway does not answer (ms). */
#define RETRY 3000

/* Rows of the filter's first list. */
static const int days_of_range[] = { 1, 7, 30, 0 };
/* Rows of its second list; see the template. */
static const int state_of_row[]
    = { -1, BB_ORDER_SUBMITTED, BB_ORDER_READ_BACK, BB_ORDER_DRAFT, BB_ORDER_CANCELLED };

struct _BbOrdersPage
{
  GtkWidget parent_instance;

  BbOperator *oper;
  GCancellable *cancellable; /* of all that is on its way to the operator */
  GCancellable *listing;     /* of the list that is on its way */
  GListStore *orders;        /* of BbOrder */
  char *currency;
  guint timer;
  gboolean stale;   /* a look is due as soon as the page is seen */
  gboolean merging; /* the selection's moves are not a person's */
  GtkFileChooserNative *chooser;

  AdwLeaflet *leaflet;
  BbBanner *notice;
  GtkEditable *text;
  GtkDropDown *range;
  GtkDropDown *state;
  GtkStack *stack;
  AdwStatusPage *failed;
  GtkListView *list;
  GtkSingleSelection *selection;
  GtkWidget *more;
  GtkWidget *right;
  GtkWidget *back;
  GtkWidget *sheet_buttons;
  BbOrderDetails *details;
};

enum
{
  PROP_OPERATOR = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BbOrdersPage, bb_orders_page, GTK_TYPE_WIDGET)

static void load (BbOrdersPage *self);

static void
show_page (BbOrdersPage *self, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (self->stack, name);
  /* GTK before 4.10 tells a screen reader of a stack's other pages as well. */
  for (page = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 page != gtk_stack_get_visible_child (self->stack), -1);
}

/* ---- the list ----------------------------------------------------------- */

static void
fill_filter (BbOrdersPage *self, BbFilter *filter)
{
  guint range = gtk_drop_down_get_selected (self->range);
  guint state = gtk_drop_down_get_selected (self->state);

  filter->state = state < G_N_ELEMENTS (state_of_row) ? state_of_row[state] : -1;
  filter->text = g_strstrip (g_strdup (gtk_editable_get_text (self->text)));
  if (*filter->text == '\0')
    g_clear_pointer (&filter->text, g_free);
  if (range < G_N_ELEMENTS (days_of_range) && days_of_range[range] > 0)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      g_autoptr (GDateTime) midnight
          = g_date_time_new_local (g_date_time_get_year (now), g_date_time_get_month (now),
                                   g_date_time_get_day_of_month (now), 0, 0, 0);

      filter->since = g_date_time_add_days (midnight, 1 - days_of_range[range]);
    }
}

static gboolean
on_timer (gpointer user_data)
{
  BbOrdersPage *self = user_data;

  self->timer = 0;
  load (self);
  return G_SOURCE_REMOVE;
}

static void
load_soon (BbOrdersPage *self, guint delay)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->stale = TRUE;
  else if (self->timer == 0)
    self->timer = g_timeout_add (delay, on_timer, self);
}

static guint
find_order (BbOrdersPage *self, const char *id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->orders));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrder) order = g_list_model_get_item (G_LIST_MODEL (self->orders), i);

      if (g_str_equal (bb_order_get_id (order), id))
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* An order that is shown stays the same object, and only becomes what it is now. */
static GPtrArray *
keep_known (BbOrdersPage *self, GPtrArray *fresh)
{
  GPtrArray *merged = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  BbOrder *shown = bb_order_details_get_order (self->details);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->orders)); i++)
    {
      g_autoptr (BbOrder) order = g_list_model_get_item (G_LIST_MODEL (self->orders), i);

      g_hash_table_insert (known, (gpointer)bb_order_get_id (order), order);
    }
  if (shown != NULL)
    g_hash_table_insert (known, (gpointer)bb_order_get_id (shown), shown);
  for (guint i = 0; i < fresh->len; i++)
    {
      BbOrder *order = g_ptr_array_index (fresh, i);
      BbOrder *old = g_hash_table_lookup (known, bb_order_get_id (order));

      if (old != NULL)
        bb_order_mirror_copy (old, order);
      g_ptr_array_add (merged, g_object_ref (old != NULL ? old : order));
    }
  return merged;
}

static gboolean
is_same_list (BbOrdersPage *self, GPtrArray *orders)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->orders)) != orders->len)
    return FALSE;
  for (guint i = 0; i < orders->len; i++)
    {
      g_autoptr (BbOrder) order = g_list_model_get_item (G_LIST_MODEL (self->orders), i);

      if (order != g_ptr_array_index (orders, i))
        return FALSE;
    }
  return TRUE;
}

static void
merge (BbOrdersPage *self, GPtrArray *fresh)
{
  g_autoptr (GPtrArray) orders = keep_known (self, fresh);
  BbOrder *shown = bb_order_details_get_order (self->details);

  if (!is_same_list (self, orders))
    {
      self->merging = TRUE;
      g_list_store_splice (self->orders, 0, g_list_model_get_n_items (G_LIST_MODEL (self->orders)),
                           orders->pdata, orders->len);
      gtk_single_selection_set_selected (self->selection,
                                         shown != NULL ? find_order (self, bb_order_get_id (shown))
                                                       : GTK_INVALID_LIST_POSITION);
      self->merging = FALSE;
    }
  gtk_widget_set_visible (self->more, orders->len >= BB_COMMAND_MAX_LIMIT);
  show_page (self, orders->len > 0 ? "orders" : "empty");
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbOrdersPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) orders = bb_operator_list_finish (BB_OPERATOR (source), result, &error);

  if (self->leaflet == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (orders != NULL)
    {
      merge (self, orders);
      return;
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (self->orders)) > 0)
    bb_banner_show (self->notice, _("That did not work"), error->message);
  else
    {
      g_autofree char *escaped = g_markup_escape_text (error->message, -1);

      adw_status_page_set_description (self->failed, escaped);
      show_page (self, "failed");
    }
  if (g_error_matches (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNREACHABLE))
    load_soon (self, RETRY);
}

static void
load (BbOrdersPage *self)
{
  BbFilter filter = BB_FILTER_ALL;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->listing);
  g_clear_object (&self->listing);
  self->stale = FALSE;
  if (self->oper == NULL)
    return;

  bb_banner_hide (self->notice);
  fill_filter (self, &filter);
  filter.limit = BB_COMMAND_MAX_LIMIT;
  self->listing = g_cancellable_new ();
  bb_operator_list_orders_async (self->oper, &filter, self->listing, on_listed, g_object_ref (self));
  bb_filter_clear (&filter);
}

static void
on_filter_changed (BbOrdersPage *self)
{
  load (self);
}

static void
on_selected (BbOrdersPage *self)
{
  BbOrder *order = gtk_single_selection_get_selected_item (self->selection);

  if (self->merging || order == NULL)
    return;
  bb_order_details_set_order (self->details, order);
  gtk_widget_set_visible (self->sheet_buttons, TRUE);
}

static void
on_activated (BbOrdersPage *self)
{
  /* Beside the list it is in view already, and the keyboard stays where it is. */
  if (adw_leaflet_get_folded (self->leaflet))
    adw_leaflet_set_visible_child (self->leaflet, self->right);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, BbOrdersPage *self)
{
  gtk_list_item_set_child (item, bb_order_list_row_new ());
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, BbOrdersPage *self)
{
  bb_order_list_row_set_order (BB_ORDER_LIST_ROW (gtk_list_item_get_child (item)),
                               gtk_list_item_get_item (item), self->currency);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, BbOrdersPage *self)
{
  bb_order_list_row_set_order (BB_ORDER_LIST_ROW (gtk_list_item_get_child (item)), NULL, NULL);
}

/* ---- export ------------------------------------------------------------- */

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbOrdersPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error)
      && self->leaflet != NULL)
    bb_banner_show (self->notice, _("That did not work"), error->message);
}

typedef struct
{
  BbOrdersPage *self;
  GFile *file;
} Export;

static void
on_exported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (BbOrdersPage) self = export->self;
  g_autoptr (GFile) file = export->file;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = bb_operator_bytes_finish (BB_OPERATOR (source), result, &error);

  g_free (export);
  if (self->leaflet == NULL)
    return;
  if (bytes == NULL)
    bb_banner_show (self->notice, _("That did not work"), error->message);
  else
    g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                         on_written, g_object_ref (self));
}

static void
on_export_chosen (GtkNativeDialog *dialog, int response, BbOrdersPage *self)
{
  const char *format = g_object_get_data (G_OBJECT (dialog), "format");

  if (response == GTK_RESPONSE_ACCEPT && self->oper != NULL)
    {
      BbFilter filter = BB_FILTER_ALL;
      Export *export = g_new0 (Export, 1);

      export->self = g_object_ref (self);
      export->file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      bb_banner_hide (self->notice);
      fill_filter (self, &filter);
      bb_operator_export_orders_async (self->oper, &filter, format, self->cancellable, on_exported,
                                       export);
      bb_filter_clear (&filter);
    }
  g_clear_object (&self->chooser);
}

static void
on_export (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrdersPage *self = BB_ORDERS_PAGE (widget);
  const char *format = g_variant_get_string (parameter, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");
  /* Translators: a file's name: the day, then csv or json. */
  g_autofree char *file = g_strdup_printf (_("Orders %s.%s"), day, format);

  if (self->chooser != NULL || self->oper == NULL)
    return;
  self->chooser = bb_save_dialog_new (widget, _("Export the orders of this list"), file);
  g_object_set_data_full (G_OBJECT (self->chooser), "format", g_strdup (format), g_free);
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_export_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- other actions ------------------------------------------------------ */

static void
on_reload (GtkWidget *widget, const char *name, GVariant *parameter)
{
  load (BB_ORDERS_PAGE (widget));
}

static void
on_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrdersPage *self = BB_ORDERS_PAGE (widget);

  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  gtk_widget_grab_focus (GTK_WIDGET (self->text));
}

static void
on_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrdersPage *self = BB_ORDERS_PAGE (widget);

  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/* "orders.print" is the "order.print" of the order that is shown. */
static void
on_order_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbOrdersPage *self = BB_ORDERS_PAGE (widget);
  g_autofree char *action = g_strconcat ("order", strchr (name, '.'), NULL);

  gtk_widget_activate_action_variant (GTK_WIDGET (self->details), action, parameter);
}

/* ---- the operator ------------------------------------------------------- */

static void
on_order_changed (BbOrdersPage *self)
{
  load_soon (self, SETTLE);
}

static void
watch (BbOrdersPage *self, GListModel *calls, guint position, guint n)
{
  for (guint i = position; i < position + n; i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);
      BbOrder *order = bb_call_get_order (call);

      if (order != NULL)
        g_signal_connect_object (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (on_order_changed), self,
                                 G_CONNECT_SWAPPED);
    }
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, BbOrdersPage *self)
{
  watch (self, calls, position, added);
  load_soon (self, SETTLE);
}

static void
on_settings (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbOrdersPage) self = user_data;
  g_autoptr (BbSettings) settings
      = bb_operator_settings_finish (BB_OPERATOR (source), result, NULL);

  if (settings == NULL || self->leaflet == NULL)
    return;
  bb_order_details_set_merchant (self->details, settings->merchant);
  if (g_strcmp0 (self->currency, settings->currency) == 0)
    return;
  g_free (self->currency);
  self->currency = g_strdup (settings->currency);
  bb_order_details_set_currency (self->details, self->currency);
  g_list_store_remove_all (self->orders); /* every row names the currency */
  load (self);
}

static void
forget_operator (BbOrdersPage *self)
{
  GListModel *calls = self->oper != NULL ? bb_operator_get_calls (self->oper) : NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_cancellable_cancel (self->listing);
  g_clear_object (&self->listing);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (calls == NULL)
    return;
  g_signal_handlers_disconnect_by_data (calls, self);
  for (guint i = 0; i < g_list_model_get_n_items (calls); i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

      if (bb_call_get_order (call) != NULL)
        g_signal_handlers_disconnect_by_data (bb_call_get_order (call), self);
    }
  g_clear_object (&self->oper);
}

/**
 * bb_orders_page_set_operator:
 * @self: the page
 * @oper: (nullable): whose orders
 */
void
bb_orders_page_set_operator (BbOrdersPage *self, BbOperator *oper)
{
  GListModel *calls;

  g_return_if_fail (BB_IS_ORDERS_PAGE (self));

  if (self->oper == oper)
    return;
  forget_operator (self);
  bb_order_details_set_order (self->details, NULL);
  gtk_widget_set_visible (self->sheet_buttons, FALSE);
  g_list_store_remove_all (self->orders);
  bb_order_details_set_operator (self->details, oper);
  if (oper != NULL)
    {
      self->oper = g_object_ref (oper);
      self->cancellable = g_cancellable_new ();
      calls = bb_operator_get_calls (oper);
      g_signal_connect_object (calls, "items-changed", G_CALLBACK (on_calls_changed), self, 0);
      watch (self, calls, 0, g_list_model_get_n_items (calls));
      bb_operator_get_settings_async (oper, self->cancellable, on_settings, g_object_ref (self));
      load (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OPERATOR]);
}

BbOperator *
bb_orders_page_get_operator (BbOrdersPage *self)
{
  g_return_val_if_fail (BB_IS_ORDERS_PAGE (self), NULL);

  return self->oper;
}

static void
bb_orders_page_map (GtkWidget *widget)
{
  BbOrdersPage *self = BB_ORDERS_PAGE (widget);

  GTK_WIDGET_CLASS (bb_orders_page_parent_class)->map (widget);
  if (self->stale)
    load (self);
}

static gboolean
bb_orders_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (BB_ORDERS_PAGE (widget)->text));
}

static void
bb_orders_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, BB_ORDERS_PAGE (object)->oper);
}

static void
bb_orders_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  bb_orders_page_set_operator (BB_ORDERS_PAGE (object), g_value_get_object (value));
}

static void
bb_orders_page_dispose (GObject *object)
{
  BbOrdersPage *self = BB_ORDERS_PAGE (object);

  forget_operator (self);
  if (self->chooser != NULL)
    g_signal_handlers_disconnect_by_data (self->chooser, self);
  g_clear_object (&self->chooser);
  if (self->leaflet != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->leaflet));
  self->leaflet = NULL;
  g_clear_object (&self->orders);
  g_clear_pointer (&self->currency, g_free);

  G_OBJECT_CLASS (bb_orders_page_parent_class)->dispose (object);
}

static void
bb_orders_page_class_init (BbOrdersPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const order_actions[]
      = { "orders.print", "orders.save-pdf", "orders.approve", "orders.add" };

  object_class->dispose = bb_orders_page_dispose;
  object_class->get_property = bb_orders_page_get_property;
  object_class->set_property = bb_orders_page_set_property;
  widget_class->map = bb_orders_page_map;
  widget_class->grab_focus = bb_orders_page_grab_focus;
  props[PROP_OPERATOR] = g_param_spec_object ("operator", NULL, NULL, BB_TYPE_OPERATOR,
                                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                  | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (BB_TYPE_BANNER);
  g_type_ensure (BB_TYPE_ORDER_DETAILS);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-orders-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, notice);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, text);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, range);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, state);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, stack);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, failed);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, list);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, selection);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, more);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, right);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, back);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, sheet_buttons);
  gtk_widget_class_bind_template_child (widget_class, BbOrdersPage, details);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
  gtk_widget_class_install_action (widget_class, "orders.export", "s", on_export);
  gtk_widget_class_install_action (widget_class, "orders.reload", NULL, on_reload);
  gtk_widget_class_install_action (widget_class, "orders.find", NULL, on_find);
  gtk_widget_class_install_action (widget_class, "orders.back", NULL, on_back);
  for (gsize i = 0; i < G_N_ELEMENTS (order_actions); i++)
    gtk_widget_class_install_action (widget_class, order_actions[i], NULL, on_order_action);
}

static void
bb_orders_page_init (BbOrdersPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->currency = g_strdup ("EUR");
  self->orders = g_list_store_new (BB_TYPE_ORDER);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->orders));
  g_object_bind_property (self->leaflet, "folded", self->back, "visible", G_BINDING_SYNC_CREATE);
  gtk_widget_set_visible (self->sheet_buttons, FALSE);
  bb_add_shortcut (widget, "<Control>f", "orders.find", NULL);
  bb_add_shortcut (widget, "<Control>r", "orders.reload", NULL);
  bb_add_shortcut (widget, "F5", "orders.reload", NULL);
  bb_add_shortcut (widget, "<Control>p", "orders.print", NULL);
  bb_add_shortcut (widget, "<Control>n", "orders.add", NULL);
  bb_add_shortcut (widget, "<Control>e", "orders.export", "csv");
  bb_add_shortcut (widget, "<Control><Shift>Return", "orders.approve", NULL);
  bb_name_drop_down (self->range, _("Days"));
  bb_name_drop_down (self->state, _("State"));
  show_page (self, "loading");
}

/**
 * bb_orders_page_new:
 *
 * Returns: (transfer floating): a page without orders
 */
GtkWidget *
bb_orders_page_new (void)
{
  return g_object_new (BB_TYPE_ORDERS_PAGE, NULL);
}
