/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-transcript.h"

G_BEGIN_DECLS

/**
 * BbTranscriptView:
 *
 * The lines of a transcript as they come. It stays at the newest line until
 * the reader scrolls back; a button then leads to the end again.
 */
#define BB_TYPE_TRANSCRIPT_VIEW (bb_transcript_view_get_type ())
G_DECLARE_FINAL_TYPE (BbTranscriptView, bb_transcript_view, BB, TRANSCRIPT_VIEW, GtkWidget)

void bb_transcript_view_set_transcript (BbTranscriptView *self, BbTranscript *transcript); /* nullable */

G_END_DECLS
