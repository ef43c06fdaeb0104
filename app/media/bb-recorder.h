/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "bb-recording-mix.h"

G_BEGIN_DECLS

/* Hz, of calls that are no G.711: the API's own PCM. */
#define BB_RECORDER_WIDE_RATE 24000

/**
 * BbRecorder:
 *
 * Records a call: what the caller says left, what the caller hears right. The
 * media thread only hands buffers over; one thread of its own, shared by all
 * recordings, decodes, aligns and writes.
 */
#define BB_TYPE_RECORDER (bb_recorder_get_type ())
G_DECLARE_FINAL_TYPE (BbRecorder, bb_recorder, BB, RECORDER, GObject)

/* Main context; once, with what a person can read. */
typedef void (*BbRecorderFailedFunc) (const char *text, gpointer user_data);

BbRecorder *bb_recorder_new (const char *path, const char *format, guint rate, GError **error);
void bb_recorder_take_caps (BbRecorder *self, BbRecordingSide which, const GstCaps *caps);
void bb_recorder_take_buffer (BbRecorder *self, BbRecordingSide which, GstBuffer *buffer);
void bb_recorder_set_failed_func (BbRecorder *self, BbRecorderFailedFunc func, gpointer user_data);
const char *bb_recorder_get_path (BbRecorder *self);
void bb_recorder_end (BbRecorder *self);
void bb_recorder_finish (BbRecorder *self);

G_END_DECLS
