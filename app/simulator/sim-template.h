/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonNode *sim_template_lookup (JsonObject *results, const char *path);
char *sim_template_fill (const char *text, JsonObject *results, const char *language, GPtrArray *missing);
JsonNode *sim_template_fill_node (JsonNode *node, JsonObject *results, GPtrArray *missing);
gboolean sim_template_is_true (JsonObject *results, const char *path);

G_END_DECLS
