/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The client events, their fields, which of them must be there and what they
 * may hold: PROTOCOL sections 2, 4 and 5. */
#include "sim-events.h"

#define STRING SIM_KIND_STRING
#define INTEGER SIM_KIND_INTEGER
#define NUMBER SIM_KIND_NUMBER
#define BOOLEAN SIM_KIND_BOOLEAN
#define OBJECT SIM_KIND_OBJECT
#define ARRAY SIM_KIND_ARRAY
#define NONE SIM_KIND_NULL
#define ENUM(...) ((const char *const[]) { __VA_ARGS__, NULL })
#define FIELDS(...) ((const SimField[]) { __VA_ARGS__, { NULL } })

static const SimField any_string = { NULL, STRING };

/* Audio formats: type and, for PCM, the one rate there is. */
static const SimShape pcm = { FIELDS ({ "type", STRING, TRUE }, { "rate", INTEGER, .min = 24000, .max = 24000 }) };
static const SimShape g711 = { FIELDS ({ "type", STRING, TRUE }) };
static const SimShape format = {
  .selector = "type",
  .variants = (const __typeof__ (*format.variants)[]) {
    { "audio/pcm", &pcm }, { "audio/pcmu", &g711 }, { "audio/pcma", &g711 }, { NULL } },
};

static const SimShape custom_voice = { FIELDS ({ "id", STRING, TRUE }) };

static const SimShape transcription = { FIELDS (
    { "model", STRING }, { "language", STRING }, { "languages", ARRAY, .element = &any_string },
    { "keywords", ARRAY, .element = &any_string }, { "prompt", STRING },
    { "delay", STRING, .values = ENUM ("minimal", "low", "medium", "high", "xhigh") }) };

static const SimShape noise_reduction = { FIELDS (
    { "type", STRING, TRUE, .values = ENUM ("near_field", "far_field") }) };

static const SimShape server_vad = { FIELDS (
    { "type", STRING, TRUE }, { "threshold", NUMBER, .min = 0, .max = 1 },
    { "prefix_padding_ms", INTEGER, .min = 0, .max = 30000 },
    { "silence_duration_ms", INTEGER, .min = 0, .max = 30000 },
    { "create_response", BOOLEAN }, { "interrupt_response", BOOLEAN },
    { "idle_timeout_ms", INTEGER | NONE, .min = 5000, .max = 30000 }) };
static const SimShape semantic_vad = { FIELDS (
    { "type", STRING, TRUE }, { "eagerness", STRING, .values = ENUM ("low", "medium", "high", "auto") },
    { "create_response", BOOLEAN }, { "interrupt_response", BOOLEAN }) };
static const SimShape turn_detection = {
  .selector = "type",
  .variants = (const __typeof__ (*turn_detection.variants)[]) {
    { "server_vad", &server_vad }, { "semantic_vad", &semantic_vad }, { NULL } },
};

static const SimShape audio_input = { FIELDS (
    { "format", OBJECT, .shape = &format }, { "transcription", OBJECT | NONE, .shape = &transcription },
    { "noise_reduction", OBJECT | NONE, .shape = &noise_reduction },
    { "turn_detection", OBJECT | NONE, .shape = &turn_detection }) };

static const SimShape session_output = { FIELDS (
    { "format", OBJECT, .shape = &format }, { "voice", STRING | OBJECT, .shape = &custom_voice },
    { "speed", NUMBER, .min = 0.25, .max = 1.5 }) };
static const SimShape session_audio = { FIELDS (
    { "input", OBJECT, .shape = &audio_input }, { "output", OBJECT, .shape = &session_output }) };
static const SimShape response_output = { FIELDS (
    { "format", OBJECT, .shape = &format }, { "voice", STRING | OBJECT, .shape = &custom_voice }) };
static const SimShape response_audio = { FIELDS ({ "output", OBJECT, .shape = &response_output }) };
static const SimShape transcription_audio = { FIELDS ({ "input", OBJECT, .shape = &audio_input }) };

static const SimShape function_tool = { FIELDS (
    { "type", STRING, TRUE }, { "name", STRING, TRUE, .max_length = 64 }, { "description", STRING },
    { "parameters", OBJECT }) };
static const SimShape mcp_tool = { FIELDS (
    { "type", STRING, TRUE }, { "server_label", STRING, TRUE }, { "server_url", STRING },
    { "connector_id", STRING }, { "tunnel_id", STRING }, { "authorization", STRING },
    { "server_description", STRING }, { "headers", OBJECT | NONE },
    { "allowed_tools", ARRAY | OBJECT | NONE }, { "allowed_callers", ARRAY | NONE },
    { "require_approval", OBJECT | STRING | NONE }, { "defer_loading", BOOLEAN }) };
static const SimShape tool = {
  .selector = "type",
  .variants = (const __typeof__ (*tool.variants)[]) {
    { "function", &function_tool }, { "mcp", &mcp_tool }, { NULL } },
};
static const SimField tool_element = { NULL, OBJECT, .shape = &tool };

static const SimShape choice_function = { FIELDS ({ "type", STRING, TRUE }, { "name", STRING, TRUE }) };
static const SimShape choice_mcp = { FIELDS (
    { "type", STRING, TRUE }, { "server_label", STRING, TRUE }, { "name", STRING | NONE }) };
static const SimShape tool_choice = {
  .selector = "type",
  .variants = (const __typeof__ (*tool_choice.variants)[]) {
    { "function", &choice_function }, { "mcp", &choice_mcp }, { NULL } },
};

static const SimShape reasoning = { FIELDS (
    { "effort", STRING, .values = ENUM ("minimal", "low", "medium", "high", "xhigh") }) };
static const SimShape prompt = { FIELDS (
    { "id", STRING, TRUE }, { "version", STRING | NONE }, { "variables", OBJECT | NONE }) };
static const SimShape token_limits = { FIELDS ({ "post_instructions", INTEGER, .min = 0, .max = 1e9 }) };
static const SimShape truncation = { FIELDS (
    { "type", STRING, TRUE, .values = ENUM ("retention_ratio") },
    { "retention_ratio", NUMBER, TRUE, .min = 0, .max = 1 },
    { "token_limits", OBJECT, .shape = &token_limits }) };
static const SimShape tracing = { FIELDS (
    { "workflow_name", STRING }, { "group_id", STRING }, { "metadata", OBJECT }) };

static const SimField modality = { NULL, STRING, .values = ENUM ("text", "audio") };
static const SimField include = { NULL, STRING, .values = ENUM ("item.input_audio_transcription.logprobs") };

/* What session and response have in common. */
#define COMMON_FIELDS                                                                               { "output_modalities", ARRAY, .element = &modality, .max_length = 1 },                              { "instructions", STRING }, { "tools", ARRAY, .element = &tool_element, .max_length = 128 },      { "tool_choice", STRING | OBJECT, .values = ENUM ("none", "auto", "required"), .shape = &tool_choice },     { "parallel_tool_calls", BOOLEAN }, { "reasoning", OBJECT, .shape = &reasoning },                 { "max_output_tokens", INTEGER | STRING, .values = ENUM ("inf"), .min = 1, .max = 4096 },         { "prompt", OBJECT | NONE, .shape = &prompt }

static const SimShape realtime_session = { FIELDS (
    { "type", STRING, TRUE }, { "model", STRING }, { "audio", OBJECT, .shape = &session_audio },
    { "include", ARRAY | NONE, .element = &include },
    { "tracing", STRING | OBJECT | NONE, .values = ENUM ("auto"), .shape = &tracing },
    { "truncation", STRING | OBJECT, .values = ENUM ("auto", "disabled"), .shape = &truncation },
    COMMON_FIELDS) };
static const SimShape transcription_session = { FIELDS (
    { "type", STRING, TRUE }, { "audio", OBJECT, .shape = &transcription_audio },
    { "include", ARRAY | NONE, .element = &include }) };
static const SimShape session = {
  .selector = "type",
  .variants = (const __typeof__ (*session.variants)[]) {
    { "realtime", &realtime_session }, { "transcription", &transcription_session }, { NULL } },
};

/* Items. */
#define STATUS                                                                                      { "status", STRING, .values = ENUM ("completed", "incomplete", "in_progress") }
#define ITEM_FIELDS                                                                                 { "id", STRING, .max_length = 512 }, { "object", STRING, .values = ENUM ("realtime.item") },        { "type", STRING, TRUE }, STATUS

static const SimShape input_text = { FIELDS ({ "type", STRING, TRUE }, { "text", STRING, TRUE }) };
static const SimShape input_audio = { FIELDS (
    { "type", STRING, TRUE }, { "audio", STRING, TRUE }, { "transcript", STRING | NONE }) };
static const SimShape input_image = { FIELDS (
    { "type", STRING, TRUE }, { "image_url", STRING, TRUE },
    { "detail", STRING, .values = ENUM ("auto", "low", "high") }) };
static const SimShape output_text = { FIELDS ({ "type", STRING, TRUE }, { "text", STRING, TRUE }) };
static const SimShape output_audio = { FIELDS (
    { "type", STRING, TRUE }, { "audio", STRING }, { "transcript", STRING }) };

static const SimShape system_part = {
  .selector = "type",
  .variants = (const __typeof__ (*system_part.variants)[]) { { "input_text", &input_text }, { NULL } },
};
static const SimShape user_part = {
  .selector = "type",
  .variants = (const __typeof__ (*user_part.variants)[]) {
    { "input_text", &input_text }, { "input_audio", &input_audio }, { "input_image", &input_image }, { NULL } },
};
static const SimShape assistant_part = {
  .selector = "type",
  .variants = (const __typeof__ (*assistant_part.variants)[]) {
    { "output_text", &output_text }, { "output_audio", &output_audio }, { NULL } },
};
static const SimField system_element = { NULL, OBJECT, .shape = &system_part };
static const SimField user_element = { NULL, OBJECT, .shape = &user_part };
static const SimField assistant_element = { NULL, OBJECT, .shape = &assistant_part };

static const SimShape system_message = { FIELDS (
    ITEM_FIELDS, { "role", STRING, TRUE }, { "content", ARRAY, TRUE, .element = &system_element }) };
static const SimShape user_message = { FIELDS (
    ITEM_FIELDS, { "role", STRING, TRUE }, { "content", ARRAY, TRUE, .element = &user_element }) };
static const SimShape assistant_message = { FIELDS (
    ITEM_FIELDS, { "role", STRING, TRUE }, { "content", ARRAY, TRUE, .element = &assistant_element }) };
static const SimShape message = {
  .selector = "role",
  .variants = (const __typeof__ (*message.variants)[]) {
    { "system", &system_message }, { "user", &user_message }, { "assistant", &assistant_message }, { NULL } },
};
static const SimShape function_call = { FIELDS (
    ITEM_FIELDS, { "call_id", STRING }, { "name", STRING, TRUE }, { "arguments", STRING, TRUE }) };
static const SimShape function_call_output = { FIELDS (
    ITEM_FIELDS, { "call_id", STRING, TRUE }, { "output", STRING, TRUE }) };
static const SimShape mcp_approval_response = { FIELDS (
    ITEM_FIELDS, { "approval_request_id", STRING, TRUE }, { "approve", BOOLEAN, TRUE },
    { "reason", STRING | NONE }) };
static const SimShape item_reference = { FIELDS ({ "type", STRING, TRUE }, { "id", STRING, TRUE }) };
static const SimShape item = {
  .selector = "type",
  .variants = (const __typeof__ (*item.variants)[]) {
    { "message", &message }, { "function_call", &function_call },
    { "function_call_output", &function_call_output },
    { "mcp_approval_response", &mcp_approval_response }, { NULL } },
};
static const SimShape input_item = {
  .selector = "type",
  .variants = (const __typeof__ (*input_item.variants)[]) {
    { "message", &message }, { "function_call", &function_call },
    { "function_call_output", &function_call_output }, { "item_reference", &item_reference }, { NULL } },
};
static const SimField input_element = { NULL, OBJECT, .shape = &input_item };

static const SimShape response = { FIELDS (
    COMMON_FIELDS, { "audio", OBJECT, .shape = &response_audio },
    { "conversation", STRING, .values = ENUM ("auto", "none") }, { "metadata", OBJECT | NONE },
    { "input", ARRAY, .element = &input_element }) };

/* Events. */
#define EVENT_FIELDS { "event_id", STRING, .max_length = 512 }, { "type", STRING, TRUE }
#define EVENT(name, ...) static const SimShape name = { FIELDS (EVENT_FIELDS, __VA_ARGS__) }

EVENT (session_update, { "session", OBJECT, TRUE, .shape = &session });
EVENT (append, { "audio", STRING, TRUE });
EVENT (item_create, { "previous_item_id", STRING | NONE }, { "item", OBJECT, TRUE, .shape = &item });
EVENT (item_id, { "item_id", STRING, TRUE });
EVENT (item_truncate, { "item_id", STRING, TRUE }, { "content_index", INTEGER, TRUE, .min = 0, .max = 1e9 },
       { "audio_end_ms", INTEGER, TRUE, .min = 0, .max = 1e9 });
EVENT (response_create, { "response", OBJECT, .shape = &response });
EVENT (response_cancel, { "response_id", STRING });
static const SimShape bare = { FIELDS (EVENT_FIELDS) };

static const SimShape events = {
  .selector = "type",
  .variants = (const __typeof__ (*events.variants)[]) {
    [SIM_EVENT_SESSION_UPDATE] = { "session.update", &session_update },
    [SIM_EVENT_APPEND] = { "input_audio_buffer.append", &append },
    [SIM_EVENT_COMMIT] = { "input_audio_buffer.commit", &bare },
    [SIM_EVENT_CLEAR] = { "input_audio_buffer.clear", &bare },
    [SIM_EVENT_ITEM_CREATE] = { "conversation.item.create", &item_create },
    [SIM_EVENT_ITEM_RETRIEVE] = { "conversation.item.retrieve", &item_id },
    [SIM_EVENT_ITEM_TRUNCATE] = { "conversation.item.truncate", &item_truncate },
    [SIM_EVENT_ITEM_DELETE] = { "conversation.item.delete", &item_id },
    [SIM_EVENT_RESPONSE_CREATE] = { "response.create", &response_create },
    [SIM_EVENT_RESPONSE_CANCEL] = { "response.cancel", &response_cancel },
    [SIM_EVENT_OUTPUT_CLEAR] = { "output_audio_buffer.clear", &bare },
    { NULL } },
};

/* 16 pairs, all strings: PROTOCOL section 5. */
static SimError *
check_metadata (JsonObject *metadata)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (json_object_get_size (metadata) > 16)
    return sim_error_new ("object_above_max_properties", "response.metadata",
                          "Invalid 'response.metadata': too many properties. Expected an object with at "
                          "most 16 properties, but got an object with %u properties instead.",
                          json_object_get_size (metadata));
  json_object_iter_init_ordered (&iter, metadata);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      if (!JSON_NODE_HOLDS_VALUE (value) || json_node_get_value_type (value) != G_TYPE_STRING)
        {
          g_autofree char *at = g_strconcat ("response.metadata.", name, NULL);
          return sim_error_new ("invalid_type", at, "Invalid type for '%s': expected a string.", at);
        }
    }
  return NULL;
}

/**
 * sim_events_check:
 * @type: (out): which event it is, when nothing is wrong
 *
 * Returns: (transfer full) (nullable): why the service refuses @event
 */
SimError *
sim_events_check (JsonObject *event, SimEventType *type)
{
  if (!json_object_has_member (event, "type"))
    return sim_error_new ("invalid_event", NULL, "The 'type' field is missing.");

  SimError *error = sim_check_object (event, &events, "");
  if (error != NULL)
    return error;

  const char *name = json_object_get_string_member (event, "type");
  for (guint i = 0; events.variants[i].value != NULL; i++)
    {
      if (strcmp (events.variants[i].value, name) == 0)
        *type = i;
    }
  if (*type == SIM_EVENT_OUTPUT_CLEAR)
    return sim_error_new ("invalid_value", "type",
                          "'output_audio_buffer.clear' is only supported for WebRTC and SIP sessions.");
  if (*type == SIM_EVENT_RESPONSE_CREATE && json_object_has_member (event, "response"))
    {
      JsonObject *params = json_object_get_object_member (event, "response");
      JsonNode *metadata = json_object_get_member (params, "metadata");
      if (metadata != NULL && JSON_NODE_HOLDS_OBJECT (metadata))
        return check_metadata (json_node_get_object (metadata));
    }
  return NULL;
}
