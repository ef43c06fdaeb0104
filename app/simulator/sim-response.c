/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* One response: its events in the order of PROTOCOL section 3, its audio
 * streamed faster than it is played, in ragged sizes. */
#include <string.h>

#include "sim-json.h"
#include "sim-session-private.h"

/* How far the transcript runs ahead of the audio. */
#define TRANSCRIPT_LEAD_MS 1200
/* Short sentences are spoken with the next one. */
#define MIN_SENTENCE_BYTES 40
/* Audio of the assistant costs a token per 50 ms, of the user per 100 ms:
 * PROTOCOL section 5. */
#define MS_PER_AUDIO_TOKEN 50

/* A stretch of the text that is synthesized as one. */
typedef struct
{
  gsize start, end; /* in the text, bytes */
  GBytes *audio;    /* NULL until it is ready */
} Sentence;

struct _SimResponse
{
  gint ref_count;
  SimSession *session; /* NULL once it is over */
  char *id;
  SimPlan *plan;
  gboolean aside;
  gboolean with_audio;
  SimSpeechStyle style;
  char *voice;
  JsonNode *metadata;
  JsonNode *max_tokens;
  gint64 max_audio_bytes; /* -1: no limit */
  JsonArray *modalities;
  JsonArray *output;   /* final items */
  SimConversation *own; /* the items of one out of band */

  guint timer;
  gboolean begun;
  gboolean waiting;    /* for speech */
  SimItem *item;       /* open now; belongs to a conversation */
  guint output_index;
  GArray *sentences;
  guint sentence;
  gsize offset;        /* bytes sent of the sentence's audio */
  gsize text_sent;     /* bytes */
  gint64 audio_sent;   /* bytes of the item */
  gint64 all_audio_sent; /* bytes of the response */
  guint n_deltas;
  guint32 random;
  guint next_call;
  GHashTable *needs_approval; /* SimPlannedCall of the plan; nullable */
};

static void
response_unref (gpointer data)
{
  SimResponse *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  for (guint i = 0; i < self->sentences->len; i++)
    g_clear_pointer (&g_array_index (self->sentences, Sentence, i).audio, g_bytes_unref);
  g_array_unref (self->sentences);
  g_clear_pointer (&self->needs_approval, g_hash_table_unref);
  sim_plan_free (self->plan);
  g_clear_pointer (&self->own, sim_conversation_free);
  g_clear_pointer (&self->metadata, json_node_unref);
  g_clear_pointer (&self->max_tokens, json_node_unref);
  json_array_unref (self->modalities);
  json_array_unref (self->output);
  g_free (self->voice);
  g_free (self->id);
  g_free (self);
}

const char *
sim_response_get_id (SimResponse *self)
{
  return self->id;
}

/* Small and repeatable: tests see the same sizes in every run. */
static guint
next_random (SimResponse *self, guint below)
{
  self->random = self->random * 1664525u + 1013904223u;
  return (self->random >> 8) % below;
}

static SimConversation *
get_conversation (SimResponse *self)
{
  return self->aside ? self->own : self->session->conversation;
}

static JsonObject *
new_usage (SimResponse *self)
{
  SimSession *session = self->session;
  int audio_out = self->all_audio_sent / sim_format_get_bytes_per_ms (self->style.format) / MS_PER_AUDIO_TOKEN;
  int text_out = self->plan->text != NULL ? g_utf8_strlen (self->plan->text, -1) / 4 + 1 : 0;
  int text_in = 100, audio_in = 0;

  for (guint i = 0; i < session->conversation->items->len; i++)
    {
      SimItem *item = g_ptr_array_index (session->conversation->items, i);
      if (item->is_model_audio)
        text_in += 10;
      else
        audio_in += item->audio_bytes / sim_format_get_bytes_per_ms (item->format) / 100;
    }
  for (guint i = 0; i < self->next_call; i++)
    text_out += 16;
  return sim_object (
      "i:total_tokens", text_in + audio_in + text_out + audio_out, "i:input_tokens", text_in + audio_in,
      "i:output_tokens", text_out + audio_out, "o:input_token_details",
      sim_object ("i:text_tokens", text_in, "i:audio_tokens", audio_in, "i:image_tokens", 0,
                  "i:cached_tokens", 64, "o:cached_tokens_details",
                  sim_object ("i:text_tokens", 64, "i:audio_tokens", 0, "i:image_tokens", 0, NULL), NULL),
      "o:output_token_details",
      sim_object ("i:text_tokens", text_out, "i:audio_tokens", audio_out, NULL), NULL);
}

/* (transfer full): the response object of created and done */
static JsonObject *
describe (SimResponse *self, const char *status, JsonObject *details)
{
  gboolean running = strcmp (status, "in_progress") == 0;
  JsonObject *format = sim_object ("s:type", sim_format_get_type_name (self->style.format), NULL);
  if (self->style.format == SIM_FORMAT_PCM)
    json_object_set_int_member (format, "rate", 24000);

  return sim_object (
      "s:object", "realtime.response", "s:id", self->id, "s:status", status, "o:status_details", details,
      "a:output", running ? json_array_new () : json_array_ref (self->output), "s:conversation_id",
      self->aside ? NULL : self->session->conversation_id, "a:output_modalities",
      json_array_ref (self->modalities), "N:max_output_tokens", json_node_copy (self->max_tokens), "o:audio",
      sim_object ("o:output", sim_object ("o:format", format, "s:voice", self->voice, NULL), NULL),
      "o:usage", running ? NULL : new_usage (self), "N:metadata",
      self->metadata != NULL ? json_node_copy (self->metadata) : NULL, NULL);
}

/* Over: the last event, and room for the next response. */
static void
finish (SimResponse *self, const char *status, JsonObject *details)
{
  SimSession *session = self->session;
  JsonObject *response = describe (self, status, details);
  gboolean aside = self->aside;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (session->active == self)
    session->active = NULL;
  else
    g_ptr_array_remove (session->asides, self);
  self->session = NULL;
  sim_session_send (session, sim_object ("s:type", "response.done", "o:response", response, NULL));
  response_unref (self);
  if (!aside && !session->closed)
    sim_input_response_done (session);
}

/* Without a word: the client is gone. */
void
sim_response_abandon (SimResponse *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->session = NULL;
  response_unref (self);
}

static void
open_item (SimResponse *self, JsonObject *json)
{
  SimSession *session = self->session;

  self->item = sim_conversation_append (get_conversation (self), json);
  sim_session_send (session, sim_object ("s:type", "response.output_item.added", "s:response_id", self->id,
                                         "i:output_index", (int) self->output_index, "o:item",
                                         sim_object_copy_deep (json), NULL));
  if (!self->aside)
    sim_session_send (session, sim_object ("s:type", "conversation.item.added", "s:previous_item_id",
                                           sim_conversation_get_previous_id (session->conversation, self->item),
                                           "o:item", sim_object_copy_deep (json), NULL));
}

static void
close_item (SimResponse *self, const char *status)
{
  SimSession *session = self->session;
  JsonObject *json = self->item->json;

  if (!g_str_has_prefix (sim_object_get_string (json, "type"), "mcp_"))
    json_object_set_string_member (json, "status", status);
  json_array_add_object_element (self->output, sim_object_copy_deep (json));
  sim_session_send (session, sim_object ("s:type", "response.output_item.done", "s:response_id", self->id,
                                         "i:output_index", (int) self->output_index, "o:item",
                                         sim_object_copy_deep (json), NULL));
  if (!self->aside)
    sim_session_send (session, sim_object ("s:type", "conversation.item.done", "s:previous_item_id",
                                           sim_conversation_get_previous_id (session->conversation, self->item),
                                           "o:item", sim_object_copy_deep (json), NULL));
  self->item = NULL;
  self->output_index++;
}

/* An event about the open item's one part. */
static void
send_part_event (SimResponse *self, const char *type, const char *member, const char *value, JsonObject *part)
{
  JsonObject *event
      = sim_object ("s:type", type, "s:response_id", self->id, "s:item_id", self->item->id, "i:output_index",
                    (int) self->output_index, "i:content_index", 0, NULL);
  if (member != NULL)
    json_object_set_string_member (event, member, value);
  if (part != NULL)
    json_object_set_object_member (event, "part", part);
  sim_session_send (self->session, event);
}

static JsonObject *
new_part (SimResponse *self, const char *text)
{
  return self->with_audio ? sim_object ("s:type", "audio", "s:transcript", text, NULL)
                          : sim_object ("s:type", "text", "s:text", text, NULL);
}

static void
open_message (SimResponse *self)
{
  g_autofree char *item_id = sim_session_new_item_id (self->session);

  open_item (self, sim_object ("s:id", item_id, "s:type", "message", "s:status", "in_progress", "s:role",
                               "assistant", "a:content", json_array_new (), NULL));
  self->item->is_model_audio = self->with_audio;
  self->item->format = self->style.format;
  send_part_event (self, "response.content_part.added", NULL, NULL, new_part (self, ""));
}

static void
close_message (SimResponse *self, const char *status)
{
  g_autofree char *text = g_strndup (self->plan->text, self->text_sent);
  JsonArray *content = sim_object_get_array (self->item->json, "content");

  if (self->with_audio)
    {
      send_part_event (self, "response.output_audio.done", NULL, NULL, NULL);
      send_part_event (self, "response.output_audio_transcript.done", "transcript", text, NULL);
      json_array_add_object_element (content, sim_object ("s:type", "output_audio", "s:transcript", text, NULL));
    }
  else
    {
      send_part_event (self, "response.output_text.done", "text", text, NULL);
      json_array_add_object_element (content, sim_object ("s:type", "output_text", "s:text", text, NULL));
    }
  send_part_event (self, "response.content_part.done", NULL, NULL, new_part (self, text));
  close_item (self, status);
}

/* Sends the text up to @end, which is moved to the end of its word. */
static void
send_text_until (SimResponse *self, gsize end)
{
  const char *text = self->plan->text;

  if (end <= self->text_sent)
    return;
  while (text[end] != '\0' && text[end] != ' ')
    end++;
  g_autofree char *delta = g_strndup (text + self->text_sent, end - self->text_sent);
  self->text_sent = end;
  send_part_event (self,
                   self->with_audio ? "response.output_audio_transcript.delta" : "response.output_text.delta",
                   "delta", delta, NULL);
}

/* The hot event: written by hand, with a short stand-in for the log. */
static void
send_audio (SimResponse *self, const guint8 *data, gsize size)
{
  static const char type[] = "response.output_audio.delta";
  SimSession *session = self->session;
  g_autofree char *base64 = g_base64_encode (data, size);
  const char *const payloads[] = { base64, SIM_LOG_AUDIO };
  char *texts[2];

  session->n_events++;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    texts[i] = i == 1 && session->hub->log == NULL
                   ? NULL
                   : g_strdup_printf ("{\"type\":\"%s\",\"event_id\":\"event_%s_%u\",\"response_id\":\"%s\","
                                      "\"item_id\":\"%s\",\"output_index\":%u,\"content_index\":0,"
                                      "\"delta\":\"%s\"}",
                                      type, session->id + strlen ("sess_"), session->n_events, self->id,
                                      self->item->id, self->output_index, payloads[i]);
  /* Counted before they go: a truncate may come back for them at once. */
  self->item->audio_bytes += size;
  self->audio_sent += size;
  self->all_audio_sent += size;
  session->has_spoken = TRUE;
  gint64 now = g_get_monotonic_time ();
  session->playback_end = MAX (now, session->playback_end)
                          + (gint64) size * 1000 / sim_format_get_bytes_per_ms (self->style.format);
  sim_session_send_text (session, type, texts[0], strlen (texts[0]), texts[1], size);
  g_free (texts[0]);
  g_free (texts[1]);
}

/* Ragged on purpose: small ones first, a big one now and then (a frame above
 * 64 KiB in PCM). */
static gsize
next_delta_bytes (SimResponse *self)
{
  guint ms = self->n_deltas == 0        ? 40
             : self->n_deltas == 1      ? 100
             : self->n_deltas % 11 == 7 ? 1200
                                        : 20 + next_random (self, 380);
  gsize bytes = ms * sim_format_get_bytes_per_ms (self->style.format);
  guint sample_bytes = sim_format_get_sample_bytes (self->style.format);

  self->n_deltas++;
  bytes += next_random (self, 7) * sample_bytes;
  if (self->session->odd_deltas)
    bytes |= 1;
  return bytes;
}

static gboolean on_pump (gpointer data);

static void
pump_later (SimResponse *self, guint ms)
{
  if (self->timer == 0)
    self->timer = g_timeout_add (ms, on_pump, self);
}

static void
finish_message (SimResponse *self, const char *status)
{
  if (strcmp (status, "completed") == 0)
    send_text_until (self, strlen (self->plan->text));
  if (self->session != NULL && !self->session->closed)
    close_message (self, status);
}

/* Sends the next piece of audio; FALSE when the message is complete or cut. */
static gboolean
pump_audio (SimResponse *self, gboolean *cut)
{
  Sentence *sentence;
  gsize size = 0;
  const guint8 *data = NULL;

  while (TRUE)
    {
      if (self->sentence >= self->sentences->len)
        return FALSE;
      sentence = &g_array_index (self->sentences, Sentence, self->sentence);
      if (sentence->audio == NULL)
        {
          self->waiting = TRUE;
          return TRUE;
        }
      data = g_bytes_get_data (sentence->audio, &size);
      if (self->offset == 0 && size > 0)
        sim_item_add_audio (self->item, sentence->audio);
      if (self->offset < size)
        break;
      self->sentence++;
      self->offset = 0;
    }

  gsize n = next_delta_bytes (self);
  n = MIN (n, size - self->offset);
  if (self->max_audio_bytes >= 0 && self->all_audio_sent + (gint64) n >= self->max_audio_bytes)
    {
      n = self->max_audio_bytes - self->all_audio_sent;
      *cut = TRUE;
    }
  guint bytes_per_ms = sim_format_get_bytes_per_ms (self->style.format);
  gsize reached = MIN (size, self->offset + n + TRANSCRIPT_LEAD_MS * bytes_per_ms);
  send_text_until (self, sentence->start + (sentence->end - sentence->start) * reached / size);
  if (n > 0 && !self->session->closed)
    send_audio (self, data + self->offset, n);
  self->offset += n;
  if (*cut || self->session->closed)
    return FALSE;
  pump_later (self, self->session->speed > 0 ? n / bytes_per_ms / self->session->speed : 0);
  return TRUE;
}

/* Without audio: a few words at a time. */
static gboolean
pump_text (SimResponse *self)
{
  gsize length = strlen (self->plan->text);

  if (self->text_sent >= length)
    return FALSE;
  send_text_until (self, MIN (length, self->text_sent + 24));
  pump_later (self, self->session->speed > 0 ? 100 / self->session->speed : 0);
  return TRUE;
}

static void
make_call (SimResponse *self, SimPlannedCall *call)
{
  SimSession *session = self->session;
  g_autofree char *item_id = sim_session_new_item_id (session);
  g_autofree char *call_id = g_strdup_printf ("call_%s_%u", session->id + strlen ("sess_"), ++session->n_calls);
  gsize length = strlen (call->arguments);

  open_item (self, sim_object ("s:id", item_id, "s:type", "function_call", "s:status", "in_progress",
                               "s:name", call->name, "s:call_id", call_id, "s:arguments", "", NULL));
  for (gsize sent = 0; sent < length && !session->closed;)
    {
      const char *end = call->arguments + MIN (length, sent + 12);
      while ((*end & 0xc0) == 0x80) /* not within a character */
        end++;
      g_autofree char *delta = g_strndup (call->arguments + sent, end - (call->arguments + sent));
      sim_session_send (session, sim_object ("s:type", "response.function_call_arguments.delta",
                                             "s:response_id", self->id, "s:item_id", item_id,
                                             "i:output_index", (int) self->output_index, "s:call_id",
                                             call_id, "s:delta", delta, NULL));
      sent = end - call->arguments;
    }
  json_object_set_string_member (self->item->json, "arguments", call->arguments);
  sim_session_send (session, sim_object ("s:type", "response.function_call_arguments.done", "s:response_id",
                                         self->id, "s:item_id", item_id, "i:output_index",
                                         (int) self->output_index, "s:call_id", call_id, "s:name",
                                         call->name, "s:arguments", call->arguments, NULL));
  if (!self->aside)
    sim_dialogue_set_call (session->dialogue, call_id, call->as);
  close_item (self, "completed");
}

/* A tool of an MCP server: run here and now, or when it is approved. */
static void
make_mcp_call (SimResponse *self, SimPlannedCall *call)
{
  SimSession *session = self->session;
  g_autofree char *item_id = sim_session_new_item_id (session);
  JsonObject *event;

  if (self->needs_approval != NULL && g_hash_table_contains (self->needs_approval, call))
    {
      JsonObject *request = sim_mcp_new_item (item_id, call);
      json_object_set_string_member (request, "type", "mcp_approval_request");
      json_object_set_string_member (request, "arguments", call->arguments);
      sim_mcp_wait (session, item_id, call);
      open_item (self, request);
      if (!session->closed)
        close_item (self, NULL);
      return;
    }
  open_item (self, sim_mcp_new_item (item_id, call));
  if (session->closed)
    return;
  event = sim_object ("s:type", "response.mcp_call_arguments.delta", "s:response_id", self->id, "s:item_id",
                      item_id, "i:output_index", (int) self->output_index, "s:delta", call->arguments, NULL);
  sim_session_send (session, event);
  event = sim_object ("s:type", "response.mcp_call_arguments.done", "s:response_id", self->id, "s:item_id",
                      item_id, "i:output_index", (int) self->output_index, "s:arguments", call->arguments, NULL);
  sim_session_send (session, event);
  sim_mcp_finish (session, self->item->json, call, self->output_index);
  if (!session->closed)
    close_item (self, NULL);
}

static void
begin (SimResponse *self)
{
  SimSession *session = self->session;
  JsonArray *limits = json_array_new ();

  self->begun = TRUE;
  sim_session_send (session, sim_object ("s:type", "response.created", "o:response",
                                         describe (self, "in_progress", NULL), NULL));
  json_array_add_object_element (
      limits, sim_object ("s:name", "requests", "i:limit", 1000, "i:remaining", 999 - (int) session->n_responses % 900,
                          "d:reset_seconds", 0.06, NULL));
  json_array_add_object_element (limits, sim_object ("s:name", "tokens", "i:limit", 40000, "i:remaining", 39500,
                                                     "d:reset_seconds", 0.75, NULL));
  if (!session->closed)
    sim_session_send (session, sim_object ("s:type", "rate_limits.updated", "a:rate_limits", limits, NULL));
  else
    json_array_unref (limits);
}

static void
fail (SimResponse *self)
{
  g_autofree char *code = g_steal_pointer (&self->session->failure);
  gboolean is_server = strcmp (code, "server_error") == 0;

  if (self->item != NULL)
    finish_message (self, "incomplete");
  finish (self, "failed",
          sim_object ("s:type", "failed", "o:error",
                      sim_object ("s:type", is_server ? "server_error" : "invalid_request_error", "s:code", code, NULL),
                      NULL));
}

static void
pump (SimResponse *self)
{
  SimSession *session = self->session;
  gboolean cut = FALSE;

  if (session->closed)
    return;
  if (!self->begun)
    begin (self);
  if (session->closed)
    return;
  if (session->failure != NULL)
    {
      fail (self);
      return;
    }
  if (self->plan->text != NULL && self->output_index == 0)
    {
      if (self->item == NULL)
        open_message (self);
      if (session->closed || (self->with_audio ? pump_audio (self, &cut) : pump_text (self)) || session->closed)
        return;
      finish_message (self, cut ? "incomplete" : "completed");
      if (cut && !session->closed)
        {
          finish (self, "incomplete", sim_object ("s:type", "incomplete", "s:reason", "max_output_tokens", NULL));
          return;
        }
    }
  while (self->next_call < self->plan->calls->len && !session->closed)
    {
      SimPlannedCall *call = g_ptr_array_index (self->plan->calls, self->next_call++);
      if (call->server != NULL)
        make_mcp_call (self, call);
      else
        make_call (self, call);
    }
  if (!session->closed)
    finish (self, "completed", NULL);
}

static gboolean
on_pump (gpointer data)
{
  SimResponse *self = data;
  self->timer = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  SimResponse *response;
  guint index;
} SpeechRequest;

static void
speech_request_free (gpointer data)
{
  SpeechRequest *request = data;
  response_unref (request->response);
  g_free (request);
}

static void
on_speech_ready (GBytes *audio, gpointer user_data)
{
  SpeechRequest *request = user_data;
  SimResponse *self = request->response;

  if (self->session == NULL)
    return;
  g_array_index (self->sentences, Sentence, request->index).audio = g_bytes_ref (audio);
  if (self->waiting && request->index == self->sentence)
    {
      self->waiting = FALSE;
      pump (self);
    }
}

/* Splits the text so that the first words are heard before the last are
 * synthesized, and asks for the speech of each stretch. */
static void
request_speech (SimResponse *self)
{
  const char *text = self->plan->text;
  gsize length = strlen (text), start = 0;

  for (gsize i = 0; i < length; i++)
    {
      gboolean ends = strchr (".!?:;", text[i]) != NULL && text[i + 1] == ' '
                      && !(i > 0 && g_ascii_isdigit (text[i - 1])) && i - start >= MIN_SENTENCE_BYTES;
      if (!ends && i + 1 < length)
        continue;
      Sentence sentence = { .start = start, .end = i + 1 };
      g_autofree char *part = g_strndup (text + start, sentence.end - start);
      g_strstrip (part);
      sentence.audio = sim_speech_lookup (self->session->hub->speech, &self->style, part);
      g_array_append_val (self->sentences, sentence);
      if (sentence.audio == NULL)
        {
          SpeechRequest *request = g_new0 (SpeechRequest, 1);
          request->response = self;
          g_atomic_int_inc (&self->ref_count);
          request->index = self->sentences->len - 1;
          sim_speech_request (self->session->hub->speech, &self->style, part, on_speech_ready, request,
                              speech_request_free);
        }
      start = i + 1;
    }
}

/* What @params says, or else the session. */
static JsonNode *
get_param (SimSession *session, JsonObject *params, const char *path)
{
  JsonNode *node = sim_object_lookup (params, path);
  return node != NULL ? node : sim_object_lookup (session->settings->session, path);
}

static gboolean
is_declared (JsonNode *tools, const char *name)
{
  JsonArray *array = tools != NULL && JSON_NODE_HOLDS_ARRAY (tools) ? json_node_get_array (tools) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      if (g_strcmp0 (sim_object_get_string (json_array_get_object_element (array, i), "name"), name) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A model calls only what it was told of. */
static void
drop_unknown_calls (SimResponse *self, JsonObject *params)
{
  JsonNode *tools = get_param (self->session, params, "tools");
  JsonNode *choice = get_param (self->session, params, "tool_choice");
  gboolean none = choice != NULL && JSON_NODE_HOLDS_VALUE (choice)
                  && g_strcmp0 (json_node_get_string (choice), "none") == 0;

  for (guint i = self->plan->calls->len; i > 0; i--)
    {
      SimPlannedCall *call = g_ptr_array_index (self->plan->calls, i - 1);
      if (!none && (call->server != NULL ? sim_mcp_is_declared (tools, call->server)
                                         : is_declared (tools, call->name)))
        {
          if (call->server != NULL && sim_mcp_needs_approval (tools, call))
            {
              if (self->needs_approval == NULL)
                self->needs_approval = g_hash_table_new (NULL, NULL);
              g_hash_table_add (self->needs_approval, call);
            }
          continue;
        }
      g_warning ("the scenario calls %s, but %s", call->name,
                 none ? "tool_choice is none" : "session.tools has no such tool");
      g_ptr_array_remove_index (self->plan->calls, i - 1);
    }
}

static void
read_params (SimResponse *self, JsonObject *params)
{
  SimSession *session = self->session;
  JsonNode *modalities = get_param (session, params, "output_modalities");
  JsonNode *metadata = sim_object_lookup (params, "metadata");
  const char *format = sim_object_get_string (params, "audio.output.format.type");
  const char *voice = sim_object_get_string (params, "audio.output.voice");

  if (voice == NULL)
    voice = sim_object_get_string (params, "audio.output.voice.id");
  if (voice == NULL)
    voice = sim_settings_get_voice (session->settings);
  self->voice = g_strdup (voice);
  self->modalities = json_array_ref (json_node_get_array (modalities));
  self->with_audio = json_array_get_length (self->modalities) == 0
                     || strcmp (json_array_get_string_element (self->modalities, 0), "audio") == 0;
  self->metadata = metadata != NULL ? sim_node_copy_deep (metadata) : NULL;
  self->max_tokens = json_node_copy (get_param (session, params, "max_output_tokens"));
  self->style = (SimSpeechStyle){ session->hub->scenario->language, self->voice, session->settings->speed,
                                  session->settings->output_format };
  if (format != NULL)
    sim_format_from_type (format, &self->style.format);
  self->max_audio_bytes = -1;
  if (json_node_get_value_type (self->max_tokens) == G_TYPE_INT64)
    self->max_audio_bytes = json_node_get_int (self->max_tokens) * MS_PER_AUDIO_TOKEN
                            * sim_format_get_bytes_per_ms (self->style.format);
}

/**
 * sim_response_start:
 * @plan: (transfer full): what it will hold
 * @params: (nullable): response of the response.create
 * @aside: out of band
 *
 * Returns: (transfer none): the response, which belongs to the session and may
 *   be over already
 */
SimResponse *
sim_response_start (SimSession *session, SimPlan *plan, JsonObject *params, gboolean aside)
{
  SimResponse *self = g_new0 (SimResponse, 1);

  self->ref_count = 1;
  self->session = session;
  self->id = g_strdup_printf ("resp_%s_%u", session->id + strlen ("sess_"), ++session->n_responses);
  self->plan = plan;
  self->aside = aside;
  self->output = json_array_new ();
  self->sentences = g_array_new (FALSE, TRUE, sizeof (Sentence));
  self->random = session->n_responses * 7919u;
  self->own = aside ? sim_conversation_new () : NULL;
  read_params (self, params);
  drop_unknown_calls (self, params);
  if (aside)
    g_ptr_array_add (session->asides, self);
  else
    session->active = self;
  session->input.idle_deadline = 0;
  if (plan->text != NULL && self->with_audio)
    request_speech (self);
  pump_later (self, session->hub->think_ms);
  return self;
}

/**
 * sim_response_cancel:
 * @reason: "turn_detected" or "client_cancelled"
 *
 * Closes what is open as incomplete, then response.done.
 */
void
sim_response_cancel (SimResponse *self, const char *reason)
{
  if (self->session->closed)
    return;
  if (!self->begun)
    begin (self);
  if (self->item != NULL && !self->session->closed)
    finish_message (self, "incomplete");
  if (!self->session->closed)
    finish (self, "cancelled", sim_object ("s:type", "cancelled", "s:reason", reason, NULL));
}
