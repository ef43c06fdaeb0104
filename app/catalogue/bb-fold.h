/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbToken:
 *
 * One word or number of a text, folded.
 */
typedef struct
{
  char *text;        /* lower-case ASCII where the script allows, "stuck", "15", "1/2", "87.5" */
  gboolean number;   /* written with digits */
  gboolean fraction; /* a number below one, written as n/m */
  gboolean glued;    /* nothing stood between it and the token before: "15" + "mm" */
  gint64 value;      /* of a number, in thousandths; -1: too large for a size */
} BbToken;

GArray *bb_fold_tokens (const char *text);
char *bb_fold_join (const char *first, const char *second);
char *bb_fold_stem (const char *word);
char *bb_fold_key (const char *text);
char *bb_fold_number (const char *text);

G_END_DECLS
