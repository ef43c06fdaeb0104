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

/* How long semantic-vad waits for more. */
typedef enum
{
  GST_REALTIME_EAGERNESS_AUTO,
  GST_REALTIME_EAGERNESS_LOW,
  GST_REALTIME_EAGERNESS_MEDIUM,
  GST_REALTIME_EAGERNESS_HIGH
} GstRealtimeEagerness;

typedef enum
{
  GST_REALTIME_EFFORT_DEFAULT, /* the model's own */
  GST_REALTIME_EFFORT_MINIMAL,
  GST_REALTIME_EFFORT_LOW,
  GST_REALTIME_EFFORT_MEDIUM,
  GST_REALTIME_EFFORT_HIGH,
  GST_REALTIME_EFFORT_XHIGH
} GstRealtimeEffort;

typedef enum
{
  GST_REALTIME_ANSWER_SPEECH,
  GST_REALTIME_ANSWER_TEXT
} GstRealtimeAnswer;

/* The header that carries the key. */
typedef enum
{
  GST_REALTIME_KEY_BEARER, /* Authorization: Bearer KEY */
  GST_REALTIME_KEY_PLAIN   /* api-key: KEY */
} GstRealtimeKeyHeader;

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
  GstRealtimeKeyHeader key_header;
  GstStructure *extra_headers; /* of strings; NULL: none */
  char *base_url;
  char *model;
  char *voice;
  double speed;
  char *instructions;
  char *greeting;
  char *language; /* several: separated by commas */
  char *transcription_model;
  char *transcription_prompt;
  GstRealtimeAnswer answer;
  guint max_output_tokens; /* 0: no limit */
  GstRealtimeEffort reasoning_effort;
  GstRealtimeTurnDetection turn_detection;
  double vad_threshold;
  guint prefix_padding;   /* ms */
  guint silence_duration; /* ms */
  guint idle_timeout;     /* ms, 0: none */
  GstRealtimeEagerness eagerness;
  GstRealtimeNoiseReduction noise_reduction;
  char *tools;       /* JSON array */
  char *tool_choice; /* auto, none, required, the name of a function, a JSON object */
  char *session;     /* JSON object */
  gboolean reconnect;
  gboolean reversible_barge_in;
  guint backchannel_duration; /* ms */
  guint backchannel_timeout;  /* ms */
  char *backchannel_words;    /* separated by commas */
  guint renewal_lead; /* s before the end of a session at which the next begins; 0: never */
} GstRealtimeSettings;

GstRealtimeSettings *gst_realtime_settings_new (void);
GstRealtimeSettings *gst_realtime_settings_copy (const GstRealtimeSettings *self);
void gst_realtime_settings_free (GstRealtimeSettings *self);
gboolean gst_realtime_settings_has_mcp (const GstRealtimeSettings *self, guint *n_servers);
gboolean
gst_realtime_settings_check (const GstRealtimeSettings *self, const char *property, GError **error);
char *gst_realtime_settings_hide_secrets (const GstRealtimeSettings *self,
                                          const char *text,
                                          gsize size);
gboolean gst_realtime_settings_validate (const GstRealtimeSettings *self, GError **error);
void gst_realtime_settings_get_barge_in (const GstRealtimeSettings *self,
                                         gboolean *reversible,
                                         gboolean *asks);
char *gst_realtime_settings_build_url (const GstRealtimeSettings *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeSettings, gst_realtime_settings_free)

G_END_DECLS
