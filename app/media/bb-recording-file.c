/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-recording-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

#include "bb-media-private.h"

#define OPUS_BITRATE 48000 /* bit/s, both voices */
#define WAV_HEADER_SIZE 44

struct _BbRecordingFile
{
  guint rate;
  guint64 frames;

  FILE *wav; /* NULL: Ogg */

  /* Ogg: opusenc ! oggmux ! filesink, run by pushing from the writing thread. */
  GstElement *bin;
  GstBus *bus;
  GstPad *pad;
};

static void
set_errno_error (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
}

/* ---- WAV ---- */

static void
put (guint8 *p, guint32 value, guint bytes)
{
  for (guint i = 0; i < bytes; i++)
    p[i] = (guint8) (value >> (8 * i));
}

/* RIFF/WAVE with one fmt and one data chunk. */
static void
make_wav_header (guint8 header[WAV_HEADER_SIZE], guint rate, guint64 frames)
{
  guint32 data = (guint32) MIN (frames * 4, G_MAXUINT32 - WAV_HEADER_SIZE);

  memcpy (header, "RIFF....WAVEfmt ", 16);
  put (header + 4, data + WAV_HEADER_SIZE - 8, 4);
  put (header + 16, 16, 4);
  put (header + 20, 1, 2); /* PCM */
  put (header + 22, 2, 2); /* channels */
  put (header + 24, rate, 4);
  put (header + 28, rate * 4, 4);
  put (header + 32, 4, 2);
  put (header + 34, 16, 2); /* bits */
  memcpy (header + 36, "data", 4);
  put (header + 40, data, 4);
}

static gboolean
open_wav (BbRecordingFile *self, int fd, GError **error)
{
  guint8 header[WAV_HEADER_SIZE];

  self->wav = fdopen (fd, "wb");
  if (self->wav == NULL)
    {
      set_errno_error (error);
      close (fd);
      return FALSE;
    }

  make_wav_header (header, self->rate, 0);
  if (fwrite (header, sizeof header, 1, self->wav) != 1)
    {
      set_errno_error (error);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_wav (BbRecordingFile *self, const gint16 *frames, gsize n, GError **error)
{
  gsize written;

#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  written = fwrite (frames, 4, n, self->wav);
#else
  g_autofree gint16 *swapped = g_new (gint16, 2 * n);

  for (gsize i = 0; i < 2 * n; i++)
    swapped[i] = GINT16_TO_LE (frames[i]);
  written = fwrite (swapped, 4, n, self->wav);
#endif
  /* Flushed at each turn, so that a crash loses little and a full disk shows. */
  if (written != n || fflush (self->wav) != 0)
    {
      set_errno_error (error);
      return FALSE;
    }
  return TRUE;
}

static gboolean
close_wav (BbRecordingFile *self, GError **error)
{
  guint8 header[WAV_HEADER_SIZE];
  gboolean ok;

  make_wav_header (header, self->rate, self->frames);
  ok = fflush (self->wav) == 0 && fseek (self->wav, 0, SEEK_SET) == 0
       && fwrite (header, sizeof header, 1, self->wav) == 1 && fflush (self->wav) == 0;
  if (!ok)
    set_errno_error (error);
  if (fclose (self->wav) != 0 && ok)
    {
      set_errno_error (error);
      ok = FALSE;
    }
  self->wav = NULL;
  return ok;
}

/* ---- Ogg/Opus ---- */

static gboolean
take_bus_error (BbRecordingFile *self, GError **error)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR);

  if (message == NULL)
    return FALSE;

  gst_message_parse_error (message, error, NULL);
  return TRUE;
}

static gboolean
open_ogg (BbRecordingFile *self, const char *path, GError **error)
{
  GstElement *encoder;
  GstElement *muxer = NULL;
  GstElement *sink = NULL;
  g_autoptr (GstPad) encoder_pad = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstSegment segment;

  if ((encoder = bb_media_make_element ("opusenc", error)) == NULL
      || (muxer = bb_media_make_element ("oggmux", error)) == NULL
      || (sink = bb_media_make_element ("filesink", error)) == NULL)
    {
      g_clear_pointer (&encoder, gst_object_unref);
      g_clear_pointer (&muxer, gst_object_unref);
      return FALSE;
    }

  g_object_set (encoder, "bitrate", OPUS_BITRATE, NULL);
  gst_util_set_object_arg (G_OBJECT (encoder), "audio-type", "voice");
  g_object_set (sink, "location", path, "async", FALSE, "sync", FALSE, NULL);

  self->bin = g_object_ref_sink (gst_pipeline_new (NULL));
  self->bus = gst_element_get_bus (self->bin);
  gst_bin_add_many (GST_BIN (self->bin), encoder, muxer, sink, NULL);
  encoder_pad = gst_element_get_static_pad (encoder, "sink");
  self->pad = g_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_active (self->pad, TRUE);

  if (!gst_element_link_many (encoder, muxer, sink, NULL)
      || gst_pad_link (self->pad, encoder_pad) != GST_PAD_LINK_OK
      || gst_element_set_state (self->bin, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    {
      if (!take_bus_error (self, error))
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _ ("the encoder can't be started"));
      return FALSE;
    }

  caps = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING,
                              G_BYTE_ORDER == G_LITTLE_ENDIAN ? "S16LE" : "S16BE", "layout",
                              G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, (int) self->rate,
                              "channels", G_TYPE_INT, 2, "channel-mask", GST_TYPE_BITMASK,
                              (guint64) 3, NULL);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("recording"));
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
  return TRUE;
}

static gboolean
write_ogg (BbRecordingFile *self, const gint16 *frames, gsize n, GError **error)
{
  GstBuffer *buffer = gst_buffer_new_memdup (frames, 4 * n);

  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale_int (self->frames, GST_SECOND, (int) self->rate);
  GST_BUFFER_DURATION (buffer) = gst_util_uint64_scale_int (n, GST_SECOND, (int) self->rate);
  if (gst_pad_push (self->pad, buffer) == GST_FLOW_OK)
    return TRUE;

  if (!take_bus_error (self, error))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("the encoder failed"));
  return FALSE;
}

static gboolean
close_ogg (BbRecordingFile *self, GError **error)
{
  if (self->pad != NULL)
    gst_pad_push_event (self->pad, gst_event_new_eos ());
  gst_element_set_state (self->bin, GST_STATE_NULL);
  return !take_bus_error (self, error);
}

/* ---- Both ---- */

static void
free_file (BbRecordingFile *self)
{
  if (self->bin != NULL)
    gst_element_set_state (self->bin, GST_STATE_NULL);
  if (self->pad != NULL)
    gst_pad_set_active (self->pad, FALSE);
  gst_clear_object (&self->pad);
  gst_clear_object (&self->bus);
  gst_clear_object (&self->bin);
  if (self->wav != NULL)
    fclose (self->wav);
  g_free (self);
}

/**
 * bb_recording_file_new:
 * @path: full path; an existing file is replaced
 * @format: "wav" or "ogg"
 * @rate: Hz
 * @error: what the system said
 *
 * Returns: (transfer full) (nullable): an open file, for bb_recording_file_close()
 */
BbRecordingFile *
bb_recording_file_new (const char *path, const char *format, guint rate, GError **error)
{
  BbRecordingFile *self = g_new0 (BbRecordingFile, 1);
  gboolean ok;
  int fd;

  self->rate = rate;
  /* Made here for both, so that nobody else can read what people said. */
  fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      set_errno_error (error);
      free_file (self);
      return NULL;
    }

  if (g_str_equal (format, "wav"))
    {
      ok = open_wav (self, fd, error);
    }
  else
    {
      close (fd);
      ok = open_ogg (self, path, error);
    }

  if (!ok)
    {
      free_file (self);
      return NULL;
    }
  return self;
}

/**
 * bb_recording_file_write:
 * @self: the file
 * @frames: interleaved, native byte order
 * @n: frames
 * @error: what the system said
 *
 * Returns: whether they are with the system
 */
gboolean
bb_recording_file_write (BbRecordingFile *self, const gint16 *frames, gsize n, GError **error)
{
  gboolean ok
      = self->wav != NULL ? write_wav (self, frames, n, error) : write_ogg (self, frames, n, error);

  self->frames += n;
  return ok;
}

/**
 * bb_recording_file_close:
 * @self: (transfer full): the file
 * @error: what the system said
 *
 * Returns: whether it is complete
 */
gboolean
bb_recording_file_close (BbRecordingFile *self, GError **error)
{
  gboolean ok = self->wav != NULL ? close_wav (self, error) : close_ogg (self, error);

  free_file (self);
  return ok;
}
