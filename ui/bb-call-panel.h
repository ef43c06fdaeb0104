/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-step-in.h"

G_BEGIN_DECLS

/**
 * BbCallPanel:
 *
 * One call with all that belongs to it: who it is and how it goes, transcript
 * and order.
 *
 * Signals: "back" (): to the list, in a narrow window.
 */
#define BB_TYPE_CALL_PANEL (bb_call_panel_get_type ())
G_DECLARE_FINAL_TYPE (BbCallPanel, bb_call_panel, BB, CALL_PANEL, GtkWidget)

#define BB_CALL_PANEL_SIGNAL_BACK "back"

void bb_call_panel_set_call (BbCallPanel *self, BbStepIn *step_in, BbCall *call); /* both nullable */
void bb_call_panel_focus_whisper (BbCallPanel *self);
void bb_call_panel_ask_transfer (BbCallPanel *self);
void bb_call_panel_set_currency (BbCallPanel *self, const char *currency);
void bb_call_panel_set_narrow (BbCallPanel *self, gboolean narrow);

G_END_DECLS
