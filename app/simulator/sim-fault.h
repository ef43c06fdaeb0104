/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SIM_FAULT_ERROR (sim_fault_error_quark ())
GQuark sim_fault_error_quark (void);

typedef enum
{
  SIM_FAULT_DROP,       /* the TCP connection ends, no close frame */
  SIM_FAULT_CLOSE,      /* a close frame with code= and reason= */
  SIM_FAULT_EXPIRE,     /* error session_expired, then close 1001 */
  SIM_FAULT_STALL,      /* nothing is sent for ms= (0: for ever) */
  SIM_FAULT_GARBAGE,    /* a text message that is no JSON */
  SIM_FAULT_BINARY,     /* a binary message */
  SIM_FAULT_GIANT,      /* this event grows by bytes= of padding */
  SIM_FAULT_FRAGMENT,   /* this event is sent in three WebSocket fragments */
  SIM_FAULT_ODD,        /* from here on deltas have odd byte counts */
  SIM_FAULT_SLOW,       /* from here on deltas come at speed= times real time */
  SIM_FAULT_UNKNOWN,    /* an event of a type nobody knows */
  SIM_FAULT_INJECT,     /* any event= of a scenario file */
  SIM_FAULT_ERROR_EVENT, /* an error event with code=, type= and message= */
  SIM_FAULT_NULL_CODE,  /* from here on error codes are null */
  SIM_FAULT_FAIL,       /* the response fails with code= */
  SIM_FAULT_MUTE_TRANSCRIPTION, /* input transcription fails */
  SIM_FAULT_HTTP,       /* the upgrade is answered with status= */
} SimFaultKind;

/* One fault: it happens at the n-th event of a type in a session. */
typedef struct
{
  SimFaultKind kind;
  char *at;         /* event type of either side, "*" for any; NULL for http */
  guint n;          /* from 1; for http the n-th upgrade */
  gboolean before;  /* before the event goes out or is looked at, or after it */
  guint times;      /* how often in the life of the process, 0: always */
  guint session;    /* only in the n-th session, 0: in any */
  guint ms;
  guint bytes;
  guint status;
  double speed;
  char *code;
  char *type;
  char *text;       /* message or reason */
  JsonObject *event;

  guint fired;
} SimFault;

void sim_fault_free (SimFault *fault);
SimFault *sim_fault_parse (const char *spec, GError **error);
SimFault *sim_fault_from_json (JsonObject *object, GError **error);
gboolean sim_fault_matches (const SimFault *fault, const char *type, guint count, guint total, guint session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFault, sim_fault_free)

G_END_DECLS
