/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-tokens.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bb-api-json.h"
#include "bb-api-token.h"
#include "bb-operator.h"

#define DIGEST_PREFIX "sha256:"
#define DIGEST_LENGTH 32
#define MAX_NAME 40
/* The name of the token that the first start makes. */
#define FIRST_NAME "admin"

struct _BbApiTokens
{
  char *path;
  GPtrArray *tokens; /* of BbApiToken */
  GPtrArray *lines;  /* of the file, as they stand: comments and clear tokens stay */
};

static const char *const roles[] = { "watch", "operate", "admin" };

const char *
bb_api_role_nick (BbApiRole role)
{
  return roles[role];
}

gboolean
bb_api_role_from_nick (const char *nick, BbApiRole *role)
{
  for (gsize i = 0; nick != NULL && i < G_N_ELEMENTS (roles); i++)
    if (strcmp (nick, roles[i]) == 0)
      {
        *role = (BbApiRole)i;
        return TRUE;
      }
  return FALSE;
}

static void
token_free (gpointer data)
{
  BbApiToken *token = data;

  g_free (token->name);
  g_free (token);
}

static void
digest_of (const char *token, gsize length, guint8 *digest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = DIGEST_LENGTH;

  g_checksum_update (checksum, (const guint8 *)token, (gssize)length);
  g_checksum_get_digest (checksum, digest, &size);
}

static gboolean
read_digest (const char *hex, guint8 *digest)
{
  for (int i = 0; i < DIGEST_LENGTH; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]);
      int low = high >= 0 ? g_ascii_xdigit_value (hex[2 * i + 1]) : -1;

      if (low < 0)
        return FALSE;
      digest[i] = (guint8)(high << 4 | low);
    }
  return hex[2 * DIGEST_LENGTH] == '\0';
}

BbApiToken *
bb_api_tokens_find (BbApiTokens *self, const char *name)
{
  for (guint i = 0; i < self->tokens->len; i++)
    {
      BbApiToken *token = g_ptr_array_index (self->tokens, i);

      if (strcmp (token->name, name) == 0)
        return token;
    }
  return NULL;
}

static gboolean
is_name (const char *name)
{
  gsize length = strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-");

  return length > 0 && length <= MAX_NAME && name[length] == '\0';
}

/* One line; FALSE: it is none. An empty one and a comment are. */
static gboolean
read_line (BbApiTokens *self, const char *line)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  g_auto (GStrv) words = NULL;
  BbApiToken *token;
  guint n;

  if (*copy == '\0' || *copy == '#')
    return TRUE;
  words = g_strsplit_set (copy, " \t", -1);
  n = g_strv_length (words);
  if (n != 1 && n != 3)
    return FALSE;
  token = g_new0 (BbApiToken, 1);
  token->name = g_strdup (n == 3 ? words[2] : FIRST_NAME);
  token->role = BB_API_ROLE_ADMIN;
  if ((n == 3 && !bb_api_role_from_nick (words[1], &token->role)) || !is_name (token->name)
      || bb_api_tokens_find (self, token->name) != NULL
      || (g_str_has_prefix (words[0], DIGEST_PREFIX)
            ? n != 3 || !read_digest (words[0] + strlen (DIGEST_PREFIX), token->digest)
            : strlen (words[0]) < BB_API_TOKEN_MIN_LENGTH || !g_str_is_ascii (words[0])))
    {
      token_free (token);
      return FALSE;
    }
  if (!g_str_has_prefix (words[0], DIGEST_PREFIX))
    digest_of (words[0], strlen (words[0]), token->digest);
  g_ptr_array_add (self->tokens, token);
  return TRUE;
}

/**
 * bb_api_tokens_open:
 * @path: the file; made with one token when it does not exist
 * @error: return location for a #BbApiError
 *
 * Refuses a file that others than its owner can read or write.
 *
 * Returns: (transfer full) (nullable): the tokens
 */
BbApiTokens *
bb_api_tokens_open (const char *path, GError **error)
{
  g_autoptr (BbApiTokens) self = g_new0 (BbApiTokens, 1);
  g_autofree char *text = bb_api_token_create_or_read (path, error);
  g_auto (GStrv) lines = NULL;

  self->path = g_strdup (path);
  self->tokens = g_ptr_array_new_with_free_func (token_free);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  if (text == NULL)
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (self->tokens->len > BB_API_TOKENS_MAX || !read_line (self, lines[i]))
        {
          /* What stands there may be a token: it is not quoted. */
          g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                       _ ("“%s”, line %u: a token of at least %d letters and digits is wanted, "
                          "alone or followed by its role (watch, operate, admin) and a name that "
                          "no other has."),
                       path, i + 1, BB_API_TOKEN_MIN_LENGTH);
          return NULL;
        }
      if (*lines[i] != '\0')
        g_ptr_array_add (self->lines, g_strdup (lines[i]));
    }
  if (self->tokens->len == 0)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   _ ("“%s” holds no API token: one line of at least %d letters and digits is "
                      "wanted. Delete the file and start bestellbotd: it makes a new one."),
                   path, BB_API_TOKEN_MIN_LENGTH);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
bb_api_tokens_free (BbApiTokens *self)
{
  g_free (self->path);
  g_clear_pointer (&self->tokens, g_ptr_array_unref);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_free (self);
}

GPtrArray *
bb_api_tokens_get_all (BbApiTokens *self)
{
  return self->tokens;
}

BbApiToken *
bb_api_tokens_check (BbApiTokens *self, const char *given, gsize length)
{
  guint8 digest[DIGEST_LENGTH];
  BbApiToken *found = NULL;

  digest_of (given, length, digest);
  for (guint i = 0; i < self->tokens->len; i++)
    {
      BbApiToken *token = g_ptr_array_index (self->tokens, i);
      volatile guint8 difference = 0;

      for (int j = 0; j < DIGEST_LENGTH; j++)
        difference |= digest[j] ^ token->digest[j];
      if (difference == 0)
        found = token;
    }
  return found;
}

/* The file as the lines say, whole or not at all. */
static gboolean
save (BbApiTokens *self, GPtrArray *lines, GError **error)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GError) problem = NULL;
  gboolean saved;

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (const char *)g_ptr_array_index (lines, i));
  saved = g_file_set_contents_full (self->path, text->str, (gssize)text->len,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                    &problem);
  g_string_free (text, TRUE);
  if (!saved)
    {
      g_warning ("the API tokens can't be stored: %s", problem->message);
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_FAILED,
                   _ ("The token file can't be written; the gateway's log says why."));
    }
  return saved;
}

char *
bb_api_tokens_add (BbApiTokens *self, const char *name, BbApiRole role, GError **error)
{
  g_autofree char *token = NULL;
  BbApiToken *added;
  GString *line;

  if (!is_name (name))
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                   _ ("A name is 1 to %d letters, digits, dots, dashes and underscores."), MAX_NAME);
      return NULL;
    }
  if (bb_api_tokens_find (self, name) != NULL || self->tokens->len >= BB_API_TOKENS_MAX)
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
                   bb_api_tokens_find (self, name) != NULL
                     ? _ ("There is a token of this name already: revoke it first.")
                     : _ ("There are too many tokens: revoke some first."));
      return NULL;
    }
  token = bb_api_token_make (error);
  if (token == NULL)
    return NULL;

  added = g_new0 (BbApiToken, 1);
  added->name = g_strdup (name);
  added->role = role;
  digest_of (token, strlen (token), added->digest);
  line = g_string_new (DIGEST_PREFIX);
  for (int i = 0; i < DIGEST_LENGTH; i++)
    g_string_append_printf (line, "%02x", added->digest[i]);
  g_string_append_printf (line, " %s %s", bb_api_role_nick (role), name);
  g_ptr_array_add (self->lines, g_string_free (line, FALSE));
  if (!save (self, self->lines, error))
    {
      g_ptr_array_set_size (self->lines, (int)self->lines->len - 1);
      token_free (added);
      return NULL;
    }
  g_ptr_array_add (self->tokens, added);
  return g_steal_pointer (&token);
}

static gboolean
line_has_name (const char *line, const char *name)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  const char *last = strrchr (copy, ' ');

  if (*copy == '#')
    return FALSE;
  return last != NULL ? strcmp (last + 1, name) == 0 : strcmp (name, FIRST_NAME) == 0;
}

gboolean
bb_api_tokens_revoke (BbApiTokens *self, const char *name, GError **error)
{
  BbApiToken *token = bb_api_tokens_find (self, name);
  g_autoptr (GPtrArray) left = g_ptr_array_new ();
  guint n_admins = 0;

  if (token == NULL)
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_NOT_FOUND,
                   _ ("There is no token of this name."));
      return FALSE;
    }
  for (guint i = 0; i < self->tokens->len; i++)
    n_admins += ((BbApiToken *)g_ptr_array_index (self->tokens, i))->role == BB_API_ROLE_ADMIN;
  if (token->role == BB_API_ROLE_ADMIN && n_admins == 1)
    {
      g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_STATE,
                   _ ("The last token of role admin can't be revoked."));
      return FALSE;
    }
  for (guint i = 0; i < self->lines->len; i++)
    if (!line_has_name (g_ptr_array_index (self->lines, i), name))
      g_ptr_array_add (left, g_ptr_array_index (self->lines, i));
  if (!save (self, left, error))
    return FALSE;

  for (guint i = self->lines->len; i > 0; i--)
    if (line_has_name (g_ptr_array_index (self->lines, i - 1), name))
      g_ptr_array_remove_index (self->lines, i - 1);
  g_ptr_array_remove (self->tokens, token);
  return TRUE;
}
