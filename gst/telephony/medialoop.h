/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "rtppacket.h"
#include "tickwheel.h"

G_BEGIN_DECLS

/* Environment: how many loops at most; unset: one per core. */
#define MEDIA_LOOP_ENV "BESTELLBOT_MEDIA_LOOPS"
#define MEDIA_LOOP_BATCH 16 /* datagrams taken from one socket per turn */

/**
 * MediaLoop:
 *
 * One of the shared threads that run calls to completion: sockets, departures
 * and every element between. Started with its first call, joined with its last.
 * docs/media.md has the whole picture.
 */
typedef struct _MediaLoop MediaLoop;

typedef void (*MediaLoopFunc) (gpointer user_data);

/**
 * MediaLoopWatch:
 *
 * A socket that is read when something has arrived; embedded in its owner.
 */
typedef struct
{
  int fd;
  MediaLoopFunc readable;
  gpointer user_data;
} MediaLoopWatch;

/**
 * MediaDatagram:
 *
 * Lies in the loop's memory until the next media_loop_receive().
 */
typedef struct
{
  guint8 *data; /* may be changed */
  gsize size;   /* more than RTP_MAX_PACKET: it was longer, and is cut */
  struct sockaddr_storage from;
} MediaDatagram;

/* Any thread but a loop's own. */
MediaLoop *media_loop_acquire (void);
void media_loop_release (MediaLoop *self);

/* Any thread. */
gboolean media_loop_enqueue (MediaLoop *self,
                             MediaLoopFunc func,
                             gpointer user_data,
                             GDestroyNotify destroy);
void media_loop_run_sync (MediaLoop *self, MediaLoopFunc func, gpointer user_data);
gboolean media_loop_is_current (MediaLoop *self);
gint64 media_loop_now (void);
guint media_loop_count_threads (void);

/* The loop's own thread only. */
void media_loop_add_watch (MediaLoop *self, MediaLoopWatch *watch);
void media_loop_remove_watch (MediaLoop *self, MediaLoopWatch *watch);
void media_loop_add_tick (MediaLoop *self, TickEntry *tick, gboolean keep_phase);
void media_loop_remove_tick (MediaLoop *self, TickEntry *tick);
gboolean media_loop_tick_is_ahead (MediaLoop *self, TickEntry *tick, guint64 *now);
void media_loop_rephase_tick (MediaLoop *self, TickEntry *tick, guint64 now);
guint media_loop_receive (MediaLoop *self, int fd, MediaDatagram **datagrams);
GstBuffer *media_loop_acquire_buffer (MediaLoop *self);

G_END_DECLS
