/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-order-store.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static const char *program;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("order-store-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "deep", "er", "orders.db", NULL);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

static BbOrder *
new_order (const char *caller, guint n_lines)
{
  BbOrder *order = bb_order_new ("call", caller);

  for (guint i = 0; i < n_lines; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", 10000 + i);
      g_autoptr (BbOrderLine) line
          = bb_order_line_new (number, "T-Stück Kupfer 15 mm", "Stück", i + 1, 152);

      bb_order_set_line (order, line);
    }
  return order;
}

/* What an answer was, and how many came before it. */
typedef struct
{
  gboolean done;
  guint place;
  GError *error;
  char *number;
} Answer;

static guint n_answers;

static void
answer_clear (Answer *answer)
{
  g_clear_error (&answer->error);
  g_free (answer->number);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  gboolean ok = bb_order_store_save_finish (BB_ORDER_STORE (source), result, &answer->error);

  g_assert_true (g_main_context_is_owner (g_main_context_default ()));
  g_assert_true (ok == (answer->error == NULL));
  answer->done = TRUE;
  answer->place = n_answers++;
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->number
      = bb_order_store_submit_finish (BB_ORDER_STORE (source), result, &answer->error);
  g_assert_true ((answer->number != NULL) == (answer->error == NULL));
  answer->done = TRUE;
  answer->place = n_answers++;
}

static void
wait_for (Answer *answer)
{
  while (!answer->done)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
save (BbOrderStore *store, BbOrder *order, GError **error)
{
  g_auto (Answer) answer = { FALSE };

  bb_order_store_save_async (store, order, NULL, on_saved, &answer);
  wait_for (&answer);
  if (answer.error != NULL)
    g_propagate_error (error, g_steal_pointer (&answer.error));
  return error == NULL || *error == NULL;
}

static char *
submit (BbOrderStore *store, BbOrder *order, GError **error)
{
  g_auto (Answer) answer = { FALSE };

  bb_order_store_submit_async (store, order, NULL, on_submitted, &answer);
  wait_for (&answer);
  if (answer.error != NULL)
    g_propagate_error (error, g_steal_pointer (&answer.error));
  return g_steal_pointer (&answer.number);
}

static BbOrderStore *
open_store (const char *path)
{
  g_autoptr (GError) error = NULL;
  BbOrderStore *store = bb_order_store_open (path, &error);

  g_assert_no_error (error);
  return store;
}

static void
assert_same (BbOrder *a, BbOrder *b)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (a));

  g_assert_cmpstr (bb_order_get_id (a), ==, bb_order_get_id (b));
  g_assert_cmpstr (bb_order_get_number (a), ==, bb_order_get_number (b));
  g_assert_cmpstr (bb_order_get_call_id (a), ==, bb_order_get_call_id (b));
  g_assert_cmpstr (bb_order_get_caller (a), ==, bb_order_get_caller (b));
  g_assert_cmpstr (bb_order_get_note (a), ==, bb_order_get_note (b));
  g_assert_cmpint (bb_order_get_state (a), ==, bb_order_get_state (b));
  g_assert_cmpint (bb_order_get_total (a), ==, bb_order_get_total (b));
  g_assert_true (g_date_time_equal (bb_order_get_created (a), bb_order_get_created (b)));
  g_assert_cmpuint (n, ==, g_list_model_get_n_items (G_LIST_MODEL (b)));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) one = g_list_model_get_item (G_LIST_MODEL (a), i);
      g_autoptr (BbOrderLine) two = g_list_model_get_item (G_LIST_MODEL (b), i);

      g_assert_cmpstr (bb_order_line_get_number (one), ==, bb_order_line_get_number (two));
      g_assert_cmpstr (bb_order_line_get_name (one), ==, bb_order_line_get_name (two));
      g_assert_cmpstr (bb_order_line_get_unit (one), ==, bb_order_line_get_unit (two));
      g_assert_cmpuint (bb_order_line_get_quantity (one), ==, bb_order_line_get_quantity (two));
      g_assert_cmpint (bb_order_line_get_price (one), ==, bb_order_line_get_price (two));
    }
}

static void
test_save_and_load (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (BbOrder) order = new_order ("Müller & Söhne; \"Bad\"", 3);
  g_autoptr (BbOrder) loaded = NULL;
  g_autoptr (BbOrder) again = NULL;
  g_autoptr (BbOrderLine) gone = bb_order_line_new ("10001", "", "", 0, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = g_strndup (bb_order_get_id (order), 8);
  GStatBuf info;

  bb_order_set_note (order, "bitte bis 7 Uhr 🚚");
  g_assert_true (save (store, order, &error));
  g_assert_no_error (error);
  loaded = bb_order_store_load (store, bb_order_get_id (order), &error);
  g_assert_no_error (error);
  assert_same (loaded, order);
  g_clear_object (&loaded);

  /* A second save replaces, a new start finds it. */
  bb_order_set_line (order, gone);
  g_assert_true (save (store, order, &error));
  bb_order_store_close (store);
  bb_order_store_close (store);
  g_clear_object (&store);
  store = open_store (f->path);
  again = bb_order_store_load (store, prefix, &error);
  g_assert_no_error (error);
  assert_same (again, order);

  g_assert_cmpint (g_stat (f->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_list (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) two = NULL;
  g_autoptr (GPtrArray) submitted = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;

  none = bb_order_store_list (store, -1, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *caller = g_strdup_printf ("%u", i);
      g_autoptr (BbOrder) order = new_order (caller, i + 1);

      if (i == 2)
        {
          g_autofree char *number = NULL;

          bb_order_set_state (order, BB_ORDER_READ_BACK);
          number = submit (store, order, &error);
          g_assert_no_error (error);
        }
      else
        {
          g_assert_true (save (store, order, &error));
        }
    }

  all = bb_order_store_list (store, -1, 0, &error);
  two = bb_order_store_list (store, -1, 2, &error);
  submitted = bb_order_store_list (store, BB_ORDER_SUBMITTED, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *caller = g_strdup_printf ("%u", 4 - i);

      g_assert_cmpstr (bb_order_get_caller (g_ptr_array_index (all, i)), ==, caller);
      g_assert_cmpuint (g_list_model_get_n_items (g_ptr_array_index (all, i)), ==, 5 - i);
    }
  g_assert_cmpuint (two->len, ==, 2);
  g_assert_cmpstr (bb_order_get_caller (g_ptr_array_index (two, 0)), ==, "4");
  g_assert_cmpuint (submitted->len, ==, 1);
  g_assert_cmpstr (bb_order_get_caller (g_ptr_array_index (submitted, 0)), ==, "2");
}

static void
test_load_errors (Fixture *f, gconstpointer data)
{
  static const char *const wrong[] = { "", " ", "nothing", "2026-999999", "%", "'; DROP TABLE" };
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) one
      = bb_order_new_full ("aaaa-1", NULL, "", "", BB_ORDER_DRAFT, "", NULL, NULL, NULL);
  g_autoptr (BbOrder) two
      = bb_order_new_full ("aaaa-2", NULL, "", "", BB_ORDER_DRAFT, "", NULL, NULL, NULL);
  g_autoptr (BbOrder) found = NULL;

  g_assert_true (save (store, one, NULL));
  g_assert_true (save (store, two, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (bb_order_store_load (store, wrong[i], &error));
      g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND);
      g_clear_error (&error);
    }
  g_assert_null (bb_order_store_load (store, "aaaa", &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "Several"));
  g_clear_error (&error);
  found = bb_order_store_load (store, " AAAA-1 ", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bb_order_get_id (found), ==, "aaaa-1");
}

static void
test_submit_once (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (BbOrder) order = new_order ("a", 2);
  g_autoptr (BbOrder) other = new_order ("b", 1);
  g_autoptr (BbOrder) forged = NULL;
  g_autoptr (BbOrder) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *expected
      = g_strdup_printf ("%04d-000001", g_date_time_get_year (now));
  g_autofree char *next = g_strdup_printf ("%04d-000002", g_date_time_get_year (now));

  /* Not read back: refused, and no number is used up. */
  g_assert_null (submit (store, order, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_DRAFT);
  g_assert_null (bb_order_get_number (order));

  bb_order_set_state (order, BB_ORDER_READ_BACK);
  first = submit (store, order, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, expected);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_SUBMITTED);
  g_assert_cmpstr (bb_order_get_number (order), ==, expected);

  /* Again, also after a new start. */
  second = submit (store, order, &error);
  g_assert_cmpstr (second, ==, expected);
  g_clear_object (&store);
  store = open_store (f->path);
  third = submit (store, order, &error);
  g_assert_cmpstr (third, ==, expected);

  bb_order_set_state (other, BB_ORDER_READ_BACK);
  after = submit (store, other, &error);
  g_assert_cmpstr (after, ==, next);

  loaded = bb_order_store_load (store, expected, &error);
  g_assert_no_error (error);
  assert_same (loaded, order);

  /* The same id with other lines is a mistake, not a retry. */
  forged = bb_order_new_full (bb_order_get_id (order), NULL, "", "", BB_ORDER_READ_BACK, "", NULL,
                              NULL, NULL);
  {
    g_autoptr (BbOrderLine) line = bb_order_line_new ("1", "x", "y", 1, 1);

    bb_order_set_line (forged, line);
    bb_order_set_state (forged, BB_ORDER_READ_BACK);
  }
  g_assert_null (submit (store, forged, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (save (store, forged, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
  g_clear_error (&error);

  /* An empty one too. */
  {
    g_autoptr (BbOrder) empty = bb_order_new ("c", "c");

    bb_order_set_state (empty, BB_ORDER_READ_BACK);
    g_assert_null (submit (store, empty, &error));
    g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
  }
}

/* Answers come in the order of the calls, and each wrote what was there then. */
static void
test_order_of_calls (Fixture *f, gconstpointer data)
{
  enum { N = 40 };
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (BbOrder) order = bb_order_new ("call", "x");
  Answer answers[N] = { { FALSE } };
  g_autoptr (BbOrder) loaded = NULL;
  g_autoptr (GError) error = NULL;
  Answer submitted = { FALSE };

  n_answers = 0;
  for (guint i = 0; i < N; i++)
    {
      g_autoptr (BbOrderLine) line = bb_order_line_new ("1", "Muffe", "Stück", i + 1, 100);

      bb_order_set_line (order, line);
      bb_order_store_save_async (store, order, NULL, on_saved, &answers[i]);
    }
  bb_order_set_state (order, BB_ORDER_READ_BACK);
  bb_order_store_submit_async (store, order, NULL, on_submitted, &submitted);
  /* A synchronous call sees all that was asked for before it. */
  loaded = bb_order_store_load (store, bb_order_get_id (order), &error);
  g_assert_no_error (error);
  g_assert_cmpint (bb_order_get_total (loaded), ==, N * 100);
  g_assert_cmpint (bb_order_get_state (loaded), ==, BB_ORDER_SUBMITTED);

  wait_for (&submitted);
  for (guint i = 0; i < N; i++)
    {
      g_assert_true (answers[i].done);
      g_assert_no_error (answers[i].error);
      g_assert_cmpuint (answers[i].place, ==, i);
    }
  g_assert_cmpuint (submitted.place, ==, N);
  answer_clear (&submitted);
}

/* A save writes the order as it was when it was asked for. */
static void
test_snapshot (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (BbOrder) order = new_order ("x", 1);
  g_autoptr (BbOrderLine) later = bb_order_line_new ("10000", "Muffe", "Stück", 99, 152);
  g_autoptr (BbOrder) loaded = NULL;
  g_autoptr (GError) error = NULL;
  Answer last = { FALSE };

  /* The thread has enough to do for the order to change meanwhile. */
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (BbOrder) other = new_order ("y", 20);

      bb_order_store_save_async (store, other, NULL, NULL, NULL);
    }
  bb_order_store_save_async (store, order, NULL, on_saved, &last);
  bb_order_set_line (order, later);
  bb_order_set_note (order, "later");
  wait_for (&last);
  g_assert_no_error (last.error);
  loaded = bb_order_store_load (store, bb_order_get_id (order), &error);
  g_assert_no_error (error);
  g_assert_cmpint (bb_order_get_total (loaded), ==, 152);
  g_assert_cmpstr (bb_order_get_note (loaded), ==, "");
}

/* Closed with work in the queue: all of it is on disk, all answers come. */
static void
test_close_with_work (Fixture *f, gconstpointer data)
{
  enum { N = 20 };
  BbOrderStore *store = open_store (f->path);
  Answer answers[N] = { { FALSE } };
  Answer late = { FALSE };
  Answer cancelled = { FALSE };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) orders = NULL;
  g_autoptr (BbOrder) order = new_order ("x", 1);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < N; i++)
    {
      g_autoptr (BbOrder) one = new_order ("y", 2);

      bb_order_store_save_async (store, one, NULL, on_saved, &answers[i]);
    }
  bb_order_store_save_async (store, order, cancellable, on_saved, &cancelled);
  /* Nobody waits for this one. */
  bb_order_store_save_async (store, order, NULL, NULL, NULL);
  bb_order_store_close (store);
  bb_order_store_save_async (store, order, NULL, on_saved, &late);
  g_assert_null (bb_order_store_list (store, -1, 0, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE);
  g_clear_error (&error);
  wait_for (&late);
  wait_for (&cancelled);
  g_assert_error (late.error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (guint i = 0; i < N; i++)
    wait_for (&answers[i]);
  answer_clear (&late);
  answer_clear (&cancelled);
  g_object_unref (store);

  store = open_store (f->path);
  orders = bb_order_store_list (store, -1, 0, NULL);
  g_assert_cmpuint (orders->len, ==, N + 1);
  g_object_unref (store);
}

/* The child: saves, says so, and waits to be killed. */
static int
run_child (const char *path)
{
  g_autoptr (BbOrderStore) store = open_store (path);
  g_autoptr (BbOrder) order = new_order ("crash", 2);

  if (!save (store, order, NULL))
    return 1;
  g_print ("%s\n", bb_order_get_id (order));
  fflush (stdout);
  /* More writes are on their way when it dies. */
  for (;;)
    {
      g_autoptr (BbOrder) more = new_order ("more", 50);

      save (store, more, NULL);
    }
}

static void
test_crash (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
                                                    "--child", f->path, NULL);
  g_autoptr (GDataInputStream) out = NULL;
  g_autofree char *id = NULL;
  g_autoptr (BbOrderStore) store = NULL;
  g_autoptr (BbOrder) order = NULL;
  g_autoptr (GPtrArray) all = NULL;

  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  id = g_data_input_stream_read_line_utf8 (out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (id);
  g_subprocess_send_signal (child, SIGKILL);
  g_assert_true (g_subprocess_wait (child, NULL, &error));

  store = open_store (f->path);
  order = bb_order_store_load (store, id, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_DRAFT);
  g_assert_cmpstr (bb_order_get_caller (order), ==, "crash");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 2);

  /* Of those being written: all lines or nothing. */
  all = bb_order_store_list (store, -1, 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (bb_order_get_caller (g_ptr_array_index (all, i)), "more"))
      g_assert_cmpuint (g_list_model_get_n_items (g_ptr_array_index (all, i)), ==, 50);
  g_assert_true (save (store, order, &error));
}

/* No usable database: a clear error, and every byte of the file is kept. */
static void
assert_not_opened (const char *path, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize n_before;
  gsize n_after;

  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  g_assert_null (bb_order_store_open (path, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN);
  g_assert_nonnull (strstr (error->message, path));
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

static void
run_sql (const char *path, const char *text)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, text, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

/* A file that is in use is no damaged one. */
static void
test_locked (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "locked.db", NULL);
  sqlite3 *db;

  run_sql (path, "CREATE TABLE orders (id TEXT)");
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  assert_not_opened (path, "locked by another program");
  sqlite3_close (db);
  g_remove (path);
}

static void
test_bad_files (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "bad.db", NULL);
  g_autofree char *good = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_file_set_contents (path, "hello", -1, NULL));
  assert_not_opened (path, "no usable order database");

  good = g_strnfill (20000, 'x');
  g_assert_true (g_file_set_contents (path, good, 20000, NULL));
  assert_not_opened (path, "no usable order database");
  g_clear_pointer (&good, g_free);

  /* A database of ours, cut off in the middle. */
  {
    g_autoptr (BbOrderStore) store = open_store (f->path);

    for (guint i = 0; i < 20; i++)
      {
        g_autoptr (BbOrder) order = new_order ("x", 20);

        g_assert_true (save (store, order, NULL));
      }
    bb_order_store_close (store);
  }
  g_assert_true (g_file_get_contents (f->path, &good, &length, NULL));
  g_assert_cmpuint (length, >, 20000);
  g_assert_true (g_file_set_contents (path, good, (gssize) (length / 2), NULL));
  assert_not_opened (path, "backup");
  /* Garbage in the middle */
  memset (good + length / 2, 0x5a, 8192);
  g_assert_true (g_file_set_contents (path, good, (gssize) length, NULL));
  assert_not_opened (path, "damaged");

  g_remove (path);
  run_sql (path, "CREATE TABLE customers (name TEXT)");
  assert_not_opened (path, "another program");

  run_sql (f->path, "PRAGMA user_version = 99");
  assert_not_opened (f->path, "newer version");

  g_assert_null (bb_order_store_open ("/proc/nowhere/orders.db", &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN);
  g_clear_error (&error);
  g_assert_null (bb_order_store_open (f->folder, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN);
}

static void
test_read_only (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrderStore) writer = NULL;
  g_autoptr (BbOrderStore) reader = NULL;
  g_autoptr (BbOrder) order = new_order ("x", 1);
  g_autoptr (BbOrder) more = new_order ("y", 1);
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) two = NULL;

  g_assert_null (bb_order_store_open_read_only (f->path, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_OPEN);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  writer = open_store (f->path);
  g_assert_true (save (writer, order, NULL));
  reader = bb_order_store_open_read_only (f->path, &error);
  g_assert_no_error (error);
  one = bb_order_store_list (reader, -1, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (one->len, ==, 1);

  /* The reader sees what comes later, and can't write. */
  g_assert_true (save (writer, more, NULL));
  two = bb_order_store_list (reader, -1, 0, &error);
  g_assert_cmpuint (two->len, ==, 2);
  g_assert_false (save (reader, order, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE);
  g_assert_true (save (writer, order, NULL));
}

/* No space left: files can't grow past a limit. */
static void
test_disk_full (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (BbOrder) order = new_order ("x", 1);
  g_autoptr (BbOrder) loaded = NULL;
  g_autoptr (BbOrder) reloaded = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit unlimited;
  struct rlimit limited;
  struct sigaction ignore = { .sa_handler = SIG_IGN };
  struct sigaction old;

  g_assert_true (save (store, order, NULL));
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *number = g_strdup_printf ("L%u", i);
      g_autoptr (BbOrderLine) line = bb_order_line_new (number, "Muffe", "Stück", 1, 100);

      bb_order_set_line (order, line);
    }

  sigaction (SIGXFSZ, &ignore, &old);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  limited = unlimited;
  limited.rlim_cur = 8192;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limited), ==, 0);
  save (store, order, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  sigaction (SIGXFSZ, &old, NULL);
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE);
  g_clear_error (&error);

  /* In memory all lines, on disk the last good state; and with space again all is well. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 301);
  loaded = bb_order_store_load (store, bb_order_get_id (order), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (loaded)), ==, 1);
  g_assert_true (save (store, order, &error));
  g_assert_no_error (error);
  reloaded = bb_order_store_load (store, bb_order_get_id (order), &error);
  assert_same (reloaded, order);
}

/* A submitted order: note and cancelling, nothing else. */
static void
test_after_submit (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) store = open_store (f->path);
  g_autoptr (BbOrder) order = new_order ("x", 1);
  g_autoptr (BbOrder) never = new_order ("y", 1);
  g_autoptr (BbOrder) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *number = NULL;

  bb_order_set_state (never, BB_ORDER_SUBMITTED);
  g_assert_false (save (store, never, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
  g_clear_error (&error);

  bb_order_set_state (order, BB_ORDER_READ_BACK);
  number = submit (store, order, &error);
  g_assert_no_error (error);
  bb_order_set_note (order, "Nachtrag");
  g_assert_true (save (store, order, &error));
  bb_order_set_state (order, BB_ORDER_DRAFT);
  g_assert_false (save (store, order, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
  g_clear_error (&error);
  bb_order_set_state (order, BB_ORDER_CANCELLED);
  g_assert_true (save (store, order, &error));
  loaded = bb_order_store_load (store, number, &error);
  g_assert_no_error (error);
  assert_same (loaded, order);
  g_assert_cmpstr (bb_order_get_note (loaded), ==, "Nachtrag");
  /* A cancelled one is not submitted by a late retry. */
  g_assert_null (submit (store, order, &error));
  g_assert_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_STATE);
}

/* Two programs take numbers from one file. */
static void
test_two_writers (Fixture *f, gconstpointer data)
{
  g_autoptr (BbOrderStore) one = open_store (f->path);
  g_autoptr (BbOrderStore) two = open_store (f->path);
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Answer answers[20] = { { FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (BbOrder) order = new_order ("x", 1);

      bb_order_set_state (order, BB_ORDER_READ_BACK);
      bb_order_store_submit_async (i % 2 == 0 ? one : two, order, NULL, on_submitted, &answers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      wait_for (&answers[i]);
      g_assert_no_error (answers[i].error);
      g_assert_true (g_hash_table_add (numbers, g_steal_pointer (&answers[i].number)));
    }
}

#define ADD(name, function) \
  g_test_add ("/order-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  program = argv[0];
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    return run_child (argv[2]);

  g_test_init (&argc, &argv, NULL);
  ADD ("save-and-load", test_save_and_load);
  ADD ("list", test_list);
  ADD ("load-errors", test_load_errors);
  ADD ("submit-once", test_submit_once);
  ADD ("after-submit", test_after_submit);
  ADD ("order-of-calls", test_order_of_calls);
  ADD ("snapshot", test_snapshot);
  ADD ("close-with-work", test_close_with_work);
  ADD ("crash", test_crash);
  ADD ("locked", test_locked);
  ADD ("bad-files", test_bad_files);
  ADD ("read-only", test_read_only);
  ADD ("disk-full", test_disk_full);
  ADD ("two-writers", test_two_writers);
  return g_test_run ();
}
