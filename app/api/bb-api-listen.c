/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-listen.h"

#include <glib/gi18n-lib.h>

#include "bb-api-json.h"

GTlsCertificate *
bb_api_load_certificate (const BbConfig *config, GError **error)
{
  g_autoptr (GError) problem = NULL;
  GTlsCertificate *certificate;

  if (config->api_tls_certificate == NULL)
    {
      if (config->api_tls_key != NULL)
        g_set_error (error, BB_API_ERROR, BB_API_ERROR_TLS,
                     _ ("tls-key of [api] is set without tls-certificate: set both."));
      return NULL;
    }
  certificate = config->api_tls_key != NULL
                  ? g_tls_certificate_new_from_files (config->api_tls_certificate,
                                                      config->api_tls_key, &problem)
                  : g_tls_certificate_new_from_file (config->api_tls_certificate, &problem);
  if (certificate == NULL)
    g_set_error (error, BB_API_ERROR, BB_API_ERROR_TLS,
                 _ ("The certificate of the API can't be used: %s. Check tls-certificate and "
                    "tls-key of [api]."),
                 problem->message);
  return certificate;
}

static GSocketAddress *
parse_address (const BbConfig *config, gboolean has_tls, GError **error)
{
  gboolean is_localhost = g_ascii_strcasecmp (config->api_address, "localhost") == 0;
  g_autoptr (GInetAddress) address
    = g_inet_address_new_from_string (is_localhost ? "127.0.0.1" : config->api_address);

  if (address == NULL)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                   _ ("address of [api] is “%s”, which is no numeric address. Set 127.0.0.1 (this "
                      "machine only), ::, 0.0.0.0 or an address of this machine."),
                   config->api_address);
      return NULL;
    }
  if (!g_inet_address_get_is_loopback (address) && !has_tls)
    {
      if (!config->api_allow_plain)
        {
          g_set_error (error, BB_API_ERROR, BB_API_ERROR_TLS,
                       _ ("The API on %s could be read by everybody on the way. Set tls-certificate "
                          "of [api], or address 127.0.0.1, or allow-plain when the network itself "
                          "encrypts."),
                       config->api_address);
          return NULL;
        }
      g_message ("the API on %s can be reached from other machines, and is not encrypted "
                 "([api] allow-plain)",
                 config->api_address);
    }
  return g_inet_socket_address_new (address, (guint16)config->api_port);
}

/**
 * bb_api_listen:
 * @listener: gets the address
 * @config: the settings; those of [api] are used
 * @has_tls: whether what is said there is encrypted
 * @port: (out): where it listens
 * @error: return location for a #BbApiError
 *
 * Returns: (transfer full) (nullable): "http://127.0.0.1:8085"
 */
char *
bb_api_listen (GSocketListener *listener,
               const BbConfig *config,
               gboolean has_tls,
               guint *port,
               GError **error)
{
  g_autoptr (GSocketAddress) address = parse_address (config, has_tls, error);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *host = NULL;
  const char *scheme = has_tls ? "https" : "http";

  if (address == NULL)
    return NULL;
  if (!g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                      NULL, &effective, &failure))
    {
      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                     _ ("Port %u on %s is taken, so the API can't listen. Stop the other program or "
                        "set port of [api] to another one (0: any free port)."),
                     config->api_port, config->api_address);
      else
        g_set_error (error, BB_API_ERROR, BB_API_ERROR_ADDRESS,
                     _ ("The API can't listen on %s, port %u: %s. Check address and port of [api]."),
                     config->api_address, config->api_port, failure->message);
      return NULL;
    }

  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  host
    = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (effective)));
  return strchr (host, ':') != NULL ? g_strdup_printf ("%s://[%s]:%u", scheme, host, *port)
                                    : g_strdup_printf ("%s://%s:%u", scheme, host, *port);
}
