/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbOperatorTap:
 *
 * Carries what an operator hears from the media thread to the main context:
 * a ring of frames that one thread fills and the other empties, with no lock
 * and no memory taken. When the main context is behind by more than the ring
 * holds (1.28 s), what comes is dropped: the media thread waits for nobody.
 */
typedef struct _BbOperatorTap BbOperatorTap;

/* On the main context. @frame lives until the next one. */
typedef void (*BbOperatorTapFunc) (GBytes *frame, gpointer user_data);

BbOperatorTap *bb_operator_tap_new (BbOperatorTapFunc func, gpointer user_data, GError **error);
/* For the side that fills it. */
BbOperatorTap *bb_operator_tap_ref (BbOperatorTap *self);
void bb_operator_tap_unref (BbOperatorTap *self);
/* The main context's side lets go: @func is not called any more. */
void bb_operator_tap_close (BbOperatorTap *self);
/* Media thread: a #BbOperatorSinkFunc with the tap as user data. */
void bb_operator_tap_put (const guint8 *frame, gsize size, gpointer tap);
guint bb_operator_tap_get_n_dropped (BbOperatorTap *self);

G_END_DECLS
