/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void bb_g711_decode (gboolean alaw, const guint8 *in, gsize n, gint16 *out);
void bb_g711_encode (gboolean alaw, const gint16 *in, gsize n, guint8 *out);

G_END_DECLS
