/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-recorder.h"

#include <glib/gi18n-lib.h>
#include <gst/audio/audio.h>

#include "bb-g711.h"
#include "bb-media.h"
#include "bb-recording-file.h"

/* Frames a side may be ahead of the writer: 10 s of 20 ms, after which the
 * disk is taken for dead. */
#define RING_SIZE 512
#define MAX_FORMATS 16 /* changes of caps in one call */
#define WRITE_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)
#define MAX_FRAME 48000 /* samples of one buffer */

typedef enum
{
  ENCODING_NONE,
  ENCODING_ALAW,
  ENCODING_ULAW,
  ENCODING_RAW
} Encoding;

typedef struct
{
  Encoding encoding;
  GstAudioInfo info; /* of what reaches the converter */
} Format;

typedef struct
{
  GstBuffer *buffer;
  gint64 time; /* µs, monotonic */
  guint format;
} Entry;

/* One producer (the thread that pushes on the pad), one consumer (the writer);
 * an entry and its format are complete before the head moves past them. */
typedef struct
{
  gint head; /* atomic */
  gint tail; /* atomic */
  gint overrun; /* atomic: an entry found no room */
  guint n_formats; /* producer only; formats[] as the head */
  Format formats[MAX_FORMATS];
  Entry ring[RING_SIZE];

  /* writer */
  GstAudioConverter *converter;
  guint converter_format;
} Side;

struct _BbRecorder
{
  GObject parent_instance;

  char *path;
  guint rate;
  GMainContext *context;
  Side sides[BB_RECORDING_N_SIDES];

  /* main context */
  BbRecorderFailedFunc failed_func;
  gpointer failed_data;

  /* the writer's thread */
  BbRecordingFile *file; /* NULL after a failure */
  BbRecordingMix mix;
  gint16 *decoded; /* MAX_FRAME samples */
  gint16 *converted;

  /* under writer_lock */
  gboolean finishing;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (BbRecorder, bb_recorder, G_TYPE_OBJECT)

/* The writer's thread: runs while anything is recorded. */
static GMutex writer_lock;
static GCond writer_cond; /* finishing, closed */
static GPtrArray *recorders;
static GThread *writer;
static gboolean writer_running;

/* ---- The media thread ---- */

/**
 * bb_recorder_take_caps:
 * @self: a recorder
 * @which: of which side
 * @caps: what bb_recorder_take_buffer() brings from now on
 *
 * On the thread of that side's frames, or before the first.
 */
void
bb_recorder_take_caps (BbRecorder *self, BbRecordingSide which, const GstCaps *caps)
{
  Side *side = &self->sides[which];
  GstStructure *s = gst_caps_get_structure (caps, 0);
  Format *format;
  int rate = 8000;

  if (side->n_formats == MAX_FORMATS)
    return;

  format = &side->formats[side->n_formats];
  format->encoding = ENCODING_NONE;
  if (gst_structure_has_name (s, "audio/x-raw"))
    {
      if (gst_audio_info_from_caps (&format->info, caps))
        format->encoding = ENCODING_RAW;
    }
  else if (gst_structure_has_name (s, "audio/x-alaw") || gst_structure_has_name (s, "audio/x-mulaw"))
    {
      gst_structure_get_int (s, "rate", &rate);
      gst_audio_info_set_format (&format->info, GST_AUDIO_FORMAT_S16, rate, 1, NULL);
      format->encoding
          = gst_structure_has_name (s, "audio/x-alaw") ? ENCODING_ALAW : ENCODING_ULAW;
    }
  side->n_formats++;
}

/**
 * bb_recorder_take_buffer:
 * @self: a recorder
 * @which: of which side
 * @buffer: (transfer none): came (caller) or leaves (bot) now
 *
 * One thread for each side. Never waits.
 */
void
bb_recorder_take_buffer (BbRecorder *self, BbRecordingSide which, GstBuffer *buffer)
{
  Side *side = &self->sides[which];
  gint head = g_atomic_int_get (&side->head);
  gint next = (head + 1) % RING_SIZE;
  Entry *entry = &side->ring[head];

  if (side->n_formats == 0)
    return;
  if (next == g_atomic_int_get (&side->tail))
    {
      g_atomic_int_set (&side->overrun, TRUE);
      return;
    }

  entry->buffer = gst_buffer_ref (buffer);
  entry->time = g_get_monotonic_time ();
  entry->format = side->n_formats - 1;
  g_atomic_int_set (&side->head, next);
}

/* ---- The writer's thread ---- */

typedef struct
{
  BbRecorder *recorder;
  char *text;
} Failure;

static gboolean
report_failure (gpointer user_data)
{
  Failure *failure = user_data;

  if (failure->recorder->failed_func != NULL)
    failure->recorder->failed_func (failure->text, failure->recorder->failed_data);
  return G_SOURCE_REMOVE;
}

static void
failure_free (gpointer user_data)
{
  Failure *failure = user_data;

  g_object_unref (failure->recorder);
  g_free (failure->text);
  g_free (failure);
}

/* The recording ends, the call goes on. */
static void
fail (BbRecorder *self, const char *reason)
{
  Failure *failure = g_new0 (Failure, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  if (self->file != NULL)
    bb_recording_file_close (g_steal_pointer (&self->file), NULL);

  failure->recorder = g_object_ref (self);
  failure->text = g_strdup_printf (_ ("The recording %s has ended early: %s"), self->path, reason);
  g_warning ("%s", failure->text);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, report_failure, failure, failure_free);
  g_source_attach (source, self->context);
}

static gboolean
set_up_converter (BbRecorder *self, Side *side, guint index)
{
  Format *format = &side->formats[index];
  GstAudioInfo out;

  if (side->converter_format == index + 1)
    return side->converter != NULL;

  g_clear_pointer (&side->converter, gst_audio_converter_free);
  side->converter_format = index + 1;
  gst_audio_info_set_format (&out, GST_AUDIO_FORMAT_S16, (int) self->rate, 1, NULL);
  side->converter
      = gst_audio_converter_new (GST_AUDIO_CONVERTER_FLAG_NONE, &format->info, &out, NULL);
  return side->converter != NULL;
}

static void
write_entry (BbRecorder *self, BbRecordingSide which, const Entry *entry)
{
  Side *side = &self->sides[which];
  Format *format = &side->formats[entry->format];
  const gint16 *samples = NULL;
  gpointer in[1];
  gpointer out[1] = { self->converted };
  gsize n = 0;
  GstMapInfo map;

  if (format->encoding == ENCODING_NONE || !gst_buffer_map (entry->buffer, &map, GST_MAP_READ))
    return;

  if (format->encoding == ENCODING_RAW)
    {
      n = map.size / (gsize) GST_AUDIO_INFO_BPF (&format->info);
      in[0] = map.data;
    }
  else
    {
      n = MIN (map.size, MAX_FRAME);
      bb_g711_decode (format->encoding == ENCODING_ALAW, map.data, n, self->decoded);
      in[0] = self->decoded;
      if (GST_AUDIO_INFO_RATE (&format->info) == (int) self->rate)
        samples = self->decoded;
    }

  if (samples == NULL && set_up_converter (self, side, entry->format))
    {
      gsize n_out = gst_audio_converter_get_out_frames (side->converter, n);

      if (n_out <= MAX_FRAME
          && gst_audio_converter_samples (side->converter, GST_AUDIO_CONVERTER_FLAG_NONE, in, n,
                                          out, n_out))
        {
          samples = self->converted;
          n = n_out;
        }
    }
  if (samples != NULL)
    bb_recording_mix_add (&self->mix, which, entry->time, samples, n);
  gst_buffer_unmap (entry->buffer, &map);
}

static void
drain_side (BbRecorder *self, BbRecordingSide which)
{
  Side *side = &self->sides[which];
  gint tail = g_atomic_int_get (&side->tail);

  while (tail != g_atomic_int_get (&side->head))
    {
      Entry *entry = &side->ring[tail];

      if (self->file != NULL)
        write_entry (self, which, entry);
      gst_clear_buffer (&entry->buffer);
      tail = (tail + 1) % RING_SIZE;
      g_atomic_int_set (&side->tail, tail);
    }
}

static void
write_frames (BbRecorder *self, gsize n)
{
  g_autoptr (GError) error = NULL;

  if (n == 0 || self->file == NULL)
    return;

  if (bb_recording_file_write (self->file, self->mix.window, n, &error))
    bb_recording_mix_drop (&self->mix, n);
  else
    fail (self, error->message);
}

static void
process (BbRecorder *self, gboolean last)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    {
      drain_side (self, i);
      if (g_atomic_int_compare_and_exchange (&self->sides[i].overrun, TRUE, FALSE)
          && self->file != NULL)
        fail (self, _ ("the disk is too slow"));
    }

  write_frames (self, last ? bb_recording_mix_rest (&self->mix)
                           : bb_recording_mix_ready (&self->mix, now));

  if (last && self->file != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (!bb_recording_file_close (g_steal_pointer (&self->file), &error))
        fail (self, error->message);
    }
}

static gpointer
writer_thread (gpointer data)
{
  g_mutex_lock (&writer_lock);
  while (recorders->len > 0)
    {
      g_autoptr (GPtrArray) turn
          = g_ptr_array_copy (recorders, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
      gint64 until = g_get_monotonic_time () + WRITE_INTERVAL;
      gboolean any_finishing = FALSE;

      g_ptr_array_set_free_func (turn, g_object_unref);
      for (guint i = 0; i < turn->len; i++)
        {
          BbRecorder *recorder = turn->pdata[i];
          gboolean finishing = recorder->finishing;

          /* The disk may take its time: nobody waits for the lock meanwhile. */
          g_mutex_unlock (&writer_lock);
          process (recorder, finishing);
          g_mutex_lock (&writer_lock);

          if (finishing)
            {
              recorder->closed = TRUE;
              g_ptr_array_remove (recorders, recorder);
              g_cond_broadcast (&writer_cond);
            }
        }

      for (guint i = 0; i < recorders->len; i++)
        any_finishing |= ((BbRecorder *) recorders->pdata[i])->finishing;
      if (!any_finishing && recorders->len > 0)
        g_cond_wait_until (&writer_cond, &writer_lock, until);
    }
  writer_running = FALSE;
  g_mutex_unlock (&writer_lock);
  return NULL;
}

static void
start_writing (BbRecorder *self)
{
  g_mutex_lock (&writer_lock);
  if (recorders == NULL)
    recorders = g_ptr_array_new ();
  g_ptr_array_add (recorders, self);
  if (!writer_running)
    {
      if (writer != NULL)
        g_thread_join (writer);
      writer_running = TRUE;
      writer = g_thread_new ("recorder", writer_thread, NULL);
    }
  g_mutex_unlock (&writer_lock);
}

/* ---- Public ---- */

/**
 * bb_recorder_new:
 * @path: without extension
 * @format: "ogg" or "wav"
 * @rate: Hz of the file
 * @error: %BB_MEDIA_ERROR_RECORDING
 *
 * Records what bb_recorder_take_buffer() brings.
 *
 * Returns: (transfer full) (nullable): for bb_recorder_finish()
 */
BbRecorder *
bb_recorder_new (const char *path, const char *format, guint rate, GError **error)
{
  g_autoptr (BbRecorder) self = g_object_new (BB_TYPE_RECORDER, NULL);
  g_autoptr (GError) file_error = NULL;

  if (!g_str_equal (format, "ogg") && !g_str_equal (format, "wav"))
    {
      g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_RECORDING,
                   _ ("A recording's format is ogg or wav, not '%s'"), format);
      return NULL;
    }

  self->path = g_strconcat (path, ".", format, NULL);
  self->rate = rate;
  bb_recording_mix_init (&self->mix, rate);
  self->file = bb_recording_file_new (self->path, format, rate, &file_error);
  if (self->file == NULL)
    {
      g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_RECORDING, _ ("Can't record to %s: %s"),
                   self->path, file_error->message);
      return NULL;
    }

  start_writing (self);
  return g_steal_pointer (&self);
}

void
bb_recorder_set_failed_func (BbRecorder *self, BbRecorderFailedFunc func, gpointer user_data)
{
  self->failed_func = func;
  self->failed_data = user_data;
}

const char *
bb_recorder_get_path (BbRecorder *self)
{
  return self->path;
}

/**
 * bb_recorder_end:
 * @self: a recorder; it is given nothing any more
 *
 * Any thread. It closes its file soon; bb_recorder_finish() waits for that.
 */
void
bb_recorder_end (BbRecorder *self)
{
  g_mutex_lock (&writer_lock);
  self->finishing = TRUE;
  g_cond_broadcast (&writer_cond);
  g_mutex_unlock (&writer_lock);
}

/**
 * bb_recorder_finish:
 * @self: a recorder; it is given nothing any more
 *
 * Any thread but the writer's and the media's. Returns when the file is
 * complete. Idempotent.
 */
void
bb_recorder_finish (BbRecorder *self)
{
  GThread *ended = NULL;

  bb_recorder_end (self);
  g_mutex_lock (&writer_lock);
  while (!self->closed)
    g_cond_wait (&writer_cond, &writer_lock);
  if (recorders->len == 0)
    ended = g_steal_pointer (&writer);
  g_mutex_unlock (&writer_lock);

  if (ended != NULL)
    g_thread_join (ended);
}

static void
bb_recorder_finalize (GObject *object)
{
  BbRecorder *self = BB_RECORDER (object);

  for (guint i = 0; i < BB_RECORDING_N_SIDES; i++)
    {
      Side *side = &self->sides[i];

      for (guint j = 0; j < RING_SIZE; j++)
        gst_clear_buffer (&side->ring[j].buffer);
      g_clear_pointer (&side->converter, gst_audio_converter_free);
    }
  if (self->file != NULL)
    bb_recording_file_close (self->file, NULL);
  bb_recording_mix_clear (&self->mix);
  g_free (self->decoded);
  g_free (self->converted);
  g_main_context_unref (self->context);
  g_free (self->path);

  G_OBJECT_CLASS (bb_recorder_parent_class)->finalize (object);
}

static void
bb_recorder_class_init (BbRecorderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bb_recorder_finalize;
}

static void
bb_recorder_init (BbRecorder *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->decoded = g_new (gint16, MAX_FRAME);
  self->converted = g_new (gint16, MAX_FRAME);
}
