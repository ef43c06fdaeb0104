/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbCodecId:
 *
 * The audio codecs a call can speak. The order is no preference: that is the
 * setting `codecs` of `[media]`.
 */
typedef enum
{
  BB_CODEC_OPUS,
  BB_CODEC_PCMA,
  BB_CODEC_PCMU,
  BB_CODEC_G722,
  BB_CODEC_L16_44100,
  BB_CODEC_L16_16000,
  BB_CODEC_L16_8000,
  BB_N_CODECS
} BbCodecId;

/**
 * BbCodec:
 *
 * One row of the codec table: static data, never freed.
 */
typedef struct
{
  BbCodecId id;
  const char *name;          /* encoding name in SDP (RFC 4566, 3551, 7587): "PCMA" */
  const char *label;         /* what a person reads: "G.711 A-law" */
  const char *setting;       /* its name in [media] codecs */
  guint clock_rate;          /* RTP clock, Hz; 48000 for Opus whatever it carries */
  guint sample_rate;         /* Hz, of the sound that decoder and encoder take */
  guint channels;            /* in rtpmap; 2 for Opus always (RFC 7587 section 7) */
  int static_payload_type;   /* RFC 3551, -1: dynamic */
  guint preferred_payload_type; /* what our own offers use */
  guint max_ptime;           /* ms, such that a packet fits into an Ethernet frame */
  gboolean passthrough;      /* the Realtime API takes it as it is: never decoded */
  const char *depayloader;   /* GStreamer element names */
  const char *payloader;
  const char *decoder;       /* NULL when passthrough */
  const char *encoder;       /* NULL when passthrough */
  const char *raw_caps;      /* what the depayloader gives: "audio/x-alaw, …" */
} BbCodec;

const BbCodec *bb_codec_get (BbCodecId id);
const BbCodec *bb_codec_by_name (const char *name, guint clock_rate);
const BbCodec *bb_codec_by_setting (const char *setting);
guint bb_codec_fit_ptime (const BbCodec *codec, guint ptime);
const BbCodec *bb_codec_by_static_payload_type (guint payload_type);

G_END_DECLS
