/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The session log: every event both ways, one JSON object per line:
 *
 *   {"t":0.123456,"from":"client","ev":{…}}
 *
 * t is seconds (monotonic) since the log was opened, and the first line holds
 * the wall clock. Unless it is asked for, audio is shortened to the number of
 * its base64 digits, padding not counted: "audio":"<214 base64>" are 160 bytes.
 * What is no event is a note: opened, connected, closed (with the code), lost,
 * failed, renewed. Lines with "next":true are of the connection that is going
 * to be the next. Headers, and with them the key, are no events and never come
 * here. bestellbot-simulator --replay plays the server's side of such a file.
 */
#include "realtimelog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LONG_STRING 64   /* base64 longer than this is audio, not text */
#define LONG_DATA   1024 /* a data: URL longer than this is shortened, too */

struct _GstRealtimeLog
{
  FILE *file;
  gboolean with_audio;
  gboolean next; /* what comes is of the next connection */
  gint64 start_us;
  GString *line;
};

static void
begin_line (GstRealtimeLog *self)
{
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_truncate (self->line, 0);
  g_ascii_formatd (seconds, sizeof seconds, "%.6f",
                   (g_get_monotonic_time () - self->start_us) / 1e6);
  g_string_append_printf (self->line, "{\"t\":%s,%s", seconds, self->next ? "\"next\":true," : "");
}

static void
end_line (GstRealtimeLog *self)
{
  g_string_append (self->line, "}\n");
  fwrite (self->line->str, 1, self->line->len, self->file);
  fflush (self->file);
}

static void
append_quoted (GString *line, const char *text)
{
  g_string_append_c (line, '"');
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (line, '\\');
      if ((guchar)*text < 0x20)
        g_string_append_printf (line, "\\u%04x", *text);
      else
        g_string_append_c (line, *text);
    }
  g_string_append_c (line, '"');
}

/**
 * gst_realtime_log_open:
 * @path: appended to; created for the owner only (it holds what callers said)
 * @with_audio: whether audio is kept as it is
 *
 * Returns: (transfer full): the log, or %NULL with @error
 */
GstRealtimeLog *
gst_realtime_log_open (const char *path, gboolean with_audio, GError **error)
{
  g_autoptr (GFile) gfile = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) created =
      g_file_append_to (gfile, G_FILE_CREATE_PRIVATE, NULL, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = NULL;
  GstRealtimeLog *self;
  FILE *file;

  if (created == NULL)
    return NULL;
  file = fopen (path, "ae");
  if (file == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }

  self = g_new0 (GstRealtimeLog, 1);
  self->file = file;
  self->with_audio = with_audio;
  self->start_us = g_get_monotonic_time ();
  self->line = g_string_sized_new (4096);
  stamp = g_date_time_format_iso8601 (now);
  gst_realtime_log_note (self, "opened", stamp);
  return self;
}

void
gst_realtime_log_close (GstRealtimeLog *self)
{
  fclose (self->file);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static gboolean
is_base64 (const char *text, gsize size)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

  return size > LONG_STRING && strspn (text, digits) >= size;
}

/* Copies one event, every long base64 string replaced by its length. */
static void
append_shortened (GString *line, const char *text, gsize size, gboolean with_audio)
{
  gsize i = 0;

  while (i < size)
    {
      gsize start = i, end;

      if (text[i] != '"')
        {
          const char *quote = memchr (text + i, '"', size - i);
          gsize n = quote != NULL ? (gsize)(quote - text) - i : size - i;

          /* A raw line break between members would end the log's line. */
          for (gsize j = i; j < i + n; j++)
            g_string_append_c (line, text[j] == '\n' || text[j] == '\r' ? ' ' : text[j]);
          i += n;
          continue;
        }
      for (end = i + 1; end < size && text[end] != '"'; end++)
        if (text[end] == '\\')
          end++;
      end = MIN (end, size);
      i = MIN (end + 1, size);
      if (!with_audio && is_base64 (text + start + 1, end - start - 1))
        {
          gsize n = end - start - 1;

          while (n > 0 && text[start + n] == '=')
            n--;
          g_string_append_printf (line, "\"<%" G_GSIZE_FORMAT " base64>\"", n);
        }
      else if (!with_audio && end - start > LONG_DATA && strncmp (text + start + 1, "data:", 5) == 0)
        g_string_append_printf (line, "\"data:<%" G_GSIZE_FORMAT " bytes>\"", end - start - 1);
      else
        g_string_append_len (line, text + start, i - start);
    }
}

/**
 * gst_realtime_log_event:
 * @from: "client" or "server"
 * @text: the event; must be followed by a NUL byte or a quote, as JSON is
 *
 * Text that is no JSON object is logged as a note, so that each line stays JSON.
 */
void
gst_realtime_log_event (GstRealtimeLog *self, const char *from, const char *text, gsize size)
{
  begin_line (self);
  g_string_append_printf (self->line, "\"from\":\"%s\",\"ev\":", from);
  append_shortened (self->line, text, size, self->with_audio);
  end_line (self);
}

/* What is no event: opened, connected, closed, a message that is no JSON. */
void
gst_realtime_log_note (GstRealtimeLog *self, const char *note, const char *detail)
{
  begin_line (self);
  g_string_append (self->line, "\"note\":");
  append_quoted (self->line, note);
  if (detail != NULL)
    {
      g_autofree char *valid = g_utf8_make_valid (detail, -1);

      g_string_append (self->line, ",\"detail\":");
      append_quoted (self->line, valid);
    }
  end_line (self);
}

/* Whether what is logged from now on is of the connection that will be the next. */
void
gst_realtime_log_set_next (GstRealtimeLog *self, gboolean next)
{
  self->next = next;
}
