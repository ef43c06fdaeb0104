/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Barge-in of openairealtimebin, to the frame and to the sample: when it is
 * silent, what was heard, and where an answer goes on. */
#include "realtime-pipeline.h"

#define SPEECH_STARTED                                                                             \
  "{'type':'input_audio_buffer.speech_started','item_id':'u','audio_start_ms':700}"

static void
wait_queued (World *w, guint ms)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint queued = 0;

  while (queued < ms && g_get_monotonic_time () < deadline)
    {
      g_autoptr (GstStructure) stats = NULL;

      g_object_get (w->bin, "stats", &stats, NULL);
      gst_structure_get_uint (stats, "ms-queued", &queued);
      g_usleep (1000);
    }
  g_assert_cmpuint (queued, >=, ms);
}

/* The end of what began with SPEECH_STARTED, 300 ms of it. */
static void
send_rest (RealtimeServer *server, const char *text)
{
  g_autofree char *transcript = g_strdup_printf (
      "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u',"
      "'content_index':0,'transcript':'%s'}",
      text);

  realtime_server_send (server, "{'type':'input_audio_buffer.speech_stopped','item_id':'u',"
                                "'audio_end_ms':1800}");
  realtime_server_send (server, "{'type':'input_audio_buffer.committed','item_id':'u'}");
  realtime_server_send (server, transcript);
}

static guint
get_uint (GstMessage *message, const char *field)
{
  guint value = G_MAXUINT;

  g_assert_true (gst_structure_get_uint (gst_message_get_structure (message), field, &value));
  return value;
}

/* ---- silence, in frames ---- */

typedef struct
{
  gint heard_of_it; /* atomic: the element has taken speech_started */
  gint speech;      /* atomic: frames with speech since then */
  gint silent;      /* atomic: silent ones */
} Watch;

static GstBusSyncReply
watch_bus (GstBus *bus, GstMessage *message, gpointer data)
{
  const GstStructure *s = gst_message_get_structure (message);

  if (s != NULL && gst_structure_has_name (s, "openai-realtime-speech"))
    g_atomic_int_set (&((Watch *)data)->heard_of_it, TRUE);
  return GST_BUS_PASS;
}

static GstPadProbeReturn
watch_frames (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Watch *watch = data;

  if (g_atomic_int_get (&watch->heard_of_it))
    g_atomic_int_inc (is_silent (GST_PAD_PROBE_INFO_BUFFER (info)) ? &watch->silent
                                                                   : &watch->speech);
  return GST_PAD_PROBE_OK;
}

/* With the element's own clock, while frames leave all the time: at most the
 * one that was being made is still speech. */
static void
test_silent_in_a_frame (gconstpointer reversible)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (48000, 1, "S16LE"), FALSE);
  g_autoptr (GstBus) bus = gst_element_get_bus (w->pipeline);
  g_autoptr (GstPad) src = gst_element_get_static_pad (w->bin, "src");
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 10000);
  Watch watch = { 0 };
  gint64 deadline;

  g_object_set (w->bin, "reversible-barge-in", GPOINTER_TO_INT (reversible), NULL);
  play_until_ready (w);
  realtime_server_speak (w->server, "r", "a", speech);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-playout", "started"));
  gst_bus_set_sync_handler (bus, watch_bus, &watch, NULL);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, watch_frames, &watch, NULL);
  realtime_server_send (w->server, SPEECH_STARTED);
  deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (g_atomic_int_get (&watch.silent) < 5 && g_get_monotonic_time () < deadline)
    g_usleep (1000);
  g_assert_cmpint (g_atomic_int_get (&watch.silent), >=, 5);
  g_assert_cmpint (g_atomic_int_get (&watch.speech), <=, 1);
  gst_element_set_state (w->pipeline, GST_STATE_NULL);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
}

/* Paced from outside: the next tick is silent. */
static void
test_silent_next_tick (gconstpointer reversible)
{
  g_autoptr (World) w = world_new (SERVER_READY, RAW (24000, 1, "S16LE"),
                                   "audio/x-alaw,rate=8000,channels=1", TRUE);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCMA, 3000);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (JsonNode) truncate = NULL;

  g_object_set (w->bin, "reversible-barge-in", GPOINTER_TO_INT (reversible), NULL);
  play_until_ready (w);
  realtime_server_speak (w->server, "r", "a", speech);
  wait_queued (w, 2999);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GstBuffer) buffer = tick_buffer (w);

      g_assert_false (is_silent (buffer));
    }
  realtime_server_send (w->server, SPEECH_STARTED);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-speech", "started"));
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GstBuffer) buffer = tick_buffer (w);

      g_assert_true (is_silent (buffer));
    }
  if (reversible != NULL)
    {
      message = wait_message (w->pipeline, "openai-realtime-playout", "paused");
      g_assert_cmpuint (get_uint (message, "played_ms"), ==, 600);
      g_assert_cmpuint (realtime_server_count (w->server, "conversation.item.truncate"), ==, 0);
      send_rest (w->server, "Nein!");
      gst_message_unref (wait_message (w->pipeline, "openai-realtime-speech", "turn"));
      gst_buffer_unref (tick_buffer (w));
      gst_clear_message (&message);
    }
  /* What left, to the millisecond: RTP holds nothing back. */
  message = wait_message (w->pipeline, "openai-realtime-playout", "interrupted");
  g_assert_cmpuint (get_uint (message, "played_ms"), ==, 600);
  truncate = realtime_server_wait (w->server, "conversation.item.truncate", 1);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (truncate), "audio_end_ms"), ==,
                   600);
  if (reversible != NULL)
    json_node_unref (realtime_server_wait (w->server, "response.create", 1));
}

/* ---- sinks that hold something back ---- */

typedef struct
{
  guint processing_deadline; /* ms: what the sink waits for others */
  guint render_delay;        /* ms: what its device takes */
  gboolean queue;            /* without one a sink takes a buffer when it has played the last */
  gboolean reversible;
} HeldCase;

static const HeldCase held_cases[] = {
  { 20, 0, TRUE, FALSE },    { 300, 0, TRUE, FALSE },   { 20, 200, TRUE, FALSE },
  { 100, 150, TRUE, FALSE }, { 300, 0, FALSE, FALSE },  { 20, 200, FALSE, FALSE },
  { 100, 150, TRUE, TRUE },  { 100, 150, FALSE, TRUE },
};

static GstPadProbeReturn
count_speech (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  if (!is_silent (GST_PAD_PROBE_INFO_BUFFER (info)))
    g_atomic_int_add ((gint *)data, 20);
  return GST_PAD_PROBE_OK;
}

/* The sink's device gets it now; it is heard render-delay later. */
static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  if (!is_silent (buffer))
    g_atomic_int_add ((gint *)data, 20);
}

static void
test_held (gconstpointer data)
{
  const HeldCase *c = data;
  RealtimeServer *server = realtime_server_new (SERVER_READY, 0);
  g_autofree char *line = g_strdup_printf (
      "openairealtimebin name=bin api-key=x base-url=%s reversible-barge-in=%d ! " RAW (
          48000, 1, "S16LE") " ! %s fakesink name=sink sync=true signal-handoffs=true "
                             "processing-deadline=%u000000 render-delay=%u000000",
      realtime_server_get_url (server), c->reversible, c->queue ? "queue !" : "",
      c->processing_deadline, c->render_delay);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (bin, "src");
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 10000);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (JsonNode) truncate = NULL;
  gint left = 0, rendered = 0, least, most, played;

  g_assert_no_error (error);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, count_speech, &left, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), &rendered);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (wait_message (pipeline, "openai-realtime-connection", "ready"));
  realtime_server_speak (server, "r", "a", speech);
  gst_message_unref (wait_message (pipeline, "openai-realtime-playout", "started"));
  while (g_atomic_int_get (&left) < 1000)
    g_usleep (1000);
  least = g_atomic_int_get (&rendered) - (gint)c->render_delay;
  realtime_server_send (server, SPEECH_STARTED);
  if (c->reversible)
    {
      gst_message_unref (wait_message (pipeline, "openai-realtime-playout", "paused"));
      /* What it holds when an answer pauses it plays to the end. */
      while (g_atomic_int_get (&rendered) < g_atomic_int_get (&left))
        g_usleep (1000);
      g_usleep ((c->render_delay + 40) * 1000); /* and that is in the air by then */
      least = g_atomic_int_get (&rendered);
      send_rest (server, "Nein!");
    }
  message = wait_message (pipeline, "openai-realtime-playout", "interrupted");
  most = g_atomic_int_get (&rendered) - (c->reversible ? 0 : (gint)c->render_delay);
  played = get_uint (message, "played_ms");
  truncate = realtime_server_wait (server, "conversation.item.truncate", 1);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (truncate), "audio_end_ms"), ==,
                   played);
  if (c->reversible)
    g_assert_cmpint (ABS (g_atomic_int_get (&left) - played), <=, 2);
  else if (c->queue)
    /* What left less what is held, to one frame and the resampler's two ms. */
    g_assert_cmpint (ABS (g_atomic_int_get (&left) -
                          (gint)(c->processing_deadline + c->render_delay) - played),
                     <=, 22);
  /* No less than the device had played before, no more than it had after. */
  g_assert_cmpint (played, >=, least - 22);
  g_assert_cmpint (played, <=, most + 22);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  realtime_server_free (server);
}

/* ---- goes on, to the sample ---- */

static const char *const exact_caps[] = {
  RAW (24000, 1, "S16LE"),
  RAW (48000, 2, "S16LE"),
  RAW (11025, 1, "S16LE"),
  "audio/x-alaw,rate=8000,channels=1",
};

/* All that comes out of 3 s of speech, but for the silence of a pause. */
static GArray *
collect (const char *out_caps, gint pause_at)
{
  g_autoptr (World) w = world_new (SERVER_READY, RAW (24000, 1, "S16LE"), out_caps, TRUE);
  g_autoptr (GstCaps) caps = gst_caps_from_string (out_caps);
  g_autoptr (GBytes) speech =
      tone (gst_realtime_format_from_caps (caps) == GST_REALTIME_FORMAT_PCM
                ? GST_REALTIME_FORMAT_PCM
                : GST_REALTIME_FORMAT_PCMA,
            3000);
  GArray *pcm = g_array_new (FALSE, FALSE, 2);

  play_until_ready (w);
  realtime_server_speak (w->server, "r", "a", speech);
  wait_queued (w, 2999);
  for (gint i = 0; i < 160; i++)
    {
      if (i == pause_at)
        {
          g_autoptr (GstMessage) paused = NULL;
          g_autoptr (GstMessage) resumed = NULL;

          realtime_server_send (w->server, SPEECH_STARTED);
          gst_message_unref (wait_message (w->pipeline, "openai-realtime-speech", "started"));
          for (guint j = 0; j < 7; j++)
            {
              g_autoptr (GstBuffer) buffer = tick_buffer (w);

              g_assert_true (is_silent (buffer));
            }
          paused = wait_message (w->pipeline, "openai-realtime-playout", "paused");
          send_rest (w->server, "Mhm.");
          gst_message_unref (wait_message (w->pipeline, "openai-realtime-speech", "backchannel"));
          json_node_unref (realtime_server_wait (w->server, "conversation.item.delete", 1));
          {
            g_autoptr (GstBuffer) buffer = tick_buffer (w);

            g_assert_false (is_silent (buffer));
            append_pcm (pcm, buffer, caps);
          }
          resumed = wait_message (w->pipeline, "openai-realtime-playout", "resumed");
          g_assert_cmpuint (get_uint (resumed, "played_ms"), ==, get_uint (paused, "played_ms"));
          get_uint (paused, "silence_ms");
          get_uint (resumed, "paused_ms");
          continue;
        }
      {
        g_autoptr (GstBuffer) buffer = tick_buffer (w);

        append_pcm (pcm, buffer, caps);
      }
    }
  g_assert_cmpuint (realtime_server_count (w->server, "conversation.item.truncate"), ==, 0);
  g_assert_cmpuint (realtime_server_count (w->server, "response.create"), ==, 0);
  {
    g_autoptr (GstStructure) stats = NULL;
    guint resumptions = 0, interruptions = 1;

    g_object_get (w->bin, "stats", &stats, NULL);
    gst_structure_get_uint (stats, "resumptions", &resumptions);
    gst_structure_get_uint (stats, "interruptions", &interruptions);
    g_assert_cmpuint (resumptions, ==, pause_at >= 0);
    g_assert_cmpuint (interruptions, ==, 0);
  }
  return pcm;
}

/* With a "mhm" in the middle the same samples come out as without, none lost,
 * doubled or changed: through the resampler, too. */
static void
test_goes_on_exactly (gconstpointer caps)
{
  g_autoptr (GArray) whole = collect (caps, -1);
  g_autoptr (GArray) paused = collect (caps, 53);

  /* Of 20 ms at 11025 Hz every other has a sample more. */
  g_assert_cmpint (ABS ((gint)whole->len - (gint)paused->len), <=, 1);
  for (guint i = 0; i < MIN (whole->len, paused->len); i++)
    g_assert_cmpint (g_array_index (whole, gint16, i), ==, g_array_index (paused, gint16, i));
}

/* EOS comes while the answer pauses: the rest is heard, then EOS leaves. */
static void
test_eos_while_paused (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 1500);
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, 2);
  g_autoptr (GstCaps) caps = gst_caps_from_string (RAW (24000, 1, "S16LE"));
  gsize n = 0;

  play_until_ready (w);
  push_silence (w, 20, 0);
  realtime_server_speak (w->server, "r", "a", speech);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-playout", "started"));
  realtime_server_send (w->server, SPEECH_STARTED);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-playout", "paused"));
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", 2));
  send_rest (w->server, "");
  for (GstSample *sample; (sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out),
                                                                  10 * GST_SECOND)) != NULL;)
    {
      if (!is_silent (gst_sample_get_buffer (sample)))
        append_pcm (pcm, gst_sample_get_buffer (sample), caps);
      gst_sample_unref (sample);
    }
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (w->out)));
  /* All of it, frame by frame: 1.5 s are whole frames. */
  g_assert_cmpuint (pcm->len, ==, 1500 * 24);
  for (n = 0; n < pcm->len; n++)
    g_assert_cmpint (g_array_index (pcm, gint16, n), ==,
                     (gint16)(12000 * sin (2 * G_PI * 440 * n / 24000)));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } both[] = { { "silent-in-a-frame", test_silent_in_a_frame },
               { "silent-next-tick", test_silent_next_tick } };

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (both); i++)
    {
      g_autofree char *name = g_strdup_printf ("/bargein/%s/%s", both[i / 2].name,
                                               i % 2 ? "reversible" : "final");

      g_test_add_data_func (name, GINT_TO_POINTER (i % 2), both[i / 2].func);
    }
  for (guint i = 0; i < G_N_ELEMENTS (held_cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/bargein/held/%u", i);

      g_test_add_data_func (name, &held_cases[i], test_held);
    }
  for (guint i = 0; i < G_N_ELEMENTS (exact_caps); i++)
    {
      g_autofree char *name = g_strdup_printf ("/bargein/goes-on-exactly/%u", i);

      g_test_add_data_func (name, exact_caps[i], test_goes_on_exactly);
    }
  g_test_add_func ("/bargein/eos-while-paused", test_eos_while_paused);
  return run_tests ();
}
