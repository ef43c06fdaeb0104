/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-operator-line.h"

G_BEGIN_DECLS

/**
 * BbHeadset:
 *
 * The operator's microphone and speaker on a #BbOperatorLine: what is heard is
 * played at once; the microphone is opened when the line speaks and closed when
 * it no longer does, so that nobody is recorded unknowingly. Main context only.
 *
 * Signals:
 *  - "levels" (double caller, double answer, double microphone): each between 0
 *    and 1 on a scale of 60 dB, ten times a second.
 *  - "failed" (const char *text): microphone or speaker is gone; what to do.
 */
#define BB_TYPE_HEADSET (bb_headset_get_type ())
G_DECLARE_FINAL_TYPE (BbHeadset, bb_headset, BB, HEADSET, GObject)

#define BB_HEADSET_SIGNAL_LEVELS "levels"
#define BB_HEADSET_SIGNAL_FAILED "failed"

/* @source, @sink: element descriptions; NULL: the system's choice. Follows the
 * line until it is closed or the headset is stopped. */
BbHeadset *bb_headset_new (BbOperatorLine *line, const char *source, const char *sink);
void bb_headset_start (BbHeadset *self);
void bb_headset_stop (BbHeadset *self);

G_END_DECLS
