/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-export.h"

#include "bb-csv.h"
#include "bb-json-text.h"

#include <string.h>

#define SEPARATOR ';'

/* Cents with a decimal comma, as German spreadsheets read numbers. */
static char *
csv_money (gint64 cents)
{
  guint64 absolute = cents < 0 ? -(guint64) cents : (guint64) cents;

  return g_strdup_printf ("%s%" G_GUINT64_FORMAT ",%02u", cents < 0 ? "-" : "", absolute / 100,
                          (guint) (absolute % 100));
}

static char *
time_text (GDateTime *time)
{
  return g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
}

/* A spreadsheet runs what begins like a formula: an apostrophe keeps it text. A
 * caller's number ("+49…") is none. */
static gboolean
looks_like_formula (const char *text)
{
  if (*text == '+' && text[1] != '\0' && text[1 + strspn (text + 1, "0123456789 ")] == '\0')
    return FALSE;
  return *text != '\0' && strchr ("=+-@\t\r", *text) != NULL;
}

static void
append_text (GString *out, const char *text)
{
  g_autofree char *safe = NULL;

  if (text != NULL && looks_like_formula (text))
    safe = g_strdup_printf ("'%s", text);
  bb_csv_append_field (out, safe != NULL ? safe : text, SEPARATOR);
  g_string_append_c (out, SEPARATOR);
}

/**
 * bb_orders_to_csv:
 * @orders: (element-type BbOrder): what to write
 * @currency: (nullable): ISO 4217; %NULL: EUR
 *
 * RFC 4180 with ';' between fields and decimal commas, UTF-8, CRLF: one record
 * a line of an order. A text that a spreadsheet would take for a formula gets
 * an apostrophe in front.
 *
 * Returns: (transfer full): the text, with its header line
 */
char *
bb_orders_to_csv (GPtrArray *orders, const char *currency)
{
  GString *out = g_string_new ("order;id;state;created;caller;position;article;name;unit;quantity;"
                               "price;total;currency;note\r\n");

  for (guint i = 0; i < orders->len; i++)
    {
      BbOrder *order = g_ptr_array_index (orders, i);
      guint n = g_list_model_get_n_items (G_LIST_MODEL (order));
      g_autofree char *created = time_text (bb_order_get_created (order));

      for (guint j = 0; j < n; j++)
        {
          g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), j);
          g_autofree char *price = csv_money (bb_order_line_get_price (line));
          g_autofree char *total = csv_money (bb_order_line_get_total (line));

          append_text (out, bb_order_get_number (order));
          append_text (out, bb_order_get_id (order));
          append_text (out, bb_order_state_nick (bb_order_get_state (order)));
          append_text (out, created);
          append_text (out, bb_order_get_caller (order));
          g_string_append_printf (out, "%u;", j + 1);
          append_text (out, bb_order_line_get_number (line));
          append_text (out, bb_order_line_get_name (line));
          append_text (out, bb_order_line_get_unit (line));
          g_string_append_printf (out, "%u;%s;%s;", bb_order_line_get_quantity (line), price,
                                  total);
          append_text (out, currency != NULL ? currency : "EUR");
          append_text (out, bb_order_get_note (order));
          g_string_truncate (out, out->len - 1);
          g_string_append (out, "\r\n");
        }
    }
  return g_string_free (out, FALSE);
}

/* Money as a number with two decimals: cents, exactly. */
static void
set_money (JsonObject *object, const char *member, gint64 cents)
{
  json_object_set_double_member (object, member, (double) cents / 100.0);
}

/**
 * bb_order_to_json_node:
 * @order: an order
 * @currency: (nullable): ISO 4217; %NULL: EUR
 *
 * Returns: (transfer full): an object: id, number (null until submitted),
 *   state, call_id, caller, created, updated (ISO 8601 UTC), currency, total,
 *   note, lines [{position, article, name, unit, quantity, price, total}]
 */
JsonNode *
bb_order_to_json_node (BbOrder *order, const char *currency)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *lines = json_array_new ();
  guint n = g_list_model_get_n_items (G_LIST_MODEL (order));
  g_autofree char *created = time_text (bb_order_get_created (order));
  g_autofree char *updated = time_text (bb_order_get_updated (order));

  json_object_set_string_member (object, "id", bb_order_get_id (order));
  if (bb_order_get_number (order) != NULL)
    json_object_set_string_member (object, "number", bb_order_get_number (order));
  else
    json_object_set_null_member (object, "number");
  json_object_set_string_member (object, "state",
                                 bb_order_state_nick (bb_order_get_state (order)));
  json_object_set_string_member (object, "call_id", bb_order_get_call_id (order));
  json_object_set_string_member (object, "caller", bb_order_get_caller (order));
  json_object_set_string_member (object, "created", created);
  json_object_set_string_member (object, "updated", updated);
  json_object_set_string_member (object, "currency", currency != NULL ? currency : "EUR");
  set_money (object, "total", bb_order_get_total (order));
  json_object_set_string_member (object, "note", bb_order_get_note (order));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);
      JsonObject *entry = json_object_new ();

      json_object_set_int_member (entry, "position", i + 1);
      json_object_set_string_member (entry, "article", bb_order_line_get_number (line));
      json_object_set_string_member (entry, "name", bb_order_line_get_name (line));
      json_object_set_string_member (entry, "unit", bb_order_line_get_unit (line));
      json_object_set_int_member (entry, "quantity", bb_order_line_get_quantity (line));
      set_money (entry, "price", bb_order_line_get_price (line));
      set_money (entry, "total", bb_order_line_get_total (line));
      json_array_add_object_element (lines, entry);
    }
  json_object_set_array_member (object, "lines", lines);
  json_node_set_object (node, object);
  return node;
}

/**
 * bb_orders_to_json:
 * @orders: (element-type BbOrder): what to write
 * @currency: (nullable): ISO 4217; %NULL: EUR
 *
 * Returns: (transfer full): an array of bb_order_to_json_node(), indented, with
 *   a line feed at the end
 */
char *
bb_orders_to_json (GPtrArray *orders, const char *currency)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (JsonArray) array = json_array_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < orders->len; i++)
    json_array_add_element (array,
                            bb_order_to_json_node (g_ptr_array_index (orders, i), currency));
  json_node_set_array (root, array);
  text = bb_json_to_text (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}
