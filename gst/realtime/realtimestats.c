/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "realtimestats.h"

#include <string.h>

void
gst_realtime_stats_init (GstRealtimeStats *self)
{
  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
}

/* All counters to zero: a new session begins. */
void
gst_realtime_stats_reset (GstRealtimeStats *self)
{
  g_mutex_lock (&self->lock);
  memset ((char *)self + G_STRUCT_OFFSET (GstRealtimeStats, bytes_sent), 0,
          sizeof *self - G_STRUCT_OFFSET (GstRealtimeStats, bytes_sent));
  g_mutex_unlock (&self->lock);
}

void
gst_realtime_stats_clear (GstRealtimeStats *self)
{
  g_mutex_clear (&self->lock);
}

void
gst_realtime_stats_add_turn (GstRealtimeStats *self, guint latency_ms)
{
  g_mutex_lock (&self->lock);
  self->turns++;
  self->turn_latency_last = latency_ms;
  self->turn_latency_max = MAX (self->turn_latency_max, latency_ms);
  self->turn_latency_sum += latency_ms;
  g_mutex_unlock (&self->lock);
}

void
gst_realtime_stats_add_resumption (GstRealtimeStats *self)
{
  g_mutex_lock (&self->lock);
  self->resumptions++;
  g_mutex_unlock (&self->lock);
}

void
gst_realtime_stats_add_interruption (GstRealtimeStats *self, guint silence_ms)
{
  g_mutex_lock (&self->lock);
  self->interruptions++;
  self->interruption_silence_last = silence_ms;
  self->interruption_silence_max = MAX (self->interruption_silence_max, silence_ms);
  g_mutex_unlock (&self->lock);
}

/* Returns: (transfer full): what the property "stats" shows */
GstStructure *
gst_realtime_stats_to_structure (GstRealtimeStats *self,
                                 guint queued_ms,
                                 const GstRealtimePrices *prices)
{
  GstRealtimeStats now;
  GstStructure *s;

  /* The I/O thread must not wait while a structure is made. */
  g_mutex_lock (&self->lock);
  now = *self;
  g_mutex_unlock (&self->lock);
  s = gst_structure_new ("openai-realtime-stats", "bytes-sent", G_TYPE_UINT64, now.bytes_sent,
                            "bytes-received", G_TYPE_UINT64, now.bytes_received, "ms-sent",
                            G_TYPE_UINT64, now.ms_sent, "ms-received", G_TYPE_UINT64,
                            now.ms_received, "ms-lost", G_TYPE_UINT64, now.ms_lost, "ms-queued",
                            G_TYPE_UINT, queued_ms, "deltas", G_TYPE_UINT64, now.deltas,
                            "responses", G_TYPE_UINT, now.responses, "interruptions", G_TYPE_UINT,
                            now.interruptions, "interruption-silence-last", G_TYPE_UINT,
                            now.interruption_silence_last, "interruption-silence-max", G_TYPE_UINT,
                            now.interruption_silence_max, "turns", G_TYPE_UINT, now.turns,
                            "turn-latency-last", G_TYPE_UINT, now.turn_latency_last,
                            "turn-latency-max", G_TYPE_UINT, now.turn_latency_max,
                            "turn-latency-sum", G_TYPE_UINT64, now.turn_latency_sum, "reconnects",
                            G_TYPE_UINT, now.reconnects, "renewals", G_TYPE_UINT, now.renewals,
                            "resumptions", G_TYPE_UINT, now.resumptions,
                            NULL);
  gst_realtime_usage_describe (&now.usage, prices, s);
  return s;
}
