/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"
#include "ctl-parts.h"
#include "ctl-request.h"
#include "ctl-steer.h"

static JsonNode *
request_calls (Ctl *ctl, JsonArray **calls, GError **error)
{
  g_autoptr (JsonNode) node = ctl_request (ctl, "GET", "/v1/calls", NULL, error);

  if (node == NULL || !bb_api_read_array (json_node_get_object (node), "calls", calls, error))
    return NULL;
  return g_steal_pointer (&node);
}

/* By id or a beginning of it that only one call has. */
char *
ctl_find_call (Ctl *ctl, const char *wanted, int *status)
{
  g_autoptr (GError) error = NULL;
  JsonArray *calls;
  g_autoptr (JsonNode) node = request_calls (ctl, &calls, &error);
  g_autofree char *found = NULL;

  *status = CTL_ERROR;
  if (node == NULL)
    {
      ctl_fail ("%s", error->message);
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (calls); i++)
    {
      JsonObject *object = bb_api_read_element (calls, i, NULL);
      const char *id;

      if (object == NULL || !bb_api_read_string (object, "id", &id, NULL)
          || !g_str_has_prefix (id, wanted))
        continue;
      if (found != NULL)
        {
          ctl_fail (_ ("Several calls begin with “%s”: give more of the id."), wanted);
          return NULL;
        }
      found = g_strdup (id);
    }
  if (found == NULL)
    ctl_fail (_ ("There is no call “%s”. “bestellbotctl calls” lists those there are."), wanted);
  return g_steal_pointer (&found);
}

static int
list_calls (Ctl *ctl)
{
  g_autoptr (GError) error = NULL;
  JsonArray *calls;
  g_autoptr (JsonNode) node = request_calls (ctl, &calls, &error);
  CtlTable *table;

  if (node == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    {
      ctl_put_json (node);
      return CTL_OK;
    }
  if (json_array_get_length (calls) == 0)
    {
      ctl_putf ("%s\n", _ ("No calls."));
      return CTL_OK;
    }

  table = ctl_table_new (_ ("Id"), _ ("Caller"), _ ("State"), _ ("Since"),
                         /* Translators: '>' aligns the column to the right */
                         _ (">Duration"), _ ("Codec"), _ (">Lost"), _ (">Latency"), NULL);
  for (guint i = 0; i < json_array_get_length (calls); i++)
    {
      JsonObject *object = bb_api_read_element (calls, i, &error);
      g_autoptr (BbCall) call = object != NULL ? bb_api_read_call (object, &error) : NULL;
      g_autofree char *id = NULL;
      g_autofree char *title = NULL;
      g_autofree char *since = NULL;
      g_autofree char *duration = NULL;
      g_autofree char *lost = NULL;
      g_autofree char *latency = NULL;
      const BbCallQuality *quality;
      const BbMediaParams *media;

      if (call == NULL)
        return ctl_fail ("%s", error->message);
      quality = bb_call_get_quality (call);
      media = bb_call_get_media (call);
      id = g_strndup (bb_call_get_id (call), 8);
      title = bb_call_dup_title (call);
      since = ctl_format_time (bb_call_get_started (call));
      duration = ctl_format_duration (bb_call_get_duration (call));
      lost = g_strdup_printf ("%" G_GUINT64_FORMAT, quality->packets_lost);
      latency = quality->turns > 0 ? g_strdup_printf (
                  "%" G_GUINT64_FORMAT " ms", quality->turn_latency_sum / quality->turns)
                                   : g_strdup ("");
      ctl_table_add (table, id, title,
                     bb_call_get_state (call) == BB_CALL_ENDED
                       ? bb_call_end_label (bb_call_get_end (call))
                       : bb_call_state_label (bb_call_get_state (call)),
                     since, duration,
                     media != NULL && media->codec != NULL ? media->codec->name : "", lost,
                     latency, NULL);
    }
  ctl_table_print (table, ctl->colour);
  return CTL_OK;
}

void
ctl_put_call (Ctl *ctl, BbCall *call)
{
  const BbMediaParams *media = bb_call_get_media (call);
  const BbCallQuality *quality = bb_call_get_quality (call);
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (call));
  BbOrder *order = bb_call_get_order (call);
  g_autofree char *started = ctl_format_time (bb_call_get_started (call));
  g_autofree char *duration = ctl_format_duration (bb_call_get_duration (call));

  ctl_put_field (_ ("Id"), bb_call_get_id (call));
  ctl_put_field (_ ("Number"), bb_call_get_caller_number (call));
  ctl_put_field (_ ("Name"), bb_call_get_caller_name (call));
  ctl_put_field (_ ("Called"), bb_call_get_called (call));
  ctl_put_field (_ ("State"), bb_call_state_label (bb_call_get_state (call)));
  if (bb_call_get_end (call) != BB_CALL_END_NONE)
    ctl_put_field (_ ("Ended by"), bb_call_end_label (bb_call_get_end (call)));
  if (bb_call_get_operator_mode (call) != BB_OPERATOR_AWAY)
    ctl_put_field (_ ("Operator"), bb_operator_mode_label (bb_call_get_operator_mode (call)));
  ctl_put_field (_ ("Reason"), bb_call_get_end_text (call));
  ctl_put_field (_ ("Since"), started);
  ctl_put_field (_ ("Duration"), duration);
  ctl_put_field (_ ("Connection"), bb_call_get_connection (call));
  ctl_put_field (_ ("Recording"), bb_call_get_recording_path (call));
  if (media != NULL)
    {
      g_autofree char *codec = g_strdup_printf (_ ("%s, %u ms, payload type %u"),
                                                media->codec != NULL ? media->codec->label : "?",
                                                media->ptime, media->payload_type_send);
      g_autofree char *path = g_strdup_printf (
        "%s:%u ↔ %s:%u", media->local_address != NULL ? media->local_address : "?",
        media->local_rtp_port, media->remote_address != NULL ? media->remote_address : "?",
        media->remote_rtp_port);
      g_autofree char *packets = g_strdup_printf (
        _ ("%llu sent, %llu received, %llu lost, jitter %.1f ms"),
        (unsigned long long)quality->packets_sent, (unsigned long long)quality->packets_received,
        (unsigned long long)quality->packets_lost, quality->jitter);

      ctl_put_field (_ ("Codec"), codec);
      ctl_put_field (_ ("Encryption"),
                     media->srtp_suite != NULL ? media->srtp_suite->name : _ ("none"));
      ctl_put_field (_ ("Addresses"), path);
      ctl_put_field (_ ("Packets"), packets);
    }
  if (quality->turns > 0)
    {
      g_autofree char *latency = g_strdup_printf (
        _ ("%u answers, mean %u ms, longest %u ms"), quality->turns,
        (guint)(quality->turn_latency_sum / quality->turns), quality->turn_latency_max);

      ctl_put_field (_ ("Latency"), latency);
    }

  if (g_list_model_get_n_items (lines) > 0)
    ctl_put ("\n");
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);
      g_autofree char *text = ctl_format_line (line, ctl->colour);

      ctl_putf ("%s\n", text);
    }
  if (order != NULL && g_list_model_get_n_items (G_LIST_MODEL (order)) > 0)
    {
      ctl_put ("\n");
      ctl_put_order_lines (ctl, order);
    }
}

static int
show_call (Ctl *ctl, const char *wanted)
{
  int status;
  g_autofree char *id = ctl_find_call (ctl, wanted, &status);
  g_autofree char *path = g_strdup_printf ("/v1/calls/%s", id);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (BbCall) call = NULL;

  if (id == NULL)
    return status;
  node = ctl_request (ctl, "GET", path, NULL, &error);
  if (node != NULL)
    call = bb_api_read_call (json_node_get_object (node), &error);
  if (call == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    ctl_put_json (node);
  else
    ctl_put_call (ctl, call);
  return CTL_OK;
}

int
ctl_calls (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);

  if (n == 0 || (n == 1 && strcmp (arguments[0], "list") == 0))
    return list_calls (ctl);
  if (n == 2 && strcmp (arguments[0], "show") == 0)
    return show_call (ctl, arguments[1]);
  return ctl_steer_call (ctl, arguments);
}
