/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call.h"

G_BEGIN_DECLS

/* What bb-call.c (the class, reading) and bb-call-change.c (changing) share. */

struct _BbCall
{
  GObject parent_instance;

  char *id;
  char *caller_number;
  char *caller_name;
  char *called;
  BbCallState state;
  BbCallEnd end;
  char *end_text;
  GDateTime *started;
  GDateTime *answered; /* NULL before */
  GDateTime *ended;    /* NULL before */
  gint64 answered_at;  /* µs, monotonic; 0 before */
  gint64 ended_at;     /* µs, monotonic; 0 before */
  BbMediaParams *media;
  char *recording_path;
  char *connection;
  int speaking; /* BbTranscriptKind or -1 */
  BbOperatorMode operator_mode;
  gboolean waiting;
  BbCallQuality quality;

  BbTranscript *transcript;
  BbOrder *order;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_CALLER_NUMBER,
  PROP_CALLER_NAME,
  PROP_CALLED,
  PROP_STATE,
  PROP_END,
  PROP_END_TEXT,
  PROP_STARTED,
  PROP_ANSWERED,
  PROP_ENDED,
  PROP_MEDIA,
  PROP_RECORDING_PATH,
  PROP_TRANSCRIPT,
  PROP_ORDER,
  PROP_CONNECTION,
  PROP_SPEAKING,
  PROP_OPERATOR_MODE,
  PROP_WAITING,
  N_PROPS
};

/* Tells of a property that has changed; "changed" follows once, after all. */
void bb_call_notify (BbCall *self, guint prop_id);
void bb_call_changed (BbCall *self);

G_END_DECLS
