/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <string.h>

#include "sim-conversation.h"
#include "sim-events.h"
#include "sim-fault.h"
#include "sim-json.h"
#include "sim-settings.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  g_assert_no_error (error);
  return json_node_dup_object (node);
}

static SimError *
check (const char *text)
{
  SimEventType type = 99;
  g_autoptr (JsonObject) event = parse (text);
  return sim_events_check (event, &type);
}

#define UPDATE(session) "{\"type\":\"session.update\",\"session\":" session "}"
#define DETECTION(members)                                                                          UPDATE ("{\"type\":\"realtime\",\"audio\":{\"input\":{\"turn_detection\":{" members "}}}}")
#define ITEM(item) "{\"type\":\"conversation.item.create\",\"item\":" item "}"
#define CREATE(response) "{\"type\":\"response.create\",\"response\":" response "}"

static const char *const right[] = {
  UPDATE ("{\"type\":\"realtime\"}"),
  UPDATE ("{\"type\":\"realtime\",\"tool_choice\":\"auto\",\"max_output_tokens\":\"inf\",\"tracing\":null}"),
  UPDATE ("{\"type\":\"realtime\",\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"},\"max_output_tokens\":100}"),
  UPDATE ("{\"type\":\"realtime\",\"audio\":{\"output\":{\"voice\":{\"id\":\"voice_1\"},\"speed\":1}}}"),
  UPDATE ("{\"type\":\"realtime\",\"audio\":{\"input\":{\"turn_detection\":null,\"transcription\":null}}}"),
  UPDATE ("{\"type\":\"transcription\",\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcma\"}}}}"),
  DETECTION ("\"type\":\"server_vad\",\"threshold\":1,\"idle_timeout_ms\":null"),
  DETECTION ("\"type\":\"semantic_vad\",\"eagerness\":\"high\""),
  "{\"type\":\"input_audio_buffer.append\",\"audio\":\"AAAA\",\"event_id\":\"x\"}",
  ITEM ("{\"type\":\"message\",\"role\":\"system\",\"content\":[{\"type\":\"input_text\",\"text\":\"x\"}]}"),
  ITEM ("{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"{}\"}"),
  CREATE ("{\"conversation\":\"none\",\"input\":[{\"type\":\"item_reference\",\"id\":\"x\"}],\"metadata\":{\"a\":\"b\"}}"),
  "{\"type\":\"response.create\"}",
  "{\"type\":\"response.cancel\",\"response_id\":\"x\"}",
};

static void
test_right (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    {
      g_autoptr (SimError) error = check (right[i]);
      if (error != NULL)
        g_error ("%s refused: %s", right[i], error->message);
    }
}

static const struct
{
  const char *event;
  const char *code;
  const char *param;
  const char *message; /* part of it */
} wrong[] = {
  { "{}", "invalid_event", NULL, "The 'type' field is missing." },
  { "{\"type\":null}", "invalid_type", "type", "expected a string, but got null instead" },
  { "{\"type\":\"x\"}", "invalid_value", "type", "Supported values are: 'session.update', " },
  { "{\"type\":\"session.update\"}", "missing_required_parameter", "session", "Missing required parameter: 'session'." },
  { UPDATE ("[]"), "invalid_type", "session", "expected an object, but got an array instead" },
  { UPDATE ("{}"), "missing_required_parameter", "session.type", "'session.type'" },
  { UPDATE ("{\"type\":\"realtime\",\"nix\":1}"), "unknown_parameter", "session.nix", "Unknown parameter: 'session.nix'." },
  { UPDATE ("{\"type\":\"realtime\",\"tools\":{}}"), "invalid_type", "session.tools", "expected an array" },
  { UPDATE ("{\"type\":\"realtime\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"strict\":true}]}"), "unknown_parameter", "session.tools[0].strict", "" },
  { UPDATE ("{\"type\":\"realtime\",\"tools\":[7]}"), "invalid_type", "session.tools[0]", "" },
  { UPDATE ("{\"type\":\"realtime\",\"tool_choice\":\"never\"}"), "invalid_value", "session.tool_choice", "'none', 'auto', and 'required'" },
  { UPDATE ("{\"type\":\"realtime\",\"max_output_tokens\":0}"), "integer_below_min_value", "session.max_output_tokens", ">= 1, but got 0" },
  { UPDATE ("{\"type\":\"realtime\",\"max_output_tokens\":1.5}"), "invalid_type", "session.max_output_tokens", "an integer" },
  { UPDATE ("{\"type\":\"realtime\",\"audio\":{\"output\":{\"speed\":0.1}}}"), "decimal_below_min_value", "session.audio.output.speed", ">= 0.25" },
  { UPDATE ("{\"type\":\"realtime\",\"audio\":{\"input\":{\"noise_reduction\":{\"type\":\"far\"}}}}"), "invalid_value", "session.audio.input.noise_reduction.type", "'near_field' and 'far_field'" },
  { UPDATE ("{\"type\":\"transcription\",\"instructions\":\"x\"}"), "unknown_parameter", "session.instructions", "" },
  { DETECTION ("\"type\":\"server_vad\",\"interrupt_response\":null"), "invalid_type", "session.audio.input.turn_detection.interrupt_response", "expected a boolean, but got null instead" },
  { DETECTION ("\"type\":\"server_vad\",\"threshold\":1.5"), "decimal_above_max_value", "session.audio.input.turn_detection.threshold", "" },
  { DETECTION ("\"type\":\"server_vad\",\"eagerness\":\"low\""), "unknown_parameter", "session.audio.input.turn_detection.eagerness", "" },
  { DETECTION ("\"type\":\"server_vad\",\"silence_duration_ms\":\"200\""), "invalid_type", "session.audio.input.turn_detection.silence_duration_ms", "an integer, but got a string" },
  { ITEM ("{\"type\":\"message\",\"content\":[]}"), "missing_required_parameter", "item.role", "" },
  { ITEM ("{\"type\":\"message\",\"role\":\"user\"}"), "missing_required_parameter", "item.content", "" },
  { ITEM ("{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"audio\"}]}"), "invalid_value", "item.content[0].type", "" },
  { ITEM ("{\"type\":\"function_call_output\",\"call_id\":\"c\"}"), "missing_required_parameter", "item.output", "" },
  { CREATE ("{\"temperature\":1}"), "unknown_parameter", "response.temperature", "" },
  { CREATE ("{\"input\":[{\"type\":\"item_reference\"}]}"), "missing_required_parameter", "response.input[0].id", "" },
  { CREATE ("{\"metadata\":{\"a\":1}}"), "invalid_type", "response.metadata.a", "" },
  { CREATE ("{\"output_modalities\":[\"video\"]}"), "invalid_value", "response.output_modalities[0]", "'text' and 'audio'" },
  { "{\"type\":\"conversation.item.truncate\",\"item_id\":\"x\",\"audio_end_ms\":1}", "missing_required_parameter", "content_index", "" },
  { "{\"type\":\"output_audio_buffer.clear\"}", "invalid_value", "type", "WebRTC" },
};

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_test_message ("%s", wrong[i].event);
      g_autoptr (SimError) error = check (wrong[i].event);
      g_assert_nonnull (error);
      g_assert_cmpstr (error->code, ==, wrong[i].code);
      g_assert_cmpstr (error->param, ==, wrong[i].param);
      g_assert_nonnull (strstr (error->message, wrong[i].message));
      g_assert_cmpstr (error->type, ==, "invalid_request_error");
    }
}

static void
test_event_id_has_a_limit (void)
{
  g_autofree char *id = g_strnfill (513, 'x');
  g_autofree char *text = g_strdup_printf ("{\"type\":\"response.create\",\"event_id\":\"%s\"}", id);
  g_autoptr (SimError) error = check (text);
  g_assert_cmpstr (error->code, ==, "string_above_max_length");
}

static SimError *
update (SimSettings *settings, const char *text, gboolean has_spoken)
{
  g_autoptr (JsonObject) changes = parse (text);
  return sim_settings_update (settings, changes, has_spoken);
}

static void
test_settings (void)
{
  g_autoptr (SimSettings) settings = sim_settings_new ("sess_1", "m", 1790000000);
  g_autoptr (SimError) none = NULL, voice = NULL, off = NULL;

  g_assert_true (settings->vad && settings->create_response && settings->interrupt_response);
  g_assert_false (settings->transcribe);
  none = update (settings,
                 "{\"type\":\"realtime\",\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcma\"},"
                 "\"transcription\":{\"model\":\"whisper-1\"},\"turn_detection\":{\"type\":\"semantic_vad\","
                 "\"eagerness\":\"high\",\"interrupt_response\":false}},\"output\":{\"voice\":{\"id\":\"voice_1\"}}}}",
                 FALSE);
  g_assert_null (none);
  g_assert_cmpint (settings->input_format, ==, SIM_FORMAT_PCMA);
  g_assert_cmpint (settings->output_format, ==, SIM_FORMAT_PCM);
  g_assert_true (settings->transcribe && settings->create_response);
  g_assert_false (settings->interrupt_response);
  g_assert_cmpuint (settings->vad_config.silence_duration_ms, ==, 300);
  g_assert_cmpstr (sim_settings_get_voice (settings), ==, "voice_1");

  voice = update (settings, "{\"type\":\"realtime\",\"instructions\":\"x\",\"audio\":{\"output\":{\"voice\":\"ash\"}}}", TRUE);
  g_assert_cmpstr (voice->code, ==, "cannot_update_voice");
  g_assert_cmpstr (sim_object_get_string (settings->session, "instructions"), !=, "x");

  off = update (settings, "{\"type\":\"realtime\",\"audio\":{\"input\":{\"turn_detection\":null}}}", TRUE);
  g_assert_null (off);
  g_assert_false (settings->vad);
}

static void
test_faults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SimFault) fault = sim_fault_parse ("drop@response.done:2,when=before,session=3", &error);
  g_assert_no_error (error);
  g_assert_true (fault->before);
  g_assert_false (sim_fault_matches (fault, "response.done", 1, 9, 3));
  g_assert_false (sim_fault_matches (fault, "response.done", 2, 9, 1));
  g_assert_false (sim_fault_matches (fault, "response.created", 2, 9, 3));
  g_assert_true (sim_fault_matches (fault, "response.done", 2, 9, 3));
  fault->fired = 1;
  g_assert_false (sim_fault_matches (fault, "response.done", 2, 9, 3));

  g_autoptr (SimFault) any = sim_fault_parse ("stall@*:7,ms=50", &error);
  g_assert_no_error (error);
  g_assert_true (sim_fault_matches (any, "response.done", 1, 7, 1));
  g_assert_false (sim_fault_matches (any, "response.done", 7, 8, 1));

  static const struct
  {
    const char *spec;
    const char *remedy;
  } broken[] = {
    { "", "there are: drop, " },
    { "drop", "KIND@EVENT" },
    { "drop@x:0", "n counts from 1" },
    { "drop@x:y", "whole number" },
    { "drop@x,when=later", "before or after" },
    { "drop@x,colour=red", "there are: at, n, " },
    { "drop@x,n", "KEY=VALUE" },
    { "slow,speed=0", "above 0" },
    { "http,status=200", "400 to 599" },
    { "inject@x", "scenario files" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) local = NULL;
      g_test_message ("%s", broken[i].spec);
      g_assert_null (sim_fault_parse (broken[i].spec, &local));
      g_assert_error (local, SIM_FAULT_ERROR, 0);
      g_assert_nonnull (strstr (local->message, broken[i].remedy));
    }
}

static SimItem *
add (SimConversation *conversation, const char *text, const char *previous, SimError **error)
{
  return sim_conversation_insert (conversation, parse (text), previous, error);
}

static void
test_conversation (void)
{
  g_autoptr (SimConversation) conversation = sim_conversation_new ();
  g_autoptr (SimError) call = NULL, beyond = NULL, exact = NULL, twice = NULL, user = NULL, gone = NULL;

  add (conversation, "{\"id\":\"b\",\"type\":\"message\",\"role\":\"user\"}", NULL, NULL);
  SimItem *item = add (conversation, "{\"id\":\"a\",\"type\":\"message\",\"content\":[{\"type\":\"output_audio\",\"transcript\":\"x\"}]}", "root", NULL);
  g_assert_null (sim_conversation_get_previous_id (conversation, item));
  g_assert_cmpstr (sim_conversation_get_last_id (conversation), ==, "b");

  g_assert_null (add (conversation, "{\"id\":\"c\",\"type\":\"function_call_output\",\"call_id\":\"k\"}", NULL, &call));
  g_assert_cmpstr (call->code, ==, "invalid_tool_call_id");
  add (conversation, "{\"id\":\"d\",\"type\":\"function_call\",\"call_id\":\"k\"}", NULL, NULL);
  g_assert_nonnull (add (conversation, "{\"id\":\"c\",\"type\":\"function_call_output\",\"call_id\":\"k\"}", NULL, NULL));

  /* 1,000 ms of which 900 were sent. */
  guint8 zeros[8000] = { 0 };
  g_autoptr (GBytes) audio = g_bytes_new_static (zeros, sizeof zeros);
  item->is_model_audio = TRUE;
  item->format = SIM_FORMAT_PCMU;
  sim_item_add_audio (item, audio);
  item->audio_bytes = 7200;
  beyond = sim_conversation_truncate (conversation, "a", 0, 901);
  g_assert_cmpstr (beyond->message, ==, "Audio content of 900ms is already shorter than 901ms");
  g_assert_nonnull (sim_object_lookup (item->json, "content.0.transcript"));
  exact = sim_conversation_truncate (conversation, "a", 0, 900);
  g_assert_null (exact);
  g_assert_null (sim_object_lookup (item->json, "content.0.transcript"));
  g_assert_null (sim_conversation_truncate (conversation, "a", 0, 100));
  twice = sim_conversation_truncate (conversation, "a", 0, 500);
  g_assert_nonnull (twice);
  user = sim_conversation_truncate (conversation, "b", 0, 0);
  g_assert_cmpstr (user->code, ==, "unsupported_content_type");
  g_assert_null (sim_conversation_delete (conversation, "a"));
  gone = sim_conversation_delete (conversation, "a");
  g_assert_cmpstr (gone->code, ==, "item_delete_invalid_item_id");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/right", test_right);
  g_test_add_func ("/events/wrong", test_wrong);
  g_test_add_func ("/events/event-id", test_event_id_has_a_limit);
  g_test_add_func ("/settings", test_settings);
  g_test_add_func ("/faults", test_faults);
  g_test_add_func ("/conversation", test_conversation);
  return g_test_run ();
}
