/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "bb-call.h"
#include "bb-tools.h"

G_BEGIN_DECLS

/**
 * BbCallTools:
 *
 * The bridge between the Realtime element's function calls and a call's
 * toolbox: runs each call the model makes, shows it in the transcript, gives
 * the answer back. Main context only.
 */
typedef struct _BbCallTools BbCallTools;

BbCallTools *bb_call_tools_new (BbToolbox *toolbox, BbCall *call, GstElement *realtime);
/* After this nothing reaches the element any more; running calls finish, so
 * that an order on its way to the store gets there. */
void bb_call_tools_free (BbCallTools *self);
void bb_call_tools_run (BbCallTools *self, const char *call_id, const char *name, const char *arguments);
guint bb_call_tools_get_n_running (BbCallTools *self);

G_END_DECLS
