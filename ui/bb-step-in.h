/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbStepIn:
 *
 * An operator's part in the call that is shown: the line into it, microphone
 * and speaker, and the actions of the group "call": listen, take-over,
 * conference (each on or off), hand-back, answer, answer-myself, refuse,
 * transfer (a SIP address; "": the one that is set), hang-up, whisper (text).
 * Each is enabled only when it makes sense. Main context only.
 *
 * Who speaks in a call and shows another one hands the first back: nobody is
 * heard where they are not looking.
 *
 * Signals:
 *  - "changed" (): mode or call.
 *  - "levels" (double caller, double answer, double microphone): 0 to 1.
 *  - "failed" (const char *title, const char *text): for a banner.
 */
#define BB_TYPE_STEP_IN (bb_step_in_get_type ())
G_DECLARE_FINAL_TYPE (BbStepIn, bb_step_in, BB, STEP_IN, GObject)

#define BB_STEP_IN_SIGNAL_CHANGED "changed"
#define BB_STEP_IN_SIGNAL_LEVELS "levels"
#define BB_STEP_IN_SIGNAL_FAILED "failed"

#define BB_STEP_IN_GROUP "call"

BbStepIn *bb_step_in_new (void);
GActionGroup *bb_step_in_get_actions (BbStepIn *self); /* (transfer none) */
void bb_step_in_set_call (BbStepIn *self, BbOperator *operator_, BbCall *call); /* both nullable */
/* Element descriptions; NULL: the system's choice. They count for the next line. */
void bb_step_in_set_devices (BbStepIn *self, const char *source, const char *sink);
BbOperator *bb_step_in_get_operator (BbStepIn *self); /* (transfer none) (nullable) */
/* What this operator does here; AWAY without a line. */
BbOperatorMode bb_step_in_get_mode (BbStepIn *self);

G_END_DECLS
