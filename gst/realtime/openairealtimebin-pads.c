/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The transcript pads of openairealtimebin, and what is told to them. */
#include "openairealtimebin-private.h"

#include <string.h>

#include "openairealtime.h"
#include "realtimesink.h"
#include "realtimetextpad.h"

#define GST_CAT_DEFAULT gst_openai_realtime_bin_debug

#define MAX_POSITIONS 8 /* items between the src pad and the caller's ear */

static GstStaticPadTemplate transcript_template =
    GST_STATIC_PAD_TEMPLATE ("transcript_%u",
                             GST_PAD_SRC,
                             GST_PAD_REQUEST,
                             GST_STATIC_CAPS ("text/x-raw, format=utf8"));

/* ---- facts ------------------------------------------------------------- */

/* Returns: (transfer full) (element-type GstRealtimeText) (nullable): where there are any */
static GPtrArray *
get_texts (GstOpenaiRealtimeBin *self)
{
  GPtrArray *texts;

  if (g_atomic_int_get (&self->n_texts) == 0)
    return NULL;
  g_mutex_lock (&self->texts_lock);
  texts = g_ptr_array_copy (self->texts, (GCopyFunc)gst_object_ref, NULL);
  g_mutex_unlock (&self->texts_lock);
  g_ptr_array_set_free_func (texts, gst_object_unref);
  return texts;
}

void
gst_openai_realtime_bin_transcribe (GstOpenaiRealtimeBin *self,
                                    const char *role,
                                    const char *item_id,
                                    const char *text,
                                    gboolean final)
{
  g_autoptr (GPtrArray) texts = get_texts (self);
  GstRealtimeSpeaker speaker = g_strcmp0 (role, GST_OPENAI_REALTIME_ROLE_USER) == 0
                                   ? GST_REALTIME_SPEAKER_USER
                                   : GST_REALTIME_SPEAKER_ASSISTANT;

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      gst_realtime_transcript_add_text (gst_realtime_text_lock (texts->pdata[i]), speaker, item_id,
                                        text, final);
      gst_realtime_text_unlock (texts->pdata[i]);
    }
}

void
gst_openai_realtime_bin_transcribe_written (gpointer user_data, const char *item_id)
{
  g_autoptr (GPtrArray) texts = get_texts (user_data);

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      gst_realtime_transcript_add_written (gst_realtime_text_lock (texts->pdata[i]), item_id);
      gst_realtime_text_unlock (texts->pdata[i]);
    }
}

/* A connection is ready: the service counts the caller's audio from here. */
void
gst_openai_realtime_bin_begin_input (GstOpenaiRealtimeBin *self)
{
  g_mutex_lock (&self->stats.lock);
  self->input_base_ms = self->stats.ms_sent;
  g_mutex_unlock (&self->stats.lock);
}

/* The service tells times in audio that it was sent. What was sent last is due
 * now, so what it speaks of was due as long ago as it is audio. */
void
gst_openai_realtime_bin_transcribe_speech (GstOpenaiRealtimeBin *self,
                                           const char *state,
                                           const char *item_id,
                                           guint audio_ms)
{
  g_autoptr (GPtrArray) texts = get_texts (self);
  gboolean started = strcmp (state, GST_OPENAI_REALTIME_SPEECH_STARTED) == 0;
  GstClockTime now, ago;
  guint64 sent_ms;

  if (texts == NULL || (!started && strcmp (state, GST_OPENAI_REALTIME_SPEECH_STOPPED) != 0))
    return;
  g_mutex_lock (&self->stats.lock);
  sent_ms = self->stats.ms_sent - self->input_base_ms;
  g_mutex_unlock (&self->stats.lock);
  now = gst_realtime_sink_get_running_time (GST_REALTIME_SINK (self->sink));
  ago = (sent_ms > audio_ms ? sent_ms - audio_ms : 0) * GST_MSECOND;
  for (guint i = 0; i < texts->len; i++)
    {
      gst_realtime_transcript_add_speech (gst_realtime_text_lock (texts->pdata[i]), item_id,
                                          started, now > ago ? now - ago : 0);
      gst_realtime_text_unlock (texts->pdata[i]);
    }
}

void
gst_openai_realtime_bin_transcribe_notice (GstOpenaiRealtimeBin *self,
                                           const GstRealtimeNotice *notice)
{
  g_autoptr (GPtrArray) texts = get_texts (self);

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      gst_realtime_transcript_add_notice (gst_realtime_text_lock (texts->pdata[i]), notice);
      gst_realtime_text_unlock (texts->pdata[i]);
    }
}

/* Playout thread, each buffer. */
void
gst_openai_realtime_bin_transcribe_progress (gpointer user_data, GstClockTime end)
{
  GstOpenaiRealtimeBin *self = user_data;
  g_autoptr (GPtrArray) texts = get_texts (self);
  GstRealtimePosition positions[MAX_POSITIONS];
  guint n;

  if (texts == NULL)
    return;
  n = gst_realtime_playout_get_positions (self->playout, positions, MAX_POSITIONS);
  for (guint i = 0; i < texts->len; i++)
    {
      gst_realtime_transcript_advance (gst_realtime_text_lock (texts->pdata[i]), end, positions, n);
      gst_realtime_text_unlock (texts->pdata[i]);
    }
  for (guint i = 0; i < n; i++)
    gst_realtime_position_clear (&positions[i]);
}

/* The speech is at its end: so is the text, and neither waits for the other. */
void
gst_openai_realtime_bin_transcribe_end (gpointer user_data)
{
  g_autoptr (GPtrArray) texts = get_texts (user_data);

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    gst_realtime_text_end (texts->pdata[i]);
}

/* Returns: whether a pad waits for words of the caller, which it does for some seconds */
gboolean
gst_openai_realtime_bin_awaits_words (GstOpenaiRealtimeBin *self)
{
  g_autoptr (GPtrArray) texts = get_texts (self);
  gboolean waiting = FALSE;

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      waiting |= gst_realtime_transcript_is_waiting (gst_realtime_text_lock (texts->pdata[i]));
      gst_realtime_text_unlock (texts->pdata[i]);
    }
  return waiting;
}

/* ---- pads -------------------------------------------------------------- */

static GstPad *
gst_openai_realtime_bin_request_new_pad (GstElement *element,
                                         GstPadTemplate *template,
                                         const char *name,
                                         const GstCaps *caps)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (element);
  GstElement *text = gst_realtime_text_new ();
  g_autofree char *pad_name = NULL;
  g_autofree char *text_name = NULL;
  GstPad *pad;

  gst_object_ref_sink (text);
  GST_OBJECT_LOCK (self);
  pad_name = name != NULL ? g_strdup (name) : g_strdup_printf ("transcript_%u", self->next_text);
  self->next_text++;
  GST_OBJECT_UNLOCK (self);
  text_name = g_strdup_printf ("realtimetext-%s", pad_name);
  gst_object_set_name (GST_OBJECT (text), text_name);

  gst_bin_add (GST_BIN (self), text); /* which unlinks its pads */
  pad = gst_realtime_text_pad_new (GST_REALTIME_TEXT (text), template, pad_name);
  gst_pad_set_active (pad, TRUE);
  if (!gst_element_add_pad (element, pad))
    {
      gst_bin_remove (GST_BIN (self), text);
      gst_object_unref (text);
      return NULL;
    }
  g_mutex_lock (&self->texts_lock);
  g_ptr_array_add (self->texts, gst_object_ref (text));
  g_atomic_int_inc (&self->n_texts);
  g_mutex_unlock (&self->texts_lock);
  gst_element_sync_state_with_parent (text);
  gst_child_proxy_child_added (GST_CHILD_PROXY (self), G_OBJECT (pad), pad_name);
  gst_object_unref (text);
  return pad;
}

static void
gst_openai_realtime_bin_release_pad (GstElement *element, GstPad *pad)
{
  GstOpenaiRealtimeBin *self = GST_REALTIME_BIN (element);
  g_autoptr (GstElement) text = NULL;
  g_autofree char *name = gst_pad_get_name (pad);

  if (!GST_IS_REALTIME_TEXT_PAD (pad))
    return;
  text = gst_object_ref (GST_ELEMENT (gst_realtime_text_pad_get_text (GST_REALTIME_TEXT_PAD (pad))));
  gst_child_proxy_child_removed (GST_CHILD_PROXY (self), G_OBJECT (pad), name);
  g_mutex_lock (&self->texts_lock);
  if (g_ptr_array_remove (self->texts, text))
    g_atomic_int_add (&self->n_texts, -1);
  g_mutex_unlock (&self->texts_lock);
  gst_element_set_locked_state (text, TRUE);
  gst_pad_set_active (pad, FALSE);
  gst_element_set_state (text, GST_STATE_NULL);
  gst_element_remove_pad (element, pad);
  gst_bin_remove (GST_BIN (self), text);
}

/* ---- pads as children, so that gst-launch-1.0 can set their properties ----- */

static GstChildProxyInterface *parent_proxy;

static GObject *
get_child_by_name (GstChildProxy *proxy, const char *name)
{
  GObject *child = NULL;

  if (g_str_has_prefix (name, "transcript_"))
    child = (GObject *)gst_element_get_static_pad (GST_ELEMENT (proxy), name);
  return child != NULL ? child : parent_proxy->get_child_by_name (proxy, name);
}

void
gst_openai_realtime_bin_child_proxy_init (gpointer iface, gpointer data)
{
  parent_proxy = g_type_interface_peek_parent (iface);
  ((GstChildProxyInterface *)iface)->get_child_by_name = get_child_by_name;
}

void
gst_openai_realtime_bin_install_pads (GstElementClass *klass)
{
  klass->request_new_pad = gst_openai_realtime_bin_request_new_pad;
  klass->release_pad = gst_openai_realtime_bin_release_pad;
  gst_element_class_add_static_pad_template_with_gtype (klass, &transcript_template,
                                                        GST_TYPE_REALTIME_TEXT_PAD);
  gst_type_mark_as_plugin_api (GST_TYPE_REALTIME_TEXT_PAD, 0);
}
