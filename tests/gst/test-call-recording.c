/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "bb-g711.h"
#include "media-peer.h"
#include "media-standin.h"

#define N_FRAMES 40

typedef struct
{
  BbConfig *config;
  BbMedia *media;
  MediaStandin *standin;
  MediaPeer peer;
  BbMediaParams *params;
  GString *notices;
  guint n_failed;
} Call;

static void
on_notice (BbMedia *media, const char *text, gpointer user_data)
{
  g_string_append (((Call *) user_data)->notices, text);
}

static void
on_failed (BbMedia *media, GError *error, gpointer user_data)
{
  ((Call *) user_data)->n_failed++;
}

static void
call_prepare (Call *self, BbCodecId codec)
{
  g_autoptr (GError) error = NULL;

  *self = (Call){ .notices = g_string_new (NULL) };
  self->config = media_test_config ();
  self->media = bb_rtp_media_new (self->config, "127.0.0.1", &error);
  g_assert_no_error (error);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_NOTICE, G_CALLBACK (on_notice), self);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_FAILED, G_CALLBACK (on_failed), self);
  self->standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (self->media)));
  media_peer_open (&self->peer);
  self->peer.to_rtp = bb_rtp_media_get_rtp_port (self->media);
  self->params = media_peer_params (&self->peer, codec);
  bb_media_prepare (self->media, self->params, &error);
  g_assert_no_error (error);
}

static void
call_end (Call *self)
{
  media_test_stop (self->media);
  g_assert_cmpuint (self->n_failed, ==, 0);
  g_assert_finalize_object (self->media);
  g_assert_finalize_object (self->standin);
  media_peer_close (&self->peer);
  bb_media_params_free (self->params);
  bb_config_unref (self->config);
  g_string_free (self->notices, TRUE);
}

static void
receive (Call *self, MediaPacket *packet)
{
  gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;

  while (!media_peer_receive (&self->peer, packet, 10))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
    }
}

/* The caller says one frame for each that comes. Returns departures received. */
static void
talk (Call *self, guint n_frames, GByteArray *said, GByteArray *answer)
{
  for (guint i = 0; i < n_frames; i++)
    {
      guint8 frame[160];
      MediaPacket packet;

      receive (self, &packet);
      g_byte_array_append (answer, packet.data + packet.header.payload_offset,
                           (guint) packet.header.payload_size);
      for (guint j = 0; j < sizeof frame; j++)
        frame[j] = (guint8) (3 + i * 5 + j * 11);
      media_peer_send (&self->peer, frame, sizeof frame, sizeof frame);
      g_byte_array_append (said, frame, sizeof frame);
    }
}

static guint32
get32 (const char *p)
{
  const guint8 *u = (const guint8 *) p;

  return (guint32) u[0] | (guint32) u[1] << 8 | (guint32) u[2] << 16 | (guint32) u[3] << 24;
}

/* Finds each frame of a side on its channel, in order; what is between them is
 * the pauses of a busy machine. Returns where the first begins. */
static gsize
find_all (const gint16 *frames, gsize n_frames, guint side, const GByteArray *g711, guint n)
{
  gsize first = 0;
  gsize at = 0;

  for (guint k = 0; k < n; k++)
    {
      gint16 samples[160];
      gsize i = 0;

      bb_g711_decode (TRUE, g711->data + 160 * k, 160, samples);
      for (; at + 160 <= n_frames && i < 160; at++)
        for (i = 0; i < 160 && frames[2 * (at + i) + side] == samples[i]; i++)
          ;
      g_assert_cmpuint (i, ==, 160);
      at += 159;
      if (k == 0)
        first = at - 160;
    }
  return first;
}

static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("bestellbot-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
test_wav (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *base = g_build_filename (folder, "call", NULL);
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autoptr (GByteArray) said = g_byte_array_new ();
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GStatBuf info;
  gssize left;
  gssize right;
  gsize size;
  const gint16 *frames;
  Call call;

  call_prepare (&call, BB_CODEC_PCMA);
  path = bb_media_start_recording (call.media, base, "wav", &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (path, "/call.wav"));
  g_assert_null (bb_media_start_recording (call.media, base, "wav", &error));
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_RECORDING);
  g_clear_error (&error);
  bb_media_begin (call.media);
  talk (&call, N_FRAMES, said, answer);
  call_end (&call);

  g_assert_true (g_file_get_contents (path, &content, &size, &error));
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpmem (content, 4, "RIFF", 4);
  g_assert_cmpuint (get32 (content + 4), ==, size - 8);
  g_assert_cmpuint (get32 (content + 24), ==, 8000);
  g_assert_cmpuint (get32 (content + 40), ==, size - 44);

  /* Each side sample for sample on its own channel, and the two in time: the
   * caller answers each packet as it comes. */
  frames = (const gint16 *) (void *) (content + 44);
  right = (gssize) find_all (frames, (size - 44) / 4, 1, answer, N_FRAMES);
  left = (gssize) find_all (frames, (size - 44) / 4, 0, said, N_FRAMES - 1);
  g_test_message ("caller begins at %zd, bot at %zd", left, right);
  g_assert_cmpint (ABS (left - right), <, 8000 / 4);

  g_unlink (path);
  g_rmdir (folder);
}

static void
test_ogg (gconstpointer data)
{
  BbCodecId codec = (BbCodecId) GPOINTER_TO_INT (data);
  g_autofree char *folder = make_folder ();
  g_autofree char *base = g_build_filename (folder, "call", NULL);
  g_autofree char *path = NULL;
  g_autofree char *launch = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  gint64 duration = 0;
  Call call;

  call_prepare (&call, codec);
  path = bb_media_start_recording (call.media, base, "ogg", &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (path, "/call.ogg"));
  bb_media_begin (call.media);
  for (guint i = 0; i < N_FRAMES; i++)
    {
      MediaPacket packet;

      receive (&call, &packet);
    }
  call_end (&call);

  /* Playable to its end, stereo, as long as the call was. */
  launch = g_strdup_printf ("filesrc location=\"%s\" ! oggdemux ! opusdec ! "
                            "audio/x-raw,channels=2 ! fakesink",
                            path);
  pipeline = gst_parse_launch (launch, &error);
  g_assert_no_error (error);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, MEDIA_PEER_DEADLINE * GST_SECOND,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  g_assert_true (gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration));
  g_assert_cmpint (duration, >=, (N_FRAMES - 2) * 20 * GST_MSECOND);
  gst_element_set_state (pipeline, GST_STATE_NULL);

  g_unlink (path);
  g_rmdir (folder);
}

/* The recording ends with a notice; the call goes on. */
static void
test_disk_full (gconstpointer data)
{
  const char *format = data;
  g_autofree char *folder = make_folder ();
  g_autofree char *base = g_build_filename (folder, "call", NULL);
  g_autofree char *link = g_strconcat (base, ".", format, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GByteArray) said = g_byte_array_new ();
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  MediaPacket packet;
  Call call;

  if (!g_file_test ("/dev/full", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no /dev/full");
      return;
    }
  g_assert_cmpint (symlink ("/dev/full", link), ==, 0);

  call_prepare (&call, BB_CODEC_PCMA);
  g_test_expect_message ("bb-media", G_LOG_LEVEL_WARNING, "*has ended early*");
  path = bb_media_start_recording (call.media, base, format, &error);
  g_assert_no_error (error);
  bb_media_begin (call.media);
  media_test_wait (call.notices->len > 0 || media_peer_receive (&call.peer, &packet, 0));
  media_test_wait (call.notices->len > 0);
  g_assert_nonnull (strstr (call.notices->str, path));
  talk (&call, 5, said, answer);
  g_assert_cmpuint (answer->len, ==, 5 * 160);
  call_end (&call);
  g_test_assert_expected_messages ();

  g_unlink (link);
  g_rmdir (folder);
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  Call call;

  call_prepare (&call, BB_CODEC_PCMA);
  g_assert_null (bb_media_start_recording (call.media, "/nonexistent/call", "wav", &error));
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_RECORDING);
  g_assert_nonnull (strstr (error->message, "/nonexistent/call.wav"));
  g_clear_error (&error);
  g_assert_null (bb_media_start_recording (call.media, "/tmp/call", "mp3", &error));
  g_assert_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_RECORDING);
  call_end (&call);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();

  g_test_add_func ("/call-recording/wav", test_wav);
  g_test_add_data_func ("/call-recording/ogg/pcma", GINT_TO_POINTER (BB_CODEC_PCMA), test_ogg);
  g_test_add_data_func ("/call-recording/ogg/opus", GINT_TO_POINTER (BB_CODEC_OPUS), test_ogg);
  g_test_add_data_func ("/call-recording/disk-full/wav", "wav", test_disk_full);
  g_test_add_func ("/call-recording/refused", test_refused);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
