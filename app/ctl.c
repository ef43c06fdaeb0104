/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bb-i18n.h"
#include "ctl.h"

typedef struct
{
  const char *name;
  int (*run) (Ctl *ctl, const char *const *arguments);
} Command;

static const Command commands[] = {
  { "watch", ctl_watch },
  { "calls", ctl_calls },
  { "orders", ctl_orders },
  { "search", ctl_search },
};

static char *config_file;
static char *url;
static char *token_file;
static GPtrArray *overrides;
static gboolean show_version;
static Ctl ctl;

static gboolean
on_set (const char *name, const char *value, gpointer data, GError **error)
{
  g_ptr_array_insert (overrides, -1, g_strdup (value));
  return TRUE;
}

static const GOptionEntry entries[] = {
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config_file,
    N_ ("Settings (default: ~/.config/bestellbot/bestellbot.conf, then "
        "/etc/bestellbot/bestellbot.conf)"),
    N_ ("FILE") },
  { "set", 's', 0, G_OPTION_ARG_CALLBACK, on_set,
    N_ ("A setting that wins over the file; may be repeated"), N_ ("GROUP.KEY=VALUE") },
  { "url", 'u', 0, G_OPTION_ARG_STRING, &url,
    N_ ("Address of the gateway (default: address and port of [api])"), N_ ("URL") },
  { "token-file", 't', 0, G_OPTION_ARG_FILENAME, &token_file,
    N_ ("The gateway's token (default: token-file of [api])"), N_ ("FILE") },
  { "json", 'j', 0, G_OPTION_ARG_NONE, &ctl.json, N_ ("Print JSON, for programs"), NULL },
  { "wait", 'w', 0, G_OPTION_ARG_NONE, &ctl.wait,
    N_ ("watch: wait for a gateway that is not there yet"), NULL },
  { "state", 0, 0, G_OPTION_ARG_STRING, &ctl.state,
    N_ ("orders: only those in this state: draft, read-back, submitted, cancelled"),
    N_ ("STATE") },
  { "limit", 'n', 0, G_OPTION_ARG_INT, &ctl.limit,
    N_ ("orders, search: at most so many (default: 50 and 20; an export takes all)"), N_ ("N") },
  { "format", 'f', 0, G_OPTION_ARG_STRING, &ctl.format,
    N_ ("orders export: csv (default) or json"), N_ ("FORMAT") },
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &ctl.output,
    N_ ("orders export: where to (default: standard output)"), N_ ("FILE") },
  { "group", 'g', 0, G_OPTION_ARG_STRING, &ctl.group, N_ ("search: only in this product group"),
    N_ ("GROUP") },
  { "version", 'V', 0, G_OPTION_ARG_NONE, &show_version, N_ ("Print the version and end"), NULL },
  { NULL }
};

static GOptionContext *
new_context (void)
{
  GOptionContext *context = g_option_context_new (_ ("COMMAND"));

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (
    context,
    _ ("Watches and steers Bestellbot's gateway and looks into its orders and catalogue.\n\n"
       "Commands:\n"
       "  watch               Calls as they happen: who speaks, tools, orders\n"
       "  calls               The calls there are\n"
       "  calls show ID       One of them, with transcript and order\n"
       "  calls hangup ID     End one\n"
       "  orders [list]       The latest orders\n"
       "  orders show ID      One of them, by id, the beginning of it, or number\n"
       "  orders export       All of them, for other programs\n"
       "  search WORDS…       What the bot finds when a caller says these words"));
  g_option_context_set_description (
    context, _ ("orders and search read database and catalogue themselves: no gateway need run."));
  return context;
}

/* The gateway that the settings describe, as this machine reaches it. */
static char *
url_of_config (const BbConfig *config, GError **error)
{
  const char *address = config->api_address;

  if (config->api_port == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("port of [api] is 0, so the gateway chose one: name the address that "
                      "bestellbotd printed with --url."));
      return NULL;
    }
  if (strcmp (address, "0.0.0.0") == 0)
    address = "127.0.0.1";
  else if (strcmp (address, "::") == 0)
    address = "::1";
  return strchr (address, ':') != NULL
           ? g_strdup_printf ("http://[%s]:%u", address, config->api_port)
           : g_strdup_printf ("http://%s:%u", address, config->api_port);
}

static int
run (const Command *command, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  gboolean wants_gateway = command->run == ctl_watch || command->run == ctl_calls;
  int status;

  g_ptr_array_add (overrides, NULL);
  ctl.config = bb_config_load (config_file, (const char *const *)overrides->pdata, &error);
  if (ctl.config == NULL)
    return ctl_fail ("%s", error->message);
  ctl.url = url != NULL ? g_strdup (url) : NULL;
  if (ctl.url == NULL && wants_gateway)
    {
      ctl.url = url_of_config (ctl.config, &error);
      if (ctl.url == NULL)
        return ctl_fail ("%s", error->message);
    }
  ctl.token_file = g_strdup (token_file != NULL ? token_file : ctl.config->api_token_file);
  ctl.colour = isatty (STDOUT_FILENO) && g_strcmp0 (g_getenv ("NO_COLOR"), "") <= 0
               && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;

  status = command->run (&ctl, arguments);
  /* A full disk behind a redirection is an error too. */
  if ((fflush (stdout) != 0 || ferror (stdout)) && status == CTL_OK)
    status = ctl_fail (_ ("The output can't be written: %s"), g_strerror (errno));
  return status;
}

static int
parse_and_run (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = new_context ();
  g_autoptr (GError) error = NULL;

  if (!g_option_context_parse (context, &argc, &argv, &error))
    return ctl_fail_usage ("%s", error->message);
  if (show_version)
    {
      ctl_putf ("bestellbotctl %s\n", PACKAGE_VERSION);
      return CTL_OK;
    }
  for (int i = 1; i < argc; i++)
    if (!g_utf8_validate (argv[i], -1, NULL))
      return ctl_fail_usage (_ ("Argument %d is not UTF-8."), i);
  if (ctl.limit < 0)
    return ctl_fail_usage (_ ("--limit: a number above 0 is wanted."));
  if (argc < 2)
    return ctl_fail_usage (_ ("A command is wanted: watch, calls, orders or search."));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return run (&commands[i], (const char *const *)argv + 2);
  return ctl_fail_usage (_ ("There is no command “%s”."), argv[1]);
}

int
main (int argc, char *argv[])
{
  int status;

  bb_i18n_init ();
  overrides = g_ptr_array_new_with_free_func (g_free);
  status = parse_and_run (argc, argv);

  g_ptr_array_unref (overrides);
  g_clear_pointer (&ctl.config, bb_config_unref);
  g_free (ctl.url);
  g_free (ctl.token_file);
  g_free (ctl.state);
  g_free (ctl.format);
  g_free (ctl.output);
  g_free (ctl.group);
  g_free (config_file);
  g_free (token_file);
  g_free (url);
  return status;
}
