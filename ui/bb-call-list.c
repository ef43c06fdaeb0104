/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-list.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bb-call-row.h"
#include "bb-call-text.h"

/* Earlier calls that are asked for at once. */
#define HISTORY_LIMIT 200

struct _BbCallList
{
  GtkWidget parent_instance;

  BbOperator *operator_;
  GPtrArray *watched; /* BbCall: those of now, in the order of the operator's list */
  GtkCustomFilter *filter;
  GtkCustomSorter *sorter;
  char *needle; /* what is searched for, casefolded */
  guint resort; /* idle source */
  GtkSingleSelection *live;
  GtkSingleSelection *past;
  GListStore *history;
  GCancellable *listing; /* of the list of earlier calls */
  GCancellable *fetching; /* of the one that was chosen */
  BbCall *call;

  GtkWidget *box;
  GtkToggleButton *now;
  GtkToggleButton *earlier;
  GtkEditable *search;
  GtkStack *stack;
  GtkListView *list;
  AdwStatusPage *none;
};

G_DEFINE_FINAL_TYPE (BbCallList, bb_call_list, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_OPERATOR,
  PROP_CALL,
  N_PROPERTIES
};

enum
{
  FAILED,
  ACTIVATED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

static void
set_call (BbCallList *self, BbCall *call)
{
  if (g_set_object (&self->call, call))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CALL]);
}

/* ---- the calls of now ---------------------------------------------------- */

/* Those that want something of a person stand first. */
static int
rank (BbCall *call)
{
  if (bb_call_get_waiting (call))
    return 0;
  return bb_call_get_state (call) == BB_CALL_ENDED ? 2 : 1;
}

static int
compare_calls (gconstpointer a, gconstpointer b, gpointer user_data)
{
  BbCall *first = BB_CALL ((gpointer)a);
  BbCall *second = BB_CALL ((gpointer)b);
  int order = rank (first) - rank (second);

  if (order != 0)
    return order;
  return -g_date_time_compare (bb_call_get_started (first), bb_call_get_started (second));
}

static gboolean
contains (const char *text, const char *needle)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, needle) != NULL;
}

static gboolean
matches (gpointer item, gpointer user_data)
{
  BbCallList *self = user_data;
  g_autofree char *title = NULL;

  if (self->needle == NULL || *self->needle == '\0')
    return TRUE;
  title = bb_call_text_title (item);
  return contains (title, self->needle) || contains (bb_call_get_caller_number (item), self->needle);
}

static gboolean
on_resort (gpointer user_data)
{
  BbCallList *self = user_data;

  self->resort = 0;
  gtk_sorter_changed (GTK_SORTER (self->sorter), GTK_SORTER_CHANGE_DIFFERENT);
  return G_SOURCE_REMOVE;
}

static void
on_rank_changed (BbCallList *self)
{
  if (self->resort == 0)
    self->resort = g_idle_add (on_resort, self);
}

static void
watch_call (BbCallList *self, guint position, BbCall *call)
{
  g_signal_connect_swapped (call, "notify::" BB_CALL_PROP_STATE, G_CALLBACK (on_rank_changed), self);
  g_signal_connect_swapped (call, "notify::" BB_CALL_PROP_WAITING, G_CALLBACK (on_rank_changed),
                            self);
  g_ptr_array_insert (self->watched, position, g_object_ref (call));
}

static void
unwatch_call (BbCallList *self, guint position)
{
  g_signal_handlers_disconnect_by_data (self->watched->pdata[position], self);
  g_ptr_array_remove_index (self->watched, position);
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, BbCallList *self)
{
  for (guint i = 0; i < removed; i++)
    unwatch_call (self, position);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, position + i);

      watch_call (self, position + i, call);
    }
}

/* ---- what is shown ------------------------------------------------------- */

static GtkSingleSelection *
get_selection (BbCallList *self)
{
  return bb_call_list_get_earlier (self) ? self->past : self->live;
}

static void
update_stack (BbCallList *self)
{
  gboolean searching = *gtk_editable_get_text (self->search) != '\0';
  gboolean earlier = bb_call_list_get_earlier (self);
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (get_selection (self))) == 0;

  adw_status_page_set_icon_name (self->none, searching ? "system-search-symbolic"
                                                       : "call-start-symbolic");
  adw_status_page_set_title (self->none, searching ? _("Nothing found")
                                         : earlier ? _("No earlier calls")
                                                   : _("No calls"));
  adw_status_page_set_description (self->none,
                                   searching && !earlier
                                       ? _("Earlier calls are searched under “Earlier”, with all "
                                           "that was said.")
                                       : NULL);
  gtk_stack_set_visible_child_name (self->stack, empty ? "none" : "list");
}

static void
fail (BbCallList *self, const char *title, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[FAILED], 0, title, error->message);
}

static void
on_history (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbCallList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) calls
      = bb_operator_list_finish (BB_OPERATOR (source), result, &error);

  if (calls == NULL)
    {
      fail (self, _("Earlier calls could not be fetched"), error);
      return;
    }
  if (self->operator_ == NULL)
    return;
  g_list_store_splice (self->history, 0, g_list_model_get_n_items (G_LIST_MODEL (self->history)),
                       calls->pdata, calls->len);
  update_stack (self);
}

static void
cancel (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static void
list_history (BbCallList *self)
{
  const char *text = gtk_editable_get_text (self->search);
  BbFilter filter = BB_FILTER_ALL;

  cancel (&self->listing);
  if (self->operator_ == NULL)
    return;
  self->listing = g_cancellable_new ();
  filter.text = *text != '\0' ? (char *)text : NULL; /* copied before it returns */
  filter.limit = HISTORY_LIMIT;
  bb_operator_list_history_async (self->operator_, &filter, self->listing, on_history,
                                  g_object_ref (self));
}

static void
on_whole_call (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbCallList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbCall) call = bb_operator_call_finish (BB_OPERATOR (source), result, &error);

  if (call == NULL)
    fail (self, _("The call could not be fetched"), error);
  else if (bb_call_list_get_earlier (self))
    set_call (self, call);
}

static void
on_selected (BbCallList *self)
{
  GtkSingleSelection *selection = get_selection (self);
  BbCall *call = gtk_single_selection_get_selected_item (selection);

  cancel (&self->fetching);
  if (!bb_call_list_get_earlier (self))
    {
      set_call (self, call);
    }
  else if (call == NULL)
    {
      set_call (self, NULL);
    }
  else
    {
      self->fetching = g_cancellable_new ();
      bb_operator_get_history_async (self->operator_, bb_call_get_id (call), self->fetching,
                                     on_whole_call, g_object_ref (self));
    }
}

static void
on_search_changed (BbCallList *self)
{
  if (bb_call_list_get_earlier (self))
    {
      list_history (self);
      return;
    }
  g_free (self->needle);
  self->needle = g_utf8_casefold (gtk_editable_get_text (self->search), -1);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  update_stack (self);
}

static void
on_earlier_toggled (BbCallList *self)
{
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (get_selection (self)));
  on_search_changed (self);
  on_selected (self);
  update_stack (self);
}

/* A click on the row that is chosen already leads to it, too. */
static void
on_activated (BbCallList *self)
{
  g_signal_emit (self, signals[ACTIVATED], 0);
}

/* ---- the widget ---------------------------------------------------------- */

/**
 * bb_call_list_set_operator:
 * @self: the list
 * @operator_: (nullable): whose calls are shown
 */
void
bb_call_list_set_operator (BbCallList *self, BbOperator *operator_)
{
  GListModel *calls;
  GListModel *filtered;
  GListModel *sorted;

  g_return_if_fail (BB_IS_CALL_LIST (self));

  if (self->operator_ == operator_)
    return;

  cancel (&self->listing);
  cancel (&self->fetching);
  if (self->operator_ != NULL)
    g_signal_handlers_disconnect_by_data (bb_operator_get_calls (self->operator_), self);
  while (self->watched->len > 0)
    unwatch_call (self, self->watched->len - 1);
  g_list_store_remove_all (self->history);
  g_set_object (&self->operator_, operator_);
  if (operator_ == NULL)
    {
      gtk_single_selection_set_model (self->live, NULL);
    }
  else
    {
      calls = bb_operator_get_calls (operator_);
      on_calls_changed (calls, 0, 0, g_list_model_get_n_items (calls), self);
      g_signal_connect (calls, "items-changed", G_CALLBACK (on_calls_changed), self);
      filtered = G_LIST_MODEL (
          gtk_filter_list_model_new (g_object_ref (calls), g_object_ref (GTK_FILTER (self->filter))));
      sorted = G_LIST_MODEL (
          gtk_sort_list_model_new (filtered, g_object_ref (GTK_SORTER (self->sorter))));
      gtk_single_selection_set_model (self->live, sorted);
      g_object_unref (sorted);
    }
  update_stack (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPERATOR]);
}

BbCall *
bb_call_list_get_call (BbCallList *self)
{
  g_return_val_if_fail (BB_IS_CALL_LIST (self), NULL);

  return self->call;
}

/**
 * bb_call_list_select:
 * @self: the list
 * @call: (nullable): one of the calls of now
 */
void
bb_call_list_select (BbCallList *self, BbCall *call)
{
  GListModel *model;
  guint position = GTK_INVALID_LIST_POSITION;

  g_return_if_fail (BB_IS_CALL_LIST (self));

  bb_call_list_set_earlier (self, FALSE);
  if (call != NULL && !matches (call, self))
    {
      gtk_editable_set_text (self->search, "");
      on_search_changed (self); /* the entry tells it a moment later only */
    }
  model = G_LIST_MODEL (self->live);
  for (guint i = 0; i < g_list_model_get_n_items (model) && call != NULL; i++)
    {
      g_autoptr (BbCall) other = g_list_model_get_item (model, i);

      if (other == call)
        position = i;
    }
  gtk_single_selection_set_selected (self->live, position);
  on_selected (self);
}

void
bb_call_list_focus_search (BbCallList *self)
{
  g_return_if_fail (BB_IS_CALL_LIST (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

gboolean
bb_call_list_get_earlier (BbCallList *self)
{
  g_return_val_if_fail (BB_IS_CALL_LIST (self), FALSE);

  return gtk_toggle_button_get_active (self->earlier);
}

void
bb_call_list_set_earlier (BbCallList *self, gboolean earlier)
{
  g_return_if_fail (BB_IS_CALL_LIST (self));

  gtk_toggle_button_set_active (earlier ? self->earlier : self->now, TRUE);
}

static void
bb_call_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BbCallList *self = BB_CALL_LIST (object);

  switch (id)
    {
    case PROP_OPERATOR:
      g_value_set_object (value, self->operator_);
      break;
    case PROP_CALL:
      g_value_set_object (value, self->call);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bb_call_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_OPERATOR)
    bb_call_list_set_operator (BB_CALL_LIST (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bb_call_list_dispose (GObject *object)
{
  BbCallList *self = BB_CALL_LIST (object);

  if (self->box != NULL)
    bb_call_list_set_operator (self, NULL);
  g_clear_handle_id (&self->resort, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->call);

  G_OBJECT_CLASS (bb_call_list_parent_class)->dispose (object);
}

static void
bb_call_list_finalize (GObject *object)
{
  BbCallList *self = BB_CALL_LIST (object);

  g_clear_object (&self->live);
  g_clear_object (&self->past);
  g_clear_object (&self->history);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);
  g_ptr_array_unref (self->watched);
  g_free (self->needle);

  G_OBJECT_CLASS (bb_call_list_parent_class)->finalize (object);
}

static void
bb_call_list_class_init (BbCallListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = bb_call_list_get_property;
  object_class->set_property = bb_call_list_set_property;
  object_class->dispose = bb_call_list_dispose;
  object_class->finalize = bb_call_list_finalize;

  properties[PROP_OPERATOR]
      = g_param_spec_object (BB_CALL_LIST_PROP_OPERATOR, NULL, NULL, BB_TYPE_OPERATOR,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CALL]
      = g_param_spec_object (BB_CALL_LIST_PROP_CALL, NULL, NULL, BB_TYPE_CALL,
                             G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[FAILED] = g_signal_new (BB_CALL_LIST_SIGNAL_FAILED, BB_TYPE_CALL_LIST, G_SIGNAL_RUN_LAST,
                                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[ACTIVATED] = g_signal_new ("activated", BB_TYPE_CALL_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (BB_TYPE_CALL_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-call-list.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallList, box);
  gtk_widget_class_bind_template_child (widget_class, BbCallList, now);
  gtk_widget_class_bind_template_child (widget_class, BbCallList, earlier);
  gtk_widget_class_bind_template_child (widget_class, BbCallList, search);
  gtk_widget_class_bind_template_child (widget_class, BbCallList, stack);
  gtk_widget_class_bind_template_child (widget_class, BbCallList, list);
  gtk_widget_class_bind_template_child (widget_class, BbCallList, none);
  gtk_widget_class_bind_template_callback (widget_class, on_earlier_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

static GtkSingleSelection *
new_selection (BbCallList *self)
{
  GtkSingleSelection *selection = gtk_single_selection_new (NULL);

  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  g_signal_connect_object (selection, "notify::selected-item", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (selection, "items-changed", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  return selection;
}

static void
bb_call_list_init (BbCallList *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->filter = gtk_custom_filter_new (matches, self, NULL);
  self->sorter = gtk_custom_sorter_new (compare_calls, NULL, NULL);
  self->history = g_list_store_new (BB_TYPE_CALL);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->live = new_selection (self);
  self->past = new_selection (self);
  gtk_single_selection_set_model (self->past, G_LIST_MODEL (self->history));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->live));
  update_stack (self);
}
