/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One octet of G.711 silence (ITU-T G.711: positive zero). */
#define G711_ALAW_SILENCE 0xd5
#define G711_ULAW_SILENCE 0xff

void g711_fade (guint8 *samples, gsize size, gboolean alaw, guint steps);
void l16_fade (guint8 *samples, gsize size, guint steps);
guint opus_packet_samples (const guint8 *payload, gsize size);

G_END_DECLS
