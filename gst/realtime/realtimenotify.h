/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

void gst_realtime_notify (GstElement *element,
                          GMainContext *context,
                          guint signal_id,
                          GstStructure *facts,
                          guint n_arguments,
                          const char *const *arguments);

G_END_DECLS
