/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "callrtpstats.h"

#define STATS_PTIME 20 /* ms; what nearly every peer sends */

/**
 * gst_call_rtp_stats_new:
 * @receiver: on the thread that owns it
 * @srtp: (nullable): NULL: plain RTP
 *
 * Returns: (transfer full): what the property stats of callrtpsrc shows
 */
GstStructure *
gst_call_rtp_stats_new (const RtpReceiver *receiver, SrtpSession *srtp)
{
  const SrtpCounters none = { 0 };
  const SrtpCounters *counters = srtp != NULL ? srtp_session_get_counters (srtp) : &none;
  g_autofree char *source = rtp_address_to_string (&receiver->rtp_latch.latched);

  return gst_structure_new (
      "call-rtp-src-stats",
      /* RFC 3550 sections A.1, A.3, A.8 */
      "packets-received", G_TYPE_UINT64, rtp_reception_get_received (&receiver->reception),
      "packets-lost", G_TYPE_UINT64, rtp_reception_get_lost (&receiver->reception),
      "jitter-ms", G_TYPE_DOUBLE, rtp_reception_get_jitter_ms (&receiver->reception),
      "bytes-received", G_TYPE_UINT64, receiver->bytes,
      /* dropped */
      "invalid", G_TYPE_UINT64, receiver->invalid,
      "wrong-payload-type", G_TYPE_UINT64, receiver->wrong_payload_type,
      "rtcp-on-rtp", G_TYPE_UINT64, receiver->rtcp_on_rtp,
      "foreign", G_TYPE_UINT64, receiver->foreign,
      "srtp-rejected", G_TYPE_UINT64, counters->rejected,
      "srtp-replayed", G_TYPE_UINT64, counters->replayed,
      "srtp-unsent", G_TYPE_UINT64, counters->unsent,
      /* where from; empty: nothing came yet */
      "source", G_TYPE_STRING, source,
      /* what the peer reports of our stream */
      "rtcp-packets", G_TYPE_UINT64, receiver->rtcp_packets,
      "remote-fraction-lost", G_TYPE_DOUBLE, receiver->remote_report.fraction_lost / 256.0,
      "remote-packets-lost", G_TYPE_INT, receiver->remote_report.cumulative_lost,
      "remote-jitter-ms", G_TYPE_DOUBLE, rtp_receiver_get_remote_jitter_ms (receiver),
      "byes", G_TYPE_UINT64, receiver->byes,
      /* ITU-T G.107; 0: unknown */
      "mos", G_TYPE_DOUBLE, rtp_receiver_get_mos (receiver, STATS_PTIME),
      "remote-mos", G_TYPE_DOUBLE, rtp_receiver_get_remote_mos (receiver, STATS_PTIME),
      "round-trip-ms", G_TYPE_DOUBLE,
      receiver->round_trip < 0 ? -1.0 : (double) receiver->round_trip / GST_MSECOND, NULL);
}
