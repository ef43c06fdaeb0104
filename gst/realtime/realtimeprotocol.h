/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "realtimeevent.h"

G_BEGIN_DECLS

/* An event that the service may send. */
typedef struct
{
  const char *name;          /* on the wire */
  GstRealtimeEventType type; /* GST_REALTIME_EVENT_OTHER: ignored on purpose */
  const char *beta_of;       /* the current name; NULL: this is it */
  const char *what;          /* what it does here, or why nothing */
} GstRealtimeServerEvent;

/* An event that a client may send. */
typedef struct
{
  const char *name;
  const char *by;   /* property, pad or action that causes it; NULL: never sent */
  const char *what; /* when, or why not */
} GstRealtimeClientEvent;

const GstRealtimeServerEvent *gst_realtime_protocol_get_server_events (guint *n_events);
const GstRealtimeClientEvent *gst_realtime_protocol_get_client_events (guint *n_events);
char *gst_realtime_protocol_to_markdown (void);

G_END_DECLS
