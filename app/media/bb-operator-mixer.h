/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-media.h"
#include "bb-voice-format.h"

G_BEGIN_DECLS

/* What becomes of a frame. */
typedef enum
{
  BB_MIX_PASS,   /* goes on as it is */
  BB_MIX_CHANGE, /* goes on as bb_operator_mixer_change_…() makes it */
  BB_MIX_DROP    /* goes nowhere */
} BbMixVerdict;

/**
 * BbOperatorMixer:
 *
 * Who hears whom when a person is in the call: plain computing, no pads and no
 * lock. The bot's frames (one per tick) set the pace of all that the operator
 * hears and says; the caller's come when they come.
 */
typedef struct _BbOperatorMixer BbOperatorMixer;

BbOperatorMixer *bb_operator_mixer_new (void);
void bb_operator_mixer_free (BbOperatorMixer *self);
void bb_operator_mixer_set_mode (BbOperatorMixer *self, BbOperatorMode mode);
BbOperatorMode bb_operator_mixer_get_mode (BbOperatorMixer *self);
void bb_operator_mixer_set_sink (BbOperatorMixer *self, BbOperatorSinkFunc func, gpointer user_data);
void bb_operator_mixer_set_caller_format (BbOperatorMixer *self, const BbVoiceFormat *format);
void bb_operator_mixer_set_bot_format (BbOperatorMixer *self, const BbVoiceFormat *format);
void bb_operator_mixer_push (BbOperatorMixer *self, const guint8 *frame, gsize size);
BbMixVerdict bb_operator_mixer_caller (BbOperatorMixer *self, const guint8 *data, gsize size);
void bb_operator_mixer_change_caller (BbOperatorMixer *self, guint8 *data, gsize size);
BbMixVerdict bb_operator_mixer_bot (BbOperatorMixer *self, const guint8 *data, gsize size);
void bb_operator_mixer_change_bot (BbOperatorMixer *self, guint8 *data, gsize size);
gboolean bb_operator_mixer_knows_caller (BbOperatorMixer *self);
gboolean bb_operator_mixer_knows_bot (BbOperatorMixer *self);
gboolean bb_operator_mixer_caller_is_idle (BbOperatorMixer *self);
gboolean bb_operator_mixer_bot_is_idle (BbOperatorMixer *self);
gboolean bb_operator_mixer_wants_caller (BbOperatorMixer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbOperatorMixer, bb_operator_mixer_free)

G_END_DECLS
