/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-transcript.h"

G_BEGIN_DECLS

/* For bb-transcript.c alone: lines change through their transcript. */

BbTranscriptLine *bb_transcript_line_new (BbTranscriptKind kind, const char *item_id, gint64 time_ms);
BbTranscriptLine *bb_transcript_line_new_tool (const char *call_id, const char *name, const char *arguments,
                                               gint64 time_ms);
/* Each: TRUE when something changed, after the notify signals. */
gboolean bb_transcript_line_set_text (BbTranscriptLine *self, const char *text, gboolean final);
gboolean bb_transcript_line_set_interrupted (BbTranscriptLine *self);
gboolean bb_transcript_line_set_tool_result (BbTranscriptLine *self, const char *result);

G_END_DECLS
