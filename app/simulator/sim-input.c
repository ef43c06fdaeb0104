/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The input audio buffer: VAD on what really arrives, turns, transcription. */
#include <string.h>

#include "sim-json.h"
#include "sim-session-private.h"

/* Kept of a turn's audio, for conversation.item.retrieve. */
#define MAX_KEPT_MS 60000
/* A commit needs this much: PROTOCOL section 11. */
#define MIN_COMMIT_MS 100
/* Lead-in kept while nobody speaks, beyond the prefix padding: the detector's
 * own delay. */
#define LEAD_IN_MS 100
/* When a transcript comes that waits for its response, but there is none. */
#define LATE_TRANSCRIPT_MS 700
/* A client plays what it gets a little later than it gets it. */
#define PLAYBACK_SLACK_US (200 * 1000)

typedef struct
{
  char *item_id;
  char *text;
  double seconds;
} SimTranscript;

static void
transcript_free (gpointer data)
{
  SimTranscript *transcript = data;
  g_free (transcript->item_id);
  g_free (transcript->text);
  g_free (transcript);
}

void
sim_input_init (SimSession *session)
{
  SimInput *input = &session->input;

  input->buffer = g_byte_array_new ();
  input->decoded = g_byte_array_new ();
  input->samples = g_array_new (FALSE, FALSE, sizeof (gint16));
  g_queue_init (&input->late_transcripts);
  sim_vad_init (&input->vad, &session->settings->vad_config,
                sim_format_get_rate (session->settings->input_format));
}

void
sim_input_clear (SimSession *session)
{
  SimInput *input = &session->input;

  g_clear_handle_id (&input->transcript_timer, g_source_remove);
  g_queue_clear_full (&input->late_transcripts, transcript_free);
  g_byte_array_unref (input->buffer);
  g_byte_array_unref (input->decoded);
  g_array_unref (input->samples);
  g_free (input->speech_item_id);
  g_free (input->heard_item_id);
}

/* After session.updated. */
void
sim_input_configure (SimSession *session)
{
  SimInput *input = &session->input;

  sim_vad_set_rate (&input->vad, sim_format_get_rate (session->settings->input_format));
  sim_vad_set_config (&input->vad, &session->settings->vad_config);
  if (!session->settings->vad)
    {
      sim_vad_stop_speech (&input->vad);
      g_clear_pointer (&input->speech_item_id, g_free);
    }
}

static void
forget_buffer (SimInput *input)
{
  g_byte_array_set_size (input->buffer, 0);
  input->appended_bytes = 0;
  sim_vad_stop_speech (&input->vad);
  g_clear_pointer (&input->speech_item_id, g_free);
}

/* input_audio_buffer.clear */
void
sim_input_drop_buffer (SimSession *session)
{
  forget_buffer (&session->input);
}

static void
send_transcript (SimSession *session, SimTranscript *transcript)
{
  if (session->mute_transcription)
    {
      sim_session_send (session,
                        sim_object ("s:type", "conversation.item.input_audio_transcription.failed", "s:item_id",
                                    transcript->item_id, "i:content_index", 0, "o:error",
                                    sim_object ("s:type", "transcription_error", "s:code", "audio_unintelligible",
                                                "s:message", "The audio could not be transcribed.", NULL),
                                    NULL));
      return;
    }

  SimItem *item = sim_conversation_find (session->conversation, transcript->item_id);
  if (item != NULL)
    json_object_set_string_member (json_array_get_object_element (sim_object_get_array (item->json, "content"), 0),
                                   "transcript", transcript->text);
  if (transcript->text[0] != '\0')
    sim_session_send (session,
                      sim_object ("s:type", "conversation.item.input_audio_transcription.delta", "s:item_id",
                                  transcript->item_id, "i:content_index", 0, "s:delta", transcript->text, NULL));
  int audio_tokens = transcript->seconds * 10;
  int text_tokens = g_utf8_strlen (transcript->text, -1) / 4 + 1;
  sim_session_send (
      session,
      sim_object ("s:type", "conversation.item.input_audio_transcription.completed", "s:item_id",
                  transcript->item_id, "i:content_index", 0, "s:transcript", transcript->text, "o:usage",
                  sim_object ("s:type", "tokens", "i:total_tokens", audio_tokens + text_tokens,
                              "i:input_tokens", audio_tokens, "o:input_token_details",
                              sim_object ("i:text_tokens", 0, "i:audio_tokens", audio_tokens, NULL),
                              "i:output_tokens", text_tokens, NULL),
                  NULL));
}

static gboolean
on_transcript_due (gpointer data)
{
  SimSession *session = data;
  SimTranscript *transcript;

  session->input.transcript_timer = 0;
  while ((transcript = g_queue_pop_head (&session->input.late_transcripts)) != NULL)
    {
      send_transcript (session, transcript);
      transcript_free (transcript);
    }
  return G_SOURCE_REMOVE;
}

/* Before its response, or after it: both happen. */
static void
transcribe (SimSession *session, SimItem *item, const char *text)
{
  SimInput *input = &session->input;
  SimTranscripts mode = session->hub->scenario->transcripts;

  if (!session->settings->transcribe)
    return;
  SimTranscript *transcript = g_new0 (SimTranscript, 1);
  transcript->item_id = g_strdup (item->id);
  transcript->text = g_strdup (text);
  transcript->seconds
      = item->audio_bytes / sim_format_get_bytes_per_ms (session->settings->input_format) / 1000.0;

  if (mode == SIM_TRANSCRIPTS_BEFORE || (mode == SIM_TRANSCRIPTS_MIXED && input->n_turns % 2 == 1))
    {
      send_transcript (session, transcript);
      transcript_free (transcript);
      return;
    }
  g_queue_push_tail (&input->late_transcripts, transcript);
  gboolean waits = mode == SIM_TRANSCRIPTS_AFTER && session->settings->vad && session->settings->create_response;
  if (!waits && input->transcript_timer == 0)
    input->transcript_timer = g_timeout_add (LATE_TRANSCRIPT_MS, on_transcript_due, session);
}

/* Turns the buffer into an item of the user. */
static SimItem *
commit (SimSession *session, const char *item_id)
{
  SimInput *input = &session->input;
  g_autofree char *previous = g_strdup (sim_conversation_get_last_id (session->conversation));
  JsonArray *content = json_array_new ();
  json_array_add_object_element (content, sim_object ("s:type", "input_audio", NULL));

  sim_session_send (session, sim_object ("s:type", "input_audio_buffer.committed", "s:previous_item_id",
                                         previous, "s:item_id", item_id, NULL));
  SimItem *item = sim_conversation_append (
      session->conversation, sim_object ("s:id", item_id, "s:type", "message", "s:status", "completed",
                                         "s:role", "user", "a:content", content, NULL));
  g_autoptr (GBytes) audio = g_bytes_new (input->buffer->data, input->buffer->len);
  item->format = session->settings->input_format;
  item->audio_bytes = input->buffer->len;
  sim_item_add_audio (item, audio);
  input->n_turns++;
  forget_buffer (input);
  sim_session_add_item_events (session, item);
  return item;
}

static void
on_speech_started (SimSession *session, guint64 at_ms)
{
  SimInput *input = &session->input;

  g_free (input->speech_item_id);
  input->speech_item_id = sim_session_new_item_id (session);
  input->speech_start_ms = at_ms;
  input->idle_deadline = 0;
  input->interrupted_at = g_get_monotonic_time ();
  input->interrupting = session->active != NULL
                        || g_get_monotonic_time () + PLAYBACK_SLACK_US < session->playback_end;
  sim_session_send (session, sim_object ("s:type", "input_audio_buffer.speech_started", "i:audio_start_ms",
                                         (int) at_ms, "s:item_id", input->speech_item_id, NULL));
  if (session->settings->interrupt_response && session->active != NULL)
    sim_response_cancel (session->active, "turn_detected");
}

static void
on_speech_stopped (SimSession *session, guint64 at_ms)
{
  SimInput *input = &session->input;
  SimSettings *settings = session->settings;
  g_autofree char *item_id = g_steal_pointer (&input->speech_item_id);
  guint64 around_ms = settings->vad_config.silence_duration_ms + settings->vad_config.prefix_padding_ms;
  guint64 span_ms = at_ms - input->speech_start_ms;

  sim_session_send (session, sim_object ("s:type", "input_audio_buffer.speech_stopped", "i:audio_end_ms",
                                         (int) at_ms, "s:item_id", item_id, NULL));
  g_free (input->heard_item_id);
  input->heard_item_id = g_strdup (item_id);
  const char *heard = sim_dialogue_hear (session->dialogue, span_ms - MIN (span_ms, around_ms), input->interrupting);
  SimItem *item = commit (session, item_id);
  transcribe (session, item, heard);
  if (settings->create_response && !settings->transcription_only)
    sim_session_create_response (session, NULL, NULL);
}

/* conversation.item.delete: if it is what the caller said last, it was no turn. A
 * client that paused meanwhile will have played all that much later. */
void
sim_input_item_deleted (SimSession *session, const char *id)
{
  SimInput *input = &session->input;

  if (g_strcmp0 (id, input->heard_item_id) != 0)
    return;
  g_clear_pointer (&input->heard_item_id, g_free);
  sim_dialogue_unhear (session->dialogue);
  if (input->interrupting && session->playback_end > input->interrupted_at)
    session->playback_end += g_get_monotonic_time () - input->interrupted_at;
}

/* PROTOCOL section 12: nobody has spoken since the answer was played. */
static void
check_idle (SimSession *session)
{
  SimInput *input = &session->input;

  if (input->idle_deadline == 0 || session->active != NULL || g_get_monotonic_time () < input->idle_deadline)
    return;
  input->idle_deadline = 0;
  g_autofree char *item_id = sim_session_new_item_id (session);
  sim_session_send (session,
                    sim_object ("s:type", "input_audio_buffer.timeout_triggered", "i:audio_start_ms",
                                (int) input->idle_start_ms, "i:audio_end_ms",
                                (int) sim_vad_get_time_ms (&input->vad), "s:item_id", item_id, NULL));
  commit (session, item_id);
  if (!session->settings->transcription_only)
    sim_session_create_response (session, NULL, NULL);
}

/* A response of the conversation is over. */
void
sim_input_response_done (SimSession *session)
{
  SimInput *input = &session->input;

  if (session->settings->vad && session->settings->idle_timeout_ms > 0)
    {
      gint64 now = g_get_monotonic_time ();
      input->idle_deadline = MAX (now, session->playback_end) + session->settings->idle_timeout_ms * 1000;
      input->idle_start_ms = sim_vad_get_time_ms (&input->vad);
    }
  if (!g_queue_is_empty (&input->late_transcripts))
    {
      g_clear_handle_id (&input->transcript_timer, g_source_remove);
      on_transcript_due (session);
    }
}

/* Standard base64 with padding, one line; FALSE for anything else. */
static gboolean
decode_base64 (const char *text, gsize length, GByteArray *out)
{
  static gint8 values[256];
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      memset (values, -1, sizeof values);
      for (guint i = 0; i < 64; i++)
        values[(guint8) alphabet[i]] = i;
      g_once_init_leave (&ready, 1);
    }
  if (length % 4 != 0)
    return FALSE;
  gsize padding = 0;
  while (padding < 2 && length > padding && text[length - 1 - padding] == '=')
    padding++;

  guint start = out->len;
  g_byte_array_set_size (out, start + length / 4 * 3);
  guint8 *to = out->data + start;
  for (gsize i = 0; i < length; i += 4)
    {
      guint32 word = 0;
      for (guint j = 0; j < 4; j++)
        {
          int value = i + j >= length - padding ? 0 : values[(guint8) text[i + j]];
          if (value < 0)
            return FALSE;
          word = word << 6 | value;
        }
      *to++ = word >> 16;
      *to++ = word >> 8;
      *to++ = word;
    }
  g_byte_array_set_size (out, out->len - padding);
  return TRUE;
}

/* Keeps @size bytes for the item to come; before anyone speaks only the end. */
static void
keep_audio (SimSession *session, const guint8 *data, gsize size)
{
  SimInput *input = &session->input;
  guint bytes_per_ms = sim_format_get_bytes_per_ms (session->settings->input_format);

  input->appended_bytes += size;
  if (input->buffer->len < MAX_KEPT_MS * bytes_per_ms)
    g_byte_array_append (input->buffer, data, size);
  if (session->settings->vad && !input->vad.speaking)
    {
      guint lead_in = (session->settings->vad_config.prefix_padding_ms + LEAD_IN_MS) * bytes_per_ms;
      /* Now and then, not with each frame. */
      if (input->buffer->len > 4 * lead_in + 4096)
        g_byte_array_remove_range (input->buffer, 0, input->buffer->len - lead_in);
    }
}

static void
trim_lead_in (SimSession *session)
{
  SimInput *input = &session->input;
  guint lead_in = (session->settings->vad_config.prefix_padding_ms + LEAD_IN_MS)
                  * sim_format_get_bytes_per_ms (session->settings->input_format);
  if (input->buffer->len > lead_in)
    g_byte_array_remove_range (input->buffer, 0, input->buffer->len - lead_in);
}

static void
feed (SimSession *session, const guint8 *data, gsize size)
{
  SimInput *input = &session->input;
  guint sample_bytes = sim_format_get_sample_bytes (session->settings->input_format);
  gsize n = size / sample_bytes;

  if (!session->settings->vad)
    {
      /* Its clock runs on all the same. */
      input->vad.n_samples += n;
      keep_audio (session, data, size);
      return;
    }
  g_array_set_size (input->samples, n);
  sim_audio_decode (session->settings->input_format, data, n, (gint16 *) input->samples->data);
  for (gsize done = 0; done < n && !session->closed;)
    {
      gsize used;
      guint64 at_ms = 0;
      SimVadEvent event = sim_vad_feed (&input->vad, (gint16 *) input->samples->data + done, n - done,
                                        &used, &at_ms);
      keep_audio (session, data + done * sample_bytes, used * sample_bytes);
      done += used;
      if (event == SIM_VAD_STARTED)
        {
          trim_lead_in (session);
          on_speech_started (session, at_ms);
        }
      else if (event == SIM_VAD_STOPPED)
        on_speech_stopped (session, at_ms);
    }
  check_idle (session);
}

/**
 * sim_input_append:
 * @base64: audio in the session's input format
 *
 * Returns: (transfer full) (nullable): why it is refused
 */
SimError *
sim_input_append (SimSession *session, const char *base64, gsize length)
{
  SimInput *input = &session->input;

  g_byte_array_set_size (input->decoded, 0);
  if (input->has_odd_byte)
    g_byte_array_append (input->decoded, &input->odd_byte, 1);
  if (!decode_base64 (base64, length, input->decoded))
    return sim_error_new ("invalid_value", "audio",
                          "Invalid 'audio'. Expected base64-encoded audio bytes (mono), but got an invalid value.");

  guint sample_bytes = sim_format_get_sample_bytes (session->settings->input_format);
  gsize whole = input->decoded->len / sample_bytes * sample_bytes;
  input->has_odd_byte = whole < input->decoded->len;
  if (input->has_odd_byte)
    input->odd_byte = input->decoded->data[whole];
  feed (session, input->decoded->data, whole);
  return NULL;
}

/* input_audio_buffer.commit. (transfer full) (nullable): why it is refused */
SimError *
sim_input_commit (SimSession *session)
{
  SimInput *input = &session->input;
  double ms = (double) input->appended_bytes / sim_format_get_bytes_per_ms (session->settings->input_format);

  if (ms < MIN_COMMIT_MS)
    return sim_error_new ("input_audio_buffer_commit_empty", NULL,
                          "Error committing input audio buffer: buffer too small. Expected at least 100ms "
                          "of audio, but buffer only has %.2fms of audio.",
                          ms);
  g_autofree char *item_id = input->speech_item_id != NULL ? g_strdup (input->speech_item_id)
                                                           : sim_session_new_item_id (session);
  const char *heard = sim_dialogue_hear (session->dialogue, ms, input->interrupting);
  SimItem *item = commit (session, item_id);
  transcribe (session, item, heard);
  return NULL;
}
