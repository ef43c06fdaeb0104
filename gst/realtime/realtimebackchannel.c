/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Is what the caller said a turn of his own, or only a sign that he listens
 * (a backchannel: "mhm", "ja, genau"), a cough, the bot's own echo?
 */
#include "realtimebackchannel.h"

#include <string.h>

/* Of one word anybody may say the same. */
#define ECHO_WORDS 2

/* What a recogniser writes of sounds that are no words: [Husten], (cough), *hm*. */
static char *
strip_notes (const char *text)
{
  static const char marks[] = "[](){}**<>";
  GString *out = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c++)
    {
      const char *mark = strchr (marks, *c);
      const char *end =
          mark != NULL && (mark - marks) % 2 == 0 ? strchr (c + 1, mark[1]) : NULL;

      if (end != NULL)
        {
          g_string_append_c (out, ' ');
          c = end;
        }
      else
        g_string_append_c (out, *c);
    }
  return g_string_free (out, FALSE);
}

/**
 * gst_realtime_backchannel_fold:
 * @text: anything
 *
 * Returns: (transfer full): its words, alike in case, punctuation and drawn-out
 *   letters ("Hmmm…" is "hm"), with one blank between them
 */
char *
gst_realtime_backchannel_fold (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *stripped = strip_notes (valid);
  g_autofree char *normal = g_utf8_normalize (stripped, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *folded = g_utf8_casefold (normal, -1);
  GString *out = g_string_new (NULL);
  gunichar last = ' ';

  for (const char *c = folded; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar letter = g_utf8_get_char (c);

      if (!g_unichar_isalnum (letter))
        letter = ' ';
      if (letter != last || g_unichar_isdigit (letter))
        g_string_append_unichar (out, letter);
      last = letter;
    }
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

/* Returns: length of the longest of @phrases that @text begins with, at a word's end */
static gsize
match_phrase (char *const *phrases, const char *text)
{
  gsize longest = 0;

  for (; *phrases != NULL; phrases++)
    {
      gsize length = strlen (*phrases);

      if (length > longest && strncmp (text, *phrases, length) == 0 &&
          (text[length] == '\0' || text[length] == ' '))
        longest = length;
    }
  return longest;
}

/**
 * gst_realtime_backchannel_matches:
 * @words: (nullable): words and phrases, separated by commas
 * @text: what was said
 *
 * Returns: whether @text consists of nothing but @words, or of no words at all
 */
gboolean
gst_realtime_backchannel_matches (const char *words, const char *text)
{
  g_autofree char *folded = gst_realtime_backchannel_fold (text);
  g_auto (GStrv) phrases = g_strsplit (words != NULL ? words : "", ",", -1);
  const char *rest = folded;

  for (guint i = 0; phrases[i] != NULL; i++)
    {
      char *phrase = gst_realtime_backchannel_fold (phrases[i]);

      g_free (phrases[i]);
      phrases[i] = phrase;
    }
  while (*rest != '\0')
    {
      gsize length = match_phrase (phrases, rest);

      if (length == 0)
        return FALSE;
      rest += length;
      if (*rest == ' ')
        rest++;
    }
  return TRUE;
}

/**
 * gst_realtime_backchannel_is_echo:
 * @text: what was heard on the caller's side
 * @said: (nullable): what the bot said just before
 *
 * Returns: whether @text is a part of @said, two words of it at least
 */
gboolean
gst_realtime_backchannel_is_echo (const char *text, const char *said)
{
  g_autofree char *folded = gst_realtime_backchannel_fold (text);
  g_autofree char *spoken = NULL;
  g_autofree char *needle = NULL;
  g_autofree char *hay = NULL;
  guint words = *folded != '\0';

  if (said == NULL)
    return FALSE;
  for (const char *c = folded; *c != '\0'; c++)
    words += *c == ' ';
  if (words < ECHO_WORDS)
    return FALSE;
  spoken = gst_realtime_backchannel_fold (said);
  needle = g_strconcat (" ", folded, " ", NULL);
  hay = g_strconcat (" ", spoken, " ", NULL);
  return strstr (hay, needle) != NULL;
}
