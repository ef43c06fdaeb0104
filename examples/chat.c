/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Talks with the model and prints what is said; it can tell the time, by a
 * function call.  cc chat.c $(pkg-config --cflags --libs gstreamer-1.0) -o chat
 *
 *   chat                    microphone and loudspeaker (use a headset)
 *   chat ASK.wav ANSWER.wav files instead
 */
#include <gst/gst.h>
#include <locale.h>

#define TOOLS "[{\"type\":\"function\",\"name\":\"get_time\",\"description\":\"The time of day\"," \
              "\"parameters\":{\"type\":\"object\",\"properties\":{}}}]"

static void
on_transcript (GstElement *bot, const char *role, const char *item, const char *text, gboolean final)
{
  if (final)
    g_print ("%s: %s\n", role, text);
}

static void
on_function_call (GstElement *bot, const char *call_id, const char *name, const char *arguments)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *output = g_date_time_format (now, "{\"time\":\"%H:%M\"}");

  g_print ("calls %s\n", name);
  g_signal_emit_by_name (bot, "send-function-output", call_id, output);
}

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer loop)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    {
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("%s\n", error->message); /* says what to do */
    }
  if (GST_MESSAGE_TYPE (message) & (GST_MESSAGE_ERROR | GST_MESSAGE_EOS))
    g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const char *url = g_getenv ("OPENAI_REALTIME_URL"); /* another service */
  g_autofree char *line = argc == 3 ? g_strdup_printf ("filesrc location=\"%s\" ! wavparse ! openairealtimebin "
      "name=bot ! wavenc ! filesink location=\"%s\"", argv[1], argv[2])
      : g_strdup ("autoaudiosrc ! openairealtimebin name=bot ! autoaudiosink");
  g_autoptr (GstElement) pipeline = NULL, bot = NULL;
  g_autoptr (GstBus) bus = NULL;

  setlocale (LC_ALL, "");
  gst_init (&argc, &argv);
  pipeline = gst_parse_launch (line, NULL);
  bot = gst_bin_get_by_name (GST_BIN (pipeline), "bot");
  g_object_set (bot, "instructions", "You are friendly and brief.", "tools", TOOLS, NULL);
  if (url != NULL)
    g_object_set (bot, "base-url", url, NULL);
  g_signal_connect (bot, "transcript", G_CALLBACK (on_transcript), NULL);
  g_signal_connect (bot, "function-call", G_CALLBACK (on_function_call), NULL);
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, on_bus, loop);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_main_loop_run (loop);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return 0;
}
