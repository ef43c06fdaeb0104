/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What test-ctl.py talks to: a gateway's API over calls that it makes on
 * command, and a database with two orders.
 *
 *   ctl-peer orders DATABASE
 *   ctl-peer gateway CONFIG [GROUP.KEY=VALUE …]   commands on standard input
 */
#include "api-world.h"

#include <stdio.h>
#include <unistd.h>

#include "bb-api-server.h"

static void
set_line (BbOrder *order, const char *number, const char *name, guint quantity, gint64 price)
{
  g_autoptr (BbOrderLine) line = bb_order_line_new (number, name, "Stück", quantity, price);

  bb_order_set_line (order, line);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
save (BbOrderStore *store, BbOrder *order, gboolean submit)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *number = NULL;

  if (submit)
    bb_order_store_submit_async (store, order, NULL, on_done, &result);
  else
    bb_order_store_save_async (store, order, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (submit)
    number = bb_order_store_submit_finish (store, result, &error);
  else
    bb_order_store_save_finish (store, result, &error);
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
on_call_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  if (!bb_order_store_save_call_finish (BB_ORDER_STORE (source), result, NULL))
    g_error ("the call is not saved");
  *(gboolean *)user_data = TRUE;
}

/* One that has ended, with what was said and a recording. */
static char *
make_past_call (BbOrderStore *store, const char *database)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "+49301234", "Jörg Müller", "bestellung");
  g_autofree char *recording = g_strconcat (database, ".ogg", NULL);
  gboolean saved = FALSE;

  test_fill_call (call);
  g_file_set_contents (recording, "OggS and so on", -1, NULL);
  bb_call_set_recording_path (call, recording);
  bb_call_set_end (call, BB_CALL_END_BOT, NULL);
  bb_call_set_state (call, BB_CALL_ENDING);
  bb_call_set_state (call, BB_CALL_ENDED);
  bb_order_store_save_call_async (store, call, TRUE, on_call_saved, &saved);
  while (!saved)
    g_main_context_iteration (NULL, TRUE);
  return g_strdup (bb_call_get_id (call));
}

static int
make_orders (const char *path)
{
  g_autofree char *past = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrderStore) store = bb_order_store_open (path, &error);
  g_autoptr (BbOrder) draft = bb_order_new ("call-1", "+4930111");
  g_autoptr (BbOrder) done = bb_order_new ("call-2", "Jörg Müller");

  if (store == NULL)
    g_error ("%s", error->message);
  set_line (draft, "10234", "T-Stück Kupfer 15 mm", 10, 245);
  save (store, draft, FALSE);
  set_line (done, "20017", "Übergangsbogen 90°", 4, 1399);
  set_line (done, "30001", "日本語", 1, 5);
  bb_order_set_note (done, "Tor 3");
  save (store, done, FALSE);
  bb_order_set_state (done, BB_ORDER_READ_BACK);
  save (store, done, TRUE);
  past = make_past_call (store, path);
  bb_order_store_close (store);
  printf ("%s %s %s\n", bb_order_get_id (draft), bb_order_get_number (done), past);
  return 0;
}

static void
obey (TestOperator *world, char *line)
{
  GListModel *calls = bb_operator_get_calls (BB_OPERATOR (world));
  guint n = g_list_model_get_n_items (calls);
  g_autoptr (BbCall) call = n > 0 ? g_list_model_get_item (calls, n - 1) : NULL;
  g_auto (GStrv) words = g_strsplit (g_strstrip (line), " ", 4);

  if (strcmp (words[0], "call") == 0) /* NUMBER NAME */
    printf ("%s\n", bb_call_get_id (test_operator_add_call (world, words[1], words[2])));
  else if (strcmp (words[0], "fill") == 0)
    test_fill_call (call);
  else if (strcmp (words[0], "part") == 0 || strcmp (words[0], "say") == 0) /* ITEM TEXT */
    bb_transcript_update (bb_call_get_transcript (call), BB_TRANSCRIPT_BOT, words[1], words[2],
                          strcmp (words[0], "say") == 0, 5000);
  else if (strcmp (words[0], "begin") == 0) /* ITEM */
    bb_transcript_begin (bb_call_get_transcript (call), BB_TRANSCRIPT_CALLER, words[1], 4000);
  else if (strcmp (words[0], "hear") == 0) /* ITEM TEXT */
    bb_transcript_update (bb_call_get_transcript (call), BB_TRANSCRIPT_CALLER, words[1], words[2],
                          TRUE, 4000);
  else if (strcmp (words[0], "order") == 0) /* NUMBER QUANTITY */
    set_line (bb_call_get_order (call), words[1], "Muffe", (guint)g_ascii_strtoull (words[2], NULL, 10), 199);
  else if (strcmp (words[0], "remove") == 0)
    test_operator_remove_call (world, call);
  else if (strcmp (words[0], "end") == 0)
    {
      bb_call_set_end (call, BB_CALL_END_CALLER, NULL);
      bb_call_set_state (call, BB_CALL_ENDING);
      bb_call_set_state (call, BB_CALL_ENDED);
    }
  fflush (stdout);
}

static gboolean
on_command (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  gpointer *data = user_data;
  GIOStatus status;
  char *line;

  /* All there are: what the channel has buffered wakes no poll. */
  while ((status = g_io_channel_read_line (channel, &line, NULL, NULL, NULL)) == G_IO_STATUS_NORMAL)
    {
      obey (data[0], line);
      g_free (line);
    }
  if (status == G_IO_STATUS_AGAIN)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (data[1]);
  return G_SOURCE_REMOVE;
}

static int
run_gateway (const char *config_file, const char *const *overrides)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbConfig) config = bb_config_load (config_file, overrides, &error);
  g_autoptr (TestOperator) world = test_operator_new ();
  g_autoptr (BbOrderStore) store = NULL;
  g_autoptr (BbCatalogue) catalogue = NULL;
  g_autoptr (BbApiServer) server = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GIOChannel *channel = g_io_channel_unix_new (STDIN_FILENO);
  gpointer data[] = { world, loop };

  if (config != NULL && g_file_test (config->order_database, G_FILE_TEST_EXISTS))
    store = bb_order_store_open (config->order_database, NULL);
  if (config != NULL)
    catalogue = bb_catalogue_load (config->catalogue_file, NULL);
  if (config != NULL)
    {
      test_operator_set_desk (world, config, catalogue, store);
      server = bb_api_server_new (config, BB_OPERATOR (world), &error);
    }
  if (server == NULL)
    g_error ("%s", error->message);
  printf ("listening on %s\n", bb_api_server_get_url (server));
  fflush (stdout);
  g_io_channel_set_flags (channel, G_IO_FLAG_NONBLOCK, NULL);
  g_io_add_watch (channel, G_IO_IN | G_IO_HUP, on_command, data);
  g_main_loop_run (loop);
  g_io_channel_unref (channel);
  return 0;
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && strcmp (argv[1], "orders") == 0)
    return make_orders (argv[2]);
  if (argc >= 3 && strcmp (argv[1], "gateway") == 0)
    return run_gateway (argv[2], (const char *const *)argv + 3);
  return 2;
}
