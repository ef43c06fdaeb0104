/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbWindow:
 *
 * The desktop's one window: pages in a view stack, each of which works on the
 * same #BbOperator, and messages above them. With a #BbController it is local
 * mode: microphone and speaker in place of a phone, with one button to start
 * and stop.
 *
 * Properties: operator (#BbOperator, nullable), currency (ISO 4217).
 */
#define BB_TYPE_WINDOW (bb_window_get_type ())
G_DECLARE_FINAL_TYPE (BbWindow, bb_window, BB, WINDOW, AdwApplicationWindow)

#define BB_WINDOW_PROP_OPERATOR "operator"
#define BB_WINDOW_PROP_CURRENCY "currency"

BbWindow *bb_window_new (AdwApplication *application, BbOperator *operator_);
BbOperator *bb_window_get_operator (BbWindow *self); /* (transfer none) (nullable) */
void bb_window_set_operator (BbWindow *self, BbOperator *operator_);
/* Of prices; a gateway tells its own. */
void bb_window_set_currency (BbWindow *self, const char *currency);
const char *bb_window_get_currency (BbWindow *self);
/* Element descriptions of microphone and speaker, of local mode and of an operator, as in bb_local_media_new(); NULL: the
 * system's choice. They count for the next conversation. */
void bb_window_set_local_devices (BbWindow *self, const char *source, const char *sink);
/* "calls", "orders", "catalogue" */
void bb_window_show_page (BbWindow *self, const char *name);
/* A call of now, by its id; an unknown one does nothing. */
void bb_window_show_call (BbWindow *self, const char *id);
/* What went wrong and what to do, until the person closes it. */
void bb_window_show_error (BbWindow *self, const char *title, const char *text);

G_END_DECLS
