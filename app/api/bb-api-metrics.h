/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-operator.h"

G_BEGIN_DECLS

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
char *bb_api_metrics_print (BbApiMetrics *self, guint n_clients);

G_END_DECLS
