/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-settings.h"

#include <string.h>

#include "sim-json.h"

/* Used when a session asks for semantic VAD: silence until the end of a turn. */
#define SILENCE_EAGER_MS 300
#define SILENCE_MEDIUM_MS 600
#define SILENCE_PATIENT_MS 1200

static JsonObject *
new_turn_detection (const char *type)
{
  if (strcmp (type, "semantic_vad") == 0)
    return sim_object ("s:type", type, "s:eagerness", "auto", "b:create_response", TRUE,
                       "b:interrupt_response", TRUE, NULL);
  return sim_object ("s:type", type, "d:threshold", 0.5, "i:prefix_padding_ms", 300,
                     "i:silence_duration_ms", 500, "o:idle_timeout_ms", NULL, "b:create_response", TRUE,
                     "b:interrupt_response", TRUE, NULL);
}

static JsonObject *
new_pcm_format (void)
{
  return sim_object ("s:type", "audio/pcm", "i:rate", 24000, NULL);
}

static void
read_out (SimSettings *self)
{
  JsonObject *session = self->session;
  JsonObject *detection = sim_object_get_object (session, "audio.input.turn_detection");
  const char *eagerness = sim_object_get_string (detection, "eagerness");

  self->transcription_only = g_strcmp0 (sim_object_get_string (session, "type"), "transcription") == 0;
  sim_format_from_type (sim_object_get_string (session, "audio.input.format.type"), &self->input_format);
  sim_format_from_type (sim_object_get_string (session, "audio.output.format.type"), &self->output_format);
  self->speed = sim_object_get_double (session, "audio.output.speed", 1);
  self->transcribe = sim_object_get_object (session, "audio.input.transcription") != NULL;
  self->vad = detection != NULL;
  self->create_response = sim_object_get_boolean (detection, "create_response", TRUE);
  self->interrupt_response = sim_object_get_boolean (detection, "interrupt_response", TRUE);
  self->idle_timeout_ms = sim_object_get_int (detection, "idle_timeout_ms", 0);
  self->vad_config.threshold = sim_object_get_double (detection, "threshold", 0.5);
  self->vad_config.prefix_padding_ms = sim_object_get_int (detection, "prefix_padding_ms", 300);
  self->vad_config.silence_duration_ms
      = sim_object_get_int (detection, "silence_duration_ms",
                            g_strcmp0 (eagerness, "high") == 0  ? SILENCE_EAGER_MS
                            : g_strcmp0 (eagerness, "low") == 0 ? SILENCE_PATIENT_MS
                                                                 : SILENCE_MEDIUM_MS);
}

/**
 * sim_settings_new:
 * @expires_at: seconds since the epoch
 *
 * Returns: (transfer full): what a session has before its first session.update
 */
SimSettings *
sim_settings_new (const char *id, const char *model, gint64 expires_at)
{
  SimSettings *self = g_new0 (SimSettings, 1);
  JsonArray *modalities = json_array_new ();
  json_array_add_string_element (modalities, "audio");

  JsonObject *input = sim_object ("o:format", new_pcm_format (), "o:transcription", NULL,
                                  "o:noise_reduction", NULL, "o:turn_detection",
                                  new_turn_detection ("server_vad"), NULL);
  JsonObject *output = sim_object ("o:format", new_pcm_format (), "s:voice", "marin", "d:speed", 1.0, NULL);
  self->session = sim_object (
      "s:type", "realtime", "s:object", "realtime.session", "s:id", id, "s:model", model,
      "a:output_modalities", modalities, "s:instructions",
      "You are a helpful assistant. This is the default, not the client's wish.", "a:tools",
      json_array_new (), "s:tool_choice", "auto", "s:max_output_tokens", "inf", "o:tracing", NULL,
      "s:truncation", "auto", "o:prompt", NULL, "o:audio",
      sim_object ("o:input", input, "o:output", output, NULL), "o:include", NULL, NULL);
  json_object_set_int_member (self->session, "expires_at", expires_at);
  read_out (self);
  return self;
}

void
sim_settings_free (SimSettings *self)
{
  json_object_unref (self->session);
  g_free (self);
}

const char *
sim_settings_get_voice (SimSettings *self)
{
  return sim_object_get_string (self->session, "audio.output.voice");
}

/* A voice by name or by {"id": …}. */
static const char *
get_voice (JsonObject *output)
{
  const char *voice = sim_object_get_string (output, "voice");
  return voice != NULL ? voice : sim_object_get_string (output, "voice.id");
}

static void
merge_input (JsonObject *input, JsonObject *changes)
{
  JsonObject *old = sim_object_get_object (input, "turn_detection");
  g_autofree char *old_type = g_strdup (sim_object_get_string (old, "type"));
  g_autoptr (JsonObject) kept = old != NULL ? json_object_ref (old) : NULL;
  JsonObject *detection = sim_object_get_object (changes, "turn_detection");

  sim_object_merge (input, changes);
  if (detection != NULL)
    {
      const char *type = sim_object_get_string (detection, "type");
      JsonObject *full = g_strcmp0 (type, old_type) == 0 ? sim_object_copy_deep (kept)
                                                         : new_turn_detection (type);
      sim_object_merge (full, detection);
      json_object_set_object_member (input, "turn_detection", full);
    }
}

/* A transcription session shows nothing but its input. */
static void
drop_output (JsonObject *session)
{
  static const char *const dropped[]
      = { "model", "output_modalities", "instructions", "tools", "tool_choice", "max_output_tokens",
          "tracing", "truncation", "prompt" };
  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++)
    json_object_remove_member (session, dropped[i]);
  json_object_set_string_member (session, "object", "realtime.transcription_session");
  json_object_remove_member (json_object_get_object_member (session, "audio"), "output");
}

/**
 * sim_settings_update:
 * @changes: the session of a session.update that sim_events_check() passed
 * @has_spoken: whether the session has sent audio
 *
 * Returns: (transfer full) (nullable): why it is refused; then nothing of it
 *   was applied
 */
SimError *
sim_settings_update (SimSettings *self, JsonObject *changes, gboolean has_spoken)
{
  JsonObject *output_changes = sim_object_get_object (changes, "audio.output");
  JsonObject *input_changes = sim_object_get_object (changes, "audio.input");
  const char *type = sim_object_get_string (changes, "type");
  const char *voice = output_changes != NULL ? get_voice (output_changes) : NULL;
  const char *model = sim_object_get_string (changes, "model");

  if (self->transcription_only && strcmp (type, "transcription") != 0)
    return sim_error_new ("invalid_value", "session.type",
                          "Passing a realtime session update event to a transcription session is not allowed.");
  if (model != NULL && g_strcmp0 (model, sim_object_get_string (self->session, "model")) != 0)
    return sim_error_new ("invalid_value", "session.model",
                          "The model of a session cannot be changed after it was created.");
  if (has_spoken && voice != NULL && g_strcmp0 (voice, sim_settings_get_voice (self)) != 0)
    return sim_error_new ("cannot_update_voice", NULL,
                          "Cannot update a conversation's voice if assistant audio is present.");

  JsonObject *audio = json_object_get_object_member (self->session, "audio");
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  json_object_iter_init_ordered (&iter, changes);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      if (strcmp (name, "audio") != 0)
        json_object_set_member (self->session, name, sim_node_copy_deep (member));
    }
  if (input_changes != NULL)
    merge_input (json_object_get_object_member (audio, "input"), input_changes);
  if (output_changes != NULL)
    {
      JsonObject *output = json_object_get_object_member (audio, "output");
      sim_object_merge (output, output_changes);
      if (voice != NULL)
        {
          g_autofree char *id = g_strdup (voice);
          json_object_set_string_member (output, "voice", id);
        }
    }
  if (strcmp (type, "transcription") == 0 && !self->transcription_only)
    drop_output (self->session);
  read_out (self);
  return NULL;
}
