/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-panel.h"

#include <glib/gi18n.h>

#include "bb-call-controls.h"
#include "bb-call-text.h"
#include "bb-call-view.h"

/* Between two looks at the clock while a call goes on (ms). */
#define CLOCK_INTERVAL 500

struct _BbCallPanel
{
  GtkWidget parent_instance;

  BbCall *call;
  guint tick;
  guint clock;

  GtkWidget *box;
  GtkWidget *back;
  GtkLabel *title;
  GtkLabel *status;
  GtkLabel *figures;
  GtkStack *stack;
  GtkLabel *waits;
  BbCallView *view;
  BbCallControls *controls;
};

G_DEFINE_FINAL_TYPE (BbCallPanel, bb_call_panel, GTK_TYPE_WIDGET)

enum
{
  BACK,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* "Bot speaks · 0:42", or how it ended and how long it was. */
static char *
dup_status (BbCall *call)
{
  g_autofree char *duration = bb_call_text_duration (bb_call_get_duration (call));

  if (bb_call_get_answered (call) == NULL)
    return g_strdup (bb_call_text_status (call));
  return g_strdup_printf ("%s · %s", bb_call_text_status (call), duration);
}

static char *
dup_figures (BbCall *call)
{
  g_autofree char *media = bb_call_text_media (call);
  g_autofree char *figures = bb_call_text_figures (call);
  const char *number = *bb_call_get_caller_name (call) != '\0' ? bb_call_get_caller_number (call) : "";
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  if (*number != '\0')
    g_ptr_array_add (parts, (char *)number);
  if (media != NULL)
    g_ptr_array_add (parts, media);
  if (figures != NULL)
    g_ptr_array_add (parts, figures);
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **)parts->pdata);
}

/* GTK before 4.10 tells a screen reader of what a stack keeps out of sight as
 * well. */
static void
show_page (BbCallPanel *self, const char *name)
{
  GtkWidget *page;

  gtk_stack_set_visible_child_name (self->stack, name);
  for (page = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 page != gtk_stack_get_visible_child (self->stack), -1);
}

static void
update (BbCallPanel *self)
{
  BbCallState state = bb_call_get_state (self->call);
  gboolean connecting = state == BB_CALL_INCOMING || state == BB_CALL_ANSWERING;
  g_autofree char *title = bb_call_text_title (self->call);
  g_autofree char *status = dup_status (self->call);
  g_autofree char *figures = dup_figures (self->call);

  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->status, status);
  gtk_label_set_label (self->figures, figures);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->figures), figures);
  gtk_widget_set_visible (GTK_WIDGET (self->figures), *figures != '\0');
  gtk_label_set_label (self->waits, bb_call_text_status (self->call));
  show_page (self, connecting ? "connecting" : "call");
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  BbCallPanel *self = BB_CALL_PANEL (widget);

  self->tick = 0;
  if (self->call != NULL)
    update (self);
  return G_SOURCE_REMOVE;
}

static void
queue_update (BbCallPanel *self)
{
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static gboolean
on_clock (gpointer user_data)
{
  queue_update (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_back_clicked (BbCallPanel *self)
{
  g_signal_emit (self, signals[BACK], 0);
}

/**
 * bb_call_panel_set_call:
 * @self: the panel
 * @step_in: (nullable): the operator's part in it; %NULL: it is only looked at
 * @call: (nullable): what to show
 */
void
bb_call_panel_set_call (BbCallPanel *self, BbStepIn *step_in, BbCall *call)
{
  g_return_if_fail (BB_IS_CALL_PANEL (self));

  if (self->call == call)
    return;

  g_clear_handle_id (&self->clock, g_source_remove);
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_set_object (&self->call, call);
  bb_call_view_set_call (self->view, step_in != NULL ? bb_step_in_get_operator (step_in) : NULL, call);
  bb_call_controls_set_call (self->controls, step_in, call);
  if (call == NULL)
    return;

  g_signal_connect_swapped (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (queue_update), self);
  if (bb_call_get_state (call) != BB_CALL_ENDED)
    self->clock = g_timeout_add (CLOCK_INTERVAL, on_clock, self);
  update (self);
}

/**
 * bb_call_panel_set_currency:
 * @self: the panel
 * @currency: ISO 4217
 */
void
bb_call_panel_set_currency (BbCallPanel *self, const char *currency)
{
  g_return_if_fail (BB_IS_CALL_PANEL (self));

  bb_call_view_set_currency (self->view, currency);
}

/**
 * bb_call_panel_set_narrow:
 * @self: the panel
 * @narrow: whether it stands alone, with a way back to the list
 */
void
bb_call_panel_set_narrow (BbCallPanel *self, gboolean narrow)
{
  g_return_if_fail (BB_IS_CALL_PANEL (self));

  gtk_widget_set_visible (self->back, narrow);
}

void
bb_call_panel_focus_whisper (BbCallPanel *self)
{
  g_return_if_fail (BB_IS_CALL_PANEL (self));

  bb_call_controls_focus_whisper (self->controls);
}

void
bb_call_panel_ask_transfer (BbCallPanel *self)
{
  g_return_if_fail (BB_IS_CALL_PANEL (self));

  bb_call_controls_ask_transfer (self->controls);
}

static void
bb_call_panel_dispose (GObject *object)
{
  BbCallPanel *self = BB_CALL_PANEL (object);

  if (self->box != NULL)
    bb_call_panel_set_call (self, NULL, NULL);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (bb_call_panel_parent_class)->dispose (object);
}

static void
bb_call_panel_class_init (BbCallPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_call_panel_dispose;

  signals[BACK] = g_signal_new (BB_CALL_PANEL_SIGNAL_BACK, BB_TYPE_CALL_PANEL, G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (BB_TYPE_CALL_CONTROLS);
  g_type_ensure (BB_TYPE_CALL_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-call-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, box);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, back);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, title);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, status);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, figures);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, waits);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, view);
  gtk_widget_class_bind_template_child (widget_class, BbCallPanel, controls);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked);
}

static void
bb_call_panel_init (BbCallPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
