/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "bb-config.h"

G_BEGIN_DECLS

JsonObject *bb_tool_schema_parse (const char *schema);
char *bb_tool_schema_check (JsonObject *schema, JsonObject *arguments, const BbConfig *config);

G_END_DECLS
