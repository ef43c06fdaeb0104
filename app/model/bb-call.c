/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call.h"

#include <glib/gi18n-lib.h>

struct _BbCall
{
  GObject parent_instance;

  char *id;
  char *caller_number;
  char *caller_name;
  char *called;
  BbCallState state;
  BbCallEnd end;
  char *end_text;
  GDateTime *started;
  GDateTime *answered; /* NULL before */
  GDateTime *ended;    /* NULL before */
  gint64 answered_at;  /* µs, monotonic; 0 before */
  gint64 ended_at;     /* µs, monotonic; 0 before */
  BbMediaParams *media;
  char *recording_path;
  char *connection;
  int speaking; /* BbTranscriptKind or -1 */
  BbCallQuality quality;

  BbTranscript *transcript;
  BbOrder *order;
};

G_DEFINE_FINAL_TYPE (BbCall, bb_call, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_ID,
  PROP_CALLER_NUMBER,
  PROP_CALLER_NAME,
  PROP_CALLED,
  PROP_STATE,
  PROP_END,
  PROP_END_TEXT,
  PROP_STARTED,
  PROP_ANSWERED,
  PROP_ENDED,
  PROP_MEDIA,
  PROP_RECORDING_PATH,
  PROP_TRANSCRIPT,
  PROP_ORDER,
  PROP_CONNECTION,
  PROP_SPEAKING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* The state machine of a call: from which state which others can be entered. */
#define TO(state) (1u << (state))
static const guint steps[] = {
  [BB_CALL_INCOMING] = TO (BB_CALL_ANSWERING) | TO (BB_CALL_ENDING),
  [BB_CALL_ANSWERING] = TO (BB_CALL_TALKING) | TO (BB_CALL_ENDING),
  [BB_CALL_TALKING] = TO (BB_CALL_OPERATOR) | TO (BB_CALL_ENDING),
  [BB_CALL_OPERATOR] = TO (BB_CALL_TALKING) | TO (BB_CALL_ENDING),
  [BB_CALL_ENDING] = TO (BB_CALL_ENDED),
  [BB_CALL_ENDED] = 0,
};

static void
notify (BbCall *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

static void
changed (BbCall *self)
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

/**
 * bb_call_set_state:
 *
 * Returns: whether the state was entered now
 */
gboolean
bb_call_set_state (BbCall *self, BbCallState state)
{
  g_autoptr (BbCall) alive = NULL;
  gboolean stamped_answer = FALSE, stamped_end = FALSE;

  g_return_val_if_fail (BB_IS_CALL (self), FALSE);
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (steps), FALSE);
  BB_ASSERT_MAIN_CONTEXT ();

  if ((steps[self->state] & TO (state)) == 0)
    return FALSE;

  self->state = state;
  if (state == BB_CALL_TALKING && self->answered == NULL)
    {
      self->answered = g_date_time_new_now_utc ();
      self->answered_at = g_get_monotonic_time ();
      stamped_answer = TRUE;
    }
  if (state == BB_CALL_ENDED)
    {
      self->ended = g_date_time_new_now_utc ();
      self->ended_at = g_get_monotonic_time ();
      stamped_end = TRUE;
    }

  alive = g_object_ref (self);
  notify (self, PROP_STATE);
  if (stamped_answer)
    notify (self, PROP_ANSWERED);
  if (stamped_end)
    notify (self, PROP_ENDED);
  changed (self);

  return TRUE;
}

/**
 * bb_call_set_end:
 * @text: (nullable): for people, translated
 *
 * Only the first reason counts: what follows is its consequence.
 */
void
bb_call_set_end (BbCall *self, BbCallEnd end, const char *text)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->end != BB_CALL_END_NONE || end == BB_CALL_END_NONE)
    return;

  alive = g_object_ref (self);
  self->end = end;
  g_free (self->end_text);
  self->end_text = dup_or_empty (text);
  notify (self, PROP_END);
  if (*self->end_text != '\0')
    notify (self, PROP_END_TEXT);
  changed (self);
}

/**
 * bb_call_set_media:
 * @media: (nullable) (transfer none): copied
 */
void
bb_call_set_media (BbCall *self, const BbMediaParams *media)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (media == self->media)
    return;

  alive = g_object_ref (self);
  g_clear_pointer (&self->media, bb_media_params_free);
  if (media != NULL)
    self->media = bb_media_params_copy (media);
  notify (self, PROP_MEDIA);
  changed (self);
}

static void
set_string (BbCall *self, char **field, char *value, guint prop_id)
{
  g_autoptr (BbCall) alive = NULL;

  if (g_strcmp0 (*field, value) == 0)
    {
      g_free (value);
      return;
    }

  alive = g_object_ref (self);
  g_free (*field);
  *field = value;
  notify (self, prop_id);
  changed (self);
}

void
bb_call_set_recording_path (BbCall *self, const char *path)
{
  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  set_string (self, &self->recording_path, g_strdup (path), PROP_RECORDING_PATH);
}

void
bb_call_set_connection (BbCall *self, const char *connection)
{
  g_return_if_fail (BB_IS_CALL (self));
  BB_ASSERT_MAIN_CONTEXT ();

  set_string (self, &self->connection, dup_or_empty (connection), PROP_CONNECTION);
}

/**
 * bb_call_set_speaking:
 * @speaking: a #BbTranscriptKind, or -1: nobody
 */
void
bb_call_set_speaking (BbCall *self, int speaking)
{
  g_autoptr (BbCall) alive = NULL;

  g_return_if_fail (BB_IS_CALL (self));
  g_return_if_fail (speaking >= -1 && speaking <= BB_TRANSCRIPT_NOTE);
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->speaking == speaking)
    return;

  alive = g_object_ref (self);
  self->speaking = speaking;
  notify (self, PROP_SPEAKING);
  changed (self);
}

void
bb_call_set_quality (BbCall *self, const BbCallQuality *quality)
{
  g_return_if_fail (BB_IS_CALL (self));
  g_return_if_fail (quality != NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  if (memcmp (&self->quality, quality, sizeof *quality) == 0)
    return;

  self->quality = *quality;
  changed (self);
}

static gboolean
set_date (GDateTime **field, GDateTime *value)
{
  if (*field == value || (*field != NULL && value != NULL && g_date_time_equal (*field, value)))
    return FALSE;
  g_clear_pointer (field, g_date_time_unref);
  if (value != NULL)
    *field = g_date_time_ref (value);
  return TRUE;
}

/**
 * bb_call_mirror:
 * @end_text: (nullable): for people
 * @answered: (nullable): %NULL before
 * @ended: (nullable): %NULL before
 * @duration: ms talked so far: the other machine's clock may be wrong, so it
 *   is not reckoned from the dates
 *
 * Not held to the state machine: the other process held itself to it, and
 * several of its steps may come as one. One "changed" at the end.
 */
void
bb_call_mirror (BbCall *self,
                BbCallState state,
                BbCallEnd end,
                const char *end_text,
                GDateTime *answered,
                GDateTime *ended,
                gint64 duration)
{
  g_autoptr (BbCall) alive = NULL;
  const gint64 now_at = g_get_monotonic_time ();
  gboolean new_state, new_end, new_text, new_answered, new_ended;

  g_return_if_fail (BB_IS_CALL (self));
  g_return_if_fail ((guint)state < G_N_ELEMENTS (steps));
  BB_ASSERT_MAIN_CONTEXT ();

  if (end_text == NULL)
    end_text = "";
  new_state = self->state != state;
  new_end = self->end != end;
  new_text = strcmp (self->end_text, end_text) != 0;
  new_answered = set_date (&self->answered, answered);
  new_ended = set_date (&self->ended, ended);
  self->state = state;
  self->end = end;
  if (new_text)
    {
      g_free (self->end_text);
      self->end_text = g_strdup (end_text);
    }
  if (answered != NULL)
    {
      self->answered_at = now_at - duration * 1000;
      self->ended_at = now_at;
    }

  alive = g_object_ref (self);
  if (new_state)
    notify (self, PROP_STATE);
  if (new_end)
    notify (self, PROP_END);
  if (new_text)
    notify (self, PROP_END_TEXT);
  if (new_answered)
    notify (self, PROP_ANSWERED);
  if (new_ended)
    notify (self, PROP_ENDED);
  if (new_state || new_end || new_text || new_answered || new_ended)
    changed (self);
}
