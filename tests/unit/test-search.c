/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What callers say and write, on the sample catalogue.
 */
#include "bb-catalogue.h"
#include "bb-search.h"

#include <string.h>

/* The product that must come first; with '*' at the end: its name's start. */
static const struct
{
  const char *query;
  const char *first;
} phrases[] = {
  /* LESSONS 11 */
  { "T-Stück", "T-Stück *" },
  { "T-Stueck", "T-Stück *" },
  { "T Stück", "T-Stück *" },
  { "Tstück", "T-Stück *" },
  { "t-stuck", "T-Stück *" },
  { "T-STÜCKE", "T-Stück *" },
  { "T-Stück 15 mm", "T-Stück Kupfer 15 mm" },
  { "T-Stück 15mm", "T-Stück Kupfer 15 mm" },
  { "T-Stück 15er", "T-Stück Kupfer 15 mm" },
  { "15er T-Stück", "T-Stück Kupfer 15 mm" },
  { "T-Stück fünfzehn", "T-Stück Kupfer 15 mm" },
  { "fünfzehner T-Stück", "T-Stück Kupfer 15 mm" },
  { "T Stück 1/2\"", "T-Stück verzinkt 1/2 Zoll" },
  { "T-Stück halb Zoll", "T-Stück verzinkt 1/2 Zoll" },
  { "Schrägsitzventil DN 20", "Schrägsitzventil Rotguss DN 20" },
  { "schraegsitzventil dn20", "Schrägsitzventil Rotguss DN 20" },
  { "zwanzig T-Stücke fünfzehn Millimeter", "T-Stück Kupfer 15 mm" },
  { "20 T-Stücke 15 mm", "T-Stück Kupfer 15 mm" },
  { "zwanzig T-Stücke fünfzehn", "T-Stück Kupfer 15 mm" },
  { "zwanzig Stück T-Stück fünfzehner Kupfer", "T-Stück Kupfer 15 mm" },
  { "ich brauche 20 T-Stücke in 15 Millimeter bitte", "T-Stück Kupfer 15 mm" },
  /* Compounds and typos */
  { "Kupfer T-Stück 22", "T-Stück Kupfer 22 mm" },
  { "Kupfer-T-Stück zweiundzwanzig", "T-Stück Kupfer 22 mm" },
  { "T-Stük 15 mm", "T-Stück Kupfer 15 mm" },
  { "Tstuk 18er", "T-Stück Kupfer 18 mm" },
  { "Abzweig Kupfer 28 mm", "T-Stück Kupfer 28 mm" },
  { "Verbundrohr T 16", "T-Stück Verbundrohr 16 mm" },
  { "T-Stück 22 15 22", "T-Stück Kupfer reduziert 22 x 15 x 22 mm" },
  { "T-Stück 22x15x22", "T-Stück Kupfer reduziert 22 x 15 x 22 mm" },
  { "T-Stück zweiundzwanzig fünfzehn zweiundzwanzig", "T-Stück Kupfer reduziert 22 x 15 x 22 mm" },
  { "reduziertes T-Stück 18 auf 15", "T-Stück Kupfer reduziert 18 x 15 x 18 mm" },
  { "Edelstahl T-Stück pressen 22", "Press-T-Stück Edelstahl 22 mm" },
  { "T-Stück VA 15 mm", "Press-T-Stück Edelstahl 15 mm" },
  { "Bogen 15", "Bogen Kupfer 90° 15 mm" },
  { "Boegen Kupfer 22 mm", "Bogen Kupfer 90° 22 mm" },
  { "Kupferbogen 45 Grad 22", "Bogen Kupfer 45° 22 mm" },
  { "Kupferbögen neunzig Grad fünfzehn Millimeter", "Bogen Kupfer 90° 15 mm" },
  { "Bögen fünfundvierzig Grad 18 mm", "Bogen Kupfer 45° 18 mm" },
  { "Kupferbögen achtundzwanziger", "Bogen Kupfer 90° 28 mm" },
  { "Pressbogen Edelstahl 18", "Pressbogen Edelstahl 90° 18 mm" },
  { "Winkel verzinkt dreiviertel Zoll", "Winkel verzinkt 90° 3/4 Zoll" },
  { "Winkel Messing ein Zoll", "Winkel Messing 90° 1 Zoll" },
  { "Wandscheibe 15 auf halb Zoll", "Wandscheibe Rotguss 15 mm x 1/2 Zoll" },
  { "Wandscheibe Verbundrohr 16", "Wandscheibe Verbundrohr 16 mm x 1/2 Zoll" },
  { "Muffe 15", "Muffe Kupfer 15 mm" },
  { "Muffen 15 mm", "Muffe Kupfer 15 mm" },
  { "Kupfermuffen 28er", "Muffe Kupfer 28 mm" },
  { "Schiebemuffe 18", "Schiebemuffe Kupfer 18 mm" },
  { "Reparaturmuffe 22 mm", "Schiebemuffe Kupfer 22 mm" },
  { "Muffe verzinkt eineinviertel Zoll", "Muffe verzinkt 1 1/4 Zoll" },
  { "Gewindemuffe fünfviertel Zoll", "Muffe verzinkt 1 1/4 Zoll" },
  { "Reduziermuffe 22 auf 15", "Reduziermuffe Kupfer 22 x 15 mm" },
  { "Reduzier Muffe 22x18", "Reduziermuffe Kupfer 22 x 18 mm" },
  { "Reduzierung 28 auf 22 Kupfer", "Reduziermuffe Kupfer 28 x 22 mm" },
  { "Reduziermufe 18x15", "Reduziermuffe Kupfer 18 x 15 mm" },
  { "Reduziermuffe verzinkt dreiviertel auf halb Zoll", "Reduziermuffe verzinkt 3/4 x 1/2 Zoll" },
  { "Übergangsmuffe 15 x 1/2\"", "Übergangsmuffe Rotguss Innengewinde 15 mm x 1/2 Zoll" },
  { "Uebergangsnippel 22 auf dreiviertel", "Übergangsnippel Rotguss Außengewinde 22 mm x 3/4 Zoll" },
  { "Übergang Außengewinde 18 halb Zoll", "Übergangsnippel Rotguss Außengewinde 18 mm x 1/2 Zoll" },
  { "uebergang aussengewinde 18", "Übergangsnippel Rotguss Außengewinde 18 mm x 1/2 Zoll" },
  { "Endkappe 15", "Kappe Kupfer 15 mm" },
  { "Stopfen verzinkt halb Zoll", "Stopfen verzinkt 1/2 Zoll" },
  { "Kupferrohr 15", "Kupferrohr Stange 15 x 1 mm" },
  { "Kupfer Rohr 22 mm", "Kupferrohr Stange 22 x 1 mm" },
  { "Rohr Kupfer achtzehn", "Kupferrohr Stange 18 x 1 mm" },
  { "zehn Meter Kupferrohr 18x1", "Kupferrohr Stange 18 x 1 mm" },
  { "Kupferrohr weich 15", "Kupferrohr Ring 15 x 1 mm" },
  { "Verbundrohr 16 mal 2", "Verbundrohr Rolle 16 x 2 mm" },
  { "Alu-Verbundrohr 20", "Verbundrohr Rolle 20 x 2 mm" },
  { "Pex Rohr 16", "PE-X-Rohr 16 x 2,2 mm" },
  { "PE-X 20", "PE-X-Rohr 20 x 2,8 mm" },
  { "Fussbodenheizungsrohr 16", "Fußbodenheizungsrohr PE-RT 16 x 2 mm" },
  { "Fußboden-Heizungsrohr 17x2", "Fußbodenheizungsrohr PE-RT 17 x 2 mm" },
  { "HT-Rohr DN 50 1000 mm", "HT-Rohr DN 50 1000 mm" },
  { "HT Rohr 110er 500 mm", "HT-Rohr DN 110 500 mm" },
  { "HT-Bogen DN 50 45°", "HT-Bogen DN 50 45°" },
  { "HT Bogen 110 87 Grad", "HT-Bogen DN 110 87°" },
  { "HT-Bogen DN hundertzehn fünfundvierzig Grad", "HT-Bogen DN 110 45°" },
  { "HT-Abzweig 110/50", "HT-Abzweig DN 110/50 45°" },
  { "HT Abzweig DN 110 auf 50 87 Grad", "HT-Abzweig DN 110/50 87°" },
  { "HT-Reduktion 75 auf 50", "HT-Reduktion DN 75/50" },
  { "Kugelhahn dreiviertel", "Kugelhahn Messing 3/4 Zoll" },
  { "Kugelhähne 1 Zoll", "Kugelhahn Messing 1 Zoll" },
  { "Kugelhaehne ein Zoll", "Kugelhahn Messing 1 Zoll" },
  { "Kugelhahn DN 20", "Kugelhahn Messing 3/4 Zoll" },
  { "Kugel Hahn halbzöllig", "Kugelhahn Messing 1/2 Zoll" },
  { "Kugelhan 1/2 Zoll", "Kugelhahn Messing 1/2 Zoll" },
  { "Messingkugelhahn 1 1/4\"", "Kugelhahn Messing 1 1/4 Zoll" },
  { "Gashahn halb Zoll", "Gaskugelhahn 1/2 Zoll" },
  { "Füllhahn", "KFE-Hahn Messing 1/2 Zoll" },
  { "Wasserhahn", "Auslaufhahn verchromt *" },
  { "Eckventil", "Eckventil *" },
  { "Eckventil mit Filter", "Eckventil mit Filter 1/2 x 3/8 Zoll" },
  { "Rückschlagventil 3/4", "Rückflussverhinderer Messing 3/4 Zoll" },
  { "Druckminderer einzöllig", "Druckminderer Messing 1 Zoll" },
  { "Sicherheitsventil Heizung 1/2", "Sicherheitsventil Heizung 1/2 Zoll" },
  { "Flachdichtungen dreiviertel Zoll", "Flachdichtung Faser 3/4 Zoll" },
  { "O-Ring 22", "O-Ring EPDM 22 mm" },
  { "Oringe 15", "O-Ring EPDM 15 mm" },
  { "Hanf", "Hanf Zopf 100 g" },
  { "Teflonband", "Gewindedichtband PTFE 12 mm x 12 m" },
  { "Doppelnippel 1 Zoll", "Doppelnippel Messing 1 Zoll" },
  { "Eurokonus 16", "Klemmverschraubung Verbundrohr 16 mm x 3/4 Zoll" },
  { "Hahnverlängerung 30 mm", "Hahnverlängerung Messing 1/2 Zoll x 30 mm" },
  { "Waschbeckensiphon", "Röhrensiphon *" },
  { "Syphon Spüle", "Spülensiphon Kunststoff 1 1/2 Zoll" },
  { "Toilette", "Wand-Tiefspül-WC spülrandlos weiß" },
  { "Klobrille", "WC-Sitz mit Absenkautomatik" },
  { "Waschbecken 60 cm", "Waschtisch weiß 600 mm" },
  { "Küchenarmatur", "Spültisch-Einhebelmischer *" },
  { "Rohrschellen 15", "Rohrschelle mit Gummi 15 mm" },
  { "Schellen für DN 110", "Rohrschelle mit Gummi DN 110" },
  { "Stockschrauben M8x80", "Stockschraube M8 x 80" },
  { "Rohrabschneider", "Rohrabschneider 3 bis 35 mm" },
  { "Weichlot", "Weichlot Rolle 250 g" },
  { "Umwälzpumpe 25-60", "Umwälzpumpe Hocheffizienz 25-60" },
  { "Heizkörper 600 x 1000", "Heizkörper Typ 22 600 x 1000 mm" },
  { "Ausdehnungsgefäß 25 Liter", "Ausdehnungsgefäß Heizung 25 l" },
  { "Ausdehnungsgefaess 25 l", "Ausdehnungsgefäß Heizung 25 l" },
  { "Rohrisolierung 22", "Rohrdämmung PE 22 x 20 mm" },
  { "Heizkreisverteiler 4 Kreise", "Heizkreisverteiler Edelstahl 4 Kreise" },
  { "10113", "T-Stück Kupfer 15 mm" },
  { "10 113", "T-Stück Kupfer 15 mm" },
};

static BbCatalogue *catalogue;

static void
report (const char *query, const char *expected, GPtrArray *matches)
{
  g_test_message ("“%s”: expected %s first, got:", query, expected);
  for (guint i = 0; i < matches->len && i < 4; i++)
    {
      const BbMatch *match = g_ptr_array_index (matches, i);

      g_test_message ("   %.3f %s (%s)", match->score, match->product->name, match->reason);
    }
  g_test_fail ();
}

static gboolean
fits (const char *name, const char *expected)
{
  gsize length = strlen (expected);

  if (expected[length - 1] == '*')
    return strncmp (name, expected, length - 1) == 0;
  return g_str_equal (name, expected);
}

static void
test_phrases (void)
{
  g_test_message ("%zu phrases", G_N_ELEMENTS (phrases));
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      g_autoptr (GPtrArray) matches
          = bb_catalogue_search (catalogue, phrases[i].query, NULL, 8);
      const BbMatch *first = matches->len > 0 ? g_ptr_array_index (matches, 0) : NULL;

      if (first == NULL || !fits (first->product->name, phrases[i].first))
        report (phrases[i].query, phrases[i].first, matches);
    }
}

/* Every product is found first, or beside its like, by its own name. */
static void
test_own_names (void)
{
  for (guint i = 0; i < bb_catalogue_get_n_products (catalogue); i++)
    {
      const BbProduct *product = bb_catalogue_get_product (catalogue, i);
      g_autoptr (GPtrArray) matches = bb_catalogue_search (catalogue, product->name, NULL, 3);
      g_autofree char *upper = g_utf8_strup (product->name, -1);
      g_autoptr (GPtrArray) shouted = bb_catalogue_search (catalogue, upper, NULL, 1);
      const BbMatch *first;

      if (matches->len == 0
          || ((const BbMatch *) g_ptr_array_index (matches, 0))->product != product)
        report (product->name, product->number, matches);
      first = shouted->len > 0 ? g_ptr_array_index (shouted, 0) : NULL;
      if (first == NULL || first->product != product)
        report (upper, product->number, shouted);
    }
}

/* A size that was asked for is never answered with another one. */
static void
test_size_decides (void)
{
  g_autoptr (GPtrArray) matches = bb_catalogue_search (catalogue, "T-Stück 15 mm", NULL, 50);
  g_autoptr (GPtrArray) none = bb_catalogue_search (catalogue, "T-Stück Kupfer 17 mm", NULL, 50);

  g_assert_cmpuint (matches->len, >=, 4);
  for (guint i = 0; i < matches->len; i++)
    {
      const BbMatch *match = g_ptr_array_index (matches, i);

      g_assert_nonnull (strstr (match->product->size, "15"));
      g_assert_nonnull (strstr (match->reason, "15 mm"));
    }

  /* What nobody makes: what there is, marked and far below a real match. */
  g_assert_cmpuint (none->len, >, 0);
  for (guint i = 0; i < none->len; i++)
    {
      const BbMatch *match = g_ptr_array_index (none, i);

      g_assert_cmpfloat (match->score, <, 0.5);
      g_assert_nonnull (strstr (match->reason, "not 17 mm"));
    }
}

static void
test_group (void)
{
  g_autoptr (GPtrArray) all = bb_catalogue_search (catalogue, "15 mm", "t-stueck", 100);
  g_autoptr (GPtrArray) listed = bb_catalogue_search (catalogue, "", "Bögen", 100);
  g_autoptr (GPtrArray) unknown = bb_catalogue_search (catalogue, "15 mm", "Autos", 100);
  g_autoptr (GPtrArray) elsewhere = bb_catalogue_search (catalogue, "10113", "Bögen", 100);

  g_assert_cmpuint (all->len, >, 2);
  for (guint i = 0; i < all->len; i++)
    g_assert_cmpstr (((const BbMatch *) g_ptr_array_index (all, i))->product->group, ==,
                     "T-Stücke");
  g_assert_cmpuint (listed->len, ==, bb_catalogue_count_group (catalogue, "boegen"));
  g_assert_cmpuint (unknown->len, ==, 0);
  g_assert_cmpuint (elsewhere->len, ==, 0);
}

static void
test_nonsense (void)
{
  static const char *const rows[]
      = { "",   " ",    "qqqqqqqq", "ich hätte gern bitte", "\xff\xfe", "Pizza Salami",
          NULL, "ein", "!!!",      "🚽" };
  g_autoptr (GString) huge = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) matches = bb_catalogue_search (catalogue, rows[i], NULL, 5);

      if (matches->len > 0)
        report (rows[i], "nothing", matches);
    }
  for (guint i = 0; i < 20000; i++)
    g_string_append (huge, i % 7 == 0 ? " 15x" : "muffe");
  {
    g_autoptr (GPtrArray) matches = bb_catalogue_search (catalogue, huge->str, NULL, 5);
    g_autoptr (GPtrArray) zero = bb_catalogue_search (catalogue, "Muffe", NULL, 0);

    g_assert_cmpuint (matches->len, <=, 5);
    g_assert_cmpuint (zero->len, ==, 0);
  }
}

static void
test_order_is_stable (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i += 9)
    {
      g_autoptr (GPtrArray) ten = bb_catalogue_search (catalogue, phrases[i].query, NULL, 10);
      g_autoptr (GPtrArray) five = bb_catalogue_search (catalogue, phrases[i].query, NULL, 5);

      g_assert_cmpuint (five->len, ==, MIN (ten->len, 5));
      for (guint j = 0; j < ten->len; j++)
        {
          const BbMatch *match = g_ptr_array_index (ten, j);

          g_assert_cmpfloat (match->score, >, 0.0);
          g_assert_cmpfloat (match->score, <=, 1.0);
          if (j < five->len)
            g_assert_true (((BbMatch *) g_ptr_array_index (five, j))->product == match->product);
          if (j > 0)
            g_assert_cmpfloat (match->score - 0.0001, <=,
                               ((BbMatch *) g_ptr_array_index (ten, j - 1))->score);
        }
    }
}

static void
test_edit_distance (void)
{
  g_assert_cmpuint (bb_search_edit_distance ("muffe", "muffe", 2), ==, 0);
  g_assert_cmpuint (bb_search_edit_distance ("mufe", "muffe", 2), ==, 1);
  g_assert_cmpuint (bb_search_edit_distance ("mfufe", "muffe", 2), ==, 1);
  g_assert_cmpuint (bb_search_edit_distance ("syphon", "siphon", 2), ==, 1);
  g_assert_cmpuint (bb_search_edit_distance ("abcdef", "ghijkl", 2), ==, 3);
  g_assert_cmpuint (bb_search_edit_distance ("", "ab", 2), ==, 2);
  g_assert_cmpuint (bb_search_edit_distance ("", "abc", 2), ==, 3);
}

/* Twice as many products must not cost four times the time: the ratio tells,
 * whatever the machine. */
static double
measure (guint n, gint64 *query_us)
{
  g_autoptr (GPtrArray) products
      = g_ptr_array_new_with_free_func ((GDestroyNotify) bb_product_unref);
  g_autoptr (BbSearchIndex) index = NULL;
  guint n_sample = bb_catalogue_get_n_products (catalogue);
  gint64 start;
  double build;

  for (guint i = 0; i < n; i++)
    {
      const BbProduct *sample = bb_catalogue_get_product (catalogue, i % n_sample);
      BbProduct *product = bb_product_new ();

      g_free (product->number);
      product->number = g_strdup_printf ("%u", 100000 + i);
      g_free (product->name);
      product->name = g_strdup_printf ("%s Serie %c%c", sample->name, 'A' + (i / 26) % 26,
                                       'A' + i % 26);
      g_free (product->group);
      product->group = g_strdup (sample->group);
      g_free (product->size);
      product->size = g_strdup (sample->size);
      g_free (product->aliases);
      product->aliases = g_strdup (sample->aliases);
      g_ptr_array_add (products, product);
    }

  start = g_get_monotonic_time ();
  index = bb_search_index_new (products);
  build = (double) (g_get_monotonic_time () - start);

  start = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GPtrArray) matches
          = bb_search_index_query (index, "zwanzig Kupfer T-Stüke fünfzehn Millimeter", NULL, 5);

      g_assert_cmpuint (matches->len, ==, 5);
    }
  *query_us = (g_get_monotonic_time () - start) / 20;
  return build;
}

static void
test_grows (void)
{
  gint64 small_query;
  gint64 large_query;
  double small = measure (375, &small_query);
  double large = measure (50000, &large_query);

  g_test_message ("375 products: index %.1f ms, query %.3f ms; 50,000: %.0f ms, %.2f ms",
                  small / 1000, (double) small_query / 1000, large / 1000,
                  (double) large_query / 1000);
  /* 133 times the products; quadratic growth would be 17,778 times the time. */
  g_assert_cmpfloat (large, <, 1500 * MAX (small, 100));
}

int
main (int argc, char *argv[])
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);
  catalogue = bb_catalogue_load (path, &error);
  g_assert_no_error (error);

  g_test_add_func ("/search/phrases", test_phrases);
  g_test_add_func ("/search/own-names", test_own_names);
  g_test_add_func ("/search/size-decides", test_size_decides);
  g_test_add_func ("/search/group", test_group);
  g_test_add_func ("/search/nonsense", test_nonsense);
  g_test_add_func ("/search/order-is-stable", test_order_is_stable);
  g_test_add_func ("/search/edit-distance", test_edit_distance);
  g_test_add_func ("/search/grows", test_grows);
  status = g_test_run ();
  bb_catalogue_unref (catalogue);
  return status;
}
