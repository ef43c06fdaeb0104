/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-sound-group.h"

#include <glib/gi18n.h>

#include "bb-meter.h"

struct _BbSoundGroup
{
  AdwPreferencesGroup parent_instance;

  BbDevices *devices;
  GSettings *settings;
  gboolean setting; /* not a person's choice */

  AdwComboRow *microphone;
  AdwComboRow *speaker;
  BbMeter *meter;
  AdwActionRow *echo_row;
  GtkSwitch *echo;
};

G_DEFINE_FINAL_TYPE (BbSoundGroup, bb_sound_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_choice (BbSoundGroup *self)
{
  g_autofree char *microphone = g_settings_get_string (self->settings, "microphone");
  g_autofree char *speaker = g_settings_get_string (self->settings, "speaker");
  g_autofree char *source = NULL;
  g_autofree char *sink = NULL;

  self->setting = TRUE;
  adw_combo_row_set_selected (self->microphone,
                              bb_devices_find (bb_devices_get_microphones (self->devices), microphone));
  adw_combo_row_set_selected (self->speaker,
                              bb_devices_find (bb_devices_get_speakers (self->devices), speaker));
  self->setting = FALSE;
  bb_devices_describe (self->devices, microphone, speaker, FALSE, &source, &sink);
  bb_meter_set_source (self->meter, source);
}

static void
on_chosen (BbSoundGroup *self, GParamSpec *pspec, AdwComboRow *row)
{
  BbDevice *device = adw_combo_row_get_selected_item (row);

  if (self->devices == NULL || self->setting || device == NULL
      || bb_devices_is_changing (self->devices))
    return;
  g_settings_set_string (self->settings, row == self->microphone ? "microphone" : "speaker",
                         bb_device_get_id (device));
}

/**
 * bb_sound_group_set_up:
 * @self: the group
 * @devices: what is connected
 * @settings: where the choice is kept
 */
void
bb_sound_group_set_up (BbSoundGroup *self, BbDevices *devices, GSettings *settings)
{
  g_autoptr (GtkExpression) name = gtk_property_expression_new (BB_TYPE_DEVICE, NULL, "name");

  g_return_if_fail (self->devices == NULL);

  self->devices = g_object_ref (devices);
  self->settings = g_object_ref (settings);
  self->setting = TRUE;
  adw_combo_row_set_expression (self->microphone, name);
  adw_combo_row_set_expression (self->speaker, name);
  adw_combo_row_set_model (self->microphone, bb_devices_get_microphones (devices));
  adw_combo_row_set_model (self->speaker, bb_devices_get_speakers (devices));
  self->setting = FALSE;
  g_signal_connect_object (devices, "changed", G_CALLBACK (show_choice), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed", G_CALLBACK (show_choice), self, G_CONNECT_SWAPPED);
  g_settings_bind (settings, "echo-cancellation", self->echo, "active", G_SETTINGS_BIND_DEFAULT);
  show_choice (self);
}

static void
bb_sound_group_dispose (GObject *object)
{
  BbSoundGroup *self = BB_SOUND_GROUP (object);

  g_clear_object (&self->devices);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (bb_sound_group_parent_class)->dispose (object);
}

static void
bb_sound_group_class_init (BbSoundGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_sound_group_dispose;

  g_type_ensure (BB_TYPE_METER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-sound-group.ui");
  gtk_widget_class_bind_template_child (widget_class, BbSoundGroup, microphone);
  gtk_widget_class_bind_template_child (widget_class, BbSoundGroup, speaker);
  gtk_widget_class_bind_template_child (widget_class, BbSoundGroup, meter);
  gtk_widget_class_bind_template_child (widget_class, BbSoundGroup, echo_row);
  gtk_widget_class_bind_template_child (widget_class, BbSoundGroup, echo);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
}

static void
bb_sound_group_init (BbSoundGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  if (bb_devices_can_cancel_echo ())
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->echo_row), FALSE);
  adw_action_row_set_subtitle (self->echo_row,
                               _("Not installed (GStreamer’s “webrtcdsp”): use headphones, or the "
                                 "bot hears itself"));
}
