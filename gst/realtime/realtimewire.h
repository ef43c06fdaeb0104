/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimepoller.h"

G_BEGIN_DECLS

/* What may wait to be sent when a further message comes; see realtimewire.c. */
#define GST_REALTIME_WIRE_MAX_WAITING (1024 * 1024)

/* Close codes, RFC 6455 section 7.4.1. */
#define GST_REALTIME_WIRE_CLOSE_NORMAL    1000
#define GST_REALTIME_WIRE_CLOSE_PROTOCOL  1002
#define GST_REALTIME_WIRE_CLOSE_NO_STATUS 1005
#define GST_REALTIME_WIRE_CLOSE_TOO_BIG   1009

typedef enum
{
  GST_REALTIME_WIRE_LOST,     /* the socket ended or failed */
  GST_REALTIME_WIRE_CLOSED,   /* by a close frame of the peer */
  GST_REALTIME_WIRE_PROTOCOL, /* the peer sent what is no WebSocket */
  GST_REALTIME_WIRE_STALLED   /* the peer does not take what we send */
} GstRealtimeWireEnd;

/* Called on the wire's thread; may let go of it. */
typedef struct
{
  /* @text: @size bytes, followed by a NUL; valid until this returns */
  void (*message) (gpointer user_data, const char *text, gsize size);
  /* The last call. @code: of the peer's close frame, or 0; @reason: its text, or
   * what went wrong; never %NULL */
  void (*ended) (gpointer user_data, GstRealtimeWireEnd end, guint code, const char *reason);
} GstRealtimeWireListener;

typedef struct _GstRealtimeWire GstRealtimeWire;

GstRealtimeWire *gst_realtime_wire_new (GIOStream *stream,
                                        GSocket *socket,
                                        gboolean is_tls,
                                        const GstRealtimeWireListener *listener,
                                        gpointer user_data);
GstRealtimeWire *gst_realtime_wire_ref (GstRealtimeWire *self);
void gst_realtime_wire_unref (GstRealtimeWire *self);
void gst_realtime_wire_set_listener (GstRealtimeWire *self,
                                     const GstRealtimeWireListener *listener,
                                     gpointer user_data);
gboolean gst_realtime_wire_send (GstRealtimeWire *self, const char *text, gsize size);
void gst_realtime_wire_close (GstRealtimeWire *self, guint code, const char *reason);
void gst_realtime_wire_cut (GstRealtimeWire *self);
gsize gst_realtime_wire_get_waiting (GstRealtimeWire *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeWire, gst_realtime_wire_unref)

G_END_DECLS
