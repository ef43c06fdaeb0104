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
/* Every string is "" (allocated: g_free() what you replace), price 0, pack size
 * 1. Fill it before anybody else sees it. (transfer full) */
BbProduct *bb_product_new (void);
BbProduct *bb_product_ref (const BbProduct *self);
void bb_product_unref (BbProduct *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbProduct, bb_product_unref)

/* "1.234,56 €" in German, "€1,234.56" in English: by the language of the
 * messages now in force. @currency: ISO 4217, EUR when NULL. (transfer full) */
char *bb_money_format (gint64 cents, const char *currency);
/* The same in a language of the caller's choosing ("de"): what is said to the
 * customer does not depend on the gateway's locale. (transfer full) */
char *bb_money_format_in (const char *language, gint64 cents, const char *currency);

G_END_DECLS
