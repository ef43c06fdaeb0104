/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* audio_end_ms, to the millisecond: conversations made at random, in every
 * format, with deltas of any size and odd bytes, several items, sinks that hold
 * something back, and another speed in the middle. */
#include "realtime-world.h"

#define MAX_ITEMS 4

typedef struct
{
  char id[16];
  gsize sent;    /* bytes of deltas */
  gsize left;    /* bytes that left */
  guint64 ended; /* ns of output when the last of it had */
} Item;

typedef struct
{
  World *w;
  GRand *random;
  GstRealtimeFormat format;
  guint bytes_per_ms;
  Item items[MAX_ITEMS];
  guint n_items;
  guint64 out; /* ns of output */
  guint n_responses;
} Talk;

static void
send_delta (Talk *t, Item *item, gsize size)
{
  g_autofree guint8 *zeros = g_malloc0 (size + 1);
  g_autofree char *base64 = g_base64_encode (zeros, size);

  server (t->w,
          "{'type':'response.output_audio.delta','response_id':'r%u','item_id':'%s',"
          "'content_index':0,'delta':'%s'}",
          t->n_responses, item->id, base64);
  item->sent += size;
}

static void
play_frame (Talk *t)
{
  gsize size = 20 * t->bytes_per_ms;
  g_autofree guint8 *frame = g_malloc (size);
  GstRealtimeHead head;

  gst_realtime_playout_begin_frame (t->w->playout, 20 * GST_MSECOND, &head);
  size = head.has_audio ? gst_realtime_playout_take (t->w->playout, frame, size) : 0;
  t->out += 20 * GST_MSECOND;
  for (guint i = 0; i < t->n_items && size > 0; i++)
    {
      gsize whole = t->items[i].sent / gst_realtime_format_get_width (t->format) *
                    gst_realtime_format_get_width (t->format);
      gsize n = MIN (size, whole - t->items[i].left);

      if (n > 0)
        t->items[i].ended = t->out;
      t->items[i].left += n;
      size -= n;
    }
  g_assert_cmpuint (size, ==, 0);
}

/* One answer, cut off somewhere. */
static void
interrupt_one (Talk *t, guint held_ms)
{
  GRand *r = t->random;
  gboolean complete = g_rand_boolean (r);
  guint n_cut = 0;

  char response[16];

  g_snprintf (response, sizeof response, "r%u", ++t->n_responses);
  created (t->w, response);
  t->n_items = g_rand_int_range (r, 1, MAX_ITEMS + 1);
  for (guint i = 0; i < t->n_items; i++)
    {
      Item *item = &t->items[i];

      *item = (Item){ 0 };
      g_snprintf (item->id, sizeof item->id, "a%u_%u", t->n_responses, i);
      for (guint n = g_rand_int_range (r, 1, 8); n > 0; n--)
        {
          send_delta (t, item, g_rand_int_range (r, 1, 120 * t->bytes_per_ms));
          /* Some of it leaves before the rest has come. */
          for (guint k = g_rand_int_range (r, 0, 3); k > 0; k--)
            play_frame (t);
        }
      if (i + 1 < t->n_items || complete)
        audio_done (t->w, response, item->id);
    }
  if (complete)
    done (t->w, response, "completed");
  for (guint k = g_rand_int_range (r, 0, 40); k > 0; k--)
    play_frame (t);

  speech_started (t->w);
  for (guint i = 0; i < t->n_items; i++)
    {
      Item *item = &t->items[i];
      gsize width = gst_realtime_format_get_width (t->format);
      gsize received = item->sent / width * width;
      guint64 since = (t->out - item->ended) / GST_MSECOND;
      gsize unheard = item->left == 0 || since >= held_ms
                          ? 0
                          : MIN ((held_ms - since) * t->bytes_per_ms, item->left);
      guint heard_ms = (item->left - unheard) / t->bytes_per_ms;
      gboolean whole = (complete || i + 1 < t->n_items) && item->left == received && unheard == 0;
      JsonObject *event;

      if (whole || received == 0)
        continue; /* heard to its end */
      n_cut++;
      if (heard_ms == 0)
        {
          g_assert_cmpstr (gst_realtime_json_string (expect (t->w, "conversation.item.delete"),
                                                     "item_id"),
                           ==, item->id);
          continue;
        }
      event = expect (t->w, "conversation.item.truncate");
      g_assert_cmpstr (gst_realtime_json_string (event, "item_id"), ==, item->id);
      g_assert_cmpint (gst_realtime_json_int (event, "audio_end_ms", -1), ==, heard_ms);
      /* Never "already shorter". */
      g_assert_cmpint (heard_ms, <=, received / t->bytes_per_ms);
    }
  expect_nothing (t->w);
  if (n_cut > 0)
    g_assert_true (gst_realtime_playout_is_empty (t->w->playout));
  if (!complete)
    {
      /* What comes after the flush is not played. */
      send_delta (t, &t->items[t->n_items - 1], 50 * t->bytes_per_ms);
      g_assert_true (gst_realtime_playout_is_empty (t->w->playout));
      done (t->w, response, "cancelled");
      g_queue_clear_full (&t->w->transport->sent, g_free);
    }
  speech_stopped (t->w);
}

static void
test_random (void)
{
  static const guint held[] = { 0, 0, 20, 35, 200, 1000 };
  const guint seed = g_test_rand_int ();

  for (guint run = 0; run < 60; run++)
    {
      g_autoptr (World) w = ready_world ();
      Talk t = { .w = w, .random = g_rand_new_with_seed (seed + run), .format = run % 3 };
      guint held_ms = held[run % G_N_ELEMENTS (held)];

      t.bytes_per_ms = gst_realtime_format_get_bytes_per_ms (t.format);
      if (t.format != GST_REALTIME_FORMAT_PCM)
        {
          gst_realtime_session_set_output_format (w->session, t.format);
          expect (w, "session.update");
          server (w,
                  "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{}},"
                  "'output':{'format':{'type':'%s'}}}}}",
                  gst_realtime_format_get_name (t.format));
        }
      gst_realtime_playout_set_held (w->playout, held_ms * GST_MSECOND);
      for (guint i = 0; i < 20; i++)
        {
          interrupt_one (&t, held_ms);
          /* All that was held has been played. */
          for (guint k = 0; k < 60; k++)
            {
              t.n_items = 0;
              play_frame (&t);
            }
          if (i == 10)
            {
              /* Spoken faster from now on: ms of what is played, as before. */
              w->settings->speed = 1.5;
              gst_realtime_session_set_settings (w->session, w->settings);
              g_assert_cmpfloat (
                  gst_realtime_json_double (
                      gst_realtime_json_object (
                          gst_realtime_json_object (
                              gst_realtime_json_object (expect (w, "session.update"), "session"),
                              "audio"),
                          "output"),
                      "speed", 0),
                  ==, 1.5);
            }
        }
      g_rand_free (t.random);
    }
}

/* The service counts less than it sent (by 85 ms, it was seen): the error is
 * swallowed, and the conversation goes on. */
static void
test_already_shorter (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *id = NULL;

  created (w, "r1");
  delta (w, "r1", "a1", 400);
  play (w, 400);
  speech_started (w);
  id = g_strdup (gst_realtime_json_string (expect (w, "conversation.item.truncate"), "event_id"));
  g_string_truncate (w->log, 0);
  error_event (w, "invalid_value", "Audio content of 315ms is already shorter than 400ms", id);
  expect_log (w, "");
  done (w, "r1", "cancelled");
  speech_stopped (w);
  created (w, "r2");
  delta (w, "r2", "a2", 40);
  g_assert_false (gst_realtime_playout_is_empty (w->playout));
}

/* A sink without a queue: each frame leaves when the last one was played, so it
 * holds one of them and not its latency. */
static void
test_late (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_playout_set_held (w->playout, 300 * GST_MSECOND);
  gst_realtime_playout_set_late (w->playout, 280 * GST_MSECOND);
  created (w, "r1");
  delta (w, "r1", "a1", 1000);
  play (w, 500);
  speech_started (w);
  g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"), "audio_end_ms",
                                          -1),
                   ==, 480);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/realtime/exact/random", test_random);
  g_test_add_func ("/realtime/exact/already-shorter", test_already_shorter);
  g_test_add_func ("/realtime/exact/late", test_late);
  return g_test_run ();
}
