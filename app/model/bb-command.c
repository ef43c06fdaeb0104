/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-command.h"

/* clang-format off */
G_DEFINE_BOXED_TYPE (BbCommand, bb_command, bb_command_ref, bb_command_unref)
/* clang-format on */

void
bb_filter_clear (BbFilter *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->call_id, g_free);
  g_clear_pointer (&self->since, g_date_time_unref);
  g_clear_pointer (&self->until, g_date_time_unref);
}

/**
 * bb_filter_copy_into:
 * @self: the filter
 * @copy: (out caller-allocates): what it held is not freed
 */
void
bb_filter_copy_into (const BbFilter *self, BbFilter *copy)
{
  *copy = (BbFilter){
    .state = self->state,
    .text = g_strdup (self->text),
    .call_id = g_strdup (self->call_id),
    .since = self->since != NULL ? g_date_time_ref (self->since) : NULL,
    .until = self->until != NULL ? g_date_time_ref (self->until) : NULL,
    .limit = self->limit,
  };
}

BbCommand *
bb_command_new (BbCommandKind kind, const char *id, const char *text)
{
  BbCommand *self = g_atomic_rc_box_new0 (BbCommand);

  self->kind = kind;
  self->id = g_strdup (id);
  self->text = g_strdup (text);
  self->filter.state = -1;
  return self;
}

BbCommand *
bb_command_ref (const BbCommand *self)
{
  return g_atomic_rc_box_acquire ((BbCommand *)self);
}

static void
command_clear (BbCommand *self)
{
  g_free (self->id);
  g_free (self->text);
  g_free (self->number);
  g_free (self->group);
  g_free (self->format);
  bb_filter_clear (&self->filter);
  g_clear_pointer (&self->settings, bb_settings_free);
}

void
bb_command_unref (BbCommand *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify)command_clear);
}

gboolean
bb_command_is_of_call (BbCommandKind kind)
{
  return kind <= BB_COMMAND_NOTE;
}

gboolean
bb_command_is_of_order (BbCommandKind kind)
{
  return kind >= BB_COMMAND_GET_ORDER && kind <= BB_COMMAND_CANCEL_ORDER;
}
