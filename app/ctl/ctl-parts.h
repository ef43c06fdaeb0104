/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-order.h"
#include "bb-transcript.h"
#include "ctl.h"

G_BEGIN_DECLS

/* Pieces that several commands show. */

/* "  0:12  Caller     Zehn T-Stücke, bitte" (transfer full) */
char *ctl_format_line (BbTranscriptLine *line, gboolean colour);
/* "State:          talking"; nothing when there is no value. */
void ctl_put_field (const char *name, const char *value);
/* Its lines as a table, and the total. */
void ctl_put_order_lines (Ctl *ctl, BbOrder *order);

G_END_DECLS
