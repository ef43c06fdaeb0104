/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-json.h"

/* Of nested objects and arrays in an event; the deepest in the protocol, a
 * tool's JSON schema, stays far below. */
#define MAX_DEPTH 200

/* json-glib's parser recurses: too deep a nesting would end the process. */
gboolean
sim_text_is_shallow (const char *text, gsize length)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string)
        {
          if (text[i] == '\\')
            i++;
          else if (text[i] == '"')
            in_string = FALSE;
        }
      else if (text[i] == '"')
        in_string = TRUE;
      else if ((text[i] == '{' || text[i] == '[') && ++depth > MAX_DEPTH)
        return FALSE;
      else if ((text[i] == '}' || text[i] == ']') && depth > 0)
        depth--;
    }
  return TRUE;
}

/**
 * sim_object:
 * @key: kind and name of a member, such as "s:type", followed by its value
 * @...: further pairs, then NULL
 *
 * Kinds: s string (NULL becomes null), i gint64 as int, d double, b gboolean,
 * o JsonObject, a JsonArray, N JsonNode (these three are taken; NULL becomes
 * null).
 *
 * Returns: (transfer full): a new object
 */
JsonObject *
sim_object (const char *key, ...)
{
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, key);
  for (; key != NULL; key = va_arg (args, const char *))
    {
      const char *name = key + 2;
      switch (key[0])
        {
        case 's':
          {
            const char *text = va_arg (args, const char *);
            if (text != NULL)
              json_object_set_string_member (object, name, text);
            else
              json_object_set_null_member (object, name);
            break;
          }
        case 'i':
          json_object_set_int_member (object, name, va_arg (args, int));
          break;
        case 'd':
          json_object_set_double_member (object, name, va_arg (args, double));
          break;
        case 'b':
          json_object_set_boolean_member (object, name, va_arg (args, gboolean));
          break;
        case 'o':
          {
            JsonObject *child = va_arg (args, JsonObject *);
            if (child != NULL)
              json_object_set_object_member (object, name, child);
            else
              json_object_set_null_member (object, name);
            break;
          }
        case 'a':
          {
            JsonArray *child = va_arg (args, JsonArray *);
            if (child != NULL)
              json_object_set_array_member (object, name, child);
            else
              json_object_set_null_member (object, name);
            break;
          }
        case 'N':
          {
            JsonNode *child = va_arg (args, JsonNode *);
            if (child != NULL)
              json_object_set_member (object, name, child);
            else
              json_object_set_null_member (object, name);
            break;
          }
        default:
          g_assert_not_reached ();
        }
    }
  va_end (args);
  return object;
}

/* (transfer full): one line of JSON */
char *
sim_node_to_text (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

char *
sim_object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

/**
 * sim_node_copy_deep:
 *
 * json_node_copy() shares the object or array inside; this shares nothing.
 *
 * Returns: (transfer full): the copy
 */
JsonNode *
sim_node_copy_deep (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonNode *copy = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (copy, sim_object_copy_deep (json_node_get_object (node)));
      return copy;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      JsonArray *elements = json_array_new ();
      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (elements, sim_node_copy_deep (json_array_get_element (array, i)));
      JsonNode *copy = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (copy, elements);
      return copy;
    }
  return json_node_copy (node);
}

JsonObject *
sim_object_copy_deep (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    json_object_set_member (copy, name, sim_node_copy_deep (member));
  return copy;
}

/* Copies the members of @from over those of @into, one level deep. */
void
sim_object_merge (JsonObject *into, JsonObject *from)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, from);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    json_object_set_member (into, name, sim_node_copy_deep (member));
}

/**
 * sim_object_lookup:
 * @object: (nullable): where the path begins
 * @path: names and array indices joined by dots: "results.0.name"
 *
 * Returns: (transfer none) (nullable): what is there
 */
JsonNode *
sim_object_lookup (JsonObject *object, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);
  JsonNode *node = NULL;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (i > 0 && JSON_NODE_HOLDS_ARRAY (node))
        {
          char *end = NULL;
          JsonArray *array = json_node_get_array (node);
          guint64 index = g_ascii_strtoull (parts[i], &end, 10);
          if (end == parts[i] || *end != '\0' || index >= json_array_get_length (array))
            return NULL;
          node = json_array_get_element (array, index);
          continue;
        }
      if (i > 0)
        object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (object == NULL || !(node = json_object_get_member (object, parts[i])))
        return NULL;
    }
  return node;
}

JsonObject *
sim_object_get_object (JsonObject *object, const char *path)
{
  JsonNode *node = sim_object_lookup (object, path);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
sim_object_get_array (JsonObject *object, const char *path)
{
  JsonNode *node = sim_object_lookup (object, path);
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

const char *
sim_object_get_string (JsonObject *object, const char *path)
{
  JsonNode *node = sim_object_lookup (object, path);
  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

gint64
sim_object_get_int (JsonObject *object, const char *path, gint64 fallback)
{
  JsonNode *node = sim_object_lookup (object, path);
  return holds (node, G_TYPE_INT64) ? json_node_get_int (node) : fallback;
}

/* Whole numbers count too. */
double
sim_object_get_double (JsonObject *object, const char *path, double fallback)
{
  JsonNode *node = sim_object_lookup (object, path);
  return holds (node, G_TYPE_INT64) || holds (node, G_TYPE_DOUBLE) ? json_node_get_double (node)
                                                                   : fallback;
}

gboolean
sim_object_get_boolean (JsonObject *object, const char *path, gboolean fallback)
{
  JsonNode *node = sim_object_lookup (object, path);
  return holds (node, G_TYPE_BOOLEAN) ? json_node_get_boolean (node) : fallback;
}
