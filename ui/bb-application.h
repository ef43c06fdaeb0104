/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * BbApplication:
 *
 * The desktop program: settings, catalogue and store loaded once, one window.
 * What can't be loaded is said on the terminal and ends the program with
 * status 1. At the end running calls are stopped first.
 */
#define BB_TYPE_APPLICATION (bb_application_get_type ())
G_DECLARE_FINAL_TYPE (BbApplication, bb_application, BB, APPLICATION, AdwApplication)

BbApplication *bb_application_new (void);

G_END_DECLS
