/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimetranscript.h"

G_BEGIN_DECLS

#define GST_TYPE_REALTIME_TEXT (gst_realtime_text_get_type ())
G_DECLARE_FINAL_TYPE (GstRealtimeText, gst_realtime_text, GST, REALTIME_TEXT, GstElement)

/* Properties of a transcript pad; under the element's lock. */
typedef struct
{
  GstRealtimeSpeaker speakers;
  GstRealtimeCaptions captions;
  char *user_prefix;
  char *assistant_prefix;
  gboolean newline;
} GstRealtimeTextOptions;

GstElement *gst_realtime_text_new (void);
GstRealtimeTranscript *gst_realtime_text_lock (GstRealtimeText *self);
GstRealtimeTextOptions *gst_realtime_text_get_options (GstRealtimeText *self);
void gst_realtime_text_unlock (GstRealtimeText *self);
void gst_realtime_text_end (GstRealtimeText *self);

G_END_DECLS
