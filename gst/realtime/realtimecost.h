/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a service bills apart: tokens by kind, and the minutes of a transcript. */
typedef enum
{
  GST_REALTIME_COST_TEXT_INPUT,
  GST_REALTIME_COST_TEXT_CACHED,
  GST_REALTIME_COST_TEXT_OUTPUT,
  GST_REALTIME_COST_AUDIO_INPUT,
  GST_REALTIME_COST_AUDIO_CACHED,
  GST_REALTIME_COST_AUDIO_OUTPUT,
  GST_REALTIME_COST_IMAGE_INPUT,
  GST_REALTIME_COST_IMAGE_CACHED,
  GST_REALTIME_COST_TRANSCRIPTION_TEXT,
  GST_REALTIME_COST_TRANSCRIPTION_AUDIO,
  GST_REALTIME_COST_TRANSCRIPTION_OUTPUT,
  GST_REALTIME_N_COSTS
} GstRealtimeCostKind;

/* What was used so far; plain memory, zero is empty. */
typedef struct
{
  guint64 tokens[GST_REALTIME_N_COSTS];
  guint64 total;                /* tokens */
  double transcription_seconds; /* of transcripts that are billed by time */
} GstRealtimeUsage;

/* Money per million tokens by kind, and per minute; below 0: not set. */
typedef struct
{
  double per_million[GST_REALTIME_N_COSTS];
  double per_minute;
  char currency[16];
  gboolean set; /* any price is */
} GstRealtimePrices;

void gst_realtime_usage_add (GstRealtimeUsage *self, const GstStructure *usage);
double gst_realtime_usage_get_cost (const GstRealtimeUsage *self,
                                    const GstRealtimePrices *prices,
                                    guint64 *unpriced);
void gst_realtime_usage_describe (const GstRealtimeUsage *self,
                                  const GstRealtimePrices *prices,
                                  GstStructure *into);

void gst_realtime_prices_init (GstRealtimePrices *self);
gboolean gst_realtime_prices_parse (GstRealtimePrices *self, const GstStructure *s, GError **error);

G_END_DECLS
