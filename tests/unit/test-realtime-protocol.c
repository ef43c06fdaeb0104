/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The tables of events: complete by the schema, shown in the reference, and
 * true of the decoder. */
#include <string.h>

#include "realtime-schema.h"
#include "realtimeprotocol.h"

/* The reference can't drift: it holds what the tables say, word for word. */
static void
test_reference (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"), "docs", "element.md", NULL);
  g_autofree char *tables = gst_realtime_protocol_to_markdown ();
  g_autofree char *reference = NULL;

  g_assert_true (g_file_get_contents (path, &reference, NULL, NULL));
  if (strstr (reference, tables) == NULL)
    {
      g_print ("# docs/element.md must hold:\n%s", tables);
      g_test_fail ();
    }
}

static void
test_rows (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) types = g_hash_table_new (NULL, NULL);
  guint n;
  const GstRealtimeServerEvent *events = gst_realtime_protocol_get_server_events (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"type\":\"%s\"}", events[i].name);
      g_autoptr (GstRealtimeEvent) event = gst_realtime_event_parse (text, strlen (text), NULL);

      g_assert_true (g_hash_table_add (names, (gpointer)events[i].name));
      g_assert_nonnull (event);
      g_assert_cmpint (event->type, ==, events[i].type);
      g_assert_true ((events[i].beta_of != NULL) != (events[i].what != NULL));
      if (events[i].beta_of != NULL)
        g_assert_cmpstr (gst_realtime_event_type_to_string (events[i].type), ==, events[i].beta_of);
      g_hash_table_add (types, GINT_TO_POINTER (events[i].type));
    }
  /* Each type has a name, and only what is known by purpose has none. */
  g_assert_cmpuint (g_hash_table_size (types), ==, GST_REALTIME_N_EVENTS);
}

static void
test_schema (void)
{
  g_autoptr (JsonNode) schema = schema_load ();
  g_autoptr (GHashTable) server = NULL, client = NULL;
  guint n, n_current = 0;
  const GstRealtimeServerEvent *events = gst_realtime_protocol_get_server_events (&n);
  const GstRealtimeClientEvent *sent;

  if (schema == NULL)
    {
      g_test_skip ("no schema of the events");
      return;
    }
  server = schema_get_types (schema, "ServerEvent");
  for (guint i = 0; i < n; i++)
    if (events[i].beta_of == NULL)
      {
        if (!g_hash_table_contains (server, events[i].name))
          g_error ("%s is no event of the service", events[i].name);
        n_current++;
      }
  g_assert_cmpuint (n_current, ==, g_hash_table_size (server));

  client = schema_get_types (schema, "ClientEvent");
  sent = gst_realtime_protocol_get_client_events (&n);
  for (guint i = 0; i < n; i++)
    if (!g_hash_table_contains (client, sent[i].name))
      g_error ("%s is no event of a client", sent[i].name);
  g_assert_cmpuint (n, ==, g_hash_table_size (client));
}

int
main (int argc, char **argv)
{
  /* For whoever changed a table: what belongs into docs/element.md. */
  if (argc > 1 && strcmp (argv[1], "--print") == 0)
    {
      g_autofree char *tables = gst_realtime_protocol_to_markdown ();

      g_print ("%s", tables);
      return 0;
    }
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/protocol/reference", test_reference);
  g_test_add_func ("/realtime/protocol/rows", test_rows);
  g_test_add_func ("/realtime/protocol/schema", test_schema);
  return g_test_run ();
}
