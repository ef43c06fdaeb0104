/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A tool call in words: "Catalogue searched · T-Stück 15 mm". The tool's own
 * name when it is none of ours. @arguments (nullable) is JSON from the model,
 * which may be anything. (transfer full) */
char *bb_tool_text_title (const char *name, const char *arguments);
/* Arguments and result, laid out to be read; both nullable. (transfer full) */
char *bb_tool_text_details (const char *arguments, const char *result);

G_END_DECLS
