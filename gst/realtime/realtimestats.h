/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimecost.h"

G_BEGIN_DECLS

/* Counters of one element; written by the I/O and the playout thread, read by
 * anybody, under the lock. */
typedef struct
{
  GMutex lock;
  guint64 bytes_sent;     /* audio, before base64 */
  guint64 bytes_received; /* audio, after base64 */
  guint64 ms_sent;
  guint64 ms_received;
  guint64 ms_lost; /* caller audio that found no room while there was no connection */
  guint64 deltas;
  guint responses;
  guint interruptions;
  guint interruption_silence_last; /* ms from speech_started to the first silent frame */
  guint interruption_silence_max;
  guint turns;
  guint turn_latency_last; /* ms from speech_stopped to the first frame of the answer */
  guint turn_latency_max;
  guint64 turn_latency_sum;
  guint reconnects;
  guint resumptions; /* pauses after which the answer went on */
  guint renewals;    /* sessions that took over in a pause */
  GstRealtimeUsage usage;
} GstRealtimeStats;

void gst_realtime_stats_init (GstRealtimeStats *self);
void gst_realtime_stats_reset (GstRealtimeStats *self);
void gst_realtime_stats_clear (GstRealtimeStats *self);
void gst_realtime_stats_add_turn (GstRealtimeStats *self, guint latency_ms);
void gst_realtime_stats_add_resumption (GstRealtimeStats *self);
void gst_realtime_stats_add_interruption (GstRealtimeStats *self, guint silence_ms);
GstStructure *gst_realtime_stats_to_structure (GstRealtimeStats *self,
                                              guint queued_ms,
                                              const GstRealtimePrices *prices);

G_END_DECLS
