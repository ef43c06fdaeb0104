/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

#include "bb-config.h"
#include "bb-controller.h"

G_BEGIN_DECLS

/**
 * BbWindow:
 *
 * The window of local mode: microphone and speaker in place of a phone, one
 * button to start and stop, the transcript of both sides, state and errors.
 */
#define BB_TYPE_WINDOW (bb_window_get_type ())
G_DECLARE_FINAL_TYPE (BbWindow, bb_window, BB, WINDOW, AdwApplicationWindow)

BbWindow *bb_window_new (AdwApplication *application, const BbConfig *config, BbController *controller);
/* What went wrong and what to do, until the person closes it. */
void bb_window_show_error (BbWindow *self, const char *title, const char *text);

G_END_DECLS
