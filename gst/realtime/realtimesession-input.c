/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Caller audio of a Realtime session: sent as it comes, kept while there is
 * no connection.
 */
#include "config.h"

#include "realtimesession-private.h"

#define GST_CAT_DEFAULT gst_realtime_session_debug

#define MAX_APPEND_MS 100

typedef struct
{
  GstRealtimeFormat format;
  GByteArray *data;
} KeptAudio;

static guint
format_ms (GstRealtimeFormat format, gsize size)
{
  return size / gst_realtime_format_get_bytes_per_ms (format);
}

static void
kept_free (KeptAudio *kept)
{
  g_byte_array_unref (kept->data);
  g_free (kept);
}

/* With a connection that is ready. Returns: the bytes that were handed to it */
gsize
gst_realtime_session_send_append (GstRealtimeSession *self,
                                  GstRealtimeFormat format,
                                  const guint8 *data,
                                  gsize size)
{
  gsize most = gst_realtime_format_get_bytes_per_ms (format) * MAX_APPEND_MS;
  gsize sent = 0;

  if (format != self->input)
    {
      g_autofree char *id = gst_realtime_session_next_id (self);

      self->input = format;
      gst_realtime_session_send (
          self, gst_realtime_request_session_update (id, self->settings, self->input, self->output,
                                                     GST_REALTIME_UPDATE_FORMATS_ONLY));
    }

  while (sent < size)
    {
      gsize n = MIN (size - sent, most);

      gst_realtime_request_append (self->append, data + sent, n);
      if (!gst_realtime_session_transmit (self, self->append->str, self->append->len))
        break;
      self->has_uncommitted = TRUE;
      g_mutex_lock (&self->stats->lock);
      self->stats->bytes_sent += n;
      self->stats->ms_sent += format_ms (format, n);
      g_mutex_unlock (&self->stats->lock);
      sent += n;
    }
  return sent;
}

static void
keep_audio (GstRealtimeSession *self, GstRealtimeFormat format, const guint8 *data, gsize size)
{
  KeptAudio *kept = g_new (KeptAudio, 1);

  kept->format = format;
  kept->data = g_byte_array_sized_new (size);
  g_byte_array_append (kept->data, data, size);
  g_queue_push_tail (&self->kept, kept);
  self->kept_ms += format_ms (format, size);

  while (self->kept_ms > GST_REALTIME_SESSION_KEEP_MS)
    {
      KeptAudio *oldest = g_queue_pop_head (&self->kept);
      guint ms = format_ms (oldest->format, oldest->data->len);

      if (self->stats->ms_lost == 0)
        GST_WARNING_OBJECT (self, "no connection for more than %d s: the oldest audio is dropped",
                            GST_REALTIME_SESSION_KEEP_MS / 1000);
      g_mutex_lock (&self->stats->lock);
      self->stats->ms_lost += ms;
      g_mutex_unlock (&self->stats->lock);
      self->kept_ms -= ms;
      kept_free (oldest);
    }
}

void
gst_realtime_session_forget_kept_audio (GstRealtimeSession *self)
{
  g_queue_clear_full (&self->kept, (GDestroyNotify)kept_free);
  self->kept_ms = 0;
}

/* The connection is ready: what was said meanwhile. */
void
gst_realtime_session_send_kept_audio (GstRealtimeSession *self)
{
  KeptAudio *kept;

  while ((kept = g_queue_pop_head (&self->kept)) != NULL)
    {
      gsize sent =
          gst_realtime_session_send_append (self, kept->format, kept->data->data, kept->data->len);

      if (sent < kept->data->len)
        {
          g_byte_array_remove_range (kept->data, 0, sent);
          g_queue_push_head (&self->kept, kept);
          break;
        }
      kept_free (kept);
    }
  self->kept_ms = 0;
  for (GList *l = self->kept.head; l != NULL; l = l->next)
    self->kept_ms += format_ms (((KeptAudio *)l->data)->format, ((KeptAudio *)l->data)->data->len);
}

/**
 * gst_realtime_session_append:
 * @data: caller audio, whole samples in @format
 *
 * Sent at once when the connection is ready; otherwise (it is not there yet, or
 * is gone and we have not heard of that) the last %GST_REALTIME_SESSION_KEEP_MS
 * are kept and sent when it is.
 */
void
gst_realtime_session_append (GstRealtimeSession *self,
                             GstRealtimeFormat format,
                             const guint8 *data,
                             gsize size)
{
  if (size == 0 || self->state == SESSION_OVER || self->finishing)
    return;
  self->wanted_input = format;
  if (self->state == SESSION_READY && g_queue_is_empty (&self->kept))
    {
      gsize sent = gst_realtime_session_send_append (self, format, data, size);

      data += sent;
      size -= sent;
    }
  if (size > 0)
    keep_audio (self, format, data, size);
}
