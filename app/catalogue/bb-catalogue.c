/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-catalogue.h"

#include "bb-catalogue-load.h"
#include "bb-fold.h"
#include "bb-search.h"

#include <glib/gi18n-lib.h>

struct _BbCatalogue
{
  GPtrArray *products;   /* of BbProduct, in file order */
  GHashTable *by_number; /* folded number → BbProduct */
  GPtrArray *groups;     /* NULL-terminated, in file order */
  GHashTable *counts;    /* folded group → products */
  BbSearchIndex *index;
};

G_DEFINE_QUARK (bb-catalogue-error-quark, bb_catalogue_error)
G_DEFINE_BOXED_TYPE (BbCatalogue, bb_catalogue, bb_catalogue_ref, bb_catalogue_unref)

static void
bb_catalogue_clear (BbCatalogue *self)
{
  g_clear_pointer (&self->index, bb_search_index_free);
  g_clear_pointer (&self->by_number, g_hash_table_unref);
  g_clear_pointer (&self->counts, g_hash_table_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->products, g_ptr_array_unref);
}

static BbCatalogue *
bb_catalogue_new (GPtrArray *products)
{
  BbCatalogue *self = g_atomic_rc_box_new0 (BbCatalogue);

  self->products = g_ptr_array_ref (products);
  self->by_number = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->groups = g_ptr_array_new ();

  for (guint i = 0; i < products->len; i++)
    {
      BbProduct *product = g_ptr_array_index (products, i);
      char *key = bb_fold_key (product->group);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, key));

      if (count == 0)
        g_ptr_array_add (self->groups, product->group);
      g_hash_table_replace (self->counts, key, GUINT_TO_POINTER (count + 1));
      g_hash_table_insert (self->by_number, bb_fold_number (product->number), product);
    }
  g_ptr_array_add (self->groups, NULL);
  self->index = bb_search_index_new (products);
  return self;
}

/**
 * bb_catalogue_load:
 * @path: CSV or JSON file (docs/catalogue.md)
 * @error: return location for a #BbCatalogueError
 *
 * Returns: (transfer full) (nullable): the catalogue
 */
BbCatalogue *
bb_catalogue_load (const char *path, GError **error)
{
  g_autoptr (GPtrArray) products = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_file_get_contents (path, &text, &length, &local_error))
    {
      g_set_error (error, BB_CATALOGUE_ERROR, BB_CATALOGUE_ERROR_FILE,
                   _ ("The catalogue can't be read: %s. Set “file” in group [catalogue]."),
                   local_error->message);
      return NULL;
    }

  products = bb_catalogue_parse (path, text, length, error);
  return products != NULL ? bb_catalogue_new (products) : NULL;
}

/**
 * bb_catalogue_ref:
 * @self: the catalogue
 *
 * Any thread.
 *
 * Returns: (transfer full): @self
 */
BbCatalogue *
bb_catalogue_ref (BbCatalogue *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * bb_catalogue_unref:
 * @self: (transfer full): the catalogue
 *
 * Any thread.
 */
void
bb_catalogue_unref (BbCatalogue *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) bb_catalogue_clear);
}

guint
bb_catalogue_get_n_products (BbCatalogue *self)
{
  return self->products->len;
}

/**
 * bb_catalogue_get_product:
 * @self: the catalogue
 * @index: place in the file, from 0
 *
 * Returns: (transfer none) (nullable): the product
 */
const BbProduct *
bb_catalogue_get_product (BbCatalogue *self, guint index)
{
  return index < self->products->len ? g_ptr_array_index (self->products, index) : NULL;
}

/**
 * bb_catalogue_lookup:
 * @self: the catalogue
 * @number: (nullable): an article number, spaces and punctuation as you like
 *
 * Returns: (transfer none) (nullable): the product with that number
 */
const BbProduct *
bb_catalogue_lookup (BbCatalogue *self, const char *number)
{
  g_autofree char *key = bb_fold_number (number);

  return g_hash_table_lookup (self->by_number, key);
}

const char *const *
bb_catalogue_get_groups (BbCatalogue *self)
{
  return (const char *const *) self->groups->pdata;
}

/**
 * bb_catalogue_count_group:
 * @self: the catalogue
 * @group: (nullable): a group's name, folded before it is compared
 *
 * Returns: its products; 0: no such group
 */
guint
bb_catalogue_count_group (BbCatalogue *self, const char *group)
{
  g_autofree char *key = bb_fold_key (group);

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, key));
}

/**
 * bb_catalogue_search:
 * @self: the catalogue
 * @query: (nullable): words, sizes, an article number
 * @group: (nullable): only this group, folded before it is compared
 * @limit: at most so many
 *
 * Any thread.
 *
 * Returns: (transfer full) (element-type BbMatch): best first
 */
GPtrArray *
bb_catalogue_search (BbCatalogue *self, const char *query, const char *group, guint limit)
{
  return bb_search_index_query (self->index, query, group, limit);
}
