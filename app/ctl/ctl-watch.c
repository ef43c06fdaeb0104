/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl-parts.h"
#include "ctl-request.h"

/* A line waits so long for the words of one that began before it. */
#define PATIENCE_US (3 * G_USEC_PER_SEC)
#define DEFAULT_COLUMNS 80

typedef struct
{
  Ctl *ctl;
  BbApiClient *client;
  GMainLoop *loop;
  GHashTable *watches;   /* BbCall -> Watch */
  gboolean rewrite;      /* a terminal: partial lines are shown and rewritten */
  BbTranscriptLine *partial; /* shown now, without a line end; nullable */
  gboolean was_connected;
  gboolean said_lost;
  int status;
} Watcher;

/* One call that is shown. */
typedef struct
{
  Watcher *watcher;
  BbCall *call;
  BbCallState shown_state;
  GHashTable *shown;     /* BbTranscriptLine: those that are done with */
  GHashTable *order;     /* article number -> BbOrderLine, as last shown */
  BbOrderState order_state;
  char *connection;
  GHashTable *late;      /* BbTranscriptLine: open ones that were waited for in vain */
  gint64 waiting_since;  /* µs; 0: nothing waits */
} Watch;

static void
clear_partial (Watcher *self)
{
  if (self->partial == NULL)
    return;
  ctl_put ("\r\033[K");
  g_clear_object (&self->partial);
}

static guint
columns_of_terminal (void)
{
  struct winsize size;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10)
    return size.ws_col;
  return DEFAULT_COLUMNS;
}

/* Which call a line belongs to, when there are several. */
static char *
tag_of (Watch *watch)
{
  return g_strdup_printf ("[%.4s]", bb_call_get_id (watch->call));
}

static void
put_line (Watch *watch, const char *colour, const char *text)
{
  g_autofree char *tag = tag_of (watch);

  clear_partial (watch->watcher);
  if (watch->watcher->ctl->colour && colour != NULL)
    ctl_putf ("%s %s%s\033[0m\n", tag, colour, text);
  else
    ctl_putf ("%s %s\n", tag, text);
  fflush (stdout);
}

static void
put_event (Watch *watch, const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *clean = ctl_clean (text);
  g_autofree char *line = g_strdup_printf ("%s  %s", time, clean);

  put_line (watch, "\033[1m", line);
}

/* The words so far, as much of their end as fits, without a line end. */
static void
show_partial (Watch *watch, BbTranscriptLine *line)
{
  Watcher *self = watch->watcher;
  g_autofree char *text = NULL;
  g_autofree char *tag = NULL;
  g_autofree char *fitting = NULL;

  if (!self->rewrite)
    return;
  text = ctl_format_line (line, FALSE);
  tag = tag_of (watch);
  fitting = ctl_fit_end (text, columns_of_terminal () - 1 - ctl_width (tag) - 1);
  g_set_object (&self->partial, line);
  ctl_putf ("\r%s %s\033[K", tag, fitting);
  fflush (stdout);
}

/* Lines in the order in which they began, each when it is complete. */
static void
show_lines (Watch *watch, gboolean all)
{
  GListModel *lines = G_LIST_MODEL (bb_call_get_transcript (watch->call));
  gint64 now = g_get_monotonic_time ();
  BbTranscriptLine *open = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (lines, i);
      g_autofree char *text = NULL;

      if (g_hash_table_contains (watch->shown, line))
        continue;
      if (!all && !bb_transcript_line_get_final (line))
        {
          /* One without words yet is waited for too: what was heard is often
           * written down after the answer has begun. */
          if (!g_hash_table_contains (watch->late, line))
            open = line;
          continue;
        }
      /* Something before it is still being spoken or written down. */
      if (!all && open != NULL)
        {
          if (watch->waiting_since == 0)
            watch->waiting_since = now;
          if (now - watch->waiting_since < PATIENCE_US)
            break;
          g_hash_table_add (watch->late, g_object_ref (open));
          watch->waiting_since = 0;
          open = NULL;
        }
      /* Noise that turned out to be no words. */
      if (bb_transcript_line_get_kind (line) != BB_TRANSCRIPT_TOOL
          && *bb_transcript_line_get_text (line) == '\0')
        continue;
      g_hash_table_add (watch->shown, g_object_ref (line));
      text = ctl_format_line (line, watch->watcher->ctl->colour);
      put_line (watch, NULL, text);
    }
  if (open == NULL)
    watch->waiting_since = 0;
  else if (*bb_transcript_line_get_text (open) != '\0')
    show_partial (watch, open);
}

static void
show_order_line (Watch *watch, BbOrderLine *line, gboolean removed)
{
  const char *currency = watch->watcher->ctl->config->currency;
  g_autofree char *total = bb_money_format (bb_order_line_get_total (line), currency);
  g_autofree char *name = ctl_clean (bb_order_line_get_name (line));
  g_autofree char *text = NULL;

  if (removed)
    text = g_strdup_printf (_ ("Order: – %s %s"), bb_order_line_get_number (line), name);
  else
    text = g_strdup_printf (_ ("Order: %u %s %s %s, %s"), bb_order_line_get_quantity (line),
                            bb_order_line_get_unit (line), bb_order_line_get_number (line), name,
                            total);
  put_line (watch, "\033[35m", text);
}

static void
show_order (Watch *watch)
{
  BbOrder *order = bb_call_get_order (watch->call);
  g_autoptr (GHashTable) lines
    = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  g_autofree char *total
    = bb_money_format (bb_order_get_total (order), watch->watcher->ctl->config->currency);
  BbOrderState state = bb_order_get_state (order);
  GHashTableIter iter;
  gpointer old;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (order)); i++)
    {
      BbOrderLine *line = g_list_model_get_item (G_LIST_MODEL (order), i);
      BbOrderLine *before = g_hash_table_lookup (watch->order, bb_order_line_get_number (line));

      g_hash_table_insert (lines, (gpointer)bb_order_line_get_number (line), line);
      if (before == NULL || bb_order_line_get_quantity (before) != bb_order_line_get_quantity (line))
        show_order_line (watch, line, FALSE);
    }
  g_hash_table_iter_init (&iter, watch->order);
  while (g_hash_table_iter_next (&iter, NULL, &old))
    if (!g_hash_table_contains (lines, bb_order_line_get_number (old)))
      show_order_line (watch, old, TRUE);
  g_hash_table_unref (watch->order);
  watch->order = g_steal_pointer (&lines);

  if (state != watch->order_state)
    {
      const char *number = bb_order_get_number (order);
      g_autofree char *text = NULL;

      if (number != NULL)
        text = g_strdup_printf (_ ("Order %s: %s, total %s"), number, bb_order_state_label (state),
                                total);
      else
        text = g_strdup_printf (_ ("Order: %s, total %s"), bb_order_state_label (state), total);
      watch->order_state = state;
      put_line (watch, "\033[1;35m", text);
    }
}

static void
show_end (Watch *watch)
{
  BbCall *call = watch->call;
  const BbMediaParams *media = bb_call_get_media (call);
  const BbCallQuality *quality = bb_call_get_quality (call);
  g_autofree char *duration = ctl_format_duration (bb_call_get_duration (call));
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Call ended: %s"), bb_call_end_label (bb_call_get_end (call)));
  if (*bb_call_get_end_text (call) != '\0')
    g_string_append_printf (text, " (%s)", bb_call_get_end_text (call));
  g_string_append_printf (text, ", %s", duration);
  if (media != NULL && media->codec != NULL)
    g_string_append_printf (text, ", %s", media->codec->name);
  if (quality->turns > 0)
    g_string_append_printf (text, _ (", mean latency %u ms"),
                            (guint)(quality->turn_latency_sum / quality->turns));
  if (media != NULL)
    g_string_append_printf (text, _ (", packets lost: %llu"),
                            (unsigned long long)quality->packets_lost);
  put_event (watch, text->str);
}

static void
show_call (Watch *watch)
{
  BbCallState state = bb_call_get_state (watch->call);
  const char *connection = bb_call_get_connection (watch->call);

  if (g_strcmp0 (watch->connection, connection) != 0)
    {
      /* From nothing to something is what every call does. */
      if (watch->connection != NULL && *watch->connection != '\0' && *connection != '\0'
          && state < BB_CALL_ENDING)
        {
          g_autofree char *text = g_strdup_printf (_ ("Connection: %s"), connection);

          put_event (watch, text);
        }
      g_free (watch->connection);
      watch->connection = g_strdup (connection);
    }
  if (state == watch->shown_state)
    return;
  watch->shown_state = state;
  if (state == BB_CALL_ENDED)
    {
      show_lines (watch, TRUE);
      show_end (watch);
    }
  else
    put_event (watch, bb_call_state_label (state));
}

static void
on_call_changed (BbCall *call, gpointer user_data)
{
  show_call (user_data);
}

static void
on_lines_changed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  show_lines (user_data, FALSE);
}

static void
on_line_changed (BbTranscript *transcript, BbTranscriptLine *line, gpointer user_data)
{
  show_lines (user_data, FALSE);
}

static void
on_order_changed (BbOrder *order, gpointer user_data)
{
  show_order (user_data);
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_signal_handlers_disconnect_by_data (watch->call, watch);
  g_signal_handlers_disconnect_by_data (bb_call_get_transcript (watch->call), watch);
  g_signal_handlers_disconnect_by_data (bb_call_get_order (watch->call), watch);
  g_hash_table_unref (watch->shown);
  g_hash_table_unref (watch->late);
  g_hash_table_unref (watch->order);
  g_object_unref (watch->call);
  g_free (watch->connection);
  g_free (watch);
}

static void
watch_call (Watcher *self, BbCall *call)
{
  Watch *watch = g_new0 (Watch, 1);
  BbTranscript *transcript = bb_call_get_transcript (call);
  g_autofree char *text = NULL;
  const char *name = bb_call_get_caller_name (call);
  const char *number = bb_call_get_caller_number (call);

  watch->watcher = self;
  watch->call = g_object_ref (call);
  watch->shown = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  watch->late = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  watch->order = g_hash_table_new (g_str_hash, g_str_equal);
  watch->shown_state = BB_CALL_INCOMING;
  watch->connection = g_strdup (bb_call_get_connection (call));
  g_hash_table_insert (self->watches, call, watch);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (on_call_changed), watch);
  g_signal_connect (transcript, "items-changed", G_CALLBACK (on_lines_changed), watch);
  g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (on_line_changed), watch);
  g_signal_connect (bb_call_get_order (call), BB_ORDER_SIGNAL_CHANGED,
                    G_CALLBACK (on_order_changed), watch);

  if (*name != '\0' && *number != '\0')
    text = g_strdup_printf (_ ("Call from %s (%s)"), name, number);
  else
    {
      g_autofree char *title = bb_call_dup_title (call);

      text = g_strdup_printf (_ ("Call from %s"), title);
    }
  put_event (watch, text);
  show_call (watch);
  show_lines (watch, FALSE);
  show_order (watch);
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, gpointer user_data)
{
  Watcher *self = user_data;
  GHashTableIter iter;
  gpointer key;

  if (removed > 0)
    {
      g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);

      for (guint i = 0; i < g_list_model_get_n_items (calls); i++)
        {
          g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

          g_hash_table_add (present, call);
        }
      g_hash_table_iter_init (&iter, self->watches);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        if (!g_hash_table_contains (present, key))
          g_hash_table_iter_remove (&iter);
    }
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (calls, i);

      /* Calls that had ended before are history: “calls show” tells of them. */
      if (self->was_connected || bb_call_get_state (call) != BB_CALL_ENDED)
        watch_call (self, call);
    }
}

static void
put_status (Watcher *self, const char *text)
{
  clear_partial (self);
  fflush (stdout);
  fprintf (stderr, "%s\n", text);
}

static void
on_state (BbApiClient *client, guint state, const char *text, GError *error, gpointer user_data)
{
  Watcher *self = user_data;

  switch (state)
    {
    case BB_API_CLIENT_CONNECTED:
      put_status (self, text);
      self->was_connected = TRUE;
      self->said_lost = FALSE;
      break;
    case BB_API_CLIENT_CONNECTING:
    case BB_API_CLIENT_RECONNECTING:
      if (error == NULL)
        break;
      if (!self->was_connected && !self->ctl->wait)
        {
          self->status = ctl_fail ("%s", text);
          g_main_loop_quit (self->loop);
        }
      else if (!self->said_lost)
        {
          /* Once, not at each attempt. */
          put_status (self, text);
          self->said_lost = TRUE;
        }
      break;
    default:
      break;
    }
}

static void
on_message (BbApiClient *client, const char *text, gpointer user_data)
{
  ctl_putf ("%s\n", text);
  fflush (stdout);
}

static gboolean
on_signal (gpointer user_data)
{
  Watcher *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

/* Lines that waited for others long enough. */
static gboolean
on_tick (gpointer user_data)
{
  Watcher *self = user_data;
  GHashTableIter iter;
  gpointer watch;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &watch))
    if (((Watch *)watch)->waiting_since != 0)
      show_lines (watch, FALSE);
  return G_SOURCE_CONTINUE;
}

int
ctl_watch (Ctl *ctl, const char *const *arguments)
{
  Watcher self = { .ctl = ctl, .status = CTL_OK };
  g_autoptr (GError) error = NULL;
  guint sources[3];

  if (arguments[0] != NULL)
    return ctl_fail_usage (_ ("watch: takes no argument, but got “%s”."), arguments[0]);
  self.client = ctl_new_client (ctl, &error);
  if (self.client == NULL)
    return ctl_fail ("%s", error->message);

  self.loop = g_main_loop_new (NULL, FALSE);
  self.watches = g_hash_table_new_full (NULL, NULL, NULL, watch_free);
  self.rewrite = !ctl->json && isatty (STDOUT_FILENO);
  g_signal_connect (self.client, BB_API_CLIENT_SIGNAL_STATE, G_CALLBACK (on_state), &self);
  if (ctl->json)
    g_signal_connect (self.client, BB_API_CLIENT_SIGNAL_MESSAGE, G_CALLBACK (on_message), &self);
  else
    g_signal_connect (bb_operator_get_calls (BB_OPERATOR (self.client)), "items-changed",
                      G_CALLBACK (on_calls_changed), &self);
  sources[0] = g_unix_signal_add (SIGINT, on_signal, &self);
  sources[1] = g_unix_signal_add (SIGTERM, on_signal, &self);
  sources[2] = g_timeout_add_seconds (1, on_tick, &self);
  bb_api_client_start (self.client);
  if (self.status == CTL_OK)
    g_main_loop_run (self.loop);

  bb_api_client_stop (self.client);
  g_signal_handlers_disconnect_by_data (bb_operator_get_calls (BB_OPERATOR (self.client)), &self);
  clear_partial (&self);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  g_hash_table_unref (self.watches);
  g_object_unref (self.client);
  g_main_loop_unref (self.loop);
  return self.status;
}
