/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/socket.h>
#include <sys/uio.h>

G_BEGIN_DECLS

/**
 * RtpSockets:
 *
 * A call's two UDP sockets, non-blocking, bound to one address.
 */
typedef struct
{
  int rtp_fd; /* -1: closed */
  int rtcp_fd;
  guint16 rtp_port;
  guint16 rtcp_port;
} RtpSockets;

#define RTP_SOCKETS_INIT { .rtp_fd = -1, .rtcp_fd = -1 }

gboolean rtp_sockets_open (RtpSockets *self,
                           const char *address,
                           guint port_min,
                           guint port_max,
                           guint dscp,
                           GError **error);
void rtp_sockets_close (RtpSockets *self);
gssize rtp_sockets_send (const RtpSockets *self,
                         gboolean rtcp,
                         const struct sockaddr_storage *to,
                         const struct iovec *vectors,
                         gsize n);
guint rtp_sockets_discard (RtpSockets *self);

G_END_DECLS
