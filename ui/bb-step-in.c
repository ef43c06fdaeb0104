/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-step-in.h"

#include <glib/gi18n.h>

#include "bb-call-text.h"
#include "bb-headset.h"

struct _BbStepIn
{
  GObject parent_instance;

  GSimpleActionGroup *actions;
  BbOperator *operator_;
  BbCall *call;
  char *source;
  char *sink;

  GCancellable *cancellable; /* of whatever is under way for this call */
  gboolean opening;
  BbOperatorMode wanted; /* once the line is open */
  gboolean answers;      /* once it is open, the call is answered by it */
  BbOperatorLine *line;
  BbHeadset *headset;
};

G_DEFINE_FINAL_TYPE (BbStepIn, bb_step_in, G_TYPE_OBJECT)

enum
{
  CHANGED,
  LEVELS,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_talking (BbStepIn *self)
{
  BbCallState state = self->call != NULL ? bb_call_get_state (self->call) : BB_CALL_ENDED;

  return state == BB_CALL_TALKING || state == BB_CALL_OPERATOR;
}

static GSimpleAction *
get_action (BbStepIn *self, const char *name)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), name));
}

static void
enable (BbStepIn *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (get_action (self, name), enabled);
}

static void
show_on (BbStepIn *self, const char *name, gboolean on)
{
  g_simple_action_set_state (get_action (self, name), g_variant_new_boolean (on));
}

static void
update (BbStepIn *self)
{
  BbOperatorMode mode = bb_step_in_get_mode (self);
  gboolean talking = is_talking (self);
  gboolean phone = talking && !bb_call_text_is_local (self->call);
  gboolean waiting = self->call != NULL && bb_call_get_waiting (self->call);
  gboolean alive = self->call != NULL && bb_call_get_state (self->call) < BB_CALL_ENDING;

  enable (self, "listen", phone);
  enable (self, "take-over", phone);
  enable (self, "conference", phone);
  /* Also from one who has no line of their own: nobody keeps a call by accident. */
  enable (self, "hand-back",
          phone && bb_call_get_operator_mode (self->call) >= BB_OPERATOR_TAKE_OVER);
  enable (self, "whisper", talking);
  enable (self, "transfer", phone);
  enable (self, "hang-up", alive && !waiting);
  enable (self, "answer", waiting);
  enable (self, "answer-myself", waiting);
  enable (self, "refuse", waiting);
  show_on (self, "listen", mode != BB_OPERATOR_AWAY);
  show_on (self, "take-over", mode == BB_OPERATOR_TAKE_OVER);
  show_on (self, "conference", mode == BB_OPERATOR_CONFERENCE);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
fail (BbStepIn *self, const char *title, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[FAILED], 0, title, error->message);
}

/* ---- the line ------------------------------------------------------------ */

static void
drop_line (BbStepIn *self)
{
  g_autoptr (BbOperatorLine) line = g_steal_pointer (&self->line);

  if (self->headset != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->headset, self);
      bb_headset_stop (self->headset);
    }
  g_clear_object (&self->headset);
  if (line == NULL)
    return;
  g_signal_handlers_disconnect_by_data (line, self);
  bb_operator_line_close (line);
}

static void
on_line_closed (BbOperatorLine *line, const GError *error, BbStepIn *self)
{
  drop_line (self);
  if (error != NULL && !g_error_matches (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_ENDED))
    fail (self, _("The line into the call is gone; the bot has it again"), error);
  update (self);
}

static void
on_headset_failed (BbStepIn *self, const char *text)
{
  drop_line (self);
  g_signal_emit (self, signals[FAILED], 0, _("You are out of the call"), text);
  update (self);
}

static void
on_levels (BbHeadset *headset, double caller, double answer, double microphone, BbStepIn *self)
{
  g_signal_emit (self, signals[LEVELS], 0, caller, answer, microphone);
}

static void
on_mode_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbStepIn) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bb_operator_line_set_mode_finish (BB_OPERATOR_LINE (source), result, &error))
    fail (self, _("That did not work"), error);
  update (self);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbStepIn) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bb_operator_finish (BB_OPERATOR (source), result, &error))
    fail (self, _("That did not work"), error);
  update (self);
}

static void
set_mode (BbStepIn *self, BbOperatorMode mode)
{
  if (bb_operator_line_get_mode (self->line) != mode)
    bb_operator_line_set_mode_async (self->line, mode, self->cancellable, on_mode_set,
                                     g_object_ref (self));
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BbStepIn) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOperatorLine) line
      = bb_operator_open_line_finish (BB_OPERATOR (source), result, &error);

  if (line == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        self->opening = FALSE;
      fail (self, _("No line into the call"), error);
      update (self);
      return;
    }
  /* Another call is shown by now, or nothing is wanted any more. */
  if (!self->opening || self->line != NULL)
    {
      bb_operator_line_close (line);
      return;
    }

  self->opening = FALSE;
  self->line = g_steal_pointer (&line);
  g_signal_connect (self->line, BB_OPERATOR_LINE_SIGNAL_CLOSED, G_CALLBACK (on_line_closed), self);
  g_signal_connect_swapped (self->line, "notify::" BB_OPERATOR_LINE_PROP_MODE, G_CALLBACK (update),
                            self);
  self->headset = bb_headset_new (self->line, self->source, self->sink);
  g_signal_connect_swapped (self->headset, BB_HEADSET_SIGNAL_FAILED, G_CALLBACK (on_headset_failed),
                            self);
  g_signal_connect (self->headset, BB_HEADSET_SIGNAL_LEVELS, G_CALLBACK (on_levels), self);
  bb_headset_start (self->headset);
  if (self->line == NULL)
    return; /* there is no speaker */
  if (self->answers)
    bb_operator_answer_async (self->operator_, self->call, TRUE, self->cancellable, on_done,
                              g_object_ref (self));
  else
    set_mode (self, self->wanted);
  update (self);
}

static void
go_to (BbStepIn *self, BbOperatorMode mode)
{
  self->wanted = mode;
  if (self->line != NULL)
    {
      set_mode (self, mode);
    }
  else if (!self->opening)
    {
      self->opening = TRUE;
      bb_operator_open_line_async (self->operator_, self->call, self->cancellable, on_line,
                                   g_object_ref (self));
    }
}

static void
leave (BbStepIn *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->opening = FALSE;
  self->answers = FALSE;
  drop_line (self);
}

/* ---- actions ------------------------------------------------------------- */

static void
on_listen (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  BbStepIn *self = user_data;

  if (g_variant_get_boolean (state))
    {
      go_to (self, BB_OPERATOR_LISTEN);
      return;
    }
  leave (self);
  self->cancellable = g_cancellable_new ();
  update (self);
}

static void
on_take_over (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  go_to (user_data, g_variant_get_boolean (state) ? BB_OPERATOR_TAKE_OVER : BB_OPERATOR_LISTEN);
}

static void
on_conference (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  go_to (user_data, g_variant_get_boolean (state) ? BB_OPERATOR_CONFERENCE : BB_OPERATOR_LISTEN);
}

static void
on_hand_back (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;

  if (self->line != NULL)
    go_to (self, BB_OPERATOR_LISTEN);
  else
    bb_operator_set_mode_async (self->operator_, self->call, BB_OPERATOR_AWAY, self->cancellable,
                                on_done, g_object_ref (self));
}

static void
on_answer (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;

  bb_operator_answer_async (self->operator_, self->call, FALSE, self->cancellable, on_done,
                            g_object_ref (self));
}

static void
on_answer_myself (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;

  self->answers = TRUE;
  go_to (self, BB_OPERATOR_TAKE_OVER);
}

static void
on_refuse (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;

  bb_operator_refuse_async (self->operator_, self->call, self->cancellable, on_done,
                            g_object_ref (self));
}

static void
on_transfer (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;
  const char *target = g_variant_get_string (parameter, NULL);

  bb_operator_transfer_async (self->operator_, self->call, *target != '\0' ? target : NULL,
                              self->cancellable, on_done, g_object_ref (self));
}

static void
on_hang_up (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;

  bb_operator_hang_up_async (self->operator_, self->call, self->cancellable, on_done,
                             g_object_ref (self));
}

static void
on_whisper (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BbStepIn *self = user_data;

  bb_operator_whisper_async (self->operator_, self->call, g_variant_get_string (parameter, NULL),
                             TRUE, self->cancellable, on_done, g_object_ref (self));
}

/* ---- the object ---------------------------------------------------------- */

GActionGroup *
bb_step_in_get_actions (BbStepIn *self)
{
  g_return_val_if_fail (BB_IS_STEP_IN (self), NULL);

  return G_ACTION_GROUP (self->actions);
}

/**
 * bb_step_in_set_call:
 * @self: the operator's part
 * @operator_: (nullable): whose call it is
 * @call: (nullable): the call that is shown from now on
 */
void
bb_step_in_set_call (BbStepIn *self, BbOperator *operator_, BbCall *call)
{
  g_return_if_fail (BB_IS_STEP_IN (self));

  if (self->call == call && self->operator_ == operator_)
    return;

  if (operator_ == NULL)
    call = NULL;
  leave (self);
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_set_object (&self->operator_, operator_);
  g_set_object (&self->call, call);
  if (self->call != NULL)
    {
      self->cancellable = g_cancellable_new ();
      g_signal_connect_swapped (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (update), self);
    }
  update (self);
}

/**
 * bb_step_in_set_devices:
 * @self: the operator's part
 * @source: (nullable): description of the element that records
 * @sink: (nullable): description of the element that plays
 */
void
bb_step_in_set_devices (BbStepIn *self, const char *source, const char *sink)
{
  g_return_if_fail (BB_IS_STEP_IN (self));

  g_free (self->source);
  self->source = g_strdup (source);
  g_free (self->sink);
  self->sink = g_strdup (sink);
}

BbOperator *
bb_step_in_get_operator (BbStepIn *self)
{
  g_return_val_if_fail (BB_IS_STEP_IN (self), NULL);

  return self->operator_;
}

BbOperatorMode
bb_step_in_get_mode (BbStepIn *self)
{
  g_return_val_if_fail (BB_IS_STEP_IN (self), BB_OPERATOR_AWAY);

  return self->line != NULL ? MAX (bb_operator_line_get_mode (self->line), BB_OPERATOR_LISTEN)
                            : BB_OPERATOR_AWAY;
}

static void
bb_step_in_dispose (GObject *object)
{
  BbStepIn *self = BB_STEP_IN (object);

  leave (self);
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  g_clear_object (&self->operator_);

  G_OBJECT_CLASS (bb_step_in_parent_class)->dispose (object);
}

static void
bb_step_in_finalize (GObject *object)
{
  BbStepIn *self = BB_STEP_IN (object);

  g_clear_object (&self->actions);
  g_free (self->source);
  g_free (self->sink);

  G_OBJECT_CLASS (bb_step_in_parent_class)->finalize (object);
}

static void
bb_step_in_class_init (BbStepInClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bb_step_in_dispose;
  G_OBJECT_CLASS (klass)->finalize = bb_step_in_finalize;

  signals[CHANGED] = g_signal_new (BB_STEP_IN_SIGNAL_CHANGED, BB_TYPE_STEP_IN, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LEVELS]
      = g_signal_new (BB_STEP_IN_SIGNAL_LEVELS, BB_TYPE_STEP_IN, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 3, G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[FAILED] = g_signal_new (BB_STEP_IN_SIGNAL_FAILED, BB_TYPE_STEP_IN, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
bb_step_in_init (BbStepIn *self)
{
  const GActionEntry entries[] = {
    { "listen", NULL, NULL, "false", on_listen },
    { "take-over", NULL, NULL, "false", on_take_over },
    { "conference", NULL, NULL, "false", on_conference },
    { "hand-back", on_hand_back },
    { "answer", on_answer },
    { "answer-myself", on_answer_myself },
    { "refuse", on_refuse },
    { "transfer", on_transfer, "s" },
    { "hang-up", on_hang_up },
    { "whisper", on_whisper, "s" },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  update (self);
}

/**
 * bb_step_in_new:
 *
 * Returns: (transfer full): an operator's part, in no call yet
 */
BbStepIn *
bb_step_in_new (void)
{
  return g_object_new (BB_TYPE_STEP_IN, NULL);
}
