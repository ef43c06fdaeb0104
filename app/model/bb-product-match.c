/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-product-match.h"

struct _BbProductMatch
{
  GObject parent_instance;

  BbProduct *product;
  double score;
  char *reason;
};

G_DEFINE_FINAL_TYPE (BbProductMatch, bb_product_match, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_PRODUCT,
  PROP_SCORE,
  PROP_REASON,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
bb_product_match_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  BbProductMatch *self = BB_PRODUCT_MATCH (object);

  switch (prop_id)
    {
    case PROP_PRODUCT:
      g_value_set_boxed (value, self->product);
      break;
    case PROP_SCORE:
      g_value_set_double (value, self->score);
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_product_match_finalize (GObject *object)
{
  BbProductMatch *self = BB_PRODUCT_MATCH (object);

  g_clear_pointer (&self->product, bb_product_unref);
  g_free (self->reason);

  G_OBJECT_CLASS (bb_product_match_parent_class)->finalize (object);
}

static void
bb_product_match_class_init (BbProductMatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = bb_product_match_finalize;
  object_class->get_property = bb_product_match_get_property;

  properties[PROP_PRODUCT]
      = g_param_spec_boxed (BB_PRODUCT_MATCH_PROP_PRODUCT, NULL, NULL, BB_TYPE_PRODUCT, flags);
  properties[PROP_SCORE]
      = g_param_spec_double (BB_PRODUCT_MATCH_PROP_SCORE, NULL, NULL, 0, 1, 0, flags);
  properties[PROP_REASON]
      = g_param_spec_string (BB_PRODUCT_MATCH_PROP_REASON, NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bb_product_match_init (BbProductMatch *self)
{
}

/**
 * bb_product_match_new:
 * @product: what was found
 * @score: 0..1
 * @reason: for people
 *
 * Returns: (transfer full): the result
 */
BbProductMatch *
bb_product_match_new (const BbProduct *product, double score, const char *reason)
{
  BbProductMatch *self = g_object_new (BB_TYPE_PRODUCT_MATCH, NULL);

  self->product = bb_product_ref (product);
  self->score = score;
  self->reason = g_strdup (reason != NULL ? reason : "");
  return self;
}

const BbProduct *
bb_product_match_get_product (BbProductMatch *self)
{
  g_return_val_if_fail (BB_IS_PRODUCT_MATCH (self), NULL);

  return self->product;
}

double
bb_product_match_get_score (BbProductMatch *self)
{
  g_return_val_if_fail (BB_IS_PRODUCT_MATCH (self), 0);

  return self->score;
}

const char *
bb_product_match_get_reason (BbProductMatch *self)
{
  g_return_val_if_fail (BB_IS_PRODUCT_MATCH (self), "");

  return self->reason;
}
