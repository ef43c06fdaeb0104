/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Every event of the Realtime protocol, both ways: what it does in the
 * element, or why it does nothing. The decoder, the reference in
 * docs/element.md and the contract tests all read these two tables.
 */
#include "realtimeprotocol.h"

#define HANDLED(name, type, what)                                                                  \
  {                                                                                                \
    name, GST_REALTIME_EVENT_##type, NULL, what                                                    \
  }
#define IGNORED(name, why)                                                                         \
  {                                                                                                \
    name, GST_REALTIME_EVENT_OTHER, NULL, why                                                      \
  }
/* The names of the beta, which compatible servers still use. */
#define BETA(name, current, type)                                                                  \
  {                                                                                                \
    name, GST_REALTIME_EVENT_##type, current, NULL                                                 \
  }

/* The current name of a type stands before its beta name. The hot ones first. */
static const GstRealtimeServerEvent server_events[] = {
  HANDLED ("response.output_audio.delta",
           AUDIO_DELTA,
           "speech: to the playout queue, frames on src"),
  BETA ("response.audio.delta", "response.output_audio.delta", AUDIO_DELTA),
  HANDLED ("response.output_audio_transcript.delta",
           TRANSCRIPT_DELTA,
           "signal `transcript`, not final"),
  BETA ("response.audio_transcript.delta",
        "response.output_audio_transcript.delta",
        TRANSCRIPT_DELTA),
  HANDLED ("response.output_text.delta", TEXT_DELTA, "signal `transcript`, not final"),
  BETA ("response.text.delta", "response.output_text.delta", TEXT_DELTA),
  HANDLED ("error",
           ERROR,
           "a lost race is ignored, a refused request made again where that helps, the rest "
           "reported: message `openai-realtime-error`, or the error that ends the session"),
  HANDLED ("session.created", SESSION_CREATED, "`session.update` follows"),
  HANDLED ("session.updated", SESSION_UPDATED, "audio flows: signal `connection`, `ready`"),
  IGNORED ("conversation.created", "there is one conversation, its id is never needed"),
  HANDLED ("input_audio_buffer.speech_started", SPEECH_STARTED, "barge-in; signal `speech`"),
  HANDLED ("input_audio_buffer.speech_stopped",
           SPEECH_STOPPED,
           "signal `speech`; turn latency counts from here"),
  HANDLED ("input_audio_buffer.committed",
           COMMITTED,
           "the caller's turn is a part of the conversation"),
  IGNORED ("input_audio_buffer.cleared", "`clear-input` needs no answer"),
  HANDLED ("input_audio_buffer.timeout_triggered",
           TIMEOUT_TRIGGERED,
           "signal `speech`, `timeout`; the service's response follows"),
  IGNORED ("input_audio_buffer.dtmf_event_received",
           "of SIP calls of the service; not on a WebSocket"),
  HANDLED ("conversation.item.added",
           ITEM_ADDED,
           "the conversation as it is told to a new session"),
  HANDLED ("conversation.item.created", ITEM_ADDED, "older name of `conversation.item.added`"),
  HANDLED ("conversation.item.done", ITEM_DONE, "the same, with the text"),
  HANDLED ("conversation.item.retrieved", ITEM_RETRIEVED, "signal `item`"),
  IGNORED ("conversation.item.truncated", "confirms what barge-in asked for"),
  HANDLED ("conversation.item.deleted", ITEM_DELETED, "not told to a new session any more"),
  HANDLED ("conversation.item.input_audio_transcription.delta",
           INPUT_TRANSCRIPT_DELTA,
           "signal `transcript` of the caller, not final"),
  HANDLED ("conversation.item.input_audio_transcription.completed",
           INPUT_TRANSCRIPT_DONE,
           "signal `transcript` of the caller, final"),
  IGNORED ("conversation.item.input_audio_transcription.segment",
           "who speaks when: a call has one caller, and `completed` has the text"),
  HANDLED ("conversation.item.input_audio_transcription.failed",
           INPUT_TRANSCRIPT_FAILED,
           "message `openai-realtime-error`"),
  HANDLED ("response.created", RESPONSE_CREATED, "signal `response`, `created`"),
  HANDLED ("response.done",
           RESPONSE_DONE,
           "signals `response`, `done`, and `usage`; the next response may be asked for"),
  HANDLED ("response.output_item.added",
           OUTPUT_ITEM_ADDED,
           "what an MCP call is about; of other items the content follows"),
  HANDLED ("response.output_item.done",
           OUTPUT_ITEM_DONE,
           "signals `function-call`, `mcp`, `mcp-approval`"),
  IGNORED ("response.content_part.added", "its content follows"),
  IGNORED ("response.content_part.done", "its content has come"),
  HANDLED ("response.output_audio.done", AUDIO_DONE, "the utterance's end in the playout queue"),
  BETA ("response.audio.done", "response.output_audio.done", AUDIO_DONE),
  HANDLED ("response.output_audio_transcript.done", TRANSCRIPT_DONE, "signal `transcript`, final"),
  BETA ("response.audio_transcript.done", "response.output_audio_transcript.done", TRANSCRIPT_DONE),
  HANDLED ("response.output_text.done", TEXT_DONE, "signal `transcript`, final"),
  BETA ("response.text.done", "response.output_text.done", TEXT_DONE),
  IGNORED ("response.function_call_arguments.delta", "a call is reported when it is complete"),
  IGNORED ("response.function_call_arguments.done",
           "`response.output_item.done` has the whole call"),
  HANDLED ("mcp_list_tools.in_progress",
           MCP_LIST_IN_PROGRESS,
           "signal `mcp`; requests for responses wait"),
  HANDLED ("mcp_list_tools.completed",
           MCP_LIST_COMPLETED,
           "signal `mcp`; requests for responses go on"),
  HANDLED ("mcp_list_tools.failed", MCP_LIST_FAILED, "signal `mcp`; requests for responses go on"),
  IGNORED ("response.mcp_call_arguments.delta", "the item has them when it is complete"),
  IGNORED ("response.mcp_call_arguments.done", "the item has them when it is complete"),
  HANDLED ("response.mcp_call.in_progress", MCP_CALL_IN_PROGRESS, "signal `mcp`"),
  HANDLED ("response.mcp_call.completed",
           MCP_CALL_COMPLETED,
           "signal `mcp` when the item has come; the model is asked to go on"),
  HANDLED ("response.mcp_call.failed", MCP_CALL_FAILED, "the same, with what went wrong"),
  HANDLED ("rate_limits.updated", RATE_LIMITS, "signal `rate-limits`"),
  IGNORED ("output_audio_buffer.started", "of WebRTC and SIP; here the element plays"),
  IGNORED ("output_audio_buffer.stopped", "of WebRTC and SIP; here the element plays"),
  IGNORED ("output_audio_buffer.cleared", "of WebRTC and SIP; here the element plays"),
};

static const GstRealtimeClientEvent client_events[] = {
  { "session.update", "properties, caps of both pads",
    "before any audio, and when a setting or a format changes" },
  { "input_audio_buffer.append", "`sink`", "caller audio, at most 100 ms each" },
  { "input_audio_buffer.commit", "`commit`, EOS on `sink`, without VAD",
    "the end of a turn; never below 100 ms" },
  { "input_audio_buffer.clear", "`clear-input`", "what was not committed is forgotten" },
  { "conversation.item.create", "`send-text`, `send-image`, `send-function-output`, `approve-mcp`",
    "also for all that was said, in a new session after a loss" },
  { "conversation.item.retrieve", "`retrieve-item`", "an item with its audio" },
  { "conversation.item.truncate", "barge-in, `interrupt`", "an answer that was heard in part" },
  { "conversation.item.delete", "barge-in, `interrupt`, `delete-item`",
    "an answer that nobody heard" },
  { "response.create",
    "`greeting`, `create-response`, `say`, `ask-aside`, `commit`, outputs of tools",
    "never while another response of the conversation runs" },
  { "response.cancel", "barge-in, `interrupt`",
    "where the service does not do it by itself, and for responses out of band" },
  { "output_audio_buffer.clear", NULL, "of WebRTC and SIP; here the element plays" },
};

/* In the order in which they are searched. */
const GstRealtimeServerEvent *
gst_realtime_protocol_get_server_events (guint *n_events)
{
  *n_events = G_N_ELEMENTS (server_events);
  return server_events;
}

const GstRealtimeClientEvent *
gst_realtime_protocol_get_client_events (guint *n_events)
{
  *n_events = G_N_ELEMENTS (client_events);
  return client_events;
}

/**
 * gst_realtime_protocol_to_markdown:
 *
 * Returns: (transfer full): both tables as docs/element.md has them
 */
char *
gst_realtime_protocol_to_markdown (void)
{
  GString *text = g_string_new ("| event of the service | | what it does, or why nothing |\n"
                                "|---|---|---|\n");

  for (guint i = 0; i < G_N_ELEMENTS (server_events); i++)
    {
      const GstRealtimeServerEvent *event = &server_events[i];

      if (event->beta_of != NULL)
        g_string_append_printf (text, "| `%s` | handled | beta name of `%s` |\n", event->name,
                                event->beta_of);
      else
        g_string_append_printf (text, "| `%s` | %s | %s |\n", event->name,
                                event->type != GST_REALTIME_EVENT_OTHER ? "handled" : "ignored",
                                event->what);
    }
  g_string_append (text, "\n| event of the client | caused by | when, or why never |\n"
                         "|---|---|---|\n");
  for (guint i = 0; i < G_N_ELEMENTS (client_events); i++)
    g_string_append_printf (text, "| `%s` | %s | %s |\n", client_events[i].name,
                            client_events[i].by != NULL ? client_events[i].by : "never",
                            client_events[i].what);
  return g_string_free (text, FALSE);
}
