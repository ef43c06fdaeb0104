/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_OPENAI_REALTIME_BIN (gst_openai_realtime_bin_get_type ())
G_DECLARE_FINAL_TYPE (GstOpenaiRealtimeBin, gst_openai_realtime_bin, GST, REALTIME_BIN, GstBin)

G_END_DECLS
