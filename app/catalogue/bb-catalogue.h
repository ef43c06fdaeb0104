/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-product.h"

G_BEGIN_DECLS

#define BB_CATALOGUE_ERROR (bb_catalogue_error_quark ())
GQuark bb_catalogue_error_quark (void);

typedef enum
{
  BB_CATALOGUE_ERROR_FILE,  /* missing, unreadable, not UTF-8 */
  BB_CATALOGUE_ERROR_FORMAT /* a line is wrong; message: "FILE:LINE: what, what to do" */
} BbCatalogueError;

/**
 * BbCatalogue:
 *
 * All products with their search index; immutable once loaded, reference
 * counted, readable from any thread.
 */
typedef struct _BbCatalogue BbCatalogue;

/**
 * BbMatch:
 *
 * One search result.
 */
typedef struct
{
  const BbProduct *product; /* (unowned): lives as long as the catalogue */
  double score;             /* 0..1, 1: every word matched exactly */
  char *reason;             /* which words matched what, for people */
} BbMatch;

#define BB_TYPE_CATALOGUE (bb_catalogue_get_type ())
GType bb_catalogue_get_type (void);

/* CSV (header line; ';' or ',' or tab) or JSON (array of objects), by content.
 * Every problem of the file is named with its line, up to 20, in one error. */
BbCatalogue *bb_catalogue_load (const char *path, GError **error);
BbCatalogue *bb_catalogue_ref (BbCatalogue *self);
void bb_catalogue_unref (BbCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbCatalogue, bb_catalogue_unref)

guint bb_catalogue_get_n_products (BbCatalogue *self);
const BbProduct *bb_catalogue_get_product (BbCatalogue *self, guint index);
const BbProduct *bb_catalogue_lookup (BbCatalogue *self, const char *number); /* folded like search: "10 234" finds "10234" */
const char *const *bb_catalogue_get_groups (BbCatalogue *self); /* in file order, NULL-terminated */
guint bb_catalogue_count_group (BbCatalogue *self, const char *group); /* group folded too */
/* Best first; at most @limit. @group restricts to one product group (folded), NULL: all. */
GPtrArray *bb_catalogue_search (BbCatalogue *self, const char *query, const char *group, guint limit); /* (element-type BbMatch) (transfer full) */

G_END_DECLS
