/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "sim-server.h"

#define EXIT_USAGE 2
#define EXIT_DEPARTED 3
#define DEFAULT_SPEED 6
#define UNSET -1.0
#define SESSION_SECONDS 3600

typedef struct
{
  int port;
  char *scenario;
  char *events;
  char *replay;
  char *required_key;
  char *language;
  double speed;
  int think_ms;
  int session_seconds;
  char **faults;
  gboolean version;
} Options;

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &options->port, N_ ("TCP port on 127.0.0.1; 0 takes a free one"), N_ ("PORT") },
    { "scenario", 's', 0, G_OPTION_ARG_FILENAME, &options->scenario, N_ ("What is heard and said (JSON); small talk if not given"), N_ ("FILE") },
    { "events", 'e', 0, G_OPTION_ARG_FILENAME, &options->events, N_ ("Log every event of both sides as JSON lines"), N_ ("FILE") },
    { "replay", 'r', 0, G_OPTION_ARG_FILENAME, &options->replay, N_ ("Play the service's side of a session log of openairealtimebin"), N_ ("FILE") },
    { "speed", 0, 0, G_OPTION_ARG_DOUBLE, &options->speed, N_ ("Stream answers at X times real time (default 6), replay X times as fast (default 1); 0 is at once"), N_ ("X") },
    { "think", 0, 0, G_OPTION_ARG_INT, &options->think_ms, N_ ("Milliseconds before an answer begins (default 0)"), N_ ("MS") },
    { "session-seconds", 0, 0, G_OPTION_ARG_INT, &options->session_seconds, N_ ("Sessions expire after this time (default 3600)"), N_ ("S") },
    { "language", 0, 0, G_OPTION_ARG_STRING, &options->language, N_ ("Speak this language instead of the scenario's: de, en"), N_ ("LANG") },
    { "require-key", 0, 0, G_OPTION_ARG_STRING, &options->required_key, N_ ("Accept this API key only; else any"), N_ ("KEY") },
    { "fault", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &options->faults, N_ ("Do something wrong: KIND[@EVENT[:N]][,KEY=VALUE…]; may be repeated"), N_ ("FAULT") },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_ ("Print the version and end"), NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("An offline stand-in for OpenAI's Realtime API. It detects speech, speaks, calls "
                                            "tools and makes mistakes on demand; it does not understand: its scenario supplies the words."));
  g_option_context_set_description (context, _ ("Faults: drop, close, expire, stall, garbage, binary, giant, fragment, odd, slow, unknown, inject,\n"
                                                "error, null-code, fail, quota, rate-limit, no-transcription, http. See bestellbot-simulator(1)."));
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;

  const char *wrong = NULL;
  if (options->port < 0 || options->port > 65535)
    wrong = _ ("--port: give a number from 0 to 65535");
  else if (options->speed != UNSET && (!(options->speed >= 0) || isinf (options->speed)))
    wrong = _ ("--speed: give a number from 0");
  else if (options->think_ms < 0)
    wrong = _ ("--think: give milliseconds from 0");
  else if (options->session_seconds <= 0)
    wrong = _ ("--session-seconds: give seconds above 0");
  else if (*argc > 1)
    wrong = _ ("too many arguments: options only, see --help");
  if (wrong == NULL && options->replay != NULL && (options->scenario != NULL || options->faults != NULL))
    wrong = _ ("--replay: the log says what happens, so no --scenario and no --fault");
  if (wrong != NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, wrong);
  return wrong == NULL;
}

static gboolean
fill_hub (SimHub *hub, const Options *options, GError **error)
{
  hub->scenario = options->scenario != NULL ? sim_scenario_load (options->scenario, error)
                                            : sim_scenario_new_default ();
  if (hub->scenario == NULL)
    return FALSE;
  if (options->language != NULL)
    {
      g_free (hub->scenario->language);
      hub->scenario->language = g_strdup (options->language);
    }
  hub->faults = g_ptr_array_ref (hub->scenario->faults);
  for (guint i = 0; options->faults != NULL && options->faults[i] != NULL; i++)
    {
      SimFault *fault = sim_fault_parse (options->faults[i], error);
      if (fault == NULL)
        {
          g_prefix_error (error, "--fault %s: ", options->faults[i]);
          return FALSE;
        }
      g_ptr_array_add (hub->faults, fault);
    }
  if (options->events != NULL && !(hub->log = sim_log_open (options->events, error)))
    return FALSE;
  hub->speed = options->speed == UNSET ? DEFAULT_SPEED : options->speed;
  hub->think_ms = options->think_ms;
  hub->session_seconds = options->session_seconds;
  return TRUE;
}

static void
clear_hub (SimHub *hub)
{
  g_clear_pointer (&hub->speech, sim_speech_free);
  g_clear_pointer (&hub->faults, g_ptr_array_unref);
  g_clear_pointer (&hub->runs, g_hash_table_unref);
  g_clear_pointer (&hub->scenario, sim_scenario_free);
  g_clear_pointer (&hub->log, sim_log_close);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
serve (SimHub *hub, SimReplay *replay, const Options *options, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SimServer) server = sim_server_new (hub, options->required_key);
  guint16 port;

  sim_server_set_replay (server, replay);
  if (!sim_server_listen (server, options->port, &port, error))
    return FALSE;
  guint term = g_unix_signal_add (SIGTERM, on_signal, loop);
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, loop);
  /* A line that scripts wait for: never translated. */
  printf ("listening on ws://127.0.0.1:%u/v1/realtime\n", port);
  fflush (stdout);
  g_main_loop_run (loop);
  g_source_remove (term);
  g_source_remove (interrupt);
  return TRUE;
}

static void
free_options (Options *options)
{
  g_free (options->scenario);
  g_free (options->events);
  g_free (options->replay);
  g_free (options->required_key);
  g_free (options->language);
  g_strfreev (options->faults);
}

int
main (int argc, char **argv)
{
  Options options = { .speed = UNSET, .session_seconds = SESSION_SECONDS };
  g_autoptr (GError) error = NULL;
  SimHub hub = { 0 };
  int status = EXIT_SUCCESS;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname ("bestellbot-simulator");

  if (!parse_options (&options, &argc, &argv, &error))
    status = EXIT_USAGE;
  else if (options.version)
    printf ("bestellbot-simulator %s\n", PACKAGE_VERSION);
  else
    {
      /* The converter is a library; no plugin is needed, and no scan for any. */
      g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
      gst_init (NULL, NULL);
      hub.speech = sim_speech_new ();
      g_autoptr (SimReplay) replay = NULL;
      if (!fill_hub (&hub, &options, &error)
          || (options.replay != NULL
              && !(replay = sim_replay_new (options.replay, options.speed == UNSET ? 1 : options.speed, hub.log,
                                            &error)))
          || !serve (&hub, replay, &options, &error))
        status = EXIT_FAILURE;
      else if (replay != NULL && sim_replay_get_departures (replay) > 0)
        status = EXIT_DEPARTED;
      clear_hub (&hub);
    }
  if (error != NULL)
    g_printerr ("bestellbot-simulator: %s\n", error->message);
  free_options (&options);
  return status;
}
