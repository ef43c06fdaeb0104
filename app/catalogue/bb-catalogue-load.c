/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Turns a file's text into products. A merchant repairs the file by the error
 * alone: each line names file, line, what is wrong and what to do.
 */
#include "config.h"

#include "bb-catalogue-load.h"

#include "bb-csv.h"
#include "bb-fold.h"
#include "bb-json-check.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* A price of ten million is a missing decimal comma. */
#define MAX_PRICE G_GINT64_CONSTANT (1000000000)
#define MAX_PACK_SIZE 1000000

typedef enum
{
  COLUMN_NUMBER,
  COLUMN_NAME,
  COLUMN_GROUP,
  COLUMN_MATERIAL,
  COLUMN_SIZE,
  COLUMN_UNIT,
  COLUMN_PRICE,
  COLUMN_PACK_SIZE,
  COLUMN_WHOLE_PACKS,
  COLUMN_ALIASES,
  COLUMN_DESCRIPTION,
  N_COLUMNS
} Column;

static const struct
{
  const char *name;
  const char *german; /* also accepted; compared folded */
  gboolean required;
} columns[N_COLUMNS] = {
  [COLUMN_NUMBER] = { "number", "Artikelnummer", TRUE },
  [COLUMN_NAME] = { "name", "Bezeichnung", TRUE },
  [COLUMN_GROUP] = { "group", "Warengruppe", TRUE },
  [COLUMN_MATERIAL] = { "material", "Werkstoff", FALSE },
  [COLUMN_SIZE] = { "size", "Größe", FALSE },
  [COLUMN_UNIT] = { "unit", "Einheit", TRUE },
  [COLUMN_PRICE] = { "price", "Preis", TRUE },
  [COLUMN_PACK_SIZE] = { "pack_size", "Packungsgröße", FALSE },
  [COLUMN_WHOLE_PACKS] = { "whole_packs", "Nur ganze Packungen", FALSE },
  [COLUMN_ALIASES] = { "aliases", "Andere Namen", FALSE },
  [COLUMN_DESCRIPTION] = { "description", "Beschreibung", FALSE },
};

typedef struct
{
  const char *file;
  GString *problems;
  guint n_problems;
  GPtrArray *products;
  GHashTable *lines; /* folded number → line */
} Loader;

static void problem (Loader *self, guint line, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
problem (Loader *self, guint line, const char *format, ...)
{
  va_list args;

  if (self->n_problems++ >= BB_CATALOGUE_MAX_PROBLEMS)
    return;

  if (self->problems->len > 0)
    g_string_append_c (self->problems, '\n');
  g_string_append_printf (self->problems, "%s:%u: ", self->file, line);
  va_start (args, format);
  g_string_append_vprintf (self->problems, format, args);
  va_end (args);
}

/* "1,5", "1.5", "1.234,50", "12 €" to cents. */
static gboolean
parse_price (const char *text, gint64 *cents)
{
  g_autofree char *digits = g_strdup (text);
  const char *decimal = NULL;
  gint64 value = 0;
  guint n_digits = 0;
  guint n_decimals = 0;
  gsize length;

  if (g_str_has_suffix (digits, "€"))
    digits[strlen (digits) - strlen ("€")] = '\0';
  g_strstrip (digits);

  /* The last point or comma is the decimal one, when at most two digits follow. */
  length = strlen (digits);
  for (gsize i = length; i-- > 0;)
    if (digits[i] == ',' || digits[i] == '.')
      {
        if (length - i - 1 <= 2)
          decimal = digits + i;
        break;
      }

  for (const char *p = digits; *p != '\0'; p++)
    {
      if (p == decimal)
        continue;
      if (*p == '.' || *p == ',')
        {
          /* A thousands separator: three digits follow. Without decimals behind
           * it "1.234" could be either, and a price is not to be guessed. */
          if (value == 0 || decimal == NULL || *p == *decimal || p > decimal
              || !g_ascii_isdigit (p[1]) || !g_ascii_isdigit (p[2])
              || !g_ascii_isdigit (p[3]) || g_ascii_isdigit (p[4]))
            return FALSE;
          continue;
        }
      if (!g_ascii_isdigit (*p) || n_digits > 12)
        return FALSE;
      value = value * 10 + (*p - '0');
      n_digits++;
      if (decimal != NULL && p > decimal)
        n_decimals++;
    }
  if (n_digits == 0)
    return FALSE;
  for (; n_decimals < 2; n_decimals++)
    value *= 10;
  *cents = value;
  return TRUE;
}

static gboolean
parse_boolean (const char *text, gboolean *value)
{
  static const char *const yes[] = { "ja", "yes", "true", "1", "j", "y", "x", NULL };
  static const char *const no[] = { "nein", "no", "false", "0", "n", "", NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (g_strv_contains (yes, lower))
    *value = TRUE;
  else if (g_strv_contains (no, lower))
    *value = FALSE;
  else
    return FALSE;
  return TRUE;
}

/* Takes the values of one product, checks them all, and keeps it if they are good. */
static void
add_product (Loader *self, guint line, char *values[N_COLUMNS])
{
  g_autoptr (BbProduct) product = bb_product_new ();
  g_autofree char *key = NULL;
  guint before = self->n_problems;
  guint64 pack_size = 1;
  guint other_line;
  char **const texts[N_COLUMNS] = {
    [COLUMN_NUMBER] = &product->number,     [COLUMN_NAME] = &product->name,
    [COLUMN_GROUP] = &product->group,       [COLUMN_MATERIAL] = &product->material,
    [COLUMN_SIZE] = &product->size,         [COLUMN_UNIT] = &product->unit,
    [COLUMN_ALIASES] = &product->aliases,   [COLUMN_DESCRIPTION] = &product->description,
  };

  for (Column column = 0; column < N_COLUMNS; column++)
    {
      if (values[column] == NULL)
        values[column] = g_strdup ("");
      g_strstrip (values[column]);
      if (columns[column].required && *values[column] == '\0')
        problem (self, line, _ ("The column “%s” is empty: every product needs one."),
                 columns[column].name);
    }

  key = bb_fold_number (values[COLUMN_NUMBER]);
  if (*values[COLUMN_NUMBER] != '\0' && *key == '\0')
    problem (self, line, _ ("The number “%s” has neither letters nor digits: give it some."),
             values[COLUMN_NUMBER]);
  else if (*key != '\0')
    {
      other_line = GPOINTER_TO_UINT (g_hash_table_lookup (self->lines, key));
      if (other_line > 0)
        problem (self, line,
                 _ ("The number “%s” is that of line %u too: give one of the two another."),
                 values[COLUMN_NUMBER], other_line);
      else
        g_hash_table_insert (self->lines, g_steal_pointer (&key), GUINT_TO_POINTER (line));
    }

  if (*values[COLUMN_PRICE] == '-')
    problem (self, line, _ ("The price “%s” is negative: a price is 0 or more."),
             values[COLUMN_PRICE]);
  else if (*values[COLUMN_PRICE] != '\0' && !parse_price (values[COLUMN_PRICE], &product->price))
    problem (self, line, _ ("The price “%s” is no amount: write it as 12,34 or 12.34."),
             values[COLUMN_PRICE]);
  else if (product->price > MAX_PRICE)
    problem (self, line, _ ("The price “%s” is over ten million: check the decimal comma."),
             values[COLUMN_PRICE]);

  if (*values[COLUMN_PACK_SIZE] != '\0'
      && !g_ascii_string_to_unsigned (values[COLUMN_PACK_SIZE], 10, 1, MAX_PACK_SIZE, &pack_size,
                                      NULL))
    problem (self, line, _ ("The pack size “%s” is no whole number from 1 to %d."),
             values[COLUMN_PACK_SIZE], MAX_PACK_SIZE);
  product->pack_size = (guint) pack_size;

  if (!parse_boolean (values[COLUMN_WHOLE_PACKS], &product->whole_packs))
    problem (self, line, _ ("“%s” in the column “%s” is neither yes (ja) nor no (nein)."),
             values[COLUMN_WHOLE_PACKS], columns[COLUMN_WHOLE_PACKS].name);

  if (self->n_problems > before)
    return;

  for (Column column = 0; column < N_COLUMNS; column++)
    if (texts[column] != NULL)
      {
        g_free (*texts[column]);
        *texts[column] = g_steal_pointer (&values[column]);
      }
  g_ptr_array_add (self->products, g_steal_pointer (&product));
}

static void
clear_values (char *values[N_COLUMNS])
{
  for (Column column = 0; column < N_COLUMNS; column++)
    g_clear_pointer (&values[column], g_free);
}

/* @map: which column each field of the header is, N_COLUMNS for none of ours. */
static gboolean
read_header (Loader *self, guint line, const GPtrArray *fields, Column *map)
{
  gboolean seen[N_COLUMNS] = { FALSE };
  guint before = self->n_problems;

  for (guint i = 0; i < fields->len; i++)
    {
      g_autofree char *key = bb_fold_key (g_ptr_array_index (fields, i));

      map[i] = N_COLUMNS;
      for (Column column = 0; column < N_COLUMNS; column++)
        {
          g_autofree char *own = bb_fold_key (columns[column].name);
          g_autofree char *german = bb_fold_key (columns[column].german);

          if (!g_str_equal (key, own) && !g_str_equal (key, german))
            continue;
          if (seen[column])
            problem (self, line, _ ("The header names the column “%s” twice: remove one."),
                     columns[column].name);
          seen[column] = TRUE;
          map[i] = column;
        }
    }

  for (Column column = 0; column < N_COLUMNS; column++)
    if (columns[column].required && !seen[column])
      problem (self, line,
               _ ("The header has no column “%s” (or “%s”): add it to the first line and to "
                  "every product."),
               columns[column].name, columns[column].german);
  return self->n_problems == before;
}

static void
parse_csv (Loader *self, const char *text, gsize length)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  g_autofree Column *map = NULL;
  BbCsvReader reader;
  BbCsvResult result;
  guint n_columns = 0;

  bb_csv_reader_init (&reader, text, length, bb_csv_guess_separator (text, length));
  while ((result = bb_csv_reader_next (&reader, fields)) != BB_CSV_END)
    {
      char *values[N_COLUMNS] = { NULL };

      if (result == BB_CSV_OPEN_QUOTE)
        {
          problem (self, reader.record_line,
                   _ ("A quotation mark is opened and never closed: close it, or double those "
                      "that belong to the text."));
          return;
        }
      if (result == BB_CSV_STRAY_QUOTE)
        {
          problem (self, reader.record_line,
                   _ ("Text follows a closing quotation mark: double those that belong to the "
                      "text, as in \"1/2\"\" nipple\"."));
          if (map == NULL)
            return;
          continue;
        }

      if (map == NULL)
        {
          map = g_new0 (Column, fields->len);
          n_columns = fields->len;
          if (!read_header (self, reader.record_line, fields, map))
            return;
          continue;
        }

      if (fields->len > n_columns)
        {
          problem (self, reader.record_line,
                   _ ("%u fields, but the header has %u: quote a field that contains the "
                      "separator “%c”."),
                   fields->len, n_columns, reader.separator);
          continue;
        }
      if (fields->len < n_columns)
        {
          problem (self, reader.record_line,
                   _ ("%u fields, but the header has %u: leave a field empty, but keep its "
                      "separator “%c”."),
                   fields->len, n_columns, reader.separator);
          continue;
        }

      for (guint i = 0; i < fields->len; i++)
        if (map[i] < N_COLUMNS)
          values[map[i]] = g_strdup (g_ptr_array_index (fields, i));
      add_product (self, reader.record_line, values);
      clear_values (values);
    }

  if (map == NULL)
    problem (self, 1, _ ("The file is empty: it needs a header line and products."));
}

/* The line on which each element of the top array begins: json-glib keeps none. */
static GArray *
find_element_lines (const char *text, gsize length)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (guint));
  guint line = 1;
  guint depth = 0;
  gboolean in_string = FALSE;
  gboolean expected = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (c == '\n')
        line++;
      if (in_string)
        {
          if (c == '\\' && i + 1 < length)
            i++;
          else if (c == '"')
            in_string = FALSE;
          continue;
        }
      if (g_ascii_isspace (c))
        continue;
      if (expected && c != ']')
        {
          g_array_append_val (lines, line);
          expected = FALSE;
        }
      if (c == '"')
        in_string = TRUE;
      else if (c == '[' || c == '{')
        expected = ++depth == 1 && c == '[';
      else if ((c == ']' || c == '}') && depth > 0)
        depth--;
      else if (c == ',' && depth == 1)
        expected = TRUE;
    }
  return lines;
}

static guint
line_of (const char *text, const char *at)
{
  guint line = 1;

  for (; text < at; text++)
    line += *text == '\n';
  return line;
}

/* The value of one member as the CSV would have it; NULL and a problem when it can't be. */
static char *
json_value (Loader *self, guint line, Column column, JsonNode *node)
{
  JsonArray *array;
  GString *joined;

  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (node))
    {
      switch (json_node_get_value_type (node))
        {
        case G_TYPE_STRING:
          return g_strdup (json_node_get_string (node));
        case G_TYPE_INT64:
          return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
        case G_TYPE_BOOLEAN:
          return g_strdup (json_node_get_boolean (node) ? "yes" : "no");
        case G_TYPE_DOUBLE:
          {
            char buffer[G_ASCII_DTOSTR_BUF_SIZE];

            return g_strdup (
                g_ascii_formatd (buffer, sizeof buffer, "%.2f", json_node_get_double (node)));
          }
        default:
          break;
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node) && column == COLUMN_ALIASES)
    {
      array = json_node_get_array (node);
      joined = g_string_new (NULL);
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *element = json_array_get_element (array, i);

          if (!JSON_NODE_HOLDS_VALUE (element)
              || json_node_get_value_type (element) != G_TYPE_STRING)
            {
              problem (self, line, _ ("“%s” must be a list of texts."), columns[column].name);
              break;
            }
          g_string_append_printf (joined, "%s%s", i > 0 ? "|" : "",
                                  json_node_get_string (element));
        }
      return g_string_free (joined, FALSE);
    }

  problem (self, line, _ ("“%s” must be a text or a number."), columns[column].name);
  return NULL;
}

static void
parse_json (Loader *self, const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) lines = NULL;
  JsonArray *array;
  JsonNode *root;
  const char *end = bb_json_check_end (text, length);

  if (end != NULL)
    {
      problem (self, line_of (text, end),
               _ ("The JSON must be one array, with double quotation marks, without comments and "
                  "with nothing behind it."));
      return;
    }
  if (!json_parser_load_from_data (parser, text, (gssize) length, &error))
    {
      /* json-glib writes "<data>:LINE:COLUMN: what" */
      const char *message = error->message;
      guint64 line = 1;

      if (g_str_has_prefix (message, "<data>:"))
        {
          char *rest;

          line = g_ascii_strtoull (message + strlen ("<data>:"), &rest, 10);
          message = rest + strspn (rest, ": 0123456789");
        }
      problem (self, (guint) line, _ ("This is no JSON: %s"), message);
      return;
    }

  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    {
      problem (self, 1, _ ("The file must hold a JSON array of objects, one for each product."));
      return;
    }

  lines = find_element_lines (text, length);
  array = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      guint line = i < lines->len ? g_array_index (lines, guint, i) : 1;
      char *values[N_COLUMNS] = { NULL };
      guint before = self->n_problems;
      JsonObject *object;

      if (!JSON_NODE_HOLDS_OBJECT (element))
        {
          problem (self, line, _ ("An element of the array is no object: write {\"number\": …}."));
          continue;
        }
      object = json_node_get_object (element);
      for (Column column = 0; column < N_COLUMNS; column++)
        {
          JsonNode *member = json_object_get_member (object, columns[column].name);

          if (member != NULL)
            values[column] = json_value (self, line, column, member);
        }
      if (self->n_problems == before)
        add_product (self, line, values);
      clear_values (values);
    }
}

/**
 * bb_catalogue_parse:
 * @name: the file's name for error messages
 * @text: the file
 * @length: its bytes
 * @error: return location for a #BbCatalogueError; up to
 *   %BB_CATALOGUE_MAX_PROBLEMS lines
 *
 * Returns: (transfer full) (nullable) (element-type BbProduct): the products in
 *   file order
 */
GPtrArray *
bb_catalogue_parse (const char *name, const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) products
      = g_ptr_array_new_with_free_func ((GDestroyNotify) bb_product_unref);
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) problems = g_string_new (NULL);
  Loader loader = { .file = name, .problems = problems, .products = products, .lines = lines };
  const char *invalid;
  const char *first;

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      length -= 3;
    }

  /* A NUL is no text either, and would end every string early. */
  if (!g_utf8_validate_len (text, length, &invalid))
    {
      g_set_error (error, BB_CATALOGUE_ERROR, BB_CATALOGUE_ERROR_FILE,
                   _ ("%s:%u: This line is not UTF-8: save the file with the encoding UTF-8 "
                      "(in a spreadsheet: “CSV UTF-8”)."),
                   name, line_of (text, invalid));
      return NULL;
    }

  for (first = text; first < text + length && g_ascii_isspace (*first);)
    first++;
  if (first < text + length && (*first == '[' || *first == '{'))
    parse_json (&loader, text, length);
  else
    parse_csv (&loader, text, length);

  if (loader.n_problems == 0 && products->len == 0)
    problem (&loader, 1, _ ("There is no product in the file: add at least one."));
  if (loader.n_problems > BB_CATALOGUE_MAX_PROBLEMS)
    {
      guint more = loader.n_problems - BB_CATALOGUE_MAX_PROBLEMS;

      g_string_append_c (problems, '\n');
      g_string_append_printf (
          problems, g_dngettext (GETTEXT_PACKAGE, "%s: and %u more problem.",
                                 "%s: and %u more problems.", more),
          name, more);
    }
  if (loader.n_problems > 0)
    {
      g_set_error_literal (error, BB_CATALOGUE_ERROR, BB_CATALOGUE_ERROR_FORMAT, problems->str);
      return NULL;
    }
  return g_steal_pointer (&products);
}
