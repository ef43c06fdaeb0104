/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeformat.h"
#include "realtimesettings.h"

G_BEGIN_DECLS

typedef enum
{
  GST_REALTIME_UPDATE_FORMATS_ONLY = 0,
  GST_REALTIME_UPDATE_SETTINGS = 1 << 0,
  GST_REALTIME_UPDATE_VOICE = 1 << 1,  /* not once the model has spoken */
  GST_REALTIME_UPDATE_CHANGE = 1 << 2, /* not the first: what is set no more is cleared */
} GstRealtimeUpdateFlags;

/* A wish for a response. */
typedef struct
{
  char *instructions;   /* NULL: the session's */
  gboolean verbatim;    /* instructions is text to be spoken as it stands */
  gboolean out_of_band; /* not part of the conversation */
  gboolean silent;      /* functions may be called; what is said is text and goes nowhere */
} GstRealtimeWish;

GstRealtimeWish *
gst_realtime_wish_new (const char *instructions, gboolean verbatim, gboolean out_of_band);
void gst_realtime_wish_free (GstRealtimeWish *wish);

/* Each returns (transfer full) the text of one client event. @event_id may be NULL. */
char *gst_realtime_request_session_update (const char *event_id,
                                           const GstRealtimeSettings *settings,
                                           GstRealtimeFormat input,
                                           GstRealtimeFormat output,
                                           GstRealtimeUpdateFlags flags);
char *gst_realtime_request_response_create (const char *event_id, const GstRealtimeWish *wish);
char *gst_realtime_request_response_cancel (const char *event_id, const char *response_id);
char *gst_realtime_request_message (const char *event_id,
                                    const char *item_id,
                                    const char *role,
                                    const char *text);
char *gst_realtime_request_audio_message (const char *event_id, const char *item_id, GBytes *audio);
char *gst_realtime_request_function_call (const char *event_id,
                                          const char *item_id,
                                          const char *call_id,
                                          const char *name,
                                          const char *arguments);
char *gst_realtime_request_function_output (const char *event_id,
                                            const char *call_id,
                                            const char *output);
char *gst_realtime_request_truncate (const char *event_id,
                                     const char *item_id,
                                     int content_index,
                                     guint end_ms);
char *gst_realtime_request_delete (const char *event_id, const char *item_id);
char *gst_realtime_request_retrieve (const char *event_id, const char *item_id);
char *gst_realtime_request_commit (const char *event_id);
char *gst_realtime_request_clear (const char *event_id);
char *gst_realtime_request_image (const char *event_id,
                                  const char *item_id,
                                  const char *uri,
                                  const char *text);
char *gst_realtime_request_mcp_approval (const char *event_id,
                                         const char *item_id,
                                         const char *request_id,
                                         gboolean approve,
                                         const char *reason);
char *gst_realtime_request_aside (const char *event_id, const char *options);
char *gst_realtime_request_check (const char *json, char **type, GError **error);
void gst_realtime_request_append (GString *into, const guint8 *data, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeWish, gst_realtime_wish_free)

G_END_DECLS
