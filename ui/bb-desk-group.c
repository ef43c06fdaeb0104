/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-desk-group.h"

#include <glib/gi18n.h>

#include "bb-secrets.h"

struct _BbDeskGroup
{
  AdwPreferencesGroup parent_instance;

  GSettings *settings;

  AdwComboRow *desk;
  AdwComboRow *service;
  AdwEntryRow *url;
  AdwEntryRow *token;
  AdwEntryRow *key;
  GtkLabel *kept;
};

G_DEFINE_FINAL_TYPE (BbDeskGroup, bb_desk_group, ADW_TYPE_PREFERENCES_GROUP)

static void
update (BbDeskGroup *self)
{
  gboolean elsewhere = g_settings_get_enum (self->settings, "desk") == 1;
  gboolean real = g_settings_get_enum (self->settings, "service") == 1;

  gtk_widget_set_visible (GTK_WIDGET (self->url), elsewhere);
  gtk_widget_set_visible (GTK_WIDGET (self->token), elsewhere);
  gtk_widget_set_visible (GTK_WIDGET (self->service), !elsewhere);
  gtk_widget_set_visible (GTK_WIDGET (self->key), !elsewhere && real);
}

static void
on_combo_chosen (BbDeskGroup *self, GParamSpec *pspec, AdwComboRow *row)
{
  if (self->settings != NULL)
    g_settings_set_enum (self->settings, row == self->desk ? "desk" : "service",
                         (int)adw_combo_row_get_selected (row));
}

static void
say (BbDeskGroup *self, const char *text)
{
  gtk_label_set_label (self->kept, text);
  gtk_widget_set_visible (GTK_WIDGET (self->kept), TRUE);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbDeskGroup) self = user_data;

  if (self->settings == NULL)
    return;
  /* The keyring's own words would not help: what holds now does. */
  say (self, bb_secrets_store_finish (result, NULL)
                 ? _("Kept in your keyring")
                 : _("There is no keyring here: it holds until you quit. Set OPENAI_API_KEY or "
                     "BESTELLBOT_API_TOKEN in the environment to keep it."));
}

static void
store (BbDeskGroup *self, BbSecret what, AdwEntryRow *row)
{
  const char *secret = gtk_editable_get_text (GTK_EDITABLE (row));

  /* Left empty: what is kept stays. */
  if (*secret == '\0')
    return;
  bb_secrets_store_async (what, secret, NULL, on_stored, g_object_ref (self));
  gtk_editable_set_text (GTK_EDITABLE (row), "");
}

static void
on_token_applied (BbDeskGroup *self)
{
  store (self, BB_SECRET_GATEWAY_TOKEN, self->token);
}

static void
on_key_applied (BbDeskGroup *self)
{
  store (self, BB_SECRET_API_KEY, self->key);
}

static void
on_url_applied (BbDeskGroup *self)
{
  g_autofree char *url = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->url))));

  if (g_str_has_prefix (url, "https://") || g_str_has_prefix (url, "http://"))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->url), "error");
      g_settings_set_string (self->settings, "gateway-url", url);
    }
  else
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->url), "error");
      say (self, _("An address begins with https:// or, on this computer, http://"));
    }
}

/**
 * bb_desk_group_apply:
 * @self: the group
 *
 * Keeps what was typed and not confirmed yet.
 */
void
bb_desk_group_apply (BbDeskGroup *self)
{
  on_url_applied (self);
  on_token_applied (self);
  on_key_applied (self);
}

/**
 * bb_desk_group_set_up:
 * @self: the group
 * @settings: where the choice is kept
 */
void
bb_desk_group_set_up (BbDeskGroup *self, GSettings *settings)
{
  g_autofree char *url = g_settings_get_string (settings, "gateway-url");

  g_return_if_fail (self->settings == NULL);

  adw_combo_row_set_selected (self->desk, (guint)g_settings_get_enum (settings, "desk"));
  adw_combo_row_set_selected (self->service, (guint)g_settings_get_enum (settings, "service"));
  gtk_editable_set_text (GTK_EDITABLE (self->url), url);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (settings, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
bb_desk_group_dispose (GObject *object)
{
  g_clear_object (&BB_DESK_GROUP (object)->settings);

  G_OBJECT_CLASS (bb_desk_group_parent_class)->dispose (object);
}

static void
bb_desk_group_class_init (BbDeskGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_desk_group_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-desk-group.ui");
  gtk_widget_class_bind_template_child (widget_class, BbDeskGroup, desk);
  gtk_widget_class_bind_template_child (widget_class, BbDeskGroup, service);
  gtk_widget_class_bind_template_child (widget_class, BbDeskGroup, url);
  gtk_widget_class_bind_template_child (widget_class, BbDeskGroup, token);
  gtk_widget_class_bind_template_child (widget_class, BbDeskGroup, key);
  gtk_widget_class_bind_template_child (widget_class, BbDeskGroup, kept);
  gtk_widget_class_bind_template_callback (widget_class, on_combo_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_url_applied);
  gtk_widget_class_bind_template_callback (widget_class, on_token_applied);
  gtk_widget_class_bind_template_callback (widget_class, on_key_applied);
}

static void
bb_desk_group_init (BbDeskGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
