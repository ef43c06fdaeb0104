/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-catalogue.h"

G_BEGIN_DECLS

/* More problems than a person repairs in one go are only counted. */
#define BB_CATALOGUE_MAX_PROBLEMS 20

GPtrArray *bb_catalogue_parse (const char *name, const char *text, gsize length, GError **error);

G_END_DECLS
