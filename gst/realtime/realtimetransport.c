/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "realtimetransport.h"

G_DEFINE_INTERFACE (GstRealtimeTransport, gst_realtime_transport, G_TYPE_OBJECT)

enum
{
  OPENED,
  MESSAGE,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
gst_realtime_transport_default_init (GstRealtimeTransportInterface *iface)
{
  GType type = G_TYPE_FROM_INTERFACE (iface);

  signals[OPENED] =
      g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_BYTES | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_ERROR);
}

/* Starts to connect; "opened" or "closed" follows, never before this returns. */
void
gst_realtime_transport_open (GstRealtimeTransport *self)
{
  GST_REALTIME_TRANSPORT_GET_IFACE (self)->open (self);
}

/* Returns: %FALSE when it is not open; the text is copied */
gboolean
gst_realtime_transport_send (GstRealtimeTransport *self, const char *text, gsize size)
{
  return GST_REALTIME_TRANSPORT_GET_IFACE (self)->send (self, text, size);
}

/* Ends the connection politely and for good: no signal follows. Harmless when not open. */
void
gst_realtime_transport_close (GstRealtimeTransport *self, guint code, const char *reason)
{
  GST_REALTIME_TRANSPORT_GET_IFACE (self)->close (self, code, reason);
}

/* Returns: (transfer full) (nullable): another one to the same service, not open;
 * %NULL: there can be one at a time only */
GstRealtimeTransport *
gst_realtime_transport_clone (GstRealtimeTransport *self)
{
  GstRealtimeTransportInterface *iface = GST_REALTIME_TRANSPORT_GET_IFACE (self);

  return iface->clone != NULL ? iface->clone (self) : NULL;
}

/* Returns: bytes that were handed over and have not left yet */
gsize
gst_realtime_transport_get_waiting (GstRealtimeTransport *self)
{
  GstRealtimeTransportInterface *iface = GST_REALTIME_TRANSPORT_GET_IFACE (self);

  return iface->get_waiting != NULL ? iface->get_waiting (self) : 0;
}

void
gst_realtime_transport_emit_opened (GstRealtimeTransport *self)
{
  g_signal_emit (self, signals[OPENED], 0);
}

void
gst_realtime_transport_emit_message (GstRealtimeTransport *self, GBytes *message)
{
  g_signal_emit (self, signals[MESSAGE], 0, message);
}

void
gst_realtime_transport_emit_closed (GstRealtimeTransport *self, guint code, const GError *error)
{
  g_signal_emit (self, signals[CLOSED], 0, code, error);
}
