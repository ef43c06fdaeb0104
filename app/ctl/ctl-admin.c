/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"
#include "ctl-parts.h"
#include "ctl-request.h"

/* ---- settings --------------------------------------------------------- */

static void
put_number (const char *name, guint value)
{
  g_autofree char *text = g_strdup_printf ("%u", value);

  ctl_put_field (name, text);
}

static int
put_settings (Ctl *ctl, JsonNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbSettings) settings = bb_api_read_settings (json_node_get_object (node), &error);

  if (settings == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    {
      ctl_put_json (node);
      return CTL_OK;
    }
  ctl_put_field ("draining", settings->draining ? "true" : "false");
  put_number ("max_calls", settings->max_calls);
  put_number ("max_duration_s", settings->max_duration);
  put_number ("operator_first_s", settings->operator_first);
  ctl_put_field ("recording", settings->recording ? "true" : "false");
  ctl_put_field ("notice", settings->notice);
  return CTL_OK;
}

/* "max_calls=5": a number, true or false, else a text. */
static gboolean
add_change (JsonObject *object, const char *argument)
{
  const char *equals = strchr (argument, '=');
  g_autofree char *name = equals != NULL ? g_strndup (argument, (gsize)(equals - argument)) : NULL;
  guint64 number;

  if (name == NULL || *name == '\0')
    return FALSE;
  equals++;
  if (strcmp (name, "notice") == 0)
    json_object_set_string_member (object, name, equals);
  else if (strcmp (equals, "true") == 0 || strcmp (equals, "false") == 0)
    json_object_set_boolean_member (object, name, *equals == 't');
  else if (g_ascii_string_to_unsigned (equals, 10, 0, G_MAXINT, &number, NULL))
    json_object_set_int_member (object, name, (gint64)number);
  else
    return FALSE;
  return TRUE;
}

int
ctl_settings (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);
  JsonObject *object;
  g_autoptr (JsonNode) body = ctl_object (&object);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    if (!add_change (object, arguments[i]))
      return ctl_fail_usage (_ ("settings: changes are written like max_calls=20, draining=true or "
                                "“notice=No deliveries on Friday”."));
  node = n == 0 ? ctl_request (ctl, "GET", "/v1/settings", NULL, &error)
                : ctl_request (ctl, "POST", "/v1/settings", body, &error);
  return node != NULL ? put_settings (ctl, node) : ctl_fail ("%s", error->message);
}

/* ---- tokens ----------------------------------------------------------- */

static int
list_tokens (Ctl *ctl)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = ctl_request (ctl, "GET", "/v1/tokens", NULL, &error);
  JsonArray *tokens;
  CtlTable *table;

  if (node == NULL
      || !bb_api_read_array (json_node_get_object (node), "tokens", &tokens, &error))
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    {
      ctl_put_json (node);
      return CTL_OK;
    }
  table = ctl_table_new (_ ("Name"), _ ("Role"), NULL);
  for (guint i = 0; i < json_array_get_length (tokens); i++)
    {
      JsonObject *object = bb_api_read_element (tokens, i, NULL);
      const char *name, *role;

      if (object != NULL && bb_api_read_string (object, "name", &name, NULL)
          && bb_api_read_string (object, "role", &role, NULL))
        ctl_table_add (table, name, role, NULL);
    }
  ctl_table_print (table, ctl->colour);
  return CTL_OK;
}

static int
add_token (Ctl *ctl, const char *name, const char *role)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  g_autoptr (JsonNode) body = ctl_object (&object);
  g_autoptr (JsonNode) node = NULL;
  const char *token;

  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "role", role);
  node = ctl_request (ctl, "POST", "/v1/tokens", body, &error);
  if (node == NULL || !bb_api_read_string (json_node_get_object (node), "token", &token, &error))
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    ctl_put_json (node);
  else
    {
      /* The token alone is what a file gets: ctl_putf() would be part of it. */
      g_printerr ("%s\n", _ ("The token is shown this once: keep it in a file of mode 0600."));
      ctl_putf ("%s\n", token);
    }
  return CTL_OK;
}

static int
revoke_token (Ctl *ctl, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = ctl_path ("/v1/tokens/", name, "/revoke");
  g_autoptr (JsonNode) node = ctl_request (ctl, "POST", path, NULL, &error);

  if (node == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    ctl_put_json (node);
  else
    ctl_putf (_ ("The token “%s” is refused from now on.\n"), name);
  return CTL_OK;
}

int
ctl_tokens (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);

  if (n == 0 || (n == 1 && strcmp (arguments[0], "list") == 0))
    return list_tokens (ctl);
  if (n == 3 && strcmp (arguments[0], "add") == 0)
    return add_token (ctl, arguments[1], arguments[2]);
  if (n == 2 && strcmp (arguments[0], "revoke") == 0)
    return revoke_token (ctl, arguments[1]);
  return ctl_fail_usage (_ ("tokens: what is wanted is nothing, “add NAME ROLE” (watch, operate or "
                            "admin) or “revoke NAME”."));
}
