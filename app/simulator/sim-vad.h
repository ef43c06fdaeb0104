/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Frames of the smoothed level's minimum over the last seconds. */
#define SIM_VAD_MINIMA 50

typedef enum
{
  SIM_VAD_NOTHING,
  SIM_VAD_STARTED,
  SIM_VAD_STOPPED,
} SimVadEvent;

/* session.audio.input.turn_detection, as far as the detector needs it. */
typedef struct
{
  double threshold;         /* 0..1 */
  guint prefix_padding_ms;
  guint silence_duration_ms;
} SimVadConfig;

/**
 * SimVad:
 *
 * Finds speech by energy above an adaptive noise floor, in 10 ms frames. Its
 * clock is the audio it was fed, not the wall (PROTOCOL section 6). Plain data:
 * copy and drop it at will.
 */
typedef struct
{
  SimVadConfig config;
  guint rate;             /* samples per second */
  gint64 n_samples;       /* fed since the start of the session */
  guint64 offset_ms;      /* what was fed at an earlier rate */

  guint frame_fill;       /* samples in the frame that is being filled */
  double frame_energy;    /* sum of squares of that frame */

  double level;           /* dBFS, smoothed */
  double minima[SIM_VAD_MINIMA]; /* lowest level per 100 ms */
  guint minimum_index;
  guint minimum_frames;
  double floor;           /* dBFS, lowest of the minima */

  gboolean speaking;
  guint loud_ms;          /* run of frames above the threshold */
  guint quiet_ms;         /* run of frames below it, while speaking */
  guint64 onset_ms;       /* where the loud run began */
} SimVad;

void sim_vad_init (SimVad *vad, const SimVadConfig *config, guint rate);
void sim_vad_set_rate (SimVad *vad, guint rate);
void sim_vad_set_config (SimVad *vad, const SimVadConfig *config);
SimVadEvent sim_vad_feed (SimVad *vad, const gint16 *samples, gsize n_samples, gsize *n_used, guint64 *at_ms);
guint64 sim_vad_get_time_ms (const SimVad *vad);
void sim_vad_stop_speech (SimVad *vad);

G_END_DECLS
