/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "realtimesettings.h"

#include "realtimebackchannel.h"
#include "realtimejson.h"
#include "realtimerules.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_BASE_URL            "wss://api.openai.com/v1/realtime"
#define DEFAULT_HOST                "api.openai.com"
#define DEFAULT_MODEL               "gpt-realtime"
#define DEFAULT_VOICE               "marin"
#define DEFAULT_LANGUAGE            "de"
#define DEFAULT_TRANSCRIPTION_MODEL "gpt-4o-mini-transcribe"
#define DEFAULT_INSTRUCTIONS                                                                       \
  "Du nimmst am Telefon Bestellungen entgegen. Sprich Deutsch, freundlich und in kurzen "          \
  "Sätzen. Frage nach, was unklar ist, und wiederhole Mengen zur Bestätigung."

/* Defaults answer a German order call well. */
GstRealtimeSettings *
gst_realtime_settings_new (void)
{
  GstRealtimeSettings *self = g_new0 (GstRealtimeSettings, 1);

  self->base_url = g_strdup (DEFAULT_BASE_URL);
  self->model = g_strdup (DEFAULT_MODEL);
  self->voice = g_strdup (DEFAULT_VOICE);
  self->speed = 1.0;
  self->instructions = g_strdup (DEFAULT_INSTRUCTIONS);
  self->language = g_strdup (DEFAULT_LANGUAGE);
  self->transcription_model = g_strdup (DEFAULT_TRANSCRIPTION_MODEL);
  self->turn_detection = GST_REALTIME_TURN_SERVER_VAD;
  self->vad_threshold = 0.5;
  self->prefix_padding = 300;
  self->silence_duration = 500;
  self->noise_reduction = GST_REALTIME_NOISE_NEAR_FIELD;
  self->reversible_barge_in = TRUE;
  self->backchannel_duration = 800;
  self->backchannel_timeout = 800;
  self->backchannel_words = g_strdup (GST_REALTIME_BACKCHANNEL_WORDS);
  self->reconnect = TRUE;
  self->renewal_lead = 180;
  return self;
}

GstRealtimeSettings *
gst_realtime_settings_copy (const GstRealtimeSettings *self)
{
  GstRealtimeSettings *copy = g_memdup2 (self, sizeof *self);

  copy->api_key = g_strdup (self->api_key);
  copy->base_url = g_strdup (self->base_url);
  copy->model = g_strdup (self->model);
  copy->voice = g_strdup (self->voice);
  copy->instructions = g_strdup (self->instructions);
  copy->greeting = g_strdup (self->greeting);
  copy->language = g_strdup (self->language);
  copy->transcription_model = g_strdup (self->transcription_model);
  copy->transcription_prompt = g_strdup (self->transcription_prompt);
  copy->extra_headers =
      self->extra_headers != NULL ? gst_structure_copy (self->extra_headers) : NULL;
  copy->tool_choice = g_strdup (self->tool_choice);
  copy->tools = g_strdup (self->tools);
  copy->session = g_strdup (self->session);
  copy->backchannel_words = g_strdup (self->backchannel_words);
  return copy;
}

void
gst_realtime_settings_free (GstRealtimeSettings *self)
{
  if (self == NULL)
    return;
  g_free (self->api_key);
  g_free (self->base_url);
  g_free (self->model);
  g_free (self->voice);
  g_free (self->instructions);
  g_free (self->greeting);
  g_free (self->language);
  g_free (self->transcription_model);
  g_free (self->transcription_prompt);
  g_clear_pointer (&self->extra_headers, gst_structure_free);
  g_free (self->tool_choice);
  g_free (self->tools);
  g_free (self->session);
  g_free (self->backchannel_words);
  g_free (self);
}

/* Puts the property's name before @error. */
static gboolean
of_property (const char *property, GError *local, GError **error)
{
  g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, _ ("Property '%s': %s"),
               property, local->message);
  return FALSE;
}

static gboolean
check_json (const char *property, const char *text, JsonNodeType type, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (text == NULL || *text == '\0')
    return TRUE;

  node = gst_realtime_json_parse (text, strlen (text), &local);
  if (node == NULL)
    {
      g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                   _ ("Property '%s' is not valid JSON: %s"), property, local->message);
      return FALSE;
    }
  if (json_node_get_node_type (node) != type)
    {
      g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                   _ ("Property '%s' must be a JSON %s"), property,
                   type == JSON_NODE_ARRAY ? "array" : "object");
      return FALSE;
    }
  if (type == JSON_NODE_ARRAY
          ? !gst_realtime_rules_check_tools (json_node_get_array (node), &local)
          : !gst_realtime_rules_check_session (json_node_get_object (node), &local))
    return of_property (property, local, error);
  return TRUE;
}

/* auto, none, required, a function's name, or what session.tool_choice takes. */
static gboolean
check_tool_choice (const char *text, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  const char *type;

  if (text == NULL || *text == '\0')
    return TRUE;
  if (*text != '{')
    {
      for (const char *c = text; *c != '\0'; c++)
        if (!g_ascii_isalnum (*c) && *c != '_' && *c != '-')
          {
            g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                         _ ("Property 'tool-choice' must be auto, none, required, the name of a "
                            "function or a JSON object"));
            return FALSE;
          }
      return TRUE;
    }
  node = gst_realtime_json_parse (text, strlen (text), NULL);
  type = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
             ? gst_realtime_json_string (json_node_get_object (node), "type")
             : NULL;
  if (g_strcmp0 (type, "function") == 0 || g_strcmp0 (type, "mcp") == 0)
    return TRUE;
  g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
               _ ("Property 'tool-choice' as JSON must be an object whose \"type\" is \"function\" "
                  "or \"mcp\""));
  return FALSE;
}

/* Names that would break the handshake, or the session by its first frame. */
static gboolean
is_forbidden_header (const char *name)
{
  static const char *const forbidden[] = { "connection",  "content-length",    "host",
                                           "openai-beta", "transfer-encoding", "upgrade" };

  for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++)
    if (g_ascii_strcasecmp (name, forbidden[i]) == 0)
      return TRUE;
  return g_ascii_strncasecmp (name, "sec-websocket-", strlen ("sec-websocket-")) == 0;
}

/* A message about these names the header at most, never its value. */
static gboolean
check_headers (const GstStructure *headers, GError **error)
{
  for (int i = 0; headers != NULL && i < gst_structure_n_fields (headers); i++)
    {
      const char *name = gst_structure_nth_field_name (headers, i);
      const char *value = gst_structure_get_string (headers, name);

      if (is_forbidden_header (name))
        {
          g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                       _ ("Property 'extra-headers': '%s' can't be set: leave it out"), name);
          return FALSE;
        }
      if (value == NULL)
        {
          g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                       _ ("Property 'extra-headers': the value of '%s' must be a string"), name);
          return FALSE;
        }
      for (const char *c = value; *c != '\0'; c++)
        if ((guchar)*c < 0x20 || *c == 0x7f)
          {
            g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                         _ ("Property 'extra-headers': the value of '%s' holds a line break or "
                            "another control character"),
                         name);
            return FALSE;
          }
    }
  return TRUE;
}

/**
 * gst_realtime_settings_get_barge_in:
 * @reversible: (out): whether an interruption can be taken back: then the
 *   service must neither cancel nor answer by itself
 * @asks: (out): whether we ask for the answer to each turn of the caller in
 *   its place
 *
 * What the property session sets explicitly is the application's decision: with
 * interrupt_response or create_response true an interruption is final; with
 * create_response false the application asks for the answers.
 */
void
gst_realtime_settings_get_barge_in (const GstRealtimeSettings *self,
                                    gboolean *reversible,
                                    gboolean *asks)
{
  g_autoptr (JsonNode) node =
      self->session != NULL
          ? gst_realtime_json_parse (self->session, strlen (self->session), NULL)
          : NULL;
  JsonObject *turn =
      node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  turn = gst_realtime_json_object (turn, "audio");
  turn = gst_realtime_json_object (turn, "input");
  turn = gst_realtime_json_object (turn, "turn_detection");
  *reversible = self->reversible_barge_in && self->turn_detection != GST_REALTIME_TURN_NONE &&
                !gst_realtime_json_bool (turn, "interrupt_response", FALSE) &&
                !gst_realtime_json_bool (turn, "create_response", FALSE);
  *asks = *reversible && (turn == NULL || !json_object_has_member (turn, "create_response"));
}

/**
 * gst_realtime_settings_has_mcp:
 * @n_servers: (out): how many MCP servers the model is to be given
 *
 * Returns: whether there is one, in tools or in what is merged
 */
gboolean
gst_realtime_settings_has_mcp (const GstRealtimeSettings *self, guint *n_servers)
{
  g_autoptr (JsonNode) tools = NULL;
  g_autoptr (JsonNode) session = NULL;
  JsonArray *list = NULL;

  *n_servers = 0;
  /* Most sessions have none: no tree for that. */
  if ((self->tools == NULL || strstr (self->tools, "mcp") == NULL) &&
      (self->session == NULL || strstr (self->session, "mcp") == NULL))
    return FALSE;
  if (self->session != NULL)
    session = gst_realtime_json_parse (self->session, strlen (self->session), NULL);
  if (session != NULL && JSON_NODE_HOLDS_OBJECT (session))
    list = gst_realtime_json_array (json_node_get_object (session), "tools");
  if (list == NULL && self->tools != NULL)
    tools = gst_realtime_json_parse (self->tools, strlen (self->tools), NULL);
  if (tools != NULL && JSON_NODE_HOLDS_ARRAY (tools))
    list = json_node_get_array (tools);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_OBJECT (node) &&
          g_strcmp0 (gst_realtime_json_string (json_node_get_object (node), "type"), "mcp") == 0)
        ++*n_servers;
    }
  return *n_servers > 0;
}

/* Returns: (transfer full) (nullable): base-url */
static GUri *
parse_base_url (const GstRealtimeSettings *self, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  if (self->base_url != NULL)
    uri = g_uri_parse (self->base_url, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL ||
      (strcmp (g_uri_get_scheme (uri), "ws") != 0 && strcmp (g_uri_get_scheme (uri), "wss") != 0) ||
      g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
                   _ ("Property 'base-url' must be a ws:// or wss:// URL, such as %s"),
                   DEFAULT_BASE_URL);
      return NULL;
    }
  return g_steal_pointer (&uri);
}

/**
 * gst_realtime_settings_build_url:
 *
 * Returns: (transfer full): base-url with the model in its query, unless the
 *   URL names a model, a deployment or a call already; %NULL with @error
 *   (GST_RESOURCE_ERROR) if it is no WebSocket URL
 */
char *
gst_realtime_settings_build_url (const GstRealtimeSettings *self, GError **error)
{
  g_autoptr (GUri) uri = parse_base_url (self, error);
  g_autofree char *text = NULL;
  g_autofree char *model = NULL;
  const char *query;

  if (uri == NULL)
    return NULL;
  query = g_uri_get_query (uri);
  if (query != NULL)
    {
      g_autoptr (GHashTable) params = g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL);

      if (params != NULL &&
          (g_hash_table_contains (params, "model") || g_hash_table_contains (params, "call_id") ||
           g_hash_table_contains (params, "deployment")))
        return g_uri_to_string (uri);
    }

  if (self->model == NULL || *self->model == '\0')
    {
      g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                   _ ("Property 'model' must name a model, such as %s"), DEFAULT_MODEL);
      return NULL;
    }

  model = g_uri_escape_string (self->model, NULL, FALSE);
  text = g_uri_to_string (uri);
  if (g_uri_get_fragment (uri) != NULL)
    *strchr (text, '#') = '\0';
  return g_strdup_printf ("%s%cmodel=%s", text, query != NULL ? '&' : '?', model);
}

/**
 * gst_realtime_settings_check:
 * @property: name of the one that was set
 *
 * Returns: %FALSE with @error when its value can't be right, whatever the
 *   others are
 */
gboolean
gst_realtime_settings_check (const GstRealtimeSettings *self, const char *property, GError **error)
{
  if (strcmp (property, "tools") == 0)
    return check_json (property, self->tools, JSON_NODE_ARRAY, error);
  if (strcmp (property, "session") == 0)
    return check_json (property, self->session, JSON_NODE_OBJECT, error);
  if (strcmp (property, "tool-choice") == 0)
    return check_tool_choice (self->tool_choice, error);
  if (strcmp (property, "extra-headers") == 0)
    return check_headers (self->extra_headers, error);
  if (strcmp (property, "base-url") == 0)
    {
      g_autoptr (GUri) uri = parse_base_url (self, error);

      return uri != NULL;
    }
  if (strcmp (property, "idle-timeout") == 0 && self->idle_timeout != 0 &&
      (self->idle_timeout < 5000 || self->idle_timeout > 30000))
    {
      g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                   _ ("Property 'idle-timeout' must be 0 or from 5000 to 30000 ms"));
      return FALSE;
    }
  return TRUE;
}

/**
 * gst_realtime_settings_validate:
 *
 * Returns: whether a session can be opened with these; otherwise @error says
 *   which property to change
 */
gboolean
gst_realtime_settings_validate (const GstRealtimeSettings *self, GError **error)
{
  static const char *const checked[] = { "tools", "session", "tool-choice", "extra-headers",
                                         "idle-timeout" };
  g_autofree char *url = gst_realtime_settings_build_url (self, error);
  g_autoptr (GUri) uri = NULL;

  if (url == NULL)
    return FALSE;
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  if (self->api_key == NULL && uri != NULL &&
      g_ascii_strcasecmp (g_uri_get_host (uri), DEFAULT_HOST) == 0)
    {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
                   _ ("No API key: set the environment variable OPENAI_API_KEY or the property "
                      "'api-key'"));
      return FALSE;
    }
  for (const char *c = self->api_key; c != NULL && *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      {
        g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
                     _ ("The API key holds a blank, a line break or another character that no key "
                        "has: check OPENAI_API_KEY or the property 'api-key'"));
        return FALSE;
      }
  for (guint i = 0; i < G_N_ELEMENTS (checked); i++)
    if (!gst_realtime_settings_check (self, checked[i], error))
      return FALSE;
  return TRUE;
}
