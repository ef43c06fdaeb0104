/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-fault.h"
#include "sim-log.h"
#include "sim-scenario.h"
#include "sim-speech.h"

G_BEGIN_DECLS

/* What all sessions of the process share; one thread. */
typedef struct
{
  SimScenario *scenario;
  SimSpeech *speech;
  SimLog *log;           /* nullable */
  GPtrArray *faults;     /* of SimFault */
  double speed;          /* of deltas, times real time; 0: at once */
  guint think_ms;        /* from the end of a turn to the first event of its response */
  guint session_seconds; /* until a session expires */
  guint n_sessions;      /* so far */
  GHashTable *runs;      /* nullable: name -> SimRun */
} SimHub;

/* Sessions that belong together, such as a call's before and after an outage:
 * the client names them in its URL (run=NAME&fault=SPEC). They have faults of
 * their own, and are counted by themselves. */
typedef struct
{
  GPtrArray *faults; /* of SimFault */
  guint n_sessions;
} SimRun;

SimRun *sim_hub_get_run (SimHub *hub, const char *name, const char *fault, GError **error);

typedef enum
{
  SIM_SEND_TEXT,
  SIM_SEND_BINARY,
  SIM_SEND_FRAGMENTS, /* a text message in three fragments */
} SimSendMode;

/* How a session reaches its client. After close or drop nothing more is sent. */
typedef struct
{
  void (*send) (gpointer transport, const char *text, gsize length, SimSendMode mode);
  void (*close) (gpointer transport, guint code, const char *reason);
  void (*drop) (gpointer transport);
} SimTransport;

/**
 * SimSession:
 *
 * One client's session: takes client events as text, gives server events as
 * text. It knows no sockets.
 */
typedef struct _SimSession SimSession;

SimSession *sim_session_new (SimHub *hub, const char *model, const SimTransport *transport,
                             gpointer transport_data);
void sim_session_join_run (SimSession *self, SimRun *run);
void sim_session_start (SimSession *self);
void sim_session_refuse (SimSession *self, const char *code, const char *message);
void sim_session_receive (SimSession *self, const char *text, gsize length);
void sim_session_receive_binary (SimSession *self);
void sim_session_free (SimSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSession, sim_session_free)

G_END_DECLS
