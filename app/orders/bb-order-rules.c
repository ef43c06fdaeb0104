/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-rules.h"

#include "bb-fold.h"
#include "bb-order-text.h"

G_DEFINE_QUARK (bb-order-error-quark, bb_order_error)

/* Takes @message. */
static gboolean
refuse (GError **error, BbOrderError code, char *message)
{
  g_set_error_literal (error, BB_ORDER_ERROR, code, message);
  g_free (message);
  return FALSE;
}

static gboolean
check_open (BbOrder *order, const BbConfig *config, GError **error)
{
  BbOrderState state = bb_order_get_state (order);

  if (state == BB_ORDER_DRAFT || state == BB_ORDER_READ_BACK)
    return TRUE;
  return refuse (error, BB_ORDER_ERROR_CLOSED, bb_speech (config, BB_SPEECH_CLOSED));
}

static gboolean
check_quantity (const BbProduct *product, const BbConfig *config, guint64 quantity, GError **error)
{
  g_autofree char *most = NULL;
  g_autofree char *pack = NULL;
  g_autofree char *less = NULL;
  g_autofree char *more = NULL;
  guint rest;

  if (quantity == 0)
    return refuse (error, BB_ORDER_ERROR_QUANTITY, bb_speech (config, BB_SPEECH_NO_QUANTITY));
  if (quantity > config->max_quantity)
    {
      most = bb_speech_quantity (config, config->max_quantity, product->unit);
      return refuse (error, BB_ORDER_ERROR_QUANTITY,
                     bb_speech (config, BB_SPEECH_MAX_QUANTITY, most));
    }

  if (!product->whole_packs || product->pack_size <= 1)
    return TRUE;
  rest = (guint) quantity % product->pack_size;
  if (rest == 0)
    return TRUE;

  pack = bb_speech_quantity (config, product->pack_size, product->unit);
  more = bb_speech_quantity (config, (guint) quantity - rest + product->pack_size, product->unit);
  if (quantity < product->pack_size)
    return refuse (error, BB_ORDER_ERROR_QUANTITY,
                   bb_speech (config, BB_SPEECH_WHOLE_PACKS_ONE, product->name, pack, more));
  less = bb_speech_quantity (config, (guint) quantity - rest, product->unit);
  return refuse (error, BB_ORDER_ERROR_QUANTITY,
                 bb_speech (config, BB_SPEECH_WHOLE_PACKS, product->name, pack, less, more));
}

/* Puts @quantity of @product in place of @old, if all limits hold. */
static gboolean
set_line (BbOrder *order, const BbProduct *product, const BbConfig *config, BbOrderLine *old,
          guint64 quantity, GError **error)
{
  g_autoptr (BbOrderLine) line = NULL;
  g_autofree char *limit = NULL;
  gint64 total;

  if (!check_quantity (product, config, quantity, error))
    return FALSE;
  if (old == NULL && g_list_model_get_n_items (G_LIST_MODEL (order)) >= config->max_lines)
    {
      limit = g_strdup_printf ("%u", g_list_model_get_n_items (G_LIST_MODEL (order)));
      return refuse (error, BB_ORDER_ERROR_LIMIT, bb_speech (config, BB_SPEECH_MAX_LINES, limit));
    }

  line = bb_order_line_new (product->number, product->name, product->unit, (guint) quantity,
                            product->price);
  total = bb_order_get_total (order) - (old != NULL ? bb_order_line_get_total (old) : 0);
  if (__builtin_add_overflow (total, bb_order_line_get_total (line), &total)
      || total > config->max_total)
    {
      limit = bb_speech_money (config, config->max_total);
      return refuse (error, BB_ORDER_ERROR_LIMIT, bb_speech (config, BB_SPEECH_MAX_TOTAL, limit));
    }

  bb_order_set_line (order, line);
  return TRUE;
}

static const BbProduct *
find_product (BbCatalogue *catalogue, const BbConfig *config, const char *number, GError **error)
{
  const BbProduct *product = bb_catalogue_lookup (catalogue, number);

  if (product == NULL)
    refuse (error, BB_ORDER_ERROR_UNKNOWN_PRODUCT,
            bb_speech (config, BB_SPEECH_UNKNOWN_PRODUCT, number));
  return product;
}

/**
 * bb_order_rules_find:
 * @order: the order
 * @number: an article number, spaces and punctuation as you like
 *
 * Returns: (transfer none) (nullable): its line
 */
BbOrderLine *
bb_order_rules_find (BbOrder *order, const char *number)
{
  g_autofree char *wanted = bb_fold_number (number);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (order));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);
      g_autofree char *own = bb_fold_number (bb_order_line_get_number (line));

      if (g_str_equal (own, wanted))
        return bb_order_find (order, bb_order_line_get_number (line));
    }
  return NULL;
}

/**
 * bb_order_rules_add:
 * @order: the order
 * @catalogue: where number, name and price come from
 * @config: limits and language
 * @number: article number
 * @quantity: in sales units; added to what is in the order of that article
 * @error: return location for a #BbOrderError
 *
 * Returns: whether the order has changed; if not it is as it was
 */
gboolean
bb_order_rules_add (BbOrder *order, BbCatalogue *catalogue, const BbConfig *config,
                    const char *number, guint quantity, GError **error)
{
  const BbProduct *product;
  BbOrderLine *old;

  if (!check_open (order, config, error))
    return FALSE;
  product = find_product (catalogue, config, number, error);
  if (product == NULL)
    return FALSE;
  if (quantity == 0)
    return refuse (error, BB_ORDER_ERROR_QUANTITY, bb_speech (config, BB_SPEECH_NO_QUANTITY));

  old = bb_order_find (order, product->number);
  return set_line (order, product, config, old,
                   (guint64) quantity + (old != NULL ? bb_order_line_get_quantity (old) : 0),
                   error);
}

/**
 * bb_order_rules_change:
 * @order: the order
 * @catalogue: where name and price come from
 * @config: limits and language
 * @number: article number of a line
 * @quantity: the new quantity in sales units
 * @error: return location for a #BbOrderError
 *
 * Returns: whether the order has the new quantity; if not it is as it was
 */
gboolean
bb_order_rules_change (BbOrder *order, BbCatalogue *catalogue, const BbConfig *config,
                       const char *number, guint quantity, GError **error)
{
  const BbProduct *product;
  BbOrderLine *old;

  if (!check_open (order, config, error))
    return FALSE;
  old = bb_order_rules_find (order, number);
  if (old == NULL)
    return refuse (error, BB_ORDER_ERROR_NOT_IN_ORDER,
                   bb_speech (config, BB_SPEECH_NOT_IN_ORDER, number));
  product = find_product (catalogue, config, bb_order_line_get_number (old), error);
  return product != NULL && set_line (order, product, config, old, quantity, error);
}

/**
 * bb_order_rules_remove:
 * @order: the order
 * @config: language
 * @number: article number of a line
 * @error: return location for a #BbOrderError
 *
 * Returns: whether the line is gone
 */
gboolean
bb_order_rules_remove (BbOrder *order, const BbConfig *config, const char *number, GError **error)
{
  g_autoptr (BbOrderLine) empty = NULL;
  BbOrderLine *old;

  if (!check_open (order, config, error))
    return FALSE;
  old = bb_order_rules_find (order, number);
  if (old == NULL)
    return refuse (error, BB_ORDER_ERROR_NOT_IN_ORDER,
                   bb_speech (config, BB_SPEECH_NOT_IN_ORDER, number));
  empty = bb_order_line_new (bb_order_line_get_number (old), bb_order_line_get_name (old),
                             bb_order_line_get_unit (old), 0, bb_order_line_get_price (old));
  bb_order_set_line (order, empty);
  return TRUE;
}

/**
 * bb_order_rules_read_back:
 * @order: the order
 * @config: language and currency
 * @error: return location for a #BbOrderError
 *
 * Returns: (transfer full) (nullable): the words to read; the order is
 *   %BB_ORDER_READ_BACK then
 */
char *
bb_order_rules_read_back (BbOrder *order, const BbConfig *config, GError **error)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (order));
  g_autofree char *total = NULL;
  g_autofree char *total_text = NULL;
  GString *text;

  if (!check_open (order, config, error))
    return NULL;
  if (n == 0)
    {
      refuse (error, BB_ORDER_ERROR_EMPTY, bb_speech (config, BB_SPEECH_EMPTY));
      return NULL;
    }

  text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);
      g_autofree char *position = g_strdup_printf ("%u", i + 1);
      g_autofree char *quantity = bb_speech_quantity (config, bb_order_line_get_quantity (line),
                                                      bb_order_line_get_unit (line));
      g_autofree char *money = bb_speech_money (config, bb_order_line_get_total (line));
      g_autofree char *words = bb_speech (config, BB_SPEECH_READ_LINE, position, quantity,
                                          bb_order_line_get_name (line), money);

      g_string_append (text, words);
      g_string_append_c (text, ' ');
    }
  total_text = bb_speech_money (config, bb_order_get_total (order));
  total = bb_speech (config, BB_SPEECH_READ_TOTAL, total_text);
  g_string_append (text, total);

  bb_order_set_state (order, BB_ORDER_READ_BACK);
  return g_string_free (text, FALSE);
}

/**
 * bb_order_rules_may_submit:
 * @order: the order
 * @config: language
 * @error: return location for a #BbOrderError
 *
 * Returns: whether it was read to the caller in its present form
 */
gboolean
bb_order_rules_may_submit (BbOrder *order, const BbConfig *config, GError **error)
{
  if (!check_open (order, config, error))
    return FALSE;
  if (g_list_model_get_n_items (G_LIST_MODEL (order)) == 0)
    return refuse (error, BB_ORDER_ERROR_EMPTY, bb_speech (config, BB_SPEECH_EMPTY));
  if (bb_order_get_state (order) != BB_ORDER_READ_BACK)
    return refuse (error, BB_ORDER_ERROR_NOT_READ_BACK,
                   bb_speech (config, BB_SPEECH_NOT_READ_BACK));
  return TRUE;
}
