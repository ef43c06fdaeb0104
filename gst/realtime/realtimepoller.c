/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Many sockets in one source of a main context. GLib looks at every source and
 * hands every descriptor to poll() each time something happens: with a hundred
 * sessions on a thread that was more than all the rest of the work. Here the
 * kernel keeps the list (epoll) and tells only of those that are ready. Timers
 * of the sockets are kept the same way: one ready time, of the earliest.
 */
#include "realtimepoller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64

typedef struct
{
  GSource source;
  GstRealtimePoller *poller;
} PollerSource;

struct _GstRealtimePoller
{
  GSource *source;
  int epoll;
  GPtrArray *watches;
  struct epoll_event ready[BATCH]; /* being dispatched */
  int n_ready;
  gboolean fetched; /* ready holds what the poll function was told */
  int wakeup;       /* GLib's own descriptor, once it is known to the kernel's list; -1 */
  gint64 earliest; /* µs, monotonic; no watch is due before */
};

struct _GstRealtimeWatch
{
  GstRealtimePoller *poller;
  gboolean own_poller;
  int fd;
  GIOCondition condition;
  gint64 due; /* µs, monotonic; G_MAXINT64: never */
  GstRealtimeWatchFunc func;
  gpointer user_data;
};

static GPrivate thread_poller;

static void
set_earliest (GstRealtimePoller *self, gint64 earliest)
{
  self->earliest = earliest;
  g_source_set_ready_time (self->source, earliest == G_MAXINT64 ? -1 : earliest);
}

static void
dispatch_due (GstRealtimePoller *self, gint64 now)
{
  gint64 earliest = G_MAXINT64;

  /* A function may take any watch away, its own most of all. */
  for (guint i = 0; i < self->watches->len;)
    {
      GstRealtimeWatch *watch = g_ptr_array_index (self->watches, i);

      if (watch->due <= now)
        {
          watch->due = G_MAXINT64;
          watch->func (watch->user_data, 0);
          i = 0;
          continue;
        }
      i++;
    }
  for (guint i = 0; i < self->watches->len; i++)
    earliest = MIN (earliest, ((GstRealtimeWatch *)g_ptr_array_index (self->watches, i))->due);
  set_earliest (self, earliest);
}

/* Instead of g_poll(): with nothing but our descriptor and GLib's own, the
 * kernel's list is asked at once, and not by way of a poll() that says that it
 * has something. */
static int
poll_once (GPollFD *fds, guint n, int timeout)
{
  GstRealtimePoller *self = g_private_get (&thread_poller);
  GPollFD *ours, *wakeup;
  int n_ready;

  if (self == NULL || n != 2 || (fds[0].fd != self->epoll && fds[1].fd != self->epoll))
    return g_poll (fds, n, timeout);
  ours = fds[0].fd == self->epoll ? &fds[0] : &fds[1];
  wakeup = ours == &fds[0] ? &fds[1] : &fds[0];
  if (self->wakeup != wakeup->fd)
    {
      struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

      if (self->wakeup >= 0 || epoll_ctl (self->epoll, EPOLL_CTL_ADD, wakeup->fd, &event) != 0)
        return g_poll (fds, n, timeout);
      self->wakeup = wakeup->fd;
    }

  ours->revents = wakeup->revents = 0;
  self->n_ready = 0;
  n_ready = epoll_wait (self->epoll, self->ready, BATCH, timeout);
  for (int i = 0; i < n_ready; i++)
    if (self->ready[i].data.ptr == NULL)
      wakeup->revents = G_IO_IN;
    else
      ours->revents = G_IO_IN;
  self->n_ready = MAX (n_ready, 0);
  self->fetched = ours->revents != 0;
  return n_ready < 0 ? n_ready : (ours->revents != 0) + (wakeup->revents != 0);
}

static gboolean
dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  GstRealtimePoller *self = ((PollerSource *)source)->poller;
  gint64 now = g_get_monotonic_time ();

  g_source_ref (source); /* a watch with a poller of its own may end both */
  if (!self->fetched)
    self->n_ready = epoll_wait (self->epoll, self->ready, BATCH, 0);
  self->fetched = FALSE;
  for (int i = 0; !g_source_is_destroyed (source) && i < self->n_ready; i++)
    {
      GstRealtimeWatch *watch = self->ready[i].data.ptr;
      guint32 events = self->ready[i].events;

      if (watch != NULL)
        watch->func (watch->user_data, (events & EPOLLIN ? G_IO_IN : 0) |
                                           (events & EPOLLOUT ? G_IO_OUT : 0) |
                                           (events & EPOLLERR ? G_IO_ERR : 0) |
                                           (events & EPOLLHUP ? G_IO_HUP : 0));
    }
  if (!g_source_is_destroyed (source))
    {
      self->n_ready = 0;
      if (self->earliest <= now)
        dispatch_due (self, now);
    }
  g_source_unref (source);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  GstRealtimePoller *self = ((PollerSource *)source)->poller;

  close (self->epoll);
  g_ptr_array_unref (self->watches);
  g_free (self);
}

static GSourceFuncs funcs = { NULL, NULL, dispatch, finalize };

/* Returns: (transfer full): a poller whose watches are called in @context */
GstRealtimePoller *
gst_realtime_poller_new (GMainContext *context)
{
  GstRealtimePoller *self = g_new0 (GstRealtimePoller, 1);

  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll < 0)
    g_error ("no epoll: %s", g_strerror (errno));
  self->watches = g_ptr_array_new ();
  self->earliest = G_MAXINT64;
  self->wakeup = -1;
  self->source = g_source_new (&funcs, sizeof (PollerSource));
  ((PollerSource *)self->source)->poller = self;
  g_source_set_static_name (self->source, "realtime-sockets");
  /* Not that it would; but GLib takes the descriptors of a source that can't
   * out of its list for each dispatch, and wakes itself up for that, twice. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_add_unix_fd (self->source, self->epoll, G_IO_IN);
  g_source_attach (self->source, context);
  return self;
}

/* On the thread whose context it is, which runs nothing but this context. */
void
gst_realtime_poller_serve_thread (GstRealtimePoller *self)
{
  g_private_set (&thread_poller, self);
  g_main_context_set_poll_func (g_source_get_context (self->source), poll_once);
}

/* Its watches must be gone. */
void
gst_realtime_poller_free (GstRealtimePoller *self)
{
  GSource *source = self->source;

  g_assert (self->watches->len == 0);
  if (g_private_get (&thread_poller) == self)
    g_private_set (&thread_poller, NULL);
  g_source_destroy (source);
  g_source_unref (source);
}

/**
 * gst_realtime_watch_new:
 * @poller: (nullable): %NULL: one for this watch alone, in the thread's
 *   default context
 * @fd: must stay open until the watch is freed
 *
 * Returns: (transfer full): a watch for %G_IO_IN
 */
GstRealtimeWatch *
gst_realtime_watch_new (GstRealtimePoller *poller,
                        int fd,
                        GstRealtimeWatchFunc func,
                        gpointer user_data)
{
  GstRealtimeWatch *self = g_new0 (GstRealtimeWatch, 1);
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = self };

  self->own_poller = poller == NULL;
  self->poller =
      poller != NULL ? poller : gst_realtime_poller_new (g_main_context_get_thread_default ());
  self->fd = fd;
  self->condition = G_IO_IN;
  self->due = G_MAXINT64;
  self->func = func;
  self->user_data = user_data;
  g_ptr_array_add (self->poller->watches, self);
  if (epoll_ctl (self->poller->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    g_warning ("epoll: %s", g_strerror (errno));
  return self;
}

void
gst_realtime_watch_free (GstRealtimeWatch *self)
{
  GstRealtimePoller *poller = self->poller;

  epoll_ctl (poller->epoll, EPOLL_CTL_DEL, self->fd, NULL);
  for (int i = 0; i < poller->n_ready; i++)
    if (poller->ready[i].data.ptr == self)
      poller->ready[i].data.ptr = NULL; /* dispatch passes over it */
  g_ptr_array_remove_fast (poller->watches, self);
  if (self->own_poller)
    gst_realtime_poller_free (poller);
  g_free (self);
}

/* @condition: G_IO_IN, G_IO_OUT or both; errors are always told */
void
gst_realtime_watch_set_condition (GstRealtimeWatch *self, GIOCondition condition)
{
  struct epoll_event event = { .data.ptr = self };

  if (condition == self->condition)
    return;
  self->condition = condition;
  event.events = (condition & G_IO_IN ? EPOLLIN : 0) | (condition & G_IO_OUT ? EPOLLOUT : 0);
  epoll_ctl (self->poller->epoll, EPOLL_CTL_MOD, self->fd, &event);
}

/* @due_us: monotonic time at which to be called, once; %G_MAXINT64: not at all.
 * Cheap: it may be set with every message. */
void
gst_realtime_watch_set_due (GstRealtimeWatch *self, gint64 due_us)
{
  self->due = due_us;
  if (due_us < self->poller->earliest)
    set_earliest (self->poller, due_us);
}
