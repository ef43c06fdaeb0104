/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads the session log of openairealtimebin (docs/element.md), which anybody
 * may have cut or written. Nothing of the element's code is used. */
#include "sim-replay-log.h"

#include <config.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim-json.h"

/* A log of an hour with audio has less. */
#define MAX_SIZE (1024 * 1024 * 1024)
/* A day; a time beyond is no time. */
#define MAX_T 86400.0

static void
entry_free (gpointer data)
{
  SimReplayEntry *entry = data;
  json_object_unref (entry->event);
  g_free (entry->type);
  g_free (entry);
}

static void
connection_free (gpointer data)
{
  SimReplayConnection *connection = data;
  g_ptr_array_unref (connection->entries);
  g_free (connection);
}

void
sim_replay_log_free (SimReplayLog *self)
{
  g_ptr_array_unref (self->connections);
  g_free (self);
}

static SimReplayConnection *
add_connection (SimReplayLog *self, double t)
{
  SimReplayConnection *connection = g_new0 (SimReplayConnection, 1);
  connection->start = connection->end_t = t;
  connection->entries = g_ptr_array_new_with_free_func (entry_free);
  g_ptr_array_add (self->connections, connection);
  return connection;
}

/* Where the reading is. */
typedef struct
{
  SimReplayLog *log;
  SimReplayConnection *current; /* nullable */
  SimReplayConnection *next;    /* nullable: is going to take over */
  gboolean took_over;           /* its session.updated is told once more */
  double t;
} Reader;

static void
take_over (Reader *reader)
{
  reader->current = reader->next;
  reader->next = NULL;
  reader->took_over = reader->current != NULL;
}

static void
read_note (Reader *reader, const char *note, const char *detail, double t, gboolean next)
{
  if (strcmp (note, "opened") == 0)
    {
      g_autoptr (GDateTime) time = detail != NULL ? g_date_time_new_from_iso8601 (detail, NULL) : NULL;
      reader->current = reader->next = NULL;
      if (time != NULL)
        reader->log->opened = g_date_time_to_unix (time);
    }
  else if (strcmp (note, "connected") == 0)
    {
      SimReplayConnection *connection = add_connection (reader->log, t);
      if (next)
        reader->next = connection;
      else
        reader->current = connection;
    }
  else if (strcmp (note, "closed") == 0 && reader->current != NULL)
    {
      reader->current->end = SIM_REPLAY_CLOSED;
      reader->current->end_t = t;
      reader->current->code = detail != NULL ? atoi (detail) : 0;
    }
  else if ((strcmp (note, "lost") == 0 || strcmp (note, "failed") == 0) && reader->current != NULL)
    {
      if (reader->current->end == SIM_REPLAY_OPEN)
        {
          reader->current->end = SIM_REPLAY_DROPPED;
          reader->current->end_t = t;
        }
      take_over (reader);
    }
  else if (strcmp (note, "renewed") == 0)
    take_over (reader);
}

static gboolean
read_event (Reader *reader, JsonObject *line, guint number, gboolean next, const char **wrong)
{
  const char *from = sim_object_get_string (line, "from");
  JsonObject *event = sim_object_get_object (line, "ev");
  const char *type = sim_object_get_string (event, "type");
  SimReplayConnection *connection = next ? reader->next : reader->current;

  if (from == NULL || (strcmp (from, "client") != 0 && strcmp (from, "server") != 0))
    *wrong = _ ("\"from\" is neither client nor server");
  else if (type == NULL)
    *wrong = _ ("\"ev\" is no event: an object with a \"type\"");
  else if (connection == NULL)
    *wrong = _ ("an event before any connection");
  if (*wrong != NULL)
    return FALSE;
  if (reader->took_over && strcmp (type, "session.updated") == 0)
    {
      reader->took_over = FALSE;
      return TRUE;
    }

  SimReplayEntry *entry = g_new0 (SimReplayEntry, 1);
  entry->line = number;
  entry->t = reader->t;
  entry->client = strcmp (from, "client") == 0;
  entry->type = g_strdup (type);
  entry->event = json_object_ref (event);
  g_ptr_array_add (connection->entries, entry);
  return TRUE;
}

/* Returns: (transfer none) (nullable): what is wrong with the line */
static const char *
read_line (Reader *reader, const char *text, gsize length, guint number)
{
  const char *wrong = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!g_utf8_validate_len (text, length, NULL))
    return _ ("no UTF-8 text");
  if (!sim_text_is_shallow (text, length) || !json_parser_load_from_data (parser, text, length, NULL)
      || json_parser_get_root (parser) == NULL || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return _ ("no JSON object");

  JsonObject *line = json_node_get_object (json_parser_get_root (parser));
  double t = sim_object_get_double (line, "t", -1);
  gboolean next = sim_object_get_boolean (line, "next", FALSE);
  const char *note = sim_object_get_string (line, "note");

  if (json_object_has_member (line, "session"))
    return _ ("this is a log of the simulator (--events), not of the element (session-log)");
  if (!(t >= 0 && t <= MAX_T))
    return _ ("\"t\" is no time in seconds");
  if (note != NULL && strcmp (note, "opened") == 0)
    reader->t = 0;
  if (t < reader->t)
    return _ ("\"t\" goes back");
  reader->t = t;
  if (note != NULL)
    read_note (reader, note, sim_object_get_string (line, "detail"), t, next);
  else if (json_object_has_member (line, "ev"))
    read_event (reader, line, number, next, &wrong);
  else
    wrong = _ ("neither an event (\"ev\") nor a note");
  return wrong;
}

/**
 * sim_replay_log_parse:
 * @name: of the file, for errors
 *
 * Returns: (transfer full): the log, or %NULL with an error that names the line
 */
SimReplayLog *
sim_replay_log_parse (const char *name, const char *text, gsize length, GError **error)
{
  g_autoptr (SimReplayLog) self = g_new0 (SimReplayLog, 1);
  Reader reader = { self };
  const char *end = text + length;
  guint number = 0;

  self->connections = g_ptr_array_new_with_free_func (connection_free);
  while (text < end)
    {
      const char *line_end = memchr (text, '\n', end - text);
      const char *wrong = NULL;

      number++;
      if (line_end == NULL)
        wrong = _ ("the line is cut off: remove it");
      else if (line_end > text)
        wrong = read_line (&reader, text, line_end - text, number);
      if (wrong != NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s:%u: %s", name, number, wrong);
          return NULL;
        }
      text = line_end + 1;
    }
  if (self->connections->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("%s:%u: the log ends without any connection"), name, number);
      return NULL;
    }
  return g_steal_pointer (&self);
}

SimReplayLog *
sim_replay_log_load (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  if (file == NULL)
    return NULL;
  if (g_mapped_file_get_length (file) > MAX_SIZE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s: larger than any session log"), path);
      return NULL;
    }
  return sim_replay_log_parse (path, g_mapped_file_get_contents (file), g_mapped_file_get_length (file), error);
}

/**
 * sim_replay_audio_bytes:
 * @text: an "audio" or "delta" of the log
 *
 * Returns: the bytes of audio that "<N base64>" stands for; 0: it is something else
 */
gsize
sim_replay_audio_bytes (const char *text)
{
  char *end = NULL;

  if (text == NULL || text[0] != '<' || !g_ascii_isdigit (text[1]))
    return 0;
  guint64 digits = g_ascii_strtoull (text + 1, &end, 10);
  if (strcmp (end, " base64>") != 0 || digits > 64 * 1024 * 1024)
    return 0;
  return digits * 3 / 4;
}
