/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The element, point 5 "Never lost, never twice": what is told, said and asked
 * again after a loss, what is not, and the session that is renewed in time. */
#include "realtime-world.h"

#include "realtimesession-private.h"

#define MS 8 /* bytes of A-law */

static World *
outage_world (void)
{
  World *w = world_new ();

  gst_realtime_session_set_input_format (w->session, GST_REALTIME_FORMAT_PCMA);
  start (w);
  make_ready (w);
  g_string_truncate (w->log, 0);
  return w;
}

static void
lose (World *w)
{
  g_autoptr (GError) error = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "weg");

  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, error);
}

static void
iterate_until (gboolean *condition, guint seconds)
{
  gint64 end = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (!*condition && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_true (*condition);
}

static void
wait_for_next_attempt (World *w)
{
  guint n = w->transport->n_opened;

  for (gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
       w->transport->n_opened == n && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (w->transport->n_opened, ==, n + 1);
}

static void
reconnect (World *w)
{
  wait_for_next_attempt (w);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  make_ready (w);
}

static void
lose_and_reconnect (World *w)
{
  g_queue_clear_full (&w->transport->sent, g_free);
  lose (w);
  expect_nothing (w);
  reconnect (w);
}

/* @ms of audio whose bytes are @mark */
static void
speak (World *w, guint ms, guint8 mark)
{
  g_autofree guint8 *audio = g_malloc (ms * MS);

  memset (audio, mark, ms * MS);
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, ms * MS);
}

static void
expect_audio (World *w, guint ms, guint8 first, guint8 last)
{
  g_autoptr (GByteArray) all = take_appends (w);

  g_assert_cmpuint (all->len, ==, ms * MS);
  g_assert_cmpuint (all->data[0], ==, first);
  g_assert_cmpuint (all->data[all->len - 1], ==, last);
}

static void
committed (World *w)
{
  server (w, "{'type':'input_audio_buffer.committed','item_id':'u'}");
  server (w, "{'type':'conversation.item.added','item':{'id':'u','type':'message','role':'user',"
             "'content':[{'type':'input_audio'}]}}");
}

static void
speech (World *w, guint start_ms, guint end_ms)
{
  server (w, "{'type':'input_audio_buffer.speech_started','audio_start_ms':%u,'item_id':'u'}",
          start_ms);
  if (end_ms > 0)
    server (w, "{'type':'input_audio_buffer.speech_stopped','audio_end_ms':%u,'item_id':'u'}",
            end_ms);
}

static void
transcribed (World *w, const char *text)
{
  server (w,
          "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u',"
          "'content_index':0,'transcript':'%s'}",
          text);
}

static void
answer_added (World *w, const char *item)
{
  server (w,
          "{'type':'conversation.item.added','item':{'id':'%s','type':'message',"
          "'role':'assistant','content':[]}}",
          item);
}

static void
answer_text (World *w, const char *item, const char *text)
{
  server (w,
          "{'type':'response.output_audio_transcript.delta','response_id':'r1','item_id':'%s',"
          "'content_index':0,'delta':'%s'}",
          item, text);
}

static JsonObject *
expect_item (World *w)
{
  return gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
}

static JsonObject *
first_part (JsonObject *item)
{
  return json_array_get_object_element (gst_realtime_json_array (item, "content"), 0);
}

static void
expect_message (World *w, const char *role, const char *text)
{
  JsonObject *item = expect_item (w);

  g_assert_cmpstr (gst_realtime_json_string (item, "role"), ==, role);
  g_assert_cmpstr (gst_realtime_json_string (first_part (item), "text"), ==, text);
}

/* ---- what the caller said ---- */

/* In the middle of a sentence: all of it is heard again, nobody answers half of it. */
static void
test_speaking (void)
{
  g_autoptr (World) w = outage_world ();

  speak (w, 1000, 1);
  speak (w, 400, 2);
  speech (w, 1000, 0);
  speak (w, 200, 3);
  g_queue_clear_full (&w->transport->sent, g_free);
  lose (w);
  speak (w, 300, 4);
  reconnect (w);
  expect_audio (w, 900, 2, 4);
  expect_nothing (w);
  speech (w, 0, 700);
  committed (w);
  created (w, "r1"); /* the VAD's */
  done (w, "r1", "completed");
  expect_nothing (w);
}

/* The same at its end, before the service has made an item of it, and after. */
static void
test_spoken (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = outage_world ();

      speak (w, 500, 1);
      speak (w, 1000, 2);
      speak (w, 300, 3);
      speech (w, 500, 1700);
      if (i == 1)
        committed (w);
      lose_and_reconnect (w);
      expect_audio (w, 1300, 2, 3);
      expect_nothing (w);
    }
}

/* With its text a turn is an item, and an answer to it is asked for. */
static void
test_written (void)
{
  g_autoptr (World) w = outage_world ();

  speak (w, 1000, 1);
  speech (w, 0, 1000);
  committed (w);
  transcribed (w, "Zehn Rohre");
  speak (w, 100, 2);
  lose_and_reconnect (w);
  expect_message (w, "user", "Zehn Rohre");
  expect (w, "response.create");
  expect_audio (w, 100, 2, 2);
  expect_nothing (w);
}

/* A turn that a response answers is never heard again: without a text it is
 * told as its audio. */
static void
test_answered (void)
{
  g_autoptr (World) w = outage_world ();
  g_autofree guchar *audio = NULL;
  JsonObject *part;
  gsize size;

  speak (w, 500, 1);
  speak (w, 1000, 2);
  speech (w, 500, 1500);
  committed (w);
  created (w, "r1");
  lose_and_reconnect (w);
  part = first_part (expect_item (w));
  g_assert_cmpstr (gst_realtime_json_string (part, "type"), ==, "input_audio");
  audio = g_base64_decode (gst_realtime_json_string (part, "audio"), &size);
  g_assert_cmpuint (size, ==, 1000 * MS);
  g_assert_cmpuint (audio[0], ==, 2);
  expect (w, "response.create");
  expect_nothing (w);
}

/* A bound there is: the last half minute of an endless sentence. */
static void
test_endless (void)
{
  g_autoptr (World) w = outage_world ();

  speech (w, 0, 0);
  for (guint i = 0; i < 50; i++)
    speak (w, 1000, i);
  lose_and_reconnect (w);
  expect_audio (w, GST_REALTIME_SESSION_KEEP_MS, 20, 49);
  g_assert_cmpuint (g_queue_get_length (&w->session->kept), ==, 0);
}

/* Nothing is kept of hours of silence. */
static void
test_memory (void)
{
  g_autoptr (World) w = outage_world ();

  for (guint i = 0; i < 600; i++)
    speak (w, 1000, 0xd5);
  g_assert_cmpuint (g_queue_get_length (&w->session->sent), <, 40);
}

/* ---- what the model said ---- */

/* An answer that broke off: told as heard, in whole words, and asked for again. */
static void
test_cut_answer (void)
{
  g_autoptr (World) w = outage_world ();

  created (w, "r1");
  answer_added (w, "a");
  answer_text (w, "a", "Das macht zusammen zwanzig Euro und");
  delta (w, "r1", "a", 1000); /* 15 characters a second */
  lose (w);
  expect_log (w, "created:r1 assistant:a:Das macht zusammen zwanzig Euro und assistant:a:Das macht. "
                 "done:r1 reconnecting ");
  reconnect (w);
  expect_message (w, "assistant", "Das macht");
  g_assert_cmpstr (gst_realtime_json_string (expect_item (w), "role"), ==, "system");
  expect (w, "response.create");
  expect_nothing (w);
  /* The note was for that response. */
  lose_and_reconnect (w);
  expect_message (w, "assistant", "Das macht");
  expect (w, "response.create");
  expect_nothing (w);
}

/* The pace of the answers before tells how much was heard. */
static void
test_pace (void)
{
  g_autoptr (World) w = outage_world ();

  created (w, "r1");
  answer_added (w, "a");
  answer_text (w, "a", "Eins zwei drei vier fünf.");
  delta (w, "r1", "a", 5000); /* 5 characters a second */
  audio_done (w, "r1", "a");
  done (w, "r1", "completed");
  created (w, "r2");
  answer_added (w, "b");
  answer_text (w, "b", "Sechs sieben acht neun");
  delta (w, "r2", "b", 2500);
  lose_and_reconnect (w);
  expect_message (w, "assistant", "Eins zwei drei vier fünf.");
  expect_message (w, "assistant", "Sechs sieben");
}

/* Nobody heard a word of it: it was not said. */
static void
test_unheard_answer (void)
{
  g_autoptr (World) w = outage_world ();

  created (w, "r1");
  answer_added (w, "a");
  answer_text (w, "a", "Guten Tag");
  delta (w, "r1", "a", 40);
  lose_and_reconnect (w);
  expect (w, "response.create");
  expect_nothing (w);
}

/* All of it was said, but response.done is missing: a function may have been
 * about to be called. That is asked for without a further word. */
static void
test_whole_answer (void)
{
  g_autoptr (World) w = outage_world ();
  g_autofree char *request = NULL;
  JsonObject *response;

  created (w, "r1");
  answer_added (w, "a");
  answer_text (w, "a", "Einen Moment.");
  delta (w, "r1", "a", 1000);
  audio_done (w, "r1", "a");
  lose_and_reconnect (w);
  expect_message (w, "assistant", "Einen Moment.");
  response = gst_realtime_json_object (expect (w, "response.create"), "response");
  g_assert_cmpstr (
      json_array_get_string_element (gst_realtime_json_array (response, "output_modalities"), 0), ==,
      "text");
  request = g_strdup (
      gst_realtime_json_string (gst_realtime_json_object (response, "metadata"), "request"));
  expect_nothing (w);
  g_string_truncate (w->log, 0);

  server (w,
          "{'type':'response.created','response':{'id':'r2','conversation_id':'c','metadata':{"
          "'request':'%s'}}}",
          request);
  answer_added (w, "b");
  server (w, "{'type':'response.output_text.delta','response_id':'r2','item_id':'b',"
             "'content_index':0,'delta':'Noch etwas?'}");
  server (w, "{'type':'response.output_text.done','response_id':'r2','item_id':'b',"
             "'content_index':0,'text':'Noch etwas?'}");
  call_done (w, "r2", "c1", "completed");
  server (w, "{'type':'response.done','response':{'id':'r2','status':'completed','output':["
             "{'id':'b','type':'message','role':'assistant','content':[{'type':'output_text',"
             "'text':'Noch etwas?'}]}]}}");
  expect_log (w, "created:r2 call:c1:n:{} done:r2 ");
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "conversation.item.delete"), "item_id"), ==,
                   "b");
  expect_nothing (w);
}

/* Of a greeting the rest is said, word for word. */
static void
test_greeting (void)
{
  g_autoptr (World) w = world_new ();
  g_autofree char *request = NULL;
  JsonObject *response;

  w->settings->greeting = g_strdup ("Guten Tag, hier ist die Bestellannahme.");
  start (w);
  make_ready (w);
  response = gst_realtime_json_object (expect (w, "response.create"), "response");
  request = g_strdup (
      gst_realtime_json_string (gst_realtime_json_object (response, "metadata"), "request"));
  server (w,
          "{'type':'response.created','response':{'id':'r1','conversation_id':'c','metadata':{"
          "'request':'%s'}}}",
          request);
  answer_added (w, "a");
  answer_text (w, "a", "Guten Tag, hier ist");
  delta (w, "r1", "a", 1000);
  lose_and_reconnect (w);
  expect_message (w, "assistant", "Guten Tag, hier");
  response = gst_realtime_json_object (expect (w, "response.create"), "response");
  g_assert_nonnull (strstr (gst_realtime_json_string (response, "instructions"),
                            "\"ist die Bestellannahme.\""));
  expect_nothing (w);
}

/* What was stopped is not begun again: neither what ran nor what was asked for. */
static void
test_stopped (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (World) w = outage_world ();

      if (i == 0)
        created (w, "r1");
      else
        gst_realtime_session_create_response (w->session, NULL);
      gst_realtime_session_interrupt (w->session);
      lose_and_reconnect (w);
      expect_nothing (w);
    }
}

/* ---- functions ---- */

/* The call is complete, response.done missing: called once, and no response
 * before its output is there. */
static void
test_call (void)
{
  g_autoptr (World) w = outage_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  lose_and_reconnect (w);
  g_assert_cmpstr (gst_realtime_json_string (expect_item (w), "type"), ==, "function_call");
  expect_nothing (w);
  gst_realtime_session_send_function_output (w->session, "c1", "da");
  g_assert_cmpstr (gst_realtime_json_string (expect_item (w), "call_id"), ==, "c1");
  expect (w, "response.create");
  expect_nothing (w);
  expect_log (w, "created:r1 call:c1:n:{} done:r1 reconnecting ready ");
}

/* Its arguments are complete, the item is not: it was not called, and is asked for. */
static void
test_begun_call (void)
{
  g_autoptr (World) w = outage_world ();

  created (w, "r1");
  server (w, "{'type':'response.function_call_arguments.done','response_id':'r1','item_id':'f',"
             "'call_id':'c1','name':'n','arguments':'{}'}");
  lose_and_reconnect (w);
  expect (w, "response.create");
  expect_nothing (w);
  expect_log (w, "created:r1 done:r1 reconnecting ready ");
}

/* The output was sent, and perhaps never arrived; the same with the request for
 * the answer to it. Told once, asked once. */
static void
test_output (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (World) w = outage_world ();

      created (w, "r1");
      call_done (w, "r1", "c1", "completed");
      if (i > 0)
        done (w, "r1", "completed");
      gst_realtime_session_send_function_output (w->session, "c1", "da");
      if (i > 1)
        created (w, "r2");
      lose_and_reconnect (w);
      g_assert_cmpstr (gst_realtime_json_string (expect_item (w), "type"), ==, "function_call");
      g_assert_cmpstr (gst_realtime_json_string (expect_item (w), "output"), ==, "da");
      expect (w, "response.create");
      expect_nothing (w);
      done (w, "r2", "completed");
    }
}

/* ---- attempts ---- */

/* Longer each time, no two alike, with an end. */
static void
test_back_off (void)
{
  for (guint attempt = 0; attempt < 12; attempt++)
    {
      guint most = MIN (250u << attempt, 8000), low = G_MAXUINT, high = 0;

      for (guint i = 0; i < 500; i++)
        {
          guint ms = gst_realtime_session_back_off (attempt);

          low = MIN (low, ms);
          high = MAX (high, ms);
        }
      g_assert_cmpuint (high, <=, most);
      g_assert_cmpuint (high, >, most * 9 / 10);
      g_assert_cmpuint (low, >=, attempt == 0 ? 0 : most / 2);
      g_assert_cmpuint (low, <, attempt == 0 ? most / 10 : most * 6 / 10);
    }
}

/* The first connection: what can't be reached is told at once, what hangs up is
 * tried three times more. */
static void
test_first (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (World) other = world_new ();

  gst_realtime_session_set_settings (w->session, w->settings);
  gst_realtime_session_start (w->session);
  lose (w);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);

  start (other);
  for (guint i = 0; i < 3; i++)
    {
      lose (other);
      wait_for_next_attempt (other);
      gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (other->transport));
    }
  g_assert_no_error (other->fatal);
  lose (other);
  g_assert_error (other->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
}

/* The service takes our requests and answers none. */
static void
test_stalled (void)
{
  g_autoptr (World) w = outage_world ();

  created (w, "r1");
  w->session->heard_us -= 21 * G_USEC_PER_SEC;
  wait_for (w, "reconnecting", 10);
  reconnect (w);
  expect (w, "response.create");
  expect_nothing (w);
}

/* A rate limit: tried again, later each time, and not for ever. */
static void
test_rate_limit (void)
{
  g_autoptr (World) w = outage_world ();
  guint n;

  for (n = 0; n < 10; n++)
    {
      g_autofree char *id = g_strdup_printf ("r%u", n);

      created (w, id);
      server (w,
              "{'type':'response.done','response':{'id':'%s','status':'failed','output':[],"
              "'status_details':{'error':{'code':'inference_rate_limit_exceeded'}}}}",
              id);
      if (w->session->timers[TIMER_RETRY] == NULL)
        break;
      g_assert_cmpint (g_source_get_ready_time (w->session->timers[TIMER_RETRY]), >=,
                       g_get_monotonic_time () + ((1000 << n) - 500) * 1000);
      /* Not waited for. */
      g_source_set_ready_time (w->session->timers[TIMER_RETRY], 0);
      while (w->session->timers[TIMER_RETRY] != NULL)
        g_main_context_iteration (NULL, TRUE);
      expect (w, "response.create");
    }
  g_assert_cmpuint (n, ==, 4);
  expect_nothing (w);
}

/* ---- renewal ---- */

static World *
short_world (void)
{
  World *w = world_new ();

  w->transport->can_clone = TRUE;
  w->settings->renewal_lead = 3;
  start (w);
  server (w, "{'type':'session.created','session':{'id':'s','expires_at':%" G_GINT64_FORMAT "}}",
          g_get_real_time () / G_USEC_PER_SEC + 4);
  expect (w, "session.update");
  server (w, "{'type':'session.updated','session':{'id':'s'}}");
  gst_realtime_session_send_text (w->session, "user", "Hallo");
  expect_message (w, "user", "Hallo");
  g_string_truncate (w->log, 0);
  return w;
}

static void
say_as (FakeTransport *transport, const char *text)
{
  g_autofree char *json = quoted (text);
  g_autoptr (GBytes) message = g_bytes_new (json, strlen (json));

  gst_realtime_transport_emit_message (GST_REALTIME_TRANSPORT (transport), message);
}

/* Lets the next session become ready. Returns: (transfer none): its transport */
static FakeTransport *
make_next (World *w)
{
  FakeTransport *next;
  gboolean there = FALSE;

  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
       !there && g_get_monotonic_time () < end; there = w->transport->clone != NULL)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  iterate_until (&there, 1);
  next = w->transport->clone;
  g_assert_true (next->open);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (next));
  say_as (next, "{'type':'session.created','session':{'id':'t'}}");
  g_assert_nonnull (strstr (g_queue_peek_head (&next->sent), "session.update"));
  g_free (g_queue_pop_head (&next->sent));
  say_as (next, "{'type':'session.updated','session':{'id':'t'}}");
  return next;
}

/* The next session is made while the first serves, and takes over in a pause. */
static void
test_renewal (void)
{
  g_autoptr (World) w = short_world ();
  g_autofree char *told = NULL;
  FakeTransport *next;

  created (w, "r1");
  next = make_next (w);
  expect_log (w, "created:r1 ");
  g_assert_true (w->transport->open); /* it still speaks */
  done (w, "r1", "completed");
  g_assert_false (w->transport->open);
  expect_log (w, "done:r1 ready ");
  told = g_queue_pop_head (&next->sent); /* the settings */
  g_assert_nonnull (strstr (told, "session.update"));
  g_assert_nonnull (strstr (g_queue_peek_head (&next->sent), "Hallo"));
  g_assert_cmpuint (g_queue_get_length (&next->sent), ==, 1);
  g_assert_cmpuint (w->stats.renewals, ==, 1);
  g_assert_cmpuint (w->stats.reconnects, ==, 0);
}

/* No pause came: the first is lost, and the next is there at once. */
static void
test_renewal_without_pause (void)
{
  g_autoptr (World) w = short_world ();
  FakeTransport *next;

  created (w, "r1");
  next = make_next (w);
  error_event (w, "session_expired", "x", NULL);
  expect_log (w, "created:r1 done:r1 reconnecting ready ");
  g_assert_nonnull (strstr (g_queue_peek_nth (&next->sent, 1), "Hallo"));
  g_assert_nonnull (strstr (g_queue_peek_tail (&next->sent), "response.create"));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/outage/" name, function)
  ADD ("caller/speaking", test_speaking);
  ADD ("caller/spoken", test_spoken);
  ADD ("caller/written", test_written);
  ADD ("caller/answered", test_answered);
  ADD ("caller/endless", test_endless);
  ADD ("caller/memory", test_memory);
  ADD ("answer/cut", test_cut_answer);
  ADD ("answer/pace", test_pace);
  ADD ("answer/unheard", test_unheard_answer);
  ADD ("answer/whole", test_whole_answer);
  ADD ("answer/greeting", test_greeting);
  ADD ("answer/stopped", test_stopped);
  ADD ("call/complete", test_call);
  ADD ("call/begun", test_begun_call);
  ADD ("call/output", test_output);
  ADD ("attempts/back-off", test_back_off);
  ADD ("attempts/first", test_first);
  ADD ("attempts/stalled", test_stalled);
  ADD ("attempts/rate-limit", test_rate_limit);
  ADD ("renewal/pause", test_renewal);
  ADD ("renewal/no-pause", test_renewal_without_pause);
  return g_test_run ();
}
