/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-window.h"

#include <glib/gi18n.h>

#include "bb-api-client.h"
#include "bb-banner.h"
#include "bb-calls-page.h"
#include "bb-catalogue-page.h"
#include "bb-controller.h"
#include "bb-orders-page.h"
#include "bb-step-in.h"

struct _BbWindow
{
  AdwApplicationWindow parent_instance;

  BbOperator *operator_;
  char *currency;
  char *source; /* of local mode: element descriptions */
  char *sink;
  BbCall *local; /* the conversation on microphone and speaker, running or the last one */
  gboolean shown_running; /* the button says Stop */

  AdwViewSwitcherTitle *switcher;
  GtkButton *toggle;
  AdwButtonContent *toggle_content;
  BbBanner *lost;
  BbBanner *error;
  AdwViewStack *stack;
  BbCallsPage *calls;
};

G_DEFINE_FINAL_TYPE (BbWindow, bb_window, ADW_TYPE_APPLICATION_WINDOW)

enum
{
  PROP_0,
  PROP_OPERATOR,
  PROP_CURRENCY,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

/* ---- local mode ---------------------------------------------------------- */

static gboolean
is_running (BbWindow *self)
{
  return self->local != NULL && bb_call_get_state (self->local) != BB_CALL_ENDED;
}

/* Whether something has been said. The sound devices may fail as late as after
 * the answer, which left nothing to look at. */
static gboolean
has_begun (BbWindow *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_transcript (self->local))) > 0;
}

static void
update_toggle (BbWindow *self, gboolean running)
{
  const char *label = running ? _("Stop") : _("Start");

  self->shown_running = running;
  adw_button_content_set_label (self->toggle_content, label);
  adw_button_content_set_icon_name (self->toggle_content,
                                    running ? "call-stop-symbolic" : "call-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->toggle),
                               running ? _("End the conversation (Ctrl+Enter)")
                                       : _("Start a conversation (Ctrl+Enter)"));
  gtk_widget_remove_css_class (GTK_WIDGET (self->toggle),
                               running ? "suggested-action" : "destructive-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->toggle),
                            running ? "destructive-action" : "suggested-action");
}

/* Where the one button is, there is the keyboard: in the header while there is
 * a conversation to look at, else in the middle. */
static void
show_toggle (BbWindow *self, gboolean show)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self->toggle)) == show
      && gtk_window_get_focus (GTK_WINDOW (self)) != NULL)
    return;

  gtk_widget_set_visible (GTK_WIDGET (self->toggle), show);
  if (show)
    gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->toggle));
  else
    bb_calls_page_focus_start (self->calls);
}

static void
update (BbWindow *self)
{
  gboolean running = is_running (self);

  if (!BB_IS_CONTROLLER (self->operator_))
    {
      gtk_widget_set_visible (GTK_WIDGET (self->toggle), FALSE);
      return;
    }
  show_toggle (self, !bb_calls_page_is_empty (self->calls));
  if (running != self->shown_running)
    update_toggle (self, running);
}

static void
on_call_shown (BbWindow *self)
{
  update (self);
}

static gboolean
ended_badly (BbCallEnd end)
{
  return end == BB_CALL_END_ERROR || end == BB_CALL_END_REFUSED || end == BB_CALL_END_LOST
         || end == BB_CALL_END_LIMIT;
}

static void
on_local_changed (BbCall *call, BbWindow *self)
{
  if (bb_call_get_state (call) == BB_CALL_ENDED)
    {
      g_signal_handlers_disconnect_by_data (call, self);
      if (ended_badly (bb_call_get_end (call)))
        bb_window_show_error (self,
                              has_begun (self)
                                  ? _("The conversation broke off")
                                  : _("The conversation could not begin"),
                              bb_call_get_end_text (call) != NULL
                                  ? bb_call_get_end_text (call)
                                  : bb_call_end_label (bb_call_get_end (call)));
    }
  update (self);
}

static void
forget_local (BbWindow *self)
{
  if (self->local != NULL)
    g_signal_handlers_disconnect_by_data (self->local, self);
  g_clear_object (&self->local);
}

static void
start_local (BbWindow *self)
{
  g_autoptr (GError) error = NULL;
  BbCall *call;

  bb_banner_hide (self->error);
  call = bb_controller_start_local (BB_CONTROLLER (self->operator_), self->source, self->sink,
                                    &error);
  if (call == NULL)
    {
      bb_window_show_error (self, _("The conversation could not begin"), error->message);
      return;
    }

  forget_local (self);
  self->local = g_object_ref (call);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (on_local_changed), self);
  bb_window_show_page (self, "calls");
  bb_calls_page_show_call (self->calls, call);
  on_local_changed (call, self);
}

static void
on_toggle_call (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbWindow *self = BB_WINDOW (widget);

  if (is_running (self))
    bb_operator_hang_up (self->operator_, self->local);
  else if (BB_IS_CONTROLLER (self->operator_))
    start_local (self);
}

/* ---- a gateway elsewhere ------------------------------------------------- */

static void
on_client_state (BbApiClient *client, guint state, const char *text, GError *error, BbWindow *self)
{
  g_autofree char *title = NULL;

  if (state == BB_API_CLIENT_CONNECTED || state == BB_API_CLIENT_STOPPED)
    {
      bb_banner_hide (self->lost);
      return;
    }
  if (state == BB_API_CLIENT_CONNECTING && error == NULL)
    return;

  title = g_strdup_printf (state == BB_API_CLIENT_RECONNECTING
                               ? _("The connection to %s is lost; what you see is how it was last")
                               : _("%s can not be reached"),
                           bb_api_client_get_url (client));
  bb_banner_show (self->lost, title, error != NULL ? error->message : text);
}

/* ---- calls that ring ----------------------------------------------------- */

static void
on_operator_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bb_operator_finish (BB_OPERATOR (source), result, &error))
    bb_window_show_error (self, _("That did not work"), error->message);
}

static void
on_answer_call (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbWindow *self = BB_WINDOW (widget);
  g_autoptr (BbCall) call
      = bb_operator_find_call (self->operator_, g_variant_get_string (parameter, NULL));

  if (call != NULL)
    bb_operator_answer_async (self->operator_, call, FALSE, NULL, on_operator_done,
                              g_object_ref (self));
}

static void
on_refuse_call (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbWindow *self = BB_WINDOW (widget);
  g_autoptr (BbCall) call
      = bb_operator_find_call (self->operator_, g_variant_get_string (parameter, NULL));

  if (call != NULL)
    bb_operator_refuse_async (self->operator_, call, NULL, on_operator_done, g_object_ref (self));
}

static void
on_transfer (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bb_calls_page_ask_transfer (BB_WINDOW (widget)->calls);
}

static void
on_whisper (GtkWidget *widget, const char *name, GVariant *parameter)
{
  bb_calls_page_focus_whisper (BB_WINDOW (widget)->calls);
}

/* ---- the window ---------------------------------------------------------- */

/**
 * bb_window_show_error:
 * @self: the window
 * @title: what happened, in a few words
 * @text: one line that says why, and what to do
 */
void
bb_window_show_error (BbWindow *self, const char *title, const char *text)
{
  g_return_if_fail (BB_IS_WINDOW (self));

  bb_banner_show (self->error, title, text);
}

/**
 * bb_window_show_page:
 * @self: the window
 * @name: "calls", "orders", "catalogue"
 */
void
bb_window_show_page (BbWindow *self, const char *name)
{
  g_return_if_fail (BB_IS_WINDOW (self));

  adw_view_stack_set_visible_child_name (self->stack, name);
}

/**
 * bb_window_show_call:
 * @self: the window
 * @id: of a call of now
 */
void
bb_window_show_call (BbWindow *self, const char *id)
{
  g_autoptr (BbCall) call = NULL;

  g_return_if_fail (BB_IS_WINDOW (self));

  call = self->operator_ != NULL ? bb_operator_find_call (self->operator_, id) : NULL;
  if (call == NULL)
    return;
  bb_window_show_page (self, "calls");
  bb_calls_page_show_call (self->calls, call);
}

BbOperator *
bb_window_get_operator (BbWindow *self)
{
  g_return_val_if_fail (BB_IS_WINDOW (self), NULL);

  return self->operator_;
}

static void
on_show_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbWindow *self = BB_WINDOW (widget);

  bb_window_show_page (self, g_variant_get_string (parameter, NULL));
  gtk_widget_grab_focus (adw_view_stack_get_visible_child (self->stack));
}

static void
on_settings (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbSettings) settings
      = bb_operator_settings_finish (BB_OPERATOR (source), result, &error);

  if (settings != NULL && *settings->currency != '\0')
    bb_window_set_currency (self, settings->currency);
}

static void
on_state_asks_settings (BbApiClient *client,
                        guint state,
                        const char *text,
                        GError *error,
                        BbWindow *self)
{
  if (state == BB_API_CLIENT_CONNECTED)
    bb_operator_get_settings_async (BB_OPERATOR (client), NULL, on_settings, g_object_ref (self));
}

/**
 * bb_window_set_operator:
 * @self: the window
 * @operator_: (nullable): what all pages work on from now on
 */
void
bb_window_set_operator (BbWindow *self, BbOperator *operator_)
{
  g_return_if_fail (BB_IS_WINDOW (self));

  if (self->operator_ == operator_)
    return;

  forget_local (self);
  if (self->operator_ != NULL)
    g_signal_handlers_disconnect_by_data (self->operator_, self);
  bb_banner_hide (self->lost);
  bb_banner_hide (self->error);
  g_set_object (&self->operator_, operator_);
  if (BB_IS_API_CLIENT (operator_))
    {
      g_signal_connect (operator_, BB_API_CLIENT_SIGNAL_STATE, G_CALLBACK (on_client_state), self);
      g_signal_connect (operator_, BB_API_CLIENT_SIGNAL_STATE, G_CALLBACK (on_state_asks_settings),
                        self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPERATOR]);
  update (self);
}

/**
 * bb_window_set_currency:
 * @self: the window
 * @currency: ISO 4217, of all prices
 */
void
bb_window_set_currency (BbWindow *self, const char *currency)
{
  g_return_if_fail (BB_IS_WINDOW (self));

  if (g_strcmp0 (self->currency, currency) == 0)
    return;
  g_free (self->currency);
  self->currency = g_strdup (currency);
  bb_calls_page_set_currency (self->calls, currency);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENCY]);
}

const char *
bb_window_get_currency (BbWindow *self)
{
  g_return_val_if_fail (BB_IS_WINDOW (self), NULL);

  return self->currency;
}

/**
 * bb_window_set_local_devices:
 * @self: the window
 * @source: (nullable): description of the element that records
 * @sink: (nullable): description of the element that plays
 */
void
bb_window_set_local_devices (BbWindow *self, const char *source, const char *sink)
{
  g_return_if_fail (BB_IS_WINDOW (self));

  g_free (self->source);
  self->source = g_strdup (source);
  g_free (self->sink);
  self->sink = g_strdup (sink);
  bb_calls_page_set_devices (self->calls, source, sink);
}

static void
bb_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BbWindow *self = BB_WINDOW (object);

  switch (id)
    {
    case PROP_OPERATOR:
      g_value_set_object (value, self->operator_);
      break;
    case PROP_CURRENCY:
      g_value_set_string (value, self->currency);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bb_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BbWindow *self = BB_WINDOW (object);

  switch (id)
    {
    case PROP_OPERATOR:
      bb_window_set_operator (self, g_value_get_object (value));
      break;
    case PROP_CURRENCY:
      bb_window_set_currency (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bb_window_dispose (GObject *object)
{
  BbWindow *self = BB_WINDOW (object);

  forget_local (self);
  if (self->operator_ != NULL)
    g_signal_handlers_disconnect_by_data (self->operator_, self);
  g_clear_object (&self->operator_);

  G_OBJECT_CLASS (bb_window_parent_class)->dispose (object);
}

static void
bb_window_finalize (GObject *object)
{
  BbWindow *self = BB_WINDOW (object);

  g_free (self->currency);
  g_free (self->source);
  g_free (self->sink);

  G_OBJECT_CLASS (bb_window_parent_class)->finalize (object);
}

static void
bb_window_class_init (BbWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = bb_window_get_property;
  object_class->set_property = bb_window_set_property;
  object_class->dispose = bb_window_dispose;
  object_class->finalize = bb_window_finalize;

  properties[PROP_OPERATOR]
      = g_param_spec_object (BB_WINDOW_PROP_OPERATOR, NULL, NULL, BB_TYPE_OPERATOR,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CURRENCY]
      = g_param_spec_string (BB_WINDOW_PROP_CURRENCY, NULL, NULL, "EUR",
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (BB_TYPE_BANNER);
  g_type_ensure (BB_TYPE_CALLS_PAGE);
  g_type_ensure (BB_TYPE_CATALOGUE_PAGE);
  g_type_ensure (BB_TYPE_ORDERS_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-window.ui");
  gtk_widget_class_bind_template_child (widget_class, BbWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, toggle);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, toggle_content);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, lost);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, calls);
  gtk_widget_class_bind_template_callback (widget_class, bb_window_show_error);
  gtk_widget_class_bind_template_callback (widget_class, on_call_shown);
  gtk_widget_class_install_action (widget_class, "win.toggle-call", NULL, on_toggle_call);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", on_show_page);
  gtk_widget_class_install_action (widget_class, "win.answer-call", "s", on_answer_call);
  gtk_widget_class_install_action (widget_class, "win.refuse-call", "s", on_refuse_call);
  gtk_widget_class_install_action (widget_class, "win.transfer", NULL, on_transfer);
  gtk_widget_class_install_action (widget_class, "win.whisper", NULL, on_whisper);
}

static void
bb_window_init (BbWindow *self)
{
  self->currency = g_strdup ("EUR");
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_insert_action_group (GTK_WIDGET (self), BB_STEP_IN_GROUP,
                                  bb_calls_page_get_actions (self->calls));
  update_toggle (self, FALSE);
}

/**
 * bb_window_new:
 * @application: the application
 * @operator_: what the window works on
 *
 * Returns: (transfer none): a window, not shown yet, owned by the application
 */
BbWindow *
bb_window_new (AdwApplication *application, BbOperator *operator_)
{
  return g_object_new (BB_TYPE_WINDOW,
                       "application", application,
                       BB_WINDOW_PROP_OPERATOR, operator_,
                       NULL);
}
