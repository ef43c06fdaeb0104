/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call-session.h"
#include "bb-operator-line.h"

G_BEGIN_DECLS

/**
 * BbSessionLine:
 *
 * An operator's line into a call of this process. Made by
 * bb_call_session_open_line(); when its last reference goes, it closes.
 */
#define BB_TYPE_SESSION_LINE (bb_session_line_get_type ())
G_DECLARE_FINAL_TYPE (BbSessionLine, bb_session_line, BB, SESSION_LINE, BbOperatorLine)

BbSessionLine *bb_session_line_new (BbCallSession *session);
/* The call has ended: "closed" says so. */
void bb_session_line_end (BbSessionLine *self);

G_END_DECLS
