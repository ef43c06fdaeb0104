/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-read.h"

/* Answers to what an operator asks. */

static gboolean
read_strings (JsonObject *object, const char *const *names, char **const *values, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      const char *value;

      if (!bb_api_read_nullable_string (object, names[i], &value, error))
        return FALSE;
      g_free (*values[i]);
      *values[i] = g_strdup (value != NULL ? value : "");
    }
  return TRUE;
}

static BbProduct *
read_product (JsonObject *object, GError **error)
{
  g_autoptr (BbProduct) product = bb_product_new ();
  const char *const names[] = { "number", "name", "group", "material", "size", "unit", "description" };
  char **const values[] = { &product->number, &product->name, &product->group, &product->material,
                            &product->size, &product->unit, &product->description };
  gint64 price, pack_size;

  if (!read_strings (object, names, values, G_N_ELEMENTS (names), error)
      || !bb_api_read_int (object, "price_cents", G_MININT64, G_MAXINT64, &price, error)
      || !bb_api_read_int (object, "pack_size", 0, G_MAXUINT, &pack_size, error)
      || !bb_api_read_boolean (object, "whole_packs", &product->whole_packs, error))
    return NULL;
  product->price = price;
  product->pack_size = (guint)pack_size;
  return g_steal_pointer (&product);
}

BbProductMatch *
bb_api_read_product_match (JsonObject *object, GError **error)
{
  JsonNode *score = json_object_get_member (object, "score");
  g_autoptr (BbProduct) product = NULL;
  JsonObject *inner;
  const char *reason;

  if (score == NULL || !JSON_NODE_HOLDS_VALUE (score)
      || (json_node_get_value_type (score) != G_TYPE_DOUBLE
          && json_node_get_value_type (score) != G_TYPE_INT64))
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT, "score must be a number");
      return NULL;
    }
  if (!bb_api_read_nullable_string (object, "reason", &reason, error)
      || !bb_api_read_object (object, "product", &inner, error))
    return NULL;
  product = read_product (inner, error);
  return product != NULL
           ? bb_product_match_new (product, CLAMP (json_node_get_double (score), 0, 1), reason)
           : NULL;
}

BbSettings *
bb_api_read_settings (JsonObject *object, GError **error)
{
  g_autoptr (BbSettings) settings = bb_settings_new ();
  const char *const names[] = { "notice", "merchant", "currency", "language" };
  char **const values[] = { &settings->notice, &settings->merchant, &settings->currency,
                            &settings->language };
  const char *target;
  gint64 max_calls, max_duration, operator_first;

  if (!bb_api_read_boolean (object, "draining", &settings->draining, error)
      || !bb_api_read_boolean (object, "recording", &settings->recording, error)
      || !bb_api_read_int (object, "max_calls", 0, G_MAXUINT, &max_calls, error)
      || !bb_api_read_int (object, "max_duration_s", 0, G_MAXUINT, &max_duration, error)
      || !bb_api_read_int (object, "operator_first_s", 0, G_MAXUINT, &operator_first, error)
      || !read_strings (object, names, values, G_N_ELEMENTS (names), error)
      || !bb_api_read_nullable_string (object, "transfer_target", &target, error))
    return NULL;
  settings->max_calls = (guint)max_calls;
  settings->max_duration = (guint)max_duration;
  settings->operator_first = (guint)operator_first;
  settings->transfer_target = g_strdup (target);
  return g_steal_pointer (&settings);
}
