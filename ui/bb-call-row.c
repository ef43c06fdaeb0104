/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-row.h"

#include <glib/gi18n.h>

#include "bb-call-text.h"

struct _BbCallRow
{
  GtkWidget parent_instance;

  BbCall *call;
  guint tick;  /* an update waits for the next frame */
  guint clock; /* ticks while the call goes on and the row is on the screen */

  GtkWidget *box;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *time;
  GtkLabel *status;
  GtkLabel *details;
  GtkWidget *buttons;
  GtkActionable *answer;
  GtkActionable *refuse;
};

G_DEFINE_FINAL_TYPE (BbCallRow, bb_call_row, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_CALL,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static const char *
get_icon (BbCall *call)
{
  BbCallState state = bb_call_get_state (call);

  if (bb_call_get_waiting (call))
    return "call-incoming-symbolic";
  if (state == BB_CALL_ENDED)
    {
      BbCallEnd end = bb_call_get_end (call);

      return end == BB_CALL_END_ERROR || end == BB_CALL_END_LOST || end == BB_CALL_END_REFUSED
                 ? "call-missed-symbolic"
                 : "call-stop-symbolic";
    }
  switch (bb_call_get_speaking (call))
    {
    case BB_TRANSCRIPT_BOT:
      return "audio-volume-high-symbolic";
    case BB_TRANSCRIPT_CALLER:
    case BB_TRANSCRIPT_OPERATOR:
      return "audio-input-microphone-symbolic";
    default:
      return "call-start-symbolic";
    }
}

/* How long a call lasts or lasted, or when it was. */
static char *
dup_time (BbCall *call)
{
  g_autoptr (GDateTime) local = NULL;
  g_autoptr (GDateTime) now = NULL;
  int year, month, day, year_now, month_now, day_now;

  if (bb_call_get_state (call) != BB_CALL_ENDED)
    return bb_call_get_answered (call) != NULL
               ? bb_call_text_duration (bb_call_get_duration (call))
               : NULL;
  if (bb_call_get_started (call) == NULL)
    return NULL;

  local = g_date_time_to_local (bb_call_get_started (call));
  now = g_date_time_new_now_local ();
  g_date_time_get_ymd (local, &year, &month, &day);
  g_date_time_get_ymd (now, &year_now, &month_now, &day_now);
  if (year == year_now && month == month_now && day == day_now)
    return g_date_time_format (local, "%H:%M");
  /* Translators: a date in a list of calls, such as "24 Nov 14:05". */
  return g_date_time_format (local, _("%e %b %H:%M"));
}

static char *
dup_details (BbCall *call)
{
  g_autofree char *media = bb_call_text_media (call);
  const char *number = *bb_call_get_caller_name (call) != '\0' ? bb_call_get_caller_number (call) : "";

  if (bb_call_get_state (call) == BB_CALL_ENDED)
    {
      g_autofree char *duration = bb_call_text_duration (bb_call_get_duration (call));

      return g_strconcat (number, *number != '\0' ? " · " : "", duration, NULL);
    }
  if (media == NULL)
    return g_strdup (number);
  return g_strconcat (number, *number != '\0' ? " · " : "", media, NULL);
}

static void
set_css_class (GtkWidget *widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
update_time (BbCallRow *self)
{
  g_autofree char *time = dup_time (self->call);

  gtk_label_set_label (self->time, time != NULL ? time : "");
}

static void
update (BbCallRow *self)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
  const char *status = bb_call_text_status (self->call);
  gboolean waiting = bb_call_get_waiting (self->call);
  gboolean ended = bb_call_get_state (self->call) == BB_CALL_ENDED;
  gboolean person = bb_call_get_operator_mode (self->call) >= BB_OPERATOR_TAKE_OVER && !ended;
  g_autofree char *title = bb_call_text_title (self->call);
  g_autofree char *details = dup_details (self->call);
  g_autofree char *label = g_strdup_printf ("%s, %s", title, status);

  gtk_image_set_from_icon_name (self->icon, get_icon (self->call));
  set_css_class (GTK_WIDGET (self->icon), "dim-label", ended);
  set_css_class (GTK_WIDGET (self->icon), "success", waiting);
  set_css_class (GTK_WIDGET (self->icon), "accent", person);
  set_css_class (GTK_WIDGET (self->title), "dim-label", ended);
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->status, status);
  set_css_class (GTK_WIDGET (self->status), "accent", person);
  set_css_class (GTK_WIDGET (self->status), "success", waiting);
  gtk_label_set_label (self->details, details);
  gtk_widget_set_visible (GTK_WIDGET (self->details), *details != '\0');
  gtk_widget_set_visible (self->buttons, waiting);
  update_time (self);
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  BbCallRow *self = BB_CALL_ROW (widget);

  self->tick = 0;
  if (self->call != NULL)
    update (self);
  return G_SOURCE_REMOVE;
}

static void
queue_update (BbCallRow *self)
{
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static gboolean
on_clock (gpointer user_data)
{
  BbCallRow *self = user_data;

  if (self->call != NULL && bb_call_get_state (self->call) != BB_CALL_ENDED)
    update_time (self);
  return G_SOURCE_CONTINUE;
}

static void
set_call (BbCallRow *self, BbCall *call)
{
  if (self->call == call)
    return;

  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_set_object (&self->call, call);
  if (call != NULL)
    {
      GVariant *id = g_variant_new_string (bb_call_get_id (call));

      gtk_actionable_set_action_target_value (self->answer, id);
      gtk_actionable_set_action_target_value (self->refuse,
                                              g_variant_new_string (bb_call_get_id (call)));
      g_signal_connect_swapped (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (queue_update), self);
      update (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CALL]);
}

static void
bb_call_row_map (GtkWidget *widget)
{
  BbCallRow *self = BB_CALL_ROW (widget);

  GTK_WIDGET_CLASS (bb_call_row_parent_class)->map (widget);
  if (self->clock == 0)
    self->clock = g_timeout_add_seconds (1, on_clock, self);
}

static void
bb_call_row_unmap (GtkWidget *widget)
{
  BbCallRow *self = BB_CALL_ROW (widget);

  g_clear_handle_id (&self->clock, g_source_remove);
  GTK_WIDGET_CLASS (bb_call_row_parent_class)->unmap (widget);
}

static void
bb_call_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CALL)
    g_value_set_object (value, BB_CALL_ROW (object)->call);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bb_call_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CALL)
    set_call (BB_CALL_ROW (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bb_call_row_dispose (GObject *object)
{
  BbCallRow *self = BB_CALL_ROW (object);

  g_clear_handle_id (&self->clock, g_source_remove);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (bb_call_row_parent_class)->dispose (object);
}

static void
bb_call_row_class_init (BbCallRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = bb_call_row_get_property;
  object_class->set_property = bb_call_row_set_property;
  object_class->dispose = bb_call_row_dispose;
  widget_class->map = bb_call_row_map;
  widget_class->unmap = bb_call_row_unmap;

  properties[PROP_CALL]
      = g_param_spec_object (BB_CALL_ROW_PROP_CALL, NULL, NULL, BB_TYPE_CALL,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-call-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, box);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, icon);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, title);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, time);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, status);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, details);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, buttons);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, answer);
  gtk_widget_class_bind_template_child (widget_class, BbCallRow, refuse);
}

static void
bb_call_row_init (BbCallRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
