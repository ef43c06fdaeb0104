/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What the desktop's window costs under load; prints one JSON object. It is the
 * real window on calls that are made up here: 100 of them, each with 20
 * transcript changes a second, and then a transcript of 10,000 lines that is
 * scrolled from end to end. A frame's time is from the frame clock's first
 * signal to its last; a stall is the main loop's absence between two looks of a
 * timeout of the highest priority. */
#include "config.h"

#include <stdlib.h>

#include <gst/gst.h>

#include "bb-i18n.h"
#include "bb-window.h"

#define N_CALLS 100
#define CHANGES_PER_SECOND 20
#define N_LINES 10000
#define PHASE_SECONDS 8
#define STALL_US (50 * 1000)
#define LOOK_MS 5

/* ---- calls that nobody makes --------------------------------------------- */

#define LOAD_TYPE_OPERATOR (load_operator_get_type ())
G_DECLARE_FINAL_TYPE (LoadOperator, load_operator, LOAD, OPERATOR, GObject)

struct _LoadOperator
{
  GObject parent_instance;
  GListStore *calls;
};

static GListModel *
load_operator_get_calls (BbOperator *operator_)
{
  return G_LIST_MODEL (LOAD_OPERATOR (operator_)->calls);
}

static void
load_operator_perform (BbOperator *operator_, GTask *task, const BbCommand *command)
{
  g_task_return_new_error (task, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_UNAVAILABLE, "not here");
  g_object_unref (task);
}

static void
load_operator_open_line (BbOperator *operator_, GTask *task, const char *call_id)
{
  load_operator_perform (operator_, task, NULL);
}

static void
load_operator_iface (BbOperatorInterface *iface)
{
  iface->get_calls = load_operator_get_calls;
  iface->perform = load_operator_perform;
  iface->open_line = load_operator_open_line;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (LoadOperator, load_operator, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_OPERATOR, load_operator_iface))

static void
load_operator_finalize (GObject *object)
{
  g_object_unref (LOAD_OPERATOR (object)->calls);
  G_OBJECT_CLASS (load_operator_parent_class)->finalize (object);
}

static void
load_operator_class_init (LoadOperatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = load_operator_finalize;
}

static void
load_operator_init (LoadOperator *self)
{
  self->calls = g_list_store_new (BB_TYPE_CALL);
}

/* ---- measuring ----------------------------------------------------------- */

typedef struct
{
  LoadOperator *operator_;
  BbWindow *window;
  GtkWidget *scroller; /* of the transcript */
  GMainLoop *loop;
  const char *phase;
  gint64 began;      /* of this frame, us */
  gint64 last_frame; /* its time, us */
  gint64 looked;
  GArray *frames;    /* double, ms: time spent in a frame */
  GArray *intervals; /* double, ms: between frames */
  GPtrArray *stalls; /* char *, JSON */
  guint changes;
  double speed;      /* pixels a frame; 0: no scrolling */
} Load;

static void
on_before (GdkFrameClock *clock, Load *load)
{
  load->began = g_get_monotonic_time ();
}

static void
on_after (GdkFrameClock *clock, Load *load)
{
  double spent = (g_get_monotonic_time () - load->began) / 1000.0;
  gint64 time = gdk_frame_clock_get_frame_time (clock);
  double interval = (time - load->last_frame) / 1000.0;

  if (load->last_frame != 0)
    g_array_append_val (load->intervals, interval);
  load->last_frame = time;
  g_array_append_val (load->frames, spent);
}

static gboolean
on_look (gpointer user_data)
{
  Load *load = user_data;
  gint64 now = g_get_monotonic_time ();

  if (load->looked != 0 && now - load->looked > STALL_US)
    g_ptr_array_add (load->stalls, g_strdup_printf ("{\"phase\": \"%s\", \"ms\": %.1f}", load->phase,
                                                    (now - load->looked) / 1000.0));
  load->looked = now;
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
quantile (GArray *values, double q)
{
  g_array_sort (values, compare);
  return values->len > 0 ? g_array_index (values, double, (guint)((values->len - 1) * q)) : 0;
}

static gboolean
on_over (gpointer user_data)
{
  g_main_loop_quit (((Load *)user_data)->loop);
  return G_SOURCE_REMOVE;
}

static void
run_for (Load *load, guint ms)
{
  g_timeout_add (ms, on_over, load);
  g_main_loop_run (load->loop);
}

static void
measure (Load *load, const char *phase, const char *name, gboolean last)
{
  load->phase = phase;
  run_for (load, 1000); /* what is drawn for the first time */
  g_array_set_size (load->frames, 0);
  g_array_set_size (load->intervals, 0);
  load->last_frame = 0;
  load->changes = 0;
  run_for (load, PHASE_SECONDS * 1000);
  g_print ("  \"%s\": {\"frames\": %u, \"frame_p50\": %.2f, \"frame_p99\": %.2f, \"frame_max\": %.2f, "
           "\"interval_p99\": %.2f, \"changes\": %u}%s\n",
           name, load->frames->len, quantile (load->frames, 0.5), quantile (load->frames, 0.99),
           quantile (load->frames, 1), quantile (load->intervals, 0.99), load->changes,
           last ? "" : ",");
}

/* ---- what happens -------------------------------------------------------- */

static const char words[] = "Ich hätte gern zwanzig T-Stücke Kupfer fünfzehn Millimeter und zehn "
                            "Bögen neunzig Grad, dazu zwei Rollen Dichtband und eine Rolle Hanf.";

/* Each call says a word more, or begins a new line: 20 times a second each, a
 * tenth of them every 5 ms. */
static gboolean
on_change (gpointer user_data)
{
  static guint turn;
  Load *load = user_data;
  const guint share = N_CALLS * CHANGES_PER_SECOND / 200;

  for (guint i = 0; i < share; i++, turn++)
    {
      g_autoptr (BbCall) call
          = g_list_model_get_item (G_LIST_MODEL (load->operator_->calls), turn % N_CALLS);
      guint round = turn / N_CALLS;
      gsize length = MIN (sizeof words - 1, (round % 30 + 1) * 5);
      g_autofree char *item = g_strdup_printf ("item-%u", round / 30);
      g_autofree char *text = NULL;

      while ((words[length] & 0xc0) == 0x80)
        length--;
      text = g_strndup (words, length);
      bb_transcript_update (bb_call_get_transcript (call),
                            round / 30 % 2 == 0 ? BB_TRANSCRIPT_BOT : BB_TRANSCRIPT_CALLER, item,
                            text, round % 30 == 29, round * 50);
      if (round % 15 == 0)
        bb_call_set_speaking (call, (int)(round / 15 % 3) - 1);
      load->changes++;
    }
  return G_SOURCE_CONTINUE;
}

static GtkWidget *
find (GtkWidget *widget, const char *type)
{
  GtkWidget *child;

  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), type))
    return widget;
  for (child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
on_scroll (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Load *load = user_data;
  GtkAdjustment *adjustment
      = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (load->scroller));
  double value = gtk_adjustment_get_value (adjustment) + load->speed;

  if (value <= 0
      || value >= gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment))
    load->speed = -load->speed;
  gtk_adjustment_set_value (adjustment, value);
  return G_SOURCE_CONTINUE;
}

static BbCall *
add_call (Load *load, guint number)
{
  g_autofree char *phone = g_strdup_printf ("+49301234%03u", number);
  g_autoptr (BbCall) call = bb_call_new (NULL, phone, "", "bestellbot");

  bb_call_set_state (call, BB_CALL_ANSWERING);
  bb_call_set_state (call, BB_CALL_TALKING);
  g_list_store_append (load->operator_->calls, call);
  return call;
}

static void
on_activate (GApplication *application, Load *load)
{
  GdkFrameClock *clock;
  GtkWidget *view;
  BbCall *longest;
  guint changes;

  load->operator_ = g_object_new (LOAD_TYPE_OPERATOR, NULL);
  load->window = bb_window_new (ADW_APPLICATION (application), BB_OPERATOR (load->operator_));
  gtk_window_set_default_size (GTK_WINDOW (load->window), 1200, 800);
  for (guint i = 0; i < N_CALLS; i++)
    add_call (load, i);
  load->phase = "start";
  gtk_window_present (GTK_WINDOW (load->window));
  run_for (load, 500);
  clock = gtk_widget_get_frame_clock (GTK_WIDGET (load->window));
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before), load);
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_after), load);
  g_timeout_add_full (G_PRIORITY_HIGH, LOOK_MS, on_look, load, NULL);

  g_print ("{\n");
  changes = g_timeout_add (5, on_change, load);
  measure (load, "100 calls, 20 changes a second each", "calls", FALSE);
  g_source_remove (changes);

  load->phase = "filling a transcript with 10,000 lines";
  longest = add_call (load, N_CALLS);
  for (guint i = 0; i < N_LINES; i++)
    bb_transcript_add (bb_call_get_transcript (longest),
                       i % 2 == 0 ? BB_TRANSCRIPT_BOT : BB_TRANSCRIPT_CALLER,
                       i % 7 == 0 ? "Ja." : words, i * 1000);
  load->looked = 0; /* that was ours */
  load->phase = "showing a transcript of 10,000 lines";
  bb_window_show_call (load->window, bb_call_get_id (longest));
  view = find (GTK_WIDGET (load->window), "BbTranscriptView");
  load->scroller = find (view, "GtkScrolledWindow");
  run_for (load, 1000);
  load->speed = -120;
  gtk_widget_add_tick_callback (load->scroller, on_scroll, load, NULL);
  measure (load, "scrolling 10,000 lines", "scroll", FALSE);

  g_print ("  \"stalls\": [");
  for (guint i = 0; i < load->stalls->len; i++)
    g_print ("%s%s", i > 0 ? ", " : "", (char *)load->stalls->pdata[i]);
  g_print ("]\n}\n");
  exit (EXIT_SUCCESS); /* the figures are all that is wanted */
}

int
main (int argc, char *argv[])
{
  Load load = { .phase = "start" };
  g_autoptr (AdwApplication) application = NULL;

  bb_i18n_init ();
  gtk_disable_setlocale ();
  gst_init (NULL, NULL);
  load.loop = g_main_loop_new (NULL, FALSE);
  load.frames = g_array_new (FALSE, FALSE, sizeof (double));
  load.intervals = g_array_new (FALSE, FALSE, sizeof (double));
  load.stalls = g_ptr_array_new ();
  application = adw_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_object_set (application, "resource-base-path", "/de/bestellbot/Bestellbot", NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &load);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
