/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-settings.h"
#include "bb-types.h"

G_BEGIN_DECLS

/**
 * BbCommandKind:
 *
 * All that a person can ask of a gateway. What each takes of #BbCommand, and
 * what bb_operator_perform_finish() gives for it.
 */
typedef enum
{
  /* Calls: id; gives nothing. */
  BB_COMMAND_HANG_UP,
  BB_COMMAND_ANSWER,       /* by_operator: the line that is open speaks, not the bot */
  BB_COMMAND_REFUSE,       /* a call that rings */
  BB_COMMAND_TRANSFER,     /* text: SIP URI; NULL: [calls] operator */
  BB_COMMAND_SET_MODE,     /* mode: of the call's audio line */
  BB_COMMAND_WHISPER,      /* text: told to the bot, not to the caller; respond: it answers at once */
  BB_COMMAND_NOTE,         /* text: a line of the transcript */
  /* Orders: id (or number); gives the #BbOrder as it is then. */
  BB_COMMAND_GET_ORDER,
  BB_COMMAND_ADD_LINE,     /* number, quantity: more of it */
  BB_COMMAND_CHANGE_LINE,  /* number, quantity: the new one */
  BB_COMMAND_REMOVE_LINE,  /* number */
  BB_COMMAND_NOTE_ORDER,   /* text: the new note */
  BB_COMMAND_APPROVE_ORDER, /* submits it: a person answers for it in place of the read-back */
  BB_COMMAND_CANCEL_ORDER,
  /* Lists */
  BB_COMMAND_LIST_ORDERS,  /* filter; gives (element-type BbOrder), newest first */
  BB_COMMAND_EXPORT_ORDERS, /* filter, format; gives #GBytes */
  BB_COMMAND_SEARCH,       /* text, group, filter.limit; gives (element-type BbProductMatch) */
  BB_COMMAND_LIST_HISTORY, /* filter; gives (element-type BbCall) without transcripts, newest first */
  BB_COMMAND_GET_HISTORY,  /* id; gives the #BbCall with transcript */
  BB_COMMAND_GET_RECORDING, /* id; gives #GBytes */
  /* Settings: gives #BbSettings. */
  BB_COMMAND_GET_SETTINGS,
  BB_COMMAND_CHANGE_SETTINGS, /* settings, fields */
  BB_N_COMMANDS
} BbCommandKind;

/* A list of a gateway holds at most so many; more are asked for with `until`. */
#define BB_COMMAND_MAX_LIMIT 500
/* Bytes of whispers, notes and searches; longer ones are refused. */
#define BB_COMMAND_MAX_TEXT 2000

/**
 * BbFilter:
 *
 * Which of many: what is unset leaves nothing out.
 */
typedef struct
{
  int state;        /* a #BbOrderState; -1: all */
  char *text;       /* words: caller, number, note, articles; of calls the transcript too; folded as in a search */
  char *call_id;    /* orders of this call */
  GDateTime *since; /* begun then or later */
  GDateTime *until; /* begun before */
  guint limit;      /* 0: the default of the list; an export: all */
} BbFilter;

void bb_filter_clear (BbFilter *self);
void bb_filter_copy_into (const BbFilter *self, BbFilter *copy);
#define BB_FILTER_ALL { .state = -1 }

/**
 * BbCommand:
 *
 * One thing asked. Filled by whoever asks, read-only from then on; any thread.
 */
typedef struct
{
  BbCommandKind kind;
  char *id;
  char *text;
  char *number;    /* of an article */
  char *group;     /* product group; NULL: all */
  char *format;    /* "csv" or "json" */
  guint quantity;
  BbOperatorMode mode;
  gboolean by_operator;
  gboolean respond;
  BbFilter filter;
  BbSettings *settings;
  BbSettingsFields fields;
} BbCommand;

#define BB_TYPE_COMMAND (bb_command_get_type ())
GType bb_command_get_type (void);
/* @id, @text: (nullable), copied. Everything else is unset. (transfer full) */
BbCommand *bb_command_new (BbCommandKind kind, const char *id, const char *text);
BbCommand *bb_command_ref (const BbCommand *self);
void bb_command_unref (BbCommand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbCommand, bb_command_unref)

gboolean bb_command_is_of_call (BbCommandKind kind);  /* the group "Calls" above */
gboolean bb_command_is_of_order (BbCommandKind kind); /* the group "Orders" above */

G_END_DECLS
