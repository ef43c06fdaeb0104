/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The scanner of frequent events against json-glib: whatever it takes must read
 * the same on both ways. */
#include "realtime-scan-compare.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  gboolean scanned;
  const char *difference = compare_scan ((const char *)data, size, &scanned);

  if (difference != NULL)
    g_error ("differs: %s", difference);
  return 0;
}
