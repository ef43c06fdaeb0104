/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeformat.h"

G_BEGIN_DECLS

/* One thing that was said or done, as a new session can be told it. */
typedef struct
{
  char *item_id;
  char *role;   /* user, assistant, system; NULL: a function call */
  char *text;   /* NULL: not known (yet) */
  gboolean final;      /* text is all of it */
  gboolean cut;        /* text is what was heard of it */
  char *response_id;   /* of an answer, in the connection it came by */
  guint64 audio_bytes; /* of an answer, as received in @format */
  gboolean whole;      /* of an answer: nothing more of it was to come */
  GBytes *audio;       /* what the caller said, as long as there is no final text */
  GstRealtimeFormat format;
  char *call_id;
  char *name;
  char *arguments;
  char *output; /* NULL: the application still owes it */
} GstRealtimeEntry;

typedef struct _GstRealtimeHistory GstRealtimeHistory;

GstRealtimeHistory *gst_realtime_history_new (void);
void gst_realtime_history_free (GstRealtimeHistory *self);
GstRealtimeEntry *gst_realtime_history_add (GstRealtimeHistory *self,
                                            const char *item_id,
                                            const char *previous_id,
                                            const char *role,
                                            const char *text);
GstRealtimeEntry *gst_realtime_history_find (GstRealtimeHistory *self, const char *item_id);
void
gst_realtime_history_finish_text (GstRealtimeHistory *self, const char *item_id, const char *text);
void gst_realtime_history_set_audio (GstRealtimeHistory *self,
                                     const char *item_id,
                                     GstRealtimeFormat format,
                                     GBytes *audio);
void gst_realtime_history_cut_unfinished (GstRealtimeHistory *self, GstRealtimeEntry *entry);
void gst_realtime_history_add_call (GstRealtimeHistory *self,
                                    const char *item_id,
                                    const char *call_id,
                                    const char *name,
                                    const char *arguments);
void
gst_realtime_history_set_text (GstRealtimeHistory *self, const char *item_id, const char *text);
void
gst_realtime_history_set_output (GstRealtimeHistory *self, const char *call_id, const char *output);
void gst_realtime_history_cut (GstRealtimeHistory *self,
                               const char *item_id,
                               guint played_ms,
                               guint received_ms);
const char *gst_realtime_history_get_text (GstRealtimeHistory *self, const char *item_id);
void gst_realtime_history_remove (GstRealtimeHistory *self, const char *item_id);
GPtrArray *gst_realtime_history_get_entries (GstRealtimeHistory *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeHistory, gst_realtime_history_free)

G_END_DECLS
