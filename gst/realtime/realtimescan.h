/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeevent.h"

G_BEGIN_DECLS

/* See realtimescan.c. For gst_realtime_event_parse() and tests. */
GstRealtimeEvent *gst_realtime_scan_event (const char *text, gsize size);

G_END_DECLS
