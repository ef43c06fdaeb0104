/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Stands for libFuzzer where there is none: each file of the folders named is
 * one input. What a fuzzer once found is so a test of every build. */
#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
main (int argc, char **argv)
{
  guint n = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GDir) dir = g_dir_open (argv[i], 0, NULL);
      const char *name;

      if (dir == NULL)
        g_error ("no folder %s", argv[i]);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);
          g_autoptr (GError) error = NULL;
          g_autofree char *data = NULL;
          gsize size;

          if (!g_file_get_contents (path, &data, &size, &error))
            g_error ("%s", error->message);
          LLVMFuzzerTestOneInput ((const guint8 *)data, size);
          n++;
        }
    }
  g_print ("%u inputs\n", n);
  return n > 0 ? 0 : 1;
}
