/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What openairealtimebin does to audio, in each direction and format. */
#include "realtime-pipeline.h"

/* ---- caller to service ---- */

typedef struct
{
  const char *caps;
  const char *api;
} UpCase;

static const UpCase up_cases[] = {
  { RAW (8000, 1, "S16LE"), "audio/pcm" },
  { RAW (11025, 1, "S16LE"), "audio/pcm" },
  { RAW (16000, 2, "S16LE"), "audio/pcm" },
  { RAW (24000, 1, "S16LE"), "audio/pcm" },
  { RAW (44100, 2, "S16LE"), "audio/pcm" },
  { RAW (48000, 1, "S16LE"), "audio/pcm" },
  { RAW (96000, 1, "S16LE"), "audio/pcm" },
  { "audio/x-alaw,rate=8000,channels=1", "audio/pcma" },
  { "audio/x-mulaw,rate=8000,channels=1", "audio/pcmu" },
};

static const char *
format_of (JsonNode *update, const char *direction)
{
  JsonObject *object = json_node_get_object (update);

  object = json_object_get_object_member (object, "session");
  object = json_object_get_object_member (object, "audio");
  object = json_object_get_object_member (object, direction);
  return json_object_get_string_member (json_object_get_object_member (object, "format"), "type");
}

static void
test_up (gconstpointer data)
{
  const UpCase *c = data;
  g_autoptr (World) w = world_new (SERVER_READY, c->caps, RAW (24000, 1, "S16LE"), TRUE);
  g_autoptr (GstCaps) caps = gst_caps_from_string (c->caps);
  g_autoptr (JsonNode) update = NULL;
  g_autoptr (GByteArray) audio = NULL;
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, 2);
  GstRealtimeFormat format = gst_realtime_format_from_caps (caps);
  GstStructure *s = gst_caps_get_structure (caps, 0);
  int rate, channels;
  gint64 deadline;

  gst_structure_get_int (s, "rate", &rate);
  gst_structure_get_int (s, "channels", &channels);
  play_until_ready (w);
  update = realtime_server_wait (w->server, "session.update", 1);
  g_assert_cmpstr (format_of (update, "input"), ==, c->api);

  for (guint i = 0; i < 50; i++)
    {
      gsize n = (gsize)rate * (i + 1) / 50 - (gsize)rate * i / 50, at = (gsize)rate * i / 50;
      g_autofree gint16 *x = g_new (gint16, n * channels);
      GstBuffer *buffer;

      for (gsize j = 0; j < n; j++)
        for (int k = 0; k < channels; k++)
          x[j * channels + k] = 12000 * sin (2 * G_PI * 440 * (at + j) / rate);
      if (format == GST_REALTIME_FORMAT_PCM)
        buffer = gst_buffer_new_memdup (x, n * channels * 2);
      else
        {
          buffer = gst_buffer_new_allocate (NULL, n, NULL);
          g_autofree guint8 *coded = g_malloc (n);

          gst_realtime_g711_encode (format, x, coded, n);
          gst_buffer_fill (buffer, 0, coded, n);
        }
      GST_BUFFER_PTS (buffer) = i * PTIME;
      GST_BUFFER_DURATION (buffer) = PTIME;
      g_assert_cmpint (gst_app_src_push_buffer (GST_APP_SRC (w->in), buffer), ==, GST_FLOW_OK);
    }
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));

  /* After it silence for the VAD. */
  deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  do
    {
      g_clear_pointer (&audio, g_byte_array_unref);
      g_usleep (2000);
      audio = realtime_server_get_audio (w->server);
    }
  while (audio->len < 1600 * gst_realtime_format_get_bytes_per_ms (format) &&
         g_get_monotonic_time () < deadline);
  if (format == GST_REALTIME_FORMAT_PCM)
    g_array_append_vals (pcm, audio->data, audio->len / 2);
  else
    {
      g_array_set_size (pcm, audio->len);
      gst_realtime_g711_decode (format, audio->data, (gint16 *)pcm->data, audio->len);
    }
  assert_tone ((gint16 *)pcm->data, pcm->len, gst_realtime_format_get_rate (format), 1000);
}

/* ---- service to caller ---- */

typedef struct
{
  const char *caps;
  const char *api;
  guint rate;
} DownCase;

static const DownCase down_cases[] = {
  { RAW (8000, 1, "S16LE"), "audio/pcm", 8000 },
  { RAW (11025, 1, "S16LE"), "audio/pcm", 11025 },
  { RAW (16000, 1, "S16LE"), "audio/pcm", 16000 },
  { RAW (24000, 1, "S16LE"), "audio/pcm", 24000 },
  { RAW (44100, 2, "F32LE"), "audio/pcm", 44100 },
  { RAW (48000, 2, "S16LE"), "audio/pcm", 48000 },
  { RAW (96000, 1, "S16LE"), "audio/pcm", 96000 },
  { "audio/x-alaw,rate=8000,channels=1", "audio/pcma", 8000 },
  { "audio/x-mulaw,rate=8000,channels=1", "audio/pcmu", 8000 },
};

static GstRealtimeFormat
format_from_name (const char *name)
{
  for (guint i = 0; i < GST_REALTIME_N_FORMATS; i++)
    if (g_str_equal (gst_realtime_format_get_name (i), name))
      return i;
  g_assert_not_reached ();
}

/* Ticks until something is heard, at most for a while. */
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

static void
test_down (gconstpointer data)
{
  const DownCase *c = data;
  g_autoptr (World) w = world_new (SERVER_READY, RAW (24000, 1, "S16LE"), c->caps, TRUE);
  g_autoptr (GstCaps) caps = gst_caps_from_string (c->caps);
  g_autoptr (JsonNode) update = NULL;
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, 2);
  g_autoptr (GBytes) speech = tone (format_from_name (c->api), 1000);
  GstClockTime total = 0;

  play_until_ready (w);
  update = realtime_server_wait (w->server, "session.update", 1);
  g_assert_cmpstr (format_of (update, "output"), ==, c->api);
  realtime_server_speak (w->server, "r", "a", speech);
  wait_queued (w, 999); /* nothing leaves without a tick */

  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (GstBuffer) buffer = tick_buffer (w);

      append_pcm (pcm, buffer, caps);
      total += GST_BUFFER_DURATION (buffer);
    }
  g_assert_cmpuint (total / GST_MSECOND, ==, 1200);
  g_assert_cmpuint (pcm->len, ==, c->rate * 12 / 10);
  assert_tone ((gint16 *)pcm->data, pcm->len, c->rate, 1000);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-playout", "started"));
  {
    g_autoptr (GstMessage) message =
        wait_message (w->pipeline, "openai-realtime-playout", "finished");
    guint played = 0;

    gst_structure_get_uint (gst_message_get_structure (message), "played_ms", &played);
    g_assert_cmpuint (played, ==, 1000);
  }
}

/* ---- barge-in ---- */

static void
test_barge_in (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (48000, 1, "S16LE"), TRUE);
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 3000);
  g_autoptr (JsonNode) truncate = NULL;
  g_autoptr (GstMessage) message = NULL;
  JsonObject *event;
  guint played = 0, silence = G_MAXUINT;
  gint64 end_ms;

  g_object_set (w->bin, "reversible-barge-in", FALSE, NULL);
  play_until_ready (w);
  realtime_server_speak (w->server, "r", "a", speech);
  wait_queued (w, 2999);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GstBuffer) buffer = tick_buffer (w);

      g_assert_false (is_silent (buffer));
    }
  realtime_server_send (
      w->server, "{'type':'input_audio_buffer.speech_started','item_id':'u','audio_start_ms':0}");
  truncate = realtime_server_wait (w->server, "conversation.item.truncate", 1);
  {
    g_autoptr (GstBuffer) buffer = tick_buffer (w);

    g_assert_true (is_silent (buffer)); /* the very next frame */
  }
  event = json_node_get_object (truncate);
  end_ms = json_object_get_int_member (event, "audio_end_ms");
  /* 30 frames left; the resampler holds a millisecond or two of input. */
  g_assert_cmpint (end_ms, >=, 600);
  g_assert_cmpint (end_ms, <=, 604);
  message = wait_message (w->pipeline, "openai-realtime-playout", "interrupted");
  gst_structure_get_uint (gst_message_get_structure (message), "played_ms", &played);
  gst_structure_get_uint (gst_message_get_structure (message), "silence_ms", &silence);
  g_assert_cmpuint (played, ==, end_ms);
  g_assert_cmpuint (silence, <, 20000);
}

/* ---- negotiation, queries, flushing ---- */

static void
test_renegotiate (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (16000, 1, "S16LE"), RAW (16000, 1, "S16LE"), TRUE);
  g_autoptr (GstCaps) alaw = gst_caps_from_string ("audio/x-alaw,rate=8000,channels=1");
  g_autoptr (GBytes) speech = tone (GST_REALTIME_FORMAT_PCM, 1000);
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, 2);
  g_autoptr (JsonNode) update = NULL;

  play_until_ready (w);
  gst_buffer_unref (tick_buffer (w));
  realtime_server_speak (w->server, "r", "a", speech);
  wait_queued (w, 999);
  /* What was received as PCM is heard as A-law; what follows comes as A-law. */
  g_object_set (w->filter, "caps", alaw, NULL);
  for (guint i = 0; i < 55; i++)
    {
      g_autoptr (GstBuffer) buffer = tick_buffer (w);

      g_assert_cmpuint (gst_buffer_get_size (buffer), ==, 160);
      append_pcm (pcm, buffer, alaw);
    }
  assert_tone ((gint16 *)pcm->data, pcm->len, 8000, 1000);
  update = realtime_server_wait (w->server, "session.update", 2);
  g_assert_cmpstr (format_of (update, "output"), ==, "audio/pcma");
}

static void
test_queries (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (16000, 1, "S16LE"), RAW (48000, 1, "S16LE"), FALSE);
  g_autoptr (GstPad) src = gst_element_get_static_pad (w->bin, "src");
  g_autoptr (GstQuery) latency = gst_query_new_latency ();
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  GstClockTime min, max;
  gboolean live, seekable;

  play_until_ready (w);
  g_assert_true (gst_pad_query (src, latency));
  gst_query_parse_latency (latency, &live, &min, &max);
  g_assert_true (live);
  g_assert_cmpuint (min, ==, PTIME);
  g_assert_true (gst_pad_query (src, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, NULL, NULL);
  g_assert_false (seekable);
  g_assert_false (gst_element_seek_simple (w->bin, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0));
  g_assert_false (tick (w)); /* the internal clock ticks */
}

static void
test_flush (void)
{
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);

  play_until_ready (w);
  push_silence (w, 20, 0);
  json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", 1));
  /* A buffer that is due in an hour does not hold up the flush. */
  push_silence (w, 20, 3600 * GST_SECOND);
  g_assert_true (gst_element_send_event (w->in, gst_event_new_flush_start ()));
  g_assert_true (gst_element_send_event (w->in, gst_event_new_flush_stop (TRUE)));
  push_silence (w, 20, 0);
  json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", 2));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (up_cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/openairealtimebin/up/%u", i);

      g_test_add_data_func (name, &up_cases[i], test_up);
    }
  for (guint i = 0; i < G_N_ELEMENTS (down_cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/openairealtimebin/down/%u", i);

      g_test_add_data_func (name, &down_cases[i], test_down);
    }
  g_test_add_func ("/openairealtimebin/barge-in", test_barge_in);
  g_test_add_func ("/openairealtimebin/renegotiate", test_renegotiate);
  g_test_add_func ("/openairealtimebin/queries", test_queries);
  g_test_add_func ("/openairealtimebin/flush", test_flush);
  return run_tests ();
}
