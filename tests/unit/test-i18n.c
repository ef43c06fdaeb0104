/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-i18n.h"
#include "bb-product.h"
#include "bb-types.h"

#include <locale.h>
#include <string.h>

/* LESSONS 7: what a program prints under each environment. In a process of its
 * own each: a locale is a process's. */
typedef struct
{
  const char *name;
  const char *lc_all;
  const char *language; /* NULL: not set */
  const char *expected;
} Case;

static const Case cases[] = {
  { "C", "C", NULL, "Talking to the bot|€1,234.50|0.5|Bögen\n" },
  { "POSIX", "POSIX", "de", "Talking to the bot|€1,234.50|0.5|Bögen\n" },
  { "C.UTF-8", "C.UTF-8", NULL, "Talking to the bot|€1,234.50|0.5|Bögen\n" },
  { "language", "C.UTF-8", "de", "Im Gespräch mit dem Bot|1.234,50 €|0.5|Bögen\n" },
  /* Installed or not. */
  { "german", "de_DE.UTF-8", NULL, "Im Gespräch mit dem Bot|1.234,50 €|0.5|Bögen\n" },
  { "latin-1", "de_DE.ISO-8859-1", NULL, "Im Gespräch mit dem Bot|1.234,50 €|0.5|Bögen\n" },
  { "unknown", "xx_YY.UTF-8", NULL, "Talking to the bot|€1,234.50|0.5|Bögen\n" },
};

/* What the child prints. g_print() converts to the locale's encoding: that must
 * have become UTF-8. */
static void
say (void)
{
  g_autofree char *money = NULL;

  bb_i18n_init ();
  money = bb_money_format (123450, "EUR");
  g_print ("%s|%s|%.1f|%s\n", bb_call_state_label (BB_CALL_TALKING), money, 0.5, "Bögen");
}

static void
test_locale (gconstpointer data)
{
  const Case *row = data;
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_build_filename (g_getenv ("BESTELLBOT_BUILDDIR"), "po", NULL);
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;
  char *arguments[] = { program, (char *)"--say", NULL };
  int status;

  environment = g_environ_setenv (environment, "LC_ALL", row->lc_all, TRUE);
  environment = g_environ_setenv (environment, "BESTELLBOT_LOCALEDIR", folder, TRUE);
  environment = g_environ_unsetenv (environment, "LANGUAGE");
  if (row->language != NULL)
    environment = g_environ_setenv (environment, "LANGUAGE", row->language, TRUE);

  g_spawn_sync (NULL, arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (out, ==, row->expected);
}

int
main (int argc, char *argv[])
{
  if (argc == 2 && strcmp (argv[1], "--say") == 0)
    {
      say ();
      return 0;
    }

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/i18n/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_locale);
    }

  return g_test_run ();
}
