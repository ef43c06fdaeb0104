/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-client-private.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"

/* What an operator asks, as requests: method, path with '*' for the id. */
static const struct
{
  const char *method;
  const char *path;
} requests[BB_N_COMMANDS] = {
  [BB_COMMAND_HANG_UP] = { "POST", "/v1/calls/*/hangup" },
  [BB_COMMAND_ANSWER] = { "POST", "/v1/calls/*/answer" },
  [BB_COMMAND_REFUSE] = { "POST", "/v1/calls/*/refuse" },
  [BB_COMMAND_TRANSFER] = { "POST", "/v1/calls/*/transfer" },
  [BB_COMMAND_SET_MODE] = { "POST", "/v1/calls/*/mode" },
  [BB_COMMAND_WHISPER] = { "POST", "/v1/calls/*/whisper" },
  [BB_COMMAND_NOTE] = { "POST", "/v1/calls/*/note" },
  [BB_COMMAND_GET_ORDER] = { "GET", "/v1/orders/*" },
  [BB_COMMAND_ADD_LINE] = { "POST", "/v1/orders/*/add" },
  [BB_COMMAND_CHANGE_LINE] = { "POST", "/v1/orders/*/change" },
  [BB_COMMAND_REMOVE_LINE] = { "POST", "/v1/orders/*/remove" },
  [BB_COMMAND_NOTE_ORDER] = { "POST", "/v1/orders/*/note" },
  [BB_COMMAND_APPROVE_ORDER] = { "POST", "/v1/orders/*/approve" },
  [BB_COMMAND_CANCEL_ORDER] = { "POST", "/v1/orders/*/cancel" },
  [BB_COMMAND_LIST_ORDERS] = { "GET", "/v1/orders" },
  [BB_COMMAND_EXPORT_ORDERS] = { "GET", "/v1/orders/export" },
  [BB_COMMAND_SEARCH] = { "GET", "/v1/catalogue/search" },
  [BB_COMMAND_LIST_HISTORY] = { "GET", "/v1/history" },
  [BB_COMMAND_GET_HISTORY] = { "GET", "/v1/history/*" },
  [BB_COMMAND_GET_RECORDING] = { "GET", "/v1/history/*/recording" },
  [BB_COMMAND_GET_SETTINGS] = { "GET", "/v1/settings" },
  [BB_COMMAND_CHANGE_SETTINGS] = { "POST", "/v1/settings" },
};

static void
add_parameter (GString *path, const char *name, const char *value)
{
  g_autofree char *escaped = NULL;

  if (value == NULL)
    return;
  escaped = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (path, "%c%s=%s", strchr (path->str, '?') != NULL ? '&' : '?', name,
                          escaped);
}

static void
add_time (GString *path, const char *name, GDateTime *time)
{
  g_autoptr (GDateTime) utc = time != NULL ? g_date_time_to_utc (time) : NULL;
  g_autofree char *text = utc != NULL ? g_date_time_format_iso8601 (utc) : NULL;

  add_parameter (path, name, text);
}

static char *
path_of (const BbCommand *command)
{
  const char *pattern = requests[command->kind].path;
  const char *star = strchr (pattern, '*');
  g_autofree char *id
    = g_uri_escape_string (command->id != NULL ? command->id : "", NULL, FALSE);
  GString *path = g_string_new (NULL);
  const BbFilter *filter = &command->filter;
  g_autofree char *limit = filter->limit > 0 ? g_strdup_printf ("%u", filter->limit) : NULL;

  if (star == NULL)
    g_string_append (path, pattern);
  else
    g_string_append_printf (path, "%.*s%s%s", (int)(star - pattern), pattern, id, star + 1);
  if (strcmp (requests[command->kind].method, "GET") != 0 || star != NULL)
    return g_string_free (path, FALSE);

  add_parameter (path, "q", command->kind == BB_COMMAND_SEARCH ? command->text : filter->text);
  add_parameter (path, "group", command->group);
  add_parameter (path, "format", command->format);
  add_parameter (path, "state",
                 filter->state >= 0 ? bb_order_state_nick ((BbOrderState)filter->state) : NULL);
  add_parameter (path, "call", filter->call_id);
  add_time (path, "since", filter->since);
  add_time (path, "until", filter->until);
  add_parameter (path, "limit", limit);
  if (command->kind == BB_COMMAND_LIST_ORDERS)
    add_parameter (path, "lines", "true");
  return g_string_free (path, FALSE);
}

static void
fill_settings (JsonObject *object, const BbSettings *settings, BbSettingsFields fields)
{
  if ((fields & BB_SETTINGS_DRAINING) != 0)
    json_object_set_boolean_member (object, "draining", settings->draining);
  if ((fields & BB_SETTINGS_MAX_CALLS) != 0)
    json_object_set_int_member (object, "max_calls", settings->max_calls);
  if ((fields & BB_SETTINGS_MAX_DURATION) != 0)
    json_object_set_int_member (object, "max_duration_s", settings->max_duration);
  if ((fields & BB_SETTINGS_OPERATOR_FIRST) != 0)
    json_object_set_int_member (object, "operator_first_s", settings->operator_first);
  if ((fields & BB_SETTINGS_RECORDING) != 0)
    json_object_set_boolean_member (object, "recording", settings->recording);
  if ((fields & BB_SETTINGS_NOTICE) != 0)
    json_object_set_string_member (object, "notice", settings->notice);
}

/* NULL: none is needed. */
static JsonNode *
body_of (const BbCommand *command)
{
  JsonObject *object;
  JsonNode *node;

  if (strcmp (requests[command->kind].method, "POST") != 0)
    return NULL;
  object = json_object_new ();
  switch (command->kind)
    {
    case BB_COMMAND_ANSWER:
      json_object_set_string_member (object, "by", command->by_operator ? "operator" : "bot");
      break;
    case BB_COMMAND_TRANSFER:
      if (command->text != NULL)
        json_object_set_string_member (object, "target", command->text);
      break;
    case BB_COMMAND_SET_MODE:
      json_object_set_string_member (object, "mode", bb_operator_mode_nick (command->mode));
      break;
    case BB_COMMAND_WHISPER:
      json_object_set_boolean_member (object, "respond", command->respond);
      G_GNUC_FALLTHROUGH;
    case BB_COMMAND_NOTE:
    case BB_COMMAND_NOTE_ORDER:
      json_object_set_string_member (object, "text", command->text != NULL ? command->text : "");
      break;
    case BB_COMMAND_ADD_LINE:
    case BB_COMMAND_CHANGE_LINE:
      json_object_set_int_member (object, "quantity", command->quantity);
      G_GNUC_FALLTHROUGH;
    case BB_COMMAND_REMOVE_LINE:
      json_object_set_string_member (object, "product_number",
                                     command->number != NULL ? command->number : "");
      break;
    case BB_COMMAND_CHANGE_SETTINGS:
      fill_settings (object, command->settings, command->fields);
      break;
    default:
      break;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

typedef gpointer (*ReadElement) (JsonObject *object, GError **error);

static GPtrArray *
read_list (JsonObject *root, const char *name, ReadElement read, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  JsonArray *array;

  if (!bb_api_read_array (root, name, &array, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = bb_api_read_element (array, i, error);
      gpointer element = object != NULL ? read (object, error) : NULL;

      if (element == NULL)
        return NULL;
      g_ptr_array_add (list, element);
    }
  return g_steal_pointer (&list);
}

static void
return_answer (GTask *task, BbCommandKind kind, JsonObject *root)
{
  GError *error = NULL;
  gpointer answer;
  GDestroyNotify free_answer = g_object_unref;

  switch (kind)
    {
    case BB_COMMAND_LIST_ORDERS:
      answer = read_list (root, "orders", (ReadElement)bb_api_read_order, &error);
      free_answer = (GDestroyNotify)g_ptr_array_unref;
      break;
    case BB_COMMAND_SEARCH:
      answer = read_list (root, "matches", (ReadElement)bb_api_read_product_match, &error);
      free_answer = (GDestroyNotify)g_ptr_array_unref;
      break;
    case BB_COMMAND_LIST_HISTORY:
      answer = read_list (root, "calls", (ReadElement)bb_api_read_call, &error);
      free_answer = (GDestroyNotify)g_ptr_array_unref;
      break;
    case BB_COMMAND_GET_HISTORY:
      answer = bb_api_read_call (root, &error);
      break;
    case BB_COMMAND_GET_SETTINGS:
    case BB_COMMAND_CHANGE_SETTINGS:
      answer = bb_api_read_settings (root, &error);
      free_answer = (GDestroyNotify)bb_settings_free;
      break;
    default:
      answer = bb_api_read_order (root, &error);
      break;
    }
  if (answer != NULL)
    g_task_return_pointer (task, answer, free_answer);
  else
    g_task_return_error (task, error);
}

/* In the terms of an operator, whatever it was. */
static GError *
operator_error (GError *error)
{
  GError *mapped;

  if (error->domain != BB_API_ERROR)
    return error;
  mapped = g_error_new_literal (BB_OPERATOR_ERROR,
                                error->code == BB_API_ERROR_UNREACHABLE ? BB_OPERATOR_ERROR_UNREACHABLE
                                : error->code == BB_API_ERROR_UNAUTHORIZED
                                  ? BB_OPERATOR_ERROR_FORBIDDEN
                                  : BB_OPERATOR_ERROR_FAILED,
                                error->message);
  g_error_free (error);
  return mapped;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const BbCommand *command = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) bytes = bb_api_client_send_finish (BB_API_CLIENT (source), result, &error);
  g_autoptr (JsonNode) root = NULL;

  if (bytes == NULL)
    {
      g_task_return_error (task, operator_error (error));
      return;
    }
  if (bb_command_is_of_call (command->kind))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (command->kind == BB_COMMAND_EXPORT_ORDERS || command->kind == BB_COMMAND_GET_RECORDING)
    {
      g_task_return_pointer (task, g_steal_pointer (&bytes), (GDestroyNotify)g_bytes_unref);
      return;
    }
  root
    = bb_api_read_root (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), &error);
  if (root == NULL)
    g_task_return_error (task, error);
  else
    return_answer (task, command->kind, json_node_get_object (root));
}

void
bb_api_client_perform (BbOperator *oper, GTask *task, const BbCommand *command)
{
  g_autofree char *path = path_of (command);
  g_autoptr (JsonNode) body = body_of (command);

  if ((bb_command_is_of_call (command->kind) || bb_command_is_of_order (command->kind)
       || command->kind == BB_COMMAND_GET_HISTORY || command->kind == BB_COMMAND_GET_RECORDING)
      && (command->id == NULL || *command->id == '\0'))
    {
      g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND,
                               _ ("Nothing has an empty id."));
      return;
    }
  bb_api_client_send_async (BB_API_CLIENT (oper), requests[command->kind].method, path, body,
                            g_task_get_cancellable (task), on_answer, g_object_ref (task));
}
