/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What stands for audio in the log: valid base64 of 8 bytes. */
#define SIM_LOG_AUDIO "AAAAAAAAAAA="

/* The file of --events: one JSON line per event, audio left out. */
typedef struct _SimLog SimLog;

SimLog *sim_log_open (const char *path, GError **error);
void sim_log_close (SimLog *self);
void sim_log_write (SimLog *self, const char *session, gboolean from_client, const char *event, gsize audio_bytes);
void sim_log_write_object (SimLog *self, const char *session, gboolean from_client, JsonObject *event);
void sim_log_write_raw (SimLog *self, const char *session, gboolean from_client, const char *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimLog, sim_log_close)

G_END_DECLS
