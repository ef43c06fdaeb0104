/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The signals, messages and actions of openairealtimebin. */
#include "openairealtimebin-private.h"

#include "openairealtime.h"
#include "realtimeimage.h"
#include "realtimenotify.h"
#include "realtimesink.h"

#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

#define LATE_WORDS_MS 50

enum
{
  SIGNAL_CONNECTION,
  SIGNAL_TRANSCRIPT,
  SIGNAL_FUNCTION_CALL,
  SIGNAL_RESPONSE,
  SIGNAL_SPEECH,
  SIGNAL_PLAYOUT,
  SIGNAL_USAGE,
  SIGNAL_RATE_LIMITS,
  SIGNAL_LIMIT,
  SIGNAL_MCP,
  SIGNAL_MCP_APPROVAL,
  SIGNAL_ASIDE,
  SIGNAL_ITEM,
  ACTION_SEND_FUNCTION_OUTPUT,
  ACTION_SEND_TEXT,
  ACTION_CREATE_RESPONSE,
  ACTION_INTERRUPT,
  ACTION_SAY,
  ACTION_COMMIT,
  ACTION_CLEAR_INPUT,
  ACTION_SEND_IMAGE,
  ACTION_SEND_IMAGE_FILE,
  ACTION_APPROVE_MCP,
  ACTION_ASK_ASIDE,
  ACTION_RETRIEVE_ITEM,
  ACTION_DELETE_ITEM,
  ACTION_SEND_EVENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* ---- what the session reports ------------------------------------------ */

#define FACTS(name, ...)                                                                           \
  gst_structure_new (GST_OPENAI_REALTIME_MESSAGE_PREFIX name, __VA_ARGS__, NULL)

static void
notify (GstOpenaiRealtimeBin *self,
        guint signal,
        GstStructure *facts,
        guint n_arguments,
        const char *const *arguments)
{
  gst_realtime_notify (GST_ELEMENT (self), self->context, signals[signal], facts, n_arguments,
                       arguments);
}

static void
on_connection (gpointer user_data, const char *state, const char *detail)
{
  static const char *const arguments[] = { "state", "detail" };

  if (g_strcmp0 (state, GST_OPENAI_REALTIME_CONNECTION_READY) == 0)
    gst_openai_realtime_bin_begin_input (user_data);
  notify (user_data, SIGNAL_CONNECTION,
          FACTS ("connection", "state", G_TYPE_STRING, state, "detail", G_TYPE_STRING, detail), 2,
          arguments);
}

static void
on_transcript (gpointer user_data,
               const char *role,
               const char *item_id,
               const char *text,
               gboolean final)
{
  static const char *const arguments[] = { "role", "item_id", "text", "final" };

  gst_openai_realtime_bin_transcribe (user_data, role, item_id, text, final);
  notify (user_data, SIGNAL_TRANSCRIPT,
          FACTS ("transcript", "role", G_TYPE_STRING, role, "item_id", G_TYPE_STRING, item_id,
                 "text", G_TYPE_STRING, text, "final", G_TYPE_BOOLEAN, final),
          4, arguments);
}

static void
on_function_call (gpointer user_data, const char *call_id, const char *name, const char *args)
{
  static const char *const arguments[] = { "call_id", "name", "arguments" };

  notify (user_data, SIGNAL_FUNCTION_CALL,
          FACTS ("function-call", "call_id", G_TYPE_STRING, call_id, "name", G_TYPE_STRING, name,
                 "arguments", G_TYPE_STRING, args),
          3, arguments);
}

static void
on_response (gpointer user_data, const char *state, const char *response_id, const char *status)
{
  static const char *const arguments[] = { "state", "response_id", "status" };

  notify (user_data, SIGNAL_RESPONSE,
          FACTS ("response", "state", G_TYPE_STRING, state, "response_id", G_TYPE_STRING,
                 response_id, "status", G_TYPE_STRING, status),
          3, arguments);
}

static void
on_speech (gpointer user_data, const char *state, const char *item_id, guint audio_ms)
{
  static const char *const arguments[] = { "state", "item_id", "audio_ms" };

  gst_openai_realtime_bin_transcribe_speech (user_data, state, item_id, audio_ms);
  notify (user_data, SIGNAL_SPEECH,
          FACTS ("speech", "state", G_TYPE_STRING, state, "item_id", G_TYPE_STRING, item_id,
                 "audio_ms", G_TYPE_UINT, audio_ms),
          3, arguments);
}

static void
on_usage (gpointer user_data, const GstStructure *usage)
{
  static const char *const arguments[] = { "kind", "tokens", "cost", "currency" };
  GstOpenaiRealtimeBin *self = user_data;
  GstStructure *limit;

  notify (self, SIGNAL_USAGE, gst_openai_realtime_bin_account (self, usage, &limit), 0, NULL);
  if (limit == NULL)
    return;
  notify (self, SIGNAL_LIMIT, limit, 4, arguments);
  gst_realtime_session_finish (self->session);
}

static void
on_rate_limits (gpointer user_data, const GstStructure *limits)
{
  notify (user_data, SIGNAL_RATE_LIMITS, gst_structure_copy (limits), 0, NULL);
}

static void
on_mcp (gpointer user_data, const GstStructure *facts)
{
  notify (user_data, SIGNAL_MCP, gst_structure_copy (facts), 0, NULL);
}

static void
on_mcp_approval (gpointer user_data,
                 const char *request_id,
                 const char *server_label,
                 const char *name,
                 const char *args)
{
  static const char *const arguments[] = { "request_id", "server_label", "name", "arguments" };

  notify (user_data, SIGNAL_MCP_APPROVAL,
          FACTS ("mcp-approval", "request_id", G_TYPE_STRING, request_id, "server_label",
                 G_TYPE_STRING, server_label, "name", G_TYPE_STRING, name, "arguments",
                 G_TYPE_STRING, args),
          4, arguments);
}

static void
on_aside (gpointer user_data,
          const char *tag,
          const char *status,
          const char *text,
          const char *output)
{
  static const char *const arguments[] = { "tag", "status", "text", "output" };

  notify (user_data, SIGNAL_ASIDE,
          FACTS ("aside", "tag", G_TYPE_STRING, tag, "status", G_TYPE_STRING, status, "text",
                 G_TYPE_STRING, text, "output", G_TYPE_STRING, output),
          4, arguments);
}

static void
on_item (gpointer user_data, const char *item_id, const char *json)
{
  static const char *const arguments[] = { "item_id", "json" };

  notify (user_data, SIGNAL_ITEM,
          FACTS ("item", "item_id", G_TYPE_STRING, item_id, "json", G_TYPE_STRING, json), 2,
          arguments);
}

static void
on_service_error (gpointer user_data, const char *type, const char *code, const char *message)
{
  GST_WARNING_OBJECT (user_data, "%s (%s): %s", type, code, message);
  gst_element_post_message (user_data,
                            gst_message_new_element (user_data,
                                                     FACTS ("error", "type", G_TYPE_STRING, type,
                                                            "code", G_TYPE_STRING, code, "message",
                                                            G_TYPE_STRING, message)));
}

/* Posts @error on the bus; any thread. */
void
gst_openai_realtime_bin_report_fatal (gpointer user_data, const GError *error)
{
  gst_element_message_full (user_data, GST_MESSAGE_ERROR, error->domain, error->code,
                            g_strdup (error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
}

static gboolean
end_with_words (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;

  if (gst_openai_realtime_bin_awaits_words (self))
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->late_words, g_source_unref);
  gst_realtime_sink_finish (GST_REALTIME_SINK (self->sink));
  gst_realtime_src_end (GST_REALTIME_SRC (self->src));
  return G_SOURCE_REMOVE;
}

/* Where nothing is answered, the last words come after all else. */
static void
on_drained (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;

  if (self->late_words != NULL)
    return;
  self->late_words = g_timeout_source_new (LATE_WORDS_MS);
  if (end_with_words (self) == G_SOURCE_REMOVE)
    return;
  g_source_set_callback (self->late_words, end_with_words, self, NULL);
  g_source_attach (self->late_words, g_main_context_get_thread_default ());
}

const GstRealtimeListener gst_openai_realtime_bin_listener = {
  .connection = on_connection,
  .transcript = on_transcript,
  .written = gst_openai_realtime_bin_transcribe_written,
  .function_call = on_function_call,
  .response = on_response,
  .speech = on_speech,
  .usage = on_usage,
  .rate_limits = on_rate_limits,
  .error = on_service_error,
  .fatal = gst_openai_realtime_bin_report_fatal,
  .drained = on_drained,
  .mcp = on_mcp,
  .mcp_approval = on_mcp_approval,
  .aside = on_aside,
  .item = on_item,
};

/* What the playout thread reports. */
void
gst_openai_realtime_bin_report_notice (gpointer user_data, const GstRealtimeNotice *notice)
{
  static const char *const arguments[] = { "state", "item_id", "played_ms" };
  static const char *const states[] = {
    [GST_REALTIME_NOTICE_STARTED] = GST_OPENAI_REALTIME_PLAYOUT_STARTED,
    [GST_REALTIME_NOTICE_FINISHED] = GST_OPENAI_REALTIME_PLAYOUT_FINISHED,
    [GST_REALTIME_NOTICE_PAUSED] = GST_OPENAI_REALTIME_PLAYOUT_PAUSED,
    [GST_REALTIME_NOTICE_RESUMED] = GST_OPENAI_REALTIME_PLAYOUT_RESUMED,
    [GST_REALTIME_NOTICE_INTERRUPTED] = GST_OPENAI_REALTIME_PLAYOUT_INTERRUPTED,
  };
  GstOpenaiRealtimeBin *self = user_data;
  GstStructure *facts =
      FACTS ("playout", "state", G_TYPE_STRING, states[notice->type], "item_id", G_TYPE_STRING,
             notice->item_id, "played_ms", G_TYPE_UINT, notice->played_ms);

  if (notice->type == GST_REALTIME_NOTICE_STARTED && notice->latency_ms >= 0)
    {
      gst_structure_set (facts, "turn_latency_ms", G_TYPE_UINT, (guint)notice->latency_ms, NULL);
      gst_realtime_stats_add_turn (&self->stats, notice->latency_ms);
    }
  else if (notice->type == GST_REALTIME_NOTICE_INTERRUPTED)
    {
      gst_structure_set (facts, "silence_ms", G_TYPE_UINT, (guint)notice->latency_ms, NULL);
      gst_realtime_stats_add_interruption (&self->stats, notice->latency_ms);
    }
  else if (notice->type == GST_REALTIME_NOTICE_PAUSED)
    gst_structure_set (facts, "silence_ms", G_TYPE_UINT, (guint)notice->latency_ms, NULL);
  else if (notice->type == GST_REALTIME_NOTICE_RESUMED)
    {
      gst_structure_set (facts, "paused_ms", G_TYPE_UINT, (guint)notice->latency_ms, NULL);
      gst_realtime_stats_add_resumption (&self->stats);
    }
  gst_openai_realtime_bin_transcribe_notice (self, notice);
  notify (self, SIGNAL_PLAYOUT, facts, 3, arguments);
}

/* ---- actions ----------------------------------------------------------- */

typedef struct
{
  int action;
  char *first;
  char *second;
  gboolean flag;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->first);
  g_free (request->second);
  g_free (request);
}

static void
run_request (gpointer object, gpointer data)
{
  GstRealtimeSession *session = GST_REALTIME_BIN (object)->session;
  Request *request = data;

  switch (request->action)
    {
    case ACTION_SEND_FUNCTION_OUTPUT:
      gst_realtime_session_send_function_output (session, request->first, request->second);
      break;
    case ACTION_SEND_TEXT:
      gst_realtime_session_send_text (session, request->first, request->second);
      break;
    case ACTION_CREATE_RESPONSE:
      gst_realtime_session_create_response (session, request->first);
      break;
    case ACTION_INTERRUPT:
      gst_realtime_session_interrupt (session);
      break;
    case ACTION_SAY:
      gst_realtime_session_say (session, request->first);
      break;
    case ACTION_COMMIT:
      gst_realtime_session_commit (session, request->flag);
      break;
    case ACTION_CLEAR_INPUT:
      gst_realtime_session_clear_input (session);
      break;
    case ACTION_SEND_IMAGE:
      gst_realtime_session_send_image (session, request->first, request->second);
      break;
    case ACTION_APPROVE_MCP:
      gst_realtime_session_approve_mcp (session, request->first, request->flag, request->second);
      break;
    case ACTION_ASK_ASIDE:
      gst_realtime_session_ask_aside (session, request->first, request->second, request->flag);
      break;
    case ACTION_RETRIEVE_ITEM:
      gst_realtime_session_retrieve_item (session, request->first);
      break;
    case ACTION_DELETE_ITEM:
      gst_realtime_session_forget_item (session, request->first);
      break;
    case ACTION_SEND_EVENT:
      gst_realtime_session_send_event (session, request->first);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Returns: whether there is a session that it is passed on to */
static gboolean
request_flag (GstOpenaiRealtimeBin *self,
              int action,
              const char *first,
              const char *second,
              gboolean flag)
{
  Request *r = g_new (Request, 1);

  *r = (Request){ action, g_strdup (first), g_strdup (second), flag };
  if (gst_openai_realtime_bin_enqueue (self, run_request, r, request_free))
    return TRUE;
  GST_WARNING_OBJECT (self, "%s: not in PAUSED or PLAYING", g_signal_name (signals[action]));
  return FALSE;
}

static void
request (GstOpenaiRealtimeBin *self, int action, const char *first, const char *second)
{
  request_flag (self, action, first, second, FALSE);
}

static void
send_function_output (GstOpenaiRealtimeBin *self, const char *call_id, const char *output)
{
  request (self, ACTION_SEND_FUNCTION_OUTPUT, call_id, output);
}

static void
send_text (GstOpenaiRealtimeBin *self, const char *role, const char *text)
{
  request (self, ACTION_SEND_TEXT, role, text);
}

static void
create_response (GstOpenaiRealtimeBin *self, const char *instructions)
{
  request (self, ACTION_CREATE_RESPONSE, instructions, NULL);
}

static void
interrupt (GstOpenaiRealtimeBin *self)
{
  request (self, ACTION_INTERRUPT, NULL, NULL);
}

static void
say (GstOpenaiRealtimeBin *self, const char *text)
{
  request (self, ACTION_SAY, text, NULL);
}

static void
commit (GstOpenaiRealtimeBin *self, gboolean respond)
{
  request_flag (self, ACTION_COMMIT, NULL, NULL, respond);
}

static void
clear_input (GstOpenaiRealtimeBin *self)
{
  request (self, ACTION_CLEAR_INPUT, NULL, NULL);
}

static void
send_image_bytes (GstOpenaiRealtimeBin *self, const guint8 *data, gsize size, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = gst_realtime_image_to_uri (data, size, &error);

  if (uri != NULL)
    request (self, ACTION_SEND_IMAGE, uri, text);
  else
    on_service_error (self, "client_error", "invalid_image", error->message);
}

static void
send_image (GstOpenaiRealtimeBin *self, GstSample *sample, const char *text)
{
  GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer (sample) : NULL;
  GstMapInfo map = GST_MAP_INFO_INIT;

  if (buffer == NULL || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    {
      send_image_bytes (self, NULL, 0, text);
      return;
    }
  send_image_bytes (self, map.data, map.size, text);
  gst_buffer_unmap (buffer, &map);
}

static void
send_image_file (GstOpenaiRealtimeBin *self, const char *path, const char *text)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) error = NULL;

  if (path != NULL)
    file = g_mapped_file_new (path, FALSE, &error);
  if (file == NULL)
    on_service_error (self, "client_error", "invalid_image",
                      error != NULL ? error->message : "no path");
  else
    send_image_bytes (self, (const guint8 *)g_mapped_file_get_contents (file),
                      g_mapped_file_get_length (file), text);
}

static void
approve_mcp (GstOpenaiRealtimeBin *self,
             const char *request_id,
             gboolean approve,
             const char *reason)
{
  request_flag (self, ACTION_APPROVE_MCP, request_id, reason, approve);
}

/* Returns: (transfer full) (nullable): the tag; %NULL without a session */
static char *
ask_aside (GstOpenaiRealtimeBin *self, const char *options, gboolean play)
{
  static gint n_asides;
  char *tag = g_strdup_printf ("aside_%d", g_atomic_int_add (&n_asides, 1) + 1);

  if (!request_flag (self, ACTION_ASK_ASIDE, tag, options, play))
    g_clear_pointer (&tag, g_free);
  return tag;
}

static void
retrieve_item (GstOpenaiRealtimeBin *self, const char *item_id)
{
  request (self, ACTION_RETRIEVE_ITEM, item_id, NULL);
}

static void
delete_item (GstOpenaiRealtimeBin *self, const char *item_id)
{
  request (self, ACTION_DELETE_ITEM, item_id, NULL);
}

static void
send_event_json (GstOpenaiRealtimeBin *self, const char *json)
{
  request (self, ACTION_SEND_EVENT, json, NULL);
}

void
gst_openai_realtime_bin_install_signals (GType type)
{
  const GSignalFlags action = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

#define SIGNAL(id, name, ...)                                                                      \
  signals[id] =                                                                                    \
      g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
#define ACTION(id, name, handler, ...)                                                             \
  signals[id] = g_signal_new_class_handler (name, type, action, G_CALLBACK (handler), NULL, NULL,  \
                                            NULL, G_TYPE_NONE, __VA_ARGS__)

  /* Arguments: see openairealtime.h. */
  SIGNAL (SIGNAL_CONNECTION, GST_OPENAI_REALTIME_SIGNAL_CONNECTION, 2, G_TYPE_STRING,
          G_TYPE_STRING);
  SIGNAL (SIGNAL_TRANSCRIPT, GST_OPENAI_REALTIME_SIGNAL_TRANSCRIPT, 4, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_STRING, G_TYPE_BOOLEAN);
  SIGNAL (SIGNAL_FUNCTION_CALL, GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL, 3, G_TYPE_STRING,
          G_TYPE_STRING, G_TYPE_STRING);
  SIGNAL (SIGNAL_RESPONSE, GST_OPENAI_REALTIME_SIGNAL_RESPONSE, 3, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_STRING);
  SIGNAL (SIGNAL_SPEECH, GST_OPENAI_REALTIME_SIGNAL_SPEECH, 3, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_UINT);
  SIGNAL (SIGNAL_PLAYOUT, GST_OPENAI_REALTIME_SIGNAL_PLAYOUT, 3, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_UINT);
  SIGNAL (SIGNAL_USAGE, GST_OPENAI_REALTIME_SIGNAL_USAGE, 1, GST_TYPE_STRUCTURE);
  SIGNAL (SIGNAL_RATE_LIMITS, GST_OPENAI_REALTIME_SIGNAL_RATE_LIMITS, 1, GST_TYPE_STRUCTURE);
  SIGNAL (SIGNAL_LIMIT, GST_OPENAI_REALTIME_SIGNAL_LIMIT, 4, G_TYPE_STRING, G_TYPE_UINT64,
          G_TYPE_DOUBLE, G_TYPE_STRING);

  SIGNAL (SIGNAL_MCP, GST_OPENAI_REALTIME_SIGNAL_MCP, 1, GST_TYPE_STRUCTURE);
  SIGNAL (SIGNAL_MCP_APPROVAL, GST_OPENAI_REALTIME_SIGNAL_MCP_APPROVAL, 4, G_TYPE_STRING,
          G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  SIGNAL (SIGNAL_ASIDE, GST_OPENAI_REALTIME_SIGNAL_ASIDE, 4, G_TYPE_STRING, G_TYPE_STRING,
          G_TYPE_STRING, G_TYPE_STRING);
  SIGNAL (SIGNAL_ITEM, GST_OPENAI_REALTIME_SIGNAL_ITEM, 2, G_TYPE_STRING, G_TYPE_STRING);

  ACTION (ACTION_SEND_FUNCTION_OUTPUT, GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT,
          send_function_output, 2, G_TYPE_STRING, G_TYPE_STRING);
  ACTION (ACTION_SEND_TEXT, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, send_text, 2, G_TYPE_STRING,
          G_TYPE_STRING);
  ACTION (ACTION_CREATE_RESPONSE, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, create_response, 1,
          G_TYPE_STRING);
  ACTION (ACTION_INTERRUPT, GST_OPENAI_REALTIME_ACTION_INTERRUPT, interrupt, 0);
  ACTION (ACTION_SAY, GST_OPENAI_REALTIME_ACTION_SAY, say, 1, G_TYPE_STRING);
  ACTION (ACTION_COMMIT, GST_OPENAI_REALTIME_ACTION_COMMIT, commit, 1, G_TYPE_BOOLEAN);
  ACTION (ACTION_CLEAR_INPUT, GST_OPENAI_REALTIME_ACTION_CLEAR_INPUT, clear_input, 0);
  ACTION (ACTION_SEND_IMAGE, GST_OPENAI_REALTIME_ACTION_SEND_IMAGE, send_image, 2, GST_TYPE_SAMPLE,
          G_TYPE_STRING);
  ACTION (ACTION_SEND_IMAGE_FILE, GST_OPENAI_REALTIME_ACTION_SEND_IMAGE_FILE, send_image_file, 2,
          G_TYPE_STRING, G_TYPE_STRING);
  ACTION (ACTION_APPROVE_MCP, GST_OPENAI_REALTIME_ACTION_APPROVE_MCP, approve_mcp, 3, G_TYPE_STRING,
          G_TYPE_BOOLEAN, G_TYPE_STRING);
  signals[ACTION_ASK_ASIDE] =
      g_signal_new_class_handler (GST_OPENAI_REALTIME_ACTION_ASK_ASIDE, type, action,
                                  G_CALLBACK (ask_aside), NULL, NULL, NULL, G_TYPE_STRING, 2,
                                  G_TYPE_STRING, G_TYPE_BOOLEAN);
  ACTION (ACTION_RETRIEVE_ITEM, GST_OPENAI_REALTIME_ACTION_RETRIEVE_ITEM, retrieve_item, 1,
          G_TYPE_STRING);
  ACTION (ACTION_DELETE_ITEM, GST_OPENAI_REALTIME_ACTION_DELETE_ITEM, delete_item, 1,
          G_TYPE_STRING);
  ACTION (ACTION_SEND_EVENT, GST_OPENAI_REALTIME_ACTION_SEND_EVENT, send_event_json, 1,
          G_TYPE_STRING);
#undef SIGNAL
#undef ACTION
}
