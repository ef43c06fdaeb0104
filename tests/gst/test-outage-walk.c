/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Never lost, never twice (issue: the element, point 5): an order dialogue of
 * the real element, the real tools and the real order store, in which the
 * simulator kills the socket before and after each single event of it in turn.
 * Every run must end with the right order, submitted once, every function
 * called once, and every sentence said once.
 *
 * The first run is left alone; its events are the points at which the others
 * are killed. Of the appends, some hundreds that differ in nothing, a few are
 * taken: the first, in speech, in silence, while the bot speaks.
 *
 * test-outage-walk sample|all [TYPE]: some points of each kind; every point;
 * those of one event type. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "bb-call-tools.h"
#include "openairealtime.h"
#include "outage-points.h"

#ifdef __SANITIZE_THREAD__
#define PARALLEL 10 /* some ten times as slow */
#else
#define PARALLEL 40
#endif
#define BEAT_MS 20
#define FRAMES_PER_BEAT 3 /* three times as fast as life; the simulator's clock is the audio */
#define FRAME 160         /* bytes, 20 ms of A-law */
#define SILENCE 0xd5
#define SPEECH_FRAMES 50
/* Times are over when they are over on the clock and so many beats were sent in
 * them, too: on a busy machine either may lag behind the other. */
/* A polite caller speaks when nothing has happened for so long. */
#define PAUSE_US (500 * 1000)
#define PAUSE_BEATS 25
/* If nothing more happens for so long, nothing more will; the element looks after
 * an answer that is owed when 20 s are over. */
#define GIVE_UP_US (40 * G_USEC_PER_SEC)
#define GIVE_UP_BEATS 250
/* Something happens all the time, and it never ends. */
#define RUN_US (90 * G_USEC_PER_SEC)
#define RUN_BEATS 4500
/* The element keeps 12 s of audio that nothing has come of, and 30 s while there
 * is no connection. So that these last as long as in life, or longer, a caller
 * who has seen nothing happen for so long is slower than life: one frame in so
 * many beats. The simulator may be that far behind, and can catch up. */
#define LAG_BEATS 35
#define LAG_EVERY 5

#define GREETING "Guten Tag, hier ist die Bestellannahme."
#define N_TURNS 3

static const char scenario[] =
    "{ \"language\": \"de\", \"turns\": ["
    "{ \"hear\": \"Zwanzig T-Stücke und zehn Bögen.\", \"min_ms\": 900, \"steps\": ["
    "  { \"say\": \"Einen Moment bitte.\" },"
    "  { \"call\": { \"name\": \"search_products\", \"arguments\": { \"query\": \"T-Stück\", \"limit\": 2 } } },"
    "  { \"call\": [ { \"name\": \"add_to_order\", \"as\": \"first\","
    "                  \"arguments\": { \"number\": \"10113\", \"quantity\": 20 } },"
    "                { \"name\": \"add_to_order\", \"as\": \"second\","
    "                  \"arguments\": { \"number\": \"11113\", \"quantity\": 10 } } ] },"
    "  { \"say\": \"Beides steht auf der Bestellung. Was darf es noch sein?\" } ] },"
    "{ \"hear\": \"Das ist alles, bitte vorlesen.\", \"min_ms\": 900, \"steps\": ["
    "  { \"call\": { \"name\": \"read_order\", \"arguments\": {} } },"
    "  { \"say\": \"Zwanzig und zehn Stück. Soll ich das so bestellen?\" } ] },"
    "{ \"hear\": \"Ja, genau so.\", \"min_ms\": 900, \"steps\": ["
    "  { \"call\": { \"name\": \"submit_order\", \"arguments\": { \"confirmed\": true } } },"
    "  { \"say\": \"Vielen Dank, das ist bestellt.\" } ] } ],"
    "\"otherwise\": { \"say\": \"Wie bitte?\" } }";

/* Up to the end of each turn; the caller waits for all of it. */
static const char *const spoken[N_TURNS + 1] = {
  GREETING,
  GREETING " Einen Moment bitte. Beides steht auf der Bestellung. Was darf es noch sein?",
  GREETING " Einen Moment bitte. Beides steht auf der Bestellung. Was darf es noch sein? Zwanzig und "
           "zehn Stück. Soll ich das so bestellen?",
  GREETING " Einen Moment bitte. Beides steht auf der Bestellung. Was darf es noch sein? Zwanzig und "
           "zehn Stück. Soll ich das so bestellen? Vielen Dank, das ist bestellt.",
};
static const char called[] = "search_products add_to_order add_to_order read_order submit_order ";

/* ---- what all runs share ----------------------------------------------- */

typedef struct
{
  GSubprocess *process;
  char *url;
} Simulator;

static struct
{
  char *folder;
  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
} world;

static void
simulator_start (Simulator *self, const char *log)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *program = g_build_filename (g_getenv ("BESTELLBOT_BUILDDIR"), "app", "simulator",
                                               "bestellbot-simulator", NULL);
  g_autofree char *file = g_build_filename (world.folder, "scenario.json", NULL);
  g_autofree char *line = NULL;

  g_file_set_contents (file, scenario, -1, &error);
  g_assert_no_error (error);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--port", "0",
                                    "--scenario", file, log != NULL ? "--events" : NULL, log, NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on "));
  self->url = g_strdup (line + strlen ("listening on "));
}

static void
simulator_stop (Simulator *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  g_clear_pointer (&self->url, g_free);
}

/* ---- one run ------------------------------------------------------------ */

typedef struct
{
  const Point *point;
  GstElement *bin;
  GstPad *feed, *ear;
  GstEvent *tick;
  BbCall *call;
  BbToolbox *toolbox;
  BbCallTools *tools;

  guint turn;          /* of the caller's, spoken so far */
  guint speech_left;   /* frames */
  gboolean heard;      /* the bot, since the caller spoke */
  gboolean ready;
  gint n_responding;
  gint64 began_us, active_us; /* something happened last */
  guint beats, active_beats;  /* that were sent; since then */
  guint waited;               /* beats that came since then */
  GstClockTime pts;

  GString *calls;        /* names, in order */
  GPtrArray *items;      /* char*: of what the bot said, in order */
  GHashTable *texts;     /* item -> char*: its last text */
  GHashTable *heard_texts; /* text of the caller's -> how often */
  guint n_lost;
  char *failure;
} Run;

static void
is_active (Run *run)
{
  run->active_us = g_get_monotonic_time ();
  run->active_beats = run->waited = 0;
}

/* Nothing has happened for so long. */
static gboolean
is_quiet (Run *run, gint64 us, guint beats)
{
  return g_get_monotonic_time () - run->active_us >= us && run->active_beats >= beats;
}

static void G_GNUC_PRINTF (2, 3) run_fail (Run *run, const char *format, ...)
{
  va_list args;

  if (run->failure != NULL)
    return;
  va_start (args, format);
  run->failure = g_strdup_vprintf (format, args);
  va_end (args);
}

static void
on_connection (GstElement *bin, const char *state, const char *detail, Run *run)
{
  is_active (run);
  run->ready = g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_READY);
  if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_RECONNECTING))
    run->n_lost++;
  else if (g_str_equal (state, GST_OPENAI_REALTIME_CONNECTION_FAILED))
    run_fail (run, "failed: %s", detail);
}

static void
on_function_call (GstElement *bin, const char *call_id, const char *name, const char *arguments,
                  Run *run)
{
  is_active (run);
  g_string_append_printf (run->calls, "%s ", name);
  bb_call_tools_run (run->tools, call_id, name, arguments);
}

static void
on_response (GstElement *bin, const char *state, const char *id, const char *status, Run *run)
{
  is_active (run);
  run->n_responding += g_str_equal (state, GST_OPENAI_REALTIME_RESPONSE_CREATED) ? 1 : -1;
}

static void
on_transcript (GstElement *bin, const char *role, const char *item, const char *text,
               gboolean final, Run *run)
{
  is_active (run);
  if (g_str_equal (role, GST_OPENAI_REALTIME_ROLE_USER))
    {
      gpointer n = g_hash_table_lookup (run->heard_texts, text);

      if (final)
        g_hash_table_insert (run->heard_texts, g_strdup (text), (char *) n + 1);
      return;
    }
  if (g_hash_table_insert (run->texts, g_strdup (item), g_strdup (text)))
    g_ptr_array_add (run->items, g_strdup (item));
}

static void
on_speech (GstElement *bin, const char *state, const char *item, guint ms, Run *run)
{
  is_active (run);
}

static GstFlowReturn
on_sound (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  Run *run = g_object_get_data (G_OBJECT (pad), "run");
  GstMapInfo map;
  guint loud = 0;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (gsize i = 0; i < map.size; i++)
    loud += ((map.data[i] ^ 0x55) & 0x7f) > 0x30 ? 1 : 0;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  if (loud > 20)
    {
      run->heard = TRUE;
      is_active (run);
    }
  return GST_FLOW_OK;
}

static GstStaticPadTemplate feed_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("audio/x-alaw,rate=8000,channels=1"));
static GstStaticPadTemplate ear_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("audio/x-alaw,rate=8000,channels=1"));

static void
link_pads (Run *run)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (run->bin, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (run->bin, "src");
  g_autoptr (GstCaps) caps = gst_static_pad_template_get_caps (&feed_template);
  GstSegment segment;

  run->feed = gst_pad_new_from_static_template (&feed_template, "feed");
  run->ear = gst_pad_new_from_static_template (&ear_template, "ear");
  g_object_set_data (G_OBJECT (run->ear), "run", run);
  gst_pad_set_chain_function (run->ear, on_sound);
  gst_pad_set_active (run->feed, TRUE);
  gst_pad_set_active (run->ear, TRUE);
  g_assert_cmpint (gst_pad_link (run->feed, sink), ==, GST_PAD_LINK_OK);
  g_assert_cmpint (gst_pad_link (src, run->ear), ==, GST_PAD_LINK_OK);
  gst_element_set_state (run->bin, GST_STATE_PLAYING);
  gst_pad_push_event (run->feed, gst_event_new_stream_start ("feed"));
  gst_pad_push_event (run->feed, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (run->feed, gst_event_new_segment (&segment));
}

static guint n_times = 1;

/* @number: of the run, names it to the simulator */
static Run *
run_new (const Point *point, const char *url, guint number)
{
  Run *run = g_new0 (Run, 1);
  g_autofree char *id = g_strdup_printf ("run-%u", number);
  g_autofree char *fault = point->type == NULL ? NULL
                                               : g_strdup_printf ("&fault=drop%%40%s%%3A%u%%2Cwhen%%3D%s"
                                                                  "%%2Ctimes%%3D%u",
                                                                  point->type, point->n,
                                                                  point->before ? "before" : "after", n_times);
  g_autofree char *address = g_strdup_printf ("%s?run=%s%s", url, id, fault != NULL ? fault : "");
  g_autofree char *tools = bb_tools_to_json (world.config);

  run->point = point;
  run->calls = g_string_new (NULL);
  run->items = g_ptr_array_new_with_free_func (g_free);
  run->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  run->heard_texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  run->tick = gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
                                    gst_structure_new_empty (GST_OPENAI_REALTIME_EVENT_TICK));
  run->call = bb_call_new (id, "+4930123456", "Test", "");
  run->bin = gst_object_ref_sink (gst_element_factory_make ("openairealtimebin", NULL));
  g_object_set (run->bin, "base-url", address, "api-key", "sk-test", "greeting", GREETING, "tools",
                tools, NULL);
  gst_util_set_object_arg (G_OBJECT (run->bin), "clocking", "external");
  if (g_getenv ("OUTAGE_LOG") != NULL)
    {
      g_autofree char *log = g_strdup_printf ("%s/%s.jsonl", g_getenv ("OUTAGE_LOG"), id);

      g_object_set (run->bin, "session-log", log, NULL);
    }
  run->toolbox = bb_toolbox_new (world.catalogue, world.store, world.config,
                                 bb_call_get_order (run->call));
  run->tools = bb_call_tools_new (run->toolbox, run->call, run->bin);
  g_signal_connect (run->bin, GST_OPENAI_REALTIME_SIGNAL_CONNECTION, G_CALLBACK (on_connection), run);
  g_signal_connect (run->bin, GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL, G_CALLBACK (on_function_call),
                    run);
  g_signal_connect (run->bin, GST_OPENAI_REALTIME_SIGNAL_RESPONSE, G_CALLBACK (on_response), run);
  g_signal_connect (run->bin, GST_OPENAI_REALTIME_SIGNAL_TRANSCRIPT, G_CALLBACK (on_transcript), run);
  g_signal_connect (run->bin, GST_OPENAI_REALTIME_SIGNAL_SPEECH, G_CALLBACK (on_speech), run);
  run->began_us = run->active_us = g_get_monotonic_time ();
  link_pads (run);
  return run;
}

static void
run_free (Run *run)
{
  g_signal_handlers_disconnect_by_data (run->bin, run);
  gst_element_set_state (run->bin, GST_STATE_NULL);
  gst_pad_set_active (run->feed, FALSE);
  gst_pad_set_active (run->ear, FALSE);
  gst_object_unref (run->feed);
  gst_object_unref (run->ear);
  gst_event_unref (run->tick);
  bb_call_tools_free (run->tools);
  gst_object_unref (run->bin);
  g_object_unref (run->toolbox);
  g_object_unref (run->call);
  g_string_free (run->calls, TRUE);
  g_ptr_array_unref (run->items);
  g_hash_table_unref (run->texts);
  g_hash_table_unref (run->heard_texts);
  g_free (run->failure);
  g_free (run);
}

static GstBuffer *
next_frame (Run *run)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, FRAME, NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  memset (map.data, SILENCE, map.size);
  if (run->speech_left > 0)
    for (gsize i = 0; i < map.size; i++)
      map.data[i] = ((g_random_int () & 0x8f) | 0x50) ^ 0x55;
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = run->pts;
  GST_BUFFER_DURATION (buffer) = 20 * GST_MSECOND;
  run->pts += 20 * GST_MSECOND;
  return buffer;
}

/* ---- what must have come of it ------------------------------------------ */

static void
check_order (Run *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) order
      = bb_order_store_load (world.store, bb_order_get_id (bb_call_get_order (run->call)), &error);
  const struct
  {
    const char *number;
    guint quantity;
  } wanted[] = { { "10113", 20 }, { "11113", 10 } };

  if (order == NULL)
    {
      run_fail (run, "no order: %s", error->message);
      return;
    }
  if (bb_order_get_state (order) != BB_ORDER_SUBMITTED)
    run_fail (run, "the order was not submitted");
  if (g_list_model_get_n_items (G_LIST_MODEL (order)) != G_N_ELEMENTS (wanted))
    run_fail (run, "%u lines in the order", g_list_model_get_n_items (G_LIST_MODEL (order)));
  for (guint i = 0; i < G_N_ELEMENTS (wanted) && run->failure == NULL; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);

      if (strcmp (bb_order_line_get_number (line), wanted[i].number) != 0
          || bb_order_line_get_quantity (line) != wanted[i].quantity)
        run_fail (run, "line %u: %s x %u", i, bb_order_line_get_number (line),
                  bb_order_line_get_quantity (line));
    }
}

/* (transfer full): all that the bot said */
static char *
get_said (Run *run)
{
  GString *said = g_string_new (NULL);

  for (guint i = 0; i < run->items->len; i++)
    {
      const char *words = g_hash_table_lookup (run->texts, g_ptr_array_index (run->items, i));

      if (said->len > 0 && *words != '\0')
        g_string_append_c (said, ' ');
      g_string_append (said, words);
    }
  return g_string_free (said, FALSE);
}

/* Audio that the element could not keep (ms): no run may count on it. */
static guint64
get_lost (Run *run)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 lost = 0;

  g_object_get (run->bin, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, "ms-lost", &lost));
  return lost;
}

static void
check (Run *run)
{
  GHashTableIter iter;
  gpointer text, n;

  check_order (run);
  if (get_lost (run) > 0)
    run_fail (run, "%u ms of the caller's were dropped", (guint) get_lost (run));
  if (strcmp (run->calls->str, called) != 0)
    run_fail (run, "called: %s", run->calls->str);
  g_hash_table_iter_init (&iter, run->heard_texts);
  while (g_hash_table_iter_next (&iter, &text, &n))
    if (GPOINTER_TO_UINT (n) != 1)
      run_fail (run, "heard %u times: %s", GPOINTER_TO_UINT (n), (char *) text);
  if (run->point->type == NULL && g_hash_table_size (run->heard_texts) != N_TURNS)
    run_fail (run, "heard %u sentences", g_hash_table_size (run->heard_texts));
}

static gboolean
has_said_all (Run *run)
{
  g_autofree char *said = get_said (run);

  return strcmp (said, spoken[run->turn]) == 0;
}

static void
exchange_frame (Run *run)
{
  gst_pad_push (run->feed, next_frame (run));
  gst_pad_push_event (run->ear, gst_event_ref (run->tick));
  if (run->speech_left > 0)
    {
      run->speech_left--;
      run->heard = FALSE;
      is_active (run);
    }
}

/* Some frames each way. Returns: FALSE when the run is over */
static gboolean
run_beat (Run *run)
{
  gboolean lags = run->waited++ >= LAG_BEATS;

  if (!lags || run->waited % LAG_EVERY == 0)
    {
      run->beats++;
      run->active_beats++;
      for (guint i = 0; i < (lags ? 1 : FRAMES_PER_BEAT); i++)
        exchange_frame (run);
    }
  if (run->failure != NULL)
    return FALSE;
  if (is_quiet (run, GIVE_UP_US, GIVE_UP_BEATS)
      || (run->beats > RUN_BEATS && g_get_monotonic_time () - run->began_us > RUN_US))
    {
      g_autofree char *said = get_said (run);

      run_fail (run, "hangs: turn %u, %s, %s, %u ms lost, said: %s", run->turn,
                run->ready ? "ready" : "not ready", run->heard ? "the bot was heard" : "the bot is silent",
                (guint) get_lost (run), said);
      return FALSE;
    }
  if (!run->heard || !run->ready || run->n_responding > 0 || !is_quiet (run, PAUSE_US, PAUSE_BEATS)
      || bb_call_tools_get_n_running (run->tools) > 0 || !has_said_all (run))
    return TRUE;
  if (run->turn == N_TURNS)
    {
      check (run);
      return FALSE;
    }
  run->turn++;
  run->speech_left = SPEECH_FRAMES;
  run->heard = FALSE;
  return TRUE;
}

/* ---- the walk ----------------------------------------------------------- */

typedef struct
{
  const char *url;
  GPtrArray *points; /* Point */
  guint next;
  GPtrArray *active; /* Run */
  GHashTable *table; /* "type, before" -> GString: what went wrong */
  guint n_failed, n_unhurt;
  GMainLoop *loop;
} Walk;

static void
report (Walk *walk, Run *run)
{
  const Point *point = run->point;
  g_autofree char *name = g_strdup_printf ("%-55s %s", point->type != NULL ? point->type : "(none)",
                                           point->before ? "before" : "after");
  GString *row;

  if (run->n_lost == 0 && point->type != NULL)
    {
      walk->n_unhurt++;
      g_test_message ("not hurt: %s %u", name, point->n);
    }
  if (run->failure == NULL)
    return;
  walk->n_failed++;
  row = g_hash_table_lookup (walk->table, name);
  if (row == NULL)
    {
      row = g_string_new (NULL);
      g_hash_table_insert (walk->table, g_strdup (name), row);
    }
  g_string_append_printf (row, "\n    %u: %s", point->n, run->failure);
}

static gboolean
on_beat (gpointer data)
{
  Walk *walk = data;

  while (walk->active->len < PARALLEL && walk->next < walk->points->len)
    {
      g_ptr_array_add (walk->active,
                       run_new (g_ptr_array_index (walk->points, walk->next), walk->url, walk->next));
      walk->next++;
    }
  for (guint i = walk->active->len; i > 0; i--)
    {
      Run *run = g_ptr_array_index (walk->active, i - 1);

      if (run_beat (run))
        continue;
      report (walk, run);
      run_free (run);
      g_ptr_array_remove_index_fast (walk->active, i - 1);
    }
  if (walk->active->len == 0 && walk->next == walk->points->len)
    g_main_loop_quit (walk->loop);
  return G_SOURCE_CONTINUE;
}

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

static void
walk_points (Walk *walk, const char *url, GPtrArray *points)
{
  guint beat;
  GHashTableIter iter;
  gpointer name, row;

  *walk = (Walk){ .url = url, .points = points, .active = g_ptr_array_new (),
                  .table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_string),
                  .loop = g_main_loop_new (NULL, FALSE) };
  beat = g_timeout_add (BEAT_MS, on_beat, walk);
  g_main_loop_run (walk->loop);
  g_source_remove (beat);
  g_hash_table_iter_init (&iter, walk->table);
  while (g_hash_table_iter_next (&iter, &name, &row))
    g_printerr ("# %s%s\n", (char *) name, ((GString *) row)->str);
  g_hash_table_unref (walk->table);
  g_main_loop_unref (walk->loop);
  g_ptr_array_unref (walk->active);
}

#define SAMPLE 9 /* one event of so many */

static guint only_step = SAMPLE;
static const char *only_type;

/* @step: as in list_points(); @times: how often a run is killed */
static void
walk (guint step, guint times)
{
  Simulator simulator;
  g_autofree char *log = g_build_filename (world.folder, "events.jsonl", NULL);
  g_autoptr (GPtrArray) none = g_ptr_array_new_with_free_func (point_free);
  g_autoptr (GPtrArray) points = NULL;
  g_autoptr (GHashTable) counts = NULL;
  gint64 began;
  Walk result;

  n_times = times;
  simulator_start (&simulator, log);
  g_ptr_array_add (none, g_new0 (Point, 1));
  walk_points (&result, simulator.url, none);
  simulator_stop (&simulator);
  g_assert_cmpuint (result.n_failed, ==, 0);

  counts = count_events (log);
  points = list_points (counts, step, only_type);
  began = g_get_monotonic_time ();
  simulator_start (&simulator, NULL);
  walk_points (&result, simulator.url, points);
  simulator_stop (&simulator);
  g_test_message ("%u points of %u kinds of event, %u without effect, %u failed; %d s", points->len,
                  g_hash_table_size (counts), result.n_unhurt, result.n_failed,
                  (int) ((g_get_monotonic_time () - began) / G_USEC_PER_SEC));
  g_assert_cmpuint (result.n_failed, ==, 0);
  /* What comes after the last word may be too late to hurt. */
  g_assert_cmpuint (result.n_unhurt, <=, MAX (2, points->len / 10));
}

static void
test_once (void)
{
  walk (only_step, 1);
}

/* The same event of the new session kills that, too. */
static void
test_twice (void)
{
  walk (SAMPLE, 2);
}

static void
set_up (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *catalogue = g_build_filename (g_getenv ("BESTELLBOT_DATADIR"), "catalogue.csv", NULL);
  g_autofree char *database = NULL;
  g_autofree char *set_database = NULL;

  world.folder = g_dir_make_tmp ("bestellbot-outage-XXXXXX", &error);
  g_assert_no_error (error);
  database = g_build_filename (world.folder, "orders.db", NULL);
  set_database = g_strdup_printf ("orders.database=%s", database);
  world.config = bb_config_load (NULL, (const char *const[]){ set_database, NULL }, &error);
  g_assert_no_error (error);
  world.catalogue = bb_catalogue_load (catalogue, &error);
  g_assert_no_error (error);
  world.store = bb_order_store_open (database, &error);
  g_assert_no_error (error);
}

static void
tear_down (void)
{
  static const char *const names[] = { "orders.db", "orders.db-wal", "orders.db-shm", "scenario.json",
                                       "events.jsonl" };

  while (g_main_context_iteration (NULL, FALSE))
    ;
  bb_order_store_close (world.store);
  g_object_unref (world.store);
  bb_catalogue_unref (world.catalogue);
  bb_config_unref (world.config);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (world.folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (world.folder);
  g_free (world.folder);
}

/* Dozens of sessions at once: their debug messages would bury the table. */
static void
write_log (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO | G_LOG_LEVEL_MESSAGE)) == 0)
    g_log_default_handler (domain, level, message, data);
}

int
main (int argc, char *argv[])
{
  int status;

  setlocale (LC_ALL, "");

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_log_set_default_handler (write_log, NULL);
  if (argc > 1 && strcmp (argv[1], "all") == 0)
    only_step = 1;
  if (argc > 2)
    only_type = argv[2];
  set_up ();
  g_test_add_func (only_step == 1 ? "/outage/every-event" : "/outage/sample", test_once);
  if (only_step == 1)
    g_test_add_func ("/outage/twice", test_twice);
  status = g_test_run ();
  tear_down ();
  gst_deinit ();
  return status;
}
