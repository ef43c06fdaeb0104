/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sdes.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define INLINE "inline:"
#define MAX_ENCODED 40 /* base64 of 30 octets */

static const char *
skip_blanks (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

static const char *
skip_word (const char *p)
{
  while (*p != '\0' && *p != ' ' && *p != '\t')
    p++;
  return p;
}

/* 1*9DIGIT, no zero in front (RFC 4568 section 9.1). */
static gboolean
parse_tag (const char *p, const char *end, guint *tag)
{
  guint value = 0;

  if (end == p || end - p > 9 || *p == '0')
    return FALSE;
  for (; p < end; p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      value = value * 10 + (guint)(*p - '0');
    }
  *tag = value;
  return TRUE;
}

/* "2^20" or "1048576" */
static gboolean
parse_lifetime (const char *p, gsize size, guint64 *lifetime)
{
  g_autofree char *text = g_strndup (p, size);
  const char *digits = g_str_has_prefix (text, "2^") ? text + 2 : text;
  guint64 value;

  if (*digits == '\0' || strlen (digits) > 15
      || strspn (digits, "0123456789") != strlen (digits))
    return FALSE;
  value = g_ascii_strtoull (digits, NULL, 10);
  if (digits != text)
    {
      if (value > 48)
        return FALSE;
      value = G_GUINT64_CONSTANT (1) << value;
    }
  *lifetime = value;
  return value > 0 && value <= BB_SDES_MAX_LIFETIME;
}

/* Base64 with or without its padding; bits beyond the key must be zero. */
static gboolean
decode_key (const char *p, gsize size, const BbSrtpSuite *suite, guint8 *key)
{
  char padded[MAX_ENCODED + 1];
  guint8 decoded[MAX_ENCODED];
  char *again = NULL;
  gsize length = size;
  gsize n;
  int state = 0;
  guint save = 0;
  gboolean ok;

  while (length > 0 && p[length - 1] == '=')
    length--;
  if (size > MAX_ENCODED || size - length > 2 || length != (suite->key_size * 8 + 5) / 6
      || (size != length && size % 4 != 0))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (p[i]) && p[i] != '+' && p[i] != '/')
      return FALSE;

  memcpy (padded, p, length);
  for (n = length; n % 4 != 0; n++)
    padded[n] = '=';
  padded[n] = '\0';
  ok = g_base64_decode_step (padded, n, decoded, &state, &save) == suite->key_size;
  if (ok)
    {
      again = g_base64_encode (decoded, suite->key_size);
      ok = strcmp (again, padded) == 0;
      explicit_bzero (again, strlen (again));
      g_free (again);
    }
  if (ok)
    memcpy (key, decoded, suite->key_size);
  explicit_bzero (decoded, sizeof decoded);
  explicit_bzero (padded, sizeof padded);
  return ok;
}

/* "inline:KEY[|LIFETIME][|MKI:LENGTH]": one key only, and no MKI, since nobody
 * needs to tell one key from itself. */
static const char *
parse_key_params (const char *p, const char *end, BbSdesCrypto *crypto)
{
  const char *bar;

  if (memchr (p, ';', (gsize)(end - p)) != NULL)
    return "more than one key";
  if ((gsize)(end - p) < strlen (INLINE) || g_ascii_strncasecmp (p, INLINE, strlen (INLINE)) != 0)
    return "no inline key";

  p += strlen (INLINE);
  bar = memchr (p, '|', (gsize)(end - p));
  if (!decode_key (p, (gsize)((bar != NULL ? bar : end) - p), crypto->suite, crypto->key))
    return "a key of the wrong size or no base64";

  crypto->lifetime = BB_SDES_MAX_LIFETIME;
  if (bar == NULL)
    return NULL;

  p = bar + 1;
  if (memchr (p, ':', (gsize)(end - p)) != NULL)
    return "a master key identifier (MKI)";
  if (!parse_lifetime (p, (gsize)(end - p), &crypto->lifetime))
    return "no sane lifetime";
  if (crypto->lifetime < BB_SDES_MIN_LIFETIME)
    return "a key that is good for a short call only";
  return NULL;
}

/* Every session parameter changes how packets look; the one that only hints
 * may be passed over, and those that say so themselves (RFC 4568 section 6.3). */
static gboolean
is_harmless_parameter (const char *p, const char *end)
{
  return *p == '-' || (end - p > 4 && g_ascii_strncasecmp (p, "WSH=", 4) == 0);
}

/**
 * bb_sdes_parse:
 * @value: what stands behind "a=crypto:"
 * @crypto: (out caller-allocates): the line, when it is one we can do
 * @why: (out) (transfer none): why it is not: static text, without the key
 *
 * RFC 4568. Whatever comes in, nothing but a whole line of a known suite is
 * accepted.
 *
 * Returns: whether we can do it
 */
gboolean
bb_sdes_parse (const char *value, BbSdesCrypto *crypto, const char **why)
{
  const char *p = skip_blanks (value);
  const char *end = skip_word (p);
  g_autofree char *suite = NULL;

  *crypto = (BbSdesCrypto){ 0 };
  *why = NULL;
  if (!parse_tag (p, end, &crypto->tag))
    *why = "no tag";
  if (*why == NULL)
    {
      p = skip_blanks (end);
      end = skip_word (p);
      suite = g_strndup (p, (gsize)(end - p));
      crypto->suite = bb_srtp_suite_by_name (suite);
      if (crypto->suite == NULL)
        *why = "an unknown suite";
    }
  if (*why == NULL)
    {
      p = skip_blanks (end);
      end = skip_word (p);
      *why = parse_key_params (p, end, crypto);
    }
  while (*why == NULL && *(p = skip_blanks (end)) != '\0')
    {
      end = skip_word (p);
      if (!is_harmless_parameter (p, end))
        *why = "a session parameter we can't do";
    }

  if (*why != NULL)
    explicit_bzero (crypto, sizeof *crypto);
  return *why == NULL;
}

/**
 * bb_sdes_append:
 * @text: a description being written
 * @crypto: tag, suite and our key; its lifetime is the longest there is
 */
void
bb_sdes_append (GString *text, const BbSdesCrypto *crypto)
{
  char *key = g_base64_encode (crypto->key, crypto->suite->key_size);

  g_string_append_printf (text, "a=crypto:%u %s " INLINE "%s\r\n", crypto->tag,
                          crypto->suite->name, key);
  explicit_bzero (key, strlen (key));
  g_free (key);
}

/**
 * bb_sdes_make_key:
 * @suite: for which
 * @key: (out caller-allocates): master key and salt, from the system's random numbers
 *
 * Returns: %FALSE when the system has none
 */
gboolean
bb_sdes_make_key (const BbSrtpSuite *suite, guint8 key[BB_SRTP_MAX_KEY])
{
  memset (key, 0, BB_SRTP_MAX_KEY);
  for (gsize n = 0; n < suite->key_size;)
    {
      gssize got = getrandom (key + n, suite->key_size - n, 0);

      if (got < 0 && errno != EINTR)
        return FALSE;
      n += (gsize)MAX (got, 0);
    }
  return TRUE;
}
