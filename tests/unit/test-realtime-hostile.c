/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A hostile service: every event of the protocol with each of its members
 * missing, null, of another type, huge; and what is no event at all. The events
 * are made from the JSON schema where it is found (it is not part of this
 * tree), otherwise taken from the fuzzer's corpus. */
#include "realtime-schema.h"
#include "realtime-world.h"

/* ---- what is made of it ---- */

static World *world;
static guint n_fed;

static void
feed (const char *text, gsize size, gpointer user_data)
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
  NULL,
};

static void
test_members (void)
{
  g_autoptr (GPtrArray) events = load_events ();

  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *text = json_to_string (g_ptr_array_index (events, i), FALSE);
      g_autoptr (JsonNode) root = json_from_string (text, NULL);

      feed (text, strlen (text), NULL);
      for (gsize n = 0; n < strlen (text); n += 7)
        feed (text, n, NULL); /* cut off */
      mutate (root, root, values, feed, NULL);
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
