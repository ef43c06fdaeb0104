/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The request pads transcript_%u of openairealtimebin in a pipeline: events,
 * times against the audio's, cut-offs, flush, EOS, release, restart. */
#include "realtime-pipeline.h"

#define PCM RAW (24000, 1, "S16LE")

typedef struct
{
  World *world;
  GstElement *sink; /* appsink of the text */
  GstPad *pad;
  GMutex lock;
  GString *events; /* types, in order, a word each */
  GstClockTime covered;
  gboolean gapless;
} Text;

/* Each piece of time is told once and in order. */
static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Text *text = data;
  GstClockTime start, duration;

  g_mutex_lock (&text->lock);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    {
      GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

      start = GST_BUFFER_PTS (buffer);
      duration = GST_BUFFER_DURATION (buffer);
      if (!g_str_has_suffix (text->events->str, "buffer "))
        g_string_append (text->events, "buffer ");
    }
  else
    {
      GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

      if (!g_str_has_suffix (text->events->str, "gap ") || GST_EVENT_TYPE (event) != GST_EVENT_GAP)
        g_string_append_printf (text->events, "%s ", GST_EVENT_TYPE_NAME (event));
      if (GST_EVENT_TYPE (event) != GST_EVENT_GAP)
        goto out;
      gst_event_parse_gap (event, &start, &duration);
    }
  if (GST_CLOCK_TIME_IS_VALID (duration))
    {
      text->gapless &= start == text->covered || text->covered == 0;
      text->covered = start + duration;
    }

out:
  g_mutex_unlock (&text->lock);
  return GST_PAD_PROBE_OK;
}

/* Links a transcript pad to an appsink. */
static Text *
text_new (World *w, const char *name)
{
  Text *text = g_new0 (Text, 1);
  g_autoptr (GstPad) sink_pad = NULL;

  text->world = w;
  text->gapless = TRUE;
  text->events = g_string_new (NULL);
  g_mutex_init (&text->lock);
  text->sink = gst_element_factory_make ("appsink", NULL);
  g_object_set (text->sink, "sync", FALSE, "async", FALSE, NULL);
  gst_bin_add (GST_BIN (w->pipeline), text->sink);
  text->pad = gst_element_request_pad_simple (w->bin, name);
  g_assert_nonnull (text->pad);
  gst_pad_add_probe (text->pad,
                     GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_data, text,
                     NULL);
  sink_pad = gst_element_get_static_pad (text->sink, "sink");
  g_assert_cmpint (gst_pad_link (text->pad, sink_pad), ==, GST_PAD_LINK_OK);
  gst_element_sync_state_with_parent (text->sink);
  return text;
}

static void
text_free (Text *text)
{
  gst_element_set_state (text->world->pipeline, GST_STATE_NULL);
  gst_object_unref (text->pad);
  g_string_free (text->events, TRUE);
  g_mutex_clear (&text->lock);
  g_free (text);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Text, text_free)

/* Returns: (transfer full): the next text, with its times; fails after 20 s */
static char *
next_text (Text *text, GstClockTime *start, GstClockTime *end)
{
  GstSample *sample = gst_app_sink_try_pull_sample (GST_APP_SINK (text->sink), 20 * GST_SECOND);
  GstBuffer *buffer;
  char *s;
  gsize size;

  g_assert_nonnull (sample);
  buffer = gst_sample_get_buffer (sample);
  size = gst_buffer_get_size (buffer);
  s = g_malloc0 (size + 1);
  gst_buffer_extract (buffer, 0, s, size);
  if (start != NULL)
    *start = GST_BUFFER_PTS (buffer);
  if (end != NULL)
    *end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  g_assert_true (g_utf8_validate (s, -1, NULL));
  gst_sample_unref (sample);
  return s;
}

/* Reads the audio until it sounds. Returns: when it began, running time */
static GstClockTime
wait_sound (World *w)
{
  while (TRUE)
    {
      GstSample *sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 20 * GST_SECOND);
      GstClockTime pts;
      gboolean silent;

      g_assert_nonnull (sample);
      pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));
      silent = is_silent (gst_sample_get_buffer (sample));
      gst_sample_unref (sample);
      if (!silent)
        return pts;
    }
}

static void
speak (World *w, const char *words, guint ms)
{
  g_autoptr (GBytes) audio = tone (GST_REALTIME_FORMAT_PCM, ms);
  g_autofree char *done = g_strdup_printf (
      "{'type':'response.output_audio_transcript.done','response_id':'r','item_id':'a',"
      "'output_index':0,'content_index':0,'transcript':'%s'}", words);

  realtime_server_send (w->server, done);
  realtime_server_speak (w->server, "r", "a", audio);
}

/* Lines with the times of the audio; then EOS together with the speech. */
static void
test_lines (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (Text) text = text_new (w, "transcript_%u");
  g_autofree char *first = NULL, *second = NULL;
  GstClockTime sound, start, end;

  g_assert_true (g_str_has_prefix (GST_PAD_NAME (text->pad), "transcript_"));
  play_until_ready (w);
  speak (w, "Zehn Byte. Zehn Byte.", 2100);
  sound = wait_sound (w);
  first = next_text (text, &start, &end);
  g_assert_cmpstr (first, ==, "Zehn Byte.");
  g_assert_cmpuint (start, ==, sound);
  g_assert_cmpuint (end, ==, sound + GST_SECOND);
  second = next_text (text, &start, &end);
  g_assert_cmpstr (second, ==, "Zehn Byte.");
  g_assert_cmpuint (start, ==, sound + 1100 * GST_MSECOND);
  g_assert_cmpuint (end, ==, sound + 2100 * GST_MSECOND);

  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  for (GstSample *sample; (sample = gst_app_sink_pull_sample (GST_APP_SINK (w->out))) != NULL;)
    gst_sample_unref (sample);
  g_assert_null (gst_app_sink_pull_sample (GST_APP_SINK (text->sink)));
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (text->sink)));
  g_mutex_lock (&text->lock);
  g_assert_true (g_str_has_prefix (text->events->str, "stream-start caps segment gap "));
  g_assert_true (g_str_has_suffix (text->events->str, "eos "));
  g_assert_true (text->gapless);
  g_mutex_unlock (&text->lock);
}

/* The caller cuts in: what had been heard is told, and no word more. */
static void
test_cut_off (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (Text) text = text_new (w, "transcript_%u");
  g_autofree char *heard = NULL;
  GstClockTime sound, start, end;

  g_object_set (text->pad, "role", 2, NULL); /* assistant */
  play_until_ready (w);
  speak (w, "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf", 20000);
  sound = wait_sound (w);
  for (guint i = 0; i < 100; i++) /* 2 s */
    gst_sample_unref (gst_app_sink_pull_sample (GST_APP_SINK (w->out)));
  g_signal_emit_by_name (w->bin, GST_OPENAI_REALTIME_ACTION_INTERRUPT);
  heard = next_text (text, &start, &end);
  g_assert_cmpuint (start, ==, sound);
  g_assert_true (g_str_has_prefix ("eins zwei drei vier fünf sechs", heard));
  g_assert_cmpuint (strlen (heard), >=, 4);
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  g_assert_null (gst_app_sink_try_pull_sample (GST_APP_SINK (text->sink), 20 * GST_SECOND));
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (text->sink)));
}

/* Two pads, one for each, with what the properties put around the words. */
static void
test_roles (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (Text) user = text_new (w, "transcript_%u");
  g_autoptr (Text) assistant = text_new (w, "transcript_%u");
  g_autofree char *said = NULL, *answered = NULL;

  gst_util_set_object_arg (G_OBJECT (user->pad), "role", "user");
  gst_util_set_object_arg (G_OBJECT (assistant->pad), "role", "assistant");
  g_object_set (user->pad, "user-prefix", "Kunde: ", "newline", TRUE, NULL);
  /* By the element's name, as gst-launch-1.0 does it. */
  {
    g_autofree char *name = g_strdup_printf ("%s::assistant-prefix", GST_PAD_NAME (assistant->pad));
    g_autofree char *set = NULL;

    gst_child_proxy_set (GST_CHILD_PROXY (w->bin), name, "Bot: ", NULL);
    g_object_get (assistant->pad, "assistant-prefix", &set, NULL);
    g_assert_cmpstr (set, ==, "Bot: ");
  }
  play_until_ready (w);
  realtime_server_send (w->server,
                        "{'type':'conversation.item.input_audio_transcription.completed',"
                        "'item_id':'u','content_index':0,'transcript':'Wie geht es Ihnen?'}");
  speak (w, "Gut.", 300);
  said = next_text (user, NULL, NULL);
  g_assert_cmpstr (said, ==, "Kunde: Wie geht es Ihnen?\n");
  answered = next_text (assistant, NULL, NULL);
  g_assert_cmpstr (answered, ==, "Bot: Gut.");
}

/* Live: never behind the speech, so that an overlay needn't wait for text. */
static void
test_live (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, TRUE);
  g_autoptr (Text) text = text_new (w, "transcript_%u");
  g_autofree char *seen = NULL;

  gst_util_set_object_arg (G_OBJECT (text->pad), "captions", "live");
  play_until_ready (w);
  speak (w, "eins zwei drei", 1400);
  for (guint i = 0; i < 200 && seen == NULL; i++)
    {
      GstBuffer *buffer = tick_buffer (w);
      GstClockTime end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
      GstSample *sample;
      gboolean covered = FALSE;

      gst_buffer_unref (buffer);
      /* Its task follows at once. */
      for (guint j = 0; j < 2000 && !covered; j++)
        {
          g_mutex_lock (&text->lock);
          covered = text->covered >= end;
          g_mutex_unlock (&text->lock);
          if (!covered)
            g_usleep (1000);
        }
      g_assert_true (covered);
      while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (text->sink), 0)) != NULL)
        {
          char whole[64] = "";

          gst_buffer_extract (gst_sample_get_buffer (sample), 0, whole, sizeof whole - 1);
          g_assert_true (g_str_has_prefix ("eins zwei drei", whole));
          if (strcmp (whole, "eins zwei drei") == 0)
            seen = g_strdup (whole);
          gst_sample_unref (sample);
        }
    }
  g_assert_nonnull (seen);
  g_mutex_lock (&text->lock);
  g_assert_true (text->gapless);
  g_mutex_unlock (&text->lock);
}

/* A flush from downstream, READY and back, and a pad that comes and goes while
 * the pipeline plays. */
static void
test_states (void)
{
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (Text) text = text_new (w, "transcript_%u");
  g_autoptr (GstPad) sink_pad = gst_element_get_static_pad (text->sink, "sink");
  g_autofree char *before = NULL, *after = NULL;
  GstPad *pad;

  play_until_ready (w);
  g_assert_true (gst_pad_push_event (sink_pad, gst_event_new_flush_start ()));
  g_assert_true (gst_pad_push_event (sink_pad, gst_event_new_flush_stop (FALSE)));
  g_assert_false (gst_pad_push_event (
      sink_pad, gst_event_new_seek (1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
                                    GST_SEEK_TYPE_NONE, 0)));
  speak (w, "Danach.", 300);
  before = next_text (text, NULL, NULL);
  g_assert_cmpstr (before, ==, "Danach.");

  gst_element_set_state (w->pipeline, GST_STATE_READY);
  play_until_ready (w);
  speak (w, "Noch einmal.", 300);
  after = next_text (text, NULL, NULL);
  g_assert_cmpstr (after, ==, "Noch einmal.");

  for (guint i = 0; i < 10; i++)
    {
      pad = gst_element_request_pad_simple (w->bin, "transcript_%u");
      g_assert_nonnull (pad);
      gst_element_release_request_pad (w->bin, pad);
      gst_object_unref (pad);
    }
}

/* Nothing is answered, and the caller's words come when all else is over: EOS
 * waits for them, but not for ever. */
static void
test_late_words (gconstpointer data)
{
  gboolean come = GPOINTER_TO_INT (data);
  g_autoptr (World) w = world_new (SERVER_READY, PCM, PCM, FALSE);
  g_autoptr (Text) text = text_new (w, "transcript_%u");

  g_object_set (w->bin, "reversible-barge-in", FALSE, "session",
                "{\"audio\":{\"input\":{\"turn_detection\":{\"create_response\":false}}}}", NULL);
  play_until_ready (w);
  push_silence (w, 200, 0);
  json_node_unref (realtime_server_wait (w->server, "input_audio_buffer.append", 1));
  realtime_server_send (w->server, "{'type':'input_audio_buffer.speech_started','item_id':'u',"
                                   "'audio_start_ms':0}");
  realtime_server_send (w->server, "{'type':'input_audio_buffer.speech_stopped','item_id':'u',"
                                   "'audio_end_ms':100}");
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-speech", "stopped"));
  gst_app_src_end_of_stream (GST_APP_SRC (w->in));
  if (come)
    {
      g_autofree char *words = NULL;

      g_usleep (3500000); /* so long does the service write */
      realtime_server_send (w->server,
                            "{'type':'conversation.item.input_audio_transcription.completed',"
                            "'item_id':'u','content_index':0,'transcript':'Das war es.'}");
      words = next_text (text, NULL, NULL);
      g_assert_cmpstr (words, ==, "Das war es.");
    }
  g_assert_null (gst_app_sink_try_pull_sample (GST_APP_SINK (text->sink), 20 * GST_SECOND));
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (text->sink)));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/openairealtimebin/point6/transcript/" name, function)
  ADD ("lines", test_lines);
  ADD ("cut-off", test_cut_off);
  ADD ("roles", test_roles);
  ADD ("live", test_live);
  ADD ("states", test_states);
  g_test_add_data_func ("/openairealtimebin/point6/transcript/late-words/late", GINT_TO_POINTER (TRUE),
                        test_late_words);
  g_test_add_data_func ("/openairealtimebin/point6/transcript/late-words/never",
                        GINT_TO_POINTER (FALSE), test_late_words);
  return run_tests ();
}
