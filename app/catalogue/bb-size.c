/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sizes as plumbers write and say them: "15 mm", "15er", "fünfzehner", "1/2\"",
 * "halb Zoll", "eineinviertel Zoll", "DN 20", "22 x 15 x 22", "22 auf 15".
 */
#include "bb-size.h"

#include "bb-number-words.h"

#include <string.h>

/* The largest pipe thread in use: a larger number before "x ½ Zoll" is mm. */
#define MAX_INCH 4000
/* A larger bare number is an article number, no size. */
#define MAX_BARE 2000000

static const BbToken *
token_at (const GArray *tokens, guint i)
{
  return i < tokens->len ? &g_array_index (tokens, BbToken, i) : NULL;
}

static gboolean
is_word (const GArray *tokens, guint i, const char *const *words)
{
  const BbToken *token = token_at (tokens, i);

  return token != NULL && !token->number && g_strv_contains (words, token->text);
}

static const char *const articles[]
    = { "ein", "eine", "einen", "einem", "einer", "eines", NULL };

static const char *const inch_words[]
    = { "zoll", "zolls", "zollig", "zolliger", "zollige", "zolligen", "zolliges", "zoller",
        "inch", NULL };

/* How many letters of an inch word @word ends in: "halbzoll", "einzöllig". */
static gsize
inch_suffix (const char *word)
{
  for (gsize i = 0; inch_words[i] != NULL; i++)
    if (g_str_has_suffix (word, inch_words[i]))
      return strlen (inch_words[i]);
  return 0;
}

/* The unit word at @i, and its scale to the unit of the enum. */
static gboolean
read_unit (const GArray *tokens, guint i, BbDimUnit *unit, gint64 *scale, gboolean *metres)
{
  static const char *const mm[] = { "mm", "millimeter", "millimetern", "milli", NULL };
  static const char *const cm[] = { "cm", "zentimeter", "zentimetern", NULL };
  static const char *const m[] = { "m", "meter", "metern", NULL };
  static const char *const degree[] = { "grad", NULL };
  static const char *const litre[] = { "l", "liter", "litern", NULL };

  *scale = 1;
  *metres = FALSE;
  if (is_word (tokens, i, mm))
    *unit = BB_DIM_MM;
  else if (is_word (tokens, i, cm))
    {
      *unit = BB_DIM_MM;
      *scale = 10;
    }
  else if (is_word (tokens, i, m))
    {
      *unit = BB_DIM_MM;
      *scale = 1000;
      *metres = TRUE;
    }
  else if (is_word (tokens, i, inch_words))
    *unit = BB_DIM_INCH;
  else if (is_word (tokens, i, degree))
    *unit = BB_DIM_DEGREE;
  else if (is_word (tokens, i, litre))
    *unit = BB_DIM_LITRE;
  else
    return FALSE;
  return TRUE;
}

/* One number with its unit, if it has one. */
typedef struct
{
  BbDim dim;
  guint n;           /* tokens */
  gboolean explicit; /* it had a unit or the form of a size ("15er", a fraction) */
  gboolean metres;
} Piece;

/* "fünfzehner", "dreiviertelzoll", "einzöllig": number and unit in one word. */
static gboolean
read_compound_word (const char *word, Piece *piece)
{
  g_autofree char *head = NULL;
  gsize suffix = inch_suffix (word);
  guint value;

  if (suffix > 0 && suffix < strlen (word))
    {
      head = g_strndup (word, strlen (word) - suffix);
      piece->dim.unit = BB_DIM_INCH;
      piece->explicit = TRUE;
      if (bb_number_word_parse_fraction (head, &piece->dim.value))
        return TRUE;
      if (bb_number_word_parse (head, &value))
        {
          piece->dim.value = (gint64) value * 1000;
          return TRUE;
        }
      return FALSE;
    }

  for (gsize i = 0; i < 3; i++)
    {
      static const char *const endings[] = { "er", "ern", "ers" };

      if (!g_str_has_suffix (word, endings[i]))
        continue;
      head = g_strndup (word, strlen (word) - strlen (endings[i]));
      /* "einer" is an article, "zweier" and so on are no pipes either. */
      if (!bb_number_word_parse (head, &value) || value < 6)
        return FALSE;
      piece->dim.unit = BB_DIM_ANY;
      piece->dim.value = (gint64) value * 1000;
      piece->explicit = TRUE;
      return TRUE;
    }
  return FALSE;
}

/* A number at @i, in digits or words, without its unit. */
static gboolean
read_number (const GArray *tokens, guint i, gint64 *value, guint *n, gboolean *fraction)
{
  static const char *const parts[] = { "viertel", "achtel", "halb", "halber", "halbe", "halbes",
                                       "halben", NULL };
  const BbToken *token = token_at (tokens, i);
  const BbToken *next = token_at (tokens, i + 1);
  guint word_value;
  gint64 more;

  *n = 1;
  *fraction = FALSE;

  if (token->number)
    {
      if (token->value < 0)
        return FALSE;
      *value = token->value;
      *fraction = strchr (token->text, '/') != NULL;

      /* "1 1/4", "2 ½": the mixed sizes that exist. */
      if (!*fraction && next != NULL && next->number && next->fraction
          && ((token->value == 1000 && (next->value == 250 || next->value == 500))
              || (token->value == 2000 && next->value == 500)))
        {
          *value += next->value;
          *n = 2;
          *fraction = TRUE;
          return TRUE;
        }
    }
  else if (bb_number_word_parse_fraction (token->text, value))
    {
      *fraction = TRUE;
      return TRUE;
    }
  else if (bb_number_word_parse (token->text, &word_value))
    {
      *value = (gint64) word_value * 1000;
    }
  else if (g_strv_contains (articles, token->text))
    {
      *value = 1000;
    }
  else if (is_word (tokens, i, parts) && is_word (tokens, i + 1, inch_words))
    {
      *value = 500;
      *fraction = TRUE;
      return TRUE;
    }
  else
    {
      return FALSE;
    }

  if (next == NULL || next->number)
    return TRUE;

  /* "drei Viertel", "3 achtel", "ein halb" */
  if (!*fraction && *value < 16000 && is_word (tokens, i + 1, parts))
    {
      gint64 part = next->text[0] == 'v' ? 250 : next->text[0] == 'a' ? 125 : 500;

      if (part != 500 || *value == 1000)
        {
          *value = *value / 1000 * part;
          *n = 2;
          *fraction = TRUE;
          /* "ein ein viertel" has a whole part in front: see below. */
          return TRUE;
        }
    }

  /* "ein einviertel", "zwei einhalb", "ein ein viertel", "ein und ein viertel" */
  if (!*fraction && (*value == 1000 || *value == 2000))
    {
      guint skip = g_str_equal (next->text, "und") ? 2 : 1;
      const BbToken *rest = token_at (tokens, i + skip);
      guint rest_n;
      gboolean rest_fraction;

      if (rest == NULL || rest->number)
        return TRUE;
      if ((g_str_has_prefix (rest->text, "ein") || is_word (tokens, i + skip, parts))
          && (g_str_equal (rest->text, "ein")
                  ? is_word (tokens, i + skip + 1, parts)
                  : bb_number_word_parse_fraction (rest->text, &more)))
        {
          if (!read_number (tokens, i + skip, &more, &rest_n, &rest_fraction) || !rest_fraction
              || more >= 1000 || (*value == 2000 && more != 500))
            return TRUE;
          *value += more;
          *n = skip + rest_n;
          *fraction = TRUE;
        }
    }
  return TRUE;
}

static gboolean
read_piece (const GArray *tokens, guint i, Piece *piece)
{
  static const char *const dn[] = { "dn", "nw", NULL };
  static const char *const thread[] = { "m", NULL };
  static const char *const er[] = { "er", "ern", "ers", NULL };
  static const char *const no_size[] = { "weg",  "wege",    "fach", "teilig", "lagig",  "kreis",
                                         "stufig", "strahlig", "bar", "g", "kg", "watt", "w",
                                         "prozent", "kreise", NULL };
  const BbToken *token = token_at (tokens, i);
  gboolean fraction;
  gint64 scale;
  guint n;

  *piece = (Piece) { .dim.unit = BB_DIM_ANY };
  if (token == NULL)
    return FALSE;

  if (is_word (tokens, i, dn) || is_word (tokens, i, thread))
    {
      gboolean is_dn = is_word (tokens, i, dn);
      const BbToken *number = token_at (tokens, i + 1);
      guint word_value;

      if (number == NULL || (!is_dn && !number->glued))
        return FALSE;
      if (number->number && number->value > 0)
        piece->dim.value = number->value;
      else if (!number->number && is_dn && bb_number_word_parse (number->text, &word_value))
        piece->dim.value = (gint64) word_value * 1000;
      else
        return FALSE;
      piece->dim.unit = is_dn ? BB_DIM_DN : BB_DIM_THREAD;
      piece->explicit = TRUE;
      piece->n = 2;
      return TRUE;
    }

  if (!token->number && read_compound_word (token->text, piece))
    {
      piece->n = 1;
      return TRUE;
    }

  if (!read_number (tokens, i, &piece->dim.value, &n, &fraction))
    return FALSE;
  piece->n = n;

  if (read_unit (tokens, i + n, &piece->dim.unit, &scale, &piece->metres))
    {
      piece->dim.value *= scale;
      piece->explicit = TRUE;
      piece->n++;
    }
  else if (fraction)
    {
      /* Only inches are counted in fractions. */
      piece->dim.unit = BB_DIM_INCH;
      piece->explicit = TRUE;
    }
  else if (is_word (tokens, i + n, er) && token_at (tokens, i + n)->glued)
    {
      piece->explicit = TRUE;
      piece->n++;
    }
  else if (n == 1 && is_word (tokens, i, articles))
    {
      return FALSE;
    }
  else if (piece->dim.value > MAX_BARE || is_word (tokens, i + n, no_size))
    {
      return FALSE;
    }
  return piece->dim.value > 0;
}

/* The number of tokens that say "by" at @i: "x", "mal", "auf". */
static guint
read_times (const GArray *tokens, guint i)
{
  static const char *const times[] = { "x", "mal", "auf", "by", NULL };

  return is_word (tokens, i, times) ? 1 : 0;
}

/* "fünfmal", which is always a quantity */
static gboolean
read_times_word (const GArray *tokens, guint i, gint64 *value)
{
  const char *word = token_at (tokens, i)->text;
  g_autofree char *head = NULL;
  guint number;

  if (strlen (word) <= 3 || !g_str_has_suffix (word, "mal"))
    return FALSE;
  head = g_strndup (word, strlen (word) - 3);
  if (!bb_number_word_parse (head, &number))
    return FALSE;
  *value = (gint64) number * 1000;
  return TRUE;
}

/* A number without a unit has that of its neighbour: "22 x 15 mm", "DN 110/50". */
static void
spread_units (BbSize *size)
{
  for (guint i = size->n_dims; i-- > 1;)
    {
      BbDim *dim = &size->dims[i - 1];
      BbDimUnit next = size->dims[i].unit;

      if (dim->unit != BB_DIM_ANY)
        continue;
      if (next == BB_DIM_MM || (next == BB_DIM_INCH && dim->value <= MAX_INCH))
        dim->unit = next;
    }
  for (guint i = 1; i < size->n_dims; i++)
    if (size->dims[i].unit == BB_DIM_ANY && size->dims[i - 1].unit == BB_DIM_DN)
      size->dims[i].unit = BB_DIM_DN;
}

/* @word_seen: something was said that is no number, so that a number is no quantity. */
static GArray *
scan (const GArray *tokens, gboolean word_seen)
{
  static const char *const packs[]
      = { "stuck", "stucke", "stucken", "stk", "st",     "mal",      "rolle",     "rollen",
          "x",     "packung", "packungen", "pack", "paket", "pakete", "stange", "stangen", NULL };
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (BbSize));
  for (guint i = 0; i < tokens->len;)
    {
      BbSize size = { .first = i };
      Piece piece;
      guint at = i;
      gboolean any_explicit = FALSE;

      if (read_times_word (tokens, i, &size.dims[0].value))
        {
          size.n_dims = size.n_tokens = 1;
          size.weak = size.quantity = TRUE;
          g_array_append_val (sizes, size);
          i++;
          continue;
        }

      if (!read_piece (tokens, i, &piece))
        {
          word_seen = TRUE;
          i++;
          continue;
        }

      for (;;)
        {
          guint times;

          size.dims[size.n_dims++] = piece.dim;
          at += piece.n;
          any_explicit |= piece.explicit;
          if (size.n_dims == 1 && piece.metres)
            size.weak = TRUE;
          if (size.n_dims == BB_SIZE_MAX_DIMS)
            break;

          times = read_times (tokens, at);
          if (times > 0)
            {
              if (!read_piece (tokens, at + times, &piece))
                break;
              size.weak = FALSE;
              at += times;
            }
          else
            {
              /* "T-Stück zweiundzwanzig fünfzehn zweiundzwanzig"; at the start
               * of a sentence the first number is how many. */
              Piece next;

              if (!word_seen || any_explicit || !read_piece (tokens, at, &next)
                  || (next.explicit && next.dim.unit != BB_DIM_MM)
                  || read_times (tokens, at + next.n) > 0)
                break;
              piece = next;
            }
        }

      size.n_tokens = at - i;
      spread_units (&size);
      if (size.n_dims == 1 && !any_explicit)
        {
          size.weak = TRUE;
          if (is_word (tokens, at, packs)
              /* "20 Stück" but not "20 x": that has been read as a size above. */
              && !(g_str_equal (token_at (tokens, at)->text, "st") && at + 1 == tokens->len))
            {
              size.quantity = TRUE;
              size.n_tokens++;
              at++;
            }
        }
      g_array_append_val (sizes, size);
      i = at;
    }
  return sizes;
}

/**
 * bb_size_scan:
 * @tokens: (element-type BbToken): of bb_fold_tokens()
 *
 * Finds all sizes and quantities of a text.
 *
 * Returns: (transfer full) (element-type BbSize): in order, not overlapping
 */
GArray *
bb_size_scan (const GArray *tokens)
{
  return scan (tokens, FALSE);
}

/**
 * bb_size_parse:
 * @text: (nullable): the size field of a product
 *
 * Returns: (transfer full) (element-type BbSize): its sizes
 */
GArray *
bb_size_parse (const char *text)
{
  g_autoptr (GArray) tokens = bb_fold_tokens (text);

  return scan (tokens, TRUE);
}

/* DN and the pipe thread of the same nominal diameter (EN 10226, ISO 6708). */
static gint64
dn_to_inch (gint64 dn)
{
  static const gint64 table[][2]
      = { { 6, 125 },   { 8, 250 },   { 10, 375 },  { 15, 500 },  { 20, 750 },  { 25, 1000 },
          { 32, 1250 }, { 40, 1500 }, { 50, 2000 }, { 65, 2500 }, { 80, 3000 }, { 100, 4000 } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i][0] * 1000 == dn)
      return table[i][1];
  return -1;
}

/* 1: the same; a little less for the equivalent thread; 0: different. */
static double
compare_dims (const BbDim *a, const BbDim *b)
{
  if (a->unit == b->unit || a->unit == BB_DIM_ANY || b->unit == BB_DIM_ANY)
    return a->value == b->value ? 1.0 : 0.0;
  if (a->unit == BB_DIM_DN && b->unit == BB_DIM_INCH)
    return dn_to_inch (a->value) == b->value ? 0.97 : 0.0;
  if (a->unit == BB_DIM_INCH && b->unit == BB_DIM_DN)
    return dn_to_inch (b->value) == a->value ? 0.97 : 0.0;
  return 0.0;
}

/**
 * bb_size_compare:
 * @wanted: what the caller asked for
 * @have: what the product has
 *
 * "15 mm" is a pipe "15 x 1 mm" (the wall is seldom named) and, less so, a
 * reducing tee "22 x 15 x 22 mm".
 *
 * Returns: 1: the same, 0: different, between: @wanted is a part of @have
 */
double
bb_size_compare (const BbSize *wanted, const BbSize *have)
{
  double best = 0.0;

  /* "15 x 15 x 15" is how some people say the size of an even tee. */
  if (have->n_dims == 1 && wanted->n_dims > 1)
    {
      double product = 1.0;

      for (guint i = 0; i < wanted->n_dims; i++)
        product = MIN (product, compare_dims (&wanted->dims[i], &have->dims[0]));
      return product;
    }

  for (guint offset = 0; offset + wanted->n_dims <= have->n_dims; offset++)
    {
      double product = 1.0;

      for (guint i = 0; i < wanted->n_dims; i++)
        product *= compare_dims (&wanted->dims[i], &have->dims[offset + i]);
      if (have->n_dims > wanted->n_dims)
        product *= offset == 0 ? 0.95 : 0.75;
      best = MAX (best, product);
    }
  return best;
}

/**
 * bb_size_to_string:
 * @size: a size
 *
 * Returns: (transfer full): it for people, "22 x 15 mm"
 */
char *
bb_size_to_string (const BbSize *size)
{
  static const char *const before[] = { "", "", "", "DN ", "", "M", "" };
  static const char *const behind[] = { "", " mm", " Zoll", "", "°", "", " l" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < size->n_dims; i++)
    {
      const BbDim *dim = &size->dims[i];
      gint64 whole = dim->value / 1000;
      gint64 rest = dim->value % 1000;

      g_string_append_printf (text, "%s%s", i > 0 ? " x " : "", before[dim->unit]);
      if (dim->unit == BB_DIM_INCH && rest > 0 && rest % 125 == 0)
        {
          gint64 eighths = rest / 125;
          gint64 denominator = 8;

          while (eighths % 2 == 0)
            {
              eighths /= 2;
              denominator /= 2;
            }
          if (whole > 0)
            g_string_append_printf (text, "%" G_GINT64_FORMAT " ", whole);
          g_string_append_printf (text, "%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, eighths,
                                  denominator);
        }
      else if (rest == 0)
        g_string_append_printf (text, "%" G_GINT64_FORMAT, whole);
      else
        g_string_append_printf (text, "%g", (double) dim->value / 1000.0);
      g_string_append (text, behind[dim->unit]);
    }
  return g_string_free (text, FALSE);
}
