/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-audio-tap.h"

#include "bb-operator-mixer.h"

/* The caller's stream has stopped (silence suppressed, on hold): frames are
 * made for what the operator says to the bot. */
#define CALLER_QUIET (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  BbAudioTap *tap; /* not owned: the probe has a reference */
  GstPad *pad;
  gulong probe; /* 0: not on the pad */
} Side;

struct _BbAudioTap
{
  gatomicrefcount ref_count;
  GMutex lock; /* all below but the pads themselves */

  Side sides[BB_RECORDING_N_SIDES];
  gboolean same_thread; /* the bot's frames come from the thread of the caller's */
  BbRecorder *recorder;
  BbOperatorMixer *mixer; /* NULL until an operator comes */
  GDestroyNotify sink_destroy;
  gpointer sink_data;
  gint64 last_caller; /* µs */
  gboolean filling;   /* the frame in hand is push_silence()'s */
};

static BbAudioTap *
tap_ref (BbAudioTap *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
bb_audio_tap_unref (BbAudioTap *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    gst_clear_object (&self->sides[i].pad);
  g_clear_pointer (&self->mixer, bb_operator_mixer_free);
  g_clear_object (&self->recorder);
  if (self->sink_destroy != NULL)
    self->sink_destroy (self->sink_data);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* ---- On the media thread ---- */

static void
take_caps (BbAudioTap *self, BbRecordingSide which, GstCaps *caps)
{
  BbVoiceFormat format;

  if (self->recorder != NULL)
    bb_recorder_take_caps (self->recorder, which, caps);
  if (self->mixer == NULL)
    return;

  bb_voice_format_from_caps (&format, caps);
  if (which == BB_RECORDING_CALLER)
    bb_operator_mixer_set_caller_format (self->mixer, &format);
  else
    bb_operator_mixer_set_bot_format (self->mixer, &format);
}

static void
teach_mixer (BbAudioTap *self, BbRecordingSide which)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (self->sides[which].pad);
  BbVoiceFormat format;

  if (caps == NULL)
    return;
  bb_voice_format_from_caps (&format, caps);
  if (which == BB_RECORDING_CALLER)
    bb_operator_mixer_set_caller_format (self->mixer, &format);
  else
    bb_operator_mixer_set_bot_format (self->mixer, &format);
}

/* A frame comes when its caps are on the pad, whatever was missed before. */
static void
teach_mixer_late (BbAudioTap *self, BbRecordingSide which)
{
  if (self->mixer != NULL
      && !(which == BB_RECORDING_CALLER ? bb_operator_mixer_knows_caller (self->mixer)
                                        : bb_operator_mixer_knows_bot (self->mixer)))
    teach_mixer (self, which);
}

typedef BbMixVerdict (*MixFunc) (BbOperatorMixer *mixer, const guint8 *data, gsize size);
typedef void (*ChangeFunc) (BbOperatorMixer *mixer, guint8 *data, gsize size);

static GstPadProbeReturn
mix (BbAudioTap *self, GstPadProbeInfo *info, MixFunc func, ChangeFunc change)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  BbMixVerdict verdict;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  verdict = func (self->mixer, map.data, map.size);
  gst_buffer_unmap (buffer, &map);

  if (verdict == BB_MIX_DROP)
    return GST_PAD_PROBE_DROP;
  if (verdict == BB_MIX_CHANGE)
    {
      buffer = gst_buffer_make_writable (buffer);
      GST_PAD_PROBE_INFO_DATA (info) = buffer;
      GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);
      if (gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
        {
          change (self->mixer, map.data, map.size);
          gst_buffer_unmap (buffer, &map);
        }
    }
  return GST_PAD_PROBE_OK;
}

/* The recording has the caller as they came. */
static GstPadProbeReturn
take_caller (BbAudioTap *self, GstPadProbeInfo *info)
{
  if (!self->filling)
    self->last_caller = g_get_monotonic_time ();
  if (self->recorder != NULL)
    bb_recorder_take_buffer (self->recorder, BB_RECORDING_CALLER, GST_PAD_PROBE_INFO_BUFFER (info));
  if (self->mixer == NULL || bb_operator_mixer_caller_is_idle (self->mixer))
    return GST_PAD_PROBE_OK;
  return mix (self, info, bb_operator_mixer_caller, bb_operator_mixer_change_caller);
}

/* And the other side as it goes to the caller. */
static GstPadProbeReturn
take_bot (BbAudioTap *self, GstPadProbeInfo *info)
{
  GstPadProbeReturn ret = GST_PAD_PROBE_OK;

  if (self->mixer != NULL && !bb_operator_mixer_bot_is_idle (self->mixer))
    ret = mix (self, info, bb_operator_mixer_bot, bb_operator_mixer_change_bot);
  if (self->recorder != NULL && ret == GST_PAD_PROBE_OK)
    bb_recorder_take_buffer (self->recorder, BB_RECORDING_BOT, GST_PAD_PROBE_INFO_BUFFER (info));
  return ret;
}

/* Time that was lost is nothing to a bot that is deaf. */
static gboolean
is_deaf (BbAudioTap *self)
{
  return self->mixer != NULL
         && bb_operator_mixer_get_mode (self->mixer) == BB_OPERATOR_TAKE_OVER;
}

static gboolean
is_needed (BbAudioTap *self, BbRecordingSide which)
{
  if (self->recorder != NULL)
    return TRUE;
  if (self->mixer == NULL)
    return FALSE;
  return which == BB_RECORDING_CALLER ? !bb_operator_mixer_caller_is_idle (self->mixer)
                                      : !bb_operator_mixer_bot_is_idle (self->mixer);
}

static GstPadProbeReturn
on_data (Side *side, BbRecordingSide which, GstPadProbeInfo *info)
{
  BbAudioTap *self = side->tap;
  GstPadProbeReturn ret = GST_PAD_PROBE_OK;

  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0)
    {
      teach_mixer_late (self, which);
      ret = which == BB_RECORDING_CALLER ? take_caller (self, info) : take_bot (self, info);
    }
  else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS)
    {
      GstCaps *caps;

      gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
      take_caps (self, which, caps);
    }
  else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_GAP
           && which == BB_RECORDING_CALLER && is_deaf (self))
    {
      ret = GST_PAD_PROBE_DROP;
    }

  if (ret == GST_PAD_PROBE_OK && !is_needed (self, which))
    {
      side->probe = 0;
      ret = GST_PAD_PROBE_REMOVE;
    }
  return ret;
}

static GstPadProbeReturn
on_caller_pad (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  BbAudioTap *self = user_data;
  GstPadProbeReturn ret;

  g_mutex_lock (&self->lock);
  ret = on_data (&self->sides[BB_RECORDING_CALLER], BB_RECORDING_CALLER, info);
  g_mutex_unlock (&self->lock);
  return ret;
}

/* As long as the bot's frame, of the caller's kind. */
static void
push_silence (BbAudioTap *self, GstClockTime duration)
{
  GstPad *pad = self->sides[BB_RECORDING_CALLER].pad;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  BbVoiceFormat format = { 0 };
  GstBuffer *buffer;
  gsize bytes;

  if (caps == NULL)
    return;
  bb_voice_format_from_caps (&format, caps);
  bytes = (gsize) gst_util_uint64_scale (duration, format.rate, GST_SECOND)
          * (format.encoding == BB_VOICE_S16 ? 2 : 1);
  if ((format.encoding != BB_VOICE_ALAW && format.encoding != BB_VOICE_ULAW
       && format.encoding != BB_VOICE_S16)
      || format.channels != 1 || bytes == 0)
    return;

  buffer = gst_buffer_new_allocate (NULL, bytes, NULL);
  {
    GstMapInfo map;

    gst_buffer_map (buffer, &map, GST_MAP_WRITE);
    bb_voice_format_silence (&format, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  gst_pad_chain (pad, buffer);
}

static GstPadProbeReturn
on_bot_pad (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  BbAudioTap *self = user_data;
  GstClockTime missing = 0;
  GstPadProbeReturn ret;

  g_mutex_lock (&self->lock);
  ret = on_data (&self->sides[BB_RECORDING_BOT], BB_RECORDING_BOT, info);
  if (self->same_thread && (info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0 && self->mixer != NULL
      && bb_operator_mixer_wants_caller (self->mixer)
      && g_get_monotonic_time () - self->last_caller > CALLER_QUIET
      && ret == GST_PAD_PROBE_OK)
    missing = GST_BUFFER_DURATION (GST_PAD_PROBE_INFO_BUFFER (info));
  if (!GST_CLOCK_TIME_IS_VALID (missing))
    missing = 0;
  self->filling = missing > 0;
  g_mutex_unlock (&self->lock);

  /* It comes by on_caller_pad(), which gives it the operator's voice. */
  if (missing > 0)
    {
      push_silence (self, missing);
      g_mutex_lock (&self->lock);
      self->filling = FALSE;
      g_mutex_unlock (&self->lock);
    }
  return ret;
}

/* ---- Any other thread ---- */

/**
 * bb_audio_tap_new:
 * @realtime: has pads sink and src
 *
 * Returns: (transfer full): for bb_audio_tap_unref()
 */
BbAudioTap *
bb_audio_tap_new (GstElement *realtime)
{
  BbAudioTap *self = g_new0 (BbAudioTap, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    {
      self->sides[i].tap = self;
      self->sides[i].pad
          = gst_element_get_static_pad (realtime, i == BB_RECORDING_CALLER ? "sink" : "src");
    }
  return self;
}

/**
 * bb_audio_tap_set_same_thread:
 * @self: a tap
 * @same_thread: one thread pushes both the caller's frames and the bot's
 */
void
bb_audio_tap_set_same_thread (BbAudioTap *self, gboolean same_thread)
{
  g_mutex_lock (&self->lock);
  self->same_thread = same_thread;
  g_mutex_unlock (&self->lock);
}

/* Under the lock. Who is new learns what the pads carry already. */
static void
update_probes (BbAudioTap *self)
{
  static const GstPadProbeCallback callbacks[BB_RECORDING_N_SIDES]
      = { [BB_RECORDING_CALLER] = on_caller_pad, [BB_RECORDING_BOT] = on_bot_pad };

  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    {
      Side *side = &self->sides[i];

      if (side->probe != 0 || !is_needed (self, i))
        continue;
      side->probe = gst_pad_add_probe (
          side->pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, callbacks[i],
          tap_ref (self), (GDestroyNotify) bb_audio_tap_unref);
      /* Formats that changed while it was not on the pads. */
      if (self->mixer != NULL)
        teach_mixer (self, i);
    }
}

static void
teach_recorder (BbAudioTap *self)
{
  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    {
      g_autoptr (GstCaps) caps = gst_pad_get_current_caps (self->sides[i].pad);

      if (caps != NULL)
        bb_recorder_take_caps (self->recorder, i, caps);
    }
}

/**
 * bb_audio_tap_set_recorder:
 * @self: a tap
 * @recorder: (nullable): gets all frames from now on; the old one gets none
 *   any more when this returns
 */
void
bb_audio_tap_set_recorder (BbAudioTap *self, BbRecorder *recorder)
{
  g_autoptr (BbRecorder) old = NULL;

  g_mutex_lock (&self->lock);
  old = g_steal_pointer (&self->recorder);
  if (recorder != NULL)
    {
      self->recorder = g_object_ref (recorder);
      teach_recorder (self);
      update_probes (self);
    }
  g_mutex_unlock (&self->lock);
}

/* Under the lock. */
static BbOperatorMixer *
ensure_mixer (BbAudioTap *self)
{
  if (self->mixer != NULL)
    return self->mixer;

  self->mixer = bb_operator_mixer_new ();
  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    teach_mixer (self, i);
  return self->mixer;
}

void
bb_audio_tap_set_mode (BbAudioTap *self, BbOperatorMode mode)
{
  g_mutex_lock (&self->lock);
  if (self->mixer != NULL || mode != BB_OPERATOR_AWAY)
    {
      ensure_mixer (self);
      bb_operator_mixer_set_mode (self->mixer, mode);
      update_probes (self);
    }
  g_mutex_unlock (&self->lock);
}

void
bb_audio_tap_push (BbAudioTap *self, GBytes *frame)
{
  g_mutex_lock (&self->lock);
  if (self->mixer != NULL)
    bb_operator_mixer_push (self->mixer, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame));
  g_mutex_unlock (&self->lock);
}

void
bb_audio_tap_set_sink (BbAudioTap *self,
                       BbOperatorSinkFunc func,
                       gpointer user_data,
                       GDestroyNotify destroy)
{
  GDestroyNotify old_destroy;
  gpointer old_data;

  g_mutex_lock (&self->lock);
  if (func != NULL || self->mixer != NULL)
    bb_operator_mixer_set_sink (ensure_mixer (self), func, user_data);
  old_destroy = self->sink_destroy;
  old_data = self->sink_data;
  self->sink_destroy = destroy;
  self->sink_data = user_data;
  g_mutex_unlock (&self->lock);

  if (old_destroy != NULL)
    old_destroy (old_data);
}

/**
 * bb_audio_tap_close:
 * @self: a tap
 *
 * Leaves the pads for good; nobody is called any more when this returns. Any
 * thread.
 */
void
bb_audio_tap_close (BbAudioTap *self)
{
  g_autoptr (BbRecorder) recorder = NULL;

  bb_audio_tap_set_sink (self, NULL, NULL, NULL);
  g_mutex_lock (&self->lock);
  recorder = g_steal_pointer (&self->recorder);
  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    {
      Side *side = &self->sides[i];

      /* The probe's reference is not the last one: the caller has another. */
      if (side->probe != 0)
        gst_pad_remove_probe (side->pad, side->probe);
      side->probe = 0;
      gst_clear_object (&side->pad);
    }
  g_mutex_unlock (&self->lock);
}
