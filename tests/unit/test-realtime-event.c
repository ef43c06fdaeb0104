/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Server events and client events: whatever the peer sends, nothing breaks. */
#include <string.h>

#include <gst/gst.h>

#include "realtimeevent.h"
#include "realtimejson.h"
#include "realtimerequest.h"

static GstRealtimeEvent *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstRealtimeEvent *event = gst_realtime_event_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (event);
  return event;
}

static void
test_delta (void)
{
  g_autoptr (GstRealtimeEvent) e =
      parse ("{\"type\":\"response.output_audio.delta\",\"event_id\":\"e\",\"response_id\":\"r\","
             "\"item_id\":\"i\",\"output_index\":0,\"content_index\":2,\"delta\":\"AAECAw==\","
             "\"new_field\":{\"x\":[1]}}");

  g_assert_cmpint (e->type, ==, GST_REALTIME_EVENT_AUDIO_DELTA);
  g_assert_cmpstr (e->response_id, ==, "r");
  g_assert_cmpstr (e->item_id, ==, "i");
  g_assert_cmpint (e->content_index, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (e->audio, NULL), g_bytes_get_size (e->audio), "\0\1\2\3", 4);
}

static void
test_names (void)
{
  g_autoptr (GstRealtimeEvent) beta =
      parse ("{\"type\":\"response.audio.delta\",\"delta\":\"AA==\"}");
  g_autoptr (GstRealtimeEvent) created = parse ("{\"type\":\"conversation.item.created\"}");
  g_autoptr (GstRealtimeEvent) other = parse ("{\"type\":\"something.new\",\"x\":1}");
  g_autoptr (GstRealtimeEvent) dtmf =
      parse ("{\"type\":\"input_audio_buffer.dtmf_event_received\",\"event\":\"1\"}");

  g_assert_cmpint (beta->type, ==, GST_REALTIME_EVENT_AUDIO_DELTA);
  g_assert_cmpint (created->type, ==, GST_REALTIME_EVENT_ITEM_ADDED);
  g_assert_cmpint (other->type, ==, GST_REALTIME_EVENT_OTHER);
  g_assert_cmpstr (other->name, ==, "something.new");
  g_assert_cmpint (dtmf->type, ==, GST_REALTIME_EVENT_OTHER);
  g_assert_cmpstr (gst_realtime_event_type_to_string (GST_REALTIME_EVENT_AUDIO_DELTA), ==,
                   "response.output_audio.delta");
}

static void
test_response (void)
{
  g_autoptr (GstRealtimeEvent) e =
      parse ("{\"type\":\"response.done\",\"response\":{\"id\":\"r\",\"status\":\"failed\","
             "\"conversation_id\":null,\"status_details\":{\"type\":\"failed\",\"reason\":null,"
             "\"error\":{\"type\":\"t\",\"code\":\"insufficient_quota\"}},\"metadata\":{"
             "\"request\":\"q\"},"
             "\"output\":[{\"id\":\"f\",\"type\":\"function_call\",\"status\":\"completed\","
             "\"name\":\"n\","
             "\"call_id\":\"c\",\"arguments\":\"{}\"},7,null],\"usage\":{\"total_tokens\":12,"
             "\"input_token_details\":{\"cached_tokens\":5},\"output_tokens\":-3}}}");
  GstRealtimeItem *item;
  guint64 n;

  g_assert_cmpstr (e->response.status, ==, "failed");
  g_assert_cmpstr (e->response.error_code, ==, "insufficient_quota");
  g_assert_cmpstr (e->response.request, ==, "q");
  g_assert_null (e->response.reason);
  g_assert_true (e->response.out_of_band);
  g_assert_cmpuint (e->response.output->len, ==, 1);
  item = g_ptr_array_index (e->response.output, 0);
  g_assert_cmpstr (item->call_id, ==, "c");
  g_assert_true (gst_structure_get_uint64 (e->response.usage, "total-tokens", &n));
  g_assert_cmpuint (n, ==, 12);
  g_assert_true (gst_structure_get_uint64 (e->response.usage, "cached-tokens", &n));
  g_assert_cmpuint (n, ==, 5);
  g_assert_true (gst_structure_get_uint64 (e->response.usage, "output-tokens", &n));
  g_assert_cmpuint (n, ==, 0);
}

static void
test_session (void)
{
  g_autoptr (GstRealtimeEvent) vad =
      parse ("{\"type\":\"session.updated\",\"session\":{\"id\":\"s\",\"expires_at\":1.5e9,"
             "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\","
             "\"interrupt_response\":false}}}}}");
  g_autoptr (GstRealtimeEvent) none =
      parse ("{\"type\":\"session.updated\",\"session\":{\"audio\":{\"input\":{"
             "\"turn_detection\":null}}}}");
  g_autoptr (GstRealtimeEvent) silent = parse ("{\"type\":\"session.updated\",\"session\":7}");

  g_assert_cmpint (vad->session.expires_at, ==, 1500000000);
  g_assert_true (vad->session.has_turn_detection);
  g_assert_true (vad->session.create_response);
  g_assert_false (vad->session.interrupt_response);
  g_assert_true (none->session.tells_turn_detection);
  g_assert_false (none->session.has_turn_detection);
  g_assert_false (silent->session.tells_turn_detection);
}

/* Every field of the wrong type reads as absent; no text can do harm. */
static void
test_hostile (void)
{
  static const char *const values[] = {
    "null",      "7",     "-1e300",
    "true",      "\"x\"", "[]",
    "[null,{}]", "{}",    "{\"error\":7,\"output\":{},\"content\":\"\"}"
  };
  static const char *const fields[] = {
    "response",       "item",         "error",       "session",          "rate_limits",
    "delta",          "text",         "transcript",  "item_id",          "content_index",
    "audio_start_ms", "audio_end_ms", "response_id", "previous_item_id", "event_id"
  };
  static const char *const broken[] = { "{\"type\":\"error\",\"x\":\"\\ud800\"}",
                                        "",
                                        "{",
                                        "null",
                                        "[]",
                                        "7",
                                        "{\"type\":7}",
                                        "{\"type\":null}",
                                        "{}",
                                        "\xff\xfe",
                                        "{\"type\":\"error\"",
                                        "nonsense" };
  g_autoptr (GString) deep = g_string_new ("{\"type\":\"error\",\"x\":");

  for (guint t = 0; t < GST_REALTIME_N_EVENTS; t++)
    for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
      for (guint v = 0; v < G_N_ELEMENTS (values); v++)
        {
          g_autofree char *text =
              g_strdup_printf ("{\"type\":\"%s\",\"%s\":%s}", gst_realtime_event_type_to_string (t),
                               fields[f], values[v]);
          g_autoptr (GstRealtimeEvent) e = parse (text);

          g_assert_cmpint (e->type, ==, t);
          g_assert_true (e->text == NULL || g_utf8_validate (e->text, -1, NULL));
          g_assert_cmpint (e->content_index, >=, 0);
        }

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gst_realtime_event_parse (broken[i], strlen (broken[i]), &error));
      g_assert_nonnull (error);
    }

  /* A hundred thousand brackets would overflow a recursive parser's stack. */
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (gst_realtime_event_parse (deep->str, deep->len, &error));
    g_assert_nonnull (strstr (error->message, "nested"));
  }
}

/* ---- client events ---- */

static JsonObject *
root_of (char *text, JsonNode **node)
{
  g_autofree char *owned = text;

  *node = gst_realtime_json_parse (owned, strlen (owned), NULL);
  g_assert_nonnull (*node);
  return json_node_get_object (*node);
}

static void
test_session_update (void)
{
  g_autoptr (GstRealtimeSettings) settings = gst_realtime_settings_new ();
  g_autoptr (JsonNode) node = NULL, minimal = NULL;
  JsonObject *session, *input, *turn, *output;

  settings->tools = g_strdup ("[{\"type\":\"function\",\"name\":\"f\"}]");
  settings->session =
      g_strdup ("{\"max_output_tokens\":100,\"audio\":{\"input\":{\"turn_detection\":"
                "{\"idle_timeout_ms\":6000}}}}");
  session = gst_realtime_json_object (
      root_of (gst_realtime_request_session_update ("e1", settings, GST_REALTIME_FORMAT_PCMA,
                                                    GST_REALTIME_FORMAT_PCM,
                                                    GST_REALTIME_UPDATE_SETTINGS |
                                                        GST_REALTIME_UPDATE_VOICE),
               &node),
      "session");
  g_assert_cmpstr (gst_realtime_json_string (session, "type"), ==, "realtime");
  g_assert_cmpint (gst_realtime_json_int (session, "max_output_tokens", 0), ==, 100);
  g_assert_cmpuint (json_array_get_length (gst_realtime_json_array (session, "tools")), ==, 1);
  input = gst_realtime_json_object (gst_realtime_json_object (session, "audio"), "input");
  output = gst_realtime_json_object (gst_realtime_json_object (session, "audio"), "output");
  turn = gst_realtime_json_object (input, "turn_detection");
  g_assert_cmpstr (gst_realtime_json_string (turn, "type"), ==,
                   "server_vad"); /* merged, not replaced */
  g_assert_cmpint (gst_realtime_json_int (turn, "idle_timeout_ms", 0), ==, 6000);
  g_assert_cmpint (gst_realtime_json_int (turn, "silence_duration_ms", 0), ==, 500);
  g_assert_cmpstr (gst_realtime_json_string (gst_realtime_json_object (input, "format"), "type"),
                   ==, "audio/pcma");
  g_assert_false (json_object_has_member (gst_realtime_json_object (input, "format"), "rate"));
  g_assert_cmpint (gst_realtime_json_int (gst_realtime_json_object (output, "format"), "rate", 0),
                   ==, 24000);
  g_assert_cmpstr (gst_realtime_json_string (output, "voice"), ==, settings->voice);
  g_assert_false (json_object_has_member (session, "model")); /* can't be changed */

  session = gst_realtime_json_object (
      root_of (gst_realtime_request_session_update ("e2", settings, GST_REALTIME_FORMAT_PCMU,
                                                    GST_REALTIME_FORMAT_PCMU,
                                                    GST_REALTIME_UPDATE_FORMATS_ONLY),
               &minimal),
      "session");
  g_assert_false (json_object_has_member (session, "tools"));
  g_assert_false (json_object_has_member (session, "max_output_tokens"));
}

static void
test_no_vad (void)
{
  g_autoptr (GstRealtimeSettings) settings = gst_realtime_settings_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonObject *input;

  settings->turn_detection = GST_REALTIME_TURN_NONE;
  settings->noise_reduction = GST_REALTIME_NOISE_NONE;
  g_clear_pointer (&settings->transcription_model, g_free);
  input = gst_realtime_json_object (
      gst_realtime_json_object (
          gst_realtime_json_object (root_of (gst_realtime_request_session_update (
                                                 "e", settings, 0, 0, GST_REALTIME_UPDATE_SETTINGS),
                                             &node),
                                    "session"),
          "audio"),
      "input");
  g_assert_true (json_object_get_null_member (input, "turn_detection"));
  g_assert_true (json_object_get_null_member (input, "noise_reduction"));
  g_assert_true (json_object_get_null_member (input, "transcription"));
}

static void
test_append (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint8 data[997];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = i * 7;
  for (gsize size = 1; size < sizeof data; size++)
    {
      g_autoptr (JsonNode) node = NULL;
      g_autofree guchar *decoded = NULL;
      gsize n;

      gst_realtime_request_append (text, data, size);
      g_assert_cmpuint (text->len, ==, strlen (text->str));
      decoded = g_base64_decode (gst_realtime_json_string (root_of (g_strdup (text->str), &node),
                                                           "audio"),
                                 &n);
      g_assert_cmpmem (decoded, n, data, size);
    }
}

static void
test_create (void)
{
  g_autoptr (GstRealtimeWish) say = gst_realtime_wish_new ("Grüß Gott, \"hier\"", TRUE, TRUE);
  g_autoptr (JsonNode) node = NULL, text = NULL;
  JsonObject *response =
      gst_realtime_json_object (root_of (gst_realtime_request_response_create ("e", say), &node),
                                "response");
  g_autofree char *type = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (gst_realtime_json_string (response, "conversation"), ==, "none");
  g_assert_cmpstr (gst_realtime_json_string (response, "tool_choice"), ==, "none");
  g_assert_nonnull (
      strstr (gst_realtime_json_string (response, "instructions"), "Grüß Gott, \"hier\""));
  g_assert_cmpstr (gst_realtime_json_string (gst_realtime_json_object (response, "metadata"),
                                             "request"),
                   ==, "e");
  /* Text that is no UTF-8 must not end the connection. */
  root_of (gst_realtime_request_message ("e", "i", "user", "caf\xe9"), &text);

  g_assert_null (gst_realtime_request_check ("{\"x\":1}", &type, &error));
  g_assert_nonnull (error);
}

/* What json-glib would crash on, lose or take: refused before it sees it. */
static void
test_no_json (void)
{
  static const char *const heads[] = { "/*\"*/", "//\"\n", "'\"'", "#\"\n", "{\"type\":\"x\"}" };
  static const char *const texts[] = {
    "{\"type\":\"a\"}{\"type\":\"b\"}",
    "{\"type\":\"a\"} []",
    "\"a\"{\"type\":\"b\"}",
    "{'type':'a'}",
    "{\"type\":\"a\"} // b",
    "{\"type\":\"a\nb\"}",
    "var x={\"type\":\"a\"}",
    "]",
    "",
    " ",
    "null",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *brackets = g_strnfill (2000000, '[');
      g_autofree char *text = g_strconcat (heads[i], brackets, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (gst_realtime_json_parse (text, strlen (text), &error));
      g_assert_nonnull (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gst_realtime_event_parse (texts[i], strlen (texts[i]), &error));
      g_assert_nonnull (error);
    }
  g_assert_null (gst_realtime_event_parse ("{\"type\":\"a\"\0}", 13, NULL));
}

/* Thirty megabytes of "0," would be gigabytes of nodes. */
static void
test_many_elements (void)
{
  g_autoptr (GString) text = g_string_new ("{\"type\":\"x\",\"y\":[0");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 15000000; i++)
    g_string_append_len (text, ",0", 2);
  g_string_append (text, "]}");
  g_assert_null (gst_realtime_event_parse (text->str, text->len, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/event/delta", test_delta);
  g_test_add_func ("/realtime/event/names", test_names);
  g_test_add_func ("/realtime/event/response", test_response);
  g_test_add_func ("/realtime/event/session", test_session);
  g_test_add_func ("/realtime/event/hostile", test_hostile);
  g_test_add_func ("/realtime/request/session-update", test_session_update);
  g_test_add_func ("/realtime/request/no-vad", test_no_vad);
  g_test_add_func ("/realtime/request/append", test_append);
  g_test_add_func ("/realtime/request/create", test_create);
  g_test_add_func ("/realtime/event/no-json", test_no_json);
  g_test_add_func ("/realtime/event/many-elements", test_many_elements);
  return g_test_run ();
}
