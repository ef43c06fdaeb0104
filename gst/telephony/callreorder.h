/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_CALL_REORDER (gst_call_reorder_get_type ())
G_DECLARE_FINAL_TYPE (GstCallReorder, gst_call_reorder, GST, CALL_REORDER, GstElement)
GST_ELEMENT_REGISTER_DECLARE (callreorder);

G_END_DECLS
