/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-openairealtimebin
 * @title: openairealtimebin
 * @short_description: a conversation with the OpenAI Realtime API
 *
 * Caller audio goes in at sink, the model's speech comes out at src. Raw audio
 * of any rate, format and channel count is converted; A-law and µ-law (8 kHz
 * mono) go to the service and come back untouched. The element has its own
 * network threads: no application and no main loop is needed.
 *
 * The element is a live source. With a file as input the file is sent at the
 * pace at which it would be spoken.
 *
 * ## Example launch lines
 *
 * Ask a question from a file, get the answer as a file:
 * |[
 * gst-launch-1.0 filesrc location=question.wav ! wavparse ! openairealtimebin ! wavenc ! filesink
 * location=answer.wav
 * ]|
 * Talk with the model (use a headset: there is no echo cancellation):
 * |[
 * gst-launch-1.0 autoaudiosrc ! openairealtimebin language=en instructions="Be brief." !
 * autoaudiosink
 * ]|
 * The key is taken from the environment variable OPENAI_API_KEY. With -m
 * gst-launch-1.0 prints the element messages: transcripts, function calls.
 */

#include "config.h"

#include "openairealtimebin-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "openairealtime.h"
#include "realtimesink.h"
#include "realtimesoup.h"

GST_DEBUG_CATEGORY (gst_openai_realtime_bin_debug);
#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

/* What may wait to be played: more than 20 minutes of PCM. */
#define MAX_QUEUED (64 * 1024 * 1024)

G_DEFINE_TYPE_WITH_CODE (GstOpenaiRealtimeBin,
                         gst_openai_realtime_bin,
                         GST_TYPE_BIN,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY,
                                                (GInterfaceInitFunc)
                                                    gst_openai_realtime_bin_child_proxy_init))

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink",
                             GST_PAD_SINK,
                             GST_PAD_ALWAYS,
                             GST_STATIC_CAPS (GST_REALTIME_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src",
                             GST_PAD_SRC,
                             GST_PAD_ALWAYS,
                             GST_STATIC_CAPS (GST_REALTIME_CAPS));

/* ---- the I/O thread ---------------------------------------------------- */

/* Any thread. @func runs there as func (self, data), unless the bin is stopped. */
gboolean
gst_openai_realtime_bin_enqueue (GstOpenaiRealtimeBin *self,
                                 GFunc func,
                                 gpointer data,
                                 GDestroyNotify destroy)
{
  g_autoptr (GstRealtimeIo) io = NULL;

  GST_OBJECT_LOCK (self);
  if (self->io != NULL)
    io = gst_realtime_io_ref (self->io);
  GST_OBJECT_UNLOCK (self);

  if (io != NULL)
    return gst_realtime_io_enqueue (io, func, self, data, destroy);
  if (destroy != NULL)
    destroy (data);
  return FALSE;
}

/* Caller audio is there. */
static void
on_uplink (gpointer user_data, gpointer unused)
{
  GstOpenaiRealtimeBin *self = user_data;
  GstRealtimeChunk *chunk;

  while ((chunk = gst_realtime_uplink_pop (self->uplink)) != NULL)
    {
      if (chunk->eos)
        gst_realtime_session_end_input (self->session);
      else
        gst_realtime_session_append (self->session, chunk->format, chunk->data, chunk->size);
      gst_realtime_uplink_recycle (self->uplink, chunk);
    }
}

static void
start_session (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_start (self->session);
  gst_realtime_uplink_set_waker (self->uplink, self->waker);
}

static gboolean
stop_session (gpointer user_data)
{
  GstOpenaiRealtimeBin *self = user_data;

  gst_realtime_uplink_set_waker (self->uplink, NULL);
  gst_realtime_waker_stop (self->waker);
  g_clear_pointer (&self->waker, gst_realtime_waker_unref);
  if (self->late_words != NULL)
    g_source_destroy (self->late_words);
  g_clear_pointer (&self->late_words, g_source_unref);
  gst_realtime_session_stop (self->session);
  g_clear_object (&self->session);
  return G_SOURCE_REMOVE;
}

static void
apply_input_format (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_set_input_format (self->session, GPOINTER_TO_UINT (data));
}

static void
apply_output_format (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_set_output_format (self->session, GPOINTER_TO_UINT (data));
}

static void
apply_playout_empty (gpointer object, gpointer data)
{
  GstOpenaiRealtimeBin *self = object;

  gst_realtime_session_playout_empty (self->session);
}

static void
on_sink_format (gpointer user_data, GstRealtimeFormat format)
{
  gst_openai_realtime_bin_enqueue (user_data, apply_input_format, GUINT_TO_POINTER (format), NULL);
}

static void
on_src_format (gpointer user_data, GstRealtimeFormat format)
{
  gst_openai_realtime_bin_enqueue (user_data, apply_output_format, GUINT_TO_POINTER (format), NULL);
}

static void
on_src_empty (gpointer user_data)
{
  if (gst_realtime_playout_is_awaited (GST_REALTIME_BIN (user_data)->playout))
    gst_openai_realtime_bin_enqueue (user_data, apply_playout_empty, NULL, NULL);
}

static void
on_src_ended (gpointer user_data)
{
  gst_realtime_sink_ended (GST_REALTIME_SINK (GST_REALTIME_BIN (user_data)->sink));
}

static const GstRealtimeSrcListener src_listener = {
  .notice = gst_openai_realtime_bin_report_notice,
  .empty = on_src_empty,
  .progress = gst_openai_realtime_bin_transcribe_progress,
  .ending = gst_openai_realtime_bin_transcribe_end,
  .ended = on_src_ended,
  .format = on_src_format,
};

/* ---- states ------------------------------------------------------------ */

/* Returns: (transfer full) (nullable): the settings of this session; an error was posted */
static GstRealtimeSettings *
get_settings (GstOpenaiRealtimeBin *self)
{
  g_autoptr (GstRealtimeSettings) settings = NULL;
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer why;

  GST_OBJECT_LOCK (self);
  settings = gst_realtime_settings_copy (self->settings);
  g_hash_table_iter_init (&iter, self->refused);
  if (g_hash_table_iter_next (&iter, NULL, &why))
    error = g_error_copy (why);
  GST_OBJECT_UNLOCK (self);

  if (error != NULL)
    {
      gst_openai_realtime_bin_report_fatal (self, error);
      return NULL;
    }
  if (settings->api_key == NULL)
    settings->api_key = g_strdup (g_getenv ("OPENAI_API_KEY"));
  if (settings->api_key != NULL && *g_strstrip (settings->api_key) == '\0')
    g_clear_pointer (&settings->api_key, g_free);
  if (gst_realtime_settings_validate (settings, &error))
    return g_steal_pointer (&settings);
  gst_openai_realtime_bin_report_fatal (self, error);
  return NULL;
}

static void
connect_session (GstOpenaiRealtimeBin *self, const GstRealtimeSettings *settings)
{
  g_autofree char *url = gst_realtime_settings_build_url (settings, NULL);
  GstRealtimeSoup *soup = gst_realtime_soup_new (url, settings->api_key);
  g_autoptr (GstRealtimeTransport) transport = GST_REALTIME_TRANSPORT (soup);
  g_autoptr (GError) error = NULL;
  g_autofree char *log_path = NULL;
  gboolean with_audio;
  GstRealtimeIo *io = gst_realtime_io_new ();

  gst_realtime_soup_set_headers (soup,
                                 settings->key_header == GST_REALTIME_KEY_PLAIN ? "api-key" : NULL,
                                 settings->extra_headers);

  self->limit_reached = FALSE;

  self->session = gst_realtime_session_new (transport, self->playout, &self->stats,
                                            &gst_openai_realtime_bin_listener, self);
  gst_realtime_session_set_settings (self->session, settings);
  gst_realtime_session_set_input_format (self->session, gst_realtime_sink_get_format (
                                                            GST_REALTIME_SINK (self->sink)));
  gst_realtime_session_set_output_format (self->session, gst_realtime_src_get_format (
                                                             GST_REALTIME_SRC (self->src)));

  GST_OBJECT_LOCK (self);
  log_path = g_strdup (self->session_log);
  with_audio = self->session_log_audio;
  GST_OBJECT_UNLOCK (self);
  if (log_path != NULL && *log_path != '\0')
    {
      GstRealtimeLog *log = gst_realtime_log_open (log_path, with_audio, &error);

      if (log == NULL)
        GST_ELEMENT_WARNING (self, RESOURCE, OPEN_WRITE,
                             (_ ("The session is not logged: %s (property 'session-log')"),
                              error->message),
                             (NULL));
      gst_realtime_session_set_log (self->session, log);
    }

  self->waker = gst_realtime_waker_new (io, on_uplink, self);
  GST_OBJECT_LOCK (self);
  self->io = io;
  GST_OBJECT_UNLOCK (self);
  gst_openai_realtime_bin_enqueue (self, start_session, NULL, NULL);
}

static void
disconnect_session (GstOpenaiRealtimeBin *self)
{
  GstRealtimeIo *io;

  GST_OBJECT_LOCK (self);
  io = g_steal_pointer (&self->io);
  GST_OBJECT_UNLOCK (self);
  if (io == NULL)
    return;
  gst_realtime_io_close (io, stop_session, self);
  gst_realtime_io_unref (io);
}

static GstStateChangeReturn
gst_openai_realtime_bin_change_state (GstElement *element, GstStateChange transition)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (element);
  g_autoptr (GstRealtimeSettings) settings = NULL;
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    {
      gboolean external;

      settings = get_settings (self);
      if (settings == NULL)
        return GST_STATE_CHANGE_FAILURE;
      gst_openai_realtime_bin_check_limits (self);
      GST_OBJECT_LOCK (self);
      external = self->clocking == CLOCKING_EXTERNAL;
      gst_realtime_src_set_ptime (GST_REALTIME_SRC (self->src), self->ptime);
      GST_OBJECT_UNLOCK (self);
      gst_realtime_src_set_external (GST_REALTIME_SRC (self->src), external);
      gst_realtime_sink_set_sync (GST_REALTIME_SINK (self->sink), !external);
      gst_realtime_playout_reset (self->playout);
      gst_realtime_stats_reset (&self->stats);
    }

  ret =
      GST_ELEMENT_CLASS (gst_openai_realtime_bin_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && ret != GST_STATE_CHANGE_FAILURE)
    connect_session (self, settings);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    disconnect_session (self);
  return ret;
}

/* EOS for the pipeline's sources, one of which the bin is: `gst-launch-1.0 -e`
 * sends it. With an input it comes by the sink pad, too, after the last audio. */
static gboolean
gst_openai_realtime_bin_send_event (GstElement *element, GstEvent *event)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (element);
  g_autoptr (GstPad) sink = NULL;

  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    return GST_ELEMENT_CLASS (gst_openai_realtime_bin_parent_class)->send_event (element, event);
  sink = gst_element_get_static_pad (element, "sink");
  if (!gst_pad_is_linked (sink))
    gst_realtime_sink_end_input (GST_REALTIME_SINK (self->sink));
  gst_event_unref (event);
  return TRUE;
}

/* ---- object ------------------------------------------------------------ */

/* A tick goes straight to the playout, without the iterators that forward
 * other events through a ghost pad: it comes fifty times a second. */
static gboolean
on_src_pad_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM && parent != NULL &&
      gst_event_has_name (event, GST_OPENAI_REALTIME_EVENT_TICK))
    {
      gboolean ret = gst_realtime_src_tick (GST_REALTIME_SRC (GST_REALTIME_BIN (parent)->src), event);

      gst_event_unref (event);
      return ret;
    }
  return gst_pad_event_default (pad, parent, event);
}

static void
add_ghost_pad (GstOpenaiRealtimeBin *self,
               GstElement *child,
               const char *name,
               GstStaticPadTemplate *template)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (child, name);
  g_autoptr (GstPadTemplate) pad_template = gst_static_pad_template_get (template);
  GstPad *pad = gst_ghost_pad_new_from_template (name, target, pad_template);

  if (child == self->src)
    gst_pad_set_event_function (pad, on_src_pad_event);
  gst_element_add_pad (GST_ELEMENT (self), pad);
}

static void
gst_openai_realtime_bin_init (GstOpenaiRealtimeBin *self)
{
  self->settings = gst_realtime_settings_new ();
  self->refused =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_error_free);
  self->ptime = 20;
  self->clocking = CLOCKING_INTERNAL;
  gst_realtime_prices_init (&self->prices);
  self->context = g_main_context_ref_thread_default ();
  self->playout = gst_realtime_playout_new (MAX_QUEUED);
  self->uplink = gst_realtime_uplink_new ();
  gst_realtime_stats_init (&self->stats);
  g_mutex_init (&self->texts_lock);
  self->texts = g_ptr_array_new_with_free_func (gst_object_unref);

  self->sink = gst_realtime_sink_new (self->uplink, on_sink_format, self);
  self->src = gst_realtime_src_new (self->playout, &src_listener, self);
  gst_bin_add_many (GST_BIN (self), self->sink, self->src, NULL);
  add_ghost_pad (self, self->sink, "sink", &sink_template);
  add_ghost_pad (self, self->src, "src", &src_template);
}

static void
gst_openai_realtime_bin_finalize (GObject *object)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (object);
  GstRealtimePlayout *playout = self->playout;
  GstRealtimeUplink *uplink = self->uplink;

  disconnect_session (self);
  gst_realtime_settings_free (self->settings);
  g_hash_table_unref (self->refused);
  g_free (self->session_log);
  g_clear_pointer (&self->prices_structure, gst_structure_free);
  g_main_context_unref (self->context);
  gst_realtime_stats_clear (&self->stats);
  g_ptr_array_unref (self->texts);
  g_mutex_clear (&self->texts_lock);
  /* GstBin has disposed of the children, which used these. */
  G_OBJECT_CLASS (gst_openai_realtime_bin_parent_class)->finalize (object);
  gst_realtime_playout_free (playout);
  gst_realtime_uplink_free (uplink);
}

static void
gst_openai_realtime_bin_class_init (GstOpenaiRealtimeBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_openai_realtime_bin_debug, "openairealtimebin", 0,
                           "OpenAI Realtime API");
  object_class->finalize = gst_openai_realtime_bin_finalize;
  element_class->change_state = gst_openai_realtime_bin_change_state;
  element_class->send_event = gst_openai_realtime_bin_send_event;

  gst_openai_realtime_bin_install_properties (object_class);
  gst_openai_realtime_bin_install_signals (G_TYPE_FROM_CLASS (klass));
  gst_openai_realtime_bin_install_pads (element_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "OpenAI Realtime conversation", "Filter/Network/Audio",
      "Talks with a model of the OpenAI Realtime API: the caller's audio in, the model's speech "
      "out, and what both say as text",
      "Bestellbot");
}
