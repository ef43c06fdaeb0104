/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gboolean sim_text_is_shallow (const char *text, gsize length);
JsonObject *sim_object (const char *key, ...) G_GNUC_NULL_TERMINATED;
char *sim_object_to_text (JsonObject *object);
char *sim_node_to_text (JsonNode *node);
JsonNode *sim_node_copy_deep (JsonNode *node);
JsonObject *sim_object_copy_deep (JsonObject *object);
void sim_object_merge (JsonObject *into, JsonObject *from);
JsonNode *sim_object_lookup (JsonObject *object, const char *path);
JsonObject *sim_object_get_object (JsonObject *object, const char *path);
JsonArray *sim_object_get_array (JsonObject *object, const char *path);
const char *sim_object_get_string (JsonObject *object, const char *path);
gint64 sim_object_get_int (JsonObject *object, const char *path, gint64 fallback);
double sim_object_get_double (JsonObject *object, const char *path, double fallback);
gboolean sim_object_get_boolean (JsonObject *object, const char *path, gboolean fallback);

G_END_DECLS
