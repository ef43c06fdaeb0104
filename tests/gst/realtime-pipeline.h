/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

/* A pipeline around openairealtimebin, its server, and audio to check. */
#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/audio/audio.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "openairealtime.h"
#include "realtime-server.h"
#include "realtimeformat.h"

#define KEY   "sk-very-secret-4711"
#define PTIME (20 * GST_MSECOND)

#define RAW(rate, channels, format)                                                                \
  "audio/x-raw,format=" format ",layout=interleaved,rate=" #rate ",channels=" #channels

typedef struct
{
  RealtimeServer *server;
  GstElement *pipeline;
  GstElement *bin;
  GstElement *in;  /* appsrc */
  GstElement *out; /* appsink */
  GstElement *filter;
  GstPad *tick_pad;
  GstEvent *tick;
  GstClockTime next_pts;
} World;

static G_GNUC_UNUSED World *
world_new (ServerStage stage, const char *in_caps, const char *out_caps, gboolean external)
{
  World *w = g_new0 (World, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  w->server = realtime_server_new (stage, 0);
  line = g_strdup_printf (
      /* Before it has pushed, appsrc says it can give anything: the filter knows. */
      "appsrc name=in format=time is-live=true caps=\"%s\" ! capsfilter caps=\"%s\" ! "
      "openairealtimebin name=bin "
      "base-url=%s clocking=%s ! capsfilter name=filter caps=\"%s\" ! "
      "appsink name=out sync=false async=false",
      in_caps, in_caps, realtime_server_get_url (w->server), external ? "external" : "internal", out_caps);
  w->pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  w->bin = gst_bin_get_by_name (GST_BIN (w->pipeline), "bin");
  g_object_set (w->bin, "api-key", KEY, NULL); /* GStreamer logs a launch line as it is */
  w->in = gst_bin_get_by_name (GST_BIN (w->pipeline), "in");
  w->out = gst_bin_get_by_name (GST_BIN (w->pipeline), "out");
  w->filter = gst_bin_get_by_name (GST_BIN (w->pipeline), "filter");
  w->tick_pad = gst_element_get_static_pad (w->filter, "sink");
  w->tick = gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
                                  gst_structure_new_empty (GST_OPENAI_REALTIME_EVENT_TICK));
  return w;
}

static G_GNUC_UNUSED void
world_free (World *w)
{
  gst_element_set_state (w->pipeline, GST_STATE_NULL);
  gst_event_unref (w->tick);
  gst_object_unref (w->tick_pad);
  gst_object_unref (w->filter);
  gst_object_unref (w->in);
  gst_object_unref (w->out);
  gst_object_unref (w->bin);
  gst_object_unref (w->pipeline);
  realtime_server_free (w->server);
  g_free (w);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* The next message with this structure and, if given, this state. */
static G_GNUC_UNUSED GstMessage *
wait_message (GstElement *pipeline, const char *name, const char *state)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < deadline)
    {
      GstMessage *message = gst_bus_timed_pop (bus, 100 * GST_MSECOND);
      const GstStructure *s = message != NULL ? gst_message_get_structure (message) : NULL;

      if (message == NULL)
        continue;
      if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
        {
          g_autoptr (GError) error = NULL;

          gst_message_parse_error (message, &error, NULL);
          g_error ("%s", error->message);
        }
      if (s != NULL && gst_structure_has_name (s, name) &&
          (state == NULL || g_strcmp0 (gst_structure_get_string (s, "state"), state) == 0))
        return message;
      gst_message_unref (message);
    }
  g_error ("no message %s %s", name, state);
}

static G_GNUC_UNUSED void
play_until_ready (World *w)
{
  gst_element_set_state (w->pipeline, GST_STATE_PLAYING);
  gst_message_unref (wait_message (w->pipeline, "openai-realtime-connection", "ready"));
}

static G_GNUC_UNUSED gboolean
tick (World *w)
{
  return gst_pad_push_event (w->tick_pad, gst_event_ref (w->tick));
}

/* One tick, exactly one buffer, right after the last one. */
static G_GNUC_UNUSED GstBuffer *
tick_buffer (World *w)
{
  GstSample *sample;
  GstBuffer *buffer;

  g_assert_true (tick (w));
  sample = gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 0);
  g_assert_nonnull (sample);
  g_assert_null (gst_app_sink_try_pull_sample (GST_APP_SINK (w->out), 0));
  buffer = gst_buffer_ref (gst_sample_get_buffer (sample));
  gst_sample_unref (sample);
  if (GST_CLOCK_TIME_IS_VALID (w->next_pts) && w->next_pts != 0)
    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, w->next_pts);
  w->next_pts = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  return buffer;
}

/* ---- audio ---- */

static G_GNUC_UNUSED GBytes *
tone (GstRealtimeFormat format, guint ms)
{
  guint rate = gst_realtime_format_get_rate (format);
  gsize n = (gsize)rate * ms / 1000;
  g_autofree gint16 *pcm = g_new (gint16, n);
  guint8 *coded;

  for (gsize i = 0; i < n; i++)
    pcm[i] = 12000 * sin (2 * G_PI * 440 * i / rate);
  if (format == GST_REALTIME_FORMAT_PCM)
    return g_bytes_new (pcm, n * 2);
  coded = g_malloc (n);
  gst_realtime_g711_encode (format, pcm, coded, n);
  return g_bytes_new_take (coded, n);
}

/* The samples of one channel, as S16. */
static G_GNUC_UNUSED void
append_pcm (GArray *into, GstBuffer *buffer, const GstCaps *caps)
{
  GstRealtimeFormat format = gst_realtime_format_from_caps (caps);
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  if (format != GST_REALTIME_FORMAT_PCM)
    {
      g_autofree gint16 *pcm = g_new (gint16, map.size);

      gst_realtime_g711_decode (format, map.data, pcm, map.size);
      g_array_append_vals (into, pcm, map.size);
    }
  else
    {
      GstAudioInfo info;

      g_assert_true (gst_audio_info_from_caps (&info, caps));
      for (gsize i = 0; i + info.bpf <= map.size; i += info.bpf)
        {
          gint16 sample;

          if (GST_AUDIO_INFO_FORMAT (&info) == GST_AUDIO_FORMAT_F32LE)
            {
              float f;

              memcpy (&f, map.data + i, 4);
              sample = CLAMP (f * 32767, -32768, 32767);
            }
          else
            memcpy (&sample, map.data + i, 2);
          g_array_append_val (into, sample);
        }
    }
  gst_buffer_unmap (buffer, &map);
}

/* A tone of 440 Hz for @ms without a gap, somewhere in silence. */
static G_GNUC_UNUSED void
assert_tone (const gint16 *x, gsize n, guint rate, guint ms)
{
  gsize first = 0, last = n, crossings = 0, quiet = 0;
  double re = 0, im = 0, all = 0;

  while (first < n && ABS (x[first]) < 1500)
    first++;
  while (last > first && ABS (x[last - 1]) < 1500)
    last--;
  g_assert_cmpuint (last - first, >=, (gsize)rate * (ms - 6) / 1000);
  g_assert_cmpuint (last - first, <=, (gsize)rate * (ms + 6) / 1000);
  for (gsize i = first + rate / 100; i + rate / 100 < last; i++)
    {
      re += x[i] * cos (2 * G_PI * 440 * i / rate);
      im += x[i] * sin (2 * G_PI * 440 * i / rate);
      all += (double)x[i] * x[i];
      crossings += x[i - 1] < 0 && x[i] >= 0;
      quiet = ABS (x[i]) < 500 ? quiet + 1 : 0;
      g_assert_cmpuint (quiet, <, rate / 1000); /* no gap of a millisecond */
    }
  n = last - first - 2 * (rate / 100);
  g_assert_cmpfloat (2 * (re * re + im * im) / n / all, >, 0.99);
  g_assert_cmpfloat (sqrt (all / n) / (12000 / sqrt (2)), >, 0.93);
  g_assert_cmpfloat (sqrt (all / n) / (12000 / sqrt (2)), <, 1.07);
  g_assert_cmpint (ABS ((gint)crossings - (gint)(440 * (ms - 20) / 1000)), <=, 3);
}

static G_GNUC_UNUSED gboolean
is_silent (GstBuffer *buffer)
{
  GstMapInfo map;
  gboolean silent = TRUE;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 1; i < map.size; i++)
    silent &= map.data[i] == map.data[0];
  gst_buffer_unmap (buffer, &map);
  return silent;
}

static G_GNUC_UNUSED void
push_silence (World *w, guint ms, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, ms * 48, NULL);

  gst_buffer_memset (buffer, 0, 0, -1);
  GST_BUFFER_PTS (buffer) = pts;
  gst_app_src_push_buffer (GST_APP_SRC (w->in), buffer);
}

static gint n_leaks;

static void
count_leaks (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (strstr (message, "Leaks detected") != NULL)
    g_atomic_int_inc (&n_leaks);
  g_log_default_handler (domain, level, message, data);
}

/* Runs the tests; the leaks tracer (GST_TRACERS) has the last word. Warnings
 * are not fatal: the server's library warns of clients that left at once. */
static int
run_tests (void)
{
  int result;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_log_set_default_handler (count_leaks, NULL);
  result = g_test_run ();
  if (g_getenv ("GST_TRACERS") != NULL)
    gst_deinit ();
  return result != 0 ? result : g_atomic_int_get (&n_leaks);
}
