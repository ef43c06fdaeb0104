/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints what each function of realtimerequest.h makes, in each of its shapes:
 * its name, a tab, the event. test-contract-requests.py judges them. */
#include <stdio.h>
#include <string.h>

#include "realtimerequest.h"

static void
print (const char *name, char *event)
{
  printf ("%s\t%s\n", name, event);
  g_free (event);
}

#define SAMPLE(name, ...) print (#name, gst_realtime_request_##name (__VA_ARGS__))

static void
print_updates (GstRealtimeSettings *s)
{
  for (guint flags = 0; flags < 8; flags++)
    for (guint format = 0; format < GST_REALTIME_N_FORMATS; format++)
      SAMPLE (session_update, "e", s, format, (format + flags) % GST_REALTIME_N_FORMATS, flags);
}

/* Every value of every property that reaches the session, and a session that
 * holds all that has no property. */
static void
print_settings (void)
{
  static const char *const choices[] = { NULL, "none", "required", "f",
                                         "{\"type\":\"mcp\",\"server_label\":\"x\"}" };
  g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();

  print_updates (s);
  s->tools =
      g_strdup ("[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"object\"}},"
                "{\"type\":\"mcp\",\"server_label\":\"x\",\"server_url\":\"https://x\","
                "\"authorization\":\"t\",\"require_approval\":\"never\"}]");
  for (guint i = 0; i < 36; i++)
    {
      g_free (s->tool_choice);
      s->tool_choice = g_strdup (choices[i % G_N_ELEMENTS (choices)]);
      s->turn_detection = i % 3;
      s->eagerness = i % 4;
      s->noise_reduction = i % 3;
      s->reasoning_effort = i % 6;
      s->answer = i % 2;
      s->idle_timeout = i % 2 ? 5000 : 0;
      s->max_output_tokens = i % 4 ? 4096 : 0;
      s->reversible_barge_in = i % 5 == 0;
      g_free (s->language);
      s->language = g_strdup (i % 3 == 0 ? "" : i % 3 == 1 ? "de" : "de,en");
      g_free (s->transcription_prompt);
      s->transcription_prompt = i % 2 ? g_strdup ("Muffe") : NULL;
      g_free (s->transcription_model);
      s->transcription_model = g_strdup (i % 7 == 0 ? "" : "whisper-1");
      print_updates (s);
    }
  s->session = g_strdup (
      "{\"tracing\":{\"workflow_name\":\"w\"},\"prompt\":{\"id\":\"p\",\"version\":null},"
      "\"truncation\":{\"type\":\"retention_ratio\",\"retention_ratio\":0.5},\"instructions\":null,"
      "\"include\":[\"item.input_audio_transcription.logprobs\"],\"parallel_tool_calls\":true,"
      "\"max_output_tokens\":null,\"audio\":{\"input\":{\"transcription\":{\"keywords\":[\"Muffe\"]"
      ","
      "\"delay\":\"low\",\"language\":null},\"noise_reduction\":null,\"turn_detection\":{"
      "\"create_response\":null}},\"output\":{\"voice\":{\"id\":\"voice_1\"},\"speed\":null}}}");
  s->turn_detection = GST_REALTIME_TURN_SERVER_VAD;
  print_updates (s);
}

static void
print_creates (void)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (GstRealtimeWish) wish =
          gst_realtime_wish_new (i & 1 || i & 2 ? "Text" : NULL, (i & 2) != 0, (i & 4) != 0);

      SAMPLE (response_create, "e", wish);
    }
}

int
main (int argc, char **argv)
{
  static const guint8 audio[960] = { 0 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (audio, sizeof audio);
  g_autoptr (GString) append = g_string_new (NULL);
  g_autofree char *type = NULL;

  gst_init (&argc, &argv);
  print_settings ();
  print_creates ();
  for (guint size = 0; size <= sizeof audio; size += size < 4 ? 1 : 478)
    {
      gst_realtime_request_append (append, audio, size);
      print ("append", g_strdup (append->str));
    }
  SAMPLE (response_cancel, "e", "r");
  SAMPLE (response_cancel, NULL, NULL);
  SAMPLE (message, "e", "i", "user", "ä\xff\"\n");
  SAMPLE (message, "e", "i", "assistant", "x");
  SAMPLE (message, "e", "i", "system", "");
  SAMPLE (audio_message, "e", "i", bytes);
  SAMPLE (function_call, "e", "i", "c", "f", "{}");
  SAMPLE (function_output, "e", "c", "{\"ok\":true}");
  SAMPLE (function_output, NULL, "c", NULL);
  SAMPLE (truncate, "e", "i", 0, 480);
  SAMPLE (delete, "e", "i");
  SAMPLE (retrieve, "e", "i");
  SAMPLE (commit, "e");
  SAMPLE (clear, "e");
  SAMPLE (image, "e", "i", "data:image/png;base64,AAAA", "Das hier");
  SAMPLE (image, "e", "i", "data:image/jpeg;base64,AAAA", NULL);
  SAMPLE (mcp_approval, "e", "i", "q", TRUE, NULL);
  SAMPLE (mcp_approval, "e", "i", "q", FALSE, "heute nicht");
  SAMPLE (aside, "e", "{}");
  SAMPLE (aside, "e",
          "{\"output_modalities\":[\"text\"],\"instructions\":\"x\",\"metadata\":{\"a\":\"b\"},"
          "\"input\":[{\"type\":\"item_reference\",\"id\":\"u\"}],\"max_output_tokens\":100,"
          "\"tool_choice\":\"none\",\"audio\":{\"output\":{\"voice\":\"cedar\"}}}");
  SAMPLE (check, "{\"type\":\"input_audio_buffer.clear\"}", &type, NULL);
  gst_deinit ();
  return 0;
}
