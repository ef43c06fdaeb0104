/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-media.h"
#include "bb-recorder.h"

G_BEGIN_DECLS

/**
 * BbAudioTap:
 *
 * Sits on the two pads of the Realtime element for those who listen or speak
 * there: the recording and the operator. Without them it is not on the pads at
 * all. Any thread; its lock is held for the time of a frame at most.
 */
typedef struct _BbAudioTap BbAudioTap;

BbAudioTap *bb_audio_tap_new (GstElement *realtime);
void bb_audio_tap_unref (BbAudioTap *self);
void bb_audio_tap_close (BbAudioTap *self);
void bb_audio_tap_set_same_thread (BbAudioTap *self, gboolean same_thread);
void bb_audio_tap_set_recorder (BbAudioTap *self, BbRecorder *recorder);
void bb_audio_tap_set_mode (BbAudioTap *self, BbOperatorMode mode);
void bb_audio_tap_push (BbAudioTap *self, GBytes *frame);
void bb_audio_tap_set_sink (BbAudioTap *self,
                            BbOperatorSinkFunc func,
                            gpointer user_data,
                            GDestroyNotify destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbAudioTap, bb_audio_tap_unref)

G_END_DECLS
