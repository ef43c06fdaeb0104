/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the service is known to refuse in a session, found before it is asked:
 * a value of the wrong kind, a name of the beta, null where it takes none.
 * Members that are not known here pass: the service may have learnt them.
 */
#include "config.h"

#include "realtimerules.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <string.h>

#include "realtimejson.h"

typedef enum
{
  STRING = 1 << 0,
  INTEGER = 1 << 1,
  NUMBER = 1 << 2, /* an integer, too */
  BOOLEAN = 1 << 3,
  OBJECT = 1 << 4,
  ARRAY = 1 << 5,
  NOTHING = 1 << 6, /* null has a meaning; elsewhere it is left out */
} Kinds;

typedef struct
{
  const char *path;
  Kinds kinds;
  double min, max;    /* of numbers; both 0: any */
  const char *values; /* of strings, with blanks between; NULL: any */
} Rule;

/* PROTOCOL: session.update, session. */
static const Rule rules[] = {
  { "type", STRING, .values = "realtime" },
  { "output_modalities", ARRAY },
  { "instructions", STRING },
  { "include", ARRAY | NOTHING },
  { "tools", ARRAY },
  { "tool_choice", STRING | OBJECT, .values = "auto none required" },
  { "parallel_tool_calls", BOOLEAN },
  { "reasoning", OBJECT },
  { "reasoning.effort", STRING },
  { "max_output_tokens", INTEGER | STRING, 1, 4096, "inf" },
  { "truncation", STRING | OBJECT, .values = "auto disabled" },
  { "truncation.retention_ratio", NUMBER, 0, 1 },
  { "truncation.token_limits", OBJECT },
  { "tracing", STRING | OBJECT | NOTHING, .values = "auto" },
  { "prompt", OBJECT | NOTHING },
  { "prompt.id", STRING },
  { "prompt.version", STRING | NOTHING },
  { "prompt.variables", OBJECT | NOTHING },
  { "audio", OBJECT },
  { "audio.input", OBJECT },
  { "audio.input.transcription", OBJECT | NOTHING },
  { "audio.input.transcription.model", STRING },
  { "audio.input.transcription.language", STRING },
  { "audio.input.transcription.languages", ARRAY },
  { "audio.input.transcription.keywords", ARRAY },
  { "audio.input.transcription.prompt", STRING },
  { "audio.input.transcription.delay", STRING, .values = "minimal low medium high xhigh" },
  { "audio.input.noise_reduction", OBJECT | NOTHING },
  { "audio.input.noise_reduction.type", STRING, .values = "near_field far_field" },
  { "audio.input.turn_detection", OBJECT | NOTHING },
  { "audio.input.turn_detection.type", STRING, .values = "server_vad semantic_vad" },
  { "audio.input.turn_detection.threshold", NUMBER, 0, 1 },
  { "audio.input.turn_detection.prefix_padding_ms", INTEGER, 0, G_MAXINT },
  { "audio.input.turn_detection.silence_duration_ms", INTEGER, 0, G_MAXINT },
  { "audio.input.turn_detection.idle_timeout_ms", INTEGER | NOTHING, 5000, 30000 },
  { "audio.input.turn_detection.eagerness", STRING, .values = "low medium high auto" },
  { "audio.input.turn_detection.create_response", BOOLEAN },
  { "audio.input.turn_detection.interrupt_response", BOOLEAN },
  { "audio.output", OBJECT },
  { "audio.output.voice", STRING | OBJECT },
  { "audio.output.speed", NUMBER, 0.25, 1.5 },
};

/* Names that the service refuses, and what to write instead. */
static const struct
{
  const char *path;
  const char *instead;
} wrong_names[] = {
  { "modalities", "output_modalities" },
  { "voice", "audio.output.voice" },
  { "speed", "audio.output.speed" },
  { "turn_detection", "audio.input.turn_detection" },
  { "input_audio_transcription", "audio.input.transcription" },
  { "input_audio_noise_reduction", "audio.input.noise_reduction" },
  { "max_response_output_tokens", "max_output_tokens" },
  { "temperature", NULL },
  { "input_audio_format", NULL },
  { "output_audio_format", NULL },
};

/* What belongs to the element itself. */
static const struct
{
  const char *path;
  const char *by;
} not_here[] = {
  { "model", N_ ("the property 'model'") },
  { "audio.input.format", N_ ("the caps of the sink pad") },
  { "audio.output.format", N_ ("the caps of the src pad") },
};

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, message);
  return FALSE;
}

static const Rule *
find_rule (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (strcmp (rules[i].path, path) == 0)
      return &rules[i];
  return NULL;
}

static Kinds
kind_of (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return OBJECT;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return ARRAY;
  if (JSON_NODE_HOLDS_NULL (node))
    return NOTHING;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return STRING;
    case G_TYPE_BOOLEAN:
      return BOOLEAN;
    case G_TYPE_INT64:
      return INTEGER;
    default:
      return NUMBER;
    }
}

static gboolean
is_one_of (const char *text, const char *values)
{
  g_auto (GStrv) list = g_strsplit (values, " ", -1);

  return g_strv_contains ((const char *const *)list, text);
}

static gboolean
check_value (JsonNode *node, const Rule *rule, GError **error)
{
  Kinds kind = kind_of (node);

  /* Null where it has no meaning says: leave it to the service. */
  if (kind == NOTHING)
    return TRUE;
  if ((kind & rule->kinds) == 0 && !(kind == INTEGER && (rule->kinds & NUMBER)))
    return refuse (error, _ ("'%s' is of the wrong kind"), rule->path);
  if (kind == STRING && rule->values != NULL &&
      !is_one_of (json_node_get_string (node), rule->values))
    return refuse (error, _ ("'%s' can't be \"%s\", only: %s"), rule->path,
                   json_node_get_string (node), rule->values);
  if ((kind & (INTEGER | NUMBER)) && (rule->min != 0 || rule->max != 0))
    {
      double value = json_node_get_double (node);

      if (!(value >= rule->min && value <= rule->max))
        return refuse (error, _ ("'%s' must be from %g to %g"), rule->path, rule->min, rule->max);
    }
  return TRUE;
}

static char *
join (const char *path, const char *name)
{
  return *path == '\0' ? g_strdup (name) : g_strconcat (path, ".", name, NULL);
}

static gboolean
check_object (JsonObject *object, const char *path, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    {
      g_autofree char *at = join (path, name);
      const Rule *rule = find_rule (at);

      for (guint i = 0; i < G_N_ELEMENTS (wrong_names); i++)
        if (strcmp (at, wrong_names[i].path) == 0)
          return wrong_names[i].instead != NULL
                     ? refuse (error, _ ("'%s' is a name of the beta: write '%s'"), at,
                               wrong_names[i].instead)
                     : refuse (error, _ ("'%s' was a part of the beta: leave it out"), at);
      for (guint i = 0; i < G_N_ELEMENTS (not_here); i++)
        if (strcmp (at, not_here[i].path) == 0)
          return refuse (error, _ ("'%s' is set by %s: leave it out"), at, _ (not_here[i].by));
      if (rule == NULL)
        continue;
      if (!check_value (node, rule, error))
        return FALSE;
      if (strcmp (at, "tools") == 0 && JSON_NODE_HOLDS_ARRAY (node) &&
          !gst_realtime_rules_check_tools (json_node_get_array (node), error))
        return FALSE;
      if (JSON_NODE_HOLDS_OBJECT (node) && !check_object (json_node_get_object (node), at, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * gst_realtime_rules_check_session:
 * @session: what is to be merged into session of session.update
 *
 * Returns: %FALSE with @error (GST_LIBRARY_ERROR_SETTINGS) when the service
 *   would refuse it, or when it is the element's own business
 */
gboolean
gst_realtime_rules_check_session (JsonObject *session, GError **error)
{
  return check_object (session, "", error);
}

/* Returns: whether object.name is a string that is not empty */
static gboolean
has_text (JsonObject *object, const char *name)
{
  const char *text = gst_realtime_json_string (object, name);

  return text != NULL && *text != '\0';
}

/**
 * gst_realtime_rules_check_tools:
 *
 * Returns: %FALSE with @error when one of @tools is neither a function nor an
 *   MCP server as session.tools takes them
 */
gboolean
gst_realtime_rules_check_tools (JsonArray *tools, GError **error)
{
  for (guint i = 0; i < json_array_get_length (tools); i++)
    {
      JsonNode *node = json_array_get_element (tools, i);
      JsonObject *tool = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *type = gst_realtime_json_string (tool, "type");

      if (g_strcmp0 (type, "function") == 0)
        {
          if (json_object_has_member (tool, "function"))
            return refuse (error,
                           _ ("tool %u: name and parameters stand in the tool itself, not in "
                              "a 'function' inside it"),
                           i + 1);
          if (!has_text (tool, "name"))
            return refuse (error, _ ("tool %u: a function needs a 'name'"), i + 1);
          if (json_object_has_member (tool, "parameters") &&
              gst_realtime_json_object (tool, "parameters") == NULL)
            return refuse (error, _ ("tool %u: 'parameters' must be a JSON schema"), i + 1);
        }
      else if (g_strcmp0 (type, "mcp") == 0)
        {
          if (!has_text (tool, "server_label"))
            return refuse (error, _ ("tool %u: an MCP server needs a 'server_label'"), i + 1);
          if (has_text (tool, "server_url") + has_text (tool, "connector_id") +
                  has_text (tool, "tunnel_id") !=
              1)
            return refuse (error,
                           _ ("tool %u: an MCP server needs one of 'server_url', "
                              "'connector_id' and 'tunnel_id'"),
                           i + 1);
        }
      else
        return refuse (error, _ ("tool %u: 'type' must be \"function\" or \"mcp\""), i + 1);
    }
  return TRUE;
}

/**
 * gst_realtime_rules_check_response:
 * @response: what is to be merged into response of response.create
 */
gboolean
gst_realtime_rules_check_response (JsonObject *response, GError **error)
{
  JsonNode *conversation = json_object_get_member (response, "conversation");
  JsonNode *metadata = json_object_get_member (response, "metadata");
  JsonArray *tools = gst_realtime_json_array (response, "tools");
  JsonObjectIter iter;
  JsonNode *node;

  if (conversation != NULL && (kind_of (conversation) != STRING ||
                               !is_one_of (json_node_get_string (conversation), "auto none")))
    return refuse (error, _ ("'%s' can't be \"%s\", only: %s"), "conversation",
                   kind_of (conversation) == STRING ? json_node_get_string (conversation) : "",
                   "auto none");
  if (json_object_has_member (response, "input") &&
      gst_realtime_json_array (response, "input") == NULL)
    return refuse (error, _ ("'%s' is of the wrong kind"), "input");
  if (metadata != NULL)
    {
      if (!JSON_NODE_HOLDS_OBJECT (metadata))
        return refuse (error, _ ("'%s' is of the wrong kind"), "metadata");
      /* 16 are allowed, and one is ours. */
      if (json_object_get_size (json_node_get_object (metadata)) > 15)
        return refuse (error, _ ("'%s' has more than %d members"), "metadata", 15);
      json_object_iter_init (&iter, json_node_get_object (metadata));
      while (json_object_iter_next (&iter, NULL, &node))
        if (kind_of (node) != STRING)
          return refuse (error, _ ("'%s' must hold strings only"), "metadata");
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong_names); i++)
    if (json_object_has_member (response, wrong_names[i].path))
      return wrong_names[i].instead != NULL
                 ? refuse (error, _ ("'%s' is a name of the beta: write '%s'"), wrong_names[i].path,
                           wrong_names[i].instead)
                 : refuse (error, _ ("'%s' was a part of the beta: leave it out"),
                           wrong_names[i].path);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      JsonNode *member = strchr (rules[i].path, '.') == NULL && strcmp (rules[i].path, "type") != 0
                             ? json_object_get_member (response, rules[i].path)
                             : NULL;

      if (member != NULL && !check_value (member, &rules[i], error))
        return FALSE;
    }
  return tools == NULL || gst_realtime_rules_check_tools (tools, error);
}

static void
drop_nulls (JsonObject *object, const char *path)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);
      g_autofree char *at = join (path, l->data);
      const Rule *rule = find_rule (at);

      if (rule == NULL)
        continue;
      if (JSON_NODE_HOLDS_NULL (node) && (rule->kinds & NOTHING) == 0)
        json_object_remove_member (object, l->data);
      else if (JSON_NODE_HOLDS_OBJECT (node))
        drop_nulls (json_node_get_object (node), at);
    }
}

/**
 * gst_realtime_rules_drop_nulls:
 *
 * null clears turn_detection, transcription and the like. Elsewhere the
 * service refuses it (and with it the whole update): there the member goes.
 */
void
gst_realtime_rules_drop_nulls (JsonObject *session)
{
  drop_nulls (session, "");
}
