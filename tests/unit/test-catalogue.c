/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-catalogue-load.h"
#include "bb-catalogue.h"
#include "bb-csv.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEADER "number;name;group;unit;price\n"

/* Text → products, or the error's text. */
static GPtrArray *
parse (const char *text, char **message)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *products = bb_catalogue_parse ("list.csv", text, strlen (text), &error);

  g_clear_pointer (message, g_free);
  if (products == NULL)
    {
      g_assert_cmpint (error->domain, ==, BB_CATALOGUE_ERROR);
      *message = g_strdup (error->message);
    }
  else
    {
      g_assert_no_error (error);
    }
  return products;
}

static void
test_forms (void)
{
  static const struct
  {
    const char *text;
    gint64 price;
  } rows[] = {
    { HEADER "1;Muffe;Muffen;Stück;1,50\n", 150 },
    { HEADER "1;Muffe;Muffen;Stück;1.5", 150 },
    { "\xef\xbb\xbf" HEADER "1;Muffe;Muffen;Stück;1,50\n", 150 },
    { "number;name;group;unit;price\r\n1;Muffe;Muffen;Stück;1,50\r\n\r\n", 150 },
    { "number,name,group,unit,price\n1,Muffe,Muffen,Stück,\"1,50\"\n", 150 },
    { "number\tname\tgroup\tunit\tprice\n1\tMuffe\tMuffen\tStück\t1.234,50 €\n", 123450 },
    { "Preis;Einheit;Warengruppe;Bezeichnung;Artikelnummer;Lager\n1;Stück;Muffen;Muffe;1;egal\n",
      100 },
    { "PRICE;Unit;GROUP;Name;NUMBER\n1,234.50;Stück;Muffen;Muffe;1\n", 123450 },
    { HEADER "1;\"Muffe\";\"Muffen\";\"Stück\";\"0\"\n", 0 },
    { "[{\"number\": \"1\", \"name\": \"Muffe\", \"group\": \"Muffen\", \"unit\": \"Stück\","
      " \"price\": 1.5}]",
      150 },
    { " \n[{\"number\": 1, \"name\": \"Muffe\", \"group\": \"Muffen\", \"unit\": \"Stück\","
      " \"price\": \"1,50\", \"material\": null, \"aliases\": []}]",
      150 },
  };
  g_autofree char *message = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) products = parse (rows[i].text, &message);
      const BbProduct *product;

      if (products == NULL)
        g_error ("row %zu: %s", i, message);
      g_assert_cmpuint (products->len, ==, 1);
      product = g_ptr_array_index (products, 0);
      g_assert_cmpstr (product->number, ==, "1");
      g_assert_cmpstr (product->name, ==, "Muffe");
      g_assert_cmpstr (product->group, ==, "Muffen");
      g_assert_cmpstr (product->unit, ==, "Stück");
      g_assert_cmpint (product->price, ==, rows[i].price);
      g_assert_cmpuint (product->pack_size, ==, 1);
      g_assert_false (product->whole_packs);
    }
}

static void
test_all_fields (void)
{
  g_autofree char *message = NULL;
  g_autoptr (GPtrArray) csv = parse (
      "number;name;group;material;size;unit;price;pack_size;whole_packs;aliases;description\n"
      "A-1; \"Nippel\" ;Nippel;Messing;\"1/2\"\"\";Stück;2,10;10;ja;Doppel|N;\"zwei\nZeilen\"\n",
      &message);
  g_autoptr (GPtrArray) json = parse (
      "[{\"number\":\"A-1\",\"name\":\"\\\"Nippel\\\"\",\"group\":\"Nippel\",\"material\":"
      "\"Messing\",\"size\":\"1/2\\\"\",\"unit\":\"Stück\",\"price\":2.1,\"pack_size\":10,"
      "\"whole_packs\":true,\"aliases\":[\"Doppel\",\"N\"],\"description\":\"zwei\\nZeilen\"}]",
      &message);
  GPtrArray *both[] = { csv, json };

  for (gsize i = 0; i < 2; i++)
    {
      const BbProduct *product;

      g_assert_nonnull (both[i]);
      product = g_ptr_array_index (both[i], 0);
      g_assert_cmpstr (product->number, ==, "A-1");
      g_assert_cmpstr (product->name, ==, "\"Nippel\"");
      g_assert_cmpstr (product->material, ==, "Messing");
      g_assert_cmpstr (product->size, ==, "1/2\"");
      g_assert_cmpint (product->price, ==, 210);
      g_assert_cmpuint (product->pack_size, ==, 10);
      g_assert_true (product->whole_packs);
      g_assert_cmpstr (product->aliases, ==, "Doppel|N");
      g_assert_cmpstr (product->description, ==, "zwei\nZeilen");
    }
}

/* Each wrong file, and what its message must say: the line, and a part of the remedy. */
static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    const char *line;
    const char *words;
  } rows[] = {
    { "", "list.csv:1: ", "header" },
    { "\n\n", "list.csv:1: ", "header" },
    { HEADER, "list.csv:1: ", "no product" },
    { "number;name;group;unit\n1;a;b;c\n", "list.csv:1: ", "“price”" },
    { "number;name;name;group;unit;price\n", "list.csv:1: ", "twice" },
    { HEADER "1;a;b;c;1\n1;d;b;c;1\n", "list.csv:3: ", "line 2" },
    { HEADER "10 1;a;b;c;1\n\n10-1;d;b;c;1\n", "list.csv:4: ", "line 2" },
    { HEADER "1;a;b;c;zwölf\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;1,2,3\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;0,085\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;1.234\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;12e3\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;,\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;99999999999999999999\n", "list.csv:2: ", "12,34" },
    { HEADER "1;a;b;c;99999999\n", "list.csv:2: ", "decimal comma" },
    { HEADER "1;a;b;c;-1,00\n", "list.csv:2: ", "negative" },
    { HEADER "1;;b;c;1\n", "list.csv:2: ", "“name” is empty" },
    { HEADER "1;  ;b;c;1\n", "list.csv:2: ", "“name” is empty" },
    { HEADER "--;a;b;c;1\n", "list.csv:2: ", "neither letters nor digits" },
    { HEADER "1;a;b;c;1;2\n", "list.csv:2: ", "6 fields" },
    { HEADER "1;a;b\n", "list.csv:2: ", "3 fields" },
    { HEADER "1;\"a;b;c;1\n2;d;b;c;1\n", "list.csv:2: ", "never closed" },
    { HEADER "1;\"a\"x;b;c;1\n", "list.csv:2: ", "double those" },
    { HEADER "1;\"a\nb\";b;c;1\n2;x;y;z;?\n", "list.csv:4: ", "12,34" },
    { HEADER "1;M\xfc" "ffe;b;c;1\n", "list.csv:2: ", "UTF-8" },
    { "number;name;group;unit;price;pack_size\n1;a;b;c;1;0\n", "list.csv:2: ", "whole number" },
    { "number;name;group;unit;price;pack_size\n1;a;b;c;1;1,5\n", "list.csv:2: ", "whole number" },
    { "number;name;group;unit;price;whole_packs\n1;a;b;c;1;vielleicht\n", "list.csv:2: ",
      "neither yes" },
    { "[\n{\"number\":1,\n}\n]", "list.csv:2: ", "no JSON" },
    { "{\"number\":1}", "list.csv:1: ", "array" },
    { "[\n1\n]", "list.csv:2: ", "no object" },
    { "[\n{\"number\":1,\"name\":\"a\",\n\"group\":\"[,]\",\"unit\":\"c\",\"price\":1},\n"
      "{\"number\":1,\"name\":\"a\",\"group\":\"b\",\"unit\":\"c\",\"price\":1}]",
      "list.csv:4: ", "line 2" },
    { "[{\"number\":[1],\"name\":\"a\",\"group\":\"b\",\"unit\":\"c\",\"price\":{}}]",
      "list.csv:1: ", "text or a number" },
    { "[{\"number\":1,\"name\":\"a\",\"group\":\"b\",\"unit\":\"c\",\"price\":-1}]",
      "list.csv:1: ", "negative" },
    { "[{\"number\":1,\"name\":\"a\",\"group\":\"b\",\"unit\":\"c\",\"price\":1,"
      "\"aliases\":[1]}]",
      "list.csv:1: ", "list of texts" },
    { "[]", "list.csv:1: ", "no product" },
    { "[]\n[]", "list.csv:2: ", "one array" },
    { "[\n// none\n]", "list.csv:2: ", "one array" },
    { "[\n{'number':1}]", "list.csv:2: ", "one array" },
  };
  g_autofree char *message = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) products = parse (rows[i].text, &message);

      if (products != NULL || !g_str_has_prefix (message, rows[i].line)
          || strstr (message, rows[i].words) == NULL)
        {
          g_test_message ("row %zu: expected %s…%s, got: %s", i, rows[i].line, rows[i].words,
                          products != NULL ? "products" : message);
          g_test_fail ();
        }
    }
}

static void
test_many_errors (void)
{
  g_autoptr (GString) text = g_string_new (HEADER);
  g_autofree char *message = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GPtrArray) products = NULL;

  for (guint i = 0; i < 30; i++)
    g_string_append_printf (text, "%u;a;b;c;teuer\n", i + 1);
  products = parse (text->str, &message);
  g_assert_null (products);
  lines = g_strsplit (message, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, BB_CATALOGUE_MAX_PROBLEMS + 1);
  g_assert_true (g_str_has_prefix (lines[0], "list.csv:2: "));
  g_assert_true (g_str_has_prefix (lines[19], "list.csv:21: "));
  g_assert_nonnull (strstr (lines[20], "10 more problems"));
}

/* Whatever bytes come: an error or products, never a crash. */
static void
test_garbage (void)
{
  static const char alphabet[] = "\";,\n\r\t[]{}:\\01ae\xc3\xbc-.nu";

  for (guint i = 0; i < 20000; i++)
    {
      char text[64];
      gsize length = (gsize) g_test_rand_int_range (0, sizeof text);
      g_autoptr (GPtrArray) products = NULL;
      g_autoptr (GError) error = NULL;

      for (gsize j = 0; j < length; j++)
        text[j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      products = bb_catalogue_parse ("garbage", text, length, &error);
      g_assert_true ((products == NULL) == (error != NULL));
    }
}

static void
test_csv_round_trip (void)
{
  static const char *const fields[]
      = { "einfach", "", "mit;Strichpunkt", "mit \"Anführung\"", "zwei\nZeilen", " Rand ",
          "Größe" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) read = g_ptr_array_new_with_free_func (g_free);
  BbCsvReader reader;

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (i > 0)
        g_string_append_c (text, ';');
      bb_csv_append_field (text, fields[i], ';');
    }
  g_string_append (text, "\r\n");

  bb_csv_reader_init (&reader, text->str, text->len, ';');
  g_assert_cmpint (bb_csv_reader_next (&reader, read), ==, BB_CSV_RECORD);
  g_assert_cmpuint (read->len, ==, G_N_ELEMENTS (fields));
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    g_assert_cmpstr (g_ptr_array_index (read, i), ==, fields[i]);
  g_assert_cmpint (bb_csv_reader_next (&reader, read), ==, BB_CSV_END);
}

static BbCatalogue *
load_sample (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);
  g_autoptr (GError) error = NULL;
  BbCatalogue *catalogue = bb_catalogue_load (path, &error);

  g_assert_no_error (error);
  return catalogue;
}

static void
test_sample (void)
{
  g_autoptr (BbCatalogue) catalogue = load_sample ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  const char *const *groups = bb_catalogue_get_groups (catalogue);
  const BbProduct *product = NULL;
  guint counted = 0;

  g_assert_cmpuint (bb_catalogue_get_n_products (catalogue), ==, 375);
  for (guint i = 0; i < 375; i++)
    {
      const BbProduct *one = bb_catalogue_get_product (catalogue, i);

      /* Names are what the caller hears: two alike could not be told apart. */
      g_assert_true (g_hash_table_add (names, one->name));
      g_assert_cmpint (one->price, >, 0);
      g_assert_cmpint (one->price, <, 50000);
      g_assert_true (bb_catalogue_lookup (catalogue, one->number) == one);
      if (g_str_equal (one->name, "T-Stück Kupfer 15 mm"))
        product = one;
    }
  g_assert_null (bb_catalogue_get_product (catalogue, 375));

  g_assert_nonnull (product);
  g_assert_cmpstr (product->group, ==, "T-Stücke");
  g_assert_cmpstr (product->material, ==, "Kupfer");
  g_assert_cmpstr (product->size, ==, "15 mm");

  g_assert_cmpstr (groups[0], ==, "T-Stücke");
  for (guint i = 0; groups[i] != NULL; i++)
    counted += bb_catalogue_count_group (catalogue, groups[i]);
  g_assert_cmpuint (counted, ==, 375);
}

static void
test_lookup (void)
{
  g_autoptr (BbCatalogue) catalogue = load_sample ();
  const BbProduct *product = bb_catalogue_lookup (catalogue, "10113");

  g_assert_nonnull (product);
  g_assert_true (bb_catalogue_lookup (catalogue, "10 113") == product);
  g_assert_true (bb_catalogue_lookup (catalogue, " 10.113 ") == product);
  g_assert_null (bb_catalogue_lookup (catalogue, "1011"));
  g_assert_null (bb_catalogue_lookup (catalogue, ""));
  g_assert_null (bb_catalogue_lookup (catalogue, NULL));
  g_assert_cmpuint (bb_catalogue_count_group (catalogue, "t stück"), ==, 30);
  g_assert_cmpuint (bb_catalogue_count_group (catalogue, "BOEGEN"), ==, 17);
  g_assert_cmpuint (bb_catalogue_count_group (catalogue, "Autos"), ==, 0);
  g_assert_cmpuint (bb_catalogue_count_group (catalogue, NULL), ==, 0);
}

static void
test_file_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("catalogue-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "list.csv", NULL);
  g_autoptr (BbCatalogue) catalogue = NULL;

  g_assert_null (bb_catalogue_load (path, &error));
  g_assert_error (error, BB_CATALOGUE_ERROR, BB_CATALOGUE_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);

  g_assert_null (bb_catalogue_load (folder, &error));
  g_assert_error (error, BB_CATALOGUE_ERROR, BB_CATALOGUE_ERROR_FILE);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, HEADER "1;a;b;c;x\n", -1, NULL));
  g_assert_null (bb_catalogue_load (path, &error));
  g_assert_error (error, BB_CATALOGUE_ERROR, BB_CATALOGUE_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, HEADER "1;a;b;c;1\n", -1, NULL));
  catalogue = bb_catalogue_load (path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (catalogue);
  g_remove (path);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogue/forms", test_forms);
  g_test_add_func ("/catalogue/all-fields", test_all_fields);
  g_test_add_func ("/catalogue/errors", test_errors);
  g_test_add_func ("/catalogue/many-errors", test_many_errors);
  g_test_add_func ("/catalogue/garbage", test_garbage);
  g_test_add_func ("/catalogue/csv-round-trip", test_csv_round_trip);
  g_test_add_func ("/catalogue/sample", test_sample);
  g_test_add_func ("/catalogue/lookup", test_lookup);
  g_test_add_func ("/catalogue/file-errors", test_file_errors);
  return g_test_run ();
}
