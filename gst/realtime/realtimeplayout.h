/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeformat.h"

G_BEGIN_DECLS

/* What is known of an item that an interruption cut. */
typedef struct
{
  char *response_id;
  char *item_id;
  int content_index;
  guint played_ms;   /* heard: left src minus what downstream still holds, rounded down */
  guint received_ms; /* all that came from the service, rounded down */
  gboolean complete; /* nothing more was to come */
  gboolean detached; /* of a connection that is gone: the service can't be told */
} GstRealtimeCut;

void gst_realtime_cut_free (GstRealtimeCut *cut);

typedef enum
{
  GST_REALTIME_NOTICE_STARTED,
  GST_REALTIME_NOTICE_FINISHED,
  GST_REALTIME_NOTICE_PAUSED,
  GST_REALTIME_NOTICE_RESUMED,
  GST_REALTIME_NOTICE_INTERRUPTED
} GstRealtimeNoticeType;

/* What the playout thread reports after a frame. */
typedef struct
{
  GstRealtimeNoticeType type;
  char *item_id;
  guint played_ms; /* left src so far; for INTERRUPTED: heard */
  gint latency_ms; /* STARTED: since the caller stopped speaking; PAUSED, INTERRUPTED: from
                    * its reason to the silence; RESUMED: silence in between; -1 if it
                    * doesn't apply */
} GstRealtimeNotice;

void gst_realtime_notice_free (GstRealtimeNotice *notice);

/* What the next frame can be made of. */
typedef struct
{
  gboolean has_audio;   /* something is there to be taken */
  gboolean waiting;     /* an utterance has begun and more of it is to come, or it is paused */
  gboolean interrupted; /* this is the first frame after an interruption */
  GstRealtimeFormat format;
} GstRealtimeHead;

/* How far an item is. */
typedef struct
{
  char *item_id;
  guint left_ms;     /* left src */
  guint heard_ms;    /* that without what downstream still holds */
  guint received_ms; /* so far */
  gboolean complete;
} GstRealtimePosition;

void gst_realtime_position_clear (GstRealtimePosition *position);

/* See realtimeplayout.c. The functions lock for themselves, for the time of a
 * few pointer moves or one frame's copy. */
typedef struct _GstRealtimePlayout GstRealtimePlayout;

GstRealtimePlayout *gst_realtime_playout_new (gsize max_bytes);
void gst_realtime_playout_free (GstRealtimePlayout *self);
void gst_realtime_playout_reset (GstRealtimePlayout *self);

/* Called when speech has come while silence leaves, on the session's thread. */
typedef void (*GstRealtimePlayoutWakeFunc) (gpointer user_data);
void gst_realtime_playout_set_wake (GstRealtimePlayout *self,
                                    GstRealtimePlayoutWakeFunc wake,
                                    gpointer user_data);

/* For the session. */
gboolean gst_realtime_playout_push (GstRealtimePlayout *self,
                                    const char *response_id,
                                    const char *item_id,
                                    int content_index,
                                    GstRealtimeFormat format,
                                    GBytes *audio);
void
gst_realtime_playout_end_item (GstRealtimePlayout *self, const char *item_id, int content_index);
void gst_realtime_playout_end_response (GstRealtimePlayout *self, const char *response_id);
void gst_realtime_playout_detach (GstRealtimePlayout *self);
gboolean gst_realtime_playout_pause (GstRealtimePlayout *self, gint64 since_us);
void gst_realtime_playout_resume (GstRealtimePlayout *self);
GstRealtimeCut *gst_realtime_playout_get_current (GstRealtimePlayout *self);
GPtrArray *gst_realtime_playout_interrupt (GstRealtimePlayout *self, gint64 since_us);
void gst_realtime_playout_mark_turn (GstRealtimePlayout *self, gint64 stopped_us);
gboolean gst_realtime_playout_is_empty (GstRealtimePlayout *self);
void gst_realtime_playout_set_awaited (GstRealtimePlayout *self, gboolean awaited);
gboolean gst_realtime_playout_is_awaited (GstRealtimePlayout *self);
gsize gst_realtime_playout_get_queued_ms (GstRealtimePlayout *self);

/* For the playout thread. */
void gst_realtime_playout_set_held (GstRealtimePlayout *self, GstClockTime held);
void gst_realtime_playout_set_late (GstRealtimePlayout *self, GstClockTime late);
void gst_realtime_playout_begin_frame (GstRealtimePlayout *self,
                                       GstClockTime duration,
                                       GstRealtimeHead *head);
gsize gst_realtime_playout_take (GstRealtimePlayout *self, guint8 *dest, gsize size);
GstRealtimeNotice *gst_realtime_playout_pop_notice (GstRealtimePlayout *self);
guint gst_realtime_playout_get_positions (GstRealtimePlayout *self,
                                          GstRealtimePosition *positions,
                                          guint most);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimePlayout, gst_realtime_playout_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeNotice, gst_realtime_notice_free)

G_END_DECLS
