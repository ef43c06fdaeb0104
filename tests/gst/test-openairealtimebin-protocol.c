/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin: the whole protocol. Servers that are compatible, settings
 * that are refused, answers as text. */
#include "realtime-pipeline.h"

#define S16   RAW (24000, 1, "S16LE")
#define TOKEN "token-of-a-header-0815"

static GError *
wait_error (GstElement *pipeline, GstMessageType type)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND, type);
  GError *error = NULL;

  g_assert_nonnull (message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  return error;
}

static gint n_secrets;

static void
look_for_secrets (GstDebugCategory *category,
                  GstDebugLevel level,
                  const char *file,
                  const char *function,
                  gint line,
                  GObject *object,
                  GstDebugMessage *message,
                  gpointer data)
{
  const char *text = gst_debug_message_get (message);

  if (g_str_has_prefix (gst_debug_category_get_name (category), "openairealtime") && text != NULL &&
      (strstr (text, TOKEN) != NULL || strstr (text, KEY) != NULL))
    g_atomic_int_inc (&n_secrets);
}

static void
assert_header (World *w, const char *name, const char *expected)
{
  g_autofree char *value = realtime_server_get_header (w->server, name);

  g_assert_cmpstr (value, ==, expected);
}

/* Azure OpenAI: its path and query, its header for the key, further headers; what
 * they hold is in no log, and nothing asks for the beta. */
static void
test_azure (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, S16, S16, FALSE);
  g_autoptr (GstStructure) headers =
      gst_structure_new ("headers", "OpenAI-Project", G_TYPE_STRING, "proj_1", "X-Token",
                         G_TYPE_STRING, TOKEN, NULL);
  g_autoptr (GstStructure) read = NULL;
  g_autofree char *root = g_strdup (realtime_server_get_url (w->server));
  g_autofree char *url = NULL;
  g_autofree char *folder = g_dir_make_tmp ("realtime-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autofree char *log = NULL;
  g_autofree char *request = NULL;

  *strstr (root, "/v1/realtime") = '\0';
  url = g_strconcat (root, "/openai/realtime?api-version=2025-04-01-preview&deployment=my%20model",
                     NULL);
  g_object_set (w->bin, "base-url", url, "extra-headers", headers, "session-log", path, NULL);
  gst_util_set_object_arg (G_OBJECT (w->bin), "key-header", "api-key");
  g_object_get (w->bin, "extra-headers", &read, NULL);
  g_assert_null (read);

  gst_debug_add_log_function (look_for_secrets, NULL, NULL);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_set_threshold_from_string ("openairealtime*:9", TRUE);
  play_until_ready (w);
  /* A service that quotes what it was sent. */
  realtime_server_send (w->server, "{'type':'error','error':{'type':'x','code':'y','message':"
                                   "'bad header " TOKEN " and " KEY "'}}");
  {
    GstMessage *message = wait_message (w->pipeline, "openai-realtime-error", NULL);
    const char *text = gst_structure_get_string (gst_message_get_structure (message), "message");

    g_assert_null (strstr (text, TOKEN));
    g_assert_null (strstr (text, KEY));
    gst_message_unref (message);
  }
  gst_element_set_state (w->pipeline, GST_STATE_READY);
  gst_debug_set_threshold_from_string ("*:1", TRUE);
  gst_debug_remove_log_function (look_for_secrets);
  gst_debug_add_log_function (gst_debug_log_default, NULL, NULL);

  request = realtime_server_get_header (w->server, ":path");
  g_assert_true (
      g_str_has_suffix (request,
                        "/openai/realtime?api-version=2025-04-01-preview&deployment=my%20model"));
  assert_header (w, "api-key", KEY);
  assert_header (w, "authorization", NULL);
  assert_header (w, "openai-project", "proj_1");
  assert_header (w, "x-token", TOKEN);
  assert_header (w, "openai-beta", NULL);
  assert_header (w, "sec-websocket-protocol", NULL);
  g_assert_cmpint (g_atomic_int_get (&n_secrets), ==, 0);
  g_assert_true (g_file_get_contents (path, &log, NULL, NULL));
  g_assert_nonnull (strstr (log, "bad header"));
  g_assert_null (strstr (log, TOKEN));
  g_assert_null (strstr (log, KEY));
  g_remove (path);
  g_rmdir (folder);
}

/* A further header may stand for the key's. */
static void
test_own_authorization (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, S16, S16, FALSE);
  g_autofree char *request = NULL;

  gst_util_set_object_arg (G_OBJECT (w->bin), "extra-headers",
                           "h, Authorization=(string)\"Bearer entra-token\"");
  g_object_set (w->bin, "model", "my model", NULL);
  play_until_ready (w);
  assert_header (w, "authorization", "Bearer entra-token");
  request = realtime_server_get_header (w->server, ":path");
  g_assert_true (g_str_has_suffix (request, "/v1/realtime?model=my%20model"));
}

/* Nobody listens to the bus yet: the element does not start with it. */
static void
test_refused_at_start (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, S16, S16, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *tools = NULL;

  g_object_set (w->bin, "tools", "[{\"type\":\"function\"}]", NULL);
  g_object_get (w->bin, "tools", &tools, NULL);
  g_assert_null (tools);
  g_assert_cmpint (gst_element_set_state (w->pipeline, GST_STATE_PLAYING), ==,
                   GST_STATE_CHANGE_FAILURE);
  error = wait_error (w->pipeline, GST_MESSAGE_ERROR);
  g_assert_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "'tools'"));
  gst_element_set_state (w->pipeline, GST_STATE_NULL);

  g_object_set (w->bin, "tools", NULL, NULL);
  play_until_ready (w);
}

/* While it runs: a warning at once, the old value stays, the session goes on. */
static void
test_refused_while_running (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, S16, S16, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *session = NULL;

  g_object_set (w->bin, "session", "{\"tracing\":\"auto\"}", NULL);
  play_until_ready (w);
  g_object_set (w->bin, "session", "{\"voice\":\"ash\"}", NULL);
  error = wait_error (w->pipeline, GST_MESSAGE_WARNING);
  g_assert_nonnull (strstr (error->message, "audio.output.voice"));
  g_object_get (w->bin, "session", &session, NULL);
  g_assert_cmpstr (session, ==, "{\"tracing\":\"auto\"}");
  g_object_set (w->bin, "instructions", "Kurz.", NULL);
  {
    g_autoptr (JsonNode) update = realtime_server_wait (w->server, "session.update", 2);
    JsonObject *object = json_object_get_object_member (json_node_get_object (update), "session");

    g_assert_cmpstr (json_object_get_string_member (object, "instructions"), ==, "Kurz.");
    g_assert_cmpstr (json_object_get_string_member (object, "tracing"), ==, "auto");
  }
}

/* Text only: it comes as transcripts, src is silent and ends as always. */
static void
test_text (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, S16, S16, FALSE);
  g_autoptr (GstSample) sample = NULL;
  guint n = 0;

  gst_util_set_object_arg (G_OBJECT (w->bin), "answer", "text");
  gst_util_set_object_arg (G_OBJECT (w->bin), "turn-detection", "none");
  play_until_ready (w);
  {
    g_autoptr (JsonNode) update = realtime_server_wait (w->server, "session.update", 1);
    JsonArray *modalities =
        json_object_get_array_member (json_object_get_object_member (json_node_get_object (update),
                                                                     "session"),
                                      "output_modalities");

    g_assert_cmpuint (json_array_get_length (modalities), ==, 1);
    g_assert_cmpstr (json_array_get_string_element (modalities, 0), ==, "text");
  }
  push_silence (w, 200, 0);
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.commit", 1));
  json_node_unref (realtime_server_wait (w->server, "response.create", 1));
  realtime_server_send (w->server, "{'type':'response.created','response':{'id':'r','status':"
                                   "'in_progress'}}");
  realtime_server_send (w->server, "{'type':'response.output_text.delta','response_id':'r',"
                                   "'item_id':'a','output_index':0,'content_index':0,'delta':"
                                   "'Guten '}");
  realtime_server_send (w->server, "{'type':'response.output_text.done','response_id':'r',"
                                   "'item_id':'a','output_index':0,'content_index':0,'text':"
                                   "'Guten Tag'}");
  for (gboolean final = FALSE; !final;)
    {
      g_autoptr (GstMessage) message =
          wait_message (w->pipeline, "openai-realtime-transcript", NULL);
      const GstStructure *s = gst_message_get_structure (message);

      gst_structure_get_boolean (s, "final", &final);
      g_assert_cmpstr (gst_structure_get_string (s, "role"), ==, "assistant");
      g_assert_cmpstr (gst_structure_get_string (s, "text"), ==, final ? "Guten Tag" : "Guten ");
    }
  realtime_server_send (w->server, "{'type':'response.done','response':{'id':'r','status':"
                                   "'completed','output':[]}}");
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (w->out))) != NULL)
    {
      g_assert_true (is_silent (gst_sample_get_buffer (sample)));
      g_clear_pointer (&sample, gst_sample_unref);
      n++;
    }
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (w->out)));
  g_assert_cmpuint (n, >, 0);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/openairealtimebin/protocol/" name, function)
  ADD ("azure", test_azure);
  ADD ("own-authorization", test_own_authorization);
  ADD ("refused-at-start", test_refused_at_start);
  ADD ("refused-while-running", test_refused_while_running);
  ADD ("text", test_text);
#undef ADD
  return run_tests ();
}
