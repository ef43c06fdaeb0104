/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "realtimetransport.h"

G_BEGIN_DECLS

#define GST_TYPE_REALTIME_SOUP (gst_realtime_soup_get_type ())
G_DECLARE_FINAL_TYPE (GstRealtimeSoup, gst_realtime_soup, GST, REALTIME_SOUP, GObject)

GstRealtimeSoup *gst_realtime_soup_new (const char *url, const char *api_key);
void gst_realtime_soup_set_headers (GstRealtimeSoup *self,
                                    const char *key_header,
                                    const GstStructure *headers);

G_END_DECLS
