/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean bb_sip_address_is_any (const char *address);
char *bb_sip_address_toward (const char *peer, guint16 port, GError **error);
char *bb_sip_address_bracket (const char *address);
guint bb_sip_address_probe (const char *address, guint port, GError **error);

G_END_DECLS
