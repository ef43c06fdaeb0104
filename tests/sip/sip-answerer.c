/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A user agent without media for the tests of app/sip: it takes calls as its
 * mode says, reads commands from standard input and prints what happens as
 * JSON lines. Commands:
 *
 *   mode answer | ring | ignore | take | reject STATUS [RETRY-AFTER]
 *   answer | hang-up [CALL] | transfer CALL URI | drain | undrain | legs
 *   rtp CALL COUNT (reports the last of so many packets that came)
 *   idle MILLISECONDS (reports when no handle is left, or the time is over)
 *   stop [MILLISECONDS] | abandon (drops the agent without stopping it)
 */
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "bb-config.h"
#include "bb-leg.h"
#include "bb-sip-agent.h"
#include "bb-types.h"

typedef struct
{
  guint number;
  BbLeg *leg;
  GSocket *socket;
  guint packets; /* RTP packets still to wait for */
} Call;

typedef struct
{
  GMainLoop *loop;
  BbSipAgent *agent;
  GHashTable *calls; /* number -> Call */
  guint n_calls;
  char **mode;
  gint64 idle_deadline; /* monotonic, us */
} Answerer;

/* {"event": NAME, KEY: VALUE, …}; a NULL key ends the list. */
G_GNUC_NULL_TERMINATED static void
report (const char *event, guint call, ...)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  const char *key;
  va_list args;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  if (call != 0)
    {
      json_builder_set_member_name (builder, "call");
      json_builder_add_int_value (builder, call);
    }
  va_start (args, call);
  while ((key = va_arg (args, const char *)) != NULL)
    {
      json_builder_set_member_name (builder, key);
      json_builder_add_string_value (builder, va_arg (args, const char *));
    }
  va_end (args);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  puts (text);
  fflush (stdout);
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_signal_handlers_disconnect_by_data (call->leg, call);
  g_object_unref (call->leg);
  g_clear_object (&call->socket);
  g_free (call);
}

static void
report_media (Call *call, const char *event)
{
  const BbMediaParams *media = bb_leg_get_media (call->leg);
  g_autofree char *numbers = NULL;
  g_autofree char *remote = NULL;
  g_autofree char *dtmf = NULL;
  static const char *const directions[] = { "inactive", "sendonly", "recvonly", "sendrecv" };

  if (media == NULL)
    {
      report (event, call->number, "codec", "", NULL);
      return;
    }
  numbers = g_strdup_printf ("%u/%u", media->payload_type_send, media->payload_type_receive);
  remote = g_strdup_printf ("%s:%u/%u",
                            media->remote_address != NULL ? media->remote_address : "-",
                            media->remote_rtp_port, media->remote_rtcp_port);
  dtmf = g_strdup_printf ("%d/%d", media->dtmf_payload_type_send, media->dtmf_payload_type_receive);
  report (event, call->number, "codec", media->codec->name, "payload-types", numbers, "dtmf", dtmf,
          "remote", remote, "direction", directions[media->direction], "srtp",
          media->srtp_suite != NULL ? media->srtp_suite->name : "", NULL);
}

static void
on_media_changed (BbLeg *leg, gpointer data)
{
  report_media (data, "media-changed");
}

static void
on_confirmed (BbLeg *leg, gpointer data)
{
  report ("confirmed", ((Call *)data)->number, NULL);
}

static void
on_dtmf (BbLeg *leg, const char *digit, gpointer data)
{
  report ("dtmf", ((Call *)data)->number, "digit", digit, NULL);
}

static void
on_transfer_failed (BbLeg *leg, guint status, const char *text, gpointer data)
{
  g_autofree char *number = g_strdup_printf ("%u", status);

  report ("transfer-failed", ((Call *)data)->number, "status", number, "text", text, NULL);
}

static void
on_ended (BbLeg *leg, BbCallEnd why, guint status, const char *text, gpointer data)
{
  Answerer *self = g_object_get_data (G_OBJECT (leg), "answerer");
  Call *call = data;
  g_autofree char *number = g_strdup_printf ("%u", status);

  report ("ended", call->number, "why", bb_call_end_nick (why), "status", number, "text", text,
          NULL);
  /* after the end every method is harmless */
  bb_leg_ring (leg);
  bb_leg_hang_up (leg, "again");
  bb_leg_reject (leg, 486, NULL, 0);
  g_hash_table_remove (self->calls, GUINT_TO_POINTER (call->number));
}

static void
answer_call (Call *call)
{
  g_autoptr (GError) error = NULL;

  if (!bb_leg_answer (call->leg, &error))
    report ("error", call->number, "text", error->message, NULL);
}

static void
on_incoming (BbSipAgent *agent, BbLeg *leg, Answerer *self)
{
  g_autoptr (GInetAddress) inet = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;
  const char *mode = self->mode[0];
  Call *call;

  if (strcmp (mode, "ignore") == 0)
    {
      report ("ignored", 0, NULL);
      return;
    }

  call = g_new0 (Call, 1);
  call->number = ++self->n_calls;
  call->leg = g_object_ref (leg);
  g_object_set_data (G_OBJECT (leg), "answerer", self);
  g_hash_table_insert (self->calls, GUINT_TO_POINTER (call->number), call);
  g_signal_connect (leg, BB_LEG_SIGNAL_ENDED, G_CALLBACK (on_ended), call);
  g_signal_connect (leg, BB_LEG_SIGNAL_CONFIRMED, G_CALLBACK (on_confirmed), call);
  g_signal_connect (leg, BB_LEG_SIGNAL_MEDIA_CHANGED, G_CALLBACK (on_media_changed), call);
  g_signal_connect (leg, BB_LEG_SIGNAL_DTMF, G_CALLBACK (on_dtmf), call);
  g_signal_connect (leg, BB_LEG_SIGNAL_TRANSFER_FAILED, G_CALLBACK (on_transfer_failed), call);

  report ("incoming", call->number, "number", bb_leg_get_caller_number (leg), "name",
          bb_leg_get_caller_name (leg), "called", bb_leg_get_called (leg), "local",
          bb_leg_get_local_address (leg), NULL);
  report_media (call, "media");

  if (strcmp (mode, "reject") == 0)
    {
      guint status = (guint)g_ascii_strtoull (self->mode[1], NULL, 10);

      bb_leg_reject (leg, status, NULL,
                     self->mode[2] != NULL ? (guint)g_ascii_strtoull (self->mode[2], NULL, 10) : 0);
      return;
    }

  inet = g_inet_address_new_from_string (bb_leg_get_local_address (leg));
  address = g_inet_socket_address_new (inet, 0);
  call->socket = g_socket_new (g_inet_address_get_family (inet), G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_bind (call->socket, address, FALSE, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (call->socket, &error);
  bb_leg_set_local_port (leg, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)), 0);
  if (strcmp (mode, "take") == 0)
    return;
  bb_leg_ring (leg);
  if (strcmp (mode, "answer") == 0)
    answer_call (call);
}

static void
on_registration (BbSipAgent *agent, const char *state, const char *text, Answerer *self)
{
  report ("registration", 0, "state", state, "text", text, NULL);
}

static void
on_stopped (GObject *object, GAsyncResult *result, gpointer data)
{
  Answerer *self = data;
  g_autofree char *legs = g_strdup_printf ("%u", bb_sip_agent_get_n_legs (self->agent));

  bb_sip_agent_stop_finish (self->agent, result);
  report ("stopped", 0, "legs", legs, NULL);
  g_main_loop_quit (self->loop);
}

static gboolean
on_rtp (GSocket *socket, GIOCondition condition, gpointer data)
{
  Call *call = data;
  guint8 packet[2048];
  gssize size = g_socket_receive (socket, (char *)packet, sizeof packet, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  if (size > 0 && --call->packets > 0)
    return G_SOURCE_CONTINUE;
  for (gssize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", packet[i]);
  report ("rtp", call->number, "packet", text->str, NULL);
  return G_SOURCE_REMOVE;
}

static void
watch_rtp (Call *call, guint packets)
{
  g_autoptr (GSource) source = g_socket_create_source (call->socket, G_IO_IN, NULL);

  call->packets = packets;
  g_source_set_callback (source, G_SOURCE_FUNC (on_rtp), call, NULL);
  g_source_attach (source, NULL);
}

static gboolean
on_check_idle (gpointer data)
{
  Answerer *self = data;
  guint n = bb_sip_agent_get_n_legs (self->agent);
  g_autofree char *legs = g_strdup_printf ("%u", n);

  if (n > 0 && g_get_monotonic_time () < self->idle_deadline)
    return G_SOURCE_CONTINUE;
  report ("idle", 0, "legs", legs, NULL);
  return G_SOURCE_REMOVE;
}

static void
run_command (Answerer *self, char **words)
{
  GHashTableIter iter;
  gpointer value;
  const char *name = words[0];
  guint number = words[0] != NULL && words[1] != NULL
                     ? (guint)g_ascii_strtoull (words[1], NULL, 10)
                     : 0;

  if (g_strcmp0 (name, "mode") == 0 && words[1] != NULL)
    {
      g_strfreev (self->mode);
      self->mode = g_strdupv (words + 1);
      report ("mode", 0, "mode", words[1], NULL);
    }
  else if (g_strcmp0 (name, "answer") == 0 || g_strcmp0 (name, "hang-up") == 0)
    {
      g_autoptr (GList) calls = NULL;

      g_hash_table_iter_init (&iter, self->calls);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        calls = g_list_prepend (calls, value);
      for (GList *l = calls; l != NULL; l = l->next)
        {
          Call *call = l->data;

          if (number != 0 && call->number != number)
            continue;
          if (strcmp (name, "answer") == 0)
            answer_call (call);
          else
            bb_leg_hang_up (call->leg, "tschüß \"ciao\"");
        }
    }
  else if (g_strcmp0 (name, "transfer") == 0 && number != 0 && words[2] != NULL)
    {
      Call *call = g_hash_table_lookup (self->calls, GUINT_TO_POINTER (number));
      g_autoptr (GError) error = NULL;

      if (call == NULL || !bb_leg_transfer (call->leg, words[2], &error))
        report ("error", number, "text", error != NULL ? error->message : "no such call", NULL);
    }
  else if (g_strcmp0 (name, "rtp") == 0 && words[1] != NULL && words[2] != NULL)
    watch_rtp (g_hash_table_lookup (self->calls, GUINT_TO_POINTER (number)),
               (guint)g_ascii_strtoull (words[2], NULL, 10));
  else if (g_strcmp0 (name, "drain") == 0 || g_strcmp0 (name, "undrain") == 0)
    {
      bb_sip_agent_set_draining (self->agent, name[0] == 'd');
      report ("draining", 0, "draining", name[0] == 'd' ? "yes" : "no", NULL);
    }
  else if (g_strcmp0 (name, "legs") == 0)
    {
      g_autofree char *legs = g_strdup_printf ("%u", bb_sip_agent_get_n_legs (self->agent));

      report ("legs", 0, "legs", legs, NULL);
    }
  else if (g_strcmp0 (name, "idle") == 0)
    {
      self->idle_deadline = g_get_monotonic_time () + number * 1000;
      g_timeout_add (10, on_check_idle, self);
    }
  else if (g_strcmp0 (name, "stop") == 0)
    bb_sip_agent_stop_async (self->agent, number != 0 ? number : 5000, on_stopped, self);
  else if (g_strcmp0 (name, "abandon") == 0)
    g_main_loop_quit (self->loop);
  else
    report ("error", 0, "text", "unknown command", NULL);
}

static void
on_line (GObject *object, GAsyncResult *result, gpointer data)
{
  Answerer *self = data;
  GDataInputStream *stream = G_DATA_INPUT_STREAM (object);
  g_autofree char *line = g_data_input_stream_read_line_finish (stream, result, NULL, NULL);
  g_auto (GStrv) words = NULL;

  if (line == NULL)
    {
      bb_sip_agent_stop_async (self->agent, 1000, on_stopped, self);
      return;
    }
  words = g_strsplit (g_strstrip (line), " ", -1);
  run_command (self, words);
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) settings = NULL;
  g_autofree char *mode = NULL;
  int timeout = 0;
  const GOptionEntry entries[]
      = { { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &settings, "A setting", "GROUP.KEY=VALUE" },
          { "mode", 'm', 0, G_OPTION_ARG_STRING, &mode, "What to do with calls", "MODE" },
          { "timeout", 't', 0, G_OPTION_ARG_INT, &timeout, "Transaction timeout", "MILLISECONDS" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("- answer calls without media");
  g_autoptr (GError) error = NULL;
  g_autoptr (BbConfig) config = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *uri = NULL;
  g_autofree char *port = NULL;
  Answerer self = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }

  config = bb_config_load ("/dev/null", (const char *const *)settings, &error);
  if (config == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  self.mode = g_strsplit (mode != NULL ? mode : "answer", " ", -1);
  self.calls = g_hash_table_new_full (NULL, NULL, NULL, call_free);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.agent = bb_sip_agent_new (config, &error);
  if (self.agent == NULL)
    {
      report ("error", 0, "text", error->message, NULL);
      g_hash_table_unref (self.calls);
      g_strfreev (self.mode);
      g_main_loop_unref (self.loop);
      return 1;
    }
  g_signal_connect (self.agent, BB_SIP_AGENT_SIGNAL_INCOMING, G_CALLBACK (on_incoming), &self);
  g_signal_connect (self.agent, BB_SIP_AGENT_SIGNAL_REGISTRATION, G_CALLBACK (on_registration),
                    &self);
  if (timeout > 0)
    bb_sip_agent_set_transaction_timeout (self.agent, (guint)timeout);
  uri = bb_sip_agent_dup_uri (self.agent);
  port = g_strdup_printf ("%u", bb_sip_agent_get_udp_port (self.agent));
  report ("listening", 0, "uri", uri, "port", port, NULL);

  input = g_unix_input_stream_new (0, FALSE);
  lines = g_data_input_stream_new (input);
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, on_line, &self);
  g_main_loop_run (self.loop);

  g_hash_table_unref (self.calls);
  g_clear_object (&self.agent);
  g_strfreev (self.mode);
  g_main_loop_unref (self.loop);
  return 0;
}
