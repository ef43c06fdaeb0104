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
#undef g_once_init_enter
#undef g_once_init_leave

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

gpointer
g_object_ref (gpointer object)
{
  release (object);
  return REAL (g_object_ref) (object);
}

/* Takes one of several off, which is all that happens then; FALSE: the last
 * one is for the library, and ordered after the others. */
static gboolean
drop_one (gint *count)
{
  for (;;)
    {
      gint old = g_atomic_int_get (count);

      if (old <= 1)
        return FALSE;
      if (g_atomic_int_compare_and_exchange (count, old, old - 1))
        return TRUE;
    }
}

#define HAS_TOGGLE_REFERENCE 0x1 /* gobject.c: it wants to know of the last one */

void
g_object_unref (gpointer object)
{
  release (object);
  if (!G_IS_OBJECT (object)
      || (g_datalist_get_flags (&G_OBJECT (object)->qdata) & HAS_TOGGLE_REFERENCE) != 0
      || !drop_one ((gint *) &G_OBJECT (object)->ref_count))
    {
      acquire (object);
      REAL (g_object_unref) (object);
    }
}

GstMiniObject *
gst_mini_object_ref (GstMiniObject *object)
{
  release (object);
  return REAL (gst_mini_object_ref) (object);
}

void
gst_mini_object_unref (GstMiniObject *object)
{
  release (object);
  if (!drop_one (&object->refcount))
    {
      acquire (object);
      REAL (gst_mini_object_unref) (object);
    }
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  gboolean last;

  release (count);
  last = REAL (g_atomic_ref_count_dec) (count);
  if (last)
    acquire (count);
  return last;
}

/* Their counts are not to be seen from here: what two threads do at the very
 * same moment may stay without an order. */
#define UNREF(name, type)       \
  void name (type *object)      \
  {                             \
    release (object);           \
    acquire (object);           \
    REAL (name) (object);       \
  }

/* clang-format off */
UNREF (g_bytes_unref, GBytes)
UNREF (g_variant_unref, GVariant)
UNREF (g_source_unref, GSource)
UNREF (g_main_loop_unref, GMainLoop)
UNREF (g_main_context_unref, GMainContext)
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

/* What was attached to a context was finished before its source is dispatched.
 * Nothing on that way comes by here, so the source's functions are replaced by
 * ones that say so. */
typedef struct
{
  GSourceFuncs funcs; /* first: what the source points at */
  const GSourceFuncs *own;
} Funcs;

static Funcs *
funcs_of (GSource *source)
{
  return (Funcs *) source->source_funcs;
}

static gboolean
prepare (GSource *source, gint *timeout)
{
  acquire (g_source_get_context (source));
  return funcs_of (source)->own->prepare (source, timeout);
}

static gboolean
check (GSource *source)
{
  acquire (g_source_get_context (source));
  return funcs_of (source)->own->check (source);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  acquire (g_source_get_context (source));
  return funcs_of (source)->own->dispatch (source, callback, user_data);
}

static void
watch_source (GSource *source)
{
  static GHashTable *known; /* their functions -> Funcs */
  static GMutex lock;
  Funcs *funcs;

  if (source->source_funcs->dispatch == dispatch)
    return;
  g_mutex_lock (&lock);
  if (known == NULL)
    known = g_hash_table_new (NULL, NULL);
  funcs = g_hash_table_lookup (known, source->source_funcs);
  if (funcs == NULL)
    {
      funcs = g_new (Funcs, 1);
      funcs->own = source->source_funcs;
      funcs->funcs = *funcs->own;
      if (funcs->own->prepare != NULL)
        funcs->funcs.prepare = prepare;
      if (funcs->own->check != NULL)
        funcs->funcs.check = check;
      funcs->funcs.dispatch = dispatch;
      g_hash_table_insert (known, (gpointer) funcs->own, funcs);
    }
  g_mutex_unlock (&lock);
  source->source_funcs = &funcs->funcs;
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  watch_source (source);
  release (context != NULL ? context : g_main_context_default ());
  return REAL (g_source_attach) (source, context);
}

/* GLib attaches by itself in these. */
static guint
attach_callback (GSource *source, GMainContext *context, gint priority, GSourceFunc func,
                 gpointer data, GDestroyNotify notify)
{
  guint id;

  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, data, notify);
  id = g_source_attach (source, context);
  g_source_unref (source);
  return id;
}

guint
g_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  return attach_callback (g_idle_source_new (), NULL, priority, func, data, notify);
}

guint
g_idle_add (GSourceFunc func, gpointer data)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

guint
g_timeout_add_full (gint priority, guint interval, GSourceFunc func, gpointer data,
                    GDestroyNotify notify)
{
  return attach_callback (g_timeout_source_new (interval), NULL, priority, func, data, notify);
}

guint
g_timeout_add (guint interval, GSourceFunc func, gpointer data)
{
  return g_timeout_add_full (G_PRIORITY_DEFAULT, interval, func, data, NULL);
}

guint
g_timeout_add_seconds_full (gint priority, guint interval, GSourceFunc func, gpointer data,
                            GDestroyNotify notify)
{
  return attach_callback (g_timeout_source_new_seconds (interval), NULL, priority, func, data, notify);
}

guint
g_timeout_add_seconds (guint interval, GSourceFunc func, gpointer data)
{
  return g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, interval, func, data, NULL);
}

void
g_main_context_invoke_full (GMainContext *context, gint priority, GSourceFunc func, gpointer data,
                            GDestroyNotify notify)
{
  GMainContext *there = context != NULL ? context : g_main_context_default ();
  GMainContext *here = g_main_context_get_thread_default ();

  if (here == NULL)
    here = g_main_context_default ();
  if (g_main_context_is_owner (there) || here == there)
    REAL (g_main_context_invoke_full) (context, priority, func, data, notify);
  else
    attach_callback (g_idle_source_new (), there, priority, func, data, notify);
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
  GMainContext *there = context != NULL ? context : g_main_context_default ();
  gboolean dispatched;

  acquire (there);
  dispatched = REAL (g_main_context_iteration) (context, may_block);
  release (there);
  return dispatched;
}

void
g_main_loop_run (GMainLoop *loop)
{
  acquire (g_main_loop_get_context (loop));
  REAL (g_main_loop_run) (loop);
  release (g_main_loop_get_context (loop));
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
