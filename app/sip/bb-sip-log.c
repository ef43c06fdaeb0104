/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sip-log.h"

#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_log.h>

/* Main context only, like all of sofia here. */
static char *secret_text;

/* sofia's own logger has no prefix and ends its lines itself. */
static void
on_log (void *stream, const char *format, va_list args)
{
  g_autofree char *line = g_strdup_vprintf (format, args);
  g_autofree char *lower = NULL;

  g_strchomp (line);
  if (*line == '\0')
    return;

  lower = g_ascii_strdown (line, -1);
  if (strstr (lower, "inline:") != NULL || strstr (lower, "a=crypto") != NULL)
    {
      g_log ("bb-sofia", G_LOG_LEVEL_DEBUG, "(a line with an SRTP key is left out)");
      return;
    }
  if (strstr (lower, "authorization:") != NULL
      || (secret_text != NULL && strstr (line, secret_text) != NULL))
    {
      g_log ("bb-sofia", G_LOG_LEVEL_DEBUG, "(a line with credentials is left out)");
      return;
    }
  g_log ("bb-sofia", G_LOG_LEVEL_DEBUG, "%s", line);
}

/**
 * bb_sip_log_redirect:
 * @secret: (nullable): a password no line may hold
 *
 * Sends what sofia-sip says (SOFIA_DEBUG=0…9 sets how much) to GLib's log,
 * domain "bb-sofia", level debug. Lines with credentials or SRTP keys stay out.
 */
void
bb_sip_log_redirect (const char *secret)
{
  g_free (secret_text);
  secret_text = secret != NULL && *secret != '\0' ? g_strdup (secret) : NULL;
  su_log_redirect (NULL, on_log, NULL);
}
