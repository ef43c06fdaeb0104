/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SIM_SCENARIO_ERROR (sim_scenario_error_quark ())
GQuark sim_scenario_error_quark (void);

typedef enum
{
  SIM_STEP_SAY,
  SIM_STEP_CALL,
  SIM_STEP_IF,
  SIM_STEP_END, /* made by the dialogue, not in files */
} SimStepKind;

typedef struct
{
  char *name;
  JsonNode *arguments; /* an object with placeholders */
  char *as;            /* under which name the result is kept */
  char *server;        /* of an MCP tool: its server's label; NULL: a function */
  char *output;        /* of an MCP tool: what its server answers */
  char *error;         /* of an MCP tool: or what goes wrong there */
} SimCall;

typedef struct
{
  SimStepKind kind;
  char *text;           /* say: the text; if: the path */
  GPtrArray *calls;     /* call: of SimCall */
  GPtrArray *then_steps; /* if: of SimStep */
  GPtrArray *else_steps;
} SimStep;

typedef enum
{
  SIM_ANYHOW = -1,
  SIM_NOT_INTERRUPTING = 0,
  SIM_INTERRUPTING = 1,
} SimInterrupt;

typedef struct
{
  char *hear;        /* what the caller is taken to have said */
  GPtrArray *steps;  /* of SimStep */
  SimInterrupt interrupt;
  guint min_ms;      /* of speech */
  guint max_ms;      /* 0: any */
  gboolean optional; /* passed over when it does not fit */
  gboolean backchannel; /* only a sign that the caller listens: no answer */
} SimTurn;

typedef enum
{
  SIM_TRANSCRIPTS_MIXED,
  SIM_TRANSCRIPTS_BEFORE, /* the response */
  SIM_TRANSCRIPTS_AFTER,
} SimTranscripts;

/* A scenario file, read and checked. Shared by all sessions, never changed. */
typedef struct
{
  char *name;
  char *language;
  GPtrArray *greeting; /* of SimStep, nullable */
  GPtrArray *turns;    /* of SimTurn */
  SimTurn *otherwise;  /* for speech that fits no turn */
  gboolean repeat;
  SimTranscripts transcripts;
  gboolean conversation_created;
  JsonObject *mcp;     /* label of an MCP server -> names of its tools; nullable */
  GPtrArray *faults;   /* of SimFault */
} SimScenario;

SimScenario *sim_scenario_load (const char *path, GError **error);
SimScenario *sim_scenario_parse (const char *text, gssize length, const char *name, GError **error);
SimScenario *sim_scenario_new_default (void);
void sim_scenario_free (SimScenario *scenario);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimScenario, sim_scenario_free)

G_END_DECLS
