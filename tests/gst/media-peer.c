/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "media-peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
open_socket (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &size), ==, 0);
  *port = ntohs (address.sin_port);
  return fd;
}

void
media_peer_open (MediaPeer *self)
{
  *self = (MediaPeer){ .seq = 65530, .timestamp = 0xfffffe00, .ssrc = g_random_int () };
  self->rtp_fd = open_socket (&self->rtp_port);
  self->rtcp_fd = open_socket (&self->rtcp_port);
}

void
media_peer_close (MediaPeer *self)
{
  close (self->rtp_fd);
  close (self->rtcp_fd);
}

/* As signalling would have it; the call's payload types differ by direction. */
BbMediaParams *
media_peer_params (MediaPeer *self, BbCodecId codec)
{
  BbMediaParams *params = bb_media_params_new ();

  params->codec = bb_codec_get (codec);
  params->payload_type_receive = (guint8) params->codec->preferred_payload_type;
  params->payload_type_send
      = params->codec->static_payload_type >= 0 ? params->payload_type_receive : 96;
  params->remote_address = g_strdup ("127.0.0.1");
  params->remote_rtp_port = self->rtp_port;
  params->remote_rtcp_port = self->rtcp_port;
  params->dtmf_payload_type_receive = 101;
  params->opus_inband_fec = TRUE;
  self->payload_type = params->payload_type_receive;
  return params;
}

static void
send_to (int fd, guint16 port, const guint8 *data, gsize size)
{
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_port = htons (port),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  g_assert_cmpint (sendto (fd, data, size, 0, (struct sockaddr *) &to, sizeof to), ==, (int) size);
}

void
media_peer_send_raw (MediaPeer *self, const guint8 *data, gsize size)
{
  send_to (self->rtp_fd, self->to_rtp, data, size);
}

void
media_peer_send_rtcp (MediaPeer *self, const guint8 *data, gsize size)
{
  send_to (self->rtcp_fd, self->to_rtcp, data, size);
}

void
media_peer_send_at (MediaPeer *self,
                    guint8 payload_type,
                    guint16 seq,
                    guint32 timestamp,
                    const guint8 *payload,
                    gsize size)
{
  RtpHeader header
      = { .payload_type = payload_type, .seq = seq, .timestamp = timestamp, .ssrc = self->ssrc };
  guint8 packet[RTP_MAX_PACKET];

  rtp_packet_write_header (packet, &header);
  memcpy (packet + RTP_HEADER_SIZE, payload, size);
  media_peer_send_raw (self, packet, RTP_HEADER_SIZE + size);
}

void
media_peer_send (MediaPeer *self, const guint8 *payload, gsize size, guint units)
{
  media_peer_send_at (self, self->payload_type, self->seq, self->timestamp, payload, size);
  self->seq++;
  self->timestamp += units;
}

static gssize
receive (int fd, guint8 *data, gsize size, guint timeout_ms)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLIN };

  if (poll (&pollfd, 1, (int) timeout_ms) <= 0)
    return -1;
  return recv (fd, data, size, 0);
}

gboolean
media_peer_receive (MediaPeer *self, MediaPacket *packet, guint timeout_ms)
{
  gssize size = receive (self->rtp_fd, packet->data, sizeof packet->data, timeout_ms);

  if (size < 0)
    return FALSE;
  g_assert_cmpint (rtp_packet_parse (packet->data, (gsize) size, &packet->header), ==,
                   RTP_PACKET_OK);
  packet->size = (gsize) size;
  return TRUE;
}

/* Whatever comes on the RTP port. */
gssize
media_peer_receive_any (MediaPeer *self, guint8 *data, gsize size, guint timeout_ms)
{
  return receive (self->rtp_fd, data, size, timeout_ms);
}

gssize
media_peer_receive_rtcp (MediaPeer *self, guint8 *data, gsize size, guint timeout_ms)
{
  return receive (self->rtcp_fd, data, size, timeout_ms);
}

BbConfig *
media_test_config (void)
{
  static const char *overrides[]
      = { "media.rtp-ports=0", "media.rtp-timeout=0", NULL };
  g_autoptr (GError) error = NULL;
  BbConfig *config = bb_config_load ("/dev/null", overrides, &error);

  g_assert_no_error (error);
  return config;
}

static gboolean
on_timeout (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* One turn of the main context; wakes at least every 5 ms. */
void
media_test_iterate (void)
{
  guint id = g_timeout_add (5, on_timeout, NULL);

  g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  bb_media_stop_finish (BB_MEDIA (source), result);
  *(gboolean *) user_data = TRUE;
}

void
media_test_stop (BbMedia *media)
{
  gboolean done = FALSE;

  bb_media_stop_async (media, on_stopped, &done);
  media_test_wait (done);
}

guint
media_test_count (const char *folder)
{
  g_autofree char *path = g_build_filename ("/proc/self", folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}
