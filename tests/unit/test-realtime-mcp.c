/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* MCP tools: lists, calls, approvals, and the response that uses what a tool
 * has said. */
#include "realtime-world.h"

#define TOOLS                                                                                      \
  "[{'type':'mcp','server_label':'shop','server_url':'https://x','authorization':'tok-4711'}]"

static World *
mcp_world (const char *greeting)
{
  World *w = world_new ();

  w->settings->tools = quoted (TOOLS);
  w->settings->greeting = g_strdup (greeting);
  w->settings->reconnect = TRUE;
  start (w);
  make_ready (w);
  expect_log (w, "connecting ready ");
  return w;
}

static void
list_event (World *w, const char *state, const char *item)
{
  server (w, "{'type':'mcp_list_tools.%s','item_id':'%s'}", state, item);
}

static void
list_item (World *w, const char *event, const char *item, const char *tools)
{
  server (w,
          "{'type':'conversation.item.%s','item':{'id':'%s','type':'mcp_list_tools',"
          "'server_label':'shop','tools':[%s]}}",
          event, item, tools);
}

static void
call_event (World *w, const char *state)
{
  server (w, "{'type':'response.mcp_call.%s','item_id':'m','output_index':0}", state);
}

#define CALL_ITEM(outcome)                                                                         \
  "{'id':'m','type':'mcp_call','server_label':'shop','name':'stock','arguments':'{}'," outcome "}"

static void
call_item (World *w, const char *event, const char *item)
{
  server (w, "{'type':'response.output_item.%s','response_id':'r','output_index':0,'item':%s}",
          event, item);
}

static void
listed (World *w)
{
  list_event (w, "in_progress", "l");
  list_event (w, "completed", "l");
  list_item (w, "done", "l", "{'name':'stock','input_schema':{}},{'name':'price'}");
  expect_log (w, "mcp:list:in-progress: mcp:list:completed:=stock,price ");
}

/* Requests for responses wait for the tools; a text that is said word for word
 * needs none. */
static void
test_list (void)
{
  g_autoptr (World) w = mcp_world ("Hallo");

  expect (w, "response.create"); /* the greeting */
  created (w, "g");
  done (w, "g", "completed");
  g_string_truncate (w->log, 0);
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  list_item (w, "added", "l", "");
  list_event (w, "in_progress", "l");
  expect_nothing (w);
  list_event (w, "completed", "l");
  expect (w, "response.create");
  list_item (w, "done", "l", "{'name':'stock'}");
  list_item (w, "done", "l", "{'name':'stock'}");
  expect_log (w, "mcp:list:in-progress: mcp:list:completed:=stock ");
}

static void
test_list_failed (void)
{
  g_autoptr (World) w = mcp_world (NULL);

  gst_realtime_session_create_response (w->session, NULL);
  list_event (w, "failed", "l");
  expect (w, "response.create");
  expect_log (w, "mcp:list:failed: ");
}

/* A tool is listed again while the session runs: the next request waits. */
static void
test_list_later (void)
{
  g_autoptr (World) w = ready_world ();

  list_event (w, "in_progress", "l");
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  list_event (w, "completed", "l");
  expect (w, "response.create");
}

static gboolean
is_next (World *w, const char *type)
{
  g_autofree char *text = g_queue_pop_head (&w->transport->sent);

  return strstr (text, type) != NULL;
}

/* The model says nothing after the call: it is asked to. */
static void
test_call (void)
{
  g_autoptr (World) w = mcp_world (NULL);

  listed (w);
  gst_realtime_session_create_response (w->session, NULL);
  expect (w, "response.create");
  created (w, "r");
  call_item (w, "added", CALL_ITEM ("'output':null"));
  call_event (w, "in_progress");
  call_event (w, "completed");
  call_item (w, "done", CALL_ITEM ("'output':'7 pieces'"));
  server (w, "{'type':'conversation.item.done','item':%s}", CALL_ITEM ("'output':'7 pieces'"));
  server (w, "{'type':'response.done','response':{'id':'r','status':'completed','output':[%s]}}",
          CALL_ITEM ("'output':'7 pieces'"));
  expect_log (w, "created:r mcp:call:in-progress:stock mcp:call:completed:stock=7 pieces done:r ");
  expect_nothing (w);
  gst_realtime_session_end_input (w->session);
  expect (w, "input_audio_buffer.append"); /* silence: but the end waits for the answer */
  do
    while (g_queue_is_empty (&w->transport->sent))
      g_main_context_iteration (NULL, TRUE);
  while (!is_next (w, "response.create"));
  created (w, "r2");
  done (w, "r2", "completed");
  g_assert_null (strstr (w->log->str, "error"));
}

/* The model has gone on by itself, in the same response or in one of its own. */
static void
test_goes_on (void)
{
  g_autoptr (World) w = mcp_world (NULL);

  listed (w);
  created (w, "r");
  call_item (w, "done", CALL_ITEM ("'output':'7'"));
  server (
      w,
      "{'type':'response.done','response':{'id':'r','status':'completed','output':[%s,{'id':'t',"
      "'type':'message','role':'assistant','content':[]}]}}",
      CALL_ITEM ("'output':'7'"));
  g_assert_false (g_main_context_iteration (NULL, FALSE));

  created (w, "s");
  call_item (w, "done", "{'id':'n','type':'mcp_call','name':'stock','output':'8'}");
  done (w, "s", "completed");
  created (w, "t");
  done (w, "t", "completed");
  for (gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (10000);
  expect_nothing (w);
}

static void
test_call_failed (void)
{
  g_autoptr (World) w = mcp_world (NULL);

  listed (w);
  created (w, "r");
  g_string_truncate (w->log, 0);
  call_event (w, "failed");
  call_item (w, "done", CALL_ITEM ("'error':{'type':'http_error','code':500,'message':'down'}"));
  expect_log (w, "mcp:call:failed:stock!down ");
}

static void
ask_approval (World *w)
{
  static const char item[] = "{'id':'q','type':'mcp_approval_request','server_label':'shop',"
                             "'name':'buy','arguments':'{\\'n\\':1}'}";

  created (w, "r");
  call_item (w, "added", item);
  call_item (w, "done", item);
  server (w, "{'type':'conversation.item.done','item':%s}", item);
  server (w, "{'type':'response.done','response':{'id':'r','status':'completed','output':[%s]}}",
          item);
}

/* Reported once, answered once; the call runs after the response, and the model
 * is asked to use it. */
static void
test_approve (void)
{
  g_autoptr (World) w = mcp_world (NULL);
  JsonObject *item;

  listed (w);
  ask_approval (w);
  expect_log (w, "created:r approval:q:shop:buy:{\"n\":1} done:r ");
  gst_realtime_session_approve_mcp (w->session, "q", TRUE, NULL);
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "type"), ==, "mcp_approval_response");
  g_assert_cmpstr (gst_realtime_json_string (item, "approval_request_id"), ==, "q");
  g_assert_true (gst_realtime_json_bool (item, "approve", FALSE));
  g_assert_nonnull (gst_realtime_json_string (item, "id"));
  g_assert_false (json_object_has_member (item, "reason"));
  gst_realtime_session_approve_mcp (w->session, "q", TRUE, NULL);
  expect_log (w, "error:unknown_approval_request ");
  expect_nothing (w);

  call_event (w, "in_progress");
  call_event (w, "completed");
  server (w, "{'type':'conversation.item.done','item':%s}", CALL_ITEM ("'output':'ok'"));
  while (g_queue_is_empty (&w->transport->sent))
    g_main_context_iteration (NULL, TRUE);
  expect (w, "response.create");
}

static void
test_deny (void)
{
  g_autoptr (World) w = mcp_world (NULL);
  JsonObject *item;

  listed (w);
  ask_approval (w);
  gst_realtime_session_approve_mcp (w->session, "q", FALSE, "not today");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_false (gst_realtime_json_bool (item, "approve", TRUE));
  g_assert_cmpstr (gst_realtime_json_string (item, "reason"), ==, "not today");
  while (g_queue_is_empty (&w->transport->sent))
    g_main_context_iteration (NULL, TRUE);
  expect (w, "response.create");
}

/* What waited belongs to the old session; the new one lists its tools again. */
static void
test_lost (void)
{
  g_autoptr (World) w = mcp_world (NULL);
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "lost");

  listed (w);
  ask_approval (w);
  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, lost);
  g_string_truncate (w->log, 0);
  gst_realtime_session_approve_mcp (w->session, "q", TRUE, NULL);
  expect_log (w, "error:unknown_approval_request ");
  while (!w->transport->open)
    g_main_context_iteration (NULL, TRUE);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  make_ready (w);
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  list_event (w, "completed", "l");
  expect (w, "response.create");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/mcp/" name, function)
  ADD ("list", test_list);
  ADD ("list-failed", test_list_failed);
  ADD ("list-later", test_list_later);
  ADD ("call", test_call);
  ADD ("goes-on", test_goes_on);
  ADD ("call-failed", test_call_failed);
  ADD ("approve", test_approve);
  ADD ("deny", test_deny);
  ADD ("lost", test_lost);
#undef ADD
  return g_test_run ();
}
