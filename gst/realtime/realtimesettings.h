/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_REALTIME_TURN_SERVER_VAD,
  GST_REALTIME_TURN_SEMANTIC_VAD,
  GST_REALTIME_TURN_NONE
} GstRealtimeTurnDetection;

typedef enum
{
  GST_REALTIME_NOISE_NONE,
  GST_REALTIME_NOISE_NEAR_FIELD,
  GST_REALTIME_NOISE_FAR_FIELD
} GstRealtimeNoiseReduction;

/* The bin's properties that concern the session; a copy travels to the I/O
 * thread, so that nothing is shared. */
typedef struct
{
  char *api_key;
  char *base_url;
  char *model;
  char *voice;
  double speed;
  char *instructions;
  char *greeting;
  char *language;
  char *transcription_model;
  GstRealtimeTurnDetection turn_detection;
  double vad_threshold;
  guint prefix_padding;   /* ms */
  guint silence_duration; /* ms */
  GstRealtimeNoiseReduction noise_reduction;
  char *tools;   /* JSON array */
  char *session; /* JSON object */
  gboolean reconnect;
  gboolean reversible_barge_in;
  guint backchannel_duration; /* ms */
  guint backchannel_timeout;  /* ms */
  char *backchannel_words;    /* separated by commas */
} GstRealtimeSettings;

GstRealtimeSettings *gst_realtime_settings_new (void);
GstRealtimeSettings *gst_realtime_settings_copy (const GstRealtimeSettings *self);
void gst_realtime_settings_free (GstRealtimeSettings *self);
gboolean gst_realtime_settings_validate (const GstRealtimeSettings *self, GError **error);
void gst_realtime_settings_get_barge_in (const GstRealtimeSettings *self,
                                         gboolean *reversible,
                                         gboolean *asks);
char *gst_realtime_settings_build_url (const GstRealtimeSettings *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeSettings, gst_realtime_settings_free)

G_END_DECLS
