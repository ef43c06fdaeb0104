/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-srtp-suite.h"

G_BEGIN_DECLS

/* The key must last for that many packets at least: 5 hours of 20 ms. */
#define BB_SDES_MIN_LIFETIME (G_GUINT64_CONSTANT (1) << 20)
/* What SRTP allows at most (RFC 3711 section 9.2), and what counts when none is said. */
#define BB_SDES_MAX_LIFETIME (G_GUINT64_CONSTANT (1) << 48)

/**
 * BbSdesCrypto:
 *
 * One a=crypto line (RFC 4568) that we can do. Holds a key: wipe it.
 */
typedef struct
{
  guint tag; /* 1 to 999999999 */
  const BbSrtpSuite *suite;
  guint8 key[BB_SRTP_MAX_KEY];
  guint64 lifetime; /* packets */
} BbSdesCrypto;

gboolean bb_sdes_parse (const char *value, BbSdesCrypto *crypto, const char **why);
void bb_sdes_append (GString *text, const BbSdesCrypto *crypto);
gboolean bb_sdes_make_key (const BbSrtpSuite *suite, guint8 key[BB_SRTP_MAX_KEY]);

G_END_DECLS
