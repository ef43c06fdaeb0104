/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib/gi18n-lib.h>

#include "bb-api-json.h"
#include "bb-catalogue.h"

#define DEFAULT_LIMIT 20

static void
put_matches (Ctl *ctl, GPtrArray *matches)
{
  CtlTable *table = ctl_table_new (_ ("Article"), _ ("Name"), _ ("Group"), _ (">Price"),
                                   _ ("Unit"), _ (">Score"), _ ("Why"), NULL);

  for (guint i = 0; i < matches->len; i++)
    {
      const BbMatch *match = g_ptr_array_index (matches, i);
      g_autofree char *price = bb_money_format (match->product->price, ctl->config->currency);
      g_autofree char *score = g_strdup_printf ("%.2f", match->score);

      ctl_table_add (table, match->product->number, match->product->name, match->product->group,
                     price, match->product->unit, score, match->reason, NULL);
    }
  ctl_table_print (table, ctl->colour);
}

static void
put_matches_json (GPtrArray *matches)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < matches->len; i++)
    json_array_add_element (array, bb_api_json_match (g_ptr_array_index (matches, i)));
  json_object_set_array_member (object, "matches", array);
  json_node_take_object (node, object);
  ctl_put_json (node);
}

int
ctl_search (Ctl *ctl, const char *const *arguments)
{
  g_autofree char *query = g_strjoinv (" ", (char **)arguments);
  g_autoptr (GError) error = NULL;
  g_autoptr (BbCatalogue) catalogue = NULL;
  g_autoptr (GPtrArray) matches = NULL;

  g_strstrip (query);
  if (*query == '\0')
    return ctl_fail_usage (_ ("search: say what to look for, as a caller would."));
  catalogue = bb_catalogue_load (ctl->config->catalogue_file, &error);
  if (catalogue == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->group != NULL && bb_catalogue_count_group (catalogue, ctl->group) == 0)
    {
      g_autofree char *groups
        = g_strjoinv (", ", (char **)bb_catalogue_get_groups (catalogue));

      return ctl_fail (_ ("There is no product group “%s”. There are: %s"), ctl->group, groups);
    }

  matches = bb_catalogue_search (catalogue, query, ctl->group,
                                 ctl->limit > 0 ? (guint)ctl->limit : DEFAULT_LIMIT);
  if (ctl->json)
    put_matches_json (matches);
  else if (matches->len == 0)
    ctl_putf (_ ("Nothing found for “%s”.\n"), query);
  else
    put_matches (ctl, matches);
  return CTL_OK;
}
