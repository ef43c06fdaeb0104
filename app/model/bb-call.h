/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-media-params.h"
#include "bb-order.h"
#include "bb-transcript.h"
#include "bb-types.h"

G_BEGIN_DECLS

/**
 * BbCallQuality:
 *
 * Figures of a call so far; all zero until media flows.
 */
typedef struct
{
  guint64 packets_sent;
  guint64 packets_received;
  guint64 packets_lost;     /* of the caller's, by sequence number (RFC 3550 A.3) */
  double jitter;            /* ms, RFC 3550 A.8 */
  guint64 remote_lost;      /* of ours, as the caller's end reports (RTCP) */
  double remote_jitter;     /* ms, as it reports */
  double round_trip;        /* ms, by RTCP; 0: unknown */
  double mos;               /* how the caller sounds to us, 1 to 4.5 (ITU-T G.107); 0: unknown */
  double remote_mos;        /* how we sound to the caller */
  guint turns;              /* answers that followed a caller's words */
  guint turn_latency_last;  /* ms from speech_stopped to the first frame on the wire */
  guint turn_latency_max;
  guint64 turn_latency_sum; /* ms; mean = sum / turns */
  guint interruptions;
  guint interruption_silence_max; /* ms from speech_started to the first silent frame */
} BbCallQuality;

/**
 * BbCall:
 *
 * One call as people see it: the gateway's session fills it, or the API
 * client on another machine. Properties (notify): id, caller-number,
 * caller-name, called, state, end, end-text, started, answered, ended
 * (#GDateTime), media (#BbMediaParams, nullable), recording-path, transcript
 * (#BbTranscript), order (#BbOrder), connection (state of the Realtime
 * connection: a string), speaking (#BbTranscriptKind or -1: who is heard now),
 * operator-mode (#BbOperatorMode: the furthest that any operator goes), waiting
 * (it rings for people; the bot answers later).
 * Emits "changed" after any property. Main context only.
 */
#define BB_TYPE_CALL (bb_call_get_type ())
G_DECLARE_FINAL_TYPE (BbCall, bb_call, BB, CALL, GObject)

#define BB_CALL_PROP_ID "id"
#define BB_CALL_PROP_CALLER_NUMBER "caller-number"
#define BB_CALL_PROP_CALLER_NAME "caller-name"
#define BB_CALL_PROP_CALLED "called"
#define BB_CALL_PROP_STATE "state"
#define BB_CALL_PROP_END "end"
#define BB_CALL_PROP_END_TEXT "end-text"
#define BB_CALL_PROP_STARTED "started"
#define BB_CALL_PROP_ANSWERED "answered"
#define BB_CALL_PROP_ENDED "ended"
#define BB_CALL_PROP_MEDIA "media"
#define BB_CALL_PROP_RECORDING_PATH "recording-path"
#define BB_CALL_PROP_TRANSCRIPT "transcript"
#define BB_CALL_PROP_ORDER "order"
#define BB_CALL_PROP_CONNECTION "connection"
#define BB_CALL_PROP_SPEAKING "speaking"
#define BB_CALL_PROP_OPERATOR_MODE "operator-mode"
#define BB_CALL_PROP_WAITING "waiting"

#define BB_CALL_SIGNAL_CHANGED "changed"

/* @id NULL: a new UUID. Starts in BB_CALL_INCOMING, now. */
BbCall *bb_call_new (const char *id, const char *caller_number, const char *caller_name, const char *called);
/* A call as another process knows it: every field as given, no signal. Dates
 * (nullable, but for @started) are (transfer none). @order NULL: a new one. */
BbCall *bb_call_new_full (const char *id, const char *caller_number, const char *caller_name, const char *called,
                          BbCallState state, BbCallEnd end, const char *end_text, GDateTime *started,
                          GDateTime *answered, GDateTime *ended, BbOrder *order);

const char *bb_call_get_id (BbCall *self); /* UUID */
const char *bb_call_get_caller_number (BbCall *self);
const char *bb_call_get_caller_name (BbCall *self);
const char *bb_call_get_called (BbCall *self);
char *bb_call_dup_title (BbCall *self); /* name, else number, else "anonymous", translated */
BbCallState bb_call_get_state (BbCall *self);
BbCallEnd bb_call_get_end (BbCall *self);
const char *bb_call_get_end_text (BbCall *self);
GDateTime *bb_call_get_started (BbCall *self);
GDateTime *bb_call_get_answered (BbCall *self); /* NULL before */
GDateTime *bb_call_get_ended (BbCall *self);    /* NULL before */
gint64 bb_call_get_duration (BbCall *self);     /* ms talked so far, monotonic clock; 0 before the answer */
const BbMediaParams *bb_call_get_media (BbCall *self);
const char *bb_call_get_recording_path (BbCall *self);
const char *bb_call_get_connection (BbCall *self);
int bb_call_get_speaking (BbCall *self);
BbOperatorMode bb_call_get_operator_mode (BbCall *self);
gboolean bb_call_get_waiting (BbCall *self);
const BbCallQuality *bb_call_get_quality (BbCall *self);
BbTranscript *bb_call_get_transcript (BbCall *self); /* (transfer none) */
BbOrder *bb_call_get_order (BbCall *self);           /* (transfer none) */

/* For whoever fills the object. The state only moves forward; an illegal step,
 * the present state included, is refused with FALSE (and TALKING ↔ OPERATOR is
 * legal both ways). ENDED is reached through ENDING only, ENDING from every
 * state before it. Entering TALKING stamps `answered`, ENDED stamps `ended`. */
gboolean bb_call_set_state (BbCall *self, BbCallState state);
/* The first reason stays. */
void bb_call_set_end (BbCall *self, BbCallEnd end, const char *text);
void bb_call_set_media (BbCall *self, const BbMediaParams *media);
void bb_call_set_recording_path (BbCall *self, const char *path);
void bb_call_set_connection (BbCall *self, const char *connection);
void bb_call_set_speaking (BbCall *self, int speaking);
void bb_call_set_operator_mode (BbCall *self, BbOperatorMode mode);
void bb_call_set_waiting (BbCall *self, gboolean waiting);
void bb_call_set_quality (BbCall *self, const BbCallQuality *quality);
/* For an object that mirrors a call of another process: what is true there,
 * whatever was missed on the way. Dates (nullable) are (transfer none);
 * @duration in ms. */
void bb_call_mirror (BbCall *self, BbCallState state, BbCallEnd end, const char *end_text,
                     GDateTime *answered, GDateTime *ended, gint64 duration);

G_END_DECLS
