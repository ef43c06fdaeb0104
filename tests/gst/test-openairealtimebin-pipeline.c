/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin as a GStreamer element should be: the end of a pipeline
 * with one side only, no clock, seeks, latency, dot files, stats; and what a
 * session costs. */
#include "realtime-pipeline.h"

#define PCM RAW (24000, 1, "S16LE")

static GstElement *
launch (RealtimeServer *server, const char *before, const char *after)
{
  g_autofree char *line = g_strdup_printf ("%s openairealtimebin name=bin base-url=%s %s", before,
                                           realtime_server_get_url (server), after);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) bin = NULL;

  g_assert_no_error (error);
  bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_object_set (bin, "api-key", KEY, NULL);
  return pipeline;
}

static GstMessage *
wait_type (GstElement *pipeline, GstMessageType type)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message =
      gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND, type | GST_MESSAGE_ERROR);

  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, type);
  return message;
}

/* ---- point 6: EOS both ways ---- */

/* What `gst-launch-1.0 -e` does, with nothing linked to one of the pads or
 * with both: the pipeline's EOS comes, once, from the bin or after it. */
static void
test_eos (gconstpointer data)
{
  static const char *const sides[][2] = {
    { "", "! fakesink" },
    { "audiotestsrc is-live=true !", "" },
    { "audiotestsrc is-live=true !", "! fakesink sync=true" },
  };
  const char *const *side = sides[GPOINTER_TO_UINT (data)];
  RealtimeServer *server = realtime_server_new (SERVER_READY, 0);
  GstElement *pipeline = launch (server, side[0], side[1]);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (wait_message (pipeline, "openai-realtime-connection", "ready"));
  g_assert_true (gst_element_send_event (pipeline, gst_event_new_eos ()));
  gst_message_unref (wait_type (pipeline, GST_MESSAGE_EOS));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  realtime_server_free (server);
}

/* ---- point 6: a pipeline without a clock ---- */

static GstPadProbeReturn
count_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer n)
{
  g_atomic_int_inc ((gint *)n);
  return GST_PAD_PROBE_OK;
}

/* It neither spins nor stands still; and goes on after a pause. */
static void
test_no_clock (void)
{
  RealtimeServer *server = realtime_server_new (SERVER_READY, 0);
  GstElement *pipeline = launch (server, "", "! fakesink sync=false async=false");
  g_autoptr (GstElement) bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_autoptr (GstPad) src = gst_element_get_static_pad (bin, "src");
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 1000);
  gint n = 0;
  gint64 start;

  gst_pipeline_use_clock (GST_PIPELINE (pipeline), NULL);
  for (guint round = 0; round < 2; round++)
    {
      start = g_get_monotonic_time ();
      g_atomic_int_set (&n, 0);
      gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, &n, NULL);
      gst_element_set_state (pipeline, GST_STATE_PLAYING);
      if (round == 0)
        gst_message_unref (wait_message (pipeline, "openai-realtime-connection", "ready"));
      realtime_server_speak (server, round == 0 ? "r0" : "r1", round == 0 ? "a" : "b", speech);
      gst_message_unref (wait_message (pipeline, "openai-realtime-playout", "finished"));
      gst_element_set_state (pipeline, GST_STATE_PAUSED);
      /* About what the time has room for: one second may be caught up, and a
       * loop without a clock would make thousands. */
      g_assert_cmpint (g_atomic_int_get (&n), >=, 50);
      g_assert_cmpint (g_atomic_int_get (&n), <=,
                       (g_get_monotonic_time () - start) / 20000 + 60);
    }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  realtime_server_free (server);
}

/* ---- point 6: a live source is never waited for ---- */

/* A sound card's clock may run ahead of the pipeline's: its audio is sent all
 * the same, for a source that is made to wait loses what it can't hold. */
static void
test_live_ahead (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (JsonNode) append = NULL;
  GstBuffer *buffer;

  play_until_ready (w);
  buffer = gst_buffer_new_allocate (NULL, 960, NULL);
  gst_buffer_memset (buffer, 0, 0, 960);
  GST_BUFFER_PTS (buffer) = 3600 * GST_SECOND;
  g_assert_cmpint (gst_app_src_push_buffer (GST_APP_SRC (w->in), buffer), ==, GST_FLOW_OK);
  append = realtime_server_wait (w->server, "input_audio_buffer.append", 1);
  g_assert_nonnull (append);
}

/* ---- point 6: seek, latency, dot ---- */

/* Refused by the pipeline as a whole, also when the input is a file that could. */
static void
test_seek (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);

  play_until_ready (w);
  g_assert_false (gst_element_seek_simple (w->pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0));
  g_assert_false (gst_element_seek_simple (w->pipeline, GST_FORMAT_BYTES, GST_SEEK_FLAG_NONE, 0));
}

/* What waits upstream of the bin (a jitter buffer, say) does not delay the answer. */
static void
test_latency (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  GstClockTime min;
  gboolean live;

  g_object_set (w->in, "min-latency", (gint64)(700 * GST_MSECOND), NULL);
  g_object_set (w->out, "sync", TRUE, "processing-deadline", (guint64)0, NULL);
  play_until_ready (w);
  g_assert_true (gst_element_query (w->pipeline, query));
  gst_query_parse_latency (query, &live, &min, NULL);
  g_assert_true (live);
  g_assert_cmpuint (min, ==, PTIME);
}

static void
test_dot (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autofree char *dot = NULL;

  play_until_ready (w);
  dot = gst_debug_bin_to_dot_data (GST_BIN (w->pipeline), GST_DEBUG_GRAPH_SHOW_VERBOSE);
  g_assert_nonnull (strstr (dot, "realtimesink"));
  g_assert_nonnull (strstr (dot, "realtimesrc"));
  g_assert_null (strstr (dot, KEY));
}

/* ---- point 6: stats, usage, cost ---- */

/* docs/element.md names each field of 'stats', and no other. */
static void
test_stats_documented (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autofree char *path = g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"), "docs", "element.md", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GstStructure) prices = gst_structure_from_string ("p, currency=EUR, text-input=1.0", NULL);
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GRegex) name = g_regex_new ("^\\| `([a-z-]+)`", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  char *from, *end;
  guint n = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  from = strstr (text, "\n## stats\n");
  g_assert_nonnull (from);
  end = strstr (from + 4, "\n## ");
  g_assert_nonnull (end);
  *end = '\0';
  g_object_set (w->bin, "prices", prices, NULL);
  g_object_get (w->bin, "stats", &stats, NULL);
  for (g_regex_match (name, from, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *field = g_match_info_fetch (match, 1);

      if (!gst_structure_has_field (stats, field))
        g_error ("documented, but not there: %s", field);
      n++;
    }
  g_assert_cmpint (n, ==, gst_structure_n_fields (stats));
}

#define USAGE(id, text_in, audio_out)                                                              \
  "{'type':'response.done','response':{'id':'" id "','status':'completed','output':[],'usage':{"   \
  "'total_tokens':" #text_in ",'input_tokens':" #text_in ",'output_tokens':0,"                     \
  "'input_token_details':{'text_tokens':" #text_in "}}}}"

static guint64
stat_tokens (World *w, const char *field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 n;

  g_object_get (w->bin, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, field, &n));
  return n;
}

/* Sums survive a reconnection, and begin anew with the next session. */
static void
test_usage (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (GstStructure) prices =
      gst_structure_from_string ("p, currency=EUR, text-input=(int)10", NULL);
  g_autoptr (GstStructure) stats = NULL;
  GstMessage *message;
  double cost;
  guint64 tokens;

  g_object_set (w->bin, "reconnect", TRUE, "prices", prices, NULL);
  play_until_ready (w);
  realtime_server_send (w->server, USAGE ("r1", 1000, 0));
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-usage", NULL));
  realtime_server_drop (w->server);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-connection", "reconnecting"));
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-connection", "ready"));
  realtime_server_send (w->server, USAGE ("r2", 500, 0));
  message = wait_message (w->pipeline, "openai-realtime-usage", NULL);
  g_assert_true (gst_structure_get (gst_message_get_structure (message), "session-tokens",
                                    G_TYPE_UINT64, &tokens, "session-cost", G_TYPE_DOUBLE, &cost,
                                    NULL));
  gst_message_unref (message);
  g_assert_cmpuint (tokens, ==, 1500);
  g_assert_cmpfloat_with_epsilon (cost, 0.015, 1e-9);
  realtime_server_send (
      w->server, "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u',"
                 "'content_index':0,'transcript':'Ja','usage':{'type':'tokens','total_tokens':22,"
                 "'input_tokens':13,'input_token_details':{'audio_tokens':13},'output_tokens':9}}");
  message = wait_message (w->pipeline, "openai-realtime-usage", NULL);
  g_assert_cmpstr (gst_structure_get_string (gst_message_get_structure (message), "of"), ==,
                   "transcript");
  gst_message_unref (message);
  g_assert_cmpuint (stat_tokens (w, "tokens"), ==, 1522);
  g_assert_cmpuint (stat_tokens (w, "tokens-text-input"), ==, 1500);
  g_assert_cmpuint (stat_tokens (w, "tokens-transcription-audio"), ==, 13);
  g_assert_cmpuint (stat_tokens (w, "tokens-without-price"), ==, 22);
  g_object_get (w->bin, "stats", &stats, NULL);
  g_assert_cmpstr (gst_structure_get_string (stats, "currency"), ==, "EUR");

  gst_element_set_state (w->pipeline, GST_STATE_READY);
  play_until_ready (w);
  g_assert_cmpuint (stat_tokens (w, "tokens"), ==, 0);
}

/* The limit: said once, the answer that waits is played to its end, nothing
 * more is sent or asked for, then EOS. */
static void
test_limit (gconstpointer data)
{
  gboolean by_cost = GPOINTER_TO_INT (data);
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 600);
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, sizeof (gint16));
  g_autoptr (GstCaps) caps = gst_caps_from_string (PCM);
  g_autoptr (GByteArray) before = NULL;
  g_autoptr (GByteArray) after = NULL;
  GstMessage *message;
  GstSample *sample;

  if (by_cost)
    {
      g_autoptr (GstStructure) prices =
          gst_structure_from_string ("p, currency=EUR, text-input=10.0", NULL);

      g_object_set (w->bin, "prices", prices, "max-cost", 0.01, NULL);
    }
  else
    g_object_set (w->bin, "max-tokens", (guint64)1000, NULL);
  play_until_ready (w);
  realtime_server_send (w->server, USAGE ("r0", 999, 0));
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-usage", NULL));

  /* The whole answer is there before its usage says that it was the last. */
  realtime_server_speak (w->server, "r1", "a", speech);
  realtime_server_send (w->server, USAGE ("r1", 1, 0));
  message = wait_message (w->pipeline, "openai-realtime-limit", NULL);
  g_assert_cmpstr (gst_structure_get_string (gst_message_get_structure (message), "kind"), ==,
                   by_cost ? GST_OPENAI_REALTIME_LIMIT_COST : GST_OPENAI_REALTIME_LIMIT_TOKENS);
  gst_message_unref (message);
  before = realtime_server_get_audio (w->server);
  push_silence (w, 20, GST_CLOCK_TIME_NONE);
  g_signal_emit_by_name (w->bin, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, NULL);
  message = wait_message (w->pipeline, "openai-realtime-error", NULL);
  g_assert_cmpstr (gst_structure_get_string (gst_message_get_structure (message), "code"), ==,
                   "limit_reached");
  gst_message_unref (message);

  while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 20 * GST_SECOND)) != NULL)
    {
      append_pcm (pcm, gst_sample_get_buffer (sample), caps);
      gst_sample_unref (sample);
    }
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (w->out)));
  assert_tone ((gint16 *)pcm->data, pcm->len, 24000, 600);
  gst_message_unref (wait_type (w->pipeline, GST_MESSAGE_EOS));
  after = realtime_server_get_audio (w->server);
  g_assert_cmpuint (after->len, ==, before->len);
  g_assert_cmpuint (realtime_server_count (w->server, "response.create"), ==, 0);
}

/* Each names its property. */
static void
test_prices_refused (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (GstStructure) wrong = gst_structure_from_string ("p, audio-outptu=64.0", NULL);
  g_autoptr (GstStructure) kept = NULL;
  g_autoptr (GError) error = NULL;
  GstMessage *message;

  g_object_set (w->bin, "prices", wrong, NULL);
  message = wait_type (w->pipeline, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  gst_message_unref (message);
  g_assert_nonnull (strstr (error->message, "'prices'"));
  g_object_get (w->bin, "prices", &kept, NULL);
  g_assert_null (kept);

  g_clear_error (&error);
  g_object_set (w->bin, "max-cost", 1.0, NULL);
  gst_element_set_state (w->pipeline, GST_STATE_PAUSED);
  message = wait_type (w->pipeline, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  gst_message_unref (message);
  g_assert_nonnull (strstr (error->message, "'max-cost'"));
}

int
main (int argc, char **argv)
{
  static const char *const sides[] = { "src-only", "sink-only", "both" };

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/openairealtimebin/point6/" name, function)
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_autofree char *name = g_strdup_printf ("/openairealtimebin/point6/eos/%s", sides[i]);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_eos);
    }
  ADD ("no-clock", test_no_clock);
  ADD ("live-ahead", test_live_ahead);
  ADD ("seek", test_seek);
  ADD ("latency", test_latency);
  ADD ("dot", test_dot);
  ADD ("stats-documented", test_stats_documented);
  ADD ("usage", test_usage);
  g_test_add_data_func ("/openairealtimebin/point6/limit/tokens", GINT_TO_POINTER (FALSE), test_limit);
  g_test_add_data_func ("/openairealtimebin/point6/limit/cost", GINT_TO_POINTER (TRUE), test_limit);
  ADD ("prices-refused", test_prices_refused);
  return run_tests ();
}
