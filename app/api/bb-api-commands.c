/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-commands.h"

#include "bb-api-json.h"

/* One command that the operator is asked. */
typedef struct
{
  SoupServerMessage *message;
  gulong finished_id;
  gboolean gone; /* the client left */
  BbOperator *oper;
  BbCommand *command;
  /* What the other thread makes text of. */
  gpointer result;
  GDestroyNotify free_result;
} Asked;

static void
asked_free (gpointer data)
{
  Asked *self = data;

  g_signal_handler_disconnect (self->message, self->finished_id);
  g_object_unref (self->message);
  g_object_unref (self->oper);
  bb_command_unref (self->command);
  if (self->result != NULL)
    self->free_result (self->result);
  g_free (self);
}

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  ((Asked *)user_data)->gone = TRUE;
}

static JsonArray *
array_of_orders (GPtrArray *orders, gboolean with_lines)
{
  JsonArray *array = json_array_sized_new (orders->len);

  for (guint i = 0; i < orders->len; i++)
    json_array_add_element (array, bb_api_json_order (g_ptr_array_index (orders, i), with_lines));
  return array;
}

static JsonArray *
array_of_matches (GPtrArray *matches)
{
  JsonArray *array = json_array_sized_new (matches->len);

  for (guint i = 0; i < matches->len; i++)
    json_array_add_element (array, bb_api_json_product_match (g_ptr_array_index (matches, i)));
  return array;
}

static JsonArray *
array_of_calls (GPtrArray *calls)
{
  JsonArray *array = json_array_sized_new (calls->len);

  for (guint i = 0; i < calls->len; i++)
    json_array_add_element (array, bb_api_json_call (g_ptr_array_index (calls, i), FALSE));
  return array;
}

/* On another thread: the objects are this request's alone. */
static void
make_text (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Asked *asked = data;
  g_autoptr (JsonNode) node = NULL;

  switch (asked->command->kind)
    {
    case BB_COMMAND_LIST_ORDERS:
      node = bb_api_node_with ("orders", array_of_orders (asked->result, asked->command->respond));
      break;
    case BB_COMMAND_SEARCH:
      node = bb_api_node_with ("matches", array_of_matches (asked->result));
      break;
    case BB_COMMAND_LIST_HISTORY:
      node = bb_api_node_with ("calls", array_of_calls (asked->result));
      break;
    case BB_COMMAND_GET_HISTORY:
      node = bb_api_json_call (asked->result, TRUE);
      break;
    case BB_COMMAND_GET_SETTINGS:
    case BB_COMMAND_CHANGE_SETTINGS:
      node = bb_api_json_settings (asked->result);
      break;
    default:
      node = bb_api_json_order (asked->result, TRUE);
      break;
    }
  g_task_return_pointer (task, bb_api_json_print (node, FALSE), g_free);
}

static void
on_text (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  char *text = g_task_propagate_pointer (G_TASK (result), NULL);

  if (!asked->gone)
    {
      soup_server_message_set_status (asked->message, SOUP_STATUS_OK, NULL);
      soup_message_headers_replace (soup_server_message_get_response_headers (asked->message),
                                    "Cache-Control", "no-store");
      soup_server_message_set_response (asked->message, "application/json; charset=utf-8",
                                        SOUP_MEMORY_TAKE, text, strlen (text));
      soup_server_message_unpause (asked->message);
    }
  else
    g_free (text);
  asked_free (asked);
}

/* A file: the export, or a recording, which stays where it is. */
static void
reply_bytes (Asked *asked, GBytes *bytes)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (asked->message);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  const char *type = "application/octet-stream";

  if (asked->command->kind == BB_COMMAND_EXPORT_ORDERS)
    type = strcmp (asked->command->format, "json") == 0 ? "application/json; charset=utf-8"
                                                        : "text/csv; charset=utf-8";
  else if (size > 4 && memcmp (data, "OggS", 4) == 0)
    type = "audio/ogg";
  else if (size > 4 && memcmp (data, "RIFF", 4) == 0)
    type = "audio/wav";
  soup_server_message_set_status (asked->message, SOUP_STATUS_OK, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_set_content_type (headers, type, NULL);
  soup_message_headers_replace (headers, "Content-Disposition", "attachment");
  soup_message_body_append_bytes (soup_server_message_get_response_body (asked->message), bytes);
}

static GDestroyNotify
free_of (BbCommandKind kind)
{
  switch (kind)
    {
    case BB_COMMAND_LIST_ORDERS:
    case BB_COMMAND_SEARCH:
    case BB_COMMAND_LIST_HISTORY:
      return (GDestroyNotify)g_ptr_array_unref;
    case BB_COMMAND_EXPORT_ORDERS:
    case BB_COMMAND_GET_RECORDING:
      return (GDestroyNotify)g_bytes_unref;
    case BB_COMMAND_GET_SETTINGS:
    case BB_COMMAND_CHANGE_SETTINGS:
      return (GDestroyNotify)bb_settings_free;
    default:
      return g_object_unref;
    }
}

static void
on_performed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  BbCommandKind kind = asked->command->kind;
  g_autoptr (GError) error = NULL;
  gpointer answer = bb_operator_perform_finish (BB_OPERATOR (source), result, &error);

  if (answer != NULL && !bb_command_is_of_call (kind))
    {
      asked->result = answer;
      asked->free_result = free_of (kind);
    }
  if (answer != NULL && !asked->gone && asked->result != NULL
      && asked->free_result != (GDestroyNotify)g_bytes_unref)
    {
      g_autoptr (GTask) task = g_task_new (NULL, NULL, on_text, asked);

      g_task_set_task_data (task, asked, NULL);
      g_task_run_in_thread (task, make_text);
      return;
    }

  if (!asked->gone)
    {
      if (answer == NULL)
        bb_api_reply_operator_error (asked->message, error);
      else if (bb_command_is_of_call (kind))
        {
          g_autoptr (BbCall) call = bb_operator_find_call (asked->oper, asked->command->id);
          g_autoptr (JsonNode) node = call != NULL ? bb_api_json_call (call, FALSE) : NULL;

          if (node != NULL)
            bb_api_reply_node (asked->message, SOUP_STATUS_ACCEPTED, node);
          else
            bb_api_reply_error (asked->message, SOUP_STATUS_NOT_FOUND, "not-found",
                                "there is no such call");
        }
      else
        reply_bytes (asked, asked->result);
      soup_server_message_unpause (asked->message);
    }
  asked_free (asked);
}

void
bb_api_run_command (const BbApiRequest *request)
{
  const BbApiRoute *route = request->route;
  g_autoptr (BbCommand) command = bb_command_new (route->kind, request->id, NULL);
  g_autoptr (JsonNode) body = bb_api_request_body (request);
  g_autoptr (GError) error = NULL;
  Asked *asked;

  if (body == NULL)
    return;
  if (route->read != NULL
      && !route->read (command, json_node_get_object (body), request->query, &error))
    {
      bb_api_reply_error (request->message, SOUP_STATUS_BAD_REQUEST, "bad-request", "%s",
                          error->message);
      return;
    }
  if (strcmp (route->method, "POST") == 0)
    g_message ("%s: %s %s", request->token->name, route->method,
               g_uri_get_path (soup_server_message_get_uri (request->message)));

  asked = g_new0 (Asked, 1);
  asked->message = g_object_ref (request->message);
  asked->finished_id
    = g_signal_connect (asked->message, "finished", G_CALLBACK (on_finished), asked);
  asked->oper = g_object_ref (request->context->oper);
  asked->command = bb_command_ref (command);
  soup_server_message_pause (asked->message);
  bb_operator_perform_async (request->context->oper, command, NULL, on_performed, asked);
}
