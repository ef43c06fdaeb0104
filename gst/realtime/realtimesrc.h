/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "realtimeplayout.h"

G_BEGIN_DECLS

#define GST_TYPE_REALTIME_SRC (gst_realtime_src_get_type ())
G_DECLARE_FINAL_TYPE (GstRealtimeSrc, gst_realtime_src, GST, REALTIME_SRC, GstElement)

/* Called on the playout thread, rarely: at an utterance's borders. */
typedef struct
{
  void (*notice) (gpointer user_data, const GstRealtimeNotice *notice);
  void (*empty) (gpointer user_data); /* the last of what was queued has left */
  void (*progress) (gpointer user_data, GstClockTime end); /* a buffer has left, each; its end */
  void (*ending) (gpointer user_data); /* EOS is going to leave; that may take a while */
  void (*ended) (gpointer user_data);  /* it has left */
  void (*format) (gpointer user_data, GstRealtimeFormat format);
} GstRealtimeSrcListener;

GstElement *gst_realtime_src_new (GstRealtimePlayout *playout,
                                  const GstRealtimeSrcListener *listener,
                                  gpointer user_data);
void gst_realtime_src_set_external (GstRealtimeSrc *self, gboolean external);
void gst_realtime_src_set_ptime (GstRealtimeSrc *self, guint ptime);
GstRealtimeFormat gst_realtime_src_get_format (GstRealtimeSrc *self);
gboolean gst_realtime_src_tick (GstRealtimeSrc *self, GstEvent *tick);
void gst_realtime_src_end (GstRealtimeSrc *self);

G_END_DECLS
