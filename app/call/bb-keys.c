/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-keys.h"

/* Nobody enters more at once; what is longer comes from a broken peer. */
#define MAX_KEYS 64

/* A key told twice, as telephone-event and as SIP INFO, comes within this. */
#define ECHO_TIME (1500 * G_TIME_SPAN_MILLISECOND)
#define N_ECHOES 8

/* A key that was taken, whose echo by another way may come yet. */
typedef struct
{
  char key;
  gconstpointer source; /* NULL: its echo has come */
  gint64 time;          /* µs */
} Taken;

struct _BbKeys
{
  BbKeysFunc func;
  gpointer user_data;
  guint pause_ms;
  guint timeout;
  GString *keys; /* of the entry that is not complete yet */
  Taken taken[N_ECHOES]; /* a ring */
  guint n_taken;
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

/* Whether another way has told this key already. */
static gboolean
is_echo (BbKeys *self, char key, gconstpointer source)
{
  gint64 now = g_get_monotonic_time ();
  Taken *first = NULL;

  for (guint i = 0; i < N_ECHOES; i++)
    {
      Taken *taken = &self->taken[i];

      if (taken->source != NULL && taken->source != source && taken->key == key
          && now - taken->time < ECHO_TIME && (first == NULL || taken->time < first->time))
        first = taken;
    }
  if (first != NULL)
    {
      first->source = NULL;
      return TRUE;
    }

  self->taken[self->n_taken++ % N_ECHOES] = (Taken){ .key = key, .source = source, .time = now };
  return FALSE;
}

/**
 * bb_keys_press:
 * @self: the keys
 * @key: "0" to "9", "A" to "D", "*" or "#"
 * @source: which way it came; what two ways tell is taken once
 *
 * A peer that never pauses is cut off: its entry is told when it does.
 */
void
bb_keys_press (BbKeys *self, const char *key, gconstpointer source)
{
  if (is_echo (self, *key, source))
    return;

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
