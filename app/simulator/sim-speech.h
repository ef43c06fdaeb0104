/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-audio.h"

G_BEGIN_DECLS

/**
 * SimSpeech:
 *
 * Speech by espeak-ng on a thread of its own, because that library is neither
 * thread-safe nor quick enough for the loop. What was spoken once is kept.
 */
typedef struct _SimSpeech SimSpeech;

typedef struct
{
  const char *language; /* "de", "en": an espeak-ng voice */
  const char *voice;    /* name of the API's voice: sets the pitch */
  double speed;         /* 1 = normal */
  SimFormat format;
} SimSpeechStyle;

typedef void (*SimSpeechReady) (GBytes *audio, gpointer user_data);

SimSpeech *sim_speech_new (void);
void sim_speech_free (SimSpeech *self);
GBytes *sim_speech_lookup (SimSpeech *self, const SimSpeechStyle *style, const char *text);
void sim_speech_request (SimSpeech *self, const SimSpeechStyle *style, const char *text,
                         SimSpeechReady ready, gpointer user_data, GDestroyNotify destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSpeech, sim_speech_free)

G_END_DECLS
