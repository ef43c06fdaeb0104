/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * BbDevice:
 *
 * A microphone or a speaker. Properties: name (for people), id (the sound
 * server's name of it: the same after it was unplugged and plugged in again,
 * and after a restart; "" is the system's choice).
 */
#define BB_TYPE_DEVICE (bb_device_get_type ())
G_DECLARE_FINAL_TYPE (BbDevice, bb_device, BB, DEVICE, GObject)

const char *bb_device_get_id (BbDevice *self);
const char *bb_device_get_name (BbDevice *self);

/**
 * BbDevices:
 *
 * The microphones and speakers that are connected now, as two lists that follow
 * plugging in and out; the system's choice is the first of each. Main context
 * only.
 *
 * Signals: "changed" (): one came or went.
 */
#define BB_TYPE_DEVICES (bb_devices_get_type ())
G_DECLARE_FINAL_TYPE (BbDevices, bb_devices, BB, DEVICES, GObject)

BbDevices *bb_devices_new (void);
GListModel *bb_devices_get_microphones (BbDevices *self); /* of #BbDevice (transfer none) */
GListModel *bb_devices_get_speakers (BbDevices *self);
/* While a list changes because of a device, not because of a person. */
gboolean bb_devices_is_changing (BbDevices *self);
/* Where @id is in one of the lists; 0, the system's choice, when it is not connected. */
guint bb_devices_find (GListModel *list, const char *id);
/* Element descriptions as in bb_local_media_new(). @echo: the bot's voice is taken out of
 * the microphone's sound, as far as bb_devices_can_cancel_echo(). (transfer full) */
void bb_devices_describe (BbDevices *self, const char *microphone, const char *speaker, gboolean echo,
                          char **source, char **sink);
/* Whether webrtcdsp and webrtcechoprobe are installed. */
gboolean bb_devices_can_cancel_echo (void);

G_END_DECLS
