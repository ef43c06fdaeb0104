/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * BbProduct:
 *
 * One article of the catalogue; immutable, so any thread may read it.
 */
typedef struct
{
  char *number;    /* article number, unique, "10234" */
  char *name;      /* "T-Stück Kupfer 15 mm" */
  char *group;     /* product group, "T-Stücke" */
  char *material;  /* "Kupfer"; "" when it has none */
  char *size;      /* "15 mm", "1/2 Zoll", "DN 20", "15 x 12 x 15 mm" */
  char *unit;      /* sales unit: "Stück", "Meter", "Rolle" */
  gint64 price;    /* per unit, in cents, net */
  guint pack_size; /* units in a pack; 1: sold singly */
  gboolean whole_packs; /* sold in whole packs only */
  char *aliases;   /* other names people use, separated by '|': "Abzweig|T" */
  char *description;
} BbProduct;

#define BB_TYPE_PRODUCT (bb_product_get_type ())
GType bb_product_get_type (void);
BbProduct *bb_product_new (void);
BbProduct *bb_product_ref (const BbProduct *self);
void bb_product_unref (BbProduct *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbProduct, bb_product_unref)

/* "12,34 €" in German, "€12.34" in English: by the locale's language. */
char *bb_money_format (gint64 cents, const char *currency);

G_END_DECLS
