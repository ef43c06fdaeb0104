/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib/gi18n-lib.h>

#include "bb-api-json.h"
#include "bb-order-export.h"
#include "bb-order-store.h"
#include "ctl-parts.h"
#include "ctl-steer.h"

#define DEFAULT_LIMIT 50

static BbOrderStore *
open_store (Ctl *ctl)
{
  g_autoptr (GError) error = NULL;
  BbOrderStore *store;

  if (!g_file_test (ctl->config->order_database, G_FILE_TEST_EXISTS))
    {
      ctl_fail (_ ("There is no order database “%s” yet. The gateway makes it when it first starts; "
                   "another one is named by database of [orders]."),
                ctl->config->order_database);
      return NULL;
    }
  store = bb_order_store_open_read_only (ctl->config->order_database, &error);
  if (store == NULL)
    ctl_fail ("%s", error->message);
  return store;
}

static gboolean
read_state (Ctl *ctl, int *state)
{
  BbOrderState value;

  *state = -1;
  if (ctl->state == NULL)
    return TRUE;
  if (!bb_order_state_from_nick (ctl->state, &value))
    return FALSE;
  *state = (int)value;
  return TRUE;
}

/* Status CTL_OK and @orders, or another status and a message. */
static int
load_orders (Ctl *ctl, guint limit, GPtrArray **orders)
{
  g_autoptr (BbOrderStore) store = NULL;
  g_autoptr (GError) error = NULL;
  int state;

  if (!read_state (ctl, &state))
    return ctl_fail_usage (
      _ ("--state: “%s” is none of draft, read-back, submitted and cancelled."), ctl->state);
  store = open_store (ctl);
  if (store == NULL)
    return CTL_ERROR;
  *orders = bb_order_store_list (store, state, limit, &error);
  return *orders != NULL ? CTL_OK : ctl_fail ("%s", error->message);
}

static int
list_orders (Ctl *ctl)
{
  g_autoptr (GPtrArray) orders = NULL;
  CtlTable *table;
  int status = load_orders (ctl, ctl->limit > 0 ? (guint)ctl->limit : DEFAULT_LIMIT, &orders);

  if (status != CTL_OK)
    return status;
  if (ctl->json)
    {
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
      JsonObject *object = json_object_new ();
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < orders->len; i++)
        json_array_add_element (array, bb_api_json_order (orders->pdata[i], TRUE));
      json_object_set_array_member (object, "orders", array);
      json_node_take_object (node, object);
      ctl_put_json (node);
      return CTL_OK;
    }
  if (orders->len == 0)
    {
      ctl_putf ("%s\n", _ ("No orders."));
      return CTL_OK;
    }

  table = ctl_table_new (_ ("Order"), _ ("State"), _ ("Changed"), _ ("Caller"), _ (">Lines"),
                         _ (">Total"), NULL);
  for (guint i = 0; i < orders->len; i++)
    {
      BbOrder *order = orders->pdata[i];
      const char *number = bb_order_get_number (order);
      g_autofree char *id = g_strndup (bb_order_get_id (order), 8);
      g_autofree char *updated = ctl_format_time (bb_order_get_updated (order));
      g_autofree char *lines
        = g_strdup_printf ("%u", g_list_model_get_n_items (G_LIST_MODEL (order)));
      g_autofree char *total = bb_money_format (bb_order_get_total (order), ctl->config->currency);

      ctl_table_add (table, number != NULL ? number : id,
                     bb_order_state_label (bb_order_get_state (order)), updated,
                     bb_order_get_caller (order), lines, total, NULL);
    }
  ctl_table_print (table, ctl->colour);
  return CTL_OK;
}

static int
show_order (Ctl *ctl, const char *wanted)
{
  g_autoptr (BbOrderStore) store = open_store (ctl);
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) order = NULL;
  g_autofree char *created = NULL;
  g_autofree char *updated = NULL;

  if (store == NULL)
    return CTL_ERROR;
  order = bb_order_store_load (store, wanted, &error);
  if (g_error_matches (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND))
    return ctl_fail (_ ("There is no order “%s” (an id, the beginning of one, or a number is "
                        "wanted). “bestellbotctl orders” lists those there are."),
                     wanted);
  if (order == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    {
      g_autoptr (JsonNode) node = bb_api_json_order (order, TRUE);

      ctl_put_json (node);
      return CTL_OK;
    }

  created = ctl_format_time (bb_order_get_created (order));
  updated = ctl_format_time (bb_order_get_updated (order));
  ctl_put_field (_ ("Order"), bb_order_get_number (order));
  ctl_put_field (_ ("Id"), bb_order_get_id (order));
  ctl_put_field (_ ("State"), bb_order_state_label (bb_order_get_state (order)));
  ctl_put_field (_ ("Caller"), bb_order_get_caller (order));
  ctl_put_field (_ ("Call"), bb_order_get_call_id (order));
  ctl_put_field (_ ("Created"), created);
  ctl_put_field (_ ("Changed"), updated);
  ctl_put_field (_ ("Note"), bb_order_get_note (order));
  ctl_put ("\n");
  ctl_put_order_lines (ctl, order);
  return CTL_OK;
}

static int
export_orders (Ctl *ctl)
{
  g_autoptr (GPtrArray) orders = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const char *format = ctl->format != NULL ? ctl->format : ctl->json ? "json" : "csv";
  gboolean as_csv = strcmp (format, "csv") == 0;
  int status;

  if (!as_csv && strcmp (format, "json") != 0)
    return ctl_fail_usage (_ ("--format: “%s” is neither csv nor json."), format);
  /* An export leaves nothing out unless told so. */
  status = load_orders (ctl, ctl->limit > 0 ? (guint)ctl->limit : 0, &orders);
  if (status != CTL_OK)
    return status;
  text = as_csv ? bb_orders_to_csv (orders, ctl->config->currency)
                : bb_orders_to_json (orders, ctl->config->currency);
  if (ctl->output == NULL || strcmp (ctl->output, "-") == 0)
    {
      ctl_put (text);
      if (!g_str_has_suffix (text, "\n"))
        ctl_put ("\n");
      return CTL_OK;
    }
  /* Orders name people: nobody else reads them. An old file stays until the new one is whole. */
  if (!g_file_set_contents_full (ctl->output, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &error))
    return ctl_fail (_ ("Can't write “%s”: %s"), ctl->output, error->message);
  ctl_putf (ngettext ("%u order written to %s.\n", "%u orders written to %s.\n", orders->len),
            orders->len, ctl->output);
  return CTL_OK;
}

int
ctl_orders (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);

  if (n == 0 || (n == 1 && strcmp (arguments[0], "list") == 0))
    return list_orders (ctl);
  if (n == 2 && strcmp (arguments[0], "show") == 0)
    return show_order (ctl, arguments[1]);
  if (n == 1 && strcmp (arguments[0], "export") == 0)
    return export_orders (ctl);
  return ctl_steer_order (ctl, arguments);
}
