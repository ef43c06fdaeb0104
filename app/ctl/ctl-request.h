/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "ctl.h"

G_BEGIN_DECLS

/* Talking to the gateway's API. */

gboolean ctl_ensure_url (Ctl *ctl, GError **error);
BbApiClient *ctl_new_client (Ctl *ctl, GError **error); /* (transfer full) */
/* One request; waits for the answer. (transfer full) */
JsonNode *ctl_request (Ctl *ctl, const char *method, const char *path, JsonNode *body, GError **error);
/* A new object and the node that owns it. (transfer full) */
JsonNode *ctl_object (JsonObject **object);
char *ctl_path (const char *before, const char *id, const char *after);

/* By id or a beginning of it that only one call has. NULL: @status, and said. */
char *ctl_find_call (Ctl *ctl, const char *wanted, int *status);
/* A call with its transcript and order. */
void ctl_put_call (Ctl *ctl, BbCall *call);

G_END_DECLS
