/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a service must not tell anybody by quoting it. */
#define _GNU_SOURCE /* memmem */
#include "realtimesettings.h"

#include <string.h>

/* Puts stars for @secret. @hidden: (inout): the copy of @text with them, or %NULL */
static void
hide (const char *text, gsize size, const char *secret, char **hidden)
{
  gsize length = secret != NULL ? strlen (secret) : 0;
  char *found;

  /* Something as short may well be a part of something else. */
  if (length < 8 || memmem (*hidden != NULL ? *hidden : text, size, secret, length) == NULL)
    return;
  if (*hidden == NULL)
    {
      *hidden = g_malloc (size + 1);
      memcpy (*hidden, text, size);
      (*hidden)[size] = '\0';
    }
  while ((found = memmem (*hidden, size, secret, length)) != NULL)
    memset (found, '*', length);
}

/**
 * gst_realtime_settings_hide_secrets:
 * @text: a message of the service, @size bytes
 *
 * A service may quote the key or the header it refuses: it goes no further.
 *
 * Returns: (transfer full) (nullable): @text with stars for them; %NULL: there are none
 */
char *
gst_realtime_settings_hide_secrets (const GstRealtimeSettings *self, const char *text, gsize size)
{
  const GstStructure *headers = self->extra_headers;
  char *hidden = NULL;

  hide (text, size, self->api_key, &hidden);
  for (int i = 0; headers != NULL && i < gst_structure_n_fields (headers); i++)
    hide (text, size, gst_structure_get_string (headers, gst_structure_nth_field_name (headers, i)),
          &hidden);
  return hidden;
}
