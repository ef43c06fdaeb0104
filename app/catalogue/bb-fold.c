/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Folding makes the ways in which people write one word meet (LESSONS 11).
 * The catalogue and the query go through the same functions, so a rule may be
 * coarse: it only must not make different words equal often.
 */
#include "bb-fold.h"

#include <string.h>

/* More digits than any size has; they would only overflow. */
#define MAX_DIGITS 9

static void
token_clear (gpointer data)
{
  BbToken *token = data;

  g_clear_pointer (&token->text, g_free);
}

/* A vulgar fraction as digits. NFKD would turn "1¼" into "11⁄4". */
static const char *
vulgar_fraction (gunichar c)
{
  switch (c)
    {
    case 0xbc: return "1/4";
    case 0xbd: return "1/2";
    case 0xbe: return "3/4";
    case 0x215b: return "1/8";
    case 0x215c: return "3/8";
    case 0x215d: return "5/8";
    case 0x215e: return "7/8";
    default: return NULL;
    }
}

/* "ae", "oe", "ue" are how an umlaut is written without one: one vowel is left. */
static void
collapse_umlauts (GString *word)
{
  gsize to = 0;

  for (gsize from = 0; from < word->len; from++)
    {
      char c = word->str[from];

      word->str[to++] = c;
      if ((c == 'a' || c == 'o' || c == 'u') && word->str[from + 1] == 'e')
        from++;
    }
  g_string_truncate (word, to);
}

/* Appends @c lower-case and without its accents. */
static void
append_folded (GString *word, gunichar c)
{
  gunichar decomposed[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n;

  c = g_unichar_tolower (c);
  if (c < 0x80)
    {
      g_string_append_c (word, (char) c);
      return;
    }

  switch (c)
    {
    case 0xdf: g_string_append (word, "ss"); return;   /* ß */
    case 0xe6: g_string_append_c (word, 'a'); return;  /* æ */
    case 0xf8:                                         /* ø */
    case 0x153: g_string_append_c (word, 'o'); return; /* œ */
    case 0x142: g_string_append_c (word, 'l'); return; /* ł */
    case 0x111: g_string_append_c (word, 'd'); return; /* đ */
    default: break;
    }

  n = g_unichar_fully_decompose (c, TRUE, decomposed, G_N_ELEMENTS (decomposed));
  for (gsize i = 0; i < n; i++)
    if (!g_unichar_ismark (decomposed[i]))
      g_string_append_unichar (word, decomposed[i]);
}

static void
append_token (GArray *tokens, const char *text, gboolean number, gboolean glued)
{
  BbToken token = { .number = number, .glued = glued && tokens->len > 0, .value = -1 };

  token.text = g_strdup (text);
  g_array_append_val (tokens, token);
}

/* A whole or decimal number: its digits, and its value in thousandths. */
static void
append_number (GArray *tokens, const char *digits, gsize n_digits, const char *decimals,
               gsize n_decimals, gboolean glued)
{
  g_autofree char *text = NULL;
  BbToken *token;

  if (n_decimals > 0)
    text = g_strdup_printf ("%.*s.%.*s", (int) n_digits, digits, (int) n_decimals, decimals);
  else
    text = g_strndup (digits, n_digits);
  append_token (tokens, text, TRUE, glued);

  token = &g_array_index (tokens, BbToken, tokens->len - 1);
  if (n_digits <= MAX_DIGITS)
    {
      gint64 scale = 100;

      token->value = g_ascii_strtoll (digits, NULL, 10) * 1000;
      for (gsize i = 0; i < n_decimals && scale > 0; i++, scale /= 10)
        token->value += (decimals[i] - '0') * scale;
    }
}

static void
append_fraction (GArray *tokens, gint64 numerator, gint64 denominator, gboolean glued)
{
  g_autofree char *text
      = g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, numerator, denominator);
  BbToken *token;

  append_token (tokens, text, TRUE, glued);
  token = &g_array_index (tokens, BbToken, tokens->len - 1);
  token->value = numerator * 1000 / denominator;
  token->fraction = numerator < denominator;
}

static gsize
count_digits (const char *p)
{
  gsize n = 0;

  while (g_ascii_isdigit (p[n]))
    n++;
  return n;
}

/* Reads the number at @p ("15", "87,5", "1/2"; "110/50" are two sizes) and
 * returns what follows. */
static const char *
read_number (GArray *tokens, const char *p, gboolean glued)
{
  gsize n = count_digits (p);
  const char *after = p + n;
  gsize fraction_slash = 0;
  gsize n_after;

  if (*after == '/')
    fraction_slash = 1;
  else if (g_str_has_prefix (after, "\xe2\x81\x84")) /* U+2044 FRACTION SLASH */
    fraction_slash = 3;

  if (fraction_slash > 0 && (n_after = count_digits (after + fraction_slash)) > 0)
    {
      if (n <= 2 && n_after <= 2)
        {
          gint64 numerator = g_ascii_strtoll (p, NULL, 10);
          gint64 denominator = g_ascii_strtoll (after + fraction_slash, NULL, 10);

          /* Inches are halves, quarters, eighths; "50/40" is a pair of DN. */
          if ((denominator == 2 || denominator == 4 || denominator == 8) && numerator % 2 == 1
              && numerator < 16)
            {
              append_fraction (tokens, numerator, denominator, glued);
              return after + fraction_slash + n_after;
            }
        }
      append_number (tokens, p, n, NULL, 0, glued);
      append_token (tokens, "x", FALSE, TRUE);
      return after + fraction_slash;
    }

  if ((*after == ',' || *after == '.') && (n_after = count_digits (after + 1)) > 0)
    {
      append_number (tokens, p, n, after + 1, n_after, glued);
      return after + 1 + n_after;
    }

  append_number (tokens, p, n, NULL, 0, glued);
  return after;
}

/* The sign at @c as a word, when it stands behind a number. */
static const char *
sign_word (gunichar c)
{
  switch (c)
    {
    case '"':
    case 0x201c: /* “ */
    case 0x201d: /* ” */
    case 0x2033: /* ″ */
      return "zoll";
    case 0xb0: /* ° */
    case 0xba: /* º */
      return "grad";
    case 0xd7: /* × */
    case 0x2715:
    case '*':
      return "x";
    default:
      return NULL;
    }
}

/**
 * bb_fold_tokens:
 * @text: (nullable): what a person wrote or said, or a catalogue field; bytes
 *   that are not UTF-8 are skipped
 *
 * Splits at everything that is neither letter nor digit, and between letters
 * and digits. Case, accents and the two ways to write umlauts and ß vanish.
 * Plural and case endings stay: see bb_fold_stem().
 *
 * Returns: (transfer full) (element-type BbToken): the words in order
 */
GArray *
bb_fold_tokens (const char *text)
{
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (BbToken));
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autoptr (GString) word = g_string_new (NULL);
  const char *p = valid;
  gboolean glued = FALSE;

  g_array_set_clear_func (tokens, token_clear);

  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char (p);
      const char *fraction = vulgar_fraction (c);
      const char *sign;
      gboolean after_number
          = tokens->len > 0 && g_array_index (tokens, BbToken, tokens->len - 1).number;

      if (g_ascii_isdigit (*p))
        {
          p = read_number (tokens, p, glued);
          glued = TRUE;
        }
      else if (fraction != NULL)
        {
          read_number (tokens, fraction, glued);
          p = g_utf8_next_char (p);
          glued = TRUE;
        }
      else if (g_unichar_isalpha (c) && sign_word (c) == NULL)
        {
          g_string_truncate (word, 0);
          /* A combining mark belongs to its letter ("u" + U+0308). */
          while (*p != '\0' && (g_unichar_isalpha (c) || g_unichar_ismark (c)))
            {
              if (g_unichar_isalpha (c))
                append_folded (word, c);
              p = g_utf8_next_char (p);
              c = g_utf8_get_char (p);
            }
          collapse_umlauts (word);
          append_token (tokens, word->str, FALSE, glued);
          glued = TRUE;
        }
      else
        {
          sign = sign_word (c);
          if (sign != NULL && after_number)
            append_token (tokens, sign, FALSE, TRUE);
          glued = FALSE;
          p = g_utf8_next_char (p);
        }
    }

  return tokens;
}

/**
 * bb_fold_join:
 * @first: a folded word
 * @second: the folded word behind it
 *
 * "t" and "stuck" written together, as folding the compound would give it.
 *
 * Returns: (transfer full): the compound
 */
char *
bb_fold_join (const char *first, const char *second)
{
  GString *word = g_string_new (first);

  g_string_append (word, second);
  collapse_umlauts (word);
  return g_string_free (word, FALSE);
}

/**
 * bb_fold_stem:
 * @word: a folded word
 *
 * Takes German plural and case endings off: Muffe and Muffen, Stück, Stücke
 * and Stücken, Hahn and Hähne meet. Three letters are always left.
 *
 * Returns: (transfer full): the stem
 */
char *
bb_fold_stem (const char *word)
{
  static const char *const endings[] = { "ern", "em", "en", "er", "es", "e" };
  char *stem = g_strdup (word);
  gsize n = strlen (stem);

  if (n >= 5 && stem[n - 1] == 's' && strchr ("bdfghklmnrt", stem[n - 2]) != NULL)
    stem[--n] = '\0';
  if (n >= 5 && stem[n - 1] == 'n' && stem[n - 2] == 'l')
    stem[--n] = '\0';

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gsize length = strlen (endings[i]);

      if (n >= length + 3 && g_str_has_suffix (stem, endings[i]))
        {
          stem[n - length] = '\0';
          break;
        }
    }
  return stem;
}

/**
 * bb_fold_key:
 * @text: (nullable): a name, such as that of a product group
 *
 * Returns: (transfer full): one key for all ways to write @text: "T-Stück",
 *   "T-Stücke", "t stueck" and "Tstuck" give the same
 */
char *
bb_fold_key (const char *text)
{
  g_autoptr (GArray) tokens = bb_fold_tokens (text);
  g_autofree char *all = g_strdup ("");

  for (guint i = 0; i < tokens->len; i++)
    {
      char *joined = bb_fold_join (all, g_array_index (tokens, BbToken, i).text);

      g_free (all);
      all = joined;
    }
  return bb_fold_stem (all);
}

/**
 * bb_fold_number:
 * @text: (nullable): an article number as written or said, "10 234", "AB-12"
 *
 * Returns: (transfer full): its letters (lower case) and digits alone
 */
char *
bb_fold_number (const char *text)
{
  GString *number = g_string_new (NULL);

  for (const char *p = text != NULL ? text : ""; *p != '\0'; p++)
    if (g_ascii_isalnum (*p) || (guchar) *p >= 0x80)
      g_string_append_c (number, g_ascii_tolower (*p));
  return g_string_free (number, FALSE);
}
