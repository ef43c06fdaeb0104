/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-transcript.h"

G_BEGIN_DECLS

/**
 * BbTranscriptRow:
 *
 * One line of a transcript: a bubble for what was said, a folded box for a
 * tool call, a centred line for a note. Property "line" (#BbTranscriptLine,
 * nullable) may change: list views reuse their rows.
 */
#define BB_TYPE_TRANSCRIPT_ROW (bb_transcript_row_get_type ())
G_DECLARE_FINAL_TYPE (BbTranscriptRow, bb_transcript_row, BB, TRANSCRIPT_ROW, GtkWidget)

G_END_DECLS
