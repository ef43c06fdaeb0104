/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The session over a transport without a network: what each event of the
 * service makes it send, in which order. Texts use ' for ". */
#include <string.h>

#include "openairealtime.h"
#include "realtimejson.h"
#include "realtimesession.h"

/* ---- a transport that is a pair of lists ---- */

#define FAKE_TYPE_TRANSPORT (fake_transport_get_type ())
G_DECLARE_FINAL_TYPE (FakeTransport, fake_transport, FAKE, TRANSPORT, GObject)

struct _FakeTransport
{
  GObject parent_instance;
  GQueue sent; /* char* */
  guint n_opened;
  gboolean open;
};

static void
fake_open (GstRealtimeTransport *transport)
{
  FAKE_TRANSPORT (transport)->n_opened++;
  FAKE_TRANSPORT (transport)->open = TRUE;
}

static gboolean
fake_send (GstRealtimeTransport *transport, const char *text, gsize size)
{
  if (!FAKE_TRANSPORT (transport)->open)
    return FALSE;
  g_queue_push_tail (&FAKE_TRANSPORT (transport)->sent, g_strndup (text, size));
  return TRUE;
}

static void
fake_close (GstRealtimeTransport *transport, guint code, const char *reason)
{
  FAKE_TRANSPORT (transport)->open = FALSE;
}

static void
fake_iface_init (GstRealtimeTransportInterface *iface)
{
  iface->open = fake_open;
  iface->send = fake_send;
  iface->close = fake_close;
}

G_DEFINE_TYPE_WITH_CODE (FakeTransport,
                         fake_transport,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_REALTIME_TRANSPORT, fake_iface_init))

static void
fake_transport_finalize (GObject *object)
{
  g_queue_clear_full (&FAKE_TRANSPORT (object)->sent, g_free);
  G_OBJECT_CLASS (fake_transport_parent_class)->finalize (object);
}

static void
fake_transport_class_init (FakeTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_transport_finalize;
}

static void
fake_transport_init (FakeTransport *self)
{
  g_queue_init (&self->sent);
}

/* ---- the world of a test ---- */

typedef struct
{
  FakeTransport *transport;
  GstRealtimePlayout *playout;
  GstRealtimeStats stats;
  GstRealtimeSettings *settings;
  GstRealtimeSession *session;
  GString *log;   /* what was reported, a word each */
  JsonNode *node; /* of the last event that was expected */
  GError *fatal;
} World;

#define REPORT(...) g_string_append_printf (((World *)user_data)->log, __VA_ARGS__)

static void
on_connection (gpointer user_data, const char *state, const char *detail)
{
  REPORT ("%s ", state);
}

static void
on_transcript (gpointer user_data,
               const char *role,
               const char *item_id,
               const char *text,
               gboolean final)
{
  REPORT ("%s:%s:%s%s ", role, item_id, text, final ? "." : "");
}

static void
on_function_call (gpointer user_data, const char *call_id, const char *name, const char *arguments)
{
  REPORT ("call:%s:%s:%s ", call_id, name, arguments);
}

static void
on_response (gpointer user_data, const char *state, const char *id, const char *status)
{
  REPORT ("%s:%s ", state, id);
}

static void
on_speech (gpointer user_data, const char *state, const char *item_id, guint ms)
{
  REPORT ("speech:%s:%u ", state, ms);
}

static void
on_structure (gpointer user_data, const GstStructure *s)
{
  REPORT ("%s ", gst_structure_get_name (s) + strlen (GST_OPENAI_REALTIME_MESSAGE_PREFIX));
}

static void
on_error (gpointer user_data, const char *type, const char *code, const char *message)
{
  REPORT ("error:%s ", code != NULL ? code : type);
}

static void
on_fatal (gpointer user_data, const GError *error)
{
  World *w = user_data;

  g_assert_null (w->fatal);
  w->fatal = g_error_copy (error);
}

static void
on_drained (gpointer user_data)
{
  REPORT ("drained ");
}

static const GstRealtimeListener listener = {
  on_connection, on_transcript, on_function_call, on_response, on_speech,
  on_structure,  on_structure,  on_error,         on_fatal,    on_drained,
};

static char *
quoted (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static void G_GNUC_PRINTF (2, 3) server (World *w, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) message = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_strdelimit (text, "'", '"');
  message = g_bytes_new (text, strlen (text));
  gst_realtime_transport_emit_message (GST_REALTIME_TRANSPORT (w->transport), message);
}

/* The next event that was sent must be of this type. */
static JsonObject *
expect (World *w, const char *type)
{
  g_autofree char *text = g_queue_pop_head (&w->transport->sent);

  g_assert_nonnull (text);
  g_clear_pointer (&w->node, json_node_unref);
  w->node = gst_realtime_json_parse (text, strlen (text), NULL);
  g_assert_cmpstr (gst_realtime_json_string (json_node_get_object (w->node), "type"), ==, type);
  return json_node_get_object (w->node);
}

static void
expect_nothing (World *w)
{
  g_assert_cmpstr (g_queue_peek_head (&w->transport->sent), ==, NULL);
}

static void
expect_log (World *w, const char *log)
{
  g_assert_cmpstr (w->log->str, ==, log);
  g_string_truncate (w->log, 0);
}

static World *
world_new (void)
{
  World *w = g_new0 (World, 1);

  w->transport = g_object_new (FAKE_TYPE_TRANSPORT, NULL);
  w->playout = gst_realtime_playout_new (1 << 20);
  gst_realtime_stats_init (&w->stats);
  w->settings = gst_realtime_settings_new ();
  w->log = g_string_new (NULL);
  w->session = gst_realtime_session_new (GST_REALTIME_TRANSPORT (w->transport), w->playout,
                                         &w->stats, &listener, w);
  return w;
}

static void
world_free (World *w)
{
  gst_realtime_session_stop (w->session);
  g_object_unref (w->session);
  g_object_unref (w->transport);
  gst_realtime_playout_free (w->playout);
  gst_realtime_stats_clear (&w->stats);
  gst_realtime_settings_free (w->settings);
  g_string_free (w->log, TRUE);
  g_clear_pointer (&w->node, json_node_unref);
  g_clear_error (&w->fatal);
  g_free (w);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static void
start (World *w)
{
  gst_realtime_session_set_settings (w->session, w->settings);
  gst_realtime_session_start (w->session);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
}

static void
make_ready (World *w)
{
  server (w, "{'type':'session.created','session':{'id':'s'}}");
  expect (w, "session.update");
  server (w, "{'type':'session.updated','session':{'id':'s','audio':{'input':{'turn_detection':"
             "{'type':'server_vad','create_response':true,'interrupt_response':true}}}}}");
}

static World *
ready_world (void)
{
  World *w = world_new ();

  start (w);
  make_ready (w);
  expect_nothing (w);
  expect_log (w, "connecting ready ");
  return w;
}

static void
created (World *w, const char *id)
{
  server (w,
          "{'type':'response.created','response':{'id':'%s','status':'in_progress',"
          "'conversation_id':'c','metadata':null}}",
          id);
}

static void
done (World *w, const char *id, const char *status)
{
  server (w, "{'type':'response.done','response':{'id':'%s','status':'%s','output':[]}}", id,
          status);
}

/* @ms of silence as a delta. */
static void
delta (World *w, const char *response, const char *item, guint ms)
{
  g_autofree guint8 *zeros = g_malloc0 (ms * 48);
  g_autofree char *base64 = g_base64_encode (zeros, ms * 48);

  server (w,
          "{'type':'response.output_audio.delta','response_id':'%s','item_id':'%s',"
          "'output_index':0,'content_index':0,'delta':'%s'}",
          response, item, base64);
}

static void
audio_done (World *w, const char *response, const char *item)
{
  server (w,
          "{'type':'response.output_audio.done','response_id':'%s','item_id':'%s',"
          "'output_index':0,'content_index':0}",
          response, item);
}

/* Lets @ms leave, in frames of 20 ms. */
static void
play (World *w, guint ms)
{
  guint8 frame[960];

  for (guint i = 0; i < ms / 20; i++)
    {
      GstRealtimeHead head;

      gst_realtime_playout_begin_frame (w->playout, 20 * GST_MSECOND, &head);
      if (head.has_audio)
        gst_realtime_playout_take (w->playout, frame, sizeof frame);
    }
}

static void
speech_started (World *w)
{
  server (w, "{'type':'input_audio_buffer.speech_started','audio_start_ms':7,'item_id':'u'}");
}

static void
speech_stopped (World *w)
{
  server (w, "{'type':'input_audio_buffer.speech_stopped','audio_end_ms':9,'item_id':'u'}");
}

static void
call_done (World *w, const char *response, const char *call_id, const char *status)
{
  server (w,
          "{'type':'response.output_item.done','response_id':'%s','output_index':0,'item':{"
          "'id':'f_%s','type':'function_call','status':'%s','name':'n','call_id':'%s',"
          "'arguments':'{}'}}",
          response, call_id, status, call_id);
}

static void
output_added (World *w, const char *call_id)
{
  server (w,
          "{'type':'conversation.item.added','item':{'id':'o_%s','type':'function_call_output',"
          "'call_id':'%s'}}",
          call_id, call_id);
}

static void
error_event (World *w, const char *code, const char *message, const char *event_id)
{
  g_autofree char *q = event_id != NULL ? g_strdup_printf ("'%s'", event_id) : g_strdup ("null");
  g_autofree char *c = code != NULL ? g_strdup_printf ("'%s'", code) : g_strdup ("null");

  server (w,
          "{'type':'error','error':{'type':'invalid_request_error','code':%s,'message':'%s',"
          "'param':null,'event_id':%s}}",
          c, message, q);
}

/* Runs the main context until the log says @word, or a deadline. */
static void
wait_for (World *w, const char *word, guint seconds)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (strstr (w->log->str, word) == NULL && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_nonnull (strstr (w->log->str, word));
}

/* ---- connection ---- */

/* created → update → updated → ready → greeting → audio that came before. */
static void
test_order (void)
{
  g_autoptr (World) w = world_new ();
  guint8 audio[320] = { 0 };
  JsonObject *event;

  w->settings->greeting = g_strdup ("Hallo");
  gst_realtime_session_set_output_format (w->session, GST_REALTIME_FORMAT_PCMU);
  start (w);
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
  expect_nothing (w);
  server (w, "{'type':'session.created','session':{}}");
  event = expect (w, "session.update");
  event = gst_realtime_json_object (gst_realtime_json_object (event, "session"), "audio");
  g_assert_cmpstr (
      gst_realtime_json_string (gst_realtime_json_object (gst_realtime_json_object (event, "input"),
                                                          "format"),
                                "type"),
      ==, "audio/pcma");
  g_assert_cmpstr (
      gst_realtime_json_string (
          gst_realtime_json_object (gst_realtime_json_object (event, "output"), "format"), "type"),
      ==, "audio/pcmu");
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
  expect_nothing (w);
  server (w, "{'type':'session.updated','session':{}}");
  event = gst_realtime_json_object (expect (w, "response.create"), "response");
  g_assert_nonnull (strstr (gst_realtime_json_string (event, "instructions"), "\"Hallo\""));
  expect (w, "input_audio_buffer.append");
  expect (w, "input_audio_buffer.append");
  expect_nothing (w);
  expect_log (w, "connecting ready ");

  /* Other caps later: the service is told before the first such append. */
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCM, audio, sizeof audio);
  expect (w, "session.update");
  expect (w, "input_audio_buffer.append");
  gst_realtime_session_stop (w->session);
  expect_log (w, "closed ");
}

/* The last ten seconds are kept while there is no connection. */
static void
test_keep (void)
{
  g_autoptr (World) w = world_new ();
  guint8 audio[160];

  start (w);
  for (guint i = 0; i < 600; i++)
    {
      memset (audio, i & 0xff, sizeof audio);
      gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
    }
  make_ready (w);
  for (guint i = 100; i < 600; i++)
    {
      g_autofree guchar *data = NULL;
      gsize n;

      data = g_base64_decode (gst_realtime_json_string (expect (w, "input_audio_buffer.append"),
                                                        "audio"),
                              &n);
      g_assert_cmpuint (n, ==, 160);
      g_assert_cmpuint (data[0], ==, i & 0xff);
    }
  expect_nothing (w);
  g_assert_cmpuint (w->stats.ms_lost, ==, 2000);
}

/* Settings that the service refuses: one clear error. */
static void
test_refused (void)
{
  g_autoptr (World) w = world_new ();

  start (w);
  server (w, "{'type':'session.created','session':{}}");
  error_event (w, "unknown_parameter", "Unknown parameter: session.x", NULL);
  g_assert_error (w->fatal, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (w->fatal->message, "session.x"));
  expect_log (w, "connecting failed ");
}

static void
test_garbage (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "not JSON");
  server (w, "[1,2]");
  server (w, "{'type':'an.event.of.tomorrow','x':{}}");
  server (w, "{'type':'response.done'}");
  server (w, "{'type':'response.created','response':{}}");
  server (w, "{'type':'response.output_audio.delta','delta':'!!!'}");
  server (w, "{'type':'input_audio_buffer.speech_started'}");
  server (w, "{'type':'error'}");
  g_assert_no_error (w->fatal);
  gst_realtime_session_send_text (w->session, "user", "x");
  expect (w, "conversation.item.create");
}

/* ---- barge-in (PROTOCOL section 7) ---- */

/* While the response runs: flush, truncate at what left, no cancel of ours,
 * late deltas are dropped until response.done. */
static void
test_barge_in (void)
{
  g_autoptr (World) w = ready_world ();
  JsonObject *event;

  created (w, "r1");
  delta (w, "r1", "a1", 400);
  play (w, 120);
  speech_started (w);
  event = expect (w, "conversation.item.truncate");
  g_assert_cmpstr (gst_realtime_json_string (event, "item_id"), ==, "a1");
  g_assert_cmpint (gst_realtime_json_int (event, "content_index", -1), ==, 0);
  g_assert_cmpint (gst_realtime_json_int (event, "audio_end_ms", -1), ==, 120);
  expect_nothing (w);
  delta (w, "r1", "a1", 400);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  done (w, "r1", "cancelled");
  expect_nothing (w);
  speech_stopped (w);
  created (w, "r2");
  delta (w, "r2", "a2", 40);
  g_assert_false (gst_realtime_playout_is_empty (w->playout));
  expect_log (w, "created:r1 speech:started:7 done:r1 speech:stopped:9 created:r2 ");
}

/* Generated to the end but still playing: truncate, though nothing runs. */
static void
test_barge_in_after_done (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 400);
  audio_done (w, "r1", "a1");
  done (w, "r1", "completed");
  play (w, 40);
  speech_started (w);
  g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"), "audio_end_ms",
                                          -1),
                   ==, 40);
  expect_nothing (w);
}

/* Played to the end: nothing is sent (a truncate would delete the transcript). */
static void
test_barge_in_after_playout (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  audio_done (w, "r1", "a1");
  done (w, "r1", "completed");
  play (w, 200);
  speech_started (w);
  expect_nothing (w);
}

/* All that came has been played, but more was to come: truncate at its end. */
static void
test_barge_in_underrun (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 200);
  speech_started (w);
  g_assert_cmpint (gst_realtime_json_int (expect (w, "conversation.item.truncate"), "audio_end_ms",
                                          -1),
                   ==, 100);
}

/* Nothing of it was heard: the item is deleted, never truncated at 0. */
static void
test_barge_in_unheard (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  delta (w, "r1", "a1", 100);
  speech_started (w);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "conversation.item.delete"), "item_id"), ==,
                   "a1");
  expect_nothing (w);
}

/* A response without any audio yet: nothing to send, its deltas are dropped. */
static void
test_barge_in_before_audio (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  speech_started (w);
  expect_nothing (w);
  delta (w, "r1", "a1", 100);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
}

/* Several items: truncate the one that plays, delete those that don't. */
static void
test_barge_in_items (void)
{
  g_autoptr (World) w = ready_world ();
  JsonObject *event;

  created (w, "r1");
  delta (w, "r1", "a1", 60);
  audio_done (w, "r1", "a1");
  delta (w, "r1", "a2", 100);
  audio_done (w, "r1", "a2");
  delta (w, "r1", "a3", 100);
  play (w, 100);
  speech_started (w);
  event = expect (w, "conversation.item.truncate");
  g_assert_cmpstr (gst_realtime_json_string (event, "item_id"), ==, "a2");
  g_assert_cmpint (gst_realtime_json_int (event, "audio_end_ms", -1), ==, 40);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "conversation.item.delete"), "item_id"), ==,
                   "a3");
  expect_nothing (w);
}

/* interrupt_response false: the cancel is ours. */
static void
test_barge_in_own_cancel (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{"
             "'type':'server_vad','interrupt_response':false}}}}}");
  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 20);
  speech_started (w);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "response.cancel"), "response_id"), ==,
                   "r1");
  expect (w, "conversation.item.truncate");
  done (w, "r1", "cancelled");
  speech_stopped (w);
  /* Nothing runs now: no cancel. */
  speech_started (w);
  expect_nothing (w);
}

/* The stop button: cancel and truncate; nothing when nothing is to be stopped. */
static void
test_stop_button (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_interrupt (w->session);
  expect_nothing (w);
  created (w, "r1");
  delta (w, "r1", "a1", 100);
  play (w, 40);
  gst_realtime_session_interrupt (w->session);
  expect (w, "response.cancel");
  expect (w, "conversation.item.truncate");
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w); /* not before response.done */
  done (w, "r1", "cancelled");
  expect (w, "response.create");

  /* Pressed before response.created: cancelled all the same, and silent. */
  gst_realtime_session_interrupt (w->session);
  expect (w, "response.cancel");
  created (w, "r2");
  delta (w, "r2", "a2", 100);
  g_assert_true (gst_realtime_playout_is_empty (w->playout));
  done (w, "r2", "cancelled");
  expect_nothing (w);
}

/* Out of band: spoken, cancelled by id, never truncated (it is no item). */
static void
test_say (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *id = NULL;

  created (w, "r1");
  gst_realtime_session_say (w->session, "Moment");
  id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
  server (w,
          "{'type':'response.created','response':{'id':'x1','status':'in_progress',"
          "'conversation_id':null,'metadata':{'request':'%s'}}}",
          id);
  delta (w, "x1", "b1", 100);
  play (w, 40);
  speech_started (w);
  g_assert_cmpstr (gst_realtime_json_string (expect (w, "response.cancel"), "response_id"), ==,
                   "x1");
  expect_nothing (w);
  server (w, "{'type':'response.done','response':{'id':'x1','status':'cancelled','output':[]}}");
  expect_nothing (w);
  /* The default conversation's response still runs. */
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  done (w, "r1", "cancelled");
  expect (w, "response.create");
}

/* ---- one active response (section 8) ---- */

static void
test_one_response (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_create_response (w->session, "eins");
  expect (w, "response.create");
  gst_realtime_session_create_response (w->session, "zwei");
  gst_realtime_session_create_response (w->session, NULL);
  created (w, "r1");
  expect_nothing (w);
  done (w, "r1", "completed");
  g_assert_cmpstr (gst_realtime_json_string (
                       gst_realtime_json_object (expect (w, "response.create"), "response"),
                       "instructions"),
                   ==, "zwei");
  expect_nothing (w);
}

/* Lost against the VAD: waits for response.done and is sent once more; with
 * the id, without it, and of old servers without a code. */
static void
test_lost_race (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (World) w = ready_world ();
      g_autofree char *id = NULL;

      gst_realtime_session_create_response (w->session, "meins");
      id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
      created (w, "vad");
      error_event (w, i == 2 ? NULL : "conversation_already_has_active_response",
                   "Conversation already has an active response in progress: vad. Wait until",
                   i == 0 ? id : NULL);
      expect_nothing (w);
      done (w, "vad", "completed");
      g_assert_cmpstr (gst_realtime_json_string (
                           gst_realtime_json_object (expect (w, "response.create"), "response"),
                           "instructions"),
                       ==, "meins");
      expect_nothing (w);
      expect_log (w, "created:vad done:vad ");
    }
}

/* A create that the service refuses for another reason frees the way. */
static void
test_refused_create (void)
{
  g_autoptr (World) w = ready_world ();
  g_autofree char *id = NULL;

  gst_realtime_session_create_response (w->session, "eins");
  id = g_strdup (gst_realtime_json_string (expect (w, "response.create"), "event_id"));
  error_event (w, "invalid_value", "no", id);
  expect_log (w, "error:invalid_value ");
  gst_realtime_session_create_response (w->session, "zwei");
  expect (w, "response.create");
}

/* response.done without response.created frees, too. */
static void
test_done_alone (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_create_response (w->session, NULL);
  expect (w, "response.create");
  done (w, "r1", "cancelled");
  gst_realtime_session_create_response (w->session, NULL);
  expect (w, "response.create");
}

static void
test_failed_response (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  server (w, "{'type':'response.done','response':{'id':'r1','status':'failed','output':[],"
             "'status_details':{'error':{'code':'server_error'}}}}");
  expect_nothing (w);
  expect_log (w, "created:r1 done:r1 error:server_error ");
  for (gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
       g_queue_is_empty (&w->transport->sent) && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
  expect (w, "response.create");

  server (w, "{'type':'response.done','response':{'id':'r2','status':'failed',"
             "'status_details':{'error':{'code':'insufficient_quota'}}}}");
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
}

/* ---- function calls (section 9) ---- */

/* Two calls: each runs once, at once; one response after both outputs and
 * response.done. */
static void
test_calls (void)
{
  for (guint late = 0; late < 2; late++)
    {
      g_autoptr (World) w = ready_world ();

      created (w, "r1");
      call_done (w, "r1", "c1", "completed");
      call_done (w, "r1", "c2", "completed");
      expect_log (w, "created:r1 call:c1:n:{} call:c2:n:{} ");
      gst_realtime_session_send_function_output (w->session, "c2", "zwei");
      g_assert_cmpstr (
          gst_realtime_json_string (
              gst_realtime_json_object (expect (w, "conversation.item.create"), "item"), "output"),
          ==, "zwei");
      if (late == 0)
        {
          gst_realtime_session_send_function_output (w->session, "c1", "eins");
          expect (w, "conversation.item.create");
          expect_nothing (w);
        }
      server (w, "{'type':'response.done','response':{'id':'r1','status':'completed','output':["
                 "{'type':'function_call','status':'completed','name':'n','call_id':'c1'},"
                 "{'type':'function_call','status':'completed','name':'n','call_id':'c2'}]}}");
      expect_log (w, "done:r1 "); /* not run twice */
      if (late == 1)
        {
          expect_nothing (w);
          gst_realtime_session_send_function_output (w->session, "c1", "eins");
          expect (w, "conversation.item.create");
        }
      expect (w, "response.create");
      expect_nothing (w);
      gst_realtime_session_send_function_output (w->session, "c1", "noch einmal");
      expect_nothing (w);
      expect_log (w, "error:unknown_call_id ");
    }
}

/* Calls of a cancelled response that are not complete don't run. */
static void
test_incomplete_call (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "incomplete");
  server (w, "{'type':'response.done','response':{'id':'r1','status':'cancelled','output':["
             "{'type':'function_call','name':'n','call_id':'c1'}]}}");
  expect_log (w, "created:r1 done:r1 ");
}

/* The caller speaks while a tool runs: the output is sent, the VAD's response
 * answers it, and none is asked for in between. */
static void
test_slow_call (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  speech_started (w);
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  expect_nothing (w);
  output_added (w, "c1");
  speech_stopped (w);
  expect_nothing (w);
  created (w, "r2");
  done (w, "r2", "completed");
  expect_nothing (w);
}

/* The output reaches the service after the VAD's response began: asked for
 * when that is over. */
static void
test_late_output (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  speech_started (w);
  speech_stopped (w);
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  created (w, "r2");
  output_added (w, "c1");
  expect_nothing (w);
  done (w, "r2", "completed");
  expect (w, "response.create");
}

/* Interrupted with a call outstanding: its output still gets an answer. */
static void
test_call_after_barge_in (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  call_done (w, "r1", "c1", "completed");
  speech_started (w);
  done (w, "r1", "cancelled");
  speech_stopped (w);
  created (w, "r2");
  gst_realtime_session_send_function_output (w->session, "c1", "x");
  expect (w, "conversation.item.create");
  expect_nothing (w);
  done (w, "r2", "completed");
  expect (w, "response.create");
}

/* ---- errors (section 11) ---- */

static void
test_harmless (void)
{
  static const char *const codes[][2] = {
    { "response_cancel_not_active", "Cancellation failed: no active response found" },
    { "input_audio_buffer_commit_empty", "x" },
    { "unsupported_content_type", "x" },
    { "item_delete_invalid_item_id", "x" },
    { "item_truncate_invalid_item_id", "x" },
    { "item_already_truncated", "x" },
    { "invalid_value", "Audio content of 9250ms is already shorter than 57340ms" },
    { NULL, "Cancellation failed: no active response found" },
    { NULL, "Only model output audio messages can be truncated" },
  };
  g_autoptr (World) w = ready_world ();

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    error_event (w, codes[i][0], codes[i][1], NULL);
  expect_log (w, "");
  error_event (w, "something_else", "x", NULL);
  expect_log (w, "error:something_else ");
  g_assert_no_error (w->fatal);
}

static void
test_fatal (void)
{
  static const char *const codes[] = { "invalid_api_key",         "insufficient_quota",
                                       "account_deactivated",     "billing_hard_limit_reached",
                                       "beta_api_shape_disabled", "session_expired" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (World) w = ready_world ();

      error_event (w, codes[i], "weil", NULL);
      g_assert_nonnull (w->fatal);
      g_assert_cmpint (w->fatal->domain, ==, GST_RESOURCE_ERROR);
      expect_log (w, "failed ");
      /* Over: nothing more comes out of it. */
      created (w, "r1");
      gst_realtime_session_create_response (w->session, NULL);
      expect_nothing (w);
      expect_log (w, "");
    }
}

/* ---- reconnection ---- */

static void
test_reconnect (void)
{
  g_autoptr (World) w = world_new ();
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "weg");
  guint8 audio[160] = { 0 };
  JsonObject *item;

  w->settings->reconnect = TRUE;
  start (w);
  make_ready (w);
  server (w,
          "{'type':'conversation.item.added','item':{'id':'u1','type':'message','role':'user'}}");
  server (w, "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u1',"
             "'content_index':0,'transcript':'Zehn Rohre'}");
  created (w, "r1");
  server (w, "{'type':'conversation.item.added','previous_item_id':'u1','item':{'id':'a1',"
             "'type':'message','role':'assistant'}}");
  server (w, "{'type':'response.output_audio_transcript.done','item_id':'a1','transcript':'Gut'}");
  call_done (w, "r1", "c1", "completed");
  done (w, "r1", "completed");
  g_string_truncate (w->log, 0);

  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, lost);
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
  gst_realtime_session_send_function_output (w->session, "c1", "da");
  for (gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
       w->transport->n_opened < 2 && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (w->transport->n_opened, ==, 2);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
  make_ready (w);
  expect_log (w, "reconnecting ready ");

  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "role"), ==, "user");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "role"), ==, "assistant");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "type"), ==, "function_call");
  item = gst_realtime_json_object (expect (w, "conversation.item.create"), "item");
  g_assert_cmpstr (gst_realtime_json_string (item, "output"), ==, "da");
  expect (w, "response.create"); /* the tool's answer is still due */
  expect (w, "input_audio_buffer.append");
  expect_nothing (w);
  g_assert_cmpuint (w->stats.reconnects, ==, 1);
}

/* Without the property a loss is the end, with a reason. */
static void
test_no_reconnect (void)
{
  g_autoptr (World) w = ready_world ();
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "weg");

  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 1001, lost);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
  expect_log (w, "failed ");
}

/* ---- texts and the end of input ---- */

static void
test_transcripts (void)
{
  g_autoptr (World) w = ready_world ();

  server (w, "{'type':'response.output_audio_transcript.delta','item_id':'a','delta':'Gu'}");
  server (w, "{'type':'response.output_audio_transcript.delta','item_id':'a','delta':'t.'}");
  server (w, "{'type':'response.output_audio_transcript.done','item_id':'a','transcript':'Gut.'}");
  server (w, "{'type':'conversation.item.input_audio_transcription.completed','item_id':'u',"
             "'transcript':'Ja'}");
  server (w, "{'type':'rate_limits.updated','rate_limits':[{'name':'tokens','limit':1}]}");
  expect_log (w, "assistant:a:Gu assistant:a:Gut. assistant:a:Gut.. user:u:Ja. rate-limits ");
}

/* Silence for the VAD, then the answer, then the end. */
static void
test_end_of_input (void)
{
  g_autoptr (World) w = ready_world ();
  guint silence = 0;

  speech_started (w);
  gst_realtime_session_end_input (w->session);
  while (!g_queue_is_empty (&w->transport->sent))
    {
      g_autofree guchar *data = NULL;
      gsize n;

      data = g_base64_decode (gst_realtime_json_string (expect (w, "input_audio_buffer.append"),
                                                        "audio"),
                              &n);
      silence += n / 48;
    }
  g_assert_cmpuint (silence, >=, 500 + 100);
  speech_stopped (w);
  created (w, "r1");
  delta (w, "r1", "a1", 40);
  done (w, "r1", "completed");
  g_string_truncate (w->log, 0);
  for (gint64 end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
  expect_log (w, ""); /* not before it has left */
  play (w, 60);
  gst_realtime_session_playout_empty (w->session);
  expect_log (w, "drained ");
}

/* Nobody spoke: it ends by itself. */
static void
test_end_of_silence (void)
{
  g_autoptr (World) w = ready_world ();

  gst_realtime_session_end_input (w->session);
  wait_for (w, "drained", 10);
}

/* No VAD: the end of the input is the end of the turn. */
static void
test_end_without_vad (void)
{
  g_autoptr (World) w = ready_world ();
  guint8 audio[4800] = { 0 };

  server (w, "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':null}}}}");
  gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCM, audio, sizeof audio);
  expect (w, "input_audio_buffer.append");
  gst_realtime_session_end_input (w->session);
  expect (w, "input_audio_buffer.commit");
  expect (w, "response.create");
  expect_nothing (w);
}

/* Too much for the queue: a clear error, nothing is lost in silence. */
static void
test_queue_full (void)
{
  g_autoptr (World) w = ready_world ();

  created (w, "r1");
  for (guint i = 0; i < 30 && w->fatal == NULL; i++)
    delta (w, "r1", "a1", 1000);
  g_assert_error (w->fatal, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
}

static void
test_actions (void)
{
  g_autoptr (World) w = world_new ();
  g_autofree char *json = quoted ("{'type':'conversation.item.retrieve','item_id':'x'}");

  start (w);
  /* Before the connection is ready they wait. */
  gst_realtime_session_send_text (w->session, "user", "vorher");
  gst_realtime_session_send_event (w->session, json);
  gst_realtime_session_say (w->session, "gleich");
  gst_realtime_session_create_response (w->session, NULL);
  expect_nothing (w);
  make_ready (w);
  expect (w, "conversation.item.create");
  expect (w, "conversation.item.retrieve");
  expect (w, "response.create");
  expect (w, "response.create");
  expect_nothing (w);
  g_string_truncate (w->log, 0);
  gst_realtime_session_send_text (w->session, "robot", "x");
  gst_realtime_session_send_event (w->session, "{");
  expect_nothing (w);
  expect_log (w, "error:invalid_role error:invalid_event ");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime/session/" name, function)
  ADD ("order", test_order);
  ADD ("keep", test_keep);
  ADD ("refused", test_refused);
  ADD ("garbage", test_garbage);
  ADD ("barge-in/active", test_barge_in);
  ADD ("barge-in/after-done", test_barge_in_after_done);
  ADD ("barge-in/after-playout", test_barge_in_after_playout);
  ADD ("barge-in/underrun", test_barge_in_underrun);
  ADD ("barge-in/unheard", test_barge_in_unheard);
  ADD ("barge-in/before-audio", test_barge_in_before_audio);
  ADD ("barge-in/items", test_barge_in_items);
  ADD ("barge-in/own-cancel", test_barge_in_own_cancel);
  ADD ("barge-in/stop-button", test_stop_button);
  ADD ("barge-in/say", test_say);
  ADD ("response/one", test_one_response);
  ADD ("response/lost-race", test_lost_race);
  ADD ("response/refused", test_refused_create);
  ADD ("response/done-alone", test_done_alone);
  ADD ("response/failed", test_failed_response);
  ADD ("calls/parallel", test_calls);
  ADD ("calls/incomplete", test_incomplete_call);
  ADD ("calls/slow", test_slow_call);
  ADD ("calls/late-output", test_late_output);
  ADD ("calls/after-barge-in", test_call_after_barge_in);
  ADD ("errors/harmless", test_harmless);
  ADD ("errors/fatal", test_fatal);
  ADD ("reconnect/restores", test_reconnect);
  ADD ("reconnect/off", test_no_reconnect);
  ADD ("transcripts", test_transcripts);
  ADD ("end/answer", test_end_of_input);
  ADD ("end/silence", test_end_of_silence);
  ADD ("end/no-vad", test_end_without_vad);
  ADD ("queue-full", test_queue_full);
  ADD ("actions", test_actions);
  return g_test_run ();
}
