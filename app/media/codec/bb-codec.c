/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-codec.h"

static const BbCodec codecs[BB_N_CODECS] = {
  [BB_CODEC_OPUS] = {
    .id = BB_CODEC_OPUS,
    .name = "opus",
    .label = "Opus",
    .clock_rate = 48000,
    .channels = 2,
    .static_payload_type = -1,
    .preferred_payload_type = 111,
    .passthrough = FALSE,
    .depayloader = "rtpopusdepay",
    .payloader = "rtpopuspay",
    .decoder = "opusdec",
    .encoder = "opusenc",
    .raw_caps = "audio/x-opus, channel-mapping-family=(int)0",
  },
  [BB_CODEC_PCMA] = {
    .id = BB_CODEC_PCMA,
    .name = "PCMA",
    .label = "G.711 A-law",
    .clock_rate = 8000,
    .channels = 1,
    .static_payload_type = 8,
    .preferred_payload_type = 8,
    .passthrough = TRUE,
    .depayloader = "rtppcmadepay",
    .payloader = "rtppcmapay",
    .raw_caps = "audio/x-alaw, rate=(int)8000, channels=(int)1",
  },
  [BB_CODEC_PCMU] = {
    .id = BB_CODEC_PCMU,
    .name = "PCMU",
    .label = "G.711 µ-law",
    .clock_rate = 8000,
    .channels = 1,
    .static_payload_type = 0,
    .preferred_payload_type = 0,
    .passthrough = TRUE,
    .depayloader = "rtppcmudepay",
    .payloader = "rtppcmupay",
    .raw_caps = "audio/x-mulaw, rate=(int)8000, channels=(int)1",
  },
};

/**
 * bb_codec_get:
 * @id: which
 *
 * Returns: (transfer none): the codec's row
 */
const BbCodec *
bb_codec_get (BbCodecId id)
{
  g_return_val_if_fail ((guint)id < BB_N_CODECS, NULL);

  return &codecs[id];
}

/**
 * bb_codec_by_name:
 * @name: an encoding name; case is ignored (RFC 4566 section 6, RFC 4855 section 3)
 * @clock_rate: Hz; 0: any
 *
 * Returns: (transfer none) (nullable): the codec, or %NULL when we don't speak it
 */
const BbCodec *
bb_codec_by_name (const char *name, guint clock_rate)
{
  g_return_val_if_fail (name != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      if (g_ascii_strcasecmp (codecs[i].name, name) == 0
          && (clock_rate == 0 || clock_rate == codecs[i].clock_rate))
        return &codecs[i];
    }

  return NULL;
}

/**
 * bb_codec_by_static_payload_type:
 * @payload_type: a number of RFC 3551 section 6
 *
 * For media lines that give no rtpmap.
 *
 * Returns: (transfer none) (nullable): the codec
 */
const BbCodec *
bb_codec_by_static_payload_type (guint payload_type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      if (codecs[i].static_payload_type >= 0
          && (guint)codecs[i].static_payload_type == payload_type)
        return &codecs[i];
    }

  return NULL;
}
