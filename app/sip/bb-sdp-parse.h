/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-media-params.h"
#include "bb-sdes.h"

G_BEGIN_DECLS

#define BB_SDP_MAX_SIZE 65536 /* bytes: no sane body comes near */
#define BB_SDP_MAX_LINES 16   /* media lines: an answer has to repeat them all */
#define BB_SDP_MAX_CRYPTOS 16 /* a=crypto lines of one media line that are looked at */

/**
 * BbSdpFormat:
 *
 * One payload type of a media line, whether it came with an rtpmap or is
 * static (RFC 3551).
 */
typedef struct
{
  guint8 payload_type;
  char *encoding; /* "" when nothing names it */
  guint clock_rate;
  guint channels;
  char *fmtp; /* nullable */
} BbSdpFormat;

/**
 * BbSdpLine:
 *
 * One media line of a peer's description, in our own words.
 */
typedef struct
{
  char *type;        /* "audio" */
  char *protocol;    /* "RTP/AVP", as the peer wrote it */
  char *format_list; /* "0 8 101", as the peer wrote it */
  gboolean usable;   /* audio over RTP/AVP(F) or RTP/SAVP(F), not refused, with an address */
  gboolean secure;   /* audio over RTP/SAVP(F) or DTLS: never without SRTP */
  GArray *cryptos;   /* of BbSdesCrypto: the a=crypto lines that we can do, in the peer's order */
  const char *crypto_why; /* why another was passed over; NULL: there was none */
  gboolean rtcp_mux; /* RFC 5761 */
  GArray *formats;   /* of BbSdpFormat; empty unless @usable */
  char *address;     /* numeric */
  gboolean held;     /* unspecified address: RFC 2543 hold */
  guint16 rtp_port;
  guint16 rtcp_port;
  guint ptime;       /* ms, 0: none given */
  guint maxptime;    /* ms, 0: none given */
  BbMediaDirection direction; /* of the peer: SENDONLY means that the peer sends */
} BbSdpLine;

/**
 * BbSdpBody:
 *
 * A parsed description.
 */
typedef struct
{
  GPtrArray *lines; /* of BbSdpLine */
  char *time;       /* "0 0": an answer repeats it (RFC 3264 section 6) */
} BbSdpBody;

BbSdpBody *bb_sdp_body_parse (const char *body, gssize length, GError **error);
void bb_sdp_body_free (BbSdpBody *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbSdpBody, bb_sdp_body_free)

const BbSdpFormat *bb_sdp_line_find_codec (const BbSdpLine *self, const BbCodec *codec);
const BbSdpFormat *bb_sdp_line_find_dtmf (const BbSdpLine *self, guint clock_rate);
gboolean bb_sdp_fmtp_get (const char *fmtp, const char *key, guint *value);

G_END_DECLS
