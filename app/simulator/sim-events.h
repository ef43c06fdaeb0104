/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-check.h"

G_BEGIN_DECLS

typedef enum
{
  SIM_EVENT_SESSION_UPDATE,
  SIM_EVENT_APPEND,
  SIM_EVENT_COMMIT,
  SIM_EVENT_CLEAR,
  SIM_EVENT_ITEM_CREATE,
  SIM_EVENT_ITEM_RETRIEVE,
  SIM_EVENT_ITEM_TRUNCATE,
  SIM_EVENT_ITEM_DELETE,
  SIM_EVENT_RESPONSE_CREATE,
  SIM_EVENT_RESPONSE_CANCEL,
  SIM_EVENT_OUTPUT_CLEAR,
} SimEventType;

SimError *sim_events_check (JsonObject *event, SimEventType *type);

G_END_DECLS
