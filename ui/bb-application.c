/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "bb-api-client.h"
#include "bb-assistant.h"
#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-controller.h"
#include "bb-devices.h"
#include "bb-order-store.h"
#include "bb-practice.h"
#include "bb-preferences.h"
#include "bb-ringer.h"
#include "bb-secrets.h"
#include "bb-window.h"

struct _BbApplication
{
  AdwApplication parent_instance;

  char *config_path;
  char **overrides;
  char *gateway; /* URL of one elsewhere; NULL: local mode */
  char *token_file;
  char *ca_file;
  BbApiClient *client;
  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbController *controller;
  BbRinger *ringer;
  GSettings *settings;
  BbDevices *devices;
  BbPractice *practice; /* the simulator, in local mode without a key */
  gboolean quitting;
  guint signals[2]; /* sources of SIGTERM and SIGINT */
};

G_DEFINE_FINAL_TYPE (BbApplication, bb_application, ADW_TYPE_APPLICATION)

static gboolean
connect_gateway (BbApplication *self, GError **error)
{
  self->client = bb_api_client_new (self->gateway, self->token_file);
  if (self->ca_file != NULL && !bb_api_client_set_ca_file (self->client, self->ca_file, error))
    {
      g_clear_object (&self->client);
      return FALSE;
    }
  return TRUE;
}

static gboolean
load (BbApplication *self, GError **error)
{
  if (self->gateway != NULL)
    return connect_gateway (self, error);

  self->config
      = bb_config_load (self->config_path, (const char *const *)self->overrides, error);
  if (self->config == NULL)
    return FALSE;
  self->catalogue = bb_catalogue_load (self->config->catalogue_file, error);
  if (self->catalogue == NULL)
    return FALSE;
  self->store = bb_order_store_open (self->config->order_database, error);
  if (self->store == NULL)
    return FALSE;

  self->controller = bb_controller_new (self->config, self->catalogue, self->store);
  return TRUE;
}

static void
on_calls_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbApplication) self = user_data;

  bb_controller_shutdown_finish (BB_CONTROLLER (source), result);
  g_application_quit (G_APPLICATION (self));
}

/* Closing the window ends the conversation first, then the program. */
static void
quit (BbApplication *self)
{
  if (self->quitting)
    return;
  self->quitting = TRUE;

  if (self->controller == NULL)
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }
  bb_controller_shutdown_async (self->controller, self->config->shutdown_timeout * 1000,
                                on_calls_ended, g_object_ref (self));
}

static gboolean
on_close_request (GtkWindow *window, BbApplication *self)
{
  gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
  quit (self);
  return GDK_EVENT_STOP;
}

static BbOperator *
get_operator (BbApplication *self)
{
  return self->client != NULL ? (BbOperator *)self->client : (BbOperator *)self->controller;
}

/* ---- what the person has set ---------------------------------------------- */

static BbWindow *
get_window (BbApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (BB_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

static void
apply_devices (BbApplication *self)
{
  BbWindow *window = get_window (self);
  g_autofree char *microphone = g_settings_get_string (self->settings, "microphone");
  g_autofree char *speaker = g_settings_get_string (self->settings, "speaker");
  g_autofree char *source = NULL;
  g_autofree char *sink = NULL;

  if (window == NULL)
    return;
  bb_devices_describe (self->devices, microphone, speaker,
                       g_settings_get_boolean (self->settings, "echo-cancellation"), &source, &sink);
  bb_window_set_local_devices (window, source, sink);
}

static void
apply_color_scheme (BbApplication *self)
{
  static const AdwColorScheme schemes[]
      = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT, ADW_COLOR_SCHEME_FORCE_DARK };

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[g_settings_get_enum (self->settings, "color-scheme")]);
}

/* The window is there before what it works on. */
static void
begin (BbApplication *self, GError *error)
{
  BbWindow *window = get_window (self);

  if (window == NULL || self->quitting)
    return;
  if (error != NULL)
    {
      bb_window_show_error (window, _("The order desk could not open"), error->message);
      return;
    }
  bb_window_set_operator (window, get_operator (self));
  self->ringer = bb_ringer_new (G_APPLICATION (self), get_operator (self), NULL);
  if (self->config != NULL)
    bb_window_set_currency (window, self->config->currency);
  if (self->client != NULL)
    bb_api_client_start (self->client);
}

static void
add_override (BbApplication *self, const char *setting)
{
  guint n = self->overrides != NULL ? g_strv_length (self->overrides) : 0;

  self->overrides = g_renew (char *, self->overrides, n + 2);
  self->overrides[n] = g_strdup (setting);
  self->overrides[n + 1] = NULL;
}

static void
on_practice_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = bb_practice_start_finish (BB_PRACTICE (source), result, &error);

  if (url != NULL)
    {
      g_autofree char *setting = g_strconcat ("realtime.url=", url, NULL);

      add_override (self, setting);
      /* It takes any key, but like the service it wants one. */
      g_setenv ("OPENAI_API_KEY", "offline", TRUE);
      load (self, &error);
    }
  begin (self, error);
}

static void
on_key_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = bb_secrets_lookup_finish (result, NULL);

  if (key != NULL)
    g_setenv ("OPENAI_API_KEY", key, TRUE);
  if (load (self, &error) && self->config->realtime_api_key == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         _("The real service needs a key: give it in the preferences, or choose the "
                           "simulator there; then start again."));
  begin (self, error);
}

static void
on_token_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbConfig) config = bb_config_load (NULL, NULL, &error);
  g_autofree char *token = bb_secrets_lookup_finish (result, NULL);

  if (config != NULL)
    {
      self->gateway = g_settings_get_string (self->settings, "gateway-url");
      /* A gateway on this machine keeps its token in the usual place. */
      self->token_file = g_strdup (config->api_token_file);
      if (connect_gateway (self, &error) && token != NULL
          && !bb_api_client_set_token (self->client, token))
        g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             _("The token that was given can be none: copy it once more into the "
                               "preferences, then start again."));
    }
  begin (self, error);
}

static void
begin_as_set (BbApplication *self)
{
  if (g_settings_get_enum (self->settings, "desk") == 1)
    bb_secrets_lookup_async (BB_SECRET_GATEWAY_TOKEN, NULL, on_token_found, g_object_ref (self));
  else if (g_settings_get_enum (self->settings, "service") == 1)
    bb_secrets_lookup_async (BB_SECRET_API_KEY, NULL, on_key_found, g_object_ref (self));
  else
    {
      self->practice = bb_practice_new ();
      bb_practice_start_async (self->practice, NULL, on_practice_started, g_object_ref (self));
    }
}

static void
show_window (BbApplication *self)
{
  GtkWindow *window = GTK_WINDOW (bb_window_new (ADW_APPLICATION (self), NULL));

  g_signal_connect (window, "close-request", G_CALLBACK (on_close_request), self);
  apply_devices (self);
  if (get_operator (self) != NULL)
    begin (self, NULL);
  else
    begin_as_set (self);
  gtk_window_present (window);
}

static void
bb_application_activate (GApplication *application)
{
  BbApplication *self = BB_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window != NULL)
    {
      gtk_window_present (window);
      return;
    }
  /* Who says on the command line what to do needs no assistant. */
  if (get_operator (self) != NULL || g_settings_get_boolean (self->settings, "set-up"))
    {
      show_window (self);
      return;
    }
  window = bb_assistant_new (GTK_APPLICATION (self), self->devices, self->settings);
  g_signal_connect_swapped (window, "done", G_CALLBACK (show_window), self);
  gtk_window_present (window);
}

static gboolean
says_what_to_do (GVariantDict *options)
{
  return g_variant_dict_contains (options, "gateway") || g_variant_dict_contains (options, "config")
         || g_variant_dict_contains (options, "set");
}

static int
bb_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  BbApplication *self = BB_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  g_autoptr (GError) error = NULL;

  if (get_operator (self) == NULL && get_window (self) == NULL && says_what_to_do (options))
    {
      g_variant_dict_lookup (options, "gateway", "s", &self->gateway);
      g_variant_dict_lookup (options, "token-file", "^ay", &self->token_file);
      g_variant_dict_lookup (options, "ca-file", "^ay", &self->ca_file);
      g_variant_dict_lookup (options, "config", "^ay", &self->config_path);
      g_variant_dict_lookup (options, "set", "^as", &self->overrides);
      if (!load (self, &error))
        {
          g_application_command_line_printerr (command_line, "bestellbot: %s\n", error->message);
          return 1;
        }
    }

  g_application_activate (application);
  return 0;
}

static int
bb_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("bestellbot %s\n", PACKAGE_VERSION);
      return 0;
    }
  return -1;
}

static void
on_quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  quit (user_data);
}

static void
on_about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (gtk_application_get_active_window (user_data),
                         "application-name", "Bestellbot",
                         "application-icon", "de.bestellbot.Bestellbot",
                         "version", PACKAGE_VERSION,
                         "comments", _("The telephone order desk that answers itself"),
                         "license-type", GTK_LICENSE_LGPL_2_1,
                         NULL);
}

static void
on_call_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = (GtkWindow *)get_window (user_data);
  const char *name = g_action_get_name (G_ACTION (action));
  g_autofree char *of_window = g_strconcat ("win.", name, NULL);

  if (window == NULL)
    return;
  if (!g_str_equal (name, "show-call"))
    {
      gtk_widget_activate_action_variant (GTK_WIDGET (window), of_window, parameter);
      return;
    }
  gtk_window_present (window);
  bb_window_show_call (BB_WINDOW (window), g_variant_get_string (parameter, NULL));
}

static void
on_preferences_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbApplication *self = user_data;

  gtk_window_present (bb_preferences_new (gtk_application_get_active_window (user_data),
                                          self->devices, self->settings));
}

/* The first signal ends the conversation and then the program, a second one the
 * program at once. */
static gboolean
on_stop_signal (gpointer user_data)
{
  BbApplication *self = user_data;

  if (self->quitting)
    g_application_quit (G_APPLICATION (self));
  else
    quit (self);
  return G_SOURCE_CONTINUE;
}

static const struct
{
  const char *action;
  const char *keys;
} accels[] = {
  { "app.quit", "<Control>q" },
  { "app.preferences", "<Control>comma" },
  { "win.toggle-call", "<Control>Return" },
  { "win.show-page::calls", "<Alt>1" },
  { "win.show-page::orders", "<Alt>2" },
  { "win.show-page::catalogue", "<Alt>3" },
  { "call.listen", "<Control>l" },
  { "call.take-over", "<Control>t" },
  { "call.conference", "<Control>j" },
  { "call.hand-back", "<Control>b" },
  { "win.whisper", "<Control>i" },
  { "win.transfer", "<Control><Shift>t" },
  { "call.hang-up", "<Control><Shift>h" },
  { "call.answer-myself", "<Control><Shift>a" },
  { "call.answer", "<Control><Shift>b" },
  { "call.refuse", "<Control><Shift>r" },
};

static void
bb_application_startup (GApplication *application)
{
  BbApplication *self = BB_APPLICATION (application);
  const GActionEntry actions[] = {
    { "quit", on_quit_action },
    { "about", on_about_action },
    /* For notifications. */
    { "show-call", on_call_action, "s" },
    { "answer-call", on_call_action, "s" },
    { "refuse-call", on_call_action, "s" },
    { "preferences", on_preferences_action },
  };

  G_APPLICATION_CLASS (bb_application_parent_class)->startup (application);

  self->signals[0] = g_unix_signal_add (SIGTERM, on_stop_signal, self);
  self->signals[1] = g_unix_signal_add (SIGINT, on_stop_signal, self);
  self->settings = g_settings_new ("de.bestellbot.Bestellbot");
  self->devices = bb_devices_new ();
  g_signal_connect_swapped (self->devices, "changed", G_CALLBACK (apply_devices), self);
  g_signal_connect_swapped (self->settings, "changed", G_CALLBACK (apply_devices), self);
  g_signal_connect_swapped (self->settings, "changed::color-scheme",
                            G_CALLBACK (apply_color_scheme), self);
  apply_color_scheme (self);
  gtk_window_set_default_icon_name ("de.bestellbot.Bestellbot");
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    {
      const char *const keys[] = { accels[i].keys, NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, keys);
    }
}

static void
bb_application_shutdown (GApplication *application)
{
  BbApplication *self = BB_APPLICATION (application);

  G_APPLICATION_CLASS (bb_application_parent_class)->shutdown (application);

  for (gsize i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_clear_handle_id (&self->signals[i], g_source_remove);
  g_clear_object (&self->ringer);
  if (self->devices != NULL)
    g_signal_handlers_disconnect_by_data (self->devices, self);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->devices);
  g_clear_object (&self->settings);
  g_clear_object (&self->practice);
  if (self->client != NULL)
    bb_api_client_stop (self->client);
  g_clear_object (&self->client);
  g_clear_object (&self->controller);
  if (self->store != NULL)
    bb_order_store_close (self->store);
  g_clear_object (&self->store);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_pointer (&self->config, bb_config_unref);
}

static void
bb_application_finalize (GObject *object)
{
  BbApplication *self = BB_APPLICATION (object);

  g_free (self->config_path);
  g_free (self->gateway);
  g_free (self->token_file);
  g_free (self->ca_file);
  g_strfreev (self->overrides);

  G_OBJECT_CLASS (bb_application_parent_class)->finalize (object);
}

static void
bb_application_class_init (BbApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bb_application_finalize;
  application_class->startup = bb_application_startup;
  application_class->activate = bb_application_activate;
  application_class->command_line = bb_application_command_line;
  application_class->handle_local_options = bb_application_handle_local_options;
  application_class->shutdown = bb_application_shutdown;
}

static void
bb_application_init (BbApplication *self)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, NULL, N_("Settings (bestellbot.conf)"), N_("FILE") },
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, NULL, N_("Override one setting"), "GROUP.KEY=VALUE" },
    { "gateway", 'g', 0, G_OPTION_ARG_STRING, NULL,
      N_("Work with a gateway, here or on another machine"), "URL" },
    { "token-file", 't', 0, G_OPTION_ARG_FILENAME, NULL, N_("File with the gateway's token"),
      N_("FILE") },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, NULL,
      N_("Certificate to trust beside the system's"), N_("FILE") },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the version"), NULL },
    { NULL }
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
  g_application_set_option_context_summary (
      G_APPLICATION (self), _("The order desk: with --gateway all its calls, else one on this "
                                 "computer's microphone and speaker."));
}

/**
 * bb_application_new:
 *
 * Returns: (transfer full): the application
 */
BbApplication *
bb_application_new (void)
{
  return g_object_new (BB_TYPE_APPLICATION,
                       "application-id", "de.bestellbot.Bestellbot",
                       "resource-base-path", "/de/bestellbot/Bestellbot",
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE,
                       NULL);
}
