/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-audio.h"
#include "sim-check.h"
#include "sim-vad.h"

G_BEGIN_DECLS

/* The effective session configuration (PROTOCOL section 4): as JSON, as it is
 * shown in session.created and session.updated, and what is needed of it at
 * each frame, read out once. */
typedef struct
{
  JsonObject *session;

  gboolean transcription_only; /* session.type is "transcription" */
  SimFormat input_format;
  SimFormat output_format;
  double speed;
  gboolean transcribe;
  gboolean vad;
  gboolean create_response;
  gboolean interrupt_response;
  guint idle_timeout_ms; /* 0: off */
  SimVadConfig vad_config;
} SimSettings;

SimSettings *sim_settings_new (const char *id, const char *model, gint64 expires_at);
void sim_settings_free (SimSettings *self);
SimError *sim_settings_update (SimSettings *self, JsonObject *changes, gboolean has_spoken);
const char *sim_settings_get_voice (SimSettings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSettings, sim_settings_free)

G_END_DECLS
