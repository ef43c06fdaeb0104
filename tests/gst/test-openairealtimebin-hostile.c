/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin and a hostile service, over a real connection: every event
 * of the protocol, whole, cut off, with each member missing, null and of other
 * types. It survives, tells of it where it must, and works afterwards. */
#include "realtime-pipeline.h"

#include "realtime-schema.h"

typedef struct
{
  World *w;
  guint n_sent;
  guint n_texts; /* that the element was asked to send, in all */
  guint n_fatal;
} Attack;

/* It still does what it is asked to; after an error for good it is started again. */
static void
assert_alive (Attack *attack)
{
  World *w = attack->w;
  g_autoptr (GstBus) bus = gst_element_get_bus (w->pipeline);
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint wanted = realtime_server_count (w->server, "conversation.item.create") + 1;
  gboolean asked = FALSE;

  while (g_get_monotonic_time () < deadline)
    {
      g_autoptr (GstMessage) message =
          gst_bus_timed_pop_filtered (bus, 0, GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);

      if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
        {
          attack->n_fatal++;
          gst_element_set_state (w->pipeline, GST_STATE_NULL);
          gst_bus_set_flushing (bus, TRUE);
          gst_bus_set_flushing (bus, FALSE);
          play_until_ready (w);
          asked = FALSE;
        }
      else if (message == NULL && !asked)
        {
          g_signal_emit_by_name (w->bin, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, "user", "x");
          asked = TRUE;
        }
      else if (message == NULL)
        {
          if (realtime_server_count (w->server, "conversation.item.create") >= wanted)
            return;
          g_usleep (1000);
        }
    }
  g_error ("the element does not answer any more");
}

static void
send_mutant (const char *text, gsize size, gpointer user_data)
{
  Attack *attack = user_data;

  realtime_server_send_text (attack->w->server, text, size);
  /* Not more than the element reads meanwhile. */
  if (++attack->n_sent % 200 == 0)
    assert_alive (attack);
}

static void
test_events (void)
{
  static const char *const values[] = { "null", "7", "\"AAAA\"", "[]", "{}", "1e99", NULL };
  g_autoptr (World) w =
      world_new (SERVER_READY, RAW (24000, 1, "S16LE"), RAW (24000, 1, "S16LE"), FALSE);
  g_autoptr (GPtrArray) events = load_events ();
  Attack attack = { w, 0 };

  g_object_set (w->bin, "reconnect", TRUE, NULL);
  play_until_ready (w);
  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *text = json_to_string (g_ptr_array_index (events, i), FALSE);
      g_autoptr (JsonNode) root = json_from_string (text, NULL);

      /* Something that the events can be about. */
      realtime_server_send (w->server,
                            "{'type':'response.created','response':{'id':'AAAA','status':"
                            "'in_progress'}}");
      realtime_server_send (w->server, "{'type':'response.output_audio.delta','response_id':'AAAA',"
                                       "'item_id':'AAAA','content_index':0,'delta':'AAAAAAAA'}");
      send_mutant (text, strlen (text), &attack);
      for (gsize n = 1; n < strlen (text); n += 11)
        send_mutant (text, n, &attack);
      mutate (root, root, values, send_mutant, &attack);
      realtime_server_send (w->server, "{'type':'response.done','response':{'id':'AAAA','status':"
                                       "'completed','output':[]}}");
    }
  assert_alive (&attack);
  g_test_message ("%u messages about %u events, started again %u times", attack.n_sent, events->len,
                  attack.n_fatal);
  g_assert_cmpuint (attack.n_sent, >, 2000);
  g_assert_cmpuint (attack.n_fatal, <, 20);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openairealtimebin/hostile/events", test_events);
  return run_tests ();
}
