/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean bb_number_word_parse (const char *word, guint *value);
gboolean bb_number_word_parse_fraction (const char *word, gint64 *value);

G_END_DECLS
