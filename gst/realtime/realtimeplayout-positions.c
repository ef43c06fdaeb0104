/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How far the items of the playout queue are. */
#include "realtimeplayout-private.h"

void
gst_realtime_position_clear (GstRealtimePosition *position)
{
  g_clear_pointer (&position->item_id, g_free);
}

/**
 * gst_realtime_playout_get_positions:
 * @positions: (out caller-allocates): to be cleared each
 *
 * Of the items that have begun to leave and have not been heard to their end.
 *
 * Returns: how many there are, at most @most
 */
guint
gst_realtime_playout_get_positions (GstRealtimePlayout *self,
                                    GstRealtimePosition *positions,
                                    guint most)
{
  const GList *lists[2];
  guint n = 0;

  g_mutex_lock (&self->lock);
  lists[0] = self->past.head;
  lists[1] = self->items.head;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const GList *l = lists[i]; l != NULL && n < most; l = l->next)
      {
        const Item *item = l->data;
        guint per_ms = gst_realtime_format_get_bytes_per_ms (item->format);
        guint64 unheard;

        if (item->left == 0)
          continue;
        unheard = gst_util_uint64_scale_ceil (item_unheard (self, item), per_ms, GST_MSECOND);
        positions[n++] = (GstRealtimePosition){ g_strdup (item->item_id), item_ms (item, item->left),
                                                (item->left - MIN (unheard, item->left)) / per_ms,
                                                item_ms (item, item->received), item->complete };
      }
  g_mutex_unlock (&self->lock);
  return n;
}
