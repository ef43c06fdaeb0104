/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-order.h"

#include "model-log.h"

static void
set (BbOrder *order, const char *number, guint quantity, gint64 price)
{
  g_autoptr (BbOrderLine) line = bb_order_line_new (number, "Bogen", "Stück", quantity, price);

  bb_order_set_line (order, line);
}

static void
test_order_lines (void)
{
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49");
  g_autoptr (BbOrderLine) kept = NULL;
  g_autoptr (GString) log = g_string_new (NULL);

  g_assert_true (g_uuid_string_is_valid (bb_order_get_id (order)));
  g_assert_null (bb_order_get_number (order));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (order)) == BB_TYPE_ORDER_LINE);
  g_signal_connect (order, "items-changed", G_CALLBACK (append_items), log);
  g_signal_connect (order, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (append_changed), log);

  set (order, "10", 3, 250);
  set (order, "11", 1, 100);
  g_assert_cmpint (bb_order_get_total (order), ==, 850);
  kept = g_object_ref (bb_order_find (order, "10"));
  set (order, "10", 5, 250); /* in its place */
  g_assert_cmpint (bb_order_get_total (order), ==, 1350);
  g_assert_cmpuint (bb_order_line_get_quantity (kept), ==, 3); /* lines are immutable */
  g_assert_cmpuint (bb_order_line_get_quantity (bb_order_find (order, "10")), ==, 5);
  set (order, "10", 5, 250); /* the same */
  set (order, "99", 0, 250); /* not there */
  set (order, "10", 0, 0);
  g_assert_null (bb_order_find (order, "10"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 1);
  g_assert_cmpint (bb_order_get_total (order), ==, 100);

  g_assert_cmpstr (log->str, ==,
                   "items(0,-0,+1) total updated changed items(1,-0,+1) total updated changed "
                   "items(0,-1,+1) total updated changed items(0,-1,+0) total updated changed ");
}

/* What was not read back in its present form can't be submitted. */
static void
test_order_falls_back (void)
{
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49");
  g_autoptr (GString) log = g_string_new (NULL);

  set (order, "10", 3, 250);
  bb_order_set_state (order, BB_ORDER_READ_BACK);
  set (order, "10", 3, 250); /* the same: still as read */
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_READ_BACK);
  g_signal_connect (order, "notify::" BB_ORDER_PROP_STATE, G_CALLBACK (append_name), log);
  set (order, "10", 4, 250);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_DRAFT);
  g_assert_cmpstr (log->str, ==, "state ");

  bb_order_set_state (order, BB_ORDER_READ_BACK);
  set (order, "10", 0, 0);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_DRAFT);
}

static void
test_order_closed (void)
{
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49");

  set (order, "10", 3, 250);
  bb_order_set_state (order, BB_ORDER_SUBMITTED);
  g_test_expect_message ("bb-model", G_LOG_LEVEL_CRITICAL, "*bb_order_set_line*");
  set (order, "10", 9, 250);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (bb_order_line_get_quantity (bb_order_find (order, "10")), ==, 3);
}

static void
test_order_properties (void)
{
  g_autoptr (GDateTime) created = g_date_time_new_from_iso8601 ("2026-03-01T10:00:00+01:00", NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (BbOrder) order = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  g_autofree char *iso = NULL, *number = NULL, *note = NULL;
  BbOrderState state;

  g_ptr_array_add (lines, bb_order_line_new ("7", "Rohr", "Meter", 2, 1050));
  g_ptr_array_add (lines, bb_order_line_new ("8", "Muffe", "Stück", 1, 1));
  order = bb_order_new_full ("id", "2026-000123", "call", "caller", BB_ORDER_READ_BACK, "Tor 3",
                             created, NULL, lines);
  g_assert_cmpstr (bb_order_get_id (order), ==, "id");
  g_assert_cmpstr (bb_order_get_call_id (order), ==, "call");
  g_assert_cmpstr (bb_order_get_caller (order), ==, "caller");
  g_assert_cmpint (bb_order_get_total (order), ==, 2101);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 2);
  iso = g_date_time_format_iso8601 (bb_order_get_created (order));
  g_assert_cmpstr (iso, ==, "2026-03-01T09:00:00Z"); /* UTC whatever came in */
  g_assert_true (g_date_time_equal (bb_order_get_created (order), bb_order_get_updated (order)));

  g_signal_connect (order, "notify", G_CALLBACK (append_name), log);
  bb_order_set_state (order, BB_ORDER_SUBMITTED);
  bb_order_set_number (order, "2026-000124");
  bb_order_set_note (order, "");
  g_assert_cmpstr (log->str, ==, "state updated number updated note updated ");
  g_assert_cmpint (g_date_time_compare (bb_order_get_created (order), bb_order_get_updated (order)),
                   <, 0);
  g_string_truncate (log, 0);
  bb_order_set_number (order, "2026-000124");
  bb_order_set_note (order, NULL);
  bb_order_set_state (order, BB_ORDER_SUBMITTED);
  g_assert_cmpstr (log->str, ==, "");

  g_object_set (order, BB_ORDER_PROP_STATE, BB_ORDER_CANCELLED, BB_ORDER_PROP_NUMBER, "2026-000125",
                BB_ORDER_PROP_NOTE, "Tor 4", NULL);
  g_object_get (order, BB_ORDER_PROP_STATE, &state, BB_ORDER_PROP_NUMBER, &number,
                BB_ORDER_PROP_NOTE, &note, NULL);
  g_assert_cmpint (state, ==, BB_ORDER_CANCELLED);
  g_assert_cmpstr (number, ==, "2026-000125");
  g_assert_cmpstr (note, ==, "Tor 4");
}

/* Totals neither wrap nor trap. */
static void
test_order_overflow (void)
{
  g_autoptr (BbOrder) order = bb_order_new (NULL, NULL);
  g_autoptr (BbOrderLine) negative = bb_order_line_new ("3", "x", "x", 3, G_MININT64 / 2);

  set (order, "1", G_MAXUINT, G_MAXINT64 / 2);
  g_assert_cmpint (bb_order_get_total (order), ==, G_MAXINT64);
  set (order, "2", 1, 1);
  g_assert_cmpint (bb_order_get_total (order), ==, G_MAXINT64);
  g_assert_cmpint (bb_order_line_get_total (negative), ==, G_MININT64);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/order/lines", test_order_lines);
  g_test_add_func ("/order/falls-back", test_order_falls_back);
  g_test_add_func ("/order/closed", test_order_closed);
  g_test_add_func ("/order/properties", test_order_properties);
  g_test_add_func ("/order/overflow", test_order_overflow);

  return g_test_run ();
}
