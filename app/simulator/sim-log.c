/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-log.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "sim-json.h"

/* Longer than this, a string named audio or delta is audio. */
#define SHORT_AUDIO 64
#define RAW_MAX 400

struct _SimLog
{
  FILE *file;
};

/**
 * sim_log_open:
 * @path: created anew; "-" is the standard error
 */
SimLog *
sim_log_open (const char *path, GError **error)
{
  FILE *file = strcmp (path, "-") == 0 ? stderr : fopen (path, "we");

  if (file == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "can't write the events to %s: %s",
                   path, g_strerror (errno));
      return NULL;
    }
  SimLog *self = g_new0 (SimLog, 1);
  self->file = file;
  return self;
}

void
sim_log_close (SimLog *self)
{
  if (self->file != stderr)
    fclose (self->file);
  g_free (self);
}

static void
write_head (SimLog *self, const char *session, gboolean from_client)
{
  char t[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (t, sizeof t, "%.3f", g_get_monotonic_time () / 1000.0);
  fprintf (self->file, "{\"t\":%s,\"session\":\"%s\",\"from\":\"%s\"", t, session,
           from_client ? "client" : "server");
}

/**
 * sim_log_write:
 * @self: (nullable): nothing is written without
 * @event: one JSON object, with SIM_LOG_AUDIO where it has audio
 * @audio_bytes: how many bytes of audio it has, 0 if none
 */
void
sim_log_write (SimLog *self, const char *session, gboolean from_client, const char *event, gsize audio_bytes)
{
  if (self == NULL)
    return;
  write_head (self, session, from_client);
  if (audio_bytes > 0)
    fprintf (self->file, ",\"audio_bytes\":%" G_GSIZE_FORMAT, audio_bytes);
  fprintf (self->file, ",\"ev\":%s}\n", event);
  fflush (self->file);
}

/* Replaces audio in place; returns how many bytes it had. */
static gsize
strip_audio (JsonNode *node)
{
  gsize bytes = 0;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        bytes += strip_audio (json_array_get_element (array, i));
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);
      for (GList *l = names; l != NULL; l = l->next)
        {
          JsonNode *member = json_object_get_member (object, l->data);
          const char *text = sim_object_get_string (object, l->data);
          if (text == NULL)
            bytes += strip_audio (member);
          else if (strcmp (l->data, "audio") == 0 && strlen (text) > SHORT_AUDIO)
            {
              bytes += strlen (text) / 4 * 3;
              json_object_set_string_member (object, l->data, SIM_LOG_AUDIO);
            }
          else if (strcmp (l->data, "padding") == 0)
            json_object_set_string_member (object, l->data, "");
        }
    }
  return bytes;
}

void
sim_log_write_object (SimLog *self, const char *session, gboolean from_client, JsonObject *event)
{
  if (self == NULL)
    return;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, sim_object_copy_deep (event));
  gsize bytes = strip_audio (node);
  g_autofree char *text = sim_node_to_text (node);
  sim_log_write (self, session, from_client, text, bytes);
}

/* What is no event: its beginning, under "raw" instead of "ev". */
void
sim_log_write_raw (SimLog *self, const char *session, gboolean from_client, const char *text, gsize length)
{
  if (self == NULL)
    return;
  g_autofree char *head = g_utf8_make_valid (text, MIN (length, RAW_MAX));
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  json_node_set_string (node, head);
  g_autofree char *quoted = sim_node_to_text (node);
  write_head (self, session, from_client);
  fprintf (self->file, ",\"raw\":%s}\n", quoted);
  fflush (self->file);
}
