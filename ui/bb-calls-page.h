/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <adwaita.h>

#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbCallsPage:
 *
 * The window's first page: all calls, and the chosen one beside them, or one
 * after the other in a narrow window.
 *
 * Properties: operator (#BbOperator, nullable), call (#BbCall, nullable: the
 * one that is shown).
 * Signals: "failed" (const char *title, const char *text): for a banner.
 */
#define BB_TYPE_CALLS_PAGE (bb_calls_page_get_type ())
G_DECLARE_FINAL_TYPE (BbCallsPage, bb_calls_page, BB, CALLS_PAGE, AdwBin)

#define BB_CALLS_PAGE_PROP_OPERATOR "operator"
#define BB_CALLS_PAGE_PROP_CALL "call"
#define BB_CALLS_PAGE_SIGNAL_FAILED "failed"

void bb_calls_page_set_operator (BbCallsPage *self, BbOperator *operator_);
void bb_calls_page_set_currency (BbCallsPage *self, const char *currency); /* ISO 4217 */
BbCall *bb_calls_page_get_call (BbCallsPage *self); /* (transfer none) (nullable) */
void bb_calls_page_show_call (BbCallsPage *self, BbCall *call);
/* The actions of #BbStepIn for the call that is shown. (transfer none) */
GActionGroup *bb_calls_page_get_actions (BbCallsPage *self);
void bb_calls_page_set_devices (BbCallsPage *self, const char *source, const char *sink);
void bb_calls_page_focus_whisper (BbCallsPage *self);
void bb_calls_page_ask_transfer (BbCallsPage *self);
/* Whether nothing but the invitation to begin is to be seen. */
gboolean bb_calls_page_is_empty (BbCallsPage *self);
/* Gives the keyboard to the button that begins a conversation. */
void bb_calls_page_focus_start (BbCallsPage *self);

G_END_DECLS
