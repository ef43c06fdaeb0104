/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-operator-line.h"

typedef struct
{
  BbOperatorMode mode;
  gboolean closed;
} BbOperatorLinePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BbOperatorLine, bb_operator_line, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_MODE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  FRAME,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define PRIVATE(self) ((BbOperatorLinePrivate *)bb_operator_line_get_instance_private (self))

static void
bb_operator_line_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_MODE)
    g_value_set_enum (value, PRIVATE (BB_OPERATOR_LINE (object))->mode);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
bb_operator_line_class_init (BbOperatorLineClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = bb_operator_line_get_property;

  properties[PROP_MODE]
      = g_param_spec_enum (BB_OPERATOR_LINE_PROP_MODE, NULL, NULL, BB_TYPE_OPERATOR_MODE,
                           BB_OPERATOR_AWAY,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);

  signals[FRAME]
      = g_signal_new (BB_OPERATOR_LINE_SIGNAL_FRAME, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[CLOSED]
      = g_signal_new (BB_OPERATOR_LINE_SIGNAL_CLOSED, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                      0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
bb_operator_line_init (BbOperatorLine *self)
{
}

BbOperatorMode
bb_operator_line_get_mode (BbOperatorLine *self)
{
  g_return_val_if_fail (BB_IS_OPERATOR_LINE (self), BB_OPERATOR_AWAY);

  return PRIVATE (self)->mode;
}

gboolean
bb_operator_line_is_closed (BbOperatorLine *self)
{
  g_return_val_if_fail (BB_IS_OPERATOR_LINE (self), TRUE);

  return PRIVATE (self)->closed;
}

/**
 * bb_operator_line_set_mode_async:
 * @self: the line
 * @mode: what it shall be
 * @cancellable: (nullable): a #GCancellable
 * @callback: called when it is, or is refused
 * @user_data: for @callback
 */
void
bb_operator_line_set_mode_async (BbOperatorLine *self,
                                 BbOperatorMode mode,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BB_IS_OPERATOR_LINE (self));
  BB_ASSERT_MAIN_CONTEXT ();

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bb_operator_line_set_mode_async);
  if (PRIVATE (self)->closed)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "the line is closed");
  else
    BB_OPERATOR_LINE_GET_CLASS (self)->set_mode (self, task, mode);
}

gboolean
bb_operator_line_set_mode_finish (BbOperatorLine *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bb_operator_line_push (BbOperatorLine *self, GBytes *frame)
{
  g_return_if_fail (BB_IS_OPERATOR_LINE (self));
  g_return_if_fail (g_bytes_get_size (frame) == BB_OPERATOR_LINE_UP_BYTES);
  BB_ASSERT_MAIN_CONTEXT ();

  if (!PRIVATE (self)->closed && PRIVATE (self)->mode > BB_OPERATOR_LISTEN)
    BB_OPERATOR_LINE_GET_CLASS (self)->push (self, frame);
}

void
bb_operator_line_close (BbOperatorLine *self)
{
  g_autoptr (BbOperatorLine) alive = NULL;

  g_return_if_fail (BB_IS_OPERATOR_LINE (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (PRIVATE (self)->closed)
    return;
  alive = g_object_ref (self);
  BB_OPERATOR_LINE_GET_CLASS (self)->close (self);
  bb_operator_line_emit_closed (self, NULL);
}

void
bb_operator_line_update_mode (BbOperatorLine *self, BbOperatorMode mode)
{
  if (PRIVATE (self)->mode == mode)
    return;
  PRIVATE (self)->mode = mode;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
}

void
bb_operator_line_emit_frame (BbOperatorLine *self, GBytes *frame)
{
  if (!PRIVATE (self)->closed)
    g_signal_emit (self, signals[FRAME], 0, frame);
}

void
bb_operator_line_emit_closed (BbOperatorLine *self, const GError *error)
{
  g_autoptr (BbOperatorLine) alive = NULL;

  if (PRIVATE (self)->closed)
    return;
  alive = g_object_ref (self);
  PRIVATE (self)->closed = TRUE;
  bb_operator_line_update_mode (self, BB_OPERATOR_AWAY);
  g_signal_emit (self, signals[CLOSED], 0, error);
}
