/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Offer and answer (RFC 3264) without a network.
 */
#include <string.h>

#include "bb-sdp-parse.h"
#include "bb-sdp.h"
#include "bb-sip-agent.h"
#include "bb-sip-message.h"

#define HEAD "v=0\r\no=peer 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"
#define PCMA HEAD "m=audio 4000 RTP/AVP 8\r\n"

static BbConfig *
load (const char *codecs)
{
  g_autofree char *setting = g_strconcat ("media.codecs=", codecs, NULL);
  const char *overrides[] = { setting, "media.opus-bitrate=28000", NULL };
  g_autoptr (GError) error = NULL;
  BbConfig *config = bb_config_load ("/dev/null", overrides, &error);

  g_assert_no_error (error);
  return config;
}

static BbSdp *
create (const char *codecs)
{
  g_autoptr (BbConfig) config = load (codecs);
  BbSdp *sdp = bb_sdp_new (config);

  bb_sdp_set_local (sdp, "192.0.2.1", 5000, 0);
  return sdp;
}

static const BbMediaParams *
offer (BbSdp *sdp, const char *body)
{
  g_autoptr (GError) error = NULL;

  bb_sdp_receive_offer (sdp, body, -1, &error);
  g_assert_no_error (error);
  return bb_sdp_get_params (sdp);
}

/* The answer to an offer, without its origin line. */
static char *
answer (BbSdp *sdp, const char *body)
{
  g_autofree char *text = NULL;
  const char *rest;

  offer (sdp, body);
  text = bb_sdp_write_answer (sdp);
  g_assert_true (g_str_has_prefix (text, "v=0\r\no=bestellbot "));
  rest = strstr (text, "\r\ns=");
  g_assert_nonnull (rest);
  return g_strdup (rest + 2);
}

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("no \"%s\" in:\n%s", part, text);
}

/* The version of a body we wrote, from its origin line. */
static guint64
version_of (const char *text)
{
  g_auto (GStrv) words = g_strsplit (strstr (text, "\r\no=") + 4, " ", 4);

  return g_ascii_strtoull (words[2], NULL, 10);
}

static void
test_order (void)
{
  static const struct
  {
    const char *ours;
    const char *offered; /* after the m= line's port */
    BbCodecId codec;
    guint payload_type;
  } rows[] = {
    { "opus;PCMA;PCMU", "RTP/AVP 0 8 96\r\na=rtpmap:96 opus/48000/2\r\n", BB_CODEC_OPUS, 96 },
    { "PCMA;opus;PCMU", "RTP/AVP 0 8 96\r\na=rtpmap:96 opus/48000/2\r\n", BB_CODEC_PCMA, 8 },
    { "PCMU;PCMA", "RTP/AVP 8 0\r\n", BB_CODEC_PCMU, 0 },
    { "opus;PCMA;PCMU", "RTP/AVP 0\r\n", BB_CODEC_PCMU, 0 },
    { "opus;PCMA", "RTP/AVP 96 8\r\na=rtpmap:96 OPUS/48000/2\r\n", BB_CODEC_OPUS, 96 },
    /* what is no Opus of RFC 7587 is passed over */
    { "opus;PCMA", "RTP/AVP 96 8\r\na=rtpmap:96 opus/16000\r\n", BB_CODEC_PCMA, 8 },
    /* a dynamic number for a static codec, as some trunks do */
    { "PCMA", "RTP/AVP 97\r\na=rtpmap:97 PCMA/8000\r\n", BB_CODEC_PCMA, 97 },
    { "PCMA", "RTP/AVP 97 8\r\na=rtpmap:97 PCMA/16000\r\n", BB_CODEC_PCMA, 8 },
    { "opus;PCMA", "RTP/AVPF 8 96\r\na=rtpmap:96 opus/48000/2\r\n", BB_CODEC_OPUS, 96 },
    { "PCMA;PCMU", "RTP/AVPF 0 8\r\n", BB_CODEC_PCMA, 8 },
    /* G.722: its clock is 8000, whatever it carries (RFC 3551 section 4.5.2) */
    { "G722;PCMA", "RTP/AVP 8 9\r\n", BB_CODEC_G722, 9 },
    { "G722;PCMA", "RTP/AVPF 8 9\r\n", BB_CODEC_G722, 9 },
    { "PCMA;G722", "RTP/AVP 8 9\r\n", BB_CODEC_PCMA, 8 },
    { "G722;PCMA", "RTP/AVP 8 97\r\na=rtpmap:97 G722/8000\r\n", BB_CODEC_G722, 97 },
    { "G722;PCMA", "RTP/AVP 8 97\r\na=rtpmap:97 G722/16000\r\n", BB_CODEC_PCMA, 8 },
    /* L16: mono by its static number, the rest by name */
    { "L16/44100;PCMA", "RTP/AVP 8 11\r\n", BB_CODEC_L16_44100, 11 },
    { "L16/44100;PCMA", "RTP/AVP 8 10\r\n", BB_CODEC_PCMA, 8 },
    { "L16/44100;PCMA", "RTP/AVPF 8 10\r\n", BB_CODEC_PCMA, 8 },
    { "L16/16000;L16/8000;PCMA",
      "RTP/AVP 8 97 98\r\na=rtpmap:97 L16/8000\r\na=rtpmap:98 L16/16000/1\r\n",
      BB_CODEC_L16_16000, 98 },
    { "L16/16000;L16/8000;PCMA", "RTP/AVP 8 97\r\na=rtpmap:97 l16/8000\r\n", BB_CODEC_L16_8000,
      97 },
    { "L16/16000;PCMA", "RTP/AVP 8 97\r\na=rtpmap:97 L16/16000/2\r\n", BB_CODEC_PCMA, 8 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create (rows[i].ours);
      g_autofree char *body = g_strconcat (HEAD "m=audio 4000 ", rows[i].offered, NULL);
      const BbMediaParams *params = offer (sdp, body);

      g_test_message ("%s", body);
      g_assert_cmpint (params->codec->id, ==, rows[i].codec);
      g_assert_cmpuint (params->payload_type_send, ==, rows[i].payload_type);
      g_assert_cmpuint (params->payload_type_receive, ==, rows[i].payload_type);
      g_assert_cmpstr (params->remote_address, ==, "192.0.2.5");
      g_assert_cmpuint (params->remote_rtp_port, ==, 4000);
      g_assert_cmpuint (params->remote_rtcp_port, ==, 4001);
      g_assert_cmpstr (params->local_address, ==, "192.0.2.1");
      g_assert_cmpuint (params->local_rtp_port, ==, 5000);
      g_assert_cmpint (params->direction, ==, BB_MEDIA_SENDRECV);
    }
}

static void
test_answer_text (void)
{
  g_autoptr (BbSdp) sdp = create ("opus;PCMA");
  g_autofree char *opus
      = answer (sdp, HEAD "m=audio 4000 RTP/AVP 96 8 101 102\r\n"
                          "a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
                          "a=rtpmap:102 telephone-event/48000\r\n");
  g_autofree char *pcma = NULL;

  g_assert_cmpstr (opus, ==,
                   "s=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
                   "m=audio 5000 RTP/AVP 96 102\r\na=rtpmap:96 opus/48000/2\r\n"
                   "a=fmtp:96 useinbandfec=1;maxaveragebitrate=28000;maxplaybackrate=24000;stereo=0\r\n"
                   "a=rtpmap:102 telephone-event/48000\r\na=fmtp:102 0-15\r\n"
                   "a=ptime:20\r\na=maxptime:60\r\na=sendrecv\r\n");

  bb_sdp_set_local (sdp, "2001:db8::1", 5000, 5100);
  pcma = answer (sdp, "v=0\r\no=- 1 1 IN IP6 2001:db8::2\r\ns=-\r\nc=IN IP6 2001:db8::2\r\n"
                      "t=3034423619 3042462419\r\nm=audio 4000 RTP/AVPF 8\r\n");
  g_assert_cmpstr (pcma, ==,
                   "s=-\r\nc=IN IP6 2001:db8::1\r\nt=3034423619 3042462419\r\n"
                   "m=audio 5000 RTP/AVPF 8\r\na=rtpmap:8 PCMA/8000\r\n"
                   "a=ptime:20\r\na=maxptime:60\r\na=rtcp:5100\r\na=sendrecv\r\n");
}

static void
test_telephone_event (void)
{
  static const struct
  {
    const char *formats;
    int dtmf;
    BbCodecId codec;
  } rows[] = {
    { "8 101\r\na=rtpmap:101 telephone-event/8000\r\n", 101, BB_CODEC_PCMA },
    { "8 101 102\r\na=rtpmap:102 telephone-event/8000\r\na=rtpmap:101 telephone-event/48000\r\n",
      102, BB_CODEC_PCMA },
    { "96 101 102\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
      "a=rtpmap:102 telephone-event/48000\r\n",
      102, BB_CODEC_OPUS },
    { "96 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n", 101,
      BB_CODEC_OPUS },
    { "8\r\n", -1, BB_CODEC_PCMA },
    { "8 101\r\na=rtpmap:101 telephone-event/16000\r\n", -1, BB_CODEC_PCMA },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create ("opus;PCMA");
      g_autofree char *body = g_strconcat (HEAD "m=audio 4000 RTP/AVP ", rows[i].formats, NULL);
      const BbMediaParams *params = offer (sdp, body);

      g_assert_cmpint (params->codec->id, ==, rows[i].codec);
      g_assert_cmpint (params->dtmf_payload_type_send, ==, rows[i].dtmf);
      g_assert_cmpint (params->dtmf_payload_type_receive, ==, rows[i].dtmf);
    }
}

static void
test_ptime (void)
{
  static const struct
  {
    const char *formats;
    guint ptime;
  } rows[] = {
    { "8\r\n", 20 },
    { "8\r\na=ptime:30\r\n", 30 },
    { "8\r\na=ptime:25\r\n", 20 },
    { "8\r\na=ptime:240\r\n", 60 },
    { "8\r\na=ptime:1\r\n", 10 },
    { "8\r\na=ptime:0\r\n", 20 },
    { "8\r\na=ptime:-20\r\n", 20 },
    { "8\r\na=maxptime:10\r\n", 10 },
    { "8\r\na=ptime:40\r\na=maxptime:30\r\n", 30 },
    { "8\r\na=maxptime:5\r\n", 10 },
    /* Opus has no 30 and no 50 */
    { "96\r\na=rtpmap:96 opus/48000/2\r\na=ptime:30\r\n", 20 },
    { "96\r\na=rtpmap:96 opus/48000/2\r\na=ptime:50\r\n", 40 },
    { "96\r\na=rtpmap:96 opus/48000/2\r\na=ptime:60\r\n", 60 },
    { "96\r\na=rtpmap:96 opus/48000/2\r\na=maxptime:30\r\na=ptime:60\r\n", 20 },
    /* L16 fills an Ethernet frame sooner */
    { "11\r\n", 10 },
    { "97\r\na=rtpmap:97 L16/16000\r\na=ptime:60\r\n", 40 },
    { "97\r\na=rtpmap:97 L16/8000\r\na=ptime:60\r\n", 60 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create ("opus;PCMA;L16/44100;L16/16000;L16/8000");
      g_autofree char *body = g_strconcat (HEAD "m=audio 4000 RTP/AVP ", rows[i].formats, NULL);

      g_test_message ("%s", rows[i].formats);
      g_assert_cmpuint (offer (sdp, body)->ptime, ==, rows[i].ptime);
    }
}

static void
test_opus_parameters (void)
{
  static const struct
  {
    const char *fmtp;
    gboolean fec;
    guint bitrate;
    guint rate;
    gboolean cbr;
  } rows[] = {
    { "a=fmtp:96 maxplaybackrate=16000;cbr=1;usedtx=1;stereo=1\r\n", FALSE, 0, 16000, TRUE },
    { "a=fmtp:96 maxplaybackrate=1;cbr=2\r\n", FALSE, 0, 8000, FALSE },
    { "a=fmtp:96 maxplaybackrate=96000\r\n", FALSE, 0, 48000, FALSE },
    { "", FALSE, 0 },
    { "a=fmtp:96 useinbandfec=1;maxaveragebitrate=20000\r\n", TRUE, 20000 },
    { "a=fmtp:96 minptime=10; UseInbandFEC=1 ; maxaveragebitrate=1\r\n", TRUE, 6000 },
    { "a=fmtp:96 maxaveragebitrate=99999999;useinbandfec=0\r\n", FALSE, 510000 },
    { "a=fmtp:96 useinbandfec;maxaveragebitrate=;=1;;\r\n", FALSE, 0 },
    { "a=fmtp:97 useinbandfec=1\r\n", FALSE, 0 },
  };
  static const char *const protocols[] = { "RTP/AVP", "RTP/AVPF" };

  for (gsize i = 0; i < G_N_ELEMENTS (rows) * 2; i++)
    {
      g_autoptr (BbSdp) sdp = create ("opus");
      g_autofree char *body
          = g_strdup_printf (HEAD "m=audio 4000 %s 96\r\na=rtpmap:96 opus/48000/2\r\n%s",
                             protocols[i % 2], rows[i / 2].fmtp);
      const BbMediaParams *params = offer (sdp, body);

      g_test_message ("%s", body);
      g_assert_cmpint (params->opus_inband_fec, ==, rows[i / 2].fec);
      g_assert_cmpuint (params->opus_max_bitrate, ==, rows[i / 2].bitrate);
      g_assert_cmpuint (params->opus_max_playback_rate, ==, rows[i / 2].rate);
      g_assert_cmpint (params->opus_cbr, ==, rows[i / 2].cbr);
    }
}

static void
test_direction (void)
{
  static const struct
  {
    const char *session; /* session level */
    const char *address;
    const char *media;
    BbMediaDirection direction;
    const char *answered;
  } rows[] = {
    { "", "192.0.2.5", "", BB_MEDIA_SENDRECV, "a=sendrecv\r\n" },
    { "", "192.0.2.5", "a=sendonly\r\n", BB_MEDIA_RECVONLY, "a=recvonly\r\n" },
    { "", "192.0.2.5", "a=recvonly\r\n", BB_MEDIA_SENDONLY, "a=sendonly\r\n" },
    { "", "192.0.2.5", "a=inactive\r\n", BB_MEDIA_INACTIVE, "a=inactive\r\n" },
    { "a=sendonly\r\n", "192.0.2.5", "", BB_MEDIA_RECVONLY, "a=recvonly\r\n" },
    { "a=sendonly\r\n", "192.0.2.5", "a=sendrecv\r\n", BB_MEDIA_SENDRECV, "a=sendrecv\r\n" },
    { "", "0.0.0.0", "", BB_MEDIA_RECVONLY, "a=recvonly\r\n" },
    { "", "0.0.0.0", "a=inactive\r\n", BB_MEDIA_INACTIVE, "a=inactive\r\n" },
  };
  static const char *const protocols[] = { "RTP/AVP", "RTP/AVPF" };

  for (gsize i = 0; i < G_N_ELEMENTS (rows) * 2; i++)
    {
      g_autoptr (BbSdp) sdp = create ("PCMA");
      g_autofree char *body = g_strdup_printf (
          "v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n%s"
          "m=audio 4000 %s 8\r\n%s",
          rows[i / 2].address, rows[i / 2].session, protocols[i % 2], rows[i / 2].media);
      g_autofree char *text = answer (sdp, body);
      const BbMediaParams *params = bb_sdp_get_params (sdp);

      g_test_message ("%s", body);
      g_assert_cmpint (params->direction, ==, rows[i / 2].direction);
      assert_contains (text, rows[i / 2].answered);
      g_assert_cmpint (params->remote_address == NULL, ==,
                       strcmp (rows[i / 2].address, "0.0.0.0") == 0);
    }
}

static void
test_rtcp (void)
{
  g_autoptr (BbSdp) sdp = create ("PCMA");

  g_assert_cmpuint (offer (sdp, PCMA "a=rtcp:4100\r\n")->remote_rtcp_port, ==, 4100);
  g_assert_cmpuint (offer (sdp, PCMA "a=rtcp:4100 IN IP4 192.0.2.5\r\n")->remote_rtcp_port, ==, 4100);
  g_assert_cmpuint (offer (sdp, PCMA "a=rtcp:70000\r\n")->remote_rtcp_port, ==, 4001);
  g_assert_cmpuint (offer (sdp, PCMA "a=rtcp:x\r\n")->remote_rtcp_port, ==, 4001);
  g_assert_cmpuint (offer (sdp, HEAD "m=audio 65535 RTP/AVP 8\r\n")->remote_rtcp_port, ==, 0);
}

static void
test_lines (void)
{
  g_autoptr (BbSdp) sdp = create ("PCMA;PCMU");
  g_autofree char *text = answer (
      sdp, HEAD "m=video 4010 RTP/AVP 31 32\r\nm=audio 0 RTP/AVP 8\r\n"
                "m=audio 4020 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\n"
                "m=audio 4030 RTP/AVP 18\r\nc=IN IP4 192.0.2.6\r\n"
                "m=audio 4040 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n"
                "m=audio 4050 RTP/AVP 8\r\nm=application 9 UDP/BFCP *\r\n");

  g_assert_cmpstr (bb_sdp_get_params (sdp)->remote_address, ==, "192.0.2.7");
  g_assert_cmpuint (bb_sdp_get_params (sdp)->remote_rtp_port, ==, 4040);
  assert_contains (text, "t=0 0\r\nm=video 0 RTP/AVP 31 32\r\nm=audio 0 RTP/AVP 8\r\n"
                         "m=audio 0 RTP/SAVP 8\r\nm=audio 0 RTP/AVP 18\r\nm=audio 5000 RTP/AVP 0\r\n");
  assert_contains (text, "a=sendrecv\r\nm=audio 0 RTP/AVP 8\r\nm=application 0 UDP/BFCP *\r\n");
  g_assert_null (strstr (text, "c2VjcmV0"));
}

static void
test_versions (void)
{
  g_autoptr (BbSdp) sdp = create ("opus;PCMA;PCMU");
  g_autofree char *first = NULL;
  g_autofree char *same = NULL;
  g_autofree char *held = NULL;
  g_autofree char *own = NULL;

  offer (sdp, PCMA);
  first = bb_sdp_write_answer (sdp);
  offer (sdp, PCMA);
  same = bb_sdp_write_answer (sdp);
  g_assert_cmpstr (first, ==, same);
  offer (sdp, PCMA "a=sendonly\r\n");
  held = bb_sdp_write_answer (sdp);
  g_assert_cmpuint (version_of (held), ==, version_of (first) + 1);
  own = bb_sdp_write_offer (sdp);
  g_assert_cmpuint (version_of (own), ==, version_of (first) + 2);
}

static void
test_own_offer (void)
{
  g_autoptr (BbSdp) sdp = create ("opus;PCMA;PCMU");
  g_autofree char *text = bb_sdp_write_offer (sdp);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  const BbMediaParams *params;

  assert_contains (text, "m=audio 5000 RTP/AVP 111 8 0 101 102\r\n");
  assert_contains (text, "a=rtpmap:111 opus/48000/2\r\n");
  assert_contains (text, "a=rtpmap:101 telephone-event/8000\r\n");
  assert_contains (text, "a=rtpmap:102 telephone-event/48000\r\n");
  g_assert_null (bb_sdp_get_params (sdp));

  /* the peer's order, and its own number for what it wants to receive */
  g_assert_true (bb_sdp_receive_answer (
      sdp, HEAD "m=audio 4000 RTP/AVP 120 8 105\r\na=rtpmap:120 opus/48000/2\r\n"
                "a=rtpmap:105 telephone-event/48000\r\n", -1, &error));
  g_assert_no_error (error);
  params = bb_sdp_get_params (sdp);
  g_assert_cmpint (params->codec->id, ==, BB_CODEC_OPUS);
  g_assert_cmpuint (params->payload_type_send, ==, 120);
  g_assert_cmpuint (params->payload_type_receive, ==, 111);
  g_assert_cmpint (params->dtmf_payload_type_send, ==, 105);
  g_assert_cmpint (params->dtmf_payload_type_receive, ==, 102);
  g_assert_cmpuint (params->local_rtp_port, ==, 5000);

  again = bb_sdp_write_offer (sdp);
  assert_contains (again, "m=audio 5000 RTP/AVP 111 8 0 101 102\r\n");

  g_assert_false (bb_sdp_receive_answer (sdp, HEAD "m=audio 4000 RTP/AVP 18\r\n", -1, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC);
  g_clear_error (&error);
  g_assert_false (bb_sdp_receive_answer (sdp, HEAD "m=audio 0 RTP/AVP 8\r\n", -1, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC);
  g_assert_cmpint (bb_sdp_get_params (sdp)->codec->id, ==, BB_CODEC_OPUS);
}

/* All codecs at once: each with its own telephone-event clock, and packets that
 * the widest of them can fill. */
static void
test_own_offer_of_all (void)
{
  g_autoptr (BbSdp) sdp = create ("G722;L16/16000;opus;L16/44100;L16/8000");
  g_autofree char *text = bb_sdp_write_offer (sdp);
  g_autoptr (GError) error = NULL;
  const BbMediaParams *params;

  assert_contains (text, "m=audio 5000 RTP/AVP 9 112 111 11 113 101 102 103 104\r\n");
  assert_contains (text, "a=rtpmap:9 G722/8000\r\n");
  assert_contains (text, "a=rtpmap:112 L16/16000\r\n");
  assert_contains (text, "a=rtpmap:11 L16/44100\r\n");
  assert_contains (text, "a=rtpmap:103 telephone-event/16000\r\n");
  assert_contains (text, "a=rtpmap:104 telephone-event/44100\r\n");
  assert_contains (text, "a=ptime:10\r\na=maxptime:10\r\n");

  g_assert_true (bb_sdp_receive_answer (
      sdp, HEAD "m=audio 4000 RTP/AVP 99 100\r\na=rtpmap:99 L16/16000\r\n"
                "a=rtpmap:100 telephone-event/16000\r\n", -1, &error));
  params = bb_sdp_get_params (sdp);
  g_assert_cmpint (params->codec->id, ==, BB_CODEC_L16_16000);
  g_assert_cmpuint (params->payload_type_send, ==, 99);
  g_assert_cmpuint (params->payload_type_receive, ==, 112);
  g_assert_cmpint (params->dtmf_payload_type_send, ==, 100);
  g_assert_cmpint (params->dtmf_payload_type_receive, ==, 103);
}

/* Inside a dialog lines keep their places and numbers their meanings, even
 * where they are not the ones we would have chosen. */
static void
test_offer_in_a_dialog (void)
{
  g_autoptr (BbSdp) sdp = create ("opus;PCMA;PCMU");
  g_autofree char *text = NULL;

  offer (sdp, HEAD "m=video 4010 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 101 111\r\n"
                   "a=rtpmap:101 opus/48000/2\r\na=rtpmap:111 telephone-event/48000\r\n");
  text = bb_sdp_write_offer (sdp);
  assert_contains (text, "m=video 0 RTP/AVP 31\r\nm=audio 5000 RTP/AVP 101 8 0 96 111\r\n");
  assert_contains (text, "a=rtpmap:101 opus/48000/2\r\n");
  assert_contains (text, "a=rtpmap:96 telephone-event/8000\r\n");
  assert_contains (text, "a=rtpmap:111 telephone-event/48000\r\n");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *body;
    BbSipError code;
  } rows[] = {
    { "", BB_SIP_ERROR_SDP },
    { "hello", BB_SIP_ERROR_SDP },
    { "v=0\r\n", BB_SIP_ERROR_SDP },
    { "v=1\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nm=audio 4000 RTP/AVP 8\r\n", BB_SIP_ERROR_SDP },
    { HEAD, BB_SIP_ERROR_SDP },
    { HEAD "m=\r\n", BB_SIP_ERROR_SDP },
    { HEAD "m=audio\r\n", BB_SIP_ERROR_SDP },
    { HEAD "m=audio x RTP/AVP 8\r\n", BB_SIP_ERROR_SDP },
    /* sofia 1.12 would allocate until memory is gone */
    { HEAD "m=audio 4000 RT\xff/AVP 8\r\n", BB_SIP_ERROR_SDP },
    { HEAD "m=application 9 UDP/BFCP /x\r\n", BB_SIP_ERROR_SDP },
    { HEAD "m=application 9 UDP/BFCP x y:z\r\n", BB_SIP_ERROR_SDP },
    { HEAD " \tm=application 9 UDP ,\r\n", BB_SIP_ERROR_SDP },
    { "v=0\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nm=audio 4000 RTP/AVP 8\r\n", BB_SIP_ERROR_SDP },
    { "v=0\r\no=\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nm=audio 4000 RTP/AVP 8\r\n", BB_SIP_ERROR_SDP },
    { "v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\nc=IN IP4\r\nm=audio 4000 RTP/AVP 8\r\n", BB_SIP_ERROR_SDP },
    { HEAD "m=audio 4000 RTP/AVP 18\r\n", BB_SIP_ERROR_CODEC },
    { HEAD "m=audio 0 RTP/AVP 8\r\n", BB_SIP_ERROR_CODEC },
    { HEAD "m=audio 70000 RTP/AVP 8\r\n", BB_SIP_ERROR_CODEC },
    { HEAD "m=audio 4000 RTP/SAVP 8\r\n", BB_SIP_ERROR_CODEC },
    { HEAD "m=audio 4000 UDP/TLS/RTP/SAVPF 8\r\n", BB_SIP_ERROR_CODEC },
    { HEAD "m=audio 4000 udp 8\r\n", BB_SIP_ERROR_CODEC },
    { HEAD "m=video 4000 RTP/AVP 31\r\n", BB_SIP_ERROR_CODEC },
    /* no address, a name, a multicast group */
    { "v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nm=audio 4000 RTP/AVP 8\r\n", BB_SIP_ERROR_CODEC },
    { "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 phone.example\r\nm=audio 4000 RTP/AVP 8\r\n",
      BB_SIP_ERROR_CODEC },
    { "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 224.2.1.1/127\r\nm=audio 4000 RTP/AVP 8\r\n",
      BB_SIP_ERROR_CODEC },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create ("opus;PCMA;PCMU");
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].body);
      offer (sdp, PCMA);
      g_assert_false (bb_sdp_receive_offer (sdp, rows[i].body, -1, &error));
      g_assert_error (error, BB_SIP_ERROR, (int)rows[i].code);
      g_assert_null (strchr (error->message, '\n'));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      /* and the session is what it was */
      g_assert_cmpint (bb_sdp_get_params (sdp)->codec->id, ==, BB_CODEC_PCMA);
    }
}

static void
test_limits (void)
{
  g_autoptr (BbSdp) sdp = create ("PCMA");
  g_autoptr (GString) many = g_string_new (HEAD);
  g_autofree char *big = g_malloc (BB_SDP_MAX_SIZE + 1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < BB_SDP_MAX_LINES; i++)
    g_string_append (many, "m=audio 4000 RTP/AVP 8\r\n");
  offer (sdp, many->str);
  g_string_append (many, "m=audio 4000 RTP/AVP 8\r\n");
  g_assert_false (bb_sdp_receive_offer (sdp, many->str, -1, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP);
  g_clear_error (&error);

  memset (big, 'a', BB_SDP_MAX_SIZE + 1);
  memcpy (big, PCMA, strlen (PCMA));
  g_assert_false (bb_sdp_receive_offer (sdp, big, BB_SDP_MAX_SIZE + 1, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP);
  g_clear_error (&error);

  g_assert_false (bb_sdp_receive_offer (sdp, "v=0\r\n\0o=", 8, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP);
  g_clear_error (&error);
  g_assert_false (bb_sdp_receive_offer (sdp, NULL, 0, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP);
}

/* Bytes and lines changed, dropped and doubled: an answer or an error. */
static void
test_mutated (void)
{
  static const char *const seed_bodies[] = {
    PCMA,
    HEAD "m=audio 4000 RTP/AVP 96 8 101\r\na=rtpmap:96 opus/48000/2\r\n"
         "a=fmtp:96 useinbandfec=1;maxaveragebitrate=20000\r\na=rtpmap:101 telephone-event/8000\r\n"
         "a=ptime:20\r\na=rtcp:4100\r\na=sendonly\r\nm=video 0 RTP/AVP 31\r\n",
    "v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\ni=x\r\ne=a@b\r\np=+1\r\nb=AS:64\r\nt=1 2\r\nr=7d 1h 0\r\n"
    "z=1 -1h\r\nk=clear:x\r\na=recvonly\r\nm=audio 4000/2 RTP/AVPF 0 97\r\ni=y\r\nc=IN IP6 ::1\r\n"
    "b=TIAS:1\r\na=rtpmap:97 PCMA/8000/1\r\na=fmtp:97 x\r\n",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (20);
  guint accepted = 0;

  for (guint i = 0; i < 20000; i++)
    {
      const char *seed = seed_bodies[i % G_N_ELEMENTS (seed_bodies)];
      g_autoptr (BbSdp) sdp = create ("opus;PCMA;PCMU");
      g_autoptr (GString) body = g_string_new (seed);
      g_autoptr (GError) error = NULL;
      guint changes = (guint)g_rand_int_range (random, 1, 8);

      while (changes-- > 0 && body->len > 0)
        {
          gsize at = (gsize)g_rand_int_range (random, 0, (gint32)body->len);
          gsize length = (gsize)g_rand_int_range (random, 1, 20);

          switch (g_rand_int_range (random, 0, 4))
            {
            case 0:
              body->str[at] = (char)g_rand_int_range (random, 0, 256);
              break;
            case 1:
              g_string_erase (body, (gssize)at, (gssize)MIN (length, body->len - at));
              break;
            case 2:
              g_string_insert_len (body, (gssize)at, seed + at % strlen (seed),
                                   (gssize)MIN (12, strlen (seed) - at % strlen (seed)));
              break;
            default:
              body->str[at] = " /:=\r\n09"[g_rand_int_range (random, 0, 8)];
              break;
            }
        }

      if (bb_sdp_receive_offer (sdp, body->str, (gssize)body->len, &error))
        {
          g_autofree char *text = bb_sdp_write_answer (sdp);

          g_assert_nonnull (text);
          g_assert_nonnull (bb_sdp_get_params (sdp)->codec);
          accepted++;
        }
      else
        g_assert_nonnull (error);
    }
  g_test_message ("%u accepted", accepted);
  g_assert_cmpuint (accepted, >, 100);
}

static void
test_dtmf_info (void)
{
  static const struct
  {
    const char *type;
    const char *body;
    char digit;
  } rows[] = {
    { "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5' },
    { "Application/DTMF-Relay; x=y", "signal = d \r\n", 'D' },
    { "application/dtmf-relay", "Duration=100\r\nSignal=*\r\n", '*' },
    { "application/dtmf-relay", "Signal=10", '*' },
    { "application/dtmf-relay", "Signal=11", '#' },
    { "application/dtmf-relay", "Signal=12", 0 },
    { "application/dtmf-relay", "Signal=", 0 },
    { "application/dtmf-relay", "Signal", 0 },
    { "application/dtmf-relay", "5", 0 },
    { "application/dtmf", "#\r\n", '#' },
    { "application/dtmf", "x", 0 },
    { "application/dtmf", "", 0 },
    { "application/dtmf-relayed", "Signal=5", 0 },
    { "text/plain", "5", 0 },
    { NULL, "5", 0 },
    { "application/dtmf", NULL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (bb_sip_parse_dtmf (rows[i].type, rows[i].body,
                                        rows[i].body != NULL ? strlen (rows[i].body) : 0),
                     ==, rows[i].digit);
}

static void
test_fragment (void)
{
  g_assert_cmpuint (bb_sip_parse_fragment_status ("SIP/2.0 200 OK\r\n", 16), ==, 200);
  g_assert_cmpuint (bb_sip_parse_fragment_status ("sip/2.0 486 Busy", 11), ==, 486);
  g_assert_cmpuint (bb_sip_parse_fragment_status ("SIP/2.0 9999", 12), ==, 0);
  g_assert_cmpuint (bb_sip_parse_fragment_status ("SIP/2.0", 7), ==, 0);
  g_assert_cmpuint (bb_sip_parse_fragment_status (NULL, 0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdp/order", test_order);
  g_test_add_func ("/sdp/answer-text", test_answer_text);
  g_test_add_func ("/sdp/telephone-event", test_telephone_event);
  g_test_add_func ("/sdp/ptime", test_ptime);
  g_test_add_func ("/sdp/opus-parameters", test_opus_parameters);
  g_test_add_func ("/sdp/direction", test_direction);
  g_test_add_func ("/sdp/rtcp", test_rtcp);
  g_test_add_func ("/sdp/lines", test_lines);
  g_test_add_func ("/sdp/versions", test_versions);
  g_test_add_func ("/sdp/own-offer", test_own_offer);
  g_test_add_func ("/sdp/own-offer-of-all", test_own_offer_of_all);
  g_test_add_func ("/sdp/offer-in-a-dialog", test_offer_in_a_dialog);
  g_test_add_func ("/sdp/refused", test_refused);
  g_test_add_func ("/sdp/limits", test_limits);
  g_test_add_func ("/sdp/mutated", test_mutated);
  g_test_add_func ("/sip/dtmf-info", test_dtmf_info);
  g_test_add_func ("/sip/fragment", test_fragment);
  return g_test_run ();
}
