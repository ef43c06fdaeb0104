/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* What the scanner says yes to must read exactly as by way of a tree. */
#include <string.h>

#include "realtimescan.h"

/* Returns: what differs; %NULL: nothing, or the scanner said no */
static const char *
compare_scan (const char *text, gsize size, gboolean *scanned)
{
  /* Without what happens to lie behind it: a byte too far is found. */
  g_autofree char *exact = size > 0 ? g_memdup2 (text, size) : g_strdup ("");
  g_autoptr (GstRealtimeEvent) a = gst_realtime_scan_event (exact, size);
  g_autoptr (GstRealtimeEvent) b = NULL;

  *scanned = a != NULL;
  if (a == NULL)
    return NULL;
  b = gst_realtime_event_parse_tree (text, size, NULL);
  if (b == NULL)
    return "is no event";
  if (a->type != b->type)
    return "type";
  if (g_strcmp0 (a->name, b->name) != 0)
    return "name";
  if (g_strcmp0 (a->response_id, b->response_id) != 0)
    return "response_id";
  if (g_strcmp0 (a->item_id, b->item_id) != 0)
    return "item_id";
  if (g_strcmp0 (a->previous_item_id, b->previous_item_id) != 0)
    return "previous_item_id";
  if (a->content_index != b->content_index)
    return "content_index";
  if (g_strcmp0 (a->text, b->text) != 0)
    return "text";
  if ((a->audio != NULL) != (b->audio != NULL) ||
      (a->audio != NULL && !g_bytes_equal (a->audio, b->audio)))
    return "audio";
  return NULL;
}
