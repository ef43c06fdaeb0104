/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimelog.h"
#include "realtimeplayout.h"
#include "realtimesettings.h"
#include "realtimestats.h"
#include "realtimetransport.h"

G_BEGIN_DECLS

/* Caller audio that comes while there is no ready connection, or was sent to one
 * that was lost before it was answered, is kept: so much of it at most, ms. */
#define GST_REALTIME_SESSION_KEEP_MS 30000

/* What the session reports; called on its thread. All strings (transfer none). */
typedef struct
{
  void (*connection) (gpointer user_data, const char *state, const char *detail);
  void (*transcript) (gpointer user_data,
                      const char *role,
                      const char *item_id,
                      const char *text,
                      gboolean final);
  void (*function_call) (gpointer user_data,
                         const char *call_id,
                         const char *name,
                         const char *arguments);
  void (*response) (gpointer user_data,
                    const char *state,
                    const char *response_id,
                    const char *status);
  void (*speech) (gpointer user_data, const char *state, const char *item_id, guint audio_ms);
  void (*usage) (gpointer user_data, const GstStructure *usage);
  void (*rate_limits) (gpointer user_data, const GstStructure *limits);
  /* An error of the service that the session survives. */
  void (*error) (gpointer user_data, const char *type, const char *code, const char *message);
  /* It is over; @error is a GST_RESOURCE_ERROR or GST_LIBRARY_ERROR that says what to do. */
  void (*fatal) (gpointer user_data, const GError *error);
  /* The input has ended and all that was to be said is in the playout queue. */
  void (*drained) (gpointer user_data);
  /* What the service does with MCP tools; @facts: fields of the message "mcp". */
  void (*mcp) (gpointer user_data, const GstStructure *facts);
  /* A call of an MCP tool waits for gst_realtime_session_approve_mcp(). */
  void (*mcp_approval) (gpointer user_data,
                        const char *request_id,
                        const char *server_label,
                        const char *name,
                        const char *arguments);
  /* The result of gst_realtime_session_ask_aside(); @status "refused": @text says why. */
  void (*aside) (gpointer user_data,
                 const char *tag,
                 const char *status,
                 const char *text,
                 const char *output);
  /* What gst_realtime_session_retrieve_item() asked for, as JSON. */
  void (*item) (gpointer user_data, const char *item_id, const char *json);
  /* The item is text that will not be heard; before its final transcript. May be NULL. */
  void (*written) (gpointer user_data, const char *item_id);
} GstRealtimeListener;

/**
 * GstRealtimeSession:
 *
 * The protocol's state machine over a #GstRealtimeTransport. It has no thread
 * of its own: everything happens on the thread that calls it, timers run in
 * that thread's default main context.
 */
#define GST_TYPE_REALTIME_SESSION (gst_realtime_session_get_type ())
G_DECLARE_FINAL_TYPE (GstRealtimeSession, gst_realtime_session, GST, REALTIME_SESSION, GObject)

GstRealtimeSession *gst_realtime_session_new (GstRealtimeTransport *transport,
                                              GstRealtimePlayout *playout,
                                              GstRealtimeStats *stats,
                                              const GstRealtimeListener *listener,
                                              gpointer user_data);
void gst_realtime_session_set_log (GstRealtimeSession *self, GstRealtimeLog *log);
void gst_realtime_session_set_settings (GstRealtimeSession *self,
                                        const GstRealtimeSettings *settings);
void gst_realtime_session_set_input_format (GstRealtimeSession *self, GstRealtimeFormat format);
void gst_realtime_session_set_output_format (GstRealtimeSession *self, GstRealtimeFormat format);
void gst_realtime_session_start (GstRealtimeSession *self);
void gst_realtime_session_stop (GstRealtimeSession *self);
void gst_realtime_session_append (GstRealtimeSession *self,
                                  GstRealtimeFormat format,
                                  const guint8 *data,
                                  gsize size);
void gst_realtime_session_end_input (GstRealtimeSession *self);
void gst_realtime_session_finish (GstRealtimeSession *self);
void gst_realtime_session_playout_empty (GstRealtimeSession *self);
void gst_realtime_session_send_function_output (GstRealtimeSession *self,
                                                const char *call_id,
                                                const char *output);
void gst_realtime_session_send_text (GstRealtimeSession *self, const char *role, const char *text);
void gst_realtime_session_create_response (GstRealtimeSession *self, const char *instructions);
void gst_realtime_session_say (GstRealtimeSession *self, const char *text);
void gst_realtime_session_interrupt (GstRealtimeSession *self);
void gst_realtime_session_send_event (GstRealtimeSession *self, const char *json);
void gst_realtime_session_commit (GstRealtimeSession *self, gboolean respond);
void gst_realtime_session_clear_input (GstRealtimeSession *self);
void gst_realtime_session_send_image (GstRealtimeSession *self, const char *uri, const char *text);
void gst_realtime_session_retrieve_item (GstRealtimeSession *self, const char *item_id);
void gst_realtime_session_forget_item (GstRealtimeSession *self, const char *item_id);
void gst_realtime_session_approve_mcp (GstRealtimeSession *self,
                                       const char *request_id,
                                       gboolean approve,
                                       const char *reason);
void gst_realtime_session_ask_aside (GstRealtimeSession *self,
                                     const char *tag,
                                     const char *options,
                                     gboolean play);

G_END_DECLS
