/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeformat.h"
#include "realtimeio.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean eos; /* nothing follows; no data */
  GstRealtimeFormat format;
  gsize size;
  gsize allocated;
  guint8 *data;
  GList link; /* of the queue it is in; its data is the chunk */
} GstRealtimeChunk;

typedef struct _GstRealtimeUplink GstRealtimeUplink;

GstRealtimeUplink *gst_realtime_uplink_new (void);
void gst_realtime_uplink_free (GstRealtimeUplink *self);
void gst_realtime_uplink_set_waker (GstRealtimeUplink *self, GstRealtimeWaker *waker);
gboolean gst_realtime_uplink_push (GstRealtimeUplink *self,
                                   GstRealtimeFormat format,
                                   const guint8 *data,
                                   gsize size);
void gst_realtime_uplink_push_eos (GstRealtimeUplink *self);
GstRealtimeChunk *gst_realtime_uplink_pop (GstRealtimeUplink *self);
void gst_realtime_uplink_recycle (GstRealtimeUplink *self, GstRealtimeChunk *chunk);

G_END_DECLS
