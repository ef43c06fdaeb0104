/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * BbDeskGroup:
 *
 * Whose calls are shown: this computer's own, with the simulator or the real
 * service and its key, or those of a gateway with address and token. Kept in
 * GSettings; key and token in the keyring.
 */
#define BB_TYPE_DESK_GROUP (bb_desk_group_get_type ())
G_DECLARE_FINAL_TYPE (BbDeskGroup, bb_desk_group, BB, DESK_GROUP, AdwPreferencesGroup)

void bb_desk_group_set_up (BbDeskGroup *self, GSettings *settings);
/* Keeps a secret that was typed and not confirmed yet. */
void bb_desk_group_apply (BbDeskGroup *self);

G_END_DECLS
