/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (BbCall, bb_call, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
bb_call_notify (BbCall *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

void
bb_call_changed (BbCall *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
bb_call_finalize (GObject *object)
{
  BbCall *self = BB_CALL (object);

  g_free (self->id);
  g_free (self->caller_number);
  g_free (self->caller_name);
  g_free (self->called);
  g_free (self->end_text);
  g_clear_pointer (&self->started, g_date_time_unref);
  g_clear_pointer (&self->answered, g_date_time_unref);
  g_clear_pointer (&self->ended, g_date_time_unref);
  g_clear_pointer (&self->media, bb_media_params_free);
  g_free (self->recording_path);
  g_free (self->connection);
  g_clear_object (&self->transcript);
  g_clear_object (&self->order);

  G_OBJECT_CLASS (bb_call_parent_class)->finalize (object);
}

static void
bb_call_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  BbCall *self = BB_CALL (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_CALLER_NUMBER:
      g_value_set_string (value, self->caller_number);
      break;
    case PROP_CALLER_NAME:
      g_value_set_string (value, self->caller_name);
      break;
    case PROP_CALLED:
      g_value_set_string (value, self->called);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_END:
      g_value_set_enum (value, self->end);
      break;
    case PROP_END_TEXT:
      g_value_set_string (value, self->end_text);
      break;
    case PROP_STARTED:
      g_value_set_boxed (value, self->started);
      break;
    case PROP_ANSWERED:
      g_value_set_boxed (value, self->answered);
      break;
    case PROP_ENDED:
      g_value_set_boxed (value, self->ended);
      break;
    case PROP_MEDIA:
      g_value_set_boxed (value, self->media);
      break;
    case PROP_RECORDING_PATH:
      g_value_set_string (value, self->recording_path);
      break;
    case PROP_TRANSCRIPT:
      g_value_set_object (value, self->transcript);
      break;
    case PROP_ORDER:
      g_value_set_object (value, self->order);
      break;
    case PROP_CONNECTION:
      g_value_set_string (value, self->connection);
      break;
    case PROP_SPEAKING:
      g_value_set_int (value, self->speaking);
      break;
    case PROP_OPERATOR_MODE:
      g_value_set_enum (value, self->operator_mode);
      break;
    case PROP_WAITING:
      g_value_set_boolean (value, self->waiting);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_call_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  BbCall *self = BB_CALL (object);

  switch (prop_id)
    {
    case PROP_STATE:
      bb_call_set_state (self, g_value_get_enum (value));
      break;
    case PROP_MEDIA:
      bb_call_set_media (self, g_value_get_boxed (value));
      break;
    case PROP_RECORDING_PATH:
      bb_call_set_recording_path (self, g_value_get_string (value));
      break;
    case PROP_CONNECTION:
      bb_call_set_connection (self, g_value_get_string (value));
      break;
    case PROP_SPEAKING:
      bb_call_set_speaking (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_call_class_init (BbCallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags read_write = read_only | G_PARAM_WRITABLE;

  object_class->finalize = bb_call_finalize;
  object_class->get_property = bb_call_get_property;
  object_class->set_property = bb_call_set_property;

  properties[PROP_ID] = g_param_spec_string (BB_CALL_PROP_ID, NULL, NULL, "", read_only);
  properties[PROP_CALLER_NUMBER] =
      g_param_spec_string (BB_CALL_PROP_CALLER_NUMBER, NULL, NULL, "", read_only);
  properties[PROP_CALLER_NAME] =
      g_param_spec_string (BB_CALL_PROP_CALLER_NAME, NULL, NULL, "", read_only);
  properties[PROP_CALLED] = g_param_spec_string (BB_CALL_PROP_CALLED, NULL, NULL, "", read_only);
  properties[PROP_STATE] = g_param_spec_enum (BB_CALL_PROP_STATE, NULL, NULL, BB_TYPE_CALL_STATE,
                                              BB_CALL_INCOMING, read_write);
  properties[PROP_END] = g_param_spec_enum (BB_CALL_PROP_END, NULL, NULL, BB_TYPE_CALL_END,
                                            BB_CALL_END_NONE, read_only);
  properties[PROP_END_TEXT] =
      g_param_spec_string (BB_CALL_PROP_END_TEXT, NULL, NULL, "", read_only);
  properties[PROP_STARTED] =
      g_param_spec_boxed (BB_CALL_PROP_STARTED, NULL, NULL, G_TYPE_DATE_TIME, read_only);
  properties[PROP_ANSWERED] =
      g_param_spec_boxed (BB_CALL_PROP_ANSWERED, NULL, NULL, G_TYPE_DATE_TIME, read_only);
  properties[PROP_ENDED] =
      g_param_spec_boxed (BB_CALL_PROP_ENDED, NULL, NULL, G_TYPE_DATE_TIME, read_only);
  properties[PROP_MEDIA] =
      g_param_spec_boxed (BB_CALL_PROP_MEDIA, NULL, NULL, BB_TYPE_MEDIA_PARAMS, read_write);
  properties[PROP_RECORDING_PATH] =
      g_param_spec_string (BB_CALL_PROP_RECORDING_PATH, NULL, NULL, NULL, read_write);
  properties[PROP_TRANSCRIPT] =
      g_param_spec_object (BB_CALL_PROP_TRANSCRIPT, NULL, NULL, BB_TYPE_TRANSCRIPT, read_only);
  properties[PROP_ORDER] =
      g_param_spec_object (BB_CALL_PROP_ORDER, NULL, NULL, BB_TYPE_ORDER, read_only);
  properties[PROP_CONNECTION] =
      g_param_spec_string (BB_CALL_PROP_CONNECTION, NULL, NULL, "", read_write);
  properties[PROP_SPEAKING] =
      g_param_spec_int (BB_CALL_PROP_SPEAKING, NULL, NULL, -1, BB_TRANSCRIPT_NOTE, -1, read_write);
  properties[PROP_OPERATOR_MODE] =
      g_param_spec_enum (BB_CALL_PROP_OPERATOR_MODE, NULL, NULL, BB_TYPE_OPERATOR_MODE,
                         BB_OPERATOR_AWAY, read_only);
  properties[PROP_WAITING] =
      g_param_spec_boolean (BB_CALL_PROP_WAITING, NULL, NULL, FALSE, read_only);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * BbCall::changed:
   *
   * After any change of the call's own fields (the quality too), when their
   * notify signals are out. The transcript and the order have signals of their
   * own.
   */
  signals[CHANGED] = g_signal_new (BB_CALL_SIGNAL_CHANGED, BB_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
bb_call_init (BbCall *self)
{
  self->speaking = -1;
  self->connection = g_strdup ("");
  self->transcript = bb_transcript_new ();
}

static char *
dup_or_empty (const char *string)
{
  return g_strdup (string != NULL ? string : "");
}

/**
 * bb_call_new:
 * @id: (nullable): UUID; %NULL: a new one
 * @caller_number: (nullable): "" and %NULL when withheld
 * @caller_name: (nullable): display name
 * @called: (nullable): what was dialled
 *
 * Returns: (transfer full): a call that rings since now
 */
BbCall *
bb_call_new (const char *id, const char *caller_number, const char *caller_name, const char *called)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *new_id = id == NULL ? g_uuid_string_random () : NULL;

  return bb_call_new_full (id != NULL ? id : new_id, caller_number, caller_name, called,
                           BB_CALL_INCOMING, BB_CALL_END_NONE, NULL, now, NULL, NULL, NULL);
}

/**
 * bb_call_new_full:
 * @started: when it began to ring
 * @answered: (nullable): %NULL before
 * @ended: (nullable): %NULL before
 * @order: (nullable) (transfer none): %NULL: a new, empty one
 *
 * Mirrors a call of another process. Its duration goes on from what the dates
 * say, on this machine's monotonic clock.
 *
 * Returns: (transfer full): the call
 */
BbCall *
bb_call_new_full (const char *id,
                  const char *caller_number,
                  const char *caller_name,
                  const char *called,
                  BbCallState state,
                  BbCallEnd end,
                  const char *end_text,
                  GDateTime *started,
                  GDateTime *answered,
                  GDateTime *ended,
                  BbOrder *order)
{
  BbCall *self;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  const gint64 now_at = g_get_monotonic_time ();

  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (started != NULL, NULL);

  self = g_object_new (BB_TYPE_CALL, NULL);
  self->id = g_strdup (id);
  self->caller_number = dup_or_empty (caller_number);
  self->caller_name = dup_or_empty (caller_name);
  self->called = dup_or_empty (called);
  self->state = state;
  self->end = end;
  self->end_text = dup_or_empty (end_text);
  self->started = g_date_time_ref (started);
  if (answered != NULL)
    {
      self->answered = g_date_time_ref (answered);
      self->answered_at = now_at - g_date_time_difference (now, answered);
    }
  if (ended != NULL)
    {
      self->ended = g_date_time_ref (ended);
      self->ended_at = now_at - g_date_time_difference (now, ended);
    }

  if (order != NULL)
    self->order = g_object_ref (order);
  else
    self->order = bb_order_new (self->id, *self->caller_number != '\0' ? self->caller_number
                                                                       : self->caller_name);

  return self;
}

const char *
bb_call_get_id (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), "");

  return self->id;
}

const char *
bb_call_get_caller_number (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), "");

  return self->caller_number;
}

const char *
bb_call_get_caller_name (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), "");

  return self->caller_name;
}

const char *
bb_call_get_called (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), "");

  return self->called;
}

/**
 * bb_call_dup_title:
 *
 * Returns: (transfer full): how a person is told which call this is
 */
char *
bb_call_dup_title (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  if (*self->caller_name != '\0')
    return g_strdup (self->caller_name);
  if (*self->caller_number != '\0')
    return g_strdup (self->caller_number);
  return g_strdup (_ ("Anonymous"));
}

BbCallState
bb_call_get_state (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), BB_CALL_ENDED);

  return self->state;
}

BbCallEnd
bb_call_get_end (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), BB_CALL_END_NONE);

  return self->end;
}

const char *
bb_call_get_end_text (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), "");

  return self->end_text;
}

GDateTime *
bb_call_get_started (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->started;
}

GDateTime *
bb_call_get_answered (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->answered;
}

GDateTime *
bb_call_get_ended (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->ended;
}

/**
 * bb_call_get_duration:
 *
 * Returns: ms between answer and end, or now; 0 before the answer
 */
gint64
bb_call_get_duration (BbCall *self)
{
  gint64 until;

  g_return_val_if_fail (BB_IS_CALL (self), 0);

  if (self->answered == NULL)
    return 0;
  until = self->ended != NULL ? self->ended_at : g_get_monotonic_time ();
  return MAX (until - self->answered_at, 0) / 1000;
}

/**
 * bb_call_get_media:
 *
 * Returns: (transfer none) (nullable): what was negotiated
 */
const BbMediaParams *
bb_call_get_media (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->media;
}

/**
 * bb_call_get_recording_path:
 *
 * Returns: (nullable): %NULL: not recorded
 */
const char *
bb_call_get_recording_path (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->recording_path;
}

const char *
bb_call_get_connection (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), "");

  return self->connection;
}

int
bb_call_get_speaking (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), -1);

  return self->speaking;
}

BbOperatorMode
bb_call_get_operator_mode (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), BB_OPERATOR_AWAY);

  return self->operator_mode;
}

gboolean
bb_call_get_waiting (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), FALSE);

  return self->waiting;
}

const BbCallQuality *
bb_call_get_quality (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return &self->quality;
}

BbTranscript *
bb_call_get_transcript (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->transcript;
}

BbOrder *
bb_call_get_order (BbCall *self)
{
  g_return_val_if_fail (BB_IS_CALL (self), NULL);

  return self->order;
}
