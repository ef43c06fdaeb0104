/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-catalogue.h"

G_BEGIN_DECLS

/**
 * BbSearchIndex:
 *
 * The words and sizes of all products. Immutable once built, so any thread may
 * search.
 */
typedef struct _BbSearchIndex BbSearchIndex;

BbSearchIndex *bb_search_index_new (GPtrArray *products);
void bb_search_index_free (BbSearchIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbSearchIndex, bb_search_index_free)

GPtrArray *bb_search_index_query (const BbSearchIndex *self, const char *query, const char *group,
                                  guint limit);

/* Optimal string alignment distance, up to @bound; @bound + 1 when it is more. */
guint bb_search_edit_distance (const char *a, const char *b, guint bound);

G_END_DECLS
