/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * MediaStandin:
 *
 * Stands in for openairealtimebin in tests of a call's media: it keeps what
 * the caller says and answers each tick with a frame that the test can check,
 * with no network.
 */
#define MEDIA_TYPE_STANDIN (media_standin_get_type ())
G_DECLARE_FINAL_TYPE (MediaStandin, media_standin, MEDIA, STANDIN, GstElement)

#define MEDIA_STANDIN_TONE 440 /* Hz, when the output is PCM */

#define MEDIA_STANDIN_LEVEL 8000
#define MEDIA_STANDIN_SILENCE 0xd5 /* A-law */

/* As G.711 it says that tone, too, instead of what media_standin_octet() gives. */
void media_standin_set_tone (MediaStandin *self, gint16 level);
/* Says nothing but silence (G.711) from now on, until it is to speak: then it
 * tells downstream, from this thread, as the real one does. */
void media_standin_set_quiet (MediaStandin *self, gboolean quiet);
/* How often it was told to be silent. */
guint media_standin_get_n_interrupts (MediaStandin *self);
/* Takes the name of the real element in this process. */
void media_standin_register (void);
/* What came in so far, all frames in a row. (transfer full) */
GBytes *media_standin_dup_heard (MediaStandin *self);
/* Caps of what came in last. (transfer full) (nullable) */
GstCaps *media_standin_dup_caps (MediaStandin *self);
guint media_standin_get_n_ticks (MediaStandin *self);
/* Octet number n of all that it says as G.711. */
guint8 media_standin_octet (guint64 n);
/* What it says when the output is PCM, instead of a tone: 16 bit mono at whatever
 * rate is negotiated, from the next frame on, then silence. Before the call plays
 * or from any thread. */
void media_standin_set_speech (MediaStandin *self, const gint16 *samples, gsize n);
/* Whether it had only one thread in its functions, and whether that was a media loop. */
gboolean media_standin_ran_on_loop (MediaStandin *self);

G_END_DECLS
