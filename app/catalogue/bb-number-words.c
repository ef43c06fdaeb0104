/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-number-words.h"

#include <string.h>

typedef struct
{
  const char *word; /* folded: bb_fold_tokens() */
  guint value;
} NumberWord;

static const NumberWord units[] = {
  { "null", 0 },      { "eins", 1 },      { "ein", 1 },        { "zwei", 2 },
  { "zwo", 2 },       { "drei", 3 },      { "vier", 4 },       { "funf", 5 },
  { "sechs", 6 },     { "sieben", 7 },    { "acht", 8 },       { "neun", 9 },
  { "zehn", 10 },     { "elf", 11 },      { "zwolf", 12 },     { "dreizehn", 13 },
  { "vierzehn", 14 }, { "funfzehn", 15 }, { "sechzehn", 16 },  { "siebzehn", 17 },
  { "achtzehn", 18 }, { "neunzehn", 19 },
};

static const NumberWord tens[] = {
  { "zwanzig", 20 }, { "dreissig", 30 }, { "vierzig", 40 },  { "funfzig", 50 },
  { "sechzig", 60 }, { "siebzig", 70 },  { "achtzig", 80 },  { "neunzig", 90 },
};

static gboolean
lookup (const NumberWord *table, gsize n, const char *word, gsize length, guint *value)
{
  for (gsize i = 0; i < n; i++)
    if (strlen (table[i].word) == length && strncmp (table[i].word, word, length) == 0)
      {
        *value = table[i].value;
        return TRUE;
      }
  return FALSE;
}

/* 0..99 */
static gboolean
parse_below_hundred (const char *word, gsize length, guint *value)
{
  guint one;
  guint ten;

  if (lookup (units, G_N_ELEMENTS (units), word, length, value)
      || lookup (tens, G_N_ELEMENTS (tens), word, length, value))
    return TRUE;

  /* "zweiundzwanzig": the ones come first. */
  for (gsize i = 1; i + 3 < length; i++)
    if (strncmp (word + i, "und", 3) == 0
        && lookup (units, G_N_ELEMENTS (units), word, i, &one) && one >= 1 && one <= 9
        && lookup (tens, G_N_ELEMENTS (tens), word + i + 3, length - i - 3, &ten))
      {
        *value = ten + one;
        return TRUE;
      }
  return FALSE;
}

/* Splits at @unit ("hundert", "tausend"): what stands before multiplies (one
 * when nothing does), what stands behind is added. */
static gboolean
parse_scaled (const char *word, gsize length, const char *unit, guint scale, guint *value)
{
  const char *found = g_strstr_len (word, (gssize) length, unit);
  gsize before;
  gsize behind;
  const char *rest;
  guint factor = 1;
  guint added = 0;

  if (found == NULL)
    return FALSE;

  before = found - word;
  rest = found + strlen (unit);
  behind = length - before - strlen (unit);
  if (behind > 3 && strncmp (rest, "und", 3) == 0)
    {
      rest += 3;
      behind -= 3;
    }

  if (before > 0)
    {
      if (scale == 1000 && parse_scaled (word, before, "hundert", 100, &factor))
        ;
      else if (!parse_below_hundred (word, before, &factor))
        return FALSE;
      if (factor == 0)
        return FALSE;
    }
  if (behind > 0)
    {
      if (scale == 1000 && parse_scaled (rest, behind, "hundert", 100, &added))
        ;
      else if (!parse_below_hundred (rest, behind, &added))
        return FALSE;
    }

  *value = factor * scale + added;
  return TRUE;
}

/**
 * bb_number_word_parse:
 * @word: a folded German word
 * @value: (out): its value
 *
 * Numerals as one word, 0 to 999,999: "fünfzehn", "zweiundzwanzig",
 * "hundertzehn", "zweitausendfünfhundert".
 *
 * Returns: whether @word is a number
 */
gboolean
bb_number_word_parse (const char *word, guint *value)
{
  gsize length = strlen (word);

  /* Most words are none; all of these begin with one of few letters. */
  if (length < 3 || strchr ("adefhnstvz", word[0]) == NULL)
    return FALSE;
  return parse_scaled (word, length, "tausend", 1000, value)
         || parse_scaled (word, length, "hundert", 100, value)
         || parse_below_hundred (word, length, value);
}

/* "viertel", "achtel", "halb" with an optional count before it */
static gboolean
parse_simple_fraction (const char *word, gint64 *value)
{
  static const struct
  {
    const char *word;
    gint64 thousandths;
  } parts[] = { { "viertel", 250 }, { "achtel", 125 }, { "halb", 500 } };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      gsize length;
      guint count = 1;

      if (!g_str_has_suffix (word, parts[i].word))
        continue;
      length = strlen (word) - strlen (parts[i].word);
      if (length > 0
          && (!parse_below_hundred (word, length, &count) || count == 0
              || (parts[i].thousandths == 500 && count != 1)))
        return FALSE;
      *value = count * parts[i].thousandths;
      return TRUE;
    }
  return FALSE;
}

/**
 * bb_number_word_parse_fraction:
 * @word: a folded German word, without its unit
 * @value: (out): in thousandths
 *
 * "halb", "dreiviertel", "fünfviertel", "eineinviertel", "anderthalb",
 * "zweieinhalb".
 *
 * Returns: whether @word is a fraction or a mixed number
 */
gboolean
bb_number_word_parse_fraction (const char *word, gint64 *value)
{
  gsize length = strlen (word);

  if (!g_str_has_suffix (word, "viertel") && !g_str_has_suffix (word, "achtel")
      && !g_str_has_suffix (word, "halb"))
    return FALSE;
  if (g_str_equal (word, "anderthalb"))
    {
      *value = 1500;
      return TRUE;
    }
  if (parse_simple_fraction (word, value))
    return TRUE;

  for (gsize i = 3; i < length; i++)
    {
      guint whole;
      const char *rest = word + i;

      if (!lookup (units, G_N_ELEMENTS (units), word, i, &whole) || whole == 0)
        continue;
      if (g_str_has_prefix (rest, "und"))
        rest += 3;
      if (parse_simple_fraction (rest, value) && *value < 1000)
        {
          *value += whole * 1000;
          return TRUE;
        }
    }
  return FALSE;
}
