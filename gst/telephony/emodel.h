/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* ITU-T G.113 appendix I, for a codec that conceals what is lost. For what has
 * no published value (Opus, G.722 on this scale) the same is taken. */
#define EMODEL_IE_G711 0.0
#define EMODEL_BPL_G711_PLC 25.1

double emodel_rating (double delay_ms, double loss_percent, double ie, double bpl);
double emodel_mos (double rating);

G_END_DECLS
