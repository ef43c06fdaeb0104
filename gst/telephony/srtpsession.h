/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>
#include <sys/uio.h>

G_BEGIN_DECLS

/* Name of the structure that carries keys from signalling, and its fields:
 * suite: string, of RFC 4568 section 6.2 or RFC 7714; send-key, receive-key:
 * GBytes, master key and salt in a row; lifetime: uint64, packets the peer's key
 * is good for. */
#define SRTP_KEYS "srtp-keys"

/* How long after new keys packets under the old ones are understood, ns. */
#define SRTP_OLD_KEY_TIME (5 * G_GINT64_CONSTANT (1000000000))

/**
 * SrtpSession:
 *
 * A call's SRTP and SRTCP (RFC 3711) in both directions, by libsrtp: what is
 * not authentic or came before is not let through. One thread at a time.
 */
typedef struct _SrtpSession SrtpSession;

/**
 * SrtpCounters:
 *
 * What was not let through.
 */
typedef struct
{
  guint64 rejected; /* not authentic, malformed, key expired */
  guint64 replayed; /* came before, or is too old to tell */
  guint64 unsent;   /* could not be protected */
} SrtpCounters;

SrtpSession *srtp_session_new (const GstStructure *keys, GError **error);
gboolean srtp_session_rekey (SrtpSession *self, const GstStructure *keys, gint64 now, GError **error);
gboolean srtp_session_set_keys (SrtpSession **self,
                                const GstStructure *keys,
                                gint64 now,
                                GError **error);
void srtp_session_free (SrtpSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrtpSession, srtp_session_free)

gboolean srtp_session_unprotect (SrtpSession *self, guint8 *data, gsize *size, gint64 now);
gboolean srtp_session_protect (SrtpSession *self,
                               const struct iovec *vectors,
                               gsize n,
                               struct iovec *packet);
const SrtpCounters *srtp_session_get_counters (SrtpSession *self);

G_END_DECLS
