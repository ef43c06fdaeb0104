/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/audio/gstaudioencoder.h>

G_BEGIN_DECLS

#define GST_TYPE_CALL_G722_ENC (gst_call_g722_enc_get_type ())
G_DECLARE_FINAL_TYPE (GstCallG722Enc, gst_call_g722_enc, GST, CALL_G722_ENC, GstAudioEncoder)
GST_ELEMENT_REGISTER_DECLARE (callg722enc);

G_END_DECLS
