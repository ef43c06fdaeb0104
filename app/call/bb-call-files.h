/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-call.h"
#include "bb-config.h"
#include "bb-media.h"

G_BEGIN_DECLS

/**
 * BbCallFiles:
 *
 * What a call leaves in [recording] folder, its recording and its session log,
 * and whether the caller has agreed to that. Main context only.
 */
typedef struct _BbCallFiles BbCallFiles;

BbCallFiles *bb_call_files_new (const BbConfig *config, BbCall *call, BbMedia *media);
void bb_call_files_free (BbCallFiles *self);

/* Where the Realtime element writes its log. (transfer full) */
char *bb_call_files_dup_log_path (BbCallFiles *self, GError **error);
/* Records from now on, if that is set and the caller has agreed. FALSE: it
 * should be recorded and can't be. */
gboolean bb_call_files_record (BbCallFiles *self, GError **error);
/* The caller's word, which may change: "no" deletes what was recorded. TRUE:
 * it is a new one. */
gboolean bb_call_files_decide (BbCallFiles *self, gboolean allowed);
/* Whether the caller has agreed, or need not be asked. */
gboolean bb_call_files_may_keep (BbCallFiles *self);
/* The call's media has stopped: what the caller did not agree to is deleted. */
void bb_call_files_end (BbCallFiles *self);

G_END_DECLS
