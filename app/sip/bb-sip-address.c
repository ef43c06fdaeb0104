/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-sip-address.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "bb-sip-agent.h"

#define PROBE_ATTEMPTS 16

/**
 * bb_sip_address_is_any:
 * @address: numeric
 *
 * Returns: %TRUE for "0.0.0.0" and "::"
 */
gboolean
bb_sip_address_is_any (const char *address)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);

  return inet != NULL && g_inet_address_get_is_any (inet);
}

/**
 * bb_sip_address_bracket:
 * @address: numeric
 *
 * Returns: (transfer full): as a URI wants it: "[2001:db8::1]"
 */
char *
bb_sip_address_bracket (const char *address)
{
  return strchr (address, ':') != NULL ? g_strdup_printf ("[%s]", address) : g_strdup (address);
}

static int
open_socket (const char *address, guint port, int type, struct sockaddr_storage *storage, socklen_t *size)
{
  g_autoptr (GSocketAddress) sockaddr = g_inet_socket_address_new_from_string (address, port);

  if (sockaddr == NULL
      || !g_socket_address_to_native (sockaddr, storage, sizeof *storage, NULL))
    {
      errno = EADDRNOTAVAIL;
      return -1;
    }
  *size = (socklen_t)g_socket_address_get_native_size (sockaddr);
  return socket (storage->ss_family, type | SOCK_CLOEXEC, 0);
}

/**
 * bb_sip_address_toward:
 * @peer: numeric
 * @port: of the peer
 * @error: return location for %BB_SIP_ERROR_ADDRESS
 *
 * Lets the kernel's routing choose: a connected UDP socket sends nothing but
 * has a local address.
 *
 * Returns: (transfer full) (nullable): the local address that reaches @peer
 */
char *
bb_sip_address_toward (const char *peer, guint16 port, GError **error)
{
  struct sockaddr_storage storage;
  socklen_t size = 0;
  int fd = open_socket (peer, port != 0 ? port : 9, SOCK_DGRAM, &storage, &size);
  char *result = NULL;
  int saved = errno;

  if (fd >= 0)
    {
      if (connect (fd, (struct sockaddr *)&storage, size) == 0
          && getsockname (fd, (struct sockaddr *)&storage, (size = sizeof storage, &size)) == 0)
        {
          g_autoptr (GSocketAddress) local = g_socket_address_new_from_native (&storage, size);

          result = g_inet_address_to_string (
              g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)));
        }
      saved = errno;
      close (fd);
    }
  if (result == NULL)
    g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_ADDRESS, "no route to %s: %s", peer,
                 g_strerror (saved));
  return result;
}

static gboolean
try_bind (const char *address, guint port, int type, guint *bound, int *error_number)
{
  struct sockaddr_storage storage;
  socklen_t size = 0;
  int one = 1;
  int fd = open_socket (address, port, type, &storage, &size);
  gboolean ok = FALSE;

  if (fd < 0)
    {
      *error_number = errno;
      return FALSE;
    }
  /* connections of the last run may linger in TIME_WAIT: no obstacle */
  if (type == SOCK_STREAM)
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (fd, (struct sockaddr *)&storage, size) == 0
      && (type != SOCK_STREAM || listen (fd, 1) == 0)
      && getsockname (fd, (struct sockaddr *)&storage, (size = sizeof storage, &size)) == 0)
    {
      g_autoptr (GSocketAddress) local = g_socket_address_new_from_native (&storage, size);

      *bound = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
      ok = TRUE;
    }
  else
    *error_number = errno;
  close (fd);
  return ok;
}

/**
 * bb_sip_address_probe:
 * @address: numeric, where we are to listen
 * @port: 0: find one that is free for both UDP and TCP
 * @error: return location for %BB_SIP_ERROR_PORT or %BB_SIP_ERROR_ADDRESS, one
 *   line that names address, port and setting
 *
 * sofia says "could not bind" and no more, and would share a TCP port with
 * another process (SO_REUSEPORT); so we try before it does.
 *
 * Returns: the port, 0 on error
 */
guint
bb_sip_address_probe (const char *address, guint port, GError **error)
{
  g_autofree char *host = bb_sip_address_bracket (address);
  int error_number = 0;

  for (guint attempt = 0; attempt < (port == 0 ? PROBE_ATTEMPTS : 1); attempt++)
    {
      guint bound = 0;
      guint again = 0;
      const char *transport = "UDP";

      if (try_bind (address, port, SOCK_DGRAM, &bound, &error_number))
        {
          transport = "TCP";
          if (try_bind (address, bound, SOCK_STREAM, &again, &error_number))
            return bound;
        }
      if (error_number == EADDRINUSE && port == 0)
        continue;
      if (error_number == EADDRINUSE)
        g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_PORT,
                     _ ("%s port %s:%u is in use by another program: set [sip] port to a free one "
                        "(0 finds one)"),
                     transport, host, port);
      else if (error_number == EACCES)
        g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_PORT,
                     _ ("no permission for %s port %s:%u: set [sip] port to 1024 or above"), transport,
                     host, port);
      else
        g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_ADDRESS,
                     _ ("can't listen on %s:%u: %s: set [sip] address to an address of this machine "
                        "(0.0.0.0: all)"),
                     host, port, g_strerror (error_number));
      return 0;
    }

  g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_PORT,
               _ ("no port of %s is free for both UDP and TCP ([sip] port)"), host);
  return 0;
}
