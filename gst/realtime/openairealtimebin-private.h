/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "openairealtimebin.h"
#include "realtimeio.h"
#include "realtimesession.h"
#include "realtimesrc.h"
#include "realtimeuplink.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_openai_realtime_bin_debug);

typedef enum
{
  CLOCKING_INTERNAL,
  CLOCKING_EXTERNAL
} Clocking;

struct _GstOpenaiRealtimeBin
{
  GstBin parent_instance;

  GstElement *sink;
  GstElement *src;
  GstRealtimePlayout *playout;
  GstRealtimeUplink *uplink;
  GstRealtimeStats stats; /* its usage counts for the limits */
  GMainContext *context; /* of the application: signals are emitted there */

  /* Under the object lock. */
  GstRealtimeSettings *settings;
  GHashTable *refused; /* property -> GError: its value was not taken, nothing is started */
  char *session_log;
  gboolean session_log_audio;
  GstStructure *prices_structure; /* as set */
  GstRealtimePrices prices;
  guint64 max_tokens; /* 0: no limit */
  double max_cost;
  guint ptime;
  Clocking clocking;
  GstRealtimeIo *io; /* NULL below PAUSED */

  /* Written while no task can run, otherwise used on the I/O thread only. */
  GstRealtimeSession *session;
  GstRealtimeWaker *waker;
  gboolean limit_reached;
  GSource *late_words; /* the conversation is over, words of the caller are not written yet */
  guint64 input_base_ms; /* stats.ms_sent when the connection was ready */

  /* The transcript pads; their lock is held for a pointer move only. */
  GMutex texts_lock;
  GPtrArray *texts; /* GstRealtimeText */
  gint n_texts;     /* atomic */
  guint next_text;  /* under the object lock */
};

/* openairealtimebin.c */
gboolean gst_openai_realtime_bin_enqueue (GstOpenaiRealtimeBin *self,
                                          GFunc func,
                                          gpointer data,
                                          GDestroyNotify destroy);

/* openairealtimebin-pads.c */
void gst_openai_realtime_bin_install_pads (GstElementClass *klass);
void gst_openai_realtime_bin_child_proxy_init (gpointer iface, gpointer data);
void gst_openai_realtime_bin_begin_input (GstOpenaiRealtimeBin *self);
void gst_openai_realtime_bin_transcribe (GstOpenaiRealtimeBin *self,
                                         const char *role,
                                         const char *item_id,
                                         const char *text,
                                         gboolean final);
void gst_openai_realtime_bin_transcribe_written (gpointer user_data, const char *item_id);
void gst_openai_realtime_bin_transcribe_speech (GstOpenaiRealtimeBin *self,
                                                const char *state,
                                                const char *item_id,
                                                guint audio_ms);
void gst_openai_realtime_bin_transcribe_notice (GstOpenaiRealtimeBin *self,
                                                const GstRealtimeNotice *notice);
void gst_openai_realtime_bin_transcribe_progress (gpointer user_data, GstClockTime end);
gboolean gst_openai_realtime_bin_awaits_words (GstOpenaiRealtimeBin *self);
void gst_openai_realtime_bin_transcribe_end (gpointer user_data);

/* openairealtimebin-properties.c */
void gst_openai_realtime_bin_install_properties (GObjectClass *klass);

/* openairealtimebin-usage.c */
void gst_openai_realtime_bin_set_prices (GstOpenaiRealtimeBin *self, const GstStructure *prices);
void gst_openai_realtime_bin_check_limits (GstOpenaiRealtimeBin *self);
GstStructure *gst_openai_realtime_bin_account (GstOpenaiRealtimeBin *self,
                                               const GstStructure *usage,
                                               GstStructure **limit);

/* openairealtimebin-signals.c */
extern const GstRealtimeListener gst_openai_realtime_bin_listener;
void gst_openai_realtime_bin_install_signals (GType type);
void gst_openai_realtime_bin_report_fatal (gpointer self, const GError *error);
void gst_openai_realtime_bin_report_notice (gpointer self, const GstRealtimeNotice *notice);

G_END_DECLS
