/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "api-world.h"

#include "bb-api-server.h"

G_BEGIN_DECLS

/* A server over a world of calls, in a folder of its own. */
typedef struct
{
  char *folder;
  char *config_file;
  char *token_file;
  BbConfig *config;
  TestOperator *world;
  BbApiServer *server;
  char *token;
} Fixture;

BbConfig *api_fixture_config (Fixture *fixture, guint port);
void api_fixture_start (Fixture *fixture, guint port);
void api_fixture_set_up (Fixture *fixture, gconstpointer data);
void api_fixture_tear_down (Fixture *fixture, gconstpointer data);

#define API_TEST(path, function)                                                                   \
  g_test_add (path, Fixture, NULL, api_fixture_set_up, function, api_fixture_tear_down)

G_END_DECLS
