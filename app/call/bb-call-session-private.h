/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call-session.h"

#include "bb-call-files.h"
#include "bb-call-tools.h"
#include "bb-farewell.h"
#include "bb-keys.h"
#include "bb-operator-tap.h"
#include "bb-session-line.h"
#include "bb-tools.h"

G_BEGIN_DECLS

/* What the files of a session share: bb-call-session.c (answering, media, the
 * end), bb-call-session-realtime.c (what the Realtime element says),
 * bb-call-session-operator.c (what people do in the call),
 * bb-call-session-order.c (what they do to its order). */

struct _BbCallSession
{
  GObject parent_instance;

  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbMedia *media;
  BbLeg *leg; /* NULL: local mode */
  BbCall *call;
  BbToolbox *toolbox;
  BbCallTools *tools;
  BbFarewell *farewell;
  BbCallFiles *files;
  BbKeys *keys;
  GstElement *realtime;

  GPtrArray *lines;     /* BbSessionLine (unowned): each drops itself */
  BbOperatorTap *tap;   /* while a line is open */
  gint64 taken_over_at; /* µs, monotonic */
  gint64 voice_at;      /* µs, monotonic: the operator's last frame */
  guint voice_timer;
  guint quiet_frames;   /* of the operator's, since a loud one */

  guint connect_timeout;
  guint wait_timeout;
  guint duration_timeout;
  guint quality_timer;

  BbCallQuality quality;
  gboolean prepared;    /* media runs, the API is being connected */
  gboolean ready;       /* the API has taken our settings */
  gboolean begun;       /* media flows */
  gboolean responding;  /* a response is being generated */
  gboolean playing;     /* the caller hears the bot */
  gboolean stopped;
};

gboolean bb_call_session_is_ending (BbCallSession *self);
/* A line of the transcript that says what the program did. */
void bb_call_session_note (BbCallSession *self, const char *text);
/* A refusal while it rings, a hang-up once it has been answered. */
void bb_call_session_fail (BbCallSession *self, const char *text);
/* A final answer other than 200, for a call that never became one. */
void bb_call_session_refuse (BbCallSession *self, guint status, const char *phrase, const char *text);
void bb_call_session_try_answer (BbCallSession *self);
void bb_call_session_start_waiting (BbCallSession *self);
void bb_call_session_stop_waiting (BbCallSession *self);
void bb_call_session_begin_operator (BbCallSession *self);
/* The signals of the Realtime element and of the tools. */
void bb_call_session_connect_realtime (BbCallSession *self);
/* To the model, as @role says it; @respond: it answers at once. */
void bb_call_session_tell (BbCallSession *self, const char *role, const char *text, gboolean respond);
/* Words that end the call when they have been heard: #BbFarewellFunc. */
void bb_call_session_after_last_words (BbCallEnd end, gpointer user_data);

/* For the lines. */
gboolean bb_call_session_set_line_mode (BbCallSession *self, BbSessionLine *line, BbOperatorMode mode,
                                        GError **error);
void bb_call_session_push_operator_audio (BbCallSession *self, BbSessionLine *line, GBytes *frame);
void bb_call_session_drop_line (BbCallSession *self, BbSessionLine *line);
void bb_call_session_end_lines (BbCallSession *self);

G_END_DECLS
