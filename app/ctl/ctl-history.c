/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"
#include "ctl-request.h"

#define DEFAULT_LIMIT 50

static int
list_history (Ctl *ctl, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *query = g_strjoinv (" ", (char **)words);
  g_autofree char *escaped = g_uri_escape_string (query, NULL, FALSE);
  g_autofree char *path = g_strdup_printf ("/v1/history?limit=%d&q=%s",
                                           ctl->limit > 0 ? ctl->limit : DEFAULT_LIMIT, escaped);
  g_autoptr (JsonNode) node = ctl_request (ctl, "GET", path, NULL, &error);
  JsonArray *calls;
  CtlTable *table;

  if (node == NULL || !bb_api_read_array (json_node_get_object (node), "calls", &calls, &error))
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    {
      ctl_put_json (node);
      return CTL_OK;
    }
  if (json_array_get_length (calls) == 0)
    {
      ctl_putf ("%s\n", _ ("No calls."));
      return CTL_OK;
    }
  table = ctl_table_new (_ ("Id"), _ ("Caller"), _ ("Since"), _ (">Duration"), _ ("Ended by"), NULL);
  for (guint i = 0; i < json_array_get_length (calls); i++)
    {
      JsonObject *object = bb_api_read_element (calls, i, &error);
      g_autoptr (BbCall) call = object != NULL ? bb_api_read_call (object, &error) : NULL;
      g_autofree char *id = NULL;
      g_autofree char *title = NULL;
      g_autofree char *since = NULL;
      g_autofree char *duration = NULL;

      if (call == NULL)
        return ctl_fail ("%s", error->message);
      id = g_strndup (bb_call_get_id (call), 8);
      title = bb_call_dup_title (call);
      since = ctl_format_time (bb_call_get_started (call));
      duration = ctl_format_duration (bb_call_get_duration (call));
      ctl_table_add (table, id, title, since, duration, bb_call_end_label (bb_call_get_end (call)),
                     NULL);
    }
  ctl_table_print (table, ctl->colour);
  return CTL_OK;
}

static int
show_history (Ctl *ctl, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = ctl_path ("/v1/history/", id, "");
  g_autoptr (JsonNode) node = ctl_request (ctl, "GET", path, NULL, &error);
  g_autoptr (BbCall) call
    = node != NULL ? bb_api_read_call (json_node_get_object (node), &error) : NULL;

  if (call == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    ctl_put_json (node);
  else
    ctl_put_call (ctl, call);
  return CTL_OK;
}

int
ctl_history (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);

  if (n == 0 || strcmp (arguments[0], "list") == 0)
    return list_history (ctl, n == 0 ? arguments : arguments + 1);
  if (n == 2 && strcmp (arguments[0], "show") == 0)
    return show_history (ctl, arguments[1]);
  return ctl_fail_usage (_ ("history: what is wanted is “list WORDS” or “show ID”."));
}
