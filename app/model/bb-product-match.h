/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-product.h"

G_BEGIN_DECLS

/**
 * BbProductMatch:
 *
 * One result of a search in the catalogue, as the bot's own search finds it,
 * with the reason. Immutable, so that any thread may make one and hand it over.
 * Properties: product, score (0..1; 1: every word matched exactly), reason
 * (which words matched what, for people).
 */
#define BB_TYPE_PRODUCT_MATCH (bb_product_match_get_type ())
G_DECLARE_FINAL_TYPE (BbProductMatch, bb_product_match, BB, PRODUCT_MATCH, GObject)

#define BB_PRODUCT_MATCH_PROP_PRODUCT "product"
#define BB_PRODUCT_MATCH_PROP_SCORE "score"
#define BB_PRODUCT_MATCH_PROP_REASON "reason"

BbProductMatch *bb_product_match_new (const BbProduct *product, double score, const char *reason);
const BbProduct *bb_product_match_get_product (BbProductMatch *self); /* (transfer none) */
double bb_product_match_get_score (BbProductMatch *self);
const char *bb_product_match_get_reason (BbProductMatch *self);

G_END_DECLS
