/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbCallList:
 *
 * The calls of a gateway: those of now, ringing ones first, and those of
 * before, searched by words.
 *
 * Properties: operator (#BbOperator, nullable), call (#BbCall, nullable: the
 * chosen one; of an earlier call the whole of it, once it has come).
 * Signals: "failed" (const char *title, const char *text): for a banner;
 * "activated" (): the chosen call was asked for once more.
 */
#define BB_TYPE_CALL_LIST (bb_call_list_get_type ())
G_DECLARE_FINAL_TYPE (BbCallList, bb_call_list, BB, CALL_LIST, GtkWidget)

#define BB_CALL_LIST_PROP_OPERATOR "operator"
#define BB_CALL_LIST_PROP_CALL "call"
#define BB_CALL_LIST_SIGNAL_FAILED "failed"

void bb_call_list_set_operator (BbCallList *self, BbOperator *operator_);
BbCall *bb_call_list_get_call (BbCallList *self); /* (transfer none) (nullable) */
/* One of the calls of now; NULL: none. */
void bb_call_list_select (BbCallList *self, BbCall *call);
void bb_call_list_focus_search (BbCallList *self);
gboolean bb_call_list_get_earlier (BbCallList *self);
void bb_call_list_set_earlier (BbCallList *self, gboolean earlier);

G_END_DECLS
