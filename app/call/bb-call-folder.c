/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-folder.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/**
 * bb_call_folder_make:
 * @parent: [recording] folder
 * @call_id: the call's UUID
 * @error: return location for a #GFileError
 *
 * A call's files lie in a folder of their own, PARENT/2026-11-24/093012-1f0c2a7e,
 * for the owner only: they hold what callers said.
 *
 * Returns: (transfer full) (nullable): its path
 */
char *
bb_call_folder_make (const char *parent, const char *call_id, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");
  g_autofree char *time = g_date_time_format (now, "%H%M%S");
  g_autofree char *name = g_strdup_printf ("%s-%.8s", time, call_id);
  g_autofree char *folder = g_build_filename (parent, day, name, NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   _("%s can't be made (%s): check [recording] folder"), folder, g_strerror (code));
      return NULL;
    }

  return g_steal_pointer (&folder);
}
