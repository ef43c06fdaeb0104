/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>
#include <gst/audio/audio.h>

G_BEGIN_DECLS

/* The audio formats of the Realtime API (audio.input.format, audio.output.format). */
typedef enum
{
  GST_REALTIME_FORMAT_PCM,  /* audio/pcm: S16LE, mono, 24 kHz */
  GST_REALTIME_FORMAT_PCMA, /* audio/pcma: A-law, mono, 8 kHz */
  GST_REALTIME_FORMAT_PCMU, /* audio/pcmu: µ-law, mono, 8 kHz */
  GST_REALTIME_N_FORMATS
} GstRealtimeFormat;

/* The pads' caps: everything GstAudioConverter understands, and G.711 as it is. */
#define GST_REALTIME_RAW_CAPS                                                                      \
  "audio/x-raw, format=(string)" GST_AUDIO_FORMATS_ALL                                             \
  ", rate=(int)[ 1, max ], channels=(int)[ 1, max ], layout=(string)interleaved"
#define GST_REALTIME_CAPS                                                                          \
  GST_REALTIME_RAW_CAPS                                                                            \
  "; audio/x-alaw, rate=(int)8000, channels=(int)1"                                                \
  "; audio/x-mulaw, rate=(int)8000, channels=(int)1"

gint gst_realtime_format_from_name (const char *name);
const char *gst_realtime_format_get_name (GstRealtimeFormat format);
guint gst_realtime_format_get_rate (GstRealtimeFormat format);
guint gst_realtime_format_get_width (GstRealtimeFormat format);
guint gst_realtime_format_get_bytes_per_ms (GstRealtimeFormat format);
guint8 gst_realtime_format_get_silence (GstRealtimeFormat format);
GstRealtimeFormat gst_realtime_format_from_caps (const GstCaps *caps);

void gst_realtime_g711_decode (GstRealtimeFormat format, const guint8 *in, gint16 *out, gsize n);
void gst_realtime_g711_encode (GstRealtimeFormat format, const gint16 *in, guint8 *out, gsize n);

G_END_DECLS
