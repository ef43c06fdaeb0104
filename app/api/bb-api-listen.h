/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-config.h"

G_BEGIN_DECLS

/* Where the API listens, and with what it encrypts. */

/* [api] tls-certificate and tls-key. NULL without @error: no TLS. (transfer full) */
GTlsCertificate *bb_api_load_certificate (const BbConfig *config, GError **error);
/* Listens, beyond this machine only with TLS or when allow-plain says so.
 * Returns the URL. (transfer full) */
char *bb_api_listen (GSocketListener *listener, const BbConfig *config, gboolean has_tls, guint *port,
                     GError **error);

G_END_DECLS
