/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* openairealtimebin as the telephone side uses it: a pipeline per call, G.711
 * pushed in and pulled by ticks from one thread, nothing of it decoded. */
#include "openairealtime.h"
#include "realtime-load.h"

typedef struct
{
  GstElement *pipeline, *bin;
  GstPad *caller, *ear;     /* ours */
  GstPad *bin_sink, *bin_src;
  GstBufferPool *pool;
  gboolean ready;
} Session;

static Session *sessions;
static guint n_sessions;

static GstFlowReturn
on_buffer (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstBusSyncReply
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Session *s = user_data;
  const GstStructure *fields = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    {
      g_autoptr (GError) error = NULL;

      gst_message_parse_error (message, &error, NULL);
      g_error ("%s", error->message);
    }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT && fields != NULL &&
      g_strcmp0 (gst_structure_get_string (fields, "state"), "ready") == 0)
    g_atomic_int_set (&s->ready, TRUE);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
start (guint n, guint16 port)
{
  g_autofree char *url = g_strdup_printf ("ws://127.0.0.1:%u/v1", port);
  g_autoptr (GstCaps) caps = gst_caps_from_string ("audio/x-alaw,rate=8000,channels=1");

  n_sessions = n;
  sessions = g_new0 (Session, n);
  for (guint i = 0; i < n; i++)
    {
      Session *s = &sessions[i];
      g_autoptr (GstBus) bus = NULL;
      GstStructure *config;
      GstSegment segment;

      s->pipeline = gst_pipeline_new (NULL);
      s->bin = gst_element_factory_make ("openairealtimebin", NULL);
      if (s->bin == NULL)
        g_error ("there is no openairealtimebin: GST_PLUGIN_PATH");
      g_object_set (s->bin, "base-url", url, "api-key", "key", NULL);
      gst_util_set_object_arg (G_OBJECT (s->bin), "clocking", "external");
      gst_bin_add (GST_BIN (s->pipeline), s->bin);
      bus = gst_element_get_bus (s->pipeline);
      gst_bus_set_sync_handler (bus, on_bus_message, s, NULL);

      s->bin_sink = gst_element_get_static_pad (s->bin, "sink");
      s->bin_src = gst_element_get_static_pad (s->bin, "src");
      s->caller = gst_pad_new ("caller", GST_PAD_SRC);
      s->ear = gst_pad_new_from_template (
          gst_pad_template_new ("ear", GST_PAD_SINK, GST_PAD_ALWAYS, caps), "ear");
      gst_pad_set_chain_function (s->ear, on_buffer);
      gst_pad_set_active (s->caller, TRUE);
      gst_pad_set_active (s->ear, TRUE);
      gst_pad_link (s->caller, s->bin_sink);
      gst_pad_link (s->bin_src, s->ear);
      gst_element_set_state (s->pipeline, GST_STATE_PLAYING);
      gst_pad_push_event (s->caller, gst_event_new_stream_start ("caller"));
      gst_pad_push_event (s->caller, gst_event_new_caps (caps));
      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (s->caller, gst_event_new_segment (&segment));

      s->pool = gst_buffer_pool_new ();
      config = gst_buffer_pool_get_config (s->pool);
      gst_buffer_pool_config_set_params (config, caps, FRAME_SIZE, 2, 0);
      gst_buffer_pool_set_config (s->pool, config);
      gst_buffer_pool_set_active (s->pool, TRUE);
      while (!g_atomic_int_get (&s->ready))
        g_usleep (100);
    }
}

static void
tick (guint i, const guint8 *frame)
{
  Session *s = &sessions[i];
  GstBuffer *buffer = NULL;

  gst_buffer_pool_acquire_buffer (s->pool, &buffer, NULL);
  gst_buffer_fill (buffer, 0, frame, FRAME_SIZE);
  gst_pad_push (s->caller, buffer);
  gst_pad_push_event (s->ear,
                      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
                                            gst_structure_new_empty (
                                                GST_OPENAI_REALTIME_EVENT_TICK)));
}

static guint64
received (void)
{
  guint64 n = 0;

  for (guint i = 0; i < n_sessions; i++)
    {
      g_autoptr (GstStructure) stats = NULL;
      guint64 bytes = 0;

      g_object_get (sessions[i].bin, "stats", &stats, NULL);
      gst_structure_get_uint64 (stats, "bytes-received", &bytes);
      n += bytes;
    }
  return n;
}

const LoadKind load_element = { "element", start, tick, load_sleep, received };
