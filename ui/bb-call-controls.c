/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-controls.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bb-call-text.h"

struct _BbCallControls
{
  GtkWidget parent_instance;

  BbStepIn *step_in;
  BbCall *call;
  guint tick;

  GtkWidget *box;
  GtkWidget *ring;
  GtkWidget *talk;
  GtkWidget *hears_row;
  GtkImage *hears_icon;
  GtkLabel *hears;
  GtkWidget *levels;
  GtkLevelBar *caller_level;
  GtkLevelBar *answer_level;
  GtkLevelBar *microphone_level;
  AdwSqueezer *squeezer;
  GtkEntry *whisper;
  GtkPopover *transfer;
  GtkEditable *target;
};

G_DEFINE_FINAL_TYPE (BbCallControls, bb_call_controls, GTK_TYPE_WIDGET)

typedef struct
{
  const char *action;
  const char *icon;
  const char *label;
  const char *tooltip;
  const char *css; /* nullable */
  gboolean toggles;
} Button;

static const Button buttons[] = {
  { "call.listen", "audio-volume-high-symbolic", N_("Listen"),
    N_("Hear both; neither hears you (Ctrl+L)"), NULL, TRUE },
  { "call.take-over", "audio-input-microphone-symbolic", N_("Speak"),
    N_("Speak in the bot's place; the bot is silent (Ctrl+T)"), NULL, TRUE },
  { "call.conference", "system-users-symbolic", N_("Together"),
    N_("Speak with caller and bot (Ctrl+J)"), NULL, TRUE },
  { "call.hand-back", "edit-undo-symbolic", N_("Hand back"),
    N_("The bot goes on; you listen (Ctrl+B)"), NULL, FALSE },
  { "win.transfer", "mail-forward-symbolic", N_("Transfer"),
    N_("Pass the call to another phone (Ctrl+Shift+T)"), NULL, FALSE },
  { "call.hang-up", "call-stop-symbolic", N_("Hang up"), N_("End the call (Ctrl+Shift+H)"),
    "destructive-action", FALSE },
};

static GtkWidget *
new_button (const Button *button, gboolean labelled)
{
  GtkWidget *widget = button->toggles ? gtk_toggle_button_new () : gtk_button_new ();

  if (labelled)
    {
      GtkWidget *content = adw_button_content_new ();

      adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), button->icon);
      adw_button_content_set_label (ADW_BUTTON_CONTENT (content), _(button->label));
      gtk_button_set_child (GTK_BUTTON (widget), content);
    }
  else
    {
      gtk_button_set_icon_name (GTK_BUTTON (widget), button->icon);
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _(button->label), -1);
    }
  gtk_widget_set_tooltip_text (widget, _(button->tooltip));
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _(button->tooltip), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (widget), button->action);
  if (button->css != NULL)
    gtk_widget_add_css_class (widget, button->css);
  return widget;
}

/* With words where there is room for them. */
static void
add_buttons (BbCallControls *self, gboolean labelled)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (gsize i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button = new_button (&buttons[i], labelled);

      /* What ends the call stands apart. */
      if (i + 1 == G_N_ELEMENTS (buttons))
        {
          gtk_widget_set_hexpand (button, TRUE);
          gtk_widget_set_halign (button, GTK_ALIGN_END);
        }
      gtk_box_append (GTK_BOX (row), button);
    }
  adw_squeezer_add (self->squeezer, row);
}

/* GTK before 4.10 tells a screen reader of the row that is not shown as well. */
static void
on_squeezed (BbCallControls *self)
{
  GtkWidget *row;

  for (row = gtk_widget_get_first_child (GTK_WIDGET (self->squeezer)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_HIDDEN,
                                 row != adw_squeezer_get_visible_child (self->squeezer), -1);
}

static const char *
get_hears (BbCallControls *self)
{
  if (bb_step_in_get_mode (self->step_in) == BB_OPERATOR_TAKE_OVER)
    return _("The caller hears: you; the bot is silent");
  if (bb_step_in_get_mode (self->step_in) == BB_OPERATOR_CONFERENCE)
    return _("The caller hears: you and the bot");
  return bb_call_text_hears (self->call);
}

static void
update (BbCallControls *self)
{
  gboolean waiting = bb_call_get_waiting (self->call);
  gboolean local = bb_call_text_is_local (self->call);
  const char *hears = get_hears (self);
  BbOperatorMode mode = bb_step_in_get_mode (self->step_in);
  gboolean speaks = mode >= BB_OPERATOR_TAKE_OVER;

  gtk_widget_set_visible (self->ring, waiting);
  gtk_widget_set_visible (self->talk, hears != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), waiting || hears != NULL);
  gtk_widget_set_visible (self->hears_row, !local);
  gtk_widget_set_visible (GTK_WIDGET (self->squeezer), !local);
  gtk_widget_set_visible (self->levels, mode != BB_OPERATOR_AWAY);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->microphone_level)),
                          mode > BB_OPERATOR_LISTEN);
  gtk_image_set_from_icon_name (self->hears_icon, speaks ? "audio-input-microphone-symbolic"
                                                         : "audio-volume-high-symbolic");
  if (speaks)
    gtk_widget_add_css_class (self->hears_row, "accent");
  else
    gtk_widget_remove_css_class (self->hears_row, "accent");
  if (hears != NULL && g_strcmp0 (hears, gtk_label_get_label (self->hears)) != 0)
    {
      gtk_label_set_label (self->hears, hears);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->hears), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      hears, -1);
    }
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  BbCallControls *self = BB_CALL_CONTROLS (widget);

  self->tick = 0;
  if (self->call != NULL)
    update (self);
  return G_SOURCE_REMOVE;
}

/* A hidden widget has no frames: what makes it appear is seen at once. */
static void
queue_update (BbCallControls *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
  else if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static void
on_levels (BbStepIn *step_in,
           double caller,
           double answer,
           double microphone,
           BbCallControls *self)
{
  gtk_level_bar_set_value (self->caller_level, caller);
  gtk_level_bar_set_value (self->answer_level, answer);
  gtk_level_bar_set_value (self->microphone_level, microphone);
}

static void
on_whisper (BbCallControls *self)
{
  GtkEditable *entry = GTK_EDITABLE (self->whisper);
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  if (*text == '\0')
    return;
  gtk_widget_activate_action (GTK_WIDGET (self), "call.whisper", "s", text);
  gtk_editable_set_text (entry, "");
}

static void
on_transfer (BbCallControls *self)
{
  g_autofree char *target = g_strstrip (g_strdup (gtk_editable_get_text (self->target)));

  gtk_popover_popdown (self->transfer);
  gtk_widget_activate_action (GTK_WIDGET (self), "call.transfer", "s", target);
}

/**
 * bb_call_controls_set_call:
 * @self: the controls
 * @step_in: (nullable): the operator's part in it
 * @call: (nullable): the call
 */
void
bb_call_controls_set_call (BbCallControls *self, BbStepIn *step_in, BbCall *call)
{
  g_return_if_fail (BB_IS_CALL_CONTROLS (self));

  if (self->call != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->call, self);
      g_signal_handlers_disconnect_by_data (self->step_in, self);
    }
  if (step_in == NULL)
    call = NULL;
  if (self->call != call)
    gtk_editable_set_text (GTK_EDITABLE (self->whisper), "");
  g_set_object (&self->call, call);
  g_set_object (&self->step_in, step_in);
  if (self->call == NULL)
    {
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      return;
    }
  g_signal_connect_swapped (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (queue_update), self);
  g_signal_connect_swapped (step_in, BB_STEP_IN_SIGNAL_CHANGED, G_CALLBACK (queue_update), self);
  g_signal_connect (step_in, BB_STEP_IN_SIGNAL_LEVELS, G_CALLBACK (on_levels), self);
  update (self);
}

/**
 * bb_call_controls_focus_whisper:
 * @self: the controls
 */
void
bb_call_controls_focus_whisper (BbCallControls *self)
{
  g_return_if_fail (BB_IS_CALL_CONTROLS (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->whisper));
}

/**
 * bb_call_controls_ask_transfer:
 * @self: the controls
 */
void
bb_call_controls_ask_transfer (BbCallControls *self)
{
  g_return_if_fail (BB_IS_CALL_CONTROLS (self));

  if (gtk_widget_get_mapped (GTK_WIDGET (self->squeezer)))
    gtk_popover_popup (self->transfer);
}

static void
bb_call_controls_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  BbCallControls *self = BB_CALL_CONTROLS (widget);

  GTK_WIDGET_CLASS (bb_call_controls_parent_class)->size_allocate (widget, width, height, baseline);
  gtk_popover_present (self->transfer);
}

static void
bb_call_controls_dispose (GObject *object)
{
  BbCallControls *self = BB_CALL_CONTROLS (object);

  if (self->box != NULL)
    bb_call_controls_set_call (self, NULL, NULL);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  if (self->transfer != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->transfer));
  self->transfer = NULL;

  G_OBJECT_CLASS (bb_call_controls_parent_class)->dispose (object);
}

static void
bb_call_controls_class_init (BbCallControlsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_call_controls_dispose;
  widget_class->size_allocate = bb_call_controls_size_allocate;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/de/bestellbot/Bestellbot/bb-call-controls.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, box);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, ring);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, talk);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, hears_row);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, hears_icon);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, hears);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, levels);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, caller_level);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, answer_level);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, microphone_level);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, squeezer);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, whisper);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, transfer);
  gtk_widget_class_bind_template_child (widget_class, BbCallControls, target);
  gtk_widget_class_bind_template_callback (widget_class, on_squeezed);
  gtk_widget_class_bind_template_callback (widget_class, on_whisper);
  gtk_widget_class_bind_template_callback (widget_class, on_transfer);
}

static void
bb_call_controls_init (BbCallControls *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_buttons (self, TRUE);
  add_buttons (self, FALSE);
  on_squeezed (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
