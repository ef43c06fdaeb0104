/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config-world.h"

#include <string.h>

static char *
read_sample (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"), "data", "bestellbot.conf", NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  return text;
}

/* In the sample, '#' before a key is a setting and '# ' is prose. */
static gboolean
is_setting (const char *line)
{
  return line[0] == '#' && g_ascii_islower (line[1]);
}

/* data/bestellbot.conf shows every setting once, in its group, with its
 * default, and nothing else. */
static void
test_sample_agrees (void)
{
  g_autofree char *text = read_sample ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *group = NULL;
  gboolean described = FALSE;
  gsize n_rows, n_found = 0;
  const BbConfigRow *rows = bb_config_rows (&n_rows);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = lines[i];

      g_test_message ("%s", line);
      if (*line == '[')
        {
          g_free (group);
          group = g_strndup (line + 1, strlen (line) - 2);
          described = FALSE;
        }
      else if (is_setting (line))
        {
          const BbConfigRow *row = &rows[n_found];
          g_autofree char *expected =
              g_strdup_printf ("#%s =%s%s", row->key, *row->fallback != '\0' ? " " : "",
                               row->fallback);

          /* In the order of the table, too. */
          g_assert_cmpuint (n_found, <, n_rows);
          g_assert_cmpstr (group, ==, row->group);
          g_assert_cmpstr (line, ==, expected);
          g_assert_true (described);
          n_found++;
        }
      else if (*line == '\0')
        described = FALSE;
      else
        {
          g_assert_true (line[0] == '#' && (line[1] == ' ' || line[1] == '\0'));
          described = TRUE;
        }
    }
  g_assert_cmpuint (n_found, ==, n_rows);
}

/* With every setting switched on it loads, and says what the defaults say. */
static void
test_sample_loads (void)
{
  g_autofree char *text = read_sample ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *path = NULL, *active = NULL, *defaults = NULL, *settings = NULL;
  g_autoptr (GError) error = NULL;
  guint n_active = 0;
  int fd = g_file_open_tmp ("bestellbot-XXXXXX.conf", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  {
    g_autoptr (BbConfig) config = NULL;

    g_assert_true (g_file_set_contents (path, text, -1, NULL));
    config = bb_config_load (path, NULL, &error);
    g_assert_no_error (error);
    defaults = bb_config_to_text (config);
  }
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (is_setting (lines[i]))
        {
          memmove (lines[i], lines[i] + 1, strlen (lines[i]));
          n_active++;
        }
    }
  g_assert_cmpuint (n_active, >, 0);
  active = g_strjoinv ("\n", lines);
  {
    g_autoptr (BbConfig) config = NULL;

    g_assert_true (g_file_set_contents (path, active, -1, NULL));
    config = bb_config_load (path, NULL, &error);
    g_assert_no_error (error);
    settings = bb_config_to_text (config);
  }
  g_assert_cmpstr (settings, ==, defaults);
  g_remove (path);
}

/* The rows of the table itself. */
static void
test_table (void)
{
  gsize n_rows;
  const BbConfigRow *rows = bb_config_rows (&n_rows);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) offsets = g_hash_table_new (NULL, NULL);

  for (gsize i = 0; i < n_rows; i++)
    {
      g_assert_true (g_regex_match_simple ("^[a-z]+$", rows[i].group, 0, 0));
      g_assert_true (g_regex_match_simple ("^[a-z]+(-[a-z]+)*$", rows[i].key, 0, 0));
      g_assert_true (g_hash_table_add (names, bb_config_row_variable (&rows[i])));
      g_assert_true (g_hash_table_add (offsets, GSIZE_TO_POINTER (rows[i].offset + 1)));
      g_assert_true (*rows[i].fallback != '\0' || rows[i].optional);
      g_assert_true (bb_config_find_row (rows[i].group, rows[i].key) == &rows[i]);
      g_assert_cmpint (rows[i].type == BB_CONFIG_SECRET, ==, rows[i].variable != NULL);
    }
  g_assert_true (g_hash_table_contains (names, "BESTELLBOT_MEDIA_RTP_PORTS"));
}

static void
test_nearest (void)
{
  const char *const keys[] = { "port", "address", "public-address", "password-file", NULL };

  g_assert_cmpstr (bb_config_nearest ("prot", keys), ==, "port");
  g_assert_cmpstr (bb_config_nearest ("ports", keys), ==, "port");
  g_assert_cmpstr (bb_config_nearest ("adress", keys), ==, "address");
  g_assert_cmpstr (bb_config_nearest ("public_adress", keys), ==, "public-address");
  g_assert_cmpstr (bb_config_nearest ("password", keys), ==, "password-file");
  g_assert_null (bb_config_nearest ("zebra", keys));
  g_assert_null (bb_config_nearest ("", keys));
  g_assert_null (bb_config_nearest ("a-word-far-longer-than-any-key-there-ever-will-be", keys));
}

static gboolean
collect (const char *group, const char *key, const char *value, gpointer log, GError **error)
{
  g_string_append_printf (log, "%s.%s=%s|", group, key, value);

  return TRUE;
}

static void
test_syntax (void)
{
  const struct
  {
    const char *text, *expected;
  } rows[] = {
    { "", "" },
    { "# only\n\n  # prose", "" },
    { "[a]\nb=c", "a.b=c|" },
    { "[a]\nb = c = d \n[e]\nf=\n", "a.b=c = d|e.f=|" },
    { "[a]\nb=\\sc\\\\n\\n\\x\\", "a.b= c\\n\n\\x\\|" },
    { "[a]\nb=ü # no comment\n", "a.b=ü # no comment|" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) log = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (
          bb_config_file_parse (rows[i].text, strlen (rows[i].text), collect, log, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (log->str, ==, rows[i].expected);
    }
}

static gboolean
keep (const char *group, const char *key, const char *value, gpointer kept, GError **error)
{
  g_free (*(char **)kept);
  *(char **)kept = g_strdup (value);

  return TRUE;
}

/* Whatever text is escaped comes back. */
static void
test_escape (void)
{
  const char *const pieces[] = { " ", "\\", "\n", "\t", "\r", "s", "n", "ü", "#", "=", "[" };

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *escaped = NULL, *file = NULL, *back = NULL;

      for (int i = g_test_rand_int_range (0, 8); i > 0; i--)
        g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      escaped = bb_config_file_escape (text->str);
      file = g_strdup_printf ("[a]\nb = %s\n", escaped);
      g_assert_true (bb_config_file_parse (file, strlen (file), keep, &back, NULL));
      g_assert_cmpstr (back, ==, text->str);
    }
}

/* Any bytes at all: an error or a result, never a crash (run under ASan). */
static void
test_garbage (void)
{
  static const char alphabet[] = "[]=#\n\r\\ sip.port\xff\xc3\xbc\0x0";

  for (guint round = 0; round < 5000; round++)
    {
      const gsize length = (gsize)g_test_rand_int_range (0, 60);
      g_autofree char *text = g_malloc (length + 1);
      g_autoptr (GString) log = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      gboolean good;

      for (gsize i = 0; i < length; i++)
        text[i] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      text[length] = '\0';
      good = bb_config_file_parse (text, length, collect, log, &error);
      g_assert_true (good == (error == NULL));
    }
}

/* Any text for any setting: refused with an error that names it, or taken and
 * then written as something that means the same. */
static void
test_any_value (void)
{
  static const char *const pieces[] = { "0",    "9",      "16384", "65535", "-",         ".",
                                        ",",    ";",      ":",     "/",     "~",         "$",
                                        " ",    "true",   "EUR",   "de",    "opus",      "PCMA",
                                        "sip:", "wss://", "host",  "@",     "192.0.2.1", "::1",
                                        "ü",    "\\",     "%s" };
  g_autofree char *path = g_build_filename (g_get_home_dir (), "any.conf", NULL);
  guint n_taken = 0, n_refused = 0;
  gsize n_rows;
  const BbConfigRow *rows = bb_config_rows (&n_rows);

  for (guint round = 0; round < 1000; round++)
    {
      const BbConfigRow *row = &rows[g_test_rand_int_range (0, (int)n_rows)];
      g_autoptr (GString) value = g_string_new (NULL);
      g_autofree char *override = NULL;
      g_autoptr (BbConfig) config = NULL;
      g_autoptr (GError) error = NULL;

      for (int i = g_test_rand_int_range (0, 5); i > 0; i--)
        g_string_append (value, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      override = g_strdup_printf ("%s.%s=%s", row->group, row->key, value->str);
      g_test_message ("%s", override);
      config = bb_config_load (NULL, (const char *[]){ override, NULL }, &error);
      if (config == NULL)
        {
          g_assert_true (error->domain == BB_CONFIG_ERROR);
          g_assert_nonnull (strstr (error->message, row->group));
          g_assert_nonnull (strstr (error->message, row->key));
          n_refused++;
        }
      else
        {
          g_autofree char *text = bb_config_to_text (config);
          g_autofree char *again = NULL;
          g_autoptr (BbConfig) reread = NULL;

          g_assert_no_error (error);
          g_assert_true (g_file_set_contents (path, text, -1, NULL));
          reread = bb_config_load (path, NULL, &error);
          g_assert_no_error (error);
          again = bb_config_to_text (reread);
          g_assert_cmpstr (again, ==, text);
          n_taken++;
        }
    }
  g_remove (path);
  g_assert_cmpuint (n_taken, >, 100);
  g_assert_cmpuint (n_refused, >, 100);
}

int
main (int argc, char *argv[])
{
  char *home = config_world_enter ();
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-file/sample/agrees", test_sample_agrees);
  g_test_add_func ("/config-file/sample/loads", test_sample_loads);
  g_test_add_func ("/config-file/table", test_table);
  g_test_add_func ("/config-file/nearest", test_nearest);
  g_test_add_func ("/config-file/syntax", test_syntax);
  g_test_add_func ("/config-file/escape", test_escape);
  g_test_add_func ("/config-file/garbage", test_garbage);
  g_test_add_func ("/config-file/any-value", test_any_value);

  result = g_test_run ();
  config_world_leave (home);

  return result;
}
