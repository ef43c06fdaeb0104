/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GstRealtimeTransport:
 *
 * What carries text messages to the service and back. One thread only: the one
 * that opens it. Signals:
 *  - "opened" ()
 *  - "message" (GBytes): one message; its bytes are gone when the handlers have
 *    returned: whoever wants to keep them copies them
 *  - "closed" (guint code, GError error): the connection ended or never came
 *    to be; @code is the WebSocket close code or 0, @error (GST_RESOURCE_ERROR)
 *    says why unless we closed it. It may be opened again afterwards.
 */
#define GST_TYPE_REALTIME_TRANSPORT (gst_realtime_transport_get_type ())
G_DECLARE_INTERFACE (GstRealtimeTransport, gst_realtime_transport, GST, REALTIME_TRANSPORT, GObject)

struct _GstRealtimeTransportInterface
{
  GTypeInterface parent_iface;

  void (*open) (GstRealtimeTransport *self);
  gboolean (*send) (GstRealtimeTransport *self, const char *text, gsize size);
  void (*close) (GstRealtimeTransport *self, guint code, const char *reason);
  GstRealtimeTransport *(*clone) (GstRealtimeTransport *self); /* nullable */
  gsize (*get_waiting) (GstRealtimeTransport *self);           /* nullable */
};

void gst_realtime_transport_open (GstRealtimeTransport *self);
gboolean gst_realtime_transport_send (GstRealtimeTransport *self, const char *text, gsize size);
void gst_realtime_transport_close (GstRealtimeTransport *self, guint code, const char *reason);
GstRealtimeTransport *gst_realtime_transport_clone (GstRealtimeTransport *self);
gsize gst_realtime_transport_get_waiting (GstRealtimeTransport *self);

/* For implementations. */
void gst_realtime_transport_emit_opened (GstRealtimeTransport *self);
void gst_realtime_transport_emit_message (GstRealtimeTransport *self, GBytes *message);
void
gst_realtime_transport_emit_closed (GstRealtimeTransport *self, guint code, const GError *error);

G_END_DECLS
