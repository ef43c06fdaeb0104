/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "bb-api-json.h"

#define COLUMN_GAP "  "

struct _CtlTable
{
  guint n_columns;
  gboolean *to_right;
  GPtrArray *cells; /* row after row, the headings first */
};

void
ctl_put (const char *text)
{
  fputs (text, stdout);
}

void
ctl_putf (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fputs (text, stdout);
}

static void
put_error (const char *format, va_list arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);

  fflush (stdout);
  fprintf (stderr, "bestellbotctl: %s\n", text);
}

int
ctl_fail (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  put_error (format, arguments);
  va_end (arguments);
  return CTL_ERROR;
}

int
ctl_fail_usage (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  put_error (format, arguments);
  va_end (arguments);
  fprintf (stderr, "%s\n", _ ("“bestellbotctl --help” tells how to use it."));
  return CTL_USAGE;
}

void
ctl_put_json (JsonNode *node)
{
  g_autofree char *text = bb_api_json_print (node, TRUE);

  ctl_putf ("%s\n", text);
}

char *
ctl_format_time (GDateTime *time)
{
  g_autoptr (GDateTime) local = NULL;

  if (time == NULL)
    return g_strdup ("");
  local = g_date_time_to_local (time);
  return g_date_time_format (local, "%Y-%m-%d %H:%M");
}

char *
ctl_format_duration (gint64 ms)
{
  gint64 seconds = MAX (ms, 0) / 1000;

  if (seconds >= 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600,
                            (int)(seconds / 60 % 60), (int)(seconds % 60));
  return g_strdup_printf ("%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}

char *
ctl_clean (const char *text)
{
  GString *result = g_string_new (NULL);

  for (const char *p = text != NULL ? text : ""; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (c == (gunichar)-1 || c == (gunichar)-2)
        {
          g_string_append (result, "\357\277\275"); /* U+FFFD */
          for (; (p[1] & 0xc0) == 0x80; p++)
            ;
          /* g_utf8_next_char() would skip by the first byte's promise */
          if (p[1] == '\0')
            break;
          continue;
        }
      g_string_append_unichar (result, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_string_free (result, FALSE);
}

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
ctl_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));
  return width;
}

char *
ctl_fit_end (const char *text, guint width)
{
  const char *start = text + strlen (text);
  guint used = 0;

  if (ctl_width (text) <= width)
    return g_strdup (text);
  while (start > text)
    {
      const char *before = g_utf8_prev_char (start);

      used += char_width (g_utf8_get_char (before));
      if (used + 1 > width)
        break;
      start = before;
    }
  return g_strconcat ("…", start, NULL);
}

static void
add_cells (CtlTable *self, const char *first, va_list arguments)
{
  guint n = 0;

  for (const char *cell = first; cell != NULL && n < self->n_columns;
       cell = va_arg (arguments, const char *), n++)
    g_ptr_array_add (self->cells, ctl_clean (cell));
  for (; n < self->n_columns; n++)
    g_ptr_array_add (self->cells, g_strdup (""));
}

CtlTable *
ctl_table_new (const char *first, ...)
{
  CtlTable *self = g_new0 (CtlTable, 1);
  va_list arguments;

  self->cells = g_ptr_array_new_with_free_func (g_free);
  va_start (arguments, first);
  for (const char *cell = first; cell != NULL; cell = va_arg (arguments, const char *))
    {
      self->to_right = g_renew (gboolean, self->to_right, self->n_columns + 1);
      self->to_right[self->n_columns++] = *cell == '>';
      g_ptr_array_add (self->cells, g_strdup (*cell == '>' ? cell + 1 : cell));
    }
  va_end (arguments);
  return self;
}

void
ctl_table_add (CtlTable *self, const char *first, ...)
{
  va_list arguments;

  va_start (arguments, first);
  add_cells (self, first, arguments);
  va_end (arguments);
}

static void
append_cell (GString *line, const char *cell, guint width, gboolean to_right)
{
  guint gap = width - ctl_width (cell);

  if (to_right)
    g_string_append_printf (line, "%*s", (int)gap, "");
  g_string_append (line, cell);
  if (!to_right)
    g_string_append_printf (line, "%*s", (int)gap, "");
}

void
ctl_table_print (CtlTable *self, gboolean colour)
{
  guint n = self->n_columns;
  g_autofree guint *widths = g_new0 (guint, n);

  for (guint i = 0; i < self->cells->len; i++)
    widths[i % n] = MAX (widths[i % n], ctl_width (self->cells->pdata[i]));
  for (guint row = 0; row < self->cells->len / n; row++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      for (guint i = 0; i < n; i++)
        {
          if (i > 0)
            g_string_append (line, COLUMN_GAP);
          append_cell (line, self->cells->pdata[row * n + i], widths[i], self->to_right[i]);
        }
      g_strchomp (line->str);
      if (row == 0 && colour)
        ctl_putf ("\033[1m%s\033[0m\n", line->str);
      else
        ctl_putf ("%s\n", line->str);
    }
  g_ptr_array_unref (self->cells);
  g_free (self->to_right);
  g_free (self);
}
