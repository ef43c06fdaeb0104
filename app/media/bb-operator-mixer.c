/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-operator-mixer.h"

#include <string.h>

#include "bb-resampler.h"
#include "bb-voice-queue.h"

#define RATE BB_OPERATOR_RATE
#define FRAME (RATE / 50)   /* samples of each channel in 20 ms */
#define OPERATOR_TARGET 40  /* ms gathered against the jitter of a voice */
#define OPERATOR_MAX 200    /* ms at most */
#define INSIDE_TARGET 30    /* ms; between the call's own two paces */
#define INSIDE_MAX 200

/* A voice from one rate to another, into a queue. */
typedef struct
{
  BbResampler *resampler; /* NULL: same rate */
  BbVoiceQueue queue;
  gboolean fresh; /* what comes next is the midst of a voice, and fades in */
  gint16 *scratch;
  gsize scratch_size;
  gint16 *faded;
  gsize faded_size;
} Path;

struct _BbOperatorMixer
{
  BbOperatorMode mode;
  BbOperatorSinkFunc sink;
  gpointer sink_data;

  BbVoiceFormat caller;
  BbVoiceFormat bot;

  /* How loud a voice is where, now: each follows the mode within a frame. */
  float caller_to_bot;
  float bot_out; /* to the caller and the operator */
  float operator_to_bot;
  float operator_out;

  BbVoiceQueue operator_voice; /* as it comes from the person; 16 kHz */
  Path to_bot;                 /* the operator, toward the API; the caller's rate */
  Path to_caller;              /* the operator, toward the caller; the bot's rate */
  Path caller_monitor;         /* 16 kHz */
  Path bot_monitor;            /* 16 kHz */
  guint64 rest;                /* of samples of 16 kHz, in 1 / rate of the bot */

  gint16 *mono; /* scratch of the frame in hand */
  gint16 *add;
  gsize scratch_size;
  gint16 *wide; /* the same time at 16 kHz */
  gsize wide_size;
  /* Of the frame in hand, from bb_operator_mixer_…() to …_change_…(). */
  float gain_from;
  float gain_to;

  gint16 down[2 * FRAME];
  guint n_down; /* frames in it */
};

/* ---- Paths ---- */

static void
path_clear (Path *self)
{
  g_clear_pointer (&self->resampler, bb_resampler_free);
  g_clear_pointer (&self->scratch, g_free);
  g_clear_pointer (&self->faded, g_free);
  bb_voice_queue_clear (&self->queue);
  *self = (Path){ 0 };
}

static void
path_init (Path *self, guint in_rate, guint out_rate, guint target, guint max)
{
  path_clear (self);
  bb_voice_queue_init (&self->queue, out_rate, target, max);
  self->fresh = TRUE;
  if (in_rate != out_rate)
    self->resampler = bb_resampler_new (in_rate, out_rate);
}

/* What comes next follows on silence. */
static void
path_reset (Path *self)
{
  if (self->resampler != NULL)
    bb_resampler_reset (self->resampler);
  bb_voice_queue_flush (&self->queue);
  self->fresh = TRUE;
}

static gint16 *
ensure (gint16 **memory, gsize *size, gsize n)
{
  if (*size < n)
    {
      g_free (*memory);
      *memory = g_new (gint16, n);
      *size = n;
    }
  return *memory;
}

static void
path_push (Path *self, const gint16 *samples, gsize n)
{
  if (self->fresh)
    {
      gint16 *faded = ensure (&self->faded, &self->faded_size, n);

      memcpy (faded, samples, n * sizeof *faded);
      bb_voice_fade (faded, n, 0, 1);
      samples = faded;
      self->fresh = FALSE;
    }
  if (self->resampler != NULL)
    {
      gint16 *out = ensure (&self->scratch, &self->scratch_size,
                            bb_resampler_get_most (self->resampler, n));

      n = bb_resampler_process (self->resampler, samples, n, out);
      samples = out;
    }
  bb_voice_queue_push (&self->queue, samples, (guint) n);
}

/* ---- Who hears whom ---- */

static gboolean
operator_speaks_to_bot (BbOperatorMode mode)
{
  return mode == BB_OPERATOR_WHISPER || mode == BB_OPERATOR_CONFERENCE;
}

static gboolean
operator_speaks_to_caller (BbOperatorMode mode)
{
  return mode == BB_OPERATOR_TAKE_OVER || mode == BB_OPERATOR_CONFERENCE;
}

static float
bot_gain (BbOperatorMode mode)
{
  return mode == BB_OPERATOR_TAKE_OVER ? 0 : 1;
}

static gboolean
operator_listens (BbOperatorMixer *self)
{
  return self->mode != BB_OPERATOR_AWAY && self->sink != NULL;
}

/**
 * bb_operator_mixer_new:
 *
 * Returns: (transfer full): the operator is away
 */
BbOperatorMixer *
bb_operator_mixer_new (void)
{
  BbOperatorMixer *self = g_new0 (BbOperatorMixer, 1);

  self->caller_to_bot = self->bot_out = 1;
  bb_voice_queue_init (&self->operator_voice, RATE, OPERATOR_TARGET, OPERATOR_MAX);
  return self;
}

void
bb_operator_mixer_free (BbOperatorMixer *self)
{
  bb_voice_queue_clear (&self->operator_voice);
  path_clear (&self->to_bot);
  path_clear (&self->to_caller);
  path_clear (&self->caller_monitor);
  path_clear (&self->bot_monitor);
  g_free (self->mono);
  g_free (self->add);
  g_free (self->wide);
  g_free (self);
}

void
bb_operator_mixer_set_mode (BbOperatorMixer *self, BbOperatorMode mode)
{
  /* What was heard or said before is old. Who is only just fading goes on. */
  if (self->mode == BB_OPERATOR_AWAY)
    {
      path_reset (&self->caller_monitor);
      path_reset (&self->bot_monitor);
      self->n_down = 0;
    }
  if (!operator_speaks_to_bot (self->mode) && self->operator_to_bot <= 0)
    path_reset (&self->to_bot);
  if (!operator_speaks_to_caller (self->mode) && self->operator_out <= 0)
    path_reset (&self->to_caller);
  if (!operator_speaks_to_bot (self->mode) && !operator_speaks_to_caller (self->mode))
    bb_voice_queue_flush (&self->operator_voice);
  self->mode = mode;
}

BbOperatorMode
bb_operator_mixer_get_mode (BbOperatorMixer *self)
{
  return self->mode;
}

void
bb_operator_mixer_set_sink (BbOperatorMixer *self, BbOperatorSinkFunc func, gpointer user_data)
{
  self->sink = func;
  self->sink_data = user_data;
}

/**
 * bb_operator_mixer_set_caller_format:
 * @self: a mixer
 * @format: of bb_operator_mixer_caller()
 */
void
bb_operator_mixer_set_caller_format (BbOperatorMixer *self, const BbVoiceFormat *format)
{
  self->caller = *format;
  if (format->encoding == BB_VOICE_NONE)
    return;

  path_init (&self->to_bot, RATE, format->rate, INSIDE_TARGET, INSIDE_MAX);
  path_init (&self->caller_monitor, format->rate, RATE, INSIDE_TARGET, INSIDE_MAX);
}

/**
 * bb_operator_mixer_set_bot_format:
 * @self: a mixer
 * @format: of bb_operator_mixer_bot()
 */
void
bb_operator_mixer_set_bot_format (BbOperatorMixer *self, const BbVoiceFormat *format)
{
  self->bot = *format;
  self->rest = 0;
  if (format->encoding == BB_VOICE_NONE)
    return;

  path_init (&self->to_caller, RATE, format->rate, 0, INSIDE_MAX);
  path_init (&self->bot_monitor, format->rate, RATE, 0, INSIDE_MAX);
}

/* Whether it has been told a format that it can mix. */
gboolean
bb_operator_mixer_knows_caller (BbOperatorMixer *self)
{
  return self->caller.encoding != BB_VOICE_NONE;
}

gboolean
bb_operator_mixer_knows_bot (BbOperatorMixer *self)
{
  return self->bot.encoding != BB_VOICE_NONE;
}

/**
 * bb_operator_mixer_push:
 * @self: a mixer
 * @frame: what the operator says: 16 kHz mono S16LE
 * @size: bytes
 *
 * Forgotten when the mode has nobody hear it.
 */
void
bb_operator_mixer_push (BbOperatorMixer *self, const guint8 *frame, gsize size)
{
  gint16 samples[FRAME];

  if (!operator_speaks_to_bot (self->mode) && !operator_speaks_to_caller (self->mode))
    return;

  while (size >= 2)
    {
      guint n = (guint) MIN (size / 2, FRAME);

      for (guint i = 0; i < n; i++)
        samples[i] = (gint16) (frame[2 * i] | frame[2 * i + 1] << 8);
      bb_voice_queue_push (&self->operator_voice, samples, n);
      frame += 2 * n;
      size -= 2 * n;
    }
}

/* ---- Frames ---- */

static void
ensure_scratch (BbOperatorMixer *self, gsize n)
{
  if (self->scratch_size >= n)
    return;

  g_free (self->mono);
  g_free (self->add);
  self->mono = g_new (gint16, n);
  self->add = g_new (gint16, n);
  self->scratch_size = n;
}

/**
 * bb_operator_mixer_caller:
 * @self: a mixer
 * @data: a frame of the caller
 * @size: bytes
 *
 * Returns: what becomes of it on its way to the API; for %BB_MIX_CHANGE call
 *   bb_operator_mixer_change_caller() next, with a frame that can be written
 */
BbMixVerdict
bb_operator_mixer_caller (BbOperatorMixer *self, const guint8 *data, gsize size)
{
  gsize n = bb_voice_format_count (&self->caller, size);
  float speak_from = self->operator_to_bot;
  float speak_to = operator_speaks_to_bot (self->mode) ? 1 : 0;
  gboolean speaks = FALSE;

  self->gain_from = self->caller_to_bot;
  self->gain_to = bot_gain (self->mode);
  self->caller_to_bot = self->gain_to;
  self->operator_to_bot = speak_to;
  if (n == 0)
    return self->gain_from == 0 && self->gain_to == 0 ? BB_MIX_DROP : BB_MIX_PASS;

  ensure_scratch (self, n);
  if (operator_listens (self))
    {
      bb_voice_format_read (&self->caller, data, n, self->mono);
      path_push (&self->caller_monitor, self->mono, n);
    }
  if (self->gain_from == 0 && self->gain_to == 0)
    return BB_MIX_DROP;

  if (speak_from > 0 || speak_to > 0)
    {
      speaks = bb_voice_queue_pull (&self->to_bot.queue, self->add, (guint) n);
      bb_voice_fade (self->add, n, speak_from, speak_to);
    }
  else
    {
      memset (self->add, 0, n * sizeof *self->add);
    }
  return speaks || self->gain_from < 1 || self->gain_to < 1 ? BB_MIX_CHANGE : BB_MIX_PASS;
}

/**
 * bb_operator_mixer_change_caller:
 * @self: a mixer
 * @data: the frame just given to bb_operator_mixer_caller(), changed in place
 * @size: bytes
 */
void
bb_operator_mixer_change_caller (BbOperatorMixer *self, guint8 *data, gsize size)
{
  bb_voice_format_mix (&self->caller, data, bb_voice_format_count (&self->caller, size),
                       self->gain_from, self->gain_to, self->add);
}

/* Samples of 16 kHz in the time of @n of the bot's. */
static guint
wide_count (BbOperatorMixer *self, gsize n)
{
  guint64 total = (guint64) n * RATE + self->rest;

  self->rest = total % self->bot.rate;
  return (guint) (total / self->bot.rate);
}

static void
send_down (BbOperatorMixer *self, gsize n, guint n_wide)
{
  path_push (&self->bot_monitor, self->mono, n);
  while (n_wide > 0)
    {
      guint part = MIN (n_wide, FRAME - self->n_down);
      gint16 *down = self->down + 2 * self->n_down;
      gint16 left[FRAME];
      gint16 right[FRAME];

      bb_voice_queue_pull (&self->caller_monitor.queue, left, part);
      bb_voice_queue_pull (&self->bot_monitor.queue, right, part);
      for (guint i = 0; i < part; i++)
        {
          down[2 * i] = GINT16_TO_LE (left[i]);
          down[2 * i + 1] = GINT16_TO_LE (right[i]);
        }
      self->n_down += part;
      n_wide -= part;
      if (self->n_down == FRAME)
        {
          self->sink ((const guint8 *) self->down, sizeof self->down, self->sink_data);
          self->n_down = 0;
        }
    }
}

/**
 * bb_operator_mixer_bot:
 * @self: a mixer
 * @data: a frame of the bot, silence too
 * @size: bytes
 *
 * Time goes on for the operator by just as much: hears, and is heard.
 *
 * Returns: what becomes of it on its way to the caller; for %BB_MIX_CHANGE call
 *   bb_operator_mixer_change_bot() next, with a frame that can be written
 */
BbMixVerdict
bb_operator_mixer_bot (BbOperatorMixer *self, const guint8 *data, gsize size)
{
  gsize n = bb_voice_format_count (&self->bot, size);
  float speak_from = self->operator_out;
  float speak_to = operator_speaks_to_caller (self->mode) ? 1 : 0;
  gboolean speaks = FALSE;
  guint n_wide;

  self->gain_from = self->bot_out;
  self->gain_to = bot_gain (self->mode);
  self->bot_out = self->gain_to;
  self->operator_out = speak_to;
  if (n == 0)
    return self->gain_to == 0 ? BB_MIX_DROP : BB_MIX_PASS;

  ensure_scratch (self, n);
  n_wide = wide_count (self, n);
  if (operator_listens (self))
    {
      bb_voice_format_read (&self->bot, data, n, self->mono);
      bb_voice_fade (self->mono, n, self->gain_from, self->gain_to);
      send_down (self, n, n_wide);
    }

  if (speak_from > 0 || speak_to > 0 || operator_speaks_to_bot (self->mode))
    {
      ensure (&self->wide, &self->wide_size, n_wide);
      speaks = bb_voice_queue_pull (&self->operator_voice, self->wide, n_wide);
      if (operator_speaks_to_bot (self->mode) && self->caller.encoding != BB_VOICE_NONE)
        path_push (&self->to_bot, self->wide, n_wide);
    }
  if (speak_from > 0 || speak_to > 0)
    {
      path_push (&self->to_caller, self->wide, n_wide);
      /* What the resampler holds back of a voice comes with the next frame. */
      speaks |= bb_voice_queue_pull (&self->to_caller.queue, self->add, (guint) n);
      bb_voice_fade (self->add, n, speak_from, speak_to);
    }
  else
    {
      speaks = FALSE;
      memset (self->add, 0, n * sizeof *self->add);
    }
  return speaks || self->gain_from < 1 || self->gain_to < 1 ? BB_MIX_CHANGE : BB_MIX_PASS;
}

/**
 * bb_operator_mixer_change_bot:
 * @self: a mixer
 * @data: the frame just given to bb_operator_mixer_bot(), changed in place
 * @size: bytes
 */
void
bb_operator_mixer_change_bot (BbOperatorMixer *self, guint8 *data, gsize size)
{
  bb_voice_format_mix (&self->bot, data, bb_voice_format_count (&self->bot, size), self->gain_from,
                       self->gain_to, self->add);
}

/**
 * bb_operator_mixer_caller_is_idle:
 * @self: a mixer
 *
 * Returns: whether the caller's frames need not be shown to it
 */
gboolean
bb_operator_mixer_caller_is_idle (BbOperatorMixer *self)
{
  return self->mode == BB_OPERATOR_AWAY && self->caller_to_bot >= 1 && self->operator_to_bot <= 0;
}

/**
 * bb_operator_mixer_bot_is_idle:
 * @self: a mixer
 *
 * Returns: whether the bot's frames need not be shown to it
 */
gboolean
bb_operator_mixer_bot_is_idle (BbOperatorMixer *self)
{
  return self->mode == BB_OPERATOR_AWAY && self->bot_out >= 1 && self->operator_out <= 0;
}

/**
 * bb_operator_mixer_wants_caller:
 * @self: a mixer
 *
 * Returns: whether the operator says something to the bot that needs frames of
 *   the caller to go with
 */
gboolean
bb_operator_mixer_wants_caller (BbOperatorMixer *self)
{
  return operator_speaks_to_bot (self->mode) && self->to_bot.queue.fill > 0;
}
