/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bb-config-private.h"

/* The syntax is that of GKeyFile without its translated keys. It is parsed
 * here because GKeyFile quotes the offending line in its errors, which may be a
 * secret, and gives no line number. */

static guint
line_of (const char *text, const char *position)
{
  guint line = 1;

  for (const char *p = text; p < position; p++)
    line += *p == '\n';

  return line;
}

static char *
unescape (const char *value)
{
  g_autoptr (GString) result = g_string_new (NULL);

  for (const char *p = value; *p != '\0'; p++)
    {
      const char *from = "snrt\\";
      const char *to = " \n\r\t\\";
      const char *escape = *p == '\\' && p[1] != '\0' ? strchr (from, p[1]) : NULL;

      if (escape != NULL)
        {
          g_string_append_c (result, to[escape - from]);
          p++;
        }
      else
        g_string_append_c (result, *p);
    }

  return g_string_free (g_steal_pointer (&result), FALSE);
}

char *
bb_config_file_escape (const char *value)
{
  g_autoptr (GString) result = g_string_new (NULL);

  for (const char *p = value; *p != '\0'; p++)
    {
      const gboolean at_end = p == value || p[1] == '\0';

      if (*p == '\n')
        g_string_append (result, "\\n");
      else if (*p == '\r')
        g_string_append (result, "\\r");
      else if (*p == '\t')
        g_string_append (result, "\\t");
      else if (*p == '\\')
        g_string_append (result, "\\\\");
      else if (*p == ' ' && at_end)
        g_string_append (result, "\\s");
      else
        g_string_append_c (result, *p);
    }

  return g_string_free (g_steal_pointer (&result), FALSE);
}

static gboolean
parse_line (char *line, char **group, BbConfigFound found, gpointer user_data, GError **error)
{
  char *equals;

  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return TRUE;

  if (*line == '[')
    {
      char *end = strchr (line, ']');

      if (end == NULL || end == line + 1 || end[1] != '\0')
        {
          g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE,
                       _ ("a group is written [name], alone in its line"));
          return FALSE;
        }
      *end = '\0';
      g_free (*group);
      *group = g_strdup (line + 1);
      return TRUE;
    }

  equals = strchr (line, '=');
  if (equals == NULL || equals == line)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE,
                   _ ("is no [group], no key = value and no # comment"));
      return FALSE;
    }
  if (*group == NULL)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE,
                   _ ("a [group] must come before the first key"));
      return FALSE;
    }

  {
    g_autofree char *key = g_strstrip (g_strndup (line, equals - line));
    g_autofree char *value = unescape (g_strstrip (equals + 1));

    return found (*group, key, value, user_data, error);
  }
}

/**
 * bb_config_file_parse:
 * @text: a file's content
 * @length: of it in bytes; it may hold anything
 *
 * Returns: %FALSE on a syntax error, "line N: …", or on an error of @found
 */
gboolean
bb_config_file_parse (const char *text,
                      gsize length,
                      BbConfigFound found,
                      gpointer user_data,
                      GError **error)
{
  g_auto (GStrv) lines = NULL;
  g_autofree char *group = NULL;
  const char *invalid = NULL;

  if (!g_utf8_validate_len (text, length, &invalid))
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE,
                   _ ("line %u: is not UTF-8; save the file in that encoding"),
                   line_of (text, invalid));
      return FALSE;
    }

  if (g_str_has_prefix (text, "\xef\xbb\xbf")) /* byte order mark */
    text += 3;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) local = NULL;

      if (parse_line (lines[i], &group, found, user_data, &local))
        continue;
      if (g_error_matches (local, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE))
        g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE, _ ("line %u: %s"), i + 1,
                     local->message);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  return TRUE;
}

/* Edits (insertion, deletion, replacement, swap of neighbours) that turn one
 * word into the other; words here are shorter than 32 bytes. */
static guint
distance (const char *a, const char *b)
{
  guint table[33][33];
  const gsize n = strlen (a), m = strlen (b);

  if (n > 32 || m > 32)
    return G_MAXUINT;

  for (gsize i = 0; i <= n; i++)
    {
      for (gsize j = 0; j <= m; j++)
        {
          guint best;

          if (i == 0 || j == 0)
            {
              table[i][j] = (guint)(i + j);
              continue;
            }
          best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
          best = MIN (best, table[i - 1][j] + 1);
          best = MIN (best, table[i][j - 1] + 1);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            best = MIN (best, table[i - 2][j - 2] + 1);
          table[i][j] = best;
        }
    }

  return table[n][m];
}

const char *
bb_config_nearest (const char *word, const char *const *candidates)
{
  const char *nearest = NULL;
  guint least = G_MAXUINT;
  g_autofree char *lower = g_ascii_strdown (word, -1);

  g_strdelimit (lower, "_ ", '-');
  for (gsize i = 0; candidates[i] != NULL; i++)
    {
      guint edits = distance (lower, candidates[i]);

      /* "password" for "password-file" is near, though many letters off. */
      if (strlen (lower) >= 3 && edits > 1 &&
          (g_str_has_prefix (candidates[i], lower) || g_str_has_prefix (lower, candidates[i])))
        edits = 1;
      if (edits <= MAX (1, strlen (candidates[i]) / 3) && edits < least)
        {
          least = edits;
          nearest = candidates[i];
        }
    }

  return nearest;
}
