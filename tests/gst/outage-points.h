/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The points of a dialogue at which its socket is killed: each event that the
 * simulator logged of it. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

typedef struct
{
  char *type; /* of the event at which the socket is killed; NULL: it is not */
  guint n;
  gboolean before;
} Point;

static void
point_free (gpointer data)
{
  g_free (((Point *) data)->type);
  g_free (data);
}

static void
add_point (GPtrArray *points, const char *type, guint n)
{
  for (guint before = 0; before < 2; before++)
    {
      Point *point = g_new0 (Point, 1);

      point->type = g_strdup (type);
      point->n = n;
      point->before = before;
      g_ptr_array_add (points, point);
    }
}

/* How often each type occurs in the simulator's log. (transfer full) */
static GHashTable *
count_events (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *ev;
      const char *type;

      if (node == NULL || !json_object_has_member (json_node_get_object (node), "ev"))
        continue;
      ev = json_object_get_object_member (json_node_get_object (node), "ev");
      type = json_object_get_string_member (ev, "type");
      g_hash_table_insert (counts, g_strdup (type),
                           (char *) g_hash_table_lookup (counts, type) + 1);
    }
  return counts;
}

static int
compare_points (gconstpointer a, gconstpointer b)
{
  const Point *one = *(Point *const *) a, *other = *(Point *const *) b;
  int by_type = strcmp (one->type, other->type);

  return by_type != 0 ? by_type : (int) one->n - (int) other->n;
}

/* @step: 1: every event; else one of so many, and the first of each type. Of
 * appends 24, or 8: they differ only in whether somebody speaks. */
static GPtrArray *
list_points (GHashTable *counts, guint step, const char *only)
{
  GPtrArray *points = g_ptr_array_new_with_free_func (point_free);
  GHashTableIter iter;
  gpointer type, count;

  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &type, &count))
    {
      guint n = GPOINTER_TO_UINT (count);
      gboolean append = strcmp (type, "input_audio_buffer.append") == 0;

      if (only != NULL && strcmp (only, type) != 0)
        continue;
      for (guint i = 1; i <= n; i += append ? MAX (1, n / (step == 1 ? 24 : 8)) : step)
        add_point (points, type, i);
    }
  g_ptr_array_sort (points, compare_points);
  return points;
}
