/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* The JSON schema of the events, where it is found: it is somebody else's text
 * and not part of this tree. */
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
