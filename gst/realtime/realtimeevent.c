/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Server events: JSON to structs. Nothing is taken for granted: a field of the
 * wrong type reads as absent, unknown events and fields pass.
 */
#include "realtimeevent.h"

#include <string.h>

#include "realtimeformat.h"
#include "realtimejson.h"
#include "realtimeprotocol.h"
#include "realtimescan.h"

/* Returns: (transfer none): the event's current name on the wire, "other" for the rest */
const char *
gst_realtime_event_type_to_string (GstRealtimeEventType type)
{
  guint n;
  const GstRealtimeServerEvent *events = gst_realtime_protocol_get_server_events (&n);

  for (guint i = 0; i < n && type != GST_REALTIME_EVENT_OTHER; i++)
    if (events[i].type == type)
      return events[i].name;
  return "other";
}

static GstRealtimeEventType
type_from_name (const char *name)
{
  guint n;
  const GstRealtimeServerEvent *events = gst_realtime_protocol_get_server_events (&n);

  for (guint i = 0; i < n; i++)
    if (strcmp (events[i].name, name) == 0)
      return events[i].type;
  return GST_REALTIME_EVENT_OTHER;
}

/* A lone surrogate written as an escape would leave text that is no UTF-8. */
static char *
dup_string (JsonObject *object, const char *name)
{
  const char *text = gst_realtime_json_string (object, name);

  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

static void
item_free (GstRealtimeItem *item)
{
  g_free (item->id);
  g_free (item->type);
  g_free (item->role);
  g_free (item->status);
  g_free (item->name);
  g_free (item->call_id);
  g_free (item->arguments);
  g_free (item->text);
  g_free (item->server_label);
  g_free (item->output);
  g_free (item->error);
  g_free (item);
}

static void
mcp_item_parse (GstRealtimeItem *item, JsonObject *object)
{
  JsonArray *tools = gst_realtime_json_array (object, "tools");
  GString *names;

  item->server_label = dup_string (object, "server_label");
  item->output = dup_string (object, "output");
  item->error = dup_string (gst_realtime_json_object (object, "error"), "message");
  if (tools == NULL || json_array_get_length (tools) == 0 || item->output != NULL)
    return;
  names = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (tools); i++)
    {
      JsonNode *node = json_array_get_element (tools, i);
      g_autofree char *name =
          JSON_NODE_HOLDS_OBJECT (node) ? dup_string (json_node_get_object (node), "name") : NULL;

      if (name != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", name);
    }
  item->output = g_string_free (names, FALSE);
}

static GstRealtimeItem *
item_parse (JsonObject *object)
{
  GstRealtimeItem *item;
  JsonArray *content;
  GString *text = NULL;

  if (object == NULL)
    return NULL;

  item = g_new0 (GstRealtimeItem, 1);
  item->id = dup_string (object, "id");
  item->type = dup_string (object, "type");
  item->role = dup_string (object, "role");
  item->status = dup_string (object, "status");
  item->name = dup_string (object, "name");
  item->call_id = dup_string (object, "call_id");
  item->arguments = dup_string (object, "arguments");

  if (item->type != NULL && g_str_has_prefix (item->type, "mcp_"))
    mcp_item_parse (item, object);

  content = gst_realtime_json_array (object, "content");
  for (guint i = 0; content != NULL && i < json_array_get_length (content); i++)
    {
      JsonNode *node = json_array_get_element (content, i);
      JsonObject *part = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *words = gst_realtime_json_string (part, "transcript");
      const char *kind = gst_realtime_json_string (part, "type");

      item->spoken |= g_strcmp0 (kind, "output_audio") == 0 || g_strcmp0 (kind, "audio") == 0;
      if (words == NULL)
        words = gst_realtime_json_string (part, "text");
      if (words == NULL)
        continue;
      if (text == NULL)
        text = g_string_new (words);
      else
        g_string_append_printf (text, " %s", words);
    }
  if (text != NULL)
    item->text = g_string_free (text, FALSE);
  return item;
}

static void
set_tokens (GstStructure *s, const char *field, JsonObject *object, const char *name)
{
  gint64 n = gst_realtime_json_int (object, name, 0);

  gst_structure_set (s, field, G_TYPE_UINT64, (guint64)MAX (n, 0), NULL);
}

static GstStructure *
usage_parse (JsonObject *object, const char *of)
{
  JsonObject *in = gst_realtime_json_object (object, "input_token_details");
  JsonObject *out = gst_realtime_json_object (object, "output_token_details");
  JsonObject *cached = gst_realtime_json_object (in, "cached_tokens_details");
  GstStructure *s;

  if (object == NULL)
    return NULL;

  s = gst_structure_new_empty ("openai-realtime-usage");
  set_tokens (s, "total-tokens", object, "total_tokens");
  set_tokens (s, "input-tokens", object, "input_tokens");
  set_tokens (s, "output-tokens", object, "output_tokens");
  set_tokens (s, "input-text-tokens", in, "text_tokens");
  set_tokens (s, "input-audio-tokens", in, "audio_tokens");
  set_tokens (s, "input-image-tokens", in, "image_tokens");
  set_tokens (s, "cached-tokens", in, "cached_tokens");
  set_tokens (s, "cached-text-tokens", cached, "text_tokens");
  set_tokens (s, "cached-audio-tokens", cached, "audio_tokens");
  set_tokens (s, "cached-image-tokens", cached, "image_tokens");
  set_tokens (s, "output-text-tokens", out, "text_tokens");
  set_tokens (s, "output-audio-tokens", out, "audio_tokens");
  gst_structure_set (s, "of", G_TYPE_STRING, of, NULL);
  /* Some transcription models are billed by time. */
  if (gst_realtime_json_double (object, "seconds", 0) > 0)
    gst_structure_set (s, "seconds", G_TYPE_DOUBLE, gst_realtime_json_double (object, "seconds", 0),
                       NULL);
  return s;
}

/* audio.output.format.type; -1: not told */
static gint
output_format_parse (JsonObject *object)
{
  JsonObject *output =
      gst_realtime_json_object (gst_realtime_json_object (object, "audio"), "output");

  return gst_realtime_format_from_name (
      gst_realtime_json_string (gst_realtime_json_object (output, "format"), "type"));
}

static void
response_parse (GstRealtimeEvent *event, JsonObject *object)
{
  JsonObject *details = gst_realtime_json_object (object, "status_details");
  JsonObject *error = gst_realtime_json_object (details, "error");
  JsonArray *output = gst_realtime_json_array (object, "output");

  event->response.id = dup_string (object, "id");
  event->response.status = dup_string (object, "status");
  event->response.reason = dup_string (details, "reason");
  event->response.error_code = dup_string (error, "code");
  event->response.error_type = dup_string (error, "type");
  event->response.error_message = dup_string (error, "message");
  event->response.request = dup_string (gst_realtime_json_object (object, "metadata"), "request");
  event->response.out_of_band = object != NULL &&
                                json_object_has_member (object, "conversation_id") &&
                                json_object_get_null_member (object, "conversation_id");
  event->response.format = output_format_parse (object);
  event->response.usage = usage_parse (gst_realtime_json_object (object, "usage"), "response");
  event->response.output = g_ptr_array_new_with_free_func ((GDestroyNotify)item_free);
  if (output != NULL && event->response.request != NULL)
    event->response.output_json = json_to_string (json_object_get_member (object, "output"), FALSE);
  for (guint i = 0; output != NULL && i < json_array_get_length (output); i++)
    {
      JsonNode *node = json_array_get_element (output, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        g_ptr_array_add (event->response.output, item_parse (json_node_get_object (node)));
    }
}

static void
session_parse (GstRealtimeEvent *event, JsonObject *object)
{
  JsonObject *input =
      gst_realtime_json_object (gst_realtime_json_object (object, "audio"), "input");
  JsonObject *turn = gst_realtime_json_object (input, "turn_detection");

  event->session.tells_turn_detection =
      input != NULL && json_object_has_member (input, "turn_detection");
  event->session.output_format = output_format_parse (object);
  event->session.id = dup_string (object, "id");
  event->session.expires_at = gst_realtime_json_int (object, "expires_at", 0);
  event->session.has_turn_detection = turn != NULL;
  event->session.create_response = gst_realtime_json_bool (turn, "create_response", TRUE);
  event->session.interrupt_response = gst_realtime_json_bool (turn, "interrupt_response", TRUE);
}

static GstStructure *
rate_limits_parse (JsonArray *limits)
{
  GstStructure *s = gst_structure_new_empty ("openai-realtime-rate-limits");

  for (guint i = 0; limits != NULL && i < json_array_get_length (limits); i++)
    {
      JsonNode *node = json_array_get_element (limits, i);
      JsonObject *limit = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *name = gst_realtime_json_string (limit, "name");

      /* The name becomes a part of field names: only the two that are defined. */
      if (g_strcmp0 (name, "requests") != 0 && g_strcmp0 (name, "tokens") != 0)
        continue;
      {
        g_autofree char *max = g_strconcat (name, "-limit", NULL);
        g_autofree char *remaining = g_strconcat (name, "-remaining", NULL);
        g_autofree char *reset = g_strconcat (name, "-reset", NULL);

        gst_structure_set (s, max, G_TYPE_INT64, gst_realtime_json_int (limit, "limit", 0),
                           remaining, G_TYPE_INT64, gst_realtime_json_int (limit, "remaining", 0),
                           reset, G_TYPE_DOUBLE,
                           gst_realtime_json_double (limit, "reset_seconds", 0), NULL);
      }
    }
  return s;
}

static guint
ms_parse (JsonObject *object, const char *name)
{
  return CLAMP (gst_realtime_json_int (object, name, 0), 0, G_MAXINT);
}

static GBytes *
audio_parse (const char *base64)
{
  gsize size = 0;
  guchar *data = g_base64_decode (base64, &size);

  return g_bytes_new_take (data, size);
}

static void
details_parse (GstRealtimeEvent *event, JsonObject *root)
{
  JsonObject *error;

  switch (event->type)
    {
    case GST_REALTIME_EVENT_ERROR:
    case GST_REALTIME_EVENT_INPUT_TRANSCRIPT_FAILED:
      error = gst_realtime_json_object (root, "error");
      event->error.type = dup_string (error, "type");
      event->error.code = dup_string (error, "code");
      event->error.message = dup_string (error, "message");
      event->error.param = dup_string (error, "param");
      event->error.event_id = dup_string (error, "event_id");
      break;
    case GST_REALTIME_EVENT_SESSION_CREATED:
    case GST_REALTIME_EVENT_SESSION_UPDATED:
      session_parse (event, gst_realtime_json_object (root, "session"));
      break;
    case GST_REALTIME_EVENT_SPEECH_STARTED:
    case GST_REALTIME_EVENT_TIMEOUT_TRIGGERED:
      event->ms = ms_parse (root, "audio_start_ms");
      break;
    case GST_REALTIME_EVENT_SPEECH_STOPPED:
      event->ms = ms_parse (root, "audio_end_ms");
      break;
    case GST_REALTIME_EVENT_ITEM_ADDED:
    case GST_REALTIME_EVENT_ITEM_DONE:
    case GST_REALTIME_EVENT_OUTPUT_ITEM_ADDED:
    case GST_REALTIME_EVENT_OUTPUT_ITEM_DONE:
      event->item = item_parse (gst_realtime_json_object (root, "item"));
      break;
    case GST_REALTIME_EVENT_ITEM_RETRIEVED:
      event->item = item_parse (gst_realtime_json_object (root, "item"));
      if (event->item != NULL)
        event->text = json_to_string (json_object_get_member (root, "item"), FALSE);
      break;
    case GST_REALTIME_EVENT_RESPONSE_CREATED:
    case GST_REALTIME_EVENT_RESPONSE_DONE:
      response_parse (event, gst_realtime_json_object (root, "response"));
      break;
    case GST_REALTIME_EVENT_AUDIO_DELTA:
      if (gst_realtime_json_string (root, "delta") != NULL)
        event->audio = audio_parse (gst_realtime_json_string (root, "delta"));
      break;
    case GST_REALTIME_EVENT_TRANSCRIPT_DELTA:
    case GST_REALTIME_EVENT_TEXT_DELTA:
    case GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DELTA:
      event->text = dup_string (root, "delta");
      break;
    case GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DONE:
      event->response.usage = usage_parse (gst_realtime_json_object (root, "usage"), "transcript");
      event->text = dup_string (root, "transcript");
      break;
    case GST_REALTIME_EVENT_TRANSCRIPT_DONE:
      event->text = dup_string (root, "transcript");
      break;
    case GST_REALTIME_EVENT_TEXT_DONE:
      event->text = dup_string (root, "text");
      break;
    case GST_REALTIME_EVENT_RATE_LIMITS:
      event->rate_limits = rate_limits_parse (gst_realtime_json_array (root, "rate_limits"));
      break;
    default:
      break;
    }
}

/**
 * gst_realtime_event_parse:
 * @text: one message of the server, @size bytes
 *
 * Returns: (transfer full): the event; %NULL with @error if @text is no JSON
 *   object with a string "type"
 */
GstRealtimeEvent *
gst_realtime_event_parse (const char *text, gsize size, GError **error)
{
  GstRealtimeEvent *event = gst_realtime_scan_event (text, size);

  return event != NULL ? event : gst_realtime_event_parse_tree (text, size, error);
}

/* The same by way of a tree: for every event, and for what is none. */
GstRealtimeEvent *
gst_realtime_event_parse_tree (const char *text, gsize size, GError **error)
{
  g_autoptr (JsonNode) node = gst_realtime_json_parse (text, size, error);
  JsonObject *root;
  const char *name;
  GstRealtimeEvent *event;

  if (node == NULL)
    return NULL;
  root = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  name = gst_realtime_json_string (root, "type");
  if (name == NULL)
    {
      g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_INVALID_DATA,
                   "no object with a \"type\"");
      return NULL;
    }

  event = g_new0 (GstRealtimeEvent, 1);
  event->type = type_from_name (name);
  event->name = g_strdup (name);
  event->response_id = dup_string (root, "response_id");
  event->item_id = dup_string (root, "item_id");
  event->previous_item_id = dup_string (root, "previous_item_id");
  event->content_index = CLAMP (gst_realtime_json_int (root, "content_index", 0), 0, G_MAXINT);
  details_parse (event, root);
  return event;
}

void
gst_realtime_event_free (GstRealtimeEvent *event)
{
  g_free (event->name);
  g_free (event->response_id);
  g_free (event->item_id);
  g_free (event->previous_item_id);
  g_free (event->text);
  g_clear_pointer (&event->audio, g_bytes_unref);
  g_clear_pointer (&event->item, item_free);
  g_free (event->response.id);
  g_free (event->response.status);
  g_free (event->response.reason);
  g_free (event->response.error_code);
  g_free (event->response.error_type);
  g_free (event->response.error_message);
  g_free (event->response.request);
  g_clear_pointer (&event->response.output, g_ptr_array_unref);
  g_free (event->response.output_json);
  g_clear_pointer (&event->response.usage, gst_structure_free);
  g_free (event->error.type);
  g_free (event->error.code);
  g_free (event->error.message);
  g_free (event->error.param);
  g_free (event->error.event_id);
  g_free (event->session.id);
  g_clear_pointer (&event->rate_limits, gst_structure_free);
  g_free (event);
}
