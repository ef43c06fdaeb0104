/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Encrypted calls and RTCP on the RTP port, over sockets (issue 4, points 4 and 6).
 */
#include <string.h>

#include "media-peer.h"
#include "media-standin.h"
#include "srtpsession.h"

typedef struct
{
  BbConfig *config;
  BbMedia *media;
  MediaStandin *standin;
  MediaPeer peer;
  BbMediaParams *params;
  SrtpSession *srtp; /* the peer's */
  guint8 octet;      /* of the next frame */
} Call;

static GstStructure *
peer_keys (const BbMediaParams *params)
{
  gsize size = params->srtp_suite->key_size;
  g_autoptr (GBytes) send = g_bytes_new (params->srtp_receive_key, size);
  g_autoptr (GBytes) receive = g_bytes_new (params->srtp_send_key, size);

  return gst_structure_new (SRTP_KEYS, "suite", G_TYPE_STRING, params->srtp_suite->name,
                            "send-key", G_TYPE_BYTES, send, "receive-key", G_TYPE_BYTES, receive,
                            NULL);
}

static void
set_keys (BbMediaParams *params, BbSrtpSuiteId suite, guint8 seed)
{
  params->srtp_suite = bb_srtp_suite_get (suite);
  params->srtp_lifetime = G_GUINT64_CONSTANT (1) << 48;
  for (gsize i = 0; i < params->srtp_suite->key_size; i++)
    {
      params->srtp_send_key[i] = (guint8) (seed + i);
      params->srtp_receive_key[i] = (guint8) (seed + 100 + i);
    }
}

static void
on_failed (BbMedia *media, GError *error, gpointer user_data)
{
  g_error ("the call failed: %s", error->message);
}

static void
call_begin (Call *self, int suite, gboolean rtcp_mux)
{
  g_autoptr (GError) error = NULL;

  *self = (Call){ .octet = 1 };
  self->config = media_test_config ();
  self->media = bb_rtp_media_new (self->config, "127.0.0.1", &error);
  g_assert_no_error (error);
  g_signal_connect (self->media, BB_MEDIA_SIGNAL_FAILED, G_CALLBACK (on_failed), NULL);
  self->standin = MEDIA_STANDIN (gst_object_ref (bb_media_get_realtime (self->media)));
  media_peer_open (&self->peer);
  self->peer.to_rtp = bb_rtp_media_get_rtp_port (self->media);
  self->peer.to_rtcp = bb_rtp_media_get_rtcp_port (self->media);
  self->params = media_peer_params (&self->peer, BB_CODEC_PCMA);
  self->params->rtcp_mux = rtcp_mux;
  if (suite >= 0)
    {
      g_autoptr (GstStructure) keys = NULL;

      set_keys (self->params, (BbSrtpSuiteId) suite, 7);
      keys = peer_keys (self->params);
      self->srtp = srtp_session_new (keys, &error);
      g_assert_no_error (error);
    }
  bb_media_prepare (self->media, self->params, &error);
  g_assert_no_error (error);
  bb_media_begin (self->media);
}

static void
call_end (Call *self)
{
  if (self->media != NULL)
    media_test_stop (self->media);
  g_assert_finalize_object (self->media);
  g_assert_finalize_object (self->standin);
  media_peer_close (&self->peer);
  bb_media_params_free (self->params);
  bb_config_unref (self->config);
  srtp_session_free (self->srtp);
}

/* The next frame, protected; sent later. */
static struct iovec
make (Call *self)
{
  static guint8 packet[RTP_HEADER_SIZE + 160];
  RtpHeader header = { .payload_type = 8,
                       .seq = self->peer.seq++,
                       .timestamp = self->peer.timestamp,
                       .ssrc = self->peer.ssrc };
  struct iovec plain = { packet, sizeof packet };
  struct iovec out;

  self->peer.timestamp += 160;
  rtp_packet_write_header (packet, &header);
  memset (packet + RTP_HEADER_SIZE, self->octet++, 160);
  if (self->srtp == NULL)
    return plain;
  g_assert_true (srtp_session_protect (self->srtp, &plain, 1, &out));
  return out;
}

static void
say (Call *self)
{
  struct iovec packet = make (self);

  media_peer_send_raw (&self->peer, packet.iov_base, packet.iov_len);
}

static gsize
heard_size (Call *self)
{
  g_autoptr (GBytes) heard = media_standin_dup_heard (self->standin);

  return g_bytes_get_size (heard);
}

static guint64
counter (Call *self, const char *name)
{
  GstElement *pipeline = GST_ELEMENT (gst_object_get_parent (GST_OBJECT (self->standin)));
  g_autoptr (GstIterator) elements = gst_bin_iterate_recurse (GST_BIN (pipeline));
  GValue item = G_VALUE_INIT;
  guint64 value = G_MAXUINT64;

  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK)
    {
      GstElement *element = g_value_get_object (&item);

      if (g_str_has_prefix (G_OBJECT_TYPE_NAME (element), "GstCallRtpSrc"))
        {
          g_autoptr (GstStructure) stats = NULL;

          g_object_get (element, "stats", &stats, NULL);
          g_assert_true (gst_structure_get_uint64 (stats, name, &value));
        }
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_object_unref (pipeline);
  return value;
}

/* The next packet that arrives, opened; its payload. */
static void
listen (Call *self, MediaPacket *packet)
{
  gint64 deadline = g_get_monotonic_time () + MEDIA_PEER_DEADLINE * G_USEC_PER_SEC;

  for (;;)
    {
      while (!media_peer_receive (&self->peer, packet, 10))
        {
          g_assert_cmpint (g_get_monotonic_time (), <, deadline);
          g_main_context_iteration (NULL, FALSE);
        }
      if (self->srtp == NULL)
        return;
      if (srtp_session_unprotect (self->srtp, packet->data, &packet->size,
                                  g_get_monotonic_time () * 1000))
        break;
      /* under the keys of a moment ago */
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
  g_assert_cmpint (rtp_packet_parse (packet->data, packet->size, &packet->header), ==,
                   RTP_PACKET_OK);
}

static void
assert_heard (Call *self, guint n_frames)
{
  g_autoptr (GBytes) heard = NULL;
  const guint8 *data;

  media_test_wait (heard_size (self) >= n_frames * 160u);
  heard = media_standin_dup_heard (self->standin);
  data = g_bytes_get_data (heard, NULL);
  for (guint i = 0; i < n_frames * 160; i++)
    if (data[i] != 1 + i / 160)
      g_error ("octet %u heard is %u, not %u", i, data[i], 1 + i / 160);
}

/* Both ways, through a wrap of the sequence number, to the bit. */
static void
test_suite (gconstpointer data)
{
  guint n = 0;
  Call call;

  call_begin (&call, GPOINTER_TO_INT (data), FALSE);
  for (guint i = 0; i < 20; i++)
    say (&call);
  assert_heard (&call, 20);
  for (guint i = 0; i < 10; i++)
    {
      MediaPacket packet;

      listen (&call, &packet);
      g_assert_cmpuint (packet.header.payload_size, ==, 160);
      for (guint j = 0; j < 160; j++)
        g_assert_cmpuint (packet.data[packet.header.payload_offset + j], ==,
                          media_standin_octet (n++));
    }
  g_assert_true (media_standin_ran_on_loop (call.standin));
  call_end (&call);
}

/* Plain packets, changed ones and repetitions are not heard, whoever sends
 * them, and move nothing. */
static void
test_attacks (void)
{
  guint8 plain[RTP_HEADER_SIZE + 160] = { 0x80, 8 };
  guint8 copy[RTP_MAX_PACKET];
  struct iovec packet;
  MediaPeer stranger;
  MediaPacket heard;
  Call call;

  call_begin (&call, BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, FALSE);
  media_peer_open (&stranger);
  stranger.to_rtp = call.peer.to_rtp;
  /* before the peer's first: a stranger would be latched */
  media_peer_send_raw (&stranger, plain, sizeof plain);
  media_test_wait (counter (&call, "srtp-rejected") == 1);

  packet = make (&call);
  memcpy (copy, packet.iov_base, packet.iov_len);
  media_peer_send_raw (&call.peer, copy, packet.iov_len);
  media_test_wait (heard_size (&call) >= 160);
  media_peer_send_raw (&call.peer, copy, packet.iov_len);
  media_peer_send_raw (&stranger, copy, packet.iov_len);
  media_test_wait (counter (&call, "srtp-replayed") == 2);
  copy[30] ^= 1;
  copy[3] ^= 0x40;
  media_peer_send_raw (&call.peer, copy, packet.iov_len);
  media_peer_send_raw (&call.peer, plain, sizeof plain);
  media_test_wait (counter (&call, "srtp-rejected") == 3);
  say (&call);
  assert_heard (&call, 2);
  g_assert_cmpuint (counter (&call, "packets-received"), ==, 2);
  g_assert_false (media_peer_receive (&stranger, &heard, 50));
  listen (&call, &heard);
  media_peer_close (&stranger);
  call_end (&call);
}

/* New keys while both speak: not a frame is lost or doubled. */
static void
test_rekey (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstStructure) keys = NULL;
  guint8 late[RTP_MAX_PACKET];
  struct iovec packet;
  MediaPacket heard;
  guint16 seq;
  Call call;

  call_begin (&call, BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, FALSE);
  for (guint i = 0; i < 5; i++)
    say (&call);
  assert_heard (&call, 5);
  listen (&call, &heard);
  seq = heard.header.seq;
  packet = make (&call); /* is on its way meanwhile */
  memcpy (late, packet.iov_base, packet.iov_len);

  set_keys (call.params, BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, 50);
  g_assert_true (bb_media_update (call.media, call.params, &error));
  keys = peer_keys (call.params);
  /* the peer opens what came under the old keys before the answer */
  while (media_peer_receive (&call.peer, &heard, 0))
    if (srtp_session_unprotect (call.srtp, heard.data, &heard.size, 0))
      g_assert_cmpuint (heard.header.seq, ==, ++seq);
    else
      break;
  g_assert_true (srtp_session_rekey (call.srtp, keys, g_get_monotonic_time () * 1000, &error));
  media_peer_send_raw (&call.peer, late, packet.iov_len);
  for (guint i = 0; i < 5; i++)
    say (&call);
  assert_heard (&call, 11);
  listen (&call, &heard);
  g_assert_cmpuint ((guint16) (heard.header.seq - seq), <=, 3);
  call_end (&call);
}

/* From encrypted to plain and back, as re-INVITEs may have it. */
static void
test_switch (void)
{
  g_autoptr (GError) error = NULL;
  BbMediaParams *plain;
  SrtpSession *srtp;
  MediaPacket heard;
  Call call;

  call_begin (&call, BB_SRTP_SUITE_AEAD_AES_128_GCM, FALSE);
  say (&call);
  assert_heard (&call, 1);
  plain = bb_media_params_copy (call.params);
  plain->srtp_suite = NULL;
  g_assert_true (bb_media_update (call.media, plain, &error));
  bb_media_params_free (plain);
  srtp = g_steal_pointer (&call.srtp);
  say (&call);
  assert_heard (&call, 2);
  while (media_peer_receive (&call.peer, &heard, 0))
    ;
  listen (&call, &heard);
  g_assert_cmpuint (heard.header.payload_size, ==, 160);
  call.srtp = srtp;
  call_end (&call);
}

/* RFC 5761: RTCP goes where RTP goes and is known by its type, encrypted too. */
static void
test_rtcp_mux (gconstpointer data)
{
  int suite = GPOINTER_TO_INT (data);
  guint8 report[512];
  struct iovec vector = { report, 0 };
  struct iovec out;
  guint8 bytes[RTP_MAX_PACKET];
  gboolean bye = FALSE;
  MediaPacket packet;
  gssize size;
  Call call;

  call_begin (&call, suite, TRUE);
  say (&call);
  assert_heard (&call, 1);
  vector.iov_len
      = rtcp_write (report, sizeof report, call.peer.ssrc, NULL, NULL, "peer", FALSE);
  if (suite >= 0)
    g_assert_true (srtp_session_protect (call.srtp, &vector, 1, &out));
  else
    out = vector;
  media_peer_send_raw (&call.peer, out.iov_base, out.iov_len);
  media_test_wait (counter (&call, "rtcp-packets") == 1);
  g_assert_cmpuint (counter (&call, "rtcp-on-rtp"), ==, 0);

  listen (&call, &packet); /* who said nothing says no BYE */
  media_test_stop (call.media);
  while (!bye)
    {
      RtcpContent content;
      gsize length;

      size = media_peer_receive_any (&call.peer, bytes, sizeof bytes, 5000);
      g_assert_cmpint (size, >, 0);
      length = (gsize) size;
      if (!rtp_packet_is_rtcp (bytes, length))
        continue;
      if (suite >= 0)
        g_assert_true (srtp_session_unprotect (call.srtp, bytes, &length, 0));
      g_assert_true (rtcp_parse (bytes, length, call.peer.ssrc, &content));
      bye = content.bye;
      g_assert_true (content.has_report);
    }
  g_assert_cmpint (media_peer_receive_rtcp (&call.peer, bytes, sizeof bytes, 0), <, 0);
  call_end (&call);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  media_standin_register ();

  for (guint i = 0; i < BB_N_SRTP_SUITES; i++)
    {
      g_autofree char *name
          = g_strdup_printf ("/call-srtp/%s", bb_srtp_suite_get (i)->name);

      g_test_add_data_func (name, GINT_TO_POINTER (i), test_suite);
    }
  g_test_add_func ("/call-srtp/attacks", test_attacks);
  g_test_add_func ("/call-srtp/rekey", test_rekey);
  g_test_add_func ("/call-srtp/switch", test_switch);
  g_test_add_data_func ("/call-srtp/rtcp-mux/plain", GINT_TO_POINTER (-1), test_rtcp_mux);
  g_test_add_data_func ("/call-srtp/rtcp-mux/encrypted",
                        GINT_TO_POINTER (BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_32), test_rtcp_mux);
  status = g_test_run ();
  gst_deinit ();
  return status;
}
