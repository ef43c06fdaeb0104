/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-transcript-line-private.h"

struct _BbTranscriptLine
{
  GObject parent_instance;

  BbTranscriptKind kind;
  char *item_id; /* the Realtime item, or the call id of a tool call; NULL: none */
  char *text;
  gboolean final;
  gint64 time; /* ms since the answer */
  gboolean interrupted;
  char *tool_name;
  char *tool_arguments;
  char *tool_result;
};

G_DEFINE_FINAL_TYPE (BbTranscriptLine, bb_transcript_line, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_KIND,
  PROP_ITEM_ID,
  PROP_TEXT,
  PROP_FINAL,
  PROP_TIME,
  PROP_INTERRUPTED,
  PROP_TOOL_NAME,
  PROP_TOOL_ARGUMENTS,
  PROP_TOOL_RESULT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
bb_transcript_line_finalize (GObject *object)
{
  BbTranscriptLine *self = BB_TRANSCRIPT_LINE (object);

  g_free (self->item_id);
  g_free (self->text);
  g_free (self->tool_name);
  g_free (self->tool_arguments);
  g_free (self->tool_result);

  G_OBJECT_CLASS (bb_transcript_line_parent_class)->finalize (object);
}

static void
bb_transcript_line_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  BbTranscriptLine *self = BB_TRANSCRIPT_LINE (object);

  switch (prop_id)
    {
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    case PROP_ITEM_ID:
      g_value_set_string (value, self->item_id);
      break;
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROP_FINAL:
      g_value_set_boolean (value, self->final);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_INTERRUPTED:
      g_value_set_boolean (value, self->interrupted);
      break;
    case PROP_TOOL_NAME:
      g_value_set_string (value, self->tool_name);
      break;
    case PROP_TOOL_ARGUMENTS:
      g_value_set_string (value, self->tool_arguments);
      break;
    case PROP_TOOL_RESULT:
      g_value_set_string (value, self->tool_result);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_transcript_line_class_init (BbTranscriptLineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = bb_transcript_line_finalize;
  object_class->get_property = bb_transcript_line_get_property;

  properties[PROP_KIND] = g_param_spec_enum (BB_TRANSCRIPT_LINE_PROP_KIND, NULL, NULL,
                                             BB_TYPE_TRANSCRIPT_KIND, BB_TRANSCRIPT_CALLER, flags);
  properties[PROP_ITEM_ID] =
      g_param_spec_string (BB_TRANSCRIPT_LINE_PROP_ITEM_ID, NULL, NULL, NULL, flags);
  properties[PROP_TEXT] = g_param_spec_string (BB_TRANSCRIPT_LINE_PROP_TEXT, NULL, NULL, "", flags);
  properties[PROP_FINAL] =
      g_param_spec_boolean (BB_TRANSCRIPT_LINE_PROP_FINAL, NULL, NULL, FALSE, flags);
  properties[PROP_TIME] = g_param_spec_int64 (BB_TRANSCRIPT_LINE_PROP_TIME, NULL, NULL, G_MININT64,
                                              G_MAXINT64, 0, flags);
  properties[PROP_INTERRUPTED] =
      g_param_spec_boolean (BB_TRANSCRIPT_LINE_PROP_INTERRUPTED, NULL, NULL, FALSE, flags);
  properties[PROP_TOOL_NAME] =
      g_param_spec_string (BB_TRANSCRIPT_LINE_PROP_TOOL_NAME, NULL, NULL, NULL, flags);
  properties[PROP_TOOL_ARGUMENTS] =
      g_param_spec_string (BB_TRANSCRIPT_LINE_PROP_TOOL_ARGUMENTS, NULL, NULL, NULL, flags);
  properties[PROP_TOOL_RESULT] =
      g_param_spec_string (BB_TRANSCRIPT_LINE_PROP_TOOL_RESULT, NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bb_transcript_line_init (BbTranscriptLine *self)
{
  self->text = g_strdup ("");
}

BbTranscriptLine *
bb_transcript_line_new (BbTranscriptKind kind, const char *item_id, gint64 time_ms)
{
  BbTranscriptLine *self = g_object_new (BB_TYPE_TRANSCRIPT_LINE, NULL);

  self->kind = kind;
  self->item_id = g_strdup (item_id);
  self->time = time_ms;

  return self;
}

BbTranscriptLine *
bb_transcript_line_new_tool (const char *call_id,
                             const char *name,
                             const char *arguments,
                             gint64 time_ms)
{
  BbTranscriptLine *self = bb_transcript_line_new (BB_TRANSCRIPT_TOOL, call_id, time_ms);

  self->tool_name = g_strdup (name != NULL ? name : "");
  self->tool_arguments = g_strdup (arguments != NULL ? arguments : "");

  return self;
}

/* Both properties are set before either is announced: whoever hears of the
 * text sees whether it is final. */
gboolean
bb_transcript_line_set_text (BbTranscriptLine *self, const char *text, gboolean final)
{
  const gboolean text_differs = strcmp (self->text, text) != 0;
  const gboolean becomes_final = final && !self->final;

  if (self->final && !final)
    return FALSE;
  if (!text_differs && !becomes_final)
    return FALSE;

  self->final = final;
  if (text_differs)
    {
      g_free (self->text);
      self->text = g_strdup (text);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
    }
  if (becomes_final)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FINAL]);

  return TRUE;
}

gboolean
bb_transcript_line_set_interrupted (BbTranscriptLine *self)
{
  if (self->interrupted)
    return FALSE;

  self->interrupted = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INTERRUPTED]);

  return TRUE;
}

gboolean
bb_transcript_line_set_tool_result (BbTranscriptLine *self, const char *result)
{
  if (self->tool_result != NULL)
    return FALSE;

  self->tool_result = g_strdup (result);
  self->final = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL_RESULT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FINAL]);

  return TRUE;
}

BbTranscriptKind
bb_transcript_line_get_kind (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), BB_TRANSCRIPT_NOTE);

  return self->kind;
}

/**
 * bb_transcript_line_get_item_id:
 *
 * Returns: (nullable): id of the Realtime item, or of the tool call
 */
const char *
bb_transcript_line_get_item_id (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), NULL);

  return self->item_id;
}

const char *
bb_transcript_line_get_text (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), "");

  return self->text;
}

gboolean
bb_transcript_line_get_final (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), FALSE);

  return self->final;
}

/**
 * bb_transcript_line_get_time:
 *
 * Returns: ms since the call was answered, when the line began
 */
gint64
bb_transcript_line_get_time (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), 0);

  return self->time;
}

gboolean
bb_transcript_line_get_interrupted (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), FALSE);

  return self->interrupted;
}

const char *
bb_transcript_line_get_tool_name (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), NULL);

  return self->tool_name;
}

const char *
bb_transcript_line_get_tool_arguments (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), NULL);

  return self->tool_arguments;
}

const char *
bb_transcript_line_get_tool_result (BbTranscriptLine *self)
{
  g_return_val_if_fail (BB_IS_TRANSCRIPT_LINE (self), NULL);

  return self->tool_result;
}
