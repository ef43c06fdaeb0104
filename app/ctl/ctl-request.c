/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl-request.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"

BbApiClient *
ctl_new_client (Ctl *ctl, GError **error)
{
  g_autoptr (BbApiClient) client = NULL;

  if (!ctl_ensure_url (ctl, error))
    return NULL;
  client = bb_api_client_new (ctl->url, ctl->token_file);
  if (!bb_api_client_set_ca_file (client, ctl->ca_file, error))
    return NULL;
  return g_steal_pointer (&client);
}

/* The gateway that the settings describe, as this machine reaches it. */
gboolean
ctl_ensure_url (Ctl *ctl, GError **error)
{
  const BbConfig *config = ctl->config;
  const char *address = config->api_address;
  const char *scheme = config->api_tls_certificate != NULL ? "https" : "http";

  if (ctl->url != NULL)
    return TRUE;
  if (config->api_port == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("port of [api] is 0, so the gateway chose one: name the address that "
                      "bestellbotd printed with --url."));
      return FALSE;
    }
  if (strcmp (address, "0.0.0.0") == 0)
    address = "127.0.0.1";
  else if (strcmp (address, "::") == 0)
    address = "::1";
  ctl->url = strchr (address, ':') != NULL
               ? g_strdup_printf ("%s://[%s]:%u", scheme, address, config->api_port)
               : g_strdup_printf ("%s://%s:%u", scheme, address, config->api_port);
  return TRUE;
}

typedef struct
{
  GMainLoop *loop;
  JsonNode *node;
  GError *error;
} Request;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;

  request->node = bb_api_client_request_finish (BB_API_CLIENT (source), result, &request->error);
  g_main_loop_quit (request->loop);
}

JsonNode *
ctl_request (Ctl *ctl, const char *method, const char *path, JsonNode *body, GError **error)
{
  g_autoptr (BbApiClient) client = ctl_new_client (ctl, error);
  Request pending = { 0 };

  if (client == NULL)
    return NULL;
  pending.loop = g_main_loop_new (NULL, FALSE);
  bb_api_client_request_async (client, method, path, body, NULL, on_answer, &pending);
  g_main_loop_run (pending.loop);
  g_main_loop_unref (pending.loop);
  if (pending.error != NULL)
    g_propagate_error (error, pending.error);
  return pending.node;
}

JsonNode *
ctl_object (JsonObject **object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  *object = json_object_new ();
  json_node_take_object (node, *object);
  return node;
}

/* "/v1/calls/ID/hangup": @id is anybody's text. */
char *
ctl_path (const char *before, const char *id, const char *after)
{
  g_autofree char *escaped = g_uri_escape_string (id, NULL, FALSE);

  return g_strconcat (before, escaped, after, NULL);
}
