/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>
#include <sofia-sip/sip.h>

G_BEGIN_DECLS

/**
 * BbSipCaller:
 *
 * Who calls, as signalling says it. Strings are never %NULL.
 */
typedef struct
{
  char *number;
  char *name;
} BbSipCaller;

void bb_sip_caller_read (BbSipCaller *caller, const sip_t *sip, gboolean trusted);
void bb_sip_caller_clear (BbSipCaller *caller);

/**
 * BbSipBody:
 *
 * Result of bb_sip_find_sdp().
 */
typedef enum
{
  BB_SIP_BODY_NONE,
  BB_SIP_BODY_SDP,
  BB_SIP_BODY_OTHER /* something we don't read: 415 */
} BbSipBody;

BbSipBody bb_sip_find_sdp (const sip_t *sip, const char **data, gsize *length);
char bb_sip_parse_dtmf (const char *content_type, const char *body, gsize length);
guint bb_sip_parse_fragment_status (const char *body, gsize length);
char *bb_sip_dup_called (const sip_t *sip);
char *bb_sip_quote (const char *text);

G_END_DECLS
