/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-types.h"

G_BEGIN_DECLS

/* Sound on a line: 16 kHz, S16LE, 20 ms a frame. */
#define BB_OPERATOR_LINE_RATE 16000
#define BB_OPERATOR_LINE_FRAME_MS 20
#define BB_OPERATOR_LINE_UP_BYTES 640    /* mono: the operator's microphone */
#define BB_OPERATOR_LINE_DOWN_BYTES 1280 /* left: the caller; right: what the caller hears */

/**
 * BbOperatorLine:
 *
 * An operator's audio line into one call, from bb_operator_open_line_async()
 * until it is closed. While it is above %BB_OPERATOR_LISTEN it is the call's
 * one line that speaks; others may listen. When it closes, for whatever reason,
 * the bot has the call again, and so it has when no frame comes for 3 s while
 * the line has taken over (a muted microphone sends silence): a caller is never
 * left with nobody. Main context only.
 *
 * Properties: mode (#BbOperatorMode, notify): what it really is.
 * Signals:
 *  - "frame" (GBytes *frame): %BB_OPERATOR_LINE_DOWN_BYTES of what is heard.
 *  - "closed" (const GError *error): last; @error (nullable) says why it was
 *    not us: %BB_OPERATOR_ERROR_ENDED, the call has ended.
 */
#define BB_TYPE_OPERATOR_LINE (bb_operator_line_get_type ())
G_DECLARE_DERIVABLE_TYPE (BbOperatorLine, bb_operator_line, BB, OPERATOR_LINE, GObject)

#define BB_OPERATOR_LINE_PROP_MODE "mode"
#define BB_OPERATOR_LINE_SIGNAL_FRAME "frame"
#define BB_OPERATOR_LINE_SIGNAL_CLOSED "closed"

struct _BbOperatorLineClass
{
  GObjectClass parent_class;

  /* Ends in bb_operator_line_update_mode() when it succeeds. */
  void (*set_mode) (BbOperatorLine *self, GTask *task, BbOperatorMode mode);
  void (*push) (BbOperatorLine *self, GBytes *frame);
  void (*close) (BbOperatorLine *self);
};

BbOperatorMode bb_operator_line_get_mode (BbOperatorLine *self);
gboolean bb_operator_line_is_closed (BbOperatorLine *self);
/* What this line does from now on; refused with %BB_OPERATOR_ERROR_BUSY while
 * another one speaks. */
void bb_operator_line_set_mode_async (BbOperatorLine *self, BbOperatorMode mode, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean bb_operator_line_set_mode_finish (BbOperatorLine *self, GAsyncResult *result, GError **error);
/* One frame of %BB_OPERATOR_LINE_UP_BYTES from the microphone; thrown away
 * while the mode is AWAY or LISTEN. Never blocks: what comes faster than real
 * time is dropped, oldest first. */
void bb_operator_line_push (BbOperatorLine *self, GBytes *frame);
/* Hands the call back and lets go; idempotent. "closed" follows at once. */
void bb_operator_line_close (BbOperatorLine *self);

/* For implementations. */
void bb_operator_line_update_mode (BbOperatorLine *self, BbOperatorMode mode);
void bb_operator_line_emit_frame (BbOperatorLine *self, GBytes *frame);
void bb_operator_line_emit_closed (BbOperatorLine *self, const GError *error); /* once only */

G_END_DECLS
