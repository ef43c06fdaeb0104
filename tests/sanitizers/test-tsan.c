/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A race in our own code is reported, and the same code with each of GLib's
 * and GStreamer's ways of ordering is not: so a silent run of the other tests
 * says something. Built only with -Db_sanitize=thread. */
#include <gio/gio.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 200

typedef struct
{
  int value; /* what the threads share; plain on purpose */
} Shared;

static Shared shared;
static GMutex mutex;
static GCond cond;
static GRWLock rw_lock;

/* ---- the race: nothing orders the two threads */

static gpointer
add_without_lock (gpointer data)
{
  for (int i = 0; i < ROUNDS; i++)
    shared.value++;
  return NULL;
}

/* ---- locks */

static gpointer
add_with_mutex (gpointer data)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_mutex_lock (&mutex);
      shared.value++;
      g_cond_signal (&cond);
      g_mutex_unlock (&mutex);
    }
  return NULL;
}

static gpointer
add_with_rw_lock (gpointer data)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_rw_lock_writer_lock (&rw_lock);
      shared.value++;
      g_rw_lock_writer_unlock (&rw_lock);
    }
  return NULL;
}

static void
run_two (GThreadFunc func)
{
  GThread *one = g_thread_new ("one", func, NULL);
  GThread *two = g_thread_new ("two", func, NULL);

  g_thread_join (one);
  g_thread_join (two);
}

/* ---- handing over: who has it changes it, with no lock of our own */

static gpointer
take_from_queue (gpointer queue)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      Shared *item = g_async_queue_pop (queue);
      item->value++;
      g_free (item);
    }
  return NULL;
}

static void
run_queue (void)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  GThread *thread = g_thread_new ("queue", take_from_queue, queue);

  for (int i = 0; i < ROUNDS; i++)
    {
      Shared *item = g_new0 (Shared, 1);
      item->value = i;
      g_async_queue_push (queue, item);
    }
  g_thread_join (thread);
}

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
} Worker;

static gpointer
run_worker (gpointer data)
{
  Worker *worker = data;

  g_main_context_push_thread_default (worker->context);
  g_main_loop_run (worker->loop);
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static gboolean
add_in_context (gpointer data)
{
  Shared *item = data;

  item->value++;
  shared.value++;
  return G_SOURCE_REMOVE;
}

static gboolean
quit_worker (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
run_context (void)
{
  Worker worker = { g_main_context_new (), NULL };
  GThread *thread;

  worker.loop = g_main_loop_new (worker.context, FALSE);
  thread = g_thread_new ("context", run_worker, &worker);
  for (int i = 0; i < ROUNDS; i++)
    {
      Shared *item = g_new0 (Shared, 1);
      item->value = i;
      g_main_context_invoke_full (worker.context, G_PRIORITY_DEFAULT, add_in_context, item, g_free);
    }
  g_main_context_invoke (worker.context, quit_worker, worker.loop);
  g_thread_join (thread);
  g_assert_cmpint (shared.value, ==, ROUNDS);
  g_main_loop_unref (worker.loop);
  g_main_context_unref (worker.context);
}

static void
work_in_task (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ((Shared *) data)->value++;
  g_task_return_int (task, ((Shared *) data)->value);
}

static void
on_task_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Shared *item = g_task_get_task_data (G_TASK (result));

  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, item->value);
  item->value++;
  g_main_loop_quit (user_data);
}

static void
run_task (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
      GTask *task = g_task_new (NULL, NULL, on_task_done, loop);
      Shared *item = g_new0 (Shared, 1);

      item->value = i;
      g_task_set_task_data (task, item, g_free);
      g_task_run_in_thread (task, work_in_task);
      g_object_unref (task);
      g_main_loop_run (loop);
    }
}

static void
work_in_pool (gpointer data, gpointer user_data)
{
  ((Shared *) data)->value++;
  g_free (data);
}

static void
run_pool (void)
{
  GThreadPool *pool = g_thread_pool_new (work_in_pool, NULL, 2, FALSE, NULL);

  for (int i = 0; i < ROUNDS; i++)
    {
      Shared *item = g_new0 (Shared, 1);
      item->value = i;
      g_thread_pool_push (pool, item, NULL);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
}

/* The last one to let go of an object frees what others have written. */
static gpointer
let_go (gpointer object)
{
  Shared *mine = g_object_get_data (object, "shared");

  g_assert_cmpint (mine->value, >=, 0);
  g_object_unref (object);
  return NULL;
}

static void
free_shared (gpointer data)
{
  ((Shared *) data)->value = -1;
  g_free (data);
}

static void
run_object (void)
{
  for (int i = 0; i < 50; i++)
    {
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      GThread *one, *two;
      Shared *item = g_new0 (Shared, 1);

      item->value = i;
      g_object_set_data_full (object, "shared", item, free_shared);
      one = g_thread_new ("one", let_go, g_object_ref (object));
      two = g_thread_new ("two", let_go, g_object_ref (object));
      g_object_unref (object);
      g_thread_join (one);
      g_thread_join (two);
    }
}

static gpointer
post_messages (gpointer bus)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      Shared *item = g_new0 (Shared, 1);
      item->value = i;
      gst_bus_post (bus, gst_message_new_application (
                             NULL, gst_structure_new ("shared", "item", G_TYPE_POINTER, item, NULL)));
    }
  return NULL;
}

static void
run_bus (void)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  GThread *thread = g_thread_new ("bus", post_messages, bus);

  for (int i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GstMessage) message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);
      Shared *item;

      gst_structure_get (gst_message_get_structure (message), "item", G_TYPE_POINTER, &item, NULL);
      g_assert_cmpint (item->value++, ==, i);
      g_free (item);
    }
  g_thread_join (thread);
}

/* ---- the tests run each of these in a process of its own */

static const struct
{
  const char *name;
  GThreadFunc pair; /* run in two threads, or */
  void (*func) (void);
} modes[] = {
  { "race", add_without_lock, NULL },  { "mutex", add_with_mutex, NULL },
  { "rw-lock", add_with_rw_lock, NULL }, { "queue", NULL, run_queue },
  { "context", NULL, run_context },    { "task", NULL, run_task },
  { "pool", NULL, run_pool },          { "object", NULL, run_object },
  { "bus", NULL, run_bus },
};

static int
run_mode (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      if (strcmp (modes[i].name, name) != 0)
        continue;
      if (modes[i].pair != NULL)
        run_two (modes[i].pair);
      else
        modes[i].func ();
      return EXIT_SUCCESS;
    }
  return EXIT_FAILURE;
}

static void
test_mode (gconstpointer data)
{
  const char *name = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", &error);
  g_autofree char *heard = NULL;
  const char *argv[] = { program, "--mode", name, NULL };
  int status;

  g_assert_no_error (error);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &heard, &status, &error);
  g_assert_no_error (error);
  if (strcmp (name, "race") == 0)
    {
      g_assert_true (g_str_has_prefix (strstr (heard, "WARNING: "), "WARNING: ThreadSanitizer: data race"));
      g_assert_nonnull (strstr (heard, "add_without_lock"));
      g_assert_cmpint (status, !=, 0);
    }
  else
    {
      g_assert_cmpstr (heard, ==, "");
      g_assert_cmpint (status, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--mode") == 0)
    {
      gst_init (NULL, NULL);
      return run_mode (argv[2]);
    }
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sanitizers/thread/%s", modes[i].name);
      g_test_add_data_func (path, modes[i].name, test_mode);
    }
  return g_test_run ();
}
