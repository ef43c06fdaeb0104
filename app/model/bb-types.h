/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * BbCallState:
 *
 * A call's one state machine (docs/architecture.md):
 * incoming → answering → talking → (operator) → ending → ended.
 * From every state the way to ending is open; ended is final.
 */
typedef enum
{
  BB_CALL_INCOMING,  /* ringing; nothing of ours is ready yet */
  BB_CALL_ANSWERING, /* the API is ready, 200 OK is on its way */
  BB_CALL_TALKING,   /* media flows, the bot speaks */
  BB_CALL_OPERATOR,  /* media flows, a person speaks in the bot's place */
  BB_CALL_ENDING,    /* somebody hung up; last words, BYE */
  BB_CALL_ENDED
} BbCallState;

/**
 * BbCallEnd:
 *
 * Why a call ended.
 */
typedef enum
{
  BB_CALL_END_NONE,      /* it has not */
  BB_CALL_END_CALLER,    /* BYE or CANCEL from the peer */
  BB_CALL_END_BOT,       /* the end_call tool */
  BB_CALL_END_OPERATOR,
  BB_CALL_END_TRANSFER,  /* passed to a human */
  BB_CALL_END_REFUSED,   /* never answered: busy, no codec, API down */
  BB_CALL_END_LOST,      /* the peer is gone (no RTP, transport error) */
  BB_CALL_END_ERROR,     /* media or API failed for good */
  BB_CALL_END_LIMIT,     /* maximum duration */
  BB_CALL_END_SHUTDOWN   /* the gateway stops */
} BbCallEnd;

/**
 * BbTranscriptKind:
 *
 * Who or what a line of the transcript comes from.
 */
typedef enum
{
  BB_TRANSCRIPT_CALLER,
  BB_TRANSCRIPT_BOT,
  BB_TRANSCRIPT_OPERATOR,
  BB_TRANSCRIPT_TOOL, /* a tool call with its result */
  BB_TRANSCRIPT_NOTE  /* what the program has to say: reconnecting, recording on */
} BbTranscriptKind;

typedef enum
{
  BB_ORDER_DRAFT,     /* growing, or left behind by a call that broke off */
  BB_ORDER_READ_BACK, /* read to the caller in its present form; may be submitted */
  BB_ORDER_SUBMITTED,
  BB_ORDER_CANCELLED
} BbOrderState;

/**
 * BbOperatorMode:
 *
 * What an operator does in a call, in the order of how far it goes.
 */
typedef enum
{
  BB_OPERATOR_AWAY,      /* nobody is there: the bot alone */
  BB_OPERATOR_LISTEN,    /* hears both; neither hears the operator */
  BB_OPERATOR_WHISPER,   /* the bot hears the operator, the caller does not */
  BB_OPERATOR_TAKE_OVER, /* speaks with the caller in the bot's place; the bot is silent */
  BB_OPERATOR_CONFERENCE /* all three hear each other */
} BbOperatorMode;

GType bb_call_state_get_type (void);
GType bb_call_end_get_type (void);
GType bb_transcript_kind_get_type (void);
GType bb_order_state_get_type (void);
GType bb_operator_mode_get_type (void);
#define BB_TYPE_CALL_STATE (bb_call_state_get_type ())
#define BB_TYPE_CALL_END (bb_call_end_get_type ())
#define BB_TYPE_TRANSCRIPT_KIND (bb_transcript_kind_get_type ())
#define BB_TYPE_ORDER_STATE (bb_order_state_get_type ())
#define BB_TYPE_OPERATOR_MODE (bb_operator_mode_get_type ())

/* Stable nicks ("talking", "read-back") for logs, JSON and the database; the
 * words a person reads come translated from …_label(). */
const char *bb_call_state_nick (BbCallState state);
const char *bb_call_state_label (BbCallState state);
const char *bb_call_end_nick (BbCallEnd end);
const char *bb_call_end_label (BbCallEnd end);
const char *bb_transcript_kind_nick (BbTranscriptKind kind);
const char *bb_transcript_kind_label (BbTranscriptKind kind);
const char *bb_order_state_nick (BbOrderState state);
const char *bb_order_state_label (BbOrderState state);
const char *bb_operator_mode_nick (BbOperatorMode mode); /* "take-over" */
const char *bb_operator_mode_label (BbOperatorMode mode);
/* %FALSE, and the value left alone, when @nick (nullable) is none of ours. */
gboolean bb_call_state_from_nick (const char *nick, BbCallState *state);
gboolean bb_call_end_from_nick (const char *nick, BbCallEnd *end);
gboolean bb_transcript_kind_from_nick (const char *nick, BbTranscriptKind *kind);
gboolean bb_order_state_from_nick (const char *nick, BbOrderState *state);
gboolean bb_operator_mode_from_nick (const char *nick, BbOperatorMode *mode);

/**
 * BB_ASSERT_MAIN_CONTEXT:
 *
 * Model objects change on the main context only (LESSONS 10). Aborts with the
 * function's name when the caller's thread does not own (and could not
 * acquire) the default main context. Cheap: one pointer comparison.
 */
#define BB_ASSERT_MAIN_CONTEXT() bb_assert_main_context (G_STRFUNC)
void bb_assert_main_context (const char *function);

G_END_DECLS
