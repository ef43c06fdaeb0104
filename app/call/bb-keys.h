/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbKeys:
 *
 * Gathers the keys a caller presses: what comes without a longer pause is one
 * entry. Main context only.
 */
typedef struct _BbKeys BbKeys;

/* An entry is complete. */
typedef void (*BbKeysFunc) (const char *keys, gpointer user_data);

BbKeys *bb_keys_new (guint pause_ms, BbKeysFunc func, gpointer user_data);
void bb_keys_free (BbKeys *self);
void bb_keys_press (BbKeys *self, const char *key, gconstpointer source);
void bb_keys_flush (BbKeys *self);

G_END_DECLS
