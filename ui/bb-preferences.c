/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-preferences.h"

#include "bb-desk-group.h"
#include "bb-sound-group.h"

struct _BbPreferences
{
  AdwPreferencesWindow parent_instance;

  GSettings *settings;

  AdwComboRow *scheme;
  BbSoundGroup *sound;
  BbDeskGroup *desk;
};

G_DEFINE_FINAL_TYPE (BbPreferences, bb_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static void
on_scheme_chosen (BbPreferences *self)
{
  if (self->settings != NULL)
    g_settings_set_enum (self->settings, "color-scheme", (int)adw_combo_row_get_selected (self->scheme));
}

static void
bb_preferences_dispose (GObject *object)
{
  g_clear_object (&BB_PREFERENCES (object)->settings);

  G_OBJECT_CLASS (bb_preferences_parent_class)->dispose (object);
}

static void
bb_preferences_class_init (BbPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_preferences_dispose;

  g_type_ensure (BB_TYPE_DESK_GROUP);
  g_type_ensure (BB_TYPE_SOUND_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, BbPreferences, scheme);
  gtk_widget_class_bind_template_child (widget_class, BbPreferences, sound);
  gtk_widget_class_bind_template_child (widget_class, BbPreferences, desk);
  gtk_widget_class_bind_template_callback (widget_class, on_scheme_chosen);
}

static void
bb_preferences_init (BbPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * bb_preferences_new:
 * @parent: (nullable): the window in front of which it stands
 * @devices: microphones and speakers
 * @settings: where all is kept
 *
 * Returns: (transfer none): the window, not shown yet
 */
GtkWindow *
bb_preferences_new (GtkWindow *parent, BbDevices *devices, GSettings *settings)
{
  BbPreferences *self
      = g_object_new (BB_TYPE_PREFERENCES, "transient-for", parent, "modal", TRUE, NULL);

  adw_combo_row_set_selected (self->scheme, (guint)g_settings_get_enum (settings, "color-scheme"));
  self->settings = g_object_ref (settings);
  bb_sound_group_set_up (self->sound, devices, settings);
  bb_desk_group_set_up (self->desk, settings);
  return GTK_WINDOW (self);
}
