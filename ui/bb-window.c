/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-window.h"

#include <glib/gi18n.h>

#include "bb-call-view.h"

/* Between two looks at the clock while a call runs (ms). */
#define CLOCK_INTERVAL 500

struct _BbWindow
{
  AdwApplicationWindow parent_instance;

  BbConfig *config;
  BbController *controller;
  BbCall *call; /* the running one, or the last one, still shown */
  guint clock;
  gboolean shown_running; /* the button says Stop */

  AdwWindowTitle *title;
  GtkButton *toggle;
  AdwButtonContent *toggle_content;
  GtkWidget *start;
  GtkRevealer *error_revealer;
  GtkWidget *error_bar;
  GtkLabel *error_title;
  GtkLabel *error_text;
  GtkStack *stack;
  BbCallView *call_view;
};

G_DEFINE_FINAL_TYPE (BbWindow, bb_window, ADW_TYPE_APPLICATION_WINDOW)

static gboolean
is_running (BbWindow *self)
{
  return self->call != NULL && bb_call_get_state (self->call) != BB_CALL_ENDED;
}

/* Whether something has been said. The sound devices may fail as late as after
 * the answer, which left nothing to look at. */
static gboolean
has_begun (BbWindow *self)
{
  return self->call != NULL
         && g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_transcript (self->call))) > 0;
}

/* GTK before 4.10 tells a screen reader of what a stack or a revealer keeps out
 * of sight as well. */
static void
set_hidden (GtkWidget *widget, gboolean hidden)
{
  gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, hidden, -1);
}

static void
show_page (BbWindow *self, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (self->stack, name);
  for (page = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    set_hidden (page, page != gtk_stack_get_visible_child (self->stack));
}

static void
reveal_error (BbWindow *self, gboolean reveal)
{
  gtk_revealer_set_reveal_child (self->error_revealer, reveal);
  set_hidden (self->error_bar, !reveal);
}

static const char *
get_activity (BbWindow *self)
{
  switch (bb_call_get_speaking (self->call))
    {
    case BB_TRANSCRIPT_BOT:
      return _("Bot speaks");
    case BB_TRANSCRIPT_CALLER:
      return _("You speak");
    default:
      return _("Bot listens");
    }
}

static char *
dup_status (BbWindow *self)
{
  BbCallState state;
  gint64 seconds;

  if (!is_running (self) && !has_begun (self))
    return g_strdup (_("Ready"));

  state = bb_call_get_state (self->call);
  seconds = bb_call_get_duration (self->call) / 1000;
  if (state == BB_CALL_INCOMING || state == BB_CALL_ANSWERING)
    return g_strdup (_("Connecting…"));
  return g_strdup_printf ("%s · %" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT,
                          state == BB_CALL_TALKING ? get_activity (self)
                                                   : bb_call_state_label (state),
                          seconds / 60, seconds % 60);
}

static const char *
get_page (BbWindow *self)
{
  if (is_running (self))
    return bb_call_get_answered (self->call) != NULL ? "call" : "connecting";
  return has_begun (self) ? "call" : "idle";
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
  gtk_window_set_focus (GTK_WINDOW (self), show ? GTK_WIDGET (self->toggle) : self->start);
}

static void
update (BbWindow *self)
{
  g_autofree char *status = dup_status (self);
  const char *page = get_page (self);
  gboolean running = is_running (self);

  adw_window_title_set_subtitle (self->title, status);
  show_page (self, page);
  show_toggle (self, !g_str_equal (page, "idle"));
  if (running != self->shown_running)
    update_toggle (self, running);
}

static gboolean
on_clock (gpointer user_data)
{
  BbWindow *self = user_data;

  update (self);
  if (is_running (self))
    return G_SOURCE_CONTINUE;

  self->clock = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
ended_badly (BbCallEnd end)
{
  return end == BB_CALL_END_ERROR || end == BB_CALL_END_REFUSED || end == BB_CALL_END_LOST
         || end == BB_CALL_END_LIMIT;
}

static void
on_call_changed (BbCall *call, BbWindow *self)
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
forget_call (BbWindow *self)
{
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
}

static void
start_call (BbWindow *self)
{
  g_autoptr (GError) error = NULL;
  BbCall *call;

  reveal_error (self, FALSE);
  call = bb_controller_start_local (self->controller, NULL, NULL, &error);
  if (call == NULL)
    {
      bb_window_show_error (self, _("The conversation could not begin"), error->message);
      return;
    }

  forget_call (self);
  self->call = g_object_ref (call);
  g_signal_connect (call, "changed", G_CALLBACK (on_call_changed), self);
  bb_call_view_set_call (self->call_view, call);
  if (self->clock == 0)
    self->clock = g_timeout_add (CLOCK_INTERVAL, on_clock, self);
  on_call_changed (call, self);
}

static void
on_toggle_call (GtkWidget *widget, const char *name, GVariant *parameter)
{
  BbWindow *self = BB_WINDOW (widget);

  if (is_running (self))
    bb_operator_hang_up (BB_OPERATOR (self->controller), self->call);
  else
    start_call (self);
}

static void
on_error_closed (BbWindow *self)
{
  reveal_error (self, FALSE);
}

/**
 * bb_window_show_error:
 * @self: the window
 * @title: what happened, in a few words
 * @text: one line that says why, and what to do
 */
void
bb_window_show_error (BbWindow *self, const char *title, const char *text)
{
  g_autofree char *whole = g_strdup_printf ("%s: %s", title, text);

  g_return_if_fail (BB_IS_WINDOW (self));

  gtk_label_set_label (self->error_title, title);
  gtk_label_set_label (self->error_text, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->error_bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  whole, -1);
  reveal_error (self, TRUE);
}

static void
bb_window_dispose (GObject *object)
{
  BbWindow *self = BB_WINDOW (object);

  g_clear_handle_id (&self->clock, g_source_remove);
  forget_call (self);
  g_clear_object (&self->controller);
  g_clear_pointer (&self->config, bb_config_unref);

  G_OBJECT_CLASS (bb_window_parent_class)->dispose (object);
}

static void
bb_window_class_init (BbWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_window_dispose;

  g_type_ensure (BB_TYPE_CALL_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-window.ui");
  gtk_widget_class_bind_template_child (widget_class, BbWindow, title);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, toggle);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, toggle_content);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, start);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error_revealer);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error_title);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error_text);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, call_view);
  gtk_widget_class_bind_template_callback (widget_class, on_error_closed);
  gtk_widget_class_install_action (widget_class, "win.toggle-call", NULL, on_toggle_call);
}

static void
bb_window_init (BbWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  reveal_error (self, FALSE);
}

/**
 * bb_window_new:
 * @application: the application
 * @config: the settings
 * @controller: (transfer none): runs the calls
 *
 * Returns: (transfer none): a window, not shown yet, owned by the application
 */
BbWindow *
bb_window_new (AdwApplication *application, const BbConfig *config, BbController *controller)
{
  BbWindow *self = g_object_new (BB_TYPE_WINDOW, "application", application, NULL);

  self->config = bb_config_ref (config);
  self->controller = g_object_ref (controller);
  bb_call_view_set_currency (self->call_view, config->currency);
  update_toggle (self, FALSE);
  update (self);
  return self;
}
