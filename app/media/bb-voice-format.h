/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  BB_VOICE_NONE, /* nothing that can be mixed */
  BB_VOICE_ALAW,
  BB_VOICE_ULAW,
  BB_VOICE_S16, /* native byte order, interleaved */
  BB_VOICE_F32
} BbVoiceEncoding;

/**
 * BbVoiceFormat:
 *
 * What a pad carries, as far as mixing needs to know.
 */
typedef struct
{
  BbVoiceEncoding encoding;
  guint rate; /* Hz */
  guint channels;
} BbVoiceFormat;

void bb_voice_format_from_caps (BbVoiceFormat *self, const GstCaps *caps);
gsize bb_voice_format_count (const BbVoiceFormat *self, gsize size);
void bb_voice_format_read (const BbVoiceFormat *self, const guint8 *data, gsize n, gint16 *mono);
void bb_voice_format_silence (const BbVoiceFormat *self, guint8 *data, gsize size);
void bb_voice_format_mix (const BbVoiceFormat *self,
                          guint8 *data,
                          gsize n,
                          float from,
                          float to,
                          const gint16 *add);
void bb_voice_fade (gint16 *samples, gsize n, float from, float to);

G_END_DECLS
