/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

#include "bb-api-limits.h"

G_BEGIN_DECLS

/* Each may do what those before it may. */
typedef enum
{
  BB_API_ROLE_WATCH,   /* see and hear everything */
  BB_API_ROLE_OPERATE, /* step into calls, change orders */
  BB_API_ROLE_ADMIN    /* settings and tokens */
} BbApiRole;

const char *bb_api_role_nick (BbApiRole role); /* "watch" */
gboolean bb_api_role_from_nick (const char *nick, BbApiRole *role);

/* Of one gateway; more are refused. */
#define BB_API_TOKENS_MAX 100

/* One token. What it is, is not kept. */
typedef struct
{
  char *name;
  BbApiRole role;
  guint8 digest[32];  /* SHA-256 */
  BbApiBucket bucket; /* its requests */
} BbApiToken;

/**
 * BbApiTokens:
 *
 * The tokens of [api] token-file: the one that the first start made, in clear
 * for the programs of this user, and named ones with a role of which only the
 * digest is stored. One line each:
 *
 *   TOKEN                       role admin, name "admin"
 *   TOKEN ROLE NAME             written by hand
 *   sha256:HEX ROLE NAME        made by bb_api_tokens_add()
 *
 * Main context only.
 */
typedef struct _BbApiTokens BbApiTokens;

BbApiTokens *bb_api_tokens_open (const char *path, GError **error);
void bb_api_tokens_free (BbApiTokens *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbApiTokens, bb_api_tokens_free)
/* Takes as long for a wrong token whatever part of it is right. (transfer none) (nullable) */
BbApiToken *bb_api_tokens_check (BbApiTokens *self, const char *given, gsize length);
BbApiToken *bb_api_tokens_find (BbApiTokens *self, const char *name); /* (transfer none) (nullable) */
GPtrArray *bb_api_tokens_get_all (BbApiTokens *self); /* (element-type BbApiToken) (transfer none) */
/* A new one, which is told this once. (transfer full) (nullable) */
char *bb_api_tokens_add (BbApiTokens *self, const char *name, BbApiRole role, GError **error);
/* It is refused from now on. The last one of role admin stays. */
gboolean bb_api_tokens_revoke (BbApiTokens *self, const char *name, GError **error);

G_END_DECLS
