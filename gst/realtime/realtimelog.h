/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstRealtimeLog GstRealtimeLog;

GstRealtimeLog *gst_realtime_log_open (const char *path, gboolean with_audio, GError **error);
void gst_realtime_log_close (GstRealtimeLog *self);
void gst_realtime_log_event (GstRealtimeLog *self, const char *from, const char *text, gsize size);
void gst_realtime_log_set_next (GstRealtimeLog *self, gboolean next);
void gst_realtime_log_note (GstRealtimeLog *self, const char *note, const char *detail);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeLog, gst_realtime_log_close)

G_END_DECLS
