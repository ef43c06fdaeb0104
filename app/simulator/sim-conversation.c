/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-conversation.h"

#include <string.h>

#include "sim-json.h"

static void
item_free (gpointer data)
{
  SimItem *item = data;
  g_free (item->id);
  json_object_unref (item->json);
  g_ptr_array_unref (item->audio);
  g_free (item);
}

SimConversation *
sim_conversation_new (void)
{
  SimConversation *self = g_new0 (SimConversation, 1);
  self->items = g_ptr_array_new_with_free_func (item_free);
  return self;
}

void
sim_conversation_free (SimConversation *self)
{
  g_ptr_array_unref (self->items);
  g_free (self);
}

static gboolean
find_index (SimConversation *self, const char *id, guint *index)
{
  /* What is asked for was mostly added last. */
  for (guint i = self->items->len; i > 0; i--)
    {
      SimItem *item = g_ptr_array_index (self->items, i - 1);
      if (strcmp (item->id, id) == 0)
        {
          *index = i - 1;
          return TRUE;
        }
    }
  return FALSE;
}

/* (transfer none) (nullable) */
SimItem *
sim_conversation_find (SimConversation *self, const char *id)
{
  guint index;
  return find_index (self, id, &index) ? g_ptr_array_index (self->items, index) : NULL;
}

static SimItem *
item_new (JsonObject *json)
{
  SimItem *item = g_new0 (SimItem, 1);
  item->id = g_strdup (sim_object_get_string (json, "id"));
  item->json = json;
  item->audio = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return item;
}

/**
 * sim_conversation_append:
 * @json: (transfer full): the item, with its id
 *
 * Returns: (transfer none): what was added
 */
SimItem *
sim_conversation_append (SimConversation *self, JsonObject *json)
{
  SimItem *item = item_new (json);
  g_ptr_array_add (self->items, item);
  return item;
}

static gboolean
has_call (SimConversation *self, const char *call_id)
{
  for (guint i = self->items->len; i > 0; i--)
    {
      SimItem *item = g_ptr_array_index (self->items, i - 1);
      if (g_strcmp0 (sim_object_get_string (item->json, "type"), "function_call") == 0
          && g_strcmp0 (sim_object_get_string (item->json, "call_id"), call_id) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * sim_conversation_insert:
 * @json: (transfer full): the item of a conversation.item.create, with its id
 * @previous_item_id: (nullable): NULL is the end, "root" the front
 *
 * Returns: (transfer none): what was added, or NULL with the service's error
 */
SimItem *
sim_conversation_insert (SimConversation *self, JsonObject *json, const char *previous_item_id, SimError **error)
{
  g_autoptr (JsonObject) owned = json;
  const char *id = sim_object_get_string (json, "id");
  guint index = self->items->len;

  if (sim_conversation_find (self, id) != NULL)
    {
      *error = sim_error_new ("item_create_duplicate_item_id", "item.id",
                              "Error creating item: an item with id '%s' already exists.", id);
      return NULL;
    }
  if (g_strcmp0 (previous_item_id, "root") == 0)
    index = 0;
  else if (previous_item_id != NULL)
    {
      if (!find_index (self, previous_item_id, &index))
        {
          *error = sim_error_new ("item_create_invalid_previous_item_id", "previous_item_id",
                                  "Error creating item: the previous item with id '%s' does not exist.",
                                  previous_item_id);
          return NULL;
        }
      index++;
    }
  if (g_strcmp0 (sim_object_get_string (json, "type"), "function_call_output") == 0)
    {
      const char *call_id = sim_object_get_string (json, "call_id");
      if (!has_call (self, call_id))
        {
          *error = sim_error_new ("invalid_tool_call_id", "item.call_id",
                                  "Tool call ID '%s' not found in conversation.", call_id);
          return NULL;
        }
    }
  SimItem *item = item_new (g_steal_pointer (&owned));
  g_ptr_array_insert (self->items, index, item);
  return item;
}

/* (nullable): NULL for the first */
const char *
sim_conversation_get_previous_id (SimConversation *self, SimItem *item)
{
  guint index;
  if (!find_index (self, item->id, &index) || index == 0)
    return NULL;
  return ((SimItem *) g_ptr_array_index (self->items, index - 1))->id;
}

const char *
sim_conversation_get_last_id (SimConversation *self)
{
  if (self->items->len == 0)
    return NULL;
  return ((SimItem *) g_ptr_array_index (self->items, self->items->len - 1))->id;
}

/**
 * sim_conversation_truncate:
 *
 * PROTOCOL section 7: audio of the model only, never beyond what there is; the
 * transcript goes.
 *
 * Returns: (transfer full) (nullable): why it is refused
 */
SimError *
sim_conversation_truncate (SimConversation *self, const char *id, gint64 content_index, gint64 audio_end_ms)
{
  SimItem *item = sim_conversation_find (self, id);

  if (item == NULL)
    return sim_error_new ("item_truncate_invalid_item_id", "item_id",
                          "Error truncating item: the item with id '%s' does not exist.", id);
  if (!item->is_model_audio || item->audio_bytes == 0)
    return sim_error_new ("unsupported_content_type", NULL,
                          "Only model output audio messages can be truncated");
  if (content_index != 0)
    return sim_error_new ("invalid_value", "content_index",
                          "Item '%s' has no content at index %" G_GINT64_FORMAT ".", id, content_index);

  gint64 bytes_per_ms = sim_format_get_bytes_per_ms (item->format);
  gint64 length_ms = item->audio_bytes / bytes_per_ms;
  if (audio_end_ms > length_ms)
    return sim_error_new ("invalid_value", NULL,
                          "Audio content of %" G_GINT64_FORMAT "ms is already shorter than %" G_GINT64_FORMAT "ms",
                          length_ms, audio_end_ms);
  item->audio_bytes = audio_end_ms * bytes_per_ms;

  JsonArray *content = sim_object_get_array (item->json, "content");
  if (content != NULL && json_array_get_length (content) > 0)
    json_object_remove_member (json_array_get_object_element (content, 0), "transcript");
  return NULL;
}

/* (transfer full) (nullable): why it is refused */
SimError *
sim_conversation_delete (SimConversation *self, const char *id)
{
  guint index;

  if (!find_index (self, id, &index))
    return sim_error_new ("item_delete_invalid_item_id", "item_id",
                          "Error deleting item: the item with id '%s' does not exist.", id);
  g_ptr_array_remove_index (self->items, index);
  return NULL;
}

/* (transfer full): the item with its audio, or NULL with the error */
JsonObject *
sim_conversation_retrieve (SimConversation *self, const char *id, SimError **error)
{
  SimItem *item = sim_conversation_find (self, id);

  if (item == NULL)
    {
      *error = sim_error_new ("item_retrieve_invalid_item_id", "item_id",
                              "Error retrieving item: the item with id '%s' does not exist.", id);
      return NULL;
    }
  JsonObject *copy = sim_object_copy_deep (item->json);
  JsonArray *content = sim_object_get_array (copy, "content");
  if (item->audio_bytes > 0 && content != NULL && json_array_get_length (content) > 0)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      for (guint i = 0; i < item->audio->len; i++)
        {
          gsize size;
          const guint8 *data = g_bytes_get_data (g_ptr_array_index (item->audio, i), &size);
          g_byte_array_append (bytes, data, size);
        }
      g_autofree char *text = g_base64_encode (bytes->data, MIN (bytes->len, item->audio_bytes));
      json_object_set_string_member (json_array_get_object_element (content, 0), "audio", text);
    }
  return copy;
}

/* Keeps a reference: speech that many sessions were sent is stored once. The
 * caller counts audio_bytes, as it sends them. */
void
sim_item_add_audio (SimItem *item, GBytes *audio)
{
  g_ptr_array_add (item->audio, g_bytes_ref (audio));
}
