/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Plays the service's side of a session log back. The n-th connection gets what
 * the n-th of the log got.
 *
 * Before each event of the server, the client's events that came before it in
 * the log are waited for; its time counts from the last of them. So the client
 * may be faster or slower than it was, and hears everything after what it said
 * itself. Caller audio is neither waited for nor compared: it is not the same
 * twice. Events of the client are matched by type, a few places ahead too;
 * what does not match is a departure, which is told and gone past.
 */
#include "sim-replay.h"

#include <config.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "sim-json.h"

#define APPEND "input_audio_buffer.append"
#define LOOK_AHEAD 16 /* events of the client that may have changed their order */
#define PATIENCE_MS 10000 /* beyond the log's time, for an event of the client */

struct _SimReplay
{
  SimReplayLog *log;
  double speed; /* 0: at once */
  SimLog *events; /* nullable */
  guint n_connections;
  guint n_departures;
};

struct _SimReplaySession
{
  SimReplay *replay;
  guint number; /* from 1 */
  char *id;     /* in the --events log */
  const SimTransport *transport;
  gpointer transport_data;
  SimReplayConnection *connection; /* NULL: the log has none for it */
  guint8 *matched; /* per entry: the client has sent it, or it was given up */
  guint at;        /* the next entry of the server is here or behind */
  gint64 anchor_us; /* monotonic: when the last matched event came */
  double anchor_t;  /* its time in the log */
  GHashTable *ids;  /* ids of the client, in the log -> now */
  char *format;     /* of the audio that is sent */
  guint timer;
  gboolean over;    /* all of the log's connection has been told */
};

SimReplay *
sim_replay_new (const char *path, double speed, SimLog *log, GError **error)
{
  g_autoptr (SimReplayLog) replay_log = sim_replay_log_load (path, error);

  if (replay_log == NULL)
    return NULL;
  SimReplay *self = g_new0 (SimReplay, 1);
  self->log = g_steal_pointer (&replay_log);
  self->speed = speed;
  self->events = log;
  return self;
}

void
sim_replay_free (SimReplay *self)
{
  sim_replay_log_free (self->log);
  g_free (self);
}

/* Returns: how often a client did what the log does not have, or the contrary */
guint
sim_replay_get_departures (SimReplay *self)
{
  return self->n_departures;
}

static void G_GNUC_PRINTF (2, 3)
depart (SimReplaySession *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  self->replay->n_departures++;
  g_printerr ("bestellbot-simulator: %s %u: %s\n", _ ("replay, connection"), self->number, what);
}

static SimReplayEntry *
get_entry (SimReplaySession *self, guint i)
{
  return i < self->connection->entries->len ? g_ptr_array_index (self->connection->entries, i) : NULL;
}

static gboolean
is_expected (const SimReplayEntry *entry)
{
  return entry->client && strcmp (entry->type, APPEND) != 0;
}

static guint
wait_ms (SimReplaySession *self, double seconds)
{
  return self->replay->speed > 0 ? MAX (seconds, 0) * 1000 / self->replay->speed : 0;
}

/* ---- what is sent ------------------------------------------------------ */

static const char *
find_format (JsonObject *event)
{
  const char *format = sim_object_get_string (event, "session.audio.output.format.type");
  return format != NULL ? format : sim_object_get_string (event, "response.audio.output.format.type");
}

static char *
make_silence (const char *format, gsize size)
{
  g_autofree guint8 *silence = g_malloc (size + 1);

  if (g_strcmp0 (format, "audio/pcmu") == 0)
    memset (silence, 0xff, size);
  else if (g_strcmp0 (format, "audio/pcma") == 0)
    memset (silence, 0xd5, size);
  else
    {
      size &= ~(gsize) 1; /* the log counts digits, not samples */
      memset (silence, 0, size);
    }
  return g_base64_encode (silence, size);
}

/* Ids that the client made are not the log's, and the times are not. */
static void
rewrite (SimReplaySession *self, JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        rewrite (self, json_array_get_element (array, i));
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);
      for (GList *l = names; l != NULL; l = l->next)
        {
          const char *value = sim_object_get_string (object, l->data);
          gsize bytes = sim_replay_audio_bytes (value);

          if (value == NULL)
            {
              if (strcmp (l->data, "expires_at") == 0 && self->replay->log->opened > 0)
                {
                  gint64 at = sim_object_get_int (object, l->data, 0);
                  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
                  if (at > 0)
                    json_object_set_int_member (object, l->data,
                                                at - self->replay->log->opened - (gint64) self->connection->start
                                                    + now);
                }
              else
                rewrite (self, json_object_get_member (object, l->data));
            }
          else if (bytes > 0)
            {
              g_autofree char *audio = make_silence (self->format, bytes);
              json_object_set_string_member (object, l->data, audio);
            }
          else if (g_hash_table_contains (self->ids, value))
            {
              g_autofree char *id = g_strdup (g_hash_table_lookup (self->ids, value));
              json_object_set_string_member (object, l->data, id);
            }
        }
    }
}

static void
send_entry (SimReplaySession *self, const SimReplayEntry *entry)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  const char *format = find_format (entry->event);

  if (format != NULL)
    {
      g_free (self->format);
      self->format = g_strdup (format);
    }
  json_node_take_object (node, sim_object_copy_deep (entry->event));
  rewrite (self, node);
  g_autofree char *text = sim_node_to_text (node);
  sim_log_write_object (self->replay->events, self->id, FALSE, json_node_get_object (node));
  self->transport->send (self->transport_data, text, strlen (text), SIM_SEND_TEXT);
}

/* ---- the order --------------------------------------------------------- */

static void run (SimReplaySession *self);

static gboolean
on_timer (gpointer data)
{
  SimReplaySession *self = data;
  self->timer = 0;
  run (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for (SimReplaySession *self, gint64 due_us)
{
  gint64 left = due_us - g_get_monotonic_time ();
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (left > 0 ? (left + 999) / 1000 : 0, on_timer, self);
}

static void
anchor (SimReplaySession *self, double t)
{
  self->anchor_us = g_get_monotonic_time ();
  self->anchor_t = t;
}

/* The end of the log's connection has come. */
static void
finish (SimReplaySession *self)
{
  const SimReplayConnection *connection = self->connection;

  self->over = TRUE;
  if (connection->end == SIM_REPLAY_DROPPED)
    self->transport->drop (self->transport_data);
  else if (connection->end == SIM_REPLAY_CLOSED)
    self->transport->close (self->transport_data, connection->code, "as it was");
}

/* Sends what is due and waits for what comes next. */
static void
run (SimReplaySession *self)
{
  while (!self->over)
    {
      SimReplayEntry *entry = get_entry (self, self->at);
      double t = entry != NULL ? entry->t : self->connection->end_t;
      gint64 due = self->anchor_us + (gint64) wait_ms (self, t - self->anchor_t) * 1000;
      gint64 now = g_get_monotonic_time ();

      if (entry != NULL && entry->client && (!is_expected (entry) || self->matched[self->at]))
        {
          self->at++;
          continue;
        }
      if (entry != NULL && entry->client)
        {
          gint64 last = due + PATIENCE_MS * 1000;
          /* Behind the last word of the server nothing is waited for but the end. */
          if (now < last)
            {
              wait_for (self, last);
              return;
            }
          depart (self, _ ("the client has not sent %s (line %u) within %d s"), entry->type, entry->line,
                  PATIENCE_MS / 1000);
          self->matched[self->at++] = TRUE;
          anchor (self, entry->t);
          continue;
        }
      if (now < due)
        {
          wait_for (self, due);
          return;
        }
      if (entry == NULL)
        {
          finish (self);
          return;
        }
      self->at++;
      send_entry (self, entry);
    }
}

static void
learn_id (SimReplaySession *self, JsonObject *logged, JsonObject *now, const char *path)
{
  const char *old = sim_object_get_string (logged, path);
  const char *id = sim_object_get_string (now, path);

  if (old != NULL && id != NULL)
    g_hash_table_replace (self->ids, g_strdup (old), g_strdup (id));
}

/* Returns: whether the log has it here */
static gboolean
match (SimReplaySession *self, const char *type, JsonObject *event)
{
  guint looked = 0;
  SimReplayEntry *entry;

  for (guint i = self->at; looked < LOOK_AHEAD && (entry = get_entry (self, i)) != NULL; i++)
    {
      if (!is_expected (entry) || self->matched[i])
        continue;
      looked++;
      if (strcmp (entry->type, type) != 0)
        continue;
      self->matched[i] = TRUE;
      learn_id (self, entry->event, event, "event_id");
      learn_id (self, entry->event, event, "item.id");
      learn_id (self, entry->event, event, "response.metadata.request");
      if (looked == 1)
        anchor (self, entry->t);
      return TRUE;
    }
  return FALSE;
}

void
sim_replay_session_receive (SimReplaySession *self, const char *text, gsize length)
{
  static const char append[] = "{\"type\":\"" APPEND "\"";
  g_autoptr (JsonParser) parser = NULL;

  /* Fifty times a second, and nothing to be learnt from it. */
  if (self->connection == NULL || (self->over && self->connection->end != SIM_REPLAY_OPEN)
      || (length >= sizeof append - 1 && memcmp (text, append, sizeof append - 1) == 0))
    return;
  parser = json_parser_new ();
  JsonNode *root = sim_text_is_shallow (text, length) && json_parser_load_from_data (parser, text, length, NULL)
                       ? json_parser_get_root (parser)
                       : NULL;
  JsonObject *event = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  const char *type = sim_object_get_string (event, "type");
  if (type == NULL)
    {
      depart (self, _ ("the client has sent what is no event"));
      return;
    }
  if (strcmp (type, APPEND) == 0)
    return;
  sim_log_write_object (self->replay->events, self->id, TRUE, event);
  if (!match (self, type, event))
    {
      SimReplayEntry *entry = NULL;
      for (guint i = self->at; (entry = get_entry (self, i)) != NULL; i++)
        if (is_expected (entry) && !self->matched[i])
          break;
      if (entry != NULL)
        depart (self, _ ("the client has sent %s; the log has %s next (line %u)"), type, entry->type, entry->line);
      else
        depart (self, _ ("the client has sent %s; the log has nothing more of it"), type);
    }
  run (self);
}

/* ---- life -------------------------------------------------------------- */

SimReplaySession *
sim_replay_session_new (SimReplay *replay, const SimTransport *transport, gpointer transport_data)
{
  SimReplaySession *self = g_new0 (SimReplaySession, 1);

  self->replay = replay;
  self->number = ++replay->n_connections;
  self->id = g_strdup_printf ("replay_%u", self->number);
  self->transport = transport;
  self->transport_data = transport_data;
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (self->number <= replay->log->connections->len)
    {
      self->connection = g_ptr_array_index (replay->log->connections, self->number - 1);
      self->matched = g_new0 (guint8, self->connection->entries->len + 1);
    }
  return self;
}

void
sim_replay_session_start (SimReplaySession *self)
{
  if (self->connection == NULL)
    {
      depart (self, _ ("the log has %u connections only"), self->replay->log->connections->len);
      self->over = TRUE;
      self->transport->close (self->transport_data, 1008, "the log has no such connection");
      return;
    }
  anchor (self, self->connection->start);
  wait_for (self, 0);
}

/* What of the log has not come to pass. */
static void
sum_up (SimReplaySession *self)
{
  SimReplayEntry *entry, *missing = NULL;
  guint sent = 0, left = 0;

  for (guint i = 0; (entry = get_entry (self, i)) != NULL; i++)
    if (entry->client && is_expected (entry) && !self->matched[i] && missing == NULL)
      missing = entry;
    else if (!entry->client)
      *(i < self->at ? &sent : &left) += 1;
  if (left > 0)
    depart (self, _ ("the client has gone; %u events of the server were not sent any more"), left);
  else if (missing != NULL)
    depart (self, _ ("the client has gone and has not sent %s (line %u)"), missing->type, missing->line);
  /* A line that scripts wait for: never translated. */
  printf ("replayed connection %u of %u: %u events, departures so far: %u\n", self->number,
          self->replay->log->connections->len, sent, self->replay->n_departures);
  fflush (stdout);
}

void
sim_replay_session_free (SimReplaySession *self)
{
  if (self->connection != NULL)
    sum_up (self);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_hash_table_unref (self->ids);
  g_free (self->matched);
  g_free (self->format);
  g_free (self->id);
  g_free (self);
}
