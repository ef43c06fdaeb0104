/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbSrtpSuiteId:
 *
 * How a call's packets are protected. The order is that of our own offers.
 */
typedef enum
{
  BB_SRTP_SUITE_AEAD_AES_128_GCM,        /* RFC 7714 */
  BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, /* RFC 4568 section 6.2 */
  BB_SRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
  BB_N_SRTP_SUITES
} BbSrtpSuiteId;

#define BB_SRTP_MAX_KEY 30 /* octets of master key and salt */

/**
 * BbSrtpSuite:
 *
 * One row of the table: static data, never freed.
 */
typedef struct
{
  BbSrtpSuiteId id;
  const char *name; /* in a=crypto */
  gsize key_size;   /* of master key and salt in a row, octets */
} BbSrtpSuite;

const BbSrtpSuite *bb_srtp_suite_get (BbSrtpSuiteId id);
const BbSrtpSuite *bb_srtp_suite_by_name (const char *name);

G_END_DECLS
