/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* ThreadSanitizer sees what the code it has instrumented does, and what the C
 * library's own functions do. A distribution's GLib and GStreamer are not
 * instrumented, and GLib's locks are futexes of its own: so every lock in our
 * code would be invisible and every use of one a report.
 *
 * This library, loaded first by the tests of a build with -Db_sanitize=thread,
 * stands before those functions and tells ThreadSanitizer what order each one
 * promises: nothing more than its documentation does, so that a true race in
 * our code is still found (test-tsan.c shows both). In a program that is not
 * instrumented it does nothing.
 *
 * The calls that GLib makes to itself don't come by here; those that other
 * libraries make to GLib do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <gio/gio.h>
#include <gst/gst.h>

/* Macros over functions of the same name. */
#undef g_object_ref
#undef g_object_ref_sink
#undef g_once_init_enter
#undef g_once_init_leave
#undef gst_object_ref
#undef gst_object_unref

#pragma GCC visibility push(default)

/* In the runtime of a program that is instrumented; NULL elsewhere. */
extern void __tsan_acquire (void *address) __attribute__ ((weak));
extern void __tsan_release (void *address) __attribute__ ((weak));

static inline void
acquire (gconstpointer address)
{
  if (__tsan_acquire != NULL && address != NULL)
    __tsan_acquire ((void *) address);
}

static inline void
release (gconstpointer address)
{
  if (__tsan_release != NULL && address != NULL)
    __tsan_release ((void *) address);
}

/* The library's own function of the name; the same for every caller, so that
 * it does not matter which of two threads stores it. */
#define REAL(name)                                                              \
  ({                                                                            \
    static __typeof__ (&name) real_##name;                                      \
    __typeof__ (&name) found = __atomic_load_n (&real_##name, __ATOMIC_RELAXED); \
    if (found == NULL)                                                          \
      {                                                                         \
        found = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name);                  \
        __atomic_store_n (&real_##name, found, __ATOMIC_RELAXED);               \
      }                                                                         \
    found;                                                                      \
  })

/* clang-format off */
#define LOCK(name, type) \
  void name (type *lock) { REAL (name) (lock); acquire (lock); }
#define TRYLOCK(name, type) \
  gboolean name (type *lock) { gboolean got = REAL (name) (lock); if (got) acquire (lock); return got; }
#define UNLOCK(name, type) \
  void name (type *lock) { release (lock); REAL (name) (lock); }

LOCK (g_mutex_lock, GMutex)
TRYLOCK (g_mutex_trylock, GMutex)
UNLOCK (g_mutex_unlock, GMutex)
LOCK (g_rw_lock_writer_lock, GRWLock)
TRYLOCK (g_rw_lock_writer_trylock, GRWLock)
UNLOCK (g_rw_lock_writer_unlock, GRWLock)
LOCK (g_rw_lock_reader_lock, GRWLock)
TRYLOCK (g_rw_lock_reader_trylock, GRWLock)
UNLOCK (g_rw_lock_reader_unlock, GRWLock)
/* clang-format on */

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  release (mutex);
  REAL (g_cond_wait) (cond, mutex);
  acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  release (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  acquire (mutex);
  return signalled;
}

/* What is initialised once is complete for who sees that it is. The fast path
 * is an atomic read in the caller itself, of the same address. */
void
g_once_init_leave (volatile void *location, gsize result)
{
  release ((gconstpointer) location);
  REAL (g_once_init_leave) (location, result);
}

gboolean
g_once_init_enter (volatile void *location)
{
  gboolean first = REAL (g_once_init_enter) (location);

  acquire ((gconstpointer) location);
  return first;
}

gpointer
g_once_impl (GOnce *once, GThreadFunc func, gpointer arg)
{
  gpointer value;

  value = REAL (g_once_impl) (once, func, arg);
  release (once);
  acquire (once);
  return value;
}

/* An atomic count orders all that was done by earlier holders before what the
 * last one does, which is to free the object. */
#define COUNT(result, name, type)          \
  result name (type object)                \
  {                                        \
    release (object);                      \
    acquire (object);                      \
    return REAL (name) (object);           \
  }
#define UNCOUNT(name, type)                \
  void name (type object)                  \
  {                                        \
    release (object);                      \
    acquire (object);                      \
    REAL (name) (object);                  \
  }

/* clang-format off */
COUNT (gpointer, g_object_ref, gpointer)
UNCOUNT (g_object_unref, gpointer)
COUNT (gpointer, g_object_ref_sink, gpointer)
COUNT (GBytes *, g_bytes_ref, GBytes *)
UNCOUNT (g_bytes_unref, GBytes *)
COUNT (GVariant *, g_variant_ref, GVariant *)
UNCOUNT (g_variant_unref, GVariant *)
COUNT (GSource *, g_source_ref, GSource *)
UNCOUNT (g_source_unref, GSource *)
COUNT (GMainLoop *, g_main_loop_ref, GMainLoop *)
UNCOUNT (g_main_loop_unref, GMainLoop *)
COUNT (GMainContext *, g_main_context_ref, GMainContext *)
UNCOUNT (g_main_context_unref, GMainContext *)
COUNT (GstMiniObject *, gst_mini_object_ref, GstMiniObject *)
UNCOUNT (gst_mini_object_unref, GstMiniObject *)
COUNT (gpointer, gst_object_ref, gpointer)
UNCOUNT (gst_object_unref, gpointer)
UNCOUNT (g_atomic_ref_count_inc, gatomicrefcount *)
COUNT (gboolean, g_atomic_ref_count_dec, gatomicrefcount *)
/* clang-format on */

/* Data and weak pointers of an object are under locks inside of GLib. */
void
g_weak_ref_set (GWeakRef *weak_ref, gpointer object)
{
  release (weak_ref);
  REAL (g_weak_ref_set) (weak_ref, object);
}

gpointer
g_weak_ref_get (GWeakRef *weak_ref)
{
  gpointer object = REAL (g_weak_ref_get) (weak_ref);

  acquire (weak_ref);
  acquire (object);
  return object;
}

void
g_object_set_data_full (GObject *object, const char *key, gpointer data, GDestroyNotify destroy)
{
  release (object);
  REAL (g_object_set_data_full) (object, key, data, destroy);
}

void
g_object_set_data (GObject *object, const char *key, gpointer data)
{
  release (object);
  REAL (g_object_set_data) (object, key, data);
}

gpointer
g_object_get_data (GObject *object, const char *key)
{
  gpointer data = REAL (g_object_get_data) (object, key);

  acquire (object);
  return data;
}

/* What is put into a queue was finished before it is taken out. */
#define PUSH(name)                                \
  void name (GAsyncQueue *queue, gpointer data)   \
  {                                               \
    release (queue);                              \
    REAL (name) (queue, data);                    \
  }
#define POP(name)                                 \
  gpointer name (GAsyncQueue *queue)              \
  {                                               \
    gpointer data = REAL (name) (queue);          \
    acquire (queue);                              \
    return data;                                  \
  }
#define TIMEOUT_POP(name)                                 \
  gpointer name (GAsyncQueue *queue, guint64 timeout)     \
  {                                                       \
    gpointer data = REAL (name) (queue, timeout);         \
    acquire (queue);                                      \
    return data;                                          \
  }

/* clang-format off */
PUSH (g_async_queue_push)
PUSH (g_async_queue_push_unlocked)
PUSH (g_async_queue_push_front)
PUSH (g_async_queue_push_front_unlocked)
POP (g_async_queue_pop)
POP (g_async_queue_pop_unlocked)
POP (g_async_queue_try_pop)
POP (g_async_queue_try_pop_unlocked)
TIMEOUT_POP (g_async_queue_timeout_pop)
TIMEOUT_POP (g_async_queue_timeout_pop_unlocked)
LOCK (g_async_queue_lock, GAsyncQueue)
UNLOCK (g_async_queue_unlock, GAsyncQueue)
/* clang-format on */

/* A pool's worker sees what was done before its piece of work was pushed. */
typedef struct
{
  GFunc func;
  gpointer user_data;
} Pool;

static void
run_in_pool (gpointer data, gpointer user_data)
{
  Pool *pool = user_data; /* lives as long as the process: tests make few */

  acquire (data);
  pool->func (data, pool->user_data);
}

GThreadPool *
g_thread_pool_new (GFunc func, gpointer user_data, gint max_threads, gboolean exclusive, GError **error)
{
  Pool *pool = g_new (Pool, 1);

  pool->func = func;
  pool->user_data = user_data;
  return REAL (g_thread_pool_new) (run_in_pool, pool, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  release (data);
  return REAL (g_thread_pool_push) (pool, data, error);
}

static void
run_task (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  GTaskThreadFunc func;

  acquire (task);
  func = (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), "tsan-glib-func");
  func (task, source_object, task_data, cancellable);
  release (task);
}

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  g_object_set_data_full (G_OBJECT (task), "tsan-glib-func", (gpointer) func, NULL);
  release (task);
  REAL (g_task_run_in_thread) (task, run_task);
}

void
g_task_run_in_thread_sync (GTask *task, GTaskThreadFunc func)
{
  g_object_set_data_full (G_OBJECT (task), "tsan-glib-func", (gpointer) func, NULL);
  release (task);
  REAL (g_task_run_in_thread_sync) (task, run_task);
  acquire (task);
}

/* A context that another thread is running is woken through an eventfd, which
 * ThreadSanitizer sees. One that nobody is running is not woken. */
guint
g_source_attach (GSource *source, GMainContext *context)
{
  release (context != NULL ? context : g_main_context_default ());
  return REAL (g_source_attach) (source, context);
}

guint
g_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  release (g_main_context_default ());
  return REAL (g_idle_add_full) (priority, func, data, notify);
}

guint
g_idle_add (GSourceFunc func, gpointer data)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

guint
g_timeout_add_full (gint priority, guint interval, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  release (g_main_context_default ());
  return REAL (g_timeout_add_full) (priority, interval, func, data, notify);
}

guint
g_timeout_add (guint interval, GSourceFunc func, gpointer data)
{
  return g_timeout_add_full (G_PRIORITY_DEFAULT, interval, func, data, NULL);
}

void
g_main_context_invoke_full (GMainContext *context, gint priority, GSourceFunc func, gpointer data,
                            GDestroyNotify notify)
{
  release (context != NULL ? context : g_main_context_default ());
  REAL (g_main_context_invoke_full) (context, priority, func, data, notify);
}

void
g_main_context_invoke (GMainContext *context, GSourceFunc func, gpointer data)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, data, NULL);
}

gboolean
g_main_context_acquire (GMainContext *context)
{
  gboolean owner = REAL (g_main_context_acquire) (context);

  if (owner)
    acquire (context != NULL ? context : g_main_context_default ());
  return owner;
}

void
g_main_context_release (GMainContext *context)
{
  release (context != NULL ? context : g_main_context_default ());
  REAL (g_main_context_release) (context);
}

void
g_main_context_push_thread_default (GMainContext *context)
{
  REAL (g_main_context_push_thread_default) (context);
  acquire (context);
}

gboolean
g_main_context_iteration (GMainContext *context, gboolean may_block)
{
  gboolean dispatched;

  acquire (context != NULL ? context : g_main_context_default ());
  dispatched = REAL (g_main_context_iteration) (context, may_block);
  release (context != NULL ? context : g_main_context_default ());
  return dispatched;
}

void
g_main_loop_run (GMainLoop *loop)
{
  GMainContext *context = g_main_loop_get_context (loop);

  acquire (context);
  REAL (g_main_loop_run) (loop);
  release (context);
  acquire (loop);
}

void
g_main_loop_quit (GMainLoop *loop)
{
  release (loop);
  REAL (g_main_loop_quit) (loop);
}

/* The bus is a queue without a lock. */
gboolean
gst_bus_post (GstBus *bus, GstMessage *message)
{
  release (bus);
  return REAL (gst_bus_post) (bus, message);
}

gboolean
gst_element_post_message (GstElement *element, GstMessage *message)
{
  release (element);
  return REAL (gst_element_post_message) (element, message);
}

GstMessage *
gst_bus_timed_pop_filtered (GstBus *bus, GstClockTime timeout, GstMessageType types)
{
  GstMessage *message = REAL (gst_bus_timed_pop_filtered) (bus, timeout, types);

  acquire (bus);
  if (message != NULL)
    acquire (GST_MESSAGE_SRC (message));
  return message;
}
