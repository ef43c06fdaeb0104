/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-read.h"

static gboolean
refuse (GError **error, const char *name, const char *wanted)
{
  g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT, "“%s” is missing or not %s", name, wanted);
  return FALSE;
}

static JsonNode *
member (JsonObject *object, const char *name)
{
  return json_object_get_member (object, name);
}

gboolean
bb_api_read_string (JsonObject *object, const char *name, const char **value, GError **error)
{
  JsonNode *node = member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return refuse (error, name, "a string");
  *value = json_node_get_string (node);
  return TRUE;
}

gboolean
bb_api_read_nullable_string (JsonObject *object,
                             const char *name,
                             const char **value,
                             GError **error)
{
  JsonNode *node = member (object, name);

  *value = NULL;
  return node == NULL || JSON_NODE_HOLDS_NULL (node)
         || bb_api_read_string (object, name, value, error);
}

gboolean
bb_api_read_int (
  JsonObject *object, const char *name, gint64 min, gint64 max, gint64 *value, GError **error)
{
  JsonNode *node = member (object, name);
  gint64 number;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return refuse (error, name, "a whole number");
  number = json_node_get_int (node);
  if (number < min || number > max)
    return refuse (error, name, "in its range");
  *value = number;
  return TRUE;
}

gboolean
bb_api_read_boolean (JsonObject *object, const char *name, gboolean *value, GError **error)
{
  JsonNode *node = member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return refuse (error, name, "true or false");
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
bb_api_read_object (JsonObject *object, const char *name, JsonObject **value, GError **error)
{
  JsonNode *node = member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, name, "an object");
  *value = json_node_get_object (node);
  return TRUE;
}

gboolean
bb_api_read_array (JsonObject *object, const char *name, JsonArray **value, GError **error)
{
  JsonNode *node = member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, name, "an array");
  *value = json_node_get_array (node);
  return TRUE;
}

JsonObject *
bb_api_read_element (JsonArray *array, guint index, GError **error)
{
  JsonNode *node = index < json_array_get_length (array) ? json_array_get_element (array, index)
                                                         : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      refuse (error, "an element", "an object");
      return NULL;
    }
  return json_node_get_object (node);
}

/**
 * bb_api_read_root:
 * @text: what came
 * @length: in bytes, -1: up to the NUL
 * @error: return location for a #BbApiError
 *
 * Returns: (transfer full) (nullable): a node that holds an object
 */
JsonNode *
bb_api_read_root (const char *text, gssize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) failure = NULL;
  JsonNode *root;

  /* json-glib wants UTF-8 and does not look. */
  if (!g_utf8_validate (text, length, NULL) || !json_parser_load_from_data (parser, text, length, &failure)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT, "no JSON object%s%s",
                   failure != NULL ? ": " : "", failure != NULL ? failure->message : "");
      return NULL;
    }
  return json_node_ref (root);
}

static gboolean
read_time (JsonObject *object, const char *name, GDateTime **value, GError **error)
{
  const char *text;

  if (!bb_api_read_nullable_string (object, name, &text, error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  *value = g_date_time_new_from_iso8601 (text, NULL);
  return *value != NULL || refuse (error, name, "a time (ISO 8601 with zone)");
}

static gboolean
read_payload_type (JsonObject *object, const char *name, int *value, GError **error)
{
  JsonNode *node = member (object, name);
  gint64 number = -1;

  if (node != NULL && !JSON_NODE_HOLDS_NULL (node)
      && !bb_api_read_int (object, name, 0, 127, &number, error))
    return FALSE;
  *value = (int)number;
  return TRUE;
}

static gboolean
read_port (JsonObject *object, const char *name, guint16 *value, GError **error)
{
  gint64 number;

  if (!bb_api_read_int (object, name, 0, G_MAXUINT16, &number, error))
    return FALSE;
  *value = (guint16)number;
  return TRUE;
}

static gboolean
read_uint (JsonObject *object, const char *name, guint *value, GError **error)
{
  gint64 number;

  if (!bb_api_read_int (object, name, 0, G_MAXUINT, &number, error))
    return FALSE;
  *value = (guint)number;
  return TRUE;
}

static gboolean
read_uint64 (JsonObject *object, const char *name, guint64 *value, GError **error)
{
  gint64 number;

  if (!bb_api_read_int (object, name, 0, G_MAXINT64, &number, error))
    return FALSE;
  *value = (guint64)number;
  return TRUE;
}

static gboolean
read_direction (JsonObject *object, BbMediaDirection *value, GError **error)
{
  const char *text;

  if (!bb_api_read_string (object, "direction", &text, error))
    return FALSE;
  if (strcmp (text, "sendrecv") == 0)
    *value = BB_MEDIA_SENDRECV;
  else if (strcmp (text, "sendonly") == 0)
    *value = BB_MEDIA_SENDONLY;
  else if (strcmp (text, "recvonly") == 0)
    *value = BB_MEDIA_RECVONLY;
  else
    *value = BB_MEDIA_INACTIVE;
  return TRUE;
}

/* *media stays NULL when the call has none. */
static gboolean
read_media (JsonObject *call, BbMediaParams **media, GError **error)
{
  g_autoptr (BbMediaParams) result = bb_media_params_new ();
  JsonNode *node = member (call, "media");
  JsonObject *object, *remote, *local;
  const char *codec, *srtp, *remote_address, *local_address;
  gint64 send, receive;
  guint clock_rate;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!bb_api_read_object (call, "media", &object, error)
      || !bb_api_read_object (object, "remote", &remote, error)
      || !bb_api_read_object (object, "local", &local, error)
      || !bb_api_read_nullable_string (object, "codec", &codec, error)
      || !bb_api_read_nullable_string (remote, "address", &remote_address, error)
      || !bb_api_read_nullable_string (local, "address", &local_address, error)
      || !bb_api_read_int (object, "payload_type_send", 0, 127, &send, error)
      || !bb_api_read_int (object, "payload_type_receive", 0, 127, &receive, error)
      || !read_payload_type (object, "dtmf_payload_type_send", &result->dtmf_payload_type_send, error)
      || !read_payload_type (object, "dtmf_payload_type_receive",
                             &result->dtmf_payload_type_receive, error)
      || !read_uint (object, "clock_rate", &clock_rate, error)
      || !read_uint (object, "ptime_ms", &result->ptime, error)
      || !read_uint (object, "opus_max_bitrate", &result->opus_max_bitrate, error)
      || !bb_api_read_boolean (object, "opus_inband_fec", &result->opus_inband_fec, error)
      || !bb_api_read_nullable_string (object, "srtp", &srtp, error)
      || !bb_api_read_boolean (object, "rtcp_mux", &result->rtcp_mux, error)
      || !read_direction (object, &result->direction, error)
      || !read_port (remote, "rtp_port", &result->remote_rtp_port, error)
      || !read_port (remote, "rtcp_port", &result->remote_rtcp_port, error)
      || !read_port (local, "rtp_port", &result->local_rtp_port, error))
    return FALSE;

  /* A newer gateway may speak codecs that this program does not know: none then. */
  result->codec = codec != NULL ? bb_codec_by_name (codec, clock_rate) : NULL;
  result->srtp_suite = srtp != NULL ? bb_srtp_suite_by_name (srtp) : NULL;
  result->payload_type_send = (guint8)send;
  result->payload_type_receive = (guint8)receive;
  result->remote_address = g_strdup (remote_address);
  result->local_address = g_strdup (local_address);
  *media = g_steal_pointer (&result);
  return TRUE;
}

static gboolean
read_quality (JsonObject *call, BbCallQuality *quality, GError **error)
{
  JsonObject *object;
  JsonNode *jitter;

  if (!bb_api_read_object (call, "quality", &object, error))
    return FALSE;
  jitter = member (object, "jitter_ms");
  if (jitter == NULL || !JSON_NODE_HOLDS_VALUE (jitter)
      || (json_node_get_value_type (jitter) != G_TYPE_DOUBLE
          && json_node_get_value_type (jitter) != G_TYPE_INT64))
    return refuse (error, "jitter_ms", "a number");
  quality->jitter = json_node_get_double (jitter);

  return read_uint64 (object, "packets_sent", &quality->packets_sent, error)
         && read_uint64 (object, "packets_received", &quality->packets_received, error)
         && read_uint64 (object, "packets_lost", &quality->packets_lost, error)
         && read_uint (object, "turns", &quality->turns, error)
         && read_uint (object, "turn_latency_last_ms", &quality->turn_latency_last, error)
         && read_uint (object, "turn_latency_max_ms", &quality->turn_latency_max, error)
         && read_uint64 (object, "turn_latency_sum_ms", &quality->turn_latency_sum, error)
         && read_uint (object, "interruptions", &quality->interruptions, error)
         && read_uint (object, "interruption_silence_max_ms", &quality->interruption_silence_max,
                       error);
}

/* All of a call's own members, checked. */
typedef struct
{
  const char *id, *number, *name, *called, *end_text, *connection, *recording_path;
  BbCallState state;
  BbCallEnd end;
  int speaking;
  BbOperatorMode mode;
  gboolean waiting;
  gint64 duration;
  GDateTime *started, *answered, *ended;
  BbMediaParams *media;
  BbCallQuality quality;
} CallFields;

static void
call_fields_clear (CallFields *fields)
{
  g_clear_pointer (&fields->started, g_date_time_unref);
  g_clear_pointer (&fields->answered, g_date_time_unref);
  g_clear_pointer (&fields->ended, g_date_time_unref);
  g_clear_pointer (&fields->media, bb_media_params_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CallFields, call_fields_clear)

static gboolean
read_call_fields (JsonObject *object, CallFields *fields, GError **error)
{
  const char *state, *end, *speaking, *mode;
  BbTranscriptKind kind;

  if (!bb_api_read_string (object, "id", &fields->id, error)
      || !bb_api_read_nullable_string (object, "caller_number", &fields->number, error)
      || !bb_api_read_nullable_string (object, "caller_name", &fields->name, error)
      || !bb_api_read_nullable_string (object, "called", &fields->called, error)
      || !bb_api_read_string (object, "state", &state, error)
      || !bb_api_read_string (object, "end", &end, error)
      || !bb_api_read_nullable_string (object, "end_text", &fields->end_text, error)
      || !bb_api_read_nullable_string (object, "connection", &fields->connection, error)
      || !bb_api_read_nullable_string (object, "speaking", &speaking, error)
      || !bb_api_read_nullable_string (object, "recording_path", &fields->recording_path, error)
      || !bb_api_read_string (object, "operator_mode", &mode, error)
      || !bb_api_read_boolean (object, "waiting", &fields->waiting, error)
      || !bb_api_read_int (object, "duration_ms", 0, G_MAXINT64 / 1000, &fields->duration, error)
      || !read_time (object, "started", &fields->started, error)
      || !read_time (object, "answered", &fields->answered, error)
      || !read_time (object, "ended", &fields->ended, error)
      || !read_media (object, &fields->media, error)
      || !read_quality (object, &fields->quality, error))
    return FALSE;
  if (*fields->id == '\0')
    return refuse (error, "id", "an id");
  if (fields->started == NULL)
    return refuse (error, "started", "a time");
  if (!bb_call_state_from_nick (state, &fields->state))
    return refuse (error, "state", "a state of a call");
  if (!bb_call_end_from_nick (end, &fields->end))
    return refuse (error, "end", "a reason");
  if (!bb_operator_mode_from_nick (mode, &fields->mode))
    return refuse (error, "operator_mode", "what an operator does");
  fields->speaking = -1;
  if (speaking != NULL)
    {
      if (!bb_transcript_kind_from_nick (speaking, &kind))
        return refuse (error, "speaking", "one who speaks");
      fields->speaking = (int)kind;
    }
  return TRUE;
}

static gboolean
media_equal (const BbMediaParams *a, const BbMediaParams *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->codec == b->codec && a->payload_type_send == b->payload_type_send
         && a->payload_type_receive == b->payload_type_receive && a->ptime == b->ptime
         && a->dtmf_payload_type_send == b->dtmf_payload_type_send
         && a->dtmf_payload_type_receive == b->dtmf_payload_type_receive
         && g_strcmp0 (a->remote_address, b->remote_address) == 0
         && a->remote_rtp_port == b->remote_rtp_port && a->remote_rtcp_port == b->remote_rtcp_port
         && g_strcmp0 (a->local_address, b->local_address) == 0
         && a->local_rtp_port == b->local_rtp_port && a->direction == b->direction
         && a->opus_inband_fec == b->opus_inband_fec && a->opus_max_bitrate == b->opus_max_bitrate;
}

static void
apply_call_fields (BbCall *call, const CallFields *fields)
{
  if (!media_equal (bb_call_get_media (call), fields->media))
    bb_call_set_media (call, fields->media);
  bb_call_set_recording_path (call, fields->recording_path);
  bb_call_set_connection (call, fields->connection);
  bb_call_set_speaking (call, fields->speaking);
  bb_call_set_operator_mode (call, fields->mode);
  bb_call_set_waiting (call, fields->waiting);
  bb_call_set_quality (call, &fields->quality);
  /* Last: who waits for the end finds the rest there. */
  bb_call_mirror (call, fields->state, fields->end, fields->end_text, fields->answered,
                  fields->ended, fields->duration);
}

gboolean
bb_api_read_call_into (BbCall *call, JsonObject *object, GError **error)
{
  g_auto (CallFields) fields = { 0 };

  if (!read_call_fields (object, &fields, error))
    return FALSE;
  apply_call_fields (call, &fields);
  return TRUE;
}

/* All of a line's members, checked. */
typedef struct
{
  BbTranscriptKind kind;
  const char *item_id, *text, *tool_name, *tool_arguments, *tool_result;
  gboolean final, interrupted;
  gint64 time;
} LineFields;

static gboolean
read_line_fields (JsonObject *object, LineFields *fields, GError **error)
{
  const char *kind;
  JsonObject *tool;

  if (!bb_api_read_string (object, "kind", &kind, error)
      || !bb_api_read_nullable_string (object, "item_id", &fields->item_id, error)
      || !bb_api_read_nullable_string (object, "text", &fields->text, error)
      || !bb_api_read_boolean (object, "final", &fields->final, error)
      || !bb_api_read_boolean (object, "interrupted", &fields->interrupted, error)
      || !bb_api_read_int (object, "time_ms", G_MININT64, G_MAXINT64, &fields->time, error))
    return FALSE;
  if (!bb_transcript_kind_from_nick (kind, &fields->kind))
    return refuse (error, "kind", "a kind of line");
  if (fields->kind != BB_TRANSCRIPT_TOOL)
    return TRUE;
  return bb_api_read_object (object, "tool", &tool, error)
         && bb_api_read_string (tool, "name", &fields->tool_name, error)
         && bb_api_read_nullable_string (tool, "arguments", &fields->tool_arguments, error)
         && bb_api_read_nullable_string (tool, "result", &fields->tool_result, error);
}

/* Whether a line of ours is the one that the fields describe: what never
 * changes of it is equal. */
static gboolean
is_same_line (BbTranscriptLine *line, const LineFields *fields)
{
  return bb_transcript_line_get_kind (line) == fields->kind
         && bb_transcript_line_get_time (line) == fields->time
         && g_strcmp0 (bb_transcript_line_get_item_id (line), fields->item_id) == 0
         && (fields->item_id != NULL
             || g_strcmp0 (bb_transcript_line_get_text (line), fields->text) == 0);
}

static void
apply_line_fields (BbTranscript *transcript, gboolean added, const LineFields *fields)
{
  if (fields->kind == BB_TRANSCRIPT_TOOL)
    {
      if (added)
        bb_transcript_add_tool (transcript, fields->item_id, fields->tool_name,
                                fields->tool_arguments, fields->time);
      if (fields->tool_result != NULL)
        bb_transcript_set_tool_result (transcript, fields->item_id, fields->tool_result);
    }
  else if (fields->item_id == NULL)
    {
      if (added)
        bb_transcript_update (transcript, fields->kind, NULL, fields->text, fields->final,
                              fields->time);
    }
  else
    bb_transcript_update (transcript, fields->kind, fields->item_id, fields->text, fields->final,
                          fields->time);
  if (fields->interrupted && fields->item_id != NULL)
    bb_transcript_mark_interrupted (transcript, fields->item_id);
}

gboolean
bb_api_read_line_into (
  BbTranscript *transcript, guint index, gboolean added, JsonObject *object, GError **error)
{
  LineFields fields = { 0 };
  g_autoptr (BbTranscriptLine) line = NULL;

  if (!read_line_fields (object, &fields, error))
    return FALSE;
  if (!added)
    {
      line = g_list_model_get_item (G_LIST_MODEL (transcript), index);
      if (line == NULL || !is_same_line (line, &fields))
        return refuse (error, "line", "the one that stands there");
    }
  apply_line_fields (transcript, added, &fields);
  if (added)
    {
      line = g_list_model_get_item (G_LIST_MODEL (transcript), index);
      if (line == NULL || !is_same_line (line, &fields))
        return refuse (error, "index", "the place of the line");
    }
  return TRUE;
}

/**
 * bb_api_read_transcript_into:
 * @transcript: what is known of it
 * @lines: all of it
 * @error: return location for a #BbApiError
 *
 * Adds what is missing and updates the rest. %FALSE as well when the two don't
 * belong together.
 */
gboolean
bb_api_read_transcript_into (BbTranscript *transcript, JsonArray *lines, GError **error)
{
  guint n = json_array_get_length (lines);
  g_autofree LineFields *fields = g_new0 (LineFields, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = bb_api_read_element (lines, i, error);

      if (object == NULL || !read_line_fields (object, &fields[i], error))
        return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (G_LIST_MODEL (transcript), i);

      apply_line_fields (transcript, line == NULL || !is_same_line (line, &fields[i]), &fields[i]);
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (transcript)) != n)
    return refuse (error, "transcript", "the one that is known");
  return TRUE;
}

static GPtrArray *
read_order_lines (JsonObject *order, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  JsonArray *array;

  if (!bb_api_read_array (order, "lines", &array, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = bb_api_read_element (array, i, error);
      const char *number, *name, *unit;
      gint64 quantity, price;

      if (object == NULL || !bb_api_read_string (object, "product_number", &number, error)
          || !bb_api_read_string (object, "name", &name, error)
          || !bb_api_read_nullable_string (object, "unit", &unit, error)
          || !bb_api_read_int (object, "quantity", 1, G_MAXUINT, &quantity, error)
          || !bb_api_read_int (object, "price_cents", G_MININT64, G_MAXINT64, &price, error))
        return NULL;
      g_ptr_array_add (lines, bb_order_line_new (number, name, unit != NULL ? unit : "",
                                                 (guint)quantity, price));
    }
  return g_steal_pointer (&lines);
}

/* All of an order's members, checked. */
typedef struct
{
  const char *id, *number, *call_id, *caller, *note;
  BbOrderState state;
  GDateTime *created, *updated;
  GPtrArray *lines;
} OrderFields;

static void
order_fields_clear (OrderFields *fields)
{
  g_clear_pointer (&fields->created, g_date_time_unref);
  g_clear_pointer (&fields->updated, g_date_time_unref);
  g_clear_pointer (&fields->lines, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OrderFields, order_fields_clear)

static gboolean
read_order_fields (JsonObject *object, OrderFields *fields, GError **error)
{
  const char *state;

  if (!bb_api_read_string (object, "id", &fields->id, error)
      || !bb_api_read_nullable_string (object, "number", &fields->number, error)
      || !bb_api_read_nullable_string (object, "call_id", &fields->call_id, error)
      || !bb_api_read_nullable_string (object, "caller", &fields->caller, error)
      || !bb_api_read_nullable_string (object, "note", &fields->note, error)
      || !bb_api_read_string (object, "state", &state, error)
      || !read_time (object, "created", &fields->created, error)
      || !read_time (object, "updated", &fields->updated, error))
    return FALSE;
  if (*fields->id == '\0')
    return refuse (error, "id", "an id");
  if (!bb_order_state_from_nick (state, &fields->state))
    return refuse (error, "state", "a state of an order");
  fields->lines = read_order_lines (object, error);
  return fields->lines != NULL;
}

BbOrder *
bb_api_read_order (JsonObject *object, GError **error)
{
  g_auto (OrderFields) fields = { 0 };

  if (!read_order_fields (object, &fields, error))
    return NULL;
  return bb_order_new_full (fields.id, fields.number, fields.call_id, fields.caller, fields.state,
                            fields.note, fields.created, fields.updated, fields.lines);
}

gboolean
bb_api_read_order_into (BbOrder *order, JsonObject *object, GError **error)
{
  g_auto (OrderFields) fields = { 0 };

  if (!read_order_fields (object, &fields, error))
    return FALSE;
  if (strcmp (fields.id, bb_order_get_id (order)) != 0)
    return refuse (error, "id", "that of the call's order");
  bb_order_mirror (order, fields.number, fields.state, fields.note, fields.updated, fields.lines);
  return TRUE;
}

/**
 * bb_api_read_call:
 * @object: a `Call` of the API
 * @error: return location for a #BbApiError
 *
 * Returns: (transfer full) (nullable): a new object; without "order", its order
 *   is an empty one of the id that "order_id" names
 */
BbCall *
bb_api_read_call (JsonObject *object, GError **error)
{
  g_auto (CallFields) fields = { 0 };
  g_autoptr (BbOrder) order = NULL;
  g_autoptr (BbCall) call = NULL;
  const char *order_id;
  JsonNode *node = member (object, "order");

  if (!read_call_fields (object, &fields, error)
      || !bb_api_read_nullable_string (object, "order_id", &order_id, error))
    return NULL;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      order = bb_api_read_order (json_node_get_object (node), error);
      if (order == NULL)
        return NULL;
    }
  else if (order_id != NULL)
    order = bb_order_new_full (order_id, NULL, fields.id, NULL, BB_ORDER_DRAFT, NULL, NULL, NULL,
                               NULL);

  call = bb_call_new_full (fields.id, fields.number, fields.name, fields.called, fields.state,
                           fields.end, fields.end_text, fields.started, fields.answered,
                           fields.ended, order);
  apply_call_fields (call, &fields);
  if (json_object_has_member (object, "transcript"))
    {
      JsonArray *lines;

      if (!bb_api_read_array (object, "transcript", &lines, error)
          || !bb_api_read_transcript_into (bb_call_get_transcript (call), lines, error))
        return NULL;
    }
  return g_steal_pointer (&call);
}
