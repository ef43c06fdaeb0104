/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-operator.h"

G_BEGIN_DECLS

/* What the server counts of itself. */
typedef struct
{
  guint n_event_clients;
  guint n_audio_clients;
  guint n_connections;
  guint64 requests;
  guint64 unauthorized;   /* no token, or a wrong one */
  guint64 forbidden;      /* role, host, origin */
  guint64 limited;        /* too many requests */
  guint64 frames_in;      /* of operators' sound */
  guint64 frames_dropped; /* sound that a client did not take in time */
} BbApiFigures;

/**
 * BbApiMetrics:
 *
 * The figures of /metrics, counted over all calls since the start, those that
 * have left the list too. Main context only.
 */
typedef struct _BbApiMetrics BbApiMetrics;

BbApiMetrics *bb_api_metrics_new (BbOperator *oper);
void bb_api_metrics_free (BbApiMetrics *self);
guint bb_api_metrics_count_active (BbApiMetrics *self);
/* Prometheus text format 0.0.4. (transfer full) */
char *bb_api_metrics_print (BbApiMetrics *self, const BbApiFigures *figures);

G_END_DECLS
