/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-types.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/* One row per value: what GObject, logs and people call it. */
typedef struct
{
  GEnumValue value; /* name, nick */
  const char *label;
} EnumRow;

static const EnumRow call_states[] = {
  { { BB_CALL_INCOMING, "BB_CALL_INCOMING", "incoming" }, N_ ("Ringing") },
  { { BB_CALL_ANSWERING, "BB_CALL_ANSWERING", "answering" }, N_ ("Answering") },
  { { BB_CALL_TALKING, "BB_CALL_TALKING", "talking" }, N_ ("Talking to the bot") },
  { { BB_CALL_OPERATOR, "BB_CALL_OPERATOR", "operator" }, N_ ("Talking to an operator") },
  { { BB_CALL_ENDING, "BB_CALL_ENDING", "ending" }, N_ ("Hanging up") },
  { { BB_CALL_ENDED, "BB_CALL_ENDED", "ended" }, N_ ("Ended") },
};

static const EnumRow call_ends[] = {
  { { BB_CALL_END_NONE, "BB_CALL_END_NONE", "none" }, N_ ("Not ended") },
  { { BB_CALL_END_CALLER, "BB_CALL_END_CALLER", "caller" }, N_ ("The caller hung up") },
  { { BB_CALL_END_BOT, "BB_CALL_END_BOT", "bot" }, N_ ("The bot said goodbye") },
  { { BB_CALL_END_OPERATOR, "BB_CALL_END_OPERATOR", "operator" }, N_ ("An operator hung up") },
  { { BB_CALL_END_TRANSFER, "BB_CALL_END_TRANSFER", "transfer" }, N_ ("Passed to a person") },
  { { BB_CALL_END_REFUSED, "BB_CALL_END_REFUSED", "refused" }, N_ ("Refused") },
  { { BB_CALL_END_LOST, "BB_CALL_END_LOST", "lost" }, N_ ("Connection to the caller lost") },
  { { BB_CALL_END_ERROR, "BB_CALL_END_ERROR", "error" }, N_ ("Failed") },
  { { BB_CALL_END_LIMIT, "BB_CALL_END_LIMIT", "limit" }, N_ ("Longest call duration reached") },
  { { BB_CALL_END_SHUTDOWN, "BB_CALL_END_SHUTDOWN", "shutdown" }, N_ ("The gateway was stopped") },
};

static const EnumRow transcript_kinds[] = {
  { { BB_TRANSCRIPT_CALLER, "BB_TRANSCRIPT_CALLER", "caller" }, N_ ("Caller") },
  { { BB_TRANSCRIPT_BOT, "BB_TRANSCRIPT_BOT", "bot" }, N_ ("Bot") },
  { { BB_TRANSCRIPT_OPERATOR, "BB_TRANSCRIPT_OPERATOR", "operator" }, N_ ("Operator") },
  { { BB_TRANSCRIPT_TOOL, "BB_TRANSCRIPT_TOOL", "tool" }, N_ ("Tool") },
  { { BB_TRANSCRIPT_NOTE, "BB_TRANSCRIPT_NOTE", "note" }, N_ ("Note") },
};

static const EnumRow order_states[] = {
  { { BB_ORDER_DRAFT, "BB_ORDER_DRAFT", "draft" }, N_ ("Draft") },
  { { BB_ORDER_READ_BACK, "BB_ORDER_READ_BACK", "read-back" }, N_ ("Read back") },
  { { BB_ORDER_SUBMITTED, "BB_ORDER_SUBMITTED", "submitted" }, N_ ("Submitted") },
  { { BB_ORDER_CANCELLED, "BB_ORDER_CANCELLED", "cancelled" }, N_ ("Cancelled") },
};

static const EnumRow operator_modes[] = {
  { { BB_OPERATOR_AWAY, "BB_OPERATOR_AWAY", "away" }, N_ ("Nobody listens") },
  { { BB_OPERATOR_LISTEN, "BB_OPERATOR_LISTEN", "listen" }, N_ ("An operator listens") },
  { { BB_OPERATOR_WHISPER, "BB_OPERATOR_WHISPER", "whisper" }, N_ ("An operator whispers to the bot") },
  { { BB_OPERATOR_TAKE_OVER, "BB_OPERATOR_TAKE_OVER", "take-over" }, N_ ("An operator speaks, the bot is silent") },
  { { BB_OPERATOR_CONFERENCE, "BB_OPERATOR_CONFERENCE", "conference" }, N_ ("Operator, bot and caller hear each other") },
};

/* Each enum's GType and its two spellings, out of its table. The rows stand in
 * the order of their values, which start at 0 (tests/unit/test-model.c). */
#define DEFINE_ENUM(TypeName, type_name, rows)                                                     \
  GType type_name##_get_type (void)                                                                \
  {                                                                                                \
    static gsize type;                                                                             \
                                                                                                   \
    if (g_once_init_enter (&type))                                                                 \
      {                                                                                            \
        static GEnumValue values[G_N_ELEMENTS (rows) + 1];                                         \
                                                                                                   \
        for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)                                            \
          values[i] = rows[i].value;                                                               \
        g_once_init_leave (&type,                                                                  \
                           g_enum_register_static (g_intern_static_string (#TypeName), values));   \
      }                                                                                            \
    return type;                                                                                   \
  }                                                                                                \
                                                                                                   \
  const char *type_name##_nick (TypeName value)                                                    \
  {                                                                                                \
    g_return_val_if_fail ((guint)value < G_N_ELEMENTS (rows), "");                                 \
    return rows[value].value.value_nick;                                                           \
  }                                                                                                \
                                                                                                   \
  const char *type_name##_label (TypeName value)                                                   \
  {                                                                                                \
    g_return_val_if_fail ((guint)value < G_N_ELEMENTS (rows), "");                                 \
    return _ (rows[value].label);                                                                  \
  }

DEFINE_ENUM (BbCallState, bb_call_state, call_states)
DEFINE_ENUM (BbCallEnd, bb_call_end, call_ends)
DEFINE_ENUM (BbTranscriptKind, bb_transcript_kind, transcript_kinds)
DEFINE_ENUM (BbOrderState, bb_order_state, order_states)
DEFINE_ENUM (BbOperatorMode, bb_operator_mode, operator_modes)

static gboolean
value_from_nick (const EnumRow *rows, gsize n_rows, const char *nick, int *value)
{
  for (gsize i = 0; nick != NULL && i < n_rows; i++)
    {
      if (strcmp (rows[i].value.value_nick, nick) == 0)
        {
          *value = rows[i].value.value;
          return TRUE;
        }
    }

  return FALSE;
}

/* The same for each enum: FALSE leaves @value alone. */
#define DEFINE_FROM_NICK(TypeName, type_name, rows)                                                \
  gboolean type_name##_from_nick (const char *nick, TypeName *value)                               \
  {                                                                                                \
    int found;                                                                                     \
                                                                                                   \
    g_return_val_if_fail (value != NULL, FALSE);                                                   \
    if (!value_from_nick (rows, G_N_ELEMENTS (rows), nick, &found))                                \
      return FALSE;                                                                                \
    *value = (TypeName)found;                                                                      \
    return TRUE;                                                                                   \
  }

DEFINE_FROM_NICK (BbCallState, bb_call_state, call_states)
DEFINE_FROM_NICK (BbCallEnd, bb_call_end, call_ends)
DEFINE_FROM_NICK (BbTranscriptKind, bb_transcript_kind, transcript_kinds)
DEFINE_FROM_NICK (BbOrderState, bb_order_state, order_states)
DEFINE_FROM_NICK (BbOperatorMode, bb_operator_mode, operator_modes)

/* The thread that may change model objects. */
static GThread *owner; /* (atomic) */

/* Programs are loaded on their main thread, before any other exists. */
__attribute__ ((constructor)) static void
remember_main_thread (void)
{
  g_atomic_pointer_set (&owner, g_thread_self ());
}

/**
 * bb_assert_main_context:
 * @function: for the message: whose precondition this is
 *
 * The owner is the thread that loaded the program, whether or not its loop
 * iterates at the moment: set-up before the loop and tests without one are
 * fine. When the default main context is iterated by another thread instead,
 * that one becomes the owner with its first change. Every other thread aborts
 * the program: a race in the model is a bug that must not stay hidden.
 */
void
bb_assert_main_context (const char *function)
{
  GThread *self = g_thread_self ();

  if (G_LIKELY (self == g_atomic_pointer_get (&owner)))
    return;

  if (g_main_context_is_owner (g_main_context_default ()))
    {
      g_atomic_pointer_set (&owner, self);
      return;
    }

  g_error ("%s: called outside the main context's thread; hand it over with "
           "g_main_context_invoke_full()",
           function);
}
