/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib/gstdio.h>

#include "bb-config-private.h"

/* A home of its own for a test program, and nothing of the machine's settings.
 * (G_TEST_OPTION_ISOLATE_DIRS does the first, but leaks at each test.) */
static inline char *
config_world_enter (void)
{
  char *home = g_dir_make_tmp ("bestellbot-home-XXXXXX", NULL);
  g_autofree char *data = g_build_filename (home, "data", NULL);
  g_autofree char *settings = g_build_filename (home, "config", NULL);
  gsize n_rows;
  const BbConfigRow *rows = bb_config_rows (&n_rows);

  g_setenv ("HOME", home, TRUE);
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("XDG_CONFIG_HOME", settings, TRUE);
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *variable = bb_config_row_variable (&rows[i]);

      g_unsetenv (variable);
      if (rows[i].variable != NULL)
        g_unsetenv (rows[i].variable);
    }

  return home;
}

/* Frees what enter() gave; the folder must be empty again. */
static inline void
config_world_leave (char *home)
{
  g_assert_cmpint (g_rmdir (home), ==, 0);
  g_free (home);
}
