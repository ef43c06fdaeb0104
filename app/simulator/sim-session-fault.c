/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <string.h>

#include "sim-json.h"
#include "sim-session-private.h"

/* What waits while the session is stalled. */
typedef struct
{
  char *text;
  gsize length;
  SimSendMode mode;
} SimHeld;

static void
held_free (gpointer data)
{
  SimHeld *held = data;
  g_free (held->text);
  g_free (held);
}

/* The last step before the socket. */
void
sim_session_transmit (SimSession *self, const char *text, gsize length, SimSendMode mode)
{
  if (!self->stalled)
    {
      self->transport->send (self->transport_data, text, length, mode);
      return;
    }
  SimHeld *held = g_new0 (SimHeld, 1);
  held->text = g_memdup2 (text, length);
  held->length = length;
  held->mode = mode;
  g_queue_push_tail (&self->held, held);
}

static gboolean
on_stall_over (gpointer data)
{
  SimSession *self = data;
  SimHeld *held;

  self->stall_timer = 0;
  self->stalled = FALSE;
  while ((held = g_queue_pop_head (&self->held)) != NULL)
    {
      if (!self->closed)
        self->transport->send (self->transport_data, held->text, held->length, held->mode);
      held_free (held);
    }
  return G_SOURCE_REMOVE;
}

void
sim_session_clear_faults (SimSession *self)
{
  g_clear_handle_id (&self->stall_timer, g_source_remove);
  g_queue_clear_full (&self->held, held_free);
}

static void
run_free (gpointer data)
{
  SimRun *run = data;
  g_ptr_array_unref (run->faults);
  g_free (run);
}

/**
 * sim_hub_get_run:
 * @name: of the run; its first session makes it
 * @fault: (nullable): as after --fault; of the first session only
 *
 * Returns: (transfer none) (nullable): the run, %NULL with @error if @fault is none
 */
SimRun *
sim_hub_get_run (SimHub *hub, const char *name, const char *fault, GError **error)
{
  SimRun *run;

  if (hub->runs == NULL)
    hub->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, run_free);
  run = g_hash_table_lookup (hub->runs, name);
  if (run != NULL)
    return run;

  SimFault *parsed = NULL;
  if (fault != NULL && !(parsed = sim_fault_parse (fault, error)))
    return NULL;
  run = g_new0 (SimRun, 1);
  run->faults = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_fault_free);
  if (parsed != NULL)
    g_ptr_array_add (run->faults, parsed);
  g_hash_table_insert (hub->runs, g_strdup (name), run);
  return run;
}

/* Before the session's start: it makes the run's mistakes instead of the hub's. */
void
sim_session_join_run (SimSession *self, SimRun *run)
{
  self->number = ++run->n_sessions;
  g_ptr_array_unref (self->faults);
  self->faults = g_ptr_array_ref (run->faults);
}

/* @sent: by the server */
void
sim_session_count_event (SimSession *self, const char *type, gboolean sent)
{
  if (self->faults->len == 0)
    return;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->event_counts, type));
  g_hash_table_replace (self->event_counts, g_strdup (type), GUINT_TO_POINTER (n + 1));
  if (sent)
    self->n_sent++;
}

static void
stall (SimSession *self, guint ms)
{
  self->stalled = TRUE;
  g_clear_handle_id (&self->stall_timer, g_source_remove);
  if (ms > 0)
    self->stall_timer = g_timeout_add (ms, on_stall_over, self);
}

/* An event that faults make is no occasion for further faults. */
static void
send_plain (SimSession *self, JsonObject *event)
{
  g_autofree char *event_id = g_strdup_printf ("event_%s_%u", self->id + strlen ("sess_"), ++self->n_events);
  const char *type = sim_object_get_string (event, "type");

  /* The one event whose schema has no event_id: PROTOCOL section 1. */
  if (g_strcmp0 (type, "input_audio_buffer.dtmf_event_received") != 0)
    json_object_set_string_member (event, "event_id", event_id);
  g_autofree char *text = sim_object_to_text (event);
  sim_log_write_object (self->hub->log, self->id, FALSE, event);
  sim_session_transmit (self, text, strlen (text), SIM_SEND_TEXT);
}

static void
send_garbage (SimSession *self, SimSendMode mode)
{
  static const char garbage[] = "{\"type\":\"response.output_audio.delta\",\"delta\":\"AAA";
  sim_log_write_raw (self->hub->log, self->id, FALSE, garbage, strlen (garbage));
  sim_session_transmit (self, garbage, strlen (garbage), mode);
}

static void
run_fault (SimSession *self, SimFault *fault, SimFaultEffect *effect)
{
  switch (fault->kind)
    {
    case SIM_FAULT_DROP:
      self->closed = TRUE;
      self->transport->drop (self->transport_data);
      break;
    case SIM_FAULT_CLOSE:
      sim_session_close (self, fault->status, fault->text != NULL ? fault->text : "");
      break;
    case SIM_FAULT_EXPIRE:
      sim_session_expire (self);
      break;
    case SIM_FAULT_STALL:
      stall (self, fault->ms);
      break;
    case SIM_FAULT_GARBAGE:
      send_garbage (self, SIM_SEND_TEXT);
      break;
    case SIM_FAULT_BINARY:
      send_garbage (self, SIM_SEND_BINARY);
      break;
    case SIM_FAULT_GIANT:
      if (effect != NULL)
        effect->padding = fault->bytes;
      break;
    case SIM_FAULT_FRAGMENT:
      if (effect != NULL)
        effect->mode = SIM_SEND_FRAGMENTS;
      break;
    case SIM_FAULT_ODD:
      self->odd_deltas = TRUE;
      break;
    case SIM_FAULT_SLOW:
      self->speed = fault->speed;
      break;
    case SIM_FAULT_UNKNOWN:
      {
        g_autoptr (JsonObject) event = sim_object ("s:type", "simulator.unknown_event", "o:detail",
                                                   sim_object ("b:harmless", TRUE, NULL), NULL);
        send_plain (self, event);
        break;
      }
    case SIM_FAULT_INJECT:
      {
        g_autoptr (JsonObject) event = sim_object_copy_deep (fault->event);
        send_plain (self, event);
        break;
      }
    case SIM_FAULT_ERROR_EVENT:
      {
        g_autoptr (JsonObject) event = sim_object (
            "s:type", "error", "o:error",
            sim_object ("s:type", fault->type != NULL ? fault->type : "server_error", "s:code",
                        self->null_codes ? NULL : fault->code, "s:message",
                        fault->text != NULL ? fault->text : "The server had an error while processing your request.",
                        "s:param", NULL, "s:event_id", NULL, NULL),
            NULL);
        send_plain (self, event);
        break;
      }
    case SIM_FAULT_NULL_CODE:
      self->null_codes = TRUE;
      break;
    case SIM_FAULT_FAIL:
      g_free (self->failure);
      self->failure = g_strdup (fault->code);
      break;
    case SIM_FAULT_MUTE_TRANSCRIPTION:
      self->mute_transcription = TRUE;
      break;
    case SIM_FAULT_HTTP:
      break; /* the server's */
    }
}

/**
 * sim_session_run_faults:
 * @type: of an event, counted already
 * @sent: by the server, not received
 * @before: before it is sent or looked at, or after
 * @effect: (nullable): what becomes of the event itself
 */
void
sim_session_run_faults (SimSession *self, const char *type, gboolean sent, gboolean before,
                        SimFaultEffect *effect)
{
  for (guint i = 0; i < self->faults->len && !self->closed; i++)
    {
      SimFault *fault = g_ptr_array_index (self->faults, i);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->event_counts, type));
      if (fault->before != before
          || !sim_fault_matches (fault, type, count, sent ? self->n_sent : 0, self->number))
        continue;
      fault->fired++;
      run_fault (self, fault, effect);
    }
}
