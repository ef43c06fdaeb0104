/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Server events that the session acts on. Everything else is
 * GST_REALTIME_EVENT_OTHER and passes. */
typedef enum
{
  GST_REALTIME_EVENT_OTHER,
  GST_REALTIME_EVENT_ERROR,
  GST_REALTIME_EVENT_SESSION_CREATED,
  GST_REALTIME_EVENT_SESSION_UPDATED,
  GST_REALTIME_EVENT_SPEECH_STARTED,
  GST_REALTIME_EVENT_SPEECH_STOPPED,
  GST_REALTIME_EVENT_COMMITTED,
  GST_REALTIME_EVENT_TIMEOUT_TRIGGERED,
  GST_REALTIME_EVENT_ITEM_ADDED,
  GST_REALTIME_EVENT_ITEM_DONE,
  GST_REALTIME_EVENT_ITEM_DELETED,
  GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DELTA,
  GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DONE,
  GST_REALTIME_EVENT_INPUT_TRANSCRIPT_FAILED,
  GST_REALTIME_EVENT_RESPONSE_CREATED,
  GST_REALTIME_EVENT_RESPONSE_DONE,
  GST_REALTIME_EVENT_OUTPUT_ITEM_DONE,
  GST_REALTIME_EVENT_AUDIO_DELTA,
  GST_REALTIME_EVENT_AUDIO_DONE,
  GST_REALTIME_EVENT_TRANSCRIPT_DELTA,
  GST_REALTIME_EVENT_TRANSCRIPT_DONE,
  GST_REALTIME_EVENT_TEXT_DELTA,
  GST_REALTIME_EVENT_TEXT_DONE,
  GST_REALTIME_EVENT_RATE_LIMITS,
  GST_REALTIME_EVENT_ITEM_RETRIEVED,
  GST_REALTIME_EVENT_OUTPUT_ITEM_ADDED,
  GST_REALTIME_EVENT_MCP_LIST_IN_PROGRESS,
  GST_REALTIME_EVENT_MCP_LIST_COMPLETED,
  GST_REALTIME_EVENT_MCP_LIST_FAILED,
  GST_REALTIME_EVENT_MCP_CALL_IN_PROGRESS,
  GST_REALTIME_EVENT_MCP_CALL_COMPLETED,
  GST_REALTIME_EVENT_MCP_CALL_FAILED,
  GST_REALTIME_N_EVENTS
} GstRealtimeEventType;

/* A conversation item. Absent fields are NULL. */
typedef struct
{
  char *id;
  char *type;         /* message, function_call, function_call_output, … */
  char *role;         /* user, assistant, system */
  char *status;       /* in_progress, completed, incomplete */
  char *name;         /* function_call */
  char *call_id;      /* function_call, function_call_output */
  char *arguments;    /* function_call, JSON text */
  char *text;         /* all content parts' text and transcripts */
  char *server_label; /* mcp_… */
  char *output;       /* mcp_call; mcp_list_tools: names of the tools with commas */
  char *error;        /* mcp_call: what went wrong */
  gboolean spoken;    /* some content is audio */
} GstRealtimeItem;

/* One server event. Which fields are set depends on the type and on what the
 * server sent: every string may be NULL. */
typedef struct
{
  GstRealtimeEventType type;
  char *name; /* as on the wire */
  char *response_id;
  char *item_id;
  char *previous_item_id;
  int content_index;
  guint ms;      /* audio_start_ms, audio_end_ms */
  char *text;    /* delta, transcript, text */
  GBytes *audio; /* decoded delta */
  GstRealtimeItem *item;

  struct
  {
    char *id;
    char *status;     /* in_progress, completed, cancelled, incomplete, failed */
    char *reason;     /* status_details.reason */
    char *error_code; /* status_details.error.code */
    char *error_type;
    char *error_message;
    char *request;        /* metadata.request, as we sent it */
    gboolean out_of_band; /* conversation_id is null */
    gint format;          /* GstRealtimeFormat of its audio, -1: not told */
    GPtrArray *output;    /* GstRealtimeItem */
    char *output_json;    /* the same as JSON, with metadata.request only */
    GstStructure *usage;  /* tokens by kind; also of a transcript of the caller */
  } response;

  struct
  {
    char *type;
    char *code;
    char *message;
    char *param;
    char *event_id; /* of the client event that caused it */
  } error;

  struct
  {
    char *id;
    gint64 expires_at;             /* seconds since the epoch, 0: unknown */
    gboolean tells_turn_detection; /* the next three say what the service will do */
    gboolean has_turn_detection;
    gboolean create_response;
    gboolean interrupt_response;
    gint output_format; /* GstRealtimeFormat, -1: not told */
  } session;

  GstStructure *rate_limits;
} GstRealtimeEvent;

GstRealtimeEvent *gst_realtime_event_parse (const char *text, gsize size, GError **error);
GstRealtimeEvent *gst_realtime_event_parse_tree (const char *text, gsize size, GError **error);
void gst_realtime_event_free (GstRealtimeEvent *event);
const char *gst_realtime_event_type_to_string (GstRealtimeEventType type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeEvent, gst_realtime_event_free)

G_END_DECLS
