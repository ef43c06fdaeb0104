/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/audio/gstaudiodecoder.h>

G_BEGIN_DECLS

#define CALL_G722_RATE 16000 /* Hz; its RTP clock runs at 8000 (RFC 3551 section 4.5.2) */

#define GST_TYPE_CALL_G722_DEC (gst_call_g722_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstCallG722Dec, gst_call_g722_dec, GST, CALL_G722_DEC, GstAudioDecoder)
GST_ELEMENT_REGISTER_DECLARE (callg722dec);

G_END_DECLS
