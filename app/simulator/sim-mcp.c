/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* MCP servers, as far as a client sees them: their tools are listed, a call
 * may need an approval, and it ends with an output or an error. What they
 * answer is the scenario's. PROTOCOL section 10. */
#include "sim-session-private.h"

#include <string.h>

#include "sim-json.h"

void
sim_mcp_init (SimSession *session)
{
  session->mcp_labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  session->mcp_approvals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, sim_planned_call_free);
}

void
sim_mcp_clear (SimSession *session)
{
  g_hash_table_unref (session->mcp_labels);
  g_hash_table_unref (session->mcp_approvals);
}

/* (transfer none) (nullable): the MCP tool of that server */
static JsonObject *
find_server (JsonNode *tools, const char *label)
{
  JsonArray *array = tools != NULL && JSON_NODE_HOLDS_ARRAY (tools) ? json_node_get_array (tools) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *tool = json_array_get_object_element (array, i);
      if (g_strcmp0 (sim_object_get_string (tool, "type"), "mcp") == 0
          && g_strcmp0 (sim_object_get_string (tool, "server_label"), label) == 0)
        return tool;
    }
  return NULL;
}

gboolean
sim_mcp_is_declared (JsonNode *tools, const char *server)
{
  return find_server (tools, server) != NULL;
}

static gboolean
names_tool (JsonObject *filter, const char *name)
{
  JsonArray *names = sim_object_get_array (filter, "tool_names");

  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    if (g_strcmp0 (json_array_get_string_element (names, i), name) == 0)
      return TRUE;
  return FALSE;
}

/* require_approval: "always" unless it says otherwise of this tool. */
gboolean
sim_mcp_needs_approval (JsonNode *tools, const SimPlannedCall *call)
{
  JsonObject *server = find_server (tools, call->server);
  JsonObject *filters = sim_object_get_object (server, "require_approval");

  if (g_strcmp0 (sim_object_get_string (server, "require_approval"), "never") == 0)
    return FALSE;
  return filters == NULL || !names_tool (sim_object_get_object (filters, "never"), call->name);
}

/* (transfer full): an mcp_call that has not been made yet */
JsonObject *
sim_mcp_new_item (const char *id, const SimPlannedCall *call)
{
  return sim_object ("s:id", id, "s:type", "mcp_call", "s:server_label", call->server, "s:name", call->name,
                     "s:arguments", "", NULL);
}

static void
send_list_event (SimSession *session, const char *type, const char *item_id)
{
  sim_session_send (session, sim_object ("s:type", type, "s:item_id", item_id, NULL));
}

/* (transfer full): what the server of this label has */
static JsonArray *
new_tools (JsonArray *names)
{
  JsonArray *tools = json_array_new ();

  for (guint i = 0; i < json_array_get_length (names); i++)
    json_array_add_object_element (
        tools, sim_object ("s:name", json_array_get_string_element (names, i), "o:input_schema",
                           sim_object ("s:type", "object", NULL), NULL));
  return tools;
}

/* Lists the tools of the servers that the session has now and had not before;
 * one that the scenario does not know is not reached. */
void
sim_mcp_list (SimSession *session)
{
  JsonArray *tools = sim_object_get_array (session->settings->session, "tools");

  for (guint i = 0; tools != NULL && i < json_array_get_length (tools) && !session->closed; i++)
    {
      JsonObject *tool = json_array_get_object_element (tools, i);
      const char *label = sim_object_get_string (tool, "server_label");
      JsonArray *names = session->hub->scenario->mcp != NULL && label != NULL
                             ? sim_object_get_array (session->hub->scenario->mcp, label)
                             : NULL;
      if (g_strcmp0 (sim_object_get_string (tool, "type"), "mcp") != 0
          || !g_hash_table_add (session->mcp_labels, g_strdup (label)))
        continue;

      g_autofree char *id = sim_session_new_item_id (session);
      SimItem *item = sim_conversation_append (
          session->conversation, sim_object ("s:id", id, "s:type", "mcp_list_tools", "s:server_label", label,
                                             "a:tools", json_array_new (), NULL));
      sim_session_send (session, sim_object ("s:type", "conversation.item.added", "s:previous_item_id",
                                             sim_conversation_get_previous_id (session->conversation, item),
                                             "o:item", sim_object_copy_deep (item->json), NULL));
      send_list_event (session, "mcp_list_tools.in_progress", id);
      if (names != NULL)
        json_object_set_array_member (item->json, "tools", new_tools (names));
      send_list_event (session, names != NULL ? "mcp_list_tools.completed" : "mcp_list_tools.failed", id);
      sim_session_send (session, sim_object ("s:type", "conversation.item.done", "s:previous_item_id",
                                             sim_conversation_get_previous_id (session->conversation, item),
                                             "o:item", sim_object_copy_deep (item->json), NULL));
    }
}

/* The call waits for the answer to this request. */
void
sim_mcp_wait (SimSession *session, const char *request_id, const SimPlannedCall *call)
{
  SimPlannedCall *copy = g_new0 (SimPlannedCall, 1);

  copy->name = g_strdup (call->name);
  copy->arguments = g_strdup (call->arguments);
  copy->as = g_strdup (call->as);
  copy->server = g_strdup (call->server);
  copy->output = g_strdup (call->output);
  copy->error = g_strdup (call->error);
  g_hash_table_insert (session->mcp_approvals, g_strdup (request_id), copy);
}

static void
keep_result (SimSession *session, const char *id, const SimPlannedCall *call, const char *result)
{
  sim_dialogue_set_call (session->dialogue, id, call->as);
  sim_dialogue_read_output (session->dialogue, id, result);
}

/* Makes the call of @item: its events, its output. */
void
sim_mcp_finish (SimSession *session, JsonObject *item, const SimPlannedCall *call, guint output_index)
{
  g_autofree char *id = g_strdup (sim_object_get_string (item, "id"));

  json_object_set_string_member (item, "arguments", call->arguments);
  sim_session_send (session, sim_object ("s:type", "response.mcp_call.in_progress", "s:item_id", id,
                                         "i:output_index", (int) output_index, NULL));
  if (call->error != NULL)
    json_object_set_object_member (
        item, "error", sim_object ("s:type", "tool_execution_error", "s:message", call->error, NULL));
  else
    json_object_set_string_member (item, "output", call->output != NULL ? call->output : "");
  keep_result (session, id, call, call->output != NULL ? call->output : "{\"ok\":false}");
  sim_session_send (session, sim_object ("s:type", call->error != NULL ? "response.mcp_call.failed"
                                                                       : "response.mcp_call.completed",
                                         "s:item_id", id, "i:output_index", (int) output_index, NULL));
}

/**
 * sim_mcp_approve:
 * @answer: an mcp_approval_response whose request is known
 *
 * Approved, the call is made outside of a response; the client asks for the one
 * that uses it.
 *
 * Returns: (nullable): never an error, so that it can stand for one
 */
SimError *
sim_mcp_approve (SimSession *session, JsonObject *answer)
{
  const char *request = sim_object_get_string (answer, "approval_request_id");
  g_autofree char *key = NULL;
  SimPlannedCall *call = NULL;

  if (!g_hash_table_steal_extended (session->mcp_approvals, request, (gpointer *) &key, (gpointer *) &call))
    return NULL;
  if (!sim_object_get_boolean (answer, "approve", FALSE))
    keep_result (session, key, call, "{\"denied\":true}");
  else if (!session->closed)
    {
      g_autofree char *id = sim_session_new_item_id (session);
      SimItem *item = sim_conversation_append (session->conversation, sim_mcp_new_item (id, call));
      json_object_set_string_member (item->json, "approval_request_id", key);
      sim_session_send (session, sim_object ("s:type", "conversation.item.added", "s:previous_item_id",
                                             sim_conversation_get_previous_id (session->conversation, item),
                                             "o:item", sim_object_copy_deep (item->json), NULL));
      sim_mcp_finish (session, item->json, call, 0);
      sim_session_send (session, sim_object ("s:type", "conversation.item.done", "s:previous_item_id",
                                             sim_conversation_get_previous_id (session->conversation, item),
                                             "o:item", sim_object_copy_deep (item->json), NULL));
    }
  sim_planned_call_free (call);
  return NULL;
}
