/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-order-export.h"
#include "bb-order-rules.h"
#include "bb-order-text.h"

#include <string.h>

static BbCatalogue *catalogue;

/* The settings with the limits of a test. */
static BbConfig *
settings (const char *language)
{
  const char *overrides[] = { "orders.max-quantity=100", "orders.max-lines=3",
                              "orders.max-total=500.00", NULL, NULL };
  g_autofree char *setting = g_strdup_printf ("realtime.language=%s", language);
  g_autoptr (GError) error = NULL;
  BbConfig *config;

  overrides[3] = setting;
  config = bb_config_load ("/dev/null", overrides, &error);
  g_assert_no_error (error);
  return config;
}

static void
assert_refused (GError **error, int code, const char *words)
{
  g_assert_error (*error, BB_ORDER_ERROR, code);
  if (strstr ((*error)->message, words) == NULL)
    g_error ("“%s” does not say “%s”", (*error)->message, words);
  g_clear_error (error);
}

static guint
quantity_of (BbOrder *order, const char *number)
{
  BbOrderLine *line = bb_order_find (order, number);

  return line != NULL ? bb_order_line_get_quantity (line) : 0;
}

static void
test_add (void)
{
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49301234");
  g_autoptr (GError) error = NULL;
  BbOrderLine *line;

  g_assert_true (bb_order_rules_add (order, catalogue, config, "10 113", 20, &error));
  g_assert_no_error (error);
  line = bb_order_find (order, "10113");
  g_assert_nonnull (line);
  /* Everything but the quantity is the catalogue's. */
  g_assert_cmpstr (bb_order_line_get_name (line), ==, "T-Stück Kupfer 15 mm");
  g_assert_cmpint (bb_order_line_get_price (line), ==, 152);
  g_assert_cmpstr (bb_order_line_get_unit (line), ==, "Stück");
  g_assert_cmpint (bb_order_get_total (order), ==, 3040);

  /* The same again adds up. */
  g_assert_true (bb_order_rules_add (order, catalogue, config, "10113", 5, &error));
  g_assert_cmpuint (quantity_of (order, "10113"), ==, 25);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 1);

  g_assert_false (bb_order_rules_add (order, catalogue, config, "99999", 1, &error));
  assert_refused (&error, BB_ORDER_ERROR_UNKNOWN_PRODUCT, "99999");
  g_assert_false (bb_order_rules_add (order, catalogue, config, "10113", 0, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "mindestens eins");
  g_assert_false (bb_order_rules_add (order, catalogue, config, "10113", 76, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "100 Stück");
  g_assert_false (bb_order_rules_add (order, catalogue, config, "10113", G_MAXUINT, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "100 Stück");
  g_assert_cmpuint (quantity_of (order, "10113"), ==, 25);
}

static void
test_whole_packs (void)
{
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (BbOrder) order = bb_order_new ("call", "");
  g_autoptr (GError) error = NULL;

  /* 20111: copper pipe in bars of 5 m */
  g_assert_false (bb_order_rules_add (order, catalogue, config, "20111", 12, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "10 Meter oder 15 Meter");
  g_assert_false (bb_order_rules_add (order, catalogue, config, "20111", 3, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "zum Beispiel 5 Meter");
  g_assert_true (bb_order_rules_add (order, catalogue, config, "20111", 10, &error));
  g_assert_no_error (error);
  g_assert_false (bb_order_rules_change (order, catalogue, config, "20111", 11, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "10 Meter oder 15 Meter");
  g_assert_cmpuint (quantity_of (order, "20111"), ==, 10);
}

static void
test_limits (void)
{
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (BbOrder) order = bb_order_new ("call", "");
  g_autoptr (GError) error = NULL;

  g_assert_true (bb_order_rules_add (order, catalogue, config, "10113", 1, &error));
  g_assert_true (bb_order_rules_add (order, catalogue, config, "10114", 1, &error));
  g_assert_true (bb_order_rules_add (order, catalogue, config, "10115", 1, &error));
  g_assert_false (bb_order_rules_add (order, catalogue, config, "10116", 1, &error));
  assert_refused (&error, BB_ORDER_ERROR_LIMIT, "3 Positionen");
  /* What is in it can still grow. */
  g_assert_true (bb_order_rules_add (order, catalogue, config, "10113", 1, &error));

  g_assert_true (bb_order_rules_remove (order, config, "10115", &error));
  /* 10119: 36.80 each, 500.00 at most */
  g_assert_false (bb_order_rules_add (order, catalogue, config, "10119", 14, &error));
  assert_refused (&error, BB_ORDER_ERROR_LIMIT, "500,00 €");
  g_assert_null (bb_order_find (order, "10119"));
  g_assert_true (bb_order_rules_add (order, catalogue, config, "10119", 13, &error));
  g_assert_false (bb_order_rules_change (order, catalogue, config, "10119", 14, &error));
  assert_refused (&error, BB_ORDER_ERROR_LIMIT, "500,00 €");
  /* The old quantity does not count twice. */
  g_assert_true (bb_order_rules_change (order, catalogue, config, "10119", 12, &error));
  g_assert_no_error (error);
}

static void
test_change_and_remove (void)
{
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (BbOrder) order = bb_order_new ("call", "");
  g_autoptr (GError) error = NULL;

  g_assert_false (bb_order_rules_change (order, catalogue, config, "10113", 5, &error));
  assert_refused (&error, BB_ORDER_ERROR_NOT_IN_ORDER, "10113");
  g_assert_false (bb_order_rules_remove (order, config, "10113", &error));
  assert_refused (&error, BB_ORDER_ERROR_NOT_IN_ORDER, "10113");

  g_assert_true (bb_order_rules_add (order, catalogue, config, "10113", 5, &error));
  g_assert_true (bb_order_rules_change (order, catalogue, config, "10-113", 7, &error));
  g_assert_cmpuint (quantity_of (order, "10113"), ==, 7);
  g_assert_false (bb_order_rules_change (order, catalogue, config, "10113", 0, &error));
  assert_refused (&error, BB_ORDER_ERROR_QUANTITY, "mindestens eins");
  g_assert_true (bb_order_rules_remove (order, config, "10 113", &error));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 0);
}

static void
test_read_back (void)
{
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (BbOrder) order = bb_order_new ("call", "");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_null (bb_order_rules_read_back (order, config, &error));
  assert_refused (&error, BB_ORDER_ERROR_EMPTY, "leer");
  g_assert_false (bb_order_rules_may_submit (order, config, &error));
  assert_refused (&error, BB_ORDER_ERROR_EMPTY, "leer");

  g_assert_true (bb_order_rules_add (order, catalogue, config, "10113", 20, &error));
  g_assert_true (bb_order_rules_add (order, catalogue, config, "20131", 2, &error));
  g_assert_false (bb_order_rules_may_submit (order, config, &error));
  assert_refused (&error, BB_ORDER_ERROR_NOT_READ_BACK, "vorgelesen");

  text = bb_order_rules_read_back (order, config, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==,
                   "Position 1: 20 Stück T-Stück Kupfer 15 mm, zusammen 30,40 €. "
                   "Position 2: 2 Rollen Kupferrohr Ring 15 x 1 mm, zusammen 278,00 €. "
                   "Gesamtsumme: 308,40 € netto.");
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_READ_BACK);
  g_assert_true (bb_order_rules_may_submit (order, config, &error));

  /* What was changed after that has not been read. */
  g_assert_true (bb_order_rules_change (order, catalogue, config, "10113", 21, &error));
  g_assert_false (bb_order_rules_may_submit (order, config, &error));
  assert_refused (&error, BB_ORDER_ERROR_NOT_READ_BACK, "vorgelesen");
}

static void
test_closed (void)
{
  static const BbOrderState states[] = { BB_ORDER_SUBMITTED, BB_ORDER_CANCELLED };
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (BbOrder) order = bb_order_new ("call", "");

      g_assert_true (bb_order_rules_add (order, catalogue, config, "10113", 1, &error));
      bb_order_set_state (order, states[i]);
      g_assert_false (bb_order_rules_add (order, catalogue, config, "10113", 1, &error));
      assert_refused (&error, BB_ORDER_ERROR_CLOSED, "abgeschlossen");
      g_assert_false (bb_order_rules_change (order, catalogue, config, "10113", 2, &error));
      assert_refused (&error, BB_ORDER_ERROR_CLOSED, "abgeschlossen");
      g_assert_false (bb_order_rules_remove (order, config, "10113", &error));
      assert_refused (&error, BB_ORDER_ERROR_CLOSED, "abgeschlossen");
      g_assert_null (bb_order_rules_read_back (order, config, &error));
      assert_refused (&error, BB_ORDER_ERROR_CLOSED, "abgeschlossen");
      g_assert_false (bb_order_rules_may_submit (order, config, &error));
      assert_refused (&error, BB_ORDER_ERROR_CLOSED, "abgeschlossen");
      g_assert_cmpuint (quantity_of (order, "10113"), ==, 1);
    }
}

/* Both languages have every sentence, with the same number of gaps. */
static void
test_languages (void)
{
  g_autoptr (BbConfig) german = settings ("de");
  g_autoptr (BbConfig) english = settings ("en");
  g_autoptr (BbOrder) order = bb_order_new ("call", "");
  g_autofree char *text = NULL;

  for (BbSpeech i = 0; i < BB_N_SPEECHES; i++)
    {
      g_autofree char *de = bb_speech (german, i, "@1", "@2", "@3", "@4");
      g_autofree char *en = bb_speech (english, i, "@1", "@2", "@3", "@4");

      g_assert_cmpuint (strlen (de), >, 5);
      g_assert_cmpuint (strlen (en), >, 5);
      g_assert_cmpstr (de, !=, en);
      for (guint gap = 1; gap <= 4; gap++)
        {
          const char mark[] = { '@', (char) ('0' + gap), '\0' };

          g_assert_true ((strstr (de, mark) != NULL) == (strstr (en, mark) != NULL));
        }
    }

  g_assert_true (bb_order_rules_add (order, catalogue, english, "10113", 2, NULL));
  text = bb_order_rules_read_back (order, english, NULL);
  g_assert_nonnull (strstr (text, "together €3.04"));
}

static void
test_export (void)
{
  g_autoptr (BbConfig) config = settings ("de");
  g_autoptr (BbOrder) first = bb_order_new ("call-1", "+49 30 1234");
  g_autoptr (BbOrder) second = bb_order_new ("call-2", "=HYPERLINK(\"x\")");
  g_autoptr (GPtrArray) orders = g_ptr_array_new ();
  g_autoptr (BbOrderLine) odd = bb_order_line_new ("7;8", "1/2\" Nippel", "Stück", 3, 10);
  g_autofree char *csv = NULL;
  g_autofree char *json = NULL;
  g_autofree char *empty = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *array;
  JsonObject *object;

  g_assert_true (bb_order_rules_add (first, catalogue, config, "10113", 20, NULL));
  g_assert_true (bb_order_rules_add (first, catalogue, config, "20110", 5, NULL));
  bb_order_set_number (first, "2026-000123");
  bb_order_set_state (first, BB_ORDER_SUBMITTED);
  bb_order_set_line (second, odd);
  bb_order_set_note (second, "zwei\nZeilen");
  g_ptr_array_add (orders, first);
  g_ptr_array_add (orders, second);

  csv = bb_orders_to_csv (orders, "EUR");
  lines = g_strsplit (csv, "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  g_assert_true (g_str_has_prefix (lines[0], "order;id;state;"));
  g_assert_true (g_str_has_prefix (lines[1], "2026-000123;"));
  g_assert_nonnull (
      strstr (lines[1], ";+49 30 1234;1;10113;T-Stück Kupfer 15 mm;Stück;20;1,52;30,40;EUR;"));
  g_assert_nonnull (strstr (lines[2], ";2;20110;"));
  g_assert_true (g_str_has_prefix (lines[3], ";"));
  g_assert_nonnull (strstr (lines[3], ";\"'=HYPERLINK(\"\"x\"\")\";1;\"7;8\";\"1/2\"\" Nippel\";"));
  g_assert_nonnull (strstr (lines[3], ";3;0,10;0,30;EUR;\"zwei\nZeilen\""));
  g_assert_cmpstr (lines[4], ==, "");

  json = bb_orders_to_json (orders, NULL);
  g_assert_null (strstr (json, "99999"));
  g_assert_nonnull (strstr (json, "\"total\": 30.4\n"));
  g_assert_true (json_parser_load_from_data (parser, json, -1, NULL));
  array = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  object = json_array_get_object_element (array, 0);
  g_assert_cmpstr (json_object_get_string_member (object, "number"), ==, "2026-000123");
  g_assert_cmpstr (json_object_get_string_member (object, "state"), ==, "submitted");
  g_assert_cmpfloat (json_object_get_double_member (object, "total"), ==, 51.90);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "lines")), ==, 2);
  object = json_array_get_object_element (array, 1);
  g_assert_true (json_object_get_null_member (object, "number"));
  g_assert_cmpstr (json_object_get_string_member (object, "note"), ==, "zwei\nZeilen");

  g_ptr_array_set_size (orders, 0);
  empty = bb_orders_to_json (orders, NULL);
  g_assert_cmpstr (empty, ==, "[]\n");
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

  g_test_add_func ("/order-rules/add", test_add);
  g_test_add_func ("/order-rules/whole-packs", test_whole_packs);
  g_test_add_func ("/order-rules/limits", test_limits);
  g_test_add_func ("/order-rules/change-and-remove", test_change_and_remove);
  g_test_add_func ("/order-rules/read-back", test_read_back);
  g_test_add_func ("/order-rules/closed", test_closed);
  g_test_add_func ("/order-rules/languages", test_languages);
  g_test_add_func ("/order-export/csv-and-json", test_export);
  status = g_test_run ();
  bb_catalogue_unref (catalogue);
  return status;
}
