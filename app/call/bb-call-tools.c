/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-call-tools.h"

#include "openairealtime.h"

struct _BbCallTools
{
  gatomicrefcount refs;  /* one of the session, one of each running call */
  BbToolbox *toolbox;
  BbCall *call;
  GstElement *realtime;  /* NULL once the session let go */
  guint n_running;
};

/* One function call on its way. */
typedef struct
{
  BbCallTools *tools;
  char *call_id;
  char *name;
  gint64 began; /* µs, monotonic */
} Running;

static void
tools_unref (BbCallTools *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_clear_object (&self->toolbox);
  g_clear_object (&self->call);
  g_clear_object (&self->realtime);
  g_free (self);
}

/**
 * bb_call_tools_new:
 * @toolbox: the call's tools
 * @call: whose transcript shows them
 * @realtime: the openairealtimebin that gets the answers
 *
 * Returns: (transfer full): the bridge
 */
BbCallTools *
bb_call_tools_new (BbToolbox *toolbox, BbCall *call, GstElement *realtime)
{
  BbCallTools *self = g_new0 (BbCallTools, 1);

  g_atomic_ref_count_init (&self->refs);
  self->toolbox = g_object_ref (toolbox);
  self->call = g_object_ref (call);
  self->realtime = g_object_ref (realtime);
  return self;
}

/**
 * bb_call_tools_free:
 * @self: (transfer full): the bridge
 */
void
bb_call_tools_free (BbCallTools *self)
{
  g_clear_object (&self->realtime);
  tools_unref (self);
}

guint
bb_call_tools_get_n_running (BbCallTools *self)
{
  return self->n_running;
}

static void
on_tool_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Running *running = user_data;
  BbCallTools *self = running->tools;
  g_autofree char *output = bb_toolbox_call_finish (BB_TOOLBOX (source), result);

  self->n_running--;
  bb_transcript_set_tool_result (bb_call_get_transcript (self->call), running->call_id, output);
  g_debug ("call %s: tool %s answered in %" G_GINT64_FORMAT " ms: %s", bb_call_get_id (self->call),
           running->name, (g_get_monotonic_time () - running->began) / 1000, output);

  if (self->realtime != NULL)
    g_signal_emit_by_name (self->realtime, GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT,
                           running->call_id, output);

  g_free (running->call_id);
  g_free (running->name);
  g_free (running);
  tools_unref (self);
}

/**
 * bb_call_tools_run:
 * @self: the bridge
 * @call_id: the model's id of this function call (PROTOCOL: call_id)
 * @name: the tool's name as the model wrote it
 * @arguments: the arguments as the model wrote them; may be no JSON at all
 *
 * Answers in any case: a refusal is an answer too.
 */
void
bb_call_tools_run (BbCallTools *self, const char *call_id, const char *name, const char *arguments)
{
  Running *running = g_new0 (Running, 1);

  g_atomic_ref_count_inc (&self->refs);
  running->tools = self;
  running->call_id = g_strdup (call_id);
  running->name = g_strdup (name);
  running->began = g_get_monotonic_time ();
  self->n_running++;

  bb_transcript_add_tool (bb_call_get_transcript (self->call), call_id, name, arguments,
                          bb_call_get_duration (self->call));
  bb_toolbox_call_async (self->toolbox, name, arguments, NULL, on_tool_done, running);
}
