/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Settings of a session: what reaches session.update, and what is refused
 * before it does. Texts use ' for ". */
#include <string.h>

#include "realtimejson.h"
#include "realtimerequest.h"
#include "realtimerules.h"

static char *
quoted (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static JsonNode *
update_with_flags (const GstRealtimeSettings *settings, GstRealtimeUpdateFlags flags)
{
  g_autofree char *text =
      gst_realtime_request_session_update ("e", settings, GST_REALTIME_FORMAT_PCM,
                                           GST_REALTIME_FORMAT_PCM,
                                           GST_REALTIME_UPDATE_SETTINGS |
                                               GST_REALTIME_UPDATE_VOICE | flags);

  return gst_realtime_json_parse (text, strlen (text), NULL);
}

static JsonNode *
update (const GstRealtimeSettings *settings)
{
  return update_with_flags (settings, 0);
}

/* session.PATH as JSON text; "absent" when it is not there. */
static void
assert_member (JsonNode *event, const char *path, const char *expected)
{
  g_auto (GStrv) names = g_strsplit (path, ".", -1);
  g_autofree char *wanted = quoted (expected);
  g_autofree char *text = NULL;
  JsonNode *node = json_object_get_member (json_node_get_object (event), "session");

  for (guint i = 0; names[i] != NULL && node != NULL; i++)
    node = JSON_NODE_HOLDS_OBJECT (node)
               ? json_object_get_member (json_node_get_object (node), names[i])
               : NULL;
  text = node != NULL ? json_to_string (node, FALSE) : g_strdup ("absent");
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_properties (void)
{
  g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
  g_autoptr (JsonNode) plain = update (s), full = NULL, cleared = NULL, semantic = NULL;

  assert_member (plain, "output_modalities", "['audio']");
  assert_member (plain, "max_output_tokens", "absent");
  assert_member (plain, "reasoning", "absent");
  assert_member (plain, "tools", "absent");
  assert_member (plain, "tool_choice", "absent");
  assert_member (plain, "audio.input.turn_detection.idle_timeout_ms", "absent");
  assert_member (plain, "audio.input.transcription.language", "'de'");

  s->answer = GST_REALTIME_ANSWER_TEXT;
  s->max_output_tokens = 700;
  s->reasoning_effort = GST_REALTIME_EFFORT_XHIGH;
  s->tools = quoted ("[{'type':'function','name':'f'}]");
  s->tool_choice = g_strdup ("required");
  s->idle_timeout = 6000;
  g_free (s->language);
  s->language = g_strdup (" de, en ,");
  s->transcription_prompt = g_strdup ("Muffen, Bögen");
  full = update (s);
  assert_member (full, "output_modalities", "['text']");
  assert_member (full, "max_output_tokens", "700");
  assert_member (full, "reasoning.effort", "'xhigh'");
  assert_member (full, "tool_choice", "'required'");
  assert_member (full, "audio.input.turn_detection.idle_timeout_ms", "6000");
  assert_member (full, "audio.input.transcription.languages", "['de','en']");
  assert_member (full, "audio.input.transcription.language", "absent");
  assert_member (full, "audio.input.transcription.prompt", "'Muffen, Bögen'");

  /* Later: what is set no more must be cleared, or the service keeps it. */
  s->max_output_tokens = 0;
  s->idle_timeout = 0;
  g_clear_pointer (&s->tools, g_free);
  cleared = update_with_flags (s, GST_REALTIME_UPDATE_CHANGE);
  assert_member (cleared, "max_output_tokens", "'inf'");
  assert_member (cleared, "audio.input.turn_detection.idle_timeout_ms", "null");
  assert_member (cleared, "tools", "[]");

  s->turn_detection = GST_REALTIME_TURN_SEMANTIC_VAD;
  s->eagerness = GST_REALTIME_EAGERNESS_LOW;
  semantic = update (s);
  assert_member (semantic, "audio.input.turn_detection",
                 "{'type':'semantic_vad','eagerness':'low','create_response':false,"
                 "'interrupt_response':false}");
}

static void
test_tool_choice (void)
{
  static const char *const cases[][2] = {
    { "", "'auto'" },
    { "none", "'none'" },
    { "search_products", "{'type':'function','name':'search_products'}" },
    { "{'type':'mcp','server_label':'shop'}", "{'type':'mcp','server_label':'shop'}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
      g_autoptr (JsonNode) event = NULL;

      s->tools = quoted ("[{'type':'function','name':'f'}]");
      s->tool_choice = quoted (cases[i][0]);
      g_assert_true (gst_realtime_settings_check (s, "tool-choice", NULL));
      event = update (s);
      assert_member (event, "tool_choice", cases[i][1]);
    }
}

/* The session property is merged deeply and last; null clears where the
 * protocol knows null, and is left out where the service refuses it. */
static void
test_merge (void)
{
  g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
  g_autoptr (JsonNode) event = NULL, semantic = NULL;

  s->session =
      quoted ("{'tracing':null,'prompt':{'id':'pmpt_1','version':null},'instructions':null,"
              "'truncation':{'type':'retention_ratio','retention_ratio':0.5},'future':{'x':null},"
              "'parallel_tool_calls':false,'include':['item.input_audio_transcription.logprobs'],"
              "'audio':{'input':{'noise_reduction':null,'transcription':{'keywords':['Muffe'],"
              "'language':null},'turn_detection':{'threshold':0.75,'create_response':null,"
              "'idle_timeout_ms':null}},'output':{'speed':null,'voice':{'id':'voice_1'}}}}");
  g_assert_true (gst_realtime_settings_check (s, "session", NULL));
  event = update (s);
  assert_member (event, "tracing", "null");
  assert_member (event, "prompt", "{'id':'pmpt_1','version':null}");
  assert_member (event, "instructions", "absent");
  assert_member (event, "truncation.retention_ratio", "0.5");
  assert_member (event, "future", "{'x':null}");
  assert_member (event, "parallel_tool_calls", "false");
  assert_member (event, "audio.input.noise_reduction", "null");
  assert_member (event, "audio.input.transcription",
                 "{'model':'gpt-4o-mini-transcribe','keywords':['Muffe']}");
  assert_member (event, "audio.input.turn_detection.threshold", "0.75");
  assert_member (event, "audio.input.turn_detection.silence_duration_ms", "500");
  assert_member (event, "audio.input.turn_detection.create_response", "absent");
  assert_member (event, "audio.input.turn_detection.idle_timeout_ms", "null");
  assert_member (event, "audio.output.speed", "absent");
  assert_member (event, "audio.output.voice", "{'id':'voice_1'}");
  assert_member (event, "audio.output.format.rate", "24000");

  /* Of another kind: nothing of the old one stays. */
  g_free (s->session);
  s->session = quoted ("{'audio':{'input':{'turn_detection':{'type':'semantic_vad'}}}}");
  semantic = update (s);
  assert_member (semantic, "audio.input.turn_detection", "{'type':'semantic_vad'}");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *property;
    const char *value;
    const char *word; /* of the message; NULL: it is taken */
  } cases[] = {
    { "session", "{", "JSON" },
    { "session", "[]", "object" },
    { "session", "{'modalities':['text']}", "output_modalities" },
    { "session", "{'voice':'ash'}", "audio.output.voice" },
    { "session", "{'temperature':0.8}", "temperature" },
    { "session", "{'type':'transcription'}", "realtime" },
    { "session", "{'model':'m'}", "'model'" },
    { "session", "{'audio':{'input':{'format':{'type':'audio/pcmu'}}}}", "caps" },
    { "session", "{'instructions':7}", "instructions" },
    { "session", "{'max_output_tokens':5000}", "4096" },
    { "session", "{'max_output_tokens':'lots'}", "inf" },
    { "session", "{'audio':{'output':{'speed':2}}}", "1.5" },
    { "session", "{'audio':{'input':{'turn_detection':{'idle_timeout_ms':100}}}}", "5000" },
    { "session", "{'audio':{'input':{'turn_detection':{'eagerness':'much'}}}}", "medium" },
    { "session", "{'truncation':'none'}", "disabled" },
    { "session", "{'tools':[{'type':'f'}]}", "tool 1" },
    { "session", "{'audio':{'input':{'turn_detection':null}},'unknown':[1]}", NULL },
    { "session", "{'max_output_tokens':'inf','reasoning':{'effort':'new'}}", NULL },
    { "tools", "{}", "array" },
    { "tools", "[7]", "tool 1" },
    { "tools", "[{'type':'function','name':'f'},{'type':'function'}]", "tool 2" },
    { "tools", "[{'type':'function','function':{'name':'f'}}]", "inside" },
    { "tools", "[{'type':'function','name':'f','parameters':'x'}]", "schema" },
    { "tools", "[{'type':'mcp','server_url':'https://x'}]", "server_label" },
    { "tools", "[{'type':'mcp','server_label':'x'}]", "server_url" },
    { "tools", "[{'type':'mcp','server_label':'x','server_url':'u','tunnel_id':'t'}]", "one of" },
    { "tools", "[{'type':'mcp','server_label':'x','server_url':'https://x'}]", NULL },
    { "tools", "", NULL },
    { "tool-choice", "f g", "tool-choice" },
    { "tool-choice", "{'type':'x'}", "tool-choice" },
    { "base-url", "http://x", "wss://" },
    { "base-url", "ws:///x", "wss://" },
    { "base-url", "wss://x/openai/v1/realtime?a=b", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
      g_autoptr (GError) error = NULL;
      char **field = strcmp (cases[i].property, "session") == 0    ? &s->session
                     : strcmp (cases[i].property, "tools") == 0    ? &s->tools
                     : strcmp (cases[i].property, "base-url") == 0 ? &s->base_url
                                                                   : &s->tool_choice;
      gboolean taken;

      g_free (*field);
      *field = quoted (cases[i].value);
      taken = gst_realtime_settings_check (s, cases[i].property, &error);
      g_test_message ("%s %s: %s", cases[i].property, cases[i].value,
                      error != NULL ? error->message : "taken");
      g_assert_true (taken == (cases[i].word == NULL));
      if (!taken)
        {
          g_assert_nonnull (strstr (error->message, cases[i].word));
          g_assert_nonnull (strstr (error->message, cases[i].property));
        }
    }
}

static void
test_headers (void)
{
  static const struct
  {
    const char *text;
    gboolean taken;
  } cases[] = {
    { "h, OpenAI-Project=proj_1, X-Trace=(string)\"a b\"", TRUE },
    { "h, OpenAI-Beta=(string)\"realtime=v1\"", FALSE },
    { "h, Sec-WebSocket-Protocol=x", FALSE },
    { "h, Upgrade=x", FALSE },
    { "h, X-Number=(int)7", FALSE },
  };
  g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_clear_pointer (&s->extra_headers, gst_structure_free);
      s->extra_headers = gst_structure_from_string (cases[i].text, NULL);
      g_assert_nonnull (s->extra_headers);
      g_assert_true (gst_realtime_settings_check (s, "extra-headers", NULL) == cases[i].taken);
    }
  gst_structure_set (s->extra_headers, "X-Number", G_TYPE_STRING, "secret\r\nHost: x", NULL);
  g_assert_false (gst_realtime_settings_check (s, "extra-headers", &error));
  g_assert_nonnull (strstr (error->message, "X-Number"));
  g_assert_null (strstr (error->message, "secret"));
}

/* Path and query of a compatible server stay as they are. */
static void
test_url (void)
{
  static const char *const cases[][2] = {
    { "wss://r.openai.azure.com/openai/v1/realtime",
      "wss://r.openai.azure.com/openai/v1/realtime?model=m%201" },
    { "wss://r/openai/realtime?api-version=2025-04-01-preview&deployment=d",
      "wss://r/openai/realtime?api-version=2025-04-01-preview&deployment=d" },
    { "ws://127.0.0.1:8000/a%20b?x=1%262", "ws://127.0.0.1:8000/a%20b?x=1%262&model=m%201" },
    { "wss://r/v1/realtime?call_id=c", "wss://r/v1/realtime?call_id=c" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
      g_autofree char *url = NULL;

      g_free (s->base_url);
      s->base_url = g_strdup (cases[i][0]);
      g_free (s->model);
      s->model = g_strdup ("m 1");
      url = gst_realtime_settings_build_url (s, NULL);
      g_assert_cmpstr (url, ==, cases[i][1]);
    }
}

static void
test_mcp (void)
{
  g_autoptr (GstRealtimeSettings) s = gst_realtime_settings_new ();
  guint n;

  g_assert_false (gst_realtime_settings_has_mcp (s, &n));
  s->tools = quoted ("[{'type':'function','name':'mcp'}]");
  g_assert_false (gst_realtime_settings_has_mcp (s, &n));
  s->session = quoted ("{'tools':[{'type':'mcp','server_label':'a','server_url':'u'},"
                       "{'type':'mcp','server_label':'b','server_url':'u'}]}");
  g_assert_true (gst_realtime_settings_has_mcp (s, &n));
  g_assert_cmpuint (n, ==, 2);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/settings/properties", test_properties);
  g_test_add_func ("/realtime/settings/tool-choice", test_tool_choice);
  g_test_add_func ("/realtime/settings/merge", test_merge);
  g_test_add_func ("/realtime/settings/refused", test_refused);
  g_test_add_func ("/realtime/settings/headers", test_headers);
  g_test_add_func ("/realtime/settings/url", test_url);
  g_test_add_func ("/realtime/settings/mcp", test_mcp);
  return g_test_run ();
}
