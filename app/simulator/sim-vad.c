/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-vad.h"

#include <math.h>

#define FRAME_MS 10
/* Frames louder than the floor for this long are speech and no click. */
#define ONSET_MS 60
#define MINIMUM_MS 100
/* What a silent line counts as: nothing below it is noise worth tracking. */
#define LOWEST_DB (-72.0)
/* Speech goes on at a level this much below the one it began at. */
#define HYSTERESIS_DB 4.0

static void
reset_levels (SimVad *vad)
{
  vad->frame_fill = 0;
  vad->frame_energy = 0;
  vad->level = LOWEST_DB;
  vad->floor = LOWEST_DB;
  vad->minimum_index = 0;
  vad->minimum_frames = 0;
  for (guint i = 0; i < SIM_VAD_MINIMA; i++)
    vad->minima[i] = LOWEST_DB;
}

/**
 * sim_vad_init:
 * @rate: samples per second
 */
void
sim_vad_init (SimVad *vad, const SimVadConfig *config, guint rate)
{
  *vad = (SimVad){ .config = *config, .rate = rate };
  reset_levels (vad);
}

/* A new input format: the time that has passed stays passed. */
void
sim_vad_set_rate (SimVad *vad, guint rate)
{
  if (rate == vad->rate)
    return;
  vad->offset_ms = sim_vad_get_time_ms (vad);
  vad->n_samples = 0;
  vad->rate = rate;
  reset_levels (vad);
}

void
sim_vad_set_config (SimVad *vad, const SimVadConfig *config)
{
  vad->config = *config;
}

/* Milliseconds of audio fed so far. */
guint64
sim_vad_get_time_ms (const SimVad *vad)
{
  return vad->offset_ms + vad->n_samples * 1000 / vad->rate;
}

/* Ends speech without an event: the buffer was committed or cleared. */
void
sim_vad_stop_speech (SimVad *vad)
{
  vad->speaking = FALSE;
  vad->loud_ms = 0;
  vad->quiet_ms = 0;
}

static void
track_floor (SimVad *vad, double db)
{
  vad->level = db < vad->level ? db : vad->level + 0.3 * (db - vad->level);
  if (vad->minimum_frames == 0)
    {
      vad->minimum_index = (vad->minimum_index + 1) % SIM_VAD_MINIMA;
      vad->minima[vad->minimum_index] = vad->level;
    }
  vad->minima[vad->minimum_index] = MIN (vad->minima[vad->minimum_index], vad->level);
  vad->minimum_frames = (vad->minimum_frames + 1) % (MINIMUM_MS / FRAME_MS);
  if (vad->minimum_frames == 0)
    {
      vad->floor = vad->minima[0];
      for (guint i = 1; i < SIM_VAD_MINIMA; i++)
        vad->floor = MIN (vad->floor, vad->minima[i]);
    }
}

static SimVadEvent
end_frame (SimVad *vad, guint64 *at_ms)
{
  double power = vad->frame_energy / vad->frame_fill / (32768.0 * 32768.0);
  double db = MAX (LOWEST_DB, 10 * log10 (power + 1e-12));
  vad->frame_fill = 0;
  vad->frame_energy = 0;
  track_floor (vad, db);

  /* 0.5, the default: 12 dB above the noise, and never below -42 dBFS. */
  double limit = MAX (vad->floor + 6 + 12 * vad->config.threshold, -52 + 20 * vad->config.threshold);
  guint64 now_ms = sim_vad_get_time_ms (vad);

  if (!vad->speaking)
    {
      if (db < limit)
        {
          vad->loud_ms = 0;
          return SIM_VAD_NOTHING;
        }
      if (vad->loud_ms == 0)
        vad->onset_ms = now_ms - MIN (now_ms, FRAME_MS);
      vad->loud_ms += FRAME_MS;
      if (vad->loud_ms < ONSET_MS)
        return SIM_VAD_NOTHING;
      vad->speaking = TRUE;
      vad->quiet_ms = 0;
      *at_ms = vad->onset_ms - MIN (vad->onset_ms, vad->config.prefix_padding_ms);
      return SIM_VAD_STARTED;
    }

  if (db >= limit - HYSTERESIS_DB)
    {
      vad->quiet_ms = 0;
      return SIM_VAD_NOTHING;
    }
  vad->quiet_ms += FRAME_MS;
  if (vad->quiet_ms < vad->config.silence_duration_ms)
    return SIM_VAD_NOTHING;
  sim_vad_stop_speech (vad);
  *at_ms = now_ms;
  return SIM_VAD_STOPPED;
}

/**
 * sim_vad_feed:
 * @samples: audio that follows what was fed before
 * @n_used: (out): how much was looked at; feed the rest again after an event
 * @at_ms: (out): the event's place: start minus the prefix padding, or the end
 *   with its silence
 *
 * Returns: the first event in @samples, or SIM_VAD_NOTHING
 */
SimVadEvent
sim_vad_feed (SimVad *vad, const gint16 *samples, gsize n_samples, gsize *n_used, guint64 *at_ms)
{
  guint frame_size = vad->rate / 1000 * FRAME_MS;
  gsize used = 0;

  while (used < n_samples)
    {
      gsize n = MIN (n_samples - used, frame_size - vad->frame_fill);
      gint64 energy = 0;
      for (gsize i = 0; i < n; i++)
        energy += samples[used + i] * samples[used + i];
      vad->frame_energy += energy;
      vad->frame_fill += n;
      vad->n_samples += n;
      used += n;
      if (vad->frame_fill < frame_size)
        break;
      SimVadEvent event = end_frame (vad, at_ms);
      if (event != SIM_VAD_NOTHING)
        {
          *n_used = used;
          return event;
        }
    }
  *n_used = used;
  return SIM_VAD_NOTHING;
}
