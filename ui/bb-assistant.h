/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

#include "bb-devices.h"

G_BEGIN_DECLS

/**
 * BbAssistant:
 *
 * The first start: what this is, whose calls, microphone and speaker. Closing
 * it takes what is set so far.
 *
 * Signals: "done" ().
 */
#define BB_TYPE_ASSISTANT (bb_assistant_get_type ())
G_DECLARE_FINAL_TYPE (BbAssistant, bb_assistant, BB, ASSISTANT, AdwWindow)

GtkWindow *bb_assistant_new (GtkApplication *application, BbDevices *devices, GSettings *settings);

G_END_DECLS
