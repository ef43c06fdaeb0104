/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Checks arguments against the very JSON schema that the model was given, so
 * that the two can't say different things. Knows what the tools' schemas use:
 * flat objects with type, properties, required, additionalProperties, minimum,
 * maximum, minLength, maxLength, enum. A schema with any other keyword is a
 * mistake of the program and stops it at the first use.
 */
#include "config.h"

#include "bb-tool-schema.h"

#include "bb-order-text.h"

#include <math.h>

static const char *const object_keywords[]
    = { "type", "properties", "required", "additionalProperties", NULL };
static const char *const property_keywords[]
    = { "type", "description", "minimum", "maximum", "minLength", "maxLength", "enum", NULL };
static const char *const types[] = { "string", "integer", "number", "boolean", NULL };

static void
assert_keywords (JsonObject *object, const char *const *allowed)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (allowed, name))
      g_error ("tool schema: the keyword “%s” is not checked", name);
}

/**
 * bb_tool_schema_parse:
 * @schema: JSON text of the program's own
 *
 * Returns: (transfer full): the schema, known to use checked keywords only
 */
JsonObject *
bb_tool_schema_parse (const char *schema)
{
  g_autoptr (JsonNode) node = json_from_string (schema, NULL);
  JsonObject *object;
  JsonObjectIter iter;
  JsonNode *property;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    g_error ("tool schema: no JSON object: %s", schema);
  object = json_node_get_object (node);
  assert_keywords (object, object_keywords);

  json_object_iter_init (&iter, json_object_get_object_member (object, "properties"));
  while (json_object_iter_next (&iter, NULL, &property))
    {
      JsonObject *rules = json_node_get_object (property);

      assert_keywords (rules, property_keywords);
      if (!g_strv_contains (types, json_object_get_string_member (rules, "type")))
        g_error ("tool schema: the type “%s” is not checked",
                 json_object_get_string_member (rules, "type"));
    }
  return json_object_ref (object);
}

/* 20.0 is an integer too, as JSON schema has it. */
static gboolean
read_number (JsonNode *node, gboolean whole, double *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_INT64)
    *value = (double) json_node_get_int (node);
  else if (type == G_TYPE_DOUBLE)
    *value = json_node_get_double (node);
  else
    return FALSE;
  return isfinite (*value) && (!whole || (*value == floor (*value) && fabs (*value) < 1e15));
}

static gboolean
is_listed (JsonArray *allowed, JsonNode *value)
{
  for (guint i = 0; i < json_array_get_length (allowed); i++)
    if (json_node_equal (json_array_get_element (allowed, i), value))
      return TRUE;
  return FALSE;
}

static char *
check_value (JsonObject *rules, const char *name, JsonNode *node, const BbConfig *config)
{
  const char *type = json_object_get_string_member (rules, "type");
  GType value_type
      = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (g_str_equal (type, "string"))
    {
      glong length;

      if (value_type != G_TYPE_STRING)
        return bb_speech (config, BB_SPEECH_ARGUMENT_STRING, name);
      length = g_utf8_strlen (json_node_get_string (node), -1);
      if (length < json_object_get_int_member_with_default (rules, "minLength", 0))
        return bb_speech (config, BB_SPEECH_ARGUMENT_TOO_SHORT, name);
      if (length > json_object_get_int_member_with_default (rules, "maxLength", G_MAXLONG))
        return bb_speech (config, BB_SPEECH_ARGUMENT_TOO_LONG, name);
    }
  else if (g_str_equal (type, "boolean"))
    {
      if (value_type != G_TYPE_BOOLEAN)
        return bb_speech (config, BB_SPEECH_ARGUMENT_BOOLEAN, name);
    }
  else
    {
      gboolean whole = g_str_equal (type, "integer");
      double value;
      double minimum = json_object_get_double_member_with_default (rules, "minimum", -HUGE_VAL);
      double maximum = json_object_get_double_member_with_default (rules, "maximum", HUGE_VAL);
      g_autofree char *bound = NULL;

      if (!read_number (node, whole, &value))
        return bb_speech (config,
                          whole ? BB_SPEECH_ARGUMENT_INTEGER : BB_SPEECH_ARGUMENT_NUMBER, name);
      if (value < minimum || value > maximum)
        {
          bound = g_strdup_printf ("%.15g", value < minimum ? minimum : maximum);
          return bb_speech (
              config, value < minimum ? BB_SPEECH_ARGUMENT_MINIMUM : BB_SPEECH_ARGUMENT_MAXIMUM,
              name, bound);
        }
    }

  if (json_object_has_member (rules, "enum")
      && !is_listed (json_object_get_array_member (rules, "enum"), node))
    return bb_speech (config, BB_SPEECH_ARGUMENT_NOT_LISTED, name);
  return NULL;
}

/**
 * bb_tool_schema_check:
 * @schema: of bb_tool_schema_parse()
 * @arguments: what the model sent
 * @config: language of the answer
 *
 * Returns: (transfer full) (nullable): what is wrong; %NULL: nothing
 */
char *
bb_tool_schema_check (JsonObject *schema, JsonObject *arguments, const BbConfig *config)
{
  JsonObject *properties = json_object_get_object_member (schema, "properties");
  gboolean open = json_object_get_boolean_member_with_default (schema, "additionalProperties",
                                                               TRUE);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (json_object_has_member (schema, "required"))
    {
      JsonArray *required = json_object_get_array_member (schema, "required");

      for (guint i = 0; i < json_array_get_length (required); i++)
        if (!json_object_has_member (arguments, json_array_get_string_element (required, i)))
          return bb_speech (config, BB_SPEECH_ARGUMENT_MISSING,
                            json_array_get_string_element (required, i));
    }

  json_object_iter_init (&iter, arguments);
  while (json_object_iter_next (&iter, &name, &node))
    {
      char *wrong;

      if (!json_object_has_member (properties, name))
        {
          /* The name is the peer's: it is not repeated at any length. */
          g_autofree char *start = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), 40));

          if (open)
            continue;
          return bb_speech (config, BB_SPEECH_ARGUMENT_UNKNOWN, start);
        }
      wrong = check_value (json_object_get_object_member (properties, name), name, node, config);
      if (wrong != NULL)
        return wrong;
    }
  return NULL;
}
