/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gboolean gst_realtime_rules_check_session (JsonObject *session, GError **error);
gboolean gst_realtime_rules_check_response (JsonObject *response, GError **error);
gboolean gst_realtime_rules_check_tools (JsonArray *tools, GError **error);
void gst_realtime_rules_drop_nulls (JsonObject *session);

G_END_DECLS
