/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "api-fixture.h"

#include <glib/gstdio.h>

#include "bb-api-token.h"

BbConfig *
api_fixture_config (Fixture *fixture, guint port)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *port_setting = g_strdup_printf ("api.port=%u", port);
  g_autofree char *token_setting = g_strconcat ("api.token-file=", fixture->token_file, NULL);
  const char *overrides[] = { "api.address=127.0.0.1", port_setting, token_setting, NULL };
  BbConfig *config = bb_config_load (fixture->config_file, overrides, &error);

  g_assert_no_error (error);
  return config;
}

void
api_fixture_start (Fixture *fixture, guint port)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->config, bb_config_unref);
  fixture->config = api_fixture_config (fixture, port);
  fixture->server
    = bb_api_server_new (fixture->config, BB_OPERATOR (fixture->world), &error);
  g_assert_no_error (error);
}

void
api_fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("bestellbot-api-XXXXXX", NULL);
  fixture->config_file = g_build_filename (fixture->folder, "bestellbot.conf", NULL);
  fixture->token_file = g_build_filename (fixture->folder, "state", "api-token", NULL);
  g_assert_true (g_file_set_contents (fixture->config_file, "", -1, NULL));
  fixture->world = test_operator_new ();
  api_fixture_start (fixture, 0);
  fixture->token = bb_api_token_load (fixture->token_file, &error);
  g_assert_no_error (error);
}

void
api_fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *state = g_path_get_dirname (fixture->token_file);

  g_clear_object (&fixture->server);
  g_clear_object (&fixture->world);
  g_clear_pointer (&fixture->config, bb_config_unref);
  g_unlink (fixture->token_file);
  g_unlink (fixture->config_file);
  g_rmdir (state);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->config_file);
  g_free (fixture->token_file);
  g_free (fixture->token);
}
