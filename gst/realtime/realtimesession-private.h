/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeevent.h"
#include "realtimehistory.h"
#include "realtimerequest.h"
#include "realtimeresponder.h"
#include "realtimesession.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_realtime_session_debug);

typedef enum
{
  SESSION_IDLE,
  SESSION_CONNECTING,  /* the WebSocket's handshake, then session.created */
  SESSION_CONFIGURING, /* session.update sent */
  SESSION_READY,
  SESSION_WAITING, /* lost; the next attempt is due */
  SESSION_OVER
} SessionState;

typedef enum
{
  TIMER_CONFIGURE, /* session.created, session.updated must come */
  TIMER_CREATE,    /* a response.create must be answered */
  TIMER_TURN,      /* after speech_stopped the VAD's response must come */
  TIMER_DRAIN,     /* after the end of input somebody must speak */
  TIMER_RECONNECT,
  TIMER_RETRY, /* a failed response is tried again */
  TIMER_BARGE, /* what the caller says must be judged by then: realtimesession-bargein.c */
  N_TIMERS
} TimerId;

/* With reversible-barge-in: what became of an answer that the caller spoke into. */
typedef enum
{
  BARGE_NONE,
  BARGE_PAUSED, /* he speaks, or what he said is not known yet */
  BARGE_LATE,   /* goes on without being sure: the transcript may come yet */
  BARGE_TURN    /* cut off, or nothing was to be: he has the turn */
} BargeState;

struct _GstRealtimeSession
{
  GObject parent_instance;

  GstRealtimeTransport *transport;
  GstRealtimePlayout *playout; /* the owner's */
  GstRealtimeStats *stats;     /* the owner's */
  GstRealtimeListener listener;
  gpointer user_data;
  GstRealtimeSettings *settings;
  GstRealtimeLog *log;

  SessionState state;
  gboolean was_ready;
  guint attempts; /* connections tried in vain since the last that was ready */
  GSource *timers[N_TIMERS];
  guint n_events;  /* for event ids */
  char *update_id; /* event id of the session.update that is being waited for */
  gint64 ready_us; /* monotonic time of the last session.updated that was waited for */
  gboolean stale;  /* settings changed while session.updated was waited for */

  GstRealtimeFormat input;        /* as the service knows it */
  GstRealtimeFormat wanted_input; /* of the audio to come */
  GstRealtimeFormat output;       /* as the service was asked for */
  GstRealtimeFormat sounding;     /* as it said of responses to come */
  GHashTable *formats;            /* id of a response that runs -> its format */
  gboolean has_turn_detection;
  gboolean create_response;
  gboolean interrupt_response;
  gboolean has_spoken; /* the voice can't be changed any more */
  gboolean reversible; /* asked for: the service neither cancels nor answers by itself */
  gboolean asks;       /* and we ask for the answers in its place */

  GString *append; /* the append event, reused */
  GQueue kept;     /* KeptAudio: came before the connection was ready */
  guint kept_ms;

  GstRealtimeResponder *responder;
  GstRealtimeHistory *history;
  GQueue says;               /* char*: out-of-band texts that wait for the connection */
  GQueue raw;                /* char*: events of the application that wait, too */
  GHashTable *side_requests; /* event ids of out-of-band creates -> what is to be said */
  GHashTable *side_active;   /* ids of out-of-band responses that run */
  GQueue side_items;         /* char*: ids of the last out-of-band responses */
  GQueue dropped;            /* char*: responses and items whose audio is dropped; the last few */
  GQueue sounded;            /* char*: items that were passed on to be played; the last few */
  GHashTable *texts;         /* item id -> GString: transcript so far */

  gboolean speaking;        /* between speech_started and speech_stopped */
  BargeState barge;
  GPtrArray *heard;      /* Heard: what the caller said that is not judged yet */
  GPtrArray *held_calls; /* HeldCall: not run before that */
  gint64 stopped_us;     /* monotonic time of the last speech_stopped */
  guint retries;            /* of responses that failed */
  gboolean draining;        /* the input has ended */
  gboolean finishing;       /* a limit is reached: what runs is let finish, nothing new begins */
  gboolean drain_over;      /* nobody has spoken for long enough after that */
  gboolean has_uncommitted; /* audio was appended since the last commit */
};

/* realtimesession.c */
char *gst_realtime_session_next_id (GstRealtimeSession *self);
gboolean gst_realtime_session_transmit (GstRealtimeSession *self, const char *text, gsize size);
gboolean gst_realtime_session_send (GstRealtimeSession *self, char *event);
void
gst_realtime_session_set_timer (GstRealtimeSession *self, TimerId id, guint ms, GSourceFunc func);
void gst_realtime_session_clear_timer (GstRealtimeSession *self, TimerId id);
void gst_realtime_session_log_event (GstRealtimeSession *self,
                                     const char *from,
                                     const char *text,
                                     gsize size);
void gst_realtime_session_send_say (GstRealtimeSession *self, const char *text);

/* realtimesession-connection.c */
void gst_realtime_session_watch_transport (GstRealtimeSession *self);
void gst_realtime_session_open (GstRealtimeSession *self);
void gst_realtime_session_configure (GstRealtimeSession *self);
void gst_realtime_session_ready (GstRealtimeSession *self);
void gst_realtime_session_lost (GstRealtimeSession *self, const GError *error);
void gst_realtime_session_fail (GstRealtimeSession *self, const GError *error);
void gst_realtime_session_close_connection (GstRealtimeSession *self);

/* realtimesession-input.c */
gsize gst_realtime_session_send_append (GstRealtimeSession *self,
                                        GstRealtimeFormat format,
                                        const guint8 *data,
                                        gsize size);
void gst_realtime_session_send_kept_audio (GstRealtimeSession *self);
void gst_realtime_session_forget_kept_audio (GstRealtimeSession *self);

/* realtimesession-bargein.c */
void gst_realtime_session_cut (GstRealtimeSession *self, gboolean by_vad);
gboolean gst_realtime_session_is_dropped (GstRealtimeSession *self, const char *response_id);
void gst_realtime_session_delete_item (GstRealtimeSession *self, const char *item_id);
void gst_realtime_session_drop (GstRealtimeSession *self, const char *response_id);
void gst_realtime_session_barge_init (GstRealtimeSession *self);
void gst_realtime_session_barge_clear (GstRealtimeSession *self);
gboolean gst_realtime_session_is_reversible (GstRealtimeSession *self);
void
gst_realtime_session_barge_started (GstRealtimeSession *self, const char *item_id, guint start_ms);
void
gst_realtime_session_barge_stopped (GstRealtimeSession *self, const char *item_id, guint end_ms);
void gst_realtime_session_barge_committed (GstRealtimeSession *self, const char *item_id);
void gst_realtime_session_barge_heard (GstRealtimeSession *self,
                                       const char *item_id,
                                       const char *text);
void gst_realtime_session_barge_stop (GstRealtimeSession *self);
void gst_realtime_session_barge_give_up (GstRealtimeSession *self);
gboolean gst_realtime_session_hold_call (GstRealtimeSession *self, const GstRealtimeItem *item);

/* realtimesession-actions.c */
void gst_realtime_session_check_drained (GstRealtimeSession *self);

/* realtimesession-events.c */
void gst_realtime_session_handle (GstRealtimeSession *self, const char *text, gsize size);
void gst_realtime_session_remember (GQueue *queue, const char *id);
gboolean gst_realtime_session_remembers (GQueue *queue, const char *id);

G_END_DECLS
