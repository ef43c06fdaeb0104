/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-log.h"
#include "sim-replay-log.h"
#include "sim-session.h"

G_BEGIN_DECLS

/* What --replay plays; one thread. */
typedef struct _SimReplay SimReplay;

/* Its side of one connection. */
typedef struct _SimReplaySession SimReplaySession;

SimReplay *sim_replay_new (const char *path, double speed, SimLog *log, GError **error);
void sim_replay_free (SimReplay *self);
guint sim_replay_get_departures (SimReplay *self);

SimReplaySession *sim_replay_session_new (SimReplay *replay, const SimTransport *transport, gpointer transport_data);
void sim_replay_session_start (SimReplaySession *self);
void sim_replay_session_receive (SimReplaySession *self, const char *text, gsize length);
void sim_replay_session_free (SimReplaySession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReplay, sim_replay_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReplaySession, sim_replay_session_free)

G_END_DECLS
