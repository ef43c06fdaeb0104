/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-call.h"
#include "bb-command.h"
#include "bb-operator-line.h"
#include "bb-product-match.h"
#include "bb-settings.h"

G_BEGIN_DECLS

#define BB_OPERATOR_ERROR (bb_operator_error_quark ())
GQuark bb_operator_error_quark (void);

/* Every message is a sentence for people, in their language where it is ours. */
typedef enum
{
  BB_OPERATOR_ERROR_NOT_FOUND,   /* no such call, order, recording */
  BB_OPERATOR_ERROR_INVALID,     /* what was asked makes no sense: a setting out of range, an empty text */
  BB_OPERATOR_ERROR_STATE,       /* not now: the call has ended, the order is submitted */
  BB_OPERATOR_ERROR_REFUSED,     /* the merchant's rules forbid it: packs, limits, unknown articles */
  BB_OPERATOR_ERROR_BUSY,        /* another operator speaks in this call */
  BB_OPERATOR_ERROR_UNAVAILABLE, /* this gateway has no such thing: no catalogue, nobody to transfer to */
  BB_OPERATOR_ERROR_FORBIDDEN,   /* the token's role does not reach so far */
  BB_OPERATOR_ERROR_UNREACHABLE, /* the gateway does not answer */
  BB_OPERATOR_ERROR_ENDED,       /* of a line: its call has ended */
  BB_OPERATOR_ERROR_FAILED       /* anything else; the gateway's log says more */
} BbOperatorError;

/* "not-found" …: the codes of the API. */
const char *bb_operator_error_nick (BbOperatorError code);
gboolean bb_operator_error_from_nick (const char *nick, BbOperatorError *code);

/**
 * BbOperator:
 *
 * All that a person can do with a gateway's calls, orders, catalogue and
 * settings. Implemented by the controller in the same process and by the API
 * client for a remote gateway; a window can't tell which it has.
 *
 * The calls are live: one list of #BbCall, with transcript and order, that
 * changes as they do. Everything else is asked for, and answered through the
 * callback on the main context, always after the call that asked has returned.
 * Each question has a function …_async below; its answer is fetched with the
 * finish function that its line names. An order that is given back is a copy of
 * its own; the order of a live call changes in the call's own object too.
 * Main context only.
 */
#define BB_TYPE_OPERATOR (bb_operator_get_type ())
G_DECLARE_INTERFACE (BbOperator, bb_operator, BB, OPERATOR, GObject)

struct _BbOperatorInterface
{
  GTypeInterface parent_iface;

  GListModel *(*get_calls) (BbOperator *self);
  /* Carries @command out and returns its result on @task, as BbCommandKind says;
   * pointers with the right free function. TRUE for what gives nothing. */
  void (*perform) (BbOperator *self, GTask *task, const BbCommand *command);
  /* Returns a #BbOperatorLine on @task. */
  void (*open_line) (BbOperator *self, GTask *task, const char *call_id);
};

GListModel *bb_operator_get_calls (BbOperator *self); /* of #BbCall, live and just ended, oldest first (transfer none) */
BbCall *bb_operator_find_call (BbOperator *self, const char *id); /* (transfer full) (nullable) */

/* ---- calls: bb_operator_finish() -------------------------------------- */

/* Ends it; one that has ended is no error. */
void bb_operator_hang_up_async (BbOperator *self, BbCall *call, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
/* The same for a button: what goes wrong is a line in the log. */
void bb_operator_hang_up (BbOperator *self, BbCall *call);
/* Picks up a call that rings for people ([calls] operator-first). @by_operator:
 * the operator's line, open already, speaks in the bot's place; else the bot. */
void bb_operator_answer_async (BbOperator *self, BbCall *call, gboolean by_operator, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
/* Of a call that rings: 603 Decline. */
void bb_operator_refuse_async (BbOperator *self, BbCall *call, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
/* Blind transfer (RFC 3515). @target: SIP URI; NULL: [calls] operator. The call
 * ends when the other side has taken it, and goes on when it does not. */
void bb_operator_transfer_async (BbOperator *self, BbCall *call, const char *target, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* An instruction to the bot, which the caller does not hear. @respond: the bot
 * acts on it at once, else with its next answer. */
void bb_operator_whisper_async (BbOperator *self, BbCall *call, const char *text, gboolean respond,
                                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* A note in the transcript, for people. */
void bb_operator_note_async (BbOperator *self, BbCall *call, const char *text, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/* The mode of the call's line, for whoever has no line of their own: to hand
 * back (AWAY or LISTEN), or to let the one line that is open speak. */
void bb_operator_set_mode_async (BbOperator *self, BbCall *call, BbOperatorMode mode, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean bb_operator_finish (BbOperator *self, GAsyncResult *result, GError **error);

/* An audio line into a call, to listen (its first mode) and to speak. It may be
 * opened while the call rings; sound comes with the answer. */
void bb_operator_open_line_async (BbOperator *self, BbCall *call, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
BbOperatorLine *bb_operator_open_line_finish (BbOperator *self, GAsyncResult *result, GError **error); /* (transfer full) */

/* ---- one order: bb_operator_order_finish() ---------------------------- */

/* @id: id, a beginning of it that no other order has, or number. Lines of a
 * submitted or cancelled order are fixed. Prices and names come from the
 * catalogue alone, and the limits of [orders] hold. The bot of a call that goes
 * on is told. */
void bb_operator_get_order_async (BbOperator *self, const char *id, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
void bb_operator_add_line_async (BbOperator *self, const char *id, const char *number, guint quantity,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void bb_operator_change_line_async (BbOperator *self, const char *id, const char *number, guint quantity,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void bb_operator_remove_line_async (BbOperator *self, const char *id, const char *number, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
void bb_operator_note_order_async (BbOperator *self, const char *id, const char *note, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
/* Submits it, once: an order that is submitted already gives its number. */
void bb_operator_approve_order_async (BbOperator *self, const char *id, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
void bb_operator_cancel_order_async (BbOperator *self, const char *id, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
BbOrder *bb_operator_order_finish (BbOperator *self, GAsyncResult *result, GError **error); /* (transfer full) */

/* ---- lists ------------------------------------------------------------ */

/* @filter (nullable): copied. bb_operator_list_finish(): (element-type BbOrder), without lines */
void bb_operator_list_orders_async (BbOperator *self, const BbFilter *filter, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
/* @format: "csv" or "json". bb_operator_bytes_finish(): UTF-8 */
void bb_operator_export_orders_async (BbOperator *self, const BbFilter *filter, const char *format,
                                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* As the bot searches. @group (nullable), @limit 0: 20. bb_operator_list_finish():
 * (element-type BbProductMatch), best first */
void bb_operator_search_async (BbOperator *self, const char *text, const char *group, guint limit,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Calls that have ended, also before this start. bb_operator_list_finish():
 * (element-type BbCall) without transcript and order lines, newest first */
void bb_operator_list_history_async (BbOperator *self, const BbFilter *filter, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *bb_operator_list_finish (BbOperator *self, GAsyncResult *result, GError **error); /* (transfer full) */
/* One of them, with its transcript (where one was kept) and order. bb_operator_call_finish() */
void bb_operator_get_history_async (BbOperator *self, const char *id, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
BbCall *bb_operator_call_finish (BbOperator *self, GAsyncResult *result, GError **error); /* (transfer full) */
/* The sound of a call that was recorded and has ended, Ogg or WAV. bb_operator_bytes_finish() */
void bb_operator_get_recording_async (BbOperator *self, const char *call_id, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
GBytes *bb_operator_bytes_finish (BbOperator *self, GAsyncResult *result, GError **error); /* (transfer full) */

/* ---- settings: bb_operator_settings_finish() -------------------------- */

void bb_operator_get_settings_async (BbOperator *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Those that @fields names of @settings, all or none. */
void bb_operator_change_settings_async (BbOperator *self, const BbSettings *settings, BbSettingsFields fields,
                                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
BbSettings *bb_operator_settings_finish (BbOperator *self, GAsyncResult *result, GError **error); /* (transfer full) */

/* ---- the general form, for servers and programs ----------------------- */

void bb_operator_perform_async (BbOperator *self, const BbCommand *command, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
/* For commands that give nothing: a pointer that is not NULL. (transfer full) */
gpointer bb_operator_perform_finish (BbOperator *self, GAsyncResult *result, GError **error);

G_END_DECLS
