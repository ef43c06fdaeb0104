/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-call-record.h"

#include <string.h>

#include "bb-codec.h"
#include "bb-fold.h"

static void
line_record_free (gpointer data)
{
  BbLineRecord *self = data;

  g_free (self->item_id);
  g_free (self->text);
  g_free (self->tool_name);
  g_free (self->tool_arguments);
  g_free (self->tool_result);
  g_free (self);
}

BbLineRecord *
bb_line_record_new (void)
{
  return g_new0 (BbLineRecord, 1);
}

BbCallRecord *
bb_call_record_new_empty (void)
{
  BbCallRecord *self = g_new0 (BbCallRecord, 1);

  self->lines = g_ptr_array_new_with_free_func (line_record_free);
  return self;
}

void
bb_call_record_free (BbCallRecord *self)
{
  g_free (self->id);
  g_free (self->caller_number);
  g_free (self->caller_name);
  g_free (self->called);
  g_free (self->end_text);
  g_clear_pointer (&self->started, g_date_time_unref);
  g_clear_pointer (&self->answered, g_date_time_unref);
  g_clear_pointer (&self->ended, g_date_time_unref);
  g_free (self->codec);
  g_free (self->recording_path);
  g_free (self->order_id);
  g_ptr_array_unref (self->lines);
  g_free (self);
}

static BbLineRecord *
copy_line (BbTranscriptLine *line)
{
  BbLineRecord *copy = bb_line_record_new ();

  copy->kind = bb_transcript_line_get_kind (line);
  copy->item_id = g_strdup (bb_transcript_line_get_item_id (line));
  copy->text = g_strdup (bb_transcript_line_get_text (line));
  copy->final = bb_transcript_line_get_final (line);
  copy->interrupted = bb_transcript_line_get_interrupted (line);
  copy->time = bb_transcript_line_get_time (line);
  copy->tool_name = g_strdup (bb_transcript_line_get_tool_name (line));
  copy->tool_arguments = g_strdup (bb_transcript_line_get_tool_arguments (line));
  copy->tool_result = g_strdup (bb_transcript_line_get_tool_result (line));
  return copy;
}

BbCallRecord *
bb_call_record_new (BbCall *call, gboolean with_transcript)
{
  BbCallRecord *self = bb_call_record_new_empty ();
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (call));
  const BbMediaParams *media = bb_call_get_media (call);
  GDateTime *answered = bb_call_get_answered (call);
  GDateTime *ended = bb_call_get_ended (call);
  BbOrder *order = bb_call_get_order (call);

  self->id = g_strdup (bb_call_get_id (call));
  self->caller_number = g_strdup (bb_call_get_caller_number (call));
  self->caller_name = g_strdup (bb_call_get_caller_name (call));
  self->called = g_strdup (bb_call_get_called (call));
  self->end = bb_call_get_end (call);
  self->end_text = g_strdup (bb_call_get_end_text (call));
  self->started = g_date_time_ref (bb_call_get_started (call));
  self->answered = answered != NULL ? g_date_time_ref (answered) : NULL;
  self->ended = ended != NULL ? g_date_time_ref (ended) : g_date_time_new_now_utc ();
  self->duration = bb_call_get_duration (call);
  self->codec = media != NULL && media->codec != NULL ? g_strdup (media->codec->name) : NULL;
  self->recording_path = g_strdup (bb_call_get_recording_path (call));
  if (g_list_model_get_n_items (G_LIST_MODEL (order)) > 0)
    self->order_id = g_strdup (bb_order_get_id (order));

  for (guint i = 0; with_transcript && i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);

      g_ptr_array_add (self->lines, copy_line (line));
    }
  return self;
}

static void
add_line (BbTranscript *transcript, const BbLineRecord *line)
{
  if (line->kind == BB_TRANSCRIPT_TOOL)
    {
      bb_transcript_add_tool (transcript, line->item_id, line->tool_name, line->tool_arguments,
                              line->time);
      if (line->tool_result != NULL)
        bb_transcript_set_tool_result (transcript, line->item_id, line->tool_result);
      return;
    }
  bb_transcript_update (transcript, line->kind, line->item_id, line->text, line->final, line->time);
  if (line->interrupted && line->item_id != NULL)
    bb_transcript_mark_interrupted (transcript, line->item_id);
}

static const BbCodec *
find_codec (const char *name)
{
  for (int i = 0; name != NULL && i < BB_N_CODECS; i++)
    if (g_ascii_strcasecmp (bb_codec_get ((BbCodecId)i)->name, name) == 0)
      return bb_codec_get ((BbCodecId)i);
  return NULL;
}

BbCall *
bb_call_record_to_call (const BbCallRecord *self, BbOrder *order)
{
  g_autoptr (BbOrder) empty = NULL;
  BbCall *call;
  const BbCodec *codec = find_codec (self->codec);

  if (order == NULL && self->order_id != NULL)
    order = empty = bb_order_new_full (self->order_id, NULL, self->id, self->caller_number,
                                       BB_ORDER_DRAFT, "", self->started, self->started, NULL);
  call = bb_call_new_full (self->id, self->caller_number, self->caller_name, self->called,
                           BB_CALL_ENDED, self->end, self->end_text, self->started, self->answered,
                           self->ended, order);
  /* The clock may have been set while the call went on. */
  bb_call_mirror (call, BB_CALL_ENDED, self->end, self->end_text, self->answered, self->ended,
                  self->duration);
  bb_call_set_recording_path (call, self->recording_path);
  if (codec != NULL)
    {
      g_autoptr (BbMediaParams) media = bb_media_params_new ();

      media->codec = codec;
      bb_call_set_media (call, media);
    }
  for (guint i = 0; i < self->lines->len; i++)
    add_line (bb_call_get_transcript (call), g_ptr_array_index (self->lines, i));
  return call;
}

static void
append_folded (GString *out, const char *text)
{
  g_autoptr (GArray) tokens = bb_fold_tokens (text);

  for (guint i = 0; i < tokens->len; i++)
    g_string_append_printf (out, "%s ", g_array_index (tokens, BbToken, i).text);
}

char *
bb_search_fold (const char *text)
{
  GString *out = g_string_new (" ");

  append_folded (out, text);
  return g_string_free (out, FALSE);
}

char *
bb_call_record_fold (const BbCallRecord *self)
{
  GString *out = g_string_new (" ");

  append_folded (out, self->caller_name);
  append_folded (out, self->called);
  append_folded (out, self->caller_number);
  for (guint i = 0; i < self->lines->len; i++)
    append_folded (out, ((const BbLineRecord *)g_ptr_array_index (self->lines, i))->text);
  return g_string_free (out, FALSE);
}

/* A digit is looked for anywhere: the end of a telephone number is what people
 * remember. A word only from its beginning. */
gboolean
bb_search_matches (const char *folded, const char *query)
{
  g_autoptr (GArray) tokens = bb_fold_tokens (query);

  for (guint i = 0; i < tokens->len; i++)
    {
      const BbToken *token = &g_array_index (tokens, BbToken, i);
      g_autofree char *start = g_strconcat (token->number ? "" : " ", token->text, NULL);

      if (strstr (folded, start) == NULL)
        return FALSE;
    }
  return TRUE;
}
