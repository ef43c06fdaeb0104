/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What protecting and opening one packet of G.711 costs: our session over
 * libsrtp, and GStreamer's srtpenc and srtpdec, pushed on the same thread.
 *
 *   srtp-load library|elements SUITE PACKETS     prints µs of CPU per packet,
 *                                                 both ways together
 */
#include <gst/gst.h>
#include <string.h>
#include <time.h>

#include "rtppacket.h"
#include "srtpsession.h"

#define PAYLOAD 160
#define SSRC 0x11223344
#define BATCH 1000

static guint64
cpu_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (guint64) now.tv_sec * 1000000000u + (guint64) now.tv_nsec;
}

static void
make_packet (guint8 *packet, guint n)
{
  RtpHeader header
      = { .payload_type = 8, .seq = (guint16) n, .timestamp = n * PAYLOAD, .ssrc = SSRC };

  rtp_packet_write_header (packet, &header);
  memset (packet + RTP_HEADER_SIZE, (guint8) n, PAYLOAD);
}

static gsize
key_size (const char *suite)
{
  return strcmp (suite, "AEAD_AES_128_GCM") == 0 ? 28 : 30;
}

static guint64
run_library (const char *suite, guint n_packets)
{
  guint8 key[30] = { 1, 2, 3 };
  g_autoptr (GBytes) bytes = g_bytes_new (key, key_size (suite));
  g_autoptr (GstStructure) keys
      = gst_structure_new (SRTP_KEYS, "suite", G_TYPE_STRING, suite, "send-key", G_TYPE_BYTES,
                           bytes, "receive-key", G_TYPE_BYTES, bytes, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SrtpSession) session = srtp_session_new (keys, &error);
  guint64 began;

  if (session == NULL)
    g_error ("%s", error->message);
  began = cpu_now ();
  for (guint n = 0; n < n_packets; n++)
    {
      guint8 packet[RTP_HEADER_SIZE + PAYLOAD];
      struct iovec vector = { packet, sizeof packet };
      struct iovec out;
      gsize size;

      make_packet (packet, n);
      if (!srtp_session_protect (session, &vector, 1, &out))
        g_error ("not protected");
      size = out.iov_len;
      if (!srtp_session_unprotect (session, out.iov_base, &size, 0) || size != sizeof packet)
        g_error ("not opened");
    }
  return cpu_now () - began;
}

static guint n_came;

static GstFlowReturn
on_buffer (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  n_came++;
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstCaps *
on_request_key (GstElement *decoder, guint ssrc, gpointer key)
{
  const char *const *names = g_object_get_data (G_OBJECT (decoder), "names");

  return gst_caps_new_simple ("application/x-srtp", "srtp-key", GST_TYPE_BUFFER, key,
                              "srtp-cipher", G_TYPE_STRING, names[0], "srtp-auth", G_TYPE_STRING,
                              names[1], "srtcp-cipher", G_TYPE_STRING, names[0], "srtcp-auth",
                              G_TYPE_STRING, names[2], NULL);
}

static void
on_pad_added (GstElement *decoder, GstPad *pad, gpointer sink)
{
  if (g_str_has_prefix (GST_PAD_NAME (pad), "rtp_src"))
    gst_pad_link (pad, sink);
}

static guint64
run_elements (const char *suite, guint n_packets)
{
  static const char *const cm_80[] = { "aes-128-icm", "hmac-sha1-80", "hmac-sha1-80" };
  static const char *const cm_32[] = { "aes-128-icm", "hmac-sha1-32", "hmac-sha1-80" };
  static const char *const gcm[] = { "aes-128-gcm", "null", "null" };
  const char *const *names = strcmp (suite, "AEAD_AES_128_GCM") == 0 ? gcm
                             : g_str_has_suffix (suite, "_32")       ? cm_32
                                                                     : cm_80;
  g_autoptr (GstElement) encoder = g_object_ref_sink (gst_element_factory_make ("srtpenc", NULL));
  g_autoptr (GstElement) decoder = g_object_ref_sink (gst_element_factory_make ("srtpdec", NULL));
  g_autoptr (GstBuffer) key = gst_buffer_new_allocate (NULL, key_size (suite), NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "application/x-rtp", "media", G_TYPE_STRING, "audio", "clock-rate", G_TYPE_INT, 8000,
      "encoding-name", G_TYPE_STRING, "PCMA", "payload", G_TYPE_INT, 8, "ssrc", G_TYPE_UINT, SSRC,
      NULL);
  g_autoptr (GstPad) from = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  g_autoptr (GstPad) to = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  g_autoptr (GstPad) in = NULL;
  g_autoptr (GstPad) between = NULL;
  g_autoptr (GstPad) decode = NULL;
  GstSegment segment;
  guint64 began;

  gst_buffer_memset (key, 0, 7, key_size (suite));
  g_object_set (encoder, "key", key, NULL);
  gst_util_set_object_arg (G_OBJECT (encoder), "rtp-cipher", names[0]);
  gst_util_set_object_arg (G_OBJECT (encoder), "rtp-auth", names[1]);
  gst_util_set_object_arg (G_OBJECT (encoder), "rtcp-cipher", names[0]);
  gst_util_set_object_arg (G_OBJECT (encoder), "rtcp-auth", names[2]);
  g_object_set_data (G_OBJECT (decoder), "names", (gpointer) names);
  g_signal_connect (decoder, "request-key", G_CALLBACK (on_request_key), key);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_pad_added), to);

  in = gst_element_request_pad_simple (encoder, "rtp_sink_0");
  between = gst_element_get_static_pad (encoder, "rtp_src_0");
  decode = gst_element_get_static_pad (decoder, "rtp_sink");
  gst_pad_set_chain_function (to, on_buffer);
  gst_pad_set_active (to, TRUE);
  gst_pad_set_active (from, TRUE);
  gst_pad_link (from, in);
  gst_pad_link (between, decode);
  gst_element_set_state (decoder, GST_STATE_PLAYING);
  gst_element_set_state (encoder, GST_STATE_PLAYING);
  {
    g_autoptr (GstPad) out = gst_element_get_static_pad (decoder, "rtp_src");

    if (out != NULL && !gst_pad_is_linked (out))
      gst_pad_link (out, to);
  }
  gst_pad_push_event (from, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (from, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (from, gst_event_new_segment (&segment));

  began = cpu_now ();
  for (guint n = 0; n < n_packets; n++)
    {
      GstBuffer *buffer = gst_buffer_new_allocate (NULL, RTP_HEADER_SIZE + PAYLOAD, NULL);
      GstMapInfo map;

      gst_buffer_map (buffer, &map, GST_MAP_WRITE);
      make_packet (map.data, n);
      gst_buffer_unmap (buffer, &map);
      gst_pad_push (from, buffer);
    }
  began = cpu_now () - began;
  if (n_came < n_packets - 1)
    g_error ("%u of %u packets came", n_came, n_packets);
  gst_element_set_state (encoder, GST_STATE_NULL);
  gst_element_set_state (decoder, GST_STATE_NULL);
  return began;
}

int
main (int argc, char **argv)
{
  guint n_packets;
  guint64 took;

  gst_init (&argc, &argv);
  if (argc != 4)
    return 2;
  n_packets = (guint) g_ascii_strtoull (argv[3], NULL, 10);
  took = strcmp (argv[1], "library") == 0 ? run_library (argv[2], n_packets)
                                          : run_elements (argv[2], n_packets);
  g_print ("%.4f\n", (double) took / n_packets / 1000.0);
  return 0;
}
