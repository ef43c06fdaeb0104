/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config-world.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with a settings file of its own for each test. */
typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("bestellbot-config-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "bestellbot.conf", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *name;

  {
    g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);

    while ((name = g_dir_read_name (dir)) != NULL)
      {
        g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

        g_remove (path);
      }
  }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* Returns its path. */
static char *
write_file (Fixture *fixture, const char *name, const char *text, guint mode)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, (int)mode), ==, 0);

  return g_steal_pointer (&path);
}

static BbConfig *
load (Fixture *fixture, const char *text, const char *const *overrides, GError **error)
{
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));

  return bb_config_load (fixture->path, overrides, error);
}

/* @expected may begin with FILE for the settings file's path. */
static void
assert_refused (Fixture *fixture,
                const char *text,
                const char *const *overrides,
                BbConfigError code,
                const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbConfig) config = load (fixture, text, overrides, &error);
  g_autofree char *whole = NULL;

  if (g_str_has_prefix (expected, "FILE"))
    whole = g_strconcat (fixture->path, expected + 4, NULL);
  g_assert_null (config);
  g_assert_cmpstr (error->message, ==, whole != NULL ? whole : expected);
  g_assert_error (error, BB_CONFIG_ERROR, (int)code);
}

static void
test_defaults (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbConfig) config = load (fixture, "", NULL, &error);
  g_autofree char *database =
      g_build_filename (g_get_user_data_dir (), "bestellbot", "orders.db", NULL);
  g_autofree char *catalogue =
      g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (config->file, ==, fixture->path);
  g_assert_cmpstr (config->sip_address, ==, "0.0.0.0");
  g_assert_cmpuint (config->sip_port, ==, 5060);
  g_assert_null (config->sip_public_address);
  g_assert_null (config->account_server);
  g_assert_cmpstr (config->account_user, ==, "");
  g_assert_null (config->account_password);
  g_assert_null (config->account_auth_user);
  g_assert_null (config->account_outbound_proxy);
  g_assert_cmpuint (config->n_codecs, ==, 4);
  g_assert_cmpint (config->codecs[0], ==, BB_CODEC_OPUS);
  g_assert_cmpint (config->codecs[1], ==, BB_CODEC_G722);
  g_assert_cmpint (config->codecs[2], ==, BB_CODEC_PCMA);
  g_assert_cmpint (config->codecs[3], ==, BB_CODEC_PCMU);
  g_assert_cmpuint (config->ptime, ==, 20);
  g_assert_cmpuint (config->rtp_port_min, ==, 16384);
  g_assert_cmpuint (config->rtp_port_max, ==, 32767);
  g_assert_cmpuint (config->dscp, ==, 46);
  g_assert_cmpstr (config->realtime_url, ==, "wss://api.openai.com/v1/realtime");
  g_assert_null (config->realtime_api_key);
  g_assert_cmpstr (config->realtime_model, ==, "gpt-realtime-2");
  g_assert_cmpstr (config->realtime_voice, ==, "marin");
  g_assert_cmpstr (config->realtime_language, ==, "de");
  g_assert_cmpstr (config->realtime_transcription_model, ==, "gpt-4o-mini-transcribe");
  g_assert_true (g_str_has_prefix (config->realtime_greeting, "Guten Tag"));
  g_assert_null (config->realtime_instructions_file);
  g_assert_cmpuint (config->realtime_silence_duration, ==, 500);
  g_assert_cmpuint (config->realtime_connect_timeout, ==, 10);
  g_assert_cmpuint (config->max_calls, ==, 100);
  g_assert_null (config->operator_target);
  g_assert_false (config->recording);
  g_assert_cmpstr (config->recording_format, ==, "ogg");
  g_assert_cmpstr (config->currency, ==, "EUR");
  g_assert_cmpstr (config->catalogue_file, ==, catalogue);
  g_assert_cmpstr (config->order_database, ==, database);
  g_assert_cmpint (config->max_total, ==, 1000000);
  g_assert_true (config->api_enabled);
  g_assert_cmpstr (config->api_address, ==, "127.0.0.1");
  g_assert_cmpuint (config->api_port, ==, 8085);
}

static void
test_values (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *password = write_file (fixture, "password", "geheim\n", 0600);
  g_autofree char *folder = g_build_filename (fixture->folder, "rec", NULL);
  g_autofree char *home = g_build_filename (g_get_home_dir (), "orders.db", NULL);
  g_autoptr (BbConfig) config = load (fixture,
                                      "\xef\xbb\xbf# a comment\r\n"
                                      "[sip]\r\n"
                                      " port = 0 \r\n"
                                      "address=::\n"
                                      "[account]\n"
                                      "server = registrar.example:5070\n"
                                      "user = bestellung\n"
                                      "password-file = password\n"
                                      "[media]\n"
                                      "codecs = pcmu, Opus;\n"
                                      "rtp-ports = 0\n"
                                      "[realtime]\n"
                                      "url = ws://127.0.0.1:9000/v1/realtime\n"
                                      "greeting = Grüß Gott = \\\"hallo\\n\n"
                                      "[recording]\n"
                                      "enabled = YES\n"
                                      "folder = rec\n"
                                      "[calls]\n"
                                      "operator = sip:desk@192.0.2.1\n"
                                      "[orders]\n"
                                      "database = ~/orders.db\n"
                                      "max-total = 0.05\n"
                                      "[sip]\n"
                                      "public-address = 192.0.2.5\n",
                                      NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (config->sip_port, ==, 0);
  g_assert_cmpstr (config->sip_address, ==, "::");
  g_assert_cmpstr (config->sip_public_address, ==, "192.0.2.5");
  g_assert_cmpstr (config->account_server, ==, "registrar.example:5070");
  g_assert_cmpstr (config->account_password, ==, "geheim");
  g_assert_cmpuint (config->n_codecs, ==, 2);
  g_assert_cmpint (config->codecs[0], ==, BB_CODEC_PCMU);
  g_assert_cmpint (config->codecs[1], ==, BB_CODEC_OPUS);
  g_assert_cmpuint (config->rtp_port_min, ==, 0);
  g_assert_cmpstr (config->realtime_greeting, ==, "Grüß Gott = \\\"hallo\n");
  g_assert_true (config->recording);
  g_assert_cmpstr (config->recording_folder, ==, folder);
  g_assert_cmpstr (config->order_database, ==, home);
  g_assert_cmpint (config->max_total, ==, 5);
}

/* Command line over environment over file. */
static void
test_precedence (Fixture *fixture, gconstpointer data)
{
  const char *const overrides[] = { "sip.port=7003", "sip.port=7004", "merchant.name=a=b", NULL };
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *orders = g_build_filename (here, "here.db", NULL);
  g_autoptr (BbConfig) config = NULL;
  const char *text = "[sip]\nport=7001\naddress=127.0.0.1\n[media]\nrtp-timeout=1\n"
                     "[calls]\nmax-calls=7\n";

  g_setenv ("BESTELLBOT_SIP_PORT", "7002", TRUE);
  g_setenv ("BESTELLBOT_MEDIA_RTP_TIMEOUT", "2", TRUE);
  g_setenv ("BESTELLBOT_CALLS_MAX_CALLS", "", TRUE); /* empty: not there */
  g_setenv ("BESTELLBOT_ORDERS_DATABASE", "here.db", TRUE);
  config = load (fixture, text, overrides, NULL);
  g_assert_nonnull (config);
  g_assert_cmpuint (config->sip_port, ==, 7004);
  g_assert_cmpuint (config->rtp_timeout, ==, 2);
  g_assert_cmpstr (config->sip_address, ==, "127.0.0.1");
  g_assert_cmpuint (config->max_calls, ==, 7);
  g_assert_cmpstr (config->order_database, ==, orders);
  g_assert_cmpstr (config->merchant_name, ==, "a=b");

  g_setenv ("BESTELLBOT_MEDIA_RTP_TIMEOUT", "zwei", TRUE);
  assert_refused (fixture, text, NULL, BB_CONFIG_ERROR_BAD_VALUE,
                  "$BESTELLBOT_MEDIA_RTP_TIMEOUT=zwei: must be a whole number from 0 to 3600");
  g_unsetenv ("BESTELLBOT_SIP_PORT");
  g_unsetenv ("BESTELLBOT_MEDIA_RTP_TIMEOUT");
  g_unsetenv ("BESTELLBOT_CALLS_MAX_CALLS");
  g_unsetenv ("BESTELLBOT_ORDERS_DATABASE");
}

static void
test_unknown (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *text, *expected;
  } rows[] = {
    { "[sip]\nprot = 1\n", "FILE: [sip] prot: unknown key; did you mean 'port'?" },
    { "[sip]\nPublic_Address = 1\n",
      "FILE: [sip] Public_Address: unknown key; did you mean 'public-address'?" },
    { "[spi]\nport = 1\n", "FILE: [spi] port: unknown group; did you mean 'sip'?" },
    { "[sip]\nrtp-timeout = 1\n", "FILE: [sip] rtp-timeout: unknown key; it belongs in [media]" },
    { "[sip]\nwhatever = 1\n",
      "FILE: [sip] whatever: unknown key; known are address, port, public-address" },
    { "[account]\npassword = streng-geheim\n",
      "FILE: [account] password: unknown key; did you mean 'password-file'?" },
    { "[account]\nc3RyZW5n=\n",
      "FILE: [account] …: unknown key; known are server, user, password-file, auth-user, "
      "outbound-proxy, expires" },
    { "[zzz]\na = 1\n",
      "FILE: [zzz] a: unknown group; known are sip, account, media, realtime, calls, recording, "
      "merchant, catalogue, orders, api" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_refused (fixture, rows[i].text, NULL, BB_CONFIG_ERROR_UNKNOWN_KEY, rows[i].expected);
}

static void
test_bad_values (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *text, *expected;
  } rows[] = {
    { "[media]\nptime = 25\n", "FILE: [media] ptime=25: must be one of 10, 20, 30, 40, 60" },
    { "[sip]\nport = 65536\n", "FILE: [sip] port=65536: must be a whole number from 0 to 65535" },
    { "[sip]\nport = -1\n", "FILE: [sip] port=-1: must be a whole number from 0 to 65535" },
    { "[sip]\nport = 5060 # note\n",
      "FILE: [sip] port=5060 # note: must be a whole number from 0 to 65535" },
    { "[sip]\nport = 99999999999999999999999\n",
      "FILE: [sip] port=99999999999999999999999: must be a whole number from 0 to 65535" },
    { "[sip]\nport =\n", "FILE: [sip] port: must not be empty" },
    { "[sip]\naddress = localhost\n",
      "FILE: [sip] address=localhost: must be a numeric address, like 192.0.2.1 or 0.0.0.0" },
    { "[sip]\nport = 1\nport = 2\n", "FILE: [sip] port: is there twice; remove one" },
    { "[media]\ncodecs = opus;G729\n",
      "FILE: [media] codecs=opus;G729: unknown codec 'G729'; known are opus, PCMA, PCMU, G722, L16/44100, L16/16000, "
                  "L16/8000" },
    { "[media]\ncodecs = PCMA;pcma\n", "FILE: [media] codecs=PCMA;pcma: names PCMA twice" },
    { "[media]\ncodecs = ;\n", "FILE: [media] codecs=;: must name at least one codec" },
    { "[media]\nrtp-ports = 4000\n",
      "FILE: [media] rtp-ports=4000: must be two ports from 1024 to 65535, like 16384-32767, or 0 "
      "for any free one" },
    { "[media]\nrtp-ports = 5000-4000\n",
      "FILE: [media] rtp-ports=5000-4000: must be two ports from 1024 to 65535, like 16384-32767, "
      "or 0 for any free one" },
    { "[recording]\nenabled = maybe\n", "FILE: [recording] enabled=maybe: must be true or false" },
    { "[recording]\nformat = mp3\n", "FILE: [recording] format=mp3: must be one of ogg, wav" },
    { "[orders]\nmax-total = 5000,00\n",
      "FILE: [orders] max-total=5000,00: must be an amount with a decimal point, like 5000.00, "
      "from 0.01 to 1000000000.00" },
    { "[orders]\nmax-total = 1.5\n",
      "FILE: [orders] max-total=1.5: must be an amount with a decimal point, like 5000.00, "
      "from 0.01 to 1000000000.00" },
    { "[realtime]\nlanguage = German\n",
      "FILE: [realtime] language=German: must be a language code, like de" },
    { "[merchant]\ncurrency = €\n",
      "FILE: [merchant] currency=€: must be a currency code, like EUR" },
    { "[calls]\noperator = desk\n",
      "FILE: [calls] operator=desk: must be a SIP address, like sip:desk@192.0.2.1" },
    { "[account]\nserver = sip:x@host\n",
      "FILE: [account] server=sip:x@host: must be a host name or address, with :port if need be, "
      "without sip: and user" },
    { "[account]\nserver = host\n", "FILE: [account] server: [account] user must be set too" },
    { "[catalogue]\nfile = $HOME/x.csv\n",
      "FILE: [catalogue] file=$HOME/x.csv: may begin with $XDG_DATA_HOME, $XDG_CONFIG_HOME or "
      "$BESTELLBOT_DATADIR, with no other variable" },
    { "[realtime]\nurl = https://api.openai.com\n",
      "FILE: [realtime] url: must be an address like wss://api.openai.com/v1/realtime" },
    { "[realtime]\nurl = wss://host/?api-key=streng-geheim\n",
      "FILE: [realtime] url: must hold neither user, password nor query; the key belongs in "
      "api-key-file" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_refused (fixture, rows[i].text, NULL, BB_CONFIG_ERROR_BAD_VALUE, rows[i].expected);
}

static void
test_bad_file (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *text, *expected;
  } rows[] = {
    { "[sip]\nport=1\nsk-streng-geheim\n",
      "FILE: line 3: is no [group], no key = value and no # comment" },
    { "= 1\n", "FILE: line 1: is no [group], no key = value and no # comment" },
    { "\nport = 1\n", "FILE: line 2: a [group] must come before the first key" },
    { "[sip\n", "FILE: line 1: a group is written [name], alone in its line" },
    { "[]\n", "FILE: line 1: a group is written [name], alone in its line" },
    { "[sip]\n\n# Gr\xfc\xdf Gott\n",
      "FILE: line 3: is not UTF-8; save the file in that encoding" },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_refused (fixture, rows[i].text, NULL, BB_CONFIG_ERROR_FILE, rows[i].expected);

  /* A NUL byte is no UTF-8 text either. */
  g_assert_true (g_file_set_contents (fixture->path, "[sip]\nport=\0001\n", 14, NULL));
  g_assert_null (bb_config_load (fixture->path, NULL, &error));
  g_assert_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE);
  g_clear_error (&error);

  g_remove (fixture->path);
  g_assert_null (bb_config_load (fixture->path, NULL, &error));
  expected = g_strconcat (fixture->path, ": no such file; create it or name another one", NULL);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (bb_config_load (fixture->folder, NULL, &error));
  g_assert_error (error, BB_CONFIG_ERROR, BB_CONFIG_ERROR_FILE);
}

static void
test_bad_overrides (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *override, *expected;
    BbConfigError code;
  } rows[] = {
    { "sip.prot=1", "--set sip.prot: unknown key; did you mean 'port'?",
      BB_CONFIG_ERROR_UNKNOWN_KEY },
    { "sip.port=x", "--set sip.port=x: must be a whole number from 0 to 65535",
      BB_CONFIG_ERROR_BAD_VALUE },
    { "streng-geheim", "--set: write it as group.key=value, like sip.port=5070",
      BB_CONFIG_ERROR_BAD_VALUE },
    { "port=1", "--set: write it as group.key=value, like sip.port=5070",
      BB_CONFIG_ERROR_BAD_VALUE },
    { "merchant.name=\xfc", "--set: is not UTF-8", BB_CONFIG_ERROR_BAD_VALUE },
    { "account.password=streng-geheim",
      "--set account.password: unknown key; did you mean 'password-file'?",
      BB_CONFIG_ERROR_UNKNOWN_KEY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_refused (fixture, "", (const char *[]){ rows[i].override, NULL }, rows[i].code,
                    rows[i].expected);
}

/* Where a secret may come from, and who wins. */
static void
test_secrets (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = write_file (fixture, "key", "  sk-from-file \n", 0640);
  g_autofree char *other = write_file (fixture, "other", "sk-other", 0400);
  g_autofree char *override = g_strconcat ("realtime.api-key-file=", other, NULL);
  const char *text = "[realtime]\napi-key-file = key\n";
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (BbConfig) config = load (fixture, text, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (config->realtime_api_key, ==, "sk-from-file");
  }
  g_setenv ("BESTELLBOT_REALTIME_API_KEY_FILE", other, TRUE);
  {
    g_autoptr (BbConfig) config = load (fixture, text, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (config->realtime_api_key, ==, "sk-other");
  }
  g_setenv ("OPENAI_API_KEY", "sk-from-environment\n", TRUE);
  {
    g_autoptr (BbConfig) config =
        load (fixture, "[realtime]\napi-key-file = not-looked-at\n", NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (config->realtime_api_key, ==, "sk-from-environment");
  }
  {
    g_autoptr (BbConfig) config = load (fixture, text, (const char *[]){ override, NULL }, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (config->realtime_api_key, ==, "sk-other");
  }
  g_setenv ("OPENAI_API_KEY", "sk-two\nlines", TRUE);
  assert_refused (fixture, "", NULL, BB_CONFIG_ERROR_SECRET,
                  "$OPENAI_API_KEY: must hold the secret, in one line and nothing else");
  g_unsetenv ("OPENAI_API_KEY");
  g_unsetenv ("BESTELLBOT_REALTIME_API_KEY_FILE");

  g_setenv ("BESTELLBOT_SIP_PASSWORD", "pass wort", TRUE);
  {
    g_autoptr (BbConfig) config = load (fixture, "", NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (config->account_password, ==, "pass wort");
  }
  g_unsetenv ("BESTELLBOT_SIP_PASSWORD");
}

static void
test_bad_secrets (Fixture *fixture, gconstpointer data)
{
  g_autofree char *open = write_file (fixture, "open", "streng-geheim\n", 0644);
  g_autofree char *empty = write_file (fixture, "empty", " \n", 0600);
  g_autofree char *lines = write_file (fixture, "lines", "streng\ngeheim\n", 0600);
  g_autofree char *latin = write_file (fixture, "latin", "streng-\xfc\n", 0600);
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *giant = write_file (fixture, "giant", long_text, 0600);
  const char *const oneline[] = { "empty", "lines", "latin", "giant" };
  g_autofree char *long_key = g_strdup_printf ("[realtime]\napi-key-file = %s\n", long_text);
  g_autofree char *expected = NULL;

  expected = g_strdup_printf ("FILE: [account] password-file: %s is open to others (mode 0644); "
                              "run: chmod 600 %s",
                              open, open);
  assert_refused (fixture, "[account]\npassword-file = open\n", NULL, BB_CONFIG_ERROR_SECRET,
                  expected);

  for (gsize i = 0; i < G_N_ELEMENTS (oneline); i++)
    {
      g_autofree char *text = g_strdup_printf ("[account]\npassword-file = %s\n", oneline[i]);
      g_autofree char *message = g_strdup_printf (
          "FILE: [account] password-file: %s/%s must hold the secret, in one line and nothing else",
          fixture->folder, oneline[i]);

      assert_refused (fixture, text, NULL, BB_CONFIG_ERROR_SECRET, message);
    }

  /* A key in place of a path is not repeated. */
  assert_refused (fixture, "[realtime]\napi-key-file = sk-streng-geheim\n", NULL,
                  BB_CONFIG_ERROR_SECRET,
                  "FILE: [realtime] api-key-file: the file it names does not exist; a path belongs "
                  "here, the secret in that file");
  assert_refused (fixture, long_key, NULL, BB_CONFIG_ERROR_SECRET,
                  "FILE: [realtime] api-key-file: the file it names does not exist; a path belongs "
                  "here, the secret in that file");
  g_clear_pointer (&expected, g_free);
  expected =
      g_strdup_printf ("FILE: [realtime] api-key-file: %s is not a plain file", fixture->folder);
  assert_refused (fixture, "[realtime]\napi-key-file = .\n", NULL, BB_CONFIG_ERROR_SECRET,
                  expected);
}

/* No right to read it; root has it always. */
static void
test_secret_denied (Fixture *fixture, gconstpointer data)
{
  g_autofree char *denied = write_file (fixture, "denied", "streng-geheim", 0);
  g_autofree char *expected =
      g_strdup_printf ("FILE: [account] password-file: %s can't be read: Permission denied",
                       denied);

  if (geteuid () == 0)
    {
      g_test_skip ("root may read everything");
      return;
    }
  assert_refused (fixture, "[account]\npassword-file = denied\n", NULL, BB_CONFIG_ERROR_SECRET,
                  expected);
}

/* The text is a settings file that says the same, without the secrets. */
static void
test_to_text (Fixture *fixture, gconstpointer data)
{
  g_autofree char *password = write_file (fixture, "password", "streng-geheim\n", 0600);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *again = NULL;
  gsize n_rows;
  const BbConfigRow *rows = bb_config_rows (&n_rows);

  {
    g_autoptr (BbConfig) config = load (fixture,
                                        "[account]\nserver=h\nuser=u\npassword-file=password\n"
                                        "[merchant]\nname=\\sMüller \\\\ Söhne\\n\\s\n"
                                        "[orders]\nmax-total=12.05\n",
                                        NULL, &error);

    g_assert_no_error (error);
    text = bb_config_to_text (config);
  }
  g_assert_null (strstr (text, "streng-geheim"));
  g_assert_nonnull (strstr (text, "\n# password-file: set\n"));
  g_assert_nonnull (strstr (text, "\n# api-key-file: not set\n"));
  g_assert_nonnull (strstr (text, "\nmax-total = 12.05\n"));
  for (gsize i = 0; i < n_rows; i++)
    g_assert_nonnull (strstr (text, rows[i].key));
  {
    g_autoptr (BbConfig) config = load (fixture, text, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (config->merchant_name, ==, " Müller \\ Söhne\n ");
    g_clear_pointer (&config->account_password, bb_config_secret_free);
    config->account_password = g_strdup ("x");
    again = bb_config_to_text (config);
  }
  g_assert_cmpstr (again, ==, text);
}

static void
test_shared (Fixture *fixture, gconstpointer data)
{
  g_autoptr (BbConfig) config = load (fixture, "", NULL, NULL);
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, BB_TYPE_CONFIG);
  g_value_set_boxed (&value, config);
  g_assert_true (g_value_get_boxed (&value) == config);
}

/* With no path given: the user's own file, else defaults. */
static void
test_search (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "bestellbot", NULL);
  g_autofree char *path = g_build_filename (folder, "bestellbot.conf", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "[sip]\nport=6001\n", -1, NULL));
  {
    g_autoptr (BbConfig) config = bb_config_load (NULL, NULL, NULL);

    g_assert_nonnull (config);
    g_assert_cmpstr (config->file, ==, path);
    g_assert_cmpuint (config->sip_port, ==, 6001);
  }
  g_remove (path);
  g_rmdir (folder);
  g_rmdir (g_get_user_config_dir ());
  if (!g_file_test ("/etc/bestellbot/bestellbot.conf", G_FILE_TEST_EXISTS))
    {
      g_autoptr (BbConfig) config = bb_config_load (NULL, NULL, NULL);

      g_assert_nonnull (config);
      g_assert_null (config->file);
      g_assert_cmpuint (config->sip_port, ==, 5060);
    }
}

int
main (int argc, char *argv[])
{
  char *home = config_world_enter ();
  int result;

  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/config/defaults", test_defaults);
  ADD ("/config/values", test_values);
  ADD ("/config/precedence", test_precedence);
  ADD ("/config/unknown", test_unknown);
  ADD ("/config/bad-values", test_bad_values);
  ADD ("/config/bad-file", test_bad_file);
  ADD ("/config/bad-overrides", test_bad_overrides);
  ADD ("/config/secrets", test_secrets);
  ADD ("/config/bad-secrets", test_bad_secrets);
  ADD ("/config/secret-denied", test_secret_denied);
  ADD ("/config/to-text", test_to_text);
  ADD ("/config/shared", test_shared);
  ADD ("/config/search", test_search);
#undef ADD

  result = g_test_run ();
  config_world_leave (home);

  return result;
}
