/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <gst/gst.h>
#include <malloc.h>
#include <string.h>

#include "media-peer.h"
#include "media-standin.h"

#define MANY 50
#define ROUNDS 100

typedef struct
{
  BbMedia *media;
  MediaStandin *standin;
  MediaPeer peer;
  gboolean stopped;
} Call;

static BbConfig *config;

static void
call_begin (Call *self, BbCodecId codec)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMediaParams) params = NULL;

  *self = (Call){ 0 };
  self->media = bb_rtp_media_new (config, "127.0.0.1", &error);
  g_assert_no_error (error);
  self->standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (self->media)));
  media_peer_open (&self->peer);
  self->peer.to_rtp = bb_rtp_media_get_rtp_port (self->media);
  self->peer.to_rtcp = bb_rtp_media_get_rtcp_port (self->media);
  params = media_peer_params (&self->peer, codec);
  bb_media_prepare (self->media, params, &error);
  g_assert_no_error (error);
  bb_media_begin (self->media);
}

static void
call_end (Call *self)
{
  media_test_stop (self->media);
  g_assert_finalize_object (self->media);
  g_assert_finalize_object (self->standin);
  media_peer_close (&self->peer);
}

static gsize
heard_size (Call *self)
{
  g_autoptr (GBytes) heard = media_standin_dup_heard (self->standin);

  return g_bytes_get_size (heard);
}

/* Two calls at once share nothing: each hears its own caller, with its own numbers. */
static void
test_two_calls (void)
{
  MediaPacket packets[2];
  Call calls[2];

  call_begin (&calls[0], BB_CODEC_PCMA);
  call_begin (&calls[1], BB_CODEC_PCMU);
  for (guint i = 0; i < 20; i++)
    for (guint j = 0; j < 2; j++)
      {
        guint8 frame[160];

        memset (frame, j == 0 ? 0x11 : 0x22, sizeof frame);
        media_peer_send (&calls[j].peer, frame, sizeof frame, sizeof frame);
      }

  for (guint j = 0; j < 2; j++)
    {
      g_autoptr (GBytes) heard = NULL;
      const guint8 *octets;

      media_test_wait (heard_size (&calls[j]) >= 20 * 160);
      heard = media_standin_dup_heard (calls[j].standin);
      octets = g_bytes_get_data (heard, NULL);
      for (guint i = 0; i < 20 * 160; i++)
        g_assert_cmpuint (octets[i], ==, j == 0 ? 0x11 : 0x22);
      g_assert_true (media_peer_receive (&calls[j].peer, &packets[j], 5000));
      g_assert_cmpuint (packets[j].header.payload_type, ==, j == 0 ? 8 : 0);
    }
  g_assert_cmpuint (packets[0].header.ssrc, !=, packets[1].header.ssrc);

  /* The end of one is nothing to the other. */
  call_end (&calls[0]);
  while (media_peer_receive (&calls[1].peer, &packets[1], 0))
    ;
  g_assert_true (media_peer_receive (&calls[1].peer, &packets[1], 5000));
  call_end (&calls[1]);
}

/* Not one thread more for 50 calls than for as many as there are loops, and
 * nothing of a call runs on any other. */
static void
test_threads (void)
{
  static Call calls[MANY];
  guint n_loops = g_get_num_processors ();
  guint few = 0;
  guint many;

  for (guint i = 0; i < MANY; i++)
    {
      call_begin (&calls[i], i % 5 == 4 ? BB_CODEC_OPUS : BB_CODEC_PCMA);
      if (i + 1 == MIN (n_loops, MANY / 2))
        few = media_test_count ("task");
    }
  for (guint i = 0; i < MANY; i++)
    media_test_wait (media_standin_get_n_ticks (calls[i].standin) >= 10);
  many = media_test_count ("task");
  g_test_message ("%u threads with %u calls, %u with %u", few, n_loops, many, MANY);
  g_assert_cmpuint (many, <=, few);

  for (guint i = 0; i < MANY; i++)
    g_assert_true (media_standin_ran_on_loop (calls[i].standin));
  for (guint i = 0; i < MANY; i++)
    call_end (&calls[i]);
}

static void
one_call (BbCodecId codec)
{
  guint8 frame[160] = { 0 };
  MediaPacket packet;
  Call call;

  call_begin (&call, codec);
  if (codec != BB_CODEC_OPUS)
    media_peer_send (&call.peer, frame, sizeof frame, 160);
  g_assert_true (media_peer_receive (&call.peer, &packet, 1000 * MEDIA_PEER_DEADLINE));
  call_end (&call);
}

/* A hundred calls leave what was there before them: descriptors, threads, memory. */
static void
test_nothing_left (void)
{
  guint fds;
  gsize memory;
  gsize growth;

  for (guint i = 0; i < 20; i++)
    one_call (i % 2 == 0 ? BB_CODEC_PCMA : BB_CODEC_OPUS);
  fds = media_test_count ("fd");
  memory = mallinfo2 ().uordblks;

  for (guint i = 0; i < ROUNDS; i++)
    one_call (i % 2 == 0 ? BB_CODEC_PCMA : BB_CODEC_OPUS);
  growth = mallinfo2 ().uordblks - memory;
  g_test_message ("%zd bytes after %u calls", (gssize) growth, ROUNDS);
  g_assert_cmpuint (media_test_count ("fd"), ==, fds);
  /* A call weighs hundreds of kilobytes: one kept would show. */
  g_assert_cmpint ((gssize) growth, <, 200 * 1024);

  /* No loop runs on without a call. */
  for (gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;;)
    {
      g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
      const char *task;
      gboolean any = FALSE;

      while ((task = g_dir_read_name (tasks)) != NULL)
        {
          g_autofree char *path = g_build_filename ("/proc/self/task", task, "comm", NULL);
          g_autofree char *name = NULL;

          if (g_file_get_contents (path, &name, NULL, NULL) && g_str_has_prefix (name, "media-"))
            any = TRUE;
        }
      if (!any)
        break;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();
  config = media_test_config ();

  g_test_add_func ("/call-scale/two-calls", test_two_calls);
  g_test_add_func ("/call-scale/threads", test_threads);
  g_test_add_func ("/call-scale/nothing-left", test_nothing_left);
  status = g_test_run ();
  bb_config_unref (config);
  gst_deinit ();
  return status;
}
