/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-i18n.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

/* What the environment asks for, whether or not the C library knows it. */
static const char *
wanted_locale (void)
{
  static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      const char *value = g_getenv (variables[i]);

      if (value != NULL && *value != '\0')
        return value;
    }

  return "C";
}

/**
 * bb_i18n_init:
 *
 * Locale and translations of a program: first thing in main(), before threads.
 *
 * - Texts are UTF-8 under every locale, LC_ALL=C too (LESSONS 7).
 * - A language whose locale is not installed, as in a container, still gives
 *   its translation.
 * - Numbers stay those of C, so that no JSON, SDP or SQL depends on the locale;
 *   amounts for people come from bb_money_format().
 * - $BESTELLBOT_LOCALEDIR replaces the installed translations.
 *
 * A GTK program calls gtk_disable_setlocale() too, or GTK would undo this.
 */
void
bb_i18n_init (void)
{
  const char *folder = g_getenv ("BESTELLBOT_LOCALEDIR");

  if (setlocale (LC_ALL, "") == NULL)
    {
      const char *wanted = wanted_locale ();

      setlocale (LC_ALL, "C.UTF-8");
      if (strcmp (wanted, "C") != 0 && strcmp (wanted, "POSIX") != 0)
        g_setenv ("LANGUAGE", wanted, FALSE);
    }
  if (strcmp (nl_langinfo (CODESET), "UTF-8") != 0)
    setlocale (LC_CTYPE, "C.UTF-8");
  setlocale (LC_NUMERIC, "C");

  bindtextdomain (GETTEXT_PACKAGE, folder != NULL && *folder != '\0' ? folder : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
