/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is secret: the key of the real service, the token of a gateway. */
typedef enum
{
  BB_SECRET_API_KEY,
  BB_SECRET_GATEWAY_TOKEN
} BbSecret;

/**
 * bb_secrets_lookup_async:
 * @what: which one
 *
 * In this order: what was given in this session, the environment
 * ($OPENAI_API_KEY, $BESTELLBOT_API_TOKEN), the keyring. Main context only; a
 * secret never reaches GSettings, a log or an error text.
 */
void bb_secrets_lookup_async (BbSecret what, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
/* NULL without @error: there is none. (transfer full) (nullable) */
char *bb_secrets_lookup_finish (GAsyncResult *result, GError **error);
/* Into the keyring, and for this session in any case. @secret: NULL or "" forgets it. */
void bb_secrets_store_async (BbSecret what, const char *secret, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/* FALSE: there is no keyring; it holds until the program ends. */
gboolean bb_secrets_store_finish (GAsyncResult *result, GError **error);

G_END_DECLS
