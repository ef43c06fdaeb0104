/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-keys.h"

/* Nobody enters more at once; what is longer comes from a broken peer. */
#define MAX_KEYS 64

struct _BbKeys
{
  BbKeysFunc func;
  gpointer user_data;
  guint pause_ms;
  guint timeout;
  GString *keys; /* of the entry that is not complete yet */
};

/**
 * bb_keys_new:
 * @pause_ms: after so long without a key an entry is complete, ms
 * @func: gets it, from the main loop; may free the object
 * @user_data: for @func
 *
 * Returns: (transfer full): nothing entered yet
 */
BbKeys *
bb_keys_new (guint pause_ms, BbKeysFunc func, gpointer user_data)
{
  BbKeys *self = g_new0 (BbKeys, 1);

  self->pause_ms = pause_ms;
  self->func = func;
  self->user_data = user_data;
  self->keys = g_string_new (NULL);
  return self;
}

/**
 * bb_keys_free:
 * @self: (transfer full): what has not been told yet is dropped
 */
void
bb_keys_free (BbKeys *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_string_free (self->keys, TRUE);
  g_free (self);
}

static gboolean
on_pause (gpointer user_data)
{
  BbKeys *self = user_data;
  g_autofree char *entry = g_strdup (self->keys->str);

  self->timeout = 0;
  g_string_truncate (self->keys, 0);
  self->func (entry, self->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * bb_keys_press:
 * @self: the keys
 * @key: "0" to "9", "A" to "D", "*" or "#"
 *
 * A peer that never pauses is cut off: its entry is told when it does.
 */
void
bb_keys_press (BbKeys *self, const char *key)
{
  if (self->keys->len < MAX_KEYS)
    g_string_append (self->keys, key);
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (self->pause_ms, on_pause, self);
}

/**
 * bb_keys_flush:
 * @self: the keys
 *
 * No more will come: tells the entry that is not complete yet, if there is one.
 */
void
bb_keys_flush (BbKeys *self)
{
  if (self->timeout == 0)
    return;

  g_clear_handle_id (&self->timeout, g_source_remove);
  on_pause (self);
}
