/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-meter.h"

#include <glib/gi18n.h>
#include <gst/gst.h>

/* Quieter than this is an empty meter (dB below full scale). */
#define RANGE 60.0
/* Louder than this is a voice, not a room (dB). */
#define VOICE -35.0

struct _BbMeter
{
  GtkWidget parent_instance;

  char *source;
  GstElement *pipeline;
  guint watch;

  GtkWidget *box;
  GtkLevelBar *level;
  GtkLabel *text;
};

G_DEFINE_FINAL_TYPE (BbMeter, bb_meter, GTK_TYPE_WIDGET)

static void
say (BbMeter *self, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (self->text), text) != 0)
    gtk_label_set_label (self->text, text);
}

static void
set_null (GTask *task, gpointer source, gpointer pipeline, GCancellable *cancellable)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_task_return_boolean (task, TRUE);
}

/* A sound server may take its time to let go. */
static void
stop (BbMeter *self)
{
  g_autoptr (GTask) task = NULL;

  g_clear_handle_id (&self->watch, g_source_remove);
  if (self->pipeline == NULL)
    return;
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_task_data (task, g_steal_pointer (&self->pipeline), gst_object_unref);
  g_task_run_in_thread (task, set_null);
  gtk_level_bar_set_value (self->level, 0);
}

static void
show_level (BbMeter *self, const GstStructure *structure)
{
  const GValue *peaks = gst_structure_get_value (structure, "peak");
  GValueArray *array = peaks != NULL ? g_value_get_boxed (peaks) : NULL;
  double peak = -RANGE;

  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  for (guint i = 0; array != NULL && i < array->n_values; i++)
    peak = MAX (peak, g_value_get_double (g_value_array_get_nth (array, i)));
  G_GNUC_END_IGNORE_DEPRECATIONS
  gtk_level_bar_set_value (self->level, CLAMP (1 + peak / RANGE, 0, 1));
  if (peak > VOICE)
    say (self, _("The microphone hears you"));
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  BbMeter *self = user_data;
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    {
      self->watch = 0;
      stop (self);
      say (self, _("No sound from this microphone: choose another one, or check that PipeWire or "
                   "PulseAudio runs"));
      return G_SOURCE_REMOVE;
    }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT && gst_structure_has_name (structure, "level"))
    show_level (self, structure);
  return G_SOURCE_CONTINUE;
}

static void
start (BbMeter *self)
{
  g_autofree char *description = NULL;
  g_autoptr (GstBus) bus = NULL;

  stop (self);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || self->source == NULL)
    return;
  say (self, _("Say something"));
  description = g_strdup_printf ("%s ! audioconvert ! level interval=100000000 ! fakesink sync=false",
                                 self->source);
  self->pipeline = gst_parse_launch (description, NULL);
  if (self->pipeline == NULL)
    {
      say (self, _("The meter needs GStreamer’s “good” plugins"));
      return;
    }
  bus = gst_element_get_bus (self->pipeline);
  self->watch = gst_bus_add_watch (bus, on_message, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

/**
 * bb_meter_set_source:
 * @self: the meter
 * @source: description of the element that records
 */
void
bb_meter_set_source (BbMeter *self, const char *source)
{
  g_return_if_fail (BB_IS_METER (self));

  if (g_strcmp0 (self->source, source) == 0)
    return;
  g_free (self->source);
  self->source = g_strdup (source);
  start (self);
}

static void
bb_meter_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (bb_meter_parent_class)->map (widget);
  start (BB_METER (widget));
}

static void
bb_meter_unmap (GtkWidget *widget)
{
  stop (BB_METER (widget));
  GTK_WIDGET_CLASS (bb_meter_parent_class)->unmap (widget);
}

static void
bb_meter_dispose (GObject *object)
{
  BbMeter *self = BB_METER (object);

  if (self->box != NULL)
    stop (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->source, g_free);

  G_OBJECT_CLASS (bb_meter_parent_class)->dispose (object);
}

static void
bb_meter_class_init (BbMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_meter_dispose;
  widget_class->map = bb_meter_map;
  widget_class->unmap = bb_meter_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
bb_meter_init (BbMeter *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->level = GTK_LEVEL_BAR (gtk_level_bar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->level), "plain");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->level), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("How loud the microphone is"), -1);
  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_xalign (self->text, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "caption");
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->level));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->text));
}
