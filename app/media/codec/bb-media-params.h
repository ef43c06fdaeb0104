/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib-object.h>

#include "bb-codec.h"
#include "bb-srtp-suite.h"

G_BEGIN_DECLS

/**
 * BbMediaDirection:
 *
 * RFC 3264, seen from our side.
 */
typedef enum
{
  BB_MEDIA_INACTIVE = 0,
  BB_MEDIA_SENDONLY = 1 << 0,
  BB_MEDIA_RECVONLY = 1 << 1,
  BB_MEDIA_SENDRECV = BB_MEDIA_SENDONLY | BB_MEDIA_RECVONLY
} BbMediaDirection;

/**
 * BbMediaParams:
 *
 * What an SDP offer and answer agreed on for a call's one audio stream
 * (RFC 3264): all that app/media needs to know of signalling. A plain struct,
 * immutable once handed over.
 */
typedef struct
{
  const BbCodec *codec;
  guint8 payload_type_send;    /* the number the peer wants to receive */
  guint8 payload_type_receive; /* the number we told the peer */
  guint ptime;                 /* ms per packet we send */
  int dtmf_payload_type_send;  /* telephone-event (RFC 4733), -1: none */
  int dtmf_payload_type_receive;
  char *remote_address;        /* numeric, from c=; NULL or unspecified while on hold (0.0.0.0) */
  guint16 remote_rtp_port;
  guint16 remote_rtcp_port;    /* RFC 3605, or RTP + 1 */
  char *local_address;         /* what our SDP says */
  guint16 local_rtp_port;
  BbMediaDirection direction;
  gboolean rtcp_mux;           /* RTCP on the RTP port, both ways (RFC 5761) */
  const BbSrtpSuite *srtp_suite; /* NULL: plain RTP */
  guint8 srtp_send_key[BB_SRTP_MAX_KEY];    /* secrets: never shown, wiped when freed */
  guint8 srtp_receive_key[BB_SRTP_MAX_KEY];
  guint64 srtp_lifetime;       /* packets the peer's key is good for */
  gboolean opus_inband_fec;    /* the peer's useinbandfec (RFC 7587) */
  gboolean opus_cbr;           /* the peer's cbr: constant bit rate */
  guint opus_max_playback_rate; /* the peer's maxplaybackrate, Hz; 0: none given */
  guint opus_max_bitrate;      /* the peer's maxaveragebitrate, bit/s; 0: none given */
} BbMediaParams;

#define BB_TYPE_MEDIA_PARAMS (bb_media_params_get_type ())
GType bb_media_params_get_type (void);
BbMediaParams *bb_media_params_new (void);
BbMediaParams *bb_media_params_copy (const BbMediaParams *self);
void bb_media_params_free (BbMediaParams *self);
gboolean bb_media_params_equal_srtp (const BbMediaParams *a, const BbMediaParams *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbMediaParams, bb_media_params_free)

G_END_DECLS
