/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-session-private.h"

#include <string.h>

#include "sim-events.h"
#include "sim-json.h"

#define EXPIRED_MESSAGE "Your session hit the maximum duration of 60 minutes."

/* Sends what a session says, whole: @log_text is the same with its audio left
 * out. Takes faults into account. */
void
sim_session_send_text (SimSession *self, const char *type, const char *text, gsize length,
                       const char *log_text, gsize audio_bytes)
{
  SimFaultEffect effect = { 0, SIM_SEND_TEXT };

  if (self->closed)
    return;
  sim_session_count_event (self, type, TRUE);
  sim_session_run_faults (self, type, TRUE, TRUE, &effect);
  if (self->closed)
    return;
  sim_log_write (self->hub->log, self->id, FALSE, log_text, audio_bytes);
  if (effect.padding > 0)
    {
      g_autoptr (GString) grown = g_string_new_len (text, length - 1);
      g_string_append (grown, ",\"padding\":\"");
      gsize start = grown->len;
      g_string_set_size (grown, start + effect.padding);
      memset (grown->str + start, 'x', effect.padding);
      g_string_append (grown, "\"}");
      sim_session_transmit (self, grown->str, grown->len, effect.mode);
    }
  else
    sim_session_transmit (self, text, length, effect.mode);
  sim_session_run_faults (self, type, TRUE, FALSE, NULL);
}

/**
 * sim_session_send:
 * @event: (transfer full): gets its event_id here
 */
void
sim_session_send (SimSession *self, JsonObject *event)
{
  g_autoptr (JsonObject) owned = event;
  g_autofree char *event_id = g_strdup_printf ("event_%s_%u", self->id + strlen ("sess_"), ++self->n_events);

  if (self->closed)
    return;
  json_object_set_string_member (event, "event_id", event_id);
  g_autofree char *type = g_strdup (sim_object_get_string (event, "type"));
  g_autofree char *text = sim_object_to_text (event);
  const char *log_text = text;
  g_autofree char *stripped = NULL;
  if (strcmp (type, "conversation.item.retrieved") == 0)
    {
      JsonArray *content = sim_object_get_array (event, "item.content");
      for (guint i = 0; content != NULL && i < json_array_get_length (content); i++)
        {
          JsonObject *part = json_array_get_object_element (content, i);
          if (json_object_has_member (part, "audio"))
            json_object_set_string_member (part, "audio", SIM_LOG_AUDIO);
        }
      log_text = stripped = sim_object_to_text (event);
    }
  sim_session_send_text (self, type, text, strlen (text), log_text,
                         stripped != NULL ? strlen (text) - strlen (stripped) : 0);
}

/* @event_id: (nullable): of the client event that is to blame */
void
sim_session_send_error (SimSession *self, const SimError *error, const char *event_id)
{
  sim_session_send (self, sim_object ("s:type", "error", "o:error",
                                      sim_object ("s:type", error->type, "s:code",
                                                  self->null_codes ? NULL : error->code, "s:message",
                                                  error->message, "s:param", error->param,
                                                  "s:event_id", event_id, NULL),
                                      NULL));
}

void
sim_session_close (SimSession *self, guint code, const char *reason)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  self->transport->close (self->transport_data, code, reason);
}

/* The session has lasted as long as it may: PROTOCOL section 1. */
void
sim_session_expire (SimSession *self)
{
  g_autoptr (SimError) error = sim_error_new ("session_expired", NULL, EXPIRED_MESSAGE);
  sim_session_send_error (self, error, NULL);
  sim_session_close (self, 1001, EXPIRED_MESSAGE);
}

static gboolean
on_expiry (gpointer data)
{
  SimSession *self = data;
  self->expiry_timer = 0;
  sim_session_expire (self);
  return G_SOURCE_REMOVE;
}

/* (transfer full): ids are unique in the process and readable in logs */
char *
sim_session_new_item_id (SimSession *self)
{
  return g_strdup_printf ("item_%s_%u", self->id + strlen ("sess_"), ++self->n_items);
}

/* added and, for an item that is complete from the start, done. */
void
sim_session_add_item_events (SimSession *self, SimItem *item)
{
  const char *const types[] = { "conversation.item.added", "conversation.item.done" };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    sim_session_send (self, sim_object ("s:type", types[i], "s:previous_item_id",
                                        sim_conversation_get_previous_id (self->conversation, item),
                                        "o:item", json_object_ref (item->json), NULL));
}

/**
 * sim_session_new:
 * @hub: must outlive the session
 * @model: as in the URL
 */
SimSession *
sim_session_new (SimHub *hub, const char *model, const SimTransport *transport, gpointer transport_data)
{
  SimSession *self = g_new0 (SimSession, 1);

  self->hub = hub;
  self->transport = transport;
  self->transport_data = transport_data;
  self->number = ++hub->n_sessions;
  self->id = g_strdup_printf ("sess_%04u%06x", self->number, g_random_int_range (0, 0x1000000));
  self->conversation_id = g_strconcat ("conv_", self->id + strlen ("sess_"), NULL);
  self->settings = sim_settings_new (self->id, model,
                                     g_get_real_time () / G_USEC_PER_SEC + hub->session_seconds);
  self->conversation = sim_conversation_new ();
  self->dialogue = sim_dialogue_new (hub->scenario);
  self->faults = hub->faults != NULL ? g_ptr_array_ref (hub->faults) : g_ptr_array_new ();
  self->asides = g_ptr_array_new ();
  self->event_counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->speed = hub->speed;
  g_queue_init (&self->held);
  sim_input_init (self);
  sim_mcp_init (self);
  return self;
}

/* Sends session.created. */
void
sim_session_start (SimSession *self)
{
  self->expiry_timer = g_timeout_add_seconds (self->hub->session_seconds, on_expiry, self);
  sim_session_send (self, sim_object ("s:type", "session.created", "o:session",
                                      json_object_ref (self->settings->session), NULL));
  if (self->hub->scenario->conversation_created)
    sim_session_send (self, sim_object ("s:type", "conversation.created", "o:conversation",
                                        sim_object ("s:id", self->conversation_id, "s:object",
                                                    "realtime.conversation", NULL),
                                        NULL));
}

/* An error for a first frame, then close 4000 with its code: no session. */
void
sim_session_refuse (SimSession *self, const char *code, const char *message)
{
  g_autoptr (SimError) error = sim_error_new (code, NULL, "%s", message);
  g_autofree char *reason = g_strconcat ("invalid_request_error.", code, NULL);
  sim_session_send_error (self, error, NULL);
  sim_session_close (self, 4000, reason);
}

void
sim_session_free (SimSession *self)
{
  self->closed = TRUE;
  g_clear_handle_id (&self->expiry_timer, g_source_remove);
  if (self->active != NULL)
    sim_response_abandon (g_steal_pointer (&self->active));
  for (guint i = 0; i < self->asides->len; i++)
    sim_response_abandon (g_ptr_array_index (self->asides, i));
  g_ptr_array_unref (self->asides);
  sim_input_clear (self);
  sim_mcp_clear (self);
  sim_session_clear_faults (self);
  g_hash_table_unref (self->event_counts);
  g_ptr_array_unref (self->faults);
  sim_dialogue_free (self->dialogue);
  sim_conversation_free (self->conversation);
  sim_settings_free (self->settings);
  g_free (self->conversation_id);
  g_free (self->failure);
  g_free (self->id);
  g_free (self);
}

static SimError *
update_session (SimSession *self, JsonObject *event)
{
  SimError *error = sim_settings_update (self->settings, json_object_get_object_member (event, "session"),
                                         self->has_spoken);
  if (error != NULL)
    return error;
  sim_input_configure (self);
  sim_session_send (self, sim_object ("s:type", "session.updated", "o:session",
                                      json_object_ref (self->settings->session), NULL));
  sim_mcp_list (self);
  return NULL;
}

/* What the dialogue learns from an item that the client adds. */
static void
read_item (SimSession *self, JsonObject *item)
{
  const char *type = sim_object_get_string (item, "type");
  const char *role = sim_object_get_string (item, "role");
  const char *call_id = sim_object_get_string (item, "call_id");

  if (g_strcmp0 (type, "function_call_output") == 0)
    sim_dialogue_read_output (self->dialogue, call_id, sim_object_get_string (item, "output"));
  else if (g_strcmp0 (type, "function_call") == 0)
    sim_dialogue_read_call (self->dialogue, call_id, sim_object_get_string (item, "name"));
  else if (g_strcmp0 (role, "user") == 0)
    {
      const char *text = sim_object_get_string (item, "content.0.text");
      const char *transcript = sim_object_get_string (item, "content.0.transcript");
      sim_dialogue_read_user (self->dialogue, text != NULL ? text : transcript != NULL ? transcript : "");
    }
  else if (g_strcmp0 (role, "assistant") == 0)
    sim_dialogue_read_assistant (self->dialogue, sim_object_get_string (item, "content.0.text"));
}

static SimError *
create_item (SimSession *self, JsonObject *event)
{
  SimError *error = NULL;
  JsonObject *json = sim_object_copy_deep (json_object_get_object_member (event, "item"));

  if (!json_object_has_member (json, "id"))
    {
      g_autofree char *id = sim_session_new_item_id (self);
      json_object_set_string_member (json, "id", id);
    }
  if (!json_object_has_member (json, "call_id")
      && g_strcmp0 (sim_object_get_string (json, "type"), "function_call") == 0)
    {
      g_autofree char *id = g_strdup_printf ("call_%s_%u", self->id + strlen ("sess_"), ++self->n_calls);
      json_object_set_string_member (json, "call_id", id);
    }
  if (g_strcmp0 (sim_object_get_string (json, "role"), "assistant") == 0
      && g_strcmp0 (sim_object_get_string (json, "content.0.type"), "output_audio") == 0)
    {
      json_object_unref (json);
      return sim_error_new ("invalid_value", "item.content[0].type",
                            "Assistant audio messages cannot be created by the client.");
    }
  if (g_strcmp0 (sim_object_get_string (json, "type"), "mcp_approval_response") == 0)
    {
      const char *request = sim_object_get_string (json, "approval_request_id");
      if (!g_hash_table_contains (self->mcp_approvals, request))
        {
          error = sim_error_new ("invalid_value", "item.approval_request_id",
                                 "No approval request with id '%s' waits for an answer.", request);
          json_object_unref (json);
          return error;
        }
    }
  else
    json_object_set_string_member (json, "status", "completed");

  SimItem *item = sim_conversation_insert (self->conversation, json,
                                           sim_object_get_string (event, "previous_item_id"), &error);
  if (item == NULL)
    return error;
  /* Events carry no audio bytes: keep them aside. */
  const char *base64 = sim_object_get_string (item->json, "content.0.audio");
  if (base64 != NULL)
    {
      gsize size;
      guint8 *data = g_base64_decode (base64, &size);
      g_autoptr (GBytes) bytes = g_bytes_new_take (data, size);
      sim_item_add_audio (item, bytes);
      item->audio_bytes = size;
      item->format = self->settings->input_format;
      JsonArray *content = sim_object_get_array (item->json, "content");
      json_object_remove_member (json_array_get_object_element (content, 0), "audio");
    }
  sim_session_add_item_events (self, item);
  read_item (self, item->json);
  if (g_strcmp0 (sim_object_get_string (item->json, "type"), "mcp_approval_response") == 0)
    return sim_mcp_approve (self, item->json);
  return NULL;
}

static SimError *
retrieve_item (SimSession *self, JsonObject *event)
{
  SimError *error = NULL;
  JsonObject *item = sim_conversation_retrieve (self->conversation, sim_object_get_string (event, "item_id"), &error);
  if (item != NULL)
    sim_session_send (self, sim_object ("s:type", "conversation.item.retrieved", "o:item", item, NULL));
  return error;
}

static SimError *
truncate_item (SimSession *self, JsonObject *event)
{
  const char *id = sim_object_get_string (event, "item_id");
  gint64 index = sim_object_get_int (event, "content_index", 0);
  gint64 end_ms = sim_object_get_int (event, "audio_end_ms", 0);
  SimError *error = sim_conversation_truncate (self->conversation, id, index, end_ms);

  if (error != NULL)
    return error;
  /* The client says that it stopped: nothing is being played any more, and
   * speech that is going on was what stopped it. */
  self->playback_end = 0;
  self->input.interrupting = TRUE;
  sim_session_send (self, sim_object ("s:type", "conversation.item.truncated", "s:item_id", id,
                                      "i:content_index", (int) index, "i:audio_end_ms", (int) end_ms, NULL));
  return NULL;
}

static SimError *
delete_item (SimSession *self, JsonObject *event)
{
  const char *id = sim_object_get_string (event, "item_id");
  SimError *error = sim_conversation_delete (self->conversation, id);

  if (error == NULL)
    {
      sim_session_send (self, sim_object ("s:type", "conversation.item.deleted", "s:item_id", id, NULL));
      sim_input_item_deleted (self, id);
    }
  return error;
}

/**
 * sim_session_create_response:
 * @params: (nullable): response of response.create; NULL for one that VAD asks for
 * @event_id: (nullable): of the client's event
 */
void
sim_session_create_response (SimSession *self, JsonObject *params, const char *event_id)
{
  gboolean aside = g_strcmp0 (sim_object_get_string (params, "conversation"), "none") == 0;
  const char *instructions = sim_object_get_string (params, "instructions");
  g_autoptr (SimError) error = NULL;

  if (self->settings->transcription_only)
    error = sim_error_new ("invalid_value", NULL, "Responses are not available in transcription sessions.");
  else if (!aside && self->active != NULL)
    error = sim_error_new ("conversation_already_has_active_response", NULL,
                           "Conversation already has an active response in progress: %s. Wait until "
                           "the response is finished before creating a new one.",
                           sim_response_get_id (self->active));
  if (error != NULL)
    {
      sim_session_send_error (self, error, event_id);
      return;
    }
  SimPlan *plan = aside ? sim_dialogue_aside (self->dialogue, instructions)
                        : sim_dialogue_next (self->dialogue, instructions);
  sim_response_start (self, plan, params, aside);
}

static SimError *
cancel_response (SimSession *self, JsonObject *event)
{
  const char *id = sim_object_get_string (event, "response_id");

  if (self->active != NULL && (id == NULL || strcmp (id, sim_response_get_id (self->active)) == 0))
    {
      sim_response_cancel (self->active, "client_cancelled");
      return NULL;
    }
  for (guint i = 0; id != NULL && i < self->asides->len; i++)
    {
      SimResponse *aside = g_ptr_array_index (self->asides, i);
      if (strcmp (id, sim_response_get_id (aside)) == 0)
        {
          sim_response_cancel (aside, "client_cancelled");
          return NULL;
        }
    }
  return sim_error_new ("response_cancel_not_active", NULL, "Cancellation failed: no active response found");
}

static void
handle_event (SimSession *self, JsonObject *event)
{
  SimEventType type = SIM_EVENT_SESSION_UPDATE;
  g_autoptr (SimError) error = sim_events_check (event, &type);
  const char *event_id = sim_object_get_string (event, "event_id");

  if (error == NULL)
    {
      switch (type)
        {
        case SIM_EVENT_SESSION_UPDATE:
          error = update_session (self, event);
          break;
        case SIM_EVENT_APPEND:
          {
            const char *audio = json_object_get_string_member (event, "audio");
            error = sim_input_append (self, audio, strlen (audio));
            break;
          }
        case SIM_EVENT_COMMIT:
          error = sim_input_commit (self);
          break;
        case SIM_EVENT_CLEAR:
          sim_input_drop_buffer (self);
          sim_session_send (self, sim_object ("s:type", "input_audio_buffer.cleared", NULL));
          break;
        case SIM_EVENT_ITEM_CREATE:
          error = create_item (self, event);
          break;
        case SIM_EVENT_ITEM_RETRIEVE:
          error = retrieve_item (self, event);
          break;
        case SIM_EVENT_ITEM_TRUNCATE:
          error = truncate_item (self, event);
          break;
        case SIM_EVENT_ITEM_DELETE:
          error = delete_item (self, event);
          break;
        case SIM_EVENT_RESPONSE_CREATE:
          sim_session_create_response (self, sim_object_get_object (event, "response"), event_id);
          break;
        case SIM_EVENT_RESPONSE_CANCEL:
          error = cancel_response (self, event);
          break;
        case SIM_EVENT_OUTPUT_CLEAR:
          break; /* refused by the table */
        }
    }
  if (error != NULL)
    sim_session_send_error (self, error, event_id);
}

typedef struct
{
  const char *start;
  gsize length;
} Slice;

/* One string without escapes at *p. */
static gboolean
scan_string (const char **p, const char *end, Slice *slice)
{
  if (*p >= end || **p != '"')
    return FALSE;
  const char *close = memchr (*p + 1, '"', end - *p - 1);
  if (close == NULL || memchr (*p + 1, '\\', close - *p - 1) != NULL)
    return FALSE;
  *slice = (Slice){ *p + 1, close - *p - 1 };
  *p = close + 1;
  return TRUE;
}

static void
skip_space (const char **p, const char *end)
{
  while (*p < end && (**p == ' ' || **p == '\n' || **p == '\t' || **p == '\r'))
    (*p)++;
}

static gboolean
slice_is (const Slice *slice, const char *text)
{
  return slice->length == strlen (text) && memcmp (slice->start, text, slice->length) == 0;
}

/* Fifty times a second per session: an append that has only strings without
 * escapes needs no tree. Anything else goes the long way. */
static gboolean
scan_append (const char *text, gsize length, Slice *audio, Slice *event_id)
{
  const char *p = text, *end = text + length;
  Slice type = { 0 };

  skip_space (&p, end);
  if (p >= end || *p++ != '{')
    return FALSE;
  while (TRUE)
    {
      Slice key, value;
      skip_space (&p, end);
      if (!scan_string (&p, end, &key))
        return FALSE;
      skip_space (&p, end);
      if (p >= end || *p++ != ':')
        return FALSE;
      skip_space (&p, end);
      if (!scan_string (&p, end, &value))
        return FALSE;
      Slice *slot = slice_is (&key, "type")       ? &type
                    : slice_is (&key, "audio")    ? audio
                    : slice_is (&key, "event_id") ? event_id
                                                  : NULL;
      if (slot == NULL || slot->start != NULL)
        return FALSE;
      *slot = value;
      skip_space (&p, end);
      if (p >= end)
        return FALSE;
      char next = *p++;
      if (next == ',')
        continue;
      skip_space (&p, end);
      return next == '}' && p == end && audio->start != NULL && type.start != NULL
             && slice_is (&type, "input_audio_buffer.append") && event_id->length <= 128;
    }
}

static void
receive_append (SimSession *self, const Slice *audio, const Slice *event_id)
{
  static const char type[] = "input_audio_buffer.append";

  if (self->hub->log != NULL)
    {
      g_autofree char *line
          = g_strdup_printf ("{\"type\":\"%s\",%s%.*s%s\"audio\":\"%s\"}", type,
                             event_id->start != NULL ? "\"event_id\":\"" : "", (int) event_id->length,
                             event_id->start != NULL ? event_id->start : "",
                             event_id->start != NULL ? "\"," : "", SIM_LOG_AUDIO);
      sim_log_write (self->hub->log, self->id, TRUE, line, audio->length / 4 * 3);
    }
  sim_session_count_event (self, type, FALSE);
  sim_session_run_faults (self, type, FALSE, TRUE, NULL);
  if (self->closed)
    return;
  g_autoptr (SimError) error = sim_input_append (self, audio->start, audio->length);
  if (error != NULL)
    {
      g_autofree char *id = event_id->start != NULL ? g_strndup (event_id->start, event_id->length) : NULL;
      sim_session_send_error (self, error, id);
    }
  sim_session_run_faults (self, type, FALSE, FALSE, NULL);
}

/**
 * sim_session_receive:
 * @text: one text message of the client
 */
void
sim_session_receive (SimSession *self, const char *text, gsize length)
{
  Slice audio = { 0 }, event_id = { 0 };

  if (self->closed)
    return;
  if (scan_append (text, length, &audio, &event_id))
    {
      receive_append (self, &audio, &event_id);
      return;
    }

  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) parse_error = NULL;
  JsonNode *root = sim_text_is_shallow (text, length) && json_parser_load_from_data (parser, text, length, &parse_error)
                       ? json_parser_get_root (parser)
                       : NULL;
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_autoptr (SimError) error
          = sim_error_new ("invalid_event", NULL, "The event could not be parsed as a JSON object.");
      sim_log_write_raw (self->hub->log, self->id, TRUE, text, length);
      sim_session_send_error (self, error, NULL);
      return;
    }
  JsonObject *event = json_node_get_object (root);
  g_autofree char *type = g_strdup (sim_object_get_string (event, "type"));
  sim_log_write_object (self->hub->log, self->id, TRUE, event);
  if (type != NULL)
    {
      sim_session_count_event (self, type, FALSE);
      sim_session_run_faults (self, type, FALSE, TRUE, NULL);
    }
  if (self->closed)
    return;
  handle_event (self, event);
  if (type != NULL)
    sim_session_run_faults (self, type, FALSE, FALSE, NULL);
}

/* There are no binary frames in this protocol. */
void
sim_session_receive_binary (SimSession *self)
{
  g_autoptr (SimError) error
      = sim_error_new ("invalid_event", NULL, "Binary messages are not supported: send JSON as text.");
  sim_session_send_error (self, error, NULL);
}
