/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A hostile service: every event of the protocol with each of its members
 * missing, null, of another type, huge; and what is no event at all. The events
 * are made from the JSON schema where it is found (it is not part of this
 * tree), otherwise taken from the fuzzer's corpus. */
#include "realtime-world.h"

static JsonObject *defs; /* of the schema; NULL: not there */

/* ---- an event as the schema has it ---- */

static JsonNode *
node_of_string (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
instance (JsonObject *schema, guint depth)
{
  static const char *const choices[] = { "oneOf", "anyOf", "allOf" };
  const char *ref = gst_realtime_json_string (schema, "$ref");
  JsonNode *node = NULL;
  const char *type;
  JsonArray *list;

  if (schema == NULL || depth > 12)
    return node_of_string ("x");
  if (ref != NULL)
    return instance (gst_realtime_json_object (defs, ref + strlen ("#/$defs/")), depth + 1);
  if (json_object_has_member (schema, "const"))
    return json_node_copy (json_object_get_member (schema, "const"));
  list = gst_realtime_json_array (schema, "enum");
  if (list != NULL)
    return json_node_copy (json_array_get_element (list, 0));
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if ((list = gst_realtime_json_array (schema, choices[i])) != NULL)
      return instance (json_array_get_object_element (list, 0), depth + 1);

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
                                instance (JSON_NODE_HOLDS_OBJECT (member)
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
                              instance (gst_realtime_json_object (schema, "items"), depth + 1));
      node = json_node_init_array (json_node_alloc (), array);
      json_array_unref (array);
    }
  else if (g_strcmp0 (type, "integer") == 0 || g_strcmp0 (type, "number") == 0)
    node = json_node_init_int (json_node_alloc (), 7);
  else if (g_strcmp0 (type, "boolean") == 0)
    node = json_node_init_boolean (json_node_alloc (), TRUE);
  return node != NULL ? node : node_of_string ("AAAA");
}

static void
add_events_of_schema (GPtrArray *events)
{
  JsonArray *list =
      gst_realtime_json_array (gst_realtime_json_object (defs, "ServerEvent"), "oneOf");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    g_ptr_array_add (events, instance (json_array_get_object_element (list, i), 0));
}

static void
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

static GPtrArray *
load_events (void)
{
  g_autofree char *path = g_strdup (g_getenv ("BESTELLBOT_EVENT_SCHEMA"));
  g_autofree char *text = NULL;
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);

  if (path == NULL || *path == '\0')
    {
      g_free (path);
      path = g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"),
                               "../shared/realtime/events.schema.json", NULL);
    }
  add_events_of_corpus (events);
  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      g_autoptr (JsonNode) schema = json_from_string (text, NULL);

      defs = gst_realtime_json_object (json_node_get_object (schema), "$defs");
      g_assert_nonnull (defs);
      add_events_of_schema (events);
      g_assert_cmpuint (events->len, >, 80);
    }
  else
    g_test_message ("no schema of the events at %s: only those of the corpus", path);
  return events;
}

/* ---- what is made of it ---- */

static World *world;
static guint n_fed;

static void
feed (const char *text, gsize size)
{
  g_autoptr (GBytes) message = g_bytes_new (text, size);

  n_fed++;
  if (world == NULL)
    {
      world = ready_world ();
      created (world, "AAAA");
      delta (world, "AAAA", "AAAA", 60);
      play (world, 20);
    }
  gst_realtime_transport_emit_message (GST_REALTIME_TRANSPORT (world->transport), message);
  play (world, 20);
  g_string_truncate (world->log, 0);
  g_queue_clear_full (&world->transport->sent, g_free);
  if (world->fatal != NULL || n_fed % 100 == 0)
    g_clear_pointer (&world, world_free);
}

static const char *const values[] = {
  "null",
  "true",
  "-1",
  "7",
  "1e99",
  "-9223372036854775808",
  "99999999999999999999999",
  "\"\"",
  "\"!!!?=AAA\"",
  "\"\\ud800\\u0000x\"",
  "[]",
  "{}",
  "[[[[[[[[]]]]]]]]",
  "{\"id\":{\"id\":[null]}}",
  "\"completed\"",
  "\"message\"",
  "\"function_call\"",
  "\"AAAA\"",
};

/* Each member of @node in turn, as deep as it goes; @root is what is sent. */
static void
mutate (JsonNode *root, JsonNode *node)
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
          for (guint i = 0; i < G_N_ELEMENTS (values); i++)
            {
              g_autofree char *text = json_to_string (root, FALSE);
              g_auto (GStrv) halves = g_strsplit (text, "\"@\"", 2);
              g_autofree char *whole = g_strconcat (halves[0], values[i], halves[1], NULL);

              feed (whole, strlen (whole));
            }
          {
            g_autofree char *text = NULL;

            json_object_remove_member (object, name);
            text = json_to_string (root, FALSE);
            feed (text, strlen (text));
          }
          json_object_set_member (object, name, json_node_copy (original));
          mutate (root, json_object_get_member (object, name));
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0)
    mutate (root, json_array_get_element (json_node_get_array (node), 0));
}

static void
test_members (void)
{
  g_autoptr (GPtrArray) events = load_events ();

  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *text = json_to_string (g_ptr_array_index (events, i), FALSE);
      g_autoptr (JsonNode) root = json_from_string (text, NULL);

      feed (text, strlen (text));
      for (gsize n = 0; n < strlen (text); n += 7)
        feed (text, n); /* cut off */
      mutate (root, root);
    }
  g_clear_pointer (&world, world_free);
  g_test_message ("%u events, %u messages", events->len, n_fed);
  g_assert_cmpuint (n_fed, >, 5000);
}

/* Nothing of it disturbs the session, nor the memory. */
static void
test_no_events (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *zeros = g_malloc0 (4096);
  g_autofree char *brackets = g_strnfill (20 << 20, '[');
  g_autofree char *letters = g_strnfill (20 << 20, 'A');
  g_autofree char *large = g_strdup_printf ("{\"type\":\"response.output_audio.delta\",\"item_id\":"
                                            "\"a\",\"response_id\":\"r\",\"delta\":\"%s\"}",
                                            letters);
  g_autofree char *name = g_strdup_printf ("{\"type\":\"%s\"}", letters);
  const struct
  {
    const char *text;
    gsize size;
  } cases[] = {
    { "", 0 },
    { zeros, 4096 },
    { brackets, 20 << 20 },
    { name, strlen (name) },
    { "{\"type\":\"error\"}{\"type\":\"error\"}", 32 },
    { "{\"type\":\"error\xff\"}", 17 },
    { "\xef\xbb\xbf{\"type\":\"error\"}", 19 },
    { "{\"type\":\"error\"}\0", 17 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) message = g_bytes_new (cases[i].text, cases[i].size);

      gst_realtime_transport_emit_message (GST_REALTIME_TRANSPORT (w->transport), message);
    }
  expect_log (w, "");
  expect_nothing (w);
  gst_realtime_session_send_text (w->session, "user", "x");
  expect (w, "conversation.item.create");
  /* More speech than may wait is a clear error. */
  server (w, "%s", large);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/hostile/members", test_members);
  g_test_add_func ("/realtime/hostile/no-events", test_no_events);
  return g_test_run ();
}
