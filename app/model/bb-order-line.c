/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order.h"

struct _BbOrderLine
{
  GObject parent_instance;

  char *number;
  char *name;
  char *unit;
  guint quantity;
  gint64 price; /* cents per unit */
};

G_DEFINE_FINAL_TYPE (BbOrderLine, bb_order_line, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_PRODUCT_NUMBER,
  PROP_NAME,
  PROP_UNIT,
  PROP_QUANTITY,
  PROP_PRICE,
  PROP_TOTAL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
bb_order_line_finalize (GObject *object)
{
  BbOrderLine *self = BB_ORDER_LINE (object);

  g_free (self->number);
  g_free (self->name);
  g_free (self->unit);

  G_OBJECT_CLASS (bb_order_line_parent_class)->finalize (object);
}

static void
bb_order_line_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  BbOrderLine *self = BB_ORDER_LINE (object);

  switch (prop_id)
    {
    case PROP_PRODUCT_NUMBER:
      g_value_set_string (value, self->number);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_UNIT:
      g_value_set_string (value, self->unit);
      break;
    case PROP_QUANTITY:
      g_value_set_uint (value, self->quantity);
      break;
    case PROP_PRICE:
      g_value_set_int64 (value, self->price);
      break;
    case PROP_TOTAL:
      g_value_set_int64 (value, bb_order_line_get_total (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static char *
dup_string (const GValue *value)
{
  const char *string = g_value_get_string (value);

  return g_strdup (string != NULL ? string : "");
}

static void
bb_order_line_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  BbOrderLine *self = BB_ORDER_LINE (object);

  switch (prop_id)
    {
    case PROP_PRODUCT_NUMBER:
      self->number = dup_string (value);
      break;
    case PROP_NAME:
      self->name = dup_string (value);
      break;
    case PROP_UNIT:
      self->unit = dup_string (value);
      break;
    case PROP_QUANTITY:
      self->quantity = g_value_get_uint (value);
      break;
    case PROP_PRICE:
      self->price = g_value_get_int64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_order_line_class_init (BbOrderLineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = bb_order_line_finalize;
  object_class->get_property = bb_order_line_get_property;
  object_class->set_property = bb_order_line_set_property;

  properties[PROP_PRODUCT_NUMBER] =
      g_param_spec_string (BB_ORDER_LINE_PROP_PRODUCT_NUMBER, NULL, NULL, "", flags);
  properties[PROP_NAME] = g_param_spec_string (BB_ORDER_LINE_PROP_NAME, NULL, NULL, "", flags);
  properties[PROP_UNIT] = g_param_spec_string (BB_ORDER_LINE_PROP_UNIT, NULL, NULL, "", flags);
  properties[PROP_QUANTITY] =
      g_param_spec_uint (BB_ORDER_LINE_PROP_QUANTITY, NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PRICE] =
      g_param_spec_int64 (BB_ORDER_LINE_PROP_PRICE, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_TOTAL] =
      g_param_spec_int64 (BB_ORDER_LINE_PROP_TOTAL, NULL, NULL, G_MININT64, G_MAXINT64, 0,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bb_order_line_init (BbOrderLine *self)
{
}

/**
 * bb_order_line_new:
 * @number: article number
 * @name: what it was called when ordered
 * @unit: sales unit
 * @quantity: in units; 0 in bb_order_set_line() removes the article
 * @price: cents per unit, net
 *
 * Immutable, so any thread may make and read one.
 *
 * Returns: (transfer full): the line
 */
BbOrderLine *
bb_order_line_new (const char *number,
                   const char *name,
                   const char *unit,
                   guint quantity,
                   gint64 price)
{
  return g_object_new (BB_TYPE_ORDER_LINE, BB_ORDER_LINE_PROP_PRODUCT_NUMBER, number,
                       BB_ORDER_LINE_PROP_NAME, name, BB_ORDER_LINE_PROP_UNIT, unit,
                       BB_ORDER_LINE_PROP_QUANTITY, quantity, BB_ORDER_LINE_PROP_PRICE, price,
                       NULL);
}

const char *
bb_order_line_get_number (BbOrderLine *self)
{
  g_return_val_if_fail (BB_IS_ORDER_LINE (self), "");

  return self->number;
}

const char *
bb_order_line_get_name (BbOrderLine *self)
{
  g_return_val_if_fail (BB_IS_ORDER_LINE (self), "");

  return self->name;
}

const char *
bb_order_line_get_unit (BbOrderLine *self)
{
  g_return_val_if_fail (BB_IS_ORDER_LINE (self), "");

  return self->unit;
}

guint
bb_order_line_get_quantity (BbOrderLine *self)
{
  g_return_val_if_fail (BB_IS_ORDER_LINE (self), 0);

  return self->quantity;
}

gint64
bb_order_line_get_price (BbOrderLine *self)
{
  g_return_val_if_fail (BB_IS_ORDER_LINE (self), 0);

  return self->price;
}

/**
 * bb_order_line_get_total:
 *
 * Returns: quantity times price in cents; the nearest representable amount
 *   when that does not fit
 */
gint64
bb_order_line_get_total (BbOrderLine *self)
{
  gint64 total;

  g_return_val_if_fail (BB_IS_ORDER_LINE (self), 0);

  if (__builtin_mul_overflow (self->price, (gint64)self->quantity, &total))
    return self->price < 0 ? G_MININT64 : G_MAXINT64;

  return total;
}
