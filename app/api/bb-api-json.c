/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-json.h"

#include <math.h>

G_DEFINE_QUARK (bb-api-error-quark, bb_api_error)

/* A caller's name comes from the network: whatever it is, JSON is UTF-8. */
static void
add_string (JsonObject *object, const char *name, const char *value)
{
  if (value == NULL)
    json_object_set_null_member (object, name);
  else if (g_utf8_validate (value, -1, NULL))
    json_object_set_string_member (object, name, value);
  else
    {
      g_autofree char *valid = g_utf8_make_valid (value, -1);

      json_object_set_string_member (object, name, valid);
    }
}

static void
add_time (JsonObject *object, const char *name, GDateTime *time)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autofree char *text = NULL;

  if (time == NULL)
    {
      json_object_set_null_member (object, name);
      return;
    }
  utc = g_date_time_to_utc (time);
  text = g_date_time_format_iso8601 (utc);
  json_object_set_string_member (object, name, text);
}

static void
add_payload_type (JsonObject *object, const char *name, int payload_type)
{
  if (payload_type < 0)
    json_object_set_null_member (object, name);
  else
    json_object_set_int_member (object, name, payload_type);
}

static JsonNode *
node_of (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static const char *
direction_nick (BbMediaDirection direction)
{
  switch (direction)
    {
    case BB_MEDIA_SENDONLY:
      return "sendonly";
    case BB_MEDIA_RECVONLY:
      return "recvonly";
    case BB_MEDIA_SENDRECV:
      return "sendrecv";
    case BB_MEDIA_INACTIVE:
    default:
      return "inactive";
    }
}

static JsonObject *
media_object (const BbMediaParams *media)
{
  JsonObject *object = json_object_new ();
  JsonObject *remote = json_object_new ();
  JsonObject *local = json_object_new ();

  add_string (object, "codec", media->codec != NULL ? media->codec->name : NULL);
  json_object_set_int_member (object, "clock_rate",
                              media->codec != NULL ? media->codec->clock_rate : 0);
  json_object_set_int_member (object, "ptime_ms", media->ptime);
  json_object_set_int_member (object, "payload_type_send", media->payload_type_send);
  json_object_set_int_member (object, "payload_type_receive", media->payload_type_receive);
  add_payload_type (object, "dtmf_payload_type_send", media->dtmf_payload_type_send);
  add_payload_type (object, "dtmf_payload_type_receive", media->dtmf_payload_type_receive);
  json_object_set_string_member (object, "direction", direction_nick (media->direction));
  json_object_set_boolean_member (object, "opus_inband_fec", media->opus_inband_fec);
  json_object_set_int_member (object, "opus_max_bitrate", media->opus_max_bitrate);
  add_string (object, "srtp", media->srtp_suite != NULL ? media->srtp_suite->name : NULL);
  json_object_set_boolean_member (object, "rtcp_mux", media->rtcp_mux);
  add_string (remote, "address", media->remote_address);
  json_object_set_int_member (remote, "rtp_port", media->remote_rtp_port);
  json_object_set_int_member (remote, "rtcp_port", media->remote_rtcp_port);
  json_object_set_object_member (object, "remote", remote);
  add_string (local, "address", media->local_address);
  json_object_set_int_member (local, "rtp_port", media->local_rtp_port);
  json_object_set_object_member (object, "local", local);

  return object;
}

static JsonObject *
quality_object (const BbCallQuality *quality)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "packets_sent", (gint64)quality->packets_sent);
  json_object_set_int_member (object, "packets_received", (gint64)quality->packets_received);
  json_object_set_int_member (object, "packets_lost", (gint64)quality->packets_lost);
  /* JSON knows no NaN and no infinity */
  json_object_set_double_member (object, "jitter_ms",
                                 isfinite (quality->jitter) ? quality->jitter : 0.0);
  json_object_set_int_member (object, "turns", quality->turns);
  json_object_set_int_member (object, "turn_latency_last_ms", quality->turn_latency_last);
  json_object_set_int_member (object, "turn_latency_max_ms", quality->turn_latency_max);
  json_object_set_int_member (object, "turn_latency_sum_ms", (gint64)quality->turn_latency_sum);
  json_object_set_int_member (object, "interruptions", quality->interruptions);
  json_object_set_int_member (object, "interruption_silence_max_ms",
                              quality->interruption_silence_max);

  return object;
}

/**
 * bb_api_json_call:
 * @call: the call
 * @complete: with its transcript and order
 *
 * Returns: (transfer full): the object `Call` of the API
 */
JsonNode *
bb_api_json_call (BbCall *call, gboolean complete)
{
  JsonObject *object = json_object_new ();
  const BbMediaParams *media = bb_call_get_media (call);
  BbTranscript *transcript = bb_call_get_transcript (call);
  BbOrder *order = bb_call_get_order (call);
  int speaking = bb_call_get_speaking (call);

  add_string (object, "id", bb_call_get_id (call));
  add_string (object, "caller_number", bb_call_get_caller_number (call));
  add_string (object, "caller_name", bb_call_get_caller_name (call));
  add_string (object, "called", bb_call_get_called (call));
  json_object_set_string_member (object, "state", bb_call_state_nick (bb_call_get_state (call)));
  json_object_set_string_member (object, "end", bb_call_end_nick (bb_call_get_end (call)));
  add_string (object, "end_text", bb_call_get_end_text (call));
  add_time (object, "started", bb_call_get_started (call));
  add_time (object, "answered", bb_call_get_answered (call));
  add_time (object, "ended", bb_call_get_ended (call));
  json_object_set_int_member (object, "duration_ms", bb_call_get_duration (call));
  add_string (object, "connection", bb_call_get_connection (call));
  add_string (object, "speaking",
              speaking < 0 ? NULL : bb_transcript_kind_nick ((BbTranscriptKind)speaking));
  json_object_set_string_member (object, "operator_mode",
                                 bb_operator_mode_nick (bb_call_get_operator_mode (call)));
  json_object_set_boolean_member (object, "waiting", bb_call_get_waiting (call));
  add_string (object, "recording_path", bb_call_get_recording_path (call));
  if (media != NULL)
    json_object_set_object_member (object, "media", media_object (media));
  else
    json_object_set_null_member (object, "media");
  json_object_set_object_member (object, "quality", quality_object (bb_call_get_quality (call)));
  json_object_set_int_member (object, "transcript_lines",
                              g_list_model_get_n_items (G_LIST_MODEL (transcript)));
  add_string (object, "order_id", order != NULL ? bb_order_get_id (order) : NULL);

  if (complete)
    {
      JsonArray *lines = json_array_new ();

      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (transcript)); i++)
        {
          g_autoptr (BbTranscriptLine) line = g_list_model_get_item (G_LIST_MODEL (transcript), i);

          json_array_add_element (lines, bb_api_json_line (line));
        }
      json_object_set_array_member (object, "transcript", lines);
      if (order != NULL)
        json_object_set_member (object, "order", bb_api_json_order (order, TRUE));
      else
        json_object_set_null_member (object, "order");
    }

  return node_of (object);
}

/**
 * bb_api_json_line:
 * @line: a line of a transcript
 *
 * Returns: (transfer full): the object `Line` of the API
 */
JsonNode *
bb_api_json_line (BbTranscriptLine *line)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "kind",
                                 bb_transcript_kind_nick (bb_transcript_line_get_kind (line)));
  add_string (object, "item_id", bb_transcript_line_get_item_id (line));
  add_string (object, "text", bb_transcript_line_get_text (line));
  json_object_set_boolean_member (object, "final", bb_transcript_line_get_final (line));
  json_object_set_boolean_member (object, "interrupted", bb_transcript_line_get_interrupted (line));
  json_object_set_int_member (object, "time_ms", bb_transcript_line_get_time (line));
  if (bb_transcript_line_get_kind (line) == BB_TRANSCRIPT_TOOL)
    {
      JsonObject *tool = json_object_new ();

      add_string (tool, "name", bb_transcript_line_get_tool_name (line));
      add_string (tool, "arguments", bb_transcript_line_get_tool_arguments (line));
      add_string (tool, "result", bb_transcript_line_get_tool_result (line));
      json_object_set_object_member (object, "tool", tool);
    }

  return node_of (object);
}

/**
 * bb_api_json_order:
 * @order: the order
 * @with_lines: with what was ordered; lists leave that out
 *
 * Returns: (transfer full): the object `Order` of the API
 */
JsonNode *
bb_api_json_order (BbOrder *order, gboolean with_lines)
{
  JsonObject *object = json_object_new ();
  guint n_lines = g_list_model_get_n_items (G_LIST_MODEL (order));

  add_string (object, "id", bb_order_get_id (order));
  add_string (object, "number", bb_order_get_number (order));
  add_string (object, "call_id", bb_order_get_call_id (order));
  add_string (object, "caller", bb_order_get_caller (order));
  json_object_set_string_member (object, "state", bb_order_state_nick (bb_order_get_state (order)));
  json_object_set_int_member (object, "total_cents", bb_order_get_total (order));
  add_string (object, "note", bb_order_get_note (order));
  add_time (object, "created", bb_order_get_created (order));
  add_time (object, "updated", bb_order_get_updated (order));
  json_object_set_int_member (object, "line_count", n_lines);

  if (with_lines)
    {
      JsonArray *lines = json_array_sized_new (n_lines);

      for (guint i = 0; i < n_lines; i++)
        {
          g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);
          JsonObject *entry = json_object_new ();

          add_string (entry, "product_number", bb_order_line_get_number (line));
          add_string (entry, "name", bb_order_line_get_name (line));
          add_string (entry, "unit", bb_order_line_get_unit (line));
          json_object_set_int_member (entry, "quantity", bb_order_line_get_quantity (line));
          json_object_set_int_member (entry, "price_cents", bb_order_line_get_price (line));
          json_object_set_int_member (entry, "total_cents", bb_order_line_get_total (line));
          json_array_add_object_element (lines, entry);
        }
      json_object_set_array_member (object, "lines", lines);
    }

  return node_of (object);
}

/**
 * bb_api_json_product:
 * @product: an article
 *
 * Returns: (transfer full): the object `Product` of the API
 */
JsonNode *
bb_api_json_product (const BbProduct *product)
{
  JsonObject *object = json_object_new ();

  add_string (object, "number", product->number);
  add_string (object, "name", product->name);
  add_string (object, "group", product->group);
  add_string (object, "material", product->material);
  add_string (object, "size", product->size);
  add_string (object, "unit", product->unit);
  json_object_set_int_member (object, "price_cents", product->price);
  json_object_set_int_member (object, "pack_size", product->pack_size);
  json_object_set_boolean_member (object, "whole_packs", product->whole_packs);
  add_string (object, "description", product->description);

  return node_of (object);
}

/**
 * bb_api_json_match:
 * @match: a result of the catalogue's search
 *
 * Returns: (transfer full): the object `Match` of the API
 */
JsonNode *
bb_api_json_match (const BbMatch *match)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "score", isfinite (match->score) ? match->score : 0.0);
  add_string (object, "reason", match->reason);
  json_object_set_member (object, "product", bb_api_json_product (match->product));

  return node_of (object);
}

/**
 * bb_api_json_product_match:
 * @match: a result of the catalogue's search, as an operator gets it
 *
 * Returns: (transfer full): the object `Match` of the API
 */
JsonNode *
bb_api_json_product_match (BbProductMatch *match)
{
  const BbMatch plain = { bb_product_match_get_product (match), bb_product_match_get_score (match),
                          (char *)bb_product_match_get_reason (match) };

  return bb_api_json_match (&plain);
}

/**
 * bb_api_json_settings:
 * @settings: what may change while the gateway runs
 *
 * Returns: (transfer full): the object `Settings` of the API
 */
JsonNode *
bb_api_json_settings (const BbSettings *settings)
{
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "draining", settings->draining);
  json_object_set_int_member (object, "max_calls", settings->max_calls);
  json_object_set_int_member (object, "max_duration_s", settings->max_duration);
  json_object_set_int_member (object, "operator_first_s", settings->operator_first);
  json_object_set_boolean_member (object, "recording", settings->recording);
  add_string (object, "notice", settings->notice);
  add_string (object, "merchant", settings->merchant);
  add_string (object, "currency", settings->currency);
  add_string (object, "language", settings->language);
  add_string (object, "transfer_target", settings->transfer_target);

  return node_of (object);
}

/**
 * bb_api_json_print:
 * @node: what to print
 * @pretty: indented, for people
 *
 * Returns: (transfer full): UTF-8 without a newline at the end
 */
char *
bb_api_json_print (JsonNode *node, gboolean pretty)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();

  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, pretty);
  return json_generator_to_data (generator, NULL);
}

/**
 * bb_api_json_error:
 * @code: a word for programs, "not-found"
 * @message: a sentence for people
 *
 * Returns: (transfer full): the body of every answer that is an error
 */
char *
bb_api_json_error (const char *code, const char *message)
{
  JsonObject *object = json_object_new ();
  JsonObject *error = json_object_new ();
  g_autoptr (JsonNode) node = node_of (object);

  json_object_set_string_member (error, "code", code);
  add_string (error, "message", message);
  json_object_set_object_member (object, "error", error);

  return bb_api_json_print (node, FALSE);
}
