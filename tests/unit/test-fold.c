/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-fold.h"
#include "bb-number-words.h"
#include "bb-size.h"

#include <string.h>

/* Every row: ways to write one thing. */
static const char *const same[][10] = {
  { "T-Stück", "T-Stueck", "T Stück", "Tstück", "t-stuck", "T-STÜCKE", "T–Stück", "T-Stu\xcc\x88"
                                                                               "ck",
    NULL },
  { "Bögen", "Boegen", "BÖGEN", "bogen", NULL },
  { "Großabnehmer", "Grossabnehmer", "GROẞABNEHMER", "großabnehmern", NULL },
  { "Kugelhähne", "Kugelhahn", "Kugel-Hahn", "kugelhaehne", "Kugel Hähnen", NULL },
  { "PE-X", "PEX", "pe x", NULL },
  { "Café", "cafe", "CAFÉ", NULL },
  { "Muffe", "Muffen", "MUFFE", NULL },
  { "Winkel", "Winkeln", "winkels", NULL },
  { "Rohre", "Rohr", "Rohren", "Rohres", "Rohrs", NULL },
  { "Dichtung", "Dichtungen", NULL },
  { "Siphon", "Siphons", NULL },
  { "Kappen und Stopfen", "KAPPEN UND STOPFEN", "Kappen-und-Stopfen", NULL },
};

static void
test_same (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autofree char *first = bb_fold_key (same[i][0]);

      for (gsize j = 1; same[i][j] != NULL; j++)
        {
          g_autofree char *other = bb_fold_key (same[i][j]);

          g_assert_cmpstr (other, ==, first);
        }
      for (gsize k = i + 1; k < G_N_ELEMENTS (same); k++)
        {
          g_autofree char *different = bb_fold_key (same[k][0]);

          g_assert_cmpstr (different, !=, first);
        }
    }
}

static void
test_tokens (void)
{
  static const struct
  {
    const char *text;
    const char *tokens; /* joined with '|' */
  } rows[] = {
    { "15mm", "15|mm" },
    { "T-Stück 15er", "t|stuck|15|er" },
    { "1¼\"", "1|1/4|zoll" },
    { "½ Zoll", "1/2|zoll" },
    { "DN20", "dn|20" },
    { "15x12×15", "15|x|12|x|15" },
    { "110/50", "110|x|50" },
    { "87,5°", "87.5|grad" },
    { "1⁄2", "1/2" },
    { "\"Muffe\"", "muffe" },
    { "Ø 15", "o|15" },
    { "a\xff\xfe""b", "a|b" },
    { "", "" },
    { " -- ", "" },
    { "1234567890123456789012345", "1234567890123456789012345" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) tokens = bb_fold_tokens (rows[i].text);
      g_autoptr (GString) joined = g_string_new (NULL);

      for (guint j = 0; j < tokens->len; j++)
        g_string_append_printf (joined, "%s%s", j > 0 ? "|" : "",
                                g_array_index (tokens, BbToken, j).text);
      g_assert_cmpstr (joined->str, ==, rows[i].tokens);
    }
  {
    g_autoptr (GArray) none = bb_fold_tokens (NULL);

    g_assert_cmpuint (none->len, ==, 0);
  }
}

static void
test_article_number (void)
{
  static const char *const rows[] = { "10234", "10 234", "10.234", " 10-234 " };
  g_autofree char *letters = bb_fold_number ("AB-12 x");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *number = bb_fold_number (rows[i]);

      g_assert_cmpstr (number, ==, "10234");
    }
  g_assert_cmpstr (letters, ==, "ab12x");
}

/* How German writes numbers, made the other way round than they are parsed. */
static char *
say (guint n)
{
  static const char *const ones[]
      = { "null",   "ein",     "zwei",     "drei",     "vier",     "fünf",     "sechs",
          "sieben", "acht",    "neun",     "zehn",     "elf",      "zwölf",    "dreizehn",
          "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn" };
  static const char *const tens[] = { "",        "",        "zwanzig", "dreißig", "vierzig",
                                      "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig" };

  if (n >= 1000)
    {
      g_autofree char *head = say (n / 1000);
      g_autofree char *tail = n % 1000 > 0 ? say (n % 1000) : g_strdup ("");

      return g_strdup_printf ("%stausend%s", head, tail);
    }
  if (n >= 100)
    {
      g_autofree char *tail = n % 100 > 0 ? say (n % 100) : g_strdup ("");

      return g_strdup_printf ("%shundert%s", n / 100 == 1 ? "" : ones[n / 100], tail);
    }
  if (n < 20)
    return g_strdup (ones[n]);
  if (n % 10 == 0)
    return g_strdup (tens[n / 10]);
  return g_strdup_printf ("%sund%s", ones[n % 10], tens[n / 10]);
}

static void
test_number_words (void)
{
  static const char *const wrong[]
      = { "", "und", "zwanzigund", "undzwanzig", "hundertnullhundert", "muffe", "zehnzwanzig",
          "nullundzwanzig", "elfundzwanzig", "hundertmuffe", "zweiundzwei" };
  guint value;

  for (guint n = 0; n < 20000; n += n < 1100 ? 1 : 37)
    {
      g_autofree char *word = say (n);
      g_autoptr (GArray) tokens = bb_fold_tokens (word);

      g_assert_cmpuint (tokens->len, ==, 1);
      if (!bb_number_word_parse (g_array_index (tokens, BbToken, 0).text, &value))
        g_error ("%s is not read", word);
      g_assert_cmpuint (value, ==, n);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    if (bb_number_word_parse (wrong[i], &value))
      g_error ("“%s” is read as %u", wrong[i], value);
}

static void
test_sizes (void)
{
  static const struct
  {
    const char *text;
    const char *sizes; /* joined with "; "; '?' marks weak, '#' a quantity */
  } rows[] = {
    { "15 mm", "15 mm" },
    { "15mm", "15 mm" },
    { "15er", "15" },
    { "Bogen 15", "15?" },
    { "fünfzehn Millimeter", "15 mm" },
    { "fuenfzehn", "15?" },
    { "fünfzehner", "15" },
    { "zweiundzwanziger", "22" },
    { "achtzehner Rohr", "18" },
    { "1/2\"", "1/2 Zoll" },
    { "1/2″", "1/2 Zoll" },
    { "½ Zoll", "1/2 Zoll" },
    { "halb Zoll", "1/2 Zoll" },
    { "halber Zoll", "1/2 Zoll" },
    { "halbzoll", "1/2 Zoll" },
    { "halbzöllig", "1/2 Zoll" },
    { "ein halb Zoll", "1/2 Zoll" },
    { "einhalb Zoll", "1/2 Zoll" },
    { "dreiviertel Zoll", "3/4 Zoll" },
    { "drei viertel Zoll", "3/4 Zoll" },
    { "dreiviertelzoll", "3/4 Zoll" },
    { "dreiviertel", "3/4 Zoll" },
    { "3/4 Zoll", "3/4 Zoll" },
    { "drei achtel Zoll", "3/8 Zoll" },
    { "dreiachtel", "3/8 Zoll" },
    { "ein Zoll", "1 Zoll" },
    { "einzöllig", "1 Zoll" },
    { "eineinviertel Zoll", "1 1/4 Zoll" },
    { "einundeinviertel Zoll", "1 1/4 Zoll" },
    { "ein einviertel Zoll", "1 1/4 Zoll" },
    { "ein ein viertel Zoll", "1 1/4 Zoll" },
    { "ein und ein viertel Zoll", "1 1/4 Zoll" },
    { "fünfviertel Zoll", "1 1/4 Zoll" },
    { "1 1/4 Zoll", "1 1/4 Zoll" },
    { "1¼ Zoll", "1 1/4 Zoll" },
    { "1 ¼\"", "1 1/4 Zoll" },
    { "anderthalb Zoll", "1 1/2 Zoll" },
    { "eineinhalb Zoll", "1 1/2 Zoll" },
    { "zweieinhalb Zoll", "2 1/2 Zoll" },
    { "zwei Zoll", "2 Zoll" },
    { "DN 20", "DN 20" },
    { "DN20", "DN 20" },
    { "dn fünfzig", "DN 50" },
    { "DN hundertzehn", "DN 110" },
    { "DN 110/50", "DN 110 x DN 50" },
    { "DN 110 auf 50", "DN 110 x DN 50" },
    { "15x12x15", "15 x 12 x 15" },
    { "15 x 12 x 15 mm", "15 mm x 12 mm x 15 mm" },
    { "15 mal 12", "15 x 12" },
    { "T zweiundzwanzig fünfzehn zweiundzwanzig", "22 x 15 x 22" },
    { "zwanzig fünfzehn Millimeter", "20?; 15 mm" },
    { "22 auf 15", "22 x 15" },
    { "15 mm x 1/2 Zoll", "15 mm x 1/2 Zoll" },
    { "15 auf halb Zoll", "15 x 1/2 Zoll" },
    { "3/4 x 1/2 Zoll", "3/4 Zoll x 1/2 Zoll" },
    { "1 x 3/4 Zoll", "1 Zoll x 3/4 Zoll" },
    { "16 x 2,2 mm", "16 mm x 2.2 mm" },
    { "15 mm, 90°", "15 mm; 90°" },
    { "45 Grad", "45°" },
    { "M8 x 60", "M8 x 60" },
    { "18 l", "18 l" },
    { "50 cm", "500 mm" },
    { "20 Stück 15er", "20#; 15" },
    { "fünfmal T-Stück", "5#" },
    { "5 mal T-Stück", "5#" },
    { "5x Muffe", "5#" },
    { "zehn Meter Rohr", "10000 mm?" },
    { "20 Rohre", "20?" },
    { "ein T-Stück", "" },
    { "eine Muffe", "" },
    { "3-Wege-Ventil", "" },
    { "10113", "" },
    { "drei", "3?" },
    { "einundzwanzig", "21?" },
    { "0", "" },
    { "99999999999999999999 mm", "" },
    { "x x x mal mal", "" },
    { "DN", "" },
    { "1 x 2 x 3 x 4 x 5 mm", "1 x 2 x 3 x 4; 5 mm" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) tokens = bb_fold_tokens (rows[i].text);
      g_autoptr (GArray) sizes = bb_size_scan (tokens);
      g_autoptr (GString) joined = g_string_new (NULL);

      for (guint j = 0; j < sizes->len; j++)
        {
          const BbSize *size = &g_array_index (sizes, BbSize, j);
          g_autofree char *text = bb_size_to_string (size);

          g_string_append_printf (joined, "%s%s%s", j > 0 ? "; " : "", text,
                                  size->quantity ? "#" : size->weak ? "?" : "");
        }
      if (strcmp (joined->str, rows[i].sizes) != 0)
        {
          g_test_message ("“%s” gives “%s”, not “%s”", rows[i].text, joined->str, rows[i].sizes);
          g_test_fail ();
        }
    }
}

static double
compare (const char *wanted, const char *have)
{
  g_autoptr (GArray) a = bb_size_parse (wanted);
  g_autoptr (GArray) b = bb_size_parse (have);

  return bb_size_compare (&g_array_index (a, BbSize, 0), &g_array_index (b, BbSize, 0));
}

static void
test_compare (void)
{
  g_assert_cmpfloat (compare ("15er", "15 mm"), ==, 1.0);
  g_assert_cmpfloat (compare ("50er", "DN 50"), ==, 1.0);
  g_assert_cmpfloat (compare ("15 mm", "18 mm"), ==, 0.0);
  g_assert_cmpfloat (compare ("15 mm", "DN 15"), ==, 0.0);
  g_assert_cmpfloat (compare ("15 x 15 x 15", "15 mm"), ==, 1.0);
  g_assert_cmpfloat (compare ("15 x 12", "15 mm"), ==, 0.0);
  /* A part of the size: the start is better than the middle. */
  g_assert_cmpfloat (compare ("22 mm", "22 x 15 x 22 mm"), >, compare ("15 mm", "22 x 15 x 22 mm"));
  g_assert_cmpfloat (compare ("15 mm", "22 x 15 x 22 mm"), >, 0.0);
  g_assert_cmpfloat (compare ("15 x 22", "22 x 15 mm"), ==, 0.0);
  /* The thread of the same nominal diameter */
  g_assert_cmpfloat (compare ("DN 20", "3/4 Zoll"), >, 0.9);
  g_assert_cmpfloat (compare ("DN 20", "3/4 Zoll"), <, 1.0);
  g_assert_cmpfloat (compare ("1/2 Zoll", "DN 15"), >, 0.9);
  g_assert_cmpfloat (compare ("DN 20", "1/2 Zoll"), ==, 0.0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fold/same", test_same);
  g_test_add_func ("/fold/tokens", test_tokens);
  g_test_add_func ("/fold/article-number", test_article_number);
  g_test_add_func ("/fold/number-words", test_number_words);
  g_test_add_func ("/size/scan", test_sizes);
  g_test_add_func ("/size/compare", test_compare);
  return g_test_run ();
}
