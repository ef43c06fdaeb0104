/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Client events: structs to JSON. */
#include "realtimerequest.h"

#include <string.h>

#include "realtimejson.h"
#include "realtimerules.h"

GstRealtimeWish *
gst_realtime_wish_new (const char *instructions, gboolean verbatim, gboolean out_of_band)
{
  GstRealtimeWish *wish = g_new0 (GstRealtimeWish, 1);

  wish->instructions = g_strdup (instructions);
  wish->verbatim = verbatim;
  wish->out_of_band = out_of_band;
  return wish;
}

void
gst_realtime_wish_free (GstRealtimeWish *wish)
{
  g_free (wish->instructions);
  g_free (wish);
}

static void
add_string (JsonBuilder *b, const char *name, const char *value)
{
  g_autofree char *valid = NULL;

  if (value == NULL)
    return;
  /* An application's text may be anything; a text frame must be UTF-8. */
  if (!g_utf8_validate (value, -1, NULL))
    value = valid = g_utf8_make_valid (value, -1);
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, value);
}

static JsonBuilder *
begin (const char *type, const char *event_id)
{
  JsonBuilder *b = json_builder_new ();

  json_builder_begin_object (b);
  add_string (b, "type", type);
  add_string (b, "event_id", event_id);
  return b;
}

/* Takes the builder. */
static char *
finish (JsonBuilder *builder)
{
  g_autoptr (JsonBuilder) b = builder;
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (b);
  root = json_builder_get_root (b);
  return gst_realtime_json_to_string (root);
}

static void
begin_member (JsonBuilder *b, const char *name)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_object (b);
}

static void
add_format (JsonBuilder *b, GstRealtimeFormat format)
{
  begin_member (b, "format");
  add_string (b, "type", gst_realtime_format_get_name (format));
  if (format == GST_REALTIME_FORMAT_PCM)
    {
      json_builder_set_member_name (b, "rate");
      json_builder_add_int_value (b, gst_realtime_format_get_rate (format));
    }
  json_builder_end_object (b);
}

static void
add_null (JsonBuilder *b, const char *name)
{
  json_builder_set_member_name (b, name);
  json_builder_add_null_value (b);
}

static void
add_turn_detection (JsonBuilder *b,
                    const GstRealtimeSettings *settings,
                    GstRealtimeUpdateFlags flags)
{
  gboolean reversible, asks;

  /* Only null turns it off: leaving it out means the service's default. */
  if (settings->turn_detection == GST_REALTIME_TURN_NONE)
    {
      add_null (b, "turn_detection");
      return;
    }

  begin_member (b, "turn_detection");
  if (settings->turn_detection == GST_REALTIME_TURN_SEMANTIC_VAD)
    {
      static const char *const eagerness[] = { "auto", "low", "medium", "high" };

      add_string (b, "type", "semantic_vad");
      add_string (b, "eagerness", eagerness[settings->eagerness]);
    }
  else
    {
      add_string (b, "type", "server_vad");
      json_builder_set_member_name (b, "threshold");
      json_builder_add_double_value (b, settings->vad_threshold);
      json_builder_set_member_name (b, "prefix_padding_ms");
      json_builder_add_int_value (b, settings->prefix_padding);
      json_builder_set_member_name (b, "silence_duration_ms");
      json_builder_add_int_value (b, settings->silence_duration);
      if (settings->idle_timeout > 0)
        {
          json_builder_set_member_name (b, "idle_timeout_ms");
          json_builder_add_int_value (b, settings->idle_timeout);
        }
      else if (flags & GST_REALTIME_UPDATE_CHANGE)
        add_null (b, "idle_timeout_ms");
    }
  gst_realtime_settings_get_barge_in (settings, &reversible, &asks);
  json_builder_set_member_name (b, "create_response");
  json_builder_add_boolean_value (b, !reversible);
  json_builder_set_member_name (b, "interrupt_response");
  json_builder_add_boolean_value (b, !reversible);
  json_builder_end_object (b);
}

/* One by name, several as a list. */
static void
add_languages (JsonBuilder *b, const char *languages)
{
  g_auto (GStrv) list = g_strsplit (languages != NULL ? languages : "", ",", -1);
  guint n = 0;

  for (guint i = 0; list[i] != NULL; i++)
    n += *g_strstrip (list[i]) != '\0';
  if (n == 0)
    return;
  if (n > 1)
    {
      json_builder_set_member_name (b, "languages");
      json_builder_begin_array (b);
    }
  for (guint i = 0; list[i] != NULL; i++)
    if (*list[i] != '\0' && n > 1)
      json_builder_add_string_value (b, list[i]);
    else if (*list[i] != '\0')
      add_string (b, "language", list[i]);
  if (n > 1)
    json_builder_end_array (b);
}

static void
add_tool_choice (JsonBuilder *b, const char *choice)
{
  g_autoptr (JsonNode) node = NULL;

  if (choice == NULL || *choice == '\0')
    choice = "auto";
  if (*choice == '{')
    node = gst_realtime_json_parse (choice, strlen (choice), NULL);
  if (node != NULL)
    {
      json_builder_set_member_name (b, "tool_choice");
      json_builder_add_value (b, g_steal_pointer (&node));
    }
  else if (strcmp (choice, "auto") == 0 || strcmp (choice, "none") == 0 ||
           strcmp (choice, "required") == 0)
    add_string (b, "tool_choice", choice);
  else
    {
      begin_member (b, "tool_choice");
      add_string (b, "type", "function");
      add_string (b, "name", choice);
      json_builder_end_object (b);
    }
}

/* How the model thinks and answers. */
static void
add_model_settings (JsonBuilder *b,
                    const GstRealtimeSettings *settings,
                    GstRealtimeUpdateFlags flags)
{
  static const char *const efforts[] = { NULL, "minimal", "low", "medium", "high", "xhigh" };

  json_builder_set_member_name (b, "output_modalities");
  json_builder_begin_array (b);
  json_builder_add_string_value (b,
                                 settings->answer == GST_REALTIME_ANSWER_TEXT ? "text" : "audio");
  json_builder_end_array (b);
  add_string (b, "instructions", settings->instructions);
  if (settings->max_output_tokens > 0)
    {
      json_builder_set_member_name (b, "max_output_tokens");
      json_builder_add_int_value (b, settings->max_output_tokens);
    }
  else if (flags & GST_REALTIME_UPDATE_CHANGE)
    add_string (b, "max_output_tokens", "inf");
  if (settings->reasoning_effort != GST_REALTIME_EFFORT_DEFAULT)
    {
      begin_member (b, "reasoning");
      add_string (b, "effort", efforts[settings->reasoning_effort]);
      json_builder_end_object (b);
    }
}

static void
add_input_settings (JsonBuilder *b,
                    const GstRealtimeSettings *settings,
                    GstRealtimeUpdateFlags flags)
{
  if (settings->transcription_model == NULL || *settings->transcription_model == '\0')
    add_null (b, "transcription");
  else
    {
      begin_member (b, "transcription");
      add_string (b, "model", settings->transcription_model);
      add_languages (b, settings->language);
      if (settings->transcription_prompt != NULL && *settings->transcription_prompt != '\0')
        add_string (b, "prompt", settings->transcription_prompt);
      json_builder_end_object (b);
    }

  if (settings->noise_reduction == GST_REALTIME_NOISE_NONE)
    add_null (b, "noise_reduction");
  else
    {
      begin_member (b, "noise_reduction");
      add_string (b, "type",
                  settings->noise_reduction == GST_REALTIME_NOISE_FAR_FIELD ? "far_field"
                                                                            : "near_field");
      json_builder_end_object (b);
    }

  add_turn_detection (b, settings, flags);
}

/* Returns: (transfer full) (nullable): the value of a property that was validated */
static JsonNode *
parse_property (const char *json)
{
  return json != NULL && *json != '\0' ? gst_realtime_json_parse (json, strlen (json), NULL) : NULL;
}

/**
 * gst_realtime_request_session_update:
 * @settings: validated settings; its session property is merged last
 * @input: format of the appends that follow
 * @output: format of the deltas to come
 * @flags: what to send beside the formats
 */
char *
gst_realtime_request_session_update (const char *event_id,
                                     const GstRealtimeSettings *settings,
                                     GstRealtimeFormat input,
                                     GstRealtimeFormat output,
                                     GstRealtimeUpdateFlags flags)
{
  g_autoptr (JsonBuilder) b = begin ("session.update", event_id);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (JsonNode) extra = NULL;
  gboolean all = (flags & GST_REALTIME_UPDATE_SETTINGS) != 0;

  begin_member (b, "session");
  add_string (b, "type", "realtime");
  if (all)
    {
      g_autoptr (JsonNode) tools = parse_property (settings->tools);

      add_model_settings (b, settings, flags);
      if (tools != NULL)
        {
          json_builder_set_member_name (b, "tools");
          json_builder_add_value (b, g_steal_pointer (&tools));
          add_tool_choice (b, settings->tool_choice);
        }
      else if (flags & GST_REALTIME_UPDATE_CHANGE)
        {
          json_builder_set_member_name (b, "tools");
          json_builder_begin_array (b);
          json_builder_end_array (b);
        }
    }
  begin_member (b, "audio");
  begin_member (b, "input");
  add_format (b, input);
  if (all)
    add_input_settings (b, settings, flags);
  json_builder_end_object (b);
  begin_member (b, "output");
  add_format (b, output);
  if ((flags & GST_REALTIME_UPDATE_VOICE) && settings->voice != NULL && *settings->voice != '\0')
    add_string (b, "voice", settings->voice);
  if (all)
    {
      json_builder_set_member_name (b, "speed");
      json_builder_add_double_value (b, settings->speed);
    }
  json_builder_end_object (b);
  json_builder_end_object (b);
  json_builder_end_object (b);
  json_builder_end_object (b);
  root = json_builder_get_root (b);

  extra = all ? parse_property (settings->session) : NULL;
  if (extra != NULL && JSON_NODE_HOLDS_OBJECT (extra))
    {
      JsonObject *session = json_object_get_object_member (json_node_get_object (root), "session");

      gst_realtime_json_merge (session, json_node_get_object (extra));
      gst_realtime_rules_drop_nulls (session);
    }
  return gst_realtime_json_to_string (root);
}

/**
 * gst_realtime_request_response_create:
 * @event_id: also sent as metadata, which the service echoes in
 *   response.created and response.done: so we know our responses from those
 *   that the server's VAD created
 */
char *
gst_realtime_request_response_create (const char *event_id, const GstRealtimeWish *wish)
{
  JsonBuilder *b = begin ("response.create", event_id);
  g_autofree char *verbatim = NULL;
  const char *instructions = wish->instructions;

  if (wish->verbatim)
    {
      verbatim = g_strconcat ("Say exactly the following, word for word, in the language it is "
                              "written in; add nothing and leave nothing out: \"",
                              wish->instructions, "\"", NULL);
      instructions = verbatim;
    }

  begin_member (b, "response");
  if (wish->out_of_band)
    {
      add_string (b, "conversation", "none");
      json_builder_set_member_name (b, "input");
      json_builder_begin_array (b);
      json_builder_end_array (b);
    }
  if (wish->silent)
    {
      json_builder_set_member_name (b, "output_modalities");
      json_builder_begin_array (b);
      json_builder_add_string_value (b, "text");
      json_builder_end_array (b);
    }
  add_string (b, "instructions", instructions);
  if (wish->verbatim)
    add_string (b, "tool_choice", "none");
  if (event_id != NULL)
    {
      begin_member (b, "metadata");
      add_string (b, "request", event_id);
      json_builder_end_object (b);
    }
  json_builder_end_object (b);
  return finish (b);
}

char *
gst_realtime_request_response_cancel (const char *event_id, const char *response_id)
{
  JsonBuilder *b = begin ("response.cancel", event_id);

  add_string (b, "response_id", response_id);
  return finish (b);
}

/* The content type is the role's: input_text for user and system, output_text
 * for assistant. */
char *
gst_realtime_request_message (const char *event_id,
                              const char *item_id,
                              const char *role,
                              const char *text)
{
  JsonBuilder *b = begin ("conversation.item.create", event_id);

  begin_member (b, "item");
  add_string (b, "id", item_id);
  add_string (b, "type", "message");
  add_string (b, "role", role);
  json_builder_set_member_name (b, "content");
  json_builder_begin_array (b);
  json_builder_begin_object (b);
  add_string (b, "type", strcmp (role, "assistant") == 0 ? "output_text" : "input_text");
  add_string (b, "text", text);
  json_builder_end_object (b);
  json_builder_end_array (b);
  json_builder_end_object (b);
  return finish (b);
}

/* What the caller said, as audio in the session's input format. */
char *
gst_realtime_request_audio_message (const char *event_id, const char *item_id, GBytes *audio)
{
  JsonBuilder *b = begin ("conversation.item.create", event_id);
  gsize size;
  const guint8 *data = g_bytes_get_data (audio, &size);
  g_autofree char *base64 = g_base64_encode (data, size);

  begin_member (b, "item");
  add_string (b, "id", item_id);
  add_string (b, "type", "message");
  add_string (b, "role", "user");
  json_builder_set_member_name (b, "content");
  json_builder_begin_array (b);
  json_builder_begin_object (b);
  add_string (b, "type", "input_audio");
  add_string (b, "audio", base64);
  json_builder_end_object (b);
  json_builder_end_array (b);
  json_builder_end_object (b);
  return finish (b);
}

char *
gst_realtime_request_function_call (const char *event_id,
                                    const char *item_id,
                                    const char *call_id,
                                    const char *name,
                                    const char *arguments)
{
  JsonBuilder *b = begin ("conversation.item.create", event_id);

  begin_member (b, "item");
  add_string (b, "id", item_id);
  add_string (b, "type", "function_call");
  add_string (b, "call_id", call_id);
  add_string (b, "name", name);
  add_string (b, "arguments", arguments);
  json_builder_end_object (b);
  return finish (b);
}

char *
gst_realtime_request_function_output (const char *event_id, const char *call_id, const char *output)
{
  JsonBuilder *b = begin ("conversation.item.create", event_id);

  begin_member (b, "item");
  add_string (b, "type", "function_call_output");
  add_string (b, "call_id", call_id);
  add_string (b, "output", output != NULL ? output : "");
  json_builder_end_object (b);
  return finish (b);
}

char *
gst_realtime_request_truncate (const char *event_id,
                               const char *item_id,
                               int content_index,
                               guint end_ms)
{
  JsonBuilder *b = begin ("conversation.item.truncate", event_id);

  add_string (b, "item_id", item_id);
  json_builder_set_member_name (b, "content_index");
  json_builder_add_int_value (b, content_index);
  json_builder_set_member_name (b, "audio_end_ms");
  json_builder_add_int_value (b, end_ms);
  return finish (b);
}

char *
gst_realtime_request_delete (const char *event_id, const char *item_id)
{
  JsonBuilder *b = begin ("conversation.item.delete", event_id);

  add_string (b, "item_id", item_id);
  return finish (b);
}

char *
gst_realtime_request_commit (const char *event_id)
{
  return finish (begin ("input_audio_buffer.commit", event_id));
}

char *
gst_realtime_request_clear (const char *event_id)
{
  return finish (begin ("input_audio_buffer.clear", event_id));
}

char *
gst_realtime_request_retrieve (const char *event_id, const char *item_id)
{
  JsonBuilder *b = begin ("conversation.item.retrieve", event_id);

  add_string (b, "item_id", item_id);
  return finish (b);
}

/* @text: (nullable): what the caller says about it */
char *
gst_realtime_request_image (const char *event_id,
                            const char *item_id,
                            const char *uri,
                            const char *text)
{
  JsonBuilder *b = begin ("conversation.item.create", event_id);

  begin_member (b, "item");
  add_string (b, "id", item_id);
  add_string (b, "type", "message");
  add_string (b, "role", "user");
  json_builder_set_member_name (b, "content");
  json_builder_begin_array (b);
  if (text != NULL && *text != '\0')
    {
      json_builder_begin_object (b);
      add_string (b, "type", "input_text");
      add_string (b, "text", text);
      json_builder_end_object (b);
    }
  json_builder_begin_object (b);
  add_string (b, "type", "input_image");
  add_string (b, "image_url", uri);
  json_builder_end_object (b);
  json_builder_end_array (b);
  json_builder_end_object (b);
  return finish (b);
}

/* @reason: (nullable) */
char *
gst_realtime_request_mcp_approval (const char *event_id,
                                   const char *item_id,
                                   const char *request_id,
                                   gboolean approve,
                                   const char *reason)
{
  JsonBuilder *b = begin ("conversation.item.create", event_id);

  begin_member (b, "item");
  add_string (b, "id", item_id);
  add_string (b, "type", "mcp_approval_response");
  add_string (b, "approval_request_id", request_id);
  json_builder_set_member_name (b, "approve");
  json_builder_add_boolean_value (b, approve);
  add_string (b, "reason", reason);
  json_builder_end_object (b);
  return finish (b);
}

/**
 * gst_realtime_request_aside:
 * @options: a JSON object that was checked: response of response.create
 *
 * A response out of band; its event id comes back as metadata.request.
 */
char *
gst_realtime_request_aside (const char *event_id, const char *options)
{
  g_autoptr (JsonBuilder) b = begin ("response.create", event_id);
  g_autoptr (JsonNode) extra = parse_property (options);
  g_autoptr (JsonNode) root = NULL;
  JsonObject *response, *metadata;

  begin_member (b, "response");
  json_builder_end_object (b);
  json_builder_end_object (b);
  root = json_builder_get_root (b);
  response = json_object_get_object_member (json_node_get_object (root), "response");
  if (extra != NULL && JSON_NODE_HOLDS_OBJECT (extra))
    gst_realtime_json_merge (response, json_node_get_object (extra));
  json_object_set_string_member (response, "conversation", "none");
  metadata = json_object_new ();
  if (gst_realtime_json_object (response, "metadata") != NULL)
    gst_realtime_json_merge (metadata, gst_realtime_json_object (response, "metadata"));
  json_object_set_string_member (metadata, "request", event_id);
  json_object_set_object_member (response, "metadata", metadata);
  return gst_realtime_json_to_string (root);
}

/**
 * gst_realtime_request_check:
 * @json: a client event written by the application
 * @type: (out): its type
 *
 * Returns: (transfer full): the event on one line, or %NULL with @error
 */
char *
gst_realtime_request_check (const char *json, char **type, GError **error)
{
  g_autoptr (JsonNode) node =
      gst_realtime_json_parse (json != NULL ? json : "", json != NULL ? strlen (json) : 0, error);
  const char *name;

  if (node == NULL)
    return NULL;
  name = JSON_NODE_HOLDS_OBJECT (node)
             ? gst_realtime_json_string (json_node_get_object (node), "type")
             : NULL;
  if (name == NULL)
    {
      g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_INVALID_DATA,
                   "a client event is a JSON object with a \"type\"");
      return NULL;
    }
  *type = g_strdup (name);
  return gst_realtime_json_to_string (node);
}

/**
 * gst_realtime_request_append:
 * @into: (inout): a string to reuse; holds the event afterwards
 *
 * The one event that is sent fifty times a second: base64 goes straight into
 * the text, no tree is built and no memory taken once @into has grown.
 */
void
gst_realtime_request_append (GString *into, const guint8 *data, gsize size)
{
  static const char head[] = "{\"type\":\"input_audio_buffer.append\",\"audio\":\"";
  gsize base64 = (size / 3 + 1) * 4 + 4;
  gint state = 0, save = 0;
  gsize n = sizeof head - 1;

  g_string_set_size (into, n + base64 + 3);
  memcpy (into->str, head, n);
  n += g_base64_encode_step (data, size, FALSE, into->str + n, &state, &save);
  n += g_base64_encode_close (FALSE, into->str + n, &state, &save);
  memcpy (into->str + n, "\"}", 2);
  g_string_set_size (into, n + 2);
}
