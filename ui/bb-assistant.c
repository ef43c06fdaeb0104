/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-assistant.h"

#include <glib/gi18n.h>

#include "bb-desk-group.h"
#include "bb-sound-group.h"

struct _BbAssistant
{
  AdwWindow parent_instance;

  GSettings *settings;
  gboolean done;

  AdwCarousel *carousel;
  BbSoundGroup *sound;
  BbDeskGroup *desk;
  GtkWidget *back;
  GtkButton *next;
};

static guint done_signal;

G_DEFINE_FINAL_TYPE (BbAssistant, bb_assistant, ADW_TYPE_WINDOW)

static guint
get_page (BbAssistant *self)
{
  return (guint)(adw_carousel_get_position (self->carousel) + 0.5);
}

static void
finish (BbAssistant *self)
{
  if (self->done)
    return;
  self->done = TRUE;
  bb_desk_group_apply (self->desk);
  g_settings_set_boolean (self->settings, "set-up", TRUE);
  g_signal_emit (self, done_signal, 0);
}

static void
show_page (BbAssistant *self, guint page)
{
  guint n = adw_carousel_get_n_pages (self->carousel);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *widget = adw_carousel_get_nth_page (self->carousel, i);

      /* What is out of view takes no keyboard and is not read out. */
      gtk_widget_set_can_focus (widget, i == page);
      gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, i != page, -1);
    }
  gtk_widget_set_visible (self->back, page > 0);
  gtk_button_set_label (self->next, page + 1 < n ? _("Next") : _("Begin"));
  adw_carousel_scroll_to (self->carousel, adw_carousel_get_nth_page (self->carousel, page), TRUE);
}

static void
on_next (BbAssistant *self)
{
  guint page = get_page (self);

  if (page + 1 < adw_carousel_get_n_pages (self->carousel))
    {
      show_page (self, page + 1);
      return;
    }
  finish (self);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
on_back (BbAssistant *self)
{
  guint page = get_page (self);

  if (page > 0)
    show_page (self, page - 1);
}

static gboolean
bb_assistant_close_request (GtkWindow *window)
{
  finish (BB_ASSISTANT (window));
  return GTK_WINDOW_CLASS (bb_assistant_parent_class)->close_request (window);
}

static void
bb_assistant_dispose (GObject *object)
{
  g_clear_object (&BB_ASSISTANT (object)->settings);

  G_OBJECT_CLASS (bb_assistant_parent_class)->dispose (object);
}

static void
bb_assistant_class_init (BbAssistantClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_assistant_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = bb_assistant_close_request;
  done_signal = g_signal_new ("done", BB_TYPE_ASSISTANT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);

  g_type_ensure (BB_TYPE_DESK_GROUP);
  g_type_ensure (BB_TYPE_SOUND_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-assistant.ui");
  gtk_widget_class_bind_template_child (widget_class, BbAssistant, carousel);
  gtk_widget_class_bind_template_child (widget_class, BbAssistant, sound);
  gtk_widget_class_bind_template_child (widget_class, BbAssistant, desk);
  gtk_widget_class_bind_template_child (widget_class, BbAssistant, back);
  gtk_widget_class_bind_template_child (widget_class, BbAssistant, next);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
}

static void
bb_assistant_init (BbAssistant *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * bb_assistant_new:
 * @application: whose it is
 * @devices: microphones and speakers
 * @settings: where all is kept
 *
 * Returns: (transfer none): the window, not shown yet
 */
GtkWindow *
bb_assistant_new (GtkApplication *application, BbDevices *devices, GSettings *settings)
{
  BbAssistant *self = g_object_new (BB_TYPE_ASSISTANT, "application", application, NULL);

  self->settings = g_object_ref (settings);
  /* Who has a key at hand wants to use it. */
  if (g_getenv ("OPENAI_API_KEY") != NULL && *g_getenv ("OPENAI_API_KEY") != '\0')
    g_settings_set_enum (settings, "service", 1);
  bb_sound_group_set_up (self->sound, devices, settings);
  bb_desk_group_set_up (self->desk, settings);
  show_page (self, 0);
  return GTK_WINDOW (self);
}
