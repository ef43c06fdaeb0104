/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "realtimejson.h"

#include <math.h>

/* What json-glib does not see to. It recurses per level without a bound, makes a
 * node of a hundred bytes of each "0,", goes on to the next value behind the
 * first and loses the memory of the first, and takes comments and quotes that
 * are no JSON, behind which all of this could be hidden.
 *
 * Returns: (nullable): what is wrong with @text; %NULL: it is one value, of
 *   bearable depth and size (which need not be correct inside) */
static const char *
find_fault (const char *text, gsize size)
{
  guint depth = 0, elements = 0;
  gboolean in_string = FALSE, ended = FALSE;

  for (gsize i = 0; i < size; i++)
    {
      guchar c = text[i];

      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
          else if (c < 0x20)
            return "a control character in a string";
          continue;
        }
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        continue;
      if (ended)
        return "more than one value";
      switch (c)
        {
        case '"':
          if (depth == 0)
            return "neither an object nor an array";
          in_string = TRUE;
          break;
        case '[':
        case '{':
          if (++depth > GST_REALTIME_JSON_MAX_DEPTH)
            return "nested too deeply";
          break;
        case ']':
        case '}':
          if (depth == 0)
            return "a bracket too many";
          ended = --depth == 0;
          break;
        case ',':
        case ':':
          if (++elements > GST_REALTIME_JSON_MAX_ELEMENTS)
            return "too many elements";
          break;
        default:
          if (depth == 0)
            return "neither an object nor an array";
          if (!g_ascii_isalnum (c) && c != '+' && c != '-' && c != '.')
            return "a character that JSON does not know";
        }
    }
  return ended ? NULL : "cut off"; /* json-glib would lose the string it was in */
}

/**
 * gst_realtime_json_parse:
 * @text: @size bytes that anybody may have written
 *
 * Returns: (transfer full): the root node, an object or an array, or %NULL
 *   with @error
 */
JsonNode *
gst_realtime_json_parse (const char *text, gsize size, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  const char *fault;
  JsonNode *root;

  if (!g_utf8_validate_len (text, size, NULL))
    {
      g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_INVALID_DATA, "not UTF-8 text");
      return NULL;
    }
  fault = find_fault (text, size);
  if (fault != NULL)
    {
      g_set_error_literal (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_INVALID_DATA, fault);
      return NULL;
    }

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, size, error))
    return NULL;
  root = json_parser_steal_root (parser);
  if (root == NULL)
    g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_INVALID_DATA, "empty text");
  return root;
}

/* Of server_vad's members semantic_vad takes none, and the like. */
static gboolean
is_another_kind (JsonObject *into, JsonObject *from)
{
  const char *old_type = gst_realtime_json_string (into, "type");
  const char *new_type = gst_realtime_json_string (from, "type");

  return old_type != NULL && new_type != NULL && !g_str_equal (old_type, new_type);
}

/* Objects are merged member by member, everything else is replaced, and so is
 * an object whose "type" changes. */
void
gst_realtime_json_merge (JsonObject *into, JsonObject *from)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, from);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *target = gst_realtime_json_object (into, name);

      if (target != NULL && JSON_NODE_HOLDS_OBJECT (node) &&
          !is_another_kind (target, json_node_get_object (node)))
        gst_realtime_json_merge (target, json_node_get_object (node));
      else if (JSON_NODE_HOLDS_OBJECT (node))
        {
          /* Parsed objects can't be changed, and ours may have to be. */
          JsonObject *copy = json_object_new ();

          gst_realtime_json_merge (copy, json_node_get_object (node));
          json_object_set_object_member (into, name, copy);
        }
      else
        json_object_set_member (into, name, json_node_copy (node));
    }
}

char *
gst_realtime_json_to_string (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

static gboolean
is_secret (const char *name)
{
  return g_str_equal (name, "authorization") || g_str_equal (name, "headers");
}

static void
redact (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *l = names; l != NULL; l = l->next)
        {
          JsonNode *member = json_object_get_member (object, l->data);

          if (!is_secret (l->data))
            redact (member);
          else if (!JSON_NODE_HOLDS_NULL (member))
            {
              g_autofree char *name = g_strdup (l->data);

              json_object_set_string_member (object, name, "***");
            }
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        redact (json_array_get_element (array, i));
    }
}

/**
 * gst_realtime_json_redact:
 * @text: an event, @size bytes
 *
 * An MCP tool carries the token or the headers by which the service proves
 * itself to the tool's server: they belong in no log.
 *
 * Returns: (transfer full) (nullable): the event without them; %NULL: it has none
 */
char *
gst_realtime_json_redact (const char *text, gsize size)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonParser) parser = NULL;

  if (g_strstr_len (text, size, "\"authorization\"") == NULL &&
      g_strstr_len (text, size, "\"headers\"") == NULL)
    return NULL;
  if (find_fault (text, size) != NULL)
    return NULL;
  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, text, size, NULL))
    return NULL;
  node = json_parser_steal_root (parser);
  if (node == NULL)
    return NULL;
  redact (node);
  return json_to_string (node, FALSE);
}

const char *
gst_realtime_json_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

double
gst_realtime_json_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL)
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return json_node_get_double (node);
  return fallback;
}

/* A number such as 12.0 counts as an integer, too. */
gint64
gst_realtime_json_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node != NULL && json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  if (node != NULL && json_node_get_value_type (node) == G_TYPE_DOUBLE)
    {
      double value = json_node_get_double (node);

      if (isfinite (value) && fabs (value) < 9e15)
        return value;
    }
  return fallback;
}

gboolean
gst_realtime_json_bool (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fallback;
  return json_node_get_boolean (node);
}

JsonObject *
gst_realtime_json_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
gst_realtime_json_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}
