/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-devices.h"

#include <glib/gi18n.h>
#include <string.h>

/* Both ends of the echo canceller work at one rate, one of the few it takes. */
#define ECHO_CAPS "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1"
#define CONVERT "audioconvert ! audioresample"

struct _BbDevice
{
  GObject parent_instance;

  GstDevice *device; /* NULL: the system's choice */
  char *id;
  char *name;
};

enum
{
  PROP_ID = 1,
  PROP_NAME
};

G_DEFINE_FINAL_TYPE (BbDevice, bb_device, G_TYPE_OBJECT)

static void
bb_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BbDevice *self = BB_DEVICE (object);

  g_value_set_string (value, id == PROP_ID ? self->id : self->name);
}

static void
bb_device_finalize (GObject *object)
{
  BbDevice *self = BB_DEVICE (object);

  g_clear_object (&self->device);
  g_free (self->id);
  g_free (self->name);

  G_OBJECT_CLASS (bb_device_parent_class)->finalize (object);
}

static void
bb_device_class_init (BbDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = bb_device_get_property;
  object_class->finalize = bb_device_finalize;
  g_object_class_install_property (
      object_class, PROP_ID,
      g_param_spec_string ("id", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      object_class, PROP_NAME,
      g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
bb_device_init (BbDevice *self)
{
}

const char *
bb_device_get_id (BbDevice *self)
{
  g_return_val_if_fail (BB_IS_DEVICE (self), NULL);

  return self->id;
}

const char *
bb_device_get_name (BbDevice *self)
{
  g_return_val_if_fail (BB_IS_DEVICE (self), NULL);

  return self->name;
}

/* PulseAudio's name of it ("alsa_input.usb-…"), PipeWire's, ALSA's; else what people read. */
static char *
dup_stable_id (GstDevice *device)
{
  g_autoptr (GstStructure) properties = gst_device_get_properties (device);
  const char *field = NULL;
  char *id = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (device), "internal-name") != NULL)
    g_object_get (device, "internal-name", &id, NULL);
  if (id != NULL)
    return id;
  if (properties != NULL)
    {
      field = gst_structure_get_string (properties, "node.name");
      if (field == NULL)
        field = gst_structure_get_string (properties, "device.string");
    }
  return field != NULL ? g_strdup (field) : gst_device_get_display_name (device);
}

/* Takes nothing: @device is referenced. */
static BbDevice *
bb_device_new (GstDevice *device)
{
  BbDevice *self = g_object_new (BB_TYPE_DEVICE, NULL);

  g_set_object (&self->device, device);
  self->id = device != NULL ? dup_stable_id (device) : g_strdup ("");
  self->name = device != NULL ? gst_device_get_display_name (device) : g_strdup (_("System’s choice"));
  return self;
}

struct _BbDevices
{
  GObject parent_instance;

  GstDeviceMonitor *monitor;
  guint watch;
  gboolean changing;
  GListStore *microphones;
  GListStore *speakers;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (BbDevices, bb_devices, G_TYPE_OBJECT)

/* What is heard on a speaker can be recorded, but is no microphone. */
static gboolean
is_monitor (GstDevice *device)
{
  g_autoptr (GstStructure) properties = gst_device_get_properties (device);

  return properties != NULL
         && g_strcmp0 (gst_structure_get_string (properties, "device.class"), "monitor") == 0;
}

static GListStore *
list_for (BbDevices *self, GstDevice *device)
{
  if (gst_device_has_classes (device, "Audio/Source"))
    return is_monitor (device) ? NULL : self->microphones;
  return gst_device_has_classes (device, "Audio/Sink") ? self->speakers : NULL;
}

static void
add (BbDevices *self, GstDevice *device)
{
  GListStore *list = list_for (self, device);
  g_autoptr (BbDevice) item = NULL;

  if (list == NULL)
    return;
  item = bb_device_new (device);
  /* More than one part of GStreamer may know the same one. */
  if (bb_devices_find (G_LIST_MODEL (list), item->id) == 0)
    {
      self->changing = TRUE;
      g_list_store_append (list, item);
      self->changing = FALSE;
    }
}

static void
drop (BbDevices *self, GstDevice *device)
{
  GListStore *list = list_for (self, device);
  g_autofree char *id = dup_stable_id (device);
  guint position = list != NULL ? bb_devices_find (G_LIST_MODEL (list), id) : 0;

  if (position == 0)
    return;
  self->changing = TRUE;
  g_list_store_remove (list, position);
  self->changing = FALSE;
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  BbDevices *self = user_data;
  g_autoptr (GstDevice) device = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_DEVICE_ADDED)
    {
      gst_message_parse_device_added (message, &device);
      add (self, device);
    }
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_DEVICE_REMOVED)
    {
      gst_message_parse_device_removed (message, &device);
      drop (self, device);
    }
  if (device != NULL)
    g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_CONTINUE;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BbDevices *self = BB_DEVICES (source);
  GList *devices;

  if (self->monitor == NULL)
    return;
  devices = gst_device_monitor_get_devices (self->monitor);
  for (GList *l = devices; l != NULL; l = l->next)
    add (self, l->data);
  g_list_free_full (devices, gst_object_unref);
  g_signal_emit (self, changed_signal, 0);
}

/* Asking a sound server takes its time. */
static void
start (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gst_device_monitor_start (data);
  g_task_return_boolean (task, TRUE);
}

static void
stop (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gst_device_monitor_stop (data);
  g_task_return_boolean (task, TRUE);
}

/**
 * bb_devices_find:
 * @list: microphones or speakers
 * @id: (nullable): as it was remembered
 *
 * Returns: where it is; 0 when it is not connected
 */
guint
bb_devices_find (GListModel *list, const char *id)
{
  for (guint i = 1; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (BbDevice) device = g_list_model_get_item (list, i);

      if (g_strcmp0 (device->id, id) == 0)
        return i;
    }
  return 0;
}

/* "pulsesrc device=\"…\"": what makes an element for it, as text. */
static char *
describe (GListModel *list, const char *id, const char *fallback)
{
  g_autoptr (BbDevice) item = g_list_model_get_item (list, bb_devices_find (list, id));
  g_autoptr (GstElement) element
      = item->device != NULL ? gst_device_create_element (item->device, NULL) : NULL;
  static const char *const names[] = { "device", "target-object", "path" };

  if (element == NULL || gst_element_get_factory (element) == NULL)
    return g_strdup (fallback);
  gst_object_ref_sink (element);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (element), names[i]);
      g_autofree char *value = NULL;
      g_autofree char *escaped = NULL;

      if (pspec == NULL || pspec->value_type != G_TYPE_STRING)
        continue;
      g_object_get (element, names[i], &value, NULL);
      if (value == NULL)
        continue;
      escaped = g_strescape (value, NULL);
      return g_strdup_printf ("%s %s=\"%s\"", GST_OBJECT_NAME (gst_element_get_factory (element)),
                              names[i], escaped);
    }
  return g_strdup (fallback);
}

/**
 * bb_devices_describe:
 * @self: the devices
 * @microphone: (nullable): id of the one wanted
 * @speaker: (nullable): id of the one wanted
 * @echo: whether the bot's voice shall be taken out of the microphone's sound
 * @source: (out) (transfer full): description of what records
 * @sink: (out) (transfer full): description of what plays
 *
 * What is not connected is replaced by the system's choice.
 */
void
bb_devices_describe (BbDevices *self, const char *microphone, const char *speaker, gboolean echo,
                     char **source, char **sink)
{
  static guint n_probes;
  g_autofree char *from = describe (G_LIST_MODEL (self->microphones), microphone, "autoaudiosrc");
  g_autofree char *to = describe (G_LIST_MODEL (self->speakers), speaker, "autoaudiosink");

  if (!echo || !bb_devices_can_cancel_echo ())
    {
      *source = g_steal_pointer (&from);
      *sink = g_steal_pointer (&to);
      return;
    }
  /* The two find each other by name, in the whole process. */
  n_probes++;
  *source = g_strdup_printf ("%s ! " CONVERT " ! " ECHO_CAPS " ! webrtcdsp probe=bb-echo-%u "
                             "gain-control=false ! " CONVERT, from, n_probes);
  *sink = g_strdup_printf (CONVERT " ! " ECHO_CAPS " ! webrtcechoprobe name=bb-echo-%u ! %s",
                           n_probes, to);
}

/**
 * bb_devices_can_cancel_echo:
 *
 * Returns: whether the elements for it are installed
 */
gboolean
bb_devices_can_cancel_echo (void)
{
  GstRegistry *registry = gst_registry_get ();

  return gst_registry_check_feature_version (registry, "webrtcdsp", 1, 0, 0)
         && gst_registry_check_feature_version (registry, "webrtcechoprobe", 1, 0, 0);
}

gboolean
bb_devices_is_changing (BbDevices *self)
{
  g_return_val_if_fail (BB_IS_DEVICES (self), FALSE);

  return self->changing;
}

GListModel *
bb_devices_get_microphones (BbDevices *self)
{
  g_return_val_if_fail (BB_IS_DEVICES (self), NULL);

  return G_LIST_MODEL (self->microphones);
}

GListModel *
bb_devices_get_speakers (BbDevices *self)
{
  g_return_val_if_fail (BB_IS_DEVICES (self), NULL);

  return G_LIST_MODEL (self->speakers);
}

static void
bb_devices_dispose (GObject *object)
{
  BbDevices *self = BB_DEVICES (object);

  if (self->monitor != NULL)
    {
      g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

      g_clear_handle_id (&self->watch, g_source_remove);
      g_task_set_task_data (task, self->monitor, gst_object_unref);
      self->monitor = NULL;
      g_task_run_in_thread (task, stop);
    }
  g_clear_object (&self->microphones);
  g_clear_object (&self->speakers);

  G_OBJECT_CLASS (bb_devices_parent_class)->dispose (object);
}

static void
bb_devices_class_init (BbDevicesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bb_devices_dispose;
  changed_signal = g_signal_new ("changed", BB_TYPE_DEVICES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
bb_devices_init (BbDevices *self)
{
  g_autoptr (BbDevice) microphone = bb_device_new (NULL);
  g_autoptr (BbDevice) speaker = bb_device_new (NULL);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GTask) task = NULL;

  self->microphones = g_list_store_new (BB_TYPE_DEVICE);
  self->speakers = g_list_store_new (BB_TYPE_DEVICE);
  g_list_store_append (self->microphones, microphone);
  g_list_store_append (self->speakers, speaker);

  self->monitor = gst_device_monitor_new ();
  gst_device_monitor_add_filter (self->monitor, "Audio/Source", NULL);
  gst_device_monitor_add_filter (self->monitor, "Audio/Sink", NULL);
  bus = gst_device_monitor_get_bus (self->monitor);
  self->watch = gst_bus_add_watch (bus, on_message, self);
  task = g_task_new (self, NULL, on_started, NULL);
  g_task_set_task_data (task, gst_object_ref (self->monitor), gst_object_unref);
  g_task_run_in_thread (task, start);
}

/**
 * bb_devices_new:
 *
 * Asks the sound server at once; what there is comes with "changed".
 *
 * Returns: (transfer full): the devices, only the system's choice so far
 */
BbDevices *
bb_devices_new (void)
{
  return g_object_new (BB_TYPE_DEVICES, NULL);
}
