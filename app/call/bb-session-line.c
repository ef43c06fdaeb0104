/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-session-line.h"

#include <glib/gi18n-lib.h>

#include "bb-call-session-private.h"
#include "bb-operator.h"

struct _BbSessionLine
{
  BbOperatorLine parent_instance;

  BbCallSession *session; /* (unowned); NULL: let go */
};

G_DEFINE_FINAL_TYPE (BbSessionLine, bb_session_line, BB_TYPE_OPERATOR_LINE)

static void
bb_session_line_set_mode (BbOperatorLine *line, GTask *task, BbOperatorMode mode)
{
  BbSessionLine *self = BB_SESSION_LINE (line);
  GError *error = NULL;

  if (self->session == NULL || !bb_call_session_set_line_mode (self->session, self, mode, &error))
    {
      if (error == NULL)
        error = g_error_new_literal (BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_ENDED,
                                     _ ("The call has ended."));
      g_task_return_error (task, error);
    }
  else
    g_task_return_boolean (task, TRUE);
}

static void
bb_session_line_push (BbOperatorLine *line, GBytes *frame)
{
  BbSessionLine *self = BB_SESSION_LINE (line);

  if (self->session != NULL)
    bb_call_session_push_operator_audio (self->session, self, frame);
}

static void
bb_session_line_close (BbOperatorLine *line)
{
  BbSessionLine *self = BB_SESSION_LINE (line);
  BbCallSession *session = g_steal_pointer (&self->session);

  if (session != NULL)
    bb_call_session_drop_line (session, self);
}

static void
bb_session_line_dispose (GObject *object)
{
  bb_session_line_close (BB_OPERATOR_LINE (object));

  G_OBJECT_CLASS (bb_session_line_parent_class)->dispose (object);
}

static void
bb_session_line_class_init (BbSessionLineClass *klass)
{
  BbOperatorLineClass *line_class = BB_OPERATOR_LINE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_session_line_dispose;
  line_class->set_mode = bb_session_line_set_mode;
  line_class->push = bb_session_line_push;
  line_class->close = bb_session_line_close;
}

static void
bb_session_line_init (BbSessionLine *self)
{
}

BbSessionLine *
bb_session_line_new (BbCallSession *session)
{
  BbSessionLine *self = g_object_new (BB_TYPE_SESSION_LINE, NULL);

  self->session = session;
  bb_operator_line_update_mode (BB_OPERATOR_LINE (self), BB_OPERATOR_LISTEN);
  return self;
}

void
bb_session_line_end (BbSessionLine *self)
{
  g_autoptr (GError) error = g_error_new_literal (BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_ENDED,
                                                  _ ("The call has ended."));

  self->session = NULL;
  bb_operator_line_emit_closed (BB_OPERATOR_LINE (self), error);
}
