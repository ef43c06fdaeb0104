/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The element, point 5 "Never lost, never twice", on real sockets: what ends a
 * session and what does not, against the simulator and servers that do worse. */
#include "realtime-pipeline.h"

#include <signal.h>

#define CONNECTION "openai-realtime-connection"

/* ---- the simulator ---- */

typedef struct
{
  GSubprocess *process;
  char *url;
  char *log;
} Simulator;

static const char scenario[] =
    "{ 'language': 'de', 'greeting': { 'say': 'Guten Tag.' }, 'turns': ["
    "{ 'hear': 'Was kostet das?', 'steps': ["
    "  { 'call': { 'name': 'price', 'arguments': {} } }, { 'say': 'Das kostet {{price.euro}} Euro.' } ] } ],"
    " 'otherwise': { 'say': 'Gern.' } }";

/* @options: (nullable): further ones, as on a command line */
static Simulator *
simulator_new (const char *options)
{
  Simulator *self = g_new0 (Simulator, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDataInputStream) lines = NULL;
  g_auto (GStrv) further = options != NULL ? g_strsplit (options, " ", -1) : NULL;
  g_autofree char *text = g_strdelimit (g_strdup (scenario), "'", '"');
  g_autofree char *file = NULL;
  g_autofree char *line = NULL;
  int fd = g_file_open_tmp ("scenario-XXXXXX.json", &file, &error);

  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
  self->log = g_strconcat (file, ".jsonl", NULL);
  g_ptr_array_add (argv, g_build_filename (g_getenv ("BESTELLBOT_BUILDDIR"), "app", "simulator",
                                           "bestellbot-simulator", NULL));
  g_ptr_array_add (argv, g_strdup ("--port=0"));
  g_ptr_array_add (argv, g_strconcat ("--scenario=", file, NULL));
  g_ptr_array_add (argv, g_strconcat ("--events=", self->log, NULL));
  for (guint i = 0; further != NULL && further[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (further[i]));
  g_ptr_array_add (argv, NULL);
  self->process = g_subprocess_newv ((const char *const *)argv->pdata,
                                     G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on "));
  self->url = g_strdup (line + strlen ("listening on "));
  g_remove (file);
  return self;
}

static void
simulator_free (Simulator *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_remove (self->log);
  g_free (self->log);
  g_free (self->url);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Simulator, simulator_free)

/* How often the log of the sessions after the first has @text. */
static guint
count_later (Simulator *self, const char *text)
{
  g_autofree char *log = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_file_get_contents (self->log, &log, NULL, NULL);
  lines = g_strsplit (log, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += strstr (lines[i], "\"sess_0001") == NULL && strstr (lines[i], text) != NULL;
  return n;
}

/* Until there is one. */
static void
wait_later (Simulator *self, const char *text)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (count_later (self, text) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (10000);
    }
}

/* ---- a pipeline that says and hears nothing ---- */

static GstElement *
pipeline_new (const char *url, const char *properties)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_strdup_printf ("audiotestsrc is-live=true wave=silence ! "
                                           "openairealtimebin name=bin base-url=\"%s\" %s ! "
                                           "fakesink sync=true",
                                           url, properties != NULL ? properties : "");
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) bin = NULL;

  g_assert_no_error (error);
  bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_object_set (bin, "api-key", KEY, NULL); /* GStreamer logs a launch line as it is */
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return pipeline;
}

static void
pipeline_free (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

/* What is told until a message with @word in @field of a structure @name.
 * Returns: (transfer full): that message */
static GstMessage *
wait_word (GstElement *pipeline, const char *name, const char *field, const char *word, GString *states)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gint64 deadline = g_get_monotonic_time () + 40 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < deadline)
    {
      g_autoptr (GstMessage) message = gst_bus_timed_pop (bus, 100 * GST_MSECOND);
      const GstStructure *s = message != NULL ? gst_message_get_structure (message) : NULL;
      const char *text;

      if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
        {
          g_autoptr (GError) error = NULL;

          gst_message_parse_error (message, &error, NULL);
          g_error ("%s", error->message);
        }
      if (s == NULL)
        continue;
      if (gst_structure_has_name (s, CONNECTION) && states != NULL)
        g_string_append_printf (states, "%s ", gst_structure_get_string (s, "state"));
      text = gst_structure_has_name (s, name) ? gst_structure_get_string (s, field) : NULL;
      if (text != NULL && strstr (text, word) != NULL)
        return g_steal_pointer (&message);
    }
  g_error ("no %s of %s %s", word, name, field);
}

static void
expect_states (GstElement *pipeline, const char *last, const char *states)
{
  g_autoptr (GString) seen = g_string_new (NULL);

  gst_message_unref (wait_word (pipeline, CONNECTION, "state", last, seen));
  g_assert_cmpstr (seen->str, ==, states);
}

/* (transfer full): the error that ends the pipeline */
static GError *
wait_error (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, 40 * GST_SECOND, GST_MESSAGE_ERROR);
  GError *error = NULL;

  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  return error;
}

static guint
get_stat (GstElement *pipeline, const char *name)
{
  g_autoptr (GstElement) bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_autoptr (GstStructure) stats = NULL;
  guint value = 0;

  g_object_get (bin, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint (stats, name, &value));
  return value;
}

/* ---- tests ---- */

/* A session of a few seconds: the next takes over in a pause, unnoticed. */
static void
test_renewal (void)
{
  g_autoptr (Simulator) simulator = simulator_new ("--session-seconds=6");
  GstElement *pipeline =
      pipeline_new (simulator->url, "renewal-lead=4 greeting=\"Guten Tag, hier ist der Laden.\"");
  g_autoptr (GString) states = g_string_new (NULL);

  gst_message_unref (wait_word (pipeline, CONNECTION, "detail", "renewed", states));
  g_assert_cmpstr (states->str, ==, "connecting ready ready ");
  g_assert_cmpuint (get_stat (pipeline, "renewals"), ==, 1);
  g_assert_cmpuint (get_stat (pipeline, "reconnects"), ==, 0);
  g_assert_cmpuint (get_stat (pipeline, "responses"), ==, 1); /* greeted once */
  wait_later (simulator, "hier ist der Laden");
  pipeline_free (pipeline);
}

/* A close frame, the end of the session's time, the end of the socket. */
static void
test_ends (void)
{
  static const char *const faults[] = {
    "--fault=close@session.updated",
    "--fault=expire@session.updated,when=after",
    "--fault=drop@session.updated",
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *options = g_strconcat (faults[i], ",n=1", NULL);
      g_autoptr (Simulator) simulator = simulator_new (options);
      GstElement *pipeline = pipeline_new (simulator->url, NULL);

      expect_states (pipeline, "reconnecting", "connecting ready reconnecting ");
      expect_states (pipeline, "ready", "ready ");
      pipeline_free (pipeline);
    }
}

/* What no further attempt would change ends with words that say what to do. */
static void
test_final (void)
{
  static const struct
  {
    const char *options;
    const char *words;
  } cases[] = {
    { "--fault=quota", "billing" },
    { "--fault=error@session.updated,when=after,code=account_deactivated", "deactivated" },
    { "--fault=error@session.updated,when=after,code=billing_hard_limit_reached", "limit" },
    { "--fault=http,status=401", "OPENAI_API_KEY" },
    { "--fault=http,status=404", "'model'" },
    { "--fault=http,status=429", "later" },
    { "--fault=http,status=503", "'base-url'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Simulator) simulator = simulator_new (cases[i].options);
      GstElement *pipeline = pipeline_new (simulator->url, "greeting=\"Guten Tag.\"");
      g_autoptr (GError) error = wait_error (pipeline);

      g_test_message ("%s: %s", cases[i].options, error->message);
      g_assert_cmpint (error->domain, ==, GST_RESOURCE_ERROR);
      g_assert_nonnull (strstr (error->message, cases[i].words));
      g_assert_null (strstr (error->message, KEY));
      pipeline_free (pipeline);
    }
}

static gboolean
on_stranger (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), "hello\r\n", 7,
                             NULL, NULL, NULL);
  return FALSE;
}

/* A wrong address is told, though the element would reconnect later: no TLS
 * there, no WebSocket, nobody, no such host. */
static void
test_unreachable (void)
{
  g_autoptr (GSocketService) stranger = g_threaded_socket_service_new (2);
  guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (stranger), NULL, NULL);
  g_autofree char *tls = g_strdup_printf ("wss://127.0.0.1:%u/v1/realtime", port);
  g_autofree char *plain = g_strdup_printf ("ws://127.0.0.1:%u/v1/realtime", port);
  const char *const urls[] = { tls, plain, "ws://127.0.0.1:1/v1/realtime", "ws://no-such-host.invalid/" };

  g_assert_cmpuint (port, !=, 0);
  g_signal_connect (stranger, "run", G_CALLBACK (on_stranger), NULL);
  g_socket_service_start (stranger);
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      GstElement *pipeline = pipeline_new (urls[i], NULL);
      g_autoptr (GError) error = wait_error (pipeline);

      g_test_message ("%s: %s", urls[i], error->message);
      g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE);
      g_assert_nonnull (strstr (error->message, "'base-url'"));
      g_assert_cmpuint (get_stat (pipeline, "reconnects"), ==, 0);
      pipeline_free (pipeline);
    }
  g_socket_service_stop (stranger);
}

/* The limit is met twice; the answer comes with the third try. */
static void
test_rate_limit (void)
{
  g_autoptr (Simulator) simulator = simulator_new ("--fault=rate-limit,n=1,times=1 "
                                                   "--fault=rate-limit,n=2,times=1");
  GstElement *pipeline = pipeline_new (simulator->url, "greeting=\"Guten Tag.\"");
  g_autoptr (GString) states = g_string_new (NULL);

  for (guint i = 0; i < 2; i++)
    gst_message_unref (wait_word (pipeline, "openai-realtime-error", "code", "rate_limit", states));
  gst_message_unref (wait_word (pipeline, "openai-realtime-response", "status", "completed", states));
  g_assert_cmpstr (states->str, ==, "connecting ready ");
  g_assert_cmpuint (get_stat (pipeline, "responses"), ==, 3);
  pipeline_free (pipeline);
}

/* Three that say nothing: a process that is stopped (its TCP lives), a service
 * that answers pings and nothing else, a server that never opens a session. */
static void
test_silent (void)
{
  g_autoptr (Simulator) stopped = simulator_new (NULL);
  g_autoptr (Simulator) stuck = simulator_new ("--fault=stall@response.created,ms=0,session=1");
  RealtimeServer *mute = realtime_server_new (SERVER_SILENT, 0);
  GstElement *of_stopped = pipeline_new (stopped->url, NULL);
  GstElement *of_stuck = pipeline_new (stuck->url, "greeting=\"Guten Tag.\"");
  GstElement *of_mute = pipeline_new (realtime_server_get_url (mute), NULL);
  g_autoptr (GError) error = NULL;
  gint64 until;

  expect_states (of_stopped, "ready", "connecting ready ");
  /* The first ping goes after 5 s: only who has answered one is expected to. */
  for (until = g_get_monotonic_time () + 7 * G_USEC_PER_SEC; g_get_monotonic_time () < until;)
    g_usleep (100000);
  g_subprocess_send_signal (stopped->process, SIGSTOP);
  until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  expect_states (of_stopped, "reconnecting", "reconnecting ");
  g_assert_cmpint (g_get_monotonic_time (), <, until);
  g_subprocess_send_signal (stopped->process, SIGCONT);
  expect_states (of_stopped, "ready", "ready ");

  expect_states (of_stuck, "reconnecting", "connecting ready reconnecting ");
  gst_message_unref (
      wait_word (of_stuck, "openai-realtime-response", "status", "completed", NULL));

  error = wait_error (of_mute);
  g_assert_nonnull (strstr (error->message, "'base-url'"));

  pipeline_free (of_stopped);
  pipeline_free (of_stuck);
  pipeline_free (of_mute);
  realtime_server_free (mute);
}

/* The tool runs while the socket dies: its output goes to the new session,
 * which knows the call and speaks of it. */
static void
test_tool (void)
{
  g_autoptr (Simulator) simulator = simulator_new ("--fault=drop@response.done,when=after");
  GstElement *pipeline = pipeline_new (
      simulator->url,
      "tools=\"[{\\\"type\\\":\\\"function\\\",\\\"name\\\":\\\"price\\\",\\\"parameters\\\":"
      "{\\\"type\\\":\\\"object\\\",\\\"properties\\\":{}}}]\"");
  g_autoptr (GstElement) bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_autoptr (GstMessage) call = NULL;
  const char *call_id;

  expect_states (pipeline, "ready", "connecting ready ");
  g_signal_emit_by_name (bin, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, "user", "Was kostet das?");
  g_signal_emit_by_name (bin, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, NULL);
  call = wait_word (pipeline, "openai-realtime-function-call", "name", "price", NULL);
  call_id = gst_structure_get_string (gst_message_get_structure (call), "call_id");
  gst_message_unref (wait_word (pipeline, CONNECTION, "state", "reconnecting", NULL));
  expect_states (pipeline, "ready", "ready ");
  g_signal_emit_by_name (bin, GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT, call_id,
                         "{\"euro\":42}");
  gst_message_unref (
      wait_word (pipeline, "openai-realtime-transcript", "text", "Das kostet 42 Euro.", NULL));
  pipeline_free (pipeline);
  g_assert_cmpuint (count_later (simulator, "function_call_arguments.done"), ==, 0);
}

/* Audio of before the loss, of while it lasted and of after: in the new session
 * each sample once and in order. */
static void
test_audio (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), TRUE);
  g_autoptr (GByteArray) all = NULL;
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  const guint each = 10, size = 960, first = each * size, wanted = first + 3 * each * size;

  play_until_ready (w);
  for (guint i = 0; i < 3 * each; i++)
    {
      GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

      gst_buffer_memset (buffer, 0, i + 1, -1);
      GST_BUFFER_PTS (buffer) = i * PTIME;
      gst_app_src_push_buffer (GST_APP_SRC (w->in), buffer);
      if (i + 1 == each)
        {
          json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", each));
          realtime_server_drop (w->server);
          gst_message_unref (wait_message (w->pipeline, CONNECTION, "reconnecting"));
        }
      if (i + 1 == 2 * each)
        gst_message_unref (wait_message (w->pipeline, CONNECTION, "ready"));
    }
  do
    {
      g_clear_pointer (&all, g_byte_array_unref);
      all = realtime_server_get_audio (w->server);
      g_usleep (10000);
    }
  while (all->len < wanted && g_get_monotonic_time () < deadline);
  g_assert_cmpuint (all->len, ==, wanted);
  for (guint i = first; i < all->len; i++)
    g_assert_cmpuint (all->data[i], ==, (i - first) / size + 1);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/openairealtimebin/outage/" name, function)
  ADD ("renewal", test_renewal);
  ADD ("ends", test_ends);
  ADD ("final", test_final);
  ADD ("unreachable", test_unreachable);
  ADD ("rate-limit", test_rate_limit);
  ADD ("silent", test_silent);
  ADD ("tool", test_tool);
  ADD ("audio", test_audio);
  return run_tests ();
}
