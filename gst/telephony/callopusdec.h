/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/audio/gstaudiodecoder.h>

G_BEGIN_DECLS

#define CALL_OPUS_RATE 24000 /* Hz: what the Realtime API takes */

#define GST_TYPE_CALL_OPUS_DEC (gst_call_opus_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstCallOpusDec, gst_call_opus_dec, GST, CALL_OPUS_DEC, GstAudioDecoder)
GST_ELEMENT_REGISTER_DECLARE (callopusdec);

G_END_DECLS
