/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "bb-media-private.h"
#include "openairealtime.h"

#define DEFAULT_SOURCE "autoaudiosrc"
#define DEFAULT_SINK "autoaudiosink"

#define BB_TYPE_LOCAL_MEDIA (bb_local_media_get_type ())
G_DECLARE_FINAL_TYPE (BbLocalMedia, bb_local_media, BB, LOCAL_MEDIA, BbMedia)

struct _BbLocalMedia
{
  BbMedia parent_instance;

  char *source_description;
  char *sink_description;
  GstElement *pipeline; /* not owned */
};

G_DEFINE_FINAL_TYPE (BbLocalMedia, bb_local_media, BB_TYPE_MEDIA)

static GstElement *
make_end (const char *description, const char *fallback, GError **error)
{
  g_autoptr (GError) parse_error = NULL;
  GstElement *element;

  if (description == NULL)
    return bb_media_make_element (fallback, error);

  element = gst_parse_bin_from_description_full (description, TRUE, NULL,
                                                 GST_PARSE_FLAG_FATAL_ERRORS, &parse_error);
  if (element == NULL)
    g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_DEVICE,
                 _ ("The sound device '%s' can't be used: %s"), description, parse_error->message);
  return element;
}

static gboolean
bb_local_media_build (BbMedia *media,
                      GstBin *pipeline,
                      GstElement *realtime,
                      const BbMediaParams *params,
                      GError **error)
{
  BbLocalMedia *self = BB_LOCAL_MEDIA (media);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  GstElement *source;
  GstElement *sink;

  source = make_end (self->source_description, DEFAULT_SOURCE, error);
  if (source == NULL)
    return FALSE;
  sink = make_end (self->sink_description, DEFAULT_SINK, error);
  if (sink == NULL)
    {
      gst_object_unref (g_object_ref_sink (source));
      return FALSE;
    }

  /* A microphone that stalls or gives its sound in lumps, as a sound server's
   * may, must not stall the answer: the pipeline would take its clock. */
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), clock);
  gst_util_set_object_arg (G_OBJECT (realtime), GST_OPENAI_REALTIME_PROP_CLOCKING, "internal");
  gst_bin_add_many (pipeline, source, sink, NULL);
  if (!gst_element_link (source, realtime) || !gst_element_link (realtime, sink))
    {
      g_set_error_literal (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_DEVICE,
                           _ ("The sound device gives or takes no sound that can be used"));
      return FALSE;
    }

  /* In PAUSED the API is connected, and no live source or sink runs yet. */
  self->pipeline = GST_ELEMENT (pipeline);
  bb_media_set_prepared_state (media, GST_STATE_PAUSED);
  return TRUE;
}

static void
bb_local_media_begin (BbMedia *media)
{
  gst_element_set_state (BB_LOCAL_MEDIA (media)->pipeline, GST_STATE_PLAYING);
}

static gboolean
bb_local_media_update (BbMedia *media, const BbMediaParams *params, GError **error)
{
  /* Nobody negotiates with a microphone. */
  return TRUE;
}

static void
bb_local_media_get_quality (BbMedia *media, BbCallQuality *quality)
{
  /* No packets. */
}

/* The sound elements speak of connections and devices; a person wants to know
 * which of the two it is and what to do. An element that autoaudiosrc or
 * autoaudiosink has tried and thrown away has no parent to know it by. */
static GError *
bb_local_media_explain (BbMedia *media, GstMessage *message)
{
  GstObject *element = GST_MESSAGE_SRC (message);
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  gboolean microphone;
  g_autoptr (GError) gst_error = NULL;

  if (element == NULL
      || gst_object_has_as_ancestor (element, GST_OBJECT (bb_media_get_realtime (media))))
    return NULL;
  microphone = GST_OBJECT_FLAG_IS_SET (element, GST_ELEMENT_FLAG_SOURCE);
  if (!microphone && !GST_OBJECT_FLAG_IS_SET (element, GST_ELEMENT_FLAG_SINK))
    return NULL;

  if (is_error)
    gst_message_parse_error (message, &gst_error, NULL);
  else
    gst_message_parse_warning (message, &gst_error, NULL);
  /* With nothing to try, they go on with silence and warn. */
  if (!is_error && !g_error_matches (gst_error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
    return NULL;

  return g_error_new (BB_MEDIA_ERROR, BB_MEDIA_ERROR_DEVICE,
                      microphone ? _ ("No sound from the microphone (%s): connect one and check that "
                                      "the sound server (PipeWire or PulseAudio) runs")
                                 : _ ("No sound to the speaker (%s): connect one and check that the "
                                      "sound server (PipeWire or PulseAudio) runs"),
                      gst_error->message);
}

static void
bb_local_media_finalize (GObject *object)
{
  BbLocalMedia *self = BB_LOCAL_MEDIA (object);

  g_free (self->source_description);
  g_free (self->sink_description);

  G_OBJECT_CLASS (bb_local_media_parent_class)->finalize (object);
}

static void
bb_local_media_class_init (BbLocalMediaClass *klass)
{
  BbMediaClass *media_class = BB_MEDIA_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bb_local_media_finalize;
  media_class->build = bb_local_media_build;
  media_class->begin = bb_local_media_begin;
  media_class->update = bb_local_media_update;
  media_class->get_quality = bb_local_media_get_quality;
  media_class->explain = bb_local_media_explain;
}

static void
bb_local_media_init (BbLocalMedia *self)
{
}

BbMedia *
bb_local_media_new (const BbConfig *config, const char *source, const char *sink, GError **error)
{
  g_autoptr (BbLocalMedia) self = g_object_new (BB_TYPE_LOCAL_MEDIA, NULL);

  if (!bb_media_check (BB_MEDIA (self), error))
    return NULL;

  self->source_description = g_strdup (source);
  self->sink_description = g_strdup (sink);
  return BB_MEDIA (g_steal_pointer (&self));
}
