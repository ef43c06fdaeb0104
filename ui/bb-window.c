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

  AdwWindowTitle *title;
  GtkButton *toggle;
  GtkInfoBar *error_bar;
  GtkLabel *error_label;
  GtkStack *stack;
  BbCallView *call_view;
};

G_DEFINE_FINAL_TYPE (BbWindow, bb_window, ADW_TYPE_APPLICATION_WINDOW)

static gboolean
is_running (BbWindow *self)
{
  return self->call != NULL && bb_call_get_state (self->call) != BB_CALL_ENDED;
}

static char *
dup_status (BbWindow *self)
{
  BbCallState state;
  gint64 seconds;
  int speaking;

  if (self->call == NULL)
    return g_strdup (_("Ready"));

  state = bb_call_get_state (self->call);
  seconds = bb_call_get_duration (self->call) / 1000;
  speaking = bb_call_get_speaking (self->call);

  if (state == BB_CALL_INCOMING || state == BB_CALL_ANSWERING)
    return g_strdup (_("Connecting…"));
  if (state == BB_CALL_ENDED || state == BB_CALL_ENDING)
    return g_strdup_printf ("%s · %" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT,
                            bb_call_state_label (state), seconds / 60, seconds % 60);
  return g_strdup_printf ("%s · %" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT,
                          speaking >= 0 ? bb_transcript_kind_label ((BbTranscriptKind)speaking)
                                        : bb_call_state_label (state),
                          seconds / 60, seconds % 60);
}

static void
update (BbWindow *self)
{
  g_autofree char *status = dup_status (self);
  gboolean running = is_running (self);

  adw_window_title_set_subtitle (self->title, status);
  gtk_button_set_label (self->toggle, running ? _("Stop") : _("Start"));
  gtk_widget_remove_css_class (GTK_WIDGET (self->toggle),
                               running ? "suggested-action" : "destructive-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->toggle),
                            running ? "destructive-action" : "suggested-action");
  gtk_stack_set_visible_child_name (self->stack, self->call != NULL ? "call" : "idle");
  gtk_widget_set_visible (GTK_WIDGET (self->toggle), self->call != NULL);
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
        bb_window_show_error (self, bb_call_get_end_text (call) != NULL
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

  gtk_info_bar_set_revealed (self->error_bar, FALSE);
  call = bb_controller_start_local (self->controller, NULL, NULL, &error);
  if (call == NULL)
    {
      bb_window_show_error (self, error->message);
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
on_error_response (BbWindow *self)
{
  gtk_info_bar_set_revealed (self->error_bar, FALSE);
}

/**
 * bb_window_show_error:
 * @self: the window
 * @text: one line that says what to do
 */
void
bb_window_show_error (BbWindow *self, const char *text)
{
  g_return_if_fail (BB_IS_WINDOW (self));

  gtk_label_set_label (self->error_label, text);
  gtk_info_bar_set_revealed (self->error_bar, TRUE);
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
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, error_label);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, BbWindow, call_view);
  gtk_widget_class_bind_template_callback (widget_class, on_error_response);
  gtk_widget_class_install_action (widget_class, "win.toggle-call", NULL, on_toggle_call);
}

static void
bb_window_init (BbWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
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
  update (self);
  return self;
}
