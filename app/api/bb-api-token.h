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

/* A new one: 256 random bits. (transfer full) */
char *bb_api_token_make (GError **error);
/* For the gateway: the file's text, made with a token at the first start. (transfer full) */
char *bb_api_token_create_or_read (const char *path, GError **error);
/* For a client: the first token of the file. (transfer full) */
char *bb_api_token_load (const char *path, GError **error);

G_END_DECLS
