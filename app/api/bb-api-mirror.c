/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-api-mirror.h"

#include "bb-api-read.h"

struct _BbApiMirror
{
  GListStore *calls;
  GHashTable *by_id; /* id (of the call) -> BbCall (unowned) */
  char *epoch;
  guint64 seq;
};

BbApiMirror *
bb_api_mirror_new (void)
{
  BbApiMirror *self = g_new0 (BbApiMirror, 1);

  self->calls = g_list_store_new (BB_TYPE_CALL);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
bb_api_mirror_free (BbApiMirror *self)
{
  g_hash_table_unref (self->by_id);
  g_object_unref (self->calls);
  g_free (self->epoch);
  g_free (self);
}

GListModel *
bb_api_mirror_get_calls (BbApiMirror *self)
{
  return G_LIST_MODEL (self->calls);
}

const char *
bb_api_mirror_get_epoch (BbApiMirror *self)
{
  return self->epoch;
}

guint64
bb_api_mirror_get_seq (BbApiMirror *self)
{
  return self->seq;
}

BbCall *
bb_api_mirror_find (BbApiMirror *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

void
bb_api_mirror_forget (BbApiMirror *self)
{
  g_clear_pointer (&self->epoch, g_free);
  self->seq = 0;
}

static void
insert_call (BbApiMirror *self, guint position, BbCall *call)
{
  g_hash_table_insert (self->by_id, (gpointer)bb_call_get_id (call), call);
  g_list_store_insert (self->calls, position, call);
}

static void
remove_call (BbApiMirror *self, BbCall *call)
{
  guint position;

  g_hash_table_remove (self->by_id, bb_call_get_id (call));
  if (g_list_store_find (self->calls, call, &position))
    g_list_store_remove (self->calls, position);
}

/* What is known of a call, brought up to date. %FALSE: it must be replaced. */
static gboolean
refresh_call (BbCall *call, JsonObject *object)
{
  JsonNode *order = json_object_get_member (object, "order");
  JsonArray *lines;

  return bb_api_read_array (object, "transcript", &lines, NULL)
         && bb_api_read_call_into (call, object, NULL)
         && bb_api_read_transcript_into (bb_call_get_transcript (call), lines, NULL)
         && order != NULL && JSON_NODE_HOLDS_OBJECT (order)
         && bb_api_read_order_into (bb_call_get_order (call), json_node_get_object (order), NULL);
}

static gboolean
apply_snapshot (BbApiMirror *self, JsonObject *message, guint64 seq, GError **error)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  const char *epoch;
  JsonArray *calls;

  if (!bb_api_read_string (message, "epoch", &epoch, error)
      || !bb_api_read_array (message, "calls", &calls, error))
    return FALSE;
  /* All of it is read before any of it is applied. */
  for (guint i = 0; i < json_array_get_length (calls); i++)
    {
      JsonObject *object = bb_api_read_element (calls, i, error);
      BbCall *call = object != NULL ? bb_api_read_call (object, error) : NULL;

      if (call == NULL)
        return FALSE;
      g_ptr_array_add (fresh, call);
      g_hash_table_add (ids, (gpointer)bb_call_get_id (call));
    }

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->calls)); i > 0; i--)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (G_LIST_MODEL (self->calls), i - 1);

      if (!g_hash_table_contains (ids, bb_call_get_id (call)))
        remove_call (self, call);
    }
  for (guint i = 0; i < fresh->len; i++)
    {
      BbCall *call = g_ptr_array_index (fresh, i);
      BbCall *known = bb_api_mirror_find (self, bb_call_get_id (call));
      g_autoptr (BbCall) there = g_list_model_get_item (G_LIST_MODEL (self->calls), i);

      if (known != NULL
          && (known != there || !refresh_call (known, bb_api_read_element (calls, i, NULL))))
        {
          remove_call (self, known);
          known = NULL;
        }
      if (known == NULL)
        insert_call (self, i, call);
    }

  g_free (self->epoch);
  self->epoch = g_strdup (epoch);
  self->seq = seq;
  return TRUE;
}

static gboolean
apply_call (BbApiMirror *self, JsonObject *message, GError **error)
{
  JsonObject *object;
  const char *id;
  BbCall *known;
  g_autoptr (BbCall) call = NULL;

  if (!bb_api_read_object (message, "call", &object, error)
      || !bb_api_read_string (object, "id", &id, error))
    return FALSE;
  known = bb_api_mirror_find (self, id);
  if (known != NULL)
    return bb_api_read_call_into (known, object, error);

  call = bb_api_read_call (object, error);
  if (call == NULL)
    return FALSE;
  insert_call (self, g_list_model_get_n_items (G_LIST_MODEL (self->calls)), call);
  return TRUE;
}

static gboolean
find_named_call (BbApiMirror *self, JsonObject *message, BbCall **call, GError **error)
{
  const char *id;

  if (!bb_api_read_string (message, "call", &id, error))
    return FALSE;
  *call = bb_api_mirror_find (self, id);
  if (*call != NULL)
    return TRUE;
  g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT, "a change of a call that is not there");
  return FALSE;
}

static gboolean
apply_change (BbApiMirror *self, const char *type, JsonObject *message, GError **error)
{
  BbCall *call;
  JsonObject *object;

  if (strcmp (type, "call") == 0)
    return apply_call (self, message, error);
  if (strcmp (type, "line") == 0)
    {
      gint64 index;
      gboolean added;

      return find_named_call (self, message, &call, error)
             && bb_api_read_int (message, "index", 0, G_MAXINT, &index, error)
             && bb_api_read_boolean (message, "added", &added, error)
             && bb_api_read_object (message, "line", &object, error)
             && bb_api_read_line_into (bb_call_get_transcript (call), (guint)index, added, object,
                                       error);
    }
  if (strcmp (type, "order") == 0)
    return find_named_call (self, message, &call, error)
           && bb_api_read_object (message, "order", &object, error)
           && bb_api_read_order_into (bb_call_get_order (call), object, error);
  if (strcmp (type, "removed") == 0)
    {
      const char *id;

      if (!bb_api_read_string (message, "call", &id, error))
        return FALSE;
      /* A call that came and went in one turn was never told of. */
      call = bb_api_mirror_find (self, id);
      if (call != NULL)
        remove_call (self, call);
      return TRUE;
    }
  /* A newer gateway tells of things that this program does not know. */
  return TRUE;
}

/**
 * bb_api_mirror_apply:
 * @self: the mirror
 * @text: a message of /v1/events
 * @length: in bytes, -1: up to the NUL
 * @error: return location for a #BbApiError
 *
 * Returns: %FALSE when only a snapshot can help: call bb_api_mirror_forget()
 *   and connect again
 */
gboolean
bb_api_mirror_apply (BbApiMirror *self, const char *text, gssize length, GError **error)
{
  g_autoptr (JsonNode) root = bb_api_read_root (text, length, error);
  JsonObject *message;
  const char *type;
  gint64 seq;

  if (root == NULL)
    return FALSE;
  message = json_node_get_object (root);
  if (!bb_api_read_string (message, "type", &type, error)
      || !bb_api_read_int (message, "seq", 0, G_MAXINT64, &seq, error))
    return FALSE;

  if (strcmp (type, "snapshot") == 0)
    return apply_snapshot (self, message, (guint64)seq, error);
  if (strcmp (type, "resumed") == 0)
    {
      const char *epoch;

      if (!bb_api_read_string (message, "epoch", &epoch, error))
        return FALSE;
      if (g_strcmp0 (epoch, self->epoch) == 0 && (guint64)seq == self->seq)
        return TRUE;
    }
  else if (self->epoch != NULL && (guint64)seq == self->seq + 1)
    {
      if (!apply_change (self, type, message, error))
        return FALSE;
      self->seq = (guint64)seq;
      return TRUE;
    }
  g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT,
               "message %" G_GINT64_FORMAT " came after %" G_GUINT64_FORMAT, seq, self->seq);
  return FALSE;
}
