/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The signals, messages and actions of openairealtimebin. */
#include "openairealtimebin-private.h"

#include "openairealtime.h"
#include "realtimenotify.h"
#include "realtimesink.h"

#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

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
  ACTION_SEND_FUNCTION_OUTPUT,
  ACTION_SEND_TEXT,
  ACTION_CREATE_RESPONSE,
  ACTION_INTERRUPT,
  ACTION_SAY,
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

static void
on_drained (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;

  gst_realtime_sink_finish (GST_REALTIME_SINK (self->sink));
  gst_realtime_src_end (GST_REALTIME_SRC (self->src));
}

const GstRealtimeListener gst_openai_realtime_bin_listener = {
  .connection = on_connection,
  .transcript = on_transcript,
  .function_call = on_function_call,
  .response = on_response,
  .speech = on_speech,
  .usage = on_usage,
  .rate_limits = on_rate_limits,
  .error = on_service_error,
  .fatal = gst_openai_realtime_bin_report_fatal,
  .drained = on_drained,
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
  notify (self, SIGNAL_PLAYOUT, facts, 3, arguments);
}

/* ---- actions ----------------------------------------------------------- */

typedef struct
{
  int action;
  char *first;
  char *second;
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
    case ACTION_SEND_EVENT:
      gst_realtime_session_send_event (session, request->first);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
request (GstOpenaiRealtimeBin *self, int action, const char *first, const char *second)
{
  Request *r = g_new (Request, 1);

  *r = (Request){ action, g_strdup (first), g_strdup (second) };
  if (!gst_openai_realtime_bin_enqueue (self, run_request, r, request_free))
    GST_WARNING_OBJECT (self, "%s: not in PAUSED or PLAYING", g_signal_name (signals[action]));
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

  ACTION (ACTION_SEND_FUNCTION_OUTPUT, GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT,
          send_function_output, 2, G_TYPE_STRING, G_TYPE_STRING);
  ACTION (ACTION_SEND_TEXT, GST_OPENAI_REALTIME_ACTION_SEND_TEXT, send_text, 2, G_TYPE_STRING,
          G_TYPE_STRING);
  ACTION (ACTION_CREATE_RESPONSE, GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE, create_response, 1,
          G_TYPE_STRING);
  ACTION (ACTION_INTERRUPT, GST_OPENAI_REALTIME_ACTION_INTERRUPT, interrupt, 0);
  ACTION (ACTION_SAY, GST_OPENAI_REALTIME_ACTION_SAY, say, 1, G_TYPE_STRING);
  ACTION (ACTION_SEND_EVENT, GST_OPENAI_REALTIME_ACTION_SEND_EVENT, send_event_json, 1,
          G_TYPE_STRING);
#undef SIGNAL
#undef ACTION
}
