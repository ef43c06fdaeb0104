/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-types.h"

G_BEGIN_DECLS

/**
 * BbTranscriptLine:
 *
 * One line of a call's transcript. Properties (all notify): kind, item-id
 * (nullable), text, final, time (ms since the call was answered),
 * interrupted (the bot was cut off here), tool-name, tool-arguments (JSON),
 * tool-result (JSON), the last three for BB_TRANSCRIPT_TOOL only.
 */
#define BB_TYPE_TRANSCRIPT_LINE (bb_transcript_line_get_type ())
G_DECLARE_FINAL_TYPE (BbTranscriptLine, bb_transcript_line, BB, TRANSCRIPT_LINE, GObject)

#define BB_TRANSCRIPT_LINE_PROP_KIND "kind"
#define BB_TRANSCRIPT_LINE_PROP_ITEM_ID "item-id"
#define BB_TRANSCRIPT_LINE_PROP_TEXT "text"
#define BB_TRANSCRIPT_LINE_PROP_FINAL "final"
#define BB_TRANSCRIPT_LINE_PROP_TIME "time"
#define BB_TRANSCRIPT_LINE_PROP_INTERRUPTED "interrupted"
#define BB_TRANSCRIPT_LINE_PROP_TOOL_NAME "tool-name"
#define BB_TRANSCRIPT_LINE_PROP_TOOL_ARGUMENTS "tool-arguments"
#define BB_TRANSCRIPT_LINE_PROP_TOOL_RESULT "tool-result"

BbTranscriptKind bb_transcript_line_get_kind (BbTranscriptLine *self);
const char *bb_transcript_line_get_item_id (BbTranscriptLine *self);
const char *bb_transcript_line_get_text (BbTranscriptLine *self);
gboolean bb_transcript_line_get_final (BbTranscriptLine *self);
gint64 bb_transcript_line_get_time (BbTranscriptLine *self);
gboolean bb_transcript_line_get_interrupted (BbTranscriptLine *self);
const char *bb_transcript_line_get_tool_name (BbTranscriptLine *self);      /* NULL unless a tool */
const char *bb_transcript_line_get_tool_arguments (BbTranscriptLine *self); /* NULL unless a tool */
const char *bb_transcript_line_get_tool_result (BbTranscriptLine *self);    /* NULL until it is there */

/**
 * BbTranscript:
 *
 * The lines of one call, a #GListModel of #BbTranscriptLine, in the order in
 * which they began (an answer may become final before the question it answers
 * has been transcribed). Emits "line-changed" (line) after any property of a
 * line changed. Main context only.
 */
#define BB_TYPE_TRANSCRIPT (bb_transcript_get_type ())
G_DECLARE_FINAL_TYPE (BbTranscript, bb_transcript, BB, TRANSCRIPT, GObject)

#define BB_TRANSCRIPT_SIGNAL_LINE_CHANGED "line-changed"

BbTranscript *bb_transcript_new (void);
/* Opens a line, for an item whose words come later; the line that is there
 * already when this item has one. A line whose time lies before that of lines
 * already there is put before them. (transfer none) */
BbTranscriptLine *bb_transcript_begin (BbTranscript *self, BbTranscriptKind kind, const char *item_id, gint64 time_ms);
/* Sets the text so far of the line with this item id, opening it if need be; a
 * late partial text never replaces a final one. @item_id NULL: always a new
 * line. @time_ms counts only when the line is opened. (transfer none) */
BbTranscriptLine *bb_transcript_update (BbTranscript *self, BbTranscriptKind kind, const char *item_id,
                                        const char *text, gboolean final, gint64 time_ms);
void bb_transcript_mark_interrupted (BbTranscript *self, const char *item_id);
/* A line that is complete at once: a note, an operator's word. (transfer none) */
BbTranscriptLine *bb_transcript_add (BbTranscript *self, BbTranscriptKind kind, const char *text, gint64 time_ms);
/* A tool call; its result comes later under the same call id, which is the
 * line's item-id; the line is final when it has come. (transfer none) */
BbTranscriptLine *bb_transcript_add_tool (BbTranscript *self, const char *call_id, const char *name,
                                          const char *arguments, gint64 time_ms);
void bb_transcript_set_tool_result (BbTranscript *self, const char *call_id, const char *result);

G_END_DECLS
