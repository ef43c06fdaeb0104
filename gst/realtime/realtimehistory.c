/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The conversation so far, as text: what a new session is told after the
 * connection was lost. Nothing of a session can be resumed.
 */
#include "realtimehistory.h"

#include <string.h>

/* Audio of callers that nobody wrote down: of the oldest turns it is forgotten.
 * A minute of G.711; a new session is told all of it at once. */
#define MAX_AUDIO 480000
/* How fast a voice speaks as long as no answer has shown it, characters per s. */
#define CHARS_PER_S 15
/* An answer shorter than this shows nothing of the kind, ms. */
#define SHORTEST_MS 1000

struct _GstRealtimeHistory
{
  GPtrArray *entries; /* GstRealtimeEntry, in conversation order */
};

static void
entry_free (GstRealtimeEntry *entry)
{
  g_free (entry->item_id);
  g_free (entry->role);
  g_free (entry->text);
  g_free (entry->call_id);
  g_free (entry->name);
  g_free (entry->arguments);
  g_free (entry->output);
  g_free (entry->response_id);
  g_clear_pointer (&entry->audio, g_bytes_unref);
  g_free (entry);
}

GstRealtimeHistory *
gst_realtime_history_new (void)
{
  GstRealtimeHistory *self = g_new0 (GstRealtimeHistory, 1);

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
  return self;
}

void
gst_realtime_history_free (GstRealtimeHistory *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static GstRealtimeEntry *
find (GstRealtimeHistory *self, const char *item_id, guint *index)
{
  for (guint i = self->entries->len; item_id != NULL && i > 0; i--)
    {
      GstRealtimeEntry *entry = g_ptr_array_index (self->entries, i - 1);

      if (g_strcmp0 (entry->item_id, item_id) != 0)
        continue;
      if (index != NULL)
        *index = i - 1;
      return entry;
    }
  return NULL;
}

static GstRealtimeEntry *
insert (GstRealtimeHistory *self, const char *item_id, const char *previous_id)
{
  GstRealtimeEntry *entry = g_new0 (GstRealtimeEntry, 1);
  guint index;

  entry->item_id = g_strdup (item_id);
  if (find (self, previous_id, &index) != NULL)
    g_ptr_array_insert (self->entries, index + 1, entry);
  else
    g_ptr_array_add (self->entries, entry);
  return entry;
}

/* Returns: (transfer none): the entry; an item that is known already keeps its
 * place and its text */
GstRealtimeEntry *
gst_realtime_history_add (GstRealtimeHistory *self,
                          const char *item_id,
                          const char *previous_id,
                          const char *role,
                          const char *text)
{
  GstRealtimeEntry *entry = find (self, item_id, NULL);

  if (entry == NULL)
    {
      entry = insert (self, item_id, previous_id);
      entry->role = g_strdup (role);
    }
  if (entry->text == NULL && text != NULL && *text != '\0')
    entry->text = g_strdup (text);
  return entry;
}

/* Returns: (transfer none) (nullable) */
GstRealtimeEntry *
gst_realtime_history_find (GstRealtimeHistory *self, const char *item_id)
{
  return find (self, item_id, NULL);
}

void
gst_realtime_history_add_call (GstRealtimeHistory *self,
                               const char *item_id,
                               const char *call_id,
                               const char *name,
                               const char *arguments)
{
  GstRealtimeEntry *entry = insert (self, item_id, NULL);

  entry->call_id = g_strdup (call_id);
  entry->name = g_strdup (name);
  entry->arguments = g_strdup (arguments);
}

void
gst_realtime_history_set_text (GstRealtimeHistory *self, const char *item_id, const char *text)
{
  GstRealtimeEntry *entry = find (self, item_id, NULL);

  /* What was generated of an answer that was cut off comes late and whole. */
  if (entry == NULL || entry->cut)
    return;
  g_free (entry->text);
  entry->text = g_strdup (text);
}

/* The text is complete. */
void
gst_realtime_history_finish_text (GstRealtimeHistory *self, const char *item_id, const char *text)
{
  GstRealtimeEntry *entry = find (self, item_id, NULL);

  gst_realtime_history_set_text (self, item_id, text);
  if (entry == NULL)
    return;
  entry->final = TRUE;
  g_clear_pointer (&entry->audio, g_bytes_unref);
}

static guint
audio_ms (const GstRealtimeEntry *entry, guint64 bytes)
{
  return bytes / gst_realtime_format_get_bytes_per_ms (entry->format);
}

/* What the caller said in a turn, until its text comes: @audio in @format. Of
 * all turns the last minute (G.711; ten seconds of PCM) is kept. */
void
gst_realtime_history_set_audio (GstRealtimeHistory *self,
                                const char *item_id,
                                GstRealtimeFormat format,
                                GBytes *audio)
{
  GstRealtimeEntry *entry = find (self, item_id, NULL);
  gsize size = 0;

  if (entry == NULL || entry->final)
    return;
  g_clear_pointer (&entry->audio, g_bytes_unref);
  entry->audio = g_bytes_ref (audio);
  entry->format = format;
  for (guint i = self->entries->len; i > 0; i--)
    {
      entry = g_ptr_array_index (self->entries, i - 1);
      if (entry->audio == NULL)
        continue;
      size += g_bytes_get_size (entry->audio);
      if (size > MAX_AUDIO)
        g_clear_pointer (&entry->audio, g_bytes_unref);
    }
}

void
gst_realtime_history_set_output (GstRealtimeHistory *self, const char *call_id, const char *output)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      GstRealtimeEntry *entry = g_ptr_array_index (self->entries, i);

      if (g_strcmp0 (entry->call_id, call_id) == 0 && entry->output == NULL)
        entry->output = g_strdup (output);
    }
}

/* An answer was cut off: about as much of its text as was heard is kept (the
 * service tells only what was generated). */
void
gst_realtime_history_cut (GstRealtimeHistory *self,
                          const char *item_id,
                          guint played_ms,
                          guint received_ms)
{
  GstRealtimeEntry *entry = find (self, item_id, NULL);
  glong keep;

  if (entry == NULL || entry->text == NULL || received_ms == 0)
    return;
  entry->cut = TRUE;
  if (played_ms >= received_ms)
    return;
  keep = (gint64)g_utf8_strlen (entry->text, -1) * played_ms / received_ms;
  *g_utf8_offset_to_pointer (entry->text, keep) = '\0';
}

/* Returns: (transfer none) (nullable): what is known of the item's text */
const char *
gst_realtime_history_get_text (GstRealtimeHistory *self, const char *item_id)
{
  GstRealtimeEntry *entry = find (self, item_id, NULL);

  return entry != NULL ? entry->text : NULL;
}

/**
 * gst_realtime_history_cut_unfinished:
 * @entry: an answer of which no more will come
 *
 * Its audio plays to the end of what was received; its text runs ahead of that
 * by a second or so. What is kept is what will have been heard, in whole words,
 * by the pace of the answers before it; nothing when that is not even a word.
 */
void
gst_realtime_history_cut_unfinished (GstRealtimeHistory *self, GstRealtimeEntry *entry)
{
  guint64 chars = 0, ms = 0;
  glong keep, length;
  char *end;

  entry->cut = TRUE;
  if (entry->text == NULL)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const GstRealtimeEntry *other = g_ptr_array_index (self->entries, i);
      guint other_ms = audio_ms (other, other->audio_bytes);

      if (!other->whole || other->cut || other->text == NULL || other_ms < SHORTEST_MS)
        continue;
      chars += g_utf8_strlen (other->text, -1);
      ms += other_ms;
    }
  if (ms == 0)
    {
      chars = CHARS_PER_S;
      ms = 1000;
    }

  length = g_utf8_strlen (entry->text, -1);
  keep = MIN ((guint64)length, audio_ms (entry, entry->audio_bytes) * chars / ms);
  end = g_utf8_offset_to_pointer (entry->text, keep);
  if (*end != '\0' && *end != ' ')
    while (end > entry->text && end[-1] != ' ')
      end--;
  *end = '\0';
  g_strchomp (entry->text);
}

void
gst_realtime_history_remove (GstRealtimeHistory *self, const char *item_id)
{
  guint index;

  if (find (self, item_id, &index) != NULL)
    g_ptr_array_remove_index (self->entries, index);
}

/* Returns: (transfer none) (element-type GstRealtimeEntry) */
GPtrArray *
gst_realtime_history_get_entries (GstRealtimeHistory *self)
{
  return self->entries;
}
