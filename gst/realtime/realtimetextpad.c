/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The request pad transcript_%u of openairealtimebin, with its properties. */
#include "realtimetextpad.h"

#include "openairealtime.h"

struct _GstRealtimeTextPad
{
  GstGhostPad parent_instance;

  GstRealtimeText *text;
};

G_DEFINE_TYPE (GstRealtimeTextPad, gst_realtime_text_pad, GST_TYPE_GHOST_PAD)

enum
{
  PROP_0,
  PROP_ROLE,
  PROP_CAPTIONS,
  PROP_USER_PREFIX,
  PROP_ASSISTANT_PREFIX,
  PROP_NEWLINE
};

static GType
role_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_SPEAKER_USER, "What the caller says", "user" },
    { GST_REALTIME_SPEAKER_ASSISTANT, "What the model says", "assistant" },
    { GST_REALTIME_SPEAKER_BOTH, "Both, in order of time", "both" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeTranscriptRole", values));
  return type;
}

static GType
captions_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_REALTIME_CAPTIONS_LINES,
      "Each line once, with its exact times, when it is over: files, encoders", "lines" },
    { GST_REALTIME_CAPTIONS_LIVE, "Word by word, in time with the speech: overlays", "live" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstOpenaiRealtimeCaptions", values));
  return type;
}

static void
gst_realtime_text_pad_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *pspec)
{
  GstRealtimeTextPad *self = GST_REALTIME_TEXT_PAD (object);
  GstRealtimeTextOptions *options;

  gst_realtime_text_lock (self->text);
  options = gst_realtime_text_get_options (self->text);
  switch (id)
    {
    case PROP_ROLE:
      options->speakers = g_value_get_enum (value);
      break;
    case PROP_CAPTIONS:
      options->captions = g_value_get_enum (value);
      break;
    case PROP_USER_PREFIX:
      g_free (options->user_prefix);
      options->user_prefix = g_value_dup_string (value);
      break;
    case PROP_ASSISTANT_PREFIX:
      g_free (options->assistant_prefix);
      options->assistant_prefix = g_value_dup_string (value);
      break;
    case PROP_NEWLINE:
      options->newline = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
  gst_realtime_text_unlock (self->text);
}

static void
gst_realtime_text_pad_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstRealtimeTextPad *self = GST_REALTIME_TEXT_PAD (object);
  GstRealtimeTextOptions *options;

  gst_realtime_text_lock (self->text);
  options = gst_realtime_text_get_options (self->text);
  switch (id)
    {
    case PROP_ROLE:
      g_value_set_enum (value, options->speakers);
      break;
    case PROP_CAPTIONS:
      g_value_set_enum (value, options->captions);
      break;
    case PROP_USER_PREFIX:
      g_value_set_string (value, options->user_prefix);
      break;
    case PROP_ASSISTANT_PREFIX:
      g_value_set_string (value, options->assistant_prefix);
      break;
    case PROP_NEWLINE:
      g_value_set_boolean (value, options->newline);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
  gst_realtime_text_unlock (self->text);
}

static void
gst_realtime_text_pad_finalize (GObject *object)
{
  gst_object_unref (GST_REALTIME_TEXT_PAD (object)->text);
  G_OBJECT_CLASS (gst_realtime_text_pad_parent_class)->finalize (object);
}

static void
gst_realtime_text_pad_class_init (GstRealtimeTextPadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  object_class->set_property = gst_realtime_text_pad_set_property;
  object_class->get_property = gst_realtime_text_pad_get_property;
  object_class->finalize = gst_realtime_text_pad_finalize;
  g_object_class_install_property (
      object_class, PROP_ROLE,
      g_param_spec_enum (GST_OPENAI_REALTIME_PAD_PROP_ROLE, GST_OPENAI_REALTIME_PAD_PROP_ROLE,
                         "Whose words are in this stream", role_get_type (),
                         GST_REALTIME_SPEAKER_BOTH, flags));
  g_object_class_install_property (
      object_class, PROP_CAPTIONS,
      g_param_spec_enum (GST_OPENAI_REALTIME_PAD_PROP_CAPTIONS,
                         GST_OPENAI_REALTIME_PAD_PROP_CAPTIONS,
                         "What the stream is made for: to be kept, or to be seen now",
                         captions_get_type (), GST_REALTIME_CAPTIONS_LINES, flags));
  g_object_class_install_property (
      object_class, PROP_USER_PREFIX,
      g_param_spec_string (GST_OPENAI_REALTIME_PAD_PROP_USER_PREFIX,
                           GST_OPENAI_REALTIME_PAD_PROP_USER_PREFIX,
                           "Stands before each text of the caller", NULL, flags));
  g_object_class_install_property (
      object_class, PROP_ASSISTANT_PREFIX,
      g_param_spec_string (GST_OPENAI_REALTIME_PAD_PROP_ASSISTANT_PREFIX,
                           GST_OPENAI_REALTIME_PAD_PROP_ASSISTANT_PREFIX,
                           "Stands before each text of the model", NULL, flags));
  g_object_class_install_property (
      object_class, PROP_NEWLINE,
      g_param_spec_boolean (GST_OPENAI_REALTIME_PAD_PROP_NEWLINE,
                            GST_OPENAI_REALTIME_PAD_PROP_NEWLINE,
                            "A line break ends each text: for a plain file", FALSE, flags));
  gst_type_mark_as_plugin_api (role_get_type (), 0);
  gst_type_mark_as_plugin_api (captions_get_type (), 0);
}

static void
gst_realtime_text_pad_init (GstRealtimeTextPad *self)
{
}

/* @text: (transfer none): a child of the bin */
GstPad *
gst_realtime_text_pad_new (GstRealtimeText *text, GstPadTemplate *template, const char *name)
{
  GstRealtimeTextPad *self = g_object_new (GST_TYPE_REALTIME_TEXT_PAD, "name", name, "direction",
                                           GST_PAD_SRC, "template", template, NULL);
  g_autoptr (GstPad) target = gst_element_get_static_pad (GST_ELEMENT (text), "src");

  self->text = gst_object_ref (text);
  gst_ghost_pad_set_target (GST_GHOST_PAD (self), target);
  return GST_PAD (self);
}

/* Returns: (transfer none) */
GstRealtimeText *
gst_realtime_text_pad_get_text (GstRealtimeTextPad *self)
{
  return self->text;
}
