/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-ringer.h"

#include <glib/gi18n.h>
#include <gst/gst.h>

#include "bb-call-text.h"

/* The ringing of a German telephone network: 425 Hz, 1 s on, 4 s off. */
#define RING_DESCRIPTION                                                                           \
  "audiotestsrc wave=sine freq=425 volume=0.12 num-buffers=50 samplesperbuffer=320 ! "             \
  "audio/x-raw,rate=16000,channels=1 ! audioconvert ! audioresample ! %s"
#define RING_INTERVAL 5

struct _BbRinger
{
  GObject parent_instance;

  GApplication *application; /* not owned: it owns us */
  BbOperator *operator_;
  char *sink;
  GPtrArray *watched; /* BbCall, as the operator's list */
  GHashTable *told;   /* ids of the calls a notification is shown of */
  GstElement *tone;
  guint rings; /* timeout */
};

G_DEFINE_FINAL_TYPE (BbRinger, bb_ringer, G_TYPE_OBJECT)

static void
stop_tone (BbRinger *self)
{
  if (self->tone != NULL)
    gst_element_set_state (self->tone, GST_STATE_NULL);
  gst_clear_object (&self->tone);
}

/* No sound is no reason to miss the call: the list and the notification show it. */
static gboolean
on_ring (gpointer user_data)
{
  BbRinger *self = user_data;
  g_autofree char *description
      = g_strdup_printf (RING_DESCRIPTION, self->sink != NULL ? self->sink : "autoaudiosink");
  g_autoptr (GError) error = NULL;

  stop_tone (self);
  self->tone = gst_parse_launch (description, &error);
  if (error != NULL)
    {
      g_info ("no ringing tone: %s", error->message);
      gst_clear_object (&self->tone);
      return G_SOURCE_CONTINUE;
    }
  gst_element_set_state (self->tone, GST_STATE_PLAYING);
  return G_SOURCE_CONTINUE;
}

static void
update_tone (BbRinger *self)
{
  gboolean ring = g_hash_table_size (self->told) > 0;

  if (ring && self->rings == 0)
    {
      self->rings = g_timeout_add_seconds (RING_INTERVAL, on_ring, self);
      on_ring (self);
    }
  else if (!ring)
    {
      g_clear_handle_id (&self->rings, g_source_remove);
      stop_tone (self);
    }
}

static void
tell (BbRinger *self, BbCall *call)
{
  const char *id = bb_call_get_id (call);
  g_autofree char *title = bb_call_text_title (call);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, _("rings for the order desk"));
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_URGENT);
  g_notification_set_category (notification, "call.incoming");
  g_notification_set_default_action_and_target (notification, "app.show-call", "s", id);
  g_notification_add_button_with_target (notification, _("To the bot"), "app.answer-call", "s", id);
  g_notification_add_button_with_target (notification, _("Refuse"), "app.refuse-call", "s", id);
  g_application_send_notification (self->application, id, notification);
}

static void
withdraw (BbRinger *self, const char *id)
{
  if (g_hash_table_remove (self->told, id))
    g_application_withdraw_notification (self->application, id);
}

static void
on_waiting (BbCall *call, GParamSpec *pspec, BbRinger *self)
{
  const char *id = bb_call_get_id (call);

  if (!bb_call_get_waiting (call))
    withdraw (self, id);
  else if (g_hash_table_add (self->told, g_strdup (id)))
    tell (self, call);
  update_tone (self);
}

static void
unwatch (BbRinger *self, guint position)
{
  BbCall *call = self->watched->pdata[position];

  g_signal_handlers_disconnect_by_data (call, self);
  withdraw (self, bb_call_get_id (call));
  g_ptr_array_remove_index (self->watched, position);
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, BbRinger *self)
{
  for (guint i = 0; i < removed; i++)
    unwatch (self, position);
  for (guint i = 0; i < added; i++)
    {
      BbCall *call = g_list_model_get_item (calls, position + i);

      g_ptr_array_insert (self->watched, position + i, call);
      g_signal_connect (call, "notify::" BB_CALL_PROP_WAITING, G_CALLBACK (on_waiting), self);
      on_waiting (call, NULL, self);
    }
  update_tone (self);
}

/**
 * bb_ringer_is_ringing:
 * @self: the ringer
 *
 * Returns: whether a call waits for a person now
 */
gboolean
bb_ringer_is_ringing (BbRinger *self)
{
  g_return_val_if_fail (BB_IS_RINGER (self), FALSE);

  return self->rings != 0;
}

static void
bb_ringer_dispose (GObject *object)
{
  BbRinger *self = BB_RINGER (object);

  if (self->operator_ != NULL)
    g_signal_handlers_disconnect_by_data (bb_operator_get_calls (self->operator_), self);
  while (self->watched->len > 0)
    unwatch (self, self->watched->len - 1);
  update_tone (self);
  g_clear_object (&self->operator_);

  G_OBJECT_CLASS (bb_ringer_parent_class)->dispose (object);
}

static void
bb_ringer_finalize (GObject *object)
{
  BbRinger *self = BB_RINGER (object);

  g_ptr_array_unref (self->watched);
  g_hash_table_unref (self->told);
  g_free (self->sink);

  G_OBJECT_CLASS (bb_ringer_parent_class)->finalize (object);
}

static void
bb_ringer_class_init (BbRingerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bb_ringer_dispose;
  G_OBJECT_CLASS (klass)->finalize = bb_ringer_finalize;
}

static void
bb_ringer_init (BbRinger *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * bb_ringer_new:
 * @application: through whom notifications go; outlives the ringer
 * @operator_: whose calls ring
 * @sink: (nullable): description of the element that plays the tone
 *
 * Returns: (transfer full): a ringer, at work
 */
BbRinger *
bb_ringer_new (GApplication *application, BbOperator *operator_, const char *sink)
{
  BbRinger *self = g_object_new (BB_TYPE_RINGER, NULL);
  GListModel *calls = bb_operator_get_calls (operator_);

  self->application = application;
  self->operator_ = g_object_ref (operator_);
  self->sink = g_strdup (sink);
  g_signal_connect (calls, "items-changed", G_CALLBACK (on_calls_changed), self);
  on_calls_changed (calls, 0, 0, g_list_model_get_n_items (calls), self);
  return self;
}
