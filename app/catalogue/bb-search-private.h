/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-search.h"
#include "bb-size.h"

G_BEGIN_DECLS

/* A product that has a term, and how much the field counts it was found in. */
typedef struct
{
  guint product;
  float quality; /* 0..1 */
} BbPosting;

/* One word of the vocabulary. */
typedef struct
{
  char *text;
  gsize length;
  guint32 letters;  /* bit per letter that occurs: a quick bound on the distance */
  gboolean digits;  /* an article number or other figure: never matched with typos */
  GArray *postings; /* of BbPosting, by product */
} BbTerm;

struct _BbSearchIndex
{
  GPtrArray *products; /* of BbProduct */
  GArray *terms;       /* of BbTerm */
  GHashTable *by_text; /* text (of the term) → index + 1 */
  GArray **sizes;      /* of BbSize, one per product */
  char **groups;       /* bb_fold_key() of each product's group */
  guint8 *name_words;  /* words in the name: shorter names win a tie */
};

guint32 bb_search_letters (const char *text);

G_END_DECLS
