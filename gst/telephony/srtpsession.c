/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "srtpsession.h"

#include <gio/gio.h>
#include <srtp2/srtp.h>
#include <string.h>

#include "rtppacket.h"

#define MAX_KEY 30     /* octets: 128 bits and a salt of 112 */
#define WINDOW 128     /* packets that may overtake each other (RFC 3711 section 3.3.2: 64 at least) */
#define MAX_PACKET (RTP_MAX_PACKET + SRTP_MAX_TRAILER_LEN)

typedef struct
{
  const char *name;
  gsize key_size; /* with salt, octets */
  void (*set_rtp) (srtp_crypto_policy_t *policy);
  void (*set_rtcp) (srtp_crypto_policy_t *policy);
} Suite;

/* The short tag is for RTP only (RFC 4568 section 6.2.2). */
static const Suite suites[] = {
  { "AES_CM_128_HMAC_SHA1_80", 30, srtp_crypto_policy_set_rtp_default,
    srtp_crypto_policy_set_rtcp_default },
  { "AES_CM_128_HMAC_SHA1_32", 30, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
    srtp_crypto_policy_set_rtcp_default },
  { "AEAD_AES_128_GCM", 28, srtp_crypto_policy_set_aes_gcm_128_16_auth,
    srtp_crypto_policy_set_aes_gcm_128_16_auth },
};

typedef struct
{
  const Suite *suite;
  guint8 send[MAX_KEY];
  guint8 receive[MAX_KEY];
  guint64 lifetime;
} Keys;

struct _SrtpSession
{
  Keys keys;
  srtp_t out;
  srtp_t in;

  /* After new keys, for a while. */
  srtp_t old;       /* nullable: the old key */
  gint64 old_until; /* ns */
  gboolean may_count_on; /* the peer has not shown yet how it counts under the new key */
  guint32 old_roc;       /* of the last packet under the old key */
  guint16 old_seq;

  gboolean any_received;
  guint32 receive_ssrc; /* of the last packet let through */
  guint16 receive_seq;
  guint64 received;     /* under the present key */
  SrtpCounters counters;

  guint8 scratch[MAX_PACKET]; /* a packet as it came, for another attempt */
  guint32 packet[MAX_PACKET / 4 + 1]; /* the one being sent; aligned as libsrtp likes it */
};

/* Its answer says nothing: it is an error too when somebody else in the process
 * came first. What matters is whether a context can be made. */
static void
init_library (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      srtp_init ();
      g_once_init_leave (&done, 1);
    }
}

static gboolean
read_key (const GstStructure *structure, const char *field, gsize size, guint8 *key)
{
  GBytes *bytes = NULL;
  gboolean ok = gst_structure_get (structure, field, G_TYPE_BYTES, &bytes, NULL)
                && g_bytes_get_size (bytes) == size;

  if (ok)
    memcpy (key, g_bytes_get_data (bytes, NULL), size);
  g_clear_pointer (&bytes, g_bytes_unref);
  return ok;
}

static gboolean
read_keys (const GstStructure *structure, Keys *keys, GError **error)
{
  const char *name = gst_structure_get_string (structure, "suite");

  *keys = (Keys){ 0 };
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (suites); i++)
    if (strcmp (suites[i].name, name) == 0)
      keys->suite = &suites[i];
  gst_structure_get_uint64 (structure, "lifetime", &keys->lifetime);
  if (keys->suite != NULL && read_key (structure, "send-key", keys->suite->key_size, keys->send)
      && read_key (structure, "receive-key", keys->suite->key_size, keys->receive))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "srtp-keys needs a known suite and two keys of its size");
  return FALSE;
}

static void
make_policy (srtp_policy_t *policy, const Suite *suite, srtp_ssrc_type_t type, guint8 *key)
{
  memset (policy, 0, sizeof *policy);
  suite->set_rtp (&policy->rtp);
  suite->set_rtcp (&policy->rtcp);
  policy->ssrc.type = type;
  policy->key = key;
  policy->window_size = WINDOW;
}

static srtp_t
new_context (const Suite *suite, srtp_ssrc_type_t type, guint8 *key, GError **error)
{
  srtp_policy_t policy;
  srtp_t context = NULL;
  srtp_err_status_t status;

  init_library ();
  make_policy (&policy, suite, type, key);
  status = srtp_create (&context, &policy);
  if (status != srtp_err_status_ok)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 "libsrtp can't do %s (error %d)", suite->name, (int) status);
  return status == srtp_err_status_ok ? context : NULL;
}

static void
clear_context (srtp_t *context)
{
  if (*context != NULL)
    srtp_dealloc (*context);
  *context = NULL;
}

/**
 * srtp_session_new:
 * @keys: see %SRTP_KEYS
 * @error: return location for a %G_IO_ERROR; it names no key
 *
 * Returns: (transfer full) (nullable): the session
 */
SrtpSession *
srtp_session_new (const GstStructure *keys, GError **error)
{
  g_autoptr (SrtpSession) self = g_new0 (SrtpSession, 1);

  if (!read_keys (keys, &self->keys, error))
    return NULL;
  self->out = new_context (self->keys.suite, ssrc_any_outbound, self->keys.send, error);
  if (self->out == NULL)
    return NULL;
  self->in = new_context (self->keys.suite, ssrc_any_inbound, self->keys.receive, error);
  return self->in != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * srtp_session_free:
 * @self: (nullable) (transfer full): what to free
 */
void
srtp_session_free (SrtpSession *self)
{
  if (self == NULL)
    return;

  clear_context (&self->out);
  clear_context (&self->in);
  clear_context (&self->old);
  explicit_bzero (self, sizeof *self);
  g_free (self);
}

/* Our own stream counts on under its new key: RFC 3711 section 3.3.1 forbids
 * to reset the rollover counter. */
static gboolean
change_out (SrtpSession *self, Keys *keys, GError **error)
{
  srtp_t context;

  if (keys->suite == self->keys.suite)
    {
      srtp_policy_t policy;

      make_policy (&policy, keys->suite, ssrc_any_outbound, keys->send);
      if (srtp_update (self->out, &policy) == srtp_err_status_ok)
        return TRUE;
    }
  context = new_context (keys->suite, ssrc_any_outbound, keys->send, error);
  if (context == NULL)
    return FALSE;
  clear_context (&self->out);
  self->out = context;
  return TRUE;
}

static gboolean
change_in (SrtpSession *self, Keys *keys, gint64 now, GError **error)
{
  srtp_t context = new_context (keys->suite, ssrc_any_inbound, keys->receive, error);

  if (context == NULL)
    return FALSE;
  self->may_count_on
      = self->any_received
        && srtp_get_stream_roc (self->in, self->receive_ssrc, &self->old_roc) == srtp_err_status_ok;
  self->old_seq = self->receive_seq;
  clear_context (&self->old);
  self->old = self->in;
  self->old_until = now + SRTP_OLD_KEY_TIME;
  self->in = context;
  self->received = 0;
  return TRUE;
}

/**
 * srtp_session_rekey:
 * @self: a session
 * @structure: see %SRTP_KEYS
 * @now: ns
 * @error: return location for a %G_IO_ERROR
 *
 * A direction whose key is the same goes on untouched. Packets under the peer's
 * old key are understood for %SRTP_OLD_KEY_TIME more, since they overtake
 * signalling.
 *
 * Returns: whether the new keys are in force; else the old ones are
 */
gboolean
srtp_session_rekey (SrtpSession *self, const GstStructure *structure, gint64 now, GError **error)
{
  Keys keys;
  gboolean same;
  gboolean ok;

  if (!read_keys (structure, &keys, error))
    return FALSE;

  same = keys.suite == self->keys.suite;
  ok = (same && memcmp (keys.receive, self->keys.receive, MAX_KEY) == 0)
       || change_in (self, &keys, now, error);
  ok = ok
       && ((same && memcmp (keys.send, self->keys.send, MAX_KEY) == 0)
           || change_out (self, &keys, error));
  if (ok)
    self->keys = keys;
  explicit_bzero (&keys, sizeof keys);
  return ok;
}

static srtp_err_status_t
unprotect_with (srtp_t context, guint8 *data, gsize *size)
{
  int length = (int) *size;
  srtp_err_status_t status = rtp_packet_is_rtcp (data, *size) ? srtp_unprotect_rtcp (context, data, &length)
                                            : srtp_unprotect (context, data, &length);

  if (status == srtp_err_status_ok)
    *size = (gsize) MAX (length, 0);
  return status;
}

/* A peer that counts on under its new key, as RFC 3711 section 3.3.1 has it,
 * where ours began at 0, as most peers do. Its first packet tells. */
static srtp_err_status_t
unprotect_counting_on (SrtpSession *self, guint8 *data, gsize *size)
{
  guint32 ssrc = *size >= RTP_HEADER_SIZE ? GST_READ_UINT32_BE (data + 8) : 0;
  guint16 seq = GST_READ_UINT16_BE (data + 2);
  guint32 roc = self->old_roc;
  srtp_policy_t policy;
  srtp_t context = NULL;
  srtp_err_status_t status;

  if (rtp_packet_is_rtcp (data, *size) || ssrc != self->receive_ssrc)
    return srtp_err_status_auth_fail;

  /* RFC 3711 appendix A */
  if (self->old_seq >= 0x8000 && seq < self->old_seq - 0x8000)
    roc++;
  if (roc == 0)
    return srtp_err_status_auth_fail;

  make_policy (&policy, self->keys.suite, ssrc_specific, self->keys.receive);
  policy.ssrc.value = ssrc;
  status = srtp_create (&context, &policy);
  if (status == srtp_err_status_ok)
    status = srtp_set_stream_roc (context, ssrc, roc);
  /* another SSRC may follow */
  policy.ssrc = (srtp_ssrc_t){ .type = ssrc_any_inbound };
  if (status == srtp_err_status_ok)
    status = srtp_add_stream (context, &policy);
  if (status == srtp_err_status_ok)
    status = unprotect_with (context, data, size);
  if (status == srtp_err_status_ok)
    {
      clear_context (&self->in);
      self->in = g_steal_pointer (&context);
      self->may_count_on = FALSE;
    }
  clear_context (&context);
  return status;
}

static srtp_err_status_t
unprotect_otherwise (SrtpSession *self, guint8 *data, gsize came, gsize *size)
{
  srtp_err_status_t status = srtp_err_status_auth_fail;

  memcpy (data, self->scratch, came);
  *size = came;
  if (self->may_count_on)
    status = unprotect_counting_on (self, data, size);
  if (status == srtp_err_status_ok)
    return status;

  memcpy (data, self->scratch, came);
  *size = came;
  return unprotect_with (self->old, data, size);
}

/**
 * srtp_session_set_keys:
 * @self: (inout): a session or %NULL
 * @keys: (nullable): %NULL: plain RTP from now on
 * @now: ns
 * @error: return location for a %G_IO_ERROR
 *
 * Whatever it takes to go from the one to the other.
 *
 * Returns: whether @keys are in force
 */
gboolean
srtp_session_set_keys (SrtpSession **self, const GstStructure *keys, gint64 now, GError **error)
{
  if (keys != NULL && *self != NULL)
    return srtp_session_rekey (*self, keys, now, error);

  g_clear_pointer (self, srtp_session_free);
  if (keys != NULL)
    *self = srtp_session_new (keys, error);
  return keys == NULL || *self != NULL;
}

/**
 * srtp_session_unprotect:
 * @self: a session
 * @data: an SRTP or SRTCP packet of at most %RTP_MAX_PACKET octets, changed in place
 * @size: (inout): octets
 * @now: ns
 *
 * Returns: whether it is authentic and new; else @data holds nothing of use
 */
gboolean
srtp_session_unprotect (SrtpSession *self, guint8 *data, gsize *size, gint64 now)
{
  gsize came = *size;
  srtp_err_status_t status;

  if (*size < RTP_HEADER_SIZE - 4 || *size > RTP_MAX_PACKET)
    {
      self->counters.rejected++;
      return FALSE;
    }
  if (G_UNLIKELY (self->old != NULL && now > self->old_until))
    clear_context (&self->old);

  if (G_UNLIKELY (self->old != NULL))
    memcpy (self->scratch, data, came);
  status = unprotect_with (self->in, data, size);
  if (G_UNLIKELY (self->old != NULL))
    {
      if (status == srtp_err_status_ok)
        self->may_count_on = FALSE;
      else
        status = unprotect_otherwise (self, data, came, size);
    }

  if (G_LIKELY (status == srtp_err_status_ok)
      && (self->keys.lifetime == 0 || self->received < self->keys.lifetime))
    {
      self->received++;
      if (!rtp_packet_is_rtcp (data, *size))
        {
          self->receive_ssrc = GST_READ_UINT32_BE (data + 8);
          self->receive_seq = GST_READ_UINT16_BE (data + 2);
          self->any_received = TRUE;
        }
      return TRUE;
    }

  if (status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old
      || status == srtp_err_status_pkt_idx_old)
    self->counters.replayed++;
  else
    self->counters.rejected++;
  return FALSE;
}

/**
 * srtp_session_protect:
 * @self: a session
 * @vectors: an RTP or RTCP packet
 * @n: how many of them
 * @packet: (out): the protected packet; good until the next call
 *
 * Returns: whether it may be sent
 */
gboolean
srtp_session_protect (SrtpSession *self, const struct iovec *vectors, gsize n, struct iovec *packet)
{
  guint8 *data = (guint8 *) self->packet;
  srtp_err_status_t status = srtp_err_status_bad_param;
  gsize size = 0;
  int length;

  for (gsize i = 0; i < n; i++)
    {
      if (size + vectors[i].iov_len > RTP_MAX_PACKET)
        {
          self->counters.unsent++;
          return FALSE;
        }
      memcpy (data + size, vectors[i].iov_base, vectors[i].iov_len);
      size += vectors[i].iov_len;
    }

  length = (int) size;
  if (size >= RTP_HEADER_SIZE - 4)
    status = rtp_packet_is_rtcp (data, size) ? srtp_protect_rtcp (self->out, data, &length)
                            : srtp_protect (self->out, data, &length);
  if (status != srtp_err_status_ok)
    {
      self->counters.unsent++;
      return FALSE;
    }

  packet->iov_base = data;
  packet->iov_len = (gsize) length;
  return TRUE;
}

/**
 * srtp_session_get_counters:
 * @self: a session
 *
 * Returns: (transfer none): what was not let through
 */
const SrtpCounters *
srtp_session_get_counters (SrtpSession *self)
{
  return &self->counters;
}
