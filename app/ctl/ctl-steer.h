/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "ctl.h"

G_BEGIN_DECLS

/* @arguments: verb and what it takes, at least the verb. */
int ctl_steer_call (Ctl *ctl, const char *const *arguments);
int ctl_steer_order (Ctl *ctl, const char *const *arguments);

G_END_DECLS
