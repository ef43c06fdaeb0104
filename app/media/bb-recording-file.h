/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * BbRecordingFile:
 *
 * A stereo sound file that grows: WAV (16 bit PCM) or Ogg/Opus. One thread
 * writes and closes it. Readable by nobody but its owner.
 */
typedef struct _BbRecordingFile BbRecordingFile;

BbRecordingFile *bb_recording_file_new (const char *path, const char *format, guint rate, GError **error);
gboolean bb_recording_file_write (BbRecordingFile *self, const gint16 *frames, gsize n, GError **error);
gboolean bb_recording_file_close (BbRecordingFile *self, GError **error);

G_END_DECLS
