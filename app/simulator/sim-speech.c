/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-speech.h"

#include <espeak-ng/speak_lib.h>

#define WORDS_PER_MINUTE 165
/* When full, the cache starts over: a scenario's sentences fit many times. */
#define CACHE_MAX_BYTES (128 * 1024 * 1024)

struct _SimSpeech
{
  GThread *thread;
  GAsyncQueue *jobs;
  GMainContext *context; /* where the answers go */

  GMutex lock;
  GHashTable *cache; /* key string -> GBytes, under lock */
  gsize cache_bytes;
};

typedef struct
{
  char *key; /* NULL: the thread ends */
  char *language;
  int pitch;
  double speed;
  SimFormat format;
  char *text;
  GBytes *audio;
  SimSpeechReady ready;
  gpointer user_data;
  GDestroyNotify destroy;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;
  if (job->destroy != NULL)
    job->destroy (job->user_data);
  g_clear_pointer (&job->audio, g_bytes_unref);
  g_free (job->key);
  g_free (job->language);
  g_free (job->text);
  g_free (job);
}

static int
get_pitch (const char *voice)
{
  static const struct
  {
    const char *voice;
    int pitch;
  } pitches[] = {
    { "ash", 38 },     { "ballad", 42 }, { "cedar", 32 }, { "coral", 62 }, { "echo", 36 },
    { "marin", 58 },   { "sage", 60 },   { "shimmer", 66 }, { "verse", 44 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (pitches); i++)
    {
      if (g_strcmp0 (voice, pitches[i].voice) == 0)
        return pitches[i].pitch;
    }
  return 50;
}

static char *
make_key (const SimSpeechStyle *style, const char *text)
{
  return g_strdup_printf ("%s|%d|%.2f|%d|%s", style->language, get_pitch (style->voice),
                          style->speed, style->format, text);
}

static int
on_samples (short *wav, int n_samples, espeak_EVENT *events)
{
  GArray *samples = events->user_data;
  if (wav != NULL && n_samples > 0)
    g_array_append_vals (samples, wav, n_samples);
  return 0;
}

/* Worker thread only. */
static GBytes *
synthesize (const Job *job, int rate)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (gint16));

  if (espeak_SetVoiceByName (job->language) != EE_OK)
    {
      g_warning ("espeak-ng has no voice \"%s\": speaking German", job->language);
      espeak_SetVoiceByName ("de");
    }
  espeak_SetParameter (espeakRATE, (int) (WORDS_PER_MINUTE * job->speed), 0);
  espeak_SetParameter (espeakPITCH, job->pitch, 0);
  espeak_Synth (job->text, strlen (job->text) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL,
                samples);
  espeak_Synchronize ();
  return sim_audio_render ((gint16 *) samples->data, samples->len, rate, job->format);
}

static gboolean
on_job_done (gpointer data)
{
  Job *job = data;
  job->ready (job->audio, job->user_data);
  return G_SOURCE_REMOVE;
}

static gpointer
run_worker (gpointer data)
{
  SimSpeech *self = data;
  int rate = espeak_Initialize (AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL, espeakINITIALIZE_DONT_EXIT);

  if (rate > 0)
    espeak_SetSynthCallback (on_samples);
  else
    g_warning ("espeak-ng did not start (is espeak-ng-data installed?): answers will be silent");

  while (TRUE)
    {
      Job *job = g_async_queue_pop (self->jobs);
      if (job->key == NULL)
        {
          job_free (job);
          break;
        }
      g_mutex_lock (&self->lock);
      GBytes *known = g_hash_table_lookup (self->cache, job->key);
      job->audio = known != NULL ? g_bytes_ref (known) : NULL;
      g_mutex_unlock (&self->lock);

      if (job->audio == NULL)
        {
          job->audio = rate > 0 ? synthesize (job, rate) : g_bytes_new (NULL, 0);
          g_mutex_lock (&self->lock);
          gsize size = g_bytes_get_size (job->audio);
          if (self->cache_bytes + size > CACHE_MAX_BYTES)
            {
              g_hash_table_remove_all (self->cache);
              self->cache_bytes = 0;
            }
          self->cache_bytes += size;
          g_hash_table_replace (self->cache, g_strdup (job->key), g_bytes_ref (job->audio));
          g_mutex_unlock (&self->lock);
        }
      /* Not g_main_context_invoke(): it would run here while no loop runs. */
      g_autoptr (GSource) source = g_idle_source_new ();
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, on_job_done, job, job_free);
      g_source_attach (source, self->context);
    }
  if (rate > 0)
    espeak_Terminate ();
  return NULL;
}

/**
 * sim_speech_new:
 *
 * Answers arrive on the calling thread's default main context.
 *
 * Returns: (transfer full): a speaker; only one may exist in a process
 */
SimSpeech *
sim_speech_new (void)
{
  SimSpeech *self = g_new0 (SimSpeech, 1);
  self->jobs = g_async_queue_new_full (job_free);
  self->context = g_main_context_ref_thread_default ();
  self->cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) g_bytes_unref);
  g_mutex_init (&self->lock);
  self->thread = g_thread_new ("sim-speech", run_worker, self);
  return self;
}

void
sim_speech_free (SimSpeech *self)
{
  g_async_queue_push_front (self->jobs, g_new0 (Job, 1));
  g_thread_join (self->thread);
  g_async_queue_unref (self->jobs);
  g_hash_table_unref (self->cache);
  g_mutex_clear (&self->lock);
  g_main_context_unref (self->context);
  g_free (self);
}

/**
 * sim_speech_lookup:
 *
 * Returns: (transfer full) (nullable): the audio if @text was spoken before
 */
GBytes *
sim_speech_lookup (SimSpeech *self, const SimSpeechStyle *style, const char *text)
{
  g_autofree char *key = make_key (style, text);
  g_mutex_lock (&self->lock);
  GBytes *audio = g_hash_table_lookup (self->cache, key);
  if (audio != NULL)
    g_bytes_ref (audio);
  g_mutex_unlock (&self->lock);
  return audio;
}

/**
 * sim_speech_request:
 * @text: one sentence; UTF-8
 * @ready: called on the main context, never from within this function
 * @destroy: frees @user_data, on whichever thread drops it last
 */
void
sim_speech_request (SimSpeech *self, const SimSpeechStyle *style, const char *text,
                    SimSpeechReady ready, gpointer user_data, GDestroyNotify destroy)
{
  Job *job = g_new0 (Job, 1);
  job->key = make_key (style, text);
  job->language = g_strdup (style->language);
  job->pitch = get_pitch (style->voice);
  job->speed = style->speed;
  job->format = style->format;
  job->text = g_strdup (text);
  job->ready = ready;
  job->user_data = user_data;
  job->destroy = destroy;
  g_async_queue_push (self->jobs, job);
}
