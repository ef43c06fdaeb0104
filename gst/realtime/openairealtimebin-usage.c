/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a session costs, and the limit that ends it. */
#include "config.h"

#include "openairealtimebin-private.h"

#include <glib/gi18n-lib.h>

#include "openairealtime.h"

#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

/* Any thread. What can't be read is refused with a warning on the bus. */
void
gst_openai_realtime_bin_set_prices (GstOpenaiRealtimeBin *self, const GstStructure *structure)
{
  g_autoptr (GError) error = NULL;
  GstRealtimePrices prices;

  if (!gst_realtime_prices_parse (&prices, structure, &error))
    {
      GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS, ("%s", error->message), (NULL));
      return;
    }
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->prices_structure, gst_structure_free);
  self->prices_structure = structure != NULL ? gst_structure_copy (structure) : NULL;
  self->prices = prices;
  GST_OBJECT_UNLOCK (self);
}

/* Before a session: a limit that can't work is no limit. */
void
gst_openai_realtime_bin_check_limits (GstOpenaiRealtimeBin *self)
{
  gboolean blind;

  GST_OBJECT_LOCK (self);
  blind = self->max_cost > 0 && !self->prices.set;
  GST_OBJECT_UNLOCK (self);
  if (blind)
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                         (_("The property 'max-cost' has no effect without the property 'prices'")),
                         (NULL));
}

/**
 * gst_openai_realtime_bin_account:
 * @usage: of one response or transcript
 * @limit: (out) (transfer full) (nullable): the facts of the message "limit",
 *   once in a session
 *
 * I/O thread. Adds to the sums of the session, which outlive a reconnection.
 *
 * Returns: (transfer full): @usage, with what the session has cost so far
 */
GstStructure *
gst_openai_realtime_bin_account (GstOpenaiRealtimeBin *self,
                                 const GstStructure *usage,
                                 GstStructure **limit)
{
  GstStructure *facts = gst_structure_copy (usage);
  GstRealtimePrices prices;
  GstRealtimeUsage sum, this = { 0 };
  guint64 max_tokens;
  double max_cost, cost;
  const char *kind = NULL;

  g_mutex_lock (&self->stats.lock);
  gst_realtime_usage_add (&self->stats.usage, usage);
  sum = self->stats.usage;
  g_mutex_unlock (&self->stats.lock);
  GST_OBJECT_LOCK (self);
  prices = self->prices;
  max_tokens = self->max_tokens;
  max_cost = self->max_cost;
  GST_OBJECT_UNLOCK (self);

  cost = gst_realtime_usage_get_cost (&sum, &prices, NULL);
  gst_structure_set (facts, "session-tokens", G_TYPE_UINT64, sum.total, NULL);
  if (prices.set)
    {
      gst_realtime_usage_add (&this, usage);
      gst_structure_set (facts, "cost", G_TYPE_DOUBLE,
                         gst_realtime_usage_get_cost (&this, &prices, NULL), "session-cost",
                         G_TYPE_DOUBLE, cost, "currency", G_TYPE_STRING, prices.currency, NULL);
    }

  *limit = NULL;
  if (max_cost > 0 && prices.set && cost >= max_cost)
    kind = GST_OPENAI_REALTIME_LIMIT_COST;
  else if (max_tokens > 0 && sum.total >= max_tokens)
    kind = GST_OPENAI_REALTIME_LIMIT_TOKENS;
  if (kind != NULL && !self->limit_reached)
    {
      self->limit_reached = TRUE;
      GST_INFO_OBJECT (self, "the limit of %s is reached: %" G_GUINT64_FORMAT " tokens, %g %s",
                       kind, sum.total, cost, prices.currency);
      *limit = gst_structure_new (GST_OPENAI_REALTIME_MESSAGE_PREFIX
                                      GST_OPENAI_REALTIME_SIGNAL_LIMIT,
                                  "kind", G_TYPE_STRING, kind, "tokens", G_TYPE_UINT64, sum.total,
                                  "cost", G_TYPE_DOUBLE, cost, "currency", G_TYPE_STRING,
                                  prices.currency, NULL);
    }
  return facts;
}
