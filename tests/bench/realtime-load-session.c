/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin without its pads: uplink, I/O threads, session, playout. */
#include "realtime-load.h"
#include "realtimeio.h"
#include "realtimesession.h"
#include "realtimesoup.h"
#include "realtimeuplink.h"

typedef struct
{
  GstRealtimeSession *session;
  GstRealtimePlayout *playout;
  GstRealtimeUplink *uplink;
  GstRealtimeStats stats;
  GstRealtimeIo *io;
  GstRealtimeWaker *waker;
  gint ready;
} Session;

static Session *sessions;
static guint n_sessions;

static void
on_connection (gpointer user_data, const char *state, const char *detail)
{
  if (g_str_equal (state, "ready"))
    g_atomic_int_set (&((Session *)user_data)->ready, TRUE);
}

static void
on_transcript (gpointer user_data,
               const char *role,
               const char *item_id,
               const char *text,
               gboolean final)
{
}

static void
on_response (gpointer user_data, const char *state, const char *id, const char *status)
{
}

static void
on_error (gpointer user_data, const char *type, const char *code, const char *message)
{
  g_error ("%s: %s", type, message);
}

static void
on_fatal (gpointer user_data, const GError *error)
{
  g_error ("%s", error->message);
}

static const GstRealtimeListener listener = {
  .connection = on_connection,
  .transcript = on_transcript,
  .response = on_response,
  .error = on_error,
  .fatal = on_fatal,
};

static void
on_uplink (gpointer user_data, gpointer unused)
{
  Session *s = user_data;
  GstRealtimeChunk *chunk;

  while ((chunk = gst_realtime_uplink_pop (s->uplink)) != NULL)
    {
      gst_realtime_session_append (s->session, chunk->format, chunk->data, chunk->size);
      gst_realtime_uplink_recycle (s->uplink, chunk);
    }
}

static void
begin (gpointer object, gpointer data)
{
  Session *s = object;

  gst_realtime_session_start (s->session);
  gst_realtime_uplink_set_waker (s->uplink, s->waker);
}

static void
start (guint n, guint16 port)
{
  g_autofree char *url = g_strdup_printf ("ws://127.0.0.1:%u/v1/realtime?model=m", port);

  n_sessions = n;
  sessions = g_new0 (Session, n);
  for (guint i = 0; i < n; i++)
    {
      Session *s = &sessions[i];
      g_autoptr (GstRealtimeTransport) transport =
          GST_REALTIME_TRANSPORT (gst_realtime_soup_new (url, "key"));

      s->playout = gst_realtime_playout_new (1 << 24);
      s->uplink = gst_realtime_uplink_new ();
      gst_realtime_stats_init (&s->stats);
      s->io = gst_realtime_io_new ();
      s->session = gst_realtime_session_new (transport, s->playout, &s->stats, &listener, s);
      gst_realtime_session_set_input_format (s->session, GST_REALTIME_FORMAT_PCMA);
      gst_realtime_session_set_output_format (s->session, GST_REALTIME_FORMAT_PCMA);
      s->waker = gst_realtime_waker_new (s->io, on_uplink, s);
      gst_realtime_io_enqueue (s->io, begin, s, NULL, NULL);
      while (!g_atomic_int_get (&s->ready))
        g_usleep (100);
    }
}

static void
tick (guint i, const guint8 *frame)
{
  Session *s = &sessions[i];
  GstRealtimeHead head;
  GstRealtimeNotice *notice;
  guint8 out[FRAME_SIZE];

  gst_realtime_uplink_push (s->uplink, GST_REALTIME_FORMAT_PCMA, frame, FRAME_SIZE);
  gst_realtime_playout_begin_frame (s->playout, FRAME_MS * GST_MSECOND, &head);
  if (head.has_audio)
    gst_realtime_playout_take (s->playout, out, sizeof out);
  while ((notice = gst_realtime_playout_pop_notice (s->playout)) != NULL)
    gst_realtime_notice_free (notice);
}

static guint64
received (void)
{
  guint64 n = 0;

  for (guint i = 0; i < n_sessions; i++)
    {
      g_mutex_lock (&sessions[i].stats.lock);
      n += sessions[i].stats.bytes_received;
      g_mutex_unlock (&sessions[i].stats.lock);
    }
  return n;
}

const LoadKind load_session = { "session", start, tick, load_sleep, received };
