/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call.h"

G_BEGIN_DECLS

/* What a person is told of a call, in their language; plain text. */

/* Microphone and speaker in place of a phone. */
gboolean bb_call_text_is_local (BbCall *call);
char *bb_call_text_title (BbCall *call);    /* name, number or what takes their place (transfer full) */
char *bb_call_text_duration (gint64 ms);    /* "1:02:03" (transfer full) */
const char *bb_call_text_status (BbCall *call); /* "Bot speaks" */
const char *bb_call_text_quality (BbCall *call); /* "good"; NULL: not known yet */
char *bb_call_text_media (BbCall *call);    /* "Opus · good" (transfer full) (nullable) */
/* "Answers after 0.8 s · jitter 3 ms · loss 0 %" (transfer full) (nullable) */
char *bb_call_text_figures (BbCall *call);
const char *bb_call_text_hears (BbCall *call); /* whom the caller hears; NULL: nobody, it rings or is over */

G_END_DECLS
