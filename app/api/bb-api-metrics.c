/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-metrics.h"

#define N_ENDS (BB_CALL_END_SHUTDOWN + 1)

typedef struct
{
  guint64 ended[N_ENDS];
  guint64 packets_sent;
  guint64 packets_received;
  guint64 packets_lost;
  guint64 turns;
  guint64 turn_latency_ms;
  guint64 interruptions;
  guint64 orders;
} Sums;

struct _BbApiMetrics
{
  BbOperator *oper;
  GPtrArray *calls; /* as the operator's list stands */
  Sums gone;        /* of calls that have left it */
};

static void
add_call (Sums *sums, BbCall *call)
{
  const BbCallQuality *quality = bb_call_get_quality (call);
  guint end = bb_call_get_end (call);

  if (bb_call_get_state (call) == BB_CALL_ENDED && end < N_ENDS)
    sums->ended[end]++;
  sums->packets_sent += quality->packets_sent;
  sums->packets_received += quality->packets_received;
  sums->packets_lost += quality->packets_lost;
  sums->turns += quality->turns;
  sums->turn_latency_ms += quality->turn_latency_sum;
  sums->interruptions += quality->interruptions;
  sums->orders += bb_order_get_state (bb_call_get_order (call)) == BB_ORDER_SUBMITTED;
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, gpointer user_data)
{
  BbApiMetrics *self = user_data;

  for (guint i = 0; i < removed; i++)
    {
      add_call (&self->gone, g_ptr_array_index (self->calls, position));
      g_ptr_array_remove_index (self->calls, position);
    }
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->calls, (int)(position + i),
                        g_list_model_get_item (calls, position + i));
}

/**
 * bb_api_metrics_count_active:
 * @self: the metrics
 *
 * Returns: calls that have not ended
 */
guint
bb_api_metrics_count_active (BbApiMetrics *self)
{
  guint n = 0;

  for (guint i = 0; i < self->calls->len; i++)
    n += bb_call_get_state (g_ptr_array_index (self->calls, i)) != BB_CALL_ENDED;
  return n;
}

static void
add_header (GString *text, const char *name, const char *type, const char *help)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
add_counter (GString *text, const char *name, const char *help, guint64 value)
{
  add_header (text, name, "counter", help);
  g_string_append_printf (text, "%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void
add_gauge (GString *text, const char *name, const char *help, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  add_header (text, name, "gauge", help);
  g_string_append_printf (text, "%s %s\n", name,
                          g_ascii_formatd (buffer, sizeof buffer, "%.10g", value));
}

char *
bb_api_metrics_print (BbApiMetrics *self, const BbApiFigures *figures)
{
  GString *text = g_string_new (NULL);
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  Sums sums = self->gone;
  guint latency_max = 0;
  double jitter_max = 0;
  guint states[BB_CALL_ENDED + 1] = { 0 };
  guint modes[BB_OPERATOR_CONFERENCE + 1] = { 0 };
  guint n_waiting = 0;

  for (guint i = 0; i < self->calls->len; i++)
    {
      BbCall *call = g_ptr_array_index (self->calls, i);
      const BbCallQuality *quality = bb_call_get_quality (call);

      add_call (&sums, call);
      states[bb_call_get_state (call)]++;
      modes[bb_call_get_operator_mode (call)] += bb_call_get_state (call) != BB_CALL_ENDED;
      n_waiting += bb_call_get_waiting (call);
      latency_max = MAX (latency_max, quality->turn_latency_max);
      if (bb_call_get_state (call) != BB_CALL_ENDED)
        jitter_max = MAX (jitter_max, quality->jitter);
    }

  add_header (text, "bestellbot_build_info", "gauge", "The version that runs.");
  g_string_append (text, "bestellbot_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
  add_gauge (text, "bestellbot_calls_active", "Calls that have not ended.",
             bb_api_metrics_count_active (self));
  add_header (text, "bestellbot_calls", "gauge", "Calls that have not ended, by state.");
  for (guint state = 0; state < BB_CALL_ENDED; state++)
    g_string_append_printf (text, "bestellbot_calls{state=\"%s\"} %u\n",
                            bb_call_state_nick (state), states[state]);
  add_gauge (text, "bestellbot_calls_waiting", "Calls that ring for people.", n_waiting);
  add_header (text, "bestellbot_calls_operator", "gauge",
              "Calls that have not ended, by what an operator does in them.");
  for (guint mode = 0; mode < G_N_ELEMENTS (modes); mode++)
    g_string_append_printf (text, "bestellbot_calls_operator{mode=\"%s\"} %u\n",
                            bb_operator_mode_nick (mode), modes[mode]);
  add_header (text, "bestellbot_calls_ended_total", "counter", "Ended calls by reason.");
  for (guint end = BB_CALL_END_NONE + 1; end < N_ENDS; end++)
    g_string_append_printf (text,
                            "bestellbot_calls_ended_total{reason=\"%s\"} %" G_GUINT64_FORMAT "\n",
                            bb_call_end_nick (end), sums.ended[end]);
  add_header (text, "bestellbot_turn_latency_seconds", "summary",
              "From the end of the caller's words to the first frame of the answer.");
  g_string_append_printf (
    text, "bestellbot_turn_latency_seconds_sum %s\n",
    g_ascii_formatd (buffer, sizeof buffer, "%.3f", (double)sums.turn_latency_ms / 1000.0));
  g_string_append_printf (text, "bestellbot_turn_latency_seconds_count %" G_GUINT64_FORMAT "\n",
                          sums.turns);
  add_gauge (text, "bestellbot_turn_latency_max_seconds",
             "The slowest answer of the calls that are listed.", latency_max / 1000.0);
  add_counter (text, "bestellbot_interruptions_total", "Answers that callers cut off.",
               sums.interruptions);
  add_counter (text, "bestellbot_orders_submitted_total", "Calls whose order was submitted.",
               sums.orders);
  add_counter (text, "bestellbot_rtp_packets_sent_total", "RTP packets sent.", sums.packets_sent);
  add_counter (text, "bestellbot_rtp_packets_received_total", "RTP packets received.",
               sums.packets_received);
  add_counter (text, "bestellbot_rtp_packets_lost_total",
               "RTP packets of callers that never came.", sums.packets_lost);
  add_gauge (text, "bestellbot_rtp_jitter_max_seconds",
             "The highest jitter of the calls that are active.", jitter_max / 1000.0);
  add_gauge (text, "bestellbot_api_connections", "Connections to the API.", figures->n_connections);
  add_gauge (text, "bestellbot_api_event_clients", "Clients that follow the events.",
             figures->n_event_clients);
  add_gauge (text, "bestellbot_api_audio_clients", "Operators' audio lines.",
             figures->n_audio_clients);
  add_counter (text, "bestellbot_api_requests_total", "Requests to the API.", figures->requests);
  add_counter (text, "bestellbot_api_unauthorized_total", "Requests with no token or a wrong one.",
               figures->unauthorized);
  add_counter (text, "bestellbot_api_forbidden_total",
               "Requests that role, Host or Origin forbid.", figures->forbidden);
  add_counter (text, "bestellbot_api_limited_total", "Requests over the rate limit.",
               figures->limited);
  add_counter (text, "bestellbot_api_audio_frames_total", "Frames of operators' voices.",
               figures->frames_in);
  add_counter (text, "bestellbot_api_audio_dropped_total",
               "Frames of sound that a slow client did not take in time.", figures->frames_dropped);

  return g_string_free (text, FALSE);
}

BbApiMetrics *
bb_api_metrics_new (BbOperator *oper)
{
  BbApiMetrics *self = g_new0 (BbApiMetrics, 1);
  GListModel *calls = bb_operator_get_calls (oper);

  self->oper = g_object_ref (oper);
  self->calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (calls, "items-changed", G_CALLBACK (on_calls_changed), self);
  on_calls_changed (calls, 0, 0, g_list_model_get_n_items (calls), self);

  return self;
}

void
bb_api_metrics_free (BbApiMetrics *self)
{
  g_signal_handlers_disconnect_by_data (bb_operator_get_calls (self->oper), self);
  g_ptr_array_unref (self->calls);
  g_object_unref (self->oper);
  g_free (self);
}
