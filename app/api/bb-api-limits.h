/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbApiBucket:
 *
 * A token bucket: `rate` a second on the whole, `burst` at once. All 0 is a
 * full one.
 */
typedef struct
{
  double used; /* of the burst */
  gint64 at;   /* µs, monotonic */
} BbApiBucket;

/* FALSE: too many. @now: µs, monotonic. */
gboolean bb_api_bucket_take (BbApiBucket *self, double rate, double burst, gint64 now);

/**
 * BbApiLimits:
 *
 * A bucket for each address, so that one that guesses tokens, or asks without
 * end, does not keep others out. Bounded: an address that has been quiet is
 * forgotten, and while too many are not quiet, new ones are refused.
 */
typedef struct _BbApiLimits BbApiLimits;

#define BB_API_LIMITS_ADDRESSES 1024

BbApiLimits *bb_api_limits_new (double rate, double burst);
void bb_api_limits_free (BbApiLimits *self);
gboolean bb_api_limits_take (BbApiLimits *self, const char *address, gint64 now);
guint bb_api_limits_get_n_addresses (BbApiLimits *self);

G_END_DECLS
