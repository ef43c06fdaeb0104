/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-fold.h"

G_BEGIN_DECLS

/* Dimensions in one size: "22 x 15 x 22 mm" has three. */
#define BB_SIZE_MAX_DIMS 4

typedef enum
{
  BB_DIM_ANY,    /* a number nobody gave a unit: "15er" */
  BB_DIM_MM,     /* millimetres; metres and centimetres are turned into them */
  BB_DIM_INCH,   /* pipe thread */
  BB_DIM_DN,     /* nominal diameter */
  BB_DIM_DEGREE,
  BB_DIM_THREAD, /* metric thread, "M8" */
  BB_DIM_LITRE
} BbDimUnit;

typedef struct
{
  BbDimUnit unit;
  gint64 value; /* in thousandths of the unit */
} BbDim;

/**
 * BbSize:
 *
 * One size in a text: dimensions that belong together.
 */
typedef struct
{
  BbDim dims[BB_SIZE_MAX_DIMS];
  guint n_dims;
  guint first;       /* its tokens: [first, first + n_tokens) */
  guint n_tokens;
  gboolean weak;     /* a bare number or a length in metres: a size or a quantity */
  gboolean quantity; /* certainly a quantity: "20 Stück", "fünfmal" */
} BbSize;

GArray *bb_size_scan (const GArray *tokens);
GArray *bb_size_parse (const char *text);
double bb_size_compare (const BbSize *wanted, const BbSize *have);
char *bb_size_to_string (const BbSize *size);

G_END_DECLS
