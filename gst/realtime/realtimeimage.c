/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "realtimeimage.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <string.h>

/**
 * gst_realtime_image_to_uri:
 * @data: the file's @size bytes
 *
 * The kind is read from the bytes, not believed.
 *
 * Returns: (transfer full): a data URI as input_image takes it; %NULL with
 *   @error if it is neither PNG nor JPEG, or too large
 */
char *
gst_realtime_image_to_uri (const guint8 *data, gsize size, GError **error)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff };
  g_autofree char *base64 = NULL;
  const char *type = NULL;

  if (size >= sizeof png && memcmp (data, png, sizeof png) == 0)
    type = "png";
  else if (size >= sizeof jpeg && memcmp (data, jpeg, sizeof jpeg) == 0)
    type = "jpeg";
  if (type == NULL || size > GST_REALTIME_IMAGE_MAX)
    {
      g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE,
                   _ ("An image must be a PNG or JPEG file of at most %d MiB"),
                   GST_REALTIME_IMAGE_MAX / (1024 * 1024));
      return NULL;
    }
  base64 = g_base64_encode (data, size);
  return g_strdup_printf ("data:image/%s;base64,%s", type, base64);
}
