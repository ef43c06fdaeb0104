/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-csv.h"

#include <string.h>

/**
 * bb_csv_reader_init:
 * @self: the reader
 * @text: the text, which must outlive @self
 * @length: its bytes
 * @separator: between fields
 */
void
bb_csv_reader_init (BbCsvReader *self, const char *text, gsize length, char separator)
{
  *self = (BbCsvReader){ .p = text, .end = text + length, .separator = separator, .line = 1 };
  self->record_line = 1;
}

static gboolean
at_line_end (const BbCsvReader *self)
{
  return self->p == self->end || *self->p == '\n'
         || (*self->p == '\r' && self->p + 1 < self->end && self->p[1] == '\n');
}

static void
skip_line_end (BbCsvReader *self)
{
  if (self->p < self->end && *self->p == '\r')
    self->p++;
  if (self->p < self->end && *self->p == '\n')
    {
      self->p++;
      self->line++;
    }
}

/**
 * bb_csv_reader_next:
 * @self: the reader
 * @fields: (element-type utf8): emptied, then filled with the record's fields;
 *   its free function must be g_free()
 *
 * Empty lines are skipped.
 *
 * Returns: what was found
 */
BbCsvResult
bb_csv_reader_next (BbCsvReader *self, GPtrArray *fields)
{
  g_ptr_array_set_size (fields, 0);

  while (self->p < self->end && at_line_end (self))
    skip_line_end (self);
  self->record_line = self->line;
  if (self->p == self->end)
    return BB_CSV_END;

  for (;;)
    {
      GString *field = g_string_new (NULL);

      if (self->p < self->end && *self->p == '"')
        {
          self->p++;
          for (;;)
            {
              if (self->p == self->end)
                {
                  g_string_free (field, TRUE);
                  return BB_CSV_OPEN_QUOTE;
                }
              if (*self->p == '"')
                {
                  if (self->p + 1 == self->end || self->p[1] != '"')
                    break;
                  self->p++;
                }
              else if (*self->p == '\n')
                {
                  self->line++;
                }
              g_string_append_c (field, *self->p++);
            }
          self->p++;
          if (!at_line_end (self) && *self->p != self->separator)
            {
              g_string_free (field, TRUE);
              while (!at_line_end (self))
                self->p++;
              skip_line_end (self);
              return BB_CSV_STRAY_QUOTE;
            }
        }
      else
        {
          const char *start = self->p;

          while (!at_line_end (self) && *self->p != self->separator)
            self->p++;
          g_string_append_len (field, start, self->p - start);
        }

      g_ptr_array_add (fields, g_string_free (field, FALSE));
      if (at_line_end (self))
        {
          skip_line_end (self);
          return BB_CSV_RECORD;
        }
      self->p++;
    }
}

/**
 * bb_csv_guess_separator:
 * @text: a CSV text
 * @length: its bytes
 *
 * Returns: which of ';', tab and ',' stands most often in the header line
 */
char
bb_csv_guess_separator (const char *text, gsize length)
{
  static const char separators[] = ";\t,";
  guint best_count = 0;
  char best = ';';

  for (gsize i = 0; i < sizeof separators - 1; i++)
    {
      guint count = 0;

      for (gsize at = 0; at < length && text[at] != '\n'; at++)
        count += text[at] == separators[i];
      if (count > best_count)
        {
          best_count = count;
          best = separators[i];
        }
    }
  return best;
}

/**
 * bb_csv_append_field:
 * @out: where to append
 * @field: (nullable): any text
 * @separator: between fields
 *
 * Appends one field, quoted where RFC 4180 asks for it.
 */
void
bb_csv_append_field (GString *out, const char *field, char separator)
{
  const char quoted[] = { separator, '"', '\r', '\n', '\0' };

  if (field == NULL)
    return;
  if (strpbrk (field, quoted) == NULL)
    {
      g_string_append (out, field);
      return;
    }

  g_string_append_c (out, '"');
  for (; *field != '\0'; field++)
    {
      if (*field == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *field);
    }
  g_string_append_c (out, '"');
}
