/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-farewell.h"

struct _BbFarewell
{
  BbFarewellFunc func;
  gpointer user_data;
  guint timeout_ms;
  guint tail_ms;
  guint timeout;
  BbCallEnd end;       /* what follows the last words; END_NONE: none are expected */
  gboolean has_begun;  /* the response with the last words */
  gboolean speaking;   /* the bot is heard: its words may take as long as they take */
};

/**
 * bb_farewell_new:
 * @timeout_ms: how long nothing may be heard of the last words before the call
 *   ends all the same, ms
 * @tail_ms: from the last frame sent to the end of the call, ms: what the
 *   caller's jitter buffer still holds is lost when the call ends
 * @func: what to do then
 * @user_data: for @func
 *
 * Returns: (transfer full): expecting nothing
 */
BbFarewell *
bb_farewell_new (guint timeout_ms, guint tail_ms, BbFarewellFunc func, gpointer user_data)
{
  BbFarewell *self = g_new0 (BbFarewell, 1);

  self->timeout_ms = timeout_ms;
  self->tail_ms = tail_ms;
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
bb_farewell_free (BbFarewell *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_free (self);
}

static void
fulfil (BbFarewell *self)
{
  BbCallEnd end = self->end;

  g_clear_handle_id (&self->timeout, g_source_remove);
  self->end = BB_CALL_END_NONE;
  self->func (end, self->user_data);
}

static gboolean
on_timeout (gpointer user_data)
{
  BbFarewell *self = user_data;

  self->timeout = 0;
  fulfil (self);
  return G_SOURCE_REMOVE;
}

static void
start_timeout (BbFarewell *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (!self->speaking)
    self->timeout = g_timeout_add (self->timeout_ms, on_timeout, self);
}

void
bb_farewell_expect (BbFarewell *self, BbCallEnd end)
{
  self->end = end;
  self->has_begun = FALSE;
  start_timeout (self);
}

void
bb_farewell_speaking (BbFarewell *self, gboolean speaking)
{
  self->speaking = speaking;
  if (self->end != BB_CALL_END_NONE)
    start_timeout (self);
}

void
bb_farewell_response_created (BbFarewell *self)
{
  self->has_begun = TRUE;
  if (self->end != BB_CALL_END_NONE)
    start_timeout (self);
}

void
bb_farewell_caller_speaks (BbFarewell *self)
{
  if (self->end != BB_CALL_END_BOT)
    return;

  g_clear_handle_id (&self->timeout, g_source_remove);
  self->end = BB_CALL_END_NONE;
}

void
bb_farewell_cancel (BbFarewell *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->end = BB_CALL_END_NONE;
}

void
bb_farewell_silence (BbFarewell *self)
{
  if (self->end == BB_CALL_END_NONE || !self->has_begun)
    return;

  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (self->tail_ms, on_timeout, self);
}
