/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * BbPractice:
 *
 * bestellbot-simulator as a program of our own, in the place of the real
 * service: no key, no network. It ends with the object, and with this program
 * however that ends.
 */
#define BB_TYPE_PRACTICE (bb_practice_get_type ())
G_DECLARE_FINAL_TYPE (BbPractice, bb_practice, BB, PRACTICE, GObject)

BbPractice *bb_practice_new (void);
void bb_practice_start_async (BbPractice *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
/* The address for realtime.url. (transfer full) */
char *bb_practice_start_finish (BbPractice *self, GAsyncResult *result, GError **error);

G_END_DECLS
