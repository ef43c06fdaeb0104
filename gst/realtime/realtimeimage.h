/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of a file; a third more as base64. */
#define GST_REALTIME_IMAGE_MAX (10 * 1024 * 1024)

char *gst_realtime_image_to_uri (const guint8 *data, gsize size, GError **error);

G_END_DECLS
