/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbRinger:
 *
 * Tells of calls that ring for people: a notification of the desktop for each,
 * with buttons, and a ringing tone as long as there is one. Main context only.
 */
#define BB_TYPE_RINGER (bb_ringer_get_type ())
G_DECLARE_FINAL_TYPE (BbRinger, bb_ringer, BB, RINGER, GObject)

/* @sink: element description of what rings; NULL: the system's choice. */
BbRinger *bb_ringer_new (GApplication *application, BbOperator *operator_, const char *sink);
gboolean bb_ringer_is_ringing (BbRinger *self);

G_END_DECLS
