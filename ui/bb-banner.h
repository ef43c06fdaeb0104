/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * BbBanner:
 *
 * A message over a page that says what is wrong and what to do, until it is
 * closed or its cause is gone. (libadwaita has one from 1.3 on.) Told to a
 * screen reader as an alert.
 *
 * Signals: "action" (): the button was clicked.
 */
#define BB_TYPE_BANNER (bb_banner_get_type ())
G_DECLARE_FINAL_TYPE (BbBanner, bb_banner, BB, BANNER, GtkWidget)

#define BB_BANNER_SIGNAL_ACTION "action"

void bb_banner_show (BbBanner *self, const char *title, const char *text); /* @text: nullable */
/* The label of the button; NULL: none. */
void bb_banner_set_action (BbBanner *self, const char *label);
void bb_banner_hide (BbBanner *self);
gboolean bb_banner_is_shown (BbBanner *self);

G_END_DECLS
