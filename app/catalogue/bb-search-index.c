/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Builds the search index: a vocabulary of stems with the products that have
 * them. Neighbouring words are indexed as a compound too, so that "T-Stück"
 * meets "Tstück" and "PE-X" meets "Pex".
 */
#include "bb-search-private.h"

#include <string.h>

/* How much a word counts by the field it stands in. */
#define QUALITY_NAME 1.0f
#define QUALITY_MATERIAL 1.0f
#define QUALITY_ALIAS 0.97f
#define QUALITY_GROUP 0.95f
#define QUALITY_DESCRIPTION 0.5f

static void
term_clear (gpointer data)
{
  BbTerm *term = data;

  g_clear_pointer (&term->text, g_free);
  g_clear_pointer (&term->postings, g_array_unref);
}

guint32
bb_search_letters (const char *text)
{
  guint32 letters = 0;

  for (; *text != '\0'; text++)
    letters |= 1u << ((guchar) *text % 32);
  return letters;
}

static void
add_term (BbSearchIndex *self, const char *text, guint product, float quality)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_text, text));
  BbTerm *term;
  BbPosting *last;
  BbPosting posting = { product, quality };

  if (index == 0)
    {
      BbTerm new_term = { .text = g_strdup (text), .length = strlen (text) };

      new_term.letters = bb_search_letters (text);
      new_term.digits = strpbrk (text, "0123456789") != NULL;
      new_term.postings = g_array_new (FALSE, FALSE, sizeof (BbPosting));
      g_array_append_val (self->terms, new_term);
      index = self->terms->len;
      g_hash_table_insert (self->by_text, new_term.text, GUINT_TO_POINTER (index));
    }

  /* Products are added one after the other: a repetition is the last entry. */
  term = &g_array_index (self->terms, BbTerm, index - 1);
  last = term->postings->len > 0
             ? &g_array_index (term->postings, BbPosting, term->postings->len - 1)
             : NULL;
  if (last != NULL && last->product == product)
    last->quality = MAX (last->quality, quality);
  else
    g_array_append_val (term->postings, posting);
}

/* The terms of one text. */
typedef struct
{
  GPtrArray *terms;
  guint n_words; /* outside sizes */
} Field;

static void
field_free (gpointer data)
{
  Field *field = data;

  g_ptr_array_unref (field->terms);
  g_free (field);
}

static Field *
read_field (const char *text)
{
  g_autoptr (GArray) tokens = bb_fold_tokens (text);
  g_autoptr (GArray) sizes = bb_size_scan (tokens);
  Field *field = g_new0 (Field, 1);
  const BbToken *previous = NULL;
  guint size = 0;

  field->terms = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < tokens->len; i++)
    {
      const BbToken *token = &g_array_index (tokens, BbToken, i);

      if (size < sizes->len && g_array_index (sizes, BbSize, size).first == i)
        {
          i += g_array_index (sizes, BbSize, size).n_tokens - 1;
          size++;
          previous = NULL;
          continue;
        }
      g_ptr_array_add (field->terms, bb_fold_stem (token->text));
      if (previous != NULL)
        {
          g_autofree char *joined = bb_fold_join (previous->text, token->text);

          g_ptr_array_add (field->terms, bb_fold_stem (joined));
        }
      previous = token;
      field->n_words++;
    }
  return field;
}

/* Groups, materials and aliases are the same for whole series: @cache (text →
 * Field) reads each but once. Returns the number of words outside sizes. */
static guint
add_field (BbSearchIndex *self, GHashTable *cache, const char *text, guint product, float quality)
{
  Field *field = g_hash_table_lookup (cache, text);

  if (field == NULL)
    {
      field = read_field (text);
      g_hash_table_insert (cache, g_strdup (text), field);
    }
  for (guint i = 0; i < field->terms->len; i++)
    add_term (self, g_ptr_array_index (field->terms, i), product, quality);
  return field->n_words;
}

static void
add_product (BbSearchIndex *self, GHashTable *cache, const BbProduct *product, guint i)
{
  g_auto (GStrv) aliases = g_strsplit (product->aliases, "|", -1);
  g_autofree char *number = bb_fold_number (product->number);

  self->name_words[i] = (guint8) MIN (add_field (self, cache, product->name, i, QUALITY_NAME), 255);
  add_field (self, cache, product->material, i, QUALITY_MATERIAL);
  for (guint alias = 0; aliases[alias] != NULL; alias++)
    add_field (self, cache, aliases[alias], i, QUALITY_ALIAS);
  add_field (self, cache, product->group, i, QUALITY_GROUP);
  add_field (self, cache, product->description, i, QUALITY_DESCRIPTION);
  add_term (self, number, i, QUALITY_NAME);

  self->groups[i] = bb_fold_key (product->group);
  self->sizes[i] = bb_size_parse (product->size);
  /* A merchant's file without a size column has the sizes in the names. */
  if (self->sizes[i]->len == 0)
    {
      g_array_unref (self->sizes[i]);
      self->sizes[i] = bb_size_parse (product->name);
    }
}

/**
 * bb_search_index_new:
 * @products: (element-type BbProduct): all products, in the order in which
 *   equal matches are to come
 *
 * Returns: (transfer full): the index
 */
BbSearchIndex *
bb_search_index_new (GPtrArray *products)
{
  BbSearchIndex *self = g_new0 (BbSearchIndex, 1);
  g_autoptr (GHashTable) cache
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, field_free);

  self->products = g_ptr_array_ref (products);
  self->terms = g_array_new (FALSE, FALSE, sizeof (BbTerm));
  g_array_set_clear_func (self->terms, term_clear);
  self->by_text = g_hash_table_new (g_str_hash, g_str_equal);
  self->sizes = g_new0 (GArray *, products->len);
  self->groups = g_new0 (char *, products->len);
  self->name_words = g_new0 (guint8, products->len);

  for (guint i = 0; i < products->len; i++)
    add_product (self, cache, g_ptr_array_index (products, i), i);
  return self;
}

/**
 * bb_search_index_free:
 * @self: (nullable) (transfer full): the index
 */
void
bb_search_index_free (BbSearchIndex *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->products->len; i++)
    {
      g_array_unref (self->sizes[i]);
      g_free (self->groups[i]);
    }
  g_free (self->sizes);
  g_free (self->groups);
  g_free (self->name_words);
  g_hash_table_unref (self->by_text);
  g_array_unref (self->terms);
  g_ptr_array_unref (self->products);
  g_free (self);
}
