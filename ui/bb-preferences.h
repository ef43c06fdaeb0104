/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

#include "bb-devices.h"

G_BEGIN_DECLS

/**
 * BbPreferences:
 *
 * What a person may set for themselves: appearance, sound, whose calls are
 * shown. Kept in GSettings; secrets go to the keyring.
 */
#define BB_TYPE_PREFERENCES (bb_preferences_get_type ())
G_DECLARE_FINAL_TYPE (BbPreferences, bb_preferences, BB, PREFERENCES, AdwPreferencesWindow)

GtkWindow *bb_preferences_new (GtkWindow *parent, BbDevices *devices, GSettings *settings);

G_END_DECLS
