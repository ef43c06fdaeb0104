/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

#include "bb-devices.h"

G_BEGIN_DECLS

/**
 * BbSoundGroup:
 *
 * Microphone with its meter, speaker, and whether the echo is taken out: kept
 * in GSettings, by the sound server's names, so that a headset that comes back
 * is the chosen one again.
 */
#define BB_TYPE_SOUND_GROUP (bb_sound_group_get_type ())
G_DECLARE_FINAL_TYPE (BbSoundGroup, bb_sound_group, BB, SOUND_GROUP, AdwPreferencesGroup)

void bb_sound_group_set_up (BbSoundGroup *self, BbDevices *devices, GSettings *settings);

G_END_DECLS
