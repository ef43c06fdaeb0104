/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-codec.h"

static const BbCodec codecs[BB_N_CODECS] = {
  [BB_CODEC_OPUS] = {
    .id = BB_CODEC_OPUS,
    .name = "opus",
    .label = "Opus",
    .setting = "opus",
    .clock_rate = 48000,
    .sample_rate = 24000, /* the API's: libopus itself converts (RFC 6716 section 2) */
    .channels = 2,
    .static_payload_type = -1,
    .preferred_payload_type = 111,
    .max_ptime = 60,
    .passthrough = FALSE,
    .depayloader = "rtpopusdepay",
    .payloader = "rtpopuspay",
    .decoder = "callopusdec",
    .encoder = "opusenc",
    .raw_caps = "audio/x-opus, channel-mapping-family=(int)0",
  },
  [BB_CODEC_PCMA] = {
    .id = BB_CODEC_PCMA,
    .name = "PCMA",
    .label = "G.711 A-law",
    .setting = "PCMA",
    .clock_rate = 8000,
    .sample_rate = 8000,
    .channels = 1,
    .static_payload_type = 8,
    .preferred_payload_type = 8,
    .max_ptime = 60,
    .passthrough = TRUE,
    .depayloader = "rtppcmadepay",
    .payloader = "rtppcmapay",
    .raw_caps = "audio/x-alaw, rate=(int)8000, channels=(int)1",
  },
  [BB_CODEC_PCMU] = {
    .id = BB_CODEC_PCMU,
    .name = "PCMU",
    .label = "G.711 µ-law",
    .setting = "PCMU",
    .clock_rate = 8000,
    .sample_rate = 8000,
    .channels = 1,
    .static_payload_type = 0,
    .preferred_payload_type = 0,
    .max_ptime = 60,
    .passthrough = TRUE,
    .depayloader = "rtppcmudepay",
    .payloader = "rtppcmupay",
    .raw_caps = "audio/x-mulaw, rate=(int)8000, channels=(int)1",
  },
  [BB_CODEC_G722] = {
    .id = BB_CODEC_G722,
    .name = "G722",
    .label = "G.722",
    .setting = "G722",
    .clock_rate = 8000, /* though it carries 16 kHz: an old mistake kept (RFC 3551 section 4.5.2) */
    .sample_rate = 16000,
    .channels = 1,
    .static_payload_type = 9,
    .preferred_payload_type = 9,
    .max_ptime = 60,
    .passthrough = FALSE,
    .depayloader = "rtpg722depay",
    .payloader = "rtpg722pay",
    .decoder = "callg722dec",
    .encoder = "callg722enc",
    .raw_caps = "audio/G722, rate=(int)16000, channels=(int)1",
  },
  [BB_CODEC_L16_44100] = {
    .id = BB_CODEC_L16_44100,
    .name = "L16",
    .label = "L16 44.1 kHz",
    .setting = "L16/44100",
    .clock_rate = 44100,
    .sample_rate = 44100,
    .channels = 1,
    .static_payload_type = 11,
    .preferred_payload_type = 11,
    .max_ptime = 10,
    .passthrough = FALSE,
    .depayloader = "rtpL16depay",
    .payloader = "rtpL16pay",
    .decoder = "audioconvert", /* network byte order (RFC 3551 section 4.5.11) */
    .encoder = "audioconvert",
    .raw_caps = "audio/x-raw, format=(string)S16BE, layout=(string)interleaved, "
                "rate=(int)44100, channels=(int)1",
  },
  [BB_CODEC_L16_16000] = {
    .id = BB_CODEC_L16_16000,
    .name = "L16",
    .label = "L16 16 kHz",
    .setting = "L16/16000",
    .clock_rate = 16000,
    .sample_rate = 16000,
    .channels = 1,
    .static_payload_type = -1,
    .preferred_payload_type = 112,
    .max_ptime = 40,
    .passthrough = FALSE,
    .depayloader = "rtpL16depay",
    .payloader = "rtpL16pay",
    .decoder = "audioconvert", /* network byte order (RFC 3551 section 4.5.11) */
    .encoder = "audioconvert",
    .raw_caps = "audio/x-raw, format=(string)S16BE, layout=(string)interleaved, "
                "rate=(int)16000, channels=(int)1",
  },
  [BB_CODEC_L16_8000] = {
    .id = BB_CODEC_L16_8000,
    .name = "L16",
    .label = "L16 8 kHz",
    .setting = "L16/8000",
    .clock_rate = 8000,
    .sample_rate = 8000,
    .channels = 1,
    .static_payload_type = -1,
    .preferred_payload_type = 113,
    .max_ptime = 60,
    .passthrough = FALSE,
    .depayloader = "rtpL16depay",
    .payloader = "rtpL16pay",
    .decoder = "audioconvert", /* network byte order (RFC 3551 section 4.5.11) */
    .encoder = "audioconvert",
    .raw_caps = "audio/x-raw, format=(string)S16BE, layout=(string)interleaved, "
                "rate=(int)8000, channels=(int)1",
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

/**
 * bb_codec_by_setting:
 * @setting: a word of `codecs` in `[media]`; case is ignored
 *
 * Returns: (transfer none) (nullable): the codec
 */
const BbCodec *
bb_codec_by_setting (const char *setting)
{
  g_return_val_if_fail (setting != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      if (g_ascii_strcasecmp (codecs[i].setting, setting) == 0)
        return &codecs[i];
    }

  return NULL;
}

/**
 * bb_codec_fit_ptime:
 * @codec: a codec
 * @ptime: ms that are wished for
 *
 * Packets come in steps of 10 ms, and Opus has no 30 and no 50 (RFC 6716
 * section 2.1.4).
 *
 * Returns: the longest packet the codec can do that is not longer, ms; 10 at least
 */
guint
bb_codec_fit_ptime (const BbCodec *codec, guint ptime)
{
  ptime = CLAMP (ptime, 10, codec->max_ptime) / 10 * 10;
  if (codec->id == BB_CODEC_OPUS && (ptime == 30 || ptime == 50))
    ptime -= 10;
  return ptime;
}
