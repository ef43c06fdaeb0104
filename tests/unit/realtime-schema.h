/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* The JSON schema of the events, where it is found: it is somebody else's text
 * and not part of this tree. */
#include <string.h>

#include "realtimejson.h"

/* Returns: (transfer full) (nullable): the schema; its "$defs" holds all */
static G_GNUC_UNUSED JsonNode *
schema_load (void)
{
  g_autofree char *path = g_strdup (g_getenv ("BESTELLBOT_EVENT_SCHEMA"));
  g_autofree char *text = NULL;
  JsonNode *schema;

  if (path == NULL || *path == '\0')
    {
      g_free (path);
      path = g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"),
                               "../shared/realtime/events.schema.json", NULL);
    }
  if (!g_file_get_contents (path, &text, NULL, NULL))
    {
      g_test_message ("no schema of the events at %s: set the Meson option event_schema", path);
      return NULL;
    }
  schema = json_from_string (text, NULL);
  g_assert_nonnull (schema);
  g_assert_nonnull (gst_realtime_json_object (json_node_get_object (schema), "$defs"));
  return schema;
}

static G_GNUC_UNUSED JsonObject *
schema_get (JsonNode *schema, const char *name)
{
  return gst_realtime_json_object (gst_realtime_json_object (json_node_get_object (schema),
                                                             "$defs"),
                                   name);
}

/* Returns: (transfer container): the types of @side, "ServerEvent" or "ClientEvent" */
static G_GNUC_UNUSED GHashTable *
schema_get_types (JsonNode *schema, const char *side)
{
  JsonArray *list = gst_realtime_json_array (schema_get (schema, side), "oneOf");
  GHashTable *types = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_nonnull (list);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      const char *ref =
          json_object_get_string_member (json_array_get_object_element (list, i), "$ref");
      JsonObject *event = schema_get (schema, ref + strlen ("#/$defs/"));
      JsonObject *properties = gst_realtime_json_object (event, "properties");
      const char *type =
          gst_realtime_json_string (gst_realtime_json_object (properties, "type"), "const");

      g_assert_nonnull (type);
      g_hash_table_add (types, (gpointer)type);
    }
  return types;
}

/* ---- events as the schema has them, and what can be made of them ---- */

static G_GNUC_UNUSED JsonNode *
node_of_string (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

static G_GNUC_UNUSED JsonNode *
schema_instance (JsonObject *defs, JsonObject *schema, guint depth)
{
  static const char *const choices[] = { "oneOf", "anyOf", "allOf" };
  const char *ref = gst_realtime_json_string (schema, "$ref");
  JsonNode *node = NULL;
  const char *type;
  JsonArray *list;

  if (schema == NULL || depth > 12)
    return node_of_string ("x");
  if (ref != NULL)
    return schema_instance (defs, gst_realtime_json_object (defs, ref + strlen ("#/$defs/")),
                            depth + 1);
  if (json_object_has_member (schema, "const"))
    return json_node_copy (json_object_get_member (schema, "const"));
  list = gst_realtime_json_array (schema, "enum");
  if (list != NULL)
    return json_node_copy (json_array_get_element (list, 0));
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if ((list = gst_realtime_json_array (schema, choices[i])) != NULL)
      return schema_instance (defs, json_array_get_object_element (list, 0), depth + 1);

  type = gst_realtime_json_string (schema, "type");
  if (gst_realtime_json_object (schema, "properties") != NULL)
    {
      JsonObject *object = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init (&iter, gst_realtime_json_object (schema, "properties"));
      while (json_object_iter_next (&iter, &name, &member))
        json_object_set_member (object, name,
                                schema_instance (defs,
                                                 JSON_NODE_HOLDS_OBJECT (member)
                                                     ? json_node_get_object (member)
                                                     : NULL,
                                                 depth + 1));
      node = json_node_init_object (json_node_alloc (), object);
      json_object_unref (object);
    }
  else if (g_strcmp0 (type, "array") == 0)
    {
      JsonArray *array = json_array_new ();

      json_array_add_element (array,
                              schema_instance (defs, gst_realtime_json_object (schema, "items"),
                                               depth + 1));
      node = json_node_init_array (json_node_alloc (), array);
      json_array_unref (array);
    }
  else if (g_strcmp0 (type, "integer") == 0 || g_strcmp0 (type, "number") == 0)
    node = json_node_init_int (json_node_alloc (), 7);
  else if (g_strcmp0 (type, "boolean") == 0)
    node = json_node_init_boolean (json_node_alloc (), TRUE);
  return node != NULL ? node : node_of_string ("AAAA");
}

static G_GNUC_UNUSED void
add_events_of_corpus (GPtrArray *events)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"), "tests/fuzz/corpus/realtime-event", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      lines = g_strsplit (text, "\n", -1);
      for (guint i = 0; lines[i] != NULL; i++)
        {
          JsonNode *node = gst_realtime_json_parse (lines[i], strlen (lines[i]), NULL);

          if (node != NULL)
            g_ptr_array_add (events, node);
        }
    }
}

/* Returns: (transfer full): JsonNodes, each an event of the service: all of the
 * schema, where it is found, and those of the fuzzer's corpus */
static G_GNUC_UNUSED GPtrArray *
load_events (void)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  g_autoptr (JsonNode) schema = schema_load ();
  JsonObject *defs;
  JsonArray *list;

  add_events_of_corpus (events);
  if (schema == NULL)
    return events;
  defs = gst_realtime_json_object (json_node_get_object (schema), "$defs");
  list = gst_realtime_json_array (schema_get (schema, "ServerEvent"), "oneOf");
  for (guint i = 0; i < json_array_get_length (list); i++)
    g_ptr_array_add (events, schema_instance (defs, json_array_get_object_element (list, i), 0));
  g_assert_cmpuint (events->len, >, 80);
  return events;
}

typedef void (*MutantFunc) (const char *text, gsize size, gpointer user_data);

/* Each member of @node in turn, as deep as it goes, missing and with each of
 * @values; @root is what is given to @func. */
static G_GNUC_UNUSED void
mutate (JsonNode *root,
        JsonNode *node,
        const char *const *values,
        MutantFunc func,
        gpointer user_data)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *l = names; l != NULL; l = l->next)
        {
          g_autofree char *name = g_strdup (l->data);
          g_autoptr (JsonNode) original = json_node_copy (json_object_get_member (object, name));

          json_object_set_string_member (object, name, "@");
          for (guint i = 0; values[i] != NULL; i++)
            {
              g_autofree char *text = json_to_string (root, FALSE);
              g_auto (GStrv) halves = g_strsplit (text, "\"@\"", 2);
              g_autofree char *whole = g_strconcat (halves[0], values[i], halves[1], NULL);

              func (whole, strlen (whole), user_data);
            }
          {
            g_autofree char *text = NULL;

            json_object_remove_member (object, name);
            text = json_to_string (root, FALSE);
            func (text, strlen (text), user_data);
          }
          json_object_set_member (object, name, json_node_copy (original));
          mutate (root, json_object_get_member (object, name), values, func, user_data);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0)
    mutate (root, json_array_get_element (json_node_get_array (node), 0), values, func, user_data);
}
