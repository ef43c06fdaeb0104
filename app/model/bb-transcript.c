/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-transcript.h"

#include "bb-transcript-line-private.h"

struct _BbTranscript
{
  GObject parent_instance;

  GPtrArray *lines; /* (element-type BbTranscriptLine), by time, then by arrival */
};

static void bb_transcript_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BbTranscript,
                               bb_transcript,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      bb_transcript_list_model_init))

enum
{
  LINE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GType
bb_transcript_get_item_type (GListModel *model)
{
  return BB_TYPE_TRANSCRIPT_LINE;
}

static guint
bb_transcript_get_n_items (GListModel *model)
{
  return BB_TRANSCRIPT (model)->lines->len;
}

static gpointer
bb_transcript_get_item (GListModel *model, guint position)
{
  BbTranscript *self = BB_TRANSCRIPT (model);

  if (position >= self->lines->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->lines, position));
}

static void
bb_transcript_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = bb_transcript_get_item_type;
  iface->get_n_items = bb_transcript_get_n_items;
  iface->get_item = bb_transcript_get_item;
}

static void
bb_transcript_finalize (GObject *object)
{
  g_ptr_array_unref (BB_TRANSCRIPT (object)->lines);

  G_OBJECT_CLASS (bb_transcript_parent_class)->finalize (object);
}

static void
bb_transcript_class_init (BbTranscriptClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bb_transcript_finalize;

  /**
   * BbTranscript::line-changed:
   * @line: the #BbTranscriptLine
   *
   * After the notify signals of one change of a line that is in the list.
   */
  signals[LINE_CHANGED] =
      g_signal_new (BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, BB_TYPE_TRANSCRIPT, G_SIGNAL_RUN_LAST, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 1, BB_TYPE_TRANSCRIPT_LINE);
}

static void
bb_transcript_init (BbTranscript *self)
{
  self->lines = g_ptr_array_new_with_free_func (g_object_unref);
}

BbTranscript *
bb_transcript_new (void)
{
  return g_object_new (BB_TYPE_TRANSCRIPT, NULL);
}

/* From the end: it is nearly always one of the last. Tool calls have ids of
 * their own (call_id), apart from those of items. */
static BbTranscriptLine *
find_line (BbTranscript *self, gboolean tool, const char *id)
{
  if (id == NULL)
    return NULL;

  for (guint i = self->lines->len; i > 0; i--)
    {
      BbTranscriptLine *line = g_ptr_array_index (self->lines, i - 1);
      const char *line_id = bb_transcript_line_get_item_id (line);

      if (line_id != NULL && strcmp (line_id, id) == 0 &&
          (bb_transcript_line_get_kind (line) == BB_TRANSCRIPT_TOOL) == tool)
        return line;
    }

  return NULL;
}

/* Complete before anybody sees it: one items-changed and no line-changed. */
static BbTranscriptLine *
insert_line (BbTranscript *self, BbTranscriptLine *line)
{
  guint position = self->lines->len;

  while (position > 0 &&
         bb_transcript_line_get_time (g_ptr_array_index (self->lines, position - 1)) >
             bb_transcript_line_get_time (line))
    position--;

  g_ptr_array_insert (self->lines, (int)position, line);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);

  return line;
}

static void
emit_line_changed (BbTranscript *self, BbTranscriptLine *line)
{
  g_signal_emit (self, signals[LINE_CHANGED], 0, line);
}

/**
 * bb_transcript_begin:
 * @item_id: (nullable): the Realtime item; %NULL: nothing will be added to the line
 * @time_ms: since the answer, when the words began
 *
 * Returns: (transfer none): the item's line
 */
BbTranscriptLine *
bb_transcript_begin (BbTranscript *self, BbTranscriptKind kind, const char *item_id, gint64 time_ms)
{
  BbTranscriptLine *line;

  g_return_val_if_fail (BB_IS_TRANSCRIPT (self), NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  line = find_line (self, kind == BB_TRANSCRIPT_TOOL, item_id);
  if (line != NULL)
    return line;

  return insert_line (self, bb_transcript_line_new (kind, item_id, time_ms));
}

/**
 * bb_transcript_update:
 * @item_id: (nullable): the Realtime item; %NULL: a new line in any case
 * @text: (nullable): all of it so far, not what was added
 * @final: no more will come
 * @time_ms: since the answer; for a line that has to be opened
 *
 * Returns: (transfer none): the item's line
 */
BbTranscriptLine *
bb_transcript_update (BbTranscript *self,
                      BbTranscriptKind kind,
                      const char *item_id,
                      const char *text,
                      gboolean final,
                      gint64 time_ms)
{
  BbTranscriptLine *line;

  g_return_val_if_fail (BB_IS_TRANSCRIPT (self), NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  if (text == NULL)
    text = "";

  line = find_line (self, kind == BB_TRANSCRIPT_TOOL, item_id);
  if (line == NULL)
    {
      line = bb_transcript_line_new (kind, item_id, time_ms);
      bb_transcript_line_set_text (line, text, final);
      return insert_line (self, line);
    }

  if (bb_transcript_line_set_text (line, text, final))
    emit_line_changed (self, line);

  return line;
}

/**
 * bb_transcript_mark_interrupted:
 * @item_id: (nullable): the item that was cut off; unknown ones are ignored
 *
 * Its text may still change: the service may send what was left to say.
 */
void
bb_transcript_mark_interrupted (BbTranscript *self, const char *item_id)
{
  BbTranscriptLine *line;

  g_return_if_fail (BB_IS_TRANSCRIPT (self));
  BB_ASSERT_MAIN_CONTEXT ();

  line = find_line (self, FALSE, item_id);
  if (line != NULL && bb_transcript_line_set_interrupted (line))
    emit_line_changed (self, line);
}

BbTranscriptLine *
bb_transcript_add (BbTranscript *self, BbTranscriptKind kind, const char *text, gint64 time_ms)
{
  return bb_transcript_update (self, kind, NULL, text, TRUE, time_ms);
}

/**
 * bb_transcript_add_tool:
 * @call_id: the Realtime call_id
 * @name: the tool's
 * @arguments: (nullable): JSON as the model wrote it
 * @time_ms: since the answer
 *
 * Returns: (transfer none): the call's line; the one that is there when the
 *   call is known
 */
BbTranscriptLine *
bb_transcript_add_tool (BbTranscript *self,
                        const char *call_id,
                        const char *name,
                        const char *arguments,
                        gint64 time_ms)
{
  BbTranscriptLine *line;

  g_return_val_if_fail (BB_IS_TRANSCRIPT (self), NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  line = find_line (self, TRUE, call_id);
  if (line != NULL)
    return line;

  return insert_line (self, bb_transcript_line_new_tool (call_id, name, arguments, time_ms));
}

/**
 * bb_transcript_set_tool_result:
 * @call_id: (nullable): as in bb_transcript_add_tool(); unknown ones are ignored
 * @result: JSON as the model gets it; the first one stays
 */
void
bb_transcript_set_tool_result (BbTranscript *self, const char *call_id, const char *result)
{
  BbTranscriptLine *line;

  g_return_if_fail (BB_IS_TRANSCRIPT (self));
  g_return_if_fail (result != NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  line = find_line (self, TRUE, call_id);
  if (line != NULL && bb_transcript_line_set_tool_result (line, result))
    emit_line_changed (self, line);
}
