/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-tool-text.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

typedef struct
{
  const char *name;
  const char *label;
  const char *members[2]; /* arguments worth a look without unfolding */
} ToolText;

static const ToolText texts[] = {
  { "list_groups", N_("Product groups listed") },
  { "search_products", N_("Catalogue searched"), { "query" } },
  { "get_product", N_("Product looked up"), { "number" } },
  { "add_to_order", N_("Added to the order"), { "quantity", "number" } },
  { "change_quantity", N_("Quantity changed"), { "quantity", "number" } },
  { "remove_from_order", N_("Removed from the order"), { "number" } },
  { "read_order", N_("Order read out") },
  { "submit_order", N_("Order submitted") },
  { "transfer_to_human", N_("Passed to a person"), { "reason" } },
  { "end_call", N_("Call ended"), { "reason" } },
};

static JsonNode *
parse (const char *json)
{
  return json != NULL ? json_from_string (json, NULL) : NULL;
}

static char *
dup_member (JsonNode *node, const char *name)
{
  JsonNode *member = NULL;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node) && name != NULL)
    member = json_object_get_member (json_node_get_object (node), name);
  if (member == NULL || !JSON_NODE_HOLDS_VALUE (member))
    return NULL;
  if (json_node_get_value_type (member) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (member));
  return json_to_string (member, FALSE);
}

/**
 * bb_tool_text_title:
 * @name: (nullable): the tool's name
 * @arguments: (nullable): what the model gave it
 *
 * Returns: (transfer full): one line for a person
 */
char *
bb_tool_text_title (const char *name, const char *arguments)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (texts[i].name, name) == 0)
      {
        g_autoptr (JsonNode) node = parse (arguments);
        g_autofree char *first = dup_member (node, texts[i].members[0]);
        g_autofree char *second = dup_member (node, texts[i].members[1]);

        return g_strconcat (_(texts[i].label), first != NULL ? " · " : "",
                            first != NULL ? first : "", second != NULL ? " × " : "",
                            second != NULL ? second : "", NULL);
      }

  return g_strdup (name != NULL ? name : "");
}

static char *
dup_pretty (const char *json)
{
  g_autoptr (JsonNode) node = parse (json);

  if (node == NULL)
    return g_strdup (json != NULL ? json : "…");
  return json_to_string (node, TRUE);
}

/**
 * bb_tool_text_details:
 * @arguments: (nullable): what the model gave the tool
 * @result: (nullable): what it got back; %NULL until it is there
 *
 * Returns: (transfer full): several lines
 */
char *
bb_tool_text_details (const char *arguments, const char *result)
{
  g_autofree char *given = dup_pretty (arguments);
  g_autofree char *got = dup_pretty (result);

  return g_strdup_printf ("%s\n→ %s", given, got);
}
