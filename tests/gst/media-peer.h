/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

#include "bb-media.h"
#include "rtppacket.h"

G_BEGIN_DECLS

/* How long a test waits for what must happen, seconds. */
#define MEDIA_PEER_DEADLINE 20

/**
 * MediaPeer:
 *
 * The telephone at the other end: plain sockets on 127.0.0.1, blocking.
 */
typedef struct
{
  int rtp_fd;
  int rtcp_fd;
  guint16 rtp_port;
  guint16 rtcp_port;
  guint16 to_rtp; /* where to send */
  guint16 to_rtcp;

  guint8 payload_type;
  guint16 seq; /* of the next packet sent */
  guint32 timestamp;
  guint32 ssrc;
} MediaPeer;

/* One packet received. */
typedef struct
{
  RtpHeader header;
  guint8 data[RTP_MAX_PACKET];
  gsize size;
} MediaPacket;

void media_peer_open (MediaPeer *self);
void media_peer_close (MediaPeer *self);
BbMediaParams *media_peer_params (MediaPeer *self, BbCodecId codec);
void media_peer_send_raw (MediaPeer *self, const guint8 *data, gsize size);
void media_peer_send_rtcp (MediaPeer *self, const guint8 *data, gsize size);
void media_peer_send (MediaPeer *self, const guint8 *payload, gsize size, guint units);
void media_peer_send_at (MediaPeer *self,
                         guint8 payload_type,
                         guint16 seq,
                         guint32 timestamp,
                         const guint8 *payload,
                         gsize size);
gboolean media_peer_receive (MediaPeer *self, MediaPacket *packet, guint timeout_ms);
gssize media_peer_receive_any (MediaPeer *self, guint8 *data, gsize size, guint timeout_ms);
gssize media_peer_receive_rtcp (MediaPeer *self, guint8 *data, gsize size, guint timeout_ms);

/* The call's side. */
BbConfig *media_test_config (void);
void media_test_stop (BbMedia *media);
void media_test_iterate (void);
guint media_test_count (const char *folder); /* entries of /proc/self/FOLDER */

#define media_test_wait(condition)                                                                \
  G_STMT_START                                                                                    \
  {                                                                                               \
    gint64 deadline_ = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;            \
    while (!(condition))                                                                          \
      {                                                                                           \
        if (g_get_monotonic_time () > deadline_)                                                  \
          g_error ("%s:%d: this did not happen: %s", __FILE__, __LINE__, #condition);             \
        media_test_iterate ();                                                                    \
      }                                                                                           \
  }                                                                                               \
  G_STMT_END

G_END_DECLS
