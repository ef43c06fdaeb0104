/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * json-glib writes 30.40 as 30.399999999999999: correct, but a model reads it
 * to the caller, and a person sees it in an export.
 */
#include "config.h"

#include "bb-json-text.h"

#include <string.h>

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    switch (*p)
      {
      case '"': g_string_append (out, "\\\""); break;
      case '\\': g_string_append (out, "\\\\"); break;
      case '\n': g_string_append (out, "\\n"); break;
      case '\r': g_string_append (out, "\\r"); break;
      case '\t': g_string_append (out, "\\t"); break;
      default:
        if ((guchar) *p < 0x20)
          g_string_append_printf (out, "\\u%04x", (guint) (guchar) *p);
        else
          g_string_append_c (out, *p);
      }
  g_string_append_c (out, '"');
}

/* The shortest digits that give the same number back. */
static void
append_double (GString *out, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (buffer, sizeof buffer, "%.15g", value);
  if (g_ascii_strtod (buffer, NULL) != value)
    g_ascii_formatd (buffer, sizeof buffer, "%.17g", value);
  g_string_append (out, buffer);
  if (strpbrk (buffer, ".en") == NULL)
    g_string_append (out, ".0");
}

static void
new_line (GString *out, int depth)
{
  if (depth < 0)
    return;
  g_string_append_c (out, '\n');
  for (int i = 0; i < depth; i++)
    g_string_append (out, "  ");
}

/* @depth: of the indentation; -1: none, all in one line */
static void
append_node (GString *out, JsonNode *node, int depth)
{
  int inner = depth < 0 ? -1 : depth + 1;

  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      {
        g_autoptr (GList) members = json_object_get_members (json_node_get_object (node));

        g_string_append_c (out, '{');
        for (GList *l = members; l != NULL; l = l->next)
          {
            new_line (out, inner);
            append_string (out, l->data);
            g_string_append (out, depth < 0 ? ":" : ": ");
            append_node (out, json_object_get_member (json_node_get_object (node), l->data),
                         inner);
            if (l->next != NULL)
              g_string_append_c (out, ',');
          }
        if (members != NULL)
          new_line (out, depth);
        g_string_append_c (out, '}');
        break;
      }
    case JSON_NODE_ARRAY:
      {
        JsonArray *array = json_node_get_array (node);
        guint n = json_array_get_length (array);

        g_string_append_c (out, '[');
        for (guint i = 0; i < n; i++)
          {
            new_line (out, inner);
            append_node (out, json_array_get_element (array, i), inner);
            if (i + 1 < n)
              g_string_append_c (out, ',');
          }
        if (n > 0)
          new_line (out, depth);
        g_string_append_c (out, ']');
        break;
      }
    case JSON_NODE_VALUE:
      switch (json_node_get_value_type (node))
        {
        case G_TYPE_STRING:
          append_string (out, json_node_get_string (node));
          break;
        case G_TYPE_BOOLEAN:
          g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
          break;
        case G_TYPE_DOUBLE:
          append_double (out, json_node_get_double (node));
          break;
        default:
          g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
        }
      break;
    case JSON_NODE_NULL:
      g_string_append (out, "null");
      break;
    }
}

/**
 * bb_json_to_text:
 * @node: any node, of finite numbers
 * @indented: over several lines, for people
 *
 * Returns: (transfer full): the JSON text; members in the order they were added
 */
char *
bb_json_to_text (JsonNode *node, gboolean indented)
{
  GString *out = g_string_new (NULL);

  append_node (out, node, indented ? 0 : -1);
  return g_string_free (out, FALSE);
}
