/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-config.h"

G_BEGIN_DECLS

/**
 * BbSpeech:
 *
 * Sentences the model may say to the caller. They are in the language of the
 * call, not in that of the program's user, so gettext is not asked.
 */
typedef enum
{
  BB_SPEECH_UNKNOWN_PRODUCT, /* number */
  BB_SPEECH_NO_QUANTITY,
  BB_SPEECH_MAX_QUANTITY,    /* most, unit */
  BB_SPEECH_WHOLE_PACKS,     /* name, pack and unit, two quantities */
  BB_SPEECH_WHOLE_PACKS_ONE, /* name, pack and unit, one quantity */
  BB_SPEECH_MAX_LINES,       /* most */
  BB_SPEECH_MAX_TOTAL,       /* most */
  BB_SPEECH_NOT_IN_ORDER,    /* number */
  BB_SPEECH_EMPTY,
  BB_SPEECH_NOT_READ_BACK,
  BB_SPEECH_CLOSED,
  BB_SPEECH_READ_LINE,       /* position, quantity and unit, name, total */
  BB_SPEECH_READ_TOTAL,      /* total */
  BB_SPEECH_STORE_FAILED,
  BB_SPEECH_BAD_ARGUMENTS,   /* what */
  BB_SPEECH_ARGUMENTS_NO_OBJECT,
  /* All with the argument's name first */
  BB_SPEECH_ARGUMENT_MISSING,
  BB_SPEECH_ARGUMENT_UNKNOWN,
  BB_SPEECH_ARGUMENT_STRING,
  BB_SPEECH_ARGUMENT_INTEGER,
  BB_SPEECH_ARGUMENT_NUMBER,
  BB_SPEECH_ARGUMENT_BOOLEAN,
  BB_SPEECH_ARGUMENT_MINIMUM, /* least */
  BB_SPEECH_ARGUMENT_MAXIMUM, /* most */
  BB_SPEECH_ARGUMENT_TOO_SHORT,
  BB_SPEECH_ARGUMENT_TOO_LONG,
  BB_SPEECH_ARGUMENT_NOT_LISTED,
  BB_SPEECH_UNKNOWN_TOOL,    /* name */
  BB_SPEECH_UNKNOWN_GROUP,   /* name */
  BB_SPEECH_NOTHING_TO_SEARCH,
  BB_SPEECH_NOT_CONFIRMED,
  BB_SPEECH_NOBODY_THERE,
  BB_SPEECH_CANCELLED,
  /* Told to the model, not said by it */
  BB_SPEECH_KEYS_PRESSED, /* which */
  BB_SPEECH_TRANSFER_FAILED,
  BB_SPEECH_ASK_RECORDING,
  BB_SPEECH_WHISPERED,         /* text */
  BB_SPEECH_OPERATOR_WHISPERS,
  BB_SPEECH_OPERATOR_JOINED,
  BB_SPEECH_OPERATOR_LEFT,
  BB_SPEECH_HANDED_BACK,       /* seconds */
  BB_SPEECH_ORDER_CHANGED,
  BB_SPEECH_ORDER_SUBMITTED,   /* number */
  BB_SPEECH_ORDER_CANCELLED,
  BB_N_SPEECHES
} BbSpeech;

char *bb_speech (const BbConfig *config, BbSpeech what, ...);
char *bb_speech_quantity (const BbConfig *config, guint quantity, const char *unit);
char *bb_speech_money (const BbConfig *config, gint64 cents);

G_END_DECLS
