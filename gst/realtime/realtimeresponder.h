/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimerequest.h"

G_BEGIN_DECLS

/* PROTOCOL: at most one response of the default conversation at a time. */
typedef enum
{
  GST_REALTIME_RESPONSE_FREE,
  GST_REALTIME_RESPONSE_CREATE_REQUESTED,
  GST_REALTIME_RESPONSE_ACTIVE,
  GST_REALTIME_RESPONSE_CANCEL_REQUESTED
} GstRealtimeResponseState;

typedef struct _GstRealtimeResponder GstRealtimeResponder;

/* Sends response.create; returns (transfer full) its event id. */
typedef char *(*GstRealtimeCreateFunc) (gpointer user_data, const GstRealtimeWish *wish);

GstRealtimeResponder *gst_realtime_responder_new (GstRealtimeCreateFunc create, gpointer user_data);
void gst_realtime_responder_free (GstRealtimeResponder *self);

GstRealtimeResponseState gst_realtime_responder_get_state (GstRealtimeResponder *self);
const char *gst_realtime_responder_get_active (GstRealtimeResponder *self);
gboolean gst_realtime_responder_is_own (GstRealtimeResponder *self, const char *request);
gboolean gst_realtime_responder_is_silent (GstRealtimeResponder *self, const char *request);
const GstRealtimeWish *gst_realtime_responder_get_last (GstRealtimeResponder *self);
gboolean gst_realtime_responder_is_busy (GstRealtimeResponder *self);
gboolean gst_realtime_responder_is_answering (GstRealtimeResponder *self);
gboolean gst_realtime_responder_has_calls (GstRealtimeResponder *self);

void gst_realtime_responder_wish (GstRealtimeResponder *self, GstRealtimeWish *wish);
void gst_realtime_responder_user_turn (GstRealtimeResponder *self, gboolean speaking);
void gst_realtime_responder_created (GstRealtimeResponder *self,
                                     const char *response_id,
                                     const char *request,
                                     gboolean speaking);
void gst_realtime_responder_yield (GstRealtimeResponder *self);
void gst_realtime_responder_cancelling (GstRealtimeResponder *self);
void gst_realtime_responder_not_cancelled (GstRealtimeResponder *self);
void gst_realtime_responder_done (GstRealtimeResponder *self,
                                  const char *response_id,
                                  const char *request);
gboolean gst_realtime_responder_error (GstRealtimeResponder *self,
                                       const char *event_id,
                                       gboolean already_active);
gboolean gst_realtime_responder_timeout (GstRealtimeResponder *self);
void gst_realtime_responder_retry (GstRealtimeResponder *self);
void gst_realtime_responder_forget (GstRealtimeResponder *self);
void gst_realtime_responder_stop (GstRealtimeResponder *self);
void gst_realtime_responder_lost (GstRealtimeResponder *self,
                                  gboolean turn_is_kept,
                                  gboolean cut,
                                  GstRealtimeWish *again);
void gst_realtime_responder_hold (GstRealtimeResponder *self, gboolean hold);
void gst_realtime_responder_answer (GstRealtimeResponder *self);
void gst_realtime_responder_unblock (GstRealtimeResponder *self);

gboolean gst_realtime_responder_add_call (GstRealtimeResponder *self,
                                          const char *response_id,
                                          const char *call_id);
gboolean gst_realtime_responder_owes_call (GstRealtimeResponder *self, const char *call_id);
void gst_realtime_responder_drop_call (GstRealtimeResponder *self, const char *call_id);
gboolean gst_realtime_responder_answer_call (GstRealtimeResponder *self, const char *call_id);
void gst_realtime_responder_output_added (GstRealtimeResponder *self, const char *call_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeResponder, gst_realtime_responder_free)

G_END_DECLS
