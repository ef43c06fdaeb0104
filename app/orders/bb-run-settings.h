/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-config.h"
#include "bb-settings.h"

G_BEGIN_DECLS

/* Settings that may change while the gateway runs: between the typed form that
 * people see and the settings that calls are begun with. */

/* (transfer full) */
BbSettings *bb_run_settings_get (const BbConfig *config, gboolean draining);
/* The settings with those that @fields names of @settings; all or none. Errors
 * are #BbOperatorError. `draining` is the caller's. (transfer full) */
BbConfig *bb_run_settings_change (const BbConfig *config, const BbSettings *settings, BbSettingsFields fields,
                                  GError **error);

G_END_DECLS
