/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-replay.h"
#include "sim-session.h"

G_BEGIN_DECLS

/* The WebSocket server. One thread, any number of sessions. */
typedef struct _SimServer SimServer;

SimServer *sim_server_new (SimHub *hub, const char *required_key);
gboolean sim_server_listen (SimServer *self, guint16 port, guint16 *bound_port, GError **error);
void sim_server_set_replay (SimServer *self, SimReplay *replay);
void sim_server_free (SimServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimServer, sim_server_free)

G_END_DECLS
