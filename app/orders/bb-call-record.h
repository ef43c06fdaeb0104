/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call.h"

G_BEGIN_DECLS

/* One line of a transcript as it is stored. */
typedef struct
{
  BbTranscriptKind kind;
  char *item_id; /* nullable */
  char *text;
  gboolean final, interrupted;
  gint64 time; /* ms since the answer */
  char *tool_name, *tool_arguments, *tool_result; /* nullable */
} BbLineRecord;

/**
 * BbCallRecord:
 *
 * A call that has ended, as it is stored: plain values, so that any thread may
 * hold them. Model objects are made of it on the main context.
 */
typedef struct
{
  char *id, *caller_number, *caller_name, *called;
  BbCallEnd end;
  char *end_text;
  GDateTime *started, *answered, *ended; /* answered: nullable */
  gint64 duration;                       /* ms */
  char *codec;                           /* nullable */
  char *recording_path;                  /* nullable */
  char *order_id;                        /* nullable: nothing was ordered */
  GPtrArray *lines;                      /* (element-type BbLineRecord) */
} BbCallRecord;

/* @with_transcript: what was said too. Main context. (transfer full) */
BbCallRecord *bb_call_record_new (BbCall *call, gboolean with_transcript);
BbCallRecord *bb_call_record_new_empty (void);
void bb_call_record_free (BbCallRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbCallRecord, bb_call_record_free)
BbLineRecord *bb_line_record_new (void);
/* @order (nullable): what was ordered in it. Main context. (transfer full) */
BbCall *bb_call_record_to_call (const BbCallRecord *self, BbOrder *order);
/* All that a search looks at, folded: " muller 4930111 zehn t stuck ". (transfer full) */
char *bb_call_record_fold (const BbCallRecord *self);

/* Words as a search compares them, each with a blank before and after it. (transfer full) */
char *bb_search_fold (const char *text);
/* Whether each word of @query (any text) is in @folded, or the start of one there. */
gboolean bb_search_matches (const char *folded, const char *query);

G_END_DECLS
