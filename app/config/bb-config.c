/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bb-config-private.h"

/* clang-format off */
G_DEFINE_QUARK (bb-config-error-quark, bb_config_error)
/* clang-format on */
G_DEFINE_BOXED_TYPE (BbConfig, bb_config, bb_config_ref, bb_config_unref)

#define AT(field) G_STRUCT_OFFSET (BbConfig, field)

/* Every setting there is. Loading, validation, overrides, environment and
 * bb_config_to_text() follow from it; data/bestellbot.conf is held against it
 * by tests/unit/test-config-file.c. */
static const BbConfigRow rows[] = {
  /* group, key, type, field, min, max, default, choices, secret's variable, optional */
  { "sip", "address", BB_CONFIG_ADDRESS, AT (sip_address), .fallback = "0.0.0.0" },
  { "sip", "port", BB_CONFIG_UINT, AT (sip_port), 0, 65535, "5060" },
  { "sip", "public-address", BB_CONFIG_ADDRESS, AT (sip_public_address), .fallback = "",
    .optional = TRUE },

  { "account", "server", BB_CONFIG_HOST, AT (account_server), .fallback = "", .optional = TRUE },
  { "account", "user", BB_CONFIG_STRING, AT (account_user), .fallback = "", .optional = TRUE },
  { "account", "password-file", BB_CONFIG_SECRET, AT (account_password), .fallback = "",
    .variable = "BESTELLBOT_SIP_PASSWORD", .optional = TRUE },
  { "account", "auth-user", BB_CONFIG_NAME, AT (account_auth_user), .fallback = "",
    .optional = TRUE },
  { "account", "outbound-proxy", BB_CONFIG_HOST, AT (account_outbound_proxy), .fallback = "",
    .optional = TRUE },
  { "account", "expires", BB_CONFIG_UINT, AT (account_expires), 60, 86400, "600" },

  { "media", "codecs", BB_CONFIG_CODECS, AT (codecs), .fallback = "opus;G722;PCMA;PCMU" },
  { "media", "ptime", BB_CONFIG_UINT, AT (ptime), 10, 60, "20", "10|20|30|40|60" },
  { "media", "rtp-ports", BB_CONFIG_PORTS, AT (rtp_port_min), .fallback = "16384-32767" },
  { "media", "dscp", BB_CONFIG_UINT, AT (dscp), 0, 63, "46" },
  { "media", "opus-bitrate", BB_CONFIG_UINT, AT (opus_bitrate), 6000, 510000, "32000" },
  { "media", "opus-complexity", BB_CONFIG_UINT, AT (opus_complexity), 0, 10, "5" },
  { "media", "srtp", BB_CONFIG_STRING, AT (srtp), .fallback = "preferred",
    .choices = "off|preferred|required" },
  { "media", "rtp-timeout", BB_CONFIG_UINT, AT (rtp_timeout), 0, 3600, "30" },

  { "realtime", "url", BB_CONFIG_URL, AT (realtime_url),
    .fallback = "wss://api.openai.com/v1/realtime" },
  { "realtime", "api-key-file", BB_CONFIG_SECRET, AT (realtime_api_key), .fallback = "",
    .variable = "OPENAI_API_KEY", .optional = TRUE },
  { "realtime", "model", BB_CONFIG_STRING, AT (realtime_model), .fallback = "gpt-realtime-2" },
  { "realtime", "voice", BB_CONFIG_STRING, AT (realtime_voice), .fallback = "marin" },
  { "realtime", "language", BB_CONFIG_LANGUAGE, AT (realtime_language), .fallback = "de" },
  { "realtime", "transcription-model", BB_CONFIG_STRING, AT (realtime_transcription_model),
    .fallback = "gpt-4o-mini-transcribe" },
  { "realtime", "greeting", BB_CONFIG_STRING, AT (realtime_greeting),
    .fallback = "Guten Tag, Sie sprechen mit dem automatischen Bestelldienst. "
                "Was darf ich für Sie aufnehmen?",
    .optional = TRUE },
  { "realtime", "instructions-file", BB_CONFIG_PATH, AT (realtime_instructions_file),
    .fallback = "", .optional = TRUE },
  { "realtime", "notice", BB_CONFIG_STRING, AT (realtime_notice), .fallback = "",
    .optional = TRUE },
  { "realtime", "silence-duration", BB_CONFIG_UINT, AT (realtime_silence_duration), 100, 5000,
    "500" },
  { "realtime", "connect-timeout", BB_CONFIG_UINT, AT (realtime_connect_timeout), 1, 60, "10" },

  { "calls", "max-calls", BB_CONFIG_UINT, AT (max_calls), 1, 10000, "100" },
  { "calls", "max-duration", BB_CONFIG_UINT, AT (max_call_duration), 0, 86400, "1800" },
  { "calls", "shutdown-timeout", BB_CONFIG_UINT, AT (shutdown_timeout), 0, 600, "10" },
  { "calls", "operator", BB_CONFIG_SIP_URI, AT (operator_target), .fallback = "",
    .optional = TRUE },
  { "calls", "operator-first", BB_CONFIG_UINT, AT (operator_first), 0, 120, "0" },
  { "calls", "history-days", BB_CONFIG_UINT, AT (history_days), 0, 3650, "90" },

  { "recording", "enabled", BB_CONFIG_BOOL, AT (recording), .fallback = "false" },
  { "recording", "consent", BB_CONFIG_STRING, AT (recording_consent), .fallback = "ask",
    .choices = "ask|given" },
  { "recording", "folder", BB_CONFIG_PATH, AT (recording_folder),
    .fallback = "$XDG_DATA_HOME/bestellbot/recordings" },
  { "recording", "format", BB_CONFIG_STRING, AT (recording_format), .fallback = "ogg",
    .choices = "ogg|wav" },
  { "recording", "transcripts", BB_CONFIG_BOOL, AT (transcripts), .fallback = "false" },
  { "recording", "session-log", BB_CONFIG_BOOL, AT (session_log), .fallback = "false" },

  { "merchant", "name", BB_CONFIG_STRING, AT (merchant_name), .fallback = "Bestellbot" },
  { "merchant", "currency", BB_CONFIG_CURRENCY, AT (currency), .fallback = "EUR" },

  { "catalogue", "file", BB_CONFIG_PATH, AT (catalogue_file),
    .fallback = "$BESTELLBOT_DATADIR/catalogue.csv" },

  { "orders", "database", BB_CONFIG_PATH, AT (order_database),
    .fallback = "$XDG_DATA_HOME/bestellbot/orders.db" },
  { "orders", "max-quantity", BB_CONFIG_UINT, AT (max_quantity), 1, 1000000, "1000" },
  { "orders", "max-lines", BB_CONFIG_UINT, AT (max_lines), 1, 1000, "100" },
  { "orders", "max-total", BB_CONFIG_MONEY, AT (max_total), 1, 100000000000, "10000.00" },

  { "api", "enabled", BB_CONFIG_BOOL, AT (api_enabled), .fallback = "true" },
  { "api", "address", BB_CONFIG_ADDRESS, AT (api_address), .fallback = "127.0.0.1" },
  { "api", "port", BB_CONFIG_UINT, AT (api_port), 0, 65535, "8085" },
  { "api", "token-file", BB_CONFIG_PATH, AT (api_token_file),
    .fallback = "$XDG_DATA_HOME/bestellbot/api-token" },
  { "api", "tls-certificate", BB_CONFIG_PATH, AT (api_tls_certificate), .fallback = "",
    .optional = TRUE },
  { "api", "tls-key", BB_CONFIG_PATH, AT (api_tls_key), .fallback = "", .optional = TRUE },
  { "api", "allow-plain", BB_CONFIG_BOOL, AT (api_allow_plain), .fallback = "false" },
  { "api", "tls-ca", BB_CONFIG_PATH, AT (api_tls_ca), .fallback = "", .optional = TRUE },
  { "api", "rate-limit", BB_CONFIG_UINT, AT (api_rate_limit), 1, 10000, "100" },
};

#undef AT

/* What was given for one row, and by whom. */
typedef struct
{
  char *text;
  char *where;        /* "FILE: [group] key", "$VARIABLE", "--set group.key" */
  const char *folder; /* (unowned): of relative paths */
  gboolean secret;    /* text is the secret itself, not its file's name */
} Given;

typedef struct
{
  const char *path;
  char *folder; /* the file's */
  char *cwd;
  Given given[G_N_ELEMENTS (rows)];
} Loader;

const BbConfigRow *
bb_config_rows (gsize *n_rows)
{
  *n_rows = G_N_ELEMENTS (rows);

  return rows;
}

const BbConfigRow *
bb_config_find_row (const char *group, const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].group, group) == 0 && strcmp (rows[i].key, key) == 0)
      return &rows[i];

  return NULL;
}

char *
bb_config_row_variable (const BbConfigRow *row)
{
  g_autofree char *name = g_strdup_printf ("BESTELLBOT_%s_%s", row->group, row->key);

  g_strdelimit (name, "-", '_');

  return g_ascii_strup (name, -1);
}

static void
given_clear (Given *given)
{
  if (given->secret)
    g_clear_pointer (&given->text, bb_config_secret_free);
  g_clear_pointer (&given->text, g_free);
  g_clear_pointer (&given->where, g_free);
}

static void
loader_free (Loader *loader)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    given_clear (&loader->given[i]);
  g_free (loader->folder);
  g_free (loader->cwd);
  g_free (loader);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loader, loader_free)

static void
give (Loader *loader,
      const BbConfigRow *row,
      const char *text,
      char *where,
      const char *folder,
      gboolean secret)
{
  Given *given = &loader->given[row - rows];

  given_clear (given);
  given->text = g_strdup (text);
  given->where = where;
  given->folder = folder;
  given->secret = secret;
}

/* A name for a message. What no key of ours looks like may be a secret in the
 * wrong place. */
static const char *
quotable (const char *name)
{
  const gsize letters = strspn (name, G_CSET_a_2_z G_CSET_A_2_Z "-_");

  return letters == strlen (name) && letters <= 24 ? name : "…";
}

/* @where: "FILE: [group] key" or the like; the last words say what to do. */
static void
set_unknown (GError **error, const char *where, const char *group, const char *key)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new ();
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  const char *nearest, *elsewhere = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (i == 0 || strcmp (rows[i].group, rows[i - 1].group) != 0)
        g_ptr_array_add (groups, (gpointer)rows[i].group);
      if (strcmp (rows[i].group, group) == 0)
        g_ptr_array_add (keys, (gpointer)rows[i].key);
      else if (strcmp (rows[i].key, key) == 0 && elsewhere == NULL)
        elsewhere = rows[i].group;
    }
  g_ptr_array_add (groups, NULL);

  if (keys->len == 0)
    {
      nearest = bb_config_nearest (group, (const char *const *)groups->pdata);
      if (nearest != NULL)
        g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_UNKNOWN_KEY,
                     _ ("%s: unknown group; did you mean '%s'?"), where, nearest);
      else
        {
          g_autofree char *list = g_strjoinv (", ", (char **)groups->pdata);

          g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_UNKNOWN_KEY,
                       _ ("%s: unknown group; known are %s"), where, list);
        }
      return;
    }

  g_ptr_array_add (keys, NULL);
  nearest = bb_config_nearest (key, (const char *const *)keys->pdata);
  if (nearest != NULL)
    g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_UNKNOWN_KEY,
                 _ ("%s: unknown key; did you mean '%s'?"), where, nearest);
  else if (elsewhere != NULL)
    g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_UNKNOWN_KEY,
                 _ ("%s: unknown key; it belongs in [%s]"), where, elsewhere);
  else
    {
      g_autofree char *list = g_strjoinv (", ", (char **)keys->pdata);

      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_UNKNOWN_KEY,
                   _ ("%s: unknown key; known are %s"), where, list);
    }
}

static gboolean
found_in_file (const char *group,
               const char *key,
               const char *value,
               gpointer user_data,
               GError **error)
{
  Loader *loader = user_data;
  const BbConfigRow *row = bb_config_find_row (group, key);
  g_autofree char *where =
      g_strdup_printf ("%s: [%s] %s", loader->path, quotable (group), quotable (key));

  if (row == NULL)
    {
      set_unknown (error, where, group, key);
      return FALSE;
    }
  if (loader->given[row - rows].text != NULL)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE,
                   _ ("%s: is there twice; remove one"), where);
      return FALSE;
    }
  give (loader, row, value, g_steal_pointer (&where), loader->folder, FALSE);

  return TRUE;
}

static gboolean
load_file (Loader *loader, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  if (!g_file_get_contents (loader->path, &text, &length, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE,
                     _ ("%s: no such file; create it or name another one"), loader->path);
      else
        g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE, _ ("%s: can't be read: %s"),
                     loader->path, local->message);
      return FALSE;
    }
  if (bb_config_file_parse (text, length, found_in_file, loader, &local))
    return TRUE;
  if (g_error_matches (local, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE))
    g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE, "%s: %s", loader->path,
                 local->message);
  else
    g_propagate_error (error, g_steal_pointer (&local));

  return FALSE;
}

static void
load_environment (Loader *loader)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *variable = bb_config_row_variable (&rows[i]);
      const char *text = g_getenv (variable);

      if (text != NULL && *text != '\0')
        give (loader, &rows[i], text, g_strdup_printf ("$%s", variable), loader->cwd, FALSE);
      text = rows[i].variable != NULL ? g_getenv (rows[i].variable) : NULL;
      if (text != NULL && *text != '\0')
        give (loader, &rows[i], text, g_strdup_printf ("$%s", rows[i].variable), loader->cwd, TRUE);
    }
}

static gboolean
load_override (Loader *loader, const char *override, GError **error)
{
  const char *equals = strchr (override, '=');
  g_autofree char *name = NULL, *where = NULL;
  const BbConfigRow *row;
  char *key;

  /* Without '=' the whole may be a value gone astray: not quoted. */
  if (equals == NULL)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE,
                   _ ("--set: write it as group.key=value, like sip.port=5070"));
      return FALSE;
    }
  name = g_strndup (override, equals - override);
  if (!g_utf8_validate (override, -1, NULL))
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE, _ ("--set: is not UTF-8"));
      return FALSE;
    }
  key = strchr (name, '.');
  if (key == NULL)
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE,
                   _ ("--set: write it as group.key=value, like sip.port=5070"));
      return FALSE;
    }
  *key++ = '\0';
  where = g_strdup_printf ("--set %s.%s", quotable (name), quotable (key));
  row = bb_config_find_row (name, key);
  if (row == NULL)
    {
      set_unknown (error, where, name, key);
      return FALSE;
    }
  give (loader, row, equals + 1, g_steal_pointer (&where), loader->cwd, FALSE);

  return TRUE;
}

static gboolean
apply (BbConfig *config, const BbConfigRow *row, const Given *given, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean good;

  if (given->text == NULL)
    {
      /* A default is always good, but for nothing to be found at its end. */
      good = bb_config_value_parse (row, row->fallback, "/", config, &local);
      g_assert (good);
      return TRUE;
    }

  if (!g_utf8_validate (given->text, -1, NULL))
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE, _ ("%s: is not UTF-8"),
                   given->where);
      return FALSE;
    }
  if (given->secret)
    good = bb_config_secret_set ((char **)((char *)config + row->offset), given->text, &local);
  else
    good = bb_config_value_parse (row, given->text, given->folder, config, &local);
  if (good)
    return TRUE;

  if (!given->secret && bb_config_value_may_quote (row) && *given->text != '\0')
    {
      g_autofree char *quoted = bb_config_file_escape (given->text);

      g_set_error (error, BB_CONFIG_ERROR, local->code, "%s=%s: %s", given->where, quoted,
                   local->message);
    }
  else
    g_set_error (error, BB_CONFIG_ERROR, local->code, "%s: %s", given->where, local->message);

  return FALSE;
}

static gboolean
check_whole (const BbConfig *config, const Given *given, GError **error)
{
  const BbConfigRow *server = bb_config_find_row ("account", "server");

  if (config->account_server != NULL && *config->account_user == '\0')
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE,
                   _ ("%s: [account] user must be set too"), given[server - rows].where);
      return FALSE;
    }

  return TRUE;
}

static char *
find_file (void)
{
  g_autofree char *own =
      g_build_filename (g_get_user_config_dir (), "bestellbot", "bestellbot.conf", NULL);

  if (g_file_test (own, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&own);
  if (g_file_test ("/etc/bestellbot/bestellbot.conf", G_FILE_TEST_EXISTS))
    return g_strdup ("/etc/bestellbot/bestellbot.conf");

  return NULL;
}

BbConfig *
bb_config_load (const char *path, const char *const *overrides, GError **error)
{
  g_autoptr (BbConfig) config = g_atomic_rc_box_new0 (BbConfig);
  g_autoptr (Loader) loader = g_new0 (Loader, 1);

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  config->file = path != NULL ? g_strdup (path) : find_file ();
  loader->cwd = g_get_current_dir ();
  if (config->file != NULL)
    {
      g_autofree char *absolute = g_canonicalize_filename (config->file, loader->cwd);

      loader->path = config->file;
      loader->folder = g_path_get_dirname (absolute);
      if (!load_file (loader, error))
        return NULL;
    }
  load_environment (loader);
  for (gsize i = 0; overrides != NULL && overrides[i] != NULL; i++)
    if (!load_override (loader, overrides[i], error))
      return NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (!apply (config, &rows[i], &loader->given[i], error))
      return NULL;
  if (!check_whole (config, loader->given, error))
    return NULL;

  return g_steal_pointer (&config);
}

static BbConfig *
copy (const BbConfig *self)
{
  BbConfig *config = g_atomic_rc_box_new0 (BbConfig);

  *config = *self;
  config->file = g_strdup (self->file);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    bb_config_value_own (&rows[i], config);
  return config;
}

BbConfig *
bb_config_change (const BbConfig *self,
                  const char *group,
                  const char *key,
                  const char *value,
                  GError **error)
{
  const BbConfigRow *row = bb_config_find_row (group, key);
  g_autoptr (BbConfig) config = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (row != NULL && row->type != BB_CONFIG_SECRET, NULL);

  if (!g_utf8_validate (value, -1, NULL))
    {
      g_set_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_BAD_VALUE, _ ("%s: is not UTF-8"), key);
      return NULL;
    }
  config = copy (self);
  if (!bb_config_value_parse (row, value, "/", config, error))
    {
      g_prefix_error (error, "[%s] %s: ", group, key);
      return NULL;
    }
  return g_steal_pointer (&config);
}

char *
bb_config_to_text (const BbConfig *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (self != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *value = bb_config_value_format (&rows[i], self);

      if (i == 0 || strcmp (rows[i].group, rows[i - 1].group) != 0)
        g_string_append_printf (text, "%s[%s]\n", i > 0 ? "\n" : "", rows[i].group);
      if (value == NULL)
        {
          const char *secret = *(char *const *)((const char *)self + rows[i].offset);

          g_string_append_printf (text, "# %s: %s\n", rows[i].key,
                                  secret != NULL ? _ ("set") : _ ("not set"));
        }
      else
        {
          g_autofree char *escaped = bb_config_file_escape (value);

          g_string_append_printf (text, "%s = %s\n", rows[i].key, escaped);
        }
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
bb_config_asks_consent (const BbConfig *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->recording || self->session_log || self->transcripts)
         && strcmp (self->recording_consent, "ask") == 0;
}

BbConfig *
bb_config_ref (const BbConfig *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire ((BbConfig *)self);
}

static void
bb_config_clear (BbConfig *self)
{
  g_free (self->file);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    bb_config_value_clear (&rows[i], self);
}

void
bb_config_unref (BbConfig *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, (GDestroyNotify)bb_config_clear);
}
