/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The shared I/O threads. Each runs a GMainContext; an element gets a place on
 * the least busy one, and all its network work happens there. Work is handed
 * over by enqueue and refused once the element has closed its place. A thread
 * ends when its last place is given back.
 */
#include "realtimeio.h"

#define MAX_THREADS       4
#define PLACES_PER_THREAD 64 /* a further thread is started beyond */

typedef struct
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  guint n_places; /* under pool_lock */
  GstRealtimePoller *poller;
  GSource *waker_source; /* serves all that is in woken */
  GMutex woken_lock;
  GQueue woken; /* GstRealtimeWaker */
} IoThread;

typedef struct
{
  GSource source;
  IoThread *io;
} WakerSource;

struct _GstRealtimeWaker
{
  gint ref_count;
  IoThread *io;
  GFunc func;
  gpointer data;
  gboolean woken; /* under woken_lock */
  GList link;     /* in woken; its data is the waker */
};

struct _GstRealtimeIo
{
  gint ref_count;
  IoThread *io;
  GMutex lock;
  gboolean closed;
};

typedef struct
{
  GFunc func;
  gpointer object;
  gpointer data;
  GDestroyNotify destroy;
} Task;

typedef struct
{
  GMutex lock;
  GCond cond;
  GSourceFunc func;
  gpointer data;
  gboolean done;
} Barrier;

static GMutex pool_lock;
static GPtrArray *pool; /* IoThread; under pool_lock */
static GPrivate current_thread;

static gboolean dispatch_wakers (GSource *source, GSourceFunc func, gpointer data);
static GSourceFuncs waker_funcs = { NULL, NULL, dispatch_wakers, NULL };

static gpointer
run_thread (gpointer data)
{
  IoThread *io = data;

  g_private_set (&current_thread, io);
  g_main_context_push_thread_default (io->context);
  gst_realtime_poller_serve_thread (io->poller);
  g_main_loop_run (io->loop);
  /* What was attached meanwhile still gets its turn to clean up. */
  while (g_main_context_iteration (io->context, FALSE))
    ;
  g_source_destroy (io->waker_source);
  g_source_unref (io->waker_source);
  gst_realtime_poller_free (io->poller);
  g_mutex_clear (&io->woken_lock);
  g_main_context_pop_thread_default (io->context);
  g_main_loop_unref (io->loop);
  g_main_context_unref (io->context);
  g_free (io);
  return NULL;
}

/* With pool_lock held. */
static IoThread *
get_thread (void)
{
  IoThread *best = NULL;

  if (pool == NULL)
    pool = g_ptr_array_new ();
  for (guint i = 0; i < pool->len; i++)
    {
      IoThread *io = g_ptr_array_index (pool, i);

      if (best == NULL || io->n_places < best->n_places)
        best = io;
    }
  if (best == NULL || (best->n_places >= PLACES_PER_THREAD &&
                       pool->len < MIN (g_get_num_processors (), MAX_THREADS)))
    {
      best = g_new0 (IoThread, 1);
      best->context = g_main_context_new ();
      best->loop = g_main_loop_new (best->context, FALSE);
      best->poller = gst_realtime_poller_new (best->context);
      g_mutex_init (&best->woken_lock);
      best->waker_source = g_source_new (&waker_funcs, sizeof (WakerSource));
      ((WakerSource *)best->waker_source)->io = best;
      g_source_set_static_name (best->waker_source, "realtime-uplinks");
      g_source_attach (best->waker_source, best->context);
      g_ptr_array_add (pool, best);
      best->thread = g_thread_new ("realtime-io", run_thread, best);
    }
  return best;
}

static GstRealtimeIo *
take_place (IoThread *io)
{
  GstRealtimeIo *self = g_new0 (GstRealtimeIo, 1);

  self->ref_count = 1;
  g_mutex_init (&self->lock);
  self->io = io;
  io->n_places++;
  return self;
}

/* Returns: (transfer full): a place on the least busy I/O thread */
GstRealtimeIo *
gst_realtime_io_new (void)
{
  GstRealtimeIo *self;

  g_mutex_lock (&pool_lock);
  self = take_place (get_thread ());
  g_mutex_unlock (&pool_lock);
  return self;
}

/* Returns: (transfer full) (nullable): a place on the I/O thread that calls
 *   this, so that it outlives a polite close; %NULL on any other thread */
GstRealtimeIo *
gst_realtime_io_hold_current (void)
{
  IoThread *io = g_private_get (&current_thread);
  GstRealtimeIo *self;

  if (io == NULL)
    return NULL;
  g_mutex_lock (&pool_lock);
  self = take_place (io);
  g_mutex_unlock (&pool_lock);
  return self;
}

GstRealtimeIo *
gst_realtime_io_ref (GstRealtimeIo *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static gboolean
quit_loop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
stop_thread (IoThread *io)
{
  GThread *thread = io->thread;
  GSource *source = g_idle_source_new ();
  /* g_source_unref() locks the source's context: by then the thread may have
   * quit, given back its own reference and ended. */
  g_autoptr (GMainContext) context = g_main_context_ref (io->context);

  /* An idle source of the lowest priority: all that is due runs before it. */
  g_source_set_callback (source, quit_loop, g_main_loop_ref (io->loop),
                         (GDestroyNotify)g_main_loop_unref);
  g_source_set_priority (source, G_PRIORITY_LOW);
  g_source_attach (source, context);
  g_source_unref (source);

  if (thread == g_thread_self ())
    g_thread_unref (thread);
  else
    g_thread_join (thread);
}

void
gst_realtime_io_unref (GstRealtimeIo *self)
{
  IoThread *io = self->io;
  gboolean last = FALSE;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_mutex_lock (&pool_lock);
  if (--io->n_places == 0)
    {
      g_ptr_array_remove_fast (pool, io);
      if (pool->len == 0)
        g_clear_pointer (&pool, g_ptr_array_unref);
      last = TRUE;
    }
  g_mutex_unlock (&pool_lock);

  g_mutex_clear (&self->lock);
  g_free (self);
  if (last)
    stop_thread (io);
}

static gboolean
run_task (gpointer data)
{
  Task *task = data;

  task->func (task->object, task->data);
  return G_SOURCE_REMOVE;
}

static void
free_task (gpointer data)
{
  Task *task = data;

  if (task->destroy != NULL)
    task->destroy (task->data);
  g_free (task);
}

static void
attach (GstRealtimeIo *self, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, self->io->context);
  g_source_unref (source);
}

/**
 * gst_realtime_io_enqueue:
 * @func: called as func (object, data) on the I/O thread
 * @object: must live until gst_realtime_io_close() has returned
 * @data: freed with @destroy in any case, also when refused
 *
 * Any thread. Tasks run in the order in which they were enqueued.
 *
 * Returns: %FALSE after gst_realtime_io_close(): then @func is not called
 */
gboolean
gst_realtime_io_enqueue (GstRealtimeIo *self,
                         GFunc func,
                         gpointer object,
                         gpointer data,
                         GDestroyNotify destroy)
{
  gboolean accepted;

  g_mutex_lock (&self->lock);
  accepted = !self->closed;
  if (accepted)
    {
      Task *task = g_new (Task, 1);

      *task = (Task){ func, object, data, destroy };
      attach (self, run_task, task, free_task);
    }
  g_mutex_unlock (&self->lock);

  if (!accepted && destroy != NULL)
    destroy (data);
  return accepted;
}

/* ---- wakers ------------------------------------------------------------ */

static gboolean
dispatch_wakers (GSource *source, GSourceFunc func, gpointer data)
{
  IoThread *io = ((WakerSource *)source)->io;
  GList *link;

  g_source_set_ready_time (source, -1);
  g_mutex_lock (&io->woken_lock);
  while ((link = g_queue_pop_head_link (&io->woken)) != NULL)
    {
      GstRealtimeWaker *waker = link->data;

      waker->woken = FALSE;
      g_mutex_unlock (&io->woken_lock);
      waker->func (waker->data, NULL); /* may stop itself, or others */
      g_mutex_lock (&io->woken_lock);
    }
  g_mutex_unlock (&io->woken_lock);
  return G_SOURCE_CONTINUE;
}

/**
 * gst_realtime_waker_new:
 *
 * One source per thread serves all of them, however many elements there are.
 *
 * Returns: (transfer full): calls @func as func (data, NULL) on the I/O thread
 *   each time (at least once after) somebody wakes it; to be stopped before
 *   @io is given back
 */
GstRealtimeWaker *
gst_realtime_waker_new (GstRealtimeIo *io, GFunc func, gpointer data)
{
  GstRealtimeWaker *self = g_new0 (GstRealtimeWaker, 1);

  self->ref_count = 1;
  self->io = io->io;
  self->func = func;
  self->data = data;
  self->link.data = self;
  return self;
}

GstRealtimeWaker *
gst_realtime_waker_ref (GstRealtimeWaker *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
gst_realtime_waker_unref (GstRealtimeWaker *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
}

/* Any thread, as long as it has not been stopped. */
void
gst_realtime_waker_wake (GstRealtimeWaker *self)
{
  IoThread *io = self->io;
  gboolean first = FALSE;

  g_mutex_lock (&io->woken_lock);
  if (!self->woken)
    {
      self->woken = TRUE;
      first = g_queue_is_empty (&io->woken);
      g_queue_push_tail_link (&io->woken, &self->link);
    }
  g_mutex_unlock (&io->woken_lock);
  if (first)
    g_source_set_ready_time (io->waker_source, 0);
}

/* I/O thread: it is not called again. */
void
gst_realtime_waker_stop (GstRealtimeWaker *self)
{
  IoThread *io = self->io;

  g_mutex_lock (&io->woken_lock);
  if (self->woken)
    g_queue_unlink (&io->woken, &self->link);
  self->woken = FALSE;
  g_mutex_unlock (&io->woken_lock);
}

/* Returns: (transfer none) (nullable): what watches the sockets of the I/O
 *   thread that calls this; %NULL on any other thread */
GstRealtimePoller *
gst_realtime_io_get_current_poller (void)
{
  IoThread *io = g_private_get (&current_thread);

  return io != NULL ? io->poller : NULL;
}

/* ---- closing ----------------------------------------------------------- */

static gboolean
run_barrier (gpointer data)
{
  Barrier *barrier = data;

  if (barrier->func != NULL)
    barrier->func (barrier->data);
  g_mutex_lock (&barrier->lock);
  barrier->done = TRUE;
  g_cond_signal (&barrier->cond);
  g_mutex_unlock (&barrier->lock);
  return G_SOURCE_REMOVE;
}

/**
 * gst_realtime_io_close:
 * @last: (nullable): run on the I/O thread as the last of this place's tasks
 *
 * Refuses work from now on and returns when all that was enqueued, and @last,
 * has run. From the I/O thread itself @last runs at once, and tasks that were
 * enqueued before may run after it.
 */
void
gst_realtime_io_close (GstRealtimeIo *self, GSourceFunc last, gpointer data)
{
  Barrier barrier = { .func = last, .data = data };
  gboolean was_closed;

  g_mutex_lock (&self->lock);
  was_closed = self->closed;
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
  if (was_closed)
    return;

  if (g_private_get (&current_thread) == self->io)
    {
      if (last != NULL)
        last (data);
      return;
    }

  g_mutex_init (&barrier.lock);
  g_cond_init (&barrier.cond);
  attach (self, run_barrier, &barrier, NULL);
  g_mutex_lock (&barrier.lock);
  while (!barrier.done)
    g_cond_wait (&barrier.cond, &barrier.lock);
  g_mutex_unlock (&barrier.lock);
  g_cond_clear (&barrier.cond);
  g_mutex_clear (&barrier.lock);
}
