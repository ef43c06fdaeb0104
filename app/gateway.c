/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* bestellbotd: the gateway. Puts the parts together, says where it listens,
 * and stops politely. */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "bb-api-server.h"
#include "bb-catalogue.h"
#include "bb-config.h"
#include "bb-controller.h"
#include "bb-i18n.h"
#include "bb-order-store.h"
#include "bb-sip-agent.h"
#include "bb-tools.h"

/* A BYE and an un-REGISTER get this long in any case (ms). */
#define LEAST_FOR_SIP 500

typedef struct
{
  GMainLoop *loop;
  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbController *controller;
  BbSipAgent *agent;
  BbApiServer *api;
  gboolean stopping;
  gint64 stop_deadline; /* µs, monotonic */
  int status;
} Gateway;

static void
notify_supervisor (const char *state)
{
#if HAVE_SYSTEMD
  sd_notify (0, state);
#endif
}

static void
on_incoming (BbSipAgent *agent, BbLeg *leg, Gateway *self)
{
  bb_controller_accept (self->controller, leg);
}

static void
on_registration (BbSipAgent *agent, const char *state, const char *text, Gateway *self)
{
  g_message ("account %s at %s: %s%s%s", self->config->account_user, self->config->account_server,
             state, *text != '\0' ? ": " : "", text);
}

/* A load balancer in front of us sees it in the answer to OPTIONS. */
static void
on_draining (BbController *controller, gboolean draining, Gateway *self)
{
  if (self->stopping)
    return;
  bb_sip_agent_set_draining (self->agent, draining);
  if (self->api != NULL)
    bb_api_server_set_not_ready (self->api, draining ? "draining" : NULL);
}

static void
on_agent_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Gateway *self = user_data;

  bb_sip_agent_stop_finish (BB_SIP_AGENT (source), result);
  g_main_loop_quit (self->loop);
}

static void
on_calls_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Gateway *self = user_data;

  gint64 left_ms = (self->stop_deadline - g_get_monotonic_time ()) / 1000;

  bb_controller_shutdown_finish (BB_CONTROLLER (source), result);
  /* What the calls took is not given twice. */
  bb_sip_agent_stop_async (self->agent, (guint)MAX (left_ms, LEAST_FOR_SIP), on_agent_stopped, self);
}

/* The first signal ends calls politely within the deadline, the second stops
 * at once: orders are in the database either way. */
static gboolean
on_stop_signal (gpointer user_data)
{
  Gateway *self = user_data;

  if (self->stopping)
    {
      g_message ("stopping at once");
      /* Threads are running: no handlers of exit() under their feet. But what a
       * caller was told to be noted is on disk first. */
      bb_order_store_close (self->store);
      _exit (EXIT_FAILURE);
    }

  self->stopping = TRUE;
  self->stop_deadline
      = g_get_monotonic_time () + self->config->shutdown_timeout * G_TIME_SPAN_SECOND;
  g_message ("stopping: %u calls are ended, at most %u s", bb_controller_get_n_active (self->controller),
             self->config->shutdown_timeout);
  notify_supervisor ("STOPPING=1");
  bb_sip_agent_set_draining (self->agent, TRUE);
  if (self->api != NULL)
    bb_api_server_set_not_ready (self->api, "stopping");
  bb_controller_shutdown_async (self->controller, self->config->shutdown_timeout * 1000,
                                on_calls_ended, self);
  return G_SOURCE_CONTINUE;
}

static gboolean
check_key (const BbConfig *config, GError **error)
{
  if (config->realtime_api_key != NULL || strstr (config->realtime_url, "openai.com") == NULL)
    return TRUE;

  g_set_error_literal (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET,
                       _("no API key: set OPENAI_API_KEY or [realtime] api-key-file, or point "
                         "[realtime] url at bestellbot-simulator"));
  return FALSE;
}

static gboolean
start (Gateway *self, GError **error)
{
  g_autofree char *instructions = NULL;
  g_autofree char *uri = NULL;

  if (!check_key (self->config, error))
    return FALSE;

  self->catalogue = bb_catalogue_load (self->config->catalogue_file, error);
  if (self->catalogue == NULL)
    return FALSE;

  /* A file that can't be read is said now, not to the first caller. */
  instructions = bb_tools_build_instructions (self->catalogue, self->config, error);
  if (instructions == NULL)
    return FALSE;

  self->store = bb_order_store_open (self->config->order_database, error);
  if (self->store == NULL)
    return FALSE;

  self->controller = bb_controller_new (self->config, self->catalogue, self->store);
  self->agent = bb_sip_agent_new (self->config, error);
  if (self->agent == NULL)
    return FALSE;
  g_signal_connect (self->controller, BB_CONTROLLER_SIGNAL_DRAINING, G_CALLBACK (on_draining), self);
  g_signal_connect (self->agent, BB_SIP_AGENT_SIGNAL_INCOMING, G_CALLBACK (on_incoming), self);
  g_signal_connect (self->agent, BB_SIP_AGENT_SIGNAL_REGISTRATION, G_CALLBACK (on_registration),
                    self);

  if (self->config->api_enabled)
    {
      self->api = bb_api_server_new (self->config, BB_OPERATOR (self->controller), error);
      if (self->api == NULL)
        return FALSE;
    }

  uri = bb_sip_agent_dup_uri (self->agent);
  g_print ("listening on %s (udp %u, tcp %u)\n", uri, bb_sip_agent_get_udp_port (self->agent),
           bb_sip_agent_get_tcp_port (self->agent));
  if (self->api != NULL)
    g_print ("listening on %s\n", bb_api_server_get_url (self->api));
  g_print (_("%u products, orders in %s\n"), bb_catalogue_get_n_products (self->catalogue),
           self->config->order_database);
  g_print ("ready\n");
  fflush (stdout);
  notify_supervisor ("READY=1");
  return TRUE;
}

static void
clear (Gateway *self)
{
  g_clear_object (&self->api);
  g_clear_object (&self->agent);
  g_clear_object (&self->controller);
  if (self->store != NULL)
    bb_order_store_close (self->store);
  g_clear_object (&self->store);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_pointer (&self->config, bb_config_unref);
  g_clear_pointer (&self->loop, g_main_loop_unref);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) options = NULL;
  g_autofree char *config_path = NULL;
  g_auto (GStrv) overrides = NULL;
  gboolean version = FALSE;
  Gateway self = { .status = EXIT_SUCCESS };
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config_path, N_("Settings (bestellbot.conf)"), N_("FILE") },
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &overrides, N_("Override one setting"), "GROUP.KEY=VALUE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Show the version"), NULL },
    { NULL }
  };

  bb_i18n_init ();

  options = g_option_context_new (NULL);
  g_option_context_set_summary (options, _("The Bestellbot gateway: answers SIP calls and takes orders."));
  g_option_context_add_main_entries (options, entries, GETTEXT_PACKAGE);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("bestellbotd: %s\n", error->message);
      return 2;
    }
  if (argc > 1)
    {
      g_printerr (_("bestellbotd: unexpected argument '%s'; see bestellbotd --help\n"), argv[1]);
      return 2;
    }
  if (version)
    {
      g_print ("bestellbotd %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }

  self.config = bb_config_load (config_path, (const char *const *)overrides, &error);
  if (self.config != NULL)
    {
      self.loop = g_main_loop_new (NULL, FALSE);
      if (start (&self, &error))
        {
          g_unix_signal_add (SIGTERM, on_stop_signal, &self);
          g_unix_signal_add (SIGINT, on_stop_signal, &self);
          g_main_loop_run (self.loop);
        }
    }

  if (error != NULL)
    {
      g_printerr ("bestellbotd: %s\n", error->message);
      self.status = EXIT_FAILURE;
    }

  clear (&self);
  gst_deinit ();
  return self.status;
}
