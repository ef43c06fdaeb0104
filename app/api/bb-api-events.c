/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-events.h"

#include "bb-api-json.h"

/* One watched call: what of it changed since the last message about it. */
typedef struct
{
  BbApiEvents *events; /* (unowned) */
  BbCall *call;
  BbOrder *order; /* of the call; nullable */
  gboolean queued;        /* in events->dirty */
  gboolean announced;     /* clients know of it */
  gboolean call_changed;
  gboolean order_changed;
  GHashTable *lines;      /* BbTranscriptLine (owned) changed -> whether it is new */
} Watch;

struct _BbApiEvents
{
  GObject parent_instance;

  BbOperator *oper;
  char *epoch;
  guint64 seq;
  gboolean recording;
  GPtrArray *watches;  /* of Watch, as the operator's list stands */
  GPtrArray *dirty;    /* of Watch (unowned), in the order of their first change */
  GPtrArray *removed;  /* ids */
  GQueue ring;         /* of GBytes; the newest has the number seq */
  gsize ring_bytes;
  guint flush_id;
};

G_DEFINE_FINAL_TYPE (BbApiEvents, bb_api_events, G_TYPE_OBJECT)

enum
{
  MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
on_flush (gpointer user_data)
{
  BbApiEvents *self = user_data;

  self->flush_id = 0;
  bb_api_events_flush (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (BbApiEvents *self)
{
  /* Default priority: after everything that is ready in this turn, before the next. */
  if (self->flush_id == 0)
    self->flush_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_flush, self, NULL);
}

static void
mark (Watch *watch)
{
  BbApiEvents *self = watch->events;

  if (!self->recording || watch->queued)
    return;
  watch->queued = TRUE;
  g_ptr_array_add (self->dirty, watch);
  schedule (self);
}

static void
mark_line (Watch *watch, BbTranscriptLine *line, gboolean added)
{
  if (!watch->events->recording)
    return;
  if (added || !g_hash_table_contains (watch->lines, line))
    g_hash_table_insert (watch->lines, g_object_ref (line), GINT_TO_POINTER (added));
  mark (watch);
}

static void
on_order_changed (BbOrder *order, gpointer user_data)
{
  Watch *watch = user_data;

  watch->order_changed = TRUE;
  mark (watch);
}

static void
watch_order (Watch *watch)
{
  BbOrder *order = bb_call_get_order (watch->call);

  if (order == watch->order)
    return;
  if (watch->order != NULL)
    g_signal_handlers_disconnect_by_data (watch->order, watch);
  g_set_object (&watch->order, order);
  if (order != NULL)
    g_signal_connect (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (on_order_changed), watch);
  watch->order_changed = TRUE;
}

static void
on_call_changed (BbCall *call, gpointer user_data)
{
  Watch *watch = user_data;

  watch_order (watch);
  watch->call_changed = TRUE;
  mark (watch);
}

static void
on_line_changed (BbTranscript *transcript, BbTranscriptLine *line, gpointer user_data)
{
  mark_line (user_data, line, FALSE);
}

/* Lines come in between others, but none ever goes. */
static void
on_lines_changed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (model, i);

      mark_line (user_data, line, TRUE);
    }
}

static Watch *
watch_new (BbApiEvents *self, BbCall *call)
{
  Watch *watch = g_new0 (Watch, 1);
  BbTranscript *transcript = bb_call_get_transcript (call);

  watch->events = self;
  watch->announced = !self->recording; /* else a snapshot tells of it */
  watch->call = g_object_ref (call);
  watch->lines = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (on_call_changed), watch);
  g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (on_line_changed), watch);
  g_signal_connect (transcript, "items-changed", G_CALLBACK (on_lines_changed), watch);
  watch_order (watch);
  watch->order_changed = FALSE;

  return watch;
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_signal_handlers_disconnect_by_data (watch->call, watch);
  g_signal_handlers_disconnect_by_data (bb_call_get_transcript (watch->call), watch);
  if (watch->order != NULL)
    g_signal_handlers_disconnect_by_data (watch->order, watch);
  g_clear_object (&watch->order);
  g_clear_object (&watch->call);
  g_clear_pointer (&watch->lines, g_hash_table_unref);
  g_free (watch);
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, gpointer user_data)
{
  BbApiEvents *self = user_data;

  for (guint i = 0; i < removed; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, position);

      if (self->recording && watch->announced)
        {
          g_ptr_array_add (self->removed, g_strdup (bb_call_get_id (watch->call)));
          schedule (self);
        }
      g_ptr_array_remove (self->dirty, watch);
      g_ptr_array_remove_index (self->watches, position);
    }
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, position + i);
      Watch *watch = watch_new (self, call);

      g_ptr_array_insert (self->watches, (int)(position + i), watch);
      mark (watch);
    }
}

static void
clear_ring (BbApiEvents *self)
{
  g_queue_clear_full (&self->ring, (GDestroyNotify)g_bytes_unref);
  self->ring_bytes = 0;
}

/* A message with its number, for compose() to complete. */
static JsonObject *
begin (BbApiEvents *self, const char *type)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "type", type);
  json_object_set_int_member (message, "seq", (gint64)++self->seq);
  return message;
}

/* Keeps a message; who listens hears it when the flush is done. */
static void
compose (BbApiEvents *self, GPtrArray *out, JsonObject *message)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  GBytes *bytes;
  char *text;

  json_node_take_object (node, message);
  text = bb_api_json_print (node, FALSE);
  bytes = g_bytes_new_take (text, strlen (text));
  g_ptr_array_add (out, bytes);

  g_queue_push_tail (&self->ring, g_bytes_ref (bytes));
  self->ring_bytes += g_bytes_get_size (bytes);
  while (self->ring.length > BB_API_EVENTS_RING_MESSAGES
         || self->ring_bytes > BB_API_EVENTS_RING_BYTES)
    {
      GBytes *oldest = g_queue_pop_head (&self->ring);

      self->ring_bytes -= g_bytes_get_size (oldest);
      g_bytes_unref (oldest);
    }
}

/* What changes is nearly always at the end, so that is where the search begins. */
static GArray *
find_changed (Watch *watch, GListModel *transcript)
{
  guint wanted = g_hash_table_size (watch->lines);
  GArray *indices = g_array_sized_new (FALSE, FALSE, sizeof (guint), wanted);

  for (guint i = g_list_model_get_n_items (transcript); i > 0 && indices->len < wanted; i--)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (transcript, i - 1);
      guint index = i - 1;

      if (g_hash_table_contains (watch->lines, line))
        g_array_append_val (indices, index);
    }
  return indices;
}

/* Upwards: so each index is right when the client has done what came before. */
static void
compose_lines (BbApiEvents *self, GPtrArray *out, Watch *watch)
{
  GListModel *transcript = G_LIST_MODEL (bb_call_get_transcript (watch->call));
  g_autoptr (GArray) indices = NULL;

  if (g_hash_table_size (watch->lines) == 0)
    return;
  indices = find_changed (watch, transcript);
  for (guint i = indices->len; i > 0; i--)
    {
      guint index = g_array_index (indices, guint, i - 1);
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (transcript, index);
      JsonObject *message = begin (self, "line");

      json_object_set_string_member (message, "call", bb_call_get_id (watch->call));
      json_object_set_int_member (message, "index", index);
      json_object_set_boolean_member (
        message, "added", GPOINTER_TO_INT (g_hash_table_lookup (watch->lines, line)));
      json_object_set_member (message, "line", bb_api_json_line (line));
      compose (self, out, message);
    }
}

/* A call that is new to the clients comes complete. */
static void
compose_call (BbApiEvents *self, GPtrArray *out, Watch *watch)
{
  JsonObject *message = begin (self, "call");

  json_object_set_member (message, "call", bb_api_json_call (watch->call, !watch->announced));
  compose (self, out, message);
}

static void
compose_order (BbApiEvents *self, GPtrArray *out, Watch *watch)
{
  JsonObject *message;

  if (!watch->order_changed || watch->order == NULL)
    return;
  message = begin (self, "order");
  json_object_set_string_member (message, "call", bb_call_get_id (watch->call));
  json_object_set_member (message, "order", bb_api_json_order (watch->order, TRUE));
  compose (self, out, message);
}

void
bb_api_events_flush (BbApiEvents *self)
{
  g_autoptr (GPtrArray) dirty = NULL;
  g_autoptr (GPtrArray) removed = NULL;
  g_autoptr (GPtrArray) out = NULL;

  g_clear_handle_id (&self->flush_id, g_source_remove);
  if (self->dirty->len == 0 && self->removed->len == 0)
    return;

  out = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  dirty = g_steal_pointer (&self->dirty);
  removed = g_steal_pointer (&self->removed);
  self->dirty = g_ptr_array_new ();
  self->removed = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < removed->len; i++)
    {
      JsonObject *message = begin (self, "removed");

      json_object_set_string_member (message, "call", g_ptr_array_index (removed, i));
      compose (self, out, message);
    }
  for (guint i = 0; i < dirty->len; i++)
    {
      Watch *watch = g_ptr_array_index (dirty, i);

      watch->queued = FALSE;
      if (!watch->announced)
        compose_call (self, out, watch);
      else
        {
          /* The end comes last: who hears of it has all that was said before. */
          gboolean ended = bb_call_get_state (watch->call) == BB_CALL_ENDED;

          if (watch->call_changed && !ended)
            compose_call (self, out, watch);
          compose_lines (self, out, watch);
          compose_order (self, out, watch);
          if (watch->call_changed && ended)
            compose_call (self, out, watch);
        }
      watch->announced = TRUE;
      watch->call_changed = FALSE;
      watch->order_changed = FALSE;
      g_hash_table_remove_all (watch->lines);
    }

  for (guint i = 0; i < out->len; i++)
    g_signal_emit (self, signals[MESSAGE], 0, g_ptr_array_index (out, i));
}

/**
 * bb_api_events_snapshot:
 * @self: the events
 *
 * Sends what is pending first, so that the snapshot's number covers all it shows.
 *
 * Returns: (transfer full): the message {"type":"snapshot", …}
 */
GBytes *
bb_api_events_snapshot (BbApiEvents *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *message = json_object_new ();
  JsonArray *calls = json_array_new ();
  char *text;

  bb_api_events_flush (self);
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      json_array_add_element (calls, bb_api_json_call (watch->call, TRUE));
    }
  json_object_set_string_member (message, "type", "snapshot");
  json_object_set_int_member (message, "seq", (gint64)self->seq);
  json_object_set_string_member (message, "epoch", self->epoch);
  json_object_set_string_member (message, "version", PACKAGE_VERSION);
  json_object_set_array_member (message, "calls", calls);
  json_node_take_object (node, message);
  text = bb_api_json_print (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

/**
 * bb_api_events_resume:
 * @self: the events
 * @epoch: (nullable): the one the client knows
 * @since: the last number it has seen
 *
 * Returns: (transfer full) (nullable) (element-type GBytes): a message
 *   {"type":"resumed", …} and all that followed @since, or %NULL when only a
 *   snapshot can help: another run of the gateway, or too long ago
 */
GPtrArray *
bb_api_events_resume (BbApiEvents *self, const char *epoch, guint64 since)
{
  GPtrArray *messages;
  guint64 missed;
  char *text;

  bb_api_events_flush (self);
  if (g_strcmp0 (epoch, self->epoch) != 0 || since > self->seq)
    return NULL;
  missed = self->seq - since;
  if (missed > self->ring.length)
    return NULL;

  messages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  text = g_strdup_printf ("{\"type\":\"resumed\",\"seq\":%" G_GUINT64_FORMAT ",\"epoch\":\"%s\"}",
                          since, self->epoch);
  g_ptr_array_add (messages, g_bytes_new_take (text, strlen (text)));
  for (GList *link = g_queue_peek_nth_link (&self->ring, self->ring.length - (guint)missed);
       link != NULL; link = link->next)
    g_ptr_array_add (messages, g_bytes_ref (link->data));

  return messages;
}

const char *
bb_api_events_get_epoch (BbApiEvents *self)
{
  return self->epoch;
}

guint64
bb_api_events_get_seq (BbApiEvents *self)
{
  return self->seq;
}

void
bb_api_events_set_recording (BbApiEvents *self, gboolean recording)
{
  if (self->recording == recording)
    return;

  if (!recording)
    bb_api_events_flush (self);
  self->recording = recording;
  if (recording)
    {
      /* What changed meanwhile has no number: nobody can resume across the gap. */
      clear_ring (self);
      self->seq++;
    }
}

static void
bb_api_events_dispose (GObject *object)
{
  BbApiEvents *self = BB_API_EVENTS (object);

  g_clear_handle_id (&self->flush_id, g_source_remove);
  if (self->oper != NULL)
    g_signal_handlers_disconnect_by_data (bb_operator_get_calls (self->oper), self);
  g_clear_pointer (&self->dirty, g_ptr_array_unref);
  g_clear_pointer (&self->removed, g_ptr_array_unref);
  g_clear_pointer (&self->watches, g_ptr_array_unref);
  clear_ring (self);
  g_clear_object (&self->oper);

  G_OBJECT_CLASS (bb_api_events_parent_class)->dispose (object);
}

static void
bb_api_events_finalize (GObject *object)
{
  BbApiEvents *self = BB_API_EVENTS (object);

  g_free (self->epoch);

  G_OBJECT_CLASS (bb_api_events_parent_class)->finalize (object);
}

static void
bb_api_events_class_init (BbApiEventsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_api_events_dispose;
  object_class->finalize = bb_api_events_finalize;

  signals[MESSAGE] = g_signal_new (BB_API_EVENTS_SIGNAL_MESSAGE, G_TYPE_FROM_CLASS (klass),
                                   G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   G_TYPE_BYTES);
}

static void
bb_api_events_init (BbApiEvents *self)
{
  g_queue_init (&self->ring);
  self->watches = g_ptr_array_new_with_free_func (watch_free);
  self->dirty = g_ptr_array_new ();
  self->removed = g_ptr_array_new_with_free_func (g_free);
  self->epoch = g_uuid_string_random ();
}

/**
 * bb_api_events_new:
 * @oper: whose calls
 *
 * Returns: (transfer full): the events; recording is off
 */
BbApiEvents *
bb_api_events_new (BbOperator *oper)
{
  BbApiEvents *self = g_object_new (BB_TYPE_API_EVENTS, NULL);
  GListModel *calls = bb_operator_get_calls (oper);

  self->oper = g_object_ref (oper);
  g_signal_connect (calls, "items-changed", G_CALLBACK (on_calls_changed), self);
  on_calls_changed (calls, 0, 0, g_list_model_get_n_items (calls), self);

  return self;
}
