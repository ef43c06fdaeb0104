/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "call-world.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* ---- a leg without a network ------------------------------------------ */

static void fake_leg_iface_init (BbLegInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeLeg, fake_leg, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_LEG, fake_leg_iface_init))

static const char *
fake_get_number (BbLeg *leg)
{
  return "+4930123456";
}

static const char *
fake_get_name (BbLeg *leg)
{
  return "Test";
}

static const char *
fake_get_local_address (BbLeg *leg)
{
  return "127.0.0.1";
}

static const BbMediaParams *
fake_get_media (BbLeg *leg)
{
  return FAKE_LEG (leg)->media;
}

static void
fake_set_local_port (BbLeg *leg, guint16 rtp_port, guint16 rtcp_port)
{
  FAKE_LEG (leg)->rtp_port = rtp_port;
}

static void
fake_ring (BbLeg *leg)
{
  FAKE_LEG (leg)->n_rings++;
}

static gboolean
fake_answer (BbLeg *leg, GError **error)
{
  FakeLeg *self = FAKE_LEG (leg);

  if (self->refuse_to_answer)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the peer is gone");
      return FALSE;
    }
  self->n_answers++;
  return TRUE;
}

static void
fake_reject (BbLeg *leg, guint status, const char *phrase, guint retry_after)
{
  FakeLeg *self = FAKE_LEG (leg);

  self->n_rejects++;
  self->status = status;
  self->retry_after = retry_after;
}

static void
fake_hang_up (BbLeg *leg, const char *reason)
{
  FAKE_LEG (leg)->n_hang_ups++;
}

static gboolean
fake_transfer (BbLeg *leg, const char *target, GError **error)
{
  FAKE_LEG (leg)->n_transfers++;
  return TRUE;
}

static void
fake_leg_iface_init (BbLegInterface *iface)
{
  iface->get_caller_number = fake_get_number;
  iface->get_caller_name = fake_get_name;
  iface->get_called = fake_get_number;
  iface->get_local_address = fake_get_local_address;
  iface->get_media = fake_get_media;
  iface->set_local_port = fake_set_local_port;
  iface->ring = fake_ring;
  iface->answer = fake_answer;
  iface->reject = fake_reject;
  iface->hang_up = fake_hang_up;
  iface->transfer = fake_transfer;
}

static void
fake_leg_finalize (GObject *object)
{
  bb_media_params_free (FAKE_LEG (object)->media);
  G_OBJECT_CLASS (fake_leg_parent_class)->finalize (object);
}

static void
fake_leg_class_init (FakeLegClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_leg_finalize;
}

static void
fake_leg_init (FakeLeg *self)
{
}

FakeLeg *
fake_leg_new (guint16 remote_port)
{
  FakeLeg *self = g_object_new (FAKE_TYPE_LEG, NULL);

  self->media = bb_media_params_new ();
  self->media->codec = bb_codec_get (BB_CODEC_PCMA);
  self->media->payload_type_send = 8;
  self->media->payload_type_receive = 8;
  self->media->remote_address = g_strdup ("127.0.0.1");
  self->media->remote_rtp_port = remote_port;
  self->media->remote_rtcp_port = remote_port + 1;
  self->media->local_address = g_strdup ("127.0.0.1");
  return self;
}

void
fake_leg_end (FakeLeg *self, BbCallEnd why)
{
  g_signal_emit_by_name (self, BB_LEG_SIGNAL_ENDED, why, 0, "the test says so");
}
/* ---- fixture ---------------------------------------------------------- */

gboolean
call_world_on_deadline (gpointer what)
{
  g_error ("no %s within %d s", (const char *)what, CALL_WORLD_DEADLINE);
  return G_SOURCE_REMOVE;
}

/* Changes that no source of the main context announces: looks every 10 ms. */
gboolean
call_world_on_beat (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
start_simulator (Fixture *fixture, const char *scenario_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *program = g_build_filename (g_getenv ("BESTELLBOT_BUILDDIR"), "app", "simulator",
                                               "bestellbot-simulator", NULL);
  g_autofree char *scenario = g_build_filename (g_getenv ("BESTELLBOT_SRCDIR"), "data", "scenarios",
                                                "smalltalk.json", NULL);
  g_autofree char *line = NULL;

  if (scenario_text != NULL)
    {
      g_free (scenario);
      scenario = g_build_filename (fixture->folder, "scenario.json", NULL);
      g_file_set_contents (scenario, scenario_text, -1, &error);
      g_assert_no_error (error);
    }
  fixture->simulator = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--port",
                                         "0", "--scenario", scenario, NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->simulator));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on "));
  fixture->url = g_strdup (line + strlen ("listening on "));
}

/* @data: NULL: the simulator, with small talk; a URL that is tried instead; or
 * a scenario (JSON), for calls that are recorded with the caller's consent. */
void
call_world_set_up_with (Fixture *fixture, gconstpointer data, const char *const *settings)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  const char *scenario = data != NULL && *(const char *)data == '{' ? data : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autofree char *database = NULL;
  g_autofree char *set_url = NULL;
  g_autofree char *set_database = NULL;
  g_autofree char *set_folder = NULL;
  g_autofree char *catalogue
      = g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);

  fixture->folder = g_dir_make_tmp ("bestellbot-call-XXXXXX", &error);
  g_assert_no_error (error);
  if (data == NULL || scenario != NULL)
    start_simulator (fixture, scenario);
  else
    fixture->url = g_strdup (data);

  database = g_build_filename (fixture->folder, "orders.db", NULL);
  set_url = g_strdup_printf ("realtime.url=%s", fixture->url);
  set_folder = g_strdup_printf ("recording.folder=%s/kept", fixture->folder);
  set_database = g_strdup_printf ("orders.database=%s", database);
  g_ptr_array_add (all, set_url);
  g_ptr_array_add (all, set_database);
  g_ptr_array_add (all, set_folder);
  g_ptr_array_add (all, (gpointer) "media.rtp-ports=0");
  g_ptr_array_add (all, (gpointer) "calls.max-calls=2");
  if (scenario != NULL)
    {
      g_ptr_array_add (all, (gpointer) "recording.enabled=true");
      g_ptr_array_add (all, (gpointer) "recording.session-log=true");
    }
  for (guint i = 0; settings != NULL && settings[i] != NULL; i++)
    g_ptr_array_add (all, (gpointer) settings[i]);
  g_ptr_array_add (all, NULL);
  fixture->config = bb_config_load (NULL, (const char *const *) all->pdata, &error);
  g_assert_no_error (error);
  fixture->catalogue = bb_catalogue_load (catalogue, &error);
  g_assert_no_error (error);
  fixture->store = bb_order_store_open (database, &error);
  g_assert_no_error (error);
  fixture->controller = bb_controller_new (fixture->config, fixture->catalogue, fixture->store);

  fixture->phone = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                 G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_bind (fixture->phone, any, FALSE, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (fixture->phone, &error);
  fixture->phone_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

void
call_world_set_up (Fixture *fixture, gconstpointer data)
{
  call_world_set_up_with (fixture, data, NULL);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

void
call_world_tear_down (Fixture *fixture, gconstpointer data)
{
  wait_until (bb_controller_get_n_active (fixture->controller) == 0);
  g_clear_object (&fixture->controller);
  bb_order_store_close (fixture->store);
  g_clear_object (&fixture->store);
  g_clear_pointer (&fixture->catalogue, bb_catalogue_unref);
  g_clear_pointer (&fixture->config, bb_config_unref);
  g_clear_object (&fixture->phone);
  if (fixture->simulator != NULL)
    {
      g_subprocess_send_signal (fixture->simulator, SIGTERM);
      g_subprocess_wait (fixture->simulator, NULL, NULL);
    }
  g_clear_object (&fixture->simulator);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->url);
}

BbCall *
call_world_last_call (Fixture *fixture)
{
  GListModel *calls = bb_operator_get_calls (BB_OPERATOR (fixture->controller));
  g_autoptr (BbCall) call
      = g_list_model_get_item (calls, g_list_model_get_n_items (calls) - 1);

  return call; /* the list keeps it */
}

gboolean
call_world_has_bot_line (BbCall *call)
{
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (call));

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);

      if (bb_transcript_line_get_kind (line) == BB_TRANSCRIPT_BOT
          && bb_transcript_line_get_final (line))
        return TRUE;
    }
  return FALSE;
}
