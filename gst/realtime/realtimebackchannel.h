/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* German and English, as a caller says them into an answer that may go on. */
#define GST_REALTIME_BACKCHANNEL_WORDS                                                             \
  "mhm, hm, mm, ah, aha, oh, äh, ähm, ach, ach so, ja, jo, jep, okay, ok, gut, genau, richtig, "   \
  "klar, alles klar, verstehe, verstanden, schön, prima, super, yes, yeah, yep, uh, uh-huh, um, "  \
  "right, sure, fine, good, great, I see, got it, all right, alright"

char *gst_realtime_backchannel_fold (const char *text);
gboolean gst_realtime_backchannel_matches (const char *words, const char *text);
gboolean gst_realtime_backchannel_is_echo (const char *text, const char *said);

G_END_DECLS
