/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-limits.h"

struct _BbApiLimits
{
  double rate;
  double burst;
  GHashTable *buckets; /* address -> BbApiBucket */
};

static void
leak (BbApiBucket *self, double rate, gint64 now)
{
  self->used = MAX (0, self->used - rate * (double)(now - self->at) / G_USEC_PER_SEC);
  self->at = now;
}

gboolean
bb_api_bucket_take (BbApiBucket *self, double rate, double burst, gint64 now)
{
  leak (self, rate, now);
  if (self->used + 1 > burst)
    return FALSE;
  self->used += 1;
  return TRUE;
}

BbApiLimits *
bb_api_limits_new (double rate, double burst)
{
  BbApiLimits *self = g_new0 (BbApiLimits, 1);

  self->rate = rate;
  self->burst = burst;
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
bb_api_limits_free (BbApiLimits *self)
{
  g_hash_table_unref (self->buckets);
  g_free (self);
}

static void
forget_quiet (BbApiLimits *self, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->buckets);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      leak (value, self->rate, now);
      if (((BbApiBucket *)value)->used <= 0)
        g_hash_table_iter_remove (&iter);
    }
}

/**
 * bb_api_limits_take:
 * @self: the limits
 * @address: numeric
 * @now: µs, monotonic
 *
 * Returns: %FALSE when it has had too many
 */
gboolean
bb_api_limits_take (BbApiLimits *self, const char *address, gint64 now)
{
  BbApiBucket *bucket = g_hash_table_lookup (self->buckets, address);

  if (bucket == NULL)
    {
      if (g_hash_table_size (self->buckets) >= BB_API_LIMITS_ADDRESSES)
        forget_quiet (self, now);
      if (g_hash_table_size (self->buckets) >= BB_API_LIMITS_ADDRESSES)
        return FALSE;
      bucket = g_new0 (BbApiBucket, 1);
      bucket->at = now;
      g_hash_table_insert (self->buckets, g_strdup (address), bucket);
    }
  return bb_api_bucket_take (bucket, self->rate, self->burst, now);
}

guint
bb_api_limits_get_n_addresses (BbApiLimits *self)
{
  return g_hash_table_size (self->buckets);
}
