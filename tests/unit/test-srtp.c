/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call's SRTP (issue 4, point 6): two ends of it without a network.
 */
#include <gio/gio.h>
#include <string.h>

#include "rtppacket.h"
#include "srtpsession.h"

#define SSRC 0x12345678
#define SECOND G_GINT64_CONSTANT (1000000000)

static const struct
{
  const char *name;
  gsize key_size;
  gsize rtp_growth;  /* octets of tag */
  gsize rtcp_growth; /* index and tag */
} suites[] = {
  { "AES_CM_128_HMAC_SHA1_80", 30, 10, 14 },
  { "AES_CM_128_HMAC_SHA1_32", 30, 4, 14 },
  { "AEAD_AES_128_GCM", 28, 16, 20 },
};

static GstStructure *
make_keys (guint suite, guint8 send, guint8 receive, guint64 lifetime)
{
  guint8 keys[2][30];
  g_autoptr (GBytes) a = NULL;
  g_autoptr (GBytes) b = NULL;

  for (guint i = 0; i < 30; i++)
    {
      keys[0][i] = (guint8) (send + 3 * i);
      keys[1][i] = (guint8) (receive + 3 * i);
    }
  a = g_bytes_new (keys[0], suites[suite].key_size);
  b = g_bytes_new (keys[1], suites[suite].key_size);
  return gst_structure_new (SRTP_KEYS, "suite", G_TYPE_STRING, suites[suite].name, "send-key",
                            G_TYPE_BYTES, a, "receive-key", G_TYPE_BYTES, b, "lifetime",
                            G_TYPE_UINT64, lifetime, NULL);
}

static SrtpSession *
make_session (guint suite, guint8 send, guint8 receive)
{
  g_autoptr (GstStructure) keys = make_keys (suite, send, receive, 0);
  g_autoptr (GError) error = NULL;
  SrtpSession *session = srtp_session_new (keys, &error);

  g_assert_no_error (error);
  return session;
}

static void
rekey (SrtpSession *session, guint suite, guint8 send, guint8 receive, gint64 now)
{
  g_autoptr (GstStructure) keys = make_keys (suite, send, receive, 0);
  g_autoptr (GError) error = NULL;

  srtp_session_rekey (session, keys, now, &error);
  g_assert_no_error (error);
}

typedef struct
{
  guint8 data[RTP_MAX_PACKET];
  gsize size;
} Packet;

/* One packet of a stream, protected. */
static Packet
say (SrtpSession *from, guint16 seq)
{
  RtpHeader header
      = { .payload_type = 8, .seq = seq, .timestamp = seq * 160u, .ssrc = SSRC };
  guint8 head[RTP_HEADER_SIZE];
  guint8 payload[160];
  struct iovec vectors[2] = { { head, sizeof head }, { payload, sizeof payload } };
  struct iovec out;
  Packet packet;

  rtp_packet_write_header (head, &header);
  memset (payload, (guint8) seq, sizeof payload);
  g_assert_true (srtp_session_protect (from, vectors, 2, &out));
  packet.size = out.iov_len;
  memcpy (packet.data, out.iov_base, out.iov_len);
  return packet;
}

static gboolean
hear (SrtpSession *at, Packet packet, guint16 seq, gint64 now)
{
  guint8 expected[160];
  RtpHeader header;

  if (!srtp_session_unprotect (at, packet.data, &packet.size, now))
    return FALSE;
  memset (expected, (guint8) seq, sizeof expected);
  g_assert_cmpint (rtp_packet_parse (packet.data, packet.size, &header), ==, RTP_PACKET_OK);
  g_assert_cmpuint (header.seq, ==, seq);
  g_assert_cmpmem (packet.data + header.payload_offset, header.payload_size, expected, 160);
  return TRUE;
}

static void
test_suites (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_autoptr (SrtpSession) a = make_session (i, 1, 2);
      g_autoptr (SrtpSession) b = make_session (i, 2, 1);
      guint8 rtcp[512];
      struct iovec vector = { rtcp, 0 };
      struct iovec out;
      RtcpContent content;
      gsize size;
      Packet packet = say (a, 7);

      g_assert_cmpuint (packet.size, ==, 172 + suites[i].rtp_growth);
      g_assert_null (g_strstr_len ((char *) packet.data + 12, 160, "\7\7\7\7\7\7"));
      g_assert_true (hear (b, packet, 7, 0));
      /* the same again, changed, too short, plain: nothing */
      g_assert_false (hear (b, packet, 7, 0));
      g_assert_cmpuint (srtp_session_get_counters (b)->replayed, ==, 1);
      for (gsize at = 0; at < packet.size; at++)
        {
          Packet changed = say (a, (guint16) (8 + at));

          changed.data[at] ^= 0x10;
          g_assert_false (hear (b, changed, (guint16) (8 + at), 0));
        }
      g_assert_cmpuint (srtp_session_get_counters (b)->rejected
                            + srtp_session_get_counters (b)->replayed,
                        ==, packet.size + 1);
      for (gsize length = 0; length < packet.size; length++)
        {
          Packet cut = say (a, (guint16) (1000 + length));

          cut.size = length;
          g_assert_false (hear (b, cut, 0, 0));
        }
      packet.size = RTP_MAX_PACKET + 1;
      g_assert_false (srtp_session_unprotect (b, packet.data, &packet.size, 0));
      /* and it goes on */
      g_assert_true (hear (b, say (a, 2000), 2000, 0));

      vector.iov_len = rtcp_write (rtcp, sizeof rtcp, SSRC, NULL, NULL, "name", TRUE);
      size = vector.iov_len;
      g_assert_true (srtp_session_protect (a, &vector, 1, &out));
      g_assert_cmpuint (out.iov_len, ==, size + suites[i].rtcp_growth);
      size = out.iov_len;
      g_assert_true (srtp_session_unprotect (b, out.iov_base, &size, 0));
      g_assert_true (rtcp_parse (out.iov_base, size, 0, &content));
      g_assert_true (content.bye);
    }
}

/* The sequence number starts over: packets lost, late and doubled around it. */
static void
test_wrap (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_autoptr (SrtpSession) a = make_session (i, 1, 2);
      g_autoptr (SrtpSession) b = make_session (i, 2, 1);
      guint16 seq = 65500;
      Packet late = { .size = 0 };

      for (guint n = 0; n < 140000; n++, seq++)
        {
          Packet packet = say (a, seq);

          if (seq == 65530)
            late = packet;
          else if (seq == 65535 || seq == 0) /* lost */
            continue;
          else if (!hear (b, packet, seq, 0))
            g_error ("packet %u, sequence number %u was not let through", n, seq);
          if (seq == 3)
            {
              g_assert_true (hear (b, late, 65530, 0));
              g_assert_false (hear (b, late, 65530, 0));
            }
        }
    }
}

/* RFC 3711 section 3.3.2: what is far behind can't be told from a repetition. */
static void
test_old (void)
{
  g_autoptr (SrtpSession) a = make_session (0, 1, 2);
  g_autoptr (SrtpSession) b = make_session (0, 2, 1);
  Packet first = say (a, 1);
  Packet near = { .size = 0 };

  for (guint16 seq = 2; seq < 300; seq++)
    {
      Packet packet = say (a, seq);

      if (seq == 240)
        near = packet;
      else
        g_assert_true (hear (b, packet, seq, 0));
    }
  g_assert_true (hear (b, near, 240, 0));
  g_assert_false (hear (b, first, 1, 0));
}

/* New keys in the middle: what is on its way under the old ones is heard, for a
 * while; a direction whose key stays goes on. */
static void
test_rekey (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_autoptr (SrtpSession) a = make_session (i, 1, 2);
      g_autoptr (SrtpSession) b = make_session (i, 2, 1);
      Packet behind, stale, older;

      g_assert_true (hear (b, say (a, 1), 1, 0));
      g_assert_true (hear (a, say (b, 1), 1, 0));
      older = say (a, 2);
      behind = say (a, 3);
      stale = say (a, 4);

      rekey (b, i, 2, 11, SECOND); /* a's key only */
      g_assert_true (hear (b, behind, 3, SECOND));
      g_assert_false (hear (b, behind, 3, SECOND));
      rekey (a, i, 11, 2, SECOND);
      g_assert_true (hear (b, say (a, 5), 5, 2 * SECOND));
      g_assert_true (hear (b, older, 2, 2 * SECOND));
      g_assert_true (hear (a, say (b, 2), 2, 2 * SECOND));
      /* b's own key is what it was: a repetition is one still */
      {
        Packet twice = say (b, 3);

        g_assert_true (hear (a, twice, 3, 2 * SECOND));
        rekey (a, i, 12, 2, 3 * SECOND);
        g_assert_false (hear (a, twice, 3, 3 * SECOND));
      }
      /* the time of the old key is over */
      g_assert_false (hear (b, stale, 4, SECOND + SRTP_OLD_KEY_TIME + 1));
    }
}

/* After more than 65536 packets: a peer that counts on under its new key, as
 * RFC 3711 has it, and one that starts anew, as many do. */
static void
test_rekey_after_wrap (gconstpointer data)
{
  gboolean starts_anew = GPOINTER_TO_INT (data) != 0;
  g_autoptr (SrtpSession) a = make_session (0, 1, 2);
  g_autoptr (SrtpSession) b = make_session (0, 2, 1);
  guint16 seq = 60000;

  for (guint n = 0; n < 10000; n++, seq++)
    g_assert_true (hear (b, say (a, seq), seq, 0));

  rekey (b, 0, 2, 11, SECOND);
  if (starts_anew)
    {
      srtp_session_free (a);
      a = make_session (0, 11, 2);
    }
  else
    {
      rekey (a, 0, 11, 2, SECOND);
    }
  for (guint n = 0; n < 100; n++, seq++)
    g_assert_true (hear (b, say (a, seq), seq, SECOND));
}

static void
test_change_suite (void)
{
  g_autoptr (SrtpSession) a = make_session (0, 1, 2);
  g_autoptr (SrtpSession) b = make_session (0, 2, 1);

  g_assert_true (hear (b, say (a, 1), 1, 0));
  rekey (a, 2, 1, 2, 0);
  rekey (b, 2, 2, 1, 0);
  g_assert_true (hear (b, say (a, 2), 2, 0));
  g_assert_true (hear (a, say (b, 2), 2, 0));
}

static void
test_lifetime (void)
{
  g_autoptr (SrtpSession) a = make_session (0, 1, 2);
  g_autoptr (GstStructure) keys = make_keys (0, 2, 1, 10);
  g_autoptr (SrtpSession) b = srtp_session_new (keys, NULL);

  for (guint16 seq = 1; seq <= 12; seq++)
    g_assert_cmpint (hear (b, say (a, seq), seq, 0), ==, seq <= 10);
}

static void
test_bad_keys (void)
{
  static const char *const fields[] = { "suite", "send-key", "receive-key" };
  g_autoptr (SrtpSession) good = make_session (0, 1, 2);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autoptr (GstStructure) keys = make_keys (0, 1, 2, 0);
      g_autoptr (GError) error = NULL;

      gst_structure_remove_field (keys, fields[i]);
      g_assert_null (srtp_session_new (keys, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      g_assert_false (srtp_session_rekey (good, keys, 0, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      gst_structure_set (keys, fields[i], G_TYPE_STRING, "AES_CM_256", NULL);
      g_assert_null (srtp_session_new (keys, &error));
      g_assert_null (strstr (error->message, "AES_CM_256"));
    }
}

static void
test_too_long (void)
{
  g_autoptr (SrtpSession) a = make_session (0, 1, 2);
  guint8 data[RTP_MAX_PACKET + 1] = { 0x80, 8 };
  struct iovec vector = { data, sizeof data };
  struct iovec out;

  g_assert_false (srtp_session_protect (a, &vector, 1, &out));
  vector.iov_len = 4;
  g_assert_false (srtp_session_protect (a, &vector, 1, &out));
  vector.iov_len = RTP_MAX_PACKET;
  g_assert_true (srtp_session_protect (a, &vector, 1, &out));
  g_assert_cmpuint (srtp_session_get_counters (a)->unsent, ==, 2);
}

/* Random and mutated packets, in every state. */
static void
test_hostile (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);

  for (guint n = 0; n < 20000; n++)
    {
      static SrtpSession *a, *b;
      Packet packet;

      if (n % 1000 == 0)
        {
          g_clear_pointer (&a, srtp_session_free);
          g_clear_pointer (&b, srtp_session_free);
          a = make_session (n / 1000 % 3, 1, 2);
          b = make_session (n / 1000 % 3, 2, 1);
        }
      if (n % 1000 == 500)
        rekey (b, n / 1000 % 3, 2, 11, 0);
      packet = say (a, (guint16) n);
      for (guint changes = g_rand_int_range (random, 0, 5); changes > 0; changes--)
        packet.data[g_rand_int_range (random, 0, 20)] = (guint8) g_rand_int (random);
      packet.size = (gsize) g_rand_int_range (random, 0, (gint32) packet.size + 1);
      srtp_session_unprotect (b, packet.data, &packet.size, 0);
      if (n == 19999)
        {
          srtp_session_free (a);
          srtp_session_free (b);
        }
    }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/srtp/suites", test_suites);
  g_test_add_func ("/srtp/wrap", test_wrap);
  g_test_add_func ("/srtp/old", test_old);
  g_test_add_func ("/srtp/rekey", test_rekey);
  g_test_add_data_func ("/srtp/rekey-after-wrap/counts-on", GINT_TO_POINTER (0),
                        test_rekey_after_wrap);
  g_test_add_data_func ("/srtp/rekey-after-wrap/starts-anew", GINT_TO_POINTER (1),
                        test_rekey_after_wrap);
  g_test_add_func ("/srtp/change-suite", test_change_suite);
  g_test_add_func ("/srtp/lifetime", test_lifetime);
  g_test_add_func ("/srtp/bad-keys", test_bad_keys);
  g_test_add_func ("/srtp/too-long", test_too_long);
  g_test_add_func ("/srtp/hostile", test_hostile);
  return g_test_run ();
}
