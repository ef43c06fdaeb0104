/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbCsvReader:
 *
 * Walks over the records of a CSV text (RFC 4180, with a separator of choice
 * and LF or CRLF). Plain data: bb_csv_reader_init() and go.
 */
typedef struct
{
  const char *p;    /* next record */
  const char *end;
  char separator;
  guint line;       /* of p, from 1 */
  guint record_line; /* where the last record began */
} BbCsvReader;

typedef enum
{
  BB_CSV_RECORD,
  BB_CSV_END,
  BB_CSV_OPEN_QUOTE, /* a quoted field never ended; the reader is at its end */
  BB_CSV_STRAY_QUOTE /* text behind a closing quote; the record was skipped */
} BbCsvResult;

void bb_csv_reader_init (BbCsvReader *self, const char *text, gsize length, char separator);
BbCsvResult bb_csv_reader_next (BbCsvReader *self, GPtrArray *fields);
char bb_csv_guess_separator (const char *text, gsize length);
void bb_csv_append_field (GString *out, const char *field, char separator);

G_END_DECLS
