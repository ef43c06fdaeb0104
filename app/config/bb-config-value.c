/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bb-config-private.h"

/* Longer than any key or password in use. */
#define MAX_SECRET 4096

static gboolean bad (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Always FALSE, so that a check can return it. */
static gboolean
bad (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE, message);

  return FALSE;
}

static gpointer
field_of (const BbConfigRow *row, const BbConfig *config)
{
  return (char *)config + row->offset;
}

static gboolean
check_choices (const BbConfigRow *row, const char *text, GError **error)
{
  g_auto (GStrv) choices = NULL;
  g_autofree char *list = NULL;

  if (row->choices == NULL)
    return TRUE;
  choices = g_strsplit (row->choices, "|", -1);
  if (g_strv_contains ((const char *const *)choices, text))
    return TRUE;
  list = g_strjoinv (", ", choices);

  return bad (error, _ ("must be one of %s"), list);
}

static gboolean
parse_uint (const BbConfigRow *row, const char *text, guint *value, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, row->min, row->max, &number, NULL))
    return bad (error, _ ("must be a whole number from %d to %d"), (int)row->min, (int)row->max);
  *value = (guint)number;

  return TRUE;
}

static gboolean
parse_bool (const char *text, gboolean *value, GError **error)
{
  static const char *const yes[] = { "true", "yes", "on", "1", NULL };
  static const char *const no[] = { "false", "no", "off", "0", NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  *value = g_strv_contains (yes, lower);
  if (!*value && !g_strv_contains (no, lower))
    return bad (error, _ ("must be true or false"));

  return TRUE;
}

static char *
money_to_text (gint64 cents)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%02d", cents / 100, (int)(cents % 100));
}

/* Cents from "5000.00" or "5000": a point, so that no locale matters. */
static gboolean
parse_money (const BbConfigRow *row, const char *text, gint64 *value, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 2);
  guint64 whole = 0, cents = 0;
  gboolean good;

  good = parts[0] != NULL &&
         g_ascii_string_to_unsigned (parts[0], 10, 0, row->max / 100, &whole, NULL);
  if (good && parts[1] != NULL)
    good = strlen (parts[1]) == 2 && g_ascii_string_to_unsigned (parts[1], 10, 0, 99, &cents, NULL);
  *value = (gint64)(whole * 100 + cents);
  if (!good || *value < row->min || *value > row->max)
    {
      g_autofree char *min = money_to_text (row->min);
      g_autofree char *max = money_to_text (row->max);

      return bad (error, _ ("must be an amount with a decimal point, like 5000.00, from %s to %s"),
                  min, max);
    }

  return TRUE;
}

static gboolean
parse_codecs (const char *text, BbConfig *config, GError **error)
{
  g_auto (GStrv) names = g_strsplit_set (text, ";,", -1);

  config->n_codecs = 0;
  for (guint i = 0; names[i] != NULL; i++)
    {
      const BbCodec *codec;

      g_strstrip (names[i]);
      if (*names[i] == '\0')
        continue;
      codec = bb_codec_by_setting (names[i]);
      if (codec == NULL)
        {
          g_autoptr (GString) known = g_string_new (NULL);

          for (guint id = 0; id < BB_N_CODECS; id++)
            g_string_append_printf (known, "%s%s", id > 0 ? ", " : "",
                                    bb_codec_get (id)->setting);
          return bad (error, _ ("unknown codec '%s'; known are %s"), names[i], known->str);
        }
      for (guint j = 0; j < config->n_codecs; j++)
        if (config->codecs[j] == codec->id)
          return bad (error, _ ("names %s twice"), codec->setting);
      config->codecs[config->n_codecs++] = codec->id;
    }
  if (config->n_codecs == 0)
    return bad (error, _ ("must name at least one codec"));

  return TRUE;
}

/* "16384-32767", both ends included; "0": any. A call needs two (RTP, RTCP). */
static gboolean
parse_ports (const char *text, guint *ends, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", 2);
  guint64 low = 0, high = 0;

  if (strcmp (text, "0") == 0)
    {
      ends[0] = ends[1] = 0;
      return TRUE;
    }
  if (g_strv_length (parts) != 2 ||
      !g_ascii_string_to_unsigned (g_strstrip (parts[0]), 10, 1024, 65534, &low, NULL) ||
      !g_ascii_string_to_unsigned (g_strstrip (parts[1]), 10, 1025, 65535, &high, NULL) ||
      low >= high)
    return bad (error, _ ("must be two ports from 1024 to 65535, like 16384-32767, "
                          "or 0 for any free one"));
  ends[0] = (guint)low;
  ends[1] = (guint)high;

  return TRUE;
}

static gboolean
has_space_or_control (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if ((guchar)*p <= 0x20 || *p == 0x7f)
      return TRUE;

  return FALSE;
}

static gboolean
check_text (const BbConfigRow *row, const char *text, GError **error)
{
  switch (row->type)
    {
    case BB_CONFIG_ADDRESS:
      if (!g_hostname_is_ip_address (text))
        return bad (error, _ ("must be a numeric address, like 192.0.2.1 or 0.0.0.0"));
      break;
    case BB_CONFIG_HOST:
      {
        g_autoptr (GSocketConnectable) address = NULL;

        if (!has_space_or_control (text) && strpbrk (text, "@/?;<>\"") == NULL)
          address = g_network_address_parse (text, 5060, NULL);
        if (address == NULL)
          return bad (error, _ ("must be a host name or address, with :port if need be, "
                                "without sip: and user"));
        break;
      }
    case BB_CONFIG_URL:
      {
        g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

        if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' ||
            (strcmp (g_uri_get_scheme (uri), "wss") != 0 &&
             strcmp (g_uri_get_scheme (uri), "ws") != 0))
          return bad (error, _ ("must be an address like wss://api.openai.com/v1/realtime"));
        if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL)
          return bad (error, _ ("must hold neither user, password nor query; "
                                "the key belongs in api-key-file"));
        break;
      }
    case BB_CONFIG_SIP_URI:
      {
        const char *colon = strchr (text, ':');
        g_autofree char *scheme = colon != NULL ? g_ascii_strdown (text, colon - text) : NULL;

        if (scheme == NULL || colon[1] == '\0' || has_space_or_control (text) ||
            (strcmp (scheme, "sip") != 0 && strcmp (scheme, "sips") != 0 &&
             strcmp (scheme, "tel") != 0))
          return bad (error, _ ("must be a SIP address, like sip:desk@192.0.2.1"));
        break;
      }
    case BB_CONFIG_LANGUAGE:
      if (!g_regex_match_simple ("^[a-z]{2,3}$", text, 0, 0))
        return bad (error, _ ("must be a language code, like de"));
      break;
    case BB_CONFIG_CURRENCY:
      if (!g_regex_match_simple ("^[A-Z]{3}$", text, 0, 0))
        return bad (error, _ ("must be a currency code, like EUR"));
      break;
    default:
      break;
    }

  return TRUE;
}

static char *
expand_path (const char *text, const char *folder, GError **error)
{
  const struct
  {
    const char *name;
    const char *value;
  } bases[] = {
    { "~", g_get_home_dir () },
    { "$XDG_DATA_HOME", g_get_user_data_dir () },
    { "$XDG_CONFIG_HOME", g_get_user_config_dir () },
    { "$BESTELLBOT_DATADIR", g_getenv ("BESTELLBOT_DATADIR") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      const gsize length = strlen (bases[i].name);
      const char *value = bases[i].value;
      g_autofree char *joined = NULL;

      if (strncmp (text, bases[i].name, length) != 0 ||
          (text[length] != '/' && text[length] != '\0'))
        continue;
      if (value == NULL || *value == '\0')
        value = PKGDATADIR;
      joined = g_build_filename (value, text + length, NULL);
      return g_canonicalize_filename (joined, folder);
    }

  if (*text == '$')
    {
      bad (error, _ ("may begin with $XDG_DATA_HOME, $XDG_CONFIG_HOME or $BESTELLBOT_DATADIR, "
                     "with no other variable"));
      return NULL;
    }

  return g_canonicalize_filename (text, folder);
}

void
bb_config_secret_free (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

/**
 * bb_config_secret_set:
 * @field: (inout): what was there is wiped
 * @text: the secret; white space around it is dropped
 *
 * Returns: %FALSE when no key or password can look like this; the error
 *   doesn't quote it
 */
gboolean
bb_config_secret_set (char **field, const char *text, GError **error)
{
  g_autofree char *secret = g_strstrip (g_strdup (text));
  gboolean good = *secret != '\0';

  /* One line: it goes into a header field. */
  for (const char *p = secret; good && *p != '\0'; p++)
    good = (guchar)*p >= 0x20 && *p != 0x7f;

  if (good)
    {
      bb_config_secret_free (*field);
      *field = g_steal_pointer (&secret);
      return TRUE;
    }

  bb_config_secret_free (g_steal_pointer (&secret));
  g_set_error_literal (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET,
                       _ ("must hold the secret, in one line and nothing else"));
  return FALSE;
}

/* Opened first and then looked at, so that what was checked is what is read. */
gboolean
bb_config_secret_load (char **field, const char *path, GError **error)
{
  char buffer[MAX_SECRET + 1];
  GStatBuf info;
  gssize length;
  gboolean good;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  int saved_errno = errno;

  if (fd < 0 && saved_errno == EACCES)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET, _ ("%s can't be read: %s"), path,
                   g_strerror (saved_errno));
      return FALSE;
    }
  if (fd < 0)
    {
      /* Not quoted: perhaps somebody wrote the secret itself. */
      g_set_error_literal (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET,
                           _ ("the file it names does not exist; a path belongs here, "
                              "the secret in that file"));
      return FALSE;
    }
  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode))
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET, _ ("%s is not a plain file"),
                   path);
      g_close (fd, NULL);
      return FALSE;
    }
  /* A group may read it: that is how a service gets what root keeps. */
  if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET,
                   _ ("%s is open to others (mode %04o); run: chmod 600 %s"), path,
                   (guint)(info.st_mode & 07777), path);
      g_close (fd, NULL);
      return FALSE;
    }

  do
    length = read (fd, buffer, sizeof buffer);
  while (length < 0 && errno == EINTR);
  saved_errno = errno;
  g_close (fd, NULL);

  if (length < 0)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET, _ ("%s can't be read: %s"), path,
                   g_strerror (saved_errno));
      return FALSE;
    }

  good = (gsize)length < sizeof buffer && memchr (buffer, '\0', length) == NULL &&
         g_utf8_validate (buffer, length, NULL);
  if (good)
    {
      buffer[length] = '\0';
      good = bb_config_secret_set (field, buffer, NULL);
    }
  explicit_bzero (buffer, sizeof buffer);
  if (!good)
    g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_SECRET,
                 _ ("%s must hold the secret, in one line and nothing else"), path);

  return good;
}

gboolean
bb_config_value_may_quote (const BbConfigRow *row)
{
  return row->type != BB_CONFIG_SECRET && row->type != BB_CONFIG_URL;
}

/**
 * bb_config_value_parse:
 * @text: in UTF-8
 * @folder: absolute
 * @config: (inout): gets the value
 *
 * Returns: whether the value is good
 */
gboolean
bb_config_value_parse (const BbConfigRow *row,
                       const char *text,
                       const char *folder,
                       BbConfig *config,
                       GError **error)
{
  gpointer field = field_of (row, config);
  g_autofree char *value = NULL;

  if (*text == '\0' && row->optional)
    {
      bb_config_value_clear (row, config);
      if (row->type == BB_CONFIG_STRING)
        *(char **)field = g_strdup ("");
      return TRUE;
    }
  if (*text == '\0')
    return bad (error, _ ("must not be empty"));
  if (!check_choices (row, text, error))
    return FALSE;

  switch (row->type)
    {
    case BB_CONFIG_UINT:
      return parse_uint (row, text, field, error);
    case BB_CONFIG_BOOL:
      return parse_bool (text, field, error);
    case BB_CONFIG_MONEY:
      return parse_money (row, text, field, error);
    case BB_CONFIG_CODECS:
      return parse_codecs (text, config, error);
    case BB_CONFIG_PORTS:
      return parse_ports (text, field, error);
    case BB_CONFIG_SECRET:
      value = expand_path (text, folder, error);
      return value != NULL && bb_config_secret_load (field, value, error);
    case BB_CONFIG_PATH:
      value = expand_path (text, folder, error);
      break;
    default:
      if (check_text (row, text, error))
        value = g_strdup (text);
      break;
    }
  if (value == NULL)
    return FALSE;

  bb_config_value_clear (row, config);
  *(char **)field = g_steal_pointer (&value);

  return TRUE;
}

/**
 * bb_config_value_format:
 *
 * Returns: (transfer full) (nullable): what bb_config_value_parse() would take;
 *   %NULL for secrets
 */
char *
bb_config_value_format (const BbConfigRow *row, const BbConfig *config)
{
  gconstpointer field = field_of (row, config);

  switch (row->type)
    {
    case BB_CONFIG_UINT:
      return g_strdup_printf ("%u", *(const guint *)field);
    case BB_CONFIG_BOOL:
      return g_strdup (*(const gboolean *)field ? "true" : "false");
    case BB_CONFIG_MONEY:
      return money_to_text (*(const gint64 *)field);
    case BB_CONFIG_PORTS:
      {
        const guint *ends = field;

        return ends[0] == 0 ? g_strdup ("0") : g_strdup_printf ("%u-%u", ends[0], ends[1]);
      }
    case BB_CONFIG_CODECS:
      {
        g_autoptr (GString) list = g_string_new (NULL);

        for (guint i = 0; i < config->n_codecs; i++)
          g_string_append_printf (list, "%s%s", i > 0 ? ";" : "",
                                  bb_codec_get (config->codecs[i])->setting);
        return g_string_free (g_steal_pointer (&list), FALSE);
      }
    case BB_CONFIG_SECRET:
      return NULL;
    default:
      {
        const char *text = *(char *const *)field;

        return g_strdup (text != NULL ? text : "");
      }
    }
}

/* Frees what the field holds; numbers stay. */
void
bb_config_value_clear (const BbConfigRow *row, BbConfig *config)
{
  char **field = field_of (row, config);

  switch (row->type)
    {
    case BB_CONFIG_UINT:
    case BB_CONFIG_BOOL:
    case BB_CONFIG_MONEY:
    case BB_CONFIG_CODECS:
    case BB_CONFIG_PORTS:
      break;
    case BB_CONFIG_SECRET:
      g_clear_pointer (field, bb_config_secret_free);
      break;
    default:
      g_clear_pointer (field, g_free);
    }
}

void
bb_config_value_own (const BbConfigRow *row, BbConfig *config)
{
  char **field = field_of (row, config);

  switch (row->type)
    {
    case BB_CONFIG_UINT:
    case BB_CONFIG_BOOL:
    case BB_CONFIG_MONEY:
    case BB_CONFIG_CODECS:
    case BB_CONFIG_PORTS:
      break;
    default:
      *field = g_strdup (*field);
    }
}
