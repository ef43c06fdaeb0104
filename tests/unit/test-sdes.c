/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * SRTP in offer and answer (RFC 4568), without a network. Issue 4, point 6.
 */
#include <string.h>

#include "bb-sdes.h"
#include "bb-sdp.h"
#include "bb-sip-agent.h"

#define HEAD "v=0\r\no=peer 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"
#define SAVP HEAD "m=audio 4000 RTP/SAVP 8\r\n"
#define AVP HEAD "m=audio 4000 RTP/AVP 8\r\n"

/* 0, 1, 2, … and 40, 41, …: no keys of anybody */
#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define OTHER "KCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RF"
#define KEY_28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="
#define LINE_80 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n"

static BbSdp *
create (const char *srtp)
{
  g_autofree char *setting = g_strconcat ("media.srtp=", srtp, NULL);
  const char *overrides[] = { setting, "media.codecs=PCMA;PCMU", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (BbConfig) config = bb_config_load ("/dev/null", overrides, &error);
  BbSdp *sdp;

  g_assert_no_error (error);
  sdp = bb_sdp_new (config);
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

static void
assert_refused (BbSdp *sdp, const char *body, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bb_sdp_receive_offer (sdp, body, -1, &error));
  g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC);
  if (strstr (error->message, part) == NULL)
    g_error ("no \"%s\" in: %s", part, error->message);
  g_assert_null (strstr (error->message, KEY));
  g_assert_null (strchr (error->message, '\n'));
}

/* The key in the a=crypto line of a body that begins so. (transfer full) */
static char *
key_of (const char *text, const char *prefix)
{
  const char *line = strstr (text, prefix);
  const char *key = line != NULL ? strstr (line, "inline:") : NULL;

  if (key == NULL)
    g_error ("no \"%s\" in:\n%s", prefix, text);
  return g_strndup (key + 7, strcspn (key + 7, "\r"));
}

static void
test_parse (void)
{
  static const struct
  {
    const char *value;
    gboolean good;
    guint64 lifetime;
  } rows[] = {
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY, TRUE, BB_SDES_MAX_LIFETIME },
    { "999999999 aes_cm_128_hmac_sha1_32 INLINE:" KEY, TRUE, BB_SDES_MAX_LIFETIME },
    { "7  AEAD_AES_128_GCM\tinline:" KEY_28, TRUE, BB_SDES_MAX_LIFETIME },
    /* padding may be left away (RFC 4568 section 6.1) */
    { "7 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw", TRUE,
      BB_SDES_MAX_LIFETIME },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^20", TRUE, 1 << 20 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^48", TRUE, BB_SDES_MAX_LIFETIME },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|1048576", TRUE, 1 << 20 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " WSH=64", TRUE, BB_SDES_MAX_LIFETIME },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " WSH=64 -NEW=1", TRUE, BB_SDES_MAX_LIFETIME },

    { "", FALSE, 0 },
    { "1", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80", FALSE, 0 },
    { "0 AES_CM_128_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "01 AES_CM_128_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "-1 AES_CM_128_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "1x AES_CM_128_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "1000000000 AES_CM_128_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "1 AES_CM_256_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "1 F8_128_HMAC_SHA1_80 inline:" KEY, FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 outline:" KEY, FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_28, FALSE, 0 },
    { "1 AEAD_AES_128_GCM inline:" KEY, FALSE, 0 },
    { "1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=", FALSE, 0 },
    { "1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGx==", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY KEY, FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw*", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:========================================", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY ";inline:" OTHER, FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|1:4", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^20|1:4", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^19", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^49", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^99999999999999999999", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|0", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|-5", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " KDR=1", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " UNENCRYPTED_SRTP", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " UNENCRYPTED_SRTCP", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " UNAUTHENTICATED_SRTP", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " FEC_ORDER=FEC_SRTP", FALSE, 0 },
    { "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " NEW", FALSE, 0 },
  };
  guint8 expected[30];

  for (guint i = 0; i < sizeof expected; i++)
    expected[i] = (guint8)i;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      BbSdesCrypto crypto;
      const char *why;

      g_test_message ("%s", rows[i].value);
      g_assert_cmpint (bb_sdes_parse (rows[i].value, &crypto, &why), ==, rows[i].good);
      if (rows[i].good)
        {
          g_assert_cmpmem (crypto.key, crypto.suite->key_size, expected, crypto.suite->key_size);
          g_assert_cmpuint (crypto.lifetime, ==, rows[i].lifetime);
        }
      else
        g_assert_nonnull (why);
    }
}

/* Each policy against each kind of offer. */
static void
test_policies (void)
{
  static const struct
  {
    const char *policy;
    const char *body;
    const char *protocol; /* of the answer; NULL: refused */
    gboolean protected;
  } rows[] = {
    { "off", AVP, "RTP/AVP", FALSE },
    { "off", AVP LINE_80, "RTP/AVP", FALSE },
    { "off", SAVP LINE_80, NULL, FALSE },
    { "preferred", AVP, "RTP/AVP", FALSE },
    { "preferred", AVP LINE_80, "RTP/AVP", TRUE },
    { "preferred", SAVP LINE_80, "RTP/SAVP", TRUE },
    { "preferred", HEAD "m=audio 4000 RTP/SAVPF 8\r\n" LINE_80, "RTP/SAVPF", TRUE },
    { "preferred", HEAD "m=audio 4000 RTP/AVPF 8\r\n" LINE_80, "RTP/AVPF", TRUE },
    { "preferred", SAVP, NULL, FALSE },
    { "preferred", HEAD "m=audio 4000 UDP/TLS/RTP/SAVP 8\r\n" LINE_80, NULL, FALSE },
    { "required", AVP, NULL, FALSE },
    { "required", AVP LINE_80, "RTP/AVP", TRUE },
    { "required", SAVP LINE_80, "RTP/SAVP", TRUE },
    { "required", SAVP "a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:" KEY "\r\n", NULL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create (rows[i].policy);
      g_autofree char *text = NULL;
      g_autofree char *media = NULL;
      const BbMediaParams *params;

      g_test_message ("%s: %s", rows[i].policy, rows[i].body);
      if (rows[i].protocol == NULL)
        {
          assert_refused (sdp, rows[i].body, "");
          continue;
        }
      params = offer (sdp, rows[i].body);
      g_assert_cmpint (params->srtp_suite != NULL, ==, rows[i].protected);
      text = bb_sdp_write_answer (sdp);
      media = g_strdup_printf ("m=audio 5000 %s 8\r\n", rows[i].protocol);
      g_assert_nonnull (strstr (text, media));
      g_assert_cmpint (strstr (text, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:") != NULL, ==,
                       rows[i].protected);
      g_assert_null (strstr (text, KEY));
    }
}

static void
test_errors (void)
{
  g_autoptr (BbSdp) required = create ("required");
  g_autoptr (BbSdp) preferred = create ("preferred");

  assert_refused (required, AVP, "offers no SRTP that we can do ([media] srtp = required)");
  assert_refused (required, SAVP "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^20|1:4\r\n",
                  "but a master key identifier (MKI)");
  assert_refused (preferred, SAVP "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "x\r\n",
                  "SRTP with a key of the wrong size or no base64");
  assert_refused (preferred, HEAD "m=audio 4000 RTP/SAVP 18\r\n" LINE_80, "no codec in common");
}

/* The peer's order counts; what we can't do is passed over; its tag comes back. */
static void
test_choice (void)
{
  static const struct
  {
    const char *lines;
    const char *answered;
    BbSrtpSuiteId suite;
  } rows[] = {
    { "a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:" KEY "\r\n" LINE_80,
      "a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:", BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_32 },
    { "a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:" KEY "\r\n"
      "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY " UNENCRYPTED_SRTP\r\n"
      "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^31|1:1\r\n"
      "a=crypto:12345 AEAD_AES_128_GCM inline:" KEY_28 "|2^31\r\n",
      "a=crypto:12345 AEAD_AES_128_GCM inline:", BB_SRTP_SUITE_AEAD_AES_128_GCM },
    /* a tag that is there twice is the first one's */
    { LINE_80 "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" OTHER "\r\n",
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:", BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create ("preferred");
      g_autofree char *body = g_strconcat (SAVP, rows[i].lines, NULL);
      const BbMediaParams *params = offer (sdp, body);
      g_autofree char *text = bb_sdp_write_answer (sdp);
      g_autofree char *key = key_of (text, rows[i].answered);
      g_autofree guchar *decoded = NULL;
      gsize size;

      g_assert_cmpint (params->srtp_suite->id, ==, rows[i].suite);
      decoded = g_base64_decode (key, &size);
      g_assert_cmpmem (decoded, size, params->srtp_send_key, params->srtp_suite->key_size);
      g_assert_cmpuint (params->srtp_receive_key[5], ==, 5);
      g_assert_cmpint (strstr (strstr (text, "a=crypto") + 8, "a=crypto") == NULL, ==, TRUE);
    }
}

/* Of two lines the one with SRTP, wherever it stands; the other is refused. */
static void
test_two_lines (void)
{
  static const char *const plain = "m=audio 4000 RTP/AVP 8\r\n";
  static const char *const secure = "m=audio 4010 RTP/SAVP 8\r\n" LINE_80;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (BbSdp) sdp = create ("preferred");
      g_autoptr (BbSdp) off = create ("off");
      g_autofree char *body
          = g_strconcat (HEAD, i == 0 ? plain : secure, i == 0 ? secure : plain, NULL);
      g_autofree char *text = NULL;

      g_assert_cmpuint (offer (sdp, body)->remote_rtp_port, ==, 4010);
      text = bb_sdp_write_answer (sdp);
      g_assert_nonnull (strstr (text, "m=audio 0 RTP/AVP 8\r\n"));
      g_assert_cmpuint (offer (off, body)->remote_rtp_port, ==, 4000);
    }
}

/* Re-INVITE: the same key, ours too; another key, another of ours. */
static void
test_rekey (void)
{
  g_autoptr (BbSdp) sdp = create ("preferred");
  g_autofree char *first = NULL, *again = NULL, *held = NULL, *other = NULL;
  g_autofree char *key1 = NULL, *key2 = NULL, *key3 = NULL, *key4 = NULL;

  offer (sdp, SAVP LINE_80);
  first = bb_sdp_write_answer (sdp);
  key1 = key_of (first, "a=crypto:1 ");
  offer (sdp, SAVP LINE_80);
  again = bb_sdp_write_answer (sdp);
  g_assert_cmpstr (again, ==, first);
  offer (sdp, SAVP LINE_80 "a=sendonly\r\n");
  held = bb_sdp_write_answer (sdp);
  key2 = key_of (held, "a=crypto:1 ");
  g_assert_cmpstr (key2, ==, key1);

  offer (sdp, SAVP "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" OTHER "\r\n");
  other = bb_sdp_write_answer (sdp);
  key3 = key_of (other, "a=crypto:1 ");
  g_assert_cmpstr (key3, !=, key1);
  g_assert_cmpuint (bb_sdp_get_params (sdp)->srtp_receive_key[0], ==, 40);

  /* an offer of our own in between changes nothing */
  {
    g_autofree char *own = bb_sdp_write_offer (sdp);

    key4 = key_of (own, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 ");
    g_assert_cmpstr (key4, ==, key3);
    g_assert_nonnull (strstr (own, "m=audio 5000 RTP/SAVP "));
    g_assert_null (strstr (own, "AEAD"));
  }
}

static void
test_keys_differ (void)
{
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (BbSdp) sdp = create ("preferred");
      g_autofree char *text = NULL;

      offer (sdp, SAVP LINE_80);
      text = bb_sdp_write_answer (sdp);
      g_assert_true (g_hash_table_add (keys, key_of (text, "a=crypto:1 ")));
    }
}

static void
test_own_offer (void)
{
  static const struct
  {
    const char *policy;
    const char *media; /* of the offer */
    const char *answer;
    gboolean good;
    gboolean protected;
  } rows[] = {
    { "off", "RTP/AVP", AVP, TRUE, FALSE },
    { "preferred", "RTP/AVP", AVP, TRUE, FALSE },
    { "preferred", "RTP/AVP", AVP "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n", TRUE,
      TRUE },
    { "required", "RTP/SAVP", SAVP "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n", TRUE,
      TRUE },
    { "required", "RTP/SAVP", SAVP, FALSE, FALSE },
    { "required", "RTP/SAVP", AVP, FALSE, FALSE },
    /* another tag, another suite than offered, two at once */
    { "required", "RTP/SAVP", SAVP "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n", FALSE,
      FALSE },
    { "required", "RTP/SAVP", SAVP "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n", FALSE,
      FALSE },
    { "required", "RTP/SAVP",
      SAVP "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n"
           "a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:" KEY "\r\n",
      FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (BbSdp) sdp = create (rows[i].policy);
      g_autofree char *text = bb_sdp_write_offer (sdp);
      g_autofree char *media = g_strdup_printf ("m=audio 5000 %s 8 0 101\r\n", rows[i].media);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s: %s", rows[i].policy, rows[i].answer);
      g_assert_nonnull (strstr (text, media));
      g_assert_nonnull (strstr (text, "a=rtcp-mux\r\n"));
      g_assert_cmpint (strstr (text, "a=crypto:1 AEAD_AES_128_GCM inline:") != NULL, ==,
                       strcmp (rows[i].policy, "off") != 0);
      g_assert_cmpint (bb_sdp_receive_answer (sdp, rows[i].answer, -1, &error), ==, rows[i].good);
      if (!rows[i].good)
        {
          g_assert_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC);
          continue;
        }
      g_assert_cmpint (bb_sdp_get_params (sdp)->srtp_suite != NULL, ==, rows[i].protected);
      if (rows[i].protected)
        {
          g_autofree char *key = key_of (text, "a=crypto:2 AES_CM_128_HMAC_SHA1_80 ");
          gsize size;
          g_autofree guchar *decoded = g_base64_decode (key, &size);

          g_assert_cmpmem (decoded, size, bb_sdp_get_params (sdp)->srtp_send_key, 30);
        }
    }
}

static void
test_rtcp_mux (void)
{
  g_autoptr (BbSdp) sdp = create ("off");
  const BbMediaParams *params = offer (sdp, AVP "a=rtcp-mux\r\na=rtcp:4100\r\n");
  g_autofree char *text = bb_sdp_write_answer (sdp);
  g_autofree char *without = NULL;

  g_assert_true (params->rtcp_mux);
  g_assert_cmpuint (params->remote_rtcp_port, ==, 4000);
  g_assert_nonnull (strstr (text, "a=rtcp-mux\r\n"));
  params = offer (sdp, AVP);
  without = bb_sdp_write_answer (sdp);
  g_assert_false (params->rtcp_mux);
  g_assert_cmpuint (params->remote_rtcp_port, ==, 4001);
  g_assert_null (strstr (without, "rtcp-mux"));
}

/* So many lines that they must not all be looked at. */
static void
test_limits (void)
{
  g_autoptr (BbSdp) sdp = create ("preferred");
  g_autoptr (GString) body = g_string_new (SAVP);

  for (guint i = 2; i < 600; i++)
    g_string_append_printf (body, "a=crypto:%u UNKNOWN inline:x\r\n", i);
  g_string_append (body, LINE_80);
  assert_refused (sdp, body->str, "an unknown suite");
}

static void
test_mutated (void)
{
  static const char *const seed
      = SAVP "a=rtcp-mux\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^31 WSH=64\r\n"
             "a=crypto:2 AEAD_AES_128_GCM inline:" KEY_28 "\r\n";
  g_autoptr (GRand) random = g_rand_new_with_seed (21);
  guint accepted = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (BbSdp) sdp = create (i % 2 == 0 ? "required" : "preferred");
      g_autoptr (GString) body = g_string_new (seed);
      g_autoptr (GError) error = NULL;
      guint changes = (guint)g_rand_int_range (random, 1, 5);
      gsize from = strstr (seed, "a=rtcp-mux") - seed;

      while (changes-- > 0)
        {
          gsize at = (gsize)g_rand_int_range (random, (gint32)from, (gint32)body->len);

          switch (g_rand_int_range (random, 0, 3))
            {
            case 0:
              body->str[at] = (char)g_rand_int_range (random, 1, 256);
              break;
            case 1:
              g_string_erase (body, (gssize)at, 1);
              break;
            default:
              g_string_insert_c (body, (gssize)at, " |;:=^2\t"[g_rand_int_range (random, 0, 8)]);
              break;
            }
        }
      if (bb_sdp_receive_offer (sdp, body->str, (gssize)body->len, &error))
        {
          g_autofree char *text = bb_sdp_write_answer (sdp);

          g_assert_cmpint (strstr (text, "a=crypto") != NULL, ==,
                           bb_sdp_get_params (sdp)->srtp_suite != NULL);
          g_assert_nonnull (bb_sdp_get_params (sdp)->srtp_suite);
          accepted++;
        }
      else
        g_assert_nonnull (error);
    }
  g_test_message ("%u accepted", accepted);
  g_assert_cmpuint (accepted, >, 1000);
  g_assert_cmpuint (accepted, <, 20000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdes/parse", test_parse);
  g_test_add_func ("/sdes/policies", test_policies);
  g_test_add_func ("/sdes/errors", test_errors);
  g_test_add_func ("/sdes/choice", test_choice);
  g_test_add_func ("/sdes/two-lines", test_two_lines);
  g_test_add_func ("/sdes/rekey", test_rekey);
  g_test_add_func ("/sdes/keys-differ", test_keys_differ);
  g_test_add_func ("/sdes/own-offer", test_own_offer);
  g_test_add_func ("/sdes/rtcp-mux", test_rtcp_mux);
  g_test_add_func ("/sdes/limits", test_limits);
  g_test_add_func ("/sdes/mutated", test_mutated);
  return g_test_run ();
}
