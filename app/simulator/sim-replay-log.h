/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One event of a session log. */
typedef struct
{
  guint line;     /* in the file, from 1 */
  double t;       /* seconds since the log was opened */
  gboolean client;
  char *type;
  JsonObject *event;
} SimReplayEntry;

typedef enum
{
  SIM_REPLAY_OPEN,   /* the log ends while it is open, or the element closed it */
  SIM_REPLAY_CLOSED, /* by the service, with code */
  SIM_REPLAY_DROPPED /* without a word */
} SimReplayEnd;

/* One connection of the element. */
typedef struct
{
  double start;       /* t of its beginning */
  GPtrArray *entries; /* of SimReplayEntry */
  SimReplayEnd end;
  double end_t;
  guint code;
} SimReplayConnection;

/* A session log of openairealtimebin. */
typedef struct
{
  GPtrArray *connections; /* of SimReplayConnection */
  gint64 opened;          /* seconds since the epoch at which t was 0; 0: not known */
} SimReplayLog;

SimReplayLog *sim_replay_log_load (const char *path, GError **error);
SimReplayLog *sim_replay_log_parse (const char *name, const char *text, gsize length, GError **error);
void sim_replay_log_free (SimReplayLog *self);
gsize sim_replay_audio_bytes (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReplayLog, sim_replay_log_free)

G_END_DECLS
