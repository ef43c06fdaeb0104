/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-operator-tap.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bb-operator-line.h"

/* Frames; a power of two, so that the counters may run over. */
#define SLOTS 64

struct _BbOperatorTap
{
  gatomicrefcount refs;
  guint8 ring[SLOTS][BB_OPERATOR_LINE_DOWN_BYTES];
  guint head;      /* (atomic): frames put; the media thread's */
  guint tail;      /* (atomic): frames taken; the main context's */
  guint n_dropped; /* (atomic) */
  int fd;          /* eventfd(2): wakes the main context */
  guint source_id;
  BbOperatorTapFunc func;
  gpointer user_data;
};

static gboolean
on_frames (int fd, GIOCondition condition, gpointer user_data)
{
  BbOperatorTap *self = user_data;
  guint64 count;
  guint tail = g_atomic_int_get (&self->tail);

  if (read (fd, &count, sizeof count) < 0 && errno != EAGAIN)
    return G_SOURCE_REMOVE;
  bb_operator_tap_ref (self);
  /* No more than what is there now: another source may be waiting. */
  for (guint n = (guint)g_atomic_int_get (&self->head) - tail; n > 0 && self->func != NULL; n--)
    {
      g_autoptr (GBytes) frame
          = g_bytes_new (self->ring[tail % SLOTS], BB_OPERATOR_LINE_DOWN_BYTES);

      g_atomic_int_set (&self->tail, ++tail);
      self->func (frame, self->user_data);
    }
  bb_operator_tap_unref (self);
  return G_SOURCE_CONTINUE;
}

BbOperatorTap *
bb_operator_tap_new (BbOperatorTapFunc func, gpointer user_data, GError **error)
{
  BbOperatorTap *self;
  int fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  if (fd < 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "eventfd: %s", g_strerror (code));
      return NULL;
    }
  self = g_new0 (BbOperatorTap, 1);
  g_atomic_ref_count_init (&self->refs);
  self->fd = fd;
  self->func = func;
  self->user_data = user_data;
  self->source_id = g_unix_fd_add (fd, G_IO_IN, on_frames, self);
  return self;
}

BbOperatorTap *
bb_operator_tap_ref (BbOperatorTap *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
bb_operator_tap_unref (BbOperatorTap *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  close (self->fd);
  g_free (self);
}

void
bb_operator_tap_close (BbOperatorTap *self)
{
  self->func = NULL;
  g_clear_handle_id (&self->source_id, g_source_remove);
}

void
bb_operator_tap_put (const guint8 *frame, gsize size, gpointer tap)
{
  BbOperatorTap *self = tap;
  guint head = g_atomic_int_get (&self->head);
  const guint64 one = 1;

  if (size != BB_OPERATOR_LINE_DOWN_BYTES)
    return;
  if (head - (guint)g_atomic_int_get (&self->tail) >= SLOTS)
    {
      g_atomic_int_inc (&self->n_dropped);
      return;
    }
  memcpy (self->ring[head % SLOTS], frame, size);
  g_atomic_int_set (&self->head, head + 1);
  /* Never blocks; a counter that is full wakes as well. */
  if (write (self->fd, &one, sizeof one) < 0)
    return;
}

guint
bb_operator_tap_get_n_dropped (BbOperatorTap *self)
{
  return g_atomic_int_get (&self->n_dropped);
}
