/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-calls-page.h"

#include <glib/gi18n.h>

#include "bb-call-list.h"
#include "bb-call-panel.h"
#include "bb-controller.h"
#include "bb-step-in.h"

struct _BbCallsPage
{
  AdwBin parent_instance;

  BbOperator *operator_;
  BbStepIn *step_in;
  gboolean want_list; /* the list was asked for though there is no call */

  GtkStack *stack;
  AdwStatusPage *idle;
  GtkWidget *start;
  AdwLeaflet *leaflet;
  BbCallList *list;
  GtkStack *content;
  BbCallPanel *panel;
};

G_DEFINE_FINAL_TYPE (BbCallsPage, bb_calls_page, ADW_TYPE_BIN)

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
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* GTK before 4.10 tells a screen reader of what a stack keeps out of sight as
 * well. */
static void
show_child (GtkStack *stack, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (stack, name);
  for (page = gtk_widget_get_first_child (GTK_WIDGET (stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 page != gtk_stack_get_visible_child (stack), -1);
}

/* A conversation that failed before a word was said leaves nothing to look at. */
static gboolean
is_worth_a_look (BbCall *call)
{
  return bb_call_get_state (call) != BB_CALL_ENDED
         || g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_transcript (call))) > 0;
}

static gboolean
has_calls (BbCallsPage *self)
{
  GListModel *calls = bb_operator_get_calls (self->operator_);
  guint n = g_list_model_get_n_items (calls);
  gboolean local = BB_IS_CONTROLLER (self->operator_);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

      if (!local || is_worth_a_look (call))
        return TRUE;
    }
  return FALSE;
}

static void
update (BbCallsPage *self)
{
  gboolean local = BB_IS_CONTROLLER (self->operator_);

  if (self->operator_ == NULL)
    return;

  adw_status_page_set_title (self->idle,
                             local ? _("Speak with the order desk") : _("No calls"));
  adw_status_page_set_description (
      self->idle, local ? _("Your microphone and speaker take the place of a phone. Headphones "
                            "keep the bot from hearing itself.")
                        : _("A call appears here as soon as a phone rings."));
  gtk_widget_set_visible (self->start, local);
  show_child (self->stack, has_calls (self) || self->want_list ? "calls" : "idle");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CALL]);
}

static void
update_leaflet (BbCallsPage *self)
{
  gboolean folded = adw_leaflet_get_folded (self->leaflet);
  GtkWidget *shown = adw_leaflet_get_visible_child (self->leaflet);

  bb_call_panel_set_narrow (self->panel, folded);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_STATE_HIDDEN,
                               folded && shown != GTK_WIDGET (self->list), -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->content), GTK_ACCESSIBLE_STATE_HIDDEN,
                               folded && shown != GTK_WIDGET (self->content), -1);
}

static void
show_side (BbCallsPage *self, GtkWidget *side)
{
  adw_leaflet_set_visible_child (self->leaflet, side);
  update_leaflet (self);
}

static void
on_folded (BbCallsPage *self)
{
  update_leaflet (self);
}

static void
on_call_selected (BbCallsPage *self)
{
  BbCall *call = bb_call_list_get_call (self->list);

  gboolean earlier = bb_call_list_get_earlier (self->list);

  bb_step_in_set_call (self->step_in, self->operator_, earlier ? NULL : call);
  bb_call_panel_set_call (self->panel, earlier ? NULL : self->step_in, call);
  show_child (self->content, call != NULL ? "call" : "none");
  show_side (self, GTK_WIDGET (call != NULL ? GTK_WIDGET (self->content) : GTK_WIDGET (self->list)));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CALL]);
}

static void
on_activated (BbCallsPage *self)
{
  if (bb_call_list_get_call (self->list) != NULL)
    show_side (self, GTK_WIDGET (self->content));
}

static void
on_back (BbCallsPage *self)
{
  show_side (self, GTK_WIDGET (self->list));
}

static void
on_find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbCallsPage *self = BB_CALLS_PAGE (widget);

  self->want_list = TRUE;
  update (self);
  show_side (self, GTK_WIDGET (self->list));
  bb_call_list_focus_search (self->list);
}

static void
on_earlier_clicked (BbCallsPage *self)
{
  self->want_list = TRUE;
  bb_call_list_set_earlier (self->list, TRUE);
  update (self);
}

static void
on_failed (BbCallsPage *self, const char *title, const char *text)
{
  g_signal_emit (self, signals[FAILED], 0, title, text);
}

static void
on_call_state (BbCallsPage *self)
{
  update (self);
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, BbCallsPage *self)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, position + i);

      /* Only what fails to begin matters here. */
      if (BB_IS_CONTROLLER (self->operator_))
        g_signal_connect_object (call, "notify::" BB_CALL_PROP_STATE, G_CALLBACK (on_call_state),
                                 self, G_CONNECT_SWAPPED);
    }
  update (self);
  /* Who looks at nothing is shown what begins. */
  if (added > 0 && bb_call_list_get_call (self->list) == NULL
      && !bb_call_list_get_earlier (self->list) && !adw_leaflet_get_folded (self->leaflet))
    {
      g_autoptr (BbCall) newest = g_list_model_get_item (calls, position + added - 1);

      if (bb_call_get_state (newest) != BB_CALL_ENDED)
        bb_call_list_select (self->list, newest);
    }
}

/**
 * bb_calls_page_set_operator:
 * @self: the page
 * @operator_: (nullable): whose calls are shown
 */
void
bb_calls_page_set_operator (BbCallsPage *self, BbOperator *operator_)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  if (self->operator_ == operator_)
    return;

  if (self->operator_ != NULL)
    g_signal_handlers_disconnect_by_data (bb_operator_get_calls (self->operator_), self);
  g_set_object (&self->operator_, operator_);
  bb_call_list_set_operator (self->list, operator_);
  if (operator_ != NULL)
    {
      GListModel *calls = bb_operator_get_calls (operator_);

      g_signal_connect (calls, "items-changed", G_CALLBACK (on_calls_changed), self);
      on_calls_changed (calls, 0, 0, g_list_model_get_n_items (calls), self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPERATOR]);
}

/**
 * bb_calls_page_set_currency:
 * @self: the page
 * @currency: ISO 4217
 */
void
bb_calls_page_set_currency (BbCallsPage *self, const char *currency)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  bb_call_panel_set_currency (self->panel, currency);
}

BbCall *
bb_calls_page_get_call (BbCallsPage *self)
{
  g_return_val_if_fail (BB_IS_CALLS_PAGE (self), NULL);

  return self->list != NULL ? bb_call_list_get_call (self->list) : NULL;
}

/**
 * bb_calls_page_show_call:
 * @self: the page
 * @call: one of the calls of now
 */
void
bb_calls_page_show_call (BbCallsPage *self, BbCall *call)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  bb_call_list_select (self->list, call);
  show_side (self, GTK_WIDGET (self->content));
}

/**
 * bb_calls_page_is_empty:
 * @self: the page
 *
 * Returns: whether nothing but the invitation to begin is to be seen
 */
gboolean
bb_calls_page_is_empty (BbCallsPage *self)
{
  g_return_val_if_fail (BB_IS_CALLS_PAGE (self), TRUE);

  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "idle") == 0;
}

/**
 * bb_calls_page_focus_start:
 * @self: the page
 */
void
bb_calls_page_focus_start (BbCallsPage *self)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  gtk_widget_grab_focus (self->start);
}

GActionGroup *
bb_calls_page_get_actions (BbCallsPage *self)
{
  g_return_val_if_fail (BB_IS_CALLS_PAGE (self), NULL);

  return bb_step_in_get_actions (self->step_in);
}

/**
 * bb_calls_page_set_devices:
 * @self: the page
 * @source: (nullable): description of the operator's microphone
 * @sink: (nullable): the same of the speaker
 */
void
bb_calls_page_set_devices (BbCallsPage *self, const char *source, const char *sink)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  bb_step_in_set_devices (self->step_in, source, sink);
}

void
bb_calls_page_focus_whisper (BbCallsPage *self)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  bb_call_panel_focus_whisper (self->panel);
}

void
bb_calls_page_ask_transfer (BbCallsPage *self)
{
  g_return_if_fail (BB_IS_CALLS_PAGE (self));

  bb_call_panel_ask_transfer (self->panel);
}

static void
bb_calls_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BbCallsPage *self = BB_CALLS_PAGE (object);

  switch (id)
    {
    case PROP_OPERATOR:
      g_value_set_object (value, self->operator_);
      break;
    case PROP_CALL:
      g_value_set_object (value, bb_calls_page_get_call (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bb_calls_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_OPERATOR)
    bb_calls_page_set_operator (BB_CALLS_PAGE (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bb_calls_page_dispose (GObject *object)
{
  BbCallsPage *self = BB_CALLS_PAGE (object);

  if (self->operator_ != NULL)
    bb_calls_page_set_operator (self, NULL);
  if (self->step_in != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->step_in, self);
      bb_step_in_set_call (self->step_in, NULL, NULL);
    }
  g_clear_object (&self->step_in);

  G_OBJECT_CLASS (bb_calls_page_parent_class)->dispose (object);
}

static void
bb_calls_page_class_init (BbCallsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = bb_calls_page_get_property;
  object_class->set_property = bb_calls_page_set_property;
  object_class->dispose = bb_calls_page_dispose;

  properties[PROP_OPERATOR]
      = g_param_spec_object (BB_CALLS_PAGE_PROP_OPERATOR, NULL, NULL, BB_TYPE_OPERATOR,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CALL]
      = g_param_spec_object (BB_CALLS_PAGE_PROP_CALL, NULL, NULL, BB_TYPE_CALL,
                             G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[FAILED] = g_signal_new (BB_CALLS_PAGE_SIGNAL_FAILED, BB_TYPE_CALLS_PAGE,
                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_STRING, G_TYPE_STRING);

  gtk_widget_class_install_action (widget_class, "calls.find", NULL, on_find);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "calls.find",
                                       NULL);
  g_type_ensure (BB_TYPE_CALL_LIST);
  g_type_ensure (BB_TYPE_CALL_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-calls-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, idle);
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, start);
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, list);
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, content);
  gtk_widget_class_bind_template_child (widget_class, BbCallsPage, panel);
  gtk_widget_class_bind_template_callback (widget_class, on_folded);
  gtk_widget_class_bind_template_callback (widget_class, on_call_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_failed);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_earlier_clicked);
}

static void
bb_calls_page_init (BbCallsPage *self)
{
  self->step_in = bb_step_in_new ();
  g_signal_connect_swapped (self->step_in, BB_STEP_IN_SIGNAL_FAILED, G_CALLBACK (on_failed), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  show_child (self->stack, "idle");
  show_child (self->content, "none");
}
