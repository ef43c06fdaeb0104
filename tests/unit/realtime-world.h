/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* A session over a transport without a network, and what is needed to play
 * the service's part. Texts use ' for ". One test program includes it. */
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
  gboolean can_clone;
  FakeTransport *clone; /* the last */
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

static GstRealtimeTransport *
fake_clone (GstRealtimeTransport *transport)
{
  FakeTransport *self = FAKE_TRANSPORT (transport);

  if (!self->can_clone)
    return NULL;
  g_clear_object (&self->clone);
  self->clone = g_object_new (fake_transport_get_type (), NULL);
  self->clone->can_clone = TRUE;
  return g_object_ref (GST_REALTIME_TRANSPORT (self->clone));
}

static void
fake_iface_init (GstRealtimeTransportInterface *iface)
{
  iface->clone = fake_clone;
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
  g_clear_object (&FAKE_TRANSPORT (object)->clone);
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
  gboolean turns; /* "turn" after "started" is logged, too */
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
  if (((World *)user_data)->turns || strcmp (state, GST_OPENAI_REALTIME_SPEECH_TURN) != 0)
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

static void
on_mcp (gpointer user_data, const GstStructure *facts)
{
  const char *name = gst_structure_get_string (facts, "name");
  const char *output = gst_structure_get_string (facts, "output");
  const char *error = gst_structure_get_string (facts, "error");

  REPORT ("mcp:%s:%s:%s%s%s%s%s ", gst_structure_get_string (facts, "kind"),
          gst_structure_get_string (facts, "state"), name != NULL ? name : "",
          output != NULL ? "=" : "", output != NULL ? output : "", error != NULL ? "!" : "",
          error != NULL ? error : "");
}

static void
on_mcp_approval (gpointer user_data,
                 const char *request_id,
                 const char *server_label,
                 const char *name,
                 const char *arguments)
{
  REPORT ("approval:%s:%s:%s:%s ", request_id, server_label, name, arguments);
}

static void
on_aside (gpointer user_data,
          const char *tag,
          const char *status,
          const char *text,
          const char *output)
{
  REPORT ("aside:%s:%s:%s ", tag, status, text);
}

static void
on_retrieved (gpointer user_data, const char *item_id, const char *json)
{
  REPORT ("item:%s:%s ", item_id, json);
}

static const GstRealtimeListener listener = {
  on_connection, on_transcript, on_function_call, on_response, on_speech,
  on_structure,  on_structure,  on_error,         on_fatal,    on_drained, on_mcp, on_mcp_approval, on_aside, on_retrieved,
};

static G_GNUC_UNUSED char *
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
static G_GNUC_UNUSED JsonObject *
expect (World *w, const char *type)
{
  g_autofree char *text = g_queue_pop_head (&w->transport->sent);

  g_assert_nonnull (text);
  g_clear_pointer (&w->node, json_node_unref);
  w->node = gst_realtime_json_parse (text, strlen (text), NULL);
  g_assert_cmpstr (gst_realtime_json_string (json_node_get_object (w->node), "type"), ==, type);
  return json_node_get_object (w->node);
}

static G_GNUC_UNUSED void
expect_nothing (World *w)
{
  g_assert_cmpstr (g_queue_peek_head (&w->transport->sent), ==, NULL);
}

/* Returns: (transfer full): the audio of all appends that come next */
static G_GNUC_UNUSED GByteArray *
take_appends (World *w)
{
  GByteArray *all = g_byte_array_new ();
  const char *next;

  while ((next = g_queue_peek_head (&w->transport->sent)) != NULL &&
         strstr (next, "\"input_audio_buffer.append\"") != NULL)
    {
      g_autofree guchar *data = NULL;
      gsize n;

      data = g_base64_decode (gst_realtime_json_string (expect (w, "input_audio_buffer.append"),
                                                        "audio"),
                              &n);
      g_byte_array_append (all, data, n);
    }
  return all;
}

static G_GNUC_UNUSED void
expect_log (World *w, const char *log)
{
  g_assert_cmpstr (w->log->str, ==, log);
  g_string_truncate (w->log, 0);
}

static G_GNUC_UNUSED World *
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

static G_GNUC_UNUSED void
start (World *w)
{
  gst_realtime_session_set_settings (w->session, w->settings);
  gst_realtime_session_start (w->session);
  gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
}

static G_GNUC_UNUSED void
make_ready (World *w)
{
  server (w, "{'type':'session.created','session':{'id':'s'}}");
  expect (w, "session.update");
  server (w, "{'type':'session.updated','session':{'id':'s','audio':{'input':{'turn_detection':"
             "{'type':'server_vad','create_response':true,'interrupt_response':true}}}}}");
}

static G_GNUC_UNUSED World *
ready_world (void)
{
  World *w = world_new ();

  start (w);
  make_ready (w);
  expect_nothing (w);
  expect_log (w, "connecting ready ");
  return w;
}

static G_GNUC_UNUSED void
created (World *w, const char *id)
{
  server (w,
          "{'type':'response.created','response':{'id':'%s','status':'in_progress',"
          "'conversation_id':'c','metadata':null}}",
          id);
}

static G_GNUC_UNUSED void
done (World *w, const char *id, const char *status)
{
  server (w, "{'type':'response.done','response':{'id':'%s','status':'%s','output':[]}}", id,
          status);
}

/* @ms of silence as a delta. */
static G_GNUC_UNUSED void
delta (World *w, const char *response, const char *item, guint ms)
{
  g_autofree guint8 *zeros = g_malloc0 (ms * 48);
  g_autofree char *base64 = g_base64_encode (zeros, ms * 48);

  server (w,
          "{'type':'response.output_audio.delta','response_id':'%s','item_id':'%s',"
          "'output_index':0,'content_index':0,'delta':'%s'}",
          response, item, base64);
}

static G_GNUC_UNUSED void
audio_done (World *w, const char *response, const char *item)
{
  server (w,
          "{'type':'response.output_audio.done','response_id':'%s','item_id':'%s',"
          "'output_index':0,'content_index':0}",
          response, item);
}

/* Lets @ms leave, in frames of 20 ms. */
static G_GNUC_UNUSED void
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

static G_GNUC_UNUSED void
speech_started (World *w)
{
  server (w, "{'type':'input_audio_buffer.speech_started','audio_start_ms':7,'item_id':'u'}");
}

static G_GNUC_UNUSED void
speech_stopped (World *w)
{
  server (w, "{'type':'input_audio_buffer.speech_stopped','audio_end_ms':9,'item_id':'u'}");
}

static G_GNUC_UNUSED void
call_done (World *w, const char *response, const char *call_id, const char *status)
{
  server (w,
          "{'type':'response.output_item.done','response_id':'%s','output_index':0,'item':{"
          "'id':'f_%s','type':'function_call','status':'%s','name':'n','call_id':'%s',"
          "'arguments':'{}'}}",
          response, call_id, status, call_id);
}

static G_GNUC_UNUSED void
output_added (World *w, const char *call_id)
{
  server (w,
          "{'type':'conversation.item.added','item':{'id':'o_%s','type':'function_call_output',"
          "'call_id':'%s'}}",
          call_id, call_id);
}

static G_GNUC_UNUSED void
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
static G_GNUC_UNUSED void
wait_for (World *w, const char *word, guint seconds)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (strstr (w->log->str, word) == NULL && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_nonnull (strstr (w->log->str, word));
}
