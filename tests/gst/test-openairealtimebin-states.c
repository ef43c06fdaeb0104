/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin as an element among others: states, flushes, ticks, pads
 * that are linked to nothing, several threads at once. */
#include "realtime-pipeline.h"

#define PCM RAW (24000, 1, "S16LE")

/* ---- states ---- */

static void
test_live (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);

  g_assert_cmpint (gst_element_set_state (w->bin, GST_STATE_READY), ==, GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (gst_element_set_state (w->bin, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_NO_PREROLL);
  g_assert_cmpint (gst_element_set_state (w->bin, GST_STATE_PLAYING), ==, GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (gst_element_set_state (w->bin, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_NO_PREROLL);
  g_assert_cmpint (gst_element_set_state (w->bin, GST_STATE_NULL), ==, GST_STATE_CHANGE_SUCCESS);
}

static GstClockTime
running_time (World *w)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (w->bin);

  return gst_clock_get_time (clock) - gst_element_get_base_time (w->bin);
}

/* Nothing leaves while paused; afterwards the time line goes on in running time. */
static void
test_pause (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  GstSample *sample;
  GstClockTime pts, now;

  play_until_ready (w);
  for (guint i = 0; i < 3; i++)
    {
      sample = gst_app_sink_pull_sample (GST_APP_SINK (w->out));
      gst_sample_unref (sample);
    }
  gst_element_set_state (w->pipeline, GST_STATE_PAUSED);
  gst_element_get_state (w->pipeline, NULL, NULL, 5 * GST_SECOND);
  while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 300 * GST_MSECOND)) != NULL)
    gst_sample_unref (sample);
  gst_element_set_state (w->pipeline, GST_STATE_PLAYING);
  sample = gst_app_sink_pull_sample (GST_APP_SINK (w->out));
  pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));
  gst_sample_unref (sample);
  now = running_time (w);
  g_assert_cmpuint (pts, <=, now);
  g_assert_cmpuint (now - pts, <, GST_SECOND);
}

/* An error that ended the session is over with NULL. */
static void
test_after_failure (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (GstBus) bus = gst_element_get_bus (w->pipeline);
  GstMessage *message;

  play_until_ready (w);
  realtime_server_send (w->server, "{'type':'error','error':{'type':'x','code':'invalid_api_key',"
                                   "'message':'no'}}");
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_message_unref (message);
  gst_element_set_state (w->pipeline, GST_STATE_NULL);
  play_until_ready (w);
}

/* ---- ticks ---- */

static void
test_ticks (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, TRUE);

  g_assert_false (tick (w));
  gst_element_set_state (w->pipeline, GST_STATE_READY);
  g_assert_false (tick (w));
  play_until_ready (w);
  g_assert_true (tick (w));
  gst_element_set_state (w->pipeline, GST_STATE_READY);
  g_assert_false (tick (w));
  play_until_ready (w);
  w->next_pts = 0;
  for (GstSample *old; (old = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 0)) != NULL;)
    gst_sample_unref (old);
  gst_buffer_unref (tick_buffer (w));

  /* EOS on sink: silence until nobody answers any more, EOS, and no more. */
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  for (gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
       tick (w) && g_get_monotonic_time () < end;)
    {
      GstSample *sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 5 * GST_MSECOND);

      if (sample != NULL)
        gst_sample_unref (sample);
    }
  g_assert_false (tick (w));
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (w->out)));
}

/* ---- flushes ---- */

static gint n_segments;

static GstPadProbeReturn
count_segments (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_SEGMENT)
    g_atomic_int_inc (&n_segments);
  return GST_PAD_PROBE_OK;
}

/* Downstream flushes upstream: the stream goes on, with a segment. */
static void
test_flush_upstream (gconstpointer data)
{
  gboolean external = GPOINTER_TO_INT (data);
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, external);
  g_autoptr (GstPad) src = gst_element_get_static_pad (w->bin, "src");
  GstSample *sample;

  g_atomic_int_set (&n_segments, 0);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, count_segments, NULL, NULL);
  play_until_ready (w);
  for (gint round = 1; round <= 3; round++)
    {
      for (guint i = 0; i < 2; i++)
        {
          if (external)
            g_assert_true (tick (w));
          sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 10 * GST_SECOND);
          g_assert_nonnull (sample);
          gst_sample_unref (sample);
        }
      g_assert_cmpint (g_atomic_int_get (&n_segments), ==, round);
      g_assert_true (gst_pad_push_event (w->tick_pad, gst_event_new_flush_start ()));
      if (external)
        g_assert_false (tick (w));
      while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 100 * GST_MSECOND)))
        gst_sample_unref (sample);
      g_assert_true (gst_pad_push_event (w->tick_pad, gst_event_new_flush_stop (FALSE)));
    }
}

static gpointer
push_far_future (gpointer pad)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 960, NULL);

  GST_BUFFER_PTS (buffer) = 3600 * GST_SECOND;
  return GINT_TO_POINTER (gst_pad_push (pad, buffer));
}

/* A flush, and a change to READY, end the wait for the clock in the sink. */
static void
test_flush_waiting_sink (void)
{
  RealtimeServer *server = realtime_server_new (SERVER_READY, 0);
  g_autofree char *line = g_strdup_printf ("openairealtimebin name=bin api-key=x base-url=%s ! "
                                           "fakesink async=false",
                                           realtime_server_get_url (server));
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement) bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (bin, "sink");
  g_autoptr (GstCaps) caps = gst_caps_from_string (PCM);
  GstPad *pad = gst_pad_new ("src", GST_PAD_SRC);
  GstSegment segment;
  GThread *thread;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_pad_set_active (pad, TRUE);
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
  gst_pad_push_event (pad, gst_event_new_stream_start ("x"));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  for (guint i = 0; i < 3; i++)
    {
      thread = g_thread_new ("push", push_far_future, pad);
      g_usleep (1000 * i); /* before it waits, and while it does */
      gst_pad_push_event (pad, gst_event_new_flush_start ());
      g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_FLUSHING);
      gst_pad_push_event (pad, gst_event_new_flush_stop (TRUE));
      gst_pad_push_event (pad, gst_event_new_segment (&segment));
    }
  thread = g_thread_new ("push", push_far_future, pad);
  gst_element_set_state (pipeline, GST_STATE_READY);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_FLUSHING);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_pad_set_active (pad, FALSE);
  gst_object_unref (pad);
  realtime_server_free (server);
}

/* ---- pads that are linked to nothing ---- */

static void
test_unlinked (void)
{
  RealtimeServer *server = realtime_server_new (SERVER_READY, 0);
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *bin = gst_element_factory_make (GST_OPENAI_REALTIME_BIN, NULL);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 200);

  g_object_set (bin, "api-key", KEY, "base-url", realtime_server_get_url (server), NULL);
  gst_bin_add (GST_BIN (pipeline), bin);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (wait_message (pipeline, "openai-realtime-connection", "ready"));
  realtime_server_speak (server, "r", "a", speech);
  gst_message_unref (wait_message (pipeline, "openai-realtime-playout", "finished"));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  realtime_server_free (server);
}

/* ---- all at once ---- */

typedef struct
{
  World *world;
  gint stop;
  guint n;
} Hammer;

static gpointer
hammer_ticks (gpointer data)
{
  Hammer *h = data;

  while (!g_atomic_int_get (&h->stop))
    {
      GstSample *sample;

      tick (h->world);
      while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (h->world->out), 0)) != NULL)
        gst_sample_unref (sample);
      g_usleep (100);
    }
  return NULL;
}

static gpointer
hammer_events (gpointer data)
{
  Hammer *h = data;
  g_autoptr (GstPad) sink = gst_element_get_static_pad (h->world->bin, "sink");
  g_autoptr (GstPad) peer = gst_pad_get_peer (sink);
  guint i = 0;

  for (; !g_atomic_int_get (&h->stop); i++)
    {
      g_autofree char *text = g_strdup_printf ("Nummer %u", i);
      g_autoptr (GstStructure) stats = NULL;

      g_object_set (h->world->bin, "instructions", text, "speed", 1.0 + i % 5 / 10.0, NULL);
      g_object_get (h->world->bin, "stats", &stats, NULL);
      g_signal_emit_by_name (h->world->bin, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, "user", text);
      if (i % 3 == 0)
        g_signal_emit_by_name (h->world->bin, GST_OPENAI_REALTIME_ACTION_INTERRUPT);
      gst_pad_send_event (sink, gst_event_new_flush_start ());
      gst_pad_send_event (sink, gst_event_new_flush_stop (TRUE));
      gst_pad_push_event (h->world->tick_pad, gst_event_new_reconfigure ());
      gst_pad_push_event (h->world->tick_pad, gst_event_new_latency (i % 7 * GST_MSECOND));
      realtime_server_send (h->world->server,
                            "{'type':'response.output_audio.delta','response_id':'r',"
                            "'item_id':'a','content_index':0,'delta':'AAAAAAAAAAAAAAAAAAAAAAAA'}");
      g_usleep (500);
    }
  h->n = i;
  return NULL;
}

static gpointer
hammer_states (gpointer data)
{
  Hammer *h = data;
  static const GstState states[] = { GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_PLAYING,
                                     GST_STATE_READY,   GST_STATE_PAUSED, GST_STATE_NULL,
                                     GST_STATE_PAUSED,  GST_STATE_READY };
  guint i = 0;

  for (; !g_atomic_int_get (&h->stop); i++)
    {
      gst_element_set_state (h->world->pipeline, states[i % G_N_ELEMENTS (states)]);
      if (i % 3 == 0)
        g_usleep (3000);
    }
  return NULL;
}

static void
test_hammer (gconstpointer data)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, GPOINTER_TO_INT (data));
  g_autoptr (GstBus) bus = gst_element_get_bus (w->pipeline);
  Hammer h = { w, 0, 0 };
  GThread *threads[] = { g_thread_new ("states", hammer_states, &h),
                         g_thread_new ("more states", hammer_states, &h),
                         g_thread_new ("ticks", hammer_ticks, &h),
                         g_thread_new ("events", hammer_events, &h) };
  gint64 end = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    {
      GstMessage *message = gst_bus_timed_pop (bus, 10 * GST_MSECOND);

      if (message != NULL)
        gst_message_unref (message);
    }
  g_atomic_int_set (&h.stop, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      /* A tick may wait in a sink that is paused. */
      if (i == 2)
        gst_element_set_state (w->pipeline, GST_STATE_NULL);
      g_thread_join (threads[i]);
    }
  g_assert_cmpuint (h.n, >, 5);
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
  play_until_ready (w); /* as good as new */
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/openairealtimebin/" name, function)
  ADD ("states/live", test_live);
  ADD ("states/pause", test_pause);
  ADD ("states/after-failure", test_after_failure);
  ADD ("ticks", test_ticks);
  g_test_add_data_func ("/openairealtimebin/flush/upstream/internal", GINT_TO_POINTER (FALSE),
                        test_flush_upstream);
  g_test_add_data_func ("/openairealtimebin/flush/upstream/external", GINT_TO_POINTER (TRUE),
                        test_flush_upstream);
  ADD ("flush/waiting-sink", test_flush_waiting_sink);
  ADD ("unlinked", test_unlinked);
  g_test_add_data_func ("/openairealtimebin/hammer/internal", GINT_TO_POINTER (FALSE), test_hammer);
  g_test_add_data_func ("/openairealtimebin/hammer/external", GINT_TO_POINTER (TRUE), test_hammer);
  return run_tests ();
}
