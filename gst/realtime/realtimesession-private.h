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

/* What the caller said last, as far as it may have to be said again. */
typedef enum
{
  TURN_NONE, /* all that was said is in the history */
  TURN_OPEN, /* speech_started, not committed */
  TURN_DUE   /* committed; a response of the VAD is due */
} TurnState;

typedef enum
{
  TIMER_CONFIGURE, /* session.created, session.updated must come */
  TIMER_CREATE,    /* a response.create must be answered */
  TIMER_TURN,      /* after speech_stopped the VAD's response must come */
  TIMER_DRAIN,     /* after the end of input somebody must speak */
  TIMER_RECONNECT,
  TIMER_RENEW, /* the session is going to end: the next is due, or has to come */
  TIMER_KEPT,  /* more of what was kept can be sent */
  TIMER_STALL, /* looks whether the service still answers */
  TIMER_RETRY, /* a failed response is tried again */
  TIMER_BARGE, /* what the caller says must be judged by then: realtimesession-bargein.c */
  TIMER_MCP_LIST,   /* the tools of all MCP servers must be listed */
  TIMER_MCP_ANSWER, /* after a call the service may go on by itself */
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

typedef struct _GstRealtimeMcp GstRealtimeMcp;

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
  gboolean opened; /* this connection's WebSocket came to be */
  gint64 expires_at;          /* s since the epoch, 0: not told */
  gint64 heard_us;            /* monotonic time of the last event */
  GstRealtimeTransport *next; /* of the session that takes over */
  gboolean next_ready;
  gboolean renewed; /* this session took over in a pause */
  char *next_updated;         /* its session.updated */
  gint64 next_expires_at;
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
  GQueue kept;     /* Block: came before the connection was ready */
  guint kept_ms;
  GQueue sent; /* Block: what was sent and may have to be sent again */
  guint64 sent_us; /* audio sent in this session; the service's clock */
  TurnState turn;
  guint64 turn_start_us; /* of the turn that is not over, on that clock */
  guint64 turn_end_us;   /* of the last turn that was */
  char *turn_item;       /* TURN_DUE: its item */
  gboolean turn_kept;    /* a turn waits in kept to be heard again */

  GstRealtimeResponder *responder;
  GstRealtimeHistory *history;
  GQueue says;               /* char*: out-of-band texts that wait for the connection */
  GQueue raw;                /* char*: events of the application that wait, too */
  GHashTable *side_requests; /* event ids of out-of-band creates -> what is to be said */
  GHashTable *side_active;   /* ids of out-of-band responses that run */
  GQueue side_items;         /* char*: ids of the last out-of-band responses */
  GQueue dropped;            /* char*: responses and items whose audio is dropped; the last few */
  GQueue sounded;            /* char*: items that were passed on to be played; the last few */
  GQueue silent;             /* char*: a response that may only call functions, and its items */
  gboolean cut_by_loss;      /* the caller heard an answer break off */
  GHashTable *texts;         /* item id -> GString: transcript so far */

  gboolean speaking; /* between speech_started and speech_stopped */
  BargeState barge;
  gboolean turn_is_sure; /* the next speech was judged a turn before the connection was lost */
  GPtrArray *heard;      /* Heard: what the caller said that is not judged yet */
  GPtrArray *held_calls; /* HeldCall: not run before that */
  gint64 stopped_us;     /* monotonic time of the last speech_stopped */
  guint retries;            /* of responses that failed */
  gboolean draining;        /* the input has ended */
  gboolean finishing;       /* a limit is reached: what runs is let finish, nothing new begins */
  gboolean drain_over;      /* nobody has spoken for long enough after that */
  guint64 uncommitted_us;   /* audio appended since the last commit */
  gboolean commit_waits;    /* for the connection */
  gboolean commit_responds; /* and an answer is asked for then */
  GstRealtimeMcp *mcp;
  GHashTable *asides; /* tag -> Aside that runs or waits */
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
void gst_realtime_session_forget_sent_audio (GstRealtimeSession *self);
gboolean gst_realtime_session_keep_unanswered (GstRealtimeSession *self);
void gst_realtime_session_turn_begins (GstRealtimeSession *self, guint ms);
void gst_realtime_session_turn_stops (GstRealtimeSession *self, guint ms);
void gst_realtime_session_turn_is_item (GstRealtimeSession *self, const char *item_id);
void gst_realtime_session_turn_is_answered (GstRealtimeSession *self);

/* realtimesession-renewal.c */
void gst_realtime_session_plan_renewal (GstRealtimeSession *self);
void gst_realtime_session_check_renewal (GstRealtimeSession *self);
gboolean gst_realtime_session_take_over (GstRealtimeSession *self);
void gst_realtime_session_drop_next (GstRealtimeSession *self);

/* realtimesession-outage.c */
void gst_realtime_session_watch_answers (GstRealtimeSession *self);
void gst_realtime_session_take_stock (GstRealtimeSession *self);
void gst_realtime_session_restore (GstRealtimeSession *self);
guint gst_realtime_session_back_off (guint attempt);

/* realtimesession-mcp.c */
GstRealtimeMcp *gst_realtime_mcp_new (void);
void gst_realtime_mcp_free (GstRealtimeMcp *self);
void gst_realtime_session_mcp_clear (GstRealtimeSession *self);
void gst_realtime_session_mcp_ready (GstRealtimeSession *self);
gboolean gst_realtime_session_mcp_is_busy (GstRealtimeSession *self);
void gst_realtime_session_mcp_event (GstRealtimeSession *self, const GstRealtimeEvent *event);
void gst_realtime_session_mcp_item (GstRealtimeSession *self,
                                    const GstRealtimeItem *item,
                                    gboolean done);
void gst_realtime_session_mcp_response_created (GstRealtimeSession *self);
void gst_realtime_session_mcp_response_done (GstRealtimeSession *self, GPtrArray *output);

/* realtimesession-manual.c */
gboolean gst_realtime_session_send_commit (GstRealtimeSession *self);
void gst_realtime_session_commit_kept (GstRealtimeSession *self);

/* realtimesession-aside.c */
void gst_realtime_session_aside_init (GstRealtimeSession *self);
void gst_realtime_session_aside_lost (GstRealtimeSession *self);
void gst_realtime_session_aside_ready (GstRealtimeSession *self);
gboolean
gst_realtime_session_aside_created (GstRealtimeSession *self, const char *request, const char *id);
gboolean gst_realtime_session_aside_done (GstRealtimeSession *self, const GstRealtimeEvent *event);
gboolean gst_realtime_session_aside_error (GstRealtimeSession *self,
                                           const char *event_id,
                                           const char *message);
gboolean gst_realtime_session_is_unheard_aside (GstRealtimeSession *self, const char *response_id);

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
void
gst_realtime_session_barge_heard (GstRealtimeSession *self, const char *item_id, const char *text);
void gst_realtime_session_barge_stop (GstRealtimeSession *self);
void gst_realtime_session_barge_give_up (GstRealtimeSession *self);
gboolean gst_realtime_session_barge_wait_no_longer (GstRealtimeSession *self);
gboolean gst_realtime_session_hold_call (GstRealtimeSession *self, const GstRealtimeItem *item);

/* realtimesession-actions.c */
void gst_realtime_session_check_drained (GstRealtimeSession *self);

/* realtimesession-events.c */
void gst_realtime_session_expect_turn (GstRealtimeSession *self);
void gst_realtime_session_handle (GstRealtimeSession *self, const char *text, gsize size);
void gst_realtime_session_remember (GQueue *queue, const char *id);
gboolean gst_realtime_session_remembers (GQueue *queue, const char *id);

G_END_DECLS
