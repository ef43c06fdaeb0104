/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *bb_call_folder_make (const char *parent, const char *call_id, GError **error);

G_END_DECLS
