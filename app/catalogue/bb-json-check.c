/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-json-check.h"

/**
 * bb_json_check_end:
 * @text: what should be one JSON object or array
 * @length: its bytes
 *
 * json-glib reads several values one after the other, keeps the last and loses
 * the memory of the others; it also takes comments and single quotes, which
 * are no JSON. Ask this before it parses what somebody else wrote.
 *
 * Returns: (nullable): the place from which on it is not one value of JSON;
 *   %NULL: nothing stands behind the first (which need not be correct inside)
 */
const char *
bb_json_check_end (const char *text, gsize length)
{
  gboolean in_string = FALSE;
  gboolean ended = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
          continue;
        }
      if (g_ascii_isspace (c))
        continue;
      if (ended || c == '\'' || c == '/' || c == '#' || c == '\0')
        return text + i;
      if (c == '{' || c == '[')
        depth++;
      else if (depth == 0)
        return text + i;
      else if (c == '"')
        in_string = TRUE;
      else if (c == '}' || c == ']')
        ended = --depth == 0;
    }
  return NULL;
}
