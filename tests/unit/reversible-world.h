/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* A session whose interruptions can be taken back, and what a caller says into
 * its answers. Two test programs include it. */
#include "realtime-world.h"
#include "realtimesession-private.h"

#define PADDING 300 /* ms, before the speech, as the settings say */
#define SILENCE 500 /* ms, after it */

static G_GNUC_UNUSED World *
reversible_world (const char *session, gboolean transcription)
{
  World *w = world_new ();
  JsonObject *turn;

  w->turns = TRUE;
  w->settings->reconnect = TRUE;
  w->settings->session = g_strdup (session);
  if (!transcription)
    w->settings->transcription_model[0] = '\0';
  start (w);
  server (w, "{'type':'session.created','session':{'id':'s'}}");
  turn = gst_realtime_json_object (expect (w, "session.update"), "session");
  turn = gst_realtime_json_object (turn, "audio");
  turn = gst_realtime_json_object (turn, "input");
  turn = gst_realtime_json_object (turn, "turn_detection");
  server (w,
          "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{"
          "'type':'server_vad','create_response':%s,'interrupt_response':%s}}}}}",
          gst_realtime_json_bool (turn, "create_response", TRUE) ? "true" : "false",
          gst_realtime_json_bool (turn, "interrupt_response", TRUE) ? "true" : "false");
  expect_nothing (w);
  expect_log (w, "connecting ready ");
  return w;
}

/* Samples that tell where they are. */
static G_GNUC_UNUSED void
numbered (World *w, const char *response, const char *item, guint from_ms, guint ms)
{
  g_autofree gint16 *samples = g_new (gint16, ms * 24);
  g_autofree char *base64 = NULL;

  for (guint i = 0; i < ms * 24; i++)
    samples[i] = from_ms * 24 + i + 1;
  base64 = g_base64_encode ((guchar *)samples, ms * 48);
  server (w,
          "{'type':'response.output_audio.delta','response_id':'%s','item_id':'%s',"
          "'content_index':0,'delta':'%s'}",
          response, item, base64);
}

/* One frame of 20 ms: the samples that left, none if it was silent. */
static G_GNUC_UNUSED void
frame (World *w, GArray *heard)
{
  gint16 samples[480];
  GstRealtimeHead head;

  gst_realtime_playout_begin_frame (w->playout, 20 * GST_MSECOND, &head);
  if (head.has_audio)
    g_array_append_vals (heard, samples,
                         gst_realtime_playout_take (w->playout, (guint8 *)samples, sizeof samples) /
                             2);
}

static G_GNUC_UNUSED void
assert_no_gap (GArray *heard, guint ms)
{
  g_assert_cmpuint (heard->len, ==, ms * 24);
  for (guint i = 0; i < heard->len; i++)
    g_assert_cmpint (g_array_index (heard, gint16, i), ==, (gint16)(i + 1));
}

static G_GNUC_UNUSED void
started (World *w, const char *item, guint onset_ms)
{
  server (w, "{'type':'input_audio_buffer.speech_started','audio_start_ms':%u,'item_id':'%s'}",
          onset_ms - MIN (PADDING, onset_ms), item);
}

static G_GNUC_UNUSED void
stopped (World *w, const char *item, guint end_ms)
{
  server (w, "{'type':'input_audio_buffer.speech_stopped','audio_end_ms':%u,'item_id':'%s'}",
          end_ms + SILENCE, item);
}

static G_GNUC_UNUSED void
committed (World *w, const char *item)
{
  server (w, "{'type':'input_audio_buffer.committed','item_id':'%s'}", item);
  server (w,
          "{'type':'conversation.item.added','item':{'id':'%s','type':'message','role':'user',"
          "'status':'completed','content':[{'type':'input_audio'}]}}",
          item);
}

static G_GNUC_UNUSED void
said (World *w, const char *item, const char *text)
{
  server (w,
          "{'type':'conversation.item.input_audio_transcription.completed','item_id':'%s',"
          "'content_index':0,'transcript':'%s'}",
          item, text);
}

/* Speech of @ms, to its transcript. */
static G_GNUC_UNUSED void
utter (World *w, const char *item, guint ms, const char *text)
{
  started (w, item, 1000);
  stopped (w, item, 1000 + ms);
  committed (w, item);
  if (text != NULL)
    said (w, item, text);
}

static G_GNUC_UNUSED void
expect_item (World *w, const char *type, const char *item)
{
  g_assert_cmpstr (gst_realtime_json_string (expect (w, type), "item_id"), ==, item);
}

/* Lets the time of a timer pass. */
static G_GNUC_UNUSED void
let_timer_pass (World *w, guint which)
{
  GSource *timer = w->session->timers[which];
  gint64 deadline = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  g_assert_nonnull (timer);
  g_source_set_ready_time (timer, 0);
  while (w->session->timers[which] == timer && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (w->session->timers[which] != timer);
}

/* Lets the time pass that the session waits for. */
static G_GNUC_UNUSED void
let_time_pass (World *w)
{
  let_timer_pass (w, TIMER_BARGE);
}

static G_GNUC_UNUSED World *
answering_world (void)
{
  World *w = reversible_world (NULL, TRUE);

  created (w, "r1");
  numbered (w, "r1", "a1", 0, 2000);
  expect_log (w, "created:r1 ");
  return w;
}
