/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rtpsockets.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtpreception.h"

/* With any port allowed: how often to look for an even one whose neighbour is
 * free too, before an odd or split pair will do (SDP names both, RFC 3605). */
#define PAIR_ATTEMPTS 16

/* Where the next call looks first in a range: ports just closed rest, so that
 * late packets of one call don't reach the next. */
static guint next_pair;

static void
set_port (struct sockaddr *address, guint16 port)
{
  if (address->sa_family == AF_INET6)
    ((struct sockaddr_in6 *) address)->sin6_port = htons (port);
  else
    ((struct sockaddr_in *) address)->sin_port = htons (port);
}

/* Returns the fd or -1 with errno. No SO_REUSEADDR: a taken port must show. */
static int
bind_one (const struct addrinfo *info, guint16 port, guint dscp, guint16 *bound)
{
  struct sockaddr_storage address = { 0 };
  socklen_t length = sizeof address;
  int tos = (int) dscp << 2;
  int fd;
  int saved;

  fd = socket (info->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;

  memcpy (&address, info->ai_addr, info->ai_addrlen);
  set_port ((struct sockaddr *) &address, port);

  if (bind (fd, (struct sockaddr *) &address, info->ai_addrlen) < 0
      || getsockname (fd, (struct sockaddr *) &address, &length) < 0)
    {
      saved = errno;
      close (fd);
      errno = saved;
      return -1;
    }

  /* Best effort: a container may forbid it, and the call works without. */
  if (info->ai_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
  else
    setsockopt (fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);

  *bound = ntohs (address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &address)->sin6_port
                                                : ((struct sockaddr_in *) &address)->sin_port);
  return fd;
}

static gboolean
open_pair (RtpSockets *self, const struct addrinfo *info, guint16 port, guint dscp)
{
  self->rtp_fd = bind_one (info, port, dscp, &self->rtp_port);
  if (self->rtp_fd < 0)
    return FALSE;

  self->rtcp_fd = self->rtp_port == G_MAXUINT16
                      ? -1
                      : bind_one (info, (guint16) (self->rtp_port + 1), dscp, &self->rtcp_port);
  if (self->rtcp_fd < 0)
    {
      int saved = errno;

      rtp_sockets_close (self);
      errno = saved;
      return FALSE;
    }

  return TRUE;
}

static gboolean
open_any (RtpSockets *self, const struct addrinfo *info, guint dscp)
{
  for (guint i = 0; i < PAIR_ATTEMPTS; i++)
    {
      guint16 port;
      int fd = bind_one (info, 0, dscp, &port);

      if (fd < 0)
        return FALSE;
      if (port % 2 != 0 && i + 1 < PAIR_ATTEMPTS)
        {
          close (fd);
          continue;
        }

      self->rtp_fd = fd;
      self->rtp_port = port;
      self->rtcp_fd = port == G_MAXUINT16
                          ? -1
                          : bind_one (info, (guint16) (port + 1), dscp, &self->rtcp_port);
      if (self->rtcp_fd < 0 && i + 1 == PAIR_ATTEMPTS)
        self->rtcp_fd = bind_one (info, 0, dscp, &self->rtcp_port);
      if (self->rtcp_fd >= 0)
        return TRUE;
      rtp_sockets_close (self);
    }

  return FALSE;
}

/**
 * rtp_sockets_open:
 * @self: closed
 * @address: numeric local address
 * @port_min: first port of the range; 0: any free ports
 * @port_max: last port, included
 * @dscp: 0..63, marks what is sent (RFC 4594: 46, EF, for telephony)
 * @error: %G_IO_ERROR_BUSY when the range is used up, else what the system said
 *
 * In a range RTP has an even port and RTCP the next one (RFC 3550 section 11).
 * Callable from any thread.
 *
 * Returns: whether both are bound
 */
gboolean
rtp_sockets_open (RtpSockets *self,
                  const char *address,
                  guint port_min,
                  guint port_max,
                  guint dscp,
                  GError **error)
{
  struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_DGRAM };
  struct addrinfo *info = NULL;
  gboolean done = FALSE;
  int failure = EADDRINUSE;
  guint first;
  guint n_pairs;

  if (getaddrinfo (address, NULL, &hints, &info) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is no numeric address",
                   address);
      return FALSE;
    }

  if (port_min == 0)
    {
      done = open_any (self, info, dscp);
      failure = errno;
    }
  else
    {
      first = (port_min + 1) / 2 * 2;
      n_pairs = port_max > first ? (port_max - first + 1) / 2 : 0;

      for (guint i = 0; i < n_pairs && !done; i++)
        {
          guint pair = (guint) g_atomic_int_add ((gint *) &next_pair, 1) % n_pairs;

          done = open_pair (self, info, (guint16) (first + 2 * pair), dscp);
          if (!done && errno != EADDRINUSE && errno != EACCES)
            {
              failure = errno;
              break;
            }
        }
    }
  freeaddrinfo (info);

  if (!done)
    {
      if (failure == EADDRINUSE)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                     "No free pair of UDP ports between %u and %u on %s", port_min, port_max,
                     address);
      else
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failure),
                     "Can't bind a UDP socket on %s: %s", address, g_strerror (failure));
    }

  return done;
}

/**
 * rtp_sockets_close:
 * @self: open or closed
 */
void
rtp_sockets_close (RtpSockets *self)
{
  if (self->rtp_fd >= 0)
    close (self->rtp_fd);
  if (self->rtcp_fd >= 0)
    close (self->rtcp_fd);
  *self = (RtpSockets) RTP_SOCKETS_INIT;
}

/**
 * rtp_sockets_send:
 * @self: open
 * @rtcp: on which socket
 * @to: where to
 * @vectors: the datagram
 * @n: how many of them
 *
 * Returns: bytes sent, -1 with errno
 */
gssize
rtp_sockets_send (const RtpSockets *self,
                  gboolean rtcp,
                  const struct sockaddr_storage *to,
                  const struct iovec *vectors,
                  gsize n)
{
  struct msghdr message = { .msg_name = (void *) to,
                            .msg_namelen = rtp_address_size (to),
                            .msg_iov = (struct iovec *) vectors,
                            .msg_iovlen = n };
  gssize sent;

  do
    sent = sendmsg (rtcp ? self->rtcp_fd : self->rtp_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);

  return sent;
}

/**
 * rtp_sockets_discard:
 * @self: open
 *
 * Throws away what arrived so far.
 *
 * Returns: how many datagrams on the RTP port
 */
guint
rtp_sockets_discard (RtpSockets *self)
{
  guint n = 0;
  char byte;

  /* Bounded: a flood must not hold the caller here. */
  while (n < 4096 && recv (self->rtp_fd, &byte, 1, MSG_TRUNC | MSG_DONTWAIT) >= 0)
    n++;
  for (guint i = 0; i < 4096 && recv (self->rtcp_fd, &byte, 1, MSG_TRUNC | MSG_DONTWAIT) >= 0; i++)
    ;

  return n;
}
