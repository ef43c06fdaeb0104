/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-step-in.h"

G_BEGIN_DECLS

/**
 * BbCallControls:
 *
 * What an operator can do in the call that is shown, and whom the caller hears.
 * The buttons are the actions of #BbStepIn, which an ancestor has as its group
 * "call".
 */
#define BB_TYPE_CALL_CONTROLS (bb_call_controls_get_type ())
G_DECLARE_FINAL_TYPE (BbCallControls, bb_call_controls, BB, CALL_CONTROLS, GtkWidget)

void bb_call_controls_set_call (BbCallControls *self, BbStepIn *step_in, BbCall *call); /* both nullable */
void bb_call_controls_focus_whisper (BbCallControls *self);
void bb_call_controls_ask_transfer (BbCallControls *self);

G_END_DECLS
