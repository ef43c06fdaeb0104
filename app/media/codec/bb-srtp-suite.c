/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-srtp-suite.h"

static const BbSrtpSuite suites[BB_N_SRTP_SUITES] = {
  { BB_SRTP_SUITE_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16 + 12 },
  { BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80", 16 + 14 },
  { BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_32, "AES_CM_128_HMAC_SHA1_32", 16 + 14 },
};

/**
 * bb_srtp_suite_get:
 * @id: which
 *
 * Returns: (transfer none): the suite's row
 */
const BbSrtpSuite *
bb_srtp_suite_get (BbSrtpSuiteId id)
{
  g_return_val_if_fail ((guint)id < BB_N_SRTP_SUITES, NULL);

  return &suites[id];
}

/**
 * bb_srtp_suite_by_name:
 * @name: a crypto suite; case is ignored (RFC 4568 section 9.1)
 *
 * Returns: (transfer none) (nullable): the suite, or %NULL when we don't speak it
 */
const BbSrtpSuite *
bb_srtp_suite_by_name (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      if (g_ascii_strcasecmp (suites[i].name, name) == 0)
        return &suites[i];
    }

  return NULL;
}
