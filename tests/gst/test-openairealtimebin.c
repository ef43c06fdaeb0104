/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin: names, states, errors, signals, the key. */
#include "realtime-pipeline.h"

/* ---- names ---- */

static void
test_names (void)
{
  static const char *const properties[] = {
    GST_OPENAI_REALTIME_PROP_API_KEY,
    GST_OPENAI_REALTIME_PROP_KEY_HEADER,
    GST_OPENAI_REALTIME_PROP_EXTRA_HEADERS,
    GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_PROMPT,
    GST_OPENAI_REALTIME_PROP_ANSWER,
    GST_OPENAI_REALTIME_PROP_MAX_OUTPUT_TOKENS,
    GST_OPENAI_REALTIME_PROP_REASONING_EFFORT,
    GST_OPENAI_REALTIME_PROP_IDLE_TIMEOUT,
    GST_OPENAI_REALTIME_PROP_EAGERNESS,
    GST_OPENAI_REALTIME_PROP_TOOL_CHOICE,
    GST_OPENAI_REALTIME_PROP_BASE_URL,
    GST_OPENAI_REALTIME_PROP_MODEL,
    GST_OPENAI_REALTIME_PROP_VOICE,
    GST_OPENAI_REALTIME_PROP_SPEED,
    GST_OPENAI_REALTIME_PROP_INSTRUCTIONS,
    GST_OPENAI_REALTIME_PROP_GREETING,
    GST_OPENAI_REALTIME_PROP_LANGUAGE,
    GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_MODEL,
    GST_OPENAI_REALTIME_PROP_TURN_DETECTION,
    GST_OPENAI_REALTIME_PROP_VAD_THRESHOLD,
    GST_OPENAI_REALTIME_PROP_PREFIX_PADDING,
    GST_OPENAI_REALTIME_PROP_SILENCE_DURATION,
    GST_OPENAI_REALTIME_PROP_NOISE_REDUCTION,
    GST_OPENAI_REALTIME_PROP_TOOLS,
    GST_OPENAI_REALTIME_PROP_SESSION,
    GST_OPENAI_REALTIME_PROP_RECONNECT,
    GST_OPENAI_REALTIME_PROP_SESSION_LOG,
    GST_OPENAI_REALTIME_PROP_PTIME,
    GST_OPENAI_REALTIME_PROP_CLOCKING,
    GST_OPENAI_REALTIME_PROP_STATS,
  };
  static const struct
  {
    const char *name;
    guint n_arguments;
  } signals[] = {
    { GST_OPENAI_REALTIME_SIGNAL_CONNECTION, 2 },
    { GST_OPENAI_REALTIME_SIGNAL_TRANSCRIPT, 4 },
    { GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL, 3 },
    { GST_OPENAI_REALTIME_SIGNAL_RESPONSE, 3 },
    { GST_OPENAI_REALTIME_SIGNAL_SPEECH, 3 },
    { GST_OPENAI_REALTIME_SIGNAL_PLAYOUT, 3 },
    { GST_OPENAI_REALTIME_SIGNAL_USAGE, 1 },
    { GST_OPENAI_REALTIME_SIGNAL_RATE_LIMITS, 1 },
    { GST_OPENAI_REALTIME_SIGNAL_MCP, 1 },
    { GST_OPENAI_REALTIME_SIGNAL_MCP_APPROVAL, 4 },
    { GST_OPENAI_REALTIME_SIGNAL_ASIDE, 4 },
    { GST_OPENAI_REALTIME_SIGNAL_ITEM, 2 },
    { GST_OPENAI_REALTIME_ACTION_COMMIT, 1 },
    { GST_OPENAI_REALTIME_ACTION_CLEAR_INPUT, 0 },
    { GST_OPENAI_REALTIME_ACTION_SEND_IMAGE, 2 },
    { GST_OPENAI_REALTIME_ACTION_SEND_IMAGE_FILE, 2 },
    { GST_OPENAI_REALTIME_ACTION_APPROVE_MCP, 3 },
    { GST_OPENAI_REALTIME_ACTION_ASK_ASIDE, 2 },
    { GST_OPENAI_REALTIME_ACTION_RETRIEVE_ITEM, 1 },
    { GST_OPENAI_REALTIME_ACTION_DELETE_ITEM, 1 },
    { GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT, 2 },
    { GST_OPENAI_REALTIME_ACTION_SEND_TEXT, 2 },
    { GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, 1 },
    { GST_OPENAI_REALTIME_ACTION_INTERRUPT, 0 },
    { GST_OPENAI_REALTIME_ACTION_SAY, 1 },
    { GST_OPENAI_REALTIME_ACTION_SEND_EVENT, 1 },
  };
  GstElement *bin = gst_element_factory_make (GST_OPENAI_REALTIME_BIN, NULL);
  g_autofree char *key = NULL;
  g_autoptr (GstStructure) stats = NULL;

  g_assert_nonnull (bin);
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (bin), properties[i]);
      GValue value = G_VALUE_INIT;

      g_assert_nonnull (pspec);
      g_object_get_property (G_OBJECT (bin), properties[i], &value);
      if (pspec->flags & G_PARAM_WRITABLE)
        g_object_set_property (G_OBJECT (bin), properties[i], &value);
      g_value_unset (&value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      GSignalQuery query;

      g_signal_query (g_signal_lookup (signals[i].name, G_OBJECT_TYPE (bin)), &query);
      g_assert_cmpstr (query.signal_name, ==, signals[i].name);
      g_assert_cmpuint (query.n_params, ==, signals[i].n_arguments);
    }
  g_object_set (bin, "api-key", KEY, NULL);
  g_object_get (bin, "api-key", &key, "stats", &stats, NULL);
  g_assert_null (key);
  g_assert_true (gst_structure_has_field (stats, "turn-latency-last"));
  gst_object_unref (gst_object_ref_sink (bin));
}

/* ---- states ---- */

/* Stopped at each stage of the connection, and started again. */
static void
test_stop (gconstpointer data)
{
  ServerStage stage = GPOINTER_TO_UINT (data);
  g_autoptr (World) w = world_new (stage, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);

  for (guint round = 1; round <= 3; round++)
    {
      g_assert_cmpint (gst_element_set_state (w->pipeline, GST_STATE_PLAYING), !=,
                       GST_STATE_CHANGE_FAILURE);
      if (round > 1) /* the first time at once */
        json_node_unref (realtime_server_wait (w->server, "connection", round - 1));
      if (round == 3 && stage >= SERVER_CREATES)
        json_node_unref (realtime_server_wait (w->server, "session.update", 1));
      gst_element_set_state (w->pipeline, GST_STATE_PAUSED);
      gst_element_set_state (w->pipeline, GST_STATE_PLAYING);
      gst_element_set_state (w->pipeline, round == 2 ? GST_STATE_READY : GST_STATE_NULL);
    }
}

/* Stopped while it speaks; the service hears a proper close. */
static void
test_stop_speaking (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 5000);

  play_until_ready (w);
  realtime_server_speak (w->server, "r", "a", speech);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-playout", "started"));
  gst_element_set_state (w->pipeline, GST_STATE_NULL);
  json_node_unref (realtime_server_wait (w->server, "closed", 1));
}

static void
test_eos (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 500);
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, 2);
  g_autoptr (GstCaps) caps = gst_caps_from_string (RAW (24000, 1, "S16LE"));
  GstSample *sample;
  GstClockTime next = GST_CLOCK_TIME_NONE;

  play_until_ready (w);
  push_silence (w, 40, 0);
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", 4));
  realtime_server_send (w->server, "{'type':'input_audio_buffer.speech_started','item_id':'u'}");
  realtime_server_send (w->server, "{'type':'input_audio_buffer.speech_stopped','item_id':'u'}");
  realtime_server_speak (w->server, "r", "a", speech);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (w->out))) != NULL)
    {
      GstBuffer *buffer = gst_sample_get_buffer (sample);

      if (GST_CLOCK_TIME_IS_VALID (next) &&
          !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
        g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, next);
      g_assert_cmpuint (gst_buffer_get_size (buffer), ==, 960);
      next = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
      append_pcm (pcm, buffer, caps);
      gst_sample_unref (sample);
    }
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (w->out)));
  assert_tone ((gint16 *)pcm->data, pcm->len, 24000, 500);
}

/* ---- errors ---- */

static GError *
wait_error (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND, GST_MESSAGE_ERROR);
  GError *error;

  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_assert_null (strstr (error->message, KEY));
  return error;
}

static void
test_http_errors (void)
{
  static const struct
  {
    guint status;
    GstResourceError code;
  } cases[] = { { 401, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
                { 403, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
                { 404, GST_RESOURCE_ERROR_NOT_FOUND },
                { 429, GST_RESOURCE_ERROR_BUSY },
                { 500, GST_RESOURCE_ERROR_OPEN_READ_WRITE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RealtimeServer *server = realtime_server_new (SERVER_REFUSES, cases[i].status);
      g_autofree char *line =
          g_strdup_printf ("openairealtimebin api-key=" KEY " base-url=%s ! fakesink",
                           realtime_server_get_url (server));
      GstElement *pipeline = gst_parse_launch (line, NULL);
      g_autoptr (GError) error = NULL;

      gst_element_set_state (pipeline, GST_STATE_PLAYING);
      error = wait_error (pipeline);
      g_assert_error (error, GST_RESOURCE_ERROR, (gint)cases[i].code);
      gst_element_set_state (pipeline, GST_STATE_NULL);
      gst_object_unref (pipeline);
      realtime_server_free (server);
    }
}

static void
test_settings_errors (void)
{
  static const char *const lines[] = {
    "openairealtimebin api-key=\"\" ! fakesink",
    "openairealtimebin api-key=" KEY " base-url=http://x ! fakesink",
    "openairealtimebin api-key=" KEY " tools=\"{}\" ! fakesink",
    "openairealtimebin api-key=" KEY " session=\"[\" ! fakesink",
    "openairealtimebin api-key=" KEY " model=\"\" ! fakesink",
    "openairealtimebin api-key=" KEY " base-url=ws://127.0.0.1:1/ ! fakesink",
  };

  g_unsetenv ("OPENAI_API_KEY");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      GstElement *pipeline = gst_parse_launch (lines[i], NULL);
      g_autoptr (GError) error = NULL;

      gst_element_set_state (pipeline, GST_STATE_PLAYING);
      error = wait_error (pipeline);
      g_assert_cmpuint (strlen (error->message), >, 20);
      gst_element_set_state (pipeline, GST_STATE_NULL);
      gst_object_unref (pipeline);
    }
}

/* ---- the key ---- */

static gint key_seen;

static void
look_for_key (GstDebugCategory *category,
              GstDebugLevel level,
              const char *file,
              const char *function,
              gint line,
              GObject *object,
              GstDebugMessage *message,
              gpointer data)
{
  const char *text = gst_debug_message_get (message);

  if (text != NULL && strstr (text, KEY) != NULL)
    g_atomic_int_inc (&key_seen);
}

static void
test_key (void)
{
  g_autofree char *folder = g_dir_make_tmp ("realtime-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "session.jsonl", NULL);
  g_autofree char *log = NULL;
  g_autofree char *authorization = NULL;
  g_autofree char *beta = NULL;
  g_autofree char *dot = NULL;

  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (look_for_key, NULL, NULL);
  gst_debug_set_threshold_from_string ("openairealtime*:9,*:4", TRUE);
  {
    g_autoptr (World) w =
        world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);
    g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 100);

    g_object_set (w->bin, "session-log", path, NULL);
    play_until_ready (w);
    push_silence (w, 20, 0);
    json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", 1));
    realtime_server_speak (w->server, "r", "a", speech);
    gst_message_unref (wait_message (w->pipeline, "openai-realtime-playout", "finished"));
    authorization = realtime_server_get_header (w->server, "authorization");
    beta = realtime_server_get_header (w->server, "openai-beta");
    dot = gst_debug_bin_to_dot_data (GST_BIN (w->pipeline), GST_DEBUG_GRAPH_SHOW_VERBOSE);
  }
  gst_debug_set_threshold_from_string ("*:1", TRUE);
  gst_debug_remove_log_function (look_for_key);
  gst_debug_add_log_function (gst_debug_log_default, NULL, NULL);

  g_assert_cmpstr (authorization, ==, "Bearer " KEY);
  g_assert_null (beta);
  g_assert_cmpint (g_atomic_int_get (&key_seen), ==, 0);
  g_assert_null (strstr (dot, KEY));
  g_assert_true (g_file_get_contents (path, &log, NULL, NULL));
  g_assert_null (strstr (log, KEY));
  {
    g_auto (GStrv) lines = g_strsplit (log, "\n", -1);

    for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
      {
        g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);

        g_assert_nonnull (node);
        g_assert_true (json_object_has_member (json_node_get_object (node), "t"));
        g_assert_cmpuint (strlen (lines[i]), <, 4000); /* audio is shortened */
      }
    g_assert_cmpuint (g_strv_length (lines), >, 6);
  }
  g_remove (path);
  g_rmdir (folder);
}

/* ---- signals and actions ---- */

typedef struct
{
  GMainLoop *loop;
  GThread *thread;
  GString *log;
} Listener;

static void
on_call (GstElement *bin, const char *call_id, const char *name, const char *arguments, Listener *l)
{
  g_assert_true (g_thread_self () == l->thread);
  g_string_append_printf (l->log, "%s %s %s ", call_id, name, arguments);
  g_signal_emit_by_name (bin, GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT, call_id, "gut");
  g_main_loop_quit (l->loop);
}

static void
on_connection (GstElement *bin, const char *state, const char *detail, Listener *l)
{
  g_assert_true (g_thread_self () == l->thread);
  g_string_append_printf (l->log, "%s ", state);
}

static gboolean
give_up (gpointer data)
{
  g_error ("no function call");
  return G_SOURCE_REMOVE;
}

static void
test_signals (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);
  Listener l = { g_main_loop_new (NULL, FALSE), g_thread_self (), g_string_new (NULL) };
  g_autoptr (JsonNode) output = NULL;
  guint timeout = g_timeout_add_seconds (20, give_up, NULL);

  g_signal_connect (w->bin, GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL, G_CALLBACK (on_call), &l);
  g_signal_connect (w->bin, GST_OPENAI_REALTIME_SIGNAL_CONNECTION, G_CALLBACK (on_connection), &l);
  play_until_ready (w);
  realtime_server_send (w->server, "{'type':'response.created','response':{'id':'r'}}");
  realtime_server_send (
      w->server, "{'type':'response.done','response':{'id':'r','status':'completed','output':[{"
                 "'type':'function_call','status':'completed','id':'f','call_id':'c',"
                 "'name':'suche','arguments':'{}'}]}}");
  g_main_loop_run (l.loop);
  g_assert_cmpstr (l.log->str, ==, "connecting ready c suche {} ");
  output = realtime_server_wait (w->server, "conversation.item.create", 1);
  json_node_unref (realtime_server_wait (w->server, "response.create", 1));
  g_signal_emit_by_name (w->bin, GST_OPENAI_REALTIME_ACTION_SAY, "Moment");
  json_node_unref (realtime_server_wait (w->server, "response.create", 2));
  g_source_remove (timeout);
  g_signal_handlers_disconnect_by_data (w->bin, &l);
  g_main_loop_unref (l.loop);
  g_string_free (l.log, TRUE);
}

/* The network fails: the conversation goes on in a new session. */
static void
test_reconnect (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);

  g_object_set (w->bin, "reconnect", TRUE, NULL);
  play_until_ready (w);
  g_signal_emit_by_name (w->bin, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, "user", "Zehn Rohre");
  json_node_unref (realtime_server_wait (w->server, "conversation.item.create", 1));
  realtime_server_drop (w->server);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-connection", "reconnecting"));
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-connection", "ready"));
  json_node_unref (realtime_server_wait (w->server, "conversation.item.create", 2));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openairealtimebin/names", test_names);
  for (guint i = SERVER_SILENT; i <= SERVER_READY; i++)
    {
      g_autofree char *name = g_strdup_printf ("/openairealtimebin/stop/%u", i);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_stop);
    }
  g_test_add_func ("/openairealtimebin/stop/speaking", test_stop_speaking);
  g_test_add_func ("/openairealtimebin/eos", test_eos);
  g_test_add_func ("/openairealtimebin/errors/http", test_http_errors);
  g_test_add_func ("/openairealtimebin/errors/settings", test_settings_errors);
  g_test_add_func ("/openairealtimebin/key", test_key);
  g_test_add_func ("/openairealtimebin/signals", test_signals);
  g_test_add_func ("/openairealtimebin/reconnect", test_reconnect);
  return run_tests ();
}
