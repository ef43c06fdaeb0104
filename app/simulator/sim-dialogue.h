/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-scenario.h"

G_BEGIN_DECLS

/* One call of a planned response. */
typedef struct
{
  char *name;
  char *arguments; /* JSON text */
  char *as;
  char *server; /* of an MCP tool; NULL: a function */
  char *output;
  char *error;
} SimPlannedCall;

void sim_planned_call_free (gpointer data);

/* What one response holds: a message, calls, or both in this order. */
typedef struct
{
  char *text;       /* nullable */
  GPtrArray *calls; /* of SimPlannedCall */
} SimPlan;

/**
 * SimDialogue:
 *
 * Where one session is in its scenario. It can't understand speech: the
 * scenario supplies the words.
 */
typedef struct _SimDialogue SimDialogue;

SimDialogue *sim_dialogue_new (SimScenario *scenario);
void sim_dialogue_free (SimDialogue *self);
const char *sim_dialogue_hear (SimDialogue *self, guint speech_ms, gboolean interrupting);
void sim_dialogue_unhear (SimDialogue *self);
void sim_dialogue_read_user (SimDialogue *self, const char *text);
void sim_dialogue_read_assistant (SimDialogue *self, const char *text);
void sim_dialogue_read_call (SimDialogue *self, const char *call_id, const char *name);
void sim_dialogue_read_output (SimDialogue *self, const char *call_id, const char *output);
void sim_dialogue_set_call (SimDialogue *self, const char *call_id, const char *as);
SimPlan *sim_dialogue_next (SimDialogue *self, const char *instructions);
SimPlan *sim_dialogue_aside (SimDialogue *self, const char *instructions);
char *sim_dialogue_find_quote (const char *instructions);
void sim_plan_free (SimPlan *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimDialogue, sim_dialogue_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimPlan, sim_plan_free)

G_END_DECLS
