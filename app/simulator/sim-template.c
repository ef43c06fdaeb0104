/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Placeholders of scenario files: {{search_products.results.0.name}} or, with
 * a way to write the value, {{add_to_order.total|price}}. */
#include "sim-template.h"

#include <math.h>

#include "sim-json.h"

/**
 * sim_template_lookup:
 * @results: results of the tools by name
 * @path: "tool.member.0.member"
 *
 * Returns: (transfer none) (nullable): the value
 */
JsonNode *
sim_template_lookup (JsonObject *results, const char *path)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (path));
  return sim_object_lookup (results, trimmed);
}

/* 12.5 as "12,5" in German and "12.5" elsewhere; whole numbers without places. */
static char *
format_number (double value, int places, const char *language)
{
  char text[64];

  if (places < 0 && value == floor (value) && fabs (value) < 1e15)
    g_ascii_formatd (text, sizeof text, "%.0f", value);
  else if (places < 0)
    g_ascii_formatd (text, sizeof text, "%g", value);
  else
    g_ascii_formatd (text, sizeof text, places == 2 ? "%.2f" : "%.0f", value);
  if (g_str_has_prefix (language, "de"))
    g_strdelimit (text, ".", ',');
  return g_strdup (text);
}

/* "4711" as "4 7 1 1", so that it is spoken digit by digit. */
static char *
spell (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (out->len > 0)
        g_string_append_c (out, ' ');
      g_string_append_unichar (out, g_utf8_get_char (p));
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *to_text (JsonNode *node, const char *filter, const char *language);

/* "A, B und C" from the member @name of each element, or the elements. */
static char *
list (JsonArray *array, const char *name, const char *language)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = json_array_get_length (array);

  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (name[0] != '\0')
        node = JSON_NODE_HOLDS_OBJECT (node) ? sim_object_lookup (json_node_get_object (node), name) : NULL;
      g_autofree char *text = node != NULL ? to_text (node, NULL, language) : g_strdup ("");
      if (i > 0)
        g_string_append (out, i + 1 < n ? ", " : g_str_has_prefix (language, "de") ? " und " : " and ");
      g_string_append (out, text);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
to_text (JsonNode *node, const char *filter, const char *language)
{
  if (filter != NULL && g_str_has_prefix (filter, "list") && JSON_NODE_HOLDS_ARRAY (node))
    return list (json_node_get_array (node), filter[4] == ':' ? filter + 5 : "", language);
  if (!JSON_NODE_HOLDS_VALUE (node))
    return JSON_NODE_HOLDS_NULL (node) ? g_strdup ("") : sim_node_to_text (node);

  GType type = json_node_get_value_type (node);
  gboolean is_number = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
  double number = is_number ? json_node_get_double (node) : 0;
  g_autofree char *plain = type == G_TYPE_STRING    ? g_strdup (json_node_get_string (node))
                           : type == G_TYPE_BOOLEAN ? g_strdup (json_node_get_boolean (node) ? "true" : "false")
                                                    : format_number (number, -1, language);

  if (is_number && g_strcmp0 (filter, "price") == 0)
    {
      g_autofree char *amount = format_number (number, 2, language);
      return g_strconcat (amount, g_str_has_prefix (language, "de") ? " Euro" : " euros", NULL);
    }
  if (is_number && g_strcmp0 (filter, "cents") == 0)
    {
      g_autofree char *amount = format_number (number / 100, 2, language);
      return g_strconcat (amount, g_str_has_prefix (language, "de") ? " Euro" : " euros", NULL);
    }
  if (g_strcmp0 (filter, "digits") == 0)
    return spell (plain);
  return g_steal_pointer (&plain);
}

/* The node a placeholder stands for; @filter is set to what follows "|". */
static JsonNode *
resolve (const char *inside, JsonObject *results, char **filter, GPtrArray *missing)
{
  g_auto (GStrv) parts = g_strsplit (inside, "|", 2);
  JsonNode *node = parts[0] != NULL ? sim_template_lookup (results, parts[0]) : NULL;

  if (parts[0] != NULL && parts[1] != NULL)
    *filter = g_strstrip (g_strdup (parts[1]));
  if (node == NULL && missing != NULL)
    g_ptr_array_add (missing, g_strdup (inside));
  return node;
}

/**
 * sim_template_fill:
 * @language: decides how numbers are written
 * @missing: (nullable): takes the placeholders for which there is no value;
 *   they become nothing
 *
 * Returns: (transfer full): @text with its placeholders filled
 */
char *
sim_template_fill (const char *text, JsonObject *results, const char *language, GPtrArray *missing)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *open, *close;

  while ((open = strstr (text, "{{")) != NULL && (close = strstr (open, "}}")) != NULL)
    {
      g_autofree char *inside = g_strndup (open + 2, close - open - 2);
      g_autofree char *filter = NULL;
      JsonNode *node = resolve (inside, results, &filter, missing);

      g_string_append_len (out, text, open - text);
      if (node != NULL)
        {
          g_autofree char *value = to_text (node, filter, language);
          g_string_append (out, value);
        }
      text = close + 2;
    }
  g_string_append (out, text);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * sim_template_fill_node:
 *
 * As sim_template_fill(), for each string inside @node. A string that is one
 * placeholder and nothing else becomes the value itself: a number stays one.
 *
 * Returns: (transfer full): the filled copy
 */
JsonNode *
sim_template_fill_node (JsonNode *node, JsonObject *results, GPtrArray *missing)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *out = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        json_object_set_member (out, name, sim_template_fill_node (member, results, missing));
      JsonNode *copy = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (copy, out);
      return copy;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *in = json_node_get_array (node);
      JsonArray *out = json_array_new ();
      for (guint i = 0; i < json_array_get_length (in); i++)
        json_array_add_element (out, sim_template_fill_node (json_array_get_element (in, i), results, missing));
      JsonNode *copy = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (copy, out);
      return copy;
    }
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return json_node_copy (node);

  const char *text = json_node_get_string (node);
  gsize length = strlen (text);
  if (g_str_has_prefix (text, "{{") && strstr (text, "}}") == text + length - 2)
    {
      g_autofree char *inside = g_strndup (text + 2, length - 4);
      g_autofree char *filter = NULL;
      JsonNode *value = resolve (inside, results, &filter, missing);
      return value != NULL ? sim_node_copy_deep (value) : json_node_new (JSON_NODE_NULL);
    }
  g_autofree char *filled = sim_template_fill (text, results, "en", missing);
  JsonNode *copy = json_node_new (JSON_NODE_VALUE);
  json_node_set_string (copy, filled);
  return copy;
}

/* true, a number other than 0, text or a list that is not empty; "!path" is
 * the contrary. */
gboolean
sim_template_is_true (JsonObject *results, const char *path)
{
  if (path[0] == '!')
    return !sim_template_is_true (results, path + 1);

  JsonNode *node = sim_template_lookup (results, path);
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) > 0;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_BOOLEAN:
      return json_node_get_boolean (node);
    case G_TYPE_STRING:
      return json_node_get_string (node)[0] != '\0';
    default:
      return json_node_get_double (node) != 0;
    }
}
