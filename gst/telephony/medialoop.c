/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "medialoop.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_LOOPS 64
#define MAX_EVENTS 64
#define MIN_POOLED 32 /* buffers that stay with a loop */
#define NS_PER_MS G_GINT64_CONSTANT (1000000)
#define LOAD_WINDOW (1000 * NS_PER_MS)
#define LOAD_STEP 100 /* parts of a thousand: less of a difference is none */

typedef struct _Job Job;

struct _Job
{
  Job *next;
  MediaLoopFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
};

struct _MediaLoop
{
  guint load; /* atomic: parts of a thousand of the last second that it worked */

  /* Under manager_lock. */
  guint n_calls;
  guint index;
  pthread_t thread;

  pthread_t owner; /* the thread, as it knows itself; atomic: asked for by others too */

  /* Under lock. */
  pthread_mutex_t lock;
  Job *jobs; /* first of a list in order */
  Job **jobs_tail;
  gboolean closed;

  int epoll_fd;
  int wake_fd;
  int timer_fd;

  /* The loop's thread only. */
  gint64 window; /* ns: since when busy counts */
  gint64 busy;   /* ns */
  TickWheel wheel;
  guint64 armed; /* ms the timer is set to; 0: not at all */
  GstBufferPool *pool;
  struct epoll_event events[MAX_EVENTS];
  int n_events;
  int event;

  struct mmsghdr messages[MEDIA_LOOP_BATCH];
  struct iovec vectors[MEDIA_LOOP_BATCH];
  MediaDatagram datagrams[MEDIA_LOOP_BATCH];
  guint8 memory[MEDIA_LOOP_BATCH][RTP_MAX_PACKET];
};

/* Never taken by a loop's thread, so that it may be held while one is joined. */
static pthread_mutex_t manager_lock = PTHREAD_MUTEX_INITIALIZER;
static MediaLoop *loops[MAX_LOOPS];

/**
 * media_loop_now:
 *
 * Returns: the monotonic clock, ns
 */
gint64
media_loop_now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (gint64) t.tv_sec * G_GINT64_CONSTANT (1000000000) + t.tv_nsec;
}

static guint64
now_ms (void)
{
  return (guint64) (media_loop_now () / NS_PER_MS);
}

gboolean
media_loop_is_current (MediaLoop *self)
{
  return pthread_equal (__atomic_load_n (&self->owner, __ATOMIC_ACQUIRE), pthread_self ());
}

static void
run_jobs (MediaLoop *self)
{
  Job *jobs;

  pthread_mutex_lock (&self->lock);
  jobs = self->jobs;
  self->jobs = NULL;
  self->jobs_tail = &self->jobs;
  pthread_mutex_unlock (&self->lock);

  while (jobs != NULL)
    {
      Job *job = jobs;

      jobs = job->next;
      job->func (job->user_data);
      if (job->destroy != NULL)
        job->destroy (job->user_data);
      g_free (job);
    }
}

static void
arm_timer (MediaLoop *self)
{
  struct itimerspec spec = { 0 };
  guint64 at;

  if (!tick_wheel_next (&self->wheel, &at))
    at = 0;
  if (at == self->armed)
    return;

  /* A new setting clears what expired before, so the timer is never read. */
  spec.it_value.tv_sec = (time_t) (at / 1000);
  spec.it_value.tv_nsec = (long) (at % 1000) * NS_PER_MS;
  timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
  self->armed = at;
}

/* After a turn's work. */
static void
note_load (MediaLoop *self, gint64 began)
{
  gint64 now = media_loop_now ();

  self->busy += now - began;
  if (now - self->window < LOAD_WINDOW)
    return;

  __atomic_store_n (&self->load, (guint) (self->busy * 1000 / (now - self->window)),
                    __ATOMIC_RELAXED);
  self->window = now;
  self->busy = 0;
}

/* Departures don't wait until all sockets have had their turn. */
static void
run_ticks (MediaLoop *self)
{
  if (self->wheel.n_entries > 0)
    tick_wheel_advance (&self->wheel, now_ms ());
}

static void *
loop_thread (void *data)
{
  MediaLoop *self = data;
  gboolean closed = FALSE;

  __atomic_store_n (&self->owner, pthread_self (), __ATOMIC_RELEASE);
  self->window = media_loop_now ();

  while (!closed)
    {
      gboolean woken = FALSE;
      gint64 began;

      arm_timer (self);
      self->n_events = epoll_wait (self->epoll_fd, self->events, MAX_EVENTS, -1);
      began = media_loop_now ();

      for (self->event = 0; self->event < self->n_events; self->event++)
        {
          gpointer target = self->events[self->event].data.ptr;

          if (target == self)
            woken = TRUE;
          else if (target == &self->timer_fd)
            self->armed = 0;
          else if (target != NULL)
            ((MediaLoopWatch *) target)->readable (((MediaLoopWatch *) target)->user_data);
          run_ticks (self);
        }
      self->n_events = 0;
      run_ticks (self);

      if (woken)
        {
          guint64 count;

          if (read (self->wake_fd, &count, sizeof count) < 0)
            continue;
          run_jobs (self);
          pthread_mutex_lock (&self->lock);
          closed = self->closed && self->jobs == NULL;
          pthread_mutex_unlock (&self->lock);
        }
      note_load (self, began);
    }

  return NULL;
}

static void
loop_free (MediaLoop *self)
{
  gst_buffer_pool_set_active (self->pool, FALSE);
  gst_object_unref (self->pool);
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  if (self->timer_fd >= 0)
    close (self->timer_fd);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static GstBufferPool *
make_pool (void)
{
  GstBufferPool *pool = gst_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, RTP_MAX_PACKET, MIN_POOLED, 0);
  gst_buffer_pool_set_config (pool, config);
  gst_buffer_pool_set_active (pool, TRUE);
  return pool;
}

static MediaLoop *
loop_new (guint index)
{
  MediaLoop *self = g_new0 (MediaLoop, 1);
  struct epoll_event wake = { .events = EPOLLIN, .data.ptr = self };
  struct epoll_event timer = { .events = EPOLLIN | EPOLLET, .data.ptr = &self->timer_fd };
  char name[16];

  self->index = index;
  self->jobs_tail = &self->jobs;
  self->pool = make_pool ();
  pthread_mutex_init (&self->lock, NULL);
  tick_wheel_init (&self->wheel, now_ms ());
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

  for (guint i = 0; i < MEDIA_LOOP_BATCH; i++)
    {
      self->vectors[i].iov_base = self->memory[i];
      self->vectors[i].iov_len = RTP_MAX_PACKET;
      self->messages[i].msg_hdr.msg_iov = &self->vectors[i];
      self->messages[i].msg_hdr.msg_iovlen = 1;
      self->messages[i].msg_hdr.msg_name = &self->datagrams[i].from;
      self->datagrams[i].data = self->memory[i];
    }

  if (self->epoll_fd < 0 || self->wake_fd < 0 || self->timer_fd < 0
      || epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->wake_fd, &wake) < 0
      || epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->timer_fd, &timer) < 0
      || pthread_create (&self->thread, NULL, loop_thread, self) != 0)
    {
      loop_free (self);
      return NULL;
    }

  g_snprintf (name, sizeof name, "media-%u", index);
  pthread_setname_np (self->thread, name);
  return self;
}

/* Those this process may run on: a container or a unit may have fewer than the
 * machine, and two loops on one core only take turns. */
static guint
count_cores (void)
{
  cpu_set_t cores;

  if (sched_getaffinity (0, sizeof cores, &cores) == 0)
    return (guint) CPU_COUNT (&cores);

  return g_get_num_processors ();
}

static guint
max_loops (void)
{
  const char *text = g_getenv (MEDIA_LOOP_ENV);
  guint64 n = text != NULL ? g_ascii_strtoull (text, NULL, 10) : count_cores ();

  return (guint) CLAMP (n, 1, MAX_LOOPS);
}

/* Under manager_lock. By what it worked lately, an Opus call counts for more
 * than a G.711 one; what has only just come shows by its number. */
static gboolean
is_less_loaded (MediaLoop *a, MediaLoop *b)
{
  guint load_a = __atomic_load_n (&a->load, __ATOMIC_RELAXED) / LOAD_STEP;
  guint load_b = __atomic_load_n (&b->load, __ATOMIC_RELAXED) / LOAD_STEP;

  return load_a != load_b ? load_a < load_b : a->n_calls < b->n_calls;
}

/**
 * media_loop_acquire:
 *
 * Places a call on the loop that has the least to do; an unused core gets a
 * loop first.
 *
 * Returns: (nullable): the loop, for media_loop_release(); %NULL when the
 *   system has no more descriptors or threads
 */
MediaLoop *
media_loop_acquire (void)
{
  MediaLoop *best = NULL;
  guint n = max_loops ();

  pthread_mutex_lock (&manager_lock);
  for (guint i = 0; i < n && (best == NULL || best->n_calls > 0); i++)
    {
      if (loops[i] == NULL)
        {
          MediaLoop *loop = loop_new (i);

          loops[i] = loop;
          best = loop != NULL ? loop : best;
          break;
        }
      if (best == NULL || is_less_loaded (loops[i], best))
        best = loops[i];
    }
  if (best != NULL)
    best->n_calls++;
  pthread_mutex_unlock (&manager_lock);

  return best;
}

static void
wake (MediaLoop *self)
{
  guint64 one = 1;

  while (write (self->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

/**
 * media_loop_release:
 * @self: (transfer full): from media_loop_acquire(); nothing of the call is on it any more
 *
 * The last call of a loop ends its thread and waits for it.
 */
void
media_loop_release (MediaLoop *self)
{
  g_return_if_fail (!media_loop_is_current (self));

  pthread_mutex_lock (&manager_lock);
  if (--self->n_calls == 0)
    {
      pthread_mutex_lock (&self->lock);
      self->closed = TRUE;
      pthread_mutex_unlock (&self->lock);
      wake (self);
      pthread_join (self->thread, NULL);
      loops[self->index] = NULL;
      loop_free (self);
    }
  pthread_mutex_unlock (&manager_lock);
}

/**
 * media_loop_count_threads:
 *
 * Returns: loops that run now
 */
guint
media_loop_count_threads (void)
{
  guint n = 0;

  pthread_mutex_lock (&manager_lock);
  for (guint i = 0; i < MAX_LOOPS; i++)
    n += loops[i] != NULL ? 1 : 0;
  pthread_mutex_unlock (&manager_lock);

  return n;
}

/**
 * media_loop_enqueue:
 * @self: a loop
 * @func: run on its thread, in order
 * @user_data: for @func
 * @destroy: (nullable): run on its thread after @func
 *
 * Returns: FALSE when the loop is closed: nothing was run or destroyed then
 */
gboolean
media_loop_enqueue (MediaLoop *self,
                    MediaLoopFunc func,
                    gpointer user_data,
                    GDestroyNotify destroy)
{
  Job *job = g_new0 (Job, 1);
  gboolean closed;

  job->func = func;
  job->user_data = user_data;
  job->destroy = destroy;

  pthread_mutex_lock (&self->lock);
  closed = self->closed;
  if (!closed)
    {
      *self->jobs_tail = job;
      self->jobs_tail = &job->next;
    }
  pthread_mutex_unlock (&self->lock);

  if (closed)
    {
      g_free (job);
      return FALSE;
    }

  wake (self);
  return TRUE;
}

typedef struct
{
  MediaLoopFunc func;
  gpointer user_data;
  pthread_mutex_t lock;
  pthread_cond_t cond;
  gboolean done;
} SyncJob;

static void
run_sync_job (gpointer user_data)
{
  SyncJob *job = user_data;

  job->func (job->user_data);
  pthread_mutex_lock (&job->lock);
  job->done = TRUE;
  pthread_cond_signal (&job->cond);
  pthread_mutex_unlock (&job->lock);
}

/**
 * media_loop_run_sync:
 * @self: a loop on which the caller has a call
 * @func: run on its thread; at once when that is the calling one
 * @user_data: for @func
 *
 * Returns when @func has returned. The caller holds no lock that elements of a
 * call may want.
 */
void
media_loop_run_sync (MediaLoop *self, MediaLoopFunc func, gpointer user_data)
{
  SyncJob job = { .func = func, .user_data = user_data };

  if (media_loop_is_current (self))
    {
      func (user_data);
      return;
    }

  pthread_mutex_init (&job.lock, NULL);
  pthread_cond_init (&job.cond, NULL);
  if (media_loop_enqueue (self, run_sync_job, &job, NULL))
    {
      pthread_mutex_lock (&job.lock);
      while (!job.done)
        pthread_cond_wait (&job.cond, &job.lock);
      pthread_mutex_unlock (&job.lock);
    }
  else
    {
      g_critical ("A media loop was used after its call was released");
    }
  pthread_cond_destroy (&job.cond);
  pthread_mutex_destroy (&job.lock);
}

void
media_loop_add_watch (MediaLoop *self, MediaLoopWatch *watch)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

  g_return_if_fail (media_loop_is_current (self));

  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0 && errno != EEXIST)
    g_critical ("Can't watch a socket: %s", g_strerror (errno));
}

void
media_loop_remove_watch (MediaLoop *self, MediaLoopWatch *watch)
{
  g_return_if_fail (media_loop_is_current (self));

  epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);

  /* It may be among what this turn still has to look at. */
  for (int i = self->event + 1; i < self->n_events; i++)
    if (self->events[i].data.ptr == watch)
      self->events[i].data.ptr = NULL;
}

/**
 * media_loop_add_tick:
 * @self: the loop
 * @tick: with its period set
 * @keep_phase: it ticked on this loop before with that period, and goes on at
 *   the deadlines it would have had
 */
void
media_loop_add_tick (MediaLoop *self, TickEntry *tick, gboolean keep_phase)
{
  g_return_if_fail (media_loop_is_current (self));

  if (keep_phase)
    tick_wheel_resume (&self->wheel, tick, now_ms ());
  else
    tick_wheel_add (&self->wheel, tick, now_ms ());
}

void
media_loop_remove_tick (MediaLoop *self, TickEntry *tick)
{
  g_return_if_fail (media_loop_is_current (self));

  tick_wheel_remove (&self->wheel, tick);
}

/**
 * media_loop_tick_is_ahead:
 * @self: the loop
 * @tick: one of its ticks
 * @now: (out): ms
 *
 * Returns: whether it is on time and not due for more than a millisecond
 */
gboolean
media_loop_tick_is_ahead (MediaLoop *self, TickEntry *tick, guint64 *now)
{
  g_return_val_if_fail (media_loop_is_current (self), FALSE);

  *now = now_ms ();
  return tick_wheel_is_ahead (&self->wheel, tick, *now);
}

/* What was due next was done at @now: the deadlines go on from there. */
void
media_loop_rephase_tick (MediaLoop *self, TickEntry *tick, guint64 now)
{
  g_return_if_fail (media_loop_is_current (self));

  tick_wheel_rephase (&self->wheel, tick, now);
}

/**
 * media_loop_receive:
 * @self: the loop
 * @fd: a non-blocking UDP socket
 * @datagrams: (out) (transfer none): valid until the next call
 *
 * At most %MEDIA_LOOP_BATCH at once: what is left is read in the next turn, so
 * that a flood on one socket does not starve other calls.
 *
 * Returns: how many
 */
guint
media_loop_receive (MediaLoop *self, int fd, MediaDatagram **datagrams)
{
  int n;

  for (guint i = 0; i < MEDIA_LOOP_BATCH; i++)
    self->messages[i].msg_hdr.msg_namelen = sizeof self->datagrams[i].from;

  do
    n = recvmmsg (fd, self->messages, MEDIA_LOOP_BATCH, MSG_DONTWAIT, NULL);
  while (n < 0 && errno == EINTR);

  for (int i = 0; i < n; i++)
    {
      gboolean cut = (self->messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;

      self->datagrams[i].size = cut ? RTP_MAX_PACKET + 1 : self->messages[i].msg_len;
    }

  *datagrams = self->datagrams;
  return n > 0 ? (guint) n : 0;
}

/**
 * media_loop_acquire_buffer:
 * @self: the loop
 *
 * Returns: (transfer full) (nullable): a writable buffer of %RTP_MAX_PACKET
 *   bytes that comes back to the loop when it is let go, on whatever thread
 */
GstBuffer *
media_loop_acquire_buffer (MediaLoop *self)
{
  GstBuffer *buffer = NULL;

  if (gst_buffer_pool_acquire_buffer (self->pool, &buffer, NULL) != GST_FLOW_OK)
    return NULL;

  return buffer;
}
