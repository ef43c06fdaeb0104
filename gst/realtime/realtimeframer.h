/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeplayout.h"

G_BEGIN_DECLS

typedef struct _GstRealtimeFramer GstRealtimeFramer;

GstRealtimeFramer *gst_realtime_framer_new (GstRealtimePlayout *playout);
void gst_realtime_framer_free (GstRealtimeFramer *self);
gboolean gst_realtime_framer_set_caps (GstRealtimeFramer *self, const GstCaps *caps);
guint gst_realtime_framer_get_rate (GstRealtimeFramer *self);
guint gst_realtime_framer_get_bytes_per_frame (GstRealtimeFramer *self);
gboolean gst_realtime_framer_fill (GstRealtimeFramer *self, guint8 *dest, gsize frames);

G_END_DECLS
