/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The audio formats of the Realtime API, each 1 channel. */
typedef enum
{
  SIM_FORMAT_PCM,  /* audio/pcm: 24 kHz, signed 16 bit little endian */
  SIM_FORMAT_PCMU, /* audio/pcmu: G.711 µ-law, 8 kHz */
  SIM_FORMAT_PCMA, /* audio/pcma: G.711 A-law, 8 kHz */
} SimFormat;

gboolean sim_format_from_type (const char *type, SimFormat *format);
const char *sim_format_get_type_name (SimFormat format);
guint sim_format_get_rate (SimFormat format);
guint sim_format_get_sample_bytes (SimFormat format);
guint sim_format_get_bytes_per_ms (SimFormat format);

gint16 sim_ulaw_decode (guint8 code);
guint8 sim_ulaw_encode (gint16 sample);
gint16 sim_alaw_decode (guint8 code);
guint8 sim_alaw_encode (gint16 sample);

void sim_audio_decode (SimFormat format, const guint8 *data, gsize n_samples, gint16 *samples);
GBytes *sim_audio_encode (SimFormat format, const gint16 *samples, gsize n_samples);
GBytes *sim_audio_render (const gint16 *samples, gsize n_samples, guint rate, SimFormat format);

G_END_DECLS
