/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A token of this length (in hexadecimal digits) is made at first start: 256 bit. */
#define BB_API_TOKEN_DIGITS 64
/* Shorter ones, written by hand, are refused. */
#define BB_API_TOKEN_MIN_LENGTH 32

char *bb_api_token_create_or_load (const char *path, GError **error);
char *bb_api_token_load (const char *path, GError **error);
gboolean bb_api_token_equal (const char *expected, const char *given, gsize given_length);

G_END_DECLS
