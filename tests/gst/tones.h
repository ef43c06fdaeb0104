/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TONE_LEVEL 4000 /* amplitude of tone_make() */

void tone_make (gint16 *samples, guint n, guint64 *position, double frequency, guint rate);
double tone_typical (const gint16 *samples, guint n, guint stride, double frequency, guint rate);
int tone_roughness (const gint16 *samples, guint n, guint stride);

G_END_DECLS
