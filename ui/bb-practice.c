/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-practice.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <sys/prctl.h>

#define PROGRAM "bestellbot-simulator"
#define READY "listening on "

struct _BbPractice
{
  GObject parent_instance;

  GSubprocess *process;
  GDataInputStream *lines;
};

G_DEFINE_FINAL_TYPE (BbPractice, bb_practice, G_TYPE_OBJECT)

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static char *
find_scenario (void)
{
  const char *data = g_getenv ("BESTELLBOT_DATADIR");

  return g_build_filename (data != NULL && *data != '\0' ? data : PKGDATADIR, "scenarios",
                           "order.json", NULL);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autofree char *line
      = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (line != NULL && g_str_has_prefix (line, READY))
    g_task_return_pointer (task, g_strdup (line + strlen (READY)), g_free);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _("The simulator did not start; start “%s” in a terminal to see why."),
                             PROGRAM);
}

/**
 * bb_practice_start_async:
 * @self: the simulator, once
 * @cancellable: (nullable): of the wait
 * @callback: when it answers
 *
 * Starts it on a free port.
 */
void
bb_practice_start_async (BbPractice *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *scenario = find_scenario ();
  GError *error = NULL;

  g_return_if_fail (self->process == NULL);

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_unsetenv (launcher, "OPENAI_API_KEY"); /* not its business */
  self->process = g_subprocess_launcher_spawn (launcher, &error, PROGRAM, "--port", "0",
                                               "--scenario", scenario, NULL);
  if (self->process == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, cancellable, on_line,
                                       g_object_ref (task));
}

char *
bb_practice_start_finish (BbPractice *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
bb_practice_dispose (GObject *object)
{
  BbPractice *self = BB_PRACTICE (object);

  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGTERM);
  g_clear_object (&self->lines);
  g_clear_object (&self->process);

  G_OBJECT_CLASS (bb_practice_parent_class)->dispose (object);
}

static void
bb_practice_class_init (BbPracticeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bb_practice_dispose;
}

static void
bb_practice_init (BbPractice *self)
{
}

/**
 * bb_practice_new:
 *
 * Returns: (transfer full): not started yet
 */
BbPractice *
bb_practice_new (void)
{
  return g_object_new (BB_TYPE_PRACTICE, NULL);
}
