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
  { "history", ctl_history },
  { "settings", ctl_settings },
  { "tokens", ctl_tokens },
};

static char *config_file;
static char *url;
static char *token_file;
static char *ca_file;
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
  { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &ca_file,
    N_ ("What is trusted when the gateway's certificate is its own (default: tls-ca of [api])"),
    N_ ("FILE") },
  { "json", 'j', 0, G_OPTION_ARG_NONE, &ctl.json, N_ ("Print JSON, for programs"), NULL },
  { "wait", 'w', 0, G_OPTION_ARG_NONE, &ctl.wait,
    N_ ("watch: wait for a gateway that is not there yet"), NULL },
  { "now", 0, 0, G_OPTION_ARG_NONE, &ctl.now,
    N_ ("calls whisper: the bot acts on it at once, not with its next answer"), NULL },
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
       "  calls VERB ID …     Step in: answer, refuse, transfer, mode, whisper, note\n"
       "  orders [list]       The latest orders\n"
       "  orders show ID      One of them, by id, the beginning of it, or number\n"
       "  orders export       All of them, for other programs\n"
       "  orders VERB ID …    Correct one: add, change, remove, note, approve, cancel\n"
       "  history [list …]    Calls that have ended, with these words in them\n"
       "  history show ID     One of them\n"
       "  settings [K=V…]     What may change while the gateway runs\n"
       "  tokens              Who may use the gateway; add NAME ROLE, revoke NAME\n"
       "  search WORDS…       What the bot finds when a caller says these words"));
  g_option_context_set_description (
    context, _ ("search, and orders unless it corrects one, read database and catalogue "
                "themselves: no gateway need run."));
  return context;
}

static int
run (const Command *command, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_ptr_array_add (overrides, NULL);
  ctl.config = bb_config_load (config_file, (const char *const *)overrides->pdata, &error);
  if (ctl.config == NULL)
    return ctl_fail ("%s", error->message);
  ctl.url = url != NULL ? g_strdup (url) : NULL;
  ctl.token_file = g_strdup (token_file != NULL ? token_file : ctl.config->api_token_file);
  ctl.ca_file = g_strdup (ca_file != NULL ? ca_file : ctl.config->api_tls_ca);
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
    return ctl_fail_usage (_ ("A command is wanted: watch, calls, orders, search, history, settings or "
                              "tokens."));
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
  g_free (ctl.ca_file);
  g_free (ctl.state);
  g_free (ctl.format);
  g_free (ctl.output);
  g_free (ctl.group);
  g_free (config_file);
  g_free (token_file);
  g_free (ca_file);
  g_free (url);
  return status;
}
