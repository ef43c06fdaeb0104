/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-order-text.h"
#include "bb-tools.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

typedef struct
{
  char *folder;
  char *path;
  BbConfig *config;
  BbOrderStore *store;
  BbOrder *order;
  BbToolbox *toolbox;
} Fixture;

static BbCatalogue *catalogue;

static BbConfig *
settings (const char *const *more)
{
  g_autoptr (GPtrArray) overrides = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  BbConfig *config;

  g_ptr_array_add (overrides, (gpointer) "orders.max-quantity=500");
  for (guint i = 0; more != NULL && more[i] != NULL; i++)
    g_ptr_array_add (overrides, (gpointer) more[i]);
  g_ptr_array_add (overrides, NULL);
  config = bb_config_load ("/dev/null", (const char *const *) overrides->pdata, &error);
  g_assert_no_error (error);
  return config;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("tools-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "orders.db", NULL);
  f->config = settings (data);
  f->store = bb_order_store_open (f->path, &error);
  g_assert_no_error (error);
  f->order = bb_order_new ("call", "+49301234");
  f->toolbox = bb_toolbox_new (catalogue, f->store, f->config, f->order);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  static const char *const files[] = { "orders.db", "orders.db-wal", "orders.db-shm" };

  g_assert_finalize_object (f->toolbox);
  g_assert_finalize_object (f->order);
  g_assert_finalize_object (f->store);
  bb_config_unref (f->config);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (f->folder, files[i], NULL);

      g_remove (path);
    }
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  char **answer = user_data;

  *answer = bb_toolbox_call_finish (BB_TOOLBOX (source), result);
}

/* Runs a tool; its answer as an object. */
static JsonObject *
call (Fixture *f, const char *name, const char *arguments)
{
  g_autofree char *answer = NULL;
  g_autoptr (JsonNode) node = NULL;

  bb_toolbox_call_async (f->toolbox, name, arguments, NULL, on_answer, &answer);
  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_test_message ("%.200s", answer);
  /* Compact: one line. */
  g_assert_null (strchr (answer, '\n'));
  node = json_from_string (answer, NULL);
  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

static JsonObject *
succeed (Fixture *f, const char *name, const char *arguments)
{
  JsonObject *answer = call (f, name, arguments);

  g_assert_true (json_object_get_boolean_member (answer, "ok"));
  g_assert_false (json_object_has_member (answer, "error"));
  return answer;
}

/* A refusal is {"ok":false,"error":"…"}, a sentence, and says @words. */
static void
refuse (Fixture *f, const char *name, const char *arguments, const char *words)
{
  g_autoptr (JsonObject) answer = call (f, name, arguments);
  const char *sentence;

  g_assert_false (json_object_get_boolean_member (answer, "ok"));
  g_assert_cmpuint (json_object_get_size (answer), ==, 2);
  sentence = json_object_get_string_member (answer, "error");
  if (strstr (sentence, words) == NULL)
    g_error ("%s %s: “%s” does not say “%s”", name, arguments, sentence, words);
}

static guint
quantity_of (Fixture *f, const char *number)
{
  BbOrderLine *line = bb_order_find (f->order, number);

  return line != NULL ? bb_order_line_get_quantity (line) : 0;
}

/* What is on disk is what is in memory. */
static void
assert_stored (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) stored
      = bb_order_store_load (f->store, bb_order_get_id (f->order), &error);

  g_assert_no_error (error);
  g_assert_cmpint (bb_order_get_total (stored), ==, bb_order_get_total (f->order));
  g_assert_cmpint (bb_order_get_state (stored), ==, bb_order_get_state (f->order));
  g_assert_cmpstr (bb_order_get_number (stored), ==, bb_order_get_number (f->order));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (stored)), ==,
                    g_list_model_get_n_items (G_LIST_MODEL (f->order)));
}

static void
assert_members (JsonObject *object, const char *const *members)
{
  g_assert_cmpuint (json_object_get_size (object), ==, g_strv_length ((char **) members));
  for (guint i = 0; members[i] != NULL; i++)
    if (!json_object_has_member (object, members[i]))
      g_error ("“%s” is missing", members[i]);
}

static void
test_list_groups (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) answer = succeed (f, "list_groups", "{}");
  g_autoptr (JsonObject) bare = succeed (f, "list_groups", NULL);
  JsonArray *groups = json_object_get_array_member (answer, "groups");
  JsonObject *first = json_array_get_object_element (groups, 0);
  gint64 sum = 0;

  for (guint i = 0; i < json_array_get_length (groups); i++)
    sum += json_object_get_int_member (json_array_get_object_element (groups, i), "count");
  g_assert_cmpint (sum, ==, 375);
  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "T-Stücke");
  g_assert_cmpint (json_object_get_int_member (first, "count"), ==, 30);
  refuse (f, "list_groups", "{\"x\":1}", "eine Angabe x gibt es nicht");
}

static void
test_search (Fixture *f, gconstpointer data)
{
  static const char *const members[] = { "number", "name",  "group",      "material",  "size",
                                         "unit",   "price", "price_text", "pack_size", NULL };
  g_autoptr (JsonObject) answer
      = succeed (f, "search_products", "{\"query\":\"T-Stücke fünfzehn Millimeter\",\"limit\":2}");
  g_autoptr (JsonObject) grouped = succeed (
      f, "search_products", "{\"query\":\"15 mm\",\"group\":\"boegen\",\"limit\":20.0}");
  g_autoptr (JsonObject) whole_group
      = succeed (f, "search_products", "{\"query\":\"\",\"group\":\"Kappen und Stopfen\"}");
  g_autoptr (JsonObject) nothing
      = succeed (f, "search_products", "{\"query\":\"Salami\",\"group\":null}");
  g_autoptr (JsonObject) elsewhere
      = succeed (f, "search_products", "{\"query\":\"Kugelhahn\",\"group\":\"Ventile\"}");
  JsonArray *results = json_object_get_array_member (answer, "results");
  JsonObject *first = json_array_get_object_element (results, 0);

  assert_members (answer, (const char *[]){ "ok", "results", "more", NULL });
  g_assert_cmpuint (json_array_get_length (results), ==, 2);
  g_assert_true (json_object_get_boolean_member (answer, "more"));
  assert_members (first, members);
  g_assert_cmpstr (json_object_get_string_member (first, "number"), ==, "10113");
  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "T-Stück Kupfer 15 mm");
  g_assert_cmpfloat (json_object_get_double_member (first, "price"), ==, 1.52);
  g_assert_cmpstr (json_object_get_string_member (first, "price_text"), ==, "1,52 €");
  g_assert_cmpint (json_object_get_int_member (first, "pack_size"), ==, 20);

  results = json_object_get_array_member (grouped, "results");
  g_assert_cmpuint (json_array_get_length (results), >=, 3);
  g_assert_false (json_object_get_boolean_member (grouped, "more"));
  for (guint i = 0; i < json_array_get_length (results); i++)
    g_assert_cmpstr (
        json_object_get_string_member (json_array_get_object_element (results, i), "group"), ==,
        "Bögen");
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (whole_group, "results")), ==, 5);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (nothing, "results")), ==,
                    0);
  g_assert_false (json_object_get_boolean_member (nothing, "more"));
  /* The group was guessed wrong: found all the same. */
  g_assert_cmpstr (json_object_get_string_member (
                       json_array_get_object_element (
                           json_object_get_array_member (elsewhere, "results"), 0),
                       "group"),
                   ==, "Kugelhähne");

  refuse (f, "search_products", "{}", "query fehlt");
  refuse (f, "search_products", "{\"query\":null}", "query fehlt");
  refuse (f, "search_products", "{\"query\":7}", "query muss ein Text sein");
  refuse (f, "search_products", "{\"query\":\" \"}", "Wonach");
  refuse (f, "search_products", "{\"query\":\"x\",\"group\":\"Autos\"}", "Produktgruppe Autos");
  refuse (f, "search_products", "{\"query\":\"x\",\"limit\":0}", "mindestens 1");
  refuse (f, "search_products", "{\"query\":\"x\",\"limit\":21}", "höchstens 20");
  refuse (f, "search_products", "{\"query\":\"x\",\"limit\":2.5}", "ganze Zahl");
  refuse (f, "search_products", "{\"query\":\"x\",\"limit\":\"2\"}", "ganze Zahl");
}

static void
test_get_product (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) answer = succeed (f, "get_product", "{\"number\":\"20 111\"}");
  JsonObject *product = json_object_get_object_member (answer, "product");

  g_assert_cmpstr (json_object_get_string_member (product, "number"), ==, "20111");
  g_assert_cmpstr (json_object_get_string_member (product, "unit"), ==, "Meter");
  g_assert_true (json_object_get_boolean_member (product, "whole_packs"));
  g_assert_nonnull (strstr (json_object_get_string_member (product, "description"), "5 m"));
  refuse (f, "get_product", "{\"number\":\"1\"}", "Artikelnummer 1 gibt es nicht");
  refuse (f, "get_product", "{\"number\":20111}", "number muss ein Text sein");
  refuse (f, "get_product", "{\"number\":\"\"}", "leer");
  refuse (f, "get_product",
          "{\"number\":\"12345678901234567890123456789012345678901\"}", "zu lang");
}

static void
test_order (Fixture *f, gconstpointer data)
{
  static const char *const members[]
      = { "number", "name", "quantity", "unit", "price_text", "total_text", NULL };
  g_autoptr (JsonObject) added
      = succeed (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":20}");
  JsonObject *line = json_object_get_object_member (added, "line");

  assert_members (added, (const char *[]){ "ok", "line", "total", "total_text", "lines", NULL });
  assert_members (line, members);
  g_assert_cmpint (json_object_get_int_member (line, "quantity"), ==, 20);
  g_assert_cmpstr (json_object_get_string_member (line, "total_text"), ==, "30,40 €");
  g_assert_cmpfloat (json_object_get_double_member (added, "total"), ==, 30.40);
  g_assert_cmpint (json_object_get_int_member (added, "lines"), ==, 1);
  assert_stored (f);

  {
    g_autoptr (JsonObject) more
        = succeed (f, "add_to_order", "{\"number\":\"11 113\",\"quantity\":10.0}");
    g_autoptr (JsonObject) changed
        = succeed (f, "change_quantity", "{\"number\":\"10113\",\"quantity\":5}");

    g_assert_cmpint (json_object_get_int_member (more, "lines"), ==, 2);
    g_assert_cmpstr (json_object_get_string_member (changed, "total_text"), ==, "17,40 €");
    g_assert_cmpuint (quantity_of (f, "10113"), ==, 5);
    assert_stored (f);
  }
  {
    g_autoptr (JsonObject) removed
        = succeed (f, "remove_from_order", "{\"number\":\"10-113\"}");

    line = json_object_get_object_member (removed, "line");
    assert_members (line, members);
    g_assert_cmpstr (json_object_get_string_member (line, "name"), ==, "T-Stück Kupfer 15 mm");
    g_assert_cmpint (json_object_get_int_member (line, "quantity"), ==, 0);
    g_assert_cmpint (json_object_get_int_member (removed, "lines"), ==, 1);
    g_assert_cmpuint (quantity_of (f, "10113"), ==, 0);
    assert_stored (f);
  }

  refuse (f, "add_to_order", "{\"number\":\"10113\"}", "quantity fehlt");
  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":0}", "mindestens 1");
  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":-3}", "mindestens 1");
  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":1e300}", "ganze Zahl");
  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":501}", "500 Stück");
  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":\"viele\"}", "ganze Zahl");
  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":1,\"price\":0}", "Angabe price");
  refuse (f, "add_to_order", "{\"number\":\"77777\",\"quantity\":1}", "77777 gibt es nicht");
  refuse (f, "add_to_order", "{\"number\":\"20111\",\"quantity\":7}", "5 Meter oder 10 Meter");
  refuse (f, "change_quantity", "{\"number\":\"10113\",\"quantity\":1}", "nicht in der Bestellung");
  refuse (f, "remove_from_order", "{\"number\":\"10113\"}", "nicht in der Bestellung");
  g_assert_cmpint (bb_order_get_total (f->order), ==, 980);
  assert_stored (f);
}

static void
test_submit (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) read = NULL;
  g_autoptr (JsonObject) again = NULL;
  g_autoptr (JsonObject) first = NULL;
  g_autoptr (JsonObject) second = NULL;
  const char *number;

  refuse (f, "read_order", "{}", "leer");
  refuse (f, "submit_order", "{\"confirmed\":true}", "leer");
  json_object_unref (succeed (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":20}"));
  refuse (f, "submit_order", "{\"confirmed\":true}", "vorgelesen");

  read = succeed (f, "read_order", "{}");
  assert_members (read, (const char *[]){ "ok", "text", "lines", "total", "total_text", NULL });
  g_assert_cmpstr (json_object_get_string_member (read, "text"), ==,
                   "Position 1: 20 Stück T-Stück Kupfer 15 mm, zusammen 30,40 €. "
                   "Gesamtsumme: 30,40 € netto.");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (read, "lines")), ==, 1);
  g_assert_cmpint (bb_order_get_state (f->order), ==, BB_ORDER_READ_BACK);
  assert_stored (f);

  /* Changed after that: to be read again. */
  json_object_unref (succeed (f, "change_quantity", "{\"number\":\"10113\",\"quantity\":21}"));
  refuse (f, "submit_order", "{\"confirmed\":true}", "vorgelesen");
  again = succeed (f, "read_order", "");

  refuse (f, "submit_order", "{}", "confirmed fehlt");
  refuse (f, "submit_order", "{\"confirmed\":\"ja\"}", "wahr oder falsch");
  refuse (f, "submit_order", "{\"confirmed\":false}", "bestätigen");
  g_assert_cmpint (bb_order_get_state (f->order), ==, BB_ORDER_READ_BACK);

  first = succeed (f, "submit_order", "{\"confirmed\":true}");
  number = json_object_get_string_member (first, "order_number");
  g_assert_true (g_str_has_suffix (number, "-000001"));
  g_assert_cmpint (bb_order_get_state (f->order), ==, BB_ORDER_SUBMITTED);
  assert_stored (f);
  second = succeed (f, "submit_order", "{\"confirmed\":true}");
  g_assert_cmpstr (json_object_get_string_member (second, "order_number"), ==, number);

  refuse (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":1}", "abgeschlossen");
  refuse (f, "change_quantity", "{\"number\":\"10113\",\"quantity\":1}", "abgeschlossen");
  refuse (f, "remove_from_order", "{\"number\":\"10113\"}", "abgeschlossen");
  refuse (f, "read_order", "{}", "abgeschlossen");
}

static void
on_reason (BbToolbox *toolbox, const char *reason, gpointer user_data)
{
  g_string_append (user_data, reason);
}

static void
test_signals (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) transfer = g_string_new (NULL);
  g_autoptr (GString) end = g_string_new (NULL);
  gboolean somebody = data != NULL;

  g_signal_connect (f->toolbox, BB_TOOLBOX_SIGNAL_TRANSFER_REQUESTED, G_CALLBACK (on_reason),
                    transfer);
  g_signal_connect (f->toolbox, BB_TOOLBOX_SIGNAL_END_REQUESTED, G_CALLBACK (on_reason), end);

  refuse (f, "transfer_to_human", "{}", "reason fehlt");
  refuse (f, "end_call", "{\"reason\":[]}", "ein Text");
  if (somebody)
    json_object_unref (succeed (f, "transfer_to_human", "{\"reason\":\"Rechnung\"}"));
  else
    refuse (f, "transfer_to_human", "{\"reason\":\"Rechnung\"}", "niemand da");
  g_assert_cmpstr (transfer->str, ==, somebody ? "Rechnung" : "");
  g_assert_cmpstr (end->str, ==, "");
  json_object_unref (succeed (f, "end_call", "{\"reason\":\"Tschüss\"}"));
  g_assert_cmpstr (end->str, ==, "Tschüss");
}

/* A disk that takes nothing: refused, and the order is what it was. */
static void
test_store_fails (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *arguments;
  } calls[] = {
    { "add_to_order", "{\"number\":\"10114\",\"quantity\":1}" },
    { "add_to_order", "{\"number\":\"10113\",\"quantity\":1}" },
    { "change_quantity", "{\"number\":\"10113\",\"quantity\":7}" },
    { "remove_from_order", "{\"number\":\"10113\"}" },
    { "read_order", "{}" },
    { "submit_order", "{\"confirmed\":true}" },
  };

  json_object_unref (succeed (f, "add_to_order", "{\"number\":\"10113\",\"quantity\":20}"));
  json_object_unref (succeed (f, "read_order", "{}"));
  bb_order_store_close (f->store);

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_test_expect_message ("bb-tools", G_LOG_LEVEL_WARNING, "*closed*");
      refuse (f, calls[i].name, calls[i].arguments, "nicht speichern");
      g_test_assert_expected_messages ();
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->order)), ==, 1);
      g_assert_cmpuint (quantity_of (f, "10113"), ==, 20);
      g_assert_cmpint (bb_order_get_state (f->order), ==, BB_ORDER_READ_BACK);
      g_assert_null (bb_order_get_number (f->order));
    }
}

static void
test_malformed (Fixture *f, gconstpointer data)
{
  static const char *const arguments[]
      = { "{",      "[]",  "7",  "null",  "\"x\"", "{\"query\":}", "\xff\xfe", "{}{}",
          "{\"number\":\"10113\",\"quantity\":", "{'a':1}" };
  g_autofree char *huge = g_strnfill (200000, ' ');
  g_autofree char *name = g_strnfill (5000, 'n');

  for (gsize i = 0; i < G_N_ELEMENTS (arguments); i++)
    refuse (f, "add_to_order", arguments[i], "nicht richtig verstanden");
  huge[0] = '{';
  huge[199999] = '}';
  refuse (f, "list_groups", huge, "nicht richtig verstanden");
  refuse (f, "drop_tables", "{}", "drop_tables gibt es nicht");
  refuse (f, "", "{}", "gibt es nicht");
  refuse (f, NULL, "{}", "gibt es nicht");
  refuse (f, "\xff", "{}", "gibt es nicht");
  refuse (f, name, "{}", "gibt es nicht");
}

typedef struct
{
  guint place;
  char *answer;
} Placed;

static guint n_placed;

static void
on_placed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Placed *placed = user_data;

  placed->answer = bb_toolbox_call_finish (BB_TOOLBOX (source), result);
  placed->place = n_placed++;
}

/* Many at once, slow and quick ones: one after the other, in order. */
static void
test_parallel (Fixture *f, gconstpointer data)
{
  enum { N = 300 };
  g_autofree Placed *placed = g_new0 (Placed, N + 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  n_placed = 0;
  for (guint i = 0; i < N; i++)
    bb_toolbox_call_async (f->toolbox, i % 3 == 0 ? "add_to_order" : "get_product",
                           i % 3 == 0 ? "{\"number\":\"10113\",\"quantity\":1}"
                                      : "{\"number\":\"10113\"}",
                           NULL, on_placed, &placed[i]);
  bb_toolbox_call_async (f->toolbox, "add_to_order", "{\"number\":\"10113\",\"quantity\":400}",
                         cancellable, on_placed, &placed[N]);
  g_cancellable_cancel (cancellable);
  while (n_placed < N + 1)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (placed[i].place, ==, i);
      g_assert_true (g_str_has_prefix (placed[i].answer, "{\"ok\":true,"));
      if (i % 3 == 0)
        {
          g_autofree char *quantity = g_strdup_printf ("\"quantity\":%u,", i / 3 + 1);

          g_assert_nonnull (strstr (placed[i].answer, quantity));
        }
      g_free (placed[i].answer);
    }
  /* Not begun when it was cancelled: it did nothing, and still has an answer. */
  g_assert_nonnull (strstr (placed[N].answer, "abgebrochen"));
  g_free (placed[N].answer);
  g_assert_cmpuint (quantity_of (f, "10113"), ==, N / 3);
  assert_stored (f);
}

/* Nobody waits for the answer, the owner lets go: the work is done all the same. */
static void
test_dropped (Fixture *f, gconstpointer data)
{
  bb_toolbox_call_async (f->toolbox, "add_to_order", "{\"number\":\"10113\",\"quantity\":3}", NULL,
                         NULL, NULL);
  g_object_add_weak_pointer (G_OBJECT (f->toolbox), (gpointer *) &f->toolbox);
  g_object_unref (f->toolbox);
  while (f->toolbox != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (quantity_of (f, "10113"), ==, 3);
  assert_stored (f);
  f->toolbox = bb_toolbox_new (catalogue, f->store, f->config, f->order);
}

/* Cancelled by somebody while it was being written. */
static void
test_closed_meanwhile (Fixture *f, gconstpointer data)
{
  g_autofree char *answer = NULL;

  bb_toolbox_call_async (f->toolbox, "add_to_order", "{\"number\":\"10113\",\"quantity\":3}", NULL,
                         on_answer, &answer);
  bb_order_set_state (f->order, BB_ORDER_CANCELLED);
  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (strstr (answer, "abgeschlossen"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->order)), ==, 0);
}

/* Two calls at once share nothing (LESSONS 14). */
static void
test_two_calls (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrder) other = bb_order_new ("call-2", "+49305678");
  g_autoptr (BbToolbox) second = bb_toolbox_new (catalogue, f->store, f->config, other);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  bb_toolbox_call_async (f->toolbox, "add_to_order", "{\"number\":\"10113\",\"quantity\":3}", NULL,
                         on_answer, &one);
  bb_toolbox_call_async (second, "add_to_order", "{\"number\":\"10114\",\"quantity\":4}", NULL,
                         on_answer, &two);
  while (one == NULL || two == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (bb_order_get_total (f->order), ==, 3 * 152);
  g_assert_cmpint (bb_order_get_total (other), ==, 4 * 224);
  assert_stored (f);
}

static void
test_json (void)
{
  g_autoptr (BbConfig) config = settings (NULL);
  g_autofree char *text = bb_tools_to_json (config);
  g_autofree char *again = bb_tools_to_json (config);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  static const char *const names[]
      = { "list_groups",  "search_products",   "get_product",       "add_to_order",
          "change_quantity", "remove_from_order", "read_order", "submit_order",
          "transfer_to_human", "end_call" };
  JsonArray *tools = json_node_get_array (node);

  g_assert_cmpstr (text, ==, again);
  g_assert_cmpuint (json_array_get_length (tools), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonObject *tool = json_array_get_object_element (tools, i);
      JsonObject *parameters = json_object_get_object_member (tool, "parameters");

      assert_members (tool, (const char *[]){ "type", "name", "description", "parameters", NULL });
      g_assert_cmpstr (json_object_get_string_member (tool, "type"), ==, "function");
      g_assert_cmpstr (json_object_get_string_member (tool, "name"), ==, names[i]);
      g_assert_cmpuint (strlen (json_object_get_string_member (tool, "description")), >, 20);
      g_assert_cmpstr (json_object_get_string_member (parameters, "type"), ==, "object");
      g_assert_false (json_object_get_boolean_member (parameters, "additionalProperties"));
    }
  g_test_message ("session.tools: %zu bytes", strlen (text));
}

static void
on_recording_decided (BbToolbox *toolbox, gboolean allowed, gpointer user_data)
{
  g_string_append_c (user_data, allowed ? '+' : '-');
}

/* The tool is there when callers are asked, and only then. */
static void
test_consent (Fixture *f, gconstpointer data)
{
  gboolean asks = bb_config_asks_consent (f->config);
  g_autofree char *tools = bb_tools_to_json (f->config);
  g_autofree char *instructions = bb_tools_build_instructions (catalogue, f->config, NULL);
  g_autofree char *greeting = bb_tools_build_greeting (f->config);
  g_autoptr (GString) decided = g_string_new (NULL);

  g_signal_connect (f->toolbox, BB_TOOLBOX_SIGNAL_RECORDING_DECIDED,
                    G_CALLBACK (on_recording_decided), decided);
  g_assert_cmpint (asks, ==, strstr (tools, "\"allow_recording\"") != NULL);
  g_assert_cmpint (asks, ==, strstr (instructions, "allow_recording") != NULL);
  if (asks)
    {
      g_autoptr (JsonObject) yes = succeed (f, "allow_recording", "{\"allowed\":true}");
      g_autoptr (JsonObject) no = succeed (f, "allow_recording", "{\"allowed\":false}");

      g_assert_true (json_object_get_boolean_member (yes, "recording"));
      g_assert_false (json_object_get_boolean_member (no, "recording"));
      g_assert_cmpstr (decided->str, ==, "+-");
      /* What is no clear word decides nothing. */
      refuse (f, "allow_recording", "{}", "allowed");
      refuse (f, "allow_recording", "{\"allowed\":\"ja\"}", "allowed");
      refuse (f, "allow_recording", "{\"allowed\":null}", "allowed");
      g_assert_cmpstr (decided->str, ==, "+-");
      g_assert_true (g_str_has_prefix (greeting, f->config->realtime_greeting));
      g_assert_true (g_str_has_suffix (greeting, "aufzeichnen?"));
    }
  else
    {
      refuse (f, "allow_recording", "{\"allowed\":true}", "allow_recording");
      g_assert_cmpstr (decided->str, ==, "");
      g_assert_cmpstr (greeting, ==, f->config->realtime_greeting);
    }
}

/* Who lets the caller speak first has no greeting for the question. */
static void
test_consent_without_greeting (void)
{
  g_autoptr (BbConfig) config
      = settings ((const char *[]){ "recording.enabled=true", "realtime.greeting=", NULL });
  g_autofree char *greeting = bb_tools_build_greeting (config);

  g_assert_cmpstr (greeting, ==, "");
}

/* LESSONS 12: the prompt of a catalogue with thirteen times the products is
 * the same. */
static void
test_prompt_size (void)
{
  g_autoptr (BbConfig) config = settings (NULL);
  g_autoptr (BbConfig) english = settings ((const char *[]){ "realtime.language=en", NULL });
  g_autoptr (GString) csv = g_string_new ("number;name;group;unit;price\n");
  g_autofree char *folder = g_dir_make_tmp ("prompt-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "large.csv", NULL);
  g_autoptr (BbCatalogue) large = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *small_text = NULL;
  g_autofree char *large_text = NULL;
  g_autofree char *english_text = NULL;

  for (guint i = 0; i < 5000; i++)
    {
      const BbProduct *product = bb_catalogue_get_product (catalogue, i % 375);

      g_string_append_printf (csv, "%u;\"%s %u\";%s;Stück;1\n", 100000 + i, product->name, i,
                              product->group);
    }
  g_assert_true (g_file_set_contents (path, csv->str, -1, NULL));
  large = bb_catalogue_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bb_catalogue_get_n_products (large), ==, 5000);

  small_text = bb_tools_build_instructions (catalogue, config, &error);
  large_text = bb_tools_build_instructions (large, config, &error);
  english_text = bb_tools_build_instructions (catalogue, english, &error);
  g_assert_no_error (error);
  g_test_message ("instructions: %zu characters with 375 products, %zu with 5,000",
                  (gsize) g_utf8_strlen (small_text, -1), (gsize) g_utf8_strlen (large_text, -1));
  g_assert_cmpstr (small_text, ==, large_text);
  g_assert_cmpuint (strlen (small_text), <, 4000);

  g_assert_nonnull (strstr (small_text, "T-Stücke, Bögen, "));
  g_assert_nonnull (strstr (small_text, config->merchant_name));
  g_assert_null (strstr (small_text, "T-Stück Kupfer"));
  g_assert_null (strchr (small_text, '{'));
  g_assert_nonnull (strstr (english_text, "You are"));
  g_assert_nonnull (strstr (english_text, "T-Stücke, Bögen, "));
  g_remove (path);
  g_rmdir (folder);
}

static void
test_prompt_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("prompt-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "prompt.txt", NULL);
  g_autofree char *setting = g_strdup_printf ("realtime.instructions-file=%s", path);
  const char *more[] = { setting, "merchant.name=Rohr {groups} Söhne", NULL };
  g_autoptr (BbConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *huge = g_strnfill (70000, 'x');

  g_assert_true (g_file_set_contents (path, "{merchant}: {groups}; {other} {", -1, NULL));
  config = settings (more);
  text = bb_tools_build_instructions (catalogue, config, &error);
  g_assert_no_error (error);
  /* Each placeholder once; what was put in is text. */
  g_assert_true (g_str_has_prefix (text, "Rohr {groups} Söhne: T-Stücke, "));
  g_assert_true (g_str_has_suffix (text, "; {other} {"));

  g_assert_true (g_file_set_contents (path, "\xff", -1, NULL));
  g_assert_null (bb_tools_build_instructions (catalogue, config, &error));
  g_assert_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, huge, -1, NULL));
  g_assert_null (bb_tools_build_instructions (catalogue, config, &error));
  g_assert_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_remove (path);
  g_assert_null (bb_tools_build_instructions (catalogue, config, &error));
  g_assert_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE);
  g_rmdir (folder);
}

static const char *const recording[] = { "recording.enabled=true", NULL };
static const char *const log_only[] = { "recording.session-log=true", NULL };
static const char *const agreed[]
    = { "recording.enabled=true", "recording.session-log=true", "recording.consent=given", NULL };
static const char *const with_operator[] = { "calls.operator=sip:desk@example.com", NULL };

#define ADD(name, data, function) \
  g_test_add ("/tools/" name, Fixture, data, set_up, function, tear_down)

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

  ADD ("list-groups", NULL, test_list_groups);
  ADD ("search-products", NULL, test_search);
  ADD ("get-product", NULL, test_get_product);
  ADD ("order", NULL, test_order);
  ADD ("submit", NULL, test_submit);
  ADD ("signals/nobody", NULL, test_signals);
  ADD ("signals/operator", with_operator, test_signals);
  ADD ("store-fails", NULL, test_store_fails);
  ADD ("malformed", NULL, test_malformed);
  ADD ("parallel", NULL, test_parallel);
  ADD ("dropped", NULL, test_dropped);
  ADD ("closed-meanwhile", NULL, test_closed_meanwhile);
  ADD ("two-calls", NULL, test_two_calls);
  ADD ("consent/off", NULL, test_consent);
  ADD ("consent/recording", recording, test_consent);
  ADD ("consent/session-log", log_only, test_consent);
  ADD ("consent/given", agreed, test_consent);
  g_test_add_func ("/tools/consent/without-greeting", test_consent_without_greeting);
  g_test_add_func ("/tools/json", test_json);
  g_test_add_func ("/tools/prompt-size", test_prompt_size);
  g_test_add_func ("/tools/prompt-file", test_prompt_file);
  status = g_test_run ();
  bb_catalogue_unref (catalogue);
  return status;
}
