/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimetext.h"

G_BEGIN_DECLS

#define GST_TYPE_REALTIME_TEXT_PAD (gst_realtime_text_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstRealtimeTextPad, gst_realtime_text_pad, GST, REALTIME_TEXT_PAD, GstGhostPad)

GstPad *
gst_realtime_text_pad_new (GstRealtimeText *text, GstPadTemplate *template, const char *name);
GstRealtimeText *gst_realtime_text_pad_get_text (GstRealtimeTextPad *self);

G_END_DECLS
