/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* How far a connection is let come. */
typedef enum
{
  SERVER_REFUSES, /* with http_status */
  SERVER_SILENT,  /* the WebSocket opens, nothing is sent */
  SERVER_CREATES, /* session.created, no session.updated */
  SERVER_READY
} ServerStage;

/* A small Realtime server on a thread of its own. It answers session.update
 * and otherwise says what the test tells it to say. */
typedef struct _RealtimeServer RealtimeServer;

RealtimeServer *realtime_server_new (ServerStage stage, guint http_status);
void realtime_server_free (RealtimeServer *self);
const char *realtime_server_get_url (RealtimeServer *self);
/* The n-th (from 1) event of this type, or the n-th connection ("connection"),
 * or what the client said at its end ("closed"). Fails after 20 s. (transfer full) */
JsonNode *realtime_server_wait (RealtimeServer *self, const char *type, guint n);
guint realtime_server_count (RealtimeServer *self, const char *type);
/* Audio of all appends so far. (transfer full) */
GByteArray *realtime_server_get_audio (RealtimeServer *self);
/* Any thread; @json with ' for ". */
void realtime_server_send (RealtimeServer *self, const char *json);
/* The same with @size bytes as they are. */
void realtime_server_send_text (RealtimeServer *self, const char *text, gsize size);
void
realtime_server_speak (RealtimeServer *self, const char *response, const char *item, GBytes *audio);
void realtime_server_drop (RealtimeServer *self);
char *realtime_server_get_header (RealtimeServer *self, const char *name);

G_END_DECLS
