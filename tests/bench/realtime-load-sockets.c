/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the kernel takes: the same bytes through the same sockets, nothing read
 * out of them. No program that understands the events can be cheaper. */
#define _GNU_SOURCE /* epoll_pwait2 */
#include "realtime-load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

static const char upgrade[] = "GET /v1/realtime?model=m HTTP/1.1\r\nHost: localhost\r\n"
                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static int epoll_fd;
static int *sockets;
static guint8 *append;
static gsize append_size;
static guint64 n_received;

/* Returns: (transfer full): a masked text frame with 20 ms of G.711 */
guint8 *
load_append (gsize *size)
{
  guint8 audio[FRAME_SIZE] = { 0 };
  g_autofree char *base64 = g_base64_encode (audio, sizeof audio);
  g_autofree char *text =
      g_strdup_printf ("{\"type\":\"input_audio_buffer.append\",\"audio\":\"%s\"}", base64);
  gsize length = strlen (text);
  guint8 *frame = g_malloc0 (length + 8);

  frame[0] = 0x81;
  frame[1] = 0x80 | 126;
  frame[2] = length >> 8;
  frame[3] = length; /* the mask is 0 */
  memcpy (frame + 8, text, length);
  *size = length + 8;
  return frame;
}

static void
start (guint n, guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons (port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  char buffer[4096];

  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  sockets = g_new (int, n);
  append = load_append (&append_size);
  for (guint i = 0; i < n; i++)
    {
      struct epoll_event watch = { .events = EPOLLIN };

      sockets[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (connect (sockets[i], (struct sockaddr *)&address, sizeof address) != 0 ||
          send (sockets[i], upgrade, sizeof upgrade - 1, 0) < 0 ||
          recv (sockets[i], buffer, sizeof buffer, 0) <= 0)
        g_error ("no connection: %s", g_strerror (errno));
      setsockopt (sockets[i], IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
      watch.data.fd = sockets[i];
      epoll_ctl (epoll_fd, EPOLL_CTL_ADD, sockets[i], &watch);
    }
}

static void
tick (guint i, const guint8 *frame)
{
  if (send (sockets[i], append, append_size, MSG_NOSIGNAL) != (ssize_t)append_size)
    g_error ("not sent: %s", g_strerror (errno));
}

static void
wait_until (gint64 until)
{
  struct epoll_event events[64];
  guint8 buffer[16384];
  gint64 left;

  while ((left = until - g_get_monotonic_time ()) > 0)
    {
      struct timespec timeout = { 0, left * 1000 };
      int n = epoll_pwait2 (epoll_fd, events, G_N_ELEMENTS (events), &timeout, NULL);

      for (int i = 0; i < n; i++)
        {
          ssize_t size = recv (events[i].data.fd, buffer, sizeof buffer, MSG_DONTWAIT);

          if (size == 0)
            g_error ("the peer is gone");
          n_received += MAX (size, 0);
        }
    }
}

/* Of the wire; three quarters of most of it is audio. */
static guint64
received (void)
{
  return n_received / 2;
}

const LoadKind load_sockets = { "sockets", start, tick, wait_until, received };
