/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * BbMeter:
 *
 * How loud a microphone is, while the widget is in view: nothing is recorded,
 * and the microphone is closed when it is out of view.
 */
#define BB_TYPE_METER (bb_meter_get_type ())
G_DECLARE_FINAL_TYPE (BbMeter, bb_meter, BB, METER, GtkWidget)

/* Description of the element that records; the same again changes nothing. */
void bb_meter_set_source (BbMeter *self, const char *source);

G_END_DECLS
