/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * MCP tools: the service calls them by itself. What there is to do here: tell
 * the application, pass on its approvals, and ask for the response that uses
 * what a tool has said.
 *
 * The service lists the tools of each server first; a response asked for
 * before that would not know them, so that requests wait for the lists.
 */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define GST_CAT_DEFAULT gst_realtime_session_debug

/* A server that has not listed its tools by then is done without (ms). */
#define LIST_MS 10000
/* Time in which the service may go on by itself after a call (ms). */
#define GO_ON_MS 400
/* Items that are being followed at once. */
#define MAX_ITEMS 256

typedef struct
{
  char *server_label;
  char *name;
  char *arguments;
  char *output;
  char *error;
  gboolean completed; /* the event has come */
  gboolean failed;
  gboolean done;     /* the item has come */
  gboolean reported; /* its end */
} McpItem;

struct _GstRealtimeMcp
{
  GHashTable *items;     /* item id -> McpItem */
  GHashTable *listing;   /* item ids of lists that are being made */
  GHashTable *approvals; /* ids of requests that wait for an answer */
  guint due;             /* lists that have not ended yet, as far as known */
  gboolean holding;      /* requests for responses wait */
  gboolean answer_due;   /* a call has ended that no response has used yet */
};

static void
mcp_item_free (McpItem *item)
{
  g_free (item->server_label);
  g_free (item->name);
  g_free (item->arguments);
  g_free (item->output);
  g_free (item->error);
  g_free (item);
}

GstRealtimeMcp *
gst_realtime_mcp_new (void)
{
  GstRealtimeMcp *self = g_new0 (GstRealtimeMcp, 1);

  self->items =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)mcp_item_free);
  self->listing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->approvals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
gst_realtime_mcp_free (GstRealtimeMcp *self)
{
  g_hash_table_unref (self->items);
  g_hash_table_unref (self->listing);
  g_hash_table_unref (self->approvals);
  g_free (self);
}

/* The connection is gone, and with it whatever was under way. */
void
gst_realtime_session_mcp_clear (GstRealtimeSession *self)
{
  GstRealtimeMcp *mcp = self->mcp;

  g_hash_table_remove_all (mcp->items);
  g_hash_table_remove_all (mcp->listing);
  g_hash_table_remove_all (mcp->approvals);
  mcp->due = 0;
  mcp->holding = FALSE;
  mcp->answer_due = FALSE;
  gst_realtime_responder_hold (self->responder, FALSE);
}

/* Whether something is going to be said without anybody's doing, or waits for
 * the application's approval. */
gboolean
gst_realtime_session_mcp_is_busy (GstRealtimeSession *self)
{
  return self->mcp->answer_due || g_hash_table_size (self->mcp->approvals) > 0;
}

static McpItem *
get_item (GstRealtimeSession *self, const char *id)
{
  McpItem *item = g_hash_table_lookup (self->mcp->items, id);

  if (item != NULL)
    return item;
  if (g_hash_table_size (self->mcp->items) >= MAX_ITEMS)
    g_hash_table_remove_all (self->mcp->items);
  item = g_new0 (McpItem, 1);
  g_hash_table_insert (self->mcp->items, g_strdup (id), item);
  return item;
}

static void
report (GstRealtimeSession *self, const char *kind, const char *state, const char *id)
{
  McpItem *item = get_item (self, id);
  g_autoptr (GstStructure) facts =
      gst_structure_new ("openai-realtime-mcp", "kind", G_TYPE_STRING, kind, "state", G_TYPE_STRING,
                         state, "item_id", G_TYPE_STRING, id, "server_label", G_TYPE_STRING,
                         item->server_label, "name", G_TYPE_STRING, item->name, "arguments",
                         G_TYPE_STRING, item->arguments, "output", G_TYPE_STRING, item->output,
                         "error", G_TYPE_STRING, item->error, NULL);

  self->listener.mcp (self->user_data, facts);
}

/* ---- lists of tools ---------------------------------------------------- */

static void
release (GstRealtimeSession *self)
{
  gst_realtime_session_clear_timer (self, TIMER_MCP_LIST);
  self->mcp->holding = FALSE;
  gst_realtime_responder_hold (self->responder, FALSE);
}

static gboolean
on_list_timeout (gpointer data)
{
  GstRealtimeSession *self = data;

  GST_WARNING_OBJECT (self, "not all MCP servers have listed their tools within %d s: going on",
                      LIST_MS / 1000);
  self->mcp->due = 0;
  g_hash_table_remove_all (self->mcp->listing);
  release (self);
  return G_SOURCE_REMOVE;
}

static void
hold (GstRealtimeSession *self)
{
  if (self->mcp->holding)
    return;
  self->mcp->holding = TRUE;
  gst_realtime_responder_hold (self->responder, TRUE);
  gst_realtime_session_set_timer (self, TIMER_MCP_LIST, LIST_MS, on_list_timeout);
}

/* session.updated has come: the service begins to list. */
void
gst_realtime_session_mcp_ready (GstRealtimeSession *self)
{
  if (gst_realtime_settings_has_mcp (self->settings, &self->mcp->due))
    hold (self);
}

static void
list_ended (GstRealtimeSession *self, const char *id)
{
  gboolean known = g_hash_table_remove (self->mcp->listing, id);

  if (self->mcp->due > 0 && (known || self->mcp->holding))
    self->mcp->due--;
  if (self->mcp->holding && self->mcp->due == 0 && g_hash_table_size (self->mcp->listing) == 0)
    release (self);
}

static void
on_list (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  McpItem *item = get_item (self, event->item_id);

  switch (event->type)
    {
    case GST_REALTIME_EVENT_MCP_LIST_IN_PROGRESS:
      if (g_hash_table_size (self->mcp->listing) < MAX_ITEMS)
        g_hash_table_add (self->mcp->listing, g_strdup (event->item_id));
      self->mcp->due = MAX (self->mcp->due, g_hash_table_size (self->mcp->listing));
      hold (self);
      report (self, "list", "in-progress", event->item_id);
      break;
    case GST_REALTIME_EVENT_MCP_LIST_COMPLETED:
      item->completed = TRUE;
      if (item->done && !item->reported)
        {
          item->reported = TRUE;
          report (self, "list", "completed", event->item_id);
        }
      list_ended (self, event->item_id);
      break;
    default:
      if (!item->reported)
        {
          item->reported = TRUE;
          report (self, "list", "failed", event->item_id);
        }
      list_ended (self, event->item_id);
      break;
    }
}

/* ---- calls ------------------------------------------------------------- */

static gboolean
on_go_on (gpointer data)
{
  GstRealtimeSession *self = data;

  gst_realtime_session_clear_timer (self, TIMER_MCP_ANSWER);
  if (!self->mcp->answer_due)
    return G_SOURCE_REMOVE;
  self->mcp->answer_due = FALSE;
  gst_realtime_responder_answer (self->responder);
  gst_realtime_session_check_drained (self);
  return G_SOURCE_REMOVE;
}

/* A call has ended. In a response that runs the model may go on by itself;
 * otherwise (the call was approved after the response's end) it is asked to. */
static void
call_ended (GstRealtimeSession *self)
{
  self->mcp->answer_due = TRUE;
  if (gst_realtime_responder_get_state (self->responder) == GST_REALTIME_RESPONSE_FREE)
    gst_realtime_session_set_timer (self, TIMER_MCP_ANSWER, GO_ON_MS, on_go_on);
}

/* response.created: it sees what the tools have said. */
void
gst_realtime_session_mcp_response_created (GstRealtimeSession *self)
{
  self->mcp->answer_due = FALSE;
  gst_realtime_session_clear_timer (self, TIMER_MCP_ANSWER);
}

/* response.done: has the model said something after its last call? */
void
gst_realtime_session_mcp_response_done (GstRealtimeSession *self, GPtrArray *output)
{
  for (guint i = output->len; self->mcp->answer_due && i > 0; i--)
    {
      const GstRealtimeItem *item = g_ptr_array_index (output, i - 1);

      if (g_strcmp0 (item->type, "mcp_call") == 0)
        break;
      if (g_strcmp0 (item->type, "message") == 0)
        self->mcp->answer_due = FALSE;
    }
  if (self->mcp->answer_due)
    gst_realtime_session_set_timer (self, TIMER_MCP_ANSWER, GO_ON_MS, on_go_on);
}

static void
on_call (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  McpItem *item = get_item (self, event->item_id);

  if (event->type == GST_REALTIME_EVENT_MCP_CALL_IN_PROGRESS)
    report (self, "call", "in-progress", event->item_id);
  else
    {
      item->completed = TRUE;
      item->failed |= event->type == GST_REALTIME_EVENT_MCP_CALL_FAILED;
    }
}

/* mcp_list_tools.* and response.mcp_call.* */
void
gst_realtime_session_mcp_event (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  if (event->item_id == NULL)
    return;
  if (event->type == GST_REALTIME_EVENT_MCP_LIST_IN_PROGRESS ||
      event->type == GST_REALTIME_EVENT_MCP_LIST_COMPLETED ||
      event->type == GST_REALTIME_EVENT_MCP_LIST_FAILED)
    on_list (self, event);
  else
    on_call (self, event);
}

/* ---- items ------------------------------------------------------------- */

static void
replace (char **into, const char *text)
{
  if (text == NULL)
    return;
  g_free (*into);
  *into = g_strdup (text);
}

static void
on_approval_request (GstRealtimeSession *self, const GstRealtimeItem *item)
{
  McpItem *known = get_item (self, item->id);

  /* Told of up to four times: added and done, of the response and of the conversation. */
  if (known->reported || g_hash_table_size (self->mcp->approvals) >= MAX_ITEMS)
    return;
  known->reported = TRUE;
  g_hash_table_add (self->mcp->approvals, g_strdup (item->id));
  self->listener.mcp_approval (self->user_data, item->id, item->server_label, item->name,
                               item->arguments);
}

/**
 * gst_realtime_session_mcp_item:
 * @done: it is final
 *
 * An item of the conversation or of a response, whatever its type.
 */
void
gst_realtime_session_mcp_item (GstRealtimeSession *self, const GstRealtimeItem *item, gboolean done)
{
  gboolean is_list, is_call;
  McpItem *known;

  if (item == NULL || item->id == NULL || item->type == NULL ||
      !g_str_has_prefix (item->type, "mcp_"))
    return;
  is_list = strcmp (item->type, "mcp_list_tools") == 0;
  is_call = strcmp (item->type, "mcp_call") == 0;
  if (strcmp (item->type, "mcp_approval_request") == 0 && done)
    on_approval_request (self, item);
  if (!is_list && !is_call)
    return;

  known = get_item (self, item->id);
  replace (&known->server_label, item->server_label);
  replace (&known->name, item->name);
  replace (&known->arguments, item->arguments);
  replace (&known->output, item->output);
  replace (&known->error, item->error);
  known->done |= done;
  if (!done || known->reported)
    return;
  if (is_call)
    {
      known->reported = TRUE;
      report (self, "call", known->failed || known->error != NULL ? "failed" : "completed",
              item->id);
      call_ended (self);
    }
  else if (known->completed)
    {
      known->reported = TRUE;
      report (self, "list", "completed", item->id);
    }
}

/**
 * gst_realtime_session_approve_mcp:
 * @request_id: as reported
 * @reason: (nullable): what the model is told about a refusal
 */
void
gst_realtime_session_approve_mcp (GstRealtimeSession *self,
                                  const char *request_id,
                                  gboolean approve,
                                  const char *reason)
{
  g_autofree char *id = gst_realtime_session_next_id (self);
  g_autofree char *item_id = g_strdup_printf ("item_%s", id);

  if (request_id == NULL || !g_hash_table_remove (self->mcp->approvals, request_id))
    {
      self->listener.error (self->user_data, "client_error", "unknown_approval_request",
                            _ ("No call of an MCP tool waits for approval under this id"));
      return;
    }
  gst_realtime_session_send (self, gst_realtime_request_mcp_approval (id, item_id, request_id,
                                                                      approve, reason));
  /* Nothing will be called: the model has to say so. */
  if (!approve)
    call_ended (self);
}
