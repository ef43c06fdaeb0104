/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-lookups.h"

#include "bb-api-json.h"

#define MAX_RESULTS 500
#define DEFAULT_ORDERS 100
#define DEFAULT_MATCHES 20
#define MAX_QUERY_CHARS 200

/* One look-up: what is wanted, and the request that waits for it. */
typedef struct
{
  SoupServerMessage *message;
  gulong finished_id;
  gboolean gone; /* the client left */
  BbOrderStore *store;
  BbCatalogue *catalogue;
  char *text;  /* id of an order, or what to search for */
  char *group; /* nullable */
  int state;   /* a BbOrderState, -1: all */
  guint limit;
} Lookup;

static void
lookup_free (gpointer data)
{
  Lookup *self = data;

  g_signal_handler_disconnect (self->message, self->finished_id);
  g_object_unref (self->message);
  g_clear_object (&self->store);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_free (self->text);
  g_free (self->group);
  g_free (self);
}

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  ((Lookup *)user_data)->gone = TRUE;
}

static Lookup *
lookup_new (BbApiContext *context, SoupServerMessage *message)
{
  Lookup *self = g_new0 (Lookup, 1);

  self->message = g_object_ref (message);
  self->finished_id = g_signal_connect (message, "finished", G_CALLBACK (on_finished), self);
  g_set_object (&self->store, context->store);
  self->catalogue = context->catalogue != NULL ? bb_catalogue_ref (context->catalogue) : NULL;
  self->state = -1;
  return self;
}

static void
reply_failure (SoupServerMessage *message, const GError *error)
{
  if (g_error_matches (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND))
    bb_api_reply_error (message, SOUP_STATUS_NOT_FOUND, "not-found", "there is no such order");
  else
    {
      /* The text may name files of this machine: it is for the log. */
      g_warning ("orders can't be read for the API: %s", error->message);
      bb_api_reply_error (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, "orders-failed",
                          "the orders can't be read; the gateway's log says why");
    }
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Lookup *self = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->gone)
    return;
  if (node == NULL)
    reply_failure (self->message, error);
  else
    bb_api_reply_node (self->message, SOUP_STATUS_OK, node);
  soup_server_message_unpause (self->message);
}

static void
start (Lookup *self, GTaskThreadFunc look_up)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_found, NULL);

  g_task_set_task_data (task, self, lookup_free);
  soup_server_message_pause (self->message);
  g_task_run_in_thread (task, look_up);
}

static void
look_up_orders (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Lookup *self = data;
  GError *error = NULL;
  g_autoptr (GPtrArray) orders
    = bb_order_store_list (self->store, self->state, self->limit, &error);
  JsonArray *array;

  if (orders == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  array = json_array_sized_new (orders->len);
  for (guint i = 0; i < orders->len; i++)
    json_array_add_element (array, bb_api_json_order (g_ptr_array_index (orders, i), FALSE));
  g_task_return_pointer (task, bb_api_node_with ("orders", array), (GDestroyNotify)json_node_unref);
}

static void
look_up_order (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Lookup *self = data;
  GError *error = NULL;
  g_autoptr (BbOrder) order = bb_order_store_load (self->store, self->text, &error);

  if (order == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, bb_api_json_order (order, TRUE), (GDestroyNotify)json_node_unref);
}

static void
look_up_products (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Lookup *self = data;
  g_autoptr (GPtrArray) matches
    = bb_catalogue_search (self->catalogue, self->text, self->group, self->limit);
  JsonArray *array = json_array_sized_new (matches->len);

  for (guint i = 0; i < matches->len; i++)
    json_array_add_element (array, bb_api_json_match (g_ptr_array_index (matches, i)));
  g_task_return_pointer (task, bb_api_node_with ("matches", array), (GDestroyNotify)json_node_unref);
}

static const char *
query_value (GHashTable *query, const char *name)
{
  return query != NULL ? g_hash_table_lookup (query, name) : NULL;
}

static gboolean
query_limit (SoupServerMessage *message, GHashTable *query, guint fallback, guint *limit)
{
  const char *text = query_value (query, "limit");
  guint64 value = fallback;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, MAX_RESULTS, &value, NULL))
    {
      bb_api_reply_error (message, SOUP_STATUS_BAD_REQUEST, "bad-parameter",
                          "limit must be a number from 1 to %d", MAX_RESULTS);
      return FALSE;
    }
  *limit = (guint)value;
  return TRUE;
}

static gboolean
has_store (BbApiContext *context, SoupServerMessage *message)
{
  if (context->store != NULL)
    return TRUE;
  bb_api_reply_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "no-orders",
                      "this gateway keeps no orders");
  return FALSE;
}

void
bb_api_get_orders (BbApiContext *context,
                   SoupServerMessage *message,
                   const char *id,
                   GHashTable *query)
{
  const char *state_text = query_value (query, "state");
  BbOrderState state = BB_ORDER_DRAFT;
  Lookup *lookup;
  guint limit;

  if (!has_store (context, message) || !query_limit (message, query, DEFAULT_ORDERS, &limit))
    return;
  if (state_text != NULL && !bb_order_state_from_nick (state_text, &state))
    {
      bb_api_reply_error (message, SOUP_STATUS_BAD_REQUEST, "bad-parameter",
                          "state must be draft, read-back, submitted or cancelled");
      return;
    }
  lookup = lookup_new (context, message);
  lookup->state = state_text != NULL ? (int)state : -1;
  lookup->limit = limit;
  start (lookup, look_up_orders);
}

void
bb_api_get_order (BbApiContext *context,
                  SoupServerMessage *message,
                  const char *id,
                  GHashTable *query)
{
  Lookup *lookup;

  if (!has_store (context, message))
    return;
  lookup = lookup_new (context, message);
  lookup->text = g_strdup (id);
  start (lookup, look_up_order);
}

void
bb_api_search_catalogue (BbApiContext *context,
                         SoupServerMessage *message,
                         const char *id,
                         GHashTable *query)
{
  const char *text = query_value (query, "q");
  Lookup *lookup;
  guint limit;

  if (context->catalogue == NULL)
    {
      bb_api_reply_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "no-catalogue",
                          "this gateway has no catalogue");
      return;
    }
  if (!query_limit (message, query, DEFAULT_MATCHES, &limit))
    return;
  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL)
      || g_utf8_strlen (text, -1) > MAX_QUERY_CHARS)
    {
      bb_api_reply_error (message, SOUP_STATUS_BAD_REQUEST, "bad-parameter",
                          "q must hold 1 to %d characters of UTF-8", MAX_QUERY_CHARS);
      return;
    }
  lookup = lookup_new (context, message);
  lookup->text = g_strdup (text);
  lookup->group = g_strdup (query_value (query, "group"));
  lookup->limit = limit;
  start (lookup, look_up_products);
}
