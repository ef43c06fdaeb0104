/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-conversation.h"
#include "sim-dialogue.h"
#include "sim-session.h"
#include "sim-settings.h"
#include "sim-vad.h"

G_BEGIN_DECLS

typedef struct _SimResponse SimResponse;

/* The input audio buffer and who speaks into it: sim-input.c. */
typedef struct
{
  GByteArray *buffer;     /* what the next item will hold */
  gint64 appended_bytes;  /* since the last commit, trimmed or not */
  GByteArray *decoded;    /* scratch */
  GArray *samples;        /* scratch */
  guint8 odd_byte;        /* half a sample of the last append */
  gboolean has_odd_byte;
  SimVad vad;
  char *speech_item_id;   /* of the item that speech_started announced */
  guint64 speech_start_ms;
  gboolean interrupting;  /* the caller spoke into an answer */
  gint64 interrupted_at;  /* monotonic µs, of the last speech */
  char *heard_item_id;    /* nullable: of the last turn */
  gint64 idle_deadline;   /* monotonic µs, 0: none */
  guint64 idle_start_ms;
  guint n_turns;
  GQueue late_transcripts; /* of SimTranscript */
  guint transcript_timer;
} SimInput;

struct _SimSession
{
  SimHub *hub;
  const SimTransport *transport;
  gpointer transport_data;
  gboolean closed;       /* by us: nothing more goes out */

  char *id;
  guint number;          /* n-th session of the process, or of its run, from 1 */
  guint n_events, n_items, n_responses, n_calls;
  SimSettings *settings;
  SimConversation *conversation;
  char *conversation_id;
  SimDialogue *dialogue;
  SimInput input;

  SimResponse *active;   /* of the default conversation */
  GPtrArray *asides;     /* out-of-band responses that run */
  gboolean has_spoken;
  gint64 playback_end;   /* monotonic µs: when the client will have played all */
  guint expiry_timer;

  /* Faults: sim-session-fault.c */
  GPtrArray *faults;        /* of SimFault: the hub's, or the run's */
  GHashTable *event_counts; /* type -> n */
  guint n_sent;
  gboolean stalled;
  guint stall_timer;
  GQueue held;           /* of SimHeld, while stalled */
  gboolean odd_deltas;
  gboolean null_codes;
  gboolean mute_transcription;
  double speed;
  char *failure;         /* code with which the running response fails */

  /* sim-mcp.c */
  GHashTable *mcp_labels;   /* of servers whose tools are listed */
  GHashTable *mcp_approvals; /* id of the request -> SimPlannedCall that waits */
};

/* sim-session.c */
void sim_session_send (SimSession *self, JsonObject *event);
void sim_session_send_text (SimSession *self, const char *type, const char *text, gsize length,
                            const char *log_text, gsize audio_bytes);
void sim_session_send_error (SimSession *self, const SimError *error, const char *event_id);
void sim_session_close (SimSession *self, guint code, const char *reason);
void sim_session_expire (SimSession *self);
char *sim_session_new_item_id (SimSession *self);
void sim_session_add_item_events (SimSession *self, SimItem *item);
void sim_session_create_response (SimSession *self, JsonObject *params, const char *event_id);

/* sim-session-fault.c */
typedef struct
{
  guint padding; /* bytes by which the event grows */
  SimSendMode mode;
} SimFaultEffect;
void sim_session_run_faults (SimSession *self, const char *type, gboolean sent, gboolean before,
                             SimFaultEffect *effect);
void sim_session_count_event (SimSession *self, const char *type, gboolean sent);
void sim_session_clear_faults (SimSession *self);
void sim_session_transmit (SimSession *self, const char *text, gsize length, SimSendMode mode);

/* sim-input.c */
void sim_input_init (SimSession *session);
void sim_input_clear (SimSession *session);
void sim_input_configure (SimSession *session);
SimError *sim_input_append (SimSession *session, const char *base64, gsize length);
SimError *sim_input_commit (SimSession *session);
void sim_input_drop_buffer (SimSession *session);
void sim_input_response_done (SimSession *session);
void sim_input_item_deleted (SimSession *session, const char *id);

/* sim-mcp.c */
void sim_mcp_init (SimSession *session);
void sim_mcp_clear (SimSession *session);
void sim_mcp_list (SimSession *session);
gboolean sim_mcp_is_declared (JsonNode *tools, const char *server);
gboolean sim_mcp_needs_approval (JsonNode *tools, const SimPlannedCall *call);
JsonObject *sim_mcp_new_item (const char *id, const SimPlannedCall *call);
void sim_mcp_wait (SimSession *session, const char *request_id, const SimPlannedCall *call);
void sim_mcp_finish (SimSession *session, JsonObject *item, const SimPlannedCall *call, guint output_index);
SimError *sim_mcp_approve (SimSession *session, JsonObject *answer);

/* sim-response.c */
SimResponse *sim_response_start (SimSession *session, SimPlan *plan, JsonObject *params, gboolean aside);
void sim_response_cancel (SimResponse *self, const char *reason);
void sim_response_abandon (SimResponse *self);
const char *sim_response_get_id (SimResponse *self);

G_END_DECLS
